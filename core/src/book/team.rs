//! Who is in the book: coming in, being let in, going, and what each phone is told of it.
//!
//! Rights grow by an op of their own, with the next round of sync. They sink only by founding an epoch: see
//! [`Book::remove_members`].

use samla_wire::DeviceId;
use samla_wire::ids::fingerprint;
use samla_wire::roster::{Raise, Reason, Role};

use super::Book;
use crate::context::{Context, Moment};
use crate::error::BookError;
use crate::register::DeviceView;
use crate::replica::local::{OwnOp, Phase};
use crate::replica::want::Want;

/// A device that came in by a confirm-first invitation and waits for an organiser.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
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

/// Days without a word of any organiser after which something may be kept back.
const SILENT_DAYS: i64 = 14;

impl Book {
    /// The devices that wait to be let in.
    pub fn pending(&self) -> Vec<PendingView> {
        let pending = self.replica.log.as_ref().into_iter().flat_map(|log| &log.roster.pending);
        pending
            .map(|(id, pending)| PendingView {
                device_id: id.to_string(),
                fingerprint: fingerprint(&pending.ed_pub),
                role: pending.role.name().to_owned(),
                invited_by: self.named(&pending.invited_by),
            })
            .collect()
    }

    /// Lets a device in that waits, with the next round of sync. Its holder should have read the fingerprint aloud first.
    pub fn admit(&mut self, ctx: &mut Context<'_>, device: DeviceId, role: Role) -> Result<(), BookError> {
        self.must_be_organiser()?;
        if role == Role::Organiser || !self.waits(&device) {
            return Err(BookError::NotAllowed);
        }
        self.queue(ctx, OwnOp::Admit(device, role))
    }

    /// Turns a device away that waits, with the next round of sync.
    pub fn deny(&mut self, ctx: &mut Context<'_>, device: DeviceId) -> Result<(), BookError> {
        self.must_be_organiser()?;
        if !self.waits(&device) {
            return Err(BookError::NotAllowed);
        }
        self.queue(ctx, OwnOp::Deny(device))
    }

    fn waits(&self, device: &DeviceId) -> bool {
        self.replica.log.as_ref().is_some_and(|log| log.roster.pending.contains_key(device))
    }

    /// The devices that came in while this one was there, by an invitation or by a recovery sheet, the newest last, until [`dismiss_news`](Self::dismiss_news).
    pub fn news(&self) -> Vec<CameInView> {
        let roster = self.replica.log.as_ref().map(|log| &log.roster);
        let news = self.replica.local.news.iter();
        news.map(|came| {
            let named = self.device_view(&came.device);
            let member = roster.and_then(|roster| roster.members.get(&came.device));
            let pending = roster.and_then(|roster| roster.pending.get(&came.device));
            let invited_by = member.and_then(|member| member.invited_by).or(pending.map(|pending| pending.invited_by));
            CameInView {
                device_id: came.device.to_string(),
                label: named.as_ref().and_then(|device| device.label.clone()),
                person_name: named.and_then(|device| device.person_name),
                invited_by: invited_by.and_then(|inviter| self.named(&inviter)),
                // The founder, who needs no invitation either, is news to nobody.
                by_sheet: member.is_some_and(|member| member.invite.is_none()),
                at: chrono::DateTime::from_timestamp_millis(came.at).map(|at| at.fixed_offset()),
            }
        })
        .collect()
    }

    /// The user has seen who came in.
    pub fn dismiss_news(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.replica.change_local(ctx, |local| local.news.clear())
    }

    /// Puts devices out of the book, with the next rounds of sync: the book is founded anew under a key that they do not
    /// get. They keep what they already have, and see nothing new.
    pub fn remove_members(&mut self, ctx: &mut Context<'_>, devices: &[DeviceId]) -> Result<(), BookError> {
        self.must_be_organiser()?;
        let log = self.replica.log.as_ref().ok_or(BookError::Joining)?;
        let known =
            |device: &DeviceId| log.roster.members.contains_key(device) || log.roster.pending.contains_key(device);
        let me = self.replica.device();
        if devices.is_empty() || !devices.iter().all(|device| known(device) && *device != me) {
            return Err(BookError::NotAllowed);
        }
        self.replica.want(ctx, Want::removing(Reason::Remove, devices.to_vec()))
    }

    /// Gives a member fewer rights, with the next rounds of sync, by founding the book anew.
    pub fn lower(&mut self, ctx: &mut Context<'_>, device: DeviceId, role: Role) -> Result<(), BookError> {
        self.must_be_organiser()?;
        let log = self.replica.log.as_ref().ok_or(BookError::Joining)?;
        if log.roster.active(&device).is_none_or(|member| member.role <= role) || device == self.replica.device() {
            return Err(BookError::NotAllowed);
        }
        self.replica.want(ctx, Want::lowering(Raise { device, role }))
    }

    /// Has no organiser but this device been heard from for fourteen days, though there are some? Then a server may be
    /// keeping back what they wrote. An organiser that was never heard from says nothing either way, as long as another was.
    pub fn organisers_silent(&self, now: &Moment) -> bool {
        let Some(log) = &self.replica.log else { return false };
        let me = self.replica.device();
        let mut organisers = log.roster.members.iter().filter(|(_, m)| !m.left && m.role == Role::Organiser).peekable();
        if organisers.peek().is_none() || organisers.clone().any(|(id, _)| *id == me) {
            return false;
        }
        let oldest = now.timestamp_millis().saturating_sub(SILENT_DAYS * 24 * 60 * 60 * 1000);
        let mut heard = organisers.filter_map(|(id, _)| self.replica.heard.last(id)).peekable();
        heard.peek().is_some() && heard.all(|at| at < oldest)
    }

    pub(super) fn must_be_organiser(&self) -> Result<(), BookError> {
        let is_member = matches!(self.replica.local.phase, Phase::Member);
        if is_member && self.replica.role() == Some(Role::Organiser) { Ok(()) } else { Err(BookError::NotAllowed) }
    }

    fn device_view(&self, device: &DeviceId) -> Option<DeviceView> {
        let row = crate::replica::row_device(device);
        self.register().devices().into_iter().find(|device| device.id == row)
    }

    /// Whose a device is, or what it is called.
    pub(super) fn named(&self, device: &DeviceId) -> Option<String> {
        self.device_view(device).and_then(|device| device.person_name.or(device.label))
    }
}
