//! Devices, what each may do, and how they come in.

use samla_core::book::{CameInView, CompareCode, Compared, MassRemovalView, PendingView};
use samla_core::{InviteView, MemberView, Role};

use crate::scalars::{Day, Moment};

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
    /// It came in by a recovery sheet.
    pub by_sheet: bool,
    /// When this device learnt of it.
    pub at: Option<Moment>,
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

/// A day on which one device removed an unusual share of the register.
#[uniffi::remote(Record)]
pub struct MassRemovalView {
    /// The device, in hexadecimal.
    pub device_id: String,
    /// Whose it is, or what it is called.
    pub name: Option<String>,
    /// The day by that device's clock, in UTC: `2026-11-23`.
    pub day: String,
    /// Rows that it removed and nobody has brought back.
    pub removed: u32,
    /// Rows that there are, with those that were removed since the epoch began.
    pub of: u32,
}

/// How far this device has read the log, for another device of the book to compare with its own.
#[uniffi::remote(Record)]
pub struct CompareCode {
    /// All of it in one word, for a QR code or a message: `samlac1…`, 53 characters.
    pub text: String,
    /// The same for reading aloud: `samlac1`, then four characters at a time.
    pub groups: Vec<String>,
}

/// What another device's code says beside this device's log. `text` has what each is called under `Compared.ahead`, and what to do
/// under `next.compared_ahead`; of `Differs` under `next.log_fork`.
#[uniffi::remote(Enum)]
pub enum Compared {
    /// Both have read the same log to the same place.
    Same,
    /// The other has read further, which this device cannot judge: it may judge this device's code, or both sync and compare again.
    Ahead,
    /// This device has read further, and the log is the same as far as the other has read.
    Behind,
    /// The two logs differ. The alarm `log_fork` is raised.
    Differs,
    /// The code is of another book.
    OtherBook,
    /// The other is in an epoch that has ended here: it has to sync first.
    OlderEpoch,
    /// The other is in an epoch that this device does not know: it has to sync first.
    NewerEpoch,
}
