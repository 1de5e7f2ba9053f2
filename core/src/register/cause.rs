//! What calls for a follow-up, as the follow-up names it itself.
//!
//! A cause is spelled alike on every phone, so rows that two phones wrote for one thing read as one. Whether a row stands for a
//! cause, and which rows are of one, is asked here alone: of a day that was corrected since, and of a row of an older version, the
//! text does not tell.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;

use super::Register;
use super::automatic::{AutomaticReason, FIRST_MONTH};
use super::day::later;
use super::names::filled;
use super::status::Trial;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{FollowUp, MembershipEvent, MembershipKind, Visit};

/// Two first days, or two days of a sign-up, within so many days are one, which was corrected.
const CORRECTED: i64 = 60;
/// What stands before the day of a sign-up.
const SIGNED: &str = "signed ";
/// The words of causes that a day names.
const FIRST_DAY_WORD: &str = "first_day";
const FIRST_MONTH_WORD: &str = "first_month";
const TRIAL_ENDS_WORD: &str = "trial_ends";

/// The days by which rows that name one thing in other words are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Days {
    /// The day it is about: of the call that it names, else on which it is due or was written down.
    about: Option<Date>,
    /// The day on which it was written down; none for a draft.
    made: Option<Date>,
    /// The sign-up that it means, and whether the person has it.
    signed: Option<(Date, bool)>,
    /// The end of free months that it names, as older versions did.
    ends_on: Option<Date>,
}

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
            Self::FirstDay(_) => FIRST_DAY_WORD,
            Self::FirstMonth(_) => FIRST_MONTH_WORD,
            Self::TrialEnds { .. } => TRIAL_ENDS_WORD,
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
    /// that day which is no other one of the person's, or, as older versions did, an end that they had.
    pub(super) fn stands_for(&self, row: &FollowUp, cause: Cause) -> bool {
        let Some((word, of)) = filled(&row.cause).and_then(|named| named.split_once(' ')) else { return false };
        let made_on = || self.made_on(row.id);
        let is_due_about = |day| [row.due, made_on()].into_iter().flatten().any(|due| are_one(due, day));
        let is_it = match cause {
            Cause::FirstDay(on) => is_due_about(on),
            Cause::FirstMonth(on) => is_due_about(later(on, FIRST_MONTH)),
            Cause::TrialEnds { signed_on, ends_on } => match (signed_on, of.strip_prefix(SIGNED)) {
                (Some(signed_on), Some(of)) => of.parse().is_ok_and(|of: Date| {
                    let (meant, is_known) = self.sign_up_meant(row, of);
                    meant == signed_on || (!is_known && are_one(of, signed_on))
                }),
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

    /// The follow-ups by cause, those of each by id. Rows about one person, workplace or visit are of one cause where they name
    /// it alike; and those about a person, too, where they name the same kind of day and their days are one. What names no
    /// cause is left out.
    pub(super) fn by_cause<'a>(&self, rows: impl Iterator<Item = &'a FollowUp>) -> Vec<Vec<&'a FollowUp>> {
        let mut named: BTreeMap<_, BTreeMap<&str, Vec<&'a FollowUp>>> = BTreeMap::new();
        for row in rows {
            let Some(cause) = filled(&row.cause) else { continue };
            let word = cause.split_once(' ').map(|(word, _)| word).filter(|_| row.contact.is_some());
            let word = word.filter(|word| [FIRST_DAY_WORD, FIRST_MONTH_WORD, TRIAL_ENDS_WORD].contains(word));
            // What no day names is of one cause by its text alone.
            let key = (self.subject(row), word.unwrap_or(cause), word.is_some());
            named.entry(key).or_default().entry(cause).or_default().push(row);
        }
        let groups = named
            .into_values()
            .flat_map(|texts| if texts.len() > 1 { self.of_one_day(texts) } else { texts.into_values().collect() });
        let mut groups: Vec<Vec<&'a FollowUp>> = groups.collect();
        groups.iter_mut().for_each(|rows| rows.sort_unstable_by_key(|row| row.id));
        groups
    }

    /// The rows of one person that name one kind of day, by text, brought together where their days are one.
    fn of_one_day<'a>(&self, texts: BTreeMap<&str, Vec<&'a FollowUp>>) -> Vec<Vec<&'a FollowUp>> {
        let mut groups: Vec<(BTreeSet<Days>, Vec<&'a FollowUp>)> = Vec::new();
        for rows in texts.into_values() {
            let days: BTreeSet<Days> = rows.iter().map(|row| self.days_of(row)).collect();
            let is_with = |known: &BTreeSet<Days>| known.iter().any(|one| days.iter().any(|other| one.is_with(*other)));
            let (same, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(known, _)| is_with(known));
            groups = others;
            let mut group = (days, rows);
            for (days, rows) in same {
                group.0.extend(days);
                group.1.extend(rows);
            }
            groups.push(group);
        }
        groups.into_iter().map(|(_, rows)| rows).collect()
    }

    fn days_of(&self, row: &FollowUp) -> Days {
        let (word, of) = filled(&row.cause).and_then(|named| named.split_once(' ')).unwrap_or_default();
        let of = (word == TRIAL_ENDS_WORD).then_some(of);
        let made = if row.id == Id::default() { None } else { self.made_on(row.id) };
        let ends_on = of.and_then(|of| of.parse::<Date>().ok());
        let signed = of.and_then(|of| of.strip_prefix(SIGNED)?.parse::<Date>().ok());
        Days {
            about: ends_on.map(Self::trial_call_day).or(row.due).or(made),
            made,
            signed: signed.map(|on| self.sign_up_meant(row, on)),
            ends_on,
        }
    }

    /// The day of the sign-up that a row means by a day, and whether the person has it: the one of that day, else the nearest
    /// one as which it may have been corrected.
    fn sign_up_meant(&self, row: &FollowUp, on: Date) -> (Date, bool) {
        let person = row.contact.map(|contact| self.one_person(contact)).unwrap_or_default();
        let signed = self.of_person::<MembershipEvent>(&person);
        let signed = signed.filter(|event| event.kind == Some(MembershipKind::Signed)).filter_map(|event| event.on);
        let nearest = signed.filter(|day| are_one(*day, on)).min_by_key(|day| ((*day - on).num_days().abs(), *day));
        nearest.map_or((on, false), |day| (day, true))
    }
}

impl Days {
    /// Whether both are of one cause, of rows that name the same kind of day.
    fn is_with(self, other: Self) -> bool {
        let are_near = self.about.zip(other.about).is_some_and(|(one, other)| are_one(one, other));
        match (self.signed, other.signed) {
            // Two sign-ups that the person has are two.
            (Some((one, is_known)), Some((other, is_other_known))) => {
                one == other || (!is_known && !is_other_known && are_one(one, other))
            }
            (Some((signed, _)), None) => are_near && other.had(signed),
            (None, Some((signed, _))) => are_near && self.had(signed),
            (None, None) => are_near,
        }
    }

    /// Whether the end that a row names may be that of free months which began with a sign-up.
    fn had(self, signed: Date) -> bool {
        self.ends_on.is_some_and(|end| end >= signed) && self.made.is_none_or(|made| made >= signed)
    }
}

/// Whether two days are so near each other that the one is the other, corrected.
fn are_one(one: Date, other: Date) -> bool {
    (one - other).num_days().abs() <= CORRECTED
}
