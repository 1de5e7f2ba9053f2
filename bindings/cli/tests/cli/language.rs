//! Answers and errors in the reader's language; rows and JSON in the stable words.

use std::process::Stdio;

use crate::world::World;

#[test]
fn people_read_their_language_and_programs_the_stable_words() {
    let world = World::new();
    let ann = &world.ann;
    let visit = ann.ok(&["add", "visits", "kind=table", "starts_at=2026-08-24T11:30", "state=cancelled"]);
    ann.ok(&["tally", &visit, "talked", "+3"]);
    let week = |tag: &str| ann.ok(&["--language", tag, "week", "2026-08-24"]);
    for (tag, head, words) in [
        ("sv", "v. 35 · 2026", "11:30 · Bord · Inställt · Samtal 3"),
        ("nb", "uke 35 · 2026", "11:30 · Stand · Avlyst · Samtaler 3"),
        ("da-DK", "uge 35 · 2026", "11.30 · Stand · Aflyst · Samtaler 3"),
        ("fi", "vko 35 · 2026", "11.30 · Ständi · Peruttu · Juteltu 3"),
        ("en", "week 35 · 2026", "11:30 · Table · Called off · Talked 3"),
    ] {
        let told = week(tag);
        assert!(told.starts_with(head) && told.contains(words), "{tag}: {told}");
    }
    assert_eq!(ann.json(&["--language", "fi", "week", "2026-08-24"])["days"][0]["visits"][0]["visit"]["kind"], "table");
    assert!(ann.ok(&["--language", "fi", "list", "visits"]).contains("kind=table"));
    let one = ["sv", "nb", "da", "fi", "en"].map(|tag| ann.ok(&["--language", tag, "status"]));
    for (told, device) in one.iter().zip(["1 enhet", "1 enhet", "1 enhed", "1 laite", "1 device"]) {
        assert!(told.lines().any(|line| line.ends_with(&format!(", {device}"))), "{told}");
    }
    let fields = ann.ok(&["--language", "nb", "fields", "visits"]);
    assert!(fields.contains("state · Status (planned|done|cancelled)") && fields.contains("done = Gjort"), "{fields}");
}

#[test]
fn the_systems_language_is_taken_where_none_is_named() {
    let world = World::new();
    let in_system = |name: &str, value: &str, args: &[&str]| {
        let output = world.ann.command(args).env(name, value).stdout(Stdio::piped()).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let refused = ["add", "contacts", "hired_on=i morgon"];
    let told = in_system("LANG", "sv_SE.UTF-8", &refused);
    assert!(told.starts_with("fel: hired_on: inte en dag som 2026-11-23. [field_invalid]\n"), "{told}");
    assert!(in_system("LC_ALL", "da_DK", &refused).contains("ikke en dag"));
    assert!(in_system("LANG", "C.UTF-8", &refused).contains("not a day"));
    assert!(in_system("SAMLA_LANGUAGE", "fi", &["status"]).contains("viimeksi jaettu"));
    let unknown = in_system("SAMLA_LANGUAGE", "de", &["status"]);
    assert!(unknown.contains("there are texts in sv, nb, da, fi and en"), "{unknown}");
}

#[test]
fn a_wrong_command_line_is_told_in_the_readers_language() {
    let nobody = crate::world::Samla::at("/nonexistent".into());
    let told = |args: &[&str]| {
        let output = nobody.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let counted = ["tally", "000102030405060708090a0b0c0d0e0f", "talk", "--language", "sv"];
    let counted = told(&counted);
    assert!(
        counted.starts_with("fel: ”talk” passar inte som `<") && counted.contains("Det kan vara: talked, "),
        "{counted}"
    );
    assert!(told(&["--language=da", "week", "i morgen"]).contains("ikke en dag som 2026-11-23"));
    assert!(told(&["--language", "fi", "add", "contacts", "given_name=Eva", "--csv", "-"]).starts_with("virhe: --csv"));
    assert!(told(&["week", "someday"]).starts_with("error: “someday” does not fit"));
}

#[test]
fn when_something_happened_is_told_by_the_clock_of_this_machine() {
    let world = World::new();
    let ann = &world.ann;
    ann.ok(&["sync"]);
    let shared = |zone: &str| {
        let output = ann.command(&["status"]).env("TZ", zone).stdout(Stdio::piped()).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        told.lines().find(|line| line.starts_with("only here")).unwrap().to_owned()
    };
    assert!(shared("UTC0").contains("last shared: ") && !shared("UTC0").contains("never"));
    assert_ne!(shared("UTC0"), shared("XYZ-5"));
}
