//! The book begun anew on the command line: erasing, putting out, recovering, and files without a server.

use std::fs;

use crate::world::{Samla, World, asked};

fn id_of(samla: &Samla, label: &str) -> String {
    let members = samla.json(&["members"]);
    let found = members.as_array().unwrap().iter().find(|member| member["person_name"] == label).unwrap();
    found["device_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_person_is_erased_from_both_folders_and_the_key_file_is_another() {
    let world = World::new();
    let bo = world.bo();
    let anna = world.ann.ok(&["add", "contacts", "given_name=Anna", "family_name=Lindqvist"]);
    world.ann.ok(&["add", "visits", "kind=table", "starts_at=2026-11-27T11:30", "note=Anna Lindqvist brings coffee"]);
    world.ann.ok(&["sync"]);
    bo.ok(&["sync"]);
    let before = fs::read(world.ann.home.join("key")).unwrap();

    let preview = world.ann.json(&["erase", &anna]);
    assert_eq!(preview["rows"][0]["table"], "contacts");
    let named = &preview["mentions"][0];
    assert_eq!((&named["table"], &named["excerpt"]), (&"visits".into(), &"Anna Lindqvist brings coffee".into()));
    assert!(world.ann.ok(&["erase", &anna]).contains("“Anna Lindqvist brings coffee”"));
    assert!(world.ann.ok(&["list", "contacts"]).contains("Lindqvist"), "a preview takes nothing away");

    let erased = world.ann.json(&["erase", &anna, "--yes"]);
    assert_eq!((&erased["done"], &erased["epoch"]), (&true.into(), &1.into()));
    assert_ne!(fs::read(world.ann.home.join("key")).unwrap(), before);
    assert!(!world.ann.home.join("key.next").exists());
    let log = world.ann.json(&["erasures"]);
    assert_eq!(log["epochs"][0]["reason"], "erase");
    assert!(log["epochs"][0]["receipt"]["signature"].is_string(), "{log}");
    assert_eq!(log["epochs"][0]["probe"]["log"], "gone", "{log}");
    assert!(world.ann.ok(&["erasures"]).contains("check for the old log: it is gone"));
    assert_eq!(log["not_moved"][0]["person_name"], "Bo");

    bo.ok(&["sync"]);
    assert!(!bo.ok(&["list", "contacts"]).contains("Lindqvist"));
    let found = bo.json(&["continuity"]);
    assert_eq!((&found["compared"], &found["unexplained"]), (&true.into(), &0.into()));
    assert!(bo.ok(&["continuity"]).ends_with("0 without a reason."));
}

#[test]
fn what_could_not_be_compared_is_not_called_unchanged() {
    let world = World::new();
    let bo = world.bo();
    world.ann.ok(&["sync"]);
    bo.ok(&["sync"]);
    assert!(bo.json(&["continuity"]).is_null());
    assert!(bo.ok(&["continuity"]).starts_with("Nothing has been compared yet."));

    // Bo has not read what Ann wrote before the register began anew.
    world.ann.ok(&["add", "workplaces", "name=Canteen"]);
    world.ann.ok(&["sync"]);
    world.ann.ok(&["rotate-key"]);
    bo.ok(&["sync"]);
    let found = bo.json(&["continuity"]);
    assert_eq!((&found["compared"], &found["unread"], &found["doubtful"]), (&false.into(), &1.into(), &0.into()));
    let told = bo.ok(&["continuity"]);
    assert!(told.starts_with("Epoch 1 could be compared in part") && !told.contains("without a reason"), "{told}");
}

#[test]
fn a_crash_between_sealing_and_renaming_leaves_a_key_that_opens() {
    let world = World::new();
    let (key, next) = (world.ann.home.join("key"), world.ann.home.join("key.next"));
    // As it looks when the process ended before the new key was put in its place.
    fs::rename(&key, &next).unwrap();
    fs::write(&key, "0".repeat(64)).unwrap();
    world.ann.ok(&["list", "contacts"]);
    assert!(!next.exists());
    // And when it ended before the book was sealed under it.
    fs::write(&next, "0".repeat(64)).unwrap();
    world.ann.ok(&["list", "contacts"]);
    assert!(!next.exists());
}

#[test]
fn a_device_that_is_put_out_sees_nothing_new() {
    let world = World::new();
    let bo = world.bo();
    world.ann.ok(&["sync"]);
    world.ann.ok(&["remove-member", &id_of(&world.ann, "Bo")]);
    world.ann.ok(&["add", "contacts", "given_name=Canary"]);
    world.ann.ok(&["sync"]);
    assert_eq!(bo.code(&["sync"]), "removed");
    assert_eq!(bo.json(&["status"])["removed_by"], "remove");
}

#[test]
fn a_colleague_waits_until_the_letters_were_compared() {
    let world = World::new();
    let bo = world.folder("bo");
    bo.ok(&["join", &world.ann.ok(&["invite", "--confirm"]), "--name", "Bo"]);
    let status = bo.json(&["status"]);
    assert_eq!(status["waiting"], true);
    world.ann.ok(&["sync"]);
    let waiting = world.ann.json(&["waiting"]);
    assert_eq!(waiting[0]["fingerprint"], status["fingerprint"]);
    world.ann.ok(&["admit", waiting[0]["device_id"].as_str().unwrap()]);
    bo.ok(&["sync"]);
    assert_eq!(bo.json(&["status"])["role"], "steward");
}

#[test]
fn a_file_carries_entries_without_the_server() {
    let world = World::new();
    let bo = world.bo();
    world.ann.ok(&["sync"]);
    bo.ok(&["add", "workplaces", "name=Canteen"]);
    let file = world.dir.path().join("bo.samla");
    let path = file.to_str().unwrap();
    bo.ok(&["file", "export", path]);
    assert_eq!(bo.code(&["file", "export", path]), "file_exists");
    let brought = world.ann.json(&["file", "import", path]);
    assert!(brought["received"].as_u64().unwrap() > 0, "{brought}");
    assert!(world.ann.ok(&["list", "workplaces"]).contains("Canteen"));
}

#[test]
fn two_people_compare_what_the_server_has_shown_them() {
    let world = World::new();
    let (ann, bo) = (&world.ann, world.bo());
    for samla in [ann, &bo, ann, &bo] {
        samla.ok(&["sync"]);
    }
    let code = ann.json(&["compare"])["text"].as_str().unwrap().to_owned();
    let aloud = ann.ok(&["compare"]);
    assert_eq!((code.len(), aloud.replace(' ', "")), (53, code.clone()));
    assert_eq!(bo.json(&["compare", &code])["result"], "same");
    let told = bo.command(&["compare"]).args(aloud.to_uppercase().split(' ')).output().unwrap();
    assert_eq!(
        String::from_utf8(told.stdout).unwrap(),
        "Both devices have the same history.\nThe server has shown both of you the same up to here.\n"
    );

    // The last character is another, then one is missing, then it is no such code at all.
    let (start, last) = code.split_at(52);
    let mistyped = format!("{start}{}", if last == "q" { "p" } else { "q" });
    for (typed, error) in [(&*mistyped, "compare_mistyped"), (start, "compare_mistyped"), ("abcd", "compare_malformed")]
    {
        assert_eq!(bo.code(&["compare", typed]), error);
    }
    bo.ok(&["add", "workplaces", "name=Canteen"]);
    bo.ok(&["sync"]);
    assert_eq!(bo.json(&["compare", &code])["result"], "behind");
    let further = bo.json(&["compare"])["text"].as_str().unwrap().to_owned();
    assert_eq!(ann.json(&["compare", &further])["result"], "ahead");
    assert!(bo.json(&["status"])["alarm"].is_null());
}

#[test]
fn a_new_sheet_opens_the_book_on_another_machine() {
    let world = World::new();
    let sheet = world.ann.json(&["renew-sheet"]);
    world.ann.ok(&["book", "confirm", &asked(&sheet)]);
    world.ann.ok(&["add", "workplaces", "name=Canteen"]);
    world.ann.ok(&["sync"]);
    let file = world.dir.path().join("sheet");
    fs::write(&file, sheet["sheet"].as_str().unwrap()).unwrap();
    let eva = world.folder("eva");
    eva.ok(&["recover", file.to_str().unwrap(), "--server", &world.server.url(), "--name", "Eva"]);
    assert_eq!(eva.json(&["status"])["role"], "organiser");
    assert!(eva.ok(&["list", "workplaces"]).contains("Canteen"));
}
