//! The season, its calls, and people written down twice.

use std::fs;

use serde_json::json;

use crate::world::World;

#[test]
fn a_visit_repeats_and_is_staffed() {
    let world = World::new();
    let bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    let person =
        |name: &str| ann.json(&["list", "people", &format!("name={name}")])[0]["id"].as_str().unwrap().to_owned();
    let (me, other) = (person("Ann"), person("Bo"));
    let place = ann.ok(&["add", "workplaces", "name=Canteen"]);
    let at = format!("workplace={place}");
    let visit = ann.ok(&["add", "visits", "kind=table", "starts_at=2099-03-02T11:30", &at]);
    let days = ["--from", "2099-03-01", "--until", "2099-04-30"];
    let season = |args: &[&str]| ann.json(&[&["season"][..], args].concat());
    let during = |what: &str| season(&[&[what][..], &days].concat());

    let repeated = season(&["repeat", &visit, "--weeks", "2", "--until", "2099-04-15"]);
    let made = repeated["made"].as_array().unwrap().clone();
    assert_eq!(made.len(), 3);
    let series = season(&["series", made[0].as_str().unwrap()]);
    assert_eq!((&series["every_weeks"], &series["days"][0]["on"]), (&json!(2), &json!("2099-03-16")));
    assert_eq!(season(&["series", &visit, "--plan"])["made"], json!([]));
    assert!(ann.ok(&["season", "series", &visit]).contains("every 2 weeks until"));
    assert_eq!(ann.code(&["season", "series", &"0".repeat(32)]), "unknown_row");

    assert_eq!(during("gaps").as_array().unwrap().len(), 4);
    ann.ok(&["season", "answer", &visit, "yes"]);
    assert_eq!(during("gaps").as_array().unwrap().len(), 3);
    assert_eq!(during("turns")[0]["state"], "yes");
    ann.ok(&["season", "swap", &visit, &me, &other]);
    assert_eq!(during("turns")[0]["state"], "no");
    assert_eq!(season(&[&["turns", &other][..], &days].concat())[0]["state"], "asked");
    ann.ok(&["sync"]);
    bo.ok(&["sync"]);
    bo.ok(&["season", "answer", &visit, "yes"]);
    bo.ok(&["season", "cannot-come", &visit, "--note", "At the dentist"]);
    assert_eq!(bo.json(&["list", "shifts", &format!("person={other}")])[0]["note"], "At the dentist");
    assert!(bo.ok(&[&["season", "weeks"][..], &days].concat()).contains("None of those asked can come"));
    assert_eq!(season(&["coverage"])[0]["next_on"], "2099-03-02");

    let calendar = world.dir.path().join("visits.ics");
    ann.ok(&[&["calendar", calendar.to_str().unwrap()][..], &days].concat());
    let text = fs::read_to_string(&calendar).unwrap();
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 4);
    assert!(!ann.ok(&[&["calendar", "-", "--person", &other][..], &days].concat()).contains("20990316"));
}

#[test]
fn a_visit_begins_by_the_clocks_of_its_own_day() {
    let world = World::new();
    let ann = &world.ann;
    let stored = |typed: &str| {
        let mut add = ann.command(&["add", "visits", "kind=table", &format!("starts_at={typed}")]);
        let id = add.env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3").output().unwrap().stdout;
        let shown = ann.json(&["show", String::from_utf8(id).unwrap().trim_end()]);
        shown["row"]["starts_at"].as_str().unwrap().to_owned()
    };
    for (typed, moment) in [
        ("2026-08-31T11:00", "2026-08-31T11:00:00.000+02:00"),
        ("2026-11-30 11:00", "2026-11-30T11:00:00.000+01:00"),
        ("2026-08-31 11:00+03:00", "2026-08-31T11:00:00.000+03:00"),
        ("2026-10-25T02:30", "2026-10-25T02:30:00.000+02:00"),
    ] {
        assert_eq!(stored(typed), moment, "{typed}");
    }
}

#[test]
fn what_becomes_of_a_series_is_told() {
    let world = World::new();
    let ann = &world.ann;
    let visit = ann.ok(&["add", "visits", "kind=table", "starts_at=2099-03-02T11:30"]);
    assert_eq!(ann.code(&["season", "series", &visit]), "not_repeating");
    let told = ann.run(&["season", "repeat", &visit, "--weeks", "26", "--until", "2150-01-01"]);
    let cut = String::from_utf8(told.stderr).unwrap();
    assert!(told.status.success() && cut.contains("after 3 Mar 2102 nothing is planned"), "{cut}");
    let later = ann.json(&["season", "series", &visit])["days"][0]["visit"].as_str().unwrap().to_owned();
    ann.ok(&["remove", "visits", &visit]);
    for args in [&["series", &later][..], &["series", &later, "--plan"], &["repeat", &later, "--until", "2100-01-01"]] {
        assert_eq!(ann.code(&[&["season"][..], args].concat()), "first_gone");
    }
    ann.ok(&["restore", "visits", &visit]);
    assert_eq!(ann.json(&["season", "series", &later])["first"]["id"], visit.as_str());
}

#[test]
fn calls_are_claimed_made_and_decided() {
    let world = World::new();
    let bo = world.bo();
    let ann = &world.ann;
    let ends_in = |id: &str, kind: &str, on: &str| {
        ann.ok(&["add", "memberships", &format!("contact={id}"), &format!("kind={kind}"), &format!("on={on}")]);
    };
    let id = ann.ok(&["add", "contacts", "given_name=Åsa", "phone=070-174 06 05"]);
    let campaign = ann.ok(&["add", "campaigns", "name=Free months", "trial_months=3"]);
    ann.ok(&["signup", "--contact", &id, "--campaign", &campaign, "--on", "2099-01-15"]);
    let days = ["--from", "2099-01-01", "--until", "2099-12-31"];
    let list = |samla: &crate::world::Samla| samla.json(&[&["calls", "list"][..], &days].concat());
    assert_eq!(list(ann)[0]["contact"], id.as_str());
    assert_eq!(ann.json(&["calls"]), json!([]), "not within two months");
    ann.ok(&["calls", "claim", &id]);
    ann.ok(&["sync"]);
    bo.ok(&["sync"]);
    let held = bo.json(&["calls", "claim", &id]);
    assert_eq!(held, json!({ "follow_up": null, "held_by": ["Ann"] }));
    assert!(bo.ok(&["--language", "sv", "calls", "claim", &id]).contains("har den redan: Ann"));

    ann.ok(&["calls", "log", &id, "--outcome", "no answer", "--again-on", "2099-04-02"]);
    bo.ok(&["calls", "log", &id, "--reached", "--stays"]);
    bo.ok(&["sync"]);
    ann.ok(&["sync"]);
    let calls = list(ann);
    assert_eq!((&calls[0]["decision"], &calls[0]["attempts"]), (&json!("stays"), &json!(2)));
    let told = ann.ok(&[&["calls", "list"][..], &days].concat());
    assert!(told.contains("Stays") && told.contains("attempts: 2"), "{told}");
    assert_eq!(ann.json(&["calls", "clashes"])[0]["callers"].as_array().unwrap().len(), 2);
    assert_eq!(ann.json(&["list", "talks"]).as_array().unwrap().len(), 1);

    let member = ann.ok(&["add", "contacts", "given_name=Bo"]);
    ends_in(&member, "paying", "2026-01-01");
    assert_eq!(ann.code(&["calls", "claim", &member]), "no_call");
}

#[test]
fn what_a_steward_has_goes_to_another() {
    let world = World::new();
    let _bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    let person =
        |name: &str| ann.json(&["list", "people", &format!("name={name}")])[0]["id"].as_str().unwrap().to_owned();
    let (me, other) = (person("Ann"), person("Bo"));
    let of = |id: &str| format!("owner={id}");
    let id = ann.ok(&["add", "contacts", "given_name=Åsa", &of(&me)]);
    ann.ok(&["add", "follow_ups", "what=Bring the form", "due=2099-03-02", &format!("contact={id}"), &of(&me)]);
    let visit = ann.ok(&["add", "visits", "kind=table", "starts_at=2099-03-02T11:30"]);
    ann.ok(&["season", "answer", &visit, "yes"]);

    let goes = |handed_over: bool, n: i64| {
        let (from, to) = (&me, &other);
        json!({ "from": from, "to": to, "handed_over": handed_over, "follow_ups": n, "contacts": n, "shifts": n })
    };
    let hand_over = ["calls", "hand-over", &me, &other];
    assert_eq!(ann.json(&hand_over), goes(false, 1));
    let told = ann.ok(&[&["--language", "sv"][..], &hand_over[..]].concat());
    assert!(told.starts_with("Allt som Ann har går till Bo:\n") && told.contains("    Pass: 1\n"), "{told}");
    assert_eq!(ann.json(&["list", "follow_ups", &of(&other)]), json!([]), "nothing has gone");
    assert_eq!(ann.json(&[&hand_over[..], &["--yes"]].concat()), goes(true, 1));
    for table in ["follow_ups", "contacts"] {
        assert_eq!(ann.json(&["list", table, &of(&other)]).as_array().unwrap().len(), 1, "{table}");
    }
    assert_eq!(
        ann.json(&["season", "turns", &other, "--from", "2099-03-01", "--until", "2099-03-31"])[0]["state"],
        "asked"
    );
    assert_eq!(ann.json(&hand_over), goes(false, 0));
    assert_eq!(ann.code(&["calls", "hand-over", &me, &"0".repeat(32)]), "unknown_row");
}

#[test]
fn two_contacts_become_one_person_and_two_again() {
    let world = World::new();
    let ann = &world.ann;
    let a = ann.ok(&["add", "contacts", "given_name=Åsa", "phone=070-174 06 05", "job=Cook"]);
    let b = ann.ok(&["add", "contacts", "given_name=Åsa", "phone=0701740605", "job=Baker"]);
    assert_eq!(ann.json(&["duplicates"]).as_array().unwrap().len(), 1);
    let link = ann.ok(&["same", &a, &b]);
    assert_eq!(ann.json(&["duplicates"]), json!([]));
    assert_eq!(ann.json(&["search", "Åsa"]).as_array().unwrap().len(), 1);
    assert!(ann.ok(&["links", &a]).contains(&link));
    ann.ok(&["choose", &b, "job", "Pastry cook"]);
    for id in [&a, &b] {
        assert_eq!(ann.json(&["list", "contacts", "job=Pastry cook"]).to_string().matches(id.as_str()).count(), 1);
    }
    ann.ok(&["choose", &a, "job", ""]);
    assert_eq!(ann.json(&["list", "contacts", "job="]).as_array().unwrap().len(), 2);
    assert_eq!(ann.fails(&["choose", &a, "shoe_size", "42"])["reason"], "unknown_field");
    ann.ok(&["undo-link", &link]);
    assert_eq!(ann.json(&["search", "Åsa"]).as_array().unwrap().len(), 2);
    ann.ok(&["not-same", &a, &b]);
    assert_eq!(ann.json(&["duplicates"]), json!([]));
    assert_eq!(ann.json(&["links"]), json!([]), "nobody disagrees");
}

#[test]
fn one_contact_is_not_two() {
    let ann = &World::new().ann;
    let eva = ann.ok(&["add", "contacts", "given_name=Eva"]);
    assert_eq!([ann.code(&["same", &eva, &eva]), ann.code(&["not-same", &eva, &eva])], ["same_contact"; 2]);
}

#[test]
fn whoever_was_met_before_is_named_beside_a_new_contact() {
    let world = World::new();
    let ann = &world.ann;
    let place = ann.json(&["add", "workplaces", "name=Canteen"]);
    assert_eq!(place["duplicates"], json!(null), "only people are held against each other");
    let works = format!("workplace={}", place["id"].as_str().unwrap());
    let known = ann.ok(&["add", "contacts", "given_name=Anna", "family_name=Ek", "phone=070-174 06 05", &works]);
    let told = |args: &[&str]| {
        let output = ann.run(args);
        assert!(output.status.success(), "{args:?}");
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (new, beside) = told(&["add", "contacts", "given_name=A", "phone=0701740605"]);
    let new = new.trim();
    let how =
        format!("If it is the same person, type `samla same {known} {new}`; if not, `samla not-same {known} {new}`.");
    assert_eq!(beside, format!("Maybe you already met: Anna Ek ({known}), Canteen, Same phone number\n{how}\n"));

    let signed = ann.json(&["signup", "given_name=Bo", "phone=070-174 06 05"]);
    assert_eq!(signed["duplicates"], json!([known, new]));
    ann.ok(&["same", &known, new]);
    let (_, beside) = told(&["--language", "sv", "signup", "given_name=Cia", "phone=+46 70 174 06 05"]);
    assert!(beside.starts_with(&format!("Kanske har ni redan träffat: Anna Ek ({known}), Canteen, ")), "{beside}");
    assert!(beside.contains("`samla same ID ") && beside.lines().count() == 3, "{beside}");

    assert_eq!(ann.json(&["add", "contacts", "given_name=Eva", "phone=070-174 06 06"])["duplicates"], json!([]));
    assert_eq!(told(&["signup", "given_name=Fia"]).1, "");
    let again = ann.json(&["signup", "--contact", &known, "job=Cook"]);
    assert_eq!((&again["contact"], &again["duplicates"]), (&json!(known), &json!([])));
}

#[test]
fn who_came_in_is_told_until_it_was_seen() {
    let world = World::new();
    let _bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    let news = ann.json(&["news"]);
    assert_eq!((news.as_array().unwrap().len(), &news[0]["invited_by"]), (1, &json!("Ann")));
    assert!(ann.ok(&["--language", "da", "news"]).contains("inviteret af Ann"));
    ann.ok(&["news", "--seen"]);
    assert_eq!(ann.json(&["news"]), json!([]));
}

#[test]
fn what_one_device_removed_is_told_and_brought_back() {
    let world = World::new();
    let ann = &world.ann;
    let ids: Vec<String> = (0..14)
        .map(|n| ann.json(&["add", "contacts", &format!("note=met at table {n}")])["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ann.json(&["removals"]), json!([]));
    for id in &ids {
        ann.ok(&["remove", "contacts", id]);
    }
    let told = ann.json(&["removals"]);
    let (device, day) = (told[0]["device_id"].as_str().unwrap(), told[0]["day"].as_str().unwrap());
    assert!(ann.ok(&["--language", "sv", "removals"]).contains("tog bort 14 av"));
    assert_eq!(ann.json(&["removals", "--bring-back", device, "--day", day])["brought_back"], 14);
    assert_eq!(ann.json(&["list", "contacts"]).as_array().unwrap().len(), 14);
    assert_eq!(ann.json(&["removals"]), json!([]));
}

#[test]
fn a_book_is_founded_anew_from_what_another_shows() {
    let world = World::new();
    let bo = world.bo();
    world.ann.ok(&["add", "contacts", "given_name=Åsa"]);
    world.ann.ok(&["sync"]);
    bo.ok(&["sync"]);
    let anew = world.folder("anew");
    let into = anew.home.to_str().unwrap();
    let url = world.server.url();
    let made = bo.json(&["found-anew", "Dinner", "--into", into, "--server", &url, "--me", "Bo"]);
    assert!(made["sheet"].as_str().unwrap().starts_with("samlar1"));
    assert_eq!(anew.ok(&["list", "contacts"]), bo.ok(&["list", "contacts"]));
    let (old, new) = (bo.json(&["status"]), anew.json(&["status"]));
    assert_eq!((&new["name"], &new["role"]), (&json!("Dinner"), &json!("organiser")));
    assert_ne!(old["book_id"], new["book_id"]);
    assert_eq!(bo.code(&["found-anew", "Dinner", "--into", into, "--server", &url, "--me", "Bo"]), "book_exists");
}

#[test]
fn overviews_tell_whom_to_talk_with_and_what_to_pack() {
    let world = World::new();
    let ann = &world.ann;
    let me = ann.json(&["list", "people"])[0]["id"].as_str().unwrap().to_owned();
    let place = ann.ok(&["add", "workplaces", "name=Canteen", "hr_name=Kim", "best_slot=lunch"]);
    let at = format!("workplace={place}");
    ann.ok(&["add", "contacts", "given_name=Åsa", "membership=leaving", &at]);
    ann.ok(&["add", "contacts", "given_name=Dan", "origin=themselves", "source=the page", &at]);
    let visit = ann.ok(&["add", "visits", "kind=table", "starts_at=2099-03-02T11:30", &at]);
    let mugs = ann.ok(&["add", "materials", "name=Mugs", "unit=boxes"]);
    let (mugs, of_visit, by) = (format!("material={mugs}"), format!("visit={visit}"), format!("by={me}"));
    ann.ok(&["add", "moves", &mugs, "kind=ordered", "n=3", &of_visit]);
    ann.ok(&["add", "moves", &mugs, "kind=placed", "n=2", &by]);
    ann.ok(&["add", "guides", "title=Second", "body=Ask.", "order=2"]);
    ann.ok(&["add", "guides", "title=First", "body=Listen.", "order=1"]);
    ann.ok(&["add", "reasons", "text=Together we are many"]);
    let told = |what: &[&str]| ann.ok(&[&["overview"][..], what].concat());
    let leaving = told(&["leaving"]);
    assert!(leaving.contains("Åsa · Leaving · Canteen") && !leaving.contains("Dan"), "{leaving}");
    assert!(told(&["inbound"]).contains("the page"));
    ann.ok(&["add", "visits", "kind=table", "starts_at=2026-01-12T11:30", "review=too early", &at]);
    let notes = told(&["notes", "--from", "2026-01-01", "--until", "2026-01-31"]);
    assert!(notes.contains("· Canteen\n    too early"), "{notes}");
    let needs = told(&["needs", "--from", "2099-03-01", "--until", "2099-03-31"]);
    assert!(needs.contains("Canteen\n    Mugs 3 boxes · missing: 3"), "{needs}");
    assert!(told(&["allotments"]).contains("Ann · Mugs · 2 boxes"));
    assert!(told(&["directory"]).contains("Ann"));
    ann.ok(&["add", "imports", "source=office", "at=2026-09-01T09:00", "rows=5"]);
    let sources = told(&["sources"]);
    assert!(sources.lines().count() == 3 && sources.contains(" · Rows 5"), "{sources}");
    assert!(ann.ok(&["--language", "fi", "overview", "sources"]).contains(" · Rivejä 5"));
    assert_eq!(told(&["guides"]).lines().collect::<Vec<_>>(), ["First", "    Listen.", "Second", "    Ask."]);
    assert_eq!(told(&["reasons"]).trim(), "Together we are many");
    let card = told(&["workplace", &place]);
    assert!(card.starts_with("Canteen\n") && card.contains("Kim"), "{card}");
    assert_eq!(ann.code(&["overview", "workplace", &"0".repeat(32)]), "unknown_row");
    for what in ["new-members", "channels", "slots"] {
        assert!(ann.json(&["overview", what]).is_array(), "{what}");
    }
    let by_way = json!([{ "source": "the page", "contacts": 1, "answered": 0, "members": 0 }]);
    assert_eq!(ann.json(&["overview", "inbound-figures"]), by_way);
    assert_eq!(told(&["inbound-figures"]), "the page · People 1 · answered: 0 · Members 0");
    let inbound = ann.json(&["report", "inbound"]);
    assert_eq!(inbound["rows"][0]["cells"][1], json!({ "is": "text", "value": "the page" }));
    assert!(ann.ok(&["report", "channels"]).starts_with("Talks by channel\n"));

    ann.ok(&["set", "people", &me, "unit=Night"]);
    assert_eq!(ann.json(&["season", "units", &visit]), json!([]), "nobody staffs it");
    ann.ok(&["season", "answer", &visit, "yes"]);
    assert_eq!(ann.ok(&["season", "units", &visit]), "Night");
    assert_eq!(ann.code(&["season", "units", &place]), "unknown_row");
}

#[test]
fn overviews_tell_whom_to_welcome_to_speak_with_and_to_thank() {
    let world = World::new();
    let ann = &world.ann;
    let me = ann.json(&["list", "people"])[0]["id"].as_str().unwrap().to_owned();
    let place = ann.ok(&["add", "workplaces", "name=Canteen"]);
    let new = ann.ok(&["add", "contacts", "given_name=Fia", "hired_on=2026-03-02", &format!("workplace={place}")]);
    let told = |what: &[&str]| ann.ok(&[&["overview"][..], what].concat());
    let new_hires = ["new-hires", "--since", "2026-03-01"];
    let hires = told(&new_hires);
    assert!(hires.starts_with("Canteen\n") && hires.contains("Fia · 2 Mar 2026 · nobody has met them yet"), "{hires}");
    assert_eq!(told(&["new-hires", "--since", "2026-03-03"]), "");

    let (of, by) = (format!("contact={new}"), format!("by={me}"));
    assert_eq!(ann.json(&["overview", "talks", &new])["talks"], 0);
    ann.ok(&["add", "talks", "at=2026-03-04T10:00", "invited=yes", "answer=not_now", &of, &by]);
    assert!(told(&new_hires).contains("met 4 Mar 2026 · Ann"));
    assert_eq!(told(&["talks", &new]), "1 talk · Asked to join: 1 · Not now · last 4 Mar 2026");
    assert_eq!(ann.code(&["overview", "talks", &place]), "unknown_row");

    let signed = ann.json(&["signup", "given_name=Åsa", "--on", "2025-01-15"])["contact"].as_str().unwrap().to_owned();
    assert_eq!(ann.json(&["overview", "thanks"]), json!([]));
    ann.ok(&["add", "memberships", &format!("contact={signed}"), "kind=paying", "on=2025-02-01"]);
    let thanks = ann.json(&["overview", "thanks", "--from", "2025-01-01", "--until", "2025-12-31"]);
    assert_eq!((&thanks[0]["recruiter"], &thanks[0]["contact"]), (&json!(me), &json!(signed)));
    assert!(
        told(&["thanks", "--from", "2025-01-01", "--until", "2025-12-31"]).contains("has paid dues since 1 Feb 2025")
    );

    let silent = ann.json(&["overview", "not-spoken-with", "--months", "1"]);
    assert!(silent.to_string().contains(&signed));
    assert!(told(&["not-spoken-with", "--months", "1"]).contains("Åsa · last 15 Jan 2025 · Member"));
    ann.ok(&["set", "contacts", &signed, "do_not_contact=yes"]);
    assert!(!told(&["not-spoken-with"]).contains("Åsa"));

    let lapsed = ann.json(&["signup", "given_name=Ulla", "--on", "2020-01-15"])["contact"].as_str().unwrap().to_owned();
    let card = ann.ok(&["show", &lapsed]);
    assert!(card.contains(": The trial ended 15 Jan 2021"), "{card}");
    ann.ok(&["add", "memberships", &format!("contact={lapsed}"), "kind=paying", "on=2022-01-01"]);
    let card = ann.ok(&["show", &lapsed]);
    assert!(card.contains(": Member") && !card.contains("ended"), "{card}");
}
