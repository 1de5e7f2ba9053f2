//! What a screen shows and what a form hands in: the core's own types, named once more for the generator.
//!
//! The compiler holds each to the core's: a field too many or too few does not compile.

use samla_core::book::{
    CameInView, ContinuityView, EraseView, ErasedRows, FileView, FoundedView, Mention, PendingView, ReceiptView,
    WantView,
};
use samla_core::register::*;
use samla_core::tables::*;
use samla_core::{InviteView, MemberView, NewBook, Progress, Role, RowId, SignUp, SignedUp, StatusView};

use crate::records::*;
use crate::scalars::{Day, Moment};

/// The value of one field. Days, moments, ids and choices are text.
#[uniffi::remote(Enum)]
pub enum Value {
    /// Text, and everything that is written as text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
}

/// What a device may do.
#[uniffi::remote(Enum)]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads and writes.
    Steward,
    /// Also invites.
    Organiser,
}

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
    /// The other contacts linked as the same person.
    pub same: Vec<ContactId>,
    /// What those say differently.
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
    /// A talk's answer.
    pub answer: Option<TalkAnswer>,
    /// A note, an outcome or a reason.
    pub note: Option<String>,
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
    /// The value itself; none where the field was emptied.
    pub value: Option<Value>,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
    /// The device that wrote it.
    pub device: DeviceId,
    /// What its owner calls the device.
    pub device_label: Option<String>,
    /// Whose it is.
    pub person_name: Option<String>,
    /// When, by that device's clock; none where that is not known any more.
    pub at: Option<Moment>,
}

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

/// The state of this device's copy.
#[uniffi::remote(Record)]
pub struct StatusView {
    /// The book, in hexadecimal.
    pub book_id: String,
    /// What the members call it, as far as it is known here.
    pub name: Option<String>,
    /// The server's address; none for practice.
    pub server_url: Option<String>,
    /// This device, in hexadecimal.
    pub device_id: String,
    /// What this device may do: `reader`, `steward`, `organiser`; none until it is in.
    pub role: Option<String>,
    /// A book to practise with, which is never sent.
    pub practice: bool,
    /// The join has not come through yet.
    pub joining: bool,
    /// The join has come through, and an organiser has to let this device in.
    pub waiting: bool,
    /// This device is on its way back in by a recovery sheet.
    pub recovering: bool,
    /// This device is no longer in the book.
    pub removed: bool,
    /// Why an epoch began without this device: `remove`, `erase`, `rotate` or `restore`; none where it left by itself.
    pub removed_by: Option<String>,
    /// The epoch that this device is in; the first is 0.
    pub epoch: u32,
    /// The storage key should be renewed: see `renewStorageKey`.
    pub renew_storage_key: bool,
    /// Twelve letters of this device to compare aloud.
    pub fingerprint: String,
    /// Which characters of the recovery sheet are still to be confirmed, counted from 1 after `samlar1`.
    pub recovery_ask: Option<Vec<u32>>,
    /// Edits that are only on this device.
    pub unsent: u64,
    /// When everything was last shared.
    pub last_shared: Option<Moment>,
    /// Entries of the log on this device.
    pub head_n: u64,
    /// Devices in the book.
    pub members: u32,
    /// Entries that stay out of the register, by a rule.
    pub rejected: u64,
    /// Entries that wait for another.
    pub held: u64,
    /// Entries that stopped this device and are left out here.
    pub quarantined: u64,
    /// What the user must be told: an error code that does not go away by itself.
    pub alarm: Option<String>,
    /// A newer version is needed to go on.
    pub update_required: bool,
    /// Seconds that this device's clock is ahead of the server's, where they differ by more than five minutes.
    pub clock_ahead: Option<i64>,
}

/// A member's device as the roster has it, with the name that it wrote into the register.
#[uniffi::remote(Record)]
pub struct MemberView {
    /// The device, in hexadecimal.
    pub device_id: String,
    /// What its owner calls it.
    pub label: Option<String>,
    /// Whose it is.
    pub person_name: Option<String>,
    /// `reader`, `steward` or `organiser`.
    pub role: String,
    /// Twelve letters for two people to compare aloud.
    pub fingerprint: String,
    /// Whether it is this device.
    pub mine: bool,
    /// It has left.
    pub left: bool,
    /// It has come to the current epoch: what was erased or taken from others is gone from it.
    pub moved: bool,
    /// The newest moment that it named.
    pub last_heard: Option<Moment>,
    /// Who invited it.
    pub invited_by: Option<String>,
}

/// A device that came in by a confirm-first invitation and waits for an organiser.
#[uniffi::remote(Record)]
pub struct PendingView {
    /// The device, in hexadecimal.
    pub device_id: String,
    /// Twelve letters to compare with those on the other phone before letting it in.
    pub fingerprint: String,
    /// What its invitation would make of it.
    pub role: String,
    /// Who invited it.
    pub invited_by: Option<String>,
}

/// A device that came in, which everybody is told once.
#[uniffi::remote(Record)]
pub struct CameInView {
    /// The device, in hexadecimal.
    pub device_id: String,
    /// What its owner calls it.
    pub label: Option<String>,
    /// Whose it is.
    pub person_name: Option<String>,
    /// Whose invitation it came by.
    pub invited_by: Option<String>,
    /// When this device learnt of it.
    pub at: Option<Moment>,
}

/// What is wanted and not yet done.
#[uniffi::remote(Record)]
pub struct WantView {
    /// `rotate`, `remove`, `erase` or `restore`.
    pub reason: String,
    /// Devices that go, in hexadecimal.
    pub removed: Vec<String>,
    /// How many people are erased.
    pub erased: u32,
    /// How often somebody else came first.
    pub tries: u32,
    /// It is built and on its way to the server.
    pub on_its_way: bool,
}

/// What erasing a person would take away.
#[uniffi::remote(Record)]
pub struct EraseView {
    /// The person.
    pub contact: ContactId,
    /// What the person is called.
    pub name: String,
    /// Rows that go, by table.
    pub rows: Vec<ErasedRows>,
    /// Places in other rows where the person's name, number or address stands. They stay: change them first.
    pub mentions: Vec<Mention>,
}

/// Rows of one table that go with a person.
#[uniffi::remote(Record)]
pub struct ErasedRows {
    /// The table.
    pub table: Table,
    /// How many.
    pub count: u32,
}

/// A text in another row that names the person.
#[uniffi::remote(Record)]
pub struct Mention {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// What the row is called.
    pub title: String,
    /// The field.
    pub field: String,
    /// What stands there.
    pub text: String,
}

/// An epoch that this device has founded.
#[uniffi::remote(Record)]
pub struct FoundedView {
    /// Its number.
    pub epoch: u32,
    /// `rotate`, `remove`, `erase` or `restore`.
    pub reason: String,
    /// When.
    pub at: Option<Moment>,
    /// How many rows an erasure left out. No names.
    pub gone: u64,
    /// The server's signed word on what it deleted; none if it gave none that holds.
    pub receipt: Option<ReceiptView>,
}

/// A server's signed word on what it deleted.
#[uniffi::remote(Record)]
pub struct ReceiptView {
    /// Entries that it says it deleted.
    pub count: u64,
    /// One hash over all of them, in hexadecimal.
    pub root: String,
    /// When, by the server's clock.
    pub at: Option<Moment>,
    /// Days that its backups are kept, if the operator says so.
    pub backup_days: Option<u32>,
    /// The key that signed it, in hexadecimal.
    pub key: String,
    /// The signature, in hexadecimal.
    pub signature: String,
}

/// How the newest epoch compares with what this device had before.
#[uniffi::remote(Record)]
pub struct ContinuityView {
    /// The epoch.
    pub epoch: u32,
    /// This device had everything before, so that it could compare.
    pub compared: bool,
    /// Rows that its founder says were erased.
    pub erased: u64,
    /// Rows that are not there any more.
    pub missing: u64,
    /// Rows that say something else.
    pub changed: u64,
    /// Rows that were not here.
    pub added: u64,
    /// Differences that the reason does not explain: somebody should ask.
    pub unexplained: u64,
    /// Until when this device keeps the missing and changed rows as it had them.
    pub kept_until: Option<Moment>,
}

/// What a file brought.
#[uniffi::remote(Record)]
pub struct FileView {
    /// Edits of others that are in the register now.
    pub received: u64,
    /// Envelopes that stayed out: of a device that has to sync first, or against the rules.
    pub left: u64,
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
    /// The campaign whose offer was taken.
    #[uniffi(default = None)]
    pub campaign: Option<CampaignId>,
    /// Who recruited; the user of this device if nobody is named.
    #[uniffi(default = None)]
    pub recruiter: Option<PersonId>,
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

/// An invitation that this device opened.
#[uniffi::remote(Record)]
pub struct InviteView {
    /// Its id, in hexadecimal.
    pub id: String,
    /// The link to hand over: whoever opens it first is in. None until the server has the invitation.
    pub link: Option<String>,
    /// What it makes of the joiner.
    pub role: String,
    /// An organiser has to let the joiner in.
    pub confirm: bool,
    /// The last day it can be used.
    pub expires_on: Day,
}

/// What a new book is made of.
#[uniffi::remote(Record)]
pub struct NewBook {
    /// What the members call it.
    pub name: String,
    /// The server that orders it, such as `https://samla.example`; none for a book to practise with, which is never sent.
    #[uniffi(default = None)]
    pub server_url: Option<String>,
    /// The operator's token, where the server asks for one to found a book.
    #[uniffi(default = None)]
    pub operator_token: Option<String>,
    /// The founder's name, for the colleagues.
    pub my_name: String,
    /// What the founder calls this device.
    pub device_label: String,
}

/// What an answer brought.
#[uniffi::remote(Record)]
pub struct Progress {
    /// Entries of others that are in the register now.
    pub received: u64,
    /// Own envelopes that are in the log now.
    pub sent: u64,
    /// Entries that stay out of the register.
    pub rejected: u64,
    /// Entries of the log on this phone.
    pub at: u64,
    /// Entries of the log on the server.
    pub of: u64,
}
