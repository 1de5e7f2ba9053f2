//! What a query keeps: a period, a workplace with its sub-sites, a campaign.

use std::collections::BTreeSet;

use super::ReportQuery;
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::tables::{Campaign, Visit, Workplace};

impl Register {
    /// The workplace under which a report tells of this one: itself, and in what is shared the whole site, or as much of it as
    /// is asked about. The parts of a known whole give each other away.
    pub(super) fn told_as(&self, place: Id<Workplace>, query: &ReportQuery) -> Id<Workplace> {
        if !query.shared {
            return place;
        }
        let around = self.place_and_above(place);
        let asked = query.workplace.filter(|asked| around.contains(asked));
        asked.or_else(|| around.last().copied()).unwrap_or(place)
    }
}

/// A query, with what it takes to ask it of a row.
#[derive(Debug)]
pub(super) struct Scope {
    from: Date,
    until: Date,
    pub(super) today: Date,
    places: Option<BTreeSet<Id<Workplace>>>,
    campaign: Option<Id<Campaign>>,
}

impl Scope {
    pub(super) fn of(register: &Register, query: &ReportQuery) -> Self {
        let places = query.workplace.map(|place| register.place_tree().within(place).into_iter().collect());
        Self { from: query.from, until: query.until, today: query.today, places, campaign: query.campaign }
    }

    /// Whether a day lies in the period.
    pub(super) fn has_day(&self, day: Date) -> bool {
        (self.from..=self.until).contains(&day)
    }

    /// Whether a workplace is asked about; what has none only is where none is named.
    pub(super) fn has_place(&self, place: Option<Id<Workplace>>) -> bool {
        self.places.as_ref().is_none_or(|places| place.is_some_and(|place| places.contains(&place)))
    }

    /// Whether no workplace and no campaign is named.
    pub(super) fn is_everywhere(&self) -> bool {
        self.places.is_none() && self.campaign.is_none()
    }

    /// Whether a campaign is asked about.
    pub(super) fn has_campaign(&self, campaign: Option<Id<Campaign>>) -> bool {
        self.campaign.is_none() || campaign == self.campaign
    }

    /// The day of a visit that is asked about.
    pub(super) fn visit_day(&self, visit: &Visit) -> Option<Date> {
        let day = visit.starts_at?.date_naive();
        let asked = self.has_day(day) && self.has_place(visit.workplace) && self.has_campaign(visit.campaign);
        asked.then_some(day)
    }
}
