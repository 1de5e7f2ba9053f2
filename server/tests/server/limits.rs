//! Every limit answers with its own status and code, and gives way when its time has come.

use axum::body::Body;
use axum::http::Request;
use samla_wire::{Code, to_cbor};

use crate::device::{Principal, founding, key};
use crate::world::{DAY, World};

#[tokio::test]
async fn a_devices_day_holds_so_many_envelopes() {
    let world = World::with(|config| config.daily_envelopes = 3).await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    world.sync(&token, &founder, &[founder.clone().data(100)]).await;
    founder.data(100);
    let two = [founder.data(100), founder.data(100)];
    let refused = world.sync_from(&token, founder.book, founder.seen, &two).await;
    assert_eq!((refused.status, refused.code()), (429, Code::DailyLimit));
    // It can still read, and send what fits.
    assert_eq!(world.sync(&token, &founder, &[]).await.entries.len(), 1);
    world.sync(&token, &founder, &two[..1]).await;
    world.pass(DAY);
    let token = world.sign_in(&founder.me, &founder.book).await;
    assert_eq!(world.sync(&token, &founder, &two).await.acks.len(), 2);
}

#[tokio::test]
async fn who_has_used_up_the_day_can_still_go() {
    let world = World::with(|config| config.daily_envelopes = 2).await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let sent = founder.data(100);
    world.sync(&token, &founder, &[sent]).await;
    let more = [founder.clone().data(100)];
    let refused = world.sync_from(&token, founder.book, founder.seen, &more).await;
    assert_eq!((refused.status, refused.code()), (429, Code::DailyLimit));
    let (roster, _) = world.roster(&founder.book).await;
    let goodbye = founder.leave(&roster);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &goodbye).await.status, 201);
}

#[tokio::test]
async fn a_devices_day_holds_so_many_bytes() {
    let world = World::with(|config| config.daily_mib = 1).await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let five: Vec<_> = (0..5).map(|_| founder.data(250 * 1024)).collect();
    let refused = world.sync_from(&token, founder.book, founder.seen, &five).await;
    assert_eq!((refused.status, refused.code()), (429, Code::DailyLimit));
    world.sync(&token, &founder, &five[..4]).await;
}

#[tokio::test]
async fn a_book_holds_so_many_bytes() {
    let world = World::with(|config| config.book_quota_mib = 1).await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let five: Vec<_> = (0..5).map(|_| founder.data(250 * 1024)).collect();
    let refused = world.sync_from(&token, founder.book, founder.seen, &five).await;
    assert_eq!((refused.status, refused.code()), (507, Code::Quota));
    world.sync(&token, &founder, &five[..4]).await;
    let (roster, head) = world.roster(&founder.book).await;
    assert_eq!(head.n, 5);
    // Who runs out of space can still go.
    let mut leaver = founder.clone();
    leaver.dseq = 5;
    leaver.dprev = five[3].id();
    let goodbye = leaver.leave(&roster);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &goodbye).await.status, 201);
}

#[tokio::test]
async fn an_address_founds_so_many_books_in_an_hour() {
    let world = World::with(|config| config.books_per_hour = 2).await;
    world.found(1).await;
    world.found(2).await;
    let body = to_cbor(&founding(3).2);
    let refused = world.post_cbor("/v1/books", None, body.clone()).await;
    assert_eq!((refused.status, refused.code()), (429, Code::TooMany));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(wait, 1800);
    world.pass(wait);
    assert_eq!(world.post_cbor("/v1/books", None, body).await.status, 201);
}

#[tokio::test]
async fn an_address_signs_in_so_often_in_a_minute() {
    let world = World::with(|config| config.sign_ins_per_minute = 3).await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let refused = world.challenge(&founder.me, &founder.book).await;
    assert_eq!((refused.status, refused.code()), (429, Code::TooMany));
    assert_eq!(refused.header("retry-after"), Some("20"));
    // Who has a session is not counted.
    for _ in 0..10 {
        world.sync(&token, &founder, &[]).await;
    }
    world.pass(20);
    assert_eq!(world.challenge(&founder.me, &founder.book).await.status, 200);
}

#[tokio::test]
async fn a_joiner_without_a_session_is_counted() {
    let world = World::with(|config| config.sign_ins_per_minute = 2).await;
    let (founder, _) = world.found(1).await;
    let nothing = samla_wire::http::RosterRequest { envelope: vec![].into(), wrap: None };
    assert_eq!(world.roster_op(None, &founder.book, &nothing).await.code(), Code::EnvelopeMalformed);
    assert_eq!(world.roster_op(None, &founder.book, &nothing).await.code(), Code::TooMany);
}

#[tokio::test]
async fn a_trusted_proxy_says_who_asks_and_others_cannot() {
    for trusted in [true, false] {
        let world = World::with(|config| {
            config.trust_proxy = trusted;
            config.sign_ins_per_minute = 1;
        })
        .await;
        let ask = |from: &'static str| {
            let stranger = Principal::device(key(77));
            let body =
                format!("{{\"book\":\"{}\",\"principal\":\"{}\"}}", "00".repeat(32), crate::world::hex(&stranger.id));
            let request = Request::post("/v1/sessions/challenge")
                .header("content-type", "application/json")
                .header("x-forwarded-for", from);
            world.send(request.body(Body::from(body)).unwrap())
        };
        assert_eq!(ask("192.0.2.1").await.code(), Code::BookMissing);
        // Only the last entry is the proxy's own word.
        assert_eq!(ask("198.51.100.7, 192.0.2.1").await.code(), Code::TooMany);
        let another = if trusted { Code::BookMissing } else { Code::TooMany };
        assert_eq!(ask("192.0.2.2").await.code(), another);
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    tokio::time::pause();
    let never = Body::from_stream(tokio_stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let request = Request::post(crate::world::path(&founder.book, "sync"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", samla_wire::http::CBOR);
    let answer = world.send(request.body(never).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (408, Code::Timeout));
}
