//! The server has lost a part of its log.

use samla_core::tables::Table;
use samla_core::{DeviceId, Role};
use samla_tests::phone::Phone;
use samla_tests::scratch;

use crate::{add, alike, club, names, sync_all};

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

/// Who settles has forgotten the log, and with it that it is an organiser: in the first epoch all of the roster, in a later one
/// what came after its op. It can be done again all the same, before anything was read.
#[test]
fn settling_again_needs_no_round_in_between() {
    for (seed, over_an_epoch) in [(44, false), (45, true)] {
        let (mut server, mut phones) = club(seed, 1);
        add(&mut phones[0], "Anna");
        if over_an_epoch {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            sync_all(&server, &mut phones);
        }
        let second = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
        phones[0].with(|book, ctx| book.raise(ctx, second, Role::Organiser)).unwrap();
        sync_all(&server, &mut phones);
        let backup = server.snapshot();
        add(&mut phones[1], "Bertil");
        phones[1].sync(&server).unwrap();
        server.roll_back(backup.path());
        add(&mut phones[0], "Cecilia");
        phones[0].sync(&server).unwrap();
        assert_eq!(phones[1].sync(&server).unwrap_err().code(), "chain_mismatch");
        for _ in 0..3 {
            phones[1].with(|book, ctx| book.settle_with_server(ctx)).unwrap();
            phones[1].restart();
            assert_eq!(phones[1].book.wanted().unwrap().reason, "restore");
        }
        phones[1].sync(&server).unwrap();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
        assert!(phones.iter().all(|phone| phone.book.wanted().is_none()));
    }
}

/// The server was put back, the book went on without a phone that had written there, and the epoch that settles it is not for
/// the keys that phone has by now: a second alarm, which does not cover that places in the lost log say nothing.
#[test]
fn who_cannot_open_an_epoch_after_a_lost_log_brings_all_along() {
    let (mut server, mut phones) = club(42, 2);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    let backup = server.snapshot();
    add(&mut phones[0], "Bertil");
    phones[0].sync(&server).unwrap();
    phones[1].sync(&server).unwrap();
    add(&mut phones[1], "Cecilia");
    phones[1].sync(&server).unwrap();
    assert_eq!(phones[1].book.status().unwrap().unsent, 0);
    server.roll_back(backup.path());
    add(&mut phones[2], "David");
    phones[2].sync(&server).unwrap();
    for who in [1, 0] {
        assert_eq!(phones[who].sync(&server).unwrap_err().code(), "chain_mismatch");
    }
    phones[0].with(|book, ctx| book.settle_with_server(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[1].sync(&server).unwrap_err().code(), "epoch_unreadable");
    assert_eq!(phones[1].book.status().unwrap().alarm.as_deref(), Some("epoch_unreadable"));

    let link = phones[0].invites(&server, Role::Steward);
    phones[1].with(|book, ctx| book.rejoin(ctx, &link, "Steward", "Phone")).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Bertil", "Cecilia", "David"]);
}

/// What others wrote before an epoch lies in its base alone. Where the server has lost that and went another way since, whoever was
/// in it brings all of it: what was written, and what was removed.
#[test]
fn who_comes_in_anew_after_a_lost_epoch_brings_the_register_along() {
    let (mut server, mut phones) = club(46, 2);
    let third = phones[2].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, third, Role::Organiser)).unwrap();
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let backup = server.snapshot();
    add(&mut phones[0], "Bertil");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    for who in [0, 1] {
        phones[who].sync(&server).unwrap();
    }
    phones[1].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    phones[1].sync(&server).unwrap();
    server.roll_back(backup.path());
    add(&mut phones[2], "Cecilia");
    phones[2].sync(&server).unwrap();
    assert_eq!(phones[1].sync(&server).unwrap_err().code(), "chain_mismatch");

    let link = phones[2].invites(&server, Role::Steward);
    phones[1].with(|book, ctx| book.rejoin(ctx, &link, "Steward", "Phone")).unwrap();
    sync_all(&server, &mut phones[1..]);
    alike(&mut phones[1..]);
    assert_eq!(names(&phones[2]), ["Bertil", "Cecilia"]);
}
