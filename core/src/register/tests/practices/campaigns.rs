//! Campaigns and goals.

use super::*;

/// 33, 61 a campaign's offer: the end of the free months is computed. (Also `rules::free_months_end_on_the_same_day…`.)
#[test]
fn the_offer_gives_the_end_of_the_free_months() {
    let mut book = Book::new();
    let offer = book.campaign("Summer", 6);
    let anna = book.signs("Anna", "2026-08-31", MembershipEventDraft { campaign: Some(offer), ..Default::default() });
    assert_eq!(book.register.trial_ends_on(anna), Some(day("2027-02-28")));
    assert_eq!(table(&book, Report::SignUpsByCampaign, &autumn())[0], "Summer|0|1|0|0|0|1|0.0 %");
    assert_eq!(
        table(&book, Report::SignUpsByCampaign, &ReportQuery { campaign: Some(Id::default()), ..autumn() }).len(),
        1
    );
}

/// 33 where several campaigns run on a day, they are there to choose from.
#[test]
fn the_campaigns_of_a_day_are_those_that_run() {
    let mut book = Book::new();
    let days = [
        ("Spring", Some("2026-03-01"), Some("2026-05-31")),
        ("Autumn", Some("2026-09-01"), None),
        ("Always", None, None),
    ];
    let [_, _, always] = days.map(|(name, starts_on, ends_on)| -> Id<Campaign> {
        let [starts_on, ends_on] = [starts_on, ends_on].map(|on| on.map(day));
        book.add(CampaignDraft { name: some(name), starts_on, ends_on, ..Default::default() })
    });
    for (on, running, offer) in [
        ("2026-05-31", &["Always", "Spring"][..], None),
        ("2026-06-01", &["Always"][..], Some(always)),
        ("2026-09-01", &["Always", "Autumn"][..], None),
    ] {
        let names: Vec<_> = book.register.campaigns_on(day(on)).into_iter().filter_map(|of| of.name).collect();
        assert_eq!(names, running, "{on}");
        assert_eq!(book.register.offer(None, day(on)), offer, "{on}");
    }
}

/// 71 the calls to the members of summer: tries, outcome, stay or leave.
#[test]
fn calls_before_the_end_are_counted() {
    let mut book = Book::new();
    let offer = book.campaign("Summer", 3);
    let [anna, bo, _, dan] = ["Anna", "Bo", "Cia", "Dan"].map(|name| {
        book.signs(name, "2026-08-22", MembershipEventDraft { campaign: Some(offer), ..Default::default() })
    });
    let cause = some("trial_ends 2026-11-22");
    let call = FollowUpDraft { kind: Some(FollowUpKind::Call), contact: Some(anna), cause, ..Default::default() };
    book.follow_up("call", FollowUpDraft { attempts: Some(3), ..call.clone() });
    // Taken, and ticked off where everything that is due stands.
    book.follow_up("call", FollowUpDraft { contact: Some(dan), done_at: Some(book.now), ..call });
    book.add::<MembershipEvent>(event(anna, MembershipKind::Paying, "2026-11-22"));
    book.add::<MembershipEvent>(event(bo, MembershipKind::Left, "2026-11-20"));
    assert_eq!(table(&book, Report::Calls, &autumn()), ["Summer|4|2|3|1|1|2|25.0 %", "=|4|2|3|1|1|2|25.0 %"]);
}

/// 33, 61 a campaign's goal with its days, 68, 69, 73 compare periods and set goals, 72 active members over time.
#[test]
fn periods_goals_and_members_over_time() {
    let mut book = Book::new();
    let offer = book.campaign("Autumn", 3);
    for nth in 0..6 {
        let on = format!("2026-1{}-10", nth % 3);
        let contact = book.signs(
            &format!("Person {nth}"),
            &on,
            MembershipEventDraft { campaign: Some(offer), ..Default::default() },
        );
        if nth == 0 {
            book.add::<MembershipEvent>(event(contact, MembershipKind::Paying, "2026-12-24"));
        }
    }
    book.signs("Before", "2025-10-10", MembershipEventDraft::default());
    let goal = GoalDraft { campaign: Some(offer), target: Some(8), ..Default::default() };
    book.add::<Goal>(GoalDraft { starts_on: Some(day("2026-10-01")), ends_on: Some(day("2026-11-30")), ..goal });
    assert_eq!(table(&book, Report::Goals, &autumn()), ["Autumn|2026-10-01|2026-11-30|8|4|50.0 %"]);
    let compared = table(&book, Report::Comparison, &autumn());
    assert!(compared.contains(&"signed|6|1|5|500.0 %".to_owned()), "{compared:?}");
    let shared = table(&book, Report::Comparison, &ReportQuery { shared: true, ..autumn() });
    assert!(shared.contains(&"signed|*|*|*|*".to_owned()) && shared.contains(&"talks|0|0|0|".to_owned()), "{shared:?}");
    // Who signed a year before and never paid counts no more.
    assert_eq!(
        table(&book, Report::Members, &autumn()),
        ["2026-08-31|0|1|0|1", "2026-09-30|0|1|0|1", "2026-10-31|0|2|0|2", "2026-11-30|0|4|0|4", "2026-12-31|1|5|0|6"]
    );
    let shared = table(&book, Report::Members, &ReportQuery { shared: true, ..autumn() });
    assert_eq!(shared.last().map(String::as_str), Some("2026-12-31|*|*|*|*"));
    // In the middle of a season it ends with how many there are now.
    let midway = table(&book, Report::Members, &ReportQuery { today: day("2026-10-15"), ..autumn() });
    assert_eq!((midway.len(), midway.last().map(String::as_str)), (3, Some("2026-10-15|0|2|0|2")));
}

/// 68 who begins to pay counts in the period of the first dues, whenever they signed up, and no second time.
#[test]
fn a_comparison_counts_who_began_to_pay() {
    let mut book = Book::new();
    for (name, signed, paying) in [
        ("Anna", "2026-08-10", &["2026-10-20"][..]),
        ("Bo", "2026-08-10", &["2026-11-12"]),
        ("Cia", "2026-10-10", &["2026-11-12"]),
        ("Dan", "2026-11-02", &["2026-12-05"]),
        ("Eva", "2025-10-10", &["2026-01-10", "2026-11-10"]),
    ] {
        let contact = book.signs(name, signed, MembershipEventDraft::default());
        for on in paying {
            book.add::<MembershipEvent>(event(contact, MembershipKind::Paying, on));
        }
    }
    let november = ReportQuery::of(day("2026-11-01"), day("2026-11-30"), day("2026-12-31"));
    let compared = table(&book, Report::Comparison, &ReportQuery { compare_from: Some(day("2026-10-01")), ..november });
    assert!(compared.contains(&"began_to_pay|2|1|1|100.0 %".to_owned()), "{compared:?}");
}

/// 68 the new colleagues of a period are those of their own report: each person once, by whichever contact has the first day.
#[test]
fn a_comparison_counts_new_colleagues_as_their_report_does() {
    let mut book = Book::new();
    let [met, listed] = ["Anna", "Anna S"].map(|name| book.contact(name, "", ""));
    book.set(listed, ContactDraft { hired_on: Some(day("2026-09-01")), ..Default::default() });
    book.link(met, listed, LinkKind::SamePerson);
    assert_eq!(table(&book, Report::NewHires, &autumn())[0], "not_said|1|0|0.0 %|0|0.0 %");
    let compared = table(&book, Report::Comparison, &autumn());
    assert_eq!(compared.last().map(String::as_str), Some("new_hires|1|0|1|"));
}

/// 80 a metric with a start, a target, dated readings and a cost.
#[test]
fn a_metric_has_a_way_to_go() {
    let mut book = Book::new();
    let followers =
        MetricDraft { name: some("Followers"), start: Some(800), target: Some(1_400), ..Default::default() };
    let followers = book.add(followers);
    for (on, value, cost) in [("2026-09-01", 900, Some(200)), ("2026-10-01", 1_100, None), ("2027-01-01", 1_300, None)]
    {
        let metric = Some(followers);
        book.add::<Reading>(ReadingDraft { metric, on: Some(day(on)), value: Some(value), cost, ..Default::default() });
    }
    for target in [1_400, 1_000] {
        book.add::<Goal>(GoalDraft { metric: Some(followers), target: Some(target), ..Default::default() });
    }
    assert_eq!(table(&book, Report::Metrics, &autumn()), ["Followers||800|1400|1100|2026-10-01|50.0 %|200"]);
    assert_eq!(
        table(&book, Report::MetricReadings, &autumn()),
        ["Followers|2026-09-01|900||200", "Followers|2026-10-01|1100||"]
    );
    // A goal begins where its metric does.
    let goals = ["Followers|||1400|1100|50.0 %", "Followers|||1000|1100|150.0 %"];
    assert_eq!(table(&book, Report::Goals, &autumn()), goals);
}

/// 74, 75, 79 roles, teams and partners in one directory, with their numbers and what each has taken on.
#[test]
fn the_team_is_in_the_register() {
    let mut book = Book::new();
    let person = |name, title, unit: &str| PersonDraft {
        name: some(name),
        title: some(title),
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
        ..Default::default()
    };
    let [per, eva, ..]: [Id<Person>; 4] = [
        person("Per", "steward", "dialogue team"),
        person("Eva", "safety representative", " Dialogue team"),
        person("Ola", "steward", ""),
        person("Kim", "adviser", "partner organisation"),
    ]
    .map(|person| book.add(person));
    book.set(eva, PersonDraft { phone: some("070-174 06 05"), ..Default::default() });
    for due in ["2026-11-01", "2026-12-24"] {
        book.follow_up("parking", FollowUpDraft { owner: Some(eva), due: Some(day(due)), ..Default::default() });
    }
    // No list shows a call to somebody who wants none, and it is nobody's to do.
    let peace = book.contact("Cia", "", "");
    book.set(peace, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    let (contact, kind) = (Some(peace), Some(FollowUpKind::Call));
    book.follow_up("call", FollowUpDraft { contact, kind, owner: Some(eva), ..Default::default() });
    let [anna, again] = ["Anna", "Anna S"].map(|name| book.contact(name, "", ""));
    book.link(anna, again, LinkKind::SamePerson);
    for contact in [anna, again] {
        book.set(contact, ContactDraft { owner: Some(eva), ..Default::default() });
    }
    for (on, state) in
        [("2026-12-01", ShiftState::Yes), ("2026-12-02", ShiftState::Asked), ("2026-12-03", ShiftState::No)]
    {
        let visit = Some(book.visit(None, &format!("{on}T11:30:00+01:00")));
        book.add::<Shift>(ShiftDraft { visit, person: Some(per), state: Some(state), note: None });
    }
    let team = book.register.team(day("2026-11-24"));
    let lines = team.iter().flat_map(|unit| {
        unit.members.iter().map(|of| {
            let (unit, title) = (unit.unit.as_deref().unwrap_or("-"), of.title.as_deref().unwrap_or("-"));
            format!("{unit}|{}|{title}|{} {} {} {}", of.name, of.open, of.overdue, of.turns, of.relations)
        })
    });
    let expected = [
        "dialogue team|Eva|safety representative|2 1 0 1",
        "dialogue team|Per|steward|0 0 2 0",
        "partner organisation|Kim|adviser|0 0 0 0",
        "-|Ola|steward|0 0 0 0",
    ];
    assert_eq!(lines.collect::<Vec<_>>(), expected);
    assert_eq!(team[0].members[0].phone.as_deref(), Some("070-174 06 05"));
}
