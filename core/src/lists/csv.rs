//! Lists as CSV: a table under the names of its fields for a program, and cells for somebody's spreadsheet.

use ::csv::{Terminator, WriterBuilder};

use crate::register::Register;
use crate::tables::{Row, Table};

/// What reads a list again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvForm {
    /// A program: UTF-8, commas, decimal points.
    Program,
    /// A spreadsheet. By the mark of UTF-8 in front it knows the letters, and it splits a row where the language of its user
    /// puts a separator: at semicolons where decimals have a comma, else at commas.
    Spreadsheet {
        /// Whether decimals have a comma.
        decimal_comma: bool,
    },
}

impl CsvForm {
    const fn mark(self) -> &'static str {
        match self {
            Self::Program => "",
            Self::Spreadsheet { .. } => "\u{feff}",
        }
    }

    const fn has_commas(self) -> bool {
        matches!(self, Self::Spreadsheet { decimal_comma: true })
    }

    const fn separator(self) -> u8 {
        if self.has_commas() { b';' } else { b',' }
    }

    pub(super) const fn decimal(self) -> char {
        if self.has_commas() { ',' } else { '.' }
    }
}

/// One table for a program, row by row in the order they were written down: the id, then every field of the definition. As in
/// every list that goes out, no cell runs as a formula: see [`export_cells`].
pub fn export_csv(register: &Register, table: Table) -> String {
    let names = || table.fields().iter().map(|spec| spec.name);
    let header = std::iter::once("id").chain(names()).map(str::to_owned).collect();
    let row = |row: Row| {
        let cell = |name| row.get(name).map(|value| value.to_string()).unwrap_or_default();
        std::iter::once(Row::id(&row).to_string()).chain(names().map(cell)).collect()
    };
    export_cells(std::iter::once(header).chain(register.rows(table).into_iter().map(row)), CsvForm::Program)
}

/// Cells as CSV, a record a line, as they come; for a header pass it first.
///
/// A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and a stranger can write such a text into
/// a contact. Those cells begin with `'` here; plain numbers and phone numbers are left as they are. Within a cell the sign has a
/// `'` before it where a spreadsheet of another language would split the cell.
pub fn export_cells(records: impl IntoIterator<Item = Vec<String>>, form: CsvForm) -> String {
    written(records.into_iter().map(|cells| cells.into_iter().map(harmless).collect()), form)
}

/// Records as they are; nothing at all where there is none.
pub(super) fn written(records: impl IntoIterator<Item = Vec<String>>, form: CsvForm) -> String {
    const MEMORY: &str = "memory takes whatever is written";
    let mut writer = WriterBuilder::new();
    writer.delimiter(form.separator()).terminator(Terminator::CRLF).flexible(true);
    let mut writer = writer.from_writer(Vec::new());
    records.into_iter().for_each(|record| writer.write_record(record).expect(MEMORY));
    let list = String::from_utf8(writer.into_inner().expect(MEMORY)).expect("every cell is text");
    if list.is_empty() { list } else { format!("{}{list}", form.mark()) }
}

/// What parts cells, in one language or another, and rows.
const APART: [char; 5] = [',', ';', '\t', '\n', '\r'];

/// The text, so that no spreadsheet takes it, or what it splits off, for a formula.
pub(super) fn harmless(text: String) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if risky && !is_number(&text) { format!("'{text}") } else { text };
    with_pieces(&text, |piece| if may_run(piece) { ("'", piece) } else { ("", piece) })
}

/// The text without what [`harmless`] put within it.
pub(super) fn as_it_was(text: &str) -> String {
    with_pieces(text, |piece| ("", piece.strip_prefix('\'').filter(|rest| may_run(rest)).unwrap_or(piece)))
}

/// The text with every piece that may be split off written otherwise: with this before it, and its rest.
fn with_pieces(text: &str, written: impl Fn(&str) -> (&'static str, &str)) -> String {
    let mut pieces = text.split_inclusive(APART);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for quoted in pieces {
        // Quotation marks fall away where they begin a cell.
        let piece = quoted.trim_start_matches('"');
        let (before, rest) = written(piece);
        whole.extend([quoted.strip_suffix(piece).unwrap_or_default(), before, rest]);
    }
    whole
}

/// Whether a spreadsheet runs a cell that begins so. A number with words after it runs, too, but calls nothing.
fn may_run(piece: &str) -> bool {
    let piece = piece.trim_end_matches(APART);
    let signed = piece.strip_prefix(['+', '-']);
    let begins_a_number = signed.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
    let calls_nothing = is_number(piece) || begins_a_number && !piece.contains(['(', '|', '!']);
    piece.starts_with(['=', '@']) || signed.is_some() && !calls_nothing
}

/// A sign and digits: a number, or a telephone with the signs that people put between its digits.
fn is_number(text: &str) -> bool {
    let between = |letter: char| letter.is_ascii_digit() || " -.()".contains(letter);
    let phone = text.strip_prefix('+').is_some_and(|rest| rest.chars().all(between));
    let negative = text.strip_prefix('-').is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_digit()));
    (phone || negative) && text.chars().any(|letter| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RowId;
    use crate::lists::{Encoding, List, ListForm};
    use crate::tables::{RowState, Value};

    fn contact(last: u8, live: bool, fields: &[(&str, &str)]) -> RowState {
        let fields = fields.iter().map(|(name, text)| (name.to_string(), Value::Text(text.to_string()))).collect();
        let id = RowId::from_bytes([last; 16]);
        RowState { table: Table::Contacts, id, live, fields, clashes: Vec::new(), by: None }
    }

    #[test]
    fn a_table_becomes_a_list_with_every_field_and_no_removed_row() {
        let mut register = Register::default();
        register.apply(contact(2, true, &[("given_name", "Åsa, \"Annis\""), ("phone", "+46 70-174 06 12")]));
        register.apply(contact(1, true, &[("note", "=HYPERLINK(\"x\")\nsecond line"), ("hired_on", "2026-11-23")]));
        register.apply(contact(3, false, &[("given_name", "Gone")]));
        let list = export_csv(&register, Table::Contacts);

        let mut reader = ::csv::Reader::from_reader(list.as_bytes());
        let header: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!((header[0].as_str(), header.len()), ("id", Table::Contacts.fields().len() + 1));
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        let cell = |row: usize, name: &str| &records[row][header.iter().position(|column| column == name).unwrap()];
        assert_eq!(records.len(), 2);
        assert_eq!(cell(0, "id"), "01".repeat(16));
        assert_eq!(cell(0, "note"), "'=HYPERLINK(\"x\")\nsecond line");
        assert_eq!(cell(0, "hired_on"), "2026-11-23");
        assert_eq!(cell(1, "given_name"), "Åsa, \"Annis\"");
        assert_eq!(cell(1, "phone"), "+46 70-174 06 12");
    }

    #[test]
    fn a_spreadsheet_of_any_language_and_the_register_itself_read_a_list() {
        let records =
            [["Namn", "Andel"], ["Åsa \"Å\" Öberg, Ek; Al", "25,6"]].map(|cells| cells.map(str::to_owned).to_vec());
        let list = |form| export_cells(records.clone(), form);
        assert!(list(CsvForm::Program).starts_with("Namn,Andel\r\n"));
        for (decimal_comma, separator) in [(true, ';'), (false, ',')] {
            let list = list(CsvForm::Spreadsheet { decimal_comma });
            assert!(list.starts_with(&format!("\u{feff}Namn{separator}Andel\r\n")), "{list}");
            let read = List::read(list.as_bytes()).unwrap();
            assert_eq!(read.form(), &ListForm::Csv { encoding: Encoding::Utf8Bom, separator });
            assert_eq!(
                (read.header_of(0), read.column(0).collect::<Vec<_>>()),
                (Some("Namn"), vec!["Åsa \"Å\" Öberg, Ek; Al"])
            );
        }
        assert_eq!(export_cells([], CsvForm::Spreadsheet { decimal_comma: true }), "");
    }

    #[test]
    fn only_what_could_run_is_disarmed() {
        for plain in ["", "Anna", "-5", "+46701740612", "+46 (0)70-174 06 12", "a=b"] {
            assert_eq!(harmless(plain.to_owned()), plain);
        }
        for formula in ["=1", "+1+1", "-2+3", "@SUM(A1)", "-", "+", "\tx", "-1|cmd"] {
            assert_eq!(harmless(formula.to_owned()), format!("'{formula}"));
        }
    }

    /// A list for one language may be opened in another, which splits it elsewhere.
    #[test]
    fn what_another_language_would_split_off_is_disarmed_as_well() {
        for plain in [
            "Ek, Bo; Al",
            "Bo,-5;+1",
            "Bo, +46 70-174 06 12",
            "070-174 06 13,+46 (0)70-174 06 12",
            "Ring:\n+46 70-174 06 12 efter fem",
            "anna@exempel.se;bo@exempel.se",
            "a,b=c;d-e",
        ] {
            assert_eq!(harmless(plain.to_owned()), plain);
        }
        for (text, disarmed) in [
            ("Bo,=1+1", "Bo,'=1+1"),
            ("x;=1+1", "x;'=1+1"),
            ("x\t@SUM(A1)", "x\t'@SUM(A1)"),
            ("x;\"=1+1\"", "x;\"'=1+1\""),
            ("x,-2+cmd|' /C calc'!A0", "x,'-2+cmd|' /C calc'!A0"),
            ("x;+1+HYPERLINK(A1)", "x;'+1+HYPERLINK(A1)"),
            ("Kvar:\n- ring\r\n- skriv", "Kvar:\n'- ring\r\n'- skriv"),
            ("=1;=2,x", "'=1;'=2,x"),
            ("\t=1", "'\t'=1"),
        ] {
            assert_eq!(
                (harmless(text.to_owned()), as_it_was(disarmed.trim_start_matches('\''))),
                (disarmed.to_owned(), text.to_owned())
            );
        }
        let list = |decimal_comma| {
            export_cells([["Bo,=1+1", "x;=1+1"].map(str::to_owned).to_vec()], CsvForm::Spreadsheet { decimal_comma })
        };
        assert_eq!(list(true), "\u{feff}Bo,'=1+1;\"x;'=1+1\"\r\n");
        assert_eq!(list(false), "\u{feff}\"Bo,'=1+1\",x;'=1+1\r\n");
    }
}
