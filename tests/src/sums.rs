//! The frozen files of `tests/vectors/v1`, vectors and books alike: each is named in `SHA256SUMS`, and none is changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::vectors::hex;

const SUMS: &str = "SHA256SUMS";

/// Where they are.
pub fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "vectors", "v1"].iter().collect()
}

/// The files that are there: the place of each within the folder, and its digest.
pub fn found() -> BTreeMap<String, String> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![String::new()]);
    while let Some(within) = folders.pop() {
        for entry in fs::read_dir(folder().join(&within)).expect("a frozen folder") {
            let path = entry.expect("a frozen file").path();
            let name = format!("{within}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                folders.push(format!("{name}/"));
            } else if name != SUMS {
                found.insert(name, hex(Sha256::digest(fs::read(path).expect("a frozen file"))));
            }
        }
    }
    found
}

/// The files that were frozen, likewise.
pub fn frozen() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join(SUMS)).unwrap_or_default();
    let lines = text.lines().map(|line| line.split_once("  ").expect("a digest and a name"));
    lines.map(|(sum, name)| (name.to_owned(), sum.to_owned())).collect()
}

/// Freezes a file, unless there is one of this name: that stays as it is. Returns whether it was written.
pub fn freeze(name: &str, bytes: &[u8]) -> bool {
    let (path, mut sums) = (folder().join(name), frozen());
    if sums.contains_key(name) || path.exists() {
        return false;
    }
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for frozen files");
    fs::write(path, bytes).expect("a file is written");
    sums.insert(name.to_owned(), hex(Sha256::digest(bytes)));
    let lines: String = sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    fs::write(folder().join(SUMS), lines).expect("the sums are written");
    true
}
