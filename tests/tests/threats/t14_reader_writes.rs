//! T14: a reader writes. Its own phone refuses, an honest server refuses, and every phone refuses.

use automerge::transaction::Transactable;
use automerge::{ObjType, ROOT, ReadDoc};
use samla_core::Role;
use samla_core::tables::{ContactDraft, Draft};
use samla_tests::insider::Liar;
use samla_tests::phone::Phone;
use samla_wire::http::Ack;

use crate::club::{Club, names_of};

#[test]
fn a_reader_reads() {
    let mut club = Club::new(140);
    let link = club.eva.invites(&club.server, Role::Reader);
    let mut reader = Phone::joins_in(samla_tests::scratch(), 141, "Rut", &link).unwrap();
    reader.sync(&club.server).unwrap();
    assert_eq!(names_of(&reader), ["Anna", "Bertil"]);
    let draft = Draft::Contacts(ContactDraft { given_name: Some("Cecilia".into()), ..ContactDraft::default() });
    assert_eq!(reader.with(|book, ctx| book.add(ctx, &draft)).unwrap_err().code(), "not_allowed");
    assert_eq!(reader.with(|book, ctx| book.invite(ctx, Role::Reader, 7)).unwrap_err().code(), "not_allowed");
}

#[test]
fn what_a_reader_signs_is_refused_by_server_and_phones() {
    let mut club = Club::new(142);
    let mut rut = club.insider(Role::Reader);
    let contacts = rut.doc(0).get(ROOT, "contacts").unwrap().unwrap().1;
    let change = rut.change(0, |tx| {
        let row = tx.put_object(&contacts, format!("{:032x}", 1u128 << 70), ObjType::Map).unwrap();
        tx.put(&row, "given_name", "Written by a reader").unwrap();
        tx.put(&row, "live", 1).unwrap();
    });
    let envelope = rut.seal_changes(&[(0, change.raw_bytes().to_vec())]);
    assert_eq!(rut.push(&club.server, &envelope), Ack::Rejected("not_allowed".into()));
    // A server that lets it in.
    let before = [club.eva.files(), club.olle.files()];
    let mut liar = Liar::new(&club.server, club.book());
    liar.entries.push(envelope.bytes().to_vec());
    for phone in [&mut club.eva, &mut club.olle] {
        phone.sync_with(|request| Some(liar.answer(request))).unwrap();
        assert_eq!(names_of(phone), ["Anna", "Bertil"]);
        assert_eq!(phone.book.status().unwrap().rejected, 1);
    }
    for (phone, files) in [&mut club.eva, &mut club.olle].into_iter().zip(&before) {
        phone.put_back(files);
    }
    club.goes_on(&["Anna", "Bertil"]);
}
