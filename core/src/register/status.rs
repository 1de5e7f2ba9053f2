//! Where a person stands towards the union, which offer a sign-up takes and until when it is free: from what happened.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::Register;
use super::day::{later, months_later};
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Campaign, Contact, Membership, MembershipEvent, MembershipKind, Visit};

/// The day the free months end: so many calendar months after the sign-up, and the last day of a month that is too
/// short. Six months from 31 August end on the last day of February. Nothing where the campaign gives no free months.
pub fn trial_end(signed_on: Date, months: i64) -> Option<Date> {
    if months > 0 { months_later(signed_on, months) } else { None }
}

/// Months after the free ones in which dues may be paid, where the campaign names no number.
const DUES_MONTHS: i64 = 3;
/// Months after a sign-up within which free months have ended of which no end is known.
pub(super) const LONGEST_TRIAL: i64 = 12;
/// Two sign-ups of one person within so many days are one, unless what the first began had ended.
const SAME_SIGN_UP: i64 = 365;

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

/// A sign-up of a person, with those that are the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignUps {
    /// Where the first of them stands in what happened: it counts in the reports.
    pub(super) first: usize,
    /// Its day.
    pub(super) on: Date,
    /// Where the one stands whose free months count: the last that tells of some, else the last.
    counts: usize,
    /// The last day on which dues may be paid after those.
    lapses: Option<Date>,
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

    /// What a person decided since the latest membership began, from whatever day it holds.
    pub(super) fn decided(&self, person: &[Id<Contact>]) -> Option<&MembershipEvent> {
        self.latest_events(person).decided()
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

    /// The last day on which dues may be paid for free months.
    fn last_day_of(&self, trial: &Trial<'_>) -> Date {
        self.dues_by(trial.signed.and_then(|event| event.campaign), trial.ends_on)
    }

    /// The same for those of a campaign that end on a day.
    pub(super) fn dues_by(&self, campaign: Option<Id<Campaign>>, free_until: Date) -> Date {
        let months = campaign.and_then(|id| self.rows.held(id)?.row.score_months);
        months_later(free_until, months.unwrap_or(DUES_MONTHS)).unwrap_or(Date::MAX)
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
        let is_noted = noted == Membership::Member;
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

    /// The first day from this one on which paying or leaving decides where the person stands: no earlier than the latest
    /// membership began.
    pub(crate) fn decides_from(&self, person: &[Id<Contact>], day: Date) -> Date {
        self.latest_events(person).began().map_or(day, |began| began.max(day))
    }

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

    /// The day that free months end by this event alone: the day it names, or the campaign's months after the sign-up.
    fn trial_end_of(&self, event: &MembershipEvent) -> Option<Date> {
        match event.kind? {
            MembershipKind::TrialEnds => event.on,
            MembershipKind::Signed => self.free_until(event.campaign?, event.on?),
            MembershipKind::Paying | MembershipKind::Left => None,
        }
    }

    /// The events of a person but for decisions that are dated after a day, and whether by those they leave.
    fn events_by(&self, person: &[Id<Contact>], today: Date) -> (Vec<(Date, MembershipKind, &MembershipEvent)>, bool) {
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

    fn latest_events(&self, person: &[Id<Contact>]) -> Latest<'_> {
        self.latest_of(&self.events_of(person))
    }

    /// What happened to a person's membership, in its order: by day, on one day as the kinds stand, and then as it was written
    /// down. Only a leaving that was written down before a sign-up of its day stands before that one. Of two opposite decisions
    /// about one end of free months the later is left, whoever wrote it.
    pub(super) fn events_of<'a>(&'a self, person: &[Id<Contact>]) -> Vec<(Date, MembershipKind, &'a MembershipEvent)> {
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
    fn at_odds_with<'a>(
        &self,
        all: &[(Date, MembershipKind, &'a MembershipEvent)],
        at: usize,
    ) -> Vec<&'a MembershipEvent> {
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

    /// The decisions of a person that another one, noted today, takes back: each a leaving that has not come, a leaving also a
    /// payment of its day or later that has not, and a payment a leaving of the same free months. Both are of those as long as
    /// dues may be paid for them.
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
                began.is_none_or(|began| began <= left) && (today < left || is_of_these)
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

    /// The day from which an event of a day tells where a person stands. That free months end tells of them as soon as it is
    /// written down: by then they had begun.
    fn tells_from(&self, on: Date, event: &MembershipEvent) -> Date {
        match event.kind {
            Some(MembershipKind::TrialEnds) => self.made_on(event.id).map_or(on, |made| made.min(on)),
            _ => on,
        }
    }

    fn latest_of<'a>(&self, all: &[(Date, MembershipKind, &'a MembershipEvent)]) -> Latest<'a> {
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

    /// The sign-ups among what happened to a person. A later one is the same within a year, while what the one before began
    /// still holds: until the person leaves, and unless dues are paid until the free months have lapsed.
    pub(super) fn distinct_sign_ups(&self, all: &[(Date, MembershipKind, &MembershipEvent)]) -> Vec<SignUps> {
        let ends = all.iter().filter(|(_, kind, _)| *kind == MembershipKind::TrialEnds);
        let told_end = ends.map(|(on, ..)| *on).max();
        let mut begun: Vec<SignUps> = Vec::new();
        let (mut paid_since, mut left_since) = (false, false);
        for (nth, (on, kind, event)) in all.iter().enumerate() {
            match kind {
                MembershipKind::Signed => {
                    let own_end = self.trial_end_of(event);
                    let free_until = told_end.filter(|end| on <= end).or(own_end);
                    let lapses = free_until.map(|end| self.dues_by(event.campaign, end));
                    let before = begun.last().copied().filter(|last| {
                        !left_since && (paid_since || last.lapses.is_none_or(|last_day| *on <= last_day))
                    });
                    // Without free months of its own it takes none away.
                    let kept = before.filter(|last| own_end.is_none() && last.lapses.is_some());
                    let (counts, lapses) = kept.map_or((nth, lapses), |last| (last.counts, last.lapses));
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
    pub(super) fn sign_up_among<'a>(
        &self,
        events: &[(Date, MembershipKind, &'a MembershipEvent)],
    ) -> Option<(Date, &'a MembershipEvent)> {
        self.latest_of(events).signed.map(|(on, event, _)| (on, event))
    }
}

impl MembershipKind {
    /// Whether it says what a person decided: to pay dues, or to leave.
    pub(crate) const fn decides(self) -> bool {
        matches!(self, Self::Paying | Self::Left)
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

/// Whether a day lies within a campaign; one without a first or a last day is open on that side.
fn runs(campaign: &Campaign, on: Date) -> bool {
    campaign.starts_on.is_none_or(|first| first <= on) && campaign.ends_on.is_none_or(|last| on <= last)
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
