//! Decisions about people who were written down twice.

use super::*;
use crate::tables::{Contact, ContactDraft, LinkKind, Value};
use crate::{Date, Id};

fn contact(desk: &mut Desk, given: &str, phone: &str) -> Id<Contact> {
    desk.add(ContactDraft { given_name: Some(given.into()), phone: Some(phone.into()), ..Default::default() })
}

fn card(desk: &Desk, id: Id<Contact>) -> crate::register::ContactCard {
    desk.book.register().contact_card(id, Date::MAX).unwrap()
}

#[test]
fn a_decision_may_be_repeated_reversed_and_undone() {
    let mut desk = Desk::new();
    let [a, b, c] = [("Anna", "1"), ("Ann", "2"), ("A", "3")].map(|(name, phone)| contact(&mut desk, name, phone));
    let same = desk.act(|book, ctx| book.link_same(ctx, b, a)).unwrap();
    let edits = desk.edits();
    assert!(edits > 3);
    assert_eq!(desk.act(|book, ctx| book.link_same(ctx, a, b)).unwrap(), same);
    assert_eq!((desk.edits(), card(&desk, b).same), (edits, vec![b]));
    let told = &desk.book.register().links_of(a)[0];
    assert_eq!((told.by.as_deref(), told.at.is_some(), told.kind), (Some("Eva"), true, LinkKind::SamePerson));

    // The pair is joined by a third as well: what is said of just the two holds.
    desk.act(|book, ctx| book.link_same(ctx, a, c)).unwrap();
    let round = desk.act(|book, ctx| book.link_same(ctx, c, b)).unwrap();
    let apart = desk.act(|book, ctx| book.link_not_same(ctx, a, b)).unwrap();
    assert_eq!((card(&desk, a).same, card(&desk, b).same), (vec![c], vec![]));
    assert_eq!(desk.book.register().disputed_links().iter().map(|link| link.id).collect::<Vec<_>>(), [round]);
    let edits = desk.edits();
    assert_eq!(desk.act(|book, ctx| book.link_not_same(ctx, b, a)).unwrap(), apart);
    assert_eq!(desk.edits(), edits);

    // Whoever joins the two persons takes back what kept them apart, whomever of them it named.
    desk.act(|book, ctx| book.link_same(ctx, c, b)).unwrap();
    assert_eq!(card(&desk, a).same, [b, c]);
    desk.act(|book, ctx| book.undo_link(ctx, round)).unwrap();
    assert_eq!(card(&desk, a).same, [c]);
    let edits = desk.edits();
    desk.act(|book, ctx| book.undo_link(ctx, round)).unwrap();
    assert_eq!(desk.edits(), edits);

    let refused = desk.act(|book, ctx| book.link_same(ctx, a, a)).unwrap_err();
    assert_eq!(refused.code(), "field_invalid");
    let nobody = RowId::from_bytes([9; 16]).into();
    assert_eq!(desk.act(|book, ctx| book.link_same(ctx, a, nobody)).unwrap_err().code(), "unknown_row");
}

/// Practice 90: one timeline, one card, whichever of its contacts somebody edits.
#[test]
fn an_edit_of_any_of_its_contacts_shows_on_the_card() {
    let mut desk = Desk::new();
    let (a, b) = (contact(&mut desk, "Anna", "0701740612"), contact(&mut desk, "Anna", "0701740613"));
    let link = desk.act(|book, ctx| book.link_same(ctx, a, b)).unwrap();
    let phone = |phone: &str| ContactDraft { phone: Some(phone.into()), ..Default::default() };
    assert_eq!(card(&desk, a).others.len(), 1);
    desk.set(b, phone("0701740614"), &[]);
    assert_eq!((card(&desk, a).contact.phone.as_deref(), card(&desk, a).others.len()), (Some("0701740614"), 0));
    // The one that is shown anyway is the only one written.
    desk.set(a, phone("0701740615"), &[]);
    assert_eq!(card(&desk, b).contact.phone.as_deref(), Some("0701740615"));
    assert_eq!(desk.book.register().contact(b).unwrap().phone.as_deref(), Some("0701740614"));
    desk.set(a, ContactDraft::default(), &["phone"]);
    assert_eq!(card(&desk, a).contact.phone, None);

    let leave = |leave| ContactDraft { do_not_contact: Some(leave), ..Default::default() };
    desk.set(b, leave(true), &[]);
    assert_eq!(card(&desk, a).contact.do_not_contact, Some(true));
    desk.set(a, leave(false), &[]);
    assert_eq!(card(&desk, a).contact.do_not_contact, Some(false));

    desk.act(|book, ctx| book.undo_link(ctx, link)).unwrap();
    desk.set(a, phone("0701740616"), &[]);
    assert_eq!(card(&desk, b).contact.phone, None);
}

#[test]
fn a_choice_counts_for_the_whole_person() {
    let mut desk = Desk::new();
    let contacts = ["1", "2", "3", "4"].map(|phone| contact(&mut desk, "Anna", &format!("070174061{phone}")));
    for contact in &contacts[1..] {
        desk.act(|book, ctx| book.link_same(ctx, contacts[0], *contact)).unwrap();
    }
    let choose = |desk: &mut Desk, field: &str, value: Option<Value>| {
        desk.act(|book, ctx| book.choose(ctx, contacts[2], field, value))
    };
    assert_eq!(card(&desk, contacts[3]).others.len(), 3);
    choose(&mut desk, "phone", Some(Value::Text("0701740613".into()))).unwrap();
    assert_eq!(card(&desk, contacts[3]).others, []);
    assert_eq!(card(&desk, contacts[3]).contact.phone.as_deref(), Some("0701740613"));
    let edits = desk.edits();
    choose(&mut desk, "phone", Some(Value::Text("0701740613".into()))).unwrap();
    assert_eq!(desk.edits(), edits);
    choose(&mut desk, "phone", None).unwrap();
    assert_eq!(card(&desk, contacts[0]).contact.phone, None);

    let code = |error: BookError| match error {
        BookError::Field(field) => field.reason.code(),
        _ => "another",
    };
    for (field, value, refusal) in [
        ("assessment", Value::Int(9), "out_of_range"),
        ("hired_on", Value::Text("soon".into()), "not_a_date"),
        ("membership", Value::Text("sort of".into()), "not_a_choice"),
        ("do_not_contact", Value::Int(1), "not_yes_or_no"),
        ("nickname", Value::Bool(true), "unknown_field"),
    ] {
        assert_eq!(code(choose(&mut desk, field, Some(value)).unwrap_err()), refusal, "{field}");
    }
}
