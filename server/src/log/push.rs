//! Adding envelopes: each is judged in its turn, and gets its place or a reason.

use std::collections::BTreeMap;

use rusqlite::Connection;
use samla_wire::http::Ack;
use samla_wire::{Accepted, BookId, Code, DeviceId, Envelope, Head, Kind};

use super::book::{Book, Rows};
use super::writer::Write;
use super::{Log, LogError};
use crate::clock::DAY;

impl Log {
    /// Judges these envelopes in their order and adds those that fit. An item that is a code already could not be read
    /// as an envelope, and is answered with it. If a limit is reached nothing of the push is kept:
    /// [`Code::DailyLimit`] or [`Code::Quota`].
    pub async fn push(&self, id: BookId, items: Vec<Result<Envelope, Code>>, now: u64) -> Result<Vec<Ack>, LogError> {
        let acks = self.writer.run(move |write| push(write, &id, &items, now)).await?;
        for ack in &acks {
            let counts = &self.shared.counts;
            match ack {
                Ack::Accepted(_) => counts.accepted.add(1),
                Ack::Duplicate(_) => counts.duplicates.add(1),
                Ack::Rejected(_) => counts.rejected.add(1),
            }
        }
        Ok(acks)
    }
}

fn push(write: &mut Write<'_>, id: &BookId, items: &[Result<Envelope, Code>], now: u64) -> Result<Vec<Ack>, LogError> {
    let mut book = Book::clone(&*write.open_book(id)?);
    let mut added: BTreeMap<DeviceId, (u64, u64)> = BTreeMap::new();
    let mut acks = Vec::with_capacity(items.len());
    for item in items {
        let ack = match item {
            Ok(envelope) => judge(write.conn, id, &mut book, envelope)?,
            Err(code) => rejected(*code),
        };
        if let (Ack::Accepted(_), Ok(envelope)) = (&ack, item) {
            let (envelopes, bytes) = added.entry(envelope.header().device).or_default();
            *envelopes += 1;
            *bytes += envelope.bytes().len() as u64;
        }
        acks.push(ack);
    }
    if added.is_empty() {
        return Ok(acks);
    }
    for (device, (envelopes, bytes)) in &added {
        spend(write, book.key, device, *envelopes, *bytes, now / DAY)?;
    }
    let total = grow(write.conn, book.key, added.values().map(|(_, bytes)| bytes).sum())?;
    if total > write.settings.book_quota {
        return Err(LogError::refused(Code::Quota));
    }
    write.put(*id, book);
    Ok(acks)
}

fn rejected(code: Code) -> Ack {
    Ack::Rejected(code.as_str().into())
}

fn judge(conn: &Connection, id: &BookId, book: &mut Book, envelope: &Envelope) -> Result<Ack, LogError> {
    let header = envelope.header();
    let rows = Rows { conn, key: book.key, id };
    if let Some((n, there)) = rows.placed(&header.device, header.dseq)?
        && there == envelope.id()
    {
        return Ok(Ack::Duplicate(n));
    }
    // Roster ops are added one by one, each against the roster that its author knew.
    if header.kind == Kind::Roster {
        return Ok(rejected(Code::WrongKind));
    }
    match book.log.append(envelope, &rows)? {
        Err(rejection) => Ok(rejected(rejection.into())),
        Ok(Accepted::Duplicate) => Ok(rejected(Code::DeviceFork)),
        Ok(Accepted::New) => {
            insert(conn, book.key, &book.log.head, envelope, None)?;
            Ok(Ack::Accepted(book.log.head.n))
        }
    }
}

/// Writes an accepted envelope at its place.
pub(super) fn insert(
    conn: &Connection,
    key: i64,
    head: &Head,
    envelope: &Envelope,
    rseq: Option<u64>,
) -> rusqlite::Result<()> {
    let header = envelope.header();
    conn.prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute((
        key,
        head.n,
        envelope.id().as_bytes(),
        head.h.as_bytes(),
        header.device.as_bytes(),
        header.dseq,
        header.kind as u8,
        rseq,
        envelope.bytes(),
    ))?;
    Ok(())
}

/// Counts again what the book holds, after much of it has gone.
pub(super) fn weigh(conn: &Connection, key: i64) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE book SET bytes = (SELECT coalesce(sum(length(envelope)), 0) FROM entry WHERE book = ?1)
             + (SELECT coalesce(sum(length(envelope)), 0) FROM part WHERE book = ?1)
         WHERE key = ?1",
        [key],
    )?;
    Ok(())
}

/// Adds to the bytes that the book holds, and says how many they are now.
pub(super) fn grow(conn: &Connection, key: i64, bytes: u64) -> rusqlite::Result<u64> {
    conn.prepare_cached("UPDATE book SET bytes = bytes + ?2 WHERE key = ?1 RETURNING bytes")?
        .query_row((key, bytes), |row| row.get(0))
}

/// Takes this from the author's allowance of the day, or refuses.
pub(super) fn spend(
    write: &Write<'_>,
    key: i64,
    device: &DeviceId,
    envelopes: u64,
    bytes: u64,
    day: u64,
) -> Result<(), LogError> {
    let (all_envelopes, all_bytes): (u64, u64) = write
        .conn
        .prepare_cached(
            "INSERT INTO spent VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET envelopes = envelopes + excluded.envelopes, bytes = bytes + excluded.bytes
             RETURNING envelopes, bytes",
        )?
        .query_row((key, device.as_bytes(), day, envelopes, bytes), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if all_envelopes > write.settings.daily_envelopes || all_bytes > write.settings.daily_bytes {
        return Err(LogError::refused(Code::DailyLimit));
    }
    Ok(())
}

impl Write<'_> {
    /// The book, if it takes new entries.
    pub(super) fn open_book(&self, id: &BookId) -> Result<std::sync::Arc<Book>, LogError> {
        let book = self.book(id)?;
        if book.closed_at.is_some() { Err(LogError::refused(Code::Gone)) } else { Ok(book) }
    }

    /// Is there an entry with this id among the author's? Its place.
    pub(super) fn place_of(&self, book: &Book, envelope: &Envelope) -> Result<Option<u64>, LogError> {
        let header = envelope.header();
        let there = Rows { conn: self.conn, key: book.key, id: book.log.book() }.placed(&header.device, header.dseq)?;
        Ok(there.and_then(|(n, id)| (id == envelope.id()).then_some(n)))
    }
}
