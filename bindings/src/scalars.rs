//! Days, moments and ids cross the boundary as text, in the form that the document has.

use samla_core::RowId;
use samla_core::context::moment_text;
use samla_core::tables::FieldReason;

use crate::error::SamlaError;

/// A calendar day.
pub(crate) type Day = samla_core::Date;

/// A point in time with its offset.
pub(crate) type Moment = samla_core::Moment;

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

uniffi::custom_type!(RowId, String, {
    remote,
    try_lift: |text| Ok(row_id(&text)?),
    lower: |id| id.to_string(),
});

/// Reads the id of a row.
pub(crate) fn row_id(text: &str) -> Result<RowId, SamlaError> {
    text.parse().map_err(|_| refused("id", FieldReason::NotAnId))
}
