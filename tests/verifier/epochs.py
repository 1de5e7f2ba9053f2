"""What an epoch brings beside its op, read from core/docs/wire.md: digests, bases, signs of life, receipts, bundles."""

import cbor2
import rules
from rules import H, ID, KEY, list_of, message, need, number, octets, record


def some_bytes(value):
    need(type(value) is bytes, "malformed")
    return value


def moment(value):
    need(type(value) is int and -(1 << 63) <= value < 1 << 63, "malformed")
    return value


HEAD = record(("n", number(64)), ("h", KEY))
WRAP = record(("recipient", ID), ("sealed", some_bytes))
ATTEST = record(("prekey", KEY), ("at", moment), optional=("prekey", "at"))
BASE = record(
    ("changes", list_of(some_bytes)),
    ("tips", list_of(record(("device", ID), ("dseq", number(64)), ("id", KEY)))),
    ("cut", list_of(record(("device", ID), ("dseq", number(64))))),
    ("gone", number(64)),
    ("prekeys", list_of(record(("device", ID), ("prekey", KEY)))),
)
DELETION = record(
    ("book", KEY), ("epoch", number(32)), ("seal_n", number(64)), ("count", number(64)), ("root", KEY), ("at", number(64)),
    ("backup_days", number(32)), optional=("backup_days",),
)  # fmt: skip
RECEIPT = record(("deletion", DELETION), ("key", KEY), ("signature", octets(64)))
BUNDLE = record(
    ("roster", list_of(some_bytes)), ("base", list_of(some_bytes)), ("entries", list_of(some_bytes)), ("head", HEAD),
    ("loose", list_of(some_bytes)), ("wrap", WRAP), optional=("wrap",),
)  # fmt: skip


def shown(value):
    """Bytes as hexadecimal text, records as the lists of their fields."""
    if isinstance(value, dict):
        return [shown(field) for field in value.values()]
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value.hex() if isinstance(value, bytes) else value


def members(case):
    roles = {bytes.fromhex(device): rules.ROLES.index(role) for device, role in case["members"]}
    parts = [device + bytes([roles[device]]) for device in sorted(roles)]
    return {"digest": H("samla/1/members", b"".join(parts + sorted(map(bytes.fromhex, case["sheets"])))).hex()}


def wraps(case):
    sealed = {bytes.fromhex(recipient): bytes.fromhex(wrap) for recipient, wrap in case["wraps"]}
    listed = [{0: recipient, 1: sealed[recipient]} for recipient in sorted(sealed)]
    return {"hash": H("samla/1/wraps", cbor2.dumps(listed, canonical=True)).hex()}


def base(case, inflate):
    content = inflate(b"".join(map(bytes.fromhex, case["parts"])), 64 * 1024 * 1024)
    return {name: shown(value) for name, value in BASE(rules.canonical(content)).items()}


def attest(case):
    return {name: shown(value) for name, value in ATTEST(rules.canonical(bytes.fromhex(case["payload"]))).items()}


def deleted(case):
    return {"root": H("samla/1/deleted", b"".join(map(bytes.fromhex, case["ids"]))).hex()}


def receipt(case):
    content = rules.canonical(bytes.fromhex(case["receipt"]))
    read = RECEIPT(content)
    signed = message("samla/1/receipt", cbor2.dumps(content[0], canonical=True))
    out = {name: shown(value) for name, value in read["deletion"].items()} | {"key": read["key"].hex(), "message": signed.hex()}
    return out | {"signed": rules.signed(read["key"], signed, read["signature"])}


def bundle(case):
    read = BUNDLE(rules.canonical(bytes.fromhex(case["bundle"])))
    ids = lambda name: [H("samla/1/entry", envelope).hex() for envelope in read[name]]
    out = {name: ids(name) for name in ("roster", "base", "entries", "loose")}
    return out | {"head": shown(read["head"]), "wrap": read["wrap"] and shown(read["wrap"])}


def answer(case, inflate):
    of = case["of"]
    if of == "base":
        return base(case, inflate)
    return {"members": members, "wraps": wraps, "attest": attest, "deleted": deleted, "receipt": receipt, "bundle": bundle}[of](case)
