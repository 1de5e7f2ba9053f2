//! How much is enough: bounds that both sides hold, so that no member can exhaust the others.

/// A data envelope, in bytes.
pub const DATA_ENVELOPE: usize = 256 * 1024;
/// A roster or attest envelope, in bytes.
pub const ROSTER_ENVELOPE: usize = 64 * 1024;
/// A base part, in bytes before sealing.
pub const BASE_PART: usize = 4 * 1024 * 1024;
/// Base parts of one epoch.
pub const BASE_PARTS: usize = 64;
/// All base parts of one epoch, in bytes.
pub const BASE_TOTAL: usize = 64 * 1024 * 1024;
/// The body of one request, in bytes.
pub const REQUEST: usize = 2 * 1024 * 1024;
/// The body of a request that brings back what a server has lost, in bytes: a base and what came after it.
pub const RESTORE: usize = 128 * 1024 * 1024;
/// Envelopes in one push.
pub const PUSH: usize = 64;
/// Entries on one page of the log.
pub const PAGE_ENTRIES: usize = 512;
/// Bytes on one page of the log; a page holds at least one entry.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Envelopes that one device may add in a day.
pub const DEVICE_DAILY_ENVELOPES: u64 = 2_000;
/// Bytes that one device may add in a day.
pub const DEVICE_DAILY_BYTES: u64 = 32 * 1024 * 1024;
/// Bytes that one book may hold on a server.
pub const BOOK_QUOTA: u64 = 256 * 1024 * 1024;
/// Devices of one book.
pub const DEVICES: usize = 300;
/// Organisers among them.
pub const ORGANISERS: usize = 16;
/// Recovery keys of one book.
pub const RECOVERY_KEYS: usize = 3;
/// Invitations open at one time.
pub const OPEN_INVITES: usize = 64;
/// Days that an invitation may stay open.
pub const INVITE_DAYS: u32 = 14;
/// Shards of a book's document: a power of two up to this.
pub const SHARDS: u16 = 256;
