//! A network that drops, doubles and delays, and a server behind it that a test can make worse than a server may be.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;
use samla_core::Request;
use samla_wire::http::{Ack, SyncRequest, SyncResponse};
use samla_wire::{Head, LogHash};

use crate::planted::Plant;
use crate::server::Server;

/// What can go wrong on the way, one in so many requests each; none never.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// The request does not arrive.
    pub loss: Option<u64>,
    /// It arrives and is done, and its answer is lost.
    pub unanswered: Option<u64>,
    /// It arrives twice.
    pub doubling: Option<u64>,
    /// It arrives much later, after others; the phone believes that it is lost.
    pub delay: Option<u64>,
    /// The server is stopped and started before it.
    pub restart: Option<u64>,
}

impl Weather {
    /// A cellar with thick walls.
    pub const BAD: Self =
        Self { loss: Some(8), unanswered: Some(8), doubling: Some(10), delay: Some(12), restart: Some(60) };
    /// A train.
    pub const CHANGING: Self =
        Self { loss: Some(30), unanswered: Some(25), doubling: Some(8), delay: Some(30), restart: Some(90) };
    /// A town.
    pub const FAIR: Self =
        Self { loss: None, unanswered: Some(80), doubling: Some(20), delay: None, restart: Some(90) };
}

/// The way between phones and server.
#[derive(Debug, Default)]
pub struct Network {
    /// How bad it is now.
    pub weather: Weather,
    /// A fault to be found.
    pub plant: Option<Plant>,
    /// What the two have said of the log, as far as the network carried it.
    pub witness: Witness,
    /// What has begun an epoch: the bodies that the server took, whether anybody heard of it or not.
    pub begun: Vec<Vec<u8>>,
    delayed: Vec<Request>,
}

/// What phones and server have said of one log. Whoever can see every message can hold them to two things: what was said to be
/// saved stays in the log, whatever stops (I6), and no two phones know different entries at one place (I7).
#[derive(Debug, Default)]
pub struct Witness {
    saved: u64,
    places: BTreeMap<u64, LogHash>,
    broken: Option<String>,
}

impl Witness {
    /// Everything said before is void: the server was put back.
    pub fn forget(&mut self) {
        *self = Self { broken: self.broken.take(), ..Self::default() };
    }

    /// What did not hold, if something did not.
    pub fn verdict(&mut self) -> Result<(), String> {
        self.broken.take().map_or(Ok(()), Err)
    }

    fn hears(&mut self, request: &SyncRequest, answer: &SyncResponse) {
        self.knows(&Head { n: request.cursor, h: request.head_h }, "a phone");
        self.knows(&answer.head, "the server");
        if answer.head.n < self.saved {
            self.broken = Some(format!("{} entries were saved, and the server has {}", self.saved, answer.head.n));
        }
        let places = answer.acks.iter().filter_map(|ack| match ack {
            Ack::Accepted(n) | Ack::Duplicate(n) => Some(*n),
            Ack::Rejected(_) => None,
        });
        self.saved = places.fold(self.saved, u64::max);
    }

    fn knows(&mut self, head: &Head, who: &str) {
        let known = self.places.entry(head.n).or_insert(head.h);
        if *known != head.h {
            self.broken = Some(format!("{who} knows another entry at place {} than was known there before", head.n));
        }
    }
}

/// Does what happens once in so many times happen now?
pub fn happens(rng: &mut ChaCha20Rng, once_in: Option<u64>) -> bool {
    once_in.is_some_and(|many| rng.next_u64().is_multiple_of(many))
}

impl Network {
    /// A network in this weather, with this fault.
    pub fn new(weather: Weather, plant: Option<Plant>) -> Self {
        Self { weather, plant, witness: Witness::default(), begun: Vec::new(), delayed: Vec::new() }
    }

    /// Carries a request to the server and the answer back, or loses one of the two.
    pub fn carry(&mut self, rng: &mut ChaCha20Rng, server: &mut Server, request: &Request) -> Option<(u16, Vec<u8>)> {
        let weather = self.weather;
        if happens(rng, weather.restart) {
            server.restart();
        }
        if happens(rng, weather.loss) {
            return None;
        }
        if happens(rng, weather.delay) {
            self.delayed.push(request.clone());
            return None;
        }
        if !self.delayed.is_empty() && rng.next_u64().is_multiple_of(3) {
            let index = rng.next_u64() as usize % self.delayed.len();
            let late = self.delayed.swap_remove(index);
            self.reach(server, &late);
        }
        if happens(rng, weather.doubling) {
            self.reach(server, request);
        }
        let answer = self.answer(rng, server, request);
        if request.url.ends_with("/sync")
            && answer.0 == 200
            && let (Ok(asked), Ok(told)) = (minicbor::decode(&request.body), minicbor::decode(&answer.1))
        {
            self.witness.hears(&asked, &told);
        }
        if happens(rng, weather.unanswered) { None } else { Some(answer) }
    }

    /// What was delayed arrives; nobody waits for the answers any more.
    pub fn clear(&mut self, server: &Server) {
        for late in std::mem::take(&mut self.delayed) {
            self.reach(server, &late);
        }
    }

    /// A request arrives.
    fn reach(&mut self, server: &Server, request: &Request) -> (u16, Vec<u8>) {
        let answer = server.answer(request);
        if request.url.ends_with("/epoch") && answer.0 == 201 {
            self.begun.push(request.body.clone());
        }
        answer
    }

    fn answer(&mut self, rng: &mut ChaCha20Rng, server: &mut Server, request: &Request) -> (u16, Vec<u8>) {
        let is_here =
            [Plant::AckBeforeCommit, Plant::EntryLeftOut, Plant::EntriesSwapped].map(Some).contains(&self.plant);
        let spoils = is_here && request.url.ends_with("/sync") && rng.next_u64().is_multiple_of(4);
        if !spoils {
            return self.reach(server, request);
        }
        match self.plant {
            Some(Plant::AckBeforeCommit) if pushed(request) > 0 => {
                let before = server.snapshot();
                let answer = server.answer(request);
                server.roll_back(before.path());
                answer
            }
            Some(Plant::EntryLeftOut) => changed_page(server.answer(request), |entries| {
                if !entries.is_empty() {
                    entries.remove(rng.next_u64() as usize % entries.len());
                }
            }),
            Some(Plant::EntriesSwapped) => changed_page(server.answer(request), |entries| {
                if entries.len() > 1 {
                    let at = rng.next_u64() as usize % (entries.len() - 1);
                    entries.swap(at, at + 1);
                }
            }),
            _ => self.reach(server, request),
        }
    }
}

/// How many envelopes a request pushes.
pub fn pushed(request: &Request) -> usize {
    if request.url.ends_with("/roster") {
        return 1;
    }
    if !request.url.ends_with("/sync") {
        return 0;
    }
    minicbor::decode::<SyncRequest>(&request.body).expect("a request to sync").push.len()
}

/// An answer to sync with another list of entries.
pub fn changed_page(answer: (u16, Vec<u8>), change: impl FnOnce(&mut Vec<ByteVec>)) -> (u16, Vec<u8>) {
    changed_answer(answer, |answer| change(&mut answer.entries))
}

/// An answer to sync, changed; other answers stay as they are.
pub fn changed_answer((status, body): (u16, Vec<u8>), change: impl FnOnce(&mut SyncResponse)) -> (u16, Vec<u8>) {
    match minicbor::decode::<SyncResponse>(&body) {
        Ok(mut answer) if status == 200 => {
            change(&mut answer);
            (status, samla_wire::to_cbor(&answer))
        }
        _ => (status, body),
    }
}
