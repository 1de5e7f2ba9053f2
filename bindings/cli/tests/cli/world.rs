//! A server on a free port, and folders to run `samla` in.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use samla_server::{Clock, Config};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A server that can be stopped and started again where it was.
pub(crate) struct Server {
    data: PathBuf,
    address: SocketAddr,
    running: Option<(oneshot::Sender<()>, std::thread::JoinHandle<()>)>,
}

impl Server {
    pub(crate) fn start(data: PathBuf) -> Self {
        let mut server = Self { data, address: ([127, 0, 0, 1], 0).into(), running: None };
        server.again();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn again(&mut self) {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let (data, address) = (self.data.clone(), self.address);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind(address).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let shutdown = async { stopped.await.unwrap_or(()) };
                samla_server::run(listener, Config::for_data(data), Clock::system(), shutdown).await.unwrap();
            });
        });
        self.address = told.recv().unwrap();
        self.running = Some((stop, thread));
    }

    pub(crate) fn stop(&mut self) {
        let (stop, thread) = self.running.take().unwrap();
        stop.send(()).unwrap();
        thread.join().unwrap();
    }
}

/// A folder, and `samla` at work in it.
pub(crate) struct Samla {
    pub(crate) home: PathBuf,
    pub(crate) passphrase: Option<&'static str>,
}

impl Samla {
    pub(crate) fn at(home: PathBuf) -> Self {
        Self { home, passphrase: None }
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samla"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let is_language = name.starts_with("LC_") || name == "LANG";
            if is_language || name.starts_with("SAMLA_") || name.to_ascii_lowercase().ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        command.envs(self.passphrase.map(|words| ("SAMLA_PASSPHRASE", words)));
        command.arg("--home").arg(&self.home).args(args).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command that works prints.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "samla {}: {told}", args.join(" "));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// What a command that works answers as JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let args: Vec<_> = std::iter::once("--json").chain(args.iter().copied()).collect();
        serde_json::from_str(&self.ok(&args)).unwrap()
    }

    /// The error that a command ends with. Its text form is checked too.
    pub(crate) fn fails(&self, args: &[&str]) -> Value {
        let with_json: Vec<_> = std::iter::once("--json").chain(args.iter().copied()).collect();
        let output = self.run(&with_json);
        assert_eq!(output.status.code(), Some(1), "samla {}", args.join(" "));
        assert!(output.stdout.is_empty(), "an error belongs on standard error");
        let told: Value = serde_json::from_slice(&output.stderr).unwrap();
        let error = told["error"].clone();
        assert!(error["says"].is_string() && error["next"].is_string(), "{error}");
        error
    }

    /// The code of the error that a command ends with.
    pub(crate) fn code(&self, args: &[&str]) -> String {
        self.fails(args)["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn spawn(&self, args: &[&str]) -> Running {
        Running(self.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

/// A process that ends with the test.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server, Ann's book on it, and room for others.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) server: Server,
    pub(crate) ann: Samla,
}

impl World {
    /// Ann has made a book and confirmed its sheet.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path().join("server"));
        let ann = Samla::at(dir.path().join("ann"));
        found(&ann, &server.url());
        Self { dir, server, ann }
    }

    /// A folder of this name, with nothing in it.
    pub(crate) fn folder(&self, name: &str) -> Samla {
        Samla::at(self.dir.path().join(name))
    }

    /// Bo comes in by Ann's invitation.
    pub(crate) fn bo(&self) -> Samla {
        let bo = self.folder("bo");
        bo.ok(&["join", &self.ann.ok(&["invite", "--role", "steward"]), "--name", "Bo"]);
        bo
    }
}

/// Makes a book and confirms its sheet, and returns the answer to `book new`.
pub(crate) fn found(samla: &Samla, server: &str) -> Value {
    let new = samla.json(&["book", "new", "Lunch", "--server", server, "--me", "Ann"]);
    samla.ok(&["book", "confirm", &asked(&new)]);
    new
}

/// The characters asked for.
pub(crate) fn asked(new: &Value) -> String {
    let sheet: Vec<char> = new["sheet"].as_str().unwrap().strip_prefix("samlar1").unwrap().chars().collect();
    let places = new["ask"].as_array().unwrap();
    places.iter().map(|place| sheet[usize::try_from(place.as_u64().unwrap()).unwrap() - 1]).collect()
}
