//! States of the store that hold rows, as postcard.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::error::BookError;
use crate::store::{Store, StoreError, Tx};

/// Keeps a value under this name, or that there is none.
pub(super) fn put<T: Serialize>(
    tx: &mut Tx<'_>,
    name: &str,
    value: &Option<T>,
    rng: &mut dyn CryptoRng,
) -> Result<(), StoreError> {
    match value {
        None => tx.drop_state(name),
        Some(value) => {
            let bytes = postcard::to_allocvec(value).expect("rows have no part that postcard lacks");
            tx.put_state(name, &bytes, rng)
        }
    }
}

/// The value under this name, if there is one.
pub(super) fn read<T: for<'de> Deserialize<'de>>(store: &Store, name: &str) -> Result<Option<T>, BookError> {
    let bytes = store.state(name)?;
    let read = bytes.map(|bytes| postcard::from_bytes(&bytes)).transpose();
    Ok(read.map_err(|_| StoreError::Damaged(None))?)
}
