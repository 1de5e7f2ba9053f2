//! What keys of the protocol sign besides envelopes: answers to challenges, joins, and the end of a book.

use ed25519_dalek::Signer;
use samla_wire::http::{close_message, login_message};
use samla_wire::ids::{Prekey, Signature, SigningKey};
use samla_wire::roster::join_message;
use samla_wire::{BookId, EntryId, Head};

/// The public half of a signing key.
pub fn public_key(key: &ed25519_dalek::SigningKey) -> SigningKey {
    SigningKey(key.verifying_key().to_bytes())
}

/// Answers a server's challenge. `origin` is the server that the caller believes it talks to, so that another server
/// cannot use the answer.
pub fn sign_login(
    key: &ed25519_dalek::SigningKey,
    origin: &str,
    book: &BookId,
    principal: &[u8; 16],
    challenge: &[u8],
) -> Signature {
    sign(key, &login_message(origin, book, principal, challenge))
}

/// Lets a new device in: `key` is the invitation's.
pub fn sign_join(
    key: &ed25519_dalek::SigningKey,
    book: &BookId,
    rprev: &EntryId,
    joiner: &SigningKey,
    prekey: &Prekey,
) -> Signature {
    sign(key, &join_message(book, rprev, joiner, prekey))
}

/// Asks a server to delete the whole book, as it stands at this head.
pub fn sign_close(key: &ed25519_dalek::SigningKey, book: &BookId, head: &Head) -> Signature {
    sign(key, &close_message(book, head))
}

fn sign(key: &ed25519_dalek::SigningKey, message: &[u8]) -> Signature {
    Signature(key.sign(message).to_bytes())
}

#[cfg(test)]
mod tests {
    use samla_wire::envelope::verify_signature;

    use super::*;
    use crate::seal::tests::hex;

    /// RFC 8032, section 7.1, test 1.
    #[test]
    fn ed25519_known_answer() {
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap());
        assert_eq!(public_key(&key).to_string(), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let signature = hex(concat!(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ));
        assert_eq!(sign(&key, b"").0, signature[..]);
        assert!(verify_signature(&public_key(&key), b"", &sign(&key, b"")));
    }

    #[test]
    fn an_answer_to_one_server_is_no_answer_to_another() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let book = BookId([1; 32]);
        let answer = sign_login(&key, "https://a.example", &book, &[2; 16], b"challenge");
        let asks = |origin, book, principal: &[u8; 16]| {
            verify_signature(&public_key(&key), &login_message(origin, book, principal, b"challenge"), &answer)
        };
        assert!(asks("https://a.example", &book, &[2; 16]));
        assert!(!asks("https://b.example", &book, &[2; 16]));
        assert!(!asks("https://a.example", &BookId([2; 32]), &[2; 16]));
        assert!(!asks("https://a.example", &book, &[3; 16]));
    }
}
