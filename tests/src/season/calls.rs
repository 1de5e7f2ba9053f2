//! A day of calls: two stewards share the list of those whose free months end, and note what comes of it.

use anyhow::Result;
use chrono::{Days, TimeDelta};
use samla_core::CallLog;
use samla_core::register::{CallDecision, CallView};
use samla_core::tables::{FollowUp, FollowUpDraft};

use super::Numbers;
use super::days::Held;

/// Calls that one steward tries on one day.
const CALLS: usize = 6;
/// Why members leave.
pub(super) const LEAVES: [&str; 3] = ["flyttar", "bytte jobb", "avgiften"];
/// Days after which a colleague takes over a call.
const LATE: u64 = 10;

impl Held<'_> {
    /// Both begin with the first of the list, before either has heard of the other, and share the rest.
    pub(super) fn call(&mut self, numbers: &Numbers) -> Result<()> {
        for (turn, steward) in self.day.staff.clone().into_iter().enumerate() {
            let open = self.to_call(steward, turn == 0);
            let (first, rest) = open.split_at(open.len().min(1));
            let own = rest.iter().skip(turn).step_by(2);
            for (nth, call) in first.iter().chain(own).take(CALLS).enumerate() {
                // Whom both call, only one of them reaches; of those who never pay dues a third leave now.
                let (alone, leavers) = (nth > 0 || turn == 0, (numbers.sign_ups - numbers.paying) / 3);
                self.call_one(steward, call, alone, self.people.left < leavers)?;
            }
        }
        Ok(())
    }

    /// Those who have not decided and whom nobody else has to call; who `helps` also takes those whom a colleague should have
    /// called long ago.
    fn to_call(&self, steward: usize, helps: bool) -> Vec<CallView> {
        let (today, own) = (self.day.date, Some(self.crew.person(steward)));
        let register = self.crew.register_of(steward);
        let waits = |call: &CallView| {
            let late = |row: &FollowUp| row.due <= Some(today - Days::new(if row.owner == own { 0 } else { LATE }));
            call.follow_up.as_ref().is_none_or(|row| (helps || row.owner == own) && late(row))
        };
        let list = register.call_list(today - Days::new(60), today + Days::new(40), today);
        list.into_iter().filter(|call| call.decision.is_none() && waits(call)).collect()
    }

    /// Takes one call and makes it.
    fn call_one(&mut self, steward: usize, call: &CallView, may_reach: bool, may_leave: bool) -> Result<()> {
        self.crew.later(TimeDelta::minutes(4));
        let what = Some("ring innan de fria månaderna är slut".to_owned());
        let draft = FollowUpDraft { what, ..call.draft.clone() };
        let claimed = self.crew.does(steward, |phone| phone.with(|book, ctx| book.claim(ctx, &draft, true)))?;
        let reached = may_reach && claimed.follow_up.is_some() && self.dice.in_thousand(700);
        let said = if reached { self.dice.below(8) } else { 8 };
        let (decision, outcome, again) = match said {
            0 if may_leave => (Some(CallDecision::Leaves), "går ur", None),
            1 => (None, "vill tänka", Some(5)),
            0..=7 => (Some(CallDecision::Stays), "stannar", None),
            _ => (None, "inget svar", Some(3)),
        };
        let leaves = decision == Some(CallDecision::Leaves);
        let log = CallLog {
            call: draft,
            reached,
            outcome: Some(outcome.into()),
            again_on: again.map(|days| self.day.date + Days::new(days)),
            decision,
            decided_on: leaves.then_some(self.day.date),
            reason: leaves.then(|| self.dice.one(&LEAVES).to_owned()),
        };
        self.crew.does(steward, |phone| phone.with(|book, ctx| book.log_call(ctx, &log)))?;
        if let Some(n) = self.people.of(call.contact.into()).filter(|_| reached) {
            self.people.talked(n);
        }
        self.people.left += usize::from(leaves);
        Ok(())
    }
}
