//! What an epoch brings beside its op: digests, the base, signs of life, receipts, files.

use std::collections::BTreeMap;

use samla_core::seal::payload::{Attest, PayloadError};
use samla_core::seal::unpack_base;
use samla_wire::http::{Bundle, Receipt, Wrap, deletion_root, receipt_message, wraps_hash};
use samla_wire::ids::{Prekey, SigningKey};
use samla_wire::roster::{Member, RecoveryKey, Role, Roster, members_digest};
use samla_wire::{DeviceId, EntryId, Head, KeyCommit, from_canonical};
use serde_json::{Value, json};

use super::{Input, hex, refusal, text};

pub(super) fn answer(input: &Input<'_>) -> Result<Value, String> {
    match input.text("of")? {
        "members" => members(input),
        "wraps" => wraps(input),
        "base" => base(input),
        "attest" => attest(input),
        "deleted" => deleted(input),
        "receipt" => receipt(input),
        "bundle" => bundle(input),
        other => Err(format!("unknown part of an epoch: {other}")),
    }
}

fn device(text: &str) -> Result<DeviceId, String> {
    text.parse().map_err(super::text)
}

/// Pairs of texts, such as a device and its role.
fn pairs<'a>(input: &'a Input<'_>, key: &str) -> Result<Vec<(&'a str, &'a str)>, String> {
    let list = input.get(key)?.as_array().ok_or_else(|| format!("{key} is not a list"))?;
    let pair = |value: &'a Value| Some((value.get(0)?.as_str()?, value.get(1)?.as_str()?));
    list.iter().map(|value| pair(value).ok_or_else(|| format!("{key} holds what is no pair"))).collect()
}

fn members(input: &Input<'_>) -> Result<Value, String> {
    let book = samla_wire::BookId::ZERO;
    let mut roster = Roster {
        book,
        epoch: 0,
        epoch_n: 1,
        seal: Head::start(&book),
        base: Vec::new(),
        rules: 1,
        shards: 1,
        key_commit: KeyCommit::ZERO,
        rseq: 1,
        rhead: EntryId::ZERO,
        members: BTreeMap::new(),
        pending: BTreeMap::new(),
        invites: BTreeMap::new(),
        used_invites: BTreeMap::new(),
        recovery: BTreeMap::new(),
        former: BTreeMap::new(),
    };
    let (ed_pub, prekey) = (SigningKey::ZERO, Prekey::ZERO);
    for (id, role) in pairs(input, "members")? {
        let role = Role::from_name(role).ok_or("unknown role")?;
        let member = Member { ed_pub, prekey, role, invite: None, invited_by: None, left: false };
        roster.members.insert(device(id)?, member);
    }
    for id in input.list("sheets")? {
        let id = DeviceId::try_from(id.as_slice()).map_err(text)?;
        roster.recovery.insert(id, RecoveryKey { ed_pub, x_pub: prekey });
    }
    Ok(json!({ "digest": members_digest(&roster).to_string() }))
}

fn wraps(input: &Input<'_>) -> Result<Value, String> {
    let mut wraps = Vec::new();
    for (recipient, sealed) in pairs(input, "wraps")? {
        let sealed = super::from_hex(&json!(sealed))?.into();
        wraps.push(Wrap { recipient: device(recipient)?, sealed });
    }
    Ok(json!({ "hash": wraps_hash(&wraps).to_string() }))
}

fn base(input: &Input<'_>) -> Result<Value, String> {
    let base = match unpack_base(&input.list("parts")?) {
        Ok(base) => base,
        Err(PayloadError::Deflate) => return Ok(refusal("deflate")),
        Err(PayloadError::TooLarge) => return Ok(refusal("too_large")),
        Err(PayloadError::Malformed | PayloadError::TooMany) => return Ok(refusal("malformed")),
    };
    let tip = |tip: &samla_core::seal::SealedTip| json!([tip.device.to_string(), tip.dseq, tip.id.to_string()]);
    let known = |known: &samla_core::seal::KnownPrekey| json!([known.device.to_string(), known.prekey.to_string()]);
    Ok(json!({
        "changes": base.changes.iter().map(|change| hex(&**change)).collect::<Vec<_>>(),
        "tips": base.tips.iter().map(tip).collect::<Vec<_>>(),
        "cut": base.cut.iter().map(|cut| json!([cut.device.to_string(), cut.dseq])).collect::<Vec<_>>(),
        "gone": base.gone,
        "prekeys": base.prekeys.iter().map(known).collect::<Vec<_>>(),
    }))
}

fn attest(input: &Input<'_>) -> Result<Value, String> {
    let read = from_canonical::<Attest>(&input.bytes("payload")?);
    Ok(read.map_or_else(
        |_| refusal("malformed"),
        |attest| json!({ "prekey": attest.prekey.map(|prekey| prekey.to_string()), "at": attest.at }),
    ))
}

fn deleted(input: &Input<'_>) -> Result<Value, String> {
    let ids = input.list("ids")?;
    let ids: Vec<EntryId> =
        ids.iter().map(|id| EntryId::try_from(id.as_slice()).map_err(text)).collect::<Result<_, _>>()?;
    Ok(json!({ "root": deletion_root(&ids).to_string() }))
}

fn receipt(input: &Input<'_>) -> Result<Value, String> {
    let Ok(receipt) = from_canonical::<Receipt>(&input.bytes("receipt")?) else { return Ok(refusal("malformed")) };
    let said = &receipt.deletion;
    Ok(json!({
        "book": said.book.to_string(),
        "epoch": said.epoch,
        "seal_n": said.seal_n,
        "count": said.count,
        "root": said.root.to_string(),
        "at": said.at,
        "backup_days": said.backup_days,
        "key": receipt.key.to_string(),
        "message": hex(receipt_message(said)),
        "signed": receipt.verify(),
    }))
}

fn ids<B: std::ops::Deref<Target = Vec<u8>>>(envelopes: &[B]) -> Vec<String> {
    envelopes.iter().map(|bytes| EntryId::of_envelope(bytes).to_string()).collect()
}

fn bundle(input: &Input<'_>) -> Result<Value, String> {
    let Ok(bundle) = from_canonical::<Bundle>(&input.bytes("bundle")?) else { return Ok(refusal("malformed")) };
    Ok(shown(&bundle))
}

/// What a bundle holds, each envelope by its id.
pub(super) fn shown(bundle: &Bundle) -> Value {
    json!({
        "roster": ids(&bundle.roster),
        "base": ids(&bundle.base),
        "entries": ids(&bundle.entries),
        "loose": ids(&bundle.loose),
        "head": [bundle.head.n, bundle.head.h.to_string()],
        "wrap": bundle.wrap.as_ref().map(|wrap| json!([wrap.recipient.to_string(), hex(&*wrap.sealed)])),
    })
}
