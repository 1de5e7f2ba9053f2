//! A key to compare personal numbers by, made for one comparison and wiped after it.
//!
//! There are so few personal numbers that a plain hash of one can be undone by trying them all. Under a key that nobody
//! keeps, equal numbers give equal tags and nothing else can be learnt from a tag.

use super::secret::{derive_32, random_secret, secret};

secret! {
    /// The key of one comparison of lists. It is never stored and never leaves the device.
    MatchKey
}
random_secret!(MatchKey);

impl MatchKey {
    /// The tag of a number under this key.
    pub(crate) fn tag(&self, number: &[u8]) -> [u8; 16] {
        let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            derive_32(self.as_bytes(), None, &[b"samla/1/match", number]);
        tag
    }
}
