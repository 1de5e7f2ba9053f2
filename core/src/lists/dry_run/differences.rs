//! The fields in which a row and the register differ.

use std::collections::BTreeSet;

use super::{FieldChange, Judged};
use crate::context::Date;
use crate::ids::Id;
use crate::lists::cells::Listed;
use crate::register::Register;
use crate::register::fold::push_words;
use crate::register::matching::PersonKeys;
use crate::register::phone::PhoneKey;
use crate::tables::{Contact, ContactDraft, Country, Draft, Membership, Table, TableRow, Value, Workplace};

/// What stands for a field where a list says since when somebody is a member: it becomes an event.
pub(crate) const MEMBER_SINCE: &str = "member_since";

/// One field in which a list says something else.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    pub(crate) field: &'static str,
    /// The contact of the person that holds what the register has.
    pub(crate) contact: Id<Contact>,
    pub(crate) old: Option<Value>,
    pub(crate) new: Value,
}

impl Difference {
    pub(crate) fn view(&self, register: &Register) -> FieldChange {
        let shown = |value: &Value| register.shown(Table::Contacts, self.field, value);
        FieldChange {
            field: self.field.to_owned(),
            old: self.old.clone(),
            new: self.new.clone(),
            old_shown: self.old.as_ref().map(shown).unwrap_or_default(),
            new_shown: shown(&self.new),
        }
    }
}

/// What a row says of its person, as a contact has it.
pub(crate) fn draft_of(listed: &Listed, workplace: Option<Id<Workplace>>) -> ContactDraft {
    ContactDraft {
        given_name: listed.given_name.clone(),
        family_name: listed.family_name.clone(),
        phone: listed.phone.clone(),
        email: listed.email.clone(),
        workplace,
        department: listed.department.clone(),
        job: listed.job.clone(),
        language: listed.language.clone(),
        membership: listed.membership,
        hired_on: listed.hired_on,
        student_until: listed.student_until,
        note: listed.note.clone(),
        ..ContactDraft::default()
    }
}

/// What a row says of somebody new, but for the membership that an event tells.
pub(crate) fn new_draft_of(listed: &Listed, workplace: Option<Id<Workplace>>) -> ContactDraft {
    let mut draft = draft_of(listed, workplace);
    if listed.member_from().is_some() {
        draft.membership = draft.membership.filter(|status| *status == Membership::Leaving);
    }
    draft
}

/// What a row says that the person's contacts, read as one, do not: fields, and since when the person is a member. A
/// membership that follows from events is left as it is.
pub(crate) fn differences(register: &Register, contact: Id<Contact>, row: &Judged) -> Vec<Difference> {
    let mut draft = new_draft_of(&row.listed, row.workplace);
    let person = register.one_person(contact);
    if register.has_membership_events(&person) {
        draft.membership = None;
        return differences_of(register, contact, draft);
    }
    let noted = person.iter().find_map(|id| register.contact(*id)?.membership);
    let mut differences = differences_of(register, contact, draft);
    differences.extend(row.listed.member_from().map(|on| {
        let is_no_member =
            |noted: &Membership| !matches!(noted, Membership::Unknown | Membership::Member | Membership::Leaving);
        let old = noted.filter(is_no_member).map(|noted| Value::Text(noted.text().to_owned()));
        Difference { field: MEMBER_SINCE, contact, old, new: Value::Text(on.to_string()) }
    }));
    differences
}

/// Whether a row says something else of a membership than follows from events on a day.
pub(super) fn differs_by_events(register: &Register, contact: Id<Contact>, listed: &Listed, today: Date) -> bool {
    let person = register.one_person(contact);
    let status = register.status(&person, today);
    let agrees = match listed.membership {
        Some(said) => said == status,
        // A day alone says that the membership holds, and not whether it is being left.
        None => listed.member_from().is_none() || matches!(status, Membership::Member | Membership::Leaving),
    };
    !agrees && register.has_membership_events(&person)
}

/// The fields in which a draft says something that the person's contacts, read as one, do not.
pub(crate) fn differences_of(register: &Register, contact: Id<Contact>, draft: ContactDraft) -> Vec<Difference> {
    let person = register.one_person(contact);
    let Some(merged) = register.merged(&person) else { return Vec::new() };
    let country = register.country();
    let writes = Draft::from(draft).writes().into_iter();
    let differing = writes.filter(|(field, new)| !says_already(field, merged.get(field).as_ref(), new, country));
    let differences = differing.map(|(field, new)| {
        let old = merged.get(field).filter(|value| is_filled(Some(value)));
        Difference { field, contact: register.holder_of(&person, field).unwrap_or(merged.id), old, new }
    });
    differences.collect()
}

fn is_filled(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.to_string().trim().is_empty())
}

/// Whether the register says already what the list says: the same telephones, addresses and words, however they are
/// written; a note that holds it; and more than the list says is no less.
fn says_already(field: &str, old: Option<&Value>, new: &Value, country: Country) -> bool {
    let (Some(Value::Text(old)), Value::Text(new)) = (old, new) else { return old == Some(new) };
    if old == new {
        return true;
    }
    match field {
        "phone" => all_in(PhoneKey::all(new, country), &PhoneKey::all(old, country)),
        "email" => all_in(keys(new).emails, &keys(old).emails),
        "note" => old.contains(new.as_str()),
        _ => words(old) == words(new),
    }
}

fn all_in<K: PartialEq>(new: Vec<K>, old: &[K]) -> bool {
    new.iter().all(|key| old.contains(key))
}

fn keys(email: &str) -> PersonKeys {
    PersonKeys::of([None, None, None, Some(email)], None, Country::Se)
}

fn words(text: &str) -> BTreeSet<String> {
    let mut words = String::new();
    push_words(text, &mut words);
    words.split_ascii_whitespace().map(str::to_owned).collect()
}
