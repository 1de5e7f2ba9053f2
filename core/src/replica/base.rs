//! What this phone's document begins with: the first base, or the one that an epoch was founded on.
//!
//! The parts of a later base lie in the log as they crossed the wire. Nothing in them is believed before it was checked; what
//! lies here was checked when it came.

use std::cell::RefCell;
use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use samla_wire::ids::Prekey;
use samla_wire::roster::{BasePart, Epoch, Roster};
use samla_wire::rules::Tip;
use samla_wire::{BookId, DeviceId, EntryId, Envelope, Head, Kind};

use super::Replica;
use super::local::Phase;
use crate::document::{Beginning, DocumentError, Kept, base};
use crate::error::BookError;
use crate::seal::{Base, DeviceKeys, EpochKey, KnownPrekey, SealKey, SealedTip, open_envelope, unpack_base};
use crate::store::{Store, StoreError};
use crate::validate::judge_base;

/// The state that holds what the base says beside the document.
pub(super) const SEALED: &str = "sealed";

/// What an epoch's founder knew of those who wrote before it.
#[derive(Debug, Clone, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub(super) struct Sealed {
    #[n(0)]
    pub(super) tips: Vec<SealedTip>,
    #[n(1)]
    pub(super) prekeys: Vec<KnownPrekey>,
}

impl Sealed {
    pub(super) fn of(base: &Base) -> Self {
        Self { tips: base.tips.clone(), prekeys: base.prekeys.clone() }
    }

    /// Each author's newest envelope before this epoch.
    pub(super) fn tips(&self) -> impl Iterator<Item = (DeviceId, Tip)> {
        self.tips.iter().map(|tip| (tip.device, Tip { dseq: tip.dseq, id: tip.id }))
    }

    pub(super) fn read(store: &Store) -> Result<Self, StoreError> {
        match store.state(SEALED)? {
            Some(bytes) => minicbor::decode(&bytes).map_err(|_| StoreError::Damaged(None)),
            None => Ok(Self::default()),
        }
    }
}

/// How far this author's envelopes are in a base.
pub(super) fn reach(base: &Base, device: &DeviceId) -> u64 {
    let cut = base.cut.iter().find(|cut| cut.device == *device).map(|cut| cut.dseq);
    cut.unwrap_or_else(|| tip_of(base, device))
}

/// How far the log had this author's envelopes when a base was made, whatever became of them.
pub(super) fn tip_of(base: &Base, device: &DeviceId) -> u64 {
    base.tips.iter().find(|tip| tip.device == *device).map_or(0, |tip| tip.dseq)
}

/// Opens and checks the parts of a base as the op names them.
///
/// Fails with none where anything differs: an organiser made it wrong, or a server changed it.
pub(crate) fn open_base(
    parts: &[Vec<u8>],
    op: &Epoch,
    author: &DeviceId,
    author_key: &samla_wire::ids::SigningKey,
    book: &BookId,
    key: &EpochKey,
) -> Option<Base> {
    let seal = Head { n: op.seal_n, h: op.seal_h };
    let sealing = key.base_key(book, op.epoch);
    if parts.len() != op.base.len() {
        return None;
    }
    let payloads = parts.iter().zip(&op.base).map(|(bytes, part)| {
        let envelope = part_of(bytes, part)?;
        let header = envelope.header();
        let fits = (header.kind, header.book, header.epoch) == (Kind::Base, *book, op.epoch)
            && (header.device, header.seen_n, header.seen_h) == (*author, seal.n, seal.h)
            && envelope.verify(author_key);
        open_part(&envelope, &sealing).filter(|_| fits)
    });
    let payloads: Vec<Vec<u8>> = payloads.collect::<Option<_>>()?;
    let opened = unpack_base(&payloads).ok()?;
    let actor = base::actor(book, op.epoch);
    let sound = opened.changes.len() == usize::from(op.shards)
        && op.base_heads.len() == opened.changes.len()
        && opened.changes.iter().zip(&op.base_heads).zip(0..).all(|((change, head), shard)| {
            judge_base(change, &actor, shard, op.shards).is_ok_and(|hash| hash == head.0)
        });
    sound.then_some(opened)
}

fn part_of(bytes: &[u8], part: &BasePart) -> Option<Envelope> {
    let named = EntryId::of_envelope(bytes) == part.id && bytes.len() == part.len as usize;
    Envelope::parse(bytes.to_vec()).ok().filter(|_| named)
}

fn open_part(envelope: &Envelope, key: &SealKey) -> Option<Vec<u8>> {
    open_envelope(envelope, key).ok().map(|payload| payload.to_vec())
}

/// Where shards come from: the kept copy, else the base that this phone's epoch starts from.
pub(super) struct Begin<'a> {
    store: &'a Store,
    copies: bool,
    /// The key of a later epoch's base.
    later: Option<SealKey>,
    opened: RefCell<Option<Base>>,
}

impl<'a> Begin<'a> {
    pub(super) fn new(store: &'a Store, book: &BookId, epoch: u32, key: Option<EpochKey>) -> Self {
        let later = key.filter(|_| epoch > 0).map(|key| key.base_key(book, epoch));
        Self { store, copies: true, later, opened: RefCell::default() }
    }

    /// The same without the kept copies.
    pub(super) fn without_copies(self) -> Self {
        Self { copies: false, ..self }
    }

    /// The base as it lies here, opened.
    pub(super) fn base(store: &Store, key: &SealKey) -> Result<Base, StoreError> {
        let damaged = || StoreError::Damaged(None);
        let parts = store.base_parts()?.into_iter().map(|entry| {
            let envelope = Envelope::parse(entry.bytes).ok()?;
            open_part(&envelope, key)
        });
        let parts: Vec<Vec<u8>> = parts.collect::<Option<_>>().ok_or_else(damaged)?;
        unpack_base(&parts).map_err(|_| damaged())
    }
}

impl Kept for Begin<'_> {
    fn shard(&self, shard: u16) -> Result<Beginning, DocumentError> {
        let damaged = |_| DocumentError::Damaged;
        if self.copies
            && let Some(copy) = self.store.cached(&super::keep::shard_name(shard)).map_err(damaged)?
        {
            return Ok(Beginning::Copy(copy));
        }
        let Some(key) = &self.later else { return Ok(Beginning::First) };
        let mut opened = self.opened.borrow_mut();
        let base = match &mut *opened {
            Some(base) => base,
            empty => empty.insert(Self::base(self.store, key).map_err(damaged)?),
        };
        let change = base.changes.get(usize::from(shard)).ok_or(DocumentError::Damaged)?;
        Ok(Beginning::Base(change.to_vec()))
    }
}

impl Replica {
    /// The epoch that this phone is in.
    pub(crate) fn epoch(&self) -> u32 {
        self.log.as_ref().map_or(0, |log| log.roster.epoch)
    }

    /// The prekey of each member as it last told of it, for those whose roster entry is older.
    pub(super) fn known_prekeys(&self) -> Result<Vec<KnownPrekey>, BookError> {
        let mut known: BTreeMap<DeviceId, Prekey> =
            Sealed::read(&self.store)?.prekeys.into_iter().map(|known| (known.device, known.prekey)).collect();
        for entry in self.store.attest_entries()? {
            if let Some(attest) = self.open_attest(&entry.bytes)
                && let Some(prekey) = attest.prekey
            {
                known.insert(entry.device, prekey);
            }
        }
        Ok(known.into_iter().map(|(device, prekey)| KnownPrekey { device, prekey }).collect())
    }

    /// The prekey of each member of a roster, as it last told of it.
    pub(super) fn prekeys_in(&self, roster: &Roster) -> Result<BTreeMap<DeviceId, Prekey>, BookError> {
        let mut prekeys: BTreeMap<DeviceId, Prekey> = roster.members.iter().map(|(id, m)| (*id, m.prekey)).collect();
        let told = self.known_prekeys()?.into_iter().filter(|known| roster.members.contains_key(&known.device));
        prekeys.extend(told.map(|known| (known.device, known.prekey)));
        Ok(prekeys)
    }

    /// Is what a base says of its members true, as far as this device can tell? Fails with [`BookError::EpochUnreadable`] where it
    /// names another prekey for one than that member told, because the next key would go to somebody else; or another
    /// envelope as an author's newest than the log has, because nobody would take the author's next one. Fails with
    /// [`BookError::DeviceFork`] where it names one of this device's own that this device has not written: another device
    /// writes with its keys, or the founder says so, and whatever it sent would be refused. `roster` are the envelopes up to
    /// the op.
    pub(crate) fn check_founders_word(
        &self,
        base: &Base,
        op: &Epoch,
        keys: &DeviceKeys,
        roster: &[Envelope],
    ) -> Result<(), BookError> {
        let read_to_seal = self.log.as_ref().filter(|log| log.head.n == op.seal_n && log.head.h == op.seal_h);
        let mut told = match read_to_seal {
            Some(log) => self.prekeys_in(&log.roster)?,
            None => BTreeMap::new(),
        };
        told.insert(keys.device_id(), keys.prekey().public());
        let other_prekey = |known: &KnownPrekey| told.get(&known.device).is_some_and(|prekey| *prekey != known.prekey);
        let tips: BTreeMap<DeviceId, Tip> = Sealed::of(base).tips().collect();
        let other_tips = read_to_seal.is_some_and(|log| log.tips != tips);
        if other_tips || base.prekeys.iter().any(other_prekey) {
            return Err(BookError::EpochUnreadable);
        }
        let own = tips.get(&self.device()).filter(|_| self.local.phase == Phase::Member);
        match own {
            Some(tip) if !self.may_have_written(tip, roster)? => Err(BookError::DeviceFork),
            _ => Ok(()),
        }
    }

    /// Is this an envelope of this device's? What it wrote before the epoch that it is in it knows by the end alone, and by the
    /// roster.
    fn may_have_written(&self, tip: &Tip, roster: &[Envelope]) -> Result<bool, BookError> {
        let me = self.device();
        let before = Sealed::read(&self.store)?.tips().find(|(device, _)| *device == me).map(|(_, tip)| tip);
        if let Some(before) = before.filter(|before| tip.dseq <= before.dseq) {
            return Ok(tip.dseq < before.dseq || *tip == before);
        }
        let is_it = |envelope: &Envelope| {
            (envelope.header().device, envelope.header().dseq) == (me, tip.dseq) && envelope.id() == tip.id
        };
        Ok(roster.iter().any(is_it) || self.store.has_written(&me, tip)?)
    }

    /// What a member said of itself; nothing where it cannot be opened.
    pub(super) fn open_attest(&self, bytes: &[u8]) -> Option<crate::seal::Attest> {
        let envelope = Envelope::parse(bytes.to_vec()).ok()?;
        let key = self.local.epoch_key()?.data_key(&self.book(), envelope.header().epoch);
        let payload = open_envelope(&envelope, &key).ok()?;
        samla_wire::from_canonical(&payload).ok()
    }
}
