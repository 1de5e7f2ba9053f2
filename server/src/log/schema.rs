//! The database file: how it is opened, and its tables.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::migration;

/// Says to SQLite and to `file(1)` whose file this is: "SML1" in ASCII.
const APPLICATION_ID: i32 = 0x534d_4c31;
/// Grows with every change of the tables below.
const VERSION: i32 = 2;

/// `book.key` stands for the 32-byte id inside the file; `op_n` is the place of the op that founded the current epoch, 0 in
/// the first. An entry's `envelope` is what crossed the wire, to the byte; the columns beside it are read from it, but
/// for `n` and `h`. Those are null for a roster entry of a former epoch that a phone brought back: only its place in the
/// roster is known. `tip` holds each author's newest entry when the epoch began, because the entries themselves are
/// deleted then; `exact` is 0 if there may have been later ones. `part` is the epoch's base, `staged` one to come.
/// A book that was deleted leaves its id, so that its members are told so.
const TABLES: &str = "
CREATE TABLE server (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE book (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    closed_at INTEGER,
    deleted INTEGER NOT NULL DEFAULT 0,
    op_n INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE entry (
    book INTEGER NOT NULL REFERENCES book (key),
    n INTEGER,
    id BLOB NOT NULL,
    h BLOB,
    device BLOB NOT NULL,
    dseq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    rseq INTEGER,
    envelope BLOB NOT NULL,
    UNIQUE (book, n),
    UNIQUE (book, device, dseq),
    UNIQUE (book, rseq),
    CHECK ((n IS NULL) = (h IS NULL) AND (n IS NOT NULL OR rseq IS NOT NULL))
) STRICT;
CREATE TABLE wrap (
    book INTEGER NOT NULL REFERENCES book (key),
    recipient BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (book, recipient)
) STRICT;
CREATE TABLE invite (
    book INTEGER NOT NULL REFERENCES book (key),
    id BLOB NOT NULL,
    ed_pub BLOB NOT NULL,
    expires_day INTEGER NOT NULL,
    PRIMARY KEY (book, id)
) STRICT;
CREATE TABLE spent (
    book INTEGER NOT NULL REFERENCES book (key),
    device BLOB NOT NULL,
    day INTEGER NOT NULL,
    envelopes INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (book, device, day)
) STRICT;
CREATE TABLE staged (
    book INTEGER NOT NULL REFERENCES book (key),
    id BLOB NOT NULL,
    staged_at INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (book, id)
) STRICT;
CREATE TABLE part (
    book INTEGER NOT NULL REFERENCES book (key),
    place INTEGER NOT NULL,
    id BLOB NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (book, place),
    UNIQUE (book, id)
) STRICT;
CREATE TABLE tip (
    book INTEGER NOT NULL REFERENCES book (key),
    device BLOB NOT NULL,
    dseq INTEGER NOT NULL,
    id BLOB NOT NULL,
    exact INTEGER NOT NULL,
    PRIMARY KEY (book, device)
) STRICT;
CREATE TABLE receipt (
    book INTEGER NOT NULL REFERENCES book (key),
    op BLOB NOT NULL,
    receipt BLOB NOT NULL,
    PRIMARY KEY (book, op)
) STRICT;
CREATE TABLE sheet (
    id BLOB PRIMARY KEY NOT NULL,
    book INTEGER NOT NULL REFERENCES book (key)
) STRICT;
";

/// Every table whose rows belong to one book, but `book` itself.
pub(super) const OF_A_BOOK: [&str; 9] =
    ["entry", "wrap", "invite", "spent", "staged", "part", "tip", "receipt", "sheet"];

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("the data folder {0} cannot be used")]
    Folder(PathBuf, #[source] std::io::Error),
    /// Another server works on it.
    #[error("another server is running on the data folder {0}")]
    InUse(PathBuf),
    /// The file is of another program.
    #[error("{0} is not a database of this server")]
    Foreign(PathBuf),
    /// The file is of a later version of this server.
    #[error("{path} is of format {found}; this version knows up to {known}: update the server")]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The newest format that this version knows.
        known: i32,
    },
    /// SQLite cannot read or write it.
    #[error("the database {0} cannot be opened; if it is damaged, put a backup in its place")]
    Database(PathBuf, #[source] rusqlite::Error),
}

/// Keeps other servers away from a data folder for as long as it lives.
#[derive(Debug)]
pub(super) struct FolderLock(#[allow(dead_code, reason = "held, not read")] File);

/// Makes the folder if it is missing, and locks it.
pub(super) fn lock_folder(dir: &Path) -> Result<FolderLock, OpenError> {
    let folder = |error| OpenError::Folder(dir.to_owned(), error);
    std::fs::create_dir_all(dir).map_err(folder)?;
    let file = File::create(dir.join("samla.lock")).map_err(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(folder(error)),
    }
}

/// Opens the database for its one writer; makes it if it is missing.
pub(super) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    let failed = |error| OpenError::Database(path.to_owned(), error);
    let conn = Connection::open(path).map_err(failed)?;
    let pragma = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let (owner, found) = (pragma("application_id").map_err(failed)?, pragma("user_version").map_err(failed)?);
    if tables > 0 && owner != APPLICATION_ID {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    if found > VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    set_up(&conn, tables == 0).map_err(failed)?;
    if tables > 0 && found < VERSION {
        migration::from_1(&conn, TABLES, VERSION).map_err(failed)?;
    }
    Ok(conn)
}

fn set_up(conn: &Connection, new: bool) -> rusqlite::Result<()> {
    // An acknowledged envelope survives a power cut: WAL is synced at every commit. Deleted rows are overwritten.
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
         PRAGMA cache_size = -1024; PRAGMA journal_size_limit = 4194304; PRAGMA busy_timeout = 5000;",
    )?;
    keep_plans(conn)?;
    if new {
        conn.execute_batch(&format!(
            "BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
        ))?;
    }
    Ok(())
}

/// Opens the database for a reader.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.execute_batch("PRAGMA cache_size = -512; PRAGMA busy_timeout = 5000;")?;
    keep_plans(&conn)?;
    Ok(conn)
}

/// A kept statement is not planned again for other values: that costs more than reading a page does.
fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_a_newer_and_a_damaged_file_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("samla.db");
        drop(open_writer(&path).unwrap());
        drop(open_writer(&path).unwrap());

        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "user_version", VERSION + 1).unwrap();
        drop(conn);
        assert!(matches!(open_writer(&path), Err(OpenError::Newer { found, .. }) if found == VERSION + 1));

        let other = dir.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(matches!(open_writer(&other), Err(OpenError::Foreign(_))));

        let damaged = dir.path().join("damaged.db");
        std::fs::write(&damaged, [7; 8192]).unwrap();
        assert!(matches!(open_writer(&damaged), Err(OpenError::Database(..))));
    }

    #[test]
    fn one_server_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let lock = lock_folder(dir.path()).unwrap();
        assert!(matches!(lock_folder(dir.path()), Err(OpenError::InUse(_))));
        drop(lock);
        lock_folder(dir.path()).unwrap();
    }
}
