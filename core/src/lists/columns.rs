//! What the columns of a list mean: proposed by the words above them in five languages, by what stands in them, or as
//! somebody said the last time. Nobody is bound by a proposal; it comes with how sure it is.

mod headers;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::read::{Cells, List};
use crate::register::{Register, fold, phone};
use crate::tables::Country;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// The whole name: "Anna Svensson" or "Svensson, Anna".
    Name,
    /// A phone number; several columns of a list may be.
    Phone,
    /// An e-mail address; several columns may be.
    Email,
    /// The name of the workplace.
    Workplace,
    /// Department.
    Department,
    /// Job.
    Job,
    /// Language.
    Language,
    /// First day in the job.
    HiredOn,
    /// Last day of studies.
    StudentUntil,
    /// Where the person stands towards the union, in a word.
    Membership,
    /// The day the membership began.
    MemberSince,
    /// Anything else; several columns may be.
    Note,
    /// A personal number, which was left out when the list was read.
    PersonalNumber,
    /// Not taken in.
    Ignored,
}

impl Column {
    /// Every meaning.
    pub const ALL: [Self; 16] = [
        Self::GivenName,
        Self::FamilyName,
        Self::Name,
        Self::Phone,
        Self::Email,
        Self::Workplace,
        Self::Department,
        Self::Job,
        Self::Language,
        Self::HiredOn,
        Self::StudentUntil,
        Self::Membership,
        Self::MemberSince,
        Self::Note,
        Self::PersonalNumber,
        Self::Ignored,
    ];

    /// Whether several columns of one list may mean this.
    pub const fn may_repeat(self) -> bool {
        matches!(self, Self::Phone | Self::Email | Self::Note | Self::PersonalNumber | Self::Ignored)
    }
}

/// Why a column is thought to mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ColumnReason {
    /// Somebody said so when a list with these columns was taken in or compared on this device.
    Remembered,
    /// By the words above it.
    Header,
    /// By what stands in it.
    Content,
    /// Nothing tells.
    Nothing,
}

/// What one column of a list may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ColumnView {
    /// What stands above it; none in a list without a header.
    pub header: Option<String>,
    /// The first few cells with something in them. Nothing of a column that held personal numbers.
    pub samples: Vec<String>,
    /// What it is thought to mean.
    pub meaning: Column,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// Why.
    pub reason: ColumnReason,
}

/// Headers are looked for in so many first rows: above them may stand a title and a date.
const HEADER_WITHIN: usize = 15;

/// The row that says what the columns are: of the first rows the one with most words that are known for it. Without any,
/// a first row that has neither digits nor addresses is taken for one if rows follow.
pub(super) fn header_place(rows: &[Cells]) -> Option<usize> {
    let first = rows.iter().take(HEADER_WITHIN).enumerate();
    let best = first.rev().max_by_key(|(_, row)| known(row)).filter(|(_, row)| known(row) > 0);
    if let Some((place, row)) = best
        && (known(row) >= 2 || place == 0 || row.cells.iter().filter(|cell| !cell.trim().is_empty()).count() == 1)
    {
        return Some(place);
    }
    let wordy = |row: &&Cells| row.cells.iter().all(|cell| !cell.contains(|c: char| c.is_ascii_digit() || c == '@'));
    let (first, second) = (rows.first().filter(wordy), rows.get(1));
    // A list of names alone has no header; a row of words above rows with numbers is one.
    first.zip(second).filter(|(_, second)| !wordy(second)).map(|_| 0)
}

/// How many of a row's words are known for columns.
fn known(row: &Cells) -> usize {
    row.cells.iter().filter(|cell| meaning_of(cell).is_some()).count()
}

/// Whether rows stand below a header of which two words or more are known.
pub(super) fn are_named(rows: &[Cells]) -> bool {
    let place = header_place(rows).filter(|place| place + 1 < rows.len());
    place.and_then(|place| rows.get(place)).is_some_and(|header| known(header) >= 2)
}

/// What a header means, if its words are known.
pub(super) fn meaning_of(header: &str) -> Option<Column> {
    by_header(header).map(|(column, _)| column)
}

/// What a header means and how sure that is: its words are known, or it has known words among others.
fn by_header(header: &str) -> Option<(Column, u8)> {
    const WHOLE: u8 = 95;
    const PART: u8 = 75;
    let mut words = String::new();
    fold::push_words(header, &mut words);
    let words = words.trim();
    if words.is_empty() || words.len() > 60 {
        return None;
    }
    if let Some(column) = headers::meaning(words) {
        return Some((column, WHOLE));
    }
    headers::longest_within(words).map(|column| (column, PART))
}

/// The layout of a list: the same for lists whose headers say the same. Lists without headers have none.
pub(crate) fn layout(list: &List) -> Option<[u8; 32]> {
    list.header.as_ref()?;
    let mut hash = Sha256::new();
    for column in 0..list.width() {
        let mut words = String::new();
        fold::push_words(list.header_of(column).unwrap_or_default(), &mut words);
        hash.update(words.as_bytes());
        hash.update([0]);
    }
    Some(hash.finalize().into())
}

/// What each column of a list may mean. `remembered` is what was said of this layout before.
pub(crate) fn propose(list: &List, register: &Register, remembered: Option<&[Column]>) -> Vec<ColumnView> {
    const SAMPLES: usize = 3;
    let mut views = Vec::with_capacity(list.width());
    for column in 0..list.width() {
        let (meaning, confidence, reason) = match remembered.and_then(|columns| columns.get(column)) {
            _ if list.held_numbers(column) => (Column::PersonalNumber, 100, ColumnReason::Content),
            Some(meaning) => (*meaning, 100, ColumnReason::Remembered),
            None => guess(list, register, column),
        };
        let shown = if meaning == Column::PersonalNumber { 0 } else { SAMPLES };
        let samples = list.column(column).filter(|cell| !cell.is_empty()).take(shown);
        views.push(ColumnView {
            header: list.header_of(column).map(str::to_owned),
            samples: samples.map(str::to_owned).collect(),
            meaning,
            confidence,
            reason,
        });
    }
    once_each(&mut views);
    views
}

fn guess(list: &List, register: &Register, column: usize) -> (Column, u8, ColumnReason) {
    let by_header = list.header_of(column).and_then(by_header);
    let by_content = || by_content(list, register, column);
    match by_header {
        Some((meaning, confidence)) => (meaning, confidence, ColumnReason::Header),
        None => match by_content() {
            Some((meaning, confidence)) => (meaning, confidence, ColumnReason::Content),
            None => (Column::Ignored, 0, ColumnReason::Nothing),
        },
    }
}

/// What a column means by what stands in it: most cells are addresses, numbers, known workplaces, or names of two words.
fn by_content(list: &List, register: &Register, column: usize) -> Option<(Column, u8)> {
    const LOOKED_AT: usize = 500;
    let cells: Vec<_> = list.column(column).filter(|cell| !cell.is_empty()).take(LOOKED_AT).collect();
    let share = |fits: &dyn Fn(&str) -> bool| cells.iter().filter(|cell| fits(cell)).count() * 100 / cells.len().max(1);
    let is_phone = |cell: &str| {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        digits >= 7 && digits * 2 > cell.len() && !phone::PhoneKey::all(cell, Country::Se).is_empty()
    };
    let is_name =
        |cell: &str| cell.split_whitespace().count() >= 2 && !cell.contains(|c: char| c.is_ascii_digit() || c == '@');
    if share(&|cell| cell.contains('@')) >= 60 {
        return Some((Column::Email, 90));
    }
    if share(&is_phone) >= 60 && share(&|cell| super::cells::day(cell).is_ok()) < 50 {
        return Some((Column::Phone, 70));
    }
    if share(&|cell| register.workplaces_named(cell).next().is_some()) >= 60 {
        return Some((Column::Workplace, 60));
    }
    let differing: BTreeSet<_> = cells.iter().collect();
    if share(&is_name) >= 80 && differing.len() * 10 >= cells.len() * 8 && list.header.is_none() {
        return Some((Column::Name, 40));
    }
    None
}

/// Of several columns that mean what only one may, the surest keeps it.
fn once_each(views: &mut [ColumnView]) {
    let mut order: Vec<usize> = (0..views.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(views.get(*at).map_or(0, |view| view.confidence)));
    let mut taken = BTreeSet::new();
    for at in order {
        let Some(view) = views.get_mut(at) else { continue };
        if !view.meaning.may_repeat() && !taken.insert(view.meaning) {
            (view.meaning, view.confidence, view.reason) = (Column::Ignored, 0, ColumnReason::Nothing);
        }
    }
}
