//! T2: the server alters, swaps, doubles or replays entries. It can make a phone stop and say so; it can never make it
//! show anything that no member wrote.

use samla_tests::insider::Liar;
use samla_tests::phone::Phone;
use samla_wire::BookId;

use crate::club::{Club, add, names_of};

/// What Olle's phone shows of a lie, beginning from the same files each time.
struct Witness {
    club: Club,
    files: samla_tests::phone::Files,
    book: BookId,
    known: usize,
}

impl Witness {
    fn new(seed: u64) -> Self {
        let mut club = Club::new(seed);
        let book = club.book();
        let known = Liar::new(&club.server, book).entries.len();
        let files = club.olle.files();
        for name in ["Cecilia", "David", "Erik"] {
            add(&mut club.eva, name);
            club.eva.sync(&club.server).unwrap();
        }
        Self { club, files, book, known }
    }

    /// Shows this log to Olle's phone. True if the phone showed exactly what the honest log says, and found no fault.
    fn shows(&mut self, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> bool {
        self.club.olle.put_back(&self.files);
        let mut liar = Liar::new(&self.club.server, self.book);
        change(&mut liar.entries);
        let olle = &mut self.club.olle;
        let result = olle.sync_with(|request| Some(liar.answer(request)));
        let status = olle.book.status().unwrap();
        let (shown, honest) = (names_of(olle), names_of(&self.club.eva));
        for name in &shown {
            assert!(honest.contains(name), "nobody wrote {name:?}");
        }
        for name in ["Anna", "Bertil"] {
            assert!(shown.contains(&name.to_owned()), "{name} is gone");
        }
        assert_eq!(status.members, 2);
        let sound = result.is_ok() && status.alarm.is_none() && (status.rejected, status.held) == (0, 0);
        let complete = shown == honest;
        assert!(complete || !sound || status.head_n as usize == self.known, "something is missing and nobody is told");
        sound && complete
    }
}

#[test]
fn not_one_byte_of_an_entry_can_be_altered() {
    let mut witness = Witness::new(2);
    assert!(witness.shows(|_| {}), "the honest log is sound");
    let at = witness.known;
    let length = Liar::new(&witness.club.server, witness.book).entries[at].len();
    // Every byte of the header and the signature, and of the body in steps.
    let bytes = (0..168).chain((168..length - 64).step_by(23)).chain(length - 64..length);
    for byte in bytes {
        let bit = 1 << (byte % 8);
        assert!(!witness.shows(|log| log[at][byte] ^= bit), "byte {byte} was altered and nobody noticed");
    }
}

#[test]
fn order_and_number_of_entries_are_fixed() {
    let mut witness = Witness::new(3);
    let at = witness.known;
    assert!(!witness.shows(|log| log.swap(at, at + 1)));
    assert!(!witness.shows(|log| log.swap(at, at + 2)));
    assert!(!witness.shows(|log| {
        log.remove(at);
    }));
    assert!(!witness.shows(|log| {
        log.remove(at + 1);
    }));
    assert!(!witness.shows(|log| log.insert(at + 1, log[at].clone())));
    assert!(!witness.shows(|log| log.push(log[0].clone())));
    assert!(!witness.shows(|log| log.push(log[at].clone())));
    assert!(!witness.shows(|log| log[at].truncate(200)));
    assert!(!witness.shows(|log| log[at].clear()));
    assert!(!witness.shows(|log| log[at] = vec![0xff; 32]), "an id that this phone never sealed");
    // Withholding the end is the one lie that one phone alone cannot see: it is an older log.
    witness.shows(|log| log.truncate(at));
}

#[test]
fn another_books_entries_do_not_fit() {
    let mut other = Club::new(4);
    add(&mut other.eva, "Frida");
    other.sync();
    let foreign = Liar::new(&other.server, other.book()).entries;
    let mut witness = Witness::new(5);
    let at = witness.known;
    for entry in &foreign {
        assert!(!witness.shows(|log| log.insert(at, entry.clone())));
    }
    assert!(!witness.shows(|log| *log = foreign.clone()));
}

/// A joiner who is shown a log without the place that its link pins.
#[test]
fn an_older_book_than_the_inviter_saw_is_refused() {
    let mut club = Club::new(6);
    let link = club.eva.invites(&club.server, samla_core::Role::Steward);
    let mut joiner = Phone::joins_in(samla_tests::scratch(), 7, "Gun", &link).unwrap();
    let (server, mut first) = (&club.server, true);
    let result = joiner.sync_with(|request| {
        let (status, body) = server.answer(request);
        if !request.url.ends_with("/bootstrap") {
            return Some((status, body));
        }
        let mut bootstrap: samla_wire::http::Bootstrap = minicbor::decode(&body).unwrap();
        if std::mem::take(&mut first) {
            bootstrap.roster.pop();
        }
        Some((status, samla_wire::to_cbor(&bootstrap)))
    });
    assert_eq!(result.unwrap_err().code(), "invite_mismatch");
    // The honest server is back.
    joiner.sync(&club.server).unwrap();
    joiner.sync(&club.server).unwrap();
    assert_eq!(names_of(&joiner), names_of(&club.eva));
}

/// Answers that were spoiled and not forged leave nothing behind: the next round brings everything.
#[test]
fn a_spoiled_answer_is_asked_for_again() {
    let mut witness = Witness::new(8);
    let server = &witness.club.server;
    for spoil in 0..6 {
        witness.club.olle.put_back(&witness.files);
        let result = witness.club.olle.sync_with(|request| {
            let (status, body) = server.answer(request);
            Some(match spoil {
                0 => (status, Vec::new()),
                1 => (status, body[..body.len() / 2].to_vec()),
                2 => (status, b"<html>Please sign in to the guest network</html>".to_vec()),
                3 => (502, b"<html>Bad gateway</html>".to_vec()),
                4 => (200, b"{}".to_vec()),
                _ => (429, br#"{"type":"about:blank","title":"","status":429,"code":"too_many"}"#.to_vec()),
            })
        });
        assert!(result.is_err(), "spoilt answer {spoil}");
        assert_eq!(names_of(&witness.club.olle), ["Anna", "Bertil"]);
        witness.club.olle.sync(server).unwrap();
        assert_eq!(names_of(&witness.club.olle), names_of(&witness.club.eva));
        assert_eq!(witness.club.olle.book.status().unwrap().alarm, None, "spoilt answer {spoil}");
    }
}
