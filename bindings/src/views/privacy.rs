//! What was promised to the people in the register.

use samla_core::RowId;
use samla_core::register::{
    AboutField, AboutRow, AboutTable, AboutView, AddressView, ConflictView, ConsentView, ExpiredReason, ExpiredView,
    KeptView, MentionView, NoticeView, TakenOutView,
};
use samla_core::tables::{ExportKind, Membership, Origin, Table, Value};

use crate::records::{ConsentId, ContactId, ImportId};
use crate::scalars::{Day, Moment};

/// What a person has said to one purpose, with the proof.
#[uniffi::remote(Record)]
pub struct ConsentView {
    /// For what, as it was written last; empty where no purpose was named: a withdrawal is of all then.
    pub purpose: String,
    /// Whether it holds.
    pub holds: bool,
    /// When it was given, the last time; none where only its withdrawal is known.
    pub given_at: Option<Moment>,
    /// Which version of the text was shown then.
    pub text_version: Option<String>,
    /// In which language.
    pub language: Option<String>,
    /// How it was given.
    pub how: Option<String>,
    /// When it was taken back; none while it holds.
    pub withdrawn_at: Option<Moment>,
    /// Every row about it, the first written first.
    pub rows: Vec<ConsentId>,
}

/// A person of whom others told.
#[uniffi::remote(Record)]
pub struct NoticeView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// Who told of the person.
    pub origin: Origin,
    /// The same in words.
    pub source: Option<String>,
    /// The day they were written down.
    pub got_on: Day,
    /// The day of the first talk since, if there was one: by then they are to be told.
    pub spoken_on: Option<Day>,
    /// The last day to tell them.
    pub due: Day,
    /// Days since that day; negative before it.
    pub overdue_days: i64,
    /// The day they were told.
    pub told_on: Option<Day>,
    /// Which version of the text they were given.
    pub told_version: Option<String>,
}

/// Somebody who has been kept long enough.
#[uniffi::remote(Record)]
pub struct ExpiredView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// Where the person stands.
    pub status: Membership,
    /// How long and why.
    pub kept: KeptView,
}

/// Why somebody is kept no longer.
#[uniffi::remote(Enum)]
pub enum ExpiredReason {
    /// Never became a member, and nothing has happened for long.
    NoAnswer,
    /// Said no, or wants no contact.
    Refused,
    /// Was a member and left.
    Left,
}

/// How long a person is kept.
#[uniffi::remote(Record)]
pub struct KeptView {
    /// Why no longer.
    pub why: ExpiredReason,
    /// The day of the last that happened.
    pub since: Day,
    /// The day from which on they need not be kept.
    pub until: Day,
}

/// A text that mentions somebody.
#[uniffi::remote(Record)]
pub struct MentionView {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// What the row is called.
    pub title: String,
    /// The field.
    pub field: String,
    /// The day on which the row was written down, by the clocks of the country.
    pub written_on: Option<Day>,
    /// The text: its beginning, or the part that mentions them where the beginning does not.
    pub excerpt: String,
    /// By the whole name, a number or an address. Where it is false, by one name that may be another's.
    pub sure: bool,
    /// It is not what the field shows, but another answer that waits for a choice, or what one was kept aside for: it goes once the
    /// field is settled.
    pub beside: bool,
}

/// An address to which something may be written.
#[uniffi::remote(Record)]
pub struct AddressView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// The address.
    pub email: String,
}

/// Addresses or cards that were taken out of the register. It names nobody of those whose they are.
#[uniffi::remote(Record)]
pub struct TakenOutView {
    /// The row that says so.
    pub id: ImportId,
    /// When.
    pub at: Option<Moment>,
    /// Who took them out.
    pub by_name: Option<String>,
    /// Addresses or cards.
    pub kind: Option<ExportKind>,
    /// The purpose that people had agreed to.
    pub purpose: Option<String>,
    /// The workplace, if it was only for one with its sub-sites.
    pub workplace_name: Option<String>,
    /// Of how many people.
    pub n: Option<i64>,
}

/// Everything that is kept about one person.
#[uniffi::remote(Record)]
pub struct AboutView {
    /// Name, or what else tells who it is.
    pub name: String,
    /// The day it was put together.
    pub on: Day,
    /// What the book is called.
    pub book: Option<String>,
    /// Where the person stands, from what happened.
    pub status: Membership,
    /// What they agreed to, for each purpose.
    pub consents: Vec<ConsentView>,
    /// If others told of the person: who, and when the person was or is to be told.
    pub notice: Option<NoticeView>,
    /// How long they are kept; nothing for members, and for whoever is on trial.
    pub kept: Option<KeptView>,
    /// The rows about the person, by table; tables without any are left out.
    pub tables: Vec<AboutTable>,
    /// Fields of those rows, removed ones among them, that several devices answered differently: every answer.
    pub conflicts: Vec<ConflictView>,
    /// Texts of other rows that mention the person.
    pub mentions: Vec<MentionView>,
}

/// The rows of one table.
#[uniffi::remote(Record)]
pub struct AboutTable {
    /// The table.
    pub table: Table,
    /// Its rows, the first written first.
    pub rows: Vec<AboutRow>,
}

/// One row.
#[uniffi::remote(Record)]
pub struct AboutRow {
    /// The row.
    pub id: RowId,
    /// The day it was written down, by the clock of the device that did.
    pub written_on: Option<Day>,
    /// Who wrote it.
    pub by: Option<String>,
    /// It was removed and is kept until the document is renewed.
    pub removed: bool,
    /// Its fields that have a value, in the order of the definition.
    pub fields: Vec<AboutField>,
}

/// One field.
#[uniffi::remote(Record)]
pub struct AboutField {
    /// Its name.
    pub field: String,
    /// The value itself.
    pub value: Value,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
}
