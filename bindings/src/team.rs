//! Who is in the book: letting in, turning away, putting out.

use samla_core::book::{CameInView, CompareCode, Compared, MassRemovalView, PendingView};
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

    /// How far this device has read the log, as a code for another device of the book to compare with: to be shown as a QR code,
    /// sent or read aloud. Refused with `joining` until there is a log, and with `removed` where there is none any more.
    pub fn compare_code(&self) -> Result<CompareCode, SamlaError> {
        Ok(self.look(samla_core::Book::compare_code)?)
    }

    /// Compares the log with another device's code, typed or scanned: capitals, spaces, hyphens and line breaks do not matter. Take
    /// it from the colleague's own screen or voice, for nobody has signed it. Refused with `compare_malformed` where it is no such
    /// code, and with `compare_mistyped` where a character is wrong or missing.
    pub fn compare(&self, code: String) -> Result<Compared, SamlaError> {
        self.act(|book, ctx| book.compare(ctx, &code))
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
