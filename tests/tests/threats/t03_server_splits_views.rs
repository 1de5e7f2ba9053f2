//! T3: the server shows two members different logs. The first entry that crosses tells both, and is not shown; so do two people
//! who compare.

use minicbor::bytes::ByteVec;
use samla_core::Role;
use samla_core::book::Compared;
use samla_tests::insider::Liar;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_wire::http::Bundle;
use samla_wire::{EntryId, Envelope, Head};

use crate::club::{Club, add, names_of};

/// What the second phone says of the code that the first one shows.
fn compared(shows: &Phone, reads: &mut Phone) -> Compared {
    let code = shows.book.compare_code().unwrap();
    // As it is read aloud, and as a camera reads it.
    let aloud = reads.with(|book, ctx| book.compare(ctx, &code.groups.join(" ").to_uppercase())).unwrap();
    assert_eq!(reads.with(|book, ctx| book.compare(ctx, &code.text)).unwrap(), aloud);
    aloud
}

/// A phone's alarm.
fn alarm(phone: &Phone) -> Option<String> {
    phone.book.status().unwrap().alarm
}

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

/// Nothing has crossed, and nobody has to wait until something does: the two look at each other's phones.
#[test]
fn two_people_who_compare_tell_at_once() {
    let mut club = Club::new(33);
    let book = club.book();
    let (mut for_eva, mut for_olle) = (Liar::new(&club.server, book), Liar::new(&club.server, book));
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::Same);
    add(&mut club.eva, "Cecilia");
    club.eva.sync_with(|request| Some(for_eva.answer(request))).unwrap();
    assert_eq!(compared(&club.olle, &mut club.eva), Compared::Behind, "as long as only one has gone on");
    add(&mut club.olle, "David");
    club.olle.sync_with(|request| Some(for_olle.answer(request))).unwrap();
    add(&mut club.olle, "Frida");
    club.olle.sync_with(|request| Some(for_olle.answer(request))).unwrap();
    assert_eq!((alarm(&club.eva), alarm(&club.olle)), (None, None));

    // Who has read less cannot judge it; who has read more can, at the other's place.
    assert_eq!(compared(&club.olle, &mut club.eva), Compared::Ahead);
    assert_eq!(alarm(&club.eva), None);
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::Differs);
    assert_eq!(alarm(&club.olle).as_deref(), Some("log_fork"));
    club.olle.restart();
    assert_eq!(alarm(&club.olle).as_deref(), Some("log_fork"));
    assert_eq!(names_of(&club.olle), ["Anna", "Bertil", "David", "Frida"], "nothing is lost, and nothing comes in");
    // And once the other has read as much.
    for name in ["Erik", "Gustav"] {
        add(&mut club.eva, name);
        club.eva.sync_with(|request| Some(for_eva.answer(request))).unwrap();
    }
    assert_eq!(compared(&club.olle, &mut club.eva), Compared::Differs);
    assert_eq!(alarm(&club.eva).as_deref(), Some("log_fork"));
}

/// An honest server raises no alarm by it: behind, ahead, in another epoch, or with somebody of another book.
#[test]
fn a_comparison_of_one_log_raises_no_alarm() {
    let mut club = Club::new(34);
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::Same);
    add(&mut club.eva, "Cecilia");
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::Same, "what was not sent is in no log yet");
    club.eva.sync(&club.server).unwrap();
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::Ahead);
    assert_eq!(compared(&club.olle, &mut club.eva), Compared::Behind);
    club.sync();
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::Same);

    // The register begins anew, and what lay before it is gone.
    club.eva.with(|book, ctx| book.rotate(ctx)).unwrap();
    club.eva.sync(&club.server).unwrap();
    assert_eq!(club.eva.book.status().unwrap().epoch, 1);
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::NewerEpoch);
    assert_eq!(compared(&club.olle, &mut club.eva), Compared::OlderEpoch);
    // Twice: with an epoch everybody has something to tell.
    club.sync();
    club.sync();
    assert_eq!(compared(&club.eva, &mut club.olle), Compared::Same);
    let link = club.eva.invites(&club.server, Role::Steward);
    let mut gun = Phone::joins_in(scratch(), 3403, "Gun", &link).unwrap();
    assert_eq!(gun.book.compare_code().unwrap_err().code(), "joining");
    gun.sync(&club.server).unwrap();
    assert_eq!(compared(&club.olle, &mut gun), Compared::Behind, "who came later knows the epoch from its op on");
    for _ in 0..2 {
        gun.sync(&club.server).unwrap();
        club.sync();
    }
    gun.sync(&club.server).unwrap();
    assert_eq!(compared(&club.eva, &mut gun), Compared::Same);

    let other = Phone::founds_in(scratch(), 3404, "Stina");
    assert_eq!(compared(&other, &mut club.eva), Compared::OtherBook);
    for phone in [&club.eva, &club.olle, &gun] {
        assert_eq!(alarm(phone), None);
    }
}
