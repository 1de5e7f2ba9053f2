//! Envelopes on this phone, with their place in the book's log and what became of them.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};
use samla_wire::rules::Tip;
use samla_wire::{DeviceId, EntryId, Head, Kind, LogHash, Past};

use super::{Store, StoreError, Tx};

/// What became of an envelope on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i64)]
pub enum Standing {
    /// Sealed here and not known to be in the log.
    Unsent = 0,
    /// In the log, and its changes are in the document.
    Accepted = 1,
    /// In the log and in order; whether its changes enter the document is about to be judged.
    Opening = 2,
    /// Like [`Standing::Opening`], but this phone stopped once while it was at it: it is being tried alone.
    Suspect = 3,
    /// In the log, but an earlier envelope of its author is missing (rule R6).
    Gap = 4,
    /// In the log and in order, but a change that it depends on is missing (rule R9).
    Waiting = 5,
    /// In the log, and rejected by rules R1–R7.
    Rejected = 6,
    /// In the log and in order, and refused by rules R8–R9.
    Refused = 7,
    /// In the log and in order; it stopped this phone twice and is left out.
    Quarantined = 8,
    /// Sealed here once, and out of the log that this phone reads anew: kept to be known again by its id.
    Aside = 9,
    /// Like [`Standing::Waiting`], but the change stands in an envelope that was refused, or in another that waits so: it comes
    /// only if somebody sends it once more.
    Orphaned = 10,
}

impl ToSql for Standing {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok((*self as i64).into())
    }
}

impl FromSql for Standing {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value.as_i64()? {
            0 => Self::Unsent,
            1 => Self::Accepted,
            2 => Self::Opening,
            3 => Self::Suspect,
            4 => Self::Gap,
            5 => Self::Waiting,
            6 => Self::Rejected,
            7 => Self::Refused,
            8 => Self::Quarantined,
            9 => Self::Aside,
            10 => Self::Orphaned,
            other => return Err(FromSqlError::OutOfRange(other)),
        })
    }
}

/// An envelope as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its order of arrival; where it is in the log and in order, the order in which entries came to be so.
    pub pos: i64,
    /// Its place in the log; none while it is only here.
    pub n: Option<u64>,
    /// Its id.
    pub id: EntryId,
    /// Its author.
    pub device: DeviceId,
    /// Its number among its author's.
    pub dseq: u64,
    /// What became of it.
    pub standing: Standing,
    /// How many edits it carries that are in the document without a place in the log, or were before they got one: this
    /// phone's own, or a colleague's that came in a file.
    pub edits: u64,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Entry {
    /// Did its changes enter the document before it had a place in the log: were they made here, or brought in a file?
    pub fn is_own(&self) -> bool {
        self.edits > 0
    }
}

/// An envelope to keep.
#[derive(Debug)]
pub struct NewEntry<'a> {
    /// Its place in the log with the log's hash there, if it has one.
    pub at: Option<Head>,
    /// Its id.
    pub id: EntryId,
    /// Its author; zero where the bytes are no envelope.
    pub device: DeviceId,
    /// Its number among its author's.
    pub dseq: u64,
    /// What it carries; none where the bytes are no envelope.
    pub kind: Option<Kind>,
    /// What became of it.
    pub standing: Standing,
    /// How many edits it carries, if this phone sealed it.
    pub edits: usize,
    /// All of it.
    pub bytes: &'a [u8],
}

/// One standing other than [`Standing::Accepted`], in the words that let SQLite use its index of those.
pub(super) const STANDING: &str = "standing != 1 AND standing = ?1";

/// In order, and not in the document of this phone.
const LEFT_OUT: [Standing; 4] = [Standing::Gap, Standing::Waiting, Standing::Orphaned, Standing::Quarantined];
const IS_LEFT_OUT: &str = "standing != 1 AND standing IN (?1, ?2, ?3, ?4)";

const COLUMNS: &str = "pos, n, id, device, dseq, standing, edits, bytes";

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        pos: row.get(0)?,
        n: row.get::<_, Option<i64>>(1)?.map(i64::unsigned_abs),
        id: EntryId(row.get(2)?),
        device: DeviceId(row.get(3)?),
        dseq: row.get::<_, i64>(4)?.unsigned_abs(),
        standing: row.get(5)?,
        edits: row.get::<_, i64>(6)?.unsigned_abs(),
        bytes: row.get(7)?,
    })
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn entries(connection: &Connection, filter: &str, parameters: impl rusqlite::Params) -> Result<Vec<Entry>, StoreError> {
    let mut rows = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM log WHERE {filter}"))?;
    let rows = rows.query_map(parameters, entry)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

impl Store {
    /// Envelopes sealed here that are not known to be in the log, in their author's order. A recovery sheet's op is sealed here too,
    /// alone.
    pub fn unsent_entries(&self, me: &DeviceId, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let own = format!("{STANDING} AND (device = ?3 OR kind = 2) ORDER BY dseq, pos LIMIT ?2");
        entries(&self.connection, &own, params![Standing::Unsent, limit, me.0])
    }

    /// Envelopes of others that came in a file and are not known to be in the log, in the order in which they may enter it.
    pub fn loose_entries(&self, me: &DeviceId, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let loose = format!("{STANDING} AND device != ?3 AND kind != 2 ORDER BY pos LIMIT ?2");
        entries(&self.connection, &loose, params![Standing::Unsent, limit, me.0])
    }

    /// Is this an envelope of this author's, whatever became of it?
    pub fn has_written(&self, author: &DeviceId, tip: &Tip) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM log WHERE id = ?1 AND device = ?2 AND dseq = ?3";
        let parameters = params![tip.id.0, author.0, number(tip.dseq)];
        Ok(self.connection.prepare_cached(sql)?.exists(parameters)?)
    }

    /// How many envelopes sealed here are not known to be in the log.
    pub fn count_unsent(&self, me: &DeviceId) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM log WHERE {STANDING} AND (device = ?2 OR kind = 2)");
        let parameters = params![Standing::Unsent, me.0];
        let count: i64 = self.connection.prepare_cached(&sql)?.query_row(parameters, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The newest envelope of this author that is not known to be in the log: the next one follows it.
    pub fn newest_unsent(&self, author: &DeviceId) -> Result<Option<Tip>, StoreError> {
        let sql = format!("SELECT dseq, id FROM log WHERE {STANDING} AND device = ?2 ORDER BY dseq DESC LIMIT 1");
        let parameters = params![Standing::Unsent, author.0];
        let tip = self.connection.prepare_cached(&sql)?.query_row(parameters, |row| {
            Ok(Tip { dseq: row.get::<_, i64>(0)?.unsigned_abs(), id: EntryId(row.get(1)?) })
        });
        Ok(tip.optional()?)
    }

    /// Envelopes of one standing other than accepted, in the order in which they came to be in the log and in order.
    pub fn entries_of(&self, standing: Standing) -> Result<Vec<Entry>, StoreError> {
        entries(&self.connection, &format!("{STANDING} ORDER BY pos"), [standing])
    }

    /// The roster's envelopes that count, in the log's order.
    pub fn roster_entries(&self) -> Result<Vec<Entry>, StoreError> {
        entries(&self.connection, "kind = 2 AND standing = ?1 ORDER BY pos", [Standing::Accepted])
    }

    /// The parts of the base that this epoch starts from, in their order.
    pub fn base_parts(&self) -> Result<Vec<Entry>, StoreError> {
        entries(&self.connection, "kind = 3 ORDER BY pos", [])
    }

    /// The log's entries on this phone after this place, in order, whatever became of them.
    pub fn entries_after(&self, n: u64) -> Result<Vec<Entry>, StoreError> {
        entries(&self.connection, "n > ?1 ORDER BY n", [number(n)])
    }

    /// What the members of this epoch said of themselves, in the log's order.
    pub fn attest_entries(&self) -> Result<Vec<Entry>, StoreError> {
        entries(&self.connection, "kind = 4 AND n IS NOT NULL AND standing = ?1 ORDER BY pos", [Standing::Accepted])
    }

    /// Envelopes in order whose changes are not in the document here, though another phone's may have them.
    pub fn left_out(&self) -> Result<Vec<Entry>, StoreError> {
        entries(&self.connection, &format!("{IS_LEFT_OUT} ORDER BY pos"), LEFT_OUT)
    }

    /// Is there such an envelope of this author's?
    pub fn has_left_out(&self, author: &DeviceId) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM log WHERE {IS_LEFT_OUT} AND device = ?5");
        let [gap, waiting, orphaned, quarantined] = LEFT_OUT;
        let parameters = params![gap, waiting, orphaned, quarantined, author.0];
        Ok(self.connection.prepare_cached(&sql)?.exists(parameters)?)
    }

    /// The newest envelopes that rules R8–R9 keep out: refused, or waiting for a change of one that is.
    pub fn kept_out(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let newest = "standing != 1 AND standing IN (?1, ?2) ORDER BY pos DESC LIMIT ?3";
        entries(&self.connection, newest, params![Standing::Refused, Standing::Orphaned, limit])
    }

    /// The authors of the log's entries after this place.
    pub fn authors_after(&self, n: u64) -> Result<Vec<DeviceId>, StoreError> {
        let mut rows = self.connection.prepare_cached("SELECT DISTINCT device FROM log WHERE n > ?1")?;
        let authors = rows.query_map([number(n)], |row| row.get(0).map(DeviceId))?;
        Ok(authors.collect::<Result<_, _>>()?)
    }

    /// Data envelopes whose changes are in the document and that stand after `pos`, in their order.
    pub fn data_entries_after(&self, pos: i64) -> Result<Vec<Entry>, StoreError> {
        let filter = "kind = 1 AND pos > ?1 AND (standing = ?2 OR edits > 0) ORDER BY pos";
        entries(&self.connection, filter, params![pos, Standing::Accepted])
    }

    /// The order of arrival up to which everything is what it stays there: in the document or out of it, and in the log.
    ///
    /// What is unsent may still be taken back, and its place then goes to something else. What waits gets another place
    /// when it enters.
    pub fn settled_pos(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(
                       (SELECT min(pos) - 1 FROM log
                        WHERE standing != 1 AND (standing IN (?1, ?2, ?3) OR edits > 0)),
                       max(pos), 0) FROM log";
        let unsettled = [Standing::Unsent, Standing::Opening, Standing::Suspect];
        Ok(self.connection.prepare_cached(sql)?.query_row(unsettled, |row| row.get(0))?)
    }

    /// How many envelopes have this standing, which is not accepted.
    pub fn count(&self, standing: Standing) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM log WHERE {STANDING}");
        let count: i64 = self.connection.prepare_cached(&sql)?.query_row([standing], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// How many envelopes with edits that are in the document are refused or wait; of others than this device also those
    /// that the log has rejected.
    pub fn own_lost(&self, me: &DeviceId) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM log WHERE standing != 1 AND edits > 0
                   AND (standing IN (?1, ?2, ?3) OR (standing = ?4 AND device != ?5))";
        let parameters = params![Standing::Refused, Standing::Waiting, Standing::Orphaned, Standing::Rejected, me.0];
        let count: i64 = self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Where the log ends on this phone.
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        let sql = "SELECT n, h FROM log WHERE n IS NOT NULL ORDER BY n DESC LIMIT 1";
        let head = self
            .connection
            .prepare_cached(sql)?
            .query_row([], |row| Ok(Head { n: row.get::<_, i64>(0)?.unsigned_abs(), h: LogHash(row.get(1)?) }));
        Ok(head.optional()?)
    }

    /// Each author's newest envelope that passed rules R1–R7.
    pub fn tips(&self) -> Result<Vec<(DeviceId, Tip)>, StoreError> {
        let sql = "SELECT device, max(dseq), id FROM log
                   WHERE n IS NOT NULL AND standing NOT IN (?1, ?2) GROUP BY device";
        let mut rows = self.connection.prepare_cached(sql)?;
        let tips = rows.query_map([Standing::Rejected, Standing::Gap], |row| {
            let dseq = row.get::<_, i64>(1)?.unsigned_abs();
            Ok((DeviceId(row.get(0)?), Tip { dseq, id: EntryId(row.get(2)?) }))
        })?;
        Ok(tips.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Keeps an envelope.
    pub fn add_entry(&mut self, new: &NewEntry<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO log (n, h, id, device, dseq, kind, standing, edits, bytes)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.sql.prepare_cached(sql)?.execute(params![
            new.at.map(|head| number(head.n)),
            new.at.map(|head| head.h.0),
            new.id.0,
            new.device.0,
            number(new.dseq),
            new.kind.map_or(0, |kind| kind as i64),
            new.standing,
            number(new.edits as u64),
            new.bytes,
        ])?;
        Ok(())
    }

    /// An envelope that was sealed here has its place in the log, and stands behind all that came before it.
    pub fn place_own(&mut self, pos: i64, at: &Head, standing: Standing) -> Result<(), StoreError> {
        let sql = "UPDATE log SET n = ?2, h = ?3, standing = ?4, pos = (SELECT max(pos) + 1 FROM log) WHERE pos = ?1";
        self.sql.prepare_cached(sql)?.execute(params![pos, number(at.n), at.h.0, standing])?;
        Ok(())
    }

    /// An envelope that came too early is in order now, and stands behind the one that was missing.
    pub fn fill_gap(&mut self, pos: i64, standing: Standing) -> Result<(), StoreError> {
        let sql = "UPDATE log SET standing = ?2, pos = (SELECT max(pos) + 1 FROM log) WHERE pos = ?1";
        self.sql.prepare_cached(sql)?.execute(params![pos, standing])?;
        Ok(())
    }

    /// An envelope has no place in the log any more; so many of its edits are in the document.
    pub fn unplace(&mut self, pos: i64, edits: u64) -> Result<(), StoreError> {
        let sql = "UPDATE log SET n = NULL, h = NULL, standing = ?2, edits = ?3 WHERE pos = ?1";
        self.sql.prepare_cached(sql)?.execute(params![pos, Standing::Unsent, number(edits)])?;
        Ok(())
    }

    /// An envelope that was loose and was refused its place has one after all: it is kept once.
    pub fn forget_refused(&mut self, id: &EntryId) -> Result<(), StoreError> {
        let sql = "DELETE FROM log WHERE id = ?1 AND n IS NULL AND standing = ?2 AND edits = 0";
        self.sql.prepare_cached(sql)?.execute(params![id.0, Standing::Rejected])?;
        Ok(())
    }

    /// Forgets the envelope that arrived so.
    pub fn remove(&mut self, pos: i64) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM log WHERE pos = ?1")?.execute([pos])?;
        Ok(())
    }

    /// Something else became of an envelope.
    pub fn set_standing(&mut self, id: &EntryId, from: Standing, to: Standing) -> Result<(), StoreError> {
        let sql = "UPDATE log SET standing = ?3 WHERE id = ?1 AND standing = ?2";
        self.sql.prepare_cached(sql)?.execute(params![id.0, from, to])?;
        Ok(())
    }

    /// What had to wait is in the document now, and stands behind what it waited for.
    pub fn enter_late(&mut self, id: &EntryId, from: Standing) -> Result<(), StoreError> {
        let sql = "UPDATE log SET standing = ?3, pos = (SELECT max(pos) + 1 FROM log) WHERE id = ?1 AND standing = ?2";
        self.sql.prepare_cached(sql)?.execute(params![id.0, from, Standing::Accepted])?;
        Ok(())
    }

    /// An envelope sealed here by its id, while it is not in the log.
    pub fn unsent_entry(&self, id: &EntryId) -> Result<Option<Entry>, StoreError> {
        let parameters = params![id.0, Standing::Unsent, Standing::Aside];
        Ok(entries(&self.sql, "id = ?1 AND standing IN (?2, ?3)", parameters)?.into_iter().next())
    }

    /// The changes of an envelope that was sealed here are not in the document any more.
    pub fn disown(&mut self, id: &EntryId) -> Result<(), StoreError> {
        self.sql.prepare_cached("UPDATE log SET edits = 0 WHERE id = ?1")?.execute([id.0])?;
        Ok(())
    }

    /// Forgets what the log holds after this place, and what waits to enter it; this device's own envelopes are set aside.
    pub fn forget_log_after(&mut self, n: u64, own: &DeviceId) -> Result<(), StoreError> {
        let after = "kind != 3 AND (n > ?1 OR standing = ?2)";
        self.sql.execute(
            &format!("UPDATE log SET standing = ?3, n = NULL, h = NULL, edits = 0 WHERE {after} AND device = ?4"),
            params![number(n), Standing::Unsent, Standing::Aside, own.0],
        )?;
        self.sql.execute(&format!("DELETE FROM log WHERE {after}"), params![number(n), Standing::Unsent])?;
        self.sql.execute("DELETE FROM outbox", [])?;
        self.clear_cache()
    }

    /// Own envelopes that were set aside and have not come back never will.
    pub fn forget_aside(&mut self) -> Result<(), StoreError> {
        self.sql.execute("DELETE FROM log WHERE standing = ?1", [Standing::Aside])?;
        Ok(())
    }

    /// Forgets the whole log, the base that it started from, and what waits to enter it.
    pub fn forget_log(&mut self) -> Result<(), StoreError> {
        self.ask_for_purge()?;
        self.sql.execute("DELETE FROM log", [])?;
        self.sql.execute("DELETE FROM outbox", [])?;
        self.clear_cache()
    }

    /// Is there an envelope with this id?
    pub fn has_entry(&self, id: &EntryId) -> Result<bool, StoreError> {
        Ok(self.sql.prepare_cached("SELECT 1 FROM log WHERE id = ?1")?.exists([id.0])?)
    }

    /// Removes an envelope that was sealed here and will never be in the log.
    pub fn remove_unsent(&mut self, id: &EntryId) -> Result<(), StoreError> {
        let sql = "DELETE FROM log WHERE id = ?1 AND standing = ?2";
        self.sql.prepare_cached(sql)?.execute(params![id.0, Standing::Unsent])?;
        Ok(())
    }

    /// Where an envelope of an author's has the number that another has in the log, the one with this id: it and those behind it never
    /// will have a place.
    pub fn reject_twins(&mut self, device: &DeviceId, dseq: u64, placed: &EntryId) -> Result<(), StoreError> {
        let sql = "UPDATE log SET standing = ?4 WHERE standing != 1 AND standing = ?5 AND device = ?1 AND dseq >= ?2
                   AND EXISTS (SELECT 1 FROM log WHERE device = ?1 AND dseq = ?2 AND id != ?3 AND standing = ?5)";
        let parameters = params![device.0, number(dseq), placed.0, Standing::Rejected, Standing::Unsent];
        self.sql.prepare_cached(sql)?.execute(parameters)?;
        Ok(())
    }

    /// How many envelopes of an author wait for an earlier one.
    pub fn held_of(&self, device: &DeviceId) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM log WHERE device = ?1 AND standing = ?2";
        let parameters = params![device.0, Standing::Gap];
        let count: i64 = self.sql.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Envelopes of an author that wait for an earlier one, in their order.
    pub fn gaps_of(&self, device: &DeviceId) -> Result<Vec<Entry>, StoreError> {
        entries(&self.sql, "device = ?1 AND standing = ?2 ORDER BY dseq", params![device.0, Standing::Gap])
    }
}

impl Past for Tx<'_> {
    type Error = StoreError;

    fn hash_at(&self, n: u64) -> Result<Option<LogHash>, StoreError> {
        let mut query = self.sql.prepare_cached("SELECT h FROM log WHERE n = ?1")?;
        Ok(query.query_row([number(n)], |row| row.get(0).map(LogHash)).optional()?)
    }

    fn entry_at(&self, device: &DeviceId, dseq: u64) -> Result<Option<EntryId>, StoreError> {
        let sql = "SELECT id FROM log WHERE device = ?1 AND dseq = ?2 AND n IS NOT NULL AND standing NOT IN (?3, ?4)";
        let mut query = self.sql.prepare_cached(sql)?;
        let parameters = params![device.0, number(dseq), Standing::Rejected, Standing::Gap];
        Ok(query.query_row(parameters, |row| row.get(0).map(EntryId)).optional()?)
    }
}
