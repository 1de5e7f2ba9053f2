//! What a phone remembers of its own part in a book: keys, what is under way, and what the user must be told.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use samla_wire::http::Wrap;
use samla_wire::ids::SigningKey;
use samla_wire::roster::{InviteMode, Reason, RecoveryKey, Role};
use samla_wire::{BookId, EntryId, Envelope, Head, InviteId};

use crate::document::{Document, actor_of};
use crate::ids::{Id, RowId};
use crate::seal::{DeviceKeys, EpochKey, InviteSecret, PrekeySecret, RecoverySecret};
use crate::store::{Store, StoreError, Tx};
use crate::tables::Person;

const NAME: &str = "local";

/// How far this phone has come with the book.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Phase {
    /// The book was made here and the server does not have it yet: the bytes of the request that founds it.
    #[n(0)]
    Founding(#[n(0)] ByteVec),
    /// A book to practise with, which is never sent.
    #[n(1)]
    Practice,
    /// On the way in.
    #[n(2)]
    Joining(#[n(0)] Joining),
    /// In.
    #[n(3)]
    Member,
    /// Out.
    #[n(4)]
    Removed,
    /// On the way in by a recovery sheet.
    #[n(5)]
    Recovering(#[n(0)] Recovering),
}

/// What does not go away by itself, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Alarm {
    /// The recovery sheet that was made last was refused: it opens nothing, and the one before it still does. Over when another one
    /// has its place, and for whoever is no organiser any more.
    #[n(4)]
    Sheet,
    /// The server's log is not the one that this phone knows: it was restored from a backup, or it lies. Over when the
    /// two agree again.
    #[n(0)]
    Chain,
    /// A member has seen another log than this one: the server shows different logs to different members.
    #[n(1)]
    Fork,
    /// A new epoch has begun that this phone cannot open, or whose base breaks the rules. It stays with what it has.
    #[n(3)]
    Epoch,
    /// Another device writes with this device's keys. This one stops sending.
    #[n(2)]
    DeviceFork,
}

impl Alarm {
    /// The stable word for it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Sheet => "sheet_refused",
            Self::Chain => "chain_mismatch",
            Self::Fork => "log_fork",
            Self::Epoch => "epoch_unreadable",
            Self::DeviceFork => "device_fork",
        }
    }
}

/// A join under way.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Joining {
    /// The link, which holds the invitation's secret.
    #[n(0)]
    pub(crate) link: String,
    /// The joiner's name, for the register.
    #[n(1)]
    pub(crate) name: String,
    /// What the joiner calls this device.
    #[n(2)]
    pub(crate) label: String,
    /// The join that is ready to be sent, and the role it brings.
    #[n(3)]
    pub(crate) ready: Option<ReadyJoin>,
    /// The join is in the log, and an organiser has to let this device in.
    #[n(4)]
    #[cbor(default)]
    pub(crate) waits: bool,
}

impl Joining {
    /// The join that was sent.
    pub(crate) fn envelope(&self) -> Option<Envelope> {
        self.ready.as_ref().and_then(|ready| Envelope::parse(ready.envelope.to_vec()).ok())
    }
}

impl std::fmt::Debug for Joining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joining").field("ready", &self.ready).finish_non_exhaustive()
    }
}

/// The way back in by a recovery sheet.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Recovering {
    /// The sheet's secret.
    #[n(0)]
    pub(crate) secret: ByteVec,
    /// The user's name, for the register.
    #[n(1)]
    pub(crate) name: String,
    /// What the user calls this device.
    #[n(2)]
    pub(crate) label: String,
    /// Put everybody else out.
    #[n(3)]
    pub(crate) alone: bool,
    /// The book is known, and checked as far as this sheet can.
    #[n(4)]
    pub(crate) found: bool,
}

impl std::fmt::Debug for Recovering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recovering").field("found", &self.found).finish_non_exhaustive()
    }
}

impl Recovering {
    pub(crate) fn secret(&self) -> Option<RecoverySecret> {
        self.secret.as_slice().try_into().ok().map(RecoverySecret::from_bytes)
    }
}

/// A join that is sealed and may be sent as often as needed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct ReadyJoin {
    /// Its envelope.
    #[n(0)]
    pub(crate) envelope: ByteVec,
    /// What the invitation makes of the joiner.
    #[n(1)]
    pub(crate) role: Role,
}

/// A roster op that waits to be sent.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct QueuedOp {
    /// What it does.
    #[n(0)]
    pub(crate) op: OwnOp,
    /// The envelope that was sealed for it.
    #[n(1)]
    pub(crate) entry: Option<EntryId>,
    /// The epoch's key for whom it lets in, sealed together with it.
    #[n(2)]
    pub(crate) wrap: Option<Wrap>,
}

impl QueuedOp {
    pub(crate) fn new(op: OwnOp) -> Self {
        Self { op, entry: None, wrap: None }
    }
}

/// The roster ops that this version makes.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) enum OwnOp {
    /// Open a door; the secret tells which of [`Local::invites`].
    #[n(0)]
    Invite(#[n(0)] InviteId),
    /// Close a door.
    #[n(1)]
    Uninvite(#[n(0)] InviteId),
    /// Give a member a higher role.
    #[n(2)]
    Raise(#[n(0)] samla_wire::DeviceId, #[n(1)] Role),
    /// Go.
    #[n(3)]
    Leave,
    /// Let a device in that waits.
    #[n(4)]
    Admit(#[n(0)] samla_wire::DeviceId, #[n(1)] Role),
    /// Turn a device away that waits.
    #[n(5)]
    Deny(#[n(0)] samla_wire::DeviceId),
    /// Add a recovery sheet.
    #[n(6)]
    AddSheet(#[n(0)] RecoveryKey),
    /// Retire the sheet with this secret, in its own name; where another one takes its place, not before that is in force.
    #[n(7)]
    RetireSheet(#[n(0)] ByteVec, #[n(1)] Option<samla_wire::DeviceId>),
}

impl OwnOp {
    /// Does it retire a recovery sheet because this one takes its place?
    pub(crate) fn replaces_by(&self, sheet: &samla_wire::DeviceId) -> bool {
        matches!(self, Self::RetireSheet(_, Some(new)) if new == sheet)
    }
}

/// An invitation that this phone opened.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct OwnInvite {
    /// Its id.
    #[n(0)]
    pub(crate) id: InviteId,
    #[n(1)]
    secret: ByteVec,
    /// What it makes of the joiner.
    #[n(2)]
    pub(crate) role: Role,
    /// How it lets in.
    #[n(3)]
    pub(crate) mode: InviteMode,
    /// Its last day, in days since 1970-01-01.
    #[n(4)]
    pub(crate) expires_day: u32,
    /// Where its op stands once it is in the log: what the link pins.
    #[n(5)]
    pub(crate) pin: Option<Pin>,
}

/// Where the log and the roster stood when an invitation was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Pin {
    /// The log with the invitation in it.
    #[n(0)]
    pub(crate) head: Head,
    /// The invitation's place in the roster.
    #[n(1)]
    pub(crate) rseq: u64,
    /// The invitation's envelope.
    #[n(2)]
    pub(crate) entry: EntryId,
}

impl OwnInvite {
    pub(crate) fn new(secret: &InviteSecret, role: Role, mode: InviteMode, expires_day: u32) -> Self {
        Self { id: secret.invite_id(), secret: secret.as_bytes().to_vec().into(), role, mode, expires_day, pin: None }
    }

    pub(crate) fn secret(&self) -> Option<InviteSecret> {
        self.secret.as_slice().try_into().ok().map(InviteSecret::from_bytes)
    }
}

/// What a phone remembers of its own part. Sealed as a whole in one state of the store.
#[derive(Clone, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Local {
    /// The server's origin; empty for practice.
    #[n(0)]
    pub(crate) server_url: String,
    #[n(1)]
    pub(crate) book: BookId,
    /// The device's keys.
    #[n(2)]
    pub(crate) keys: ByteVec,
    #[n(3)]
    epoch_key: Option<ByteVec>,
    #[n(4)]
    pub(crate) phase: Phase,
    /// Counts the times this device had to make its edits again.
    #[n(5)]
    pub(crate) incarnation: u32,
    /// The characters that are still to be asked back.
    #[n(6)]
    pub(crate) recovery_question: Option<ByteVec>,
    #[n(7)]
    pub(crate) invites: Vec<OwnInvite>,
    #[n(8)]
    pub(crate) queue: Vec<QueuedOp>,
    /// When all was last shared, in unix milliseconds.
    #[n(9)]
    pub(crate) last_shared: Option<i64>,
    /// The version that met something newer than itself; while it is this one, a newer version is needed to go on.
    #[n(11)]
    outdated: Option<String>,
    /// What the link pinned, until the log has been read that far.
    #[n(12)]
    pub(crate) pin: Option<Head>,
    /// The user's own row among the people.
    #[n(13)]
    pub(crate) person: Option<ByteVec>,
    /// The role that the invitation gave, until the log on this phone tells.
    #[n(14)]
    pub(crate) joined_as: Option<Role>,
    /// Seconds that this device's clock is ahead of the server's, when last compared.
    #[n(15)]
    pub(crate) clock_ahead: Option<i64>,
    /// The operator's token for founding a book.
    #[n(16)]
    pub(crate) operator_token: Option<String>,
    /// The prekey that the next epoch's key is to come by; once the others know of it, it takes the place of the old one.
    #[n(17)]
    next_prekey: Option<ByteVec>,
    /// When this device last told the others that it is there, in unix milliseconds.
    #[n(18)]
    pub(crate) attested: Option<i64>,
    /// Why this device is out, where an epoch op says so.
    #[n(19)]
    pub(crate) put_out: Option<PutOut>,
    /// A new epoch has begun: the storage key should be renewed, so that what was deleted is unreadable too.
    #[n(20)]
    #[cbor(default)]
    pub(crate) renew_key: bool,
    /// When the characters of the sheet were last asked back, in unix milliseconds.
    #[n(21)]
    pub(crate) sheet_checked: Option<i64>,
    /// The question to ask again later.
    #[n(22)]
    pub(crate) next_question: Option<ByteVec>,
    /// Devices that came in and nobody here has acknowledged yet, the newest last.
    #[n(23)]
    #[cbor(default)]
    pub(crate) news: Vec<CameIn>,
    /// The user's name and what the device is called, while they are not in the register yet.
    #[n(24)]
    to_introduce: Option<(String, String)>,
    /// What the user must be told, each as long as it lasts.
    #[n(25)]
    #[cbor(default)]
    alarms: Vec<Alarm>,
    /// The key by which the server signs receipts, as it was when this device first saw one.
    #[n(26)]
    pub(crate) server_key: Option<SigningKey>,
    /// How far a server has told this log, where what comes after it stands on a file's word alone; none where nothing does.
    #[n(27)]
    pub(crate) confirmed: Option<Head>,
    /// Places that members have signed to have seen in logs that this device gave up, until the server's has been read that far.
    #[n(29)]
    #[cbor(default)]
    pub(crate) signed: Vec<Head>,
}

/// A device that came in while this one was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct CameIn {
    #[n(0)]
    pub(crate) device: samla_wire::DeviceId,
    /// When this device learnt of it, in unix milliseconds.
    #[n(1)]
    pub(crate) at: i64,
}

/// More news than these are one: too many.
const NEWS: usize = 50;

/// Why a device is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct PutOut {
    /// The epoch that began without it.
    #[n(0)]
    pub(crate) epoch: u32,
    /// Why that epoch began.
    #[n(1)]
    pub(crate) reason: Reason,
}

impl Local {
    pub(crate) fn new(server_url: String, book: BookId, keys: &DeviceKeys, phase: Phase) -> Self {
        Self {
            server_url,
            book,
            keys: keys.to_bytes().to_vec().into(),
            epoch_key: None,
            phase,
            incarnation: 1,
            recovery_question: None,
            invites: Vec::new(),
            queue: Vec::new(),
            last_shared: None,
            outdated: None,
            pin: None,
            person: None,
            joined_as: None,
            clock_ahead: None,
            operator_token: None,
            next_prekey: None,
            attested: None,
            put_out: None,
            renew_key: false,
            sheet_checked: None,
            next_question: None,
            news: Vec::new(),
            to_introduce: None,
            alarms: Vec::new(),
            server_key: None,
            confirmed: None,
            signed: Vec::new(),
        }
    }

    pub(crate) fn read(store: &Store) -> Result<Self, StoreError> {
        let bytes = store.state(NAME)?.ok_or(StoreError::Damaged(None))?;
        minicbor::decode(&bytes).map_err(|_| StoreError::Damaged(None))
    }

    pub(crate) fn keep(&self, tx: &mut Tx<'_>, rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
        tx.put_state(NAME, &samla_wire::to_cbor(self), rng)
    }

    /// Is a newer version needed to go on?
    pub(crate) fn update_required(&self) -> bool {
        self.outdated.is_some()
    }

    /// This version has met something newer than itself.
    pub(crate) fn require_update(&mut self) {
        self.outdated = Some(env!("CARGO_PKG_VERSION").to_owned());
    }

    /// Another version may know what an older one did not.
    pub(crate) fn note_version(&mut self) {
        self.outdated = self.outdated.take().filter(|version| version == env!("CARGO_PKG_VERSION"));
    }

    pub(crate) fn epoch_key(&self) -> Option<EpochKey> {
        self.epoch_key.as_ref().and_then(|bytes| bytes.as_slice().try_into().ok()).map(EpochKey::from_bytes)
    }

    pub(crate) fn set_epoch_key(&mut self, key: &EpochKey) {
        self.epoch_key = Some(key.as_bytes().to_vec().into());
    }

    /// The user's name and what the device is called are to be written into the register as soon as this device may.
    pub(crate) fn introduce(&mut self, name: &str, label: &str) {
        self.to_introduce = Some((name.to_owned(), label.to_owned()));
    }

    pub(crate) fn to_introduce(&self) -> Option<(String, String)> {
        self.to_introduce.clone()
    }

    pub(crate) fn introduced(&mut self) {
        self.to_introduce = None;
    }

    /// Does this device wait for an organiser to let it in?
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(&self.phase, Phase::Joining(joining) if joining.waits)
    }

    /// The prekey that the others are to know next.
    pub(crate) fn next_prekey(&self) -> Option<PrekeySecret> {
        let bytes = self.next_prekey.as_ref()?.as_slice().try_into().ok()?;
        Some(PrekeySecret::from_bytes(bytes))
    }

    /// Another prekey is to take the place of the one in force.
    pub(crate) fn set_next_prekey(&mut self, prekey: &PrekeySecret) {
        self.next_prekey = Some(prekey.as_bytes().to_vec().into());
    }

    /// The next prekey is in force: the old one is nowhere any more.
    pub(crate) fn take_next_prekey(&mut self, keys: &DeviceKeys) -> DeviceKeys {
        let keys = self.next_prekey().map_or_else(|| keys.clone(), |prekey| keys.with_prekey(prekey));
        self.next_prekey = None;
        self.keys = keys.to_bytes().to_vec().into();
        keys
    }

    /// These keys are in force, and none is to follow.
    pub(crate) fn set_keys(&mut self, keys: &DeviceKeys) {
        self.keys = keys.to_bytes().to_vec().into();
        self.next_prekey = None;
    }

    /// Nothing of the book can be opened any more.
    pub(crate) fn forget_keys(&mut self) {
        self.epoch_key = None;
        self.next_prekey = None;
        self.keys = vec![0; 64].into();
        self.invites.clear();
        self.queue.clear();
        self.recovery_question = None;
        self.next_question = None;
    }

    pub(crate) fn person(&self) -> Option<Id<Person>> {
        let bytes: [u8; 16] = self.person.as_ref()?.as_slice().try_into().ok()?;
        Some(RowId::from_bytes(bytes).into())
    }

    pub(crate) fn set_person(&mut self, id: RowId) {
        self.person = Some(id.as_bytes().to_vec().into());
    }

    /// Somebody came in, which this device is told if it was there before; `now` in unix milliseconds.
    pub(crate) fn note_came_in(&mut self, device: samla_wire::DeviceId, me: samla_wire::DeviceId, now: i64) {
        let told = self.news.iter().any(|came| came.device == device);
        if device != me && self.last_shared.is_some() && !told {
            self.news.push(CameIn { device, at: now });
            let surplus = self.news.len().saturating_sub(NEWS);
            self.news.drain(..surplus);
        }
    }

    /// The roster op on its way has its place in the log: the next one's turn.
    pub(crate) fn op_is_placed(&mut self, pin: Pin) {
        if self.queue.first().is_none_or(|queued| queued.entry != Some(pin.entry)) {
            return;
        }
        if let OwnOp::Invite(id) = self.queue.remove(0).op
            && let Some(invite) = self.invites.iter_mut().find(|invite| invite.id == id)
        {
            invite.pin = Some(pin);
        }
    }

    /// Tells the user what does not go away by itself.
    pub(crate) fn raise_alarm(&mut self, alarm: Alarm) {
        if !self.has_alarm(alarm) {
            self.alarms.push(alarm);
        }
    }

    /// The worst of what the user must be told.
    pub(crate) fn alarm(&self) -> Option<Alarm> {
        self.alarms.iter().max().copied()
    }

    pub(crate) fn has_alarm(&self, alarm: Alarm) -> bool {
        self.alarms.contains(&alarm)
    }

    /// Is the first that waits for its place the retirement of a sheet?
    pub(crate) fn retires_a_sheet(&self) -> bool {
        self.queue.first().is_some_and(|queued| matches!(queued.op, OwnOp::RetireSheet(..)))
    }

    /// Nothing is to be told any more of keys and logs.
    pub(crate) fn end_alarms(&mut self) {
        self.alarms.retain(|raised| *raised == Alarm::Sheet);
    }

    /// This is over; what else there is to tell stays.
    pub(crate) fn end_alarm(&mut self, alarm: Alarm) {
        self.alarms.retain(|raised| *raised != alarm);
    }

    /// Is the server's log another one than this phone has read, as far as it can tell? A place in it says nothing then.
    pub(crate) fn has_lost_log(&self) -> bool {
        self.has_alarm(Alarm::Chain) || self.has_alarm(Alarm::Fork)
    }

    /// Is the way out under way: a farewell that was sent, and nobody knows yet whether it arrived?
    pub(crate) fn is_leaving(&self) -> bool {
        self.queue.first().is_some_and(|queued| matches!(queued.op, OwnOp::Leave) && queued.entry.is_some())
    }

    /// The farewell has arrived: this device is out, and no sheet is its matter any more.
    pub(crate) fn leave(&mut self) {
        self.phase = Phase::Removed;
        self.end_alarm(Alarm::Sheet);
    }

    /// A document that writes under this device's name.
    pub(crate) fn document(&self, shards: u16, keys: &DeviceKeys) -> Document {
        Document::new(shards, actor_of(&keys.device_id().0, self.incarnation))
    }
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;

    use super::*;

    #[test]
    fn the_worst_alarm_is_told_and_covers_no_other() {
        let keys = DeviceKeys::make(&mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
        let mut local = Local::new(String::new(), BookId([1; 32]), &keys, Phase::Member);
        for (raised, shown) in [
            (Alarm::Sheet, Alarm::Sheet),
            (Alarm::Chain, Alarm::Chain),
            (Alarm::Fork, Alarm::Fork),
            (Alarm::Chain, Alarm::Fork),
            (Alarm::Epoch, Alarm::Epoch),
            (Alarm::Fork, Alarm::Epoch),
            (Alarm::DeviceFork, Alarm::DeviceFork),
            (Alarm::Fork, Alarm::DeviceFork),
        ] {
            local.raise_alarm(raised);
            assert_eq!(local.alarm(), Some(shown));
        }
        local.end_alarm(Alarm::DeviceFork);
        assert_eq!((local.alarm(), local.has_lost_log()), (Some(Alarm::Epoch), true));
        local.end_alarm(Alarm::Fork);
        local.end_alarm(Alarm::Chain);
        assert_eq!((local.alarm(), local.has_lost_log()), (Some(Alarm::Epoch), false));
    }
}
