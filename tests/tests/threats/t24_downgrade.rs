//! T24: an organiser founds an epoch with a lower suite or rule set, or fewer shards than there may be. The server refuses
//! it; and where a lying server shows it, every phone does.

use samla_core::Role;
use samla_tests::insider::{Insider, rows_of};
use samla_wire::EntryId;
use samla_wire::roster::Epoch;

use crate::club::{Club, add, alike, device_of, names_of, sync_all};

/// What a hostile organiser may put into an op, each alone.
/// What is wrong with an op, in a word, and how it is made so.
type Spoilt = (&'static str, fn(&mut Epoch));

const SPOILT: [Spoilt; 13] = [
    ("suite 0", |op| op.suite = 0),
    ("suite 2", |op| op.suite = 2),
    ("rules 0", |op| op.rules = 0),
    ("half the shards", |op| {
        op.shards /= 2;
        op.base_heads.truncate(usize::from(op.shards));
    }),
    ("no shards", |op| op.shards = 0),
    ("shards that are no power of two", |op| op.shards = 17),
    ("more shards than there may be", |op| {
        op.shards = 512;
        op.base_heads.resize(512, EntryId::ZERO);
    }),
    ("an epoch that is skipped", |op| op.epoch += 1),
    ("the epoch that is", |op| op.epoch -= 1),
    ("heads that are missing", |op| {
        op.base_heads.pop();
    }),
    ("no base", |op| op.base.clear()),
    ("a seal before the genesis", |op| op.seal_n = 0),
    ("another log", |op| op.seal_h.0[0] ^= 1),
];

#[test]
fn nothing_of_an_epoch_goes_down() {
    let (server, mut phones) = Club::three(240, true);
    let insider_phone = phones.remove(1);
    let rows = rows_of(&insider_phone.book);
    let (eva, gun) = (device_of(&phones[0]), device_of(&phones[1]));
    let files: Vec<_> = phones.iter().map(samla_tests::phone::Phone::files).collect();
    for (what, spoil) in SPOILT {
        let mut insider = Insider::of(&insider_phone, &server);
        let founding = insider.found_epoch(&rows, spoil);
        let (status, body) = insider.post_epoch(&server, &founding);
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(matches!(status, 409 | 422), "{what}: {status} {body}");
        // And by a server that has taken it all the same.
        for (device, phone) in [eva, gun].into_iter().zip(&mut phones) {
            let result = phone.sync_with(|request| founding.shown_to(device, &server, request));
            assert!(result.is_err(), "{what}");
            let status = phone.book.status().unwrap();
            assert_eq!(status.epoch, 0, "{what}");
            assert_eq!(names_of(phone), ["Anna", "Bertil"], "{what}");
        }
        for (phone, files) in phones.iter_mut().zip(&files) {
            phone.put_back(files);
        }
    }
    // The same kit with nothing spoilt is believed: what was refused was refused for what it says.
    let mut insider = Insider::of(&insider_phone, &server);
    let founding = insider.found_epoch(&rows, |_| {});
    let _ = phones[1].sync_with(|request| founding.shown_to(gun, &server, request));
    assert_eq!(phones[1].book.status().unwrap().epoch, 1);
    phones[1].put_back(&files[1]);
    let (status, body) = insider.post_epoch(&server, &founding);
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
    add(&mut phones[1], "Cecilia");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names_of(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
    assert_eq!(phones[0].book.members().iter().filter(|member| member.role == Role::Organiser.name()).count(), 2);
}

/// The server does not take it. Shown by one that lies, nothing is counted out by it: the phone keeps what it has, and asks for a
/// version that knows it.
#[test]
fn a_rule_set_that_nobody_knows_asks_for_another_version() {
    let (server, mut phones) = Club::three(241, true);
    let hostile = phones.remove(1);
    let gun = device_of(&phones[1]);
    let mut insider = Insider::of(&hostile, &server);
    let founding = insider.found_epoch(&rows_of(&hostile.book), |op| op.rules = u16::MAX);
    let (status, body) = insider.post_epoch(&server, &founding);
    let body = String::from_utf8_lossy(&body).into_owned();
    assert!(status == 422 && body.contains("rules_unknown"), "{status} {body}");
    phones[0].sync(&server).unwrap();
    assert!(!phones[0].book.status().unwrap().update_required);
    let told = phones[1].sync_with(|request| founding.shown_to(gun, &server, request)).unwrap_err();
    assert_eq!(told.code(), "update_required");
    for _ in 0..2 {
        let status = phones[1].book.status().unwrap();
        assert_eq!((status.epoch, status.update_required, status.alarm), (0, true, None));
        assert_eq!(names_of(&phones[1]), ["Anna", "Bertil"]);
        phones[1].restart();
    }
}
