//! Those who turned to the union by themselves: who waits for an answer, and which ways people come.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::fold::folded;
use crate::register::names::filled;
use crate::tables::{Channel, Contact, Membership, MembershipEvent, Origin, Talk};

/// Somebody who turned to the union by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct InboundView {
    /// The person.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// Phone number.
    pub phone: Option<String>,
    /// How the person likes to be reached.
    pub channel: Option<Channel>,
    /// The way they came, in words, such as "wrote to us".
    pub source: Option<String>,
    /// The day they were written down.
    pub on: Date,
    /// The steward who keeps the relation.
    pub owner_name: Option<String>,
    /// The day somebody first talked with them; none while they wait.
    pub answered_on: Option<Date>,
    /// Where the person stands.
    pub status: Membership,
}

/// Those who turned to the union in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct InboundFigures {
    /// The way, in words; none where nobody noted it.
    pub source: Option<String>,
    /// How many came.
    pub contacts: i64,
    /// With how many of them somebody has talked.
    pub answered: i64,
    /// How many of them are members now.
    pub members: i64,
}

impl Register {
    /// Those who turned to the union by themselves in a period, the first that came first: whose record says that they told
    /// of themselves, and whom nobody had met at a visit until then. Whoever wants no contact is left out.
    pub fn inbound(&self, query: &ReportQuery) -> Vec<InboundView> {
        self.inbound_of(query, |person| !self.wants_peace(person) && !self.are_forgotten(person))
    }

    /// Those of these people who turned to the union by themselves in a period.
    fn inbound_of(&self, query: &ReportQuery, counts: impl Fn(&[Id<Contact>]) -> bool) -> Vec<InboundView> {
        let scope = Scope::of(self, query);
        let told = self.all::<Contact>().filter(|contact| contact.origin == Some(Origin::Themselves));
        let mut views: Vec<_> = told.filter_map(|contact| self.inbound_view(contact, &scope, &counts)).collect();
        views.sort_by_key(|view| (view.on, view.contact));
        views
    }

    fn inbound_view(
        &self,
        told: &Contact,
        scope: &Scope,
        counts: impl Fn(&[Id<Contact>]) -> bool,
    ) -> Option<InboundView> {
        let on = told.id.row().made_at()?.date_naive();
        let person = self.one_person(told.id);
        // A person of several such contacts came once.
        let came = person.iter().find(|id| self.get(**id).is_some_and(|one| one.origin == told.origin));
        let asked = came == Some(&told.id) && scope.has_day(on) && scope.has_place(self.workplace_of(&person));
        if !asked || !counts(&person) {
            return None;
        }
        let talks: Vec<_> =
            self.of_person::<Talk>(&person).filter_map(|talk| Some((talk.at?.date_naive(), talk.visit))).collect();
        let mut signed = self.of_person::<MembershipEvent>(&person).filter(|event| event.visit.is_some());
        let met = talks.iter().any(|(day, visit)| visit.is_some() && *day <= on)
            || signed.any(|event| event.on.is_some_and(|day| day <= on));
        let contact = self.merged(&person).filter(|_| !met)?;
        // What a list or a colleague said of where they have it from is no way to come.
        let mut by_themselves =
            person.iter().filter_map(|id| self.get(*id)).filter(|one: &&Contact| one.origin == told.origin);
        let source = by_themselves.find_map(|one| filled(&one.source)).map(str::to_owned);
        Some(InboundView {
            contact: contact.id,
            name: self.name_of_merged(&contact),
            phone: self.phone_of(&person),
            channel: contact.channel,
            source,
            on,
            owner_name: contact.owner.and_then(|id| self.person_name(id)),
            answered_on: talks.iter().map(|(day, _)| *day).filter(|day| *day >= on).min(),
            status: self.status(&person),
        })
    }

    /// The same in numbers, by the way they came, the way that most took first, with those whom nobody is to contact or
    /// remembers any more.
    pub fn inbound_figures(&self, query: &ReportQuery) -> Vec<InboundFigures> {
        let mut by_source: BTreeMap<Option<String>, InboundFigures> = BTreeMap::new();
        for view in self.inbound_of(query, |_| true) {
            let key = view.source.as_deref().map(folded);
            let none = || InboundFigures { source: view.source.clone(), contacts: 0, answered: 0, members: 0 };
            let figures = by_source.entry(key).or_insert_with(none);
            figures.contacts += 1;
            figures.answered += i64::from(view.answered_on.is_some());
            figures.members += i64::from(self.is_in_on(&self.one_person(view.contact), query.today));
        }
        let mut figures: Vec<_> = by_source.into_values().collect();
        figures.sort_by_key(|figures| (Reverse(figures.contacts), figures.source.is_none(), figures.source.clone()));
        figures
    }
}
