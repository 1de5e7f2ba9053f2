//! Problem documents (RFC 9457): how a server says no, with a code that stays.

use serde::{Deserialize, Serialize};

use crate::envelope::EnvelopeError;
use crate::roster::RosterError;
use crate::rules::Rejection;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// What is wrong, in a word that never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status it comes with.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// One English sentence for people who read logs.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The request could not be read.
    Malformed = "malformed", 400, "The request could not be read.";
    /// No session, or one that has ended: sign in again.
    Unauthorized = "unauthorized", 401, "Sign in first.";
    /// The operator's token for founding books is missing or wrong.
    OperatorToken = "operator_token", 401, "Founding a book here needs the operator's token.";
    /// The signature on a challenge does not fit, or the challenge is too old or for another server.
    LoginFailed = "login_failed", 401, "The signature does not answer this challenge.";
    /// The caller is not in the book.
    NotMember = "not_member", 403, "Not a member of this book.";
    /// The caller waits for an organiser to let it in.
    Pending = "pending", 403, "An organiser has to let this device in.";
    /// The caller was in the book and is no longer.
    Removed = "removed", 403, "No longer a member of this book.";
    /// The role does not allow it.
    NotAllowed = "not_allowed", 403, "The role does not allow this.";
    /// There is no such book here.
    BookMissing = "book_missing", 404, "There is no such book on this server.";
    /// There is no such path.
    NotFound = "not_found", 404, "There is nothing here.";
    /// The path does not take this method.
    MethodNotAllowed = "method_not_allowed", 405, "This path does not take this method.";
    /// The request's body did not arrive in time.
    Timeout = "timeout", 408, "The request took too long to arrive.";
    /// A book with this id is here already, and it is another.
    BookExists = "book_exists", 409, "This book is here already.";
    /// The roster has moved on: read it and make the op again.
    Rprev = "rprev", 409, "The roster has moved on.";
    /// The log has moved on since the op was made: read it and make the op again.
    Head = "head", 409, "The log has moved on.";
    /// A part of the base that an epoch op names is not staged: stage it and post the op again.
    BaseMissing = "base_missing", 409, "A part of the base is not staged.";
    /// The log that the caller knows is not this one.
    ChainMismatch = "chain_mismatch", 409, "The log here is not the one you know.";
    /// The book has moved to a new epoch.
    StaleEpoch = "stale_epoch", 409, "The book has moved to a new epoch.";
    /// Two devices write under one key.
    DeviceFork = "device_fork", 409, "Two devices write as one.";
    /// The invitation was used, or withdrawn.
    InviteUsed = "invite_used", 410, "The invitation has been used or withdrawn.";
    /// The invitation's last day has passed.
    InviteExpired = "invite_expired", 410, "The invitation's last day has passed.";
    /// What was there has been deleted.
    Gone = "gone", 410, "This has been deleted.";
    /// The request is larger than the limit.
    TooLarge = "too_large", 413, "The request is too large.";
    /// The body is not of the type that this path takes.
    MediaType = "media_type", 415, "The body is not of the expected type.";
    /// Not an envelope.
    EnvelopeMalformed = "envelope_malformed", 422, "Not an envelope.";
    /// The envelope's signature does not fit.
    Signature = "signature", 422, "The signature does not fit.";
    /// The envelope is for another book.
    WrongBook = "wrong_book", 422, "For another book.";
    /// The envelope has no place in the log.
    WrongKind = "wrong_kind", 422, "Has no place in the log.";
    /// An earlier envelope of the author is missing.
    Gap = "gap", 422, "An earlier envelope of the author is missing.";
    /// The envelope names another predecessor.
    Dprev = "dprev", 422, "Names another predecessor.";
    /// The author has seen another log.
    Fork = "fork", 422, "The author has seen another log.";
    /// The roster op does not apply.
    RosterOp = "roster_op", 422, "The roster op does not apply.";
    /// The suite, the rules or the number of shards of a book or an epoch are none that this server knows: update it first.
    RulesUnknown = "rules_unknown", 422, "This server does not know these rules. Update the server first.";
    /// An op of a newer protocol.
    Newer = "newer", 422, "This needs a newer server.";
    /// Bytes do not hash to their name.
    HashMismatch = "hash_mismatch", 422, "The bytes do not match their hash.";
    /// Wraps do not cover who they must cover.
    WrapsIncomplete = "wraps_incomplete", 422, "A key for one of the members is missing.";
    /// Too many requests: wait and try again.
    TooMany = "too_many", 429, "Too many requests. Wait a little.";
    /// The device's daily allowance is used up.
    DailyLimit = "daily_limit", 429, "The day's allowance is used up.";
    /// The server failed; the request may be sent again.
    Internal = "internal", 500, "The server failed. Try again.";
    /// The server is stopping or its storage does not answer.
    Unavailable = "unavailable", 503, "Try again in a moment.";
    /// The book's space on the server is used up.
    Quota = "quota", 507, "The book's space on the server is used up.";
}

impl Code {
    /// The code that this word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

impl From<EnvelopeError> for Code {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::TooLarge => Self::TooLarge,
            EnvelopeError::Length
            | EnvelopeError::Magic
            | EnvelopeError::Kind
            | EnvelopeError::Suite
            | EnvelopeError::Reserved => Self::EnvelopeMalformed,
        }
    }
}

impl From<RosterError> for Code {
    fn from(error: RosterError) -> Self {
        match error {
            RosterError::Malformed | RosterError::Target | RosterError::Limit | RosterError::Parameter => {
                Self::RosterOp
            }
            RosterError::InviteSignature => Self::Signature,
            RosterError::Orphaned => Self::RosterOp,
            RosterError::Newer => Self::Newer,
            RosterError::Rprev => Self::Rprev,
            RosterError::Seal => Self::Head,
            RosterError::NotAllowed => Self::NotAllowed,
            RosterError::InviteUsed | RosterError::InviteUnknown => Self::InviteUsed,
        }
    }
}

impl From<Rejection> for Code {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Book => Self::WrongBook,
            Rejection::NotMember => Self::NotMember,
            Rejection::Role => Self::NotAllowed,
            Rejection::Epoch => Self::StaleEpoch,
            Rejection::Signature => Self::Signature,
            Rejection::Gap => Self::Gap,
            Rejection::DeviceFork => Self::DeviceFork,
            Rejection::Dprev => Self::Dprev,
            Rejection::Fork => Self::Fork,
            Rejection::Kind => Self::WrongKind,
            Rejection::Roster(error) => error.into(),
        }
    }
}

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `about:blank`: the code says it all.
    #[serde(rename = "type", default = "about_blank")]
    pub kind: String,
    /// One English sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong: [`Code::as_str`], or a word of a newer server.
    pub code: String,
}

fn about_blank() -> String {
    "about:blank".into()
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { kind: about_blank(), title: code.title().into(), status: code.status(), code: code.as_str().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_parse_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }
}
