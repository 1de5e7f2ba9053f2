//! A season of any size, told into one register: the same people, visits and talks as on the phones of a demo, without
//! phones, server and days of calls.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use chrono::{FixedOffset, NaiveDate};
use samla_core::register::Register;
use samla_core::tables::{
    ContactDraft, Draft, ImportDraft, ImportSource, Kind, Link, LinkDraft, LinkKind, Origin, Person, Row, Table,
    Workplace,
};
use samla_core::{Id, RowId};

use super::crew::Crew;
use super::days::{self, Turn};
use super::dice::Dice;
use super::people::People;
use super::{Numbers, list, matters, preparation};

const OFFICE_HEADER: &str = "Namn;Mobilnummer;E-post;Medlem sedan;Status";

/// How much is told.
#[derive(Debug, Clone, Copy)]
pub struct Many {
    /// About so many contacts: 13 % of them are somebody again.
    pub contacts: usize,
    /// Talks with them.
    pub talks: usize,
    /// People beside them whom nobody has met.
    pub strangers: usize,
    /// Everything that chance decides follows from this.
    pub seed: u64,
    /// The day it is in the season.
    pub today: NaiveDate,
}

/// A season that was told.
pub struct Told {
    /// Its register.
    pub register: Register,
    /// The steward who set it up.
    pub me: Id<Person>,
    people: People,
    workplaces: Vec<Id<Workplace>>,
    seed: u64,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told").field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// Tells a season.
pub fn tell(many: &Many) -> Result<Told> {
    let rows_each = 1000 + days::TWICE_AT_ONE_TABLE + days::AGAIN_LATER;
    let met = many.contacts * 1000 / rows_each;
    let numbers = Numbers { talks: many.talks, ..Numbers::of_many(met, many.strangers) };
    let mut dice = Dice::new(many.seed);
    let calendar = days::calendar(many.today, &numbers, &mut dice);
    let mut crew = Crew::alone(&numbers, many.seed, calendar.first);
    let mut people = People::invent(&numbers, &mut dice);
    let scene = preparation::prepare(&mut crew, &numbers, &calendar, &mut dice)?;
    let (rows, at) = (i64::try_from(met)?, Some(crew.now()));
    crew.adds(0, ImportDraft { source: Some(ImportSource::Employer), rows: Some(rows), at, ..Default::default() })?;
    let held = calendar.held(many.today);
    for (nth, day) in held.iter().enumerate() {
        let turn = Turn { day, of_days: (nth, held.len()), of_visits: (nth, held.len()) };
        days::hold(&mut crew, &numbers, &mut people, &scene, turn, &mut dice)?;
    }
    days::leave(&mut crew, &numbers, &people, many.today, &mut dice)?;
    days::look_back(&mut crew, &numbers, &people, many.today)?;
    matters::look_back(&mut crew, &scene.matters, many.today)?;
    keep_apart(&mut crew)?;
    let me = crew.person(0);
    let register = crew.into_register().context("one register")?;
    Ok(Told { register, me, people, workplaces: scene.workplaces, seed: many.seed })
}

/// Of every tenth pair that was joined somebody says that they are two.
fn keep_apart(crew: &mut Crew) -> Result<()> {
    let pairs: Vec<_> = crew.register().all::<Link>().step_by(10).map(|link| (link.a, link.b)).collect();
    for (a, b) in pairs {
        let (kind, by, at) = (Some(LinkKind::NotTheSame), Some(crew.person(1)), Some(crew.now()));
        crew.adds(0, LinkDraft { a, b, kind, by, at, ..LinkDraft::default() })?;
    }
    Ok(())
}

impl Told {
    /// What chance decides of one thing alone.
    fn dice(&self, of: usize) -> Dice {
        Dice::new(self.seed.wrapping_add(of as u64))
    }

    /// Somebody whom nobody has met, as a steward writes them down. There are as many as were asked for; then they begin again.
    pub fn stranger(&self, n: usize) -> ContactDraft {
        let strangers = self.people.listed();
        let human = self.people.get(strangers.start + n % strangers.len().max(1));
        human.written(&self.workplaces, "bord i matsalen", false, &mut self.dice(n))
    }

    /// An employer's list of so many rows: at most two thirds are known, the others strangers. With what taking it in writes
    /// of the strangers.
    pub fn employers_list(&self, rows: usize) -> (Vec<u8>, Vec<ContactDraft>) {
        let (known, strangers) = self.listed(rows);
        let place = |n: usize| {
            let place = self.workplaces.get(n).and_then(|place| self.register.workplace_name(*place));
            place.unwrap_or_default()
        };
        let who = known.into_iter().chain(strangers.iter().copied());
        let (text, _) = list::text(&self.people, who, &place, &mut self.dice(rows));
        let new = |n: usize| ContactDraft {
            source: Some(ImportSource::Employer.text().to_owned()),
            origin: Some(Origin::EmployerList),
            ..self.people.get(n).as_listed(&self.workplaces)
        };
        (list::bytes(&text), strangers.into_iter().map(new).collect())
    }

    /// The office's list of so many members: half of those whom the employer's list of so many rows has, and others.
    pub fn office_list(&self, rows: usize) -> Vec<u8> {
        let ((known, _), mut dice) = (self.listed(rows), self.dice(rows + 1));
        let others = self.people.listed().rev().filter(|n| self.people.get(*n).can_be_listed());
        let mut text = OFFICE_HEADER.to_owned();
        for n in known.into_iter().step_by(2).chain(others).take(rows) {
            let [name, phone, email, ..] = self.people.get(n).listed(&mut dice);
            let (year, status) = (2000 + dice.below(26), dice.one(&["Medlem", "Medlem", "Medlem", "Utgått"]));
            text.push_str(&format!("\r\n{name};{phone};{email};{year}-03-01;{status}"));
        }
        list::bytes(&text)
    }

    /// The people of a list of so many rows: those who are known, and those who are not.
    fn listed(&self, rows: usize) -> (Vec<usize>, Vec<usize>) {
        let can_be = |n: &usize| self.people.get(*n).can_be_listed();
        let known: Vec<usize> = self.people.known().into_iter().filter(can_be).take(rows * 2 / 3).collect();
        let strangers = self.people.listed().filter(can_be).take(rows - known.len()).collect();
        (known, strangers)
    }
}

/// A row as it is written down elsewhere: what it points at by the id that it has `there`, and left out where it has none.
fn written(row: &Row, there: &BTreeMap<RowId, RowId>) -> Result<Draft> {
    let zone = FixedOffset::east_opt(0).context("an offset")?;
    let table = row.table();
    let fields = row.values().filter_map(|(name, value)| {
        let text = value.to_string();
        match table.field(name).map(|spec| spec.kind) {
            Some(Kind::Link(_)) => Some((name, there.get(&text.parse::<RowId>().ok()?)?.to_string())),
            _ => Some((name, text)),
        }
    });
    Ok(Draft::parse(table, fields, zone)?)
}

/// Writes down somewhere what a season has of workplaces, contacts, talks with them and follow-ups about them, one row
/// after another. Returns the ids that the rows have there, by those that they have here.
pub fn write_down(
    register: &Register,
    mut adds: impl FnMut(&Draft) -> Result<RowId>,
) -> Result<BTreeMap<RowId, RowId>> {
    let mut there = BTreeMap::new();
    for table in [Table::Workplaces, Table::Contacts, Table::Talks, Table::FollowUps] {
        let mut rows = register.rows(table);
        // A unit after the workplace that it is part of.
        rows.sort_by_key(|row| matches!(row, Row::Workplaces(place) if place.parent.is_some()));
        for row in rows {
            let is_about_somebody = match &row {
                Row::Talks(talk) => talk.contact.is_some(),
                Row::FollowUps(follow_up) => follow_up.contact.is_some(),
                _ => true,
            };
            if is_about_somebody {
                there.insert(row.id(), adds(&written(&row, &there)?)?);
            }
        }
    }
    Ok(there)
}
