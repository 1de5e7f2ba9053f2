//! Whose name sounds like one on a list, at the same site: Aagaard and Ågård, a middle name, one letter wrong.
//!
//! It is asked where nothing surer says who a row is about, and answers with people who may be the one; whether they are is
//! decided by people. Rows and contacts meet under [keys](SoundedName::keys) of their names at a site, as the duplicates
//! of the whole book do. The keys of a site are made when its first row asks: a list of one site does not pay for the others,
//! and at a large one no row is held against everybody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Register;
use super::index::Index;
use super::matching::{Candidate, MatchReason, PersonKeys, SHARED_BY, settled};
use super::sound::{SoundedName, key};
use crate::ids::{Id, RowId};
use crate::tables::{Contact, Workplace};

/// The most keys of one name. Three words have fewer; whoever takes a column of sentences for names has more.
const KEYS: usize = 64;

/// A name as it sounds, at a site.
pub(crate) struct PlacedName {
    site: Id<Workplace>,
    name: SoundedName,
}

impl PlacedName {
    /// The given and the family name of somebody at a workplace; nothing where either says too little: no workplace, or a
    /// single word.
    pub(crate) fn of(
        register: &Register,
        [given, family]: [Option<&str>; 2],
        workplace: Option<Id<Workplace>>,
    ) -> Option<Self> {
        let (workplace, name) = (workplace?, SoundedName::of(given, family));
        name.tells().then(|| Self { site: register.site_of(workplace), name })
    }

    fn of_contact(register: &Register, contact: &Contact) -> Option<Self> {
        Self::of(register, [contact.given_name.as_deref(), contact.family_name.as_deref()], contact.workplace)
    }

    /// Whether the two may be one person's.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.site == other.site && self.name.alike(&other.name).is_some()
    }

    /// Keys of which two that are alike share at least one, unless a name has many words.
    pub(crate) fn keys(&self) -> BTreeSet<u64> {
        self.name.keys().take(KEYS).map(|word| key(&(self.site, word))).collect()
    }
}

/// Who works where, by how their names sound. It holds as long as the register does not change; whoever goes on after others
/// wrote has it [renewed](Colleagues::renew).
#[derive(Debug, Default)]
pub(crate) struct Colleagues {
    /// The contacts of the sites that nobody has asked about.
    others: HashMap<Id<Workplace>, Vec<RowId>>,
    by_key: HashMap<Id<Workplace>, Index<u64>>,
    /// What the register's names, workplaces and sites came to.
    known: u64,
}

impl Colleagues {
    pub(crate) fn of(register: &Register) -> Self {
        let mut colleagues = Self { known: register.indexes.colleagues, ..Self::default() };
        let mut sites: HashMap<Id<Workplace>, Id<Workplace>> = HashMap::new();
        for (id, words) in &register.indexes.words {
            if let Some(workplace) = words.workplace {
                let site = *sites.entry(workplace).or_insert_with(|| register.site_of(workplace));
                colleagues.others.entry(site).or_default().push(*id);
            }
        }
        colleagues
    }

    /// Begins anew where somebody came, went, moved or got another name since.
    pub(crate) fn renew(&mut self, register: &Register) {
        if self.known != register.indexes.colleagues {
            *self = Self::of(register);
        }
    }

    /// Those of a site.
    fn at(&mut self, register: &Register, site: Id<Workplace>) -> &Index<u64> {
        let Self { others, by_key, .. } = self;
        by_key.entry(site).or_insert_with(|| {
            let there = others.remove(&site).unwrap_or_default().into_iter();
            let placed = |id: RowId| PlacedName::of_contact(register, register.contact(id.into())?);
            let named = there.filter_map(|id| Some((id, placed(id)?)));
            named.flat_map(|(id, name)| name.keys().into_iter().map(move |key| (key, id))).collect()
        })
    }
}

impl Register {
    /// Those whose names sound like this one at its site, by id, with what else they share with the one described. None is
    /// more than perhaps the one. A name that more have than a person would look through says nothing.
    pub(crate) fn sounding_like(
        &self,
        name: &PlacedName,
        keys: &PersonKeys,
        colleagues: &mut Colleagues,
    ) -> Vec<Candidate> {
        let there = colleagues.at(self, name.site);
        let mut found: BTreeSet<RowId> = BTreeSet::new();
        for key in name.keys() {
            let ids: Vec<_> = there.of(&key).take(SHARED_BY + 1).collect();
            let are_few = ids.len() <= SHARED_BY;
            found.extend(ids.into_iter().filter(|_| are_few));
        }
        let mut persons: BTreeMap<Id<Contact>, BTreeSet<MatchReason>> = BTreeMap::new();
        for contact in found.into_iter().filter_map(|id| self.contact(id.into())) {
            let is_like = PlacedName::of_contact(self, contact).is_some_and(|theirs| theirs.is_like(name));
            let Some(first) = self.first_of_person(contact.id).filter(|_| is_like) else { continue };
            let mut shared = keys.compare(&PersonKeys::of_contact(contact, self.country()));
            // Of the names it is told that they are alike, and not how many of their words are written the same.
            for of_names in [MatchReason::Name, MatchReason::NamePart, MatchReason::NameDiffers] {
                shared.remove(&of_names);
            }
            shared.insert(MatchReason::NameAlike);
            persons.entry(first).or_default().append(&mut shared);
        }
        if persons.len() > SHARED_BY {
            return Vec::new();
        }
        persons.into_iter().map(|(contact, reasons)| settled(contact, reasons)).collect()
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;
    use crate::register::matching::Likeness;
    use crate::tables::{ContactDraft, Country, Draft, RowState, WorkplaceDraft};

    const GIVEN: [&str; 9] =
        ["Mohamed", "Muhammad", "Anna", "Anna Maria", "Anna \"Annis\"", "Maria", "Lasse", "Lars", "Annis"];
    const FAMILY: [&str; 9] =
        ["Ågård", "Aagaard", "Sjögren", "Sjogrem", "Svensson", "Svenson", "Svensson-Berg", "Ali", "Alí"];

    fn put(register: &mut Register, id: u8, draft: impl Into<Draft>, live: bool) {
        let draft = draft.into();
        let fields = draft.writes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (table, id) = (draft.table(), RowId::from_bytes([id; 16]));
        register.apply(RowState { table, id, live, fields, clashes: Vec::new(), by: None });
    }

    #[test]
    fn the_keys_find_whom_comparing_with_everybody_finds() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut draw = |below: usize| rng.next_u32() as usize % below;
        let places = [1, 2, 3].map(|byte| Id::<Workplace>::from_bytes([byte; 16]));
        let mut register = Register::default();
        // The third is a part of the first.
        put(&mut register, 3, WorkplaceDraft { parent: Some(places[0]), ..WorkplaceDraft::default() }, true);
        for n in 0..180_u8 {
            let contact = ContactDraft {
                given_name: Some(GIVEN[draw(9)].into()),
                family_name: (draw(12) > 0).then(|| FAMILY[draw(9)].into()),
                workplace: places.get(draw(4)).copied(),
                ..ContactDraft::default()
            };
            put(&mut register, n, contact, n % 20 > 0);
        }
        let mut colleagues = Colleagues::of(&register);
        let mut found = 0;
        for _ in 0..400 {
            let names = [Some(GIVEN[draw(9)]), Some(FAMILY[draw(9)])];
            let workplace = places.get(draw(3)).copied();
            let name = PlacedName::of(&register, names, workplace).unwrap();
            let keys = PersonKeys::of([names[0], names[1], None, None], workplace, Country::Se);
            let quick = register.sounding_like(&name, &keys, &mut colleagues);
            assert!(quick.iter().all(|one| one.likeness == Likeness::Perhaps));
            let placed = |contact: &Contact| PlacedName::of_contact(&register, contact);
            let is_like = |contact: &&Contact| placed(contact).is_some_and(|theirs| theirs.is_like(&name));
            let slow: Vec<_> = register.all::<Contact>().filter(is_like).map(|contact| contact.id).collect();
            assert_eq!(quick.into_iter().map(|one| one.contact).collect::<Vec<_>>(), slow, "{names:?}");
            found += slow.len();
        }
        assert!(found > 500, "{found}");
    }

    #[test]
    fn a_colleague_of_a_later_day_is_found_once_renewed() {
        let (here, elsewhere) = (Some(Id::from_bytes([1; 16])), Some(Id::from_bytes([9; 16])));
        let contact = |given: &str, family: &str, workplace| ContactDraft {
            given_name: Some(given.into()),
            family_name: Some(family.into()),
            workplace,
            ..ContactDraft::default()
        };
        let mut register = Register::default();
        put(&mut register, 2, contact("Bo", "Ek", here), true);
        let mut colleagues = Colleagues::of(&register);
        let name = PlacedName::of(&register, [Some("Anna"), Some("Ågård")], here).unwrap();
        let keys = PersonKeys::of([Some("Anna"), Some("Ågård"), None, None], here, Country::Se);
        let mut found = |register: &Register| {
            colleagues.renew(register);
            register.sounding_like(&name, &keys, &mut colleagues).len()
        };
        assert_eq!(found(&register), 0);
        put(&mut register, 3, contact("Anna", "Aagaard", here), true);
        assert_eq!(found(&register), 1, "somebody came");
        put(&mut register, 3, contact("Anna", "Aagaard", here), false);
        put(&mut register, 4, contact("Eva", "Lund", here), true);
        assert_eq!(found(&register), 0, "one went and one came");
        put(&mut register, 4, contact("Anna", "Aagård", here), true);
        assert_eq!(found(&register), 1, "somebody got another name");
        put(&mut register, 4, contact("Anna", "Aagård", elsewhere), true);
        assert_eq!(found(&register), 0, "somebody moved");
        put(&mut register, 9, WorkplaceDraft { parent: here, ..WorkplaceDraft::default() }, true);
        assert_eq!(found(&register), 1, "a workplace became a part of the site");
        put(&mut register, 9, WorkplaceDraft { parent: here, ..WorkplaceDraft::default() }, false);
        assert_eq!(found(&register), 0, "and was removed");
    }

    #[test]
    fn a_name_of_many_words_has_few_keys() {
        let place = Some(Id::from_bytes([1; 16]));
        let long = "Anna Bertil Cesar David Erik Filip ".repeat(9);
        let register = Register::default();
        let placed = |names: [Option<&str>; 2], place| PlacedName::of(&register, names, place);
        let keys = |name: &str| placed([Some(name), None], place).unwrap().keys();
        assert!(keys(&long).len() <= KEYS && keys("Anna Svensson").is_disjoint(&keys("Bertil Svensson")));
        assert!(keys("Anna-Karin Svensson-Berg").len() > 20);
        assert!(placed([Some("Anna"), None], place).is_none());
        assert!(placed([Some("Anna"), Some("Ek")], None).is_none());
    }
}
