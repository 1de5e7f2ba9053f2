//! Staged base parts.

use axum::body::Body;
use axum::http::Request;
use samla_wire::{Code, EntryId, Envelope};

use crate::device::Device;
use crate::invites::let_in;
use crate::world::{Answer, DAY, World, path};

async fn put(world: &World, token: &str, device: &Device, id: EntryId, part: &Envelope) -> Answer {
    let request = Request::put(path(&device.book, &format!("base/{id}")))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/octet-stream");
    world.send(request.body(Body::from(part.bytes().to_vec())).unwrap()).await
}

#[tokio::test]
async fn an_organiser_stages_a_part_for_a_day() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    // Larger than any other request may be.
    let part = founder.base(4 * 1024 * 1024 + 16);
    assert_eq!(put(&world, &token, &founder, part.id(), &part).await.status, 201);
    assert_eq!(put(&world, &token, &founder, part.id(), &part).await.status, 200);
    let there = path(&founder.book, &format!("base/{}", part.id()));
    assert_eq!(world.get(&there, Some(&token)).await.body, part.bytes());
    assert_eq!(
        world.get(&path(&founder.book, &format!("base/{}", EntryId::ZERO)), Some(&token)).await.code(),
        Code::NotFound
    );
    world.pass(DAY);
    let token = world.sign_in(&founder.me, &founder.book).await;
    assert_eq!(world.get(&there, Some(&token)).await.code(), Code::Gone);
    world.state.log.sweep(world.state.clock.now()).await.unwrap();
    assert_eq!(world.get(&there, Some(&token)).await.code(), Code::NotFound);
}

#[tokio::test]
async fn a_part_is_what_its_name_says_and_its_senders_own() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (steward, steward_token) = let_in(&world, &mut founder, 3).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let part = founder.base(1000);
    assert_eq!(put(&world, &token, &founder, EntryId::ZERO, &part).await.code(), Code::HashMismatch);
    let data = founder.data(1000);
    assert_eq!(put(&world, &token, &founder, data.id(), &data).await.code(), Code::WrongKind);
    let others = steward.base(1000);
    assert_eq!(put(&world, &token, &founder, others.id(), &others).await.code(), Code::Signature);
    assert_eq!(put(&world, &steward_token, &steward, others.id(), &others).await.code(), Code::NotAllowed);
    let (elsewhere, _) = world.found(2).await;
    let foreign = elsewhere.base(1000);
    assert_eq!(put(&world, &token, &founder, foreign.id(), &foreign).await.code(), Code::WrongBook);
}

#[tokio::test]
async fn staged_parts_have_a_limit_in_all() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    for extra in 0..15 {
        let part = founder.base(4 * 1024 * 1024 + 16 + extra);
        assert_eq!(put(&world, &token, &founder, part.id(), &part).await.status, 201);
    }
    let one_more = founder.base(4 * 1024 * 1024 + 16 + 15);
    assert_eq!(put(&world, &token, &founder, one_more.id(), &one_more).await.code(), Code::Quota);
}
