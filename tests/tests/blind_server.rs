//! The server sees that there is work and never what: no word of a whole story is in its folder, its answers or its log
//! lines, in any spelling, and none lies open on a phone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where something is wrong, and tells what it saw"
)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use samla_core::tables::{Draft, Table};
use samla_core::{Role, SignUp};
use samla_tests::canary::Canaries;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;

/// Everything that people wrote in the story.
const WORDS: [&str; 14] = [
    "Quillonette",
    "Vexborough",
    "070-174 06 31",
    "quillonette@example.org",
    "mentioned the zeppelins",
    "Mosswick Turbines",
    "Personnel Wanda Ploverstone",
    "Eva Tanglewood",
    "Olle Brackenridge",
    "Tanglewood's handheld",
    "Brackenridge's tablet",
    "Club of the Nine Chimneys",
    "beside the copper samovar",
    "Yttervägen åtta",
];

/// Where the log lines go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn draft(phone: &Phone, table: Table, fields: &[(&str, &str)]) -> Draft {
    Draft::parse(table, fields.iter().copied(), *phone.now.offset()).expect("fields of the table")
}

#[test]
fn no_word_of_a_story_reaches_the_server() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let canaries = Canaries::new(WORDS);
    let server = Server::in_folder(scratch(), &[]);
    let mut traffic = Vec::new();
    let mut sync = |phone: &mut Phone| {
        let result = phone.sync_with(|request| {
            let path = request.url.strip_prefix(samla_tests::server::ORIGIN).expect("this server");
            traffic.extend_from_slice(format!("{path} {:?}", request.headers).as_bytes());
            traffic.extend_from_slice(&request.body);
            let answer = server.ask(request.method, path, &request.headers, &request.body);
            traffic.extend_from_slice(format!("{:?}", answer.headers).as_bytes());
            traffic.extend_from_slice(&answer.body);
            Some((answer.status, answer.body))
        });
        result.expect("a round")
    };

    let mut eva = Phone::founds_as(scratch(), 1, WORDS[11], WORDS[7], WORDS[9]);
    eva.with(|book, ctx| book.invite(ctx, Role::Steward, 7)).expect("an invitation");
    sync(&mut eva);
    let link = eva.book.invites().remove(0).link.expect("the server has it");
    let mut olle = Phone::joins_as(scratch(), 2, &link, WORDS[8], WORDS[10]).expect("a link");
    sync(&mut olle);
    let place = draft(&eva, Table::Workplaces, &[("name", WORDS[5]), ("hr_name", WORDS[6]), ("address", WORDS[13])]);
    let place = eva.with(|book, ctx| book.add(ctx, &place)).expect("a workplace").to_string();
    let at = eva.now.to_rfc3339();
    let visit = draft(
        &eva,
        Table::Visits,
        &[("kind", "table"), ("starts_at", &at), ("spot", WORDS[12]), ("workplace", &place)],
    );
    let visit = eva.with(|book, ctx| book.add(ctx, &visit)).expect("a visit");
    sync(&mut eva);
    sync(&mut olle);
    let person = [
        ("given_name", WORDS[0]),
        ("family_name", WORDS[1]),
        ("phone", WORDS[2]),
        ("email", WORDS[3]),
        ("note", WORDS[4]),
    ];
    let Draft::Contacts(contact) = draft(&olle, Table::Contacts, &person) else { unreachable!("contacts") };
    let signed = SignUp { contact, visit: Some(visit.into()), ..SignUp::default() };
    olle.with(|book, ctx| book.sign_up(ctx, &signed)).expect("a sign-up");
    let waiting = olle.files();
    sync(&mut olle);
    sync(&mut eva);
    sync(&mut olle);
    eva.with(|book, ctx| book.tidy(ctx)).expect("it tidies up");

    // The story arrived, whole.
    let export = eva.book.export_json().expect("an export");
    assert_eq!(canaries.found_in(export.as_bytes()).len(), WORDS.len(), "{export}");

    let mut seen: Vec<(String, Vec<u8>)> = vec![
        ("traffic".into(), traffic),
        ("log lines".into(), lines.0.lock().expect("no panic").clone()),
        ("a phone's outbox".into(), [waiting.database, waiting.log].concat()),
        ("a phone's files".into(), [eva.files().database, eva.files().log].concat()),
        ("the other phone's files".into(), [olle.files().database, olle.files().log].concat()),
    ];
    for entry in std::fs::read_dir(server.data()).expect("the folder") {
        let path = entry.expect("an entry").path();
        seen.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
    }
    let names: Vec<_> = seen.iter().map(|(place, _)| place.as_str()).collect();
    assert!(names.iter().any(|name| name.ends_with(".db-wal")), "the write-ahead log is among {names:?}");
    for (place, bytes) in &seen {
        assert!(!bytes.is_empty() || place.ends_with("lock"), "{place} is empty, so nothing was searched");
        assert_eq!(canaries.found_in(bytes), Vec::<&str>::new(), "{place}");
        // The search would have found any of them there.
        for (word, form) in canaries.forms() {
            let mut planted = bytes.clone();
            let middle = planted.len() / 2;
            planted.splice(middle..middle, form.iter().copied());
            if planted.len() < 100_000 {
                assert!(canaries.found_in(&planted).contains(&word), "{word} planted in {place}");
            }
        }
    }
}

#[test]
fn the_search_finds_a_word_inside_longer_texts() {
    use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
    let canaries = Canaries::new(["Quillonette", "070-174 06 31"]);
    for before in 0..7 {
        let text = format!("{}Quillonette, 46701740631 and on", "x".repeat(before));
        for encoded in
            [BASE64.encode(text.as_bytes()), BASE64URL_NOPAD.encode(text.as_bytes()), HEXLOWER.encode(text.as_bytes())]
        {
            assert_eq!(canaries.found_in(encoded.as_bytes()), ["Quillonette", "070-174 06 31"], "{encoded}");
        }
    }
    assert!(canaries.found_in(b"Quillonett e, 0701740632").is_empty());
}
