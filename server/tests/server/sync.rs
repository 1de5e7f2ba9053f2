//! One round: what goes in, what comes out.

use samla_wire::http::{Ack, SyncRequest};
use samla_wire::{Code, Head, LogHash, limits, to_cbor};

use crate::device::Device;
use crate::invites::let_in;
use crate::world::{World, path};

#[tokio::test]
async fn what_one_sends_the_other_fetches_to_the_byte() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (steward, steward_token) = let_in(&world, &mut founder, 3).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let sent = [founder.data(300), founder.data(400)];
    let own = world.sync(&token, &founder, &sent).await;
    assert_eq!(own.acks, [Ack::Accepted(4), Ack::Accepted(5)]);
    let other = world.sync(&steward_token, &steward, &[]).await;
    let fetched: Vec<&[u8]> = other.entries.iter().map(|entry| entry.as_slice()).collect();
    assert_eq!(fetched[fetched.len() - 2..], sent.iter().map(|envelope| envelope.bytes()).collect::<Vec<_>>());
    assert_eq!(own.head, other.head);

    // A member may carry another's envelopes.
    let carried = world.sync(&steward_token, &steward, &[founder.data(10 + 16)]).await;
    assert_eq!(carried.acks, [Ack::Accepted(6)]);
    assert_eq!(world.sync(&token, &founder, &[]).await.entries.last().unwrap().len(), 32);
}

#[tokio::test]
async fn a_lost_answer_costs_nothing() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let sent = [founder.data(300), founder.data(400)];
    let first = world.sync(&token, &founder, &sent).await;
    let again = world.sync(&token, &founder, &sent).await;
    assert_eq!(again.acks, [Ack::Duplicate(2), Ack::Duplicate(3)]);
    assert_eq!((first.entries, first.head), (again.entries, again.head));
}

#[tokio::test]
async fn another_log_is_refused_with_the_head_of_this_one_and_nothing_is_taken() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let push = [founder.data(300)];
    for cursor in
        [Head { n: 1, h: LogHash([0; 32]) }, Head { n: 2, h: founder.seen.h }, Head { n: u64::MAX, ..founder.seen }]
    {
        let answer = world.sync_from(&token, founder.book, cursor, &push).await;
        assert_eq!(answer.code(), Code::ChainMismatch);
        let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(document["n"], founder.seen.n);
        assert_eq!(document["h"], founder.seen.h.to_string());
    }
    assert_eq!(world.roster(&founder.book).await.1, founder.seen);
}

#[tokio::test]
async fn a_reader_attests_and_does_not_write() {
    // A reader's place in the roster comes by an invitation for readers.
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, token) = let_in(&world, &mut founder, 3).await;
    let acks = world.sync(&token, &steward, &[steward.clone().attest()]).await.acks;
    assert_eq!(acks.len(), 1);
    assert!(matches!(acks[0], Ack::Accepted(_)));
    steward.attest();
    // The recovery sheet is a principal that writes no data.
    let (_, sheet, _) = crate::device::founding(1);
    let mut sheet = Device { me: sheet, ..Device::new(9, founder.book, founder.seen) };
    let response = world.sync(&token, &steward, &[sheet.data(100)]).await;
    assert_eq!(response.acks, [Ack::Rejected("not_allowed".into())]);
}

#[tokio::test]
async fn a_push_has_at_most_64_envelopes() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let many: Vec<_> = (0..=limits::PUSH).map(|_| founder.data(16)).collect();
    assert_eq!(world.sync_from(&token, founder.book, founder.seen, &many).await.code(), Code::TooLarge);
    let response = world.sync(&token, &founder, &many[..limits::PUSH]).await;
    assert!(response.acks.iter().all(|ack| matches!(ack, Ack::Accepted(_))));
    assert_eq!(response.entries.len(), limits::PUSH);
}

#[tokio::test]
async fn a_body_of_another_type_size_or_form_is_refused() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let sync = path(&founder.book, "sync");
    let empty = SyncRequest { cursor: 1, head_h: founder.seen.h, push: vec![] };
    assert_eq!(world.json("POST", &sync, Some(&token), &1).await.code(), Code::MediaType);
    assert_eq!(world.post_cbor(&sync, Some(&token), vec![0xff; 10]).await.code(), Code::Malformed);
    assert_eq!(world.post_cbor(&sync, Some(&token), vec![0; limits::REQUEST + 1]).await.code(), Code::TooLarge);
    assert_eq!(world.post_cbor(&sync, Some(&token), to_cbor(&empty)).await.status, 200);
    let large = SyncRequest { push: vec![vec![0; 300 * 1024].into()], ..empty };
    let response = world.post_cbor(&sync, Some(&token), to_cbor(&large)).await;
    let acks = response.cbor::<samla_wire::http::SyncResponse>().acks;
    assert_eq!(acks, [Ack::Rejected("envelope_malformed".into())]);
}
