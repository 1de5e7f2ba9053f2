//! Writes make the same changes whether a transaction carries them out or they are spelled out together.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::*;
use crate::document::{Step, actor_of};

const OWN: u8 = 5;

fn actor(device: u8, incarnation: u32) -> ActorId {
    actor_of(&[device; 16], incarnation).as_slice().into()
}

fn shard(device: u8) -> Shard {
    Shard::first(actor(device, 1)).unwrap()
}

/// Few rows, fields and values, so that most writes meet what another has written.
fn write(rng: &mut ChaCha20Rng) -> Write {
    let mut of = |most: u32| rng.next_u32() % most;
    let id = RowId::from_bytes([u8::try_from(of(4)).unwrap(); 16]);
    let table = if of(2) == 0 { Table::Contacts } else { Table::Talks };
    let field = ["given_name", "note", "archived"][of(3) as usize].to_owned();
    let number = Some(Value::Int(of(2).into()));
    let value = match of(5) {
        0 => None,
        1 => Some(Value::Bool(true)),
        2 => number.clone(),
        text => Some(Value::Text(text.to_string())),
    };
    let step = match of(8) {
        0 => Step::Remove,
        1 => Step::Settle(None),
        2 => Step::Settle(Some((field, value))),
        3 => Step::Put(Vec::new()),
        _ => Step::Put(vec![(field, value), ("note".to_owned(), number)]),
    };
    Write { table, id, step }
}

fn commands(rng: &mut ChaCha20Rng) -> Vec<Vec<Write>> {
    let command = |rng: &mut ChaCha20Rng| (0..rng.next_u32() % 5).map(|_| write(rng)).collect();
    (0..=rng.next_u32() % 6).map(|_| command(rng)).collect()
}

fn slices(commands: &[Vec<Write>]) -> Vec<&[Write]> {
    commands.iter().map(Vec::as_slice).collect()
}

/// Two copies of one device's shard, and two colleagues whose changes clash with its own and with each other's.
fn play(seed: u64) {
    let rng = &mut ChaCha20Rng::seed_from_u64(seed);
    let (mut one, mut other) = (shard(OWN), shard(OWN));
    let mut colleagues = [shard(3), shard(9)];
    let (mut log, mut read) = (Vec::<Change>::new(), [0, 0]);
    for round in 0..8 {
        if round == 4 {
            // Loaded again, the device writes under another name.
            (one, other) =
                (Shard::load(&one.save(), actor(OWN, 2)).unwrap(), Shard::load(&other.save(), actor(OWN, 2)).unwrap());
        }
        let made = commands(rng);
        let changes = one.transact(&slices(&made), 7).unwrap();
        let spelled = rng.next_u32() % 3 > 0;
        let again = if spelled { other.spell(&slices(&made), 7) } else { other.transact(&slices(&made), 7) };
        assert_eq!(again.unwrap(), changes, "SAMLA_SEED={seed}");
        one.note_own(&changes);
        other.note_own(&changes);
        log.extend(changes.into_iter().flatten());
        for (colleague, read) in colleagues.iter_mut().zip(&mut read) {
            if rng.next_u32().is_multiple_of(2) {
                colleague.apply(log[*read..].iter().cloned(), BATCH).unwrap();
                *read = log.len();
            }
            let theirs = colleague.transact(&slices(&commands(rng)), 8).unwrap();
            colleague.note_own(&theirs);
            for copy in [&mut one, &mut other] {
                copy.apply(theirs.iter().flatten().cloned(), BATCH).unwrap();
            }
            log.extend(theirs.into_iter().flatten());
        }
        assert_eq!(one.heads(), other.heads(), "SAMLA_SEED={seed}");
        assert_eq!(one.rows().unwrap(), other.rows().unwrap(), "SAMLA_SEED={seed}");
    }
}

/// Set `SAMLA_SEED` to replay one.
#[test]
fn spelled_changes_are_those_of_a_transaction() {
    match std::env::var("SAMLA_SEED") {
        Ok(seed) => play(seed.parse().unwrap()),
        Err(_) => (0..200).for_each(play),
    }
}

fn put(row: u8, text: &str) -> Write {
    let note = ("note".to_owned(), Some(Value::Text(text.to_owned())));
    Write { table: Table::Contacts, id: RowId::from_bytes([row; 16]), step: Step::Put(vec![note]) }
}

#[test]
fn a_command_that_changes_nothing_makes_no_change() {
    let mut shard = shard(OWN);
    let many = vec![vec![put(1, "a"), put(1, "a")]; FEW];
    let made = |shard: &mut Shard| {
        let made = shard.write(&slices(&many), 7).unwrap();
        made.iter().map(Option::is_some).collect::<Vec<_>>()
    };
    assert_eq!(made(&mut shard), [&[true][..], &[false; FEW - 1]].concat());
    assert_eq!(made(&mut shard), [false; FEW]);
}

/// What comes after one that cannot be written is not written, and nothing before it either.
#[test]
fn of_many_writes_all_are_made_or_none() {
    let mut shard = shard(OWN);
    let before = shard.heads();
    shard.containers.remove(&Container::Table(Table::Talks));
    let unwritable = Write { table: Table::Talks, ..put(2, "b") };
    let many: Vec<Vec<Write>> = vec![vec![put(1, "a"); FEW], vec![unwritable], vec![put(3, "c")]];
    assert!(shard.write(&slices(&many), 7).is_err());
    assert_eq!(shard.heads(), before);
    assert!(!shard.newest.contains_key(shard.doc.get_actor().to_bytes()));
}
