//! Devices, what each may do, and how they come in.

use samla_core::book::{CameInView, MassRemovalView, PendingView};
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
