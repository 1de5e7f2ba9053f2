//! The table that every report becomes, and the sheet that it is written on first.
//!
//! A sheet knows what a table no longer tells: which columns count people, which of them give each other away, and what
//! a share is a share of. So sums, shares and suppression are worked out here, once for all reports.

use serde::Serialize;

use super::Report;
use super::suppress;
use crate::context::Date;

/// A report as a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReportTable {
    /// Which report.
    pub report: Report,
    /// The columns; each row has as many cells.
    pub columns: Vec<ReportColumn>,
    /// The rows.
    pub rows: Vec<ReportRow>,
    /// The last line, where summing makes sense.
    pub totals: Option<Vec<Cell>>,
    /// What a reader should know.
    pub notes: Vec<ReportNote>,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReportColumn {
    /// Its stable id, which the catalogue of texts translates.
    pub id: &'static str,
    /// What its cells are.
    pub kind: ColumnKind,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Text that people wrote.
    Text,
    /// A stable word, which the catalogue translates: of the choice that the column is named for, or `yes`, `no`.
    Word,
    /// A number.
    Count,
    /// A share.
    Percent,
    /// A day.
    Date,
    /// Whole units of the country's money.
    Money,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReportRow {
    /// How deep it lies within the rows above: a sub-site of a workplace.
    pub depth: u32,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "is", content = "value", rename_all = "snake_case")]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// Text that people wrote.
    Text(String),
    /// A stable word.
    Word(&'static str),
    /// A number.
    Count(i64),
    /// A share, in tenths of a percent.
    Percent(i64),
    /// A day.
    Date(Date),
    /// Whole units of the country's money.
    Money(i64),
    /// Left out, so that no small group is given away.
    Suppressed,
}

/// What a reader of a table should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReportNote {
    /// Groups of fewer than five people are left out, and some larger ones, so that no total gives them away.
    SmallGroupsLeftOut,
    /// Names of people are left out.
    NamesLeftOut,
    /// Numbers are rounded to fives.
    Rounded,
}

impl ReportNote {
    /// Every note.
    pub const ALL: &[Self] = &[Self::SmallGroupsLeftOut, Self::NamesLeftOut, Self::Rounded];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SmallGroupsLeftOut => "small_groups_left_out",
            Self::NamesLeftOut => "names_left_out",
            Self::Rounded => "rounded",
        }
    }
}

/// The word of a group whose key nobody wrote down.
pub(super) const NOT_SAID: Cell = Cell::Word("not_said");
/// The word of the small groups of a shared table, put together.
const OTHERS: Cell = Cell::Word("others");

/// A column of a sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub(super) column: ReportColumn,
    /// Counts people, and with which other columns it must be hidden.
    pub(super) people: Option<People>,
    /// Is summed in the last line.
    adds: bool,
    /// What it is a share of: the ids of two columns.
    share: Option<(&'static str, &'static str)>,
    /// Names people.
    names: bool,
    /// Words that people wrote, by which people are grouped.
    groups: bool,
    /// The id of the column of an earlier tie whose people these are a part of: who is left of it is a group, too.
    pub(super) whole: Option<&'static str>,
}

/// How a column concerns people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct People {
    /// Columns of one tie can be worked out from each other: where one is hidden, all are. Those of a later tie tell more
    /// of the same people: where a group of an earlier tie is small, they are hidden too.
    pub(super) tie: u8,
    /// Everybody knows it. A small number hides the tie, and is itself shown.
    pub(super) known: bool,
    /// Its numbers are numbers of people, as a share's are not.
    counts: bool,
}

impl Spec {
    const fn new(id: &'static str, kind: ColumnKind) -> Self {
        let column = ReportColumn { id, kind };
        Self { column, people: None, adds: false, share: None, names: false, groups: false, whole: None }
    }

    /// Text that names no person.
    pub(super) const fn text(id: &'static str) -> Self {
        Self::new(id, ColumnKind::Text)
    }

    /// Names of people; left out of what is shared.
    pub(super) const fn names(id: &'static str) -> Self {
        Self { names: true, ..Self::text(id) }
    }

    /// What people are grouped by in words of their own. In what is shared, small groups lose theirs: a rare reason names
    /// the one who gave it.
    pub(super) const fn groups(id: &'static str) -> Self {
        Self { groups: true, ..Self::text(id) }
    }

    pub(super) const fn word(id: &'static str) -> Self {
        Self::new(id, ColumnKind::Word)
    }

    pub(super) const fn date(id: &'static str) -> Self {
        Self::new(id, ColumnKind::Date)
    }

    pub(super) const fn count(id: &'static str) -> Self {
        Self { adds: true, ..Self::new(id, ColumnKind::Count) }
    }

    pub(super) const fn money(id: &'static str) -> Self {
        Self { adds: true, ..Self::new(id, ColumnKind::Money) }
    }

    /// A number of people, or of what was done with them: one talk tells that it was one person. Hidden together with the
    /// other columns of the tie.
    pub(super) const fn people(id: &'static str, tie: u8) -> Self {
        Self { people: Some(People { tie, known: false, counts: true }), ..Self::count(id) }
    }

    /// The same, of the people whom another column counts.
    pub(super) const fn of(self, whole: &'static str) -> Self {
        Self { whole: Some(whole), ..self }
    }

    /// A number of people that everybody knows.
    pub(super) const fn known_people(id: &'static str, tie: u8) -> Self {
        Self { people: Some(People { tie, known: true, counts: true }), ..Self::count(id) }
    }

    /// The share that one column is of another.
    pub(super) const fn share(id: &'static str, of: &'static str, base: &'static str, tie: u8) -> Self {
        Self { share: Some((of, base)), ..Self::percent(id).tied(tie) }
    }

    /// A share that the row brings with it.
    pub(super) const fn percent(id: &'static str) -> Self {
        Self::new(id, ColumnKind::Percent)
    }

    /// The same column, hidden together with the others of a tie.
    pub(super) const fn tied(self, tie: u8) -> Self {
        Self { people: Some(People { tie, known: false, counts: false }), ..self }
    }

    /// The same column, not summed.
    pub(super) const fn not_summed(self) -> Self {
        Self { adds: false, ..self }
    }

    /// Whether its numbers are numbers of people.
    pub(super) fn counts_people(&self) -> bool {
        self.people.is_some_and(|people| people.counts)
    }
}

/// A report before it is summed and made fit to be shared.
#[derive(Debug)]
pub(super) struct Sheet {
    specs: Vec<Spec>,
    rows: Vec<ReportRow>,
    totals: bool,
    notes: Vec<ReportNote>,
}

impl Sheet {
    /// A sheet with a last line.
    pub(super) fn summed(specs: impl Into<Vec<Spec>>) -> Self {
        Self { specs: specs.into(), rows: Vec::new(), totals: true, notes: Vec::new() }
    }

    /// A sheet without.
    pub(super) fn plain(specs: impl Into<Vec<Spec>>) -> Self {
        Self { totals: false, ..Self::summed(specs) }
    }

    /// Adds a row; the cells of shares are filled in later.
    pub(super) fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        self.row_at(0, cells);
    }

    /// Adds a row that lies within those above.
    pub(super) fn row_at(&mut self, depth: u32, cells: impl Into<Vec<Cell>>) {
        let mut cells = cells.into();
        cells.resize(self.specs.len(), Cell::Empty);
        self.rows.push(ReportRow { depth, cells });
    }

    pub(super) fn note(&mut self, note: ReportNote) {
        self.notes.push(note);
    }

    /// Whether a column counts or names people.
    #[cfg(test)]
    pub(super) fn tells_of_people(&self) -> bool {
        self.specs.iter().any(|spec| spec.people.is_some() || spec.names)
    }

    /// The table: with sums and shares, and without what must not leave the register.
    pub(super) fn finish(mut self, report: Report, shared: bool) -> ReportTable {
        let sums = self.sums();
        if shared {
            self.leave_names_out();
            self.put_small_groups_together();
        }
        let mut totals = self.totals.then_some(sums);
        for cells in self.rows.iter_mut().map(|row| &mut row.cells).chain(totals.as_mut()) {
            fill_shares(&self.specs, cells);
        }
        if shared && suppress::suppress(&self.specs, &mut self.rows, totals.as_mut()) {
            self.note(ReportNote::SmallGroupsLeftOut);
        }
        self.notes.sort_unstable();
        self.notes.dedup();
        let columns = self.specs.iter().map(|spec| spec.column).collect();
        ReportTable { report, columns, rows: self.rows, totals, notes: self.notes }
    }

    /// A row for each person tells of each, also without the name: where the rows are people, their sums alone are left.
    fn leave_names_out(&mut self) {
        let names: Vec<_> = self.specs.iter().map(|spec| spec.names).collect();
        if names.first() == Some(&true) && !self.rows.is_empty() {
            self.rows.clear();
            self.totals = true;
        }
        for row in &mut self.rows {
            let cells = row.cells.iter_mut().zip(&names).filter(|(_, names)| **names);
            cells.for_each(|(cell, _)| *cell = Cell::Empty);
        }
        if names.contains(&true) {
            self.note(ReportNote::NamesLeftOut);
        }
    }

    /// The groups too small to be named become one, at the end.
    fn put_small_groups_together(&mut self) {
        if !self.specs.iter().any(|spec| spec.groups) {
            return;
        }
        let people: Vec<_> = self.specs.iter().map(Spec::counts_people).collect();
        let is_small = |row: &ReportRow| {
            let mut counts = row.cells.iter().zip(&people).filter(|(_, people)| **people).map(|(cell, _)| cell);
            counts.any(suppress::is_small)
        };
        let (small, large): (Vec<_>, Vec<_>) = std::mem::take(&mut self.rows).into_iter().partition(is_small);
        self.rows = large;
        if let Some(first) = small.first() {
            let mut others = self.sum_of(small.iter(), first.cells.clone());
            for (cell, spec) in others.iter_mut().zip(&self.specs) {
                match spec.column.kind {
                    ColumnKind::Text if spec.groups => *cell = OTHERS,
                    ColumnKind::Text | ColumnKind::Word | ColumnKind::Date => *cell = Cell::Empty,
                    ColumnKind::Count | ColumnKind::Percent | ColumnKind::Money => {}
                }
            }
            self.row(others);
        }
    }

    fn sums(&self) -> Vec<Cell> {
        let top = self.rows.iter().filter(|row| row.depth == 0);
        self.sum_of(top, vec![Cell::Empty; self.specs.len()])
    }

    /// The sums of the columns that are summed; the other cells as they are in `cells`.
    fn sum_of<'a>(&self, rows: impl Iterator<Item = &'a ReportRow> + Clone, mut cells: Vec<Cell>) -> Vec<Cell> {
        for (at, spec) in self.specs.iter().enumerate().filter(|(_, spec)| spec.adds) {
            let numbers = rows.clone().filter_map(|row| row.cells.get(at)?.number());
            let sum = numbers.fold(0, i64::saturating_add);
            if let Some(cell) = cells.get_mut(at) {
                *cell = if spec.column.kind == ColumnKind::Money { Cell::Money(sum) } else { Cell::Count(sum) };
            }
        }
        cells
    }
}

fn fill_shares(specs: &[Spec], cells: &mut [Cell]) {
    let at = |id| specs.iter().position(|spec| spec.column.id == id);
    for (nth, (of, base)) in specs.iter().enumerate().filter_map(|(nth, spec)| Some((nth, spec.share?))) {
        let number = |id, cells: &[Cell]| cells.get(at(id)?)?.number();
        let share = number(of, cells).zip(number(base, cells)).and_then(|(of, base)| Cell::share(of, base));
        if let (Some(cell), Some(share)) = (cells.get_mut(nth), share) {
            *cell = share;
        }
    }
}

/// A share in tenths of a percent, rounded; nothing of nothing.
pub(super) fn tenths(of: i64, base: i64) -> Option<i64> {
    if base == 0 {
        return None;
    }
    let (of, base) = (i128::from(of) * 1_000, i128::from(base));
    let rounded = (of * 2 + of.signum() * base.abs()) / (base * 2);
    i64::try_from(rounded).ok()
}

impl Cell {
    /// Text, or nothing.
    pub(super) fn text(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }

    pub(super) fn date(day: Option<Date>) -> Self {
        day.map_or(Self::Empty, Self::Date)
    }

    pub(super) fn count(number: Option<i64>) -> Self {
        number.map_or(Self::Empty, Self::Count)
    }

    pub(super) const fn yes(yes: bool) -> Self {
        Self::Word(if yes { "yes" } else { "no" })
    }

    pub(super) fn percent(tenths: Option<i64>) -> Self {
        tenths.map_or(Self::Empty, Self::Percent)
    }

    /// The share that one number is of another; nothing of nothing.
    pub(super) fn share(of: i64, base: i64) -> Option<Self> {
        tenths(of, base).map(Self::Percent)
    }

    /// The number in a cell that has one.
    pub(super) const fn number(&self) -> Option<i64> {
        match self {
            Self::Count(number) | Self::Money(number) => Some(*number),
            _ => None,
        }
    }
}
