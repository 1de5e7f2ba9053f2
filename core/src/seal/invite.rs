//! An invitation's secret: from its 32 bytes follow the key that lets a device in and the key that opens its wrap.
//!
//! `ed = HKDF(s, "samla/1/inv/ed")`, `x = HKDF(s, "samla/1/inv/x")`, both without salt. The roster publishes the two
//! public halves; the secret travels in the [link](super::link) alone, which is all that a joiner needs.

use samla_wire::ids::{Prekey, Signature, SigningKey};
use samla_wire::{BookId, EntryId, InviteId};
use zeroize::Zeroizing;

use super::keys::PrekeySecret;
use super::secret::{derive_32, random_secret, secret};
use super::sign;

secret!(
    /// The secret in an invitation link, `s`.
    InviteSecret
);
random_secret!(InviteSecret);

impl InviteSecret {
    /// Signs a joiner's request and the login as the invitation.
    pub fn signing_key(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&Zeroizing::new(derive_32(&self.0, None, &[b"samla/1/inv/ed"])))
    }

    /// Opens the wrap that waits for the joiner.
    pub fn prekey_secret(&self) -> PrekeySecret {
        PrekeySecret::from_bytes(derive_32(&self.0, None, &[b"samla/1/inv/x"]))
    }

    /// The public half of the signing key, for the roster.
    pub fn public_key(&self) -> SigningKey {
        sign::public_key(&self.signing_key())
    }

    /// The public half of the wrapping key, for the roster.
    pub fn prekey(&self) -> Prekey {
        self.prekey_secret().public()
    }

    /// The invitation's id, which follows from its public key.
    pub fn invite_id(&self) -> InviteId {
        InviteId::of_key(&self.public_key())
    }

    /// Lets this device in, at this point of the roster and no other.
    pub fn sign_join(&self, book: &BookId, rprev: &EntryId, joiner: &SigningKey, prekey: &Prekey) -> Signature {
        sign::sign_join(&self.signing_key(), book, rprev, joiner, prekey)
    }
}

#[cfg(test)]
mod tests {
    use samla_wire::envelope::verify_signature;
    use samla_wire::roster::join_message;

    use super::*;
    use crate::seal::tests::rng;

    #[test]
    fn the_secret_gives_both_keys_and_the_id() {
        let secret = InviteSecret::make(&mut rng(1));
        assert_eq!(secret.invite_id(), InviteSecret::from_bytes(*secret.as_bytes()).invite_id());
        assert_ne!(secret.signing_key().as_bytes(), secret.prekey_secret().as_bytes());
        assert_ne!(secret.invite_id(), InviteSecret::make(&mut rng(2)).invite_id());
    }

    #[test]
    fn a_join_is_for_one_device_at_one_moment() {
        let secret = InviteSecret::make(&mut rng(1));
        let (book, rprev, device, prekey) = (BookId([1; 32]), EntryId([2; 32]), SigningKey([3; 32]), Prekey([4; 32]));
        let isig = secret.sign_join(&book, &rprev, &device, &prekey);
        let fits = |message: &[u8]| verify_signature(&secret.public_key(), message, &isig);
        assert!(fits(&join_message(&book, &rprev, &device, &prekey)));
        assert!(!fits(&join_message(&book, &EntryId([9; 32]), &device, &prekey)));
        assert!(!fits(&join_message(&book, &rprev, &SigningKey([9; 32]), &prekey)));
        assert!(!fits(&join_message(&book, &rprev, &device, &Prekey([9; 32]))));
    }
}
