//! The people that the stewards meet, as they are and as they get written down.

use samla_core::tables::{Channel, Contact, ContactDraft, Membership, Trigger, Workplace};
use samla_core::{Id, RowId};

use super::Numbers;
use super::dice::Dice;
use super::names::{FAMILY, GIVEN};

/// The last two digits of the numbers kept for fiction, 070-174 06 05 to 070-174 06 99.
const LAST_DIGITS: std::ops::RangeInclusive<usize> = 5..=99;

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
    email: Option<String>,
    /// Which of the workplaces, by its place in the list.
    pub(super) workplace: usize,
    job: &'static str,
    department: &'static str,
    language: &'static str,
    pub(super) assessment: i64,
    /// The rows that are about this person: more than one if somebody did not look first.
    pub(super) rows: Vec<RowId>,
    pub(super) signed: bool,
}

/// Everybody, in the order in which they are met.
pub(super) struct People(pub(super) Vec<Human>);

impl People {
    pub(super) fn invent(numbers: &Numbers, dice: &mut Dice) -> Self {
        let places = numbers.workplaces + numbers.units;
        let mut free: Vec<usize> = LAST_DIGITS.collect();
        let human = |n: usize| {
            let (given, family) = (dice.one(&GIVEN), dice.one(&FAMILY));
            // There are fewer numbers than people: the others leave an address, or only a name.
            let phone = if dice.in_thousand(450) && !free.is_empty() {
                Some(free.swap_remove(dice.below(free.len())))
            } else {
                None
            };
            let email = (phone.is_none() && dice.in_thousand(700)).then(|| format!("kontakt{n}@example.org"));
            Human {
                given,
                family,
                phone,
                email,
                workplace: dice.below(places),
                job: dice.one(&JOBS),
                department: dice.one(&DEPARTMENTS),
                language: dice.one(&LANGUAGES),
                assessment: 1 + i64::try_from(dice.below(5)).expect("a small number"),
                rows: Vec::new(),
                signed: false,
            }
        };
        let mut everybody: Vec<Human> = (0..numbers.contacts).map(human).collect();
        // A couple that shares a phone.
        if let [first, second, ..] = everybody.as_mut_slice() {
            first.phone = first.phone.or_else(|| free.pop());
            second.phone = first.phone;
            second.family = first.family;
            second.email = None;
        }
        Self(everybody)
    }

    /// Those who have been written down.
    pub(super) fn known(&self) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, human)| !human.rows.is_empty()).map(|(n, _)| n).collect()
    }

    pub(super) fn get(&self, n: usize) -> &Human {
        self.0.get(n).expect("a human")
    }

    pub(super) fn get_mut(&mut self, n: usize) -> &mut Human {
        self.0.get_mut(n).expect("a human")
    }

    /// The contact that was written down first for this person.
    pub(super) fn contact(&self, n: usize) -> Id<Contact> {
        self.get(n).rows.first().copied().unwrap_or_default().into()
    }
}

impl Human {
    /// As a steward writes them down: numbers as they are said, some names the other way round.
    pub(super) fn written(&self, workplaces: &[Id<Workplace>], source: &str, dice: &mut Dice) -> ContactDraft {
        let (mut given, mut family) = (self.given.to_owned(), Some(self.family.to_owned()));
        match dice.below(40) {
            0 => (given, family) = (format!("{}, {}", self.family, self.given), None),
            1 => given = given.to_uppercase(),
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
}

/// A number the way people type it.
fn phone(digits: usize, dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => format!("07017406{digits:02}"),
        1 => format!("+46 70-174 06 {digits:02}"),
        2 => format!("00467017406{digits:02}"),
        3 => format!("070 174 06 {digits:02} jobb"),
        _ => format!("070-174 06 {digits:02}"),
    }
}
