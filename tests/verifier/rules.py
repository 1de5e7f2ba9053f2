"""The log of core/docs/wire.md: envelopes, roster ops and the rules R1 to R7, in plain Python."""

import hashlib
from dataclasses import dataclass, field

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZERO = bytes(32)
ROLES, MODES = ("reader", "steward", "organiser"), ("auto", "confirm")
REASONS = ("rotate", "remove", "erase", "restore")
# Points of small order, in every encoding (the sign bit is cleared before looking one up).
SMALL_ORDER = {
    bytes(32), b"\x01" + bytes(31),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("ec" + "ff" * 30 + "7f"), bytes.fromhex("ed" + "ff" * 30 + "7f"), bytes.fromhex("ee" + "ff" * 30 + "7f"),
}  # fmt: skip
# The problem code of a refusal, where it is another word.
CODES = {
    **dict.fromkeys(("length", "magic", "unknown_kind", "suite", "reserved"), "envelope_malformed"),
    **dict.fromkeys(("malformed", "target", "limit", "parameter", "orphaned"), "roster_op"),
    "book": "wrong_book", "role": "not_allowed", "epoch": "stale_epoch", "kind": "wrong_kind",
    "invite_signature": "signature", "invite_unknown": "invite_used", "seal": "head",
}  # fmt: skip


class Refused(Exception):
    def __init__(self, word):
        super().__init__(word)
        self.word = word


def need(condition, word):
    if not condition:
        raise Refused(word)


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def message(label, content):
    return label.encode() + b"\x00" + content


def H(label, content):
    return hashlib.sha256(message(label, content)).digest()


def signed(key, content, signature):
    plain = lambda point: point[:31] + bytes([point[31] & 127])
    if plain(key) in SMALL_ORDER or plain(signature[:32]) in SMALL_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
        return True
    except (InvalidSignature, ValueError):
        return False


def canonical(content):
    """The value of these bytes, if they are its one encoding."""
    try:
        value = cbor2.loads(content)
        same = cbor2.dumps(value, canonical=True) == content
    except Exception:
        raise Refused("malformed") from None
    need(same, "malformed")
    return value


# Roster bodies: each op's fields in the order of their keys, as (name, how to read it).


def octets(length):
    def read(value):
        need(type(value) is bytes and len(value) == length, "malformed")
        return value

    return read


def number(bits):
    def read(value):
        need(type(value) is int and 0 <= value < 1 << bits, "malformed")
        return value

    return read


def one_of(names):
    def read(value):
        need(type(value) is int and 0 <= value < len(names), "malformed")
        return names[value]

    return read


def list_of(item):
    def read(value):
        need(type(value) is list, "malformed")
        return [item(each) for each in value]

    return read


def record(*fields, optional=(), late=()):
    """Fields by their keys. An optional one that is missing is None; a late one, which older ops have not, is left out."""

    def read(value):
        need(type(value) is dict and all(type(key) is int and 0 <= key < len(fields) for key in value), "malformed")
        out = {}
        for key, (name, kind) in enumerate(fields):
            need(key in value or name in optional or name in late, "malformed")
            if key in value or name in optional:
                out[name] = kind(value[key]) if key in value else None
        return out

    return read


ID, KEY, ROLE = octets(16), octets(32), one_of(ROLES)
RECOVERY_KEY = record(("ed_pub", KEY), ("x_pub", KEY))
RAISE = record(("device", ID), ("role", ROLE))
OPS = {
    1: ("genesis", record(
        ("ed_pub", KEY), ("prekey", KEY), ("recovery", list_of(RECOVERY_KEY)), ("suite", number(8)), ("rules", number(16)),
        ("shards", number(16)), ("key_commit", KEY), ("nonce", ID))),
    2: ("invite", record(
        ("ed_pub", KEY), ("x_pub", KEY), ("role", ROLE), ("mode", one_of(MODES)), ("expires_day", number(32)),
        ("wrap_hash", KEY), optional=("wrap_hash",))),
    3: ("uninvite", record(("invite", ID))),
    4: ("join", record(("invite", ID), ("ed_pub", KEY), ("prekey", KEY), ("isig", octets(64)))),
    5: ("admit", record(("device", ID), ("role", ROLE), ("wrap_hash", KEY))),
    6: ("deny", record(("device", ID))),
    7: ("raise", RAISE),
    8: ("epoch", record(
        ("epoch", number(32)), ("seal_n", number(64)), ("seal_h", KEY), ("suite", number(8)), ("rules", number(16)),
        ("shards", number(16)), ("key_commit", KEY), ("base", list_of(record(("id", KEY), ("len", number(32))))),
        ("base_heads", list_of(KEY)), ("wraps_hash", KEY), ("removed", list_of(ID)), ("lowered", list_of(RAISE)),
        ("kept_invites", list_of(ID)), ("reason", one_of(REASONS)), ("members_digest", KEY),
        ("newcomer", record(("ed_pub", KEY), ("prekey", KEY))), late=("newcomer",))),
    9: ("recovery_add", record(("key", RECOVERY_KEY), ("wrap_hash", KEY), late=("wrap_hash",))),
    10: ("recovery_retire", record(("device", ID))),
    11: ("leave", record()),
}  # fmt: skip


def read_body(content):
    value = canonical(content)
    need(type(value) is dict and list(value) == [0, 1, 2, 3] and type(value[2]) is int and value[2] >= 0, "malformed")
    need(value[2] in OPS, "newer")
    name, fields = OPS[value[2]]
    return {"rseq": number(64)(value[0]), "rprev": KEY(value[1]), "op": name, "fields": fields(value[3])}


def as_json(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, list) else value


def describe(content):
    return as_json(read_body(content))


# Envelopes.


@dataclass
class Envelope:
    bytes: bytes
    kind: int
    book: bytes
    epoch: int
    device: bytes
    dseq: int
    dprev: bytes
    seen_n: int
    seen_h: bytes
    nonce: bytes
    body: bytes

    @property
    def id(self):
        return H("samla/1/entry", self.bytes)

    def by(self, key):
        return signed(key, message("samla/1/env", self.bytes[:-64]), self.bytes[-64:])


def parse(content):
    """R1."""
    at = lambda start, end: int.from_bytes(content[start:end], "big")
    need(len(content) >= 4, "length")
    need(content[:4] == b"SML1", "magic")
    need(len(content) >= 8, "length")
    need(1 <= content[4] <= 4, "unknown_kind")
    need(content[5] == 1, "suite")
    need(content[6:8] == b"\x00\x00", "reserved")
    sealed = content[4] != 2
    length = at(140, 144)
    need(len(content) >= 168 and length >= (16 if sealed else 1) and len(content) == 168 + length + 64, "length")
    # Section 4 of core/docs/wire.md.
    limit = {1: 262_144, 2: 65_536, 3: 4_260_088, 4: 65_536}[content[4]]
    need(len(content) <= limit, "too_large")
    need(sealed or content[144:168] == bytes(24), "reserved")
    return Envelope(
        content, content[4], content[8:40], at(40, 44), content[44:60], at(60, 68), content[68:100], at(100, 108),
        content[108:140], content[144:168], content[168:-64],
    )  # fmt: skip


# The log: roster state, each author's chain, and the chain of hashes.


def device_id(key):
    return H("samla/1/device", key)[:16]


def invite_id(key):
    return H("samla/1/invite", key)[:16]


@dataclass
class Log:
    hashes: list
    rhead: bytes = ZERO
    rseq: int = 1
    members: dict = field(default_factory=dict)  # device -> [role, key]
    gone: set = field(default_factory=set)  # members that have left
    recovery: dict = field(default_factory=dict)  # device -> key
    invites: dict = field(default_factory=dict)  # invite -> (fields, author)
    used: dict = field(default_factory=dict)  # invite -> device
    pending: dict = field(default_factory=dict)  # device -> the invitation's fields and the device's key
    former: set = field(default_factory=set)  # devices that are out or were turned away
    epoch: int = 0
    epoch_n: int = 1  # the place of the op that founded the epoch
    rules: int = 1
    shards: int = 1
    accepted: dict = field(default_factory=dict)  # (device, dseq) -> entry id
    last: dict = field(default_factory=dict)  # device -> dseq
    book: bytes = ZERO

    def role(self, device):
        """The role of a member that may still write."""
        return None if device in self.gone else self.members.get(device, (None,))[0]

    def take(self, entry):
        self.hashes.append(H("samla/1/log", self.hashes[-1] + u64(len(self.hashes)) + entry.id))
        self.accepted[entry.device, entry.dseq] = entry.id
        self.last[entry.device] = entry.dseq
        return "new"


def found(entry):
    need(entry.kind == 2, "kind")
    body = read_body(entry.body)
    op, book = body["fields"], H("samla/1/genesis", entry.body)
    need(body["op"] == "genesis", "malformed")
    need(body["rseq"] == 1 and body["rprev"] == ZERO, "rprev")
    need(entry.book == book and entry.device == device_id(op["ed_pub"]), "target")
    shards = op["shards"]
    need(op["suite"] == 1 and op["rules"] > 0 and shards in [1 << n for n in range(9)], "parameter")
    need(1 <= len(op["recovery"]) <= 3, "limit")
    need(entry.by(op["ed_pub"]), "signature")
    need(entry.epoch == 0, "epoch")
    need(entry.dseq == 1 and entry.dprev == ZERO, "dprev")
    start = H("samla/1/log", book)
    need(entry.seen_n == 0 and entry.seen_h == start, "fork")
    log = Log([start], rhead=entry.id, book=book, rules=op["rules"], shards=op["shards"])
    log.members[entry.device] = ["organiser", op["ed_pub"]]
    log.recovery = {device_id(key["ed_pub"]): key["ed_pub"] for key in op["recovery"]}
    log.take(entry)
    return log


def append(log, entry):
    """R2 to R7, and the roster op's own rules. Says "new" or "duplicate", or raises why not."""
    need(entry.book == log.book, "book")
    body = read_body(entry.body) if entry.kind == 2 else None
    member, key = log.members.get(entry.device), log.recovery.get(entry.device)
    if body and body["op"] == "join" and device_id(body["fields"]["ed_pub"]) == entry.device:
        key = body["fields"]["ed_pub"]
    if member:
        key = member[1]
    need(key, "not_member")
    last = log.last.get(entry.device, 0)
    need(entry.device not in log.gone or entry.dseq <= last, "not_member")
    need(entry.kind != 1 or (member and member[0] != "reader"), "role")
    need(entry.kind != 3, "kind")
    need(entry.epoch == log.epoch, "epoch")
    need(entry.by(key), "signature")
    if entry.dseq <= last:
        need(log.accepted.get((entry.device, entry.dseq)) == entry.id, "device_fork")
        return "duplicate"
    need(entry.dseq == last + 1, "gap")
    need(entry.dprev == log.accepted.get((entry.device, last), ZERO), "dprev")
    need(log.epoch_n <= entry.seen_n < len(log.hashes) and log.hashes[entry.seen_n] == entry.seen_h, "fork")
    if body:
        if body["op"] == "epoch":
            op = body["fields"]
            need((op["seal_n"], op["seal_h"]) == (len(log.hashes) - 1, log.hashes[-1]), "seal")
        need(body["rseq"] == log.rseq + 1 and body["rprev"] == log.rhead, "rprev")
        apply(log, entry.device, body)
        log.rseq, log.rhead = body["rseq"], entry.id
    return log.take(entry)


def apply(log, author, body):
    name, op = body["op"], body["fields"]
    organiser = log.role(author) == "organiser"
    if name == "genesis":
        raise Refused("rprev")
    if name == "invite":
        invite = invite_id(op["ed_pub"])
        need(organiser and op["role"] != "organiser", "not_allowed")
        need(bool(op["wrap_hash"]) == (op["mode"] == "auto"), "parameter")
        need(invite not in log.invites and invite not in log.used, "target")
        need(len(log.invites) < 64, "limit")
        log.invites[invite] = (op, author)
    elif name == "uninvite":
        need(op["invite"] in log.invites, "invite_unknown")
        need(log.invites[op["invite"]][1] == author or organiser, "not_allowed")
        del log.invites[op["invite"]]
    elif name == "join":
        need(device_id(op["ed_pub"]) == author, "target")
        need(op["invite"] not in log.used, "invite_used")
        need(op["invite"] in log.invites, "invite_unknown")
        invite = log.invites[op["invite"]][0]
        asked = message("samla/1/join", log.book + body["rprev"] + op["ed_pub"] + op["prekey"])
        need(signed(invite["ed_pub"], asked, op["isig"]), "invite_signature")
        need(not known(log, author), "target")
        need(len(log.members) + len(log.pending) < 300, "limit")
        del log.invites[op["invite"]]
        log.used[op["invite"]] = author
        if invite["mode"] == "auto":
            log.members[author] = [invite["role"], op["ed_pub"]]
        else:
            log.pending[author] = op["ed_pub"]
    elif name == "admit":
        need(organiser and op["role"] != "organiser", "not_allowed")
        need(op["device"] in log.pending, "target")
        log.members[op["device"]] = [op["role"], log.pending.pop(op["device"])]
    elif name == "deny":
        need(organiser, "not_allowed")
        need(op["device"] in log.pending, "target")
        del log.pending[op["device"]]
        log.former.add(op["device"])
    elif name == "raise":
        need(organiser, "not_allowed")
        now = log.role(op["device"])
        need(now in ROLES and ROLES.index(op["role"]) > ROLES.index(now), "target")
        organisers = sum(log.role(device) == "organiser" for device in log.members)
        need(op["role"] != "organiser" or organisers < 16, "limit")
        log.members[op["device"]][0] = op["role"]
    elif name == "leave":
        need(log.role(author) in ROLES, "not_allowed")
        others = [log.role(device) for device in log.members if device != author]
        need("organiser" in others or log.recovery, "orphaned")
        log.gone.add(author)
    elif name == "recovery_add":
        key = op["key"]["ed_pub"]
        need(organiser or author in log.recovery, "not_allowed")
        need(op.get("wrap_hash"), "parameter")
        need(not known(log, device_id(key)), "target")
        need(len(log.recovery) < 3, "limit")
        log.recovery[device_id(key)] = key
    elif name == "recovery_retire":
        need(author == op["device"], "not_allowed")
        left = any(log.role(device) == "organiser" for device in log.members) or len(log.recovery) > 1
        need(left, "orphaned")
        need(author in log.recovery, "target")
        del log.recovery[author]
    elif name == "epoch":
        begin(log, author, op)


def known(log, device):
    return device in log.members or device in log.pending or device in log.former or device in log.recovery


def begin(log, author, op):
    """An epoch op whose seal fits: who and what remains."""
    sheet, parts = author in log.recovery, op["base"]
    need(sheet or log.role(author) == "organiser", "not_allowed")
    fits = op["epoch"] == log.epoch + 1 and op["seal_n"] >= log.epoch_n and op["suite"] == 1
    fits = fits and op["rules"] >= log.rules and op["shards"] >= log.shards and op["shards"] in [1 << n for n in range(9)]
    fits = fits and len(op["base_heads"]) == op["shards"] and 1 <= len(parts) <= 64
    fits = fits and len({part["id"] for part in parts}) == len(parts) and sum(part["len"] for part in parts) <= 64 << 20
    need(fits, "parameter")

    removed = op["removed"]
    need(len(set(removed)) == len(removed) and author not in removed, "target")
    need(all(device in log.members or device in log.pending for device in removed), "target")
    out = set(removed) | log.gone
    members = {device: list(member) for device, member in log.members.items() if device not in out}
    for lower in op["lowered"]:
        now = members.get(lower["device"])
        need(now and ROLES.index(lower["role"]) < ROLES.index(now[0]), "target")
        now[0] = lower["role"]
    if "newcomer" in op:
        need(sheet, "not_allowed")
        need(not known(log, device_id(op["newcomer"]["ed_pub"])), "target")
        members[device_id(op["newcomer"]["ed_pub"])] = ["organiser", op["newcomer"]["ed_pub"]]

    kept = op["kept_invites"]
    need(len(set(kept)) == len(kept) and not (kept and op["reason"] == "erase"), "target")
    for invite in kept:
        need(invite in log.invites, "invite_unknown")
        need(members.get(log.invites[invite][1], ("",))[0] == "organiser", "target")
    organisers = sum(member[0] == "organiser" for member in members.values())
    need(organisers or log.recovery, "orphaned")
    pending = {device: key for device, key in log.pending.items() if device not in out}
    need(organisers <= 16 and len(members) + len(pending) <= 300, "limit")
    remain = b"".join(device + bytes([ROLES.index(members[device][0])]) for device in sorted(members))
    need(op["members_digest"] == H("samla/1/members", remain + b"".join(sorted(log.recovery))), "parameter")

    log.members, log.pending, log.gone, log.former = members, pending, set(), log.former | out
    log.invites = {invite: log.invites[invite] for invite in kept}
    log.epoch, log.epoch_n, log.rules, log.shards = op["epoch"], op["seal_n"] + 1, op["rules"], op["shards"]


def judge(story, case):
    """One case: an entry after the first few of the story."""
    log = None
    for text in story[: case["after"]]:
        entry = parse(bytes.fromhex(text))
        log = found(entry) if log is None else (append(log, entry), log)[1]
    content = bytes.fromhex(case["entry"]) + bytes(case.get("zeros", 0)) + bytes.fromhex(case.get("then", ""))
    try:
        entry = parse(content)
        if log is None:
            log, verdict = found(entry), "new"
        else:
            verdict = append(log, entry)
    except Refused as refused:
        return {"error": refused.word, "code": CODES.get(refused.word, refused.word)}
    if verdict == "duplicate":
        return {"accepted": "duplicate"}
    return {"accepted": "new", "n": len(log.hashes) - 1, "h": log.hashes[-1].hex(), "roster": view(log)}


def view(log):
    return {
        "epoch": log.epoch,
        "rseq": log.rseq,
        "rhead": log.rhead.hex(),
        "members": {device.hex(): log.role(device) or "left" for device in log.members},
        "invites": sorted(invite.hex() for invite in log.invites),
        "used_invites": {invite.hex(): device.hex() for invite, device in log.used.items()},
        "recovery": sorted(device.hex() for device in log.recovery),
    }
