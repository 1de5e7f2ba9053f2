//! T13: a steward removes most of the register. Everybody is told who and how much, and an organiser brings it back from
//! their own phone before the steward is put out.

use samla_core::tables::Table;
use samla_tests::phone::Phone;

use crate::club::{Club, add, alike, device_of, names_of, sync_all};

#[test]
fn a_raid_is_told_and_taken_back() {
    let (server, mut phones) = Club::three(130, false);
    for number in 0..60 {
        add(&mut phones[0], &format!("Number {number:02}"));
    }
    sync_all(&server, &mut phones);
    let before = names_of(&phones[0]);
    // A tidy afternoon is no reason to warn.
    let all: Vec<_> = phones[1].book.register().rows(Table::Contacts).iter().map(|row| row.id()).collect();
    for id in &all[..3] {
        phones[1].with(|book, ctx| book.remove(ctx, Table::Contacts, *id)).unwrap();
    }
    sync_all(&server, &mut phones);
    assert!(phones[0].book.mass_removals().unwrap().is_empty());

    phones[2].wait(3 * 24 * 60 * 60);
    let raid: Vec<_> = phones[2].book.register().rows(Table::Contacts).iter().map(|row| row.id()).collect();
    let raid = &raid[..raid.len() * 9 / 10];
    for id in raid {
        phones[2].with(|book, ctx| book.remove(ctx, Table::Contacts, *id)).unwrap();
    }
    sync_all(&server, &mut phones);
    let culprit = device_of(&phones[2]);
    for phone in &mut phones[..2] {
        let told = phone.book.mass_removals().unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].device_id, culprit.to_string());
        assert_eq!((told[0].removed as usize, told[0].name.as_deref()), (raid.len(), Some("Gun")));
        assert!(told[0].removed * 5 > told[0].of);
        phone.restart();
        assert_eq!(phone.book.mass_removals().unwrap(), told);
    }
    let day = phones[0].book.mass_removals().unwrap()[0].day.clone();
    let back = |phone: &mut Phone| phone.with(|book, ctx| book.bring_back(ctx, culprit, &day)).unwrap();
    assert_eq!((back(&mut phones[0]) as usize, back(&mut phones[0])), (raid.len(), 0));
    for id in &all[..3] {
        phones[0].with(|book, ctx| book.restore(ctx, Table::Contacts, *id)).unwrap();
    }
    assert_eq!(names_of(&phones[0]), before);
    phones[0].with(|book, ctx| book.remove_members(ctx, &[culprit])).unwrap();
    let mut gone = phones.pop().unwrap();
    sync_all(&server, &mut phones);
    assert_eq!(gone.sync(&server).unwrap_err().code(), "removed");
    alike(&mut phones);
    assert_eq!(names_of(&phones[1]), before);
    assert!(phones[0].book.mass_removals().unwrap().is_empty());
    let found = phones[0].book.continuity().unwrap().unwrap();
    assert_eq!((found.compared, found.unexplained), (true, 0), "{found:?}");
}
