//! The command line as people and scripts meet it: real processes, a real server.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not there"
)]

mod epochs;
mod export;
mod key;
mod language;
mod lists;
mod mistakes;
mod practice;
mod privacy;
mod reports;
mod season;
mod sheets;
mod story;
mod tasks;
mod waits;
mod watch;
mod world;
