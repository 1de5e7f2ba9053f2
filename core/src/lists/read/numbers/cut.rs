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

/// The text without what stands in these places, from the first on. Of an e-mail address with a number in it nothing stays: what
/// is left would be somebody else's.
pub(super) fn without(text: &str, places: impl IntoIterator<Item = Range<usize>>) -> String {
    let (mut rest, mut at) = (String::with_capacity(text.len()), 0);
    let (mut word, mut is_address) = (0..0, false);
    for place in places {
        // Numbers of one word ask for it once, however many they are.
        if place.start < word.start || place.end > word.end {
            word = word_around(text, &place);
            is_address = text.get(word.clone()).is_some_and(|word| word.contains('@'));
        }
        let place = if is_address { word.clone() } else { place };
        rest.push_str(text.get(at..place.start).unwrap_or_default());
        at = at.max(place.end);
    }
    rest.push_str(text.get(at..).unwrap_or_default());
    rest.trim().to_owned()
}

/// The word around a place, as far as an address may reach.
fn word_around(text: &str, place: &Range<usize>) -> Range<usize> {
    let is_between = |letter: char| letter.is_whitespace() || ",;:/|<>()[]\"".contains(letter);
    let before = text.get(..place.start).and_then(|before| before.rsplit(is_between).next());
    let after = text.get(place.end..).and_then(|after| after.split(is_between).next());
    place.start - before.map_or(0, str::len)..place.end + after.map_or(0, str::len)
}
