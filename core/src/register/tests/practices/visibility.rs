//! Visibility.

use super::*;

/// 5 intranet, news rights, job ads; 6 notice board and signs; 10 brochure stands and roll-ups.
#[test]
fn each_workplace_has_a_list_of_what_was_asked_and_is_up() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let check = |item, state, refresh_by: Option<&str>| CheckDraft {
        workplace: Some(norra),
        item: Some(item),
        state: Some(state),
        since: Some(day("2026-09-01")),
        refresh_by: refresh_by.map(day),
    };
    book.add::<Check>(check(CheckItem::NewsRights, CheckState::Asked, None));
    book.add::<Check>(check(CheckItem::NoticeBoard, CheckState::Posted, Some("2026-12-01")));
    book.add::<Check>(check(CheckItem::RollUp, CheckState::Posted, Some("2027-02-01")));
    // Of two rows for one thing the later counts.
    book.add::<Check>(check(CheckItem::NewsRights, CheckState::Granted, None));
    assert_eq!(
        table(&book, Report::Visibility, &autumn()),
        [
            "Norra|notice_board|posted|2026-09-01|2026-12-01|yes",
            "Norra|news_rights|granted|2026-09-01||no",
            "Norra|roll_up|posted|2026-09-01|2027-02-01|no",
        ]
    );
}

/// 7 mail members on current issues: only with consent, and it is noted.
#[test]
fn only_who_agreed_is_written_to() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let hus = book.workplace("Hus 3");
    book.set(hus, WorkplaceDraft { parent: Some(norra), ..Default::default() });
    let mut agreed = |name: &str, workplace, purpose: &str| {
        let contact = book.contact(name, "", "");
        let email = Some(format!("{}@exempel.se", name.to_lowercase()));
        book.set(contact, ContactDraft { email, workplace, ..Default::default() });
        let given_at = Some(moment("2026-09-01T10:00:00+02:00"));
        let consent = ConsentDraft { contact: Some(contact), purpose: some(purpose), given_at, ..Default::default() };
        (contact, book.add::<Consent>(consent))
    };
    agreed("Bo", Some(hus), "news");
    agreed("Anna", None, "News");
    agreed("Cia", Some(norra), "photo");
    let (peace, _) = agreed("Dan", Some(norra), "news");
    let (_, withdrawn) = agreed("Eli", Some(norra), "news");
    book.set(peace, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    let at = Some(moment("2026-10-01T10:00:00+02:00"));
    book.set(withdrawn, ConsentDraft { withdrawn_at: at, ..Default::default() });
    let emails =
        |place| -> Vec<_> { book.register.addresses("news", place).into_iter().map(|address| address.email).collect() };
    assert_eq!(emails(None), ["anna@exempel.se", "bo@exempel.se"]);
    assert_eq!(emails(Some(norra)), ["bo@exempel.se"]);
    let starts_at = Some(moment("2026-10-02T10:00:00+02:00"));
    let (kind, state) = (Some(VisitKind::Digital), Some(VisitState::Done));
    book.add::<Visit>(VisitDraft { kind, state, starts_at, topic: some("pay review"), ..Default::default() });
    assert_eq!(table(&book, Report::Visits, &autumn())[0], "digital|0|1|0|0|0|0|0|0|0");
}

/// 34 the weekly sweets bowl: every week by itself, one tap each.
#[test]
fn the_weekly_bowl_repeats_and_counts() {
    let mut book = Book::new();
    let first = book.visit(None, "2026-10-12T09:00:00+02:00");
    let rule = VisitDraft { every_weeks: Some(1), repeat_until: Some(day("2026-11-02")), ..Default::default() };
    book.set(first, rule);
    let series = book.register.series(first, day("2026-10-12")).unwrap();
    assert_eq!(
        series.days.iter().map(|day| day.on.to_string()).collect::<Vec<_>>(),
        ["2026-10-19", "2026-10-26", "2026-11-02"]
    );
    let row = book.register.get(first).unwrap().clone();
    let visits: Vec<Id<Visit>> =
        series.days.iter().map(|day| book.add(book.register.occurrence(&row, day.on))).collect();
    for visit in &visits {
        book.counts(*visit, TallyKind::HandedOut, "sweets", 30);
    }
    assert_eq!(book.register.get(visits[1]).unwrap().starts_at, Some(moment("2026-10-26T09:00:00+01:00")));
    assert_eq!(table(&book, Report::VisitsByWeek, &autumn())[12], "43|2026-10-19|0|1|0|0|0|30|0|0|0");
}

/// 9, 63 hand out material, 27 order it for a visit, 35 stock in and out, 78 an allotment for a student representative.
#[test]
fn material_comes_in_and_goes_out() {
    let mut book = Book::new();
    let pens = book.add(MaterialDraft { name: some("Pens"), low_at: Some(50), ..Default::default() });
    book.add::<Material>(MaterialDraft { name: some("Cups"), ..Default::default() });
    let visit = book.visit(None, "2026-10-12T11:30:00+02:00");
    let student = book.person("Student representative");
    let moves = [
        (MoveKind::Ordered, 300, None, None),
        (MoveKind::Received, 200, None, None),
        (MoveKind::HandedOut, 120, Some(visit), None),
        (MoveKind::Placed, 40, None, Some(student)),
        (MoveKind::TakenBack, 5, Some(visit), None),
    ];
    for (kind, n, visit, by) in moves {
        book.add::<Move>(MoveDraft {
            material: Some(pens),
            kind: Some(kind),
            n: Some(n),
            visit,
            by,
            ..Default::default()
        });
    }
    book.counts(visit, TallyKind::HandedOut, "pens", 12);
    book.counts(visit, TallyKind::HandedOut, "leaflets", 20);
    assert_eq!(table(&book, Report::Materials, &autumn()), ["Cups||0|0|0|0|no", "Pens||100|200|155|45|yes"]);
    let items = book.register.table_summary(visit).items;
    assert_eq!(
        items.iter().map(|item| (item.item.as_str(), item.n)).collect::<Vec<_>>(),
        [("leaflets", 20), ("pens", 12)]
    );
    assert_eq!(
        book.register.table_summary(visit).entries.iter().filter(|entry| entry.table == Table::Moves).count(),
        2
    );
}

/// 30 the preferred channel, 31 sub-sites and a group link, 57 links to share.
#[test]
fn a_person_is_reached_as_they_like_and_where_they_are() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let night = WorkplaceDraft { name: some("Night shift"), parent: Some(norra), ..Default::default() };
    let night: Id<Workplace> = book.add(WorkplaceDraft { group_link: some("https://group.example/night"), ..night });
    let anna = book.contact("Anna", "", "");
    let likes = ContactDraft { channel: Some(Channel::Chat), workplace: Some(night), ..Default::default() };
    book.set(anna, ContactDraft { language: some("fi"), ..likes });
    let card = book.register.contact_card(anna).unwrap();
    assert_eq!((card.contact.channel, card.workplace_name.as_deref()), (Some(Channel::Chat), Some("Night shift")));
    assert_eq!(book.register.get(night).unwrap().group_link.as_deref(), Some("https://group.example/night"));
    let names: Vec<_> = book.register.density(&autumn()).into_iter().map(|place| (place.name, place.depth)).collect();
    assert_eq!(names, [("Norra".to_owned(), 0), ("Night shift".to_owned(), 1)]);
}
