//! The server has lost a part of its log.

use samla_core::tables::{ContactDraft, Draft, Patch, Table};
use samla_core::{DeviceId, Role, RowId};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;
use tempfile::TempDir;

use crate::{add, alike, club, names, note, sync_all, talk};

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

/// A club of three whose server is about to go another way. The second has sent Cecilia, and then met Bertil and talked with him:
/// that only the first has, from a file. Once the server is put back, the third comes first, and nobody takes what the second has
/// signed to have seen.
struct Parted {
    server: Server,
    backup: TempDir,
    phones: Vec<Phone>,
    anna: RowId,
    bertil: RowId,
    talk: RowId,
}

impl Parted {
    fn new(seed: u64) -> Self {
        let (server, mut phones) = club(seed, 2);
        let anna = add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        let backup = server.snapshot();
        add(&mut phones[1], "Cecilia");
        phones[1].sync(&server).unwrap();
        let bertil = add(&mut phones[1], "Bertil");
        let talk = talk(&mut phones[1], bertil, "met at the table");
        let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
        phones[0].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
        assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
        Self { server, backup, phones, anna, bertil, talk }
    }

    fn roll_back(&mut self) {
        self.server.roll_back(self.backup.path());
        add(&mut self.phones[2], "David");
        self.phones[2].sync(&self.server).unwrap();
    }
}

/// A colleague's envelope counts as settled, and it follows an own one that is not: the own row was not there without it.
#[test]
fn an_erasure_leaves_what_a_settled_entry_follows() {
    let mut parted = Parted::new(48);
    parted.phones[0].with(|book, ctx| book.remove(ctx, Table::Talks, parted.talk)).unwrap();
    let file = parted.phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    parted.phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    parted.phones[1].sync(&parted.server).unwrap();
    parted.roll_back();
    let Parted { server, mut phones, anna, .. } = parted;
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(
        (phones[0].book.status().unwrap().epoch, names(&phones[0])),
        (1, vec!["Cecilia".into(), "David".into()])
    );
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Bertil", "Cecilia", "David"]);
}

/// A colleague's contact, made after an own one that the log never takes, is erased; an own edit of it brings nobody back.
#[test]
fn an_edit_of_an_erased_contact_whose_envelope_follows_an_own_one_brings_nobody_back() {
    let mut parted = Parted::new(50);
    let shard = |id: RowId| id.as_bytes()[15] % 16;
    let erik = std::iter::repeat_with(|| add(&mut parted.phones[0], "Erik"));
    let made: Vec<RowId> = erik.take(200).collect();
    let erik = made.iter().copied().find(|id| shard(*id) == shard(parted.bertil)).unwrap();
    for other in made.into_iter().filter(|id| *id != erik) {
        parted.phones[0].with(|book, ctx| book.remove(ctx, Table::Contacts, other)).unwrap();
    }
    let file = parted.phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    parted.phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    note(&mut parted.phones[1], erik, "met again");
    parted.roll_back();
    let Parted { server, mut phones, .. } = parted;
    phones[0].with(|book, ctx| book.erase(ctx, erik.into())).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(
        (phones[0].book.status().unwrap().epoch, names(&phones[0])),
        (1, vec!["Anna".into(), "Cecilia".into(), "David".into()])
    );
    phones[1].sync(&server).unwrap();
    assert_eq!(names(&phones[1]), ["Anna", "Bertil", "Cecilia", "David"]);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!((names(&phones[0]), phones[0].book.status().unwrap().epoch), (names(&phones[1]), 1));
}

/// The server has lost what a colleague wrote and this phone took back. It stays taken back: nobody else has said anything since.
#[test]
fn what_was_taken_back_stays_so_over_a_lost_log() {
    let (mut server, mut phones) = club(51, 2);
    let anna = add(&mut phones[0], "Anna");
    note(&mut phones[0], anna, "call back");
    sync_all(&server, &mut phones);
    let backup = server.snapshot();
    let clear = Patch { id: anna, set: Draft::Contacts(ContactDraft::default()), clear: vec!["note".into()] };
    phones[1].with(|book, ctx| book.set(ctx, &clear)).unwrap();
    phones[1].sync(&server).unwrap();
    server.roll_back(backup.path());
    add(&mut phones[2], "David");
    phones[2].sync(&server).unwrap();
    assert_eq!(phones[1].sync(&server).unwrap_err().code(), "chain_mismatch");
    phones[0].sync(&server).unwrap();
    phones[0].with(|book, ctx| book.settle_with_server(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert!(!phones[0].book.export_json().unwrap().contains("call back"));
}

/// A member is put out while a colleague's phone has the member's newest words from a file: the server refuses them from then on, and
/// the epoch carries them.
#[test]
fn words_from_a_file_outlast_that_their_author_is_put_out() {
    let (server, mut phones) = club(52, 2);
    let out = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    add(&mut phones[1], "Bertil");
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    phones[0].with(|book, ctx| book.remove_members(ctx, &[out])).unwrap();
    phones[0].sync(&server).unwrap();
    phones.remove(1);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!((names(&phones[0]), phones[0].book.status().unwrap().epoch), (vec!["Bertil".into()], 1));
}

/// What a colleague's file brought is never in the log, and takes with it what was written about it here. That is written again, with
/// what it is about.
#[test]
fn what_was_said_of_a_contact_from_a_file_stays_where_the_log_leaves_the_contact_out() {
    let mut parted = Parted::new(49);
    note(&mut parted.phones[0], parted.anna, "has moved");
    talk(&mut parted.phones[0], parted.bertil, "wants to join");
    parted.roll_back();
    let Parted { server, mut phones, .. } = parted;
    phones[0].sync(&server).unwrap();
    assert!(phones[0].book.lost_edits().unwrap().edits.is_empty());
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia", "David"]);
    phones[0].with(|book, ctx| book.settle_with_server(ctx)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna", "Bertil", "Cecilia", "David"]);
    let export = phones[1].book.export_json().unwrap();
    let kept = ["has moved", "wants to join", "met at the table"].map(|text| export.matches(text).count());
    assert_eq!(kept, [1, 1, 1]);
}
