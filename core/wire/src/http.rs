//! Requests and answers: what the bodies hold that cross the wire.
//!
//! | method and path | body | answer |
//! |---|---|---|
//! | `GET /v1/server` | | JSON [`ServerView`] |
//! | `POST /v1/books` | CBOR [`CreateBook`] | 201, or 200 for the same bytes again: CBOR [`Head`] |
//! | `POST /v1/sessions/challenge` | JSON [`ChallengeRequest`] | JSON [`Challenge`] |
//! | `POST /v1/sessions` | JSON [`SessionRequest`] | JSON [`Session`] |
//! | `GET /v1/books/{book}/bootstrap` | | CBOR [`Bootstrap`] |
//! | `POST /v1/books/{book}/sync` | CBOR [`SyncRequest`] | CBOR [`SyncResponse`] |
//! | `POST /v1/books/{book}/roster` | CBOR [`RosterRequest`] | 201, or 200 for the same bytes again: CBOR [`RosterResponse`] |
//! | `POST /v1/books/{book}/epoch` | CBOR [`EpochRequest`] | 201, or 200 for the same bytes again: CBOR [`EpochResponse`] |
//! | `POST /v1/books/{book}/restore` | CBOR [`Bundle`] | CBOR [`Head`] |
//! | `GET /v1/recovery/{principal}` | | JSON [`RecoveryView`] |
//! | `PUT /v1/books/{book}/base/{id}` | one base envelope | 201, or 200 if it is there |
//! | `GET /v1/books/{book}/base/{id}` | | one base envelope |
//! | `GET /v1/books/{book}/events` | | server-sent events, each `{"n":…}` |
//! | `DELETE /v1/books/{book}` | JSON [`CloseRequest`] | 202 |
//!
//! Where envelopes travel the body is CBOR ([`CBOR`]), so that they cross as they lie in the table; small control
//! answers are JSON. Errors are [problem documents](crate::problem). `{book}` and `{id}` are hexadecimal.
//!
//! A *principal* signs in by answering a challenge: a device, a recovery key, or an invitation's key, which may only
//! fetch the bootstrap and the base and send its join. A recovery key may fetch, and send an epoch op and ops on sheets. A
//! device that waits, or was put out, may only fetch the bootstrap: the former to learn when it is in, the latter to see
//! the op that put it out.

use ed25519_dalek::Signer;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::chain::Head;
use crate::ids::{
    BookId, DeviceId, EntryId, LogHash, Signature, SigningKey, WrapHash, labelled_hash, labelled_message,
};
use crate::rules::Tip;

/// Media type of bodies that hold envelopes.
pub const CBOR: &str = "application/cbor";
/// Media type of problem documents.
pub const PROBLEM: &str = "application/problem+json";
/// Seconds that a session lasts.
pub const SESSION_SECONDS: u64 = 3600;
/// Seconds that a challenge may be answered.
pub const CHALLENGE_SECONDS: u64 = 60;

/// The epoch's key, sealed to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Wrap {
    /// The device, recovery key or invitation it is for.
    #[n(0)]
    pub recipient: DeviceId,
    /// HPKE: the encapsulated key, then the ciphertext.
    #[n(1)]
    pub sealed: ByteVec,
}

impl Wrap {
    /// The hash that an invitation pins for its wrap.
    pub fn hash(&self) -> WrapHash {
        WrapHash::of_wrap(&self.sealed)
    }
}

/// The hash of an epoch's wraps, which its op holds: over their CBOR list in the order of the recipients.
pub fn wraps_hash(wraps: &[Wrap]) -> WrapHash {
    let mut sorted: Vec<&Wrap> = wraps.iter().collect();
    sorted.sort_by_key(|wrap| wrap.recipient);
    WrapHash::of_wrap(&crate::to_cbor(&sorted))
}

/// Founds a book on a server.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CreateBook {
    /// The genesis envelope.
    #[n(0)]
    pub genesis: ByteVec,
    /// The first key for the founder and for each recovery key.
    #[n(1)]
    pub wraps: Vec<Wrap>,
}

/// Sends what the phone has and asks for what it lacks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SyncRequest {
    /// How far the phone knows the log.
    #[n(0)]
    pub cursor: u64,
    /// The log's hash there, as the phone computed it.
    #[n(1)]
    pub head_h: LogHash,
    /// Envelopes, each author's in the order of `dseq`; own ones or relayed.
    #[n(2)]
    pub push: Vec<ByteVec>,
}

/// What became of one pushed envelope.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Ack {
    /// It is durable, at this place of the log.
    #[n(0)]
    Accepted(#[n(0)] u64),
    /// It was there already, at this place.
    #[n(1)]
    Duplicate(#[n(0)] u64),
    /// It is not in the log: a [problem code](crate::problem::Code).
    #[n(2)]
    Rejected(#[n(0)] String),
}

/// What became of the push, and a page of the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SyncResponse {
    /// One for each pushed envelope, in its order.
    #[n(0)]
    pub acks: Vec<Ack>,
    /// The entries after the cursor, in order. An entry that the caller itself wrote comes as its 32-byte id alone:
    /// the caller has the bytes.
    #[n(1)]
    pub entries: Vec<ByteVec>,
    /// Where the log ends.
    #[n(2)]
    pub head: Head,
    /// There are entries after this page.
    #[n(3)]
    pub more: bool,
}

/// Adds a roster op.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RosterRequest {
    /// The roster envelope.
    #[n(0)]
    pub envelope: ByteVec,
    /// The epoch's key for whom the op lets in; its hash is in the op.
    #[n(1)]
    pub wrap: Option<Wrap>,
}

/// Where the op stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RosterResponse {
    /// Its place.
    #[n(0)]
    pub n: u64,
}

/// Founds a new epoch. Its base parts have been staged before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EpochRequest {
    /// The roster envelope with the epoch op.
    #[n(0)]
    pub envelope: ByteVec,
    /// The new key for exactly those that [`Roster::wrap_recipients`](crate::Roster::wrap_recipients) names after the op.
    #[n(1)]
    pub wraps: Vec<Wrap>,
}

/// Where the epoch op stands, and what the server says it has deleted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EpochResponse {
    /// Its place.
    #[n(0)]
    pub n: u64,
    /// What was deleted with it.
    #[n(1)]
    pub receipt: Receipt,
}

/// A server's signed word on what it deleted when an epoch began.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// What it says.
    #[n(0)]
    pub deletion: Deletion,
    /// The server's receipt key.
    #[n(1)]
    pub key: SigningKey,
    /// That key's signature over [`receipt_message`].
    #[n(2)]
    pub signature: Signature,
}

/// What a server has deleted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Deletion {
    /// The book.
    #[n(0)]
    pub book: BookId,
    /// The epoch that began.
    #[n(1)]
    pub epoch: u32,
    /// Sealed entries up to this place of the log are deleted.
    #[n(2)]
    pub seal_n: u64,
    /// How many entries were deleted.
    #[n(3)]
    pub count: u64,
    /// `H("samla/1/deleted", their ids in the log's order)`.
    #[n(4)]
    pub root: EntryId,
    /// When, in seconds since 1970-01-01 UTC by the server's clock.
    #[n(5)]
    pub at: u64,
    /// Days that the operator keeps backups, if the operator says so.
    #[n(6)]
    pub backup_days: Option<u32>,
}

impl Receipt {
    /// Signs this with the server's receipt key.
    pub fn sign(deletion: Deletion, key: &ed25519_dalek::SigningKey) -> Self {
        let signature = Signature(key.sign(&receipt_message(&deletion)).to_bytes());
        Self { deletion, key: SigningKey(key.verifying_key().to_bytes()), signature }
    }

    /// Is it signed with the key that it names?
    pub fn verify(&self) -> bool {
        crate::envelope::verify_signature(&self.key, &receipt_message(&self.deletion), &self.signature)
    }
}

/// What a server signs for a receipt.
pub fn receipt_message(deletion: &Deletion) -> Vec<u8> {
    labelled_message("samla/1/receipt", &[&crate::to_cbor(deletion)])
}

/// `H("samla/1/deleted", ids)`: one hash for all that was deleted.
pub fn deletion_root<'a>(ids: impl IntoIterator<Item = &'a EntryId>) -> EntryId {
    let parts: Vec<&[u8]> = ids.into_iter().map(|id| &id.0[..]).collect();
    EntryId(labelled_hash("samla/1/deleted", &parts))
}

/// A book as one device holds it: what a file from phone to phone carries, and what refills a server that lost its end.
/// All of it is sealed or signed already.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Bundle {
    /// The roster envelopes from the genesis to the op that founded the current epoch, or the genesis alone.
    #[n(0)]
    pub roster: Vec<ByteVec>,
    /// The base envelopes of the current epoch, in the order of its op.
    #[n(1)]
    pub base: Vec<ByteVec>,
    /// The log's entries after the last of `roster`, in order.
    #[n(2)]
    pub entries: Vec<ByteVec>,
    /// Where the log ends with them.
    #[n(3)]
    pub head: Head,
    /// Envelopes that have no place in the log yet, each author's in the order of `dseq`.
    #[n(4)]
    pub loose: Vec<ByteVec>,
    /// The epoch's key sealed to the invitation that the bundle is made for.
    #[n(5)]
    pub wrap: Option<Wrap>,
}

/// The book that a recovery sheet belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryView {
    /// Its id, in hexadecimal.
    pub book: String,
}

/// What a joiner, a recovered device or a device that meets a new epoch needs to begin.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Bootstrap {
    /// All roster envelopes from the genesis on.
    #[n(0)]
    pub roster: Vec<ByteVec>,
    /// The base envelopes of the current epoch; none in the first, whose base is the empty register.
    #[n(1)]
    pub base: Vec<EntryId>,
    /// The epoch's key, sealed to the caller.
    #[n(2)]
    pub wrap: Option<Wrap>,
    /// Where the log ends.
    #[n(3)]
    pub head: Head,
    /// The log position after which entries can be fetched: 0 in the first epoch, later that of the epoch's op.
    #[n(4)]
    pub from: u64,
    /// For a device that was put out: its newest entry that was in the log, from which it knows what of its own the others have.
    #[n(5)]
    pub tip: Option<Tip>,
}

/// Asks for a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeRequest {
    /// The book, in hexadecimal.
    pub book: String,
    /// The principal: a device, recovery key or invitation, in hexadecimal.
    pub principal: String,
}

/// Bytes to sign within [`CHALLENGE_SECONDS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// In hexadecimal.
    pub challenge: String,
}

/// Answers a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// The book, in hexadecimal.
    pub book: String,
    /// The principal, in hexadecimal.
    pub principal: String,
    /// The origin that the caller believes it talks to, such as `https://samla.example`.
    pub origin: String,
    /// The challenge, in hexadecimal.
    pub challenge: String,
    /// The signature over [`login_message`], in hexadecimal.
    pub signature: String,
}

/// A session of [`SESSION_SECONDS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Goes into `Authorization: Bearer`.
    pub token: String,
    /// Seconds that it lasts.
    pub seconds: u64,
    /// The server's clock in unix seconds, so that a phone can warn when its own is off. No rule reads it.
    pub now: i64,
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerView {
    /// `samla-server`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Protocol suites that it takes.
    pub suites: Vec<u8>,
    /// Does founding a book need the operator's token?
    pub operator_token: bool,
    /// Days that backups are kept, if the operator says so.
    pub retention_days: Option<u32>,
    /// The key that signs receipts, in hexadecimal.
    #[serde(default)]
    pub receipt_key: Option<String>,
}

/// Closes a book: everything of it is deleted after seven days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseRequest {
    /// The signature of an organiser or recovery key over [`close_message`], in hexadecimal.
    pub signature: String,
}

/// What a principal signs to get a session. The origin is in it, so that a server cannot use the answer elsewhere.
pub fn login_message(origin: &str, book: &BookId, principal: &[u8; 16], challenge: &[u8]) -> Vec<u8> {
    let origin_len = u32::try_from(origin.len()).unwrap_or(u32::MAX).to_be_bytes();
    labelled_message("samla/1/login", &[&origin_len, origin.as_bytes(), &book.0, principal, challenge])
}

/// What an organiser or recovery key signs to close a book.
pub fn close_message(book: &BookId, head: &Head) -> Vec<u8> {
    labelled_message("samla/1/close", &[&book.0, &head.n.to_be_bytes(), &head.h.0])
}
