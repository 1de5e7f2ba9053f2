//! A server that was put back from a backup is refilled by a phone that knows more.
//!
//! A bundle is taken only if it contains what is here and goes on from there: nothing that was acknowledged is lost by it,
//! and the chain of hashes says so. Within one epoch the missing entries are judged by the same rules as ever and
//! appended. If the book has moved to a later epoch in the lost time, its state is replaced by the bundle's. Entries up to
//! the seal exist nowhere any more, so there the proof is what remains: the whole roster goes on from the roster here, no
//! more was here than was sealed, and whatever later entries say of the time before (`seen`, `dprev`) fits what was here.
//! An entry that was in none of it is in its author's own copy, and that phone brings it again when it meets the epoch.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use samla_wire::envelope::SUITE;
use samla_wire::roster::RosterError;
use samla_wire::rules::{Tip, read_body, read_roster};
use samla_wire::{
    Accepted, BookId, Code, DeviceId, EntryId, Envelope, Head, Kind, LogState, Past, Rejection, RosterOp,
};

use super::book::{Book, Rows, keep_tips, op_place};
use super::epoch::{delete_sealed, keep_receipt};
use super::found::check_known;
use super::push::{insert, weigh};
use super::roster::{put_door, settle};
use super::writer::Write;
use super::{Log, LogError, sheets};

/// No place of a log and no number of an author is larger than this in a bundle that is taken: SQLite counts to 2^63.
const FARTHEST: u64 = 1 << 53;

/// A book as a phone holds it, read from a [`Bundle`](samla_wire::http::Bundle).
#[derive(Debug, Clone)]
pub struct Refill {
    /// The roster to the op that founded the epoch, or the genesis alone.
    pub roster: Vec<Envelope>,
    /// The parts of the epoch's base.
    pub base: Vec<Envelope>,
    /// The entries after the last of `roster`.
    pub entries: Vec<Envelope>,
    /// Where the log ends with them.
    pub head: Head,
}

impl Log {
    /// Takes what this bundle has more than the log; the head then. [`Code::ChainMismatch`] if it does not contain what is
    /// here and go on from there, [`Code::HashMismatch`] if its base is not the one that its op names. Afterwards the
    /// caller sees to [`Log::tidy`].
    pub async fn restore(&self, id: BookId, refill: Refill, now: u64) -> Result<Head, LogError> {
        let (head, new) = self.writer.run(move |write| restore(write, &id, &refill, now)).await?;
        let counts = &self.shared.counts;
        counts.restores.add(1);
        counts.accepted.add(new.try_into().unwrap_or(i64::MAX));
        Ok(head)
    }
}

fn restore(write: &mut Write<'_>, id: &BookId, refill: &Refill, now: u64) -> Result<(Head, u64), LogError> {
    let mut book = Book::clone(&*write.open_book(id)?);
    let here = book.log.head;
    let mismatch = || LogError::Refused { code: Code::ChainMismatch, head: Some(here) };
    let roster = read_roster(&refill.roster).map_err(|rejection| match rejection {
        Rejection::Roster(RosterError::Newer) => LogError::refused(Code::Newer),
        _ => mismatch(),
    })?;
    let op = refill.roster.last().filter(|last| founds_epoch(last)).ok_or_else(mismatch)?;
    let numbers = refill.roster.iter().map(|envelope| envelope.header().dseq);
    if roster.book != *id || numbers.chain([roster.epoch_n]).any(|number| number > FARTHEST) {
        return Err(mismatch());
    }
    let later = roster.epoch > book.log.roster.epoch;
    let rest = if roster.epoch == book.log.roster.epoch {
        after_what_is_here(write.conn, &book, refill).ok_or_else(mismatch)??
    } else {
        if !later || !goes_on(write.conn, &book, &refill.roster)? {
            return Err(mismatch());
        }
        // The roster's rules have seen to the suite.
        check_known(SUITE, roster.rules, roster.shards)?;
        let resumed = LogState::resume(roster, &op.id(), BTreeMap::new());
        check_base(&resumed, &refill.base)?;
        replace(write, &mut book, resumed, refill, now)?;
        &refill.entries
    };
    for envelope in rest {
        append(write.conn, &mut book, envelope)?.ok_or_else(mismatch)?;
    }
    if book.log.head != refill.head {
        return Err(mismatch());
    }
    let sealed = "SELECT coalesce(sum(length(envelope)), 0) FROM entry WHERE book = ?1 AND rseq IS NULL";
    if write.conn.query_row(sealed, [book.key], |row| row.get::<_, u64>(0))? > write.settings.book_quota {
        return Err(LogError::refused(Code::Quota));
    }
    weigh(write.conn, book.key)?;
    let head = book.log.head;
    if head != here {
        write.put(*id, book);
    }
    Ok((head, rest.len() as u64))
}

/// Is this the genesis or an epoch op?
fn founds_epoch(envelope: &Envelope) -> bool {
    read_body(envelope).is_ok_and(|body| matches!(body.op, RosterOp::Genesis(_) | RosterOp::Epoch(_)))
}

fn ids(conn: &Connection, sql: &str, key: i64, from: u64) -> rusqlite::Result<Vec<EntryId>> {
    conn.prepare_cached(sql)?.query_map((key, from), |row| row.get(0).map(EntryId))?.collect()
}

fn roster_ids(conn: &Connection, key: i64) -> rusqlite::Result<Vec<EntryId>> {
    ids(conn, "SELECT id FROM entry WHERE book = ?1 AND rseq > ?2 ORDER BY rseq", key, 0)
}

fn begins_with<'e>(envelopes: &'e [Envelope], ids: &[EntryId]) -> Option<&'e [Envelope]> {
    let (same, rest) = envelopes.split_at_checked(ids.len())?;
    same.iter().map(Envelope::id).eq(ids.iter().copied()).then_some(rest)
}

/// In the epoch that the book is in: the entries that come after all that is here.
fn after_what_is_here<'e>(
    conn: &Connection,
    book: &Book,
    refill: &'e Refill,
) -> Option<Result<&'e [Envelope], LogError>> {
    let read = || {
        let op_n = op_place(conn, book.key)?.max(1);
        let later = "SELECT id FROM entry WHERE book = ?1 AND n > ?2 ORDER BY n";
        Ok::<_, rusqlite::Error>((roster_ids(conn, book.key)?, ids(conn, later, book.key, op_n)?))
    };
    let (roster, later) = match read() {
        Ok(ids) => ids,
        Err(error) => return Some(Err(error.into())),
    };
    begins_with(&refill.roster, roster.get(..refill.roster.len())?)?;
    begins_with(&refill.entries, &later).map(Ok)
}

/// Does the roster of a later epoch go on from what is here, as far as can be seen?
fn goes_on(conn: &Connection, book: &Book, roster: &[Envelope]) -> Result<bool, LogError> {
    let here = book.log.head;
    let Some(new) = begins_with(roster, &roster_ids(conn, book.key)?) else { return Ok(false) };
    let Some(seal) = new.iter().find_map(seal) else { return Ok(false) };
    if here.n > seal.n || (here.n == seal.n && here.h != seal.h) {
        return Ok(false);
    }
    let rows = Rows { conn, key: book.key, id: book.log.book() };
    let known = book.log.roster.epoch_n..=here.n;
    for envelope in new {
        let header = envelope.header();
        if known.contains(&header.seen_n) && rows.hash_at(header.seen_n)? != Some(header.seen_h) {
            return Ok(false);
        }
        let follows = book
            .log
            .tips
            .get(&header.device)
            .is_none_or(|tip| header.dseq > tip.dseq && (header.dseq - tip.dseq > 1 || header.dprev == tip.id));
        if !follows {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where the log ended that this op sealed, if it is an epoch op.
fn seal(envelope: &Envelope) -> Option<Head> {
    match read_body(envelope).ok()?.op {
        RosterOp::Epoch(op) => Some(Head { n: op.seal_n, h: op.seal_h }),
        _ => None,
    }
}

fn check_base(resumed: &LogState, base: &[Envelope]) -> Result<(), LogError> {
    let named = resumed.roster.base.iter().map(|part| (part.id, part.len as usize));
    let there = base.iter().map(|part| (part.id(), part.bytes().len()));
    if named.eq(there) { Ok(()) } else { Err(LogError::refused(Code::HashMismatch)) }
}

/// Puts the bundle's epoch in the place of the one that is here. Wraps are gone: the next epoch brings new ones.
fn replace(write: &Write<'_>, book: &mut Book, resumed: LogState, refill: &Refill, now: u64) -> Result<(), LogError> {
    let (conn, key) = (write.conn, book.key);
    let before = std::mem::replace(&mut book.log, resumed);
    let op = refill.roster.last().ok_or(super::Fault::Damaged)?;
    let receipt = delete_sealed(write, book, before.head.n, now)?;
    keep_receipt(conn, key, &op.id(), &receipt)?;
    for table in ["wrap", "part", "staged"] {
        conn.execute(&format!("DELETE FROM {table} WHERE book = ?1"), [key])?;
    }
    let mut insert_part = conn.prepare_cached("INSERT INTO part VALUES (?1, ?2, ?3, ?4)")?;
    for (place, part) in refill.base.iter().enumerate() {
        insert_part.execute((key, place, part.id().as_bytes(), part.bytes()))?;
    }
    book.log.tips = newest(&refill.roster);
    book.log.open_ended = may_have_written(&book.log, &op.header().device);
    let had = before.roster.rseq;
    for (envelope, rseq) in refill.roster.iter().zip(1..).filter(|(_, rseq)| *rseq > had) {
        let body = read_body(envelope).map_err(|_| super::Fault::Damaged)?;
        insert_op(conn, key, envelope, rseq)?;
        if let RosterOp::Invite(invite) = &body.op {
            put_door(conn, key, invite)?;
        }
    }
    conn.execute("DELETE FROM sheet WHERE book = ?1", [key])?;
    for sheet in book.log.roster.recovery.keys() {
        sheets::put(conn, key, sheet)?;
    }
    keep_tips(conn, key, &book.log)?;
    conn.execute("UPDATE book SET op_n = ?2 WHERE key = ?1", (key, book.log.head.n))?;
    Ok(())
}

/// Each author's newest entry, as far as the roster tells. What else was here may have come since the backup: the epoch knows
/// nothing of it, and its author writes another under the same number.
fn newest(roster: &[Envelope]) -> BTreeMap<DeviceId, Tip> {
    let tips = roster.iter().map(|envelope| {
        let header = envelope.header();
        (header.device, Tip { dseq: header.dseq, id: envelope.id() })
    });
    // Of two of one author the later stands.
    tips.collect()
}

/// Whoever is in the book may have written sealed entries that nobody has any more; but the op is its author's newest.
fn may_have_written(log: &LogState, author: &DeviceId) -> BTreeSet<DeviceId> {
    let all = log.roster.members.keys().chain(log.roster.recovery.keys());
    all.filter(|device| *device != author).copied().collect()
}

/// Writes a roster entry that came with the roster alone. An epoch op says where it stands; of the others only the place
/// in the roster is known.
fn insert_op(conn: &Connection, key: i64, envelope: &Envelope, rseq: u64) -> Result<(), LogError> {
    let header = envelope.header();
    if let Some(seal) = seal(envelope) {
        return Ok(insert(conn, key, &seal.next(&envelope.id()), envelope, Some(rseq))?);
    }
    conn.prepare_cached("INSERT INTO entry VALUES (?1, NULL, ?2, NULL, ?3, ?4, ?5, ?6, ?7)")?.execute((
        key,
        envelope.id().as_bytes(),
        header.device.as_bytes(),
        header.dseq,
        header.kind as u8,
        rseq,
        envelope.bytes(),
    ))?;
    Ok(())
}

/// Judges one more entry and writes it; none if it does not fit.
fn append(conn: &Connection, book: &mut Book, envelope: &Envelope) -> Result<Option<()>, LogError> {
    let id = *book.log.book();
    if founds_epoch(envelope) {
        return Ok(None);
    }
    let Ok(Accepted::New) = book.log.append(envelope, &Rows { conn, key: book.key, id: &id })? else { return Ok(None) };
    let rseq = match envelope.header().kind {
        Kind::Roster => {
            let Ok(body) = read_body(envelope) else { return Ok(None) };
            settle(conn, book.key, &book.log.roster, &envelope.header().device, &body.op)?;
            Some(body.rseq)
        }
        _ => None,
    };
    insert(conn, book.key, &book.log.head, envelope, rseq)?;
    Ok(Some(()))
}
