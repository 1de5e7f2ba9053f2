//! A device is put out: it is told so, and gets back what only it has.

use samla_core::tables::Table;
use samla_core::{DeviceId, Role};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_wire::http::Bootstrap;

use crate::{add, alike, club, names, note, recovers, sync_all};

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

/// The answer to its join was lost, and an epoch began without it: it has read nothing, and learns from the roster why.
#[test]
fn who_is_put_out_before_it_has_read_anything_is_told_so() {
    let (server, mut phones) = club(71, 1);
    add(&mut phones[0], "Anna");
    let link = phones[0].invites(&server, Role::Steward);
    let mut joiner = Phone::joins_in(scratch(), 7_170, "Gun", &link).unwrap();
    joiner
        .sync_with(|request| {
            let answer = server.answer(request);
            (!request.url.ends_with("/roster")).then_some(answer)
        })
        .unwrap();
    phones[0].sync(&server).unwrap();
    let out = joiner.book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.remove_members(ctx, &[out])).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(joiner.sync(&server).unwrap_err().code(), "removed");
    let status = joiner.book.status().unwrap();
    assert!(status.removed && status.alarm.is_none());
    assert_eq!(status.removed_by.as_deref(), Some("remove"));
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

/// The server lost what a member had written; others wrote over it and beyond, and put that member out before it met their log. Only
/// the server can say how much of it is there; a former version of it does not.
#[test]
fn what_others_have_written_over_is_handed_back_to_who_is_put_out() {
    for (seed, later, tells, erases) in
        [(61, false, true, false), (62, true, true, false), (63, false, false, false), (64, false, true, true)]
    {
        let (mut server, mut phones) = club(seed, 1);
        add(&mut phones[1], "Alsothere");
        if later {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        }
        sync_all(&server, &mut phones);
        let backup = server.snapshot();
        add(&mut phones[1], "Onlyhere");
        phones[1].sync(&server).unwrap();
        server.roll_back(backup.path());
        let others = ["Some", "More", "Yet another"].map(|name| add(&mut phones[0], name));
        phones[0].sync(&server).unwrap();
        add(&mut phones[0], "And one more");
        phones[0].sync(&server).unwrap();
        if erases {
            phones[0].with(|book, ctx| book.erase(ctx, others[0].into())).unwrap();
        }
        let out = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
        phones[0].with(|book, ctx| book.remove_members(ctx, &[out])).unwrap();
        phones[0].sync(&server).unwrap();
        let put_out = phones[1].sync_with(|request| {
            let (status, body) = server.answer(request);
            if tells || !request.url.ends_with("/bootstrap") {
                return Some((status, body));
            }
            let bootstrap: Bootstrap = minicbor::decode(&body).unwrap();
            Some((status, samla_wire::to_cbor(&Bootstrap { tip: None, ..bootstrap })))
        });
        assert_eq!(put_out.unwrap_err().code(), "removed");
        let leftover = phones[1].book.export_leftover().unwrap();
        assert_eq!(leftover.contains("Onlyhere"), tells && !erases, "{seed}: {leftover}");
        assert!(!leftover.contains("Alsothere"), "{seed}: the others have it: {leftover}");
    }
}
