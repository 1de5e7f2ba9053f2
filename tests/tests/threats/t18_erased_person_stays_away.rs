//! T18: a person is erased while others are offline with edits, talks and files about that person. When all have synced, no
//! word about the person is anywhere: not in a document, not in a phone's memory or log, not at the server, not in a file
//! that is made later. Random, by a seed that is printed; `SAMLA_SEED` plays one again.

use std::path::Path;

use automerge::Change;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::bundle_of_file;
use samla_core::seal::{open_envelope, unpack_base, unpack_changes};
use samla_core::tables::{ContactDraft, Draft};
use samla_core::{Role, RowId};
use samla_tests::canary::Canaries;
use samla_tests::insider::{database, stolen};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;
use samla_wire::{Envelope, Kind};

use crate::club::{add, alike, names_of, note, sync_all, talk};

const WORDS: [&str; 4] = ["Quillonette", "Vexborough", "mentioned the zeppelins", "beside the copper samovar"];
const SEEDS: u64 = 12;

fn act(rng: &mut ChaCha20Rng, phone: &mut Phone, anna: RowId, bertil: RowId) {
    let knows = phone.book.register().contact(anna.into()).is_some();
    match rng.next_u64() % 6 {
        0 if knows => note(phone, anna, WORDS[2]),
        1 if knows => {
            talk(phone, anna, WORDS[3]);
        }
        0..=2 => note(phone, bertil, "nothing to see"),
        3 => {
            add(phone, "Somebody else");
        }
        4 => {
            let _ = phone.with(|book, ctx| book.remove(ctx, samla_core::tables::Table::Contacts, anna));
        }
        _ => {
            let _ = phone.with(|book, ctx| book.restore(ctx, samla_core::tables::Table::Contacts, anna));
        }
    }
}

/// Envelopes of one epoch, data and the parts of a base, opened with the key of the phone's epoch.
fn opened(phone: &Phone, data: &[Vec<u8>], parts: &[Vec<u8>]) -> Vec<u8> {
    let (book, epoch) = (phone.book.id(), phone.book.status().unwrap().epoch);
    let key = stolen(phone).epoch_key.unwrap();
    let mut text = String::new();
    let mut tell = |change: &[u8]| {
        let change = Change::try_from(change).unwrap().decode();
        text.push_str(&format!("{change:?}"));
    };
    for envelope in data.iter().map(|bytes| Envelope::parse(bytes.clone()).unwrap()) {
        if envelope.header().kind == Kind::Data {
            assert_eq!(envelope.header().epoch, epoch, "no older entry is left");
            let payload = open_envelope(&envelope, &key.data_key(&book, epoch)).unwrap();
            unpack_changes(&payload).unwrap().iter().for_each(|(_, change)| tell(change));
        }
    }
    let part = |bytes: &Vec<u8>| {
        let part = Envelope::parse(bytes.clone()).unwrap();
        open_envelope(&part, &key.base_key(&book, epoch)).unwrap().to_vec()
    };
    let parts: Vec<Vec<u8>> = parts.iter().map(part).collect();
    unpack_base(&parts).unwrap().changes.iter().for_each(|change| tell(change));
    assert!(text.contains("Bertil"), "what is opened can be read");
    text.into_bytes()
}

fn envelopes(folder: &Path, sql: &str) -> Vec<Vec<u8>> {
    let database = database(folder);
    let mut query = database.prepare(sql).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// What lies on the server, opened with the key of the epoch that is.
fn opened_server(server: &Server, phone: &Phone) -> Vec<u8> {
    let snapshot = server.snapshot();
    let [data, parts] = ["SELECT envelope FROM entry WHERE kind = 1", "SELECT envelope FROM part ORDER BY place"]
        .map(|sql| envelopes(snapshot.path(), sql));
    opened(phone, &data, &parts)
}

/// What a file from phone to phone holds, opened so.
fn opened_file(phone: &Phone, file: &[u8]) -> Vec<u8> {
    let (_, bundle) = bundle_of_file(file).unwrap();
    let of = |envelopes: &[minicbor::bytes::ByteVec]| envelopes.iter().map(|bytes| bytes.to_vec()).collect::<Vec<_>>();
    opened(phone, &[of(&bundle.entries), of(&bundle.loose)].concat(), &of(&bundle.base))
}

/// How many of these envelopes lie in the phone's files, used or not: the middle of each is searched.
fn lie_in_its_files(phone: &Phone, sealed: &[Vec<u8>]) -> usize {
    let files = phone.files();
    let files = [files.database, files.log].concat();
    let middle = |bytes: &Vec<u8>| bytes[bytes.len() / 2..][..32].to_vec();
    sealed.iter().filter(|bytes| memchr::memmem::find(&files, &middle(bytes)).is_some()).count()
}

fn play(seed: u64) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
    let mut phones = vec![Phone::founds_in(scratch(), seed << 8, "Eva")];
    for number in 1..=3 {
        let link = phones[0].invites(&server, Role::Steward);
        let mut phone = Phone::joins_in(scratch(), seed << 8 | number, "Steward", &link).unwrap();
        phone.sync(&server).unwrap();
        phones.push(phone);
    }
    let anna = ContactDraft {
        given_name: Some(WORDS[0].into()),
        family_name: Some(WORDS[1].into()),
        ..ContactDraft::default()
    };
    let anna = phones[0].with(|book, ctx| book.add(ctx, &Draft::from(anna))).unwrap();
    let bertil = add(&mut phones[1], "Bertil");
    sync_all(&server, &mut phones);
    // Everybody works; some sync, some do not.
    for _ in 0..20 {
        let who = rng.next_u64() as usize % phones.len();
        act(&mut rng, &mut phones[who], anna, bertil);
        if rng.next_u64().is_multiple_of(3) {
            phones[who].sync(&server).unwrap();
        }
    }
    phones[0].sync(&server).unwrap();
    let _ = phones[0].with(|book, ctx| book.restore(ctx, samla_core::tables::Table::Contacts, anna));
    // Files about the person are on their way while the organiser erases.
    let giver = 1 + rng.next_u64() as usize % 3;
    let file = phones[giver].with(|book, ctx| book.export_file(ctx)).unwrap();
    if rng.next_u64().is_multiple_of(2) {
        let taker = 1 + giver % 3;
        let _ = phones[taker].with(|book, ctx| book.import_file(ctx, &file));
    }
    let before = envelopes(server.snapshot().path(), "SELECT envelope FROM entry WHERE kind = 1");
    assert!(lie_in_its_files(&phones[0], &before) > 0, "what is searched for can be found");
    phones[0].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
    phones[0].sync(&server).unwrap();
    for phone in &mut phones[1..] {
        for _ in 0..rng.next_u64() % 4 {
            act(&mut rng, phone, anna, bertil);
        }
    }
    while phones.iter().any(|phone| phone.book.status().unwrap().epoch == 0) {
        let who = rng.next_u64() as usize % phones.len();
        phones[who].sync(&server).unwrap();
        // The old file is of no use any more to who has moved.
        if phones[who].book.status().unwrap().epoch == 1 {
            assert!(phones[who].with(|book, ctx| book.import_file(ctx, &file)).is_err());
        }
    }
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert!(names_of(&phones[0]).contains(&"Bertil".to_owned()));

    let canaries = Canaries::new(WORDS);
    let nowhere = |place: &str, bytes: &[u8]| {
        assert_eq!(canaries.found_in(bytes), Vec::<&str>::new(), "seed {seed}: {place}");
    };
    nowhere("the server, opened", &opened_server(&server, &phones[0]));
    for entry in std::fs::read_dir(server.data()).unwrap() {
        let path = entry.unwrap().path();
        nowhere(&path.display().to_string(), &std::fs::read(&path).unwrap());
    }
    for (number, phone) in phones.iter_mut().enumerate() {
        nowhere("an export", phone.book.export_json().unwrap().as_bytes());
        nowhere("what could not be carried over", format!("{:?}", phone.book.lost_edits().unwrap()).as_bytes());
        nowhere("what is kept", phone.book.export_kept().unwrap().as_bytes());
        for (name, content) in phone.opened() {
            nowhere(&format!("phone {number}, {name}"), &content);
        }
        let files = phone.files();
        nowhere("its file", &[files.database, files.log].concat());
        assert_eq!(lie_in_its_files(phone, &before), 0, "seed {seed}: phone {number} has what was sealed before");
        // It holds the phone's log.
        let made_later = phone.with(|book, ctx| book.export_file(ctx)).unwrap();
        nowhere("a file that is made later", &opened_file(phone, &made_later));
        phone.restart();
        assert!(phone.book.register().contact(anna.into()).is_none(), "seed {seed}");
    }
    // Nobody can bring the row back.
    let _ = phones[1].with(|book, ctx| book.restore(ctx, samla_core::tables::Table::Contacts, anna));
    sync_all(&server, &mut phones);
    assert!(phones.iter().all(|phone| phone.book.register().contact(anna.into()).is_none()));
}

#[test]
fn nothing_of_an_erased_person_comes_back() {
    let one = std::env::var("SAMLA_SEED").ok().and_then(|seed| seed.parse().ok());
    for seed in one.map_or(1..=SEEDS, |seed: u64| seed..=seed) {
        println!("SAMLA_SEED={seed}");
        play(seed);
    }
}
