//! Names as they sound: Aagaard and Ågård, Sjögren and Sjogren, Mohamed and Muhammad, Lasse and Lars.
//!
//! A word is first folded ([`fold`](super::fold)), so that it does not matter which letters a keyboard has or how å is
//! put together. Then letters that northern spellings exchange are written one way, doubled letters once, and
//! a name for everyday use becomes the name it stands for ([`EVERYDAY`]). What is left is for comparing alone and is never
//! shown. It points at people who may be one; whether they are is decided by people.

use std::hash::{DefaultHasher, Hash, Hasher};

use strsim::osa_distance;

use super::fold::push_words;

/// Words of a name beyond these are not compared: nobody has them, and a name is as long as a stranger wants it.
const WORDS: usize = 6;
/// Letters of a word beyond these are not compared.
const LETTERS: usize = 32;
/// A word shorter than this has no room for a slip of the finger: Anna and Anne are two names.
const LONG: usize = 5;

/// A name taken apart for comparing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SoundedName {
    /// The words as they sound, in the order they are written.
    words: Vec<Box<str>>,
    /// Nicknames in quotes or brackets, which the other may have left out.
    nicknames: Vec<Box<str>>,
}

/// How alike two names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alike {
    /// They sound the same, as far as both are written out.
    Same,
    /// As before but for one letter in one word.
    Nearly,
}

impl SoundedName {
    /// The name of somebody; the order of its words will make no difference.
    pub(super) fn of(given: Option<&str>, family: Option<&str>) -> Self {
        let mut name = Self::default();
        for part in [given, family].into_iter().flatten() {
            for (is_nickname, piece) in pieces(part) {
                let words = if is_nickname { &mut name.nicknames } else { &mut name.words };
                let mut folded = String::new();
                push_words(piece, &mut folded);
                let room = WORDS.saturating_sub(words.len());
                words.extend(folded.split_ascii_whitespace().map(sounded).take(room));
            }
        }
        name
    }

    /// Whether it is enough to go by: a single word is not.
    pub(super) fn tells(&self) -> bool {
        self.words.len() >= 2
    }

    /// The words in one, without the nicknames.
    pub(super) fn whole(&self) -> String {
        self.words.concat()
    }

    /// Every word, nicknames too.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.words.iter().chain(&self.nicknames).map(|word| &**word)
    }

    /// Whether the two may be one person's: every word of the one is among the other's, at most one of them with a letter
    /// wrong. Whoever writes a middle name, a nickname or two family names has more of them.
    pub(super) fn alike(&self, other: &Self) -> Option<Alike> {
        if !self.tells() || !other.tells() {
            return None;
        }
        if self.whole() == other.whole() {
            return Some(Alike::Same);
        }
        let ways = [self.within(other), other.within(self)];
        ways.into_iter().flatten().min()
    }

    /// Whether every word is among the other's words and nicknames, each another one.
    fn within(&self, other: &Self) -> Option<Alike> {
        let mut theirs: Vec<&str> = other.all().collect();
        let mut left = Vec::new();
        for word in &self.words {
            match theirs.iter().position(|their| **their == **word) {
                Some(at) => drop(theirs.swap_remove(at)),
                None => left.push(word),
            }
        }
        match &left[..] {
            [] => Some(Alike::Same),
            [word] if self.tells() && theirs.iter().any(|their| nearly(word, their)) => Some(Alike::Nearly),
            _ => None,
        }
    }

    /// Keys of which two names that are alike share at least one: each pair of words, the second as it is and with any
    /// one letter left out, and the whole name in one.
    pub(super) fn keys(&self) -> impl Iterator<Item = u64> {
        let pairs = self.all().enumerate().flat_map(move |(nth, one)| {
            let others = self.all().enumerate().filter(move |(other, _)| *other != nth);
            others.flat_map(move |(_, word)| less_a_letter(word).map(move |word| key(&(one, &word))))
        });
        pairs.chain(self.tells().then(|| key(&self.whole())))
    }
}

/// The pieces of a cell with a name, and whether each stands in quotes or brackets, as a nickname does.
pub(super) fn pieces(cell: &str) -> impl Iterator<Item = (bool, &str)> {
    let pieces = cell.split(['"', '“', '”', '„', '«', '»', '(', ')']);
    pieces.enumerate().map(|(nth, piece)| (nth % 2 == 1, piece))
}

/// The key of a word in an index. It says no more than that two words are likely the same.
pub(super) fn key(word: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

fn nearly(one: &str, other: &str) -> bool {
    one.len() >= LONG && other.len() >= LONG && one.len().abs_diff(other.len()) <= 4 && osa_distance(one, other) <= 1
}

/// The word, and, if it is long enough, the word without each of its letters.
fn less_a_letter(word: &str) -> impl Iterator<Item = String> {
    let shorter = word.char_indices().filter(|_| word.len() >= LONG).map(|(at, letter)| {
        let (before, rest) = word.split_at(at);
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        [before, after].concat()
    });
    std::iter::once(word.to_owned()).chain(shorter)
}

/// A folded word as it sounds.
fn sounded(word: &str) -> Box<str> {
    let mut sound = String::with_capacity(word.len());
    let mut letters = full_name(word).chars().take(LETTERS).peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let heard = match next.and_then(|next| two_as_one(letter, next)) {
            Some(one) => letters.next().map(|_| one),
            None => heard(letter, next, sound.is_empty()),
        };
        if letter == 'x' && !sound.ends_with('k') {
            sound.push('k');
        }
        sound.extend(heard.filter(|heard| !sound.ends_with(*heard)));
    }
    sound.into()
}

/// The name that an everyday name stands for.
fn full_name(word: &str) -> &str {
    let at = EVERYDAY.binary_search_by_key(&word, |(everyday, _)| everyday);
    at.ok().and_then(|at| EVERYDAY.get(at)).map_or(word, |(_, name)| name)
}

/// Two letters that are one sound: Bækström and Bäckström, Soerensen and Sørensen, Christina and Kristina, Elisabeth,
/// Schmidt, Mahmoud.
const fn two_as_one(letter: char, next: char) -> Option<char> {
    match (letter, next) {
        ('a', 'e') => Some('a'),
        ('o', 'e') => Some('o'),
        ('o', 'u') => Some('u'),
        ('c', 'h' | 'k') | ('k', 'h') => Some('k'),
        ('p', 'h') => Some('f'),
        ('t', 'h') | ('d', 't') => Some('t'),
        _ => None,
    }
}

/// One letter as it is heard: Carl and Karl, Cecilia, Zara, Wiklund, Yusuf and Jusuf, Dahl.
const fn heard(letter: char, next: Option<char>, first: bool) -> Option<char> {
    match (letter, next) {
        ('c', Some('e' | 'i' | 'y')) | ('z' | 'x', _) => Some('s'),
        ('c' | 'q', _) => Some('k'),
        ('w', _) => Some('v'),
        ('y' | 'j', _) => Some('i'),
        ('h', _) if !first => None,
        (other, _) => Some(other),
    }
}

/// Everyday names and other spellings, folded, with the name each stands for. In the order of the alphabet.
///
/// A name belongs here if many use it at work in the north and the letters alone do not tell; if it stands for several, the
/// most usual is named. A wrong guess costs a line in a list of people who may be one.
const EVERYDAY: &[(&str, &str)] = &[
    ("affe", "alfred"),
    ("ahmad", "ahmed"),
    ("aicha", "aisha"),
    ("alex", "alexander"),
    ("ammi", "annmarie"),
    ("anki", "annkristin"),
    ("ayse", "aisha"),
    ("aysha", "aisha"),
    ("bella", "isabella"),
    ("bettan", "elisabet"),
    ("bibbi", "birgitta"),
    ("bosse", "bo"),
    ("chrille", "kristian"),
    ("classe", "klas"),
    ("danne", "daniel"),
    ("davve", "david"),
    ("fatemeh", "fatima"),
    ("fatma", "fatima"),
    ("fredde", "fredrik"),
    ("frippe", "filip"),
    ("gittan", "birgitta"),
    ("gosia", "malgorzata"),
    ("greta", "margareta"),
    ("hannes", "johannes"),
    ("hasse", "hans"),
    ("heikki", "henrik"),
    ("hossein", "hussein"),
    ("hussain", "hussein"),
    ("janne", "jan"),
    ("jocke", "joakim"),
    ("jonte", "jonatan"),
    ("jossan", "josefin"),
    ("kaisa", "katarina"),
    ("kalle", "karl"),
    ("kasia", "katarzyna"),
    ("kenta", "kent"),
    ("kicki", "kristina"),
    ("knud", "knut"),
    ("krille", "kristian"),
    ("lasse", "lars"),
    ("leffe", "leif"),
    ("lena", "helena"),
    ("liisa", "elisabet"),
    ("lisbet", "elisabet"),
    ("lotta", "charlotta"),
    ("maggan", "margareta"),
    ("mange", "magnus"),
    ("matte", "mattias"),
    ("matti", "matias"),
    ("mia", "maria"),
    ("micke", "mikael"),
    ("mikke", "mikael"),
    ("mohamad", "muhammad"),
    ("mohamed", "muhammad"),
    ("mohammad", "muhammad"),
    ("mohammed", "muhammad"),
    ("monkan", "monika"),
    ("muhamed", "muhammad"),
    ("muhammed", "muhammad"),
    ("nettan", "anette"),
    ("nicke", "niklas"),
    ("nisse", "nils"),
    ("olaf", "olof"),
    ("olav", "olof"),
    ("olle", "olof"),
    ("olov", "olof"),
    ("par", "per"),
    ("peder", "peter"),
    ("pelle", "per"),
    ("ragge", "ragnar"),
    ("ricke", "rikard"),
    ("robban", "robert"),
    ("rogge", "roger"),
    ("sasha", "alexander"),
    ("sebbe", "sebastian"),
    ("steffe", "stefan"),
    ("stina", "kristina"),
    ("sussi", "susanne"),
    ("svenne", "sven"),
    ("tessan", "therese"),
    ("tobbe", "tobias"),
    ("tomek", "tomasz"),
    ("uffe", "ulf"),
    ("umar", "omar"),
    ("usman", "osman"),
    ("uthman", "osman"),
    ("yousef", "yusuf"),
    ("youssef", "yusuf"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> Option<Alike> {
        let [one, other] = [one, other].map(|name| SoundedName::of(Some(name), None));
        let alike = one.alike(&other);
        assert_eq!(alike, other.alike(&one));
        let theirs: Vec<_> = other.keys().collect();
        assert!(alike.is_none() || one.keys().any(|key| theirs.contains(&key)), "alike without a key in common");
        alike
    }

    #[test]
    fn one_name_sounds_alike_however_it_is_spelled() {
        let pairs = [
            ("Aagaard", "Ågård"),
            ("Sjögren", "Sjogren"),
            ("Sjo\u{308}gren", "SJÖGREN"),
            ("A\u{30a}ke", "Åke"),
            ("Mohamed", "Muhammad"),
            ("Mohammed", "Muhamed"),
            ("Sørensen", "Soerensen"),
            ("Sørensen", "Sörensen"),
            ("Bækström", "Bäckström"),
            ("Matsson", "Mattson"),
            ("Carl", "Karl"),
            ("Christina", "Kristina"),
            ("Elisabeth", "Elisabet"),
            ("Wiklund", "Viklund"),
            ("Dahl", "Dal"),
            ("Zara", "Sara"),
            ("Alex", "Aleksander"),
            ("Lasse", "Lars"),
            ("Micke", "Michael"),
            ("Yousef", "Jusuf"),
        ];
        for (one, other) in pairs {
            assert_eq!(alike(&format!("{one} Ek"), &format!("Ek, {other}")), Some(Alike::Same), "{one} {other}");
        }
    }

    #[test]
    fn a_middle_name_a_nickname_or_one_letter_makes_no_other_person() {
        let anna = "Anna Svensson";
        for same in ["Svensson, Anna", "Anna Maria Svensson", "Anna Svensson-Berg", "Anna \"Annis\" Svensson"] {
            assert_eq!(alike(anna, same), Some(Alike::Same), "{same}");
        }
        assert_eq!(alike("Annis Svensson", "Anna ”Annis” Svensson"), Some(Alike::Same));
        assert_eq!(alike("Anna (Annis) Svensson", "Anna Maria Svensson"), Some(Alike::Same));
        assert_eq!(alike("Ann-Marie Ek", "Annmarie Ek"), Some(Alike::Same));
        for near in ["Anna Svemsson", "Anna Svenssn", "Anna Svenssno", "Berg Svemsson Anna"] {
            assert_eq!(alike(anna, near), Some(Alike::Nearly), "{near}");
        }
        for other in
            ["Anne Svensson", "Anna", "Svensson", "Anna Berg", "Eva Svensson", "Anna Svebsom", "Anja Svemsson", ""]
        {
            assert_eq!(alike(anna, other), None, "{other}");
        }
    }

    #[test]
    fn a_name_without_end_is_compared_in_a_moment() {
        let long = SoundedName::of(Some(&"a b c d e f g h ".repeat(1_000)), Some(&"lång".repeat(4_000)));
        assert_eq!(long.all().count(), WORDS);
        assert!(long.keys().count() <= WORDS * WORDS * (LETTERS + 1));
    }

    #[test]
    fn everyday_names_stand_in_order_and_never_for_each_other() {
        assert!(EVERYDAY.windows(2).all(|two| two[0].0 < two[1].0));
        for (everyday, name) in EVERYDAY {
            assert_eq!((full_name(everyday), full_name(name)), (*name, *name));
            let mut folded = String::new();
            push_words(everyday, &mut folded);
            assert_eq!(folded.trim_start(), *everyday);
        }
    }
}
