//! A book to practise with: all is recorded and reported as in any other, and nothing of it is sent.

use serde_json::{Value, json};

use crate::world::Samla;

#[test]
fn a_practice_book_records_and_reports_and_is_never_sent() {
    let dir = tempfile::tempdir().unwrap();
    let eva = Samla::at(dir.path().join("practice"));
    let made = eva.json(&["book", "practice", "--me", "Eva"]);
    assert_eq!((&made["practice"], &made["name"]), (&json!(true), &json!("Practice branch")));
    assert_eq!((&made["server_url"], &made["recovery_ask"]), (&Value::Null, &Value::Null));

    let visit = eva.ok(&["add", "visits", "kind=table", "starts_at=2026-11-23T11:30"]);
    let signed = eva.json(&["signup", "given_name=Åsa", "phone=070-174 06 05", "--visit", &visit]);
    eva.ok(&["tally", &visit, "talked", "+3"]);
    assert_eq!(eva.json(&["show", &visit])["summary"]["talked"], 3);
    let report = eva.ok(&["report", "sign_ups_by_recruiter"]);
    assert!(report.contains("Eva"), "{report}");
    let told = eva.ok(&["status"]);
    assert!(told.contains("a register to practise with, never sent"), "{told}");

    let refused = eva.fails(&["sync"]);
    assert_eq!(refused["code"], "practice");
    assert!(refused["says"].as_str().unwrap().ends_with("nothing of it is ever sent."), "{refused}");
    let contact = signed["contact"].as_str().unwrap();
    for typed in [
        &["sync", "--watch"][..],
        &["invite"],
        &["erase", contact, "--yes"],
        &["rotate-key"],
        &["renew-sheet"],
        &["compare"],
        &["leave"],
    ] {
        assert_eq!(eva.code(typed), "practice", "{typed:?}");
    }
    assert_eq!(eva.json(&["status"])["waits"], json!([]));
    assert_eq!(eva.json(&["list", "contacts"])[0]["given_name"], "Åsa");
}

#[test]
fn it_says_what_it_is_in_the_readers_language_and_takes_no_other_books_place() {
    let dir = tempfile::tempdir().unwrap();
    let eva = Samla::at(dir.path().join("practice"));
    let told = eva.ok(&["--language", "sv", "book", "practice", "Fikarummet"]);
    assert!(told.starts_with("Fikarummet: ett register att öva med.") && told.ends_with("skickas någonsin."), "{told}");
    assert_eq!(eva.code(&["book", "practice"]), "book_exists");
    assert_eq!(eva.code(&["book", "new", "Lunch", "--server", "https://samla.example"]), "book_exists");
}
