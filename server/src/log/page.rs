//! What the log gives out: pages of entries, and what a joiner begins with.

use minicbor::Encoder;
use rusqlite::{Connection, OptionalExtension};
use samla_wire::http::{Ack, Bootstrap, Wrap};
use samla_wire::ids::SigningKey;
use samla_wire::{BookId, Code, DeviceId, EntryId, Head, InviteId, LogHash, Past, limits};

use super::book::{Book, Rows, head, op_place};
use super::{Log, LogError, wrap_for};

/// Bytes on one page: a quarter of what the protocol allows, so that ten phones that fetch much at one moment do not
/// take more memory than a small machine has.
pub(super) const PAGE: usize = limits::PAGE_BYTES / 4;

/// What the database holds of an invitation.
#[derive(Debug, Clone, Copy)]
pub struct Invitation {
    /// Verifies what its holder signs.
    pub ed_pub: SigningKey,
    /// The last day it may be used, in days since 1970-01-01 UTC.
    pub expires_day: u32,
    /// Is its wrap still kept?
    pub wrap_kept: bool,
}

impl Log {
    /// Does the log have this hash at this place? If not: [`Code::ChainMismatch`], with the log's own head. A place whose
    /// entries are deleted, because an epoch began after it: [`Code::StaleEpoch`].
    pub async fn check_cursor(&self, id: BookId, book: &Book, cursor: u64, h: LogHash) -> Result<(), LogError> {
        // Most phones ask from where the log ends.
        if book.log.head == (Head { n: cursor, h }) {
            return Ok(());
        }
        let key = book.key;
        self.readers
            .read(move |conn| {
                let op_n = check_epoch(conn, key, cursor)?;
                let fits = if op_n > 0 && cursor + 1 == op_n {
                    leads_to_op(conn, key, &Head { n: cursor, h })?
                } else {
                    (Rows { conn, key, id: &id }).hash_at(cursor)? == Some(h)
                };
                if fits { Ok(()) } else { Err(refused_at(conn, key, Code::ChainMismatch)?) }
            })
            .await
    }

    /// The encoded [`SyncResponse`](samla_wire::http::SyncResponse): these acks, and a page of the entries after the
    /// cursor. Envelopes go from the database into the answer without a stop.
    pub async fn sync_response(
        &self,
        book: &Book,
        caller: DeviceId,
        cursor: u64,
        acks: Vec<Ack>,
    ) -> Result<Vec<u8>, LogError> {
        let key = book.key;
        self.readers.read(move |conn| encode_page(conn, key, &caller, cursor, &acks)).await
    }

    /// What this principal begins with. `wraps_of` are the recipients whose wrap it can open, the likeliest first; without
    /// any it gets the roster alone.
    pub async fn bootstrap(&self, book: &Book, wraps_of: Vec<DeviceId>) -> Result<Bootstrap, LogError> {
        let key = book.key;
        self.readers
            .read(move |conn| {
                let ops = "SELECT envelope FROM entry WHERE book = ?1 AND rseq IS NOT NULL ORDER BY rseq";
                let mut ops = conn.prepare_cached(ops)?;
                let roster = ops.query_map([key], |row| row.get::<_, Vec<u8>>(0).map(Into::into))?;
                let roster = roster.collect::<Result<_, _>>()?;
                let mut wrap = None;
                for recipient in &wraps_of {
                    if let Some(sealed) = wrap_for(conn, key, &recipient.0)? {
                        wrap = Some(Wrap { recipient: *recipient, sealed: sealed.into() });
                        break;
                    }
                }
                let base = if wraps_of.is_empty() { Vec::new() } else { base(conn, key)? };
                Ok(Bootstrap { roster, base, wrap, head: head(conn, key)?, from: op_place(conn, key)?, tip: None })
            })
            .await
    }

    /// The invitation with this id, open or not.
    pub async fn invitation(&self, book: &Book, id: InviteId) -> Result<Option<Invitation>, LogError> {
        let key = book.key;
        self.readers
            .read(move |conn| {
                let found = conn
                    .prepare_cached("SELECT ed_pub, expires_day FROM invite WHERE book = ?1 AND id = ?2")?
                    .query_row((key, id.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let Some((ed_pub, expires_day)) = found else { return Ok(None) };
                let wrap_kept = wrap_for(conn, key, &id.0)?.is_some();
                Ok(Some(Invitation { ed_pub: SigningKey(ed_pub), expires_day, wrap_kept }))
            })
            .await
    }
}

/// Refuses a place whose following entries are deleted; else the place of the epoch's op.
fn check_epoch(conn: &Connection, key: i64, cursor: u64) -> Result<u64, LogError> {
    let op_n = op_place(conn, key)?;
    if cursor < op_n.saturating_sub(1) { Err(refused_at(conn, key, Code::StaleEpoch)?) } else { Ok(op_n) }
}

/// Is this where the log ended that the epoch's op sealed? The entry there may be deleted; the op's own hash tells.
fn leads_to_op(conn: &Connection, key: i64, seal: &Head) -> rusqlite::Result<bool> {
    let op = conn
        .prepare_cached("SELECT id, h FROM entry WHERE book = ?1 AND n = ?2")?
        .query_row((key, seal.n + 1), |row| Ok((EntryId(row.get(0)?), LogHash(row.get(1)?))))?;
    Ok(seal.next(&op.0).h == op.1)
}

fn refused_at(conn: &Connection, key: i64, code: Code) -> Result<LogError, LogError> {
    Ok(LogError::Refused { code, head: Some(head(conn, key)?) })
}

/// The parts of the epoch's base, in the op's order.
fn base(conn: &Connection, key: i64) -> rusqlite::Result<Vec<EntryId>> {
    let mut parts = conn.prepare_cached("SELECT id FROM part WHERE book = ?1 ORDER BY place")?;
    parts.query_map([key], |row| row.get(0).map(EntryId))?.collect()
}

fn encode_page(conn: &Connection, key: i64, caller: &DeviceId, cursor: u64, acks: &[Ack]) -> Result<Vec<u8>, LogError> {
    // In this snapshot again: an epoch may have begun since the cursor was looked at.
    check_epoch(conn, key, cursor)?;
    let end = head(conn, key)?;
    let page = measure(conn, key, caller, cursor)?;
    let mut out = Vec::with_capacity(page.bytes + 16 * page.entries as usize + 64 * acks.len() + 128);
    let mut e = Encoder::new(&mut out);
    // Writing to memory cannot fail.
    let infallible = "writing to memory cannot fail";
    e.map(4).and_then(|e| e.u8(0)?.encode(acks)?.u8(1)?.array(page.entries)).expect(infallible);
    let mut rows = conn.prepare_cached(
        "SELECT CASE WHEN device = ?2 THEN id ELSE envelope END FROM entry
         WHERE book = ?1 AND n > ?3 AND n <= ?4 ORDER BY n",
    )?;
    let mut rows = rows.query((key, caller.as_bytes(), cursor, page.last))?;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(|_| super::Fault::Damaged)?;
        e.bytes(bytes).expect(infallible);
    }
    e.u8(2).and_then(|e| e.encode(end)?.u8(3)?.bool(page.last < end.n)).expect(infallible);
    Ok(out)
}

/// How far a page reaches, and how much it holds.
struct Page {
    last: u64,
    entries: u64,
    bytes: usize,
}

/// Measures the page without reading the envelopes: SQLite knows a blob's length from its row's first bytes.
fn measure(conn: &Connection, key: i64, caller: &DeviceId, cursor: u64) -> Result<Page, LogError> {
    let mut sizes = conn.prepare_cached(
        "SELECT n, CASE WHEN device = ?2 THEN 32 ELSE length(envelope) END FROM entry
         WHERE book = ?1 AND n > ?3 ORDER BY n LIMIT ?4",
    )?;
    let mut sizes = sizes.query((key, caller.as_bytes(), cursor, limits::PAGE_ENTRIES as u64))?;
    let mut page = Page { last: cursor, entries: 0, bytes: 0 };
    while let Some(row) = sizes.next()? {
        let (n, len): (u64, usize) = (row.get(0)?, row.get(1)?);
        if page.entries > 0 && page.bytes + len > PAGE {
            break;
        }
        page = Page { last: n, entries: page.entries + 1, bytes: page.bytes + len };
    }
    Ok(page)
}
