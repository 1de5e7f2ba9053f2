//! Writing the register out.

use std::path::Path;

use crate::args::{Export, Format};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::say::Say;

/// Writes the register, or one table, to a file or to standard output.
pub(super) fn export(desk: &mut Desk, asked: &Export, say: &mut Say) -> Result<(), Failure> {
    let bytes = match (asked.format, asked.table) {
        (Format::Csv, Some(table)) => desk.act(|book, _| book.export_csv(table))?.into(),
        // Without a table the arguments are not complete; they are checked where they are read.
        (Format::Csv, None) => Vec::new(),
        (Format::Json, _) => desk.act(|book, _| book.export_json())?.into(),
        (Format::Automerge, _) => desk.act(|book, _| book.export_automerge())?,
    };
    say.write_to(asked.output.as_deref().unwrap_or_else(|| Path::new("-")), &bytes)
}

/// Refuses a file that is there already, before what goes into it is written down as taken out.
pub(super) fn must_be_new(file: &Path) -> Result<(), Failure> {
    if file != Path::new("-") && file.exists() { Err(Failure::FileExists) } else { Ok(()) }
}
