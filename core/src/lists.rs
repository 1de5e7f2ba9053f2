//! The register as lists: taking them in and comparing them, and the way out for whoever wants to leave or to count.
//!
//! It stands beside the way of one tap. A list that comes in is read ([`List`]), its columns get a meaning
//! ([`ColumnView`]), and a [`DryRun`] says what each row would do; only then does the book write, by ordinary commands.
//! Lists of the employer and of the office are held against the register by a [`Reconcile`]. What always holds: bytes come
//! in and nothing else; a file that cannot be read changes nothing; no personal number is kept. What is kept about one person
//! goes out as a page for that person.
//!
//! Its schedule and its people also go out as a calendar and as cards, for a phone's own programs. On the way out rows that
//! were removed are left out; columns and keys are the names of the definition, and every value is written as the command
//! line would read it again.

pub(crate) mod about;
mod cells;
mod changes;
pub(crate) mod columns;
mod content_lines;
mod csv;
pub(crate) mod dry_run;
mod error;
mod icalendar;
mod json;
mod pairs;
pub(crate) mod plan;
pub(crate) mod read;
pub(crate) mod reconcile;
#[cfg(test)]
mod tests;

pub use cells::RowNote;
pub use changes::{ListChangesView, ListedView, MovedView, list_changes};
pub use columns::{Column, ColumnReason, ColumnView};
mod report;
mod vcard;

pub use about::{Label, export_about_html, export_about_json};
pub use csv::{CsvForm, export_cells, export_csv};
pub use dry_run::{
    CandidateView, DryRowView, DryRun, DryRunSteps, DryRunView, FieldChange, ListTerms, PlaceName, RowReason,
    UnknownWorkplace, Verdict,
};
pub use error::ListError;
pub use icalendar::export_icalendar;
pub use json::export_json;
pub use plan::{ImportChoices, RowChoice, Take};
pub use read::{Encoding, FILE_MAX, List, ListForm, ListProgress, NumberTag, ROWS_MAX};
pub use reconcile::{AddSteps, DecisionKind, DecisionState, DecisionView, Reconcile};
pub use report::{ReportText, export_report};
pub(crate) use vcard::export_vcards;

pub use crate::register::MatchReason;
