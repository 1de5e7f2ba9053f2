//! T19: somebody kept a whole backup of the server, and later gets every phone with its storage key. Once all have moved to
//! the next epoch no wrap in the backup opens with anything that is left on them, and so nothing in the backup does.

use samla_core::seal::{open_envelope, unwrap_key};
use samla_tests::insider::{database, opened_states, stolen};
use samla_wire::Envelope;

use crate::club::{Club, add, sync_all, talk, wraps_on};

#[test]
fn a_backup_is_of_no_use_once_all_have_moved() {
    for epoch in 0..2 {
        let (server, mut phones) = Club::three(190 + u64::from(epoch), false);
        let book = phones[0].book.id();
        let person = add(&mut phones[1], "Cecilia");
        talk(&mut phones[2], person, "in confidence");
        sync_all(&server, &mut phones);
        if epoch == 1 {
            // The others have yet to come by the wraps that lie in the backup.
            phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
            phones[0].sync(&server).unwrap();
        }
        let backup = server.snapshot();
        let before: Vec<_> = phones.iter().map(stolen).collect();
        let old = before[0].epoch_key.clone().unwrap();
        let commit = old.commit(epoch);
        let wraps = wraps_on(backup.path());
        let opens = |prekeys: &[samla_core::seal::PrekeySecret]| {
            let open = |wrap| prekeys.iter().any(|prekey| unwrap_key(wrap, &book, epoch, &commit, prekey).is_ok());
            wraps.iter().filter(|wrap| open(wrap)).count()
        };
        let opened: Vec<usize> = before.iter().map(|before| opens(&before.prekeys)).collect();
        assert!(opened.iter().sum::<usize>() > epoch as usize, "the search finds those that open: {opened:?}");

        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        sync_all(&server, &mut phones);
        assert!(phones[0].book.members().iter().all(|member| member.moved));
        for (phone, before) in phones.iter().zip(&before) {
            let after = stolen(phone);
            assert_eq!(opens(&after.prekeys), 0, "epoch {epoch}: a wrap of the backup opens");
            // Neither the key nor a prekey of before lies anywhere in what the phone remembers.
            let gone: Vec<&[u8]> = [old.as_bytes().as_slice()]
                .into_iter()
                .chain(before.prekeys.iter().map(|prekey| prekey.as_bytes().as_slice()))
                .collect();
            for (name, content) in opened_states(phone) {
                for secret in &gone {
                    assert!(!content.windows(32).any(|window| window == *secret), "epoch {epoch}: {name}");
                }
            }
            let key = after.epoch_key.unwrap();
            let database = database(backup.path());
            let mut query = database.prepare("SELECT envelope FROM entry UNION ALL SELECT envelope FROM part").unwrap();
            let all = query.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
            for envelope in all.map(|row| Envelope::parse(row.unwrap()).unwrap()) {
                if envelope.header().kind.is_sealed() {
                    for epoch in 0..3 {
                        assert!(open_envelope(&envelope, &key.data_key(&book, epoch)).is_err());
                        assert!(open_envelope(&envelope, &key.base_key(&book, epoch)).is_err());
                    }
                }
            }
        }
    }
}

/// What the text above does not promise: a phone that has not moved still opens the backup.
#[test]
fn a_phone_that_has_not_moved_still_opens_it() {
    let (server, mut phones) = Club::three(195, false);
    let book = phones[0].book.id();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    sync_all(&server, &mut phones);
    let backup = server.snapshot();
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    let key = stolen(&phones[2]).epoch_key.unwrap();
    let database = database(backup.path());
    let mut query = database.prepare("SELECT envelope FROM part").unwrap();
    let parts: Vec<Vec<u8>> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(!parts.is_empty());
    for part in parts {
        let part = Envelope::parse(part).unwrap();
        assert!(open_envelope(&part, &key.base_key(&book, 1)).is_ok());
    }
    assert!(phones[0].book.members().iter().any(|member| !member.moved), "and the organiser sees that it has not");
}
