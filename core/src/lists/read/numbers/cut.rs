//! Texts without the numbers that stood in them.

use std::ops::Range;

use super::known::{Form, Stood};

/// A number in a text: where it stands, and its one form.
pub(super) struct Spot {
    pub(super) place: Range<usize>,
    pub(super) number: String,
}

/// What is left of a cell, and what was cut out of it.
pub(super) struct Cut {
    pub(super) rest: String,
    /// The first number in its one form.
    pub(super) number: Option<String>,
    /// What the row's other cells are searched for.
    pub(super) forms: Vec<Form>,
}

impl Cut {
    /// The text without these numbers; nothing where there are none.
    pub(super) fn of(text: &str, mut spots: Vec<Spot>) -> Option<Self> {
        spots.sort_by_key(|spot| spot.place.start);
        let number = spots.first()?.number.clone();
        let rest = without(text, spots.iter().map(|spot| spot.place.clone()));
        let forms = spots.into_iter().map(|spot| Form::of(spot.number, Stood::InText)).collect();
        Some(Self { rest, number: Some(number), forms })
    }
}

/// The text without what stands in these places, from the first on.
pub(super) fn without(text: &str, places: impl IntoIterator<Item = Range<usize>>) -> String {
    let (mut rest, mut at) = (String::with_capacity(text.len()), 0);
    for place in places {
        let place = with_address(text, place);
        rest.push_str(text.get(at..place.start).unwrap_or_default());
        at = at.max(place.end);
    }
    rest.push_str(text.get(at..).unwrap_or_default());
    rest.trim().to_owned()
}

/// The e-mail address around a number, where it is part of one: what is left of an address would be somebody else's.
fn with_address(text: &str, place: Range<usize>) -> Range<usize> {
    let before = text.get(..place.start).map_or(0, |before| word(before.chars().rev()));
    let after = text.get(place.end..).map_or(0, |after| word(after.chars()));
    let whole = place.start.saturating_sub(before)..place.end + after;
    if text.get(whole.clone()).is_some_and(|word| word.contains('@')) { whole } else { place }
}

/// How many bytes a word has from here on, as far as an address may reach.
fn word(letters: impl Iterator<Item = char>) -> usize {
    const LONGEST: usize = 254;
    let is_between = |letter: char| letter.is_whitespace() || ",;:/|<>()[]\"".contains(letter);
    letters.take(LONGEST).take_while(|letter| !is_between(*letter)).map(char::len_utf8).sum()
}
