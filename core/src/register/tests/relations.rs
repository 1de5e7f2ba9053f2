//! Calls, new colleagues, long silences, and what a steward leaves behind.

use super::*;

fn trial(book: &mut Book, contact: Id<Contact>, offer: Id<Campaign>, on: &str) {
    book.add::<MembershipEvent>(MembershipEventDraft {
        campaign: Some(offer),
        ..event(contact, MembershipKind::Signed, on)
    });
}

fn called(book: &Book) -> Vec<(String, i64, Option<CallDecision>)> {
    let calls = book.register.call_list(day("2026-11-01"), day("2026-11-30"), day("2026-11-10")).into_iter();
    calls.map(|call| (call.name, call.days_left, call.decision)).collect()
}

/// Practices 70 and 71: the members of August are called before they start to pay.
#[test]
fn the_call_list_follows_the_end_of_the_free_months() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Summer"), trial_months: Some(3), ..Default::default() });
    let eva = book.person("Eva");
    let [anna, bo, cia, dan, eli] =
        ["Anna", "Bo", "Cia", "Dan", "Eli"].map(|name| book.contact(name, "", "070-174 06 12"));
    for (contact, on) in [(anna, "2026-08-22"), (bo, "2026-08-05"), (cia, "2026-08-30"), (dan, "2026-09-01")] {
        trial(&mut book, contact, offer, on);
    }
    trial(&mut book, eli, offer, "2026-08-10");
    book.set(eli, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    assert_eq!(called(&book), [("Bo".into(), -5, None), ("Anna".into(), 12, None), ("Cia".into(), 20, None)]);

    let left = MembershipEventDraft { reason: some("too dear"), ..event(bo, MembershipKind::Left, "2026-11-05") };
    book.add::<MembershipEvent>(left);
    book.add::<MembershipEvent>(event(cia, MembershipKind::Paying, "2026-11-08"));
    book.add::<MembershipEvent>(event(eli, MembershipKind::Paying, "2026-11-09"));
    let (leaves, stays) = (Some(CallDecision::Leaves), Some(CallDecision::Stays));
    let decided = [("Bo".into(), -5, leaves), ("Eli".into(), 0, stays), ("Cia".into(), 20, stays)];
    assert_eq!(called(&book), [&[("Anna".into(), 12, None)], &decided[..]].concat());
    let calls = book.register.call_list(day("2026-11-01"), day("2026-11-30"), day("2026-11-10"));
    assert_eq!((calls[1].reason.as_deref(), calls[1].decided_on), (Some("too dear"), Some(day("2026-11-05"))));
    assert_eq!((calls[0].campaign_name.as_deref(), calls[0].signed_on), (Some("Summer"), Some(day("2026-08-22"))));

    let taken = FollowUpDraft { what: some("call"), owner: Some(eva), ..calls[0].draft.clone() };
    assert_eq!(taken.due, Some(day("2026-11-08")));
    let row: Id<FollowUp> = book.add(taken);
    book.set(row, FollowUpDraft { attempts: Some(2), outcome: some("no answer"), ..Default::default() });
    let call = book.register.call_list(day("2026-11-01"), day("2026-11-30"), day("2026-11-10")).remove(0);
    assert_eq!(
        (call.owner_name.as_deref(), call.attempts, call.outcome.as_deref()),
        (Some("Eva"), 2, Some("no answer"))
    );
    assert_eq!((call.follow_up.map(|row| row.id), call.also.len()), (Some(row), 0));
    book.check_rebuilt();
}

/// Practice 2, on the phone: two took the same call while neither had a network.
#[test]
fn two_who_took_the_same_call_hear_of_each_other() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Summer"), trial_months: Some(3), ..Default::default() });
    let anna = book.contact("Anna", "", "");
    trial(&mut book, anna, offer, "2026-08-22");
    let call = |book: &Book| book.register.call_list(day("2026-11-22"), day("2026-11-22"), day("2026-11-22")).remove(0);
    let draft = call(&book).draft;
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let take = |owner, attempts, outcome: Option<&str>| FollowUpDraft {
        what: some("call"),
        owner: Some(owner),
        attempts: Some(attempts),
        outcome: outcome.map(str::to_owned),
        ..draft.clone()
    };
    let first: Id<FollowUp> = book.add(take(eva, 1, Some("will think")));
    let second: Id<FollowUp> = book.add(take(per, 2, None));
    let both = call(&book);
    assert_eq!((both.owner_name.as_deref(), both.also_names), (Some("Per"), vec!["Eva".to_owned()]));
    assert_eq!((both.attempts, both.outcome.as_deref()), (3, Some("will think")));
    assert_eq!(both.also.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
    book.set(second, FollowUpDraft { owner: Some(eva), ..Default::default() });
    assert_eq!(call(&book).also_names, [""; 0]);
}

/// Practices 33 and 70: a call is about a sign-up, whatever day the free months end on in the end.
#[test]
fn a_call_stays_taken_when_the_free_months_are_changed() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Summer"), trial_months: Some(3), ..Default::default() });
    let [anna, bo] = ["Anna", "Bo"].map(|name| book.contact(name, "", ""));
    let eva = book.person("Eva");
    let calls = |book: &Book, until: &str| -> BTreeMap<_, _> {
        let calls = book.register.call_list(day("2026-11-01"), day(until), day("2026-11-23")).into_iter();
        calls.map(|call| (call.contact, call)).collect()
    };
    let signed = event(anna, MembershipKind::Signed, "2026-08-22");
    let signed = book.add::<MembershipEvent>(MembershipEventDraft { campaign: Some(offer), ..signed });
    trial(&mut book, bo, offer, "2026-08-22");
    let draft = calls(&book, "2026-11-30")[&anna].draft.clone();
    let mut take = |contact, cause| -> Id<FollowUp> {
        let (what, owner, contact) = (some("call"), Some(eva), Some(contact));
        book.add(FollowUpDraft { what, owner, contact, cause, ..draft.clone() })
    };
    // Bo's row is of a version that named the end.
    let rows = [take(anna, draft.cause.clone()), take(bo, some("trial_ends 2026-11-22"))];
    let taken = |book: &Book, until: &str| {
        let calls = calls(book, until);
        [anna, bo].map(|contact| calls[&contact].follow_up.as_ref().map(|row| row.id))
    };
    assert_eq!(taken(&book, "2026-12-31"), rows.map(Some));
    book.set(offer, CampaignDraft { trial_months: Some(4), ..Default::default() });
    assert_eq!(taken(&book, "2026-12-31"), rows.map(Some));
    assert_eq!(book.register.automatic(day("2026-12-10")), []);
    // Who helps with Bo's names it as Eva did.
    assert_eq!(calls(&book, "2026-12-31")[&bo].draft.cause.as_deref(), Some("trial_ends 2026-11-22"));
    book.set(signed, MembershipEventDraft { on: Some(day("2026-09-05")), ..Default::default() });
    assert_eq!(taken(&book, "2027-01-31"), rows.map(Some));
    // Whoever comes back is another call.
    trial(&mut book, anna, offer, "2027-06-01");
    trial(&mut book, bo, offer, "2027-06-01");
    assert_eq!(taken(&book, "2027-12-31"), [None, None]);
    book.check_rebuilt();
}

/// Practices 17 and 70: whoever signs again within weeks has free months of their own, and a call of their own.
#[test]
fn a_call_about_one_sign_up_is_not_about_the_next() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Month"), trial_months: Some(1), ..Default::default() });
    let anna = book.contact("Anna", "", "");
    trial(&mut book, anna, offer, "2026-01-10");
    book.now = moment("2026-01-28T10:00:00+01:00");
    let call = |book: &Book, today: &str| book.register.automatic(day(today)).into_iter().map(|view| view.draft).next();
    let first = call(&book, "2026-01-28").unwrap();
    book.add::<FollowUp>(FollowUpDraft { what: some("call"), done_at: Some(book.now), ..first });
    assert_eq!(call(&book, "2026-01-28"), None);
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2026-02-10"));
    trial(&mut book, anna, offer, "2026-03-01");
    let second = call(&book, "2026-03-20").unwrap();
    assert_eq!(second.cause.as_deref(), Some("trial_ends signed 2026-03-01"));
    // Whoever takes it has an open call, though the first one is done.
    book.add::<FollowUp>(FollowUpDraft { what: some("call"), ..second });
    assert_eq!(call(&book, "2026-03-20"), None);
    assert_eq!(book.register.due(day("2026-03-20")).len(), 1);
    book.check_rebuilt();
}

/// Practice 2: whoever took a call weeks ago is told of the colleague who took it now.
#[test]
fn two_who_call_are_told_as_late_as_the_last_of_them_took_it() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "");
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let (kind, cause) = (Some(FollowUpKind::Call), some("trial_ends 2027-01-15"));
    let call = FollowUpDraft { what: some("call"), kind, cause, contact: Some(anna), ..Default::default() };
    book.add::<FollowUp>(FollowUpDraft { owner: Some(eva), ..call.clone() });
    book.now += Duration::days(40);
    book.add::<FollowUp>(FollowUpDraft { owner: Some(per), ..call });
    assert_eq!(book.register.call_clashes(book.now.date_naive()).len(), 1);
}

/// Practices 2 and 84: two phones that knew of different days, or are of different versions, took one thing.
#[test]
fn rows_that_name_one_day_in_other_words_are_of_one_cause() {
    let one = |first: (&str, &str), second: (&str, &str)| {
        let mut book = Book::new();
        book.now = moment("2026-03-20T10:00:00+01:00");
        let anna = book.contact("Anna", "", "");
        let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
        let draft = |owner, (cause, due): (&str, &str)| FollowUpDraft {
            what: some("talk"),
            kind: Some(FollowUpKind::Call),
            contact: Some(anna),
            cause: some(cause),
            due: due.parse().ok(),
            owner: Some(owner),
            ..Default::default()
        };
        let row: Id<FollowUp> = book.add(draft(eva, first));
        let other: Id<FollowUp> = book.add(draft(per, second));
        let open = book.register.due(day("2026-12-31"));
        let known = book.register.rows_of_cause(&draft(per, second)).len();
        let clashes = book.register.call_clashes(day("2026-03-01")).len();
        let done = FollowUpDraft { done_at: Some(book.now), ..Default::default() };
        book.set(row, done.clone());
        let left = book.register.due(day("2026-12-31")).len();
        book.set(other, done);
        let all_done = book.register.done_follow_ups(book.register.all()).len();
        book.check_rebuilt();
        (open.len(), known, clashes, left, all_done)
    };
    let (same, apart) = ((1, 2, 1, 0, 1), (2, 1, 0, 1, 2));
    let (late, early) = (("first_day 2026-Q2", "2026-04-01"), ("first_day 2026-Q1", "2026-03-30"));
    let (of_year, autumn) = (("first_day 2026", "2026-03-30"), ("first_day 2026-Q3", "2026-08-17"));
    assert_eq!([one(early, late), one(of_year, late), one(early, autumn)], [same, same, apart]);
    assert_eq!(one(("first_month 2026-Q1", "2026-04-29"), late), apart);
    let (signed, end) = (("trial_ends signed 2025-12-31", "2026-03-17"), ("trial_ends 2026-03-31", ""));
    assert_eq!([one(end, signed), one(("trial_ends 2027-03-31", ""), signed)], [same, apart]);
    assert_eq!(one(("refill one", "2026-03-30"), ("refill two", "2026-03-30")), apart);
}

/// Practices 1 and 2: the queue of new colleagues at each workplace, with who has caught whom.
#[test]
fn new_colleagues_queue_at_their_workplace() {
    let mut book = Book::new();
    let [norra, sodra] = ["Norra", "Södra"].map(|name| book.workplace(name));
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let hired = |book: &mut Book, name: &str, workplace, on: &str| {
        let contact = book.contact(name, "", "");
        book.set(contact, ContactDraft { workplace, hired_on: Some(day(on)), ..Default::default() });
        contact
    };
    let late = hired(&mut book, "Anna", Some(norra), "2026-12-01");
    let early = hired(&mut book, "Bo", Some(norra), "2026-11-02");
    hired(&mut book, "Cia", None, "2026-11-09");
    hired(&mut book, "Dan", Some(sodra), "2026-11-09");
    hired(&mut book, "Old", Some(sodra), "2026-08-01");
    let peace = hired(&mut book, "Eli", Some(sodra), "2026-11-09");
    book.set(peace, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    let twice = hired(&mut book, "Bo", None, "2026-11-03");
    book.link(early, twice, LinkKind::SamePerson);

    let queue = book.register.new_hires(day("2026-11-01"), Date::MAX);
    let names = |view: &NewHiresView| view.hires.iter().map(|hire| hire.name.clone()).collect::<Vec<_>>();
    let queues: Vec<_> = queue.iter().map(|view| (view.workplace_name.as_deref(), names(view))).collect();
    let expected = [(Some("Norra"), vec!["Bo", "Anna"]), (Some("Södra"), vec!["Dan"]), (None, vec!["Cia"])];
    assert_eq!(queues, expected.map(|(place, names)| (place, names.into_iter().map(str::to_owned).collect())));
    assert_eq!((queue[0].hires[0].contacted_on, queue[0].hires[0].owner_name.as_deref()), (None, None));

    let welcome = book.register.automatic(day("2026-11-02")).remove(0).draft;
    book.add::<FollowUp>(FollowUpDraft { what: some("welcome"), owner: Some(per), ..welcome });
    for (by, at) in
        [(per, "2026-11-05T11:30:00+01:00"), (eva, "2026-11-04T11:30:00+01:00"), (eva, "2025-01-01T11:30:00+01:00")]
    {
        book.add::<Talk>(TalkDraft { contact: Some(twice), by: Some(by), at: Some(moment(at)), ..Default::default() });
    }
    let hire = book.register.new_hires(day("2026-11-01"), Date::MAX).remove(0).hires.remove(0);
    assert_eq!((hire.owner_name.as_deref(), hire.contacted_on), (Some("Per"), Some(day("2026-11-04"))));
    assert_eq!(hire.contacted_by, ["Eva", "Per"]);
    assert!(book.register.new_hires(day("2026-12-02"), Date::MAX).is_empty());
    assert_eq!(book.register.new_hires(day("2026-12-01"), Date::MAX)[0].hires[0].contact, late);
}

/// Practices 28, 47 and 48: nobody is forgotten.
#[test]
fn whoever_was_not_spoken_with_for_months_is_listed() {
    let mut book = Book::new();
    let [anna, bo, cia, former, peace] =
        ["Anna", "Bo", "Cia", "Former", "Peace"].map(|name| book.contact(name, "", ""));
    let talk = |contact, at: &str| TalkDraft { contact: Some(contact), at: Some(moment(at)), ..Default::default() };
    book.add::<Talk>(talk(anna, "2025-11-23T11:30:00+01:00"));
    book.add::<Talk>(talk(bo, "2026-05-31T11:30:00+01:00"));
    book.add::<MembershipEvent>(event(cia, MembershipKind::Signed, "2026-08-31"));
    book.add::<MembershipEvent>(event(former, MembershipKind::Left, "2020-01-01"));
    book.set(peace, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    let listed = |book: &Book, today: &str, months| -> Vec<_> {
        let views = book.register.not_spoken_with(day(today), months).into_iter();
        views.map(|view| (view.name, view.last_on.map(|day| day.to_string()))).collect()
    };
    let silent = |name: &str, on: &str| (name.to_owned(), some(on));
    assert_eq!(listed(&book, "2026-11-22", None), []);
    assert_eq!(listed(&book, "2026-11-23", None), [silent("Anna", "2025-11-23")]);
    assert_eq!(listed(&book, "2026-11-30", Some(6)), [silent("Anna", "2025-11-23"), silent("Bo", "2026-05-31")]);
    assert_eq!(listed(&book, "2027-02-27", Some(6)).len(), 2);
    assert_eq!(listed(&book, "2027-02-28", Some(6)).last(), Some(&silent("Cia", "2026-08-31")));
    book.add::<Setting>(SettingDraft { cadence_months: Some(6), ..Default::default() });
    assert_eq!(listed(&book, "2026-11-30", None).len(), 2);
    // Written down on 23 November and never spoken with.
    let never = book.contact("Never", "", "");
    assert_eq!(listed(&book, "2027-05-22", Some(6)).last(), Some(&silent("Cia", "2026-08-31")));
    assert_eq!(listed(&book, "2027-05-23", Some(6)).last(), Some(&("Never".to_owned(), None)));
    book.link(anna, never, LinkKind::SamePerson);
    assert_eq!(listed(&book, "2027-05-23", Some(6)).len(), 3);
}

/// Practice 90: a steward leaves, and nothing that was promised is forgotten.
#[test]
fn a_steward_who_leaves_hands_every_open_promise_over() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let anna = book.contact("Anna", "", "");
    book.set(anna, ContactDraft { owner: Some(eva), ..Default::default() });
    let other = book.contact("Bo", "", "");
    book.set(other, ContactDraft { owner: Some(per), ..Default::default() });
    let promise = |owner, cause: Option<&str>, done_at| FollowUpDraft {
        what: some("parking"),
        contact: Some(anna),
        owner: Some(owner),
        cause: cause.map(str::to_owned),
        done_at,
        ..Default::default()
    };
    let open: Id<FollowUp> = book.add(promise(eva, None, None));
    let twin: Id<FollowUp> = book.add(promise(eva, Some("trial_ends 2026-11-22"), None));
    book.add::<FollowUp>(promise(per, Some("trial_ends 2026-11-22"), None));
    book.add::<FollowUp>(promise(eva, None, Some(book.now)));
    book.add::<FollowUp>(promise(eva, Some("done by another"), None));
    book.add::<FollowUp>(promise(per, Some("done by another"), Some(book.now)));
    book.add::<FollowUp>(promise(per, None, None));

    let patches = book.register.hand_over(eva, per);
    assert_eq!(patches.iter().map(|patch| patch.id).collect::<Vec<_>>(), [open.row(), twin.row(), anna.row()]);
    for patch in patches {
        patch.check().unwrap();
        book.set(patch.id, patch.set);
    }
    assert_eq!(book.register.hand_over(eva, per), []);
    assert_eq!(book.register.hand_over(per, eva).len(), 6);
    book.check_rebuilt();
}
