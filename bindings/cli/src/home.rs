//! The folder of a register: the book, its key, and the lock that lets one process in at a time.
//!
//! ```text
//! book.samla    the book: SQLite, sealed by the core under the storage key
//! key           the storage key, readable by the user only
//! key.next      the key that takes its place, while the book is being sealed anew
//! passphrase    instead of `key`: how the storage key is made from SAMLA_PASSPHRASE: argon2id, its costs and its salt
//! lock          held while a process works here
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use argon2::{Algorithm, Argon2, Params, Version};
use samla_core::{Home, Place, StorageKey};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The environment variable of the passphrase.
const PASSPHRASE: &str = "SAMLA_PASSPHRASE";
/// How long a command waits for another to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The folder of a register.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    dir: PathBuf,
}

/// How the book's file looked at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    size: u64,
    changed: SystemTime,
}

/// Held while a process works in a folder; let go when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Folder {
    /// The folder named, or the one where this system keeps programs' data.
    pub(crate) fn new(named: Option<PathBuf>) -> Result<Self, Failure> {
        let dir = named.or_else(|| dirs::data_dir().map(|dir| dir.join("samla"))).ok_or(Failure::NoHome)?;
        Ok(Self { dir })
    }

    fn file(&self) -> PathBuf {
        self.dir.join("book.samla")
    }

    /// Whether there is a book.
    pub(crate) fn has_book(&self) -> bool {
        self.file().exists()
    }

    /// Waits until no other process works here. The folder must be there.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(self.dir.join("lock"));
        let file = file.map_err(Failure::Home)?;
        let began = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::Error(error)) => return Err(Failure::Home(error)),
                Err(TryLockError::WouldBlock) if began.elapsed() > PATIENCE => return Err(Failure::Busy),
                Err(TryLockError::WouldBlock) => {}
            }
            if !told && began.elapsed() > Duration::from_secs(1) && io::stderr().is_terminal() {
                eprintln!("waiting for another samla to end …");
                told = true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes the folder, for this user only.
    pub(crate) fn make(&self) -> Result<(), Failure> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.dir).map_err(Failure::Home)
    }

    /// The home of a book to be made here: its key is made if there is none.
    pub(crate) fn home_for_new(&self, rng: &mut dyn rand_core::CryptoRng) -> Result<Home, Failure> {
        if !self.key_file().exists() && !self.recipe_file().exists() {
            let mut random = Zeroizing::new([0; 32]);
            rng.fill_bytes(&mut *random);
            let made = match std::env::var_os(PASSPHRASE) {
                Some(_) => (self.recipe_file(), Recipe::new(random.first_chunk().copied().unwrap_or_default()).text()),
                None => (self.key_file(), hex(&*random)),
            };
            write_private(&made.0, made.1.as_bytes()).map_err(Failure::Home)?;
        }
        self.home()
    }

    /// The home of the book that is here.
    pub(crate) fn home(&self) -> Result<Home, Failure> {
        let storage_key = match (read(&self.key_file())?, read(&self.recipe_file())?) {
            (Some(key), _) => unhex(key.trim()).ok_or(Failure::KeyMissing)?,
            (None, Some(recipe)) => Recipe::read(&recipe).ok_or(Failure::KeyMissing)?.key(&passphrase()?)?,
            (None, None) => return Err(Failure::KeyMissing),
        };
        Ok(Home { place: Place::File(self.file()), storage_key: StorageKey::from_bytes(*storage_key) })
    }

    /// Whether the storage key lies here, and is not made from a passphrase.
    pub(crate) fn keeps_key(&self) -> bool {
        self.key_file().exists()
    }

    /// Makes the key that is to take the place of the one here, and keeps it beside it.
    pub(crate) fn write_next_key(&self, rng: &mut dyn rand_core::CryptoRng) -> Result<StorageKey, Failure> {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *key);
        self.drop_next_key()?;
        write_private(&self.next_key_file(), hex(&*key).as_bytes()).map_err(Failure::Home)?;
        Ok(StorageKey::from_bytes(*key))
    }

    /// The home under the key that was to take the place of the one here, if there is one.
    pub(crate) fn next_home(&self) -> Result<Option<Home>, Failure> {
        // Half a key was never used.
        let key = read(&self.next_key_file())?.and_then(|key| unhex(key.trim()));
        let home = |key: Zeroizing<[u8; 32]>| Home {
            place: Place::File(self.file()),
            storage_key: StorageKey::from_bytes(*key),
        };
        Ok(key.map(home))
    }

    /// Puts the next key in the place of the one here, which is forgotten.
    pub(crate) fn take_next_key(&self) -> Result<(), Failure> {
        fs::rename(self.next_key_file(), self.key_file()).and_then(|()| sync_folder(&self.dir)).map_err(Failure::Home)
    }

    /// The next key was never used.
    pub(crate) fn drop_next_key(&self) -> Result<(), Failure> {
        match fs::remove_file(self.next_key_file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::Home(error)),
            _ => Ok(()),
        }
    }

    /// Deletes a book that never came to be: nothing was written in it. The key stays for the next attempt.
    pub(crate) fn discard(&self) -> Result<(), Failure> {
        for name in ["book.samla", "book.samla-wal", "book.samla-shm"] {
            match fs::remove_file(self.dir.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Failure::Home(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Something that changes whenever a process has written to the book and closed it.
    pub(crate) fn mark(&self) -> Option<Mark> {
        let found = fs::metadata(self.file()).ok()?;
        Some(Mark { size: found.len(), changed: found.modified().ok()? })
    }

    fn key_file(&self) -> PathBuf {
        self.dir.join("key")
    }

    fn next_key_file(&self) -> PathBuf {
        self.dir.join("key.next")
    }

    fn recipe_file(&self) -> PathBuf {
        self.dir.join("passphrase")
    }
}

/// How a key is made from a passphrase.
#[derive(Debug, PartialEq, Eq)]
struct Recipe {
    /// Memory in KiB.
    memory: u32,
    /// How many times over it.
    passes: u32,
    salt: [u8; 16],
}

impl Recipe {
    fn new(salt: [u8; 16]) -> Self {
        Self { memory: 65_536, passes: 3, salt }
    }

    fn text(&self) -> String {
        format!("argon2id v=19 m={} t={} p=1 salt={}\n", self.memory, self.passes, hex(&self.salt))
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let mut value = |name: &str| words.next()?.strip_prefix(name).map(str::to_owned);
        value("argon2id")?;
        value("v=19")?;
        let (memory, passes) = (value("m=")?.parse().ok()?, value("t=")?.parse().ok()?);
        value("p=1")?;
        Some(Self { memory, passes, salt: *unhex(&value("salt=")?)? })
    }

    fn key(&self, passphrase: &str) -> Result<Zeroizing<[u8; 32]>, Failure> {
        let costs = Params::new(self.memory, self.passes, 1, Some(32)).map_err(|_| Failure::KeyMissing)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, costs)
            .hash_password_into(passphrase.as_bytes(), &self.salt, &mut *key)
            .map_err(|_| Failure::KeyMissing)?;
        Ok(key)
    }
}

/// The passphrase from the environment, or typed.
fn passphrase() -> Result<Zeroizing<String>, Failure> {
    if let Ok(set) = std::env::var(PASSPHRASE) {
        return Ok(Zeroizing::new(set));
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::PassphraseNeeded);
    }
    rpassword::prompt_password("Passphrase: ").map(Zeroizing::new).map_err(Failure::Input)
}

fn read(path: &Path) -> Result<Option<Zeroizing<String>>, Failure> {
    let mut text = Zeroizing::new(String::new());
    match File::open(path).and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Home(error)),
    }
}

/// Writes a new file that only this user can read, and returns when it is on the disk.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(Ok(()), sync_folder)
}

/// Writes something for the user to a file that was not there, readable by this user only.
pub(crate) fn write_new(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_private(file, bytes).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::FileExists,
        _ => Failure::Output(error),
    })
}

/// What was made or renamed in this folder is on the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = Zeroizing::new([0; N]);
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_reads_back_and_makes_the_same_key() {
        let recipe = Recipe { memory: 64, passes: 1, salt: [7; 16] };
        let read = Recipe::read(&recipe.text()).unwrap();
        assert_eq!(read, recipe);
        let key = recipe.key("correct horse").unwrap();
        assert_eq!(*read.key("correct horse").unwrap(), *key);
        assert_ne!(*read.key("wrong horse").unwrap(), *key);
        for broken in ["", "argon2id", "argon2id v=19 m=64 t=1 p=1 salt=07", "scrypt v=19 m=64 t=1 p=1 salt="] {
            assert_eq!(Recipe::read(broken), None, "{broken}");
        }
    }

    #[test]
    fn one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(Some(dir.path().join("home"))).unwrap();
        folder.make().unwrap();
        let held = folder.lock().unwrap();
        let waiting = std::thread::spawn(move || folder.lock().map(drop).is_ok());
        std::thread::sleep(Duration::from_millis(60));
        assert!(!waiting.is_finished());
        drop(held);
        assert!(waiting.join().unwrap());
    }
}
