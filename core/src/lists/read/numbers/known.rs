//! Numbers that the cells of a list say are some, found again wherever else they stand: with anything between their digits,
//! within words, and whatever their check digits are.
//!
//! At each letter of a text from which six digits go on, up to five pieces are looked up among the row's own numbers and the
//! list's. So the cost is that of the text's length, however many numbers there are: a hostile row of 4 MB takes up to ten times
//! as long as 14,000 ordinary rows of 60 bytes, in which six digits are seldom in a row.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::cut::without;
use super::{digits, has_century, is_hyphen, is_rounded, one_form, without_decimals};

/// So many letters a number has at least that has not lost its first zeros.
const WHOLE: usize = 10;
/// So many it has at least without them.
const SHORTEST: usize = 8;
/// So many it has at most without its century.
const LONGEST: usize = 11;

/// Where a number was found that is looked for elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stood {
    /// In a text, by its look or by the word before it.
    InText,
    /// In a column that looks like numbers.
    InColumn,
    /// In a column that is named for them.
    UnderItsName,
}

/// The letters and digits of a number, without anything between them.
pub(super) struct Form {
    letters: String,
    stood: Stood,
}

impl Form {
    pub(super) fn of(letters: String, stood: Stood) -> Self {
        Self { letters, stood }
    }

    /// All forms of what a column of numbers has in one cell. Most numbers of the column have so many digits.
    pub(super) fn all_of(cell: &str, most: usize, stood: Stood) -> Vec<Self> {
        let is_within = |letter: char| letter.is_alphanumeric() || is_hyphen(letter);
        // More than one number, or words beside it.
        let parts = cell.split([',', ';', '/', '|', '&', '\n']);
        let parts = parts.chain(cell.split(|letter: char| !is_within(letter)));
        let parts = parts.flat_map(|part| written(part, most)).filter(|letters| letters.len() >= WHOLE);
        // A set, or else a file of nothing but numbers would take up many times its size.
        let all: BTreeSet<_> = written(cell, most).into_iter().chain(parts).collect();
        all.into_iter().map(|letters| Self::of(letters, stood)).collect()
    }
}

/// How one number is written: whole, without its first zeros, and as it stands there.
fn written(cell: &str, most: usize) -> Vec<String> {
    let cell = without_decimals(cell.trim());
    let as_is: String = cell.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let from = if as_is.len() > LONGEST && has_century(&as_is) { 2 } else { 0 };
    let as_is = as_is.get(from..).map(str::to_owned);
    let whole = one_form(cell, most);
    let bare = whole.as_deref().map(|number| number.trim_start_matches('0').to_owned());
    whole.into_iter().chain(bare).chain(as_is).filter(|letters| may_be_one(letters)).collect()
}

fn may_be_one(letters: &str) -> bool {
    // Eight digits that begin so are a day.
    let is_day = letters.len() == SHORTEST && has_century(letters);
    let fits = (SHORTEST..=LONGEST).contains(&letters.len()) && digits(letters, 6).is_some();
    fits && !is_day && !is_rounded(letters)
}

/// The numbers in a list's columns of numbers, and the surest column that has each.
#[derive(Default)]
pub(super) struct Known(HashMap<String, Stood>);

impl Known {
    /// Learns what stood in columns of numbers. What has lost its first zeros may be anything in another row.
    pub(super) fn learn(&mut self, forms: &[Form]) {
        for form in forms.iter().filter(|form| form.stood > Stood::InText && form.letters.len() >= WHOLE) {
            let stood = self.0.entry(form.letters.clone()).or_insert(form.stood);
            *stood = form.stood.max(*stood);
        }
    }

    /// The text without these numbers and the row's own, as far as they are so sure; nothing where it has none.
    pub(super) fn cut_out(&self, text: &str, own: &Own<'_>, least: Stood) -> Option<String> {
        const FEWEST: usize = 6;
        let is_nothing_known = self.0.is_empty() && own.0.is_empty();
        if is_nothing_known || text.bytes().filter(u8::is_ascii_digit).count() < FEWEST {
            return None;
        }
        let letters = Letters::of(text);
        let mut places = Vec::new();
        let mut at = 0;
        while at < letters.places.len() {
            let length = self.length_at(&letters, at, own, least);
            places.extend(length.and_then(|length| letters.place(at, length)));
            at += length.unwrap_or(1);
        }
        (!places.is_empty()).then(|| without(text, places))
    }

    /// How many letters from here on are a known number. The row's own may stand within more digits.
    fn length_at(&self, letters: &Letters, at: usize, own: &Own<'_>, least: Stood) -> Option<usize> {
        let here = letters.text.get(at..)?;
        let day = digits(here, 6)?;
        let is_known = |number: &str, length: usize| {
            let is_whole = number.len() >= WHOLE;
            let is_own = own.0.get(number).is_some_and(|stood| *stood >= least);
            let is_anybodys = is_whole && self.0.get(number).is_some_and(|stood| *stood >= least);
            is_own && (is_whole || letters.is_one_word(at, length)) || is_anybodys && letters.is_apart(at, length)
        };
        // Finland's sign of the century is left out of the one form.
        let is_sign = |sign: &str| sign.bytes().all(|letter| letter.is_ascii_uppercase());
        let last = here.get(6..7).filter(|sign| is_sign(sign)).and_then(|_| here.get(7..LONGEST));
        if last.is_some_and(|last| is_known(&format!("{day}{last}"), LONGEST)) {
            return Some(LONGEST);
        }
        let mut lengths = (SHORTEST..=LONGEST).rev();
        lengths.find(|length| here.get(..*length).is_some_and(|number| is_known(number, *length)))
    }
}

/// The numbers of one row, and the surest of its columns that has each.
#[derive(Default)]
pub(super) struct Own<'a>(HashMap<&'a str, Stood>);

impl<'a> Own<'a> {
    pub(super) fn of(forms: &'a [Form]) -> Self {
        let mut own = HashMap::with_capacity(forms.len());
        for form in forms {
            let stood = own.entry(form.letters.as_str()).or_insert(form.stood);
            *stood = form.stood.max(*stood);
        }
        Self(own)
    }
}

/// The letters and digits of a text without anything between them, and where each of them stands.
struct Letters {
    text: String,
    places: Vec<usize>,
}

impl Letters {
    fn of(text: &str) -> Self {
        // A byte each, so that they are counted as their places are.
        const OTHER: char = '?';
        let one = |letter: char| if letter.is_ascii() { letter.to_ascii_uppercase() } else { OTHER };
        let letters = text.char_indices().filter(|(_, letter)| letter.is_alphanumeric());
        let (places, text) = letters.map(|(place, letter)| (place, one(letter))).unzip();
        Self { text, places }
    }

    /// Where so many of them stand in the text, with the century before them.
    fn place(&self, at: usize, length: usize) -> Option<Range<usize>> {
        let start = self.places.get(self.begin(at))?;
        let last = self.places.get((at + length).checked_sub(1)?)?;
        Some(*start..last + 1)
    }

    /// Where a number begins: at its century, if that stands right before it.
    fn begin(&self, at: usize) -> usize {
        let is_century = |from: &usize| {
            let is_one = self.text.get(*from..at).is_some_and(has_century);
            is_one && self.adjoins(at) && self.adjoins(at - 1) && !self.is_after_digit(*from)
        };
        at.checked_sub(2).filter(is_century).unwrap_or(at)
    }

    /// Whether nothing stands between this letter and the one before.
    fn adjoins(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.places.get(before));
        before.zip(self.places.get(at)).is_some_and(|(before, here)| before + 1 == *here)
    }

    fn is_digit(&self, at: usize) -> bool {
        self.text.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
    }

    fn is_after_digit(&self, at: usize) -> bool {
        self.adjoins(at) && at.checked_sub(1).is_some_and(|before| self.is_digit(before))
    }

    /// Whether so many of them are no part of more digits, and have little between them.
    fn is_apart(&self, at: usize, length: usize) -> bool {
        const SPREAD: usize = 3;
        let goes_on = self.adjoins(at + length) && self.is_digit(at + length);
        let is_near = self.place(at, length).is_some_and(|place| place.len() <= length * SPREAD);
        is_near && !goes_on && !self.is_after_digit(self.begin(at))
    }

    /// Whether there is nothing between them either.
    fn is_one_word(&self, at: usize, length: usize) -> bool {
        self.is_apart(at, length) && self.place(at, length).is_some_and(|place| place.len() == length)
    }
}
