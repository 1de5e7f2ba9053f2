//! The register that is measured: a season as the demo has it, of any size.
//!
//! The same size gives the same register, so that a plain automerge document can hold the same rows. Phone numbers begin
//! with +999, which is no country: nobody can be called by mistake.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::FixedOffset;
use samla_core::register::DuplicateQuery;
use samla_core::tables::{Contact, ContactDraft, Draft, Table};
use samla_core::{Id, Moment, RowId};
use samla_tests::season::{Many, Told};

/// A season of so many contacts, with so many talks for each, and so many strangers beside them.
pub(crate) fn tell(contacts: usize, talks_each: usize, strangers: usize, now: Moment) -> Result<Told> {
    let (talks, today) = (contacts * talks_each, now.date_naive());
    samla_tests::season::tell(&Many { contacts, talks, strangers, seed: 1, today })
}

/// Contacts as they are written down where the season's workplaces have other ids.
pub(crate) fn moved(contacts: impl IntoIterator<Item = ContactDraft>, there: &BTreeMap<RowId, RowId>) -> Vec<Draft> {
    let moved = |contact: ContactDraft| {
        let workplace = contact.workplace.and_then(|id| there.get(&id.row()).copied()).map(Id::from);
        Draft::Contacts(ContactDraft { workplace, ..contact })
    };
    contacts.into_iter().map(moved).collect()
}

/// Leaves contacts in a file for another process.
pub(crate) fn keep(path: &Path, contacts: &[Draft]) -> Result<()> {
    let fields = |draft: &Draft| -> Vec<_> {
        draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect()
    };
    let all: Vec<Vec<(String, String)>> = contacts.iter().map(fields).collect();
    Ok(std::fs::write(path, serde_json::to_vec(&all)?)?)
}

/// The contacts that another process left.
pub(crate) fn kept(path: &Path) -> Result<Vec<Draft>> {
    let zone = FixedOffset::east_opt(0).context("an offset")?;
    let all: Vec<Vec<(String, String)>> = serde_json::from_slice(&std::fs::read(path)?)?;
    all.into_iter().map(|fields| Ok(Draft::parse(Table::Contacts, fields, zone)?)).collect()
}

/// Somebody who gives the same name, number and address as this contact.
pub(crate) fn typed_again(contact: &Contact) -> DuplicateQuery {
    DuplicateQuery {
        given_name: contact.given_name.clone(),
        family_name: contact.family_name.clone(),
        phone: contact.phone.clone(),
        email: contact.email.clone(),
        ..DuplicateQuery::default()
    }
}

/// Somebody with the name of this contact at the same workplace, a letter wrong, and no number.
pub(crate) fn named_again(contact: &Contact) -> DuplicateQuery {
    DuplicateQuery {
        given_name: contact.given_name.clone(),
        family_name: contact.family_name.as_ref().map(|name| format!("{name}x")),
        workplace: contact.workplace,
        ..DuplicateQuery::default()
    }
}
