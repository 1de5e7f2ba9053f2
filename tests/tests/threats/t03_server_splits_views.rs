//! T3: the server shows two members different logs. The first entry that crosses tells both, and is not shown.

use samla_tests::insider::Liar;

use crate::club::{Club, add, names_of};

#[test]
fn the_first_crossing_entry_tells() {
    let mut club = Club::new(30);
    let book = club.book();
    let (mut for_eva, mut for_olle) = (Liar::new(&club.server, book), Liar::new(&club.server, book));
    add(&mut club.eva, "Cecilia");
    club.eva.sync_with(|request| Some(for_eva.answer(request))).unwrap();
    add(&mut club.olle, "David");
    club.olle.sync_with(|request| Some(for_olle.answer(request))).unwrap();
    assert_eq!(club.eva.book.status().unwrap().alarm, None);
    // Another edit of Eva's, made after what Olle never saw, crosses.
    add(&mut club.eva, "Erik");
    club.eva.sync_with(|request| Some(for_eva.answer(request))).unwrap();
    let crossing = for_eva.entries.last().unwrap().clone();
    let missed = for_eva.entries[for_eva.entries.len() - 2].clone();
    for_olle.entries.push(missed);
    for_olle.entries.push(crossing);
    let _ = club.olle.sync_with(|request| Some(for_olle.answer(request)));
    let status = club.olle.book.status().unwrap();
    assert_eq!(status.alarm.as_deref(), Some("log_fork"));
    assert!(!names_of(&club.olle).contains(&"Erik".to_owned()));
    assert!(names_of(&club.olle).contains(&"David".to_owned()), "the own edit is still here");
}

/// The same with a file from phone to phone: the two logs do not agree, and nothing of it is shown.
#[test]
fn a_file_that_crosses_tells() {
    let mut club = Club::new(31);
    let book = club.book();
    let (mut for_eva, mut for_olle) = (Liar::new(&club.server, book), Liar::new(&club.server, book));
    add(&mut club.eva, "Cecilia");
    club.eva.sync_with(|request| Some(for_eva.answer(request))).unwrap();
    add(&mut club.olle, "David");
    club.olle.sync_with(|request| Some(for_olle.answer(request))).unwrap();
    // Written after what Olle never saw, and not sent to anybody.
    add(&mut club.eva, "Erik");
    let file = club.eva.with(|book, ctx| book.export_file(ctx)).unwrap();
    let refused = club.olle.with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
    assert_eq!(refused.code(), "chain_mismatch");
    assert_eq!(club.olle.book.status().unwrap().alarm.as_deref(), Some("log_fork"));
    assert_eq!(names_of(&club.olle), ["Anna", "Bertil", "David"]);
    club.olle.restart();
    assert_eq!(club.olle.book.status().unwrap().alarm.as_deref(), Some("log_fork"));
    let file = club.olle.with(|book, ctx| book.export_file(ctx)).unwrap();
    club.eva.with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
    assert_eq!(club.eva.book.status().unwrap().alarm.as_deref(), Some("log_fork"), "and the other side as well");
}
