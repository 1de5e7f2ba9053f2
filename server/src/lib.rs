#![doc = include_str!("../README.md")]

pub mod auth;
mod body;
pub mod clock;
pub mod config;
pub mod error;
pub mod limits;
pub mod log;
pub mod metrics;
mod routes;
pub mod state;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

pub use clock::Clock;
pub use config::Config;
pub use routes::router;
pub use state::AppState;

/// How often what is past its time is deleted.
const SWEEP: Duration = Duration::from_secs(60 * 60);
/// How long requests under way may take to finish when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// Why the server could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Open(#[from] log::OpenError),
    /// The database opened but does not answer.
    #[error("the database does not answer")]
    Log(#[from] log::LogError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Randomness,
    /// The web app's folder has no page to begin with.
    #[error("there is no index.html in the web app's folder {0}")]
    Web(std::path::PathBuf),
    /// The address cannot be listened on, or the listener failed.
    #[error("cannot listen")]
    Listen(#[from] std::io::Error),
}

/// Serves on this listener until `shutdown` is ready: then no connection is accepted any more, requests under way are
/// finished, streams of events end, and the log is closed.
pub async fn run(
    listener: TcpListener,
    config: Config,
    clock: Clock,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    if let Some(web) = config.web.as_ref().filter(|web| !web.join("index.html").is_file()) {
        return Err(StartError::Web(web.clone()));
    }
    let state = AppState::open(config, listener.local_addr()?, clock).await?;
    let sweeper = tokio::spawn(sweep(state.clone()));
    let app = router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = state.stopping.clone();
    let mut farewell = stopping.subscribe();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        stopping.send_replace(true);
    });
    let served = tokio::select! {
        served = serving => served,
        () = async {
            let _ = farewell.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(FAREWELL).await;
        } => {
            tracing::warn!("some requests did not finish in time");
            Ok(())
        }
    };
    sweeper.abort();
    let _ = sweeper.await;
    // The last state to go closes the log: what waits is written first.
    drop(state);
    Ok(served?)
}

async fn sweep(state: AppState) {
    loop {
        tokio::time::sleep(SWEEP).await;
        if let Err(error) = state.log.sweep(state.clock.now()).await {
            tracing::error!(%error, "could not delete what is past its time");
        }
    }
}
