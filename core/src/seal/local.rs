//! Sealing what lies on the device itself, under the key that its platform keeps.
//!
//! `XChaCha20-Poly1305` under `HKDF(SK, "samla/1/local/" ‖ purpose)`; a random nonce stands in front. The associated
//! data says which row it is, so that no sealed value can be moved to another place.

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use samla_wire::envelope::NONCE_LEN;
use zeroize::Zeroizing;

use super::SealError;
use super::secret::{cipher, derive_32, secret};

secret!(
    /// `SK`: the storage key that the platform's keystore holds and hands in.
    StorageKey
);

/// Seals bytes for this device alone. `purpose` names the kind of thing, `aad` which one it is.
pub fn seal_local(
    key: &StorageKey,
    purpose: &str,
    aad: &[u8],
    bytes: &[u8],
    rng: &mut dyn rand_core::CryptoRng,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    rng.fill_bytes(&mut nonce);
    let sealed = cipher(&local_key(key, purpose))
        .encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad })
        .expect("the cipher takes 256 GiB, more than memory holds");
    [&nonce[..], &sealed].concat()
}

/// Opens what [`seal_local`] sealed for the same purpose and the same `aad`.
///
/// Fails with [`SealError::Open`] under any other key, and if a byte was changed.
pub fn open_local(key: &StorageKey, purpose: &str, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, msg) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Open)?;
    cipher(&local_key(key, purpose))
        .decrypt(&XNonce::from(*nonce), Payload { msg, aad })
        .map(Zeroizing::new)
        .map_err(|_| SealError::Open)
}

fn local_key(key: &StorageKey, purpose: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(derive_32(&key.0, None, &[b"samla/1/local/", purpose.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::tests::rng;

    #[test]
    fn opens_only_for_the_same_purpose_place_and_key() {
        let key = StorageKey::from_bytes([1; 32]);
        let sealed = seal_local(&key, "outbox", b"row 1", b"hello", &mut rng(1));
        assert_eq!(sealed.len(), 24 + 5 + 16);
        let open = |key: &StorageKey, purpose, aad: &[u8], sealed: &[u8]| {
            open_local(key, purpose, aad, sealed).map(|bytes| bytes.to_vec())
        };
        assert_eq!(open(&key, "outbox", b"row 1", &sealed), Ok(b"hello".to_vec()));
        let refused = Err(SealError::Open);
        assert_eq!(open(&StorageKey::from_bytes([2; 32]), "outbox", b"row 1", &sealed), refused);
        assert_eq!(open(&key, "keys", b"row 1", &sealed), refused);
        assert_eq!(open(&key, "outbox", b"row 2", &sealed), refused);
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(open(&key, "outbox", b"row 1", &changed), refused, "byte {index}");
            assert_eq!(open(&key, "outbox", b"row 1", &sealed[..index]), refused);
        }
    }
}
