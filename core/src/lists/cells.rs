//! What a cell means once its dirt is off: names, days, memberships, telephones.
//!
//! What cannot be read is left out and told by a [`RowNote`], never guessed.

mod days;
mod names;
mod words;

use serde::Serialize;

use super::columns::Column;
use super::csv::as_it_was;
use super::read::{Cells, List, NumberTag, is_unseen, sha256_of_rest, take_out_said};
use crate::abreast;
use crate::context::Date;
use crate::register::phone::PhoneKey;
use crate::tables::{Country, Membership};

pub(crate) use days::day;

/// What is odd about a row, for whoever looks the list through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RowNote {
    /// A cell for telephones has nothing that is one.
    NoPhoneInIt,
    /// A spreadsheet has rounded the telephone: its last digits are lost.
    PhoneRounded,
    /// A cell for addresses has nothing that is one.
    NoEmailInIt,
    /// Not a day, or none that there is, such as 31 September.
    NotADay,
    /// A day without its year.
    DayWithoutYear,
    /// The register has no workplace of that name, or several.
    UnknownWorkplace,
    /// A word for a membership that is not known.
    UnknownMembership,
    /// The name is known at another workplace, which proves nothing.
    NameElsewhere,
    /// The membership follows from events in the register, and the list says otherwise.
    MembershipByEvents,
    /// The day a membership began, of somebody whom the list calls no member: left out.
    SinceLeftOut,
    /// Shorter or longer than the header says.
    OtherWidth,
    /// The last row, and the file ends without an end of line: something may be missing.
    NoLineEnd,
}

/// One row of a list, read.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Listed {
    pub(crate) line: u32,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) workplace: Option<String>,
    pub(crate) department: Option<String>,
    pub(crate) job: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) hired_on: Option<Date>,
    pub(crate) student_until: Option<Date>,
    pub(crate) membership: Option<Membership>,
    pub(crate) member_since: Option<Date>,
    pub(crate) note: Option<String>,
    pub(crate) tag: Option<NumberTag>,
    pub(crate) notes: Vec<RowNote>,
}

impl Listed {
    /// Whether anything says who the row is about.
    pub(crate) fn is_somebody(&self) -> bool {
        [&self.given_name, &self.family_name, &self.phone, &self.email].into_iter().any(Option::is_some)
    }

    /// The day the membership began, unless the list says that it is none or on trial.
    pub(crate) fn member_from(&self) -> Option<Date> {
        let holds = |status| matches!(status, Membership::Member | Membership::Leaving | Membership::Unknown);
        self.member_since.filter(|_| self.membership.is_none_or(holds))
    }

    /// The name as people say it.
    pub(crate) fn name(&self) -> String {
        let names = [&self.given_name, &self.family_name].into_iter().flatten();
        names.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// The rows of a list, each read by the meaning of its columns when its turn comes.
pub(crate) struct ReadRows {
    rows: std::vec::IntoIter<(Cells, Option<NumberTag>)>,
    /// How many cells held a personal number, which was left out.
    pub(crate) numbers_left_out: usize,
    /// [`List::sha256`], or that of what is left without the personal numbers in columns that are said to hold some.
    pub(crate) sha256: String,
    columns: Vec<Column>,
    country: Country,
    /// How many cells the header has.
    width: Option<usize>,
    open_end: bool,
}

/// Reads every row by the meaning of its columns, without the personal numbers in those that are said to hold some.
pub(crate) fn read_rows(list: &List, columns: &[Column], country: Country) -> ReadRows {
    let mut rows = list.rows.clone();
    let is_said = |at: &usize| columns.get(*at) == Some(&Column::PersonalNumber) && !list.held_numbers(*at);
    let said: Vec<usize> = (0..columns.len()).filter(is_said).collect();
    let mut header = list.header.clone();
    let more = if said.is_empty() { 0 } else { take_out_said(header.as_mut(), &mut rows, &said) };
    let sha256 = if more == 0 { list.sha256() } else { sha256_of_rest(header.iter().chain(&rows)) };
    let rows: Vec<_> = rows.into_iter().zip(list.tags.iter().copied()).collect();
    ReadRows {
        rows: rows.into_iter(),
        numbers_left_out: list.numbers_found() + more,
        sha256,
        columns: columns.to_vec(),
        country,
        width: list.header.as_ref().map(|header| header.cells.len()),
        open_end: list.open_end,
    }
}

impl ReadRows {
    /// So many of the next rows.
    pub(crate) fn next_rows(&mut self, count: usize) -> Vec<Listed> {
        let next: Vec<_> = self.rows.by_ref().take(count).collect();
        let mut listed = abreast::each_small(next, |(row, tag)| self.read(&row, tag));
        self.note_open_end(listed.last_mut());
        listed
    }

    fn read(&self, row: &Cells, tag: Option<NumberTag>) -> Listed {
        Listed { tag, ..read_row(row, &self.columns, self.country, self.width) }
    }

    /// Notes in the last row that the file ends within its line.
    fn note_open_end(&self, row: Option<&mut Listed>) {
        if self.open_end && self.rows.len() == 0 {
            row.into_iter().for_each(|row| row.notes.push(RowNote::NoLineEnd));
        }
    }
}

impl Iterator for ReadRows {
    type Item = Listed;

    fn next(&mut self) -> Option<Listed> {
        let (row, tag) = self.rows.next()?;
        let mut listed = self.read(&row, tag);
        self.note_open_end(Some(&mut listed));
        Some(listed)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl ExactSizeIterator for ReadRows {}

fn read_row(row: &Cells, columns: &[Column], country: Country, width: Option<usize>) -> Listed {
    let mut listed = Listed { line: row.line, ..Listed::default() };
    let mut whole_name = None;
    for (cell, column) in row.cells.iter().zip(columns) {
        let cell = clean(cell);
        if cell.is_empty() {
            continue;
        }
        let text = || Some(cell.clone());
        match column {
            Column::GivenName => listed.given_name = Some(names::cased(&cell)),
            Column::FamilyName => listed.family_name = Some(names::cased(&cell)),
            Column::Name => whole_name = Some(names::apart(&cell)),
            Column::Phone => phone(cell, country, &mut listed),
            Column::Email => email(&cell, &mut listed),
            Column::Workplace => listed.workplace = text(),
            Column::Department => listed.department = text(),
            Column::Job => listed.job = text(),
            Column::Language => listed.language = Some(words::language(&cell).map_or(cell, str::to_owned)),
            Column::HiredOn => listed.hired_on = noted(day(&cell), &mut listed.notes),
            Column::StudentUntil => listed.student_until = noted(day(&cell), &mut listed.notes),
            Column::MemberSince => listed.member_since = noted(day(&cell), &mut listed.notes),
            Column::Membership => {
                let word = words::membership(&cell).ok_or(RowNote::UnknownMembership);
                listed.membership = noted(word, &mut listed.notes);
            }
            Column::Note => add(&mut listed.note, &cell, "; "),
            Column::PersonalNumber | Column::Ignored => {}
        }
    }
    if let Some((given, family)) = whole_name {
        listed.given_name = listed.given_name.or(given);
        listed.family_name = listed.family_name.or(family);
    }
    if listed.member_since.is_some() && listed.member_from().is_none() {
        listed.notes.push(RowNote::SinceLeftOut);
    }
    // A last empty cell is often left out; anything else is a separator too many or too few.
    if width.is_some_and(|width| {
        row.cells.len() > width && row.cells.iter().skip(width).any(|cell| !cell.trim().is_empty())
    }) {
        listed.notes.push(RowNote::OtherWidth);
    }
    listed
}

fn noted<T>(read: Result<T, RowNote>, notes: &mut Vec<RowNote>) -> Option<T> {
    read.map_err(|note| notes.push(note)).ok()
}

/// A cell in one form: composed letters, one space between words, without what cannot be seen and without the `'` that
/// keeps a spreadsheet from reckoning, at its beginning or where another would split it.
fn clean(cell: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let seen: String = cell.nfc().filter(|letter| !is_unseen(*letter)).collect();
    let seen = as_it_was(&seen);
    let words: Vec<_> = seen.split_whitespace().collect();
    let joined = words.join(" ");
    match joined.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || "=+-@".contains(c)) => rest.to_owned(),
        _ if matches!(
            joined.to_lowercase().as_str(),
            "-" | "–" | "—" | "n/a" | "#n/a" | "null" | "saknas" | "." | "?" | "none" | "(blank)" | "(tom)"
        ) =>
        {
            String::new()
        }
        _ => joined,
    }
}

/// Adds to what other columns said, unless one of them said the same.
fn add(to: &mut Option<String>, more: &str, between: &str) {
    match to {
        Some(text) if text.split(between).any(|one| one.eq_ignore_ascii_case(more)) => {}
        Some(text) => {
            text.push_str(between);
            text.push_str(more);
        }
        None => *to = Some(more.to_owned()),
    }
}

/// A telephone stays as it was typed, unless a spreadsheet took it for a number. As a power of ten it is whole where all its
/// digits are there, and none where the last were rounded away. Of a cell that repeats what another column had, only the rest
/// is kept.
fn phone(cell: String, country: Country, listed: &mut Listed) {
    let Some(cell) = without_power(cell) else { return listed.notes.push(RowNote::PhoneRounded) };
    let cell = reckoned(&cell).unwrap_or(cell);
    if is_rounded(&cell) {
        return listed.notes.push(RowNote::PhoneRounded);
    }
    let cell = match PhoneKey::all(&cell, country).is_empty() {
        true => two_apart(&cell, country).unwrap_or(cell),
        false => cell,
    };
    let keys = PhoneKey::all(&cell, country);
    let known = listed.phone.as_deref().map(|phone| PhoneKey::all(phone, country)).unwrap_or_default();
    let is_known = |key: &PhoneKey| known.contains(key);
    if keys.is_empty() {
        listed.notes.push(RowNote::NoPhoneInIt);
    } else if !keys.iter().any(is_known) {
        add(&mut listed.phone, &cell, " / ");
    } else if !keys.iter().all(is_known) {
        for part in cell.split([',', ';', '/', '|']).map(str::trim).filter(|part| !part.is_empty()) {
            let (old, new): (Vec<_>, Vec<_>) = PhoneKey::all(part, country).into_iter().partition(is_known);
            if old.is_empty() {
                add(&mut listed.phone, part, " / ");
            } else {
                new.iter().for_each(|key| add(&mut listed.phone, &format!("+{key}"), " / "));
            }
        }
    }
}

fn without_power(cell: String) -> Option<String> {
    let upper = cell.to_ascii_uppercase().replace(',', ".");
    let Some((mantissa, power)) = upper.split_once('E').filter(|(mantissa, _)| mantissa.parse::<f64>().is_ok()) else {
        return Some(cell);
    };
    let Ok(power) = power.parse::<usize>() else { return Some(cell) };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let number = upper.parse::<f64>().ok().filter(|_| digits > power)?;
    Some(format!("{number:.0}"))
}

/// A telephone that was rounded to the digits of 4.67017E+10 and written out again.
fn is_rounded(cell: &str) -> bool {
    const SHOWN: usize = 11;
    let is_whole = cell.len() >= SHOWN && !cell.starts_with('0') && cell.bytes().all(|digit| digit.is_ascii_digit());
    is_whole && cell.ends_with("00000")
}

/// A telephone that a spreadsheet took for a number, without its decimals and without the marks between thousands:
/// 701740612.0, 701 740 612,00, 701,740,612.
fn reckoned(cell: &str) -> Option<String> {
    const FEWEST: usize = 7;
    let bare = cell.trim_end_matches('0');
    let whole = bare.strip_suffix(['.', ',']).filter(|_| (1..=2).contains(&(cell.len() - bare.len())));
    let groups: Vec<&str> = whole.unwrap_or(cell).split([' ', '.', ',']).collect();
    let by_thousands = match groups.as_slice() {
        [first, rest @ ..] => rest.is_empty() || (first.len() <= 3 && rest.iter().all(|group| group.len() == 3)),
        [] => false,
    };
    let digits = groups.concat();
    let is_number = by_thousands && digits.len() >= FEWEST && digits.bytes().all(|digit| digit.is_ascii_digit());
    (is_number && (whole.is_some() || cell.contains(','))).then_some(digits)
}

/// Two telephones with nothing but a space, a new line or a dash between them, put apart: two of about one length in a cell
/// that is none as a whole.
fn two_apart(cell: &str, country: Country) -> Option<String> {
    const DIFFER: usize = 2;
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    let is_one = |part: &str| PhoneKey::all(part, country).len() == 1;
    let cuts = cell.match_indices(' ').map(|(at, _)| cell.split_at(at));
    let cuts = cuts.filter(|(one, other)| is_one(one) && is_one(other));
    let cuts = cuts.map(|(one, other)| (digits(one).abs_diff(digits(other)), one, other));
    let (_, one, other) = cuts.filter(|(differ, ..)| *differ <= DIFFER).min_by_key(|(differ, ..)| *differ)?;
    let bare = |part: &str| part.trim_matches(|letter: char| " -–".contains(letter)).to_owned();
    Some(format!("{} / {}", bare(one), bare(other)))
}

/// Addresses stay as they were typed, without what stands around them: a name, `mailto:`, brackets, "e-post:".
fn email(cell: &str, listed: &mut Listed) {
    let parts = cell.split(|letter: char| letter.is_whitespace() || ",;:/|<>()[]\"”“".contains(letter));
    let parts = parts.map(|part| part.trim_start_matches('\'').trim_end_matches(['\'', '.']));
    let is_host =
        |host: &str| host.contains('.') && host.split('.').all(|part| !part.is_empty() && !part.contains('@'));
    let addresses =
        parts.filter(|part| part.split_once('@').is_some_and(|(name, host)| !name.is_empty() && is_host(host)));
    let mut any = false;
    for address in addresses {
        any = true;
        add(&mut listed.email, address, ", ");
    }
    if !any {
        listed.notes.push(RowNote::NoEmailInIt);
    }
}
