//! The only place that spells crypto: keys, sealing and opening, invitations, the recovery sheet.
//!
//! On the way of a tap this is the door of the house: an edit leaves through [`seal_envelope`] and a colleague's comes
//! in through [`open_envelope`]; between the two doors nobody can read it. The suite is the protocol's suite 1:
//! Ed25519, XChaCha20-Poly1305, SHA-256 with HKDF, and HPKE over X25519 for handing a key to one recipient.
//!
//! What always holds: randomness is handed in, no clock is read, every secret is wiped when it is dropped and shows
//! nothing in `Debug`, and no input from outside panics. The specification in prose is `core/docs/wire.md`.

pub mod envelope;
pub mod invite;
pub mod keys;
pub mod link;
pub mod local;
pub mod matching;
pub mod payload;
pub mod recovery;
mod secret;
pub mod sign;
pub mod spoken;
pub mod wrap;

pub use envelope::{DATA_PAYLOAD, open_envelope, seal_envelope};
pub use invite::InviteSecret;
pub use keys::{DeviceKeys, EpochKey, PrekeySecret, SealKey};
pub use link::{InviteLink, LinkError, server_origin};
pub use local::{StorageKey, open_local, seal_local};
pub use matching::MatchKey;
pub use payload::{
    Attest, Base, Cut, KnownPrekey, PayloadError, SealedTip, deflate, inflate, pack_base, pack_changes, unpack_base,
    unpack_changes,
};
pub use recovery::{RecoveryQuestion, RecoverySecret, SheetText};
pub use spoken::SpokenError;
pub use wrap::{unwrap_key, wrap_key};

/// Why something cannot be sealed or opened.
///
/// Deliberately coarse: which byte was wrong is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key does not open it, or it was changed.
    #[error("does not open with this key")]
    Open,
    /// It opens, but is not padded as every honest sender pads (rule R8).
    #[error("not padded as agreed")]
    Padding,
    /// It opens, but holds another key than the roster commits to.
    #[error("not the key that the roster names")]
    Commitment,
    /// This kind of envelope travels in clear.
    #[error("this kind is not sealed")]
    InClear,
    /// The recipient's public key is not one that anything can be sealed to.
    #[error("not a usable public key")]
    Recipient,
    /// Too long for its kind of envelope.
    #[error("too large to seal")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;

    /// A generator for tests: the same seed, the same bytes.
    pub(super) fn rng(seed: u64) -> rand_chacha::ChaCha20Rng {
        rand_chacha::ChaCha20Rng::seed_from_u64(seed)
    }

    pub(super) fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }
}
