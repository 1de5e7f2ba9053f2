//! What people have agreed to, and who wants to be left alone.
//!
//! A withdrawal holds against everything that was written without knowing of it, and no clock decides what that is: a
//! consent carries its *round*. The first is round 1; whoever agrees again after a withdrawal begins the next. A
//! withdrawal ends its own round and all before it, so a consent that another phone writes at the same time, still in
//! the old round, does not bring back what was taken back. Where nobody here has written the consent down, or what was
//! written has been taken back before, the withdrawal is a row of its own.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Register;
use super::fold::folded;
use super::names::filled;
use crate::context::Moment;
use crate::ids::Id;
use crate::tables::{Consent, Contact, Table};

/// What a person has said to one purpose, with the proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConsentView {
    /// For what, as it was written last; empty where no purpose was named: a withdrawal is of all then.
    pub purpose: String,
    /// Whether it holds.
    pub holds: bool,
    /// When it was given, the last time; none where only its withdrawal is known.
    pub given_at: Option<Moment>,
    /// Which version of the text was shown then.
    pub text_version: Option<String>,
    /// In which language.
    pub language: Option<String>,
    /// How it was given.
    pub how: Option<String>,
    /// When it was taken back; none while it holds.
    pub withdrawn_at: Option<Moment>,
    /// Every row about it, the first written first.
    pub rows: Vec<Id<Consent>>,
}

impl Register {
    /// Whether a person's consent for this purpose holds. The words of a purpose count, not their case; a consent without a
    /// purpose is for none of these, and its withdrawal withdraws all.
    pub fn consents_to(&self, contact: Id<Contact>, purpose: &str) -> bool {
        !self.holding(contact, purpose).is_empty()
    }

    /// What a person has said to each purpose, by its words.
    pub fn consents(&self, contact: Id<Contact>) -> Vec<ConsentView> {
        let mut by_purpose: BTreeMap<String, Vec<&Consent>> = BTreeMap::new();
        for consent in self.of_person::<Consent>(&self.one_person(contact)) {
            by_purpose.entry(purpose_key(consent)).or_default().push(consent);
        }
        let views = by_purpose.into_iter().map(|(purpose, mut rows)| {
            rows.sort_unstable_by_key(|consent| consent.id);
            let holding = self.holding(contact, &purpose).into_iter().max_by_key(|consent| consent.given_at);
            let shown = holding.or_else(|| rows.iter().copied().max_by_key(|row| (row.given_at, row.id)));
            let withdrawn = self.said_to(contact, &purpose).filter_map(|consent| consent.withdrawn_at).max();
            ConsentView {
                purpose: shown.and_then(|row| filled(&row.purpose)).unwrap_or_default().to_owned(),
                holds: holding.is_some(),
                given_at: shown.and_then(|row| row.given_at),
                text_version: shown.and_then(|row| row.text_version.clone()),
                language: shown.and_then(|row| row.language.clone()),
                how: shown.and_then(|row| row.how.clone()),
                withdrawn_at: withdrawn.filter(|_| holding.is_none()),
                rows: rows.iter().map(|row| row.id).collect(),
            }
        });
        views.collect()
    }

    /// The consents for a purpose that hold.
    pub(crate) fn holding(&self, contact: Id<Contact>, purpose: &str) -> Vec<&Consent> {
        let ended = self.ended_round(contact, purpose);
        let holds = |consent: &&Consent| {
            consent.withdrawn_at.is_none()
                && consent.given_at.is_some()
                && filled(&consent.purpose).is_some()
                && round(consent) > ended
        };
        self.said_to(contact, purpose).filter(holds).collect()
    }

    /// The rows that a withdrawal ends, for a purpose or for all: those of the person that were not taken back, also where they
    /// do not hold now. What one contact's withdrawal has ended would hold again for another once a link is undone.
    pub(crate) fn to_withdraw(&self, contact: Id<Contact>, purpose: Option<&str>) -> Vec<&Consent> {
        let purpose = purpose.map(|purpose| folded(purpose.trim()));
        let is_asked = |consent: &&Consent| match &purpose {
            Some(purpose) => filled(&consent.purpose).is_some() && purpose_key(consent) == *purpose,
            None => true,
        };
        let person = self.joined(contact);
        let consents = self.of_person::<Consent>(&person).filter(|consent| consent.withdrawn_at.is_none());
        consents.filter(is_asked).collect()
    }

    /// The round that a withdrawal ends in a row of its own, for what other phones may have written that is not heard of here: for
    /// a purpose the one in which it would be agreed to now, and for all purposes the last that any of them is in. Nothing where
    /// the withdrawal is written into rows that are in force, or where such a row waits already and nobody has agreed since.
    pub(crate) fn unheard_round(&self, contact: Id<Contact>, purpose: Option<&str>) -> Option<i64> {
        let person = self.one_person(contact);
        let tells = |consent: &&Consent| filled(&consent.purpose).is_some() || consent.withdrawn_at.is_some();
        let heard: Vec<_> = match purpose {
            Some(purpose) if purpose.trim().is_empty() => return None,
            Some(purpose) => self.said_to(contact, purpose).filter(tells).collect(),
            None => self.of_person::<Consent>(&person).filter(tells).collect(),
        };
        let ended = self.ended_round(contact, purpose.unwrap_or_default());
        if ended > 0 && heard.iter().all(|consent| round(consent) < ended || is_withdrawal_alone(consent)) {
            return None;
        }
        let next = match purpose {
            Some(purpose) if self.round_in_force(contact, purpose).is_some() => None,
            Some(purpose) => Some(self.consent_round(contact, purpose)),
            None => {
                let last = |purpose: &str| {
                    self.round_in_force(contact, purpose).unwrap_or_else(|| self.consent_round(contact, purpose))
                };
                heard.iter().map(|consent| last(&purpose_key(consent))).chain([last("")]).max()
            }
        };
        let most = Table::Consents.field("round").and_then(|spec| spec.range).map_or(i64::MAX, |(_, most)| most);
        next.filter(|round| *round <= most)
    }

    /// The last round of a purpose that nobody has ended.
    fn round_in_force(&self, contact: Id<Contact>, purpose: &str) -> Option<i64> {
        let ended = self.ended_round(contact, purpose);
        let in_force = |consent: &&Consent| {
            filled(&consent.purpose).is_some() && consent.withdrawn_at.is_none() && round(consent) > ended
        };
        self.said_to(contact, purpose).filter(in_force).map(round).max()
    }

    /// The round in which a consent for this purpose would be given now.
    pub(crate) fn consent_round(&self, contact: Id<Contact>, purpose: &str) -> i64 {
        self.ended_round(contact, purpose).saturating_add(1)
    }

    /// The version of the text that a visitor reads before a consent, and its language: the first of those that the book offers.
    /// Nothing where the settings name no version.
    pub(crate) fn purpose_text_shown(&self) -> Option<(String, Option<String>)> {
        let settings = self.settings();
        let version = filled(&settings.purpose_version)?.to_owned();
        let language = settings.languages.as_deref().and_then(|tags| tags.split(',').next()).map(str::trim);
        Some((version, language.filter(|tag| !tag.is_empty()).map(str::to_owned)))
    }

    fn ended_round(&self, contact: Id<Contact>, purpose: &str) -> i64 {
        self.said_to(contact, purpose).filter(|consent| consent.withdrawn_at.is_some()).map(round).max().unwrap_or(0)
    }

    /// The rows about a purpose, and those about none, which are about all.
    fn said_to(&self, contact: Id<Contact>, purpose: &str) -> impl Iterator<Item = &Consent> {
        let purpose = folded(purpose.trim());
        let person = self.one_person(contact);
        let all: Vec<_> = self.of_person::<Consent>(&person).collect();
        all.into_iter().filter(move |consent| filled(&consent.purpose).is_none() || purpose_key(consent) == purpose)
    }

    /// Whether the person has asked, by any of its contacts, not to be contacted.
    pub(super) fn wants_peace(&self, person: &[Id<Contact>]) -> bool {
        person.iter().any(|id| self.get(*id).is_some_and(|row| row.do_not_contact == Some(true)))
    }
}

fn purpose_key(consent: &Consent) -> String {
    filled(&consent.purpose).map(folded).unwrap_or_default()
}

/// Whether a row says no more than that something was taken back.
fn is_withdrawal_alone(consent: &Consent) -> bool {
    consent.withdrawn_at.is_some() && consent.given_at.is_none()
}

fn round(consent: &Consent) -> i64 {
    consent.round.unwrap_or(1)
}
