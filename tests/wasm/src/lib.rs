//! The check of the frozen bytes, compiled as the browser's module is: the same source as the native test has.
//!
//! It holds where a number has 32 bits and where automerge, the seals and the signatures are built for a browser.
//! `run.mjs` in this crate's folder hands it the files; `cargo xtask test` makes and runs both.
#![cfg(target_arch = "wasm32")]

#[path = "../../src/vectors.rs"]
pub mod vectors;

use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

/// Works out every case of a vector file, given as text. Answers `{"passed": number, "failed": [text]}` as JSON.
#[wasm_bindgen]
pub fn check(file: &str) -> String {
    let report = vectors::check(file);
    json!({ "passed": report.passed, "failed": report.failed }).to_string()
}
