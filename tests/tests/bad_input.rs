//! What goes wrong at a table: each has a code that an app has words for, and loses nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where something is wrong, and tells what it saw"
)]

use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT, ReadDoc};
use chrono::TimeDelta;
use samla_core::tables::{ContactDraft, Draft, Patch, Row, Table};
use samla_core::{Book, BookError, Context, Home, NewBook, Place, Role, RowId, StorageKey};
use samla_tests::insider::{Insider, Liar};
use samla_tests::phone::{Files, Phone, asked};
use samla_tests::scratch;
use samla_tests::server::{ORIGIN, START, Server};
use samla_wire::{Envelope, Kind};

const DAY: u64 = 24 * 60 * 60;

fn server() -> Server {
    Server::in_folder(scratch(), &[])
}

fn contact(name: &str) -> Draft {
    Draft::Contacts(ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() })
}

fn add(phone: &mut Phone, name: &str) -> RowId {
    phone.with(|book, ctx| book.add(ctx, &contact(name))).unwrap()
}

fn rows(phone: &Phone) -> Vec<RowId> {
    phone.book.register().rows(Table::Contacts).iter().map(Row::id).collect()
}

fn code<T: std::fmt::Debug>(result: Result<T, BookError>) -> String {
    result.unwrap_err().code().to_owned()
}

/// Two phones that share a book with one contact.
fn pair(server: &Server) -> (Phone, Phone) {
    let mut eva = Phone::founds_in(scratch(), 1, "Eva");
    let link = eva.invites(server, Role::Steward);
    let mut olle = Phone::joins_in(scratch(), 2, "Olle", &link).unwrap();
    add(&mut eva, "Anna");
    eva.sync(server).unwrap();
    olle.sync(server).unwrap();
    eva.sync(server).unwrap();
    (eva, olle)
}

#[test]
fn a_wrong_link() {
    let server = server();
    let mut eva = Phone::founds_in(scratch(), 1, "Eva");
    let link = eva.invites(&server, Role::Steward);
    let joins = |link: &str| Phone::joins_in(scratch(), 3, "Gun", link);
    let (address, content) = link.split_once("#1.").unwrap();
    let wrong = [
        String::new(),
        "hello".into(),
        "https://samla.example/".into(),
        address.into(),
        format!("{address}#1."),
        format!("{address}#1.{}", &content[1..]),
        format!("{address}#1.{}", &content[..content.len() - 1]),
        format!("{address}#1.{content}{content}"),
        format!("{address}#1.{}", content.replace(['a', 'e'], "!")),
        link.replace("http://localhost:8080", "http://samla.example"),
        "x".repeat(100_000),
        "https://samla.example/j#1.\u{1f600}".into(),
    ];
    for wrong in wrong {
        let folder = scratch();
        let path = folder.path().to_owned();
        let result = Phone::joins_in(folder, 3, "Gun", &wrong);
        assert_eq!(code(result), "link_malformed", "{}", &wrong.chars().take(60).collect::<String>());
        assert!(!path.join("book.db").exists(), "a wrong link leaves nothing behind");
    }
    assert_eq!(code(joins(&link.replace("#1.", "#2."))), "update_required");
    // Spaces and a line break from a message do no harm.
    let mut gun = joins(&format!("  {link}\n")).unwrap();
    gun.sync(&server).unwrap();
    assert!(!gun.book.status().unwrap().joining);
}

/// Each character of a link is wrong in turn. The joiner comes into this book or none; where only what the link says of
/// the log's past is wrong, it is in, and warned.
#[test]
fn a_link_with_one_wrong_character() {
    let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
    let mut eva = Phone::founds_in(scratch(), 1, "Eva");
    let mut codes = std::collections::BTreeMap::<String, usize>::new();
    let mut link = eva.invites(&server, Role::Steward);
    let begin = link.find("#1.").unwrap() + 3;
    for at in (begin..link.len()).step_by(3) {
        let mut wrong = link.clone().into_bytes();
        wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
        let wrong = String::from_utf8(wrong).unwrap();
        let told = Phone::joins_in(scratch(), at as u64, "Gun", &wrong).and_then(|mut gun| {
            gun.sync(&server)?;
            assert_eq!(gun.book.id(), eva.book.id());
            Ok(gun.book.status()?.alarm.unwrap_or_else(|| "joined".into()))
        });
        if told.is_ok() {
            link = eva.invites(&server, Role::Steward);
        }
        *codes.entry(told.unwrap_or_else(|error| error.code().to_owned())).or_default() += 1;
    }
    println!("{codes:?}");
    let expected =
        ["book_missing", "invite_mismatch", "invite_used", "link_malformed", "log_fork", "joined", "server_refused"];
    assert!(codes.keys().all(|code| expected.contains(&code.as_str())), "{codes:?}");
    assert!(codes.get("joined").copied().unwrap_or(0) <= 4, "only the length of the log may go unchecked: {codes:?}");
    // The link itself still works.
    Phone::joins_in(scratch(), 4, "Gun", &link).unwrap().sync(&server).unwrap();
}

#[test]
fn a_used_and_an_expired_invitation() {
    let server = server();
    let mut eva = Phone::founds_in(scratch(), 1, "Eva");
    let used = eva.invites(&server, Role::Steward);
    Phone::joins_in(scratch(), 2, "Olle", &used).unwrap().sync(&server).unwrap();
    let mut late = Phone::joins_in(scratch(), 3, "Gun", &used).unwrap();
    assert_eq!(code(late.sync(&server)), "invite_used");
    let withdrawn = eva.invites(&server, Role::Steward);
    let id = eva.book.invites()[0].id.clone();
    let id: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect();
    eva.with(|book, ctx| book.uninvite(ctx, samla_core::InviteId(id.try_into().unwrap()))).unwrap();
    eva.sync(&server).unwrap();
    let mut turned_away = Phone::joins_in(scratch(), 4, "Gun", &withdrawn).unwrap();
    assert_eq!(code(turned_away.sync(&server)), "invite_used");
    let expired = eva.invites(&server, Role::Steward);
    server.set_time(START + 9 * DAY);
    let mut slow = Phone::joins_in(scratch(), 5, "Gun", &expired).unwrap();
    slow.wait(9 * DAY.cast_signed());
    assert_eq!(code(slow.sync(&server)), "invite_expired");
    // A new link works, on the same evening.
    eva.wait(9 * DAY.cast_signed());
    let fresh = eva.invites(&server, Role::Steward);
    let mut gun = Phone::joins_in(scratch(), 6, "Gun", &fresh).unwrap();
    gun.wait(9 * DAY.cast_signed());
    gun.sync(&server).unwrap();
    assert_eq!(eva.book.status().unwrap().alarm, None);
}

#[test]
fn a_wrong_recovery_sheet() {
    let folder = scratch();
    let home = Home { place: Place::File(folder.path().join("book.db")), storage_key: StorageKey::from_bytes([1; 32]) };
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(1);
    let now = chrono::DateTime::from_timestamp(START.cast_signed(), 0).unwrap().fixed_offset();
    let mut ctx = Context { now, rng: &mut rng };
    let new = NewBook {
        name: "Club".into(),
        server_url: Some(ORIGIN.into()),
        operator_token: None,
        my_name: "Eva".into(),
        device_label: "Phone".into(),
    };
    let (mut book, sheet) = Book::create(&mut ctx, &home, &new).unwrap();
    assert_eq!(code(book.add(&mut ctx, &contact("Anna"))), "recovery_unconfirmed");
    let right = asked(&sheet);
    let swapped: String = right.chars().rev().collect();
    for wrong in ["", "qqqqqq", &right[1..], &format!("{right}q"), &swapped, sheet.text.as_str(), "å\u{1f600}"] {
        if wrong == right {
            continue;
        }
        assert_eq!(code(book.confirm_recovery(&mut ctx, wrong)), "recovery_wrong", "{wrong}");
    }
    drop(book);
    let mut book = Book::open(&mut ctx, &home).unwrap();
    assert!(book.status().unwrap().recovery_ask.is_some(), "it is still asked after a start");
    book.confirm_recovery(&mut ctx, &right.to_uppercase()).unwrap();
    book.add(&mut ctx, &contact("Anna")).unwrap();
}

#[test]
fn a_server_that_is_away() {
    let server = server();
    let (mut eva, mut olle) = pair(&server);
    let id = add(&mut eva, "Bertil");
    eva.sync_with(|_| None).unwrap();
    assert_eq!(eva.book.status().unwrap().unsent, 1);
    for (status, body) in [(503, &b""[..]), (502, b"<html>"), (500, b"{}"), (504, b"\xff\xfe")] {
        assert_eq!(code(eva.sync_with(|_| Some((status, body.to_vec())))), "server_away");
    }
    for (status, body) in [(404, &b"<html>"[..]), (200, b"<html>"), (302, b""), (403, b"no")] {
        assert_eq!(code(eva.sync_with(|_| Some((status, body.to_vec())))), "server_answer", "{status}");
    }
    eva.restart();
    assert!(rows(&eva).contains(&id));
    eva.sync(&server).unwrap();
    olle.sync(&server).unwrap();
    assert!(rows(&olle).contains(&id));
}

#[test]
fn a_book_that_is_not_there() {
    let server = server();
    let (mut eva, _olle) = pair(&server);
    let other = self::server();
    let id = add(&mut eva, "Bertil");
    eva.restart();
    assert_eq!(code(eva.sync(&other)), "book_missing");
    assert_eq!(eva.book.status().unwrap().unsent, 1);
    assert!(!eva.book.status().unwrap().removed);
    eva.sync(&server).unwrap();
    assert!(rows(&eva).contains(&id));
    // And on the phone itself.
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(1);
    let mut ctx = Context { now: eva.now, rng: &mut rng };
    let folder = scratch();
    let home = Home { place: Place::File(folder.path().join("none.db")), storage_key: StorageKey::from_bytes([1; 32]) };
    assert_eq!(code(Book::open(&mut ctx, &home)), "no_book");
    assert!(!folder.path().join("none.db").exists());
    let home = Home { place: Place::File(folder.path().join("no/such/folder/none.db")), ..home };
    assert_eq!(code(Book::open(&mut ctx, &home)), "no_book");
}

/// The disk is full: the tap is told so, what was saved stays, and with some room all goes on. The disk is a small one
/// in memory, mounted in a namespace of its own, where this test runs itself once more.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    const DISK: &str = "SAMLA_SMALL_DISK";
    if let Some(disk) = std::env::var_os(DISK) {
        return fill(std::path::Path::new(&disk));
    }
    let folder = scratch();
    let script = r#"mount -t tmpfs -o size=9m tmpfs "$1" && exec "$2" --exact a_full_disk --nocapture"#;
    let this = std::env::current_exe().unwrap();
    let inside = |user: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(user).args(["--mount", "sh", "-c", script, "sh"]).arg(folder.path()).arg(&this);
        command.env(DISK, folder.path()).output().expect("unshare, of util-linux, is installed")
    };
    let mut output = inside(&["--map-root-user"]);
    if !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("unshare:") {
        // No user namespaces here: a namespace as root does as well.
        output = inside(&[]);
    }
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("the disk was full"), "{told}");
}

#[cfg(target_os = "linux")]
fn fill(disk: &std::path::Path) {
    let server = server();
    let filler = disk.join("filler");
    std::fs::write(&filler, vec![1; 6 << 20]).unwrap();
    let mut eva = Phone::founds_in(tempfile::tempdir_in(disk).unwrap(), 1, "Eva");
    let long = |name: &str| {
        let note = Some("x".repeat(12_000));
        Draft::Contacts(ContactDraft { given_name: Some(name.into()), note, ..ContactDraft::default() })
    };
    let mut saved = std::collections::BTreeSet::new();
    let rows = |phone: &Phone| rows(phone).into_iter().collect::<std::collections::BTreeSet<_>>();
    let error = loop {
        match eva.with(|book, ctx| book.add(ctx, &long("Saved"))) {
            Ok(id) => saved.insert(id),
            Err(error) => break error,
        };
        assert!(saved.len() < 1_000, "the disk never fills");
    };
    assert_eq!(error.code(), "storage_full");
    println!("the disk was full after {}", saved.len());
    assert_eq!(rows(&eva), saved, "what is shown is what was saved");
    // Again and again, and a round of sync: nothing changes.
    for _ in 0..3 {
        assert_eq!(code(eva.with(|book, ctx| book.add(ctx, &long("Not saved")))), "storage_full");
    }
    let round = eva.sync(&server);
    assert!(round.is_ok() || code(round) == "storage_full");
    assert_eq!(rows(&eva), saved);
    // What a start would find.
    let copy = Phone::opens(scratch(), 1, &eva.files(), eva.home().storage_key.clone()).unwrap();
    assert_eq!(rows(&copy), saved);
    std::fs::remove_file(filler).unwrap();
    saved.insert(eva.with(|book, ctx| book.add(ctx, &contact("With room"))).unwrap());
    eva.sync(&server).unwrap();
    assert_eq!(rows(&eva), saved);
    let status = eva.book.status().unwrap();
    assert_eq!((status.unsent, status.alarm), (0, None));
    let link = eva.invites(&server, Role::Steward);
    let mut olle = Phone::joins_in(scratch(), 2, "Olle", &link).unwrap();
    olle.sync(&server).unwrap();
    assert_eq!(rows(&olle), saved);
}

/// Bytes of the file are flipped, the end is cut off, or it is something else: a code, or all of the content.
#[test]
fn a_damaged_database() {
    let server = server();
    let (mut eva, _olle) = pair(&server);
    for name in ["Bertil", "Cecilia", "David"] {
        add(&mut eva, name);
    }
    eva.with(|book, ctx| book.tidy(ctx)).unwrap();
    let whole = eva.book.export_json().unwrap();
    let sound = eva.files();
    let mut codes = std::collections::BTreeMap::<String, usize>::new();
    let mut try_with = |eva: &mut Phone, files: &Files| {
        let opened = eva.try_put_back(files);
        let told = match opened {
            Err(error) => error.code().to_owned(),
            Ok(()) => {
                // What opens must be whole, now and after a round, or say that it is not.
                let shown = eva.book.export_json().unwrap();
                match eva.sync_with(|_| None).and_then(|_| eva.book.heads()) {
                    Ok(_) if shown == whole => "whole".to_owned(),
                    Ok(_) => panic!("something is missing and nobody is told"),
                    Err(error) => error.code().to_owned(),
                }
            }
        };
        *codes.entry(told).or_default() += 1;
    };
    for round in 0..400_u64 {
        let mut damaged = sound.clone();
        let flips = 1 + round % 40;
        for _ in 0..flips {
            let at = eva.draw() as usize % damaged.database.len();
            damaged.database[at] ^= 1 << (round % 8);
        }
        try_with(&mut eva, &damaged);
        eva.put_back(&sound);
    }
    for cut in (0..sound.database.len()).step_by(sound.database.len() / 40 + 1) {
        let mut damaged = sound.clone();
        damaged.database.truncate(cut);
        try_with(&mut eva, &damaged);
        eva.put_back(&sound);
    }
    for other in [vec![0; 8192], b"not a database at all, but a long enough text to look at twice".repeat(200), vec![7]]
    {
        try_with(&mut eva, &Files { database: other, log: Vec::new() });
        eva.put_back(&sound);
    }
    println!("{codes:?}");
    let expected = ["whole", "storage_damaged", "wrong_key", "no_book", "update_required", "storage_unavailable"];
    assert!(codes.keys().all(|code| expected.contains(&code.as_str())), "{codes:?}");
    assert!(codes.contains_key("storage_damaged"));
    assert_eq!(eva.book.export_json().unwrap(), whole);
}

#[test]
fn a_file_of_a_newer_version_is_left_as_it_is() {
    let server = server();
    let (mut eva, _olle) = pair(&server);
    eva.with(|book, ctx| book.tidy(ctx)).unwrap();
    let sound = eva.files();
    let mut newer = sound.clone();
    // SQLite keeps the user version at byte 60.
    let at = &mut newer.database[60..64];
    let version = u32::from_be_bytes(at.try_into().unwrap());
    assert!((1..10).contains(&version));
    at.copy_from_slice(&(version + 1).to_be_bytes());
    newer.log.clear();
    let copy = Phone::opens(scratch(), 1, &newer, eva.home().storage_key.clone());
    assert_eq!(code(copy), "update_required");
    // An older one than the first is no version of ours.
    let mut none = sound.clone();
    none.database[60..64].copy_from_slice(&0_u32.to_be_bytes());
    none.log.clear();
    let copy = Phone::opens(scratch(), 1, &none, eva.home().storage_key.clone());
    assert_eq!(code(copy), "no_book");
}

/// A roster op of a newer version: this phone asks for an update, reads no further, and keeps what it has.
#[test]
fn an_op_of_a_newer_version() {
    let server = server();
    let (mut eva, mut olle) = pair(&server);
    let unsent = add(&mut olle, "Bertil");
    let organiser = Insider::of(&eva, &server);
    let mut body = Vec::new();
    let mut encoder = minicbor::Encoder::new(&mut body);
    let (rseq, rprev) = (organiser.log.roster.rseq + 1, organiser.log.roster.rhead);
    encoder.map(4).unwrap().u8(0).unwrap().u64(rseq).unwrap().u8(1).unwrap().encode(rprev).unwrap();
    encoder.u8(2).unwrap().u8(99).unwrap().u8(3).unwrap().map(0).unwrap();
    let envelope = Envelope::sign(organiser.header(Kind::Roster), &body, organiser.keys.signing_key()).unwrap();
    let before = olle.files();
    let mut liar = Liar::new(&server, olle.book.id());
    liar.entries.push(envelope.bytes().to_vec());
    assert_eq!(code(olle.sync_with(|request| Some(liar.answer(request)))), "update_required");
    let status = olle.book.status().unwrap();
    assert!(status.update_required && status.alarm.is_none() && !status.removed);
    assert!(rows(&olle).contains(&unsent));
    assert_eq!(code(olle.with(|book, ctx| book.add(ctx, &contact("Cecilia")))), "update_required");
    olle.restart();
    assert!(rows(&olle).contains(&unsent), "what was written is still here");
    assert!(olle.book.export_json().unwrap().contains("Bertil"));
    // The honest server of this version knows no such op.
    olle.put_back(&before);
    olle.sync(&server).unwrap();
    eva.sync(&server).unwrap();
    assert!(rows(&eva).contains(&unsent));
}

#[test]
fn a_clock_that_is_a_year_off() {
    let server = server();
    let (mut eva, mut olle) = pair(&server);
    const YEAR: i64 = 365 * 24 * 60 * 60;
    for ahead in [YEAR, -YEAR] {
        olle.now += TimeDelta::seconds(ahead);
        olle.restart();
        let id = add(&mut olle, "Bertil");
        olle.sync(&server).unwrap();
        let told = olle.book.status().unwrap().clock_ahead.expect("it is told");
        assert!((told - ahead).abs() < 10, "{told}");
        eva.sync(&server).unwrap();
        assert!(rows(&eva).contains(&id));
        assert_eq!(eva.book.heads().unwrap(), olle.book.heads().unwrap());
        olle.now -= TimeDelta::seconds(ahead);
        // Once it is right again, nothing is told.
        olle.restart();
        olle.sync(&server).unwrap();
        assert_eq!(olle.book.status().unwrap().clock_ahead, None);
    }
    assert_eq!(eva.book.status().unwrap().clock_ahead, None);
}

/// Whoever invites with a wrong clock still opens a door that is open, and not for a year.
#[test]
fn an_invitation_from_a_clock_that_is_a_year_off() {
    const YEAR: i64 = 365 * 24 * 60 * 60;
    for ahead in [YEAR, -YEAR] {
        let server = server();
        let mut eva = Phone::founds_in(scratch(), 1, "Eva");
        eva.now += TimeDelta::seconds(ahead);
        // The first round tells how late it is.
        eva.sync(&server).unwrap();
        let link = eva.invites(&server, Role::Steward);
        let soon = Phone::joins_in(scratch(), 2, "Olle", &link).unwrap().sync(&server);
        assert!(soon.is_ok(), "{ahead}: {soon:?}");
        let link = eva.invites(&server, Role::Steward);
        server.set_time(START + 20 * DAY);
        let late = Phone::joins_in(scratch(), 3, "Gun", &link).unwrap().sync(&server);
        assert_eq!(code(late), "invite_expired", "{ahead}");
    }
}

#[test]
fn a_server_that_has_had_enough() {
    for (flags, word) in [(["--daily-envelopes", "12"], "daily_limit"), (["--book-quota-mib", "1"], "quota")] {
        let server = Server::in_folder(scratch(), &flags);
        let (mut eva, mut olle) = pair(&server);
        let error = loop {
            for _ in 0..40 {
                // Noise, so that it takes room.
                let note = (0..400).map(|_| format!("{:016x}", eva.draw())).collect();
                let draft = Draft::Contacts(ContactDraft { note: Some(note), ..ContactDraft::default() });
                eva.with(|book, ctx| book.add(ctx, &draft)).unwrap();
            }
            if let Err(error) = eva.sync(&server) {
                break error;
            }
            assert!(rows(&eva).len() < 4_000, "{word}: the server never has enough");
        };
        assert_eq!((error.code(), error.problem()), ("server_refused", Some(word)));
        let status = eva.book.status().unwrap();
        assert!(status.unsent > 0 && status.alarm.is_none() && !status.removed, "{word}");
        // Others still get what is there, and the phone goes on writing.
        olle.sync(&server).unwrap();
        add(&mut eva, "Written all the same");
        if word == "daily_limit" {
            server.set_time(START + DAY);
            eva.wait(DAY.cast_signed());
            eva.sync(&server).unwrap();
            olle.wait(DAY.cast_signed());
            olle.sync(&server).unwrap();
            assert_eq!(rows(&eva), rows(&olle));
            assert_eq!(eva.book.status().unwrap().unsent, 0);
        }
    }
}

/// A colleague's newer version writes fields that this one does not know.
#[test]
fn what_a_newer_version_writes_survives() {
    let server = server();
    let (mut eva, mut olle) = pair(&server);
    let link = eva.invites(&server, Role::Steward);
    let mut newer = Phone::joins_in(scratch(), 7, "Nina", &link).unwrap();
    newer.sync(&server).unwrap();
    newer.sync(&server).unwrap();
    let mut nina = Insider::of(&newer, &server);
    let anna = rows(&eva)[0];
    let shard = u16::from(*anna.as_bytes().last().unwrap()) & 15;
    let change = nina.change(shard, |tx| {
        let contacts = tx.get(ROOT, "contacts").unwrap().unwrap().1;
        let row = tx.get(&contacts, anna.to_string()).unwrap().unwrap().1;
        tx.put(&row, "favourite_song", "Canary in a coal mine").unwrap();
        tx.put(&row, "shoe_size", 38).unwrap();
        tx.put(&row, "height", 1.72_f64).unwrap();
        tx.put(&row, "live", 2).unwrap();
    });
    let envelope = nina.seal_changes(&[(shard, change.raw_bytes().to_vec())]);
    assert!(matches!(nina.push(&server, &envelope), samla_wire::http::Ack::Accepted(_)));
    for phone in [&mut eva, &mut olle] {
        phone.sync(&server).unwrap();
        assert_eq!(phone.book.status().unwrap().rejected, 0);
    }
    // Both edit the same row at once, remove it, bring it back, tidy up and start again.
    for (phone, note) in [(&mut eva, "one"), (&mut olle, "two")] {
        let set = Draft::Contacts(ContactDraft { note: Some(note.into()), ..ContactDraft::default() });
        phone.with(|book, ctx| book.set(ctx, &Patch { id: anna, set, clear: Vec::new() })).unwrap();
    }
    for _ in 0..2 {
        eva.sync(&server).unwrap();
        olle.sync(&server).unwrap();
    }
    eva.with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    eva.with(|book, ctx| book.restore(ctx, Table::Contacts, anna)).unwrap();
    for _ in 0..2 {
        eva.sync(&server).unwrap();
        olle.sync(&server).unwrap();
    }
    for phone in [&mut eva, &mut olle] {
        for moment in ["before a start", "after a start"] {
            let export: Vec<(u16, minicbor::bytes::ByteVec)> =
                minicbor::decode(&phone.book.export_automerge().unwrap()).unwrap();
            let bytes = &export.iter().find(|(number, _)| *number == shard).unwrap().1;
            let doc = Automerge::load(bytes).unwrap();
            let contacts = doc.get(ROOT, "contacts").unwrap().unwrap().1;
            let row = doc.get(&contacts, anna.to_string()).unwrap().unwrap().1;
            let text = |object: &automerge::ObjId, key: &str| doc.get(object, key).unwrap().unwrap().0.to_string();
            assert!(text(&row, "favourite_song").contains("Canary in a coal mine"), "{moment}");
            assert_eq!(doc.get(&row, "shoe_size").unwrap().unwrap().0.as_i64(), Some(38), "{moment}");
            assert_eq!(doc.get(&row, "height").unwrap().unwrap().0.as_f64(), Some(1.72), "{moment}");
            phone.with(|book, ctx| book.tidy(ctx)).unwrap();
            phone.restart();
        }
    }
    assert_eq!(eva.book.heads().unwrap(), olle.book.heads().unwrap());
}
