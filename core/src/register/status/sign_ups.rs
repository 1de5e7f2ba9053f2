//! Which sign-ups of a person are the same.

use super::Happened;
use crate::context::Date;
use crate::register::Register;
use crate::register::day::later;
use crate::tables::{MembershipEvent, MembershipKind};

/// Two sign-ups of one person within so many days are one, unless what the first began had ended.
const SAME_SIGN_UP: i64 = 365;

/// A sign-up of a person, with those that are the same.
#[derive(Debug, Clone, Copy)]
pub(in crate::register) struct SignUps {
    /// Where the first of them stands in what happened: it counts in the reports.
    pub(in crate::register) first: usize,
    /// Its day.
    pub(in crate::register) on: Date,
    /// Where the one stands whose free months count: the last that tells of some, else the last.
    pub(super) counts: usize,
    /// The last day on which dues may be paid after those.
    lapses: Option<Date>,
}

impl Register {
    /// The sign-ups among what happened to a person. A later one is the same within a year, while what the one before began
    /// still holds: until the person leaves, and unless dues are paid until the free months have lapsed.
    pub(in crate::register) fn distinct_sign_ups(&self, all: &[Happened<'_>]) -> Vec<SignUps> {
        let ends = all.iter().filter(|(_, kind, _)| *kind == MembershipKind::TrialEnds);
        let told_end = ends.map(|(on, ..)| *on).max();
        let is_before_it = |(on, kind, _): &Happened<'_>| *kind == MembershipKind::Signed && Some(*on) <= told_end;
        let told_of = all.iter().rposition(is_before_it);
        let mut begun: Vec<SignUps> = Vec::new();
        let (mut paid_since, mut left_since) = (false, false);
        for (nth, (on, kind, event)) in all.iter().enumerate() {
            match kind {
                MembershipKind::Signed => {
                    let own_end = self.trial_end_of(event);
                    // An end that is told is that of the last sign-up before it; one that is known by its campaign has had its own.
                    let is_told = |end: &Date| on <= end && (told_of == Some(nth) || own_end.is_none());
                    let free_until = told_end.filter(is_told).or(own_end);
                    let lapses = free_until.map(|end| self.dues_by(event.campaign, end));
                    let before = begun.last().copied().filter(|last| {
                        !left_since && (paid_since || last.lapses.is_none_or(|last_day| *on <= last_day))
                    });
                    // Without free months of its own it takes none away.
                    let kept = before.filter(|last| own_end.is_none() && last.lapses.is_some());
                    let (counts, lapses) = kept.map_or((nth, lapses), |last| (last.counts, last.lapses.max(lapses)));
                    match begun.last_mut() {
                        Some(last) if before.is_some() && *on < later(last.on, SAME_SIGN_UP) => {
                            *last = SignUps { counts, lapses, ..*last };
                        }
                        _ => begun.push(SignUps { first: nth, on: *on, counts, lapses }),
                    }
                    (paid_since, left_since) = (paid_since && kept.is_some(), false);
                }
                MembershipKind::Left => left_since = true,
                MembershipKind::Paying => paid_since = true,
                MembershipKind::TrialEnds => {}
            }
        }
        begun
    }

    /// The sign-up that counts of these events of a person.
    pub(in crate::register) fn sign_up_among<'a>(
        &self,
        events: &[Happened<'a>],
    ) -> Option<(Date, &'a MembershipEvent)> {
        self.latest_of(events).signed.map(|(on, event, _)| (on, event))
    }
}
