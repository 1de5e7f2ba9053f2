//! What an epoch brings beside its op, well made and not.

use samla_core::seal::payload::{Attest, KnownPrekey};
use samla_core::seal::{Base, Cut, SealedTip, deflate, pack_base};
use samla_tests::vectors::hex;
use samla_wire::http::{Bundle, Deletion, Receipt, Wrap};
use samla_wire::ids::{LogHash, Prekey};
use samla_wire::roster::{Epoch, Newcomer, Reason, RecoveryAdd, RecoveryKey, RosterBody, RosterOp};
use samla_wire::{BookId, DeviceId, EntryId, Head, KeyCommit, WrapHash, to_cbor};
use serde_json::{Value, json};

use super::{Inputs, bytes, case, device, id};

pub(super) fn parts() -> Inputs {
    [members(), wraps(), bases(), attests(), receipts(), bundles()].concat()
}

fn members() -> Inputs {
    let of = |members: &[(&str, &str)], sheets: &[&str]| {
        let members: Vec<_> = members.iter().map(|(name, role)| json!([hex(id(name)), role])).collect();
        json!({ "of": "members", "members": members, "sheets": sheets.iter().map(|name| hex(id(name))).collect::<Vec<_>>() })
    };
    let three = [("anna", "organiser"), ("bo", "steward"), ("cilla", "reader")];
    vec![
        case("one organiser and a sheet", of(&three[..1], &["sheet"])),
        case("a member of each role and two sheets", of(&three, &["sheet", "another sheet"])),
        case("the same in another order", of(&[three[2], three[0], three[1]], &["another sheet", "sheet"])),
        case("another role", of(&[("anna", "organiser"), ("bo", "organiser"), ("cilla", "reader")], &["sheet"])),
        case("no sheet", of(&three, &[])),
    ]
}

fn wraps() -> Inputs {
    let of = |wraps: &[(&str, u8)]| {
        let wraps: Vec<_> = wraps.iter().map(|(name, fill)| json!([hex(id(name)), hex([*fill; 80])])).collect();
        json!({ "of": "wraps", "wraps": wraps })
    };
    vec![
        case("one wrap", of(&[("anna", 1)])),
        case("three wraps", of(&[("anna", 1), ("bo", 2), ("sheet", 3)])),
        case("three wraps in another order", of(&[("sheet", 3), ("anna", 1), ("bo", 2)])),
        case("no wrap", of(&[])),
    ]
}

fn bases() -> Inputs {
    let tip = |name: &str, dseq| SealedTip { device: DeviceId(id(name)), dseq, id: EntryId(bytes(name)) };
    let base = Base {
        changes: vec![b"a change".to_vec().into(), b"another".to_vec().into()],
        tips: vec![tip("anna", 12), tip("bo", 70_000)],
        cut: vec![Cut { device: DeviceId(id("bo")), dseq: 69_998 }],
        gone: 3,
        prekeys: vec![KnownPrekey { device: DeviceId(id("anna")), prekey: Prekey(bytes("prekey")) }],
    };
    let of = |parts: &[Vec<u8>]| json!({ "of": "base", "parts": parts.iter().map(hex).collect::<Vec<_>>() });
    let plain = to_cbor(&base);
    let whole = pack_base(&base).concat();
    let (front, back) = whole.split_at(whole.len() / 2);
    let with = |plain: &[u8]| of(&[deflate(plain)]);
    vec![
        case("a base", of(&pack_base(&base))),
        case("a base in two parts", of(&[front.to_vec(), back.to_vec()])),
        case("its parts exchanged", of(&[back.to_vec(), front.to_vec()])),
        case("a base with nothing in it", of(&pack_base(&Base::default()))),
        case("cut short", of(&[front.to_vec()])),
        case("a byte after the end", of(&[[&whole[..], &[0]].concat()])),
        case("not deflated", of(std::slice::from_ref(&plain))),
        case("a byte after the map", with(&[&plain[..], &[0]].concat())),
        case("not a map", with(&[0x80])),
        case("no part", of(&[])),
    ]
}

fn attests() -> Inputs {
    let of = |payload: &[u8]| json!({ "of": "attest", "payload": hex(payload) });
    let prekey = Some(Prekey(bytes("prekey")));
    vec![
        case("a sign of life with its moment", of(&to_cbor(&Attest { prekey: None, at: Some(1_787_000_000) }))),
        case("a new prekey with its moment", of(&to_cbor(&Attest { prekey, at: Some(1_787_000_000) }))),
        case("before 1970", of(&to_cbor(&Attest { prekey: None, at: Some(-1) }))),
        case("without a moment", of(&to_cbor(&Attest { prekey, at: None }))),
        case("a moment that is text", of(&[0xa1, 1, 0x61, 0x41])),
        case("a moment in a longer form", of(&[0xa1, 1, 0x18, 5])),
        case("a moment beyond 63 bits", of(&[0xa1, 1, 0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0])),
    ]
}

fn receipts() -> Inputs {
    let deletion = |backup_days| Deletion {
        book: BookId(bytes("book")),
        epoch: 4,
        seal_n: 70_000,
        count: 69_900,
        root: EntryId(bytes("root")),
        at: 1_787_000_000,
        backup_days,
    };
    let key = device("server").signing_key().clone();
    let of = |receipt: &[u8]| json!({ "of": "receipt", "receipt": hex(receipt) });
    let honest = Receipt::sign(deletion(Some(30)), &key);
    let mut other = honest.clone();
    other.deletion.count = 1;
    let mut stranger = honest.clone();
    stranger.key = device("anna").public_key();
    let deleted = |names: &[&str]| json!({ "of": "deleted", "ids": names.iter().map(|name| hex(bytes(name))).collect::<Vec<_>>() });
    vec![
        case("nothing was deleted", deleted(&[])),
        case("three entries", deleted(&["one", "two", "three"])),
        case("three entries in another order", deleted(&["two", "one", "three"])),
        case("a receipt", of(&to_cbor(&honest))),
        case("a receipt of a server that keeps no backups", of(&to_cbor(&Receipt::sign(deletion(Some(0)), &key)))),
        case("a receipt that is silent about backups", of(&to_cbor(&Receipt::sign(deletion(None), &key)))),
        case("a receipt for another number", of(&to_cbor(&other))),
        case("a receipt under another key", of(&to_cbor(&stranger))),
        case("not a receipt", of(&[0xa0])),
        case("a receipt cut short", of(&to_cbor(&honest)[..40])),
    ]
}

/// A bundle without a wrap.
fn bundle() -> Bundle {
    let all = |names: &[&str]| names.iter().map(|name| bytes(name).to_vec().into()).collect::<Vec<_>>();
    Bundle {
        roster: all(&["genesis", "epoch"]),
        base: all(&["part"]),
        entries: all(&["an entry", "another"]),
        head: Head { n: 17, h: LogHash(bytes("h")) },
        loose: all(&["loose"]),
        wrap: None,
    }
}

fn for_an_invitation() -> Bundle {
    Bundle { wrap: Some(Wrap { recipient: DeviceId(id("invite")), sealed: vec![7; 80].into() }), ..bundle() }
}

fn bundles() -> Inputs {
    let of = |bundle: &[u8]| json!({ "of": "bundle", "bundle": hex(bundle) });
    let bundle = bundle();
    let plain = to_cbor(&bundle);
    vec![
        case("a bundle", of(&plain)),
        case("a bundle for an invitation", of(&to_cbor(&for_an_invitation()))),
        case("a bundle cut short", of(&plain[..plain.len() - 1])),
        case("a byte after a bundle", of(&[&plain[..], &[0]].concat())),
        case("not a bundle", of(&[0x80])),
    ]
}

/// Files of a book, and what is none.
pub(super) fn files() -> Inputs {
    let file = |magic: &[u8], version: u8, bundle: &[u8]| [magic, &[version], &bytes("book"), bundle].concat();
    let of = |file: &[u8]| json!({ "file": hex(file) });
    let plain = to_cbor(&bundle());
    let whole = file(b"SMLB", 1, &plain);
    let mut longer = plain.clone();
    // The first key, in a longer form.
    drop(longer.splice(1..3, [0x18, 0, plain[2]]));
    vec![
        case("a file", of(&whole)),
        case("a file for an invitation", of(&file(b"SMLB", 1, &to_cbor(&for_an_invitation())))),
        case("a later version", of(&file(b"SMLB", 2, &plain))),
        case("a later version of which nothing is known", of(b"SMLB\x02")),
        case("version nought", of(&file(b"SMLB", 0, &plain))),
        case("an envelope", of(&file(b"SML1", 1, &plain))),
        case("small letters", of(&file(b"smlb", 1, &plain))),
        case("a byte before it", of(&[&[0][..], &whole].concat())),
        case("a byte after it", of(&[&whole[..], &[0]].concat())),
        case("cut short", of(&whole[..whole.len() - 1])),
        case("nothing after the book", of(&whole[..37])),
        case("a book cut short", of(&whole[..36])),
        case("nothing after the version", of(&whole[..5])),
        case("no version", of(&whole[..4])),
        case("a magic cut short", of(&whole[..3])),
        case("empty", of(&[])),
        case("not a bundle", of(&file(b"SMLB", 1, &[0xa0]))),
        case("a key in a longer form", of(&file(b"SMLB", 1, &longer))),
    ]
}

/// Roster ops with the fields that were added with recovery sheets.
pub(super) fn ops() -> Inputs {
    let body = |op| -> Value {
        json!({ "body": hex(to_cbor(&RosterBody { rseq: 300, rprev: EntryId(bytes("rprev")), op })) })
    };
    let anna = device("anna");
    let epoch = Epoch {
        epoch: 3,
        seal_n: 70_000,
        seal_h: LogHash(bytes("seal")),
        suite: 1,
        rules: 1,
        shards: 16,
        key_commit: KeyCommit(bytes("commit")),
        base: vec![],
        base_heads: vec![],
        wraps_hash: WrapHash(bytes("wrap")),
        removed: vec![],
        lowered: vec![],
        kept_invites: vec![],
        reason: Reason::Restore,
        members_digest: LogHash(bytes("members")),
        newcomer: Some(Newcomer { ed_pub: anna.public_key(), prekey: anna.prekey().public() }),
    };
    let key = RecoveryKey { ed_pub: anna.public_key(), x_pub: anna.prekey().public() };
    let add = RecoveryAdd { key, wrap_hash: Some(WrapHash(bytes("wrap"))) };
    vec![
        case("an epoch with a newcomer", body(RosterOp::Epoch(epoch))),
        case("recovery_add with a wrap", body(RosterOp::RecoveryAdd(add))),
    ]
}
