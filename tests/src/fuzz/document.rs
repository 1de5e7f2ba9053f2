//! What an opened envelope holds: changes for the document, or a whole base.
//!
//! Automerge's change begins with a checksum; input is what stands behind it, and gets the checksum that fits.

use std::collections::BTreeSet;

use chrono::DateTime;
use samla_core::document::base::{self, BaseRow};
use samla_core::document::{Beginning, Document, DocumentError, Kept, ShardChange, Step, Write, actor_of};

use samla_core::seal::{Base, pack_base, unpack_base};
use samla_core::tables::{Table, Value};
use samla_core::validate::{Verdict, judge, judge_base};
use samla_core::{Moment, RowId};
use samla_wire::BookId;

use super::{block, take, take_block};
use crate::chunk::{chunk, content};
use crate::server::START;

const OWNER: [u8; 16] = [1; 16];
const OTHER: [u8; 16] = [2; 16];

fn now() -> Moment {
    DateTime::from_timestamp(START.cast_signed(), 0).expect("a time").fixed_offset()
}

/// A row's id in this shard.
fn id(shard: u8, number: u8) -> RowId {
    RowId::from_bytes([[1; 14].as_slice(), &[number, shard]].concat().try_into().expect("16 bytes"))
}

fn put(id: RowId, fields: &[(&str, Value)]) -> Write {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), Some(value.clone()))).collect();
    Write { table: Table::Contacts, id, step: Step::Put(fields) }
}

fn document(device: [u8; 16], incarnation: u32) -> Document {
    let mut document = Document::new(base::SHARDS, actor_of(&device, incarnation));
    document.load(0, &()).expect("the first base");
    document
}

/// One envelope's changes by a member: what passes the rules must not stop automerge, and the document must still take what
/// honest people write.
pub(super) fn feed_changes(mut input: &[u8]) {
    let mut document = document(OWNER, 1);
    document.write(&[put(id(0, 1), &[("note", Value::Text("mine".into()))])], &now()).expect("a change");
    let mut changes = Vec::new();
    while !input.is_empty() && changes.len() < 16 {
        changes.push(ShardChange { shard: 0, bytes: chunk(take_block(&mut input)) });
    }
    if let Verdict::Enter(entering) = judge(&mut document, &OTHER, &changes) {
        for (shard, ahead) in entering {
            document.accept(shard, ahead).expect("what was judged");
        }
        let touched = document.flush().expect("what passes the rules can be applied");
        let shown: BTreeSet<_> = document.rows(0).expect("rows").iter().map(|row| (row.table, row.id)).collect();
        assert!(touched.iter().all(|row| shown.contains(row)), "a row that was touched is there, removed or not");
    }
    let saved = document.save().expect("it can be kept");
    let mine = document.row(Table::Contacts, &id(0, 1)).expect("rows").expect("the owner's row");
    for (shard, bytes) in saved {
        let mut again = Document::new(base::SHARDS, actor_of(&OWNER, 1));
        again.load(shard, &Copy(bytes)).expect("what was kept can be loaded");
        assert_eq!(again.row(Table::Contacts, &id(0, 1)).expect("rows").as_ref(), Some(&mine));
    }
    let honest = put(id(0, 9), &[("given_name", Value::Text("Bo".into()))]);
    assert!(document.write(&[honest], &now()).expect("the owner goes on").is_some());
}

struct Copy(Vec<u8>);

impl Kept for Copy {
    fn shard(&self, _: u16) -> Result<Beginning, DocumentError> {
        Ok(Beginning::Copy(self.0.clone()))
    }
}

pub(super) fn changes() -> Vec<Vec<u8>> {
    let mut other = document(OTHER, 1);
    let text = |text: &str| Value::Text(text.into());
    let writes = [
        put(id(0, 2), &[("given_name", text("Åsa")), ("note", text("hello"))]),
        put(id(0, 2), &[("note", text("again"))]),
        put(id(0, 3), &[("family_name", text("Öberg")), ("do_not_contact", Value::Bool(true))]),
        Write { table: Table::Contacts, id: id(0, 3), step: Step::Remove },
        Write { table: Table::Tallies, id: id(0, 4), step: Step::Put(vec![("n".into(), Some(Value::Int(3)))]) },
        put(id(0, 3), &[("note", text("back"))]),
        Write { table: Table::Contacts, id: id(0, 2), step: Step::Settle(Some(("note".into(), Some(text("this"))))) },
        Write { table: Table::Contacts, id: id(0, 2), step: Step::Put(vec![("note".into(), None)]) },
    ];
    let made: Vec<Vec<u8>> = writes
        .iter()
        .filter_map(|write| other.write(std::slice::from_ref(write), &now()).expect("a change"))
        .map(|change| block(&content(&change.bytes)))
        .collect();
    (1..=made.len()).map(|many| made.iter().take(many).flatten().copied().collect()).collect()
}

/// A base that an organiser founded. The first byte says how the rest is read: as a part's payload, or as the change of
/// one shard.
pub(super) fn feed_base(mut input: &[u8]) {
    let [how] = take(&mut input);
    if how == 0 {
        if let Ok(base) = unpack_base(&[input.to_vec()]) {
            let again = unpack_base(&pack_base(&base)).expect("what was read can be written");
            assert_eq!(again, base);
            for change in base.changes.iter().take(2) {
                enter_base(change);
            }
        }
        return;
    }
    enter_base(&chunk(input));
}

fn enter_base(change: &[u8]) {
    if judge_base(change, &base_actor(), 0, base::SHARDS).is_err() {
        return;
    }
    let mut document = Document::new(base::SHARDS, actor_of(&OWNER, 1));
    document.load(0, &Founded(change.to_vec())).expect("what passes the rules can be loaded");
    document.rows(0).expect("rows");
    assert_eq!(document.heads(0).expect("heads").len(), 1);
    let honest = put(id(0, 9), &[("given_name", Value::Text("Bo".into()))]);
    assert!(document.write(&[honest], &now()).expect("the owner goes on").is_some());
}

struct Founded(Vec<u8>);

impl Kept for Founded {
    fn shard(&self, _: u16) -> Result<Beginning, DocumentError> {
        Ok(Beginning::Base(self.0.clone()))
    }
}

fn base_actor() -> [u8; 16] {
    base::actor(&BookId([3; 32]), 1)
}

pub(super) fn bases() -> Vec<Vec<u8>> {
    let row = |number: u8| BaseRow {
        table: Table::Contacts,
        id: id(0, number),
        fields: vec![
            ("given_name".into(), Value::Text("Åsa".into())),
            ("do_not_contact".into(), Value::Bool(number == 1)),
        ],
        numbers: vec![("of_tomorrow".into(), 0.5)],
    };
    let rows = [vec![], vec![row(1)], vec![row(1), row(2), row(3)]];
    let changes = rows.map(|rows| base::found(&base_actor(), &rows).expect("a base").0);
    let mut corpus: Vec<Vec<u8>> = changes.iter().map(|change| [&[1][..], &content(change)].concat()).collect();
    let whole = Base { changes: changes.into_iter().map(Into::into).collect(), gone: 2, ..Base::default() };
    corpus.extend(pack_base(&whole).into_iter().map(|part| [&[0][..], &part].concat()));
    corpus
}
