//! Visits: one in numbers, a week of them.

use samla_core::RowId;
use samla_core::register::{DayView, EntryView, ItemCount, StaffView, TableSummary, VisitView, WeekView};
use samla_core::tables::{ShiftState, Table, Visit};

use crate::records::PersonId;
use crate::scalars::Day;

/// One visit in numbers, with its last entries.
///
/// The counters count what was tapped, summed over all devices; a talk with a name is a row of its own and is not counted
/// a second time.
#[uniffi::remote(Record)]
pub struct TableSummary {
    /// The visit.
    pub visit: Visit,
    /// Name of the workplace.
    pub place: Option<String>,
    /// Talks that were tapped.
    pub talked: i64,
    /// Things handed out.
    pub handed_out: i64,
    /// The things handed out that have a name, by name.
    pub items: Vec<ItemCount>,
    /// Persons who signed up here, with or without a name.
    pub signed: i64,
    /// People who walked by.
    pub passed_by: i64,
    /// Those of the signed whose name is not here.
    pub signed_without_name: i64,
    /// The last ten rows written at this visit, newest first, removed ones among them.
    pub entries: Vec<EntryView>,
}

/// How many of one item were handed out.
#[uniffi::remote(Record)]
pub struct ItemCount {
    /// The item.
    pub item: String,
    /// How many.
    pub n: i64,
}

/// One row written at a visit.
#[uniffi::remote(Record)]
pub struct EntryView {
    /// The row.
    pub id: RowId,
    /// Its table.
    pub table: Table,
    /// When it was written down, by the clock of the device that did.
    pub at: String,
    /// What it says, as the word of its choice: a talk's answer, a membership's event; empty where it has none.
    pub what: String,
    /// Whom or what it is about; nothing for a talk with somebody unnamed.
    pub name: Option<String>,
    /// Who wrote it.
    pub device: String,
    /// Whether this device wrote it.
    pub mine: bool,
    /// Whether it was taken back.
    pub removed: bool,
}

/// One week, Monday to Sunday.
#[uniffi::remote(Record)]
pub struct WeekView {
    /// The year the week counts to; around New Year it may differ from the calendar's.
    pub iso_year: i32,
    /// The week's number, 1 to 53.
    pub iso_week: u32,
    /// The seven days.
    pub days: Vec<DayView>,
}

/// One day of the schedule.
#[uniffi::remote(Record)]
pub struct DayView {
    /// The day.
    pub date: Day,
    /// Whether it is today.
    pub today: bool,
    /// Its visits by the hour they start, cancelled ones among them.
    pub visits: Vec<VisitView>,
}

/// One visit of the schedule.
#[uniffi::remote(Record)]
pub struct VisitView {
    /// The visit.
    pub visit: Visit,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// Name of the campaign.
    pub campaign_name: Option<String>,
    /// Who was asked and what they answered, by name.
    pub staff: Vec<StaffView>,
    /// Persons who signed up, with or without a name.
    pub signed: i64,
    /// Talks that were tapped.
    pub talked: i64,
}

/// One person asked to staff a visit.
#[uniffi::remote(Record)]
pub struct StaffView {
    /// The person.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// The answer.
    pub state: ShiftState,
}
