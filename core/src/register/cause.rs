//! What calls for a follow-up, as the follow-up names it itself.
//!
//! A cause is spelled alike on every phone, so rows that two phones wrote for one thing read as one. Whether a row stands for a
//! cause is asked here alone: of a day that was corrected since, and of a row of an older version, the text does not tell.

use chrono::Datelike;

use super::Register;
use super::automatic::{AutomaticReason, FIRST_MONTH};
use super::day::later;
use super::names::filled;
use super::status::Trial;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{FollowUp, Visit};

/// Two first days, or two days of a sign-up, within so many days are one, which was corrected.
const CORRECTED: i64 = 60;
/// What stands before the day of a sign-up.
const SIGNED: &str = "signed ";

/// What calls for something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// This first day at work: a welcome.
    FirstDay(Date),
    /// The same: a talk a month later.
    FirstMonth(Date),
    /// Free months that end, by the day of the sign-up that began them, where one is known.
    TrialEnds { signed_on: Option<Date>, ends_on: Date },
    /// A meeting that somebody came to.
    AfterMeeting(Id<Visit>),
}

impl Cause {
    /// The end of these free months.
    pub(super) fn end_of(trial: &Trial<'_>) -> Self {
        Self::TrialEnds { signed_on: trial.signed.and_then(|event| event.on), ends_on: trial.ends_on }
    }

    /// As a follow-up names it. A first day is named by its quarter: corrected within it, it stays the same, and whoever is hired
    /// again later in the year is welcomed again. Free months are named by their sign-up: a campaign may be given another month.
    pub(super) fn text(self) -> String {
        let word = self.word();
        match self {
            Self::FirstDay(on) | Self::FirstMonth(on) => format!("{word} {}-Q{}", on.format("%Y"), on.month0() / 3 + 1),
            Self::TrialEnds { signed_on: Some(on), .. } => format!("{word} {SIGNED}{on}"),
            Self::TrialEnds { signed_on: None, ends_on } => format!("{word} {ends_on}"),
            Self::AfterMeeting(visit) => format!("{word} {visit}"),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::FirstDay(_) => "first_day",
            Self::FirstMonth(_) => "first_month",
            Self::TrialEnds { .. } => "trial_ends",
            Self::AfterMeeting(_) => "after_meeting",
        }
    }

    pub(super) const fn reason(self) -> AutomaticReason {
        match self {
            Self::FirstDay(_) => AutomaticReason::FirstDay,
            Self::FirstMonth(_) => AutomaticReason::FirstMonth,
            Self::TrialEnds { .. } => AutomaticReason::TrialEnds,
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
    /// is the same where the row was due or written down about then; and so are free months whose row names a sign-up of about
    /// that day, or, as older versions did, an end that they had.
    pub(super) fn stands_for(&self, row: &FollowUp, cause: Cause) -> bool {
        let Some((word, of)) = filled(&row.cause).and_then(|named| named.split_once(' ')) else { return false };
        let made_on = || self.made_on(row.id);
        let is_due_about = |day| [row.due, made_on()].into_iter().flatten().any(|due| are_one(due, day));
        let is_it = match cause {
            Cause::FirstDay(on) => is_due_about(on),
            Cause::FirstMonth(on) => is_due_about(later(on, FIRST_MONTH)),
            Cause::TrialEnds { signed_on, ends_on } => match (signed_on, of.strip_prefix(SIGNED)) {
                (Some(signed_on), Some(of)) => of.parse().is_ok_and(|of: Date| are_one(of, signed_on)),
                (signed_on, None) => of.parse::<Date>().is_ok_and(|end| {
                    let had = |since: Date| end >= since && made_on().is_some_and(|made| made >= since);
                    end == ends_on || signed_on.is_some_and(had)
                }),
                (None, Some(_)) => false,
            },
            Cause::AfterMeeting(visit) => of.parse::<Id<Visit>>() == Ok(visit),
        };
        word == cause.word() && (is_it || filled(&row.cause) == Some(cause.text().as_str()))
    }
}

/// Whether two days are so near each other that the one is the other, corrected.
fn are_one(one: Date, other: Date) -> bool {
    (one - other).num_days().abs() <= CORRECTED
}
