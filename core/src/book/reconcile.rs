//! What a comparison of lists writes: each accepted decision by one command, and in the end the sign-off.

use super::Book;
use crate::context::Context;
use crate::document::Write;
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::lists::reconcile::Proposal;
use crate::lists::{DecisionState, ListError, Reconcile};
use crate::tables::{
    ContactDraft, Draft, FollowUpDraft, FollowUpKind, Import, ImportDraft, LinkDraft, LinkKind, MembershipEventDraft,
    MembershipKind, Patch, Row, Table,
};

/// How a membership came to be known, for the event that says so.
const METHOD: &str = "office list";
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
                let by = self.replica.local.person();
                let method = Some(METHOD.to_owned());
                let confirmed_on = (kind == MembershipKind::Paying).then(|| ctx.now.date_naive());
                let (contact, kind, on) = (Some(contact), Some(kind), Some(on));
                let event = MembershipEventDraft {
                    contact,
                    kind,
                    on,
                    by,
                    method,
                    confirmed_on,
                    ..MembershipEventDraft::default()
                };
                self.add(ctx, &event.into())?;
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
                let (by, at) = (self.replica.local.person(), Some(ctx.now));
                let kind = Some(LinkKind::SamePerson);
                self.add(ctx, &LinkDraft { a: Some(a), b: Some(b), kind, by, at, undone: None }.into())?;
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
        Ok(())
    }

    /// A contact of a list, and the membership where it has one, in one step.
    fn add_listed(
        &mut self,
        ctx: &mut Context<'_>,
        draft: ContactDraft,
        member_since: Option<crate::context::Date>,
    ) -> Result<(), BookError> {
        self.may_add(Table::Contacts)?;
        let draft = Draft::Contacts(draft);
        draft.check()?;
        let id = RowId::new(ctx);
        let mut writes = vec![Write::of_draft(id, &draft)];
        if let Some(on) = member_since {
            let event = MembershipEventDraft {
                contact: Some(id.into()),
                kind: Some(MembershipKind::Paying),
                on: Some(on),
                by: self.replica.local.person(),
                method: Some(METHOD.to_owned()),
                confirmed_on: Some(ctx.now.date_naive()),
                ..MembershipEventDraft::default()
            };
            writes.push(Write::of_draft(id.child_of(ctx), &event.into()));
        }
        self.replica.write(ctx, &writes)
    }

    /// Signs a comparison off: each of its lists is written down with the moment. Every decision must be made.
    pub fn sign_off(&mut self, ctx: &mut Context<'_>, reconcile: &Reconcile) -> Result<Vec<Id<Import>>, BookError> {
        if reconcile.open() > 0 {
            return Err(ListError::StillOpen.into());
        }
        let mut signed = Vec::new();
        for side in reconcile.sides() {
            let is_same = |import: &&Import| {
                import.source == Some(side.source)
                    && import.file_sha256.as_deref() == Some(&side.sha256)
                    && import.undone != Some(true)
            };
            let known = self.register().all::<Import>().find(is_same).map(|import| import.id);
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
                        undone: None,
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
