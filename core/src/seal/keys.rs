//! Whose keys there are: the epoch's, which all members share, and the device's own.
//!
//! ```text
//! epoch e:  K_e random      data = HKDF(K_e, salt=book, "samla/1/data" ‖ e)     base = … "samla/1/base" ‖ e
//!                           commit = HKDF(K_e, no salt, "samla/1/commit" ‖ e), which the roster publishes
//! device:   an Ed25519 key that signs (never changes) and an X25519 prekey that epoch keys are wrapped to
//! ```

use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, Serializable as _};
use samla_wire::ids::{Prekey, SigningKey};
use samla_wire::{BookId, DeviceId, KeyCommit};
use zeroize::Zeroizing;

use super::secret::{derive_32, random_secret, secret};
use super::sign;

secret!(
    /// The one key of an epoch, `K_e`: from it come the keys that seal, and the commitment in the roster.
    EpochKey
);
random_secret!(EpochKey);

secret!(
    /// A key that seals envelopes of one kind in one epoch.
    SealKey
);

secret!(
    /// The secret half of an X25519 key that epoch keys are wrapped to.
    PrekeySecret
);
random_secret!(PrekeySecret);

impl EpochKey {
    /// Seals data and attest envelopes of this epoch.
    pub fn data_key(&self, book: &BookId, epoch: u32) -> SealKey {
        SealKey(self.derive("samla/1/data", book, epoch))
    }

    /// Seals the parts of the document that this epoch starts from.
    pub fn base_key(&self, book: &BookId, epoch: u32) -> SealKey {
        SealKey(self.derive("samla/1/base", book, epoch))
    }

    /// What the roster says of this key: it gives nothing away and fits no other key.
    ///
    /// The book has no part in it, because the genesis holds the first commitment and the book's id is the hash of the
    /// genesis.
    pub fn commit(&self, epoch: u32) -> KeyCommit {
        KeyCommit(derive_32(&self.0, None, &[b"samla/1/commit", &epoch.to_be_bytes()]))
    }

    fn derive(&self, label: &str, book: &BookId, epoch: u32) -> [u8; 32] {
        derive_32(&self.0, Some(&book.0), &[label.as_bytes(), &epoch.to_be_bytes()])
    }
}

impl PrekeySecret {
    /// The public half.
    pub fn public(&self) -> Prekey {
        Prekey(X25519HkdfSha256::sk_to_pk(&self.private()).to_bytes().into())
    }

    pub(super) fn private(&self) -> <X25519HkdfSha256 as Kem>::PrivateKey {
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&self.0).expect("any 32 bytes are an X25519 secret")
    }
}

/// The two keys of one device in one book.
#[derive(Clone)]
pub struct DeviceKeys {
    signing: ed25519_dalek::SigningKey,
    prekey: PrekeySecret,
}

impl std::fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DeviceKeys").field(&self.device_id()).finish()
    }
}

impl DeviceKeys {
    /// New keys for a device that founds or joins a book.
    pub fn make(rng: &mut dyn rand_core::CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        Self { signing: ed25519_dalek::SigningKey::from_bytes(&seed), prekey: PrekeySecret::make(rng) }
    }

    /// The device's id, which follows from its signing key.
    pub fn device_id(&self) -> DeviceId {
        DeviceId::of_key(&self.public_key())
    }

    /// Signs the device's envelopes.
    pub fn signing_key(&self) -> &ed25519_dalek::SigningKey {
        &self.signing
    }

    /// The public half of the signing key.
    pub fn public_key(&self) -> SigningKey {
        sign::public_key(&self.signing)
    }

    /// The same device with another prekey.
    pub fn with_prekey(&self, prekey: PrekeySecret) -> Self {
        Self { signing: self.signing.clone(), prekey }
    }

    /// What opens the device's wraps.
    pub fn prekey(&self) -> &PrekeySecret {
        &self.prekey
    }

    /// Both secrets, for storing them sealed.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 64]> {
        let mut bytes = Zeroizing::new([0; 64]);
        let (signing, prekey) = bytes.split_at_mut(32);
        signing.copy_from_slice(self.signing.as_bytes());
        prekey.copy_from_slice(self.prekey.as_bytes());
        bytes
    }

    /// The keys that [`to_bytes`](Self::to_bytes) stored; nothing if the length differs.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (seed, prekey) = bytes.split_first_chunk::<32>()?;
        let prekey = PrekeySecret::from_bytes(prekey.try_into().ok()?);
        Some(Self { signing: ed25519_dalek::SigningKey::from_bytes(seed), prekey })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::tests::{hex, rng};

    #[test]
    fn every_derived_key_depends_on_purpose_book_and_epoch() {
        let key = EpochKey::make(&mut rng(1));
        let (a, b) = (BookId([1; 32]), BookId([2; 32]));
        let data = key.data_key(&a, 1);
        assert_eq!(data, key.data_key(&a, 1));
        assert_ne!(data, key.base_key(&a, 1));
        assert_ne!(data, key.data_key(&b, 1));
        assert_ne!(data, key.data_key(&a, 2));
        assert_ne!(data.as_bytes(), &key.commit(1).0);
        assert_ne!(data, EpochKey::make(&mut rng(2)).data_key(&a, 1));
    }

    #[test]
    fn device_keys_come_back_from_storage() {
        let keys = DeviceKeys::make(&mut rng(3));
        let again = DeviceKeys::from_bytes(&*keys.to_bytes()).unwrap();
        assert_eq!(again.device_id(), keys.device_id());
        assert_eq!(again.prekey(), keys.prekey());
        assert!(DeviceKeys::from_bytes(&[0; 63]).is_none());
        assert!(DeviceKeys::from_bytes(&[0; 65]).is_none());
    }

    #[test]
    fn debug_shows_no_secret() {
        let keys = DeviceKeys::make(&mut rng(3));
        let shown = format!("{keys:?} {:?} {:?}", keys.prekey(), EpochKey::from_bytes([0xab; 32]));
        assert!(shown.contains("EpochKey(…)") && !shown.contains("171") && !shown.contains("ab, "), "{shown}");
        assert!(shown.len() < 80, "{shown}");
    }

    /// RFC 9180, appendix A.2.1: `skRm` and `pkRm`.
    #[test]
    fn x25519_known_answer() {
        let secret = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        let public = hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
        assert_eq!(PrekeySecret::from_bytes(secret.try_into().unwrap()).public().0, public[..]);
    }
}
