//! T7: somebody is left without the key of a new epoch. An honest server does not take such an epoch; under a lying one the
//! phone stays where it is, says so, keeps what it has, and goes on when an honest one is back.

use samla_tests::insider::stolen;
use samla_wire::http::{Bootstrap, EpochRequest};

use crate::club::{Club, add, alike, device_of, names_of, sync_all};

#[test]
fn an_epoch_without_one_of_the_wraps_is_not_taken() {
    let (server, mut phones) = Club::three(70, false);
    phones[0].invites(&server, samla_core::Role::Steward);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    let (mut tried, book) = (0, phones[0].book.id());
    phones[0]
        .sync_with(|request| {
            if !request.url.ends_with("/epoch") {
                return Some(server.answer(request));
            }
            let whole: EpochRequest = minicbor::decode(&request.body).unwrap();
            for left_out in 0..whole.wraps.len() {
                let mut spoilt = whole.clone();
                spoilt.wraps.remove(left_out);
                let mut request = request.clone();
                request.body = samla_wire::to_cbor(&spoilt);
                let (status, body) = server.answer(&request);
                assert_eq!(status, 422);
                let body = String::from_utf8_lossy(&body).into_owned();
                assert!(body.contains("wraps_incomplete") || body.contains("hash_mismatch"), "{body}");
                tried += 1;
            }
            Some(server.answer(request))
        })
        .unwrap();
    assert_eq!(tried, 5, "three phones, the sheet and an open invitation");
    assert_eq!(phones[0].book.id(), book);
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(phones[2].book.status().unwrap().epoch, 1);
}

#[test]
fn without_its_wrap_a_phone_stays_and_loses_nothing() {
    let (server, mut phones) = Club::three(71, false);
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    add(&mut phones[0], "Cecilia");
    phones[0].sync(&server).unwrap();
    add(&mut phones[1], "Only here");
    let (before, other) = (stolen(&phones[1]).keys.device_id(), device_of(&phones[2]));
    assert_eq!(before, device_of(&phones[1]));
    // What a server can do about one wrap: none, one for another name, one with another byte, any bytes, too few.
    for lie in 0..5 {
        let result = phones[1].sync_with(|request| {
            let (status, body) = server.answer(request);
            if !request.url.ends_with("/bootstrap") {
                return Some((status, body));
            }
            let mut bootstrap: Bootstrap = minicbor::decode(&body).unwrap();
            let mut wrap = bootstrap.wrap.clone().unwrap();
            bootstrap.wrap = match lie {
                0 => None,
                1 => {
                    wrap.recipient = other;
                    Some(wrap)
                }
                2 => {
                    wrap.sealed[40] ^= 1;
                    Some(wrap)
                }
                3 => {
                    wrap.sealed = vec![7; 80].into();
                    Some(wrap)
                }
                _ => {
                    wrap.sealed = vec![0; 3].into();
                    Some(wrap)
                }
            };
            Some((status, samla_wire::to_cbor(&bootstrap)))
        });
        assert_eq!(result.unwrap_err().code(), "epoch_unreadable", "lie {lie}");
        let status = phones[1].book.status().unwrap();
        assert_eq!((status.epoch, status.unsent, status.alarm.as_deref()), (0, 1, Some("epoch_unreadable")));
        assert_eq!(names_of(&phones[1]), ["Anna", "Bertil", "Only here"]);
        phones[1].restart();
    }
    let mut older = None;
    phones[1]
        .sync_with(|request| {
            let (status, body) = server.answer(request);
            if request.url.ends_with("/bootstrap") {
                older = minicbor::decode::<Bootstrap>(&body).unwrap().wrap;
            }
            Some((status, body))
        })
        .unwrap();
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(names_of(&phones[0]), ["Anna", "Bertil", "Cecilia", "Only here"]);

    // One that was this phone's own, in the epoch before.
    phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
    phones[0].sync(&server).unwrap();
    let result = phones[1].sync_with(|request| {
        let (status, body) = server.answer(request);
        if !request.url.ends_with("/bootstrap") {
            return Some((status, body));
        }
        let mut bootstrap: Bootstrap = minicbor::decode(&body).unwrap();
        let wraps = [bootstrap.wrap.take(), older.clone()].map(Option::unwrap);
        assert_eq!(wraps[0].recipient, wraps[1].recipient);
        assert_ne!(wraps[0].sealed, wraps[1].sealed);
        bootstrap.wrap = older.clone();
        Some((status, samla_wire::to_cbor(&bootstrap)))
    });
    assert_eq!(result.unwrap_err().code(), "epoch_unreadable");
    let status = phones[1].book.status().unwrap();
    assert_eq!((status.epoch, status.alarm.as_deref()), (1, Some("epoch_unreadable")));
    sync_all(&server, &mut phones);
    alike(&mut phones);
    assert_eq!(phones[1].book.status().unwrap().epoch, 2);
}
