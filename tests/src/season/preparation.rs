//! Before the first visit: the office sets up workplaces, the campaign, the material and the schedule.

use anyhow::{Context, Result, ensure};
use chrono::{Datelike, Days, TimeDelta};
use samla_core::Id;
use samla_core::tables::{
    CalendarEntryDraft, CalendarEvent, Campaign, CampaignDraft, Draft, Material, MaterialDraft, MoveDraft, MoveKind,
    ShiftDraft, ShiftState, Visit, VisitDraft, VisitKind, VisitState, Workplace, WorkplaceDraft, WorkplaceKind,
};

use super::Numbers;
use super::crew::{Crew, at};
use super::days::{Calendar, Day, REPEATED};
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

/// Sets everything up on the founder's phone.
pub(super) fn prepare(crew: &mut Crew, numbers: &Numbers, calendar: &Calendar, dice: &mut Dice) -> Result<Scene> {
    let workplaces = workplaces(crew, numbers, calendar, dice)?;
    let campaign = crew.adds(
        0,
        CampaignDraft {
            name: Some("Första månaden gratis".into()),
            starts_on: Some(calendar.first),
            ends_on: calendar.days.last().map(|day| day.date),
            trial_months: Some(1),
            offer: Some("En månad utan avgift för den som går med under kampanjen".into()),
            ..CampaignDraft::default()
        },
    )?;
    let tables = calendar.days.iter().filter(|day| day.kind == VisitKind::Table).count();
    let folders = numbers.handed_out * i64::try_from(tables + 1)?;
    let mut materials = Vec::new();
    for (name, unit, count) in [("Folder om lön", "st", folders), ("Penna", "st", 300), ("Kaffemugg", "st", 60)] {
        let low = MaterialDraft { name: Some(name.into()), unit: Some(unit.into()), low_at: Some(count / 10) };
        let material: Id<Material> = crew.adds(0, low)?.into();
        materials.push(material);
        moves(crew, material, MoveKind::Received, count, None, 0)?;
        moves(crew, material, MoveKind::Placed, count / 20, None, 1)?;
    }
    let campaign = campaign.into();
    let matters = matters::prepare(crew, calendar, campaign, &workplaces)?;
    let mut scene = Scene { workplaces, campaign, materials, matters, visits: Vec::new() };
    for day in &calendar.days {
        let visit = schedule(crew, &scene, day, dice)?;
        scene.visits.push(visit);
    }
    Ok(scene)
}

/// Material in, or to a steward or a visit.
fn moves(
    crew: &mut Crew,
    material: Id<Material>,
    kind: MoveKind,
    n: i64,
    visit: Option<Id<Visit>>,
    by: usize,
) -> Result<()> {
    let (material, kind, n) = (Some(material), Some(kind), Some(n));
    let (by, at) = (Some(crew.person(by)), Some(crew.now()));
    crew.adds(0, MoveDraft { material, kind, n, visit, by, at, workplace: None })?;
    Ok(())
}

/// The last visit is to be held again every week; on one of those days nobody is at work. Folders are ordered for it.
pub(super) fn repeat(crew: &mut Crew, scene: &Scene, calendar: &Calendar) -> Result<()> {
    let (day, visit) = calendar.days.last().zip(scene.visits.last()).context("a visit")?;
    let (workplace, free) = (scene.workplaces.get(day.workplace).copied(), day.date + Days::new(7));
    let holiday = CalendarEntryDraft {
        workplace,
        what: Some(CalendarEvent::Holiday),
        on: Some(free),
        until: None,
        note: Some("stängt för inventering".into()),
    };
    crew.adds(0, holiday)?;
    let until = free + Days::new(7 * u64::try_from(REPEATED)?);
    let made = crew.does(0, |phone| phone.with(|book, ctx| book.repeat(ctx, *visit, 1, until)))?.made;
    ensure!(made.len() == REPEATED, "the series has {} visits", made.len());
    let folder = scene.materials.first().copied().context("a material")?;
    moves(crew, folder, MoveKind::Ordered, 100, Some(*visit), 0)
}

fn workplaces(crew: &mut Crew, numbers: &Numbers, calendar: &Calendar, dice: &mut Dice) -> Result<Vec<Id<Workplace>>> {
    let mut all: Vec<Id<Workplace>> = Vec::new();
    let mut names = Vec::new();
    let mut sizes: Vec<i64> = Vec::new();
    for (places, least) in [(numbers.workplaces, 60), (numbers.units, 10)] {
        // The largest first, and units after whole workplaces: the season goes through them in this order.
        let mut drawn: Vec<usize> = (0..places).map(|_| least + dice.below(least * 7)).collect();
        drawn.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
        sizes.extend(drawn.into_iter().filter_map(|size| i64::try_from(size).ok()));
    }
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
        let employees = sizes.get(n).copied().context("a size")?;
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
                workplace: scene.workplaces.get(day.workplace).copied().filter(|_| day.kind != VisitKind::Calls),
                starts_at: Some(starts_at),
                ends_at: Some(starts_at + TimeDelta::hours(2)),
                spot: (day.kind == VisitKind::Table).then(|| "vid matsalen".into()),
                slot: (hour < 16).then(|| if hour == 11 { "lunch" } else { "rast" }.into()),
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
