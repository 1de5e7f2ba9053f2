//! The register that is measured: contacts with twelve filled fields, two talks each, and a follow-up for every other.
//!
//! Everything about a contact follows from its number, so that a plain automerge document can hold the same. Of a hundred,
//! four are written down twice at one table and nine again at a later visit, each time with the number typed in another way.
//! Phone numbers begin with +999, which is no country: nobody can be called by mistake, and no two people have the same.

use chrono::TimeDelta;
use samla_core::register::DuplicateQuery;
use samla_core::tables::{
    Channel, Contact, ContactDraft, Draft, FollowUpDraft, FollowUpKind, Membership, Occasion, Origin, TalkAnswer,
    TalkDraft, Workplace, WorkplaceDraft,
};
use samla_core::{Id, Moment};
use samla_tests::season::names::{FAMILY, GIVEN};

/// Contacts at one workplace.
const AT_ONE_WORKPLACE: usize = 40;
/// Where the numbers of those begin who have two.
const SECOND_PHONES: usize = 400_000_000;

fn of<T: Copy>(list: &[T], index: usize) -> T {
    *list.get(index % list.len()).expect("a list that is not empty")
}

pub(crate) fn given_name(n: usize) -> &'static str {
    of(&GIVEN, n)
}

pub(crate) fn family_name(n: usize) -> &'static str {
    of(&FAMILY, n / GIVEN.len() + n % 7)
}

fn phone(n: usize) -> String {
    format!("+999 {:03} {:03} {:03}", n / 1_000_000, n / 1_000 % 1_000, n % 1_000)
}

/// The same as people type it.
fn phone_typed(person: usize, n: usize) -> String {
    let whole = phone(person);
    match n % 10 {
        0 => whole.replace(' ', ""),
        1 => whole.replace('+', "00"),
        2 => format!("{whole} jobb"),
        3 => format!("{whole} / {}", phone(SECOND_PHONES + person)),
        4 => whole.replace(' ', "-"),
        _ => whole,
    }
}

/// Whom contact `n` is about: somebody new, or one of those before.
fn person(n: usize) -> usize {
    match n % 100 {
        20 | 40 | 60 | 80 => n - 1,
        again if again % 11 == 10 => n - 4,
        _ => n,
    }
}

fn email(n: usize) -> String {
    format!("contact{n}@workplace{}.example", n / AT_ONE_WORKPLACE)
}

/// How many workplaces so many contacts have.
pub(crate) fn workplaces(contacts: usize) -> usize {
    contacts.div_ceil(AT_ONE_WORKPLACE)
}

pub(crate) fn workplace(n: usize) -> Draft {
    Draft::Workplaces(WorkplaceDraft {
        name: Some(format!("{} {}", of(&["Lasarettet", "Skolan", "Depån", "Verkstaden", "Lagret"], n), n)),
        employer: Some(of(&["Regionen", "Kommunen", "Bolaget"], n).into()),
        employees: Some(80 + n as i64 % 400),
        ..WorkplaceDraft::default()
    })
}

pub(crate) fn contact(n: usize, workplaces: &[Id<Workplace>]) -> Draft {
    let who = person(n);
    let (given, family) = (given_name(who).to_owned(), family_name(who).to_owned());
    let (given, family) = match n % 40 {
        0 => (format!("{family}, {given}"), None),
        1 => (given.to_uppercase(), Some(family.to_uppercase())),
        _ => (given, Some(family)),
    };
    Draft::Contacts(ContactDraft {
        given_name: Some(given),
        family_name: family,
        phone: Some(phone_typed(who, n)),
        email: Some(email(who)),
        workplace: workplaces.get(n / AT_ONE_WORKPLACE % workplaces.len().max(1)).copied(),
        department: Some(of(&["Akuten", "Lager 2", "Skift B", "Årskurs 4–6", "Kundtjänst"], n).into()),
        job: Some(of(&["undersköterska", "lagerarbetare", "lärare", "tekniker", "förare", "administratör"], n).into()),
        language: Some(of(&["sv", "en", "fi"], n).into()),
        channel: Some(of(&[Channel::Phone, Channel::Sms, Channel::InPerson], n)),
        membership: Some(of(&[Membership::Unknown, Membership::Unorganised, Membership::Member], n)),
        assessment: Some(1 + n as i64 % 5),
        source: Some(of(&["bord i matsalen", "introduktion", "kollega"], n).into()),
        ..ContactDraft::default()
    })
}

pub(crate) fn talk(n: usize, contact: Id<Contact>, workplaces: &[Id<Workplace>], now: Moment) -> Draft {
    Draft::Talks(TalkDraft {
        contact: Some(contact),
        workplace: workplaces.get(n / AT_ONE_WORKPLACE % workplaces.len().max(1)).copied(),
        occasion: Some(of(&[Occasion::Table, Occasion::NewHire, Occasion::Spontaneous], n)),
        at: Some(now - TimeDelta::hours(n as i64 % 2_000)),
        needs: Some(of(&["bättre schema", "lönesamtal", "en trygg anställning", "pausrum"], n).into()),
        answer: Some(of(&[TalkAnswer::Thinking, TalkAnswer::NotNow, TalkAnswer::Signed], n)),
        ..TalkDraft::default()
    })
}

pub(crate) fn follow_up(n: usize, contact: Id<Contact>, now: Moment) -> Draft {
    Draft::FollowUps(FollowUpDraft {
        what: Some(of(&["ring om lönesamtalet", "skicka avtalet", "kom tillbaka efter semestern"], n).into()),
        kind: Some(FollowUpKind::Promise),
        contact: Some(contact),
        due: Some((now + TimeDelta::days(n as i64 % 60)).date_naive()),
        ..FollowUpDraft::default()
    })
}

/// Somebody who gives the same number as contact `n`, with that contact's name.
pub(crate) fn typed_again(n: usize) -> DuplicateQuery {
    let n = person(n);
    DuplicateQuery {
        given_name: Some(given_name(n).into()),
        family_name: Some(family_name(n).into()),
        phone: Some(phone(n)),
        email: Some(email(n)),
        ..DuplicateQuery::default()
    }
}

/// Somebody with the name of contact `n` at the same workplace, a letter wrong, and no number.
pub(crate) fn named_again(n: usize, workplaces: &[Id<Workplace>]) -> DuplicateQuery {
    let n = person(n);
    DuplicateQuery {
        given_name: Some(given_name(n).into()),
        family_name: Some(format!("{}x", family_name(n))),
        workplace: workplaces.get(n / AT_ONE_WORKPLACE % workplaces.len().max(1)).copied(),
        ..DuplicateQuery::default()
    }
}

/// Whether row `n` of a list of so many rows is about somebody in a register of so many contacts. A list has nobody twice.
fn is_known(n: usize, rows: usize, contacts: usize) -> bool {
    n < contacts.min(rows * 2 / 3) && person(n) == n
}

/// An employer's list of so many rows for a register of so many contacts: most are known, every third of them by a
/// telephone written in another way, every fifth with another job; the others are new.
pub(crate) fn employers_list(rows: usize, contacts: usize) -> String {
    let mut list =
        String::from("Anställningsnr;Efternamn;Förnamn;Mobilnummer;E-post;Arbetsplats;Avdelning;Befattning\r\n");
    for n in 0..rows {
        let known = is_known(n, rows, contacts);
        let (given, family, person) = (given_name(n), family_name(n), if known { n } else { contacts + n });
        let phone = match n % 3 {
            0 => phone(person).replace(' ', ""),
            1 => phone(person).replace(' ', "-"),
            _ => phone(person),
        };
        let Draft::Workplaces(place) = workplace(n / AT_ONE_WORKPLACE % workplaces(contacts)) else { continue };
        let (place, email) = (place.name.unwrap_or_default(), email(person));
        let job = if n % 5 == 0 { "samordnare" } else { "" };
        list.push_str(&format!("{n};{};{given};{phone};{email};{place};;{job}\r\n", family.to_uppercase()));
    }
    list
}

/// The office's list of so many members for the same register: half of those on the employer's list, and others.
pub(crate) fn office_list(rows: usize, contacts: usize) -> String {
    let mut list = String::from("Namn;Mobilnummer;E-post;Medlem sedan;Status\r\n");
    for n in 0..rows {
        let person = if is_known(n, rows, contacts) { n } else { contacts + rows + n };
        let (given, family, phone, email) = (given_name(n), family_name(n), phone(person), email(person));
        let (year, status) = (2000 + n % 26, if n % 9 == 0 { "Utgått" } else { "Medlem" });
        list.push_str(&format!("{family}, {given};{phone};{email};{year}-03-01;{status}\r\n"));
    }
    list
}

/// What taking in the employer's list writes of the person on row `n` where the register of so many contacts does not have
/// them; nothing where it has.
pub(crate) fn listed(n: usize, rows: usize, contacts: usize, workplaces: &[Id<Workplace>]) -> Option<Draft> {
    if is_known(n, rows, contacts) {
        return None;
    }
    let job = n.is_multiple_of(5).then(|| "samordnare".to_owned());
    Some(Draft::Contacts(ContactDraft {
        given_name: Some(given_name(n).into()),
        family_name: Some(family_name(n).into()),
        phone: Some(phone(contacts + n)),
        email: Some(email(contacts + n)),
        workplace: workplaces.get(n / AT_ONE_WORKPLACE % workplaces.len().max(1)).copied(),
        job,
        source: Some("employer".into()),
        origin: Some(Origin::EmployerList),
        ..ContactDraft::default()
    }))
}
