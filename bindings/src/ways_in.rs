//! The other ways into a book: by the recovery sheet, anew under other keys, from a file without a network; and out of one
//! that nobody can administer any more.

use std::sync::Arc;

use samla_core::NewBook;
use samla_core::book::FileView;

use crate::book::{Book, CreatedBook, RecoverySheet, home, invite_id, now, with_context};
use crate::error::SamlaError;

/// Founds a new book, in a new file, with all that another one shows, and its settings except the name: the way out of a book
/// without organisers and without a sheet. Members and devices are not taken over; they have to be invited.
#[uniffi::export]
pub fn found_anew(
    path: String,
    storage_key: Vec<u8>,
    new_book: NewBook,
    old: Arc<Book>,
) -> Result<CreatedBook, SamlaError> {
    let home = home(path, storage_key)?;
    let (book, sheet) = with_context(|ctx| samla_core::Book::found_anew(ctx, &home, &new_book, &old.lock()))?;
    Ok(CreatedBook { book: Book::around(book), sheet: sheet.into() })
}

/// Recovery, coming in anew, and files from phone to phone.
#[uniffi::export]
impl Book {
    /// Begins to come back into a book by its recovery sheet, in a new file. The rounds of sync that follow do the rest:
    /// this device becomes an organiser, and with `alone` everybody else is put out.
    #[uniffi::constructor]
    pub fn recover(
        path: String,
        storage_key: Vec<u8>,
        sheet: String,
        server_url: String,
        my_name: String,
        device_label: String,
        alone: bool,
    ) -> Result<Arc<Self>, SamlaError> {
        let home = home(path, storage_key)?;
        let book = with_context(|ctx| {
            samla_core::Book::recover(ctx, &home, &sheet, &server_url, &my_name, &device_label, alone)
        })?;
        Ok(Self::around(book))
    }

    /// Begins to join, in a new file, by an invitation link and a file made for it, without a network: the register can be
    /// read and written at once. The join itself is sent with the first round of sync, and may still be refused.
    #[uniffi::constructor]
    pub fn join_with_file(
        path: String,
        storage_key: Vec<u8>,
        link: String,
        file: Vec<u8>,
        my_name: String,
        device_label: String,
    ) -> Result<Arc<Self>, SamlaError> {
        let home = home(path, storage_key)?;
        let book =
            with_context(|ctx| samla_core::Book::join_with_file(ctx, &home, &link, &file, &my_name, &device_label))?;
        Ok(Self::around(book))
    }

    /// Comes in anew by an invitation, under other keys: after the alarm `device_fork`, after an invitation turned out to be
    /// used, or after being put out. What was only on this device is written again once it is in; after being put out nothing of
    /// it is left but what `export_leftover` hands back. Under the name of before the user is the same steward to the others, as
    /// long as their row among the people is there.
    pub fn rejoin(&self, link: String, my_name: String, device_label: String) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.rejoin(ctx, &link, &my_name, &device_label))
    }

    /// All that this device holds as a file for another phone of the book, what has not been sent among it. It is sealed;
    /// it tells how many devices there are and how much they wrote.
    pub fn export_file(&self) -> Result<Vec<u8>, SamlaError> {
        self.act(|book, ctx| book.export_file(ctx))
    }

    /// The same for somebody who comes in by this invitation and has no network: with the link it lets them read at once.
    pub fn export_file_for(&self, invite: String) -> Result<Vec<u8>, SamlaError> {
        let invite = invite_id(&invite)?;
        self.act(|book, ctx| book.export_file_for(ctx, invite))
    }

    /// Takes in a file that another phone of the book has made.
    pub fn import_file(&self, file: Vec<u8>) -> Result<FileView, SamlaError> {
        self.act(|book, ctx| book.import_file(ctx, &file))
    }

    /// Makes a new recovery sheet. The old one is retired if its text is given, once the new one is in force; else it stays valid
    /// beside the new one. Confirm it like the first. Fails with `sheet_limit` where no more can be in force.
    #[uniffi::method(default(old = None))]
    pub fn renew_recovery(&self, old: Option<String>) -> Result<RecoverySheet, SamlaError> {
        Ok(self.act(|book, ctx| book.renew_recovery(ctx, old.as_deref()))?.into())
    }

    /// Puts a recovery sheet out of force, by its text, with the next round of sync. Never the only one: `sheet_last`.
    pub fn retire_recovery(&self, sheet: String) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.retire_recovery(ctx, &sheet))
    }

    /// Which characters of the sheet to ask for again, half a year after they were last confirmed; counted from 1 after
    /// `samlar1`. None where it is not time.
    pub fn sheet_question(&self) -> Option<Vec<u32>> {
        let now = now();
        self.look(|book| book.sheet_question(&now))
    }

    /// Checks the characters that `sheetQuestion` asks for.
    pub fn check_sheet(&self, typed: String) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.check_sheet(ctx, &typed))
    }
}
