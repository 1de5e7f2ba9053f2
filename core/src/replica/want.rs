//! Founding an epoch: from somebody's wish to an op in the log, whatever happens in between.
//!
//! ```text
//! wanted ─► (log read to its end, own edits sent) ─► built ─► parts staged ─► op posted ─► arrived
//!   ▲                                                  │ somebody's entry came first: built again
//!   └──────────────────────────────────────────────────┘
//! ```
//! The wish is kept until it is fulfilled or taken back, and so is what was built for it, so a phone that stops at any arrow
//! goes on from there. What always holds: the base holds what this phone shows and nothing it could not read; what it left
//! unread is named, so that its author makes it again; and the key goes to exactly those who remain.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use samla_wire::envelope::SUITE;
use samla_wire::http::{Wrap, wraps_hash};
use samla_wire::ids::WrapHash;
use samla_wire::planted::{Fault, is_planted};
use samla_wire::roster::{
    BasePart, Epoch, Newcomer, Raise, Reason, Role, Roster, RosterBody, RosterOp, members_digest,
};
use samla_wire::rules::{LogState, read_body};
use samla_wire::{DeviceId, EntryId, Envelope, Header, InviteId, Kind, LogHash};

use super::Replica;
use super::arrival::Arrival;
use super::base::open_base;
use super::local::Phase;
use super::rebase::{kept_fields, owners};
use crate::context::Context;
use crate::document::base::{BaseRow, actor, found};
use crate::document::{Document, Numbers};
use crate::error::BookError;
use crate::ids::RowId;
use crate::register::prevail;
use crate::seal::{Base, Cut, EpochKey, SealedTip, pack_base, seal_envelope, wrap_key};
use crate::store::{Entry, Standing, Store, StoreError, Tx};
use crate::tables::{Answer, FieldPath, LIVE, RowState, Table};

const NAME: &str = "want";
/// How often somebody may come first before the others are to be asked to pause.
pub(crate) const TRIES: u32 = 20;
/// The length of a wrap of this suite.
const WRAP_LEN: usize = 80;

/// An epoch that this device means to found.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Want {
    #[n(0)]
    pub(crate) reason: Reason,
    /// Devices that go.
    #[n(1)]
    pub(crate) removed: Vec<DeviceId>,
    /// Members that get fewer rights.
    #[n(2)]
    pub(crate) lowered: Vec<Raise>,
    /// Contacts that are erased.
    #[n(3)]
    erased: Vec<ByteVec>,
    /// How often somebody came first.
    #[n(4)]
    pub(crate) tries: u32,
    #[n(5)]
    pub(crate) built: Option<Built>,
}

/// What was made for it, to be sent byte for byte.
#[derive(Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Built {
    /// The op's envelope.
    #[n(0)]
    pub(crate) op: ByteVec,
    #[n(1)]
    pub(crate) wraps: Vec<Wrap>,
    /// The parts of its base.
    #[n(2)]
    pub(crate) parts: Vec<EntryId>,
    /// How many of them the server has.
    #[n(3)]
    pub(crate) staged: u32,
    #[n(4)]
    key: ByteVec,
}

impl std::fmt::Debug for Built {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Built").field("parts", &self.parts.len()).field("staged", &self.staged).finish_non_exhaustive()
    }
}

impl Want {
    pub(crate) fn new(reason: Reason) -> Self {
        Self { reason, removed: Vec::new(), lowered: Vec::new(), erased: Vec::new(), tries: 0, built: None }
    }

    /// Devices that go, for this reason.
    pub(crate) fn removing(reason: Reason, removed: Vec<DeviceId>) -> Self {
        Self { removed, ..Self::new(reason) }
    }

    /// A member that gets fewer rights.
    pub(crate) fn lowering(lower: Raise) -> Self {
        Self { lowered: vec![lower], ..Self::new(Reason::Remove) }
    }

    pub(crate) fn erasing(contacts: &[RowId]) -> Self {
        let erased = contacts.iter().map(|id| id.as_bytes().to_vec().into()).collect();
        Self { erased, ..Self::new(Reason::Erase) }
    }

    pub(crate) fn read(store: &Store) -> Result<Option<Self>, StoreError> {
        if is_planted(Fault::WishForgotten) {
            return Ok(None);
        }
        let bytes = store.state(NAME)?;
        bytes.map(|bytes| minicbor::decode(&bytes).map_err(|_| StoreError::Damaged(None))).transpose()
    }

    /// The same, with nothing built for it, after so many tries.
    pub(crate) fn unbuilt(&self, tries: u32) -> Self {
        Self { built: None, tries, ..self.clone() }
    }

    /// The op that is on its way.
    pub(super) fn op_id(&self) -> Option<EntryId> {
        self.built.as_ref().map(|built| EntryId::of_envelope(&built.op))
    }

    /// The contacts that are to be erased.
    pub(crate) fn erased(&self) -> Vec<RowId> {
        let ids = self.erased.iter().filter_map(|id| id.as_slice().try_into().ok());
        ids.map(RowId::from_bytes).collect()
    }

    /// What is left to do after an epoch has begun, whoever founded it, and whether it erased somebody. Who is not there any more
    /// for another reason is still to be erased: a colleague's phone may keep words about them for its author. So is who was
    /// only removed, by whomever, when the epoch erased somebody else: what is about them is still there. Whoever may found no
    /// epoch any more is told so when the next one is to be built; a wish that asked for nothing but a new key ends here.
    pub(super) fn after(
        self,
        roster: &Roster,
        erases: bool,
        document: &mut Document,
    ) -> Result<Option<Self>, BookError> {
        let still_in = |device: &DeviceId| roster.members.contains_key(device) || roster.pending.contains_key(device);
        let still_higher = |lower: &Raise| roster.members.get(&lower.device).is_some_and(|m| m.role > lower.role);
        let mut erased = self.erased();
        if erases && !erased.is_empty() {
            let mut all = Vec::new();
            for shard in 0..document.shard_count() {
                all.append(&mut document.rows(shard)?);
            }
            erased.retain(|id| !erased_with(&all, &[*id]).is_empty());
        }
        let want = Self {
            removed: self.removed.into_iter().filter(still_in).collect(),
            lowered: self.lowered.into_iter().filter(still_higher).collect(),
            erased: erased.iter().map(|id| id.as_bytes().to_vec().into()).collect(),
            tries: self.tries + 1,
            built: None,
            ..self
        };
        let done = want.removed.is_empty() && want.lowered.is_empty() && want.erased.is_empty();
        Ok((!done).then_some(want))
    }

    /// One wish and another. What is built already may be on the server, so it goes out as it is; what it leaves undone is built
    /// after it ([`after`](Self::after)).
    pub(crate) fn and(mut self, other: Self) -> Self {
        // Of two reasons that which asks more of the others: after an erasure they must keep nothing aside.
        let weight = |reason| match reason {
            Reason::Rotate => 0,
            Reason::Remove => 1,
            Reason::Restore => 2,
            Reason::Erase => 3,
        };
        if weight(other.reason) > weight(self.reason) {
            self.reason = other.reason;
        }
        self.tries = 0;
        self.removed
            .extend(other.removed.into_iter().filter(|device| !self.removed.contains(device)).collect::<Vec<_>>());
        // Of two wishes about one member the later holds.
        self.lowered.retain(|before| !other.lowered.iter().any(|later| later.device == before.device));
        self.lowered.extend(other.lowered);
        self.erased.extend(other.erased);
        self
    }
}

/// Keeps a wish, or that there is none. What was built for another one is forgotten.
pub(super) fn keep(tx: &mut Tx<'_>, want: Option<&Want>, rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
    if want.is_none_or(|want| want.built.is_none()) {
        tx.drop_states_of(PART)?;
    }
    match want {
        Some(want) => tx.put_state(NAME, &samla_wire::to_cbor(want), rng),
        None => tx.drop_state(NAME),
    }
}

/// How the states that hold the parts of a base are called.
const PART: &str = "part ";

fn part_name(id: &EntryId) -> String {
    format!("{PART}{id}")
}

/// Who founds the epoch.
struct Author {
    device: DeviceId,
    key: ed25519_dalek::SigningKey,
    newcomer: Option<Newcomer>,
}

impl Replica {
    /// Wants an epoch, durably; together with what was wanted before.
    pub(crate) fn want(&mut self, ctx: &mut Context<'_>, want: Want) -> Result<(), BookError> {
        let want = self.wanted_with(want);
        self.set_want(ctx, Some(want))
    }

    /// This wish together with what was wanted before.
    pub(super) fn wanted_with(&self, want: Want) -> Want {
        match self.want.clone() {
            Some(before) => before.and(want),
            None => want,
        }
    }

    /// Keeps another wish, for which nothing is built yet, or none.
    pub(crate) fn set_want(&mut self, ctx: &mut Context<'_>, want: Option<Want>) -> Result<(), BookError> {
        self.store.atomically(|tx| keep(tx, want.as_ref(), ctx.rng))?;
        self.want = want;
        Ok(())
    }

    /// One more part is on the server.
    pub(crate) fn note_staged(&mut self, ctx: &mut Context<'_>, staged: u32) -> Result<(), BookError> {
        let Some(mut want) = self.want.clone() else { return Ok(()) };
        if let Some(built) = &mut want.built {
            built.staged = staged;
        }
        self.store.atomically(|tx| keep(tx, Some(&want), ctx.rng))?;
        self.want = Some(want);
        Ok(())
    }

    /// Somebody came first: what was built does not fit any more.
    pub(crate) fn build_again(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(want) = &self.want else { return Ok(()) };
        let want = want.unbuilt(want.tries + 1);
        self.set_want(ctx, Some(want))
    }

    /// A part that was built.
    pub(crate) fn built_part(&self, id: &EntryId) -> Result<Vec<u8>, BookError> {
        self.store.state(&part_name(id))?.ok_or(BookError::Bug("part"))
    }

    /// Builds the epoch that is wanted from what this phone shows. The log must have been read to its end, and nothing of
    /// this phone's own may wait.
    pub(crate) fn build_epoch(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let Some(want) = self.want.clone() else { return Ok(()) };
        let log = self.log.clone().ok_or(BookError::Joining)?;
        let author = self.author()?;
        let erased = want.erased();
        let (rows, gone) = self.base_rows(ctx, &erased)?;
        let (mut op, key) = self.draft_op(ctx, &want, &log, &author);
        let next = log.roster.after_epoch(&author.device, &Epoch { base: vec![PLACEHOLDER], ..op.clone() });
        let Ok(next) = next else {
            // It never will be: its author is told, and the book goes on.
            self.set_want(ctx, None)?;
            return Err(BookError::NotAllowed);
        };

        let actor = actor(&self.book(), op.epoch);
        let mut base = self.base_beside(&log, &next, gone)?;
        op.base_heads.clear();
        for shard in rows.values() {
            let (change, head) = found(&actor, shard)?;
            base.changes.push(change.into());
            op.base_heads.push(EntryId(head));
        }
        let parts = self.seal_parts(ctx, &op, &author, &key, &base)?;
        op.base = parts.iter().map(|part| BasePart { id: part.id(), len: part.bytes().len() as u32 }).collect();
        let wraps = self.wraps(ctx, &next, &key, op.epoch)?;
        op.wraps_hash = wraps_hash(&wraps);
        op.members_digest = members_digest(&next);

        let body = RosterBody { rseq: log.roster.rseq + 1, rprev: log.roster.rhead, op: RosterOp::Epoch(op) };
        let header = self.header_of(Kind::Roster, &log, author.device)?;
        let envelope =
            Envelope::sign(header, &samla_wire::to_cbor(&body), &author.key).map_err(|_| BookError::Bug("epoch_op"))?;
        let built = Built {
            op: envelope.bytes().to_vec().into(),
            wraps,
            parts: parts.iter().map(Envelope::id).collect(),
            staged: 0,
            key: key.as_bytes().to_vec().into(),
        };
        let want = Want { built: Some(built), ..want };
        self.store.atomically(|tx| {
            parts.iter().try_for_each(|part| tx.put_state(&part_name(&part.id()), part.bytes(), ctx.rng))?;
            keep(tx, Some(&want), ctx.rng)
        })?;
        self.want = Some(want);
        Ok(())
    }

    fn author(&self) -> Result<Author, BookError> {
        match &self.local.phase {
            Phase::Recovering(recovering) => {
                let sheet = recovering.secret().ok_or(BookError::Bug("sheet"))?;
                let newcomer = Newcomer { ed_pub: self.keys.public_key(), prekey: self.keys.prekey().public() };
                Ok(Author { device: sheet.device_id(), key: sheet.signing_key(), newcomer: Some(newcomer) })
            }
            _ => Ok(Author { device: self.device(), key: self.keys.signing_key().clone(), newcomer: None }),
        }
    }

    /// The op as far as the wish alone tells.
    fn draft_op(&self, ctx: &mut Context<'_>, want: &Want, log: &LogState, author: &Author) -> (Epoch, EpochKey) {
        let roster = &log.roster;
        let epoch = roster.epoch.saturating_add(1);
        let known = |device: &DeviceId| roster.members.contains_key(device) || roster.pending.contains_key(device);
        let removed: Vec<DeviceId> =
            want.removed.iter().copied().filter(|device| known(device) && *device != author.device).collect();
        let lowered: Vec<Raise> = want
            .lowered
            .iter()
            .filter(|lower| {
                let member = roster.members.get(&lower.device).filter(|member| !member.left);
                member.is_some_and(|member| member.role > lower.role) && !removed.contains(&lower.device)
            })
            .cloned()
            .collect();
        let stays_organiser = |device: &DeviceId| {
            let organiser = roster.active(device).is_some_and(|member| member.role == Role::Organiser);
            organiser && !removed.contains(device) && !lowered.iter().any(|lower| lower.device == *device)
        };
        let kept = roster.invites.iter().filter(|(_, open)| stays_organiser(&open.author)).map(|(id, _)| *id);
        let kept_invites: Vec<InviteId> = if want.reason == Reason::Erase { Vec::new() } else { kept.collect() };
        let key = EpochKey::make(ctx.rng);
        let op = Epoch {
            epoch,
            seal_n: log.head.n,
            seal_h: log.head.h,
            suite: SUITE,
            rules: roster.rules,
            shards: roster.shards,
            key_commit: key.commit(epoch),
            base: Vec::new(),
            base_heads: vec![EntryId::ZERO; usize::from(roster.shards)],
            wraps_hash: WrapHash::ZERO,
            removed,
            lowered,
            kept_invites,
            reason: want.reason,
            members_digest: LogHash::ZERO,
            newcomer: author.newcomer.clone(),
        };
        (op, key)
    }

    /// The rows of the new base by shard, and how many an erasure leaves out.
    fn base_rows(
        &mut self,
        ctx: &mut Context<'_>,
        erased: &[RowId],
    ) -> Result<(BTreeMap<u16, Vec<BaseRow>>, u64), BookError> {
        let (mut all, mut numbers): (Vec<RowState>, Numbers) = Default::default();
        self.ensure_all()?;
        for shard in 0..self.document.shard_count() {
            all.extend(self.document.rows(shard)?.into_iter().filter(|row| row.live));
            numbers.append(&mut self.document.numbers(shard)?);
        }
        if is_planted(Fault::SkippedThenSealed) {
            self.skip_newest(&mut all)?;
        }
        let gone = erased_with(&all, erased);
        let there: BTreeSet<(Table, RowId)> = all.iter().map(|row| (row.table, row.id)).collect();
        let count = gone.iter().filter(|(table, _)| *table != Table::Conflicts).count() as u64;
        let mut rows: BTreeMap<u16, Vec<BaseRow>> =
            (0..self.document.shard_count()).map(|shard| (shard, Vec::new())).collect();
        for state in all {
            let key = (state.table, state.id);
            let about_nothing =
                state.table == Table::Conflicts && owners(&state).iter().any(|owner| !there.contains(owner));
            if gone.contains(&key) || about_nothing {
                continue;
            }
            let shard = rows.entry(self.document.shard_of(&state.id)).or_default();
            let clashes = state.clashes.clone();
            let settled = prevail::settled(state);
            for clash in clashes.iter().filter(|clash| clash.field != LIVE) {
                let shown = super::rebase::value_of(&settled, &clash.field);
                // The one that is shown is kept among them: it says whose it is.
                let of_somebody = |answer: &&Answer| answer.value.is_some() || answer.value != shown;
                for answer in clash.answers.iter().filter(of_somebody) {
                    let path = FieldPath { table: key.0, id: key.1, field: clash.field.clone() };
                    let fields = kept_fields(&path, &answer.value, &shown, Some((answer.device, answer.at)));
                    let (table, id, numbers) = (Table::Conflicts, key.1.child_of(ctx), Vec::new());
                    shard.push(BaseRow { table, id, fields, numbers });
                }
            }
            let numbers = numbers.remove(&key).unwrap_or_default();
            shard.push(BaseRow { table: settled.table, id: settled.id, fields: settled.fields, numbers });
        }
        for shard in rows.values_mut() {
            shard.sort_by_key(|row| (row.table, row.id));
        }
        Ok((rows, count))
    }

    /// Makes these rows what they were without the newest entry that a colleague wrote: a fault to be planted.
    fn skip_newest(&mut self, all: &mut Vec<RowState>) -> Result<(), BookError> {
        let me = self.device();
        let others =
            self.store.data_entries_after(0)?.into_iter().filter(|entry| entry.device != me && entry.n.is_some());
        let Some(newest) = others.max_by_key(|entry| entry.n) else { return Ok(()) };
        let outside = self.outside(|entry| entry.id != newest.id)?;
        for row in self.carried(&outside)? {
            all.retain(|state| (state.table, state.id) != (row.table, row.id));
            all.extend(row.old.filter(|old| old.live));
        }
        Ok(())
    }

    /// What the base says beside the document.
    fn base_beside(&self, log: &LogState, next: &Roster, gone: u64) -> Result<Base, BookError> {
        // Of those who are out as well: what they wrote is settled in this base, and must not count as news anywhere.
        let tips = log.tips.iter();
        let tips = tips.map(|(device, tip)| SealedTip { device: *device, dseq: tip.dseq, id: tip.id }).collect();
        let mut cut: BTreeMap<DeviceId, u64> = BTreeMap::new();
        let mut out = self.store.left_out()?;
        out.extend(self.refused_unheard(log)?);
        for entry in out {
            let least = cut.entry(entry.device).or_insert(u64::MAX);
            *least = (*least).min(entry.dseq.saturating_sub(1));
        }
        let cut = cut.into_iter().map(|(device, dseq)| Cut { device, dseq }).collect();
        let mut prekeys = self.known_prekeys()?;
        prekeys.retain(|known| next.members.contains_key(&known.device));
        Ok(Base { changes: Vec::new(), tips, cut, gone, prekeys })
    }

    /// Refused entries of which their authors have not heard, as far as what they have sent since tells: nothing of these is in the
    /// base, and nobody has written it again.
    fn refused_unheard(&self, log: &LogState) -> Result<Vec<Entry>, BookError> {
        let mut refused = self.store.entries_of(Standing::Refused)?;
        if refused.is_empty() {
            return Ok(refused);
        }
        let mut heard: BTreeMap<DeviceId, u64> = BTreeMap::new();
        for entry in self.store.entries_after(log.roster.epoch_n)? {
            if let Ok(envelope) = Envelope::parse(entry.bytes) {
                let heard = heard.entry(entry.device).or_default();
                *heard = envelope.header().seen_n.max(*heard);
            }
        }
        refused.retain(|entry| entry.n.is_some_and(|n| heard.get(&entry.device).is_none_or(|heard| *heard < n)));
        Ok(refused)
    }

    fn seal_parts(
        &self,
        ctx: &mut Context<'_>,
        op: &Epoch,
        author: &Author,
        key: &EpochKey,
        base: &Base,
    ) -> Result<Vec<Envelope>, BookError> {
        let sealing = key.base_key(&self.book(), op.epoch);
        let header = Header {
            kind: Kind::Base,
            book: self.book(),
            epoch: op.epoch,
            device: author.device,
            dseq: 0,
            dprev: EntryId::ZERO,
            seen_n: op.seal_n,
            seen_h: op.seal_h,
            nonce: [0; 24],
        };
        let parts = pack_base(base).into_iter();
        parts.map(|payload| Ok(seal_envelope(header, &payload, &sealing, &author.key, ctx.rng)?)).collect()
    }

    /// The new key for everybody who remains.
    fn wraps(&self, ctx: &mut Context<'_>, next: &Roster, key: &EpochKey, epoch: u32) -> Result<Vec<Wrap>, BookError> {
        let mut prekeys = self.prekeys_in(next)?;
        prekeys.extend(next.recovery.iter().map(|(id, sheet)| (*id, sheet.x_pub)));
        prekeys.extend(next.invites.iter().map(|(id, open)| (DeviceId(id.0), open.invite.x_pub)));
        let wraps = next.wrap_recipients().into_iter().map(|recipient| {
            let prekey = prekeys.get(&recipient).ok_or(BookError::Bug("wrap"))?;
            match wrap_key(key, &self.book(), epoch, recipient, prekey, ctx.rng) {
                Ok(wrap) => Ok(wrap),
                // Who told a prekey that nothing can be sealed to shuts itself out, and nobody else.
                Err(_) => {
                    let mut sealed = vec![0; WRAP_LEN];
                    ctx.rng.fill_bytes(&mut sealed);
                    Ok(Wrap { recipient, sealed: sealed.into() })
                }
            }
        });
        wraps.collect()
    }

    /// The epoch that was built here, as it arrives once the server has it.
    pub(crate) fn own_arrival(&self) -> Result<Arrival, BookError> {
        let bug = || BookError::Bug("own_epoch");
        let built = self.want.as_ref().and_then(|want| want.built.as_ref()).ok_or_else(bug)?;
        let envelope = Envelope::parse(built.op.to_vec()).map_err(|_| bug())?;
        let body = read_body(&envelope).map_err(|_| bug())?;
        let RosterOp::Epoch(op) = body.op.clone() else { return Err(bug()) };
        let log = self.log.as_ref().ok_or_else(bug)?;
        let author = envelope.header().device;
        let author_key = *log.roster.signing_key(&author).ok_or_else(bug)?;
        let mut roster = log.roster.clone();
        roster.apply(&envelope, &body).map_err(|_| bug())?;
        let parts = built.parts.iter().map(|id| self.built_part(id)).collect::<Result<Vec<_>, _>>()?;
        let key = EpochKey::from_bytes(built.key.as_slice().try_into().map_err(|_| bug())?);
        let base = open_base(&parts, &op, &author, &author_key, &self.book(), &key).ok_or_else(bug)?;
        let mut envelopes = Vec::new();
        for entry in self.store.roster_entries()? {
            envelopes.push(Envelope::parse(entry.bytes).map_err(|_| StoreError::Damaged(None))?);
        }
        envelopes.push(envelope);
        let erased = op.reason == Reason::Erase;
        Ok(Arrival { roster, envelopes, op, erased, base, parts, key, keys: self.keys.clone(), join: None })
    }
}

/// Stands for the base while who remains is counted.
const PLACEHOLDER: BasePart = BasePart { id: EntryId::ZERO, len: 1 };

/// The erased contacts with every row that belongs to them or is about them, and the rows that belong to those.
pub(crate) fn erased_with(all: &[RowState], erased: &[RowId]) -> BTreeSet<(Table, RowId)> {
    let mut gone: BTreeSet<(Table, RowId)> = erased.iter().map(|id| (Table::Contacts, *id)).collect();
    if gone.is_empty() {
        return gone;
    }
    let there: BTreeSet<(Table, RowId)> = all.iter().map(|row| (row.table, row.id)).collect();
    loop {
        let more: Vec<_> = all
            .iter()
            .filter(|row| !gone.contains(&(row.table, row.id)) && owners(row).iter().any(|owner| gone.contains(owner)))
            .map(|row| (row.table, row.id))
            .collect();
        if more.is_empty() {
            gone.retain(|key| there.contains(key));
            return gone;
        }
        gone.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erasure_stays_one_whatever_is_wanted_with_it() {
        for other in [Reason::Rotate, Reason::Remove, Reason::Restore] {
            let erase = || Want::erasing(&[RowId::from_bytes([7; 16])]);
            assert_eq!(Want::new(other).and(erase()).reason, Reason::Erase);
            assert_eq!(erase().and(Want::new(other)).reason, Reason::Erase);
        }
    }

    #[test]
    fn whoever_asks_again_gets_every_try_again() {
        let tired = Want::new(Reason::Rotate).unbuilt(TRIES + 1);
        assert_eq!(tired.and(Want::new(Reason::Rotate)).tries, 0);
    }
}
