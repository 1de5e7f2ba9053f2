//! A phone: a book with a clock and a generator of its own, which can be stopped at any moment.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::seal::open_local;
use samla_core::{Book, BookError, Context, Home, Moment, NewBook, Place, Progress, Role, StorageKey};
use tempfile::TempDir;

use crate::server::{ORIGIN, START, Server};

/// A phone whose storage lives as long as the test.
#[derive(Debug)]
pub struct Phone {
    /// The book on it.
    pub book: Book,
    /// What its clock shows.
    pub now: Moment,
    rng: ChaCha20Rng,
    home: Home,
    folder: TempDir,
    /// How often its file was put back as a kill leaves it.
    kills: u32,
}

impl Phone {
    /// A phone that founds a book, with the recovery sheet confirmed.
    pub fn founds(seed: u64, name: &str) -> Self {
        Self::founds_in(tempfile::tempdir().expect("a temporary folder"), seed, name)
    }

    /// The same with its file in this folder.
    pub fn founds_in(folder: TempDir, seed: u64, name: &str) -> Self {
        Self::founds_as(folder, seed, "Club", name, &format!("{name}'s phone"))
    }

    /// The same with names for everything.
    pub fn founds_as(folder: TempDir, seed: u64, book: &str, name: &str, label: &str) -> Self {
        let (mut rng, now, home) = parts(seed, &folder);
        let mut ctx = Context { now, rng: &mut rng };
        let new = NewBook {
            name: book.into(),
            server_url: Some(ORIGIN.into()),
            operator_token: None,
            my_name: name.into(),
            device_label: label.into(),
        };
        let (mut book, sheet) = Book::create(&mut ctx, &home, &new).expect("a book");
        let asked = asked(&sheet);
        book.confirm_recovery(&mut ctx, &asked).expect("the sheet is confirmed");
        Self { book, now, rng, home, folder, kills: 0 }
    }

    /// A phone that is on its way in by a link.
    pub fn joins(seed: u64, name: &str, link: &str) -> Self {
        Self::joins_in(tempfile::tempdir().expect("a temporary folder"), seed, name, link).expect("a link")
    }

    /// The same with its file in this folder.
    pub fn joins_in(folder: TempDir, seed: u64, name: &str, link: &str) -> Result<Self, BookError> {
        Self::joins_as(folder, seed, link, name, &format!("{name}'s phone"))
    }

    /// The same with names for everything.
    pub fn joins_as(folder: TempDir, seed: u64, link: &str, name: &str, label: &str) -> Result<Self, BookError> {
        let (mut rng, now, home) = parts(seed, &folder);
        let mut ctx = Context { now, rng: &mut rng };
        let book = Book::join(&mut ctx, &home, link, name, label)?;
        Ok(Self { book, now, rng, home, folder, kills: 0 })
    }

    /// A phone with a book that comes to it in another way.
    pub fn opened_by(
        folder: TempDir,
        seed: u64,
        open: impl FnOnce(&mut Context<'_>, &Home) -> Result<Book, BookError>,
    ) -> Result<Self, BookError> {
        let (mut rng, now, home) = parts(seed, &folder);
        let book = open(&mut Context { now, rng: &mut rng }, &home)?;
        Ok(Self { book, now, rng, home, folder, kills: 0 })
    }

    /// A phone around files that lie there already.
    pub fn opens(folder: TempDir, seed: u64, files: &Files, storage_key: StorageKey) -> Result<Self, BookError> {
        let (mut rng, now, home) = parts(seed, &folder);
        let home = Home { storage_key, ..home };
        put_files(&path_of(&home), files);
        let book = Book::open(&mut Context { now, rng: &mut rng }, &home)?;
        Ok(Self { book, now, rng, home, folder, kills: 0 })
    }

    /// A second phone made from a copy of this one's files and its storage key, as a restored backup is.
    pub fn copied(&self, seed: u64) -> Self {
        let copy = Self::opens(crate::scratch(), seed, &self.files(), self.home.storage_key.clone());
        Self { now: self.now, ..copy.expect("the copy opens") }
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
        self.sync_with(|request| Some(server.answer(request)))
    }

    /// A whole round of sync with whoever answers; no answer means that there is no network.
    pub fn sync_with(
        &mut self,
        mut answer: impl FnMut(&samla_core::Request) -> Option<(u16, Vec<u8>)>,
    ) -> Result<Progress, BookError> {
        let mut sum = Progress::default();
        self.book.begin_sync();
        while let Some(request) = self.with(|book, ctx| book.next_request(ctx))? {
            let Some((status, body)) = answer(&request) else {
                self.book.on_offline();
                break;
            };
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

    /// The phone is killed and started again: whatever it had not written is lost.
    pub fn restart(&mut self) {
        let files = self.files();
        self.put_back(&files);
    }

    /// The phone is started with a newer version of the program.
    pub fn is_updated(&mut self) {
        let forget = |database: &rusqlite::Connection| database.execute("DELETE FROM state WHERE name = 'version'", []);
        let (files, forgot) = self.files().with_database(forget);
        forgot.expect("the phone's tables");
        self.put_back(&files);
    }

    /// The phone is killed while it does something, and started again: of what the act wrote to the write-ahead log, a
    /// prefix that `cut` picks is on disk, to the byte. Returns what the act would have said.
    pub fn killed_while<T>(&mut self, cut: u64, act: impl FnOnce(&mut Book, &mut Context<'_>) -> T) -> T {
        let before = self.files();
        let unheard = self.with(act);
        let after = self.files();
        let appended = before.database == after.database && after.log.starts_with(&before.log);
        if !appended {
            // The write-ahead log was folded into the database meanwhile: there is no prefix to pick.
            self.restart();
            return unheard;
        }
        let written = after.log.len() - before.log.len();
        let kept = before.log.len() + usize::try_from(cut % (written as u64 + 1)).expect("a length");
        let files = Files { database: after.database, log: after.log.get(..kept).expect("a prefix").to_vec() };
        self.put_back(&files);
        unheard
    }

    /// The phone's files as they are at this moment: what a kill now would leave.
    pub fn files(&self) -> Files {
        let path = self.path();
        Files {
            database: std::fs::read(&path).expect("the database"),
            log: std::fs::read(path.with_extension("db-wal")).unwrap_or_default(),
        }
    }

    /// Starts the phone from these files, whatever it has now.
    pub fn put_back(&mut self, files: &Files) {
        self.try_put_back(files).expect("the book opens");
    }

    /// The same where it may fail; then the phone goes on with what it has.
    pub fn try_put_back(&mut self, files: &Files) -> Result<(), BookError> {
        let old = self.path();
        self.kills += 1;
        let new = self.folder.path().join(format!("book-{}.db", self.kills));
        put_files(&new, files);
        let home = Home { place: Place::File(new), storage_key: self.home.storage_key.clone() };
        let mut ctx = Context { now: self.now, rng: &mut self.rng };
        self.book = Book::open(&mut ctx, &home)?;
        self.home = home;
        for ending in ["db", "db-wal", "db-shm"] {
            let _ = std::fs::remove_file(old.with_extension(ending));
        }
        Ok(())
    }

    /// All that is sealed on this phone, opened with its storage key, each with where it lies. Documents are unpacked.
    pub fn opened(&self) -> Vec<(String, Vec<u8>)> {
        let folder = crate::scratch();
        let path = folder.path().join("book.db");
        put_files(&path, &self.files());
        let connection = rusqlite::Connection::open(&path).expect("a database");
        let mut opened = Vec::new();
        for table in ["state", "cache"] {
            let mut rows = connection.prepare(&format!("SELECT name, sealed FROM {table}")).expect("a table");
            let rows = rows.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)));
            for row in rows.expect("rows") {
                let (name, sealed) = row.expect("a row");
                let bytes = open_local(&self.home.storage_key, table, name.as_bytes(), &sealed).expect("its key");
                let unpacked = automerge::AutoCommit::load(&bytes).map(|mut document| document.save_nocompress());
                opened.push((format!("{table} {name}"), unpacked.unwrap_or_else(|_| bytes.to_vec())));
            }
        }
        let mut rows = connection.prepare("SELECT shard, sealed FROM outbox").expect("a table");
        let rows = rows.query_map([], |row| Ok((row.get::<_, u16>(0)?, row.get::<_, Vec<u8>>(1)?)));
        for row in rows.expect("rows") {
            let (shard, sealed) = row.expect("a row");
            let bytes = open_local(&self.home.storage_key, "outbox", &shard.to_be_bytes(), &sealed).expect("its key");
            opened.push((format!("an edit of shard {shard}"), bytes.to_vec()));
        }
        opened
    }

    /// Where the database lies.
    pub fn path(&self) -> PathBuf {
        path_of(&self.home)
    }

    /// Where the book is kept, and its key.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The phone's keystore makes a new storage key, as it should after a new epoch.
    pub fn renews_key(&mut self) -> Result<(), BookError> {
        let mut key = [0; 32];
        self.rng.fill_bytes(&mut key);
        let key = StorageKey::from_bytes(key);
        self.with(|book, ctx| book.renew_storage_key(ctx, key.clone()))?;
        self.home.storage_key = key;
        Ok(())
    }

    /// A number from the phone's own generator.
    pub fn draw(&mut self) -> u64 {
        self.rng.next_u64()
    }
}

/// A phone's database and its write-ahead log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The database.
    pub database: Vec<u8>,
    /// What was written since it was last folded in.
    pub log: Vec<u8>,
}

impl Files {
    /// The same files after something was done to the database behind the phone's back, all in the one file.
    pub fn with_database<T>(&self, act: impl FnOnce(&rusqlite::Connection) -> T) -> (Self, T) {
        let folder = crate::scratch();
        let path = folder.path().join("book.db");
        put_files(&path, self);
        let database = rusqlite::Connection::open(&path).expect("a database");
        let told = act(&database);
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("the log is folded in");
        drop(database);
        (Self { database: std::fs::read(&path).expect("the database"), log: Vec::new() }, told)
    }
}

/// The characters of a recovery sheet that are asked back.
pub fn asked(sheet: &samla_core::RecoverySheet) -> String {
    let data_part = sheet.text.as_str().strip_prefix("samlar1").expect("a sheet");
    sheet.ask.iter().filter_map(|place| data_part.chars().nth(place - 1)).collect()
}

fn put_files(path: &std::path::Path, files: &Files) {
    std::fs::write(path, &files.database).expect("a file");
    if !files.log.is_empty() {
        std::fs::write(path.with_extension("db-wal"), &files.log).expect("a file");
    }
}

fn path_of(home: &Home) -> PathBuf {
    match &home.place {
        Place::File(path) => path.clone(),
        Place::Memory | Place::Named { .. } => unreachable!("phones of a test keep files"),
    }
}

fn parts(seed: u64, folder: &TempDir) -> (ChaCha20Rng, Moment, Home) {
    let rng = ChaCha20Rng::seed_from_u64(seed);
    let now = DateTime::from_timestamp(START.cast_signed(), 0).expect("a time").fixed_offset();
    let mut key = [0; 32];
    key.iter_mut().zip(seed.to_be_bytes()).for_each(|(to, from)| *to = from);
    let home = Home { place: Place::File(folder.path().join("book.db")), storage_key: StorageKey::from_bytes(key) };
    (rng, now, home)
}
