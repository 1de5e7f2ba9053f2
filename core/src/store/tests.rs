//! The store over a real file: opened by one key and one program, written whole or not at all, with nothing in clear.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_wire::{DeviceId, EntryId, Head, Kind, LogHash, Past};

use super::*;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

fn home(folder: &tempfile::TempDir, key: u8) -> Home {
    Home { place: Place::File(folder.path().join("book.db")), storage_key: StorageKey::from_bytes([key; 32]) }
}

fn create(folder: &tempfile::TempDir) -> Result<Store, StoreError> {
    Store::create(&home(folder, 1), &mut rng(), |_, _| Ok(()))
}

fn change(byte: u8) -> ShardChange {
    ShardChange { shard: u16::from(byte), bytes: vec![byte; 20] }
}

#[test]
fn only_the_key_that_made_it_opens_it() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Store::open(&home(&folder, 1)), Err(StoreError::Empty)));
    assert!(!folder.path().join("book.db").exists(), "looking for a book makes none");
    drop(create(&folder).unwrap());
    assert!(matches!(create(&folder), Err(StoreError::Occupied)));
    assert!(matches!(Store::open(&home(&folder, 2)), Err(StoreError::WrongKey)));
    Store::open(&home(&folder, 1)).unwrap();
}

#[test]
fn a_book_is_made_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let failed = Store::create(&home(&folder, 1), &mut rng(), |tx, rng| {
        tx.put_state("local", b"half", rng)?;
        Err(StoreError::Busy(rusqlite::Error::InvalidQuery))
    });
    assert!(matches!(failed, Err(StoreError::Busy(_))));
    assert!(matches!(Store::open(&home(&folder, 1)), Err(StoreError::Empty)));
    create(&folder).unwrap();
}

#[test]
fn one_program_at_a_time_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(&folder).unwrap();
    assert!(matches!(Store::open(&home(&folder, 1)), Err(StoreError::Busy(_))));
    drop(store);
    Store::open(&home(&folder, 1)).unwrap();
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(&folder).unwrap();
    store.connection.pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    drop(store);
    assert!(matches!(Store::open(&home(&folder, 1)), Err(StoreError::Newer)));
}

#[test]
fn a_failed_step_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = create(&folder).unwrap();
    let failed: Result<(), StoreError> = store.atomically(|tx| {
        tx.add_to_outbox(&change(1), &mut rng())?;
        Err(StoreError::Empty)
    });
    assert!(failed.is_err());
    assert_eq!(store.unsent(&DeviceId([1; 16])).unwrap(), 0);
}

#[test]
fn edits_wait_in_their_order_and_leave_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = create(&folder).unwrap();
    for byte in 1..=3 {
        store.atomically(|tx| tx.add_to_outbox(&change(byte), &mut rng())).unwrap();
    }
    drop(store);
    let mut store = Store::open(&home(&folder, 1)).unwrap();
    let waiting = store.outbox(2).unwrap();
    assert_eq!(waiting.iter().map(|(_, change)| change.clone()).collect::<Vec<_>>(), [change(1), change(2)]);
    let (through, _) = waiting[1];
    store.atomically(|tx| tx.clear_outbox(through)).unwrap();
    assert_eq!(store.outbox(9).unwrap().len(), 1);
}

#[test]
fn the_log_remembers_what_the_rules_ask() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = create(&folder).unwrap();
    let entry = |n: u8, dseq, standing| NewEntry {
        at: Some(Head { n: u64::from(n), h: LogHash([n; 32]) }),
        id: EntryId([n; 32]),
        device: DeviceId([1; 16]),
        dseq,
        kind: Some(Kind::Data),
        standing,
        edits: 0,
        bytes: &[],
    };
    store
        .atomically(|tx| {
            tx.add_entry(&entry(1, 1, Standing::Accepted))?;
            tx.add_entry(&entry(2, 2, Standing::Refused))?;
            tx.add_entry(&entry(3, 9, Standing::Gap))?;
            tx.add_entry(&entry(4, 3, Standing::Rejected))?;
            assert_eq!(tx.hash_at(3)?, Some(LogHash([3; 32])));
            assert_eq!(tx.hash_at(5)?, None);
            assert_eq!(tx.entry_at(&DeviceId([1; 16]), 2)?, Some(EntryId([2; 32])));
            assert_eq!(tx.entry_at(&DeviceId([1; 16]), 3)?, None);
            assert_eq!(tx.gaps_of(&DeviceId([1; 16]))?.len(), 1);
            Ok::<(), StoreError>(())
        })
        .unwrap();
    assert_eq!(store.head().unwrap().unwrap().n, 4);
    let tips = store.tips().unwrap();
    assert_eq!(tips.len(), 1);
    assert_eq!((tips[0].1.dseq, tips[0].1.id), (2, EntryId([2; 32])));
}

/// An envelope that a file brought goes with what builds on it where the log has another under its number; else it stays, also
/// where one before it gets its place late.
#[test]
fn only_a_twin_of_what_has_a_place_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = create(&folder).unwrap();
    let device = DeviceId([1; 16]);
    let loose = |dseq: u8| NewEntry {
        at: None,
        id: EntryId([dseq; 32]),
        device,
        dseq: dseq.into(),
        kind: Some(Kind::Data),
        standing: Standing::Unsent,
        edits: 1,
        bytes: &[],
    };
    store.atomically(|tx| (5..=8).try_for_each(|dseq| tx.add_entry(&loose(dseq)))).unwrap();
    let left = |store: &Store| -> Vec<u64> {
        store.loose_entries(&DeviceId::ZERO, 9).unwrap().iter().map(|entry| entry.dseq).collect()
    };
    store.atomically(|tx| tx.reject_twins(&device, 5, &EntryId([5; 32]))).unwrap();
    store.atomically(|tx| tx.set_standing(&EntryId([5; 32]), Standing::Unsent, Standing::Gap)).unwrap();
    store.atomically(|tx| tx.reject_twins(&device, 5, &EntryId([5; 32]))).unwrap();
    assert_eq!(left(&store), [6, 7, 8]);
    store.atomically(|tx| tx.reject_twins(&device, 7, &EntryId([70; 32]))).unwrap();
    assert_eq!(left(&store), [6]);
}

/// What is asked all the time does not read the whole log.
#[test]
fn what_is_not_settled_is_found_by_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(&folder).unwrap();
    for sql in [
        format!("SELECT count(*) FROM log WHERE {}", log::STANDING),
        format!("SELECT bytes FROM log WHERE {} ORDER BY pos", log::STANDING),
    ] {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let told: String = store.connection.query_row(&explain, [0], |row| row.get(3)).unwrap();
        assert!(told.contains("log_unsettled"), "{told}");
    }
}

/// A phone that stops between the step that deletes and the purge purges when it is opened.
#[test]
fn a_purge_that_was_cut_off_is_done_later() {
    fn forget(tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.ask_for_purge()?;
        tx.drop_state("large")
    }
    let folder = tempfile::tempdir().unwrap();
    let mut store = create(&folder).unwrap();
    store.atomically(|tx| tx.put_state("large", &[7; 100_000], &mut rng())).unwrap();
    store.atomically(forget).unwrap();
    drop(store);
    let free = |store: &Store| {
        let free: i64 = store.connection.query_row("PRAGMA freelist_count", [], |row| row.get(0)).unwrap();
        free
    };
    let mut store = Store::open(&home(&folder, 1)).unwrap();
    assert!(free(&store) > 0);
    store.purge_if_asked().unwrap();
    assert_eq!(free(&store), 0);

    // It is asked for once, and is in nobody's way where the key is renewed.
    store.atomically(|tx| tx.put_state("large", &[7; 100_000], &mut rng())).unwrap();
    store.atomically(|tx| tx.drop_state("large")).unwrap();
    let before = free(&store);
    store.purge_if_asked().unwrap();
    assert_eq!((before > 0, free(&store)), (true, before));
    store.atomically(forget).unwrap();
    store.renew_key(StorageKey::from_bytes([9; 32]), &mut rng()).unwrap();
    assert_eq!(free(&store), 0);
}

#[test]
fn nothing_in_the_file_is_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = create(&folder).unwrap();
    let canary = b"canary in the coal mine";
    store
        .atomically(|tx| {
            tx.put_state("secret", canary, &mut rng())?;
            tx.put_cached("copy", canary, &mut rng())?;
            tx.add_to_outbox(&ShardChange { shard: 0, bytes: canary.to_vec() }, &mut rng())
        })
        .unwrap();
    assert_eq!(store.state("secret").unwrap().as_deref(), Some(&canary[..]));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(canary.len()).any(|window| window == canary));
    }
}
