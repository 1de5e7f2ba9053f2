//! Commands: what a tap does. Each is one durable transaction; what belongs together lives in one shard and is one
//! change there.

use chrono::Datelike;
use samla_wire::roster::{InviteMode, Role};
use samla_wire::{DeviceId, InviteId, limits};

use super::{Book, pairs};
use crate::context::{Context, Date};
use crate::document::{Step, Write};
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::replica::local::{OwnInvite, OwnOp, Phase, QueuedOp};
use crate::seal::{InviteLink, InviteSecret, RecoveryQuestion};
use crate::tables::{
    Campaign, Contact, ContactDraft, Device, Draft, FieldError, FieldReason, Kind, Membership, MembershipEvent,
    MembershipEventDraft, MembershipKind, Patch, Person, Row, Setting, TEXT_MAX, Table, Tally, TallyDraft, TallyKind,
    Value, Visit,
};

/// A sign-up: a new contact or one that is there, and the membership that begins.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(default, deny_unknown_fields)]
pub struct SignUp {
    /// What is known of the person. A name, a phone number or an e-mail address is enough.
    pub contact: ContactDraft,
    /// The person, where they are in the register already; `contact` then changes that row.
    pub contact_id: Option<Id<Contact>>,
    /// The visit where it happened.
    pub visit: Option<Id<Visit>>,
    /// The campaign whose offer was taken; the visit's, else the only one that runs on the day, if none is named and the
    /// person does not pay already.
    pub campaign: Option<Id<Campaign>>,
    /// Which steward recruited; the user of this device if nobody is named.
    pub recruiter: Option<Id<Person>>,
    /// Which colleague recruited, by their contact, where it was no steward.
    pub colleague: Option<Id<Contact>>,
    /// How: a form, a page, paper.
    pub method: Option<String>,
    /// The day; today if none is named.
    pub on: Option<Date>,
}

/// The rows of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SignedUp {
    /// The person.
    pub contact: Id<Contact>,
    /// The membership that begins.
    pub membership: Id<MembershipEvent>,
}

/// An invitation that this device opened.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct InviteView {
    /// Its id, in hexadecimal.
    pub id: String,
    /// The link to hand over: whoever opens it first is in. None until the server has the invitation.
    pub link: Option<String>,
    /// What it makes of the joiner.
    pub role: String,
    /// An organiser has to let the joiner in.
    pub confirm: bool,
    /// The last day it can be used.
    pub expires_on: Date,
}

impl std::fmt::Debug for InviteView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InviteView").field("role", &self.role).field("expires_on", &self.expires_on).finish()
    }
}

impl Book {
    /// Confirms that the recovery sheet is on paper, by the six characters that were asked back.
    pub fn confirm_recovery(&mut self, ctx: &mut Context<'_>, typed: &str) -> Result<(), BookError> {
        let Some(bytes) = &self.replica.local.recovery_question else { return Ok(()) };
        let question = RecoveryQuestion::from_bytes(bytes).ok_or(BookError::Bug("recovery_question"))?;
        if !question.check(typed) {
            return Err(BookError::RecoveryWrong);
        }
        let now = ctx.now.timestamp_millis();
        self.replica.change_local(ctx, |local| {
            local.recovery_question = None;
            local.sheet_checked = Some(now);
        })
    }

    pub(super) fn may_add(&self, table: Table) -> Result<(), BookError> {
        let about_people = !matches!(table, Table::People | Table::Devices | Table::Settings | Table::Workplaces);
        if about_people && self.replica.local.recovery_question.is_some() {
            return Err(BookError::RecoveryUnconfirmed);
        }
        Ok(())
    }

    /// Adds a row and returns its id. A consent is added in the round that is open for its purpose and, where the draft names no
    /// text, with the version and the language of the one in the settings. Settings are added to those that are there: a second
    /// row would have no effect. So is what becomes of a turn, and an invitation of somebody who had declined: see
    /// `answered_before`.
    pub fn add(&mut self, ctx: &mut Context<'_>, draft: &Draft) -> Result<RowId, BookError> {
        draft.check()?;
        pairs::check_new(draft)?;
        self.may_add(draft.table())?;
        if matches!(draft.table(), Table::Devices | Table::Conflicts) {
            return Err(BookError::NotAllowed);
        }
        let there = match draft {
            Draft::Settings(_) => self.register().all::<Setting>().next().map(|row| row.id.row()),
            _ => None,
        };
        if let Some(id) = there {
            self.set(ctx, &Patch { id, set: draft.clone(), clear: Vec::new() })?;
            return Ok(id);
        }
        if let Some((id, writes)) = self.answered_before(ctx, draft)? {
            self.replica.write(ctx, &writes)?;
            return Ok(id);
        }
        let id = match draft.parent() {
            Some(parent) => parent.child_of(ctx),
            None => RowId::new(ctx),
        };
        let write = match draft {
            Draft::Consents(consent) => Write::of_draft(id, &self.as_given(consent)),
            draft => Write::of_draft(id, draft),
        };
        self.replica.write(ctx, &[write])?;
        Ok(id)
    }

    /// Changes a row: sets some fields and empties others. The rest stays as it is. A field that is emptied here and changed
    /// by a colleague meanwhile has the colleague's value, without a word.
    ///
    /// Of a contact that is one person with others, what was set is what the person's card shows from then on. A visit whose
    /// start alone is moved lasts as long as before.
    pub fn set(&mut self, ctx: &mut Context<'_>, patch: &Patch) -> Result<(), BookError> {
        patch.check()?;
        let table = patch.set.table();
        let row = self.must_exist(table, patch.id)?;
        let patch = pairs::with_its_end(&row, patch);
        pairs::check_change(&row, &patch)?;
        let cleared = patch.clear.iter().map(|field| (field.clone(), None));
        let set = patch.set.writes().into_iter().map(|(field, value)| (field.to_owned(), Some(value)));
        let fields: Vec<_> = cleared.chain(set).collect();
        let mut writes = Vec::new();
        for id in self.rows_as_one(table, patch.id) {
            writes.extend(self.also_seen(table, id, &fields));
            writes.push(Write { table, id, step: Step::Put(fields.clone()) });
        }
        self.replica.write(ctx, &writes)
    }

    pub(super) fn must_exist(&self, table: Table, id: RowId) -> Result<Row, BookError> {
        if table == Table::Devices && id.as_bytes() != &self.replica.device().0 {
            return Err(BookError::NotAllowed);
        }
        self.register().row(table, id).ok_or(BookError::UnknownRow)
    }

    /// Removes a row. It is gone from every view and can be brought back by [`restore`](Self::restore). An edit that a
    /// colleague makes meanwhile keeps it, and says so; so does what a colleague writes about it: a sign-up, a talk, a count.
    pub fn remove(&mut self, ctx: &mut Context<'_>, table: Table, id: RowId) -> Result<(), BookError> {
        self.must_exist(table, id)?;
        let write = |id| Write { table, id, step: Step::Remove };
        self.replica.write(ctx, &self.rows_as_one(table, id).into_iter().map(write).collect::<Vec<_>>())
    }

    /// The rows that a command to one of them concerns: those of one day of a series read as one visit, and lie together.
    fn rows_as_one(&self, table: Table, id: RowId) -> Vec<RowId> {
        match table {
            Table::Visits => self.register().rows_of_visit(id.into()).into_iter().map(RowId::from).collect(),
            _ => vec![id],
        }
    }

    /// Brings a removed row back.
    pub fn restore(&mut self, ctx: &mut Context<'_>, table: Table, id: RowId) -> Result<(), BookError> {
        let shard = self.replica.document.shard_of(&id);
        self.replica.ensure(shard)?;
        self.replica.document.row(table, &id)?.ok_or(BookError::UnknownRow)?;
        self.replica.write(ctx, &[Write { table, id, step: Step::Put(Vec::new()) }])
    }

    /// Signs a person up: the contact and the membership, in one step.
    pub fn sign_up(&mut self, ctx: &mut Context<'_>, sign_up: &SignUp) -> Result<SignedUp, BookError> {
        self.may_add(Table::Contacts)?;
        let mut contact = sign_up.contact.clone();
        let known = sign_up.contact_id.is_some();
        if !known && contact.membership.is_none() {
            contact.membership = Some(Membership::Trial);
        }
        let draft = Draft::Contacts(contact);
        if let Some(colleague) = sign_up.colleague {
            self.must_be_another(colleague, sign_up.contact_id)?;
        }
        let id = match sign_up.contact_id {
            Some(id) => {
                self.must_exist(Table::Contacts, id.into())?;
                Patch { id: id.into(), set: draft.clone(), clear: Vec::new() }.check()?;
                id.into()
            }
            None => {
                must_be_somebody(&sign_up.contact)?;
                draft.check()?;
                // Whoever signs up at a visit lies where it does: the sign-up is an edit of both, in one change.
                match sign_up.visit {
                    Some(visit) => visit.row().child_of(ctx),
                    None => RowId::new(ctx),
                }
            }
        };
        let membership = id.child_of(ctx);
        let person = self.replica.local.person();
        let today = ctx.now.date_naive();
        let on = sign_up.on.unwrap_or(today);
        // Free months are not for whoever pays already, unless somebody says so.
        let register = self.register();
        let status = sign_up.contact_id.map(|contact| register.status(&register.one_person(contact), today));
        let is_member = matches!(status, Some(Membership::Member | Membership::Leaving));
        let offer = || register.offer(sign_up.visit, on).filter(|_| !is_member);
        let event = Draft::Memberships(MembershipEventDraft {
            contact: Some(id.into()),
            kind: Some(MembershipKind::Signed),
            on: Some(on),
            by: person,
            recruiter: sign_up.recruiter.or(person).filter(|_| sign_up.colleague.is_none()),
            campaign: sign_up.campaign.or_else(offer),
            visit: sign_up.visit,
            method: sign_up.method.clone(),
            ..MembershipEventDraft::default()
        });
        event.check()?;
        let mut writes = vec![Write::of_draft(id, &draft), Write::of_draft(membership, &event)];
        writes.extend(sign_up.colleague.map(|colleague| self.recruited_by(ctx, id.into(), colleague, on)));
        self.replica.write(ctx, &writes)?;
        Ok(SignedUp { contact: id.into(), membership: membership.into() })
    }

    /// Counts at a visit: `delta` more or, if negative, less, never below nothing. Each device counts for itself and the
    /// sum is shown, so that no merge loses a tap. Returns what this device has counted.
    pub fn tally(
        &mut self,
        ctx: &mut Context<'_>,
        visit: Id<Visit>,
        kind: TallyKind,
        item: Option<&str>,
        delta: i64,
    ) -> Result<i64, BookError> {
        self.must_exist(Table::Visits, visit.into())?;
        let device: Id<Device> = crate::replica::row_device(&self.replica.device());
        let same = |tally: &&Tally| {
            (tally.visit, tally.kind, tally.device) == (Some(visit), Some(kind), Some(device))
                && tally.item.as_deref() == item
        };
        let found = self.register().all::<Tally>().find(same).map(|tally| (tally.id, tally.n.unwrap_or(0)));
        let (id, before) = match found {
            Some((id, n)) => (RowId::from(id), n),
            None => (RowId::from(visit).child_of(ctx), 0),
        };
        let n = before.saturating_add(delta).max(0);
        let draft = Draft::Tallies(TallyDraft {
            visit: Some(visit),
            kind: Some(kind),
            item: item.map(str::to_owned),
            device: Some(device),
            n: Some(n),
        });
        draft.check()?;
        if n != before || found.is_none() {
            self.replica.write(ctx, &[Write::of_draft(id, &draft)])?;
        }
        Ok(n)
    }

    /// Settles a field that several devices answered: this value counts, on every device.
    pub fn resolve(
        &mut self,
        ctx: &mut Context<'_>,
        table: Table,
        id: RowId,
        field: &str,
        value: Option<Value>,
    ) -> Result<(), BookError> {
        self.must_exist(table, id)?;
        if field == crate::tables::LIVE {
            // Keeping the row is an edit like any other; not keeping it is a removal.
            return match value {
                Some(Value::Bool(false)) => self.remove(ctx, table, id),
                _ => self.settle(ctx, Write { table, id, step: Step::Settle(None) }, field),
            };
        }
        must_fit(table, field, value.as_ref())?;
        let settle = Write { table, id, step: Step::Settle(Some((field.to_owned(), value))) };
        self.settle(ctx, settle, field)
    }

    /// Settles a field; what an epoch kept aside for it goes in the same step.
    fn settle(&mut self, ctx: &mut Context<'_>, settle: Write, field: &str) -> Result<(), BookError> {
        let kept = self.register().kept_answers(settle.table, settle.id, field);
        let removed = kept.into_iter().map(|id| Write { table: Table::Conflicts, id, step: Step::Remove });
        let writes: Vec<Write> = std::iter::once(settle).chain(removed).collect();
        self.replica.write(ctx, &writes)
    }

    /// Opens an invitation for one device. The link comes with the next round of sync: see [`invites`](Self::invites).
    ///
    /// `days` is cut to between 1 and 14.
    pub fn invite(&mut self, ctx: &mut Context<'_>, role: Role, days: u32) -> Result<InviteView, BookError> {
        self.open_invite(ctx, role, days, InviteMode::Auto)
    }

    /// The same, but whoever opens the link has to be let in by an organiser ([`admit`](Self::admit)) before they can read
    /// anything.
    pub fn invite_to_confirm(&mut self, ctx: &mut Context<'_>, role: Role, days: u32) -> Result<InviteView, BookError> {
        self.open_invite(ctx, role, days, InviteMode::Confirm)
    }

    fn open_invite(
        &mut self,
        ctx: &mut Context<'_>,
        role: Role,
        days: u32,
        mode: InviteMode,
    ) -> Result<InviteView, BookError> {
        if self.replica.role() != Some(Role::Organiser) || role == Role::Organiser {
            return Err(BookError::NotAllowed);
        }
        if matches!(self.replica.local.phase, Phase::Practice) {
            return Err(BookError::NotAllowed);
        }
        // The server holds the door, so its clock counts where this device's own is known to be wrong; a clock that is
        // off by decades is nobody's.
        let decades = chrono::TimeDelta::days(36_500);
        let ahead = self.replica.local.clock_ahead.and_then(chrono::TimeDelta::try_seconds);
        let ahead = ahead.filter(|ahead| ahead.abs() < decades).unwrap_or_default();
        let today = ctx.now.checked_sub_signed(ahead).unwrap_or(ctx.now).to_utc().date_naive();
        let last = today + chrono::Days::new(u64::from(days.clamp(1, limits::INVITE_DAYS)));
        let expires_day = u32::try_from(last.num_days_from_ce() - EPOCH_FROM_CE).unwrap_or(0);
        let secret = InviteSecret::make(ctx.rng);
        let invite = OwnInvite::new(&secret, role, mode, expires_day);
        let view = self.invite_view(&invite);
        let op = QueuedOp::new(OwnOp::Invite(invite.id));
        self.replica.change_local(ctx, |local| {
            local.invites.push(invite);
            local.queue.push(op);
        })?;
        Ok(view)
    }

    /// The invitations that this device opened and nobody has used.
    pub fn invites(&self) -> Vec<InviteView> {
        let open = self.replica.local.invites.iter().filter(|invite| self.replica.is_open(invite));
        open.map(|invite| self.invite_view(invite)).collect()
    }

    fn invite_view(&self, invite: &OwnInvite) -> InviteView {
        let link = invite.pin.zip(invite.secret()).map(|(pin, secret)| InviteLink {
            server_url: self.replica.local.server_url.clone(),
            book: self.replica.book(),
            secret,
            pin: pin.head,
            rseq: pin.rseq,
            rprev: pin.entry,
        });
        let days = i32::try_from(invite.expires_day).unwrap_or(0) + EPOCH_FROM_CE;
        InviteView {
            id: invite.id.to_string(),
            link: link.map(|link| link.to_string()),
            role: invite.role.name().to_owned(),
            confirm: invite.mode == InviteMode::Confirm,
            expires_on: Date::from_num_days_from_ce_opt(days).unwrap_or_default(),
        }
    }

    /// Closes an invitation, with the next round of sync.
    pub fn uninvite(&mut self, ctx: &mut Context<'_>, invite: InviteId) -> Result<(), BookError> {
        self.queue(ctx, OwnOp::Uninvite(invite))
    }

    /// Gives a member a higher role, with the next round of sync. Whoever becomes an organiser should first have
    /// compared fingerprints with the one who raises.
    pub fn raise(&mut self, ctx: &mut Context<'_>, device: DeviceId, role: Role) -> Result<(), BookError> {
        if self.replica.role() != Some(Role::Organiser) {
            return Err(BookError::NotAllowed);
        }
        self.queue(ctx, OwnOp::Raise(device, role))
    }

    /// Leaves the book, with the next round of sync. The others keep what this device has written.
    pub fn leave(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.queue(ctx, OwnOp::Leave)
    }

    pub(super) fn queue(&mut self, ctx: &mut Context<'_>, op: OwnOp) -> Result<(), BookError> {
        self.replica.change_local(ctx, |local| local.queue.push(QueuedOp::new(op)))
    }
}

/// Days from 0001-01-01, which is day 1, to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;

/// An answer to a clash keeps the definition of its field.
pub(super) fn must_fit(table: Table, field: &str, value: Option<&Value>) -> Result<(), FieldError> {
    let spec = table.field(field).ok_or_else(|| FieldReason::UnknownField.of(field))?;
    let refused = match (value, spec.kind, spec.range) {
        (None, ..) => spec.required.then_some(FieldReason::Required),
        (Some(Value::Text(text)), ..) if spec.required && text.trim().is_empty() => Some(FieldReason::Required),
        (Some(Value::Text(text)), ..) if text.len() > TEXT_MAX => Some(FieldReason::TooLong),
        (Some(Value::Int(number)), _, Some((least, most))) => {
            (!(least..=most).contains(number)).then_some(FieldReason::OutOfRange)
        }
        (Some(value), kind, _) => {
            let mut row = Row::new(table, RowId::default());
            row.put(field, Some(value.clone()));
            (row.get(field).as_ref() != Some(value)).then_some(not_of(kind))
        }
    };
    refused.map_or(Ok(()), |reason| Err(reason.of(field)))
}

/// What a value is not, of whatever kind the field is.
const fn not_of(kind: Kind) -> FieldReason {
    match kind {
        Kind::Text | Kind::Choice(_) => FieldReason::NotAChoice,
        Kind::Int => FieldReason::NotANumber,
        Kind::Bool => FieldReason::NotYesOrNo,
        Kind::Date => FieldReason::NotADate,
        Kind::Moment => FieldReason::NotAMoment,
        Kind::Link(_) => FieldReason::NotAnId,
    }
}

/// A contact needs something to be known by.
fn must_be_somebody(contact: &ContactDraft) -> Result<(), BookError> {
    let known_by = [&contact.given_name, &contact.family_name, &contact.phone, &contact.email];
    if known_by.into_iter().flatten().any(|text| !text.trim().is_empty()) {
        return Ok(());
    }
    Err(BookError::Field(FieldReason::Required.of("given_name")))
}
