//! What the season came to: every report as one kind of table, and as figures.

use samla_core::RowId;
use samla_core::register::{
    CallFigures, Cell, CheckView, ColumnKind, ComparedFigure, ConversionFigures, GoalFigures, HireFigures,
    LeaveFigures, MemberMonth, MetricFigures, MetricReading, PlaceFigures, PollFigures, Prize, PromiseFigures,
    ReasonFigures, RecruiterScore, Report, ReportColumn, ReportNote, ReportQuery, ReportRow, ReportTable,
    SignUpFigures, SignUpGroup, StockView, ThanksView, TopicFigures, VisitFigures, WeekFigures,
};
use samla_core::tables::{Check, CheckItem, CheckState, FollowUpDraft, Occasion, TopicState, VisitKind};

use crate::records::{
    CampaignId, CheckId, ContactId, GoalId, MaterialId, MetricId, PersonId, PollId, TopicId, WorkplaceId,
};
use crate::scalars::{Day, StableWord};

/// Every report there is.
#[uniffi::remote(Enum)]
pub enum Report {
    /// Every workplace with its sub-sites: when somebody was there last, and who waits.
    Coverage,
    /// Members among those who could be, with sub-sites, and how many more could be won.
    Density,
    /// Visits planned, done and cancelled, by kind, with what was counted at them.
    Visits,
    /// The same by ISO week.
    VisitsByWeek,
    /// Sign-ups by what gave rise to the talk.
    SignUpsByOccasion,
    /// Sign-ups by part of the day.
    SignUpsBySlot,
    /// Sign-ups by workplace.
    SignUpsByPlace,
    /// Sign-ups by campaign.
    SignUpsByCampaign,
    /// Sign-ups by recruiter.
    SignUpsByRecruiter,
    /// Sign-ups by what made the person think of joining.
    SignUpsByTrigger,
    /// From talk to sign-up to paying dues, by occasion.
    Conversion,
    /// Talks by the way they were held, and what came of them.
    Channels,
    /// Those who turned to the union by themselves, month by month and by the way they came.
    Inbound,
    /// Which reasons to join were used, and which landed.
    ReasonsUsed,
    /// Why members left.
    LeaveReasons,
    /// Free months that end: calls made, who stays, who leaves.
    Calls,
    /// What people care about, the most raised first, and whether they were told what came of it.
    Topics,
    /// What was won, to be told.
    Wins,
    /// Answers to the polls, and what people wrote with them.
    Polls,
    /// One period against another.
    Comparison,
    /// Goals against what was reached.
    Goals,
    /// Where each metric began, is, and is to end.
    Metrics,
    /// The readings of every metric, day by day.
    MetricReadings,
    /// Recruiters' sign-ups: waiting, confirmed by dues, expired, and what they have earned.
    Recruiters,
    /// Active members at the end of each month, by category.
    Members,
    /// New colleagues by workplace: hired, caught, signed.
    NewHires,
    /// Promises and other follow-ups by owner: open, overdue, kept.
    Promises,
    /// What makes the union visible at each workplace, and what is to be renewed.
    Visibility,
    /// Material in and out, and what is left.
    Materials,
}

/// What a report is asked about.
#[uniffi::remote(Record)]
pub struct ReportQuery {
    /// First day of the period.
    pub from: Day,
    /// Last day of the period.
    pub until: Day,
    /// Today: what is to come is not done yet.
    pub today: Day,
    /// First day of the period to compare with; the same days a year earlier if none is named.
    #[uniffi(default = None)]
    pub compare_from: Option<Day>,
    /// Last day of that period.
    #[uniffi(default = None)]
    pub compare_until: Option<Day>,
    /// Only this workplace, with its sub-sites.
    #[uniffi(default = None)]
    pub workplace: Option<WorkplaceId>,
    /// Only what belongs to this campaign.
    #[uniffi(default = None)]
    pub campaign: Option<CampaignId>,
    /// The table leaves the register: groups of fewer than five people are left out, and so are names.
    #[uniffi(default = false)]
    pub shared: bool,
}

/// A report as a table.
#[uniffi::remote(Record)]
pub struct ReportTable {
    /// Which report.
    pub report: Report,
    /// The columns; each row has as many cells.
    pub columns: Vec<ReportColumn>,
    /// The rows.
    pub rows: Vec<ReportRow>,
    /// The last line, where summing makes sense.
    pub totals: Option<Vec<Cell>>,
    /// What a reader should know.
    pub notes: Vec<ReportNote>,
}

/// One column.
#[uniffi::remote(Record)]
pub struct ReportColumn {
    /// Its stable id, which the catalogue of texts translates.
    pub id: StableWord,
    /// What its cells are.
    pub kind: ColumnKind,
}

/// What the cells of a column are.
#[uniffi::remote(Enum)]
pub enum ColumnKind {
    /// Text that people wrote.
    Text,
    /// A stable word, which the catalogue translates: of the choice that the column is named for, or `yes`, `no`.
    Word,
    /// A number.
    Count,
    /// A share.
    Percent,
    /// A day.
    Date,
    /// Whole units of the country's money.
    Money,
}

/// One row.
#[uniffi::remote(Record)]
pub struct ReportRow {
    /// How deep it lies within the rows above: a sub-site of a workplace.
    pub depth: u32,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// One cell.
#[uniffi::remote(Enum)]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// Text that people wrote.
    Text(String),
    /// A stable word.
    Word(StableWord),
    /// A number.
    Count(i64),
    /// A share, in tenths of a percent.
    Percent(i64),
    /// A day.
    Date(Day),
    /// Whole units of the country's money.
    Money(i64),
    /// Left out, so that no small group is given away.
    Suppressed,
}

/// What a reader of a table should know.
#[uniffi::remote(Enum)]
pub enum ReportNote {
    /// Groups of fewer than five people are left out, and some larger ones, so that no total gives them away.
    SmallGroupsLeftOut,
    /// Names of people are left out.
    NamesLeftOut,
    /// Numbers are rounded to fives.
    Rounded,
}

/// One workplace with its sub-sites.
#[uniffi::remote(Record)]
pub struct PlaceFigures {
    /// The workplace.
    pub workplace: WorkplaceId,
    /// Name.
    pub name: String,
    /// How deep it lies within the workplaces before it.
    pub depth: u32,
    /// How many could be members.
    pub eligible: Option<i64>,
    /// Members.
    pub members: i64,
    /// How many more could be.
    pub potential: Option<i64>,
    /// Visits until today.
    pub visits: i64,
    /// The day of the last.
    pub last_on: Option<Day>,
    /// The day of the next that is planned.
    pub next_on: Option<Day>,
    /// Whether the last is too long ago.
    pub overdue: bool,
}

/// Visits, and what was counted at them.
#[uniffi::remote(Record)]
pub struct VisitFigures {
    /// What they are; none where nobody said, and in the figures of a week.
    pub kind: Option<VisitKind>,
    /// Those to come.
    pub planned: i64,
    /// Those that took place.
    pub done: i64,
    /// Those that were called off.
    pub cancelled: i64,
    /// Those whose day has passed and of which nothing was written down.
    pub not_reported: i64,
    /// Talks, tapped or written down.
    pub talked: i64,
    /// Things handed out.
    pub handed_out: i64,
    /// People who walked by.
    pub passed_by: i64,
    /// Sign-ups.
    pub signed: i64,
    /// What they cost, in whole units of the country's money.
    pub cost: i64,
}

/// The visits of one week.
#[uniffi::remote(Record)]
pub struct WeekFigures {
    /// The year the week counts to.
    pub iso_year: i32,
    /// The week's number.
    pub iso_week: u32,
    /// Its Monday.
    pub monday: Day,
    /// Its visits.
    pub figures: VisitFigures,
}

/// What sign-ups are grouped by.
#[uniffi::remote(Enum)]
pub enum SignUpGroup {
    /// What gave rise to the talk that led to it; where there was none, what the visit was.
    Occasion,
    /// Part of the day of the visit.
    Slot,
    /// The workplace: of the visit, else of the person.
    Place,
    /// The campaign: of the sign-up, else of the visit.
    Campaign,
    /// Who recruited, a steward or a colleague; of talks, who held them.
    Recruiter,
    /// What made the person think of joining.
    Trigger,
}

/// The sign-ups of one group.
#[uniffi::remote(Record)]
pub struct SignUpFigures {
    /// The row that the group is: a workplace, a campaign, a steward or a colleague who recruits.
    pub row: Option<RowId>,
    /// The stable word that it is: an occasion, a trigger.
    pub word: Option<String>,
    /// What it is called by people: the row's name, the slot.
    pub name: Option<String>,
    /// Talks, written down or tapped.
    pub talks: i64,
    /// Sign-ups, with a name or without.
    pub signed: i64,
    /// Those of them without a name.
    pub nameless: i64,
    /// Those who pay dues.
    pub paying: i64,
    /// Those who have left again.
    pub left: i64,
    /// Those who have not decided.
    pub undecided: i64,
}

/// From talk to sign-up to dues, of the persons of one occasion.
#[uniffi::remote(Record)]
pub struct ConversionFigures {
    /// What gave rise to the talk.
    pub occasion: Option<Occasion>,
    /// Persons talked with. Each counts once: with the talk that led to a sign-up, else with their last.
    pub persons: i64,
    /// Those of them who were invited to join in any of those talks.
    pub invited: i64,
    /// Those who signed up within a year of a talk.
    pub signed: i64,
    /// Those who pay dues.
    pub paying: i64,
    /// The talks that these persons had.
    pub talks: i64,
}

/// One reason to join, as it was used in talks.
#[uniffi::remote(Record)]
pub struct ReasonFigures {
    /// The reason, as it was first written.
    pub reason: String,
    /// Talks it was used in.
    pub used: i64,
    /// Those of them in which it landed.
    pub landed: i64,
}

/// Those who left for one reason.
#[uniffi::remote(Record)]
pub struct LeaveFigures {
    /// The reason, as it was first written; none where nobody noted one.
    pub reason: Option<String>,
    /// How many left.
    pub left: i64,
    /// Those of them who never paid dues.
    pub without_paying: i64,
}

/// The free months of one campaign that end in a period.
#[uniffi::remote(Record)]
pub struct CallFigures {
    /// The campaign that gave them.
    pub campaign: Option<CampaignId>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// Persons whose free months end.
    pub ending: i64,
    /// Those whom somebody has tried to call, or called.
    pub called: i64,
    /// How many tries.
    pub attempts: i64,
    /// Those who stay.
    pub stays: i64,
    /// Those who leave.
    pub leaves: i64,
    /// Those who have not decided.
    pub undecided: i64,
}

/// One topic, and how often it came up.
#[uniffi::remote(Record)]
pub struct TopicFigures {
    /// The topic.
    pub topic: TopicId,
    /// What it is.
    pub title: String,
    /// How far it has come.
    pub state: TopicState,
    /// How often it came up in the period; a person counts once, somebody without a name each time.
    pub raised: i64,
    /// The day it last came up.
    pub last_on: Option<Day>,
    /// What the union does about it.
    pub action: Option<String>,
    /// What came of it.
    pub result: Option<String>,
    /// The day those who raised it were told.
    pub told_back_on: Option<Day>,
    /// Whether it is won or lost and nobody was told yet.
    pub to_tell: bool,
}

/// One answer to a poll.
#[uniffi::remote(Record)]
pub struct PollFigures {
    /// The poll.
    pub poll: PollId,
    /// The question.
    pub question: String,
    /// The choice; none for answers in words of one's own.
    pub choice: Option<String>,
    /// How many gave it.
    pub answers: i64,
    /// How many answered the question.
    pub of: i64,
    /// What was said with it in words of one's own, by the alphabet, so that their order does not tell who came when. None of
    /// what is shared.
    pub own_words: Vec<String>,
}

/// One figure of two periods.
#[uniffi::remote(Record)]
pub struct ComparedFigure {
    /// Its stable word.
    pub figure: StableWord,
    /// Whether it counts people.
    pub people: bool,
    /// In the period.
    pub now: i64,
    /// In the period to compare with.
    pub before: i64,
}

/// A goal, and how far it is.
#[uniffi::remote(Record)]
pub struct GoalFigures {
    /// The goal.
    pub goal: GoalId,
    /// Name of its campaign or metric; none where all sign-ups count.
    pub name: Option<String>,
    /// The campaign whose sign-ups count.
    pub campaign: Option<CampaignId>,
    /// The metric that is to get there.
    pub metric: Option<MetricId>,
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub until: Option<Day>,
    /// How many are wanted.
    pub target: i64,
    /// How many there are; none where the metric was not read yet.
    pub actual: Option<i64>,
    /// How much of the way to the target is done, in tenths of a percent: from the metric's start, else from nothing.
    pub reached: Option<i64>,
}

/// A metric: where it began, is, and is to end.
#[uniffi::remote(Record)]
pub struct MetricFigures {
    /// The metric.
    pub metric: MetricId,
    /// Name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// Where it began.
    pub start: Option<i64>,
    /// Where it is to end.
    pub target: Option<i64>,
    /// Its last reading in the period.
    pub value: Option<i64>,
    /// The day of that reading.
    pub on: Option<Day>,
    /// How far it has come from its start, else from nothing, to its target, in tenths of a percent.
    pub reached: Option<i64>,
    /// What it cost in the period, in whole units of the country's money.
    pub cost: i64,
}

/// One reading of a metric.
#[uniffi::remote(Record)]
pub struct MetricReading {
    /// The metric.
    pub metric: MetricId,
    /// Its name.
    pub name: String,
    /// The day.
    pub on: Day,
    /// The number.
    pub value: i64,
    /// Who or what says so.
    pub source: Option<String>,
    /// What it cost to get there.
    pub cost: Option<i64>,
}

/// What one steward, or a colleague who is none, has brought.
#[uniffi::remote(Record)]
pub struct RecruiterScore {
    /// The steward; none where it is a colleague.
    pub recruiter: Option<PersonId>,
    /// The contact that stands for the colleague; none where it is a steward.
    pub colleague: Option<ContactId>,
    /// Name.
    pub name: String,
    /// Sign-ups of which it is not yet known.
    pub pending: i64,
    /// Those for whom dues were paid in time.
    pub confirmed: i64,
    /// Those who left before, or did not pay in time.
    pub expired: i64,
    /// Prizes earned by the campaigns' own count, each named as the campaign does.
    pub prizes: Vec<Prize>,
    /// The first day on which a sign-up that waits expires.
    pub next_expiry: Option<Day>,
}

/// So many of one prize.
#[uniffi::remote(Record)]
pub struct Prize {
    /// The campaign that gives it.
    pub campaign: CampaignId,
    /// What it is.
    pub prize: String,
    /// How many were earned.
    pub n: i64,
}

/// A recruiter to be thanked: somebody they brought pays dues now.
#[uniffi::remote(Record)]
pub struct ThanksView {
    /// The steward to thank; none where it is a colleague.
    pub recruiter: Option<PersonId>,
    /// The colleague to thank, by the contact that stands for the person; none where it is a steward.
    pub colleague: Option<ContactId>,
    /// Name.
    pub name: String,
    /// For whom.
    pub contact: ContactId,
    /// That person's name.
    pub contact_name: String,
    /// Since when dues are paid.
    pub confirmed_on: Day,
    /// The follow-up that thanking makes, but for `what` and its owner.
    pub draft: FollowUpDraft,
}

/// The active members at the end of a month.
#[uniffi::remote(Record)]
pub struct MemberMonth {
    /// The last day of the month, or of the period.
    pub on: Day,
    /// Those who pay dues, those who have said that they will leave among them.
    pub members: i64,
    /// Those in their free months.
    pub trial: i64,
    /// Those of both who study.
    pub students: i64,
    /// All of them.
    pub active: i64,
}

/// The new colleagues of one workplace.
#[uniffi::remote(Record)]
pub struct HireFigures {
    /// The workplace.
    pub workplace: Option<WorkplaceId>,
    /// Its name.
    pub workplace_name: Option<String>,
    /// Those whose first day lies in the period.
    pub hired: i64,
    /// Those of them with whom somebody has talked.
    pub caught: i64,
    /// Those of them who are members.
    pub members: i64,
}

/// The follow-ups of one owner.
#[uniffi::remote(Record)]
pub struct PromiseFigures {
    /// The owner; none for what nobody has taken.
    pub owner: Option<PersonId>,
    /// Name.
    pub name: Option<String>,
    /// Open now.
    pub open: i64,
    /// Those of them whose day has passed.
    pub overdue: i64,
    /// Done in the period and kept.
    pub kept: i64,
    /// Done in the period and not kept.
    pub broken: i64,
    /// Done in the period, with nothing said of it.
    pub done: i64,
}

/// One thing that makes the union visible at a workplace, as it is now.
#[uniffi::remote(Record)]
pub struct CheckView {
    /// The row that counts: of several the one that was written last.
    pub check: CheckId,
    /// The workplace.
    pub workplace: WorkplaceId,
    /// Its name.
    pub workplace_name: String,
    /// What.
    pub item: CheckItem,
    /// How far it has come.
    pub state: CheckState,
    /// Since when.
    pub since: Option<Day>,
    /// The day by which it is to be renewed.
    pub refresh_by: Option<Day>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// The other rows about it, the first that was written first: what somebody changes there does not count.
    pub also: Vec<Check>,
}

/// One material: what came in, what went out, what is left.
#[uniffi::remote(Record)]
pub struct StockView {
    /// The material.
    pub material: MaterialId,
    /// Name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// Ordered and not received, as far as was written down.
    pub on_order: i64,
    /// Received.
    pub received: i64,
    /// Handed out or placed somewhere, less what came back.
    pub out: i64,
    /// Left; below nothing where more went out than was noted as coming in.
    pub left: i64,
    /// Whether it is time to order.
    pub low: bool,
}
