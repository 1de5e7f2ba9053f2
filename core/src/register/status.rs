//! Where a person stands towards the union, from what happened.
//!
//! | written down | holds on a day | counts |
//! |---|---|---|
//! | `signed` | on trial from its day; none of the union's own once it is too late to pay | as a sign-up of its day, for whoever recruited; among the members on trial |
//! | once more, while that holds | the same, with the free months of the last that tells of some | no further time |
//! | `trial_ends` | on trial from the day it was written down, at the latest from its own | among the calls, by its day before the campaign's |
//! | `paying` | a member from its day; until then what they were | among the members; once as beginning to pay; for the recruiter, where it is in time; as staying among the calls, also ahead |
//! | `left` | former from its day; until then leaving | by its day among the reasons for leaving; against the recruiter, unless dues were paid before; as leaving among the calls, also ahead |
//! | a payment ahead, then a leaving until its day | former | the leaving alone, but for dues that were confirmed on their day |
//! | a leaving, then a payment ahead, until the free months end | a member from the day of the payment | the payment alone |
//! | nothing | as the contact is noted | as that, from the day the contact was written down |
//!
//! What gives way to another so still stands in what happened; a call or a comparison that notes a decision removes what it takes
//! back ([`Register::taken_back_by`]).

mod decisions;
mod offers;
mod sign_ups;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::Register;
use super::day::months_later;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Contact, Membership, MembershipEvent, MembershipKind};

pub use offers::trial_end;

/// An event of a membership, with its day and its kind.
pub(super) type Happened<'a> = (Date, MembershipKind, &'a MembershipEvent);

/// Months after a sign-up within which free months have ended of which no end is known.
pub(super) const LONGEST_TRIAL: i64 = 12;

/// A person's latest free months, begun by a sign-up or known by their end alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trial<'a> {
    /// The day they end.
    pub(super) ends_on: Date,
    /// The sign-up.
    pub(super) signed: Option<&'a MembershipEvent>,
    /// What followed: pays dues, or left.
    pub(super) decided: Option<&'a MembershipEvent>,
}

/// The latest of the events of a person, by kind, as [`Register::events_of`] orders them.
struct Latest<'a> {
    /// The sign-up that counts, and when its free months end by the campaign.
    signed: Option<(Date, &'a MembershipEvent, Option<Date>)>,
    trial_ends: Option<(Date, &'a MembershipEvent)>,
    /// The day from which that is known.
    trial_from: Option<Date>,
    /// Pays, or left.
    decided: Option<(Date, &'a MembershipEvent)>,
    /// Whether a sign-up came after that.
    signed_since: bool,
}

impl Register {
    /// The status of a person on a day, given the contacts that are one person.
    ///
    /// The latest sign-up begins a trial, whether or not it is known when free months end. `paying` and `left` on its day or
    /// later decide, also before the free months are over, but no `left` that was written down on its day before it. Free
    /// months known by their end alone had begun when that was written down. Signing again without free months takes nothing
    /// from whoever pays already or is noted as a member, nor from anybody the free months of the same sign-up. Without events
    /// the contact's own field counts. That field also wins where it says that a member is leaving. A decision that is dated
    /// after the day has not come: whoever leaves by it is leaving until then, and whoever pays by it stands where they stood.
    pub(crate) fn status(&self, person: &[Id<Contact>], today: Date) -> Membership {
        let noted = || person.iter().filter_map(|id| self.get(*id)?.membership);
        let is_noted = person.iter().any(|id| self.get(*id).is_some_and(is_noted_member));
        let (events, leaves) = self.events_by(person, today);
        match self.latest_of(&events).status(is_noted) {
            Some(Membership::Former) => Membership::Former,
            _ if leaves => Membership::Leaving,
            None => noted().next().unwrap_or(Membership::Unknown),
            Some(_) if noted().any(|noted| noted == Membership::Leaving) => Membership::Leaving,
            Some(status) => status,
        }
    }

    /// Whether the union counts a person among its own on a day, as things stand. Where nobody has written down what a person on
    /// trial decided, [`Self::status`] remains the last that is known of them; but once dues would have been paid, they count no
    /// more.
    pub(super) fn is_in_on(&self, person: &[Id<Contact>], day: Date) -> bool {
        self.status(person, day).is_in() && self.trial_lapses(person, day).is_none_or(|last| last >= day)
    }

    /// The last day on which somebody counts who is on trial on a day; nothing for whoever is not by what events tell.
    pub(super) fn trial_lapses(&self, person: &[Id<Contact>], today: Date) -> Option<Date> {
        let is_noted = person.iter().any(|id| self.get(*id).is_some_and(is_noted_member));
        self.lapses(&self.latest_of(&self.events_by(person, today).0), is_noted)
    }

    fn lapses(&self, latest: &Latest<'_>, is_noted: bool) -> Option<Date> {
        if latest.status(is_noted) != Some(Membership::Trial) {
            return None;
        }
        match latest.trial() {
            Some(trial) => Some(self.last_day_of(&trial)),
            None => months_later(latest.began()?, LONGEST_TRIAL),
        }
    }

    /// The last day on which dues may be paid for these free months.
    fn last_day_of(&self, trial: &Trial<'_>) -> Date {
        self.dues_by(trial.signed.and_then(|event| event.campaign), trial.ends_on)
    }

    /// Where a person stood on any day: as [`Self::status`] tells it of the events until then, and no member any more once a
    /// trial has lapsed. What is noted on the contact holds from the day it was written down, and only where no event is
    /// known; before the first event a person is unknown, unless that event is a leaving.
    pub(super) fn status_over_time(&self, person: &[Id<Contact>]) -> impl Fn(Date) -> Membership + use<> {
        let made = person.iter().filter_map(|id| self.made_on(*id)).min();
        let noted = person.iter().find_map(|id| self.get(*id)?.membership).unwrap_or(Membership::Unknown);
        let mut events: Vec<_> =
            self.events_of(person).into_iter().map(|known| (self.tells_from(known.0, known.2), known)).collect();
        events.sort_by_key(|(from, _)| *from);
        let (days, events): (Vec<_>, Vec<_>) = events.into_iter().unzip();
        let is_noted = person.iter().any(|id| self.get(*id).is_some_and(is_noted_member));
        let first = events.first().map(|(_, kind, _)| *kind);
        let after = (1..=events.len()).map(|n| {
            let latest = self.latest_of(events.get(..n).unwrap_or_default());
            Some((latest.status(is_noted)?, self.lapses(&latest, is_noted)))
        });
        let after: Vec<_> = after.collect();
        let before = match first {
            None => noted,
            Some(MembershipKind::Left) => Membership::Member,
            Some(_) => Membership::Unknown,
        };
        move |day| match days.partition_point(|on| *on <= day).checked_sub(1).and_then(|last| *after.get(last)?) {
            Some((_, Some(last))) if last < day => Membership::Former,
            Some((status, _)) => status,
            None if made.is_none_or(|made| made <= day) || first.is_some() => before,
            None => Membership::Unknown,
        }
    }

    /// The person's latest free months, over or not.
    fn trial(&self, person: &[Id<Contact>]) -> Option<Trial<'_>> {
        self.latest_events(person).trial()
    }

    /// The day on which a person's latest free months end or ended.
    pub fn trial_ends_on(&self, contact: Id<Contact>) -> Option<Date> {
        self.trial(&self.one_person(contact)).map(|trial| trial.ends_on)
    }

    /// The persons whose latest free months end on one of these days, by the first of their contacts.
    pub(super) fn trials_ending_in(&self, days: &RangeInclusive<Date>) -> Vec<(Vec<Id<Contact>>, Trial<'_>)> {
        let ends_then = |event: &&MembershipEvent| self.trial_end_of(event).is_some_and(|on| days.contains(&on));
        let contacts = self.all::<MembershipEvent>().filter(ends_then).filter_map(|event| event.contact);
        let persons = contacts.map(|contact| self.one_person(contact));
        let persons: BTreeMap<_, _> = persons.filter_map(|person| Some((*person.first()?, person))).collect();
        let trials = persons.into_values().filter_map(|person| Some((self.trial(&person)?, person)));
        trials.filter(|(trial, _)| days.contains(&trial.ends_on)).map(|(trial, person)| (person, trial)).collect()
    }

    fn latest_events(&self, person: &[Id<Contact>]) -> Latest<'_> {
        self.latest_of(&self.events_of(person))
    }

    /// The day from which an event of a day tells where a person stands. That free months end tells of them as soon as it is
    /// written down: by then they had begun.
    fn tells_from(&self, on: Date, event: &MembershipEvent) -> Date {
        match event.kind {
            Some(MembershipKind::TrialEnds) => self.made_on(event.id).map_or(on, |made| made.min(on)),
            _ => on,
        }
    }

    fn latest_of<'a>(&self, all: &[Happened<'a>]) -> Latest<'a> {
        let decided = all.iter().rposition(|(_, kind, _)| kind.decides());
        let ends = all.iter().filter(|(_, kind, _)| *kind == MembershipKind::TrialEnds);
        let trial_ends = ends.max_by_key(|(on, _, event)| (*on, event.id)).map(|(on, _, event)| (*on, *event));
        let signed = self.distinct_sign_ups(all).last().map(|last| last.counts);
        Latest {
            signed: signed.and_then(|at| all.get(at)).map(|(on, _, event)| (*on, *event, self.trial_end_of(event))),
            trial_from: trial_ends.map(|(on, event)| self.tells_from(on, event)),
            trial_ends,
            decided: decided.and_then(|at| all.get(at)).map(|(on, _, event)| (*on, *event)),
            signed_since: signed > decided,
        }
    }
}

impl Membership {
    /// Whether the union counts such a person among its own: on trial, as a member, and until the last day.
    pub(crate) const fn is_in(self) -> bool {
        matches!(self, Self::Trial | Self::Member | Self::Leaving)
    }
}

fn is_noted_member(contact: &Contact) -> bool {
    contact.membership == Some(Membership::Member)
}

impl<'a> Latest<'a> {
    /// The day on which the latest membership began, or by which it had, as far as is known.
    fn began(&self) -> Option<Date> {
        self.signed.map(|(on, ..)| on).or(self.trial_from)
    }

    /// Where the person stands by these events; nothing where there are none. `is_noted` says that the contact itself is noted
    /// as a member.
    fn status(&self, is_noted: bool) -> Option<Membership> {
        let pays = |event: &MembershipEvent| event.kind == Some(MembershipKind::Paying);
        match (self.decided(), self.trial(), self.signed) {
            (Some(decided), ..) if pays(decided) => Some(Membership::Member),
            (Some(_), ..) => Some(Membership::Former),
            (None, None, Some(_)) if self.was_member(is_noted) => Some(Membership::Member),
            (None, None, None) => None,
            (None, ..) => Some(Membership::Trial),
        }
    }

    /// Whether the person paid, or was noted as a member, when the latest membership began.
    fn was_member(&self, is_noted: bool) -> bool {
        self.decided.map_or(is_noted, |(_, event)| event.kind == Some(MembershipKind::Paying))
    }

    /// What was decided since it began.
    fn decided(&self) -> Option<&'a MembershipEvent> {
        let decided = self.decided.filter(|_| !self.signed_since);
        decided.filter(|(on, _)| self.began().is_none_or(|began| began <= *on)).map(|(_, event)| event)
    }

    fn trial(&self) -> Option<Trial<'a>> {
        let told = self.trial_ends.filter(|(on, _)| self.signed.is_none_or(|(began, ..)| began <= *on));
        let ends_on = told.map(|(on, _)| on).or(self.signed.and_then(|(_, _, ends_on)| ends_on))?;
        Some(Trial { ends_on, signed: self.signed.map(|(_, event, _)| event), decided: self.decided() })
    }
}
