//! The season: which visits there are, who comes, and what a calendar or an address book on a phone takes of it.

use samla_core::lists::export_icalendar;
use samla_core::register::{CoverageView, Register, SeasonVisit, SeasonWeek, SeriesView, ShiftView, SuggestedVisit};
use samla_core::tables::{Person, Table, Visit};
use samla_core::{BookError, Date, Id, Repeated};

use super::calls::{months_after, months_before};
use super::export::must_be_new;
use super::looks::visit_line;
use super::privacy::tell_of_purpose;
use super::rows::{must_be_there, tell_id};
use crate::args::{Calendar, Days, SeasonCommand, VCards};
use crate::desk::{Desk, now, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::Words;

/// What was asked of the season.
pub(super) fn season(desk: &mut Desk, command: SeasonCommand, say: &mut Say) -> Result<(), Failure> {
    match command {
        SeasonCommand::Weeks(days) => weeks(desk, days, say),
        SeasonCommand::Gaps(days) => gaps(desk, days, say),
        SeasonCommand::Turns { person, days } => turns(desk, person, days, say),
        SeasonCommand::Coverage { months } => coverage(desk, months, say),
        SeasonCommand::Units { visit } => units(desk, visit, say),
        SeasonCommand::Suggested(days) => suggested(desk, days, say),
        SeasonCommand::Series { visit, plan } => series(desk, visit, plan, say),
        SeasonCommand::Repeat { visit, weeks, until } => {
            let last = Register::last_of_series(&first_visit(desk, visit)?);
            let repeated = desk.act(|book, ctx| book.repeat(ctx, visit, weeks, until))?;
            tell_repeated(&repeated, say)?;
            let cut = last.filter(|last| *last < until).map(|last| {
                let words = say.words();
                words.say("series.cut", &[("day", &words.language().date(last))])
            });
            cut.map_or(Ok(()), |cut| say.aside(&[cut]))
        }
        SeasonCommand::Answer { visit, state, person, note } => {
            let id = desk.act(|book, ctx| book.answer_shift(ctx, visit, person, state, note.as_deref()))?;
            tell_id(id, say)
        }
        SeasonCommand::CannotCome { visit, note } => {
            let id = desk.act(|book, ctx| book.cannot_come(ctx, visit, note.as_deref()))?;
            tell_id(id, say)
        }
        SeasonCommand::Swap { visit, from, to } => {
            desk.act(|book, ctx| book.swap_shift(ctx, visit, from, to))?;
            tell_id(visit, say)
        }
    }
}

/// The days named; otherwise twelve weeks from today.
pub(super) fn ahead(days: Days) -> (Date, Date) {
    let from = days.from.unwrap_or_else(today);
    (from, days.until.unwrap_or(from + chrono::Days::new(12 * 7)))
}

fn weeks(desk: &Desk, days: Days, say: &mut Say) -> Result<(), Failure> {
    let (from, until) = ahead(days);
    let weeks = desk.register().season(from, until, today());
    say.tell(&weeks, |weeks, words| weeks.iter().flat_map(|week| week_lines(week, words)).collect())
}

fn week_lines(week: &SeasonWeek, words: &Words) -> Vec<String> {
    let head = format!("{} · {}", words.language().week(week.iso_week), week.iso_year);
    let visits = week.visits.iter().map(|visit| format!("    {}", season_line(visit, words)));
    std::iter::once(head).chain(visits).collect()
}

pub(super) fn season_line(visit: &SeasonVisit, words: &Words) -> String {
    let language = words.language();
    let gap = visit.gap.map(|gap| format!(" · {}", language.word(gap))).unwrap_or_default();
    let (id, day) = (visit.view.visit.id, language.day(visit.date));
    format!("{id} {day} · {}{gap}", visit_line(&visit.view, words))
}

fn gaps(desk: &Desk, days: Days, say: &mut Say) -> Result<(), Failure> {
    let (from, until) = ahead(days);
    let gaps = desk.register().gaps(from, until, today());
    say.tell(&gaps, |gaps, words| gaps.iter().map(|visit| season_line(visit, words)).collect())
}

fn turns(desk: &Desk, person: Option<Id<Person>>, days: Days, say: &mut Say) -> Result<(), Failure> {
    let person = match person {
        Some(person) => person,
        None => me(desk)?,
    };
    let (from, until) = ahead(days);
    let turns = desk.register().shifts_of(person, from, until, today());
    say.tell(&turns, |turns, words| turns.iter().map(|turn| turn_line(turn, words)).collect())
}

/// Who uses this device, as its row in the register says.
pub(super) fn me(desk: &Desk) -> Result<Id<Person>, Failure> {
    let device = desk.book().status()?.device_id;
    let mine = desk.register().rows(Table::Devices).into_iter().find(|row| row.id().to_string() == device);
    let person = mine.and_then(|row| row.get("person")).and_then(|person| person.to_string().parse().ok());
    Ok(person.ok_or(BookError::UnknownRow)?)
}

pub(super) fn turn_line(turn: &ShiftView, words: &Words) -> String {
    format!("{} · {}", season_line(&turn.visit, words), words.language().word(turn.state))
}

fn coverage(desk: &Desk, months: i64, say: &mut Say) -> Result<(), Failure> {
    let coverage = desk.register().coverage(today(), Some(months));
    say.tell(&coverage, |places, words| places.iter().map(|place| coverage_line(place, words)).collect())
}

fn coverage_line(place: &CoverageView, words: &Words) -> String {
    let language = words.language();
    let day = |key: &str, day: Option<Date>| day.map(|day| words.say(key, &[("day", &language.date(day))]));
    let parts = [
        Some(format!("{} {}", place.workplace, plain(&place.name))),
        place.municipality.as_deref().map(plain),
        Some(language.count("members", place.members)),
        place.potential.map(|n| words.say("coverage.potential", &[("n", &language.number(n))])),
        Some(language.count("visits", place.visits.into())),
        day("coverage.last", place.last_on),
        day("coverage.next", place.next_on),
        place.overdue.then(|| words.say("coverage.overdue", &[])),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn units(desk: &Desk, visit: Id<Visit>, say: &mut Say) -> Result<(), Failure> {
    must_be_there(desk, Table::Visits, visit)?;
    let units = desk.register().responsible_units(visit);
    say.tell(&units, |units, _| units.iter().map(|unit| plain(unit)).collect())
}

fn suggested(desk: &Desk, days: Days, say: &mut Say) -> Result<(), Failure> {
    let (from, until) = ahead(days);
    let suggested = desk.register().suggested_visits(from, until);
    say.tell(&suggested, |visits, words| visits.iter().map(|visit| suggested_line(visit, words)).collect())
}

fn suggested_line(visit: &SuggestedVisit, words: &Words) -> String {
    let language = words.language();
    let parts = [
        Some(language.date(visit.suggested_on)),
        Some(format!("{} {}", language.word(visit.what), language.date(visit.on))),
        visit.workplace_name.as_deref().map(plain),
        visit.note.as_deref().map(plain),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The first visit of the series that a visit is of, or the visit itself.
fn first_visit(desk: &Desk, visit: Id<Visit>) -> Result<Visit, Failure> {
    let register = desk.register();
    let visit: &Visit = register.get(visit).ok_or(BookError::UnknownRow)?;
    let first = visit.series.map_or(Some(visit), |first| register.get(first));
    first.cloned().ok_or(Failure::FirstGone)
}

fn series(desk: &mut Desk, visit: Id<Visit>, plan: bool, say: &mut Say) -> Result<(), Failure> {
    let first = first_visit(desk, visit)?;
    if first.every_weeks.is_none() || first.repeat_until.is_none() {
        return Err(Failure::NotRepeating);
    }
    if plan {
        let repeated = desk.act(|book, ctx| book.plan_series(ctx, visit))?;
        return tell_repeated(&repeated, say);
    }
    let series = desk.register().series(visit, today()).ok_or(BookError::UnknownRow)?;
    say.tell(&series, series_lines)
}

fn series_lines(series: &SeriesView, words: &Words) -> Vec<String> {
    let language = words.language();
    let (every, until) = (language.count("weeks", series.every_weeks), language.date(series.until));
    let head = words.say("series.rule", &[("id", &series.first.id.to_string()), ("weeks", &every), ("until", &until)]);
    let days = series.days.iter().map(|day| {
        let parts = [
            Some(format!("    {}", language.date(day.on))),
            Some(language.word(day.state).to_owned()),
            day.holiday.as_deref().map(plain),
            day.visit.map(|id| id.to_string()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    let left_over = series.left_over.iter().map(|id| words.say("series.left_over", &[("id", &id.to_string())]));
    std::iter::once(head).chain(days).chain(left_over).collect()
}

fn tell_repeated(repeated: &Repeated, say: &mut Say) -> Result<(), Failure> {
    say.tell(repeated, |repeated, words| {
        let made = repeated.made.iter().map(|id| format!("visits {id}"));
        let left_over = repeated.left_over.iter().map(|id| words.say("series.left_over", &[("id", &id.to_string())]));
        made.chain(left_over).collect()
    })
}

/// The schedule for a calendar.
pub(super) fn calendar(desk: &Desk, asked: &Calendar, say: &mut Say) -> Result<(), Failure> {
    let from = asked.days.from.unwrap_or_else(|| months_before(today(), 1));
    let until = asked.days.until.unwrap_or_else(|| months_after(today(), 12));
    let calendar = export_icalendar(desk.register(), from, until, asked.person, &now());
    say.write_to(&asked.file, calendar.as_bytes())
}

/// People for an address book.
pub(super) fn vcards(desk: &mut Desk, asked: &VCards, say: &mut Say) -> Result<(), Failure> {
    must_be_new(&asked.file)?;
    tell_of_purpose(desk, &asked.purpose, desk.register().vcards_to_take(&asked.purpose), say)?;
    let cards = desk.act(|book, ctx| book.take_vcards(ctx, &asked.purpose))?;
    say.write_to(&asked.file, cards.as_bytes())
}
