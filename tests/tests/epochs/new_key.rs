//! A new key and a new log: what is carried over, and what comes when more than one is on its way.

use std::collections::BTreeSet;

use automerge::transaction::{Transactable, Transaction};
use automerge::{Automerge, Change, ROOT, ReadDoc};
use samla_core::register::AnswerView;
use samla_core::seal::{Base, open_envelope, unpack_base};
use samla_core::tables::{ContactDraft, LIVE, Patch, Row, Table, TallyKind, Value, VisitDraft, VisitKind};
use samla_core::{BookError, DeviceId, Role, RowId, SignUp, StorageKey};
use samla_tests::insider::{Insider, database, opened_states, stolen};
use samla_tests::ledger::shown;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;
use samla_wire::Envelope;
use samla_wire::http::{Ack, EpochResponse};

use crate::{add, alike, club, names, note, sync_all, talk};

#[test]
fn a_new_key_changes_nothing_that_is_shown() {
    let (server, mut phones) = club(1, 2);
    let anna = add(&mut phones[1], "Anna");
    talk(&mut phones[1], anna, "wants to think");
    sync_all(&server, &mut phones);
    let before = phones[0].book.export_json().unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    for phone in &mut phones {
        let status = phone.book.status().unwrap();
        assert_eq!((status.epoch, status.unsent, status.rejected, status.held), (1, 0, 0, 0));
        assert_eq!(status.alarm, None);
        assert_eq!(phone.book.export_json().unwrap(), before);
        let found = phone.book.continuity().unwrap().unwrap();
        assert_eq!((found.unexplained, found.compared), (0, true), "{found:?}");
        let states = opened_states(phone);
        assert!(states.iter().all(|(name, _)| !name.starts_with("part ")), "what was built is not left lying");
        phone.restart();
        assert_eq!(phone.book.export_json().unwrap(), before);
    }
    note(&mut phones[2], anna, "called back");
    add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna", "Bertil"]);
    assert!(phones[0].book.members().iter().all(|member| member.moved));
    let founded = phones[0].book.founded().unwrap();
    assert_eq!(founded.len(), 1);
    assert!(founded[0].receipt.as_ref().unwrap().count > 0);
}

#[test]
fn edits_made_offline_are_carried_over() {
    let (server, mut phones) = club(2, 2);
    let anna = add(&mut phones[0], "Anna");
    let bertil = add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    note(&mut phones[1], anna, "only here");
    let cecilia = add(&mut phones[1], "Cecilia");
    talk(&mut phones[1], cecilia, "signed at lunch");
    note(&mut phones[2], bertil, "two");
    note(&mut phones[0], bertil, "nought");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[0].book.status().unwrap().epoch, 1);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
    assert_eq!(phones[0].book.register().rows(Table::Talks).len(), 1);
    let clash = phones[0].book.register().conflicts();
    assert_eq!(clash.len(), 1, "{clash:?}");
    assert_eq!(clash[0].answers.len(), 2);
    let id = clash[0].id;
    let chosen = clash[0].answers[1].value.clone();
    phones[1].with(|book, ctx| book.resolve(ctx, Table::Contacts, id, "note", chosen)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert!(phones[2].book.register().conflicts().is_empty());
}

/// Whoever loses an edit has to read what it was: a link by the name of what it points at.
#[test]
fn what_was_not_carried_over_is_told_in_words() {
    let (server, mut phones) = club(36, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let eva = phones[1].book.register().rows(Table::People).iter().find(|row| text(row, "name") == "Eva").unwrap().id();
    let set = ContactDraft { note: Some("called back".into()), owner: Some(eva.into()), ..ContactDraft::default() };
    let patch = Patch { id: anna, set: set.into(), clear: Vec::new() };
    phones[1].with(|book, ctx| book.set(ctx, &patch)).unwrap();
    phones[0].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    let lost = phones[1].book.lost_edits().unwrap();
    assert_eq!((lost.count, lost.edits[0].table, &*lost.edits[0].title), (1, Table::Contacts, "Anna"));
    let mut told: Vec<_> = lost.edits[0].fields.iter().map(|field| (&*field.field, &*field.shown)).collect();
    told.sort_unstable();
    assert_eq!(told, [("note", "called back"), ("owner", "Eva")]);
}

#[test]
fn two_organisers_at_once_and_a_push_in_between_settle() {
    let (server, mut phones) = club(18, 2);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let second = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, second, Role::Organiser)).unwrap();
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[1].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    // Both build; the first to post wins, and the other begins again.
    let mut late = None;
    phones[0].book.begin_sync();
    let mut pushed = false;
    while let Some(request) = phones[0].with(|book, ctx| book.next_request(ctx)).unwrap() {
        if request.url.ends_with("/epoch") && late.is_none() {
            late = Some(());
            phones[1].sync(&server).unwrap();
        }
        if request.method == "PUT" && !pushed {
            pushed = true;
            add(&mut phones[2], "Bertil");
            phones[2].sync(&server).unwrap();
        }
        let (status, body) = server.answer(&request);
        phones[0].with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
    }
    assert!(late.is_some() && pushed);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[2]), ["Bertil"]);
    assert!(phones.iter().all(|phone| phone.book.wanted().is_none()));
}

/// Whoever wants more while an epoch is on its way gets both.
#[test]
fn what_is_wanted_while_an_epoch_is_on_its_way_comes_after_it() {
    let (server, mut phones) = club(36, 1);
    let anna = add(&mut phones[0], "Anna");
    let bertil = add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    // The server has the op, and the answer is lost.
    let _ = phones[0].sync_with(|request| {
        let answer = server.answer(request);
        (!request.url.ends_with("/epoch")).then_some(answer)
    });
    phones[0].with(|book, ctx| book.erase(ctx, bertil.into())).unwrap();
    add(&mut phones[0], "Cecilia");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Cecilia"]);
    let status = phones[0].book.status().unwrap();
    assert_eq!((status.epoch, status.alarm), (2, None));
    assert!(phones[0].book.wanted().is_none());
}

/// Who has not read everything compares as far as it has read. What the others have changed, added and removed since, what it brings
/// itself, and who is erased is no loss.
#[test]
fn who_has_not_read_everything_misses_only_what_was_removed() {
    let (server, mut phones) = club(50, 2);
    let [anna, bertil, cecilia] = ["Anna", "Bertil", "Cecilia"].map(|name| add(&mut phones[0], name));
    sync_all(&server, &mut phones);
    let compared = |phone: &Phone| phone.book.continuity().unwrap().unwrap();
    // The roster's entries change no row: whoever has read all but those compares exactly.
    phones[0].invites(&server, Role::Steward);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    phones[1].sync(&server).unwrap();
    let found = compared(&phones[1]);
    assert_eq!((found.compared, found.unread, found.unexplained), (true, 0, 0), "{found:?}");
    sync_all(&server, &mut phones);

    note(&mut phones[1], anna, "only here");
    phones[1].with(|book, ctx| book.remove(ctx, Table::Contacts, bertil)).unwrap();
    add(&mut phones[1], "David");
    note(&mut phones[2], anna, "elsewhere");
    phones[2].with(|book, ctx| book.remove(ctx, Table::Contacts, cecilia)).unwrap();
    phones[2].with(|book, ctx| book.remove(ctx, Table::Contacts, bertil)).unwrap();
    add(&mut phones[2], "Eskil");
    phones[2].sync(&server).unwrap();
    phones[0].sync(&server).unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    phones[1].sync(&server).unwrap();
    let found = compared(&phones[1]);
    assert_eq!((found.compared, found.doubtful, found.unexplained), (false, 1, 0), "{found:?}");
    assert!(found.unread > 0);
    let kept = phones[1].book.export_kept().unwrap();
    assert!(kept.contains(&cecilia.to_string()) && !kept.contains(&bertil.to_string()), "{kept}");
    sync_all(&server, &mut phones);
    alike(&mut phones);

    note(&mut phones[2], anna, "again");
    phones[2].sync(&server).unwrap();
    phones[0].sync(&server).unwrap();
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].sync(&server).unwrap();
    phones[1].sync(&server).unwrap();
    let found = compared(&phones[1]);
    // The doubt of before is told of until somebody has looked, and its row is kept no longer.
    assert_eq!((found.compared, found.erased, found.doubtful, found.since), (false, 1, 1, 2), "{found:?}");
    assert_eq!(phones[1].book.export_kept().unwrap(), "[]");
    phones[1].with(|book, ctx| book.forget_kept(ctx)).unwrap();
    let found = compared(&phones[1]);
    assert_eq!((found.erased, found.doubtful, found.since, found.seen), (1, 0, 3, true), "{found:?}");
}

/// What is written about Anna is an edit of her on both sides of a new epoch: who removes her there without having heard of it does
/// not remove her.
#[test]
fn what_is_carried_over_about_somebody_keeps_them() {
    let (server, mut phones) = club(56, 2);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    talk(&mut phones[1], anna, "wants to think");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    phones[2].sync(&server).unwrap();
    phones[2].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert_eq!((names(phone), phone.book.register().rows(Table::Talks).len()), (vec!["Anna".to_owned()], 1));
        let clashes = phone.book.register().conflicts();
        let told: Vec<_> = clashes.iter().map(|clash| (clash.id, clash.field.as_str(), clash.kept_edit)).collect();
        assert_eq!(told, [(anna, LIVE, true)]);
    }
}

/// Somebody signs Freja up without having heard that she was forgotten, and hears of it only with a new epoch: the sign-up counts,
/// and its writer is told that it is nobody's by name any more.
#[test]
fn who_is_forgotten_before_an_epoch_is_told_to_whoever_signed_them_up_meanwhile() {
    let (server, mut phones) = club(58, 1);
    let [freja, gro] = ["Freja", "Gro"].map(|name| add(&mut phones[0], name));
    sync_all(&server, &mut phones);
    let signs_up = |phone: &mut Phone, contact: RowId| {
        let sign_up = SignUp { contact_id: Some(contact.into()), ..SignUp::default() };
        phone.with(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap();
    };
    // Of this one Eva has heard.
    signs_up(&mut phones[1], gro);
    sync_all(&server, &mut phones);
    signs_up(&mut phones[1], freja);
    for id in [freja, gro] {
        phones[0].with(|book, ctx| book.forget(ctx, id.into())).unwrap();
    }
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(phones[1].book.register().rows(Table::Memberships).len(), 2);
    let told = |phone: &Phone| phone.book.lost_edits().unwrap();
    assert_eq!((told(&phones[0]).count, told(&phones[1]).count), (0, 1));
    phones[1].restart();
    assert_eq!((told(&phones[1]).count, told(&phones[1]).edits), (1, vec![]));
}

/// The same the other way round: who removes Anna and a visit before the epoch has not heard of what it brings about them. What they
/// had seen goes.
#[test]
fn what_an_epoch_brings_about_somebody_keeps_them() {
    let (server, mut phones) = club(59, 1);
    let [anna, bertil, gro] = ["Anna", "Bertil", "Gro"].map(|name| add(&mut phones[0], name));
    let [counted, signed_at, known] = [(); 3].map(|()| table(&mut phones[0]));
    let counts = |phone: &mut Phone, visit: RowId, n| {
        phone.with(|book, ctx| book.tally(ctx, visit.into(), TallyKind::Talked, None, n)).unwrap();
    };
    let signs_up = |phone: &mut Phone, visit: RowId| {
        let sign_up = SignUp { contact_id: Some(gro.into()), visit: Some(visit.into()), ..SignUp::default() };
        phone.with(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap();
    };
    talk(&mut phones[0], bertil, "wants to think");
    signs_up(&mut phones[0], known);
    for visit in [counted, known] {
        counts(&mut phones[0], visit, 3);
    }
    sync_all(&server, &mut phones);

    let removed = [
        (Table::Contacts, anna),
        (Table::Contacts, bertil),
        (Table::Visits, counted),
        (Table::Visits, signed_at),
        (Table::Visits, known),
    ];
    for (table, id) in removed {
        phones[1].with(|book, ctx| book.remove(ctx, table, id)).unwrap();
    }
    talk(&mut phones[0], anna, "has signed");
    signs_up(&mut phones[0], signed_at);
    // Into the row that it has already.
    counts(&mut phones[0], counted, 12);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        let register = phone.book.register();
        assert_eq!(names(phone), ["Anna", "Gro"]);
        assert_eq!(register.table_summary(counted.into()).tapped, 15);
        let told = register.conflicts().into_iter().map(|one| (one.id, one.field, one.kept_edit));
        let kept = [anna, counted, signed_at].map(|id| (id, LIVE.to_owned(), true));
        assert_eq!(told.collect::<BTreeSet<_>>(), BTreeSet::from(kept));
        assert_eq!(phone.book.lost_edits().unwrap().count, 0);
    }
}

fn table(phone: &mut Phone) -> RowId {
    let starts_at = "2026-09-07T11:30:00+02:00".parse().ok();
    let visit = VisitDraft { kind: Some(VisitKind::Table), starts_at, ..VisitDraft::default() };
    phone.with(|book, ctx| book.add(ctx, &visit.into())).unwrap()
}

/// Who gave which of two answers, and when, is told in a new epoch as it was before.
#[test]
fn both_of_two_answers_stay_signed_in_a_new_epoch() {
    let (server, mut phones) = club(55, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    for (phone, text) in phones.iter_mut().zip(["one", "two"]) {
        phone.wait(60);
        note(phone, anna, text);
    }
    sync_all(&server, &mut phones);
    let answers = |phone: &Phone| phone.book.register().conflicts().into_iter().flat_map(|one| one.answers).collect();
    let before: Vec<AnswerView> = answers(&phones[0]);
    assert!(before.len() == 2 && before.iter().all(|one| one.device.is_some() && one.at.is_some()), "{before:?}");
    for _ in 0..2 {
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(answers(&phones[1]), before);
    }

    phones[1].with(|book, ctx| book.resolve(ctx, Table::Contacts, anna, "note", before[1].value.clone())).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert!(answers(phone).is_empty() && phone.book.register().rows(Table::Conflicts).is_empty());
    }
}

/// What an epoch kept aside goes with a choice that comes after the next one: nobody misses it.
#[test]
fn a_choice_that_is_carried_over_leaves_nothing_missing() {
    let (server, mut phones) = club(54, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    note(&mut phones[1], anna, "one");
    note(&mut phones[0], anna, "two");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    assert_eq!(phones[1].book.register().conflicts().len(), 1);
    let chosen = Some(Value::Text("one".into()));
    phones[1].with(|book, ctx| book.resolve(ctx, Table::Contacts, anna, "note", chosen)).unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    phones[1].sync(&server).unwrap();
    let found = phones[1].book.continuity().unwrap().unwrap();
    assert_eq!((found.epoch, found.compared, found.unexplained), (2, true, 0), "{found:?}");
    sync_all(&server, &mut phones);
    alike(&mut phones);
}

/// Two answers meet, and one of them is chosen on a phone that has not heard of the epoch yet: nothing is left of the other, nor of
/// whose the one was that the epoch showed.
#[test]
fn a_choice_that_is_carried_over_leaves_no_answer_behind() {
    for nth in [0, 1] {
        let (server, mut phones) = club(57, 1);
        let anna = add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        for (phone, text) in phones.iter_mut().zip(["one", "two"]) {
            phone.wait(60);
            note(phone, anna, text);
        }
        sync_all(&server, &mut phones);
        let chosen = phones[1].book.register().conflicts()[0].answers[nth].value.clone();
        phones[1].with(|book, ctx| book.resolve(ctx, Table::Contacts, anna, "note", chosen.clone())).unwrap();
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        phones[0].sync(&server).unwrap();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        for phone in &phones {
            let register = phone.book.register();
            assert_eq!(register.row(Table::Contacts, anna).unwrap().get("note"), chosen);
            assert!(register.conflicts().is_empty() && register.rows(Table::Conflicts).is_empty());
        }
    }
}

/// Somebody removes Anna while a colleague edits her, and the book is founded anew in between: she stays, and somebody chooses.
#[test]
fn a_removal_that_meets_a_newer_base_waits_for_a_choice() {
    let (server, mut phones) = club(51, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    phones[1].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    note(&mut phones[0], anna, "called back");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &mut phones {
        phone.restart();
        assert_eq!(names(phone), ["Anna"]);
        let clashes = phone.book.register().conflicts();
        let told: Vec<_> = clashes.iter().map(|clash| (clash.id, clash.field.as_str(), clash.kept_edit)).collect();
        assert_eq!(told, [(anna, LIVE, true)]);
    }
}

/// Somebody always comes first: whoever wants the book founded anew is told so in the end, and asks once more when it is quiet.
#[test]
fn who_never_comes_first_is_told_so_and_may_try_again() {
    let (server, mut phones) = club(52, 1);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    let [eva, olle] = &mut phones[..] else { panic!("two phones") };
    let mut posts = 0;
    let told = eva.sync_with(|request| {
        if request.url.ends_with("/epoch") {
            posts += 1;
            add(olle, "Somebody");
            olle.sync(&server).unwrap();
        }
        Some(server.answer(request))
    });
    assert_eq!((told.unwrap_err().code(), posts), ("epoch_contended", 21));
    let wanted = eva.book.wanted().unwrap();
    assert_eq!((wanted.tries, wanted.on_its_way), (0, false));
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!((phones[0].book.status().unwrap().epoch, phones[0].book.wanted()), (1, None));
}

/// The server's word on what it deleted is altered, or is that of another epoch: the epoch has begun, and no receipt is kept.
#[test]
fn a_receipt_that_is_not_for_this_epoch_is_not_kept() {
    let (server, mut phones) = club(53, 0);
    let eva = &mut phones[0];
    let mut honest = None;
    for epoch in 1..=3 {
        eva.with(|book, ctx| book.rotate(ctx)).unwrap();
        let told = eva.sync_with(|request| {
            let (status, body) = server.answer(request);
            if !request.url.ends_with("/epoch") {
                return Some((status, body));
            }
            let mut answer: EpochResponse = minicbor::decode(&body).unwrap();
            match epoch {
                1 => honest = Some(answer.receipt.clone()),
                2 => answer.receipt.deletion.count += 1,
                _ => answer.receipt = honest.clone().unwrap(),
            }
            Some((status, samla_wire::to_cbor(&answer)))
        });
        told.unwrap();
        assert_eq!(eva.book.status().unwrap().epoch, epoch);
    }
    let founded = eva.book.founded().unwrap();
    let kept: Vec<_> = founded.iter().map(|founded| (founded.epoch, founded.receipt.is_some())).collect();
    assert_eq!(kept, [(1, true), (2, false), (3, false)]);
}

/// Two organisers, of whom one lowers the other while that one wants to found an epoch too: the wish ends with the right to it.
#[test]
fn who_may_not_found_an_epoch_any_more_wants_none() {
    let (server, mut phones) = club(34, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    sync_all(&server, &mut phones);
    phones[1].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].with(|book, ctx| book.lower(ctx, other, Role::Steward)).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    let status = phones[1].book.status().unwrap();
    assert_eq!((status.epoch, status.alarm), (1, None));
}

/// The same where somebody was to be erased: it has not happened, and whoever asked for it hears so.
#[test]
fn who_is_lowered_before_an_erasure_is_told_that_nothing_came_of_it() {
    let (server, mut phones) = club(38, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    let anna = add(&mut phones[0], "Anna");
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    sync_all(&server, &mut phones);
    phones[1].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].with(|book, ctx| book.lower(ctx, other, Role::Steward)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[1].sync(&server).unwrap_err().code(), "not_allowed");
    assert!(phones[1].book.wanted().is_none());
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna"]);
}

/// An epoch kept two texts about Anna, of which somebody who removes her has seen one: she stays, with the other.
#[test]
fn a_removal_does_not_meet_what_the_epoch_keeps_aside() {
    let (server, mut phones) = club(42, 1);
    let anna = add(&mut phones[1], "Anna");
    sync_all(&server, &mut phones);
    note(&mut phones[1], anna, "seen");
    phones[1].sync(&server).unwrap();
    phones[1].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    note(&mut phones[0], anna, "unseen");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna"]);
    assert!(shown(&phones[1].book, Table::Contacts, anna, "note").contains(&"unseen".to_owned()));
}

/// A text that waits beside another is an edit like any: who removes Anna without having seen it does not remove her.
#[test]
fn what_is_kept_beside_a_newer_text_keeps_its_contact() {
    let (server, mut phones) = club(43, 2);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    note(&mut phones[1], anna, "late");
    note(&mut phones[0], anna, "early");
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    phones[2].sync(&server).unwrap();
    phones[2].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[2]), ["Anna"]);
    assert!(shown(&phones[2].book, Table::Contacts, anna, "note").contains(&"late".to_owned()));
}

/// Two taps on the same member before the phone has synced: the later holds, and the book goes on.
#[test]
fn who_is_lowered_twice_has_what_was_said_last() {
    let (server, mut phones) = club(41, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    for role in [Role::Reader, Role::Reader] {
        phones[0].with(|book, ctx| book.lower(ctx, other, role)).unwrap();
    }
    sync_all(&server, &mut phones);
    alike(&mut phones);
    let status = phones[1].book.status().unwrap();
    assert_eq!((status.epoch, status.role.as_deref()), (1, Some("reader")));
    assert!(phones[0].book.wanted().is_none());
}

#[test]
fn a_renewed_storage_key_opens_and_the_old_one_does_not() {
    let (server, mut phones) = club(19, 0);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    assert!(phones[0].book.status().unwrap().renew_storage_key);
    add(&mut phones[0], "Bertil");
    phones[0].with(|book, ctx| book.renew_storage_key(ctx, StorageKey::from_bytes([9; 32]))).unwrap();
    assert!(!phones[0].book.status().unwrap().renew_storage_key);
    let files = phones[0].files();
    let old = phones[0].home().storage_key.clone();
    assert!(matches!(Phone::opens(scratch(), 1, &files, old), Err(BookError::Store(_))));
    let again = Phone::opens(scratch(), 1, &files, StorageKey::from_bytes([9; 32])).unwrap();
    assert_eq!(names(&again), ["Anna", "Bertil"]);
}

#[test]
fn a_renewed_storage_key_leaves_nothing_behind_that_the_copies_held() {
    let (server, mut phones) = club(20, 0);
    for name in ["Anna", "Bertil", "Cecilia"] {
        add(&mut phones[0], name);
    }
    sync_all(&server, &mut phones);
    for loaded in [true, false] {
        phones[0].with(|book, ctx| book.tidy(ctx)).unwrap();
        let heads = phones[0].book.heads().unwrap();
        if !loaded {
            phones[0].restart();
        }
        phones[0].renews_key().unwrap();
        assert_eq!(phones[0].book.heads().unwrap(), heads);
        phones[0].restart();
        assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
        assert_eq!(phones[0].book.heads().unwrap(), heads);
    }
}

/// The base of this epoch as it lies on the server, opened with what a phone has.
fn text(row: &Row, field: &str) -> String {
    row.get(field).as_ref().map(Value::to_string).unwrap_or_default()
}

fn base_of(phone: &Phone, server: &Server, epoch: u32) -> Base {
    let key = stolen(phone).epoch_key.unwrap().base_key(&phone.book.id(), epoch);
    let snapshot = server.snapshot();
    let database = database(snapshot.path());
    let mut query = database.prepare("SELECT envelope FROM part ORDER BY place").unwrap();
    let parts = query.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let parts = parts.map(|part| open_envelope(&Envelope::parse(part.unwrap()).unwrap(), &key).unwrap().to_vec());
    let parts: Vec<Vec<u8>> = parts.collect();
    unpack_base(&parts).unwrap()
}

/// A newer version has written a number of a kind that this one does not read. It goes along when this one founds the book anew.
#[test]
fn what_only_a_newer_version_reads_goes_into_a_new_base() {
    let (server, mut phones) = club(49, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let mut olle = Insider::of(&phones.pop().unwrap(), &server);
    let shard = u16::from(*anna.as_bytes().last().unwrap()) & 15;
    let change = olle.change(shard, |tx| {
        let contacts = tx.get(ROOT, "contacts").unwrap().unwrap().1;
        let row = tx.get(&contacts, anna.to_string()).unwrap().unwrap().1;
        tx.put(&row, "of_tomorrow", 0.25).unwrap();
    });
    let envelope = olle.seal_changes(&[(shard, change.raw_bytes().to_vec())]);
    assert!(matches!(olle.push(&server, &envelope), Ack::Accepted(_)));
    let eva = &mut phones[0];
    for epoch in 1..3 {
        eva.sync(&server).unwrap();
        eva.with(|book, ctx| book.rotate(ctx)).unwrap();
        eva.sync(&server).unwrap();
        let status = eva.book.status().unwrap();
        assert_eq!((status.epoch, status.rejected, status.alarm), (epoch, 0, None));
        let base = base_of(eva, &server, epoch);
        let change = Change::try_from(base.changes[usize::from(shard)].as_slice()).unwrap();
        let mut doc = Automerge::new();
        doc.apply_changes([change]).unwrap();
        let contacts = doc.get(ROOT, "contacts").unwrap().unwrap().1;
        let row = doc.get(&contacts, anna.to_string()).unwrap().unwrap().1;
        let number = doc.get(&row, "of_tomorrow").unwrap().and_then(|(value, _)| value.as_f64());
        assert_eq!(number, Some(0.25));
    }
    assert_eq!(names(eva), ["Anna"]);
}

/// A colleague's entry builds on one that nobody has seen. Whoever founds the book anew cannot read it, and says so: it counts as
/// news, not as settled, on the phone that wrote it.
#[test]
fn who_founds_an_epoch_names_what_it_could_not_read() {
    let (server, mut phones) = club(43, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let mut olle = Insider::of(&phones.pop().unwrap(), &server);
    let shard = u16::from(*anna.as_bytes().last().unwrap()) & 15;
    let notes = |text: &'static str| {
        move |tx: &mut Transaction<'_>| {
            let contacts = tx.get(ROOT, "contacts").unwrap().unwrap().1;
            let row = tx.get(&contacts, anna.to_string()).unwrap().unwrap().1;
            tx.put(&row, "note", text).unwrap();
        }
    };
    let mut unseen = olle.doc(shard).clone();
    unseen.apply_changes([olle.change(shard, notes("never sent"))]).unwrap();
    let change = olle.change_on(unseen, notes("sent"));
    let envelope = olle.seal_changes(&[(shard, change.raw_bytes().to_vec())]);
    assert!(matches!(olle.push(&server, &envelope), Ack::Accepted(_)));
    let eva = &mut phones[0];
    eva.sync(&server).unwrap();
    assert_eq!(eva.book.status().unwrap().held, 1);
    eva.with(|book, ctx| book.rotate(ctx)).unwrap();
    eva.sync(&server).unwrap();

    let base = base_of(eva, &server, 1);
    let cut: Vec<_> = base.cut.iter().map(|cut| (cut.device, cut.dseq)).collect();
    assert_eq!(cut, [(olle.keys.device_id(), envelope.header().dseq - 1)]);
}
