//! What people said: topics, the reasons that landed, and the answers to polls.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ReportQuery;
use super::scope::Scope;
use super::sheet::{Cell, NOT_SAID, Sheet, Spec};
use crate::context::Date;
use crate::ids::{Id, RowId};
use crate::register::Register;
use crate::register::fold::folded;
use crate::register::names::filled;
use crate::tables::{Contact, Poll, PollAnswer, Raise, Table, Topic, TopicState, Workplace};

/// One topic, and how often it came up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TopicFigures {
    /// The topic.
    pub topic: Id<Topic>,
    /// What it is.
    pub title: String,
    /// How far it has come.
    pub state: TopicState,
    /// How often it came up in the period; a person counts once, somebody without a name each time.
    pub raised: i64,
    /// The day it last came up.
    pub last_on: Option<Date>,
    /// What the union does about it.
    pub action: Option<String>,
    /// What came of it.
    pub result: Option<String>,
    /// The day those who raised it were told.
    pub told_back_on: Option<Date>,
    /// Whether it is won or lost and nobody was told yet.
    pub to_tell: bool,
}

/// One reason to join, as it was used in talks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReasonFigures {
    /// The reason, as it was first written.
    pub reason: String,
    /// Talks it was used in.
    pub used: i64,
    /// Those of them in which it landed.
    pub landed: i64,
}

/// One answer to a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PollFigures {
    /// The poll.
    pub poll: Id<Poll>,
    /// The question.
    pub question: String,
    /// The choice; none for answers in words of one's own.
    pub choice: Option<String>,
    /// How many gave it.
    pub answers: i64,
    /// How many answered the question.
    pub of: i64,
    /// What was said with it in words of one's own, by the alphabet, so that their order does not tell who came when. None of
    /// what is shared.
    pub own_words: Vec<String>,
}

impl Register {
    /// Every topic, the one that came up most in the period first.
    pub fn topics_ranked(&self, query: &ReportQuery) -> Vec<TopicFigures> {
        let scope = Scope::of(self, query);
        let mut raised: BTreeMap<Id<Topic>, (BTreeSet<RowId>, Option<Date>)> = BTreeMap::new();
        for raise in self.all::<Raise>() {
            let (Some(topic), Some(on)) = (raise.topic, self.raised_on(raise)) else { continue };
            if !scope.has_day(on) || !scope.has_place(self.raised_at(raise)) {
                continue;
            }
            let contact = raise.contact.or(raise.talk.and_then(|talk| self.get(talk)?.contact));
            let by = contact.and_then(|contact| self.first_of_person(contact)).map_or(raise.id.row(), RowId::from);
            let (persons, last_on) = raised.entry(topic).or_default();
            persons.insert(by);
            *last_on = (*last_on).max(Some(on));
        }
        let figures = self.all::<Topic>().map(|topic| {
            let (persons, last_on) = raised.remove(&topic.id).unwrap_or_default();
            let state = topic.state.unwrap_or(TopicState::Raised);
            let over = matches!(state, TopicState::Won | TopicState::Lost);
            TopicFigures {
                topic: topic.id,
                title: self.title(Table::Topics, topic.id.row()),
                state,
                raised: i64::try_from(persons.len()).unwrap_or(i64::MAX),
                last_on,
                action: filled(&topic.action).map(str::to_owned),
                result: filled(&topic.result).map(str::to_owned),
                told_back_on: topic.told_back_on,
                to_tell: over && topic.told_back_on.is_none(),
            }
        });
        let mut figures: Vec<_> = figures.collect();
        figures.sort_by(|one, other| {
            other.raised.cmp(&one.raised).then_with(|| (&one.title, one.topic).cmp(&(&other.title, other.topic)))
        });
        figures
    }

    fn raised_on(&self, raise: &Raise) -> Option<Date> {
        let talk = || self.get(raise.talk?)?.at;
        let visit = || self.get(raise.visit?)?.starts_at;
        let made = || self.made_on(raise.id);
        raise.at.or_else(talk).or_else(visit).map(|at| at.date_naive()).or_else(made)
    }

    fn raised_at(&self, raise: &Raise) -> Option<Id<Workplace>> {
        let of_visit = || self.get(raise.visit?)?.workplace;
        let talk = raise.talk.and_then(|talk| self.get(talk));
        let of_contact = |contact: Id<Contact>| self.workplace_of(&self.one_person(contact));
        let contact = raise.contact.or(talk.and_then(|talk| talk.contact));
        of_visit().or_else(|| talk?.workplace).or_else(|| contact.and_then(of_contact))
    }

    /// The reasons used in the talks of a period, those that landed most first.
    pub fn reasons_used(&self, query: &ReportQuery) -> Vec<ReasonFigures> {
        let scope = Scope::of(self, query);
        let mut by_reason: BTreeMap<String, ReasonFigures> = BTreeMap::new();
        for talk in self.talks_in(&scope).iter().filter_map(|fact| fact.talk) {
            let Some(reason) = filled(&talk.reason_used) else { continue };
            let none = ReasonFigures { reason: reason.to_owned(), used: 0, landed: 0 };
            let figures = by_reason.entry(folded(reason)).or_insert(none);
            figures.used += 1;
            figures.landed += i64::from(talk.landed == Some(true));
        }
        let mut figures: Vec<_> = by_reason.into_values().collect();
        figures.sort_by(|one, other| {
            (other.landed, other.used).cmp(&(one.landed, one.used)).then_with(|| one.reason.cmp(&other.reason))
        });
        figures
    }

    /// The answers to every poll, each choice in its place. Of several answers of one person the later counts.
    pub fn poll_figures(&self, query: &ReportQuery) -> Vec<PollFigures> {
        let asked = |poll: &&Poll| poll.closes_on.is_none_or(|closes| closes >= query.from);
        self.all::<Poll>().filter(asked).flat_map(|poll| self.answers_to(poll, query.shared)).collect()
    }

    fn answers_to(&self, poll: &Poll, shared: bool) -> Vec<PollFigures> {
        let mut answers: BTreeMap<RowId, &PollAnswer> = BTreeMap::new();
        for answer in self.all::<PollAnswer>().filter(|answer| answer.poll == Some(poll.id)) {
            let person = answer.contact.and_then(|contact| self.first_of_person(contact));
            answers.insert(person.map_or(answer.id.row(), RowId::from), answer);
        }
        let of = i64::try_from(answers.len()).unwrap_or(i64::MAX);
        let mut choices: Vec<_> = filled(&poll.choices).unwrap_or_default().lines().map(str::trim).collect();
        choices.retain(|choice| !choice.is_empty());
        let is_given = |answer: &PollAnswer, choice: Option<&str>| match choice {
            Some(choice) => filled(&answer.choice).is_some_and(|given| folded(given) == folded(choice)),
            None => filled(&answer.choice).is_none_or(|given| !choices.iter().any(|of| folded(of) == folded(given))),
        };
        let figures = |choice: Option<&str>| {
            let given: Vec<_> = answers.values().copied().filter(|answer| is_given(answer, choice)).collect();
            let words = given.iter().filter(|_| !shared).filter_map(|answer| own_words(answer, choice));
            let mut own_words: Vec<_> = words.collect();
            own_words.sort_unstable();
            PollFigures {
                poll: poll.id,
                question: self.title(Table::Polls, poll.id.row()),
                choice: choice.map(str::to_owned),
                answers: i64::try_from(given.len()).unwrap_or(i64::MAX),
                of,
                own_words,
            }
        };
        let without_a_choice = Some(figures(None)).filter(|figures| figures.answers > 0);
        choices.iter().map(|choice| figures(Some(choice))).chain(without_a_choice).collect()
    }
}

/// What an answer says besides the choice that it counts for.
fn own_words(answer: &PollAnswer, choice: Option<&str>) -> Option<String> {
    let no_choice_of_the_poll = filled(&answer.choice).filter(|_| choice.is_none());
    let words: Vec<_> = no_choice_of_the_poll.into_iter().chain(filled(&answer.text)).collect();
    (!words.is_empty()).then(|| words.join(": "))
}

/// The table of the topics.
pub(super) fn topics_sheet(topics: &[TopicFigures]) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::groups("topic"),
        Spec::people("raised", 0),
        Spec::word("topic_state"),
        Spec::date("last_on"),
        Spec::date("told_back_on"),
        Spec::word("to_tell"),
    ]);
    for topic in topics {
        sheet.row([
            Cell::Text(topic.title.clone()),
            Cell::Count(topic.raised),
            Cell::Word(topic.state.text()),
            Cell::date(topic.last_on),
            Cell::date(topic.told_back_on),
            Cell::yes(topic.to_tell),
        ]);
    }
    sheet
}

/// The table of what was won: the union's own words, with nobody in them.
pub(super) fn wins_sheet(topics: &[TopicFigures]) -> Sheet {
    let mut sheet =
        Sheet::plain([Spec::text("topic"), Spec::text("action"), Spec::text("result"), Spec::date("told_back_on")]);
    for topic in topics.iter().filter(|topic| topic.state == TopicState::Won) {
        sheet.row([
            Cell::Text(topic.title.clone()),
            Cell::text(topic.action.clone()),
            Cell::text(topic.result.clone()),
            Cell::date(topic.told_back_on),
        ]);
    }
    sheet
}

/// The table of the reasons.
pub(super) fn reasons_sheet(reasons: &[ReasonFigures]) -> Sheet {
    let mut sheet = Sheet::plain([
        Spec::groups("reason"),
        Spec::people("used", 0),
        Spec::people("landed", 1).of("used"),
        Spec::share("landed_share", "landed", "used", 1),
    ]);
    for reason in reasons {
        sheet.row([Cell::Text(reason.reason.clone()), Cell::Count(reason.used), Cell::Count(reason.landed)]);
    }
    sheet
}

/// The table of the answers. What people wrote in words of their own stands below the choice that they gave, a line each; words
/// give away who wrote them, and what is shared has no column for them.
pub(super) fn polls_sheet(answers: &[PollFigures], shared: bool) -> Sheet {
    let columns = [
        Spec::text("poll"),
        Spec::text("choice"),
        Spec::people("answers", 0),
        Spec::known_people("of", 0).not_summed(),
        Spec::share("answers_share", "answers", "of", 0),
        Spec::text("own_words"),
    ];
    let mut sheet = Sheet::plain(columns.into_iter().take(if shared { 5 } else { 6 }).collect::<Vec<_>>());
    for answer in answers {
        let poll = Cell::Text(answer.question.clone());
        let choice = answer.choice.clone().map_or(NOT_SAID, Cell::Text);
        sheet.row([poll.clone(), choice.clone(), Cell::Count(answer.answers), Cell::Count(answer.of)]);
        for words in answer.own_words.iter().filter(|_| !shared) {
            let (none, words) = (Cell::Empty, Cell::Text(words.clone()));
            sheet.row([poll.clone(), choice.clone(), none.clone(), none.clone(), none, words]);
        }
    }
    sheet
}
