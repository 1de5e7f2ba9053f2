//! Commands about who recruited: a steward, whom the sign-up names, or a colleague, who is in the register like those they
//! bring and is named by a link.

use super::Book;
use super::people::undone;
use crate::context::{Context, Date};
use crate::document::{Step, Write};
use crate::error::BookError;
use crate::ids::Id;
use crate::tables::{
    Contact, Draft, FieldReason, LinkDraft, LinkKind, MembershipEvent, MembershipKind, Person, Row, Scalar, Table,
};

impl Book {
    /// Says who recruited at a sign-up that is written down: a colleague, else a steward, else nobody. What was said before no
    /// longer holds; what is said already is not written again. A membership of another kind is refused.
    pub fn recruit(
        &mut self,
        ctx: &mut Context<'_>,
        signed: Id<MembershipEvent>,
        recruiter: Option<Id<Person>>,
        colleague: Option<Id<Contact>>,
    ) -> Result<(), BookError> {
        let Row::Memberships(event) = self.must_exist(Table::Memberships, signed.into())? else {
            return Err(BookError::UnknownRow);
        };
        if event.kind != Some(MembershipKind::Signed) {
            return Err(BookError::Field(FieldReason::NotAChoice.of("kind")));
        }
        let (contact, on) = (event.contact.ok_or(BookError::UnknownRow)?, event.on.ok_or(BookError::UnknownRow)?);
        if let Some(colleague) = colleague {
            self.must_be_another(colleague, Some(contact))?;
        }
        if let Some(recruiter) = recruiter {
            self.must_exist(Table::People, recruiter.into())?;
        }
        let register = self.register();
        let named = colleague.and_then(|id| register.first_of_person(id));
        let links = register.recruited(&register.one_person(contact)).into_iter();
        let (stand, fall): (Vec<_>, Vec<_>) =
            links.filter(|link| link.signed_on == on).partition(|link| Some(link.by) == named);
        let mut writes: Vec<Write> = fall.into_iter().map(|link| undone(link.link)).collect();
        let recruiter = recruiter.filter(|_| colleague.is_none());
        if event.recruiter != recruiter {
            let step = Step::Put(vec![("recruiter".to_owned(), recruiter.map(|id| id.to_value()))]);
            writes.push(Write { table: Table::Memberships, id: signed.into(), step });
        }
        if let Some(colleague) = colleague.filter(|_| stand.is_empty()) {
            writes.push(self.recruited_by(ctx, contact, colleague, on));
        }
        if writes.is_empty() { Ok(()) } else { self.replica.write(ctx, &writes) }
    }

    /// The link that says that a colleague recruited somebody at a sign-up of this day.
    pub(super) fn recruited_by(
        &self,
        ctx: &mut Context<'_>,
        contact: Id<Contact>,
        colleague: Id<Contact>,
        on: Date,
    ) -> Write {
        // The day of the sign-up tells which sign-up is meant.
        let at = on.and_time(ctx.now.time()).and_local_timezone(*ctx.now.offset()).single();
        let draft = LinkDraft {
            a: Some(contact),
            b: Some(colleague),
            kind: Some(LinkKind::Recruited),
            by: self.replica.local.person(),
            at,
            undone: None,
        };
        Write::of_draft(contact.row().child_of(ctx), &Draft::Links(draft))
    }

    /// Nobody recruits themselves, under whatever contact.
    pub(super) fn must_be_another(
        &self,
        colleague: Id<Contact>,
        contact: Option<Id<Contact>>,
    ) -> Result<(), BookError> {
        self.must_exist(Table::Contacts, colleague.into())?;
        let is_same = contact.is_some_and(|contact| self.register().one_person(contact).contains(&colleague));
        if is_same { Err(BookError::Field(FieldReason::NotAChoice.of("recruiter"))) } else { Ok(()) }
    }
}
