//! Rows of two lists that are about the same person.

use std::collections::{BTreeSet, HashMap};

use super::ListError;
use super::cells::{Listed, ReadRows};
use super::dry_run::{ListTerms, Places, UnknownWorkplace, by_rows, keys_of, typed_rows};
use super::read::{List, ListProgress, NumberTag};
use crate::ids::Id;
use crate::register::Register;
use crate::register::matching::{Likeness, MatchReason, PersonKeys, likeness};
use crate::register::phone::PhoneKey;
use crate::tables::Workplace;

/// One row of a list that is compared, and what it can be found by.
pub(super) struct Entry {
    pub(super) listed: Listed,
    pub(super) workplace: Option<Id<Workplace>>,
    pub(super) keys: PersonKeys,
}

/// The rows of a list on their way to be compared.
pub(super) struct EntrySteps {
    to_do: ReadRows,
    total: usize,
    entries: Vec<Entry>,
    places: Places,
}

impl EntrySteps {
    pub(super) fn begin(register: &Register, list: &List, terms: &ListTerms) -> Result<Self, ListError> {
        let to_do = typed_rows(register, list, terms)?;
        let total = to_do.len();
        Ok(Self { to_do, total, entries: Vec::with_capacity(total), places: Places::of(terms) })
    }

    /// The hash by which the same list is known again.
    pub(super) fn sha256(&self) -> &str {
        &self.to_do.sha256
    }

    /// How far it has come, in rows.
    pub(super) fn progress(&self) -> ListProgress {
        ListProgress { done: self.total - self.to_do.len(), total: self.total }
    }

    /// Looks at the next `rows` rows.
    pub(super) fn step(&mut self, register: &Register, rows: usize) -> ListProgress {
        let rows = self.to_do.by_ref().take(rows.max(1)).filter(|row| row.is_somebody() || row.tag.is_some());
        self.entries.extend(rows.map(|mut listed| {
            let workplace = self.places.find(register, &mut listed);
            Entry { keys: keys_of(&listed, workplace, register), workplace, listed }
        }));
        self.progress()
    }

    /// The rows that name somebody, and the workplaces in them that the register does not have. Rows that were not looked at
    /// are looked at now.
    pub(super) fn finish(mut self, register: &Register) -> (Vec<Entry>, Vec<UnknownWorkplace>) {
        if self.to_do.len() > 0 {
            self.step(register, usize::MAX);
        }
        (self.entries, by_rows(self.places.unknown))
    }
}

/// The rows of a list that name somebody.
pub(super) fn entries(register: &Register, list: &List, terms: &ListTerms) -> Result<Vec<Entry>, ListError> {
    Ok(EntrySteps::begin(register, list, terms)?.finish(register).0)
}

/// For each entry the first of its list that is surely about the same person: mostly itself.
pub(super) fn firsts(entries: &[Entry]) -> Vec<usize> {
    let finder = Finder::of(entries);
    let mut firsts: Vec<usize> = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let mut alike = finder.alike(entries, entry).into_iter().filter(|(other, _)| *other < at);
        let earlier = alike.find(|(_, reasons)| likeness(reasons) >= Likeness::Likely);
        firsts.push(earlier.and_then(|(other, _)| firsts.get(other).copied()).unwrap_or(at));
    }
    firsts
}

/// Each person of a list once, by the first row.
pub(super) fn once_each(entries: Vec<Entry>) -> Vec<Entry> {
    let firsts = firsts(&entries);
    let firsts = firsts.into_iter().enumerate().map(|(at, first)| at == first);
    entries.into_iter().zip(firsts).filter_map(|(entry, first)| first.then_some(entry)).collect()
}

/// What two rows of lists share. Two personal numbers that differ are two persons, whatever else they share.
pub(super) fn compare(one: &Entry, other: &Entry) -> Option<BTreeSet<MatchReason>> {
    let mut reasons = one.keys.compare(&other.keys);
    if let Some((a, b)) = one.listed.tag.zip(other.listed.tag) {
        if a != b {
            return None;
        }
        reasons.insert(MatchReason::PersonalNumber);
    }
    Some(reasons)
}

/// For each entry of `others` the one of `these` that is surely the same person, and what they share. Each is paired once.
pub(super) fn pair(these: &[Entry], others: &[Entry]) -> Vec<Option<(usize, BTreeSet<MatchReason>)>> {
    let index = Finder::of(these);
    let mut taken = BTreeSet::new();
    let mut pairs: Vec<_> = others.iter().map(|_| None).collect();
    // By number first: it must not lose its partner to a namesake that comes before.
    for by_number in [true, false] {
        for (other, pair) in others.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            let found = index.alike(these, other).into_iter().filter(|(at, _)| !taken.contains(at));
            let found = found.filter(|(_, reasons)| reasons.contains(&MatchReason::PersonalNumber) == by_number);
            let found: Vec<_> = found.map(|(at, reasons)| (likeness(&reasons), at, reasons)).collect();
            let most = found.iter().map(|(likeness, ..)| *likeness).max().filter(|most| *most >= Likeness::Likely);
            let sure: Vec<_> = found.into_iter().filter(|(likeness, ..)| Some(*likeness) == most).collect();
            if let [(_, at, reasons)] = sure.as_slice() {
                taken.insert(*at);
                *pair = Some((*at, reasons.clone()));
            }
        }
    }
    pairs
}

/// Of one key so many are looked at.
const OF_ONE_KEY: usize = 40;

/// The entries of a list by what they can be found by.
#[derive(Default)]
struct Finder<'a> {
    tags: HashMap<NumberTag, Vec<usize>>,
    phones: HashMap<PhoneKey, Vec<usize>>,
    emails: HashMap<&'a str, Vec<usize>>,
    names: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Finder<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let mut finder = Self::default();
        for (at, entry) in entries.iter().enumerate() {
            entry.listed.tag.iter().for_each(|tag| finder.tags.entry(*tag).or_default().push(at));
            entry.keys.phones.iter().for_each(|key| finder.phones.entry(*key).or_default().push(at));
            entry.keys.emails.iter().for_each(|key| finder.emails.entry(key).or_default().push(at));
            entry.keys.name.iter().for_each(|key| finder.names.entry(key).or_default().push(at));
        }
        finder
    }

    fn alike(&self, entries: &[Entry], other: &Entry) -> Vec<(usize, BTreeSet<MatchReason>)> {
        let tags = other.listed.tag.iter().filter_map(|tag| self.tags.get(tag));
        let phones = other.keys.phones.iter().filter_map(|key| self.phones.get(key));
        let emails = other.keys.emails.iter().filter_map(|key| self.emails.get(&**key));
        let names = other.keys.name.iter().filter_map(|key| self.names.get(&**key));
        let all = tags.chain(phones).chain(emails).chain(names);
        let found: BTreeSet<usize> = all.flat_map(|places| places.iter().take(OF_ONE_KEY).copied()).collect();
        found.into_iter().filter_map(|at| Some((at, compare(entries.get(at)?, other)?))).collect()
    }
}
