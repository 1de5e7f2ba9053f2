//! Base parts: the sealed document that the epoch started from, and one staged for an epoch to come, kept for a day.

use rusqlite::{Connection, OptionalExtension};
use samla_wire::roster::Epoch;
use samla_wire::rules::read_body;
use samla_wire::{BookId, Code, EntryId, Envelope, RosterOp, limits};

use super::book::Book;
use super::{Log, LogError};
use crate::clock::DAY;

impl Log {
    /// Keeps a base part for 24 hours; false if it was there. The caller has checked who signed it.
    pub async fn stage(&self, id: BookId, part: Envelope, now: u64) -> Result<bool, LogError> {
        self.writer
            .run(move |write| {
                let book = write.open_book(&id)?;
                let all = "SELECT coalesce(sum(length(envelope)), 0) FROM staged WHERE book = ?1 AND id <> ?2";
                let all: u64 = write.conn.query_row(all, (book.key, part.id().as_bytes()), |row| row.get(0))?;
                if all + part.bytes().len() as u64 > limits::BASE_TOTAL as u64 {
                    return Err(LogError::refused(Code::Quota));
                }
                let there = write
                    .conn
                    .query_row(
                        "SELECT 1 FROM staged WHERE book = ?1 AND id = ?2",
                        (book.key, part.id().as_bytes()),
                        |_| Ok(()),
                    )
                    .optional()?;
                write.conn.execute(
                    "INSERT OR REPLACE INTO staged VALUES (?1, ?2, ?3, ?4)",
                    (book.key, part.id().as_bytes(), now, part.bytes()),
                )?;
                Ok(there.is_none())
            })
            .await
    }

    /// A part of the epoch's base or a staged one, or [`Code::NotFound`]; [`Code::Gone`] when a staged one's day is over, and
    /// for a part of a former epoch's base.
    pub async fn part(&self, book: &Book, id: EntryId, now: u64) -> Result<Vec<u8>, LogError> {
        let key = book.key;
        self.readers
            .read(move |conn| {
                let part: Option<Vec<u8>> = conn
                    .query_row("SELECT envelope FROM part WHERE book = ?1 AND id = ?2", (key, id.as_bytes()), |row| {
                        row.get(0)
                    })
                    .optional()?;
                if let Some(bytes) = part {
                    return Ok(bytes);
                }
                let found: Option<(u64, Vec<u8>)> = conn
                    .query_row(
                        "SELECT staged_at, envelope FROM staged WHERE book = ?1 AND id = ?2",
                        (key, id.as_bytes()),
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )
                    .optional()?;
                match found {
                    None if was_once(conn, key, &id)? => Err(LogError::refused(Code::Gone)),
                    None => Err(LogError::refused(Code::NotFound)),
                    Some((at, _)) if now >= at + DAY => Err(LogError::refused(Code::Gone)),
                    Some((_, bytes)) => Ok(bytes),
                }
            })
            .await
    }
}

/// Does an epoch op of this book name this part? The ops stay when their bases go.
fn was_once(conn: &Connection, key: i64, id: &EntryId) -> rusqlite::Result<bool> {
    let mut ops = conn.prepare_cached("SELECT envelope FROM entry WHERE book = ?1 AND rseq IS NOT NULL")?;
    let mut ops = ops.query([key])?;
    while let Some(row) = ops.next()? {
        let body = Envelope::parse(row.get(0)?).ok().and_then(|envelope| read_body(&envelope).ok());
        if let Some(RosterOp::Epoch(op)) = body.map(|body| body.op)
            && op.base.iter().any(|part| part.id == *id)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes the staged parts that this op names the book's base in place of the one before; false if one is not there in
/// the length that the op says. What else was staged goes.
pub(super) fn promote(conn: &Connection, key: i64, op: &Epoch, now: u64) -> rusqlite::Result<bool> {
    conn.execute("DELETE FROM part WHERE book = ?1", [key])?;
    let mut promote = conn.prepare_cached(
        "INSERT INTO part SELECT book, ?2, id, envelope FROM staged
         WHERE book = ?1 AND id = ?3 AND length(envelope) = ?4 AND staged_at > ?5",
    )?;
    let yesterday = now.saturating_sub(DAY);
    for (place, part) in op.base.iter().enumerate() {
        if promote.execute((key, place, part.id.as_bytes(), part.len, yesterday))? == 0 {
            return Ok(false);
        }
    }
    conn.execute("DELETE FROM staged WHERE book = ?1", [key])?;
    Ok(true)
}
