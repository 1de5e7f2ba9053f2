//! Who comes in: by a link, by an organiser's word, by the sheet, anew, or into a new book.

use samla_core::tables::{ConsentDraft, Draft, Patch, PollAnswerDraft, PollDraft, Row, Table, Value};
use samla_core::{Book, BookError, Context, DeviceId, RecoverySheet, Role};
use samla_tests::phone::{Phone, asked};
use samla_tests::scratch;
use samla_tests::server::{ORIGIN, Server};

use crate::{add, alike, club, names, note, recovers, sync_all, talk};

#[test]
fn a_joiner_comes_into_a_later_epoch_and_an_open_invitation_outlives_one() {
    let (server, mut phones) = club(5, 1);
    add(&mut phones[0], "Anna");
    let link = phones[0].invites(&server, Role::Steward);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    add(&mut phones[1], "Bertil");
    sync_all(&server, &mut phones);
    let mut joiner = Phone::joins_in(scratch(), 599, "Gun", &link).unwrap();
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    let later = phones[0].invites(&server, Role::Steward);
    let mut joiner = Phone::joins_in(scratch(), 598, "Bo", &later).unwrap();
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[2]), ["Anna", "Bertil"]);
    assert_eq!(phones[3].book.members().len(), 4);
}

/// An epoch begins between a join and the joiner's first look at the log, which does not hold the place that the link names then.
#[test]
fn an_epoch_right_after_a_join_raises_no_alarm() {
    let (server, mut phones) = club(47, 0);
    add(&mut phones[0], "Anna");
    let link = phones[0].invites(&server, Role::Steward);
    let mut joiner = Phone::joins_in(scratch(), 4_770, "Gun", &link).unwrap();
    joiner.sync_with(|request| (!request.url.ends_with("/sync")).then(|| server.answer(request))).unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(phones[0].book.members().len(), 2);
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[1]), ["Anna"]);
    assert!(phones.iter().all(|phone| phone.book.status().unwrap().alarm.is_none()));
}

#[test]
fn an_organiser_lets_in_who_waits() {
    for epoch in 0..2 {
        let (server, mut phones) = club(6 + epoch, 1);
        add(&mut phones[0], "Anna");
        if epoch == 1 {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        }
        sync_all(&server, &mut phones);
        let invite = phones[0].with(|book, ctx| book.invite_to_confirm(ctx, Role::Steward, 7)).unwrap();
        phones[0].sync(&server).unwrap();
        let link = phones[0].book.invites().into_iter().find(|open| open.id == invite.id).unwrap().link.unwrap();
        let mut joiner = Phone::joins_in(scratch(), 699, "Gun", &link).unwrap();
        joiner.sync(&server).unwrap();
        assert!(joiner.book.status().unwrap().waiting);
        joiner.sync(&server).unwrap();
        assert!(names(&joiner).is_empty());
        sync_all(&server, &mut phones);
        let pending = phones[0].book.pending();
        assert_eq!(pending.len(), 1);
        assert_eq!(pending[0].fingerprint, joiner.book.status().unwrap().fingerprint);
        let device = pending[0].device_id.parse::<DeviceId>().unwrap();
        phones[0].with(|book, ctx| book.admit(ctx, device, Role::Steward)).unwrap();
        phones[0].sync(&server).unwrap();
        joiner.sync(&server).unwrap();
        assert!(!joiner.book.status().unwrap().waiting);
        phones.push(joiner);
        add(&mut phones[2], "Cecilia");
        sync_all(&server, &mut phones);
        alike(&mut phones);
        assert_eq!(names(&phones[1]), ["Anna", "Cecilia"]);
    }
}

#[test]
fn who_is_turned_away_is_told_so() {
    let (server, mut phones) = club(8, 0);
    phones[0].with(|book, ctx| book.invite_to_confirm(ctx, Role::Steward, 7)).unwrap();
    phones[0].sync(&server).unwrap();
    let link = phones[0].book.invites()[0].link.clone().unwrap();
    let mut joiner = Phone::joins_in(scratch(), 899, "Gun", &link).unwrap();
    joiner.sync(&server).unwrap();
    phones[0].sync(&server).unwrap();
    let device = phones[0].book.pending()[0].device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.deny(ctx, device)).unwrap();
    phones[0].sync(&server).unwrap();
    assert_eq!(joiner.sync(&server).unwrap_err().code(), "denied");
}

#[test]
fn the_sheet_brings_back_a_book_and_can_put_everybody_else_out() {
    for (seed, alone) in [(9, false), (10, true)] {
        let (server, mut phones) = club(seed, 1);
        add(&mut phones[0], "Anna");
        sync_all(&server, &mut phones);
        let sheet = phones[0].with(|book, ctx| book.renew_recovery(ctx, None)).unwrap();
        let asked = samla_tests::phone::asked(&sheet);
        phones[0].with(|book, ctx| book.confirm_recovery(ctx, &asked)).unwrap();
        sync_all(&server, &mut phones);
        if alone {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            sync_all(&server, &mut phones);
            add(&mut phones[1], "Bertil");
            sync_all(&server, &mut phones);
        }
        let mut back = recovers(seed * 100 + 50, sheet.text.as_str(), alone);
        back.sync(&server).unwrap();
        let status = back.book.status().unwrap();
        assert_eq!((status.role.as_deref(), status.recovering), (Some("organiser"), false));
        assert_eq!(names(&back), if alone { vec!["Anna", "Bertil"] } else { vec!["Anna"] });
        if alone {
            assert_eq!(phones[0].sync(&server).unwrap_err().code(), "removed");
            assert_eq!(back.book.members().len(), 1);
        } else {
            phones.push(back);
            sync_all(&server, &mut phones);
            alike(&mut phones);
        }
    }
}

/// Makes a new sheet on this phone, in the place of an old one if its text is given, and confirms it.
fn renews(phone: &mut Phone, old: Option<&str>) -> Result<String, BookError> {
    let sheet = phone.with(|book, ctx| book.renew_recovery(ctx, old))?;
    let asked = samla_tests::phone::asked(&sheet);
    phone.with(|book, ctx| book.confirm_recovery(ctx, &asked)).unwrap();
    Ok(sheet.text.as_str().to_owned())
}

/// What becomes of a phone that comes back by this sheet.
fn opens(server: &Server, seed: u64, sheet: &str) -> Result<(), String> {
    recovers(seed, sheet, false).sync(server).map(drop).map_err(|error| error.code().to_owned())
}

#[test]
fn a_renewed_sheet_takes_the_place_of_the_old_one_and_none_is_made_beyond_three() {
    let (server, mut phones) = club(61, 0);
    let unknown = Err("sheet_unknown".to_owned());
    let phone = &mut phones[0];
    let first = renews(phone, None).unwrap();
    phone.sync(&server).unwrap();
    let second = renews(phone, Some(&first)).unwrap();
    phone.sync(&server).unwrap();
    assert_eq!(opens(&server, 6_150, &first), unknown);
    assert_eq!(opens(&server, 6_151, &second), Ok(()));
    phone.sync(&server).unwrap();

    // The founder's, this one and a third: there is room for no other, sent or not.
    let third = renews(phone, None).unwrap();
    for _ in 0..2 {
        for old in [None, Some(third.as_str()), Some(second.as_str())] {
            // A sheet that is not in force yet takes no other's place.
            let refused = renews(phone, old).unwrap_err().code().to_owned();
            assert!(
                refused == "sheet_limit" || (old == Some(third.as_str()) && refused == "sheet_unknown"),
                "{refused}"
            );
        }
        phone.sync(&server).unwrap();
    }
    assert_eq!(renews(phone, Some(&third)).unwrap_err().code(), "sheet_limit");
    assert_eq!(phone.book.status().unwrap().recovery_ask, None, "nothing was shown");
    phone.with(|book, ctx| book.retire_recovery(ctx, &third)).unwrap();
    assert_eq!(phone.with(|book, ctx| book.retire_recovery(ctx, &third)).unwrap_err().code(), "sheet_unknown");
    let fourth = renews(phone, Some(&second)).unwrap();
    phone.sync(&server).unwrap();
    for (seed, gone) in [(6_152, &second), (6_153, &third)] {
        assert_eq!(opens(&server, seed, gone), unknown);
    }
    assert_eq!(opens(&server, 6_154, &fourth), Ok(()));
    assert_eq!(phone.book.status().unwrap().alarm, None);
}

/// Two organisers renew at once, and the limit leaves room for one: the old sheet of the other stays in force, and it is told.
#[test]
fn a_sheet_is_not_retired_for_one_that_was_refused() {
    let (server, mut phones) = club(62, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    let old = renews(&mut phones[0], None).unwrap();
    sync_all(&server, &mut phones);
    let beside = renews(&mut phones[1], None).unwrap();
    phones[1].sync(&server).unwrap();
    let refused = renews(&mut phones[0], Some(&old)).unwrap();
    assert_eq!(phones[0].sync(&server).unwrap_err().code(), "server_refused");
    sync_all(&server, &mut phones);
    let alarm = |phone: &Phone| phone.book.status().unwrap().alarm;
    assert_eq!(alarm(&phones[0]).as_deref(), Some("sheet_refused"));
    assert_eq!(opens(&server, 6_250, &refused), Err("sheet_unknown".to_owned()));
    assert_eq!(opens(&server, 6_251, &old), Ok(()));
    sync_all(&server, &mut phones);
    assert_eq!(alarm(&phones[0]).as_deref(), Some("sheet_refused"));

    phones[1].with(|book, ctx| book.retire_recovery(ctx, &beside)).unwrap();
    sync_all(&server, &mut phones);
    let new = renews(&mut phones[0], Some(&old)).unwrap();
    sync_all(&server, &mut phones);
    assert_eq!(alarm(&phones[0]), None);
    assert_eq!(opens(&server, 6_252, &old), Err("sheet_unknown".to_owned()));
    assert_eq!(opens(&server, 6_253, &new), Ok(()));
}

/// Whose new sheet was refused is told so until it matters to nobody: they are no organiser any more, are out, or a colleague has made
/// another one.
#[test]
fn a_refused_sheet_is_told_of_as_long_as_it_matters() {
    for (seed, what) in [(72, "lowered"), (73, "put out"), (74, "another")] {
        let (server, mut phones) = club(seed, 1);
        let [eva, other] =
            [0, 1].map(|who: usize| phones[who].book.status().unwrap().device_id.parse::<DeviceId>().unwrap());
        phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
        renews(&mut phones[0], None).unwrap();
        sync_all(&server, &mut phones);
        let third = renews(&mut phones[1], None).unwrap();
        phones[1].sync(&server).unwrap();
        renews(&mut phones[0], None).unwrap();
        assert_eq!(phones[0].sync(&server).unwrap_err().code(), "server_refused");
        // A new key alone changes nothing about it.
        phones[1].with(|book, ctx| book.rotate(ctx)).unwrap();
        sync_all(&server, &mut phones);
        let alarm = |phone: &Phone| phone.book.status().unwrap().alarm;
        assert_eq!(alarm(&phones[0]).as_deref(), Some("sheet_refused"), "{what}");

        let acts = |book: &mut Book, ctx: &mut Context<'_>| match what {
            "lowered" => book.lower(ctx, eva, Role::Steward),
            "put out" => book.remove_members(ctx, &[eva]),
            _ => book.retire_recovery(ctx, &third),
        };
        phones[1].with(acts).unwrap();
        phones[1].sync(&server).unwrap();
        if what == "another" {
            renews(&mut phones[1], None).unwrap();
            phones[1].with(|book, ctx| book.rotate(ctx)).unwrap();
            phones[1].sync(&server).unwrap();
        }
        let told = phones[0].sync(&server).err().map(|error| error.code().to_owned());
        assert_eq!(told.as_deref(), (what == "put out").then_some("removed"), "{what}");
        assert_eq!(alarm(&phones[0]), None, "{what}");
    }
}

/// The sheet signs for itself that it is retired. Whoever is second to say so hears nothing of it, and goes on.
#[test]
fn two_may_retire_one_sheet_at_once() {
    let (server, mut phones) = club(75, 1);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    let sheet = renews(&mut phones[0], None).unwrap();
    sync_all(&server, &mut phones);
    for phone in &mut phones {
        phone.with(|book, ctx| book.retire_recovery(ctx, &sheet)).unwrap();
    }
    // Both have read the log before either says so: the second learns only from the server's answer.
    let mut withheld = false;
    let late = |request: &samla_core::Request| {
        withheld |= request.url.ends_with("/roster");
        (!request.url.ends_with("/roster")).then(|| server.answer(request))
    };
    phones[1].sync_with(late).unwrap();
    assert!(withheld, "its retirement is sealed");
    phones[0].sync(&server).unwrap();
    add(&mut phones[1], "Anna");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    for phone in &phones {
        let status = phone.book.status().unwrap();
        assert_eq!((status.alarm, status.unsent), (None, 0));
        assert_eq!(names(phone), ["Anna"]);
    }
    assert_eq!(opens(&server, 7_550, &sheet), Err("sheet_unknown".to_owned()));
    // Nothing waits behind it: what the second does next takes its place.
    let link = phones[1].invites(&server, Role::Steward);
    Phone::joins_in(scratch(), 7_551, "Gun", &link).unwrap().sync(&server).unwrap();
}

/// Of two sheets two people each retire one: the second finds the other gone and leaves the last in force.
#[test]
fn the_last_sheet_is_not_retired() {
    let server = crate::server();
    let (mut phone, founders) = founds_with_sheet(&server);
    assert_eq!(phone.with(|book, ctx| book.retire_recovery(ctx, &founders)).unwrap_err().code(), "sheet_last");

    let mut phones = vec![phone];
    let link = phones[0].invites(&server, Role::Steward);
    let mut joiner = Phone::joins_in(scratch(), 7_601, "Olle", &link).unwrap();
    joiner.sync(&server).unwrap();
    phones.push(joiner);
    let other = phones[1].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
    phones[0].with(|book, ctx| book.raise(ctx, other, Role::Organiser)).unwrap();
    let second = renews(&mut phones[0], None).unwrap();
    sync_all(&server, &mut phones);
    for (phone, sheet) in phones.iter_mut().zip([&founders, &second]) {
        phone.with(|book, ctx| book.retire_recovery(ctx, sheet)).unwrap();
    }
    sync_all(&server, &mut phones);
    assert_eq!(opens(&server, 7_650, &founders), Err("sheet_unknown".to_owned()));
    assert_eq!(phones[1].with(|book, ctx| book.retire_recovery(ctx, &second)).unwrap_err().code(), "sheet_last");
    assert!(phones.iter().all(|phone| phone.book.status().unwrap().alarm.is_none()));
    assert_eq!(opens(&server, 7_651, &second), Ok(()));
}

/// A phone that founds a book, and the text of the book's first sheet.
fn founds_with_sheet(server: &Server) -> (Phone, String) {
    let new = samla_core::NewBook {
        name: "Club".into(),
        server_url: Some(ORIGIN.into()),
        operator_token: None,
        my_name: "Eva".into(),
        device_label: "Phone".into(),
    };
    let mut text = String::new();
    let phone = Phone::opened_by(scratch(), 7_600, |ctx, home| {
        let (mut book, sheet) = Book::create(ctx, home, &new)?;
        book.confirm_recovery(ctx, &asked(&sheet))?;
        text.push_str(sheet.text.as_str());
        Ok(book)
    });
    let mut phone = phone.unwrap();
    phone.sync(server).unwrap();
    (phone, text)
}

/// Who came in, by whose invitation, and whether by a sheet.
fn told(phone: &Phone) -> Vec<(String, Option<String>, bool)> {
    phone.book.news().into_iter().map(|came| (came.device_id, came.invited_by, came.by_sheet)).collect()
}

#[test]
fn who_came_in_is_told_once_on_a_phone_that_was_away_when_the_book_began_anew() {
    let (server, mut phones) = club(63, 2);
    let mut away = phones.pop().unwrap();
    assert_eq!(told(&away), []);
    let link = phones[0].invites(&server, Role::Steward);
    let mut joiner = Phone::joins_in(scratch(), 6_350, "Gun", &link).unwrap();
    joiner.sync(&server).unwrap();
    let waits = phones[0].with(|book, ctx| book.invite_to_confirm(ctx, Role::Steward, 7)).unwrap();
    phones[0].sync(&server).unwrap();
    let link = phones[0].book.invites().into_iter().find(|open| open.id == waits.id).unwrap().link.unwrap();
    let mut waiting = Phone::joins_in(scratch(), 6_351, "Bo", &link).unwrap();
    waiting.sync(&server).unwrap();
    phones[0].sync(&server).unwrap();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    let came = |phone: &Phone| (phone.book.status().unwrap().device_id, Some("Eva".to_owned()), false);
    let mut both = vec![came(&joiner), came(&waiting)];
    both.sort();
    for _ in 0..2 {
        away.sync(&server).unwrap();
        let mut news = told(&away);
        news.sort();
        assert_eq!(news, both);
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        phones[0].sync(&server).unwrap();
    }
    away.with(|book, ctx| book.dismiss_news(ctx)).unwrap();
    away.sync(&server).unwrap();
    joiner.sync(&server).unwrap();
    assert_eq!((told(&away), told(&joiner).len()), (vec![], 1), "the joiner is told of who came later");
}

#[test]
fn who_comes_in_by_the_sheet_is_told_to_everybody_who_stays() {
    let (server, mut phones) = club(64, 1);
    let sheet = renews(&mut phones[0], None).unwrap();
    sync_all(&server, &mut phones);
    phones.iter_mut().for_each(|phone| phone.with(|book, ctx| book.dismiss_news(ctx)).unwrap());
    let mut back = recovers(6_450, &sheet, false);
    back.sync(&server).unwrap();
    sync_all(&server, &mut phones);
    let came = (back.book.status().unwrap().device_id, None, true);
    for phone in &phones {
        assert_eq!(told(phone), std::slice::from_ref(&came));
    }
    assert_eq!(told(&back), []);
}

#[test]
fn a_copied_device_comes_in_anew_with_its_edits() {
    let (server, mut phones) = club(14, 1);
    add(&mut phones[0], "Anna");
    sync_all(&server, &mut phones);
    let mut copy = phones[1].copied(1499);
    add(&mut phones[1], "Bertil");
    add(&mut copy, "Cecilia");
    phones[1].sync(&server).unwrap();
    assert_eq!(copy.sync(&server).unwrap_err().code(), "device_fork");
    let link = phones[0].invites(&server, Role::Steward);
    copy.with(|book, ctx| book.rejoin(ctx, &link, "Olle", "Second phone")).unwrap();
    copy.sync(&server).unwrap();
    phones.push(copy);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names(&phones[0]), ["Anna", "Bertil", "Cecilia"]);
    assert_eq!(phones[2].book.status().unwrap().alarm, None);
}

/// A phone knows its user's row among the people. Nobody else is taken for the user: neither by another name on this phone, nor by
/// the same name where the row is gone.
#[test]
fn whoever_comes_in_anew_is_the_steward_of_before() {
    let people = |phone: &Phone| phone.book.register().rows(Table::People).iter().map(Row::id).collect::<Vec<_>>();
    let (server, mut phones) = club(15, 1);
    let before = people(&phones[0]);
    let mut copy = phones[1].copied(1599);
    add(&mut phones[1], "Bertil");
    add(&mut copy, "Cecilia");
    phones[1].sync(&server).unwrap();
    assert_eq!(copy.sync(&server).unwrap_err().code(), "device_fork");
    let link = phones[0].invites(&server, Role::Steward);
    copy.with(|book, ctx| book.rejoin(ctx, &link, "Steward 1", "Second phone")).unwrap();
    copy.restart();
    copy.sync(&server).unwrap();
    phones.push(copy);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(people(&phones[0]), before);

    let mut known = before;
    for (name, removed, is_new) in
        [("Steward 1", false, false), ("Gun", false, true), ("Gun", false, false), ("Gun", true, true)]
    {
        if removed {
            let row = known.pop().unwrap();
            phones[0].with(|book, ctx| book.remove(ctx, Table::People, row)).unwrap();
        }
        let out = phones[2].book.status().unwrap().device_id.parse::<DeviceId>().unwrap();
        phones[0].with(|book, ctx| book.remove_members(ctx, &[out])).unwrap();
        phones[0].sync(&server).unwrap();
        assert_eq!(phones[2].sync(&server).unwrap_err().code(), "removed");
        let link = phones[0].invites(&server, Role::Steward);
        phones[2].wait(60);
        phones[2].with(|book, ctx| book.rejoin(ctx, &link, name, "Second phone")).unwrap();
        sync_all(&server, &mut phones);
        alike(&mut phones);
        let now = people(&phones[0]);
        assert_eq!(now.len(), known.len() + usize::from(is_new), "{name}");
        assert!(now.starts_with(&known), "{name}");
        let named = phones[2].book.members().into_iter().find(|member| member.mine).unwrap().person_name;
        assert_eq!(named.as_deref(), Some(name));
        known = now;
    }
}

/// A phone that founds a new book with what this one has.
fn founds_anew(old: &Phone) -> Phone {
    let new = samla_core::NewBook {
        name: "Club anew".into(),
        server_url: Some(ORIGIN.into()),
        operator_token: None,
        my_name: "Olle".into(),
        device_label: "Phone".into(),
    };
    Phone::opened_by(scratch(), 1, |ctx, home| Ok(Book::found_anew(ctx, home, &new, &old.book)?.0)).unwrap()
}

#[test]
fn without_organisers_and_sheet_a_new_book_takes_the_register_over() {
    let (server, mut phones) = club(20, 1);
    let anna = add(&mut phones[0], "Anna");
    talk(&mut phones[1], anna, "thinks");
    let settings = phones[0].book.register().settings().id;
    let set = Draft::parse(
        Table::Settings,
        [("keep_former_months", "7"), ("country", "NO"), ("purpose_text", "To be called.")],
        *phones[0].now.offset(),
    );
    let patch = Patch { id: settings.row(), set: set.unwrap(), clear: Vec::new() };
    phones[0].with(|book, ctx| book.set(ctx, &patch)).unwrap();
    sync_all(&server, &mut phones);
    let mut old = phones.pop().unwrap();
    let anew = founds_anew(&old);
    let book = &anew.book;
    assert_ne!(book.id(), old.book.id());
    assert_eq!(book.register().rows(Table::Contacts), old.book.register().rows(Table::Contacts));
    assert_eq!(book.register().rows(Table::Talks), old.book.register().rows(Table::Talks));
    // How the register is kept goes along, and what it is called was said anew.
    let (kept, was) = (book.register().settings(), old.book.register().settings());
    assert_eq!((kept.name.as_deref(), kept.keep_former_months), (Some("Club anew"), Some(7)));
    assert_eq!((kept.country, &kept.purpose_text), (was.country, &was.purpose_text));
    assert_eq!(book.register().rows(Table::Settings).len(), 1);
    let _ = old.book.heads();
}

/// The sheet is asked back half a year after it was last confirmed, and again half a year later.
#[test]
fn the_sheet_is_asked_back_each_half_year() {
    const DAY: i64 = 24 * 60 * 60;
    let (_, mut phones) = club(55, 0);
    let eva = &mut phones[0];
    let sheet = eva.with(|book, ctx| book.renew_recovery(ctx, None)).unwrap();
    let typed = asked(&sheet);
    eva.with(|book, ctx| book.confirm_recovery(ctx, &typed)).unwrap();
    for _ in 0..2 {
        eva.wait(182 * DAY - 1);
        eva.restart();
        assert_eq!(eva.book.sheet_question(&eva.now), None);
        eva.wait(1);
        let places = eva.book.sheet_question(&eva.now).unwrap();
        let ask = <[u32; 6]>::try_from(places).unwrap().map(|place| place as usize);
        let wrong = eva.with(|book, ctx| book.check_sheet(ctx, "bbbbbb")).unwrap_err();
        assert_eq!(wrong.code(), "recovery_wrong");
        assert!(eva.book.sheet_question(&eva.now).is_some());
        let typed = asked(&RecoverySheet { text: sheet.text.clone(), ask });
        eva.with(|book, ctx| book.check_sheet(ctx, &typed)).unwrap();
        assert_eq!(eva.book.sheet_question(&eva.now), None);
    }
}

/// One that an epoch kept aside, one of this epoch, one of the settings, and a removal that met an edit.
#[test]
fn what_waits_for_a_choice_waits_in_the_new_book_too() {
    let (server, mut phones) = club(65, 1);
    let people = ["Anna", "Bertil", "Cecilia"].map(|name| add(&mut phones[0], name));
    let [anna, bertil, cecilia] = people;
    let settings = phones[0].book.register().settings().id.row();
    sync_all(&server, &mut phones);
    note(&mut phones[0], anna, "one");
    note(&mut phones[1], anna, "another");
    sync_all(&server, &mut phones);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    note(&mut phones[0], bertil, "one");
    phones[0].with(|book, ctx| book.remove(ctx, Table::Contacts, cecilia)).unwrap();
    note(&mut phones[1], bertil, "another");
    note(&mut phones[1], cecilia, "stays");
    for (phone, months) in phones.iter_mut().zip(["7", "8"]) {
        let fields = [("keep_former_months", months), ("name", months)];
        let set = Draft::parse(Table::Settings, fields, *phone.now.offset()).unwrap();
        let patch = Patch { id: settings, set, clear: Vec::new() };
        phone.with(|book, ctx| book.set(ctx, &patch)).unwrap();
    }
    sync_all(&server, &mut phones);

    let waits = |book: &Book| -> Vec<_> {
        let answers = book.register().conflicts().into_iter().filter(|conflict| conflict.field != "name");
        let answers = answers.map(|conflict| {
            let values: Vec<_> = conflict.answers.into_iter().map(|answer| answer.value).collect();
            ((conflict.table, conflict.id), conflict.field, values)
        });
        answers.collect()
    };
    let mut anew = founds_anew(&phones[1]);
    let moved = anew.book.register().settings().id.row();
    let mut before = waits(&phones[1].book);
    for ((table, id), ..) in before.iter_mut().filter(|((table, _), ..)| *table == Table::Settings) {
        (*table, *id) = (Table::Settings, moved);
    }
    assert_eq!(before.len(), 4);
    assert_eq!(waits(&anew.book), before);
    let named = anew.book.register().conflicts().into_iter().any(|conflict| conflict.field == "name");
    assert!(!named, "what it is called was said anew");

    let asked = |phone: &Phone| phone.book.status().unwrap().recovery_ask.is_some();
    assert!(asked(&anew), "a new book has a sheet of its own");
    let note = Some(Value::Text("another".into()));
    anew.with(|book, ctx| book.resolve(ctx, Table::Contacts, anna, "note", note.clone())).unwrap();
    before.retain(|((_, id), ..)| *id != anna);
    assert_eq!(waits(&anew.book), before);
    let shown = anew.book.register().row(Table::Contacts, anna).unwrap().get("note");
    assert_eq!(shown, note);
}

/// So does what waits in a row about somebody, in this epoch or kept aside by one: an answer to a poll, and a consent.
#[test]
fn what_waits_in_an_answer_or_a_consent_waits_in_the_new_book_too() {
    for (seed, kept_aside) in [(76, false), (77, true)] {
        let (server, mut phones) = club(seed, 1);
        let anna = add(&mut phones[0], "Anna");
        let (now, contact) = (phones[0].now, Some(anna.into()));
        let mut put = |draft: Draft| phones[0].with(|book, ctx| book.add(ctx, &draft)).unwrap();
        let poll = put(PollDraft { question: Some("Which day?".into()), ..PollDraft::default() }.into());
        let answer = put(PollAnswerDraft { poll: Some(poll.into()), contact, ..PollAnswerDraft::default() }.into());
        let consent = put(ConsentDraft { contact, given_at: Some(now), ..ConsentDraft::default() }.into());
        sync_all(&server, &mut phones);
        for (phone, words) in phones.iter_mut().zip(["one", "another"]) {
            for (table, id, field) in [(Table::Answers, answer, "text"), (Table::Consents, consent, "how")] {
                let set = Draft::parse(table, [(field, words)], *phone.now.offset()).unwrap();
                phone.with(|book, ctx| book.set(ctx, &Patch { id, set, clear: Vec::new() })).unwrap();
            }
        }
        sync_all(&server, &mut phones);
        if kept_aside {
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            sync_all(&server, &mut phones);
        }
        let waits = |book: &Book| -> Vec<_> {
            let answers = book.register().conflicts().into_iter().map(|conflict| {
                let values: Vec<_> = conflict.answers.into_iter().map(|answer| answer.value).collect();
                ((conflict.table, conflict.id), conflict.field, values)
            });
            answers.collect()
        };
        let before = waits(&phones[1].book);
        assert_eq!(before.len(), 2);
        assert_eq!(waits(&founds_anew(&phones[1]).book), before);
    }
}
