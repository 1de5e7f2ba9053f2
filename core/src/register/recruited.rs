//! Who recruited whom: a steward, whom the sign-up names, or a colleague, who is in the register like those they bring.
//!
//! The colleague stands in a link and not in the sign-up. A link is about both of its contacts, so erasing the colleague takes
//! the link and leaves the sign-up; contacts that are one person read as one there as everywhere. Links stand beside the events,
//! so each is held to a sign-up by its day: the last that had begun by then, else the first.

use std::collections::BTreeSet;

use super::Register;
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Link, LinkKind, MembershipEvent, MembershipKind, Person};

/// Who recruited at a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Recruiter {
    /// A steward.
    Steward(Id<Person>),
    /// A colleague: the contact that stands for the person.
    Colleague(Id<Contact>),
}

impl Recruiter {
    /// The row that says who it is.
    pub(super) const fn row(self) -> RowId {
        match self {
            Self::Steward(id) => id.row(),
            Self::Colleague(id) => id.row(),
        }
    }

    pub(super) const fn steward(self) -> Option<Id<Person>> {
        match self {
            Self::Steward(id) => Some(id),
            Self::Colleague(_) => None,
        }
    }

    pub(super) const fn colleague(self) -> Option<Id<Contact>> {
        match self {
            Self::Steward(_) => None,
            Self::Colleague(id) => Some(id),
        }
    }
}

/// A link that says who recruited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recruited {
    /// The link.
    pub(crate) link: Id<Link>,
    /// The day of the sign-up that it tells of.
    pub(crate) signed_on: Date,
    /// The contact that stands for the colleague.
    pub(crate) by: Id<Contact>,
}

impl Register {
    /// The colleagues who recruited a person, by the links that say so, the first written first. Left out is who was removed, and
    /// who turned out to be the person themselves.
    pub(crate) fn recruited(&self, person: &[Id<Contact>]) -> Vec<Recruited> {
        let links: BTreeSet<Id<Link>> = person.iter().flat_map(|id| self.indexes.pointing::<Link>(id.row())).collect();
        let links = links.into_iter().filter_map(|id| self.get(id));
        let links = links.filter(|link| link.kind == Some(LinkKind::Recruited) && link.undone != Some(true));
        let links: Vec<_> = links.filter(|link| link.a.is_some_and(|a| person.contains(&a))).collect();
        if links.is_empty() {
            return Vec::new();
        }
        let signed = self.events_of(person).into_iter().filter(|(_, kind, _)| *kind == MembershipKind::Signed);
        let signed: Vec<Date> = signed.map(|(on, ..)| on).collect();
        let told = links.into_iter().filter_map(|link| {
            let by = self.first_of_person(link.b?).filter(|by| !person.contains(by))?;
            let made_on = || self.made_on(link.id);
            let day = link.at.map(|at| at.date_naive()).or_else(made_on);
            let begun = signed.iter().rev().find(|on| day.is_some_and(|day| **on <= day));
            Some(Recruited { link: link.id, signed_on: *begun.or(signed.first())?, by })
        });
        told.collect()
    }

    /// Who recruited at this sign-up of a person: the colleague who was named last, else the steward whom it names.
    pub(super) fn recruiter_at(&self, person: &[Id<Contact>], signed: &MembershipEvent) -> Option<Recruiter> {
        let mut links = self.recruited(person).into_iter().rev();
        let named = links.find(|link| Some(link.signed_on) == signed.on);
        named.map(|link| Recruiter::Colleague(link.by)).or(signed.recruiter.map(Recruiter::Steward))
    }

    /// A recruiter's name.
    pub(super) fn recruiter_name(&self, recruiter: Recruiter) -> Option<String> {
        match recruiter {
            Recruiter::Steward(id) => self.person_name(id),
            Recruiter::Colleague(id) => self.merged(&self.one_person(id)).map(|contact| self.name_of_merged(&contact)),
        }
    }
}
