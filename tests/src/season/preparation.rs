//! Before the first visit: the office sets up workplaces, the campaign, the material and the schedule.

use anyhow::Result;
use chrono::{Datelike, Days, TimeDelta};
use samla_core::Id;
use samla_core::tables::{
    Campaign, CampaignDraft, Draft, Material, MaterialDraft, MoveDraft, MoveKind, ShiftDraft, ShiftState, Visit,
    VisitDraft, VisitKind, VisitState, Workplace, WorkplaceDraft, WorkplaceKind,
};

use super::Numbers;
use super::crew::{Crew, at};
use super::days::{Calendar, Day};
use super::dice::Dice;
use super::matters::{self, Matters};
use super::names::FAMILY;

const PLACES: [&str; 14] = [
    "Lasarettet",
    "Folktandvården",
    "Bussdepån",
    "Centrallagret",
    "Sågverket",
    "Hamnterminalen",
    "Bryggeriet",
    "Äldreboendet Linden",
    "Gymnasiet",
    "Tvätteriet",
    "Återvinningen",
    "Kundtjänsten",
    "Verkstaden",
    "Storköket",
];
const UNITS: [&str; 6] = ["akuten", "natten", "lager 2", "skift B", "kontoret", "avdelning 4"];

/// What the visits refer to.
pub(super) struct Scene {
    pub(super) workplaces: Vec<Id<Workplace>>,
    pub(super) campaign: Id<Campaign>,
    pub(super) materials: Vec<Id<Material>>,
    pub(super) matters: Matters,
    /// The visit of each day of the calendar.
    pub(super) visits: Vec<Id<Visit>>,
}

/// Sets everything up on the founder's phone, and lets all phones have it.
pub(super) fn prepare(crew: &mut Crew, numbers: &Numbers, calendar: &Calendar, dice: &mut Dice) -> Result<Scene> {
    let workplaces = workplaces(crew, numbers, calendar, dice)?;
    let campaign = crew.adds(
        0,
        CampaignDraft {
            name: Some("Tre månader gratis".into()),
            starts_on: Some(calendar.first),
            ends_on: calendar.days.last().map(|day| day.date),
            trial_months: Some(3),
            offer: Some("Tre månader utan avgift för den som går med under kampanjen".into()),
            ..CampaignDraft::default()
        },
    )?;
    let mut materials = Vec::new();
    for (name, unit, count) in [("Folder om lön", "st", 400), ("Penna", "st", 300), ("Kaffemugg", "st", 60)] {
        let low = MaterialDraft { name: Some(name.into()), unit: Some(unit.into()), low_at: Some(count / 10) };
        let material: Id<Material> = crew.adds(0, low)?.into();
        let received = MoveDraft {
            material: Some(material),
            kind: Some(MoveKind::Received),
            n: Some(count),
            by: Some(crew.person(0)),
            at: Some(crew.now()),
            ..MoveDraft::default()
        };
        crew.adds(0, received)?;
        materials.push(material);
    }
    let campaign = campaign.into();
    let matters = matters::prepare(crew, calendar, campaign, &workplaces)?;
    let mut scene = Scene { workplaces, campaign, materials, matters, visits: Vec::new() };
    for day in &calendar.days {
        let visit = schedule(crew, &scene, day, dice)?;
        scene.visits.push(visit);
    }
    crew.share_all()?;
    Ok(scene)
}

fn workplaces(crew: &mut Crew, numbers: &Numbers, calendar: &Calendar, dice: &mut Dice) -> Result<Vec<Id<Workplace>>> {
    let mut all: Vec<Id<Workplace>> = Vec::new();
    let mut names = Vec::new();
    for n in 0..numbers.workplaces + numbers.units {
        let place = PLACES.get(n % PLACES.len()).copied().unwrap_or_default();
        let (name, kind, parent) = if n < numbers.workplaces {
            let towns = ["Norrby", "Söderköping", "Östervik", "Västanå"];
            let name = if n < PLACES.len() { place.to_owned() } else { format!("{place} {}", dice.one(&towns)) };
            let kind = if place == "Gymnasiet" { WorkplaceKind::School } else { WorkplaceKind::Workplace };
            (name, kind, None)
        } else {
            let of = (n - numbers.workplaces) % numbers.workplaces;
            let unit = UNITS.get((n - numbers.workplaces) % UNITS.len()).copied().unwrap_or_default();
            let whole: &String = names.get(of).expect("the workplaces come first");
            (format!("{whole}, {unit}"), WorkplaceKind::Unit, all.get(of).copied())
        };
        let employees = 40 + i64::try_from(dice.below(400)).expect("a small number");
        let draft = WorkplaceDraft {
            name: Some(name.clone()),
            employer: Some(dice.one(&["Regionen", "Kommunen", "Bolaget AB", "Stiftelsen"]).into()),
            parent,
            kind: Some(kind),
            municipality: Some(dice.one(&["Norrby", "Östervik"]).into()),
            employees: Some(employees),
            eligible: Some(employees * 8 / 10),
            members_office: Some(employees * i64::try_from(20 + dice.below(40)).expect("a small number") / 100),
            counted_on: Some(calendar.first),
            best_slot: Some(dice.one(&["lunch vid matsalen", "kafferasten 9.30", "skiftbytet 14.00"]).into()),
            hr_name: parent.is_none().then(|| format!("HR, {}", dice.one(&FAMILY))),
            next_induction: dice.in_thousand(300).then(|| calendar.first + Days::new(80)),
            ..WorkplaceDraft::default()
        };
        all.push(crew.adds(0, draft)?.into());
        names.push(name);
    }
    Ok(all)
}

fn schedule(crew: &mut Crew, scene: &Scene, day: &Day, dice: &mut Dice) -> Result<Id<Visit>> {
    let hour = if day.kind == VisitKind::Calls { 16 } else { dice.one(&[9, 11, 11, 14]) };
    let starts_at = at(day.date, hour, 30);
    let visit: Id<Visit> = crew
        .adds(
            0,
            VisitDraft {
                kind: Some(day.kind),
                workplace: scene.workplaces.get(day.workplace).copied(),
                starts_at: Some(starts_at),
                ends_at: Some(starts_at + TimeDelta::hours(2)),
                spot: (day.kind == VisitKind::Table).then(|| "vid matsalen".into()),
                slot: Some(if hour == 11 { "lunch" } else { "rast" }.into()),
                state: Some(VisitState::Planned),
                campaign: Some(scene.campaign),
                topic: (day.kind == VisitKind::Lecture).then(|| "Din lön och dina rättigheter".into()),
                note: (day.date.weekday() == chrono::Weekday::Fri).then(|| "ta med kaffe".into()),
                ..VisitDraft::default()
            },
        )?
        .into();
    for (nth, staff) in day.staff.iter().enumerate() {
        let state = if nth == 0 || dice.in_thousand(800) { ShiftState::Yes } else { ShiftState::Asked };
        let shift = ShiftDraft {
            visit: Some(visit),
            person: Some(crew.person(*staff)),
            state: Some(state),
            ..ShiftDraft::default()
        };
        crew.adds(0, Draft::from(shift))?;
    }
    Ok(visit)
}
