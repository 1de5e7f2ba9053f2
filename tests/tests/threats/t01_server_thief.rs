//! T1: somebody has all of the server: its database, its write-ahead log, its log lines, a backup, and whatever crossed the
//! wire. After two hundred sessions of people at work no word that they wrote is in it, in any form.

use std::io::Write;
use std::sync::{Arc, Mutex};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::tables::{ContactDraft, Draft, PersonDraft, VisitDraft, WorkplaceDraft};
use samla_core::{Role, RowId};
use samla_tests::canary::Canaries;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::{ORIGIN, Server};

use crate::club::{note, talk};

const WORDS: [&str; 12] = [
    "Quillonette",
    "Vexborough",
    "070-174 06 31",
    "quillonette@example.org",
    "mentioned the zeppelins",
    "Mosswick Turbines",
    "Wanda Ploverstone",
    "Eva Tanglewood",
    "Olle Brackenridge",
    "Tanglewood's handheld",
    "Brackenridge's tablet",
    "Club of the Nine Chimneys",
];

/// Where the log lines go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A session: some taps with words in them, and a round of sync, of which everything that crosses the wire is kept.
fn session(rng: &mut ChaCha20Rng, phone: &mut Phone, server: &Server, people: &mut Vec<RowId>, traffic: &mut Vec<u8>) {
    let mut word = |of: &[usize]| Some(WORDS[of[rng.next_u64() as usize % of.len()]].to_owned());
    let (given, family, text) = (word(&[0, 6]), word(&[1, 6]), word(&[4, 5, 6, 8]).unwrap());
    let taps = 1 + rng.next_u64() % 3;
    for _ in 0..taps {
        let somebody = people.get(rng.next_u64() as usize % people.len().max(1)).copied();
        let somebody = somebody.filter(|id| phone.book.register().contact((*id).into()).is_some());
        match (rng.next_u64() % 5, somebody) {
            (0, Some(id)) => note(phone, id, &text),
            (1, Some(id)) => {
                talk(phone, id, &text);
            }
            (2, _) => {
                let place = WorkplaceDraft { name: Some(WORDS[5].into()), ..WorkplaceDraft::default() };
                let place = phone.with(|book, ctx| book.add(ctx, &Draft::from(place))).unwrap();
                let (workplace, starts_at) = (Some(place.into()), Some(phone.now));
                let visit = VisitDraft { workplace, starts_at, spot: Some(text.clone()), ..VisitDraft::default() };
                let _ = phone.with(|book, ctx| book.add(ctx, &Draft::from(visit)));
            }
            (3, _) => {
                let person = PersonDraft { name: Some(WORDS[6].into()), ..PersonDraft::default() };
                phone.with(|book, ctx| book.add(ctx, &Draft::from(person))).unwrap();
            }
            _ => {
                let draft = ContactDraft {
                    given_name: given.clone(),
                    family_name: family.clone(),
                    phone: Some(WORDS[2].into()),
                    email: Some(WORDS[3].into()),
                    ..ContactDraft::default()
                };
                people.push(phone.with(|book, ctx| book.add(ctx, &Draft::from(draft))).unwrap());
            }
        }
    }
    let result = phone.sync_with(|request| {
        let path = request.url.strip_prefix(ORIGIN).unwrap();
        traffic.extend_from_slice(format!("{path} {:?}", request.headers).as_bytes());
        traffic.extend_from_slice(&request.body);
        let answer = server.ask(request.method, path, &request.headers, &request.body);
        traffic.extend_from_slice(format!("{:?}", answer.headers).as_bytes());
        traffic.extend_from_slice(&answer.body);
        Some((answer.status, answer.body))
    });
    result.unwrap();
}

fn read_all(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    paths.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn two_hundred_sessions_leave_no_word_with_the_server() {
    let seed = 1;
    println!("seed {seed}");
    let lines = Lines::default();
    let writer = lines.clone();
    let _ = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .try_init();
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
    let mut eva = Phone::founds_as(scratch(), seed * 100, WORDS[11], WORDS[7], WORDS[9]);
    let link = eva.invites(&server, Role::Steward);
    let mut olle = Phone::joins_as(scratch(), seed * 100 + 1, &link, WORDS[8], WORDS[10]).unwrap();
    olle.sync(&server).unwrap();
    let (mut phones, mut people, mut traffic, mut seen) = ([eva, olle], Vec::new(), Vec::new(), Vec::new());
    let canaries = Canaries::new(WORDS);
    for number in 0..200 {
        let phone = &mut phones[rng.next_u64() as usize % 2];
        session(&mut rng, phone, &server, &mut people, &mut traffic);
        match number {
            60 => phones[0].with(|book, ctx| book.rotate(ctx)).unwrap(),
            120 => {
                let (person, phone) = (people[0], &mut phones[0]);
                phone.sync(&server).unwrap();
                phone.with(|book, ctx| book.erase(ctx, person.into())).unwrap();
            }
            50 | 110 | 170 => {
                // A backup, as the operator makes one.
                seen.extend(read_all(server.snapshot().path()));
            }
            _ => {}
        }
    }
    assert_eq!(phones[0].book.status().unwrap().epoch, 2);
    let export = phones[0].book.export_json().unwrap();
    assert_eq!(canaries.found_in(export.as_bytes()).len(), WORDS.len(), "the words were written: {export}");

    seen.extend(read_all(&server.data()));
    assert!(seen.iter().any(|(name, bytes)| name.ends_with("-wal") && !bytes.is_empty()), "a write-ahead log");
    seen.push(("traffic".into(), traffic));
    seen.push(("log lines".into(), lines.0.lock().unwrap().clone()));
    for (place, bytes) in &seen {
        assert_eq!(canaries.found_in(bytes), Vec::<&str>::new(), "{place}");
    }
    // The search would have found any of them in any form.
    for (word, form) in canaries.forms() {
        assert!(canaries.found_in(&[b"before ", form, b" after"].concat()).contains(&word));
    }
}
