//! The sealed, signed envelope: the one form in which an edit lies on a phone, crosses the wire and lies on a server.
//!
//! ```text
//! off len                                           off len
//!   0   4  "SML1"                                   100   8  seen_n   log head that the author knew
//!   4   1  kind     5  1  suite    6  2  zero       108  32  seen_h
//!   8  32  book    40  4  epoch   44 16  device     140   4  body_len
//!  60   8  dseq    68 32  dprev   author's own      144  24  nonce    zero where the body is in clear
//!                                 chain             168   …  body     end-64  64  Ed25519 signature
//! ```
//! Integers are big-endian. The first 168 bytes are the associated data of the seal; the signature is over
//! `"samla/1/env" ‖ 00 ‖ everything before it`. A server reads the header and never the body, but for rosters.

use ed25519_dalek::{Signer, VerifyingKey};

use crate::ids::{BookId, DeviceId, EntryId, LogHash, Signature, SigningKey, labelled_message};
use crate::limits;

const MAGIC: &[u8; 4] = b"SML1";
/// Length of the header, which is also the associated data of the seal.
pub const HEADER_LEN: usize = 168;
const SIGNATURE_LEN: usize = 64;
/// Length of a seal's nonce.
pub const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
/// The one suite there is: Ed25519, XChaCha20-Poly1305, SHA-256, HPKE over X25519.
pub const SUITE: u8 = 1;

/// What an envelope carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Edits of the register, sealed.
    Data = 1,
    /// One roster op, in clear: a server must read who may write.
    Roster = 2,
    /// A part of the document that an epoch starts from, sealed.
    Base = 3,
    /// "I am here": freshness and a new prekey, sealed.
    Attest = 4,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Data,
            2 => Self::Roster,
            3 => Self::Base,
            4 => Self::Attest,
            _ => return None,
        })
    }

    /// Is the body of this kind sealed?
    pub fn is_sealed(self) -> bool {
        self != Self::Roster
    }

    fn max_len(self) -> usize {
        match self {
            Self::Data => limits::DATA_ENVELOPE,
            Self::Roster | Self::Attest => limits::ROSTER_ENVELOPE,
            Self::Base => limits::BASE_PART + HEADER_LEN + SIGNATURE_LEN + TAG_LEN + 64 * 1024,
        }
    }
}

/// Everything in front of the body but its length: what an author says about an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What the body is.
    pub kind: Kind,
    /// The book it belongs to.
    pub book: BookId,
    /// The epoch whose key seals it; for an epoch op the one that it ends.
    pub epoch: u32,
    /// Who wrote and signed it.
    pub device: DeviceId,
    /// Its place among the author's envelopes, from 1; 0 for a base.
    pub dseq: u64,
    /// The author's envelope before it, or zero.
    pub dprev: EntryId,
    /// How much of the log the author knew.
    pub seen_n: u64,
    /// The log's hash there.
    pub seen_h: LogHash,
    /// The seal's nonce; zero where the body is in clear.
    pub nonce: [u8; NONCE_LEN],
}

impl Header {
    /// The 168 bytes in front of a body of this length.
    pub fn to_bytes(&self, body_len: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_LEN);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[self.kind as u8, SUITE, 0, 0]);
        out.extend_from_slice(&self.book.0);
        out.extend_from_slice(&self.epoch.to_be_bytes());
        out.extend_from_slice(&self.device.0);
        out.extend_from_slice(&self.dseq.to_be_bytes());
        out.extend_from_slice(&self.dprev.0);
        out.extend_from_slice(&self.seen_n.to_be_bytes());
        out.extend_from_slice(&self.seen_h.0);
        out.extend_from_slice(&body_len.to_be_bytes());
        out.extend_from_slice(&self.nonce);
        debug_assert_eq!(out.len(), HEADER_LEN);
        out
    }
}

/// Why bytes are not an envelope (rule R1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Shorter than any envelope, or not of the length it says.
    #[error("the length does not fit")]
    Length,
    /// Does not start as an envelope does.
    #[error("not an envelope")]
    Magic,
    /// A kind that this version does not know.
    #[error("unknown kind")]
    Kind,
    /// A suite that this version does not know.
    #[error("unknown suite")]
    Suite,
    /// A reserved byte is not zero, or a body in clear has a nonce.
    #[error("a reserved byte is set")]
    Reserved,
    /// Longer than its kind may be.
    #[error("too large")]
    TooLarge,
}

/// An envelope that has the right form. Who signed it is not yet checked: see [`Envelope::verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    bytes: Vec<u8>,
    header: Header,
    id: EntryId,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope")
            .field("kind", &self.header.kind)
            .field("device", &self.header.device)
            .field("dseq", &self.header.dseq)
            .field("len", &self.bytes.len())
            .finish()
    }
}

/// Reads fields from the front of a slice; the caller has checked the length.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], EnvelopeError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(EnvelopeError::Length)?;
        self.0 = rest;
        Ok(*head)
    }
}

impl Envelope {
    /// Reads an envelope (rule R1): length, magic, kind, suite, reserved bytes, body length, size limit.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, EnvelopeError> {
        let mut reader = Reader(&bytes);
        if &reader.take::<4>()? != MAGIC {
            return Err(EnvelopeError::Magic);
        }
        let [kind, suite, zero_a, zero_b] = reader.take()?;
        let kind = Kind::from_byte(kind).ok_or(EnvelopeError::Kind)?;
        if suite != SUITE {
            return Err(EnvelopeError::Suite);
        }
        if (zero_a, zero_b) != (0, 0) {
            return Err(EnvelopeError::Reserved);
        }
        let book = BookId(reader.take()?);
        let epoch = u32::from_be_bytes(reader.take()?);
        let device = DeviceId(reader.take()?);
        let dseq = u64::from_be_bytes(reader.take()?);
        let dprev = EntryId(reader.take()?);
        let seen_n = u64::from_be_bytes(reader.take()?);
        let seen_h = LogHash(reader.take()?);
        let body_len = u32::from_be_bytes(reader.take()?) as usize;
        let nonce = reader.take()?;
        let least = if kind.is_sealed() { TAG_LEN } else { 1 };
        if body_len < least || reader.0.len() != body_len + SIGNATURE_LEN {
            return Err(EnvelopeError::Length);
        }
        if bytes.len() > kind.max_len() {
            return Err(EnvelopeError::TooLarge);
        }
        if !kind.is_sealed() && nonce != [0; NONCE_LEN] {
            return Err(EnvelopeError::Reserved);
        }
        let header = Header { kind, book, epoch, device, dseq, dprev, seen_n, seen_h, nonce };
        let id = EntryId::of_envelope(&bytes);
        Ok(Self { bytes, header, id })
    }

    /// Puts header and body together and signs them. The body is already sealed, or a roster op in clear.
    ///
    /// Fails with [`EnvelopeError`] if the result would not be an envelope, for example because it is too large.
    pub fn sign(header: Header, body: &[u8], key: &ed25519_dalek::SigningKey) -> Result<Self, EnvelopeError> {
        let body_len = u32::try_from(body.len()).map_err(|_| EnvelopeError::TooLarge)?;
        let mut bytes = header.to_bytes(body_len);
        bytes.extend_from_slice(body);
        let signature = key.sign(&labelled_message("samla/1/env", &[&bytes]));
        bytes.extend_from_slice(&signature.to_bytes());
        Self::parse(bytes)
    }

    /// Did the holder of this key sign exactly these bytes (rule R5)?
    pub fn verify(&self, key: &SigningKey) -> bool {
        let Some((signed, signature)) = self.bytes.split_last_chunk::<SIGNATURE_LEN>() else { return false };
        verify_signature(key, &labelled_message("samla/1/env", &[signed]), &Signature(*signature))
    }

    /// What the author says about it.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its id in the log: a hash over all of it.
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// All of it, as it crosses the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All of it, as it crosses the wire.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The 168 bytes that a seal is bound to.
    pub fn associated_data(&self) -> &[u8] {
        self.bytes.get(..HEADER_LEN).expect("parse checked the length")
    }

    /// The body: sealed, or a roster op.
    pub fn body(&self) -> &[u8] {
        self.bytes.get(HEADER_LEN..self.bytes.len() - SIGNATURE_LEN).expect("parse checked the length")
    }
}

/// Checks an Ed25519 signature strictly: small-order keys and malleable signatures fail.
pub fn verify_signature(key: &SigningKey, message: &[u8], signature: &Signature) -> bool {
    VerifyingKey::from_bytes(&key.0)
        .and_then(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)))
        .is_ok()
}

/// The length that a payload is padded to before sealing, so that sizes tell little: powers of two from 512 bytes to
/// 64 KiB, then multiples of 64 KiB. `len` counts the four bytes of the payload's length too.
pub fn bucket(len: usize) -> usize {
    const STEP: usize = 64 * 1024;
    if len <= STEP { len.next_power_of_two().max(512) } else { len.div_ceil(STEP) * STEP }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (Envelope, ed25519_dalek::SigningKey) {
        let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
        let header = Header {
            kind: Kind::Data,
            book: BookId([1; 32]),
            epoch: 2,
            device: DeviceId([4; 16]),
            dseq: 5,
            dprev: EntryId([6; 32]),
            seen_n: 7,
            seen_h: LogHash([8; 32]),
            nonce: [9; 24],
        };
        (Envelope::sign(header, &[10; 528], &key).unwrap(), key)
    }

    #[test]
    fn parsing_gives_back_what_was_signed() {
        let (envelope, key) = example();
        let again = Envelope::parse(envelope.bytes().to_vec()).unwrap();
        assert_eq!(again, envelope);
        assert_eq!(again.header().to_bytes(528), again.associated_data());
        assert!(again.verify(&SigningKey(key.verifying_key().to_bytes())));
        assert_eq!(again.bytes().len(), 760);
    }

    #[test]
    fn no_byte_can_be_changed_unseen() {
        let (envelope, key) = example();
        let key = SigningKey(key.verifying_key().to_bytes());
        for index in 0..envelope.bytes().len() {
            let mut bytes = envelope.bytes().to_vec();
            bytes[index] ^= 1;
            if let Ok(changed) = Envelope::parse(bytes) {
                assert!(!changed.verify(&key), "byte {index}");
            }
        }
    }

    #[test]
    fn every_other_length_is_refused() {
        let (envelope, _) = example();
        for len in 0..envelope.bytes().len() {
            assert!(Envelope::parse(envelope.bytes()[..len].to_vec()).is_err());
        }
        let mut longer = envelope.into_bytes();
        longer.push(0);
        assert_eq!(Envelope::parse(longer), Err(EnvelopeError::Length));
    }

    #[test]
    fn buckets_grow_by_powers_of_two_and_then_by_64_kib() {
        let expected = [(1, 512), (512, 512), (513, 1024), (40_000, 65_536), (65_537, 131_072), (200_000, 262_144)];
        for (len, size) in expected {
            assert_eq!(bucket(len), size);
        }
    }
}
