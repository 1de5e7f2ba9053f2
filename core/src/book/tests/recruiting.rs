//! Who recruited: a steward or a colleague, as it is written down, told otherwise, forgotten and erased.

use super::*;
use crate::lists::export_json;
use crate::register::ReportQuery;
use crate::tables::{
    Contact, ContactDraft, LinkKind, MembershipEvent, MembershipEventDraft, MembershipKind, Person, Table,
};
use crate::{Id, SignedUp};

fn named(name: &str) -> ContactDraft {
    ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() }
}

/// A desk, its steward, a colleague, and somebody whom the colleague has brought.
fn brought() -> (Desk, Id<Person>, Id<Contact>, SignedUp) {
    let mut desk = Desk::new();
    let eva = desk.book.register().all::<Person>().next().unwrap().id;
    let omar: Id<Contact> = desk.add(named("Omar"));
    let sign_up = SignUp { contact: named("Anna"), colleague: Some(omar), ..SignUp::default() };
    let signed = desk.act(|book, ctx| book.sign_up(ctx, &sign_up)).unwrap();
    (desk, eva, omar, signed)
}

/// The steward whom a sign-up names, and the colleagues whom links name.
fn recruiters(desk: &Desk, signed: SignedUp) -> (Option<Id<Person>>, Vec<Id<Contact>>) {
    let register = desk.book.register();
    let steward = register.get::<MembershipEvent>(signed.membership).and_then(|event| event.recruiter);
    let links = register.links_of(signed.contact).into_iter();
    (steward, links.filter(|link| link.kind == LinkKind::Recruited).map(|link| link.b).collect())
}

#[test]
fn a_sign_up_names_a_steward_or_a_colleague_and_can_be_told_otherwise() {
    let (mut desk, eva, omar, signed) = brought();
    assert_eq!(recruiters(&desk, signed), (None, vec![omar]));
    let mut recruit = |steward, colleague| {
        let done = desk.act(|book, ctx| book.recruit(ctx, signed.membership, steward, colleague));
        (done.is_ok(), desk.edits(), recruiters(&desk, signed))
    };
    let before = recruit(None, Some(omar)).1;
    assert_eq!(recruit(None, Some(omar)), (true, before, (None, vec![omar])), "it is said already");
    assert_eq!(recruit(Some(eva), None).2, (Some(eva), vec![]));
    assert_eq!(recruit(Some(eva), Some(omar)).2, (None, vec![omar]));
    let now = recruit(None, Some(omar));
    for (steward, colleague) in [(None, Some(signed.contact)), (None, Some(Id::default())), (Some(Id::default()), None)]
    {
        assert_eq!(recruit(steward, colleague), (false, now.1, now.2.clone()));
    }
    assert_eq!(recruit(None, None).2, (None, vec![]));
    let paying = MembershipEventDraft {
        contact: Some(signed.contact),
        kind: Some(MembershipKind::Paying),
        on: Some("2026-11-30".parse().unwrap()),
        ..Default::default()
    };
    let paying: Id<MembershipEvent> = desk.add(paying);
    assert!(matches!(desk.act(|book, ctx| book.recruit(ctx, paying, Some(eva), None)), Err(BookError::Field(_))));
}

#[test]
fn nobody_signs_themselves_up_as_the_recruiter() {
    let (mut desk, _, omar, _) = brought();
    let again: Id<Contact> = desk.add(named("Omar"));
    desk.act(|book, ctx| book.link_same(ctx, omar, again)).unwrap();
    let edits = desk.edits();
    let own = SignUp { contact_id: Some(omar), colleague: Some(again), ..SignUp::default() };
    assert!(matches!(desk.act(|book, ctx| book.sign_up(ctx, &own)), Err(BookError::Field(_))));
    let by_nobody = SignUp { contact: named("Bo"), colleague: Some(Id::default()), ..SignUp::default() };
    assert!(matches!(desk.act(|book, ctx| book.sign_up(ctx, &by_nobody)), Err(BookError::UnknownRow)));
    assert_eq!(desk.edits(), edits);
}

/// A sign-up of an earlier day keeps its own recruiter, though a later one was written down before.
#[test]
fn each_sign_up_has_its_own_recruiter() {
    let (mut desk, _, omar, signed) = brought();
    let bo: Id<Contact> = desk.add(named("Bo"));
    let earlier = SignUp {
        contact_id: Some(signed.contact),
        colleague: Some(bo),
        on: "2024-03-01".parse().ok(),
        ..SignUp::default()
    };
    desk.act(|book, ctx| book.sign_up(ctx, &earlier)).unwrap();
    let today = desk.now.date_naive();
    let by = |from: &str, until| {
        let scores = desk.book.register().recruiter_scores(&ReportQuery::of(from.parse().unwrap(), until, today));
        scores.into_iter().map(|score| score.colleague).collect::<Vec<_>>()
    };
    assert_eq!(by("2024-01-01", "2024-12-31".parse().unwrap()), [Some(bo)]);
    assert_eq!(by("2026-01-01", today), [Some(omar)]);
}

/// What is counted stays when either of the two is forgotten, and the colleague's name goes.
#[test]
fn a_recruiter_who_is_forgotten_counts_without_a_name() {
    let (mut desk, _, omar, signed) = brought();
    let today = desk.now.date_naive();
    let scores = |desk: &Desk| {
        let scores = desk.book.register().recruiter_scores(&ReportQuery::of(today, today, today)).into_iter();
        scores.map(|of| (of.recruiter, of.colleague, of.pending, of.confirmed, of.expired)).collect::<Vec<_>>()
    };
    let before = scores(&desk);
    assert_eq!(before, [(None, Some(omar), 1, 0, 0)]);
    for contact in [omar, signed.contact] {
        desk.act(|book, ctx| book.forget(ctx, contact)).unwrap();
        assert_eq!(scores(&desk), before);
    }
    let kept = export_json(desk.book.register());
    assert!(!kept.contains("Omar") && !kept.contains("Anna"), "{kept}");
}

/// Erasing a colleague takes them away as the recruiter, too, and leaves whom they brought.
#[test]
fn erasing_a_recruiter_takes_the_link_and_leaves_the_sign_up() {
    let (mut desk, _, omar, signed) = brought();
    let goes = |desk: &mut Desk, contact| {
        let rows = desk.book.erase_preview(contact).unwrap().rows.into_iter();
        rows.map(|of| (of.table, of.count)).collect::<Vec<_>>()
    };
    assert_eq!(goes(&mut desk, omar), [(Table::Contacts, 1), (Table::Links, 1)]);
    let all = [(Table::Contacts, 1), (Table::Links, 1), (Table::Memberships, 1)];
    assert_eq!(goes(&mut desk, signed.contact), all);
}
