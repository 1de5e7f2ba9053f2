//! Which book a recovery sheet belongs to: who types one in has nothing but the sheet.

use rusqlite::{Connection, OptionalExtension};
use samla_wire::{BookId, Code, DeviceId};

use super::{Log, LogError};

impl Log {
    /// The book that this sheet belongs to, or [`Code::NotFound`].
    pub async fn book_of_sheet(&self, sheet: DeviceId) -> Result<BookId, LogError> {
        self.readers
            .read(move |conn| {
                let book = "SELECT book.id FROM sheet JOIN book ON book.key = sheet.book WHERE sheet.id = ?1";
                let book = conn.prepare_cached(book)?.query_row([sheet.as_bytes()], |row| row.get(0)).optional()?;
                book.map(BookId).ok_or(LogError::refused(Code::NotFound))
            })
            .await
    }
}

/// Notes a sheet. One that is noted for a book stays with it: founding another book with the public half of somebody
/// else's sheet leads nobody astray.
pub(super) fn put(conn: &Connection, key: i64, sheet: &DeviceId) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR IGNORE INTO sheet VALUES (?1, ?2)")?.execute((sheet.as_bytes(), key))?;
    Ok(())
}

/// Forgets a sheet of this book.
pub(super) fn delete(conn: &Connection, key: i64, sheet: &DeviceId) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM sheet WHERE id = ?1 AND book = ?2")?.execute((sheet.as_bytes(), key))?;
    Ok(())
}
