//! The world that the tests play in: real phones, a real server, and a network that a test can spoil.

#![allow(clippy::indexing_slicing, clippy::panic, reason = "a test that meets what it does not expect stops")]

pub mod anew;
pub mod canary;
pub mod chunk;
pub mod field;
pub mod fuzz;
pub mod insider;
pub mod ledger;
pub mod memory;
pub mod network;
pub mod phone;
pub mod planted;
pub mod promises;
pub mod season;
pub mod seeds;
pub mod server;
pub mod story;
pub mod sums;
pub mod vectors;

use tempfile::TempDir;

/// A folder for files that a test may write often: in memory where the system has such a place, because what a crash
/// leaves behind is simulated byte by byte and not left to a disk.
pub fn scratch() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a temporary folder")
}
