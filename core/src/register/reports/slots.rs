//! The best time and place of each workplace, by what came of the visits there.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use crate::ids::Id;
use crate::register::Register;
use crate::register::fold::folded;
use crate::register::names::filled;
use crate::tables::{Visit, Workplace};

/// One workplace, and when people are best met there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct BestSlotView {
    /// The workplace.
    pub workplace: Id<Workplace>,
    /// Its name.
    pub workplace_name: String,
    /// What the stewards noted on the workplace themselves.
    pub noted: Option<String>,
    /// The slots in which somebody was there, the best first.
    pub slots: Vec<SlotFigures>,
}

/// What came of the visits in one slot of one workplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SlotFigures {
    /// The slot, as it was first spelled.
    pub slot: String,
    /// Visits that took place.
    pub visits: i64,
    /// Talks, written down or tapped.
    pub talks: i64,
    /// Sign-ups, with a name or without.
    pub signed: i64,
}

type BySlot = BTreeMap<(Id<Workplace>, String), SlotFigures>;

impl Register {
    /// For each workplace with a best slot noted, or a visit in a slot in the period: its slots by sign-ups for each visit,
    /// and then by talks for each visit; a slot that was tried often does not win by that alone.
    pub fn best_slots(&self, query: &ReportQuery) -> Vec<BestSlotView> {
        let scope = Scope::of(self, query);
        let mut by_slot = BySlot::new();
        for visit in self.visits() {
            let Some(day) = scope.visit_day(&visit) else { continue };
            if self.took_place(&visit, day <= query.today)
                && let Some(figures) = figures_of(&mut by_slot, &visit)
            {
                figures.visits += 1;
            }
        }
        for fact in self.talks_in(&scope) {
            if let Some(figures) = fact.visit.as_deref().and_then(|visit| figures_of(&mut by_slot, visit)) {
                figures.talks = figures.talks.saturating_add(fact.n);
            }
        }
        for fact in self.sign_ups_in(&scope) {
            if let Some(figures) = fact.visit.as_deref().and_then(|visit| figures_of(&mut by_slot, visit)) {
                figures.signed = figures.signed.saturating_add(fact.n);
            }
        }
        let mut slots: BTreeMap<Id<Workplace>, Vec<SlotFigures>> = BTreeMap::new();
        by_slot.into_iter().for_each(|((place, _), figures)| slots.entry(place).or_default().push(figures));
        let places = self.all::<Workplace>().filter(|place| place.archived != Some(true));
        let views = places.filter(|place| scope.has_place(Some(place.id))).filter_map(|place| {
            let mut slots = slots.remove(&place.id).unwrap_or_default();
            slots.sort_by_key(|figures| Reverse((figures.each(figures.signed), figures.each(figures.talks))));
            let noted = filled(&place.best_slot).map(str::to_owned);
            (noted.is_some() || !slots.is_empty()).then(|| BestSlotView {
                workplace: place.id,
                workplace_name: self.workplace_name(place.id).unwrap_or_default(),
                noted,
                slots,
            })
        });
        let mut views: Vec<_> = views.collect();
        views.sort_by(|one, other| (&one.workplace_name, one.workplace).cmp(&(&other.workplace_name, other.workplace)));
        views
    }
}

impl SlotFigures {
    /// So many for each visit, in thousandths. Where something was written down at a visit that nobody closed, that is one.
    fn each(&self, n: i64) -> i64 {
        n.saturating_mul(1_000) / self.visits.max(1)
    }
}

/// The figures of a visit's workplace and slot, where it has both.
fn figures_of<'a>(by_slot: &'a mut BySlot, visit: &Visit) -> Option<&'a mut SlotFigures> {
    let (place, slot) = (visit.workplace?, filled(&visit.slot)?);
    let none = || SlotFigures { slot: slot.to_owned(), visits: 0, talks: 0, signed: 0 };
    Some(by_slot.entry((place, folded(slot))).or_insert_with(none))
}
