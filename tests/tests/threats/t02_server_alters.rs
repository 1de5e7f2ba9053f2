//! T2: the server alters, swaps, doubles or replays entries. It can make a phone stop and say so; it can never make it
//! show anything that no member wrote.

use samla_core::tables::Table;
use samla_core::{Request, Role};
use samla_tests::insider::{Liar, entries};
use samla_tests::phone::Phone;
use samla_wire::http::{Ack, Bundle, SyncRequest, SyncResponse};
use samla_wire::{BookId, EntryId, Envelope, Kind, to_cbor};

use crate::club::{Club, add, device_of, names_of, note};

/// What Olle's phone shows of a lie, beginning from the same files each time.
struct Witness {
    club: Club,
    files: samla_tests::phone::Files,
    book: BookId,
    known: usize,
    /// The honest log.
    log: Vec<Vec<u8>>,
}

impl Witness {
    fn new(seed: u64) -> Self {
        let mut club = Club::new(seed);
        let book = club.book();
        let known = entries(&club.server, &book).len();
        let files = club.olle.files();
        for name in ["Cecilia", "David", "Erik"] {
            add(&mut club.eva, name);
            club.eva.sync(&club.server).unwrap();
        }
        let log = entries(&club.server, &book);
        Self { club, files, book, known, log }
    }

    /// Shows this log to Olle's phone. True if the phone showed exactly what the honest log says, and found no fault.
    fn shows(&mut self, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> bool {
        self.club.olle.put_back(&self.files);
        let mut liar = Liar::showing(&self.club.server, self.book, self.log.clone());
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
    for byte in 0..witness.log[at].len() {
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
    let foreign = entries(&other.server, &other.book());
    let mut witness = Witness::new(5);
    let at = witness.known;
    for entry in &foreign {
        assert!(!witness.shows(|log| log.insert(at, entry.clone())));
    }
    assert!(!witness.shows(|log| *log = foreign.clone()));
}

/// Nothing of an ended epoch comes again in a later one: not from a member, not from the server, not in a file. What is tried is a
/// row that has been removed meanwhile.
#[test]
fn an_earlier_epochs_entries_do_not_come_again() {
    let mut club = Club::new(9);
    let cecilia = add(&mut club.eva, "Cecilia");
    club.sync();
    note(&mut club.olle, cecilia, "met at the gate");
    club.sync();
    let of_members =
        |bytes: &Vec<u8>| matches!(Envelope::parse(bytes.clone()).unwrap().header().kind, Kind::Data | Kind::Attest);
    let old: Vec<Vec<u8>> = entries(&club.server, &club.book()).into_iter().filter(of_members).collect();
    assert!(old.len() >= 4, "each of the two has written twice");
    club.eva.with(|book, ctx| book.remove(ctx, Table::Contacts, cecilia)).unwrap();
    club.sync();
    club.eva.with(|book, ctx| book.rotate(ctx)).unwrap();
    club.sync();
    club.sync();
    let epochs = [&club.eva, &club.olle].map(|phone| phone.book.status().unwrap().epoch);
    assert_eq!((epochs, names_of(&club.olle)), ([1, 1], vec!["Anna".to_owned(), "Bertil".into()]));

    // A member sends it along: the server does not take it.
    let (server, mut acks) = (&club.server, None);
    let sent = club.olle.sync_with(|request| {
        if !request.url.ends_with("/sync") || acks.is_some() {
            return Some(server.answer(request));
        }
        let mut asked: SyncRequest = minicbor::decode(&request.body).unwrap();
        let own = asked.push.len();
        asked.push.extend(old.iter().map(|bytes| bytes.clone().into()));
        let (headers, url) = (request.headers.clone(), request.url.clone());
        let (status, body) = server.answer(&Request { method: request.method, url, headers, body: to_cbor(&asked) });
        assert_eq!(status, 200);
        let mut answer: SyncResponse = minicbor::decode(&body).unwrap();
        acks = Some(answer.acks.split_off(own));
        Some((200, to_cbor(&answer)))
    });
    assert!(sent.is_ok(), "{sent:?}");
    let acks = acks.expect("a push");
    assert_eq!(acks.len(), old.len());
    assert!(acks.iter().all(|ack| !matches!(ack, Ack::Accepted(_) | Ack::Duplicate(_))), "{acks:?}");
    assert_eq!(club.eva.book.status().unwrap().head_n, club.olle.book.status().unwrap().head_n);
    let (honest, shown) = (club.olle.files(), club.olle.book.export_json().unwrap());

    // The server puts it behind the honest log, with hashes that fit: every phone counts it and leaves it out.
    for bytes in &old {
        club.olle.put_back(&honest);
        let server = &club.server;
        let mut told = 0;
        let result = club.olle.sync_with(|request| {
            let (status, body) = server.answer(request);
            if !request.url.ends_with("/sync") {
                return Some((status, body));
            }
            assert_eq!(status, 200);
            let mut answer: SyncResponse = minicbor::decode(&body).unwrap();
            if told == 0 {
                answer.entries.push(bytes.clone().into());
                answer.head = answer.head.next(&EntryId::of_envelope(bytes));
            }
            told += 1;
            Some((200, to_cbor(&answer)))
        });
        let status = club.olle.book.status().unwrap();
        assert!(result.is_err() || status.rejected == 1, "{result:?}: nobody is told");
        assert_eq!(club.olle.book.export_json().unwrap(), shown);
        club.olle.restart();
        assert_eq!(club.olle.book.export_json().unwrap(), shown);
    }

    // A file brings it, as an entry that the log has or as one without a place.
    let file = club.eva.with(|book, ctx| book.export_file(ctx)).unwrap();
    let (head, bundle) = file.split_at(37);
    let bundle: Bundle = minicbor::decode(bundle).unwrap();
    for bytes in &old {
        for loose in [false, true] {
            let mut bundle = bundle.clone();
            if loose {
                bundle.loose.push(bytes.clone().into());
            } else {
                bundle.entries.push(bytes.clone().into());
                bundle.head = bundle.head.next(&EntryId::of_envelope(bytes));
            }
            club.olle.put_back(&honest);
            let brought = club.olle.with(|book, ctx| book.import_file(ctx, &[head, &to_cbor(&bundle)].concat()));
            match brought {
                Ok(brought) => {
                    // What this very phone wrote is its own to send.
                    let own = Envelope::parse(bytes.clone()).unwrap().header().device == device_of(&club.olle);
                    assert_eq!((loose, brought.received, brought.left), (true, 0, u64::from(!own)));
                }
                Err(error) => assert_eq!((loose, error.code()), (false, "file_malformed")),
            }
            assert_eq!(club.olle.book.export_json().unwrap(), shown);
        }
    }
    club.olle.put_back(&honest);
    club.goes_on(&["Anna", "Bertil"]);
}

/// A joiner who is shown a log without the place that its link pins.
#[test]
fn an_older_book_than_the_inviter_saw_is_refused() {
    let mut club = Club::new(6);
    let link = club.eva.invites(&club.server, Role::Steward);
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
