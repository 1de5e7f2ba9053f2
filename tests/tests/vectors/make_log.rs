//! A small log, and entries that do not fit it: each differs from an honest one in one thing.

use samla_core::seal::envelope::seal_with_nonce;
use samla_core::seal::{DeviceKeys, EpochKey, InviteSecret, RecoverySecret, pack_changes};
use samla_wire::ids::{LogHash, Prekey, SigningKey, labelled_message};
use samla_wire::roster::*;
use samla_wire::{
    Accepted, BookId, DeviceId, EntryId, Envelope, Head, Header, InviteId, KeyCommit, Kind, LogState, Past, WrapHash,
    to_cbor,
};
use serde_json::{Value, json};

use super::{Inputs, bytes, case, device, hex, id};

/// A log that grows, and the cases so far.
pub(super) struct Story {
    key: EpochKey,
    pub(super) state: LogState,
    pub(super) log: Vec<Envelope>,
    hashes: Vec<LogHash>,
    pub(super) cases: Inputs,
}

impl Past for Story {
    type Error = std::convert::Infallible;

    fn hash_at(&self, n: u64) -> Result<Option<LogHash>, Self::Error> {
        Ok(self.hashes.get(n as usize).copied())
    }

    fn entry_at(&self, device: &DeviceId, dseq: u64) -> Result<Option<EntryId>, Self::Error> {
        let found = self.log.iter().find(|entry| entry.header().device == *device && entry.header().dseq == dseq);
        Ok(found.map(Envelope::id))
    }
}

impl Story {
    /// The next honest header of this author.
    pub(super) fn header(&self, by: &DeviceId, kind: Kind) -> Header {
        let tip = self.state.tips.get(by);
        let nonce = bytes(&format!("nonce {}", self.log.len()))[..24].try_into().unwrap();
        Header {
            kind,
            book: *self.state.book(),
            epoch: self.state.roster.epoch,
            device: *by,
            dseq: tip.map_or(1, |tip| tip.dseq + 1),
            dprev: tip.map_or(EntryId::ZERO, |tip| tip.id),
            seen_n: self.state.head.n,
            seen_h: self.state.head.h,
            nonce: if kind.is_sealed() { nonce } else { [0; 24] },
        }
    }

    pub(super) fn seal(&self, header: Header, by: &ed25519_dalek::SigningKey) -> Envelope {
        let payload = match header.kind {
            Kind::Attest => vec![0xa0],
            _ => pack_changes(&[(0, "a change")]),
        };
        seal_with_nonce(header, &payload, &self.key.data_key(self.state.book(), 0), by).unwrap()
    }

    pub(super) fn sealed(&self, by: &DeviceKeys, kind: Kind) -> Envelope {
        self.seal(self.header(&by.device_id(), kind), by.signing_key())
    }

    fn body(&self, op: RosterOp) -> RosterBody {
        RosterBody { rseq: self.state.roster.rseq + 1, rprev: self.state.roster.rhead, op }
    }

    pub(super) fn op(&self, by: &DeviceKeys, op: RosterOp) -> Envelope {
        self.clear(by, &to_cbor(&self.body(op)))
    }

    fn clear(&self, by: &DeviceKeys, body: &[u8]) -> Envelope {
        Envelope::sign(self.header(&by.device_id(), Kind::Roster), body, by.signing_key()).unwrap()
    }

    pub(super) fn invite(&self, name: &str, role: Role) -> Invite {
        let secret = InviteSecret::from_bytes(bytes(name));
        Invite {
            ed_pub: secret.public_key(),
            x_pub: secret.prekey(),
            role,
            mode: InviteMode::Auto,
            expires_day: 20_454,
            wrap_hash: Some(WrapHash(bytes(&format!("{name} wrap")))),
        }
    }

    pub(super) fn join(&self, invite: &str, who: &DeviceKeys) -> Join {
        let secret = InviteSecret::from_bytes(bytes(invite));
        let (ed_pub, prekey) = (who.public_key(), who.prekey().public());
        let isig = secret.sign_join(self.state.book(), &self.state.roster.rhead, &ed_pub, &prekey);
        Join { invite: secret.invite_id(), ed_pub, prekey, isig }
    }

    /// The entry is the log's next, and a case of its own.
    pub(super) fn goes_on(&mut self, name: &str, entry: Envelope) {
        self.case(name, entry.bytes());
        let mut state = self.state.clone();
        assert_eq!(state.append(&entry, self), Ok(Ok(Accepted::New)), "{name}");
        self.state = state;
        self.hashes.push(self.state.head.h);
        self.log.push(entry);
    }

    pub(super) fn case(&mut self, name: &str, entry: &[u8]) {
        self.cases.push(case(name, json!({ "after": self.log.len(), "entry": hex(entry) })));
    }
}

fn founding(by: &DeviceKeys, key: &EpochKey) -> Genesis {
    Genesis {
        ed_pub: by.public_key(),
        prekey: by.prekey().public(),
        recovery: vec![RecoverySecret::from_bytes(bytes("sheet")).recovery_key()],
        suite: 1,
        rules: 1,
        shards: 16,
        key_commit: key.commit(0),
        nonce: id("genesis nonce"),
    }
}

/// The genesis envelope that these fields make, after `change` had its way with its header.
fn found(genesis: Genesis, by: &ed25519_dalek::SigningKey, change: impl Fn(&mut Header)) -> Envelope {
    let body = to_cbor(&RosterBody { rseq: 1, rprev: EntryId::ZERO, op: RosterOp::Genesis(genesis) });
    found_with(&body, by, change)
}

fn found_with(body: &[u8], by: &ed25519_dalek::SigningKey, change: impl Fn(&mut Header)) -> Envelope {
    let book = BookId::of_genesis(body);
    let mut header = Header {
        kind: Kind::Roster,
        book,
        epoch: 0,
        device: DeviceId::of_key(&samla_core::seal::sign::public_key(by)),
        dseq: 1,
        dprev: EntryId::ZERO,
        seen_n: 0,
        seen_h: Head::start(&book).h,
        nonce: [0; 24],
    };
    change(&mut header);
    Envelope::sign(header, body, by).unwrap()
}

/// A log that begins with this device's founding, which is a case of its own.
pub(super) fn founded(by: &DeviceKeys) -> Story {
    let key = EpochKey::from_bytes(bytes("story key"));
    let first = found(founding(by, &key), by.signing_key(), |_| {});
    let state = LogState::found(&first).unwrap();
    let hashes = vec![Head::start(state.book()).h, state.head.h];
    let cases = vec![case("a book is founded", json!({ "after": 0, "entry": hex(first.bytes()) }))];
    Story { key, state, log: vec![first], hashes, cases }
}

/// The shared log, and every case over it.
pub(super) fn story() -> (Value, Inputs) {
    let [anna, bo, cia, dag] = ["anna", "bo", "cia", "dag"].map(device);
    let mut story = founded(&anna);
    other_foundings(&mut story, &anna);

    let invite = |story: &Story, name: &str, role| story.op(&anna, RosterOp::Invite(story.invite(name, role)));
    story.goes_on("the founder writes", story.sealed(&anna, Kind::Data));
    story.goes_on("the founder invites a steward", invite(&story, "for bo", Role::Steward));
    refused_joins(&mut story, &bo);
    story.goes_on("the steward joins", story.op(&bo, RosterOp::Join(story.join("for bo", &bo))));
    story.goes_on("the steward writes", story.sealed(&bo, Kind::Data));
    story.goes_on("the steward gives a sign of life", story.sealed(&bo, Kind::Attest));
    story.goes_on("the founder invites a reader", invite(&story, "for cia", Role::Reader));
    story.goes_on("the reader joins", story.op(&cia, RosterOp::Join(story.join("for cia", &cia))));
    story.goes_on("the reader gives a sign of life", story.sealed(&cia, Kind::Attest));
    let entry = story.sealed(&cia, Kind::Data);
    story.case("R3: a reader writes", entry.bytes());
    story.goes_on("another steward is invited", invite(&story, "for dag", Role::Steward));
    story.goes_on("and joins", story.op(&dag, RosterOp::Join(story.join("for dag", &dag))));
    let raise = RosterOp::Raise(Raise { device: dag.device_id(), role: Role::Organiser });
    story.goes_on("and becomes an organiser", story.op(&anna, raise));
    story.goes_on("the reader leaves", story.op(&cia, RosterOp::Leave(Leave {})));
    story.goes_on("an invitation stays open", invite(&story, "open", Role::Reader));
    story.goes_on("another is opened", invite(&story, "withdrawn", Role::Reader));
    let withdrawn = InviteSecret::from_bytes(bytes("withdrawn")).invite_id();
    let uninvite = RosterOp::Uninvite(Uninvite { invite: withdrawn });
    story.goes_on("and withdrawn by the other organiser", story.op(&dag, uninvite));
    let old = Header { seen_n: 5, seen_h: story.hashes[5], ..story.header(&bo.device_id(), Kind::Data) };
    story.goes_on("the steward writes without having seen the newest", story.seal(old, bo.signing_key()));

    for (name, entry) in [("R6: an edit once more", 1), ("R6: a join once more", 3)] {
        let bytes = story.log[entry].bytes().to_vec();
        story.case(name, &bytes);
    }
    malformed(&mut story, &bo);
    wrong_author(&mut story, &bo, &cia, &anna);
    wrong_place(&mut story, &bo);
    wrong_ops(&mut story, [&anna, &bo, &cia, &dag]);
    let log: Vec<String> = story.log.iter().map(|entry| hex(entry.bytes())).collect();
    (json!({ "log": log }), story.cases)
}

/// Genesis envelopes that found nothing.
fn other_foundings(story: &mut Story, anna: &DeviceKeys) {
    let (good, key) = (founding(anna, &story.key), anna.signing_key());
    let sheet = |name: &str| RecoverySecret::from_bytes(bytes(name)).recovery_key();
    let mut founds = |name: &str, entry: Envelope| {
        story.cases.push(case(name, json!({ "after": 0, "entry": hex(entry.bytes()) })));
    };
    let plain = |genesis: &Genesis| found(genesis.clone(), key, |_| {});
    founds("genesis: another suite", plain(&Genesis { suite: 2, ..good.clone() }));
    founds("genesis: no rules", plain(&Genesis { rules: 0, ..good.clone() }));
    founds("genesis: rules of a later version", plain(&Genesis { rules: 2, ..good.clone() }));
    founds("genesis: shards that are no power of two", plain(&Genesis { shards: 3, ..good.clone() }));
    founds("genesis: no shards", plain(&Genesis { shards: 0, ..good.clone() }));
    founds("genesis: too many shards", plain(&Genesis { shards: 512, ..good.clone() }));
    founds("genesis: without a recovery sheet", plain(&Genesis { recovery: vec![], ..good.clone() }));
    let four = ["1", "2", "3", "4"].map(sheet).into();
    founds("genesis: four recovery sheets", plain(&Genesis { recovery: four, ..good.clone() }));
    let changed = |change: fn(&mut Header)| found(good.clone(), key, change);
    founds("genesis: for another book", changed(|header| header.book = BookId(bytes("book"))));
    founds("genesis: by another device", changed(|header| header.device = DeviceId(id("device"))));
    founds("genesis: in a later epoch", changed(|header| header.epoch = 1));
    founds("genesis: not the founder's first", changed(|header| header.dseq = 2));
    founds("genesis: with a predecessor", changed(|header| header.dprev = EntryId(bytes("dprev"))));
    founds("genesis: having seen an entry", changed(|header| header.seen_n = 1));
    founds("genesis: having seen another log", changed(|header| header.seen_h = LogHash(bytes("h"))));
    let by_bo = found(good.clone(), device("bo").signing_key(), |header| header.device = anna.device_id());
    founds("genesis: signed by another", by_bo);
    let body = |rseq, rprev, op| to_cbor(&RosterBody { rseq, rprev, op });
    let with = |body: Vec<u8>| found_with(&body, key, |_| {});
    founds("genesis: at a later place", with(body(2, EntryId::ZERO, RosterOp::Genesis(good.clone()))));
    let after = EntryId(bytes("rprev"));
    founds("genesis: after another op", with(body(1, after, RosterOp::Genesis(good.clone()))));
    founds("genesis: another op", with(body(1, EntryId::ZERO, RosterOp::Leave(Leave {}))));
    founds("genesis: not an op", with(b"hello".to_vec()));
    let edit = Header { kind: Kind::Data, ..*plain(&good).header() };
    founds("genesis: an edit", Envelope::sign(edit, &[0; 528], key).unwrap());

    // The neutral point as public key: by the plain equation, a signature of zeros would fit every message.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let weak = Genesis { ed_pub: SigningKey(neutral), ..good };
    let mut forged = found(weak, key, |header| header.device = DeviceId::of_key(&SigningKey(neutral))).into_bytes();
    let end = forged.len();
    forged[end - 64..].fill(0);
    forged[end - 64] = 1;
    founds("genesis: a key of small order", Envelope::parse(forged).unwrap());
}

/// Joins that do not fit the one open invitation.
fn refused_joins(story: &mut Story, bo: &DeviceKeys) {
    let good = story.join("for bo", bo);
    let (book, rhead, founded) = (*story.state.book(), story.state.roster.rhead, story.log[0].id());
    let lets_in = |invite: &str, rprev: &EntryId| {
        InviteSecret::from_bytes(bytes(invite)).sign_join(&book, rprev, &good.ed_pub, &good.prekey)
    };
    for (name, join) in [
        ("join: by an unknown invitation", Join { invite: InviteId(id("invite")), ..good.clone() }),
        ("join: for another prekey", Join { prekey: Prekey(bytes("x")), ..good.clone() }),
        ("join: with another key than the author's", Join { ed_pub: device("dag").public_key(), ..good.clone() }),
        ("join: let in at another moment", Join { isig: lets_in("for bo", &founded), ..good.clone() }),
        ("join: let in by another invitation", Join { isig: lets_in("another", &rhead), ..good.clone() }),
    ] {
        let entry = story.op(bo, RosterOp::Join(join));
        story.case(name, entry.bytes());
    }
}

/// R1: not an envelope.
fn malformed(story: &mut Story, bo: &DeviceKeys) {
    let good = story.sealed(bo, Kind::Data).into_bytes();
    let op = story.op(bo, RosterOp::Leave(Leave {})).into_bytes();
    let set = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let header = story.header(&bo.device_id(), Kind::Data);
    let signed = |header: &Header, body: &[u8]| {
        let mut bytes = header.to_bytes(body.len() as u32);
        bytes.extend_from_slice(body);
        sign_over(bytes, bo.signing_key())
    };
    let mut clear_nonce = op.clone();
    clear_nonce[150] = 1;
    let roster = story.header(&bo.device_id(), Kind::Roster);
    for (name, bytes) in [
        ("R1: empty", vec![]),
        ("R1: a header alone", good[..168].to_vec()),
        ("R1: cut short", good[..good.len() - 1].to_vec()),
        ("R1: a byte too many", [&good[..], &[0]].concat()),
        ("R1: another magic", set(3, b'2')),
        ("R1: kind 0", set(4, 0)),
        ("R1: kind 5", set(4, 5)),
        ("R1: suite 0", set(5, 0)),
        ("R1: suite 2", set(5, 2)),
        ("R1: the first reserved byte", set(6, 1)),
        ("R1: the second reserved byte", set(7, 128)),
        ("R1: a body one byte longer than it is", set(143, good[143] + 1)),
        ("R1: a body far longer than it is", set(140, 255)),
        ("R1: a sealed body without room for its tag", signed(&header, &[0; 15])),
        ("R1: an empty roster op", signed(&roster, &[])),
        ("R1: a roster op with a nonce", clear_nonce),
    ] {
        story.case(name, &bytes);
    }
    for (name, kind, zeros) in [
        ("R1: an edit a byte too long", Kind::Data, 256 * 1024 - 168 - 64 + 1),
        ("R1: a sign of life a byte too long", Kind::Attest, 64 * 1024 - 168 - 64 + 1),
        ("R1: a roster op a byte too long", Kind::Roster, 64 * 1024 - 168 - 64 + 1),
        ("R5: an edit as long as may be", Kind::Data, 256 * 1024 - 168 - 64),
    ] {
        let head = story.header(&bo.device_id(), kind).to_bytes(zeros);
        let input = json!({
            "after": story.log.len(), "entry": hex(head), "zeros": zeros, "then": hex([0; 64]),
        });
        story.cases.push(case(name, input));
    }
}

fn sign_over(mut bytes: Vec<u8>, key: &ed25519_dalek::SigningKey) -> Vec<u8> {
    use ed25519_dalek::Signer;
    let signature = key.sign(&labelled_message("samla/1/env", &[&bytes]));
    bytes.extend_from_slice(&signature.to_bytes());
    bytes
}

/// R2 to R5: for another book or epoch, by somebody who may not, not signed by its author.
fn wrong_author(story: &mut Story, bo: &DeviceKeys, cia: &DeviceKeys, anna: &DeviceKeys) {
    let good = story.header(&bo.device_id(), Kind::Data);
    let sheet = RecoverySecret::from_bytes(bytes("sheet"));
    let by_bo = |story: &Story, header: Header| story.seal(header, bo.signing_key());
    let stranger = device("stranger");
    let mut cases = vec![
        ("R2: for another book", by_bo(story, Header { book: BookId(bytes("book")), ..good })),
        ("R3: by a stranger", story.sealed(&stranger, Kind::Data)),
        ("R3: a stranger's sign of life", story.sealed(&stranger, Kind::Attest)),
        ("R3: a stranger invites", {
            let op = RosterOp::Invite(story.invite("strange", Role::Steward));
            story.op(&stranger, op)
        }),
        ("R3: by a device that left", story.sealed(cia, Kind::Attest)),
        ("R3: a device that left comes back by a raise of its own", {
            let raise = RosterOp::Raise(Raise { device: cia.device_id(), role: Role::Organiser });
            story.op(cia, raise)
        }),
        ("R3: a recovery sheet writes", {
            let header = story.header(&sheet.device_id(), Kind::Data);
            story.seal(header, &sheet.signing_key())
        }),
        ("R3: a base in the log", by_bo(story, story.header(&bo.device_id(), Kind::Base))),
        ("R4: for the next epoch", by_bo(story, Header { epoch: 1, ..good })),
        ("R5: signed by another member", story.seal(good, anna.signing_key())),
    ];
    let entry = by_bo(story, good);
    for (name, at) in [
        ("R5: a changed body", 200),
        ("R5: a changed nonce", 150),
        ("R5: a changed number", 67),
        ("R5: a changed head", 110),
        ("R5: a changed signature, first half", entry.bytes().len() - 64),
        ("R5: a changed signature, second half", entry.bytes().len() - 20),
    ] {
        let mut bytes = entry.bytes().to_vec();
        bytes[at] ^= 1;
        cases.push((name, Envelope::parse(bytes).unwrap()));
    }
    cases.push(("R5: the same signature in its other form", malleable(&entry)));
    for (name, entry) in cases {
        story.case(name, entry.bytes());
    }
}

/// Adds the group's order to the second half of the signature: the equation still holds, the form is not the one.
fn malleable(entry: &Envelope) -> Envelope {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = entry.bytes().to_vec();
    let start = bytes.len() - 32;
    let mut carry = 0;
    for (byte, add) in bytes[start..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    Envelope::parse(bytes).unwrap()
}

/// R6 and R7: not the author's next, or with another log in mind.
fn wrong_place(story: &mut Story, bo: &DeviceKeys) {
    let good = story.header(&bo.device_id(), Kind::Data);
    let head = story.state.head;
    for (name, header) in [
        ("R6: one is missing before", Header { dseq: good.dseq + 1, ..good }),
        ("R6: the greatest number", Header { dseq: u64::MAX, ..good }),
        ("R6: number 0", Header { dseq: 0, ..good }),
        ("R6: another with the newest number", Header { dseq: good.dseq - 1, ..good }),
        ("R6: another with the first number", Header { dseq: 1, dprev: EntryId::ZERO, ..good }),
        ("R6: another predecessor", Header { dprev: EntryId(bytes("dprev")), ..good }),
        ("R6: no predecessor", Header { dprev: EntryId::ZERO, ..good }),
        ("R7: has seen what is not yet there", Header { seen_n: head.n + 1, ..good }),
        ("R7: has seen another log", Header { seen_h: LogHash(bytes("h")), ..good }),
        ("R7: an older place with the newest hash", Header { seen_n: head.n - 1, ..good }),
        ("R7: from before the epoch", Header { seen_n: 0, seen_h: story.hashes[0], ..good }),
        ("R7: the greatest place", Header { seen_n: u64::MAX, ..good }),
    ] {
        let entry = story.seal(header, bo.signing_key());
        story.case(name, entry.bytes());
    }
}

/// Roster ops that do not apply.
fn wrong_ops(story: &mut Story, [anna, bo, cia, dag]: [&DeviceKeys; 4]) {
    let invite = |name: &str| story.invite(name, Role::Steward);
    let used = InviteSecret::from_bytes(bytes("for bo")).invite_id();
    let open = InviteSecret::from_bytes(bytes("open")).invite_id();
    let withdrawn = InviteSecret::from_bytes(bytes("withdrawn")).invite_id();
    let raise = |device: DeviceId, role| RosterOp::Raise(Raise { device, role });
    let uninvite = |invite| RosterOp::Uninvite(Uninvite { invite });
    let stranger = device("stranger");
    let place = |rseq: i64, rprev: EntryId| {
        let body = story.body(RosterOp::Leave(Leave {}));
        let rseq = body.rseq.checked_add_signed(rseq).unwrap();
        story.clear(bo, &to_cbor(&RosterBody { rseq, rprev, ..body }))
    };
    let leave = to_cbor(&story.body(RosterOp::Leave(Leave {})));
    let spliced = |at: std::ops::Range<usize>, with: &[u8]| {
        let mut bytes = leave.clone();
        bytes.splice(at, with.iter().copied());
        story.clear(bo, &bytes)
    };
    let rhead = story.state.roster.rhead;
    let sheet = RecoverySecret::from_bytes(bytes("sheet"));
    let by_sheet = |op| {
        let header = story.header(&sheet.device_id(), Kind::Roster);
        Envelope::sign(header, &to_cbor(&story.body(op)), &sheet.signing_key()).unwrap()
    };
    let epoch = Epoch {
        epoch: 1,
        seal_n: story.state.head.n,
        seal_h: story.state.head.h,
        suite: 1,
        rules: 1,
        shards: 16,
        key_commit: KeyCommit(bytes("commit")),
        base: vec![],
        base_heads: vec![],
        wraps_hash: WrapHash(bytes("wraps")),
        removed: vec![bo.device_id()],
        lowered: vec![],
        kept_invites: vec![],
        reason: Reason::Remove,
        members_digest: LogHash(bytes("members")),
        newcomer: None,
    };
    let admit = Admit { device: stranger.device_id(), role: Role::Steward, wrap_hash: WrapHash(bytes("wrap")) };
    let retire = RecoveryRetire { device: sheet.device_id() };
    let twice = RosterOp::Join(story.join("open", bo));
    let join = |invite: &str| RosterOp::Join(story.join(invite, &stranger));
    let (added, secret) = (RecoverySecret::from_bytes(bytes("second sheet")), InviteSecret::from_bytes(bytes("open")));
    let as_sheet = {
        let (ed_pub, prekey) = (sheet.public_key(), sheet.prekey());
        let isig = secret.sign_join(story.state.book(), &rhead, &ed_pub, &prekey);
        by_sheet(RosterOp::Join(Join { invite: open, ed_pub, prekey, isig }))
    };
    let cases = vec![
        ("op: a byte after the end", spliced(leave.len()..leave.len(), &[0])),
        ("op: a place in a longer form", spliced(2..3, &[0x18, leave[2]])),
        ("op: not CBOR", story.clear(bo, b"hello")),
        ("op: of a later version", spliced(leave.len() - 3..leave.len() - 2, &[12])),
        ("op: a place too far", place(1, rhead)),
        ("op: the place of the newest", place(-1, rhead)),
        ("op: another predecessor", place(0, story.log[0].id())),
        ("op: a second genesis", story.op(anna, RosterOp::Genesis(founding(anna, &story.key)))),
        ("invite: by a steward", story.op(bo, RosterOp::Invite(invite("new")))),
        ("invite: by a recovery sheet", by_sheet(RosterOp::Invite(invite("new")))),
        ("invite: for an organiser", {
            story.op(anna, RosterOp::Invite(Invite { role: Role::Organiser, ..invite("new") }))
        }),
        ("invite: with confirmation", {
            story.op(anna, RosterOp::Invite(Invite { mode: InviteMode::Confirm, ..invite("new") }))
        }),
        ("invite: without a wrap", story.op(anna, RosterOp::Invite(Invite { wrap_hash: None, ..invite("new") }))),
        ("invite: a key that is open", story.op(anna, RosterOp::Invite(invite("open")))),
        ("invite: a key that was used", story.op(anna, RosterOp::Invite(invite("for bo")))),
        ("uninvite: unknown", story.op(anna, uninvite(InviteId(id("invite"))))),
        ("uninvite: used", story.op(anna, uninvite(used))),
        ("uninvite: withdrawn before", story.op(anna, uninvite(withdrawn))),
        ("uninvite: by a steward who did not invite", story.op(bo, uninvite(open))),
        ("join: an invitation that was used", story.op(&stranger, join("for bo"))),
        ("join: an invitation that was withdrawn", story.op(&stranger, join("withdrawn"))),
        ("join: who is in already", story.op(bo, twice)),
        ("join: a member for another device", story.op(bo, join("open"))),
        ("join: the recovery sheet", as_sheet),
        ("raise: by a steward", story.op(bo, raise(bo.device_id(), Role::Organiser))),
        ("raise: to the same role", story.op(anna, raise(bo.device_id(), Role::Steward))),
        ("raise: to a lower role", story.op(anna, raise(dag.device_id(), Role::Steward))),
        ("raise: a stranger", story.op(anna, raise(stranger.device_id(), Role::Steward))),
        ("raise: a device that left", story.op(anna, raise(cia.device_id(), Role::Steward))),
        ("leave: a recovery sheet", by_sheet(RosterOp::Leave(Leave {}))),
        ("admit: not yet in these rules", story.op(anna, RosterOp::Admit(admit))),
        ("deny: not yet in these rules", { story.op(anna, RosterOp::Deny(Deny { device: stranger.device_id() })) }),
        ("epoch: not yet in these rules", story.op(anna, RosterOp::Epoch(epoch.clone()))),
        ("epoch: by the recovery sheet, not yet in these rules", by_sheet(RosterOp::Epoch(epoch))),
        ("recovery_add: not yet in these rules", {
            story.op(anna, RosterOp::RecoveryAdd(RecoveryAdd { key: added.recovery_key(), wrap_hash: None }))
        }),
        ("recovery_retire: not yet in these rules", by_sheet(RosterOp::RecoveryRetire(retire))),
        ("leave: the last organiser but one", story.op(anna, RosterOp::Leave(Leave {}))),
    ];
    for (name, entry) in cases {
        story.case(name, entry.bytes());
    }
}
