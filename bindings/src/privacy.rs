//! What was promised to the people in the register: what they agreed to, that they are told, and that they are not kept
//! longer than need be.

use samla_core::register::{
    AboutView, AddressView, ConsentView, ExpiredView, KeptView, MentionView, NoticeView, TakenOutView,
};
use samla_core::texts::Language;

use crate::book::{Book, today};
use crate::error::SamlaError;
use crate::records::{ContactId, WorkplaceId};
use crate::scalars::{Count, Day};

/// Consent, notice, retention, and what is kept about a person.
#[uniffi::export]
impl Book {
    /// What a person has said to each purpose, with the proof.
    pub fn consents(&self, contact: ContactId) -> Result<Vec<ConsentView>, SamlaError> {
        Ok(self.look(|book| book.register().consents(contact)))
    }

    /// Whether a person's consent for this purpose holds.
    pub fn consents_to(&self, contact: ContactId, purpose: String) -> Result<bool, SamlaError> {
        Ok(self.look(|book| book.register().consents_to(contact, &purpose)))
    }

    /// A person takes a consent back, for one purpose or for all. It holds against every consent that another device writes
    /// without knowing of it.
    #[uniffi::method(default(purpose = None))]
    pub fn withdraw_consent(&self, contact: ContactId, purpose: Option<String>) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.withdraw_consent(ctx, contact, purpose.as_deref()))
    }

    /// Everybody of whom others told and who is still to be told, by the last day for it.
    pub fn notices_due(&self) -> Vec<NoticeView> {
        self.look(|book| book.register().notices_due(today()))
    }

    /// When a person is to be told, or was; none for somebody who told of themselves.
    pub fn notice(&self, contact: ContactId) -> Result<Option<NoticeView>, SamlaError> {
        Ok(self.look(|book| book.register().notice(contact, today())))
    }

    /// Notes that a person was told what is kept about them, on this day or today. The first time counts.
    #[uniffi::method(default(on = None))]
    pub fn note_told(&self, contact: ContactId, on: Option<Day>) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.note_told(ctx, contact, on))
    }

    /// Everybody who has been kept long enough, the longest first.
    pub fn expired(&self) -> Vec<ExpiredView> {
        self.look(|book| book.register().expired(today()))
    }

    /// How long a person is kept, as things stand; none for members.
    pub fn kept(&self, contact: ContactId) -> Result<Option<KeptView>, SamlaError> {
        Ok(self.look(|book| book.register().kept(contact, today())))
    }

    /// The texts that mention a person, outside the rows that are about them: sure hits first. Show them before `forget`.
    pub fn mentions(&self, contact: ContactId) -> Result<Vec<MentionView>, SamlaError> {
        Ok(self.look(|book| book.register().mentions(contact)))
    }

    /// Forgets a person who was kept long enough: names, numbers and everybody's own words go, and what reports count
    /// stays. What is gone stays in the history until the next epoch; `erase` does not wait for it.
    pub fn forget(&self, contact: ContactId) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.forget(ctx, contact))
    }

    /// Everything that is kept about a person; none where there never was such a contact.
    pub fn about(&self, contact: ContactId) -> Result<Option<AboutView>, SamlaError> {
        Ok(self.look(|book| book.register().about(contact, today())))
    }

    /// The same as JSON, for another program.
    pub fn about_json(&self, contact: ContactId) -> Result<String, SamlaError> {
        Ok(self.look(|book| book.about_json(contact, today()))?)
    }

    /// The same as one page of HTML to hand over, in the language that a tag asks for, else in English.
    pub fn about_html(&self, contact: ContactId, language: String) -> Result<String, SamlaError> {
        let language = Language::of_tag(&language).unwrap_or(Language::En);
        Ok(self.look(|book| book.about_html(contact, today(), language.tag(), &|of| language.label(of)))?)
    }

    /// How many addresses `takeAddresses` would give. Nothing is taken out.
    #[uniffi::method(default(workplace = None))]
    pub fn addresses_to_take(&self, purpose: String, workplace: Option<WorkplaceId>) -> Result<Count, SamlaError> {
        Ok(self.look(|book| book.register().addresses_to_take(&purpose, workplace)))
    }

    /// Takes the addresses out of those who have agreed to be written to for this purpose, by name; of one workplace with
    /// its sub-sites, if one is named. They go into the field that hides them from each other. `takenOut` tells of it; a
    /// reader can take none.
    #[uniffi::method(default(workplace = None))]
    pub fn take_addresses(
        &self,
        purpose: String,
        workplace: Option<WorkplaceId>,
    ) -> Result<Vec<AddressView>, SamlaError> {
        self.act(|book, ctx| book.take_addresses(ctx, &purpose, workplace))
    }

    /// How many cards `takeVcards` would give. Nothing is taken out.
    pub fn vcards_to_take(&self, purpose: String) -> Count {
        self.look(|book| book.register().vcards_to_take(&purpose))
    }

    /// Takes out one vCard for each person whose consent for this purpose holds and who has not asked to be left alone:
    /// name, telephone, e-mail and workplace, and nothing about the union. `takenOut` tells of it; a reader can take none.
    pub fn take_vcards(&self, purpose: String) -> Result<String, SamlaError> {
        self.act(|book, ctx| book.take_vcards(ctx, &purpose))
    }

    /// What was taken out: who did, when, for what purpose and of how many people, and nobody whose it is. The latest first.
    pub fn taken_out(&self) -> Vec<TakenOutView> {
        self.look(|book| book.register().taken_out())
    }
}
