//! The lists of the employer and of the office held against the register, and what is decided of them.

use std::sync::{Arc, Mutex};

use samla_core::BookError;
use samla_core::lists::{DecisionView, ListProgress, ListTerms, UnknownWorkplace};

use crate::book::{Book, today, with_context};
use crate::error::SamlaError;
use crate::lists::{ListFile, ListListener, lock};
use crate::records::{ImportId, WorkplaceId};
use crate::scalars::Count;

/// A comparison of the register with a list of the employer, of the office, or both. It and its key live in memory only.
#[derive(Debug, uniffi::Object)]
pub struct Reconcile {
    comparison: Mutex<samla_core::lists::Reconcile>,
}

#[uniffi::export]
impl Reconcile {
    /// Begins a comparison and makes its key.
    #[uniffi::constructor]
    pub fn begin() -> Result<Arc<Self>, SamlaError> {
        let comparison = with_context(|ctx| Ok(samla_core::lists::Reconcile::begin(ctx)))?;
        Ok(Arc::new(Self { comparison: Mutex::new(comparison) }))
    }

    /// Reads a list for this comparison: its personal numbers are turned into tags of this comparison's key.
    pub fn read(&self, bytes: Vec<u8>) -> Result<Arc<ListFile>, SamlaError> {
        Ok(Arc::new(ListFile { list: lock(&self.comparison).read(&bytes).map_err(BookError::from)? }))
    }

    /// The same as `read`, and tells how far it has come.
    pub fn read_telling(&self, bytes: Vec<u8>, listener: Arc<dyn ListListener>) -> Result<Arc<ListFile>, SamlaError> {
        let list = lock(&self.comparison).read_telling(&bytes, |progress| listener.on_progress(progress));
        Ok(Arc::new(ListFile { list: list.map_err(BookError::from)? }))
    }

    /// The same as `add` in steps, for a long list: `AddSteps.step` until all is done, then `finish`.
    pub fn start_add(
        self: Arc<Self>,
        book: &Book,
        list: &ListFile,
        terms: ListTerms,
    ) -> Result<Arc<AddSteps>, SamlaError> {
        let running = book.look(|book| samla_core::lists::AddSteps::begin(book.register(), &list.list, &terms));
        let running = running.map_err(BookError::from)?;
        let progress = Mutex::new(running.progress());
        Ok(Arc::new(AddSteps { into: self, running: Mutex::new(Some(running)), progress }))
    }

    /// Takes a list into the comparison in one go; one of the same source takes the place of the former. A list of the
    /// stewards' own is refused.
    pub fn add(&self, book: &Book, list: &ListFile, terms: ListTerms) -> Result<(), SamlaError> {
        let mut comparison = lock(&self.comparison);
        Ok(book.look(|book| comparison.add(book.register(), &list.list, &terms)).map_err(BookError::from)?)
    }

    /// Compares, and makes the decisions anew. Only contacts at these workplaces and the sites within them are missed on a
    /// list; without any, those at the workplaces that the employer's list names, and without such a list everybody.
    /// Refused where the employer's list names no workplace that the register has, and none is given.
    #[uniffi::method(default(workplaces = []))]
    pub fn compare(&self, book: &Book, workplaces: Vec<WorkplaceId>) -> Result<(), SamlaError> {
        let mut comparison = lock(&self.comparison);
        Ok(book.look(|book| comparison.compare(book.register(), &workplaces, today())).map_err(BookError::from)?)
    }

    /// The same as `compare`, and tells how far it has come.
    pub fn compare_telling(
        &self,
        book: &Book,
        workplaces: Vec<WorkplaceId>,
        listener: Arc<dyn ListListener>,
    ) -> Result<(), SamlaError> {
        let mut comparison = lock(&self.comparison);
        let tell = |progress| listener.on_progress(progress);
        let compared = book.look(|book| comparison.compare_telling(book.register(), &workplaces, today(), tell));
        Ok(compared.map_err(BookError::from)?)
    }

    /// The decisions, in the order of their kinds and names.
    pub fn decisions(&self) -> Vec<DecisionView> {
        lock(&self.comparison).decisions().cloned().collect()
    }

    /// Names of workplaces in the lists that the register does not have: who works there by the register is not missed.
    pub fn unknown_workplaces(&self) -> Vec<UnknownWorkplace> {
        lock(&self.comparison).unknown_workplaces().cloned().collect()
    }

    /// How many decisions nobody has made. What cannot be accepted is looked at and dismissed.
    pub fn open(&self) -> Count {
        lock(&self.comparison).open()
    }

    /// Lets a decision be as it is.
    pub fn dismiss(&self, id: Count) -> Result<(), SamlaError> {
        lock(&self.comparison).dismiss(id);
        Ok(())
    }
}

/// A list on its way into a comparison.
#[derive(Debug, uniffi::Object)]
pub struct AddSteps {
    into: Arc<Reconcile>,
    running: Mutex<Option<samla_core::lists::AddSteps>>,
    progress: Mutex<ListProgress>,
}

#[uniffi::export]
impl AddSteps {
    /// How far it has come.
    pub fn progress(&self) -> ListProgress {
        *lock(&self.progress)
    }

    /// Looks at the next rows. The comparison is as it was.
    #[uniffi::method(default(rows = 500))]
    pub fn step(&self, book: &Book, rows: u32) -> ListProgress {
        let rows = rows.try_into().unwrap_or(usize::MAX);
        if let Some(running) = lock(&self.running).as_mut() {
            *lock(&self.progress) = book.look(|book| running.step(book.register(), rows));
        }
        self.progress()
    }

    /// Takes the list into the comparison; one of the same source gives way. Rows that were not looked at are looked at now.
    /// Nothing the second time.
    pub fn finish(&self, book: &Book) {
        let Some(running) = lock(&self.running).take() else { return };
        let rows = running.progress().total;
        let mut comparison = lock(&self.into.comparison);
        book.look(|book| running.finish(book.register(), &mut comparison));
        *lock(&self.progress) = ListProgress { done: rows, total: rows };
    }
}

/// What a comparison writes.
#[uniffi::export]
impl Book {
    /// Accepts a decision of a comparison and writes what it says. `what` is the text of the follow-up where the decision
    /// makes one: the question to the office. A field that somebody has changed since the comparison is left, and the
    /// decision says so.
    pub fn accept(&self, reconcile: &Reconcile, id: Count, what: String) -> Result<(), SamlaError> {
        let mut comparison = lock(&reconcile.comparison);
        self.act(|book, ctx| book.accept(ctx, &mut comparison, id, &what))
    }

    /// Signs a comparison off: each of its lists is written down with the moment. Every decision must be made.
    pub fn sign_off(&self, reconcile: &Reconcile) -> Result<Vec<ImportId>, SamlaError> {
        let mut comparison = lock(&reconcile.comparison);
        self.act(|book, ctx| book.sign_off(ctx, &mut comparison))
    }
}
