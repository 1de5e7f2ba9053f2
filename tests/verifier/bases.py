"""The base of a later epoch, read from section 8 of core/docs/wire.md; the columns of a change are automerge's storage format."""

import hashlib
import re

from rules import H, need, u32

TABLES = (
    "answers attendance calendar campaigns checks conflicts consents contacts devices follow_ups goals guides imports links "
    "materials memberships metrics moves people polls raises readings reasons settings shifts talks tallies topics visits "
    "workplaces"
).split()
MAKE_MAP, PUT = 0, 1
MOST = 4_000_000


def actor(case):
    return H("samla/1/baseactor", bytes.fromhex(case["book"]) + u32(case["epoch"]))[:16]


class Reader:
    """Reads from the front; what is not there is no base."""

    def __init__(self, content):
        self.rest = content

    def take(self, length):
        need(length <= len(self.rest), "base")
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def number(self, signed=False):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value - (1 << shift) if signed and byte & 64 else value

    def block(self):
        return self.take(self.number())


def runs(column, value):
    """The values of a column, one after another."""
    reader = Reader(column)
    while reader.rest:
        times = reader.number(signed=True)
        if times > 0:
            yield from [value(reader)] * min(times, MOST + 1)
        elif times < 0:
            yield from (value(reader) for _ in range(-times))
        else:
            yield from [None] * min(reader.number(), MOST + 1)


def flags(column):
    reader, value = Reader(column), False
    while reader.rest:
        yield from [value] * min(reader.number(), MOST + 1)
        value = not value


def scalar(kind, content):
    """The value of a field, if it is of a kind that a register holds."""
    if kind in (1, 2):
        return kind == 2
    if kind == 4:
        return Reader(content).number(signed=True)
    need(kind in (5, 6), "base")
    try:
        return content.decode() if kind == 6 else float
    except UnicodeDecodeError:
        need(False, "base")


def operations(columns):
    """Each operation: who made its object, its key, what it does, its value, how many it replaces."""
    number, text = lambda reader: reader.number(), lambda reader: reader.block().decode()
    column = lambda spec, value=number: iter(list(runs(columns.get(spec, b""), value)))
    by, made_by, key, action, meta, replaced = (
        column(1), column(2), column(0x15, text), column(0x42), column(0x56), column(0x70),
    )  # fmt: skip
    inserted, raw = iter(list(flags(columns.get(0x34, b"")))), Reader(columns.get(0x57, b""))
    need(not any(columns.get(spec) for spec in (0x11, 0x13, 0x94, 0xA5)), "base")
    for counter, does in enumerate(action, 1):
        need(counter <= MOST and not next(inserted, False), "base")
        described = next(meta, None) or 0
        content = raw.take(described >> 4)
        value = scalar(described & 15, content) if does == PUT else None
        author, made = next(by, None), next(made_by, None)
        need((author is None) == (made is None) and author in (None, 0), "base")
        yield counter, made, next(key, None), does, value, next(replaced, None) or 0


def judge(case):
    """The hash of a change that is a base of this epoch."""
    change = bytes.fromhex(case["change"])
    need(change[:4] == bytes.fromhex("856f4a83") and change[8:9] == b"\x01", "base")
    digest, reader = hashlib.sha256(change[8:]).digest(), Reader(change[9:])
    need(digest[:4] == change[4:8] and reader.number() == len(reader.rest), "base")
    need(reader.number() == 0 and reader.block() == actor(case), "base")
    sequence, start, _time = reader.number(), reader.number(), reader.number(signed=True)
    need((sequence, start, reader.block(), reader.number()) == (1, 1, b"", 0), "base")
    listed = [(reader.number(), reader.number()) for _ in range(reader.number())]
    columns = {spec: reader.take(length) for spec, length in listed}
    need(not reader.rest and len(columns) == len(listed), "base")
    tables, rows, names = {}, {}, set()
    for counter, made, key, does, value, replaced in operations(columns):
        need(key is not None and replaced == 0, "base")
        if counter <= len(TABLES):
            need(made is None and does == MAKE_MAP and key == TABLES[counter - 1], "base")
            tables[counter] = key
        elif made in tables:
            own = re.fullmatch("[0-9a-f]{32}", key) and int(key[-2:], 16) & case["shards"] - 1 == case["shard"]
            need(does == MAKE_MAP and own and (made, key) not in names, "base")
            names.add((made, key))
            rows[counter] = {}
        else:
            need(made in rows and does == PUT and key not in rows[made] and 1 <= len(key.encode()) <= 64, "base")
            need(key != "live" or type(value) is int and 1 <= value <= counter, "base")
            need(type(value) is not str or len(value.encode()) <= 16 * 1024, "base")
            rows[made][key] = value
    need(len(tables) == len(TABLES) and all("live" in row for row in rows.values()), "base")
    return {"hash": digest.hex()}


def answer(case):
    return {"actor": actor(case).hex()} if case["of"] == "actor" else judge(case)
