//! The card of a workplace: the line to its HR, its parts and their groups, what makes the union visible, when to come.

use serde::Serialize;

use super::Register;
use super::names::filled;
use super::reports::{BestSlotView, CheckView, ReportQuery};
use crate::context::Date;
use crate::ids::Id;
use crate::tables::Workplace;

/// One workplace, with what its parts and the larger workplace add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WorkplaceCard {
    /// The workplace.
    pub workplace: Workplace,
    /// The larger workplace that it is part of.
    pub part_of: Option<String>,
    /// The contact at the employer's HR; the larger workplace's where this one has none.
    pub hr_name: Option<String>,
    /// That contact's phone.
    pub hr_phone: Option<String>,
    /// The employer's next induction of new colleagues, likewise.
    pub next_induction: Option<Date>,
    /// The link to its group, likewise.
    pub group_link: Option<String>,
    /// Its parts, at any depth, each with its own group; archived ones are left out.
    pub parts: Vec<PartView>,
    /// What makes the union visible here and at its parts.
    pub visibility: Vec<CheckView>,
    /// When people are best met, here and at its parts.
    pub best_slots: Vec<BestSlotView>,
}

/// A part of a workplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PartView {
    /// The part.
    pub workplace: Id<Workplace>,
    /// Its name.
    pub name: String,
    /// The link to its own group.
    pub group_link: Option<String>,
}

impl Register {
    /// The card of a workplace, with the results of a period; nothing where there is none, or it was removed.
    pub fn workplace_card(&self, workplace: Id<Workplace>, query: &ReportQuery) -> Option<WorkplaceCard> {
        let row = self.get(workplace)?.clone();
        let query = ReportQuery { workplace: Some(workplace), ..query.clone() };
        let line: Vec<_> = self.place_and_above(workplace).into_iter().filter_map(|id| self.get(id)).collect();
        // Name and phone are of one contact: the nearest workplace that says anything of HR says both.
        let hr = line.iter().find(|place| filled(&place.hr_name).is_some() || filled(&place.hr_phone).is_some());
        let parts = self.place_tree().within(workplace).into_iter().filter(|id| *id != workplace);
        let parts = parts.filter_map(|id| self.get(id)).filter(|place| place.archived != Some(true));
        Some(WorkplaceCard {
            part_of: row.parent.and_then(|id| self.workplace_name(id)),
            hr_name: hr.and_then(|place| filled(&place.hr_name)).map(str::to_owned),
            hr_phone: hr.and_then(|place| filled(&place.hr_phone)).map(str::to_owned),
            next_induction: line.iter().find_map(|place| place.next_induction),
            group_link: line.iter().find_map(|place| filled(&place.group_link)).map(str::to_owned),
            parts: parts
                .map(|place| PartView {
                    workplace: place.id,
                    name: self.workplace_name(place.id).unwrap_or_default(),
                    group_link: filled(&place.group_link).map(str::to_owned),
                })
                .collect(),
            visibility: self.visibility(&query),
            best_slots: self.best_slots(&query),
            workplace: row,
        })
    }
}
