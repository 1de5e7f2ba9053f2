//! The rules that live here once: what prevails, where a person stands, what follows by itself.

use super::*;

fn answers(values: &[Option<Value>]) -> Vec<Answer> {
    let answer = |(nth, value): (usize, &Option<Value>)| Answer {
        value: value.clone(),
        device: DeviceId::from_bytes([nth as u8; 16]),
        at: Default::default(),
    };
    values.iter().enumerate().map(answer).collect()
}

/// The status stays what was last known; the card tells until when it counts, as long as nobody has said more.
#[test]
fn a_card_tells_until_when_a_trial_counts() {
    let mut book = Book::new();
    let (trial_months, score_months) = (Some(2), Some(1));
    let offer =
        book.add(CampaignDraft { name: some("Spring"), trial_months, score_months, ..CampaignDraft::default() });
    let anna = book.contact("Anna", "", "");
    let happens = |book: &mut Book, kind, on: &str, campaign| -> Id<MembershipEvent> {
        let (contact, kind, on) = (Some(anna), Some(kind), Some(day(on)));
        book.add(MembershipEventDraft { contact, kind, on, campaign, ..MembershipEventDraft::default() })
    };
    let stands = |book: &Book| {
        let card = book.register.contact_card(anna, Date::MAX).unwrap();
        (card.status, card.trial_until)
    };
    assert_eq!(stands(&book), (Membership::Unknown, None));
    happens(&mut book, MembershipKind::Signed, "2026-01-31", Some(offer));
    assert_eq!(stands(&book), (Membership::Trial, Some(day("2026-04-30"))));
    book.set(anna, ContactDraft { membership: Some(Membership::Leaving), ..Default::default() });
    assert_eq!(stands(&book), (Membership::Leaving, None));
    book.set(anna, ContactDraft { membership: Some(Membership::Trial), ..Default::default() });
    assert_eq!(stands(&book), (Membership::Trial, Some(day("2026-04-30"))));
    happens(&mut book, MembershipKind::Paying, "2026-06-01", None);
    assert_eq!(stands(&book), (Membership::Member, None));
}

/// Writes several answers to one field at once; the document lets the first hold.
fn clash(book: &mut Book, table: Table, id: impl Into<RowId>, field: &str, values: &[Option<Value>]) {
    book.change(table, id, |state| {
        state.fields.retain(|(name, _)| name != field);
        state.fields.extend(values[0].clone().map(|value| (field.to_owned(), value)));
        state.clashes = vec![Clash { field: field.to_owned(), answers: answers(values) }];
    });
}

fn status(book: &Book, contact: Id<Contact>) -> Membership {
    book.register.contact_card(contact, Date::MAX).unwrap().status
}

fn automatic(book: &Book, today: &str) -> Vec<(AutomaticReason, String, i64)> {
    let views = book.register.automatic(day(today)).into_iter();
    views.map(|view| (view.reason, view.due.to_string(), view.overdue_days)).collect()
}

fn due(book: &Book) -> Vec<Id<FollowUp>> {
    book.register.due(day("2026-11-30")).into_iter().map(|view| view.follow_up.id).collect()
}

#[test]
fn the_stronger_answer_holds_and_both_stay_visible() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "0701740612");
    let call: Id<FollowUp> = book.add(FollowUpDraft {
        what: some("call back"),
        contact: Some(anna),
        kind: Some(FollowUpKind::Call),
        due: Some(day("2026-11-23")),
        ..Default::default()
    });
    assert_eq!(due(&book), [call]);
    clash(&mut book, Table::Contacts, anna, "do_not_contact", &[Some(Value::Bool(false)), Some(Value::Bool(true))]);
    assert_eq!(due(&book), []);
    let shown = book.register.conflicts().remove(0).answers;
    assert_eq!(shown.iter().map(|answer| answer.shown.as_str()).collect::<Vec<_>>(), ["true", "false"]);
    assert_eq!(book.register.contact(anna).unwrap().do_not_contact, Some(true));
    clash(&mut book, Table::Contacts, anna, "do_not_contact", &[None, Some(Value::Bool(true))]);
    assert_eq!(due(&book), []);
    clash(&mut book, Table::Contacts, anna, "do_not_contact", &[Some(Value::Bool(false)), None]);
    assert_eq!(due(&book), [call]);

    let at = |text: &str| Some(moment(text).to_value());
    let (early, late) = ("2026-11-23T11:30:00+01:00", "2026-11-23T11:30:00+00:00");
    let unreadable = Some(Value::Text("soon".into()));
    clash(&mut book, Table::FollowUps, call, "done_at", &[None, unreadable, at(late), at(early)]);
    assert_eq!(due(&book), []);
    assert_eq!(book.register.get(call).unwrap().done_at, Some(moment(early)));
    assert_eq!(book.register.conflicts_of(Table::FollowUps, call.row())[0].answers.len(), 4);

    let visit = book.visit(None, "2026-11-23T11:30:00+01:00");
    let states = [VisitState::Cancelled, VisitState::Planned, VisitState::Done].map(|state| Some(state.to_value()));
    clash(&mut book, Table::Visits, visit, "state", &states);
    assert_eq!(book.register.get(visit).unwrap().state, Some(VisitState::Done));
    clash(&mut book, Table::Visits, visit, "state", &states[..2]);
    assert_eq!(book.register.get(visit).unwrap().state, Some(VisitState::Cancelled));
    book.check_rebuilt();
}

/// Practice 89: one phone says the promise was kept while another gives it a new day.
#[test]
fn done_wins_over_a_new_day_and_the_new_day_is_not_lost() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "");
    let promise: Id<FollowUp> = book.add(FollowUpDraft {
        what: some("find out about parking"),
        contact: Some(anna),
        due: Some(day("2026-11-23")),
        ..Default::default()
    });
    book.set(promise, FollowUpDraft { due: Some(day("2026-11-30")), ..Default::default() });
    book.set(promise, FollowUpDraft { done_at: Some(book.now), kept: Some(true), ..Default::default() });
    assert_eq!(due(&book), []);
    let card = book.register.contact_card(anna, Date::MAX).unwrap();
    assert_eq!((card.timeline[0].kind, card.timeline[0].row_id), (TimelineKind::Done, promise.row()));
    assert_eq!(card.timeline[0].due, Some(day("2026-11-30")));
    assert_eq!(book.register.get(promise).unwrap().due, Some(day("2026-11-30")));
}

/// Practices 7 and 58: what was taken back stays taken back, whatever another phone wrote meanwhile.
#[test]
fn a_consent_that_was_withdrawn_is_withdrawn() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "0701740612");
    let consent = |purpose: &str, given: &str| ConsentDraft {
        contact: Some(anna),
        purpose: some(purpose),
        given_at: Some(moment(given)),
        ..Default::default()
    };
    let holds = |book: &Book| book.register.consents_to(anna, " Contact ");
    assert!(!holds(&book));
    let first: Id<Consent> = book.add(consent("contact", "2026-08-22T11:30:00+02:00"));
    book.add::<Consent>(consent("newsletter", "2026-08-22T11:30:00+02:00"));
    assert!(holds(&book) && !book.register.consents_to(anna, "photo"));

    // One phone takes it back while another, not knowing, writes the same consent down again.
    let withdrawn = Some(moment("2026-09-01T10:00:00+02:00").to_value());
    clash(&mut book, Table::Consents, first, "withdrawn_at", &[None, withdrawn]);
    book.add::<Consent>(consent("contact", "2026-09-01T10:00:00+02:00"));
    assert!(!holds(&book) && book.register.consents_to(anna, "newsletter"));
    // Not even a clock that is ahead brings it back; knowing of the withdrawal does.
    book.add::<Consent>(consent("contact", "2036-09-02T10:00:00+02:00"));
    assert!(!holds(&book));
    assert_eq!((book.register.consent_round(anna, "contact"), book.register.consent_round(anna, "newsletter")), (2, 1));
    let second = |given: &str| ConsentDraft { round: Some(2), ..consent("contact", given) };
    let again = book.add::<Consent>(second("2026-08-02T10:00:00+02:00"));
    assert!(holds(&book));
    book.change(Table::Consents, again, |state| state.live = false);
    let other = book.contact("Anna", "Svensson", "");
    book.link(anna, other, LinkKind::SamePerson);
    book.add::<Consent>(ConsentDraft { contact: Some(other), ..second("2026-09-03T10:00:00+02:00") });
    assert!(holds(&book));
    let told = book.register.consents(other);
    let told: Vec<_> = told.iter().map(|view| (view.purpose.as_str(), view.holds, view.rows.len())).collect();
    assert_eq!(told, [("contact", true, 4), ("newsletter", true, 1)]);
    let withdrawn_at = Some(moment("2026-09-04T10:00:00+02:00"));
    let all = ConsentDraft { withdrawn_at, round: Some(2), ..Default::default() };
    book.add::<Consent>(ConsentDraft { contact: Some(other), ..all });
    assert!(!holds(&book) && !book.register.consents_to(anna, "newsletter"));
    book.check_rebuilt();
}

/// Practices 33 and 61: the end of the free months is computed from the sign-up.
#[test]
fn free_months_end_on_the_same_day_or_the_last_of_the_month() {
    let cases = [
        ("2026-08-22", 3, "2026-11-22"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2024-02-29", 12, "2025-02-28"),
    ];
    for (signed, months, ends) in cases {
        assert_eq!(trial_end(day(signed), months), Some(day(ends)), "{signed} + {months}");
    }
    for months in [0, -1, i64::MAX, i64::from(u32::MAX)] {
        assert_eq!(trial_end(day("2026-08-22"), months), None);
    }
}

/// Practices 13 and 32: where a person stands follows from what happened and when.
#[test]
fn whoever_pays_before_the_free_months_end_is_a_member() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Three"), trial_months: Some(3), ..Default::default() });
    let signed =
        |contact, on| MembershipEventDraft { campaign: Some(offer), ..event(contact, MembershipKind::Signed, on) };
    let anna = book.contact("Anna", "", "");
    book.add::<MembershipEvent>(signed(anna, "2026-08-22"));
    book.add::<MembershipEvent>(event(anna, MembershipKind::TrialEnds, "2026-12-31"));
    assert_eq!(status(&book, anna), Membership::Trial);
    book.add::<MembershipEvent>(event(anna, MembershipKind::Paying, "2026-10-01"));
    assert_eq!(status(&book, anna), Membership::Member);
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2026-11-01"));
    assert_eq!(status(&book, anna), Membership::Former);
    // Back again, written down by two: one of them forgot the campaign.
    book.add::<MembershipEvent>(signed(anna, "2027-01-10"));
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2027-01-10"));
    assert_eq!(status(&book, anna), Membership::Trial);
    book.set(anna, ContactDraft { membership: Some(Membership::Leaving), ..Default::default() });
    assert_eq!(status(&book, anna), Membership::Leaving);

    let bo = book.contact("Bo", "", "");
    book.add::<MembershipEvent>(event(bo, MembershipKind::Left, "2025-01-01"));
    book.add::<MembershipEvent>(event(bo, MembershipKind::TrialEnds, "2026-12-31"));
    assert_eq!(status(&book, bo), Membership::Trial);
    book.check_rebuilt();
}

/// Practices 13, 17 and 32: of a leaving and a sign-up on one day the one that was written down later holds.
#[test]
fn whoever_left_and_signed_again_on_one_day_is_in() {
    use MembershipKind::{Left, Paying, Signed};
    let mut book = Book::new();
    let [anna, bo, cia] = ["Anna", "Bo", "Cia"].map(|name| book.contact(name, "", ""));
    book.add::<MembershipEvent>(event(anna, Paying, "2025-01-01"));
    for (contact, kinds) in [(anna, &[Left, Signed][..]), (bo, &[Signed, Left]), (cia, &[Left, Signed, Paying])] {
        for kind in kinds {
            book.add::<MembershipEvent>(event(contact, *kind, "2026-11-20"));
        }
    }
    let stand = [anna, bo, cia].map(|contact| status(&book, contact));
    assert_eq!(stand, [Membership::Trial, Membership::Former, Membership::Member]);
    let query = ReportQuery::of(day("2026-11-01"), day("2026-11-30"), day("2026-11-30"));
    let month = book.register.members_over_time(&query).remove(0);
    assert_eq!((month.members, month.trial), (1, 1));
    let signed = book.register.sign_ups_by(SignUpGroup::Campaign, &query).remove(0);
    assert_eq!((signed.signed, signed.paying, signed.left, signed.undecided), (3, 1, 1, 1));
    let left = book.register.leave_reasons(&query).remove(0);
    assert_eq!((left.left, left.without_paying), (3, 2));
    book.check_rebuilt();
}

/// Practices 32 and 38: a sign-up is confirmed when dues are paid, whether or not anybody knows of free months.
#[test]
fn whoever_signed_up_is_on_trial_until_dues_are_paid() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "");
    book.set(anna, ContactDraft { membership: Some(Membership::Trial), ..Default::default() });
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-08-22"));
    assert_eq!(status(&book, anna), Membership::Trial);
    let query = ReportQuery::of(day("2026-08-01"), day("2026-12-31"), day("2026-12-31"));
    let counted = |book: &Book| -> Vec<_> {
        let months = book.register.members_over_time(&query).into_iter();
        months.map(|month| (month.members, month.trial)).collect()
    };
    assert_eq!(counted(&book), [(0, 1); 5]);

    book.add::<MembershipEvent>(event(anna, MembershipKind::Paying, "2026-11-22"));
    assert_eq!(status(&book, anna), Membership::Member);
    assert_eq!(counted(&book), [(0, 1), (0, 1), (0, 1), (1, 0), (1, 0)]);
    // The form is signed once more at a table: she has been a member all along.
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-12-10"));
    assert_eq!((status(&book, anna), counted(&book)[4]), (Membership::Member, (1, 0)));
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2026-12-20"));
    book.add::<MembershipEvent>(event(anna, MembershipKind::Signed, "2026-12-27"));
    assert_eq!((status(&book, anna), counted(&book)[4]), (Membership::Trial, (0, 1)));
    book.check_rebuilt();
}

/// Practices 64 and 72: nobody writes down that somebody did not stay. Once dues would have been paid, they count no more.
#[test]
fn a_trial_after_which_nobody_paid_does_not_count_for_ever() {
    let mut book = Book::new();
    let offer = CampaignDraft { name: some("Three months"), trial_months: Some(3), ..Default::default() };
    let [offer, slow] = [None, Some(6)].map(|score_months| book.add(CampaignDraft { score_months, ..offer.clone() }));
    let norra = book.workplace("Norra");
    let mut sign_up = |campaign: Option<Id<Campaign>>| {
        let contact = book.contact("Anna", "", "");
        book.set(contact, ContactDraft { workplace: Some(norra), ..Default::default() });
        let signed = event(contact, MembershipKind::Signed, "2026-08-22");
        book.add::<MembershipEvent>(MembershipEventDraft { campaign, ..signed });
        contact
    };
    // Free until 22 November: dues may be paid until 22 February or 22 May. The third's end is not known.
    let [anna, _, _] = [Some(offer), Some(slow), None].map(&mut sign_up);
    let counted = |book: &Book, from: &str, until: &str| -> Vec<_> {
        let query = ReportQuery::of(day(from), day(until), day("2028-01-01"));
        book.register.members_over_time(&query).iter().map(|month| (month.members, month.trial)).collect()
    };
    assert_eq!(counted(&book, "2027-02-22", "2027-02-22"), [(0, 3)]);
    assert_eq!(counted(&book, "2027-02-23", "2027-05-31"), [(0, 2), (0, 2), (0, 2), (0, 1)]);
    assert_eq!(counted(&book, "2027-08-22", "2027-09-30"), [(0, 0), (0, 0)]);
    assert_eq!(counted(&book, "2027-08-22", "2027-08-22"), [(0, 1)]);
    let members = |book: &Book, today: &str| book.register.coverage(day(today), None).remove(0).members;
    assert_eq!((members(&book, "2027-02-22"), members(&book, "2027-02-23")), (3, 2));
    // What somebody writes down wins, however late; until then the trial is the last that is known.
    assert_eq!(status(&book, anna), Membership::Trial);
    book.add::<MembershipEvent>(event(anna, MembershipKind::Paying, "2027-04-10"));
    assert_eq!(counted(&book, "2027-02-23", "2027-05-31"), [(0, 2), (0, 2), (1, 2), (1, 1)]);
    assert_eq!([members(&book, "2027-04-09"), members(&book, "2027-04-10")], [2, 3]);
    assert_eq!(status(&book, anna), Membership::Member);
    book.check_rebuilt();
}

/// Practices 13, 32 and 70: whoever will leave or pay on a day to come has not done so yet.
#[test]
fn what_is_dated_ahead_holds_from_its_day() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Three"), trial_months: Some(3), ..Default::default() });
    let [anna, bo, cia] = ["Anna", "Bo", "Cia"].map(|name| book.contact(name, "", ""));
    book.set(anna, ContactDraft { membership: Some(Membership::Leaving), ..Default::default() });
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2027-01-31"));
    let signed = event(bo, MembershipKind::Signed, "2026-11-01");
    book.add::<MembershipEvent>(MembershipEventDraft { campaign: Some(offer), ..signed });
    book.add::<MembershipEvent>(event(bo, MembershipKind::Paying, "2027-02-01"));
    book.add::<MembershipEvent>(event(cia, MembershipKind::Paying, "2020-01-01"));
    book.add::<MembershipEvent>(event(cia, MembershipKind::Left, "2027-01-31"));
    let stand = |today: &str| {
        let today = day(today);
        let kept: Vec<_> = book.register.save_talks(today).into_iter().map(|view| view.contact).collect();
        let month = book.register.members_over_time(&ReportQuery::of(today, today, today)).remove(0);
        let status = |id| book.register.contact_card(id, today).map(|card| (card.status, card.trial_until));
        ([anna, bo, cia].map(|id| status(id).unwrap()), kept, (month.members, month.trial))
    };
    use Membership::{Former, Leaving, Member, Trial};
    assert_eq!(stand("2027-01-30"), ([(Leaving, None), (Trial, None), (Leaving, None)], vec![anna, cia], (2, 1)));
    assert_eq!(stand("2027-01-31"), ([(Former, None), (Trial, None), (Former, None)], vec![], (0, 1)));
    assert_eq!(stand("2027-02-01"), ([(Former, None), (Member, None), (Former, None)], vec![], (1, 0)));
    // What was decided is told before it holds.
    let call = book.register.call_list(day("2027-02-01"), day("2027-02-01"), day("2026-11-30")).remove(0);
    assert_eq!((call.decision, call.decided_on), (Some(CallDecision::Stays), Some(day("2027-02-01"))));
    assert_eq!(book.register.search("anna", 1, day("2027-01-30"))[0].membership, Leaving);
}

/// Practices 17, 20 and 38: dues that the office has confirmed were paid, also where the person left on that day; what is
/// confirmed ahead has still to come.
#[test]
fn a_leaving_takes_back_no_dues_that_were_confirmed() {
    for (pays_on, confirmed, told) in
        [("2026-11-23", true, (1, 0, 0)), ("2026-11-23", false, (0, 1, 1)), ("2026-12-01", true, (0, 1, 1))]
    {
        let mut book = Book::new();
        let recruiter = Some(book.person("Eva"));
        let anna = book.contact("Anna", "", "");
        let signed = event(anna, MembershipKind::Signed, "2026-11-01");
        book.add::<MembershipEvent>(MembershipEventDraft { recruiter, ..signed });
        let confirmed_on = Some(day("2026-11-23")).filter(|_| confirmed);
        let paying = event(anna, MembershipKind::Paying, pays_on);
        book.add::<MembershipEvent>(MembershipEventDraft { confirmed_on, ..paying });
        book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2026-11-23"));
        let query = ReportQuery::of(day("2026-11-01"), day("2026-12-31"), day("2026-12-31"));
        let score = book.register.recruiter_scores(&query).remove(0);
        let left = book.register.leave_reasons(&query).remove(0);
        assert_eq!((score.confirmed, score.expired, left.without_paying), told, "{pays_on} {confirmed}");
        assert_eq!(status(&book, anna), Membership::Former);
    }
}

/// Practices 33, 64 and 70: the same sign-up once more, without its campaign, takes no free months away.
#[test]
fn signing_again_without_a_campaign_leaves_the_free_months() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Six months"), trial_months: Some(6), ..Default::default() });
    let [anna, again] = ["Anna", "Anna S"].map(|name| book.contact(name, "", ""));
    let signed = event(anna, MembershipKind::Signed, "2026-08-31");
    book.add::<MembershipEvent>(MembershipEventDraft { campaign: Some(offer), ..signed });
    book.add::<MembershipEvent>(event(again, MembershipKind::Signed, "2026-11-28"));
    book.link(anna, again, LinkKind::SamePerson);
    let (from, until) = (day("2027-02-01"), day("2027-04-30"));
    let query = ReportQuery::of(from, until, day("2027-02-20"));
    let told = |book: &Book| {
        let calls = book.register.call_list(from, until, query.today).into_iter();
        let calls: Vec<_> = calls.map(|call| (call.trial_ends_on, call.signed_on, call.campaign)).collect();
        let undecided: i64 = book.register.call_figures(&query).iter().map(|figures| figures.undecided).sum();
        (calls, undecided)
    };
    assert_eq!(told(&book), (vec![(day("2027-02-28"), Some(day("2026-08-31")), Some(offer))], 1));
    // Dues are paid, and the form comes in once more.
    let paying = book.add::<MembershipEvent>(event(anna, MembershipKind::Paying, "2026-11-20"));
    assert_eq!(status(&book, anna), Membership::Member);
    book.change(Table::Memberships, paying, |state| state.live = false);
    // Whoever left between the two begins anew, and of that no free months are known.
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2026-10-01"));
    assert_eq!((told(&book), status(&book, anna)), ((Vec::new(), 0), Membership::Trial));
    book.check_rebuilt();
}

/// Practices 38, 64 and 72: whoever signs again once the first trial has lapsed is on trial anew, and whoever brought them counts.
#[test]
fn signing_again_after_a_trial_has_lapsed_begins_another() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Three months"), trial_months: Some(3), ..Default::default() });
    let [eva, per] = ["Eva", "Per"].map(|name| Some(book.person(name)));
    let norra = book.workplace("Norra");
    let anna = book.contact("Anna", "", "");
    book.set(anna, ContactDraft { workplace: Some(norra), ..Default::default() });
    let signed = |campaign, recruiter, on| MembershipEventDraft {
        campaign,
        recruiter,
        ..event(anna, MembershipKind::Signed, on)
    };
    // Free until 5 April: dues may be paid until 5 July.
    book.add::<MembershipEvent>(signed(Some(offer), eva, "2026-01-05"));
    let again = book.add::<MembershipEvent>(signed(None, per, "2026-07-05"));
    let today = day("2026-12-01");
    let query = ReportQuery::of(day("2026-06-01"), day("2026-10-31"), today);
    let told = |book: &Book| {
        let until = book.register.contact_card(anna, today).and_then(|card| card.trial_until);
        let months: Vec<_> = book.register.members_over_time(&query).iter().map(|month| month.trial).collect();
        (until, book.register.coverage(today, None).remove(0).members, months)
    };
    let scores = |book: &Book| -> Vec<_> {
        let scores = book.register.recruiter_scores(&ReportQuery { from: day("2026-01-01"), ..query.clone() });
        scores.into_iter().map(|score| (score.name, score.confirmed, score.pending, score.expired)).collect()
    };
    assert_eq!(told(&book), (Some(day("2026-07-05")), 0, vec![1, 0, 0, 0, 0]));
    assert_eq!(scores(&book), [("Eva".into(), 0, 0, 1)]);
    book.set(again, MembershipEventDraft { on: Some(day("2026-10-01")), ..Default::default() });
    assert_eq!(told(&book), (Some(day("2027-10-01")), 1, vec![1, 0, 0, 0, 1]));
    assert_eq!(scores(&book), [("Per".into(), 0, 1, 0), ("Eva".into(), 0, 0, 1)]);
    // An end that is told is that of the last sign-up, and wakes no trial that has lapsed.
    let told_end = book.add::<MembershipEvent>(event(anna, MembershipKind::TrialEnds, "2027-01-01"));
    assert_eq!(told(&book), (Some(day("2027-04-01")), 1, vec![1, 0, 0, 0, 1]));
    assert_eq!(scores(&book), [("Per".into(), 0, 1, 0), ("Eva".into(), 0, 0, 1)]);
    book.set(told_end, MembershipEventDraft { on: Some(day("2026-04-05")), ..Default::default() });
    // Whoever pays for the first has not lapsed, and signs the same once more.
    book.add::<MembershipEvent>(event(anna, MembershipKind::Paying, "2026-07-01"));
    assert_eq!(told(&book), (None, 1, vec![1, 0, 0, 0, 0]));
    assert_eq!(scores(&book), [("Eva".into(), 1, 0, 0)]);
    book.check_rebuilt();
}

/// Practices 13, 17 and 70: free months known by their end alone had begun when somebody wrote of them.
#[test]
fn whoever_leaves_before_free_months_of_unknown_beginning_end_has_left() {
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "");
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2025-01-01"));
    book.add::<MembershipEvent>(event(anna, MembershipKind::TrialEnds, "2026-12-10"));
    let query = ReportQuery::of(day("2026-10-01"), day("2026-12-31"), day("2026-12-31"));
    let told = |book: &Book| {
        let register = &book.register;
        let call = register.call_list(query.from, query.until, day("2026-11-26")).remove(0);
        let calls = register.call_figures(&query).remove(0);
        let trial: Vec<_> = register.members_over_time(&query).iter().map(|month| month.trial).collect();
        (status(book, anna), call.decision, (calls.leaves, calls.undecided), trial)
    };
    assert_eq!(told(&book), (Membership::Trial, None, (0, 1), vec![0, 1, 1]));
    assert_eq!(automatic(&book, "2026-11-26").len(), 1);
    book.add::<MembershipEvent>(event(anna, MembershipKind::Left, "2026-11-25"));
    assert_eq!(told(&book), (Membership::Former, Some(CallDecision::Leaves), (1, 0), vec![0, 0, 0]));
    assert_eq!(automatic(&book, "2026-11-26"), []);

    // The membership began with the trial: it was none before, and is none after.
    let bo = book.contact("Bo", "", "");
    book.add::<MembershipEvent>(event(bo, MembershipKind::TrialEnds, "2026-12-10"));
    book.add::<MembershipEvent>(event(bo, MembershipKind::Left, "2026-12-01"));
    let months = book.register.members_over_time(&query);
    assert_eq!(months.iter().map(|month| (month.members, month.trial)).collect::<Vec<_>>(), [(0, 0), (0, 1), (0, 0)]);
    book.check_rebuilt();
}

/// Practices 1, 84 and 86: the welcome of the first day and a second talk a month later come by themselves.
#[test]
fn a_first_day_calls_for_a_welcome_and_a_second_talk() {
    use AutomaticReason::{FirstDay, FirstMonth};
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "0701740612");
    book.set(anna, ContactDraft { hired_on: Some(day("2026-11-02")), ..Default::default() });
    assert_eq!(automatic(&book, "2026-11-01"), []);
    assert_eq!(automatic(&book, "2026-11-02"), [(FirstDay, "2026-11-02".into(), 0)]);
    assert_eq!(automatic(&book, "2026-12-01"), [(FirstDay, "2026-11-02".into(), 29)]);
    assert_eq!(automatic(&book, "2026-12-02"), [(FirstMonth, "2026-12-02".into(), 0)]);
    assert_eq!(automatic(&book, "2027-01-31"), []);

    let welcome = book.register.automatic(day("2026-11-03")).remove(0);
    assert_eq!((welcome.name.as_str(), welcome.phone.as_deref()), ("Anna", Some("0701740612")));
    assert_eq!((welcome.cause.as_str(), welcome.draft.kind), ("first_day 2026-Q4", Some(FollowUpKind::Welcome)));
    let acted: Id<FollowUp> = book.add(FollowUpDraft { what: some("welcome"), ..welcome.draft });
    assert_eq!(automatic(&book, "2026-11-03"), []);
    assert_eq!(due(&book), [acted]);
    // A corrected day is the same first day.
    book.set(anna, ContactDraft { hired_on: Some(day("2026-11-03")), ..Default::default() });
    assert_eq!(automatic(&book, "2026-11-03"), []);
    book.change(Table::FollowUps, acted, |state| state.live = false);
    assert_eq!(automatic(&book, "2026-11-03"), [(FirstDay, "2026-11-03".into(), 0)]);

    let talk = |at: &str| TalkDraft { contact: Some(anna), at: Some(moment(at)), ..Default::default() };
    // A phone whose clock is a year ahead has not welcomed her.
    book.add::<Talk>(talk("2027-11-04T11:30:00+01:00"));
    assert_eq!(automatic(&book, "2026-11-03").len(), 1);
    book.add::<Talk>(talk("2026-11-04T11:30:00+01:00"));
    assert_eq!(automatic(&book, "2026-11-05"), []);
    assert_eq!(automatic(&book, "2026-12-05").len(), 1);
    book.add::<Talk>(talk("2026-11-25T11:30:00+01:00"));
    assert_eq!(automatic(&book, "2026-12-05"), []);
    book.check_rebuilt();
}

/// Practices 84 and 86: whoever comes back for another season is welcomed again, and whose first day is corrected is not.
#[test]
fn each_first_day_is_welcomed_once() {
    use AutomaticReason::{FirstDay, FirstMonth};
    let hire = |book: &mut Book, contact: Id<Contact>, on: &str| {
        book.set(contact, ContactDraft { hired_on: Some(day(on)), ..Default::default() });
    };
    // Takes what is due on a day, and tells what it was.
    let take = |book: &mut Book, today: &str| -> Vec<AutomaticReason> {
        book.now = moment(&format!("{today}T10:00:00+01:00"));
        let views = book.register.automatic(day(today));
        let taken = views.into_iter().map(|view| {
            book.add::<FollowUp>(FollowUpDraft { what: some("talk"), done_at: Some(book.now), ..view.draft });
            view.reason
        });
        taken.collect()
    };
    let mut book = Book::new();
    let anna = book.contact("Anna", "", "");
    for [first, month] in [["2026-01-12", "2026-02-11"], ["2026-08-17", "2026-09-16"]] {
        hire(&mut book, anna, first);
        assert_eq!([take(&mut book, first), take(&mut book, month)], [[FirstDay], [FirstMonth]]);
        assert!(take(&mut book, month).is_empty());
    }
    let welcomed = |book: &Book| book.register.new_hires(day("2026-01-01"), Date::MAX)[0].hires[0].contacted_on;
    assert_eq!(welcomed(&book), Some(day("2026-08-17")));

    // Over New Year it stays the same first day.
    let mut book = Book::new();
    let bo = book.contact("Bo", "", "");
    hire(&mut book, bo, "2026-12-29");
    assert_eq!(take(&mut book, "2026-12-29"), [FirstDay]);
    hire(&mut book, bo, "2027-01-04");
    assert!(take(&mut book, "2027-01-04").is_empty());
    assert_eq!(welcomed(&book), Some(day("2026-12-29")));
    assert_eq!(take(&mut book, "2027-02-03"), [FirstMonth]);
    hire(&mut book, bo, "2026-12-29");
    assert!(take(&mut book, "2027-02-03").is_empty());

    // A row that names the year alone stands for the first day that it was about.
    let mut book = Book::new();
    let cia = book.contact("Cia", "", "");
    book.now = moment("2026-01-12T10:00:00+01:00");
    let (kind, what, cause) = (Some(FollowUpKind::Welcome), some("talk"), some("first_day 2026"));
    let due = Some(day("2026-01-12"));
    book.add::<FollowUp>(FollowUpDraft { kind, what, cause, due, contact: Some(cia), ..Default::default() });
    hire(&mut book, cia, "2026-01-14");
    assert_eq!(take(&mut book, "2026-01-14"), []);
    hire(&mut book, cia, "2026-08-17");
    assert_eq!(take(&mut book, "2026-08-17"), [FirstDay]);
    book.check_rebuilt();
}

/// Practice 70: two weeks before the free months end somebody calls, unless the person has decided or wants no calls.
#[test]
fn the_end_of_the_free_months_calls_for_a_call() {
    let mut book = Book::new();
    let offer = book.add(CampaignDraft { name: some("Three"), trial_months: Some(3), ..Default::default() });
    let anna = book.contact("Anna", "", "");
    let again = book.contact("Anna", "S", "");
    for contact in [anna, again] {
        let signed = event(contact, MembershipKind::Signed, "2026-08-31");
        book.add::<MembershipEvent>(MembershipEventDraft { campaign: Some(offer), ..signed });
    }
    book.link(anna, again, LinkKind::SamePerson);
    let call = || (AutomaticReason::TrialEnds, "2026-11-16".to_owned(), 0);
    assert_eq!(automatic(&book, "2026-11-15"), []);
    assert_eq!(automatic(&book, "2026-11-16"), [call()]);
    assert_eq!(book.register.automatic(day("2026-11-16"))[0].cause, "trial_ends signed 2026-08-31");
    // The campaign was given a fourth month: so has the call.
    book.set(offer, CampaignDraft { trial_months: Some(4), ..Default::default() });
    assert_eq!(automatic(&book, "2026-11-16"), []);
    book.set(offer, CampaignDraft { trial_months: Some(3), ..Default::default() });
    book.set(again, ContactDraft { do_not_contact: Some(true), ..Default::default() });
    assert_eq!(automatic(&book, "2026-11-16"), []);
    book.set(again, ContactDraft { do_not_contact: Some(false), ..Default::default() });
    assert_eq!(automatic(&book, "2026-11-16"), [call()]);
    book.add::<MembershipEvent>(event(again, MembershipKind::Left, "2026-11-10"));
    assert_eq!(automatic(&book, "2026-11-16"), []);
}

/// Practices 11, 43, 46 and 88: a taster for those who are no members, and then a talk.
#[test]
fn a_meeting_calls_for_a_talk_with_the_guests_who_came() {
    let mut book = Book::new();
    let starts_at = Some(moment("2026-11-20T17:00:00+01:00"));
    let meeting = |kind| VisitDraft { kind: Some(kind), starts_at, ..Default::default() };
    let lecture = book.add(meeting(VisitKind::Lecture));
    let table = book.add(meeting(VisitKind::Table));
    let guest = book.contact("Anna", "", "");
    let member = book.contact("Bo", "", "");
    let absent = book.contact("Cia", "", "");
    book.add::<MembershipEvent>(event(member, MembershipKind::Paying, "2020-01-01"));
    let attendance =
        |visit, contact, state| AttendanceDraft { visit: Some(visit), contact: Some(contact), state: Some(state) };
    for contact in [guest, member] {
        book.add::<Attendance>(attendance(lecture, contact, AttendanceState::Attended));
        book.add::<Attendance>(attendance(table, contact, AttendanceState::Attended));
    }
    book.add::<Attendance>(attendance(lecture, absent, AttendanceState::Invited));
    assert_eq!(automatic(&book, "2026-11-20"), []);
    let views = book.register.automatic(day("2026-11-23"));
    assert_eq!(views.iter().map(|view| (view.contact, view.overdue_days)).collect::<Vec<_>>(), [(guest, 2)]);
    assert_eq!((views[0].cause.clone(), views[0].draft.visit), (format!("after_meeting {lecture}"), Some(lecture)));
    // What was said at the meeting itself is not the talk after it.
    for (at, left) in [("2026-11-20T18:00:00+01:00", 1), ("2026-11-21T09:00:00+01:00", 0)] {
        book.add::<Talk>(TalkDraft { contact: Some(guest), at: Some(moment(at)), ..Default::default() });
        assert_eq!(automatic(&book, "2026-11-23").len(), left);
    }
    book.check_rebuilt();
}

/// Practice 2: two catch the same new colleague without knowing of each other.
#[test]
fn rows_of_one_cause_read_as_one() {
    let mut book = Book::new();
    let [eva, per] = ["Eva", "Per"].map(|name| book.person(name));
    let anna = book.contact("Anna", "", "");
    let again = book.contact("Anna", "S", "");
    let claim = |contact: Option<Id<Contact>>, workplace, owner, cause: &str| FollowUpDraft {
        what: some("welcome"),
        owner: Some(owner),
        cause: some(cause),
        due: Some(day("2026-11-23")),
        contact,
        workplace,
        ..Default::default()
    };
    let first: Id<FollowUp> = book.add(claim(Some(anna), None, eva, "first_day 2026"));
    let second: Id<FollowUp> = book.add(claim(Some(again), None, per, "first_day 2026"));
    assert_eq!(due(&book), [first, second]);
    book.link(anna, again, LinkKind::SamePerson);
    let views = book.register.due(day("2026-11-30"));
    assert_eq!((views.len(), views[0].follow_up.id, views[0].owner_name.as_deref()), (1, second, Some("Per")));
    assert_eq!(views[0].also.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
    assert_eq!(book.register.contact_card(anna, Date::MAX).unwrap().follow_ups.len(), 1);

    let norra = book.workplace("Norra");
    let sodra = book.workplace("Södra");
    let [a, _, c] = [norra, norra, sodra].map(|place| book.add(claim(None, Some(place), eva, "refill")));
    let refills = due(&book);
    assert_eq!((refills.len(), refills.contains(&a), refills.contains(&c)), (3, false, true));
    book.set(a, FollowUpDraft { done_at: Some(book.now), ..Default::default() });
    book.set(first, FollowUpDraft { done_at: Some(book.now), ..Default::default() });
    assert_eq!(due(&book), [c]);
    book.check_rebuilt();
}
