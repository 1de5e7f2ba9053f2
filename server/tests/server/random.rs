//! Whatever comes in, the answer is a refusal with a known code or a success: never a failure of the server.

use axum::body::Body;
use axum::http::{Method, Request};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use samla_wire::http::{Bundle, CBOR, RosterRequest, SyncRequest};
use samla_wire::to_cbor;

use crate::device::{Device, Door, founding};
use crate::invites::{let_in, open};
use crate::world::{TODAY, World, path};

const REQUESTS: u32 = 20_000;

/// The seed of this run: `SAMLA_SEED`, or the time.
fn seed() -> u64 {
    let given = std::env::var("SAMLA_SEED").ok().and_then(|seed| seed.parse().ok());
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = given.unwrap_or_else(now);
    println!("to see this run again: SAMLA_SEED={seed}");
    seed
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.below(most)];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// The same bytes with a few of them changed, cut out or doubled.
    fn spoil(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..self.below(4) {
            if bytes.is_empty() {
                break;
            }
            let at = self.below(bytes.len());
            match self.below(4) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes.truncate(at),
                2 => drop(bytes.drain(at..(at + self.below(9)).min(bytes.len()))),
                _ => bytes.insert(at, self.0.next_u32() as u8),
            }
        }
        bytes
    }
}

/// A request that is in order, or nearly: method, path, media type, body.
type Recipe = (Method, String, &'static str, Vec<u8>);

struct Hostile {
    dice: Dice,
    tokens: Vec<String>,
    recipes: Vec<Recipe>,
}

impl Hostile {
    async fn new(world: &World, seed: u64) -> Self {
        let (mut founder, recovery) = world.found(1).await;
        let (mut steward, steward_token) = let_in(world, &mut founder, 3).await;
        let door = Door::new(50);
        assert_eq!(open(world, &mut founder, &door, TODAY + 1).await.status, 201);
        let (roster, head) = world.roster(&founder.book).await;
        steward.seen = head;
        let mut joiner = Device::new(60, founder.book, head);
        let tokens = vec![
            steward_token,
            world.sign_in(&founder.me, &founder.book).await,
            world.sign_in(&recovery, &founder.book).await,
            world.sign_in(&door.me, &founder.book).await,
        ];
        let push = |items: Vec<samla_wire::Envelope>, cursor: u64| {
            let push = items.into_iter().map(|envelope| envelope.into_bytes().into()).collect();
            to_cbor(&SyncRequest { cursor, head_h: head.h, push })
        };
        let (base, mut clone) = (founder.base(600), steward.clone());
        let here = |rest: &str| path(&founder.book, rest);
        let post = |path: String, kind, body| (Method::POST, path, kind, body);
        let get = |path: &str| (Method::GET, path.to_owned(), "", Vec::new());
        let lone = RosterRequest { envelope: founder.clone().data(99).into_bytes().into(), wrap: None };
        // By the sheet, whose own chain nothing else here moves on.
        let mut sheet = Device { me: recovery.clone(), ..Device::new(0, founder.book, head) };
        let next = sheet.next_epoch(&roster, head, |_| {});
        let epoch = sheet.begin(&roster, &next);
        let genesis = founding(1).2.genesis;
        let bundle = Bundle {
            roster: vec![genesis],
            base: vec![base.bytes().to_vec().into()],
            entries: vec![lone.envelope.clone()],
            head,
            loose: vec![],
            wrap: None,
        };
        let admit = founder.clone().admit(&roster, joiner.id());
        let sheet = founder.clone().add_sheet(&roster, &crate::device::key(80));
        let book = founder.book.to_string();
        let challenge = serde_json::json!({ "book": book, "principal": founder.id().to_string() });
        let login = serde_json::json!({
            "book": book, "principal": founder.id().to_string(), "origin": "http://localhost:8080",
            "challenge": "00".repeat(56), "signature": "00".repeat(64),
        });
        let close = serde_json::json!({ "signature": "00".repeat(64) });
        let json = |value: &serde_json::Value| value.to_string().into_bytes();
        let part = here(&format!("base/{}", base.id()));
        let recipes = vec![
            post(here("sync"), CBOR, push(vec![steward.data(300), steward.attest(), clone.data(310)], head.n)),
            post(here("sync"), CBOR, push(vec![], u64::MAX)),
            post("/v1/books".into(), CBOR, to_cbor(&founding(2).2)),
            post(here("roster"), CBOR, to_cbor(&joiner.join(&roster, &door))),
            post(here("roster"), CBOR, to_cbor(&founder.clone().open(&roster, &Door::new(70), u32::MAX))),
            post(here("roster"), CBOR, to_cbor(&founder.clone().shut(&roster, &door))),
            post(here("roster"), CBOR, to_cbor(&lone)),
            post(here("roster"), CBOR, to_cbor(&admit)),
            post(here("roster"), CBOR, to_cbor(&sheet)),
            post(here("epoch"), CBOR, to_cbor(&epoch)),
            post(here("restore"), CBOR, to_cbor(&bundle)),
            get(&format!("/v1/recovery/{}", crate::world::hex(&recovery.id))),
            post("/v1/sessions/challenge".into(), "application/json", json(&challenge)),
            post("/v1/sessions".into(), "application/json", json(&login)),
            (Method::DELETE, format!("/v1/books/{book}"), "application/json", json(&close)),
            (Method::PUT, part.clone(), "application/octet-stream", base.bytes().to_vec()),
            get(&part),
            get(&here("bootstrap")),
            get("/"),
            get("/j"),
            get("/v1/server"),
            get("/healthz"),
            get("/metrics"),
        ];
        Self { dice: Dice(ChaCha8Rng::seed_from_u64(seed)), tokens, recipes }
    }

    /// One of the recipes, with each of its parts spoilt now and then.
    fn request(&mut self) -> Request<Body> {
        let Self { dice, tokens, recipes } = self;
        let (mut method, mut path, mut kind, mut body) = dice.one(recipes).clone();
        if dice.below(12) == 0 {
            let others = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::PATCH];
            method = dice.one(&others).clone();
        }
        if dice.below(12) == 0 {
            let at = 1 + dice.below(path.len());
            path.insert_str(at, ["%00", "/", "..", "%ff", "?x=%", "%C3%A4", "%2f"][dice.below(7)]);
        }
        if dice.below(12) == 0 {
            kind = [CBOR, "application/json", "application/octet-stream", "text/plain", ""][dice.below(5)];
        }
        body = match dice.below(8) {
            0 => dice.bytes(2000),
            1 => dice.one(recipes).3.clone(),
            _ => dice.spoil(body),
        };
        let mut request = Request::builder().method(method).uri(path).header("content-type", kind);
        if dice.below(8) > 0 {
            let token = dice.one(tokens).clone().into_bytes();
            let token = if dice.below(12) == 0 { dice.spoil(token) } else { token };
            request = request.header("authorization", [b"Bearer ", token.as_slice()].concat());
        }
        // A header that HTTP itself does not allow never reaches the server.
        request.body(body.into()).unwrap_or_else(|_| Request::new(Body::empty()))
    }
}

#[tokio::test]
async fn no_input_makes_the_server_fail() {
    let world = World::new().await;
    let mut hostile = Hostile::new(&world, seed()).await;
    let mut seen = std::collections::BTreeMap::new();
    for number in 0..REQUESTS {
        let request = hostile.request();
        let line = format!("request {number}: {} {}", request.method(), request.uri());
        let answer = world.send(request).await;
        assert!(answer.status < 500, "{line}: {answer:?}");
        let is_head = line.contains(": HEAD ");
        if answer.status >= 400 && !is_head {
            *seen.entry(answer.code().as_str()).or_insert(0u32) += 1;
        } else if answer.status < 300 {
            *seen.entry("success").or_insert(0u32) += 1;
        }
    }
    println!("{seen:?}");
    // The dice reach past the first checks: otherwise this test would prove little.
    for code in [
        "success",
        "malformed",
        "unauthorized",
        "login_failed",
        "media_type",
        "not_found",
        "method_not_allowed",
        "not_allowed",
        "envelope_malformed",
        "signature",
        "chain_mismatch",
        "hash_mismatch",
        "head",
        "roster_op",
    ] {
        assert!(seen.contains_key(code), "never seen: {code}");
    }
    let metrics = String::from_utf8(world.get("/metrics", None).await.body.to_vec()).unwrap();
    assert!(metrics.contains("samla_requests_failed_total 0\n"), "{metrics}");
}
