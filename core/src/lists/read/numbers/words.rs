//! Numbers after a word that says what they are: `cpr 0101901234`, `fnr: 010190 12345`, `pnr8501011234`. Their check digits are
//! not asked: Denmark gives numbers without one since 2007.
//!
//! What a word does not say in so many letters, or said before a full stop, may be said of something else: there a mobile
//! telephone that is nobody's number stays. That does not hold after the words of Denmark, Norway and Finland, because ten digits
//! of Denmark may look like a Swedish telephone.
//!
//! A text is gone through once, and no number has more digits than are looked at from its place, so the cost is that of its length.

use unicode_normalization::char::is_combining_mark;

use super::cut::Spot;
use super::{
    Parting, digits, ends_at, finnish, goes_on, has_century, is_anybodys, is_digits, is_hyphen, is_likely, may_be,
    mobile, norwegian, pair, parted,
};
use crate::register::fold::folded;

/// How words for a personal number begin, folded.
const BEGINNINGS: [&str; 7] = ["cpr", "pnr", "fnr", "hetu", "sotu", "ssn", "dnummer"];
/// What is in words for a personal number.
const PARTS: [&str; 10] = [
    "personnum",
    "personnr",
    "persnr",
    "personbeteckn",
    "samordningsn",
    "fodselsnum",
    "fodselsnr",
    "foedselsn",
    "henkilotunnu",
    "turvatunnu",
];
/// What is in those of Sweden.
const SWEDISH: [&str; 5] = ["pnr", "personn", "persnr", "personbeteckn", "samordningsn"];
/// Words that say it together with the next: "p.nr", "personal number".
const HALVES: [&str; 13] = [
    "p", "f", "d", "pers", "person", "persons", "fodsels", "fods", "personal", "national", "identity", "security",
    "henkilo",
];
/// The next of them; it may also stand after the whole word.
const NUMBERS: [&str; 15] = [
    "nr", "no", "nro", "nummer", "numret", "nummeret", "num", "number", "numero", "id", "code", "tunnus", "siffer",
    "siffror", "cifre",
];
/// What may stand between the word and the number.
const LINKS: [&str; 7] = ["ar", "er", "on", "is", "dk", "se", "fi"];
/// What may stand between two numbers.
const ANDS: [&str; 8] = ["och", "og", "ja", "and", "samt", "eller", "tai", "or"];

/// What was said before a place in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    /// A word that needs the next.
    Half,
    /// That a number comes, or something else.
    Perhaps,
    /// That a number comes.
    Word,
    /// The same, in a country where it may look like a telephone.
    Surely,
    /// That, and a number has come: another may follow.
    Number,
}

impl Said {
    fn then(self, word: &str) -> Self {
        let is_one_of = |words: &[&str]| words.contains(&word);
        let contains = |parts: &[&str]| parts.iter().any(|part| word.contains(*part));
        let is_whole = BEGINNINGS.iter().any(|beginning| word.starts_with(*beginning)) || contains(&PARTS);
        match self {
            _ if is_whole && contains(&SWEDISH) => Self::Word,
            _ if is_whole => Self::Surely,
            Self::Half if is_one_of(&NUMBERS) => Self::Perhaps,
            Self::Perhaps | Self::Word | Self::Surely if is_one_of(&NUMBERS) || is_one_of(&LINKS) => self,
            Self::Number if is_one_of(&ANDS) => Self::Number,
            _ if is_one_of(&HALVES) => Self::Half,
            _ => Self::Nothing,
        }
    }

    /// What is left of it after the mark that `rest` begins with. A plus is one of telephones; after a comma comes something
    /// else, or one more number.
    fn after(self, before: &str, rest: &str) -> Self {
        let ends = if self == Self::Number { "+!?" } else { "+!?,;" };
        match self {
            _ if rest.starts_with(|mark: char| ends.contains(mark)) => Self::Nothing,
            Self::Word if is_pause(before, rest) => Self::Perhaps,
            _ => self,
        }
    }

    /// What is left of it after so many digits that are no number. A few are part of what was said: "cpr (10 siffer):". Two words
    /// are none for a number with any between them.
    fn after_digits(self, count: usize) -> Self {
        const FEW: usize = 2;
        if count > FEW || self == Self::Half { Self::Nothing } else { self }
    }

    /// The number that a text begins with, if one was to come. One more is no telephone, and likely a number.
    fn number_at(self, text: &str) -> Option<(usize, String)> {
        if matches!(self, Self::Nothing | Self::Half) || is_moment(text) {
            return None;
        }
        let (length, number) = number_at(text)?;
        let is_mobile = || text.get(..length).and_then(mobile).is_some();
        let fits = match self {
            Self::Perhaps => is_anybodys(&number) || !is_mobile() && !is_of_workplace(text, &number),
            Self::Number => !is_mobile() && number.get(..10).is_some_and(is_likely),
            _ => true,
        };
        fits.then_some((length, number))
    }
}

/// The numbers of a text that stand after a word for them.
pub(super) fn after_words(text: &str) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut said = Said::Nothing;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(letter) = rest.chars().next() else { break };
        let word = span(rest, |letter| letter.is_alphabetic() || is_combining_mark(letter));
        if word > 0 {
            said = said.then(&folded(rest.get(..word).unwrap_or_default()));
            at += word;
        } else if !letter.is_ascii_digit() {
            said = said.after(text.get(..at).unwrap_or_default(), rest);
            at += letter.len_utf8();
        } else if let Some((length, number)) = said.number_at(rest) {
            spots.push(Spot { place: at..at + length, number });
            said = Said::Number;
            at += length;
        } else {
            let count = span(rest, |letter| letter.is_ascii_digit());
            said = said.after_digits(count);
            at += count;
        }
    }
    spots
}

/// Whether a text goes on with a full stop before a blank or a dash between two, after which something else may come.
fn is_pause(before: &str, rest: &str) -> bool {
    let is_mark = |mark: char| mark == '.' || is_hyphen(mark) && before.ends_with(char::is_whitespace);
    let after = rest.strip_prefix(is_mark);
    after.is_some_and(|after| after.starts_with(char::is_whitespace))
}

/// Whether a text begins with a day and a time, or with two days: `2026-01-01 12:30`, `2026-01-01 - 2026-02-01`.
fn is_moment(text: &str) -> bool {
    let Some((day, rest)) = text.split_at_checked(10) else { return false };
    let (gap, parting) = parted(rest);
    let next = rest.get(gap..).unwrap_or_default();
    let is_time = digits(next, 2).is_some() && next.get(2..).is_some_and(|after| after.starts_with(':'));
    let is_day = digits(next, 4).is_some() && next.get(4..).is_some_and(goes_on);
    has_century(day) && day.split('-').map(str::len).eq([4, 2, 2]) && parting != Parting::Nothing && (is_time || is_day)
}

/// Whether ten digits are those of a workplace: Denmark's begin with 10, and are called by a P as well.
fn is_of_workplace(text: &str, number: &str) -> bool {
    text.starts_with("10") && number.len() == 10 && is_digits(number)
}

/// How many bytes at the start of a text are such letters.
fn span(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.chars().take_while(|letter| fits(*letter)).map(char::len_utf8).sum()
}

/// How many bytes at the start of a text are a number of any of the states, and its one form.
fn number_at(text: &str) -> Option<(usize, String)> {
    finnish(text).filter(|(length, _)| ends_at(text, *length)).or_else(|| of_digits(text))
}

fn of_digits(text: &str) -> Option<(usize, String)> {
    let (number, ends) = gathered(text);
    let end_of = |count: usize| count.checked_sub(1).and_then(|last| ends.get(last)).copied();
    if let Some(found) = end_of(9).filter(|_| number.len() == 9).and_then(|end| without_sign(text, &number, end)) {
        return Some(found);
    }
    // Where so many digits end no other goes on.
    let is_whole = |count: usize| end_of(count).is_some_and(|end| ends.get(count) != Some(&(end + 1)));
    let is_day = has_century(&number) && may_be(pair(&number, 4), pair(&number, 6));
    let lengths = [(12, is_day), (11, norwegian(&number).is_some()), (10, true), (11, true), (12, true)];
    let (count, _) = lengths.into_iter().find(|(count, fits)| *fits && is_whole(*count))?;
    let from = if count == 12 { 2 } else { 0 };
    Some((end_of(count)?, number.get(from..count)?.to_owned()))
}

/// Finland's number without the sign of the century: nine digits, which end here, and a letter.
fn without_sign(text: &str, nine: &str, end: usize) -> Option<(usize, String)> {
    let check = text.get(end..end + 1).filter(|check| check.bytes().all(|letter| letter.is_ascii_alphabetic()))?;
    ends_at(text, end + 1).then(|| (end + 1, format!("{nine}{}", check.to_ascii_uppercase())))
}

/// The digits that a text begins with, one more than a number has at most, and where each of them ends. Between two of them may be
/// a few marks.
fn gathered(text: &str) -> (String, Vec<usize>) {
    const MOST: usize = 13;
    const MARKS: usize = 3;
    let (mut number, mut ends, mut marks) = (String::new(), Vec::new(), 0);
    for (place, letter) in text.char_indices() {
        match letter {
            '0'..='9' => {
                number.push(letter);
                ends.push(place + 1);
                marks = 0;
            }
            // Whoever is a hundred has a plus right after the day.
            '+' if marks > 0 => break,
            ',' | ';' | '!' | '?' => break,
            _ if letter.is_alphanumeric() => break,
            _ => marks += 1,
        }
        if ends.len() == MOST || marks > MARKS {
            break;
        }
    }
    (number, ends)
}
