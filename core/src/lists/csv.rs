//! One table as CSV: UTF-8, commas, a header with the names of the fields.

use ::csv::{Terminator, WriterBuilder};

use crate::register::Register;
use crate::tables::{Row, Table};

/// One table, row by row in the order they were written down: the id, then every field of the definition. As in every
/// list that goes out, no cell runs as a formula: see [`export_cells`].
pub fn export_csv(register: &Register, table: Table) -> String {
    let names = || table.fields().iter().map(|spec| spec.name);
    let header = std::iter::once("id").chain(names()).map(str::to_owned).collect();
    let row = |row: Row| {
        let cell = |name| row.get(name).map(|value| value.to_string()).unwrap_or_default();
        std::iter::once(Row::id(&row).to_string()).chain(names().map(cell)).collect()
    };
    export_cells(std::iter::once(header).chain(register.rows(table).into_iter().map(row)))
}

/// Cells as CSV: UTF-8, commas, a record a line, as they come; for a header pass it first.
///
/// A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and a stranger can write such a text into
/// a contact. Those cells begin with `'` here; plain numbers and phone numbers are left as they are.
pub fn export_cells(records: impl IntoIterator<Item = Vec<String>>) -> String {
    written(records.into_iter().map(|cells| cells.into_iter().map(harmless).collect()))
}

/// Records as they are.
pub(super) fn written(records: impl IntoIterator<Item = Vec<String>>) -> String {
    const MEMORY: &str = "memory takes whatever is written";
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(Vec::new());
    records.into_iter().for_each(|record| writer.write_record(record).expect(MEMORY));
    String::from_utf8(writer.into_inner().expect(MEMORY)).expect("every cell is text")
}

/// The text, so that no spreadsheet takes it for a formula.
pub(super) fn harmless(text: String) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky && !is_number(&text) { format!("'{text}") } else { text }
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
    fn only_what_could_run_is_disarmed() {
        for plain in ["", "Anna", "-5", "+46701740612", "+46 (0)70-174 06 12", "a=b"] {
            assert_eq!(harmless(plain.to_owned()), plain);
        }
        for formula in ["=1", "+1+1", "-2+3", "@SUM(A1)", "-", "+", "\t=1", "-1|cmd"] {
            assert_eq!(harmless(formula.to_owned()), format!("'{formula}"));
        }
    }
}
