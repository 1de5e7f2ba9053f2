//! Lists as CSV for a spreadsheet.

use std::fs;

use chrono::{Days, Local};

use crate::world::World;

#[test]
fn what_is_listed_can_be_written_for_a_spreadsheet() {
    let world = World::new();
    let bo = world.bo();
    let ann = &world.ann;
    let place = ann.ok(&["add", "workplaces", "name=Canteen, north"]);
    let at = format!("workplace={place}");
    let hired = (Local::now().date_naive() - Days::new(2)).to_string();
    let new = ann.ok(&["add", "contacts", "given_name==1+1", &format!("hired_on={hired}"), &at]);
    let dan =
        ann.ok(&["add", "contacts", "given_name=Dan", "phone=+46 70-174 06 05", &format!("hired_on={hired}"), &at]);
    let campaign = ann.ok(&["add", "campaigns", "name=Free months", "trial_months=3"]);
    ann.ok(&["signup", "--contact", &dan, "--campaign", &campaign, "--on", "2099-01-15"]);
    ann.ok(&["sync"]);
    bo.ok(&["sync"]);
    ann.ok(&["set", "contacts", &dan, "job=Cook"]);
    bo.ok(&["set", "contacts", &dan, "job=Baker"]);
    bo.ok(&["sync"]);
    ann.ok(&["sync"]);
    let csv = |asked: &[&str]| {
        let told = ann.ok(&[asked, &["--csv", "-"]].concat());
        told.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect::<Vec<_>>()
    };

    let due = csv(&["due"]);
    assert_eq!(due[0], "claim,due,overdue_days,what,kind,who,phone,workplace_name,owner_name");
    let line = format!("first_day:{},{hired},2,Welcome to the job,welcome,'=1+1,,\"Canteen, north\",", &new[26..]);
    assert!(due[1..].contains(&line), "{due:?}");

    let hires = csv(&["overview", "new-hires"]);
    assert!(hires[0].starts_with("workplace,workplace_name,hires.contact,hires.name,"), "{hires:?}");
    assert_eq!(hires.len(), 3, "a line for each new colleague");
    assert!(hires[1..].iter().all(|line| line.starts_with(&format!("{place},\"Canteen, north\","))), "{hires:?}");
    assert!(hires.iter().any(|line| line.contains(",'=1+1,")), "{hires:?}");
    assert!(hires.iter().any(|line| line.contains(",+46 70-174 06 05,")), "{hires:?}");

    let conflicts = csv(&["conflicts"]);
    assert!(conflicts[0].starts_with("table,id,title,field,kept_edit,answers.value,"), "{conflicts:?}");
    assert_eq!(conflicts.len(), 3, "a line for each answer");
    let calls = csv(&["calls", "list", "--from", "2099-01-01", "--until", "2099-12-31"]);
    assert!(calls[0].starts_with("contact,name,") && !calls[0].contains("draft"), "{calls:?}");
    assert!(calls[1].starts_with(&format!("{dan},Dan,")), "{calls:?}");
    assert!(csv(&["season", "coverage"])[1].starts_with(&format!("{place},\"Canteen, north\",")));
    let eva = ann.ok(&["add", "contacts", "given_name=Eva"]);
    ann.ok(&["add", "talks", "at=2020-03-04T10:00", &format!("contact={eva}")]);
    let silent = csv(&["overview", "not-spoken-with"]);
    assert!(silent[0].starts_with("contact,name,"), "{silent:?}");
    assert!(silent[1].starts_with(&format!("{eva},Eva,")), "{silent:?}");
    assert_eq!(csv(&["overview", "leaving"]), [""; 0], "nobody leaves");

    let file = world.dir.path().join("due.csv");
    let path = file.to_str().unwrap();
    assert_eq!(ann.ok(&["--csv", path, "due"]), "");
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(written.strip_prefix('\u{feff}').unwrap().lines().collect::<Vec<_>>(), due);
    assert!(ann.ok(&["--language", "da", "due", "--csv", "-"]).starts_with("\u{feff}claim;due;overdue_days;"));
    let again = ann.run(&["--csv", path, "due"]);
    assert!(String::from_utf8(again.stderr).unwrap().contains("[file_exists]"));
}

#[test]
fn only_lists_are_written_for_a_spreadsheet() {
    let ann = &World::new().ann;
    let wrong = [
        &["add", "contacts", "given_name=Eva", "--csv", "-"][..],
        &["sync", "--csv", "-"],
        &["season", "cannot-come", "000102030405060708090a0b0c0d0e0f", "--csv", "-"],
        &["report", "--csv", "-"],
    ];
    for typed in wrong {
        assert_eq!(ann.run(typed).status.code(), Some(2), "{typed:?}");
    }
    assert_eq!(ann.ok(&["list", "contacts"]), "");
}
