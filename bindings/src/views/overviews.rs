//! What is looked into before the work begins.

use samla_core::RowId;
use samla_core::register::{
    AllotmentView, BestSlotView, ChannelFigures, CheckView, InboundFigures, InboundMonth, InboundView, ListSourceView,
    NeededItem, NewMemberView, PartView, SaveTalkView, SeasonNote, SlotFigures, TeamMember, TeamUnit, VisitNeeds,
    WelcomeStep, WorkplaceCard,
};
use samla_core::tables::{Channel, FollowUp, FollowUpDraft, ImportSource, Membership, Table, Workplace};

use crate::records::{ContactId, FollowUpId, ImportId, MaterialId, PersonId, VisitId, WorkplaceId};
use crate::scalars::Day;

/// One person to talk with.
#[uniffi::remote(Record)]
pub struct SaveTalkView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// How the person likes to be reached.
    pub channel: Option<Channel>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// Leaving, or in the unemployment fund only.
    pub status: Membership,
    /// The day of the last talk or sign-up; none where there never was one.
    pub last_on: Option<Day>,
    /// Who talks with them: whoever took it, else the steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The talk, once somebody has taken it.
    pub follow_up: Option<FollowUp>,
    /// The follow-up that taking it makes, but for `what`.
    pub draft: FollowUpDraft,
}

/// What somebody noted of a visit or a campaign.
#[uniffi::remote(Record)]
pub struct SeasonNote {
    /// The table of the row that says so: visits or campaigns.
    pub row_table: Table,
    /// That row.
    pub row_id: RowId,
    /// The day of the visit, or the campaign's last; none where a campaign has no end.
    pub on: Option<Day>,
    /// The place of the visit, or the campaign's name.
    pub title: String,
    /// The note.
    pub note: String,
}

/// The newest list of one source.
#[uniffi::remote(Record)]
pub struct ListSourceView {
    /// Whose list it is.
    pub source: ImportSource,
    /// The import; none where no list of this source was ever taken in.
    pub import: Option<ImportId>,
    /// The day it was taken in.
    pub on: Option<Day>,
    /// Days since then.
    pub days: Option<i64>,
    /// Who took it in, and answers for it.
    pub by: Option<PersonId>,
    /// That person's name.
    pub by_name: Option<String>,
    /// How many rows it had.
    pub rows: Option<i64>,
    /// The day its comparison with the other lists was signed off.
    pub signed_off_on: Option<Day>,
}

/// One new member, and how far the welcome has come.
#[uniffi::remote(Record)]
pub struct NewMemberView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The day of the sign-up.
    pub signed_on: Day,
    /// Who recruited.
    pub recruiter_name: Option<String>,
    /// The things to do, as somebody wrote them down, in that order.
    pub steps: Vec<WelcomeStep>,
    /// Whether there were any, and all are done.
    pub welcomed: bool,
    /// The follow-up that a thing to do makes, but for `what`. To have several, put a word behind each one's cause, such as
    /// `new_member 2026 gift`: the same for the same thing on every phone.
    pub draft: FollowUpDraft,
}

/// One thing of a welcome.
#[uniffi::remote(Record)]
pub struct WelcomeStep {
    /// The row that counts: of several one that is done, else the one that was written last.
    pub follow_up: FollowUpId,
    /// What.
    pub what: String,
    /// Who does it.
    pub owner_name: Option<String>,
    /// The day it was done.
    pub done_on: Option<Day>,
}

/// The talks that were held in one way.
#[uniffi::remote(Record)]
pub struct ChannelFigures {
    /// How; none where nobody said, as with talks that were only tapped.
    pub channel: Option<Channel>,
    /// Talks, written down or tapped.
    pub talks: i64,
    /// Persons talked with, as far as they are named.
    pub persons: i64,
    /// Talks that were to inform.
    pub to_inform: i64,
    /// Talks that were to listen.
    pub to_listen: i64,
    /// Those of the persons who signed up after such a talk, before any other talk of the period.
    pub signed: i64,
    /// Those of them who pay dues.
    pub paying: i64,
}

/// Somebody who turned to the union by themselves.
#[uniffi::remote(Record)]
pub struct InboundView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// How the person likes to be reached.
    pub channel: Option<Channel>,
    /// The way they came, in words, such as "wrote to us".
    pub source: Option<String>,
    /// The day they were written down.
    pub on: Day,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The day somebody first talked with them; none while they wait.
    pub answered_on: Option<Day>,
    /// Where the person stands.
    pub status: Membership,
}

/// Those who turned to the union in one way.
#[uniffi::remote(Record)]
pub struct InboundFigures {
    /// The way, in words; none where nobody noted it.
    pub source: Option<String>,
    /// How many came.
    pub contacts: i64,
    /// With how many of them somebody has talked.
    pub answered: i64,
    /// How many of them are members now.
    pub members: i64,
}

/// Those who turned to the union in one way in one month.
#[uniffi::remote(Record)]
pub struct InboundMonth {
    /// The last day of the month, or of the period.
    pub on: Day,
    /// Those who came.
    pub figures: InboundFigures,
}

/// A visit to come, and the material that was ordered for it.
#[uniffi::remote(Record)]
pub struct VisitNeeds {
    /// The visit.
    pub visit: VisitId,
    /// Its day.
    pub on: Day,
    /// The workplace and the spot.
    pub place: String,
    /// What it needs, by name.
    pub items: Vec<NeededItem>,
}

/// One material that a visit needs.
#[uniffi::remote(Record)]
pub struct NeededItem {
    /// The material.
    pub material: MaterialId,
    /// Name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// How many were ordered for the visit, less what has gone out there already.
    pub needed: i64,
    /// How many of them the stock does not reach for.
    pub missing: i64,
}

/// Material that lies with a steward.
#[uniffi::remote(Record)]
pub struct AllotmentView {
    /// With whom.
    pub person: PersonId,
    /// Name.
    pub person_name: String,
    /// The material.
    pub material: MaterialId,
    /// Its name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// How many were given out, less what came back.
    pub n: i64,
}

/// One unit: an office, a branch, a team, a partner.
#[uniffi::remote(Record)]
pub struct TeamUnit {
    /// What it is called, as it was first spelled; none for those whose unit nobody noted.
    pub unit: Option<String>,
    /// Who is in it, by name.
    pub members: Vec<TeamMember>,
}

/// One steward or organiser, with what they have taken on.
#[uniffi::remote(Record)]
pub struct TeamMember {
    /// Who.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// Title or task in the union.
    pub title: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Which workplaces they look after, in words.
    pub workplaces_note: Option<String>,
    /// Follow-ups they own that are open, as their list of them shows: no calls to whoever wants no contact.
    pub open: i64,
    /// Those of them whose day has passed.
    pub overdue: i64,
    /// Visits to come at which they have a turn, or were asked to.
    pub turns: i64,
    /// Persons whose relation they keep.
    pub relations: i64,
}

/// One workplace, and when people are best met there.
#[uniffi::remote(Record)]
pub struct BestSlotView {
    /// The workplace.
    pub workplace: WorkplaceId,
    /// Its name.
    pub workplace_name: String,
    /// What the stewards noted on the workplace themselves.
    pub noted: Option<String>,
    /// The slots in which somebody was there, the best first.
    pub slots: Vec<SlotFigures>,
}

/// What came of the visits in one slot of one workplace.
#[uniffi::remote(Record)]
pub struct SlotFigures {
    /// The slot, as it was first spelled.
    pub slot: String,
    /// Visits that took place.
    pub visits: i64,
    /// Talks, written down or tapped.
    pub talks: i64,
    /// Sign-ups, with a name or without.
    pub signed: i64,
}

/// One workplace, with what its parts and the larger workplace add.
#[uniffi::remote(Record)]
pub struct WorkplaceCard {
    /// The workplace.
    pub workplace: Workplace,
    /// The larger workplace that it is part of.
    pub part_of: Option<String>,
    /// The contact at the employer's HR; the larger workplace's where this one has none.
    pub hr_name: Option<String>,
    /// That contact's phone.
    pub hr_phone: Option<String>,
    /// The employer's next induction of new colleagues, likewise.
    pub next_induction: Option<Day>,
    /// The link to its group, likewise.
    pub group_link: Option<String>,
    /// Its parts, at any depth, each with its own group; archived ones are left out.
    pub parts: Vec<PartView>,
    /// What makes the union visible here and at its parts.
    pub visibility: Vec<CheckView>,
    /// When people are best met, here and at its parts.
    pub best_slots: Vec<BestSlotView>,
}

/// A part of a workplace.
#[uniffi::remote(Record)]
pub struct PartView {
    /// The part.
    pub workplace: WorkplaceId,
    /// Its name.
    pub name: String,
    /// The link to its own group.
    pub group_link: Option<String>,
}
