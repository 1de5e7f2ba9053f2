//! Names: one cell or two, capitals throughout, the family first.

/// A name in the case that people write it in, where all of it is in one case: "ANNA-KARIN SVENSSON", "anna svensson".
pub(super) fn cased(name: &str) -> String {
    let letters = || name.chars().filter(|letter| letter.is_alphabetic());
    let upper = letters().count() > 2 && letters().all(|letter| !letter.is_lowercase());
    let lower = letters().count() > 1 && letters().all(|letter| !letter.is_uppercase());
    if !upper && !lower {
        return name.to_owned();
    }
    name.split(' ').map(word_cased).collect::<Vec<_>>().join(" ")
}

/// Words within a name that stay small.
const SMALL: [&str; 9] = ["af", "av", "von", "van", "de", "der", "da", "el", "bin"];

fn word_cased(word: &str) -> String {
    let lower = word.to_lowercase();
    if SMALL.contains(&lower.as_str()) {
        return lower;
    }
    let mut begins = true;
    let mut out = String::with_capacity(lower.len());
    for letter in lower.chars() {
        match begins {
            true => out.extend(letter.to_uppercase()),
            false => out.push(letter),
        }
        begins = !letter.is_alphabetic();
    }
    out
}

/// The given and the family name of a whole one: "Svensson, Anna" and "Anna Svensson". A nickname in quotes goes with the
/// given names; of several words without a comma the last, with the small words before it, is the family's.
pub(super) fn apart(name: &str) -> (Option<String>, Option<String>) {
    let name = cased(name);
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some((family, given)) = name.split_once(',') {
        return match (some(family), some(given)) {
            (Some(whole), None) => apart_by_words(&whole),
            names => (names.1, names.0),
        };
    }
    apart_by_words(&name)
}

fn apart_by_words(name: &str) -> (Option<String>, Option<String>) {
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_small = |word: &&str| SMALL.contains(&word.to_lowercase().as_str());
    let quoted = |word: &str| word.ends_with(['"', '”', '»', '\'', ')']);
    let mut first_of_family = words.len().saturating_sub(1);
    while first_of_family > 1 && words.get(first_of_family - 1).is_some_and(is_small) {
        first_of_family -= 1;
    }
    let join = |words: &[&str]| Some(words.join(" ")).filter(|text| !text.is_empty());
    match words.as_slice() {
        [] => (None, None),
        [one] => (Some((*one).to_owned()), None),
        [.., last] if quoted(last) => (join(&words), None),
        _ => {
            let (given, family) = words.split_at(first_of_family);
            (join(given), join(family))
        }
    }
}
