//! What taking in a list will write, decided once: the rows that will be made and the fields that will change, with what
//! was there before.
//!
//! The plan is kept on the device, sealed, before the first row is written. So an import that a crash cut off can go on or
//! be taken back: each planned row is held against the register, and what is there already is not written again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::dry_run::{Difference, DryRun, Judged, Verdict, differences, draft_of};
use crate::context::Context;
use crate::ids::{Id, RowId};
use crate::register::Register;
use crate::tables::{Contact, Draft, FieldError, ImportSource, Origin, TableRow, Value};

/// What is taken in of a list. Without choices: everybody new, and what the list knows of others and the register does not.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(default, deny_unknown_fields)]
pub struct ImportChoices {
    /// The fields in which the list may replace what the register has. Others are only filled.
    pub overwrite: Vec<String>,
    /// What is taken of single rows.
    pub rows: Vec<RowChoice>,
    /// What is written down as the source of new contacts; the word for the list's kind if nothing is.
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
    /// It is about this contact.
    Same(Id<Contact>),
}

/// One row of the register that an import writes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Planned {
    pub(crate) id: RowId,
    /// The row is new.
    pub(crate) made: bool,
    pub(crate) fields: Vec<PlannedField>,
}

/// One field that an import writes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedField {
    pub(crate) name: String,
    pub(crate) old: Option<Value>,
    pub(crate) new: Value,
}

/// What a dry run comes to with these choices.
pub(crate) fn plan(
    ctx: &mut Context<'_>,
    register: &Register,
    dry: &DryRun,
    choices: &ImportChoices,
) -> Result<Vec<Planned>, FieldError> {
    let by_line: BTreeMap<u32, &RowChoice> = choices.rows.iter().map(|choice| (choice.line, choice)).collect();
    let overwrite: BTreeSet<&str> = choices.overwrite.iter().map(String::as_str).collect();
    let source = choices.source.clone().unwrap_or_else(|| dry.source.text().to_owned());
    let mut planned = Vec::new();
    for row in &dry.rows {
        let choice = by_line.get(&row.listed.line);
        let take = choice.map(|choice| choice.take).or(match (row.verdict, row.contact) {
            (Verdict::New, _) => Some(Take::New),
            (Verdict::Changed, Some(contact)) => Some(Take::Same(contact)),
            _ => None,
        });
        match take {
            None | Some(Take::Skip) => {}
            Some(Take::New) if !row.listed.is_somebody() => {}
            Some(Take::New) => planned.push(added(ctx, row, origin_of(dry.source), &source)?),
            Some(Take::Same(contact)) => {
                let said = changes_of(register, row, contact);
                let wanted = |change: &Difference| match choice.and_then(|choice| choice.fields.as_ref()) {
                    Some(fields) => fields.iter().any(|field| field == change.field),
                    None => change.old.is_none() || overwrite.contains(change.field),
                };
                planned.extend(changed(said.into_iter().filter(wanted)));
            }
        }
    }
    Ok(planned)
}

fn changes_of(register: &Register, row: &Judged, contact: Id<Contact>) -> Vec<Difference> {
    if row.contact == Some(contact) {
        return row.changes.clone();
    }
    differences(register, contact, &mut row.clone())
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
    let mut contact = draft_of(&row.listed, row.workplace);
    contact.origin = origin;
    contact.source = Some(source.to_owned());
    let draft = Draft::Contacts(contact);
    draft.check()?;
    let fields = draft.writes().into_iter();
    let fields = fields.map(|(name, new)| PlannedField { name: name.to_owned(), old: None, new });
    Ok(Planned { id: RowId::new(ctx), made: true, fields: fields.collect() })
}

/// The changes, by the contact that holds each field.
fn changed(changes: impl Iterator<Item = Difference>) -> Vec<Planned> {
    let mut by_contact: BTreeMap<Id<Contact>, Vec<PlannedField>> = BTreeMap::new();
    for Difference { field, contact, old, new } in changes {
        by_contact.entry(contact).or_default().push(PlannedField { name: field.to_owned(), old, new });
    }
    by_contact.into_iter().map(|(id, fields)| Planned { id: id.row(), made: false, fields }).collect()
}

/// What is left to write of a planned row.
#[derive(Debug, PartialEq)]
pub(crate) enum Left {
    /// These fields.
    Fields(Vec<(String, Option<Value>)>),
    /// Nothing: it is there already.
    Nothing,
    /// Nothing: somebody has changed it since the dry run.
    ChangedSince,
}

impl Planned {
    /// What is left to write of it, by what the register has now.
    pub(crate) fn left(&self, register: &Register) -> Left {
        let id = Id::<Contact>::from(self.id);
        if self.made {
            let fields = self.fields.iter().map(|field| (field.name.clone(), Some(field.new.clone())));
            return if register.knows(id) { Left::Nothing } else { Left::Fields(fields.collect()) };
        }
        let (mut fields, mut changed_since) = (Vec::new(), register.contact(id).is_none());
        for field in &self.fields {
            let now = register.contact(id).and_then(|contact| filled(contact, &field.name));
            match now {
                now if now.as_ref() == Some(&field.new) => {}
                now if now == field.old => fields.push((field.name.clone(), Some(field.new.clone()))),
                _ => changed_since = true,
            }
        }
        match (fields.is_empty() || register.contact(id).is_none(), changed_since) {
            (false, _) => Left::Fields(fields),
            (true, true) => Left::ChangedSince,
            (true, false) => Left::Nothing,
        }
    }
}

/// A field's value, unless there is nothing in it.
pub(crate) fn filled(contact: &Contact, field: &str) -> Option<Value> {
    contact.get(field).filter(|value| !value.to_string().trim().is_empty())
}
