//! Where a kept answer belongs: a field of a row, as text and back, and a field's value as JSON; and which ones are answers.

use std::fmt;
use std::str::FromStr;

use super::{KeptAnswer, Table, Value};
use crate::ids::RowId;

/// One field of one row: `table/row/field`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// The field.
    pub field: String,
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.table, self.id, self.field)
    }
}

/// The text is not a table, a row and a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a field")]
pub struct NotAPath;

impl FromStr for FieldPath {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let mut parts = text.splitn(3, '/');
        let (Some(table), Some(id), Some(field)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NotAPath);
        };
        let table = table.parse().map_err(|_| NotAPath)?;
        let id = id.parse().map_err(|_| NotAPath)?;
        Ok(Self { table, id, field: field.to_owned() })
    }
}

impl KeptAnswer {
    /// Whether this only says who gave the answer that the field showed beside others when the book was founded anew, and when.
    pub(crate) fn is_signature(&self) -> bool {
        self.mine.is_some() && self.mine == self.base
    }
}

/// A value as JSON, for a field that holds values of any kind.
pub fn value_to_json(value: &Value) -> String {
    match value {
        Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        Value::Int(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
    }
}

/// The value that [`value_to_json`] wrote; nothing where the text is another thing.
pub fn value_from_json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_values_come_back() {
        let path = FieldPath { table: Table::Contacts, id: RowId::from_bytes([3; 16]), field: "a/b".into() };
        assert_eq!(path.to_string().parse(), Ok(path));
        for text in ["", "contacts", "contacts/03/x", "nothing/03030303030303030303030303030303/x"] {
            assert_eq!(text.parse::<FieldPath>(), Err(NotAPath));
        }
        for value in [Value::Text("å \"b\"".into()), Value::Int(-4), Value::Bool(true)] {
            assert_eq!(value_from_json(&value_to_json(&value)), Some(value));
        }
        assert_eq!(value_from_json("[1]"), None);
    }
}
