//! Staged base parts: an organiser's sealed document for an epoch to come, kept for a day.

use rusqlite::OptionalExtension;
use samla_wire::{BookId, Code, EntryId, Envelope, limits};

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

    /// A staged part, or [`Code::NotFound`]; [`Code::Gone`] when its day is over.
    pub async fn part(&self, book: &Book, id: EntryId, now: u64) -> Result<Vec<u8>, LogError> {
        let key = book.key;
        self.readers
            .read(move |conn| {
                let found: Option<(u64, Vec<u8>)> = conn
                    .query_row(
                        "SELECT staged_at, envelope FROM staged WHERE book = ?1 AND id = ?2",
                        (key, id.as_bytes()),
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )
                    .optional()?;
                match found {
                    None => Err(LogError::refused(Code::NotFound)),
                    Some((at, _)) if now >= at + DAY => Err(LogError::refused(Code::Gone)),
                    Some((_, bytes)) => Ok(bytes),
                }
            })
            .await
    }
}
