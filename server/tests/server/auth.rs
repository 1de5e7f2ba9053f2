//! Signing in: what a session is good for, and what it is not.

use samla_wire::http::{Bootstrap, Challenge, Session, SyncResponse};
use samla_wire::{BookId, Code, Head};

use crate::device::{Device, Principal, key};
use crate::world::{ORIGIN, World, path};

#[tokio::test]
async fn a_device_signs_in_and_its_session_lasts_an_hour() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let session: Session = world.try_sign_in(&founder.me, &founder.book).await.json();
    assert_eq!((session.seconds, session.now), (3600, world.state.clock.now() as i64));
    let bootstrap = path(&founder.book, "bootstrap");
    world.pass(3599);
    assert_eq!(world.get(&bootstrap, Some(&session.token)).await.status, 200);
    world.pass(1);
    let late = world.get(&bootstrap, Some(&session.token)).await;
    assert_eq!(late.code(), Code::Unauthorized);
    assert_eq!(late.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn an_answer_relayed_from_another_server_is_worth_nothing() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    // The device believes it talks to the other server, which passes our challenge on to it.
    let challenge = world.challenge(&founder.me, &founder.book).await.json::<Challenge>().challenge;
    let relayed = world.answer(&founder.me, &founder.book, "http://other.example", &challenge).await;
    assert_eq!(relayed.code(), Code::LoginFailed);
    // It cannot claim our origin for a signature that was made for its own.
    let bytes = data_encoding::HEXLOWER.decode(challenge.as_bytes()).unwrap();
    let body = samla_wire::http::SessionRequest {
        book: founder.book.to_string(),
        principal: crate::world::hex(&founder.me.id),
        origin: ORIGIN.into(),
        challenge: challenge.clone(),
        signature: founder.me.answer("http://other.example", &founder.book, &bytes).to_string(),
    };
    assert_eq!(world.json("POST", "/v1/sessions", None, &body).await.code(), Code::LoginFailed);
    assert_eq!(world.answer(&founder.me, &founder.book, ORIGIN, &challenge).await.status, 200);
}

#[tokio::test]
async fn configured_origins_take_the_place_of_the_default_ones() {
    let world = World::with(|config| config.origins = vec!["https://samla.example".into()]).await;
    let (founder, _) = world.found(1).await;
    let challenge = world.challenge(&founder.me, &founder.book).await.json::<Challenge>().challenge;
    assert_eq!(world.answer(&founder.me, &founder.book, ORIGIN, &challenge).await.code(), Code::LoginFailed);
    assert_eq!(world.answer(&founder.me, &founder.book, "https://samla.example", &challenge).await.status, 200);
}

#[tokio::test]
async fn a_challenge_is_for_one_minute_one_principal_one_book_and_one_server() {
    let world = World::new().await;
    let (founder, recovery) = world.found(1).await;
    let (other, _) = world.found(2).await;
    let challenge = world.challenge(&founder.me, &founder.book).await.json::<Challenge>().challenge;
    let answer = |who: Principal, book: BookId| {
        let (world, challenge) = (&world, &challenge);
        async move { world.answer(&who, &book, ORIGIN, challenge).await }
    };
    assert_eq!(answer(recovery, founder.book).await.code(), Code::LoginFailed);
    assert_eq!(answer(other.me.clone(), other.book).await.code(), Code::LoginFailed);
    assert_eq!(answer(founder.me.clone(), founder.book).await.status, 200);
    let elsewhere = World::new().await;
    elsewhere.found(1).await;
    assert_eq!(elsewhere.answer(&founder.me, &founder.book, ORIGIN, &challenge).await.code(), Code::LoginFailed);
    world.pass(60);
    assert_eq!(answer(founder.me.clone(), founder.book).await.code(), Code::LoginFailed);
}

#[tokio::test]
async fn only_who_is_in_the_book_signs_in() {
    let world = World::new().await;
    let (founder, recovery) = world.found(1).await;
    assert_eq!(world.try_sign_in(&recovery, &founder.book).await.status, 200);
    let stranger = Principal::device(key(77));
    assert_eq!(world.try_sign_in(&stranger, &founder.book).await.code(), Code::NotMember);
    let impostor = Principal { key: key(77), id: founder.me.id };
    assert_eq!(world.try_sign_in(&impostor, &founder.book).await.code(), Code::LoginFailed);
    let nowhere = BookId([9; 32]);
    assert_eq!(world.challenge(&founder.me, &nowhere).await.code(), Code::BookMissing);
}

#[tokio::test]
async fn a_session_is_for_one_book() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let (other, _) = world.found(2).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    for rest in ["bootstrap", "events"] {
        assert_eq!(world.get(&path(&other.book, rest), Some(&token)).await.code(), Code::Unauthorized);
        assert_eq!(world.get(&path(&founder.book, rest), None).await.code(), Code::Unauthorized);
        assert_eq!(world.get(&path(&founder.book, rest), Some("x")).await.code(), Code::Unauthorized);
    }
}

#[tokio::test]
async fn a_session_survives_a_restart_of_the_server() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let World { state, router, dir, .. } = world;
    let (config, clock) = (state.config.clone(), state.clock.clone());
    drop((state, router));
    let state = samla_server::AppState::open(config, "127.0.0.1:8080".parse().unwrap(), clock).await.unwrap();
    let request = axum::http::Request::get(path(&founder.book, "bootstrap"))
        .header("authorization", format!("Bearer {token}"))
        .body(axum::body::Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(samla_server::router(state), request).await.unwrap();
    assert_eq!(response.status(), 200);
    drop(dir);
}

#[tokio::test]
async fn a_device_that_has_left_is_told_so() {
    let world = World::new().await;
    let (mut founder, recovery) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, _) = world.roster(&founder.book).await;
    let goodbye = founder.leave(&roster);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &goodbye).await.status, 201);
    assert_eq!(world.sync_from(&token, founder.book, founder.seen, &[]).await.code(), Code::Removed);
    // It may sign in to see its goodbye in the roster, and no more.
    let token = world.sign_in(&founder.me, &founder.book).await;
    assert_eq!(world.sync_from(&token, founder.book, founder.seen, &[]).await.code(), Code::Removed);
    let start: Bootstrap = world.get(&path(&founder.book, "bootstrap"), Some(&token)).await.cbor();
    assert_eq!((start.roster.len(), start.wrap), (2, None));
    assert_eq!(world.try_sign_in(&recovery, &founder.book).await.status, 200);
}

#[tokio::test]
async fn a_recovery_sheet_reads_and_does_not_push() {
    let world = World::new().await;
    let (mut founder, recovery) = world.found(1).await;
    let token = world.sign_in(&recovery, &founder.book).await;
    let bootstrap = world.get(&path(&founder.book, "bootstrap"), Some(&token)).await;
    let bootstrap: Bootstrap = bootstrap.cbor();
    assert_eq!(bootstrap.wrap.unwrap().recipient.0, recovery.id);
    assert_eq!((bootstrap.roster.len(), bootstrap.head, bootstrap.from), (1, founder.seen, 0));
    let start = Head::start(&founder.book);
    let page: SyncResponse = world.sync_from(&token, founder.book, start, &[]).await.cbor();
    assert_eq!((page.entries.len(), page.head), (1, founder.seen));
    let push = [founder.data(100)];
    assert_eq!(world.sync_from(&token, founder.book, start, &push).await.code(), Code::NotAllowed);
    assert_eq!(world.get(&path(&founder.book, "events"), Some(&token)).await.code(), Code::NotAllowed);
}

#[tokio::test]
async fn an_envelope_of_nobody_is_refused_though_a_member_brings_it() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let mut stranger = Device::new(77, founder.book, founder.seen);
    let response = world.sync(&token, &founder, &[stranger.data(100)]).await;
    assert_eq!(response.acks, [samla_wire::http::Ack::Rejected("not_member".into())]);
    assert_eq!(response.head, founder.seen);
}
