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

/// 16 a review of the season: what went well at each visit, and of the campaign.
#[test]
fn a_season_has_its_notes() {
    let mut book = Book::new();
    let autumn = book.campaign("Autumn", 3);
    book.set(autumn, CampaignDraft { note: some("begin earlier"), ..Default::default() });
    let visit = book.visit(None, "2026-10-12T11:30:00+02:00");
    book.set(visit, VisitDraft { review: some("too early"), ..Default::default() });
    assert_eq!(
        book.register.week(day("2026-10-12"), day("2026-10-12")).days[0].visits[0].visit.review,
        some("too early")
    );
    assert_eq!(book.register.get(autumn).unwrap().note, some("begin earlier"));
}

/// 17 why members left, 13 and 32 where people stand. (Also `rules::whoever_pays_before_the_free_months_end_is_a_member`.)
#[test]
fn why_members_left() {
    let mut book = Book::new();
    let fund_only = book.contact("Fund", "", "");
    book.set(fund_only, ContactDraft { membership: Some(Membership::FundOnly), ..Default::default() });
    assert_eq!(book.register.contact_card(fund_only).unwrap().status, Membership::FundOnly);
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

/// 36 a new member's welcome, 38, 39 the recruiter's score: waiting, confirmed by dues, expired; a prize and thanks.
#[test]
fn new_members_are_welcomed_and_recruiters_scored() {
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
    let welcome = FollowUpDraft { kind: Some(FollowUpKind::Welcome), contact: Some(anna), ..Default::default() };
    let gift = book.follow_up("gift", FollowUpDraft { cause: some("new_member gift"), ..welcome.clone() });
    book.follow_up("gift", FollowUpDraft { cause: some("new_member gift"), ..welcome });
    book.set(gift, FollowUpDraft { done_at: Some(book.now), ..Default::default() });
    assert_eq!(book.register.contact_card(anna).unwrap().follow_ups.len(), 1);
}
