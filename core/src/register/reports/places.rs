//! Coverage and density: every workplace with its sub-sites.
//!
//! A number that a workplace has is the number of the whole of it; where it has none, its parts are summed. So a site
//! whose office list counts two hundred members has two hundred, whatever its buildings say.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::sheet::{Cell, Sheet, Spec};
use crate::context::Date;
use crate::ids::Id;
use crate::register::{CoverageView, Register};
use crate::tables::Workplace;

/// One workplace with its sub-sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PlaceFigures {
    /// The workplace.
    pub workplace: Id<Workplace>,
    /// Name.
    pub name: String,
    /// How deep it lies within the workplaces before it.
    pub depth: u32,
    /// How many could be members.
    pub eligible: Option<i64>,
    /// Members.
    pub members: i64,
    /// How many more could be.
    pub potential: Option<i64>,
    /// Visits until today.
    pub visits: i64,
    /// The day of the last.
    pub last_on: Option<Date>,
    /// The day of the next that is planned.
    pub next_on: Option<Date>,
    /// Whether the last is too long ago.
    pub overdue: bool,
}

impl Register {
    /// Every workplace that is not archived, each above its sub-sites, by name; of one workplace only, if one is asked about.
    /// What lies within an archived one stands below what that is part of. The numbers are those of today, whatever the period.
    pub fn density(&self, query: &ReportQuery) -> Vec<PlaceFigures> {
        let tree = self.place_tree();
        let own: BTreeMap<_, _> =
            self.coverage(query.today, None).into_iter().map(|view| (view.workplace, view)).collect();
        let noted = |id: &Id<Workplace>| self.get(*id).is_some_and(|place| place.members_office.is_some());
        // Each with how deep it lies within those that are shown; `above` has how deep those lie within all.
        let mut above: Vec<u32> = Vec::new();
        let listed = tree.in_order.iter().filter_map(|(place, depth)| {
            while above.pop_if(|above| *above >= *depth).is_some() {}
            let view = own.get(place)?;
            let within = u32::try_from(above.len()).unwrap_or(u32::MAX);
            above.push(*depth);
            Some((view, within))
        });
        let listed: Vec<_> = listed.collect();
        let mut figures: Vec<PlaceFigures> = Vec::with_capacity(own.len());
        // From the deepest up: a workplace comes after all that lies within it.
        for (view, depth) in listed.into_iter().rev() {
            let below = figures.iter().rev().take_while(|figures| figures.depth > depth);
            let below: Vec<_> = below.filter(|figures| figures.depth == depth.saturating_add(1)).collect();
            let summed = sum_of(view, &below, noted(&view.workplace));
            figures.push(PlaceFigures { depth, ..summed });
        }
        figures.reverse();
        let Some(asked) = query.workplace else { return figures };
        let within = tree.within(asked);
        figures.retain(|figures| within.contains(&figures.workplace));
        let top = figures.iter().map(|figures| figures.depth).min().unwrap_or(0);
        figures.iter_mut().for_each(|figures| figures.depth = figures.depth.saturating_sub(top));
        figures
    }
}

fn sum_of(own: &CoverageView, below: &[&PlaceFigures], noted: bool) -> PlaceFigures {
    let of_parts =
        |number: fn(&PlaceFigures) -> i64| below.iter().map(|figures| number(figures)).fold(0, i64::saturating_add);
    let parts = below.iter().filter_map(|figures| figures.eligible).reduce(i64::saturating_add);
    let eligible = own.size.or(parts);
    let members = if noted { own.members } else { own.members.saturating_add(of_parts(|part| part.members)) };
    let last_on = below.iter().filter_map(|figures| figures.last_on).max().max(own.last_on);
    let next_on = below.iter().filter_map(|figures| figures.next_on).chain(own.next_on).min();
    PlaceFigures {
        workplace: own.workplace,
        name: own.name.clone(),
        depth: 0,
        eligible,
        members,
        potential: eligible.map(|eligible| eligible.saturating_sub(members).max(0)),
        visits: i64::from(own.visits).saturating_add(of_parts(|part| part.visits)),
        last_on,
        next_on,
        overdue: own.overdue && below.iter().all(|figures| figures.overdue),
    }
}

/// What is shared shows each site as a whole, as [`Register::told_as`] says.
fn shown(figures: &[PlaceFigures], shared: bool) -> impl Iterator<Item = &PlaceFigures> {
    figures.iter().filter(move |figures| !shared || figures.depth == 0)
}

/// The table of where somebody was.
pub(super) fn coverage_sheet(figures: &[PlaceFigures], shared: bool) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::text("workplace"),
        Spec::count("visits"),
        Spec::date("last_on"),
        Spec::date("next_on"),
        Spec::word("overdue"),
        Spec::known_people("eligible", 0),
        Spec::people("potential", 0),
    ]);
    for place in shown(figures, shared) {
        sheet.row_at(
            place.depth,
            [
                Cell::Text(place.name.clone()),
                Cell::Count(place.visits),
                Cell::date(place.last_on),
                Cell::date(place.next_on),
                Cell::yes(place.overdue),
                Cell::count(place.eligible),
                Cell::count(place.potential),
            ],
        );
    }
    sheet
}

/// The table of who is a member and who could be.
pub(super) fn density_sheet(figures: &[PlaceFigures], shared: bool) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::text("workplace"),
        Spec::known_people("eligible", 0),
        Spec::people("members", 0),
        Spec::people("potential", 0),
        Spec::share("density", "members", "eligible", 0),
    ]);
    for place in shown(figures, shared) {
        sheet.row_at(
            place.depth,
            [
                Cell::Text(place.name.clone()),
                Cell::count(place.eligible),
                Cell::Count(place.members),
                Cell::count(place.potential),
            ],
        );
    }
    sheet
}
