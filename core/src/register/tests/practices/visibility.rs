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
    let asked = book.add::<Check>(check(CheckItem::NewsRights, CheckState::Asked, None));
    book.add::<Check>(check(CheckItem::NoticeBoard, CheckState::Posted, Some("2026-12-01")));
    book.add::<Check>(check(CheckItem::RollUp, CheckState::Posted, Some("2027-02-01")));
    // Of two rows for one thing the later counts, and what the other says is seen.
    book.add::<Check>(check(CheckItem::NewsRights, CheckState::Granted, None));
    let mut lines = vec![
        "Norra|notice_board|posted|2026-09-01|2026-12-01|yes",
        "Norra|news_rights|granted|2026-09-01||no",
        "> Norra|news_rights|asked|2026-09-01||",
        "Norra|roll_up|posted|2026-09-01|2027-02-01|no",
    ];
    assert_eq!(table(&book, Report::Visibility, &autumn()), lines);
    let also = book.register.visibility(&autumn()).remove(1).also;
    assert_eq!(also.into_iter().map(|row| row.id).collect::<Vec<_>>(), [asked]);
    lines.remove(2);
    book.set(asked, CheckDraft { state: Some(CheckState::Granted), ..Default::default() });
    assert_eq!(table(&book, Report::Visibility, &autumn()), lines);

    // Everything that can be asked for has its line.
    let sodra = book.workplace("Södra");
    for item in CheckItem::ALL {
        book.add::<Check>(CheckDraft { workplace: Some(sodra), ..check(*item, CheckState::Asked, None) });
    }
    let there = ReportQuery { workplace: Some(sodra), ..autumn() };
    let mut asked: Vec<_> = table(&book, Report::Visibility, &there);
    asked.sort();
    let mut expected: Vec<_> = CheckItem::ALL.iter().map(|item| format!("Södra|{item}|asked|2026-09-01||no")).collect();
    expected.sort();
    assert_eq!(asked, expected);
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

    // Who took addresses out is listed, the latest first, whenever the phones heard of it.
    let eva = book.person("Eva");
    let mut noted = |at: &str, workplace, n| {
        let (purpose, kind, at) = (some("news"), Some(ExportKind::Addresses), Some(moment(at)));
        let (direction, rows, by) = (Some(ListDirection::Out), Some(n), Some(eva));
        book.add::<Import>(ImportDraft { direction, kind, purpose, workplace, rows, at, by, ..Default::default() })
    };
    noted("2026-10-03T10:00:00+02:00", Some(norra), 1);
    noted("2026-10-02T10:00:00+02:00", None, 2);
    // A list that came in is none that went out.
    book.add::<Import>(ImportDraft { source: Some(ImportSource::Own), rows: Some(3), ..Default::default() });
    let taken = book.register.taken_out().into_iter().map(|one| (one.by_name, one.workplace_name, one.n));
    assert_eq!(taken.collect::<Vec<_>>(), [(some("Eva"), some("Norra"), Some(1)), (some("Eva"), None, Some(2))]);
    book.check_rebuilt();
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

/// 9, 63 hand out material, 35 stock in and out.
#[test]
fn material_comes_in_and_goes_out() {
    let mut book = Book::new();
    let pens = book.add(MaterialDraft { name: some("Pens"), low_at: Some(50), ..Default::default() });
    book.add::<Material>(MaterialDraft { name: some("Cups"), ..Default::default() });
    let visit = book.visit(None, "2026-10-12T11:30:00+02:00");
    let eva = book.person("Eva");
    let moves = [
        (MoveKind::Ordered, 300, None, None),
        (MoveKind::Received, 200, None, None),
        (MoveKind::HandedOut, 120, Some(visit), None),
        (MoveKind::Placed, 40, None, Some(eva)),
        (MoveKind::TakenBack, 5, Some(visit), None),
    ];
    for (kind, n, visit, by) in moves {
        book.moves(pens, kind, n, MoveDraft { visit, by, ..Default::default() });
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

/// 27 order material for a visit: what each visit to come needs, and what the stock does not reach for.
#[test]
fn each_visit_says_what_it_needs() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let [pens, cups] = ["Pens", "Cups"].map(|name| book.add(MaterialDraft { name: some(name), ..Default::default() }));
    let [first, cancelled, last] =
        ["2026-12-01", "2026-12-02", "2026-12-08"].map(|on| book.visit(Some(norra), &format!("{on}T11:30:00+01:00")));
    book.set(cancelled, VisitDraft { state: Some(VisitState::Cancelled), ..Default::default() });
    let at = |visit| MoveDraft { visit: Some(visit), ..Default::default() };
    book.moves(pens, MoveKind::Received, 150, MoveDraft::default());
    for visit in [last, cancelled, first] {
        book.moves(pens, MoveKind::Ordered, 100, at(visit));
    }
    book.moves(cups, MoveKind::Ordered, 20, at(last));
    let needs = |book: &Book, from| -> Vec<_> {
        let visits = book.register.visit_needs(day(from), day("2026-12-31"), day("2026-11-24")).into_iter();
        let lines = visits.flat_map(|visit| {
            let line = move |item: NeededItem| {
                format!("{} {} {}: {} missing {}", visit.on, visit.place, item.name, item.needed, item.missing)
            };
            visit.items.into_iter().map(line)
        });
        lines.collect()
    };
    // What there is goes to the first visit, also where only the later ones are asked about.
    let [first_pens, last_cups, last_pens] = [
        "2026-12-01 Norra Pens: 100 missing 0",
        "2026-12-08 Norra Cups: 20 missing 20",
        "2026-12-08 Norra Pens: 100 missing 50",
    ];
    assert_eq!(needs(&book, "2026-11-24"), [first_pens, last_cups, last_pens]);
    assert_eq!(needs(&book, "2026-12-05"), [last_cups, last_pens]);
    book.moves(pens, MoveKind::HandedOut, 100, at(first));
    assert_eq!(needs(&book, "2026-11-24"), [last_cups, last_pens]);
}

/// 78 support tasks and an allotment of material for a student representative.
#[test]
fn a_representative_has_material_and_tasks() {
    let mut book = Book::new();
    let school = book.workplace("School");
    let pens = book.add(MaterialDraft { name: some("Pens"), ..Default::default() });
    let student = book.person("Student representative");
    let with = |workplace| MoveDraft { by: Some(student), workplace, ..Default::default() };
    book.moves(pens, MoveKind::Received, 100, MoveDraft::default());
    book.moves(pens, MoveKind::Placed, 40, with(None));
    book.moves(pens, MoveKind::TakenBack, 15, with(None));
    // What was placed at the school lies there, and not with whoever put it there.
    book.moves(pens, MoveKind::Placed, 30, with(Some(school)));
    let held = book.register.allotments().remove(0);
    assert_eq!((held.person_name.as_str(), held.name.as_str(), held.n), ("Student representative", "Pens", 25));
    assert_eq!((book.register.allotments().len(), book.register.stock(&autumn())[0].left), (1, 45));
    book.follow_up("hand out pens at the lecture", FollowUpDraft { owner: Some(student), ..Default::default() });
    assert_eq!(book.register.open(Some(student), day("2026-11-24")).len(), 1);
}

/// 30 the preferred channel, 31 sub-sites and a group link, 57 links to share.
#[test]
fn a_person_is_reached_as_they_like_and_where_they_are() {
    let mut book = Book::new();
    let norra = book.workplace("Norra");
    let night = WorkplaceDraft { name: some("Night shift"), parent: Some(norra), ..Default::default() };
    let night: Id<Workplace> = book.add(WorkplaceDraft { group_link: some("https://group.example/night"), ..night });
    let whole = WorkplaceDraft { name: some("Office"), parent: Some(norra), ..Default::default() };
    let office: Id<Workplace> = book.add(whole);
    book.set(norra, WorkplaceDraft { group_link: some("https://group.example/norra"), ..Default::default() });
    let anna = book.contact("Anna", "", "");
    let likes = ContactDraft { channel: Some(Channel::Chat), workplace: Some(night), ..Default::default() };
    book.set(anna, ContactDraft { language: some("fi"), ..likes });
    let card = book.register.contact_card(anna, Date::MAX).unwrap();
    assert_eq!((card.contact.channel, card.workplace_name.as_deref()), (Some(Channel::Chat), Some("Night shift")));
    assert_eq!(card.contact.language.as_deref(), Some("fi"));
    let place = |id| book.register.workplace_card(id, &autumn()).unwrap();
    assert_eq!(place(night).group_link.as_deref(), Some("https://group.example/night"));
    // A part without a group of its own shares that of the whole.
    assert_eq!(
        (place(office).group_link.as_deref(), place(office).part_of.as_deref()),
        (Some("https://group.example/norra"), Some("Norra"))
    );
    let parts = place(norra).parts.into_iter().map(|part| (part.name, part.group_link));
    let expected = [("Night shift".to_owned(), some("https://group.example/night")), ("Office".to_owned(), None)];
    assert_eq!(parts.collect::<Vec<_>>(), expected);
    let names: Vec<_> = book.register.density(&autumn()).into_iter().map(|place| (place.name, place.depth)).collect();
    assert_eq!(names, [("Norra".to_owned(), 0), ("Night shift".to_owned(), 1), ("Office".to_owned(), 1)]);
}
