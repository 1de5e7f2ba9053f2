//! Visits: one in numbers, a week and a season of them, and where somebody is missing.

use samla_core::register::{
    AutomaticView, CallView, CoverageView, DayView, DueView, EntryView, ItemCount, SeasonVisit, SeasonWeek, SeriesDay,
    SeriesDayState, SeriesView, ShiftView, StaffGap, StaffView, SuggestedVisit, TableSummary, TodayView, VisitView,
    WeekView,
};
use samla_core::tables::{CalendarEvent, ShiftState, Table, Visit, VisitDraft};
use samla_core::{Repeated, RowId};

use crate::records::{PersonId, VisitId, WorkplaceId};
use crate::scalars::Day;

/// One visit in numbers, with its last entries.
///
/// Every counter is summed over all devices. A talk is counted first and named later, so one that is written down is not
/// counted a second time.
#[uniffi::remote(Record)]
pub struct TableSummary {
    /// The visit.
    pub visit: Visit,
    /// Name of the workplace.
    pub place: Option<String>,
    /// Talks, tapped or written down.
    pub talked: i64,
    /// How many of them were tapped: what the counter shows and takes back.
    pub tapped: i64,
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
    /// Talks, tapped or written down.
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

/// One week of a season.
#[uniffi::remote(Record)]
pub struct SeasonWeek {
    /// The year the week counts to; around New Year it may differ from the calendar's.
    pub iso_year: i32,
    /// The week's number, 1 to 53.
    pub iso_week: u32,
    /// Its Monday.
    pub monday: Day,
    /// Its visits by day and hour, cancelled ones among them; a week without visits is a gap that shows itself.
    pub visits: Vec<SeasonVisit>,
}

/// One visit of a season.
#[uniffi::remote(Record)]
pub struct SeasonVisit {
    /// Its day, as its own clock shows it.
    pub date: Day,
    /// The visit, with who was asked.
    pub view: VisitView,
    /// What is missing for it to be staffed; none once somebody comes, once it is over, or where it was called off.
    pub gap: Option<StaffGap>,
}

/// What one steward has before them today.
#[uniffi::remote(Record)]
pub struct TodayView {
    /// The day.
    pub date: Day,
    /// Their shifts of the day, by the hour.
    pub shifts: Vec<ShiftView>,
    /// Those of the seven days after it.
    pub next_shifts: Vec<ShiftView>,
    /// The shifts of the next twelve weeks for which they were asked and have not answered.
    pub asked: Vec<ShiftView>,
    /// What somebody wrote down and is due, the oldest first, then what has no day. It is theirs, or nobody's.
    pub due: Vec<DueView>,
    /// What follows by itself and is due, likewise, but for the calls.
    pub automatic: Vec<AutomaticView>,
    /// The calls before free months end that are due, likewise.
    pub calls: Vec<CallView>,
    /// The visits of the next fourteen days that nobody staffs.
    pub gaps: Vec<SeasonVisit>,
}

/// Why nobody comes to a visit.
#[uniffi::remote(Enum)]
pub enum StaffGap {
    /// Nobody was asked.
    NobodyAsked,
    /// Somebody was asked and has not answered.
    NoAnswer,
    /// All who were asked have said that they cannot come.
    AllDeclined,
}

/// One person's turn at a visit.
#[uniffi::remote(Record)]
pub struct ShiftView {
    /// What the person answered.
    pub state: ShiftState,
    /// Who else comes, by name.
    pub with: Vec<String>,
    /// The visit.
    pub visit: SeasonVisit,
}

/// A visit that repeats, and its days.
#[uniffi::remote(Record)]
pub struct SeriesView {
    /// The first visit.
    pub first: Visit,
    /// Every how many weeks it repeats.
    pub every_weeks: i64,
    /// The last day.
    pub until: Day,
    /// The days after the first that the rule gives, three years at most.
    pub days: Vec<SeriesDay>,
    /// Visits to come that belong to the series and that its rule no longer gives, by day: somebody has to decide.
    pub left_over: Vec<VisitId>,
}

/// One day of a series.
#[uniffi::remote(Record)]
pub struct SeriesDay {
    /// The day by the rule.
    pub on: Day,
    /// What became of it.
    pub state: SeriesDayState,
    /// The visit of that day, once it is made.
    pub visit: Option<VisitId>,
    /// Why nobody is at work, as the calendar notes it.
    pub holiday: Option<String>,
}

/// What became of a day of a series.
#[uniffi::remote(Enum)]
pub enum SeriesDayState {
    /// Its visit is still to be made.
    ToMake,
    /// It has a visit.
    Made,
    /// It had one, and somebody removed it.
    Removed,
    /// Nobody is at work.
    Holiday,
}

/// What repeating a visit brought.
#[uniffi::remote(Record)]
pub struct Repeated {
    /// The visits that were made, by day.
    pub made: Vec<VisitId>,
    /// Visits to come that belong to the series and that its rule no longer gives: somebody has to decide.
    pub left_over: Vec<VisitId>,
}

/// One workplace, and when somebody was there.
#[uniffi::remote(Record)]
pub struct CoverageView {
    /// The workplace.
    pub workplace: WorkplaceId,
    /// Name.
    pub name: String,
    /// Municipality.
    pub municipality: Option<String>,
    /// How many could be members; all who work there where only that is known.
    pub size: Option<i64>,
    /// Members by the office's list; without one, those whom this register knows.
    pub members: i64,
    /// How many more could be members.
    pub potential: Option<i64>,
    /// How many visits there were.
    pub visits: u32,
    /// The day of the last.
    pub last_on: Option<Day>,
    /// The day of the next that is planned.
    pub next_on: Option<Day>,
    /// Whether the last is too long ago, or there never was one.
    pub overdue: bool,
}

/// A visit that an employer's calendar suggests.
#[uniffi::remote(Record)]
pub struct SuggestedVisit {
    /// What the employer has in the calendar.
    pub what: CalendarEvent,
    /// Its day, or its first.
    pub on: Day,
    /// Its last day.
    pub until: Option<Day>,
    /// Where; none where it concerns every workplace.
    pub workplace: Option<WorkplaceId>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The note in the calendar.
    pub note: Option<String>,
    /// A good day for a visit: an induction's own day, and else a working day before.
    pub suggested_on: Day,
    /// The visit that following the suggestion plans, but for its hour.
    pub draft: VisitDraft,
}
