//! The text of a file: UTF-8 with or without a BOM, UTF-16 either way round, or Windows-1252.
//!
//! UTF-16 is the standard library's, and what sets Windows-1252 apart from Latin-1 is 27 letters. The crate that knows
//! every encoding of the web would bring the tables of Chinese and Japanese to each phone.

use std::borrow::Cow;

use serde::Serialize;

use crate::lists::ListError;

/// How a file writes its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 that begins with a byte order mark.
    Utf8Bom,
    /// UTF-16, the lesser byte first.
    Utf16Le,
    /// UTF-16, the greater byte first.
    Utf16Be,
    /// Windows-1252, which holds all of Latin-1.
    Windows1252,
}

/// The letters from 0x80 to 0x9f; five are none.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text, and how it was written. Bytes with control characters that no list has are not a list.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), ListError> {
    let (text, encoding) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => (utf8_or_1252(rest, true)?.0, Encoding::Utf8Bom),
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes)?, Encoding::Utf16Le),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes)?, Encoding::Utf16Be),
        _ => match unmarked_utf16(bytes) {
            Some(Encoding::Utf16Be) => (utf16(bytes, u16::from_be_bytes)?, Encoding::Utf16Be),
            Some(_) => (utf16(bytes, u16::from_le_bytes)?, Encoding::Utf16Le),
            None => utf8_or_1252(bytes, false)?,
        },
    };
    if text.chars().any(|letter| matches!(letter, '\0'..='\x08' | '\x0e'..='\x1a' | '\x1c'..='\x1f')) {
        return Err(ListError::NotAList);
    }
    Ok((text, encoding))
}

/// UTF-8 where all of it is; else Windows-1252, in which all bytes are letters. What is surely UTF-8, by its mark or by other
/// letters than those of ASCII, and ends in the middle of a letter lacks its rest.
fn utf8_or_1252(bytes: &[u8], marked: bool) -> Result<(Cow<'_, str>, Encoding), ListError> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((Cow::Borrowed(text), Encoding::Utf8)),
        Err(error) => error,
    };
    let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
    if error.error_len().is_none() && (marked || !whole.is_ascii()) {
        return Err(cut_off(&String::from_utf8_lossy(whole)));
    }
    Ok((Cow::Owned(bytes.iter().map(|byte| letter_1252(*byte)).collect()), Encoding::Windows1252))
}

/// The text ends in the middle of a letter.
fn cut_off(text: &str) -> ListError {
    let ends = super::line_ends(text.as_bytes());
    ListError::CutOff { line: u32::try_from(ends).unwrap_or(u32::MAX).saturating_add(1) }
}

fn letter_1252(byte: u8) -> char {
    let special = byte.checked_sub(0x80).and_then(|place| WINDOWS_1252.get(usize::from(place)));
    special.copied().unwrap_or(char::from(byte))
}

/// UTF-16 without a BOM shows by a zero in every other byte, for the commas and digits between the names.
fn unmarked_utf16(bytes: &[u8]) -> Option<Encoding> {
    let start = bytes.get(..bytes.len().min(2_000))?;
    let zeros = |at: usize| start.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second, half) = (zeros(0), zeros(1), start.len() / 2);
    match half >= 2 {
        true if second > half * 2 / 3 && first == 0 => Some(Encoding::Utf16Le),
        true if first > half * 2 / 3 && second == 0 => Some(Encoding::Utf16Be),
        _ => None,
    }
}

fn utf16(bytes: &[u8], pair: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, ListError> {
    let units = bytes.chunks_exact(2).filter_map(|two| two.try_into().ok()).map(pair);
    let mut letters = char::decode_utf16(units).peekable();
    let (mut text, mut whole) = (String::new(), bytes.len().is_multiple_of(2));
    while let Some(letter) = letters.next() {
        match letter {
            Ok(letter) => text.push(letter),
            // The first half of a letter, with which the text ends.
            Err(half) if half.unpaired_surrogate() < 0xdc00 && letters.peek().is_none() => whole = false,
            Err(_) => return Err(ListError::NotAList),
        }
    }
    if whole { Ok(Cow::Owned(text)) } else { Err(cut_off(&text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_of(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn each_encoding_is_told_apart_and_gives_the_same_text() {
        let text = "Namn;Ort\r\nÅsa Öberg;Ærø – Ångström\r\nŠimon;„x“\r\n";
        let (le, be) = (utf16_of(text, u16::to_le_bytes), utf16_of(text, u16::to_be_bytes));
        let narrow = b"Namn;Ort\r\n\xc5sa \xd6berg;\xc6r\xf8 \x96 \xc5ngstr\xf6m\r\n\x8aimon;\x84x\x93\r\n".to_vec();
        let cases = [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8Bom),
            ([b"\xff\xfe".as_slice(), &le].concat(), Encoding::Utf16Le),
            ([b"\xfe\xff".as_slice(), &be].concat(), Encoding::Utf16Be),
            (le, Encoding::Utf16Le),
            (be, Encoding::Utf16Be),
            (narrow, Encoding::Windows1252),
        ];
        for (bytes, encoding) in cases {
            assert_eq!(decode(&bytes).map(|(read, how)| (read.into_owned(), how)), Ok((text.to_owned(), encoding)));
        }
    }

    #[test]
    fn what_is_no_text_is_no_list() {
        for bytes in [b"\x7fELF\x02\x01\x01\0\0\0".as_slice(), b"a,b\n\0,1\n", b"\xff\xfe\x00\xd8a\0", &[0, 0, 0, 0]] {
            assert_eq!(decode(bytes).map(|(_, how)| how), Err(ListError::NotAList), "{bytes:x?}");
        }
    }

    #[test]
    fn a_text_that_ends_in_the_middle_of_a_letter_lacks_its_rest() {
        let text = "Namn\r\nÅsa Åk\u{e4}";
        let cut = |bytes: &[u8]| decode(bytes.split_last().unwrap().1).map(|(_, how)| how);
        assert_eq!(cut(text.as_bytes()), Err(ListError::CutOff { line: 2 }));
        assert_eq!(cut("\u{feff}Eva Ekå".as_bytes()), Err(ListError::CutOff { line: 1 }));
        assert_eq!(cut(&utf16_of(text, u16::to_le_bytes)), Err(ListError::CutOff { line: 2 }));
        assert_eq!(cut("Namn\rÅsa Åk\u{e4}".as_bytes()), Err(ListError::CutOff { line: 2 }));
        // A letter of two units, cut within the second, between them, or within the first.
        let halved = [b"\xff\xfe".as_slice(), &utf16_of("Namn\r\nÅsa 😀", u16::to_le_bytes)].concat();
        for left_out in 1..=3 {
            let read = decode(&halved[..halved.len() - left_out]).map(|(_, how)| how);
            assert_eq!(read, Err(ListError::CutOff { line: 2 }), "{left_out}");
        }
        // An å at the end of a text without any other is one in Windows-1252.
        assert_eq!(decode(b"Namn\nEva Ek\xe5").unwrap(), ("Namn\nEva Ekå".into(), Encoding::Windows1252));
    }
}
