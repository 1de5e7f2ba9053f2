//! The attacks that automerge alone lets in, and a few that it does not.

use automerge::legacy::OpId;
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::context::{Context, Moment};
use crate::document::{Step, Write, actor_of, base};

const VICTIM: [u8; 16] = [1; 16];
const MALLORY: [u8; 16] = [2; 16];

fn now() -> Moment {
    "2026-08-24T11:30:00.000+02:00".parse().unwrap()
}

/// A row id in shard 0.
fn id(seed: u64) -> RowId {
    let made = RowId::new(&mut Context { now: now(), rng: &mut ChaCha20Rng::seed_from_u64(seed) });
    let mut bytes = *made.as_bytes();
    bytes[15] = 0;
    RowId::from_bytes(bytes)
}

/// A member's phone: the document under attack.
fn victim() -> Document {
    let mut document = Document::new(base::SHARDS, actor_of(&VICTIM, 1));
    document.load_all(&()).unwrap();
    document
}

/// A member who writes with automerge by hand.
fn mallory() -> Automerge {
    base::first().unwrap().with_actor(ActorId::from(actor_of(&MALLORY, 1).as_slice()))
}

fn container(doc: &Automerge, table: &str) -> ObjId {
    doc.get(ROOT, table).unwrap().unwrap().1
}

/// One change by hand.
fn change<T>(
    doc: &mut Automerge,
    write: impl FnOnce(&mut automerge::transaction::Transaction<'_>) -> T,
) -> (Change, T) {
    let mut tx = doc.transaction();
    let written = write(&mut tx);
    let (hash, _) = tx.commit_with(CommitOptions::default().with_time(0));
    (doc.get_change_by_hash(&hash.unwrap()).unwrap(), written)
}

fn new_row(doc: &mut Automerge, table: &str, id: RowId) -> (Change, ObjId) {
    let contacts = container(doc, table);
    change(doc, |tx| {
        let row = tx.put_object(&contacts, id.to_string(), ObjType::Map).unwrap();
        tx.put(&row, "note", "hello").unwrap();
        tx.put(&row, LIVE, 1).unwrap();
        row
    })
}

fn as_shard_change(change: &Change) -> ShardChange {
    ShardChange { shard: 0, bytes: change.raw_bytes().to_vec() }
}

fn verdict(document: &mut Document, changes: &[&Change]) -> Result<bool, Refusal> {
    let changes: Vec<ShardChange> = changes.iter().map(|change| as_shard_change(change)).collect();
    match judge(document, &MALLORY, &changes) {
        Verdict::Enter(entering) => {
            for (shard, of_shard) in entering {
                document.accept(shard, of_shard).unwrap();
            }
            document.flush().unwrap();
            Ok(true)
        }
        Verdict::Wait(_) => Ok(false),
        Verdict::Refuse(refusal) => Err(refusal),
    }
}

/// After whatever was tried, the phone still edits, and a well-made change still enters.
fn still_works(mut document: Document) {
    let write =
        Write { table: Table::Contacts, id: id(900), step: Step::Put(vec![("note".into(), Some(Value::Bool(true)))]) };
    assert!(document.write(std::slice::from_ref(&write), &now()).unwrap().is_some());
    let mut honest = base::first().unwrap().with_actor(ActorId::from(actor_of(&MALLORY, 9).as_slice()));
    let (made, _) = new_row(&mut honest, "contacts", id(901));
    assert_eq!(verdict(&mut document, &[&made]), Ok(true));
    assert!(document.row(Table::Contacts, &id(901)).unwrap().unwrap().live);
    let write = Write { step: Step::Remove, ..write };
    assert!(document.write(&[write], &now()).unwrap().is_some());
}

fn refused(changes: &[&Change], refusal: Refusal) {
    let mut document = victim();
    assert_eq!(verdict(&mut document, changes), Err(refusal));
    still_works(document);
}

/// The same change with something else in it.
fn altered(change: &Change, alter: impl FnOnce(&mut ExpandedChange)) -> Change {
    let mut expanded = change.decode();
    alter(&mut expanded);
    expanded.hash = None;
    Change::from(expanded)
}

#[test]
fn a_well_made_change_enters() {
    let mut doc = mallory();
    let (made, row) = new_row(&mut doc, "contacts", id(1));
    let (edited, ()) = change(&mut doc, |tx| tx.put(&row, "note", "again").unwrap());
    let mut document = victim();
    assert_eq!(verdict(&mut document, &[&made, &edited]), Ok(true));
    still_works(document);
}

#[test]
fn nobody_writes_under_another_name() {
    let mut doc = base::first().unwrap().with_actor(ActorId::from(actor_of(&VICTIM, 1).as_slice()));
    refused(&[&new_row(&mut doc, "contacts", id(1)).0], Refusal::Actor);
    let mut doc = base::first().unwrap().with_actor(ActorId::from(MALLORY.as_slice()));
    refused(&[&new_row(&mut doc, "contacts", id(1)).0], Refusal::Actor);
    // What is longer than any device's is not even read.
    let long = [&MALLORY[..], &[0; 5][..]].concat();
    let mut doc = base::first().unwrap().with_actor(ActorId::from(long.as_slice()));
    refused(&[&new_row(&mut doc, "contacts", id(1)).0], Refusal::Chunk);
}

#[test]
fn counters_start_where_the_predecessors_end() {
    let (made, _) = new_row(&mut mallory(), "contacts", id(1));
    for start in [1, 29, 32, 1 << 20, u64::from(u32::MAX) - 5] {
        let bomb = altered(&made, |change| change.start_op = start.try_into().unwrap());
        refused(&[&bomb], Refusal::Counter);
    }
    let rootless = altered(&made, |change| change.deps.clear());
    refused(&[&rootless], Refusal::Counter);
}

#[test]
fn compressed_chunks_are_not_even_read() {
    let mut doc = mallory();
    let contacts = container(&doc, "contacts");
    let (mut big, ()) = change(&mut doc, |tx| {
        let row = tx.put_object(&contacts, id(1).to_string(), ObjType::Map).unwrap();
        tx.put(&row, "note", "a".repeat(10_000)).unwrap();
    });
    let bytes = big.bytes().to_vec();
    assert_eq!(bytes[8], 2, "automerge deflates a large change");
    let mut document = victim();
    let verdict = judge(&mut document, &MALLORY, &[ShardChange { shard: 0, bytes }]);
    assert!(matches!(verdict, Verdict::Refuse(Refusal::Chunk)));
}

#[test]
fn a_change_waits_for_its_predecessors() {
    let mut doc = mallory();
    let (made, row) = new_row(&mut doc, "contacts", id(1));
    let (edited, ()) = change(&mut doc, |tx| tx.put(&row, "note", "again").unwrap());
    let mut document = victim();
    assert_eq!(verdict(&mut document, &[&edited]), Ok(false));
    assert_eq!(document.row(Table::Contacts, &id(1)).unwrap(), None);
    assert_eq!(verdict(&mut document, &[&made]), Ok(true));
    assert_eq!(verdict(&mut document, &[&edited]), Ok(true));
    still_works(document);
}

#[test]
fn an_author_writes_in_sequence() {
    let (made, _) = new_row(&mut mallory(), "contacts", id(1));
    for seq in [2, 7, u64::from(u32::MAX)] {
        refused(&[&altered(&made, |change| change.seq = seq)], Refusal::Sequence);
    }
    // The same place twice with different content.
    let (other, _) = new_row(&mut mallory(), "contacts", id(2));
    let mut document = victim();
    assert_eq!(verdict(&mut document, &[&made]), Ok(true));
    assert_eq!(verdict(&mut document, &[&other]), Err(Refusal::Sequence));
    still_works(document);
}

#[test]
fn only_rows_of_scalars_enter() {
    type Writes = fn(&mut automerge::transaction::Transaction<'_>, &ObjId, &ObjId);
    let attacks: [Writes; 12] = [
        |tx, _, _| drop(tx.put_object(ROOT, "mine", ObjType::Map).unwrap()),
        |tx, _, _| tx.delete(ROOT, "contacts").unwrap(),
        |tx, contacts, _| tx.put(contacts, id(7).to_string(), 1).unwrap(),
        |tx, contacts, _| drop(tx.put_object(contacts, id(7).to_string(), ObjType::List).unwrap()),
        |tx, contacts, _| drop(tx.put_object(contacts, "not an id", ObjType::Map).unwrap()),
        |tx, contacts, _| drop(tx.put_object(contacts, id(7).to_string().to_uppercase(), ObjType::Map).unwrap()),
        |tx, contacts, _| drop(tx.put_object(contacts, id(1).to_string(), ObjType::Map).unwrap()),
        |tx, contacts, _| tx.delete(contacts, id(1).to_string()).unwrap(),
        |tx, _, row| drop(tx.put_object(row, "note", ObjType::Text).unwrap()),
        |tx, _, row| tx.put(row, "note", automerge::ScalarValue::counter(1)).unwrap(),
        |tx, _, row| tx.put(row, "given_name", 1).unwrap(),
        |tx, _, row| tx.put(row, LIVE, -1).unwrap(),
    ];
    for (number, attack) in attacks.into_iter().enumerate() {
        let mut doc = mallory();
        let (made, row) = new_row(&mut doc, "contacts", id(1));
        let contacts = container(&doc, "contacts");
        let (attack, ()) = change(&mut doc, |tx| attack(tx, &contacts, &row));
        let mut document = victim();
        assert_eq!(verdict(&mut document, &[&made, &attack]), Err(Refusal::Schema), "attack {number}");
        assert_eq!(verdict(&mut document, &[&made]), Ok(true));
        assert_eq!(verdict(&mut document, &[&attack]), Err(Refusal::Schema), "attack {number}, later");
        still_works(document);
    }
}

#[test]
fn text_has_a_bound_and_a_message_has_no_place() {
    let mut doc = mallory();
    let contacts = container(&doc, "contacts");
    let (long, ()) = change(&mut doc, |tx| {
        let row = tx.put_object(&contacts, id(1).to_string(), ObjType::Map).unwrap();
        tx.put(&row, "note", "a".repeat(TEXT_MAX + 1)).unwrap();
    });
    refused(&[&long], Refusal::Schema);
    let (made, _) = new_row(&mut mallory(), "contacts", id(1));
    refused(&[&altered(&made, |change| change.message = Some("hello".into()))], Refusal::Schema);
}

#[test]
fn a_row_lives_where_its_name_says() {
    let mut bytes = *id(1).as_bytes();
    bytes[15] = 3;
    let (made, _) = new_row(&mut mallory(), "contacts", RowId::from_bytes(bytes));
    refused(&[&made], Refusal::Schema);
}

#[test]
fn a_device_writes_its_own_row_alone() {
    let mut victims = VICTIM;
    victims[15] = 0;
    let (made, _) = new_row(&mut mallory(), "devices", RowId::from_bytes(victims));
    refused(&[&made], Refusal::Schema);
}

/// An operation may only replace operations that came before it. One that names an operation that never was must not
/// break the document either, whether it is let in or not.
#[test]
fn replacing_what_never_was_harms_nobody() {
    let mut doc = mallory();
    let (made, row) = new_row(&mut doc, "contacts", id(1));
    let (edited, ()) = change(&mut doc, |tx| tx.put(&row, "note", "again").unwrap());
    let victims = ActorId::from(actor_of(&VICTIM, 1).as_slice());
    let strangers = ActorId::from(actor_of(&[9; 16], 1).as_slice());
    let own = ActorId::from(actor_of(&MALLORY, 1).as_slice());
    // The base has 30 operations; 31 makes the row, 32 writes its note, 33 says that it lives.
    let named = [(2, &victims), (32, &strangers), (1, &own), (31, &own), (32, &own), (33, &own), (5_000, &own)];
    for (counter, actor) in named {
        let bogus = altered(&edited, |change| {
            for op in &mut change.operations {
                op.pred = vec![OpId::new(counter, actor)].into();
            }
        });
        let mut document = victim();
        assert_eq!(verdict(&mut document, &[&made]), Ok(true));
        let right = counter == 32;
        assert_eq!(verdict(&mut document, &[&bogus]).is_ok(), right && *actor == own, "{counter}");
        document.row(Table::Contacts, &id(1)).unwrap();
        let kept = document.save().unwrap();
        for (_, bytes) in kept {
            automerge::Automerge::load(&bytes).unwrap();
        }
        still_works(document);
    }
}

#[test]
fn a_flood_is_cut_off() {
    let mut doc = mallory();
    let contacts = container(&doc, "contacts");
    let (flood, ()) = change(&mut doc, |tx| {
        let row = tx.put_object(&contacts, id(1).to_string(), ObjType::Map).unwrap();
        for number in 0..=MAX_OPS_IN_CHANGE {
            tx.put(&row, format!("field_{number}"), 1).unwrap();
        }
    });
    refused(&[&flood], Refusal::Chunk);
}

#[test]
fn a_flood_of_what_is_replaced_is_cut_off() {
    let (made, _) = new_row(&mut mallory(), "contacts", id(1));
    // Nobody knows what it depends on, so that nothing else is looked at.
    let replacing = |many: u64| {
        altered(&made, |change| {
            let actor = change.actor_id.clone();
            change.deps = vec![automerge::ChangeHash([7; 32])];
            change.operations[1].pred = (1..=many).map(|counter| OpId::new(counter, &actor)).collect();
        })
    };
    let most = replacing(IN_CHANGE.replaced);
    assert_eq!(verdict(&mut victim(), &[&most, &most]), Ok(false), "it waits");
    refused(&[&replacing(IN_CHANGE.replaced + 1)], Refusal::Chunk);
    refused(&[&most, &most, &most], Refusal::Flood);
}

/// A generation at the end of its numbers would leave a colleague's next edit of the row no larger one.
#[test]
fn a_generation_is_never_ahead_of_its_operation() {
    for generation in [i64::MAX, 1 << 32, 36] {
        let mut doc = mallory();
        let (made, row) = new_row(&mut doc, "contacts", id(1));
        // The next operation is number 34, and this writes it as a whole change.
        let (raised, ()) = change(&mut doc, |tx| tx.put(&row, LIVE, generation).unwrap());
        let mut document = victim();
        assert_eq!(verdict(&mut document, &[&made]), Ok(true));
        assert_eq!(verdict(&mut document, &[&raised]), Err(Refusal::Schema), "{generation}");
        still_works(document);
    }
    // As high as it may be: the colleague's edit is still let in by everybody.
    let mut doc = mallory();
    let (made, row) = new_row(&mut doc, "contacts", id(1));
    let (raised, ()) = change(&mut doc, |tx| tx.put(&row, LIVE, 34).unwrap());
    let mut document = victim();
    assert_eq!(verdict(&mut document, &[&made, &raised]), Ok(true));
    let write = Write { table: Table::Contacts, id: id(1), step: Step::Put(vec![("note".into(), None)]) };
    let edited = document.write(&[write], &now()).unwrap().unwrap();
    let mut colleague = victim();
    assert_eq!(verdict(&mut colleague, &[&made, &raised]), Ok(true));
    assert!(matches!(judge(&mut colleague, &VICTIM, &[edited]), Verdict::Enter(_)));
}

/// automerge counts to 2³² and panics when asked for more.
#[test]
fn names_beyond_every_counter_are_names_of_nothing() {
    let mut doc = mallory();
    let (made, row) = new_row(&mut doc, "contacts", id(1));
    let (edited, ()) = change(&mut doc, |tx| tx.put(&row, "note", "again").unwrap());
    let own = ActorId::from(actor_of(&MALLORY, 1).as_slice());
    let far = || OpId::new((1 << 32) + 31, &own);
    let elsewhere = altered(&edited, |change| {
        for op in &mut change.operations {
            op.obj = automerge::legacy::ObjectId::Id(far());
        }
    });
    let replacing = altered(&edited, |change| {
        for op in &mut change.operations {
            op.pred = vec![far()].into();
        }
    });
    for bogus in [elsewhere, replacing] {
        let mut document = victim();
        assert_eq!(verdict(&mut document, &[&made]), Ok(true));
        assert!(verdict(&mut document, &[&bogus]).is_err());
        still_works(document);
    }
}

/// Each of many operations names one that is long replaced, deep in a large change: it is looked into once, not once for
/// each.
#[test]
fn looking_back_is_bounded() {
    const MANY: usize = 4_000;
    let mut doc = mallory();
    let contacts = container(&doc, "contacts");
    let (large, row) = change(&mut doc, |tx| {
        let row = tx.put_object(&contacts, id(1).to_string(), ObjType::Map).unwrap();
        (0..MANY).for_each(|number| tx.put(&row, "f", number as i64).unwrap());
        row
    });
    let (plain, ()) = change(&mut doc, |tx| (0..MANY).for_each(|number| tx.put(&row, "f", -(number as i64)).unwrap()));
    let own = ActorId::from(actor_of(&MALLORY, 1).as_slice());
    // 31 makes the row; 32 is the first of its writes.
    let looking_back = altered(&plain, |change| {
        for (number, op) in change.operations.iter_mut().enumerate() {
            op.pred = vec![OpId::new(32 + number as u64, &own)].into();
        }
    });
    let mut document = victim();
    assert_eq!(verdict(&mut document, &[&large]), Ok(true));
    let began = std::time::Instant::now();
    assert!(matches!(judge(&mut document, &MALLORY, &[as_shard_change(&looking_back)]), Verdict::Enter(_)));
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

/// To a version that does not know a field, any scalar fits it. A version that adds one and judged it by its kind would refuse
/// what the older ones let in, and part from them: [`fits`] judges the fields of this list by their kind, and no others. See
/// wire.md, R9.
#[test]
fn the_fields_that_rules_1_knows_are_frozen() {
    // A fraction, which only newer versions write, comes here as nothing.
    let kinds = [
        ("text", Some(Value::Text("text".into()))),
        ("int", Some(Value::Int(1))),
        ("bool", Some(Value::Bool(true))),
        ("fraction", None),
    ];
    let mut judged = String::new();
    for table in Table::ALL {
        judged += &format!("{table}\n");
        for spec in table.fields() {
            let fitting = |value: &Option<Value>| fits(Container::Table(table), spec.name, value.as_ref());
            let kinds: Vec<_> = kinds.iter().filter(|(_, value)| fitting(value)).map(|(kind, _)| *kind).collect();
            match kinds[..] {
                [kind] => judged += &format!("  {} {kind}\n", spec.name),
                _ => assert_eq!(kinds.len(), 4, "{table}.{}: an unknown field holds any scalar", spec.name),
            }
        }
    }
    assert_eq!(judged, include_str!("rules_1.txt"));
}
