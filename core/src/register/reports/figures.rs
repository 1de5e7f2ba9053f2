//! What the reports count: talks with their visit and place, and sign-ups with what led to them and what came of them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::scope::Scope;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::day::later;
use crate::register::recruited::Recruiter;
use crate::register::status::Happened;
use crate::tables::{
    Campaign, Contact, MembershipEvent, MembershipKind, Occasion, Talk, TallyKind, Visit, VisitKind, Workplace,
};

/// A talk that long before a sign-up led to it.
pub(super) const LED_TO: i64 = 365;

/// A talk, or so many of them that were only tapped.
pub(super) struct TalkFact<'a> {
    /// The talk; none for those that were only tapped.
    pub(super) talk: Option<&'a Talk>,
    pub(super) visit: Option<Cow<'a, Visit>>,
    pub(super) place: Option<Id<Workplace>>,
    pub(super) n: i64,
}

impl TalkFact<'_> {
    fn is_in(&self, scope: &Scope) -> bool {
        let campaign = self.visit.as_ref().and_then(|visit| visit.campaign);
        scope.has_place(self.place) && scope.has_campaign(campaign)
    }
}

/// A sign-up, or so many without a name.
pub(super) struct SignUpFact<'a> {
    /// The contact that stands for the person; none for those without a name.
    pub(super) person: Option<Id<Contact>>,
    pub(super) on: Date,
    pub(super) visit: Option<Cow<'a, Visit>>,
    pub(super) place: Option<Id<Workplace>>,
    pub(super) campaign: Option<Id<Campaign>>,
    pub(super) recruiter: Option<Recruiter>,
    pub(super) n: i64,
    /// The day from which dues are paid, as far as it has come.
    pub(super) paid_on: Option<Date>,
    /// The day the person left again, likewise.
    pub(super) left_on: Option<Date>,
}

impl SignUpFact<'_> {
    /// What gave rise to it: the occasion of the talk that led to it, else what the visit was.
    pub(super) fn occasion(&self, register: &Register) -> Option<Occasion> {
        let talk = || register.talk_before(&register.one_person(self.person?), self.on)?.occasion;
        let visit = || occasion_at(self.visit.as_ref()?.kind?);
        talk().or_else(visit)
    }
}

/// The occasion that a visit of this kind is, where nobody wrote another down.
pub(super) fn occasion_at(kind: VisitKind) -> Option<Occasion> {
    match kind {
        VisitKind::Table => Some(Occasion::Table),
        VisitKind::Round => Some(Occasion::Visit),
        VisitKind::Induction => Some(Occasion::NewHire),
        VisitKind::Meeting => Some(Occasion::ClubMeeting),
        VisitKind::Calls => Some(Occasion::Phone),
        VisitKind::Lecture | VisitKind::Social | VisitKind::Digital => None,
    }
}

impl Register {
    /// The talks of a period, written down or only tapped.
    pub(super) fn talks_in(&self, scope: &Scope) -> Vec<TalkFact<'_>> {
        let written = self.talks_on_days_of(scope).map(|talk| self.talk_fact(talk));
        let tapped = self.visits().filter(|visit| scope.visit_day(visit).is_some()).map(|visit| TalkFact {
            talk: None,
            place: visit.workplace,
            n: self.unwritten_talks_at(visit.id),
            visit: Some(visit),
        });
        written.chain(tapped.filter(|fact| fact.n > 0)).filter(|fact| fact.is_in(scope)).collect()
    }

    /// Those of them that were written down. Where and at which visit each was is looked for only if it is asked about.
    pub(super) fn written_talks_in(&self, scope: &Scope) -> impl Iterator<Item = &Talk> {
        self.talks_on_days_of(scope).filter(move |talk| scope.is_everywhere() || self.talk_fact(talk).is_in(scope))
    }

    fn talks_on_days_of(&self, scope: &Scope) -> impl Iterator<Item = &Talk> {
        self.all::<Talk>().filter(move |talk| talk.at.is_some_and(|at| scope.has_day(at.date_naive())))
    }

    fn talk_fact<'a>(&'a self, talk: &'a Talk) -> TalkFact<'a> {
        let visit = talk.visit.and_then(|visit| self.visit_read(visit));
        let at_visit = visit.as_ref().and_then(|visit| visit.workplace);
        let of_contact = || self.workplace_of(&self.one_person(talk.contact?));
        let place = talk.workplace.or(at_visit).or_else(of_contact);
        TalkFact { talk: Some(talk), visit, place, n: 1 }
    }

    /// The sign-ups of a period, with a name or without.
    pub(super) fn sign_ups_in(&self, scope: &Scope) -> Vec<SignUpFact<'_>> {
        let signed = self.all::<MembershipEvent>().filter(|event| event.kind == Some(MembershipKind::Signed));
        let signed = signed.filter(|event| event.on.is_some_and(|on| scope.has_day(on)));
        let persons: BTreeSet<_> = signed.filter_map(|event| self.first_of_person(event.contact?)).collect();
        let mut all = Vec::new();
        for person in persons {
            let events = self.events_of(&self.one_person(person));
            all.extend(self.sign_ups_of(person, &events, scope));
        }
        all.extend(self.visits().filter_map(|visit| {
            let on = scope.visit_day(&visit)?;
            let n = self.tallied_of(visit.id, TallyKind::SignedWithoutName);
            (n > 0).then_some(SignUpFact {
                person: None,
                on,
                place: visit.workplace,
                campaign: visit.campaign,
                recruiter: None,
                n,
                paid_on: None,
                left_on: None,
                visit: Some(visit),
            })
        }));
        all
    }

    fn sign_ups_of<'a>(&'a self, person: Id<Contact>, events: &[Happened<'a>], scope: &Scope) -> Vec<SignUpFact<'a>> {
        let begun = self.distinct_sign_ups(events).into_iter();
        let begun = begun.filter_map(|signed| Some((signed.first, signed.on, events.get(signed.first)?.2)));
        let begun: Vec<(usize, Date, &MembershipEvent)> = begun.collect();
        let recruited = self.recruited(&self.one_person(person));
        let ends = begun.iter().skip(1).map(|(nth, on, _)| (*nth, *on)).chain([(events.len(), Date::MAX)]);
        let ends: Vec<_> = ends.collect();
        let asked = begun.iter().zip(ends).filter(|((_, on, _), _)| scope.has_day(*on));
        let facts = asked.map(|((nth, on, event), (next, end))| {
            let first = |wanted| {
                let since = events.get(*nth..next).unwrap_or_default();
                let then = since.iter().find(|(day, kind, _)| *kind == wanted && *day <= scope.today);
                then.map(|(day, ..)| *day)
            };
            let mut links = recruited.iter().rev();
            let named = links.find(|link| *on <= link.signed_on && link.signed_on < end);
            let visit = event.visit.and_then(|visit| self.visit_read(visit));
            let at_visit = visit.as_ref().and_then(|visit| visit.workplace);
            SignUpFact {
                person: Some(person),
                on: *on,
                place: at_visit.or_else(|| self.workplace_of(&self.one_person(person))),
                campaign: event.campaign.or(visit.as_ref().and_then(|visit| visit.campaign)),
                recruiter: named.map(|link| Recruiter::Colleague(link.by)).or(event.recruiter.map(Recruiter::Steward)),
                n: 1,
                paid_on: first(MembershipKind::Paying),
                left_on: first(MembershipKind::Left),
                visit,
            }
        });
        facts.filter(|fact| scope.has_place(fact.place) && scope.has_campaign(fact.campaign)).collect()
    }

    /// The last talk with a person before they signed up, or on the day.
    fn talk_before<'a>(&'a self, person: &[Id<Contact>], on: Date) -> Option<&'a Talk> {
        let days = later(on, -LED_TO)..=on;
        let talks = self.of_person::<Talk>(person).filter_map(|talk| Some((talk.at?, talk)));
        let before = talks.filter(|(at, _)| days.contains(&at.date_naive()));
        before.max_by_key(|(at, talk)| (*at, talk.id)).map(|(_, talk)| talk)
    }
}
