//! A file of people as rows and columns, whatever program wrote it: CSV in its many forms, or a sheet of a workbook.
//!
//! Bytes in, rows out: nothing here opens a file or asks the register. A file is judged before it is read, memory stays
//! within a small multiple of its size, and what cannot be read says on which line and changes nothing. No personal number
//! leaves this module: [`numbers`] takes them out of the rows before anybody else sees them.

mod delimited;
mod encoding;
mod numbers;
mod xlsx;

use csv::StringRecord;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ListError;
use super::columns;
use crate::seal::MatchKey;
pub use encoding::Encoding;
pub use numbers::NumberTag;
pub(crate) use numbers::{take_out_said, without_numbers};

/// The most bytes a file may have: forty times a list of 14,000.
pub const FILE_MAX: usize = 32 << 20;
/// The most rows a list may have.
pub const ROWS_MAX: usize = 100_000;
/// The most cells a row may have.
const WIDTH_MAX: usize = 256;
/// The most cells a list may have.
const CELLS_MAX: usize = 4_000_000;
/// The most bytes of a cell: what a field of the register holds.
const CELL_MAX: usize = crate::tables::TEXT_MAX;

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum ListForm {
    /// Text with a separator.
    Csv {
        /// How its letters are written.
        encoding: Encoding,
        /// What parts the cells.
        separator: char,
    },
    /// A sheet of a workbook: the first whose columns are named, or else the first with rows.
    Xlsx {
        /// What the sheet is called.
        sheet: String,
    },
}

/// How far long work on a list has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ListProgress {
    /// What is done: rows of a list that is held against the register, rows and contacts that are compared, bytes of a text that
    /// is read.
    pub done: usize,
    /// All of it.
    pub total: usize,
}

/// Who is told how far reading has come, every so many rows.
type Tell<'a> = &'a mut dyn FnMut(ListProgress);
/// So many rows are read between two tellings.
const TOLD_EACH: usize = 1_000;

/// Long work whose pieces are known before, and who is told how far it has come.
pub(crate) struct Course<'a> {
    tell: Tell<'a>,
    progress: ListProgress,
}

impl<'a> Course<'a> {
    pub(crate) fn of(total: usize, tell: Tell<'a>) -> Self {
        Self { tell, progress: ListProgress { done: 0, total } }
    }

    /// One piece more is done.
    pub(crate) fn step(&mut self) {
        let ListProgress { done, total } = &mut self.progress;
        *done = (*done + 1).min(*total);
        if done.is_multiple_of(TOLD_EACH) {
            (self.tell)(self.progress);
        }
    }
}

/// One row of a file.
#[derive(Clone)]
pub(crate) struct Cells {
    /// The line of the file where it begins, from 1.
    pub(crate) line: u32,
    pub(crate) cells: StringRecord,
}

/// A list that was read: its columns and rows, without the personal numbers that stood in it.
#[derive(Clone)]
pub struct List {
    form: ListForm,
    sha256: String,
    pub(crate) header: Option<Cells>,
    pub(crate) rows: Vec<Cells>,
    /// Each row's personal number under the key of one comparison; none without such a key.
    pub(crate) tags: Vec<Option<NumberTag>>,
    number_columns: Vec<usize>,
    numbers_found: usize,
    width: usize,
    /// The last row ends without an end of line.
    pub(crate) open_end: bool,
}

/// Without its rows: they are about people.
impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List").field("rows", &self.rows.len()).field("width", &self.width).finish_non_exhaustive()
    }
}

impl List {
    /// Reads a file. Personal numbers are left out.
    pub fn read(bytes: &[u8]) -> Result<Self, ListError> {
        Self::read_with(bytes, None, &mut |_| {})
    }

    /// Reads a file, and tells how far it has come: in bytes of its text.
    pub fn read_telling(bytes: &[u8], mut tell: impl FnMut(ListProgress)) -> Result<Self, ListError> {
        Self::read_with(bytes, None, &mut tell)
    }

    /// Reads a file for a comparison: in place of each personal number stays what the comparison's key makes of it.
    pub fn read_for(bytes: &[u8], key: &MatchKey) -> Result<Self, ListError> {
        Self::read_with(bytes, Some(key), &mut |_| {})
    }

    pub(crate) fn read_with(bytes: &[u8], key: Option<&MatchKey>, tell: Tell<'_>) -> Result<Self, ListError> {
        if bytes.len() > FILE_MAX {
            return Err(ListError::TooLarge { max: FILE_MAX });
        }
        let (mut form, taken) = match bytes {
            [b'P', b'K', 3, 4, ..] => {
                let (sheet, taken) = xlsx::read(bytes, tell)?;
                (ListForm::Xlsx { sheet }, taken)
            }
            [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(ListError::OldWorkbook),
            _ => {
                let (text, encoding) = encoding::decode(bytes)?;
                if is_marked_up(&text) {
                    return Err(ListError::OldWorkbook);
                }
                let separator = delimited::separator(&text);
                let taken = delimited::read(&text, separator, tell)?;
                (ListForm::Csv { encoding, separator: char::from(separator) }, taken)
            }
        };
        let mut rows = taken.rows;
        let mut header = columns::header_place(&rows).map(|place| {
            let header = rows.drain(..=place).next_back();
            header.expect("the header stands at its place")
        });
        if rows.is_empty() {
            return Err(ListError::Empty);
        }
        let width = rows.iter().chain(&header).map(|row| row.cells.len()).max().unwrap_or(0);
        let sheet = match &mut form {
            ListForm::Xlsx { sheet } => Some(sheet),
            ListForm::Csv { .. } => None,
        };
        let found = numbers::take_out(header.as_mut(), sheet, &mut rows, width, key);
        let sha256 = match found.count {
            0 => in_hexadecimal(Sha256::digest(bytes).into()),
            _ => sha256_of_rest(header.iter().chain(&rows)),
        };
        Ok(Self {
            form,
            sha256,
            header,
            rows,
            tags: found.tags,
            number_columns: found.columns,
            numbers_found: found.count,
            width,
            open_end: taken.open_end,
        })
    }

    /// What the file turned out to be.
    pub fn form(&self) -> &ListForm {
        &self.form
    }

    /// SHA-256 of the file in hexadecimal, or of its cells where personal numbers were left out: the same file is known again by
    /// it.
    pub fn sha256(&self) -> String {
        self.sha256.clone()
    }

    /// How many rows about people it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Never: a list without rows is not read.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many columns it has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// What stands above a column.
    pub fn header_of(&self, column: usize) -> Option<&str> {
        self.header.as_ref()?.cells.get(column).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether the column held personal numbers, which were left out.
    pub fn held_numbers(&self, column: usize) -> bool {
        self.number_columns.contains(&column)
    }

    /// How many cells held a personal number, which was left out.
    pub fn numbers_found(&self) -> usize {
        self.numbers_found
    }

    /// The cells of a column, from above.
    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| row.cells.get(column)).map(str::trim)
    }
}

/// SHA-256 of what is left of a list without its personal numbers. That of the file is kept in the register, and of a list of few
/// people it would tell the numbers to whoever tries them all.
pub(crate) fn sha256_of_rest<'a>(rows: impl Iterator<Item = &'a Cells>) -> String {
    let mut hash = Sha256::new();
    for row in rows {
        for cell in row.cells.iter() {
            hash.update(cell.as_bytes());
            hash.update([0]);
        }
        hash.update(b"\n");
    }
    in_hexadecimal(hash.finalize().into())
}

fn in_hexadecimal(hash: [u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is a page or a workbook in one part, as some programs write them for spreadsheets and call them XLS.
fn is_marked_up(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |mark: &str| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    ["<?xml", "<!doctype", "<html", "<table"].into_iter().any(begins)
}

/// A letter that nobody sees, and that is left out of every cell: a mark of direction or of no width, a soft hyphen.
pub(crate) const fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{61c}'
    )
}

/// How many lines end in a text: by a line feed, by a carriage return, or by both.
fn line_ends(text: &[u8]) -> usize {
    let ends = memchr::memchr2_iter(b'\n', b'\r', text);
    ends.filter(|at| text.get(*at) != Some(&b'\r') || text.get(at + 1) != Some(&b'\n')).count()
}

/// The rows of a file as they are read, within bounds. Rows without a word are left out.
#[derive(Default)]
struct Taken {
    rows: Vec<Cells>,
    cells: usize,
    /// A text that ends without an end of line.
    open_end: bool,
}

impl Taken {
    /// Takes a row, and tells how far reading has come where it is time: after as many rows as are kept, not as many as are
    /// passed.
    fn push(&mut self, row: Cells, done: usize, total: usize, tell: Tell<'_>) -> Result<(), ListError> {
        let line = row.line;
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if row.cells.iter().any(|cell| cell.len() > CELL_MAX) {
            return Err(ListError::CellTooLong { line });
        }
        self.cells += row.cells.len();
        if row.cells.len() > WIDTH_MAX || self.cells > CELLS_MAX {
            return Err(ListError::TooManyCells { line });
        }
        if self.rows.len() > ROWS_MAX {
            return Err(ListError::TooManyRows { max: ROWS_MAX });
        }
        self.rows.push(row);
        if self.rows.len().is_multiple_of(TOLD_EACH) {
            tell(ListProgress { done: done.min(total), total });
        }
        Ok(())
    }

    /// A last row that is shorter than every other, at the end of a text without an end of line, lacks its rest.
    fn ends_within_a_row(&self) -> Result<(), ListError> {
        let Some((last, others)) = self.rows.split_last().filter(|_| self.open_end) else { return Ok(()) };
        let shortest = others.iter().map(|row| row.cells.len()).min();
        match others.len() >= 2 && shortest.is_some_and(|shortest| last.cells.len() < shortest) {
            true => Err(ListError::CutOff { line: last.line }),
            false => Ok(()),
        }
    }
}
