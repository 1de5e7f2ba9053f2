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
//! | `PUT /v1/books/{book}/base/{id}` | one base envelope | 201, or 200 if it is there |
//! | `GET /v1/books/{book}/base/{id}` | | one base envelope |
//! | `GET /v1/books/{book}/events` | | server-sent events, each `{"n":…}` |
//! | `DELETE /v1/books/{book}` | JSON [`CloseRequest`] | 202 |
//!
//! Where envelopes travel the body is CBOR ([`CBOR`]), so that they cross as they lie in the table; small control
//! answers are JSON. Errors are [problem documents](crate::problem). `{book}` and `{id}` are hexadecimal.
//!
//! A *principal* signs in by answering a challenge: a device, a recovery key, or an invitation's key, which may only
//! fetch the bootstrap and send its join.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::chain::Head;
use crate::ids::{BookId, DeviceId, EntryId, LogHash, WrapHash, labelled_message};

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

/// What a joiner or a recovered device needs to begin.
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
    /// The log position after which entries can be fetched: 0 in the first epoch.
    #[n(4)]
    pub from: u64,
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
