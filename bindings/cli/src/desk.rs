//! A book opened for one command: the lock, the clock and the randomness come together here.

use chrono::Local;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use samla_core::register::Register;
use samla_core::{Book, BookError, Context, Date, Home, Moment, RecoverySheet};

use crate::failure::Failure;
use crate::home::{Folder, Lock};

/// Edits since the copies that make opening quick were last made, above which making them again pays off.
const WORTH_TIDYING: u64 = 400;

/// A book, open, and nobody else works with it.
pub(crate) struct Desk {
    book: Book,
    folder: Folder,
    // Let go last: the book must be closed before the next process opens it.
    _lock: Lock,
}

/// What this machine's clock shows, with its offset.
pub(crate) fn now() -> Moment {
    Local::now().fixed_offset()
}

/// Today, here.
pub(crate) fn today() -> Date {
    now().date_naive()
}

fn with_context<T>(work: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let mut rng = UnwrapErr(SysRng);
    work(&mut Context { now: now(), rng: &mut rng })
}

impl Desk {
    /// Opens the book of this folder.
    pub(crate) fn open(folder: &Folder) -> Result<Self, Failure> {
        if !folder.has_book() {
            return Err(Failure::Book(BookError::Store(samla_core::store::StoreError::Empty)));
        }
        let lock = folder.lock()?;
        let home = folder.home()?;
        let book = with_context(|ctx| Book::open(ctx, &home))?;
        Ok(Self { book, folder: folder.clone(), _lock: lock })
    }

    /// Makes a book in this folder.
    pub(crate) fn create(folder: &Folder, new: &samla_core::NewBook) -> Result<(Self, RecoverySheet), Failure> {
        Self::begin(folder, |ctx, home| Book::create(ctx, home, new))
    }

    /// Begins to join a book in this folder.
    pub(crate) fn join(folder: &Folder, link: &str, name: &str, label: &str) -> Result<Self, Failure> {
        Self::begin(folder, |ctx, home| Ok((Book::join(ctx, home, link, name, label)?, ()))).map(|(desk, ())| desk)
    }

    fn begin<T>(
        folder: &Folder,
        make: impl FnOnce(&mut Context<'_>, &Home) -> Result<(Book, T), BookError>,
    ) -> Result<(Self, T), Failure> {
        folder.make()?;
        let lock = folder.lock()?;
        if folder.has_book() {
            return Err(Failure::Book(BookError::Store(samla_core::store::StoreError::Occupied)));
        }
        let made = with_context(|ctx| {
            let home = folder.home_for_new(ctx.rng)?;
            make(ctx, &home).map_err(Failure::from)
        });
        match made {
            Ok((book, with)) => Ok((Self { book, folder: folder.clone(), _lock: lock }, with)),
            Err(failure) => {
                folder.discard()?;
                Err(failure)
            }
        }
    }

    /// Does something that may write.
    pub(crate) fn act<T>(
        &mut self,
        work: impl FnOnce(&mut Book, &mut Context<'_>) -> Result<T, BookError>,
    ) -> Result<T, Failure> {
        Ok(with_context(|ctx| work(&mut self.book, ctx))?)
    }

    /// The book, to look at.
    pub(crate) fn book(&self) -> &Book {
        &self.book
    }

    /// Everything that was written down.
    pub(crate) fn register(&self) -> &Register {
        self.book.register()
    }

    /// Closes the book. When much has come since the last time, makes the next opening quick first.
    pub(crate) fn close(mut self) -> Result<(), Failure> {
        if self.book.edits_since_tidy() > WORTH_TIDYING {
            self.act(|book, ctx| book.tidy(ctx))?;
        }
        Ok(())
    }

    /// Deletes a book that never came to be.
    pub(crate) fn discard(self) -> Result<(), Failure> {
        let Self { book, folder, _lock } = self;
        drop(book);
        folder.discard()
    }
}
