//! How talks are held, and what they are for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use crate::ids::Id;
use crate::register::Register;
use crate::tables::{Channel, Contact, Purpose};

/// The talks that were held in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ChannelFigures {
    /// How; none where nobody said, as with talks that were tapped.
    pub channel: Option<Channel>,
    /// Talks, written down or tapped.
    pub talks: i64,
    /// Persons talked with, as far as they are named.
    pub persons: i64,
    /// Talks that were to inform.
    pub to_inform: i64,
    /// Talks that were to listen.
    pub to_listen: i64,
}

impl Register {
    /// The talks of a period by channel, in the order of the channels.
    pub fn talks_by_channel(&self, query: &ReportQuery) -> Vec<ChannelFigures> {
        let mut persons: BTreeSet<(Option<Channel>, Id<Contact>)> = BTreeSet::new();
        let mut by_channel: BTreeMap<_, ChannelFigures> = BTreeMap::new();
        for fact in self.talks_in(&Scope::of(self, query)) {
            let channel = fact.talk.and_then(|talk| talk.channel);
            let none = ChannelFigures { channel, talks: 0, persons: 0, to_inform: 0, to_listen: 0 };
            let figures = by_channel.entry((channel.is_none(), channel)).or_insert(none);
            figures.talks = figures.talks.saturating_add(fact.n);
            let Some(talk) = fact.talk else { continue };
            figures.to_inform += i64::from(talk.purpose == Some(Purpose::Inform));
            figures.to_listen += i64::from(talk.purpose == Some(Purpose::Listen));
            let person = talk.contact.and_then(|contact| self.first_of_person(contact));
            figures.persons += i64::from(person.is_some_and(|person| persons.insert((channel, person))));
        }
        by_channel.into_values().collect()
    }
}
