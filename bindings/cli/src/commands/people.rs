//! People who were written down twice: who is one person and who is not, and which of several values is right.

use samla_core::register::{DuplicateHint, DuplicateQuery, LinkView};
use samla_core::tables::{Contact, Link, Person, Row, Table};
use samla_core::{BookError, Id};
use serde::Serialize;

use super::rows::{tell_id, typed_value};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::say::{Say, plain};
use crate::words::Words;

/// Whoever in the team has this id, or this name and nobody else has it.
pub(super) fn person(desk: &Desk, typed: &str) -> Result<Id<Person>, Failure> {
    let register = desk.register();
    if let Ok(id) = typed.parse::<Id<Person>>() {
        return register.get(id).map(|person| person.id).ok_or_else(|| BookError::UnknownRow.into());
    }
    only(register.rows(Table::People).into_iter().filter_map(|row| match row {
        Row::People(person) if person.name.as_deref().is_some_and(|name| is_called(name, typed)) => Some(person.id),
        _ => None,
    }))
}

/// Who recruited: somebody of the team or a contact.
type Recruiter = (Option<Id<Person>>, Option<Id<Contact>>);

/// Who recruited, by name or id: somebody of the team, else a contact. So a steward who is a contact, too, is the steward.
pub(super) fn recruiter(desk: &Desk, typed: &str) -> Result<Recruiter, Failure> {
    let register = desk.register();
    let nobody = match person(desk, typed) {
        Ok(person) => return Ok((Some(person), None)),
        Err(failure @ (Failure::NobodyNamed | Failure::Book(BookError::UnknownRow))) => failure,
        Err(failure) => return Err(failure),
    };
    let contact = match typed.parse::<Id<Contact>>() {
        Ok(id) => register.get(id).map(|contact| contact.id).ok_or(nobody)?,
        Err(_) => {
            let persons = register.persons().into_iter();
            only(persons.filter(|one| is_called(&register.name_of_merged(one), typed)).map(|one| one.id))?
        }
    };
    Ok((None, Some(contact)))
}

fn is_called(name: &str, typed: &str) -> bool {
    name.trim().to_lowercase() == typed.trim().to_lowercase()
}

/// The one that was found.
fn only<T>(mut named: impl Iterator<Item = T>) -> Result<T, Failure> {
    let one = named.next().ok_or(Failure::NobodyNamed)?;
    if named.next().is_some() { Err(Failure::SeveralNamed) } else { Ok(one) }
}

/// What was written of a contact, and who it may be.
#[derive(Serialize)]
struct Written<'a, T> {
    #[serde(flatten)]
    rows: &'a T,
    duplicates: Vec<Id<Contact>>,
}

/// Tells what was written of a contact and, where it is a new one, beside that whom somebody already met.
pub(super) fn tell_contact<T: Serialize>(
    desk: &Desk,
    new: Option<Id<Contact>>,
    rows: &T,
    lines: Vec<String>,
    say: &mut Say,
) -> Result<(), Failure> {
    let met = new.map(|new| met_before(desk, new)).unwrap_or_default();
    let duplicates = met.iter().map(|hint| hint.id).collect();
    say.tell(&Written { rows, duplicates }, |_, _| lines)?;
    let Some(new) = new.filter(|_| !met.is_empty()) else { return Ok(()) };
    let words = say.words().clone();
    let mut aside: Vec<_> =
        met.iter().map(|hint| words.say("duplicate.maybe", &[("who", &hint_line(hint, &words))])).collect();
    let known = match &met[..] {
        [one] => one.id.to_string(),
        _ => "ID".to_owned(),
    };
    aside.push(words.say("duplicate.how", &[("id", &known), ("new", &new.to_string())]));
    say.aside(&aside)
}

/// Who may be this contact.
fn met_before(desk: &Desk, new: Id<Contact>) -> Vec<DuplicateHint> {
    let register = desk.register();
    let Some(contact) = register.contact(new) else { return Vec::new() };
    register.duplicate_hint(&DuplicateQuery {
        contact: Some(new),
        given_name: contact.given_name.clone(),
        family_name: contact.family_name.clone(),
        phone: contact.phone.clone(),
        email: contact.email.clone(),
        workplace: contact.workplace,
    })
}

fn hint_line(hint: &DuplicateHint, words: &Words) -> String {
    let parts = [
        Some(format!("{} ({})", plain(&hint.name), hint.id)),
        hint.workplace_name.as_deref().map(plain),
        Some(words.language().word(hint.reason).to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Two contacts are one person.
pub(super) fn same(desk: &mut Desk, a: Id<Contact>, b: Id<Contact>, say: &mut Say) -> Result<(), Failure> {
    must_be_two(a, b)?;
    let link = desk.act(|book, ctx| book.link_same(ctx, a, b))?;
    tell_id(link, say)
}

/// Two contacts are not one person.
pub(super) fn not_same(desk: &mut Desk, a: Id<Contact>, b: Id<Contact>, say: &mut Say) -> Result<(), Failure> {
    must_be_two(a, b)?;
    let link = desk.act(|book, ctx| book.link_not_same(ctx, a, b))?;
    tell_id(link, say)
}

fn must_be_two(a: Id<Contact>, b: Id<Contact>) -> Result<(), Failure> {
    if a == b { Err(Failure::SameContact) } else { Ok(()) }
}

/// A decision about two contacts is taken back.
pub(super) fn undo_link(desk: &mut Desk, link: Id<Link>, say: &mut Say) -> Result<(), Failure> {
    desk.act(|book, ctx| book.undo_link(ctx, link))?;
    tell_id(link, say)
}

/// What was decided about a person; without one, where people disagree.
pub(super) fn links(desk: &Desk, contact: Option<Id<Contact>>, say: &mut Say) -> Result<(), Failure> {
    let register = desk.register();
    let links = contact.map_or_else(|| register.disputed_links(), |contact| register.links_of(contact));
    say.tell(&links, |links, words| links.iter().map(|link| link_line(link, words)).collect())
}

fn link_line(link: &LinkView, words: &Words) -> String {
    let language = words.language();
    let parts = [
        Some(format!("{} {}", link.id, language.word(link.kind))),
        Some(format!("{} {}", link.a, plain(&link.a_name))),
        Some(format!("{} {}", link.b, plain(&link.b_name))),
        link.by.as_deref().map(plain),
        link.at.map(|at| words.when(&at)),
        (!link.holds).then(|| words.say("link.disputed", &[])),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Chooses a value for a whole person.
pub(super) fn choose(
    desk: &mut Desk,
    contact: Id<Contact>,
    field: &str,
    value: &str,
    say: &mut Say,
) -> Result<(), Failure> {
    let value = typed_value(Table::Contacts, field, value)?;
    desk.act(|book, ctx| book.choose(ctx, contact, field, value))?;
    tell_id(contact, say)
}
