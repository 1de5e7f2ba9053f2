//! Adding a roster op: compare-and-swap on the roster's chain, and the wrap that the op promises.
//!
//! An invitation's wrap is the epoch's key sealed to the invitation. It is kept under the invitation's id until the
//! invitation is withdrawn, or until the device that used it shows by a sync that it holds a part of the log: a joiner
//! whose answer was lost can ask again. Then it is deleted, so that a later copy of the database and an old link
//! together open nothing. The wraps of an admitted device and of a recovery sheet stay until the next epoch, which
//! brings new ones.

use rusqlite::Connection;
use samla_wire::http::Wrap;
use samla_wire::roster::Invite;
use samla_wire::rules::read_body;
use samla_wire::{Accepted, BookId, Code, DeviceId, Envelope, InviteId, Kind, Roster, RosterOp};

use super::book::{Book, Rows};
use super::found::WRAP;
use super::push::{grow, insert, spend};
use super::writer::Write;
use super::{Log, LogError, delete_wrap, put_wrap, sheets};
use crate::clock::DAY;

/// A roster op in the log.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    /// Its place.
    pub n: u64,
    /// False if the same bytes were there before.
    pub new: bool,
}

impl Log {
    /// Adds a roster op, with the wrap that it promises.
    pub async fn add_roster(
        &self,
        id: BookId,
        envelope: Envelope,
        wrap: Option<Wrap>,
        now: u64,
    ) -> Result<Placed, LogError> {
        let placed = self.writer.run(move |write| add(write, &id, &envelope, wrap.as_ref(), now)).await?;
        let counts = &self.shared.counts;
        if placed.new {
            counts.accepted.add(1)
        } else {
            counts.duplicates.add(1)
        }
        Ok(placed)
    }

    /// Deletes the wrap by which this device joined: it holds the key and a part of the log.
    pub async fn forget_wrap(&self, id: BookId, invite: InviteId) -> Result<(), LogError> {
        let kept = self.writer.run(move |write| {
            let book = write.book(&id)?;
            Ok(delete_wrap(write.conn, book.key, &invite.0)?)
        });
        kept.await
    }
}

fn add(
    write: &mut Write<'_>,
    id: &BookId,
    envelope: &Envelope,
    wrap: Option<&Wrap>,
    now: u64,
) -> Result<Placed, LogError> {
    let mut book = Book::clone(&*write.open_book(id)?);
    if let Some(n) = write.place_of(&book, envelope)? {
        return Ok(Placed { n, new: false });
    }
    let refused = |code| Err(LogError::refused(code));
    if envelope.header().kind != Kind::Roster {
        return refused(Code::WrongKind);
    }
    let body = read_body(envelope).map_err(|rejection| LogError::refused(rejection.into()))?;
    match &body.op {
        RosterOp::Join(join) => check_door(&book.log.roster, &join.invite, now)?,
        // It comes with a base and wraps, another way.
        RosterOp::Epoch(_) => return refused(Code::WrongKind),
        _ => {}
    }
    match book.log.append(envelope, &Rows { conn: write.conn, key: book.key, id })? {
        Ok(Accepted::New) => {}
        Ok(Accepted::Duplicate) => return refused(Code::DeviceFork),
        Err(rejection) => return refused(rejection.into()),
    }
    check_promised(&body.op, wrap)?;
    settle(write.conn, book.key, &book.log.roster, &envelope.header().device, &body.op)?;
    if let Some(wrap) = wrap {
        put_wrap(write.conn, book.key, wrap)?;
    }
    let len = envelope.bytes().len() as u64;
    insert(write.conn, book.key, &book.log.head, envelope, Some(body.rseq))?;
    if !matches!(body.op, RosterOp::Leave(_)) {
        spend(write, book.key, &envelope.header().device, 1, len, now / DAY)?;
    }
    // Counted but never refused for space: leaving and withdrawing must stay possible in a full book, and leaving on a day that
    // is used up.
    grow(write.conn, book.key, len)?;
    let n = book.log.head.n;
    write.put(*id, book);
    Ok(Placed { n, new: true })
}

/// Is the invitation open, and its last day not past? Asked before the rules, so that who comes too late is told so
/// even if the roster has moved on too.
fn check_door(roster: &Roster, invite: &InviteId, now: u64) -> Result<(), LogError> {
    let open = roster.invites.get(invite).ok_or(LogError::refused(Code::InviteUsed))?;
    if now / DAY > u64::from(open.invite.expires_day) {
        return Err(LogError::refused(Code::InviteExpired));
    }
    Ok(())
}

/// Does the wrap come that the op promises, and no other?
fn check_promised(op: &RosterOp, wrap: Option<&Wrap>) -> Result<(), LogError> {
    let refused = |code| Err(LogError::refused(code));
    match (op.promised_wrap(), wrap) {
        (None, None) => Ok(()),
        (None, Some(_)) => refused(Code::Malformed),
        (Some((recipient, hash)), wrap) => match wrap.filter(|wrap| wrap.recipient == recipient) {
            None => refused(Code::WrapsIncomplete),
            Some(wrap) if wrap.sealed.len() > WRAP => refused(Code::TooLarge),
            Some(wrap) if wrap.hash() != hash => refused(Code::HashMismatch),
            Some(_) => Ok(()),
        },
    }
}

/// What an op that was applied changes beside the log: doors, wraps that nobody may open any more, and which book a sheet
/// belongs to.
pub(super) fn settle(
    conn: &Connection,
    key: i64,
    roster: &Roster,
    author: &DeviceId,
    op: &RosterOp,
) -> rusqlite::Result<()> {
    match op {
        RosterOp::Invite(invite) => put_door(conn, key, invite)?,
        RosterOp::Uninvite(op) => delete_wrap(conn, key, &op.invite.0)?,
        RosterOp::Leave(_) => {
            delete_wrap(conn, key, &author.0)?;
            if let Some(invite) = roster.members.get(author).and_then(|member| member.invite) {
                delete_wrap(conn, key, &invite.0)?;
            }
        }
        RosterOp::RecoveryAdd(op) => sheets::put(conn, key, &DeviceId::of_key(&op.key.ed_pub))?,
        RosterOp::RecoveryRetire(op) => {
            delete_wrap(conn, key, &op.device.0)?;
            sheets::delete(conn, key, &op.device)?;
        }
        _ => {}
    }
    Ok(())
}

/// Notes an invitation, so that its holder can sign in. A door that was withdrawn may be opened again with another wrap.
pub(super) fn put_door(conn: &Connection, key: i64, invite: &Invite) -> rusqlite::Result<()> {
    let id = InviteId::of_key(&invite.ed_pub);
    conn.prepare_cached("INSERT OR REPLACE INTO invite VALUES (?1, ?2, ?3, ?4)")?.execute((
        key,
        id.as_bytes(),
        invite.ed_pub.as_bytes(),
        invite.expires_day,
    ))?;
    delete_wrap(conn, key, &id.0)
}
