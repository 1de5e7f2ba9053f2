//! The register for Kotlin, Swift and Python: a thin layer over `samla-core`, carried across by UniFFI.
//!
//! The core's own types cross the boundary; nothing is decided here. [`Book`] is the way in. It is synchronous, knows the
//! clock and the system's randomness, and leaves HTTP to the app: [`Book::next_request`] says what to ask the server,
//! [`Book::on_response`] takes the answer. Each language's package adds a few lines of its own on top: a transport,
//! `suspend` or `async`.

mod book;
mod calls;
mod epochs;
mod error;
mod lists;
mod overviews;
mod people;
mod privacy;
mod reconcile;
mod records;
mod reports;
mod scalars;
mod season;
mod team;
mod texts;
mod views;
mod ways_in;

pub use book::{Book, CreatedBook, Header, RecoverySheet, Request, create_book, parse_draft};
pub use error::SamlaError;
pub use lists::{DryRun, DryRunSteps, ImportRun, ImportUndo, ListFile, may_repeat};
pub use reconcile::{AddSteps, Reconcile};
pub use reports::reports;
pub use texts::text;
pub use ways_in::found_anew;

uniffi::setup_scaffolding!();
