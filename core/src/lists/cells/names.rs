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

/// What a nickname stands between, whatever the language and whichever way round.
const QUOTES: [char; 10] = ['"', '”', '“', '„', '«', '»', '\'', '’', '‘', '('];

/// The given and the family name of a whole one: "Svensson, Anna" and "Anna Svensson". A nickname in quotes goes with the
/// given names, also where it stands last; of the other words without a comma the last, with the small words before it, is the
/// family's.
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
    let (names, nickname) = words.split_at(nickname_at_end(&words));
    let is_small = |word: &&str| SMALL.contains(&word.to_lowercase().as_str());
    let mut first_of_family = names.len().saturating_sub(1);
    while first_of_family > 1 && names.get(first_of_family - 1).is_some_and(is_small) {
        first_of_family -= 1;
    }
    let join = |words: &[&str]| Some(words.join(" ")).filter(|text| !text.is_empty());
    match names {
        [] | [_] => (join(&words), None),
        _ => {
            let (given, family) = names.split_at(first_of_family);
            (join(&[given, nickname].concat()), join(family))
        }
    }
}

/// Where a nickname begins that is the last of these words; after them where none is.
fn nickname_at_end(words: &[&str]) -> usize {
    let ends = words.last().is_some_and(|word| word.ends_with(QUOTES) || word.ends_with(')'));
    let begins = words.iter().rposition(|word| word.starts_with(QUOTES));
    begins.filter(|_| ends).unwrap_or(words.len())
}
