//! The real server over the folder that the season is left in, with the season's clock.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use axum::body::Body;
use axum::extract::ConnectInfo;
use clap::Parser;
use samla_core::{Moment, Request};
use samla_server::{AppState, Clock, Config, router};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::server::ORIGIN;

/// Where phones send to and fetch from.
pub(super) struct Post {
    runtime: Runtime,
    state: AppState,
    time: Arc<AtomicU64>,
}

impl Post {
    /// Opens the folder, which no other server may have open.
    pub(super) fn open(data: &Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // A season passes in seconds, so the limits on sign-ins would meet what took weeks.
        let flags = ["samla-server", "--sign-ins-per-minute", "1000000", "--books-per-hour", "1000000"];
        let mut config = Config::parse_from(flags);
        config.data = data.to_owned();
        config.listen = ([127, 0, 0, 1], 8080).into();
        let (bound, time) = (config.listen, Arc::new(AtomicU64::new(0)));
        let clock = Clock::new({
            let time = time.clone();
            move || time.load(Ordering::Relaxed)
        });
        let opened = runtime.block_on(AppState::open(config, bound, clock));
        let state = opened.with_context(|| format!("the server's folder {} does not open", data.display()))?;
        Ok(Self { runtime, state, time })
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
            let response = router(self.state.clone()).oneshot(request).await.ok()?;
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.ok()?;
            Some((status, body.to_vec()))
        })
    }
}
