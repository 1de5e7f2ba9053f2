//! Every op, every refusal, and that within an epoch rights only grow.
#![allow(clippy::print_stdout, reason = "a random test tells its seed")]

use std::collections::BTreeMap;
use std::convert::Infallible;

use ed25519_dalek::{Signer, SigningKey};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::*;
use crate::ids::{self, Prekey, Signature};
use crate::rules::{Past, Rejection, Tip, read_roster};
use crate::{
    Accepted, BookId, DeviceId, EntryId, Envelope, Head, Header, InviteId, KeyCommit, Kind, LogHash, LogState,
    WrapHash, limits, to_cbor,
};

fn key(number: u16) -> SigningKey {
    let mut bytes = [7; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    SigningKey::from_bytes(&bytes)
}

fn public(number: u16) -> ids::SigningKey {
    ids::SigningKey(key(number).verifying_key().to_bytes())
}

fn id(number: u16) -> DeviceId {
    DeviceId::of_key(&public(number))
}

fn door(number: u16) -> InviteId {
    InviteId::of_key(&public(number))
}

fn sheet(number: u16) -> RecoveryKey {
    RecoveryKey { ed_pub: public(number), x_pub: Prekey([6; 32]) }
}

/// The founder.
const EVA: u16 = 1;
/// The sheet that the book is founded with.
const SHEET: u16 = 900;

/// The log so far.
#[derive(Default)]
struct Pages(Vec<(LogHash, Envelope)>);

impl Past for Pages {
    type Error = Infallible;

    fn hash_at(&self, n: u64) -> Result<Option<LogHash>, Infallible> {
        Ok(self.0.get(n.wrapping_sub(1) as usize).map(|(h, _)| *h))
    }

    fn entry_at(&self, device: &DeviceId, dseq: u64) -> Result<Option<EntryId>, Infallible> {
        let found = self.0.iter().find(|(_, e)| (e.header().device, e.header().dseq) == (*device, dseq));
        Ok(found.map(|(_, envelope)| envelope.id()))
    }
}

/// A book that people act in.
struct Play {
    log: LogState,
    pages: Pages,
}

impl Play {
    fn new() -> Self {
        let genesis = Genesis {
            ed_pub: public(EVA),
            prekey: Prekey([7; 32]),
            recovery: vec![sheet(SHEET)],
            suite: 1,
            rules: 1,
            shards: 16,
            key_commit: KeyCommit([0; 32]),
            nonce: [1; 16],
        };
        let body = to_cbor(&RosterBody { rseq: 1, rprev: EntryId::ZERO, op: RosterOp::Genesis(genesis) });
        let book = BookId::of_genesis(&body);
        let header = Header {
            kind: Kind::Roster,
            book,
            epoch: 0,
            device: id(EVA),
            dseq: 1,
            dprev: EntryId::ZERO,
            seen_n: 0,
            seen_h: Head::start(&book).h,
            nonce: [0; 24],
        };
        let genesis = Envelope::sign(header, &body, &key(EVA)).unwrap();
        let log = LogState::found(&genesis).unwrap();
        Self { pages: Pages(vec![(log.head.h, genesis)]), log }
    }

    fn roster(&self) -> &Roster {
        &self.log.roster
    }

    fn envelope(&self, author: u16, kind: Kind, body: &[u8]) -> Envelope {
        let tip = self.log.tips.get(&id(author)).copied().unwrap_or(Tip { dseq: 0, id: EntryId::ZERO });
        let header = Header {
            kind,
            book: *self.log.book(),
            epoch: self.roster().epoch,
            device: id(author),
            dseq: tip.dseq + 1,
            dprev: tip.id,
            seen_n: self.log.head.n,
            seen_h: self.log.head.h,
            nonce: [0; 24],
        };
        Envelope::sign(header, body, &key(author)).unwrap()
    }

    fn add(&mut self, envelope: Envelope) -> Result<(), Rejection> {
        let before = self.log.clone();
        match self.log.append(&envelope, &self.pages) {
            Ok(Ok(Accepted::New)) => {
                self.pages.0.push((self.log.head.h, envelope));
                Ok(())
            }
            Ok(Ok(Accepted::Duplicate)) => panic!("nothing is sent twice here"),
            Ok(Err(rejection)) => {
                assert_eq!(self.log, before, "who is refused changes nothing");
                Err(rejection)
            }
        }
    }

    fn act(&mut self, author: u16, op: RosterOp) -> Result<(), Rejection> {
        let body = RosterBody { rseq: self.roster().rseq + 1, rprev: self.roster().rhead, op };
        self.add(self.envelope(author, Kind::Roster, &to_cbor(&body)))
    }

    fn write(&mut self, author: u16) -> Result<(), Rejection> {
        self.add(self.envelope(author, Kind::Data, &[0x5a; 32]))
    }

    fn invite(&mut self, author: u16, number: u16, role: Role, mode: InviteMode) -> Result<(), Rejection> {
        let wrap_hash = (mode == InviteMode::Auto).then_some(WrapHash([3; 32]));
        let (ed_pub, x_pub) = (public(number), Prekey([9; 32]));
        self.act(author, RosterOp::Invite(Invite { ed_pub, x_pub, role, mode, expires_day: 9, wrap_hash }))
    }

    fn join(&mut self, number: u16, invite: u16) -> Result<(), Rejection> {
        let (ed_pub, prekey) = (public(number), Prekey([8; 32]));
        let message = join_message(self.log.book(), &self.roster().rhead, &ed_pub, &prekey);
        let isig = Signature(key(invite).sign(&message).to_bytes());
        self.act(number, RosterOp::Join(Join { invite: door(invite), ed_pub, prekey, isig }))
    }

    /// Comes in with this role.
    fn comes(&mut self, number: u16, role: Role) {
        let least = role.min(Role::Steward);
        self.invite(EVA, number + 500, least, InviteMode::Auto).unwrap();
        self.join(number, number + 500).unwrap();
        if role > least {
            self.act(EVA, RosterOp::Raise(Raise { device: id(number), role })).unwrap();
        }
    }

    /// Stands at the door.
    fn waits(&mut self, number: u16) {
        self.invite(EVA, number + 500, Role::Steward, InviteMode::Confirm).unwrap();
        self.join(number, number + 500).unwrap();
    }

    /// The next epoch's op, which fits here but for what `change` does to it.
    fn next_epoch(&self, author: u16, change: impl FnOnce(&mut Epoch)) -> Epoch {
        let (roster, head) = (self.roster(), self.log.head);
        let mut op = Epoch {
            epoch: roster.epoch + 1,
            seal_n: head.n,
            seal_h: head.h,
            suite: 1,
            rules: roster.rules,
            shards: roster.shards,
            key_commit: KeyCommit([roster.epoch as u8 + 1; 32]),
            base: vec![BasePart { id: EntryId([1; 32]), len: 1000 }],
            base_heads: vec![EntryId([8; 32]); usize::from(roster.shards)],
            wraps_hash: WrapHash([2; 32]),
            removed: vec![],
            lowered: vec![],
            kept_invites: vec![],
            reason: Reason::Rotate,
            members_digest: LogHash::ZERO,
            newcomer: None,
        };
        change(&mut op);
        if let Ok(after) = roster.after_epoch(&id(author), &op) {
            op.members_digest = members_digest(&after);
        }
        op
    }

    fn begin(&mut self, author: u16, change: impl FnOnce(&mut Epoch)) -> Result<(), Rejection> {
        let op = self.next_epoch(author, change);
        self.act(author, RosterOp::Epoch(op))
    }

    fn admit(&mut self, author: u16, device: u16, role: Role) -> Result<(), Rejection> {
        self.act(author, RosterOp::Admit(Admit { device: id(device), role, wrap_hash: WrapHash([4; 32]) }))
    }

    fn deny(&mut self, author: u16, device: u16) -> Result<(), Rejection> {
        self.act(author, RosterOp::Deny(Deny { device: id(device) }))
    }

    fn add_sheet(&mut self, author: u16, number: u16) -> Result<(), Rejection> {
        let op = RecoveryAdd { key: sheet(number), wrap_hash: Some(WrapHash([5; 32])) };
        self.act(author, RosterOp::RecoveryAdd(op))
    }

    fn retire(&mut self, author: u16, number: u16) -> Result<(), Rejection> {
        self.act(author, RosterOp::RecoveryRetire(RecoveryRetire { device: id(number) }))
    }

    fn leave(&mut self, author: u16) -> Result<(), Rejection> {
        self.act(author, RosterOp::Leave(Leave {}))
    }

    fn raise(&mut self, author: u16, number: u16, role: Role) -> Result<(), Rejection> {
        self.act(author, RosterOp::Raise(Raise { device: id(number), role }))
    }
}

fn no(error: RosterError) -> Result<(), Rejection> {
    Err(Rejection::Roster(error))
}

#[test]
fn who_waits_comes_in_when_admitted_and_is_known_when_denied() {
    let mut play = Play::new();
    play.comes(2, Role::Steward);
    play.waits(3);
    play.waits(4);
    play.waits(5);
    assert_eq!(play.write(3), Err(Rejection::NotMember));
    assert_eq!(play.leave(3), Err(Rejection::NotMember));
    assert_eq!(play.admit(2, 3, Role::Steward), no(RosterError::NotAllowed));
    assert_eq!(play.deny(2, 3), no(RosterError::NotAllowed));
    assert_eq!(play.admit(EVA, 3, Role::Organiser), no(RosterError::NotAllowed));
    assert_eq!(play.admit(EVA, 2, Role::Steward), no(RosterError::Target));
    assert_eq!(play.deny(EVA, 9), no(RosterError::Target));

    play.admit(EVA, 3, Role::Reader).unwrap();
    let member = &play.roster().members[&id(3)];
    assert_eq!((member.role, member.invite), (Role::Reader, Some(door(503))));
    assert_eq!(play.write(3), Err(Rejection::Role));
    assert_eq!(play.admit(EVA, 3, Role::Steward), no(RosterError::Target));

    play.deny(EVA, 4).unwrap();
    let former = play.roster().former[&id(4)];
    assert_eq!((former.ed_pub, former.epoch, former.reason), (public(4), 0, None));
    assert_eq!(play.admit(EVA, 4, Role::Steward), no(RosterError::Target));
    play.invite(EVA, 600, Role::Reader, InviteMode::Auto).unwrap();
    for known in [2, 3, 4, 5] {
        assert_eq!(play.join(known, 600), no(RosterError::Target), "{known}");
    }
}

#[test]
fn an_invitation_says_by_its_wrap_whether_it_lets_in_at_once() {
    let mut play = Play::new();
    for (mode, wrap_hash) in [(InviteMode::Auto, None), (InviteMode::Confirm, Some(WrapHash([3; 32])))] {
        let (ed_pub, x_pub) = (public(600), Prekey([9; 32]));
        let op = Invite { ed_pub, x_pub, role: Role::Reader, mode, expires_day: 9, wrap_hash };
        assert_eq!(play.act(EVA, RosterOp::Invite(op)), no(RosterError::Parameter));
    }
    assert_eq!(play.invite(EVA, 600, Role::Organiser, InviteMode::Confirm), no(RosterError::NotAllowed));
    for number in 600..600 + limits::OPEN_INVITES as u16 {
        play.invite(EVA, number, Role::Reader, InviteMode::Confirm).unwrap();
    }
    assert_eq!(play.invite(EVA, 700, Role::Reader, InviteMode::Auto), no(RosterError::Limit));
    assert_eq!(play.invite(EVA, 600, Role::Reader, InviteMode::Auto), no(RosterError::Target));
    play.join(2, 600).unwrap();
    assert_eq!(play.join(3, 600), no(RosterError::InviteUsed));
    assert_eq!(play.join(3, 800), no(RosterError::InviteUnknown));
    assert_eq!(play.invite(EVA, 600, Role::Reader, InviteMode::Auto), no(RosterError::Target));
    play.act(EVA, RosterOp::Uninvite(Uninvite { invite: door(601) })).unwrap();
    assert_eq!(play.join(3, 601), no(RosterError::InviteUnknown));
}

#[test]
fn sheets_are_added_by_organisers_and_sheets_and_retire_by_themselves() {
    let mut play = Play::new();
    play.comes(2, Role::Steward);
    assert_eq!(play.add_sheet(2, 901), no(RosterError::NotAllowed));
    let unwrapped = RecoveryAdd { key: sheet(901), wrap_hash: None };
    assert_eq!(play.act(EVA, RosterOp::RecoveryAdd(unwrapped)), no(RosterError::Parameter));
    assert_eq!(play.add_sheet(EVA, SHEET), no(RosterError::Target));
    assert_eq!(play.add_sheet(EVA, 2), no(RosterError::Target));
    play.add_sheet(EVA, 901).unwrap();
    play.add_sheet(SHEET, 902).unwrap();
    assert_eq!(play.add_sheet(EVA, 903), no(RosterError::Limit));

    assert_eq!(play.retire(EVA, SHEET), no(RosterError::NotAllowed));
    assert_eq!(play.retire(901, SHEET), no(RosterError::NotAllowed));
    assert_eq!(play.retire(EVA, EVA), no(RosterError::Target));
    play.retire(SHEET, SHEET).unwrap();
    assert_eq!(play.add_sheet(SHEET, 903), Err(Rejection::NotMember));
    // A sheet does nothing else.
    assert_eq!(play.write(901), Err(Rejection::Role));
    assert_eq!(play.invite(901, 600, Role::Reader, InviteMode::Auto), no(RosterError::NotAllowed));
    assert_eq!(play.leave(901), no(RosterError::NotAllowed));
    assert_eq!(play.deny(901, 3), no(RosterError::NotAllowed));
}

#[test]
fn nobody_leaves_a_book_that_no_one_could_let_people_into() {
    let mut play = Play::new();
    play.comes(2, Role::Steward);
    play.retire(SHEET, SHEET).unwrap();
    assert_eq!(play.leave(EVA), no(RosterError::Orphaned));
    play.raise(EVA, 2, Role::Organiser).unwrap();
    play.leave(EVA).unwrap();
    assert_eq!(play.leave(2), no(RosterError::Orphaned));
    assert_eq!(play.write(EVA), Err(Rejection::NotMember));
    let lowered = Raise { device: id(2), role: Role::Steward };
    assert_eq!(play.begin(2, |op| op.lowered = vec![lowered]), no(RosterError::Orphaned));

    let mut play = Play::new();
    play.leave(EVA).unwrap();
    assert_eq!(play.retire(SHEET, SHEET), no(RosterError::Orphaned));
    play.add_sheet(SHEET, 901).unwrap();
    play.retire(SHEET, SHEET).unwrap();
}

#[test]
fn a_raise_lifts_and_never_lowers() {
    let mut play = Play::new();
    play.comes(2, Role::Reader);
    play.comes(3, Role::Steward);
    play.leave(3).unwrap();
    assert_eq!(play.raise(2, 2, Role::Steward), no(RosterError::NotAllowed));
    assert_eq!(play.raise(EVA, 2, Role::Reader), no(RosterError::Target));
    assert_eq!(play.raise(EVA, 3, Role::Organiser), no(RosterError::Target));
    assert_eq!(play.raise(EVA, EVA, Role::Steward), no(RosterError::Target));
    play.raise(EVA, 2, Role::Steward).unwrap();
    play.write(2).unwrap();
    for number in 10..10 + limits::ORGANISERS as u16 - 1 {
        play.comes(number, Role::Organiser);
    }
    assert_eq!(play.raise(EVA, 2, Role::Organiser), no(RosterError::Limit));
}

#[test]
fn an_epoch_puts_out_lowers_and_keeps_only_what_it_names() {
    let mut play = Play::new();
    for number in 2..6 {
        play.comes(number, if number == 5 { Role::Organiser } else { Role::Steward });
    }
    play.waits(6);
    play.waits(7);
    play.leave(4).unwrap();
    for (author, number, mode) in [
        (EVA, 600, InviteMode::Auto),
        (EVA, 601, InviteMode::Confirm),
        (EVA, 602, InviteMode::Auto),
        (5, 603, InviteMode::Auto),
    ] {
        play.invite(author, number, Role::Reader, mode).unwrap();
    }
    play.begin(EVA, |op| {
        op.reason = Reason::Remove;
        op.removed = vec![id(2), id(6)];
        op.lowered = vec![Raise { device: id(3), role: Role::Reader }, Raise { device: id(5), role: Role::Steward }];
        op.kept_invites = vec![door(600), door(601)];
    })
    .unwrap();
    let roster = play.roster();
    let roles: Vec<_> = [EVA, 2, 3, 4, 5].map(|number| roster.role(&id(number))).into();
    assert_eq!(roles, [Some(Role::Organiser), None, Some(Role::Reader), None, Some(Role::Steward)]);
    assert_eq!(roster.pending.keys().copied().collect::<Vec<_>>(), [id(7)]);
    let mut out = vec![id(2), id(4), id(6)];
    out.sort();
    assert_eq!(roster.former.keys().copied().collect::<Vec<_>>(), out);
    assert!(roster.former.values().all(|former| (former.epoch, former.reason) == (1, Some(Reason::Remove))));
    let mut open = vec![door(600), door(601)];
    open.sort();
    assert_eq!(roster.invites.keys().copied().collect::<Vec<_>>(), open);
    assert_eq!(roster.invite_wrap(&door(600)), None, "the new wrap is in the op's hash of all wraps");

    // The key is for those who remain, the sheet, and the door that lets in at once.
    let mut wraps = vec![id(EVA), id(3), id(5), id(SHEET), DeviceId(door(600).0)];
    wraps.sort();
    assert_eq!(roster.wrap_recipients().into_iter().collect::<Vec<_>>(), wraps);
    assert_eq!((roster.epoch, roster.epoch_n, roster.seal.n), (1, play.log.head.n, play.log.head.n - 1));
    assert_eq!(roster.seal.next(&roster.rhead), play.log.head);

    assert_eq!(play.write(2), Err(Rejection::NotMember));
    assert_eq!(play.write(3), Err(Rejection::Role));
    assert_eq!(play.join(8, 602), no(RosterError::InviteUnknown));
    assert_eq!(play.join(2, 600), no(RosterError::Target));
    play.join(8, 600).unwrap();
    play.write(8).unwrap_err();
    play.write(5).unwrap();
    assert_eq!(play.invite(5, 604, Role::Reader, InviteMode::Auto), no(RosterError::NotAllowed));
}

#[test]
fn an_epoch_op_that_does_not_fit_is_refused() {
    let mut play = Play::new();
    play.comes(2, Role::Steward);
    play.comes(3, Role::Organiser);
    play.waits(4);
    play.invite(EVA, 600, Role::Reader, InviteMode::Auto).unwrap();
    play.invite(3, 601, Role::Reader, InviteMode::Auto).unwrap();
    type Change = fn(&mut Epoch);
    let newcomer = Newcomer { ed_pub: public(20), prekey: Prekey([3; 32]) };
    assert_eq!(play.begin(EVA, |op| op.newcomer = Some(newcomer)), no(RosterError::NotAllowed));
    let cases: [(Change, RosterError); 22] = [
        (|op| op.seal_n -= 1, RosterError::Seal),
        (|op| op.seal_n += 1, RosterError::Seal),
        (|op| op.seal_h.0[0] ^= 1, RosterError::Seal),
        (|op| op.epoch = 0, RosterError::Parameter),
        (|op| op.epoch = 2, RosterError::Parameter),
        (|op| op.suite = 0, RosterError::Parameter),
        (|op| op.suite = 2, RosterError::Parameter),
        (|op| op.rules = 0, RosterError::Parameter),
        (|op| op.shards = 8, RosterError::Parameter),
        (|op| op.shards = 24, RosterError::Parameter),
        (|op| op.shards = 512, RosterError::Parameter),
        (|op| op.base_heads.truncate(15), RosterError::Parameter),
        (|op| op.base.clear(), RosterError::Parameter),
        (|op| op.base.push(op.base[0].clone()), RosterError::Parameter),
        (|op| op.base[0].len = limits::BASE_TOTAL as u32 + 1, RosterError::Parameter),
        (
            |op| op.base = (0..=limits::BASE_PARTS as u8).map(|n| BasePart { id: EntryId([n; 32]), len: 9 }).collect(),
            RosterError::Parameter,
        ),
        (|op| op.removed = vec![id(EVA)], RosterError::Target),
        (|op| op.removed = vec![id(2), id(2)], RosterError::Target),
        (|op| op.removed = vec![id(SHEET)], RosterError::Target),
        (|op| op.lowered = vec![Raise { device: id(2), role: Role::Steward }], RosterError::Target),
        (|op| op.kept_invites = vec![door(600), door(600)], RosterError::Target),
        (|op| op.kept_invites = vec![door(504)], RosterError::InviteUnknown),
    ];
    for (number, (change, error)) in cases.into_iter().enumerate() {
        assert_eq!(play.begin(EVA, change), no(error), "case {number}");
    }
    // Doors of who goes or sinks, and any door after an erasure, are shut.
    let kept = vec![door(601)];
    for change in [
        |op: &mut Epoch| op.removed = vec![id(3)],
        |op: &mut Epoch| op.lowered = vec![Raise { device: id(3), role: Role::Steward }],
        |op: &mut Epoch| op.reason = Reason::Erase,
    ] {
        let kept = kept.clone();
        let refused = play.begin(EVA, |op| {
            op.kept_invites = kept;
            change(op);
        });
        assert_eq!(refused, no(RosterError::Target));
    }
    let mut op = play.next_epoch(EVA, |_| {});
    op.members_digest.0[0] ^= 1;
    assert_eq!(play.act(EVA, RosterOp::Epoch(op)), no(RosterError::Parameter));
    assert_eq!(play.begin(2, |_| {}), no(RosterError::NotAllowed));
    assert_eq!(play.begin(4, |_| {}), Err(Rejection::NotMember));

    // More shards and newer rules are no step back.
    play.begin(3, |op| (op.shards, op.rules, op.base_heads) = (32, 2, vec![EntryId([8; 32]); 32])).unwrap();
    assert_eq!((play.roster().shards, play.roster().rules), (32, 2));
    assert_eq!(
        play.begin(EVA, |op| (op.shards, op.base_heads) = (16, vec![EntryId([8; 32]); 16])),
        no(RosterError::Parameter)
    );
    assert_eq!(play.begin(EVA, |op| op.rules = 1), no(RosterError::Parameter));
}

#[test]
fn a_sheet_alone_founds_the_book_anew_with_a_new_organiser() {
    let mut play = Play::new();
    play.comes(2, Role::Organiser);
    let newcomer = |number| Some(Newcomer { ed_pub: public(number), prekey: Prekey([3; 32]) });
    for known in [EVA, 2, SHEET] {
        assert_eq!(play.begin(SHEET, |op| op.newcomer = newcomer(known)), no(RosterError::Target));
    }
    // One that this very op puts out does not come in by it.
    let both = |op: &mut Epoch| (op.removed, op.newcomer) = (vec![id(2)], newcomer(2));
    assert_eq!(play.begin(SHEET, both), no(RosterError::Target));
    play.begin(SHEET, |op| {
        op.reason = Reason::Restore;
        op.removed = vec![id(EVA), id(2)];
        op.newcomer = newcomer(20);
    })
    .unwrap();
    assert_eq!(play.roster().members.keys().copied().collect::<Vec<_>>(), [id(20)]);
    assert_eq!(play.roster().role(&id(20)), Some(Role::Organiser));
    assert_eq!(play.begin(EVA, |_| {}), Err(Rejection::NotMember));
    play.write(20).unwrap();
    play.begin(20, |_| {}).unwrap();
}

#[test]
fn the_digest_tells_members_roles_and_sheets_apart() {
    let mut play = Play::new();
    let mut seen = std::collections::BTreeSet::from([members_digest(play.roster())]);
    play.comes(2, Role::Reader);
    seen.insert(members_digest(play.roster()));
    play.raise(EVA, 2, Role::Steward).unwrap();
    seen.insert(members_digest(play.roster()));
    play.add_sheet(EVA, 901).unwrap();
    seen.insert(members_digest(play.roster()));
    assert_eq!(seen.len(), 4);
    play.waits(3);
    assert!(seen.contains(&members_digest(play.roster())), "who waits is no member");
}

#[test]
fn an_op_names_whose_wrap_comes_with_it() {
    let hash = WrapHash([4; 32]);
    let admit = RosterOp::Admit(Admit { device: id(3), role: Role::Reader, wrap_hash: hash });
    assert_eq!(admit.promised_wrap(), Some((id(3), hash)));
    let add = RosterOp::RecoveryAdd(RecoveryAdd { key: sheet(901), wrap_hash: Some(hash) });
    assert_eq!(add.promised_wrap(), Some((id(901), hash)));
    let (ed_pub, x_pub) = (public(600), Prekey([9; 32]));
    let invite = |mode, wrap_hash| {
        RosterOp::Invite(Invite { ed_pub, x_pub, role: Role::Reader, mode, expires_day: 9, wrap_hash })
    };
    assert_eq!(invite(InviteMode::Auto, Some(hash)).promised_wrap(), Some((DeviceId(door(600).0), hash)));
    assert_eq!(invite(InviteMode::Confirm, None).promised_wrap(), None);
    assert_eq!(RosterOp::Leave(Leave {}).promised_wrap(), None);
}

#[test]
fn who_resumes_at_an_epoch_judges_as_who_read_it_all() {
    let mut play = Play::new();
    play.comes(2, Role::Steward);
    play.write(2).unwrap();
    play.begin(EVA, |_| {}).unwrap();
    let op = play.roster().rhead;
    let mut resumed = LogState::resume(play.roster().clone(), &op, play.log.tips.clone());
    assert_eq!(resumed, play.log);
    let envelope = play.envelope(2, Kind::Data, &[1; 32]);
    play.add(envelope.clone()).unwrap();
    assert_eq!(resumed.append(&envelope, &play.pages), Ok(Ok(Accepted::New)));
    assert_eq!(resumed, play.log);
}

#[test]
fn an_author_known_in_part_goes_on_from_its_next_envelope() {
    let mut play = Play::new();
    play.comes(2, Role::Steward);
    let known = play.log.tips[&id(2)];
    play.write(2).unwrap();
    play.write(2).unwrap();
    play.begin(EVA, |_| {}).unwrap();
    let mut server = play.log.clone();
    server.tips.insert(id(2), known);
    server.open_ended.insert(id(2));
    let next = play.envelope(2, Kind::Data, &[1; 32]);
    let twin = Envelope::sign(Header { dprev: EntryId([1; 32]), ..*next.header() }, &[1; 32], &key(2)).unwrap();
    let number = |dseq, dprev| Envelope::sign(Header { dseq, dprev, ..*next.header() }, &[1; 32], &key(2)).unwrap();
    let mut judge = |envelope: &Envelope| server.append(envelope, &play.pages).unwrap_or_else(|never| match never {});
    assert_eq!(judge(&number(known.dseq + 1, EntryId([1; 32]))), Err(Rejection::Dprev));
    assert_eq!(judge(&number(u64::MAX, EntryId([1; 32]))), Err(Rejection::Gap));
    assert_eq!(judge(&number(known.dseq, EntryId([1; 32]))), Err(Rejection::DeviceFork));
    assert_eq!(judge(&next), Ok(Accepted::New));
    assert_eq!(judge(&twin), Err(Rejection::DeviceFork));
    assert_eq!(judge(&number(next.header().dseq + 2, next.id())), Err(Rejection::Gap));
}

#[test]
fn a_roster_reads_from_its_own_chain_alone() {
    let mut play = Play::new();
    play.comes(2, Role::Steward);
    play.write(2).unwrap();
    play.begin(EVA, |op| op.removed = vec![id(2)]).unwrap();
    play.comes(3, Role::Reader);
    play.write(EVA).unwrap();
    play.leave(3).unwrap();
    let chain: Vec<Envelope> =
        play.pages.0.iter().map(|(_, e)| e.clone()).filter(|e| e.header().kind == Kind::Roster).collect();
    assert_eq!(read_roster(&chain).as_ref(), Ok(play.roster()));
    for missing in 0..chain.len() {
        let mut holed = chain.clone();
        holed.remove(missing);
        let read = read_roster(&holed);
        assert!(read.is_err() || missing == chain.len() - 1, "{missing}");
    }
    for (at, envelope) in chain.iter().enumerate() {
        let mut bytes = envelope.bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        let mut forged = chain.clone();
        forged[at] = Envelope::parse(bytes).unwrap();
        assert_eq!(read_roster(&forged), Err(Rejection::Signature), "{at}");
    }
    let mut doubled = chain.clone();
    doubled.push(chain[1].clone());
    assert!(read_roster(&doubled).is_err());
    assert_eq!(read_roster(&[]), Err(Rejection::Roster(RosterError::Malformed)));
}

/// What must hold of every roster.
fn check(roster: &Roster) {
    let organisers = roster.members.values().filter(|m| !m.left && m.role == Role::Organiser).count();
    assert!(organisers > 0 || !roster.recovery.is_empty(), "somebody can let people in");
    assert!(organisers <= limits::ORGANISERS && roster.recovery.len() <= limits::RECOVERY_KEYS);
    assert!(roster.members.len() + roster.pending.len() <= limits::DEVICES);
    assert!(roster.invites.len() <= limits::OPEN_INVITES);
    let sets = [
        roster.members.keys().copied().collect::<Vec<_>>(),
        roster.pending.keys().copied().collect(),
        roster.former.keys().copied().collect(),
        roster.recovery.keys().copied().collect(),
    ];
    let all: std::collections::BTreeSet<_> = sets.iter().flatten().collect();
    assert_eq!(all.len(), sets.iter().map(Vec::len).sum::<usize>(), "nobody is two things at once");
    assert!(roster.invites.keys().all(|invite| !roster.used_invites.contains_key(invite)));
    for open in roster.invites.values() {
        assert_ne!(open.invite.role, Role::Organiser);
    }
    for recipient in roster.wrap_recipients() {
        assert!(!roster.former.contains_key(&recipient) && !roster.pending.contains_key(&recipient));
    }
}

/// What each principal may do: none waits or is out, 0 only says goodbye.
fn rights(roster: &Roster) -> BTreeMap<DeviceId, Role> {
    roster.members.iter().filter(|(_, member)| !member.left).map(|(id, member)| (*id, member.role)).collect()
}

/// Whatever is done in whatever order, the invariants hold; and what was allowed stays allowed until an epoch begins,
/// but for who goes of its own accord.
#[test]
fn rights_only_grow_within_an_epoch() {
    let given = std::env::var("SAMLA_SEED").ok().and_then(|seed| seed.parse().ok());
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed: u64 = given.unwrap_or_else(now);
    println!("to see this run again: SAMLA_SEED={seed}");
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |end: u16| (dice.next_u64() % u64::from(end)) as u16;
    let mut accepted = BTreeMap::<u16, u32>::new();
    for _ in 0..30 {
        let mut play = Play::new();
        for _ in 0..150 {
            let before = play.log.clone();
            let someone = |n: u16| if n == 0 { SHEET } else { n };
            let (author, other) = (someone(below(9)), someone(below(9)));
            let role = [Role::Reader, Role::Steward, Role::Organiser][usize::from(below(3))];
            let mode = if below(2) == 0 { InviteMode::Auto } else { InviteMode::Confirm };
            let (invite, extra) = (600 + below(12), SHEET + below(5));
            // Most ops by one who may, or nothing much would happen.
            let organiser = (1..9).find(|n| play.roster().role(&id(*n)) == Some(Role::Organiser)).unwrap_or(SHEET);
            let author = if below(3) > 0 { organiser } else { author };
            // The roster is small enough for the dice to find who waits, and few go, or nobody would be left.
            let waits = (1..9).find(|n| play.roster().pending.contains_key(&id(*n))).unwrap_or(other);
            let rises = (1..9).find(|n| play.roster().role(&id(*n)).is_some_and(|role| role < Role::Organiser));
            let rises = rises.unwrap_or(other);
            let kind = match below(16) {
                7 | 9 if below(5) > 0 => 2,
                12 | 13 => 6,
                14 | 15 => 11,
                kind => kind,
            };
            let done = match kind {
                0 | 1 => play.invite(author, invite, role, mode),
                2 | 3 => play.join(other, invite),
                4 => play.admit(author, waits, role),
                5 => play.deny(author, waits),
                6 => play.raise(author, rises, role),
                7 => play.leave(other),
                8 => play.add_sheet(author, extra),
                9 => play.retire(extra, extra),
                10 => play.act(author, RosterOp::Uninvite(Uninvite { invite: door(invite) })),
                _ => {
                    let reason = [Reason::Rotate, Reason::Remove, Reason::Erase][usize::from(below(3))];
                    let (out, low) = (below(3) == 0, below(3) == 0);
                    play.begin(author, |op| {
                        op.reason = reason;
                        op.removed = if out { vec![id(other)] } else { vec![] };
                        op.lowered = if low { vec![Raise { device: id(other), role }] } else { vec![] };
                        op.kept_invites = if low { vec![] } else { vec![door(invite)] };
                    })
                }
            };
            let roster = play.roster();
            check(roster);
            if done.is_err() {
                assert_eq!(play.log, before);
                continue;
            }
            *accepted.entry(kind).or_default() += 1;
            assert_eq!(roster.rseq, before.roster.rseq + 1);
            assert!(roster.epoch == before.roster.epoch || kind == 11);
            let gone = if kind == 7 { Some(id(other)) } else { None };
            if roster.epoch == before.roster.epoch {
                let after = rights(roster);
                for (device, role) in rights(&before.roster) {
                    let kept = after.get(&device).is_some_and(|now| *now >= role);
                    assert!(kept || gone == Some(device), "rights were taken by op {kind}");
                }
            }
            let former = before.roster.former.keys();
            assert!(former.into_iter().all(|device| roster.former.contains_key(device)), "who is out stays out");
        }
        let chain: Vec<Envelope> = play.pages.0.iter().map(|(_, envelope)| envelope.clone()).collect();
        assert_eq!(read_roster(&chain).as_ref(), Ok(play.roster()));
    }
    println!("{accepted:?}");
    assert_eq!(accepted.len(), 12, "the dice reach every op: {accepted:?}");
}
