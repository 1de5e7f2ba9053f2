//! Commands about people who were written down twice: who is one person and who is not, and which of several values is
//! right for the whole person.
//!
//! All of them may be repeated: what holds already is not written again. Two phones that decide the same make two
//! links, which read as one; who decides otherwise without knowing is told by
//! [`Register::disputed_links`](crate::register::Register::disputed_links).

use super::Book;
use super::commands::must_fit;
use crate::context::Context;
use crate::document::{Step, Write};
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Draft, FieldReason, Link, LinkDraft, LinkKind, Scalar, Table, TableRow, Value};

impl Book {
    /// Says that two contacts are one person, and undoes what kept the two persons apart. Returns the link that says so.
    pub fn link_same(&mut self, ctx: &mut Context<'_>, a: Id<Contact>, b: Id<Contact>) -> Result<Id<Link>, BookError> {
        self.decide(ctx, a, b, LinkKind::SamePerson)
    }

    /// Says that two contacts are not one person, and undoes what joined just these two. They are kept apart from then on,
    /// also where other links lead from the one to the other. Returns the link that says so.
    pub fn link_not_same(
        &mut self,
        ctx: &mut Context<'_>,
        a: Id<Contact>,
        b: Id<Contact>,
    ) -> Result<Id<Link>, BookError> {
        self.decide(ctx, a, b, LinkKind::NotTheSame)
    }

    fn decide(
        &mut self,
        ctx: &mut Context<'_>,
        one: Id<Contact>,
        other: Id<Contact>,
        kind: LinkKind,
    ) -> Result<Id<Link>, BookError> {
        // One way round, so that all decisions about two contacts live in one place.
        let (a, b) = (one.min(other), one.max(other));
        for contact in [a, b] {
            self.must_exist(Table::Contacts, contact.into())?;
        }
        if a == b {
            return Err(BookError::Field(FieldReason::NotAChoice.of("b")));
        }
        self.may_add(Table::Links)?;
        let against = match kind {
            LinkKind::SamePerson => self.register().links_keeping_apart(a, b).into_iter().collect(),
            _ => self.register().links_between(a, b, LinkKind::SamePerson),
        };
        let mut writes: Vec<Write> = against.into_iter().map(undone).collect();
        let known = self.register().links_between(a, b, kind).first().copied();
        let link = known.unwrap_or_else(|| a.row().child_of(ctx).into());
        if known.is_none() {
            let (by, at) = (self.replica.local.person(), Some(ctx.now));
            let draft = LinkDraft { a: Some(a), b: Some(b), kind: Some(kind), by, at, undone: None };
            writes.push(Write::of_draft(link.into(), &Draft::Links(draft)));
        }
        if !writes.is_empty() {
            self.replica.write(ctx, &writes)?;
        }
        Ok(link)
    }

    /// Takes back a decision about two contacts, in all links that say the same of them. What was written meanwhile stays
    /// with the contact that it was written to.
    pub fn undo_link(&mut self, ctx: &mut Context<'_>, link: Id<Link>) -> Result<(), BookError> {
        self.must_exist(Table::Links, link.into())?;
        let alike = match self.register().linked_pair(link) {
            Some((a, b, kind)) => self.register().links_between(a, b, kind),
            None => vec![link],
        };
        let writes: Vec<Write> = alike.into_iter().map(undone).collect();
        if writes.is_empty() { Ok(()) } else { self.replica.write(ctx, &writes) }
    }

    /// Chooses what is right for a whole person: the value, or nothing, is written to every contact that says otherwise, and
    /// settles what several devices answered. Afterwards the contacts differ in this field no longer.
    pub fn choose(
        &mut self,
        ctx: &mut Context<'_>,
        contact: Id<Contact>,
        field: &str,
        value: Option<Value>,
    ) -> Result<(), BookError> {
        self.must_exist(Table::Contacts, contact.into())?;
        must_fit(Table::Contacts, field, value.as_ref())?;
        let register = self.register();
        let choice = || (field.to_owned(), value.clone());
        let write = |id: RowId, step| Write { table: Table::Contacts, id, step };
        let writes = register.contacts_of(contact).into_iter().filter_map(|row| {
            let id = row.id.row();
            if register.is_answered_twice(Table::Contacts, id, field) {
                return Some(write(id, Step::Settle(Some(choice()))));
            }
            (row.get(field) != value).then(|| write(id, Step::Put(vec![choice()])))
        });
        let writes: Vec<Write> = writes.collect();
        if writes.is_empty() { Ok(()) } else { self.replica.write(ctx, &writes) }
    }

    /// What else is to be written so that a change of one contact shows on the card of its person.
    pub(super) fn also_seen(&self, table: Table, id: RowId, fields: &[(String, Option<Value>)]) -> Vec<Write> {
        if table != Table::Contacts {
            return Vec::new();
        }
        let mut writes: Vec<Write> = Vec::new();
        for (field, value) in fields {
            for other in self.register().hiding(id.into(), field, value.as_ref()) {
                let change = (field.clone(), value.clone());
                match writes.iter_mut().find(|write| write.id == other.row()) {
                    Some(Write { step: Step::Put(fields), .. }) => fields.push(change),
                    _ => writes.push(Write { table, id: other.into(), step: Step::Put(vec![change]) }),
                }
            }
        }
        writes
    }
}

pub(super) fn undone(link: Id<Link>) -> Write {
    let step = Step::Put(vec![("undone".to_owned(), Some(true.to_value()))]);
    Write { table: Table::Links, id: link.into(), step }
}
