//! What taking in a list will write, decided once: the rows that will be made and the fields that will change, with what
//! was there before.
//!
//! The plan is kept on the device, sealed, before the first row is written. So an import that a crash cut off can go on or
//! be taken back: each planned row is held against the register, and what is there already is not written again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::dry_run::{Difference, DryRun, Judged, MEMBER_SINCE, Verdict, differences, new_draft_of};
use super::read::without_numbers;
use crate::context::{Context, Date};
use crate::ids::{Id, RowId};
use crate::register::Register;
use crate::tables::{
    Contact, Draft, FieldError, ImportSource, MembershipEvent, MembershipEventDraft, MembershipKind, Origin, Person,
    TableRow, Value,
};

/// What is taken in of a list. Without choices: everybody new, and what the list knows of others and the register does not.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(default, deny_unknown_fields)]
pub struct ImportChoices {
    /// The fields in which the list may replace what the register has. Others are only filled. A day since when somebody is
    /// a member is named `member_since`, and also goes with `membership`.
    pub overwrite: Vec<String>,
    /// What is taken of single rows.
    pub rows: Vec<RowChoice>,
    /// What is written down as the source of new contacts, without personal numbers; the word for the list's kind if nothing is.
    pub source: Option<String>,
}

/// What is taken of one row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(deny_unknown_fields)]
pub struct RowChoice {
    /// The line of the file.
    pub line: u32,
    /// What becomes of it.
    pub take: Take,
    /// Of the fields that differ only these, replaced or filled.
    #[serde(default)]
    pub fields: Option<Vec<String>>,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// Nothing.
    Skip,
    /// A new contact.
    New,
    /// It is about this contact. Of two rows about one person the first counts, unless it is skipped.
    Same(Id<Contact>),
}

/// One contact that an import writes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Planned {
    pub(crate) id: RowId,
    /// The contact is new.
    pub(crate) made: bool,
    pub(crate) fields: Vec<PlannedField>,
    /// The membership that is written with it.
    pub(crate) event: Option<PlannedEvent>,
}

/// A membership that an import writes: a row of its own.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedEvent {
    pub(crate) id: RowId,
    pub(crate) fields: Vec<(String, Value)>,
}

/// One field that an import writes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedField {
    pub(crate) name: String,
    pub(crate) old: Option<Value>,
    pub(crate) new: Value,
}

/// What a dry run comes to with these choices, of the steward `by`.
pub(crate) fn plan(
    ctx: &mut Context<'_>,
    register: &Register,
    dry: &DryRun,
    choices: &ImportChoices,
    by: Option<Id<Person>>,
) -> Result<Vec<Planned>, FieldError> {
    let by_line: BTreeMap<u32, &RowChoice> = choices.rows.iter().map(|choice| (choice.line, choice)).collect();
    let overwrite: BTreeSet<&str> = choices.overwrite.iter().map(String::as_str).collect();
    let source = choices.source.as_deref().map_or_else(|| dry.source.text().to_owned(), without_numbers);
    let mut planned = Vec::new();
    // Of two rows about one person the first counts, also where it says nothing new.
    let mut met: BTreeSet<Id<Contact>> = BTreeSet::new();
    for row in &dry.rows {
        let choice = by_line.get(&row.listed.line);
        let take = choice.map(|choice| choice.take).or(match (row.verdict, row.contact) {
            (Verdict::New, _) => Some(Take::New),
            (Verdict::Changed | Verdict::Same, Some(contact)) => Some(Take::Same(contact)),
            _ => None,
        });
        match take {
            None | Some(Take::Skip) => {}
            Some(Take::New) if !row.listed.is_somebody() => {}
            Some(Take::New) => {
                let mut new = added(ctx, row, origin_of(dry.source), &source)?;
                new.event = row.listed.member_from().map(|on| event(ctx, new.id, dry.source, on, by));
                planned.push(new);
            }
            Some(Take::Same(contact)) => {
                if !met.insert(register.first_of_person(contact).unwrap_or(contact)) {
                    continue;
                }
                let is_named = |field: &str, names: &dyn Fn(&str) -> bool| {
                    names(field) || (field == MEMBER_SINCE && names("membership"))
                };
                let wanted = |change: &Difference| match choice.and_then(|choice| choice.fields.as_ref()) {
                    Some(fields) => is_named(change.field, &|name| fields.iter().any(|field| field == name)),
                    None => change.old.is_none() || is_named(change.field, &|name| overwrite.contains(name)),
                };
                let said = changes_of(register, row, contact).into_iter().filter(wanted);
                let (since, said): (Vec<_>, Vec<_>) = said.partition(|change| change.field == MEMBER_SINCE);
                let mut changed = changed(said.into_iter());
                if let (Some(since), Some(on)) = (since.first(), row.listed.member_from()) {
                    let event = Some(event(ctx, since.contact.row(), dry.source, on, by));
                    match changed.iter_mut().find(|planned| planned.id == since.contact.row()) {
                        Some(planned) => planned.event = event,
                        None => {
                            changed.push(Planned { id: since.contact.row(), made: false, fields: Vec::new(), event });
                        }
                    }
                }
                planned.extend(changed);
            }
        }
    }
    Ok(planned)
}

fn event(
    ctx: &mut Context<'_>,
    contact: RowId,
    source: ImportSource,
    on: Date,
    by: Option<Id<Person>>,
) -> PlannedEvent {
    let today = ctx.now.date_naive();
    let draft = Draft::from(membership_of(source, contact.into(), MembershipKind::Paying, on, today, by));
    let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    PlannedEvent { id: contact.child_of(ctx), fields }
}

/// What a list tells of a membership, as an event. Only the office knows who pays.
pub(crate) fn membership_of(
    source: ImportSource,
    contact: Id<Contact>,
    kind: MembershipKind,
    on: Date,
    today: Date,
    by: Option<Id<Person>>,
) -> MembershipEventDraft {
    let confirmed = kind == MembershipKind::Paying && source == ImportSource::Office;
    MembershipEventDraft {
        contact: Some(contact),
        kind: Some(kind),
        on: Some(on),
        by,
        method: Some(format!("{} list", source.text())),
        confirmed_on: confirmed.then_some(today),
        ..MembershipEventDraft::default()
    }
}

fn changes_of(register: &Register, row: &Judged, contact: Id<Contact>) -> Vec<Difference> {
    if row.contact == Some(contact) {
        return row.changes.clone();
    }
    differences(register, contact, row)
}

/// Who told of somebody new on a list. The stewards' own lists do not say.
pub(crate) fn origin_of(source: ImportSource) -> Option<Origin> {
    match source {
        ImportSource::Employer => Some(Origin::EmployerList),
        ImportSource::Office => Some(Origin::OfficeList),
        ImportSource::Own => None,
    }
}

fn added(ctx: &mut Context<'_>, row: &Judged, origin: Option<Origin>, source: &str) -> Result<Planned, FieldError> {
    let mut contact = new_draft_of(&row.listed, row.workplace);
    contact.origin = origin;
    contact.source = Some(source.to_owned());
    let draft = Draft::Contacts(contact);
    draft.check()?;
    let fields = draft.writes().into_iter();
    let fields = fields.map(|(name, new)| PlannedField { name: name.to_owned(), old: None, new });
    Ok(Planned { id: RowId::new(ctx), made: true, fields: fields.collect(), event: None })
}

/// The changes, by the contact that holds each field.
fn changed(changes: impl Iterator<Item = Difference>) -> Vec<Planned> {
    let mut by_contact: BTreeMap<Id<Contact>, Vec<PlannedField>> = BTreeMap::new();
    for Difference { field, contact, old, new } in changes {
        by_contact.entry(contact).or_default().push(PlannedField { name: field.to_owned(), old, new });
    }
    let planned = |(id, fields): (Id<Contact>, _)| Planned { id: id.row(), made: false, fields, event: None };
    by_contact.into_iter().map(planned).collect()
}

/// What is left to write of a planned contact.
pub(crate) enum Left<'a> {
    /// These fields, which may be none, and this event.
    These(Vec<(String, Option<Value>)>, Option<&'a PlannedEvent>),
    /// Nothing: it is there already.
    Nothing,
    /// Nothing: somebody has changed it since the dry run.
    ChangedSince,
}

impl Planned {
    /// What is left to write of it, by what the register has now.
    pub(crate) fn left(&self, register: &Register) -> Left<'_> {
        let id = Id::<Contact>::from(self.id);
        if register.contact(id).is_some_and(Contact::is_forgotten) {
            return Left::Nothing;
        }
        if self.made {
            let fields = self.fields.iter().map(|field| (field.name.clone(), Some(field.new.clone())));
            return if register.knows(id) { Left::Nothing } else { Left::These(fields.collect(), self.event.as_ref()) };
        }
        let (mut fields, mut changed_since) = (Vec::new(), register.contact(id).is_none());
        let mut event = self.event.as_ref().filter(|event| !register.knows(Id::<MembershipEvent>::from(event.id)));
        if event.is_some() && register.has_membership_events(&register.one_person(id)) {
            (event, changed_since) = (None, true);
        }
        for field in &self.fields {
            let now = register.contact(id).and_then(|contact| filled(contact, &field.name));
            match now {
                now if now.as_ref() == Some(&field.new) => {}
                now if now == field.old => fields.push((field.name.clone(), Some(field.new.clone()))),
                _ => changed_since = true,
            }
        }
        let nothing = fields.is_empty() && event.is_none();
        match (nothing || register.contact(id).is_none(), changed_since) {
            (false, _) => Left::These(fields, event),
            (true, true) => Left::ChangedSince,
            (true, false) => Left::Nothing,
        }
    }
}

/// A field's value, unless there is nothing in it.
pub(crate) fn filled(contact: &Contact, field: &str) -> Option<Value> {
    contact.get(field).filter(|value| !value.to_string().trim().is_empty())
}
