//! Tables, visits, schedule.

use super::*;

/// 8 an information table for a short spell, with its spot, its hours and its counters.
#[test]
fn a_table_has_a_spot_an_hour_counters_and_sign_ups() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let visit = book.visit(Some(norra), "2026-10-12T11:30:00+02:00");
    let ends_at = Some(moment("2026-10-12T12:30:00+02:00"));
    book.set(visit, VisitDraft { spot: some("by the canteen"), ends_at, ..Default::default() });
    book.counts(visit, TallyKind::PassedBy, "", 180);
    book.counts(visit, TallyKind::Talked, "", 34);
    book.counts(visit, TallyKind::SignedWithoutName, "", 1);
    book.signs("Anna", "2026-10-12", MembershipEventDraft { visit: Some(visit), ..Default::default() });
    let summary = book.register.table_summary(visit);
    assert_eq!((summary.passed_by, summary.talked, summary.signed, summary.signed_without_name), (180, 34, 2, 1));
    assert_eq!((summary.visit.spot.as_deref(), summary.visit.ends_at), (Some("by the canteen"), ends_at));
    assert_eq!(table(&book, Report::Visits, &autumn())[0], "table|0|1|0|0|34|0|180|2|0");
}

/// 8 count first, name later: a talk that was tapped and then written down is one, wherever talks are told.
#[test]
fn a_talk_that_was_counted_and_named_is_one() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let visit = book.visit(Some(norra), "2026-10-12T11:30:00+02:00");
    let anna = book.contact("Anna", "", "");
    let name_one = |book: &mut Book| {
        let at_table = TalkDraft { visit: Some(visit), occasion: Some(Occasion::Table), ..Default::default() };
        book.talk(Some(anna), "2026-10-12T11:40:00+02:00", at_table);
    };
    let told = |book: &Book| {
        let week = book.register.week(day("2026-10-12"), day("2026-10-12"));
        let compared = book.register.comparison(&autumn()).into_iter().find(|row| row.figure == "talks");
        [
            book.register.table_summary(visit).talked,
            week.days[0].visits[0].talked,
            book.register.visits_by_kind(&autumn())[0].talked,
            book.register.sign_ups_by(SignUpGroup::Occasion, &autumn())[0].talks,
            book.register.talks_by_channel(&autumn())[0].talks,
            compared.unwrap().now,
        ]
    };
    book.counts(visit, TallyKind::Talked, "", 5);
    name_one(&mut book);
    assert_eq!(told(&book), [5; 6]);
    // Two more are named than were tapped.
    (0..6).for_each(|_| name_one(&mut book));
    assert_eq!(told(&book), [7; 6]);
    assert_eq!(book.register.table_summary(visit).tapped, 5);
}

/// 21 the best time and place of each workplace, by results.
#[test]
fn the_best_place_and_time_show_in_the_results() {
    let mut book = Book::new();
    let [norra, sodra] = ["Norra", "Södra"].map(|name| book.workplace(name));
    let lunch = book.visit(Some(norra), "2026-10-12T11:30:00+02:00");
    let coffee = book.visit(Some(sodra), "2026-10-13T09:30:00+02:00");
    book.set(lunch, VisitDraft { slot: some("Lunch"), ..Default::default() });
    book.set(coffee, VisitDraft { slot: some("coffee break"), ..Default::default() });
    let late = book.visit(Some(norra), "2026-10-14T11:30:00+02:00");
    book.set(late, VisitDraft { slot: some(" lunch "), ..Default::default() });
    book.counts(coffee, TallyKind::Talked, "", 40);
    book.counts(lunch, TallyKind::Talked, "", 10);
    for (name, visit) in [("Anna", lunch), ("Bo", late), ("Cia", coffee)] {
        let contact = book.signs(name, "2026-10-15", MembershipEventDraft { visit: Some(visit), ..Default::default() });
        if name != "Bo" {
            book.add::<MembershipEvent>(event(contact, MembershipKind::Paying, "2026-12-01"));
        }
    }
    assert_eq!(
        table(&book, Report::SignUpsBySlot, &autumn()),
        ["Lunch|10|2|0|1|0|1|50.0 %", "coffee break|40|1|0|1|0|0|100.0 %", "=|50|3|0|2|0|1|66.7 %"]
    );
    assert_eq!(
        table(&book, Report::SignUpsByPlace, &autumn())[..2],
        ["Norra|10|2|0|1|0|1|50.0 %", "Södra|40|1|0|1|0|0|100.0 %"]
    );
    let norra = ReportQuery { workplace: Some(norra), ..autumn() };
    assert_eq!(table(&book, Report::SignUpsByPlace, &norra).len(), 2);
}

/// 21 the best time at each workplace, by what each visit brought and not by how often somebody tried.
#[test]
fn every_workplace_has_its_best_time() {
    let mut book = Book::new();
    let [norra, sodra] = ["Norra", "Södra"].map(|name| book.workplace(name));
    book.set(sodra, WorkplaceDraft { best_slot: some("before seven"), ..Default::default() });
    let [lunch, later, coffee] = [("2026-10-12", "Lunch"), ("2026-10-14", "lunch"), ("2026-10-13", "coffee break")]
        .map(|(on, slot)| {
            let visit = book.visit(Some(norra), &format!("{on}T11:30:00+02:00"));
            book.set(visit, VisitDraft { slot: some(slot), ..Default::default() });
            visit
        });
    book.counts(lunch, TallyKind::Talked, "", 10);
    book.counts(later, TallyKind::Talked, "", 30);
    for (name, visit) in [("Anna", lunch), ("Bo", coffee)] {
        book.signs(name, "2026-10-15", MembershipEventDraft { visit: Some(visit), ..Default::default() });
    }
    let places = book.register.best_slots(&autumn());
    assert_eq!((places[0].workplace, places[1].workplace), (norra, sodra));
    let slots = places[0].slots.iter().map(|slot| (slot.slot.as_str(), slot.visits, slot.talks, slot.signed));
    assert_eq!(slots.collect::<Vec<_>>(), [("coffee break", 1, 0, 1), ("Lunch", 2, 40, 1)]);
    assert_eq!((places[1].noted.as_deref(), places[1].slots.len()), (Some("before seven"), 0));
    assert_eq!(book.register.workplace_card(norra, &autumn()).unwrap().best_slots, places[..1]);
}

/// 23 the employer's calendar, 62 the large workplaces first. (Also `season::coverage_puts_first…`, `season::an_employers_calendar…`.)
#[test]
fn the_calendar_suggests_and_the_large_come_first() {
    let mut book = Book::new();
    let [small, large] = [("Small", 20), ("Large", 900)].map(|(name, eligible)| {
        book.add(WorkplaceDraft { name: some(name), eligible: Some(eligible), ..Default::default() })
    });
    let first = book.register.coverage(day("2026-11-23"), None).remove(0);
    assert_eq!((first.workplace, first.potential), (large, Some(900)));
    let review =
        CalendarEntryDraft { workplace: Some(small), what: Some(CalendarEvent::PayReview), ..Default::default() };
    book.add::<CalendarEntry>(CalendarEntryDraft { on: Some(day("2026-12-21")), ..review });
    let suggested = book.register.suggested_visits(day("2026-12-01"), day("2026-12-31"));
    assert_eq!((suggested[0].workplace, suggested[0].suggested_on), (Some(small), day("2026-12-07")));
}

/// 65–67 one schedule of dates and staff, with turns and gaps, and what became of the visits.
#[test]
fn one_schedule_with_turns_and_gaps() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let visits = ["2026-11-23", "2026-11-24", "2026-11-25"].map(|on| book.visit(None, &format!("{on}T11:30:00+01:00")));
    let shift =
        |visit, person, state| ShiftDraft { visit: Some(visit), person: Some(person), state: Some(state), note: None };
    book.add::<Shift>(shift(visits[0], eva, ShiftState::Yes));
    book.add::<Shift>(shift(visits[0], per, ShiftState::Yes));
    book.add::<Shift>(shift(visits[1], eva, ShiftState::No));
    let (from, until) = (day("2026-11-23"), day("2026-11-29"));
    let gaps = book.register.gaps(from, until, from);
    let gaps: Vec<_> = gaps.into_iter().map(|gap| (gap.view.visit.id, gap.gap)).collect();
    assert_eq!(gaps, [(visits[1], Some(StaffGap::AllDeclined)), (visits[2], Some(StaffGap::NobodyAsked))]);
    let turns = book.register.shifts_of(eva, from, until, from);
    assert_eq!((turns.len(), turns[0].state, turns[0].with.clone()), (2, ShiftState::Yes, vec!["Per".to_owned()]));
    assert_eq!(book.register.turns_to_hand_over(eva, from), [visits[0]]);
    book.set(visits[2], VisitDraft { state: Some(VisitState::Cancelled), ..Default::default() });
    assert_eq!(table(&book, Report::Visits, &ReportQuery { today: from, ..autumn() })[0], "table|2|0|1|0|0|0|0|0|0");
    assert_eq!(table(&book, Report::Visits, &autumn())[0], "table|0|0|1|2|0|0|0|0|0");
}

/// 67 which workplaces were reached, each site with its parts, and which wait.
#[test]
fn the_coverage_says_where_somebody_was() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let mut place = |name: &str, parent, eligible| -> Id<Workplace> {
        book.add(WorkplaceDraft { name: some(name), parent, eligible: Some(eligible), ..Default::default() })
    };
    let hus = place("Hus 3", Some(norra), 40);
    place("Södra", None, 10);
    let [was, _] = ["2026-12-01", "2027-01-12"].map(|on| book.visit(Some(hus), &format!("{on}T11:30:00+01:00")));
    book.set(was, VisitDraft { state: Some(VisitState::Done), ..Default::default() });
    assert_eq!(
        table(&book, Report::Coverage, &autumn()),
        [
            "Norra|1|2026-12-01|2027-01-12|no|40|40",
            "> Hus 3|1|2026-12-01|2027-01-12|no|40|40",
            "Södra|0|||yes|10|10",
            "=|1||||50|50",
        ]
    );
}

/// 56 a spontaneous talk, without any visit.
#[test]
fn a_talk_needs_no_visit() {
    let mut book = Book::new();
    let by_chat = Some(Channel::Chat);
    let spontaneous = || TalkDraft { occasion: Some(Occasion::Spontaneous), channel: by_chat, ..Default::default() };
    book.talk(None, "2026-10-12T15:00:00+02:00", spontaneous());
    let anna = book.contact("Anna", "", "");
    book.talk(Some(anna), "2026-10-13T15:00:00+02:00", spontaneous());
    assert_eq!(table(&book, Report::SignUpsByOccasion, &autumn())[0], "spontaneous|2|0|0|0|0|0|");
    let talk = book.register.contact_card(anna, Date::MAX).unwrap().timeline.remove(0);
    assert_eq!((talk.occasion, talk.channel), (Some(Occasion::Spontaneous), by_chat));
}

/// 76, 77 students at lectures, term by term, each with the unit that answers for it.
#[test]
fn a_school_has_terms_and_students() {
    let mut book = Book::new();
    let kind = Some(WorkplaceKind::School);
    let school = book.add(WorkplaceDraft { name: some("School"), kind, ..Default::default() });
    let term =
        CalendarEntryDraft { workplace: Some(school), what: Some(CalendarEvent::TermStart), ..Default::default() };
    book.add::<CalendarEntry>(CalendarEntryDraft { on: Some(day("2027-01-18")), note: some("term 6"), ..term });
    let suggested = book.register.suggested_visits(day("2027-01-01"), day("2027-01-31")).remove(0);
    assert_eq!((suggested.workplace_name.as_deref(), suggested.note.as_deref()), (Some("School"), Some("term 6")));
    let students = PersonDraft { name: some("Sam"), unit: some("Student section"), ..Default::default() };
    let office = PersonDraft { name: some("Kim"), unit: some("Office"), ..Default::default() };
    let [sam, kim]: [Id<Person>; 2] = [students, office].map(|person| book.add(person));
    let starts_at = Some(moment("2027-01-18T10:00:00+01:00"));
    let table = book.add(VisitDraft { starts_at, ..suggested.draft });
    let asked = |person| ShiftDraft { visit: Some(table), person: Some(person), ..Default::default() };
    let shift: Id<Shift> = book.add(asked(sam));
    book.add::<Shift>(asked(kim));
    assert_eq!(book.register.responsible_units(table), ["Office", "Student section"]);
    book.set(shift, ShiftDraft { state: Some(ShiftState::Yes), ..Default::default() });
    assert_eq!(book.register.responsible_units(table), ["Student section"]);
    let anna = book.signs("Anna", "2026-09-01", MembershipEventDraft::default());
    book.set(anna, ContactDraft { student_until: Some(day("2026-10-31")), ..Default::default() });
    let students: Vec<_> = book.register.members_over_time(&autumn()).into_iter().map(|month| month.students).collect();
    assert_eq!(students, [0, 1, 1, 0, 0]);
}

/// 11, 43, 46, 88 meetings and events, 45 advisers as guests who help, 51 on a screen too. (Also
/// `rules::a_meeting_calls_for_a_talk_with_the_guests_who_came`.)
#[test]
fn meetings_have_a_topic_guests_and_a_talk_after_them() {
    let mut book = Book::new();
    let starts_at = Some(moment("2026-11-20T17:00:00+01:00"));
    let about = VisitDraft { topic: some("pay"), guests: some("an adviser"), starts_at, ..Default::default() };
    let anna = book.contact("Anna", "", "");
    let adviser = PersonDraft { name: some("Kim"), title: some("adviser"), ..Default::default() };
    let adviser = book.add(adviser);
    for kind in [VisitKind::Meeting, VisitKind::Lecture, VisitKind::Social, VisitKind::Digital] {
        let visit = book.add(VisitDraft { kind: Some(kind), ..about.clone() });
        let attendance = |state| AttendanceDraft { visit: Some(visit), contact: Some(anna), state: Some(state) };
        book.add::<Attendance>(attendance(AttendanceState::Attended));
        book.add::<Attendance>(attendance(AttendanceState::Invited));
        let state = Some(ShiftState::Yes);
        book.add::<Shift>(ShiftDraft { visit: Some(visit), person: Some(adviser), state, note: None });
    }
    // The adviser is on the schedule like everybody else, and need not have a device in the register.
    let friday = book.register.week(day("2026-11-20"), day("2026-11-20")).days.remove(4);
    assert!(friday.visits.iter().all(|view| view.staff[0].name == "Kim"));
    let announced = |visit: &Visit| (visit.topic.clone(), visit.guests.clone());
    assert!(friday.visits.iter().all(|view| announced(&view.visit) == (about.topic.clone(), about.guests.clone())));
    assert_eq!(book.register.shifts_of(adviser, friday.date, friday.date, friday.date).len(), 4);
    let came = book.register.contact_card(anna, Date::MAX).unwrap().timeline;
    assert_eq!(came.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [TimelineKind::Attended; 4]);
    assert_eq!(book.register.automatic(day("2026-11-21")).len(), 4);
}

/// 25, 37 ask the office for a lecture or for money: a request with an owner, a cost and an answer.
#[test]
fn money_and_lectures_are_asked_for_by_somebody() {
    let mut book = Book::new();
    let eva = book.person("Eva");
    let lecture = book.visit(None, "2026-11-20T17:00:00+01:00");
    let paid =
        VisitDraft { kind: Some(VisitKind::Lecture), cost: Some(1_500), funding: some("office"), ..Default::default() };
    book.set(lecture, paid);
    let request = FollowUpDraft { kind: Some(FollowUpKind::Request), owner: Some(eva), ..Default::default() };
    let request = FollowUpDraft { visit: Some(lecture), due: Some(day("2026-11-01")), ..request };
    let request = book.follow_up("a lecturer and 1,500", request);
    let open = book.register.open(Some(eva), day("2026-10-20"));
    assert_eq!((open.len(), open[0].overdue_days), (1, Some(-12)));
    let done = FollowUpDraft { done_at: Some(book.now), outcome: some("granted"), ..Default::default() };
    book.set(request, done);
    assert!(book.register.open(None, day("2026-10-20")).is_empty());
    assert_eq!(table(&book, Report::Visits, &autumn())[0], "lecture|0|0|0|1|0|0|0|0|1500");
}
