//! Persons: found, shown, signed up, and written down twice.

use samla_core::register::{
    AnswerView, ConflictView, ContactCard, DuplicateHint, DuplicatePair, DuplicateQuery, DuplicateReason, LinkView,
    OtherAnswer, SearchHit, TalkHistory, TimelineEntry, TimelineKind,
};
use samla_core::tables::{
    Channel, Contact, ContactDraft, FollowUp, LinkKind, Membership, Occasion, Table, TalkAnswer, Value,
};
use samla_core::{RowId, SignUp, SignedUp};

use crate::records::{CampaignId, ContactId, DeviceId, LinkId, MembershipEventId, PersonId, VisitId, WorkplaceId};
use crate::scalars::{Day, Moment};

/// One person found.
#[uniffi::remote(Record)]
pub struct SearchHit {
    /// The contact that stands for the person.
    pub id: ContactId,
    /// Name, or what else tells who it is.
    pub name: String,
    /// Phone, as it was typed.
    pub phone: Option<String>,
    /// Name of the workplace.
    pub workplace: Option<String>,
    /// Where the person stands.
    pub membership: Membership,
}

/// One person, with what is known and what happened.
#[uniffi::remote(Record)]
pub struct ContactCard {
    /// The person's contacts read as one; its id is that of the contact that was written down first.
    pub contact: Contact,
    /// Name, or what else tells who it is.
    pub name: String,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// Where the person stands, from what happened.
    pub status: Membership,
    /// On trial, the last day that counts: past it the trial has ended, though nobody wrote down what the person decided.
    pub trial_until: Option<Day>,
    /// The other contacts linked as the same person.
    pub same: Vec<ContactId>,
    /// What those say differently: each value once, and a number or an address once however it is written.
    pub others: Vec<OtherAnswer>,
    /// What happened, newest first.
    pub timeline: Vec<TimelineEntry>,
    /// What is still to be done, by day; what has no day comes last.
    pub follow_ups: Vec<FollowUp>,
    /// Fields of the person and of the timeline's rows that wait for somebody to choose.
    pub clashes: Vec<ConflictView>,
}

/// A field that another contact of the same person answers differently.
#[uniffi::remote(Record)]
pub struct OtherAnswer {
    /// The other contact.
    pub contact: ContactId,
    /// The field.
    pub field: String,
    /// Its value there.
    pub value: Value,
    /// The value as it is read.
    pub shown: String,
}

/// One thing that happened.
#[uniffi::remote(Record)]
pub struct TimelineEntry {
    /// When: a moment, or a day where only that is known.
    pub at: String,
    /// What.
    pub kind: TimelineKind,
    /// The table of the row that says so.
    pub row_table: Table,
    /// That row.
    pub row_id: RowId,
    /// In people's words: the place of a talk or a visit, the campaign of a sign-up, what was done, what a consent is for.
    pub title: String,
    /// A talk's occasion.
    pub occasion: Option<Occasion>,
    /// How a talk was held.
    pub channel: Option<Channel>,
    /// A talk's answer.
    pub answer: Option<TalkAnswer>,
    /// A note, an outcome or a reason.
    pub note: Option<String>,
    /// By when what was done was to be done: a new day that somebody set at the same time shows here.
    pub due: Option<Day>,
    /// Who: the steward named, else whoever writes on the device that made the row.
    pub by: Option<String>,
}

/// What kind of thing happened.
#[uniffi::remote(Enum)]
pub enum TimelineKind {
    /// A talk.
    Talk,
    /// Signed up.
    Signed,
    /// The free months end.
    TrialEnds,
    /// Pays dues.
    Paying,
    /// Left.
    Left,
    /// Invited to a visit.
    Invited,
    /// Came to a visit.
    Attended,
    /// Said no to a visit.
    Declined,
    /// A follow-up was done.
    Done,
    /// Gave consent.
    ConsentGiven,
    /// Took consent back.
    ConsentWithdrawn,
}

/// One field with several answers.
#[uniffi::remote(Record)]
pub struct ConflictView {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// What the row is called.
    pub title: String,
    /// The field; `live` where a removal met an edit.
    pub field: String,
    /// The answers; the one that holds until somebody chooses comes first.
    pub answers: Vec<AnswerView>,
    /// Somebody removed the row while another changed it, and it was kept.
    pub kept_edit: bool,
}

/// One of several answers.
#[uniffi::remote(Record)]
pub struct AnswerView {
    /// The value itself; none where a new epoch met a field that was emptied. Within an epoch emptying gives way to a change made
    /// meanwhile and is no answer.
    pub value: Option<Value>,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
    /// The device that wrote it; none where the book was founded anew since and nobody can tell.
    pub device: Option<DeviceId>,
    /// What its owner calls the device.
    pub device_label: Option<String>,
    /// Whose it is.
    pub person_name: Option<String>,
    /// When, by that device's clock; none where that is not known any more.
    pub at: Option<Moment>,
}

/// What has been typed of a contact so far.
#[uniffi::remote(Record)]
pub struct DuplicateQuery {
    /// The contact being typed, once it has a row of its own; it is no duplicate of itself.
    #[uniffi(default = None)]
    pub contact: Option<ContactId>,
    /// Given name.
    #[uniffi(default = None)]
    pub given_name: Option<String>,
    /// Family name.
    #[uniffi(default = None)]
    pub family_name: Option<String>,
    /// Phone.
    #[uniffi(default = None)]
    pub phone: Option<String>,
    /// E-mail.
    #[uniffi(default = None)]
    pub email: Option<String>,
    /// Workplace.
    #[uniffi(default = None)]
    pub workplace: Option<WorkplaceId>,
}

/// What two contacts share, the most telling first.
#[uniffi::remote(Enum)]
pub enum DuplicateReason {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The name as it sounds, at one workplace.
    NameWorkplace,
}

/// Somebody who may be the one being typed.
#[uniffi::remote(Record)]
pub struct DuplicateHint {
    /// The contact that stands for the person.
    pub id: ContactId,
    /// Name.
    pub name: String,
    /// What they share.
    pub reason: DuplicateReason,
    /// A number or an address is shared, and the name too. Where it is false, two people are as likely.
    pub likely: bool,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
}

/// Two persons who may be one.
#[uniffi::remote(Record)]
pub struct DuplicatePair {
    /// The one written down first.
    pub a: SearchHit,
    /// The other.
    pub b: SearchHit,
    /// What they share.
    pub reason: DuplicateReason,
    /// A number or an address is shared, and the name too. Where it is false, two people are as likely: a couple with one
    /// telephone, two of one name.
    pub likely: bool,
}

/// A sign-up: a new contact or one that is there, and the membership that begins.
#[uniffi::remote(Record)]
pub struct SignUp {
    /// What is known of the person. A name, a phone number or an e-mail address is enough.
    pub contact: ContactDraft,
    /// The person, where they are in the register already; `contact` then changes that row.
    #[uniffi(default = None)]
    pub contact_id: Option<ContactId>,
    /// The visit where it happened.
    #[uniffi(default = None)]
    pub visit: Option<VisitId>,
    /// The campaign whose offer was taken; the visit's, else the only one that runs on the day, if none is named and the
    /// person does not pay already.
    #[uniffi(default = None)]
    pub campaign: Option<CampaignId>,
    /// Which steward recruited; the user of this device if nobody is named.
    #[uniffi(default = None)]
    pub recruiter: Option<PersonId>,
    /// Which colleague recruited, by their contact, where it was no steward.
    #[uniffi(default = None)]
    pub colleague: Option<ContactId>,
    /// How: a form, a page, paper.
    #[uniffi(default = None)]
    pub method: Option<String>,
    /// The day; today if none is named.
    #[uniffi(default = None)]
    pub on: Option<Day>,
}

/// The rows of a sign-up.
#[uniffi::remote(Record)]
pub struct SignedUp {
    /// The person.
    pub contact: ContactId,
    /// The membership that begins.
    pub membership: MembershipEventId,
}

/// One decision.
#[uniffi::remote(Record)]
pub struct LinkView {
    /// The link.
    pub id: LinkId,
    /// What was decided.
    pub kind: LinkKind,
    /// One contact.
    pub a: ContactId,
    /// Its name.
    pub a_name: String,
    /// The other contact.
    pub b: ContactId,
    /// Its name.
    pub b_name: String,
    /// Who decided: the steward named, else whoever writes on the device that made the link.
    pub by: Option<String>,
    /// When.
    pub at: Option<Moment>,
    /// False for a *same person* that is not followed, because somebody else keeps the two apart.
    pub holds: bool,
}

/// The talks with one person, in short: it takes more than one, and whoever said "not now" may be invited again.
#[uniffi::remote(Record)]
pub struct TalkHistory {
    /// How many talks there were.
    pub talks: i64,
    /// How many times the person was invited to join.
    pub invitations: i64,
    /// The last answer that was noted.
    pub last_answer: Option<TalkAnswer>,
    /// The day of the last talk.
    pub last_on: Option<Day>,
}
