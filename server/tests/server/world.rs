//! A server without a port, a clock that tests turn, and the requests that a phone makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, header};
use samla_server::{AppState, Clock, Config, router};
use samla_wire::http::{
    Bootstrap, CBOR, Challenge, ChallengeRequest, EpochRequest, EpochResponse, PROBLEM, RosterRequest, Session,
    SessionRequest, SyncRequest, SyncResponse,
};
use samla_wire::roster::Epoch;
use samla_wire::{BookId, Code, Envelope, Head, Problem, Roster, to_cbor};
use tower::ServiceExt;

use crate::device::{Device, Principal, founding};

pub const DAY: u64 = 24 * 60 * 60;
/// The day that tests begin on, in days since 1970-01-01 UTC.
pub const TODAY: u32 = 20_000;
pub const ORIGIN: &str = "http://localhost:8080";

pub struct World {
    pub state: AppState,
    pub router: Router,
    time: Arc<AtomicU64>,
    pub dir: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The code of a refusal, after a look at the whole document.
    #[track_caller]
    pub fn code(&self) -> Code {
        assert_eq!(self.header("content-type"), Some(PROBLEM), "{self:?}");
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status);
        let code = Code::parse(&problem.code).unwrap();
        assert_eq!((code.status(), code.title()), (self.status, problem.title.as_str()));
        code
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn cbor<T: for<'b> minicbor::Decode<'b, ()>>(&self) -> T {
        assert_eq!(self.header("content-type"), Some(CBOR), "{self:?}");
        minicbor::decode(&self.body).unwrap()
    }

    #[track_caller]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::over(tempfile::tempdir().unwrap(), change).await
    }

    /// A server that was put back from what [`World::backup`] made.
    pub async fn put_back(backup: &tempfile::TempDir) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(backup.path().join("samla.db"), dir.path().join("samla.db")).unwrap();
        Self::over(dir, |_| {}).await
    }

    /// A copy of the database, as an operator makes it.
    pub fn backup(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        let to = copy.path().join("samla.db");
        self.database().execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
        copy
    }

    /// The database, past the server.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.dir.path().join("samla.db")).unwrap()
    }

    async fn over(dir: tempfile::TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::for_data(dir.path());
        config.sign_ins_per_minute = 100_000;
        config.books_per_hour = 100_000;
        change(&mut config);
        let time = Arc::new(AtomicU64::new(u64::from(TODAY) * DAY));
        let clock = {
            let time = time.clone();
            Clock::new(move || time.load(Ordering::SeqCst))
        };
        let state = AppState::open(config, "127.0.0.1:8080".parse().unwrap(), clock).await.unwrap();
        Self { router: router(state.clone()), state, time, dir }
    }

    /// Turns the clock on by so many seconds.
    pub fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(with_token(Request::get(path), token).body(Body::empty()).unwrap()).await
    }

    pub async fn post_cbor(&self, path: &str, token: Option<&str>, body: Vec<u8>) -> Answer {
        let request = with_token(Request::post(path), token).header(header::CONTENT_TYPE, CBOR);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn json(&self, method: &str, path: &str, token: Option<&str>, body: &impl serde::Serialize) -> Answer {
        let request = with_token(Request::builder().method(method).uri(path), token);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(serde_json::to_vec(body).unwrap().into()).unwrap()).await
    }

    /// Founds the book with this number.
    pub async fn found(&self, number: u8) -> (Device, Principal) {
        let (founder, recovery, request) = founding(number);
        let answer = self.post_cbor("/v1/books", None, to_cbor(&request)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.cbor::<Head>(), founder.seen);
        (founder, recovery)
    }

    pub async fn challenge(&self, who: &Principal, book: &BookId) -> Answer {
        let body = ChallengeRequest { book: book.to_string(), principal: hex(&who.id) };
        self.json("POST", "/v1/sessions/challenge", None, &body).await
    }

    /// Signs a challenge in with an answer that is meant for this origin.
    pub async fn answer(&self, who: &Principal, book: &BookId, origin: &str, challenge: &str) -> Answer {
        let bytes = data_encoding::HEXLOWER.decode(challenge.as_bytes()).unwrap();
        let body = SessionRequest {
            book: book.to_string(),
            principal: hex(&who.id),
            origin: origin.into(),
            challenge: challenge.into(),
            signature: who.answer(origin, book, &bytes).to_string(),
        };
        self.json("POST", "/v1/sessions", None, &body).await
    }

    pub async fn try_sign_in(&self, who: &Principal, book: &BookId) -> Answer {
        let challenge = self.challenge(who, book).await.json::<Challenge>().challenge;
        self.answer(who, book, ORIGIN, &challenge).await
    }

    pub async fn sign_in(&self, who: &Principal, book: &BookId) -> String {
        self.try_sign_in(who, book).await.json::<Session>().token
    }

    /// A sync from this place.
    pub async fn sync_from(&self, token: &str, book: BookId, cursor: Head, push: &[Envelope]) -> Answer {
        let push = push.iter().map(|envelope| envelope.bytes().to_vec().into()).collect();
        let body = SyncRequest { cursor: cursor.n, head_h: cursor.h, push };
        self.post_cbor(&path(&book, "sync"), Some(token), to_cbor(&body)).await
    }

    /// Pushes these, and fetches from where the device stands.
    pub async fn sync(&self, token: &str, device: &Device, push: &[Envelope]) -> SyncResponse {
        self.push(token, device.book, device.seen, push).await
    }

    /// Pushes these, and fetches from there.
    pub async fn push(&self, token: &str, book: BookId, from: Head, push: &[Envelope]) -> SyncResponse {
        let answer = self.sync_from(token, book, from, push).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.cbor()
    }

    pub async fn roster_op(&self, token: Option<&str>, book: &BookId, op: &RosterRequest) -> Answer {
        self.post_cbor(&path(book, "roster"), token, to_cbor(op)).await
    }

    /// Stages a base part.
    pub async fn stage(&self, token: &str, book: &BookId, part: &Envelope) -> Answer {
        let request = with_token(Request::put(path(book, &format!("base/{}", part.id()))), Some(token));
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        self.send(request.body(part.bytes().to_vec().into()).unwrap()).await
    }

    /// Stages the parts of this epoch and sends its op.
    pub async fn send_epoch(&self, token: &str, book: &BookId, parts: &[Envelope], request: &EpochRequest) -> Answer {
        for part in parts {
            assert!(self.stage(token, book, part).await.status < 300);
        }
        self.post_cbor(&path(book, "epoch"), Some(token), to_cbor(request)).await
    }

    /// Begins the next epoch as this device or sheet, which then goes on in it.
    pub async fn begin(&self, author: &mut Device, change: impl FnOnce(&mut Epoch)) -> EpochResponse {
        let token = self.sign_in(&author.me, &author.book).await;
        let (roster, head) = self.roster(&author.book).await;
        author.seen = head;
        let next = author.next_epoch(&roster, head, change);
        let request = author.begin(&roster, &next);
        let answer = self.send_epoch(&token, &author.book, &next.parts, &request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        author.moved(self.roster(&author.book).await.1);
        answer.cbor()
    }

    pub async fn bootstrap(&self, token: &str, book: &BookId) -> Bootstrap {
        self.get(&path(book, "bootstrap"), Some(token)).await.cbor()
    }

    /// The roster as the server has it, and the head.
    pub async fn roster(&self, book: &BookId) -> (Roster, Head) {
        let book = self.state.log.book(book, self.state.clock.now()).await.unwrap();
        (book.log.roster.clone(), book.log.head)
    }
}

fn with_token(request: axum::http::request::Builder, token: Option<&str>) -> axum::http::request::Builder {
    match token {
        Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    }
}

pub fn path(book: &BookId, rest: &str) -> String {
    format!("/v1/books/{book}/{rest}")
}

pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
