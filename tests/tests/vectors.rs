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
use std::path::PathBuf;
use std::{env, fs};

use samla_tests::vectors;
use sha2::{Digest, Sha256};

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "vectors", "v1"].iter().collect()
}

/// Every vector file by name.
fn files() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// The lines of `SHA256SUMS`: name and digest.
fn sums() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("SHA256SUMS")).unwrap_or_default();
    text.lines()
        .map(|line| {
            let (sum, name) = line.split_once("  ").unwrap();
            (name.to_owned(), sum.to_owned())
        })
        .collect()
}

/// Writes topics that have no file, and their sums; never anything else.
fn write_new() {
    let mut sums = sums();
    for (topic, file) in make::topics() {
        let name = format!("{topic}.json");
        if sums.contains_key(&name) || folder().join(&name).exists() {
            println!("{name} is frozen and stays as it is");
            continue;
        }
        let text = serde_json::to_string_pretty(&file).unwrap() + "\n";
        sums.insert(name.clone(), vectors::hex(Sha256::digest(&text)));
        fs::create_dir_all(folder()).unwrap();
        fs::write(folder().join(&name), text).unwrap();
        println!("wrote {name}");
    }
    let lines: String = sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    fs::write(folder().join("SHA256SUMS"), lines).unwrap();
}

#[test]
fn frozen_bytes_come_out_as_they_did() {
    match env::var("SAMLA_WRITE_VECTORS").as_deref() {
        Ok("new") => write_new(),
        Ok(other) => panic!("SAMLA_WRITE_VECTORS={other}: the one mode there is is \"new\""),
        Err(_) => {}
    }
    let files = files();
    let found: BTreeMap<String, String> =
        files.iter().map(|(name, text)| (name.clone(), vectors::hex(Sha256::digest(text)))).collect();
    assert_eq!(found, sums(), "a vector file was changed, added by hand or removed");

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
fn every_topic_is_frozen_and_refusals_are_many() {
    let files = files();
    for (topic, _) in make::topics() {
        assert!(files.contains_key(&format!("{topic}.json")), "{topic} has no file: SAMLA_WRITE_VECTORS=new");
    }
    let refusals = |text: &str| text.matches("\"error\":").count();
    assert!(refusals(&files["log.json"]) >= 70, "rules R1 to R7");
    assert!(files.values().map(|text| refusals(text)).sum::<usize>() >= 100, "in all");
}

#[test]
fn a_changed_vector_is_noticed() {
    for (name, text) in files() {
        let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
        for case in file["cases"].as_array_mut().unwrap() {
            case["out"]["and"] = "more".into();
        }
        let report = vectors::check(&file.to_string());
        assert_eq!((report.passed, report.failed.is_empty()), (0, false), "{name}");
    }
}
