//! The log: every book's entries in one order, durable before anybody is told so.
//!
//! On the way of a tap this is the turning point: envelopes come in by [`Log::push`] and [`Log::add_roster`], are
//! judged by the rules of `samla-wire`, get their place, and go out to the others by [`Log::sync_response`].
//!
//! What always holds: an acknowledged entry is on disk; entries are never changed or moved; an envelope is stored and
//! sent as it came, to the byte; the state in memory is that of the last commit. One writer thread and a few
//! readers share one SQLite file. `contract.rs` states all this as tests.

mod base;
mod book;
#[cfg(test)]
mod contract;
mod epoch;
mod found;
mod migration;
mod page;
mod push;
mod reader;
mod restore;
mod roster;
mod schema;
mod sheets;
mod sweep;
mod writer;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode, OptionalExtension};
use samla_wire::http::Wrap;
use samla_wire::{BookId, Code, Head, ids};
use tokio::sync::watch;

pub use book::Book;
pub use epoch::Begun;
pub use found::Founded;
pub use page::Invitation;
pub use restore::Refill;
pub use roster::Placed;
pub use schema::OpenError;
pub use sweep::CLOSED_DAYS;

use crate::metrics::Counts;
use book::{Cache, Found};
use reader::Readers;
use writer::Writer;

/// The name of the secret that signs receipts.
const RECEIPT_KEY: &str = "receipt_key";

/// What one book and one device may add.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Bytes that one book may hold.
    pub book_quota: u64,
    /// Envelopes that one device may add in a day.
    pub daily_envelopes: u64,
    /// Bytes that one device may add in a day.
    pub daily_bytes: u64,
    /// Days that backups are kept, if the operator says so: receipts tell.
    pub backup_days: Option<u32>,
}

/// Why the log did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The request does not fit what the log holds.
    #[error("refused: {code:?}")]
    Refused {
        /// What is wrong.
        code: Code,
        /// Where the log ends, when that helps the caller.
        head: Option<Head>,
    },
    /// The log itself failed; nothing of the request was kept.
    #[error("the log failed")]
    Fault(#[source] Fault),
}

impl LogError {
    fn refused(code: Code) -> Self {
        Self::Refused { code, head: None }
    }
}

/// What can fail in the log, through no fault of the caller.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// SQLite failed.
    #[error("the database failed")]
    Database(#[source] Arc<rusqlite::Error>),
    /// A book's rows do not make a log.
    #[error("the rows of a book do not make a log")]
    Damaged,
    /// The server is stopping.
    #[error("the log is closed")]
    Stopped,
    /// A bug.
    #[error("a panic")]
    Panicked,
}

impl Fault {
    /// May the same request succeed in a while: is the disk full or the server stopping?
    pub fn passes(&self) -> bool {
        use ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, SystemIoFailure};
        match self {
            Self::Stopped => true,
            Self::Damaged | Self::Panicked => false,
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(DiskFull | DatabaseBusy | DatabaseLocked | SystemIoFailure | CannotOpen | OutOfMemory)
            ),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<Fault> for LogError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// What the writer tells the others.
struct Shared {
    cache: Cache,
    heads: Mutex<HashMap<BookId, watch::Sender<u64>>>,
    counts: Arc<Counts>,
}

impl Shared {
    /// Makes a committed state known: to the cache, and to those who wait for news of the book.
    fn publish(&self, id: BookId, book: Option<Arc<Book>>) {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(book) = book else {
            self.cache.drop(&id);
            heads.remove(&id);
            return;
        };
        let n = book.log.head.n;
        self.cache.put_written(id, book);
        if let Some(head) = heads.get(&id)
            && head.send_if_modified(|known| std::mem::replace(known, n) != n)
            && head.receiver_count() == 0
        {
            heads.remove(&id);
        }
    }
}

/// All books of one server.
pub struct Log {
    // Readers close first, so that the writer is the last to leave and folds the WAL into the database.
    readers: Readers,
    writer: Writer,
    shared: Arc<Shared>,
    _lock: schema::FolderLock,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}

impl Log {
    /// Opens the database `samla.db` in this folder; makes both if they are missing.
    pub fn open(dir: &Path, settings: Settings, counts: Arc<Counts>) -> Result<Self, OpenError> {
        let lock = schema::lock_folder(dir)?;
        let path = dir.join("samla.db");
        let conn = schema::open_writer(&path)?;
        let shared = Arc::new(Shared { cache: Cache::new(), heads: Mutex::default(), counts });
        let writer =
            Writer::start(conn, settings, shared.clone()).map_err(|error| OpenError::Folder(dir.to_owned(), error))?;
        Ok(Self { readers: Readers::new(path), writer, shared, _lock: lock })
    }

    /// The book as it stands; [`Code::BookMissing`] or [`Code::Gone`] if there is none. `now` in seconds since
    /// 1970-01-01 UTC.
    pub async fn book(&self, id: &BookId, now: u64) -> Result<Arc<Book>, LogError> {
        let book = match self.shared.cache.get(id) {
            Some(book) => book,
            None => self.load(*id).await?,
        };
        if book.is_deleted_at(now) { Err(LogError::refused(Code::Gone)) } else { Ok(book) }
    }

    async fn load(&self, id: BookId) -> Result<Arc<Book>, LogError> {
        let turn = self.shared.cache.turn();
        let found = self.readers.read(move |conn| Ok(Book::load(conn, &id)?)).await?;
        let book = match found {
            Found::Missing => return Err(LogError::refused(Code::BookMissing)),
            Found::Deleted => return Err(LogError::refused(Code::Gone)),
            Found::Here(book) => book,
        };
        self.shared.cache.put_read(id, book.clone(), turn);
        Ok(book)
    }

    /// Tells the head of the book's log now and after each commit that moves it.
    pub fn watch(&self, id: &BookId, book: &Book) -> watch::Receiver<u64> {
        let mut heads = self.shared.heads.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock that publishing takes too: no commit falls between the caller's state and this look.
        let newest = self.shared.cache.get(id).map_or(0, |newest| newest.log.head.n).max(book.log.head.n);
        heads.entry(*id).or_insert_with(|| watch::Sender::new(newest)).subscribe()
    }

    /// The server's own random key, made at the first start: what sessions are sealed with.
    pub async fn session_key(&self, fresh: [u8; 32]) -> Result<[u8; 32], LogError> {
        self.kept_secret("session_key", fresh).await
    }

    /// The public half of the key that signs receipts, made at the first start.
    pub async fn receipt_key(&self, fresh: [u8; 32]) -> Result<ids::SigningKey, LogError> {
        let secret = self.kept_secret(RECEIPT_KEY, fresh).await?;
        Ok(ids::SigningKey(ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key().to_bytes()))
    }

    async fn kept_secret(&self, name: &'static str, fresh: [u8; 32]) -> Result<[u8; 32], LogError> {
        self.writer
            .run(move |write| {
                write.conn.execute("INSERT OR IGNORE INTO server VALUES (?1, ?2)", (name, fresh))?;
                let secret = "SELECT value FROM server WHERE name = ?1";
                Ok(write.conn.query_row(secret, [name], |row| row.get(0))?)
            })
            .await
    }

    /// Fails if the database cannot be read or written.
    pub async fn check(&self) -> Result<(), LogError> {
        self.readers.read(|conn| Ok(conn.query_row("SELECT 1", [], |_| Ok(()))?)).await?;
        self.writer.run(|_| Ok(())).await
    }
}

/// Stores a wrap in the place of one that is there for the same recipient.
fn put_wrap(conn: &Connection, key: i64, wrap: &Wrap) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR REPLACE INTO wrap (book, recipient, sealed) VALUES (?1, ?2, ?3)")?.execute((
        key,
        wrap.recipient.as_bytes(),
        wrap.sealed.as_slice(),
    ))?;
    Ok(())
}

/// The wrap for this recipient, if one is kept.
fn wrap_for(conn: &Connection, key: i64, recipient: &[u8; 16]) -> rusqlite::Result<Option<Vec<u8>>> {
    conn.prepare_cached("SELECT sealed FROM wrap WHERE book = ?1 AND recipient = ?2")?
        .query_row((key, recipient), |row| row.get(0))
        .optional()
}

fn delete_wrap(conn: &Connection, key: i64, recipient: &[u8; 16]) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM wrap WHERE book = ?1 AND recipient = ?2")?.execute((key, recipient))?;
    Ok(())
}
