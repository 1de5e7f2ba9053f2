//! The tables, and how an older file becomes a newer one.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction};

use super::{Place, StoreError};

/// What this version writes. Every change of the tables is one more step in [`migrate`].
pub(super) const VERSION: i64 = 1;

/// Sets what SQLite forgets between two openings.
pub(super) fn configure(connection: &Connection, place: &Place) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_secs(2))?;
    // One writer for each device key: two programs that write as one device would break its chain of envelopes. The lock
    // is held as long as the book is open, and goes with the process.
    connection.execute_batch(match place {
        // A browser's file system has no shared memory, so no write-ahead log.
        Place::Named { .. } => "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE;",
        Place::File(_) | Place::Memory => "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;",
    })?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -4096;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    // A kept statement is not planned again for other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// The version of a file; 0 is a file without tables.
pub(super) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Makes the tables of [`VERSION`].
pub(super) fn create(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute_batch(include_str!("schema.sql"))?;
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

/// Brings an older file up to [`VERSION`], in one transaction.
pub(super) fn migrate(connection: &mut Connection, from: i64) -> Result<(), StoreError> {
    if from == VERSION {
        return Ok(());
    }
    let tx = connection.transaction()?;
    // Steps from version 1 on go here, each `if from < n { … }`.
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}
