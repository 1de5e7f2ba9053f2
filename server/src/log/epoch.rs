//! An epoch begins: the book is founded anew under a new key, and what was sealed under the old one goes.
//!
//! In one transaction the op gets its place, the staged base and the new wraps take the place of the old ones, and every
//! sealed entry up to the op is deleted. Of the log remain the roster, from which all can be checked, and each author's
//! newest number. Whoever asked gets a signed receipt.

use rusqlite::{Connection, OptionalExtension};
use samla_wire::http::{Deletion, Receipt, Wrap, deletion_root, wraps_hash};
use samla_wire::planted::{self, is_planted};
use samla_wire::roster::Epoch;
use samla_wire::rules::read_body;
use samla_wire::{Accepted, BookId, Code, EntryId, Envelope, Kind, RosterOp, to_cbor};

use super::base::promote;
use super::book::{Book, Rows, keep_tips};
use super::found::{check_known, check_wraps};
use super::push::{insert, spend, weigh};
use super::sweep::untidy;
use super::writer::Write;
use super::{Fault, Log, LogError, RECEIPT_KEY, put_wrap};
use crate::clock::DAY;

/// An epoch op in the log.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Its place.
    pub n: u64,
    /// What was deleted with it.
    pub receipt: Receipt,
    /// False if the same bytes were there before.
    pub new: bool,
}

impl Log {
    /// Begins an epoch. The parts of its base must be staged; the wraps must be for exactly those that the roster has then.
    /// Afterwards the caller sees to [`Log::tidy`].
    pub async fn begin_epoch(
        &self,
        id: BookId,
        envelope: Envelope,
        wraps: Vec<Wrap>,
        now: u64,
    ) -> Result<Begun, LogError> {
        let begun = self.writer.run(move |write| begin(write, &id, &envelope, &wraps, now)).await?;
        let counts = &self.shared.counts;
        counts.receipts.add(1);
        if begun.new {
            counts.accepted.add(1);
            counts.epochs.add(1);
        } else {
            counts.duplicates.add(1);
        }
        Ok(begun)
    }
}

fn begin(write: &mut Write<'_>, id: &BookId, envelope: &Envelope, wraps: &[Wrap], now: u64) -> Result<Begun, LogError> {
    let mut book = Book::clone(&*write.open_book(id)?);
    let (rseq, op) = epoch_op(envelope)?;
    if let Some(n) = write.place_of(&book, envelope)? {
        return match receipt_of(write.conn, book.key, &envelope.id())? {
            Some(receipt) => Ok(Begun { n, receipt, new: false }),
            // Of an epoch before the last that a phone brought back: what it deleted, another server knew.
            None => Err(refused_at(&book, Code::StaleEpoch)),
        };
    }
    check_known(op.suite, op.rules, op.shards)?;
    let before = book.log.head;
    match book.log.append(envelope, &Rows { conn: write.conn, key: book.key, id })? {
        Ok(Accepted::New) => {}
        Ok(Accepted::Duplicate) => return Err(refused_at(&book, Code::DeviceFork)),
        Err(rejection) => return Err(refused_at(&book, rejection.into())),
    }
    if !promote(write.conn, book.key, &op, now)? {
        return Err(LogError::refused(Code::BaseMissing));
    }
    check_wraps(&book.log.roster, wraps)?;
    if wraps_hash(wraps) != op.wraps_hash {
        return Err(LogError::refused(Code::HashMismatch));
    }
    let len = envelope.bytes().len() as u64;
    spend(write, book.key, &envelope.header().device, 1, len, now / DAY)?;

    let receipt = delete_sealed(write, &book, before.n, now)?;
    keep_receipt(write.conn, book.key, &envelope.id(), &receipt)?;
    if !is_planted(planted::Fault::WrapsKept) {
        write.conn.execute("DELETE FROM wrap WHERE book = ?1", [book.key])?;
    }
    for wrap in wraps {
        put_wrap(write.conn, book.key, wrap)?;
    }
    keep_tips(write.conn, book.key, &book.log)?;
    insert(write.conn, book.key, &book.log.head, envelope, Some(rseq))?;
    let n = book.log.head.n;
    write.conn.execute("UPDATE book SET op_n = ?2 WHERE key = ?1", (book.key, n))?;
    weigh(write.conn, book.key)?;
    write.put(*id, book);
    Ok(Begun { n, receipt, new: true })
}

fn refused_at(book: &Book, code: Code) -> LogError {
    LogError::Refused { code, head: Some(book.log.head) }
}

fn epoch_op(envelope: &Envelope) -> Result<(u64, Epoch), LogError> {
    if envelope.header().kind != Kind::Roster {
        return Err(LogError::refused(Code::WrongKind));
    }
    let body = read_body(envelope).map_err(|rejection| LogError::refused(rejection.into()))?;
    match body.op {
        RosterOp::Epoch(op) => Ok((body.rseq, op)),
        _ => Err(LogError::refused(Code::WrongKind)),
    }
}

/// Deletes every sealed entry of the book, and says so. `book` is in the epoch that begins; the entries end at `seal_n`.
pub(super) fn delete_sealed(write: &Write<'_>, book: &Book, seal_n: u64, now: u64) -> Result<Receipt, LogError> {
    let deleted: Vec<EntryId> = write
        .conn
        .prepare("DELETE FROM entry WHERE book = ?1 AND rseq IS NULL RETURNING n, id")?
        .query_map([book.key], |row| Ok((row.get::<_, u64>(0)?, EntryId(row.get(1)?))))?
        .collect::<Result<std::collections::BTreeMap<_, _>, _>>()?
        .into_values()
        .collect();
    untidy(write.conn)?;
    let secret = "SELECT value FROM server WHERE name = ?1";
    let secret: Option<[u8; 32]> = write.conn.query_row(secret, [RECEIPT_KEY], |row| row.get(0)).optional()?;
    let key = ed25519_dalek::SigningKey::from_bytes(&secret.ok_or(Fault::Damaged)?);
    let deletion = Deletion {
        book: *book.log.book(),
        epoch: book.log.roster.epoch,
        seal_n,
        count: deleted.len() as u64,
        root: deletion_root(&deleted),
        at: now,
        backup_days: write.settings.backup_days,
    };
    Ok(Receipt::sign(deletion, &key))
}

/// Keeps the receipt beside its op, for who asks again.
pub(super) fn keep_receipt(conn: &Connection, key: i64, op: &EntryId, receipt: &Receipt) -> rusqlite::Result<()> {
    conn.execute("INSERT OR REPLACE INTO receipt VALUES (?1, ?2, ?3)", (key, op.as_bytes(), to_cbor(receipt)))?;
    Ok(())
}

fn receipt_of(conn: &Connection, key: i64, op: &EntryId) -> Result<Option<Receipt>, LogError> {
    let receipt: Option<Vec<u8>> = conn
        .query_row("SELECT receipt FROM receipt WHERE book = ?1 AND op = ?2", (key, op.as_bytes()), |row| row.get(0))
        .optional()?;
    let receipt = receipt.map(|bytes| minicbor::decode(&bytes).map_err(|_| LogError::Fault(Fault::Damaged)));
    receipt.transpose()
}
