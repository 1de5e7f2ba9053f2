//! A book is founded anew: somebody is erased, a device is put out, a key is renewed, a sheet is used. What each phone does then.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where something is wrong"
)]

use samla_core::tables::{ContactDraft, Draft, Patch, Row, Table, TalkDraft, Value};
use samla_core::{Book, BookError, Context, DeviceId, Home, Place, Role, RowId, StorageKey};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::{ORIGIN, Server};

fn server() -> Server {
    Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"])
}

fn club(seed: u64, others: u64) -> (Server, Vec<Phone>) {
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

fn sync_all(server: &Server, phones: &mut [Phone]) {
    for _ in 0..3 {
        for phone in phones.iter_mut() {
            phone.sync(server).unwrap();
        }
    }
}

fn add(phone: &mut Phone, name: &str) -> RowId {
    let draft = Draft::Contacts(ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.add(ctx, &draft)).unwrap()
}

fn note(phone: &mut Phone, id: RowId, text: &str) {
    let set = Draft::Contacts(ContactDraft { note: Some(text.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.set(ctx, &Patch { id, set, clear: Vec::new() })).unwrap();
}

fn talk(phone: &mut Phone, id: RowId, text: &str) -> RowId {
    let draft =
        TalkDraft { contact: Some(id.into()), at: Some(phone.now), note: Some(text.into()), ..TalkDraft::default() };
    phone.with(|book, ctx| book.add(ctx, &draft.into())).unwrap()
}

fn names(phone: &Phone) -> Vec<String> {
    let name = |row: &Row| match row.get("given_name") {
        Some(Value::Text(name)) => name,
        _ => String::new(),
    };
    let mut names: Vec<String> = phone.book.register().rows(Table::Contacts).iter().map(name).collect();
    names.sort();
    names
}

fn alike(phones: &mut [Phone]) {
    let (first, rest) = phones.split_first_mut().unwrap();
    for phone in rest {
        assert_eq!(phone.book.heads().unwrap(), first.book.heads().unwrap());
        assert_eq!(phone.book.export_json().unwrap(), first.book.export_json().unwrap());
        assert_eq!(phone.book.status().unwrap().epoch, first.book.status().unwrap().epoch);
    }
}

#[test]
fn a_new_key_changes_nothing_that_is_shown() {
    let (server, mut phones) = club(1, 2);
    let anna = add(&mut phones[1], "Anna");
    talk(&mut phones[1], anna, "wants to think");
    sync_all(&server, &mut phones);
    let before = phones[0].book.export_json().unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    for phone in &mut phones {
        let status = phone.book.status().unwrap();
        assert_eq!((status.epoch, status.unsent, status.rejected, status.held), (1, 0, 0, 0));
        assert_eq!(status.alarm, None);
        assert_eq!(phone.book.export_json().unwrap(), before);
        let found = phone.book.continuity().unwrap().unwrap();
        assert_eq!((found.unexplained, found.compared), (0, true), "{found:?}");
        phone.restart();
        assert_eq!(phone.book.export_json().unwrap(), before);
    }
    note(&mut phones[2], anna, "called back");
    add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna", "Bertil"]);
    assert!(phones[0].book.members().iter().all(|member| member.moved));
    let founded = phones[0].book.founded().unwrap();
    assert_eq!(founded.len(), 1);
    assert!(founded[0].receipt.as_ref().unwrap().count > 0);
}

#[test]
fn edits_made_offline_are_carried_over() {
    let (server, mut phones) = club(2, 2);
    let anna = add(&mut phones[0], "Anna");
    let bertil = add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    note(&mut phones[1], anna, "only here");
    let cecilia = add(&mut phones[1], "Cecilia");
    talk(&mut phones[1], cecilia, "signed at lunch");
    note(&mut phones[2], bertil, "two");
    note(&mut phones[0], bertil, "nought");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[0].book.status().unwrap().epoch, 1);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
    assert_eq!(phones[0].book.register().rows(Table::Talks).len(), 1);
    let clash = phones[0].book.register().conflicts();
    assert_eq!(clash.len(), 1, "{clash:?}");
    assert_eq!(clash[0].answers.len(), 2);
    let id = clash[0].id;
    let chosen = clash[0].answers[1].value.clone();
    phones[1].with(|book, ctx| book.resolve(ctx, Table::Contacts, id, "note", chosen)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert!(phones[2].book.register().conflicts().is_empty());
}

#[test]
fn a_person_is_erased_everywhere_and_does_not_come_back() {
    let (server, mut phones) = club(3, 2);
    let anna = add(&mut phones[0], "Annafromthecanteen");
    let bertil = add(&mut phones[0], "Bertil");
    talk(&mut phones[0], anna, "Annasecret");
    sync_all(&server, &mut phones);
    note(&mut phones[1], anna, "Annasecret again");
    talk(&mut phones[1], anna, "Annasecret once more");
    note(&mut phones[1], bertil, "kept");
    let preview = phones[0].with(|book, _| book.erase_preview(anna.into())).unwrap();
    assert_eq!(preview.rows.iter().map(|rows| rows.count).sum::<u32>(), 2);
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]), ["Bertil"]);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert_eq!(names(phone), ["Bertil"]);
        assert!(!phone.book.export_json().unwrap().contains("Annasecret"));
    }
    let lost = phones[1].book.lost_edits().unwrap();
    assert_eq!((lost.count, lost.edits.len()), (2, 0));
    assert_eq!(phones[2].book.continuity().unwrap().unwrap().unexplained, 0);
}

#[test]
fn a_device_that_is_put_out_verifies_it_and_hands_back_what_was_only_there() {
    let (server, mut phones) = club(4, 2);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    add(&mut phones[2], "Onlyhere");
    let out = phones[2].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.remove_members(ctx, &[out])).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[2].sync(&server).unwrap_err().code(), "removed");
    let status = phones[2].book.status().unwrap();
    assert!(status.removed && status.removed_by.as_deref() == Some("remove"));
    assert!(names(&phones[2]).is_empty());
    assert!(phones[2].book.export_leftover().unwrap().contains("Onlyhere"));
    phones[2].restart();
    assert!(phones[2].book.export_leftover().unwrap().contains("Onlyhere"));
    phones[2].with(|book, _| book.forget_leftover()).unwrap();
    phones.truncate(2);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(phones[0].book.members().len(), 2);
}

#[test]
fn a_joiner_comes_into_a_later_epoch_and_an_open_invitation_outlives_one() {
    let (server, mut phones) = club(5, 1);
    add(&mut phones[0], "Anna");
    let link = phones[0].invites(&server, Role::Steward);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    add(&mut phones[1], "Bertil");
    sync_all(&server, &mut phones);
    let mut joiner = Phone::joins_in(scratch(), 599, "Gun", &link).unwrap();
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    let later = phones[0].invites(&server, Role::Steward);
    let mut joiner = Phone::joins_in(scratch(), 598, "Bo", &later).unwrap();
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[2]), ["Anna", "Bertil"]);
    assert_eq!(phones[3].book.members().len(), 4);
}

#[test]
fn an_organiser_lets_in_who_waits() {
    for epoch in 0..2 {
        let (server, mut phones) = club(6 + epoch, 1);
        add(&mut phones[0], "Anna");
        if epoch == 1 {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        }
        sync_all(&server, &mut phones);
        let invite = phones[0].with(|book, ctx| book.invite_to_confirm(ctx, Role::Steward, 7)).unwrap();
        phones[0].sync(&server).unwrap();
        let link = phones[0].book.invites().into_iter().find(|open| open.id == invite.id).unwrap().link.unwrap();
        let mut joiner = Phone::joins_in(scratch(), 699, "Gun", &link).unwrap();
        joiner.sync(&server).unwrap();
        assert!(joiner.book.status().unwrap().waiting);
        joiner.sync(&server).unwrap();
        assert!(names(&joiner).is_empty());
        sync_all(&server, &mut phones);
        let pending = phones[0].book.pending();
        assert_eq!(pending.len(), 1);
        assert_eq!(pending[0].fingerprint, joiner.book.status().unwrap().fingerprint);
        let device = pending[0].device_id.parse::<DeviceId>().unwrap();
        phones[0].with(|book, ctx| book.admit(ctx, device, Role::Steward)).unwrap();
        phones[0].sync(&server).unwrap();
        joiner.sync(&server).unwrap();
        assert!(!joiner.book.status().unwrap().waiting);
        phones.push(joiner);
        add(&mut phones[2], "Cecilia");
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[1]), ["Anna", "Cecilia"]);
    }
}

#[test]
fn who_is_turned_away_is_told_so() {
    let (server, mut phones) = club(8, 0);
    phones[0].with(|book, ctx| book.invite_to_confirm(ctx, Role::Steward, 7)).unwrap();
    phones[0].sync(&server).unwrap();
    let link = phones[0].book.invites()[0].link.clone().unwrap();
    let mut joiner = Phone::joins_in(scratch(), 899, "Gun", &link).unwrap();
    joiner.sync(&server).unwrap();
    phones[0].sync(&server).unwrap();
    let device = phones[0].book.pending()[0].device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.deny(ctx, device)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(joiner.sync(&server).unwrap_err().code(), "denied");
}

/// A phone that comes back by the sheet of a book.
fn recovers(seed: u64, sheet: &str, alone: bool) -> Phone {
    Phone::opened_by(scratch(), seed, |ctx, home| Book::recover(ctx, home, sheet, ORIGIN, "Eva", "New phone", alone))
        .unwrap()
}

#[test]
fn the_sheet_brings_back_a_book_and_can_put_everybody_else_out() {
    for (seed, alone) in [(9, false), (10, true)] {
        let (server, mut phones) = club(seed, 1);
        add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        let sheet = phones[0].with(|book, ctx| book.renew_recovery(ctx, None)).unwrap();
        let asked = samla_tests::phone::asked(&sheet);
        phones[0].with(|book, ctx| book.confirm_recovery(ctx, &asked)).unwrap();
        sync_all(&server, &mut phones);
        if alone {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            sync_all(&server, &mut phones);
            add(&mut phones[1], "Bertil");
            sync_all(&server, &mut phones);
        }
        let mut back = recovers(seed * 100 + 50, sheet.text.as_str(), alone);
        back.sync(&server).unwrap();
        let status = back.book.status().unwrap();
        assert_eq!((status.role.as_deref(), status.recovering), (Some("organiser"), false));
        assert_eq!(names(&back), if alone { vec!["Anna", "Bertil"] } else { vec!["Anna"] });
        if alone {
            assert_eq!(phones[0].sync(&server).unwrap_err().code(), "removed");
            assert_eq!(back.book.members().len(), 1);
        } else {
            phones.push(back);
            sync_all(&server, &mut phones);
            alike(&mut phones);
        }
    }
}

#[test]
fn a_file_carries_entries_both_ways_without_a_server() {
    let (server, mut phones) = club(11, 2);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let bertil = add(&mut phones[1], "Bertil");
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    let view = phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    assert_eq!((view.received, view.left), (1, 0));
    assert_eq!(names(&phones[2]), ["Anna", "Bertil"]);
    note(&mut phones[2], bertil, "met again");
    let back = phones[2].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[1].with(|book, ctx| book.import_file(ctx, &back)).unwrap();
    phones[1].restart();
    phones[2].restart();
    assert_eq!(names(&phones[2]), ["Anna", "Bertil"]);
    // The one who never wrote it hands it on.
    phones[2].sync(&server).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]), ["Anna", "Bertil"]);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        let status = phone.book.status().unwrap();
        assert_eq!((status.unsent, status.rejected, status.held, status.alarm), (0, 0, 0, None));
    }
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    let old = phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
    assert_eq!(old.code(), "file_older");
}

#[test]
fn a_link_and_a_file_let_somebody_in_without_a_network() {
    for (seed, epoch) in [(12, 0), (13, 1)] {
        let (server, mut phones) = club(seed, 1);
        add(&mut phones[0], "Anna");
        if epoch == 1 {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        }
        sync_all(&server, &mut phones);
        let link = phones[0].invites(&server, Role::Steward);
        let id = phones[0].book.invites()[0].id.parse().unwrap();
        let file = phones[0].with(|book, ctx| book.export_file_for(ctx, id)).unwrap();
        let mut joiner = Phone::opened_by(scratch(), seed * 100 + 70, |ctx, home| {
            Book::join_with_file(ctx, home, &link, &file, "Gun", "Gun's phone")
        })
        .unwrap();
        assert_eq!(names(&joiner), ["Anna"]);
        add(&mut joiner, "Bertil");
        joiner.restart();
        assert_eq!(names(&joiner), ["Anna", "Bertil"]);
        add(&mut phones[1], "Cecilia");
        phones[1].sync(&server).unwrap();
        joiner.sync(&server).unwrap();
        phones.push(joiner);
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[1]), ["Anna", "Bertil", "Cecilia"]);
    }
}

#[test]
fn a_copied_device_comes_in_anew_with_its_edits() {
    let (server, mut phones) = club(14, 1);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let mut copy = phones[1].copied(1499);
    add(&mut phones[1], "Bertil");
    add(&mut copy, "Cecilia");
    phones[1].sync(&server).unwrap();
    assert_eq!(copy.sync(&server).unwrap_err().code(), "device_fork");
    let link = phones[0].invites(&server, Role::Steward);
    copy.with(|book, ctx| book.rejoin(ctx, &link, "Olle", "Second phone")).unwrap();
    copy.sync(&server).unwrap();
    phones.push(copy);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
    assert_eq!(phones[2].book.status().unwrap().alarm, None);
}

/// While a copied phone stood still, somebody whom it had written about was erased.
#[test]
fn a_device_that_comes_in_anew_has_forgotten_who_was_erased_meanwhile() {
    let (server, mut phones) = club(32, 1);
    let anna = add(&mut phones[0], "Annafromthecanteen");
    let bertil = add(&mut phones[0], "Bertil");
    phones[0].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    sync_all(&server, &mut phones);
    let mut copy = phones[1].copied(3299);
    note(&mut phones[1], bertil, "from the first");
    phones[1].sync(&server).unwrap();
    copy.with(|book, ctx| book.restore(ctx, Table::Contacts, anna)).unwrap();
    note(&mut copy, anna, "Annasecret");
    talk(&mut copy, anna, "Annasecret again");
    note(&mut copy, bertil, "from the copy");
    assert_eq!(copy.sync(&server).unwrap_err().code(), "device_fork");

    phones[0].with(|book, ctx| book.restore(ctx, Table::Contacts, anna)).unwrap();
    phones[0].sync(&server).unwrap();
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    sync_all(&server, &mut phones);
    let link = phones[0].invites(&server, Role::Steward);
    copy.with(|book, ctx| book.rejoin(ctx, &link, "Olle", "Second phone")).unwrap();
    copy.sync(&server).unwrap();
    phones.push(copy);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert_eq!(names(phone), ["Bertil"]);
        assert!(!phone.book.export_json().unwrap().contains("Annasecret"));
        for (name, content) in samla_tests::insider::opened_states(phone) {
            assert!(!content.windows(10).any(|window| window == b"Annasecret"), "{name} tells of who was erased");
        }
    }
    let lost = phones[2].book.lost_edits().unwrap();
    assert!(lost.count > 0 && lost.edits.is_empty(), "it is told how much went, and not what");
}

/// Somebody got a colleague's new contact by file before a new epoch began, so both make it there; the author had more to say.
#[test]
fn what_its_author_says_later_is_not_overwritten_by_who_had_it_from_a_file() {
    let (server, mut phones) = club(33, 2);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let bertil = add(&mut phones[1], "Bertil");
    note(&mut phones[1], bertil, "first");
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    // Both have moved before either is heard of.
    for phone in &mut phones[1..] {
        phone.sync_with(|request| (!request.url.ends_with("/sync")).then(|| server.answer(request))).unwrap();
    }
    note(&mut phones[1], bertil, "second");
    phones[1].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert_eq!(names(phone), ["Anna", "Bertil"]);
        assert!(phone.book.export_json().unwrap().contains("second"));
    }
}

/// A person is noted, handed on by file, and erased before the colleague has ever heard of it from the server; and one whom a colleague
/// has sent without ever getting the answer.
#[test]
fn who_was_erased_does_not_come_back_from_a_file_or_a_lost_answer() {
    let (server, mut phones) = club(35, 2);
    add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    let anna = add(&mut phones[0], "Annafromthecanteen");
    let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    let cecilia = add(&mut phones[2], "Ceciliafromthecanteen");
    let unanswered = phones[2].sync_with(|request| {
        let answer = server.answer(request);
        (!request.url.ends_with("/sync")).then_some(answer)
    });
    assert!(unanswered.is_ok() || names(&phones[2]).len() == 2);
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]).len(), 3, "{:?}", names(&phones[0]));
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].with(|book, ctx| book.erase(ctx, cecilia.into())).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Bertil"]);
}

/// Whoever wants more while an epoch is on its way gets both.
#[test]
fn what_is_wanted_while_an_epoch_is_on_its_way_comes_after_it() {
    let (server, mut phones) = club(36, 1);
    let anna = add(&mut phones[0], "Anna");
    let bertil = add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    // The server has the op, and the answer is lost.
    let _ = phones[0].sync_with(|request| {
        let answer = server.answer(request);
        (!request.url.ends_with("/epoch")).then_some(answer)
    });
    phones[0].with(|book, ctx| book.erase(ctx, bertil.into())).unwrap();
    add(&mut phones[0], "Cecilia");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Cecilia"]);
    let status = phones[0].book.status().unwrap();
    assert_eq!((status.epoch, status.alarm), (2, None));
    assert!(phones[0].book.wanted().is_none());
}

/// Two organisers, of whom one puts the other out while that one's epoch is on its way.
#[test]
fn who_is_put_out_while_founding_an_epoch_is_told_so() {
    let (server, mut phones) = club(37, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    sync_all(&server, &mut phones);
    phones[1].with(|book, ctx| book.rotate(ctx)).unwrap();
    // Built, and lost on the way.
    let _ = phones[1].sync_with(|request| (request.method != "PUT").then(|| server.answer(request)));
    phones[0].with(|book, ctx| book.remove_members(ctx, &[other])).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[1].sync(&server).unwrap_err().code(), "removed");
    let status = phones[1].book.status().unwrap();
    assert!(status.removed && status.removed_by.as_deref() == Some("remove"));
}

/// A server lost what a member had written, and a sheet then put everybody else out: what only that member has is handed back.
#[test]
fn what_the_server_lost_is_handed_back_to_who_is_put_out() {
    let (mut server, mut phones) = club(38, 1);
    let sheet = phones[0].with(|book, ctx| book.renew_recovery(ctx, None)).unwrap();
    let asked = samla_tests::phone::asked(&sheet);
    phones[0].with(|book, ctx| book.confirm_recovery(ctx, &asked)).unwrap();
    sync_all(&server, &mut phones);
    let backup = server.snapshot();
    add(&mut phones[1], "Onlyhere");
    phones[1].sync(&server).unwrap();
    server.roll_back(backup.path());
    add(&mut phones[0], "Meanwhile");
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[1].sync(&server).unwrap_err().code(), "chain_mismatch");
    let mut back = recovers(3_870, sheet.text.as_str(), true);
    back.sync(&server).unwrap();
    back.sync(&server).unwrap();
    assert_eq!(phones[1].sync(&server).unwrap_err().code(), "removed");
    assert!(phones[1].book.export_leftover().unwrap().contains("Onlyhere"));
}

/// An organiser whose server keeps failing tries to settle with it again and again.
#[test]
fn settling_twice_loses_nothing() {
    let (mut server, mut phones) = club(39, 1);
    add(&mut phones[0], "Anna");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    let backup = server.snapshot();
    add(&mut phones[0], "Bertil");
    phones[0].sync(&server).unwrap();
    server.roll_back(backup.path());
    add(&mut phones[1], "Cecilia");
    phones[1].sync(&server).unwrap();
    assert_eq!(phones[0].sync(&server).unwrap_err().code(), "chain_mismatch");
    for _ in 0..2 {
        phones[0].with(|book, ctx| book.settle_with_server(ctx)).unwrap();
        phones[0].restart();
    }
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
}

/// Two organisers, of whom one lowers the other while that one wants to found an epoch too: the wish ends with the right to it.
#[test]
fn who_may_not_found_an_epoch_any_more_wants_none() {
    let (server, mut phones) = club(34, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    sync_all(&server, &mut phones);
    phones[1].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].with(|book, ctx| book.lower(ctx, other, Role::Steward)).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    let status = phones[1].book.status().unwrap();
    assert_eq!((status.epoch, status.alarm), (1, None));
}

#[test]
fn a_server_from_a_backup_is_refilled() {
    for (seed, over_an_epoch) in [(15, false), (16, true)] {
        let (mut server, mut phones) = club(seed, 1);
        add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        let backup = server.snapshot();
        add(&mut phones[0], "Bertil");
        add(&mut phones[1], "Cecilia");
        if over_an_epoch {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        }
        sync_all(&server, &mut phones);
        server.roll_back(backup.path());
        for _ in 0..3 {
            for phone in &mut phones {
                phone.sync(&server).unwrap();
            }
        }
        add(&mut phones[1], "David");
        sync_all(&server, &mut phones);
        alike(&mut phones);
        // Somebody new finds the key of the epoch there too.
        let link = phones[0].invites(&server, Role::Steward);
        let mut gun = Phone::joins_in(scratch(), seed * 100 + 70, "Gun", &link).unwrap();
        gun.sync(&server).unwrap();
        phones.push(gun);
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[2]), ["Anna", "Bertil", "Cecilia", "David"]);
        assert!(phones.iter().all(|phone| phone.book.status().unwrap().alarm.is_none()));
    }
}

#[test]
fn a_server_that_went_another_way_is_settled_by_an_organiser() {
    let (mut server, mut phones) = club(17, 2);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let backup = server.snapshot();
    add(&mut phones[0], "Bertil");
    add(&mut phones[1], "Cecilia");
    for phone in &mut phones[..2] {
        phone.sync(&server).unwrap();
    }
    server.roll_back(backup.path());
    // The third never saw what was lost, and writes on.
    add(&mut phones[2], "David");
    phones[2].sync(&server).unwrap();
    assert_eq!(phones[0].sync(&server).unwrap_err().code(), "chain_mismatch");
    phones[0].with(|book, ctx| book.settle_with_server(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "David"]);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia", "David"]);
}

#[test]
fn two_organisers_at_once_and_a_push_in_between_settle() {
    let (server, mut phones) = club(18, 2);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let second = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, second, Role::Organiser)).unwrap();
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[1].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    // Both build; the first to post wins, and the other begins again.
    let mut late = None;
    phones[0].book.begin_sync();
    let mut pushed = false;
    while let Some(request) = phones[0].with(|book, ctx| book.next_request(ctx)).unwrap() {
        if request.url.ends_with("/epoch") && late.is_none() {
            late = Some(());
            phones[1].sync(&server).unwrap();
        }
        if request.method == "PUT" && !pushed {
            pushed = true;
            add(&mut phones[2], "Bertil");
            phones[2].sync(&server).unwrap();
        }
        let (status, body) = server.answer(&request);
        phones[0].with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
    }
    assert!(late.is_some() && pushed);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[2]), ["Bertil"]);
    assert!(phones.iter().all(|phone| phone.book.wanted().is_none()));
}

#[test]
fn a_file_made_while_an_epoch_is_on_its_way_takes_no_number_from_it() {
    let (server, mut phones) = club(21, 1);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    let built = phones[0].sync_with(|request| {
        let stops = request.method == "PUT";
        (!stops).then(|| server.answer(request))
    });
    built.unwrap();
    assert!(phones[0].book.wanted().unwrap().on_its_way);
    add(&mut phones[0], "Bertil");
    let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    phones[1].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna", "Bertil"]);
    assert!(phones.iter().all(|phone| phone.book.status().unwrap().alarm.is_none()));
}

#[test]
fn a_renewed_storage_key_opens_and_the_old_one_does_not() {
    let (server, mut phones) = club(19, 0);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    assert!(phones[0].book.status().unwrap().renew_storage_key);
    add(&mut phones[0], "Bertil");
    phones[0].with(|book, ctx| book.renew_storage_key(ctx, StorageKey::from_bytes([9; 32]))).unwrap();
    assert!(!phones[0].book.status().unwrap().renew_storage_key);
    let files = phones[0].files();
    let old = phones[0].home().storage_key.clone();
    assert!(matches!(Phone::opens(scratch(), 1, &files, old), Err(BookError::Store(_))));
    let again = Phone::opens(scratch(), 1, &files, StorageKey::from_bytes([9; 32])).unwrap();
    assert_eq!(names(&again), ["Anna", "Bertil"]);
}

#[test]
fn without_organisers_and_sheet_a_new_book_takes_the_register_over() {
    let (server, mut phones) = club(20, 1);
    let anna = add(&mut phones[0], "Anna");
    talk(&mut phones[1], anna, "thinks");
    sync_all(&server, &mut phones);
    let new = samla_core::NewBook {
        name: "Club".into(),
        server_url: Some(ORIGIN.into()),
        operator_token: None,
        my_name: "Olle".into(),
        device_label: "Phone".into(),
    };
    let old = phones.pop().unwrap();
    let home = Home { place: Place::Memory, storage_key: StorageKey::from_bytes([1; 32]) };
    let mut old = old;
    let now = old.now;
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(1);
    let mut ctx = Context { now, rng: &mut rng };
    let (book, _) = Book::found_anew(&mut ctx, &home, &new, &old.book).unwrap();
    assert_ne!(book.id(), old.book.id());
    assert_eq!(book.register().rows(Table::Contacts), old.book.register().rows(Table::Contacts));
    assert_eq!(book.register().rows(Table::Talks), old.book.register().rows(Table::Talks));
    let _ = old.book.heads();
}

/// A colleague's phone that saw the damage and not yet that it was undone must not carry it over into the new epoch.
#[test]
fn what_a_device_wrote_before_it_was_put_out_is_not_written_again() {
    for (seed, epochs) in [(22, 1), (23, 2)] {
        let (server, mut phones) = club(seed, 2);
        let (anna, bertil) = (add(&mut phones[0], "Anna"), add(&mut phones[0], "Bertil"));
        note(&mut phones[0], anna, "right");
        sync_all(&server, &mut phones);
        note(&mut phones[2], anna, "wrong");
        phones[2].with(|book, ctx| book.remove(ctx, Table::Contacts, bertil)).unwrap();
        sync_all(&server, &mut phones);
        note(&mut phones[0], anna, "right");
        phones[0].with(|book, ctx| book.restore(ctx, Table::Contacts, bertil)).unwrap();
        let out = phones[2].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
        phones[0].with(|book, ctx| book.remove_members(ctx, &[out])).unwrap();
        phones[0].sync(&server).unwrap();
        for _ in 1..epochs {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            phones[0].sync(&server).unwrap();
        }
        assert_eq!(phones[0].book.status().unwrap().epoch, epochs);
        phones.truncate(2);
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[1]), ["Anna", "Bertil"], "over {epochs} epochs");
        let shown = phones[1].book.register().contact(anna.into()).unwrap().note.clone();
        assert_eq!(shown.as_deref(), Some("right"), "over {epochs} epochs");
        assert!(phones[1].book.register().conflicts().is_empty());
    }
}
