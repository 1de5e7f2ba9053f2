//! What a season is about besides sign-ups: what members care about, what was won, what employers plan, what stewards look
//! up, and the numbers that the board follows.

use anyhow::Result;
use chrono::{Days, NaiveDate};
use samla_core::tables::{
    CalendarEntryDraft, CalendarEvent, Campaign, CheckDraft, CheckItem, CheckState, Contact, GoalDraft, GuideDraft,
    Metric, MetricDraft, Poll, PollAnswerDraft, PollDraft, RaiseDraft, ReadingDraft, ReasonDraft, Topic, TopicDraft,
    TopicState, Visit, Workplace,
};
use samla_core::{Id, RowId};

use super::crew::Crew;
use super::days::{AGREED, Calendar};
use super::dice::Dice;

const TOPICS: [&str; 4] = ["Parkeringen", "Schemat", "Löneutvecklingen", "Skyddskläderna"];
const CHOICES: [&str; 3] = ["Lönen", "Schemat", "Arbetsmiljön"];
/// What a steward looks up during a talk.
const GUIDES: [(&str, &str); 3] = [
    ("Behoven först", "Fråga vad som är viktigt på jobbet. Lyssna klart. Berätta sedan hur vi kan hjälpa till."),
    ("När någon tvekar", "Fråga vad som gör hen tveksam. Kom överens om en dag då ni pratar igen."),
    ("Öva två och två", "En är ny på jobbet, en står vid bordet. Byt efter fem minuter."),
];
/// Reasons to join, as they are said.
pub(super) const REASONS: [&str; 4] =
    ["inkomstförsäkringen", "lönestatistiken", "vi är fler tillsammans", "rådgivningen"];
/// What employers have in their calendars, so many days after the season began.
const PLANS: [(CalendarEvent, u64); 4] = [
    (CalendarEvent::PayReview, 95),
    (CalendarEvent::Appraisals, 60),
    (CalendarEvent::Reorganisation, 100),
    (CalendarEvent::Induction, 85),
];
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
    for (order, (title, body)) in (1..).zip(GUIDES) {
        let (title, body, language) = (Some(title.into()), Some(body.into()), Some("sv".into()));
        crew.adds(0, GuideDraft { title, body, language, order: Some(order) })?;
    }
    for (order, text) in (1..).zip(REASONS) {
        // The last is one steward's own.
        let person = (order == REASONS.len()).then(|| crew.person(1));
        let order = i64::try_from(order).ok();
        crew.adds(0, ReasonDraft { text: Some(text.into()), person, order })?;
    }
    for (workplace, (what, days)) in workplaces.iter().rev().cycle().zip(PLANS) {
        let (workplace, what, on) = (Some(*workplace), Some(what), Some(calendar.first + Days::new(days)));
        crew.adds(0, CalendarEntryDraft { workplace, what, on, until: None, note: None })?;
    }
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

/// At the end one topic is won and told back, and the office takes along whom it may call.
pub(super) fn look_back(crew: &mut Crew, matters: &Matters, today: NaiveDate) -> Result<()> {
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
    crew.takes_vcards(AGREED)
}
