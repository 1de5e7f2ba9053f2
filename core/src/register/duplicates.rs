//! "Maybe you already met Anna?": the same person written down twice, caught while typing or found later.
//!
//! A shared phone number tells most, then an address, then the name at the same workplace, as it sounds. None of it
//! proves anything: a couple shares a phone, and two of one name work at one site. So nothing is ever joined by itself;
//! a pair is offered, and where a number or an address goes with a name it is called likely. Contacts linked as one
//! person, or as not the same, are never held up against each other again.

mod pairs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Register;
use super::index::email_keys;
use super::phone::PhoneKey;
use super::search::SearchHit;
use super::sound::{SoundedName, key};
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Workplace};

/// What has been typed of a contact so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateQuery {
    /// The contact being typed, once it has a row of its own; it is no duplicate of itself.
    pub contact: Option<Id<Contact>>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Workplace.
    pub workplace: Option<Id<Workplace>>,
}

/// What two contacts share, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReason {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The name as it sounds, at one workplace.
    NameWorkplace,
}

/// Somebody who may be the one being typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DuplicateHint {
    /// The contact that stands for the person.
    pub id: Id<Contact>,
    /// Name.
    pub name: String,
    /// What they share.
    pub reason: DuplicateReason,
    /// A number or an address is shared, and the name too. Where it is false, two people are as likely.
    pub likely: bool,
    /// Name of the workplace.
    pub workplace_name: Option<String>,
}

/// Two persons who may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DuplicatePair {
    /// The one written down first.
    pub a: SearchHit,
    /// The other.
    pub b: SearchHit,
    /// What they share.
    pub reason: DuplicateReason,
    /// A number or an address is shared, and the name too. Where it is false, two people are as likely: a couple with one
    /// telephone, two of one name.
    pub likely: bool,
}

/// More hints than these help nobody who is typing.
const HINTS: usize = 5;

/// Workplaces are not part of larger ones deeper than this.
const SITES_WITHIN_SITES: usize = 6;

/// Of so many contacts with one number or address, a hint looks at the first.
const LOOKED_AT: usize = 50;

/// Of so many at one site with one word of the name, a hint looks at the first; the whole list finds the others.
const NEAR_LOOKED_AT: usize = 300;

impl Register {
    /// Up to five persons who may be the one being typed, the most telling first. A name needs two words, and must not be
    /// known at another workplace; with a letter wrong it counts only at the same one.
    pub fn duplicate_hint(&self, query: &DuplicateQuery) -> Vec<DuplicateHint> {
        let own = query.contact.map(|id| self.one_person(id)).unwrap_or_default();
        let typed = SoundedName::of(query.given_name.as_deref(), query.family_name.as_deref());
        let mut found: BTreeMap<Id<Contact>, (DuplicateReason, bool)> = BTreeMap::new();
        for (reason, id) in self.sharing(query).chain(self.named(&typed, query.workplace)) {
            let Some(first) = self.first_of_person(id.into()).filter(|first| !own.contains(first)) else { continue };
            let named =
                || self.get::<Contact>(id.into()).is_some_and(|contact| typed.alike(&sounded(contact)).is_some());
            let likely = reason != DuplicateReason::NameWorkplace && named();
            found.entry(first).and_modify(|(_, known)| *known |= likely).or_insert((reason, likely));
        }
        found.retain(|first, _| !query.contact.is_some_and(|typed| self.not_the_same(typed, *first)));
        let mut found: Vec<_> = found.into_iter().map(|(first, (reason, likely))| (!likely, reason, first)).collect();
        found.sort_unstable();
        found.into_iter().take(HINTS).map(|(unlikely, reason, first)| self.hint(first, reason, !unlikely)).collect()
    }

    /// Those with a number or an address that was typed.
    fn sharing(&self, query: &DuplicateQuery) -> impl Iterator<Item = (DuplicateReason, RowId)> {
        let phones = PhoneKey::all(query.phone.as_deref().unwrap_or_default(), self.country()).into_iter();
        let emails = query.email.as_deref().map(email_keys).unwrap_or_default().into_iter();
        let by_phone = phones.flat_map(|key| self.indexes.phones.of(&key).take(LOOKED_AT));
        let by_email = emails.flat_map(|key| self.indexes.emails.of(&key).take(LOOKED_AT));
        let by_phone = by_phone.map(|id| (DuplicateReason::Phone, id));
        by_phone.chain(by_email.map(|id| (DuplicateReason::Email, id)))
    }

    /// Those whose name sounds like the one that was typed and who may work where it was typed.
    fn named(
        &self,
        typed: &SoundedName,
        workplace: Option<Id<Workplace>>,
    ) -> impl Iterator<Item = (DuplicateReason, RowId)> {
        let mut ids: Vec<RowId> = match typed.tells() {
            true => typed.all().map(key).flat_map(|key| self.indexes.names.of(&key)).collect(),
            false => Vec::new(),
        };
        ids.sort_unstable();
        let site = workplace.map(|id| self.site_of(id));
        let mut looked_at = 0;
        let alike = ids.chunk_by(|one, other| one == other).filter_map(|shared| {
            let id = *shared.first()?;
            if shared.len() == 1 {
                // One word in common is much at one site, and nothing in a whole book.
                let near = site.is_some() && looked_at < NEAR_LOOKED_AT && site == self.site_of_contact(id);
                looked_at += usize::from(near);
                near.then_some(id)
            } else {
                let theirs = self.site_of_contact(id);
                (site.is_none() || theirs.is_none() || site == theirs).then_some(id)
            }
        });
        let alike = alike.filter(|id| {
            self.get::<Contact>((*id).into()).is_some_and(|contact| typed.alike(&sounded(contact)).is_some())
        });
        alike.map(|id| (DuplicateReason::NameWorkplace, id)).collect::<Vec<_>>().into_iter()
    }

    fn site_of_contact(&self, contact: RowId) -> Option<Id<Workplace>> {
        self.indexes.words.get(&contact).and_then(|words| words.workplace).map(|id| self.site_of(id))
    }

    fn hint(&self, id: Id<Contact>, reason: DuplicateReason, likely: bool) -> DuplicateHint {
        let workplace = self.get(id).and_then(|contact| contact.workplace);
        let workplace_name = workplace.and_then(|id| self.workplace_name(id));
        DuplicateHint { id, name: self.contact_name(id), reason, likely, workplace_name }
    }

    /// The largest workplace that this one is part of, or the workplace itself: people at two ends of one site are
    /// colleagues.
    pub(super) fn site_of(&self, workplace: Id<Workplace>) -> Id<Workplace> {
        let mut site = workplace;
        // Parents that go round in a circle lead nowhere: after so many steps a workplace is its own site.
        for _ in 0..SITES_WITHIN_SITES {
            match self.get(site).and_then(|place| place.parent) {
                Some(larger) => site = larger,
                None => return site,
            }
        }
        workplace
    }
}

fn sounded(contact: &Contact) -> SoundedName {
    SoundedName::of(contact.given_name.as_deref(), contact.family_name.as_deref())
}
