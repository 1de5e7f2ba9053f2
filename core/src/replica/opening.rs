//! From the store to the screen: entries are opened, judged by rules R8–R9, merged and shown.
//!
//! The second half of the way from the log to the screen; [`intake`](super::intake) is the first. What always holds:
//! entries are judged one after another, in the order in which they came to be in order, each by what the log has
//! brought before it and by nothing else; one that lacks a predecessor waits and is judged again right after that one.
//! So every phone judges alike, wherever its pages end and whatever it has written itself. An own entry is judged like
//! any other, though its changes are in the document since the tap. One whose predecessor is refused waits in vain: it
//! counts as refused ([`Standing::Orphaned`]), and is judged like any that waits.
//!
//! Judged entries enter the document in batches, and a batch's standings are kept in one transaction. A phone that stops
//! meanwhile finds the entries *opening* and takes them up alone, one by one: one that stops it again is left out
//! ([`Standing::Quarantined`]) until a newer version tries it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand_core::CryptoRng;
use samla_wire::{DeviceId, EntryId, Envelope};

use super::Replica;
use super::intake::Taken;
use crate::context::Context;
use crate::document::{ShardChange, hash_of_plain};
use crate::error::BookError;
use crate::seal::{open_envelope, unpack_changes};
use crate::store::{Entry, Standing, StoreError, Tx};
use crate::validate::{self, Refusal, Verdict};

/// Envelopes of one author that may wait for another.
pub(super) const HELD: u64 = 256;

/// So many of the newest envelopes that were kept out are looked through for a change that another lacks.
const LOOKED_THROUGH: usize = 64;

/// Operations that are merged at once: more cost memory, fewer cost time.
const BATCH: usize = 100_000;

/// The state that names the version which has tried what is left out.
const VERSION: &str = "version";
const THIS_VERSION: &[u8] = env!("CARGO_PKG_VERSION").as_bytes();

/// The hash of a change.
type ChangeHash = [u8; 32];

/// The change that each waiting entry lacks, as far as it was judged since the start.
pub(super) type Lacking = HashMap<EntryId, ChangeHash>;

/// What rules R8–R9 say of an entry.
enum Judged {
    /// These changes of it may enter.
    Enters(Vec<ChangeHash>),
    /// This change is missing.
    Lacks(ChangeHash),
    /// It stays out.
    Refused,
}

/// What became of an entry.
struct Settled {
    id: EntryId,
    from: Standing,
    to: Standing,
    /// It had to wait.
    waited: bool,
    own: bool,
}

/// One run through the entries that are to be opened.
struct Run {
    /// One by one, each marked while it is tried.
    alone: bool,
    /// What was judged and is not yet kept.
    settled: Vec<Settled>,
    /// Who waits, in order, and for which change.
    waiting: BTreeMap<i64, (Entry, ChangeHash)>,
    /// The changes that have entered in this run.
    entered: HashSet<ChangeHash>,
    /// What this run has kept out and has not looked through.
    kept_out: Vec<Entry>,
    /// The changes in what is kept out, once somebody lacks one.
    lost: Option<HashSet<ChangeHash>>,
}

impl Run {
    fn waiting_of(&self, author: &DeviceId) -> u64 {
        self.waiting.values().filter(|(entry, _)| entry.device == *author).count() as u64
    }

    /// The first that waited for what has entered meanwhile.
    fn next_ready(&mut self) -> Option<Entry> {
        let ready = self.waiting.iter().find(|(_, (_, lacks))| self.entered.contains(lacks));
        let pos = ready.map(|(pos, _)| *pos)?;
        self.waiting.remove(&pos).map(|(entry, _)| entry)
    }
}

/// Notes that this version has tried what there is.
pub(super) fn note_version(tx: &mut Tx<'_>, rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
    tx.put_state(VERSION, THIS_VERSION, rng)
}

impl Replica {
    /// Opens, judges, merges and shows every entry that passed rules R1–R7.
    pub(super) fn open_all(&mut self, taken: &mut Taken) -> Result<(), BookError> {
        if self.store.count(Standing::Opening)? + self.store.count(Standing::Suspect)? == 0 {
            return Ok(());
        }
        // Tried alone before, when something else than the entry went wrong.
        self.restand(Standing::Suspect, Standing::Opening)?;
        let opened = self.run(taken, false).and_then(|whole| match whole {
            true => Ok(()),
            // Something stops the document: begin again from what is kept, one entry at a time.
            false => self.rebuild().and_then(|()| self.open_alone(taken)),
        });
        if opened.is_err() {
            // The document may have changes that nothing says it has.
            self.out_of_step = true;
            self.lacking.clear();
            // It was no entry's fault. If this fails as well, the next attempt does it.
            let _ = self.restand(Standing::Suspect, Standing::Opening);
        }
        opened
    }

    /// Takes up entries that were in the middle of entering the document when this phone stopped. While something is in it that has to
    /// go first ([`redo_refused`](Self::redo_refused)), they wait.
    pub(crate) fn resume(&mut self) -> Result<(), BookError> {
        // What was being tried alone has stopped this phone again: it stays out.
        self.restand(Standing::Suspect, Standing::Quarantined)?;
        if self.store.own_lost(&self.device())? == 0 && self.store.count(Standing::Opening)? > 0 {
            self.open_alone(&mut Taken::default())?;
        }
        Ok(())
    }

    /// Tries once more, one by one, what has stopped an older version.
    pub(crate) fn try_again(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        if self.store.state(VERSION)?.is_some_and(|tried| tried == THIS_VERSION) {
            return Ok(());
        }
        let left_out = self.store.entries_of(Standing::Quarantined)?;
        self.store.atomically(|tx| -> Result<(), StoreError> {
            for entry in &left_out {
                tx.set_standing(&entry.id, Standing::Quarantined, Standing::Opening)?;
            }
            note_version(tx, ctx.rng)
        })?;
        let opened = if left_out.is_empty() { Ok(()) } else { self.open_alone(&mut Taken::default()) };
        self.out_of_step |= opened.is_err();
        opened
    }

    fn open_alone(&mut self, taken: &mut Taken) -> Result<(), BookError> {
        self.run(taken, true).map(drop)
    }

    fn restand(&mut self, from: Standing, to: Standing) -> Result<(), BookError> {
        for entry in self.store.entries_of(from)? {
            self.store.atomically(|tx| tx.set_standing(&entry.id, from, to))?;
        }
        Ok(())
    }

    /// Goes through the opening entries in their order. Returns false if the document has stopped: then nothing that
    /// is not yet kept counts.
    fn run(&mut self, taken: &mut Taken, alone: bool) -> Result<bool, BookError> {
        let mut run = Run {
            alone,
            settled: Vec::new(),
            waiting: BTreeMap::new(),
            entered: HashSet::new(),
            kept_out: Vec::new(),
            lost: None,
        };
        let mut entries = Vec::new();
        // On a file's word alone nothing that waits is let in: what it waited for may lose its place again. Once a server has
        // confirmed it, all of it is judged again.
        let lets_in = !self.is_provisional();
        let mut waiting = self.store.entries_of(Standing::Waiting)?;
        waiting.extend(self.store.entries_of(Standing::Orphaned)?);
        waiting.sort_by_key(|entry| entry.pos);
        for entry in waiting.into_iter().filter(|_| lets_in) {
            match self.lacking.get(&entry.id) {
                Some(lacks) => drop(run.waiting.insert(entry.pos, (entry, *lacks))),
                None => entries.push(entry),
            }
        }
        entries.extend(self.store.entries_of(Standing::Opening)?);
        for entry in entries {
            let mut next = Some(entry);
            while let Some(entry) = next {
                if !self.take_up(entry, &mut run, taken)? {
                    return Ok(false);
                }
                next = if lets_in { run.next_ready() } else { None };
            }
        }
        if !self.finish(&mut run, taken)? {
            return Ok(false);
        }
        self.lacking = run.waiting.into_values().map(|(entry, lacks)| (entry.id, lacks)).collect();
        if !lets_in {
            // Something of it may be here: all are judged again.
            self.lacking.clear();
        }
        Ok(true)
    }

    /// Judges one entry. Returns false if the document has stopped.
    fn take_up(&mut self, entry: Entry, run: &mut Run, taken: &mut Taken) -> Result<bool, BookError> {
        let (id, own, before) = (entry.id, entry.is_own(), entry.standing);
        let waited = matches!(before, Standing::Waiting | Standing::Orphaned);
        let mut from = before;
        // What was written here, or brought in a file, is in the document already: trying it can stop nothing, however often the
        // phone stops meanwhile.
        if run.alone && !own {
            self.store.atomically(|tx| tx.set_standing(&id, from, Standing::Suspect))?;
            from = Standing::Suspect;
        }
        let (to, changes) = match self.judge(&entry)? {
            Judged::Enters(changes) => (Standing::Accepted, changes),
            Judged::Lacks(change) if run.waiting_of(&entry.device) < HELD => {
                let in_vain = before == Standing::Orphaned || self.is_lost(&change, run)?;
                let to = if in_vain { Standing::Orphaned } else { Standing::Waiting };
                let entry = Entry { standing: to, ..entry };
                if in_vain {
                    run.kept_out.push(entry.clone());
                }
                run.waiting.insert(entry.pos, (entry, change));
                (to, Vec::new())
            }
            Judged::Lacks(_) | Judged::Refused => {
                run.kept_out.push(entry);
                (Standing::Refused, Vec::new())
            }
        };
        run.settled.push(Settled { id, from, to, waited, own });
        if run.alone {
            if !self.finish(run, taken)? {
                run.settled.clear();
                self.store.atomically(|tx| tx.set_standing(&id, from, Standing::Quarantined))?;
                self.rebuild()?;
                return Ok(true);
            }
        } else if self.document.waiting() >= BATCH && !self.finish(run, taken)? {
            return Ok(false);
        }
        run.entered.extend(changes);
        Ok(true)
    }

    /// Does this change stand in an envelope that is kept out?
    fn is_lost(&self, change: &ChangeHash, run: &mut Run) -> Result<bool, BookError> {
        let mut lost = match run.lost.take() {
            Some(lost) => lost,
            None => self.changes_in(&self.store.kept_out(LOOKED_THROUGH)?),
        };
        lost.extend(self.changes_in(&std::mem::take(&mut run.kept_out)));
        let is_lost = lost.contains(change);
        run.lost = Some(lost);
        Ok(is_lost)
    }

    /// The hashes of the changes in these entries, as far as they can be opened.
    fn changes_in(&self, entries: &[Entry]) -> HashSet<ChangeHash> {
        let changes = entries.iter().filter_map(|entry| self.open_entry(entry).ok()).flatten();
        changes.filter_map(|change| hash_of_plain(&change.bytes)).collect()
    }

    /// Merges and shows what was accepted, and keeps what became of the entries. Returns false if the document has
    /// stopped.
    fn finish(&mut self, run: &mut Run, taken: &mut Taken) -> Result<bool, BookError> {
        let Ok(touched) = self.document.flush() else { return Ok(false) };
        let remembered = self.remembered_among(&touched);
        self.show(touched)?;
        self.note_unheard(&remembered)?;
        let settled = std::mem::take(&mut run.settled);
        self.store.atomically(|tx| {
            settled.iter().try_for_each(|settled| match settled.to {
                to if to == settled.from => Ok(()),
                Standing::Accepted if settled.waited => tx.enter_late(&settled.id, settled.from),
                to => tx.set_standing(&settled.id, settled.from, to),
            })
        })?;
        for settled in settled {
            match settled.to {
                Standing::Accepted if !settled.own => taken.received += 1,
                Standing::Refused => taken.rejected += 1,
                Standing::Orphaned if !settled.waited => taken.rejected += 1,
                _ => {}
            }
        }
        Ok(true)
    }

    /// Rules R8 and R9 for one entry; what may enter waits for the next flush.
    fn judge(&mut self, entry: &Entry) -> Result<Judged, BookError> {
        let Ok(changes) = self.open_entry(entry) else { return Ok(Judged::Refused) };
        for change in &changes {
            if change.shard >= self.document.shard_count() {
                return Ok(Judged::Refused);
            }
            self.ensure(change.shard)?;
        }
        let verdict = catch_unwind(AssertUnwindSafe(|| validate::judge(&mut self.document, &entry.device.0, &changes)));
        Ok(match verdict.unwrap_or(Verdict::Refuse(Refusal::Crash)) {
            Verdict::Enter(entering) => {
                let mut entered = Vec::new();
                for (shard, of_shard) in entering {
                    entered.extend(of_shard.hashes());
                    of_shard.newest_millis().into_iter().for_each(|at| self.heard.note(entry.device, at));
                    if entry.is_own() {
                        self.document.place_own(shard, &of_shard)?;
                    } else {
                        self.document.accept(shard, of_shard)?;
                    }
                }
                Judged::Enters(entered)
            }
            Verdict::Wait(change) => Judged::Lacks(change),
            Verdict::Refuse(_) => Judged::Refused,
        })
    }

    /// Rule R8: the seal, the padding, and a list of changes within bounds.
    pub(super) fn open_entry(&self, entry: &Entry) -> Result<Vec<ShardChange>, Refusal> {
        let envelope = Envelope::parse(entry.bytes.clone()).map_err(|_| Refusal::Seal)?;
        let key = self.local.epoch_key().ok_or(Refusal::Seal)?.data_key(&self.book(), envelope.header().epoch);
        let payload = open_envelope(&envelope, &key).map_err(|_| Refusal::Seal)?;
        let changes = unpack_changes(&payload).map_err(|_| Refusal::Payload)?;
        Ok(changes.into_iter().map(|(shard, bytes)| ShardChange { shard, bytes }).collect())
    }
}
