//! What is wanted, what erasing takes away, what a new epoch brought.

use samla_core::book::{
    ContinuityView, EraseView, ErasedRows, FoundedView, LostEdit, LostEditsView, LostField, ProbeAnswer, ProbeView,
    ReceiptView, WantView,
};
use samla_core::register::MentionView;
use samla_core::tables::{Table, Value};

use crate::records::ContactId;
use crate::scalars::Moment;

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
    pub mentions: Vec<MentionView>,
}

/// Rows of one table that go with a person.
#[uniffi::remote(Record)]
pub struct ErasedRows {
    /// The table.
    pub table: Table,
    /// How many.
    pub count: u32,
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
    /// What the server answered when it was asked for what an erasure deleted; none for another reason, and for an erasure
    /// by an earlier version.
    pub probe: Option<ProbeView>,
}

/// What a server answered when the device that had erased somebody asked for what was there before.
#[uniffi::remote(Record)]
pub struct ProbeView {
    /// The register as it was when the epoch before began; none where that was the first, in which nothing was there.
    pub base: Option<ProbeAnswer>,
    /// The entries of the epoch before.
    pub log: ProbeAnswer,
    /// When it last answered.
    pub at: Option<Moment>,
}

/// What a server answered when it was asked for what it must have deleted.
#[uniffi::remote(Enum)]
pub enum ProbeAnswer {
    /// It has not been asked yet.
    NotAsked,
    /// That it is gone.
    Gone,
    /// Neither that it is gone nor what was there.
    Unclear,
    /// What was there: it still has it.
    HandedOut,
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
    /// The key is not the one that this device has first seen of the server: somebody should ask the operator why.
    pub other_key: bool,
}

/// How the newest epoch compares with what this device had before it, together with those before at which something was missed and
/// nobody has looked at it yet: the numbers add up.
#[uniffi::remote(Record)]
pub struct ContinuityView {
    /// The epoch.
    pub epoch: u32,
    /// The first epoch that is in the numbers, which is the newest one where nothing was missed before or somebody has looked at it.
    pub since: u32,
    /// This device had read everything before each of them, so that the numbers are exact. If not, those of the missing, changed,
    /// added and unexplained are of those epochs alone before which it had.
    pub compared: bool,
    /// Entries before them that this device had not read. Where it could not compare and this is 0, it had read another log than the
    /// epoch was founded on.
    pub unread: u64,
    /// Rows that are gone, where what this device had not read may have removed them. `unexplained` does not count them.
    pub doubtful: u64,
    /// Rows that their founders say were erased.
    pub erased: u64,
    /// Rows that are not there any more.
    pub missing: u64,
    /// Rows that say something else.
    pub changed: u64,
    /// Rows that were not here.
    pub added: u64,
    /// Differences that the reason does not explain: somebody should ask.
    pub unexplained: u64,
    /// Until when this device keeps the missing, doubtful and changed rows as it had them; those of an earlier epoch go first.
    pub kept_until: Option<Moment>,
    /// Somebody has looked at it, as `forgetKept` says: the next epoch adds nothing to these numbers.
    pub seen: bool,
}

/// Edits of this device that were not carried over into a new epoch, and what it wrote about people without knowing that they had
/// been forgotten.
#[uniffi::remote(Record)]
pub struct LostEditsView {
    /// How many rows they were about.
    pub count: u64,
    /// What they said; nothing where a person was erased or forgotten.
    pub edits: Vec<LostEdit>,
}

/// One row's edits that were not carried over: what they were about is gone.
#[uniffi::remote(Record)]
pub struct LostEdit {
    /// What the row was called.
    pub title: String,
    /// The table.
    pub table: Table,
    /// What was written.
    pub fields: Vec<LostField>,
}

/// One field of an edit that was not carried over.
#[uniffi::remote(Record)]
pub struct LostField {
    /// The field.
    pub field: String,
    /// What was written; none where it was emptied.
    pub value: Option<Value>,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
}
