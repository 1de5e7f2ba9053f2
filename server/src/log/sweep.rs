//! What goes away: closed books, staged parts, wraps of expired invitations, yesterday's allowances; and that what was
//! deleted, here or when an epoch began, leaves no trace in the files.
//!
//! SQLite overwrites a deleted row (`secure_delete`), but not the copies of it that it made while it moved rows between
//! pages, nor what lies in the write-ahead log. So the transaction that deletes also notes that the files are to be
//! written anew, and the note goes when that is done: a crash between the two forgets nothing.

use rusqlite::{Connection, OptionalExtension};
use samla_wire::BookId;

use super::book::Book;
use super::schema::OF_A_BOOK;
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
        self.writer.tidy(u64::MAX).await?;
        Ok(books)
    }

    /// Writes the files anew without what was deleted, if something was; false if that was put off to the next sweep,
    /// because the database is large or somebody still reads what was there before.
    pub async fn tidy(&self) -> Result<bool, LogError> {
        self.writer.tidy(AT_ONCE).await
    }
}

/// The largest database that is written anew right after something was deleted, in bytes: about a second's work, in which
/// pushes wait.
const AT_ONCE: u64 = 256 * 1024 * 1024;

/// Notes that something was deleted.
pub(super) fn untidy(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute("INSERT OR REPLACE INTO server VALUES ('untidy', x'01')", []).map(drop)
}

/// See [`Log::tidy`]; outside any transaction.
pub(super) fn tidy(conn: &Connection, largest: u64) -> rusqlite::Result<bool> {
    let noted = conn.query_row("SELECT 1 FROM server WHERE name = 'untidy'", [], |_| Ok(())).optional()?;
    if noted.is_none() {
        return Ok(true);
    }
    let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    if conn.query_row(size, [], |row| row.get::<_, u64>(0))? > largest {
        return Ok(false);
    }
    conn.execute_batch("VACUUM")?;
    // Waits a while for readers of the old state, and says if one is left.
    let read = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))?;
    if !read {
        conn.execute("DELETE FROM server WHERE name = 'untidy'", [])?;
    }
    Ok(!read)
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
        for table in OF_A_BOOK {
            write.conn.execute(&format!("DELETE FROM {table} WHERE book = ?1"), [key])?;
        }
        write.conn.execute("UPDATE book SET deleted = 1, bytes = 0, closed_at = NULL WHERE key = ?1", [key])?;
        write.drop_book(BookId(*id));
    }
    if !closed.is_empty() {
        untidy(write.conn)?;
    }
    Ok(closed.len())
}
