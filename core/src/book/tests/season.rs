//! The season and the calls, as commands.

use super::*;
use crate::context::Date;
use crate::document::Write;
use crate::ids::{Id, RowId};
use crate::register::{ReportQuery, TimelineKind};
use crate::tables::{
    Attendance, AttendanceDraft, AttendanceState, Campaign, CampaignDraft, Contact, ContactDraft, FollowUp,
    FollowUpDraft, FollowUpKind, MembershipEvent, MembershipEventDraft, MembershipKind, Patch, Person, PersonDraft,
    Shift, ShiftDraft, ShiftState, Table, TallyKind, Visit, VisitDraft, VisitKind,
};

/// A practice book of Eva's, with Per and a contact in it.
struct Desk {
    book: Book,
    rng: ChaCha20Rng,
    now: crate::context::Moment,
    eva: Id<Person>,
    per: Id<Person>,
    anna: Id<Contact>,
}

impl Desk {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let now = "2026-08-24T11:30:00+02:00".parse().unwrap();
        let home = Home { place: Place::Memory, storage_key: StorageKey::from_bytes([7; 32]) };
        let new = NewBook {
            name: "Practice".into(),
            server_url: None,
            operator_token: None,
            my_name: "Eva".into(),
            device_label: "Phone".into(),
        };
        let (book, _) = Book::create(&mut Context { now, rng: &mut rng }, &home, &new).unwrap();
        let eva = book.register().all::<Person>().next().unwrap().id;
        let mut desk = Self { book, rng, now, eva, per: Id::default(), anna: Id::default() };
        desk.per = desk.add(PersonDraft { name: Some("Per".into()), ..Default::default() });
        desk.anna = desk.add(ContactDraft { given_name: Some("Anna".into()), ..Default::default() });
        desk
    }

    /// A second later.
    fn with<T>(&mut self, act: impl FnOnce(&mut Book, &mut Context<'_>) -> T) -> T {
        self.now += chrono::TimeDelta::seconds(1);
        act(&mut self.book, &mut Context { now: self.now, rng: &mut self.rng })
    }

    fn add<T>(&mut self, draft: impl Into<Draft>) -> Id<T> {
        let draft = draft.into();
        self.with(|book, ctx| book.add(ctx, &draft)).unwrap().into()
    }

    fn visit(&mut self, starts_at: &str) -> Id<Visit> {
        let starts_at = Some(starts_at.parse().unwrap());
        self.add(VisitDraft { kind: Some(VisitKind::Table), starts_at, ..Default::default() })
    }

    fn staff(&self, visit: Id<Visit>) -> Vec<(String, ShiftState)> {
        let day = self.book.register().get(visit).unwrap().starts_at.unwrap().date_naive();
        let week = self.book.register().week(day, day);
        let visits = week.days.into_iter().flat_map(|day| day.visits);
        let view = visits.into_iter().find(|view| view.visit.id == visit).unwrap();
        view.staff.into_iter().map(|staff| (staff.name, staff.state)).collect()
    }

    fn call(&self) -> FollowUpDraft {
        FollowUpDraft {
            what: Some("call".into()),
            kind: Some(FollowUpKind::Call),
            contact: Some(self.anna),
            cause: Some("trial_ends 2026-11-22".into()),
            ..Default::default()
        }
    }
}

/// Practice 64: a name alone is enough; the rest follows from where it is said, and to whom.
#[test]
fn somebody_signs_up_on_the_spot() {
    let mut desk = Desk::new();
    let visit = desk.visit("2026-08-24T11:30:00+02:00");
    let contact = ContactDraft { given_name: Some("Bo".into()), ..Default::default() };
    let on_the_spot = SignUp { contact, visit: Some(visit), ..SignUp::default() };
    let signed = desk.with(|book, ctx| book.sign_up(ctx, &on_the_spot)).unwrap();
    let register = desk.book.register();
    let event = register.get(signed.membership).unwrap();
    let expected = (Some(signed.contact), Some(MembershipKind::Signed), Some(visit));
    assert_eq!((event.contact, event.kind, event.visit), expected);
    assert_eq!((event.on, event.recruiter), (Some(desk.now.date_naive()), Some(desk.eva)));
    assert_eq!((register.contact_name(signed.contact).as_str(), register.table_summary(visit).signed), ("Bo", 1));
    let nobody = SignUp { visit: Some(visit), ..SignUp::default() };
    assert_eq!(desk.with(|book, ctx| book.sign_up(ctx, &nobody)).unwrap_err().code(), "field_invalid");
}

/// Practices 8, 9, 34 and 63: one tap counts one, of an item or of none, and can be taken back.
#[test]
fn a_tap_counts_one_and_is_taken_back() {
    let mut desk = Desk::new();
    let visit = desk.visit("2026-08-24T11:30:00+02:00");
    let mut tap = |item: Option<&str>, delta| {
        desk.with(|book, ctx| book.tally(ctx, visit, TallyKind::HandedOut, item, delta)).unwrap()
    };
    let counted = [tap(Some("pens"), 1), tap(Some("pens"), 1), tap(None, 1), tap(Some("pens"), -1)];
    assert_eq!(counted, [1, 2, 1, 1]);
    let summary = desk.book.register().table_summary(visit);
    let items: Vec<_> = summary.items.iter().map(|item| (item.item.as_str(), item.n)).collect();
    assert_eq!((summary.handed_out, items), (2, vec![("pens", 1)]));
}

/// Practice 34: the weekly bowl of sweets is planned once.
#[test]
fn repeating_a_visit_makes_each_day_once() {
    let mut desk = Desk::new();
    let first = desk.visit("2026-09-07T11:30:00+02:00");
    let day = |text: &str| text.parse::<crate::context::Date>().unwrap();
    let until = day("2026-11-02");
    let made = desk.with(|book, ctx| book.repeat(ctx, first, 2, until)).unwrap().made;
    assert_eq!(made.len(), 4);
    let hours: Vec<_> =
        made.iter().map(|id| desk.book.register().get(*id).unwrap().starts_at.unwrap().to_rfc3339()).collect();
    assert_eq!((hours[0].as_str(), hours[3].as_str()), ("2026-09-21T11:30:00+02:00", "2026-11-02T11:30:00+01:00"));
    assert!(made.iter().all(|id| id.as_bytes()[15] == first.as_bytes()[15]));

    let nothing = Repeated { made: vec![], left_over: vec![] };
    assert_eq!(desk.with(|book, ctx| book.repeat(ctx, made[1], 2, until)).unwrap(), nothing);
    desk.with(|book, ctx| book.remove(ctx, Table::Visits, made[0].into())).unwrap();
    assert_eq!(desk.with(|book, ctx| book.plan_series(ctx, first)).unwrap(), nothing);
    let longer = desk.with(|book, ctx| book.repeat(ctx, first, 2, day("2026-11-16"))).unwrap();
    assert_eq!((longer.made.len(), longer.left_over.len()), (1, 0));
    let rarer = desk.with(|book, ctx| book.repeat(ctx, first, 4, until)).unwrap();
    assert_eq!((rarer.made.len(), rarer.left_over), (0, vec![made[2], longer.made[0]]));

    let lonely = desk.visit("2026-09-07T11:30:00+02:00");
    let refused = |result: Result<Repeated, BookError>| result.unwrap_err().code().to_owned();
    assert_eq!(refused(desk.with(|book, ctx| book.plan_series(ctx, lonely))), "field_invalid");
    assert_eq!(refused(desk.with(|book, ctx| book.repeat(ctx, lonely, 53, until))), "field_invalid");
    assert_eq!(refused(desk.with(|book, ctx| book.repeat(ctx, Id::default(), 1, until))), "unknown_row");
}

/// Practice 66: who comes, who takes over, who cannot come.
#[test]
fn a_turn_is_answered_given_away_and_cannot_be_kept() {
    use ShiftState::{Asked, No, Yes};
    let mut desk = Desk::new();
    let visit = desk.visit("2026-09-07T11:30:00+02:00");
    let (eva, per) = (desk.eva, desk.per);
    let named = |eva, per| [("Eva".to_owned(), eva), ("Per".to_owned(), per)];
    let shift = desk.with(|book, ctx| book.answer_shift(ctx, visit, None, Yes, None)).unwrap();
    desk.with(|book, ctx| book.swap_shift(ctx, visit, eva, per)).unwrap();
    assert_eq!(desk.staff(visit), named(No, Asked));
    desk.with(|book, ctx| book.answer_shift(ctx, visit, Some(per), Yes, None)).unwrap();
    desk.with(|book, ctx| book.swap_shift(ctx, visit, per, eva)).unwrap();
    assert_eq!(desk.staff(visit), named(Yes, No));
    assert_eq!(desk.with(|book, ctx| book.cannot_come(ctx, visit, Some("ill"))).unwrap(), shift);
    assert_eq!(desk.staff(visit), named(No, No));
    assert_eq!(desk.book.register().get(shift).unwrap().note.as_deref(), Some("ill"));
    assert_eq!(desk.book.register().all::<Shift>().count(), 2);
    let nobody = desk.with(|book, ctx| book.swap_shift(ctx, visit, eva, Id::default()));
    assert_eq!(nobody.unwrap_err().code(), "unknown_row");
}

/// Practice 66: the organiser asks on one phone, without a network, who has answered on another.
#[test]
fn an_answer_counts_over_a_question_that_did_not_know_of_it() {
    use ShiftState::{Asked, No, Yes};
    let mut desk = Desk::new();
    let visit = desk.visit("2026-09-07T11:30:00+02:00");
    let per = desk.per;
    // Two phones that had not heard of each other wrote a row each.
    let mut row = |state| -> Id<Shift> {
        let draft = ShiftDraft { visit: Some(visit), person: Some(per), state: Some(state), note: None };
        desk.with(|book, ctx| {
            let id = RowId::from(visit).child_of(ctx);
            book.parts().0.write(ctx, &[Write::of_draft(id, &draft.into())]).unwrap();
            id.into()
        })
    };
    let answered = row(No);
    row(Asked);
    assert_eq!(desk.staff(visit), [("Per".to_owned(), No)]);
    // Who is asked again has not answered, and answers once for all rows.
    desk.with(|book, ctx| book.answer_shift(ctx, visit, Some(per), Asked, None)).unwrap();
    assert_eq!(desk.staff(visit), [("Per".to_owned(), Asked)]);
    desk.with(|book, ctx| book.answer_shift(ctx, visit, Some(per), Yes, None)).unwrap();
    assert_eq!(desk.staff(visit), [("Per".to_owned(), Yes)]);
    assert_eq!(desk.book.register().get(answered).unwrap().state, Some(Yes));
    assert_eq!(desk.book.register().all::<Shift>().count(), 2);
}

/// Practices 46 and 67: asking again is not lost to the answer of the time before.
#[test]
fn who_is_asked_or_invited_again_by_a_plain_row_is_waited_for_again() {
    let mut desk = Desk::new();
    let (visit, per, anna) = (desk.visit("2026-09-07T11:30:00+02:00"), desk.per, desk.anna);
    let shift = |state| ShiftDraft { visit: Some(visit), person: Some(per), state: Some(state), note: None };
    let first: Id<Shift> = desk.add(shift(ShiftState::No));
    assert_eq!(desk.add::<Shift>(shift(ShiftState::Asked)), first);
    assert_eq!(desk.staff(visit), [("Per".to_owned(), ShiftState::Asked)]);

    let row = |state| AttendanceDraft { visit: Some(visit), contact: Some(anna), state: Some(state) };
    let kinds = |desk: &Desk| -> Vec<_> {
        desk.book
            .register()
            .contact_card(anna, Date::MAX)
            .unwrap()
            .timeline
            .into_iter()
            .map(|entry| entry.kind)
            .collect()
    };
    let said: Id<Attendance> = desk.add(row(AttendanceState::Declined));
    assert_eq!(desk.add::<Attendance>(row(AttendanceState::Invited)), said);
    assert_eq!(kinds(&desk), [TimelineKind::Invited]);
    // Who was there was there, whoever sends an invitation late.
    desk.add::<Attendance>(row(AttendanceState::Attended));
    desk.add::<Attendance>(row(AttendanceState::Invited));
    assert_eq!(kinds(&desk), [TimelineKind::Attended]);
}

/// Practices 2 and 70: one takes a call on, and whoever wanted to as well is told.
#[test]
fn a_call_is_claimed_once_and_taken_over_only_on_purpose() {
    let mut desk = Desk::new();
    let (call, per) = (desk.call(), desk.per);
    let theirs: Id<FollowUp> = desk.add(FollowUpDraft { owner: Some(per), ..call.clone() });
    let claim = |desk: &mut Desk, take_over| desk.with(|book, ctx| book.claim(ctx, &call, take_over)).unwrap();
    let held = |follow_up| Claimed { follow_up, held_by: vec!["Per".into()] };
    assert_eq!(claim(&mut desk, false), held(None));
    assert_eq!(claim(&mut desk, true), held(Some(theirs)));
    assert_eq!(claim(&mut desk, false), Claimed { follow_up: Some(theirs), held_by: vec![] });
    assert_eq!(desk.book.register().get(theirs).unwrap().owner, Some(desk.eva));
    let other = FollowUpDraft { cause: Some("trial_ends 2027-11-22".into()), ..call };
    let fresh = desk.with(|book, ctx| book.claim(ctx, &other, false)).unwrap();
    assert!(fresh.follow_up.is_some_and(|id| id != theirs) && fresh.held_by.is_empty());
}

/// Practices 2 and 90: who keeps a relation need not be who welcomes.
#[test]
fn what_is_claimed_is_the_claimers_whomever_the_draft_names() {
    let mut desk = Desk::new();
    let (eva, per) = (desk.eva, desk.per);
    let today = desk.now.date_naive();
    let claimed = |desk: &mut Desk, whom: Option<Id<Person>>| {
        let name = Some("Fia".to_owned());
        desk.add::<Contact>(ContactDraft {
            given_name: name,
            owner: Some(per),
            hired_on: Some(today),
            ..Default::default()
        });
        let draft = desk.book.register().automatic(today).remove(0).draft;
        assert_eq!(draft.owner, Some(per));
        let draft = FollowUpDraft { what: Some("welcome".into()), ..draft };
        let claimed = desk.with(|book, ctx| match whom {
            Some(whom) => book.claim_for(ctx, &draft, whom, false),
            None => book.claim(ctx, &draft, false),
        });
        claimed.map(|claimed| desk.book.register().get(claimed.follow_up.unwrap()).unwrap().owner)
    };
    assert_eq!(claimed(&mut desk, None).unwrap(), Some(eva));
    assert_eq!(claimed(&mut desk, Some(per)).unwrap(), Some(per));
    assert_eq!(claimed(&mut desk, Some(Id::default())).unwrap_err().code(), "unknown_row");
}

/// Practice 71: somebody who was reached and wants to think is called again, and the list reminds of it.
#[test]
fn who_is_to_be_called_again_is_due_again() {
    let mut desk = Desk::new();
    let reached = CallLog { call: desk.call(), reached: true, ..CallLog::default() };
    let first = desk.with(|book, ctx| book.log_call(ctx, &reached)).unwrap();
    let due = |desk: &Desk| -> Vec<_> {
        let due = desk.book.register().due("2026-11-20".parse().unwrap());
        due.into_iter().map(|due| (due.follow_up.id, due.follow_up.attempts)).collect()
    };
    assert_eq!(due(&desk), []);
    let again = CallLog { reached: false, again_on: "2026-11-20".parse().ok(), ..reached.clone() };
    desk.with(|book, ctx| book.log_call(ctx, &again)).unwrap();
    assert_eq!(due(&desk), [(first.follow_up, Some(2))]);
    desk.with(|book, ctx| book.log_call(ctx, &reached)).unwrap();
    assert_eq!(due(&desk), []);
}

/// Practice 71: it is so, too, where a colleague was done with the call, or it was ticked off by somebody who is not named.
#[test]
fn a_new_day_opens_a_call_that_anybody_closed() {
    for second in [false, true] {
        let mut desk = Desk::new();
        let (owner, done_at) = (second.then_some(desk.per), Some(desk.now));
        let closed: Id<FollowUp> = desk.add(FollowUpDraft { owner, done_at, ..desk.call() });
        let due = |desk: &Desk| desk.book.register().due("2026-11-20".parse().unwrap()).len();
        assert_eq!(due(&desk), 0);
        let again_on = "2026-11-20".parse().ok();
        let log = CallLog { call: desk.call(), reached: true, again_on, ..CallLog::default() };
        desk.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
        assert_eq!((due(&desk), desk.book.register().get(closed).unwrap().done_at), (1, None));
    }
}

/// Practices 33, 61, 70 and 71: whoever signs up at a table is on the call list without anybody naming the campaign.
#[test]
fn a_sign_up_takes_the_offer_of_its_visit_or_the_only_one_that_runs() {
    let mut desk = Desk::new();
    let day = |text: &str| text.parse::<crate::context::Date>().ok();
    let campaign = |desk: &mut Desk, months, from: &str, until: &str| -> Id<Campaign> {
        let (starts_on, ends_on, trial_months) = (day(from), day(until), Some(months));
        desk.add(CampaignDraft { name: Some("Free".into()), starts_on, ends_on, trial_months, ..Default::default() })
    };
    let sign = |desk: &mut Desk, named: SignUp| {
        let contact = ContactDraft { given_name: Some("Bo".into()), ..Default::default() };
        let signed = desk.with(|book, ctx| book.sign_up(ctx, &SignUp { contact, ..named })).unwrap();
        let register = desk.book.register();
        (register.get(signed.membership).unwrap().campaign, register.trial_ends_on(signed.contact))
    };
    let on = |on: &str| SignUp { on: day(on), ..SignUp::default() };
    let visit = desk.visit("2026-08-24T11:30:00+02:00");
    let at = |visit| SignUp { visit: Some(visit), ..SignUp::default() };

    let spring = campaign(&mut desk, 6, "2026-03-01", "2026-05-31");
    assert_eq!(sign(&mut desk, at(visit)), (None, None));
    let autumn = campaign(&mut desk, 3, "2026-08-24", "2026-08-31");
    assert_eq!(sign(&mut desk, at(visit)), (Some(autumn), day("2026-11-24")));
    assert_eq!(sign(&mut desk, on("2026-08-31")), (Some(autumn), day("2026-11-30")));
    assert_eq!([sign(&mut desk, on("2026-08-23")).0, sign(&mut desk, on("2026-09-01")).0], [None, None]);
    let named = SignUp { campaign: Some(spring), ..at(visit) };
    assert_eq!(sign(&mut desk, named), (Some(spring), day("2027-02-24")));

    // Where two run, nobody guesses; the visit knows.
    let always = campaign(&mut desk, 1, "", "");
    assert_eq!(sign(&mut desk, at(visit)), (None, None));
    let of_visit = VisitDraft { campaign: Some(always), ..Default::default() };
    let patch = Patch { id: visit.into(), set: of_visit.into(), clear: vec![] };
    desk.with(|book, ctx| book.set(ctx, &patch)).unwrap();
    assert_eq!(sign(&mut desk, at(visit)), (Some(always), day("2026-09-24")));
    desk.with(|book, ctx| book.remove(ctx, Table::Campaigns, always.into())).unwrap();
    assert_eq!(sign(&mut desk, at(visit)), (Some(autumn), day("2026-11-24")));

    // Whoever pays already takes no free months unless somebody says so.
    let (given_name, membership) = (Some("Omar".into()), Some(crate::tables::Membership::Member));
    let member = ContactDraft { given_name, membership, ..Default::default() };
    let member: Id<Contact> = desk.add(member);
    assert_eq!(sign(&mut desk, SignUp { contact_id: Some(member), ..at(visit) }), (None, None));
    assert_eq!(desk.book.register().status(&[member], Date::MAX), crate::tables::Membership::Member);
    let [from, until] = ["2026-11-01", "2026-11-30"].map(|text| day(text).unwrap());
    assert_eq!(desk.book.register().call_list(from, until, from).len(), 3);
}

/// Practice 71: tries, what came of them, and who stays.
#[test]
fn a_call_notes_the_try_the_talk_and_the_decision_in_one_step() {
    let mut desk = Desk::new();
    let offer = CampaignDraft { name: Some("Summer".into()), trial_months: Some(3), ..Default::default() };
    let offer = desk.add(offer);
    let anna = desk.anna;
    let signed =
        SignUp { contact_id: Some(anna), campaign: Some(offer), on: "2026-08-22".parse().ok(), ..SignUp::default() };
    desk.with(|book, ctx| book.sign_up(ctx, &signed)).unwrap();
    let log = CallLog { call: desk.call(), outcome: Some("no answer".into()), ..CallLog::default() };
    let call = |desk: &mut Desk, log: &CallLog| desk.with(|book, ctx| book.log_call(ctx, log)).unwrap();
    let first = call(&mut desk, &log);
    let again = CallLog { reached: true, again_on: "2026-11-10".parse().ok(), ..log.clone() };
    let second = call(&mut desk, &again);
    assert_eq!((second.follow_up, first.talk, second.talk.is_some()), (first.follow_up, None, true));
    let row = desk.book.register().get(first.follow_up).unwrap().clone();
    assert_eq!((row.attempts, row.due, row.done_at), (Some(2), again.again_on, None));

    // Per called too, on another phone: each counts for themselves.
    let theirs = FollowUpDraft { owner: Some(desk.per), attempts: Some(1), ..desk.call() };
    desk.add::<FollowUp>(theirs);
    let stays = CallLog { decision: Some(crate::register::CallDecision::Stays), reached: true, ..log };
    let third = call(&mut desk, &stays);
    assert_eq!((third.follow_up, third.also.clone()), (first.follow_up, vec!["Per".to_owned()]));
    let paying = desk.book.register().get(third.membership.unwrap()).unwrap().clone();
    assert_eq!((paying.kind, paying.on), (Some(MembershipKind::Paying), "2026-11-22".parse().ok()));
    let listed = desk.book.register().call_list(
        "2026-11-01".parse().unwrap(),
        "2026-11-30".parse().unwrap(),
        "2026-11-10".parse().unwrap(),
    );
    assert_eq!((listed[0].attempts, listed[0].decision), (4, Some(crate::register::CallDecision::Stays)));
    let clashes = desk.book.register().call_clashes("2026-08-24".parse().unwrap());
    let callers: Vec<_> = clashes[0].callers.iter().map(|caller| (caller.name.as_str(), caller.attempts)).collect();
    assert_eq!(callers, [("Eva", 3), ("Per", 1)]);
    assert_eq!(desk.book.register().call_clashes("2026-08-25".parse().unwrap()), []);
    let nobody = CallLog { call: FollowUpDraft { contact: None, ..desk.call() }, ..CallLog::default() };
    assert_eq!(desk.with(|book, ctx| book.log_call(ctx, &nobody)).unwrap_err().code(), "field_invalid");
}

/// Practices 17, 70 and 71: whoever says otherwise in a later call has not decided as was noted before.
#[test]
fn a_later_call_takes_back_what_an_earlier_one_noted() {
    use crate::register::CallDecision::{Leaves, Stays};
    let mut desk = Desk::new();
    let offer = CampaignDraft { name: Some("Summer".into()), trial_months: Some(3), ..Default::default() };
    let offer = desk.add(offer);
    let (contact_id, on) = (Some(desk.anna), "2026-08-22".parse().ok());
    let signed = SignUp { contact_id, campaign: Some(offer), on, ..SignUp::default() };
    desk.with(|book, ctx| book.sign_up(ctx, &signed)).unwrap();
    let day = |text: &str| text.parse::<Date>().unwrap();
    let query = ReportQuery::of(day("2026-08-01"), day("2026-12-31"), day("2026-12-31"));
    let mut says = |decision| {
        let log = CallLog { call: desk.call(), reached: true, decision: Some(decision), ..CallLog::default() };
        desk.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
        let register = desk.book.register();
        let events = register.all::<MembershipEvent>().filter(|event| event.kind != Some(MembershipKind::Signed));
        let events: Vec<_> = events.map(|event| (event.kind.unwrap(), event.on.unwrap().to_string())).collect();
        let calls = register.call_figures(&query).remove(0);
        let left: i64 = register.leave_reasons(&query).iter().map(|figures| figures.left).sum();
        let score = register.recruiter_scores(&query).remove(0);
        (events, (calls.stays, score.confirmed), (calls.leaves, left, score.expired))
    };
    let stays = (vec![(MembershipKind::Paying, "2026-11-22".to_owned())], (1, 1), (0, 0, 0));
    let leaves = (vec![(MembershipKind::Left, "2026-08-24".to_owned())], (0, 0), (1, 1, 1));
    assert_eq!([says(Stays), says(Leaves), says(Stays)], [stays.clone(), leaves, stays]);
    // Dues that were paid are not taken back.
    desk.now = "2026-12-10T11:30:00+01:00".parse().unwrap();
    let log = CallLog { call: desk.call(), reached: true, decision: Some(Leaves), ..CallLog::default() };
    desk.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
    let kinds = desk.book.register().all::<MembershipEvent>().filter_map(|event| event.kind);
    assert_eq!(kinds.filter(|kind| kind.decides()).count(), 2);
}

/// Practices 13, 17 and 71: a leaving that has not come gives way to what a later call notes, of members, too, whose sign-up
/// nobody wrote down.
#[test]
fn another_day_of_leaving_takes_the_place_of_one_to_come() {
    use crate::register::CallDecision::{Leaves, Stays};
    for signed in [false, true] {
        let mut desk = Desk::new();
        if signed {
            let signed = SignUp { contact_id: Some(desk.anna), on: "2026-08-22".parse().ok(), ..SignUp::default() };
            desk.with(|book, ctx| book.sign_up(ctx, &signed)).unwrap();
        }
        let mut says = |decision, on: &str| {
            let (decision, decided_on) = (Some(decision), on.parse().ok());
            let log = CallLog { call: desk.call(), reached: true, decision, decided_on, ..CallLog::default() };
            desk.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
            let events = desk.book.register().all::<MembershipEvent>();
            let events = events.filter(|event| event.kind.is_some_and(MembershipKind::decides));
            events.map(|event| (event.kind.unwrap(), event.on.unwrap().to_string())).collect::<Vec<_>>()
        };
        for on in ["2026-12-10", "2027-01-31", "2026-11-30", "2026-08-24"] {
            assert_eq!(says(Leaves, on), [(MembershipKind::Left, on.to_owned())]);
        }
        // Who has left today leaves no other day; whoever comes back pays from a later one.
        let mut after = says(Leaves, "2026-10-01");
        after.sort();
        let left = |on: &str| (MembershipKind::Left, on.to_owned());
        assert_eq!(after, [left("2026-08-24"), left("2026-10-01")]);
        let mut stays = says(Stays, "2026-09-01");
        stays.sort();
        assert_eq!(stays, [(MembershipKind::Paying, "2026-09-01".to_owned()), left("2026-08-24")]);
    }
}

/// Practices 17 and 71: whoever comes back after a year had left; the report of then stays as it was.
#[test]
fn whoever_comes_back_has_left_before() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    for (free, on) in [(true, None), (true, Some("2026-11-01")), (false, None)] {
        let mut desk = Desk::new();
        let offer = CampaignDraft { name: Some("Winter".into()), trial_months: Some(3), ..Default::default() };
        let offer: Id<Campaign> = desk.add(offer);
        let anna = Some(desk.anna);
        for (kind, on, campaign) in [
            (MembershipKind::Signed, "2025-01-05", Some(offer).filter(|_| free)),
            (MembershipKind::Left, "2025-06-01", None),
        ] {
            let (contact, kind, on) = (anna, Some(kind), on.parse().ok());
            desk.add::<MembershipEvent>(MembershipEventDraft { contact, kind, on, campaign, ..Default::default() });
        }
        let (decision, decided_on) = (Some(crate::register::CallDecision::Stays), on.map(day));
        let log = CallLog { call: desk.call(), reached: true, decision, decided_on, ..CallLog::default() };
        let logged = desk.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
        assert_eq!(logged.taken_back, []);
        let register = desk.book.register();
        let pays = register.get(logged.membership.unwrap()).unwrap().on;
        assert_eq!(pays, Some(day(on.unwrap_or("2026-08-24"))));
        assert_eq!(register.status(&[desk.anna], Date::MAX), crate::tables::Membership::Member);
        let query = ReportQuery::of(day("2025-01-01"), day("2025-12-31"), day("2026-12-31"));
        assert_eq!(register.leave_reasons(&query).iter().map(|figures| figures.left).sum::<i64>(), 1);
    }
}

/// Practice 71: what a call noted wrongly is corrected by a call of the same day, however long the free months are over.
#[test]
fn a_call_of_the_same_day_corrects_what_was_noted() {
    use crate::register::CallDecision::{Leaves, Stays};
    for (signed, free) in [(true, true), (true, false), (false, false)] {
        let mut desk = Desk::new();
        let offer = CampaignDraft { name: Some("Winter".into()), trial_months: Some(3), ..Default::default() };
        let offer: Id<Campaign> = desk.add(offer);
        if signed {
            desk.add::<MembershipEvent>(MembershipEventDraft {
                contact: Some(desk.anna),
                kind: Some(MembershipKind::Signed),
                on: "2026-01-05".parse().ok(),
                campaign: Some(offer).filter(|_| free),
                ..Default::default()
            });
        }
        let mut says = |decision| {
            let log = CallLog { call: desk.call(), reached: true, decision: Some(decision), ..CallLog::default() };
            desk.with(|book, ctx| book.log_call(ctx, &log)).unwrap()
        };
        let left = says(Leaves).membership.unwrap();
        assert_eq!(says(Stays).taken_back, [left], "{signed} {free}");
        let register = desk.book.register();
        assert_eq!(register.status(&[desk.anna], Date::MAX), crate::tables::Membership::Member);
    }
}

/// Practices 17 and 71: a leaving that a call brings decides, also where no sign-up is known or it is yet to come.
#[test]
fn a_call_notes_that_whoever_leaves_has_left() {
    let day = |text: &str| text.parse::<crate::context::Date>().ok();
    let decides = |kind, on: &str| {
        let mut desk = Desk::new();
        let on = day(on);
        let known = MembershipEventDraft { contact: Some(desk.anna), kind: Some(kind), on, ..Default::default() };
        desk.add::<MembershipEvent>(known);
        let decision = Some(crate::register::CallDecision::Leaves);
        let log = CallLog { call: desk.call(), reached: true, decision, ..CallLog::default() };
        let logged = desk.with(|book, ctx| book.log_call(ctx, &log)).unwrap();
        let register = desk.book.register();
        (register.get(logged.membership.unwrap()).unwrap().on, register.status(&[desk.anna], Date::MAX))
    };
    let former = |on: &str| (day(on), crate::tables::Membership::Former);
    assert_eq!(decides(MembershipKind::TrialEnds, "2026-11-22"), former("2026-08-24"));
    assert_eq!(decides(MembershipKind::Signed, "2026-09-01"), former("2026-09-01"));
}

/// Practice 90: the relations and promises of a steward who leaves go to another.
#[test]
fn a_steward_who_leaves_hands_everything_over() {
    let mut desk = Desk::new();
    let (eva, per, anna) = (desk.eva, desk.per, desk.anna);
    for n in 0..20 {
        let name = Some(format!("Person {n}"));
        let contact = desk.add(ContactDraft { given_name: name, owner: Some(eva), ..Default::default() });
        desk.add::<FollowUp>(FollowUpDraft { contact: Some(contact), owner: Some(eva), ..desk.call() });
    }
    desk.add::<FollowUp>(FollowUpDraft { owner: Some(per), contact: Some(anna), ..desk.call() });
    let [past, coming] = ["2026-08-20T11:30:00+02:00", "2026-09-07T11:30:00+02:00"].map(|at| desk.visit(at));
    for visit in [past, coming] {
        desk.with(|book, ctx| book.answer_shift(ctx, visit, None, ShiftState::Yes, None)).unwrap();
    }
    let goes = desk.with(|book, ctx| book.to_hand_over(eva, per, ctx.now.date_naive())).unwrap();
    let handed = desk.with(|book, ctx| book.hand_over(ctx, eva, per)).unwrap();
    assert_eq!(goes, handed, "what is told beforehand is what goes");
    assert_eq!(handed, HandedOver { follow_ups: 20, contacts: 20, shifts: 1 });
    assert_eq!(desk.staff(coming), [("Eva".to_owned(), ShiftState::No), ("Per".to_owned(), ShiftState::Asked)]);
    assert!(desk.book.register().all::<FollowUp>().all(|row| row.owner == Some(per)));
    assert_eq!(desk.with(|book, ctx| book.hand_over(ctx, eva, per)).unwrap(), HandedOver::default());
}

#[test]
fn nothing_ends_before_it_begins() {
    let refused = |done: Result<(), BookError>| match done {
        Err(BookError::Field(error)) => Some((error.field, error.reason.code())),
        _ => None,
    };
    let end = |field: &str| Some((field.to_owned(), "ends_before_it_begins"));
    let mut desk = Desk::new();
    let day = |text: &str| text.parse::<crate::context::Date>().ok();
    let campaign = |from: &str, until: &str| {
        let (starts_on, ends_on) = (day(from), day(until));
        Draft::from(CampaignDraft { name: Some("Free".into()), starts_on, ends_on, ..Default::default() })
    };
    let reversed = campaign("2026-11-01", "2026-10-31");
    assert_eq!(refused(desk.with(|book, ctx| book.add(ctx, &reversed)).map(|_| ())), end("ends_on"));
    let one_day: Id<Campaign> = desk.add(campaign("2026-11-01", "2026-11-01"));
    let later = CampaignDraft { starts_on: day("2026-11-02"), ..Default::default() };
    let mut patch = Patch { id: one_day.into(), set: later.into(), clear: Vec::new() };
    assert_eq!(refused(desk.with(|book, ctx| book.set(ctx, &patch))), end("ends_on"));
    patch.clear.push("ends_on".into());
    desk.with(|book, ctx| book.set(ctx, &patch)).unwrap();

    let at = |text: &str| Some(text.parse::<crate::Moment>().unwrap());
    let visit = desk.visit("2026-08-31T11:30:00+02:00");
    let set = |desk: &mut Desk, starts_at, ends_at| {
        let set = VisitDraft { starts_at, ends_at, ..Default::default() }.into();
        desk.with(|book, ctx| book.set(ctx, &Patch { id: visit.into(), set, clear: Vec::new() }))
    };
    assert_eq!(refused(set(&mut desk, None, at("2026-08-31T11:00:00+02:00"))), end("ends_at"));
    set(&mut desk, None, at("2026-08-31T13:00:00+02:00")).unwrap();
    // Moved, it lasts as long, and over the change of the clocks, too.
    set(&mut desk, at("2026-11-30T12:00:00+01:00"), None).unwrap();
    let row = |desk: &Desk| desk.book.register().get(visit).cloned().unwrap();
    assert_eq!(row(&desk).ends_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-30T13:30:00+01:00"));
    let shorter = (at("2026-11-30T12:30:00+01:00"), at("2026-11-30T13:30:00+01:00"));
    set(&mut desk, shorter.0, shorter.1).unwrap();
    assert_eq!((row(&desk).starts_at, row(&desk).ends_at), shorter);

    // What came from a phone that took it is there, and can be changed.
    let wrong = VisitDraft { ends_at: at("2026-11-30T09:00:00+01:00"), ..Default::default() };
    desk.with(|book, ctx| book.replica.write(ctx, &[Write::of_draft(visit.into(), &wrong.into())])).unwrap();
    let spot = VisitDraft { spot: Some("Canteen".into()), ..Default::default() }.into();
    desk.with(|book, ctx| book.set(ctx, &Patch { id: visit.into(), set: spot, clear: Vec::new() })).unwrap();
}

#[test]
fn a_contact_tells_of_somebody() {
    let mut desk = Desk::new();
    let mut add = |contact: ContactDraft| desk.with(|book, ctx| book.add(ctx, &contact.into()));
    let nobody = ContactDraft { phone: Some(" ".into()), do_not_contact: Some(true), ..Default::default() };
    assert!(matches!(add(nobody), Err(BookError::Field(error)) if error.field == "given_name"));
    let by_the_door = ContactDraft { note: Some("the one with the red bicycle".into()), ..Default::default() };
    assert!(add(by_the_door).is_ok());
}
