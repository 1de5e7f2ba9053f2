//! People who were written down twice: who is one person and who is not, and which of several values is right for the
//! whole person.

use samla_core::register::{LinkView, TalkHistory};
use samla_core::tables::{Contact, Value};

use crate::book::Book;
use crate::error::SamlaError;
use crate::records::{ContactId, LinkId};

/// People once.
#[uniffi::export]
impl Book {
    /// Everybody once: the contacts of each person read as one, by the first that was written down. Whoever was forgotten is
    /// left out.
    pub fn persons(&self) -> Vec<Contact> {
        self.look(|book| book.register().persons())
    }

    /// The contacts that are one person with this one, itself among them; none where it was removed.
    pub fn same_person(&self, contact: ContactId) -> Result<Vec<ContactId>, SamlaError> {
        Ok(self.look(|book| book.register().same_person(contact)))
    }

    /// The decisions about a person that were not undone, the first made first.
    pub fn links_of(&self, contact: ContactId) -> Result<Vec<LinkView>, SamlaError> {
        Ok(self.look(|book| book.register().links_of(contact)))
    }

    /// Every decision about two contacts that was not undone, the newest made first.
    pub fn links(&self) -> Vec<LinkView> {
        self.look(|book| book.register().links())
    }

    /// Where people disagree: every *same person* that is not followed because somebody said that the two are not. One of
    /// the two decisions should be undone.
    pub fn disputed_links(&self) -> Vec<LinkView> {
        self.look(|book| book.register().disputed_links())
    }

    /// Says that two contacts are one person, and undoes what kept the two persons apart. Returns the link that says so.
    pub fn link_same(&self, a: ContactId, b: ContactId) -> Result<LinkId, SamlaError> {
        self.act(|book, ctx| book.link_same(ctx, a, b))
    }

    /// Says that two contacts are not one person, and undoes what joined just these two. They are kept apart from then on,
    /// also where other links lead from the one to the other. Returns the link that says so.
    pub fn link_not_same(&self, a: ContactId, b: ContactId) -> Result<LinkId, SamlaError> {
        self.act(|book, ctx| book.link_not_same(ctx, a, b))
    }

    /// Takes back a decision about two contacts, in all links that say the same of them. What was written meanwhile stays
    /// with the contact that it was written to.
    pub fn undo_link(&self, link: LinkId) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.undo_link(ctx, link))
    }

    /// Chooses what is right for a whole person: the value, or nothing, is written to every contact that says otherwise, and
    /// settles what several devices answered.
    pub fn choose(&self, contact: ContactId, field: String, value: Option<Value>) -> Result<(), SamlaError> {
        self.act(|book, ctx| book.choose(ctx, contact, &field, value))
    }

    /// The talks with a person, in short.
    pub fn talk_history(&self, contact: ContactId) -> Result<TalkHistory, SamlaError> {
        Ok(self.look(|book| book.register().talk_history(contact)))
    }
}
