//! Who can open the folder: whoever has its key file, or knows its passphrase.

use std::fs;

use crate::world::{World, found};

#[test]
fn the_key_file_is_private_and_without_it_nothing_opens() {
    let world = World::new();
    let key = world.ann.home.join("key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&world.ann.home).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert_eq!(world.ann.code(&["list", "contacts"]), "key_missing");
    fs::write(&key, "0".repeat(64)).unwrap();
    assert_eq!(world.ann.code(&["list", "contacts"]), "wrong_key");
    fs::write(&key, kept).unwrap();
    world.ann.ok(&["list", "contacts"]);
}

#[test]
fn a_passphrase_takes_the_place_of_the_key_file() {
    let world = World::new();
    let mut eva = world.folder("eva");
    eva.passphrase = Some("correct horse battery staple");
    found(&eva, &world.server.url());
    assert!(!eva.home.join("key").exists());
    eva.ok(&["add", "contacts", "given_name=Fia"]);
    eva.passphrase = Some("another horse");
    assert_eq!(eva.code(&["list", "contacts"]), "wrong_key");
    eva.passphrase = None;
    assert_eq!(eva.code(&["list", "contacts"]), "passphrase_needed");
}

#[test]
fn nothing_that_was_written_can_be_read_in_the_folder() {
    let world = World::new();
    world.ann.ok(&["add", "contacts", "given_name=Canary", "note=sings in the mine"]);
    for file in fs::read_dir(&world.ann.home).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for word in ["Canary", "sings in the mine"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()));
        }
    }
}
