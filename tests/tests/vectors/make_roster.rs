//! The body of every roster op, the later ones too, and bodies that are none.

use samla_wire::ids::{LogHash, Prekey, SigningKey};
use samla_wire::roster::*;
use samla_wire::{BookId, DeviceId, EntryId, InviteId, KeyCommit, WrapHash, to_cbor};
use serde_json::json;

use super::{Inputs, bytes, case, device, hex, id};

pub(super) fn ops() -> Inputs {
    let (ed_pub, x_pub) = (SigningKey(bytes("ed")), Prekey(bytes("x")));
    let recovery = |name: &str| RecoveryKey { ed_pub: SigningKey(bytes(name)), x_pub: Prekey(bytes("sheet x")) };
    let device_id = DeviceId(id("device"));
    let wrap_hash = WrapHash(bytes("wrap"));
    let invite = Invite {
        ed_pub,
        x_pub,
        role: Role::Steward,
        mode: InviteMode::Auto,
        expires_day: 20_454,
        wrap_hash: Some(wrap_hash),
    };
    let isig = device("bo").public_key();
    let isig = samla_core::seal::InviteSecret::from_bytes(bytes("secret")).sign_join(
        &BookId(bytes("book")),
        &EntryId(bytes("rprev")),
        &isig,
        &x_pub,
    );
    let epoch = Epoch {
        epoch: 3,
        seal_n: 70_000,
        seal_h: LogHash(bytes("seal")),
        suite: 1,
        rules: 1,
        shards: 16,
        key_commit: KeyCommit(bytes("commit")),
        base: vec![BasePart { id: EntryId(bytes("part")), len: 300_000 }],
        base_heads: vec![EntryId(bytes("head 0")), EntryId(bytes("head 1"))],
        wraps_hash: wrap_hash,
        removed: vec![device_id],
        lowered: vec![Raise { device: DeviceId(id("lowered")), role: Role::Reader }],
        kept_invites: vec![InviteId(id("kept"))],
        reason: Reason::Erase,
        members_digest: LogHash(bytes("members")),
        newcomer: None,
    };
    let bare = Epoch {
        base: vec![],
        base_heads: vec![],
        removed: vec![],
        lowered: vec![],
        kept_invites: vec![],
        reason: Reason::Rotate,
        ..epoch.clone()
    };
    let body = |op| to_cbor(&RosterBody { rseq: 300, rprev: EntryId(bytes("rprev")), op });
    let input = |bytes: &[u8]| json!({ "body": hex(bytes) });
    let op = |name: &str, op| case(name, input(&body(op)));
    let genesis = |recovery| Genesis {
        ed_pub,
        prekey: x_pub,
        recovery,
        suite: 1,
        rules: 1,
        shards: 16,
        key_commit: KeyCommit(bytes("commit")),
        nonce: id("nonce"),
    };
    let first =
        to_cbor(&RosterBody { rseq: 1, rprev: EntryId::ZERO, op: RosterOp::Genesis(genesis(vec![recovery("sheet")])) });
    let leave = body(RosterOp::Leave(Leave {}));
    let spliced = |at: std::ops::Range<usize>, with: &[u8]| {
        let mut bytes = leave.clone();
        bytes.splice(at, with.iter().copied());
        input(&bytes)
    };
    vec![
        case("genesis", input(&first)),
        op("genesis with three sheets", RosterOp::Genesis(genesis(["a", "b", "c"].map(recovery).into()))),
        op("invite", RosterOp::Invite(invite.clone())),
        op(
            "invite with confirmation",
            RosterOp::Invite(Invite { role: Role::Reader, mode: InviteMode::Confirm, wrap_hash: None, ..invite }),
        ),
        op("uninvite", RosterOp::Uninvite(Uninvite { invite: InviteId(id("invite")) })),
        op("join", RosterOp::Join(Join { invite: InviteId(id("invite")), ed_pub, prekey: x_pub, isig })),
        op("admit", RosterOp::Admit(Admit { device: device_id, role: Role::Steward, wrap_hash })),
        op("deny", RosterOp::Deny(Deny { device: device_id })),
        op("raise", RosterOp::Raise(Raise { device: device_id, role: Role::Organiser })),
        op("epoch", RosterOp::Epoch(epoch)),
        op("epoch with nothing in its lists", RosterOp::Epoch(bare)),
        op("recovery_add", RosterOp::RecoveryAdd(RecoveryAdd { key: recovery("sheet"), wrap_hash: None })),
        op("recovery_retire", RosterOp::RecoveryRetire(RecoveryRetire { device: device_id })),
        case("leave", input(&leave)),
        case("an op of a later version", spliced(leave.len() - 3..leave.len() - 2, &[12])),
        case("empty", input(&[])),
        case("a byte after the end", spliced(leave.len()..leave.len(), &[0])),
        case("a byte short", input(&leave[..leave.len() - 1])),
        case("a map of no stated length", spliced(0..1, &[0xbf])),
        case("a map of five", spliced(0..1, &[0xa5])),
        case("a place in a longer form", spliced(2..5, &[0x1a, 0, 0, 1, 0x2c])),
        case("a place below zero", spliced(2..5, &[0x20])),
        case("a field that leave has not", spliced(leave.len() - 1..leave.len(), &[0xa1, 0, 0])),
        case("fields as a list", spliced(leave.len() - 1..leave.len(), &[0x80])),
        case("another order", {
            let mut bytes = leave.clone();
            let at = bytes.len() - 4;
            bytes.splice(at.., [3, 0xa0, 2, 11]);
            input(&bytes)
        }),
    ]
}
