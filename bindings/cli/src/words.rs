//! The English words for every error: what happened, and what to do next.

use samla_core::tables::FieldReason;

/// What is said of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    /// What happened, in a sentence.
    pub(crate) says: &'static str,
    /// What to do next; empty where there is nothing to do.
    pub(crate) next: &'static str,
}

macro_rules! words {
    ($($code:literal => $says:literal, $next:literal;)+) => {
        /// The words for an error's code.
        pub(crate) fn of(code: &str) -> Words {
            match code {
                $($code => Words { says: $says, next: $next },)+
                _ => Words { says: "Something failed that this version has no words for.", next: "Report the code." },
            }
        }

        #[cfg(test)]
        const CODES: &[&str] = &[$($code),+];
    };
}

words! {
    "field_invalid" => "A field was refused.",
        "`samla fields TABLE` lists the fields and what they hold. Nothing was written.";
    "unknown_row" => "There is no such row, or it was removed.",
        "`samla list TABLE` lists the rows; `samla restore TABLE ID` brings a removed one back.";
    "recovery_unconfirmed" => "The recovery sheet is not confirmed, so nobody can be written down yet.",
        "Type `samla book confirm` and the characters asked for; `samla status` says which they are.";
    "recovery_wrong" => "These are not the characters on the recovery sheet.",
        "Look at the sheet again: `samla status` says which characters are asked for.";
    "link_malformed" => "This is not an invitation link, or a part of it is missing.",
        "Copy the whole link again, with everything after `#`, in quotation marks. An address without https:// is taken on this machine only.";
    "invite_used" => "The invitation has been used or withdrawn.",
        "Ask the one who invited you for a new one.";
    "invite_expired" => "The invitation's last day has passed.",
        "Ask the one who invited you for a new one.";
    "invite_mismatch" => "The server shows another book, or an older state of it, than the invitation is for.",
        "Do not go on. Tell the one who invited you.";
    "book_missing" => "The server has no such book.",
        "What is here is safe. Ask the server's operator, or look at the address in `samla status`.";
    "book_exists" => "There is a book in this folder already.",
        "Use it, or name another folder with --home.";
    "no_book" => "There is no book in this folder.",
        "Make one with `samla book new`, join one with `samla join`, or name its folder with --home.";
    "not_allowed" => "This device's role does not allow that.",
        "Ask an organiser; `samla members` says who they are.";
    "removed" => "This device is no longer in the book.",
        "What was written before can still be read and exported. To take part again, ask for an invitation.";
    "joining" => "The book is not here yet: the join has not come through.",
        "Type `samla sync` when there is a network.";
    "chain_mismatch" => "The server's log is not the one this device knows.",
        "Nothing more is taken from it. What is here is safe; tell the others and the server's operator.";
    "device_fork" => "Another device writes with this device's keys.",
        "Was this folder copied? Stop using one of the two, and join anew with it.";
    "update_required" => "A newer version of samla is needed.",
        "Update samla and try again. What is here is safe.";
    "server_refused" => "The server said no.",
        "What is here is safe. Try again later, or ask the server's operator.";
    "server_away" => "The server does not work just now.",
        "What is here is safe. Try `samla sync` again later.";
    "server_answer" => "The server's answer cannot be understood.",
        "Is the address right, and is it a Samla server? What is here is safe.";
    "offline" => "The server was not reached.",
        "What is here is safe and goes out with the next `samla sync`.";
    "storage_full" => "The disk is full.",
        "Nothing of this command was written. Free some space and try again.";
    "storage_damaged" => "The book's file is damaged.",
        "Keep the folder as it is. Put back a copy of it, or join the book anew in another folder; what was shared is there.";
    "storage_unavailable" => "The book's folder cannot be read or written.",
        "Look at its permissions and its disk, or name another folder with --home.";
    "storage_busy" => "Another program works with this folder.",
        "Wait until it has ended and try again.";
    "wrong_key" => "The key does not fit this book.",
        "Check SAMLA_PASSPHRASE, or put back the file `key` that belongs to this folder.";
    "key_missing" => "The book's key is missing, or its file cannot be read.",
        "Put back the file `key` or `passphrase` that belongs to this folder.";
    "passphrase_needed" => "This book needs its passphrase.",
        "Set SAMLA_PASSPHRASE, or run the command on a terminal.";
    "no_home" => "No folder is known for the register.",
        "Name one with --home or SAMLA_HOME.";
    "file_exists" => "The file is there already and was left as it is.",
        "Name another file.";
    "output_failed" => "The answer could not be written.",
        "What the command did to the book is kept. Look at the disk and the file's permissions.";
    "input_failed" => "The input could not be read.",
        "Try again.";
    "bug" => "A fault in samla.",
        "Report the code and the word in brackets. What was saved is safe.";
}

/// Why a field was refused, as the end of a sentence that begins with its name.
pub(crate) fn of_reason(reason: FieldReason) -> &'static str {
    match reason {
        FieldReason::UnknownField => "the table has no such field",
        FieldReason::Required => "a row needs it",
        FieldReason::NotADate => "not a day such as 2026-11-23",
        FieldReason::NotAMoment => "not a time such as 2026-11-23T11:30",
        FieldReason::NotANumber => "not a whole number",
        FieldReason::NotYesOrNo => "neither yes nor no",
        FieldReason::OutOfRange => "smaller or larger than the field takes",
        FieldReason::NotAChoice => "not one of the words that the field takes",
        FieldReason::NotAnId => "not an id of 32 hexadecimal digits",
        FieldReason::TooLong => "longer than 16 KiB",
    }
}

#[cfg(test)]
mod tests {
    use samla_core::BookError;
    use samla_core::seal::LinkError;
    use samla_core::store::StoreError;

    use super::*;
    use crate::failure::Failure;

    fn io() -> std::io::Error {
        std::io::Error::other("")
    }

    #[test]
    fn every_error_has_words() {
        let field = FieldReason::Required.of("name");
        let of_book = [
            BookError::Field(field),
            BookError::UnknownRow,
            BookError::RecoveryUnconfirmed,
            BookError::RecoveryWrong,
            BookError::Link(LinkError::Malformed),
            BookError::Link(LinkError::Version),
            BookError::InviteUsed,
            BookError::InviteExpired,
            BookError::InviteMismatch,
            BookError::BookMissing,
            BookError::NotAllowed,
            BookError::Removed,
            BookError::Joining,
            BookError::Chain,
            BookError::DeviceFork,
            BookError::UpdateRequired,
            BookError::ServerRefused(String::new()),
            BookError::ServerAway,
            BookError::ServerAnswer,
            BookError::Store(StoreError::Damaged(None)),
            BookError::Store(StoreError::WrongKey),
            BookError::Store(StoreError::Newer),
            BookError::Store(StoreError::Empty),
            BookError::Store(StoreError::Occupied),
            BookError::Bug("x"),
        ];
        let own = [
            Failure::Offline,
            Failure::NoHome,
            Failure::Home(io()),
            Failure::Home(std::io::ErrorKind::StorageFull.into()),
            Failure::KeyMissing,
            Failure::PassphraseNeeded,
            Failure::Busy,
            Failure::Output(io()),
            Failure::Input(io()),
            Failure::FileExists,
        ];
        for failure in of_book.into_iter().map(Failure::from).chain(own) {
            assert!(CODES.contains(&failure.code()), "{}", failure.code());
        }
    }

    #[test]
    fn words_are_sentences() {
        for code in CODES {
            let Words { says, next } = of(code);
            assert!(says.ends_with('.') && (next.is_empty() || next.ends_with('.')), "{code}");
        }
    }
}
