//! T12: an entry that stops the phone each time it is opened. After the second time it is left out, and the rest goes on.

use samla_core::Role;
use samla_tests::chunk::Parts;
use samla_tests::insider::Insider;
use samla_tests::phone::Files;
use samla_wire::http::Ack;

use crate::apart::{Apart, Inside};
use crate::club::{Club, add, names_of};
use crate::t11_hostile_changes::{SHARD, honest};

/// What the standings of the entries are called in the database.
const OPENING: i64 = 2;
const SUSPECT: i64 = 3;

/// The phone's files as they are at each commit of an act, by cutting its write-ahead log at every page.
fn commits(before: &Files, after: &Files) -> Vec<Files> {
    const FRAME: usize = 4096 + 24;
    assert!(before.database == after.database && after.log.starts_with(&before.log), "the act only appended");
    let cut = |length: usize| Files { database: after.database.clone(), log: after.log[..length].to_vec() };
    (before.log.len()..=after.log.len()).step_by(FRAME).map(cut).collect()
}

fn standings(files: &Files, standing: i64) -> i64 {
    let count = "SELECT count(*) FROM log WHERE standing = ?1";
    files.with_database(|database| database.query_row(count, [standing], |row| row.get(0)).unwrap()).1
}

#[test]
fn an_entry_that_stops_the_phone_twice_is_left_out() {
    let mut club = Club::new(120);
    for name in ["Cecilia", "David", "Erik"] {
        add(&mut club.eva, name);
        club.eva.sync(&club.server).unwrap();
    }
    let (server, olle) = (&club.server, &mut club.olle);
    olle.restart();
    // Sign in first, so that the one answer that is left brings the three entries.
    olle.book.begin_sync();
    let request = loop {
        let request = olle.with(|book, ctx| book.next_request(ctx)).unwrap().unwrap();
        if request.url.ends_with("/sync") {
            break request;
        }
        let (status, body) = server.answer(&request);
        olle.with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
    };
    let (status, body) = server.answer(&request);
    let before = olle.files();
    olle.with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
    let after = olle.files();

    // The first stop: the entries are in the log of this phone, and none has entered the document.
    let first = commits(&before, &after).into_iter().find(|files| standings(files, OPENING) == 3);
    let first = first.expect("the entries are kept before they are opened");
    // The second stop: while one of them is tried alone. The start that meets the first stop marks it.
    let (folded, ()) = first.with_database(|_| ());
    olle.put_back(&folded);
    let opened = olle.files();
    let second = commits(&Files { database: opened.database.clone(), log: Vec::new() }, &opened);
    let second = second.into_iter().find(|files| standings(files, SUSPECT) == 1).expect("one is tried alone");

    olle.put_back(&second);
    let status = olle.book.status().unwrap();
    assert_eq!(status.quarantined, 1);
    assert_eq!(names_of(olle).len(), 4, "two from before and two of the three");
    // Honest edits go on, and nobody else left anything out.
    add(olle, "Frida");
    club.sync();
    assert_eq!(names_of(&club.eva).len(), 6);
    assert_eq!(club.eva.book.status().unwrap().quarantined, 0);
    add(&mut club.eva, "Gun");
    club.sync();
    assert!(names_of(&club.olle).contains(&"Gun".to_owned()) || club.olle.book.status().unwrap().held > 0);
    club.olle.restart();
    assert_eq!(club.olle.book.status().unwrap().quarantined, 1);
}

/// An entry on which automerge panics: its operations name an author that the change does not.
fn sends_what_panics(mallory: &mut Insider, club: &Club) {
    let mut parts = Parts::of(&honest(mallory, 1, &[]));
    assert_eq!(parts.authors.len(), 1, "the base's");
    parts.authors.clear();
    let bytes = parts.chunk();
    let change = automerge::Change::try_from(bytes.as_slice()).unwrap();
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| change.decode()));
    assert!(read.is_err(), "it is read without a panic: another entry has to be found");
    let envelope = mallory.seal_changes(&[(SHARD, bytes)]);
    assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)));
}

/// Was this process ended from within, and not by a test in it that failed?
fn is_ended(output: &std::process::Output) -> bool {
    const FAILED: i32 = 101;
    !output.status.success() && output.status.code() != Some(FAILED)
}

/// Where a panic ends the process, as a trap does in a browser, the phone stops twice, and then goes on without the entry. The
/// process is a real one, and really ends.
#[test]
fn a_process_that_an_entry_ends_leaves_it_out_at_its_third_start() {
    const NAME: &str = "t12_crash_marker::a_process_that_an_entry_ends_leaves_it_out_at_its_third_start";
    if let Some(mut inside) = Inside::here() {
        std::panic::set_hook(Box::new(|_| std::process::abort()));
        let mut book = inside.open();
        if book.status().unwrap().quarantined == 0 {
            inside.sync(&mut book).unwrap();
        }
        return println!("{} left out", book.status().unwrap().quarantined);
    }
    let mut club = Club::new(122);
    let mut mallory = club.insider(Role::Steward);
    add(&mut club.eva, "Cecilia");
    club.eva.sync(&club.server).unwrap();
    mallory.read(&samla_tests::insider::entries(&club.server, &club.book()));
    sends_what_panics(&mut mallory, &club);
    club.eva.sync(&club.server).unwrap();
    add(&mut club.eva, "Erik");
    club.eva.sync(&club.server).unwrap();

    let apart = Apart::of(&club.olle, &club.server);
    assert!(is_ended(&apart.run(NAME)), "the entry ends the process");
    assert_eq!((standings(&apart.files(), OPENING), standings(&apart.files(), SUSPECT)), (3, 0));
    assert!(is_ended(&apart.run(NAME)), "tried alone it ends the process again");
    assert_eq!((standings(&apart.files(), OPENING), standings(&apart.files(), SUSPECT)), (1, 1));
    let third = apart.run(NAME);
    let told = String::from_utf8_lossy(&third.stdout);
    assert!(third.status.success() && told.contains("1 left out"), "{told}{}", String::from_utf8_lossy(&third.stderr));

    club.olle.put_back(&apart.files());
    assert_eq!(names_of(&club.olle), ["Anna", "Bertil", "Cecilia", "Erik"]);
    club.goes_on(&["Anna", "Bertil", "Cecilia", "Erik"]);
    let counts = [&club.eva, &club.olle].map(|phone| phone.book.status().unwrap()).map(|s| (s.rejected, s.quarantined));
    assert_eq!(counts, [(1, 0), (0, 1)], "where a panic is caught the entry is refused");
}

/// A panic is caught: nothing stops, and the entry is refused.
#[test]
fn an_entry_on_which_automerge_panics_is_refused() {
    let mut club = Club::new(123);
    let mut mallory = club.insider(Role::Steward);
    sends_what_panics(&mut mallory, &club);
    club.sync();
    for phone in [&club.eva, &club.olle] {
        let status = phone.book.status().unwrap();
        assert_eq!((status.rejected, status.quarantined, status.alarm), (1, 0, None));
    }
    club.goes_on(&["Anna", "Bertil"]);
}

/// One stop is no reason to leave anything out: the battery may have been empty.
#[test]
fn an_entry_that_stops_the_phone_once_is_opened() {
    let mut club = Club::new(121);
    add(&mut club.eva, "Cecilia");
    club.eva.sync(&club.server).unwrap();
    let before = club.olle.files();
    club.olle.sync(&club.server).unwrap();
    let after = club.olle.files();
    for files in commits(&before, &after) {
        club.olle.put_back(&files);
        club.olle.sync(&club.server).unwrap();
        assert_eq!(names_of(&club.olle), ["Anna", "Bertil", "Cecilia"]);
        assert_eq!(club.olle.book.status().unwrap().quarantined, 0);
    }
}
