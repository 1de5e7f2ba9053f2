//! How a database of an older version of the server becomes one of this.

use rusqlite::Connection;
use samla_wire::rules::read_body;
use samla_wire::{DeviceId, Envelope, RosterOp};

/// From format 1, which knew one epoch only: `tables` are those of the format to come. All or nothing.
pub(super) fn from_1(conn: &Connection, tables: &str, version: i32) -> rusqlite::Result<()> {
    const OLD: [&str; 7] = ["server", "book", "entry", "wrap", "invite", "spent", "staged"];
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; BEGIN IMMEDIATE")?;
    let moved = (|| {
        for table in OLD {
            conn.execute_batch(&format!("ALTER TABLE {table} RENAME TO old_{table}"))?;
        }
        conn.execute_batch(tables)?;
        for table in OLD {
            let columns = match table {
                "book" => "(key, id, bytes, closed_at, deleted)",
                _ => "",
            };
            conn.execute_batch(&format!("INSERT INTO {table} {columns} SELECT * FROM old_{table}"))?;
        }
        for table in OLD.iter().rev() {
            conn.execute_batch(&format!("DROP TABLE old_{table}"))?;
        }
        index_sheets(conn)?;
        conn.execute_batch(&format!("PRAGMA user_version = {version}; COMMIT"))
    })();
    if moved.is_err() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    conn.execute_batch("PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = ON")?;
    moved
}

/// The recovery sheets that each genesis names: format 1 had no others.
fn index_sheets(conn: &Connection) -> rusqlite::Result<()> {
    let mut genesis = conn.prepare("SELECT book, envelope FROM entry WHERE rseq = 1 ORDER BY book")?;
    let mut genesis = genesis.query([])?;
    while let Some(row) = genesis.next()? {
        let (book, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        // A row that is no genesis is found when the book is opened, and told then.
        let Ok(envelope) = Envelope::parse(bytes) else { continue };
        let Ok(RosterOp::Genesis(genesis)) = read_body(&envelope).map(|body| body.op) else { continue };
        for sheet in &genesis.recovery {
            super::sheets::put(conn, book, &DeviceId::of_key(&sheet.ed_pub))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::schema::open_writer;

    /// The database of the first release, as its server left it.
    const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/v1/books/0.1.0/server.db");

    #[test]
    fn the_first_releases_database_opens_with_all_its_rows() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("samla.db");
        std::fs::copy(FROZEN, &path).unwrap();
        let old = rusqlite::Connection::open(Path::new(FROZEN)).unwrap();
        let count = |conn: &rusqlite::Connection, table: &str| -> u64 {
            conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
        };
        let new = open_writer(&path).unwrap();
        for table in ["server", "book", "entry", "wrap", "invite", "spent", "staged"] {
            assert_eq!(count(&new, table), count(&old, table), "{table}");
        }
        let envelopes = |conn: &rusqlite::Connection| -> Vec<(u64, Vec<u8>)> {
            let mut rows = conn.prepare("SELECT n, envelope FROM entry ORDER BY book, n").unwrap();
            let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        assert_eq!(envelopes(&new), envelopes(&old));
        assert_eq!(count(&new, "sheet"), 1);
        let sound: String = new.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let lonely = new.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
        assert_eq!((sound.as_str(), lonely), ("ok", false));
        drop(new);
        drop(open_writer(&path).unwrap());
    }
}
