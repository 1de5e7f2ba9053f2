//! A book of every release, a phone's and a server's, opens for ever.
//!
//! `SAMLA_WRITE_BOOKS=new` freezes the book of this release where there is none yet, and touches no other. That none was
//! changed is seen by `vectors`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where something is wrong, and tells what it saw"
)]

use std::fs;
use std::path::PathBuf;

use samla_core::tables::{ContactDraft, Draft, Table};
use samla_core::{Role, SignUp, StorageKey};
use samla_tests::insider::database;
use samla_tests::phone::{Files, Phone};
use samla_tests::scratch;
use samla_tests::server::{START, Server};
use samla_tests::sums;
use serde_json::{Value, json};

/// Under the protocol's vectors, one folder a release.
fn books() -> PathBuf {
    sums::folder().join("books")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn heads(phone: &mut Phone) -> Value {
    let heads = phone.book.heads().unwrap();
    heads.iter().map(|shard| shard.iter().map(|hash| hex(hash)).collect::<Vec<_>>()).collect::<Vec<_>>().into()
}

/// Writes the book of this release: a small story with a clash, a removed row, an edit that waits and an open door.
fn freeze() {
    let freeze = |name: &str, bytes: &[u8]| sums::freeze(&format!("books/{}/{name}", env!("CARGO_PKG_VERSION")), bytes);
    if books().join(env!("CARGO_PKG_VERSION")).exists() {
        println!("{} is frozen and stays as it is", env!("CARGO_PKG_VERSION"));
        return;
    }
    let server = Server::in_folder(scratch(), &[]);
    let mut eva = Phone::founds_in(scratch(), 1, "Eva");
    let link = eva.invites(&server, Role::Steward);
    let mut olle = Phone::joins_in(scratch(), 2, "Olle", &link).unwrap();
    olle.sync(&server).unwrap();
    let at = eva.now.to_rfc3339();
    let draft = |phone: &Phone, table, fields: &[(&str, &str)]| {
        Draft::parse(table, fields.iter().copied(), *phone.now.offset()).unwrap()
    };
    let visit = draft(&eva, Table::Visits, &[("kind", "table"), ("starts_at", &at)]);
    let visit = eva.with(|book, ctx| book.add(ctx, &visit)).unwrap();
    let contact =
        ContactDraft {
            given_name: Some("Åsa".into()), phone: Some("070-174 06 12".into()), ..ContactDraft::default()
        };
    let signed = SignUp { contact, visit: Some(visit.into()), ..SignUp::default() };
    let asa = eva.with(|book, ctx| book.sign_up(ctx, &signed)).unwrap().contact;
    let bo = draft(&eva, Table::Contacts, &[("given_name", "Bo"), ("note", "removed by mistake")]);
    let bo = eva.with(|book, ctx| book.add(ctx, &bo)).unwrap();
    eva.with(|book, ctx| book.remove(ctx, Table::Contacts, bo)).unwrap();
    for phone in [&mut eva, &mut olle] {
        phone.sync(&server).unwrap();
    }
    for (phone, job) in [(&mut eva, "Cook"), (&mut olle, "Baker")] {
        let set = draft(phone, Table::Contacts, &[("job", job)]);
        let patch = samla_core::tables::Patch { id: asa.into(), set, clear: Vec::new() };
        phone.with(|book, ctx| book.set(ctx, &patch)).unwrap();
    }
    olle.sync(&server).unwrap();
    let door = eva.invites(&server, Role::Steward);
    let waiting = draft(&eva, Table::Contacts, &[("given_name", "Cecilia")]);
    eva.with(|book, ctx| book.add(ctx, &waiting)).unwrap();
    eva.with(|book, ctx| book.tidy(ctx)).unwrap();

    let expected = json!({
        "storage_key": hex(&1_u64.to_be_bytes().into_iter().chain([0; 24]).collect::<Vec<_>>()),
        "heads": heads(&mut eva),
        "export": serde_json::from_str::<Value>(&eva.book.export_json().unwrap()).unwrap(),
        "conflicts": eva.book.register().conflicts().len(),
        "door": door,
        "removed": bo.to_string(),
    });
    freeze("expected.json", (serde_json::to_string_pretty(&expected).unwrap() + "\n").as_bytes());
    let files = eva.files();
    let scratch = scratch();
    let phone = scratch.path().join("phone.db");
    fs::write(&phone, &files.database).unwrap();
    fs::write(phone.with_extension("db-wal"), &files.log).unwrap();
    drop(database(scratch.path()).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    freeze("phone.db", &fs::read(phone).unwrap());
    let copy = server.snapshot();
    let connection = database(copy.path());
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    let file = fs::read_dir(copy.path()).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "db")).unwrap();
    freeze("server.db", &fs::read(file).unwrap());
}

#[test]
fn books_of_all_releases_open_and_go_on() {
    match std::env::var("SAMLA_WRITE_BOOKS").as_deref() {
        Ok("new") => freeze(),
        Ok(other) => panic!("SAMLA_WRITE_BOOKS={other}: the one mode there is is \"new\""),
        Err(_) => {}
    }
    let mut opened = 0;
    for folder in fs::read_dir(books()).expect("frozen books").map(|entry| entry.unwrap().path()) {
        let release = folder.file_name().unwrap().to_string_lossy().into_owned();
        let expected: Value = serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
        let key = expected["storage_key"].as_str().unwrap();
        let key: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).unwrap()).collect();
        let files = Files { database: fs::read(folder.join("phone.db")).unwrap(), log: Vec::new() };
        let mut eva =
            Phone::opens(scratch(), 77, &files, StorageKey::from_bytes(key.try_into().unwrap())).expect("it opens");
        assert_eq!(heads(&mut eva), expected["heads"], "{release}");
        assert_eq!(eva.book.register().conflicts().len() as u64, expected["conflicts"].as_u64().unwrap(), "{release}");
        let export: Value = serde_json::from_str(&eva.book.export_json().unwrap()).unwrap();
        holds(&export, &expected["export"], &release);

        // The server of that release goes on where it was.
        let data = scratch();
        fs::create_dir(data.path().join("data")).unwrap();
        let name = database_name();
        fs::copy(folder.join("server.db"), data.path().join("data").join(name)).unwrap();
        let server = Server::in_folder(data, &[]);
        server.set_time(START + 60);
        eva.wait(60);
        assert_eq!(eva.book.status().unwrap().unsent, 1, "{release}: an edit waits");
        eva.sync(&server).unwrap();
        assert_eq!(eva.book.status().unwrap().unsent, 0, "{release}");
        let door = expected["door"].as_str().unwrap();
        let mut newcomer = Phone::joins_in(scratch(), 78, "Nina", door).expect("a link of that release");
        newcomer.wait(60);
        newcomer.sync(&server).unwrap();
        eva.sync(&server).unwrap();
        newcomer.sync(&server).unwrap();
        let removed = expected["removed"].as_str().unwrap().parse().unwrap();
        newcomer.with(|book, ctx| book.restore(ctx, Table::Contacts, removed)).unwrap();
        newcomer.sync(&server).unwrap();
        eva.sync(&server).unwrap();
        assert_eq!(eva.book.heads().unwrap(), newcomer.book.heads().unwrap(), "{release}");
        assert_eq!(eva.book.export_json().unwrap(), newcomer.book.export_json().unwrap(), "{release}");
        let status = newcomer.book.status().unwrap();
        assert_eq!((status.rejected, status.held, status.alarm), (0, 0, None), "{release}");
        opened += 1;
    }
    assert!(opened > 0, "no book is frozen: SAMLA_WRITE_BOOKS=new");
    assert!(books().join(env!("CARGO_PKG_VERSION")).exists(), "this release has no book: SAMLA_WRITE_BOOKS=new");
}

/// What a new server calls its database.
fn database_name() -> std::ffi::OsString {
    let server = Server::in_folder(scratch(), &[]);
    let files = fs::read_dir(server.data()).unwrap().map(|entry| entry.unwrap().path());
    let file = files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "db")).unwrap();
    file.file_name().unwrap().to_owned()
}

/// Everything that was there is there; a newer version may show more.
fn holds(shown: &Value, expected: &Value, place: &str) {
    match (shown, expected) {
        (Value::Object(shown), Value::Object(expected)) => {
            for (name, value) in expected {
                let place = format!("{place}.{name}");
                holds(shown.get(name).unwrap_or_else(|| panic!("{place} is gone")), value, &place);
            }
        }
        (Value::Array(shown), Value::Array(expected)) => {
            assert_eq!(shown.len(), expected.len(), "{place}");
            shown.iter().zip(expected).for_each(|(shown, expected)| holds(shown, expected, place));
        }
        _ => assert_eq!(shown, expected, "{place}"),
    }
}
