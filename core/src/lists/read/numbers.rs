//! Personal numbers, found so that they can be forgotten.
//!
//! A list from an employer names people by the number of their state. It says better than any name who is who, and the
//! register must never have it. So it is taken out of the rows before anything else reads them: from columns that are
//! named for it, from columns that look like it, and out of any other cell: by its look, by the word before it, and because
//! a column of numbers has it, in this row or in another. A comparison hands in a key and gets a [`NumberTag`] instead, the
//! same for the same number however it was written; the key lives as long as the comparison.
//!
//! Dates are not asked whether they exist: numbers for guests, for tests and by mistake have days and months that do not.

mod cut;
mod known;
mod words;

use csv::StringRecord;

use super::{Cells, is_unseen};
use crate::lists::columns::{self, Column};
use crate::register::phone::PhoneKey;
use crate::seal::MatchKey;
use crate::tables::Country;
use cut::{Cut, Spot};
use known::{Form, Known, Own, Stood};

/// What the key of one comparison makes of a personal number. Says nothing without that key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NumberTag([u8; 16]);

impl std::fmt::Debug for NumberTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NumberTag(…)")
    }
}

impl NumberTag {
    pub(crate) fn of_number(number: &str, key: &MatchKey) -> Self {
        Self(key.tag(number.as_bytes()))
    }
}

/// What was taken out.
pub(super) struct Found {
    pub(super) columns: Vec<usize>,
    pub(super) tags: Vec<Option<NumberTag>>,
    pub(super) count: usize,
}

/// Of this share of a column's cells, in percent, that look like personal numbers, the column is one of them.
const SHARE: usize = 60;
/// Fewer cells than these say nothing about their column.
const CELLS: usize = 3;
/// Of this share of a column's cells, in percent, that are surely mobile telephones, the others that look so are telephones, too.
const MOST: usize = 80;

/// Takes the personal numbers out of the rows, out of what stands above them, and out of the name of their sheet.
pub(super) fn take_out(
    mut header: Option<&mut Cells>,
    sheet: Option<&mut String>,
    rows: &mut [Cells],
    width: usize,
    key: Option<&MatchKey>,
) -> Found {
    rows.iter_mut().chain(header.as_deref_mut()).for_each(write_plainly);
    let kinds = kinds(header.as_deref(), &[], rows, width);
    let (known, searched) = search(rows, &kinds, key);
    let mut found = Found {
        columns: (0..width).filter(|column| matches!(kinds.get(*column), Some(Kind::Numbers { .. }))).collect(),
        tags: searched.iter().map(|of_row| of_row.tag).collect(),
        count: found_in(&searched),
    };
    found.count += header.map_or(0, |header| take_out_of_header(header, &known));
    if let Some(sheet) = sheet {
        *sheet = without_numbers(sheet);
        if let Some(rest) = known.cut_out(sheet, &Own::default(), Stood::InText) {
            *sheet = rest;
        }
    }
    found
}

/// Takes out of rows that were read, and of what stands above them, what else is known to be a number once somebody says that
/// these columns hold some, and tells how many cells had one.
pub(crate) fn take_out_said(header: Option<&mut Cells>, rows: &mut [Cells], said: &[usize]) -> usize {
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let kinds = kinds(header.as_deref(), said, rows, width);
    let (known, searched) = search(rows, &kinds, None);
    found_in(&searched) + header.map_or(0, |header| take_out_of_header(header, &known))
}

/// Takes the numbers out of what stands above the columns, and tells how many cells had one.
fn take_out_of_header(header: &mut Cells, known: &Known) -> usize {
    let mut of_header = Searched::by_look(header, &[], None);
    of_header.for_known(header, &[], known);
    of_header.cut.len()
}

/// Searches the rows, first by themselves and then for what the columns of numbers have.
fn search(rows: &mut [Cells], kinds: &[Kind], key: Option<&MatchKey>) -> (Known, Vec<Searched>) {
    let mut known = Known::default();
    let mut searched = Vec::with_capacity(rows.len());
    for row in rows.iter_mut() {
        let of_row = Searched::by_look(row, kinds, key);
        known.learn(&of_row.own);
        searched.push(of_row);
    }
    for (row, of_row) in rows.iter_mut().zip(&mut searched) {
        of_row.for_known(row, kinds, &known);
    }
    (known, searched)
}

fn found_in(searched: &[Searched]) -> usize {
    searched.iter().map(|of_row| of_row.cut.len()).sum()
}

/// A text that somebody writes beside a list, without what is a personal number by its look or by the word before it.
pub(crate) fn without_numbers(text: &str) -> String {
    let text = plainly(text);
    cut_out(&text, &IN_TEXT).map_or(text, |cut| cut.rest)
}

/// Leaves out of a row what nobody sees, which would hide a number here and be left out of the cell later, and writes the digits
/// of other scripts and widths as ours.
fn write_plainly(row: &mut Cells) {
    let is_other = |letter: char| is_unseen(letter) || digit(letter).is_some();
    if row.cells.iter().any(|cell| !cell.is_ascii() && cell.contains(is_other)) {
        let cells: Vec<_> = row.cells.iter().map(plainly).collect();
        row.cells = StringRecord::from(cells);
    }
}

fn plainly(text: &str) -> String {
    let seen = text.chars().filter(|letter| !is_unseen(*letter));
    seen.map(|letter| digit(letter).unwrap_or(letter)).collect()
}

/// A digit of full width, or of the Arabs or the Persians, as ours.
fn digit(letter: char) -> Option<char> {
    let zero = match letter {
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        _ => return None,
    };
    char::from_digit(u32::from(letter) - u32::from(zero), 10)
}

/// A row whose numbers are taken out.
#[derive(Default)]
struct Searched {
    tag: Option<NumberTag>,
    /// The columns in which something was found.
    cut: Vec<usize>,
    /// What was found, to be looked for in the whole row.
    own: Vec<Form>,
}

impl Searched {
    /// Empties the columns of numbers, and cuts out of the others what is a number by its look or by the word before it.
    fn by_look(row: &mut Cells, kinds: &[Kind], key: Option<&MatchKey>) -> Self {
        let mut of_row = Self::default();
        let mut changed = Vec::new();
        for (column, cell) in row.cells.iter().enumerate() {
            let Some(cut) = kind_of(kinds, column).without_numbers(cell) else { continue };
            of_row.tag = of_row.tag.or(cut.number.zip(key).map(|(number, key)| NumberTag::of_number(&number, key)));
            of_row.cut.push(column);
            of_row.own.extend(cut.forms);
            changed.push((column, cut.rest));
        }
        change(row, changed);
        of_row
    }

    /// Cuts out what this row or the list's columns of numbers have elsewhere.
    fn for_known(&mut self, row: &mut Cells, kinds: &[Kind], known: &Known) {
        let own = Own::of(&self.own);
        let mut changed = Vec::new();
        for (column, cell) in row.cells.iter().enumerate() {
            let least = kind_of(kinds, column).least();
            let Some(rest) = known.cut_out(cell, &own, least) else { continue };
            if !self.cut.contains(&column) {
                self.cut.push(column);
            }
            changed.push((column, rest));
        }
        change(row, changed);
    }
}

fn kind_of(kinds: &[Kind], column: usize) -> Kind {
    kinds.get(column).copied().unwrap_or(Kind::Text)
}

/// Writes other texts into these columns of a row.
fn change(row: &mut Cells, changed: Vec<(usize, String)>) {
    if changed.is_empty() {
        return;
    }
    let mut cells: Vec<_> = row.cells.iter().map(str::to_owned).collect();
    for (column, text) in changed {
        if let Some(cell) = cells.get_mut(column) {
            *cell = text;
        }
    }
    row.cells = StringRecord::from(cells);
}

/// What a column holds, as far as personal numbers go.
#[derive(Clone, Copy)]
enum Kind {
    /// Personal numbers of mostly so many digits.
    Numbers {
        /// How many digits most of them have.
        digits: usize,
        /// By what the column is one of them.
        stood: Stood,
    },
    /// Telephones, whose digits may look like anything.
    Phones,
    /// Mobile telephones of a country by what stands in it, though nobody says so.
    Mobiles(Country),
    /// Anything else.
    Text,
}

/// What each column holds, by what stands above it and in it, or as somebody says.
fn kinds(header: Option<&Cells>, said: &[usize], rows: &[Cells], width: usize) -> Vec<Kind> {
    let above = |column: usize| match said.contains(&column) {
        true => Some(Column::PersonalNumber),
        false => header.and_then(|row| row.cells.get(column)).and_then(columns::meaning_of),
    };
    (0..width).map(|column| kind(above(column), rows, column)).collect()
}

fn kind(above: Option<Column>, rows: &[Cells], column: usize) -> Kind {
    let cells = || rows.iter().filter_map(|row| row.cells.get(column)).map(str::trim).filter(|cell| !cell.is_empty());
    let numbers = |stood| {
        let lengths: Vec<_> = cells().map(|cell| cell.bytes().filter(u8::is_ascii_digit).count()).collect();
        let digits = [10, 11, 12].into_iter().max_by_key(|length| lengths.iter().filter(|l| l == &length).count());
        Kind::Numbers { digits: digits.unwrap_or(10), stood }
    };
    match above {
        Some(Column::PersonalNumber) => numbers(Stood::UnderItsName),
        Some(Column::Phone) => Kind::Phones,
        _ => {
            let all = cells().count();
            let alike = cells().filter(|cell| looks_like_one(cell)).count();
            if all >= CELLS && alike * 100 >= all * SHARE {
                return numbers(Stood::InColumn);
            }
            // What is called something else may hold anything.
            let country = if above.is_none() { mobiles_of(cells) } else { None };
            country.map_or(Kind::Text, Kind::Mobiles)
        }
    }
}

impl Kind {
    /// How sure a number must be that is known from elsewhere. What only looks like one may be a telephone among them.
    const fn least(self) -> Stood {
        match self {
            Self::Phones | Self::Mobiles(_) => Stood::UnderItsName,
            Self::Numbers { .. } | Self::Text => Stood::InText,
        }
    }

    /// The cell without personal numbers; nothing where it holds none.
    fn without_numbers(self, cell: &str) -> Option<Cut> {
        match self {
            Self::Numbers { .. } if cell.trim().is_empty() => None,
            Self::Numbers { digits, stood } => Some(Cut {
                rest: String::new(),
                number: one_form(cell, digits),
                forms: Form::all_of(cell, digits, stood),
            }),
            // It is no telephone either, and that is told.
            Self::Phones | Self::Mobiles(_) if is_rounded(without_decimals(cell.trim())) => None,
            Self::Phones => cut_out(cell, &IN_PHONES),
            Self::Mobiles(country) if mobile(cell) == Some(country) && may_be_a_mobile(cell.trim()) => None,
            Self::Mobiles(_) | Self::Text => cut_out(cell, &IN_TEXT),
        }
    }
}

/// The shapes that are told from a telephone by more than their digits.
const SURE: [Shape; 5] = [century, dashed, hyphened, finnish, norwegian];
/// The shapes that are cut out of texts.
const IN_TEXT: [Shape; 7] = [century, dashed, hyphened, finnish, norwegian, spaced, plain];
/// The shapes that are cut out of telephones.
const IN_PHONES: [Shape; 4] = [century, dashed, finnish, no_telephone];

/// The country whose mobile telephones a column holds: nearly all cells are such and nothing else, and no cell has what is
/// surely a personal number. A column in which both may stand is none of telephones.
fn mobiles_of<'a, C: Iterator<Item = &'a str>>(cells: impl Fn() -> C) -> Option<Country> {
    let all = cells().count();
    let is_sure = |cell: &str| !is_rounded(without_decimals(cell)) && cut_out(cell, &SURE).is_some();
    if all < CELLS || cells().any(is_sure) {
        return None;
    }
    let is_of = |country: &Country| {
        let sure = cells().filter(|cell| mobile(cell) == Some(*country) && cut_out(cell, &IN_TEXT).is_none());
        sure.count() * 100 >= all * MOST
    };
    MOBILES.iter().map(|(country, ..)| *country).find(is_of)
}

/// Whose mobile numbers, written with their 0, have ten digits: the country, its code, and what they begin with after it.
const MOBILES: [(Country, &str, &[&str]); 2] =
    [(Country::Se, "46", &["70", "72", "73", "76", "79"]), (Country::Fi, "358", &["4", "50"])];

/// The country that a cell is a mobile telephone of, and nothing more.
fn mobile(cell: &str) -> Option<Country> {
    let is_of_one = |letter: char| letter.is_ascii_digit() || letter.is_whitespace() || "+-–.()".contains(letter);
    if !cell.chars().all(is_of_one) {
        return None;
    }
    MOBILES.iter().find_map(|(country, code, beginnings)| {
        let keys = PhoneKey::all(cell, *country);
        let [key] = keys.as_slice() else { return None };
        let whole = key.to_string();
        let rest = whole.strip_prefix(*code).filter(|rest| rest.len() == 9)?;
        beginnings.iter().any(|beginning| rest.starts_with(*beginning)).then_some(*country)
    })
}

/// Whether a cell that looks like a mobile telephone is one, where nearly all others are: it is no personal number, or would be a
/// coordination number. What would be anybody else's number may be one.
fn may_be_a_mobile(cell: &str) -> bool {
    digits(cell, 10).is_none_or(|number| cell.len() == 10 && !is_swedish(number) && !is_danish(number))
}

/// Whether a whole cell is a personal number by its look, or by its check digits where it looks like any number.
fn looks_like_one(cell: &str) -> bool {
    let shapes: [Shape; 8] = [century, dashed, hyphened, finnish, norwegian, spaced, luhn_10, danish_10];
    shapes.iter().any(|shape| shape(cell).is_some_and(|(length, _)| length == cell.len()))
}

/// The one form of what stands in a column of personal numbers: `YYMMDDNNNN` for Sweden, without its century;
/// eleven digits for Norway, ten for Denmark, and for Finland without the sign of the century. Nothing for what is too short,
/// and for what was rounded.
fn one_form(cell: &str, digits: usize) -> Option<String> {
    let cell = without_decimals(cell.trim());
    let letters: String = cell.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    if let Some((_, number)) = finnish(cell).or_else(|| hyphened(cell)).filter(|(length, _)| ends_at(cell, *length)) {
        return Some(number);
    }
    if !is_digits(&letters) {
        // Finland's without the sign of the century ends in a letter.
        return Some(letters).filter(|letters| letters.len() == 10 && letters.get(..9).is_some_and(is_digits));
    }
    // Many would have one number.
    if is_rounded(&letters) {
        return None;
    }
    match (letters.len(), digits) {
        (12, _) => letters.get(2..).map(str::to_owned),
        // A spreadsheet eats the 0 that a number begins with.
        (10, 11) | (9, 10 | 12) => Some(format!("0{letters}")),
        (8, 10 | 12) => Some(format!("00{letters}")),
        (10 | 11, _) => Some(letters),
        _ => None,
    }
}

/// Whether a spreadsheet has rounded a number: 1.98E+11, written out in a workbook.
fn is_rounded(number: &str) -> bool {
    is_digits(number) && number.ends_with("000000")
}

/// A number without the `.0` or `,00` that a program puts after all of its numbers.
fn without_decimals(cell: &str) -> &str {
    let whole = cell.rsplit_once(['.', ',']).filter(|(_, decimals)| matches!(*decimals, "0" | "00"));
    whole.map_or(cell, |(whole, _)| whole)
}

/// How many bytes at the start of a text are a personal number, and its one form.
type Shape = fn(&str) -> Option<(usize, String)>;

/// The text without what has one of these shapes or stands after a word for it; nothing where there is no such thing.
fn cut_out(text: &str, shapes: &[Shape]) -> Option<Cut> {
    const FEWEST: usize = 9;
    if text.bytes().filter(u8::is_ascii_digit).count() < FEWEST {
        return None;
    }
    let mut spots = words::after_words(text);
    spots.extend(by_shape(text, shapes));
    Cut::of(text, spots)
}

/// What has one of these shapes, within no other number.
fn by_shape(text: &str, shapes: &[Shape]) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut before: Option<char> = None;
    let mut at = 0;
    while let Some(here) = text.get(at..).filter(|here| !here.is_empty()) {
        let Some(letter) = here.chars().next() else { break };
        let goes_on = before.is_some_and(|before| before.is_numeric() || before == '+');
        let may_begin = letter.is_ascii_digit() && !goes_on;
        // What is too short in one shape may be whole in the next.
        let whole = |shape: &Shape| shape(here).filter(|(length, number)| is_whole(before, here, *length, number));
        let found = shapes.iter().filter(|_| may_begin).find_map(whole);
        let length = found.as_ref().map_or(letter.len_utf8(), |(length, _)| *length);
        before = Some(if found.is_some() { '0' } else { letter });
        spots.extend(found.map(|(length, number)| Spot { place: at..at + length, number }));
        at += length;
    }
    spots
}

/// Whether so many bytes are a number on their own. What is glued to a word has to be one by more than its look.
fn is_whole(before: Option<char>, text: &str, length: usize, number: &str) -> bool {
    let after = text.get(length..).and_then(|after| after.chars().next());
    let is_glued = before.is_some_and(char::is_alphabetic) || after.is_some_and(char::is_alphabetic);
    !after.is_some_and(char::is_numeric) && (!is_glued || is_surely_one(number))
}

/// Whether a number in its one form has a day that there may be, or the right check digit.
fn is_surely_one(number: &str) -> bool {
    match number.len() {
        // Norway's is found by its check digits.
        11 => true,
        _ if is_digits(number) => is_likely(number),
        _ => number.get(..9).and_then(finnish_check).is_some_and(|check| number.ends_with(check)),
    }
}

/// Whether no word and no number goes on after so many bytes.
fn ends_at(text: &str, length: usize) -> bool {
    !text.get(length..).is_some_and(|after| after.starts_with(char::is_alphanumeric))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first `count` bytes where they are digits.
fn digits(text: &str, count: usize) -> Option<&str> {
    text.get(..count).filter(|part| is_digits(part))
}

/// What stands between the day and the last digits: a hyphen, or what a program makes of one, and a plus for whoever is a hundred.
const HYPHENS: [char; 12] = [
    '-', '+', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}', '\u{fe63}',
    '\u{ff0b}', '\u{ff0d}',
];

fn is_hyphen(letter: char) -> bool {
    HYPHENS.contains(&letter)
}

/// How many bytes the first letter has, if it is such a one.
fn first_as(text: &str, fits: impl Fn(char) -> bool) -> Option<usize> {
    text.chars().next().filter(|letter| fits(*letter)).map(char::len_utf8)
}

/// What stands between the day and the last digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parting {
    Nothing,
    Hyphen,
    Blanks,
    /// A hyphen with blanks before or after it, as there may be between two amounts or days, too.
    Loose,
}

/// What a text begins with between the day and the last digits, and how many bytes that is: blanks, at most one hyphen, blanks.
fn parted(text: &str) -> (usize, Parting) {
    let blanks = |text: &str| text.len() - text.trim_start().len();
    let before = blanks(text);
    let rest = text.get(before..).unwrap_or_default();
    let Some(hyphen) = first_as(rest, is_hyphen) else {
        return (before, if before == 0 { Parting::Nothing } else { Parting::Blanks });
    };
    let after = blanks(rest.get(hyphen..).unwrap_or_default());
    let parting = if before + after == 0 { Parting::Hyphen } else { Parting::Loose };
    (before + hyphen + after, parting)
}

/// Whether a hyphen and a digit come next, as after the year of a day: `2018-08-22 - 2019-08-22`.
fn goes_on(after: &str) -> bool {
    let rest = first_as(after, is_hyphen).and_then(|hyphen| after.get(hyphen..));
    rest.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// Whether ten digits that a loose hyphen parts are a number: by a day that there may be, or by a check digit that is right.
fn is_likely(number: &str) -> bool {
    let is_day = may_be(pair(number, 2), pair(number, 4)) || may_be(pair(number, 2), pair(number, 0));
    is_day || luhn_10(number).is_some() || danish_10(number).is_some()
}

fn has_century(text: &str) -> bool {
    ["18", "19", "20"].iter().any(|century| text.starts_with(century))
}

/// `19YYMMDD-NNNN`, with or without its hyphen.
fn century(text: &str) -> Option<(usize, String)> {
    let day = digits(text, 8).filter(|day| has_century(day))?;
    let after = text.get(8..)?;
    let (gap, parting) = parted(after);
    let number = format!("{}{}", day.get(2..)?, digits(after.get(gap..)?, 4)?);
    let fits = parting != Parting::Loose || is_likely(&number) && !goes_on(after.get(gap + 4..)?);
    fits.then_some((12 + gap, number))
}

/// `19YY-MM-DD-NNNN`. A time may stand after a day, too: where there are blanks the check digit has to be right.
fn dashed(text: &str) -> Option<(usize, String)> {
    let mut number = digits(text, 4).filter(|year| has_century(year))?.get(2..)?.to_owned();
    let mut rest = text.get(4..)?;
    for _ in 0..2 {
        let after = rest.get(first_as(rest, is_hyphen)?..)?;
        number.push_str(digits(after, 2)?);
        rest = after.get(2..)?;
    }
    let (gap, parting) = parted(rest);
    number.push_str(digits(rest.get(gap..)?, 4)?);
    let after = rest.get(gap + 4..)?;
    let fits = match parting {
        Parting::Nothing => false,
        Parting::Hyphen => true,
        Parting::Blanks => is_swedish(&number) || is_coordination(&number),
        Parting::Loose => luhn_10(&number).is_some(),
    };
    (fits && !goes_on(after)).then(|| (text.len() - after.len(), number))
}

/// `YYMMDD-NNNN` of Sweden and `DDMMYY-NNNN` of Denmark.
fn hyphened(text: &str) -> Option<(usize, String)> {
    let day = digits(text, 6)?;
    let after = text.get(6..)?;
    let (gap, parting) = parted(after);
    let number = format!("{day}{}", digits(after.get(gap..)?, 4)?);
    let fits = match parting {
        Parting::Hyphen => true,
        Parting::Loose => is_likely(&number) && !goes_on(after.get(gap + 4..)?),
        Parting::Nothing | Parting::Blanks => false,
    };
    fits.then_some((10 + gap, number))
}

/// The same among telephones, which have hyphens, too: it is likely one, and where it begins with a 0, as they do, both its day
/// and its check digit are right.
fn no_telephone(text: &str) -> Option<(usize, String)> {
    let is_one = |number: &str| if number.starts_with('0') { is_anybodys(number) } else { is_likely(number) };
    hyphened(text).filter(|(_, number)| is_one(number))
}

/// The same with blanks, as telephones have, too: with a day that there may be and a check digit that is right.
fn spaced(text: &str) -> Option<(usize, String)> {
    let day = digits(text, 6)?;
    let after = text.get(6..)?;
    let (gap, parting) = parted(after);
    let number = format!("{day}{}", digits(after.get(gap..)?, 4)?);
    (parting == Parting::Blanks && is_anybodys(&number)).then_some((10 + gap, number))
}

/// `DDMMYY-NNNC` of Finland, whose sign tells the century. With a hyphen and ten digits it looks like a telephone, and then the
/// day and the check letter have to be right; with blanks, too, the check letter has.
fn finnish(text: &str) -> Option<(usize, String)> {
    let day = digits(text, 6)?;
    let after = text.get(6..)?;
    let letter = first_as(after, |letter| "ABCDEFUVWXYabcdefuvwxy".contains(letter));
    let (sign, parting) = letter.map_or_else(|| parted(after), |length| (length, Parting::Nothing));
    if letter.is_none() && !matches!(parting, Parting::Hyphen | Parting::Loose) {
        return None;
    }
    let rest = after.get(sign..)?;
    let nine = format!("{day}{}", digits(rest, 3)?);
    let check = rest.get(3..4).filter(|check| check.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    let check = check.to_ascii_uppercase();
    let is_right = finnish_check(&nine).is_some_and(|right| check.starts_with(right));
    let fits = match parting {
        Parting::Loose => is_right,
        Parting::Hyphen if is_digits(&check) => is_right && may_be(pair(&nine, 2), pair(&nine, 0)),
        _ => true,
    };
    fits.then(|| (10 + sign, format!("{nine}{check}")))
}

/// The check letter of Finland for the nine digits before it.
fn finnish_check(nine: &str) -> Option<char> {
    const CHECKS: &str = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    let number: usize = nine.parse().ok()?;
    CHECKS.chars().nth(number % CHECKS.len())
}

/// `DDMMYYNNNNN` of Norway, with or without a space or a hyphen, by its two check digits.
fn norwegian(text: &str) -> Option<(usize, String)> {
    let day = digits(text, 6)?;
    let after = text.get(6..)?;
    let (gap, _) = parted(after);
    let number = format!("{day}{}", digits(after.get(gap..)?, 5)?);
    let first = sum(&number, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let second = sum(&number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    (first.is_multiple_of(11) && second.is_multiple_of(11)).then_some((11 + gap, number))
}

/// Ten digits in a text about other things: those of a day that there may be, with a check digit that is right. A telephone in
/// a column of its own never comes here; another that happens to be such a number is lost, which is better than a number that
/// is kept.
fn plain(text: &str) -> Option<(usize, String)> {
    let number = digits(text, 10)?;
    is_anybodys(number).then(|| (10, number.to_owned()))
}

/// Whether ten digits may be the number of somebody.
fn is_anybodys(number: &str) -> bool {
    is_swedish(number) || is_coordination(number) || is_danish(number)
}

/// Two digits of a number.
fn pair(number: &str, at: usize) -> u8 {
    number.get(at..at + 2).and_then(|pair| pair.parse().ok()).unwrap_or(0)
}

fn may_be(month: u8, day: u8) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn is_swedish(number: &str) -> bool {
    may_be(pair(number, 2), pair(number, 4)) && luhn_10(number).is_some()
}

/// Sweden adds 60 to the day for whoever is not registered there.
fn is_coordination(number: &str) -> bool {
    may_be(pair(number, 2), pair(number, 4).saturating_sub(60)) && luhn_10(number).is_some()
}

fn is_danish(number: &str) -> bool {
    may_be(pair(number, 2), pair(number, 0)) && danish_10(number).is_some()
}

/// Ten digits with the check digit of Sweden.
fn luhn_10(text: &str) -> Option<(usize, String)> {
    let number = digits(text, 10)?;
    let doubled = number.bytes().enumerate().map(|(place, digit)| {
        let digit = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
        digit / 10 + digit % 10
    });
    doubled.sum::<u32>().is_multiple_of(10).then(|| (10, number.to_owned()))
}

/// Ten digits with the check digit that Denmark gave until 2007.
fn danish_10(text: &str) -> Option<(usize, String)> {
    let number = digits(text, 10)?;
    sum(number, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11).then(|| (10, number.to_owned()))
}

fn sum(number: &str, weights: &[u32]) -> u32 {
    number.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum()
}
