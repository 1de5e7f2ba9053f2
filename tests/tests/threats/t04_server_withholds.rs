//! T4: the server keeps back the end of the log. One phone alone cannot see it; after fourteen days without a word of any
//! organiser it says so, and nobody can be brought into a book that is older than what the link pins.

use samla_core::Role;
use samla_tests::insider::Liar;
use samla_tests::phone::Phone;
use samla_tests::scratch;

use crate::club::{Club, add, names_of};

const DAY: i64 = 24 * 60 * 60;

#[test]
fn two_weeks_without_an_organiser_are_told() {
    let mut club = Club::new(40);
    let book = club.book();
    // Honest days first: Eva's phone tells once a day that it is there.
    for _ in 0..3 {
        for phone in [&mut club.eva, &mut club.olle] {
            phone.wait(DAY);
            club.server.set_time(phone.now.timestamp().cast_unsigned());
            phone.sync(&club.server).unwrap();
        }
    }
    club.sync();
    let mut frozen = Liar::new(&club.server, book);
    add(&mut club.eva, "Kept back");
    for day in 1..=16 {
        club.eva.wait(DAY);
        club.server.set_time(club.eva.now.timestamp().cast_unsigned());
        club.eva.sync(&club.server).unwrap();
        club.olle.wait(DAY);
        club.olle.sync_with(|request| Some(frozen.answer(request))).unwrap();
        let (olle, now) = (&club.olle.book, club.olle.now);
        assert_eq!(olle.organisers_silent(&now), day > 14, "day {day}");
        assert_eq!(olle.status().unwrap().alarm, None);
    }
    assert!(!names_of(&club.olle).contains(&"Kept back".to_owned()));
    let heard = club.olle.book.members().into_iter().find(|member| member.role == "organiser").unwrap();
    assert!(club.olle.now - heard.last_heard.unwrap() > chrono::TimeDelta::days(14), "when it was last heard from");
}

/// An organiser who was silent before a phone came in does not make it blind to the silence of the others.
#[test]
fn an_organiser_who_was_never_heard_from_hides_nothing() {
    let (server, mut phones) = Club::three(42, true);
    let [eva, ..] = &mut phones[..] else { panic!("three phones") };
    // A new epoch: what the second organiser told before it is in no log that a newcomer reads.
    eva.with(|book, ctx| book.rotate(ctx)).unwrap();
    eva.sync(&server).unwrap();
    let link = eva.invites(&server, Role::Steward);
    let mut stina = Phone::joins_in(scratch(), 4_204, "Stina", &link).unwrap();
    stina.sync(&server).unwrap();
    let organisers =
        |phone: &Phone| phone.book.members().into_iter().filter(|m| m.role == "organiser").collect::<Vec<_>>();
    let heard = organisers(&stina).iter().filter(|member| member.last_heard.is_some()).count();
    assert_eq!((organisers(&stina).len(), heard), (2, 1));
    assert!(!stina.book.organisers_silent(&stina.now));
    stina.wait(15 * DAY);
    assert!(stina.book.organisers_silent(&stina.now));
}

/// A joiner is shown a log that ends before what the inviter had seen.
#[test]
fn a_joiner_is_not_brought_into_an_older_book() {
    let mut club = Club::new(41);
    let old = samla_tests::insider::entries(&club.server, &club.book());
    for name in ["Cecilia", "David"] {
        add(&mut club.eva, name);
        club.eva.sync(&club.server).unwrap();
    }
    let link = club.eva.invites(&club.server, Role::Steward);
    // The roster is whole, and what stands between it was left out of the log.
    let mut joiner = Phone::joins_in(scratch(), 4_102, "Gun", &link).unwrap();
    let mut liar = Liar::new(&club.server, club.book());
    let invitation = liar.entries.pop().unwrap();
    liar.entries.truncate(old.len());
    liar.entries.push(invitation);
    let result = joiner.sync_with(|request| Some(liar.answer(request)));
    let told = result.is_err() || joiner.book.status().unwrap().alarm.is_some();
    assert!(told, "the log is not the one that the link pins");
    assert_eq!(names_of(&joiner), Vec::<String>::new(), "nothing of it is shown as the book");
}
