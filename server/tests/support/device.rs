//! A signing device for tests: it knows the wire and its own key, and seals nothing. What it calls a sealed body is
//! bytes that mean nothing to anybody.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each suite uses its part")]

use ed25519_dalek::{Signer, SigningKey};
use samla_wire::http::{CreateBook, EpochRequest, RosterRequest, Wrap, close_message, login_message, wraps_hash};
use samla_wire::ids::{Prekey, Signature};
use samla_wire::roster::{
    Admit, BasePart, Deny, Epoch, Genesis, Invite, InviteMode, Join, Leave, Reason, RecoveryAdd, RecoveryKey,
    RecoveryRetire, Role, RosterBody, RosterOp, Uninvite, join_message, members_digest,
};
use samla_wire::{
    BookId, DeviceId, EntryId, Envelope, Head, Header, InviteId, KeyCommit, Kind, LogHash, Roster, WrapHash, ids,
    to_cbor,
};

/// The key with this number.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// The public half as the wire has it.
pub fn public(key: &SigningKey) -> ids::SigningKey {
    ids::SigningKey(key.verifying_key().to_bytes())
}

fn sign(key: &SigningKey, message: &[u8]) -> Signature {
    Signature(key.sign(message).to_bytes())
}

/// Whatever signs in: a device, a recovery sheet or an invitation.
#[derive(Clone)]
pub struct Principal {
    pub key: SigningKey,
    pub id: [u8; 16],
}

impl Principal {
    pub fn device(key: SigningKey) -> Self {
        let id = DeviceId::of_key(&public(&key)).0;
        Self { key, id }
    }

    pub fn invite(key: SigningKey) -> Self {
        let id = InviteId::of_key(&public(&key)).0;
        Self { key, id }
    }

    pub fn answer(&self, origin: &str, book: &BookId, challenge: &[u8]) -> Signature {
        sign(&self.key, &login_message(origin, book, &self.id, challenge))
    }

    pub fn close(&self, book: &BookId, head: &Head) -> Signature {
        sign(&self.key, &close_message(book, head))
    }
}

/// A device with its place in a book.
#[derive(Clone)]
pub struct Device {
    pub me: Principal,
    pub book: BookId,
    pub dseq: u64,
    pub dprev: EntryId,
    /// The head that its next envelope says it knows.
    pub seen: Head,
    /// The epoch that its next envelope belongs to.
    pub epoch: u32,
}

impl Device {
    /// Not yet in the book.
    pub fn new(number: u8, book: BookId, seen: Head) -> Self {
        Self { me: Principal::device(key(number)), book, dseq: 0, dprev: EntryId::ZERO, seen, epoch: 0 }
    }

    pub fn id(&self) -> DeviceId {
        DeviceId(self.me.id)
    }

    pub fn header(&self, kind: Kind) -> Header {
        Header {
            kind,
            book: self.book,
            epoch: self.epoch,
            device: self.id(),
            dseq: self.dseq + 1,
            dprev: self.dprev,
            seen_n: self.seen.n,
            seen_h: self.seen.h,
            nonce: [0; 24],
        }
    }

    /// Signs this and counts it as its newest.
    pub fn sign(&mut self, header: Header, body: &[u8]) -> Envelope {
        let envelope = Envelope::sign(header, body, &self.me.key).unwrap();
        self.dseq = header.dseq;
        self.dprev = envelope.id();
        envelope
    }

    /// A data envelope with a body of this many bytes.
    pub fn data(&mut self, len: usize) -> Envelope {
        self.sign(self.header(Kind::Data), &vec![0x5a; len])
    }

    /// An envelope that says "I am here".
    pub fn attest(&mut self) -> Envelope {
        self.sign(self.header(Kind::Attest), &[0x5a; 32])
    }

    /// A base part; it is outside the author's chain.
    pub fn base(&self, len: usize) -> Envelope {
        let header = Header { dseq: 0, dprev: EntryId::ZERO, ..self.header(Kind::Base) };
        Envelope::sign(header, &vec![0x5a; len], &self.me.key).unwrap()
    }

    /// A roster op after this roster.
    pub fn op(&mut self, roster: &Roster, op: RosterOp) -> Envelope {
        let body = RosterBody { rseq: roster.rseq + 1, rprev: roster.rhead, op };
        self.sign(self.header(Kind::Roster), &to_cbor(&body))
    }

    /// An op that opens this door for a steward until this day.
    pub fn open(&mut self, roster: &Roster, door: &Door, expires_day: u32) -> RosterRequest {
        let op = RosterOp::Invite(Invite {
            ed_pub: public(&door.me.key),
            x_pub: Prekey([9; 32]),
            role: Role::Steward,
            mode: InviteMode::Auto,
            expires_day,
            wrap_hash: Some(door.wrap.hash()),
        });
        let envelope = self.op(roster, op).into_bytes();
        RosterRequest { envelope: envelope.into(), wrap: Some(door.wrap.clone()) }
    }

    /// An op that closes it.
    pub fn shut(&mut self, roster: &Roster, door: &Door) -> RosterRequest {
        let envelope = self.op(roster, RosterOp::Uninvite(Uninvite { invite: InviteId(door.me.id) }));
        RosterRequest { envelope: envelope.into_bytes().into(), wrap: None }
    }

    /// Its way in through this door.
    pub fn join(&mut self, roster: &Roster, door: &Door) -> RosterRequest {
        let (ed_pub, prekey) = (public(&self.me.key), Prekey([8; 32]));
        let isig = sign(&door.me.key, &join_message(&self.book, &roster.rhead, &ed_pub, &prekey));
        let op = RosterOp::Join(Join { invite: InviteId(door.me.id), ed_pub, prekey, isig });
        RosterRequest { envelope: self.op(roster, op).into_bytes().into(), wrap: None }
    }

    /// A door whose joiner an organiser admits or denies.
    pub fn open_to_confirm(&mut self, roster: &Roster, door: &Door, expires_day: u32) -> RosterRequest {
        let op = RosterOp::Invite(Invite {
            ed_pub: public(&door.me.key),
            x_pub: Prekey([9; 32]),
            role: Role::Steward,
            mode: InviteMode::Confirm,
            expires_day,
            wrap_hash: None,
        });
        RosterRequest { envelope: self.op(roster, op).into_bytes().into(), wrap: None }
    }

    /// Lets the device that waits in.
    pub fn admit(&mut self, roster: &Roster, device: DeviceId) -> RosterRequest {
        let wrap = wrap(device, 11);
        let op = RosterOp::Admit(Admit { device, role: Role::Steward, wrap_hash: wrap.hash() });
        RosterRequest { envelope: self.op(roster, op).into_bytes().into(), wrap: Some(wrap) }
    }

    /// Turns the device that waits away.
    pub fn deny(&mut self, roster: &Roster, device: DeviceId) -> RosterRequest {
        let envelope = self.op(roster, RosterOp::Deny(Deny { device }));
        RosterRequest { envelope: envelope.into_bytes().into(), wrap: None }
    }

    /// Adds the recovery sheet with this key.
    pub fn add_sheet(&mut self, roster: &Roster, sheet: &SigningKey) -> RosterRequest {
        let key = RecoveryKey { ed_pub: public(sheet), x_pub: Prekey([6; 32]) };
        let wrap = wrap(DeviceId::of_key(&key.ed_pub), 12);
        let op = RosterOp::RecoveryAdd(RecoveryAdd { key, wrap_hash: Some(wrap.hash()) });
        RosterRequest { envelope: self.op(roster, op).into_bytes().into(), wrap: Some(wrap) }
    }

    /// As a recovery sheet: retires itself.
    pub fn retire(&mut self, roster: &Roster) -> RosterRequest {
        let op = RosterOp::RecoveryRetire(RecoveryRetire { device: self.id() });
        RosterRequest { envelope: self.op(roster, op).into_bytes().into(), wrap: None }
    }

    /// What begins the next epoch after this roster and head, with a base of two parts. `change` has the last word on the
    /// op; wraps and digest follow from it.
    pub fn next_epoch(&self, roster: &Roster, head: Head, change: impl FnOnce(&mut Epoch)) -> NextEpoch {
        let epoch = roster.epoch + 1;
        let parts: Vec<Envelope> = [3000, 900]
            .map(|len| {
                let header = Header {
                    epoch,
                    dseq: 0,
                    dprev: EntryId::ZERO,
                    seen_n: head.n,
                    seen_h: head.h,
                    ..self.header(Kind::Base)
                };
                Envelope::sign(header, &vec![epoch as u8; len], &self.me.key).unwrap()
            })
            .into();
        let base = parts.iter().map(|part| BasePart { id: part.id(), len: part.bytes().len() as u32 });
        let mut op = Epoch {
            epoch,
            seal_n: head.n,
            seal_h: head.h,
            suite: 1,
            rules: roster.rules,
            shards: roster.shards,
            key_commit: KeyCommit([epoch as u8; 32]),
            base: base.collect(),
            base_heads: vec![EntryId([8; 32]); usize::from(roster.shards)],
            wraps_hash: WrapHash::ZERO,
            removed: vec![],
            lowered: vec![],
            kept_invites: vec![],
            reason: Reason::Rotate,
            members_digest: LogHash::ZERO,
            newcomer: None,
        };
        change(&mut op);
        let after = roster.after_epoch(&self.id(), &op).unwrap_or_else(|_| roster.clone());
        let wraps: Vec<Wrap> = after.wrap_recipients().into_iter().map(|to| wrap(to, 100 + epoch as u8)).collect();
        op.wraps_hash = wraps_hash(&wraps);
        op.members_digest = members_digest(&after);
        NextEpoch { op, parts, wraps }
    }

    /// Signs the op of an epoch to come.
    pub fn begin(&mut self, roster: &Roster, next: &NextEpoch) -> EpochRequest {
        let envelope = self.op(roster, RosterOp::Epoch(next.op.clone())).into_bytes().into();
        EpochRequest { envelope, wraps: next.wraps.clone() }
    }

    /// Goes on in the epoch that the op at this head began.
    pub fn moved(&mut self, op: Head) {
        self.seen = op;
        self.epoch += 1;
    }

    /// Its goodbye.
    pub fn leave(&mut self, roster: &Roster) -> RosterRequest {
        RosterRequest { envelope: self.op(roster, RosterOp::Leave(Leave {})).into_bytes().into(), wrap: None }
    }
}

/// An epoch to come: its op, and what comes with it.
#[derive(Clone)]
pub struct NextEpoch {
    pub op: Epoch,
    pub parts: Vec<Envelope>,
    pub wraps: Vec<Wrap>,
}

/// What stands for a sealed key.
pub fn wrap(recipient: DeviceId, content: u8) -> Wrap {
    Wrap { recipient, sealed: vec![content; 80].into() }
}

/// An invitation, with the key of the epoch "sealed" to it.
#[derive(Clone)]
pub struct Door {
    pub me: Principal,
    pub wrap: Wrap,
}

impl Door {
    pub fn new(number: u8) -> Self {
        let me = Principal::invite(key(number));
        let wrap = Wrap { recipient: DeviceId(me.id), sealed: vec![number; 80].into() };
        Self { me, wrap }
    }
}

/// A founder, the recovery sheet's principal, and what founds their book. The book differs with the number.
pub fn founding(number: u8) -> (Device, Principal, CreateBook) {
    founding_with(number, |_| {})
}

/// The same with another genesis.
pub fn founding_with(number: u8, change: impl FnOnce(&mut Genesis)) -> (Device, Principal, CreateBook) {
    let (founder, recovery) = (key(1), key(2));
    let mut genesis = Genesis {
        ed_pub: public(&founder),
        prekey: Prekey([7; 32]),
        recovery: vec![RecoveryKey { ed_pub: public(&recovery), x_pub: Prekey([6; 32]) }],
        suite: 1,
        rules: 1,
        shards: 16,
        key_commit: KeyCommit([5; 32]),
        nonce: [number; 16],
    };
    change(&mut genesis);
    let body = to_cbor(&RosterBody { rseq: 1, rprev: EntryId::ZERO, op: RosterOp::Genesis(genesis) });
    let book = BookId::of_genesis(&body);
    let mut founder = Device::new(1, book, Head::start(&book));
    let envelope = founder.sign(founder.header(Kind::Roster), &body);
    founder.seen = founder.seen.next(&envelope.id());
    let recovery = Principal::device(recovery);
    let wraps = vec![wrap(founder.id(), 4), wrap(DeviceId(recovery.id), 4)];
    (founder, recovery, CreateBook { genesis: envelope.into_bytes().into(), wraps })
}
