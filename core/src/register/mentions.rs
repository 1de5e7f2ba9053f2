//! Where a person is mentioned in words that others wrote: in a note of a visit, in a promise to a colleague.
//!
//! A number, an address, or the whole name is a sure hit. A single name may be anybody's: it is shown to whoever is about
//! to forget or to erase somebody, and left out of what the person gets to read.

use serde::Serialize;

use super::Register;
use super::fold::{folded, push_words};
use super::index::email_keys;
use super::phone::PhoneKey;
use super::rows::{Stored, for_table};
use super::sound::pieces;
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, FieldPath, Kind, Table, Value};

/// Columns that say who or where a row itself is: a namesake is not a mention.
const OF_THEMSELVES: [(Table, &[&str]); 4] = [
    (
        Table::Contacts,
        &["given_name", "family_name", "phone", "email", "department", "job", "language", "told_version"],
    ),
    (Table::People, &["name", "phone"]),
    (Table::Consents, &["text_version", "language"]),
    (Table::Imports, &["file_sha256"]),
];

/// A name shorter than this is too likely a part of something else.
const SHORTEST: usize = 3;
/// How much of a text is shown, in letters.
const EXCERPT: usize = 160;
/// How much of it stands before the mention where it does not begin with the text, in bytes.
const BEFORE: usize = 40;

/// How many places of it are looked at for the mention: a text may repeat a name without end.
const PLACES: usize = 200;
/// How many letters of a place tell whether a mention may begin there.
const PLACE: usize = 64;

/// A text that mentions somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MentionView {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// What the row is called.
    pub title: String,
    /// The field.
    pub field: String,
    /// The day on which the row was written down, by the clocks of the country.
    pub written_on: Option<Date>,
    /// The text: its beginning, or the part that mentions them where the beginning does not.
    pub excerpt: String,
    /// By the whole name, a number or an address. Where it is false, by one name that may be another's.
    pub sure: bool,
    /// It is not what the field shows, but another answer that waits for a choice, or what one was kept aside for: it goes once the
    /// field is settled.
    pub beside: bool,
}

/// What a person is known by in a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Traces {
    phones: Vec<PhoneKey>,
    emails: Vec<Box<str>>,
    /// The words of each whole name.
    names: Vec<Vec<String>>,
    /// Each word by itself.
    words: Vec<String>,
}

impl Register {
    /// The texts that mention a person, outside the rows that are about them: sure hits first. Removed rows are looked
    /// through as well, and answers that wait beside what a row shows.
    pub fn mentions(&self, contact: Id<Contact>) -> Vec<MentionView> {
        let person = self.joined(contact);
        let traces = self.traces_of(&person);
        let mut mentions = Vec::new();
        for table in Table::ALL.into_iter().filter(|table| *table != Table::Conflicts) {
            for_table!(table, T => self.mentions_in::<T>(&traces, &person, &mut mentions));
        }
        self.mentions_beside(&traces, &person, &mut mentions);
        mentions.sort_by_key(|mention| !mention.sure);
        mentions
    }

    fn mentions_in<T: Stored>(&self, traces: &Traces, person: &[Id<Contact>], mentions: &mut Vec<MentionView>) {
        let fields = T::TABLE.fields().iter().map(|spec| spec.name);
        let fields: Vec<_> = fields.filter(|field| may_mention(T::TABLE, field)).collect();
        for (id, held) in T::rows(&self.rows) {
            if self.is_about::<T>(*id, person) {
                continue;
            }
            for field in &fields {
                let said = held.row.get(field);
                mentions.extend(self.mention(traces, T::TABLE, *id, field, said.as_ref()));
            }
        }
    }

    fn mentions_beside(&self, traces: &Traces, person: &[Id<Contact>], mentions: &mut Vec<MentionView>) {
        for waiting in self.waiting() {
            let FieldPath { table, id, field } = &waiting.path;
            let about = for_table!(*table, T => self.is_about::<T>(*id, person));
            if about || !may_mention(*table, field) {
                continue;
            }
            let showed = waiting.showed.as_ref().filter(|_| waiting.showed != waiting.shown);
            let mut said = [waiting.value.as_ref(), showed].into_iter();
            let found = said.find_map(|said| self.mention(traces, *table, *id, field, said));
            mentions.extend(found.map(|found| MentionView { beside: true, ..found }));
        }
    }

    /// Whether the row is this person's contact, or points at one.
    fn is_about<T: Stored>(&self, id: RowId, person: &[Id<Contact>]) -> bool {
        let is_theirs = |id: RowId| person.iter().any(|contact| contact.row() == id);
        let mut about = T::TABLE == Table::Contacts && is_theirs(id);
        if let Some(held) = self.rows.held::<T>(id.into()) {
            held.row.points_at(&mut |target| about |= is_theirs(target));
        }
        about
    }

    fn mention(
        &self,
        traces: &Traces,
        table: Table,
        id: RowId,
        field: &str,
        said: Option<&Value>,
    ) -> Option<MentionView> {
        let Some(Value::Text(text)) = said else { return None };
        let sure = self.finds(traces, text)?;
        let excerpt = self.excerpt(traces, text, sure);
        Some(MentionView {
            table,
            id,
            title: self.title(table, id),
            field: field.to_owned(),
            written_on: self.made_on(id),
            excerpt,
            sure,
            beside: false,
        })
    }

    /// What is shown of a text that mentions who is sought.
    fn excerpt(&self, traces: &Traces, text: &str, sure: bool) -> String {
        let tells = |part: &str| self.finds(traces, part) == Some(sure);
        let first = beginning(text);
        if first.len() == text.len() || tells(first) {
            return first.to_owned();
        }
        let part = |at: usize| beginning(text.get(at..).unwrap_or_default());
        let words: Vec<usize> = words_of(text).collect();
        let begins = |n: &usize| words.get(*n).is_some_and(|at| traces.may_begin(text.get(*at..).unwrap_or_default()));
        let tells_from = |n: usize| words.get(n).is_some_and(|at| tells(part(*at)));
        // What stands before a number may be a part of it.
        let with_before = |n: usize| [Some(n), n.checked_sub(1)].into_iter().flatten();
        let mention = (0..words.len()).filter(begins).take(PLACES).flat_map(with_before).find(|n| tells_from(*n));
        let Some(name) = mention.and_then(|n| words.get(n)) else { return first.to_owned() };
        let near = words.iter().filter(|at| (name.saturating_sub(BEFORE)..=*name).contains(*at));
        near.copied().map(part).find(|part| tells(part)).unwrap_or(first).to_owned()
    }

    /// What tells of a person: the names, numbers and addresses of its contacts, removed ones too.
    pub(super) fn traces_of(&self, person: &[Id<Contact>]) -> Traces {
        let mut traces = Traces::default();
        for contact in person.iter().filter_map(|id| self.rows.held(*id)).map(|held| &held.row) {
            traces.phones.extend(PhoneKey::all(contact.phone.as_deref().unwrap_or_default(), self.country()));
            traces.emails.extend(contact.email.as_deref().map(email_keys).unwrap_or_default());
            let (mut name, mut nicknames) = (String::new(), String::new());
            for part in [&contact.given_name, &contact.family_name].into_iter().flatten() {
                let mut take = |(nickname, piece)| push_words(piece, if nickname { &mut nicknames } else { &mut name });
                pieces(part).for_each(&mut take);
            }
            let long = |word: &&str| word.chars().count() >= SHORTEST;
            let all = name.split_ascii_whitespace().chain(nicknames.split_ascii_whitespace());
            traces.words.extend(all.filter(long).map(str::to_owned));
            let name: Vec<_> = name.split_ascii_whitespace().map(str::to_owned).collect();
            traces.names.extend((name.len() >= 2).then_some(name));
        }
        traces
    }

    /// Whether a text mentions who is sought, and whether that is sure.
    pub(super) fn finds(&self, traces: &Traces, text: &str) -> Option<bool> {
        let has_number = || {
            let digits = text.bytes().filter(u8::is_ascii_digit).nth(4).is_some();
            digits && PhoneKey::all(text, self.country()).iter().any(|key| traces.phones.contains(key))
        };
        let has_address = || {
            let folded = if text.contains('@') { folded(text) } else { String::new() };
            traces.emails.iter().any(|email| folded.contains(&**email))
        };
        let mut words = String::new();
        push_words(text, &mut words);
        let words: Vec<_> = words.split_ascii_whitespace().collect();
        let has = |word: &String| words.iter().any(|said| is_of(said, word));
        let sure = traces.names.iter().any(|name| name.iter().all(has)) || has_number() || has_address();
        (sure || traces.words.iter().any(has)).then_some(sure)
    }
}

impl Traces {
    /// Whether a mention may begin where this text does: its first word is a name of theirs, or of a number or an address.
    fn may_begin(&self, text: &str) -> bool {
        let place: String = text.chars().take(PLACE).take_while(|letter| !letter.is_whitespace()).collect();
        let mut words = String::new();
        push_words(&place, &mut words);
        let names = || self.names.iter().flatten().chain(&self.words);
        place.contains(|letter: char| letter == '@' || letter.is_ascii_digit())
            || words.split_ascii_whitespace().any(|said| names().any(|name| is_of(said, name)))
    }
}

/// Whether people write in this field what may be about others.
fn may_mention(table: Table, field: &str) -> bool {
    let of_itself = OF_THEMSELVES.iter().any(|(of, fields)| *of == table && fields.contains(&field));
    !of_itself && table.field(field).is_some_and(|spec| spec.kind == Kind::Text)
}

/// As much of a text as is shown, without half a word at its end.
fn beginning(text: &str) -> &str {
    let Some((shown, rest)) = text.char_indices().nth(EXCERPT).and_then(|(end, _)| text.split_at_checked(end)) else {
        return text;
    };
    let cut = shown.rfind(|letter: char| !letter.is_alphanumeric()).filter(|_| rest.starts_with(char::is_alphanumeric));
    cut.and_then(|at| shown.get(..at)).unwrap_or(shown).trim_end()
}

/// Where the words of a text begin, in bytes.
fn words_of(text: &str) -> impl Iterator<Item = usize> {
    let before = std::iter::once(' ').chain(text.chars());
    let letters = text.char_indices().zip(before);
    letters.filter(|((_, letter), before)| letter.is_alphanumeric() && !before.is_alphanumeric()).map(|((at, _), _)| at)
}

/// Whether a word is this name, or this name's: Annas, Anna's is two words.
fn is_of(said: &str, name: &str) -> bool {
    said.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest == "s")
}
