//! Founding and closing.

use samla_wire::http::{Bootstrap, CloseRequest, CreateBook, ServerView};
use samla_wire::roster::Genesis;
use samla_wire::{Code, to_cbor};

use crate::device::{founding, founding_with};
use crate::world::{DAY, World, path};

#[tokio::test]
async fn founding_twice_is_founding_once() {
    let world = World::new().await;
    let (founder, _, request) = founding(1);
    let first = world.post_cbor("/v1/books", None, to_cbor(&request)).await;
    let again = world.post_cbor("/v1/books", None, to_cbor(&request)).await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.body, again.body);
    let token = world.sign_in(&founder.me, &founder.book).await;
    let bootstrap: Bootstrap = world.get(&path(&founder.book, "bootstrap"), Some(&token)).await.cbor();
    assert_eq!(bootstrap.roster, [request.genesis]);
    assert_eq!(bootstrap.wrap, Some(request.wraps[0].clone()));
}

#[tokio::test]
async fn wraps_are_for_the_founder_and_each_recovery_sheet() {
    let world = World::new().await;
    let (_, _, whole) = founding(1);
    let wraps = |wraps: Vec<samla_wire::http::Wrap>| CreateBook { wraps, ..whole.clone() };
    let (first, second) = (whole.wraps[0].clone(), whole.wraps[1].clone());
    let mut foreign = second.clone();
    foreign.recipient.0[0] ^= 1;
    for bad in [
        vec![],
        vec![first.clone()],
        vec![first.clone(), first.clone()],
        vec![first.clone(), foreign.clone()],
        vec![first.clone(), second.clone(), foreign],
        vec![first.clone(), second.clone(), second.clone()],
    ] {
        let answer = world.post_cbor("/v1/books", None, to_cbor(&wraps(bad))).await;
        assert_eq!(answer.code(), Code::WrapsIncomplete);
    }
    let mut large = second;
    large.sealed = vec![0; 4096].into();
    let answer = world.post_cbor("/v1/books", None, to_cbor(&wraps(vec![first, large]))).await;
    assert_eq!(answer.code(), Code::TooLarge);
    assert_eq!(world.post_cbor("/v1/books", None, to_cbor(&whole)).await.status, 201);
}

#[tokio::test]
async fn a_genesis_must_be_one() {
    let world = World::new().await;
    let (mut founder, _, request) = founding(1);
    let with = |genesis: Vec<u8>| to_cbor(&CreateBook { genesis: genesis.into(), ..request.clone() });
    let mut flipped = request.genesis.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    let cases = [
        (with(vec![]), Code::EnvelopeMalformed),
        (with(founder.data(100).into_bytes()), Code::WrongKind),
        (with(flipped), Code::Signature),
        (vec![0xff], Code::Malformed),
    ];
    for (body, code) in cases {
        assert_eq!(world.post_cbor("/v1/books", None, body).await.code(), code);
    }
}

/// A phone would meet a book that it has to refuse.
#[tokio::test]
async fn a_genesis_with_rules_that_the_server_does_not_know_founds_nothing() {
    let world = World::new().await;
    type Change = fn(&mut Genesis);
    let changes: [Change; 5] = [
        |genesis| genesis.suite = 2,
        |genesis| genesis.rules = 2,
        |genesis| genesis.rules = u16::MAX,
        |genesis| genesis.shards = 8,
        |genesis| genesis.shards = 256,
    ];
    for change in changes {
        let (_, _, request) = founding_with(1, change);
        let answer = world.post_cbor("/v1/books", None, to_cbor(&request)).await;
        assert_eq!((answer.status, answer.code()), (422, Code::RulesUnknown));
    }
    world.found(1).await;
}

#[tokio::test]
async fn an_operators_token_guards_founding_if_there_is_one() {
    let open = World::new().await;
    assert!(!open.get("/v1/server", None).await.json::<ServerView>().operator_token);

    let world = World::with(|config| config.operator_token = Some("open sesame".into())).await;
    assert!(world.get("/v1/server", None).await.json::<ServerView>().operator_token);
    let body = to_cbor(&founding(1).2);
    for token in [None, Some(""), Some("open"), Some("open sesame!")] {
        assert_eq!(world.post_cbor("/v1/books", token, body.clone()).await.code(), Code::OperatorToken);
    }
    assert_eq!(world.post_cbor("/v1/books", Some("open sesame"), body).await.status, 201);
}

#[tokio::test]
async fn a_closed_book_can_be_read_for_seven_days_and_is_gone_then() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let book = format!("/v1/books/{}", founder.book);
    let close = |signature: String| CloseRequest { signature };
    let stale = founder.me.close(&founder.book, &samla_wire::Head::start(&founder.book)).to_string();
    assert_eq!(world.json("DELETE", &book, Some(&token), &close(stale)).await.code(), Code::Signature);
    assert_eq!(world.json("DELETE", &book, Some(&token), &close("x".into())).await.code(), Code::Malformed);
    let good = founder.me.close(&founder.book, &founder.seen).to_string();
    assert_eq!(world.json("DELETE", &book, None, &close(good.clone())).await.code(), Code::Unauthorized);
    assert_eq!(world.json("DELETE", &book, Some(&token), &close(good.clone())).await.status, 202);
    assert_eq!(world.json("DELETE", &book, Some(&token), &close(good)).await.status, 202);

    let refused = world.sync_from(&token, founder.book, founder.seen, &[founder.data(100)]).await;
    assert_eq!(refused.code(), Code::Gone);
    assert_eq!(world.sync_from(&token, founder.book, founder.seen, &[]).await.status, 200);

    world.pass(7 * DAY - 1);
    let token = world.sign_in(&founder.me, &founder.book).await;
    assert_eq!(world.get(&path(&founder.book, "bootstrap"), Some(&token)).await.status, 200);
    world.pass(1);
    assert_eq!(world.get(&path(&founder.book, "bootstrap"), Some(&token)).await.code(), Code::Gone);
    assert_eq!(world.state.log.sweep(world.state.clock.now()).await.unwrap(), 1);
    assert_eq!(world.challenge(&founder.me, &founder.book).await.code(), Code::Gone);
    let again = world.post_cbor("/v1/books", None, to_cbor(&founding(1).2)).await;
    assert_eq!(again.code(), Code::Gone);
}

#[tokio::test]
async fn a_recovery_sheet_may_close_and_a_steward_may_not() {
    let world = World::new().await;
    let (mut founder, recovery) = world.found(1).await;
    let (steward, steward_token) = crate::invites::let_in(&world, &mut founder, 3).await;
    let (_, head) = world.roster(&founder.book).await;
    let book = format!("/v1/books/{}", founder.book);
    let by_steward = CloseRequest { signature: steward.me.close(&founder.book, &head).to_string() };
    assert_eq!(world.json("DELETE", &book, Some(&steward_token), &by_steward).await.code(), Code::NotAllowed);
    let token = world.sign_in(&recovery, &founder.book).await;
    let by_sheet = CloseRequest { signature: recovery.close(&founder.book, &head).to_string() };
    assert_eq!(world.json("DELETE", &book, Some(&token), &by_sheet).await.status, 202);
}
