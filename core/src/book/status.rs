//! Where the data is, in terms that an app puts into words: only here, shared, refused.

use samla_wire::ids::fingerprint;

use super::Book;
use crate::context::Moment;
use crate::error::BookError;
use crate::register::DeviceView;
use crate::replica::local::Phase;
use crate::store::Standing;
use crate::texts::Worded;

/// The state of this device's copy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
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
    /// The storage key should be renewed: see [`Book::renew_storage_key`].
    pub renew_storage_key: bool,
    /// Twelve letters of this device to compare aloud.
    pub fingerprint: String,
    /// Which characters of the recovery sheet are still to be confirmed, counted from 1 after `samlar1`.
    pub recovery_ask: Option<Vec<u32>>,
    /// Edits that are only on this device.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub unsent: u64,
    /// When everything was last shared.
    pub last_shared: Option<Moment>,
    /// Entries of the log on this device.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub head_n: u64,
    /// Devices in the book.
    pub members: u32,
    /// Entries that stay out of the register, by a rule or because they build on one that does.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub rejected: u64,
    /// Entries that wait for another.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub held: u64,
    /// Entries that stopped this device and are left out here.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub quarantined: u64,
    /// What the user must be told: an error code that does not go away by itself.
    pub alarm: Option<String>,
    /// A newer version is needed to go on.
    pub update_required: bool,
    /// Seconds that this device's clock is ahead of the server's, where they differ by more than five minutes.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub clock_ahead: Option<i64>,
}

/// A member's device as the roster has it, with the name that it wrote into the register.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
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

const CLOCK_TOLERANCE: u64 = 300;

impl Book {
    /// The state of this device's copy.
    pub fn status(&self) -> Result<StatusView, BookError> {
        let (local, store) = (&self.replica.local, &self.replica.store);
        let roster = self.replica.log.as_ref().map(|log| &log.roster);
        let question = local.recovery_question.as_ref();
        let question = question.and_then(|bytes| crate::seal::RecoveryQuestion::from_bytes(bytes));
        Ok(StatusView {
            book_id: local.book.to_string(),
            name: self.register().settings().name,
            server_url: Some(local.server_url.clone()).filter(|url| !url.is_empty()),
            device_id: self.replica.device().to_string(),
            role: self.replica.role().map(|role| role.name().to_owned()),
            practice: matches!(local.phase, Phase::Practice),
            joining: matches!(local.phase, Phase::Joining(_)),
            waiting: local.is_waiting(),
            recovering: matches!(local.phase, Phase::Recovering(_)),
            removed: matches!(local.phase, Phase::Removed),
            removed_by: local.put_out.map(|why| why.reason.word().to_owned()),
            epoch: self.replica.epoch(),
            renew_storage_key: local.renew_key,
            fingerprint: fingerprint(&self.replica.keys.public_key()),
            recovery_ask: question.map(|question| question.places().map(|place| place as u32).to_vec()),
            unsent: store.unsent(&self.replica.device())?,
            last_shared: local
                .last_shared
                .and_then(chrono::DateTime::from_timestamp_millis)
                .map(|at| at.fixed_offset()),
            head_n: self.head_n(),
            members: roster.map_or(0, |roster| roster.members.values().filter(|m| !m.left).count() as u32),
            rejected: store.count(Standing::Rejected)?
                + store.count(Standing::Refused)?
                + store.count(Standing::Orphaned)?,
            held: store.count(Standing::Gap)? + store.count(Standing::Waiting)?,
            quarantined: store.count(Standing::Quarantined)?,
            alarm: local.alarm().map(|alarm| alarm.code().to_owned()),
            update_required: local.update_required(),
            clock_ahead: local.clock_ahead.filter(|ahead| ahead.unsigned_abs() > CLOCK_TOLERANCE),
        })
    }

    /// The devices of the book with what each may do.
    pub fn members(&self) -> Vec<MemberView> {
        let Some(log) = &self.replica.log else { return Vec::new() };
        let named = self.register().devices();
        let moved = self.replica.store.authors_after(log.roster.epoch_n.saturating_sub(1)).unwrap_or_default();
        let view = |(id, member): (&samla_wire::DeviceId, &samla_wire::Member)| {
            let row = crate::replica::row_device(id);
            let named: Option<&DeviceView> = named.iter().find(|device| device.id == row);
            MemberView {
                device_id: id.to_string(),
                label: named.and_then(|device| device.label.clone()),
                person_name: named.and_then(|device| device.person_name.clone()),
                role: member.role.name().to_owned(),
                fingerprint: fingerprint(&member.ed_pub),
                mine: *id == self.replica.device(),
                left: member.left,
                moved: log.roster.epoch == 0 || moved.contains(id) || *id == self.replica.device(),
                last_heard: self
                    .replica
                    .heard
                    .last(id)
                    .and_then(chrono::DateTime::from_timestamp_millis)
                    .map(|at| at.fixed_offset()),
                invited_by: member.invited_by.and_then(|inviter| self.named(&inviter)),
            }
        };
        log.roster.members.iter().map(view).collect()
    }
}
