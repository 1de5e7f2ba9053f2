//! Looking: where the book stands, what is to be done, who was found.

use samla_core::register::{AutomaticView, ConflictView, DayView, DueView, DuplicatePair, SearchHit, VisitView};
use samla_core::tables::{FieldSpec, FollowUp, FollowUpKind, Kind, Table, TallyKind, VisitState};
use samla_core::{Date, StatusView};
use serde::Serialize;
use serde_json::json;

use super::rows::shown;
use super::tasks::{Handled, handled};
use super::waits::{Wait, waits};
use crate::desk::{Desk, today};
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::{About, Words};

/// Where this copy of the book stands.
pub(super) fn status(desk: &mut Desk, say: &mut Say) -> Result<(), Failure> {
    let status = desk.book().status()?;
    let waits = waits(desk, &status, true, &say.words().clone())?;
    say.tell(&Standing { status, waits }, |standing, words| {
        let waits = standing.waits.iter().map(|wait| wait.says.clone());
        status_lines(&standing.status, words).into_iter().chain(waits).collect()
    })
}

/// Where this copy stands, and what waits.
#[derive(Serialize)]
struct Standing {
    #[serde(flatten)]
    status: StatusView,
    waits: Vec<Wait>,
}

fn status_lines(status: &StatusView, words: &Words) -> Vec<String> {
    let error = |code: &str| words.of_error(code, &About::Nothing);
    let name = status.name.as_deref().map(plain).unwrap_or_default();
    let server = status.server_url.as_deref().map_or_else(|| words.say("status.no_server", &[]), plain);
    let not_in = words.say("status.not_in", &[]);
    let role = status.role.as_deref().map_or(&*not_in, |role| words.or_itself("Role", role));
    let shared = status.last_shared.map(|at| words.when(&at));
    let shared = shared.unwrap_or_else(|| words.say("status.never", &[]));
    let (entries, devices) = (words.count("entries", status.head_n), words.count("devices", status.members));
    let mut lines = vec![
        words.say("status.book", &[("name", &name), ("id", &status.book_id.to_string())]),
        words.say("status.server", &[("url", &server)]),
        words.say("status.device", &[("id", &status.device_id.to_string()), ("role", role)]),
        words.say("status.only_here", &[("n", &status.unsent.to_string()), ("when", &shared)]),
        words.say("status.log", &[("entries", &entries), ("devices", &devices)]),
    ];
    if status.waiting {
        lines.push(words.say("join.waits", &[("letters", &status.fingerprint)]));
    } else if status.joining {
        let told = error("joining");
        lines.push(format!("{} {}", told.says, told.next));
    }
    if status.removed {
        lines.push(error("removed").says);
    }
    if let Some(ask) = &status.recovery_ask {
        lines.push(words.say("status.confirm", &[("places", &super::members::places(ask, words))]));
    }
    let left_out = [
        (status.rejected, "status.rejected"),
        (status.held, "status.held"),
        (status.quarantined, "status.quarantined"),
    ];
    let left_out = left_out.iter().filter(|(n, _)| *n > 0);
    lines.extend(left_out.map(|(n, key)| words.say(key, &[("n", &n.to_string())])));
    let alarm = |code: &str| format!("{} [{}]", words.say("status.alarm", &[("says", &error(code).says)]), plain(code));
    lines.extend(status.alarm.as_deref().map(alarm));
    if status.update_required {
        lines.push(error("update_required").says);
    }
    lines.extend(status.clock_ahead.map(|seconds| {
        let key = if seconds < 0 { "status.clock_behind" } else { "status.clock_ahead" };
        words.say(key, &[("n", &seconds.abs().to_string())])
    }));
    lines
}

/// The fields that several devices answered differently.
pub(super) fn conflicts(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.register().conflicts(), |conflicts, words| {
        conflicts.iter().flat_map(|conflict| conflict_lines(conflict, words)).collect()
    })
}

/// One conflict: the row and the field as `resolve` takes them, and under it each answer.
pub(super) fn conflict_lines(conflict: &ConflictView, words: &Words) -> Vec<String> {
    let what = words.say(if conflict.kept_edit { "conflict.kept" } else { "conflict.differ" }, &[]);
    let title = plain(&conflict.title);
    let mut lines = vec![format!("{} {} {}: {what} ({title})", conflict.table, conflict.id, conflict.field)];
    lines.extend(conflict.answers.iter().map(|answer| {
        let said = shown(conflict.table, &conflict.field, answer.value.as_ref(), &answer.shown, words);
        let Some((device, at)) = answer.device.zip(answer.at) else {
            return format!("    {said} {}", words.say("conflict.unsigned", &[]));
        };
        let device = answer.device_label.as_deref().map_or_else(|| device.to_string(), plain);
        let who = answer.person_name.as_deref().map_or_else(|| "?".into(), plain);
        format!("    {said} {} {who}, {device}", words.when(&at))
    }));
    lines
}

/// The pairs that may be one person.
pub(super) fn duplicates(desk: &Desk, say: &mut Say) -> Result<(), Failure> {
    say.tell(&desk.register().duplicates(today()), |pairs, words| {
        pairs.iter().map(|pair| pair_line(pair, words)).collect()
    })
}

fn pair_line(pair: &DuplicatePair, words: &Words) -> String {
    let (reason, a, b) = (words.language().word(pair.reason), &pair.a, &pair.b);
    format!("{} {} {reason}: {}, {}", a.id, b.id, plain(&a.name), plain(&b.name))
}

/// One thing to do.
#[derive(Serialize)]
#[serde(untagged)]
enum ToDo {
    /// Somebody wrote it down.
    Written(DueView),
    /// It follows from what happened.
    Automatic(Handled<AutomaticView>),
}

/// The same for a spreadsheet: one column for what both have.
#[derive(Serialize)]
struct ToDoCells<'a> {
    claim: String,
    due: Option<Date>,
    overdue_days: Option<i64>,
    what: Option<&'a str>,
    kind: Option<FollowUpKind>,
    who: Option<&'a str>,
    phone: Option<&'a str>,
    workplace_name: Option<&'a str>,
    owner_name: Option<&'a str>,
}

impl ToDo {
    fn due(&self) -> Option<Date> {
        match self {
            Self::Written(view) => view.follow_up.due,
            Self::Automatic(todo) => Some(todo.view.due),
        }
    }

    fn line(&self, words: &Words) -> String {
        match self {
            Self::Written(view) => due_line(view, words),
            Self::Automatic(todo) => automatic_line(todo, words),
        }
    }

    fn cells(&self, words: &Words) -> ToDoCells<'_> {
        match self {
            Self::Written(DueView { follow_up: row, who, phone, owner_name, overdue_days, .. }) => ToDoCells {
                claim: row.id.to_string(),
                due: row.due,
                overdue_days: *overdue_days,
                what: what(row, words),
                kind: row.kind,
                who: who.as_deref(),
                phone: phone.as_deref(),
                workplace_name: None,
                owner_name: owner_name.as_deref(),
            },
            Self::Automatic(Handled { handle, view }) => ToDoCells {
                claim: handle.clone().unwrap_or_default(),
                due: Some(view.due),
                overdue_days: Some(view.overdue_days),
                what: Some(words.language().word(view.reason)),
                kind: view.draft.kind,
                who: Some(&view.name),
                phone: view.phone.as_deref(),
                workplace_name: view.workplace_name.as_deref(),
                owner_name: view.owner_name.as_deref(),
            },
        }
    }
}

/// What is to be done up to a day, the oldest first, then what has no day.
pub(super) fn due(desk: &Desk, date: Option<Date>, say: &mut Say) -> Result<(), Failure> {
    let (register, until) = (desk.register(), date.unwrap_or_else(today));
    let written = register.due(until).into_iter().map(ToDo::Written);
    let automatic = handled(register.automatic(until), |view| Some(&view.draft)).into_iter().map(ToDo::Automatic);
    let mut due: Vec<_> = written.chain(automatic).collect();
    due.sort_by_key(|todo| (todo.due().is_none(), todo.due()));
    if say.csv_file().is_some() {
        let words = say.words().clone();
        let cells: Vec<_> = due.iter().map(|todo| todo.cells(&words)).collect();
        return say.view(&cells);
    }
    say.tell(&due, |due, words| due.iter().map(|todo| todo.line(words)).collect())
}

pub(super) fn automatic_line(todo: &Handled<AutomaticView>, words: &Words) -> String {
    let (Handled { handle, view: due }, language) = (todo, words.language());
    let handle = handle.as_deref().unwrap_or("?");
    let parts = [
        Some(format!("{handle} {} {}", language.date(due.due), language.word(due.reason))),
        Some(plain(&due.name)),
        due.phone.as_deref().map(plain),
        due.workplace_name.as_deref().map(plain),
        due.owner_name.as_deref().map(plain),
        Some(format!("contacts {}", due.contact)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What is to be done, in the reader's language where the program wrote it in another.
fn what<'a>(row: &'a FollowUp, words: &Words) -> Option<&'a str> {
    let what = row.what.as_deref()?;
    Some(words.language().written(Table::FollowUps, "what", what).unwrap_or(what))
}

/// What somebody wrote down to be done: its id, the day, what and which kind of thing.
pub(super) fn to_do(row: &FollowUp, words: &Words) -> String {
    let language = words.language();
    let what = what(row, words).map_or_else(|| "?".into(), plain);
    let day = row.due.map_or_else(|| words.say("due.no_day", &[]), |day| language.date(day));
    let kind = row.kind.map(|kind| format!(", {}", language.word(kind))).unwrap_or_default();
    format!("{} {day} {what}{kind}", row.id)
}

pub(super) fn due_line(due: &DueView, words: &Words) -> String {
    let parts = [
        Some(to_do(&due.follow_up, words)),
        due.who.as_deref().map(plain),
        due.phone.as_deref().map(plain),
        due.owner_name.as_deref().map(plain),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A week of visits.
pub(super) fn week(desk: &Desk, date: Option<Date>, say: &mut Say) -> Result<(), Failure> {
    let today = today();
    let week = desk.register().week(date.unwrap_or(today), today);
    say.tell(&week, |week, words| {
        let head = format!("{} · {}", words.language().week(week.iso_week), week.iso_year);
        std::iter::once(head).chain(week.days.iter().flat_map(|day| day_lines(day, words))).collect()
    })
}

fn day_lines(day: &DayView, words: &Words) -> Vec<String> {
    let mark = if day.today { format!(" ({})", words.say("week.today", &[])) } else { String::new() };
    let mut lines = vec![format!("{}{mark}", words.language().day(day.date))];
    lines.extend(day.visits.iter().map(|view| format!("    {} {}", view.visit.id, visit_line(view, words))));
    lines
}

/// A visit but for its day: when, where, who comes, and what came of it.
pub(super) fn visit_line(view: &VisitView, words: &Words) -> String {
    let (visit, language) = (&view.visit, words.language());
    let staff = view.staff.iter().map(|staff| format!("{} ({})", plain(&staff.name), language.word(staff.state)));
    let staff: Vec<_> = staff.collect();
    let parts = [
        visit.starts_at.map(|at| language.time(&at)),
        visit.kind.map(|kind| language.word(kind).to_owned()),
        visit.state.filter(|state| *state != VisitState::Planned).map(|state| language.word(state).to_owned()),
        view.workplace_name.as_deref().map(plain),
        visit.spot.as_deref().map(plain),
        view.campaign_name.as_deref().map(plain),
        Some(staff.join(", ")).filter(|staff| !staff.is_empty()),
        Some(format!("{} {}", language.word(TallyKind::Talked), view.talked)),
        Some(language.count("signed", view.signed)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Contacts that fit.
pub(super) fn search(desk: &Desk, text: &str, limit: usize, say: &mut Say) -> Result<(), Failure> {
    let hits = desk.register().search(text, limit, today());
    say.tell(&hits, |hits, words| hits.iter().map(|hit| hit_line(hit, words)).collect())
}

fn hit_line(hit: &SearchHit, words: &Words) -> String {
    let more = [hit.phone.as_deref(), hit.workplace.as_deref()].into_iter().flatten().map(plain);
    let parts = std::iter::once(plain(&hit.name)).chain(more).chain([words.language().word(hit.membership).to_owned()]);
    format!("{} {}", hit.id, parts.collect::<Vec<_>>().join(", "))
}

/// The fields of a table, or the tables: their names as they are typed, what they are called, and what they mean.
pub(super) fn fields(table: Option<Table>, say: &mut Say) -> Result<(), Failure> {
    let language = say.words().language();
    let head = |table: Table| format!("{table} · {}: {}", language.table(table), table.doc());
    let Some(table) = table else {
        let json = |table: &Table| json!({ "table": table, "doc": table.doc() });
        let view: Vec<_> = Table::ALL.iter().map(json).collect();
        return say.tell(&view, |_, _| Table::ALL.into_iter().map(head).collect());
    };
    let fields: Vec<_> = table.fields().iter().map(field_json).collect();
    say.tell(&json!({ "table": table, "doc": table.doc(), "fields": fields }), |_, words| {
        let fields = table.fields().iter().map(|spec| field_line(table, spec, words));
        std::iter::once(head(table)).chain(fields).collect()
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

fn field_line(table: Table, spec: &FieldSpec, words: &Words) -> String {
    let language = words.language();
    let kind = match (spec.kind, spec.range) {
        (Kind::Text, _) => words.say("kind.text", &[]),
        (Kind::Int, None) => words.say("kind.number", &[]),
        (Kind::Int, Some((least, most))) => {
            words.say("kind.range", &[("least", &language.number(least)), ("most", &language.number(most))])
        }
        (Kind::Bool, _) => words.say("kind.bool", &[]),
        (Kind::Date, _) => words.say("kind.date", &[]),
        (Kind::Moment, _) => words.say("kind.moment", &[]),
        (Kind::Link(table), _) => words.say("kind.link", &[("table", table.name())]),
        (Kind::Choice(choices), _) => choices.join("|"),
    };
    let needed = if spec.required { format!(", {}", words.say("kind.required", &[])) } else { String::new() };
    let mut line = format!("    {} · {} ({kind}{needed}): {}", spec.name, language.field(table, spec.name), spec.doc);
    if let (Kind::Choice(choices), Some(choice)) = (spec.kind, spec.choice) {
        let called: Vec<_> = choices.iter().map(|word| format!("{word} = {}", words.or_itself(choice, word))).collect();
        line.push_str(&format!("\n        {}", called.join("; ")));
    }
    line
}
