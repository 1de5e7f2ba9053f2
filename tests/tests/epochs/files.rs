//! Entries go from phone to phone in a file.

use minicbor::bytes::ByteVec;
use samla_core::book::Compared;
use samla_core::tables::Table;
use samla_core::{Book, Role};
use samla_tests::insider::Liar;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_wire::EntryId;
use samla_wire::http::Bundle;

use crate::{add, alike, club, names, note, sync_all};

#[test]
fn a_file_carries_entries_both_ways_without_a_server() {
    let (server, mut phones) = club(11, 2);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let bertil = add(&mut phones[1], "Bertil");
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    let view = phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    assert_eq!((view.received, view.left), (1, 0));
    assert_eq!(names(&phones[2]), ["Anna", "Bertil"]);
    note(&mut phones[2], bertil, "met again");
    let back = phones[2].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[1].with(|book, ctx| book.import_file(ctx, &back)).unwrap();
    phones[1].restart();
    phones[2].restart();
    assert_eq!(names(&phones[2]), ["Anna", "Bertil"]);
    // The one who never wrote it hands it on.
    phones[2].sync(&server).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]), ["Anna", "Bertil"]);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        let status = phone.book.status().unwrap();
        assert_eq!((status.unsent, status.rejected, status.held, status.alarm), (0, 0, 0, None));
    }
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    let old = phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
    assert_eq!(old.code(), "file_older");
}

#[test]
fn a_link_and_a_file_let_somebody_in_without_a_network() {
    for (seed, epoch) in [(12, 0), (13, 1)] {
        let (server, mut phones) = club(seed, 1);
        add(&mut phones[0], "Anna");
        if epoch == 1 {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        }
        sync_all(&server, &mut phones);
        let link = phones[0].invites(&server, Role::Steward);
        let id = phones[0].book.invites()[0].id.parse().unwrap();
        let file = phones[0].with(|book, ctx| book.export_file_for(ctx, id)).unwrap();
        let mut joiner = Phone::opened_by(scratch(), seed * 100 + 70, |ctx, home| {
            Book::join_with_file(ctx, home, &link, &file, "Gun", "Gun's phone")
        })
        .unwrap();
        assert_eq!(names(&joiner), ["Anna"]);
        add(&mut joiner, "Bertil");
        joiner.restart();
        assert_eq!(names(&joiner), ["Anna", "Bertil"]);
        // Nothing of its own is sealed before the join has its place.
        joiner.with(|book, ctx| book.export_file(ctx)).unwrap();
        add(&mut phones[1], "Cecilia");
        phones[1].sync(&server).unwrap();
        joiner.sync(&server).unwrap();
        phones.push(joiner);
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[1]), ["Anna", "Bertil", "Cecilia"]);
    }
}

/// The invitation is older than the epoch, so the log in the file does not hold the place that the link names.
#[test]
fn a_file_for_an_invitation_from_before_the_epoch_raises_no_alarm() {
    let (server, mut phones) = club(46, 1);
    add(&mut phones[0], "Anna");
    let link = phones[0].invites(&server, Role::Steward);
    let id = phones[0].book.invites()[0].id.parse().unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    add(&mut phones[0], "Bertil");
    phones[0].sync(&server).unwrap();
    let file = phones[0].with(|book, ctx| book.export_file_for(ctx, id)).unwrap();
    let mut joiner = Phone::opened_by(scratch(), 4_670, |ctx, home| {
        Book::join_with_file(ctx, home, &link, &file, "Gun", "Gun's phone")
    })
    .unwrap();
    assert_eq!(names(&joiner), ["Anna", "Bertil"]);
    assert_eq!(joiner.book.status().unwrap().alarm, None);
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert!(phones.iter().all(|phone| phone.book.status().unwrap().alarm.is_none()));
}

#[test]
fn a_file_made_while_an_epoch_is_on_its_way_takes_no_number_from_it() {
    let (server, mut phones) = club(21, 1);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    let built = phones[0].sync_with(|request| {
        let stops = request.method == "PUT";
        (!stops).then(|| server.answer(request))
    });
    built.unwrap();
    assert!(phones[0].book.wanted().unwrap().on_its_way);
    add(&mut phones[0], "Bertil");
    let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    phones[1].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna", "Bertil"]);
    assert!(phones.iter().all(|phone| phone.book.status().unwrap().alarm.is_none()));
}

/// A contact came by file, and its author has removed it before an epoch: it is not made again by who had it from the file.
#[test]
fn what_its_author_removed_does_not_come_back_from_a_file() {
    let (server, mut phones) = club(34, 2);
    let anna = add(&mut phones[1], "Anna");
    let other = phones[1].book.status().unwrap().device_id.parse().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    phones[0].sync(&server).unwrap();
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    phones[1].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    phones[1].sync(&server).unwrap();
    phones[1].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[1].sync(&server).unwrap();
    assert_eq!(names(&phones[2]), ["Anna"]);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert!(names(&phones[2]).is_empty());
}

/// Somebody got a colleague's new contact by file before a new epoch began, so both make it there; the author had more to say.
#[test]
fn what_its_author_says_later_is_not_overwritten_by_who_had_it_from_a_file() {
    let (server, mut phones) = club(33, 2);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let bertil = add(&mut phones[1], "Bertil");
    note(&mut phones[1], bertil, "first");
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    // Both have moved before either is heard of.
    for phone in &mut phones[1..] {
        phone.sync_with(|request| (!request.url.ends_with("/sync")).then(|| server.answer(request))).unwrap();
    }
    note(&mut phones[1], bertil, "second");
    phones[1].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert_eq!(names(phone), ["Anna", "Bertil"]);
        assert!(phone.book.export_json().unwrap().contains("second"));
    }
}

/// It may come from anybody, and proves nothing about the server.
#[test]
fn a_file_that_does_not_add_up_raises_no_alarm() {
    let (server, mut phones) = club(40, 1);
    add(&mut phones[0], "Anna");
    phones[0].sync(&server).unwrap();
    let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    let (before, bundle) = file.split_at(37);
    let mut bundle: Bundle = minicbor::decode(bundle).unwrap();
    bundle.entries.pop().unwrap();
    let file = [before, &samla_wire::to_cbor(&bundle)].concat();
    let refused = phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
    assert_eq!(refused.code(), "file_malformed");
    assert_eq!(phones[1].book.status().unwrap().alarm, None);
}

/// Behind the log that both have, whoever makes a file may write anything. A phone that gave it a place would part from the server.
#[test]
fn a_file_with_an_entry_that_no_server_takes_is_left_alone() {
    let (server, mut phones) = club(48, 1);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    let (before, bundle) = file.split_at(37);
    let honest: Bundle = minicbor::decode(bundle).unwrap();
    let n = phones[1].book.head_n();
    let noise: ByteVec = vec![7; 300].into();
    for entry in [noise, honest.entries[0].clone()] {
        let mut forged = honest.clone();
        forged.head = forged.head.next(&EntryId::of_envelope(&entry));
        forged.entries.push(entry);
        let file = [before, &samla_wire::to_cbor(&forged)].concat();
        let refused = phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap_err();
        assert_eq!(refused.code(), "file_malformed");
        assert_eq!((phones[1].book.head_n(), phones[1].book.status().unwrap().alarm), (n, None));
    }
    phones[1].restart();
    add(&mut phones[1], "Bertil");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Anna", "Bertil"]);
}

/// A file in which loose envelopes have places behind the log, as if a server had given them.
fn with_made_up_places(file: &[u8], loose: &[ByteVec]) -> Vec<u8> {
    let (before, bundle) = file.split_at(37);
    let mut bundle: Bundle = minicbor::decode(bundle).unwrap();
    bundle.loose.clear();
    for entry in loose {
        bundle.head = bundle.head.next(&EntryId::of_envelope(entry));
        bundle.entries.push(entry.clone());
    }
    [before, &samla_wire::to_cbor(&bundle)].concat()
}

fn loose_in(file: &[u8]) -> Vec<ByteVec> {
    minicbor::decode::<Bundle>(file.split_at(37).1).unwrap().loose
}

fn all_is_well(phones: &[Phone]) {
    for phone in phones {
        let status = phone.book.status().unwrap();
        // What two have carried over from a file is told apart by a refusal.
        let carried = status.epoch > 0;
        assert_eq!((status.unsent, status.held, status.alarm), (0, 0, None));
        assert!(status.rejected == 0 || carried);
    }
}

/// Who makes a file can give what it likes a place. The phone that believed it goes back to the server's log, and keeps what it read.
#[test]
fn places_that_a_file_made_up_give_way_to_the_servers() {
    for (seed, epoch, others) in
        [(60, false, 0), (61, false, 1), (62, false, 2), (63, true, 0), (64, true, 1), (65, true, 2)]
    {
        let (server, mut phones) = club(seed, 2);
        let anna = add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        let n = phones[2].book.head_n();
        add(&mut phones[1], "Bertil");
        let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
        let forged = with_made_up_places(&file, &loose_in(&file));
        phones[2].with(|book, ctx| book.import_file(ctx, &forged)).unwrap();
        assert_eq!((phones[2].book.head_n(), names(&phones[2])), (n + 1, vec!["Anna".into(), "Bertil".into()]));
        // Built on what has no place, sealed, and given away.
        note(&mut phones[2], anna, "met again");
        phones[2].with(|book, ctx| book.export_file(ctx)).unwrap();
        phones[2].restart();
        let mut shown = vec!["Anna".to_owned(), "Bertil".to_owned()];
        for other in ["Cecilia", "David"].into_iter().take(others) {
            add(&mut phones[0], other);
            phones[0].sync(&server).unwrap();
            shown.push(other.to_owned());
        }
        if epoch {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            phones[0].sync(&server).unwrap();
        }
        let code = phones[2].book.compare_code().unwrap().text;
        let compared = phones[0].with(|book, ctx| book.compare(ctx, &code)).unwrap();
        let expected = match (epoch, others) {
            (true, _) => Compared::OlderEpoch,
            (false, 0) => Compared::Same,
            (false, _) => Compared::Behind,
        };
        assert_eq!(compared, expected, "nobody has the places that were made up");
        phones[2].sync(&server).unwrap();
        let status = phones[2].book.status().unwrap();
        assert_eq!((status.alarm, status.epoch), (None, u32::from(epoch)));
        phones[2].restart();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[0]), shown, "epoch: {epoch}, others: {others}");
        let export = phones[0].book.export_json().unwrap();
        assert!(export.contains("met again"));
        all_is_well(&phones);
    }
}

/// The places are true, and what this phone could not have known is settled with the server's first answer.
#[test]
fn a_servers_answer_confirms_what_a_file_has_told() {
    let (server, mut phones) = club(72, 1);
    let invite = phones[0].with(|book, ctx| book.invite(ctx, Role::Steward, 7)).unwrap();
    // The server has the invitation; the answer is lost.
    phones[0]
        .sync_with(|request| {
            let answer = server.answer(request);
            (!request.url.ends_with("/roster")).then_some(answer)
        })
        .unwrap();
    add(&mut phones[1], "Anna");
    phones[1].sync(&server).unwrap();
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[0].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    assert_eq!((phones[0].book.head_n(), names(&phones[0])), (phones[1].book.head_n(), vec!["Anna".into()]));
    let link = |phone: &Phone| phone.book.invites().into_iter().find(|open| open.id == invite.id).unwrap().link;
    assert_eq!(link(&phones[0]), None, "no server has told where it stands");
    phones[0].restart();
    phones[0].sync(&server).unwrap();
    let link = link(&phones[0]).unwrap();
    let mut joiner = Phone::joins_in(scratch(), 6_570, "Gun", &link).unwrap();
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    all_is_well(&phones);
}

/// Somebody comes in by a file with such places, and the book goes on meanwhile.
#[test]
fn who_came_in_by_made_up_places_goes_back_to_the_servers() {
    for (seed, epoch, moved) in [(66, 0, false), (67, 0, true), (68, 1, false), (69, 1, true)] {
        let (server, mut phones) = club(seed, 1);
        add(&mut phones[0], "Anna");
        if epoch == 1 {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        }
        sync_all(&server, &mut phones);
        let link = phones[0].invites(&server, Role::Steward);
        let id = phones[0].book.invites()[0].id.parse().unwrap();
        phones[1].sync(&server).unwrap();
        add(&mut phones[1], "Bertil");
        let loose = loose_in(&phones[1].with(|book, ctx| book.export_file(ctx)).unwrap());
        let honest = phones[0].with(|book, ctx| book.export_file_for(ctx, id)).unwrap();
        let file = with_made_up_places(&honest, &loose);
        let mut joiner = Phone::opened_by(scratch(), seed * 100 + 70, |ctx, home| {
            Book::join_with_file(ctx, home, &link, &file, "Gun", "Gun's phone")
        })
        .unwrap();
        assert_eq!(names(&joiner), ["Anna", "Bertil"]);
        add(&mut joiner, "Cecilia");
        joiner.restart();
        add(&mut phones[0], "David");
        phones[0].sync(&server).unwrap();
        if moved {
            phones[0].invites(&server, Role::Reader);
        }
        joiner.sync(&server).unwrap();
        phones.push(joiner);
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[2]), ["Anna", "Bertil", "Cecilia", "David"], "epoch {epoch}, moved: {moved}");
        all_is_well(&phones);
    }
}

/// The server has shown two logs, and a file carried the one to where the other is read: a member has signed it, so that is told.
#[test]
fn a_file_from_the_other_log_tells_once_the_server_is_asked() {
    let (server, mut phones) = club(70, 2);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let book = phones[0].book.status().unwrap().book_id.parse().unwrap();
    let mut liar = Liar::new(&server, book);
    add(&mut phones[1], "Bertil");
    phones[1].sync_with(|request| Some(liar.answer(request))).unwrap();
    // Written after what the others have not seen.
    add(&mut phones[1], "Cecilia");
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    assert_eq!(names(&phones[2]), ["Anna", "Bertil", "Cecilia"]);
    add(&mut phones[0], "David");
    phones[0].sync(&server).unwrap();
    let _ = phones[2].sync(&server);
    assert_eq!(phones[2].book.status().unwrap().alarm.as_deref(), Some("log_fork"));
    phones[2].sync(&server).unwrap();
    assert_eq!(names(&phones[2]), ["Anna", "Bertil", "David"], "what has seen the other log is not shown");
}

/// A file that leaves out an entry does not fit what its members have seen. That is the file's doing, and no server's.
#[test]
fn a_file_that_leaves_an_entry_out_raises_no_alarm() {
    let (server, mut phones) = club(73, 2);
    for (who, name) in [(0, "Anna"), (1, "Bertil")] {
        phones[who].sync(&server).unwrap();
        add(&mut phones[who], name);
        phones[who].sync(&server).unwrap();
    }
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    let (before, bundle) = file.split_at(37);
    let mut bundle: Bundle = minicbor::decode(bundle).unwrap();
    let annas = bundle.entries.len() - 2;
    bundle.entries.remove(annas);
    let start = samla_wire::Head::start(&phones[0].book.status().unwrap().book_id.parse().unwrap());
    let genesis = EntryId::of_envelope(&bundle.roster[0]);
    let ids = bundle.entries.iter().map(|entry| EntryId::of_envelope(entry));
    bundle.head = ids.fold(start.next(&genesis), |head, id| head.next(&id));
    let shortened = [before, &samla_wire::to_cbor(&bundle)].concat();
    let refused = phones[2].with(|book, ctx| book.import_file(ctx, &shortened)).unwrap_err();
    assert_eq!(refused.code(), "file_malformed");
    assert_eq!(phones[2].book.status().unwrap().alarm, None);
    phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    all_is_well(&phones);
}

/// The file brings what the server's answer, which is under way, brings as well.
#[test]
fn a_file_that_is_taken_in_while_the_server_answers_doubles_nothing() {
    let (server, mut phones) = club(74, 2);
    add(&mut phones[0], "Anna");
    phones[0].sync(&server).unwrap();
    phones[1].sync(&server).unwrap();
    let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
    let mut taken = false;
    phones[2].book.begin_sync();
    while let Some(request) = phones[2].with(|book, ctx| book.next_request(ctx)).unwrap() {
        let (status, body) = server.answer(&request);
        if request.url.ends_with("/sync") && !taken {
            phones[2].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
            taken = true;
        }
        phones[2].with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
    }
    assert!(taken);
    assert_eq!(phones[2].book.head_n(), phones[1].book.head_n());
    sync_all(&server, &mut phones);
    alike(&mut phones);
    all_is_well(&phones);
}

/// A file gives an own envelope a place in which this phone tells of a new prekey. It keeps the old one until a server has the envelope,
/// because until then the next key is sealed to that.
#[test]
fn a_file_takes_no_prekey_out_of_force() {
    for others in [0, 3] {
        let (server, mut phones) = club(75 + others as u64, 1);
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        phones[0].sync(&server).unwrap();
        phones[1]
            .sync_with(|request| (samla_tests::network::pushed(request) == 0).then(|| server.answer(request)))
            .unwrap();
        assert_eq!(phones[1].book.status().unwrap().epoch, 1);
        let file = phones[1].with(|book, ctx| book.export_file(ctx)).unwrap();
        let loose = loose_in(&file);
        assert!(!loose.is_empty(), "what it tells of itself is sealed");
        let forged = with_made_up_places(&file, &loose);
        phones[1].with(|book, ctx| book.import_file(ctx, &forged)).unwrap();
        // The log goes on beyond what the file told, so that nobody can say whether its places were true.
        for name in ["Anna", "Bertil", "Cecilia"].into_iter().take(others) {
            add(&mut phones[0], name);
            phones[0].sync(&server).unwrap();
        }
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        phones[0].sync(&server).unwrap();
        phones[1].sync(&server).unwrap();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        all_is_well(&phones);
    }
}
