//! T11: a steward sends what automerge chokes on: counters near their end, bombs, floods, lists, missing predecessors.
//! Each goes through a whole envelope that the server takes; each is refused, counted, and honest edits go on.

use std::num::NonZeroU64;

use automerge::legacy::OpType;
use automerge::transaction::Transactable;
use automerge::{ActorId, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::Role;
use samla_core::document::base;
use samla_core::seal::payload::INFLATED;
use samla_core::seal::{deflate, pack_changes};
use samla_core::tables::TEXT_MAX;
use samla_tests::chunk::{Parts, chunk, content, leb, run};
use samla_tests::fuzz::mutated;
use samla_tests::insider::{Insider, altered};
use samla_tests::{memory, seeds};
use samla_wire::http::Ack;

use crate::apart::{Apart, Inside};
use crate::club::{Club, names_of};

pub(crate) const SHARD: u16 = 3;

/// A row id in [`SHARD`].
fn id(number: u64) -> String {
    format!("{:032x}", 0x0190_0000_0000_7000_8000_0000_0000_0003_u128 + (u128::from(number) << 16))
}

fn table(mallory: &Insider, name: &str) -> ObjId {
    mallory.doc(SHARD).get(ROOT, name).unwrap().unwrap().1
}

/// A change that makes a contact, as every honest phone would.
pub(crate) fn honest(mallory: &Insider, number: u64, fields: &[(&str, ScalarValue)]) -> Change {
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
    // Nothing is said under it, and nothing was.
    let named = honest(mallory, 7, &[("n".repeat(65).as_str(), ScalarValue::Int(1))]);
    let removed = altered(&named, |change| change.operations[2].action = OpType::Delete);
    attacks.push(("a field removed whose name is too long", one(&removed)));
    for (what, bytes) in runs(mallory, 1 << 40) {
        attacks.push((what, pack_changes(&[(SHARD, bytes)])));
    }
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

/// Changes of a few hundred bytes that say something very often: a reader that takes it apart before it counts it never ends, or
/// has no memory left.
fn runs(mallory: &Insider, times: u64) -> Vec<(&'static str, Vec<u8>)> {
    let plain = Parts::of(&honest(mallory, 9, &[]));
    let with = |columns: &[(u64, Vec<u8>)]| {
        let mut parts = plain.clone();
        columns.iter().for_each(|(column, content)| parts.set(*column, content.clone()));
        parts.chunk()
    };
    let text = |len: u64, bytes: &[u8]| [leb(len), bytes.to_vec()].concat();
    let [many, authors, counters] = Parts::REPLACED;
    // Where every operation is alike in each column, so that nothing but their number is wrong.
    let mut alike = plain.clone();
    alike.columns = vec![
        (0x01, run(times, &[1])),
        (0x02, run(times, &[1])),
        (Parts::KEY, run(times, &text(4, b"note"))),
        (0x34, leb(times)),
        (Parts::ACTION, run(times, &[1])),
        (0x56, run(times, &[0])),
        (many, run(times, &[0])),
    ];
    let mut crowd = plain.clone();
    crowd.authors.extend(vec![vec![7]; 50_000]);
    let long = vec![b'n'; 1 << 20];
    vec![
        ("operations in one run", alike.chunk()),
        ("operations beyond what a column holds", with(&[(Parts::ACTION, run(times, &[1]))])),
        ("operations that are nothing", with(&[(Parts::ACTION, [vec![0], leb(times)].concat())])),
        (
            "an operation that replaces more than there are",
            with(&[(many, run(5, &leb(times))), (authors, run(times, &[0])), (counters, run(times, &[1]))]),
        ),
        ("ten thousand operations with a name of a megabyte", {
            let mut parts = alike;
            parts.set(Parts::ACTION, run(10_000, &[1]));
            parts.set(Parts::KEY, run(10_000, &text(long.len() as u64, &long)));
            parts.chunk()
        }),
        ("a name that says it is long and is not", with(&[(Parts::KEY, run(1, &text(999_999_999, b"n")))])),
        ("a mark that says it is long and is not", with(&[(0xa5, run(1, &text(999_999_999, b"n")))])),
        ("a crowd of authors", crowd.chunk()),
    ]
}

/// An attack that a number makes up.
fn made_up(mallory: &Insider, seed: u64) -> (String, Vec<u8>) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut draw = |below: u64| rng.next_u64() % below;
    let one = |change: &Change| pack_changes(&[(SHARD, change.raw_bytes().to_vec())]);
    let number = 100 + seed;
    let plain = honest(mallory, number, &[]);
    match seed % 6 {
        0 => {
            let near = [1 << 31, u64::from(u32::MAX) - 8, 1 << 32, 1 << 53, u64::MAX >> 1, plain.start_op().get()];
            let counter = near[draw(6) as usize] + 1 + draw(16);
            (format!("the counter {counter}"), one(&altered(&plain, start(counter))))
        }
        1 => {
            let seq = plain.seq() + [1, 1 << 31, 1 << 32, u64::MAX >> 1][draw(4) as usize] + draw(16);
            (format!("the sequence {seq}"), one(&altered(&plain, |change| change.seq = seq)))
        }
        2 => {
            let times = 1 << (16 + draw(46));
            let (what, bytes) = runs(mallory, times).swap_remove(draw(8) as usize);
            (format!("{what}: {times}"), pack_changes(&[(SHARD, bytes)]))
        }
        3 => {
            let (byte, len) = (draw(256) as u8, INFLATED + 1 + draw(8 * INFLATED as u64) as usize);
            let bomb = deflate(&vec![byte; len]);
            let twice = draw(2) == 0;
            (format!("{len} bytes {byte}, twice: {twice}"), if twice { deflate(&bomb) } else { bomb })
        }
        4 => {
            let (depth, width) = (1 + draw(60), 1 + draw(40));
            let contacts = table(mallory, "contacts");
            let kinds = [ObjType::Map, ObjType::List, ObjType::Text, ObjType::Table];
            let change = mallory.change(SHARD, |tx| {
                let mut at = tx.put_object(&contacts, id(number), ObjType::Map).unwrap();
                for _ in 0..depth {
                    for field in 0..width {
                        tx.put(&at, format!("f{field}"), 1).unwrap();
                    }
                    at = tx.put_object(&at, "in", ObjType::Map).unwrap();
                }
                tx.put_object(&at, "in", kinds[draw(4) as usize]).unwrap();
            });
            (format!("{depth} deep, {width} wide"), one(&change))
        }
        _ => {
            let values = [
                ScalarValue::Uint(draw(u64::MAX)),
                ScalarValue::Timestamp(draw(1 << 40).cast_signed()),
                ScalarValue::counter(draw(9).cast_signed()),
                ScalarValue::Bytes(vec![7; draw(5_000) as usize]),
                ScalarValue::Null,
                ScalarValue::Unknown { type_code: 10 + draw(5) as u8, bytes: vec![1; draw(40) as usize] },
                ScalarValue::F64(draw(1_000) as f64 / 7.0),
                ScalarValue::Boolean(true),
                "x".repeat(TEXT_MAX + 1 + draw(4_000) as usize).into(),
            ];
            let field = ["note", "phone", "live"][draw(3) as usize];
            let value = values[draw(9) as usize].clone();
            (format!("{field} is of another kind"), one(&honest(mallory, number, &[(field, value)])))
        }
    }
}

/// `SAMLA_SEED=17` replays one.
#[test]
fn made_up_ones_are_refused_and_counted() {
    let mut club = Club::new(14);
    let mut mallory = club.insider(Role::Steward);
    for (number, seed) in (1..).zip(seeds::asked(96)) {
        let (what, payload) = made_up(&mallory, seed);
        let envelope = mallory.seal(&payload);
        let what = format!("SAMLA_SEED={seed}: {what}");
        assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)), "{what}");
        club.sync();
        for phone in [&club.eva, &club.olle] {
            let status = phone.book.status().unwrap();
            let counts = (status.rejected, status.held, status.quarantined, status.alarm);
            assert_eq!(counts, (number, 0, 0, None), "{what}");
        }
    }
    club.goes_on(&["Anna", "Bertil"]);
}

/// An honest change with some of its bytes exchanged, and the checksum that fits: whatever is thought of it, all think the same.
/// `SAMLA_SEED=17` replays one.
#[test]
fn spoilt_changes_are_judged_alike() {
    let mut club = Club::new(15);
    let mut mallory = club.insider(Role::Steward);
    for seed in seeds::asked(96) {
        let plain = honest(&mallory, 1, &[("note", "hello".into()), ("phone", "0701740612".into())]);
        let spoilt = chunk(&mutated(&content(plain.raw_bytes()), seed));
        let envelope = mallory.seal_changes(&[(SHARD, spoilt)]);
        assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)), "SAMLA_SEED={seed}");
        club.sync();
        let told = [&mut club.eva, &mut club.olle].map(|phone| {
            let status = phone.book.status().unwrap();
            assert_eq!((status.quarantined, status.alarm), (0, None), "SAMLA_SEED={seed}");
            let counts = (status.rejected, status.held);
            (counts, phone.book.heads().unwrap(), phone.book.export_json().unwrap())
        });
        assert!(told[0] == told[1], "SAMLA_SEED={seed}: two phones differ");
    }
    let shown = names_of(&club.eva);
    club.goes_on(&shown.iter().map(String::as_str).collect::<Vec<_>>());
}

/// All of them together cost a phone no more than 64 MiB at any moment, beyond what it holds anyway.
#[test]
fn all_together_cost_little_memory() {
    const NAME: &str = "t11_hostile_changes::all_together_cost_little_memory";
    const MOST: f64 = 64.0 * 1024.0 * 1024.0;
    if !cfg!(target_os = "linux") {
        return println!("no other kernel tells a process's memory");
    }
    if let Some(mut inside) = Inside::here() {
        let mut book = inside.open();
        let before = memory::peak("self").unwrap();
        inside.sync(&mut book).unwrap();
        let more = memory::peak("self").unwrap() - before;
        assert!(more < MOST, "{more} bytes more");
        return println!("{} refused", book.status().unwrap().rejected);
    }
    let mut club = Club::new(16);
    let mut mallory = club.insider(Role::Steward);
    let mut attacks: Vec<Vec<u8>> = corpus(&mallory).into_iter().map(|(_, payload)| payload).collect();
    attacks.extend((0..48).map(|seed| made_up(&mallory, seed).1));
    for payload in &attacks {
        let envelope = mallory.seal(payload);
        assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)));
    }
    let apart = Apart::of(&club.olle, &club.server);
    let output = apart.run(NAME);
    let told = String::from_utf8_lossy(&output.stdout);
    let refused = format!("{} refused", attacks.len());
    assert!(output.status.success() && told.contains(&refused), "{told}{}", String::from_utf8_lossy(&output.stderr));
    club.goes_on(&["Anna", "Bertil"]);
}

#[test]
fn each_is_refused_and_counted_and_honest_edits_go_on() {
    let mut club = Club::new(11);
    let mut mallory = club.insider(Role::Steward);
    let attacks = corpus(&mallory);
    for (number, (what, payload)) in attacks.iter().enumerate() {
        let envelope = mallory.seal(payload);
        assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)), "{what}: the server sees nothing");
        club.sync();
        for phone in [&club.eva, &club.olle] {
            let status = phone.book.status().unwrap();
            let counts = (status.rejected, status.held, status.quarantined, status.alarm);
            assert_eq!(counts, (number as u64 + 1, 0, 0, None), "{what}");
        }
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
