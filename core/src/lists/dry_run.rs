//! What taking in a list would do, row by row and with reasons, before anything is written.
//!
//! A row is *new*, *changed*, the *same*, or *unsure*, and only a person decides what is unsure. A name that only sounds like
//! one at the same site makes it unsure, and no more. A changed field shows what the register has and what the list
//! says; an empty cell changes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::ListError;
use super::cells::{Listed, ReadRows, RowNote, read_rows};
use super::columns::Column;
use super::read::{List, ListProgress, without_numbers};
use crate::abreast;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::alike::{Colleagues, PlacedName};
use crate::register::fold::push_words;
use crate::register::matching::{Candidate, Likeness, MatchReason, PersonKeys, likeness};
use crate::tables::{Contact, Import, ImportSource, Value, Workplace};

mod differences;

use differences::differs_by_events;
pub(crate) use differences::{Difference, MEMBER_SINCE, differences, differences_of, draft_of, new_draft_of};

/// How a list is to be read: whose it is and what its columns mean.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(deny_unknown_fields)]
pub struct ListTerms {
    /// Whose list it is.
    pub source: ImportSource,
    /// What each column means, from the left.
    pub columns: Vec<Column>,
    /// The workplace of rows that name none.
    #[serde(default)]
    pub workplace: Option<Id<Workplace>>,
    /// Workplaces that the list calls by another name than the register. Of two that say otherwise the last counts.
    #[serde(default)]
    pub places: Vec<PlaceName>,
}

/// What a list calls a workplace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct PlaceName {
    /// The name in the list.
    pub name: String,
    /// The workplace that is meant.
    pub workplace: Id<Workplace>,
}

/// What taking in one row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody in the register is the one.
    New,
    /// Somebody is, and the list says something that the register does not.
    Changed,
    /// Somebody is, and the list says nothing new.
    Same,
    /// A person has to decide.
    Unsure,
}

/// Why a row is unsure, or the same, though nobody in the register need be like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RowReason {
    /// Nothing in it says who it is about.
    NobodyNamed,
    /// An earlier row is about the same person.
    AgainInList,
    /// An earlier row may be about the same person: the names sound alike.
    MayBeAgain,
    /// An earlier row is, or may be, the same contact.
    ContactTwice,
    /// Several in the register may be the one.
    SeveralMatch,
    /// One in the register may be the one.
    OneMayMatch,
}

/// The counts of a dry run, and what is to be seen to before the list is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DryRunView {
    /// All rows.
    pub rows: usize,
    /// Rows about somebody new.
    pub new: usize,
    /// Rows that say something new about somebody.
    pub changed: usize,
    /// Rows that say nothing new.
    pub same: usize,
    /// Rows for a person to decide.
    pub unsure: usize,
    /// Names of workplaces that the register does not have, by how many rows name them.
    pub unknown_workplaces: Vec<UnknownWorkplace>,
    /// Cells with a personal number, which was left out.
    pub numbers_left_out: usize,
    /// The same file was taken in before, and that was not taken back.
    pub taken_in_before: Option<Id<Import>>,
}

/// A workplace that a list names and the register does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct UnknownWorkplace {
    /// The name in the list.
    pub name: String,
    /// How many rows name it.
    pub rows: usize,
}

/// One row of a dry run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DryRowView {
    /// The line of the file, from 1.
    pub line: u32,
    /// The name in the list.
    pub name: String,
    /// What taking it in would do.
    pub verdict: Verdict,
    /// Why it is unsure.
    pub reason: Option<RowReason>,
    /// The earlier line that is, or may be, about the same person.
    pub again_of: Option<u32>,
    /// Who it is about, where that is sure.
    pub contact: Option<Id<Contact>>,
    /// Those it may be about.
    pub candidates: Vec<CandidateView>,
    /// The fields in which the list says something else.
    pub changes: Vec<FieldChange>,
    /// What is odd about it.
    pub notes: Vec<RowNote>,
}

/// Somebody of the register whom a row may be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CandidateView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// What they share and what they do not.
    pub reasons: Vec<MatchReason>,
}

/// A field in which a list says something else than the register.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// What the register has; none where it has nothing. For `member_since`, the membership that the register has.
    pub old: Option<Value>,
    /// What the list says.
    pub new: Value,
    /// `old` as people read it: the name of a workplace.
    pub old_shown: String,
    /// `new` as people read it.
    pub new_shown: String,
}

/// A dry run: every row of the list with what it would do. It holds as long as the register does not change.
#[derive(Clone)]
pub struct DryRun {
    pub(crate) source: ImportSource,
    pub(crate) sha256: String,
    pub(crate) said: Said,
    pub(crate) rows: Vec<Judged>,
    view: DryRunView,
}

/// What was said of a list, to be remembered for the next: by its layout what its columns mean, and what it calls workplaces.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) layout: Option<[u8; 32]>,
    pub(crate) columns: Vec<Column>,
    pub(crate) places: Vec<PlaceName>,
}

impl Said {
    pub(crate) fn of(list: &List, terms: &ListTerms) -> Self {
        let named = |place: &PlaceName| PlaceName { name: without_numbers(&place.name), workplace: place.workplace };
        let places = terms.places.iter().map(named).collect();
        Self { layout: super::columns::layout(list), columns: terms.columns.clone(), places }
    }
}

/// A dry run on its way.
pub struct DryRunSteps {
    source: ImportSource,
    said: Said,
    numbers_left_out: usize,
    to_do: ReadRows,
    rows: Vec<Judged>,
    earlier: Earlier,
    places: Places,
    colleagues: Colleagues,
    today: Date,
}

/// Without its rows: they are about people.
impl std::fmt::Debug for DryRunSteps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DryRunSteps").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl DryRunSteps {
    /// Begins to hold a list against the register.
    pub fn begin(register: &Register, list: &List, terms: &ListTerms, today: Date) -> Result<Self, ListError> {
        let to_do = typed_rows(register, list, terms)?;
        Ok(Self {
            source: terms.source,
            said: Said::of(list, terms),
            today,
            numbers_left_out: to_do.numbers_left_out,
            rows: Vec::with_capacity(to_do.len()),
            to_do,
            earlier: Earlier::default(),
            places: Places::of(terms),
            colleagues: Colleagues::of(register),
        })
    }

    /// How far it has come, in rows.
    pub fn progress(&self) -> ListProgress {
        ListProgress { done: self.rows.len(), total: self.rows.len() + self.to_do.len() }
    }

    /// Looks at the next `rows` rows. Nothing is changed.
    pub fn step(&mut self, register: &Register, rows: usize) -> ListProgress {
        // Between two steps a sync may have brought colleagues.
        self.colleagues.renew(register);
        let mut left = rows.max(1);
        while left > 0 {
            // Not all at once: what a row may be takes more room than what comes of it.
            let next = self.to_do.next_rows(left.min(AT_ONCE)).into_iter();
            let next: Vec<_> = next.map(|listed| Placed::of(register, listed, &mut self.places)).collect();
            if next.is_empty() {
                break;
            }
            left -= next.len();
            for sought in abreast::each_small(next, |row| Sought::of(register, row)) {
                self.rows.push(judge(register, sought, &mut self.earlier, &mut self.colleagues, self.today));
            }
        }
        self.progress()
    }

    /// What comes of it, once the last row was looked at: those that were not are looked at now.
    pub fn finish(mut self, register: &Register) -> DryRun {
        if self.to_do.len() > 0 {
            self.step(register, usize::MAX);
        }
        let (rows, sha256) = (self.rows, self.to_do.sha256);
        let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
        let mut before = register.lists_in().filter(|import| import.undone != Some(true));
        let view = DryRunView {
            rows: rows.len(),
            new: count(Verdict::New),
            changed: count(Verdict::Changed),
            same: count(Verdict::Same),
            unsure: count(Verdict::Unsure),
            unknown_workplaces: by_rows(self.places.unknown),
            numbers_left_out: self.numbers_left_out,
            taken_in_before: before.find(|import| import.file_sha256.as_deref() == Some(&sha256)).map(|i| i.id),
        };
        DryRun { source: self.source, sha256, said: self.said, rows, view }
    }
}

/// Without its rows: they are about people.
impl std::fmt::Debug for DryRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DryRun").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

/// One row and what it would do.
#[derive(Clone)]
pub(crate) struct Judged {
    pub(crate) listed: Listed,
    pub(crate) workplace: Option<Id<Workplace>>,
    pub(crate) verdict: Verdict,
    reason: Option<RowReason>,
    again_of: Option<u32>,
    pub(crate) contact: Option<Id<Contact>>,
    candidates: Vec<Candidate>,
    pub(crate) changes: Vec<Difference>,
}

impl DryRun {
    /// Holds a list against the register in one go. Nothing is changed.
    pub fn of(register: &Register, list: &List, terms: &ListTerms, today: Date) -> Result<Self, ListError> {
        Ok(DryRunSteps::begin(register, list, terms, today)?.finish(register))
    }

    /// The counts.
    pub fn view(&self) -> &DryRunView {
        &self.view
    }

    /// Rows of one verdict, or of all, in the order of the file: so many after leaving out the first `skip`.
    pub fn rows(&self, register: &Register, verdict: Option<Verdict>, skip: usize, limit: usize) -> Vec<DryRowView> {
        let rows = self.rows.iter().filter(|row| verdict.is_none_or(|verdict| row.verdict == verdict));
        rows.skip(skip).take(limit).map(|row| row.view(register)).collect()
    }
}

/// The rows of a list by the meaning of its columns, if these say who they are about.
pub(crate) fn typed_rows(register: &Register, list: &List, terms: &ListTerms) -> Result<ReadRows, ListError> {
    if terms.columns.len() != list.width() {
        return Err(ListError::OtherColumns);
    }
    let names = [Column::GivenName, Column::FamilyName, Column::Name, Column::Phone, Column::Email];
    if !terms.columns.iter().any(|column| names.contains(column)) {
        return Err(ListError::NobodyNamed);
    }
    Ok(read_rows(list, &terms.columns, register.country()))
}

/// Rows that are looked at together at most.
const AT_ONCE: usize = 2_000;

/// A row whose workplace is known, as far as it is.
struct Placed {
    listed: Listed,
    workplace: Option<Id<Workplace>>,
}

impl Placed {
    fn of(register: &Register, mut listed: Listed, places: &mut Places) -> Self {
        let workplace = places.find(register, &mut listed);
        Self { listed, workplace }
    }
}

/// A row and who of the register shares something with it.
struct Sought {
    row: Placed,
    keys: PersonKeys,
    name: Option<PlacedName>,
    candidates: Vec<Candidate>,
}

impl Sought {
    /// Looks in the register alone, so that no row has to wait for another.
    fn of(register: &Register, row: Placed) -> Self {
        let keys = keys_of(&row.listed, row.workplace, register);
        let name = placed_name(register, &row.listed, row.workplace);
        let candidates = if row.listed.is_somebody() { register.candidates(&keys) } else { Vec::new() };
        Self { row, keys, name, candidates }
    }
}

/// What a row comes to by what was found of it and the rows before.
fn judge(
    register: &Register,
    sought: Sought,
    earlier: &mut Earlier,
    colleagues: &mut Colleagues,
    today: Date,
) -> Judged {
    let Sought { row: Placed { listed, workplace }, keys, name, candidates } = sought;
    let mut judged = Judged {
        workplace,
        verdict: Verdict::Unsure,
        reason: None,
        again_of: None,
        contact: None,
        candidates: Vec::new(),
        changes: Vec::new(),
        listed,
    };
    if !judged.listed.is_somebody() {
        judged.reason = Some(RowReason::NobodyNamed);
        return judged;
    }
    if let Some((line, alike)) = earlier.row_like(&keys, &judged.listed) {
        judged.again_of = Some(line);
        judged.reason = Some(RowReason::AgainInList);
        judged.verdict = if alike { Verdict::Same } else { Verdict::Unsure };
        return judged;
    }
    if candidates.iter().any(Candidate::is_namesake_elsewhere) {
        judged.listed.notes.push(RowNote::NameElsewhere);
    }
    let found = match (sure_one(candidates), &name) {
        (Ok(Some(one)), _) => Ok(Some(one)),
        (found, Some(name)) => with_others(found, register.sounding_like(name, &keys, colleagues)),
        (found, None) => found,
    };
    judged.decide(register, found, earlier, today);
    if judged.verdict == Verdict::New
        && let Some(name) = &name
        && let Some(line) = earlier.row_sounding_like(register, name, &keys, &judged.listed)
    {
        judged.again_of = Some(line);
        judged.reason = Some(RowReason::MayBeAgain);
        judged.verdict = Verdict::Unsure;
    }
    earlier.note(keys, name.as_ref(), &judged.listed);
    judged
}

fn placed_name(register: &Register, listed: &Listed, workplace: Option<Id<Workplace>>) -> Option<PlacedName> {
    PlacedName::of(register, [listed.given_name.as_deref(), listed.family_name.as_deref()], workplace)
}

/// What a row can be found by.
pub(crate) fn keys_of(listed: &Listed, workplace: Option<Id<Workplace>>, register: &Register) -> PersonKeys {
    let texts = [&listed.given_name, &listed.family_name, &listed.phone, &listed.email];
    PersonKeys::of(texts.map(Option::as_deref), workplace, register.country())
}

/// The one that is meant, or nobody; all that may be where that is not sure.
type Found = Result<Option<Candidate>, Vec<Candidate>>;

/// The one candidate that is meant: alone at its likeness, and likely at least. Where there is none, all that may be.
pub(crate) fn sure_one(mut candidates: Vec<Candidate>) -> Found {
    candidates.retain(|candidate| candidate.likeness > Likeness::None);
    let Some(most) = candidates.iter().map(|candidate| candidate.likeness).max() else { return Ok(None) };
    let alone = candidates.iter().filter(|candidate| candidate.likeness == most).count() == 1;
    if most < Likeness::Likely || !alone {
        return Err(candidates);
    }
    candidates.retain(|candidate| candidate.likeness == most);
    Ok(candidates.pop())
}

/// Where nobody is sure, others may be, too.
fn with_others(found: Found, others: Vec<Candidate>) -> Found {
    let may_be = and_others(found.err().unwrap_or_default(), others);
    if may_be.is_empty() { Ok(None) } else { Err(may_be) }
}

/// Candidates and others, each person once.
pub(crate) fn and_others(mut candidates: Vec<Candidate>, others: Vec<Candidate>) -> Vec<Candidate> {
    let known: BTreeSet<_> = candidates.iter().map(|one| one.contact).collect();
    candidates.extend(others.into_iter().filter(|other| !known.contains(&other.contact)));
    candidates
}

impl Judged {
    fn decide(&mut self, register: &Register, found: Found, earlier: &mut Earlier, today: Date) {
        match found {
            Ok(None) => self.verdict = Verdict::New,
            Ok(Some(one)) if earlier.contacts.insert(one.contact, self.listed.line).is_some() => {
                self.reason = Some(RowReason::ContactTwice);
                self.candidates = vec![one];
            }
            Ok(Some(one)) => {
                self.changes = differences(register, one.contact, self);
                if differs_by_events(register, one.contact, &self.listed, today) {
                    self.listed.notes.push(RowNote::MembershipByEvents);
                }
                self.contact = Some(one.contact);
                self.verdict = if self.changes.is_empty() { Verdict::Same } else { Verdict::Changed };
            }
            Err(several) => {
                let reason = if several.len() == 1 { RowReason::OneMayMatch } else { RowReason::SeveralMatch };
                self.reason = Some(reason);
                self.candidates = several;
            }
        }
    }

    fn view(&self, register: &Register) -> DryRowView {
        let candidate = |one: &Candidate| CandidateView {
            contact: one.contact,
            name: register.contact_name(one.contact),
            workplace_name: register.contact(one.contact).and_then(|c| register.workplace_name(c.workplace?)),
            reasons: one.reasons.iter().copied().collect(),
        };
        DryRowView {
            line: self.listed.line,
            name: self.listed.name(),
            verdict: self.verdict,
            reason: self.reason,
            again_of: self.again_of,
            contact: self.contact,
            candidates: self.candidates.iter().map(candidate).collect(),
            changes: self.changes.iter().map(|change| change.view(register)).collect(),
            notes: self.listed.notes.clone(),
        }
    }
}

/// The workplaces that a list's names mean.
pub(crate) struct Places {
    said: HashMap<String, Id<Workplace>>,
    otherwise: Option<Id<Workplace>>,
    /// The names that the register does not have, or has twice, and how many rows have each.
    pub(crate) unknown: BTreeMap<String, usize>,
}

impl Places {
    pub(crate) fn of(terms: &ListTerms) -> Self {
        Self {
            said: terms.places.iter().map(|place| (folded(&without_numbers(&place.name)), place.workplace)).collect(),
            otherwise: terms.workplace,
            unknown: BTreeMap::new(),
        }
    }

    /// The workplace of a row. A name that the register does not have, or has twice, is noted.
    pub(crate) fn find(&mut self, register: &Register, listed: &mut Listed) -> Option<Id<Workplace>> {
        let Some(name) = &listed.workplace else { return self.otherwise };
        let words = folded(name);
        let found = self.said.get(&words).copied().or_else(|| {
            let mut called = register.workplaces_called(words);
            called.next().filter(|_| called.next().is_none())
        });
        if found.is_none() {
            *self.unknown.entry(name.clone()).or_default() += 1;
            listed.notes.push(RowNote::UnknownWorkplace);
        }
        found
    }
}

/// Those that most rows name first.
pub(crate) fn by_rows(unknown: BTreeMap<String, usize>) -> Vec<UnknownWorkplace> {
    let mut all: Vec<_> = unknown.into_iter().map(|(name, rows)| UnknownWorkplace { name, rows }).collect();
    all.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.name.cmp(&b.name)));
    all
}

pub(crate) fn folded(name: &str) -> String {
    let mut words = String::new();
    push_words(name, &mut words);
    words
}

/// The rows that came before: who they are about.
#[derive(Default)]
struct Earlier {
    rows: Vec<(PersonKeys, Listed)>,
    by_name: HashMap<Box<str>, Vec<usize>>,
    by_tag: HashMap<super::read::NumberTag, usize>,
    /// By the keys of a name as it sounds.
    by_sound: BTreeSet<(u64, usize)>,
    contacts: HashMap<Id<Contact>, u32>,
}

/// Of one name so many rows are looked at.
const OF_ONE_NAME: usize = 40;

impl Earlier {
    /// An earlier row that is surely about the same person, and whether it says the same.
    fn row_like(&self, keys: &PersonKeys, listed: &Listed) -> Option<(u32, bool)> {
        let by_tag = listed.tag.and_then(|tag| self.by_tag.get(&tag)).copied();
        let named = keys.name.as_ref().and_then(|name| self.by_name.get(name)).into_iter().flatten().copied();
        let alike = |at: &usize| {
            let (earlier, row) = self.rows.get(*at)?;
            let sure = !are_two(row, listed) && likeness(&earlier.compare(keys)) >= Likeness::Likely;
            sure.then_some(*at)
        };
        let found = by_tag.or_else(|| named.take(OF_ONE_NAME).find_map(|at| alike(&at)))?;
        let (_, row) = self.rows.get(found)?;
        Some((row.line, same_words(row, listed)))
    }

    /// An earlier row at the same site whose name sounds like this one's, unless a number or an address tells them apart.
    fn row_sounding_like(
        &self,
        register: &Register,
        name: &PlacedName,
        keys: &PersonKeys,
        listed: &Listed,
    ) -> Option<u32> {
        use MatchReason::{Email, EmailDiffers, Phone, PhoneDiffers};
        let of_key = |key: u64| self.by_sound.range((key, 0)..=(key, usize::MAX)).take(OF_ONE_NAME);
        let found: BTreeSet<usize> = name.keys().into_iter().flat_map(of_key).map(|(_, at)| *at).collect();
        found.into_iter().filter_map(|at| self.rows.get(at)).find_map(|(earlier, row)| {
            let reasons = earlier.compare(keys);
            let has = |one, other| reasons.contains(&one) || reasons.contains(&other);
            let apart = are_two(row, listed) || has(PhoneDiffers, EmailDiffers) && !has(Phone, Email);
            let is_like = placed_name(register, row, earlier.workplace).is_some_and(|theirs| theirs.is_like(name));
            (is_like && !apart).then_some(row.line)
        })
    }

    fn note(&mut self, keys: PersonKeys, name: Option<&PlacedName>, listed: &Listed) {
        let at = self.rows.len();
        self.by_sound.extend(name.into_iter().flat_map(PlacedName::keys).map(|key| (key, at)));
        if let Some(name) = &keys.name {
            self.by_name.entry(name.clone()).or_default().push(at);
        }
        if let Some(tag) = listed.tag {
            self.by_tag.entry(tag).or_insert(at);
        }
        self.rows.push((keys, listed.clone()));
    }
}

/// Whether two rows have personal numbers that differ.
fn are_two(one: &Listed, other: &Listed) -> bool {
    one.tag.zip(other.tag).is_some_and(|(one, other)| one != other)
}

/// Do two rows say the same?
pub(crate) fn same_words(one: &Listed, other: &Listed) -> bool {
    let bare = |row: &Listed| Listed { line: 0, notes: Vec::new(), tag: None, ..row.clone() };
    bare(one) == bare(other)
}
