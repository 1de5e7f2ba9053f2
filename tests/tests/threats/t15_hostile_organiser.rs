//! T15: an organiser founds an epoch that leaves one person out of five hundred and says nothing. Every phone that was up to
//! date counts it and keeps what it had, and any other tells what it had and has no more; with the recovery sheet that
//! organiser is put out.

use automerge::transaction::{Transactable, Transaction};
use automerge::{ROOT, ReadDoc};
use samla_core::seal::KnownPrekey;
use samla_core::tables::Table;
use samla_core::{Book, Role};
use samla_tests::insider::{Insider, rows_of};
use samla_tests::phone::{Phone, asked};
use samla_tests::scratch;
use samla_tests::server::ORIGIN;
use samla_wire::http::Ack;
use samla_wire::rules::Tip;

use crate::club::{Club, add, alike, device_of, names_of, sync_all};

#[test]
fn a_silent_loss_is_counted_by_everybody() {
    let (server, mut phones) = Club::three(150, true);
    let sheet = phones[0].with(|book, ctx| book.renew_recovery(ctx, None)).unwrap();
    let typed = asked(&sheet);
    phones[0].with(|book, ctx| book.confirm_recovery(ctx, &typed)).unwrap();
    for number in 0..498 {
        add(&mut phones[number % 3], &format!("Number {number:03}"));
    }
    sync_all(&server, &mut phones);
    let names = names_of(&phones[0]);
    assert_eq!(names.len(), 500);

    // The second organiser's keys are in the wrong hands.
    let hostile = phones.remove(1);
    let mut rows = rows_of(&hostile.book);
    let victim = rows.iter().position(|row| row.table == Table::Contacts).unwrap();
    let victim = rows.remove(victim);
    let mut insider = Insider::of(&hostile, &server);
    let founding = insider.found_epoch(&rows, |_| {});
    let (status, body) = insider.post_epoch(&server, &founding);
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
    sync_all(&server, &mut phones);
    for phone in &mut phones {
        assert_eq!(phone.book.status().unwrap().epoch, 1);
        let found = phone.book.continuity().unwrap().unwrap();
        assert!(found.compared, "{found:?}");
        assert_eq!((found.missing, found.changed, found.unexplained), (1, 0, 1), "{found:?}");
        assert!(found.kept_until.is_some());
        let kept = phone.book.export_kept().unwrap();
        assert!(kept.contains(&victim.id.to_string()), "this device still has it: {kept}");
        phone.restart();
        assert_eq!(phone.book.continuity().unwrap().unwrap(), found);
        assert_eq!(names_of(phone).len(), 499);
    }

    // The sheet puts the organiser out, and everybody else as well: they are invited again.
    let mut back = Phone::opened_by(scratch(), 15_050, |ctx, home| {
        Book::recover(ctx, home, sheet.text.as_str(), ORIGIN, "Eva", "New phone", true)
    })
    .unwrap();
    back.sync(&server).unwrap();
    assert_eq!(back.book.members().len(), 1);
    assert_eq!(back.book.status().unwrap().role.as_deref(), Some("organiser"));
    let mut hostile = hostile;
    assert_eq!(hostile.sync(&server).unwrap_err().code(), "removed");
    let link = back.invites(&server, Role::Steward);
    phones[1].sync(&server).unwrap_err();
    phones[1].with(|book, ctx| book.rejoin(ctx, &link, "Gun", "Gun's phone")).unwrap();
    phones[1].sync(&server).unwrap();
    assert_eq!(names_of(&phones[1]), names_of(&back));
}

/// One entry before the op, so that nobody has read to the seal. Who has not read it says that a row is gone, and keeps it for a
/// week.
#[test]
fn a_silent_loss_behind_an_unread_entry_is_noticed() {
    let (server, mut phones) = Club::three(156, true);
    sync_all(&server, &mut phones);
    let hostile = phones.remove(1);
    let mut rows = rows_of(&hostile.book);
    let victim = rows.iter().position(|row| row.table == Table::Contacts).unwrap();
    let victim = rows.remove(victim).id.to_string();
    let mut insider = Insider::of(&hostile, &server);
    let unread = insider.seal(b"nothing");
    assert!(matches!(insider.push(&server, &unread), Ack::Accepted(_)));
    let founding = insider.found_epoch(&rows, |_| {});
    assert_eq!(insider.post_epoch(&server, &founding).0, 201);
    sync_all(&server, &mut phones);
    for phone in &mut phones {
        let found = phone.book.continuity().unwrap().unwrap();
        assert_eq!((found.compared, found.unread, found.doubtful, found.unexplained), (false, 1, 1, 0), "{found:?}");
        assert!(found.kept_until.is_some() && phone.book.export_kept().unwrap().contains(&victim));
        phone.wait(7 * 24 * 60 * 60 - 1);
        phone.restart();
        assert!(phone.book.export_kept().unwrap().contains(&victim));
        phone.wait(1);
        phone.restart();
        let later = phone.book.continuity().unwrap().unwrap();
        assert_eq!((later.kept_until, later.doubtful, phone.book.export_kept().unwrap().as_str()), (None, 1, "[]"));
    }
}

/// The book is founded anew right after that, and again: what was missed is told until somebody has looked at it, and is kept for
/// its week.
#[test]
fn a_later_epoch_hides_no_loss() {
    let (server, mut phones) = Club::three(158, true);
    sync_all(&server, &mut phones);
    let hostile = phones.remove(1);
    let mut rows = rows_of(&hostile.book);
    let victim = rows.iter().position(|row| row.table == Table::Contacts).unwrap();
    let victim = rows.remove(victim).id.to_string();
    let mut insider = Insider::of(&hostile, &server);
    let founding = insider.found_epoch(&rows, |_| {});
    assert_eq!(insider.post_epoch(&server, &founding).0, 201);
    sync_all(&server, &mut phones);
    for _ in 0..2 {
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        sync_all(&server, &mut phones);
    }
    for phone in &mut phones {
        phone.restart();
        let found = phone.book.continuity().unwrap().unwrap();
        assert_eq!((found.since, found.epoch, found.seen), (1, 3, false), "{found:?}");
        assert_eq!((found.missing, found.unexplained), (1, 1), "{found:?}");
        assert!(found.kept_until.is_some() && phone.book.export_kept().unwrap().contains(&victim));
        phone.wait(7 * 24 * 60 * 60);
        phone.restart();
        let later = phone.book.continuity().unwrap().unwrap();
        assert_eq!((later.kept_until, later.unexplained, phone.book.export_kept().unwrap().as_str()), (None, 1, "[]"));
        phone.with(|book, ctx| book.forget_kept(ctx)).unwrap();
        let seen = phone.book.continuity().unwrap().unwrap();
        assert_eq!((seen.since, seen.unexplained, seen.seen), (3, 0, true), "{seen:?}");
    }
}

/// An entry that nobody can read, because it builds on one that was never sent, hides no loss.
#[test]
fn a_silent_loss_behind_a_held_entry_is_counted() {
    let (server, mut phones) = Club::three(157, true);
    sync_all(&server, &mut phones);
    let hostile = phones.remove(1);
    let mut rows = rows_of(&hostile.book);
    let victim = rows.iter().position(|row| row.table == Table::Contacts).unwrap();
    let victim = rows.remove(victim).id;
    let mut insider = Insider::of(&hostile, &server);
    let shard = u16::from(*victim.as_bytes().last().unwrap()) & 15;
    let notes = |text: &'static str| {
        move |tx: &mut Transaction<'_>| {
            let contacts = tx.get(ROOT, "contacts").unwrap().unwrap().1;
            let row = tx.get(&contacts, victim.to_string()).unwrap().unwrap().1;
            tx.put(&row, "note", text).unwrap();
        }
    };
    let mut unseen = insider.doc(shard).clone();
    unseen.apply_changes([insider.change(shard, notes("never sent"))]).unwrap();
    let change = insider.change_on(unseen, notes("sent"));
    let envelope = insider.seal_changes(&[(shard, change.raw_bytes().to_vec())]);
    assert!(matches!(insider.push(&server, &envelope), Ack::Accepted(_)));
    for phone in &mut phones {
        phone.sync(&server).unwrap();
        assert_eq!(phone.book.status().unwrap().held, 1);
    }
    let founding = insider.found_epoch(&rows, |_| {});
    assert_eq!(insider.post_epoch(&server, &founding).0, 201);
    sync_all(&server, &mut phones);
    for phone in &phones {
        let found = phone.book.continuity().unwrap().unwrap();
        assert_eq!((found.compared, found.missing, found.unexplained), (true, 1, 1), "{found:?}");
    }
}

/// The loss is called an erasure, in an epoch that erases nobody.
#[test]
fn a_loss_is_not_explained_by_calling_it_erased() {
    let (server, mut phones) = Club::three(151, true);
    sync_all(&server, &mut phones);
    let hostile = phones.remove(1);
    let mut rows = rows_of(&hostile.book);
    let victim = rows.iter().position(|row| row.table == Table::Contacts).unwrap();
    rows.remove(victim);
    let mut insider = Insider::of(&hostile, &server);
    insider.beside.gone = 1;
    let founding = insider.found_epoch(&rows, |_| {});
    assert_eq!(insider.post_epoch(&server, &founding).0, 201);
    sync_all(&server, &mut phones);
    for phone in &phones {
        assert_eq!(phone.book.continuity().unwrap().unwrap().unexplained, 1);
    }
}

/// The next key is to go to the organiser in a colleague's place.
#[test]
fn a_base_that_names_another_prekey_for_a_member_is_not_taken() {
    let (server, mut phones) = Club::three(152, true);
    sync_all(&server, &mut phones);
    let hostile = phones.remove(1);
    let before = names_of(&phones[0]);
    let mut insider = Insider::of(&hostile, &server);
    let victim = phones[1].book.status().unwrap().device_id.parse().unwrap();
    insider.beside.prekeys = vec![KnownPrekey { device: victim, prekey: insider.keys.prekey().public() }];
    let founding = insider.found_epoch(&rows_of(&hostile.book), |_| {});
    assert_eq!(insider.post_epoch(&server, &founding).0, 201);
    for phone in &mut phones {
        assert_eq!(phone.sync(&server).unwrap_err().code(), "epoch_unreadable");
        assert_eq!(phone.book.status().unwrap().epoch, 0);
        assert_eq!(names_of(phone), before);
    }
}

/// Nobody is to take what a colleague writes next.
#[test]
fn a_base_with_false_numbers_of_a_member_is_not_taken() {
    let (server, mut phones) = Club::three(153, true);
    sync_all(&server, &mut phones);
    let hostile = phones.remove(1);
    let before = names_of(&phones[0]);
    let mut insider = Insider::of(&hostile, &server);
    insider.log.tips.get_mut(&device_of(&phones[1])).unwrap().dseq += 1_000;
    let founding = insider.found_epoch(&rows_of(&hostile.book), |_| {});
    assert_eq!(insider.post_epoch(&server, &founding).0, 201);
    for phone in &mut phones {
        assert_eq!(phone.sync(&server).unwrap_err().code(), "epoch_unreadable");
        let status = phone.book.status().unwrap();
        assert_eq!((status.epoch, status.alarm.as_deref()), (0, Some("epoch_unreadable")));
        assert_eq!(names_of(phone), before);
    }
}

/// Who has not read to the seal cannot know the numbers of the others, but its own. It comes in anew, and nothing is lost.
#[test]
fn who_is_given_false_numbers_is_told_and_comes_in_anew() {
    type Spoil = fn(&mut Tip);
    let spoilt: [Spoil; 2] = [|tip| tip.dseq += 1_000, |tip| tip.id.0[0] ^= 1];
    for (seed, spoil) in (154..).zip(spoilt) {
        let (server, mut phones) = Club::three(seed, true);
        sync_all(&server, &mut phones);
        let hostile = phones.remove(1);
        let mut insider = Insider::of(&hostile, &server);
        let unread = insider.seal(b"nothing");
        assert!(matches!(insider.push(&server, &unread), Ack::Accepted(_)));
        spoil(insider.log.tips.get_mut(&device_of(&phones[1])).unwrap());
        let founding = insider.found_epoch(&rows_of(&hostile.book), |_| {});
        assert_eq!(insider.post_epoch(&server, &founding).0, 201);

        add(&mut phones[1], "Cecilia");
        phones[0].sync(&server).unwrap();
        assert_eq!(phones[1].sync(&server).unwrap_err().code(), "device_fork");
        let status = phones[1].book.status().unwrap();
        assert_eq!((status.epoch, status.alarm.as_deref()), (0, Some("device_fork")));
        assert_eq!(names_of(&phones[1]), ["Anna", "Bertil", "Cecilia"]);
        let link = phones[0].invites(&server, Role::Steward);
        phones[1].with(|book, ctx| book.rejoin(ctx, &link, "Gun", "Gun's phone")).unwrap();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names_of(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
    }
}
