//! What happened to a person's membership, in its order, and what of the decisions in it holds: to pay dues, or to leave.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::Happened;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::tables::{Contact, MembershipEvent, MembershipKind};

impl Register {
    /// What happened to a person's membership, in its order: by day, on one day as the kinds stand, and then as it was written
    /// down. Only a leaving that was written down before a sign-up of its day stands before that one. Of two opposite decisions
    /// about one end of free months the later is left, whoever wrote it.
    pub(in crate::register) fn events_of(&self, person: &[Id<Contact>]) -> Vec<Happened<'_>> {
        let events = self.of_person::<MembershipEvent>(person);
        let mut all: Vec<_> = events.filter_map(|event| Some((event.on?, event.kind?, event))).collect();
        all.sort_by_key(|(on, kind, event)| (*on, *kind, event.id));
        let signed = all.iter().filter(|(_, kind, _)| *kind == MembershipKind::Signed);
        let signed: BTreeMap<_, _> = signed.map(|(on, _, event)| (*on, event.id)).collect();
        all.sort_by_key(|(on, kind, event)| {
            let is_over = *kind == MembershipKind::Left && signed.get(on).is_some_and(|signed| event.id < *signed);
            (*on, !is_over)
        });
        let is_any = |wanted| all.iter().any(|(_, kind, _)| *kind == wanted);
        if is_any(MembershipKind::Paying) && is_any(MembershipKind::Left) {
            let at_odds = (0..all.len()).flat_map(|at| self.at_odds_with(&all, at));
            let taken_back: BTreeSet<_> = at_odds.map(|event| event.id).collect();
            all.retain(|(.., event)| !taken_back.contains(&event.id));
        }
        all
    }

    /// What is taken back of a payment that was announced and the leavings before it. Whoever announces a payment says that the
    /// person stays: a leaving that is written down later takes it back; and it takes back leavings that were written down before,
    /// unless it is of a day after the free months.
    fn at_odds_with<'a>(&self, all: &[Happened<'a>], at: usize) -> Vec<&'a MembershipEvent> {
        let Some(&(pays_on, MembershipKind::Paying, paying)) = all.get(at) else { return Vec::new() };
        let (before, after) = all.split_at(at);
        let Some(made) = self.made_on(paying.id).filter(|made| *made <= pays_on) else { return Vec::new() };
        let signed = before.iter().rposition(|(_, kind, _)| *kind == MembershipKind::Signed);
        let signed_on = signed.and_then(|nth| before.get(nth)).map(|(on, ..)| *on);
        let Some(began) = signed_on.or(self.latest_of(all).trial_from) else { return Vec::new() };
        let since = before.iter().skip(signed.unwrap_or(0)).chain(after);
        let is_before = |on: Date| began <= on && (on == pays_on || (on < pays_on && made < pays_on));
        let left = since.filter(|(on, kind, _)| *kind == MembershipKind::Left && is_before(*on));
        let left: Vec<_> = left.map(|(.., event)| *event).collect();
        let written = |event: &MembershipEvent| event.id.row().made_at();
        let last = left.iter().copied().map(written).max().flatten();
        let ends_on = all.iter().filter_map(|(.., event)| self.trial_end_of(event)).max();
        // What was confirmed on its day was paid.
        let is_paid = paying.confirmed_on.is_some() && left.iter().all(|event| event.on == Some(pays_on));
        match last.cmp(&written(paying)) {
            Ordering::Greater if !is_paid => vec![paying],
            Ordering::Less if ends_on >= Some(pays_on) => left,
            _ => Vec::new(),
        }
    }

    /// The events of a person but for decisions that are dated after a day, and whether by those they leave.
    pub(super) fn events_by(&self, person: &[Id<Contact>], today: Date) -> (Vec<Happened<'_>>, bool) {
        let mut events = self.events_of(person);
        let is_to_come = |on: Date, kind: MembershipKind| on > today && kind.decides();
        if !events.iter().any(|(on, kind, _)| is_to_come(*on, *kind)) {
            return (events, false);
        }
        let last = self.latest_of(&events).decided();
        let leaves = last.is_some_and(|event| event.kind == Some(MembershipKind::Left) && event.on > Some(today));
        events.retain(|(on, kind, _)| !is_to_come(*on, *kind));
        (events, leaves)
    }

    /// What a person decided since the latest membership began, from whatever day it holds.
    pub(in crate::register) fn decided(&self, person: &[Id<Contact>]) -> Option<&MembershipEvent> {
        self.latest_events(person).decided()
    }

    /// The decisions of a person that another one, noted today, takes back: each a leaving that has not come, a leaving also a
    /// payment of its day or later that has not, and a payment a leaving of its day or of the same free months. Both are of those
    /// as long as dues may be paid for them.
    pub(crate) fn taken_back_by(
        &self,
        person: &[Id<Contact>],
        (kind, on): (MembershipKind, Date),
        today: Date,
    ) -> Vec<Id<MembershipEvent>> {
        let latest = self.latest_events(person);
        let began = latest.began();
        let last_day = latest.trial().map(|trial| self.last_day_of(&trial));
        let is_taken_back = |event: &&MembershipEvent| match (kind, event.kind, event.on) {
            (MembershipKind::Paying, Some(MembershipKind::Left), Some(left)) => {
                let is_of_these = last_day.is_some_and(|last_day| on.max(left) <= last_day);
                began.is_none_or(|began| began <= left) && (today < left || on == left || is_of_these)
            }
            (MembershipKind::Left, Some(MembershipKind::Paying), Some(pays)) => {
                on <= pays && (today < pays || (today == pays && event.confirmed_on.is_none()))
            }
            (MembershipKind::Left, Some(MembershipKind::Left), Some(left)) => today < left,
            _ => false,
        };
        self.of_person::<MembershipEvent>(person).filter(is_taken_back).map(|event| event.id).collect()
    }

    /// The day from which whoever says that they stay pays dues: the end of their latest free months, but today where they left
    /// and no dues may be paid for those any more.
    pub(crate) fn stays_from(&self, person: &[Id<Contact>], today: Date) -> Date {
        let Some(trial) = self.trial(person) else { return today };
        let left = trial.decided.is_some_and(|event| event.kind == Some(MembershipKind::Left));
        if left && self.last_day_of(&trial) < today { today } else { trial.ends_on }
    }

    /// The first day from this one on which paying or leaving decides where the person stands: no earlier than the latest
    /// membership began.
    pub(crate) fn decides_from(&self, person: &[Id<Contact>], day: Date) -> Date {
        self.latest_events(person).began().map_or(day, |began| began.max(day))
    }
}

impl MembershipKind {
    /// Whether it says what a person decided: to pay dues, or to leave.
    pub(crate) const fn decides(self) -> bool {
        matches!(self, Self::Paying | Self::Left)
    }
}
