//! Talks.

use super::*;

/// 81, 87 more than one talk is needed: invite again.
#[test]
fn more_than_one_talk_is_needed() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "");
    let invited = |answer| TalkDraft { invited: Some(true), answer: Some(answer), ..Default::default() };
    book.talk(Some(anna), "2026-09-01T10:00:00+02:00", invited(TalkAnswer::NotNow));
    book.talk(Some(anna), "2026-10-01T10:00:00+02:00", invited(TalkAnswer::Thinking));
    book.talk(Some(anna), "2026-10-02T10:00:00+02:00", TalkDraft::default());
    let history = book.register.talk_history(anna);
    assert_eq!((history.talks, history.invitations, history.last_answer), (3, 2, Some(TalkAnswer::Thinking)));
    assert_eq!(history.last_on, Some(day("2026-10-02")));
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-10-03"));
    assert_eq!(table(&book, Report::Conversion, &autumn())[0], "not_said|3|1|1|1|100.0 %|0|0.0 %");
}

/// 82, 83 the occasions for a talk, 22 its channel, 53 one-to-one. (84 and 86 are under new hires, 85 below.)
#[test]
fn every_occasion_has_its_results() {
    let mut book = Book::new();
    let mut expected = Vec::new();
    for (nth, occasion) in Occasion::ALL.iter().enumerate() {
        let contact = book.contact(&format!("Person {nth}"), "", "");
        let channel = Some(Channel::ALL[nth % Channel::ALL.len()]);
        let talk = TalkDraft { occasion: Some(*occasion), channel, ..Default::default() };
        book.talk(Some(contact), "2026-10-01T10:00:00+02:00", talk);
        if nth % 2 == 0 {
            book.add::<MembershipEvent>(event(contact, MembershipKind::Signed, "2026-10-02"));
        }
        if nth % 4 == 0 {
            book.add::<MembershipEvent>(event(contact, MembershipKind::Paying, "2026-12-02"));
        }
        let (signed, paying) = (i64::from(nth % 2 == 0), i64::from(nth % 4 == 0));
        let share = if signed == 0 { String::new() } else { format!("{}.0 %", paying * 100) };
        expected.push(format!("{occasion}|1|1|{signed}|{signed}|{}.0 %|{paying}|{share}", signed * 100));
    }
    let rows = table(&book, Report::Conversion, &autumn());
    assert_eq!(rows[..8], expected);
    assert_eq!(rows[8], "=|8|8|4|4|50.0 %|2|50.0 %");
    let channels = book.register.talks_by_channel(&autumn()).into_iter().map(|of| (of.channel, of.talks, of.persons));
    let counted = Channel::ALL.iter().zip([2, 2, 1, 1, 1, 1]).map(|(channel, n)| (Some(*channel), n, n));
    assert_eq!(channels.collect::<Vec<_>>(), counted.collect::<Vec<_>>());
    let signed: Vec<_> = book.register.sign_ups_by(SignUpGroup::Occasion, &autumn());
    assert_eq!(signed.iter().filter(|figures| figures.signed == 1).count(), 4);
}

/// 82, 83 what somebody signs years after a talk did not come of it.
#[test]
fn a_sign_up_within_a_year_came_of_the_talk() {
    let mut book = Book::new();
    for (name, on) in [("Anna", "2027-08-30"), ("Bo", "2028-01-10")] {
        let contact = book.contact(name, "", "");
        book.talk(Some(contact), "2026-09-01T10:00:00+02:00", TalkDraft::default());
        book.add::<MembershipEvent>(event(contact, MembershipKind::Signed, on));
    }
    let later = ReportQuery { today: day("2028-02-01"), ..autumn() };
    assert_eq!(table(&book, Report::Conversion, &later)[0], "not_said|2|2|1|1|50.0 %|0|0.0 %");
    assert_eq!(table(&book, Report::Channels, &later)[0], "not_said|2|2|1|50.0 %|0|0.0 %");
}

/// 22 which channel works: what came of the talks that were held in each. The last talk before a sign-up led to it.
#[test]
fn every_channel_shows_what_came_of_it() {
    let mut book = Book::new();
    let [anna, bo, cia] = ["Anna", "Bo", "Cia"].map(|name| book.contact(name, "", ""));
    let talks = [
        (Some(anna), "2026-09-01", Some(Channel::Phone)),
        (Some(anna), "2026-09-10", Some(Channel::InPerson)),
        (Some(bo), "2026-09-01", Some(Channel::Phone)),
        (Some(bo), "2026-09-02", Some(Channel::Phone)),
        (Some(cia), "2026-09-01", Some(Channel::Phone)),
        // After she had signed up.
        (Some(anna), "2026-10-10", Some(Channel::Sms)),
        (None, "2026-09-01", None),
    ];
    for (contact, on, channel) in talks {
        book.talk(contact, &format!("{on}T10:00:00+02:00"), TalkDraft { channel, ..Default::default() });
    }
    for (contact, kind, on) in [
        (anna, MembershipKind::Signed, "2026-09-12"),
        (anna, MembershipKind::Paying, "2026-11-12"),
        (bo, MembershipKind::Signed, "2026-09-15"),
    ] {
        book.add::<MembershipEvent>(event(contact, kind, on));
    }
    let expected = [
        "in_person|1|1|1|100.0 %|1|100.0 %",
        "phone|4|3|1|33.3 %|0|0.0 %",
        "sms|1|1|0|0.0 %|0|",
        "not_said|1|0|0||0|",
        "=|7||2||1|50.0 %",
    ];
    assert_eq!(table(&book, Report::Channels, &autumn()), expected);
    let shared = ReportQuery { shared: true, ..autumn() };
    let hidden =
        ["in_person|*|*|*|*|*|*", "phone|*|*|*|*|*|*", "sms|*|*|*|*|*|", "not_said|*|*|*||*|"].map(str::to_owned);
    assert_eq!(table(&book, Report::Channels, &shared)[..4], hidden);
}

/// 85 needs and expectations come first in the form, 91, 92 one's own reasons and which of them landed, 54 what they are for.
#[test]
fn needs_stand_first_and_reasons_are_weighed() {
    let place = |name| Table::Talks.fields().iter().position(|spec| spec.name == name);
    assert!(place("needs") < place("reason_used") && place("reason_used") < place("answer"));
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    for (text, person, order) in [
        ("Somebody beside me", None, 1),
        ("My children", Some(eva), 2),
        ("My back", Some(eva), 1),
        ("My pay", Some(per), 1),
    ] {
        book.add::<Reason>(ReasonDraft { text: some(text), person, order: Some(order) });
    }
    let own: Vec<_> = book.register.reasons_for(Some(eva)).into_iter().filter_map(|reason| reason.text).collect();
    assert_eq!(own, ["My back", "My children", "Somebody beside me"]);
    for (reason, landed) in [("Somebody beside me", true), ("somebody beside me", false), ("Insurance", false)] {
        let talk = TalkDraft { reason_used: some(reason), landed: Some(landed), ..Default::default() };
        book.talk(None, "2026-10-01T10:00:00+02:00", talk);
    }
    assert_eq!(table(&book, Report::ReasonsUsed, &autumn()), ["Somebody beside me|2|1|50.0 %", "Insurance|1|0|0.0 %"]);
}

/// 93 the guide for conversations, offline, in the language of the talk.
#[test]
fn guides_are_at_hand_in_their_order() {
    let mut book = Book::new();
    for (title, order, language) in [("Second", 2, "sv"), ("First", 1, "sv"), ("Første", 1, "nb")] {
        let body = some("Ask first. https://guide.example");
        let guide = GuideDraft { title: some(title), order: Some(order), language: some(language), body };
        book.add::<Guide>(guide);
    }
    let titles =
        |language| -> Vec<_> { book.register.guides(language).into_iter().filter_map(|guide| guide.title).collect() };
    assert_eq!(titles(Some("sv")), ["First", "Second"]);
    assert_eq!(titles(None), ["First", "Første", "Second"]);
}

/// 26 cards to train with: short guides, one after another, each with what is said and what to answer. What has no place
/// among them comes after.
#[test]
fn training_cards_come_one_after_another() {
    let mut book = Book::new();
    let answers = "“It is too dear.”\nAsk what it costs to stand alone.";
    for (title, order) in
        [("Card 2", Some(2)), ("The whole guide", None), ("Card 1", Some(1)), ("Also card 2", Some(2))]
    {
        book.add::<Guide>(GuideDraft { title: some(title), body: some(answers), order, language: None });
    }
    let cards = book.register.guides(None);
    let titles: Vec<_> = cards.iter().filter_map(|card| card.title.as_deref()).collect();
    assert_eq!(titles, ["Card 1", "Card 2", "Also card 2", "The whole guide"]);
    assert!(cards.iter().all(|card| card.body.as_deref() == Some(answers)));
}

/// 89 a promise has an owner, a day, and is kept or not; 90 it is handed over. (Also `relations::a_steward_who_leaves…`,
/// `rules::done_wins_over_a_new_day…`.)
#[test]
fn promises_have_an_owner_a_day_and_an_end() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let promise = |owner, due: &str, kept: Option<bool>, now| FollowUpDraft {
        kind: Some(FollowUpKind::Promise),
        owner,
        due: Some(day(due)),
        kept,
        done_at: kept.map(|_| now),
        ..Default::default()
    };
    let now = book.now;
    for (due, kept) in
        [("2026-10-01", Some(true)), ("2026-10-02", Some(false)), ("2026-10-03", None), ("2027-10-03", None)]
    {
        book.follow_up("parking", promise(Some(eva), due, kept, now));
    }
    book.follow_up("lights", promise(None, "2026-10-03", None, now));
    assert_eq!(table(&book, Report::Promises, &autumn()), ["Eva|2|1|1|1|0", "not_said|1|1|0|0|0", "=|3|2|1|1|0"]);
    let shared = ReportQuery { shared: true, ..autumn() };
    assert_eq!(table(&book, Report::Promises, &shared), ["=|3|2|1|1|0"]);
    assert_eq!(book.register.hand_over(eva, per).len(), 2);
    assert_eq!(book.register.open(Some(eva), day("2026-12-31")).len(), 2);
}

/// 89 what two stewards took for one cause is one promise, also when both have done it: by whoever was first.
#[test]
fn what_two_did_for_one_cause_is_one_promise() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let anna = book.contact("Anna", "", "");
    let first = book.now;
    for (owner, hours, kept) in [(per, 2, false), (eva, 0, true), (per, 1, false)] {
        let (contact, cause) = (Some(anna), some("trial_ends 2026-11-22"));
        let (owner, done_at, kept) = (Some(owner), Some(first + Duration::hours(hours)), Some(kept));
        book.follow_up("call", FollowUpDraft { contact, cause, owner, done_at, kept, ..Default::default() });
    }
    // Without a cause each stands for itself.
    for _ in 0..2 {
        book.follow_up("parking", FollowUpDraft { owner: Some(per), done_at: Some(first), ..Default::default() });
    }
    assert_eq!(table(&book, Report::Promises, &autumn()), ["Eva|0|0|1|0|0", "Per|0|0|0|0|2", "=|0|0|1|0|2"]);
}

/// 12 what makes people join: on the contact, and in the results.
#[test]
fn what_makes_people_join_is_noted_and_counted() {
    let mut book = Book::new();
    let anna = book.signs("Anna", "2026-10-01", MembershipEventDraft::default());
    book.set(anna, ContactDraft { trigger: Some(Trigger::RiskOfUnemployment), ..Default::default() });
    book.signs("Bo", "2026-10-01", MembershipEventDraft::default());
    assert_eq!(
        table(&book, Report::SignUpsByTrigger, &autumn())[..2],
        ["risk_of_unemployment|0|1|0|0|0|1|0.0 %", "not_said|0|1|0|0|0|1|0.0 %"]
    );
}

/// 24, 59 colleagues are the best recruiters: who wants to help, and who brought whom.
#[test]
fn colleagues_recruit() {
    let mut book = Book::new();
    let eva = book.person("Eva");
    let anna = book.signs("Anna", "2026-10-01", MembershipEventDraft { recruiter: Some(eva), ..Default::default() });
    book.set(anna, ContactDraft { willing_to_help: Some(true), ..Default::default() });
    assert_eq!(book.register.persons().iter().filter(|person| person.willing_to_help == Some(true)).count(), 1);
    assert_eq!(table(&book, Report::SignUpsByRecruiter, &autumn())[0], "Eva|0|1|0|0|0|1|0.0 %");
    let shared = ReportQuery { shared: true, ..autumn() };
    assert_eq!(table(&book, Report::SignUpsByRecruiter, &shared), ["=|*|*|*|*|*|*|*"]);
}

/// 24, 59 a colleague who is no steward is the recruiter, too: counted, named and thanked as one person, by the sign-up that was
/// theirs; what is said of them is undone, and is gone where they are.
#[test]
fn colleagues_who_are_no_stewards_recruit() {
    let mut book = Book::new();
    let eva = book.person("Eva");
    let [omar, again] = ["Omar", ""].map(|name| book.contact(name, "", "070-174 06 08"));
    let anna = book.signs("Anna", "2026-10-01", MembershipEventDraft { recruiter: Some(eva), ..Default::default() });
    let bo = book.signs("Bo", "2026-10-02", MembershipEventDraft::default());
    let recruited = |book: &mut Book, a, b, on: &str| {
        let at = Some(moment(&format!("{on}T12:00:00+02:00")));
        let kind = Some(LinkKind::Recruited);
        book.add::<Link>(LinkDraft { a: Some(a), b: Some(b), kind, at, ..Default::default() })
    };
    let of_anna = recruited(&mut book, anna, omar, "2026-10-01");
    recruited(&mut book, bo, again, "2026-10-02");
    book.add::<MembershipEvent>(event(bo, MembershipKind::Paying, "2026-11-01"));
    let by_recruiter = |book: &Book| {
        let figures = book.register.sign_ups_by(SignUpGroup::Recruiter, &autumn()).into_iter();
        figures.map(|group| (group.name, group.row, group.signed)).collect::<Vec<_>>()
    };
    // The colleague counts before the steward whom the sign-up names.
    let number = some("070-174 06 08");
    let mut apart = by_recruiter(&book);
    apart.sort();
    assert_eq!(apart, [(number, Some(again.row()), 1), (some("Omar"), Some(omar.row()), 1)]);

    book.link(omar, again, LinkKind::SamePerson);
    assert_eq!(by_recruiter(&book), [(some("Omar"), Some(omar.row()), 2)]);
    assert_eq!(table(&book, Report::Recruiters, &autumn())[0], "Omar|1|1|0|2027-01-01|0|");
    let shared = ReportQuery { shared: true, ..autumn() };
    assert!(!table(&book, Report::SignUpsByRecruiter, &shared).concat().contains("Omar"));
    let score = book.register.recruiter_scores(&autumn()).remove(0);
    assert_eq!((score.recruiter, score.colleague), (None, Some(omar)));
    let new: Vec<_> =
        book.register.new_members(&autumn()).into_iter().map(|view| (view.name, view.recruiter_name)).collect();
    assert_eq!(new, [("Anna".to_owned(), some("Omar")), ("Bo".to_owned(), some("Omar"))]);

    // What is written about it outlasts the colleague, so it names the sign-up and not them.
    let thanks = book.register.thanks_due(&autumn());
    assert_eq!(thanks.iter().map(|of| (of.contact, of.colleague)).collect::<Vec<_>>(), [(bo, Some(omar))]);
    assert_eq!(thanks[0].draft.cause, some("thank_recruiter 2026-10-02"));
    let thanked = book.follow_up("thank Omar", thanks[0].draft.clone());
    assert_eq!(book.register.thanks_due(&autumn()), []);
    book.change(Table::FollowUps, thanked, |row| row.live = false);
    book.set(again, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    assert_eq!(book.register.thanks_due(&autumn()), []);

    // Years later somebody else wins Anna back.
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2026-11-01"));
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-12-01"));
    recruited(&mut book, anna, bo, "2026-12-05");
    let by_day = [(some("Omar"), Some(omar.row()), 2), (some("Bo"), Some(bo.row()), 1)];
    assert_eq!(by_recruiter(&book), by_day);
    book.set(of_anna, LinkDraft { undone: Some(true), ..Default::default() });
    let mut undone = by_recruiter(&book);
    undone.sort();
    let one = |name: &str, row| (some(name), Some(row), 1);
    assert_eq!(undone, [one("Bo", bo.row()), one("Eva", eva.row()), one("Omar", omar.row())]);

    // Whoever is not in the register any more has recruited nobody, and nobody recruits themselves.
    book.link(bo, anna, LinkKind::SamePerson);
    for contact in [omar, again] {
        book.change(Table::Contacts, contact, |row| row.live = false);
    }
    let names: BTreeSet<_> = by_recruiter(&book).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, BTreeSet::from([some("Eva"), None]));
    book.check_rebuilt();
}

/// 28, 47, 48 nobody is left without a talk for long. (Also `relations::whoever_was_not_spoken_with_for_months_is_listed`.)
#[test]
fn nobody_is_forgotten() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "");
    book.talk(Some(anna), "2025-01-01T10:00:00+01:00", TalkDraft::default());
    assert_eq!(book.register.not_spoken_with(day("2026-11-23"), None).len(), 1);
    book.talk(Some(anna), "2026-11-01T10:00:00+01:00", TalkDraft::default());
    assert!(book.register.not_spoken_with(day("2026-11-23"), None).is_empty());
    // A phone whose clock is a year ahead hides nobody for two.
    let bo = book.contact("Bo", "", "");
    for at in ["2025-01-01T10:00:00+01:00", "2027-11-20T10:00:00+01:00"] {
        book.talk(Some(bo), at, TalkDraft::default());
    }
    let silent = book.register.not_spoken_with(day("2026-11-23"), None).into_iter();
    assert_eq!(silent.map(|one| (one.contact, one.last_on)).collect::<Vec<_>>(), [(bo, Some(day("2025-01-01")))]);
}
