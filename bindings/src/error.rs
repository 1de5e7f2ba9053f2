//! The errors, sorted by what the app does next.

use samla_core::BookError;
use samla_core::store::StoreError;

/// Why something was not done. The book stays usable, and nothing that was saved is lost.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum SamlaError {
    /// There is no such row, or it was removed: show the list again.
    #[error("there is no such row")]
    UnknownRow,
    /// A field was refused: mark it. The reason is a stable word.
    #[error("{field}: {reason}")]
    InvalidField {
        /// The field's name.
        field: String,
        /// Why, such as `required` or `not_a_date`.
        reason: String,
    },
    /// The storage key does not fit: ask for the right one.
    #[error("the storage key does not fit")]
    WrongKey,
    /// A newer version of the app is needed: offer the update.
    #[error("a newer version is needed")]
    UpdateRequired,
    /// There is no room left and nothing was written: ask to free some.
    #[error("the storage is full")]
    StorageFull,
    /// The file is damaged: keep it, and offer to join anew.
    #[error("the storage is damaged")]
    StorageDamaged,
    /// It was refused, by a rule here or by the server: show [`text`](crate::text) for `error.` and `next.` with this code.
    #[error("refused: {code}")]
    Refused {
        /// A stable word, such as `recovery_unconfirmed`, `invite_used` or `server_away`.
        code: String,
        /// The server's own word, where the code is `server_refused`; the line of the file, from 1, where a list cannot be
        /// read because of it.
        detail: Option<String>,
    },
    /// A fault in the program: offer to report the code.
    #[error("a fault in the program: {code}")]
    Bug {
        /// Where it happened.
        code: String,
    },
}

impl From<BookError> for SamlaError {
    fn from(error: BookError) -> Self {
        match error {
            BookError::UnknownRow => Self::UnknownRow,
            BookError::Field(refused) => Self::invalid(refused.field, refused.reason.code()),
            BookError::UpdateRequired => Self::UpdateRequired,
            BookError::Store(StoreError::WrongKey) => Self::WrongKey,
            BookError::Store(StoreError::Newer) => Self::UpdateRequired,
            BookError::Store(StoreError::Full(_)) => Self::StorageFull,
            BookError::Store(StoreError::Damaged(_)) => Self::StorageDamaged,
            BookError::Bug(code) => Self::Bug { code: code.to_owned() },
            BookError::List(error) => {
                Self::Refused { code: error.code().to_owned(), detail: error.line().map(|line| line.to_string()) }
            }
            // Every other refusal has a code of its own, for which the app has a text.
            other => Self::Refused { code: other.code().to_owned(), detail: other.problem().map(str::to_owned) },
        }
    }
}

impl SamlaError {
    pub(crate) fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidField { field: field.into(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use samla_core::lists::ListError;
    use samla_core::tables::FieldReason;

    use super::*;

    #[test]
    fn each_error_says_what_to_do_next_and_nothing_else() {
        let told = |error: BookError| SamlaError::from(error).to_string();
        assert_eq!(told(BookError::Field(FieldReason::NotADate.of("hired_on"))), "hired_on: not_a_date");
        assert_eq!(told(BookError::InviteUsed), "refused: invite_used");
        assert_eq!(told(BookError::Bug("seal")), "a fault in the program: seal");
        let refused = SamlaError::from(BookError::ServerRefused("quota".into()));
        assert!(
            matches!(refused, SamlaError::Refused { code, detail } if code == "server_refused" && detail.as_deref() == Some("quota"))
        );
        let refused = SamlaError::from(BookError::List(ListError::CutOff { line: 7 }));
        assert!(
            matches!(refused, SamlaError::Refused { code, detail } if code == "list_cut_off" && detail.as_deref() == Some("7"))
        );
    }
}
