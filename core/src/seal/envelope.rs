//! Sealing a payload into a signed envelope, and opening one (rule R8).
//!
//! The plaintext is `u32 BE payload length ‖ payload ‖ zeros` up to a [`bucket`], so that
//! the length of an envelope tells little; the whole header is the associated data, so that a sealed body fits no
//! other place in the log, no other author and no other book.

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use samla_wire::envelope::{NONCE_LEN, bucket};
use samla_wire::{Envelope, Header};
use zeroize::Zeroizing;

use super::SealError;
use super::keys::SealKey;
use super::secret::cipher;

const LENGTH_LEN: usize = 4;
const TAG_LEN: usize = 16;

/// The longest payload that fits a data envelope: three steps of 64 KiB, less the four bytes of its length.
pub const DATA_PAYLOAD: usize = 3 * 64 * 1024 - LENGTH_LEN;

/// Pads, seals and signs a payload. The header's nonce is replaced by a fresh random one.
///
/// Fails with [`SealError::TooLarge`] if the payload does not fit its kind, [`SealError::InClear`] if the kind is not
/// sealed at all.
pub fn seal_envelope(
    header: Header,
    payload: &[u8],
    key: &SealKey,
    signing_key: &ed25519_dalek::SigningKey,
    rng: &mut dyn rand_core::CryptoRng,
) -> Result<Envelope, SealError> {
    let mut nonce = [0; NONCE_LEN];
    rng.fill_bytes(&mut nonce);
    seal_with_nonce(Header { nonce, ..header }, payload, key, signing_key)
}

/// Seals with the nonce that the header holds. A nonce must never seal twice under one key: only the frozen vectors
/// call this from outside.
#[doc(hidden)]
pub fn seal_with_nonce(
    header: Header,
    payload: &[u8],
    key: &SealKey,
    signing_key: &ed25519_dalek::SigningKey,
) -> Result<Envelope, SealError> {
    if !header.kind.is_sealed() {
        return Err(SealError::InClear);
    }
    let plaintext = pad(payload)?;
    let body_len = u32::try_from(plaintext.len() + TAG_LEN).map_err(|_| SealError::TooLarge)?;
    let aad = header.to_bytes(body_len);
    let body = cipher(key.as_bytes())
        .encrypt(&XNonce::from(header.nonce), Payload { msg: &plaintext, aad: &aad })
        .map_err(|_| SealError::TooLarge)?;
    // The header is well formed and the body has its tag, so only the length can be wrong.
    Envelope::sign(header, &body, signing_key).map_err(|_| SealError::TooLarge)
}

/// Opens an envelope (rule R8). Who signed it has been checked before, by rule R5.
///
/// Fails with [`SealError::Open`] if the key does not open it, [`SealError::Padding`] if it is not padded with zeros
/// to exactly its bucket, [`SealError::InClear`] for a roster envelope.
pub fn open_envelope(envelope: &Envelope, key: &SealKey) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let header = envelope.header();
    if !header.kind.is_sealed() {
        return Err(SealError::InClear);
    }
    let sealed = Payload { msg: envelope.body(), aad: envelope.associated_data() };
    let plaintext = cipher(key.as_bytes())
        .decrypt(&XNonce::from(header.nonce), sealed)
        .map(Zeroizing::new)
        .map_err(|_| SealError::Open)?;
    unpad(plaintext)
}

fn pad(payload: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let length = u32::try_from(payload.len()).map_err(|_| SealError::TooLarge)?;
    let size = bucket(LENGTH_LEN + payload.len());
    let mut plaintext = Zeroizing::new(Vec::with_capacity(size));
    plaintext.extend_from_slice(&length.to_be_bytes());
    plaintext.extend_from_slice(payload);
    plaintext.resize(size, 0);
    Ok(plaintext)
}

fn unpad(mut plaintext: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (length, rest) = plaintext.split_first_chunk::<LENGTH_LEN>().ok_or(SealError::Padding)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SealError::Padding)?;
    let padding = rest.get(length..).ok_or(SealError::Padding)?;
    if padding.iter().any(|byte| *byte != 0) || plaintext.len() != bucket(LENGTH_LEN + length) {
        return Err(SealError::Padding);
    }
    plaintext.drain(..LENGTH_LEN);
    plaintext.truncate(length);
    Ok(plaintext)
}

#[cfg(test)]
mod tests {
    use samla_wire::{BookId, DeviceId, EntryId, Kind, LogHash};

    use super::*;
    use crate::seal::keys::{DeviceKeys, EpochKey};
    use crate::seal::tests::rng;

    fn header(kind: Kind) -> Header {
        Header {
            kind,
            book: BookId([1; 32]),
            epoch: 2,
            device: DeviceId([4; 16]),
            dseq: 5,
            dprev: EntryId([6; 32]),
            seen_n: 7,
            seen_h: LogHash([8; 32]),
            nonce: [0; 24],
        }
    }

    fn keys() -> (SealKey, DeviceKeys) {
        (EpochKey::make(&mut rng(1)).data_key(&BookId([1; 32]), 2), DeviceKeys::make(&mut rng(2)))
    }

    #[test]
    fn what_is_sealed_opens_and_one_edit_is_760_bytes() {
        let (key, device) = keys();
        for len in [0, 1, 508, 509, 4_000, 65_532, 65_533, DATA_PAYLOAD] {
            let payload = vec![7; len];
            let envelope =
                seal_envelope(header(Kind::Data), &payload, &key, device.signing_key(), &mut rng(3)).unwrap();
            assert!(envelope.verify(&device.public_key()));
            assert_eq!(*open_envelope(&envelope, &key).unwrap(), payload);
            if len <= 508 {
                assert_eq!(envelope.bytes().len(), 760);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (key, device) = keys();
        let seal =
            |kind, len| seal_envelope(header(kind), &vec![0; len], &key, device.signing_key(), &mut rng(3)).map(|_| ());
        assert_eq!(seal(Kind::Data, DATA_PAYLOAD + 1), Err(SealError::TooLarge));
        assert_eq!(seal(Kind::Attest, 64 * 1024), Err(SealError::TooLarge));
        assert_eq!(seal(Kind::Base, 4 * 1024 * 1024), Ok(()));
        assert_eq!(seal(Kind::Roster, 1), Err(SealError::InClear));
    }

    #[test]
    fn no_other_key_and_no_changed_byte_opens() {
        let (key, device) = keys();
        let envelope = seal_envelope(header(Kind::Data), b"hello", &key, device.signing_key(), &mut rng(3)).unwrap();
        let other = EpochKey::make(&mut rng(9)).data_key(&BookId([1; 32]), 2);
        assert_eq!(open_envelope(&envelope, &other), Err(SealError::Open));
        let signature = envelope.bytes().len() - 64;
        for index in 0..signature {
            let mut bytes = envelope.bytes().to_vec();
            bytes[index] ^= 0x10;
            if let Ok(changed) = Envelope::parse(bytes) {
                assert!(open_envelope(&changed, &key).is_err(), "byte {index}");
            }
        }
    }

    #[test]
    fn two_seals_of_the_same_share_no_nonce() {
        let (key, device) = keys();
        let mut rng = rng(3);
        let mut seal = || seal_envelope(header(Kind::Data), b"x", &key, device.signing_key(), &mut rng).unwrap();
        assert_ne!(seal().header().nonce, seal().header().nonce);
    }

    /// An author who pads otherwise is refused, though the seal itself is right.
    #[test]
    fn other_padding_is_refused() {
        let (key, device) = keys();
        let open = |plaintext: &[u8]| {
            let header = header(Kind::Data);
            let aad = header.to_bytes(plaintext.len() as u32 + 16);
            let body = cipher(key.as_bytes())
                .encrypt(&XNonce::from(header.nonce), Payload { msg: plaintext, aad: &aad })
                .unwrap();
            let envelope = Envelope::sign(header, &body, device.signing_key()).unwrap();
            open_envelope(&envelope, &key).map(|payload| payload.to_vec())
        };
        let honest = pad(b"hello").unwrap();
        assert_eq!(open(&honest), Ok(b"hello".to_vec()));
        let mut hidden = honest.clone();
        hidden[511] = 1;
        assert_eq!(open(&hidden), Err(SealError::Padding));
        let mut short = honest.clone();
        short.truncate(511);
        assert_eq!(open(&short), Err(SealError::Padding));
        let mut wide = honest.clone();
        wide.resize(1024, 0);
        assert_eq!(open(&wide), Err(SealError::Padding));
        let mut boastful = honest.clone();
        boastful[..4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(open(&boastful), Err(SealError::Padding));
        assert_eq!(open(&[0; 3]), Err(SealError::Padding));
        assert_eq!(open(&[]), Err(SealError::Padding));
    }
}
