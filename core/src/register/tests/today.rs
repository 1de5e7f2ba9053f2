//! What a steward has before them today.

use super::*;

impl Book {
    fn owes(&mut self, what: &str, owner: Option<Id<Person>>, due: Option<&str>, of: FollowUpDraft) -> Id<FollowUp> {
        self.add(FollowUpDraft { what: some(what), owner, due: due.map(day), ..of })
    }

    fn asks(&mut self, person: Id<Person>, on: &str, state: ShiftState) -> Id<Visit> {
        let visit = self.visit(None, &format!("{on}T11:30:00+01:00"));
        self.add::<Shift>(ShiftDraft { visit: Some(visit), person: Some(person), state: Some(state), note: None });
        visit
    }
}

/// Practices 1, 71, 89: what is one's own and what is nobody's, each once; what a colleague has taken is left to them.
#[test]
fn today_has_what_is_ones_own_and_what_is_nobodys() {
    let mut book = Book::new();
    let today = day("2026-11-23");
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    for (what, owner, due) in [
        ("today", None, Some("2026-11-23")),
        ("some day", Some(eva), None),
        ("late", Some(eva), Some("2026-11-20")),
        ("tomorrow", Some(eva), Some("2026-11-24")),
        ("of Per", Some(per), Some("2026-11-20")),
    ] {
        book.owes(what, owner, due, FollowUpDraft::default());
    }
    let [fia, gus] = ["Fia", "Gus"].map(|name| book.contact(name, "", ""));
    for (contact, owner) in [(fia, None), (gus, Some(per))] {
        book.set(contact, ContactDraft { hired_on: Some(today), owner, ..Default::default() });
    }
    // The free months end on 30 November; the calls are due since the 16th.
    let offer = Some(book.add(CampaignDraft { name: some("Summer"), trial_months: Some(3), ..Default::default() }));
    let [anna, bo, cia, dan, eli] =
        ["Anna", "Bo", "Cia", "Dan", "Eli"].map(|name| book.contact(name, "", "070-174 06 12"));
    for contact in [anna, bo, cia, dan, eli] {
        let signed = event(contact, MembershipKind::Signed, "2026-08-30");
        book.add::<MembershipEvent>(MembershipEventDraft { campaign: offer, ..signed });
    }
    let call = |book: &Book, contact: Id<Contact>| {
        let calls = book.register.call_list(day("2026-11-30"), day("2026-11-30"), today);
        calls.into_iter().find(|call| call.contact == contact).unwrap().draft
    };
    for (contact, owner, due) in
        [(anna, eva, "2026-11-16"), (cia, per, "2026-11-16"), (dan, eva, "2026-12-01"), (eli, eva, "2026-11-16")]
    {
        let draft = call(&book, contact);
        book.owes("call", Some(owner), Some(due), draft);
    }
    let reached = book.now;
    let draft = call(&book, eli);
    book.owes("call", Some(per), None, FollowUpDraft { done_at: Some(reached), ..draft });

    let told = |book: &Book, person| {
        let view = book.register.today(person, today);
        let due: Vec<_> = view.due.into_iter().filter_map(|due| due.follow_up.what).collect();
        let calls: Vec<_> = view.calls.into_iter().map(|call| call.name).collect();
        (due, view.automatic.into_iter().map(|due| due.name).collect::<Vec<_>>(), calls)
    };
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let of_eva = (list(&["late", "today", "some day"]), list(&["Fia"]), list(&["Anna", "Bo"]));
    assert_eq!(told(&book, Some(eva)), of_eva);
    assert_eq!(told(&book, Some(per)), (list(&["of Per", "today"]), list(&["Fia", "Gus"]), list(&["Bo", "Cia"])));
    assert_eq!(told(&book, None), (list(&["today"]), list(&["Fia"]), list(&["Bo"])));

    // Two who took the same call both see it, and the other's name.
    let draft = call(&book, anna);
    book.owes("call", Some(per), Some("2026-11-16"), draft);
    assert_eq!(told(&book, Some(eva)), of_eva);
    assert_eq!(told(&book, Some(per)).2, list(&["Anna", "Bo", "Cia"]));
    book.check_rebuilt();
}

/// Practices 65–67: one's shifts of today and of the week after it, what one has not answered, and where nobody comes.
#[test]
fn today_has_ones_shifts_and_the_gaps() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let yes = ShiftState::Yes;
    let [late, now, next, _] =
        ["2026-11-22", "2026-11-23", "2026-11-30", "2026-12-01"].map(|on| book.asks(eva, on, yes));
    let soon = book.asks(eva, "2026-11-26", ShiftState::Asked);
    let far = book.asks(eva, "2027-02-01", ShiftState::Asked);
    let over = book.asks(eva, "2026-11-23", ShiftState::Asked);
    book.set(over, VisitDraft { state: Some(VisitState::Done), ..Default::default() });
    let [nobody, _] = ["2026-12-07", "2026-12-08"].map(|on| book.visit(None, &format!("{on}T11:30:00+01:00")));
    let view = book.register.today(Some(eva), day("2026-11-23"));
    let visits = |shifts: &[ShiftView]| shifts.iter().map(|shift| shift.visit.view.visit.id).collect::<Vec<_>>();
    assert_eq!((visits(&view.shifts), visits(&view.next_shifts)), (vec![now], vec![next]));
    assert_eq!(visits(&view.asked), [soon, far]);
    let gaps = |view: &TodayView| view.gaps.iter().map(|gap| gap.view.visit.id).collect::<Vec<_>>();
    assert_eq!(gaps(&view), [soon, nobody]);
    let colleague = book.register.today(Some(per), day("2026-11-23"));
    assert_eq!((visits(&colleague.shifts), gaps(&colleague)), (vec![], vec![soon, nobody]));
    assert_eq!(visits(&book.register.today(Some(eva), day("2026-11-22")).shifts), [late]);
    book.check_rebuilt();
}
