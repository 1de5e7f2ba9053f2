//! Members and lists. What comes from lists is proved beside them.

use super::*;

/// 14 eligible, members, potential and density.
#[test]
fn density_counts_sites_with_their_parts() {
    let mut book = Book::new();
    let mut place = |name: &str, parent, eligible, members_office| -> Id<Workplace> {
        book.add(WorkplaceDraft { name: some(name), parent, eligible, members_office, ..Default::default() })
    };
    let norra = place("Norra", None, None, None);
    place("Hus 3", Some(norra), Some(40), Some(10));
    let hus = place("Hus 4", Some(norra), Some(60), None);
    place("Source", Some(hus), Some(30), None);
    place("Zeta", None, Some(10), Some(10));
    let anna = book.signs("Anna", "2026-10-01", MembershipEventDraft::default());
    book.set(anna, ContactDraft { workplace: Some(hus), ..Default::default() });
    assert_eq!(
        table(&book, Report::Density, &autumn()),
        [
            "Norra|100|11|89|11.0 %",
            "> Hus 3|40|10|30|25.0 %",
            "> Hus 4|60|1|59|1.7 %",
            "> > Source|30|0|30|0.0 %",
            "Zeta|10|10|0|100.0 %",
            "=|110|21|89|19.1 %",
        ]
    );
    let hus = ReportQuery { workplace: Some(hus), ..autumn() };
    assert_eq!(
        table(&book, Report::Density, &hus),
        ["Hus 4|60|1|59|1.7 %", "> Source|30|0|30|0.0 %", "=|60|1|59|1.7 %"]
    );
    // Outside, only whole sites.
    let shared = ReportQuery { shared: true, ..autumn() };
    assert_eq!(
        table(&book, Report::Density, &shared),
        ["Norra|100|11|89|11.0 %", "Zeta|10|10|0|100.0 %", "=|110|21|89|19.1 %"]
    );
}

/// 14 a site that is no longer visited takes none of its parts out of the sums, and none of them out of what is shared.
#[test]
fn density_counts_what_lies_within_an_archived_site() {
    let mut book = Book::new();
    let mut place = |name: &str, parent, numbers: Option<(i64, i64)>, archived| -> Id<Workplace> {
        let (eligible, members_office) = numbers.unzip();
        let archived = Some(archived);
        book.add(WorkplaceDraft { name: some(name), parent, eligible, members_office, archived, ..Default::default() })
    };
    let norra = place("Norra", None, None, false);
    let house = place("Hus 3", Some(norra), None, true);
    place("Labbet", Some(house), Some((30, 10)), false);
    let closed = place("Stängt", None, Some((900, 1)), true);
    place("Gården", Some(closed), Some((20, 5)), false);
    let sites = ["Norra|30|10|20|33.3 %", "> Labbet|30|10|20|33.3 %", "Gården|20|5|15|25.0 %", "=|50|15|35|30.0 %"];
    assert_eq!(table(&book, Report::Density, &autumn()), sites);
    let shared = ReportQuery { shared: true, ..autumn() };
    assert_eq!(table(&book, Report::Density, &shared), [sites[0], sites[2], sites[3]]);
    for (asked, lines) in [
        (house, ["Labbet|30|10|20|33.3 %", "=|30|10|20|33.3 %"]),
        (closed, ["Gården|20|5|15|25.0 %", "=|20|5|15|25.0 %"]),
    ] {
        assert_eq!(table(&book, Report::Density, &ReportQuery { workplace: Some(asked), ..autumn() }), lines);
    }
}

/// 16 a review of the season: what went well at each visit, and of each campaign that ran within it.
#[test]
fn a_season_has_its_notes() {
    let mut book = Book::new();
    let [norra, sodra] = ["Norra", "Södra"].map(|name| book.workplace(name));
    let mut campaign = |name: &str, days: [Option<&str>; 2], note: &str| {
        let id = book.campaign(name, 3);
        let [starts_on, ends_on] = days.map(|on| on.map(day));
        book.set(id, CampaignDraft { starts_on, ends_on, note: some(note), ..Default::default() });
        id
    };
    campaign("Last spring", [Some("2026-02-01"), Some("2026-05-31")], "too short");
    let offer = campaign("Autumn", [Some("2026-09-01"), Some("2026-11-30")], "begin earlier");
    campaign("Always", [None, None], "the flyer is old");
    campaign("Silent", [Some("2026-09-01"), None], "  ");
    let mut visit = |place, at: &str, campaign, review: &str| {
        let id = book.visit(Some(place), at);
        book.set(id, VisitDraft { review: some(review), campaign, ..Default::default() });
    };
    visit(sodra, "2026-10-13T11:30:00+02:00", Some(offer), "too early");
    visit(norra, "2026-10-12T11:30:00+02:00", None, "stand by the stairs");
    visit(norra, "2026-11-12T11:30:00+01:00", None, "");
    visit(norra, "2026-06-12T11:30:00+02:00", None, "all were away");
    let notes = |book: &Book, query: &ReportQuery| -> Vec<_> {
        let notes = book.register.season_notes(query).into_iter();
        notes.map(|of| format!("{}: {}", of.title, of.note)).collect()
    };
    let season =
        ["Norra: stand by the stairs", "Södra: too early", "Autumn: begin earlier", "Always: the flyer is old"];
    assert_eq!(notes(&book, &autumn()), season);
    let of_offer = ReportQuery { campaign: Some(offer), ..autumn() };
    assert_eq!(notes(&book, &of_offer), [season[1], season[2]]);
    let of_norra = ReportQuery { workplace: Some(norra), ..autumn() };
    assert_eq!(notes(&book, &of_norra), [season[0]]);
    let first = book.register.season_notes(&autumn()).remove(0);
    assert_eq!((first.row_table, first.on), (Table::Visits, Some(day("2026-10-12"))));
}

/// 17 why members left, 32 where people stand. (Also `rules::whoever_pays_before_the_free_months_end_is_a_member`.)
#[test]
fn why_members_left() {
    let mut book = Book::new();
    let fund_only = book.contact("Fund", "", "");
    book.set(fund_only, ContactDraft { membership: Some(Membership::FundOnly), ..Default::default() });
    assert_eq!(book.register.contact_card(fund_only, Date::MAX).unwrap().status, Membership::FundOnly);
    for (name, reason) in [("Anna", "Too dear"), ("Bo", "too dear"), ("Cia", "moved"), ("Dan", "")] {
        let contact = book.signs(name, "2026-08-10", MembershipEventDraft::default());
        if name == "Anna" {
            book.add::<MembershipEvent>(event(contact, MembershipKind::Paying, "2026-09-10"));
        }
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        book.add::<MembershipEvent>(MembershipEventDraft {
            reason,
            ..event(contact, MembershipKind::Left, "2026-10-10")
        });
    }
    assert_eq!(
        table(&book, Report::LeaveReasons, &autumn()),
        ["Too dear|2|1|50.0 %", "moved|1|1|100.0 %", "not_said|1|1|100.0 %", "=|4|3|75.0 %"]
    );
    let shared = ReportQuery { shared: true, ..autumn() };
    assert_eq!(table(&book, Report::LeaveReasons, &shared), ["others|*|*|*", "=|*|*|*"]);
}

/// 17 a reason that somebody noted is offered again, however it was written, the commonest first.
#[test]
fn a_reason_for_leaving_is_offered_again() {
    let mut book = Book::new();
    assert_eq!(book.register.words_for_leaving(), [""; 0]);
    let leaves = |book: &mut Book, name: &str, reason: &str| -> Id<MembershipEvent> {
        let left = event(book.contact(name, "", ""), MembershipKind::Left, "2026-10-10");
        book.add(MembershipEventDraft { reason: some(reason), ..left })
    };
    for (name, reason) in
        [("Anna", "Moves"), ("Bo", "Too dear"), ("Cia", " too  DEAR "), ("Dan", "  "), ("Eli", "changes job")]
    {
        leaves(&mut book, name, reason);
    }
    let gone = leaves(&mut book, "Fia", "misheard");
    book.change(Table::Memberships, gone, |state| state.live = false);
    // Why somebody came is no reason to go.
    book.signs("Gus", "2026-10-10", MembershipEventDraft { reason: some("wants help"), ..Default::default() });
    assert_eq!(book.register.words_for_leaving(), ["Too dear", "changes job", "Moves"]);
    assert_eq!(table(&book, Report::LeaveReasons, &autumn())[0], "Too dear|2|2|100.0 %");
}

/// 13 whoever is leaving, or in the unemployment fund only, is on the list of those to talk with before they go.
#[test]
fn whoever_is_leaving_is_talked_with_before() {
    let mut book = Book::new();
    let eva = book.person("Eva");
    let mut stands = |name, membership| {
        let contact = book.contact(name, "", "");
        book.set(contact, ContactDraft { membership: Some(membership), ..Default::default() });
        contact
    };
    let [_, spoken, silent, peace, gone] = [
        ("Fund", Membership::FundOnly),
        ("Spoken", Membership::Leaving),
        ("Silent", Membership::Leaving),
        ("Peace", Membership::Leaving),
        ("Gone", Membership::Leaving),
    ]
    .map(|(name, membership)| stands(name, membership));
    stands("Member", Membership::Member);
    book.talk(Some(spoken), "2026-11-01T10:00:00+01:00", TalkDraft::default());
    book.set(peace, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    book.add::<MembershipEvent>(event(gone, MembershipKind::Left, "2026-11-20"));
    let list = |book: &Book, today| -> Vec<_> {
        book.register.save_talks(day(today)).into_iter().map(|view| view.name).collect()
    };
    assert_eq!(list(&book, "2026-11-24"), ["Silent", "Spoken", "Fund"]);

    let draft = book.register.save_talks(day("2026-11-24")).remove(0).draft;
    let talk = book.follow_up("ask what would make them stay", FollowUpDraft { owner: Some(eva), ..draft });
    assert_eq!(book.register.save_talks(day("2026-11-24"))[0].owner_name.as_deref(), Some("Eva"));
    assert_eq!(book.register.due(day("2026-11-24")).len(), 1);
    let done = FollowUpDraft { done_at: Some(book.now), outcome: some("thinks again"), ..Default::default() };
    book.set(talk, done);
    assert_eq!(list(&book, "2026-11-24"), ["Spoken", "Fund", "Silent"]);
    // Who is still leaving half a year later is to be talked with again; who stays is on no list.
    assert_eq!(list(&book, "2027-06-01"), ["Silent", "Spoken", "Fund"]);
    book.set(silent, ContactDraft { membership: Some(Membership::Member), ..Default::default() });
    assert_eq!(list(&book, "2027-06-01"), ["Spoken", "Fund"]);
}

/// 13 a talk that was held stands for half a year: the next one is an occasion of its own, in the same year or in another.
#[test]
fn each_talk_to_keep_a_member_is_an_occasion_of_its_own() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let anna = book.contact("Anna", "", "");
    book.set(anna, ContactDraft { membership: Some(Membership::Leaving), ..Default::default() });
    let view = |book: &Book, today| book.register.save_talks(day(today)).remove(0);
    let take = |book: &mut Book, owner, draft| book.follow_up("talk", FollowUpDraft { owner: Some(owner), ..draft });
    let done = |book: &mut Book, talk, at: &str| {
        book.set(talk, FollowUpDraft { done_at: Some(moment(at)), ..Default::default() });
    };
    let due = |book: &Book, today| book.register.due(day(today)).len();

    // A row of an older version is taken like any other, also in the year after.
    let old = FollowUpDraft { cause: some("save_talk 2025"), ..view(&book, "2025-12-20").draft };
    let first = take(&mut book, eva, old.clone());
    assert_eq!(view(&book, "2026-01-02").owner_name.as_deref(), Some("Eva"));
    assert_eq!(view(&book, "2026-01-02").draft.cause, old.cause);
    done(&mut book, first, "2026-01-10T10:00:00+01:00");
    let stands = view(&book, "2026-03-01");
    assert_eq!((stands.follow_up.map(|row| row.id), due(&book, "2026-03-01")), (Some(first), 0));

    // In August it no longer stands. Two take the next one before they hear of each other: it is one.
    let drafts = [eva, per].map(|owner| (owner, view(&book, "2026-08-01").draft));
    for (owner, draft) in drafts {
        take(&mut book, owner, draft);
    }
    assert_eq!(view(&book, "2026-08-02").owner_name.as_deref(), Some("Per"));
    assert_eq!((due(&book, "2026-08-02"), book.register.hand_over(eva, per).len()), (1, 1));
    assert_eq!(book.register.contact_card(anna, Date::MAX).unwrap().follow_ups.len(), 1);
    let second = view(&book, "2026-08-02").follow_up.unwrap().id;
    done(&mut book, second, "2026-08-03T10:00:00+02:00");
    assert_eq!(due(&book, "2026-08-04"), 0);

    // And the third lies in the year after. What was left open with the second is over with it.
    assert_eq!(view(&book, "2027-02-01").follow_up, None);
    let draft = view(&book, "2027-02-01").draft;
    let third = take(&mut book, eva, draft);
    assert_eq!(due(&book, "2027-02-01"), 1);
    assert_eq!(view(&book, "2027-02-01").follow_up.map(|row| row.id), Some(third));
    book.check_rebuilt();
}

/// 13 an older version wrote one cause a year: what it took again in the same year is not taken for ever.
#[test]
fn a_talk_of_an_older_version_can_be_taken_again() {
    let mut book = Book::new();
    let eva = book.person("Eva");
    let anna = book.contact("Anna", "", "");
    book.set(anna, ContactDraft { membership: Some(Membership::FundOnly), ..Default::default() });
    let view = |book: &Book, today| book.register.save_talks(day(today)).remove(0);
    for done_at in [Some(moment("2026-01-10T10:00:00+01:00")), None] {
        let old = FollowUpDraft { cause: some("save_talk 2026"), done_at, ..view(&book, "2026-01-09").draft };
        book.follow_up("talk", old);
    }
    assert!(view(&book, "2026-02-01").follow_up.is_some_and(|row| row.done_at.is_some()));
    let again = view(&book, "2026-08-01");
    assert_eq!(again.follow_up, None);
    book.follow_up("talk", FollowUpDraft { owner: Some(eva), ..again.draft });
    assert_eq!((book.register.due(day("2026-08-01")).len(), view(&book, "2026-08-01").owner_name), (1, some("Eva")));
}

/// 18 how fresh the list of each source is, and who answers for it.
#[test]
fn every_list_has_a_day_and_an_owner() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    for (source, on, by, undone) in [
        (ImportSource::Employer, "2026-09-01", eva, None),
        (ImportSource::Employer, "2026-08-01", per, None),
        (ImportSource::Employer, "2026-11-01", per, Some(true)),
        (ImportSource::Office, "2026-10-01", per, None),
    ] {
        let at = Some(moment(&format!("{on}T10:00:00+02:00")));
        let (source, by, rows) = (Some(source), Some(by), Some(40));
        book.add::<Import>(ImportDraft { source, at, by, rows, undone, ..Default::default() });
    }
    // What was taken out is nobody's list, whatever else the row says.
    let (source, direction) = (Some(ImportSource::Own), Some(ListDirection::Out));
    let (at, by) = (Some(moment("2026-11-20T10:00:00+02:00")), Some(eva));
    book.add::<Import>(ImportDraft { source, direction, at, by, rows: Some(40), ..Default::default() });
    let sources = book.register.list_sources(day("2026-11-23")).into_iter();
    let sources = sources.map(|of| (of.source, of.on.map(|on| on.to_string()), of.days, of.by_name));
    let expected = [
        (ImportSource::Employer, some("2026-09-01"), Some(83), some("Eva")),
        (ImportSource::Office, some("2026-10-01"), Some(53), some("Per")),
        (ImportSource::Own, None, None, None),
    ];
    assert_eq!(sources.collect::<Vec<_>>(), expected);
}

/// 36 a new member is welcomed: a gift and whatever else is on the list, once, also where two thought of it.
#[test]
fn new_members_are_welcomed() {
    let mut book = Book::new();
    let eva = book.person("Eva");
    book.signs("Anna", "2026-10-01", MembershipEventDraft { recruiter: Some(eva), ..Default::default() });
    book.signs("Bo", "2026-10-02", MembershipEventDraft::default());
    let gone = book.signs("Gone", "2026-10-03", MembershipEventDraft::default());
    book.add::<MembershipEvent>(event(gone, MembershipKind::Left, "2026-10-20"));
    let names =
        |book: &Book| -> Vec<_> { book.register.new_members(&autumn()).into_iter().map(|view| view.name).collect() };
    assert_eq!(names(&book), ["Anna", "Bo"]);

    let draft = book.register.new_members(&autumn()).remove(0).draft;
    let [gift, _, group] = [("gift", "gift"), ("the gift", "gift"), ("into the group", "group")].map(|(what, word)| {
        let cause = draft.cause.as_ref().map(|cause| format!("{cause} {word}"));
        book.follow_up(what, FollowUpDraft { cause, ..draft.clone() })
    });
    let steps = |book: &Book| -> Vec<_> {
        let views = book.register.new_members(&autumn()).into_iter();
        let steps = views.flat_map(|view| view.steps);
        steps.map(|step| (step.what, step.owner_name, step.done_on.is_some())).collect()
    };
    let step = |what: &str, done| (what.to_owned(), some("Eva"), done);
    assert_eq!(steps(&book), [step("the gift", false), step("into the group", false)]);
    let done = FollowUpDraft { done_at: Some(book.now), ..Default::default() };
    book.set(gift, done.clone());
    assert_eq!((names(&book)[0].as_str(), steps(&book)[0].clone()), ("Anna", step("gift", true)));
    book.set(group, done);
    assert_eq!(names(&book), ["Bo", "Anna"]);
}

/// 38, 39 the recruiter's score: waiting, confirmed by dues, expired; a prize and thanks.
#[test]
fn recruiters_are_scored_and_thanked() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let offer = book.campaign("Summer", 2);
    let prize =
        CampaignDraft { prize: some("cinema ticket"), prize_at: Some(2), score_months: Some(1), ..Default::default() };
    book.set(offer, prize);
    let by =
        |recruiter| MembershipEventDraft { recruiter: Some(recruiter), campaign: Some(offer), ..Default::default() };
    let mut signs = |name: &str, on: &str, recruiter, paid: Option<&str>| {
        let contact = book.signs(name, on, by(recruiter));
        paid.map(|on| book.add::<MembershipEvent>(event(contact, MembershipKind::Paying, on)));
        contact
    };
    let anna = signs("Anna", "2026-08-10", eva, Some("2026-10-10"));
    signs("Bo", "2026-08-11", eva, Some("2026-10-11"));
    signs("Cia", "2026-08-12", eva, Some("2026-11-20"));
    signs("Dan", "2026-11-12", per, None);
    signs("Eli", "2026-08-12", per, None);
    assert_eq!(
        table(&book, Report::Recruiters, &autumn())[..2],
        ["Eva|2|0|1||1|cinema ticket", "Per|0|1|1|2027-02-12|0|"]
    );
    // Somebody else signs Anna up again: she was Eva's.
    book.add::<MembershipEvent>(MembershipEventDraft {
        recruiter: Some(per),
        ..event(anna, MembershipKind::Signed, "2026-12-01")
    });
    assert_eq!(book.register.recruiter_scores(&autumn())[0].confirmed, 2);

    let thanks = book.register.thanks_due(&autumn());
    assert_eq!(thanks.iter().map(|thanks| thanks.name.as_str()).collect::<Vec<_>>(), ["Eva", "Eva"]);
    book.follow_up("thank Eva", thanks[0].draft.clone());
    assert_eq!(book.register.thanks_due(&autumn()).len(), 1);
}
