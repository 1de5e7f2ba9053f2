//! What waits is told with the status and after a sync, each with the command that shows it.

use std::fs;

use chrono::{Days, Local};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use samla_core::{Book, Context, Home, Place, StorageKey};
use serde_json::{Value, json};

use crate::world::{Samla, World, asked};

/// What waits, by the words for it.
fn waits(samla: &Samla) -> Vec<String> {
    let status = samla.json(&["status"]);
    status["waits"].as_array().unwrap().iter().map(|wait| wait["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn who_came_in_and_who_waits_is_told_unasked() {
    let world = World::new();
    let ann = &world.ann;
    assert_eq!(waits(ann), [""; 0]);
    let _bo = world.bo();
    let eva = world.folder("eva");
    eva.ok(&["join", &ann.ok(&["invite", "--confirm"]), "--name", "Eva"]);
    let told = ann.ok(&["sync"]);
    assert_eq!(told.lines().last(), Some("Waiting for you: samla waiting, samla news. `samla status` says more."));
    assert_eq!(waits(ann), ["pending", "news"]);
    assert!(ann.ok(&["--language", "sv", "status"]).contains("Enheter som väntar på att släppas in: 1."));
    let brought = ann.json(&["sync"]);
    assert_eq!((&brought["waits"][0]["command"], &brought["waits"][0]["n"]), (&json!("samla waiting"), &json!(1)));
    ann.ok(&["deny", ann.json(&["waiting"])[0]["device_id"].as_str().unwrap()]);
    ann.ok(&["news", "--seen"]);
    assert_eq!(waits(ann), [""; 0]);
    assert_eq!(ann.ok(&["sync"]).lines().count(), 1);
}

#[test]
fn what_is_wanted_is_told_and_taken_back() {
    let mut world = World::new();
    let id = world.ann.ok(&["add", "contacts", "given_name=Anna"]);
    world.ann.ok(&["sync"]);
    assert_eq!(world.ann.code(&["cancel"]), "nothing_wanted");
    world.server.stop();
    assert_eq!(world.ann.json(&["erase", &id, "--yes"])["done"], false);
    assert_eq!(waits(&world.ann), ["wanted"]);
    assert!(world.ann.ok(&["status"]).contains("Not done yet: Erase a person."));
    assert_eq!(world.ann.json(&["cancel"]), json!({ "cancelled": "erase" }));
    assert_eq!(waits(&world.ann), [""; 0]);
    world.server.again();
    world.ann.ok(&["sync"]);
    assert!(world.ann.ok(&["list", "contacts"]).contains("Anna"), "nobody was erased");
}

#[test]
fn two_answers_and_a_raid_are_told_with_the_status() {
    let world = World::new();
    let bo = world.bo();
    let ann = &world.ann;
    let ids: Vec<String> = (0..14).map(|n| ann.ok(&["add", "contacts", &format!("note=met at table {n}")])).collect();
    ann.ok(&["sync"]);
    ann.ok(&["news", "--seen"]);
    bo.ok(&["sync"]);
    ann.ok(&["set", "contacts", &ids[0], "job=Cook"]);
    bo.ok(&["set", "contacts", &ids[0], "job=Baker"]);
    ids[1..].iter().for_each(|id| drop(bo.ok(&["remove", "contacts", id])));
    bo.ok(&["sync"]);
    let told = ann.ok(&["sync"]);
    assert!(told.ends_with("Waiting for you: samla removals, samla conflicts. `samla status` says more."), "{told}");
    assert_eq!(waits(ann), ["removals", "conflicts"]);
}

#[test]
fn the_sheet_is_asked_for_again_after_half_a_year() {
    let world = World::new();
    let eva = world.folder("eva");
    let new = eva.json(&["book", "new", "Quiet", "--server", &world.server.url()]);
    confirmed_long_ago(&eva, &new);

    let status = eva.json(&["status"]);
    let wait = &status["waits"][0];
    assert_eq!((&wait["what"], &wait["command"]), (&json!("sheet"), &json!("samla book check-sheet")));
    assert!(eva.ok(&["status"]).contains("Half a year has passed: `samla book check-sheet` and the characters"));
    assert_eq!(eva.code(&["book", "check-sheet", "bbbbbb"]), "recovery_wrong");
    let again = json!({ "sheet": new["sheet"], "ask": wait["ask"] });
    eva.ok(&["book", "check-sheet", &asked(&again).to_uppercase()]);
    assert_eq!(waits(&eva), [""; 0]);
    assert_eq!(eva.code(&["book", "check-sheet", &asked(&again)]), "sheet_not_asked");
}

/// The new book's sheet was confirmed more than half a year ago.
fn confirmed_long_ago(samla: &Samla, new: &Value) {
    let key = u256(&fs::read_to_string(samla.home.join("key")).unwrap());
    let home = Home { place: Place::File(samla.home.join("book.samla")), storage_key: StorageKey::from_bytes(key) };
    let now = (Local::now() - Days::new(200)).fixed_offset();
    let mut rng = UnwrapErr(SysRng);
    let mut ctx = Context { now, rng: &mut rng };
    let mut book = Book::open(&mut ctx, &home).unwrap();
    book.confirm_recovery(&mut ctx, &asked(new)).unwrap();
}

fn u256(hex: &str) -> [u8; 32] {
    let byte = |at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}
