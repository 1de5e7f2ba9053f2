//! The real server over the folder that the season is left in, with the season's clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::body::Body;
use axum::extract::ConnectInfo;
use clap::Parser;
use samla_core::{Moment, Request};
use samla_server::{AppState, Clock, Config, router};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::server::ORIGIN;

/// Where phones send to and fetch from.
pub(super) struct Post {
    runtime: Runtime,
    /// None while it is down.
    state: Option<AppState>,
    time: Arc<AtomicU64>,
    data: PathBuf,
}

const DATABASE: &str = "samla.db";
/// How long a server that has stopped may hold its folder.
const PATIENCE: Duration = Duration::from_secs(10);

impl Post {
    /// Opens the folder, which no other server may have open.
    pub(super) fn open(data: &Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut post = Self { runtime, state: None, time: Arc::default(), data: data.to_owned() };
        post.state = Some(post.start()?);
        Ok(post)
    }

    fn start(&self) -> Result<AppState> {
        // A season passes in seconds, so the limits on sign-ins would meet what took weeks.
        let flags = ["samla-server", "--sign-ins-per-minute", "1000000", "--books-per-hour", "1000000"];
        let mut config = Config::parse_from(flags);
        config.data.clone_from(&self.data);
        config.listen = ([127, 0, 0, 1], 8080).into();
        let (bound, time) = (config.listen, self.time.clone());
        let clock = Clock::new(move || time.load(Ordering::Relaxed));
        let opened = self.runtime.block_on(AppState::open(config, bound, clock));
        opened.with_context(|| format!("the server's folder {} does not open", self.data.display()))
    }

    /// A backup of what the server has.
    pub(super) fn backup(&self) -> Result<TempDir> {
        let copy = crate::scratch();
        let to = copy.path().join(DATABASE).display().to_string();
        rusqlite::Connection::open(self.data.join(DATABASE))?.execute("VACUUM INTO ?1", [to])?;
        Ok(copy)
    }

    /// The server goes down, and comes up again with what a backup has.
    pub(super) fn put_back(&mut self, backup: &TempDir) -> Result<()> {
        self.state = None;
        let began = Instant::now();
        // What it still had to do lets go of the folder when it ends, a moment after it.
        self.state = loop {
            // Other books in the folder are in the backup, too, and at no moment nowhere.
            let (new, database) = (self.data.join("samla.new"), self.data.join(DATABASE));
            std::fs::copy(backup.path().join(DATABASE), &new)?;
            for ending in ["db-wal", "db-shm"] {
                let _ = std::fs::remove_file(database.with_extension(ending));
            }
            std::fs::rename(new, database)?;
            match self.start() {
                Ok(state) => break Some(state),
                Err(_) if began.elapsed() < PATIENCE => {
                    self.runtime.block_on(tokio::time::sleep(Duration::from_millis(2)))
                }
                Err(error) => return Err(error),
            }
        };
        Ok(())
    }

    /// It is now this late.
    pub(super) fn set_time(&self, now: Moment) {
        self.time.store(now.timestamp().unsigned_abs(), Ordering::Relaxed);
    }

    /// Answers one request, with status and body.
    pub(super) fn answer(&self, request: &Request) -> Option<(u16, Vec<u8>)> {
        let mut builder = axum::http::Request::builder().method(request.method).uri(request.url.strip_prefix(ORIGIN)?);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 50_000));
        let request = builder.extension(ConnectInfo(address)).body(Body::from(request.body.clone())).ok()?;
        self.runtime.block_on(async {
            let response = router(self.state.clone()?).oneshot(request).await.ok()?;
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.ok()?;
            Some((status, body.to_vec()))
        })
    }
}
