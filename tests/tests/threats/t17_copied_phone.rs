//! T17: a phone was restored from a copy of another, keys and all. The second one to send is told, and stops.

use crate::club::{Club, add, names_of};

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
