//! A phone in a process of its own, where the test that asks for it runs once more: what stops that process stops no other,
//! and its memory is its own.

use std::path::PathBuf;
use std::process::{Command, Output};

use minicbor::bytes::ByteVec;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::{Book, BookError, Context, Home, Moment, Place, StorageKey};
use samla_tests::phone::{Files, Phone};
use samla_tests::scratch;
use samla_tests::server::Server;
use samla_wire::to_cbor;
use tempfile::TempDir;

/// Where the process finds its phone.
const FOLDER: &str = "SAMLA_PHONE_APART";

/// A phone's files, and what a server answers to the round of sync that follows.
pub(crate) struct Apart {
    folder: TempDir,
}

impl Apart {
    /// The phone as it is now. It must have nothing to send.
    pub(crate) fn of(phone: &Phone, server: &Server) -> Self {
        assert_eq!(phone.book.status().unwrap().unsent, 0);
        let mut answers: Vec<(String, u16, ByteVec)> = Vec::new();
        let mut copy = phone.copied(1);
        copy.sync_with(|request| {
            let (status, body) = server.answer(request);
            answers.push((request.url.clone(), status, body.clone().into()));
            Some((status, body))
        })
        .unwrap();
        let folder = scratch();
        let Files { database, log } = phone.files();
        let files = [
            ("book.db", database),
            ("book.db-wal", log),
            ("key", phone.home().storage_key.as_bytes().to_vec()),
            ("answers", to_cbor(&answers)),
            ("now", phone.now.to_rfc3339().into_bytes()),
        ];
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self { folder }
    }

    /// Runs this test once more, in a process of its own.
    pub(crate) fn run(&self, test: &str) -> Output {
        let this = std::env::current_exe().unwrap();
        let mut command = Command::new(this);
        command.args(["--exact", test, "--nocapture"]).env(FOLDER, self.folder.path());
        command.output().unwrap()
    }

    /// What the process has left.
    pub(crate) fn files(&self) -> Files {
        let read = |name: &str| std::fs::read(self.folder.path().join(name));
        Files { database: read("book.db").unwrap(), log: read("book.db-wal").unwrap_or_default() }
    }
}

/// The same from within that process.
pub(crate) struct Inside {
    folder: PathBuf,
    rng: ChaCha20Rng,
    now: Moment,
}

impl Inside {
    /// Is this that process?
    pub(crate) fn here() -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os(FOLDER)?);
        let now = std::fs::read_to_string(folder.join("now")).unwrap().parse().unwrap();
        Some(Self { folder, rng: ChaCha20Rng::seed_from_u64(2), now })
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }

    /// The phone starts.
    pub(crate) fn open(&mut self) -> Book {
        let storage_key = StorageKey::from_bytes(self.read("key").try_into().unwrap());
        let home = Home { place: Place::File(self.folder.join("book.db")), storage_key };
        Book::open(&mut Context { now: self.now, rng: &mut self.rng }, &home).unwrap()
    }

    /// The round of sync, with the answers that were given.
    pub(crate) fn sync(&mut self, book: &mut Book) -> Result<(), BookError> {
        let mut answers: Vec<(String, u16, ByteVec)> = minicbor::decode(&self.read("answers")).unwrap();
        book.begin_sync();
        let mut ctx = Context { now: self.now, rng: &mut self.rng };
        while let Some(request) = book.next_request(&mut ctx)? {
            let next = answers.iter().position(|(url, ..)| *url == request.url).expect("it was asked before");
            let (_, status, body) = answers.remove(next);
            book.on_response(&mut ctx, status, &body)?;
        }
        Ok(())
    }
}
