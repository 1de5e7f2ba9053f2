//! Two folders record while the server is away and come to the same register.

use serde_json::json;

use crate::world::World;

#[test]
fn two_folders_record_offline_and_come_together() {
    let mut world = World::new();
    let bo = world.bo();
    let ann = &world.ann;
    let desk = ann.json(&["list", "devices", "label=Command line"])[0]["id"].as_str().unwrap().to_owned();
    ann.ok(&["set", "devices", &desk, "label=Ann’s desk"]);
    let place = ann.ok(&["add", "workplaces", "name=Canteen"]);
    let visit = ann.ok(&["add", "visits", "kind=table", "starts_at=2026-11-23T11:30", &format!("workplace={place}")]);
    let known = ann.json(&["signup", "given_name=Åsa", "phone=070-174 06 05", "--visit", &visit]);
    let known = known["contact"].as_str().unwrap();
    ann.ok(&["sync"]);
    bo.ok(&["sync"]);

    world.server.stop();
    ann.ok(&["signup", "given_name=Cilla", "phone=070-174 06 06", "--visit", &visit]);
    ann.ok(&["tally", &visit, "talked", "+3"]);
    ann.ok(&["tally", &visit, "talked", "-1"]);
    ann.ok(&["set", "contacts", known, "job=Cook"]);
    bo.ok(&["signup", "given_name=Dan", "phone=070-174 06 07", "--visit", &visit]);
    bo.ok(&["tally", &visit, "talked"]);
    bo.ok(&["set", "contacts", known, "job=Baker"]);
    assert_eq!(ann.code(&["sync"]), "offline");
    assert_eq!(ann.json(&["status"])["unsent"], 4);

    world.server.again();
    let ann = &world.ann;
    for samla in [ann, &bo, ann] {
        samla.ok(&["sync"]);
    }
    for table in ["contacts", "memberships", "tallies", "visits", "people", "devices"] {
        assert_eq!(ann.ok(&["list", table]), bo.ok(&["list", table]), "{table}");
    }
    assert_eq!(ann.json(&["list", "contacts"]).as_array().unwrap().len(), 3);
    let counted = ann.json(&["show", &visit]);
    assert_eq!((&counted["summary"]["talked"], &counted["summary"]["signed"]), (&json!(3), &json!(3)));

    let clash = bo.json(&["conflicts"]);
    assert_eq!((&clash[0]["field"], clash.as_array().unwrap().len()), (&json!("job"), 1));
    let mut answers: Vec<_> = clash[0]["answers"].as_array().unwrap().iter().map(|a| a["shown"].clone()).collect();
    answers.sort_by_key(|answer| answer.to_string());
    assert_eq!(answers, [json!("Baker"), json!("Cook")]);
    assert_eq!(ann.json(&["conflicts"]), clash);
    let told = ann.ok(&["conflicts"]);
    for (said, who) in [("Cook", "Ann, Ann’s desk"), ("Baker", "Bo, Command line")] {
        assert!(told.lines().any(|line| line.trim_start().starts_with(said) && line.ends_with(who)), "{told}");
    }
    bo.ok(&["resolve", "contacts", known, "job", "Pastry cook"]);
    bo.ok(&["sync"]);
    ann.ok(&["sync"]);
    assert_eq!(ann.json(&["conflicts"]), json!([]));
    assert_eq!(ann.json(&["show", known])["card"]["contact"]["job"], "Pastry cook");
    // Nothing is left to say.
    ann.ok(&["news", "--seen"]);
    assert_eq!(ann.json(&["sync"]), json!({ "received": 0, "sent": 0, "rejected": 0 }));
}

#[test]
fn rows_come_and_go() {
    let ann = &World::new().ann;
    let id = ann.ok(&["add", "contacts", "given_name=Eva", "phone=070-174 06 08", "willing_to_help=yes"]);
    ann.ok(&["set", "contacts", &id, "phone=", "note=likes lists"]);
    let expected = json!([{ "id": id, "given_name": "Eva", "willing_to_help": true, "note": "likes lists" }]);
    assert_eq!(ann.json(&["list", "contacts"]), expected);
    assert_eq!(ann.ok(&["list", "contacts", "phone=", "given_name=Eva"]).split(' ').next(), Some(id.as_str()));
    assert_eq!(ann.ok(&["list", "contacts", "given_name=Eve"]), "");
    assert_eq!(ann.json(&["search", "eva"])[0]["id"], id.as_str());

    ann.ok(&["remove", "contacts", &id]);
    assert_eq!(ann.json(&["list", "contacts"]), json!([]));
    assert_eq!(ann.code(&["show", &id]), "unknown_row");
    ann.ok(&["restore", "contacts", &id]);
    assert_eq!(ann.json(&["list", "contacts"]), expected);

    let todo = format!("contact={id}");
    ann.ok(&["add", "follow_ups", "what=Bring the form", "due=2026-11-20", &todo]);
    let due = ann.json(&["due", "2026-11-23"]);
    assert_eq!((&due[0]["who"], &due[0]["overdue_days"]), (&json!("Eva"), &json!(3)));
    assert_eq!(ann.json(&["due", "2026-11-19"]), json!([]));
    let new = ann.ok(&["add", "contacts", "given_name=Fia", "hired_on=2026-11-21"]);
    let due = ann.json(&["due", "2026-11-23"]);
    assert_eq!(
        (&due[0]["who"], &due[1]["reason"], &due[1]["contact"]),
        (&json!("Eva"), &json!("first_day"), &json!(new))
    );
    assert!(ann.ok(&["--language", "nb", "due", "2026-11-23"]).contains("Ønske velkommen i jobben, Fia"));
    ann.ok(&["add", "talks", "at=2026-11-22T10:00", &format!("contact={new}")]);
    assert_eq!(ann.json(&["due", "2026-11-23"]).as_array().unwrap().len(), 1);
    ann.ok(&["add", "follow_ups", "what=Call back", "due=2026-05-03", "done_at=2026-11-20T10:00", &todo]);
    assert!(ann.ok(&["show", &id]).contains("Call back was due 3 May 2026"));
    ann.ok(&["add", "visits", "kind=round", "starts_at=2026-11-25T10:00"]);
    let week = ann.json(&["week", "2026-11-23"]);
    assert_eq!((&week["iso_week"], &week["days"][2]["visits"][0]["visit"]["kind"]), (&json!(48), &json!("round")));
}

#[test]
fn an_empty_list_is_told_to_people_and_empty_for_scripts() {
    let ann = &World::new().ann;
    for list in ["due", "conflicts", "duplicates", "calls", "lost", "invites", "notices", "imports"] {
        let told = ann.run(&["--language", "nb", list]);
        assert!(told.status.success() && told.stdout.is_empty(), "{list}");
        assert_eq!(String::from_utf8(told.stderr).unwrap(), "Det er ingenting å vise.\n", "{list}");
        assert!(ann.run(&["--json", list]).stderr.is_empty(), "{list}");
    }
}

#[test]
fn members_come_rise_and_leave() {
    let world = World::new();
    let bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    let device = bo.json(&["status"])["device_id"].as_str().unwrap().to_owned();
    assert_eq!(bo.code(&["invite"]), "not_allowed");
    ann.ok(&["raise", &device, "organiser"]);
    bo.ok(&["sync"]);
    assert_eq!(bo.json(&["status"])["role"], "organiser");

    let invite = bo.json(&["invite", "--role", "reader", "--days", "1"]);
    assert_eq!(bo.json(&["invites"])[0]["id"], invite["id"]);
    assert!(bo.ok(&["invites"]).contains("(comes in at once)"));
    bo.ok(&["uninvite", invite["id"].as_str().unwrap()]);
    assert_eq!(bo.json(&["invites"]), json!([]));
    let late = world.folder("late");
    assert_eq!(late.code(&["join", invite["link"].as_str().unwrap(), "--name", "Late"]), "invite_used");
    assert_eq!(late.code(&["status"]), "no_book", "a join that came to nothing leaves nothing behind");

    bo.ok(&["leave"]);
    assert_eq!(bo.code(&["add", "contacts", "given_name=Nobody"]), "removed");
    ann.ok(&["sync"]);
    let members = ann.json(&["members"]);
    let left = |id: &str| members.as_array().unwrap().iter().find(|m| m["device_id"] == id).unwrap()["left"].clone();
    assert_eq!(left(&device), true);
}
