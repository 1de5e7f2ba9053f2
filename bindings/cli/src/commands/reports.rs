//! Reports: the list of them, and each as a table on the terminal, as CSV and as JSON.

use std::path::Path;

use chrono::Datelike;
use samla_core::BookError;
use samla_core::lists::ReportText;
use samla_core::register::{Cell, ColumnKind, Report, ReportQuery, ReportTable};
use serde_json::json;

use crate::args::AskReport;
use crate::desk::{Desk, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::Words;

/// The reports, by the names they are asked for, with what each is called; and which are to be shown outside, and how.
pub(super) fn list(say: &mut Say) -> Result<(), Failure> {
    let language = say.words().language();
    let view = |report: &Report| json!({ "report": report, "title": language.word(*report), "doc": report.doc() });
    let view: Vec<_> = Report::ALL.iter().map(view).collect();
    say.tell(&view, |_, words| {
        let widest = Report::ALL.iter().map(|report| report.word().len()).max().unwrap_or(0);
        let line = |report: &Report| format!("{:widest$}  {}", report.word(), language.word(*report));
        let whole: Vec<_> =
            Report::ALL.iter().filter(|report| !report.tells_of_people()).map(|report| report.word()).collect();
        let usual = words.say("report.share", &[("report", Report::Density.word())]);
        let whole = words.say("report.whole", &[("reports", &whole.join(", "))]);
        Report::ALL.iter().map(line).chain([String::new(), usual, whole]).collect()
    })
}

/// One report.
pub(super) fn report(desk: &Desk, report: Report, asked: &AskReport, say: &mut Say) -> Result<(), Failure> {
    let query = query(asked);
    query.check().map_err(BookError::from)?;
    let table = desk.register().report(report, &query);
    match say.csv_file().map(Path::to_owned) {
        Some(file) => csv(&table, &file, say),
        None => say.tell(&table, table_lines),
    }
}

fn query(asked: &AskReport) -> ReportQuery {
    let today = today();
    let until = asked.until.unwrap_or(today);
    let new_year = || until.with_ordinal(1).unwrap_or(until);
    ReportQuery {
        compare_from: asked.compare_from,
        compare_until: asked.compare_until,
        workplace: asked.workplace,
        campaign: asked.campaign,
        shared: asked.shared,
        ..ReportQuery::of(asked.from.unwrap_or_else(new_year), until, today)
    }
}

fn csv(table: &ReportTable, file: &Path, say: &mut Say) -> Result<(), Failure> {
    let csv = say.words().language().report_csv(table);
    say.write_to(file, csv.as_bytes())
}

/// The table under its title, its columns as wide as they need to be, numbers to the right, the sums and the notes last.
fn table_lines(table: &ReportTable, words: &Words) -> Vec<String> {
    let language = words.language();
    let headings = table.columns.iter().map(|column| language.report_text(ReportText::Column(column.id)).to_owned());
    let mut lines: Vec<Vec<String>> = vec![headings.collect()];
    lines.extend(table.rows.iter().map(|row| {
        let mut cells = cells(table, &row.cells, words);
        let indent = "  ".repeat(row.depth.try_into().unwrap_or(0));
        if let Some(first) = cells.first_mut() {
            first.insert_str(0, &indent);
        }
        cells
    }));
    lines.extend(table.totals.as_ref().map(|totals| {
        let mut cells = cells(table, totals, words);
        if let Some(first) = cells.first_mut() {
            *first = language.report_text(ReportText::Total).to_owned();
        }
        cells
    }));
    let width = |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..table.columns.len()).map(|at| width(at).unwrap_or(0)).collect();
    let line = |cells: &Vec<String>| {
        let cells = cells.iter().zip(&widths).zip(&table.columns);
        let padded = cells.map(|((cell, width), column)| match column.kind {
            ColumnKind::Count | ColumnKind::Percent | ColumnKind::Money => format!("{cell:>width$}"),
            ColumnKind::Text | ColumnKind::Word | ColumnKind::Date => format!("{cell:width$}"),
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let title = language.word(table.report).to_owned();
    let notes = table.notes.iter().map(|note| language.report_text(ReportText::Note(*note)).to_owned());
    std::iter::once(title).chain(lines.iter().map(line)).chain(notes).collect()
}

fn cells(table: &ReportTable, cells: &[Cell], words: &Words) -> Vec<String> {
    let language = words.language();
    let shown = |(cell, column): (&Cell, &samla_core::register::ReportColumn)| match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => plain(text),
        Cell::Word(word) => language.report_text(ReportText::Word(column.id, word)).to_owned(),
        Cell::Count(number) | Cell::Money(number) => language.number(*number),
        Cell::Percent(tenths) => language.percent(*tenths),
        Cell::Date(day) => language.date(*day),
        Cell::Suppressed => language.report_text(ReportText::Suppressed).to_owned(),
    };
    cells.iter().zip(&table.columns).map(shown).collect()
}
