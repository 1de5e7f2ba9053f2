//! Who is in the book: letting in, turning away, putting out.

use samla_core::book::{CameInView, MassRemovalView, PendingView};
use samla_core::{InviteView, Role};

use crate::book::{Book, device_id, now};
use crate::error::SamlaError;

/// The team.
#[uniffi::export]
impl Book {
    /// Opens an invitation as `invite` does, but whoever uses it has to be let in by an organiser before they can read
    /// anything: see `pending`.
    #[uniffi::method(default(days = 7))]
    pub fn invite_to_confirm(&self, role: Role, days: u32) -> Result<InviteView, SamlaError> {
        self.act(|book, ctx| book.invite_to_confirm(ctx, role, days))
    }

    /// The devices that wait to be let in.
    pub fn pending(&self) -> Vec<PendingView> {
        self.look(samla_core::Book::pending)
    }

    /// Lets a device in that waits, with the next round of sync. Compare fingerprints first.
    pub fn admit(&self, device: String, role: Role) -> Result<(), SamlaError> {
        let device = device_id(&device)?;
        self.act(|book, ctx| book.admit(ctx, device, role))
    }

    /// Turns a device away that waits, with the next round of sync.
    pub fn deny(&self, device: String) -> Result<(), SamlaError> {
        let device = device_id(&device)?;
        self.act(|book, ctx| book.deny(ctx, device))
    }

    /// The devices that came in while this one was there, the newest last, until `dismissNews`.
    pub fn news(&self) -> Vec<CameInView> {
        self.look(samla_core::Book::news)
    }

    /// The user has seen who came in.
    pub fn dismiss_news(&self) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.dismiss_news(ctx))
    }

    /// Puts devices out of the book, with the next rounds of sync, by founding it anew under a key that they do not get.
    /// They keep what they already have, and see nothing new.
    pub fn remove_members(&self, devices: Vec<String>) -> Result<(), SamlaError> {
        let devices = devices.iter().map(|device| device_id(device)).collect::<Result<Vec<_>, _>>()?;
        self.act(|book, ctx| book.remove_members(ctx, &devices))
    }

    /// Gives a device a lower role, with the next rounds of sync, by founding the book anew.
    pub fn demote(&self, device: String, role: Role) -> Result<(), SamlaError> {
        let device = device_id(&device)?;
        self.act(|book, ctx| book.lower(ctx, device, role))
    }

    /// Has no organiser but this device been heard from for fourteen days? Then a server may be keeping back what they
    /// wrote.
    pub fn organisers_silent(&self) -> bool {
        let now = now();
        self.look(|book| book.organisers_silent(&now))
    }

    /// The days on which one device removed more than a fifth of the register, the newest last. `restore` brings back what
    /// was removed, until the next epoch begins.
    pub fn mass_removals(&self) -> Result<Vec<MassRemovalView>, SamlaError> {
        self.act(|book, _| book.mass_removals())
    }

    /// Brings back every row that one device removed on one day, as `massRemovals` names them. Returns how many there were.
    pub fn bring_back(&self, device: String, day: String) -> Result<u32, SamlaError> {
        let device = device_id(&device)?;
        self.act(|book, ctx| book.bring_back(ctx, device, &day))
    }
}
