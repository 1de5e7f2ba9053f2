//! A new epoch arrives: its base takes the place of all that was before, and this device's own edits are carried over.
//!
//! Everything becomes durable in one transaction, which is a pure function of what lay here and what was fetched: a phone
//! that stops before it begins again, and after it nothing is left to do but to wipe the file. What always holds: the old
//! key, the old log and the old copies go with that transaction; no edit of this device goes with them unless what it was
//! about is gone, and then its author is told.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use samla_wire::planted::{Fault, is_planted};
use samla_wire::roster::{Epoch, Reason, Role, Roster};
use samla_wire::rules::{LogState, Tip};
use samla_wire::{DeviceId, EntryId, Envelope, Kind};
use serde::{Deserialize, Deserializer, Serialize};

use super::anew::WHOLE;
use super::base::{SEALED, Sealed, reach, tip_of};
use super::erased::ERASED;
use super::local::{Alarm, Local};
use super::lost::keep_lost_edits;
use super::put_out::LEFTOVER;
use super::rebase::{Rules, owners, rebase, value_of};
use super::state::{put, read};
use super::{OF_IMPORTS, Replica, row_device};
use crate::context::Context;
use crate::document::{Beginning, Carried, Document, DocumentError, Kept, Outside, ShardChange, hash_of};
use crate::error::BookError;
use crate::ids::RowId;
use crate::register::prevail;
use crate::seal::{Base, DeviceKeys, EpochKey, PrekeySecret};
use crate::store::{Entry, NewEntry, Standing, StoreError, Tx};
use crate::tables::{RowState, Table};

/// The state that tells what an epoch left out that nothing explains.
pub(super) const CONTINUITY: &str = "continuity";
/// Milliseconds that rows which an epoch left out without explanation are kept.
const KEPT: i64 = 7 * 24 * 60 * 60 * 1000;

/// A new epoch, fetched and checked.
pub(crate) struct Arrival {
    /// The roster right after the op.
    pub(crate) roster: Roster,
    /// The roster's envelopes up to the op, which is the last.
    pub(crate) envelopes: Vec<Envelope>,
    /// The op.
    pub(crate) op: Epoch,
    /// A person was erased by it, or by an epoch before it that this phone has missed.
    pub(crate) erased: bool,
    /// What it starts from.
    pub(crate) base: Base,
    /// The same as it crossed the wire.
    pub(crate) parts: Vec<Vec<u8>>,
    /// Its key.
    pub(crate) key: EpochKey,
    /// This device's keys, with the prekey that the others know.
    pub(crate) keys: DeviceKeys,
    /// The join by which this device has just come in, where an organiser had to let it in: it may stand in the log after the
    /// op.
    pub(crate) join: Option<Envelope>,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrival").field("epoch", &self.op.epoch).finish_non_exhaustive()
    }
}

impl Kept for Base {
    fn shard(&self, shard: u16) -> Result<Beginning, DocumentError> {
        let change = self.changes.get(usize::from(shard)).ok_or(DocumentError::Damaged)?;
        Ok(Beginning::Base(change.to_vec()))
    }
}

/// What an epoch left out or changed, compared with what this device had.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Continuity {
    pub(crate) epoch: u32,
    /// This device had read the log to its seal, so that the numbers are exact.
    pub(crate) compared: bool,
    /// Rows that the op's founder says were erased.
    pub(crate) gone: u64,
    /// Rows that are not there any more.
    pub(crate) missing: u64,
    /// Rows that say something else.
    pub(crate) changed: u64,
    /// Rows that nobody here had.
    pub(crate) added: u64,
    /// The missing, doubtful and changed rows as this device had them, and until when they are kept, in unix milliseconds.
    pub(crate) kept: Vec<RowState>,
    pub(crate) until: Option<i64>,
    /// Entries before the seal that this device had not read. 0 as well where it had read another log.
    #[serde(deserialize_with = "or_default")]
    pub(crate) unread: u64,
    /// Rows that are not there any more, where what was not read may have removed them.
    #[serde(deserialize_with = "or_default")]
    pub(crate) doubtful: u64,
    /// Somebody has looked at it.
    #[serde(deserialize_with = "or_default")]
    pub(crate) seen: bool,
    /// What earlier epochs left out or changed and nobody has looked at, the oldest first.
    #[serde(deserialize_with = "or_default")]
    pub(crate) earlier: Vec<Continuity>,
}

/// What earlier versions did not keep.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(bytes: D) -> Result<T, D::Error> {
    Ok(T::deserialize(bytes).unwrap_or_default())
}

impl Continuity {
    /// Differences that the reason does not explain.
    pub(crate) fn unexplained(&self) -> u64 {
        self.missing.saturating_sub(self.gone) + self.changed + self.added
    }

    /// What each epoch that there is to tell of left out or changed, this one's last.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Self> {
        self.earlier.iter().chain(std::iter::once(self))
    }

    fn drop_rows(&mut self) {
        (self.kept, self.until) = (Vec::new(), None);
    }
}

/// What was found at an epoch, together with what there was to tell of before it and nobody has looked at: an epoch right after
/// another must not hide what that one left out. Each explains its own rows alone. After an erasure the numbers stay, and no row.
fn with_earlier(found: Option<Continuity>, before: Option<Continuity>, erased: bool) -> Option<Continuity> {
    let found = found?;
    let Some(mut before) = before else { return Some(found) };
    let mut earlier = std::mem::take(&mut before.earlier);
    if !before.seen && before.unexplained() + before.doubtful > 0 {
        earlier.push(before);
    }
    if erased {
        earlier.iter_mut().for_each(Continuity::drop_rows);
    }
    Some(Continuity { earlier, ..found })
}

impl Replica {
    /// Moves to a new epoch. `also` says what else becomes of this phone's own part in the same step.
    pub(crate) fn arrive(
        &mut self,
        ctx: &mut Context<'_>,
        arrival: Arrival,
        also: impl FnOnce(&mut Local),
    ) -> Result<(), BookError> {
        let carried = self.carried_to(&arrival)?;

        let mut local = self.local.clone();
        local.set_epoch_key(&arrival.key);
        local.set_keys(&arrival.keys);
        local.set_next_prekey(&PrekeySecret::make(ctx.rng));
        local.renew_key = true;
        (local.confirmed, local.signed) = (None, Vec::new());
        local.invites.retain(|invite| invite.pin.is_none() || arrival.roster.invites.contains_key(&invite.id));
        for queued in &mut local.queue {
            (queued.entry, queued.wrap) = (None, None);
        }
        // Who is in an epoch of the server's log is one with it again.
        local.end_alarm(Alarm::Epoch);
        local.end_alarm(Alarm::Chain);
        if arrival.op.reason == Reason::Restore {
            local.end_alarms();
        }
        if !waits_for_a_sheet(self.log.as_ref(), &arrival) {
            local.end_alarm(Alarm::Sheet);
        }
        also(&mut local);
        if let Some(log) = &self.log {
            let (me, now) = (arrival.keys.device_id(), ctx.now.timestamp_millis());
            newcomers(&log.roster, &arrival.roster).for_each(|device| local.note_came_in(device, me, now));
        }

        let mut document = local.document(arrival.op.shards, &arrival.keys);
        document.load_all(&arrival.base)?;
        let found = self.compare(ctx, &arrival, &mut document, &carried)?;
        let continuity = with_earlier(found, self.continuity()?, arrival.erased);
        let me = row_device(&arrival.keys.device_id());
        let outcome = rebase(ctx, &mut document, &carried, Rules { erased: arrival.erased, me })?;
        let changes = outcome.write(&mut document, &ctx.now)?;
        let unheard = self.unheard_in(&mut document, &carried)?;
        let lost = self.lost_edits(outcome.dropped, unheard, arrival.erased)?;
        let log = log_of(&arrival)?;
        let want = match self.want.clone() {
            Some(want) => want.after(&arrival.roster, arrival.erased, &mut document)?,
            None => None,
        };
        let had_erased = self.erased_but_for(want.as_ref())?;

        self.store.atomically(|tx| -> Result<(), BookError> {
            tx.forget_log()?;
            keep_roster(tx, &arrival, &log)?;
            keep_parts(tx, &arrival.parts)?;
            keep_join(tx, arrival.join.as_ref())?;
            tx.put_state(SEALED, &samla_wire::to_cbor(&Sealed::of(&arrival.base)), ctx.rng)?;
            changes.iter().try_for_each(|change| tx.add_to_outbox(change, ctx.rng))?;
            if arrival.erased {
                // A plan to take an import back holds what the list said of people, and so may what was handed back before.
                tx.drop_states_of(OF_IMPORTS)?;
                tx.drop_state(LEFTOVER)?;
            }
            keep_lost_edits(tx, &lost, ctx.rng)?;
            put(tx, CONTINUITY, &continuity, ctx.rng)?;
            super::want::keep(tx, want.as_ref(), ctx.rng)?;
            put(tx, ERASED, &had_erased, ctx.rng)?;
            if arrival.erased {
                // It may hold who was erased.
                tx.drop_state(WHOLE)?;
            }
            Ok(local.keep(tx, ctx.rng)?)
        })?;
        self.heard.retain(|device| arrival.roster.members.contains_key(device));
        (self.local, self.keys, self.want) = (local, arrival.keys, want);
        (self.log, self.document) = (Some(log), document);
        self.out_of_step = self.show_all().is_err();
        // From here on all is durable. What fails now is done again at the next opening.
        let _ = self.keep(ctx).and_then(|()| Ok(self.store.purge()?));
        Ok(())
    }

    /// What this document has and the base of a new epoch has not, as rows to be carried over.
    ///
    /// An envelope whose place this device never learned may be in the base, because the answer was lost or a colleague brought
    /// it from a file. Carried over, it would bring back what was removed or erased since. So one of this device's own is taken
    /// for settled wherever the end of its chain in the base is known here, and not the work of a copy of it. A colleague's is
    /// after an erasure; else it still brings what it changed, but makes no row anew for which this device did nothing, because
    /// its author will, if the base has not had it.
    fn carried_to(&mut self, arrival: &Arrival) -> Result<Vec<Carried>, BookError> {
        let me = self.device();
        let tip = arrival.base.tips.iter().find(|tip| tip.device == me).map(|tip| tip.id);
        let is_mine = match tip {
            Some(id) => self.store.atomically(|tx| tx.has_entry(&id))?,
            None => false,
        };
        // Where the server has lost its log, a place in it says nothing: a copy of this device may have been heard since.
        let lost = self.local.has_lost_log();
        // After an erasure what somebody else left out is theirs to bring: it may be about who was erased. And a base that this device has
        // made holds all that its document did.
        let is_own_base = arrival.envelopes.last().is_some_and(|op| op.header().device == me);
        let reached = |entry: &Entry| {
            let to_its_end = if entry.device == me { is_own_base } else { arrival.erased };
            let end = if to_its_end { tip_of } else { reach };
            entry.dseq <= end(&arrival.base, &entry.device)
        };
        let is_settled = |entry: &Entry| {
            let placed = match entry.device == me {
                true => is_mine || (entry.n.is_some() && !lost),
                false => entry.n.is_some() || arrival.erased,
            };
            (placed && reached(entry)) || is_planted(Fault::CarriedFromHeads)
        };
        // A number says nothing where the server has gone another way than this device has read.
        let (one_log, told) = (self.is_one_log(arrival)?, self.local.confirmed);
        let is_in_base = |entry: &Entry| {
            let told = |n: u64| told.is_none_or(|told| n <= told.n);
            entry.device == me
                || (one_log && entry.n.is_some_and(told) && entry.dseq <= reach(&arrival.base, &entry.device))
        };
        let is_doubtful = |entry: &Entry| entry.device != me && reached(entry);
        let doubts = Cell::new(false);
        let outside = self.outside(|entry| match is_settled(entry) {
            true if is_in_base(entry) => Side::Inside,
            true => Side::Others,
            false => {
                doubts.set(doubts.get() || is_doubtful(entry));
                Side::Outside
            }
        })?;
        let carried = self.carried(&outside)?;
        if !doubts.get() {
            return Ok(carried);
        }
        let sure = self.outside(|entry| is_settled(entry) || is_doubtful(entry))?;
        let sure: BTreeSet<(Table, RowId)> = self.carried(&sure)?.into_iter().map(|row| (row.table, row.id)).collect();
        let is_sure = |row: &Carried| row.old.is_some() || sure.contains(&(row.table, row.id));
        let needed: BTreeSet<(Table, RowId)> =
            carried.iter().filter(|row| is_sure(row)).flat_map(|row| owners(&row.mine)).collect();
        let stays = |row: &Carried| is_sure(row) || needed.contains(&(row.table, row.id));
        Ok(carried.into_iter().filter(stays).collect())
    }

    /// The changes in this document that are not in another one.
    pub(super) fn outside<S: Into<Side>>(&self, side: impl Fn(&Entry) -> S) -> Result<Outside, BookError> {
        let (mut outside, me) = (Outside::default(), self.device());
        let mut note = |change: &ShardChange, side: Side, own: bool| {
            let Some(hash) = hash_of(&change.bytes) else { return };
            match side {
                Side::Inside => return,
                Side::Outside => outside.changes.insert(hash),
                Side::Others => outside.others.insert(hash),
            };
            if own {
                outside.own.insert(hash);
            }
        };
        for entry in self.store.data_entries_after(0)? {
            let side = side(&entry).into();
            if side != Side::Inside {
                let changes = self.open_entry(&entry).map_err(|_| StoreError::Damaged(None))?;
                changes.iter().for_each(|change| note(change, side, entry.device == me));
            }
        }
        for (_, change) in self.store.outbox(usize::MAX)? {
            note(&change, Side::Outside, true);
        }
        Ok(outside)
    }

    /// Is the log that an epoch seals the one that this device has read, as far as it can tell?
    fn is_one_log(&self, arrival: &Arrival) -> Result<bool, BookError> {
        let Some(log) = &self.log else { return Ok(false) };
        let goes_on = arrival.op.epoch == log.roster.epoch + 1 && arrival.op.reason != Reason::Restore;
        Ok(goes_on && !self.local.has_lost_log() && self.unread(arrival, log)?.is_some())
    }

    /// The rows that these changes touched, and what is about those of them that they removed.
    pub(super) fn carried(&mut self, outside: &Outside) -> Result<Vec<Carried>, BookError> {
        let mut carried = Vec::new();
        if outside.changes.is_empty() {
            return Ok(carried);
        }
        self.ensure_all()?;
        for shard in 0..self.document.shard_count() {
            carried.extend(self.document.carried(shard, outside)?);
        }
        self.add_what_was_seen(&mut carried)?;
        Ok(carried)
    }

    /// What this device had read before the seal, against what the base says. Whatever it had not read may have changed, made or
    /// removed any row: then only the rows that are gone are counted, and as doubtful.
    fn compare(
        &mut self,
        ctx: &Context<'_>,
        arrival: &Arrival,
        there: &mut Document,
        carried: &[Carried],
    ) -> Result<Option<Continuity>, BookError> {
        let Some(log) = &self.log else { return Ok(None) };
        let unread = self.unread(arrival, log)?;
        // Rows go without further explanation by an erasure alone.
        let (epoch, gone) = (arrival.op.epoch, if arrival.erased { arrival.base.gone } else { 0 });
        let mut found = Continuity { epoch, gone, ..Continuity::default() };
        let Some(unread) = unread else { return Ok(Some(found)) };
        (found.compared, found.unread) = (unread == 0, unread);
        let is_read = |entry: &Entry| {
            let placed = entry.n.is_some() && entry.standing == Standing::Accepted;
            placed && entry.dseq <= reach(&arrival.base, &entry.device)
        };
        // What was refused is in no base, though it may still be in the document here.
        let beyond = match found.compared && self.store.own_lost(&self.device())? == 0 {
            true => Cow::Borrowed(carried),
            false => Cow::Owned(self.carried(&self.outside(is_read)?)?),
        };
        let mut theirs = flat(there)?;
        let mut mine = self.flat_rows()?;
        for row in beyond.iter().filter(|row| row.table != Table::Conflicts) {
            match &row.old {
                // What was removed here as well is missed by nobody.
                Some(old) if old.live && (found.compared || row.mine.live) => {
                    mine.insert((row.table, row.id), prevail::settled(old.clone()))
                }
                _ => mine.remove(&(row.table, row.id)),
            };
        }
        for (key, row) in mine {
            match theirs.remove(&key) {
                None if found.compared => found.missing += 1,
                None => found.doubtful += 1,
                Some(base) if !found.compared || same_values(&row, &base) => continue,
                Some(_) => found.changed += 1,
            }
            found.kept.push(row);
        }
        match found.compared {
            true => found.added = theirs.len() as u64,
            false => found.doubtful = found.doubtful.saturating_sub(gone),
        }
        match found.unexplained() + found.doubtful > 0 && !arrival.erased {
            true => found.until = Some(ctx.now.timestamp_millis().saturating_add(KEPT)),
            false => found.kept.clear(),
        }
        Ok(Some(found))
    }

    /// How many entries that may say something of a row stand before the seal and are not in this device's document. None where it
    /// has read another log than the one that was sealed.
    fn unread(&self, arrival: &Arrival, log: &LogState) -> Result<Option<u64>, BookError> {
        let (op, held) = (&arrival.op, self.store.left_out()?);
        let mut head = log.head;
        // The roster's own entries say nothing of a row, and all of them are known. Where an epoch in between was missed, its op
        // stands for what that one left out.
        if op.epoch == log.roster.epoch + 1 {
            let known: BTreeSet<EntryId> = self.store.roster_entries()?.into_iter().map(|entry| entry.id).collect();
            let before = arrival.envelopes.split_last().map_or(&[][..], |(_, before)| before);
            for id in before.iter().map(Envelope::id).filter(|id| !known.contains(id)) {
                head = head.next(&id);
            }
        }
        let places = match op.seal_n.checked_sub(head.n) {
            None => return Ok(None),
            Some(0) if head.h != op.seal_h => return Ok(None),
            Some(_) if self.local.has_lost_log() => return Ok(None),
            Some(places) => places,
        };
        // What waits here waited for whoever founded the epoch, too, unless what it waits for was not read or was left out here alone.
        let is_alone = places > 0 || held.iter().any(|entry| entry.standing == Standing::Quarantined);
        let in_base = held.iter().filter(|entry| is_alone && entry.dseq <= reach(&arrival.base, &entry.device));
        let unopened = self.store.count(Standing::Opening)? + self.store.count(Standing::Suspect)?;
        Ok(Some(places + in_base.count() as u64 + unopened))
    }

    /// Every row that this device shows, as it shows it; without what was kept aside.
    pub(crate) fn flat_rows(&mut self) -> Result<BTreeMap<(Table, RowId), RowState>, BookError> {
        self.ensure_all()?;
        flat(&mut self.document)
    }

    /// How the newest epoch compares with what this device had, and those before it that nobody has looked at.
    pub(crate) fn continuity(&self) -> Result<Option<Continuity>, BookError> {
        read(&self.store, CONTINUITY)
    }

    /// Somebody has looked at what epochs left out: the rows are kept no longer, and the next epoch tells of itself alone.
    pub(crate) fn forget_kept(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(mut found) = self.continuity()? else { return Ok(()) };
        found.seen = true;
        found.earlier.clear();
        found.drop_rows();
        self.keep_continuity(ctx, found)
    }

    /// The rows that an epoch left out are kept no longer once their time is over.
    pub(crate) fn forget_kept_in_time(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let now = ctx.now.timestamp_millis();
        let is_over = |one: &Continuity| one.until.is_some_and(|until| now >= until);
        let Some(mut found) = self.continuity()?.filter(|found| found.all().any(is_over)) else { return Ok(()) };
        for one in found.earlier.iter_mut().filter(|one| is_over(one)) {
            one.drop_rows();
        }
        if is_over(&found) {
            found.drop_rows();
        }
        self.keep_continuity(ctx, found)
    }

    fn keep_continuity(&mut self, ctx: &mut Context<'_>, found: Continuity) -> Result<(), BookError> {
        self.store.atomically(|tx| {
            tx.ask_for_purge()?;
            put(tx, CONTINUITY, &Some(found), ctx.rng)
        })?;
        Ok(self.store.purge()?)
    }

    /// The base of this epoch as it lies here, opened; none in the first epoch.
    pub(crate) fn base_parts(&self) -> Result<Vec<ByteVec>, BookError> {
        Ok(self.store.base_parts()?.into_iter().map(|entry| entry.bytes.into()).collect())
    }
}

/// Where an entry of this device's store stands, seen from another document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It is there, with all that it follows.
    Inside,
    /// It is to be carried there.
    Outside,
    /// Its author brings it, if it is not there.
    Others,
}

impl From<bool> for Side {
    fn from(inside: bool) -> Self {
        if inside { Self::Inside } else { Self::Outside }
    }
}

/// Is a recovery sheet of this device that was refused still to be replaced? By nobody who is no organiser any more, and not where
/// another sheet has come into force before the epoch, whoever printed it.
fn waits_for_a_sheet(log: Option<&LogState>, arrival: &Arrival) -> bool {
    let member = arrival.roster.active(&arrival.keys.device_id());
    let is_organiser = member.is_some_and(|member| member.role == Role::Organiser);
    let is_new = |sheet: &DeviceId| log.is_some_and(|log| !log.roster.recovery.contains_key(sheet));
    is_organiser && !arrival.roster.recovery.keys().any(is_new)
}

/// The devices in a later roster that an earlier one does not have: their joins are among the entries that an epoch has replaced,
/// or the op itself has let them in.
fn newcomers<'a>(earlier: &'a Roster, later: &'a Roster) -> impl Iterator<Item = DeviceId> + 'a {
    let known = |device: &DeviceId| earlier.members.contains_key(device) || earlier.pending.contains_key(device);
    later.members.keys().chain(later.pending.keys()).copied().filter(move |device| !known(device))
}

/// The log as it stands right after the op.
fn log_of(arrival: &Arrival) -> Result<LogState, BookError> {
    let op = arrival.envelopes.last().ok_or(BookError::Bug("arrival"))?;
    let mut tips: BTreeMap<_, _> = Sealed::of(&arrival.base).tips().collect();
    let author = op.header();
    tips.insert(author.device, Tip { dseq: author.dseq, id: op.id() });
    Ok(LogState::resume(arrival.roster.clone(), &op.id(), tips))
}

/// Keeps the roster's envelopes in their order; the op alone has its place in the log with its hash.
fn keep_roster(tx: &mut Tx<'_>, arrival: &Arrival, log: &LogState) -> Result<(), StoreError> {
    let last = arrival.envelopes.last().map(Envelope::id);
    for envelope in &arrival.envelopes {
        let header = envelope.header();
        tx.add_entry(&NewEntry {
            at: (last == Some(envelope.id())).then_some(log.head),
            id: envelope.id(),
            device: header.device,
            dseq: header.dseq,
            kind: Some(Kind::Roster),
            standing: Standing::Accepted,
            edits: 0,
            bytes: envelope.bytes(),
        })?;
    }
    Ok(())
}

/// Keeps the own join as sent, if it is not among the roster's envelopes that are here: it comes back as its id.
pub(crate) fn keep_join(tx: &mut Tx<'_>, join: Option<&Envelope>) -> Result<(), StoreError> {
    match join {
        Some(join) if !tx.has_entry(&join.id())? => tx.add_entry(&super::outgoing::unsent_entry(join, 0)),
        _ => Ok(()),
    }
}

fn keep_parts(tx: &mut Tx<'_>, parts: &[Vec<u8>]) -> Result<(), BookError> {
    for bytes in parts {
        let envelope = Envelope::parse(bytes.clone()).map_err(|_| BookError::Bug("base_part"))?;
        tx.add_entry(&NewEntry {
            at: None,
            id: EntryId::of_envelope(bytes),
            device: envelope.header().device,
            dseq: 0,
            kind: Some(Kind::Base),
            standing: Standing::Accepted,
            edits: 0,
            bytes,
        })?;
    }
    Ok(())
}

fn flat(document: &mut Document) -> Result<BTreeMap<(Table, RowId), RowState>, BookError> {
    let mut rows = BTreeMap::new();
    for shard in 0..document.shard_count() {
        for row in document.rows(shard)? {
            if row.live && row.table != Table::Conflicts {
                rows.insert((row.table, row.id), prevail::settled(row));
            }
        }
    }
    Ok(rows)
}

fn same_values(one: &RowState, other: &RowState) -> bool {
    one.fields.len() == other.fields.len()
        && one.fields.iter().all(|(name, value)| value_of(other, name).as_ref() == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_version_kept_is_read() {
        let before = (3_u32, true, 1_u64, 2_u64, 0_u64, 0_u64, Vec::<RowState>::new(), Some(7_i64));
        let found: Continuity = postcard::from_bytes(&postcard::to_allocvec(&before).unwrap()).unwrap();
        let expected =
            Continuity { epoch: 3, compared: true, gone: 1, missing: 2, until: Some(7), ..Continuity::default() };
        assert_eq!(found, expected);
        let between = (3_u32, true, 1_u64, 2_u64, 0_u64, 0_u64, Vec::<RowState>::new(), Some(7_i64), 2_u64, 1_u64);
        let found: Continuity = postcard::from_bytes(&postcard::to_allocvec(&between).unwrap()).unwrap();
        assert_eq!(found, Continuity { unread: 2, doubtful: 1, ..expected.clone() });
        let earlier = vec![expected.clone()];
        let now = Continuity { unread: 2, doubtful: 1, seen: true, earlier, ..expected };
        let read: Continuity = postcard::from_bytes(&postcard::to_allocvec(&now).unwrap()).unwrap();
        assert_eq!(read, now);
    }

    #[test]
    fn an_epoch_hides_nothing_that_nobody_has_looked_at() {
        let kept = vec![RowState::empty(Table::Contacts, RowId::from_bytes([7; 16]))];
        let lost = Continuity { epoch: 1, compared: true, missing: 1, kept, until: Some(7), ..Continuity::default() };
        let doubted = Continuity { epoch: 2, unread: 1, doubtful: 1, ..Continuity::default() };
        // It says that it erased more than this device had.
        let erasing = Continuity { epoch: 3, compared: true, gone: 3, ..Continuity::default() };

        let mut found = with_earlier(Some(doubted.clone()), Some(lost.clone()), false).unwrap();
        assert_eq!(found, Continuity { earlier: vec![lost.clone()], ..doubted.clone() });
        found = with_earlier(Some(erasing.clone()), Some(found), true).unwrap();
        let nameless = Continuity { kept: Vec::new(), until: None, ..lost.clone() };
        assert_eq!(found, Continuity { earlier: vec![nameless, doubted.clone()], ..erasing.clone() });
        assert_eq!(found.all().map(Continuity::unexplained).collect::<Vec<_>>(), [1, 0, 0]);

        for nothing in [Continuity { seen: true, ..lost }, Continuity { doubtful: 0, ..doubted }] {
            assert_eq!(with_earlier(Some(erasing.clone()), Some(nothing), false), Some(erasing.clone()));
        }
        assert_eq!(with_earlier(None, Some(found), false), None);
    }
}
