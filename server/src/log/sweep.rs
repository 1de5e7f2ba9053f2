//! What goes away: closed books, staged parts, wraps of expired invitations, yesterday's allowances.

use samla_wire::BookId;

use super::book::Book;
use super::writer::Write;
use super::{Log, LogError};
use crate::clock::DAY;

/// Days that a closed book can still be read.
pub const CLOSED_DAYS: u64 = 7;

impl Book {
    /// Is it closed for so long that it counts as deleted, swept or not?
    pub(super) fn is_deleted_at(&self, now: u64) -> bool {
        self.closed_at.is_some_and(|at| now >= at + CLOSED_DAYS * DAY)
    }
}

impl Log {
    /// Closes a book: it takes no more entries, and is deleted after [`CLOSED_DAYS`]. Closing again changes nothing.
    pub async fn close(&self, id: BookId, now: u64) -> Result<(), LogError> {
        self.writer
            .run(move |write| {
                let mut book = Book::clone(&*write.book(&id)?);
                if book.closed_at.is_none() {
                    write.conn.execute("UPDATE book SET closed_at = ?2 WHERE key = ?1", (book.key, now))?;
                    book.closed_at = Some(now);
                    write.put(id, book);
                }
                Ok(())
            })
            .await
    }

    /// Deletes what is past its time. Returns how many books went.
    pub async fn sweep(&self, now: u64) -> Result<usize, LogError> {
        let books = self.writer.run(move |write| sweep(write, now)).await?;
        if books > 0 {
            // What was deleted must not linger in the write-ahead log.
            self.writer.truncate_wal().await?;
        }
        Ok(books)
    }
}

fn sweep(write: &mut Write<'_>, now: u64) -> Result<usize, LogError> {
    let today = now / DAY;
    write.conn.execute("DELETE FROM spent WHERE day < ?1", [today])?;
    write.conn.execute("DELETE FROM staged WHERE staged_at <= ?1", [now.saturating_sub(DAY)])?;
    write.conn.execute(
        "DELETE FROM wrap WHERE EXISTS (SELECT 1 FROM invite
         WHERE invite.book = wrap.book AND invite.id = wrap.recipient AND invite.expires_day < ?1)",
        [today],
    )?;
    let closed: Vec<(i64, [u8; 32])> = write
        .conn
        .prepare("SELECT key, id FROM book WHERE closed_at <= ?1")?
        .query_map([now.saturating_sub(CLOSED_DAYS * DAY)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (key, id) in &closed {
        for table in ["entry", "wrap", "invite", "spent", "staged"] {
            write.conn.execute(&format!("DELETE FROM {table} WHERE book = ?1"), [key])?;
        }
        write.conn.execute("UPDATE book SET deleted = 1, bytes = 0, closed_at = NULL WHERE key = ?1", [key])?;
        write.drop_book(BookId(*id));
    }
    Ok(closed.len())
}
