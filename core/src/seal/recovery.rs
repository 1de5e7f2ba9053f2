//! The recovery sheet: 32 bytes on paper that open the book when every phone is gone.
//!
//! `ed = HKDF(r, "samla/1/rec/ed")`, `x = HKDF(r, "samla/1/rec/x")`, both without salt; the roster publishes the two
//! public halves, and every epoch key is wrapped to the sheet too. On paper the secret is a text of [`spoken`] with the prefix
//! `samlar`.

use samla_wire::DeviceId;
use samla_wire::ids::{Prekey, SigningKey};
use samla_wire::roster::RecoveryKey;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::keys::PrekeySecret;
use super::secret::{derive_32, random_secret, secret};
use super::sign;
use super::spoken::{self, SpokenError};

const PREFIX: &str = "samlar";
/// The prefix and the `1` that ends it.
const HEAD_LEN: usize = PREFIX.len() + 1;
/// Characters after the `1`: 52 of the secret, 6 of the checksum.
pub const DATA_PART: usize = 58;
/// How many characters are asked back.
pub const ASKED: usize = 6;

secret!(
    /// The secret on a recovery sheet, `r`.
    RecoverySecret
);
random_secret!(RecoverySecret);

impl RecoverySecret {
    /// Signs as the sheet.
    pub fn signing_key(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&Zeroizing::new(derive_32(&self.0, None, &[b"samla/1/rec/ed"])))
    }

    /// Opens the sheet's wraps.
    pub fn prekey_secret(&self) -> PrekeySecret {
        PrekeySecret::from_bytes(derive_32(&self.0, None, &[b"samla/1/rec/x"]))
    }

    /// The public half of the signing key.
    pub fn public_key(&self) -> SigningKey {
        sign::public_key(&self.signing_key())
    }

    /// The public half of the wrapping key.
    pub fn prekey(&self) -> Prekey {
        self.prekey_secret().public()
    }

    /// What the roster says of the sheet.
    pub fn recovery_key(&self) -> RecoveryKey {
        RecoveryKey { ed_pub: self.public_key(), x_pub: self.prekey() }
    }

    /// The id that the sheet acts under.
    pub fn device_id(&self) -> DeviceId {
        DeviceId::of_key(&self.public_key())
    }

    /// The text for the paper.
    pub fn to_sheet(&self) -> SheetText {
        SheetText(spoken::to_text(PREFIX, &self.0))
    }

    /// Reads the text back as people type it: capitals, spaces, hyphens and line breaks do not matter.
    pub fn from_sheet(text: &str) -> Result<Self, SpokenError> {
        Ok(Self(*spoken::from_text(PREFIX, text)?))
    }

    /// Draws the characters to ask back, so that nobody goes on without the sheet in hand.
    pub fn ask(&self, rng: &mut dyn rand_core::CryptoRng) -> RecoveryQuestion {
        let sheet = self.to_sheet();
        let data_part = sheet.as_str().as_bytes().get(HEAD_LEN..).unwrap_or_default();
        let places = ask_places(rng);
        let answer = places.map(|place| data_part.get(usize::from(place) - 1).copied().unwrap_or_default());
        RecoveryQuestion { places, answer }
    }
}

/// Six different places within the data part, from 1, in rising order.
fn ask_places(rng: &mut dyn rand_core::CryptoRng) -> [u8; ASKED] {
    let mut places = [0; ASKED];
    let mut found = 0;
    while let Some(slot) = places.get_mut(found) {
        let [byte] = {
            let mut byte = [0];
            rng.fill_bytes(&mut byte);
            byte
        };
        // 232 = 4 * 58: above it a place would come up more often than the others.
        let place = byte % DATA_PART as u8 + 1;
        if byte < 232 {
            *slot = place;
            let is_new = places.iter().filter(|other| **other == place).count() == 1;
            found += usize::from(is_new);
        }
    }
    places.sort_unstable();
    places
}

/// The text on a recovery sheet; shown once, wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SheetText(String);

impl SheetText {
    /// All of it in one word, for a QR code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Groups for writing down and reading aloud: `samlar1`, then four characters at a time. The places that are
    /// asked back count from the first character after `samlar1`.
    pub fn groups(&self) -> Vec<&str> {
        spoken::groups(&self.0)
    }
}

impl std::fmt::Debug for SheetText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SheetText(…)")
    }
}

/// Six characters of a sheet that a person is asked for. The device keeps these, never the sheet.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryQuestion {
    places: [u8; ASKED],
    answer: [u8; ASKED],
}

impl std::fmt::Debug for RecoveryQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecoveryQuestion").field("places", &self.places).finish_non_exhaustive()
    }
}

impl RecoveryQuestion {
    /// Which characters after `samlar1`, counted from 1, in rising order.
    pub fn places(&self) -> [usize; ASKED] {
        self.places.map(usize::from)
    }

    /// Are these the six characters, in the order of the places? Capitals, spaces and hyphens do not matter.
    pub fn check(&self, typed: &str) -> bool {
        spoken::fold(typed).as_bytes().ct_eq(&self.answer).into()
    }

    /// Places and answer, for storing them sealed.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 2 * ASKED]> {
        let mut bytes = Zeroizing::new([0; 2 * ASKED]);
        let (places, answer) = bytes.split_at_mut(ASKED);
        places.copy_from_slice(&self.places);
        answer.copy_from_slice(&self.answer);
        bytes
    }

    /// The question that [`to_bytes`](Self::to_bytes) stored; nothing if it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (places, answer) = bytes.split_first_chunk::<ASKED>()?;
        Some(Self { places: *places, answer: answer.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::tests::rng;

    #[test]
    fn a_sheet_reads_back_however_it_is_typed() {
        let secret = RecoverySecret::make(&mut rng(1));
        let sheet = secret.to_sheet();
        assert_eq!(sheet.as_str().len(), HEAD_LEN + DATA_PART);
        assert!(sheet.as_str().starts_with("samlar1"));
        let groups = sheet.groups();
        assert_eq!((groups.len(), groups.concat().as_str()), (16, sheet.as_str()));
        for typed in [sheet.as_str().into(), groups.join(" ").to_uppercase(), groups.join("-\r\n "), {
            let (a, b) = sheet.as_str().split_at(20);
            format!("{a}{}", b.to_uppercase())
        }] {
            assert_eq!(RecoverySecret::from_sheet(&typed), Ok(secret.clone()), "{typed}");
        }
    }

    #[test]
    fn a_mistake_is_named() {
        let sheet = RecoverySecret::make(&mut rng(1)).to_sheet();
        let text = sheet.as_str();
        let read = |text: &str| RecoverySecret::from_sheet(text).unwrap_err();
        assert_eq!(read(""), SpokenError::Prefix);
        assert_eq!(read("age1qqqq"), SpokenError::Prefix);
        assert_eq!(read(&text[..text.len() - 1]), SpokenError::Length);
        assert_eq!(read(&format!("{text}q")), SpokenError::Length);
        assert_eq!(read(&format!("{}b", &text[..text.len() - 1])), SpokenError::Character);
        assert_eq!(read(&format!("{}å", &text[..text.len() - 1])), SpokenError::Character);
        for index in HEAD_LEN..text.len() {
            let wrong = if &text[index..=index] == "q" { "p" } else { "q" };
            let typed = format!("{}{wrong}{}", &text[..index], &text[index + 1..]);
            assert_eq!(read(&typed), SpokenError::Checksum, "character {index}");
        }
    }

    #[test]
    fn six_different_places_are_asked_and_only_they_answer() {
        let secret = RecoverySecret::make(&mut rng(1));
        let sheet = secret.to_sheet();
        for seed in 0..200 {
            let question = secret.ask(&mut rng(seed));
            let places = question.places();
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "seed {seed}: {places:?}");
            assert!((1..=DATA_PART).contains(&places[0]) && places[5] <= DATA_PART);
            let answer: String = places.iter().map(|place| &sheet.as_str()[6 + place..7 + place]).collect();
            assert!(question.check(&answer.to_uppercase()) && question.check(&format!(" {answer} ")));
            assert!(!question.check(&answer[..5]) && !question.check("") && !question.check("bbbbbb"));
            assert_eq!(RecoveryQuestion::from_bytes(&*question.to_bytes()), Some(question));
        }
        assert!(RecoveryQuestion::from_bytes(&[1; 11]).is_none());
    }

    #[test]
    fn every_place_is_asked_sooner_or_later() {
        let mut rng = rng(5);
        let mut seen = [0; DATA_PART];
        (0..1000).for_each(|_| ask_places(&mut rng).iter().for_each(|place| seen[usize::from(*place) - 1] += 1));
        assert!(seen.iter().all(|times| (60..150).contains(times)), "{seen:?}");
    }

    #[test]
    fn an_invitation_and_a_sheet_of_the_same_bytes_share_no_key() {
        let (sheet, invite) = (RecoverySecret::from_bytes([7; 32]), crate::seal::InviteSecret::from_bytes([7; 32]));
        assert_ne!(sheet.public_key(), invite.public_key());
        assert_ne!(sheet.prekey(), invite.prekey());
    }
}
