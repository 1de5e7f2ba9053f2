//! Founding a book: its genesis becomes the first entry.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension;
use samla_wire::envelope::SUITE;
use samla_wire::http::Wrap;
use samla_wire::roster::{RULES, SHARDS};
use samla_wire::rules::{LogState, read_body};
use samla_wire::{BookId, Code, DeviceId, EntryId, Envelope, Head, Roster, RosterOp};

use super::book::Book;
use super::push::insert;
use super::writer::Write;
use super::{Log, LogError, put_wrap, sheets};
use crate::clock::DAY;

/// Longest wrap that is taken, in bytes; those of suite 1 have 80.
pub(super) const WRAP: usize = 2048;

/// A founded book.
#[derive(Debug, Clone, Copy)]
pub struct Founded {
    /// The head after the genesis.
    pub head: Head,
    /// False if the same bytes had founded it before.
    pub new: bool,
}

impl Log {
    /// Founds a book. The wraps must be for the founder and each recovery key, and for nobody else.
    pub async fn found(&self, genesis: Envelope, wraps: Vec<Wrap>, now: u64) -> Result<Founded, LogError> {
        let founded = self.writer.run(move |write| found(write, &genesis, &wraps, now)).await?;
        self.shared.counts.founded.add(founded.new.into());
        Ok(founded)
    }
}

fn found(write: &mut Write<'_>, genesis: &Envelope, wraps: &[Wrap], now: u64) -> Result<Founded, LogError> {
    if let Ok(RosterOp::Genesis(op)) = read_body(genesis).map(|body| body.op) {
        check_known(op.suite, op.rules, op.shards)?;
    }
    let state = LogState::found(genesis).map_err(|rejection| LogError::refused(rejection.into()))?;
    let id = *state.book();
    if let Some(head) = founded_before(write, &id, genesis)? {
        return Ok(Founded { head, new: false });
    }
    check_wraps(&state.roster, wraps)?;
    let len = genesis.bytes().len() as u64;
    write.conn.execute("INSERT INTO book (id, bytes) VALUES (?1, ?2)", (id.as_bytes(), len))?;
    let key = write.conn.last_insert_rowid();
    insert(write.conn, key, &state.head, genesis, Some(1))?;
    super::push::spend(write, key, &genesis.header().device, 1, len, now / DAY)?;
    for wrap in wraps {
        put_wrap(write.conn, key, wrap)?;
    }
    for sheet in state.roster.recovery.keys() {
        sheets::put(write.conn, key, sheet)?;
    }
    let head = state.head;
    write.put(id, Book { key, log: state, closed_at: None });
    Ok(Founded { head, new: true })
}

/// Refuses what this version does not know. The rules of the roster let any number pass that does not go down, so that they stay the
/// same for ever; a book that has taken one would be closed to every phone.
pub(super) fn check_known(suite: u8, rules: u16, shards: u16) -> Result<(), LogError> {
    match (suite, rules, shards) == (SUITE, RULES, SHARDS) {
        true => Ok(()),
        false => Err(LogError::refused(Code::RulesUnknown)),
    }
}

/// Are the wraps for exactly those whom the epoch's key is for, one each?
pub(super) fn check_wraps(roster: &Roster, wraps: &[Wrap]) -> Result<(), LogError> {
    let covered: BTreeSet<DeviceId> = wraps.iter().map(|wrap| wrap.recipient).collect();
    if covered != roster.wrap_recipients() || covered.len() != wraps.len() {
        return Err(LogError::refused(Code::WrapsIncomplete));
    }
    if wraps.iter().any(|wrap| wrap.sealed.len() > WRAP) {
        return Err(LogError::refused(Code::TooLarge));
    }
    Ok(())
}

/// The head after the genesis, if these very bytes have founded the book before. Another envelope around the same
/// genesis body is refused.
fn founded_before(write: &Write<'_>, id: &BookId, genesis: &Envelope) -> Result<Option<Head>, LogError> {
    let book = match write.book(id) {
        Ok(book) => book,
        Err(LogError::Refused { code: Code::BookMissing, .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let first = write
        .conn
        .query_row("SELECT id FROM entry WHERE book = ?1 AND n = 1", [book.key], |row| row.get(0))
        .optional()?
        .map(EntryId);
    if first == Some(genesis.id()) {
        Ok(Some(Head::start(id).next(&genesis.id())))
    } else {
        Err(LogError::refused(Code::BookExists))
    }
}
