//! Commands that keep what was promised to the people in the register: a consent that is taken back, addresses of
//! those who agreed that are taken out, a notice that was given, a name that is forgotten. All of them may be repeated; what is
//! taken out is noted each time.

use super::Book;
use crate::context::{Context, Date};
use crate::document::{Step, Write};
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::lists;
use crate::register::AddressView;
use crate::tables::{
    Consent, ConsentDraft, Contact, ContactDraft, Draft, ExportKind, ImportDraft, ListDirection, Scalar, Table,
    Workplace,
};

impl Book {
    /// A consent as it is written, where the draft does not say otherwise: in the round that is open for its purpose, with the
    /// version of the text in the settings, and with its language.
    pub(super) fn as_given(&self, consent: &ConsentDraft) -> Draft {
        let register = self.register();
        let open = |contact| register.consent_round(contact, consent.purpose.as_deref().unwrap_or_default());
        let round = consent.round.or_else(|| consent.contact.map(open));
        let was_shown = consent.given_at.is_some() && consent.text_version.is_none();
        let text = register.purpose_text_shown().filter(|_| was_shown);
        let (text_version, language) = text.unzip();
        Draft::Consents(ConsentDraft {
            round,
            text_version: consent.text_version.clone().or(text_version),
            language: consent.language.clone().or(language.flatten()),
            ..consent.clone()
        })
    }

    /// A person takes a consent back, for one purpose or for all. It holds against every consent that another device writes
    /// without knowing of it, also of a consent that nobody has written down here, and of one that was given after an earlier
    /// withdrawal: that it was taken back is a row of its own then.
    pub fn withdraw_consent(
        &mut self,
        ctx: &mut Context<'_>,
        contact: Id<Contact>,
        purpose: Option<&str>,
    ) -> Result<(), BookError> {
        self.must_exist(Table::Contacts, contact.into())?;
        let register = self.register();
        let step = Step::Put(vec![("withdrawn_at".to_owned(), Some(ctx.now.to_value()))]);
        let write = |consent: &Consent| Write { table: Table::Consents, id: consent.id.row(), step: step.clone() };
        let mut writes: Vec<Write> = register.to_withdraw(contact, purpose).into_iter().map(write).collect();
        if let Some(round) = register.unheard_round(contact, purpose) {
            let draft = Draft::Consents(ConsentDraft {
                contact: Some(contact),
                purpose: purpose.map(|purpose| purpose.trim().to_owned()),
                withdrawn_at: Some(ctx.now),
                round: Some(round),
                ..ConsentDraft::default()
            });
            draft.check()?;
            writes.push(Write::of_draft(contact.row().child_of(ctx), &draft));
        }
        if writes.is_empty() { Ok(()) } else { self.replica.write(ctx, &writes) }
    }

    /// Takes the addresses out of those who have agreed to be written to for this purpose and have not asked to be left alone,
    /// by name; of one workplace with its sub-sites, if one is named. They go into the field that hides them from each other.
    ///
    /// That it was done is written down first, with nobody's name: [`Register::taken_out`](crate::register::Register::taken_out)
    /// tells of it. So a reader can take none. Where there is nothing to take, nothing is written.
    pub fn take_addresses(
        &mut self,
        ctx: &mut Context<'_>,
        purpose: &str,
        workplace: Option<Id<Workplace>>,
    ) -> Result<Vec<AddressView>, BookError> {
        let addresses = self.register().addresses(purpose, workplace);
        self.note_taken(ctx, ExportKind::Addresses, purpose, workplace, addresses.len())?;
        Ok(addresses)
    }

    /// Takes out one vCard for each person whose consent for this purpose holds and who has not asked to be left alone: name,
    /// telephone, e-mail and workplace, and nothing about the union. It is written down as
    /// [`take_addresses`](Self::take_addresses) is.
    pub fn take_vcards(&mut self, ctx: &mut Context<'_>, purpose: &str) -> Result<String, BookError> {
        let people = self.register().vcards_to_take(purpose);
        self.note_taken(ctx, ExportKind::Vcards, purpose, None, people)?;
        Ok(lists::export_vcards(self.register(), purpose))
    }

    fn note_taken(
        &mut self,
        ctx: &mut Context<'_>,
        kind: ExportKind,
        purpose: &str,
        workplace: Option<Id<Workplace>>,
        people: usize,
    ) -> Result<(), BookError> {
        self.replica.may_write()?;
        if people == 0 {
            return Ok(());
        }
        self.may_add(Table::Imports)?;
        let draft = Draft::Imports(ImportDraft {
            rows: i64::try_from(people).ok(),
            at: Some(ctx.now),
            by: self.replica.local.person(),
            direction: Some(ListDirection::Out),
            kind: Some(kind),
            purpose: Some(purpose.trim().to_owned()),
            workplace,
            ..ImportDraft::default()
        });
        draft.check()?;
        let id = RowId::new(ctx);
        self.replica.write(ctx, &[Write::of_draft(id, &draft)])
    }

    /// Notes that a person was told what is kept about them, on this day or today, by the text of the settings. The first
    /// time counts.
    pub fn note_told(
        &mut self,
        ctx: &mut Context<'_>,
        contact: Id<Contact>,
        on: Option<Date>,
    ) -> Result<(), BookError> {
        self.must_exist(Table::Contacts, contact.into())?;
        let register = self.register();
        if register.contacts_of(contact).iter().any(|contact| contact.told_on.is_some()) {
            return Ok(());
        }
        let draft = Draft::Contacts(ContactDraft {
            told_on: Some(on.unwrap_or_else(|| ctx.now.date_naive())),
            told_version: register.settings().notice_version,
            ..ContactDraft::default()
        });
        draft.check()?;
        self.replica.write(ctx, &[Write::of_draft(contact.into(), &draft)])
    }

    /// Forgets a person who was kept long enough: names, numbers and everybody's own words go, and what reports count
    /// stays. [`Register::mentions`](crate::register::Register::mentions) tells where others still name them. What imports
    /// wrote of the person goes too, here and on each device that hears of it, and is not taken back any more.
    ///
    /// What is gone stays in the document's history until the next epoch. It does not make the server or a phone that
    /// stays away forget at once; that is what erasing does.
    pub fn forget(&mut self, ctx: &mut Context<'_>, contact: Id<Contact>) -> Result<(), BookError> {
        self.must_exist(Table::Contacts, contact.into())?;
        let person = self.register().one_person(contact);
        let forgetting = self.register().forgetting(contact, ctx.now.date_naive());
        let emptied = forgetting.patches.into_iter().map(|patch| {
            let cleared = patch.clear.into_iter().map(|field| (field, None));
            let set = patch.set.writes().into_iter().map(|(field, value)| (field.to_owned(), Some(value)));
            Write { table: patch.set.table(), id: patch.id, step: Step::Put(cleared.chain(set).collect()) }
        });
        let removed = forgetting.removed.into_iter().map(|(table, id)| Write { table, id, step: Step::Remove });
        let writes: Vec<Write> = emptied.chain(removed).collect();
        if !writes.is_empty() {
            self.replica.write(ctx, &writes)?;
        }
        self.forget_imported(ctx, &person)
    }
}
