//! Lists that come in: how they are read, what taking them in does, and what they say beside the register.

use samla_core::book::{ImportProgress, ImportView, LeftReason, LeftView, UndoProgress};
use samla_core::lists::{
    CandidateView, Column, ColumnReason, ColumnView, DecisionKind, DecisionState, DecisionView, DryRowView, DryRunView,
    Encoding, FieldChange, ImportChoices, ListChangesView, ListForm, ListProgress, ListTerms, ListedView, MovedView,
    PlaceName, RowChoice, RowNote, RowReason, Take, UnknownWorkplace, Verdict,
};
use samla_core::register::MatchReason;
use samla_core::tables::{ImportSource, Value};

use crate::records::{ContactId, ImportId, WorkplaceId};
use crate::scalars::{Count, Day, Letter, Moment};

/// What a file turned out to be.
#[uniffi::remote(Enum)]
pub enum ListForm {
    /// Text with a separator.
    Csv {
        /// How its letters are written.
        encoding: Encoding,
        /// What parts the cells.
        separator: Letter,
    },
    /// A sheet of a workbook: the first whose columns are named, or else the first with rows.
    Xlsx {
        /// What the sheet is called.
        sheet: String,
    },
}

/// How a file writes its letters.
#[uniffi::remote(Enum)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 that begins with a byte order mark.
    Utf8Bom,
    /// UTF-16, the lesser byte first.
    Utf16Le,
    /// UTF-16, the greater byte first.
    Utf16Be,
    /// Windows-1252, which holds all of Latin-1.
    Windows1252,
}

/// What stands in a column.
#[uniffi::remote(Enum)]
pub enum Column {
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// The whole name: "Anna Svensson" or "Svensson, Anna".
    Name,
    /// A phone number; several columns of a list may be.
    Phone,
    /// An e-mail address; several columns may be.
    Email,
    /// The name of the workplace.
    Workplace,
    /// Department.
    Department,
    /// Job.
    Job,
    /// Language.
    Language,
    /// First day in the job.
    HiredOn,
    /// Last day of studies.
    StudentUntil,
    /// Where the person stands towards the union, in a word.
    Membership,
    /// The day the membership began.
    MemberSince,
    /// Anything else; several columns may be.
    Note,
    /// A personal number, which was left out when the list was read.
    PersonalNumber,
    /// Not taken in.
    Ignored,
}

/// Why a column is thought to mean something.
#[uniffi::remote(Enum)]
pub enum ColumnReason {
    /// Somebody said so when a list with these columns was taken in or compared on this device.
    Remembered,
    /// By the words above it.
    Header,
    /// By what stands in it.
    Content,
    /// Nothing tells.
    Nothing,
}

/// What one column of a list may mean.
#[uniffi::remote(Record)]
pub struct ColumnView {
    /// What stands above it; none in a list without a header.
    pub header: Option<String>,
    /// The first few cells with something in them. Nothing of a column that held personal numbers.
    pub samples: Vec<String>,
    /// What it is thought to mean.
    pub meaning: Column,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// Why.
    pub reason: ColumnReason,
}

/// How far long work on a list has come.
#[uniffi::remote(Record)]
pub struct ListProgress {
    /// What is done: rows of a list that is held against the register, rows and contacts that are compared, bytes of a text that
    /// is read.
    pub done: Count,
    /// All of it.
    pub total: Count,
}

/// How a list is to be read: whose it is and what its columns mean.
#[uniffi::remote(Record)]
pub struct ListTerms {
    /// Whose list it is.
    pub source: ImportSource,
    /// What each column means, from the left.
    pub columns: Vec<Column>,
    /// The workplace of rows that name none.
    #[uniffi(default = None)]
    pub workplace: Option<WorkplaceId>,
    /// Workplaces that the list calls by another name than the register. Of two that say otherwise the last counts.
    #[uniffi(default = [])]
    pub places: Vec<PlaceName>,
}

/// What a list calls a workplace.
#[uniffi::remote(Record)]
pub struct PlaceName {
    /// The name in the list.
    pub name: String,
    /// The workplace that is meant.
    pub workplace: WorkplaceId,
}

/// What taking in one row would do.
#[uniffi::remote(Enum)]
pub enum Verdict {
    /// Nobody in the register is the one.
    New,
    /// Somebody is, and the list says something that the register does not.
    Changed,
    /// Somebody is, and the list says nothing new.
    Same,
    /// A person has to decide.
    Unsure,
}

/// Why a row is unsure, or the same, though nobody in the register need be like it.
#[uniffi::remote(Enum)]
pub enum RowReason {
    /// Nothing in it says who it is about.
    NobodyNamed,
    /// An earlier row is about the same person.
    AgainInList,
    /// An earlier row may be about the same person: the names sound alike.
    MayBeAgain,
    /// An earlier row is, or may be, the same contact.
    ContactTwice,
    /// Several in the register may be the one.
    SeveralMatch,
    /// One in the register may be the one.
    OneMayMatch,
}

/// What is odd about a row, for whoever looks the list through.
#[uniffi::remote(Enum)]
pub enum RowNote {
    /// A cell for telephones has nothing that is one.
    NoPhoneInIt,
    /// A spreadsheet has rounded the telephone: its last digits are lost.
    PhoneRounded,
    /// A cell for addresses has nothing that is one.
    NoEmailInIt,
    /// Not a day, or none that there is, such as 31 September.
    NotADay,
    /// A day without its year.
    DayWithoutYear,
    /// The register has no workplace of that name, or several.
    UnknownWorkplace,
    /// A word for a membership that is not known.
    UnknownMembership,
    /// The name is known at another workplace, which proves nothing.
    NameElsewhere,
    /// The membership follows from events in the register, and the list says otherwise.
    MembershipByEvents,
    /// The day a membership began, of somebody whom the list calls no member: left out.
    SinceLeftOut,
    /// Shorter or longer than the header says.
    OtherWidth,
    /// The last row, and the file ends without an end of line: something may be missing.
    NoLineEnd,
}

/// The counts of a dry run, and what is to be seen to before the list is taken in.
#[uniffi::remote(Record)]
pub struct DryRunView {
    /// All rows.
    pub rows: Count,
    /// Rows about somebody new.
    pub new: Count,
    /// Rows that say something new about somebody.
    pub changed: Count,
    /// Rows that say nothing new.
    pub same: Count,
    /// Rows for a person to decide.
    pub unsure: Count,
    /// Names of workplaces that the register does not have, by how many rows name them.
    pub unknown_workplaces: Vec<UnknownWorkplace>,
    /// Cells with a personal number, which was left out.
    pub numbers_left_out: Count,
    /// The same file was taken in before, and that was not taken back.
    pub taken_in_before: Option<ImportId>,
}

/// A workplace that a list names and the register does not have.
#[uniffi::remote(Record)]
pub struct UnknownWorkplace {
    /// The name in the list.
    pub name: String,
    /// How many rows name it.
    pub rows: Count,
}

/// One row of a dry run.
#[uniffi::remote(Record)]
pub struct DryRowView {
    /// The line of the file, from 1.
    pub line: u32,
    /// The name in the list.
    pub name: String,
    /// What taking it in would do.
    pub verdict: Verdict,
    /// Why it is unsure.
    pub reason: Option<RowReason>,
    /// The earlier line about the same person.
    pub again_of: Option<u32>,
    /// Who it is about, where that is sure.
    pub contact: Option<ContactId>,
    /// Those it may be about.
    pub candidates: Vec<CandidateView>,
    /// The fields in which the list says something else.
    pub changes: Vec<FieldChange>,
    /// What is odd about it.
    pub notes: Vec<RowNote>,
}

/// Somebody of the register whom a row may be about.
#[uniffi::remote(Record)]
pub struct CandidateView {
    /// The person.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// What they share and what they do not.
    pub reasons: Vec<MatchReason>,
}

/// Something that two descriptions of a person share, or do not.
#[uniffi::remote(Enum)]
pub enum MatchReason {
    /// One personal number.
    PersonalNumber,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The whole name.
    Name,
    /// The whole name as it sounds, at one site: Aagaard and Ågård, a middle name, one letter wrong.
    NameAlike,
    /// A part of the name: a married name, one given name of two, a couple.
    NamePart,
    /// The workplace.
    Workplace,
    /// The names have nothing in common.
    NameDiffers,
    /// Both have a phone number, and not the same.
    PhoneDiffers,
    /// Both have an address, and not the same.
    EmailDiffers,
    /// The workplaces differ.
    WorkplaceDiffers,
}

/// A field in which a list says something else than the register.
#[uniffi::remote(Record)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// What the register has; none where it has nothing. For `member_since`, the membership that the register has.
    pub old: Option<Value>,
    /// What the list says.
    pub new: Value,
    /// `old` as people read it: the name of a workplace.
    pub old_shown: String,
    /// `new` as people read it.
    pub new_shown: String,
}

/// What is taken in of a list. Without choices: everybody new, and what the list knows of others and the register does not.
#[uniffi::remote(Record)]
pub struct ImportChoices {
    /// The fields in which the list may replace what the register has. Others are only filled. A day since when somebody is
    /// a member is named `member_since`, and also goes with `membership`.
    #[uniffi(default = [])]
    pub overwrite: Vec<String>,
    /// What is taken of single rows.
    #[uniffi(default = [])]
    pub rows: Vec<RowChoice>,
    /// What is written down as the source of new contacts, without personal numbers; the word for the list's kind if nothing is.
    #[uniffi(default = None)]
    pub source: Option<String>,
}

/// What is taken of one row.
#[uniffi::remote(Record)]
pub struct RowChoice {
    /// The line of the file.
    pub line: u32,
    /// What becomes of it.
    pub take: Take,
    /// Of the fields that differ only these, replaced or filled.
    #[uniffi(default = None)]
    pub fields: Option<Vec<String>>,
}

/// What becomes of a row.
#[uniffi::remote(Enum)]
pub enum Take {
    /// Nothing.
    Skip,
    /// A new contact.
    New,
    /// It is about this contact. Of two rows about one person the first counts, unless it is skipped.
    Same(ContactId),
}

/// How far an import has come.
#[uniffi::remote(Record)]
pub struct ImportProgress {
    /// Rows of the register that were looked at.
    pub done: Count,
    /// All that the import writes.
    pub total: Count,
    /// Contacts that were added in this run.
    pub added: Count,
    /// Contacts that were changed in this run.
    pub changed: Count,
    /// Contacts left alone because somebody has changed them since the dry run.
    pub passed_over: Count,
    /// Nothing is left to do.
    pub finished: bool,
}

/// A list that was taken in.
#[uniffi::remote(Record)]
pub struct ImportView {
    /// The import.
    pub id: ImportId,
    /// Whose list it was.
    pub source: Option<ImportSource>,
    /// How many rows it had.
    pub rows: Option<i64>,
    /// When it was taken in.
    pub at: Option<Moment>,
    /// Who took it in.
    pub by_name: Option<String>,
    /// When the comparison with the other lists was signed off.
    pub signed_off: Option<Moment>,
    /// It was taken back.
    pub undone: bool,
    /// It was begun on this device and is not at its end.
    pub unfinished: bool,
    /// This device can take it back.
    pub can_undo: bool,
}

/// How far taking back an import has come.
#[uniffi::remote(Record)]
pub struct UndoProgress {
    /// Rows of the register that were looked at.
    pub done: Count,
    /// All that the import wrote.
    pub total: Count,
    /// Contacts that the import had added and that are removed.
    pub removed: Count,
    /// Fields that have their old values back.
    pub restored: Count,
    /// What was left as it is.
    pub left: Vec<LeftView>,
    /// Nothing is left to do.
    pub finished: bool,
}

/// Something that taking back an import leaves as it is.
#[uniffi::remote(Record)]
pub struct LeftView {
    /// The contact.
    pub contact: ContactId,
    /// Name.
    pub name: String,
    /// The field; none where the whole contact stays.
    pub field: Option<String>,
    /// Why.
    pub reason: LeftReason,
}

/// Why taking back an import leaves something as it is.
#[uniffi::remote(Enum)]
pub enum LeftReason {
    /// Somebody has changed it since.
    ChangedSince,
    /// Somebody has written about the contact since: a talk, a follow-up.
    UsedSince,
}

/// What happened between two lists of one employer.
#[uniffi::remote(Record)]
pub struct ListChangesView {
    /// Those whom only the later list has, by their first day where it tells.
    pub came: Vec<ListedView>,
    /// Those whom only the earlier list has.
    pub went: Vec<ListedView>,
    /// Those who are on both, at another workplace or department.
    pub moved: Vec<MovedView>,
    /// How many are on both.
    pub stayed: Count,
}

/// Somebody on a list.
#[uniffi::remote(Record)]
pub struct ListedView {
    /// The line of the file, from 1.
    pub line: u32,
    /// Name.
    pub name: String,
    /// The contact, where the register surely has the person.
    pub contact: Option<ContactId>,
    /// The workplace, as the list calls it.
    pub workplace: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The job.
    pub job: Option<String>,
    /// First day in the job.
    pub hired_on: Option<Day>,
}

/// Somebody who is elsewhere now.
#[uniffi::remote(Record)]
pub struct MovedView {
    /// As the earlier list has it.
    pub before: ListedView,
    /// As the later list has it.
    pub after: ListedView,
    /// What shows that the two are one person. By the name alone it is likely and not sure.
    pub reasons: Vec<MatchReason>,
}

/// What a comparison asks somebody to decide.
#[uniffi::remote(Enum)]
pub enum DecisionKind {
    /// Two contacts are one person: the lists tie both to one. Accepted, they are linked.
    OnePerson,
    /// A member by the office's list whom the register does not have. Accepted, the contact is added as a member.
    NewMember,
    /// Somebody by the employer's list whom the register does not have. Accepted, the contact is added.
    NewAtEmployer,
    /// A member by the office's list and none by the register, or one on trial whom the list calls a member in so many words.
    /// Accepted, it is written down that dues are paid.
    Joined,
    /// A member by the register, and the office's list says not, or neither list has them. Accepted, it is written down that
    /// they left.
    Left,
    /// A member by the register, at work by the employer's list, and not on the office's. Accepted, a follow-up is to ask.
    NotAtOffice,
    /// At this workplace by the register and not on the employer's list. Accepted, the workplace is emptied.
    UnknownAtEmployer,
    /// At another workplace by the employer's list. Accepted, the workplace is changed.
    ChangedWorkplace,
    /// A list says something else of a field. Accepted, the field is changed.
    Differs,
    /// Several in the register may be the one. The register has to tell them apart; there is nothing to accept.
    Unsure,
    /// A further row of a list about one person says something else than the first, which counts. It is to be looked at; there
    /// is nothing to accept.
    Twice,
}

/// How far a decision has come.
#[uniffi::remote(Enum)]
pub enum DecisionState {
    /// Nobody has decided.
    Open,
    /// Accepted and written.
    Accepted,
    /// Dismissed.
    Dismissed,
    /// Not written, because somebody had changed it since the comparison.
    ChangedSince,
}

/// One thing to decide.
#[uniffi::remote(Record)]
pub struct DecisionView {
    /// Its place in the comparison.
    pub id: Count,
    /// What is to be decided.
    pub kind: DecisionKind,
    /// How far it has come.
    pub state: DecisionState,
    /// The person's name.
    pub name: String,
    /// The contact, where the register has one.
    pub contact: Option<ContactId>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// Those it may be about; the other contact of one person; of somebody new, colleagues whose names sound like theirs and
    /// people of the same name at other workplaces.
    pub candidates: Vec<CandidateView>,
    /// The field that a list says something else of.
    pub change: Option<FieldChange>,
    /// The day that would be written down.
    pub on: Option<Day>,
    /// The list that says so; none where it is what neither says.
    pub says: Option<ImportSource>,
    /// The first line about the person, where this is about a further one.
    pub again_of: Option<u32>,
    /// The line of the employer's list.
    pub employer_line: Option<u32>,
    /// The line of the office's list.
    pub office_line: Option<u32>,
    /// What shows that these rows are one person.
    pub reasons: Vec<MatchReason>,
}
