//! The log chain: one hash that stands for everything up to an entry.
//!
//! `h_0 = H("samla/1/log", book)`, `h_n = H("samla/1/log", h_{n-1} ‖ n BE ‖ entry id_n)`. The first entry, the
//! genesis, is `n = 1`. Clients compute the chain themselves; the server's word is only compared with it.

use minicbor::{Decode, Encode};

use crate::ids::{BookId, EntryId, LogHash, labelled_hash};

/// A place in a book's log: how many entries, and the hash over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Head {
    /// How many entries.
    #[n(0)]
    pub n: u64,
    /// The hash over all of them.
    #[n(1)]
    pub h: LogHash,
}

impl Head {
    /// The log before its first entry.
    pub fn start(book: &BookId) -> Self {
        Self { n: 0, h: LogHash(labelled_hash("samla/1/log", &[&book.0])) }
    }

    /// The log with one more entry.
    pub fn next(&self, id: &EntryId) -> Self {
        let n = self.n + 1;
        Self { n, h: LogHash(labelled_hash("samla/1/log", &[&self.h.0, &n.to_be_bytes(), &id.0])) }
    }
}
