//! The whole register in formats that outlive this program.

use super::Book;
use crate::error::BookError;
use crate::lists;
use crate::tables::Table;

impl Book {
    /// All tables as JSON: `{"tables": {"contacts": [{"id": …, …}], …}}`.
    pub fn export_json(&self) -> Result<String, BookError> {
        Ok(lists::export_json(self.register()))
    }

    /// One table as CSV with a header line.
    pub fn export_csv(&self, table: Table) -> Result<String, BookError> {
        Ok(lists::export_csv(self.register(), table))
    }

    /// The document in automerge's own format with its history: a CBOR array of `[shard, bytes]`.
    pub fn export_automerge(&mut self) -> Result<Vec<u8>, BookError> {
        let mut shards: Vec<(u16, minicbor::bytes::ByteVec)> = Vec::new();
        for shard in 0..self.replica.document.shard_count() {
            self.replica.ensure(shard)?;
            shards.push((shard, self.replica.document.export(shard)?.into()));
        }
        Ok(samla_wire::to_cbor(&shards))
    }
}
