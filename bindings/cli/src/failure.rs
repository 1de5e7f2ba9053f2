//! Why a command did not do what was asked.

use std::io;

use samla_core::BookError;
use samla_core::tables::{FieldError, FieldReason};

use crate::words::About;

/// Why a command did not do what was asked. Each has a stable code, and a text in [`crate::words`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The core said no.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The server was not reached. What was written is safe here.
    #[error("the server was not reached")]
    Offline,
    /// There is no place for programs' data on this system, and none was named.
    #[error("no folder is known")]
    NoHome,
    /// The folder or a file in it cannot be used.
    #[error("the folder cannot be used")]
    Home(#[source] io::Error),
    /// The key of a book that is here is not.
    #[error("the key is missing")]
    KeyMissing,
    /// The book's key is made from a passphrase, and none was given.
    #[error("a passphrase is needed")]
    PassphraseNeeded,
    /// Another process works with this folder, and did not end.
    #[error("another process works with this folder")]
    Busy,
    /// The answer could not be written.
    #[error("the answer could not be written")]
    Output(#[source] io::Error),
    /// The input could not be read.
    #[error("the input could not be read")]
    Input(#[source] io::Error),
    /// The person has no free months that end.
    #[error("no free months end")]
    NoCall,
    /// Both ids are those of one contact.
    #[error("both are one contact")]
    SameContact,
    /// The first visit of the series was removed.
    #[error("the first visit of the series was removed")]
    FirstGone,
    /// The visit does not repeat.
    #[error("the visit does not repeat")]
    NotRepeating,
    /// Nothing is to be done under this handle.
    #[error("nothing is to be done under this handle")]
    NothingDue,
    /// Several things are to be done under this handle.
    #[error("several things are to be done under this handle")]
    SeveralDue,
    /// Nobody has this name.
    #[error("nobody has this name")]
    NobodyNamed,
    /// Several have this name.
    #[error("several have this name")]
    SeveralNamed,
    /// The sheet is not asked for now.
    #[error("the sheet is not asked for")]
    SheetNotAsked,
    /// The book is one to practise with: nothing of it is ever sent, and nobody else is in it.
    #[error("a book to practise with")]
    Practice,
    /// Nothing waits for the book to begin anew.
    #[error("nothing waits for the book to begin anew")]
    NothingWanted,
    /// What is wanted cannot be taken back any more.
    #[error("it is on its way to the server")]
    OnItsWay,
    /// This device has no import to go on with, or to take back.
    #[error("there is no such import")]
    NoImport,
    /// The file to read is not there.
    #[error("there is no such file")]
    NoFile,
    /// The file to write is there already.
    #[error("the file is there already")]
    FileExists,
}

/// The codes that the core does not have.
#[cfg(test)]
pub(crate) const OWN_CODES: &[&str] = &[
    "offline",
    "no_home",
    "key_missing",
    "passphrase_needed",
    "output_failed",
    "input_failed",
    "no_call",
    "same_contact",
    "first_gone",
    "not_repeating",
    "nothing_due",
    "several_due",
    "nobody_named",
    "several_named",
    "sheet_not_asked",
    "practice",
    "nothing_wanted",
    "on_its_way",
    "no_import",
    "no_file",
    "file_exists",
];

impl Failure {
    /// The stable word for it.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Book(error) => error.code(),
            Self::Offline => "offline",
            Self::NoHome => "no_home",
            Self::Home(error) if error.kind() == io::ErrorKind::StorageFull => "storage_full",
            Self::Home(_) => "storage_unavailable",
            Self::KeyMissing => "key_missing",
            Self::PassphraseNeeded => "passphrase_needed",
            Self::Busy => "storage_busy",
            Self::Output(_) => "output_failed",
            Self::Input(_) => "input_failed",
            Self::NoCall => "no_call",
            Self::SameContact => "same_contact",
            Self::FirstGone => "first_gone",
            Self::NotRepeating => "not_repeating",
            Self::NothingDue => "nothing_due",
            Self::SeveralDue => "several_due",
            Self::NobodyNamed => "nobody_named",
            Self::SeveralNamed => "several_named",
            Self::SheetNotAsked => "sheet_not_asked",
            Self::Practice => "practice",
            Self::NothingWanted => "nothing_wanted",
            Self::OnItsWay => "on_its_way",
            Self::NoImport => "no_import",
            Self::NoFile => "no_file",
            Self::FileExists => "file_exists",
        }
    }

    /// The field that was refused, and why.
    pub(crate) fn field(&self) -> Option<&FieldError> {
        match self {
            Self::Book(BookError::Field(error)) => Some(error),
            _ => None,
        }
    }

    /// The word that the server said, or the mark of the fault in the program.
    pub(crate) fn detail(&self) -> Option<&str> {
        match self {
            Self::Book(BookError::Bug(mark)) => Some(mark),
            Self::Book(error) => error.problem(),
            _ => None,
        }
    }

    /// The line of a list that cannot be read, from 1.
    pub(crate) fn line(&self) -> Option<u32> {
        match self {
            Self::Book(BookError::List(error)) => error.line(),
            _ => None,
        }
    }

    /// What it is about, for its text.
    pub(crate) fn about(&self) -> About<'_> {
        match (self.field(), self.detail()) {
            (Some(refused), _) => About::Field { field: &refused.field, reason: refused.reason.code() },
            (None, Some(detail)) => About::Problem(detail),
            (None, None) => About::Nothing,
        }
    }

    /// Whoever read the answer has seen enough: `samla list contacts | head`.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self::Book(BookError::Field(error))
    }
}

/// A field that the table does not have.
pub(crate) fn unknown_field(name: &str) -> Failure {
    FieldReason::UnknownField.of(name).into()
}
