//! One book's state, folded from its rows, and the cache of the books in use.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use rusqlite::{Connection, OptionalExtension, params};
use samla_wire::rules::{Tip, read_body};
use samla_wire::{BookId, DeviceId, EntryId, Envelope, Head, LogHash, LogState, Past};

use super::Fault;

/// Books whose state is kept in memory; about 60 kB each when a book has 300 devices.
const CACHED: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not 0");

/// A book as it stands: all that judging the next entry needs.
#[derive(Debug, Clone)]
pub struct Book {
    /// The book's key inside the database.
    pub(super) key: i64,
    /// Roster, head and each author's newest entry.
    pub log: LogState,
    /// When it was closed, in seconds since 1970-01-01 UTC.
    pub closed_at: Option<u64>,
}

/// What the database holds of a book id.
pub(super) enum Found {
    /// Nothing.
    Missing,
    /// It was deleted.
    Deleted,
    /// All of it.
    Here(Arc<Book>),
}

impl Book {
    /// Folds a book's state from its rows.
    pub(super) fn load(conn: &Connection, id: &BookId) -> Result<Found, Fault> {
        let row = conn
            .prepare_cached("SELECT key, closed_at, deleted FROM book WHERE id = ?1")?
            .query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, bool>(2)?)))
            .optional()?;
        let (key, closed_at) = match row {
            None => return Ok(Found::Missing),
            Some((_, _, true)) => return Ok(Found::Deleted),
            Some((key, closed_at, false)) => (key, closed_at),
        };
        Ok(Found::Here(Arc::new(Self { key, log: fold(conn, key)?, closed_at })))
    }
}

fn fold(conn: &Connection, key: i64) -> Result<LogState, Fault> {
    let mut ops =
        conn.prepare_cached("SELECT envelope FROM entry WHERE book = ?1 AND rseq IS NOT NULL ORDER BY rseq")?;
    let mut ops = ops.query_map([key], |row| row.get::<_, Vec<u8>>(0))?;
    let genesis = ops.next().ok_or(Fault::Damaged)??;
    let genesis = Envelope::parse(genesis).map_err(|_| Fault::Damaged)?;
    let mut log = LogState::found(&genesis).map_err(|_| Fault::Damaged)?;
    for bytes in ops {
        let envelope = Envelope::parse(bytes?).map_err(|_| Fault::Damaged)?;
        let body = read_body(&envelope).map_err(|_| Fault::Damaged)?;
        log.roster.apply(&envelope, &body).map_err(|_| Fault::Damaged)?;
    }
    log.tips.clear();
    let mut kept = conn.prepare_cached("SELECT device, dseq, id, exact FROM tip WHERE book = ?1")?;
    let kept = kept.query_map([key], |row| Ok((tip(row)?, row.get::<_, bool>(3)?)))?;
    for row in kept {
        let ((device, tip), exact) = row?;
        if tip.dseq > 0 {
            log.tips.insert(device, tip);
        }
        if !exact {
            log.open_ended.insert(device);
        }
    }
    // SQLite takes the other columns from the row that holds the maximum.
    let mut newest = conn.prepare_cached("SELECT device, max(dseq), id FROM entry WHERE book = ?1 GROUP BY device")?;
    let newest = newest.query_map([key], tip)?;
    for row in newest {
        let (device, tip) = row?;
        if log.tips.get(&device).is_none_or(|kept| kept.dseq < tip.dseq) {
            log.tips.insert(device, tip);
            log.open_ended.remove(&device);
        }
    }
    log.head = head(conn, key)?;
    Ok(log)
}

fn tip(row: &rusqlite::Row<'_>) -> rusqlite::Result<(DeviceId, Tip)> {
    Ok((DeviceId(row.get(0)?), Tip { dseq: row.get(1)?, id: EntryId(row.get(2)?) }))
}

/// Keeps what the rules need of entries that will be deleted: each author's newest.
pub(super) fn keep_tips(conn: &Connection, key: i64, log: &LogState) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM tip WHERE book = ?1", [key])?;
    let mut insert = conn.prepare_cached("INSERT INTO tip VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let nothing = Tip { dseq: 0, id: EntryId::ZERO };
    let unknown =
        log.open_ended.iter().filter(|device| !log.tips.contains_key(device)).map(|device| (device, &nothing));
    for (device, tip) in log.tips.iter().chain(unknown) {
        let exact = !log.open_ended.contains(device);
        insert.execute((key, device.as_bytes(), tip.dseq, tip.id.as_bytes(), exact))?;
    }
    Ok(())
}

/// The place of the op that founded the book's epoch; 0 in the first.
pub(super) fn op_place(conn: &Connection, key: i64) -> rusqlite::Result<u64> {
    conn.prepare_cached("SELECT op_n FROM book WHERE key = ?1")?.query_row([key], |row| row.get(0))
}

/// Where the book's log ends.
pub(super) fn head(conn: &Connection, key: i64) -> Result<Head, Fault> {
    let head = conn
        .prepare_cached("SELECT n, h FROM entry WHERE book = ?1 AND n IS NOT NULL ORDER BY n DESC LIMIT 1")?
        .query_row([key], |row| Ok(Head { n: row.get(0)?, h: LogHash(row.get(1)?) }))?;
    Ok(head)
}

/// The book's rows, as the rules ask for them.
pub(super) struct Rows<'c> {
    pub(super) conn: &'c Connection,
    pub(super) key: i64,
    pub(super) id: &'c BookId,
}

impl Rows<'_> {
    /// The place and id of the entry that this author's `dseq` stands for; place 0 if the place is not known.
    pub(super) fn placed(&self, device: &DeviceId, dseq: u64) -> rusqlite::Result<Option<(u64, EntryId)>> {
        let Ok(dseq) = i64::try_from(dseq) else { return Ok(None) };
        self.conn
            .prepare_cached("SELECT coalesce(n, 0), id FROM entry WHERE book = ?1 AND device = ?2 AND dseq = ?3")?
            .query_row(params![self.key, device.as_bytes(), dseq], |row| Ok((row.get(0)?, EntryId(row.get(1)?))))
            .optional()
    }
}

impl Past for Rows<'_> {
    type Error = rusqlite::Error;

    fn hash_at(&self, n: u64) -> rusqlite::Result<Option<LogHash>> {
        if n == 0 {
            return Ok(Some(Head::start(self.id).h));
        }
        let Ok(n) = i64::try_from(n) else { return Ok(None) };
        self.conn
            .prepare_cached("SELECT h FROM entry WHERE book = ?1 AND n = ?2")?
            .query_row(params![self.key, n], |row| row.get(0).map(LogHash))
            .optional()
    }

    fn entry_at(&self, device: &DeviceId, dseq: u64) -> rusqlite::Result<Option<EntryId>> {
        Ok(self.placed(device, dseq)?.map(|(_, id)| id))
    }
}

/// The committed state of the books in use. Only the writer puts a state that it changed.
pub(super) struct Cache(Mutex<Kept>);

struct Kept {
    books: LruCache<BookId, Arc<Book>>,
    /// How often the writer has put or dropped something.
    turn: u64,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Kept { books: LruCache::new(CACHED), turn: 0 }))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, id: &BookId) -> Option<Arc<Book>> {
        self.kept().books.get(id).cloned()
    }

    /// What [`Cache::put_read`] must be told.
    pub(super) fn turn(&self) -> u64 {
        self.kept().turn
    }

    /// Keeps a state that a reader folded from rows, unless the writer was at work since.
    pub(super) fn put_read(&self, id: BookId, book: Arc<Book>, turn: u64) {
        let mut kept = self.kept();
        if kept.turn == turn {
            kept.books.put(id, book);
        }
    }

    /// Keeps a state that the writer has committed.
    pub(super) fn put_written(&self, id: BookId, book: Arc<Book>) {
        let mut kept = self.kept();
        kept.turn += 1;
        kept.books.put(id, book);
    }

    /// Forgets a book that the writer has deleted.
    pub(super) fn drop(&self, id: &BookId) {
        let mut kept = self.kept();
        kept.turn += 1;
        kept.books.pop(id);
    }
}
