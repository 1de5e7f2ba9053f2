//! The people that the stewards meet, as they are and as they get written down.

use std::collections::BTreeSet;

use samla_core::tables::{Channel, Contact, ContactDraft, Membership, Trigger, Workplace};
use samla_core::{Id, RowId};

use super::Numbers;
use super::dice::Dice;
use super::names::{FAMILY, GIVEN};

/// The last two digits of the numbers kept for fiction, 070-174 06 05 to 070-174 06 98.
const LAST_DIGITS: std::ops::RangeInclusive<usize> = 5..=98;
/// The number after those, which several give beside their own.
const SWITCHBOARD: usize = 99;
/// From here on a number is one of +999, which is no country: nobody can be called by mistake, and all can have another.
const OF_NO_COUNTRY: usize = 1_000;
/// Fifty of those share a switchboard; there the numbers of these begin.
const SWITCHBOARDS: usize = 900_000_000;

const JOBS: [&str; 6] =
    ["undersköterska", "sjuksköterska", "lagerarbetare", "tekniker", "administratör", "lokalvårdare"];
const DEPARTMENTS: [&str; 6] = ["Akuten", "Avdelning 4", "Lager 2", "Skift B", "Kundtjänst", "Natten"];
/// Most speak Swedish.
const LANGUAGES: [&str; 5] = ["sv", "sv", "sv", "en", "fi"];

/// One human being.
#[derive(Debug, Clone)]
pub(super) struct Human {
    given: &'static str,
    family: &'static str,
    phone: Option<usize>,
    pub(super) email: Option<String>,
    /// Which of the workplaces, by its place in the list.
    pub(super) workplace: usize,
    job: &'static str,
    department: &'static str,
    language: &'static str,
    pub(super) assessment: i64,
    /// The rows that are about this person: more than one if somebody did not look first.
    pub(super) rows: Vec<RowId>,
    pub(super) signed: bool,
    /// Two phones have changed their row at once.
    pub(super) edited: bool,
    /// Talks that were noted.
    pub(super) talks: usize,
    /// Erased: nothing is written about them any more.
    pub(super) gone: bool,
}

/// Everybody, in the order in which they are met; those whom only the employer's list names stand last.
pub(super) struct People {
    all: Vec<Human>,
    /// Those who have been written down, in that order.
    known: Vec<usize>,
    met: usize,
    /// Talks with a name that were noted, but for those with the erased.
    pub(super) talks: usize,
    /// Those who left when they were called.
    pub(super) left: usize,
}

impl People {
    pub(super) fn invent(numbers: &Numbers, dice: &mut Dice) -> Self {
        let places = numbers.workplaces + numbers.units;
        let total = numbers.contacts + numbers.erased();
        let (mut free, reached): (Vec<usize>, _) = match numbers.of_no_country {
            true => ((OF_NO_COUNTRY..OF_NO_COUNTRY + total).collect(), 900),
            false => (LAST_DIGITS.collect(), 450),
        };
        let met = total - numbers.listed;
        let mut names = BTreeSet::new();
        let mut name = |n: usize, dice: &mut Dice| loop {
            let name = (dice.one(&GIVEN), dice.one(&FAMILY));
            // Those who are on the list alone have a name that nobody else has, as long as there are so many.
            if names.insert(name) && is_plain(name.1) || n < met || numbers.of_no_country {
                break name;
            }
        };
        let human = |n: usize| {
            let (given, family) = name(n, dice);
            // There are fewer numbers than people: the others leave an address, or only a name.
            let phone = if (n < met || numbers.of_no_country) && dice.in_thousand(reached) && !free.is_empty() {
                Some(free.swap_remove(dice.below(free.len())))
            } else {
                None
            };
            let mails = n >= met || phone.is_none() && dice.in_thousand(700);
            Human {
                given,
                family,
                phone,
                email: mails.then(|| format!("kontakt{n}@example.org")),
                workplace: dice.below(places),
                job: dice.one(&JOBS),
                department: dice.one(&DEPARTMENTS),
                language: dice.one(&LANGUAGES),
                assessment: 1 + i64::try_from(dice.below(5)).expect("a small number"),
                rows: Vec::new(),
                signed: false,
                edited: false,
                talks: 0,
                gone: false,
            }
        };
        let mut all: Vec<Human> = (0..total).map(human).collect();
        if let [first, second, third, fourth, ..] = all.as_mut_slice() {
            // A couple that shares a phone.
            first.phone = first.phone.or_else(|| free.pop());
            second.phone = first.phone;
            second.family = first.family;
            second.email = None;
            // Two of one name at one workplace.
            (third.given, third.family) = ("Anna", "Svensson");
            (fourth.given, fourth.family) = ("Anna", "Svensson");
            (third.phone, fourth.phone) = (None, None);
            (third.email, fourth.email) = (Some("kontakt2@example.org".into()), Some("kontakt3@example.org".into()));
        }
        Self { all, known: Vec::new(), met, talks: 0, left: 0 }
    }

    /// This row is about that person, too.
    pub(super) fn written_down(&mut self, n: usize, row: RowId) {
        if let Err(at) = self.known.binary_search(&n) {
            self.known.insert(at, n);
        }
        self.get_mut(n).rows.push(row);
    }

    /// How many are met; the others are on the employer's list.
    pub(super) fn met(&self) -> usize {
        self.met
    }

    /// Those whom only the employer's list names.
    pub(super) fn listed(&self) -> std::ops::Range<usize> {
        self.met..self.all.len()
    }

    /// A talk with a name was noted.
    pub(super) fn talked(&mut self, n: usize) {
        self.get_mut(n).talks += 1;
        self.talks += 1;
    }

    /// Who this row is about.
    pub(super) fn of(&self, row: RowId) -> Option<usize> {
        self.all.iter().position(|human| human.rows.contains(&row))
    }

    /// Nothing is left of a person.
    pub(super) fn erased(&mut self, n: usize) {
        self.known.retain(|known| *known != n);
        let human = self.get_mut(n);
        human.rows.clear();
        human.gone = true;
        let talks = std::mem::take(&mut human.talks);
        self.talks -= talks;
    }

    /// Those who have been written down.
    pub(super) fn known(&self) -> Vec<usize> {
        self.known.clone()
    }

    /// The same, to look at.
    pub(super) fn known_so_far(&self) -> &[usize] {
        &self.known
    }

    pub(super) fn get(&self, n: usize) -> &Human {
        self.all.get(n).expect("a human")
    }

    pub(super) fn get_mut(&mut self, n: usize) -> &mut Human {
        self.all.get_mut(n).expect("a human")
    }

    /// The contact that was written down first for this person.
    pub(super) fn contact(&self, n: usize) -> Id<Contact> {
        self.get(n).rows.first().copied().unwrap_or_default().into()
    }
}

impl Human {
    /// As a steward writes them down: numbers as they are said, some names in a way of their own; somebody met `again` may
    /// have married.
    pub(super) fn written(
        &self,
        workplaces: &[Id<Workplace>],
        source: &str,
        again: bool,
        dice: &mut Dice,
    ) -> ContactDraft {
        let family = if again && dice.in_thousand(150) { dice.one(&FAMILY) } else { self.family };
        let (mut given, mut family) = (self.given.to_owned(), Some(family.to_owned()));
        match dice.below(40) {
            0 => (given, family) = (format!("{}, {}", self.family, self.given), None),
            1 => given = given.to_uppercase(),
            2 | 3 => (given, family) = (taken_apart(&given), family.as_deref().map(taken_apart)),
            4 => given = format!("{given} \"{}\"", nickname(self.given)),
            _ => {}
        }
        ContactDraft {
            given_name: Some(given),
            family_name: family,
            phone: self.phone.map(|digits| phone(digits, dice)),
            email: self.email.clone(),
            workplace: workplaces.get(self.workplace).copied(),
            department: dice.in_thousand(600).then(|| self.department.to_owned()),
            job: dice.in_thousand(700).then(|| self.job.to_owned()),
            language: Some(self.language.to_owned()),
            channel: Some(dice.one(&[Channel::Phone, Channel::Sms, Channel::InPerson, Channel::Email])),
            membership: Some(dice.one(&[Membership::Unknown, Membership::Unorganised, Membership::FundOnly])),
            assessment: Some(self.assessment),
            trigger: dice.in_thousand(200).then(|| dice.one(&[Trigger::StartsWork, Trigger::ChangesEmployer])),
            willing_to_help: (self.assessment <= 2 && dice.in_thousand(300)).then_some(true),
            source: Some(source.to_owned()),
            ..ContactDraft::default()
        }
    }

    /// Whether a list in Windows-1252 can write the name, and something beside the name tells who it is.
    pub(super) fn can_be_listed(&self) -> bool {
        is_plain(self.family) && (self.phone.is_some() || self.email.is_some())
    }

    /// What an employer's list says of them, as a contact.
    pub(super) fn as_listed(&self, workplaces: &[Id<Workplace>]) -> ContactDraft {
        ContactDraft {
            given_name: Some(self.given.to_owned()),
            family_name: Some(self.family.to_owned()),
            phone: self.phone.map(|digits| phone(digits, &mut Dice::new(0))),
            email: self.email.clone(),
            workplace: workplaces.get(self.workplace).copied(),
            department: Some(self.department.to_owned()),
            job: Some(self.job.to_owned()),
            ..ContactDraft::default()
        }
    }

    /// As an employer's list has them: name, number, address, department and job, each in the list's own way.
    pub(super) fn listed(&self, dice: &mut Dice) -> [String; 5] {
        let (given, family) = match dice.below(4) {
            0 => (self.given.to_uppercase(), self.family.to_uppercase()),
            _ => (self.given.to_owned(), self.family.to_owned()),
        };
        let name = if dice.in_thousand(500) { format!("{family}, {given}") } else { format!("{given} {family}") };
        let phone = self.phone.map(|digits| match dice.below(3) {
            // A spreadsheet takes the first 0 for nothing.
            0 if digits < OF_NO_COUNTRY => format!("7017406{digits:02}"),
            _ => phone(digits, dice),
        });
        let email = self.email.clone().unwrap_or_default();
        [name, phone.unwrap_or_default(), email, self.department.to_owned(), self.job.to_owned()]
    }
}

/// A number the way people type it.
fn phone(digits: usize, dice: &mut Dice) -> String {
    let way = dice.below(8);
    if digits >= OF_NO_COUNTRY {
        let whole = |n: usize| format!("+999 {:03} {:03} {:03}", n / 1_000_000, n / 1_000 % 1_000, n % 1_000);
        return match way {
            0 => whole(digits).replace(' ', ""),
            1 => whole(digits).replace(' ', "-"),
            2 => whole(digits).replace('+', "00"),
            4 => format!("{} jobb", whole(digits)),
            5 => format!("{} / {} växel", whole(digits), whole(SWITCHBOARDS + digits / 50)),
            _ => whole(digits),
        };
    }
    match way {
        0 => format!("07017406{digits:02}"),
        1 => format!("+46 70-174 06 {digits:02}"),
        2 => format!("00467017406{digits:02}"),
        3 => format!("70 174 06 {digits:02}"),
        4 => format!("070 174 06 {digits:02} jobb"),
        5 => format!("070-174 06 {digits:02} / 070-174 06 {SWITCHBOARD:02} växel"),
        _ => format!("070-174 06 {digits:02}"),
    }
}

/// The same text with its accents as letters of their own, as some keyboards write it.
fn taken_apart(text: &str) -> String {
    let of = |letter| match letter {
        'å' => "a\u{30a}".to_owned(),
        'Å' => "A\u{30a}".to_owned(),
        'ä' => "a\u{308}".to_owned(),
        'Ä' => "A\u{308}".to_owned(),
        'ö' => "o\u{308}".to_owned(),
        'Ö' => "O\u{308}".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(of).collect()
}

fn is_plain(name: &str) -> bool {
    name.chars().all(|letter| letter <= '\u{ff}')
}

fn nickname(given: &str) -> String {
    format!("{}is", given.chars().take(3).collect::<String>())
}
