//! T11: a steward sends what automerge chokes on: counters near their end, bombs, floods, lists, missing predecessors.
//! Each goes through a whole envelope that the server takes; each is refused, counted, and honest edits go on.

use std::num::NonZeroU64;

use automerge::transaction::Transactable;
use automerge::{ActorId, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use samla_core::Role;
use samla_core::document::base;
use samla_core::seal::payload::INFLATED;
use samla_core::seal::{deflate, pack_changes};
use samla_tests::insider::{Insider, altered};
use samla_wire::http::Ack;

use crate::club::Club;

const SHARD: u16 = 3;

/// A row id in [`SHARD`].
fn id(number: u64) -> String {
    format!("{:032x}", 0x0190_0000_0000_7000_8000_0000_0000_0003_u128 + (u128::from(number) << 16))
}

fn table(mallory: &Insider, name: &str) -> ObjId {
    mallory.doc(SHARD).get(ROOT, name).unwrap().unwrap().1
}

/// A change that makes a contact, as every honest phone would.
fn honest(mallory: &Insider, number: u64, fields: &[(&str, ScalarValue)]) -> Change {
    let contacts = table(mallory, "contacts");
    mallory.change(SHARD, |tx| {
        let row = tx.put_object(&contacts, id(number), ObjType::Map).unwrap();
        tx.put(&row, "given_name", "Mallory").unwrap();
        for (field, value) in fields {
            tx.put(&row, *field, value.clone()).unwrap();
        }
        tx.put(&row, "live", 1).unwrap();
    })
}

fn start(number: u64) -> impl FnOnce(&mut automerge::ExpandedChange) {
    move |change| change.start_op = NonZeroU64::new(number).unwrap()
}

/// Every attack: what it is, and the payload of its envelope.
fn corpus(mallory: &Insider) -> Vec<(&'static str, Vec<u8>)> {
    let one = |change: &Change| pack_changes(&[(SHARD, change.raw_bytes().to_vec())]);
    let plain = honest(mallory, 1, &[]);
    // What every shard knows, so that it waits for nothing.
    let empty = base::first().unwrap().with_actor(mallory.doc(SHARD).get_actor().clone());
    let on_base = mallory.change_on(empty, |tx| {
        let contacts = tx.get(ROOT, "contacts").unwrap().unwrap().1;
        tx.put_object(&contacts, id(1), ObjType::Map).unwrap();
    });
    let write = |write: &dyn Fn(&mut automerge::transaction::Transaction<'_>)| mallory.change(SHARD, |tx| write(tx));
    let contacts = table(mallory, "contacts");
    let mut attacks = vec![
        ("a counter near the end", one(&altered(&plain, start(u64::from(u32::MAX) - 2)))),
        ("a counter beyond the end", one(&altered(&plain, start(u64::from(u32::MAX) + 7)))),
        ("a counter a little ahead", one(&altered(&plain, start(5_000)))),
        ("a sequence that skips", one(&altered(&plain, |change| change.seq += 3))),
        (
            "another author's length of name",
            one(&altered(&plain, |change| change.actor_id = ActorId::from(&[9u8; 4][..]))),
        ),
        ("a message", one(&altered(&plain, |change| change.message = Some("hello".into())))),
        ("bytes that nobody reads", one(&altered(&plain, |change| change.extra_bytes = vec![7; 1000]))),
        ("no predecessor at all", one(&altered(&plain, |change| change.deps.clear()))),
        ("nothing at all", one(&altered(&plain, |change| change.operations.clear()))),
        ("a shard that is not there", pack_changes(&[(200, plain.raw_bytes().to_vec())])),
        ("another shard than the row's", pack_changes(&[(SHARD + 1, on_base.raw_bytes().to_vec())])),
        ("the same change twice", pack_changes(&[(SHARD, plain.raw_bytes()), (SHARD, plain.raw_bytes())])),
        ("noise for a change", pack_changes(&[(SHARD, vec![0x5a; 300])])),
        ("a whole document for a change", pack_changes(&[(SHARD, mallory.doc(SHARD).save())])),
        ("noise for a payload", vec![0x5a; 300]),
        ("no payload", Vec::new()),
        ("a bomb for a payload", deflate(&vec![0; 16 * INFLATED])),
        ("an empty list that inflates", deflate(&vec![0x80; INFLATED])),
        ("something at the top", one(&write(&|tx| tx.put(ROOT, "motto", "mine").unwrap()))),
        ("a table of its own", one(&write(&|tx| drop(tx.put_object(ROOT, "spies", ObjType::Map).unwrap())))),
        ("a table replaced", one(&write(&|tx| drop(tx.put_object(ROOT, "contacts", ObjType::Map).unwrap())))),
        ("a table removed", one(&write(&|tx| tx.delete(ROOT, "contacts").unwrap()))),
        ("a value where a row belongs", one(&write(&|tx| tx.put(&contacts, id(2), "row").unwrap()))),
        (
            "a list where a row belongs",
            one(&write(&|tx| drop(tx.put_object(&contacts, id(2), ObjType::List).unwrap()))),
        ),
        (
            "a row with a name of its own",
            one(&write(&|tx| drop(tx.put_object(&contacts, "me", ObjType::Map).unwrap()))),
        ),
        (
            "a list in a row",
            one(&write(&|tx| {
                let row = tx.put_object(&contacts, id(3), ObjType::Map).unwrap();
                tx.put_object(&row, "note", ObjType::List).unwrap();
            })),
        ),
        (
            "text that is edited in a row",
            one(&write(&|tx| {
                let row = tx.put_object(&contacts, id(3), ObjType::Map).unwrap();
                let text = tx.put_object(&row, "note", ObjType::Text).unwrap();
                tx.splice_text(&text, 0, 0, "hello").unwrap();
            })),
        ),
        (
            "a map in a row",
            one(&write(&|tx| {
                let row = tx.put_object(&contacts, id(3), ObjType::Map).unwrap();
                tx.put_object(&row, "note", ObjType::Map).unwrap();
            })),
        ),
        ("a counter", one(&honest(mallory, 4, &[("assessment", ScalarValue::counter(1))]))),
        ("bytes", one(&honest(mallory, 4, &[("note", ScalarValue::Bytes(vec![1; 100]))]))),
        ("a number where text belongs", one(&honest(mallory, 4, &[("phone", ScalarValue::Int(7))]))),
        ("text where a number belongs", one(&honest(mallory, 4, &[("assessment", "high".into())]))),
        ("a text too long", one(&honest(mallory, 4, &[("note", "x".repeat(16 * 1024 + 1).into())]))),
        (
            "a field's name too long",
            one(&write(&|tx| {
                let row = tx.put_object(&contacts, id(5), ObjType::Map).unwrap();
                tx.put(&row, "n".repeat(300), "x").unwrap();
            })),
        ),
        ("a life below nothing", one(&honest(mallory, 4, &[("live", ScalarValue::Int(-4))]))),
    ];
    // Compressed: a small chunk that inflates to a large one.
    let large = honest(mallory, 6, &[("note", "x".repeat(64 << 20).into())]);
    let mut large = large;
    let compressed = large.bytes().to_vec();
    assert!(compressed.len() < 1 << 20);
    attacks.push(("a compressed chunk that inflates to 64 MiB", pack_changes(&[(SHARD, compressed)])));
    // Floods.
    let flood = write(&|tx| {
        let row = tx.put_object(&contacts, id(7), ObjType::Map).unwrap();
        for number in 0..10_001 {
            tx.put(&row, format!("f{}", number % 50), number).unwrap();
        }
    });
    attacks.push(("more operations than a change may have", one(&flood)));
    attacks.push(("more changes than an envelope may have", pack_changes(&vec![(SHARD, plain.raw_bytes()); 257])));
    // A row and a field of somebody else's device.
    let devices = table(mallory, "devices");
    attacks.push((
        "another's device",
        one(&write(&|tx| {
            let row = tx.put_object(&devices, id(8), ObjType::Map).unwrap();
            tx.put(&row, "label", "not mine").unwrap();
        })),
    ));
    attacks
}

#[test]
fn each_is_refused_and_counted_and_honest_edits_go_on() {
    let mut club = Club::new(11);
    let mut mallory = club.insider(Role::Steward);
    let attacks = corpus(&mallory);
    for (number, (what, payload)) in attacks.iter().enumerate() {
        let envelope = mallory.seal(payload);
        assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)), "{what}: the server sees nothing");
        let began = std::time::Instant::now();
        club.sync();
        for phone in [&club.eva, &club.olle] {
            let status = phone.book.status().unwrap();
            let counts = (status.rejected, status.held, status.quarantined, status.alarm);
            assert_eq!(counts, (number as u64 + 1, 0, 0, None), "{what}");
        }
        // Not a measurement: what hangs would hang for minutes.
        assert!(began.elapsed().as_secs() < 20, "{what} holds everybody up");
    }
    club.goes_on(&["Anna", "Bertil"]);
}

#[test]
fn what_waits_for_ever_holds_nobody_up() {
    let mut club = Club::new(12);
    let mut mallory = club.insider(Role::Steward);
    let orphan = altered(&honest(&mallory, 1, &[]), |change| change.deps = vec![ChangeHash([7; 32])]);
    let envelope = mallory.seal_changes(&[(SHARD, orphan.raw_bytes().to_vec())]);
    assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)));
    club.sync();
    for phone in [&club.eva, &club.olle] {
        let status = phone.book.status().unwrap();
        assert_eq!((status.rejected, status.held), (0, 1));
    }
    club.goes_on(&["Anna", "Bertil"]);
}

/// An honest change by hand is taken: the corpus above is refused for what is wrong with it and not for being by hand.
#[test]
fn an_honest_change_by_hand_is_taken() {
    let mut club = Club::new(13);
    let mut mallory = club.insider(Role::Steward);
    let change = honest(&mallory, 1, &[("assessment", ScalarValue::Int(3)), ("note", "hello".into())]);
    let envelope = mallory.seal_changes(&[(SHARD, change.raw_bytes().to_vec())]);
    assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)));
    club.goes_on(&["Anna", "Bertil", "Mallory"]);
    assert_eq!(club.eva.book.status().unwrap().rejected, 0);
}
