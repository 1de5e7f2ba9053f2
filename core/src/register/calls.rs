//! The call list: whose free months end when, who calls, what came of it, and whether they stay.
//!
//! A call is a follow-up with the cause of these free months. Whoever takes one writes such a row from [`CallView::draft`], and counts
//! tries and the outcome there; staying and leaving are membership events. Whoever takes over the row of another counts in a
//! further one. So two who took the same call offline both have their row: the list shows the later and names the other.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Register;
use super::cause::Cause;
use super::names::filled;
use super::status::Trial;
use crate::context::{Date, Moment};
use crate::ids::Id;
use crate::tables::{
    Campaign, Channel, Contact, FollowUp, FollowUpDraft, FollowUpKind, MembershipEvent, MembershipKind, Person,
};

/// One person whose free months end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CallView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// How the person likes to be reached.
    pub channel: Option<Channel>,
    /// The language the person likes to speak.
    pub language: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The campaign that gave the free months.
    pub campaign: Option<Id<Campaign>>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// Who recruited.
    pub recruiter_name: Option<String>,
    /// The day of the sign-up.
    pub signed_on: Option<Date>,
    /// The day the free months end.
    pub trial_ends_on: Date,
    /// Days until then; negative once it has passed.
    pub days_left: i64,
    /// The call, once somebody has taken it: the row that was written last.
    pub follow_up: Option<FollowUp>,
    /// Who calls.
    pub owner_name: Option<String>,
    /// The other rows of the same call, the first that was written first: of others who took it, or of tries before.
    pub also: Vec<FollowUp>,
    /// The others who took it, by name: a clash to settle between people.
    pub also_names: Vec<String>,
    /// How many times it was tried, by all.
    pub attempts: i64,
    /// What came of the latest try.
    pub outcome: Option<String>,
    /// Whether the person stays.
    pub decision: Option<CallDecision>,
    /// The day of the decision.
    pub decided_on: Option<Date>,
    /// Why, for those who leave.
    pub reason: Option<String>,
    /// The follow-up that taking the call makes, but for `what` and its owner.
    pub draft: FollowUpDraft,
}

/// One person whom two stewards called about the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CallClash {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// What called for it.
    pub cause: String,
    /// The stewards, the first that was written first; one of them twice who noted otherwise on another phone.
    pub callers: Vec<Caller>,
    /// Where any of them noted whether the person stays, what holds of it: what was written last.
    pub decision: Option<CallDecision>,
}

/// One steward of a clash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Caller {
    /// Who.
    pub person: Id<Person>,
    /// Name.
    pub name: String,
    /// The row that was written last.
    pub follow_up: Id<FollowUp>,
    /// How many times it was tried.
    pub attempts: i64,
    /// What came of it at last.
    pub outcome: Option<String>,
    /// When it was done.
    pub done_at: Option<Moment>,
    /// Whether the person stays, as it was noted here.
    pub decision: Option<CallDecision>,
}

impl Caller {
    /// The same with what a later row of theirs says.
    fn and(self, later: Self) -> Self {
        Self {
            attempts: self.attempts.saturating_add(later.attempts),
            outcome: later.outcome.or(self.outcome),
            done_at: self.done_at.or(later.done_at),
            decision: later.decision.or(self.decision),
            ..later
        }
    }

    /// Whether both are one steward's, and do not say that the person stays and leaves.
    fn is_with(&self, other: &Self) -> bool {
        let decisions = self.decision.zip(other.decision);
        self.person == other.person && decisions.is_none_or(|(one, other)| one == other)
    }
}

/// What a person decided at the end of the free months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CallDecision {
    /// Pays dues.
    Stays,
    /// Left.
    Leaves,
}

impl CallDecision {
    fn of(event: &MembershipEvent) -> Option<Self> {
        match event.kind? {
            MembershipKind::Paying => Some(Self::Stays),
            MembershipKind::Left => Some(Self::Leaves),
            MembershipKind::Signed | MembershipKind::TrialEnds => None,
        }
    }
}

impl Register {
    /// Everybody whose free months end from `from` to `until`: first those who have not decided, by the day they end, then
    /// those who have. Whoever wants no contact is on it only once they have decided.
    pub fn call_list(&self, from: Date, until: Date, today: Date) -> Vec<CallView> {
        let mut calls = self.calls_ending(from, until, today, |person, trial| {
            (trial.decided.is_some() || !self.wants_peace(person)) && !self.are_forgotten(person)
        });
        calls.sort_by_key(|call| (call.decision.is_some(), call.trial_ends_on, call.contact));
        calls
    }

    /// The calls that are due by `today`, by the day the free months end: of those who have not decided, whom nobody has reached
    /// and for whom no later day is set.
    pub(super) fn calls_due(&self, today: Date) -> Vec<CallView> {
        let (from, until) = Self::trial_ends_to_call(today).into_inner();
        let mut calls = self.call_list(from, until, today);
        calls.retain(|call| {
            let mut rows = call.also.iter().chain(&call.follow_up);
            let due = call.follow_up.as_ref().and_then(|row| row.due);
            call.decision.is_none() && rows.all(|row| row.done_at.is_none()) && due.is_none_or(|due| due <= today)
        });
        calls
    }

    /// Those of these people whose free months end from `from` to `until`.
    pub(super) fn calls_ending(
        &self,
        from: Date,
        until: Date,
        today: Date,
        counts: impl Fn(&[Id<Contact>], &Trial<'_>) -> bool,
    ) -> Vec<CallView> {
        let trials = self.trials_ending_in(&(from..=until)).into_iter();
        let trials = trials.filter(|(person, trial)| counts(person, trial));
        trials.filter_map(|(person, trial)| self.call_view(&person, &trial, today)).collect()
    }

    /// Whom two have called, welcomed or tried to keep for one cause without knowing of each other, or one on two phones who noted
    /// otherwise, as far as the last of them wrote it down since a day; the newest first.
    pub fn call_clashes(&self, since: Date) -> Vec<CallClash> {
        let calls = self.all::<FollowUp>().filter(|row| row.kind.is_some_and(is_a_call) && !self.is_of_forgotten(row));
        let mut clashes: Vec<_> = self
            .by_cause(calls)
            .into_iter()
            .filter_map(|rows| {
                let last = rows.last().filter(|_| rows.len() > 1)?;
                let (contact, cause) = (self.first_of_person(last.contact?)?, filled(&last.cause)?);
                let made_on = self.made_on(last.id)?;
                let callers = once_each(rows.iter().filter_map(|row| self.caller(row)));
                let is_noted = callers.iter().any(|caller| caller.decision.is_some());
                let holds = self.decided(&self.one_person(contact)).and_then(CallDecision::of);
                let clash = CallClash {
                    contact,
                    name: self.contact_name(contact),
                    cause: cause.to_owned(),
                    decision: holds.filter(|_| is_noted),
                    callers,
                };
                (clash.callers.len() > 1 && made_on >= since).then_some((made_on, clash))
            })
            .collect();
        clashes.sort_by(|(one, a), (other, b)| {
            other.cmp(one).then_with(|| (a.contact, &a.cause).cmp(&(b.contact, &b.cause)))
        });
        clashes.into_iter().map(|(_, clash)| clash).collect()
    }

    /// Who has these follow-ups, each name once.
    pub(crate) fn owner_names<'a>(&self, rows: impl IntoIterator<Item = &'a FollowUp>) -> Vec<String> {
        let mut named = BTreeSet::new();
        let owners = rows.into_iter().filter_map(|row| row.owner).filter(|owner| named.insert(*owner));
        owners.filter_map(|owner| self.person_name(owner)).collect()
    }

    /// Whether a follow-up was written down on this device.
    pub(crate) fn is_made_here(&self, row: Id<FollowUp>) -> bool {
        let by = self.rows.held(row).and_then(|held| held.by);
        by.is_some() && by == self.me
    }

    fn caller(&self, row: &FollowUp) -> Option<Caller> {
        let person = row.owner?;
        Some(Caller {
            person,
            name: self.person_name(person).unwrap_or_default(),
            follow_up: row.id,
            attempts: row.attempts.unwrap_or(0),
            outcome: filled(&row.outcome).map(str::to_owned),
            done_at: row.done_at,
            decision: self.noted_at(row).and_then(CallDecision::of),
        })
    }

    /// What the owner of a row noted of the person's free months on the phone that wrote it, since it did.
    fn noted_at(&self, row: &FollowUp) -> Option<&MembershipEvent> {
        let by = self.rows.held(row.id)?.by?;
        let person = self.one_person(row.contact?);
        let since = row.id.row().made_at();
        let events =
            self.of_person::<MembershipEvent>(&person).filter(|event| event.kind.is_some_and(MembershipKind::decides));
        let here = events.filter(|event| self.rows.held(event.id).is_some_and(|held| held.by == Some(by)));
        here.filter(|event| event.by == row.owner && event.id.row().made_at() >= since).max_by_key(|event| event.id)
    }

    fn call_view(&self, person: &[Id<Contact>], trial: &Trial<'_>, today: Date) -> Option<CallView> {
        let contact = self.merged(person)?;
        let cause = Cause::end_of(trial);
        let about = |row: &&FollowUp| self.stands_for(row, cause);
        let mut rows: Vec<&FollowUp> = self.of_person(person).filter(about).collect();
        rows.sort_unstable_by_key(|row| row.id);
        let outcome = rows.iter().max_by_key(|row| (row.outcome.is_some(), row.done_at));
        let outcome = outcome.and_then(|row| filled(&row.outcome)).map(str::to_owned);
        let attempts = rows.iter().filter_map(|row| row.attempts).fold(0, |sum: i64, n| sum.saturating_add(n.max(0)));
        let latest = rows.pop();
        // Whoever takes it too names it alike.
        let named = latest.and_then(|row| filled(&row.cause));
        let others = rows.iter().filter(|row| row.owner != latest.and_then(|row| row.owner));
        let decision = trial.decided.and_then(CallDecision::of);
        let left = trial.decided.filter(|_| decision == Some(CallDecision::Leaves));
        Some(CallView {
            contact: contact.id,
            name: self.name_of_merged(&contact),
            phone: self.phone_of(person),
            channel: contact.channel,
            language: contact.language,
            workplace_name: contact.workplace.and_then(|id| self.workplace_name(id)),
            campaign: trial.signed.and_then(|event| event.campaign),
            campaign_name: trial.signed.and_then(|event| self.campaign_name(event.campaign?)),
            recruiter_name: trial.signed.and_then(|event| self.recruiter_name(self.recruiter_at(person, event)?)),
            signed_on: trial.signed.and_then(|event| event.on),
            trial_ends_on: trial.ends_on,
            days_left: (trial.ends_on - today).num_days(),
            owner_name: latest.and_then(|row| self.person_name(row.owner?)),
            also_names: self.owner_names(others.copied()),
            also: rows.into_iter().cloned().collect(),
            follow_up: latest.cloned(),
            attempts,
            outcome,
            decision,
            decided_on: trial.decided.and_then(|event| event.on),
            reason: left.and_then(|event| filled(&event.reason)).map(str::to_owned),
            draft: FollowUpDraft {
                kind: Some(FollowUpKind::Call),
                contact: Some(contact.id),
                due: Some(Self::trial_call_day(trial.ends_on)),
                cause: Some(named.map_or_else(|| cause.text(), str::to_owned)),
                ..FollowUpDraft::default()
            },
        })
    }
}

/// Each caller once, with what all of their rows say, unless one says that the person stays and another that they leave. The rows
/// come in the order in which they were written.
fn once_each(rows: impl Iterator<Item = Caller>) -> Vec<Caller> {
    let mut callers: Vec<Caller> = Vec::new();
    for row in rows {
        match callers.iter_mut().find(|known| known.is_with(&row)) {
            Some(known) => *known = known.clone().and(row),
            None => callers.push(row),
        }
    }
    callers
}

/// Whether doing it means to reach the person.
const fn is_a_call(kind: FollowUpKind) -> bool {
    matches!(kind, FollowUpKind::Call | FollowUpKind::Welcome | FollowUpKind::SaveTalk)
}
