//! The whole register, and what is kept about one person, in formats that outlive this program.

use super::Book;
use crate::context::Date;
use crate::error::BookError;
use crate::ids::Id;
use crate::lists::{self, Label};
use crate::tables::{Contact, Table};

impl Book {
    /// All tables as JSON: `{"tables": {"contacts": [{"id": …, …}], …}}`.
    pub fn export_json(&self) -> Result<String, BookError> {
        Ok(lists::export_json(self.register()))
    }

    /// One table as CSV with a header line.
    pub fn export_csv(&self, table: Table) -> Result<String, BookError> {
        Ok(lists::export_csv(self.register(), table))
    }

    /// Everything that is kept about one person, as JSON.
    pub fn about_json(&self, contact: Id<Contact>, today: Date) -> Result<String, BookError> {
        let about = self.register().about(contact, today).ok_or(BookError::UnknownRow)?;
        Ok(lists::export_about_json(&about))
    }

    /// Everything that is kept about one person, as a page in their language. `label` gives the words for tables, fields and
    /// choices.
    pub fn about_html(
        &self,
        contact: Id<Contact>,
        today: Date,
        language: &str,
        label: &dyn Fn(Label<'_>) -> Option<String>,
    ) -> Result<String, BookError> {
        let about = self.register().about(contact, today).ok_or(BookError::UnknownRow)?;
        Ok(lists::export_about_html(&about, language, label))
    }

    /// The document in automerge's own format with its history: a CBOR array of `[shard, bytes]`.
    pub fn export_automerge(&mut self) -> Result<Vec<u8>, BookError> {
        let mut shards: Vec<(u16, minicbor::bytes::ByteVec)> = Vec::new();
        self.replica.ensure_all()?;
        for shard in 0..self.replica.document.shard_count() {
            shards.push((shard, self.replica.document.export(shard)?.into()));
        }
        Ok(samla_wire::to_cbor(&shards))
    }
}
