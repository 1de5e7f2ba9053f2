//! Looking: where the book stands, what is to be done, who was found.

use samla_core::register::{ConflictView, DayView, DueView, DuplicatePair, SearchHit};
use samla_core::tables::{FieldSpec, Kind, Table};
use samla_core::{Date, StatusView};
use serde_json::json;

use crate::desk::{Desk, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words;

/// Where this copy of the book stands.
pub(super) fn status(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.book().status()?, status_lines)
}

fn status_lines(status: &StatusView) -> Vec<String> {
    let name = status.name.as_deref().map(plain).unwrap_or_default();
    let mut lines = vec![format!("book: {name} {}", status.book_id)];
    let server = status.server_url.as_deref().unwrap_or("none: a book to practise with");
    lines.push(format!("server: {}", plain(server)));
    lines.push(format!("device: {} {}", status.device_id, status.role.as_deref().unwrap_or("not in yet")));
    let shared = status.last_shared.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
    lines.push(format!("only here: {} edits; last shared: {shared}", status.unsent));
    lines.push(format!("log: {} entries, {} devices", status.head_n, status.members));
    if status.joining {
        lines.push("The join has not come through: samla sync".into());
    }
    if status.removed {
        lines.push(words::of("removed").says.into());
    }
    if let Some(ask) = &status.recovery_ask {
        lines.push(format!("To confirm: `samla book confirm` and the {}", super::members::places(ask)));
    }
    let left_out =
        [(status.rejected, "rejected by a rule"), (status.held, "held"), (status.quarantined, "quarantined")];
    lines.extend(left_out.iter().filter(|(n, _)| *n > 0).map(|(n, why)| format!("left out: {n} {why}")));
    lines.extend(status.alarm.as_deref().map(|code| format!("alarm: {} [{code}]", words::of(code).says)));
    if status.update_required {
        lines.push(words::of("update_required").says.into());
    }
    let clock = status.clock_ahead.map(|seconds| match seconds {
        0.. => format!("The clock of this machine is {seconds} seconds ahead of the server's: set it right."),
        _ => format!("The clock of this machine is {} seconds behind the server's: set it right.", -seconds),
    });
    lines.extend(clock);
    lines
}

/// The fields that several devices answered differently.
pub(super) fn conflicts(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.register().conflicts(), |conflicts| conflicts.iter().flat_map(conflict_lines).collect())
}

/// One conflict: the field, and under it each answer.
pub(super) fn conflict_lines(conflict: &ConflictView) -> Vec<String> {
    let what = if conflict.kept_edit { "removed by one, edited by another; kept" } else { "answered differently" };
    let title = plain(&conflict.title);
    let mut lines = vec![format!("{} {} {}: {what} ({title})", conflict.table, conflict.id, conflict.field)];
    lines.extend(conflict.answers.iter().map(|answer| {
        let who = answer.person_name.as_deref().or(answer.device_label.as_deref()).unwrap_or("?");
        format!("    {} {} {}", plain(&answer.shown), answer.at.to_rfc3339(), plain(who))
    }));
    lines
}

/// The pairs that may be one person.
pub(super) fn duplicates(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.register().duplicates(), |pairs| pairs.iter().map(pair_line).collect())
}

fn pair_line(pair: &DuplicatePair) -> String {
    let reason = json!(pair.reason);
    let (reason, a, b) = (reason.as_str().unwrap_or_default(), &pair.a, &pair.b);
    format!("{} {} the same {reason}: {}, {}", a.id, b.id, plain(&a.name), plain(&b.name))
}

/// What is to be done up to a day.
pub(super) fn due(desk: &Desk, date: Option<Date>, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.register().due(date.unwrap_or_else(today)), |due| due.iter().map(due_line).collect())
}

fn due_line(due: &DueView) -> String {
    let what = due.follow_up.what.as_deref().unwrap_or("?");
    let day = due.follow_up.due.map_or_else(|| "no day".to_owned(), |day| day.to_string());
    let words = [
        Some(format!("{} {day} {}", due.follow_up.id, plain(what))),
        due.who.as_deref().map(plain),
        due.phone.as_deref().map(plain),
        due.owner_name.as_deref().map(plain),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A week of visits.
pub(super) fn week(desk: &Desk, date: Option<Date>, say: &mut Say) -> Result<(), Failure> {
    let today = today();
    let week = desk.register().week(date.unwrap_or(today), today);
    say.tell(&week, |week| {
        let head = format!("week {} of {}", week.iso_week, week.iso_year);
        std::iter::once(head).chain(week.days.iter().flat_map(day_lines)).collect()
    })
}

fn day_lines(day: &DayView) -> Vec<String> {
    let mark = if day.today { " (today)" } else { "" };
    let mut lines = vec![format!("{} {}{mark}", day.date.format("%a"), day.date)];
    lines.extend(day.visits.iter().map(|view| {
        let visit = &view.visit;
        let starts = visit.starts_at.map(|at| at.format("%H:%M").to_string());
        let staff: Vec<_> =
            view.staff.iter().map(|staff| format!("{} ({})", plain(&staff.name), staff.state)).collect();
        let words = [
            starts,
            visit.kind.map(|kind| kind.to_string()),
            view.workplace_name.as_deref().map(plain),
            visit.spot.as_deref().map(plain),
            view.campaign_name.as_deref().map(plain),
            Some(staff.join(", ")).filter(|staff| !staff.is_empty()),
            Some(format!("talked {}, signed {}", view.talked, view.signed)),
        ];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        format!("    {} {words}", visit.id)
    }));
    lines
}

/// Contacts that fit.
pub(super) fn search(desk: &Desk, text: &str, limit: usize, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.register().search(text, limit), |hits| hits.iter().map(hit_line).collect())
}

fn hit_line(hit: &SearchHit) -> String {
    let more = [hit.phone.as_deref(), hit.workplace.as_deref()].into_iter().flatten().map(plain);
    let words = std::iter::once(plain(&hit.name)).chain(more).chain([hit.membership.to_string()]);
    format!("{} {}", hit.id, words.collect::<Vec<_>>().join(", "))
}

/// The fields of a table, or the tables.
pub(super) fn fields(table: Option<Table>, say: &mut Say) -> Result<(), Failure> {
    let Some(table) = table else {
        let view: Vec<_> = Table::ALL.iter().map(|table| json!({ "table": table, "doc": table.doc() })).collect();
        return say.tell(&view, |_| Table::ALL.iter().map(|table| format!("{table}: {}", table.doc())).collect());
    };
    let fields: Vec<_> = table.fields().iter().map(field_json).collect();
    say.tell(&json!({ "table": table, "doc": table.doc(), "fields": fields }), |_| {
        let head = format!("{table}: {}", table.doc());
        std::iter::once(head).chain(table.fields().iter().map(field_line)).collect()
    })
}

fn field_json(spec: &FieldSpec) -> serde_json::Value {
    let (kind, of) = match spec.kind {
        Kind::Text => ("text", json!(null)),
        Kind::Int => ("int", json!(spec.range)),
        Kind::Bool => ("bool", json!(null)),
        Kind::Date => ("date", json!(null)),
        Kind::Moment => ("moment", json!(null)),
        Kind::Link(table) => ("link", json!(table)),
        Kind::Choice(words) => ("choice", json!(words)),
    };
    json!({ "name": spec.name, "kind": kind, "of": of, "required": spec.required, "doc": spec.doc })
}

fn field_line(spec: &FieldSpec) -> String {
    let kind = match spec.kind {
        Kind::Text => "text".to_owned(),
        Kind::Int => spec.range.map_or_else(|| "number".to_owned(), |(least, most)| format!("{least} to {most}")),
        Kind::Bool => "yes or no".to_owned(),
        Kind::Date => "day".to_owned(),
        Kind::Moment => "time".to_owned(),
        Kind::Link(table) => format!("id in {table}"),
        Kind::Choice(words) => words.join("|"),
    };
    let needed = if spec.required { ", required" } else { "" };
    format!("    {} ({kind}{needed}): {}", spec.name, spec.doc)
}
