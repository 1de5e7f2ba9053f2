//! The core's own reading of the definition: it turns each table into a row type, a draft type and its place in the
//! enums [`Table`], [`Row`] and [`Draft`]. Nothing here names a table.

use chrono::TimeZone;
use serde::{Deserialize, Serialize};

use super::TableRow;
use super::field::{FieldReason, FieldSpec, Kind};
use super::value::{Scalar, Value};
use crate::context::{Date, Moment};
use crate::ids::{Id, RowId};

/// The Rust type of a field's kind.
macro_rules! field_type {
    (text) => { String };
    (int $range:tt) => { i64 };
    (bool) => { bool };
    (date) => { Date };
    (moment) => { Moment };
    (choice ($choice:ident)) => { $choice };
    (link ($row:ident)) => { Id<$row> };
    (parent ($row:ident)) => { Id<$row> };
}

macro_rules! is_required {
    (required) => {
        true
    };
    (optional) => {
        false
    };
}

macro_rules! is_parent {
    (parent $row:tt) => {
        true
    };
    ($($other:tt)+) => {
        false
    };
}

macro_rules! choice_of {
    (choice ($choice:ident)) => {
        Some(stringify!($choice))
    };
    ($($other:tt)+) => {
        None
    };
}

macro_rules! range_of {
    (int $range:tt) => {
        Some($range)
    };
    ($($other:tt)+) => {
        None
    };
}

macro_rules! define_tables {
    (
        choices { $(
            $(#[doc = $choice_doc:literal])+
            $Choice:ident { $( $(#[doc = $variant_doc:literal])+ $Variant:ident = $text:literal, )+ }
        )+ }
        tables { $(
            $(#[doc = $table_doc:literal])+
            $table:ident $Table:ident $Row:ident $Draft:ident { $(
                $(#[doc = $field_doc:literal])+
                $field:ident: $need:ident $kind:ident $(( $($of:tt)+ ))?,
            )+ }
        )+ }
    ) => {
        $(
            $(#[doc = $choice_doc])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
            pub enum $Choice {
                $( $(#[doc = $variant_doc])+ #[serde(rename = $text)] $Variant, )+
            }

            impl $Choice {
                /// Every choice, in the order of the definition.
                pub const ALL: &[Self] = &[$(Self::$Variant),+];

                /// The word in the document.
                pub const fn text(self) -> &'static str {
                    match self { $(Self::$Variant => $text),+ }
                }
            }

            impl std::fmt::Display for $Choice {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str(self.text())
                }
            }

            impl Scalar for $Choice {
                const KIND: Kind = Kind::Choice(&[$($text),+]);

                fn to_value(&self) -> Value {
                    Value::Text(self.text().to_owned())
                }

                fn from_value(value: Value) -> Option<Self> {
                    match value {
                        Value::Text(text) => Self::ALL.iter().copied().find(|choice| choice.text() == text),
                        _ => None,
                    }
                }

                fn parse(text: &str, _: &impl TimeZone) -> Result<Self, FieldReason> {
                    let matching = |choice: &Self| choice.text().eq_ignore_ascii_case(text);
                    Self::ALL.iter().copied().find(matching).ok_or(FieldReason::NotAChoice)
                }
            }
        )+

        $(
            $(#[doc = $table_doc])+
            #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
            pub struct $Row {
                /// The row's name.
                pub id: Id<$Row>,
                $( $(#[doc = $field_doc])+ pub $field: Option<field_type!($kind $(($($of)+))?)>, )+
            }

            impl TableRow for $Row {
                const TABLE: Table = Table::$Table;
                type Draft = $Draft;

                fn new(id: RowId) -> Self {
                    Self { id: id.into(), ..Self::default() }
                }

                fn id(&self) -> RowId {
                    self.id.row()
                }

                fn get(&self, field: &str) -> Option<Value> {
                    match field {
                        $( stringify!($field) => self.$field.as_ref().map(Scalar::to_value), )+
                        _ => None,
                    }
                }

                fn put(&mut self, field: &str, value: Option<Value>) {
                    match field {
                        $( stringify!($field) => self.$field = value.and_then(Scalar::from_value), )+
                        _ => {}
                    }
                }
            }

            #[doc = concat!(" Makes or changes a row of `", stringify!($table), "`; what is none is left alone.")]
            #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
            #[serde(default, deny_unknown_fields)]
            pub struct $Draft {
                $( $(#[doc = $field_doc])+ pub $field: Option<field_type!($kind $(($($of)+))?)>, )+
            }

            impl $Draft {
                fn writes(&self) -> Vec<(&'static str, Value)> {
                    let fields = [$( (stringify!($field), self.$field.as_ref().map(Scalar::to_value)) ),+];
                    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
                }

                fn read(&mut self, field: &str, text: &str, zone: &impl TimeZone) -> Result<(), FieldReason> {
                    match field {
                        $( stringify!($field) => self.$field = Some(Scalar::parse(text, zone)?), )+
                        _ => return Err(FieldReason::UnknownField),
                    }
                    Ok(())
                }
            }

            impl From<$Draft> for Draft {
                fn from(draft: $Draft) -> Self {
                    Self::$Table(draft)
                }
            }

            impl From<$Row> for Row {
                fn from(row: $Row) -> Self {
                    Self::$Table(row)
                }
            }
        )+

        /// The tables of the register.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        #[serde(rename_all = "snake_case")]
        pub enum Table {
            $( $(#[doc = $table_doc])+ $Table, )+
        }

        impl Table {
            /// Every table, in the order of the definition.
            pub const ALL: [Self; [$(Self::$Table),+].len()] = [$(Self::$Table),+];

            /// The name: the key in the document, the word on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Table => stringify!($table)),+ }
            }

            /// What the table is for, in a line.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$Table => concat!($($table_doc),+).trim_ascii()),+ }
            }

            /// The fields, in the order of the definition.
            pub const fn fields(self) -> &'static [FieldSpec] {
                match self { $(Self::$Table => const { &[ $( FieldSpec {
                    name: stringify!($field),
                    kind: <field_type!($kind $(($($of)+))?) as Scalar>::KIND,
                    choice: choice_of!($kind $(($($of)+))?),
                    required: is_required!($need),
                    parent: is_parent!($kind $(($($of)+))?),
                    range: range_of!($kind $(($($of)+))?),
                    doc: concat!($($field_doc),+).trim_ascii(),
                } ),+ ] }),+ }
            }
        }

        /// A row of any table.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        #[serde(tag = "table", content = "fields", rename_all = "snake_case")]
        #[allow(clippy::large_enum_variant, reason = "rows are handed over one by one, never kept as this")]
        pub enum Row {
            $( $(#[doc = $table_doc])+ $Table($Row), )+
        }

        impl Row {
            /// A row that has a name and nothing else.
            pub fn new(table: Table, id: RowId) -> Self {
                match table { $(Table::$Table => Self::$Table($Row::new(id))),+ }
            }

            /// The table it lies in.
            pub const fn table(&self) -> Table {
                match self { $(Self::$Table(_) => Table::$Table),+ }
            }

            /// Its name.
            pub fn id(&self) -> RowId {
                match self { $(Self::$Table(row) => row.id()),+ }
            }

            /// The value of one field; nothing where it is empty or the table has no such field.
            pub fn get(&self, field: &str) -> Option<Value> {
                match self { $(Self::$Table(row) => row.get(field)),+ }
            }

            /// Fills one field, as [`TableRow::put`] does.
            pub fn put(&mut self, field: &str, value: Option<Value>) {
                match self { $(Self::$Table(row) => row.put(field, value)),+ }
            }
        }

        /// What makes a row of any table, or within a [`Patch`](super::Patch) changes one.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        #[serde(tag = "table", content = "fields", rename_all = "snake_case")]
        #[allow(clippy::large_enum_variant, reason = "drafts are handed over one by one, never kept")]
        pub enum Draft {
            $( $(#[doc = $table_doc])+ $Table($Draft), )+
        }

        impl Draft {
            /// A draft that sets nothing.
            pub fn new(table: Table) -> Self {
                match table { $(Table::$Table => Self::$Table($Draft::default())),+ }
            }

            /// The table it is for.
            pub const fn table(&self) -> Table {
                match self { $(Self::$Table(_) => Table::$Table),+ }
            }

            /// The keys and values that the document is to hold.
            pub fn writes(&self) -> Vec<(&'static str, Value)> {
                match self { $(Self::$Table(draft) => draft.writes()),+ }
            }

            pub(super) fn read(&mut self, field: &str, text: &str, zone: &impl TimeZone) -> Result<(), FieldReason> {
                match self { $(Self::$Table(draft) => draft.read(field, text, zone)),+ }
            }
        }
    };
}

crate::for_each_table!(define_tables);
