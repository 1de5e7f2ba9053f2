//! Roster ops as JSON: every field of every op by its name.

use samla_wire::from_canonical;
use samla_wire::roster::{InviteMode, Reason, RecoveryKey, Roster, RosterBody, RosterOp};
use serde_json::{Map, Value, json};

use super::hex;

/// Adds a field that ops had not from the beginning, where it is there.
fn with(mut fields: Value, name: &str, value: Option<Value>) -> Value {
    if let (Some(value), Some(fields)) = (value, fields.as_object_mut()) {
        fields.insert(name.to_owned(), value);
    }
    fields
}

/// What a roster body says, or that it is refused.
pub(super) fn describe(body: &[u8]) -> Result<Value, String> {
    Ok(match from_canonical::<RosterBody>(body) {
        Ok(body) => {
            let (op, fields) = op(&body.op);
            json!({ "rseq": body.rseq, "rprev": body.rprev.to_string(), "op": op, "fields": fields })
        }
        Err(_) if RosterBody::is_from_newer_version(body) => super::refusal("newer"),
        Err(_) => super::refusal("malformed"),
    })
}

fn ids<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(T::to_string).collect()
}

fn recovery_key(key: &RecoveryKey) -> Value {
    json!({ "ed_pub": key.ed_pub.to_string(), "x_pub": key.x_pub.to_string() })
}

fn op(op: &RosterOp) -> (&'static str, Value) {
    match op {
        RosterOp::Genesis(op) => (
            "genesis",
            json!({
                "ed_pub": op.ed_pub.to_string(),
                "prekey": op.prekey.to_string(),
                "recovery": op.recovery.iter().map(recovery_key).collect::<Vec<_>>(),
                "suite": op.suite,
                "rules": op.rules,
                "shards": op.shards,
                "key_commit": op.key_commit.to_string(),
                "nonce": hex(op.nonce),
            }),
        ),
        RosterOp::Invite(op) => (
            "invite",
            json!({
                "ed_pub": op.ed_pub.to_string(),
                "x_pub": op.x_pub.to_string(),
                "role": op.role.name(),
                "mode": match op.mode { InviteMode::Auto => "auto", InviteMode::Confirm => "confirm" },
                "expires_day": op.expires_day,
                "wrap_hash": op.wrap_hash.map(|hash| hash.to_string()),
            }),
        ),
        RosterOp::Uninvite(op) => ("uninvite", json!({ "invite": op.invite.to_string() })),
        RosterOp::Join(op) => (
            "join",
            json!({
                "invite": op.invite.to_string(),
                "ed_pub": op.ed_pub.to_string(),
                "prekey": op.prekey.to_string(),
                "isig": op.isig.to_string(),
            }),
        ),
        RosterOp::Admit(op) => (
            "admit",
            json!({
                "device": op.device.to_string(),
                "role": op.role.name(),
                "wrap_hash": op.wrap_hash.to_string(),
            }),
        ),
        RosterOp::Deny(op) => ("deny", json!({ "device": op.device.to_string() })),
        RosterOp::Raise(op) => ("raise", json!({ "device": op.device.to_string(), "role": op.role.name() })),
        RosterOp::Epoch(op) => (
            "epoch",
            with(
                json!({
                    "epoch": op.epoch,
                    "seal_n": op.seal_n,
                    "seal_h": op.seal_h.to_string(),
                    "suite": op.suite,
                    "rules": op.rules,
                    "shards": op.shards,
                    "key_commit": op.key_commit.to_string(),
                    "base": op.base.iter()
                        .map(|part| json!({ "id": part.id.to_string(), "len": part.len }))
                        .collect::<Vec<_>>(),
                    "base_heads": ids(&op.base_heads),
                    "wraps_hash": op.wraps_hash.to_string(),
                    "removed": ids(&op.removed),
                    "lowered": op.lowered.iter()
                        .map(|lower| json!({ "device": lower.device.to_string(), "role": lower.role.name() }))
                        .collect::<Vec<_>>(),
                    "kept_invites": ids(&op.kept_invites),
                    "reason": match op.reason {
                        Reason::Rotate => "rotate",
                        Reason::Remove => "remove",
                        Reason::Erase => "erase",
                        Reason::Restore => "restore",
                    },
                    "members_digest": op.members_digest.to_string(),
                }),
                "newcomer",
                op.newcomer.as_ref().map(
                    |newcomer| json!({ "ed_pub": newcomer.ed_pub.to_string(), "prekey": newcomer.prekey.to_string() }),
                ),
            ),
        ),
        RosterOp::RecoveryAdd(op) => {
            let wrap_hash = op.wrap_hash.map(|hash| json!(hash.to_string()));
            ("recovery_add", with(json!({ "key": recovery_key(&op.key) }), "wrap_hash", wrap_hash))
        }
        RosterOp::RecoveryRetire(op) => ("recovery_retire", json!({ "device": op.device.to_string() })),
        RosterOp::Leave(_) => ("leave", json!({})),
    }
}

/// Who is in, by role; which doors are open and which were used.
pub(super) fn view(roster: &Roster) -> Value {
    let members: Map<String, Value> = roster
        .members
        .iter()
        .map(|(id, member)| (id.to_string(), if member.left { "left" } else { member.role.name() }.into()))
        .collect();
    let used: Map<String, Value> =
        roster.used_invites.iter().map(|(id, by)| (id.to_string(), by.to_string().into())).collect();
    json!({
        "epoch": roster.epoch,
        "rseq": roster.rseq,
        "rhead": roster.rhead.to_string(),
        "members": members,
        "invites": roster.invites.keys().map(ToString::to_string).collect::<Vec<_>>(),
        "used_invites": used,
        "recovery": roster.recovery.keys().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
