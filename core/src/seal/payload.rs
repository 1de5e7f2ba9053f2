//! What is sealed: the payloads of data, attest and base envelopes.
//!
//! ```text
//! data    zlib(CBOR [[shard, change], …])     each change is bytes that this module does not look into
//! attest  CBOR {0: prekey?, 1: at?}           not deflated
//! base    zlib(CBOR map `Base`)               cut into parts that are sealed one by one
//! ```
//! zlib and not raw deflate, because every language's standard library reads it.

use minicbor::bytes::ByteVec;
use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode, Encoder};
use miniz_oxide::inflate::stream::{InflateState, inflate as inflate_step};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use samla_wire::ids::Prekey;
use samla_wire::{DeviceId, EntryId, limits};

/// What a payload may inflate to, in bytes: a small envelope must not grow without end on a small phone.
pub const INFLATED: usize = 4 * 1024 * 1024;
/// Changes in one envelope.
pub const CHANGES: usize = 256;

/// "I am here", with the prekey that the next epoch key is to be wrapped to, if it is a new one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Attest {
    /// The new prekey.
    #[n(0)]
    pub prekey: Option<Prekey>,
    /// When, in seconds since 1970-01-01 UTC by the author's clock. For people to read; no rule looks at it.
    #[n(1)]
    pub at: Option<i64>,
}

/// What an epoch starts from, and what its founder knew of those who wrote before it. A server sees none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Base {
    /// The document: one automerge change for each shard, in their order.
    #[n(0)]
    pub changes: Vec<ByteVec>,
    /// Each author's newest envelope that passed rules R1 to R7, in the order of the devices.
    #[n(1)]
    pub tips: Vec<SealedTip>,
    /// Whose envelopes are in the base only up to a number below their tip: the rest could not be opened, and is left to
    /// its author to make again.
    #[n(2)]
    pub cut: Vec<Cut>,
    /// Rows that an erasure left out. No ids.
    #[n(3)]
    pub gone: u64,
    /// The prekeys that the members have told of, in the order of the devices.
    #[n(4)]
    pub prekeys: Vec<KnownPrekey>,
}

/// An author's newest envelope at the end of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SealedTip {
    /// The author.
    #[n(0)]
    pub device: DeviceId,
    /// Its number.
    #[n(1)]
    pub dseq: u64,
    /// Its id.
    #[n(2)]
    pub id: EntryId,
}

/// How far an author's envelopes are in a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Cut {
    /// The author.
    #[n(0)]
    pub device: DeviceId,
    /// The last number that is in it.
    #[n(1)]
    pub dseq: u64,
}

/// A prekey that a member has told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KnownPrekey {
    /// The member.
    #[n(0)]
    pub device: DeviceId,
    /// Its prekey.
    #[n(1)]
    pub prekey: Prekey,
}

/// The longest payload of one base part: a whole number of steps, less the four bytes of its length.
const BASE_PAYLOAD: usize = limits::BASE_PART - 4;

/// The payloads of a base's parts, in their order.
pub fn pack_base(base: &Base) -> Vec<Vec<u8>> {
    deflate(&samla_wire::to_cbor(base)).chunks(BASE_PAYLOAD).map(<[u8]>::to_vec).collect()
}

/// The base in these payloads.
///
/// Never holds more than [`limits::BASE_TOTAL`] inflated bytes, whatever they say.
pub fn unpack_base(parts: &[Vec<u8>]) -> Result<Base, PayloadError> {
    let bytes = inflate(&parts.concat(), limits::BASE_TOTAL)?;
    samla_wire::from_canonical(&bytes).map_err(|_| PayloadError::Malformed)
}

/// Why bytes are not a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not one whole zlib stream.
    #[error("not deflated")]
    Deflate,
    /// It grows beyond the limit.
    #[error("inflates beyond the limit")]
    TooLarge,
    /// Not a list of changes in canonical CBOR.
    #[error("not a list of changes")]
    Malformed,
    /// More than [`CHANGES`].
    #[error("too many changes")]
    TooMany,
}

/// The payload of a data envelope: `(shard, change)` in the order they were made.
pub fn pack_changes<B: AsRef<[u8]>>(changes: &[(u16, B)]) -> Vec<u8> {
    deflate(&encode_changes(changes))
}

/// The changes in a data envelope's payload.
///
/// Never holds more than [`INFLATED`] bytes and [`CHANGES`] changes, whatever the payload says.
pub fn unpack_changes(payload: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, PayloadError> {
    let bytes = inflate(payload, INFLATED)?;
    let changes = decode_changes(&bytes)?;
    if encode_changes(&changes) == bytes { Ok(changes) } else { Err(PayloadError::Malformed) }
}

fn encode_changes<B: AsRef<[u8]>>(changes: &[(u16, B)]) -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    e.array(changes.len() as u64).expect("writing to memory cannot fail");
    for (shard, change) in changes {
        e.array(2)
            .and_then(|e| e.u16(*shard))
            .and_then(|e| e.bytes(change.as_ref()))
            .expect("writing to memory cannot fail");
    }
    e.into_writer()
}

fn decode_changes(bytes: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, PayloadError> {
    let mut d = Decoder::new(bytes);
    let malformed = |_| PayloadError::Malformed;
    if d.datatype().map_err(malformed)? != Type::Array {
        return Err(PayloadError::Malformed);
    }
    let len = d.array().map_err(malformed)?.ok_or(PayloadError::Malformed)?;
    if len > CHANGES as u64 {
        return Err(PayloadError::TooMany);
    }
    let one = |d: &mut Decoder<'_>| -> Result<(u16, Vec<u8>), minicbor::decode::Error> {
        if d.array()? != Some(2) {
            return Err(minicbor::decode::Error::message("expected a pair"));
        }
        Ok((d.u16()?, d.bytes()?.to_vec()))
    };
    (0..len).map(|_| one(&mut d)).collect::<Result<_, _>>().map_err(malformed)
}

/// One zlib stream.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    const LEVEL: u8 = 6;
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, LEVEL)
}

/// The content of one whole zlib stream with nothing after it, if it is no longer than `limit` bytes.
pub fn inflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, PayloadError> {
    const STEP: usize = 32 * 1024;
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut step = vec![0; STEP];
    let (mut rest, mut out) = (bytes, Vec::new());
    loop {
        let result = inflate_step(&mut state, rest, &mut step, MZFlush::None);
        rest = rest.get(result.bytes_consumed..).ok_or(PayloadError::Deflate)?;
        let written = step.get(..result.bytes_written).ok_or(PayloadError::Deflate)?;
        if out.len() + written.len() > limit {
            return Err(PayloadError::TooLarge);
        }
        out.extend_from_slice(written);
        match result.status {
            Ok(MZStatus::StreamEnd) if rest.is_empty() => return Ok(out),
            // A step that neither reads nor writes waits for bytes that are not there.
            Ok(MZStatus::Ok) if result.bytes_consumed + result.bytes_written > 0 => {}
            Err(MZError::Buf) if result.bytes_written > 0 => {}
            _ => return Err(PayloadError::Deflate),
        }
    }
}

#[cfg(test)]
mod tests {
    use samla_wire::{from_canonical, to_cbor};

    use super::*;

    #[test]
    fn changes_come_back_in_order() {
        let changes = vec![(3, vec![1, 2, 3]), (0, vec![]), (255, vec![9; 70_000])];
        assert_eq!(unpack_changes(&pack_changes(&changes)), Ok(changes));
        assert_eq!(unpack_changes(&pack_changes::<&[u8]>(&[])), Ok(vec![]));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = deflate(&vec![0; INFLATED + 1]);
        assert!(bomb.len() < 8 * 1024);
        assert_eq!(inflate(&bomb, INFLATED), Err(PayloadError::TooLarge));
        assert_eq!(inflate(&bomb, INFLATED + 1).map(|bytes| bytes.len()), Ok(INFLATED + 1));
        assert_eq!(unpack_changes(&bomb), Err(PayloadError::TooLarge));
    }

    #[test]
    fn a_stream_is_whole_and_alone() {
        let stream = deflate(&(0..100_000u32).flat_map(u32::to_be_bytes).collect::<Vec<_>>());
        assert!(inflate(&stream, INFLATED).is_ok());
        for cut in [0, 1, 2, 100, stream.len() - 5, stream.len() - 1] {
            assert_eq!(inflate(&stream[..cut], INFLATED), Err(PayloadError::Deflate), "{cut}");
        }
        let mut longer = stream.clone();
        longer.push(0);
        assert_eq!(inflate(&longer, INFLATED), Err(PayloadError::Deflate));
        let mut flipped = stream;
        let last = flipped.len() - 1;
        flipped[last] ^= 1;
        assert_eq!(inflate(&flipped, INFLATED), Err(PayloadError::Deflate));
    }

    #[test]
    fn other_shapes_and_longer_forms_are_refused() {
        let unpack = |cbor: &[u8]| unpack_changes(&deflate(cbor));
        assert_eq!(unpack(&[0x81, 0x82, 0x05, 0x41, 0xff]), Ok(vec![(5, vec![0xff])]));
        for other in [
            &[][..],
            &[0x05],
            &[0x81],
            &[0x81, 0x81, 0x05],
            &[0x9f, 0x82, 0x05, 0x41, 0xff, 0xff], // a list of no stated length
            &[0x81, 0x82, 0x18, 0x05, 0x41, 0xff], // 5 in two bytes
            &[0x81, 0x82, 0x05, 0x41, 0xff, 0x00], // a byte too many
            &[0x81, 0x82, 0x1a, 0, 1, 0, 0, 0x41, 0xff], // shard 65,536
        ] {
            assert_eq!(unpack(other), Err(PayloadError::Malformed), "{other:x?}");
        }
        let many: Vec<(u16, [u8; 0])> = vec![(0, []); CHANGES + 1];
        assert_eq!(unpack_changes(&pack_changes(&many)), Err(PayloadError::TooMany));
        assert_eq!(unpack(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Err(PayloadError::TooMany));
    }

    #[test]
    fn an_attest_is_a_small_map() {
        let quiet = Attest { prekey: None, at: None };
        assert_eq!(to_cbor(&quiet), [0xa0]);
        let renewed = Attest { prekey: Some(Prekey([1; 32])), at: Some(1_795_392_000) };
        assert_eq!(from_canonical::<Attest>(&to_cbor(&renewed)).unwrap(), renewed);
    }

    #[test]
    fn a_base_comes_back_from_its_parts_and_from_nothing_less() {
        let device = DeviceId([1; 16]);
        // What does not shrink fills more than one part.
        let mut noise = 0x9e37_79b9_7f4a_7c15u64;
        let long: Vec<u8> = (0..700_000)
            .flat_map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                noise.to_be_bytes()
            })
            .collect();
        let base = Base {
            changes: vec![long.into(), vec![2; 3].into()],
            tips: vec![SealedTip { device, dseq: 7, id: EntryId([3; 32]) }],
            cut: vec![Cut { device, dseq: 6 }],
            gone: 4,
            prekeys: vec![KnownPrekey { device, prekey: Prekey([5; 32]) }],
        };
        let parts = pack_base(&base);
        assert!(parts.len() > 1 && parts.iter().all(|part| part.len() <= BASE_PAYLOAD));
        assert_eq!(unpack_base(&parts), Ok(base));
        assert!(unpack_base(&parts[1..]).is_err() && unpack_base(&parts[..1]).is_err() && unpack_base(&[]).is_err());
        let swapped: Vec<_> = parts.iter().rev().cloned().collect();
        assert!(unpack_base(&swapped).is_err());
    }
}
