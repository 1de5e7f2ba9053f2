//! T5: the server is put back from a backup. If it only lost its end, the phones bring it back, to the same hash; if it went
//! another way meanwhile, an organiser settles it and no edit is lost.

use samla_tests::insider::Liar;

use crate::club::{Club, add, alike, names_of, sync_all};

#[test]
fn a_hundred_edits_come_back_to_the_same_hash() {
    let mut club = Club::new(50);
    let backup = club.server.snapshot();
    let mut names = vec!["Anna".to_owned(), "Bertil".to_owned()];
    for number in 0..100 {
        let phone = if number % 2 == 0 { &mut club.eva } else { &mut club.olle };
        let name = format!("Number {number:03}");
        add(phone, &name);
        phone.sync(&club.server).unwrap();
        names.push(name);
    }
    club.sync();
    let before = Liar::new(&club.server, club.book()).head();
    club.server.roll_back(backup.path());
    assert!(Liar::new(&club.server, club.book()).head().n < before.n, "the end is lost");
    club.olle.sync(&club.server).unwrap();
    assert_eq!(Liar::new(&club.server, club.book()).head(), before);
    club.eva.sync(&club.server).unwrap();
    assert_eq!(names_of(&club.eva), names);
    assert_eq!(club.eva.book.status().unwrap().alarm, None);
    let mut phones = [club.eva, club.olle];
    alike(&mut phones);
}

#[test]
fn a_log_that_went_another_way_is_settled_with_nothing_lost() {
    let (mut server, mut phones) = Club::three(51, false);
    let backup = server.snapshot();
    let mut names = vec!["Anna".to_owned(), "Bertil".to_owned()];
    for number in 0..20 {
        let name = format!("Lost {number:02}");
        add(&mut phones[number % 2], &name);
        phones[number % 2].sync(&server).unwrap();
        names.push(name);
    }
    phones[0].sync(&server).unwrap();
    server.roll_back(backup.path());
    // The third never saw what was lost, and writes on.
    for number in 0..5 {
        let name = format!("Other {number}");
        add(&mut phones[2], &name);
        phones[2].sync(&server).unwrap();
        names.push(name);
    }
    add(&mut phones[1], "Unsent");
    names.push("Unsent".into());
    for phone in &mut phones[..2] {
        assert_eq!(phone.sync(&server).unwrap_err().code(), "chain_mismatch");
        assert_eq!(phone.book.status().unwrap().alarm.as_deref(), Some("chain_mismatch"), "nothing by itself");
    }
    phones[0].with(|book, ctx| book.settle_with_server(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    names.sort();
    assert_eq!(names_of(&phones[2]), names);
    assert_eq!(phones[0].book.status().unwrap().epoch, 1);
    let founded = phones[0].book.founded().unwrap();
    assert_eq!(founded.last().unwrap().reason, "restore");
}
