//! Writing the register out.

use std::io::ErrorKind;

use crate::args::{Export, Format};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::home::write_private;
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
    match &asked.output {
        None => say.bytes(&bytes),
        Some(file) => write_private(file, &bytes).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::FileExists,
            _ => Failure::Output(error),
        }),
    }
}
