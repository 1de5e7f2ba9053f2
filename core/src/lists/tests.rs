//! The dirt that lists come with, kind by kind, and what comes of it.
//!
//! Personal numbers here are nobody's: they have month 13 and day 99, and only their check digits are right, because these
//! are what is recognised.

use serde_json::json;

use super::cells::{Listed, day, read_rows};
use super::columns::{Column, propose};
use super::*;
use crate::register::Register;
use crate::register::phone::PhoneKey;
use crate::tables::Country;

mod dirt;
mod dry_run;
mod forms;
mod numbers;
mod who;

/// Whether a dry run keeps a list that this text is.
pub(crate) fn list(text: &str) -> List {
    List::read(text.as_bytes()).unwrap()
}

/// The meanings that are proposed for a list's columns.
pub(crate) fn meanings(list: &List) -> Vec<Column> {
    propose(list, &Register::default(), None).into_iter().map(|view| view.meaning).collect()
}

/// The only row of a list with one column of this meaning.
fn row_with(header: &str, cell: &str) -> Listed {
    row_in(Country::Se, header, cell)
}

/// The same in another country.
fn row_in(country: Country, header: &str, cell: &str) -> Listed {
    let list = list(&format!("{header};Mellan\n\"{}\";x\n", cell.replace('"', "\"\"")));
    read_rows(&list, &meanings(&list), country).next().unwrap()
}
