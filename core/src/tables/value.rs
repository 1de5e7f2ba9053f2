//! The scalars of the document, and how each kind of field is read from them and from text.

use std::str::FromStr;

use chrono::{Datelike, LocalResult, NaiveDateTime, TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::field::{FieldReason, Kind};
use super::{Table, TableRow};
use crate::context::{Date, Moment, moment_text};
use crate::ids::{Id, RowId};

/// What one key of the document holds. Dates, moments, links and choices are text there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(untagged))]
pub enum Value {
    /// Text, and everything that is written as text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
}

/// As a list or a terminal shows it: the text itself, digits, `true` or `false`.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(number) => number.fmt(f),
            Self::Bool(yes) => yes.fmt(f),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Value")]
enum Tagged {
    Text(String),
    Int(i64),
    Bool(bool),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Value", untagged)]
enum Plain {
    Text(String),
    Int(i64),
    Bool(bool),
}

/// The bare value in people's formats (JSON); with its kind in ours, which cannot tell by looking.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { Plain::serialize(self, to) } else { Tagged::serialize(self, to) }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() { Plain::deserialize(from) } else { Tagged::deserialize(from) }
    }
}

/// A type that a field can have.
pub trait Scalar: Sized {
    /// Its kind in the definition.
    const KIND: Kind;

    /// As the document writes it.
    fn to_value(&self) -> Value;

    /// From the document; nothing where the value is of another kind.
    fn from_value(value: Value) -> Option<Self>;

    /// From what a person typed. A moment that names no offset is one of the clocks of this `zone`.
    fn parse(text: &str, zone: &impl TimeZone) -> Result<Self, FieldReason>;
}

impl Scalar for String {
    const KIND: Kind = Kind::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn parse(text: &str, _: &impl TimeZone) -> Result<Self, FieldReason> {
        Ok(text.to_owned())
    }
}

impl Scalar for i64 {
    const KIND: Kind = Kind::Int;

    fn to_value(&self) -> Value {
        Value::Int(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }

    fn parse(text: &str, _: &impl TimeZone) -> Result<Self, FieldReason> {
        text.parse().map_err(|_| FieldReason::NotANumber)
    }
}

impl Scalar for bool {
    const KIND: Kind = Kind::Bool;

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bool(yes) => Some(yes),
            _ => None,
        }
    }

    fn parse(text: &str, _: &impl TimeZone) -> Result<Self, FieldReason> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(FieldReason::NotYesOrNo),
        }
    }
}

/// Years outside these are typing errors; they would also leave the four digits that the text form has.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

impl Scalar for Date {
    const KIND: Kind = Kind::Date;

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value).and_then(|text| text.parse().ok()).filter(|date: &Self| YEARS.contains(&date.year()))
    }

    fn parse(text: &str, _: &impl TimeZone) -> Result<Self, FieldReason> {
        let date: Self = text.parse().map_err(|_| FieldReason::NotADate)?;
        if YEARS.contains(&date.year()) { Ok(date) } else { Err(FieldReason::OutOfRange) }
    }
}

impl Scalar for Moment {
    const KIND: Kind = Kind::Moment;

    fn to_value(&self) -> Value {
        Value::Text(moment_text(self))
    }

    fn from_value(value: Value) -> Option<Self> {
        let text = String::from_value(value)?;
        Self::parse_from_rfc3339(&text).ok().filter(|moment| YEARS.contains(&moment.year()))
    }

    fn parse(text: &str, zone: &impl TimeZone) -> Result<Self, FieldReason> {
        let text = text.replacen(' ', "T", 1);
        let local = || {
            let at = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
            let shown = at.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())?;
            // Of an hour that clocks show twice the first is meant, whichever the zone names first; one that they leave out is none.
            match shown.and_local_timezone(zone.clone()) {
                LocalResult::Single(at) => Some(at.fixed_offset()),
                LocalResult::Ambiguous(one, other) => Some(one.min(other).fixed_offset()),
                LocalResult::None => None,
            }
        };
        let moment = Self::parse_from_rfc3339(&text)
            .or_else(|_| Self::parse_from_str(&text, "%Y-%m-%dT%H:%M%#z"))
            .ok()
            .or_else(local)
            .ok_or(FieldReason::NotAMoment)?;
        if YEARS.contains(&moment.year()) { Ok(moment) } else { Err(FieldReason::OutOfRange) }
    }
}

impl<T: TableRow> Scalar for Id<T> {
    const KIND: Kind = Kind::Link(T::TABLE);

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value).and_then(|text| text.parse().ok())
    }

    fn parse(text: &str, _: &impl TimeZone) -> Result<Self, FieldReason> {
        RowId::from_str(text).map(Self::from).map_err(|_| FieldReason::NotAnId)
    }
}

/// There is no table of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no table of that name")]
pub struct UnknownTable;

impl FromStr for Table {
    type Err = UnknownTable;

    fn from_str(name: &str) -> Result<Self, UnknownTable> {
        Self::ALL.into_iter().find(|table| table.name() == name).ok_or(UnknownTable)
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
