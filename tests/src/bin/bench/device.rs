//! A phone that speaks HTTP with a real server over connections that stay open, and counts what crosses them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::{Book, Context, Home, Moment, NewBook, Place, Progress, Request, Role, RowId, StorageKey};
use samla_tests::season::{Told, write_down};
use ureq::http::{HeaderMap, HeaderValue};

/// What the machine's clock shows.
pub(crate) fn now() -> Moment {
    DateTime::<Utc>::from(SystemTime::now()).fixed_offset()
}

/// A phone.
pub(crate) struct Device {
    pub(crate) book: Book,
    pub(crate) now: Moment,
    rng: ChaCha20Rng,
    pub(crate) wire: Wire,
}

impl Device {
    /// A phone that founds a book, with the recovery sheet confirmed.
    pub(crate) fn founds(place: Place, server_url: &str) -> Result<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(0);
        let now = now();
        let mut ctx = Context { now, rng: &mut rng };
        let new = NewBook {
            name: "Bench".into(),
            server_url: Some(server_url.into()),
            operator_token: None,
            my_name: "Founder".into(),
            device_label: "Office".into(),
        };
        let (mut book, sheet) = Book::create(&mut ctx, &home(place), &new)?;
        let letters = sheet.text.as_str().strip_prefix("samlar1").context("a sheet")?;
        let asked: String = sheet.ask.iter().filter_map(|place| letters.chars().nth(place - 1)).collect();
        book.confirm_recovery(&mut ctx, &asked)?;
        Ok(Self { book, now, rng, wire: Wire::default() })
    }

    /// A phone that joins by a link.
    pub(crate) fn joins(seed: u64, place: Place, link: &str) -> Result<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let now = now();
        let mut ctx = Context { now, rng: &mut rng };
        let book = Book::join(&mut ctx, &home(place), link, &format!("Steward {seed}"), "Phone")?;
        Ok(Self { book, now, rng, wire: Wire::default() })
    }

    /// A phone whose book is in this place.
    pub(crate) fn opens(seed: u64, place: Place) -> Result<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let now = now();
        let book = Book::open(&mut Context { now, rng: &mut rng }, &home(place))?;
        Ok(Self { book, now, rng, wire: Wire::default() })
    }

    /// Does something with the book.
    pub(crate) fn with<T>(&mut self, act: impl FnOnce(&mut Book, &mut Context<'_>) -> T) -> T {
        act(&mut self.book, &mut Context { now: self.now, rng: &mut self.rng })
    }

    /// A whole round of sync.
    pub(crate) fn sync(&mut self) -> Result<Progress> {
        let mut sum = Progress::default();
        self.book.begin_sync();
        while let Some(request) = self.with(|book, ctx| book.next_request(ctx))? {
            let (status, body) = self.wire.send(&request)?;
            let progress = self.with(|book, ctx| book.on_response(ctx, status, &body))?;
            sum.received += progress.received;
            sum.sent += progress.sent;
            sum.rejected += progress.rejected;
        }
        Ok(sum)
    }

    /// Opens so many invitations and returns their links.
    pub(crate) fn invites(&mut self, count: usize) -> Result<Vec<String>> {
        for _ in 0..count {
            self.with(|book, ctx| book.invite(ctx, Role::Steward, 7))?;
        }
        self.sync()?;
        self.book.invites().into_iter().map(|invite| invite.link.context("the server has it")).collect()
    }

    /// Writes down a season's register, one command after another. Returns the ids that its rows have here.
    pub(crate) fn records_register(&mut self, told: &Told) -> Result<BTreeMap<RowId, RowId>> {
        write_down(&told.register, |draft| self.add(draft))
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, draft: &samla_core::tables::Draft) -> Result<RowId> {
        Ok(self.with(|book, ctx| book.add(ctx, draft))?)
    }
}

fn home(place: Place) -> Home {
    Home { place, storage_key: StorageKey::from_bytes([7; 32]) }
}

/// A file as a book's place.
pub(crate) fn file(path: impl Into<PathBuf>) -> Place {
    Place::File(path.into())
}

/// The way to the server.
pub(crate) struct Wire {
    agent: ureq::Agent,
    /// Bytes sent: bodies, and headers as they are written.
    pub(crate) up: usize,
    /// Bytes received, likewise.
    pub(crate) down: usize,
    /// The answers so far, if they are to be kept.
    pub(crate) kept: Option<Vec<(u16, Vec<u8>)>>,
}

impl Default for Wire {
    fn default() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.into(), up: 0, down: 0, kept: None }
    }
}

impl Wire {
    fn send(&mut self, request: &Request) -> Result<(u16, Vec<u8>)> {
        let mut builder = ureq::http::Request::builder().method(request.method).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let mut response = if request.method == "GET" {
            self.agent.run(builder.body(())?)?
        } else {
            self.agent.run(builder.body(request.body.as_slice())?)?
        };
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        let names = request.headers.iter().map(|(name, value)| name.len() + value.len() + 4);
        // The request's line, and what the client adds by itself: host, length, agent and encoding.
        self.up += request.method.len() + request.url.len() + 12 + names.sum::<usize>() + 110 + request.body.len();
        self.down += "HTTP/1.1 200 OK\r\n\r\n".len() + length(response.headers()) + body.len();
        if let Some(kept) = &mut self.kept {
            kept.push((status, body.clone()));
        }
        Ok((status, body))
    }
}

fn length(headers: &HeaderMap<HeaderValue>) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}
