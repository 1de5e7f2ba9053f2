//! Those who turned to the union by themselves: who waits for an answer, and which ways people come.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, Sheet, Spec};
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

/// Those who turned to the union in one way in one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct InboundMonth {
    /// The last day of the month, or of the period.
    pub on: Date,
    /// Those who came.
    pub figures: InboundFigures,
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
        let on = self.made_by(told.id, scope.today)?;
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
            status: self.status(&person, scope.today),
        })
    }

    /// The same in numbers, by the way they came, the way that most took first, with those whom nobody is to contact or
    /// remembers any more.
    pub fn inbound_figures(&self, query: &ReportQuery) -> Vec<InboundFigures> {
        self.inbound_by(query, |_| ()).into_iter().map(|(_, figures)| figures).collect()
    }

    /// The same month by month; months in which nobody came are left out.
    pub fn inbound_by_month(&self, query: &ReportQuery) -> Vec<InboundMonth> {
        let months = self.inbound_by(query, |view| query.month_end(view.on));
        months.into_iter().map(|(on, figures)| InboundMonth { on, figures }).collect()
    }

    /// The same by the way they came and by what else tells them apart.
    fn inbound_by<K: Ord + Copy>(
        &self,
        query: &ReportQuery,
        apart: impl Fn(&InboundView) -> K,
    ) -> Vec<(K, InboundFigures)> {
        // A way is called as it was first written, wherever it comes again.
        let mut called: BTreeMap<String, String> = BTreeMap::new();
        let mut by_source: BTreeMap<(K, Option<String>), InboundFigures> = BTreeMap::new();
        for view in self.inbound_of(query, |_| true) {
            let key = view.source.as_deref().map(folded);
            let written = key.clone().zip(view.source.clone());
            let source = written.map(|(key, source)| called.entry(key).or_insert(source).clone());
            let none = || InboundFigures { source, contacts: 0, answered: 0, members: 0 };
            let figures = by_source.entry((apart(&view), key)).or_insert_with(none);
            figures.contacts += 1;
            figures.answered += i64::from(view.answered_on.is_some());
            figures.members += i64::from(self.is_in_on(&self.one_person(view.contact), query.today));
        }
        let mut figures: Vec<_> = by_source.into_iter().map(|((key, _), figures)| (key, figures)).collect();
        figures.sort_by_key(|(key, figures)| {
            (*key, Reverse(figures.contacts), figures.source.is_none(), figures.source.clone())
        });
        figures
    }
}

/// The table of those who turned to the union.
pub(super) fn sheet(months: &[InboundMonth]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::date("on"),
        Spec::groups("source"),
        Spec::people("persons", 0),
        Spec::people("answered", 1).of("persons"),
        Spec::people("members", 2).of("persons"),
        Spec::share("members_share", "members", "persons", 2),
    ]);
    for InboundMonth { on, figures } in months {
        sheet.row([
            Cell::Date(*on),
            figures.source.clone().map_or(NOT_SAID, Cell::Text),
            Cell::Count(figures.contacts),
            Cell::Count(figures.answered),
            Cell::Count(figures.members),
        ]);
    }
    sheet
}
