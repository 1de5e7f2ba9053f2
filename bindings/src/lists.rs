//! Lists that come in: read, looked through, taken in step by step, and taken back.
//!
//! What takes long is an object with a `step`: call it until all is done, and show its progress in between. It may be left at
//! any time, and anything else may be done with the book meanwhile. What is done in one go tells a `ListListener`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use samla_core::BookError;
use samla_core::book::{ImportProgress, ImportView, UndoProgress};
use samla_core::lists::{
    Column, ColumnView, DryRowView, DryRunView, ImportChoices, List, ListChangesView, ListForm, ListProgress,
    ListTerms, PlaceName, Verdict, list_changes,
};

use crate::book::{Book, today};
use crate::error::SamlaError;
use crate::records::ImportId;
use crate::scalars::Count;

/// Every step was written in one piece, also before a fault.
pub(crate) fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who hears how far a list has come that is read or compared in one go. The app makes one.
#[uniffi::export(with_foreign)]
pub trait ListListener: Send + Sync {
    /// So much of it is done: bytes of the text while it is read, rows and contacts while lists are compared. It is called
    /// every thousand rows by the thread that does the work, which waits for it: it must not throw, nor ask the book or the
    /// comparison anything.
    fn on_progress(&self, progress: ListProgress);
}

/// A list that was read from a file: CSV in its many forms, or a sheet of a workbook. It has its columns and rows, without the
/// personal numbers that stood in it.
#[derive(Debug, uniffi::Object)]
pub struct ListFile {
    pub(crate) list: List,
}

#[uniffi::export]
impl ListFile {
    /// Reads the bytes of a file. Personal numbers are left out.
    #[uniffi::constructor]
    pub fn read(bytes: Vec<u8>) -> Result<Arc<Self>, SamlaError> {
        Ok(Arc::new(Self { list: List::read(&bytes).map_err(BookError::from)? }))
    }

    /// The same, and tells how far it has come.
    #[uniffi::constructor]
    pub fn read_telling(bytes: Vec<u8>, listener: Arc<dyn ListListener>) -> Result<Arc<Self>, SamlaError> {
        let list = List::read_telling(&bytes, |progress| listener.on_progress(progress));
        Ok(Arc::new(Self { list: list.map_err(BookError::from)? }))
    }

    /// What the file turned out to be.
    pub fn form(&self) -> ListForm {
        self.list.form().clone()
    }

    /// How many rows about people it has.
    pub fn rows(&self) -> Count {
        self.list.len()
    }

    /// How many columns it has.
    pub fn width(&self) -> Count {
        self.list.width()
    }

    /// How many cells held a personal number, which was left out.
    pub fn numbers_found(&self) -> Count {
        self.list.numbers_found()
    }
}

/// Whether several columns of one list may mean this.
#[uniffi::export]
pub fn may_repeat(meaning: Column) -> bool {
    meaning.may_repeat()
}

/// What taking in a list would do, row by row. It holds as long as the register does not change.
#[derive(Debug, uniffi::Object)]
pub struct DryRun {
    dry: samla_core::lists::DryRun,
}

#[uniffi::export]
impl DryRun {
    /// The counts, and what is to be seen to first.
    pub fn view(&self) -> DryRunView {
        self.dry.view().clone()
    }

    /// Rows of one verdict, or of all, in the order of the file: so many after leaving out the first `skip`.
    #[uniffi::method(default(verdict = None, skip = 0, limit = 100))]
    pub fn rows(&self, book: &Book, verdict: Option<Verdict>, skip: u32, limit: u32) -> Vec<DryRowView> {
        let [skip, limit] = [skip, limit].map(|rows| rows.try_into().unwrap_or(usize::MAX));
        book.look(|book| self.dry.rows(book.register(), verdict, skip, limit))
    }
}

/// A dry run on its way.
#[derive(Debug, uniffi::Object)]
pub struct DryRunSteps {
    running: Mutex<Option<samla_core::lists::DryRunSteps>>,
    progress: Mutex<ListProgress>,
}

#[uniffi::export]
impl DryRunSteps {
    /// How far it has come.
    pub fn progress(&self) -> ListProgress {
        *lock(&self.progress)
    }

    /// Looks at the next rows. Nothing is changed.
    #[uniffi::method(default(rows = 500))]
    pub fn step(&self, book: &Book, rows: u32) -> ListProgress {
        let rows = rows.try_into().unwrap_or(usize::MAX);
        if let Some(running) = lock(&self.running).as_mut() {
            *lock(&self.progress) = book.look(|book| running.step(book.register(), rows));
        }
        self.progress()
    }

    /// What comes of it: rows that were not looked at are looked at now. Nothing the second time.
    pub fn finish(&self, book: &Book) -> Option<Arc<DryRun>> {
        let running = lock(&self.running).take()?;
        let dry = book.look(|book| running.finish(book.register()));
        let rows = dry.view().rows;
        *lock(&self.progress) = ListProgress { done: rows, total: rows };
        Some(Arc::new(DryRun { dry }))
    }
}

/// An import on its way.
#[derive(Debug, uniffi::Object)]
pub struct ImportRun {
    run: Mutex<samla_core::book::ImportRun>,
}

#[uniffi::export]
impl ImportRun {
    /// The import.
    pub fn id(&self) -> ImportId {
        lock(&self.run).import()
    }

    /// How far it has come.
    pub fn progress(&self) -> ImportProgress {
        lock(&self.run).progress()
    }

    /// Writes the next rows, each a change of its own, durable when this returns. After a crash `resumeImport` goes on.
    #[uniffi::method(default(rows = 500))]
    pub fn step(&self, book: &Book, rows: u32) -> Result<ImportProgress, SamlaError> {
        let mut run = lock(&self.run);
        book.act(|book, ctx| run.step(book, ctx, rows.try_into().unwrap_or(usize::MAX)))
    }
}

/// An import being taken back.
#[derive(Debug, uniffi::Object)]
pub struct ImportUndo {
    undo: Mutex<samla_core::book::ImportUndo>,
}

#[uniffi::export]
impl ImportUndo {
    /// How far it has come.
    pub fn progress(&self) -> UndoProgress {
        lock(&self.undo).progress().clone()
    }

    /// Takes back the next rows: what was added goes, what was changed gets its old value back, and what somebody has changed
    /// or used since stays and is told. After a crash it is begun again.
    #[uniffi::method(default(rows = 500))]
    pub fn step(&self, book: &Book, rows: u32) -> Result<UndoProgress, SamlaError> {
        let mut undo = lock(&self.undo);
        book.act(|book, ctx| undo.step(book, ctx, rows.try_into().unwrap_or(usize::MAX)).cloned())
    }
}

/// Lists.
#[uniffi::export]
impl Book {
    /// What the columns of a list may mean, from the left. A layout that was taken in or compared on this device before is
    /// remembered.
    pub fn list_columns(&self, list: &ListFile) -> Result<Vec<ColumnView>, SamlaError> {
        Ok(self.look(|book| book.list_columns(&list.list))?)
    }

    /// What lists that were taken in or compared on this device call workplaces by another name than the register: to stand
    /// in a list's terms, before what is said of this list.
    pub fn list_places(&self) -> Result<Vec<PlaceName>, SamlaError> {
        Ok(self.look(samla_core::Book::list_places)?)
    }

    /// The same as `dryRun` in steps, for a long list: `DryRunSteps.step` until all is done, then `finish`.
    pub fn start_dry_run(&self, list: &ListFile, terms: ListTerms) -> Result<Arc<DryRunSteps>, SamlaError> {
        let running = self.look(|book| book.start_dry_run(&list.list, &terms, today()))?;
        let progress = Mutex::new(running.progress());
        Ok(Arc::new(DryRunSteps { running: Mutex::new(Some(running)), progress }))
    }

    /// What taking in a list would do, in one go. Nothing is changed.
    pub fn dry_run(&self, list: &ListFile, terms: ListTerms) -> Result<Arc<DryRun>, SamlaError> {
        Ok(Arc::new(DryRun { dry: self.look(|book| book.dry_run(&list.list, &terms, today()))? }))
    }

    /// Begins to take in a list: writes down that it comes in and keeps the plan on this device. `ImportRun.step` does the
    /// rest.
    pub fn start_import(&self, dry: &DryRun, choices: ImportChoices) -> Result<Arc<ImportRun>, SamlaError> {
        let run = self.act(|book, ctx| book.start_import(ctx, &dry.dry, &choices))?;
        Ok(Arc::new(ImportRun { run: Mutex::new(run) }))
    }

    /// Goes on with an import that was begun on this device and not finished.
    pub fn resume_import(&self, id: ImportId) -> Result<Arc<ImportRun>, SamlaError> {
        let run = self.look(|book| book.resume_import(id))?;
        Ok(Arc::new(ImportRun { run: Mutex::new(run) }))
    }

    /// Begins to take back an import of this device, finished or not, within thirty days. `ImportUndo.step` does the rest.
    pub fn undo_import(&self, id: ImportId) -> Result<Arc<ImportUndo>, SamlaError> {
        let undo = self.look(|book| book.undo_import(id))?;
        Ok(Arc::new(ImportUndo { undo: Mutex::new(undo) }))
    }

    /// The lists that were taken in, the latest first.
    pub fn imports(&self) -> Result<Vec<ImportView>, SamlaError> {
        Ok(self.look(samla_core::Book::imports)?)
    }

    /// Holds two lists of one employer against each other: who came, who went, who moved. Both read by one `Reconcile` are
    /// paired by personal number where they have it.
    pub fn list_changes(
        &self,
        earlier: &ListFile,
        earlier_terms: ListTerms,
        later: &ListFile,
        later_terms: ListTerms,
    ) -> Result<ListChangesView, SamlaError> {
        let (earlier, later) = ((&earlier.list, &earlier_terms), (&later.list, &later_terms));
        Ok(self.look(|book| list_changes(book.register(), earlier, later)).map_err(BookError::from)?)
    }
}
