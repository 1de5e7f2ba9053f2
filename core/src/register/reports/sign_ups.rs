//! Sign-ups by what they have in common, and the way from a talk to a sign-up to dues.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ReportQuery;
use super::figures::{LED_TO, SignUpFact, TalkFact, occasion_at};
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, Sheet, Spec};
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::register::Register;
use crate::register::day::later;
use crate::register::fold::folded;
use crate::register::names::filled;
use crate::register::recruited::Recruiter;
use crate::tables::{Contact, Occasion, Table, Talk, Trigger, Visit};

/// What sign-ups are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SignUpGroup {
    /// What gave rise to the talk that led to it; where there was none, what the visit was.
    Occasion,
    /// Part of the day of the visit.
    Slot,
    /// The workplace: of the visit, else of the person.
    Place,
    /// The campaign: of the sign-up, else of the visit.
    Campaign,
    /// Who recruited, a steward or a colleague; of talks, who held them.
    Recruiter,
    /// What made the person think of joining.
    Trigger,
}

/// The sign-ups of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SignUpFigures {
    /// The row that the group is: a workplace, a campaign, a steward or a colleague who recruits.
    pub row: Option<RowId>,
    /// The stable word that it is: an occasion, a trigger.
    pub word: Option<String>,
    /// What it is called by people: the row's name, the slot.
    pub name: Option<String>,
    /// Talks, written down or tapped.
    pub talks: i64,
    /// Sign-ups, with a name or without.
    pub signed: i64,
    /// Those of them without a name.
    pub nameless: i64,
    /// Those who pay dues.
    pub paying: i64,
    /// Those who have left again.
    pub left: i64,
    /// Those who have not decided.
    pub undecided: i64,
}

/// From talk to sign-up to dues, of the persons of one occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConversionFigures {
    /// What gave rise to the talk.
    pub occasion: Option<Occasion>,
    /// Persons talked with. Each counts once: with the talk that led to a sign-up, else with their last.
    pub persons: i64,
    /// Those of them who were invited to join in any of those talks.
    pub invited: i64,
    /// Those who signed up within a year of a talk.
    pub signed: i64,
    /// Those who pay dues.
    pub paying: i64,
    /// The talks that these persons had.
    pub talks: i64,
}

/// What a group is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Word(&'static str),
    Row(RowId),
    /// Words of people, folded: one slot however its capitals are.
    Text(String),
    NotSaid,
}

/// What the two kinds of facts tell of the group they are in.
struct Traits<'a> {
    occasion: Known<'a>,
    slot: Option<&'a str>,
    rows: [Option<RowId>; 2],
    recruiter: Option<Recruiter>,
    person: Option<Id<Contact>>,
}

/// What the occasion follows from: of a sign-up it has to be looked for.
enum Known<'a> {
    Talk(Option<Occasion>),
    SignUp(&'a SignUpFact<'a>),
}

impl Known<'_> {
    fn of(&self, register: &Register) -> Option<Occasion> {
        match self {
            Self::Talk(occasion) => *occasion,
            Self::SignUp(fact) => fact.occasion(register),
        }
    }
}

impl<'a> Traits<'a> {
    fn of_talk(fact: &'a TalkFact<'_>) -> Self {
        let visit = fact.visit.as_deref();
        let by_visit = || occasion_at(visit?.kind?);
        Self {
            occasion: Known::Talk(fact.talk.and_then(|talk| talk.occasion).or_else(by_visit)),
            slot: slot(visit),
            rows: [fact.place.map(RowId::from), visit.and_then(|visit| visit.campaign).map(RowId::from)],
            recruiter: fact.talk.and_then(|talk| talk.by).map(Recruiter::Steward),
            person: fact.talk.and_then(|talk| talk.contact),
        }
    }

    fn of_sign_up(fact: &'a SignUpFact<'a>) -> Self {
        Self {
            occasion: Known::SignUp(fact),
            slot: slot(fact.visit.as_deref()),
            rows: [fact.place.map(RowId::from), fact.campaign.map(RowId::from)],
            recruiter: fact.recruiter,
            person: fact.person,
        }
    }
}

impl SignUpGroup {
    fn key(self, traits: &Traits<'_>, register: &Register, query: &ReportQuery) -> Key {
        let [place, campaign] = traits.rows;
        let row = match self {
            Self::Occasion => {
                let occasion = traits.occasion.of(register);
                return occasion.map_or(Key::NotSaid, |occasion| Key::Word(occasion.text()));
            }
            Self::Trigger => {
                let trigger = traits.person.and_then(|person| register.trigger_of(person));
                return trigger.map_or(Key::NotSaid, |trigger| Key::Word(trigger.text()));
            }
            Self::Slot => return traits.slot.map_or(Key::NotSaid, |slot| Key::Text(folded(slot))),
            Self::Place => place.map(|place| register.told_as(place.into(), query).row()),
            Self::Campaign => campaign,
            Self::Recruiter => traits.recruiter.map(Recruiter::row),
        };
        row.map_or(Key::NotSaid, Key::Row)
    }

    const fn table(self) -> Option<Table> {
        match self {
            Self::Place => Some(Table::Workplaces),
            Self::Campaign => Some(Table::Campaigns),
            Self::Recruiter => Some(Table::People),
            Self::Occasion | Self::Slot | Self::Trigger => None,
        }
    }
}

impl Register {
    /// The sign-ups of a period in groups, those with most first. Talks stand beside them, so that much work for little
    /// shows. Workplaces are whole sites where it is to be shared.
    pub fn sign_ups_by(&self, group: SignUpGroup, query: &ReportQuery) -> Vec<SignUpFigures> {
        let scope = Scope::of(self, query);
        let (talks, sign_ups) = (self.talks_in(&scope), self.sign_ups_in(&scope));
        let mut groups: BTreeMap<Key, SignUpFigures> = BTreeMap::new();
        for fact in &talks {
            let traits = Traits::of_talk(fact);
            let key = group.key(&traits, self, query);
            let figures = groups.entry(key.clone()).or_insert_with(|| self.no_sign_ups(group, &key, &traits));
            figures.talks = figures.talks.saturating_add(fact.n);
        }
        for fact in &sign_ups {
            let traits = Traits::of_sign_up(fact);
            let key = group.key(&traits, self, query);
            groups.entry(key.clone()).or_insert_with(|| self.no_sign_ups(group, &key, &traits)).add(fact);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        let said = |figures: &SignUpFigures| figures.name.is_some() || figures.word.is_some();
        groups.sort_by(|one, other| {
            let order = |figures: &SignUpFigures| (said(figures), figures.signed, figures.talks);
            let name = |figures: &SignUpFigures| (figures.name.clone(), figures.word.clone(), figures.row);
            order(other).cmp(&order(one)).then_with(|| name(one).cmp(&name(other)))
        });
        groups
    }

    /// An empty group; a slot is spelled as it first was.
    fn no_sign_ups(&self, group: SignUpGroup, key: &Key, traits: &Traits<'_>) -> SignUpFigures {
        let (row, word, slot) = match key {
            Key::Row(row) => (Some(*row), None, None),
            Key::Word(word) => (None, Some((*word).to_owned()), None),
            Key::Text(_) => (None, None, traits.slot.map(str::to_owned)),
            Key::NotSaid => (None, None, None),
        };
        let colleague = traits.recruiter.filter(|_| group == SignUpGroup::Recruiter).and_then(Recruiter::colleague);
        let name = match colleague {
            Some(id) => self.recruiter_name(Recruiter::Colleague(id)),
            None => row.zip(group.table()).map(|(row, table)| self.title(table, row)).or(slot),
        };
        SignUpFigures { row, word, name, talks: 0, signed: 0, nameless: 0, paying: 0, left: 0, undecided: 0 }
    }

    fn trigger_of(&self, contact: Id<Contact>) -> Option<Trigger> {
        self.contacts_of(contact).into_iter().find_map(|contact| contact.trigger)
    }

    /// The persons talked with in a period, and how far they have come since, by occasion.
    pub fn conversion(&self, query: &ReportQuery) -> Vec<ConversionFigures> {
        let scope = Scope::of(self, query);
        let mut by_person: BTreeMap<Id<Contact>, Vec<&Talk>> = BTreeMap::new();
        for talk in self.written_talks_in(&scope) {
            if let Some(person) = talk.contact.and_then(|contact| self.first_of_person(contact)) {
                by_person.entry(person).or_default().push(talk);
            }
        }
        let signed = self.signed_since(query);
        let mut groups: BTreeMap<(bool, Option<Occasion>), ConversionFigures> = BTreeMap::new();
        for (person, mut talks) in by_person {
            talks.sort_by_key(|talk| (talk.at, talk.id));
            let led = signed.get(&person).and_then(|(on, pays)| Some((led_to(&talks, *on)?, *pays)));
            let occasion = led.map(|(talk, _)| talk).or(talks.last().copied()).and_then(|talk| talk.occasion);
            let none = ConversionFigures { occasion, persons: 0, invited: 0, signed: 0, paying: 0, talks: 0 };
            let figures = groups.entry((occasion.is_none(), occasion)).or_insert(none);
            figures.persons += 1;
            figures.invited += i64::from(talks.iter().any(|talk| talk.invited == Some(true)) || led.is_some());
            figures.signed += i64::from(led.is_some());
            figures.paying += i64::from(led.is_some_and(|(_, pays)| pays));
            figures.talks = figures.talks.saturating_add(i64::try_from(talks.len()).unwrap_or(i64::MAX));
        }
        groups.into_values().collect()
    }

    /// Everybody who signed up since a period began, wherever that was: on which day first, and whether they pay dues. A sign-up
    /// counts until today, also after the period of the talk.
    pub(super) fn signed_since(&self, query: &ReportQuery) -> BTreeMap<Id<Contact>, (Date, bool)> {
        let until = query.today.max(query.until);
        let since = Scope::of(self, &ReportQuery { until, campaign: None, workplace: None, ..query.clone() });
        let mut signed = BTreeMap::new();
        for fact in self.sign_ups_in(&since) {
            if let Some(person) = fact.person {
                let pays = fact.paid_on.is_some() && fact.left_on.is_none();
                signed.entry(person).or_insert((fact.on, false)).1 |= pays;
            }
        }
        signed
    }
}

/// The talk that led to a sign-up on this day: the last within a year until then of one person's, which come in their order.
pub(super) fn led_to<'a>(talks: &[&'a Talk], on: Date) -> Option<&'a Talk> {
    let days = later(on, -LED_TO)..=on;
    talks.iter().rev().copied().find(|talk| talk.at.is_some_and(|at| days.contains(&at.date_naive())))
}

impl SignUpFigures {
    fn add(&mut self, fact: &SignUpFact<'_>) {
        self.signed = self.signed.saturating_add(fact.n);
        let kind = match (fact.person, fact.left_on, fact.paid_on) {
            (None, ..) => &mut self.nameless,
            (Some(_), Some(_), _) => &mut self.left,
            (Some(_), None, Some(_)) => &mut self.paying,
            (Some(_), None, None) => &mut self.undecided,
        };
        *kind = kind.saturating_add(fact.n);
    }
}

fn slot(visit: Option<&Visit>) -> Option<&str> {
    visit.and_then(|visit| filled(&visit.slot))
}

/// The table of [`Register::sign_ups_by`].
pub(super) fn sheet(group: SignUpGroup, groups: &[SignUpFigures]) -> Sheet {
    let key = match group {
        SignUpGroup::Occasion => Spec::word("occasion"),
        SignUpGroup::Trigger => Spec::word("trigger"),
        SignUpGroup::Slot => Spec::groups("slot"),
        SignUpGroup::Place => Spec::text("workplace"),
        SignUpGroup::Campaign => Spec::text("campaign"),
        SignUpGroup::Recruiter => Spec::names("recruiter"),
    };
    let mut sheet = Sheet::summed([
        key,
        Spec::people("talks", 0),
        Spec::people("signed", 0),
        Spec::people("nameless", 1),
        Spec::people("paying", 1),
        Spec::people("left", 1),
        Spec::people("undecided", 1),
        Spec::share("paying_share", "paying", "signed", 1),
    ]);
    for figures in groups {
        let word = match group {
            SignUpGroup::Trigger => word_of(Trigger::ALL.iter().map(|word| word.text()), figures.word.as_deref()),
            _ => word_of(Occasion::ALL.iter().map(|word| word.text()), figures.word.as_deref()),
        };
        let name = figures.name.clone().map(Cell::Text);
        sheet.row([
            name.or(word).unwrap_or(NOT_SAID),
            Cell::Count(figures.talks),
            Cell::Count(figures.signed),
            Cell::Count(figures.nameless),
            Cell::Count(figures.paying),
            Cell::Count(figures.left),
            Cell::Count(figures.undecided),
        ]);
    }
    sheet
}

fn word_of(mut words: impl Iterator<Item = &'static str>, word: Option<&str>) -> Option<Cell> {
    words.find(|known| Some(*known) == word).map(Cell::Word)
}

/// The table of [`Register::conversion`].
pub(super) fn conversion_sheet(groups: &[ConversionFigures]) -> Sheet {
    let mut sheet = Sheet::summed([
        Spec::word("occasion"),
        Spec::people("talks", 0),
        Spec::people("persons", 0),
        Spec::people("invited", 1).of("persons"),
        Spec::people("signed", 2).of("persons"),
        Spec::share("signed_share", "signed", "persons", 2),
        Spec::people("paying", 3).of("signed"),
        Spec::share("paying_share", "paying", "signed", 3),
    ]);
    for figures in groups {
        sheet.row([
            figures.occasion.map_or(NOT_SAID, |occasion| Cell::Word(occasion.text())),
            Cell::Count(figures.talks),
            Cell::Count(figures.persons),
            Cell::Count(figures.invited),
            Cell::Count(figures.signed),
            Cell::Empty,
            Cell::Count(figures.paying),
        ]);
    }
    sheet
}
