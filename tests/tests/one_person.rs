//! Decisions about people, made on several phones that do not hear of each other for a while: they settle alike on all.
//!
//! The seed is printed; set `SAMLA_SEED` to play one again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where something is wrong")]

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::tables::{Consent, ConsentDraft, Contact, ContactDraft, Draft, Link, LinkKind, Patch, Value};
use samla_core::{Id, Role};
use samla_tests::phone::Phone;
use samla_tests::server::Server;

const SEEDS: u64 = 12;

/// Some phones of one book.
struct Club {
    server: Server,
    phones: Vec<Phone>,
}

impl Club {
    fn new(seed: u64, names: &[&str]) -> Self {
        let server = Server::new();
        let mut phones = vec![Phone::founds(seed << 8, "Founder")];
        for (number, name) in (1..).zip(names) {
            let link = phones[0].invites(&server, Role::Steward);
            phones.push(Phone::joins(seed << 8 | number, name, &link));
        }
        let mut club = Self { server, phones };
        club.all_hear();
        club
    }

    fn all_hear(&mut self) {
        for _ in 0..2 {
            for phone in &mut self.phones {
                phone.sync(&self.server).unwrap();
            }
        }
    }

    fn add(&mut self, who: usize, draft: impl Into<Draft>) -> samla_core::RowId {
        let draft = draft.into();
        self.phones[who].wait(60);
        self.phones[who].with(|book, ctx| book.add(ctx, &draft)).unwrap()
    }

    fn set(&mut self, who: usize, contact: Id<Contact>, set: ContactDraft) {
        let patch = Patch { id: contact.into(), set: set.into(), clear: Vec::new() };
        self.phones[who].wait(60);
        self.phones[who].with(|book, ctx| book.set(ctx, &patch)).unwrap();
    }
}

fn given(name: &str) -> ContactDraft {
    ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() }
}

/// Concurrent and circular links, undone and contradicted: equal persons on every phone, whatever each heard first. What
/// anybody wrote last is on the person's card, as its value, as another answer, or as a conflict.
#[test]
fn whoever_decides_what_offline_all_phones_agree_who_is_one_person() {
    let seeds = match std::env::var("SAMLA_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..SEEDS).collect(),
    };
    for seed in seeds {
        eprintln!("seed {seed}");
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut pick = |n: usize| rng.next_u32() as usize % n;
        let mut club = Club::new(seed, &["Eva", "Olle"]);
        let contacts: Vec<Id<Contact>> = (0..6).map(|n| club.add(n % 3, given("Anna")).into()).collect();
        club.all_hear();
        for turn in 0..40 {
            let (who, a, b) = (pick(3), contacts[pick(6)], contacts[pick(6)]);
            let phone = &mut club.phones[who];
            phone.wait(60);
            let links: Vec<Id<Link>> = phone.book.register().all::<Link>().map(|link| link.id).collect();
            match pick(8) {
                0..3 if a != b => _ = phone.with(|book, ctx| book.link_same(ctx, a, b)).unwrap(),
                3 if a != b => _ = phone.with(|book, ctx| book.link_not_same(ctx, a, b)).unwrap(),
                4 if !links.is_empty() => {
                    phone.with(|book, ctx| book.undo_link(ctx, links[pick(links.len())])).unwrap()
                }
                5 => club.set(who, a, ContactDraft { note: Some(format!("note {turn}")), ..ContactDraft::default() }),
                6 => {
                    let value = Some(Value::Text(format!("chosen {turn}")));
                    phone.with(|book, ctx| book.choose(ctx, a, "note", value)).unwrap();
                }
                _ => _ = phone.sync(&club.server).unwrap(),
            }
        }
        club.all_hear();

        let heads = club.phones[0].book.heads().unwrap();
        let told = |phone: &Phone| {
            let register = phone.book.register();
            let cards: Vec<_> = contacts.iter().map(|id| register.contact_card(*id, samla_core::Date::MAX)).collect();
            format!("{cards:?}{:?}{:?}", register.disputed_links(), register.duplicates(samla_core::Date::MAX))
        };
        let first = told(&club.phones[0]);
        for phone in &mut club.phones {
            assert_eq!(phone.book.heads().unwrap(), heads);
            phone.restart();
            assert_eq!(told(phone), first);
        }
        let register = club.phones[0].book.register();
        for contact in register.all::<Contact>() {
            let card = register.contact_card(contact.id, samla_core::Date::MAX).unwrap();
            let written = contact.note.is_some();
            let mut others = card.others.iter().filter(|other| other.field == "note");
            let told = others.any(|other| Some(&other.shown) == contact.note.as_ref());
            assert!(!written || told || card.contact.note == contact.note, "what somebody wrote is not on the card");
            let apart = register.all::<Link>().filter(|link| link.kind == Some(LinkKind::NotTheSame));
            let mut apart = apart.filter(|link| link.undone != Some(true) && link.a == Some(contact.id));
            assert!(apart.all(|link| !card.same.iter().chain([&card.contact.id]).any(|id| link.b == Some(*id))));
        }
    }
}

/// Practices 7 and 30: a consent that was taken back and a wish to be left alone hold against whatever another phone
/// wrote at the same time, with whatever clock.
#[test]
fn nobody_is_in_an_address_book_against_their_will() {
    let mut club = Club::new(7, &["Eva"]);
    let contacts: Vec<Id<Contact>> = ["Anna", "Bo"].map(|name| club.add(0, given(name)).into()).to_vec();
    let (anna, bo) = (contacts[0], contacts[1]);
    let consent = |club: &Club, who: usize, contact| ConsentDraft {
        contact: Some(contact),
        purpose: Some("contact".into()),
        given_at: Some(club.phones[who].now),
        ..ConsentDraft::default()
    };
    for contact in [anna, bo] {
        let draft = consent(&club, 0, contact);
        club.add(0, draft);
    }
    club.all_hear();
    let cards = |club: &Club, who: usize| club.phones[who].book.register().vcards_to_take("contact");
    assert_eq!((cards(&club, 0), cards(&club, 1)), (2, 2));

    // One phone is told no; the other, a year ahead and offline, hears yes and changes the name.
    club.phones[1].wait(31_536_000);
    club.phones[0].with(|book, ctx| book.withdraw_consent(ctx, anna, Some("contact"))).unwrap();
    club.set(0, bo, ContactDraft { do_not_contact: Some(true), ..ContactDraft::default() });
    for contact in [anna, bo] {
        let draft = consent(&club, 1, contact);
        club.add(1, draft);
    }
    club.set(
        1,
        bo,
        ContactDraft { do_not_contact: Some(false), family_name: Some("Ek".into()), ..ContactDraft::default() },
    );
    club.all_hear();
    assert_eq!((cards(&club, 0), cards(&club, 1)), (0, 0));

    // Asked again, knowing of it, Anna says yes.
    let draft = consent(&club, 0, anna);
    let again: Id<Consent> = club.add(0, draft).into();
    club.all_hear();
    assert_eq!(club.phones[1].book.register().get(again).unwrap().round, Some(2));
    assert_eq!((cards(&club, 0), cards(&club, 1)), (1, 1));
}
