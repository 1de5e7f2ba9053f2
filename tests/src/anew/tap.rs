//! What people do to the register in a field.

use samla_core::tables::{ContactDraft, Draft, Patch, Table, TalkDraft};
use samla_core::{Book, BookError, Context, RowId};

use crate::ledger::shown;

/// What a finger does to the register.
#[derive(Debug, Clone)]
pub(super) enum Tap {
    Meet(String),
    Talk(RowId, String),
    Note(Table, RowId, String),
    Remove(Table, RowId),
    Choose(Table, RowId, String),
}

impl Tap {
    pub(super) fn on(&self, book: &mut Book, ctx: &mut Context<'_>) -> Result<Option<RowId>, BookError> {
        match self {
            Self::Meet(note) => {
                let contact = ContactDraft { note: Some(note.clone()), ..ContactDraft::default() };
                book.add(ctx, &Draft::Contacts(contact)).map(Some)
            }
            Self::Talk(contact, note) => {
                let (contact, at, note) = (Some((*contact).into()), Some(ctx.now), Some(note.clone()));
                book.add(ctx, &TalkDraft { contact, at, note, ..TalkDraft::default() }.into()).map(Some)
            }
            Self::Note(table, id, note) => {
                let offset = *ctx.now.offset();
                let set = Draft::parse(*table, [("note", note.as_str())], offset).expect("a field of the table");
                book.set(ctx, &Patch { id: *id, set, clear: Vec::new() }).map(|()| None)
            }
            Self::Remove(table, id) => book.remove(ctx, *table, *id).map(|()| None),
            Self::Choose(table, id, note) => {
                let value = samla_core::tables::Value::Text(note.clone());
                book.resolve(ctx, *table, *id, "note", Some(value)).map(|()| None)
            }
        }
    }
}

/// The texts in a row, and in the talks about it where it is a contact.
pub(super) fn texts_about(book: &Book, table: Table, id: RowId) -> Vec<String> {
    let mut texts = shown(book, table, id, "note");
    for talk in book.register().rows(Table::Talks) {
        let contact = talk.get("contact").map(|value| value.to_string());
        if table == Table::Contacts && contact == Some(id.to_string()) {
            texts.extend(shown(book, Table::Talks, talk.id(), "note"));
        }
    }
    texts
}

/// Did a tap outlive a kill?
pub(super) fn is_there(book: &Book, tap: &Tap, made: Option<RowId>) -> bool {
    let register = book.register();
    match (tap, made) {
        (Tap::Meet(_), Some(id)) => register.row(Table::Contacts, id).is_some(),
        (Tap::Talk(..), Some(id)) => register.row(Table::Talks, id).is_some(),
        (Tap::Note(table, id, note), _) => shown(book, *table, *id, "note").contains(note),
        (Tap::Remove(table, id), _) => register.row(*table, *id).is_none(),
        (Tap::Choose(table, id, _), _) => {
            !register.conflicts().iter().any(|clash| (clash.table, clash.id) == (*table, *id))
        }
        _ => false,
    }
}
