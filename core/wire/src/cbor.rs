//! Canonical CBOR: one value, one encoding.
//!
//! A signed body is accepted only if decoding and encoding it again gives the same bytes. Signatures and hashes are
//! always over the bytes received, never over a new encoding.

use minicbor::{Decode, Encode};

/// Why bytes are not the canonical form of a value.
#[derive(Debug, thiserror::Error)]
pub enum CborError {
    /// Not CBOR, or not of this shape.
    #[error("not readable")]
    Unreadable(#[source] minicbor::decode::Error),
    /// Readable, but not the one encoding: extra bytes, unknown keys, longer integers or other order.
    #[error("not in canonical form")]
    NotCanonical,
}

/// The canonical bytes of a value.
pub fn to_cbor<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing to memory cannot fail")
}

/// Reads a value whose bytes must be canonical.
///
/// Fails on anything that encoding the value again would not reproduce to the byte.
pub fn from_canonical<'b, T: Decode<'b, ()> + Encode<()>>(bytes: &'b [u8]) -> Result<T, CborError> {
    let value = minicbor::decode(bytes).map_err(CborError::Unreadable)?;
    if to_cbor(&value) == bytes { Ok(value) } else { Err(CborError::NotCanonical) }
}
