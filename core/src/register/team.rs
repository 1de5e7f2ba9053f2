//! The team as its own members look it up: who is in which unit, with which task, and what each has taken on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Register;
use super::fold::folded;
use super::names::filled;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Contact, FollowUp, Person, ShiftState, Visit, VisitState};

/// One unit: an office, a branch, a team, a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TeamUnit {
    /// What it is called, as it was first spelled; none for those whose unit nobody noted.
    pub unit: Option<String>,
    /// Who is in it, by name.
    pub members: Vec<TeamMember>,
}

/// One steward or organiser, with what they have taken on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TeamMember {
    /// Who.
    pub person: Id<Person>,
    /// Name.
    pub name: String,
    /// Title or task in the union.
    pub title: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Which workplaces they look after, in words.
    pub workplaces_note: Option<String>,
    /// Follow-ups they own that are open, as their list of them shows: no calls to whoever wants no contact.
    pub open: i64,
    /// Those of them whose day has passed.
    pub overdue: i64,
    /// Visits to come at which they have a turn, or were asked to.
    pub turns: i64,
    /// Persons whose relation they keep.
    pub relations: i64,
}

/// What people have taken on.
#[derive(Default)]
struct Load {
    open: BTreeMap<Id<Person>, i64>,
    overdue: BTreeMap<Id<Person>, i64>,
    turns: BTreeMap<Id<Person>, i64>,
    relations: BTreeMap<Id<Person>, i64>,
}

impl Register {
    /// Everybody who keeps the register, by unit and name: roles, teams and partners in one directory, with who has taken on
    /// what.
    pub fn team(&self, today: Date) -> Vec<TeamUnit> {
        let load = self.load(today);
        let n = |of: &BTreeMap<Id<Person>, i64>, person| of.get(&person).copied().unwrap_or(0);
        let mut units: BTreeMap<_, TeamUnit> = BTreeMap::new();
        for person in self.all::<Person>() {
            let unit = filled(&person.unit);
            let none = || TeamUnit { unit: unit.map(str::to_owned), members: Vec::new() };
            units.entry((unit.is_none(), unit.map(folded))).or_insert_with(none).members.push(TeamMember {
                person: person.id,
                name: self.person_name(person.id).unwrap_or_default(),
                title: filled(&person.title).map(str::to_owned),
                phone: filled(&person.phone).map(str::to_owned),
                workplaces_note: filled(&person.workplaces_note).map(str::to_owned),
                open: n(&load.open, person.id),
                overdue: n(&load.overdue, person.id),
                turns: n(&load.turns, person.id),
                relations: n(&load.relations, person.id),
            });
        }
        let mut units: Vec<_> = units.into_values().collect();
        for unit in &mut units {
            unit.members.sort_by(|one, other| (&one.name, one.person).cmp(&(&other.name, other.person)));
        }
        units
    }

    fn load(&self, today: Date) -> Load {
        let mut load = Load::default();
        for open in self.open_follow_ups(self.all::<FollowUp>()) {
            let person = open.row.contact.map(|id| self.contacts_of(id)).unwrap_or_default();
            if let Some(owner) = open.row.owner.filter(|_| !self.is_hidden(open.row, &person)) {
                *load.open.entry(owner).or_default() += 1;
                *load.overdue.entry(owner).or_default() += i64::from(open.row.due.is_some_and(|due| due < today));
            }
        }
        let over = |visit: &Visit| matches!(visit.state, Some(VisitState::Done | VisitState::Cancelled));
        let to_come = |visit: &Visit| visit.starts_at.is_some_and(|starts| starts.date_naive() >= today);
        for visit in self.visits().filter(|visit| to_come(visit) && !over(visit)) {
            for staff in self.staff(visit.id).into_iter().filter(|staff| staff.state != ShiftState::No) {
                *load.turns.entry(staff.person).or_default() += 1;
            }
        }
        let kept =
            self.all::<Contact>().filter_map(|contact| Some((contact.owner?, self.first_of_person(contact.id)?)));
        for (owner, _) in kept.collect::<BTreeSet<_>>() {
            *load.relations.entry(owner).or_default() += 1;
        }
        load
    }

    /// The units that answer for a visit, by name: those of whoever has said that they come, else of whoever was asked.
    pub fn responsible_units(&self, visit: Id<Visit>) -> Vec<String> {
        let staff = self.staff(visit);
        let units = |state| -> BTreeMap<String, &str> {
            let people = staff.iter().filter(|staff| staff.state == state).filter_map(|staff| self.get(staff.person));
            people.filter_map(|person| filled(&person.unit).map(|unit| (folded(unit), unit))).collect()
        };
        let come = units(ShiftState::Yes);
        let units = if come.is_empty() { units(ShiftState::Asked) } else { come };
        units.into_values().map(str::to_owned).collect()
    }
}
