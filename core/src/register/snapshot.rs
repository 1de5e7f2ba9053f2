//! The register as bytes, so that opening a book need not read the whole document.
//!
//! A snapshot begins with a fingerprint of the definition: after an update that changes a table it no longer fits, and
//! the register is read from the document again. The store seals it; here it is plain, and bytes that make no sense give
//! nothing and never a panic.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Register;
use super::index::Indexes;
use super::rows::AllRows;
use crate::ids::RowId;
use crate::tables::{Clash, Table};

/// Raised when the form of a snapshot changes although the definition does not.
const VERSION: u32 = 1;

impl Register {
    /// All rows, as bytes for [`Register::from_snapshot`].
    pub fn snapshot(&self) -> Vec<u8> {
        let start = fingerprint().to_vec();
        postcard::to_extend(&(&self.rows, &self.clashes), start)
            .expect("rows and clashes have no part that postcard lacks")
    }

    /// The register of a snapshot; nothing where the bytes are of another version or make no sense.
    pub fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        let body = bytes.strip_prefix(&fingerprint())?;
        let ((rows, clashes), rest) =
            postcard::take_from_bytes::<(AllRows, BTreeMap<(Table, RowId), Vec<Clash>>)>(body).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let mut register = Self { rows, clashes, indexes: Indexes::default(), me: None };
        register.index_all();
        Some(register)
    }
}

/// The hash of every table's name and every field's name, kind and place.
fn fingerprint() -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(VERSION.to_be_bytes());
    for table in Table::ALL {
        hash.update(format!("{table}\n"));
        table.fields().iter().for_each(|spec| hash.update(format!("{} {:?}\n", spec.name, spec.kind)));
    }
    hash.finalize().into()
}
