//! Which offer a sign-up takes, and until when it is free.

use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::day::months_later;
use crate::tables::{Campaign, MembershipEvent, MembershipKind, Visit};

/// Months after the free ones in which dues may be paid, where the campaign names no number.
const DUES_MONTHS: i64 = 3;

/// The day the free months end: so many calendar months after the sign-up, and the last day of a month that is too
/// short. Six months from 31 August end on the last day of February. Nothing where the campaign gives no free months.
pub fn trial_end(signed_on: Date, months: i64) -> Option<Date> {
    if months > 0 { months_later(signed_on, months) } else { None }
}

impl Register {
    /// The campaign whose offer a sign-up on this day takes: that of the visit, else the only one that runs.
    pub fn offer(&self, visit: Option<Id<Visit>>, on: Date) -> Option<Id<Campaign>> {
        let of_visit = visit.and_then(|id| self.visit_read(id)?.campaign).filter(|id| self.get(*id).is_some());
        of_visit.or_else(|| {
            let mut running = self.all::<Campaign>().filter(|campaign| runs(campaign, on));
            running.next().filter(|_| running.next().is_none()).map(|campaign| campaign.id)
        })
    }

    /// The campaigns that run on a day, the first to begin first.
    pub fn campaigns_on(&self, on: Date) -> Vec<Campaign> {
        let mut running: Vec<_> = self.all::<Campaign>().filter(|campaign| runs(campaign, on)).cloned().collect();
        running.sort_by_key(|campaign| (campaign.starts_on, campaign.id));
        running
    }

    /// The day on which free months of a campaign end for whoever signs up on a day.
    pub fn free_until(&self, campaign: Id<Campaign>, signed_on: Date) -> Option<Date> {
        trial_end(signed_on, self.rows.held(campaign)?.row.trial_months?)
    }

    /// The last day on which dues may be paid after free months of a campaign that end on a day.
    pub(in crate::register) fn dues_by(&self, campaign: Option<Id<Campaign>>, free_until: Date) -> Date {
        let months = campaign.and_then(|id| self.rows.held(id)?.row.score_months);
        months_later(free_until, months.unwrap_or(DUES_MONTHS)).unwrap_or(Date::MAX)
    }

    /// The day that free months end by this event alone: the day it names, or the campaign's months after the sign-up.
    pub(super) fn trial_end_of(&self, event: &MembershipEvent) -> Option<Date> {
        match event.kind? {
            MembershipKind::TrialEnds => event.on,
            MembershipKind::Signed => self.free_until(event.campaign?, event.on?),
            MembershipKind::Paying | MembershipKind::Left => None,
        }
    }
}

/// Whether a day lies within a campaign; one without a first or a last day is open on that side.
fn runs(campaign: &Campaign, on: Date) -> bool {
    campaign.starts_on.is_none_or(|first| first <= on) && campaign.ends_on.is_none_or(|last| on <= last)
}
