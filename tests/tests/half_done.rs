//! What is to happen as one happens as one, wherever the battery gives out.

use samla_core::tables::Person;
use samla_core::{Book, BookError, Context, Home, NewBook, Place, Role, StorageKey};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::{ORIGIN, Server};

/// Coming in and saying who came are one step: nobody is a member without a name.
#[test]
fn whoever_comes_in_has_a_name() {
    for cut in 0..24 {
        let server = Server::in_folder(scratch(), &[]);
        let mut eva = Phone::founds_in(scratch(), 1, "Eva");
        let link = eva.invites(&server, Role::Steward);
        let mut olle = Phone::joins_in(scratch(), 2, "Olle", &link).unwrap();
        olle.book.begin_sync();
        while let Some(request) = olle.with(|book, ctx| book.next_request(ctx)).unwrap() {
            let (status, body) = server.answer(&request);
            if request.url.ends_with("/roster") {
                // Where in what was written the phone stops: spread over all of it.
                let cut = cut * 1_979;
                olle.killed_while(cut, |book, ctx| book.on_response(ctx, status, &body)).unwrap();
                break;
            }
            olle.with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
        }
        olle.sync(&server).unwrap();
        eva.sync(&server).unwrap();
        let mut names: Vec<_> = eva.book.register().all::<Person>().filter_map(|person| person.name.clone()).collect();
        names.sort();
        assert_eq!(names, ["Eva", "Olle"], "cut {cut}");
        assert!(olle.book.members().iter().any(|member| member.mine && member.person_name.is_some()));
    }
}

/// A name that no colleague's phone takes would keep every later edit from them too.
#[test]
fn a_name_that_is_too_long_is_refused_before_anything_is_made() {
    let folder = scratch();
    let home = Home { place: Place::File(folder.path().join("book.db")), storage_key: StorageKey::from_bytes([1; 32]) };
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(1);
    let now = chrono::DateTime::from_timestamp(1_787_000_000, 0).unwrap().fixed_offset();
    let mut ctx = Context { now, rng: &mut rng };
    let new = |name: &str, my_name: &str, device_label: &str| NewBook {
        name: name.into(),
        server_url: Some(ORIGIN.into()),
        operator_token: None,
        my_name: my_name.into(),
        device_label: device_label.into(),
    };
    let long = "a".repeat(16 * 1024 + 1);
    for wrong in [new(&long, "Eva", "Phone"), new("Club", &long, "Phone"), new("Club", "Eva", &long)] {
        assert!(matches!(Book::create(&mut ctx, &home, &wrong), Err(BookError::Field(_))));
    }
    assert!(matches!(Book::create(&mut ctx, &home, &new("Club", " ", "Phone")), Err(BookError::Field(_))));
    let (book, _) = Book::create(&mut ctx, &home, &new("Club", "Eva", "Phone")).unwrap();
    assert_eq!(book.status().unwrap().name.as_deref(), Some("Club"));
    assert_eq!(book.register().all::<Person>().count(), 1);
}
