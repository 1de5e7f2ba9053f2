//! What a tap does for those who are in the register.

use super::*;
use crate::Id;
use crate::lists::{export_csv, export_json, export_vcards};
use crate::register::{Report, ReportQuery};
use crate::tables::{
    AttendanceDraft, AttendanceState, Consent, ConsentDraft, Contact, ContactDraft, ExportKind, FollowUpDraft,
    MembershipEvent, Origin, ReasonDraft, SettingDraft, Table, Talk, TalkAnswer, TalkDraft, VisitDraft, VisitKind,
    Workplace, WorkplaceDraft,
};
use crate::{SignUp, SignedUp};

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
    let edits = desk.edits();
    desk.act(|book, ctx| book.withdraw_consent(ctx, anna, None)).unwrap();
    assert_eq!(desk.edits(), edits);
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

/// Practices 17 and 64: when the months are over people go, and what reports count stays.
#[test]
fn whoever_was_kept_long_enough_is_forgotten_and_no_report_changes() {
    let mut desk = Desk::new();
    let now = desk.now;
    let visit = desk.add(VisitDraft { kind: Some(VisitKind::Table), starts_at: Some(now), ..Default::default() });
    for (name, answer) in [("Anna", TalkAnswer::No), ("Bo", TalkAnswer::Thinking)] {
        let hired_on = "2026-08-03".parse().ok();
        let contact = desk.add(ContactDraft { given_name: some(name), hired_on, ..Default::default() });
        let (contact, visit, at, answer) = (Some(contact), Some(visit), Some(now), Some(answer));
        desk.add::<Talk>(TalkDraft { contact, visit, at, answer, ..Default::default() });
    }
    let member = ContactDraft { given_name: some("Cecilia"), ..Default::default() };
    desk.act(|book, ctx| book.sign_up(ctx, &SignUp { contact: member, visit: Some(visit), ..Default::default() }))
        .unwrap();

    let much_later = now.date_naive() + chrono::Months::new(120);
    // Of a first day the year is kept, so the whole year is asked for.
    let query = ReportQuery::of("2026-01-01".parse().unwrap(), much_later, much_later);
    let reports = |desk: &Desk| {
        let register = desk.book.register();
        Report::ALL.iter().map(|report| register.report(*report, &query)).collect::<Vec<_>>()
    };
    let before = reports(&desk);
    let expired: Vec<_> =
        desk.book.register().expired(much_later).into_iter().map(|one| (one.contact, one.name)).collect();
    assert_eq!(expired.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Anna", "Bo"]);
    for (contact, _) in expired {
        desk.act(|book, ctx| book.forget(ctx, contact)).unwrap();
    }
    assert_eq!(desk.book.register().expired(much_later), []);
    let kept = export_json(desk.book.register());
    assert!(!kept.contains("Anna") && !kept.contains("\"Bo\"") && kept.contains("Cecilia"));
    for (before, after) in before.iter().zip(reports(&desk)) {
        assert_eq!(*before, after);
    }
}

/// Practices 17 and 64: whom nobody remembers is still counted.
#[test]
fn whoever_is_forgotten_has_no_name_and_counts_as_before() {
    const CANARIES: [&str; 6] =
        ["Canary", "0701740699", "canary@exempel.se", "likes chess", "a sister", "her own words"];
    let mut desk = Desk::new();
    let now = desk.now;
    let reason: Id<crate::tables::Reason> =
        desk.add(ReasonDraft { text: some("Somebody beside me"), ..Default::default() });
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
    desk.add::<crate::tables::FollowUp>(promise);
    desk.add::<Consent>(consent(anna, now, "contact"));
    let state = Some(AttendanceState::Attended);
    desk.add::<crate::tables::Attendance>(AttendanceDraft { visit: Some(visit), contact: Some(anna), state });
    let left = crate::tables::MembershipEventDraft {
        contact: Some(anna),
        kind: Some(crate::tables::MembershipKind::Left),
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
    assert_eq!((register.contact_card(anna), register.persons(), register.search("", 10)), (None, vec![], vec![]));
    assert_eq!((register.expired(later), register.not_spoken_with(later, None)), (vec![], vec![]));
    assert_eq!((register.new_hires("2026-01-01".parse().unwrap()), register.due(later)), (vec![], vec![]));
    assert_eq!((register.automatic(today), register.conflicts(), register.duplicates()), (vec![], vec![], vec![]));
    let edits = desk.edits();
    desk.act(|book, ctx| book.forget(ctx, anna)).unwrap();
    assert_eq!(desk.edits(), edits);

    // A colleague's correction that did not know of it is somebody to look at again.
    desk.set(anna, ContactDraft { phone: some("0701740699"), ..Default::default() }, &[]);
    assert_eq!(desk.book.register().search("0701740699", 10).len(), 1);
    assert_eq!(desk.book.register().rows(Table::FollowUps).len(), 0);
}
