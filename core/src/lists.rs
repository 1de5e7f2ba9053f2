//! The register as lists, for a spreadsheet or another program: the way out for whoever wants to leave or to count.
//!
//! It stands beside the way of one tap: it reads the register as every screen does and changes nothing. Rows that were
//! removed are left out. Columns and keys are the names of the definition, and every value is written as the command line
//! would read it again.

mod csv;
mod json;

pub use csv::export_csv;
pub use json::export_json;
