//! The frozen bytes of `tests/vectors/v1`: each still comes out as it did, none was changed, none is missing.
//!
//! A change of the protocol gets new files, never new contents: `SAMLA_WRITE_VECTORS=new` writes the topics that have
//! no file yet and refuses to touch one that has.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test says enough"
)]

#[path = "vectors/make.rs"]
mod make;

use std::collections::BTreeMap;
use std::{env, fs};

use samla_tests::{sums, vectors};
use serde_json::Value;

/// The cases there are, and those of them that are refused. A new topic adds its own.
const CASES: (usize, usize) = (504, 327);

/// Every vector file by name.
fn files() -> BTreeMap<String, String> {
    let entries = fs::read_dir(sums::folder()).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// Writes topics that have no file, and their sums; never anything else.
fn write_new() {
    for (topic, file) in make::topics() {
        let name = format!("{topic}.json");
        let text = serde_json::to_string_pretty(&file).unwrap() + "\n";
        match sums::freeze(&name, text.as_bytes()) {
            true => println!("wrote {name}"),
            false => println!("{name} is frozen and stays as it is"),
        }
    }
}

#[test]
fn frozen_bytes_come_out_as_they_did() {
    match env::var("SAMLA_WRITE_VECTORS").as_deref() {
        Ok("new") => write_new(),
        Ok(other) => panic!("SAMLA_WRITE_VECTORS={other}: the one mode there is is \"new\""),
        Err(_) => {}
    }
    let files = files();
    assert_eq!(sums::found(), sums::frozen(), "a frozen file was changed, added by hand or removed");

    let (mut passed, mut failed) = (0, Vec::new());
    for (name, text) in &files {
        let report = vectors::check(text);
        assert!(report.passed + report.failed.len() > 0, "{name} holds no case");
        passed += report.passed;
        failed.extend(report.failed);
    }
    assert!(failed.is_empty(), "{} of {} differ:\n{}", failed.len(), passed + failed.len(), failed.join("\n"));
    println!("{passed} vectors in {} files", files.len());
}

#[test]
fn every_topic_is_frozen_and_no_case_is_lost() {
    let files = files();
    for (topic, _) in make::topics() {
        assert!(files.contains_key(&format!("{topic}.json")), "{topic} has no file: SAMLA_WRITE_VECTORS=new");
    }
    let mut found = (0, 0);
    for text in files.values() {
        let file: Value = serde_json::from_str(text).unwrap();
        let cases = file["cases"].as_array().unwrap();
        found.0 += cases.len();
        found.1 += cases.iter().filter(|case| case["out"].get("error").is_some()).count();
    }
    assert_eq!(found, CASES);
}

#[test]
fn a_changed_vector_is_noticed() {
    for (name, text) in files() {
        let mut file: Value = serde_json::from_str(&text).unwrap();
        for case in file["cases"].as_array_mut().unwrap() {
            case["out"]["and"] = "more".into();
        }
        let report = vectors::check(&file.to_string());
        assert_eq!((report.passed, report.failed.is_empty()), (0, false), "{name}");
    }
}
