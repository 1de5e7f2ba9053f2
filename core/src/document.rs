//! The document: the one place that spells automerge and knows of its shards.
//!
//! On the way of a tap a [`Write`] becomes one automerge change here, the bytes that the outbox keeps and an envelope
//! carries; on the way back the changes of others are applied here and the rows they touched are read again. The book's
//! one document is kept as several automerge documents, its *shards*, because everything that automerge does with a
//! change from elsewhere grows with the document: a row lives in the shard that the last byte of its id names, and the
//! rows that belong to it live there too. Which shard a row lives in is decided here alone; others only go through
//! all of them.
//!
//! ```text
//! /{table}/{row id}/{field}     scalars only: one register a field, so that every merge can be explained
//! /{table}/{row id}/live        1 at the creation, one more with every edit, 0 by a removal; the larger wins
//! ```
//! What always holds: only the [base](base::first) makes tables; the document is a function of the base and the
//! accepted changes and of what this device has written since; a change never opens without everything it depends on.

pub mod base;
mod carried;
mod change;
mod columns;
mod edit;
mod place;
mod read;
mod shard;
mod spell;
mod unplaced;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

pub use carried::{Carried, Outside};
pub(crate) use change::hash_of_plain;
pub use change::{Action, Container, Decoded, DecodedOp, OpRef, Target};
pub use columns::Limits;
pub use place::{Ahead, Place, Written};

use crate::abreast;
use crate::context::Moment;
use crate::ids::{DeviceId, RowId};
use crate::tables::{Draft, FieldPath, RowState, Table, Value};
use shard::{Newer, Shard};

/// What can fail in the document. None of it is a user's doing.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// automerge refused what it should take.
    #[error("the document refused a change")]
    Automerge(#[source] automerge::AutomergeError),
    /// Bytes that are no change.
    #[error("not a change")]
    Change(#[source] automerge::LoadChangeError),
    /// A change was applied whose predecessors are missing.
    #[error("a change opened without its predecessors")]
    MissingDependency,
    /// The kept copy of a shard does not load.
    #[error("a kept shard does not load")]
    Damaged,
    /// automerge panicked. The shard has to be built again.
    #[error("the document stopped at a change")]
    Panicked,
}

impl From<automerge::AutomergeError> for DocumentError {
    fn from(error: automerge::AutomergeError) -> Self {
        Self::Automerge(error)
    }
}

/// What one command writes to one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The table.
    pub table: Table,
    /// The row: a new one, or one that is there.
    pub id: RowId,
    /// What becomes of it.
    pub step: Step,
}

impl Write {
    /// Puts what a draft says into a row.
    pub(crate) fn of_draft(id: RowId, draft: &Draft) -> Self {
        let fields = draft.writes().into_iter().map(|(field, value)| (field.to_owned(), Some(value)));
        Self { table: draft.table(), id, step: Step::Put(fields.collect()) }
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// It is made, or changed: these fields get these values, and none empties a field.
    Put(Vec<(String, Option<Value>)>),
    /// Several devices answered a field, or removed and edited the row, at once: this value counts now, even if it is
    /// what the row shows already. Without a field the row stays.
    Settle(Option<(String, Option<Value>)>),
    /// It is removed.
    Remove,
}

/// One automerge change and the shard it belongs to: what an outbox row holds and an envelope carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardChange {
    /// The shard.
    pub shard: u16,
    /// One automerge change chunk, not compressed.
    pub bytes: Vec<u8>,
}

/// A row that was removed and that nothing has brought back since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// Who removed it.
    pub device: DeviceId,
    /// When, by that device's clock.
    pub at: Moment,
}

/// Which rows some changes touched.
pub type Touched = BTreeSet<(Table, RowId)>;

/// The fields with a floating-point number in them, by row. A newer version writes and reads such; this one hands them on.
pub type Numbers = BTreeMap<(Table, RowId), Vec<(String, f64)>>;

/// What a shard begins with when it is first needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// The empty register of the first epoch.
    First,
    /// The one change of a later epoch's base, which was checked.
    Base(Vec<u8>),
    /// The kept copy, as [`Document::save`] gave it.
    Copy(Vec<u8>),
}

impl Beginning {
    fn open(self, actor: automerge::ActorId) -> Result<Shard, DocumentError> {
        match self {
            Self::Copy(bytes) => Shard::load(&bytes, actor),
            Self::Base(change) => Shard::found(&change, actor),
            Self::First => Shard::first(actor),
        }
    }

    /// Its bytes.
    fn len(&self) -> usize {
        match self {
            Self::Copy(bytes) | Self::Base(bytes) => bytes.len(),
            Self::First => 0,
        }
    }
}

/// Where the shards come from when they are first needed.
pub trait Kept {
    /// What a shard begins with. Fails with [`DocumentError::Damaged`] where that cannot be read.
    fn shard(&self, shard: u16) -> Result<Beginning, DocumentError>;
}

/// Nothing kept in the first epoch.
impl Kept for () {
    fn shard(&self, _: u16) -> Result<Beginning, DocumentError> {
        Ok(Beginning::First)
    }
}

/// Writes, or operations, that are worth doing on several shards at once.
const MUCH: usize = 1_000;

/// Bytes that are worth reading so.
const MUCH_TO_READ: usize = 1 << 18;

/// The register's document as this device writes it.
pub struct Document {
    actor: automerge::ActorId,
    shards: Vec<Option<Shard>>,
    tail: BTreeMap<u16, Vec<Newer>>,
    changed: BTreeSet<u16>,
    written: u64,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("shards", &self.shards.len()).finish_non_exhaustive()
    }
}

impl Document {
    /// The document of a book with so many shards, none of them loaded yet. `actor` is this device's name among the
    /// authors of changes ([`actor_of`]).
    pub fn new(shards: u16, actor: [u8; 20]) -> Self {
        Self {
            actor: automerge::ActorId::from(actor.as_slice()),
            shards: (0..shards).map(|_| None).collect(),
            tail: BTreeMap::new(),
            changed: BTreeSet::new(),
            written: 0,
        }
    }

    /// The shard that a row lives in.
    pub fn shard_of(&self, id: &RowId) -> u16 {
        let [.., last] = *id.as_bytes();
        u16::from(last) & (self.shard_count() - 1)
    }

    /// The order in which many rows are best written: a few shards at once, so that as many cores have something to do, and
    /// in them the newest row first. A shard that was loaded from its copy holds its values in one piece; a value that goes in
    /// cuts that piece and copies what stands behind, where the newer rows are. In this order what is copied once is not
    /// copied again.
    pub fn order_of_writing(&self, id: &RowId) -> impl Ord + use<> {
        (self.shard_of(id) / abreast::AT_ONCE, Reverse(*id))
    }

    /// The shards that are written at once with that of a row.
    pub fn beside(&self, id: &RowId) -> std::ops::Range<u16> {
        let first = self.shard_of(id) / abreast::AT_ONCE * abreast::AT_ONCE;
        first..first.saturating_add(abreast::AT_ONCE)
    }

    /// How many shards there are: a power of two.
    pub fn shard_count(&self) -> u16 {
        u16::try_from(self.shards.len()).expect("a book has at most 256 shards")
    }

    /// Remembers a change that is newer than the kept copy of its shard; it is applied when the shard is first needed.
    /// `placed` says whether it has its place in the log.
    pub fn remember(&mut self, change: ShardChange, placed: bool) {
        if usize::from(change.shard) < self.shards.len() {
            self.changed.insert(change.shard);
            self.written += 1;
            self.tail.entry(change.shard).or_default().push(Newer { bytes: change.bytes, placed });
        }
    }

    /// The shards with remembered changes.
    pub fn remembered(&self) -> BTreeSet<u16> {
        self.tail.keys().copied().collect()
    }

    /// Is a shard loaded, with every change that was remembered?
    pub fn is_loaded(&self, shard: u16) -> bool {
        self.shards.get(usize::from(shard)).is_some_and(Option::is_some) && !self.tail.contains_key(&shard)
    }

    /// Loads a shard if it is not loaded, and returns the rows that remembered changes touched. On an error it is not loaded, and
    /// the changes are remembered as before.
    pub fn load(&mut self, shard: u16, kept: &impl Kept) -> Result<Touched, DocumentError> {
        self.load_each(&BTreeSet::from([shard]), kept)
    }

    /// Loads every shard.
    pub fn load_all(&mut self, kept: &impl Kept) -> Result<Touched, DocumentError> {
        self.load_each(&(0..self.shard_count()).collect(), kept)
    }

    /// Loads several shards as [`load`](Self::load) does one, and on an error none of them.
    pub fn load_each(&mut self, shards: &BTreeSet<u16>, kept: &impl Kept) -> Result<Touched, DocumentError> {
        if shards.last().is_some_and(|last| *last >= self.shard_count()) {
            return Err(DocumentError::Damaged);
        }
        let (mut loading, mut bytes) = (Vec::new(), 0);
        for (slot, shard) in self.shards.iter_mut().zip(0..).filter(|(_, shard)| shards.contains(shard)) {
            let beginning = if slot.is_none() { Some(kept.shard(shard)?) } else { None };
            let tail = self.tail.get(&shard).map_or(&[][..], Vec::as_slice);
            bytes += beginning.as_ref().map_or(0, Beginning::len);
            bytes += tail.iter().map(|newer| newer.bytes.len()).sum::<usize>();
            if beginning.is_some() || !tail.is_empty() {
                loading.push((shard, slot, beginning, tail));
            }
        }
        let named: Vec<u16> = loading.iter().map(|(shard, ..)| *shard).collect();
        let actor = &self.actor;
        let loaded = abreast::each(loading, bytes >= MUCH_TO_READ, |(_, slot, beginning, tail)| {
            let loaded = match beginning {
                Some(beginning) => slot.insert(beginning.open(actor.clone())?),
                None => slot.as_mut().ok_or(DocumentError::Damaged)?,
            };
            loaded.replay(tail)
        });
        let touched = united(loaded);
        for shard in named {
            match touched {
                Ok(_) => drop(self.tail.remove(&shard)),
                Err(_) => self.forget(shard),
            }
        }
        touched
    }

    fn loaded(&mut self, shard: u16) -> Result<&mut Shard, DocumentError> {
        self.shards.get_mut(usize::from(shard)).and_then(Option::as_mut).ok_or(DocumentError::Damaged)
    }

    /// Writes one command as one change. All rows must live in one shard, which must be loaded.
    ///
    /// Returns none where nothing would change. On an error the shard has to be [loaded anew](Self::forget).
    pub fn write(&mut self, writes: &[Write], at: &Moment) -> Result<Option<ShardChange>, DocumentError> {
        Ok(self.write_each(&[writes], at)?.pop())
    }

    /// Writes several commands, each as one change, as [`write`](Self::write) does one: faster than one by one where they
    /// make many rows. Returns the changes in the order of the commands. On an error every shard that is named has to be loaded
    /// anew.
    pub fn write_each(&mut self, commands: &[&[Write]], at: &Moment) -> Result<Vec<ShardChange>, DocumentError> {
        let mut by_shard: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (index, writes) in commands.iter().enumerate() {
            let Some(shard) = writes.first().map(|write| self.shard_of(&write.id)) else { continue };
            debug_assert!(writes.iter().all(|write| self.shard_of(&write.id) == shard), "one command, one shard");
            by_shard.entry(shard).or_default().push(index);
        }
        let mut writing = Vec::with_capacity(by_shard.len());
        for (slot, shard) in self.shards.iter_mut().zip(0..) {
            if let Some(indices) = by_shard.remove(&shard) {
                writing.push((shard, slot.as_mut().ok_or(DocumentError::Damaged)?, indices));
            }
        }
        let count = commands.iter().map(|writes| writes.len()).sum::<usize>();
        let written = abreast::each(writing, count >= MUCH, |(shard, loaded, indices)| {
            let of_shard: Vec<&[Write]> = indices.iter().filter_map(|index| commands.get(*index).copied()).collect();
            Ok((shard, loaded.write(&of_shard, at.timestamp_millis())?, indices))
        });
        let written: Vec<_> = written.into_iter().collect::<Result<_, DocumentError>>()?;
        self.written += count as u64;
        let mut changes = BTreeMap::new();
        for (shard, written, indices) in written {
            self.changed.insert(shard);
            for (index, bytes) in indices.into_iter().zip(written) {
                changes.extend(bytes.map(|bytes| (index, ShardChange { shard, bytes })));
            }
        }
        Ok(changes.into_values().collect())
    }

    /// Takes back the newest changes of this device, which were not made durable: the shard is loaded anew when it is next
    /// needed.
    pub fn forget(&mut self, shard: u16) {
        if let Some(slot) = self.shards.get_mut(usize::from(shard)) {
            *slot = None;
        }
    }

    /// What the rules ask of a shard: see [`crate::validate`].
    pub fn place(&mut self, shard: u16) -> Result<&mut impl Place, DocumentError> {
        self.loaded(shard)
    }

    /// Takes up changes that the rules accepted. They become visible with the next [`flush`](Self::flush).
    pub fn accept(&mut self, shard: u16, ahead: Ahead) -> Result<(), DocumentError> {
        let taken = ahead.count();
        self.loaded(shard)?.accept(ahead);
        self.changed.insert(shard);
        self.written += taken as u64;
        Ok(())
    }

    /// Takes up changes that the rules accepted and that have no place in the log yet.
    pub fn accept_loose(&mut self, shard: u16, ahead: Ahead) -> Result<(), DocumentError> {
        self.loaded(shard)?.note_unplaced(&ahead);
        self.accept(shard, ahead)
    }

    /// Whether the rules are told of changes that have no place in the log as if they had one.
    pub fn judge_loosely(&mut self, loosely: bool) {
        self.shards.iter_mut().flatten().for_each(|shard| shard.judge_loosely(loosely));
    }

    /// Notes that changes of this device, which are in the document since they were made, have their place in the log.
    pub fn place_own(&mut self, shard: u16, ahead: &Ahead) -> Result<(), DocumentError> {
        self.loaded(shard)?.place(ahead);
        Ok(())
    }

    /// How many operations were accepted and wait for the next flush.
    pub fn waiting(&self) -> usize {
        self.shards.iter().flatten().map(Shard::waiting).sum()
    }

    /// Applies what was accepted and returns the rows it touched.
    ///
    /// If automerge fails or panics, the shard is dropped: the caller finds out which envelope did it and builds the
    /// shard again from what it kept.
    pub fn flush(&mut self) -> Result<Touched, DocumentError> {
        let much = self.waiting() >= MUCH;
        let loaded: Vec<_> = self.shards.iter_mut().filter(|slot| slot.is_some()).collect();
        united(abreast::each(loaded, much, |slot| {
            let flushed = slot.as_mut().map_or_else(|| Ok(Touched::new()), Shard::flush);
            if flushed.is_err() {
                *slot = None;
            }
            flushed
        }))
    }

    /// One row as it is now. Its shard must be loaded.
    pub fn row(&mut self, table: Table, id: &RowId) -> Result<Option<RowState>, DocumentError> {
        let shard = self.shard_of(id);
        self.loaded(shard)?.row(table, id)
    }

    /// These rows as they are now, in the same order; those that are not there are left out. Their shards must be loaded.
    pub fn rows_of(&mut self, sought: &[(Table, RowId)]) -> Result<Vec<RowState>, DocumentError> {
        let mut by_shard: BTreeMap<u16, Vec<(usize, Table, RowId)>> = BTreeMap::new();
        for (place, (table, id)) in sought.iter().enumerate() {
            by_shard.entry(self.shard_of(id)).or_default().push((place, *table, *id));
        }
        let mut reading = Vec::with_capacity(by_shard.len());
        for (slot, shard) in self.shards.iter().zip(0..) {
            if let Some(sought) = by_shard.remove(&shard) {
                reading.push((slot.as_ref().ok_or(DocumentError::Damaged)?, sought));
            }
        }
        let read = abreast::each(reading, sought.len() >= MUCH, |(shard, sought)| {
            let read = |(place, table, id)| Ok(shard.row(table, &id)?.map(|row| (place, row)));
            sought.into_iter().filter_map(|sought| read(sought).transpose()).collect::<Result<Vec<_>, DocumentError>>()
        });
        let mut rows = Vec::with_capacity(sought.len());
        for of_shard in read {
            rows.append(&mut of_shard?);
        }
        rows.sort_unstable_by_key(|(place, _)| *place);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Every row of a loaded shard.
    pub fn rows(&mut self, shard: u16) -> Result<Vec<RowState>, DocumentError> {
        self.loaded(shard)?.rows()
    }

    /// The numbers in a loaded shard that this version does not read.
    pub fn numbers(&mut self, shard: u16) -> Result<Numbers, DocumentError> {
        Ok(self.loaded(shard)?.numbers())
    }

    /// How many of these rows were not there yet for whoever wrote a field of a row whose shard is loaded. Rows of other shards are
    /// not counted.
    pub fn unseen_at(&mut self, path: &FieldPath, rows: &[(Table, RowId)]) -> Result<usize, DocumentError> {
        let shard = self.shard_of(&path.id);
        self.loaded(shard)?.unseen_at(path, rows)
    }

    /// The removals in a shard that nothing has taken back since.
    pub fn removals(&mut self, shard: u16) -> Result<Vec<Removal>, DocumentError> {
        self.loaded(shard)?.removals()
    }

    /// The rows of a loaded shard that these changes touched, as they were without them and as they are now.
    pub fn carried(&mut self, shard: u16, outside: &Outside) -> Result<Vec<Carried>, DocumentError> {
        self.loaded(shard)?.carried(outside)
    }

    /// The rows that a change of a loaded shard makes, of tables that this version reads.
    pub fn rows_made(&mut self, change: &ShardChange) -> Result<Vec<(Table, RowId)>, DocumentError> {
        let Some(read) = Decoded::read(&change.bytes, Limits::NONE)? else { return Ok(Vec::new()) };
        Ok(self.loaded(change.shard)?.rows_made(&read))
    }

    /// Does a change of a loaded shard, one without a place in the log, make a row that the log has made?
    pub fn makes_again(&mut self, change: &ShardChange) -> Result<bool, DocumentError> {
        let Some(read) = Decoded::read(&change.bytes, Limits::NONE)? else { return Ok(false) };
        let shard = self.loaded(change.shard)?;
        Ok(shard.rows_made(&read).iter().any(|(table, id)| shard.has_row(Container::Table(*table), id)))
    }

    /// The rows of a loaded shard that these own changes of it wrote, as they were before the first and as the changes left
    /// them; whatever others wrote meanwhile.
    pub fn own_writes(&mut self, shard: u16, changes: &[&[u8]]) -> Result<Vec<Carried>, DocumentError> {
        carried::own_writes(self.loaded(shard)?, changes)
    }

    /// The shards that were written since they were last kept.
    pub fn unkept(&self) -> BTreeSet<u16> {
        self.changed.clone()
    }

    /// How many writes were made and changes taken in since the shards were last kept.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The shards that were written since they were last kept, with their bytes to keep. They must be loaded.
    pub fn save(&mut self) -> Result<Vec<(u16, Vec<u8>)>, DocumentError> {
        let mut saving = Vec::with_capacity(self.changed.len());
        for shard in &self.changed {
            let loaded = self.shards.get(usize::from(*shard)).and_then(Option::as_ref);
            saving.push((*shard, loaded.ok_or(DocumentError::Damaged)?));
        }
        Ok(abreast::each(saving, self.written >= MUCH as u64, |(shard, loaded)| (shard, loaded.save())))
    }

    /// What [`save`](Self::save) returned is kept now.
    pub fn kept(&mut self) {
        self.changed.clear();
        self.written = 0;
    }

    /// The automerge heads of a loaded shard, in order: equal on two devices that hold the same changes.
    pub fn heads(&mut self, shard: u16) -> Result<Vec<[u8; 32]>, DocumentError> {
        Ok(self.loaded(shard)?.heads())
    }

    /// A loaded shard in automerge's own format, for export.
    pub fn export(&mut self, shard: u16) -> Result<Vec<u8>, DocumentError> {
        Ok(self.loaded(shard)?.save())
    }
}

/// The rows that several shards have touched, or the first error.
fn united(touched: Vec<Result<Touched, DocumentError>>) -> Result<Touched, DocumentError> {
    touched.into_iter().try_fold(Touched::new(), |mut all, touched| {
        all.append(&mut touched?);
        Ok(all)
    })
}

/// The hash of a change; nothing where the bytes are none.
pub(crate) fn hash_of(change: &[u8]) -> Option<[u8; 32]> {
    automerge::Change::try_from(change).ok().map(|change| change.hash().0)
}

/// A device's name among the authors of changes: `device ‖ incarnation`. A new incarnation begins when a device has to
/// make edits again that the others could not take.
pub fn actor_of(device: &[u8; 16], incarnation: u32) -> [u8; 20] {
    let mut actor = [0; 20];
    actor.iter_mut().zip(device.iter().copied().chain(incarnation.to_be_bytes())).for_each(|(to, from)| *to = from);
    actor
}

#[cfg(test)]
mod tests;
