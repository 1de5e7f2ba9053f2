//! A book is founded anew: somebody is erased, a device is put out, a key is renewed, a sheet is used. What each phone does then.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where something is wrong"
)]

mod erasure;
mod files;
mod lost_log;
mod new_key;
mod ways_in;
mod ways_out;

use samla_core::tables::{ContactDraft, Draft, Patch, Row, Table, TalkDraft, Value};
use samla_core::{Book, Role, RowId};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::{ORIGIN, Server};

pub(crate) fn server() -> Server {
    Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"])
}

pub(crate) fn club(seed: u64, others: u64) -> (Server, Vec<Phone>) {
    let server = server();
    let mut phones = vec![Phone::founds_in(scratch(), seed * 100, "Eva")];
    for number in 1..=others {
        let link = phones[0].invites(&server, Role::Steward);
        let mut phone = Phone::joins_in(scratch(), seed * 100 + number, &format!("Steward {number}"), &link).unwrap();
        phone.sync(&server).unwrap();
        phones.push(phone);
    }
    sync_all(&server, &mut phones);
    (server, phones)
}

pub(crate) fn sync_all(server: &Server, phones: &mut [Phone]) {
    for _ in 0..3 {
        for phone in phones.iter_mut() {
            phone.sync(server).unwrap();
        }
    }
}

pub(crate) fn add(phone: &mut Phone, name: &str) -> RowId {
    let draft = Draft::Contacts(ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.add(ctx, &draft)).unwrap()
}

pub(crate) fn note(phone: &mut Phone, id: RowId, text: &str) {
    let set = Draft::Contacts(ContactDraft { note: Some(text.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.set(ctx, &Patch { id, set, clear: Vec::new() })).unwrap();
}

pub(crate) fn talk(phone: &mut Phone, id: RowId, text: &str) -> RowId {
    let draft =
        TalkDraft { contact: Some(id.into()), at: Some(phone.now), note: Some(text.into()), ..TalkDraft::default() };
    phone.with(|book, ctx| book.add(ctx, &draft.into())).unwrap()
}

pub(crate) fn names(phone: &Phone) -> Vec<String> {
    let name = |row: &Row| match row.get("given_name") {
        Some(Value::Text(name)) => name,
        _ => String::new(),
    };
    let mut names: Vec<String> = phone.book.register().rows(Table::Contacts).iter().map(name).collect();
    names.sort();
    names
}

pub(crate) fn alike(phones: &mut [Phone]) {
    let (first, rest) = phones.split_first_mut().unwrap();
    for phone in rest {
        assert_eq!(phone.book.heads().unwrap(), first.book.heads().unwrap());
        assert_eq!(phone.book.export_json().unwrap(), first.book.export_json().unwrap());
        assert_eq!(phone.book.status().unwrap().epoch, first.book.status().unwrap().epoch);
    }
}

/// A phone that comes back by the sheet of a book.
pub(crate) fn recovers(seed: u64, sheet: &str, alone: bool) -> Phone {
    Phone::opened_by(scratch(), seed, |ctx, home| Book::recover(ctx, home, sheet, ORIGIN, "Eva", "New phone", alone))
        .unwrap()
}
