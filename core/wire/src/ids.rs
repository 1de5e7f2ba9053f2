//! Identifiers and the labelled hash they come from.
//!
//! Every hash and every signature of the protocol starts with an ASCII label and a NUL, so that bytes made for one
//! purpose never pass for another: `H(label, x) = SHA-256(label ‖ 00 ‖ x)`.

use std::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder};
use sha2::{Digest, Sha256};

/// `SHA-256(label ‖ 00 ‖ parts…)`; the parts are hashed as if joined.
pub fn labelled_hash(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(label.as_bytes());
    hasher.update([0]);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// `label ‖ 00 ‖ parts…`: what an Ed25519 key of the protocol signs.
pub fn labelled_message(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::with_capacity(label.len() + 1 + parts.iter().map(|p| p.len()).sum::<usize>());
    message.extend_from_slice(label.as_bytes());
    message.push(0);
    for part in parts {
        message.extend_from_slice(part);
    }
    message
}

fn first_16(hash: [u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    out
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// All bytes zero: stands where there is no predecessor.
            pub const ZERO: Self = Self([0; $len]);

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = std::array::TryFromSliceError;
            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                bytes.try_into().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        /// The last four digits only: enough to tell two apart in a log, too little to look one up.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let [.., a, b] = self.0;
                write!(f, concat!(stringify!($name), "(…{:02x}{:02x})"), a, b)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotHex;
            fn from_str(text: &str) -> Result<Self, NotHex> {
                let mut bytes = [0; $len];
                decode_hex(text, &mut bytes)?;
                Ok(Self(bytes))
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                d.bytes()?.try_into().map_err(|_| minicbor::decode::Error::message("wrong length"))
            }
        }
    };
}

/// The text is not the hexadecimal form of an identifier of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier in hexadecimal digits")]
pub struct NotHex;

fn decode_hex(text: &str, out: &mut [u8]) -> Result<(), NotHex> {
    if text.len() != out.len() * 2 {
        return Err(NotHex);
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(pair).map_err(|_| NotHex)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotHex);
        }
        *byte = u8::from_str_radix(digits, 16).map_err(|_| NotHex)?;
    }
    Ok(())
}

byte_id!(
    /// One register and its members: the hash of the genesis body, so that whoever holds the id can check the whole
    /// roster from its first entry.
    BookId, 32
);
byte_id!(
    /// A principal that signs envelopes: one device in one book, or a recovery key.
    DeviceId, 16
);
byte_id!(
    /// An open door: the hash of an invitation's public key.
    InviteId, 16
);
byte_id!(
    /// The hash of a whole envelope, signature included.
    EntryId, 32
);
byte_id!(
    /// The hash of the log up to and including one entry.
    LogHash, 32
);
byte_id!(
    /// Commits an epoch's key in the signed roster, so that nobody can hand out two different keys unseen.
    KeyCommit, 32
);
byte_id!(
    /// The hash of what is sealed to the members of an epoch, or to an invitation.
    WrapHash, 32
);
byte_id!(
    /// An Ed25519 public key.
    SigningKey, 32
);
byte_id!(
    /// An X25519 public key that an epoch key can be sealed to.
    Prekey, 32
);
byte_id!(
    /// An Ed25519 signature.
    Signature, 64
);

impl BookId {
    /// The id of the book that this genesis body founds.
    pub fn of_genesis(body: &[u8]) -> Self {
        Self(labelled_hash("samla/1/genesis", &[body]))
    }
}

impl DeviceId {
    /// The id of the device or recovery key with this public key.
    pub fn of_key(key: &SigningKey) -> Self {
        Self(first_16(labelled_hash("samla/1/device", &[&key.0])))
    }
}

impl InviteId {
    /// The id of the invitation with this public key.
    pub fn of_key(key: &SigningKey) -> Self {
        Self(first_16(labelled_hash("samla/1/invite", &[&key.0])))
    }
}

impl EntryId {
    /// The id of an envelope.
    pub fn of_envelope(bytes: &[u8]) -> Self {
        Self(labelled_hash("samla/1/entry", &[bytes]))
    }
}

impl WrapHash {
    /// The hash that the roster pins for a wrap, or for the CBOR list of all wraps of an epoch.
    pub fn of_wrap(bytes: &[u8]) -> Self {
        Self(labelled_hash("samla/1/wraps", &[bytes]))
    }
}

/// The first 60 bits of a key's hash as three groups of four base-32 letters, for two people to compare aloud.
pub fn fingerprint(key: &SigningKey) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let hash = labelled_hash("samla/1/device", &[&key.0]);
    let bits = hash.iter().take(8).fold(0u64, |acc, byte| (acc << 8) | u64::from(*byte));
    let mut out = String::with_capacity(14);
    for index in 0..12 {
        if index > 0 && index % 4 == 0 {
            out.push(' ');
        }
        let letter = (bits >> (59 - index * 5)) & 31;
        out.push(char::from(*LETTERS.get(letter as usize).expect("five bits index 32 letters")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_refuses_what_is_not_hex() {
        let id = DeviceId([0xab; 16]);
        assert_eq!(id.to_string().parse::<DeviceId>(), Ok(id));
        for text in ["", "ab", &"+a".repeat(16), &"å".repeat(16), &"ab".repeat(17)] {
            assert_eq!(text.parse::<DeviceId>(), Err(NotHex));
        }
    }

    #[test]
    fn a_label_separates_what_is_joined() {
        assert_ne!(labelled_hash("a", &[b"b"]), labelled_hash("ab", &[b""]));
        assert_eq!(labelled_hash("a", &[b"b", b"c"]), labelled_hash("a", &[b"bc"]));
    }

    #[test]
    fn a_fingerprint_is_twelve_letters_in_three_groups() {
        let text = fingerprint(&SigningKey([7; 32]));
        assert_eq!(text.len(), 14);
        assert_eq!(text.split(' ').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
    }
}
