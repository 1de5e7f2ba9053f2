//! Today: what one steward has before them, in one answer.

use samla_core::Date;
use samla_core::register::{AutomaticView, CallView, DueView, Report, SeasonVisit, ShiftView, TodayView};
use serde::Serialize;

use super::calls::call_line;
use super::looks::{automatic_line, due_line};
use super::people::person;
use super::season::{season_line, turn_line};
use super::tasks::{Handled, handled};
use crate::desk::{self, Desk};
use crate::failure::Failure;
use crate::say::Say;
use crate::words::Words;

/// The view of the core, with what follows by itself under the handles by which it is taken.
#[derive(Serialize)]
struct Today {
    date: Date,
    shifts: Vec<ShiftView>,
    next_shifts: Vec<ShiftView>,
    asked: Vec<ShiftView>,
    due: Vec<DueView>,
    automatic: Vec<Handled<AutomaticView>>,
    calls: Vec<CallView>,
    gaps: Vec<SeasonVisit>,
}

/// What somebody has before them today; the user of this device if nobody is named.
pub(super) fn today(desk: &Desk, whom: Option<&str>, say: &mut Say) -> Result<(), Failure> {
    let person = whom.map(|whom| person(desk, whom)).transpose()?;
    let view = desk.book().today(person, desk::today());
    let TodayView { date, shifts, next_shifts, asked, due, automatic, calls, gaps } = view;
    let automatic = handled(automatic, |view| Some(&view.draft));
    say.tell(&Today { date, shifts, next_shifts, asked, due, automatic, calls, gaps }, lines)
}

fn lines(today: &Today, words: &Words) -> Vec<String> {
    let language = words.language();
    let turns = |turns: &[ShiftView]| turns.iter().map(|turn| turn_line(turn, words)).collect::<Vec<_>>();
    let due = today.due.iter().map(|due| due_line(due, words));
    let due = due.chain(today.automatic.iter().map(|due| automatic_line(due, words)));
    let parts = [
        (words.say("today.shifts", &[]), turns(&today.shifts)),
        (words.say("today.next_shifts", &[]), turns(&today.next_shifts)),
        (words.say("today.asked", &[]), turns(&today.asked)),
        (words.say("today.due", &[]), due.collect()),
        (language.word(Report::Calls).to_owned(), today.calls.iter().map(|call| call_line(call, words)).collect()),
        (words.say("today.gaps", &[]), today.gaps.iter().map(|gap| season_line(gap, words)).collect()),
    ];
    let nothing = parts.iter().all(|(_, lines)| lines.is_empty()).then(|| words.say("today.nothing", &[]));
    let parts = parts.into_iter().filter(|(_, lines)| !lines.is_empty());
    let parts = parts
        .flat_map(|(head, lines)| std::iter::once(head).chain(lines.into_iter().map(|line| format!("    {line}"))));
    std::iter::once(language.date(today.date)).chain(parts).chain(nothing).collect()
}
