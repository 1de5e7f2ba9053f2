//! The shape that all secrets share: 32 bytes that are wiped when dropped, compared in constant time, never shown.

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The secret with these bytes.
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The bytes, for storing them sealed.
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                bool::from(subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]))
            }
        }

        impl Eq for $name {}
    };
}

/// A secret that is drawn by chance, not derived.
macro_rules! random_secret {
    ($name:ident) => {
        impl $name {
            /// A new one.
            pub fn make(rng: &mut dyn rand_core::CryptoRng) -> Self {
                let mut bytes = [0; 32];
                rng.fill_bytes(&mut bytes);
                Self(bytes)
            }
        }
    };
}

pub(super) use {random_secret, secret};

use hkdf::Hkdf;
use sha2::Sha256;

/// `HKDF-SHA256(secret, salt, info…)`, 32 bytes.
pub(super) fn derive_32(secret: &[u8; 32], salt: Option<&[u8]>, info: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(salt, secret).expand_multi_info(info, &mut out).expect("32 bytes is one block of HKDF");
    out
}

/// `chacha20poly1305`'s extended-nonce cipher under a 32-byte key.
pub(super) fn cipher(key: &[u8; 32]) -> chacha20poly1305::XChaCha20Poly1305 {
    chacha20poly1305::KeyInit::new(key.into())
}
