//! A person is erased, and stays away.

use samla_core::book::ProbeAnswer;
use samla_core::lists::{ImportChoices, List, ListTerms};
use samla_core::tables::{Import, ImportSource, Table, Value};
use samla_core::{DeviceId, Id, Role};
use samla_tests::insider::opened_states;
use samla_tests::phone::Phone;
use samla_tests::server::Server;
use samla_wire::http::{EpochResponse, Receipt};

use crate::{add, alike, club, names, note, sync_all, talk};

#[test]
fn a_person_is_erased_everywhere_and_does_not_come_back() {
    let (server, mut phones) = club(3, 2);
    let anna = add(&mut phones[0], "Annafromthecanteen");
    let bertil = add(&mut phones[0], "Bertil");
    talk(&mut phones[0], anna, "Annasecret");
    sync_all(&server, &mut phones);
    note(&mut phones[1], anna, "Annasecret again");
    talk(&mut phones[1], anna, "Annasecret once more");
    note(&mut phones[1], bertil, "kept");
    let preview = phones[0].with(|book, _| book.erase_preview(anna.into())).unwrap();
    assert_eq!(preview.rows.iter().map(|rows| rows.count).sum::<u32>(), 2);
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]), ["Bertil"]);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert_eq!(names(phone), ["Bertil"]);
        assert!(!phone.book.export_json().unwrap().contains("Annasecret"));
    }
    let lost = phones[1].book.lost_edits().unwrap();
    assert_eq!((lost.count, lost.edits.len()), (2, 0));
    assert_eq!(phones[2].book.continuity().unwrap().unwrap().unexplained, 0);
}

/// While a copied phone stood still, somebody whom it had written about was erased.
#[test]
fn a_device_that_comes_in_anew_has_forgotten_who_was_erased_meanwhile() {
    let (server, mut phones) = club(32, 1);
    let anna = add(&mut phones[0], "Annafromthecanteen");
    let bertil = add(&mut phones[0], "Bertil");
    phones[0].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    sync_all(&server, &mut phones);
    let mut copy = phones[1].copied(3299);
    note(&mut phones[1], bertil, "from the first");
    phones[1].sync(&server).unwrap();
    copy.with(|book, ctx| book.restore(ctx, Table::Contacts, anna)).unwrap();
    note(&mut copy, anna, "Annasecret");
    talk(&mut copy, anna, "Annasecret again");
    note(&mut copy, bertil, "from the copy");
    assert_eq!(copy.sync(&server).unwrap_err().code(), "device_fork");

    phones[0].with(|book, ctx| book.restore(ctx, Table::Contacts, anna)).unwrap();
    phones[0].sync(&server).unwrap();
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    sync_all(&server, &mut phones);
    let link = phones[0].invites(&server, Role::Steward);
    copy.with(|book, ctx| book.rejoin(ctx, &link, "Olle", "Second phone")).unwrap();
    copy.sync(&server).unwrap();
    phones.push(copy);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        assert_eq!(names(phone), ["Bertil"]);
        assert!(!phone.book.export_json().unwrap().contains("Annasecret"));
        for (name, content) in opened_states(phone) {
            assert!(!content.windows(10).any(|window| window == b"Annasecret"), "{name} tells of who was erased");
        }
    }
    let lost = phones[2].book.lost_edits().unwrap();
    assert!(lost.count > 0 && lost.edits.is_empty(), "it is told how much went, and not what");
}

/// A person is noted, handed on by file, and erased before the colleague has ever heard of it from the server; and one whom a colleague
/// has sent without ever getting the answer.
#[test]
fn who_was_erased_does_not_come_back_from_a_file_or_a_lost_answer() {
    let (server, mut phones) = club(35, 2);
    add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    let anna = add(&mut phones[0], "Annafromthecanteen");
    let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    let cecilia = add(&mut phones[2], "Ceciliafromthecanteen");
    let mut pushed = 0;
    let _ = phones[2].sync_with(|request| {
        let answer = server.answer(request);
        let is_push = request.url.ends_with("/sync");
        pushed += u32::from(is_push && answer.0 == 200);
        (!is_push).then_some(answer)
    });
    assert_eq!((pushed, phones[2].book.status().unwrap().unsent), (1, 1), "it is there, and the phone does not know");
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]).len(), 3, "{:?}", names(&phones[0]));
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].with(|book, ctx| book.erase(ctx, cecilia.into())).unwrap();
    phones[0].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Bertil"]);
}

/// A phone takes in a list of Anna and Bo.
fn takes_in(phone: &mut Phone) -> Id<Import> {
    let list = List::read("Namn;Mobil\nAnna Svensson;0701740605\nBo Ek;0701740606\n".as_bytes()).unwrap();
    phone.with(|book, ctx| {
        let columns = book.list_columns(&list).unwrap().into_iter().map(|view| view.meaning).collect();
        let terms = ListTerms { source: ImportSource::Own, columns, workplace: None, places: Vec::new() };
        let dry = book.dry_run(&list, &terms, ctx.now.date_naive()).unwrap();
        let mut run = book.start_import(ctx, &dry, &ImportChoices::default()).unwrap();
        assert!(run.step(book, ctx, 10).unwrap().finished);
        run.import()
    })
}

/// Whether a phone keeps this beside its register.
fn tells(phone: &Phone, of: &str) -> bool {
    let has = |state: &[u8]| state.windows(of.len()).any(|part| part == of.as_bytes());
    opened_states(phone).iter().any(|(_, state)| has(state))
}

/// What a device kept to take an import back tells of people: it goes with an erasure, also where the device comes in anew after it.
#[test]
fn an_import_is_not_taken_back_once_somebody_was_erased() {
    for anew in [false, true] {
        let (server, mut phones) = club(41 + u64::from(anew), 1);
        let import = takes_in(&mut phones[1]);
        assert!(phones[1].book.imports().unwrap()[0].can_undo);
        assert!(tells(&phones[1], "Anna"));
        sync_all(&server, &mut phones);
        let anna = phones[0].book.register().search("anna", 1, samla_core::Date::MAX).remove(0).id;
        phones[0].with(|book, ctx| book.erase(ctx, anna)).unwrap();
        phones[0].sync(&server).unwrap();
        if anew {
            let link = phones[0].invites(&server, Role::Steward);
            phones[1].with(|book, ctx| book.rejoin(ctx, &link, "Olle", "Second phone")).unwrap();
        }
        sync_all(&server, &mut phones);
        alike(&mut phones);
        let view = phones[1].book.imports().unwrap().remove(0);
        assert!(!view.can_undo && !view.unfinished && !view.undone);
        assert_eq!(phones[1].book.undo_import(import).unwrap_err().code(), "unknown_row");
        assert!(!tells(&phones[1], "Anna"), "anew: {anew}");
    }
}

/// It goes, too, with whom a colleague forgets, and with nobody else.
#[test]
fn an_import_keeps_nothing_of_whom_a_colleague_has_forgotten() {
    for by_file in [false, true] {
        let (server, mut phones) = club(43 + u64::from(by_file), 1);
        let import = takes_in(&mut phones[1]);
        sync_all(&server, &mut phones);
        let anna = phones[0].book.register().search("anna", 1, samla_core::Date::MAX).remove(0).id;
        phones[0].with(|book, ctx| book.forget(ctx, anna)).unwrap();
        assert!(tells(&phones[1], "Anna") && tells(&phones[1], "0701740605"));
        if by_file {
            let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
            phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
        } else {
            sync_all(&server, &mut phones);
        }
        assert!(phones[1].book.register().search("anna", 1, samla_core::Date::MAX).is_empty());
        assert!(!tells(&phones[1], "Anna") && !tells(&phones[1], "0701740605"), "by file: {by_file}");
        assert!(tells(&phones[1], "0701740606"));
        assert_eq!(phones[1].book.undo_import(import).unwrap().progress().total, 1);
    }
}

/// An organiser wants Anna erased, whom a colleague only removes before another organiser erases Bertil.
#[test]
fn who_was_removed_is_erased_though_somebody_else_was_meanwhile() {
    let (server, mut phones) = club(37, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    let (anna, bertil) = (add(&mut phones[0], "Anna"), add(&mut phones[0], "Bertil"));
    talk(&mut phones[0], anna, "Annasecret");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[1].with(|book, ctx| book.remove(ctx, Table::Contacts, anna)).unwrap();
    phones[1].with(|book, ctx| book.erase(ctx, bertil.into())).unwrap();
    phones[1].sync(&server).unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert!(!phones[1].book.export_json().unwrap().contains("Annasecret"));
    assert_eq!(phones[0].book.status().unwrap().epoch, 2);
}

/// Anna's row is handed on by file, and an epoch begins before it is sent: two phones carry it over, and one of them is away
/// while she is erased.
#[test]
fn who_comes_back_from_a_file_is_erased_again() {
    let (server, mut phones) = club(39, 2);
    let other = phones[2].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    add(&mut phones[0], "Bertil");
    sync_all(&server, &mut phones);
    let anna = add(&mut phones[0], "Annafromthecanteen");
    let file = phones[0].with(|book, ctx| book.export_file(ctx)).unwrap();
    phones[1].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    phones[2].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[2].sync(&server).unwrap();
    // It comes to the epoch, and the network is gone.
    let mut came = false;
    let _ = phones[1].sync_with(|request| {
        let goes = !came;
        came |= request.url.contains("/base/");
        goes.then(|| server.answer(request))
    });
    assert!(came && names(&phones[1]).len() == 2, "{:?}", names(&phones[1]));
    phones[0].sync(&server).unwrap();
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(names(&phones[0]), ["Bertil"]);
    phones[0].restart();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Bertil"]);
    assert_eq!((phones[0].book.status().unwrap().epoch, phones[0].book.wanted()), (3, None));
}

/// What the server answered the last time that a phone asked it for what it must have deleted.
fn probed(phone: &Phone) -> (Option<ProbeAnswer>, ProbeAnswer) {
    let probe = phone.book.founded().unwrap().last().unwrap().probe.clone().unwrap();
    assert_eq!(probe.at.is_some(), probe.log != ProbeAnswer::NotAsked);
    (probe.base, probe.log)
}

/// After each erasure; the first epoch has no base that could be asked for.
#[test]
fn who_erased_asks_the_server_for_what_it_says_is_gone() {
    let (server, mut phones) = club(47, 1);
    for (name, base) in [("Anna", None), ("Bertil", Some(ProbeAnswer::Gone))] {
        let id = add(&mut phones[0], name);
        sync_all(&server, &mut phones);
        phones[0].with(|book, ctx| book.erase(ctx, id.into())).unwrap();
        phones[0].sync(&server).unwrap();
        assert_eq!(probed(&phones[0]), (base, ProbeAnswer::Gone), "{name}");
    }
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    phones[0].restart();
    let founded = phones[0].book.founded().unwrap();
    assert_eq!(founded.iter().map(|epoch| epoch.probe.is_some()).collect::<Vec<_>>(), [true, true, false]);
    assert!(founded.iter().all(|epoch| epoch.receipt.as_ref().is_some_and(|receipt| !receipt.other_key)));
    assert!(phones[1].book.founded().unwrap().is_empty());
}

/// A server signs that all is deleted, and has a copy of before from which it answers.
#[test]
fn a_server_that_still_hands_out_what_was_erased_is_told_as_such() {
    for (seed, keeps_base, keeps_log) in [(48, true, true), (49, true, false), (50, false, true)] {
        let (server, mut phones) = club(seed, 1);
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        let anna = add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        let mut before = crate::server();
        before.roll_back(server.snapshot().path());
        phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
        phones[0]
            .sync_with(|request| {
                let answer = server.answer(request);
                let lies = match answer.0 {
                    410 => keeps_base,
                    409 => keeps_log && request.url.ends_with("/sync"),
                    _ => false,
                };
                Some(if lies { before.answer(request) } else { answer })
            })
            .unwrap();
        let said = |kept| if kept { ProbeAnswer::HandedOut } else { ProbeAnswer::Gone };
        assert_eq!(probed(&phones[0]), (Some(said(keeps_base)), said(keeps_log)));
        assert!(phones[0].book.founded().unwrap().last().unwrap().receipt.is_some(), "it has signed");
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(probed(&phones[0]), (Some(said(keeps_base)), said(keeps_log)), "it is asked once");
    }
}

/// Whatever else a server answers is not taken for one or the other, and one that does not answer is asked in the next round.
#[test]
fn a_server_that_evades_the_question_is_asked_again_or_told_so() {
    let problem = |status: u16, code: &str| {
        let problem = serde_json::json!({ "type": "about:blank", "title": "", "status": status, "code": code });
        Some((status, problem.to_string().into_bytes()))
    };
    let later = (Some(ProbeAnswer::NotAsked), ProbeAnswer::NotAsked);
    let unclear = (Some(ProbeAnswer::Unclear), ProbeAnswer::Unclear);
    for (seed, evasion, said) in [
        (51, None, later),
        (52, problem(503, "unavailable"), later),
        (53, problem(429, "too_many"), later),
        (54, Some((502, b"<html>".to_vec())), later),
        (55, problem(404, "not_found"), unclear),
        (56, Some((200, b"<html>".to_vec())), unclear),
    ] {
        let (server, mut phones) = club(seed, 1);
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        let anna = add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
        phones[0]
            .sync_with(|request| {
                let answer = server.answer(request);
                let is_asked = answer.0 == 410 || (answer.0 == 409 && request.url.ends_with("/sync"));
                if is_asked { evasion.clone() } else { Some(answer) }
            })
            .unwrap();
        assert_eq!(probed(&phones[0]), said, "{seed}");
        phones[0].restart();
        phones[0].sync(&server).unwrap();
        let gone = (Some(ProbeAnswer::Gone), ProbeAnswer::Gone);
        assert_eq!(probed(&phones[0]), if said == later { gone } else { unclear }, "{seed}");
    }
}

/// The same receipt, signed by another key.
fn signed_anew(body: &[u8]) -> Vec<u8> {
    let mut answer: EpochResponse = minicbor::decode(body).unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    answer.receipt = Receipt::sign(answer.receipt.deletion, &key);
    samla_wire::to_cbor(&answer)
}

/// The key that a server names, or that signed its first receipt, is the one that later receipts are held against.
#[test]
fn a_receipt_by_another_key_than_the_servers_is_told_as_such() {
    for (seed, names_its_key, first_is_false) in
        [(57, true, false), (58, false, false), (59, true, true), (60, false, true)]
    {
        let (server, mut phones) = club(seed, 1);
        for is_false in [first_is_false, true] {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            phones[0]
                .sync_with(|request| {
                    let (status, body) = server.answer(request);
                    match request.url.as_str() {
                        url if url.ends_with("/v1/server") && !names_its_key => Some((404, Vec::new())),
                        url if url.ends_with("/epoch") && is_false => Some((status, signed_anew(&body))),
                        _ => Some((status, body)),
                    }
                })
                .unwrap();
            phones[0].restart();
        }
        let founded = phones[0].book.founded().unwrap();
        let other: Vec<bool> = founded.iter().map(|epoch| epoch.receipt.as_ref().unwrap().other_key).collect();
        // Without its name the first key that was seen is the one that signed the first receipt, whoever's it is.
        let expected = [first_is_false && names_its_key, !first_is_false || names_its_key];
        assert_eq!(other, expected, "{seed}");
    }
}

/// A round of sync that ends as soon as this phone wants something.
fn reads(phone: &mut Phone, server: &Server) {
    phone.book.begin_sync();
    while phone.book.wanted().is_none()
        && let Some(request) = phone.with(|book, ctx| book.next_request(ctx)).unwrap()
    {
        let (status, body) = server.answer(&request);
        phone.with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
    }
    phone.book.on_offline();
}

/// A colleague writes of Anna again and again after she was erased. She is erased again unasked eight times, and no more.
#[test]
fn who_comes_again_and_again_is_erased_again_eight_times() {
    let (server, mut phones) = club(45, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    sync_all(&server, &mut phones);
    for again in 1..=9 {
        talk(&mut phones[1], anna, "Annasecret");
        sync_all(&server, &mut phones);
        alike(&mut phones);
        let status = phones[0].book.status().unwrap();
        let is_there = phones[0].book.export_json().unwrap().contains("Annasecret");
        assert_eq!((status.epoch, is_there), (1 + again.min(8), again > 8));
        assert!(phones[0].book.wanted().is_none());
    }
}

/// Whoever takes back the wish to erase Anna once more is not made to wish it again by what is there.
#[test]
fn who_takes_back_an_erasure_forgets_whom_it_was_about() {
    let (server, mut phones) = club(46, 1);
    let anna = add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    sync_all(&server, &mut phones);
    let keeps = |phone: &Phone| opened_states(phone).iter().any(|(name, _)| name == "erased");
    assert!(keeps(&phones[0]));
    talk(&mut phones[1], anna, "Annasecret");
    phones[1].sync(&server).unwrap();
    reads(&mut phones[0], &server);
    assert_eq!(phones[0].book.wanted().map(|want| (want.erased, want.on_its_way)), Some((1, false)));
    phones[0].with(|book, ctx| book.cancel_wanted(ctx)).unwrap();
    assert!(!keeps(&phones[0]));
    phones[0].restart();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!((phones[0].book.status().unwrap().epoch, phones[0].book.wanted()), (1, None));
    assert!(phones[0].book.export_json().unwrap().contains("Annasecret"));
}

/// Two colleagues answered differently about Bertil, and one of them names Anna: whichever answer is shown, the other is shown before
/// she is erased, also once an epoch has kept it aside. What two have answered about herself goes with her.
#[test]
fn an_answer_that_waits_is_shown_before_the_person_is_erased_whom_it_names() {
    for first in 0..2 {
        let (server, mut phones) = club(66 + first as u64, 1);
        let anna = add(&mut phones[0], "Annafromthecanteen");
        let bertil = add(&mut phones[0], "Bertil");
        sync_all(&server, &mut phones);
        let texts = ["Annafromthecanteen knows", "quiet"];
        for (number, phone) in phones.iter_mut().enumerate() {
            note(phone, bertil, texts[(first + number) % 2]);
            note(phone, anna, ["Annasecret", "Annasecret, too"][number]);
        }
        sync_all(&server, &mut phones);
        assert_eq!(phones[0].book.register().conflicts().len(), 2);
        for epoch in 0..2 {
            let shown = phones[0].book.register().contact(bertil.into()).unwrap().note.clone();
            let preview = phones[0].with(|book, _| book.erase_preview(anna.into())).unwrap();
            let found: Vec<_> = preview.mentions.iter().map(|it| (it.table, it.id, &*it.field, &*it.excerpt)).collect();
            assert_eq!(found, [(Table::Contacts, bertil, "note", texts[0])], "epoch {epoch}");
            assert_eq!(preview.mentions[0].beside, shown.as_deref() != Some(texts[0]), "epoch {epoch}");
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            sync_all(&server, &mut phones);
        }
        // To write over what is shown does not end what an epoch kept aside, with the words that it was kept for.
        note(&mut phones[0], bertil, "written over");
        let preview = phones[0].with(|book, _| book.erase_preview(anna.into())).unwrap();
        assert_eq!(preview.mentions.iter().map(|it| it.beside).collect::<Vec<_>>(), [true]);
        let quiet = Some(Value::Text("quiet".into()));
        phones[0].with(|book, ctx| book.resolve(ctx, Table::Contacts, bertil, "note", quiet)).unwrap();
        assert_eq!(phones[0].with(|book, _| book.erase_preview(anna.into())).unwrap().mentions, []);
        phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        for phone in &phones {
            assert_eq!(names(phone), ["Bertil"]);
            assert!(phone.book.register().rows(Table::Conflicts).is_empty());
            assert!(!tells(phone, "Annasecret") && !tells(phone, "Annafromthecanteen"));
        }
    }
}
