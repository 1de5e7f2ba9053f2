//! Two people compare their logs, from phone to phone and past the server.
//!
//! ```text
//! code = bech32m("samlac", book (3) ‖ u16 epoch ‖ u32 n ‖ h_n (16))      of book and h_n the first bytes
//! ```
//! The chain's hash at a place stands for everything before it, so one comparison covers the whole epoch. Nobody has signed a
//! code: it proves something to whoever takes it from a colleague's own screen or voice.

use std::cmp::Ordering;

use samla_wire::ids::LogHash;
use samla_wire::{BookId, Head};

use super::Book;
use crate::context::Context;
use crate::error::BookError;
use crate::replica::local::{Alarm, Phase};
use crate::seal::spoken::{self, SpokenError};

const PREFIX: &str = "samlac";
const LEN: usize = 25;

/// How far this device has read the log, for another device of the book to compare with its own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CompareCode {
    /// All of it in one word, for a QR code or a message: `samlac1…`, 53 characters.
    pub text: String,
    /// The same for reading aloud: `samlac1`, then four characters at a time.
    pub groups: Vec<String>,
}

/// What another device's code says beside this device's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// Both have read the same log to the same place.
    Same,
    /// The other has read further, which this device cannot judge: it may judge this device's code, or both sync and compare again.
    Ahead,
    /// This device has read further, and the log is the same as far as the other has read.
    Behind,
    /// The two logs differ. The alarm `log_fork` is raised.
    Differs,
    /// The code is of another book.
    OtherBook,
    /// The other is in an epoch that has ended here: it has to sync first.
    OlderEpoch,
    /// The other is in an epoch that this device does not know: it has to sync first.
    NewerEpoch,
}

impl Book {
    /// How far this device has read the log, as a code for another device of the book. Fails with [`BookError::Joining`] until
    /// there is a log, and with [`BookError::Removed`] where there is none any more.
    pub fn compare_code(&self) -> Result<CompareCode, BookError> {
        let text = self.position()?.to_text();
        let groups = spoken::groups(&text).into_iter().map(str::to_owned).collect();
        Ok(CompareCode { text, groups })
    }

    /// Compares the log with the position that another device's code names. Capitals, spaces, hyphens and line breaks in it do not
    /// matter. Where the two differ, the alarm `log_fork` is raised and stays until an organiser settles it.
    ///
    /// Fails with [`BookError::Compare`] where the text is no such code or was mistyped, and as
    /// [`compare_code`](Self::compare_code) does.
    pub fn compare(&mut self, ctx: &mut Context<'_>, code: &str) -> Result<Compared, BookError> {
        let other = Position::from_text(code).map_err(BookError::Compare)?;
        let mine = self.position()?;
        if other.book != mine.book {
            return Ok(Compared::OtherBook);
        }
        match other.epoch.cmp(&mine.epoch) {
            Ordering::Less => return Ok(Compared::OlderEpoch),
            Ordering::Greater => return Ok(Compared::NewerEpoch),
            Ordering::Equal => {}
        }
        if other.n > mine.n {
            return Ok(Compared::Ahead);
        }
        // Whoever is in this epoch has read to its op at least, and from there on every hash is here.
        if self.replica.hash_at(other.n.into())?.map(|h| beginning(&h.0)) != Some(other.h) {
            self.replica.raise_alarm(ctx, Alarm::Fork)?;
            return Ok(Compared::Differs);
        }
        Ok(if other.n == mine.n { Compared::Same } else { Compared::Behind })
    }

    fn position(&self) -> Result<Position, BookError> {
        match (&self.replica.log, &self.replica.local.phase) {
            (_, Phase::Removed) => Err(BookError::Removed),
            (Some(log), _) => {
                // What stands on a file's word alone is nobody's log yet.
                let read = self.replica.confirmed_head().unwrap_or(log.head);
                Position::new(&log.roster.book, log.roster.epoch, read).ok_or(BookError::Bug("compare_position"))
            }
            (None, _) => Err(BookError::Joining),
        }
    }
}

/// A position in a book's log, in as few bytes as tell two of them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    book: [u8; 3],
    epoch: u16,
    n: u32,
    h: [u8; 16],
}

impl Position {
    /// None where the numbers are larger than those of any book.
    fn new(book: &BookId, epoch: u32, head: Head) -> Option<Self> {
        let Head { n, h: LogHash(h) } = head;
        let (epoch, n) = (epoch.try_into().ok()?, n.try_into().ok()?);
        Some(Self { book: beginning(&book.0), epoch, n, h: beginning(&h) })
    }

    fn to_text(self) -> String {
        let bytes = [&self.book[..], &self.epoch.to_be_bytes(), &self.n.to_be_bytes(), &self.h].concat();
        spoken::to_text(PREFIX, &bytes)
    }

    fn from_text(text: &str) -> Result<Self, SpokenError> {
        let bytes = spoken::from_text::<LEN>(PREFIX, text)?;
        let read = || {
            let (book, rest) = bytes.split_first_chunk()?;
            let (epoch, rest) = rest.split_first_chunk()?;
            let (n, rest) = rest.split_first_chunk()?;
            let (epoch, n) = (u16::from_be_bytes(*epoch), u32::from_be_bytes(*n));
            Some(Self { book: *book, epoch, n, h: rest.try_into().ok()? })
        };
        read().ok_or(SpokenError::Length)
    }
}

fn beginning<const N: usize>(hash: &[u8; 32]) -> [u8; N] {
    std::array::from_fn(|at| hash.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::tests::{context, practice};

    const POSITION: Position = Position { book: [1, 2, 3], epoch: 4, n: 5, h: [6; 16] };
    const CODE: &str = "samlac1qypqxqqyqqqqqpgxqcrqvpsxqcrqvpsxqcrqvpsxesx4tv";

    #[test]
    fn a_code_stays_as_it_was_written_down_once() {
        assert_eq!(POSITION.to_text(), CODE);
        let largest = Position { book: [255; 3], epoch: u16::MAX, n: u32::MAX, h: [255; 16] };
        assert_eq!(Position::from_text(&largest.to_text()), Ok(largest));
    }

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let groups = spoken::groups(CODE);
        assert_eq!((groups.len(), groups[0], groups[12]), (13, "samlac1", "tv"));
        for typed in [CODE.to_owned(), CODE.to_uppercase(), groups.join(" "), groups.join("-\r\n ").to_uppercase()] {
            assert_eq!(Position::from_text(&typed), Ok(POSITION), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_told_from_one_that_was_mistyped() {
        let (mut book, mut rng) = practice(crate::Place::Memory);
        let mut told = |typed: &str| book.compare(&mut context(&mut rng), typed).unwrap_err().code().to_owned();
        let sheet = crate::seal::RecoverySecret::from_bytes([7; 32]).to_sheet();
        for other in ["", "samlac", "samlac 2qqq", "https://samla.example/j#1.AAAA", sheet.as_str(), "\u{1f600}\0"] {
            assert_eq!(told(other), "compare_malformed", "{other}");
        }
        for mistyped in [
            "samlac1".to_owned(),
            CODE[..CODE.len() - 1].to_owned(),
            format!("{CODE}q"),
            format!("{}b", &CODE[..CODE.len() - 1]),
            format!("{}å", &CODE[..CODE.len() - 1]),
            "samlac1".to_owned() + &"q".repeat(100_000),
        ] {
            assert_eq!(told(&mistyped), "compare_mistyped", "{}", mistyped.len());
        }
        for at in 7..CODE.len() {
            let wrong = if &CODE[at..=at] == "q" { "p" } else { "q" };
            assert_eq!(
                told(&format!("{}{wrong}{}", &CODE[..at], &CODE[at + 1..])),
                "compare_mistyped",
                "character {at}"
            );
            let mut swapped = CODE.as_bytes().to_vec();
            swapped.swap(at, CODE.len() - 1);
            let swapped = String::from_utf8(swapped).unwrap();
            assert!(swapped == CODE || told(&swapped) == "compare_mistyped", "{swapped}");
        }
        assert_eq!(book.status().unwrap().alarm, None);
    }

    #[test]
    fn every_result_is_told_and_only_a_difference_raises_the_alarm() {
        let (mut book, mut rng) = practice(crate::Place::Memory);
        book.replica.log.as_mut().unwrap().roster.epoch = 1;
        let mine = book.position().unwrap();
        assert_eq!((mine.epoch, mine.n, book.compare_code().unwrap().text), (1, 1, mine.to_text()));
        // The log's head alone goes on: what this device read further does not matter here.
        let log = book.replica.log.as_mut().unwrap();
        log.head = log.head.next(&samla_wire::EntryId([9; 32]));
        let ahead = book.position().unwrap();
        for (other, expected) in [
            (ahead, Compared::Same),
            (mine, Compared::Behind),
            (Position { n: 3, h: [0; 16], ..mine }, Compared::Ahead),
            (Position { n: u32::MAX, ..mine }, Compared::Ahead),
            (Position { book: [0; 3], ..mine }, Compared::OtherBook),
            (Position { epoch: 0, h: [0; 16], ..mine }, Compared::OlderEpoch),
            (Position { epoch: 2, h: [0; 16], ..mine }, Compared::NewerEpoch),
        ] {
            assert_eq!(book.compare(&mut context(&mut rng), &other.to_text()).unwrap(), expected);
            assert_eq!(book.status().unwrap().alarm, None, "{expected:?}");
        }
        let mut other_end = ahead;
        other_end.h[15] ^= 1;
        for other in [other_end, Position { h: [0; 16], ..mine }, Position { n: 0, ..mine }] {
            assert_eq!(book.compare(&mut context(&mut rng), &other.to_text()).unwrap(), Compared::Differs);
            assert_eq!(book.status().unwrap().alarm.as_deref(), Some("log_fork"));
            book.replica.change_local(&mut context(&mut rng), |local| local.end_alarms()).unwrap();
        }
    }

    #[test]
    fn who_has_no_log_has_no_code() {
        let (mut book, mut rng) = practice(crate::Place::Memory);
        book.replica.log = None;
        assert_eq!(book.compare_code().unwrap_err().code(), "joining");
        assert_eq!(book.compare(&mut context(&mut rng), CODE).unwrap_err().code(), "joining");
        book.replica.local.phase = Phase::Removed;
        assert_eq!(book.compare_code().unwrap_err().code(), "removed");
    }
}
