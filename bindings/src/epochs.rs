//! Founding the book anew: to forget somebody, for a new key, after a loss; and what each device is told then.

use samla_core::StorageKey;
use samla_core::book::{ContinuityView, EraseView, FoundedView, LostEditsView, WantView};

use crate::book::Book;
use crate::error::SamlaError;
use crate::records::ContactId;

/// Epochs.
#[uniffi::export]
impl Book {
    /// Founds the book anew under a new key, with the next rounds of sync, and changes nothing else.
    pub fn rotate(&self) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.rotate(ctx))
    }

    /// What erasing a person would take away, and where else the person is named. Show it before `erase`.
    pub fn erase_preview(&self, contact: ContactId) -> Result<EraseView, SamlaError> {
        self.act(|book, _| book.erase_preview(contact))
    }

    /// Erases a person with every row that belongs to them, with the next rounds of sync: from the register, from its
    /// history, from the server and from every phone that syncs. It cannot be taken back once it is on its way.
    pub fn erase(&self, contact: ContactId) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.erase(ctx, contact))
    }

    /// What is wanted and not yet done.
    pub fn wanted(&self) -> Option<WantView> {
        self.look(samla_core::Book::wanted)
    }

    /// Takes back what is wanted, as long as nothing is on its way to the server.
    pub fn cancel_wanted(&self) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.cancel_wanted(ctx))
    }

    /// The epochs that this device has founded, the newest last, each with the server's receipt, and an erasure with what the
    /// server answered when it was asked for what it had deleted.
    pub fn founded(&self) -> Result<Vec<FoundedView>, SamlaError> {
        Ok(self.look(samla_core::Book::founded)?)
    }

    /// How the newest epoch compares with what this device had before it, and what was missed before that and nobody has looked at;
    /// none until one begins after this device has come in.
    pub fn continuity(&self) -> Result<Option<ContinuityView>, SamlaError> {
        Ok(self.look(samla_core::Book::continuity)?)
    }

    /// The rows that the newest epoch left out or changed, and those before it that nobody has looked at, as this device had them:
    /// JSON, an array of rows.
    pub fn export_kept(&self) -> Result<String, SamlaError> {
        Ok(self.look(samla_core::Book::export_kept)?)
    }

    /// Somebody has looked at what epochs left out or changed: the rows are not needed any more.
    pub fn forget_kept(&self) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.forget_kept(ctx))
    }

    /// Edits of this device that were not carried over, until `forgetLostEdits`.
    pub fn lost_edits(&self) -> Result<LostEditsView, SamlaError> {
        Ok(self.look(samla_core::Book::lost_edits)?)
    }

    /// The user has seen what was not carried over.
    pub fn forget_lost_edits(&self) -> Result<(), SamlaError> {
        self.act(|book, _| book.forget_lost_edits())
    }

    /// What was only on this device when it was put out of the book: JSON, an array of rows; empty after an erasure.
    pub fn export_leftover(&self) -> Result<String, SamlaError> {
        Ok(self.look(samla_core::Book::export_leftover)?)
    }

    /// What was only on this device is not needed any more.
    pub fn forget_leftover(&self) -> Result<(), SamlaError> {
        self.act(|book, _| book.forget_leftover())
    }

    /// Seals what lies on this device under another storage key of 32 bytes, which opens it from now on. For when the status
    /// says `renewStorageKey`. Keep the new key beside the old one until this has answered, and only then forget the old
    /// one: after a crash in between, one of the two opens the book.
    pub fn renew_storage_key(&self, key: Vec<u8>) -> Result<(), SamlaError> {
        let key = <[u8; 32]>::try_from(key).map_err(|_| SamlaError::WrongKey)?;
        self.act(|book, ctx| book.renew_storage_key(ctx, StorageKey::from_bytes(key)))
    }

    /// Takes the server's log as it is, after it was put back from a backup and has gone another way since, and writes again
    /// what it lacks; then founds the book anew, so that the others do the same. For an organiser, when the alarm is
    /// `chain_mismatch`.
    pub fn settle_with_server(&self) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.settle_with_server(ctx))
    }
}
