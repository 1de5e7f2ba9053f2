//! A real server without a port: the router over a real SQLite file, with a clock that the test turns.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// A server whose folder lives as long as the test.
pub struct Server {
    runtime: Runtime,
    state: Option<AppState>,
    folder: TempDir,
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut server = Self { runtime, state: None, folder, time: Arc::new(AtomicU64::new(1_787_000_000)) };
        server.start();
        server
    }

    fn start(&mut self) {
        let data = self.data();
        let arguments =
            ["samla-server", "--data", data.to_str().expect("a path in UTF-8"), "--listen", "127.0.0.1:8080"];
        let config = Config::parse_from(arguments);
        let bound = config.listen;
        let time = self.time.clone();
        let clock = Clock::new(move || time.load(Ordering::Relaxed));
        self.state = Some(self.runtime.block_on(AppState::open(config, bound, clock)).expect("the server starts"));
    }

    /// Stops the server and starts it again on the same folder.
    pub fn restart(&mut self) {
        self.state = None;
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

    /// Answers one request, with status and body.
    pub fn answer(&self, request: &Request) -> (u16, Vec<u8>) {
        let state = self.state.clone().expect("the server runs");
        let path = request.url.strip_prefix(ORIGIN).expect("a request to this server");
        let mut builder = axum::http::Request::builder().method(request.method).uri(path);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 50_000));
        let request =
            builder.extension(ConnectInfo(address)).body(Body::from(request.body.clone())).expect("a request");
        self.runtime.block_on(async {
            let response = router(state).oneshot(request).await.expect("the router always answers");
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
            (status, body.to_vec())
        })
    }
}
