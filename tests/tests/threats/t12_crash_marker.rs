//! T12: an entry that stops the phone each time it is opened. After the second time it is left out, and the rest goes on.

use samla_tests::phone::Files;

use crate::club::{Club, add, names_of};

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
