//! Listening.

use super::*;

/// 41, 42, 49 topics by how many raise them, and told back; 29, 55 wins, small ones too.
#[test]
fn topics_are_ranked_and_told_back() {
    let mut book = Book::new();
    let topic = |title: &str, state| TopicDraft { title: some(title), state: Some(state), ..Default::default() };
    let parking: Id<Topic> = book.add(topic("Parking", TopicState::Won));
    let shifts: Id<Topic> = book.add(topic("Shifts", TopicState::TakenUp));
    let anna = book.contact("Anna", "", "");
    let again = book.contact("Anna", "S", "");
    book.link(anna, again, LinkKind::SamePerson);
    let talk = book.talk(Some(again), "2026-10-02T10:00:00+02:00", TalkDraft::default());
    let at = Some(moment("2026-10-01T10:00:00+02:00"));
    let raise = |topic, contact, talk| RaiseDraft { topic: Some(topic), contact, talk, at, visit: None };
    book.add::<Raise>(raise(parking, Some(anna), None));
    book.add::<Raise>(raise(parking, None, Some(talk)));
    book.add::<Raise>(raise(shifts, None, None));
    book.add::<Raise>(raise(shifts, None, None));
    assert_eq!(
        table(&book, Report::Topics, &autumn()),
        ["Shifts|2|taken_up|2026-10-01||no", "Parking|1|won|2026-10-01||yes"]
    );
    let told = TopicDraft { told_back_on: Some(day("2026-11-01")), result: some("ten places"), ..Default::default() };
    book.set(parking, told);
    let shared = ReportQuery { shared: true, ..autumn() };
    assert_eq!(table(&book, Report::Wins, &shared), ["Parking||ten places|2026-11-01"]);
    assert_eq!(table(&book, Report::Topics, &shared), ["others|*||||"]);
}

/// 44 what is said at a meeting becomes something to do, 50 whether a talk is to inform or to listen.
#[test]
fn what_is_said_at_a_meeting_is_kept() {
    let mut book = Book::new();
    let meeting = book.visit(None, "2026-11-20T17:00:00+01:00");
    book.follow_up("ask about lights", FollowUpDraft { visit: Some(meeting), ..Default::default() });
    assert_eq!(book.register.table_summary(meeting).entries[0].name.as_deref(), Some("ask about lights"));
    let anna = book.contact("Anna", "", "");
    for purpose in [Purpose::Listen, Purpose::Inform, Purpose::Listen] {
        let talk = TalkDraft { channel: Some(Channel::Email), purpose: Some(purpose), ..Default::default() };
        book.talk(Some(anna), "2026-11-21T10:00:00+01:00", talk);
    }
    let mails = book.register.talks_by_channel(&autumn()).remove(0);
    assert_eq!((mails.talks, mails.persons, mails.to_inform, mails.to_listen), (3, 1, 1, 2));
}

/// 60 whoever turns to the union by themselves stands on a list until somebody answers, and is counted by the way they came.
#[test]
fn whoever_turns_to_the_union_is_answered() {
    let mut book = Book::new();
    let came = |name, source| ContactDraft {
        given_name: some(name),
        origin: Some(Origin::Themselves),
        source: some(source),
        ..Default::default()
    };
    let [anna, _, _, met]: [Id<Contact>; 4] =
        [("Anna", "wrote to us"), ("Bo", "called"), ("Cia", "Wrote to us"), ("Met", "table")]
            .map(|(name, source)| book.add(came(name, source)));
    let table = book.visit(None, "2026-11-23T11:30:00+01:00");
    let at_table = TalkDraft { visit: Some(table), ..Default::default() };
    book.talk(Some(met), "2026-11-23T11:35:00+01:00", at_table);
    book.talk(Some(anna), "2026-11-24T10:00:00+01:00", TalkDraft::default());
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-11-24"));
    let inbound: Vec<_> =
        book.register.inbound(&autumn()).into_iter().map(|view| (view.name, view.answered_on)).collect();
    let expected = [("Anna", Some(day("2026-11-24"))), ("Bo", None), ("Cia", None)];
    assert_eq!(inbound, expected.map(|(name, on)| (name.to_owned(), on)));
    let figures = book.register.inbound_figures(&autumn()).into_iter();
    let figures = figures.map(|of| (of.source.unwrap(), of.contacts, of.answered, of.members));
    let expected = [("wrote to us".to_owned(), 2, 1, 1), ("called".to_owned(), 1, 0, 0)];
    assert_eq!(figures.collect::<Vec<_>>(), expected);

    // Month by month, a way by its first spelling.
    book.now += Duration::days(10);
    book.add::<Contact>(came("Dan", "WROTE TO US"));
    let expected = [
        "2026-11-30|wrote to us|2|1|1|50.0 %",
        "2026-11-30|called|1|0|0|0.0 %",
        "2026-12-31|wrote to us|1|0|0|0.0 %",
        "=||4|1|1|25.0 %",
    ];
    assert_eq!(super::table(&book, Report::Inbound, &autumn()), expected);
    let shared = ReportQuery { shared: true, ..autumn() };
    assert_eq!(super::table(&book, Report::Inbound, &shared), ["|others|*|*|*|*", "=||*|*|*|*"]);
}

/// 40, 52 a poll, anonymous if wanted.
#[test]
fn a_poll_needs_no_names() {
    let mut book = Book::new();
    let choices = some("Monday\nTuesday\n");
    let poll = book.add(PollDraft { question: some("Which day?"), choices, ..Default::default() });
    let answer = |contact, choice: Option<&str>| PollAnswerDraft {
        poll: Some(poll),
        contact,
        choice: choice.map(str::to_owned),
        ..Default::default()
    };
    let anna = book.contact("Anna", "", "");
    for choice in ["Monday", "tuesday", "Tuesday"] {
        book.add::<PollAnswer>(answer(None, Some(choice)));
    }
    book.add::<PollAnswer>(answer(Some(anna), Some("Monday")));
    book.add::<PollAnswer>(answer(Some(anna), Some("Tuesday")));
    book.add::<PollAnswer>(answer(None, None));
    assert_eq!(
        table(&book, Report::Polls, &autumn()),
        ["Which day?|Monday|1|5|20.0 %|", "Which day?|Tuesday|3|5|60.0 %|", "Which day?|not_said|1|5|20.0 %|"]
    );
}

/// 40, 52 what people write in their own words is read by the stewards, in no order that tells who came when, and by nobody else.
#[test]
fn a_poll_tells_its_own_what_people_wrote() {
    let mut book = Book::new();
    let poll =
        book.add(PollDraft { question: some("Which day?"), choices: some("Monday\nTuesday"), ..Default::default() });
    let answer = |choice: Option<&str>, text: &str| PollAnswerDraft {
        poll: Some(poll),
        choice: choice.map(str::to_owned),
        text: some(text),
        ..Default::default()
    };
    let answers = [
        (Some("Monday"), "my shift ends"),
        (Some("monday"), "after lunch"),
        (Some("Monday"), " "),
        (Some("Friday"), "I am off"),
        (None, "any"),
    ];
    for (choice, text) in answers {
        book.add::<PollAnswer>(answer(choice, text));
    }
    for _ in 0..4 {
        book.add::<PollAnswer>(answer(Some("Tuesday"), ""));
    }
    assert_eq!(
        table(&book, Report::Polls, &autumn()),
        [
            "Which day?|Monday|3|9|33.3 %|",
            "Which day?|Monday||||after lunch",
            "Which day?|Monday||||my shift ends",
            "Which day?|Tuesday|4|9|44.4 %|",
            "Which day?|not_said|2|9|22.2 %|",
            "Which day?|not_said||||Friday: I am off",
            "Which day?|not_said||||any",
        ]
    );
    let shared = ReportQuery { shared: true, ..autumn() };
    assert!(book.register.poll_figures(&shared).iter().all(|figures| figures.own_words.is_empty()));
    let rows = table(&book, Report::Polls, &shared);
    assert_eq!((rows.len(), rows.iter().all(|row| row.matches('|').count() == 4)), (3, true));
}
