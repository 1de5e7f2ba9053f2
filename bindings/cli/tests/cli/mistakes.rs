//! What goes wrong is told with a stable code and what to do next, and loses nothing.

use std::fs;

use crate::world::{Samla, World, asked};

#[test]
fn a_wrong_command_line_is_told_as_usage() {
    let nobody = Samla::at("/nonexistent".into());
    for typed in [
        &["fly"][..],
        &["add", "cars"],
        &["add", "contacts", "given_name"],
        &["show", "xyz"],
        &["export", "csv"],
        &["invite", "--days", "15"],
        &["week", "someday"],
    ] {
        assert_eq!(nobody.run(typed).status.code(), Some(2), "{typed:?}");
    }
    assert!(nobody.ok(&["fields", "contacts"]).contains("given_name · Given name (text): Given name."));
    assert!(nobody.ok(&["fields"]).contains("tallies · Counts: "));
}

#[test]
fn mistakes_have_codes() {
    let mut world = World::new();
    let url = world.server.url();
    let (ann, empty) = (&world.ann, world.folder("empty"));
    assert_eq!(empty.code(&["list", "contacts"]), "no_book");
    assert_eq!(ann.code(&["book", "new", "Other", "--server", &url]), "book_exists");
    assert_eq!(empty.code(&["join", "https://samla.example/hello", "--name", "Bo"]), "link_malformed");
    assert_eq!(empty.code(&["book", "new", "Other", "--server", "http://samla.example"]), "link_malformed");
    assert_eq!(empty.code(&["list", "contacts"]), "no_book");

    let refused = ann.fails(&["add", "contacts", "given_name=Eva", "hired_on=tomorrow"]);
    let words = ["code", "field", "reason"].map(|key| refused[key].as_str().unwrap());
    assert_eq!(words, ["field_invalid", "hired_on", "not_a_date"]);
    assert_eq!(ann.fails(&["add", "contacts", "nickname=Eva"])["reason"], "unknown_field");
    assert_eq!(ann.fails(&["add", "workplaces"])["reason"], "required");
    assert_eq!(ann.fails(&["add", "contacts", "phone="])["field"], "given_name");
    let turned = ["add", "campaigns", "name=Free", "starts_on=2026-11-01", "ends_on=2026-10-31"];
    assert_eq!(ann.fails(&turned)["reason"], "ends_before_it_begins");
    assert_eq!(ann.fails(&["list", "contacts", "nickname="])["reason"], "unknown_field");
    assert_eq!(ann.ok(&["list", "contacts"]), "");

    let no_row = "000102030405060708090a0b0c0d0e0f";
    assert_eq!(ann.code(&["show", no_row]), "unknown_row");
    assert_eq!(ann.code(&["set", "contacts", no_row, "given_name=Eva"]), "unknown_row");
    assert_eq!(ann.code(&["tally", no_row, "talked"]), "unknown_row");

    let link = ann.ok(&["invite"]);
    assert_eq!(empty.code(&["join", &link[..link.len() - 3], "--name", "Bo"]), "link_malformed");
    world.server.stop();
    let ann = &world.ann;
    assert_eq!(ann.code(&["invite"]), "offline");
    assert_eq!(empty.code(&["join", &link, "--name", "Bo"]), "offline");
    assert_eq!(empty.code(&["add", "contacts", "given_name=Eva"]), "joining");
    world.server.again();
    empty.ok(&["sync"]);
    assert_eq!(empty.json(&["status"])["role"], "steward");
    world.ann.ok(&["sync"]);
    let text = world.ann.run(&["show", no_row]);
    let told = String::from_utf8(text.stderr).unwrap();
    assert!(told.starts_with("error: ") && told.lines().next().unwrap().ends_with("[unknown_row]"), "{told}");
}

#[test]
fn nobody_is_written_down_before_the_sheet_is_confirmed() {
    let world = World::new();
    let eva = world.folder("eva");
    let file = world.dir.path().join("sheet.txt");
    let path = file.to_str().unwrap();
    let new = eva.json(&["book", "new", "Quiet", "--server", &world.server.url(), "--sheet-file", path]);
    assert!(new["sheet"].is_null(), "the sheet is in the file and nowhere else");
    let sheet: String =
        fs::read_to_string(&file).unwrap().lines().find(|line| line.starts_with("samlar1")).unwrap().into();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(eva.code(&["add", "contacts", "given_name=Fia"]), "recovery_unconfirmed");
    assert_eq!(eva.json(&["status"])["recovery_ask"], new["ask"]);
    assert_eq!(eva.code(&["book", "confirm", "bbbbbb"]), "recovery_wrong");
    let full = serde_json::json!({ "sheet": sheet.replace(' ', ""), "ask": new["ask"] });
    eva.ok(&["book", "confirm", &asked(&full).to_uppercase()]);
    eva.ok(&["add", "contacts", "given_name=Fia"]);

    let other = world.folder("other");
    let again = ["book", "new", "Quiet", "--server", &world.server.url(), "--sheet-file", path];
    assert_eq!(other.code(&again), "file_exists");
    assert_eq!(other.code(&["status"]), "no_book");
}

#[test]
fn a_damaged_or_newer_file_is_left_as_it_is() {
    let world = World::new();
    world.ann.ok(&["add", "contacts", "given_name=Eva"]);
    let damaged = world.folder("damaged");
    fs::create_dir(&damaged.home).unwrap();
    fs::copy(world.ann.home.join("key"), damaged.home.join("key")).unwrap();
    let mut bytes = fs::read(world.ann.home.join("book.samla")).unwrap();
    bytes[..64].fill(b'x');
    fs::write(damaged.home.join("book.samla"), &bytes).unwrap();
    assert_eq!(damaged.code(&["list", "contacts"]), "storage_damaged");
    assert_eq!(fs::read(damaged.home.join("book.samla")).unwrap(), bytes);
    // The version of the format stands at this place of every SQLite file.
    let mut newer = fs::read(world.ann.home.join("book.samla")).unwrap();
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    fs::write(damaged.home.join("book.samla"), &newer).unwrap();
    assert_eq!(damaged.code(&["list", "contacts"]), "update_required");
}
