//! T8: a device that was put out tries everything it knows: its session, its keys, an invitation of its own, the old key.

use samla_core::Role;
use samla_core::seal::{open_envelope, unwrap_key};
use samla_tests::insider::{Insider, database, stolen};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::ORIGIN;
use samla_wire::http::{Bootstrap, SyncRequest};
use samla_wire::roster::{Leave, RosterOp};
use samla_wire::{Envelope, Kind};

use crate::club::{Club, add, alike, device_of, sync_all, wraps_on};

#[test]
fn nothing_that_it_knows_opens_anything_new() {
    let (server, mut phones) = Club::three(80, true);
    // It was an organiser, and has an invitation of its own that was kept through an epoch.
    let link = phones[1].invites(&server, Role::Steward);
    phones[0].sync(&server).unwrap();
    let (out, book) = (device_of(&phones[1]), phones[0].book.id());
    let secrets = stolen(&phones[1]);
    let mut insider = Insider::of(&phones[1], &server);
    let token = insider.sign_in(&server, ORIGIN).unwrap();
    let gone = phones.remove(1);
    phones[0].with(|book, ctx| book.remove_members(ctx, &[out])).unwrap();
    sync_all(&server, &mut phones);
    add(&mut phones[0], "Cecilia");
    add(&mut phones[1], "David");
    sync_all(&server, &mut phones);
    let names: Vec<_> = crate::club::names_of(&phones[0]);

    // The session that was open, and a new one.
    let again = insider.sign_in(&server, ORIGIN).unwrap();
    let head = insider.log.head;
    for token in [&token, &again] {
        let mut pushed = vec![insider.seal(b"after the end"), insider.seal_op(RosterOp::Leave(Leave {}))];
        let mut header = insider.header(Kind::Data);
        header.epoch = 1;
        pushed.push(Envelope::sign(header, &[7; 600], insider.keys.signing_key()).unwrap());
        let push = pushed.iter().map(|envelope| envelope.bytes().to_vec().into()).collect();
        let body = samla_wire::to_cbor(&SyncRequest { cursor: head.n, head_h: head.h, push });
        let (status, body) = insider.ask(&server, "POST", "sync", body, token);
        assert!(matches!(status, 401 | 403), "{status} {}", String::from_utf8_lossy(&body));
        let (status, body) = insider.ask(&server, "GET", "bootstrap", Vec::new(), token);
        if status == 200 {
            let bootstrap: Bootstrap = minicbor::decode(&body).unwrap();
            assert!(bootstrap.wrap.is_none() && bootstrap.base.is_empty(), "the roster alone");
        }
    }
    let parts: Vec<Vec<u8>> = {
        let snapshot = server.snapshot();
        let database = database(snapshot.path());
        let mut query = database.prepare("SELECT id, envelope FROM part").unwrap();
        let rows = query.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))).unwrap();
        rows.map(|row| {
            let (id, envelope) = row.unwrap();
            let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
            let (status, _) = insider.ask(&server, "GET", &format!("base/{id}"), Vec::new(), &again);
            assert!(matches!(status, 401 | 403), "a part of the base: {status}");
            envelope
        })
        .collect()
    };
    assert!(!parts.is_empty());

    // An invitation of its own.
    let mut guest = Phone::joins_in(scratch(), 8_009, "Guest", &link).unwrap();
    assert_eq!(guest.sync(&server).unwrap_err().code(), "invite_used");

    // All that the server has, and every key that it ever had.
    let snapshot = server.snapshot();
    let entries: Vec<Vec<u8>> = {
        let database = database(snapshot.path());
        let mut query = database.prepare("SELECT envelope FROM entry").unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let old = secrets.epoch_key.unwrap();
    let sealed = entries.iter().chain(&parts).map(|bytes| Envelope::parse(bytes.clone()).unwrap());
    let mut tried = 0;
    for envelope in sealed.filter(|envelope| envelope.header().kind.is_sealed()) {
        for epoch in 0..2 {
            for key in [old.data_key(&book, epoch), old.base_key(&book, epoch)] {
                assert!(open_envelope(&envelope, &key).is_err());
                tried += 1;
            }
        }
    }
    assert!(tried > 8);
    let commit = stolen(&phones[0]).epoch_key.unwrap().commit(1);
    for wrap in wraps_on(snapshot.path()) {
        assert_ne!(wrap.recipient, out);
        for prekey in &secrets.prekeys {
            assert!(unwrap_key(&wrap, &book, 1, &commit, prekey).is_err());
        }
    }
    // It learns so itself, and the others are as they were.
    let mut gone = gone;
    assert_eq!(gone.sync(&server).unwrap_err().code(), "removed");
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(crate::club::names_of(&phones[0]), names);
}
