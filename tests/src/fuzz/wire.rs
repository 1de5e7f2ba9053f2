//! What is read before anything is opened: links, sheets, envelopes, the roster.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::seal::{DeviceKeys, InviteLink, InviteSecret, RecoverySecret, server_origin};
use samla_wire::ids::LogHash;
use samla_wire::roster::{
    Admit, BasePart, Deny, Epoch, Genesis, Invite, InviteMode, Join, Leave, Newcomer, Raise, Reason, RecoveryAdd,
    RecoveryRetire, Role, RosterBody, RosterOp, Uninvite, members_digest,
};
use samla_wire::rules::{LogState, read_body};
use samla_wire::{
    Accepted, BookId, DeviceId, EntryId, Envelope, Head, Header, InviteId, KeyCommit, Kind, WrapHash, to_cbor,
};

use super::{block, take, take_block};
use crate::insider::Read;

/// What somebody pastes: a link, a sheet, a server's address.
pub(super) fn feed_link(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(link) = text.parse::<InviteLink>() {
        assert_eq!(link.to_string().parse(), Ok(link), "a link that was read says the same when it is written");
    }
    if let Ok(secret) = RecoverySecret::from_sheet(&text) {
        let again = RecoverySecret::from_sheet(secret.to_sheet().as_str()).expect("a sheet");
        assert!(again.as_bytes() == secret.as_bytes(), "a sheet that was read says the same when it is written");
    }
    if let Ok(origin) = server_origin(&text) {
        assert_eq!(server_origin(&origin), Ok(origin), "an origin has one form");
    }
}

pub(super) fn links() -> Vec<Vec<u8>> {
    let link = InviteLink {
        server_url: "https://samla.example:8443".into(),
        book: BookId([1; 32]),
        secret: InviteSecret::from_bytes([2; 32]),
        pin: Head { n: 3, h: LogHash([4; 32]) },
        rseq: 5,
        rprev: EntryId([6; 32]),
    };
    let sheet = RecoverySecret::from_bytes([7; 32]).to_sheet();
    let texts = [link.to_string(), sheet.as_str().to_owned(), sheet.groups().join(" "), "http://[::1]:8080/".into()];
    texts.map(String::into_bytes).into()
}

/// Bytes that somebody calls an envelope.
pub(super) fn feed_envelope(input: &[u8]) {
    let Ok(envelope) = Envelope::parse(input.to_vec()) else { return };
    let header = envelope.header();
    assert_eq!(envelope.bytes(), input, "an envelope is its bytes");
    let head = header.to_bytes(u32::try_from(envelope.body().len()).expect("a length"));
    assert!(input.starts_with(&head), "what was read is written in one way");
    if let Ok(body) = read_body(&envelope) {
        assert_eq!(to_cbor(&body), envelope.body(), "a roster op is written in one way");
        let _ = LogState::found(&envelope);
    }
}

pub(super) fn envelopes() -> Vec<Vec<u8>> {
    let mut world = World::new();
    let mut all = vec![world.genesis.bytes().to_vec()];
    for (who, op) in ops(&world) {
        let envelope = world.envelope(who, op, true);
        world.append(&envelope);
        all.push(envelope.into_bytes());
    }
    let header = Header { kind: Kind::Data, nonce: [9; 24], ..*world.genesis.header() };
    all.push(Envelope::sign(header, &[1; 48], world.keys(0).signing_key()).expect("an envelope").into_bytes());
    all
}

const DEVICES: usize = 4;

/// A book with its founder, three who may come in, and the log so far.
struct World {
    keys: Vec<DeviceKeys>,
    genesis: Envelope,
    log: LogState,
    past: Read,
}

impl World {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let keys: Vec<DeviceKeys> = (0..DEVICES).map(|_| DeviceKeys::make(&mut rng)).collect();
        let founder = keys.first().expect("a founder");
        let op = Genesis {
            ed_pub: founder.public_key(),
            prekey: founder.prekey().public(),
            recovery: vec![sheet(0).recovery_key()],
            suite: 1,
            rules: 1,
            shards: 16,
            key_commit: KeyCommit([1; 32]),
            nonce: [2; 16],
        };
        let body = to_cbor(&RosterBody { rseq: 1, rprev: EntryId::ZERO, op: RosterOp::Genesis(op) });
        let book = BookId::of_genesis(&body);
        let header = Header {
            kind: Kind::Roster,
            book,
            epoch: 0,
            device: founder.device_id(),
            dseq: 1,
            dprev: EntryId::ZERO,
            seen_n: 0,
            seen_h: Head::start(&book).h,
            nonce: [0; 24],
        };
        let genesis = Envelope::sign(header, &body, founder.signing_key()).expect("an envelope");
        let log = LogState::found(&genesis).expect("a genesis");
        let past = Read(vec![(log.head.h, Some((founder.device_id(), 1, genesis.id())))]);
        Self { keys, genesis, log, past }
    }

    fn keys(&self, who: usize) -> &DeviceKeys {
        self.keys.get(who % DEVICES).expect("a device")
    }

    /// The next envelope of this device, or of the sheet, with this op; put right where its author could have done so.
    fn envelope(&self, who: usize, op: RosterOp, put_right: bool) -> Envelope {
        let by_sheet = who % (DEVICES + 1) == DEVICES;
        let signing_key = if by_sheet { sheet(0).signing_key() } else { self.keys(who).signing_key().clone() };
        let device = if by_sheet { sheet(0).device_id() } else { self.keys(who).device_id() };
        let op = if put_right { self.put_right(&device, op) } else { op };
        let tip = self.log.tips.get(&device);
        let header = Header {
            kind: Kind::Roster,
            book: self.log.roster.book,
            epoch: self.log.roster.epoch,
            device,
            dseq: tip.map_or(1, |tip| tip.dseq + 1),
            dprev: tip.map_or(EntryId::ZERO, |tip| tip.id),
            seen_n: self.log.head.n,
            seen_h: self.log.head.h,
            nonce: [0; 24],
        };
        let body = RosterBody { rseq: self.log.roster.rseq + 1, rprev: self.log.roster.rhead, op };
        Envelope::sign(header, &to_cbor(&body), &signing_key).expect("an envelope")
    }

    fn append(&mut self, envelope: &Envelope) -> bool {
        let Ok(verdict) = self.log.append(envelope, &self.past);
        let placed = (envelope.header().device, envelope.header().dseq, envelope.id());
        let taken = verdict == Ok(Accepted::New);
        if !taken {
            self.log.skip(&envelope.id());
        }
        self.past.0.push((self.log.head.h, taken.then_some(placed)));
        taken
    }

    /// An op with what cannot be guessed put right: whoever signs it could have done so.
    fn put_right(&self, author: &DeviceId, mut op: RosterOp) -> RosterOp {
        match &mut op {
            RosterOp::Join(join) => {
                let secrets = (0..4).map(invitation).find(|secret| secret.invite_id() == join.invite);
                if let Some(secret) = secrets {
                    let roster = &self.log.roster;
                    join.isig = secret.sign_join(&roster.book, &roster.rhead, &join.ed_pub, &join.prekey);
                }
            }
            RosterOp::Epoch(op) => {
                (op.seal_n, op.seal_h) = (self.log.head.n, self.log.head.h);
                let next = self.log.roster.after_epoch(author, op);
                op.members_digest = next.map_or(LogHash::ZERO, |next| members_digest(&next));
            }
            _ => {}
        }
        op
    }
}

fn invitation(number: u8) -> InviteSecret {
    InviteSecret::from_bytes([number + 1; 32])
}

fn sheet(number: u8) -> RecoverySecret {
    RecoverySecret::from_bytes([number + 11; 32])
}

/// Ops in the name of members, one after another: each is who signs it and a roster body, of which the op counts.
pub(super) fn feed_roster(mut input: &[u8]) {
    let mut world = World::new();
    while !input.is_empty() {
        let [who] = take(&mut input);
        let Ok(body) = samla_wire::from_canonical::<RosterBody>(take_block(&mut input)) else { continue };
        let (before, op) = (world.log.clone(), body.op);
        let envelope = world.envelope(usize::from(who & 0x7f), op.clone(), who & 0x80 == 0);
        let taken = world.append(&envelope);
        let (old, new) = (&before.roster, &world.log.roster);
        if !taken {
            assert_eq!(old, new, "what is refused changes nothing");
            continue;
        }
        let author = envelope.header().device;
        assert_eq!((new.rseq, new.rhead), (old.rseq + 1, envelope.id()), "the chain goes on by one");
        assert_eq!(new.epoch, old.epoch + u32::from(matches!(op, RosterOp::Epoch(_))), "only an epoch op begins one");
        if new.epoch == old.epoch {
            let grows = old.members.iter().all(|(id, was)| new.members.get(id).is_some_and(|is| is.role >= was.role));
            assert!(grows, "within an epoch rights only grow");
        }
        let organises = old.role(&author) == Some(Role::Organiser) || old.recovery.contains_key(&author);
        let asks_nobody = matches!(op, RosterOp::Join(_) | RosterOp::Leave(_) | RosterOp::RecoveryRetire(_));
        assert!(organises || asks_nobody, "{op:?} by {author}, who may not");
        let _ = members_digest(new);
        let recipients = new.wrap_recipients();
        assert!(recipients.iter().all(|id| !new.former.contains_key(id)), "no key for whoever is out");
        let somebody = new.members.values().any(|m| !m.left && m.role == Role::Organiser) || !new.recovery.is_empty();
        assert!(somebody, "nobody is left who can let people in");
    }
}

/// Some years of a roster, each op with who signs it.
fn ops(world: &World) -> Vec<(usize, RosterOp)> {
    let invite = |number: u8, mode: InviteMode| {
        RosterOp::Invite(Invite {
            ed_pub: invitation(number).public_key(),
            x_pub: invitation(number).prekey(),
            role: Role::Steward,
            mode,
            expires_day: 20_000,
            wrap_hash: (mode == InviteMode::Auto).then_some(WrapHash([3; 32])),
        })
    };
    let join = |who: usize, number: u8| {
        let keys = world.keys(who);
        let (ed_pub, prekey) = (keys.public_key(), keys.prekey().public());
        let invite = invitation(number).invite_id();
        let isig = samla_wire::ids::Signature([0; 64]);
        RosterOp::Join(Join { invite, ed_pub, prekey, isig })
    };
    let device = |who: usize| world.keys(who).device_id();
    let epoch = |number: u32, removed: Vec<DeviceId>, reason: Reason, newcomer: Option<Newcomer>| {
        RosterOp::Epoch(Epoch {
            epoch: number,
            seal_n: 0,
            seal_h: LogHash::ZERO,
            suite: 1,
            rules: 1,
            shards: 16,
            key_commit: KeyCommit([4; 32]),
            base: vec![BasePart { id: EntryId([5; 32]), len: 70_000 }],
            base_heads: (0..16).map(|shard| EntryId([shard; 32])).collect(),
            wraps_hash: WrapHash([6; 32]),
            removed,
            lowered: Vec::new(),
            kept_invites: vec![invitation(2).invite_id()],
            reason,
            members_digest: LogHash::ZERO,
            newcomer,
        })
    };
    vec![
        (0, invite(0, InviteMode::Auto)),
        (1, join(1, 0)),
        (0, RosterOp::Raise(Raise { device: device(1), role: Role::Organiser })),
        (1, invite(1, InviteMode::Confirm)),
        (2, join(2, 1)),
        (0, RosterOp::Admit(Admit { device: device(2), role: Role::Reader, wrap_hash: WrapHash([8; 32]) })),
        (0, invite(2, InviteMode::Auto)),
        (0, invite(3, InviteMode::Confirm)),
        (0, epoch(1, vec![device(2)], Reason::Remove, None)),
        (3, join(3, 2)),
        (0, RosterOp::RecoveryAdd(RecoveryAdd { key: sheet(1).recovery_key(), wrap_hash: Some(WrapHash([9; 32])) })),
        (0, RosterOp::Uninvite(Uninvite { invite: InviteId(invitation(3).invite_id().0) })),
        (3, RosterOp::Leave(Leave {})),
        (1, epoch(2, vec![], Reason::Erase, None)),
        (0, RosterOp::Deny(Deny { device: device(3) })),
        (DEVICES, RosterOp::RecoveryRetire(RecoveryRetire { device: sheet(0).device_id() })),
        (DEVICES, epoch(3, vec![device(0)], Reason::Restore, Some(newcomer(world)))),
    ]
}

fn newcomer(world: &World) -> Newcomer {
    let keys = world.keys(2);
    Newcomer { ed_pub: keys.public_key(), prekey: keys.prekey().public() }
}

pub(super) fn rosters() -> Vec<Vec<u8>> {
    let world = World::new();
    let one = |(who, op): &(usize, RosterOp)| {
        let body = RosterBody { rseq: 2, rprev: EntryId::ZERO, op: op.clone() };
        [&[*who as u8][..], &block(&to_cbor(&body))].concat()
    };
    let all: Vec<Vec<u8>> = ops(&world).iter().map(one).collect();
    let mut corpus: Vec<Vec<u8>> =
        (1..=all.len()).map(|many| all.iter().take(many).flatten().copied().collect()).collect();
    corpus.extend(all);
    corpus
}
