//! What people were promised: to be told, to be kept no longer than needed, to see everything.

use super::*;

fn told_by(book: &mut Book, name: &str, origin: Option<Origin>) -> Id<Contact> {
    let contact = book.contact(name, "Ek", "");
    book.set(contact, ContactDraft { origin, ..Default::default() });
    contact
}

fn talk(contact: Id<Contact>, at: &str, answer: Option<TalkAnswer>) -> TalkDraft {
    TalkDraft { contact: Some(contact), at: Some(moment(at)), answer, ..Default::default() }
}

fn consent(contact: Id<Contact>, given: &str) -> ConsentDraft {
    ConsentDraft {
        contact: Some(contact),
        purpose: some("contact"),
        text_version: some("3"),
        given_at: Some(moment(given)),
        ..Default::default()
    }
}

/// Practices 19 and 58: whoever came from a list or a colleague is told within a month, or at the first talk.
#[test]
fn whoever_was_told_of_by_another_is_to_be_told() {
    let mut book = Book::new();
    // Written down on 23 November.
    let listed = told_by(&mut book, "Listed", Some(Origin::EmployerList));
    let friend = told_by(&mut book, "Friend", Some(Origin::Colleague));
    told_by(&mut book, "Open", Some(Origin::Themselves));
    told_by(&mut book, "Unknown", None);
    let due = |book: &Book, today: &str| -> Vec<_> {
        let views = book.register.notices_due(day(today)).into_iter();
        views.map(|view| (view.contact, view.due.to_string(), view.overdue_days)).collect()
    };
    let at = |contact, day: &str, days| (contact, day.to_owned(), days);
    assert_eq!(due(&book, "2026-11-24"), [at(listed, "2026-12-23", -29), at(friend, "2026-12-23", -29)]);
    book.add::<Talk>(talk(friend, "2026-12-01T11:30:00+01:00", None));
    assert_eq!(due(&book, "2026-12-24"), [at(friend, "2026-12-01", 23), at(listed, "2026-12-23", 1)]);

    book.set(listed, ContactDraft { told_on: Some(day("2026-12-02")), told_version: some("2"), ..Default::default() });
    let consent: Id<Consent> = book.add(consent(friend, "2026-12-01T11:32:00+01:00"));
    assert_eq!(due(&book, "2026-12-24"), []);
    let notice = |book: &Book, contact| book.register.notice(contact, day("2026-12-24")).unwrap();
    assert_eq!(
        (notice(&book, listed).told_on, notice(&book, listed).told_version),
        (Some(day("2026-12-02")), some("2"))
    );
    assert_eq!(
        (notice(&book, friend).told_on, notice(&book, friend).origin),
        (Some(day("2026-12-01")), Origin::Colleague)
    );

    // Who agreed to nothing that was shown has read nothing.
    book.change(Table::Consents, consent, |state| state.fields.retain(|(field, _)| field != "text_version"));
    assert_eq!(due(&book, "2026-12-24"), [at(friend, "2026-12-01", 23)]);
    book.set(consent, ConsentDraft { text_version: some("3"), ..Default::default() });

    // One person: told once is told.
    book.change(Table::Consents, consent, |state| state.live = false);
    assert_eq!(due(&book, "2026-12-24").len(), 1);
    book.link(listed, friend, LinkKind::SamePerson);
    assert_eq!(due(&book, "2026-12-24"), []);
    book.check_rebuilt();
}

#[test]
fn people_are_kept_for_the_months_of_the_settings_after_the_last_that_happened() {
    use ExpiredReason::{Left, NoAnswer, Refused};
    let mut book = Book::new();
    // All are written down on 23 November 2026.
    let [silent, refused, peace, left, member, promised, met, proof] =
        ["Silent", "Refused", "Peace", "Left", "Member", "Promised", "Met", "Proof"]
            .map(|name| book.contact(name, "", ""));
    book.add::<Talk>(talk(refused, "2026-11-24T11:30:00+01:00", Some(TalkAnswer::Thinking)));
    book.add::<Talk>(talk(refused, "2026-11-30T11:30:00+01:00", Some(TalkAnswer::No)));
    book.set(peace, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    book.add::<MembershipEvent>(event(left, MembershipKind::Left, "2026-11-25"));
    book.add::<MembershipEvent>(event(member, MembershipKind::Paying, "2020-01-01"));
    let due = Some(day("2027-02-01"));
    book.add::<FollowUp>(FollowUpDraft { what: some("ask again"), contact: Some(promised), due, ..Default::default() });
    let visit = book.visit(None, "2026-12-10T17:00:00+01:00");
    let state = Some(AttendanceState::Attended);
    book.add::<Attendance>(AttendanceDraft { visit: Some(visit), contact: Some(met), state });
    let withdrawn_at = Some(moment("2026-11-23T12:00:00+01:00"));
    book.add::<Consent>(ConsentDraft { withdrawn_at, ..consent(proof, "2026-11-23T11:30:00+01:00") });

    let expired = |book: &Book, today: &str| -> Vec<_> {
        let views = book.register.expired(day(today)).into_iter();
        views.map(|view| (view.name, view.kept.why, view.kept.until.to_string())).collect()
    };
    let out = |name: &str, why, until: &str| (name.to_owned(), why, until.to_owned());
    assert_eq!(expired(&book, "2027-05-22"), []);
    let refusals = [out("Peace", Refused, "2027-05-23"), out("Refused", Refused, "2027-05-30")];
    assert_eq!(expired(&book, "2027-05-30"), refusals);
    let prospects = [
        out("Silent", NoAnswer, "2027-11-23"),
        out("Met", NoAnswer, "2027-12-10"),
        out("Promised", NoAnswer, "2028-02-01"),
    ];
    let all = [&refusals[..], &prospects].concat();
    assert_eq!(expired(&book, "2028-02-01"), all);
    let rest = [out("Proof", NoAnswer, "2028-11-23"), out("Left", Left, "2028-11-25")];
    assert_eq!(expired(&book, "2028-11-25"), [&all[..], &rest].concat());

    let months = SettingDraft {
        keep_contacts_months: Some(1),
        keep_refusals_months: Some(2),
        keep_former_months: Some(3),
        keep_consents_months: Some(4),
        ..Default::default()
    };
    book.add::<Setting>(months);
    let until: Vec<_> =
        expired(&book, "2028-11-25").into_iter().map(|(name, _, until)| format!("{name} {until}")).collect();
    let expected = [
        "Silent 2026-12-23",
        "Met 2027-01-10",
        "Peace 2027-01-23",
        "Refused 2027-01-30",
        "Left 2027-02-25",
        "Promised 2027-03-01",
        "Proof 2027-03-23",
    ];
    assert_eq!(until, expected);
    // What a wrong clock dates into the future keeps nobody.
    book.add::<Talk>(talk(silent, "2099-01-01T11:30:00+01:00", None));
    assert_eq!(expired(&book, "2026-12-23").len(), 1);
    book.check_rebuilt();
}

/// Practice 64: a trial of which nothing more is heard keeps nobody for ever, and one that runs keeps everybody.
#[test]
fn who_never_paid_after_a_trial_is_kept_like_who_never_answered() {
    use ExpiredReason::{Left, NoAnswer, Refused};
    let mut book = Book::new();
    let campaign = Some(book.add(CampaignDraft { name: some("Autumn"), trial_months: Some(3), ..Default::default() }));
    let [silent, refused, again, back, leaving, noted] =
        ["Silent", "Refused", "Again", "Back", "Leaving", "Noted"].map(|name| book.contact(name, "", ""));
    for contact in [silent, refused, again, back, leaving] {
        let signed = event(contact, MembershipKind::Signed, "2026-11-24");
        book.add::<MembershipEvent>(MembershipEventDraft { campaign, ..signed });
    }
    book.add::<Talk>(talk(refused, "2027-06-10T11:30:00+02:00", Some(TalkAnswer::No)));
    book.add::<MembershipEvent>(event(again, MembershipKind::Left, "2020-01-01"));
    book.set(leaving, ContactDraft { membership: Some(Membership::Leaving), ..Default::default() });
    book.set(noted, ContactDraft { membership: Some(Membership::Trial), ..Default::default() });
    let kept = |book: &Book, today: &str| -> Vec<_> {
        let kept = [silent, refused, again, back, leaving, noted].map(|of| book.register.kept(of, day(today)));
        kept.map(|kept| kept.map(|kept| (kept.why, kept.until.to_string()))).into()
    };
    // Free until 24 February, and dues may be paid until 24 May.
    assert!(kept(&book, "2027-05-24").iter().all(Option::is_none));
    book.add::<MembershipEvent>(event(back, MembershipKind::Paying, "2027-07-01"));
    let until = |why, until: &str| Some((why, until.to_owned()));
    let expected = [
        until(NoAnswer, "2028-05-24"),
        until(Refused, "2027-12-10"),
        until(Left, "2029-05-24"),
        None,
        until(NoAnswer, "2028-05-24"),
        // Of a trial that is only noted, nothing was heard since 23 November.
        until(NoAnswer, "2028-11-23"),
    ];
    assert_eq!(kept(&book, "2027-12-01"), expected);
    book.check_rebuilt();
}

/// Practice 64: what an epoch has kept aside says nothing of whoever is forgotten.
#[test]
fn answers_that_were_kept_aside_go_with_whoever_is_forgotten() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "Svensson", "");
    let said = book.add::<Talk>(talk(anna, "2026-11-24T11:30:00+01:00", None));
    let agreed = book.add::<Consent>(consent(anna, "2026-11-24T11:30:00+01:00"));
    let poll: Id<Poll> = book.add(PollDraft { question: some("Which day?"), ..Default::default() });
    let answered: Id<PollAnswer> =
        book.add(PollAnswerDraft { poll: Some(poll), contact: Some(anna), ..Default::default() });
    let mut kept = |path: String| -> Id<KeptAnswer> {
        book.add(KeptAnswerDraft { path: Some(path), mine: some("\"has a sister\""), ..Default::default() })
    };
    let of_anna = [
        format!("contacts/{anna}/note"),
        format!("talks/{said}/note"),
        format!("consents/{agreed}/how"),
        format!("answers/{answered}/text"),
    ];
    let of_anna = of_anna.map(&mut kept);
    let bo = book.contact("Bo", "", "");
    let of_bo: Id<KeptAnswer> =
        book.add(KeptAnswerDraft { path: Some(format!("contacts/{bo}/note")), ..Default::default() });
    let mut removed = book.register.forgetting(anna, day("2028-01-01")).removed;
    removed.retain(|(table, _)| *table == Table::Conflicts);
    let mut expected = of_anna.map(|id| (Table::Conflicts, id.row()));
    expected.sort_unstable();
    assert_eq!(removed, expected);
    assert!(book.register.get(of_bo).is_some());
}

/// Practice 58: be open about what is kept. Whatever table a row lies in, it is there.
#[test]
fn everything_about_a_person_is_told_whatever_table_it_lies_in() {
    let mut book = Book::new();
    let anna = book.contact("Anna \"Annis\"", "Svensson", "070-174 06 12");
    let again = book.contact("Anna", "Svensson", "");
    book.set(again, ContactDraft { email: some("anna@exempel.se"), ..Default::default() });
    book.link(anna, again, LinkKind::SamePerson);
    let gone = book.contact("Ann", "Berg", "0701740613");
    book.link(anna, gone, LinkKind::SamePerson);
    book.change(Table::Contacts, gone, |state| state.live = false);
    let other = book.contact("Anna", "Lind", "");
    book.link(other, again, LinkKind::NotTheSame);
    let [topic, later] =
        ["Parking", "Pay"].map(|title| book.add(TopicDraft { title: some(title), ..Default::default() }));
    let visit = book.visit(None, "2026-11-23T11:30:00+01:00");
    let said = book.add::<Talk>(talk(again, "2026-11-23T11:30:00+01:00", None));
    book.add::<Raise>(RaiseDraft { topic: Some(topic), contact: Some(anna), ..Default::default() });
    book.add::<Raise>(RaiseDraft { topic: Some(later), talk: Some(said), ..Default::default() });
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-11-23"));
    book.add::<Consent>(consent(anna, "2026-11-23T11:30:00+01:00"));
    book.add::<Attendance>(AttendanceDraft { visit: Some(visit), contact: Some(again), state: None });
    let promise = |contact, what: &str| FollowUpDraft { what: some(what), contact, ..Default::default() };
    let removed: Id<FollowUp> = book.add(promise(Some(anna), "call"));
    book.change(Table::FollowUps, removed, |state| state.live = false);
    let poll: Id<Poll> = book.add(PollDraft { question: some("Which day?"), ..Default::default() });
    book.add::<PollAnswer>(PollAnswerDraft { poll: Some(poll), contact: Some(anna), ..Default::default() });

    let about = book.register.about(anna, day("2026-11-30")).unwrap();
    assert_eq!(
        about,
        book.register
            .about(gone, day("2026-11-30"))
            .map(|view| AboutView { name: about.name.clone(), ..view })
            .unwrap()
    );
    let rows: Vec<_> = about.tables.iter().map(|of| (of.table, of.rows.len())).collect();
    let expected = [
        (Table::Contacts, 3),
        (Table::Links, 3),
        (Table::Talks, 1),
        (Table::Attendance, 1),
        (Table::Memberships, 1),
        (Table::FollowUps, 1),
        (Table::Consents, 1),
        (Table::Raises, 2),
        (Table::Answers, 1),
    ];
    assert_eq!(rows, expected);
    let all = about.tables.iter().flat_map(|of| &of.rows);
    assert_eq!(all.filter(|row| row.removed).map(|row| row.id).collect::<Vec<_>>(), [gone.row(), removed.row()]);
    // Every table with a field that points at a contact is in the list above, or this test has to grow.
    let pointing = Table::ALL
        .into_iter()
        .filter(|table| table.fields().iter().any(|spec| spec.kind == Kind::Link(Table::Contacts)));
    assert!(pointing.into_iter().all(|table| expected.iter().any(|(of, _)| *of == table)));
    book.check_rebuilt();
}

/// Practice 58: two answers to one question are both kept, so both are told, also of what was removed.
#[test]
fn every_answer_that_is_held_is_told() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "Svensson", "");
    let said = book.add::<Talk>(talk(anna, "2026-11-23T11:30:00+01:00", None));
    let answer = |text: &str, n| Answer {
        value: Some(Value::Text(text.to_owned())),
        device: DeviceId::from_bytes([n; 16]),
        at: moment("2026-11-23T11:30:00+01:00"),
    };
    let clash = Clash { field: "needs".to_owned(), answers: vec![answer("peace", 1), answer("a pay rise", 2)] };
    book.change(Table::Talks, said, |state| {
        state.fields.push(("needs".to_owned(), Value::Text("peace".to_owned())));
        state.clashes.push(clash);
        state.live = false;
    });
    let kept = KeptAnswerDraft {
        path: some(&format!("talks/{said}/note")),
        mine: some("\"likes tea\""),
        ..Default::default()
    };
    let kept = book.add::<KeptAnswer>(kept);
    let told = |book: &Book| {
        let about = book.register.about(anna, day("2026-11-30")).unwrap();
        let answers = about.conflicts.into_iter().map(|conflict| conflict.answers);
        let answers = answers.map(|answers| answers.into_iter().map(|answer| answer.shown).collect::<Vec<_>>());
        let aside = about.tables.into_iter().filter(|of| of.table == Table::Conflicts).flat_map(|of| of.rows);
        (answers.collect::<Vec<_>>(), aside.map(|row| (row.id, row.removed)).collect::<Vec<_>>())
    };
    let needs = vec!["peace".to_owned(), "a pay rise".to_owned()];
    let note = vec![String::new(), "likes tea".to_owned()];
    assert_eq!(told(&book), (vec![needs.clone(), note], vec![(kept.row(), false)]));
    assert_eq!(book.register.conflicts(), [], "nobody is asked about what was removed");
    // What was settled is still in the document.
    book.change(Table::Conflicts, kept, |state| state.live = false);
    let settled = (vec![needs], vec![(kept.row(), true)]);
    assert_eq!(told(&book), settled);
    // What only says whose the shown answer is tells nothing that is not told.
    let (path, shown) = (some(&format!("talks/{said}/needs")), some("\"peace\""));
    let signature = KeptAnswerDraft { path, mine: shown.clone(), base: shown, ..Default::default() };
    book.add::<KeptAnswer>(signature);
    assert_eq!(told(&book), settled);
    book.check_rebuilt();
}

/// Practice 58: of a long text that is shown which is about the person, wherever it stands.
#[test]
fn a_mention_is_shown_where_it_stands() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "Svensson", "");
    let long = "The canteen was full. ".repeat(20);
    let mut excerpt = |text: String| {
        let visit: Id<Visit> = book.add(VisitDraft { note: Some(text), ..Default::default() });
        let found = book.register.mentions(anna).into_iter().find(|mention| mention.id == visit.row()).unwrap();
        assert!(found.sure && found.excerpt.chars().count() <= 160, "{}", found.excerpt);
        found.excerpt
    };
    assert!(excerpt(format!("Svensson, Anna came. {long}")).starts_with("Svensson, Anna came. The canteen"));
    let within = excerpt(format!("{long}Anna Svensson asked about pay. {long}"));
    assert!(within.contains("full. Anna Svensson asked about pay. The"), "{within}");
    let at_the_end = excerpt(format!("{long}ask Anna Svensson"));
    assert!(at_the_end.ends_with("ask Anna Svensson"), "{at_the_end}");
    // A text that repeats one name without end is not looked through to its end.
    let endless = excerpt(format!("{} Svensson", "Anna ".repeat(2_000)));
    assert!(endless.starts_with("Anna Anna"), "{endless}");
    // Where the two names stand far apart, the text is shown from its beginning.
    assert!(excerpt(format!("Anna: {long} Svensson")).starts_with("Anna: The canteen"));
}

#[test]
fn a_mention_in_another_row_is_found_by_name_number_and_address() {
    let mut book = Book::new();
    let anna = book.contact("Anna \"Annis\"", "Svensson", "070-174 06 12");
    book.set(anna, ContactDraft { email: some("anna@exempel.se"), note: some("Anna Svensson"), ..Default::default() });
    book.contact("Anna", "Svensson", "070-174 06 12");
    let mut note = |text: &str| -> Option<bool> {
        let visit: Id<Visit> = book.add(VisitDraft { note: some(text), ..Default::default() });
        let found = book.register.mentions(anna).into_iter().find(|mention| mention.id == visit.row());
        found.map(|mention| mention.sure)
    };
    for sure in ["ask Svensson, Anna!", "ANNA SVENSSONS chef", "ring +46701740612 kl 9", "skriv till Anna@Exempel.se."]
    {
        assert_eq!(note(sure), Some(true), "{sure}");
    }
    for unsure in ["Annas barn", "Annis kommer", "familjen Svensson"] {
        assert_eq!(note(unsure), Some(false), "{unsure}");
    }
    for nobody in ["Annika Svenssonsson", "070-174 06 13", "hanna@exempel.com", ""] {
        assert_eq!(note(nobody), None, "{nobody}");
    }
    let mentions = book.register.mentions(anna);
    assert_eq!((mentions.len(), mentions[0].sure, mentions[6].sure), (7, true, false));
    assert_eq!(book.register.about(anna, day("2026-11-30")).unwrap().mentions.len(), 4);
}
