//! Reports in every form.

use std::fs;

use serde_json::json;

use crate::world::World;

#[test]
fn every_report_is_listed_and_can_be_asked_for() {
    let world = World::new();
    let ann = &world.ann;
    let listed = ann.json(&["report"]);
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["report"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 29);
    assert!(ann.ok(&["--language", "sv", "report"]).contains("density"));
    let told = ann.ok(&["report"]);
    assert!(told.contains("`samla report density --shared`"), "{told}");
    assert!(told.ends_with(": wins, metrics, metric_readings, visibility, materials."), "{told}");
    for name in names {
        let table = ann.json(&["report", name]);
        assert_eq!(table["report"], name);
        let columns = table["columns"].as_array().unwrap().len();
        assert!(columns > 0, "{name}");
        // The title, the headings.
        assert!(ann.ok(&["report", name]).lines().count() >= 2, "{name}");
    }
}

#[test]
fn a_report_is_read_in_any_language_and_written_as_csv() {
    let world = World::new();
    let ann = &world.ann;
    let north = ann.ok(&["add", "workplaces", "name=North", "employees=1200"]);
    let south = ann.ok(&["add", "workplaces", "name=South", "employees=40"]);
    for (place, day) in [(&north, "2026-03-02"), (&north, "2026-03-03"), (&south, "2026-03-04")] {
        ann.ok(&["signup", "given_name=Åsa", &format!("workplace={place}"), "--on", day]);
    }
    let asked = ["report", "sign_ups_by_place", "--from", "2026-03-01", "--until", "2026-03-31"];
    let told = ann.ok(&asked);
    let rows: Vec<Vec<_>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(told.lines().next(), Some("Sign-ups by workplace"));
    assert!(rows.iter().any(|row| row.starts_with(&["North", "0", "2"])), "{told}");
    assert!(rows.iter().any(|row| row.starts_with(&["South", "0", "1"])), "{told}");
    let only = |more: &[&str]| ann.ok(&[&asked[..], more].concat());
    let one = only(&["--workplace", &south]);
    assert!(one.contains("South") && !one.contains("North"), "{one}");
    assert!(
        !ann.ok(&["report", "sign_ups_by_place", "--from", "2026-03-04", "--until", "2026-03-31"]).contains("North")
    );

    let shared = only(&["--shared"]);
    assert!(shared.contains("Left out") && shared.contains("Groups of fewer than five"), "{shared}");
    assert!(!told.contains("Left out"), "{told}");

    let file = world.dir.path().join("places.csv");
    let path = file.to_str().unwrap();
    let csv = |tag: &str, to: &str| ann.ok(&[&["--language", tag], &asked[..], &["--csv", to]].concat());
    assert_eq!(csv("en", path), "");
    let english = fs::read_to_string(&file).unwrap();
    assert!(
        english.starts_with('\u{feff}') && english.contains("North,0,2") && english.contains("South,0,1"),
        "{english}"
    );
    // A Nordic spreadsheet splits at semicolons, and has a comma in its decimals.
    let finnish = csv("fi", "-");
    assert!(
        finnish.starts_with('\u{feff}') && finnish.contains("North;0;2") && finnish.contains(";0,0\r\n"),
        "{finnish}"
    );
    assert_ne!(finnish.lines().next(), english.lines().next());
    assert_eq!(ann.code(&[&asked[..], &["--csv", path]].concat()), "file_exists");
    assert_eq!(ann.json(&asked)["totals"][2], json!({ "is": "count", "value": 3 }));
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused() {
    let ann = &World::new().ann;
    let days = ["--from", "2026-12-01", "--until", "2026-01-01"];
    for asked in [&["report", "visits"][..], &["overview", "slots"]] {
        assert_eq!(ann.code(&[asked, &days].concat()), "period_reversed");
    }
    let compared = ["--compare-from", "2026-12-01", "--compare-until", "2026-01-01"];
    assert_eq!(ann.code(&[&["report", "comparison"][..], &compared].concat()), "period_reversed");
}

#[test]
fn an_unknown_report_is_a_wrong_command_line() {
    let output = World::new().ann.run(&["report", "weather"]);
    assert_eq!(output.status.code(), Some(2));
}
