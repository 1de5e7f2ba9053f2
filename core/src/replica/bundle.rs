//! A book as a file: what this phone holds, for a phone beside it or for a server that lost its end.
//!
//! ```text
//! file = "SMLB" ‖ 01 ‖ book (32) ‖ CBOR bundle
//! ```
//! Nothing in it is opened to be written: envelopes travel as they lie in the log. Entries that have a place are taken in like
//! a page from a server; *loose* ones, which have none yet, are judged by the same rules and are shown at once, and whoever
//! syncs first hands them on. The log's judgement is final: what it does not take leaves the document again.
//!
//! A file is its maker's word, and nothing in it says who that is. So the places that it gives are [provisional](super::provisional)
//! until a server confirms them, and it proves nothing about the server by itself; what a member has signed in it does.

use samla_wire::http::{Bundle, Wrap};
use samla_wire::roster::Roster;
use samla_wire::{BookId, DeviceId, EntryId, Envelope, Head, Kind, LogHash, LogState, Past};

use super::intake::Taken;
use super::local::Alarm;
use super::outgoing::unsent_entry;
use super::provisional::Places;
use super::{Replica, Touched};
use crate::context::Context;
use crate::document::ShardChange;
use crate::error::BookError;
use crate::seal::{open_envelope, unpack_changes};
use crate::store::{Entry, Standing, StoreError};
use crate::validate::{self, Verdict};

const MAGIC: &[u8; 4] = b"SMLB";
const VERSION: u8 = 1;
/// Loose envelopes that one file may bring.
const LOOSE: usize = 4096;

/// Why bytes are not a file of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It does not begin or go on as such a file does, or is cut.
    #[error("not a file of a book")]
    Malformed,
    /// A newer version wrote it.
    #[error("a file of a newer version")]
    Version,
    /// It is of another book.
    #[error("a file of another book")]
    OtherBook,
    /// It is of an epoch that has ended: a newer file is needed.
    #[error("a file of an older epoch")]
    Older,
    /// It is of an epoch that this phone does not know: it has to sync first.
    #[error("a file of a newer epoch")]
    Newer,
}

/// Puts a bundle into a file.
pub(crate) fn to_file(book: &BookId, bundle: &Bundle) -> Vec<u8> {
    let mut file = [&MAGIC[..], &[VERSION], &book.0].concat();
    file.extend(samla_wire::to_cbor(bundle));
    file
}

/// The bundle in a file, and the book that it is of. Nothing in it is checked.
///
/// # Errors
/// [`FileError::Malformed`] or [`FileError::Version`].
pub fn from_file(bytes: &[u8]) -> Result<(BookId, Bundle), FileError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(FileError::Malformed)?;
    let (version, rest) = rest.split_first().ok_or(FileError::Malformed)?;
    if *version != VERSION {
        return Err(FileError::Version);
    }
    let (book, rest) = rest.split_first_chunk::<32>().ok_or(FileError::Malformed)?;
    let bundle = samla_wire::from_canonical(rest).map_err(|_| FileError::Malformed)?;
    Ok((BookId(*book), bundle))
}

/// What a file brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    /// Entries of others that are in the register now.
    pub(crate) received: u64,
    /// Envelopes that could not be taken: of a device that is not in the book yet, or against the rules.
    pub(crate) left: u64,
}

impl Replica {
    /// All that this phone holds of the current epoch; with the envelopes that have no place yet, if asked.
    pub(crate) fn bundle(&self, with_loose: bool) -> Result<Bundle, BookError> {
        let log = self.log.as_ref().ok_or(BookError::Joining)?;
        let in_epoch = |entry: &Entry| entry.n.is_some_and(|n| n > log.roster.epoch_n);
        let roster = self.store.roster_entries()?.into_iter().filter(|entry| !in_epoch(entry));
        let (me, most) = (self.device(), if with_loose { LOOSE } else { 0 });
        let loose = self.store.loose_entries(&me, most)?.into_iter().chain(self.store.unsent_entries(&me, most)?);
        let loose = loose.filter(|entry| kind_of(&entry.bytes).is_some_and(|kind| kind != Kind::Roster));
        Ok(Bundle {
            roster: roster.map(|entry| entry.bytes.into()).collect(),
            base: self.base_parts()?,
            entries: self.store.entries_after(log.roster.epoch_n)?.into_iter().map(|e| e.bytes.into()).collect(),
            head: log.head,
            loose: loose.map(|entry| entry.bytes.into()).collect(),
            wrap: None,
        })
    }

    /// The wrap for an invitation that this device opened, so that a file alone lets somebody read.
    pub(crate) fn wrap_for_invite(
        &self,
        ctx: &mut Context<'_>,
        invite: &samla_wire::InviteId,
    ) -> Result<Wrap, BookError> {
        let own = self.local.invites.iter().find(|own| own.id == *invite && own.pin.is_some() && self.is_open(own));
        let secret = own.and_then(|own| own.secret()).ok_or(BookError::InviteUsed)?;
        self.wrap_for(ctx, DeviceId(invite.0), &secret.prekey())
    }

    /// Takes in a file of this book.
    pub(crate) fn take_bundle(&mut self, ctx: &mut Context<'_>, bundle: &Bundle) -> Result<Brought, BookError> {
        let log = self.log.as_ref().ok_or(BookError::Joining)?;
        let (epoch, n, mine) = (log.roster.epoch, log.roster.epoch_n, log.head);
        self.must_be_of_epoch(bundle, epoch)?;
        let h = self.hash_at(n)?.ok_or(StoreError::Damaged(None))?;
        let start = Head { n, h };
        let mut head = start;
        let mut agrees = mine == head;
        for bytes in &bundle.entries {
            head = head.next(&EntryId::of_envelope(bytes));
            agrees |= head == mine;
        }
        if head != bundle.head {
            return Err(BookError::File(FileError::Malformed));
        }
        let shorter = head.n < mine.n && self.hash_at(head.n)? == Some(head.h);
        if !(agrees || shorter) {
            if self.somebody_signed(bundle, start)? {
                self.raise_alarm(ctx, Alarm::Fork)?;
            }
            return Err(BookError::Chain);
        }
        let known = usize::try_from(mine.n.saturating_sub(start.n)).unwrap_or(usize::MAX);
        let taken = match bundle.entries.get(known..) {
            Some(news) => match self.take_in_file(ctx, news) {
                Err(BookError::Chain) => {
                    self.raise_alarm(ctx, Alarm::Fork)?;
                    return Err(BookError::Chain);
                }
                taken => taken?,
            },
            None => Taken::default(),
        };
        let mut brought = Brought { received: taken.received, left: 0 };
        for bytes in bundle.loose.iter().take(LOOSE) {
            match self.take_loose(bytes)? {
                Some(count) => brought.received += count,
                None => brought.left += 1,
            }
        }
        Ok(brought)
    }

    /// Has a member seen the log that this file tells, where it is another than this phone's? Whoever seals an envelope signs what
    /// it has seen. Where this phone's own stands on a file's word alone it is another only if somebody has signed that one, too.
    fn somebody_signed(&mut self, bundle: &Bundle, start: Head) -> Result<bool, BookError> {
        let (mut head, mut other) = (start, Places::new());
        for bytes in &bundle.entries {
            head = head.next(&EntryId::of_envelope(bytes));
            // Where two logs have parted they never meet again.
            if !other.is_empty() || self.hash_at(head.n)? != Some(head.h) {
                other.insert(head.n, head.h);
            }
        }
        let parted = other.first_key_value().map_or(0, |(n, _)| *n);
        let is_own_signed = self.local.confirmed.is_none_or(|confirmed| parted <= confirmed.n)
            || self.signed_in_tail()?.is_some_and(|signed| signed.n >= parted);
        Ok(is_own_signed
            && bundle.entries.iter().chain(&bundle.loose).any(|bytes| self.seen_in(&other, bytes).is_some()))
    }

    /// The file begins with this very epoch.
    fn must_be_of_epoch(&self, bundle: &Bundle, epoch: u32) -> Result<(), BookError> {
        let last = bundle.roster.last().and_then(|bytes| Envelope::parse(bytes.to_vec()).ok());
        let last = last.ok_or(BookError::File(FileError::Malformed))?;
        // The op that founds an epoch stands in the epoch before it.
        let theirs = if bundle.roster.len() == 1 { 0 } else { last.header().epoch.saturating_add(1) };
        if theirs != epoch {
            return Err(BookError::File(if theirs < epoch { FileError::Older } else { FileError::Newer }));
        }
        let here = self.store.roster_entries()?;
        match here.get(bundle.roster.len().saturating_sub(1)) {
            Some(entry) if entry.id == last.id() => Ok(()),
            _ => Err(BookError::File(FileError::OtherBook)),
        }
    }

    /// Takes one envelope that has no place in the log yet. Returns how many edits it brought; none where it stays out.
    fn take_loose(&mut self, bytes: &[u8]) -> Result<Option<u64>, BookError> {
        let Ok(envelope) = Envelope::parse(bytes.to_vec()) else { return Ok(None) };
        let header = *envelope.header();
        if header.device == self.device() || !matches!(header.kind, Kind::Data | Kind::Attest) {
            return Ok((header.device == self.device()).then_some(0));
        }
        let id = envelope.id();
        if self.store.atomically(|tx| tx.has_entry(&id))? {
            return Ok(Some(0));
        }
        if self.store.has_left_out(&header.device)? {
            // Something of this author waits, and may be another change of the number that one in here has.
            return Ok(None);
        }
        let mut scratch = self.log.clone().ok_or(BookError::Joining)?;
        if let Some(tip) = self.store.newest_unsent(&header.device)? {
            scratch.tips.insert(header.device, tip);
        }
        if !self.store.atomically(|tx| fits(&mut scratch, &envelope, tx))? {
            return Ok(None);
        }
        let changes = match header.kind {
            Kind::Data => match self.open_loose(&envelope) {
                Some(changes) => changes,
                None => return Ok(None),
            },
            _ => Vec::new(),
        };
        let Some(touched) = self.enter_loose(&header.device, &changes)? else { return Ok(None) };
        let kept = self.store.atomically(|tx| tx.add_entry(&unsent_entry(&envelope, changes.len())));
        if let Err(error) = kept {
            self.out_of_step = true;
            return Err(error.into());
        }
        self.show(touched).inspect_err(|_| self.out_of_step = true)?;
        Ok(Some(changes.len() as u64))
    }

    fn open_loose(&self, envelope: &Envelope) -> Option<Vec<ShardChange>> {
        let key = self.local.epoch_key()?.data_key(&self.book(), envelope.header().epoch);
        let payload = open_envelope(envelope, &key).ok()?;
        let changes = unpack_changes(&payload).ok()?;
        let changes: Vec<_> = changes.into_iter().map(|(shard, bytes)| ShardChange { shard, bytes }).collect();
        (!changes.is_empty()).then_some(changes)
    }

    /// Judges and merges changes that have no place in the log.
    fn enter_loose(&mut self, device: &DeviceId, changes: &[ShardChange]) -> Result<Option<Touched>, BookError> {
        for change in changes {
            if change.shard >= self.document.shard_count() {
                return Ok(None);
            }
            self.ensure(change.shard)?;
        }
        self.document.judge_loosely(true);
        let verdict = validate::judge(&mut self.document, &device.0, changes);
        self.document.judge_loosely(false);
        let Verdict::Enter(entering) = verdict else { return Ok(None) };
        for (shard, of_shard) in entering {
            self.document.accept_loose(shard, of_shard)?;
        }
        match self.document.flush() {
            Ok(touched) => Ok(Some(touched)),
            Err(_) => {
                self.rebuild()?;
                Ok(None)
            }
        }
    }

    /// Notes that the server will never take these.
    pub(super) fn reject_loose(&mut self, refused: &[EntryId]) -> Result<(), BookError> {
        Ok(self.store.atomically(|tx| {
            refused.iter().try_for_each(|id| tx.set_standing(id, Standing::Unsent, Standing::Rejected))
        })?)
    }

    /// The log's hash at a place, where this phone knows it.
    pub(crate) fn hash_at(&mut self, n: u64) -> Result<Option<LogHash>, BookError> {
        if let Some(log) = self.log.as_ref().filter(|log| log.head.n == n) {
            return Ok(Some(log.head.h));
        }
        Ok(self.store.atomically(|tx| tx.hash_at(n))?)
    }

    /// Is this roster an older state of this phone's?
    pub(crate) fn has_roster(&self, roster: &Roster) -> Result<bool, BookError> {
        let place = usize::try_from(roster.rseq).ok().and_then(|rseq| rseq.checked_sub(1));
        let entries = self.store.roster_entries()?;
        Ok(place.and_then(|place| entries.get(place)).is_some_and(|entry| entry.id == roster.rhead))
    }

    /// Does anything of this phone's own wait to be sent? What a file brought does not count: its author has it too.
    pub(crate) fn waits_to_be_sent(&self) -> Result<bool, BookError> {
        let queued = !self.local.queue.is_empty() || self.local.to_introduce().is_some();
        let me = self.device();
        Ok(queued || self.store.unsent(&me)? > 0 || self.store.count_unsent(&me)? > 0)
    }
}

/// Rules R2 to R7 for an envelope that is not in the log.
fn fits<P: Past>(log: &mut LogState, envelope: &Envelope, past: &P) -> Result<bool, P::Error> {
    Ok(matches!(log.take_held(envelope, past)?, Ok(samla_wire::Accepted::New)))
}

fn kind_of(bytes: &[u8]) -> Option<Kind> {
    Envelope::parse(bytes.to_vec()).ok().map(|envelope| envelope.header().kind)
}
