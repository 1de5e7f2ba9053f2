//! Days, moments and ids cross the boundary as text, in the form that the document has; counts as whole numbers.

use samla_core::RowId;
use samla_core::context::moment_text;
use samla_core::tables::FieldReason;

use crate::error::SamlaError;

/// A calendar day.
pub(crate) type Day = samla_core::Date;

/// A point in time with its offset.
pub(crate) type Moment = samla_core::Moment;

/// How many, or the place in a list counted from 0.
pub(crate) type Count = usize;

/// A word of the core that never changes: a key of the texts, or the part of one.
pub(crate) type StableWord = &'static str;

/// A letter or a sign.
pub(crate) type Letter = char;

fn refused(what: &str, reason: FieldReason) -> SamlaError {
    SamlaError::invalid(what, reason.code())
}

uniffi::custom_type!(Day, String, {
    remote,
    try_lift: |text| Ok(text.parse().map_err(|_| refused("day", FieldReason::NotADate))?),
    lower: |day| day.to_string(),
});

uniffi::custom_type!(Moment, String, {
    remote,
    try_lift: |text| Ok(Moment::parse_from_rfc3339(&text).map_err(|_| refused("moment", FieldReason::NotAMoment))?),
    lower: |moment| moment_text(&moment),
});

uniffi::custom_type!(Count, u64, {
    remote,
    try_lift: |count| Ok(count.try_into().map_err(|_| refused("count", FieldReason::OutOfRange))?),
    lower: |count| count.try_into().unwrap_or(u64::MAX),
});

// Such words only come out of the core: no call takes one.
uniffi::custom_type!(StableWord, String, {
    remote,
    try_lift: |_word| Err(refused("word", FieldReason::NotAChoice).into()),
    lower: |word| word.to_owned(),
});

uniffi::custom_type!(Letter, String, {
    remote,
    try_lift: |text| Ok(text.parse().map_err(|_| refused("letter", FieldReason::NotAChoice))?),
    lower: |letter| letter.to_string(),
});

uniffi::custom_type!(RowId, String, {
    remote,
    try_lift: |text| Ok(row_id(&text)?),
    lower: |id| id.to_string(),
});

/// Reads the id of a row.
pub(crate) fn row_id(text: &str) -> Result<RowId, SamlaError> {
    text.parse().map_err(|_| refused("id", FieldReason::NotAnId))
}
