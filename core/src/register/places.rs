//! Workplaces within workplaces: a site, its buildings, their departments.

use std::collections::{BTreeMap, BTreeSet};

use super::Register;
use crate::ids::Id;
use crate::tables::Workplace;

/// The workplaces as a tree. A circle of parents, which two phones can make together, is cut where it is entered.
#[derive(Debug, Default)]
pub(super) struct PlaceTree {
    below: BTreeMap<Id<Workplace>, Vec<Id<Workplace>>>,
    /// Every workplace with how deep it lies, each directly above those within it; by name among their like.
    pub(super) in_order: Vec<(Id<Workplace>, u32)>,
}

impl PlaceTree {
    /// The workplaces within this one, at any depth, itself first.
    pub(super) fn within(&self, place: Id<Workplace>) -> Vec<Id<Workplace>> {
        let mut all = vec![place];
        let mut seen = BTreeSet::from([place]);
        let mut next = 0;
        while let Some(at) = all.get(next).copied() {
            next += 1;
            all.extend(self.below.get(&at).into_iter().flatten().copied().filter(|below| seen.insert(*below)));
        }
        all
    }
}

impl Register {
    /// All workplaces that were not removed, archived ones too.
    pub(super) fn place_tree(&self) -> PlaceTree {
        let mut tree = PlaceTree::default();
        let mut tops = Vec::new();
        for place in self.all::<Workplace>() {
            match place.parent.filter(|parent| self.get(*parent).is_some()) {
                Some(parent) => tree.below.entry(parent).or_default().push(place.id),
                None => tops.push(place.id),
            }
        }
        let by_name = |id: &Id<Workplace>| (self.workplace_name(*id), *id);
        tops.sort_by_cached_key(by_name);
        tree.below.values_mut().for_each(|places| places.sort_by_cached_key(by_name));
        let mut seen = BTreeSet::new();
        for top in tops {
            tree.descend(top, 0, &mut seen);
        }
        // What only circles reach.
        for place in self.all::<Workplace>().map(|place| place.id) {
            tree.descend(place, 0, &mut seen);
        }
        tree
    }

    /// A workplace and those that it is part of.
    pub(super) fn place_and_above(&self, place: Id<Workplace>) -> Vec<Id<Workplace>> {
        let mut around = vec![place];
        let mut at = place;
        while let Some(parent) = self.get(at).and_then(|place| place.parent)
            && !around.contains(&parent)
        {
            around.push(parent);
            at = parent;
        }
        around
    }
}

impl PlaceTree {
    fn descend(&mut self, top: Id<Workplace>, depth: u32, seen: &mut BTreeSet<Id<Workplace>>) {
        let mut open = vec![(top, depth)];
        while let Some((place, depth)) = open.pop() {
            if !seen.insert(place) {
                continue;
            }
            self.in_order.push((place, depth));
            let below = self.below.get(&place).into_iter().flatten().rev();
            open.extend(below.map(|below| (*below, depth.saturating_add(1))));
        }
    }
}
