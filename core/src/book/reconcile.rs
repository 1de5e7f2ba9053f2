//! What a comparison of lists writes: each accepted decision by one command, and in the end the sign-off.

use super::Book;
use super::calls::removal;
use crate::context::{Context, Date};
use crate::document::Write;
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::lists::plan::membership_of;
use crate::lists::reconcile::Proposal;
use crate::lists::{DecisionState, ListError, Reconcile};
use crate::tables::{
    Contact, ContactDraft, Draft, FollowUpDraft, FollowUpKind, Import, ImportDraft, ImportSource, MembershipKind,
    Patch, Row, Table,
};

/// What calls for asking the office.
const CAUSE: &str = "not_at_office";

impl Book {
    /// Accepts a decision of a comparison and writes what it says. `what` is the text of the follow-up where the decision
    /// makes one: the question to the office.
    ///
    /// A field that somebody has changed since the comparison is left, and the decision says so. A decision that was made
    /// before, or that has nothing to accept, stays as it is.
    pub fn accept(
        &mut self,
        ctx: &mut Context<'_>,
        reconcile: &mut Reconcile,
        id: usize,
        what: &str,
    ) -> Result<(), BookError> {
        let Some(decision) = reconcile.decision(id) else { return Ok(()) };
        let state = match decision.proposal.clone() {
            Proposal::Nothing => return Ok(()),
            Proposal::Add { draft, member_since } => {
                self.add_listed(ctx, *draft, member_since)?;
                DecisionState::Accepted
            }
            Proposal::Event { contact, kind, on } => {
                self.decide_as_listed(ctx, contact, kind, on)?;
                DecisionState::Accepted
            }
            Proposal::Set { contact, field, old, new } => {
                let row = self.register().row(Table::Contacts, contact.row()).ok_or(BookError::UnknownRow)?;
                let now = row.get(field).filter(|value| !value.to_string().trim().is_empty());
                if now == old {
                    self.set(ctx, &field_patch(contact.row(), field, new))?;
                    DecisionState::Accepted
                } else {
                    DecisionState::ChangedSince
                }
            }
            Proposal::Link { a, b } => {
                self.link_same(ctx, a, b)?;
                DecisionState::Accepted
            }
            Proposal::Ask { contact } => {
                let ask = FollowUpDraft {
                    what: Some(what.to_owned()),
                    kind: Some(FollowUpKind::Request),
                    contact: Some(contact),
                    owner: self.replica.local.person(),
                    cause: Some(CAUSE.to_owned()),
                    ..FollowUpDraft::default()
                };
                self.add(ctx, &ask.into())?;
                DecisionState::Accepted
            }
        };
        reconcile.settle(id, state);
        self.remember_compared(ctx, reconcile)
    }

    /// Remembers what was said of the lists, once.
    fn remember_compared(&mut self, ctx: &mut Context<'_>, reconcile: &mut Reconcile) -> Result<(), BookError> {
        if !reconcile.remembered {
            self.remember(ctx, reconcile.sides().iter().map(|side| &side.said))?;
            reconcile.remembered = true;
        }
        Ok(())
    }

    /// What the office's list tells of a membership. Whoever has left leaves on no other day, as was noted before.
    fn decide_as_listed(
        &mut self,
        ctx: &mut Context<'_>,
        contact: Id<Contact>,
        kind: MembershipKind,
        on: Date,
    ) -> Result<(), BookError> {
        self.may_add(Table::Memberships)?;
        let (today, by) = (ctx.now.date_naive(), self.replica.local.person());
        let event = membership_of(ImportSource::Office, contact, kind, on, today, by);
        let has_left = kind == MembershipKind::Left;
        let taken_back = if has_left { self.taken_back_by(&event, contact, ctx) } else { Vec::new() };
        let draft = Draft::from(event);
        draft.check()?;
        let mut writes: Vec<_> = taken_back.into_iter().map(removal).collect();
        writes.push(Write::of_draft(contact.row().child_of(ctx), &draft));
        self.replica.write(ctx, &writes)
    }

    /// A contact of a list, and the membership where it has one, in one step.
    fn add_listed(
        &mut self,
        ctx: &mut Context<'_>,
        draft: ContactDraft,
        member_since: Option<Date>,
    ) -> Result<(), BookError> {
        self.may_add(Table::Contacts)?;
        let draft = Draft::Contacts(draft);
        draft.check()?;
        let id = RowId::new(ctx);
        let mut writes = vec![Write::of_draft(id, &draft)];
        if let Some(on) = member_since {
            let (today, by) = (ctx.now.date_naive(), self.replica.local.person());
            let event = membership_of(ImportSource::Office, id.into(), MembershipKind::Paying, on, today, by);
            writes.push(Write::of_draft(id.child_of(ctx), &event.into()));
        }
        self.replica.write(ctx, &writes)
    }

    /// Signs a comparison off: each of its lists is written down with the moment. Every decision must be made.
    pub fn sign_off(&mut self, ctx: &mut Context<'_>, reconcile: &mut Reconcile) -> Result<Vec<Id<Import>>, BookError> {
        if reconcile.open() > 0 {
            return Err(ListError::StillOpen.into());
        }
        self.remember_compared(ctx, reconcile)?;
        let mut signed = Vec::new();
        for side in reconcile.sides() {
            let is_same = |import: &&Import| {
                import.source == Some(side.source)
                    && import.file_sha256.as_deref() == Some(&side.sha256)
                    && import.undone != Some(true)
            };
            let known = self.register().lists_in().find(is_same).map(|import| import.id);
            let id = match known {
                Some(id) => {
                    let set = ImportDraft { signed_off: Some(ctx.now), ..ImportDraft::default() };
                    self.set(ctx, &Patch { id: id.row(), set: set.into(), clear: Vec::new() })?;
                    id
                }
                None => {
                    let import = ImportDraft {
                        source: Some(side.source),
                        file_sha256: Some(side.sha256.clone()),
                        rows: i64::try_from(side.rows).ok(),
                        at: Some(ctx.now),
                        by: self.replica.local.person(),
                        signed_off: Some(ctx.now),
                        ..ImportDraft::default()
                    };
                    self.add(ctx, &import.into())?.into()
                }
            };
            signed.push(id);
        }
        Ok(signed)
    }
}

/// The patch that sets one field, or empties it.
fn field_patch(id: RowId, field: &'static str, value: Option<crate::tables::Value>) -> Patch {
    let mut row = Row::new(Table::Contacts, id);
    let clear = if value.is_none() { vec![field.to_owned()] } else { Vec::new() };
    row.put(field, value);
    let text = row.get(field).map(|value| (field, value.to_string()));
    let utc = chrono::FixedOffset::east_opt(0).expect("no offset at all");
    let set = Draft::parse(Table::Contacts, text, utc).unwrap_or_else(|_| Draft::new(Table::Contacts));
    Patch { id, set, clear }
}
