//! A phone: a book with a clock and a generator of its own.

use chrono::{DateTime, TimeDelta};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::{Book, BookError, Context, Home, Moment, NewBook, Place, Progress, Role, StorageKey};
use tempfile::TempDir;

use crate::server::{ORIGIN, Server};

/// A phone whose storage lives as long as the test.
#[derive(Debug)]
pub struct Phone {
    /// The book on it.
    pub book: Book,
    /// What its clock shows.
    pub now: Moment,
    rng: ChaCha20Rng,
    home: Home,
    _folder: TempDir,
}

impl Phone {
    /// A phone that founds a book, with the recovery sheet confirmed.
    pub fn founds(seed: u64, name: &str) -> Self {
        let (mut rng, now, home, folder) = parts(seed);
        let mut ctx = Context { now, rng: &mut rng };
        let new = NewBook {
            name: "Club".into(),
            server_url: Some(ORIGIN.into()),
            operator_token: None,
            my_name: name.into(),
            device_label: format!("{name}'s phone"),
        };
        let (mut book, sheet) = Book::create(&mut ctx, &home, &new).expect("a book");
        let data_part = sheet.text.as_str().strip_prefix("samlar1").expect("a sheet");
        let asked: String = sheet.ask.iter().filter_map(|place| data_part.chars().nth(place - 1)).collect();
        book.confirm_recovery(&mut ctx, &asked).expect("the sheet is confirmed");
        Self { book, now, rng, home, _folder: folder }
    }

    /// A phone that is on its way in by a link.
    pub fn joins(seed: u64, name: &str, link: &str) -> Self {
        let (mut rng, now, home, folder) = parts(seed);
        let mut ctx = Context { now, rng: &mut rng };
        let book = Book::join(&mut ctx, &home, link, name, &format!("{name}'s phone")).expect("a link");
        Self { book, now, rng, home, _folder: folder }
    }

    /// Does something with the book at the phone's time.
    pub fn with<T>(&mut self, act: impl FnOnce(&mut Book, &mut Context<'_>) -> T) -> T {
        let mut ctx = Context { now: self.now, rng: &mut self.rng };
        act(&mut self.book, &mut ctx)
    }

    /// Time passes.
    pub fn wait(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    /// A whole round of sync.
    pub fn sync(&mut self, server: &Server) -> Result<Progress, BookError> {
        let mut sum = Progress::default();
        self.book.begin_sync();
        while let Some(request) = self.with(|book, ctx| book.next_request(ctx))? {
            let (status, body) = server.answer(&request);
            let progress = self.with(|book, ctx| book.on_response(ctx, status, &body))?;
            sum.received += progress.received;
            sum.sent += progress.sent;
            sum.rejected += progress.rejected;
            sum.at = progress.at;
            sum.of = progress.of;
        }
        Ok(sum)
    }

    /// Opens an invitation, tells the server, and returns the link.
    pub fn invites(&mut self, server: &Server, role: Role) -> String {
        let invite = self.with(|book, ctx| book.invite(ctx, role, 7)).expect("an invitation");
        self.sync(server).expect("a round");
        let open = self.book.invites().into_iter().find(|open| open.id == invite.id).expect("it is open");
        open.link.expect("the server has it")
    }

    /// The phone is killed and started again.
    pub fn restart(&mut self) {
        let mut ctx = Context { now: self.now, rng: &mut self.rng };
        // The old book is dropped only afterwards, as a killed process leaves its file: whatever it had not written is lost.
        self.book = Book::open(&mut ctx, &self.home).expect("the book opens");
    }
}

fn parts(seed: u64) -> (ChaCha20Rng, Moment, Home, TempDir) {
    let rng = ChaCha20Rng::seed_from_u64(seed);
    let now = DateTime::from_timestamp(1_787_000_000, 0).expect("a time").fixed_offset();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut key = [0; 32];
    key.iter_mut().zip(seed.to_be_bytes()).for_each(|(to, from)| *to = from);
    let home = Home { place: Place::File(folder.path().join("book.db")), storage_key: StorageKey::from_bytes(key) };
    (rng, now, home, folder)
}
