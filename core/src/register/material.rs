//! Material as whoever packs it sees it: what the visits to come still need, and what lies with whom.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Register;
use super::names::filled;
use super::reports::ReportQuery;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Material, Move, MoveKind, Person, Table, Visit, VisitState};

/// A visit to come, and the material that was ordered for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VisitNeeds {
    /// The visit.
    pub visit: Id<Visit>,
    /// Its day.
    pub on: Date,
    /// The workplace and the spot.
    pub place: String,
    /// What it needs, by name.
    pub items: Vec<NeededItem>,
}

/// One material that a visit needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NeededItem {
    /// The material.
    pub material: Id<Material>,
    /// Name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// How many were ordered for the visit, less what has gone out there already.
    pub needed: i64,
    /// How many of them the stock does not reach for.
    pub missing: i64,
}

/// Material that lies with a steward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AllotmentView {
    /// With whom.
    pub person: Id<Person>,
    /// Name.
    pub person_name: String,
    /// The material.
    pub material: Id<Material>,
    /// Its name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// How many were given out, less what came back.
    pub n: i64,
}

impl Register {
    /// What the visits of these days need, by day and hour: all that was ordered for them. What is in stock goes to the
    /// first visit to come first, also to one before these days. A visit that is over or was called off needs nothing.
    pub fn visit_needs(&self, from: Date, until: Date, today: Date) -> Vec<VisitNeeds> {
        let stock = self.stock(&ReportQuery::of(today, today, today));
        let mut left: BTreeMap<_, _> = stock.into_iter().map(|stock| (stock.material, stock.left.max(0))).collect();
        let mut needs = Vec::new();
        for (on, visits) in self.visits_on(today..=until) {
            for visit in visits.iter().filter(|visit| is_to_come(visit.state)) {
                let items = self.needed_at(visit.id).into_iter().filter(|(_, needed)| *needed > 0);
                let items = items.map(|(material, needed)| {
                    let taken = left.get_mut(&material).map_or(0, |left| {
                        let taken = needed.min(*left);
                        *left -= taken;
                        taken
                    });
                    NeededItem {
                        material,
                        name: self.title(Table::Materials, material.row()),
                        unit: self.unit_of(material),
                        needed,
                        missing: needed - taken,
                    }
                });
                let mut items: Vec<_> = items.collect();
                items.sort_by(|one, other| (&one.name, one.material).cmp(&(&other.name, other.material)));
                if on >= from && !items.is_empty() {
                    needs.push(VisitNeeds { visit: visit.id, on, place: self.place_of(visit), items });
                }
            }
        }
        needs
    }

    fn needed_at(&self, visit: Id<Visit>) -> BTreeMap<Id<Material>, i64> {
        let mut needed = BTreeMap::new();
        for moved in self.at_visit::<Move>(visit) {
            let (Some(material), Some(kind), Some(n)) = (moved.material, moved.kind, moved.n) else { continue };
            let n = match kind {
                MoveKind::Ordered => n.max(0),
                MoveKind::HandedOut | MoveKind::Placed => -n.max(0),
                MoveKind::Received | MoveKind::TakenBack => 0,
            };
            let sum: &mut i64 = needed.entry(material).or_default();
            *sum = sum.saturating_add(n);
        }
        needed
    }

    /// What lies with whom, by person and material: what was placed with a steward and neither at a workplace nor at a
    /// visit, less what that steward brought back.
    pub fn allotments(&self) -> Vec<AllotmentView> {
        let mut held: BTreeMap<(Id<Person>, Id<Material>), i64> = BTreeMap::new();
        for moved in self.all::<Move>().filter(|moved| moved.visit.is_none() && moved.workplace.is_none()) {
            let (Some(person), Some(material), Some(n)) = (moved.by, moved.material, moved.n) else { continue };
            let n = match moved.kind {
                Some(MoveKind::Placed) => n.max(0),
                Some(MoveKind::TakenBack) => -n.max(0),
                _ => continue,
            };
            let sum = held.entry((person, material)).or_default();
            *sum = sum.saturating_add(n);
        }
        let views = held.into_iter().filter(|(_, n)| *n > 0).map(|((person, material), n)| AllotmentView {
            person,
            person_name: self.person_name(person).unwrap_or_default(),
            material,
            name: self.title(Table::Materials, material.row()),
            unit: self.unit_of(material),
            n,
        });
        let mut views: Vec<_> = views.collect();
        views.sort_by(|one, other| {
            let order =
                |view: &AllotmentView| (view.person_name.clone(), view.person, view.name.clone(), view.material);
            order(one).cmp(&order(other))
        });
        views
    }

    fn unit_of(&self, material: Id<Material>) -> Option<String> {
        self.get(material).and_then(|material| filled(&material.unit)).map(str::to_owned)
    }
}

const fn is_to_come(state: Option<VisitState>) -> bool {
    !matches!(state, Some(VisitState::Done | VisitState::Cancelled))
}
