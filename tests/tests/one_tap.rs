//! The way of one tap: two phones record offline, the server orders, both show it merged.

use samla_core::tables::{ContactDraft, Draft, Patch, TallyKind, VisitDraft, VisitKind};
use samla_core::{Role, RowId, SignUp};
use samla_tests::phone::Phone;
use samla_tests::server::Server;

fn contact(given_name: &str, phone: &str) -> ContactDraft {
    ContactDraft { given_name: Some(given_name.into()), phone: Some(phone.into()), ..ContactDraft::default() }
}

#[test]
fn two_phones_record_offline_and_show_the_same() {
    let server = Server::new();
    let mut eva = Phone::founds(1, "Eva");
    let link = eva.invites(&server, Role::Steward);
    let mut olle = Phone::joins(2, "Olle", &link);
    olle.sync(&server).unwrap();
    assert_eq!(olle.book.status().unwrap().role.as_deref(), Some("steward"));

    let visit = VisitDraft { kind: Some(VisitKind::Table), starts_at: Some(eva.now), ..VisitDraft::default() };
    let visit: RowId = eva.with(|book, ctx| book.add(ctx, &Draft::Visits(visit))).unwrap();
    eva.sync(&server).unwrap();
    olle.sync(&server).unwrap();

    // Both offline.
    let signed = SignUp { contact: contact("Anna", "070-174 06 12"), visit: Some(visit.into()), ..SignUp::default() };
    let anna = eva.with(|book, ctx| book.sign_up(ctx, &signed)).unwrap().contact;
    eva.with(|book, ctx| book.tally(ctx, visit.into(), TallyKind::Talked, None, 1)).unwrap();
    olle.with(|book, ctx| book.tally(ctx, visit.into(), TallyKind::Talked, None, 1)).unwrap();
    olle.with(|book, ctx| book.tally(ctx, visit.into(), TallyKind::Talked, None, 1)).unwrap();
    assert_eq!(eva.book.status().unwrap().unsent, 2);

    for phone in [&mut eva, &mut olle] {
        phone.sync(&server).unwrap();
        assert_eq!(phone.book.status().unwrap().unsent, 0);
    }
    eva.sync(&server).unwrap();

    // The same field on both, at once.
    for (phone, number) in [(&mut eva, "070-174 06 13"), (&mut olle, "070-174 06 14")] {
        phone.wait(60);
        let set = Draft::Contacts(ContactDraft { phone: Some(number.into()), ..ContactDraft::default() });
        phone.with(|book, ctx| book.set(ctx, &Patch { id: anna.into(), set, clear: Vec::new() })).unwrap();
    }
    for _ in 0..2 {
        eva.sync(&server).unwrap();
        olle.sync(&server).unwrap();
    }

    assert_eq!(eva.book.heads().unwrap(), olle.book.heads().unwrap());
    for phone in [&mut eva, &mut olle] {
        let summary = phone.book.register().table_summary(visit.into());
        assert_eq!((summary.talked, summary.signed), (3, 1));
        let conflicts = phone.book.register().conflicts();
        assert_eq!(conflicts.len(), 1);
        assert_eq!(conflicts[0].field, "phone");
        assert_eq!(conflicts[0].answers.len(), 2);
        phone.restart();
        assert_eq!(phone.book.register().conflicts(), conflicts);
        assert_eq!(phone.sync(&server).unwrap().sent, 0);
    }
}

#[test]
fn an_invitation_waits_for_the_roster_that_moved_meanwhile() {
    let server = Server::new();
    let mut eva = Phone::founds(1, "Eva");
    let link = eva.invites(&server, Role::Steward);
    let mut olle = Phone::joins(2, "Olle", &link);
    olle.sync(&server).unwrap();
    // Eva has not read that Olle came in.
    let link = eva.invites(&server, Role::Reader);
    let mut mia = Phone::joins(3, "Mia", &link);
    mia.sync(&server).unwrap();
    assert_eq!(mia.book.status().unwrap().members, 3);
    assert_eq!(mia.book.status().unwrap().role.as_deref(), Some("reader"));
}
