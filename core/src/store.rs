//! The store: the one place that spells SQL, and what a phone keeps.
//!
//! On the way of a tap this is "saved": one transaction, and the edit survives a kill or a flat battery. There is no
//! plaintext in the file. Edits wait in the *outbox*, sealed under the storage key that the app hands in; envelopes lie
//! in the *log* as they cross the wire; the *cache* holds sealed copies of the shards and of the read model, which only
//! save time and can be made again from the log and the outbox.
//!
//! ```text
//! state(name, sealed)                     device keys, the epoch's key, what is under way
//! outbox(seq, shard, sealed)              edits not yet sealed for sending, one row each
//! log(pos, n, id, device, dseq, …, bytes) envelopes, own and others', with their place in the book's log
//! cache(name, sealed)                     shards and read model
//! ```

mod log;
mod schema;

use std::path::PathBuf;

use rand_core::CryptoRng;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

pub use log::{Entry, NewEntry, Standing};

use samla_wire::DeviceId;

use crate::document::ShardChange;
use crate::seal::{self, StorageKey};

/// Why the store failed, sorted by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no room left. Nothing was written; free some space and try again.
    #[error("the storage is full")]
    Full(#[source] rusqlite::Error),
    /// The file is not what was written.
    #[error("the storage is damaged")]
    Damaged(#[source] Option<rusqlite::Error>),
    /// The storage key does not open this file.
    #[error("the storage key does not fit")]
    WrongKey,
    /// A newer version wrote this file.
    #[error("written by a newer version")]
    Newer,
    /// There is no book in this place.
    #[error("there is no book here")]
    Empty,
    /// There is a book in this place already.
    #[error("there is a book here already")]
    Occupied,
    /// Another program has the file open.
    #[error("the storage is in use")]
    Busy(#[source] rusqlite::Error),
    /// The file cannot be opened or written.
    #[error("the storage does not answer")]
    Io(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase};
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::Full(error),
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged(Some(error)),
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy(error),
            Some(CannotOpen) | Some(_) => Self::Io(error),
            None => Self::Damaged(Some(error)),
        }
    }
}

/// Where a book is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Memory: gone when the book is closed.
    Memory,
    /// A file of a virtual file system that was registered under this name. Nothing else is ever opened in its place.
    Named {
        /// The file.
        file: String,
        /// The file system.
        vfs: String,
    },
}

/// Where a book is kept and the key that its secrets are sealed under.
#[derive(Clone)]
pub struct Home {
    /// Where.
    pub place: Place,
    /// The key. The app keeps it, in the platform's keystore where there is one; it is never in the file.
    pub storage_key: StorageKey,
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Home").finish_non_exhaustive()
    }
}

/// What one phone keeps of one book.
pub struct Store {
    connection: Connection,
    key: StorageKey,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

const CHECK: &str = "check";
/// A state without content: what was deleted may still be in the file.
const UNPURGED: &str = "unpurged";

impl Store {
    /// Makes the store of a new book with its first content, or nothing at all. Fails with [`StoreError::Occupied`]
    /// where there is one.
    pub fn create(
        home: &Home,
        rng: &mut dyn CryptoRng,
        first: impl FnOnce(&mut Tx<'_>, &mut dyn CryptoRng) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let mut store = Self::connect(home)?;
        if schema::version(&store.connection)? != 0 {
            return Err(StoreError::Occupied);
        }
        store.atomically(|tx| {
            schema::create(&tx.sql)?;
            tx.put_state(CHECK, b"samla", rng)?;
            first(tx, rng)
        })?;
        Ok(store)
    }

    /// Opens the store of a book that is there.
    pub fn open(home: &Home) -> Result<Self, StoreError> {
        if let Place::File(path) = &home.place
            && !path.exists()
        {
            return Err(StoreError::Empty);
        }
        let mut store = Self::connect(home)?;
        match schema::version(&store.connection)? {
            0 => return Err(StoreError::Empty),
            version if version > schema::VERSION => return Err(StoreError::Newer),
            version => schema::migrate(&mut store.connection, version)?,
        }
        match store.state(CHECK)? {
            Some(_) => Ok(store),
            None => Err(StoreError::Empty),
        }
    }

    fn connect(home: &Home) -> Result<Self, StoreError> {
        use rusqlite::OpenFlags;
        let connection = match &home.place {
            Place::File(path) => Connection::open(path)?,
            Place::Memory => Connection::open_in_memory()?,
            Place::Named { file, vfs } => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
                Connection::open_with_flags_and_vfs(file, flags, vfs.as_str())?
            }
        };
        schema::configure(&connection, &home.place)?;
        Ok(Self { connection, key: home.storage_key.clone() })
    }

    /// Runs steps that become durable together, or not at all.
    pub fn atomically<T, E: From<StoreError>>(
        &mut self,
        steps: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let sql =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let mut tx = Tx { sql, key: &self.key };
        let result = steps(&mut tx)?;
        tx.sql.commit().map_err(StoreError::from)?;
        Ok(result)
    }

    /// A sealed state by its name.
    pub fn state(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.sealed("SELECT sealed FROM state WHERE name = ?1", "state", name)
    }

    /// A cached copy by its name.
    pub fn cached(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.sealed("SELECT sealed FROM cache WHERE name = ?1", "cache", name)
    }

    fn sealed(&self, sql: &str, purpose: &str, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed: Option<Vec<u8>> =
            self.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
        let open = |bytes: Vec<u8>| seal::open_local(&self.key, purpose, name.as_bytes(), &bytes);
        sealed.map(open).transpose().map_err(|_| StoreError::WrongKey).map(|bytes| bytes.map(|b| b.to_vec()))
    }

    /// The edits that wait, in their order, at most so many.
    pub fn outbox(&self, limit: usize) -> Result<Vec<(i64, ShardChange)>, StoreError> {
        let mut rows = self.connection.prepare_cached("SELECT seq, shard, sealed FROM outbox ORDER BY seq LIMIT ?1")?;
        let rows = rows.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, u16>(1)?, row.get::<_, Vec<u8>>(2)?))
        })?;
        rows.map(|row| {
            let (seq, shard, sealed) = row?;
            let bytes = seal::open_local(&self.key, "outbox", &shard.to_be_bytes(), &sealed)
                .map_err(|_| StoreError::Damaged(None))?;
            Ok((seq, ShardChange { shard, bytes: bytes.to_vec() }))
        })
        .collect()
    }

    /// How many edits of this device are only on it: those that wait, and those that are sealed but not in the log.
    pub fn unsent(&self, me: &DeviceId) -> Result<u64, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM outbox)
                        + (SELECT coalesce(sum(edits), 0) FROM log
                           WHERE standing != 1 AND standing = ?1 AND device = ?2)";
        let parameters = params![Standing::Unsent, me.0];
        let count: i64 = self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Makes sure that nothing deleted is left in the file: it is written anew from what is there.
    pub fn purge(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
        self.connection.execute("DELETE FROM state WHERE name = ?1", [UNPURGED])?;
        Ok(())
    }

    /// The same where a step [asked for it](Tx::ask_for_purge) and it was not done: the phone stopped, or had no room.
    pub fn purge_if_asked(&self) -> Result<(), StoreError> {
        let asked = "SELECT EXISTS (SELECT 1 FROM state WHERE name = ?1)";
        if self.connection.query_row(asked, [UNPURGED], |row| row.get(0))? { self.purge() } else { Ok(()) }
    }

    /// Seals everything under another key, which opens the store from now on.
    pub fn renew_key(&mut self, key: StorageKey, rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
        let mut states = Vec::new();
        for name in self.names("SELECT name FROM state WHERE length(sealed) > 0")? {
            if let Some(bytes) = self.state(&name)? {
                states.push((name, bytes));
            }
        }
        let waiting = self.outbox(usize::MAX)?;
        let mut copies = Vec::new();
        for name in self.names("SELECT name FROM cache")? {
            // One that does not open is found damaged when it is needed, under whatever key.
            let copy = self.cached(&name).ok().flatten();
            copies.extend(copy.map(|bytes| (name, bytes)));
        }
        let old = std::mem::replace(&mut self.key, key);
        let sealed = self.atomically(|tx| -> Result<(), StoreError> {
            states.iter().try_for_each(|(name, bytes)| tx.put_state(name, bytes, rng))?;
            tx.sql.execute("DELETE FROM outbox", [])?;
            waiting.iter().try_for_each(|(_, change)| tx.add_to_outbox(change, rng))?;
            copies.iter().try_for_each(|(name, bytes)| tx.put_cached(name, bytes, rng))?;
            tx.ask_for_purge()
        });
        if sealed.is_err() {
            self.key = old;
        }
        sealed?;
        self.purge()
    }

    fn names(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        let mut names = self.connection.prepare_cached(sql)?;
        let names = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(names)
    }

    /// Brings what is new from the log of writes into the file itself, and finishes a purge that was cut off. Takes a while; for
    /// quiet moments.
    pub fn tidy(&self) -> Result<(), StoreError> {
        self.purge_if_asked()?;
        self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
        Ok(())
    }
}

/// One transaction.
pub struct Tx<'a> {
    sql: Transaction<'a>,
    key: &'a StorageKey,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

impl Tx<'_> {
    /// Keeps a state under its name.
    pub fn put_state(&mut self, name: &str, bytes: &[u8], rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
        let sealed = seal::seal_local(self.key, "state", name.as_bytes(), bytes, rng);
        self.sql.prepare_cached("INSERT OR REPLACE INTO state VALUES (?1, ?2)")?.execute(params![name, sealed])?;
        Ok(())
    }

    /// Forgets a state.
    pub fn drop_state(&mut self, name: &str) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM state WHERE name = ?1")?.execute([name])?;
        Ok(())
    }

    /// Forgets the states whose names begin so.
    pub fn drop_states_of(&mut self, beginning: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM state WHERE substr(name, 1, length(?1)) = ?1";
        self.sql.prepare_cached(sql)?.execute([beginning])?;
        Ok(())
    }

    /// What these steps delete is to be nowhere in the file: a [`purge`](Store::purge) must follow. One that is cut off or fails is
    /// done at the next opening, or when the store is next [tidied](Store::tidy).
    pub fn ask_for_purge(&mut self) -> Result<(), StoreError> {
        self.sql.prepare_cached("INSERT OR REPLACE INTO state VALUES (?1, x'')")?.execute([UNPURGED])?;
        Ok(())
    }

    /// Keeps a copy that can be made again.
    pub fn put_cached(&mut self, name: &str, bytes: &[u8], rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
        let sealed = seal::seal_local(self.key, "cache", name.as_bytes(), bytes, rng);
        self.sql.prepare_cached("INSERT OR REPLACE INTO cache VALUES (?1, ?2)")?.execute(params![name, sealed])?;
        Ok(())
    }

    /// Drops every cached copy.
    pub fn clear_cache(&mut self) -> Result<(), StoreError> {
        self.sql.execute("DELETE FROM cache", [])?;
        Ok(())
    }

    /// Adds an edit to those that wait.
    pub fn add_to_outbox(&mut self, change: &ShardChange, rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
        let sealed = seal::seal_local(self.key, "outbox", &change.shard.to_be_bytes(), &change.bytes, rng);
        let mut insert = self.sql.prepare_cached("INSERT INTO outbox (shard, sealed) VALUES (?1, ?2)")?;
        insert.execute(params![change.shard, sealed])?;
        Ok(())
    }

    /// Removes one edit.
    pub fn remove_from_outbox(&mut self, seq: i64) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?.execute([seq])?;
        Ok(())
    }

    /// Removes the edits up to this one: they are in an envelope now.
    pub fn clear_outbox(&mut self, through: i64) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM outbox WHERE seq <= ?1")?.execute([through])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
