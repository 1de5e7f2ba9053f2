//! T17: a phone was restored from a copy of another, keys and all. The second one to send is told, and stops.

use crate::club::{Club, add, alike, device_of, names_of, note, sync_all};

#[test]
fn the_second_of_two_copies_stops_and_says_so() {
    let mut club = Club::new(170);
    let mut copy = club.olle.copied(171);
    add(&mut club.olle, "Cecilia");
    add(&mut copy, "David");
    club.olle.sync(&club.server).unwrap();
    let refused = copy.sync(&club.server).unwrap_err();
    assert_eq!(refused.code(), "device_fork");
    assert_eq!(copy.book.status().unwrap().alarm.as_deref(), Some("device_fork"));
    // It stays so, and what was written on the copy is still on it.
    copy.restart();
    assert_eq!(copy.book.status().unwrap().alarm.as_deref(), Some("device_fork"));
    assert!(names_of(&copy).contains(&"David".to_owned()));
    assert!(copy.book.export_json().unwrap().contains("David"));
    assert_eq!(copy.book.status().unwrap().unsent, 1);
    // The others are not disturbed.
    club.goes_on(&["Anna", "Bertil", "Cecilia"]);
    assert_eq!(club.olle.book.status().unwrap().alarm, None);
}

/// The copy comes in anew by an invitation, under keys of its own, and brings what was written on it; what was written on the
/// other phone meanwhile stays.
#[test]
fn it_joins_again_with_the_edits_of_both() {
    let mut club = Club::new(172);
    let anna = club.eva.book.register().rows(samla_core::tables::Table::Contacts)[0].id();
    let mut copy = club.olle.copied(1_721);
    add(&mut club.olle, "Cecilia");
    note(&mut club.olle, anna, "said on the phone");
    add(&mut copy, "David");
    note(&mut copy, anna, "said on the copy");
    club.olle.sync(&club.server).unwrap();
    assert_eq!(copy.sync(&club.server).unwrap_err().code(), "device_fork");
    // It stays stopped until somebody does something about it.
    assert_eq!(copy.sync(&club.server).map(|progress| progress.sent).unwrap_or(0), 0);
    assert_eq!(copy.book.status().unwrap().alarm.as_deref(), Some("device_fork"));
    let link = club.eva.invites(&club.server, samla_core::Role::Steward);
    copy.with(|book, ctx| book.rejoin(ctx, &link, "Olle", "Second phone")).unwrap();
    copy.restart();
    copy.sync(&club.server).unwrap();
    let Club { server, eva, olle } = club;
    let mut phones = [eva, olle, copy];
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names_of(&phones[0]), ["Anna", "Bertil", "Cecilia", "David"]);
    let all = phones[0].book.export_json().unwrap();
    assert!(all.contains("said on the phone") && all.contains("said on the copy"), "both answers are there");
    assert_eq!(phones[0].book.register().conflicts().len(), 1, "and somebody is asked");
    assert_ne!(device_of(&phones[1]), device_of(&phones[2]));
}

/// It sends nothing, and still hears that it was put out: what it had of the book goes, and what was only there is handed back.
#[test]
fn a_copy_that_has_stopped_hears_that_it_was_put_out() {
    let mut club = Club::new(173);
    let mut copy = club.olle.copied(1_731);
    add(&mut club.olle, "Cecilia");
    add(&mut copy, "David");
    club.olle.sync(&club.server).unwrap();
    assert_eq!(copy.sync(&club.server).unwrap_err().code(), "device_fork");
    copy.restart();
    let server = &club.server;
    let mut asked = Vec::new();
    copy.sync_with(|request| {
        asked.push(request.url.rsplit('/').next().unwrap().to_owned());
        Some(server.answer(request))
    })
    .unwrap();
    assert_eq!(asked, ["challenge", "sessions", "bootstrap"]);
    let status = copy.book.status().unwrap();
    assert_eq!((status.alarm.as_deref(), status.unsent, status.removed), (Some("device_fork"), 1, false));

    let device = device_of(&copy);
    club.eva.with(|book, ctx| book.remove_members(ctx, &[device])).unwrap();
    club.eva.sync(&club.server).unwrap();
    assert_eq!(copy.sync(&club.server).unwrap_err().code(), "removed");
    let status = copy.book.status().unwrap();
    assert!(status.removed && status.removed_by.as_deref() == Some("remove"));
    assert!(names_of(&copy).is_empty());
    assert!(copy.book.export_leftover().unwrap().contains("David"));
}

/// An epoch begins before the copy has sent anything or read what the other phone wrote: its own number in the base tells it.
#[test]
fn a_copy_that_comes_to_an_epoch_stops_there() {
    let mut club = Club::new(174);
    let mut copy = club.olle.copied(1_741);
    add(&mut club.olle, "Cecilia");
    club.olle.sync(&club.server).unwrap();
    club.eva.with(|book, ctx| book.rotate(ctx)).unwrap();
    club.eva.sync(&club.server).unwrap();
    add(&mut copy, "David");
    assert_eq!(copy.sync(&club.server).unwrap_err().code(), "device_fork");
    let status = copy.book.status().unwrap();
    assert_eq!((status.epoch, status.alarm.as_deref(), status.unsent), (0, Some("device_fork"), 1));
    club.goes_on(&["Anna", "Bertil", "Cecilia"]);
    assert_eq!(club.olle.book.status().unwrap().alarm, None);
}
