//! What is kept in order: promises, new colleagues, visibility at the workplaces, material.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, Sheet, Spec};
use crate::context::Date;
use crate::ids::Id;
use crate::register::Register;
use crate::register::names::filled;
use crate::tables::{Check, CheckItem, CheckState, FollowUp, Material, Move, MoveKind, Person, Table, Workplace};

/// The follow-ups of one owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PromiseFigures {
    /// The owner; none for what nobody has taken.
    pub owner: Option<Id<Person>>,
    /// Name.
    pub name: Option<String>,
    /// Open now.
    pub open: i64,
    /// Those of them whose day has passed.
    pub overdue: i64,
    /// Done in the period and kept.
    pub kept: i64,
    /// Done in the period and not kept.
    pub broken: i64,
    /// Done in the period, with nothing said of it.
    pub done: i64,
}

/// The new colleagues of one workplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HireFigures {
    /// The workplace.
    pub workplace: Option<Id<Workplace>>,
    /// Its name.
    pub workplace_name: Option<String>,
    /// Those whose first day lies in the period.
    pub hired: i64,
    /// Those of them with whom somebody has talked.
    pub caught: i64,
    /// Those of them who are members.
    pub members: i64,
}

/// One thing that makes the union visible at a workplace, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CheckView {
    /// The row that counts: of several the one that was written last.
    pub check: Id<Check>,
    /// The workplace.
    pub workplace: Id<Workplace>,
    /// Its name.
    pub workplace_name: String,
    /// What.
    pub item: CheckItem,
    /// How far it has come.
    pub state: CheckState,
    /// Since when.
    pub since: Option<Date>,
    /// The day by which it is to be renewed.
    pub refresh_by: Option<Date>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// The other rows about it, the first that was written first: what somebody changes there does not count.
    pub also: Vec<Check>,
}

/// One material: what came in, what went out, what is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StockView {
    /// The material.
    pub material: Id<Material>,
    /// Name.
    pub name: String,
    /// What is counted.
    pub unit: Option<String>,
    /// Ordered and not received, as far as was written down.
    pub on_order: i64,
    /// Received.
    pub received: i64,
    /// Handed out or placed somewhere, less what came back.
    pub out: i64,
    /// Left; below nothing where more went out than was noted as coming in.
    pub left: i64,
    /// Whether it is time to order.
    pub low: bool,
}

impl Register {
    /// The follow-ups by owner: what is open now, and what was done in the period. What several took for one cause is one,
    /// and whoever did it first has done it.
    pub fn promise_figures(&self, query: &ReportQuery) -> Vec<PromiseFigures> {
        let scope = Scope::of(self, query);
        let mut by_owner: BTreeMap<_, PromiseFigures> = BTreeMap::new();
        let mut count = |owner: Option<Id<Person>>, to: fn(&mut PromiseFigures) -> &mut i64| {
            let name = owner.and_then(|owner| self.person_name(owner));
            let figures = by_owner.entry((owner.is_none(), name.clone(), owner)).or_insert(PromiseFigures {
                owner,
                name,
                open: 0,
                overdue: 0,
                kept: 0,
                broken: 0,
                done: 0,
            });
            *to(figures) += 1;
        };
        for open in self.open_follow_ups(self.all().filter(|row| self.concerns(row, &scope))) {
            count(open.row.owner, |figures| &mut figures.open);
            if open.row.due.is_some_and(|due| due < query.today) {
                count(open.row.owner, |figures| &mut figures.overdue);
            }
        }
        for row in self.done_follow_ups(self.all()).into_iter().filter(|row| self.concerns(row, &scope)) {
            if row.done_at.is_some_and(|at| scope.has_day(at.date_naive())) {
                count(
                    row.owner,
                    match row.kept {
                        Some(true) => |figures| &mut figures.kept,
                        Some(false) => |figures| &mut figures.broken,
                        None => |figures| &mut figures.done,
                    },
                );
            }
        }
        by_owner.into_values().collect()
    }

    fn concerns(&self, row: &FollowUp, scope: &Scope) -> bool {
        let of_contact = || self.workplace_of(&self.one_person(row.contact?));
        let of_visit = || self.get(row.visit?)?.workplace;
        scope.has_place(row.workplace.or_else(of_contact).or_else(of_visit))
    }

    /// The new colleagues of a period by workplace, those among them whom nobody is to call or remembers any more. By whole
    /// sites where it is to be shared.
    pub fn hire_figures(&self, query: &ReportQuery) -> Vec<HireFigures> {
        let scope = Scope::of(self, query);
        let mut by_place: BTreeMap<_, HireFigures> = BTreeMap::new();
        for view in self
            .hired_since(query.from, query.today, |_| true)
            .into_iter()
            .filter(|view| scope.has_place(view.workplace))
        {
            let workplace = view.workplace.map(|place| self.told_as(place, query));
            let name = workplace.and_then(|place| self.workplace_name(place));
            for hire in view.hires.iter().filter(|hire| hire.hired_on <= query.until) {
                let key = (workplace.is_none(), name.clone(), workplace);
                let none = || HireFigures { workplace, workplace_name: name.clone(), hired: 0, caught: 0, members: 0 };
                let figures = by_place.entry(key).or_insert_with(none);
                figures.hired += 1;
                figures.caught += i64::from(hire.contacted_on.is_some());
                figures.members += i64::from(self.is_in_on(&self.one_person(hire.contact), query.today));
            }
        }
        by_place.into_values().collect()
    }

    /// What makes the union visible, by workplace and thing.
    pub fn visibility(&self, query: &ReportQuery) -> Vec<CheckView> {
        let scope = Scope::of(self, query);
        let mut by_thing: BTreeMap<_, Vec<&Check>> = BTreeMap::new();
        for check in self.all::<Check>().filter(|check| scope.has_place(check.workplace)) {
            if let (Some(workplace), Some(item)) = (check.workplace, check.item) {
                by_thing.entry((workplace, item)).or_default().push(check);
            }
        }
        let views = by_thing.into_iter().filter_map(|((workplace, item), mut rows)| {
            self.get(workplace).filter(|place| place.archived != Some(true))?;
            let check = rows.pop()?;
            Some(CheckView {
                check: check.id,
                workplace,
                workplace_name: self.workplace_name(workplace).unwrap_or_default(),
                item,
                state: check.state.unwrap_or(CheckState::Asked),
                since: check.since,
                refresh_by: check.refresh_by,
                overdue: check.refresh_by.is_some_and(|day| day < query.today),
                also: rows.into_iter().cloned().collect(),
            })
        });
        let mut views: Vec<_> = views.collect();
        views.sort_by(|one, other| {
            let order = |view: &CheckView| (view.workplace_name.clone(), view.workplace, view.item);
            order(one).cmp(&order(other))
        });
        views
    }

    /// Every material with what is left of it at the end of the period, by name.
    pub fn stock(&self, query: &ReportQuery) -> Vec<StockView> {
        let mut by_material: BTreeMap<Id<Material>, BTreeMap<MoveKind, i64>> = BTreeMap::new();
        for moved in self.all::<Move>() {
            let made = || self.made_on(moved.id);
            let day = moved.at.map(|at| at.date_naive()).or_else(made);
            let (Some(material), Some(kind), Some(n)) = (moved.material, moved.kind, moved.n) else { continue };
            if day.is_none_or(|day| day <= query.until) {
                let sum = by_material.entry(material).or_default().entry(kind).or_default();
                *sum = sum.saturating_add(n.max(0));
            }
        }
        let views = self.all::<Material>().map(|material| {
            let moves = by_material.remove(&material.id).unwrap_or_default();
            let sum = |kind| moves.get(&kind).copied().unwrap_or(0);
            let (received, back) = (sum(MoveKind::Received), sum(MoveKind::TakenBack));
            let out = sum(MoveKind::HandedOut).saturating_add(sum(MoveKind::Placed)).saturating_sub(back);
            let left = received.saturating_sub(out);
            StockView {
                material: material.id,
                name: self.title(Table::Materials, material.id.row()),
                unit: filled(&material.unit).map(str::to_owned),
                on_order: sum(MoveKind::Ordered).saturating_sub(received).max(0),
                received,
                out,
                left,
                low: material.low_at.is_some_and(|low| left <= low),
            }
        });
        let mut views: Vec<_> = views.collect();
        views.sort_by(|one, other| (&one.name, one.material).cmp(&(&other.name, other.material)));
        views
    }
}

/// The table of the promises.
pub(super) fn promises_sheet(owners: &[PromiseFigures]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::names("owner"),
        Spec::count("open"),
        Spec::count("overdue"),
        Spec::count("kept"),
        Spec::count("broken"),
        Spec::count("done"),
    ]);
    for figures in owners {
        let counts = [figures.open, figures.overdue, figures.kept, figures.broken, figures.done].map(Cell::Count);
        sheet.row([&[figures.name.clone().map_or(NOT_SAID, Cell::Text)], &counts[..]].concat());
    }
    sheet
}

/// The table of the new colleagues.
pub(super) fn hires_sheet(places: &[HireFigures]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::text("workplace"),
        Spec::people("hired", 0),
        Spec::people("caught", 1).of("hired"),
        Spec::share("caught_share", "caught", "hired", 1),
        Spec::people("members", 2).of("hired"),
        Spec::share("members_share", "members", "hired", 2),
    ]);
    for figures in places {
        sheet.row([
            figures.workplace_name.clone().map_or(NOT_SAID, Cell::Text),
            Cell::Count(figures.hired),
            Cell::Count(figures.caught),
            Cell::Empty,
            Cell::Count(figures.members),
        ]);
    }
    sheet
}

/// The table of the visibility. Below a thing stand the rows about it that say something else.
pub(super) fn checks_sheet(checks: &[CheckView]) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::text("workplace"),
        Spec::word("check_item"),
        Spec::word("check_state"),
        Spec::date("since"),
        Spec::date("refresh_by"),
        Spec::word("overdue"),
    ]);
    for check in checks {
        sheet.row([
            Cell::Text(check.workplace_name.clone()),
            Cell::Word(check.item.text()),
            Cell::Word(check.state.text()),
            Cell::date(check.since),
            Cell::date(check.refresh_by),
            Cell::yes(check.overdue),
        ]);
        let said = |row: &Check| (row.state.unwrap_or(CheckState::Asked), row.since, row.refresh_by);
        let shown = (check.state, check.since, check.refresh_by);
        for other in check.also.iter().filter(|other| said(other) != shown) {
            let (state, since, refresh_by) = said(other);
            sheet.row_at(
                1,
                [
                    Cell::Text(check.workplace_name.clone()),
                    Cell::Word(check.item.text()),
                    Cell::Word(state.text()),
                    Cell::date(since),
                    Cell::date(refresh_by),
                ],
            );
        }
    }
    sheet
}

/// The table of the material.
pub(super) fn stock_sheet(materials: &[StockView]) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::text("material"),
        Spec::text("unit"),
        Spec::count("on_order"),
        Spec::count("received"),
        Spec::count("out"),
        Spec::count("stock_left"),
        Spec::word("low"),
    ]);
    for material in materials {
        sheet.row([
            Cell::Text(material.name.clone()),
            Cell::text(material.unit.clone()),
            Cell::Count(material.on_order),
            Cell::Count(material.received),
            Cell::Count(material.out),
            Cell::Count(material.left),
            Cell::yes(material.low),
        ]);
    }
    sheet
}
