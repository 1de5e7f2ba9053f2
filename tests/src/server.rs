//! A real server without a port: the router over a real SQLite file, with a clock that the test turns.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use clap::Parser;
use samla_core::Request;
use samla_server::{AppState, Clock, Config, router};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// The origin that phones of a test know the server by.
pub const ORIGIN: &str = "http://localhost:8080";

/// How long a server that has stopped may hold its folder.
const PATIENCE: Duration = Duration::from_secs(10);

/// When the tests play, in unix seconds.
pub const START: u64 = 1_787_000_000;

/// An answer as it crosses the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A server whose folder lives as long as the test.
pub struct Server {
    runtime: Runtime,
    app: Option<Router>,
    folder: TempDir,
    flags: Vec<String>,
    time: Arc<AtomicU64>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl Server {
    /// A server with an empty folder.
    pub fn new() -> Self {
        Self::in_folder(tempfile::tempdir().expect("a temporary folder"), &[])
    }

    /// A server over a folder, with more flags on its command line.
    pub fn in_folder(folder: TempDir, flags: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let flags = flags.iter().map(|&flag| flag.to_owned()).collect();
        let mut server = Self { runtime, app: None, folder, flags, time: Arc::new(AtomicU64::new(START)) };
        server.start();
        server
    }

    fn start(&mut self) {
        let data = self.data();
        let arguments =
            ["samla-server", "--data", data.to_str().expect("a path in UTF-8"), "--listen", "127.0.0.1:8080"];
        let began = Instant::now();
        let state = loop {
            let config = Config::parse_from(arguments.into_iter().chain(self.flags.iter().map(String::as_str)));
            let bound = config.listen;
            let time = self.time.clone();
            let clock = Clock::new(move || time.load(Ordering::Relaxed));
            match self.runtime.block_on(AppState::open(config, bound, clock)) {
                Ok(state) => break state,
                // What the one before still had to do lets go of the folder when it ends, a moment after it.
                Err(_) if began.elapsed() < PATIENCE => self.wait(),
                Err(error) => panic!("the server starts: {error}"),
            }
        };
        self.app = Some(router(state));
    }

    /// Stops the server and starts it again on the same folder.
    pub fn restart(&mut self) {
        self.app = None;
        self.start();
    }

    /// Copies what the server has on disk, at a moment at which it writes nothing.
    pub fn snapshot(&self) -> TempDir {
        loop {
            let copies = [(); 2].map(|()| {
                self.wait();
                let copy = crate::scratch();
                copy_files(&self.data(), copy.path());
                copy
            });
            let [one, other] = &copies;
            if contents(one.path()) == contents(other.path()) {
                let [copy, _] = copies;
                return copy;
            }
        }
    }

    /// Lets the server do for a moment what it does when nobody asks.
    fn wait(&self) {
        self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(2)).await });
    }

    /// Stops the server, puts an older copy of its folder in place, and starts it again.
    pub fn roll_back(&mut self, copy: &Path) {
        self.app = None;
        std::fs::remove_dir_all(self.data()).expect("the data folder");
        std::fs::create_dir(self.data()).expect("the data folder");
        copy_files(copy, &self.data());
        self.start();
    }

    /// The folder with the database.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Sets the server's clock, in unix seconds.
    pub fn set_time(&self, seconds: u64) {
        self.time.store(seconds, Ordering::Relaxed);
    }

    /// Answers one request of a phone, with status and body.
    pub fn answer(&self, request: &Request) -> (u16, Vec<u8>) {
        let path = request.url.strip_prefix(ORIGIN).expect("a request to this server");
        let answer = self.ask(request.method, path, &request.headers, &request.body);
        (answer.status, answer.body)
    }

    /// Answers whatever is asked. A path or header that HTTP itself cannot carry is answered with status 0.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&'static str, String)], body: &[u8]) -> Answer {
        let app = self.app.clone().expect("the server runs");
        let mut builder = axum::http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            builder = builder.header(*name, value);
        }
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 50_000));
        let Ok(request) = builder.extension(ConnectInfo(address)).body(Body::from(body.to_vec())) else {
            return Answer { status: 0, headers: Vec::new(), body: Vec::new() };
        };
        self.runtime.block_on(async {
            let response = app.oneshot(request).await.expect("the router always answers");
            let status = response.status().as_u16();
            let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
            Answer { status, headers, body: body.to_vec() }
        })
    }
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| (entry.file_name().into(), std::fs::read(entry.path()).expect("a file"))).collect()
}

fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        // The index of the write-ahead log is made again at opening.
        if path.is_file() && path.extension().is_none_or(|ending| ending != "db-shm") {
            std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
}
