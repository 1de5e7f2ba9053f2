//! What a field is: its kind, its bounds, and how a refusal is told.

use super::Table;

/// The longest text a field may hold, in bytes.
pub const TEXT_MAX: usize = 16 * 1024;

/// One field of a table, as the definition has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpec {
    /// Its name: the key in the document, the column in a list, the property in the bindings.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The name of the type of its choices, such as `VisitKind`, where it holds one of these words.
    pub choice: Option<&'static str>,
    /// A new row must have it.
    pub required: bool,
    /// The row belongs to the row this field points at: its id ends in that row's last byte. Where a table has several
    /// such fields, the first that is filled decides.
    pub parent: bool,
    /// The smallest and largest number it takes.
    pub range: Option<(i64, i64)>,
    /// What it means, in a line.
    pub doc: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free text of at most [`TEXT_MAX`] bytes.
    Text,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// A calendar day.
    Date,
    /// A point in time.
    Moment,
    /// The id of a row of that table.
    Link(Table),
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A field was refused. It names the field and the reason, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[error("{field}: {reason}")]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// Why.
    pub reason: FieldReason,
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal),+ $(,)?) => {
        /// Why a field was refused. Its [`code`](FieldReason::code) is stable; an app translates it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum FieldReason {
            $($(#[doc = $doc])+ #[error($code)] #[serde(rename = $code)] $variant,)+
        }

        impl FieldReason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

reasons! {
    /// The table has no such field.
    UnknownField = "unknown_field",
    /// A row needs it, and it is missing or empty.
    Required = "required",
    /// Not a day such as 2026-11-23.
    NotADate = "not_a_date",
    /// Not a point in time such as 2026-11-23T11:30.
    NotAMoment = "not_a_moment",
    /// Not a whole number.
    NotANumber = "not_a_number",
    /// Neither yes nor no.
    NotYesOrNo = "not_yes_or_no",
    /// Below the smallest or above the largest the field takes.
    OutOfRange = "out_of_range",
    /// Not one of the words the field takes.
    NotAChoice = "not_a_choice",
    /// Not an id of 32 hexadecimal digits.
    NotAnId = "not_an_id",
    /// Longer than [`TEXT_MAX`] bytes.
    TooLong = "too_long",
    /// The end of something, and earlier than its beginning.
    EndsBeforeItBegins = "ends_before_it_begins",
}

impl FieldReason {
    /// This reason, told of a field.
    pub fn of(self, field: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), reason: self }
    }
}
