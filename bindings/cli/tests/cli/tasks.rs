//! What follows by itself is taken and done by its handle, and the team is named as people name it.

use chrono::{Days, Local};
use serde_json::{Value, json};

use crate::world::{Samla, World};

/// So many days before today.
fn days_ago(days: u64) -> String {
    (Local::now().date_naive() - Days::new(days)).to_string()
}

fn person(samla: &Samla, name: &str) -> String {
    samla.json(&["list", "people", &format!("name={name}")])[0]["id"].as_str().unwrap().to_owned()
}

/// The follow-up of this cause.
fn row(samla: &Samla, word: &str) -> Value {
    let rows = samla.json(&["list", "follow_ups"]);
    let is = |row: &&Value| row["cause"].as_str().is_some_and(|cause| cause.starts_with(word));
    let rows: Vec<_> = rows.as_array().unwrap().iter().filter(is).cloned().collect();
    assert_eq!(rows.len(), 1, "{word}: {rows:?}");
    rows[0].clone()
}

#[test]
fn a_first_day_is_taken_by_its_handle_and_done() {
    let world = World::new();
    let bo = world.bo();
    let ann = &world.ann;
    let fia = ann.ok(&["add", "contacts", "given_name=Fia", &format!("hired_on={}", days_ago(1))]);
    ann.ok(&["sync"]);
    bo.ok(&["sync"]);
    let handle = format!("first_day:{}", &fia[26..]);
    let due = bo.json(&["due"]);
    assert_eq!((&due[0]["handle"], &due[0]["contact"]), (&json!(handle), &json!(fia)));
    assert!(bo.ok(&["due"]).starts_with(&format!("{handle} ")));

    let taken = bo.ok(&["claim", &handle]);
    let written = row(&bo, "first_day");
    assert_eq!(taken, format!("follow_ups {}", written["id"].as_str().unwrap()));
    let expected = json!([person(&bo, "Bo"), fia, "welcome", "Welcome to the job", days_ago(1)]);
    let fields = ["owner", "contact", "kind", "what", "due"].map(|field| written[field].clone());
    assert_eq!(json!(fields), expected);
    let due = bo.json(&["due"]);
    assert_eq!((due.as_array().unwrap().len(), &due[0]["follow_up"]["id"]), (1, &written["id"]));

    bo.ok(&["sync"]);
    ann.ok(&["sync"]);
    assert_eq!(ann.json(&["claim", &handle]), json!({ "follow_up": null, "held_by": ["Bo"] }));
    assert!(ann.ok(&["claim", &handle]).contains("has it already: Bo"));
    let over = ann.json(&["claim", written["id"].as_str().unwrap(), "--take-over", "--due", "2099-03-02"]);
    assert_eq!(over["follow_up"], written["id"]);
    let mine = row(ann, "first_day");
    assert_eq!((&mine["owner"], &mine["due"]), (&json!(person(ann, "Ann")), &json!("2099-03-02")));

    let done = ann.ok(&["done", &handle, "--outcome", "Had coffee"]);
    let now = row(ann, "first_day");
    assert_eq!((&now["id"], &now["outcome"]), (&json!(done), &json!("Had coffee")));
    assert!(now["done_at"].is_string(), "{now}");
    assert_eq!(ann.json(&["due", "2099-12-31"]), json!([]));
    assert_eq!(ann.ok(&["done", &handle]), done, "it is done already");
    assert_eq!(row(ann, "first_day")["done_at"], now["done_at"]);
    assert_eq!(ann.code(&["claim", &handle]), "nothing_due");
}

#[test]
fn today_shows_what_is_ones_own_and_what_is_nobodys() {
    let world = World::new();
    let _bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    assert!(ann.ok(&["today"]).ends_with("\nNothing today"));
    let soon = (Local::now().date_naive() + Days::new(3)).to_string();
    let (today, of_bo) = (days_ago(0), format!("owner={}", person(ann, "Bo")));
    ann.ok(&["add", "follow_ups", "what=Bring the form", &format!("due={}", days_ago(2))]);
    ann.ok(&["add", "follow_ups", "what=Ask for the room", &format!("due={today}"), &of_bo]);
    let fia = ann.ok(&["add", "contacts", "given_name=Fia", &format!("hired_on={today}")]);
    let visit = ann.ok(&["add", "visits", "kind=table", &format!("starts_at={today}T23:30")]);
    let gap = ann.ok(&["add", "visits", "kind=table", &format!("starts_at={soon}T11:30")]);
    ann.ok(&["season", "answer", &visit, "yes"]);

    let view = ann.json(&["today"]);
    assert_eq!(view["date"], json!(today));
    let id = |shift: &Value| shift["view"]["visit"]["id"].clone();
    assert_eq!((id(&view["shifts"][0]["visit"]), id(&view["gaps"][0])), (json!(visit), json!(gap)));
    assert_eq!(view["automatic"][0]["handle"], json!(format!("first_day:{}", &fia[26..])));
    let due = |view: &Value| {
        let due = view["due"].as_array().unwrap().iter();
        due.map(|due| due["follow_up"]["what"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(due(&view), ["Bring the form"]);
    assert_eq!(due(&ann.json(&["today", "--for", "Bo"])), ["Bring the form", "Ask for the room"]);
    let told = ann.ok(&["today"]);
    assert!(told.contains(&format!("Shifts today\n    {visit} ")), "{told}");
    assert!(told.contains(&format!("Visits without anybody\n    {gap} ")), "{told}");
    assert!(told.contains("Bring the form") && !told.contains("Ask for the room"), "{told}");
    assert_eq!(ann.code(&["today", "--for", "Nobody"]), "nobody_named");
}

#[test]
fn all_that_follows_by_itself_can_be_done_without_being_taken() {
    let world = World::new();
    let _bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    ann.ok(&["add", "contacts", "given_name=Eva", "membership=leaving"]);
    let handle = |what: &str| ann.json(&["overview", what])[0]["handle"].clone();
    let leaving = handle("leaving").as_str().unwrap().to_owned();
    assert!(ann.ok(&["overview", "leaving"]).ends_with(&leaving));
    ann.ok(&["claim", &leaving, "--for", "bo", "--due", "2099-03-02"]);
    let talk = row(ann, "save_talk");
    let fields = ["kind", "owner", "due"].map(|field| talk[field].clone());
    assert_eq!(json!(fields), json!(["save_talk", person(ann, "Bo"), "2099-03-02"]));
    assert!(handle("leaving").is_null(), "it is taken");

    let signed = ann.json(&["signup", "given_name=Åsa", "--on", &days_ago(40)])["contact"].clone();
    let welcome = handle("new-members").as_str().unwrap().to_owned();
    ann.ok(&["done", &welcome]);
    let member = ann.json(&["overview", "new-members"])[0].clone();
    assert_eq!((&member["welcomed"], &member["handle"]), (&json!(true), &Value::Null));
    assert!(ann.ok(&["overview", "new-members"]).contains(member["steps"][0]["follow_up"].as_str().unwrap()));

    let of = format!("contact={}", signed.as_str().unwrap());
    ann.ok(&["add", "memberships", &of, "kind=paying", &format!("on={}", days_ago(5))]);
    let thanks = handle("thanks").as_str().unwrap().to_owned();
    ann.ok(&["done", &thanks]);
    assert_eq!(ann.json(&["overview", "thanks"]), json!([]));
    let thanked = row(ann, "thank_recruiter");
    assert_eq!((&thanked["what"], &thanked["owner"]), (&json!("Thank Ann"), &json!(person(ann, "Ann"))));

    let dan = ann.ok(&["add", "contacts", "given_name=Dan"]);
    let meeting = ann.ok(&["add", "visits", "kind=meeting", &format!("starts_at={}T18:00", days_ago(3))]);
    let (of, at) = (format!("contact={dan}"), format!("visit={meeting}"));
    ann.ok(&["add", "attendance", &of, &at, "state=attended"]);
    let came = format!("after_meeting:{}-{}", &dan[26..], &meeting[26..]);
    assert!(ann.ok(&["due"]).contains(&came));
    ann.ok(&["done", &came]);
    assert!(!ann.ok(&["due"]).contains("after_meeting"));
}

#[test]
fn what_was_written_down_is_taken_and_done_by_its_id() {
    let world = World::new();
    let _bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    let id = ann.ok(&["add", "follow_ups", "what=Bring the form", "kind=promise"]);
    ann.ok(&["claim", &id, "--for", &person(ann, "Bo")]);
    let owner = || ann.json(&["show", &id])["row"]["owner"].clone();
    assert_eq!(owner(), person(ann, "Bo"));
    assert_eq!(ann.json(&["claim", &id])["held_by"], json!(["Bo"]));
    assert_eq!(owner(), person(ann, "Bo"));
    ann.ok(&["claim", &id, "--take-over"]);
    assert_eq!(owner(), person(ann, "Ann"));
    ann.ok(&["done", &id]);
    assert_eq!(ann.json(&["show", &id])["row"]["kept"], true);
    assert_eq!(ann.json(&["due"]), json!([]));

    for wrong in ["first_day:3f2a9c", "first_day", "first_day:", "tomorrow"] {
        assert_eq!(ann.code(&["claim", wrong]), "nothing_due", "{wrong}");
        assert_eq!(ann.code(&["done", wrong]), "nothing_due", "{wrong}");
    }
    assert_eq!(ann.code(&["done", &"0".repeat(32)]), "unknown_row");
    assert_eq!(ann.code(&["claim", &id, "--for", "Zoe"]), "nobody_named");
}

#[test]
fn a_sign_up_is_credited_to_whoever_recruited() {
    let world = World::new();
    let _bo = world.bo();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    let bo = person(ann, "Bo");
    let recruiter = |who: &[&str]| {
        let signed = ann.json(&[&["signup", "given_name=Åsa"][..], who].concat());
        ann.json(&["show", signed["membership"].as_str().unwrap()])["row"]["recruiter"].clone()
    };
    assert_eq!(recruiter(&[]), person(ann, "Ann"));
    assert_eq!(recruiter(&["--recruiter", " bo"]), bo);
    assert_eq!(recruiter(&["--recruiter", &bo]), bo);
    let code = |who: &str| ann.code(&["signup", "given_name=Dan", "--recruiter", who]);
    assert_eq!(code("Zoe"), "nobody_named");
    assert_eq!(code(&"0".repeat(32)), "unknown_row");
    ann.ok(&["add", "people", "name=BO"]);
    assert_eq!(code("Bo"), "several_named");
    assert_eq!(ann.json(&["list", "contacts", "given_name=Dan"]), json!([]), "nothing was written");

    // Who is none of the team is found among the contacts, by name or id.
    let omar = ann.ok(&["add", "contacts", "given_name=Omar", "family_name=Ali"]);
    for who in ["omar ali ", omar.as_str()] {
        assert!(recruiter(&["--recruiter", who]).is_null(), "the sign-up names no steward");
    }
    let links = ann.json(&["list", "links", "kind=recruited"]);
    let named: Vec<_> = links.as_array().unwrap().iter().map(|link| link["b"].clone()).collect();
    assert_eq!(named, [json!(omar), json!(omar)]);
    let signed = links[0]["a"].as_str().unwrap();
    ann.ok(&["add", "memberships", &format!("contact={signed}"), "kind=paying", &format!("on={}", days_ago(0))]);
    let thanks = ann.json(&["overview", "thanks"]);
    assert_eq!((&thanks[0]["colleague"], &thanks[0]["recruiter"]), (&json!(omar), &Value::Null));
    assert!(ann.ok(&["overview", "thanks"]).starts_with(&format!("{omar} Omar Ali")));
    // It can be said otherwise later: the thanks go to whoever it was.
    let joined = ann.json(&["list", "memberships", &format!("contact={signed}"), "kind=signed"]);
    let joined = joined[0]["id"].as_str().unwrap();
    ann.ok(&["recruiter", joined, &bo]);
    let thanks = ann.json(&["overview", "thanks"]);
    assert_eq!((&thanks[0]["colleague"], &thanks[0]["recruiter"]), (&Value::Null, &json!(bo)));
    ann.ok(&["recruiter", joined, &omar]);
    assert_eq!(ann.json(&["overview", "thanks"])[0]["colleague"], json!(omar));
    ann.ok(&["recruiter", joined, "--nobody"]);
    assert_eq!(ann.json(&["overview", "thanks"]), json!([]));
    assert_eq!(ann.code(&["recruiter", joined, "Zoe"]), "nobody_named");
    let paying = ann.json(&["list", "memberships", &format!("contact={signed}"), "kind=paying"]);
    let code_of = |signed: &str| ann.code(&["recruiter", signed, &bo]);
    assert_eq!(code_of(&omar), "unknown_row");
    assert_eq!(code_of(paying[0]["id"].as_str().unwrap()), "field_invalid");
    ann.ok(&["add", "contacts", "given_name=Omar", "family_name=Ali"]);
    assert_eq!(code("Omar Ali"), "several_named");
}
