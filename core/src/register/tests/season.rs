//! The season's schedule, its gaps, where nobody has been, and what the employers' calendars suggest.

use super::*;

impl Book {
    fn shift(&mut self, visit: Id<Visit>, person: Id<Person>, state: ShiftState) -> Id<Shift> {
        self.add(ShiftDraft { visit: Some(visit), person: Some(person), state: Some(state), note: None })
    }

    fn close(&mut self, visit: Id<Visit>, state: VisitState) {
        self.set(visit, VisitDraft { state: Some(state), ..Default::default() });
    }
}

/// Practices 65–67: one schedule from 22 August to 27 November, week by week, with shifts, gaps and who cannot come.
#[test]
fn a_season_shows_every_week_and_every_gap() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let first = book.visit(Some(norra), "2026-08-22T11:30:00+02:00");
    let second = book.visit(Some(norra), "2026-11-27T11:30:00+01:00");
    let third = book.visit(Some(norra), "2026-11-27T09:00:00+01:00");
    book.visit(Some(norra), "2026-11-30T11:30:00+01:00");
    let season = |book: &Book| book.register.season(day("2026-08-22"), day("2026-11-27"), day("2026-08-22"));
    let weeks = season(&book);
    assert_eq!(weeks.iter().map(|week| week.iso_week).collect::<Vec<_>>(), (34..=48).collect::<Vec<_>>());
    assert_eq!((weeks[0].monday, weeks[0].iso_year), (day("2026-08-17"), 2026));
    let visits = |weeks: &[SeasonWeek]| -> Vec<_> {
        let visits = weeks.iter().flat_map(|week| week.visits.clone());
        visits.map(|visit| (visit.view.visit.id, visit.gap)).collect()
    };
    let nobody = Some(StaffGap::NobodyAsked);
    assert_eq!(visits(&weeks), [(first, nobody), (third, nobody), (second, nobody)]);
    assert!(weeks[1].visits.is_empty());

    let gap = |book: &Book| visits(&season(book))[0].1;
    let asked = book.shift(first, eva, ShiftState::Asked);
    assert_eq!(gap(&book), Some(StaffGap::NoAnswer));
    book.set(asked, ShiftDraft { state: Some(ShiftState::Yes), ..Default::default() });
    assert_eq!(gap(&book), None);
    // "I can't come", and a swap.
    book.set(asked, ShiftDraft { state: Some(ShiftState::No), ..Default::default() });
    assert_eq!(gap(&book), Some(StaffGap::AllDeclined));
    book.shift(first, per, ShiftState::Yes);
    assert_eq!(gap(&book), None);
    book.close(second, VisitState::Cancelled);
    book.close(third, VisitState::Done);
    assert_eq!(visits(&season(&book)), [(first, None), (third, None), (second, None)]);
    let past = book.register.season(day("2026-11-30"), day("2026-11-30"), day("2026-12-01"));
    assert_eq!((past.len(), past[0].visits[0].gap), (1, None));
    assert!(book.register.season(day("2026-11-30"), day("2026-11-22"), day("2026-12-01")).is_empty());
    assert_eq!(book.register.season(day("1900-01-01"), day("2199-12-31"), day("2026-12-01")).len(), 157);
}

/// Practice 62: the large workplaces first, and those where nobody has been for long.
#[test]
fn coverage_puts_first_where_most_can_be_won_and_nobody_was() {
    let mut book = Book::new();
    let place = |book: &mut Book, name: &str, eligible, office| {
        let numbers = WorkplaceDraft { eligible: Some(eligible), members_office: office, ..Default::default() };
        book.add::<Workplace>(WorkplaceDraft { name: some(name), ..numbers })
    };
    let small = place(&mut book, "Small", 20, None);
    let large = place(&mut book, "Large", 300, Some(100));
    let full = place(&mut book, "Full", 400, Some(390));
    let fresh = place(&mut book, "Fresh", 900, Some(0));
    let planned = place(&mut book, "Planned", 500, Some(0));
    let closed = place(&mut book, "Closed", 999, None);
    book.set(closed, WorkplaceDraft { archived: Some(true), ..Default::default() });
    let [old, new, _, counted, idle] = [
        (large, "2026-05-22"),
        (fresh, "2026-11-01"),
        (planned, "2026-12-01"),
        (full, "2026-05-23"),
        (small, "2026-11-02"),
    ]
    .map(|(place, on)| book.visit(Some(place), &format!("{on}T11:30:00+01:00")));
    for visit in [old, new] {
        book.close(visit, VisitState::Done);
    }
    book.add::<Talk>(TalkDraft { visit: Some(counted), at: Some(book.now), ..Default::default() });
    let anna = book.contact("Anna", "", "");
    let again = book.contact("Anna", "S", "");
    for contact in [anna, again] {
        book.set(contact, ContactDraft { workplace: Some(small), ..Default::default() });
    }
    book.add::<MembershipEvent>(event(again, MembershipKind::Paying, "2020-01-01"));
    book.link(anna, again, LinkKind::SamePerson);

    let coverage = book.register.coverage(day("2026-11-22"), None);
    let told: Vec<_> = coverage.iter().map(|view| (view.name.as_str(), view.potential, view.overdue)).collect();
    // Nothing was written down at the visit to the small one: nobody was there.
    let expected =
        [("Large", 200, true), ("Small", 19, true), ("Fresh", 900, false), ("Planned", 500, true), ("Full", 10, false)];
    assert_eq!(told, expected.map(|(name, potential, overdue)| (name, Some(potential), overdue)));
    assert_eq!((coverage[0].last_on, coverage[0].visits), (Some(day("2026-05-22")), 1));
    assert_eq!((coverage[3].last_on, coverage[3].next_on), (None, Some(day("2026-12-01"))));
    assert_eq!(book.register.coverage(day("2026-11-22"), Some(1)).iter().filter(|view| view.overdue).count(), 4);
    book.close(idle, VisitState::Cancelled);
    assert_eq!(book.register.coverage(day("2026-11-22"), None), coverage);
    // A phone whose clock is years ahead closes its visit: nobody has been there for that, and no report says so.
    let ever = ReportQuery::of(day("2026-01-01"), day("2030-12-31"), day("2026-11-22"));
    let counted = |book: &Book| -> Vec<_> {
        let kinds = book.register.visits_by_kind(&ever).into_iter();
        kinds.map(|kind| (kind.planned, kind.done, kind.cancelled, kind.not_reported)).collect()
    };
    assert_eq!(counted(&book), [(1, 3, 1, 0)]);
    let ahead = book.visit(Some(large), "2030-11-22T11:30:00+01:00");
    book.set(ahead, VisitDraft { slot: some("lunch"), ..Default::default() });
    book.close(ahead, VisitState::Done);
    assert_eq!(book.register.coverage(day("2026-11-22"), None), coverage);
    assert_eq!((counted(&book), book.register.best_slots(&ever)), (vec![(1, 3, 1, 0)], vec![]));
    // Once that day has come it is what it says.
    let later = ReportQuery { today: day("2030-11-22"), ..ever.clone() };
    assert_eq!(book.register.best_slots(&later)[0].slots[0].visits, 1);
    book.check_rebuilt();
}

/// Practices 3, 4 and 23: the employer's calendar says when to come.
#[test]
fn an_employers_calendar_suggests_visits_until_they_are_planned() {
    let mut book = Book::new();
    let [norra, sodra] = ["Norra", "Södra"].map(|name| book.workplace(name));
    book.set(sodra, WorkplaceDraft { next_induction: Some(day("2026-12-06")), ..Default::default() });
    let entry = |workplace, what, on: &str| CalendarEntryDraft {
        workplace,
        what: Some(what),
        on: Some(day(on)),
        until: Some(day("2026-12-20")),
        note: None,
    };
    // The induction is known twice; a fortnight before Sunday 20 December is a Sunday.
    book.add::<CalendarEntry>(entry(Some(sodra), CalendarEvent::Induction, "2026-12-06"));
    book.add::<CalendarEntry>(entry(Some(norra), CalendarEvent::PayReview, "2026-12-20"));
    book.add::<CalendarEntry>(entry(None, CalendarEvent::Reorganisation, "2026-12-16"));
    book.add::<CalendarEntry>(entry(Some(norra), CalendarEvent::TermStart, "2027-01-18"));
    let suggested = |book: &Book| -> Vec<_> {
        let visits = book.register.suggested_visits(day("2026-12-01"), day("2026-12-31")).into_iter();
        visits.map(|visit| (visit.workplace_name, visit.draft.kind, visit.suggested_on.to_string())).collect()
    };
    let table = (some("Norra"), Some(VisitKind::Table), "2026-12-04".to_owned());
    let induction = (some("Södra"), Some(VisitKind::Induction), "2026-12-06".to_owned());
    let everywhere = (None, Some(VisitKind::Meeting), "2026-12-09".to_owned());
    assert_eq!(suggested(&book), [table, induction.clone(), everywhere.clone()]);

    let visit = book.visit(Some(norra), "2026-11-27T11:30:00+01:00");
    assert_eq!(suggested(&book), [induction.clone(), everywhere.clone()]);
    book.close(visit, VisitState::Cancelled);
    assert_eq!(suggested(&book).len(), 3);
    book.set(sodra, WorkplaceDraft { archived: Some(true), ..Default::default() });
    assert_eq!(suggested(&book).len(), 2);
    book.check_rebuilt();
}

/// Practice 23: a pay review that is heard of ten days before is not too near for a visit.
#[test]
fn what_is_heard_of_late_is_suggested_for_the_first_day() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let (what, on) = (Some(CalendarEvent::PayReview), Some(day("2026-12-11")));
    book.add::<CalendarEntry>(CalendarEntryDraft { workplace: Some(norra), what, on, ..Default::default() });
    let suggested = |book: &Book, from: &str| -> Vec<_> {
        let visits = book.register.suggested_visits(day(from), day("2026-12-31")).into_iter();
        visits.map(|visit| visit.suggested_on.to_string()).collect()
    };
    assert_eq!(suggested(&book, "2026-11-20"), ["2026-11-27"]);
    assert_eq!(suggested(&book, "2026-12-01"), ["2026-12-01"]);
    assert_eq!(suggested(&book, "2026-12-11"), ["2026-12-11"]);
    assert_eq!(suggested(&book, "2026-12-12"), [""; 0]);
    book.visit(Some(norra), "2026-11-26T11:30:00+01:00");
    assert_eq!(suggested(&book, "2026-12-01"), [""; 0]);
}

/// Practice 4: what a calendar says of every workplace is answered by a visit for all of them, or by one at each site.
#[test]
fn what_concerns_every_workplace_is_answered_for_all_or_at_each_site() {
    let mut book = Book::new();
    let [norra, sodra] = ["Norra", "Södra"].map(|name| book.workplace(name));
    let unit = WorkplaceDraft { name: some("Södra, akuten"), parent: Some(sodra), ..Default::default() };
    let unit: Id<Workplace> = book.add(unit);
    let (what, on) = (Some(CalendarEvent::Reorganisation), Some(day("2026-12-16")));
    book.add::<CalendarEntry>(CalendarEntryDraft { what, on, ..Default::default() });
    let waits = |book: &Book| !book.register.suggested_visits(day("2026-12-01"), day("2026-12-31")).is_empty();
    let calls = book.visit(None, "2026-12-09T16:30:00+01:00");
    book.set(calls, VisitDraft { kind: Some(VisitKind::Calls), ..Default::default() });
    book.visit(Some(norra), "2026-12-10T11:30:00+01:00");
    assert!(waits(&book));
    let at_unit = book.visit(Some(unit), "2026-12-11T11:30:00+01:00");
    assert!(!waits(&book));
    book.close(at_unit, VisitState::Cancelled);
    assert!(waits(&book));
    book.visit(None, "2026-12-09T11:30:00+01:00");
    assert!(!waits(&book));
}
