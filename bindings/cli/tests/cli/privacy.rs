//! What was promised to the people in the register.

use std::fs;

use serde_json::json;

use crate::world::World;

#[test]
fn a_consent_is_given_taken_back_and_given_anew() {
    let world = World::new();
    let ann = &world.ann;
    let id = ann.ok(&["add", "contacts", "given_name=Åsa", "phone=070-174 06 05"]);
    let holds = || ann.json(&["consent", "list", &id])[0]["holds"].clone();
    ann.ok(&["consent", "give", &id, "purpose=newsletter", "how=paper"]);
    assert_eq!(holds(), true);
    let file = |name: &str| world.dir.path().join(name).to_str().unwrap().to_owned();
    ann.ok(&["vcards", &file("with.vcf"), "--purpose", "Newsletter"]);
    assert!(fs::read_to_string(file("with.vcf")).unwrap().contains("TEL:+46701740605"));

    ann.ok(&["consent", "withdraw", &id, "--purpose", "newsletter"]);
    assert_eq!(holds(), false);
    ann.ok(&["vcards", &file("without.vcf"), "--purpose", "newsletter"]);
    assert_eq!(fs::read_to_string(file("without.vcf")).unwrap(), "");
    assert!(ann.ok(&["--language", "nb", "consent", "list", &id]).starts_with("newsletter: gjelder ikke · "));

    ann.ok(&["consent", "give", &id, "purpose=newsletter"]);
    assert_eq!(holds(), true, "a consent of a new round is not taken back by the old withdrawal");
    let nobody = "0".repeat(32);
    assert_eq!(ann.code(&["consent", "give", &nobody, "purpose=newsletter"]), "unknown_row");
    assert_eq!(ann.code(&["consent", "list", &nobody]), "unknown_row");
}

#[test]
fn only_those_who_agreed_are_written_to() {
    let world = World::new();
    let ann = &world.ann;
    let place = ann.ok(&["add", "workplaces", "name=Canteen"]);
    let other = ann.ok(&["add", "workplaces", "name=Depot"]);
    let at = format!("workplace={place}");
    let id = ann.ok(&["add", "contacts", "given_name=Åsa", "email=asa@example.org", &at]);
    let addresses = |more: &[&str]| ann.ok(&[&["addresses", "--purpose", "Newsletter"][..], more].concat());
    assert_eq!(addresses(&[]), "");
    ann.ok(&["consent", "give", &id, "purpose=newsletter"]);
    assert_eq!(addresses(&["--count"]), "1 person");
    assert_eq!(ann.json(&["taken-out"]), json!([]), "to count is not to take");
    assert_eq!(addresses(&["--workplace", &place]), format!("{id} Åsa · asa@example.org"));
    assert_eq!(addresses(&["--workplace", &other]), "");
    assert_eq!(ann.json(&["addresses", "--purpose", "newsletter"])[0]["email"], "asa@example.org");
    assert_eq!(ann.json(&["addresses", "--purpose", "calls"]), json!([]));
    let file = world.dir.path().join("nobody.vcf").to_str().unwrap().to_owned();
    let asked = [&["addresses", "--purpose", "Newsleter"][..], &["vcards", &file, "--purpose", "Newsleter"]];
    for args in asked {
        let told = ann.run(args);
        let aside = String::from_utf8(told.stderr).unwrap();
        assert!(told.status.success() && told.stdout.is_empty(), "{args:?}");
        assert!(aside.contains("“Newsleter”. There are: newsletter."), "{aside}");
    }

    let file = world.dir.path().join("people.vcf").to_str().unwrap().to_owned();
    ann.ok(&["vcards", &file, "--purpose", "newsletter"]);
    assert_eq!(ann.code(&["vcards", &file, "--purpose", "newsletter"]), "file_exists");
    let taken = ann.json(&["taken-out"]);
    let taken: Vec<_> = taken.as_array().unwrap().iter().collect();
    let of = |key: &str| taken.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("kind"), ["vcards", "addresses", "addresses"]);
    assert_eq!(of("purpose"), ["newsletter", "newsletter", "Newsletter"]);
    assert_eq!(of("workplace_name"), [json!(null), json!(null), json!("Canteen")]);
    assert!(taken.iter().all(|one| one["n"] == 1 && one["by_name"] == "Ann"), "{taken:?}");
    let told = ann.ok(&["taken-out"]);
    assert!(told.contains(" · Ann · Contact cards · newsletter · 1 person"), "{told}");
    assert!(!told.contains("Åsa") && !told.contains("example.org"), "{told}");
}

#[test]
fn a_reader_takes_no_addresses() {
    let world = World::new();
    let ann = &world.ann;
    let id = ann.ok(&["add", "contacts", "given_name=Åsa", "email=asa@example.org"]);
    ann.ok(&["consent", "give", &id, "purpose=newsletter"]);
    ann.ok(&["sync"]);
    let bo = world.folder("bo");
    bo.ok(&["join", &ann.ok(&["invite", "--role", "reader"]), "--name", "Bo"]);
    let file = world.dir.path().join("people.vcf").to_str().unwrap().to_owned();
    assert_eq!(bo.ok(&["addresses", "--purpose", "newsletter", "--count"]), "1 person");
    assert_eq!(bo.code(&["addresses", "--purpose", "newsletter"]), "not_allowed");
    assert_eq!(bo.code(&["vcards", &file, "--purpose", "newsletter"]), "not_allowed");
    assert!(!std::path::Path::new(&file).exists());
}

#[test]
fn whoever_others_told_of_is_told() {
    let world = World::new();
    let ann = &world.ann;
    let id = ann.ok(&["add", "contacts", "given_name=Åsa", "origin=colleague", "phone=070-174 06 05"]);
    assert_eq!(ann.json(&["notices"])[0]["contact"], id.as_str());
    assert!(ann.ok(&["notices"]).contains("to be told by"));
    ann.ok(&["told", &id, "--on", "2026-01-31"]);
    assert_eq!(ann.json(&["notices"]), json!([]));
    assert_eq!(ann.json(&["about", &id])["notice"]["told_on"], "2026-01-31");
}

#[test]
fn a_person_reads_what_is_kept_and_is_forgotten() {
    let world = World::new();
    let ann = &world.ann;
    let id = ann.ok(&[
        "add",
        "contacts",
        "given_name=Åsa",
        "family_name=Ek",
        "note=likes <b>lists</b>",
        "do_not_contact=yes",
    ]);
    ann.ok(&["add", "follow_ups", "what=Ask Åsa Ek for the key"]);
    let file = |name: &str| world.dir.path().join(name).to_str().unwrap().to_owned();
    ann.ok(&["--language", "sv", "about", &id, "--html", &file("about.html")]);
    let page = fs::read_to_string(file("about.html")).unwrap();
    assert!(page.contains("lang=\"sv\"") && page.contains("Åsa") && page.contains("Förnamn"), "{page}");
    assert!(!page.contains("<b>lists"), "what people wrote is text");
    ann.ok(&["about", &id, "--json-file", &file("about.json")]);
    let json: serde_json::Value = serde_json::from_slice(&fs::read(file("about.json")).unwrap()).unwrap();
    assert_eq!((&json["name"], &json), (&json!("Åsa Ek"), &ann.json(&["about", &id])));
    assert!(ann.ok(&["about", &id]).contains("Given name: Åsa"));

    assert_eq!(ann.json(&["about", &id])["kept"]["why"], "refused");
    assert_eq!(ann.json(&["expired"]), json!([]), "nothing is old enough");
    assert!(ann.ok(&["expired", "--forget"]).contains("Forgotten: 0"));
    let asked = ann.json(&["forget", &id]);
    assert_eq!((&asked["forgotten"], asked["mentions"].as_array().unwrap().len()), (&json!(false), 1));
    assert!(ann.ok(&["forget", &id]).contains("Ask Åsa Ek for the key"));
    assert_eq!(ann.json(&["search", "Åsa"]).as_array().unwrap().len(), 1);
    ann.ok(&["forget", &id, "--yes"]);
    assert_eq!(ann.json(&["search", "Åsa"]), json!([]));
    assert!(!ann.ok(&["list", "contacts"]).contains("Åsa"));
    assert_eq!(ann.code(&["forget", &"0".repeat(32), "--yes"]), "unknown_row");
}

#[test]
fn what_is_handed_over_is_in_the_readers_language() {
    let world = World::new();
    let ann = &world.ann;
    let signed = ann.json(&["signup", "given_name=Åsa", "--method", "office list", "--on", "2026-08-31"]);
    let asa = signed["contact"].as_str().unwrap();
    let (of, cause) = (format!("contact={asa}"), "cause=trial_ends signed 2026-08-31");
    let what = "what=Call before the free months end";
    ann.ok(&["add", "follow_ups", &of, what, cause, "done_at=2026-11-20T11:30"]);
    let open = ["what=Welcome to the job", "cause=first_day 2026-Q3", "due=2026-12-04"];
    let open = ann.ok(&[&["add", "follow_ups", &of][..], &open].concat());
    let about = ann.ok(&["--language", "sv", "about", asa]);
    for told in ["Hur: Kansliets lista", "Vad som ska göras: Ring innan gratismånaderna tar slut"] {
        assert!(about.contains(told), "{told}: {about}");
    }
    assert!(!about.contains("trial_ends") && !about.contains("office list"), "{about}");
    let card = ann.ok(&["--language", "sv", "show", asa]);
    assert!(card.contains(&format!("{open} 4 dec. 2026 Hälsa välkommen till jobbet")), "{card}");
    assert!(card.contains("Gjort Ring innan gratismånaderna tar slut"), "{card}");
    for told in [&about, &card] {
        assert!(told.contains("20 nov. 2026 11:30") && !told.contains("2026-11-20T11:30"), "{told}");
    }
    let done = ann.json(&["about", asa])["tables"].to_string();
    assert!(done.contains("trial_ends signed 2026-08-31") && done.contains("office list"), "{done}");
}
