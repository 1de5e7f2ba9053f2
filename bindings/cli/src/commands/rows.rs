//! Rows: adding, changing, removing, finding, showing.

use chrono::Local;
use samla_core::register::{ContactCard, TableSummary, TimelineEntry};
use samla_core::tables::{Draft, Kind, LinkKind, MembershipEvent, Patch, Row, Table, TallyKind, Value, Visit};
use samla_core::{Date, Id, Moment, RowId};
use serde_json::json;

use super::looks::to_do;
use super::people::{recruiter, tell_contact};
use crate::args::{self, Assignment};
use crate::desk::{Desk, today};
use crate::failure::{Failure, unknown_field};
use crate::say::{Say, plain, row_json, row_line};
use crate::words::Words;

/// Fields as they were typed.
pub(super) fn draft<'a>(table: Table, fields: impl IntoIterator<Item = &'a Assignment>) -> Result<Draft, Failure> {
    let fields = fields.into_iter().map(|set| (&set.field, &set.value));
    Ok(Draft::parse(table, fields, Local)?)
}

/// Refuses where a table has no such row.
pub(super) fn must_be_there(desk: &Desk, table: Table, id: impl Into<RowId>) -> Result<(), Failure> {
    match desk.register().row(table, id.into()) {
        Some(_) => Ok(()),
        None => Err(samla_core::BookError::UnknownRow.into()),
    }
}

/// Tells the id of what was written.
pub(super) fn tell_id(id: impl std::fmt::Display, say: &mut Say) -> Result<(), Failure> {
    let id = id.to_string();
    say.tell(&json!({ "id": id }), |_, _| vec![id.clone()])
}

/// Adds a row.
pub(super) fn add(desk: &mut Desk, table: Table, fields: &[Assignment], say: &mut Say) -> Result<(), Failure> {
    let draft = draft(table, fields)?;
    let id = desk.act(|book, ctx| book.add(ctx, &draft))?;
    match table {
        Table::Contacts => tell_contact(desk, Some(id.into()), &json!({ "id": id }), vec![id.to_string()], say),
        _ => tell_id(id, say),
    }
}

/// Changes a row.
pub(super) fn set(
    desk: &mut Desk,
    table: Table,
    id: RowId,
    fields: &[Assignment],
    say: &mut Say,
) -> Result<(), Failure> {
    let (clear, set): (Vec<_>, Vec<_>) = fields.iter().partition(|set| set.value.trim().is_empty());
    let clear = clear.into_iter().map(|set| set.field.clone()).collect();
    let patch = Patch { id, set: draft(table, set)?, clear };
    desk.act(|book, ctx| book.set(ctx, &patch))?;
    tell_id(id, say)
}

/// Removes a row.
pub(super) fn remove(desk: &mut Desk, table: Table, id: RowId, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.remove(ctx, table, id))?;
    tell_id(id, say)
}

/// Brings a removed row back.
pub(super) fn restore(desk: &mut Desk, table: Table, id: RowId, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.restore(ctx, table, id))?;
    tell_id(id, say)
}

/// Lists the rows of a table that fit.
pub(super) fn list(desk: &Desk, table: Table, filter: &[Assignment], say: &mut Say) -> Result<(), Failure> {
    let wanted = draft(table, filter)?.writes();
    let empty: Vec<_> = filter.iter().filter(|set| set.value.trim().is_empty()).map(|set| set.field.as_str()).collect();
    let fits = |row: &Row| {
        wanted.iter().all(|(field, value)| row.get(field).as_ref() == Some(value))
            && empty.iter().all(|field| row.get(field).is_none())
    };
    let rows: Vec<_> = desk.register().rows(table).into_iter().filter(fits).collect();
    let view: Vec<_> = rows.iter().map(row_json).collect();
    say.tell(&view, |_, _| rows.iter().map(row_line).collect())
}

/// Shows a row, whatever its table.
pub(super) fn show(desk: &Desk, id: RowId, say: &mut Say) -> Result<(), Failure> {
    let register = desk.register();
    if let Some(card) = register.contact_card(id.into(), today()) {
        return say.tell(&json!({ "table": Table::Contacts, "card": card }), |_, words| card_lines(&card, words));
    }
    let row = Table::ALL.into_iter().find_map(|table| register.row(table, id));
    let row = row.ok_or(samla_core::BookError::UnknownRow)?;
    let summary = (row.table() == Table::Visits).then(|| register.table_summary(Id::<Visit>::from(id)));
    let view = json!({ "table": row.table(), "row": row_json(&row), "summary": summary });
    say.tell(&view, |_, words| {
        let head = format!("{} {}", row.table(), row_line(&row));
        std::iter::once(head).chain(summary.iter().flat_map(|summary| summary_lines(summary, words))).collect()
    })
}

fn card_lines(card: &ContactCard, words: &Words) -> Vec<String> {
    let language = words.language();
    let field = |name| language.field(Table::Contacts, name);
    let mut lines = vec![format!("contacts {}", row_line(&Row::from(card.contact.clone())))];
    let ended = card.trial_until.filter(|last| *last < today()).map(|last| language.trial_ended(last));
    lines.push(format!("{}: {}", field("membership"), ended.unwrap_or_else(|| language.word(card.status).to_owned())));
    lines.extend(card.workplace_name.iter().map(|name| format!("{}: {}", field("workplace"), plain(name))));
    lines.extend(card.owner_name.iter().map(|name| format!("{}: {}", field("owner"), plain(name))));
    lines.extend(card.same.iter().map(|id| format!("{}: {id}", language.word(LinkKind::SamePerson))));
    lines.extend(card.others.iter().map(|other| {
        let said = shown(Table::Contacts, &other.field, Some(&other.value), &other.shown, words);
        format!("{} {}: {said}", other.contact, field(&other.field))
    }));
    let follow_ups = card.follow_ups.iter().map(|row| to_do(row, words));
    lines.extend(follow_ups.map(|row| format!("{}: {row}", words.say("card.follow_up", &[]))));
    lines.extend(card.clashes.iter().flat_map(|clash| super::looks::conflict_lines(clash, words)));
    lines.extend(card.timeline.iter().map(|entry| timeline_line(entry, words)));
    lines
}

/// A value as people read it: a choice by its name, a link by what it points at, a moment by their clock, a
/// text of the program in their language.
pub(super) fn shown(table: Table, field: &str, value: Option<&Value>, shown: &str, words: &Words) -> String {
    let spec = table.field(field);
    match (value, spec.map(|spec| spec.kind)) {
        (Some(value), Some(Kind::Choice(_) | Kind::Bool)) => plain(&words.value(spec, value)),
        (Some(Value::Text(text)), Some(Kind::Moment)) => when(text, words).unwrap_or_else(|| plain(shown)),
        (Some(Value::Text(text)), Some(Kind::Text)) => {
            plain(words.language().written(table, field, text).unwrap_or(shown))
        }
        _ => plain(shown),
    }
}

/// A moment or a day of the register, as people read it.
fn when(text: &str, words: &Words) -> Option<String> {
    let at = Moment::parse_from_rfc3339(text).ok().map(|at| words.when(&at));
    at.or_else(|| text.parse().ok().map(|day: Date| words.language().date(day)))
}

fn timeline_line(entry: &TimelineEntry, words: &Words) -> String {
    let language = words.language();
    let title = language.written(entry.row_table, "what", &entry.title).unwrap_or(&entry.title);
    let parts = [
        Some(when(&entry.at, words).unwrap_or_else(|| plain(&entry.at))),
        Some(language.word(entry.kind).to_owned()),
        Some(plain(title)).filter(|title| !title.is_empty()),
        entry.occasion.map(|occasion| language.word(occasion).to_owned()),
        entry.channel.map(|channel| language.word(channel).to_owned()),
        entry.answer.map(|answer| language.word(answer).to_owned()),
        entry.note.as_deref().map(|note| format!("“{}”", plain(note))),
        entry.due.map(|day| language.was_due(day)),
        entry.by.as_deref().map(|by| format!("({})", plain(by))),
        Some(format!("[{} {}]", entry.row_table, entry.row_id)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn summary_lines(summary: &TableSummary, words: &Words) -> Vec<String> {
    let language = words.language();
    let counted = [
        (TallyKind::Talked, summary.talked),
        (TallyKind::HandedOut, summary.handed_out),
        (TallyKind::SignedWithoutName, summary.signed_without_name),
        (TallyKind::PassedBy, summary.passed_by),
    ];
    let counts = counted.iter().map(|(kind, n)| format!("{} {n}", language.word(*kind)));
    let counts: Vec<_> = counts.chain([language.count("signed", summary.signed)]).collect();
    let items = summary.items.iter();
    let items = items.map(|item| format!("{} {}: {}", language.word(TallyKind::HandedOut), item.n, plain(&item.item)));
    std::iter::once(counts.join(", ")).chain(items).collect()
}

/// Signs a person up.
pub(super) fn sign_up(desk: &mut Desk, typed: &args::SignUp, say: &mut Say) -> Result<(), Failure> {
    let Draft::Contacts(contact) = draft(Table::Contacts, &typed.fields)? else {
        return Err(samla_core::BookError::Bug("sign_up").into());
    };
    let named = typed.recruiter.as_deref().map(|who| recruiter(desk, who)).transpose()?;
    let (recruiter, colleague) = named.unwrap_or_default();
    let sign_up = samla_core::SignUp {
        contact,
        contact_id: typed.contact,
        visit: typed.visit,
        campaign: typed.campaign,
        recruiter,
        colleague,
        method: typed.method.clone(),
        on: typed.on,
    };
    let signed = desk.act(|book, ctx| book.sign_up(ctx, &sign_up))?;
    let lines = vec![format!("contacts {}", signed.contact), format!("memberships {}", signed.membership)];
    // Whoever is named by their row is nobody new.
    tell_contact(desk, typed.contact.is_none().then_some(signed.contact), &signed, lines, say)
}

/// Says otherwise who recruited at a sign-up.
pub(super) fn recruited(
    desk: &mut Desk,
    signed: Id<MembershipEvent>,
    who: Option<&str>,
    say: &mut Say,
) -> Result<(), Failure> {
    let (steward, colleague) = who.map(|who| recruiter(desk, who)).transpose()?.unwrap_or_default();
    desk.act(|book, ctx| book.recruit(ctx, signed, steward, colleague))?;
    tell_id(signed, say)
}

/// Counts at a visit.
pub(super) fn tally(
    desk: &mut Desk,
    visit: Id<Visit>,
    kind: TallyKind,
    item: Option<&str>,
    delta: i64,
    say: &mut Say,
) -> Result<(), Failure> {
    let n = desk.act(|book, ctx| book.tally(ctx, visit, kind, item, delta))?;
    say.tell(&json!({ "n": n }), |_, _| vec![n.to_string()])
}

/// Settles a field that several devices answered.
pub(super) fn resolve(
    desk: &mut Desk,
    table: Table,
    id: RowId,
    field: &str,
    value: &str,
    say: &mut Say,
) -> Result<(), Failure> {
    let value = match field {
        samla_core::tables::LIVE => Some(Value::Bool(value.trim() != "false")),
        _ => typed_value(table, field, value)?,
    };
    desk.act(|book, ctx| book.resolve(ctx, table, id, field, value))?;
    tell_id(id, say)
}

/// A value for a field, as typed; nothing where it is empty.
pub(super) fn typed_value(table: Table, field: &str, value: &str) -> Result<Option<Value>, Failure> {
    if value.trim().is_empty() {
        return Ok(None);
    }
    let writes = Draft::parse(table, [(field, value)], Local)?.writes();
    Ok(Some(writes.into_iter().next().ok_or_else(|| unknown_field(field))?.1))
}
