//! What a tap does for those who are in the register.

use super::*;
use crate::lists::{export_csv, export_json, export_vcards};
use crate::register::{CallDecision, Report, ReportQuery};
use crate::tables::{
    AttendanceDraft, AttendanceState, CampaignDraft, Channel, Consent, ConsentDraft, Contact, ContactDraft, ExportKind,
    FollowUp, FollowUpDraft, FollowUpKind, MembershipEvent, MembershipEventDraft, MembershipKind, Origin, Person,
    PersonDraft, Reason, ReasonDraft, SettingDraft, Table, Talk, TalkAnswer, TalkDraft, VisitDraft, VisitKind,
    Workplace, WorkplaceDraft,
};
use crate::{CallLog, SignUp, SignedUp};
use crate::{Date, Id};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn consent(contact: Id<Contact>, at: crate::Moment, purpose: &str) -> ConsentDraft {
    ConsentDraft { contact: Some(contact), purpose: some(purpose), given_at: Some(at), ..Default::default() }
}

/// Practice 7: somebody may change their mind as often as they like.
#[test]
fn a_consent_is_taken_back_and_given_again_in_its_round() {
    let mut desk = Desk::new();
    let anna: Id<Contact> = desk.add(ContactDraft { given_name: some("Anna"), ..Default::default() });
    let now = desk.now;
    let holds = |desk: &Desk, purpose: &str| desk.book.register().consents_to(anna, purpose);
    desk.add::<Consent>(consent(anna, now, "contact"));
    desk.add::<Consent>(consent(anna, now, "newsletter"));
    assert!(holds(&desk, "contact") && holds(&desk, "newsletter"));
    desk.act(|book, ctx| book.withdraw_consent(ctx, anna, Some("Contact"))).unwrap();
    assert!(!holds(&desk, "contact") && holds(&desk, "newsletter"));
    assert_eq!(export_vcards(desk.book.register(), "contact"), "");
    let again = desk.add::<Consent>(consent(anna, now, "contact"));
    assert_eq!(desk.book.register().get(again).unwrap().round, Some(2));
    assert!(holds(&desk, "contact") && export_vcards(desk.book.register(), "contact").contains("FN:Anna"));
    desk.act(|book, ctx| book.withdraw_consent(ctx, anna, None)).unwrap();
    assert!(!holds(&desk, "contact") && !holds(&desk, "newsletter"));
    // Said once more it ends the next round, too; then nothing is left to say.
    for written in [1, 0] {
        let edits = desk.edits();
        desk.act(|book, ctx| book.withdraw_consent(ctx, anna, None)).unwrap();
        assert_eq!(desk.edits(), edits + written);
    }
}

/// Practice 7: whoever says no has said it to everybody, also of what nobody has written down on this phone.
#[test]
fn a_withdrawal_ends_what_this_phone_has_not_heard_of() {
    let mut desk = Desk::new();
    let anna: Id<Contact> = desk.add(ContactDraft { given_name: some("Anna"), ..Default::default() });
    let now = desk.now;
    let holds = |desk: &Desk, purpose: &str| desk.book.register().consents_to(anna, purpose);
    // As a phone writes it that knows of no withdrawal in this round.
    let unaware = |purpose: &str, round| ConsentDraft { round: Some(round), ..consent(anna, now, purpose) };
    desk.act(|book, ctx| book.withdraw_consent(ctx, anna, Some(" Photo "))).unwrap();
    let edits = desk.edits();
    for again in ["photo", " "] {
        desk.act(|book, ctx| book.withdraw_consent(ctx, anna, Some(again))).unwrap();
    }
    assert_eq!(desk.edits(), edits);
    let told = desk.book.register().consents(anna).remove(0);
    assert_eq!((told.purpose.as_str(), told.holds, told.given_at), ("Photo", false, None));
    assert!(told.withdrawn_at.is_some());
    desk.add::<Consent>(unaware("photo", 1));
    desk.add::<Consent>(unaware("news", 1));
    assert!(!holds(&desk, "photo") && holds(&desk, "news"));
    let given = desk.add::<Consent>(consent(anna, now, "photo"));
    assert_eq!(desk.book.register().get(given).unwrap().round, Some(2));
    assert!(holds(&desk, "photo"));

    // All purposes, up to the last round that is known of any.
    desk.act(|book, ctx| book.withdraw_consent(ctx, anna, None)).unwrap();
    for (purpose, round) in [("visit", 1), ("visit", 2), ("photo", 2)] {
        desk.add::<Consent>(unaware(purpose, round));
        assert!(!holds(&desk, purpose), "{purpose}");
    }
    let given = desk.add::<Consent>(consent(anna, now, "visit"));
    assert_eq!(desk.book.register().get(given).unwrap().round, Some(3));
    assert!(holds(&desk, "visit") && !holds(&desk, "photo") && !holds(&desk, "news"));
}

/// Practice 7: whoever says no again may have said yes in between, to a phone that is not heard of yet.
#[test]
fn a_second_withdrawal_ends_what_was_agreed_to_after_the_first() {
    let mut desk = Desk::new();
    let anna: Id<Contact> = desk.add(ContactDraft { given_name: some("Anna"), ..Default::default() });
    let now = desk.now;
    let holds = |desk: &Desk, purpose: &str| desk.book.register().consents_to(anna, purpose);
    let rows = |desk: &Desk| desk.book.register().all::<Consent>().count();
    let withdraw = |desk: &mut Desk, purpose| desk.act(|book, ctx| book.withdraw_consent(ctx, anna, purpose)).unwrap();
    // As a phone writes it that knows of the first withdrawal alone.
    let between = |purpose: &str, round| ConsentDraft { round: Some(round), ..consent(anna, now, purpose) };
    desk.add::<Consent>(consent(anna, now, "news"));
    for known in [1, 2, 2] {
        withdraw(&mut desk, Some("News"));
        assert_eq!(rows(&desk), known);
    }
    desk.add::<Consent>(between("news", 2));
    assert!(!holds(&desk, "news"));
    for known in [4, 4] {
        withdraw(&mut desk, Some("news"));
        assert_eq!(rows(&desk), known);
    }
    let given = desk.add::<Consent>(consent(anna, now, "news"));
    assert_eq!(desk.book.register().get(given).unwrap().round, Some(4));
    assert!(holds(&desk, "news"));

    for known in [6, 7, 7] {
        withdraw(&mut desk, None);
        assert_eq!(rows(&desk), known);
    }
    desk.add::<Consent>(between("photo", 5));
    assert!(!holds(&desk, "news") && !holds(&desk, "photo"));
    let given = desk.add::<Consent>(consent(anna, now, "photo"));
    assert_eq!(desk.book.register().get(given).unwrap().round, Some(6));
    // After the last round that there can be, what is here is taken back all the same.
    desk.add::<Consent>(between("visit", 1_000));
    for _ in 0..2 {
        withdraw(&mut desk, Some("visit"));
    }
    assert!(holds(&desk, "photo") && !holds(&desk, "visit"));
}

/// Practice 7: what one person took back does not hold again because a link is undone.
#[test]
fn a_withdrawal_ends_every_row_of_the_person() {
    let mut desk = Desk::new();
    let [anna, again] =
        ["Anna", "Ann"].map(|name| desk.add::<Contact>(ContactDraft { given_name: some(name), ..Default::default() }));
    let now = desk.now;
    let holds = |desk: &Desk| [anna, again].map(|contact| desk.book.register().consents_to(contact, "contact"));
    for _ in 0..2 {
        desk.add::<Consent>(consent(anna, now, "contact"));
        desk.act(|book, ctx| book.withdraw_consent(ctx, anna, Some("contact"))).unwrap();
    }
    desk.add::<Consent>(consent(anna, now, "contact"));
    desk.add::<Consent>(consent(again, now, "contact"));
    desk.add::<Consent>(consent(again, now, "news"));
    assert_eq!(holds(&desk), [true, true]);
    let link = desk.act(|book, ctx| book.link_same(ctx, anna, again)).unwrap();
    // The row of the third round holds; that of the first is older than the withdrawals as the person reads now.
    desk.act(|book, ctx| book.withdraw_consent(ctx, again, Some("contact"))).unwrap();
    assert_eq!(holds(&desk), [false, false]);
    desk.act(|book, ctx| book.undo_link(ctx, link)).unwrap();
    assert_eq!(holds(&desk), [false, false]);
    assert!(desk.book.register().consents_to(again, "news"));
    desk.add::<Consent>(consent(again, now, "contact"));
    assert_eq!(holds(&desk), [false, true]);
}

/// Practice 58: what somebody agreed to is known by the text that was shown then.
#[test]
fn a_consent_carries_the_version_and_the_language_of_its_text() {
    let mut desk = Desk::new();
    let now = desk.now;
    let anna: Id<Contact> =
        desk.add(ContactDraft { given_name: some("Anna"), origin: Some(Origin::Colleague), ..Default::default() });
    let shown = |desk: &Desk, id: Id<Consent>| {
        let consent = desk.book.register().get(id).unwrap();
        (consent.text_version.clone(), consent.language.clone())
    };
    let without: Id<Consent> = desk.add(consent(anna, now, "contact"));
    assert_eq!(shown(&desk, without), (None, None));
    assert_eq!(desk.book.register().notices_due(now.date_naive()).len(), 1);

    let settings = desk.book.register().settings().id;
    let set = |desk: &mut Desk, version, languages| {
        let (purpose_version, languages) = (some(version), some(languages));
        desk.set(settings, SettingDraft { purpose_version, languages, ..Default::default() }, &[]);
    };
    set(&mut desk, "2026-1", "nb, en");
    let first: Id<Consent> = desk.add(consent(anna, now, "news"));
    assert_eq!(desk.book.register().notices_due(now.date_naive()), []);
    set(&mut desk, "2026-2", "sv");
    let own = |version: Option<&str>, language: Option<&str>| ConsentDraft {
        text_version: version.map(str::to_owned),
        language: language.map(str::to_owned),
        ..consent(anna, now, "news")
    };
    let second: Id<Consent> = desk.add(own(None, Some("fi")));
    let third: Id<Consent> = desk.add(own(Some("on paper"), None));
    assert_eq!(shown(&desk, first), (some("2026-1"), some("nb")));
    assert_eq!(shown(&desk, second), (some("2026-2"), some("fi")));
    assert_eq!(shown(&desk, third), (some("on paper"), None));
}

/// Anna, who works at Norra, and Bo, who both agreed to get news.
fn two_agreed(desk: &mut Desk) -> Id<Workplace> {
    let (norra, now) = (desk.add(WorkplaceDraft { name: some("Norra"), ..Default::default() }), desk.now);
    for (name, workplace) in [("Anna", Some(norra)), ("Bo", None)] {
        let email = Some(format!("{name}@exempel.se"));
        let contact = desk.add(ContactDraft { given_name: some(name), email, workplace, ..Default::default() });
        desk.add::<Consent>(consent(contact, now, "news"));
    }
    norra
}

/// Practice 7: whoever takes addresses out is noted, for what purpose and of how many people, and nobody whose they are.
#[test]
fn what_is_taken_out_is_noted_and_names_nobody() {
    let mut desk = Desk::new();
    let norra = two_agreed(&mut desk);
    let take = |desk: &mut Desk, purpose: &str, workplace| -> Vec<String> {
        let taken = desk.act(|book, ctx| book.take_addresses(ctx, purpose, workplace)).unwrap();
        taken.into_iter().map(|address| address.name).collect()
    };
    // To count is not to take, and whoever finds nobody takes nothing.
    let edits = desk.edits();
    let register = desk.book.register();
    assert_eq!((register.addresses_to_take("news", None), register.vcards_to_take("news")), (2, 2));
    assert_eq!(take(&mut desk, "photo", None), [""; 0]);
    assert_eq!(desk.act(|book, ctx| book.take_vcards(ctx, "photo")).unwrap(), "");
    assert_eq!((desk.edits(), desk.book.register().taken_out()), (edits, vec![]));

    assert_eq!(take(&mut desk, " News", None), ["Anna", "Bo"]);
    assert_eq!(take(&mut desk, "news", Some(norra)), ["Anna"]);
    assert_eq!(desk.act(|book, ctx| book.take_vcards(ctx, "news")).unwrap().matches("FN:").count(), 2);
    assert_eq!(desk.edits(), edits + 3);
    let taken = desk.book.register().taken_out();
    let told = |kind, purpose: &str, workplace: Option<&str>, n| {
        (Some(kind), some(purpose), workplace.map(str::to_owned), Some(n), some("Eva"))
    };
    let expected = [
        told(ExportKind::Vcards, "news", None, 2),
        told(ExportKind::Addresses, "news", Some("Norra"), 1),
        told(ExportKind::Addresses, "News", None, 2),
    ];
    assert_eq!(taken[0].at, Some(desk.now));
    let taken = taken.into_iter().map(|one| (one.kind, one.purpose, one.workplace_name, one.n, one.by_name));
    assert_eq!(taken.collect::<Vec<_>>(), expected);
    let rows = export_csv(desk.book.register(), Table::Imports);
    assert!(rows.contains("news") && !rows.contains("Anna") && !rows.contains("exempel"), "{rows}");
    assert!(desk.book.imports().unwrap().is_empty(), "what was taken out never came in");
}

/// Practices 7 and 45: whoever cannot write down that they took addresses takes none.
#[test]
fn a_reader_takes_no_addresses_out() {
    let mut desk = Desk::new();
    two_agreed(&mut desk);
    // As on a device that came in by a reader's invitation.
    desk.book.replica.log = None;
    desk.book.replica.local.joined_as = Some(samla_wire::Role::Reader);
    let refused = [
        desk.act(|book, ctx| book.take_addresses(ctx, "news", None)).err(),
        desk.act(|book, ctx| book.take_vcards(ctx, "news")).err(),
        desk.act(|book, ctx| book.take_addresses(ctx, "photo", None)).err(),
    ];
    assert!(refused.iter().all(|error| matches!(error, Some(BookError::NotAllowed))), "{refused:?}");
    assert_eq!(desk.book.register().taken_out(), []);
}

#[test]
fn a_notice_is_noted_once_with_its_version() {
    let mut desk = Desk::new();
    let settings = desk.book.register().settings().id;
    desk.set(settings, SettingDraft { notice_version: some("2026-1"), ..Default::default() }, &[]);
    let origin = Some(Origin::OfficeList);
    let anna: Id<Contact> = desk.add(ContactDraft { given_name: some("Anna"), origin, ..Default::default() });
    let today = desk.now.date_naive();
    assert_eq!(desk.book.register().notices_due(today).len(), 1);
    desk.act(|book, ctx| book.note_told(ctx, anna, None)).unwrap();
    assert_eq!(desk.book.register().notices_due(today), []);
    desk.act(|book, ctx| book.note_told(ctx, anna, Some("2026-12-01".parse().unwrap()))).unwrap();
    let notice = desk.book.register().notice(anna, today).unwrap();
    assert_eq!((notice.told_on, notice.told_version.as_deref()), (Some(today), Some("2026-1")));
}

/// What a report or a view counts, whoever is remembered.
fn figures(desk: &Desk, query: &ReportQuery) -> Vec<String> {
    let register = desk.book.register();
    let reports = Report::ALL.iter().map(|report| format!("{:?}", register.report(*report, query)));
    let views = [
        format!("{:?}", register.call_figures(query)),
        format!("{:?}", register.inbound_figures(query)),
        format!("{:?}", register.talks_by_channel(query)),
        format!("{:?}", register.best_slots(query)),
        format!("{:?}", register.thanks_due(query)),
    ];
    reports.chain(views).collect()
}

/// Practices 17 and 64: when the months are over people go, and what reports count stays.
#[test]
fn whoever_was_kept_long_enough_is_forgotten_and_no_report_changes() {
    let mut desk = Desk::new();
    let now = desk.now;
    let today = now.date_naive();
    let visit = desk.add(VisitDraft { kind: Some(VisitKind::Table), starts_at: Some(now), ..Default::default() });
    let reason = desk.add::<Reason>(ReasonDraft { text: some("Somebody beside me"), ..Default::default() });
    assert!(desk.book.register().get(reason).is_some());
    let campaign = Some(desk.add(CampaignDraft { name: some("Autumn"), trial_months: Some(2), ..Default::default() }));
    let much_later = today + chrono::Months::new(120);
    let eva = desk.book.register().all::<Person>().next().map(|person| person.id);
    let done = |desk: &mut Desk, contact, kind, cause: Option<&str>, kept| {
        let (what, outcome, owner, done_at) = (some("see Hidden"), some("Hidden is glad"), eva, Some(now));
        let (contact, kind, cause) = (Some(contact), Some(kind), cause.map(str::to_owned));
        desk.add::<FollowUp>(FollowUpDraft {
            what,
            kind,
            contact,
            owner,
            done_at,
            kept,
            outcome,
            cause,
            ..Default::default()
        });
    };
    let came = |name: &str| ContactDraft { given_name: some(name), family_name: some("Hidden"), ..Default::default() };
    let hired_on = "2026-08-03".parse().ok();

    // Who said no, and a prospect to whom much was promised.
    for (name, answer) in [("Anna", TalkAnswer::No), ("Bo", TalkAnswer::Thinking)] {
        let contact = desk.add(ContactDraft { hired_on, ..came(name) });
        let (of, visit, at, answer) = (Some(contact), Some(visit), Some(now), Some(answer));
        let reason_used = some("Somebody beside me");
        desk.add::<Talk>(TalkDraft { contact: of, visit, at, answer, reason_used, ..Default::default() });
        for kept in [Some(true), Some(false), None] {
            done(&mut desk, contact, FollowUpKind::Promise, None, kept);
        }
    }
    // Whom only a welcome has caught, written down by two; one of them forgot to tick it off.
    let contact = desk.add(ContactDraft { hired_on, ..came("Dag") });
    done(&mut desk, contact, FollowUpKind::Welcome, Some("first_day 2026"), None);
    let (what, cause) = (some("welcome"), some("first_day 2026"));
    desk.add::<FollowUp>(FollowUpDraft {
        what,
        cause,
        contact: Some(contact),
        attempts: Some(1),
        ..Default::default()
    });
    // Two who turned to the union by themselves, of whom one wants to be left alone.
    for (name, do_not_contact) in [("Gun", None), ("Hal", Some(true))] {
        let (origin, source) = (Some(Origin::Themselves), some("wrote to us"));
        let contact = desk.add(ContactDraft { origin, source, do_not_contact, ..came(name) });
        let (contact, at) = (Some(contact), Some(now + chrono::TimeDelta::days(1)));
        desk.add::<Talk>(TalkDraft { contact, at, channel: Some(Channel::Email), ..Default::default() });
    }
    // One who leaves in the free months, one who is not to be called any more, and a student who paid and left.
    let student_until = "2027-06-10".parse().ok();
    let sign_up = |desk: &mut Desk, contact| {
        let sign_up = SignUp { contact, visit: Some(visit), campaign, ..Default::default() };
        desk.act(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap().contact
    };
    let elin = sign_up(&mut desk, came("Elin"));
    let call = FollowUpDraft {
        what: some("call Hidden"),
        ..desk.book.register().call_list(today, much_later, today).remove(0).draft
    };
    for decision in [None, None, Some(CallDecision::Leaves)] {
        let log = CallLog { call: call.clone(), decision, reason: some("too dear"), ..Default::default() };
        desk.act(|book, ctx| book.log_call(ctx, &log)).unwrap();
    }
    sign_up(&mut desk, ContactDraft { do_not_contact: Some(true), ..came("Ivar") });
    let finn = sign_up(&mut desk, ContactDraft { student_until, ..came("Finn") });
    for (kind, on) in [(MembershipKind::Paying, "2026-10-24"), (MembershipKind::Left, "2027-02-01")] {
        let (contact, kind, on) = (Some(finn), Some(kind), on.parse().ok());
        desk.add::<MembershipEvent>(MembershipEventDraft { contact, kind, on, ..Default::default() });
    }
    let thanks = format!("thank_recruiter {}", eva.unwrap());
    done(&mut desk, finn, FollowUpKind::Request, Some(&thanks), None);
    let cecilia = sign_up(&mut desk, ContactDraft { given_name: some("Cecilia"), ..Default::default() });
    let (contact, kind, on) = (Some(cecilia), Some(MembershipKind::Paying), "2026-10-24".parse().ok());
    desk.add::<MembershipEvent>(MembershipEventDraft { contact, kind, on, ..Default::default() });
    let (what, contact, done_at, cause) = (some("cake"), Some(cecilia), Some(now), Some(thanks));
    desk.add::<FollowUp>(FollowUpDraft { what, contact, done_at, cause, ..Default::default() });

    // Of a first day the year is kept, so the whole year is asked for.
    let query = ReportQuery::of("2026-01-01".parse().unwrap(), much_later, much_later);
    let before = figures(&desk, &query);
    let calls = desk.book.register().call_figures(&query).remove(0);
    assert_eq!((calls.ending, calls.called, calls.attempts, calls.leaves, calls.undecided), (4, 1, 3, 2, 1));
    assert!(desk.book.register().thanks_due(&query).is_empty());
    let expired = desk.book.register().expired(much_later);
    let mut names: Vec<_> = expired.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Anna", "Bo", "Dag", "Elin", "Finn", "Gun", "Hal", "Ivar"].map(|name| format!("{name} Hidden")));
    for one in expired {
        desk.act(|book, ctx| book.forget(ctx, one.contact)).unwrap();
    }
    assert_eq!(desk.book.register().expired(much_later), []);
    let kept = export_json(desk.book.register());
    assert!(!kept.contains("Hidden") && !kept.contains("\"Bo\"") && kept.contains("Cecilia"), "{kept}");
    for (before, after) in before.iter().zip(figures(&desk, &query)) {
        assert_eq!(*before, after);
    }
    assert_eq!(desk.book.register().call_list(today, much_later, today).len(), 1);
    assert_eq!((desk.book.register().inbound(&query), desk.book.register().call_clashes(today)), (vec![], vec![]));
    let edits = desk.edits();
    desk.act(|book, ctx| book.forget(ctx, elin)).unwrap();
    assert_eq!(desk.edits(), edits);
}

/// Practices 17 and 64: the way of whoever came by themselves is counted; where a list or a colleague has them from goes with the name.
#[test]
fn only_the_way_of_whoever_came_by_themselves_outlives_the_name() {
    let mut desk = Desk::new();
    let today = desk.now.date_naive();
    let told = |origin, source| ContactDraft {
        given_name: some("Gun"),
        origin: Some(origin),
        source: some(source),
        ..Default::default()
    };
    let sources = ["the office in spring", "wrote to us", "a friend from Norra"];
    let origins = [Origin::OfficeList, Origin::Themselves, Origin::Colleague];
    let gun: [Id<Contact>; 3] = [0, 1, 2].map(|row: usize| desk.add(told(origins[row], sources[row])));
    for other in &gun[1..] {
        desk.act(|book, ctx| book.link_same(ctx, gun[0], *other)).unwrap();
    }
    let query = ReportQuery::of(today, today, today);
    let before = figures(&desk, &query);
    let ways: Vec<_> = desk.book.register().inbound_figures(&query).into_iter().map(|way| way.source).collect();
    assert_eq!(ways, [some("wrote to us")]);
    desk.act(|book, ctx| book.forget(ctx, gun[0])).unwrap();
    let left = gun.map(|id| desk.book.register().get(id).unwrap().source.clone());
    assert_eq!(left, [None, some("wrote to us"), None]);
    assert_eq!(figures(&desk, &query), before);
}

/// Practice 90: nobody is to do any more what was meant for whoever is forgotten, and how often it was tried is counted.
#[test]
fn nothing_is_left_to_do_for_whoever_is_forgotten() {
    let mut desk = Desk::new();
    let today = desk.now.date_naive();
    let [eva, per] = ["Eva", "Per"].map(|name| desk.add(PersonDraft { name: some(name), ..Default::default() }));
    let anna: Id<Contact> = desk.add(ContactDraft { given_name: some("Anna"), ..Default::default() });
    let promise = |attempts| FollowUpDraft {
        what: some("call Anna"),
        contact: Some(anna),
        owner: Some(eva),
        due: Some(today),
        attempts,
        ..Default::default()
    };
    let untried = desk.add::<FollowUp>(promise(None));
    let tried = desk.add::<FollowUp>(promise(Some(2)));
    let open = |desk: &Desk| {
        let register = desk.book.register();
        let team =
            register.team(today).into_iter().flat_map(|unit| unit.members).map(|member| member.open).sum::<i64>();
        let query = ReportQuery::of(today, today, today);
        let promised: i64 = register.promise_figures(&query).iter().map(|figures| figures.open).sum();
        (
            register.due(today).len(),
            register.open(Some(eva), today).len(),
            register.hand_over(eva, per).len(),
            team,
            promised,
        )
    };
    assert_eq!(open(&desk), (2, 2, 2, 2, 2));
    desk.act(|book, ctx| book.forget(ctx, anna)).unwrap();
    assert_eq!(open(&desk), (0, 0, 0, 0, 0));
    let register = desk.book.register();
    assert_eq!(register.get(untried), None);
    assert_eq!(register.get(tried).map(|row| (row.what.clone(), row.attempts)), Some((None, Some(2))));
}

/// Practices 17 and 64: whom nobody remembers is still counted.
#[test]
fn whoever_is_forgotten_has_no_name_and_counts_as_before() {
    const CANARIES: [&str; 6] =
        ["Canary", "0701740699", "canary@exempel.se", "likes chess", "a sister", "her own words"];
    let mut desk = Desk::new();
    let now = desk.now;
    let reason: Id<Reason> = desk.add(ReasonDraft { text: some("Somebody beside me"), ..Default::default() });
    assert!(desk.book.register().get(reason).is_some());
    let visit = desk.add(VisitDraft { kind: Some(VisitKind::Table), starts_at: Some(now), ..Default::default() });
    let contact = ContactDraft {
        given_name: some("Anna"),
        family_name: some("Canary"),
        phone: some("0701740699"),
        email: some("canary@exempel.se"),
        hired_on: "2026-08-03".parse().ok(),
        note: some("likes chess"),
        ..Default::default()
    };
    let sign_up = SignUp { contact, visit: Some(visit), ..Default::default() };
    let SignedUp { contact: anna, membership } = desk.act(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap();
    let again: Id<Contact> = desk.add(ContactDraft { family_name: some("Canary"), ..Default::default() });
    desk.act(|book, ctx| book.link_same(ctx, anna, again)).unwrap();
    let talk = |used: &str, note: &str| TalkDraft {
        contact: Some(again),
        visit: Some(visit),
        at: Some(now),
        answer: Some(TalkAnswer::Signed),
        reason_used: some(used),
        note: some(note),
        ..Default::default()
    };
    let kept = desk.add::<Talk>(talk("Somebody beside me", "has a sister"));
    let own = desk.add::<Talk>(talk("her own words", ""));
    let promise = FollowUpDraft { what: some("call Canary"), contact: Some(anna), ..Default::default() };
    desk.add::<FollowUp>(promise);
    desk.add::<Consent>(consent(anna, now, "contact"));
    let state = Some(AttendanceState::Attended);
    desk.add::<crate::tables::Attendance>(AttendanceDraft { visit: Some(visit), contact: Some(anna), state });
    let left = MembershipEventDraft {
        contact: Some(anna),
        kind: Some(MembershipKind::Left),
        on: "2026-08-24".parse().ok(),
        reason: some("Canary was angry"),
        ..Default::default()
    };
    let left = desk.add::<MembershipEvent>(left);

    let before = desk.book.register().table_summary(visit);
    desk.act(|book, ctx| book.forget(ctx, again)).unwrap();
    let register = desk.book.register();
    let all = export_json(register);
    assert!(CANARIES.iter().all(|canary| !all.contains(canary)), "{all}");
    let after = register.table_summary(visit);
    assert_eq!((after.signed, after.entries.len()), (before.signed, before.entries.len()));
    assert_eq!(after.signed, 1);
    assert_eq!(register.get(kept).unwrap().reason_used.as_deref(), Some("Somebody beside me"));
    assert_eq!(
        (register.get(own).unwrap().reason_used.as_deref(), register.get(own).unwrap().contact),
        (None, Some(again))
    );
    assert_eq!(register.get(membership).unwrap().visit, Some(visit));
    assert_eq!((register.get(left).unwrap().reason.as_deref(), register.all::<MembershipEvent>().count()), (None, 2));
    let row = register.contact(anna).unwrap();
    assert!(row.is_forgotten() && row.hired_on == "2026-01-01".parse().ok());

    // Nobody meets them again, in any list.
    let (today, later) = (now.date_naive(), "2036-01-01".parse().unwrap());
    assert_eq!(
        (register.contact_card(anna, Date::MAX), register.persons(), register.search("", 10, Date::MAX)),
        (None, vec![], vec![])
    );
    assert_eq!((register.expired(later), register.not_spoken_with(later, None)), (vec![], vec![]));
    assert_eq!((register.new_hires("2026-01-01".parse().unwrap(), Date::MAX), register.due(later)), (vec![], vec![]));
    assert_eq!(
        (register.automatic(today), register.conflicts(), register.duplicates(Date::MAX)),
        (vec![], vec![], vec![])
    );
    let edits = desk.edits();
    desk.act(|book, ctx| book.forget(ctx, anna)).unwrap();
    assert_eq!(desk.edits(), edits);

    // A colleague's correction that did not know of it is somebody to look at again.
    desk.set(anna, ContactDraft { phone: some("0701740699"), ..Default::default() }, &[]);
    assert_eq!(desk.book.register().search("0701740699", 10, Date::MAX).len(), 1);
    assert_eq!(desk.book.register().rows(Table::FollowUps).len(), 0);
}
