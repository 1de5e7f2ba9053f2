"""An independent reading of core/docs/wire.md: works out every frozen vector of tests/vectors/v1 anew.

It shares no code with the project: hashes, signatures and ciphers come from `cryptography`, CBOR from `cbor2`, and what they
lack (HPKE, the extended nonce, bech32m) is written out below. Run it as `python verify.py [folder]`; it prints a summary line
and exits with 1 if a vector differs or none was found.
"""

import base64
import hashlib
import hmac
import ipaddress
import json
import pathlib
import struct
import sys
import zlib

import bases
import epochs
import rules
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from rules import H, Refused, message, u32, u64

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


# Primitives that `cryptography` lacks.


def hkdf(key, salt, info, length=32):
    """RFC 5869 with SHA-256; no salt is 32 zero bytes."""
    prk = hmac.digest(salt or bytes(32), key, "sha256")
    out, block, count = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([count]), "sha256")
        out, count = out + block, count + 1
    return out[:length]


def hchacha20(key, nonce):
    """The subkey of XChaCha20: ChaCha's rounds without the final addition."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for target, other, mixed, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[target] = (state[target] + state[other]) & 0xFFFFFFFF
            word = state[mixed] ^ state[target]
            state[mixed] = (word << bits | word >> 32 - bits) & 0xFFFFFFFF

    for _ in range(10):
        for lane in range(4):
            quarter(lane, lane + 4, lane + 8, lane + 12)
        for lane in range(4):
            quarter(lane, 4 + (lane + 1) % 4, 8 + (lane + 2) % 4, 12 + (lane + 3) % 4)
    return struct.pack("<8I", *state[:4], *state[12:])


def xchacha(key, nonce):
    """The cipher under the subkey, and the nonce that is left."""
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])), bytes(4) + nonce[16:]


def aead_open(key, nonce, sealed, aad):
    cipher, rest = xchacha(key, nonce)
    try:
        return cipher.decrypt(rest, sealed, aad)
    except InvalidTag:
        raise Refused("open") from None


def hpke_open(secret, encapsulated, info, aad, sealed):
    """RFC 9180, base mode, single shot: X25519, HKDF-SHA256, ChaCha20-Poly1305."""
    kem, suite = b"KEM" + b"\x00\x20", b"HPKE" + b"\x00\x20\x00\x01\x00\x03"

    def extract(suite, salt, label, key):
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")

    def expand(suite, prk, label, info, length):
        labelled = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
        return hmac.digest(prk, labelled + b"\x01", "sha256")[:length]

    private = X25519PrivateKey.from_private_bytes(secret)
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(encapsulated))
        context = encapsulated + private.public_key().public_bytes(*RAW)
        shared = expand(kem, extract(kem, b"", b"eae_prk", shared), b"shared_secret", context, 32)
        context = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
        prk = extract(suite, shared, b"secret", b"")
        key, nonce = expand(suite, prk, b"key", context, 32), expand(suite, prk, b"base_nonce", context, 12)
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, aad)
    except (ValueError, InvalidTag):
        raise Refused("open") from None


def bech32m_checksum(prefix, values):
    check = 1
    for value in [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, word in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= word if top >> bit & 1 else 0
    return check


# Topics: what each vector's `in` gives.


def hashes(case):
    parts = b"".join(bytes.fromhex(part) for part in case["parts"])
    return {"message": message(case["label"], parts).hex(), "hash": H(case["label"], parts).hex()}


def fingerprint(key):
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    bits = int.from_bytes(H("samla/1/device", key)[:8], "big") >> 4
    text = "".join(letters[bits >> 5 * (11 - at) & 31] for at in range(12))
    return " ".join((text[:4], text[4:8], text[8:]))


def ids(case):
    content, of = bytes.fromhex(case["bytes"]), case["of"]
    label = {"wrap": "samla/1/wraps"}.get(of, "samla/1/" + of)
    out = {"id": H(label, content)[: 16 if of in ("device", "invite") else 32].hex()}
    return out | {"fingerprint": fingerprint(content)} if of == "device" else out


def halves(seed, secret, label):
    ed_pub = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(*RAW)
    x_pub = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(*RAW)
    return {"ed_pub": ed_pub.hex(), "x_pub": x_pub.hex(), "id": H(label, ed_pub)[:16].hex()}


def commitment(key, epoch):
    return hkdf(key, None, b"samla/1/commit" + u32(epoch))


def keys(case):
    if case["of"] == "epoch":
        key, book, epoch = bytes.fromhex(case["key"]), bytes.fromhex(case["book"]), case["epoch"]
        out = {name: hkdf(key, book, b"samla/1/" + name.encode() + u32(epoch)) for name in ("data", "base")}
        return {name: derived.hex() for name, derived in (out | {"commit": commitment(key, epoch)}).items()}
    if case["of"] == "device":
        return halves(bytes.fromhex(case["seed"]), bytes.fromhex(case["prekey"]), "samla/1/device")
    secret, short = bytes.fromhex(case["secret"]), b"samla/1/" + case["of"][:3].encode()
    label = "samla/1/invite" if case["of"] == "invite" else "samla/1/device"
    return halves(hkdf(secret, None, short + b"/ed"), hkdf(secret, None, short + b"/x"), label)


def bucket(length):
    size = 512
    while size < length:
        size = size * 2 if size < 65536 else size + 65536
    return size


def chain(case):
    h = H("samla/1/log", bytes.fromhex(case["book"]))
    seen = [h]
    for n, entry in enumerate(case["entries"], 1):
        h = H("samla/1/log", h + u64(n) + bytes.fromhex(entry))
        seen.append(h)
    return {"n": len(case["entries"]), "hashes": [h.hex() for h in seen]}


def signatures(case):
    field = lambda name: bytes.fromhex(case[name])
    if case["of"] == "login":
        origin = case["origin"].encode()
        parts = u32(len(origin)) + origin + field("book") + field("principal") + field("challenge")
    elif case["of"] == "join":
        parts = field("book") + field("rprev") + field("ed_pub") + field("prekey")
    else:
        parts = field("book") + u64(case["n"]) + field("h")
    signed = message("samla/1/" + case["of"], parts)
    return {"message": signed.hex(), "signature": Ed25519PrivateKey.from_private_bytes(field("seed")).sign(signed).hex()}


def envelopes(case):
    field = lambda name: bytes.fromhex(case[name])
    kind = ["data", "roster", "base", "attest"].index(case["kind"]) + 1
    body = field("payload")
    if kind != 2:
        body = u32(len(body)) + body
        body += bytes(bucket(len(body)) - len(body) + 16)
    header = b"SML1" + bytes([kind, 1, 0, 0]) + field("book") + u32(case["epoch"]) + field("device")
    header += u64(case["dseq"]) + field("dprev") + u64(case["seen_n"]) + field("seen_h") + u32(len(body)) + field("nonce")
    if kind != 2:
        cipher, rest = xchacha(field("key"), field("nonce"))
        body = cipher.encrypt(rest, body[:-16], header)
    signer = Ed25519PrivateKey.from_private_bytes(field("seed"))
    envelope = header + body + signer.sign(message("samla/1/env", header + body))
    return {"header": header.hex(), "envelope": envelope.hex(), "id": H("samla/1/entry", envelope).hex()}


def sealed(case):
    envelope = rules.parse(bytes.fromhex(case["envelope"]))
    if envelope.kind == 2:
        raise Refused("in_clear")
    plain = aead_open(bytes.fromhex(case["key"]), envelope.nonce, envelope.body, envelope.bytes[:168])
    length = int.from_bytes(plain[:4], "big")
    if len(plain) < 4 or len(plain) != bucket(4 + length) or any(plain[4 + length :]):
        raise Refused("padding")
    return {"payload": plain[4 : 4 + length].hex()}


def inflate(payload, limit=4 * 1024 * 1024):
    stream = zlib.decompressobj()
    try:
        out = stream.decompress(payload, limit + 1)
    except zlib.error:
        raise Refused("deflate") from None
    if len(out) > limit:
        raise Refused("too_large")
    if not stream.eof or stream.unused_data:
        raise Refused("deflate")
    return out


def payloads(case):
    payload = bytes.fromhex(case["payload"])
    if case["of"] == "attest":
        found = rules.canonical(payload)
        fine = isinstance(found, dict) and set(found) <= {0} and all(type(v) is bytes and len(v) == 32 for v in found.values())
        if not fine:
            raise Refused("malformed")
        return {"prekey": found[0].hex() if found else None}
    content = inflate(payload)
    if case["of"] == "zlib":
        return {"len": len(content)}
    if content[:1] == b"\x99" and int.from_bytes(content[1:3], "big") > 256:
        raise Refused("too_many")
    changes = rules.canonical(content)
    if not isinstance(changes, list):
        raise Refused("malformed")
    for pair in changes:
        if not (isinstance(pair, list) and [type(part) for part in pair] == [int, bytes] and 0 <= pair[0] < 65536):
            raise Refused("malformed")
    return {"changes": [[shard, change.hex()] for shard, change in changes]}


def wraps(case):
    field = lambda name: bytes.fromhex(case[name])
    wrap, epoch = field("sealed"), case["epoch"]
    aad = field("book") + u32(epoch) + field("recipient") + field("commit")
    key = hpke_open(field("secret"), wrap[:32], b"samla/1/wrap", aad, wrap[32:])
    if len(key) != 32 or commitment(key, epoch) != field("commit"):
        raise Refused("commitment")
    return {"key": key.hex(), "hash": H("samla/1/wraps", wrap).hex()}


def origin(text):
    text = text.lower().removesuffix("/")
    scheme, found, authority = text.partition("://")
    host, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = authority, "0"
    try:
        if host.startswith("[") and host.endswith("]"):
            ipaddress.IPv6Address(host[1:-1])
        elif not host or not all(c.isascii() and (c.isalnum() or c in ".-_") for c in host):
            raise ValueError
        if not (found and scheme in ("http", "https") and port.isascii() and port.isdecimal() and int(port) < 65536):
            raise ValueError
    except ValueError:
        raise Refused("address") from None
    here = host in ("localhost", "[::1]") or host.endswith(".localhost")
    if scheme == "http" and not here:
        try:
            here = ipaddress.IPv4Address(host).is_loopback
        except ValueError:
            pass
        if not here:
            raise Refused("insecure")
    return text


def links(case):
    text = "".join(case["text"].split())
    front, found, fragment = text.partition("/j#")
    server = origin(front)
    version, dot, content = fragment.partition(".")
    if not (found and dot and version.isascii() and version.isdecimal()):
        raise Refused("not_invite")
    if version != "1":
        raise Refused("version")
    alphabet = all(c.isascii() and (c.isalnum() or c in "-_") for c in content)
    if len(content) != 192 or not alphabet:
        raise Refused("malformed")
    parts = struct.unpack(">32s32sQ32sQ32s", base64.urlsafe_b64decode(content))
    names = ("book", "secret", "n", "h", "rseq", "rprev")
    out = {name: part.hex() if isinstance(part, bytes) else part for name, part in zip(names, parts)}
    return out | {"server": server, "text": f"{server}/j#1.{content}"}


def recovery(case):
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    text = "".join(case["text"].split()).replace("-", "").lower()
    if not text.startswith("samlar1"):
        raise Refused("prefix")
    if len(text) != 65:
        raise Refused("length")
    values = [letters.find(c) for c in text[7:]]
    if -1 in values:
        raise Refused("character")
    bits = "".join(f"{value:05b}" for value in values[:-6])
    if bech32m_checksum("samlar", values) != 0x2BC830A3 or "1" in bits[256:]:
        raise Refused("checksum")
    return {"secret": int(bits[:256], 2).to_bytes(32, "big").hex(), "text": text}


def local(case):
    content = bytes.fromhex(case["sealed"])
    if len(content) < 24:
        raise Refused("open")
    key = hkdf(bytes.fromhex(case["key"]), None, b"samla/1/local/" + case["purpose"].encode())
    return {"bytes": aead_open(key, content[:24], content[24:], bytes.fromhex(case["aad"])).hex()}


def files(case):
    content = bytes.fromhex(case["file"])
    if content[:4] != b"SMLB" or len(content) < 5:
        raise Refused("malformed")
    if content[4] != 1:
        raise Refused("version")
    if len(content) < 37:
        raise Refused("malformed")
    return {"book": content[5:37].hex(), "bundle": epochs.bundle({"bundle": content[37:].hex()})}


def base(case):
    """The chunk of the first base: its hash, checksum and author; the operations are automerge's own."""
    change = bytes.fromhex(case["change"])
    if change[:4] != bytes.fromhex("856f4a83") or change[8] != 1:
        raise Refused("malformed")
    digest, at = hashlib.sha256(change[8:]).digest(), 9

    def number():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte, at = change[at], at + 1
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    length = number()
    if digest[:4] != change[4:8] or length != len(change) - at or number() != 0:
        raise Refused("malformed")
    size = number()
    actor, at = change[at : at + size], at + size
    sequence, start, time = number(), number(), number()
    label = f"rules {case['rules']}".encode()
    return {
        "hash": digest.hex(),
        "is_base": actor == H("samla/1/baseactor", label)[:16] and (sequence, start, time) == (1, 1, 0),
    }


TOPICS = {
    "hashes": hashes, "ids": ids, "keys": keys, "chain": chain, "signatures": signatures, "envelopes": envelopes,
    "sealed": sealed, "payloads": payloads, "wraps": wraps, "links": links, "recovery": recovery, "local": local, "base": base,
    "buckets": lambda case: {"size": bucket(case["len"])},
    "roster_ops": lambda case: rules.describe(bytes.fromhex(case["body"])),
    "roster_ops_with_sheets": lambda case: rules.describe(bytes.fromhex(case["body"])),
    "epochs": lambda case: epochs.answer(case, inflate),
    "files": files, "later_bases": bases.answer,
}  # fmt: skip


def answer(topic, shared, case):
    if topic in ("log", "log_with_epochs"):
        return rules.judge(shared["log"], case)
    try:
        return TOPICS[topic](case)
    except Refused as refused:
        return {"error": refused.word}


def main(folder):
    passed, failed = 0, 0
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        file = json.loads(path.read_text())
        for case in file["cases"]:
            try:
                found = answer(file["topic"], file.get("shared"), case["in"])
            except Exception as error:  # a crash of this program is a difference too
                found = f"{type(error).__name__}: {error}"
            # "Newer" asks for an update: the version that knows the op may say anything but that.
            newer = {"error": "newer", "code": "newer"}
            if found == case["out"] or (case["out"] == newer and found != newer and path.name == "log.json"):
                passed += 1
            else:
                failed += 1
                print(f"{path.name}: {case['name']}: found {json.dumps(found)[:400]}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else here.parent / "vectors" / "v1"))
