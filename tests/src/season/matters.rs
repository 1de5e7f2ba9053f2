//! What a season is about besides sign-ups: what members care about, what was won, who is new, who left, and the numbers that
//! the board follows.

use anyhow::Result;
use chrono::{Days, NaiveDate};
use samla_core::tables::{
    Campaign, CheckDraft, CheckItem, CheckState, Contact, GoalDraft, MembershipEventDraft, MembershipKind, Metric,
    MetricDraft, Poll, PollAnswerDraft, PollDraft, RaiseDraft, ReadingDraft, Topic, TopicDraft, TopicState, Visit,
    Workplace,
};
use samla_core::{Id, RowId};

use super::crew::Crew;
use super::days::Calendar;
use super::dice::Dice;
use super::people::People;

const TOPICS: [&str; 4] = ["Parkeringen", "Schemat", "Löneutvecklingen", "Skyddskläderna"];
const CHOICES: [&str; 3] = ["Lönen", "Schemat", "Arbetsmiljön"];
/// Followers of the club's page: where the season begins, and where it is to end.
const FOLLOWERS: (i64, i64) = (120, 400);

/// What the visits refer to.
pub(super) struct Matters {
    topics: Vec<Id<Topic>>,
    followers: Id<Metric>,
    poll: Id<Poll>,
}

/// Sets up what is to be followed, on the founder's phone.
pub(super) fn prepare(
    crew: &mut Crew,
    calendar: &Calendar,
    campaign: Id<Campaign>,
    workplaces: &[Id<Workplace>],
) -> Result<Matters> {
    let mut topics = Vec::new();
    for title in TOPICS {
        let state = Some(TopicState::Raised);
        topics.push(crew.adds(0, TopicDraft { title: Some(title.into()), state, ..TopicDraft::default() })?.into());
    }
    let (start, target) = FOLLOWERS;
    let metric = MetricDraft { name: Some("Följare".into()), unit: None, start: Some(start), target: Some(target) };
    let followers = crew.adds(0, metric)?.into();
    let period = GoalDraft {
        starts_on: Some(calendar.first),
        ends_on: calendar.days.last().map(|day| day.date),
        ..GoalDraft::default()
    };
    crew.adds(0, GoalDraft { campaign: Some(campaign), target: Some(100), ..period.clone() })?;
    crew.adds(0, GoalDraft { metric: Some(followers), target: Some(target), ..period })?;
    let question = Some("Vad är viktigast för dig?".into());
    let poll = crew.adds(0, PollDraft { question, choices: Some(CHOICES.join("\n")), closes_on: None })?.into();
    for (nth, workplace) in workplaces.iter().take(6).enumerate() {
        let (item, state) = match nth % 3 {
            0 => (CheckItem::NoticeBoard, CheckState::Posted),
            1 => (CheckItem::RollUp, CheckState::Granted),
            _ => (CheckItem::NewsRights, CheckState::Asked),
        };
        let since = Some(calendar.first);
        let (workplace, item, state) = (Some(*workplace), Some(item), Some(state));
        crew.adds(0, CheckDraft { workplace, item, state, since, refresh_by: None })?;
    }
    Ok(Matters { topics, followers, poll })
}

/// What is heard at a visit: topics that somebody raises, answers without a name, and now and then the page's followers.
pub(super) fn hear(
    crew: &mut Crew,
    matters: &Matters,
    visit: Id<Visit>,
    (steward, who): (usize, &[RowId]),
    day: NaiveDate,
    dice: &mut Dice,
) -> Result<()> {
    for contact in who.iter().take(3) {
        let raise = RaiseDraft {
            topic: Some(dice.one(&matters.topics)),
            contact: Some(Id::<Contact>::from(*contact)),
            visit: Some(visit),
            at: Some(crew.now()),
            talk: None,
        };
        crew.adds(steward, raise)?;
    }
    for _ in 0..2 {
        let choice = Some(dice.one(&CHOICES).to_owned());
        crew.adds(steward, PollAnswerDraft { poll: Some(matters.poll), choice, ..PollAnswerDraft::default() })?;
    }
    let (start, _) = FOLLOWERS;
    let value = Some(start + i64::try_from(dice.below(200)).expect("a small number"));
    let source = Some("sidan".into());
    let reading = ReadingDraft { metric: Some(matters.followers), on: Some(day), value, source, cost: None };
    if dice.in_thousand(400) {
        crew.adds(steward, reading)?;
    }
    Ok(())
}

/// At the end: one topic is won and told back, and some members leave.
pub(super) fn look_back(crew: &mut Crew, matters: &Matters, people: &People, today: NaiveDate) -> Result<()> {
    if let Some(topic) = matters.topics.first() {
        let won = TopicDraft {
            state: Some(TopicState::Won),
            action: Some("tog upp det med chefen".into()),
            result: Some("tio nya platser".into()),
            told_back_on: Some(today - Days::new(3)),
            ..TopicDraft::default()
        };
        crew.sets(0, RowId::from(*topic), won)?;
    }
    let signed = people.known().into_iter().filter(|n| people.get(*n).signed);
    for (n, reason) in signed.step_by(5).zip(["flyttar", "bytte jobb", "avgiften"].into_iter().cycle()) {
        let left = MembershipEventDraft {
            contact: Some(people.contact(n)),
            kind: Some(MembershipKind::Left),
            on: Some(today - Days::new(1)),
            reason: Some(reason.into()),
            ..MembershipEventDraft::default()
        };
        crew.adds(0, left)?;
    }
    Ok(())
}
