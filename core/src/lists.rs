//! The register as lists, for a spreadsheet or another program: the way out for whoever wants to leave or to count.
//!
//! Its schedule and its people also go out as a calendar and as cards, for a phone's own programs, and what is kept about one
//! person as a page for that person.
//!
//! It stands beside the way of one tap: it reads the register as every screen does and changes nothing. Rows that were
//! removed are left out. Columns and keys are the names of the definition, and every value is written as the command line
//! would read it again.

mod about;
mod content_lines;
mod csv;
mod icalendar;
mod json;
mod report;
mod vcard;

pub use about::{Label, export_about_html, export_about_json};
pub use csv::export_csv;
pub use icalendar::export_icalendar;
pub use json::export_json;
pub use report::{ReportText, export_report};
pub use vcard::export_vcards;
