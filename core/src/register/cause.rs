//! What calls for a follow-up, as the follow-up names it itself.
//!
//! A cause is spelled alike on every phone, so rows that two phones wrote for one thing read as one. Whether a row stands for a
//! cause is asked here alone: of a day that was corrected since, and of a row of an older version, the text does not tell.

use chrono::Datelike;

use super::Register;
use super::automatic::{AutomaticReason, FIRST_MONTH};
use super::day::later;
use super::names::filled;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{FollowUp, Visit};

/// Two first days within so many days are one, which was corrected.
const CORRECTED: i64 = 60;

/// What calls for something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// This first day at work: a welcome.
    FirstDay(Date),
    /// The same: a talk a month later.
    FirstMonth(Date),
    /// Free months that end on this day.
    TrialEnds(Date),
    /// A meeting that somebody came to.
    AfterMeeting(Id<Visit>),
}

impl Cause {
    /// As a follow-up names it. A first day is named by its quarter: corrected within it, it stays the same, and whoever is hired
    /// again later in the year is welcomed again.
    pub(super) fn text(self) -> String {
        let word = self.word();
        match self {
            Self::FirstDay(on) | Self::FirstMonth(on) => format!("{word} {}-Q{}", on.format("%Y"), on.month0() / 3 + 1),
            Self::TrialEnds(on) => format!("{word} {on}"),
            Self::AfterMeeting(visit) => format!("{word} {visit}"),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::FirstDay(_) => "first_day",
            Self::FirstMonth(_) => "first_month",
            Self::TrialEnds(_) => "trial_ends",
            Self::AfterMeeting(_) => "after_meeting",
        }
    }

    pub(super) const fn reason(self) -> AutomaticReason {
        match self {
            Self::FirstDay(_) => AutomaticReason::FirstDay,
            Self::FirstMonth(_) => AutomaticReason::FirstMonth,
            Self::TrialEnds(_) => AutomaticReason::TrialEnds,
            Self::AfterMeeting(_) => AutomaticReason::AfterMeeting,
        }
    }

    /// Whether a row names such a cause of the same year: of whoever is forgotten, nothing else is known of a first day.
    pub(super) fn is_of_year(self, row: &FollowUp) -> bool {
        let (Self::FirstDay(on) | Self::FirstMonth(on)) = self else { return false };
        let year = format!("{} {}", self.word(), on.format("%Y"));
        filled(&row.cause).is_some_and(|named| named.starts_with(&year))
    }
}

impl Register {
    /// Whether a follow-up stands for this. A first day whose row names another quarter, or a year alone as older versions did,
    /// is the same where the row was due or written down about then.
    pub(super) fn stands_for(&self, row: &FollowUp, cause: Cause) -> bool {
        let Some(named) = filled(&row.cause) else { return false };
        let about = match cause {
            Cause::FirstDay(on) => Some(on),
            Cause::FirstMonth(on) => Some(later(on, FIRST_MONTH)),
            Cause::TrialEnds(_) | Cause::AfterMeeting(_) => None,
        };
        let is_about_then = |about: Date| {
            let mut days = [row.due, self.made_on(row.id)].into_iter().flatten();
            named.split(' ').next() == Some(cause.word()) && days.any(|day| (day - about).num_days().abs() <= CORRECTED)
        };
        named == cause.text() || about.is_some_and(is_about_then)
    }
}
