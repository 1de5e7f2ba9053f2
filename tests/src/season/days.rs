//! The days of the season: what is planned, what happens at a visit, and what is done about it afterwards.

use anyhow::Result;
use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use samla_core::tables::{
    AttendanceDraft, AttendanceState, Channel, ConsentDraft, Contact, ContactDraft, FollowUp, FollowUpDraft,
    FollowUpKind, LinkDraft, LinkKind, MembershipEventDraft, MembershipKind, MoveDraft, MoveKind, Occasion, Purpose,
    Table, TalkAnswer, TalkDraft, TallyKind, Visit, VisitDraft, VisitKind, VisitState,
};
use samla_core::{Id, RowId, SignUp};

use super::crew::{Crew, at};
use super::dice::Dice;
use super::matters;
use super::people::People;
use super::preparation::Scene;
use super::{Numbers, Plan};

/// Of a thousand contacts, so many are written down by both stewards at one table.
const TWICE_AT_ONE_TABLE: usize = 40;
/// Of a thousand contacts, so many are written down again at a later visit.
const AGAIN_LATER: usize = 90;
/// Of a thousand contacts, so many are edited by two phones before either has heard of the other.
const EDITED_BY_BOTH: usize = 30;
/// Of those, so many of a thousand in the same field.
const SAME_FIELD: usize = 230;

/// A visit, planned or held.
#[derive(Debug, Clone)]
pub(super) struct Day {
    /// Its place in the calendar.
    nth: usize,
    pub(super) date: NaiveDate,
    pub(super) kind: VisitKind,
    pub(super) workplace: usize,
    /// The phones of those who staff it: the first always comes.
    pub(super) staff: Vec<usize>,
}

/// All visits of the season, by date.
pub(super) struct Calendar {
    /// The day of the preparations.
    pub(super) first: NaiveDate,
    pub(super) days: Vec<Day>,
}

impl Calendar {
    /// The visits that are over by this day.
    pub(super) fn held(&self, today: NaiveDate) -> Vec<Day> {
        self.days.iter().filter(|day| day.date < today).cloned().collect()
    }
}

/// Ten weeks back and three weeks ahead, on working days, the large workplaces first.
pub(super) fn calendar(plan: &Plan, numbers: &Numbers, dice: &mut Dice) -> Calendar {
    const BACK: u64 = 70;
    const SPAN: usize = 91;
    let first = plan.today - Days::new(BACK);
    let count = numbers.visits + numbers.call_days;
    let mut days: Vec<Day> = (0..count)
        .map(|nth| {
            let offset = 3 + nth * (SPAN - 3) / count + dice.below(2);
            let mut date = first + Days::new(u64::try_from(offset).expect("a small number"));
            while matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
                date = date + Days::new(1);
            }
            let kind = match nth {
                nth if numbers.call_days > 0 && nth % 3 == 2 => VisitKind::Calls,
                nth if nth % 9 == 4 => VisitKind::Meeting,
                nth if nth % 9 == 7 => VisitKind::Induction,
                _ => VisitKind::Table,
            };
            let one = dice.below(numbers.phones);
            let other = (one + 1 + dice.below(numbers.phones - 1)) % numbers.phones;
            Day { nth, date, kind, workplace: nth % (numbers.workplaces + numbers.units), staff: vec![one, other] }
        })
        .collect();
    days.sort_by_key(|day| (day.date, day.nth));
    for (nth, day) in days.iter_mut().enumerate() {
        day.nth = nth;
    }
    Calendar { first, days }
}

/// What a visit has to do with: the rows and phones at hand.
struct Held<'a> {
    crew: &'a mut Crew,
    people: &'a mut People,
    scene: &'a Scene,
    day: &'a Day,
    visit: Id<Visit>,
    dice: &'a mut Dice,
}

/// The share of `total` that falls to this turn.
fn share(total: usize, (nth, of): (usize, usize)) -> std::ops::Range<usize> {
    total * nth / of..total * (nth + 1) / of
}

/// Holds one visit: offline on two phones, then online on one of them or both.
pub(super) fn hold(
    crew: &mut Crew,
    numbers: &Numbers,
    people: &mut People,
    scene: &Scene,
    day: &Day,
    turn: (usize, usize),
    dice: &mut Dice,
) -> Result<()> {
    let visit = scene.visits.get(day.nth).copied().expect("each day has its visit");
    crew.wait_until(at(day.date, 8, 0));
    for staff in &day.staff {
        crew.syncs(*staff)?;
    }
    crew.wait_until(at(day.date, 11, 30));
    let mut held = Held { crew, people, scene, day, visit, dice };
    for n in share(numbers.contacts, turn) {
        held.meet(n)?;
    }
    let before = share(numbers.contacts, turn).end;
    let again = share(numbers.talks - numbers.contacts, turn).len();
    for _ in 0..again {
        held.talk_again(before)?;
    }
    for _ in share(numbers.sign_ups, turn) {
        held.sign_up(before)?;
    }
    for _ in share(numbers.nameless_talks, turn) {
        held.talk_without_name()?;
    }
    if day.kind == VisitKind::Table {
        held.count(numbers)?;
    }
    held.hear(before)?;
    held.edit_on_both_phones(share(numbers.contacts, turn).len())?;
    held.close()?;
    if dice.in_thousand(500) {
        crew.later(TimeDelta::hours(2));
        day.staff.iter().try_for_each(|staff| crew.syncs(*staff))?;
    }
    follow_up(crew, day, dice)?;
    if turn.0 % 3 == 2 {
        crew.weekend(dice)?;
    }
    Ok(())
}

impl Held<'_> {
    fn steward(&mut self) -> usize {
        self.crew.later(TimeDelta::seconds(40));
        self.dice.one(&self.day.staff)
    }

    /// A new face: a contact and a talk, now and then on both phones, now and then somebody met before.
    fn meet(&mut self, n: usize) -> Result<()> {
        let steward = self.steward();
        self.write_down(steward, n)?;
        if self.dice.in_thousand(TWICE_AT_ONE_TABLE) {
            let other = self.day.staff.iter().copied().find(|other| *other != steward).unwrap_or(steward);
            self.write_down(other, n)?;
        }
        if n > 0 && self.dice.in_thousand(AGAIN_LATER) {
            let known = self.dice.below(n);
            self.write_down(steward, known)?;
        }
        Ok(())
    }

    fn write_down(&mut self, steward: usize, n: usize) -> Result<()> {
        let source = if self.day.kind == VisitKind::Calls { "samtal" } else { "bord i matsalen" };
        let written = self.people.get(n).written(&self.scene.workplaces, source, self.dice);
        let (owner, hired_on) = (Some(self.crew.person(steward)), n.is_multiple_of(9).then_some(self.day.date));
        let id = self.crew.adds(steward, ContactDraft { owner, hired_on, ..written })?;
        self.people.get_mut(n).rows.push(id);
        self.talk(steward, n, id)
    }

    fn talk(&mut self, steward: usize, n: usize, contact: RowId) -> Result<()> {
        let answer = self.dice.one(&[TalkAnswer::Thinking, TalkAnswer::NotNow, TalkAnswer::No, TalkAnswer::Thinking]);
        let needs =
            ["bättre schema", "hjälp inför lönesamtalet", "fast anställning", "någon att fråga", "kortare pendling"];
        let reasons = ["inkomstförsäkringen", "lönestatistiken", "vi är fler tillsammans", "rådgivningen"];
        let talk = TalkDraft {
            contact: Some(contact.into()),
            visit: Some(self.visit),
            workplace: self.scene.workplaces.get(self.people.get(n).workplace).copied(),
            occasion: Some(occasion(self.day.kind)),
            channel: Some(if self.day.kind == VisitKind::Calls { Channel::Phone } else { Channel::InPerson }),
            purpose: Some(self.dice.one(&[Purpose::Inform, Purpose::Listen])),
            at: Some(self.crew.now()),
            by: Some(self.crew.person(steward)),
            needs: self.dice.in_thousand(500).then(|| self.dice.one(&needs).to_owned()),
            reason_used: self.dice.in_thousand(500).then(|| self.dice.one(&reasons).to_owned()),
            landed: Some(self.dice.in_thousand(400)),
            invited: Some(true),
            answer: Some(answer),
            ..TalkDraft::default()
        };
        self.crew.adds(steward, talk)?;
        if self.dice.in_thousand(180) {
            self.promise(steward, contact)?;
        }
        Ok(())
    }

    fn promise(&mut self, steward: usize, contact: RowId) -> Result<()> {
        let promises = ["ring om lönesamtalet", "skicka avtalet", "fråga om semestern", "kom tillbaka nästa vecka"];
        let days = u64::try_from(3 + self.dice.below(25)).expect("a small number");
        let promise = FollowUpDraft {
            what: Some(self.dice.one(&promises).to_owned()),
            kind: Some(self.dice.one(&[FollowUpKind::Promise, FollowUpKind::Call])),
            contact: Some(contact.into()),
            visit: Some(self.visit),
            owner: Some(self.crew.person(steward)),
            due: Some(self.day.date + Days::new(days)),
            ..FollowUpDraft::default()
        };
        self.crew.adds(steward, promise)?;
        Ok(())
    }

    /// One more talk with somebody whom the phone knows.
    fn talk_again(&mut self, met: usize) -> Result<()> {
        let steward = self.steward();
        let known: Vec<_> = (0..met).filter_map(|n| Some((n, self.known_on(steward, n)?))).collect();
        if known.is_empty() {
            return self.talk_without_name();
        }
        let (n, contact) = self.dice.one(&known);
        self.talk(steward, n, contact)
    }

    fn known_on(&self, steward: usize, n: usize) -> Option<RowId> {
        let known = |id: &&RowId| self.crew.register_of(steward).contact(Id::from(**id)).is_some();
        self.people.get(n).rows.iter().find(known).copied()
    }

    fn talk_without_name(&mut self) -> Result<()> {
        let steward = self.steward();
        let talk = TalkDraft {
            visit: Some(self.visit),
            workplace: self.scene.workplaces.get(self.day.workplace).copied(),
            occasion: Some(occasion(self.day.kind)),
            at: Some(self.crew.now()),
            by: Some(self.crew.person(steward)),
            ..TalkDraft::default()
        };
        self.crew.adds(steward, talk)?;
        Ok(())
    }

    /// Somebody signs up who was met, today or before, and gives their consent.
    fn sign_up(&mut self, met: usize) -> Result<()> {
        let steward = self.steward();
        let from = met.saturating_sub(60);
        let open = |n: &usize| !self.people.get(*n).signed && self.known_on(steward, *n).is_some();
        let candidates: Vec<usize> = (from..met).filter(open).collect();
        let Some(n) = candidates.get(self.dice.below(candidates.len())).copied() else { return Ok(()) };
        let contact = self.known_on(steward, n).unwrap_or_default();
        let sign_up = SignUp {
            contact_id: Some(contact.into()),
            visit: Some(self.visit),
            campaign: Some(self.scene.campaign),
            method: Some(self.dice.one(&["formulär", "webbsida"]).to_owned()),
            ..SignUp::default()
        };
        self.crew.does(steward, |phone| phone.with(|book, ctx| book.sign_up(ctx, &sign_up)))?;
        let now = self.crew.now();
        self.crew.adds(
            steward,
            ConsentDraft {
                contact: Some(contact.into()),
                purpose: Some("kontakt om medlemskap".into()),
                text_version: Some("1".into()),
                language: Some("sv".into()),
                how: Some("på stewardens telefon".into()),
                given_at: Some(now),
                ..ConsentDraft::default()
            },
        )?;
        self.crew.adds(
            steward,
            FollowUpDraft {
                what: Some("välkommen som medlem".into()),
                kind: Some(FollowUpKind::Welcome),
                contact: Some(contact.into()),
                owner: Some(self.crew.person(steward)),
                due: Some(self.day.date + Days::new(14)),
                cause: Some("sign_up".into()),
                ..FollowUpDraft::default()
            },
        )?;
        self.people.get_mut(n).signed = true;
        Ok(())
    }

    /// The counters of both phones, and what was handed out.
    fn count(&mut self, numbers: &Numbers) -> Result<()> {
        let visit = self.visit;
        let tap = |crew: &mut Crew, steward: usize, kind: TallyKind, item: Option<&str>, times: i64| {
            crew.does(steward, |phone| phone.with(|book, ctx| book.tally(ctx, visit, kind, item, times)))
        };
        for steward in &self.day.staff {
            let few = i64::try_from(self.dice.below(6)).expect("a small number");
            tap(self.crew, *steward, TallyKind::PassedBy, None, numbers.passed_by / 2 + few)?;
            for _ in 0..4 + few {
                tap(self.crew, *steward, TallyKind::Talked, None, 1)?;
            }
            tap(self.crew, *steward, TallyKind::HandedOut, Some("folder"), numbers.handed_out / 2 + few)?;
        }
        let draft = MoveDraft {
            material: self.scene.materials.first().copied(),
            kind: Some(MoveKind::HandedOut),
            n: Some(numbers.handed_out),
            visit: Some(visit),
            at: Some(self.crew.now()),
            ..MoveDraft::default()
        };
        let steward = self.steward();
        self.crew.adds(steward, draft)?;
        Ok(())
    }

    /// What those who are met care about.
    fn hear(&mut self, met: usize) -> Result<()> {
        let steward = self.steward();
        let who: Vec<RowId> = (met.saturating_sub(6)..met).filter_map(|n| self.known_on(steward, n)).collect();
        matters::hear(self.crew, &self.scene.matters, self.visit, (steward, &who), self.day.date, self.dice)
    }

    /// Both phones change the same person before either has heard of it, sometimes the very same field.
    fn edit_on_both_phones(&mut self, met: usize) -> Result<()> {
        let edits = (met * EDITED_BY_BOTH + self.dice.below(1000)) / 1000;
        for _ in 0..edits {
            let known = self.people.known();
            let n = self.dice.one(&known);
            let same = self.dice.in_thousand(SAME_FIELD);
            for (turn, steward) in self.day.staff.clone().into_iter().enumerate() {
                let Some(id) = self.known_on(steward, n) else { continue };
                let set = match (turn, same) {
                    (0, _) => ContactDraft { department: Some("Natten".into()), ..ContactDraft::default() },
                    (_, true) => ContactDraft { department: Some("Dagkirurgin".into()), ..ContactDraft::default() },
                    (_, false) => ContactDraft { note: Some("helst efter lunch".into()), ..ContactDraft::default() },
                };
                self.crew.sets(steward, id, set)?;
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        if self.day.kind == VisitKind::Meeting {
            let known = self.people.known();
            for _ in 0..8 {
                let (steward, n) = (self.steward(), self.dice.one(&known));
                let state =
                    self.dice.one(&[AttendanceState::Invited, AttendanceState::Attended, AttendanceState::Attended]);
                let contact = Some(self.people.contact(n));
                self.crew.adds(steward, AttendanceDraft { visit: Some(self.visit), contact, state: Some(state) })?;
            }
        }
        let steward = self.steward();
        let reviews =
            ["bra läge, många frågade om lön", "för nära diskinlämningen", "kom tio minuter tidigare nästa gång"];
        let review = VisitDraft {
            state: Some(VisitState::Done),
            review: Some(self.dice.one(&reviews).to_owned()),
            ..VisitDraft::default()
        };
        self.crew.sets(steward, self.visit.into(), review)
    }
}

fn occasion(kind: VisitKind) -> Occasion {
    match kind {
        VisitKind::Calls => Occasion::Phone,
        VisitKind::Meeting => Occasion::ClubMeeting,
        VisitKind::Induction => Occasion::NewHire,
        _ => Occasion::Table,
    }
}

/// In the evening some of what was promised is done.
fn follow_up(crew: &mut Crew, day: &Day, dice: &mut Dice) -> Result<()> {
    crew.later(TimeDelta::hours(1));
    for steward in &day.staff {
        let own = crew.person(*steward);
        let open = |row: &&FollowUp| row.done_at.is_none() && row.owner == Some(own) && row.due <= Some(day.date);
        let due: Vec<_> = crew.register_of(*steward).all::<FollowUp>().filter(open).map(|row| row.id).collect();
        for id in due.into_iter().take(6) {
            let done = FollowUpDraft {
                done_at: Some(crew.now()),
                kept: Some(dice.in_thousand(850)),
                outcome: Some(dice.one(&["ringt", "skickat", "pratat på rasten"]).to_owned()),
                attempts: Some(1),
                ..FollowUpDraft::default()
            };
            crew.sets(*steward, id.into(), done)?;
        }
    }
    Ok(())
}

/// Lately: the office confirms who pays, some duplicates are joined, and a removal meets an edit.
pub(super) fn look_back(
    crew: &mut Crew,
    numbers: &Numbers,
    people: &People,
    today: NaiveDate,
    dice: &mut Dice,
) -> Result<()> {
    crew.wait_until(at(today, 0, 30));
    crew.share_all()?;
    let signed: Vec<usize> = people.known().into_iter().filter(|n| people.get(*n).signed).collect();
    for n in signed.iter().take(numbers.paying) {
        let paying = MembershipEventDraft {
            contact: Some(people.contact(*n)),
            kind: Some(MembershipKind::Paying),
            on: Some(today - Days::new(2)),
            confirmed_on: Some(today),
            ..MembershipEventDraft::default()
        };
        crew.adds(0, paying)?;
    }
    let twice: Vec<usize> = people.known().into_iter().filter(|n| people.get(*n).rows.len() > 1).collect();
    for n in twice.iter().step_by(2) {
        if let [one, other, ..] = people.get(*n).rows.as_slice() {
            crew.adds(
                0,
                LinkDraft {
                    a: Some(Id::<Contact>::from(*one)),
                    b: Some(Id::<Contact>::from(*other)),
                    kind: Some(LinkKind::SamePerson),
                    by: Some(crew.person(0)),
                    at: Some(crew.now()),
                    ..LinkDraft::default()
                },
            )?;
        }
    }
    // One phone removes what another is changing, and two answer one field.
    let known = people.known();
    let gone = people.contact(dice.one(&known));
    let others: Vec<_> = known.into_iter().map(|n| people.contact(n)).filter(|id| *id != gone).collect();
    let asked = dice.one(&others);
    crew.does(1, |phone| phone.with(|book, ctx| book.remove(ctx, Table::Contacts, gone.into())))?;
    crew.sets(2, gone.into(), ContactDraft { note: Some("ring efter kl. 16".into()), ..ContactDraft::default() })?;
    for (steward, job) in [(1, "lagerarbetare"), (2, "truckförare")] {
        crew.sets(steward, asked.into(), ContactDraft { job: Some(job.into()), ..ContactDraft::default() })?;
    }
    Ok(())
}
