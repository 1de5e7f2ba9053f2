//! The rows of the register, their drafts and their choices, table by table from the core's own definition.
//!
//! Nothing here names a table or a field: [`for_each_table!`](samla_core::for_each_table) does.

use std::sync::Arc;

use samla_core::Id;
use samla_core::tables::*;

use crate::book::Book;
use crate::scalars::{Day, Moment, row_id};

/// The type of a field's kind.
macro_rules! field_type {
    (text) => { String };
    (int $range:tt) => { i64 };
    (bool) => { bool };
    (date) => { Day };
    (moment) => { Moment };
    (choice ($choice:ident)) => { $choice };
    (link ($row:ident)) => { Id<$row> };
    (parent ($row:ident)) => { Id<$row> };
}

macro_rules! define_records {
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
    ) => { pastey::paste! {
        $(
            #[uniffi::remote(Enum)]
            $(#[doc = $choice_doc])+
            pub enum $Choice { $( $(#[doc = $variant_doc])+ $Variant, )+ }
        )+

        $(
            #[doc = concat!("The id of a row of `", stringify!($table), "`: 32 hexadecimal digits.")]
            pub(crate) type [<$Row Id>] = Id<$Row>;

            uniffi::custom_type!([<$Row Id>], String, {
                remote,
                try_lift: |text| Ok(row_id(&text)?.into()),
                lower: |id| id.to_string(),
            });

            #[uniffi::remote(Record)]
            $(#[doc = $table_doc])+
            pub struct $Row {
                /// The row.
                pub id: [<$Row Id>],
                $( $(#[doc = $field_doc])+ pub $field: Option<field_type!($kind $(($($of)+))?)>, )+
            }

            #[uniffi::remote(Record)]
            $(#[doc = $table_doc])+
            ///
            /// Makes or changes a row; what is not given is left alone.
            pub struct $Draft {
                $(
                    $(#[doc = $field_doc])+
                    #[uniffi(default = None)]
                    pub $field: Option<field_type!($kind $(($($of)+))?)>,
                )+
            }

            #[uniffi::export]
            impl Book {
                $(#[doc = $table_doc])+
                ///
                /// All rows, in the order in which they were written down.
                pub fn [<list_ $table>](self: Arc<Self>) -> Vec<$Row> {
                    self.look(|book| book.register().all::<$Row>().cloned().collect())
                }
            }
        )+

        /// The tables of the register.
        #[uniffi::remote(Enum)]
        pub enum Table { $( $(#[doc = $table_doc])+ $Table, )+ }

        /// A row of any table.
        #[uniffi::remote(Enum)]
        pub enum Row { $( $(#[doc = $table_doc])+ $Table($Row), )+ }

        /// What makes a row of any table, or changes one.
        #[uniffi::remote(Enum)]
        pub enum Draft { $( $(#[doc = $table_doc])+ $Table($Draft), )+ }
    } };
}

samla_core::for_each_table!(define_records);
