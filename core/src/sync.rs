//! Sync: requests out, answers in. The app does the HTTP; this decides what is asked next and what an answer means.
//!
//! On the way of a tap this is the road between phone and server, both ways in one exchange. A `Round` holds what only
//! matters while the app runs: the session, the request under way, whether there is reason to ask. It can be dropped at
//! any moment; whatever must survive is in the replica.
//!
//! ```text
//! founding:  POST /books ─┐
//! joining:   challenge ► session (as the invitation) ► bootstrap (► base) ► POST /roster (join) ─┐
//! member:    challenge ► session ► POST /sync ⟲ until nothing is unsent and nothing more comes ◄─┘
//!                                ├► POST /roster (invite, leave, …) when one waits
//!                                ├► bootstrap ► base ⟲ when a new epoch has begun
//!                                ├► bootstrap alone where another device writes with the same keys
//!                                └► PUT base ⟲ ► POST /epoch when this device founds one
//!                                   (before the first GET /server; after an erasure GET base ⟲ ► POST /sync for what must be gone)
//! recovery:  GET /recovery ► challenge ► session (as the sheet) ► bootstrap (► base) ► sync ⟲ ► POST /epoch
//! ```
//! What always holds: a request is made again byte for byte until its answer is known, so a lost answer costs nothing;
//! a refusal ends the round and never loses an edit; and a server's bare word locks nobody out.

mod chain;
mod epoch;
mod exchange;
mod joining;
mod moving;
mod probe;
mod recovery;
mod restore;
mod session;

use samla_wire::http::{CBOR, CreateBook, RosterResponse};
use samla_wire::problem::{Code, Problem};
use samla_wire::{BookId, DeviceId, EntryId, Head};

pub(crate) use joining::Introduction;

use crate::context::{Context, Moment};
use crate::error::{BookError, of_problem};
use crate::replica::Replica;
use crate::replica::founded::Probed;
use crate::replica::local::{Alarm, Local, Phase};

/// One HTTP request for the app to make.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// Empty for `GET`.
    pub body: Vec<u8>,
}

/// Without headers and body: they hold the session's token and the operator's.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.as_str();
        f.debug_struct("Request").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

/// What an answer brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Progress {
    /// Entries of others that are in the register now.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub received: u64,
    /// Own envelopes that are in the log now.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sent: u64,
    /// Entries that stay out of the register.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub rejected: u64,
    /// Entries of the log on this phone.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub at: u64,
    /// Entries of the log on the server.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub of: u64,
}

/// What is asked, while the answer is not here.
#[derive(Debug)]
enum Awaiting {
    Founding,
    Challenge,
    Session,
    Bootstrap,
    Join,
    Roster(EntryId),
    /// What comes after this place.
    Sync(Head),
    /// A part of a base.
    Part,
    /// So many parts of the own base are on the server then.
    Staged(u32),
    Epoch,
    /// The key that signs receipts.
    Server,
    /// Something that is gone with the erasure that founded this epoch, if the server tells the truth.
    Probe(u32, Probed),
    /// Which book a recovery sheet belongs to.
    Lookup,
    /// The log up to this place.
    Restore(Head),
}

/// Answers without anything new that a round takes: signing in, founding, joining and a race or two need fewer.
const FRUITLESS: u32 = 32;

/// The part of syncing that need not survive.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// There is reason to ask the server.
    wanted: bool,
    /// This round has met a refusal: no more until the next one begins.
    ended: bool,
    awaiting: Option<Awaiting>,
    token: Option<Token>,
    challenge: Option<Vec<u8>>,
    /// Who signs in with it.
    signing_in: Option<session::Who>,
    /// How often the server has refused a session in this round.
    refused_sessions: u32,
    /// The roster op that the server has taken; it is in one of the next pages.
    taken_op: Option<EntryId>,
    /// Answers in a row after which this phone knew no more than before.
    fruitless: u32,
    /// Somebody else's roster op came before this phone's: read the log before trying again.
    roster_moved: bool,
    /// Why the server takes nothing just now, in its word: the round only reads, and ends with it.
    takes_nothing: Option<String>,
    /// The envelopes in the push under way, with their authors.
    pushed: Vec<(EntryId, DeviceId)>,
    /// This round has read the log to its end.
    synced: bool,
    /// A new epoch that this device comes to.
    moving: moving::Moving,
    /// This round has compared the two logs because of a roster op that did not fit.
    compared: bool,
    /// The server's log is an older state of this one, and ends here: it is to be refilled.
    refill: Option<Head>,
    /// This round has asked the server for its key.
    asked_key: bool,
    /// The server does not tell just now whether it still has what it must have deleted.
    probes_later: bool,
}

#[derive(Clone)]
struct Token {
    value: String,
    until: Moment,
    who: session::Who,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("until", &self.until).finish_non_exhaustive()
    }
}

impl Round {
    /// Asks for a round, whether or not there is anything to send.
    pub(crate) fn begin(&mut self) {
        self.wanted = true;
        self.ended = false;
        self.refused_sessions = 0;
        self.fruitless = 0;
        // It should have been read back by now. Sent again, it costs nothing.
        self.taken_op = None;
        self.takes_nothing = None;
        self.synced = false;
        self.moving = moving::Moving::No;
        self.compared = false;
        self.refill = None;
        self.asked_key = false;
        self.probes_later = false;
    }

    /// The request under way could not be made. The round is over; the next one asks the same again.
    pub(crate) fn offline(&mut self) {
        self.awaiting = None;
        self.challenge = None;
        self.wanted = false;
        self.ended = true;
    }

    /// The request for the server's event stream, while there is a session and this device takes part.
    pub(crate) fn events_request(&self, replica: &Replica) -> Option<Request> {
        let takes_part = !replica.local.has_alarm(Alarm::DeviceFork);
        let token = self.token.as_ref().filter(|token| token.who == session::Who::Device && takes_part)?;
        Some(get(replica, books(&replica.book(), "events"), "text/event-stream", Some(token)))
    }

    /// The next request of this round; none where there is nothing to ask.
    pub(crate) fn next_request(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
    ) -> Result<Option<Request>, BookError> {
        if self.ended || !self.has_reason(replica)? {
            return Ok(None);
        }
        let (awaiting, request) = match replica.local.phase.clone() {
            Phase::Practice | Phase::Removed => return Ok(None),
            Phase::Founding(create) => (Awaiting::Founding, founding(replica, create.to_vec())),
            Phase::Joining(joining) => self.joining_request(replica, ctx, &joining)?,
            Phase::Recovering(recovering) => match self.recovery_request(replica, ctx, &recovering)? {
                Some(next) => next,
                None => return Ok(None),
            },
            Phase::Member => match self.member_request(replica, ctx)? {
                Some(next) => next,
                None => return Ok(None),
            },
        };
        self.awaiting = Some(awaiting);
        Ok(Some(request))
    }

    fn has_reason(&self, replica: &Replica) -> Result<bool, BookError> {
        if replica.local.update_required() {
            return Ok(false);
        }
        // Another device writes with these keys: whatever this one sends makes it worse. It only asks whether it was put out.
        if replica.local.has_alarm(Alarm::DeviceFork) {
            return Ok(self.wanted && replica.local.phase == Phase::Member);
        }
        let under_way = match &replica.local.phase {
            Phase::Founding(_) | Phase::Recovering(_) => true,
            // Who has to be let in asks when somebody wants to know.
            Phase::Joining(joining) => !joining.waits,
            Phase::Practice | Phase::Member | Phase::Removed => false,
        };
        let has_more = !replica.local.queue.is_empty() || replica.want.is_some();
        Ok(self.wanted || under_way || has_more || replica.store.unsent(&replica.device())? > 0)
    }

    /// Takes in the answer to the request under way.
    ///
    /// On an error the round is over, the book stays usable, and nothing that was saved is lost.
    pub(crate) fn on_response(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        status: u16,
        body: &[u8],
    ) -> Result<Progress, BookError> {
        let Some(awaiting) = self.awaiting.take() else { return Ok(Progress::default()) };
        let before = replica.log.as_ref().map_or(0, |log| log.head.n);
        // A base has an end of its own: each part is asked for once.
        let is_probe = matches!(awaiting, Awaiting::Probe(..));
        let answer = match status {
            200..=299 => self.on_success(replica, ctx, awaiting, body),
            _ => self.on_problem(replica, ctx, awaiting, status, body),
        };
        let after = replica.log.as_ref().map_or(0, |log| log.head.n);
        self.fruitless = if after > before || is_probe { 0 } else { self.fruitless + 1 };
        let answer = answer.and_then(|progress| match self.fruitless {
            // A server that answers politely and never comes to an end must not keep a phone awake.
            FRUITLESS.. => Err(BookError::ServerAnswer),
            _ => Ok(progress),
        });
        if answer.is_err() {
            self.ended = true;
            self.wanted = false;
        }
        answer
    }

    fn on_success(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        awaiting: Awaiting,
        body: &[u8],
    ) -> Result<Progress, BookError> {
        match awaiting {
            Awaiting::Founding => {
                let head: Head = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
                if replica.log.as_ref().is_none_or(|log| log.head != head) {
                    return Err(BookError::ServerAnswer);
                }
                replica.change_local(ctx, |local| {
                    local.phase = Phase::Member;
                    local.operator_token = None;
                })?;
                self.wanted = true;
            }
            Awaiting::Challenge => self.on_challenge(body)?,
            Awaiting::Session => self.on_session(replica, ctx, body)?,
            Awaiting::Bootstrap => match replica.local.phase {
                Phase::Member => self.on_member_bootstrap(replica, ctx, body)?,
                Phase::Recovering(_) => self.on_sheet_bootstrap(replica, ctx, body)?,
                _ => self.on_bootstrap(replica, ctx, body)?,
            },
            Awaiting::Part => return self.on_part(replica, ctx, body),
            Awaiting::Staged(count) => {
                replica.note_staged(ctx, count)?;
                self.wanted = true;
            }
            Awaiting::Epoch => return self.on_epoch(replica, ctx, body),
            Awaiting::Server => self.on_server(replica, ctx, body)?,
            Awaiting::Probe(epoch, probed) => self.on_probe(replica, ctx, epoch, probed, body)?,
            Awaiting::Lookup => self.on_lookup(replica, ctx, body)?,
            Awaiting::Restore(sent) => self.on_restored(replica, ctx, sent, body)?,
            Awaiting::Join => {
                let _: RosterResponse = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
                self.on_joined(replica, ctx)?;
            }
            Awaiting::Roster(entry) => {
                let _: RosterResponse = minicbor::decode(body).map_err(|_| BookError::ServerAnswer)?;
                self.taken_op = Some(entry);
                self.wanted = true;
            }
            Awaiting::Sync(asked) => return self.on_sync(replica, ctx, asked, body),
        }
        Ok(Progress::default())
    }

    fn on_problem(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        awaiting: Awaiting,
        status: u16,
        body: &[u8],
    ) -> Result<Progress, BookError> {
        let code = serde_json::from_slice::<Problem>(body).ok().map(|problem| problem.code);
        if matches!(awaiting, Awaiting::Server) {
            // Then the key is the one in the receipt.
            return Ok(Progress::default());
        }
        let Some(code) = code else {
            if matches!(awaiting, Awaiting::Probe(..)) {
                self.probe_later();
                return Ok(Progress::default());
            }
            // Not our server's words: a proxy's error page, or no Samla server at all.
            return Err(if status >= 500 { BookError::ServerAway } else { BookError::ServerAnswer });
        };
        match (Code::parse(&code), awaiting) {
            (Some(Code::Unauthorized | Code::LoginFailed), _) if self.refused_sessions < 2 => {
                self.refused_sessions += 1;
                self.token = None;
                self.challenge = None;
                Ok(Progress::default())
            }
            (code, Awaiting::Probe(epoch, probed)) => self.on_probe_refused(replica, ctx, epoch, probed, code),
            (Some(Code::Rprev | Code::StaleEpoch | Code::Fork), Awaiting::Join) => self.on_late_join(replica, ctx),
            (Some(_), Awaiting::Epoch | Awaiting::Staged(_)) => self.on_epoch_refused(replica, ctx, &code),
            (Some(Code::Rprev), Awaiting::Roster(_)) => {
                replica.take_back_roster_op(ctx, false)?;
                self.roster_moved = true;
                self.wanted = true;
                Ok(Progress::default())
            }
            // A sheet signs its own retirement, and somebody else has retired it meanwhile.
            (Some(Code::NotMember), Awaiting::Roster(_)) if replica.local.retires_a_sheet() => {
                replica.take_back_roster_op(ctx, false)?;
                self.roster_moved = true;
                self.wanted = true;
                Ok(Progress::default())
            }
            (Some(Code::Removed), _) if replica.local.is_leaving() => {
                replica.change_local(ctx, Local::leave)?;
                Err(BookError::Removed)
            }
            (Some(Code::Removed | Code::NotMember), _) if replica.local.is_waiting() => Err(BookError::Denied),
            (Some(Code::Removed | Code::NotMember), _) if matches!(replica.local.phase, Phase::Joining(_)) => {
                Err(BookError::InviteMismatch)
            }
            (Some(Code::NotMember | Code::NotFound), _) if matches!(replica.local.phase, Phase::Recovering(_)) => {
                Err(BookError::SheetUnknown)
            }
            // A new epoch has begun, perhaps without this device, or the server was put back to an older state. Its bare word
            // is not believed: the roster tells.
            (Some(Code::StaleEpoch | Code::Removed | Code::ChainMismatch), Awaiting::Sync(_) | Awaiting::Roster(_))
                if replica.log.is_some() || Code::parse(&code) != Some(Code::ChainMismatch) =>
            {
                self.moving = moving::Moving::Wanted;
                self.wanted = true;
                Ok(Progress::default())
            }
            // The op goes on from something that the server does not have: perhaps it was put back to an older state.
            (Some(Code::Fork | Code::Gap | Code::Dprev), Awaiting::Roster(_)) if !self.compared => {
                self.compared = true;
                self.moving = moving::Moving::Wanted;
                self.wanted = true;
                Ok(Progress::default())
            }
            // The log on this phone says that it is in. A server that says otherwise has another log, or lies.
            (Some(Code::Removed | Code::NotMember | Code::ChainMismatch), _) => {
                replica.raise_alarm(ctx, Alarm::Chain)?;
                Err(BookError::Chain)
            }
            (Some(Code::DeviceFork), _) => {
                replica.raise_alarm(ctx, Alarm::DeviceFork)?;
                Err(BookError::DeviceFork)
            }
            (Some(Code::Quota | Code::DailyLimit), Awaiting::Sync(_) | Awaiting::Roster(_))
                if self.takes_nothing.is_none() =>
            {
                self.takes_nothing = Some(code);
                self.wanted = true;
                Ok(Progress::default())
            }
            (Some(found), Awaiting::Roster(_)) if matches!(found.status(), 403 | 409 | 410 | 422) => {
                replica.take_back_roster_op(ctx, true)?;
                Err(of_problem(&code))
            }
            _ => Err(of_problem(&code)),
        }
    }
}

fn founding(replica: &Replica, create: Vec<u8>) -> Request {
    let mut request = post(replica, "/v1/books".to_owned(), create, None);
    if let Some(token) = &replica.local.operator_token {
        request.headers.push(("authorization", format!("Bearer {token}")));
    }
    request
}

fn books(book: &BookId, rest: &str) -> String {
    format!("/v1/books/{book}/{rest}")
}

fn post(replica: &Replica, path: String, body: Vec<u8>, token: Option<&Token>) -> Request {
    let mut headers = vec![("content-type", CBOR.to_owned()), ("accept", CBOR.to_owned())];
    headers.extend(token.map(bearer));
    Request { method: "POST", url: format!("{}{path}", replica.local.server_url), headers, body }
}

fn get(replica: &Replica, path: String, accept: &str, token: Option<&Token>) -> Request {
    let mut headers = vec![("accept", accept.to_owned())];
    headers.extend(token.map(bearer));
    Request { method: "GET", url: format!("{}{path}", replica.local.server_url), headers, body: Vec::new() }
}

fn bearer(token: &Token) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", token.value))
}

fn put(replica: &Replica, path: String, body: Vec<u8>, token: &Token) -> Request {
    let headers = vec![("content-type", "application/octet-stream".to_owned()), bearer(token)];
    Request { method: "PUT", url: format!("{}{path}", replica.local.server_url), headers, body }
}

/// The request that founds a book.
pub(crate) fn create_book(genesis: &[u8], wraps: Vec<samla_wire::http::Wrap>) -> Vec<u8> {
    samla_wire::to_cbor(&CreateBook { genesis: genesis.to_vec().into(), wraps })
}
