//! Rows: adding, changing, removing, finding, showing.

use samla_core::register::{ContactCard, TableSummary, TimelineEntry};
use samla_core::tables::{Draft, Patch, Row, Table, TallyKind, Value, Visit};
use samla_core::{Id, RowId};
use serde_json::json;

use crate::args::{self, Assignment};
use crate::desk::{Desk, now};
use crate::failure::{Failure, unknown_field};
use crate::say::{Say, plain, row_json, row_line};

fn draft<'a>(table: Table, fields: impl IntoIterator<Item = &'a Assignment>) -> Result<Draft, Failure> {
    let fields = fields.into_iter().map(|set| (&set.field, &set.value));
    Ok(Draft::parse(table, fields, *now().offset())?)
}

fn tell_id(id: impl std::fmt::Display, say: &mut Say) -> Result<(), Failure> {
    let id = id.to_string();
    say.tell(&json!({ "id": id }), |_| vec![id.clone()])
}

/// Adds a row.
pub(super) fn add(desk: &mut Desk, table: Table, fields: &[Assignment], say: &mut Say) -> Result<(), Failure> {
    let draft = draft(table, fields)?;
    let id = desk.act(|book, ctx| book.add(ctx, &draft))?;
    tell_id(id, say)
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
    say.tell(&view, |_| rows.iter().map(row_line).collect())
}

/// Shows a row, whatever its table.
pub(super) fn show(desk: &Desk, id: RowId, say: &mut Say) -> Result<(), Failure> {
    let register = desk.register();
    if let Some(card) = register.contact_card(id.into()) {
        return say.tell(&json!({ "table": Table::Contacts, "card": card }), |_| card_lines(&card));
    }
    let row = Table::ALL.into_iter().find_map(|table| register.row(table, id));
    let row = row.ok_or(samla_core::BookError::UnknownRow)?;
    let summary = (row.table() == Table::Visits).then(|| register.table_summary(Id::<Visit>::from(id)));
    let view = json!({ "table": row.table(), "row": row_json(&row), "summary": summary });
    say.tell(&view, |_| {
        let head = format!("{} {}", row.table(), row_line(&row));
        std::iter::once(head).chain(summary.iter().flat_map(summary_lines)).collect()
    })
}

fn card_lines(card: &ContactCard) -> Vec<String> {
    let mut lines = vec![format!("contacts {}", row_line(&Row::from(card.contact.clone())))];
    lines.push(format!("status: {}", card.status));
    lines.extend(card.workplace_name.iter().map(|name| format!("workplace: {}", plain(name))));
    lines.extend(card.owner_name.iter().map(|name| format!("owner: {}", plain(name))));
    lines.extend(card.same.iter().map(|id| format!("the same person: {id}")));
    let others = card.others.iter();
    lines.extend(others.map(|other| format!("{} says {}: {}", other.contact, other.field, plain(&other.shown))));
    lines.extend(card.follow_ups.iter().map(|todo| format!("to do: {}", row_line(&Row::from(todo.clone())))));
    lines.extend(card.clashes.iter().flat_map(super::looks::conflict_lines));
    lines.extend(card.timeline.iter().map(timeline_line));
    lines
}

fn timeline_line(entry: &TimelineEntry) -> String {
    let kind = json!(entry.kind);
    let words = [
        Some(entry.at.clone()),
        kind.as_str().map(str::to_owned),
        Some(plain(&entry.title)).filter(|title| !title.is_empty()),
        entry.occasion.map(|occasion| occasion.to_string()),
        entry.answer.map(|answer| answer.to_string()),
        entry.note.as_deref().map(|note| format!("“{}”", plain(note))),
        entry.by.as_deref().map(|by| format!("by {}", plain(by))),
        Some(format!("[{} {}]", entry.row_table, entry.row_id)),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn summary_lines(summary: &TableSummary) -> Vec<String> {
    let counts = format!(
        "talked {}, handed out {}, signed {} ({} without name), passed by {}",
        summary.talked, summary.handed_out, summary.signed, summary.signed_without_name, summary.passed_by
    );
    let items = summary.items.iter().map(|item| format!("handed out: {} {}", item.n, plain(&item.item)));
    std::iter::once(counts).chain(items).collect()
}

/// Signs a person up.
pub(super) fn sign_up(desk: &mut Desk, typed: &args::SignUp, say: &mut Say) -> Result<(), Failure> {
    let Draft::Contacts(contact) = draft(Table::Contacts, &typed.fields)? else {
        return Err(samla_core::BookError::Bug("sign_up").into());
    };
    let sign_up = samla_core::SignUp {
        contact,
        contact_id: typed.contact,
        visit: typed.visit,
        campaign: typed.campaign,
        recruiter: None,
        method: typed.method.clone(),
        on: typed.on,
    };
    let signed = desk.act(|book, ctx| book.sign_up(ctx, &sign_up))?;
    say.tell(&signed, |signed| {
        vec![format!("contacts {}", signed.contact), format!("memberships {}", signed.membership)]
    })
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
    say.tell(&json!({ "n": n }), |_| vec![n.to_string()])
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
        _ if value.trim().is_empty() => None,
        _ => {
            let writes = Draft::parse(table, [(field, value)], *now().offset())?.writes();
            Some(writes.into_iter().next().ok_or_else(|| unknown_field(field))?.1)
        }
    };
    desk.act(|book, ctx| book.resolve(ctx, table, id, field, value))?;
    tell_id(id, say)
}
