//! Commands around what was promised: taking a call, noting what came of it, and handing everything over.

use std::collections::BTreeMap;

use super::Book;
use crate::context::{Context, Date};
use crate::document::{Step, Write};
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::register::CallDecision;
use crate::tables::{
    Channel, Contact, Draft, FieldReason, FollowUp, FollowUpDraft, FollowUpKind, MembershipEvent, MembershipEventDraft,
    MembershipKind, Occasion, Patch, Person, ShiftState, Table, Talk, TalkDraft, Visit,
};

/// What came of claiming something to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Claimed {
    /// The follow-up that is now the user's; none where somebody else had it and it was left alone.
    pub follow_up: Option<Id<FollowUp>>,
    /// The others who mean to do it, by name.
    pub held_by: Vec<String>,
}

/// A call that was made or tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(default, deny_unknown_fields)]
pub struct CallLog {
    /// The call as the list drafts it, with the `what` of its follow-up; its cause and contact are needed.
    pub call: FollowUpDraft,
    /// Whether the person answered: then the call is a talk, too.
    pub reached: bool,
    /// What came of it.
    pub outcome: Option<String>,
    /// When to call again; without it a call that reached the person is done. A call that was taken for done is open again, whoever
    /// closed it.
    pub again_on: Option<Date>,
    /// Whether the person stays. It takes back what was noted otherwise of the same free months.
    pub decision: Option<CallDecision>,
    /// The day from which it holds. If none is named: for who stays the end of the free months, or today where they had left and it is
    /// too late to pay for those; for who leaves today, or the day of a sign-up to come.
    pub decided_on: Option<Date>,
    /// Why, for those who leave.
    pub reason: Option<String>,
}

/// The rows of a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CallLogged {
    /// The call.
    pub follow_up: Id<FollowUp>,
    /// The talk, where the person was reached.
    pub talk: Option<Id<Talk>>,
    /// The membership event, where the person decided.
    pub membership: Option<Id<MembershipEvent>>,
    /// Those that the decision took back.
    pub taken_back: Vec<Id<MembershipEvent>>,
    /// Others who called about the same, by name.
    pub also: Vec<String>,
}

/// How much went from one steward to another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HandedOver {
    /// Open follow-ups.
    pub follow_ups: usize,
    /// Contacts whose relation the steward kept.
    pub contacts: usize,
    /// Turns at visits to come, for which the other is now asked.
    pub shifts: usize,
}

impl HandedOver {
    fn of(patches: &[Patch], turns: &[Id<Visit>]) -> Self {
        let contacts = patches.iter().filter(|patch| patch.set.table() == Table::Contacts).count();
        Self { follow_ups: patches.len() - contacts, contacts, shifts: turns.len() }
    }
}

impl Book {
    /// Takes something to do, as the call list or the list of what follows by itself drafts it. It is the user's then,
    /// whomever the draft names: who keeps a relation need not be who welcomes. Who has it already keeps it, and what somebody
    /// else has is left alone and told, unless `take_over` is set. What two took before they had heard of each other shows both
    /// names.
    pub fn claim(
        &mut self,
        ctx: &mut Context<'_>,
        draft: &FollowUpDraft,
        take_over: bool,
    ) -> Result<Claimed, BookError> {
        let me = self.replica.local.person();
        self.claim_as(ctx, draft, me, take_over)
    }

    /// The same for a colleague.
    pub fn claim_for(
        &mut self,
        ctx: &mut Context<'_>,
        draft: &FollowUpDraft,
        whom: Id<Person>,
        take_over: bool,
    ) -> Result<Claimed, BookError> {
        self.must_exist(Table::People, whom.into())?;
        self.claim_as(ctx, draft, Some(whom), take_over)
    }

    fn claim_as(
        &mut self,
        ctx: &mut Context<'_>,
        draft: &FollowUpDraft,
        owner: Option<Id<Person>>,
        take_over: bool,
    ) -> Result<Claimed, BookError> {
        let open = self.register().open_of_cause(draft);
        let (own, others): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|row| row.owner == owner || row.owner.is_none());
        let held_by = self.register().owner_names(&others);
        if let Some(owned) = own.iter().rfind(|row| row.owner == owner) {
            return Ok(Claimed { follow_up: Some(owned.id), held_by });
        }
        if !others.is_empty() && !take_over {
            return Ok(Claimed { follow_up: None, held_by });
        }
        // Whoever takes over has all that the others had; of what nobody has, one row is enough.
        let taken = if others.is_empty() { own.first().map(std::slice::from_ref) } else { Some(others.as_slice()) };
        let follow_up = match taken.and_then(|rows| Some((rows, rows.last()?.id))) {
            Some((rows, id)) => {
                let set = Draft::from(FollowUpDraft { owner, ..FollowUpDraft::default() });
                let writes: Vec<_> = rows.iter().map(|row| Write::of_draft(row.id.into(), &set)).collect();
                self.replica.write(ctx, &writes)?;
                id
            }
            None => self.add(ctx, &FollowUpDraft { owner, ..draft.clone() }.into())?.into(),
        };
        Ok(Claimed { follow_up: Some(follow_up), held_by })
    }

    /// Notes a call in one step: one try more in the caller's own row, the talk, and what was decided.
    ///
    /// Each caller counts in a row of their own that this device made, and not in one that was taken over: so two who called
    /// the same person offline both keep what they wrote, and the list tells each of the other.
    pub fn log_call(&mut self, ctx: &mut Context<'_>, log: &CallLog) -> Result<CallLogged, BookError> {
        self.may_add(Table::FollowUps)?;
        let contact = log.call.contact.ok_or_else(|| FieldReason::Required.of("contact"))?;
        self.must_exist(Table::Contacts, contact.into())?;
        let me = self.replica.local.person();
        let rows = self.register().rows_of_cause(&log.call);
        let last = rows.iter().rfind(|row| row.owner == me || row.owner.is_none());
        // Into a row from another device somebody may write at the same time who has not heard that it was taken over.
        let own = last.filter(|row| self.register().is_made_here(row.id));
        // Of two contacts that are one person, all is written to the one that has the call: one change in one place.
        let contact = last.and_then(|row| row.contact).unwrap_or(contact);
        let follow_up = match (own, last) {
            (Some(own), _) => own.id.row(),
            (None, Some(last)) => contact.row().child_after(&last.id.row(), ctx),
            (None, None) => contact.row().child_of(ctx),
        };

        let done = log.decision.is_some() || (log.reached && log.again_on.is_none());
        let noted = FollowUpDraft {
            owner: me,
            attempts: Some(own.and_then(|row| row.attempts).unwrap_or(0).saturating_add(1)),
            outcome: log.outcome.clone(),
            due: log.again_on,
            done_at: done.then_some(ctx.now),
            ..FollowUpDraft::default()
        };
        let draft = match own {
            Some(_) => noted,
            None => {
                let before = last.cloned().unwrap_or_default();
                FollowUpDraft {
                    contact: Some(contact),
                    kind: before.kind.or(log.call.kind).or(Some(FollowUpKind::Call)),
                    due: noted.due.or(before.due).or(log.call.due),
                    what: before.what.or_else(|| log.call.what.clone()),
                    cause: log.call.cause.clone(),
                    visit: before.visit.or(log.call.visit),
                    ..noted
                }
            }
        };
        let mut writes = vec![checked(follow_up, draft.into(), own.is_none())?];
        if log.again_on.is_some() && !done {
            // Rows of one cause are done as soon as one of them is, whoever wrote it: whoever is to be called again is not done with.
            let closed = rows.iter().filter(|row| row.done_at.is_some());
            let open = Step::Put(vec![("done_at".to_owned(), None)]);
            writes.extend(closed.map(|row| Write { table: Table::FollowUps, id: row.id.into(), step: open.clone() }));
        }
        let talk = log.reached.then(|| contact.row().child_of(ctx));
        if let Some(id) = talk {
            writes.push(checked(id, phone_talk(contact, me, ctx).into(), true)?);
        }
        let event = self.decided(log, contact, me, ctx).map(|event| (contact.row().child_of(ctx), event));
        let membership = event.as_ref().map(|(id, _)| Id::from(*id));
        let taken_back = event.as_ref().map(|(_, event)| self.taken_back_by(event, contact, ctx)).unwrap_or_default();
        writes.extend(taken_back.iter().copied().map(removal));
        if let Some((id, event)) = event {
            writes.push(checked(id, event.into(), true)?);
        }
        let also = self.register().owner_names(rows.iter().filter(|row| row.owner != me));
        self.replica.write(ctx, &writes)?;
        Ok(CallLogged { follow_up: follow_up.into(), talk: talk.map(Id::from), membership, taken_back, also })
    }

    /// Whoever says otherwise now has not decided as was noted before.
    pub(super) fn taken_back_by(
        &self,
        event: &MembershipEventDraft,
        contact: Id<Contact>,
        ctx: &Context<'_>,
    ) -> Vec<Id<MembershipEvent>> {
        let (register, today) = (self.register(), ctx.now.date_naive());
        let decision = event.kind.zip(event.on);
        let taken_back = decision.map(|of| register.taken_back_by(&register.one_person(contact), of, today));
        taken_back.unwrap_or_default()
    }

    fn decided(
        &self,
        log: &CallLog,
        contact: Id<Contact>,
        by: Option<Id<Person>>,
        ctx: &Context<'_>,
    ) -> Option<MembershipEventDraft> {
        let (register, today) = (self.register(), ctx.now.date_naive());
        let person = register.one_person(contact);
        let (kind, on) = match log.decision? {
            CallDecision::Leaves => (MembershipKind::Left, register.decides_from(&person, today)),
            CallDecision::Stays => (MembershipKind::Paying, register.stays_from(&person, today)),
        };
        Some(MembershipEventDraft {
            contact: Some(contact),
            kind: Some(kind),
            on: Some(log.decided_on.unwrap_or(on)),
            by,
            reason: log.reason.clone().filter(|_| kind == MembershipKind::Left),
            ..MembershipEventDraft::default()
        })
    }

    /// Hands everything of a steward who leaves to another: open follow-ups, relations, and turns at visits to come, for
    /// which the other is asked. What a crash interrupts is completed by doing it again.
    pub fn hand_over(
        &mut self,
        ctx: &mut Context<'_>,
        from: Id<Person>,
        to: Id<Person>,
    ) -> Result<HandedOver, BookError> {
        let (patches, turns) = self.goes_over(from, to, ctx.now.date_naive())?;
        let handed = HandedOver::of(&patches, &turns);
        let mut writes: Vec<_> = patches.iter().map(|patch| Write::of_draft(patch.id, &patch.set)).collect();
        for visit in turns {
            writes.extend(self.shift_writes(ctx, visit, from, ShiftState::No, None)?.1);
            if !self.register().comes(visit, to) {
                writes.extend(self.shift_writes(ctx, visit, to, ShiftState::Asked, None)?.1);
            }
        }
        self.write_by_place(ctx, writes)?;
        Ok(handed)
    }

    /// How much would go from one steward to another. Nothing is changed by asking.
    pub fn to_hand_over(&self, from: Id<Person>, to: Id<Person>, today: Date) -> Result<HandedOver, BookError> {
        let (patches, turns) = self.goes_over(from, to, today)?;
        Ok(HandedOver::of(&patches, &turns))
    }

    /// The rows that change their owner, and the visits at which the other is to stand.
    fn goes_over(
        &self,
        from: Id<Person>,
        to: Id<Person>,
        today: Date,
    ) -> Result<(Vec<Patch>, Vec<Id<Visit>>), BookError> {
        self.must_exist(Table::People, from.into())?;
        self.must_exist(Table::People, to.into())?;
        if from == to {
            return Ok(Default::default());
        }
        Ok((self.register().hand_over(from, to), self.register().turns_to_hand_over(from, today)))
    }

    /// Writes many rows, one change for each part of the document they lie in.
    fn write_by_place(&mut self, ctx: &mut Context<'_>, writes: Vec<Write>) -> Result<(), BookError> {
        let mut by_shard: BTreeMap<u16, Vec<Write>> = BTreeMap::new();
        for write in writes {
            by_shard.entry(self.replica.document.shard_of(&write.id)).or_default().push(write);
        }
        by_shard.into_values().try_for_each(|writes| self.replica.write(ctx, &writes))
    }
}

/// The write that takes a decision back.
pub(super) fn removal(id: Id<MembershipEvent>) -> Write {
    Write { table: Table::Memberships, id: id.into(), step: Step::Remove }
}

fn phone_talk(contact: Id<Contact>, by: Option<Id<Person>>, ctx: &Context<'_>) -> TalkDraft {
    TalkDraft {
        contact: Some(contact),
        occasion: Some(Occasion::Phone),
        channel: Some(Channel::Phone),
        at: Some(ctx.now),
        by,
        ..TalkDraft::default()
    }
}

/// The write of a draft that keeps its bounds; a row that is there may lack what a new one needs.
fn checked(id: RowId, draft: Draft, new: bool) -> Result<Write, BookError> {
    if new {
        draft.check()?;
    } else {
        Patch { id, set: draft.clone(), clear: Vec::new() }.check()?;
    }
    Ok(Write::of_draft(id, &draft))
}
