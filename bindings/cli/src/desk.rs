//! A book opened for one command: the lock, the clock and the randomness come together here.

use chrono::Local;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use samla_core::register::Register;
use samla_core::store::StoreError;
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

/// Opens the book under its key; or under the next one, where a process ended after it had sealed the book anew and before it
/// had put the key in its place.
fn open(folder: &Folder) -> Result<Book, Failure> {
    let with = |home: Home| with_context(|ctx| Book::open(ctx, &home));
    match (with(folder.home()?), folder.next_home()?) {
        (Err(BookError::Store(StoreError::WrongKey)), Some(next)) => {
            let book = with(next)?;
            folder.take_next_key()?;
            Ok(book)
        }
        (opened, next) => {
            let book = opened?;
            if next.is_some() {
                folder.drop_next_key()?;
            }
            Ok(book)
        }
    }
}

impl Desk {
    /// Opens the book of this folder.
    pub(crate) fn open(folder: &Folder) -> Result<Self, Failure> {
        if !folder.has_book() {
            return Err(Failure::Book(BookError::Store(StoreError::Empty)));
        }
        let lock = folder.lock()?;
        let book = open(folder)?;
        Ok(Self { book, folder: folder.clone(), _lock: lock })
    }

    /// Makes a book in this folder.
    pub(crate) fn create(folder: &Folder, new: &samla_core::NewBook) -> Result<(Self, RecoverySheet), Failure> {
        Self::begin(folder, |ctx, home| Book::create(ctx, home, new))
    }

    /// Makes a book in this folder with all that another one shows.
    pub(crate) fn found_anew(
        folder: &Folder,
        new: &samla_core::NewBook,
        old: &Book,
    ) -> Result<(Self, RecoverySheet), Failure> {
        Self::begin(folder, |ctx, home| Book::found_anew(ctx, home, new, old))
    }

    /// Begins to join a book in this folder.
    pub(crate) fn join(folder: &Folder, link: &str, name: &str, label: &str) -> Result<Self, Failure> {
        Self::begin(folder, |ctx, home| Ok((Book::join(ctx, home, link, name, label)?, ()))).map(|(desk, ())| desk)
    }

    /// Begins to join a book with a file that lets it be read at once.
    pub(crate) fn join_with_file(
        folder: &Folder,
        link: &str,
        file: &[u8],
        name: &str,
        label: &str,
    ) -> Result<Self, Failure> {
        Self::begin(folder, |ctx, home| Ok((Book::join_with_file(ctx, home, link, file, name, label)?, ())))
            .map(|(desk, ())| desk)
    }

    /// Begins to come back into a book by its recovery sheet.
    pub(crate) fn recover(folder: &Folder, sheet: &str, from: &crate::args::Recover) -> Result<Self, Failure> {
        Self::begin(folder, |ctx, home| {
            Ok((Book::recover(ctx, home, sheet, &from.server, &from.name, &from.label, from.alone)?, ()))
        })
        .map(|(desk, ())| desk)
    }

    fn begin<T>(
        folder: &Folder,
        make: impl FnOnce(&mut Context<'_>, &Home) -> Result<(Book, T), BookError>,
    ) -> Result<(Self, T), Failure> {
        folder.make()?;
        let lock = folder.lock()?;
        if folder.has_book() {
            return Err(Failure::Book(BookError::Store(StoreError::Occupied)));
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

    /// Refuses a book to practise with, which is never sent.
    pub(crate) fn must_be_shared(&self) -> Result<(), Failure> {
        if self.book.status()?.practice { Err(Failure::Practice) } else { Ok(()) }
    }

    /// The book, to look at.
    pub(crate) fn book(&self) -> &Book {
        &self.book
    }

    /// Everything that was written down.
    pub(crate) fn register(&self) -> &Register {
        self.book.register()
    }

    /// Closes the book. After a new epoch its key file is renewed first; when much has come since the last time, the next
    /// opening is made quick.
    pub(crate) fn close(mut self) -> Result<(), Failure> {
        if self.folder.keeps_key() && self.book.status()?.renew_storage_key {
            let next = with_context(|ctx| self.folder.write_next_key(ctx.rng))?;
            self.act(|book, ctx| book.renew_storage_key(ctx, next))?;
            self.folder.take_next_key()?;
        }
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
