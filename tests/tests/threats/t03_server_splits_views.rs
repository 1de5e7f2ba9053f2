//! T3: the server shows two members different logs. The first entry that crosses tells both, and is not shown.

use minicbor::bytes::ByteVec;
use samla_tests::insider::Liar;
use samla_wire::http::Bundle;
use samla_wire::{EntryId, Envelope, Head};

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
    // What Olle writes now says what he has seen.
    add(&mut club.olle, "Frida");
    let file = club.olle.with(|book, ctx| book.export_file(ctx)).unwrap();
    club.eva.with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
    assert_eq!(club.eva.book.status().unwrap().alarm.as_deref(), Some("log_fork"), "and the other side as well");
}

/// Anybody can put entries in another order or make some up: nobody has signed that, so it proves nothing.
#[test]
fn a_file_that_no_member_stands_for_raises_no_alarm() {
    let mut club = Club::new(32);
    add(&mut club.eva, "Cecilia");
    club.sync();
    let file = club.eva.with(|book, ctx| book.export_file(ctx)).unwrap();
    let (before, bundle) = file.split_at(37);
    let honest: Bundle = minicbor::decode(bundle).unwrap();
    let genesis = Envelope::parse(honest.roster[0].to_vec()).unwrap();
    let last = honest.entries.len() - 1;
    type Forge = fn(&mut Vec<ByteVec>, usize);
    let forgeries: [Forge; 3] = [
        |entries, last| entries.swap(last - 1, last),
        |entries, last| entries[last] = vec![7; 300].into(),
        |entries, last| entries[last - 1] = vec![7; 300].into(),
    ];
    for forge in forgeries {
        let mut forged = honest.clone();
        forge(&mut forged.entries, last);
        let ids = forged.entries.iter().map(|bytes| EntryId::of_envelope(bytes));
        forged.head = ids.fold(Head::start(&club.book()).next(&genesis.id()), |head, id| head.next(&id));
        let file = [before, &samla_wire::to_cbor(&forged)].concat();
        let refused = club.olle.with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
        assert_eq!(refused.code(), "chain_mismatch");
        assert_eq!(club.olle.book.status().unwrap().alarm, None);
    }
    club.olle.with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    club.goes_on(&["Anna", "Bertil", "Cecilia"]);
}
