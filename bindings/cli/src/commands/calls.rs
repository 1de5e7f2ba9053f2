//! The calls before the free months end.

use chrono::{Days, Months};
use samla_core::register::{AutomaticReason, CallClash, CallDecision, CallView};
use samla_core::tables::{Contact, FollowUpDraft, Person, Table};
use samla_core::{CallLog, CallLogged, Date, Id};
use serde_json::json;

use super::tasks::tell_claimed;
use crate::args::{self, CallsCommand, LogCall};
use crate::desk::{Desk, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::Words;

/// What was asked of the calls.
pub(super) fn calls(desk: &mut Desk, command: CallsCommand, say: &mut Say) -> Result<(), Failure> {
    match command {
        CallsCommand::List(days) => list(desk, days, say),
        CallsCommand::Claim { contact, take_over } => claim(desk, contact, take_over, say),
        CallsCommand::Log(log) => log_call(desk, &log, say),
        CallsCommand::HandOver { from, to, yes } => hand_over(desk, from, to, yes, say),
        CallsCommand::Clashes { since } => clashes(desk, since, say),
    }
}

fn list(desk: &Desk, days: args::Days, say: &mut Say) -> Result<(), Failure> {
    let today = today();
    let from = days.from.unwrap_or_else(|| months_before(today, 1));
    let until = days.until.unwrap_or_else(|| months_after(today, 2));
    let calls = desk.register().call_list(from, until, today);
    say.tell(&calls, |calls, words| calls.iter().map(|call| call_line(call, words)).collect())
}

pub(super) fn months_before(day: Date, months: u32) -> Date {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}

pub(super) fn months_after(day: Date, months: u32) -> Date {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

pub(super) fn call_line(call: &CallView, words: &Words) -> String {
    let language = words.language();
    let attempts = (call.attempts > 0).then(|| words.say("calls.attempts", &[("n", &language.number(call.attempts))]));
    let also = call.also_names.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
    let parts = [
        Some(format!("{} {}", call.contact, plain(&call.name))),
        Some(words.say("calls.ends", &[("day", &language.date(call.trial_ends_on))])),
        call.decision.map(|decision| language.word(decision).to_owned()),
        call.phone.as_deref().map(plain),
        call.language.as_deref().map(plain),
        call.workplace_name.as_deref().map(plain),
        call.campaign_name.as_deref().map(plain),
        call.owner_name.as_deref().map(plain),
        attempts,
        call.outcome.as_deref().map(|outcome| format!("“{}”", plain(outcome))),
        call.reason.as_deref().map(plain),
        (!also.is_empty()).then(|| words.say("calls.also", &[("names", &also)])),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The call of a person, as the list drafts it.
fn draft(desk: &Desk, contact: Id<Contact>, words: &Words) -> Result<FollowUpDraft, Failure> {
    let register = desk.register();
    let ends_on = register.trial_ends_on(contact).ok_or(Failure::NoCall)?;
    let (from, until) = (ends_on - Days::new(1), ends_on + Days::new(1));
    let person = register.same_person(contact);
    let call = register.call_list(from, until, today()).into_iter().find(|call| person.contains(&call.contact));
    let call = call.ok_or(Failure::NoCall)?;
    let what = words.language().word(AutomaticReason::TrialEnds).to_owned();
    Ok(FollowUpDraft { what: Some(what), ..call.draft })
}

fn claim(desk: &mut Desk, contact: Id<Contact>, take_over: bool, say: &mut Say) -> Result<(), Failure> {
    let draft = draft(desk, contact, say.words())?;
    let claimed = desk.act(|book, ctx| book.claim(ctx, &draft, take_over))?;
    tell_claimed(&claimed, say)
}

fn log_call(desk: &mut Desk, log: &LogCall, say: &mut Say) -> Result<(), Failure> {
    let call = draft(desk, log.contact, say.words())?;
    let decision = match (log.stays, log.leaves) {
        (true, _) => Some(CallDecision::Stays),
        (_, true) => Some(CallDecision::Leaves),
        _ => None,
    };
    let log = CallLog {
        call,
        reached: log.reached,
        outcome: log.outcome.clone(),
        again_on: log.again_on,
        decision,
        decided_on: log.on,
        reason: log.reason.clone(),
    };
    let logged = desk.act(|book, ctx| book.log_call(ctx, &log))?;
    say.tell(&logged, |logged: &CallLogged, words| {
        let also = logged.also.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
        let lines = [
            Some(format!("follow_ups {}", logged.follow_up)),
            logged.talk.map(|id| format!("talks {id}")),
            logged.membership.map(|id| format!("memberships {id}")),
            (!also.is_empty()).then(|| words.say("calls.also", &[("names", &also)])),
        ];
        lines.into_iter().flatten().collect()
    })
}

/// Shows how much would go from one steward to another; with `--yes`, hands it over.
fn hand_over(desk: &mut Desk, from: Id<Person>, to: Id<Person>, yes: bool, say: &mut Say) -> Result<(), Failure> {
    let goes = if yes {
        desk.act(|book, ctx| book.hand_over(ctx, from, to))?
    } else {
        desk.book().to_hand_over(from, to, today())?
    };
    let view = json!({
        "from": from,
        "to": to,
        "handed_over": yes,
        "follow_ups": goes.follow_ups,
        "contacts": goes.contacts,
        "shifts": goes.shifts,
    });
    let name = |id| desk.register().person_name(id).map_or_else(|| "?".to_owned(), |name| plain(&name));
    let (from, to) = (name(from), name(to));
    say.tell(&view, |_, words| {
        let key = if yes { "hand_over.done" } else { "hand_over.what" };
        let goes =
            [(Table::FollowUps, goes.follow_ups), (Table::Contacts, goes.contacts), (Table::Shifts, goes.shifts)];
        let goes = goes.map(|(table, n)| format!("    {}: {n}", words.language().table(table)));
        let ask = (!yes).then(|| words.say("hand_over.ask", &[]));
        std::iter::once(words.say(key, &[("from", &from), ("to", &to)])).chain(goes).chain(ask).collect()
    })
}

fn clashes(desk: &Desk, since: Option<Date>, say: &mut Say) -> Result<(), Failure> {
    let clashes = desk.register().call_clashes(since.unwrap_or_else(|| months_before(today(), 1)));
    say.tell(&clashes, |clashes, words| clashes.iter().flat_map(|clash| clash_lines(clash, words)).collect())
}

fn clash_lines(clash: &CallClash, words: &Words) -> Vec<String> {
    let callers = clash.callers.iter().map(|caller| {
        let parts = [
            Some(format!("    {} {}", caller.follow_up, plain(&caller.name))),
            caller.decision.map(|decision| words.language().word(decision).to_owned()),
            caller.outcome.as_deref().map(|outcome| format!("“{}”", plain(outcome))),
            caller.done_at.map(|at| words.when(&at)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    let decision = clash.decision.map(|decision| words.language().word(decision));
    let holds = decision.map(|decision| words.say("calls.holds", &[("decision", decision)]));
    let head = [Some(format!("{} {}", clash.contact, plain(&clash.name))), holds];
    let head = head.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    std::iter::once(head).chain(callers).collect()
}
