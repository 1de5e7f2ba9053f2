//! Rows as they are typed, signing up, and the way out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use samla_core::tables::Table;
use samla_core::{Date, Id, tables};

use super::table;

#[derive(Debug, Args)]
pub(crate) struct SignUp {
    /// Fields of the contact: a name, a phone number or an e-mail address is enough.
    #[arg(value_name = "FIELD=VALUE", value_parser = assignment)]
    pub(crate) fields: Vec<Assignment>,
    /// The visit where it happened.
    #[arg(long, value_name = "ID")]
    pub(crate) visit: Option<Id<tables::Visit>>,
    /// The campaign whose offer was taken [default: the visit's, or the only one that runs, unless the person pays already].
    #[arg(long, value_name = "ID")]
    pub(crate) campaign: Option<Id<tables::Campaign>>,
    /// The person, where the register has them already; fields given change that row.
    #[arg(long, value_name = "ID")]
    pub(crate) contact: Option<Id<tables::Contact>>,
    /// Who recruited: a name in the team, else among the contacts, or an id of either [default: you].
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) recruiter: Option<String>,
    /// How: a form, a page, paper.
    #[arg(long)]
    pub(crate) method: Option<String>,
    /// The day [default: today].
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    pub(crate) format: Format,
    /// The table; needed for CSV.
    #[arg(long, value_parser = table(), required_if_eq("format", "csv"))]
    pub(crate) table: Option<Table>,
    /// The file to write, readable by you only [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One table for a spreadsheet.
    Csv,
    /// All tables for another program.
    Json,
    /// The document with its whole history: CBOR of [shard, bytes] in automerge's own format.
    Automerge,
}

/// `field=value`, as typed.
#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    pub(crate) field: String,
    pub(crate) value: String,
}

/// Reads `field=value`.
pub(super) fn assignment(typed: &str) -> Result<Assignment, &'static str> {
    let (field, value) = typed.split_once('=').ok_or("write FIELD=VALUE")?;
    Ok(Assignment { field: field.trim().to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_equals_signs() {
        let read = assignment("note=a=b").unwrap();
        assert_eq!((read.field.as_str(), read.value.as_str()), ("note", "a=b"));
        assert!(assignment("note").is_err());
    }
}
