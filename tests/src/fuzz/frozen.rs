//! The bytes of `tests/vectors/v1` that a reader reads, well made and not.

use std::path::Path;

use serde_json::Value;

use super::block;
use crate::chunk::content;

/// The vectors that fit this reader, in the form in which it is fed.
pub(super) fn inputs(reader: &str) -> Vec<Vec<u8>> {
    match reader {
        "link_parse" => [texts("links"), texts("recovery")].concat(),
        "envelope_parse" => [
            fields(&cases("envelopes"), "out", "envelope"),
            fields(&cases("sealed"), "in", "envelope"),
            log("log"),
            log("log_with_epochs"),
        ]
        .concat(),
        "roster_apply" => ["roster_ops", "roster_ops_with_sheets"]
            .iter()
            .flat_map(|topic| fields(&cases(topic), "in", "body"))
            .map(|body| [vec![0], block(&body)].concat())
            .collect(),
        "change_validate_apply" => changes().iter().map(|change| block(&content(change))).collect(),
        "base_inflate" => {
            let parts = of("epochs", "base").into_iter().map(|case| {
                let parts = case["in"]["parts"].as_array().expect("parts").iter();
                [vec![0], parts.flat_map(hex).collect()].concat()
            });
            let changes = changes().into_iter().map(|change| [vec![1], content(&change)].concat());
            parts.chain(changes).collect()
        }
        "bundle_import" => fields(&cases("files"), "in", "file").iter().map(|file| [&[0][..], file].concat()).collect(),
        _ => Vec::new(),
    }
}

/// Changes as chunks, but for those that are none.
fn changes() -> Vec<Vec<u8>> {
    let all = [fields(&cases("base"), "in", "change"), fields(&cases("later_bases"), "in", "change")].concat();
    all.into_iter().filter(|change| change.len() > 16).collect()
}

fn file(topic: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1").join(format!("{topic}.json"));
    serde_json::from_slice(&std::fs::read(path).expect("a vector file")).expect("JSON")
}

fn cases(topic: &str) -> Vec<Value> {
    file(topic)["cases"].as_array().expect("cases").clone()
}

fn of(topic: &str, of: &str) -> Vec<Value> {
    cases(topic).into_iter().filter(|case| case["in"]["of"] == of).collect()
}

/// What one field of each case holds, where it has it.
fn fields(cases: &[Value], side: &str, field: &str) -> Vec<Vec<u8>> {
    cases.iter().map(|case| &case[side][field]).filter(|value| value.is_string()).map(hex).collect()
}

/// A log and what is judged behind it. What is written in short is left out.
fn log(topic: &str) -> Vec<Vec<u8>> {
    let story = file(topic)["shared"]["log"].as_array().expect("a log").iter().map(hex).collect::<Vec<_>>();
    let judged: Vec<Value> = cases(topic).into_iter().filter(|case| case["in"]["zeros"].is_null()).collect();
    [story, fields(&judged, "in", "entry")].concat()
}

fn texts(topic: &str) -> Vec<Vec<u8>> {
    let cases = cases(topic);
    cases.iter().filter_map(|case| case["in"]["text"].as_str()).map(|text| text.as_bytes().to_vec()).collect()
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().expect("hexadecimal text").as_bytes();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("digits")).collect()
}
