//! What is to be done: what was promised, what follows by itself, whom to call, whom to talk with.

use samla_core::register::{
    AutomaticReason, AutomaticView, CallClash, CallDecision, CallView, Caller, DueView, NewHire, NewHiresView,
    NotSpokenWithView,
};
use samla_core::tables::{Channel, FollowUp, FollowUpDraft, Membership};
use samla_core::{CallLog, CallLogged, Claimed, HandedOver};

use crate::records::{CampaignId, ContactId, FollowUpId, MembershipEventId, PersonId, TalkId, WorkplaceId};
use crate::scalars::{Count, Day, Moment};

/// One thing to do.
#[uniffi::remote(Record)]
pub struct DueView {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// Whom or what it is about: the contact, else the workplace, else the visit.
    pub who: Option<String>,
    /// The contact's phone number.
    pub phone: Option<String>,
    /// Who is to do it.
    pub owner_name: Option<String>,
    /// Days since it was due, 0 on the day; none where no day was set.
    pub overdue_days: Option<i64>,
    /// The rows that others wrote for the same cause, the first that was written first: somebody else means to do this too.
    pub also: Vec<FollowUp>,
}

/// What calls for it.
#[uniffi::remote(Enum)]
pub enum AutomaticReason {
    /// A new colleague starts: welcome them.
    FirstDay,
    /// A month has passed since the start: talk again.
    FirstMonth,
    /// The free months end in two weeks: ask whether they stay.
    TrialEnds,
    /// Came to a meeting and is not a member: talk.
    AfterMeeting,
}

/// One thing to do that follows from what happened.
#[uniffi::remote(Record)]
pub struct AutomaticView {
    /// What calls for it.
    pub reason: AutomaticReason,
    /// The cause, spelled alike on every phone: what a follow-up about it carries as its own `cause`.
    pub cause: String,
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The day.
    pub due: Day,
    /// Days since that day.
    pub overdue_days: i64,
    /// The follow-up that acting on it makes, but for `what`, which the screen says in its user's language.
    pub draft: FollowUpDraft,
}

/// One person whose free months end.
#[uniffi::remote(Record)]
pub struct CallView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// How the person likes to be reached.
    pub channel: Option<Channel>,
    /// The language the person likes to speak.
    pub language: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The campaign that gave the free months.
    pub campaign: Option<CampaignId>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// Who recruited.
    pub recruiter_name: Option<String>,
    /// The day of the sign-up.
    pub signed_on: Option<Day>,
    /// The day the free months end.
    pub trial_ends_on: Day,
    /// Days until then; negative once it has passed.
    pub days_left: i64,
    /// The call, once somebody has taken it: the row that was written last.
    pub follow_up: Option<FollowUp>,
    /// Who calls.
    pub owner_name: Option<String>,
    /// The other rows of the same call, the first that was written first: of others who took it, or of tries before.
    pub also: Vec<FollowUp>,
    /// The others who took it, by name: a clash to settle between people.
    pub also_names: Vec<String>,
    /// How many times it was tried, by all.
    pub attempts: i64,
    /// What came of the latest try.
    pub outcome: Option<String>,
    /// Whether the person stays.
    pub decision: Option<CallDecision>,
    /// The day of the decision.
    pub decided_on: Option<Day>,
    /// Why, for those who leave.
    pub reason: Option<String>,
    /// The follow-up that taking the call makes, but for `what` and its owner.
    pub draft: FollowUpDraft,
}

/// What a person decided at the end of the free months.
#[uniffi::remote(Enum)]
pub enum CallDecision {
    /// Pays dues.
    Stays,
    /// Left.
    Leaves,
}

/// One person whom two stewards called about the same.
#[uniffi::remote(Record)]
pub struct CallClash {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// What called for it.
    pub cause: String,
    /// The stewards, the first that was written first; one of them twice who noted otherwise on another phone.
    pub callers: Vec<Caller>,
    /// Where any of them noted whether the person stays, what holds of it: what was written last.
    pub decision: Option<CallDecision>,
}

/// One steward of a clash.
#[uniffi::remote(Record)]
pub struct Caller {
    /// Who.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// The row that was written last.
    pub follow_up: FollowUpId,
    /// How many times it was tried.
    pub attempts: i64,
    /// What came of it at last.
    pub outcome: Option<String>,
    /// When it was done.
    pub done_at: Option<Moment>,
    /// Whether the person stays, as it was noted here.
    pub decision: Option<CallDecision>,
}

/// What came of claiming something to do.
#[uniffi::remote(Record)]
pub struct Claimed {
    /// The follow-up that is now the user's; none where somebody else had it and it was left alone.
    pub follow_up: Option<FollowUpId>,
    /// The others who mean to do it, by name.
    pub held_by: Vec<String>,
}

/// A call that was made or tried.
#[uniffi::remote(Record)]
pub struct CallLog {
    /// The call as the list drafts it, with the `what` of its follow-up; its cause and contact are needed.
    pub call: FollowUpDraft,
    /// Whether the person answered: then the call is a talk, too.
    #[uniffi(default = false)]
    pub reached: bool,
    /// What came of it.
    #[uniffi(default = None)]
    pub outcome: Option<String>,
    /// When to call again; without it a call that reached the person is done.
    #[uniffi(default = None)]
    pub again_on: Option<Day>,
    /// Whether the person stays. It takes back what was noted otherwise of the same free months.
    #[uniffi(default = None)]
    pub decision: Option<CallDecision>,
    /// The day from which it holds. If none is named: for who stays the end of the free months, or today where they had left and it is
    /// too late to pay for those; for who leaves today, or the day of a sign-up to come.
    #[uniffi(default = None)]
    pub decided_on: Option<Day>,
    /// Why, for those who leave.
    #[uniffi(default = None)]
    pub reason: Option<String>,
}

/// The rows of a call.
#[uniffi::remote(Record)]
pub struct CallLogged {
    /// The call.
    pub follow_up: FollowUpId,
    /// The talk, where the person was reached.
    pub talk: Option<TalkId>,
    /// The membership event, where the person decided.
    pub membership: Option<MembershipEventId>,
    /// Those that the decision took back.
    pub taken_back: Vec<MembershipEventId>,
    /// Others who called about the same, by name.
    pub also: Vec<String>,
}

/// How much went from one steward to another.
#[uniffi::remote(Record)]
pub struct HandedOver {
    /// Open follow-ups.
    pub follow_ups: Count,
    /// Contacts whose relation the steward kept.
    pub contacts: Count,
    /// Turns at visits to come, for which the other is now asked.
    pub shifts: Count,
}

/// The new colleagues of one workplace.
#[uniffi::remote(Record)]
pub struct NewHiresView {
    /// The workplace; none for those whose workplace is not known.
    pub workplace: Option<WorkplaceId>,
    /// Its name.
    pub workplace_name: Option<String>,
    /// Its new colleagues by their first day.
    pub hires: Vec<NewHire>,
}

/// One new colleague.
#[uniffi::remote(Record)]
pub struct NewHire {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// First day.
    pub hired_on: Day,
    /// Who means to welcome them: whoever took the welcome, else the steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The day of the first talk; none while nobody has caught them.
    pub contacted_on: Option<Day>,
    /// Those who have talked with them, by name. Several names: they were caught twice.
    pub contacted_by: Vec<String>,
    /// Where the person stands.
    pub status: Membership,
}

/// A person whom nobody has spoken with for long.
#[uniffi::remote(Record)]
pub struct NotSpokenWithView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The day of the last talk or sign-up; none where there never was one.
    pub last_on: Option<Day>,
    /// Where the person stands.
    pub status: Membership,
}
