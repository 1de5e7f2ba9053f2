//! What the facade promises of every command: who may write, what is written whole, what no text gives away.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::seal::StorageKey;
use crate::store::{Place, StoreError, Tx};
use crate::tables::ContactDraft;

mod people;
mod privacy;
mod recruiting;
mod season;

/// A book to practise with, and whoever writes in it.
struct Desk {
    book: Book,
    now: crate::Moment,
    rng: ChaCha20Rng,
}

impl Desk {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let now = "2026-08-24T11:30:00+02:00".parse().unwrap();
        let new = NewBook {
            name: "Canteen".into(),
            server_url: None,
            operator_token: None,
            my_name: "Eva".into(),
            device_label: "Phone".into(),
        };
        let home = Home { place: Place::Memory, storage_key: StorageKey::from_bytes([7; 32]) };
        let (book, _) = Book::create(&mut Context { now, rng: &mut rng }, &home, &new).unwrap();
        Self { book, now, rng }
    }

    /// Does something, a minute after the last.
    fn act<T>(&mut self, act: impl FnOnce(&mut Book, &mut Context<'_>) -> T) -> T {
        self.now += chrono::TimeDelta::minutes(1);
        act(&mut self.book, &mut Context { now: self.now, rng: &mut self.rng })
    }

    fn add<T>(&mut self, draft: impl Into<Draft>) -> crate::Id<T> {
        let draft = draft.into();
        self.act(|book, ctx| book.add(ctx, &draft)).unwrap().into()
    }

    fn set(&mut self, id: impl Into<RowId>, set: impl Into<Draft>, clear: &[&str]) {
        let clear = clear.iter().map(|field| (*field).to_owned()).collect();
        let patch = crate::tables::Patch { id: id.into(), set: set.into(), clear };
        self.act(|book, ctx| book.set(ctx, &patch)).unwrap();
    }

    /// How many edits were made so far.
    fn edits(&self) -> u64 {
        self.book.status().unwrap().unsent
    }
}

#[test]
fn no_debug_text_shows_a_token_or_a_name() {
    let new = NewBook {
        name: "Canteen".into(),
        server_url: Some("https://samla.example".into()),
        operator_token: Some("open sesame".into()),
        my_name: "Eva".into(),
        device_label: "Eva's phone".into(),
    };
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let now = "2026-08-24T11:30:00+02:00".parse().unwrap();
    let mut ctx = Context { now, rng: &mut rng };
    let home = Home { place: Place::Memory, storage_key: StorageKey::from_bytes([7; 32]) };
    let (mut book, _) = Book::create(&mut ctx, &home, &new).unwrap();
    let founding = book.next_request(&mut ctx).unwrap().unwrap();
    assert!(founding.headers.iter().any(|(_, value)| value.contains("open sesame")));
    let told = format!("{new:?} {founding:?} {book:?}");
    for secret in ["sesame", "Eva", "Canteen"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn settings_are_added_to_those_that_are_there() {
    use crate::tables::{Setting, Table};
    let mut desk = Desk::new();
    let before = desk.book.register().settings();
    let months = |months| SettingDraft { cadence_months: Some(months), ..SettingDraft::default() };
    assert_eq!(desk.add::<Setting>(months(3)), before.id);
    let after = desk.book.register().settings();
    assert_eq!((after.name, after.cadence_months), (before.name, Some(3)));
    // Where somebody has removed them, they are made anew.
    desk.act(|book, ctx| book.remove(ctx, Table::Settings, before.id.into())).unwrap();
    let anew = desk.add::<Setting>(months(6));
    assert_eq!((anew != before.id, desk.book.register().settings().cadence_months), (true, Some(6)));
    assert_eq!(desk.book.register().all::<Setting>().count(), 1);
}

/// Practice 45: an adviser who is a guest reads along, and writes nothing.
#[test]
fn a_reader_reads_and_writes_nothing() {
    use crate::tables::{Contact, Patch};
    let mut desk = Desk::new();
    let contact = |name: &str| ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() };
    let anna: crate::Id<Contact> = desk.add(contact("Anna"));
    // As on a device that came in by a reader's invitation.
    desk.book.replica.log = None;
    desk.book.replica.local.joined_as = Some(samla_wire::Role::Reader);
    assert_eq!(desk.book.status().unwrap().role.as_deref(), Some("reader"));

    let edits = desk.edits();
    let sign_up = SignUp { contact: contact("Bo"), ..SignUp::default() };
    let patch = Patch { id: anna.into(), set: contact("Ann").into(), clear: Vec::new() };
    let refused = [
        desk.act(|book, ctx| book.add(ctx, &contact("Bo").into())).err(),
        desk.act(|book, ctx| book.sign_up(ctx, &sign_up)).err(),
        desk.act(|book, ctx| book.set(ctx, &patch)).err(),
    ];
    assert!(refused.iter().all(|error| matches!(error, Some(BookError::NotAllowed))), "{refused:?}");
    assert_eq!((desk.edits(), desk.book.register().all::<Contact>().count()), (edits, 1));
    assert_eq!(desk.book.register().contact_name(anna), "Anna");
}

mod imports;
mod reconcile;

#[test]
fn opening_and_tidying_finish_a_purge_that_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.db");
    let (mut book, mut rng) = practice(Place::File(path.clone()));
    let asked = |book: &Book| book.replica.store.state("unpurged").is_err();
    book.replica.store.atomically(|tx| tx.ask_for_purge()).unwrap();
    assert!(asked(&book), "it has no content that could be opened");
    drop(book);
    let mut book = Book::open(&mut context(&mut rng), &home(Place::File(path))).unwrap();
    assert!(!asked(&book));
    book.replica.store.atomically(|tx| tx.ask_for_purge()).unwrap();
    book.tidy(&mut context(&mut rng)).unwrap();
    assert!(!asked(&book));
}

/// A practice book in this place, and its context's generator.
pub(super) fn practice(place: Place) -> (Book, ChaCha20Rng) {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let new = NewBook {
        name: "Practice".into(),
        server_url: None,
        operator_token: None,
        my_name: "Steward".into(),
        device_label: "Phone".into(),
    };
    let (book, _) = Book::create(&mut context(&mut rng), &home(place), &new).unwrap();
    (book, rng)
}

pub(super) fn home(place: Place) -> Home {
    Home { place, storage_key: StorageKey::from_bytes([7; 32]) }
}

pub(super) fn context(rng: &mut ChaCha20Rng) -> Context<'_> {
    Context { now: "2026-11-27T11:30:00+01:00".parse().unwrap(), rng }
}

/// Where what was written cannot be kept, nothing of it is shown, in whichever shard.
#[test]
fn what_cannot_be_kept_was_not_written() {
    let mut desk = Desk::new();
    let rows = [1, 2].map(|shard| RowId::from_bytes([shard; 16]));
    let put = |id: &RowId, text: &str| {
        let draft =
            ContactDraft { given_name: Some("Åsa".into()), note: Some(text.into()), ..ContactDraft::default() };
        vec![Write::of_draft(*id, &draft.into())]
    };
    let mut write = |text: &str, kept: bool| {
        let commands: Vec<Vec<Write>> = rows.iter().map(|id| put(id, text)).collect();
        let commands: Vec<&[Write]> = commands.iter().map(Vec::as_slice).collect();
        let failing = |_: &mut Tx<'_>, _: &mut dyn rand_core::CryptoRng| match kept {
            true => Ok(()),
            false => Err(StoreError::Damaged(None)),
        };
        let done = desk.act(|book, ctx| book.replica.write_each(ctx, &commands, failing)).is_ok();
        let heads: Vec<_> = [1, 2]
            .map(|shard| {
                desk.act(|book, _| {
                    book.replica.ensure(shard).unwrap();
                    book.replica.document.heads(shard).unwrap()
                })
            })
            .into();
        let notes = rows.map(|id| desk.book.register().contact(id.into()).and_then(|contact| contact.note.clone()));
        (done, heads, notes)
    };
    let (done, heads, notes) = write("first", true);
    assert!(done && notes == [Some("first".to_owned()), Some("first".to_owned())]);
    assert_eq!(write("second", false), (false, heads, notes));
    assert!(write("third", true).0);
}
