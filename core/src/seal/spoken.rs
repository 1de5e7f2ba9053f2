//! Bytes as a text that people write down, read aloud and type: bech32m (BIP 350) with a prefix that says what it is.
//! Capitals and small letters mean the same, and up to three wrong characters are always found out.

use bech32::primitives::decode::{CheckedHrpstring, CheckedHrpstringError};
use bech32::{Bech32m, Hrp};
use zeroize::Zeroizing;

const GROUP: usize = 4;

/// Why a text is not one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpokenError {
    /// It does not begin with its prefix and `1`.
    #[error("does not begin as it should")]
    Prefix,
    /// Characters are missing, or there are too many.
    #[error("has the wrong number of characters")]
    Length,
    /// A character that no such text has.
    #[error("has a character that does not occur")]
    Character,
    /// At least one character is wrong.
    #[error("a character is wrong")]
    Checksum,
}

/// The text of these bytes, at most 40, in one word and in small letters.
pub(crate) fn to_text(prefix: &str, bytes: &[u8]) -> String {
    bech32::encode::<Bech32m>(Hrp::parse_unchecked(prefix), bytes)
        .expect("so few characters are within bech32's length")
}

/// Reads a text of `N` bytes back as people type it: capitals, spaces, hyphens and line breaks do not matter.
pub(crate) fn from_text<const N: usize>(prefix: &str, text: &str) -> Result<Zeroizing<[u8; N]>, SpokenError> {
    let text = fold(text);
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('1')).ok_or(SpokenError::Prefix)?;
    // Five bits a character, and six characters of checksum.
    if rest.chars().count() != (8 * N).div_ceil(5) + 6 {
        return Err(SpokenError::Length);
    }
    let checked = CheckedHrpstring::new::<Bech32m>(&text).map_err(|error| match error {
        CheckedHrpstringError::Parse(_) => SpokenError::Character,
        _ => SpokenError::Checksum,
    })?;
    let read: Zeroizing<Vec<u8>> = Zeroizing::new(checked.byte_iter().collect());
    let bytes: Zeroizing<[u8; N]> = Zeroizing::new(read.as_slice().try_into().map_err(|_| SpokenError::Length)?);
    // The bits after the last byte are zero in the one text of these bytes.
    let its_own = Zeroizing::new(to_text(prefix, &*bytes));
    if its_own == text { Ok(bytes) } else { Err(SpokenError::Checksum) }
}

/// A text in groups for writing down and reading aloud: the prefix with its `1`, then four characters at a time.
pub(crate) fn groups(text: &str) -> Vec<&str> {
    let head = text.find('1').map_or(0, |at| at + 1);
    let (head, mut rest) = text.split_at_checked(head).unwrap_or((text, ""));
    let mut groups = vec![head];
    while let Some((group, tail)) = rest.split_at_checked(GROUP) {
        groups.push(group);
        rest = tail;
    }
    groups.extend((!rest.is_empty()).then_some(rest));
    groups
}

/// Without white space and hyphens, in small letters.
pub(crate) fn fold(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_leaves_bits_over_and_one_that_leaves_none_read_back() {
        let (some, none) = ([0xff; 32], [0xff; 25]);
        assert_eq!(from_text("samlar", &to_text("samlar", &some)).as_deref(), Ok(&some));
        assert_eq!(from_text("samlac", &to_text("samlac", &none)).as_deref(), Ok(&none));
        assert_eq!(from_text::<25>("samlac", &to_text("samlar", &none)), Err(SpokenError::Prefix));
        assert_eq!(from_text::<32>("samlac", &to_text("samlac", &none)), Err(SpokenError::Length));
    }

    #[test]
    fn the_older_checksum_is_not_taken() {
        let text = bech32::encode::<bech32::Bech32>(Hrp::parse_unchecked("samlar"), &[7; 32]).unwrap();
        assert_eq!(from_text::<32>("samlar", &text), Err(SpokenError::Checksum));
    }
}
