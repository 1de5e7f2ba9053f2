//! T16: somebody has the phone's files and not its storage key.

use samla_core::tables::{ContactDraft, Draft};
use samla_core::{Book, Context, Home, Place, StorageKey};
use samla_tests::canary::Canaries;

use crate::club::Club;

#[test]
fn the_files_tell_nothing_and_do_not_open() {
    let mut club = Club::new(160);
    let words = ["Quillonette", "Vexborough", "070-174 06 77", "quillonette@example.org", "mentioned the zeppelins"];
    let [given, family, phone, email, note] = words.map(|word| Some(word.to_owned()));
    let contact =
        ContactDraft { given_name: given, family_name: family, phone, email, note, ..ContactDraft::default() };
    club.eva.with(|book, ctx| book.add(ctx, &Draft::Contacts(contact))).unwrap();
    club.sync();
    let canaries = Canaries::new(words);
    for phone in [&mut club.eva, &mut club.olle] {
        assert!(!canaries.found_in(phone.book.export_json().unwrap().as_bytes()).is_empty(), "the search works");
        for moment in ["waiting", "kept"] {
            let files = phone.files();
            assert_eq!(canaries.found_in(&files.database), Vec::<&str>::new(), "{moment}");
            assert_eq!(canaries.found_in(&files.log), Vec::<&str>::new(), "{moment}");
            phone.with(|book, ctx| book.tidy(ctx)).unwrap();
        }
        let (now, mut rng) = (phone.now, <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(1));
        let files = phone.files();
        let folder = samla_tests::scratch();
        let path = folder.path().join("book.db");
        std::fs::write(&path, &files.database).unwrap();
        std::fs::write(path.with_extension("db-wal"), &files.log).unwrap();
        let thief = Home { place: Place::File(path), storage_key: StorageKey::from_bytes([7; 32]) };
        let opened = Book::open(&mut Context { now, rng: &mut rng }, &thief);
        assert_eq!(opened.unwrap_err().code(), "wrong_key");
    }
}
