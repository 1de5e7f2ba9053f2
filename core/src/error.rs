//! What can go wrong, as the app is told: a stable code that says what to do next, and no personal data.

use samla_wire::problem::Code;

use crate::document::DocumentError;
use crate::lists::ListError;
use crate::register::PeriodReversed;
use crate::replica::bundle::FileError;
use crate::seal::{LinkError, SealError, SpokenError};
use crate::store::StoreError;
use crate::tables::FieldError;

/// Why a command, a view or a round of sync failed. The book stays usable, and nothing that was saved is lost.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// A field was refused: tell which and why.
    #[error("a field was refused")]
    Field(#[source] FieldError),
    /// A list cannot be read or used: tell why, and where.
    #[error("a list cannot be read")]
    List(#[source] ListError),
    /// There is no such row, or it was removed.
    #[error("there is no such row")]
    UnknownRow,
    /// The recovery sheet has to be confirmed before anybody is written down.
    #[error("the recovery sheet is not confirmed")]
    RecoveryUnconfirmed,
    /// These are not the characters on the recovery sheet.
    #[error("not the characters on the sheet")]
    RecoveryWrong,
    /// Not an invitation link.
    #[error("not an invitation link")]
    Link(#[source] LinkError),
    /// The invitation was used or withdrawn.
    #[error("the invitation has been used or withdrawn")]
    InviteUsed,
    /// The invitation's last day has passed.
    #[error("the invitation has expired")]
    InviteExpired,
    /// What the server shows is not the book that the invitation is for, or an older state of it than the inviter saw.
    #[error("the server shows another book than the invitation")]
    InviteMismatch,
    /// The server has no such book.
    #[error("the server has no such book")]
    BookMissing,
    /// This device may not do that.
    #[error("not allowed for this role")]
    NotAllowed,
    /// This device is no longer in the book.
    #[error("no longer in the book")]
    Removed,
    /// The book is not ready yet: it is still being joined.
    #[error("still joining")]
    Joining,
    /// The server's log is not the one this phone knows.
    #[error("the server's log is not the one this phone knows")]
    Chain,
    /// Another device writes with this device's keys.
    #[error("another device writes with these keys")]
    DeviceFork,
    /// A new epoch has begun that this device cannot open.
    #[error("a new epoch cannot be opened")]
    EpochUnreadable,
    /// Others write so much that a new epoch finds no moment to begin: ask them to pause.
    #[error("others came first too often")]
    Contended,
    /// The server does not know the book's rules: it has to be updated first.
    #[error("the server does not know the rules")]
    RulesUnknown,
    /// An organiser has turned this device away.
    #[error("turned away")]
    Denied,
    /// No book on this server knows the recovery sheet.
    #[error("no book knows this sheet")]
    SheetUnknown,
    /// As many recovery sheets are in force as there can be: one has to be retired before another is made.
    #[error("no more sheets can be in force")]
    SheetLimit,
    /// This recovery sheet is the only one: it can be renewed, and not retired.
    #[error("the only sheet")]
    SheetLast,
    /// Not the text of a recovery sheet.
    #[error("not a recovery sheet")]
    Sheet(#[source] SpokenError),
    /// Not the code of a place in a book's log.
    #[error("not a code to compare")]
    Compare(#[source] SpokenError),
    /// Not a file that can be taken in.
    #[error("not a file to take in")]
    File(#[source] FileError),
    /// A report was asked for a period that ends before it begins.
    #[error("a period ends before it begins")]
    Period(#[from] PeriodReversed),
    /// A newer version is needed to go on.
    #[error("a newer version is needed")]
    UpdateRequired,
    /// The server said no, with this word: small letters and underscores, `unknown` if it was none.
    #[error("the server refused: {0}")]
    ServerRefused(String),
    /// The server does not work just now; what is here is safe, try again later.
    #[error("the server does not work just now")]
    ServerAway,
    /// The server's answer cannot be understood.
    #[error("the server's answer cannot be understood")]
    ServerAnswer,
    /// The storage failed.
    #[error("the storage failed")]
    Store(#[from] StoreError),
    /// A fault in the program, with a code to report.
    #[error("a fault in the program: {0}")]
    Bug(&'static str),
}

/// Gives each error its stable word, and keeps the list of all of them.
macro_rules! codes {
    ({ $($error:pat => $code:literal,)+ } also { $($inner:pat => $said:expr,)+ }) => {
        /// Every stable word that is given here; those of a list are [`ListError::CODES`].
        pub const CODES: &[&str] = &[$($code),+];

        /// The stable word for it. `texts` has what to say of each in every language.
        pub fn code(&self) -> &str {
            match self {
                $($error => $code,)+
                $($inner => $said,)+
            }
        }
    };
}

impl BookError {
    codes! { {
        Self::Field(_) => "field_invalid",
        Self::UnknownRow => "unknown_row",
        Self::RecoveryUnconfirmed => "recovery_unconfirmed",
        Self::RecoveryWrong => "recovery_wrong",
        Self::Link(LinkError::Version) => "update_required",
        Self::Link(_) => "link_malformed",
        Self::InviteUsed => "invite_used",
        Self::InviteExpired => "invite_expired",
        Self::InviteMismatch => "invite_mismatch",
        Self::BookMissing => "book_missing",
        Self::NotAllowed => "not_allowed",
        Self::Removed => "removed",
        Self::Joining => "joining",
        Self::Chain => "chain_mismatch",
        Self::DeviceFork => "device_fork",
        Self::EpochUnreadable => "epoch_unreadable",
        Self::Contended => "epoch_contended",
        Self::RulesUnknown => "rules_unknown",
        Self::Denied => "denied",
        Self::SheetUnknown => "sheet_unknown",
        Self::SheetLimit => "sheet_limit",
        Self::SheetLast => "sheet_last",
        Self::Sheet(_) => "sheet_malformed",
        Self::Compare(SpokenError::Prefix) => "compare_malformed",
        Self::Compare(_) => "compare_mistyped",
        Self::File(FileError::Malformed) => "file_malformed",
        Self::File(FileError::Version) => "update_required",
        Self::File(FileError::OtherBook) => "file_other_book",
        Self::File(FileError::Older) => "file_older",
        Self::File(FileError::Newer) => "file_newer",
        Self::Period(_) => "period_reversed",
        Self::UpdateRequired => "update_required",
        Self::ServerRefused(_) => "server_refused",
        Self::ServerAway => "server_away",
        Self::ServerAnswer => "server_answer",
        Self::Store(StoreError::Full(_)) => "storage_full",
        Self::Store(StoreError::Damaged(_)) => "storage_damaged",
        Self::Store(StoreError::WrongKey) => "wrong_key",
        Self::Store(StoreError::Newer) => "update_required",
        Self::Store(StoreError::Empty) => "no_book",
        Self::Store(StoreError::Occupied) => "book_exists",
        Self::Store(StoreError::Busy(_)) => "storage_busy",
        Self::Store(StoreError::Io(_)) => "storage_unavailable",
        Self::Bug(_) => "bug",
    } also {
        Self::List(error) => error.code(),
    } }

    /// The word that the server said, where it said no.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::ServerRefused(word) => Some(word),
            _ => None,
        }
    }
}

impl From<FieldError> for BookError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<ListError> for BookError {
    fn from(error: ListError) -> Self {
        Self::List(error)
    }
}

impl From<DocumentError> for BookError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Damaged => Self::Store(StoreError::Damaged(None)),
            DocumentError::Automerge(_) => Self::Bug("document_refused"),
            DocumentError::Change(_) => Self::Bug("document_change"),
            DocumentError::MissingDependency => Self::Bug("document_dependency"),
            DocumentError::Panicked => Self::Bug("document_panicked"),
        }
    }
}

impl From<SealError> for BookError {
    fn from(_: SealError) -> Self {
        Self::Bug("seal")
    }
}

/// What a server's problem code means for this phone.
pub(crate) fn of_problem(code: &str) -> BookError {
    match Code::parse(code) {
        Some(Code::BookMissing) => BookError::BookMissing,
        Some(Code::Removed | Code::NotMember) => BookError::Removed,
        Some(Code::NotAllowed) => BookError::NotAllowed,
        Some(Code::InviteUsed) => BookError::InviteUsed,
        Some(Code::InviteExpired) => BookError::InviteExpired,
        Some(Code::ChainMismatch | Code::Fork | Code::Gap | Code::Dprev) => BookError::Chain,
        Some(Code::DeviceFork) => BookError::DeviceFork,
        Some(Code::Newer) => BookError::UpdateRequired,
        Some(Code::RulesUnknown) => BookError::RulesUnknown,
        Some(Code::Head | Code::StaleEpoch) => BookError::Contended,
        Some(Code::Internal | Code::Unavailable) => BookError::ServerAway,
        _ => BookError::ServerRefused(if is_word(code) { code.to_owned() } else { "unknown".to_owned() }),
    }
}

/// A code may be one of a later server's, but whatever else stands there is not repeated on screens and in logs.
fn is_word(code: &str) -> bool {
    (1..=40).contains(&code.len()) && code.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())
}
