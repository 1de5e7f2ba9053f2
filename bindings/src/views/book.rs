//! The book itself: its state, what founds it, what sync and files bring.

use samla_core::book::FileView;
use samla_core::tables::Value;
use samla_core::{NewBook, Progress, StatusView};

use crate::scalars::Moment;

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
    /// Entries that stay out of the register, by a rule or because they build on one that does.
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

/// What a file brought.
#[uniffi::remote(Record)]
pub struct FileView {
    /// Edits of others that are in the register now.
    pub received: u64,
    /// Envelopes that stayed out: of a device that has to sync first, or against the rules.
    pub left: u64,
}
