//! A log in which devices are let in by hand, recovery sheets come and go and epochs begin, and entries that do not fit it.

use samla_core::seal::{DeviceKeys, InviteSecret, RecoverySecret};
use samla_wire::ids::{LogHash, SigningKey};
use samla_wire::roster::*;
use samla_wire::{DeviceId, EntryId, Envelope, Header, InviteId, KeyCommit, Kind, WrapHash, to_cbor};
use serde_json::{Value, json};

use super::log::{Story, founded};
use super::{Inputs, bytes, device, hex, id};

fn sheet(name: &str) -> RecoverySecret {
    RecoverySecret::from_bytes(bytes(name))
}

fn open(name: &str) -> InviteId {
    InviteSecret::from_bytes(bytes(name)).invite_id()
}

fn admit(who: &DeviceKeys, role: Role) -> RosterOp {
    RosterOp::Admit(Admit { device: who.device_id(), role, wrap_hash: WrapHash(bytes("wrap")) })
}

fn add(name: &str) -> RosterOp {
    RosterOp::RecoveryAdd(RecoveryAdd { key: sheet(name).recovery_key(), wrap_hash: Some(WrapHash(bytes("wrap"))) })
}

fn retire(name: &str) -> RosterOp {
    RosterOp::RecoveryRetire(RecoveryRetire { device: sheet(name).device_id() })
}

/// The next roster op of a recovery sheet.
fn by_sheet(story: &Story, name: &str, op: RosterOp) -> Envelope {
    let header = story.header(&sheet(name).device_id(), Kind::Roster);
    let body = RosterBody { rseq: story.state.roster.rseq + 1, rprev: story.state.roster.rhead, op };
    Envelope::sign(header, &to_cbor(&body), &sheet(name).signing_key()).unwrap()
}

/// The next epoch as this author would found it, after `change` had its way with it. Its digest fits, if anything does.
fn epoch(story: &Story, author: &DeviceId, change: impl FnOnce(&mut Epoch)) -> Epoch {
    let roster = &story.state.roster;
    let mut op = Epoch {
        epoch: roster.epoch + 1,
        seal_n: story.state.head.n,
        seal_h: story.state.head.h,
        suite: 1,
        rules: 1,
        shards: 16,
        key_commit: KeyCommit(bytes("commit")),
        base: vec![BasePart { id: EntryId(bytes("part")), len: 300_000 }],
        base_heads: (0..16).map(|shard| EntryId(bytes(&format!("head {shard}")))).collect(),
        wraps_hash: WrapHash(bytes("wraps")),
        removed: vec![],
        lowered: vec![],
        kept_invites: vec![],
        reason: Reason::Rotate,
        members_digest: LogHash::ZERO,
        newcomer: None,
    };
    change(&mut op);
    if let Ok(next) = roster.after_epoch(author, &op) {
        op.members_digest = members_digest(&next);
    }
    op
}

fn begins(story: &Story, author: &DeviceKeys, change: impl FnOnce(&mut Epoch)) -> Envelope {
    story.op(author, RosterOp::Epoch(epoch(story, &author.device_id(), change)))
}

/// The shared log, and every case over it.
pub(super) fn story() -> (Value, Inputs) {
    let [anna, bo, cia, dag, eva] = ["anna", "bo", "cia", "dag", "eva"].map(device);
    let mut story = founded(&anna);
    let confirm = |story: &Story, name: &str| {
        let invite = Invite { mode: InviteMode::Confirm, wrap_hash: None, ..story.invite(name, Role::Steward) };
        story.op(&anna, RosterOp::Invite(invite))
    };
    let auto = |story: &Story, name: &str| story.op(&anna, RosterOp::Invite(story.invite(name, Role::Steward)));
    let joins = |story: &Story, name: &str, who: &DeviceKeys| story.op(who, RosterOp::Join(story.join(name, who)));

    story.goes_on("an invitation that an organiser confirms", confirm(&story, "for bo"));
    let wrapped = Invite { mode: InviteMode::Confirm, ..story.invite("wrapped", Role::Steward) };
    let entry = story.op(&anna, RosterOp::Invite(wrapped));
    story.case("invite: to be confirmed, with a wrap", entry.bytes());
    story.goes_on("who comes by it waits", joins(&story, "for bo", &bo));
    not_let_in_yet(&mut story, &anna, &bo);
    story.goes_on("and is let in", story.op(&anna, admit(&bo, Role::Steward)));
    story.goes_on("and writes", story.sealed(&bo, Kind::Data));
    story.goes_on("another invitation to be confirmed", confirm(&story, "for cia"));
    story.goes_on("another waits", joins(&story, "for cia", &cia));
    story.goes_on("and is turned away", story.op(&anna, RosterOp::Deny(Deny { device: cia.device_id() })));
    let entry = story.op(&anna, admit(&cia, Role::Steward));
    story.case("admit: somebody who was turned away", entry.bytes());

    story.goes_on("a second sheet", story.op(&anna, add("second sheet")));
    sheets(&mut story, &anna, &bo);
    story.goes_on("the first sheet is retired", by_sheet(&story, "sheet", retire("sheet")));

    story.goes_on("an open invitation", auto(&story, "for dag"));
    story.goes_on("one for nobody yet", auto(&story, "kept"));
    story.goes_on("one that will be void", auto(&story, "void"));
    story.goes_on("the third device joins", joins(&story, "for dag", &dag));
    let raise = RosterOp::Raise(Raise { device: dag.device_id(), role: Role::Organiser });
    story.goes_on("and becomes an organiser", story.op(&anna, raise));
    epochs(&mut story, &anna, &bo, &dag);
    let first = begins(&story, &anna, |op| {
        op.removed = vec![bo.device_id()];
        op.lowered = vec![Raise { device: dag.device_id(), role: Role::Steward }];
        op.kept_invites = vec![open("kept")];
        op.reason = Reason::Remove;
    });
    let old = story.sealed(&dag, Kind::Data);
    story.goes_on("an epoch: one goes, one has fewer rights, one door stays open", first);
    after_it(&mut story, &anna, &bo, &dag, &old);

    story.goes_on("a member writes in the new epoch", story.sealed(&dag, Kind::Data));
    story.goes_on("a door that stayed open lets in", joins(&story, "kept", &eva));
    story.goes_on("a member leaves", story.op(&dag, RosterOp::Leave(Leave {})));
    story.goes_on("an erasure", begins(&story, &anna, |op| op.reason = Reason::Erase));
    let newcomer = device("anna's new phone");
    let newcomer = Newcomer { ed_pub: newcomer.public_key(), prekey: newcomer.prekey().public() };
    let restore = |story: &Story, change: &dyn Fn(&mut Epoch)| {
        let author = sheet("second sheet").device_id();
        let op = epoch(story, &author, |op| {
            op.removed = vec![anna.device_id(), eva.device_id()];
            op.newcomer = Some(newcomer.clone());
            op.reason = Reason::Restore;
            change(op);
        });
        by_sheet(story, "second sheet", RosterOp::Epoch(op))
    };
    let known = Newcomer { ed_pub: bo.public_key(), prekey: bo.prekey().public() };
    let entry = restore(&story, &|op| op.newcomer = Some(known.clone()));
    story.case("epoch: a newcomer who was in before", entry.bytes());
    let sheet_key = SigningKey(sheet("second sheet").recovery_key().ed_pub.0);
    let entry = restore(&story, &|op| op.newcomer.as_mut().unwrap().ed_pub = sheet_key);
    story.case("epoch: a newcomer with the sheet's key", entry.bytes());
    story.goes_on("a sheet lets its owner in again and puts the others out", restore(&story, &|_| {}));
    let entry = story.sealed(&anna, Kind::Data);
    story.case("R3: a device that the sheet put out", entry.bytes());
    let entry = story.sealed(&device("anna's new phone"), Kind::Data);
    story.case("the newcomer writes", entry.bytes());
    let log: Vec<String> = story.log.iter().map(|entry| hex(entry.bytes())).collect();
    (json!({ "log": log }), story.cases)
}

fn not_let_in_yet(story: &mut Story, anna: &DeviceKeys, bo: &DeviceKeys) {
    let stranger = device("stranger");
    for (name, entry) in [
        ("R3: who waits writes", story.sealed(bo, Kind::Data)),
        ("R3: who waits lets itself in", story.op(bo, admit(bo, Role::Steward))),
        ("admit: as an organiser", story.op(anna, admit(bo, Role::Organiser))),
        ("admit: nobody who waits", story.op(anna, admit(&stranger, Role::Steward))),
        ("deny: nobody who waits", story.op(anna, RosterOp::Deny(Deny { device: stranger.device_id() }))),
        ("deny: a member", story.op(anna, RosterOp::Deny(Deny { device: anna.device_id() }))),
    ] {
        story.case(name, entry.bytes());
    }
}

fn sheets(story: &mut Story, anna: &DeviceKeys, bo: &DeviceKeys) {
    let unwrapped = RecoveryAdd { key: sheet("third sheet").recovery_key(), wrap_hash: None };
    for (name, entry) in [
        ("recovery_add: a sheet makes a third", by_sheet(story, "sheet", add("third sheet"))),
        ("recovery_add: by a steward", story.op(bo, add("third sheet"))),
        ("recovery_add: the same again", story.op(anna, add("second sheet"))),
        ("recovery_add: without a wrap", story.op(anna, RosterOp::RecoveryAdd(unwrapped))),
        ("recovery_retire: another sheet", by_sheet(story, "sheet", retire("second sheet"))),
        ("recovery_retire: by an organiser", story.op(anna, retire("sheet"))),
        ("R2: a sheet that nobody added", by_sheet(story, "third sheet", retire("third sheet"))),
    ] {
        story.case(name, entry.bytes());
    }
}

/// Epochs that may not begin.
fn epochs(story: &mut Story, anna: &DeviceKeys, bo: &DeviceKeys, dag: &DeviceKeys) {
    let part = |name: &str, len| BasePart { id: EntryId(bytes(name)), len };
    let lower = |who: &DeviceKeys, role| Raise { device: who.device_id(), role };
    let mut cases: Vec<(&str, Envelope)> = vec![
        ("epoch: by a steward", begins(story, bo, |_| {})),
        ("epoch: another place than the log's end", begins(story, anna, |op| op.seal_n -= 1)),
        ("epoch: another log", begins(story, anna, |op| op.seal_h = LogHash(bytes("h")))),
        ("epoch: one is left out", begins(story, anna, |op| op.epoch += 1)),
        ("epoch: the one that is", begins(story, anna, |op| op.epoch -= 1)),
        ("epoch: another suite", begins(story, anna, |op| op.suite = 2)),
        ("epoch: older rules", begins(story, anna, |op| op.rules = 0)),
        ("epoch: newer rules", begins(story, anna, |op| op.rules = 2)),
        ("epoch: fewer shards", begins(story, anna, |op| op.shards = 8)),
        ("epoch: shards that are no power of two", begins(story, anna, |op| op.shards = 24)),
        ("epoch: a head too few", begins(story, anna, |op| op.base_heads.truncate(15))),
        ("epoch: no base", begins(story, anna, |op| op.base.clear())),
        ("epoch: a part twice", begins(story, anna, |op| op.base = vec![part("part", 1), part("part", 2)])),
        ("epoch: a base too large", begins(story, anna, |op| op.base = vec![part("part", 64 * 1024 * 1024 + 1)])),
        ("epoch: the largest base", begins(story, anna, |op| op.base = vec![part("part", 64 * 1024 * 1024)])),
        ("epoch: its author goes", begins(story, anna, |op| op.removed = vec![anna.device_id()])),
        ("epoch: somebody goes twice", begins(story, anna, |op| op.removed = vec![bo.device_id(); 2])),
        ("epoch: a stranger goes", begins(story, anna, |op| op.removed = vec![DeviceId(id("stranger"))])),
        ("epoch: the same role", begins(story, anna, |op| op.lowered = vec![lower(bo, Role::Steward)])),
        ("epoch: a higher role", begins(story, anna, |op| op.lowered = vec![lower(bo, Role::Organiser)])),
        ("epoch: a door twice", begins(story, anna, |op| op.kept_invites = vec![open("kept"); 2])),
        ("epoch: a door that is not open", begins(story, anna, |op| op.kept_invites = vec![open("for bo")])),
        (
            "epoch: a newcomer without a sheet",
            begins(story, anna, |op| {
                let keys = device("stranger");
                op.newcomer = Some(Newcomer { ed_pub: keys.public_key(), prekey: keys.prekey().public() });
            }),
        ),
    ];
    cases.push((
        "epoch: an erasure with an open door",
        begins(story, anna, |op| (op.reason, op.kept_invites) = (Reason::Erase, vec![open("kept")])),
    ));
    cases.push((
        "epoch: a door of somebody who is no organiser then",
        begins(story, dag, |op| {
            op.lowered = vec![lower(anna, Role::Reader)];
            op.kept_invites = vec![open("kept")];
        }),
    ));
    let mut other = epoch(story, &anna.device_id(), |_| {});
    other.members_digest = LogHash(bytes("members"));
    cases.push(("epoch: another count of who remains", story.op(anna, RosterOp::Epoch(other))));
    for (name, entry) in cases {
        story.case(name, entry.bytes());
    }
}

/// What comes too late, and from whom.
fn after_it(story: &mut Story, anna: &DeviceKeys, bo: &DeviceKeys, dag: &DeviceKeys, old: &Envelope) {
    let good = story.header(&dag.device_id(), Kind::Data);
    let before = Header { seen_n: good.seen_n - 1, seen_h: old.header().seen_h, ..good };
    let again = Invite { ..story.invite("for bo again", Role::Steward) };
    for (name, entry) in [
        ("R4: an edit of the epoch before", old.clone()),
        ("R7: an edit that has seen only the epoch before", story.seal(before, dag.signing_key())),
        ("R3: who was put out writes", story.sealed(bo, Kind::Data)),
        ("who is no organiser any more invites", story.op(dag, RosterOp::Invite(again))),
        ("join: by a door that is void", story.op(&device("eva"), RosterOp::Join(story.join("void", &device("eva"))))),
        ("join: who was put out", story.op(bo, RosterOp::Join(story.join("kept", bo)))),
        ("join: who was turned away", story.op(&device("cia"), RosterOp::Join(story.join("kept", &device("cia"))))),
        ("uninvite: a door that is void", story.op(anna, RosterOp::Uninvite(Uninvite { invite: open("void") }))),
    ] {
        story.case(name, entry.bytes());
    }
}
