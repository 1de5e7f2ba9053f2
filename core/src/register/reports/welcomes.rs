//! New members: the welcome gift and whatever else the stewards do for each of them.
//!
//! Each thing that is to be done is a follow-up whose cause begins with that of the sign-up. Rows of one cause are one,
//! so nobody is given two gifts because two phones were offline.

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::Serialize;

use super::ReportQuery;
use super::figures::SignUpFact;
use super::scope::Scope;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::names::filled;
use crate::register::recruited::Recruiter;
use crate::tables::{Contact, FollowUp, FollowUpDraft, FollowUpKind};

/// One new member, and how far the welcome has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NewMemberView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
    /// The day of the sign-up.
    pub signed_on: Date,
    /// Who recruited.
    pub recruiter_name: Option<String>,
    /// The things to do, as somebody wrote them down, in that order.
    pub steps: Vec<WelcomeStep>,
    /// Whether there were any, and all are done.
    pub welcomed: bool,
    /// The follow-up that a thing to do makes, but for `what`. To have several, put a word behind each one's cause, such as
    /// `new_member 2026 gift`: the same for the same thing on every phone.
    pub draft: FollowUpDraft,
}

/// One thing of a welcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WelcomeStep {
    /// The row that counts: of several one that is done, else the one that was written last.
    pub follow_up: Id<FollowUp>,
    /// What.
    pub what: String,
    /// Who does it.
    pub owner_name: Option<String>,
    /// The day it was done.
    pub done_on: Option<Date>,
}

impl Register {
    /// Everybody who signed up in a period and has not left: first those who are not welcomed, by the day they signed.
    /// Whoever wants no contact is left out.
    pub fn new_members(&self, query: &ReportQuery) -> Vec<NewMemberView> {
        let facts = self.sign_ups_in(&Scope::of(self, query)).into_iter().filter(|fact| fact.left_on.is_none());
        // Of two sign-ups the later stands.
        let facts: BTreeMap<_, _> = facts.filter_map(|fact| Some((fact.person?, fact))).collect();
        let views = facts.into_iter().filter_map(|(first, fact)| self.new_member(&self.one_person(first), &fact));
        let mut views: Vec<_> = views.collect();
        views.sort_by_key(|view| (view.welcomed, view.signed_on, view.contact));
        views
    }

    fn new_member(&self, person: &[Id<Contact>], fact: &SignUpFact<'_>) -> Option<NewMemberView> {
        let hidden = self.wants_peace(person) || self.are_forgotten(person);
        let contact = self.merged(person).filter(|_| !hidden)?;
        // It names the year and not the day, so that a corrected day leaves the welcome as it is.
        let cause = format!("new_member {}", fact.on.year());
        let steps = self.welcome_steps(person, &cause);
        Some(NewMemberView {
            contact: contact.id,
            name: self.name_of_merged(&contact),
            phone: self.phone_of(person),
            workplace_name: contact.workplace.and_then(|id| self.workplace_name(id)),
            signed_on: fact.on,
            recruiter_name: fact.recruiter.and_then(|recruiter| self.recruiter_name(recruiter)),
            welcomed: !steps.is_empty() && steps.iter().all(|step| step.done_on.is_some()),
            steps,
            draft: FollowUpDraft {
                kind: Some(FollowUpKind::Welcome),
                contact: Some(contact.id),
                owner: contact.owner.or(fact.recruiter.and_then(Recruiter::steward)),
                due: Some(fact.on),
                cause: Some(cause),
                ..FollowUpDraft::default()
            },
        })
    }

    fn welcome_steps(&self, person: &[Id<Contact>], sign_up: &str) -> Vec<WelcomeStep> {
        let mut by_cause: BTreeMap<&str, Vec<&FollowUp>> = BTreeMap::new();
        for row in self.of_person::<FollowUp>(person) {
            let cause = filled(&row.cause).filter(|cause| {
                cause.strip_prefix(sign_up).is_some_and(|word| word.is_empty() || word.starts_with(' '))
            });
            if let Some(cause) = cause {
                by_cause.entry(cause).or_default().push(row);
            }
        }
        let step = |rows: Vec<&FollowUp>| {
            let begun = rows.iter().map(|row| row.id).min()?;
            let row = rows.into_iter().max_by_key(|row| (row.done_at.is_some(), row.id))?;
            let step = WelcomeStep {
                follow_up: row.id,
                what: filled(&row.what).unwrap_or_default().to_owned(),
                owner_name: row.owner.and_then(|id| self.person_name(id)),
                done_on: row.done_at.map(|at| at.date_naive()),
            };
            Some((begun, step))
        };
        let mut steps: Vec<_> = by_cause.into_values().filter_map(step).collect();
        steps.sort_by_key(|(begun, _)| *begun);
        steps.into_iter().map(|(_, step)| step).collect()
    }
}
