//! Visits that repeat, and rows that are one visit.

use super::*;

fn repeats(book: &mut Book, on: &str, until: &str) -> Id<Visit> {
    let norra = book.workplace("Norra");
    let first = book.visit(Some(norra), &format!("{on}T11:30:00+02:00"));
    let rule = VisitDraft { every_weeks: Some(2), repeat_until: Some(day(until)), ..Default::default() };
    book.set(first, VisitDraft { spot: some("canteen"), topic: some("pay"), ..rule });
    first
}

fn plan(book: &mut Book, first: Id<Visit>, on: &str) -> Id<Visit> {
    let row = book.register.get(first).unwrap().clone();
    book.add(book.register.occurrence(&row, day(on)))
}

fn days(book: &Book, first: Id<Visit>) -> Vec<(String, SeriesDayState)> {
    let series = book.register.series(first, day("2026-09-01")).unwrap();
    series.days.into_iter().map(|day| (day.on.to_string(), day.state)).collect()
}

#[test]
fn a_rule_tells_which_days_have_no_visit_yet() {
    use SeriesDayState::{Holiday, Made, Removed, ToMake};
    let mut book = Book::new();
    let first = repeats(&mut book, "2026-09-07", "2026-11-02");
    let all = ["2026-09-21", "2026-10-05", "2026-10-19", "2026-11-02"];
    let as_told = |states: [SeriesDayState; 4]| all.map(str::to_owned).into_iter().zip(states).collect::<Vec<_>>();
    assert_eq!(days(&book, first), as_told([ToMake; 4]));

    let [moved, gone] = ["2026-09-21", "2026-10-05"].map(|on| plan(&mut book, first, on));
    book.set(moved, VisitDraft { starts_at: Some(moment("2026-09-22T11:30:00+02:00")), ..Default::default() });
    book.change(Table::Visits, gone, |state| state.live = false);
    let place = book.register.get(first).unwrap().workplace;
    let school = book.workplace("School");
    let autumn = |workplace, note: &str| CalendarEntryDraft {
        workplace,
        what: Some(CalendarEvent::Holiday),
        on: Some(day("2026-10-12")),
        until: Some(day("2026-10-25")),
        note: some(note),
    };
    book.add::<CalendarEntry>(autumn(Some(school), "not here"));
    assert_eq!(days(&book, first), as_told([Made, Removed, ToMake, ToMake]));
    book.add::<CalendarEntry>(autumn(place, "autumn holiday"));
    assert_eq!(days(&book, moved), as_told([Made, Removed, Holiday, ToMake]));
    let holiday = &book.register.series(first, day("2026-09-01")).unwrap().days[2].holiday;
    assert_eq!(holiday.as_deref(), Some("autumn holiday"));

    // A rule that changes leaves behind what it no longer gives.
    book.set(first, VisitDraft { every_weeks: Some(3), ..Default::default() });
    let series = book.register.series(first, day("2026-09-01")).unwrap();
    assert_eq!((series.left_over, series.days.len()), (vec![moved], 2));
    assert_eq!(book.register.series(first, day("2026-10-01")).unwrap().left_over, []);
    book.change(Table::Visits, first, |state| state.live = false);
    assert_eq!(book.register.series(moved, day("2026-09-01")), None);
    book.check_rebuilt();
}

#[test]
fn two_rows_for_one_day_are_one_visit() {
    let mut book = Book::new();
    let first = repeats(&mut book, "2026-09-07", "2026-11-02");
    let [mine, theirs] = [first, first].map(|first| plan(&mut book, first, "2026-09-21"));
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let week = |book: &Book| {
        let week = book.register.week(day("2026-09-21"), day("2026-09-21"));
        week.days.into_iter().flat_map(|day| day.visits).collect::<Vec<_>>()
    };
    assert_eq!(week(&book).iter().map(|view| view.visit.id).collect::<Vec<_>>(), [mine]);

    for (visit, person) in [(mine, eva), (theirs, per)] {
        let state = Some(ShiftState::Yes);
        book.add::<Shift>(ShiftDraft { visit: Some(visit), person: Some(person), state, note: None });
        let talked = TallyDraft { visit: Some(visit), kind: Some(TallyKind::Talked), ..Default::default() };
        book.add::<Tally>(TallyDraft { device: Some(book.device), n: Some(7), ..talked });
    }
    book.add::<Shift>(ShiftDraft { visit: Some(mine), person: Some(per), state: Some(ShiftState::No), note: None });
    let anna = book.contact("Anna", "", "");
    let signed =
        |visit| MembershipEventDraft { visit: Some(visit), ..event(anna, MembershipKind::Signed, "2026-09-21") };
    book.add::<MembershipEvent>(signed(mine));
    book.add::<MembershipEvent>(signed(theirs));
    let view = week(&book).remove(0);
    let staff: Vec<_> = view.staff.iter().map(|staff| (staff.name.as_str(), staff.state)).collect();
    assert_eq!(staff, [("Eva", ShiftState::Yes), ("Per", ShiftState::No)]);
    assert_eq!((view.talked, view.signed), (14, 1));
    assert_eq!(book.register.table_summary(theirs), book.register.table_summary(mine));
    assert_eq!(book.register.coverage(day("2026-09-30"), None)[0].visits, 1);

    // What somebody changed wins over what the series says; done wins over called off.
    book.set(theirs, VisitDraft { spot: some("hall"), state: Some(VisitState::Done), ..Default::default() });
    book.set(mine, VisitDraft { topic: some("parking"), state: Some(VisitState::Cancelled), ..Default::default() });
    let read = week(&book).remove(0).visit;
    assert_eq!(
        (read.spot.as_deref(), read.topic.as_deref(), read.state),
        (Some("hall"), Some("parking"), Some(VisitState::Done))
    );
    book.set(mine, VisitDraft { spot: some("stairs"), ..Default::default() });
    assert_eq!(week(&book).remove(0).visit.spot.as_deref(), Some("stairs"));
    book.change(Table::Visits, mine, |state| state.live = false);
    assert_eq!(week(&book).iter().map(|view| view.visit.id).collect::<Vec<_>>(), [theirs]);
    book.check_rebuilt();
}
