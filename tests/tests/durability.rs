//! Real processes, really killed: the server and the command line, again and again. What either has acknowledged is
//! there at the end, once.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where something is wrong, and tells what it saw"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::Value;
use tempfile::TempDir;

const KILLS: usize = 30;

/// The folder with the two programs, built once.
fn programs() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
        let mut build = Command::new(cargo);
        // Over the whole workspace, so that what the tests were built from is not compiled anew with other features.
        build.args(["build", "--locked", "--workspace", "--bin", "samla-server", "--bin", "samla"]);
        let output = build.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // This test lies in target/debug/deps.
        let this = std::env::current_exe().expect("a path");
        this.parent().and_then(Path::parent).expect("target/debug").to_owned()
    })
}

fn program(name: &str) -> Command {
    let mut command = Command::new(programs().join(name));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("SAMLA_") || text.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
    command
}

/// A process that ends with the test, whatever happens to the test.
struct Running(Child);

impl Running {
    fn kill(mut self) {
        self.0.kill().expect("SIGKILL");
        self.0.wait().expect("it ends");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Server {
    data: PathBuf,
    address: String,
    running: Option<Running>,
}

impl Server {
    fn start(data: PathBuf) -> Self {
        let mut server = Self { data, address: "127.0.0.1:0".into(), running: None };
        server.again();
        server
    }

    fn again(&mut self) {
        let mut child = program("samla-server")
            .args(["--listen", &self.address, "--sign-ins-per-minute", "1000000", "--data"])
            .arg(&self.data)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        self.running = Some(Running(child));
        loop {
            let line = lines.next().expect("a line that says where it listens").expect("text");
            if let Some((_, rest)) = line.split_once("address=") {
                self.address = rest.split(' ').next().expect("an address").to_owned();
                break;
            }
        }
        // A full pipe would hold the program up.
        std::thread::spawn(move || lines.for_each(drop));
    }

    fn kill(&mut self) {
        self.running.take().expect("it runs").kill();
    }
}

/// A folder, and the command line at work in it.
struct Samla(PathBuf);

impl Samla {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = program("samla");
        command.arg("--home").arg(&self.0).args(args).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("samla starts")
    }

    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "samla {}: {told}", args.join(" "));
        String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
    }

    fn json(&self, args: &[&str]) -> Value {
        let args: Vec<_> = std::iter::once("--json").chain(args.iter().copied()).collect();
        serde_json::from_str(&self.ok(&args)).expect("JSON")
    }

    /// Runs a command and kills it after so long, if it has not ended by itself. True if it had, and well.
    fn killed_after(&self, args: &[&str], wait: Duration) -> bool {
        let child = self.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("samla starts");
        let mut running = Running(child);
        std::thread::sleep(wait);
        let ended = running.0.try_wait().expect("a state");
        if ended.is_none() {
            running.kill();
        }
        ended.is_some_and(|status| status.success())
    }

    /// How often each note is in the register.
    fn notes(&self) -> BTreeMap<String, usize> {
        let mut notes = BTreeMap::new();
        for contact in self.json(&["list", "contacts"]).as_array().expect("a list") {
            let note = contact["note"].as_str().unwrap_or("without a note").to_owned();
            *notes.entry(note).or_default() += 1;
        }
        notes
    }
}

struct World {
    server: Server,
    ann: Samla,
    bo: Samla,
    rng: ChaCha20Rng,
    _folder: TempDir,
}

impl World {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(folder.path().join("server"));
        let (ann, bo) = (Samla(folder.path().join("ann")), Samla(folder.path().join("bo")));
        let url = format!("http://{}", server.address);
        let new = ann.json(&["book", "new", "Lunch", "--server", &url, "--me", "Ann"]);
        let sheet: Vec<char> = new["sheet"].as_str().expect("a sheet")["samlar1".len()..].chars().collect();
        let places = new["ask"].as_array().expect("places").iter();
        let asked: String =
            places.map(|place| sheet[usize::try_from(place.as_u64().expect("a place")).expect("small") - 1]).collect();
        ann.ok(&["book", "confirm", &asked]);
        bo.ok(&["join", &ann.ok(&["invite"]), "--name", "Bo"]);
        Self { server, ann, bo, rng: ChaCha20Rng::seed_from_u64(seed), _folder: folder }
    }

    fn milliseconds(&mut self, below: u64) -> Duration {
        Duration::from_micros(self.rng.next_u64() % (below * 1000))
    }

    /// Everything that was promised is on both sides exactly once; what was not may be there once.
    fn settles(&mut self, promised: &[String]) {
        for _ in 0..2 {
            self.ann.ok(&["sync"]);
            self.bo.ok(&["sync"]);
        }
        let (ann, bo) = (self.ann.notes(), self.bo.notes());
        assert_eq!(ann, bo, "{} {}", self.ann.json(&["status"]), self.bo.json(&["status"]));
        assert!(ann.values().all(|count| *count == 1), "something is doubled: {ann:?}");
        for note in promised {
            assert!(ann.contains_key(note), "{note} is lost");
        }
        for samla in [&self.ann, &self.bo] {
            let status = samla.json(&["status"]);
            assert_eq!((&status["unsent"], &status["alarm"]), (&Value::from(0), &Value::Null), "{status}");
        }
    }
}

#[test]
fn a_command_line_killed_at_any_moment_keeps_its_word() {
    let mut world = World::new(1);
    let mut promised = Vec::new();
    let mut killed = 0;
    // How long a command takes on this machine, so that kills fall all over it.
    let began = std::time::Instant::now();
    world.ann.ok(&["add", "contacts", "note=first"]);
    let usual = u64::try_from(began.elapsed().as_millis()).expect("short") + 5;
    for number in 0..KILLS * 2 {
        let note = format!("kill-{number}");
        let wait = world.milliseconds(usual * 3 / 2);
        if number % 3 == 2 {
            killed += usize::from(!world.ann.killed_after(&["sync"], wait));
        } else if world.ann.killed_after(&["add", "contacts", &format!("note={note}")], wait) {
            promised.push(note);
        } else {
            killed += 1;
        }
    }
    assert!(killed >= 5, "the kills came too late: {killed}");
    world.settles(&promised);
    println!("{killed} kills, {} promises kept", promised.len());
}

#[test]
fn a_server_killed_at_any_moment_keeps_its_word() {
    let mut world = World::new(2);
    let mut promised = Vec::new();
    for number in 0..KILLS {
        for (who, samla) in [("ann", &world.ann), ("bo", &world.bo)] {
            let note = format!("{who}-{number}");
            samla.ok(&["add", "contacts", &format!("note={note}")]);
            promised.push(note);
        }
        let syncing = [&world.ann, &world.bo].map(|samla| {
            let child = samla.command(&["sync"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            Running(child.expect("samla starts"))
        });
        std::thread::sleep(world.milliseconds(60));
        world.server.kill();
        for mut running in syncing {
            // Without a server it ends by itself.
            running.0.wait().expect("it ends");
        }
        world.server.again();
    }
    world.settles(&promised);
}
