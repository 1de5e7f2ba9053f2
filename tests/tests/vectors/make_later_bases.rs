//! What a later epoch begins with: its base's author, and changes that are a base and that are none.

use std::num::NonZeroU64;

use automerge::legacy::{Key, OpType};
use automerge::{Change, ChangeHash, ExpandedChange, ObjType, ScalarValue};
use samla_core::RowId;
use samla_core::document::base::{BaseRow, actor, first, found};
use samla_core::tables::{Table, Value as Held};
use samla_tests::chunk::Parts;
use samla_tests::insider::altered;
use samla_tests::vectors::hex;
use samla_wire::BookId;
use serde_json::{Value, json};

use super::{Inputs, bytes, case};

const EPOCH: u32 = 3;

fn of(shard: u16, shards: u16, change: &[u8]) -> Value {
    let (book, change) = (hex(bytes("book")), hex(change));
    json!({ "of": "change", "book": book, "epoch": EPOCH, "shard": shard, "shards": shards, "change": change })
}

fn row(table: Table, number: u8, fields: &[(&str, Held)]) -> BaseRow {
    let id = RowId::from_bytes([[1; 14].as_slice(), &[number, 3]].concat().try_into().unwrap());
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    BaseRow { table, id, fields, numbers: Vec::new() }
}

/// A base with these rows, all of shard 3 of 16.
fn founded(rows: &[BaseRow]) -> Change {
    let (change, _) = found(&actor(&BookId(bytes("book")), EPOCH), rows).unwrap();
    Change::try_from(change.as_slice()).unwrap()
}

pub(super) fn cases() -> Inputs {
    let by = |book: &str, epoch: u32| json!({ "of": "actor", "book": hex(bytes(book)), "epoch": epoch });
    let mut all = vec![
        case("the author of the second epoch's base", by("book", 1)),
        case("the author of a later one's", by("book", 70_000)),
        case("the author of the last one's", by("book", u32::MAX)),
        case("the author in another book", by("other book", 1)),
    ];
    let text = |text: &str| Held::Text(text.into());
    let anna = row(Table::Contacts, 1, &[("given_name", text("Åsa")), ("do_not_contact", Held::Bool(true))]);
    let mut later = row(Table::Tallies, 1, &[("n", Held::Int(-3)), ("later", text("")), ("sooner", Held::Bool(false))]);
    later.numbers.push(("half".into(), 0.5));
    let note = |note: &str| founded(&[row(Table::Contacts, 1, &[("note", text(note))])]);
    let named = |name: &str| founded(&[row(Table::Contacts, 1, &[(name, Held::Int(1))])]);
    let whole = founded(&[anna.clone(), later.clone()]);
    let raw = whole.raw_bytes().to_vec();
    let taken = [
        ("a base with nothing in it", founded(&[])),
        ("a base with rows", whole.clone()),
        ("a text of 16 KiB", note(&"x".repeat(16 * 1024))),
        ("a name of 64 bytes", named(&"n".repeat(64))),
        ("the same id in two tables", founded(&[anna.clone(), row(Table::Talks, 1, &[])])),
        ("a time", altered(&whole, |change| change.time = 5)),
    ];
    all.extend(taken.iter().map(|(what, change)| case(what, of(3, 16, change.raw_bytes()))));
    all.push(case("the only shard", of(0, 1, &raw)));
    all.push(case("another shard than the rows'", of(4, 16, &raw)));
    all.push(case("nothing in it fits every shard", of(9, 16, founded(&[]).raw_bytes())));

    let (other_epoch, _) = found(&actor(&BookId(bytes("book")), EPOCH + 1), &[]).unwrap();
    let (other_book, _) = found(&actor(&BookId(bytes("other book")), EPOCH), &[]).unwrap();
    let mut flipped = raw.clone();
    flipped[raw.len() - 1] ^= 1;
    let mut compressed = raw.clone();
    compressed[8] = 2;
    let mut document = raw.clone();
    document[8] = 0;
    let mut parts = Parts::of(&whole);
    parts.authors.push(vec![7; 16]);
    let by_another = parts.chunk();
    let first = first().unwrap().get_changes(&[]).remove(0);
    let refused: [(&str, &[u8]); 9] = [
        ("another epoch's author", &other_epoch),
        ("another book's author", &other_book),
        ("the first epoch's base", first.raw_bytes()),
        ("a changed byte", &flipped),
        ("a compressed chunk", &compressed),
        ("a document's chunk", &document),
        ("another author named", &by_another),
        ("cut short", &raw[..raw.len() - 1]),
        ("empty", &[]),
    ];
    all.extend(refused.iter().map(|(what, bytes)| case(what, of(3, 16, bytes))));

    let twice = row(Table::Contacts, 1, &[("note", text("a")), ("note", text("b"))]);
    let spoilt = |what, alter: &dyn Fn(&mut ExpandedChange)| (what, altered(&whole, alter));
    // The operations of the one row: it, its two fields, its life.
    let of_row =
        |what, alter: &dyn Fn(&mut ExpandedChange)| (what, altered(&founded(std::slice::from_ref(&anna)), alter));
    let value = |what, value: ScalarValue| {
        of_row(what, &move |change| change.operations[31].action = OpType::Put(value.clone()))
    };
    let life = |what, life: i64| of_row(what, &move |change| change.operations[33].action = OpType::Put(life.into()));
    let refused = [
        spoilt("the second sequence number", &|change| change.seq = 2),
        spoilt("a predecessor", &|change| change.deps = vec![ChangeHash([7; 32])]),
        spoilt("a message", &|change| change.message = Some("hello".into())),
        spoilt("bytes after the operations", &|change| change.extra_bytes = vec![7; 9]),
        ("counted from two", altered(&founded(&[]), |change| change.start_op = NonZeroU64::MIN.saturating_add(1))),
        ("two tables exchanged", altered(&founded(&[]), |change| change.operations.swap(4, 5))),
        ("a table too few", altered(&founded(&[]), |change| drop(change.operations.pop()))),
        (
            "a table too many",
            altered(&founded(&[]), |change| {
                let mut op = change.operations[29].clone();
                op.key = Key::Map("spies".into());
                change.operations.push(op);
            }),
        ),
        (
            "a list for a table",
            altered(&founded(&[]), |change| {
                change.operations[29].action = OpType::Make(ObjType::List);
            }),
        ),
        ("a row twice", founded(&[anna.clone(), anna.clone()])),
        ("a field twice", founded(&[twice])),
        ("a name of 65 bytes", named(&"n".repeat(65))),
        ("an empty name", named("")),
        ("a text too long", note(&"x".repeat(16 * 1024 + 1))),
        of_row("a row that is called otherwise", &|change| change.operations[30].key = Key::Map("me".into())),
        of_row("a row in capitals", &|change| {
            change.operations[30].key = Key::Map("0101010101010101010101010101AB03".into());
        }),
        of_row("a value for a row", &|change| change.operations[30].action = OpType::Put(ScalarValue::Int(1))),
        of_row("a map for a field", &|change| change.operations[31].action = OpType::Make(ObjType::Map)),
        of_row("a field removed", &|change| change.operations[31].action = OpType::Delete),
        of_row("a field replaced", &|change| {
            let replaced = automerge::legacy::OpId::new(31, &change.actor_id);
            change.operations[32].pred = vec![replaced].into();
        }),
        value("nothing for a value", ScalarValue::Null),
        value("bytes for a value", ScalarValue::Bytes(vec![7; 9])),
        value("a counter for a value", ScalarValue::counter(1)),
        value("a moment for a value", ScalarValue::Timestamp(1)),
        value("an unsigned number for a value", ScalarValue::Uint(1)),
        of_row("no life", &|change| drop(change.operations.pop())),
        life("a life of nought", 0),
        life("a life below nought", -1),
        life("a life ahead of its operation", 35),
    ];
    all.extend(refused.iter().map(|(what, change)| case(what, of(3, 16, change.raw_bytes()))));
    all.push(case("the highest life that its operation may have", of(3, 16, life("", 34).1.raw_bytes())));
    all
}
