//! Text as people compare it: small letters, no accents, words apart.
//!
//! "Åse Sørlie-Bæk" and "ase sorlie baek" read the same, whether the list had its å as one letter or as a and a ring.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Appends the words of `text`, folded, each after a space: `" ase sorlie baek"`.
pub(crate) fn push_words(text: &str, out: &mut String) {
    let mut within = false;
    for letter in text.chars() {
        if is_combining_mark(letter) {
            continue;
        }
        if !letter.is_alphanumeric() {
            within = false;
            continue;
        }
        if !within {
            out.push(' ');
        }
        within = true;
        push_folded(letter, out);
    }
}

/// The text folded letter by letter, with everything between the words kept.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|letter| push_folded(letter, &mut out));
    out
}

fn push_folded(letter: char, out: &mut String) {
    if letter.is_ascii() {
        return out.push(letter.to_ascii_lowercase());
    }
    decompose_compatible(letter, |part| {
        for small in part.to_lowercase().filter(|&small| !is_combining_mark(small)) {
            match small {
                'æ' => out.push_str("ae"),
                'ø' => out.push('o'),
                'œ' => out.push_str("oe"),
                'ß' => out.push_str("ss"),
                'þ' => out.push_str("th"),
                'đ' | 'ð' => out.push('d'),
                'ł' => out.push('l'),
                'ħ' => out.push('h'),
                'ı' => out.push('i'),
                'ŋ' => out.push('n'),
                'ŧ' => out.push('t'),
                other => out.push(other),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let mut out = String::new();
        push_words(text, &mut out);
        out
    }

    #[test]
    fn northern_letters_fold_to_what_a_foreign_keyboard_has() {
        let cases = [
            ("Åse Sørlie-Bæk", " ase sorlie baek"),
            ("A\u{30a}sa O\u{308}berg", " asa oberg"),
            ("ÄÖÅ ØÆ ẞß ÐÞŁ", " aoa oae ssss dthl"),
            ("  O'Brien, \"Annis\" ", " o brien annis"),
            ("Nguyễn İpek ﬁn", " nguyen ipek fin"),
            ("…", ""),
        ];
        for (typed, folded) in cases {
            assert_eq!(words(typed), folded);
        }
        assert_eq!(folded("ÅSA@Exempel.se"), "asa@exempel.se");
    }
}
