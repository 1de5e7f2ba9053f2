//! Wraps: an epoch's key, sealed to one recipient.
//!
//! HPKE in base mode, single shot: `info = "samla/1/wrap"`, `aad = book ‖ epoch BE ‖ recipient ‖ key commitment`, the
//! plaintext is `K_e`. A wrap is the encapsulated key (32 bytes) followed by the ciphertext (48 bytes).

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use samla_wire::http::Wrap;
use samla_wire::ids::Prekey;
use samla_wire::{BookId, DeviceId, KeyCommit};
use zeroize::Zeroizing;

use super::SealError;
use super::keys::{EpochKey, PrekeySecret};

const INFO: &[u8] = b"samla/1/wrap";
const ENCAPSULATED_LEN: usize = 32;

/// Seals an epoch's key to a device, a recovery sheet or an invitation.
///
/// Fails with [`SealError::Recipient`] if the prekey is one of the few points that nothing can be sealed to.
pub fn wrap_key(
    key: &EpochKey,
    book: &BookId,
    epoch: u32,
    recipient: DeviceId,
    prekey: &Prekey,
    mut rng: &mut dyn rand_core::CryptoRng,
) -> Result<Wrap, SealError> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&prekey.0).map_err(|_| SealError::Recipient)?;
    let aad = associated_data(book, epoch, &recipient, &key.commit(epoch));
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        INFO,
        key.as_bytes(),
        &aad,
        &mut rng,
    )
    .map_err(|_| SealError::Recipient)?;
    let mut sealed = encapsulated.to_bytes().to_vec();
    sealed.extend_from_slice(&ciphertext);
    Ok(Wrap { recipient, sealed: sealed.into() })
}

/// Opens the wrap that was made for this recipient.
///
/// Fails with [`SealError::Open`] if it was made for another recipient, book, epoch or commitment, and with
/// [`SealError::Commitment`] if it holds a key that the roster does not commit to.
pub fn unwrap_key(
    wrap: &Wrap,
    book: &BookId,
    epoch: u32,
    commit: &KeyCommit,
    secret: &PrekeySecret,
) -> Result<EpochKey, SealError> {
    let (encapsulated, ciphertext) = wrap.sealed.split_first_chunk::<ENCAPSULATED_LEN>().ok_or(SealError::Open)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealError::Open)?;
    let aad = associated_data(book, epoch, &wrap.recipient, commit);
    let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.private(),
        &encapsulated,
        INFO,
        ciphertext,
        &aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| SealError::Open)?;
    let key = EpochKey::from_bytes(key.as_slice().try_into().map_err(|_| SealError::Open)?);
    if key.commit(epoch) == *commit { Ok(key) } else { Err(SealError::Commitment) }
}

fn associated_data(book: &BookId, epoch: u32, recipient: &DeviceId, commit: &KeyCommit) -> Vec<u8> {
    [&book.0[..], &epoch.to_be_bytes(), &recipient.0, &commit.0].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::tests::{hex, rng};

    const BOOK: BookId = BookId([1; 32]);
    const TO: DeviceId = DeviceId([2; 16]);

    fn example() -> (EpochKey, KeyCommit, PrekeySecret, Wrap) {
        let (key, secret) = (EpochKey::make(&mut rng(1)), PrekeySecret::make(&mut rng(2)));
        let wrap = wrap_key(&key, &BOOK, 3, TO, &secret.public(), &mut rng(3)).unwrap();
        let commit = key.commit(3);
        (key, commit, secret, wrap)
    }

    #[test]
    fn the_recipient_gets_the_key() {
        let (key, commit, secret, wrap) = example();
        assert_eq!(wrap.sealed.len(), 80);
        assert_eq!(unwrap_key(&wrap, &BOOK, 3, &commit, &secret), Ok(key));
    }

    #[test]
    fn nobody_else_does_and_nothing_can_be_exchanged() {
        let (_, commit, secret, wrap) = example();
        let refused = Err(SealError::Open);
        assert_eq!(unwrap_key(&wrap, &BOOK, 3, &commit, &PrekeySecret::make(&mut rng(9))), refused);
        assert_eq!(unwrap_key(&wrap, &BookId([9; 32]), 3, &commit, &secret), refused);
        assert_eq!(unwrap_key(&wrap, &BOOK, 4, &commit, &secret), refused);
        assert_eq!(unwrap_key(&wrap, &BOOK, 3, &KeyCommit([9; 32]), &secret), refused);
        let other = Wrap { recipient: DeviceId([9; 16]), ..wrap.clone() };
        assert_eq!(unwrap_key(&other, &BOOK, 3, &commit, &secret), refused);
        for index in 0..wrap.sealed.len() {
            let mut changed = wrap.clone();
            changed.sealed[index] ^= 0x10;
            assert_eq!(unwrap_key(&changed, &BOOK, 3, &commit, &secret), refused, "byte {index}");
        }
        for len in 0..wrap.sealed.len() {
            let short = Wrap { recipient: TO, sealed: wrap.sealed[..len].to_vec().into() };
            assert_eq!(unwrap_key(&short, &BOOK, 3, &commit, &secret), refused);
        }
    }

    /// A hostile organiser wraps one key under the commitment of another.
    #[test]
    fn another_key_than_the_roster_names_is_told_apart() {
        let (_, commit, secret, _) = example();
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&secret.public().0).unwrap();
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public,
                INFO,
                &[0x66; 32],
                &associated_data(&BOOK, 3, &TO, &commit),
                &mut rng(4),
            )
            .unwrap();
        let sealed = [encapsulated.to_bytes().as_slice(), &ciphertext].concat();
        let wrap = Wrap { recipient: TO, sealed: sealed.into() };
        assert_eq!(unwrap_key(&wrap, &BOOK, 3, &commit, &secret), Err(SealError::Commitment));
    }

    #[test]
    fn nothing_is_sealed_to_the_zero_point() {
        let key = EpochKey::make(&mut rng(1));
        assert_eq!(wrap_key(&key, &BOOK, 3, TO, &Prekey([0; 32]), &mut rng(3)), Err(SealError::Recipient));
    }

    /// RFC 9180, appendix A.2.1, sequence number 0.
    #[test]
    fn hpke_known_answer() {
        let secret = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        let enc = hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
        let ct = hex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28");
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &PrekeySecret::from_bytes(secret.try_into().unwrap()).private(),
            &<X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&enc).unwrap(),
            b"Ode on a Grecian Urn",
            &ct,
            b"Count-0",
        );
        assert_eq!(opened.unwrap(), b"Beauty is truth, truth beauty");
    }
}
