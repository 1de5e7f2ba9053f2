//! The same rows in one plain automerge document: what the library alone costs, without files, seals, rules or a read
//! model.

use std::path::Path;

use anyhow::Result;
use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc};
use samla_core::tables::{Contact, Draft, Value};
use samla_core::{Context, RowId};
use samla_tests::season::{Told, write_down};

use crate::device::now;
use crate::measure::Times;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const DOCUMENT: &str = "bare.automerge";
const EDITS: &str = "bare.edits";

/// A document of tables of rows.
pub(crate) struct Bare {
    doc: Automerge,
    rng: ChaCha20Rng,
}

impl Bare {
    fn new() -> Result<Self> {
        let mut doc = Automerge::new().with_actor(ActorId::from([1; 20].as_slice()));
        let mut tx = doc.transaction();
        for table in samla_core::tables::Table::ALL {
            tx.put_object(ROOT, table.name(), ObjType::Map)?;
        }
        tx.commit();
        Ok(Self { doc, rng: ChaCha20Rng::seed_from_u64(1) })
    }

    /// One row as one change.
    fn add(&mut self, parent: Option<RowId>, draft: &Draft) -> Result<RowId> {
        let mut ctx = Context { now: now(), rng: &mut self.rng };
        let id = match parent {
            Some(parent) => parent.child_of(&mut ctx),
            None => RowId::new(&mut ctx),
        };
        add_row(&mut self.doc, id, draft)?;
        Ok(id)
    }

    fn records_register(&mut self, told: &Told) -> Result<Vec<RowId>> {
        let there = write_down(&told.register, |draft| self.add(draft.parent(), draft))?;
        Ok(told.register.all::<Contact>().filter_map(|contact| there.get(&contact.id.row()).copied()).collect())
    }
}

fn add_row(doc: &mut Automerge, id: RowId, draft: &Draft) -> Result<Vec<u8>> {
    let (_, table) = doc.get(ROOT, draft.table().name())?.expect("the table is there");
    let mut tx = doc.transaction();
    let row = tx.put_object(&table, id.to_string(), ObjType::Map)?;
    for (field, value) in draft.writes() {
        put(&mut tx, &row, field, &value)?;
    }
    tx.put(&row, "live", 1)?;
    tx.commit_with(CommitOptions::default().with_time(now().timestamp_millis()));
    Ok(doc.get_last_local_change().expect("a change").raw_bytes().to_vec())
}

fn put(tx: &mut Transaction<'_>, row: &ObjId, field: &str, value: &Value) -> Result<()> {
    match value {
        Value::Text(text) => tx.put(row, field, text.as_str())?,
        Value::Int(number) => tx.put(row, field, *number)?,
        Value::Bool(yes) => tx.put(row, field, *yes)?,
    }
    Ok(())
}

/// Makes the document of a season and some edits of another device, and leaves both in the folder.
pub(crate) fn prepare(folder: &Path, told: &Told, edits: usize) -> Result<()> {
    let mut bare = Bare::new()?;
    let ids = bare.records_register(told)?;
    std::fs::write(folder.join(DOCUMENT), bare.doc.save())?;
    let mut other = bare.doc.fork().with_actor(ActorId::from([2; 20].as_slice()));
    let mut changes = Vec::new();
    for (n, id) in ids.iter().cycle().step_by(ids.len() / edits.min(ids.len())).take(edits).enumerate() {
        let (_, contacts) = other.get(ROOT, "contacts")?.expect("the table is there");
        let (_, row) = other.get(&contacts, id.to_string())?.expect("the row is there");
        let mut tx = other.transaction();
        tx.put(&row, "note", format!("edit {n}"))?;
        tx.commit();
        changes.push(other.get_last_local_change().expect("a change").raw_bytes().to_vec());
    }
    std::fs::write(folder.join(EDITS), serde_json::to_vec(&changes)?)?;
    Ok(())
}

/// What the library takes for each.
pub(crate) struct Cost {
    pub(crate) tap: Times,
    pub(crate) open: Times,
    pub(crate) remote_edit: Times,
    /// The people of a list whom the register does not have, each as one change.
    pub(crate) import: Times,
    pub(crate) size: usize,
}

/// Measures on what [`prepare`] left: these contacts one by one, and the new people of a list.
pub(crate) fn measure(folder: &Path, taps: &[Draft], listed: &[Draft]) -> Result<Cost> {
    let bytes = std::fs::read(folder.join(DOCUMENT))?;
    let changes: Vec<Vec<u8>> = serde_json::from_slice(&std::fs::read(folder.join(EDITS))?)?;
    let (mut open, mut tap, mut remote_edit) = (Times::default(), Times::default(), Times::default());
    for _ in 0..2 {
        open.take(|| -> Result<()> {
            let doc = Automerge::load(&bytes)?;
            std::hint::black_box(doc.hydrate(None));
            Ok(())
        })?;
    }
    let mut doc = Automerge::load(&bytes)?.with_actor(ActorId::from([3; 20].as_slice()));
    for change in changes {
        remote_edit.take(|| -> Result<()> {
            doc.apply_changes([automerge::Change::try_from(change.as_slice())?])?;
            Ok(())
        })?;
    }
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    for draft in taps {
        let id = RowId::new(&mut Context { now: now(), rng: &mut rng });
        tap.take(|| add_row(&mut doc, id, draft))?;
    }
    let mut import = Times::default();
    import.take(|| -> Result<()> {
        for draft in listed {
            let id = RowId::new(&mut Context { now: now(), rng: &mut rng });
            add_row(&mut doc, id, draft)?;
        }
        Ok(())
    })?;
    Ok(Cost { tap, open, remote_edit, import, size: bytes.len() })
}

/// What the library takes for a document that is founded anew.
#[derive(Default)]
pub(crate) struct Founding {
    /// One change with all rows, saved.
    pub(crate) saved: Times,
    /// That loaded and read.
    pub(crate) loaded: Times,
}

/// A season's rows as one change, five times.
pub(crate) fn founding(told: &Told) -> Result<Founding> {
    let (mut times, mut rng) = (Founding::default(), ChaCha20Rng::seed_from_u64(1));
    let mut rows = Vec::new();
    write_down(&told.register, |draft| {
        let id = RowId::new(&mut Context { now: now(), rng: &mut rng });
        rows.push((id, draft.clone()));
        Ok(id)
    })?;
    for _ in 0..5 {
        let mut doc = Bare::new()?.doc;
        let bytes = times.saved.take(|| -> Result<Vec<u8>> {
            let mut tables = std::collections::BTreeMap::new();
            for table in samla_core::tables::Table::ALL {
                tables.insert(table.name(), doc.get(ROOT, table.name())?.expect("the table is there").1);
            }
            let mut tx = doc.transaction();
            for (id, draft) in &rows {
                let table = tables.get(draft.table().name()).expect("a table");
                let row = tx.put_object(table, id.to_string(), ObjType::Map)?;
                for (field, value) in draft.writes() {
                    put(&mut tx, &row, field, &value)?;
                }
                tx.put(&row, "live", 1)?;
            }
            tx.commit();
            Ok(doc.save())
        })?;
        times.loaded.take(|| -> Result<()> {
            std::hint::black_box(Automerge::load(&bytes)?.hydrate(None));
            Ok(())
        })?;
    }
    Ok(times)
}
