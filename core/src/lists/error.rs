//! Why a file is not taken as a list.

/// Why a list cannot be read or used. Nothing was changed. It says where, and never what stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// There is nothing in it, or only a header.
    #[error("the list is empty")]
    Empty,
    /// Larger than a list may be.
    #[error("the list is larger than {max} bytes")]
    TooLarge {
        /// The most bytes that are read.
        max: usize,
    },
    /// More rows than a list may have.
    #[error("the list has more than {max} rows")]
    TooManyRows {
        /// The most rows that are read.
        max: usize,
    },
    /// A row with more cells than a list may have.
    #[error("line {line} has too many cells")]
    TooManyCells {
        /// The line of the file, from 1.
        line: u32,
    },
    /// A cell longer than any field may be: mostly a quotation mark that is never closed.
    #[error("a cell on line {line} is too long")]
    CellTooLong {
        /// The line of the file where the row begins, from 1.
        line: u32,
    },
    /// The file ends in the middle of a row.
    #[error("the list is cut off in line {line}")]
    CutOff {
        /// The line of the file where that row begins, from 1.
        line: u32,
    },
    /// Bytes that are no text in any encoding a list comes in.
    #[error("not a list")]
    NotAList,
    /// A workbook of a form that spreadsheets wrote before 2007, a page made for one, or a workbook with a password: to be saved
    /// anew as XLSX.
    #[error("an old or a protected workbook")]
    OldWorkbook,
    /// A workbook that cannot be read: cut off, or not made by a spreadsheet.
    #[error("the workbook is damaged")]
    DamagedWorkbook,
    /// A sheet with a row that cannot be read.
    #[error("the sheet is damaged in line {line}")]
    DamagedSheet {
        /// The row of the sheet, from 1.
        line: u32,
    },
    /// No column says who a row is about.
    #[error("no column tells names, phone numbers or addresses")]
    NobodyNamed,
    /// The meanings given are not one for each column of the list.
    #[error("the columns are not those of the list")]
    OtherColumns,
    /// An employer's list that names no workplace of the register: nobody could be missed on it.
    #[error("the list names no workplace that the register has")]
    NoWorkplace,
    /// A list of the stewards' own, which is compared with nothing: it is taken in.
    #[error("a comparison is with a list of the employer or of the office")]
    OwnList,
    /// Not every decision of a comparison is made.
    #[error("not every decision is made")]
    StillOpen,
}

impl ListError {
    /// Every stable word.
    pub const CODES: &[&str] = &[
        "list_empty",
        "list_too_large",
        "list_too_many_rows",
        "list_too_many_cells",
        "list_cell_too_long",
        "list_cut_off",
        "list_not_a_list",
        "list_old_workbook",
        "list_damaged_workbook",
        "list_damaged_sheet",
        "list_nobody_named",
        "list_other_columns",
        "list_no_workplace",
        "list_own",
        "list_still_open",
    ];

    /// The stable word for it. An app has a text for each in every language.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "list_empty",
            Self::TooLarge { .. } => "list_too_large",
            Self::TooManyRows { .. } => "list_too_many_rows",
            Self::TooManyCells { .. } => "list_too_many_cells",
            Self::CellTooLong { .. } => "list_cell_too_long",
            Self::CutOff { .. } => "list_cut_off",
            Self::NotAList => "list_not_a_list",
            Self::OldWorkbook => "list_old_workbook",
            Self::DamagedWorkbook => "list_damaged_workbook",
            Self::DamagedSheet { .. } => "list_damaged_sheet",
            Self::NobodyNamed => "list_nobody_named",
            Self::OtherColumns => "list_other_columns",
            Self::NoWorkplace => "list_no_workplace",
            Self::OwnList => "list_own",
            Self::StillOpen => "list_still_open",
        }
    }

    /// The line of the file where it went wrong, from 1.
    pub const fn line(self) -> Option<u32> {
        match self {
            Self::TooManyCells { line }
            | Self::CellTooLong { line }
            | Self::CutOff { line }
            | Self::DamagedSheet { line } => Some(line),
            _ => None,
        }
    }
}
