//! The days of the season: what is planned, what happens at a visit, and what is done about it afterwards.

use anyhow::{Context, Result, ensure};
use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use samla_core::tables::{
    AttendanceDraft, AttendanceState, Channel, ConsentDraft, Contact, ContactDraft, FollowUp, FollowUpDraft,
    FollowUpKind, LinkDraft, LinkKind, MembershipEvent, MembershipEventDraft, MembershipKind, MoveDraft, MoveKind,
    Occasion, Origin, Purpose, Table, TalkAnswer, TalkDraft, TallyKind, Visit, VisitDraft, VisitKind, VisitState,
};
use samla_core::{Id, RowId, SignUp};

use super::Numbers;
use super::calls::LEAVES;
use super::crew::{Crew, at};
use super::dice::Dice;
use super::matters;
use super::people::People;
use super::preparation::Scene;

/// Of a thousand contacts, so many are written down by both stewards at one table.
pub(super) const TWICE_AT_ONE_TABLE: usize = 40;
/// Of a thousand contacts, so many are written down again at a later visit.
pub(super) const AGAIN_LATER: usize = 90;
/// Of a thousand contacts, so many are edited by two phones before either has heard of the other.
const EDITED_BY_BOTH: usize = 30;
/// Of those edits, every so manyth in the same field: 0.7 % of all contacts.
const SAME_FIELD: usize = 4;
/// What people agree to who sign up.
pub const AGREED: &str = "kontakt om medlemskap";
/// Visits that repeat another: they come after the calendar.
pub(super) const REPEATED: usize = 2;

/// A visit, planned or held.
#[derive(Debug, Clone)]
pub(super) struct Day {
    /// Its place in the calendar.
    pub(super) nth: usize,
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

/// Ten weeks back and three weeks ahead, on working days, the large workplaces first. Calls begin after a quarter of the
/// season, when the first free months come to their end.
pub(super) fn calendar(today: NaiveDate, numbers: &Numbers, dice: &mut Dice) -> Calendar {
    const BACK: u64 = 70;
    const SPAN: usize = 91;
    let first = today - Days::new(BACK);
    let count = numbers.visits + numbers.call_days - REPEATED;
    let before_calls = count / 4;
    let rest = count - before_calls;
    let calls_until = |nth: usize| (nth.saturating_sub(before_calls) * numbers.call_days + rest / 2) / rest;
    let mut days: Vec<Day> = (0..count)
        .map(|nth| {
            let offset = 3 + nth * (SPAN - 3) / count + dice.below(2);
            let mut date = first + Days::new(u64::try_from(offset).expect("a small number"));
            while matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
                date = date + Days::new(1);
            }
            let visit = nth - calls_until(nth);
            let kind = match visit % 9 {
                _ if calls_until(nth + 1) > calls_until(nth) => VisitKind::Calls,
                4 => VisitKind::Meeting,
                7 => VisitKind::Induction,
                _ => VisitKind::Table,
            };
            // Everybody has a turn, the phone that is then silent for long the first one.
            let one = (numbers.phones - 1 + nth) % numbers.phones;
            let other = (one + 1 + dice.below(numbers.phones - 1)) % numbers.phones;
            // Those stand in the order of their size.
            let workplace = visit % (numbers.workplaces + numbers.units);
            Day { nth, date, kind, workplace, staff: vec![one, other] }
        })
        .collect();
    days.sort_by_key(|day| (day.date, day.nth));
    for (nth, day) in days.iter_mut().enumerate() {
        day.nth = nth;
    }
    Calendar { first, days }
}

/// What a visit has to do with: the rows and phones at hand.
pub(super) struct Held<'a> {
    pub(super) crew: &'a mut Crew,
    pub(super) people: &'a mut People,
    pub(super) scene: &'a Scene,
    pub(super) day: &'a Day,
    pub(super) visit: Id<Visit>,
    pub(super) dice: &'a mut Dice,
}

/// One of the days that are over.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) day: &'a Day,
    /// Which of how many.
    pub(super) of_days: (usize, usize),
    /// Likewise without the days of calls.
    pub(super) of_visits: (usize, usize),
}

/// The share of `total` that falls to this turn.
fn share(total: usize, (nth, of): (usize, usize)) -> std::ops::Range<usize> {
    total * nth / of..total * (nth + 1) / of
}

/// Whether it is the turn of one that makes so many of a thousand.
const fn is_one_of(n: usize, in_thousand: usize) -> bool {
    (n + 1) * in_thousand / 1000 > n * in_thousand / 1000
}

/// Holds one visit or day of calls: offline on two phones, then online on one of them or both.
pub(super) fn hold(
    crew: &mut Crew,
    numbers: &Numbers,
    people: &mut People,
    scene: &Scene,
    turn: Turn<'_>,
    dice: &mut Dice,
) -> Result<()> {
    let day = turn.day;
    let visit = scene.visits.get(day.nth).copied().expect("each day has its visit");
    crew.wait_until(at(day.date, 8, 0));
    for staff in &day.staff {
        crew.syncs(*staff)?;
    }
    crew.wait_until(at(day.date, 11, 30));
    let mut held = Held { crew, people, scene, day, visit, dice };
    if day.kind == VisitKind::Calls {
        held.call(numbers)?;
    } else {
        held.visit(numbers, turn.of_visits)?;
    }
    held.talk_again_until(numbers.talks * (turn.of_days.0 + 1) / turn.of_days.1)?;
    held.close()?;
    if dice.in_thousand(500) {
        crew.later(TimeDelta::hours(2));
        day.staff.iter().try_for_each(|staff| crew.syncs(*staff))?;
    }
    follow_up(crew, day, dice)?;
    if turn.of_days.0 % 3 == 2 {
        crew.weekend(dice)?;
    }
    Ok(())
}

impl Held<'_> {
    fn visit(&mut self, numbers: &Numbers, turn: (usize, usize)) -> Result<()> {
        let met = share(self.people.met(), turn);
        for n in met.clone() {
            if n + 1 == met.end {
                self.comes_by_themselves(n)?;
            } else {
                self.meet(n)?;
            }
            self.write_down_again(n)?;
        }
        for _ in share(numbers.sign_ups, turn) {
            self.sign_up(met.end)?;
        }
        for _ in share(numbers.nameless_talks, turn) {
            self.talk_without_name()?;
        }
        if self.day.kind == VisitKind::Table {
            self.count(numbers)?;
        }
        self.hear(met.end)?;
        for nth in share(self.people.met() * EDITED_BY_BOTH / 1000, turn) {
            self.edit_on_both_phones(nth.is_multiple_of(SAME_FIELD))?;
        }
        Ok(())
    }

    pub(super) fn steward(&mut self) -> usize {
        self.crew.later(TimeDelta::seconds(40));
        self.dice.one(&self.day.staff)
    }

    /// A new face: a contact and a talk. Most work where the visit is.
    fn meet(&mut self, n: usize) -> Result<()> {
        let steward = self.steward();
        if !n.is_multiple_of(7) {
            self.people.get_mut(n).workplace = self.day.workplace;
        }
        self.write_down(steward, n)
    }

    /// Somebody who wrote to the office. Half of them are answered on the same day.
    fn comes_by_themselves(&mut self, n: usize) -> Result<()> {
        let source = self.dice.one(&["skrev till oss", "ringde oss", "frågade på sidan"]);
        let written = self.people.get(n).written(&self.scene.workplaces, source, false, self.dice);
        let (owner, origin) = (Some(self.crew.person(0)), Some(Origin::Themselves));
        let id = self.crew.adds(0, ContactDraft { owner, origin, ..written })?;
        self.people.written_down(n, id);
        if self.dice.in_thousand(500) { self.talk(0, n, id, None) } else { Ok(()) }
    }

    /// Now and then both phones write down one person, and now and then somebody was met at an earlier visit.
    fn write_down_again(&mut self, n: usize) -> Result<()> {
        if is_one_of(n, TWICE_AT_ONE_TABLE) {
            let wrote = self.people.contact(n);
            let other = |steward: &&usize| self.crew.register_of(**steward).contact(wrote).is_none();
            let other = self.day.staff.iter().find(other).or(self.day.staff.first()).copied().unwrap_or_default();
            self.write_down(other, n)?;
        }
        if is_one_of(n, AGAIN_LATER) {
            let mut known = self.people.known();
            known.retain(|known| *known < n);
            let (steward, known) = (self.steward(), self.dice.one(&known));
            self.write_down(steward, known)?;
        }
        Ok(())
    }

    fn write_down(&mut self, steward: usize, n: usize) -> Result<()> {
        let human = self.people.get(n);
        let written = human.written(&self.scene.workplaces, "bord i matsalen", !human.rows.is_empty(), self.dice);
        let (owner, hired_on) = (Some(self.crew.person(steward)), n.is_multiple_of(9).then_some(self.day.date));
        let origin = (n % 11 == 5).then_some(Origin::Colleague);
        let id = self.crew.adds(steward, ContactDraft { owner, hired_on, origin, ..written })?;
        self.people.written_down(n, id);
        self.talk(steward, n, id, Some(self.visit))
    }

    fn talk(&mut self, steward: usize, n: usize, contact: RowId, visit: Option<Id<Visit>>) -> Result<()> {
        let answer = self.dice.one(&[TalkAnswer::Thinking, TalkAnswer::NotNow, TalkAnswer::No, TalkAnswer::Thinking]);
        let needs =
            ["bättre schema", "hjälp inför lönesamtalet", "fast anställning", "någon att fråga", "kortare pendling"];
        let by_phone = visit.is_none() || self.day.kind == VisitKind::Calls;
        let talk = TalkDraft {
            contact: Some(contact.into()),
            visit,
            workplace: self.scene.workplaces.get(self.people.get(n).workplace).copied(),
            occasion: Some(if by_phone { Occasion::Phone } else { occasion(self.day.kind) }),
            channel: Some(if by_phone { Channel::Phone } else { Channel::InPerson }),
            purpose: Some(self.dice.one(&[Purpose::Inform, Purpose::Listen])),
            at: Some(self.crew.clock(steward)),
            by: Some(self.crew.person(steward)),
            needs: self.dice.in_thousand(500).then(|| self.dice.one(&needs).to_owned()),
            reason_used: self.dice.in_thousand(500).then(|| self.dice.one(&matters::REASONS).to_owned()),
            landed: Some(self.dice.in_thousand(400)),
            invited: Some(true),
            answer: Some(answer),
            ..TalkDraft::default()
        };
        self.crew.adds(steward, talk)?;
        self.people.talked(n);
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

    /// More talks with people whom a phone knows, until there are so many.
    fn talk_again_until(&mut self, talks: usize) -> Result<()> {
        while self.people.talks < talks {
            let steward = self.steward();
            let (n, contact) = if self.crew.is_alone() {
                // All of them are known, and too many to be asked for each talk.
                let n = self.dice.one(self.people.known_so_far());
                (n, self.people.contact(n).into())
            } else {
                let known = self.people.known().into_iter();
                let known: Vec<_> = known.filter_map(|n| Some((n, self.known_on(steward, n)?))).collect();
                self.dice.one(&known)
            };
            self.talk(steward, n, contact, Some(self.visit))?;
        }
        Ok(())
    }

    fn known_on(&self, steward: usize, n: usize) -> Option<RowId> {
        let alone = self.crew.is_alone();
        let known = |id: &&RowId| alone || self.crew.register_of(steward).contact(Id::from(**id)).is_some();
        self.people.get(n).rows.iter().find(known).copied()
    }

    fn talk_without_name(&mut self) -> Result<()> {
        let steward = self.steward();
        let talk = TalkDraft {
            visit: Some(self.visit),
            workplace: self.scene.workplaces.get(self.day.workplace).copied(),
            occasion: Some(occasion(self.day.kind)),
            at: Some(self.crew.clock(steward)),
            by: Some(self.crew.person(steward)),
            ..TalkDraft::default()
        };
        self.crew.adds(steward, talk)?;
        Ok(())
    }

    /// Somebody signs up who was met, today or before, and gives their consent.
    fn sign_up(&mut self, met: usize) -> Result<()> {
        let open = |steward: usize| {
            let unsigned = (0..met).rev().filter(|n| !self.people.get(*n).signed);
            unsigned.filter_map(|n| Some((n, self.known_on(steward, n)?))).take(40).collect::<Vec<_>>()
        };
        let found = self.day.staff.iter().map(|steward| (*steward, open(*steward))).max_by_key(|(_, open)| open.len());
        let (steward, open) = found.context("nobody is at the visit")?;
        ensure!(!open.is_empty(), "nobody is left to sign up");
        let (n, contact) = self.dice.one(&open);
        self.crew.later(TimeDelta::seconds(40));
        let sign_up = SignUp {
            contact_id: Some(contact.into()),
            visit: Some(self.visit),
            campaign: Some(self.scene.campaign),
            method: Some(self.dice.one(&["formulär", "webbsida"]).to_owned()),
            ..SignUp::default()
        };
        self.crew.signs_up(steward, &sign_up)?;
        let now = self.crew.clock(steward);
        self.crew.adds(
            steward,
            ConsentDraft {
                contact: Some(contact.into()),
                purpose: Some(AGREED.into()),
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
        let few = i64::try_from(self.dice.below(6)).expect("a small number");
        for (turn, steward) in self.day.staff.iter().enumerate() {
            // What one has more the other has less.
            let half = |whole: i64| if turn == 0 { whole / 2 + few } else { whole - whole / 2 - few };
            self.crew.counts(*steward, visit, (TallyKind::PassedBy, None), half(numbers.passed_by))?;
            for _ in 0..half(numbers.talked) {
                self.crew.counts(*steward, visit, (TallyKind::Talked, None), 1)?;
            }
            self.crew.counts(*steward, visit, (TallyKind::HandedOut, Some("folder")), half(numbers.handed_out))?;
        }
        let steward = self.steward();
        let draft = MoveDraft {
            material: self.scene.materials.first().copied(),
            kind: Some(MoveKind::HandedOut),
            n: Some(numbers.handed_out),
            visit: Some(visit),
            at: Some(self.crew.clock(steward)),
            ..MoveDraft::default()
        };
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
    fn edit_on_both_phones(&mut self, same: bool) -> Result<()> {
        let on_both = |n: &usize| self.day.staff.iter().all(|steward| self.known_on(*steward, *n).is_some());
        let known = self.people.known().into_iter().filter(|n| !self.people.get(*n).edited);
        // Somebody of one row: both phones find the same.
        let known: Vec<_> = known.filter(|n| self.people.get(*n).rows.len() == 1).filter(on_both).collect();
        let Some(n) = known.get(self.dice.below(known.len())).copied() else { return Ok(()) };
        let id = self.people.contact(n);
        if same {
            self.crew.answer_twice(&self.day.staff, id, ["Natten", "Dagkirurgin"])?;
        } else if let [one, other] = self.day.staff.as_slice() {
            let department = Some("Natten".to_owned());
            self.crew.sets(*one, id.into(), ContactDraft { department, ..ContactDraft::default() })?;
            let note = Some("helst efter lunch".to_owned());
            self.crew.sets(*other, id.into(), ContactDraft { note, ..ContactDraft::default() })?;
        }
        self.people.get_mut(n).edited = true;
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
                done_at: Some(crew.clock(*steward)),
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

/// The office confirms who pays, exactly as many as the plan says. Whoever stays is among them first; if nobody has left so
/// far, one of the others does.
fn confirm_dues(crew: &mut Crew, numbers: &Numbers, people: &People, today: NaiveDate) -> Result<()> {
    let event = |crew: &Crew, n: usize, kind: MembershipKind| {
        let of = |event: &&MembershipEvent| {
            event.kind == Some(kind) && event.contact.is_some_and(|id| people.get(n).rows.contains(&id.into()))
        };
        crew.register().all::<MembershipEvent>().find(of).map(|event| (RowId::from(event.id), event.on))
    };
    let signed = people.known().into_iter().filter(|n| people.get(*n).signed);
    let (left, mut here): (Vec<_>, Vec<_>) = signed.partition(|n| event(crew, *n, MembershipKind::Left).is_some());
    here.sort_by_cached_key(|n| event(crew, *n, MembershipKind::Paying).is_none());
    ensure!(here.len() >= numbers.paying, "too many have left");
    let (paying, others) = here.split_at(numbers.paying);
    for n in paying {
        let dues = MembershipEventDraft { confirmed_on: Some(today), ..MembershipEventDraft::default() };
        match event(crew, *n, MembershipKind::Paying) {
            // Who said so earlier than the free month ends pays no later than today.
            Some((id, on)) => crew.sets(0, id, MembershipEventDraft { on: on.min(Some(today)), ..dues })?,
            None => {
                let (contact, kind) = (Some(people.contact(*n)), Some(MembershipKind::Paying));
                crew.adds(0, MembershipEventDraft { contact, kind, on: Some(today), ..dues })?;
            }
        }
    }
    if let ([], Some(n)) = (left.as_slice(), others.first()) {
        let (contact, kind) = (Some(people.contact(*n)), Some(MembershipKind::Left));
        let (on, reason) = (Some(today), Some("flyttar".to_owned()));
        crew.adds(0, MembershipEventDraft { contact, kind, on, reason, ..MembershipEventDraft::default() })?;
    }
    Ok(())
}

/// A third of those who never pay dues leave: those whom nobody has called, where there are no days of calls.
pub(super) fn leave(
    crew: &mut Crew,
    numbers: &Numbers,
    people: &People,
    today: NaiveDate,
    dice: &mut Dice,
) -> Result<()> {
    let signed = people.known().into_iter().filter(|n| people.get(*n).signed);
    for n in signed.take((numbers.sign_ups - numbers.paying) / 3) {
        let (contact, kind, on) = (Some(people.contact(n)), Some(MembershipKind::Left), Some(today));
        let reason = Some(dice.one(&LEAVES).to_owned());
        crew.adds(0, MembershipEventDraft { contact, kind, on, reason, ..MembershipEventDraft::default() })?;
    }
    Ok(())
}

/// Lately: the office confirms who pays, and some duplicates are joined.
pub(super) fn look_back(crew: &mut Crew, numbers: &Numbers, people: &People, today: NaiveDate) -> Result<()> {
    crew.wait_until(at(today, 0, 30));
    crew.share_all()?;
    confirm_dues(crew, numbers, people, today)?;
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
    Ok(())
}

/// One phone removes what another is changing, and two answer one field.
pub(super) fn meet_at_once(crew: &mut Crew, people: &People, dice: &mut Dice) -> Result<()> {
    let mut known = people.known();
    known.retain(|n| !people.get(*n).edited);
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

/// Of the visits to come, one steward gives the turn at the next to somebody else, and one cannot come to the last.
pub(super) fn change_turns(crew: &mut Crew, calendar: &Calendar, scene: &Scene, today: NaiveDate) -> Result<()> {
    crew.share_all()?;
    let to_come = || calendar.days.iter().filter(|day| day.date > today);
    let visit = |day: &Day| scene.visits.get(day.nth).copied().context("each day has its visit");
    if let Some(day) = to_come().next() {
        let (visit, from) = (visit(day)?, crew.person(*day.staff.first().context("somebody comes")?));
        let taker = (0..crew.len()).find(|nth| !day.staff.contains(nth)).context("somebody else")?;
        let to = crew.person(taker);
        crew.does(taker, |phone| phone.with(|book, ctx| book.swap_shift(ctx, visit, from, to)))?;
    }
    if let Some(day) = to_come().next_back() {
        let (visit, steward) = (visit(day)?, *day.staff.first().context("somebody comes")?);
        crew.does(steward, |phone| phone.with(|book, ctx| book.cannot_come(ctx, visit, Some("sjuk"))))?;
    }
    Ok(())
}
