//! New hires.

use super::*;

fn hired(book: &mut Book, name: &str, workplace: Option<Id<Workplace>>, on: &str) -> Id<Contact> {
    let contact = book.contact(name, "", "");
    book.set(contact, ContactDraft { workplace, hired_on: Some(day(on)), ..Default::default() });
    contact
}

/// 1 contact every new hire, 2 several share them, 15 new hires per year. (Also
/// `relations::new_colleagues_queue_at_their_workplace`, `rules::rows_of_one_cause_read_as_one`.)
#[test]
fn a_queue_for_each_workplace_says_who_was_caught() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let eva = book.person("Eva");
    let anna = hired(&mut book, "Anna", Some(norra), "2026-11-02");
    hired(&mut book, "Bo", Some(norra), "2026-11-09");
    hired(&mut book, "Cia", None, "2026-12-01");
    hired(&mut book, "Early", Some(norra), "2026-03-01");
    book.talk(Some(anna), "2026-11-03T09:00:00+01:00", TalkDraft { by: Some(eva), ..Default::default() });
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-11-03"));
    assert_eq!(
        table(&book, Report::NewHires, &autumn()),
        ["Norra|2|1|50.0 %|1|50.0 %", "not_said|1|0|0.0 %|0|0.0 %", "=|3|1|33.3 %|1|33.3 %"]
    );
    let queue = book.register.new_hires(day("2026-11-01"), Date::MAX);
    assert_eq!((queue.len(), queue[0].hires[0].contacted_by.clone()), (2, vec!["Eva".to_owned()]));
    assert_eq!(queue[0].hires[1].contacted_on, None);
}

/// 3 speak at the employer's induction, 4 keep a line to HR for its dates.
#[test]
fn the_induction_is_a_visit_of_its_own() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let hr = WorkplaceDraft { hr_name: some("Kim"), next_induction: Some(day("2026-12-07")), ..Default::default() };
    book.set(norra, hr);
    let hus = book.workplace("Hus 3");
    book.set(hus, WorkplaceDraft { parent: Some(norra), ..Default::default() });
    for place in [norra, hus] {
        let card = book.register.workplace_card(place, &autumn()).unwrap();
        assert_eq!((card.hr_name.as_deref(), card.next_induction), (Some("Kim"), Some(day("2026-12-07"))));
    }
    let suggested = book.register.suggested_visits(day("2026-12-01"), day("2026-12-31")).remove(0);
    assert_eq!((suggested.draft.kind, suggested.suggested_on), (Some(VisitKind::Induction), day("2026-12-07")));
    let starts_at = Some(moment("2026-12-07T09:00:00+01:00"));
    let visit = book.add(VisitDraft { starts_at, state: Some(VisitState::Done), ..suggested.draft });
    book.counts(visit, TallyKind::PassedBy, "", 18);
    assert!(book.register.suggested_visits(day("2026-12-01"), day("2026-12-31")).is_empty());
    assert_eq!(table(&book, Report::Visits, &autumn())[0], "induction|0|1|0|0|0|0|18|0|0");
}

/// 84 a welcome on the first day, 86 a second talk a month later. (Also `rules::a_first_day_calls_for_a_welcome_and_a_second_talk`.)
#[test]
fn the_welcome_and_the_second_talk_come_by_themselves() {
    let mut book = Book::new();
    hired(&mut book, "Anna", None, "2026-11-02");
    let reason = |on| book.register.automatic(day(on)).first().map(|view| (view.reason, view.due));
    assert_eq!(reason("2026-11-02"), Some((AutomaticReason::FirstDay, day("2026-11-02"))));
    assert_eq!(reason("2026-12-02"), Some((AutomaticReason::FirstMonth, day("2026-12-02"))));
}
