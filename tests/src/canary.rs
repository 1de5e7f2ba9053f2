//! Canaries: words that appear nowhere else, and a search for them in every form in which they might leak.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;

/// The words of one story.
#[derive(Debug, Clone, Default)]
pub struct Canaries {
    /// Each word with the forms in which it is searched.
    words: Vec<(String, Vec<Vec<u8>>)>,
}

impl Canaries {
    /// Watches for these words; each must be long enough not to turn up by chance.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words = words.into_iter().inspect(|word| assert!(word.len() >= 8, "{word} is too short"));
        Self { words: words.map(|word| (word.to_owned(), forms(word))).collect() }
    }

    /// The words that are somewhere in these bytes.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let hit = |forms: &Vec<Vec<u8>>| forms.iter().any(|form| memmem::find(bytes, form).is_some());
        self.words.iter().filter(|(_, forms)| hit(forms)).map(|(word, _)| word.as_str()).collect()
    }

    /// Every form of every word, for the control that the search finds them.
    pub fn forms(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.words.iter().flat_map(|(word, forms)| forms.iter().map(|form| (word.as_str(), form.as_slice())))
    }
}

fn forms(word: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let mut spellings = vec![word.to_owned(), word.to_lowercase(), word.to_uppercase()];
    if digits.len() >= 8 {
        // A telephone number, with and without its country.
        spellings.push(format!("46{}", digits.trim_start_matches('0')));
        spellings.push(digits);
    }
    spellings.sort();
    spellings.dedup();
    for word in spellings {
        let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
        forms.push(hex.to_uppercase().into_bytes());
        forms.push(hex.into_bytes());
        forms.push(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
        forms.push(word.encode_utf16().flat_map(u16::to_be_bytes).collect());
        forms.push(percent(&word));
        for shift in 0..3 {
            forms.push(inner(word.as_bytes(), shift, |bytes| STANDARD_NO_PAD.encode(bytes)));
            forms.push(inner(word.as_bytes(), shift, |bytes| URL_SAFE_NO_PAD.encode(bytes)));
        }
        forms.push(word.into_bytes());
    }
    forms.sort();
    forms.dedup();
    forms
}

/// What the word looks like inside a longer text in base64: it may begin at any of three places of a group, and the
/// characters at its edges depend on its neighbours.
fn inner(word: &[u8], shift: usize, encode: impl Fn(&[u8]) -> String) -> Vec<u8> {
    let shifted: Vec<u8> = std::iter::repeat_n(0, shift).chain(word.iter().copied()).collect();
    let (first, end) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
    encode(&shifted).as_bytes()[first..end].to_vec()
}

fn percent(word: &str) -> Vec<u8> {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    word.bytes().map(escape).collect::<String>().into_bytes()
}
