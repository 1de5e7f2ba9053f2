//! How talks are held, what they are for, and what came of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, Sheet, Spec};
use super::sign_ups::led_to;
use crate::ids::Id;
use crate::register::Register;
use crate::tables::{Channel, Contact, Purpose, Talk};

/// The talks that were held in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ChannelFigures {
    /// How; none where nobody said, as with talks that were only tapped.
    pub channel: Option<Channel>,
    /// Talks, written down or tapped.
    pub talks: i64,
    /// Persons talked with, as far as they are named.
    pub persons: i64,
    /// Talks that were to inform.
    pub to_inform: i64,
    /// Talks that were to listen.
    pub to_listen: i64,
    /// Those of the persons who signed up after such a talk, before any other talk of the period.
    pub signed: i64,
    /// Those of them who pay dues.
    pub paying: i64,
}

impl Register {
    /// The talks of a period by channel, in the order of the channels, and what came of them until today.
    pub fn talks_by_channel(&self, query: &ReportQuery) -> Vec<ChannelFigures> {
        let key = |channel: Option<Channel>| (channel.is_none(), channel);
        let mut by_person: BTreeMap<Id<Contact>, Vec<&Talk>> = BTreeMap::new();
        let mut by_channel: BTreeMap<_, ChannelFigures> = BTreeMap::new();
        for fact in self.talks_in(&Scope::of(self, query)) {
            let channel = fact.talk.and_then(|talk| talk.channel);
            let figures = by_channel.entry(key(channel)).or_insert_with(|| ChannelFigures::none(channel));
            figures.talks = figures.talks.saturating_add(fact.n);
            let Some(talk) = fact.talk else { continue };
            figures.to_inform += i64::from(talk.purpose == Some(Purpose::Inform));
            figures.to_listen += i64::from(talk.purpose == Some(Purpose::Listen));
            let Some(person) = talk.contact.and_then(|contact| self.first_of_person(contact)) else { continue };
            let talks = by_person.entry(person).or_default();
            figures.persons += i64::from(talks.iter().all(|before| before.channel != channel));
            talks.push(talk);
        }
        let signed = self.signed_since(query);
        for (person, mut talks) in by_person {
            talks.sort_by_key(|talk| (talk.at, talk.id));
            let led = signed.get(&person).and_then(|(on, pays)| Some((led_to(&talks, *on)?.channel, *pays)));
            let Some((channel, pays)) = led else { continue };
            if let Some(figures) = by_channel.get_mut(&key(channel)) {
                figures.signed += 1;
                figures.paying += i64::from(pays);
            }
        }
        by_channel.into_values().collect()
    }
}

impl ChannelFigures {
    const fn none(channel: Option<Channel>) -> Self {
        Self { channel, talks: 0, persons: 0, to_inform: 0, to_listen: 0, signed: 0, paying: 0 }
    }
}

/// The table of the channels. A person with whom somebody talked in several ways counts in each, so persons are not summed.
pub(super) fn sheet(channels: &[ChannelFigures]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::word("channel"),
        Spec::people("talks", 0),
        Spec::people("persons", 0).not_summed(),
        Spec::people("signed", 1).of("persons"),
        Spec::share("signed_share", "signed", "persons", 1),
        Spec::people("paying", 2).of("signed"),
        Spec::share("paying_share", "paying", "signed", 2),
    ]);
    for figures in channels {
        sheet.row([
            figures.channel.map_or(NOT_SAID, |channel| Cell::Word(channel.text())),
            Cell::Count(figures.talks),
            Cell::Count(figures.persons),
            Cell::Count(figures.signed),
            Cell::Empty,
            Cell::Count(figures.paying),
        ]);
    }
    sheet
}
