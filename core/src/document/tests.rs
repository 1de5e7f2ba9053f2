//! One shard's worth of two devices that exchange changes directly.

use std::collections::HashSet;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::context::Context;
use crate::tables::LIVE;
use crate::validate::{Verdict, judge};

struct Device {
    name: [u8; 16],
    document: Document,
}

impl Device {
    fn new(name: u8) -> Self {
        let name = [name; 16];
        let mut document = Document::new(base::SHARDS, actor_of(&name, 1));
        document.load_all(&()).unwrap();
        Self { name, document }
    }

    fn put(&mut self, id: RowId, fields: &[(&str, Option<&str>)]) -> Option<ShardChange> {
        let value = |text: &Option<&str>| text.map(|text| Value::Text(text.into()));
        let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
        self.write(id, Step::Put(fields))
    }

    fn write(&mut self, id: RowId, step: Step) -> Option<ShardChange> {
        let change = self.document.write(&[Write { table: Table::Contacts, id, step }], &now()).unwrap();
        change.inspect(|change| self.places(change))
    }

    /// An own change gets its place in the log.
    fn places(&mut self, change: &ShardChange) {
        let Verdict::Enter(entering) = judge(&mut self.document, &self.name, std::slice::from_ref(change)) else {
            panic!("an own change is refused");
        };
        for (shard, of_shard) in entering {
            self.document.place_own(shard, &of_shard).unwrap();
        }
    }

    fn takes(&mut self, from: &Device, change: &ShardChange) -> Touched {
        match judge(&mut self.document, &from.name, std::slice::from_ref(change)) {
            Verdict::Enter(entering) => {
                for (shard, of_shard) in entering {
                    self.document.accept(shard, of_shard).unwrap();
                }
            }
            verdict => panic!("not taken: {verdict:?}"),
        }
        self.document.flush().unwrap()
    }

    fn row(&mut self, id: RowId) -> RowState {
        self.document.row(Table::Contacts, &id).unwrap().unwrap()
    }

    fn text(&mut self, id: RowId, field: &str) -> Option<String> {
        self.row(id).fields.into_iter().find(|(name, _)| name == field).map(|(_, value)| value.to_string())
    }
}

/// The kept copies of some shards.
struct Copies(BTreeMap<u16, Vec<u8>>);

impl Kept for Copies {
    fn shard(&self, shard: u16) -> Result<Beginning, DocumentError> {
        Ok(self.0.get(&shard).cloned().map_or(Beginning::First, Beginning::Copy))
    }
}

fn now() -> Moment {
    "2026-08-24T11:30:00.000+02:00".parse().unwrap()
}

fn id(seed: u64) -> RowId {
    RowId::new(&mut Context { now: now(), rng: &mut ChaCha20Rng::seed_from_u64(seed) })
}

/// A colleague's changes that follow one of these are not carried, and need not be there: a row that they made counts as one that was
/// there, with what they wrote, and no other does.
#[test]
fn what_others_bring_is_not_what_was_there() {
    let (mut a, mut b, shard) = (Device::new(1), Device::new(2), base::SHARDS);
    let [mine, theirs] =
        [1, 2].map(|byte| RowId::from_bytes([[byte; 15].as_slice(), &[7]].concat().try_into().unwrap()));
    let made = a.put(mine, &[("given_name", Some("Anna")), ("note", Some("first"))]).unwrap();
    b.takes(&a, &made);
    let followed = [
        b.put(theirs, &[("given_name", Some("Bertil")), ("note", Some("first"))]).unwrap(),
        b.put(mine, &[("note", Some("second"))]).unwrap(),
    ];
    followed.iter().for_each(|change| drop(a.takes(&b, change)));
    let edited = a.put(theirs, &[("phone", Some("070 174 06 05"))]).unwrap();
    assert!(shard > 7 && [&made, &edited].iter().all(|change| change.shard == 7));

    let hashes = |changes: &[&ShardChange]| changes.iter().filter_map(|change| hash_of(&change.bytes)).collect();
    let changes: HashSet<[u8; 32]> = hashes(&[&made, &edited]);
    let others = hashes(&followed.iter().collect::<Vec<_>>());
    let outside = Outside { changes: changes.clone(), own: changes.clone(), others };
    let carried = a.document.carried(7, &outside).unwrap();
    let olds: BTreeMap<RowId, Option<RowState>> = carried.into_iter().map(|row| (row.id, row.old)).collect();
    assert_eq!(olds[&mine], None);
    let old = olds[&theirs].as_ref().unwrap();
    let said: Vec<&str> = old.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!((old.live, said), (true, vec!["given_name", "note"]));

    // Where they are there, all that they follow is, too.
    let outside = Outside { own: changes.clone(), changes, others: HashSet::new() };
    let carried = a.document.carried(7, &outside).unwrap();
    assert!(carried.iter().all(|row| row.old.is_some()));
}

#[test]
fn a_removal_that_meets_an_edit_loses_and_says_so() {
    let (mut a, mut b, id) = (Device::new(1), Device::new(2), id(1));
    let made = a.put(id, &[("given_name", Some("Anna"))]).unwrap();
    b.takes(&a, &made);
    let removed = a.write(id, Step::Remove).unwrap();
    let edited = b.put(id, &[("note", Some("call back"))]).unwrap();
    assert!(!a.row(id).live);
    a.takes(&b, &edited);
    b.takes(&a, &removed);
    assert_eq!(a.row(id), b.row(id));
    let row = a.row(id);
    assert!(row.live);
    assert_eq!(row.clashes.len(), 1);
    assert_eq!(row.clashes[0].field, LIVE);
    assert_eq!(row.clashes[0].answers[0].value, Some(Value::Bool(true)));
    // Whoever looks at it settles it for all.
    let settled = b.write(id, Step::Settle(None)).unwrap();
    a.takes(&b, &settled);
    assert!(a.row(id).live && a.row(id).clashes.is_empty());
}

/// Whichever of the two values leads, removing the row for good is a change that everybody takes.
#[test]
fn a_kept_row_can_be_removed_again() {
    for (first, second) in [(1, 2), (2, 1)] {
        let (mut a, mut b, id) = (Device::new(first), Device::new(second), id(1));
        let made = a.put(id, &[("given_name", Some("Anna"))]).unwrap();
        b.takes(&a, &made);
        let removed = a.write(id, Step::Remove).unwrap();
        let edited = b.put(id, &[("note", Some("call back"))]).unwrap();
        a.takes(&b, &edited);
        b.takes(&a, &removed);
        let again = a.write(id, Step::Remove).unwrap();
        b.takes(&a, &again);
        assert!(!a.row(id).live && a.row(id).clashes.is_empty());
        assert_eq!(a.row(id), b.row(id));
    }
}

#[test]
fn an_edit_after_a_removal_brings_the_row_back() {
    let (mut a, id) = (Device::new(1), id(2));
    a.put(id, &[("given_name", Some("Anna"))]).unwrap();
    a.write(id, Step::Remove).unwrap();
    assert!(!a.row(id).live);
    a.put(id, &[]).unwrap();
    assert!(a.row(id).live);
    assert_eq!(a.text(id, "given_name").as_deref(), Some("Anna"));
}

#[test]
fn an_edit_that_changes_nothing_leaves_no_trace() {
    let (mut a, id) = (Device::new(1), id(3));
    a.put(id, &[("given_name", Some("Anna"))]).unwrap();
    assert_eq!(a.put(id, &[("given_name", Some("Anna")), ("note", None)]), None);
}

#[test]
fn two_answers_are_a_clash_until_one_is_chosen_and_the_same_answer_is_none() {
    let (mut a, mut b, id) = (Device::new(1), Device::new(2), id(4));
    let made = a.put(id, &[("phone", Some("1"))]).unwrap();
    b.takes(&a, &made);
    let from_a = a.put(id, &[("phone", Some("2")), ("note", Some("same"))]).unwrap();
    let from_b = b.put(id, &[("phone", Some("3")), ("note", Some("same"))]).unwrap();
    a.takes(&b, &from_b);
    b.takes(&a, &from_a);
    assert_eq!(a.row(id), b.row(id));
    let clashes = a.row(id).clashes;
    assert_eq!(clashes.len(), 1);
    assert_eq!(clashes[0].answers.len(), 2);
    let shown = a.text(id, "phone");
    assert_eq!(clashes[0].answers[0].value.as_ref().map(ToString::to_string), shown);
    assert_eq!(clashes[0].answers[0].at.timestamp_millis(), now().timestamp_millis());

    // Choosing what is shown already settles it too.
    let choice = Step::Settle(Some(("phone".into(), shown.map(Value::Text))));
    let settled = a.write(id, choice).unwrap();
    b.takes(&a, &settled);
    assert!(a.row(id).clashes.is_empty());
    assert_eq!(a.row(id), b.row(id));
}

#[test]
fn a_kept_shard_with_what_came_later_is_the_same_shard() {
    let (mut a, id) = (Device::new(1), id(5));
    a.put(id, &[("given_name", Some("Anna"))]).unwrap();
    let kept: BTreeMap<u16, Vec<u8>> = a.document.save().unwrap().into_iter().collect();
    let later = a.put(id, &[("note", Some("later"))]).unwrap();
    let mut again = Document::new(base::SHARDS, actor_of(&a.name, 1));
    again.remember(later.clone(), false);
    assert_eq!(again.remembered(), BTreeSet::from([later.shard]));
    let touched = again.load(later.shard, &Copies(kept)).unwrap();
    assert!(touched.contains(&(Table::Contacts, id)));
    assert_eq!(again.row(Table::Contacts, &id).unwrap().unwrap(), a.row(id));
    assert_eq!(again.heads(later.shard).unwrap(), a.document.heads(later.shard).unwrap());
    // And it goes on writing where it stopped.
    let write = Write { table: Table::Contacts, id, step: Step::Remove };
    assert!(again.write(&[write], &now()).unwrap().is_some());
}

#[test]
fn a_chunk_hashes_by_its_bytes_as_its_change_does() {
    let change = Device::new(1).put(id(6), &[("given_name", Some("Anna"))]).unwrap().bytes;
    assert!(hash_of(&change).is_some());
    assert_eq!(hash_of_plain(&change), hash_of(&change));
    let mut other = change.clone();
    other[8] = 2;
    assert_eq!((hash_of_plain(&other), hash_of_plain(&change[..8])), (None, None));
}

#[test]
fn every_table_that_is_read_is_in_the_base() {
    for table in Table::ALL {
        assert!(base::TABLES.contains(&table.name()), "{table}");
    }
}

#[test]
fn every_device_derives_the_same_base() {
    let heads = |device: u8| Device::new(device).document.heads(0).unwrap();
    assert_eq!(heads(1), heads(2));
    let text: String = heads(1)[0].iter().map(|byte| format!("{byte:02x}")).collect();
    // Frozen: a book of rule set 1 starts from this change for ever.
    assert_eq!(text, "94ac44b7d9da9cb31fc0ccded0f7f8fc1e0368df0e9451cdf60d6c6c5e7bef50");
}

/// Commands for several shards, written together, leave as they were given.
#[test]
fn changes_come_in_the_order_of_their_commands() {
    let mut a = Device::new(1);
    let write = |number: u8| {
        let note = ("note".to_owned(), Some(Value::Text(number.to_string())));
        vec![Write { table: Table::Contacts, id: RowId::from_bytes([number; 16]), step: Step::Put(vec![note]) }]
    };
    let commands: Vec<Vec<Write>> = [5, 3, 5, 21, 3, 4].into_iter().map(write).collect();
    let commands: Vec<&[Write]> = commands.iter().map(Vec::as_slice).collect();
    let shards = |changes: Vec<ShardChange>| changes.iter().map(|change| change.shard).collect::<Vec<_>>();
    // The third and the fifth say what is said already.
    assert_eq!(shards(a.document.write_each(&commands, &now()).unwrap()), [5, 3, 5, 4]);
    assert_eq!(a.document.write_each(&commands, &now()).unwrap(), []);
}

/// A shard that cannot take in what is remembered is not taken for loaded, and nothing of it is lost.
#[test]
fn what_cannot_be_replayed_is_remembered_still() {
    let (mut a, mut b) = (Device::new(1), Document::new(base::SHARDS, actor_of(&[2; 16], 1)));
    let id = id(7);
    let [first, second] = ["one", "two"].map(|text| a.put(id, &[("note", Some(text))]).unwrap());
    b.remember(second.clone(), true);
    for _ in 0..2 {
        assert!(matches!(b.load(second.shard, &()), Err(DocumentError::MissingDependency)));
        assert!(matches!(b.row(Table::Contacts, &id), Err(DocumentError::Damaged)), "it is not loaded");
    }
    b.remember(first, true);
    assert_eq!(b.load(second.shard, &()).unwrap(), [(Table::Contacts, id)].into());
    assert_eq!(b.row(Table::Contacts, &id).unwrap(), Some(a.row(id)));
}

/// What is much is done on several shards at once: it becomes what it would have become one by one.
#[test]
fn many_shards_at_once_become_what_they_become_alone() {
    let (mut one_by_one, mut at_once, mut reader) = (Device::new(1), Device::new(1), Device::new(2));
    let put = |number: u64| {
        let name = Some(Value::Text(format!("Anna {number}")));
        vec![Write { table: Table::Contacts, id: id(number), step: Step::Put(vec![("given_name".into(), name)]) }]
    };
    let writes: Vec<Vec<Write>> = (0..MUCH as u64 + 500).map(put).collect();
    let writes: Vec<&[Write]> = writes.iter().map(Vec::as_slice).collect();
    let alone = writes.iter().flat_map(|writes| one_by_one.document.write(writes, &now()).unwrap()).collect::<Vec<_>>();
    let changes = at_once.document.write_each(&writes, &now()).unwrap();
    assert_eq!(changes, alone);

    let Verdict::Enter(entering) = judge(&mut reader.document, &at_once.name, &changes) else { panic!("not taken") };
    for (shard, of_shard) in entering {
        reader.document.accept(shard, of_shard).unwrap();
    }
    assert!(reader.document.waiting() >= MUCH);
    let touched = reader.document.flush().unwrap();
    assert_eq!(touched, writes.iter().map(|writes| (Table::Contacts, writes[0].id)).collect());

    assert!(changes.iter().map(|change| change.bytes.len()).sum::<usize>() >= MUCH_TO_READ);
    let [mut replayed, mut copied] = [(); 2].map(|()| Document::new(base::SHARDS, actor_of(&[1; 16], 1)));
    changes.iter().for_each(|change| replayed.remember(change.clone(), true));
    assert_eq!(replayed.load_all(&()).unwrap(), touched);
    copied.load_all(&Copies(at_once.document.save().unwrap().into_iter().collect())).unwrap();
    for shard in 0..base::SHARDS {
        let heads = one_by_one.document.heads(shard).unwrap();
        for other in [&mut at_once.document, &mut reader.document, &mut replayed, &mut copied] {
            assert_eq!(other.heads(shard).unwrap(), heads);
        }
    }
}

/// Of shards that are loaded at once one is damaged: none of them is loaded, and what was remembered is remembered still.
#[test]
fn of_several_shards_all_are_loaded_or_none() {
    let mut device = Device::new(1);
    for number in 0..64 {
        device.put(id(number), &[("given_name", Some("Anna"))]).unwrap();
    }
    let later = device.put(id(1), &[("note", Some("call back"))]).unwrap();
    let mut copies = Copies(device.document.save().unwrap().into_iter().collect());
    let mut again = Document::new(base::SHARDS, actor_of(&[1; 16], 1));
    again.remember(later.clone(), true);
    let damaged = (later.shard + 1) % base::SHARDS;
    let whole = copies.0.insert(damaged, vec![0; 8]);
    assert!(matches!(again.load_all(&copies), Err(DocumentError::Damaged)));
    assert!((0..base::SHARDS).all(|shard| again.heads(shard).is_err()));
    assert_eq!(again.remembered(), BTreeSet::from([later.shard]));
    copies.0.extend(whole.map(|bytes| (damaged, bytes)));
    again.load_all(&copies).unwrap();
    let heads =
        |document: &mut Document| (0..base::SHARDS).map(|shard| document.heads(shard).unwrap()).collect::<Vec<_>>();
    assert_eq!(heads(&mut again), heads(&mut device.document));
}
