//! The register in a browser Worker: a thin layer over [`samla_core::Book`].
//!
//! It stands between the page and the core on the way of one tap. Every call takes plain JavaScript values and answers
//! one, or throws `{code, field?, reason?}` with the core's stable code. What always holds: nothing is decided here, a
//! database is only ever opened by the name of the file system that lies on the origin's private files, and a call that
//! traps has written nothing that it did not write whole.
#![cfg(target_arch = "wasm32")]

mod book;
mod calls;
mod epochs;
mod outside;
mod people;
mod season;
mod storage;
mod team;
mod thrown;
mod ways_in;

pub use book::WebBook;
pub use storage::{erase_file, files, prepare_storage};
