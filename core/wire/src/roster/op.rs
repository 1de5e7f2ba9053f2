//! The roster ops and their canonical bytes.

use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::ids::{
    BookId, DeviceId, EntryId, InviteId, KeyCommit, LogHash, Prekey, Signature, SigningKey, WrapHash, labelled_message,
};

/// What a member may do. The order is the order of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Reads.
    #[n(0)]
    Reader,
    /// Reads and writes the register.
    #[n(1)]
    Steward,
    /// Also invites, admits and founds epochs.
    #[n(2)]
    Organiser,
}

impl Role {
    /// The role's name as users of the command line and the web type it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Steward => "steward",
            Self::Organiser => "organiser",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Reader, Self::Steward, Self::Organiser].into_iter().find(|role| role.name() == name)
    }
}

/// How an invitation lets people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum InviteMode {
    /// Whoever holds the link is a member at once.
    #[n(0)]
    Auto,
    /// An organiser admits or denies.
    #[n(1)]
    Confirm,
}

/// Why an epoch op was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Reason {
    /// A new key, nothing else.
    #[n(0)]
    Rotate,
    /// Members go or lose rights.
    #[n(1)]
    Remove,
    /// A person is forgotten.
    #[n(2)]
    Erase,
    /// The book is founded anew after a loss.
    #[n(3)]
    Restore,
}

/// The two public halves of a recovery sheet.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecoveryKey {
    /// Signs on behalf of the sheet.
    #[n(0)]
    pub ed_pub: SigningKey,
    /// Epoch keys are sealed to it.
    #[n(1)]
    pub x_pub: Prekey,
}

/// Founds a book. Its bytes hash to the book's id.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Genesis {
    /// The founding device's signing key.
    #[n(0)]
    pub ed_pub: SigningKey,
    /// The founding device's first prekey.
    #[n(1)]
    pub prekey: Prekey,
    /// At least one recovery key.
    #[n(2)]
    pub recovery: Vec<RecoveryKey>,
    /// The suite of the first epoch.
    #[n(3)]
    pub suite: u8,
    /// The rule set that entries of the first epoch are judged by.
    #[n(4)]
    pub rules: u16,
    /// How many automerge documents the register is kept in: a power of two.
    #[n(5)]
    pub shards: u16,
    /// Commits the first epoch's key.
    #[n(6)]
    pub key_commit: KeyCommit,
    /// Sixteen random bytes, so that two books of one device differ.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
}

/// Opens a door for one device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Invite {
    /// Signs the joiner's `isig`.
    #[n(0)]
    pub ed_pub: SigningKey,
    /// The epoch key is sealed to it.
    #[n(1)]
    pub x_pub: Prekey,
    /// What the joiner may do; never organiser.
    #[n(2)]
    pub role: Role,
    /// How the joiner gets in.
    #[n(3)]
    pub mode: InviteMode,
    /// The last day that servers let it be used, in days since 1970-01-01 UTC. A convenience: its security is that it
    /// works once.
    #[n(4)]
    pub expires_day: u32,
    /// The hash of the epoch key sealed to `x_pub`; present in mode auto.
    #[n(5)]
    pub wrap_hash: Option<WrapHash>,
}

/// Closes a door.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Uninvite {
    /// Which one.
    #[n(0)]
    pub invite: InviteId,
}

/// A new device comes in by an invitation, and uses it up.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Join {
    /// The door.
    #[n(0)]
    pub invite: InviteId,
    /// The new device's signing key; the envelope is signed with it.
    #[n(1)]
    pub ed_pub: SigningKey,
    /// The new device's first prekey.
    #[n(2)]
    pub prekey: Prekey,
    /// The invitation's signature over [`join_message`].
    #[n(3)]
    pub isig: Signature,
}

/// Lets a pending device in.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Admit {
    /// The pending device.
    #[n(0)]
    pub device: DeviceId,
    /// What it may do; never organiser.
    #[n(1)]
    pub role: Role,
    /// The hash of the epoch key sealed to its prekey.
    #[n(2)]
    pub wrap_hash: WrapHash,
}

/// Turns a pending device away.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Deny {
    /// The pending device.
    #[n(0)]
    pub device: DeviceId,
}

/// Gives a member a higher role.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Raise {
    /// The member.
    #[n(0)]
    pub device: DeviceId,
    /// Higher than the role it has.
    #[n(1)]
    pub role: Role,
}

/// One sealed part of the document that an epoch starts from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BasePart {
    /// The hash of the base envelope.
    #[n(0)]
    pub id: EntryId,
    /// Its length in bytes.
    #[n(1)]
    pub len: u32,
}

/// Founds the book anew under a new key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Epoch {
    /// The new epoch's number.
    #[n(0)]
    pub epoch: u32,
    /// The log head that the base was built from.
    #[n(1)]
    pub seal_n: u64,
    /// The log's hash there.
    #[n(2)]
    pub seal_h: LogHash,
    /// Never lower than before.
    #[n(3)]
    pub suite: u8,
    /// Never lower than before.
    #[n(4)]
    pub rules: u16,
    /// Shards of the new document.
    #[n(5)]
    pub shards: u16,
    /// Commits the new key.
    #[n(6)]
    pub key_commit: KeyCommit,
    /// The sealed document to start from.
    #[n(7)]
    pub base: Vec<BasePart>,
    /// The automerge heads of each shard of the base.
    #[n(8)]
    pub base_heads: Vec<EntryId>,
    /// The hash of the encoded wraps.
    #[n(9)]
    pub wraps_hash: WrapHash,
    /// Members that are no longer.
    #[n(10)]
    pub removed: Vec<DeviceId>,
    /// Members with fewer rights.
    #[n(11)]
    pub lowered: Vec<Raise>,
    /// Invitations that stay open; the others are void.
    #[n(12)]
    pub kept_invites: Vec<InviteId>,
    /// Why.
    #[n(13)]
    pub reason: Reason,
    /// A hash over the members that remain: [`members_digest`](super::members_digest).
    #[n(14)]
    pub members_digest: LogHash,
    /// A device that comes in as an organiser: how a recovery sheet gets into the book again.
    #[n(15)]
    pub newcomer: Option<Newcomer>,
}

/// A device that a recovery sheet makes an organiser.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Newcomer {
    /// Signs its envelopes.
    #[n(0)]
    pub ed_pub: SigningKey,
    /// Epoch keys are sealed to it.
    #[n(1)]
    pub prekey: Prekey,
}

/// Adds a recovery sheet.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecoveryAdd {
    /// The sheet's public halves.
    #[n(0)]
    pub key: RecoveryKey,
    /// The hash of the epoch key sealed to it.
    #[n(1)]
    pub wrap_hash: Option<WrapHash>,
}

/// Retires the recovery sheet that signs this op.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecoveryRetire {
    /// The sheet's principal.
    #[n(0)]
    pub device: DeviceId,
}

/// The author goes: it pushes no more, and the next epoch drops it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Leave {}

macro_rules! roster_ops {
    ($($(#[$doc:meta])* $number:literal $name:ident),* $(,)?) => {
        /// One step of the roster.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "ops are rare and short-lived")]
        pub enum RosterOp {
            $($(#[$doc])* $name($name),)*
        }

        impl RosterOp {
            fn number(&self) -> u8 {
                match self { $(Self::$name(_) => $number,)* }
            }

            fn encode_fields<W: minicbor::encode::Write>(
                &self,
                e: &mut Encoder<W>,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                match self { $(Self::$name(fields) => e.encode(fields)?.ok(),)* }
            }

            fn decode_fields(number: u8, d: &mut Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
                match number {
                    $($number => Ok(Self::$name(d.decode()?)),)*
                    _ => Err(minicbor::decode::Error::message("unknown roster op")),
                }
            }

            fn is_known(number: u8) -> bool {
                [$($number),*].contains(&number)
            }
        }
    };
}

roster_ops! {
    /// Founds the book.
    1 Genesis,
    /// Opens a door for one device.
    2 Invite,
    /// Closes a door.
    3 Uninvite,
    /// A new device comes in.
    4 Join,
    /// Lets a pending device in.
    5 Admit,
    /// Turns a pending device away.
    6 Deny,
    /// Gives a member a higher role.
    7 Raise,
    /// Founds the book anew under a new key.
    8 Epoch,
    /// Adds a recovery sheet.
    9 RecoveryAdd,
    /// Retires a recovery sheet.
    10 RecoveryRetire,
    /// The author goes.
    11 Leave,
}

impl RosterOp {
    /// Whom this op promises the epoch's key, and the hash of the wrap that must come beside it. An epoch op promises all
    /// of its wraps together, by another hash.
    pub fn promised_wrap(&self) -> Option<(DeviceId, WrapHash)> {
        match self {
            Self::Invite(op) => op.wrap_hash.map(|hash| (DeviceId(InviteId::of_key(&op.ed_pub).0), hash)),
            Self::Admit(op) => Some((op.device, op.wrap_hash)),
            Self::RecoveryAdd(op) => op.wrap_hash.map(|hash| (DeviceId::of_key(&op.key.ed_pub), hash)),
            _ => None,
        }
    }
}

/// A roster op with its place in the roster's chain: the body of a roster envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterBody {
    /// The op's place, from 1.
    pub rseq: u64,
    /// The roster envelope before, or zero.
    pub rprev: EntryId,
    /// What changes.
    pub op: RosterOp,
}

impl RosterBody {
    /// Does this body hold an op that a newer version of the protocol added? A client that meets one stops there and
    /// asks for an update.
    pub fn is_from_newer_version(bytes: &[u8]) -> bool {
        let mut d = Decoder::new(bytes);
        let mut number = || -> Result<u8, minicbor::decode::Error> {
            d.map()?;
            for key in 0..2u8 {
                if d.u8()? != key {
                    return Err(minicbor::decode::Error::message("unexpected key"));
                }
                d.skip()?;
            }
            if d.u8()? != 2 {
                return Err(minicbor::decode::Error::message("unexpected key"));
            }
            d.u8()
        };
        number().is_ok_and(|number| !RosterOp::is_known(number))
    }
}

impl<C> Encode<C> for RosterBody {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.map(4)?.u8(0)?.u64(self.rseq)?.u8(1)?.encode(self.rprev)?.u8(2)?.u8(self.op.number())?.u8(3)?;
        self.op.encode_fields(e)
    }
}

impl<'b, C> Decode<'b, C> for RosterBody {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let expect = |d: &mut Decoder<'b>, key: u8| match d.u8()? {
            found if found == key => Ok(()),
            _ => Err(minicbor::decode::Error::message("unexpected key")),
        };
        if d.datatype()? != Type::Map || d.map()? != Some(4) {
            return Err(minicbor::decode::Error::message("expected a map of four"));
        }
        expect(d, 0)?;
        let rseq = d.u64()?;
        expect(d, 1)?;
        let rprev = d.decode()?;
        expect(d, 2)?;
        let number = d.u8()?;
        expect(d, 3)?;
        Ok(Self { rseq, rprev, op: RosterOp::decode_fields(number, d)? })
    }
}

/// What an invitation's key signs for a joiner: this device, this book, this moment of the roster.
pub fn join_message(book: &BookId, rprev: &EntryId, ed_pub: &SigningKey, prekey: &Prekey) -> Vec<u8> {
    labelled_message("samla/1/join", &[&book.0, &rprev.0, &ed_pub.0, &prekey.0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::{from_canonical, to_cbor};

    #[test]
    fn a_body_round_trips_and_only_in_one_form() {
        let body = RosterBody {
            rseq: 3,
            rprev: EntryId([2; 32]),
            op: RosterOp::Invite(Invite {
                ed_pub: SigningKey([1; 32]),
                x_pub: Prekey([2; 32]),
                role: Role::Steward,
                mode: InviteMode::Auto,
                expires_day: 20_000,
                wrap_hash: Some(WrapHash([3; 32])),
            }),
        };
        let bytes = to_cbor(&body);
        assert_eq!(from_canonical::<RosterBody>(&bytes).unwrap(), body);
        assert!(!RosterBody::is_from_newer_version(&bytes));
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(from_canonical::<RosterBody>(&longer).is_err());
        // The same map with rseq 3 written in two bytes.
        let mut padded = bytes.clone();
        padded.splice(2..3, [0x18, 3]);
        assert!(from_canonical::<RosterBody>(&padded).is_err());
    }

    #[test]
    fn an_op_of_a_newer_version_is_told_from_a_broken_one() {
        let mut bytes = to_cbor(&RosterBody { rseq: 3, rprev: EntryId([2; 32]), op: RosterOp::Leave(Leave {}) });
        let at = bytes.len() - 3;
        assert_eq!(bytes[at], 11);
        bytes[at] = 12;
        assert!(RosterBody::is_from_newer_version(&bytes));
        assert!(!RosterBody::is_from_newer_version(&[0xff, 1, 2]));
    }
}
