//! A report as CSV: a header, the rows, the sums and the notes last.

use super::csv::{CsvForm, harmless, written};
use crate::register::{Cell, ReportNote, ReportTable};

/// Something in a report that a catalogue of texts has words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportText {
    /// The heading of a column, by its id; `level` is the column that tells how deep a row lies.
    Column(&'static str),
    /// A word in a column.
    Word(&'static str, &'static str),
    /// What stands for a number that is left out.
    Suppressed,
    /// What stands before the sums.
    Total,
    /// A note under the table.
    Note(ReportNote),
}

impl ReportText {
    /// The stable word itself, for programs and for a catalogue that lacks it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Column(id) => id,
            Self::Word(_, word) => word,
            Self::Suppressed => "suppressed",
            Self::Total => "total",
            Self::Note(note) => note.word(),
        }
    }
}

impl ReportTable {
    /// The report in stable words, for a program.
    pub fn to_csv(&self) -> String {
        export_report(self, CsvForm::Program, |text| text.word().to_owned())
    }
}

/// A report in somebody's words, for people. Rows that lie within others tell how deep in a first column of their own; the
/// notes follow the sums, a line each. Whole numbers and days are written alike in every language, and no cell runs as a
/// formula.
pub fn export_report(table: &ReportTable, form: CsvForm, words: impl Fn(ReportText) -> String) -> String {
    let levels = table.rows.iter().any(|row| row.depth > 0);
    let level = |text: String| levels.then_some(text);
    let headings = table.columns.iter().map(|column| words(ReportText::Column(column.id)));
    let head = level(words(ReportText::Column("level"))).into_iter().chain(headings).collect();

    let cell = |(cell, column): (&Cell, &crate::register::ReportColumn)| match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => harmless(text.clone()),
        Cell::Word(word) => words(ReportText::Word(column.id, word)),
        Cell::Count(number) | Cell::Money(number) => number.to_string(),
        Cell::Percent(tenths) => percent(*tenths, form.decimal()),
        Cell::Date(day) => day.to_string(),
        Cell::Suppressed => words(ReportText::Suppressed),
    };
    let rows = table.rows.iter().map(|row| {
        let cells = row.cells.iter().zip(&table.columns).map(cell);
        level(row.depth.to_string()).into_iter().chain(cells).collect()
    });
    let totals = table.totals.iter().map(|totals| {
        let cells = totals.iter().zip(&table.columns).map(cell).skip(1);
        level(String::new()).into_iter().chain([words(ReportText::Total)]).chain(cells).collect()
    });
    let notes = table.notes.iter().map(|note| vec![words(ReportText::Note(*note))]);
    written(std::iter::once(head).chain(rows).chain(totals).chain(notes), form)
}

/// Tenths of a percent as percent.
fn percent(tenths: i64, decimal: char) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}{decimal}{}", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::{ColumnKind, Report, ReportColumn, ReportRow};

    #[test]
    fn a_report_becomes_a_list_in_anybodys_words() {
        let column = |id, kind| ReportColumn { id, kind };
        let row = |depth, name: &str, cells: [Cell; 3]| ReportRow {
            depth,
            cells: [&[Cell::Text(name.to_owned())], &cells[..]].concat(),
        };
        let table = ReportTable {
            report: Report::Density,
            columns: vec![
                column("workplace", ColumnKind::Text),
                column("members", ColumnKind::Count),
                column("density", ColumnKind::Percent),
                column("overdue", ColumnKind::Word),
            ],
            rows: vec![
                row(0, "=Norra, hus 3", [Cell::Count(12), Cell::Percent(-5), Cell::Word("yes")]),
                row(1, "Lager", [Cell::Suppressed, Cell::Suppressed, Cell::Empty]),
            ],
            totals: Some(vec![Cell::Empty, Cell::Count(12), Cell::Percent(1_000), Cell::Empty]),
            notes: vec![ReportNote::SmallGroupsLeftOut],
        };
        let plain = [
            "level,workplace,members,density,overdue",
            "0,\"'=Norra, hus 3\",12,-0.5,yes",
            "1,Lager,suppressed,suppressed,",
            ",total,12,100.0,",
            "small_groups_left_out",
            "",
        ];
        assert_eq!(table.to_csv(), plain.join("\r\n"));
        let swedish = export_report(&table, CsvForm::Spreadsheet { decimal_comma: true }, |text| match text {
            ReportText::Word("overdue", "yes") => "ja".to_owned(),
            ReportText::Total => "Summa".to_owned(),
            other => other.word().to_owned(),
        });
        assert!(swedish.starts_with("\u{feff}level;workplace;"), "{swedish}");
        assert!(swedish.contains(";-0,5;ja\r\n") && swedish.contains("\r\n;Summa;12;100,0;"), "{swedish}");
    }
}
