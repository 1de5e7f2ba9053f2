//! The words of a report's table.

use super::Language;
use crate::lists::{CsvForm, ReportText, export_report};
use crate::register::ReportTable;

impl Language {
    /// A report in this language, for a spreadsheet.
    pub fn report_csv(self, table: &ReportTable) -> String {
        export_report(table, self.csv_form(), |text| self.report_text(text).to_owned())
    }

    /// How a list is written for a spreadsheet whose user reads this language.
    pub fn csv_form(self) -> CsvForm {
        CsvForm::Spreadsheet { decimal_comma: self.text("form.decimal") == Some(",") }
    }

    /// What a table of a report says in this language: its columns, the words in its cells, its last line and its notes.
    ///
    /// A column that is called as a field of that name needs no text of its own. A word belongs to the enum that its column is
    /// named for (`visit_kind`: `VisitKind`), or to every table (`yes`, `not_said`).
    pub fn report_text(self, text: ReportText) -> &'static str {
        let found = match text {
            ReportText::Column(id) => self.text(&format!("column.{id}")).or_else(|| self.text(&format!("field.{id}"))),
            ReportText::Word(column, word) => {
                let of_any = self.text(&format!("cell.{word}"));
                of_any.or_else(|| self.text(&format!("{}.{word}", type_named(column))))
            }
            ReportText::Suppressed | ReportText::Total => self.text(&format!("cell.{}", text.word())),
            ReportText::Note(note) => Some(self.word(note)),
        };
        found.unwrap_or_else(|| text.word())
    }
}

/// The type that a column is named for: `visit_kind` is `VisitKind`.
fn type_named(column: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    column.split('_').map(capital).collect()
}
