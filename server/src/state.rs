//! What every request can reach.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use samla_wire::Code;
use samla_wire::ids::SigningKey;
use tokio::sync::{Semaphore, watch};

use crate::StartError;
use crate::auth::Seal;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Failure;
use crate::limits::Buckets;
use crate::log::{Log, Settings};
use crate::metrics::Counts;

/// What every request can reach; cheap to copy.
#[derive(Debug, Clone)]
pub struct AppState(Arc<App>);

/// The parts of an [`AppState`].
#[derive(Debug)]
pub struct App {
    /// All books.
    pub log: Log,
    /// What the operator decided.
    pub config: Config,
    /// Origins that a login may be signed for.
    pub origins: Vec<String>,
    /// The time.
    pub clock: Clock,
    /// Makes challenges and sessions.
    pub seal: Seal,
    /// The public half of the key that signs receipts.
    pub receipt_key: SigningKey,
    /// One at a time sends a whole book: its body may take a good part of a small machine's memory.
    pub refilling: Semaphore,
    /// Founding books without an operator's token.
    pub foundings: Buckets,
    /// Requests without a session.
    pub sign_ins: Buckets,
    /// What `/metrics` tells.
    pub counts: Arc<Counts>,
    /// Becomes true when the server stops: streams of events end.
    pub stopping: watch::Sender<bool>,
}

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

impl AppState {
    /// Opens the data folder. `bound` is the address that clients connect to; the default origins follow from it.
    pub async fn open(config: Config, bound: SocketAddr, clock: Clock) -> Result<Self, StartError> {
        let counts = Arc::<Counts>::default();
        let settings = Settings {
            book_quota: config.book_quota(),
            daily_envelopes: config.daily_envelopes,
            daily_bytes: config.daily_bytes(),
            backup_days: config.retention_days,
        };
        let log = Log::open(&config.data, settings, counts.clone())?;
        log.sweep(clock.now()).await?;
        let key = log.session_key(fresh().map_err(|_| StartError::Randomness)?).await?;
        let receipt_key = log.receipt_key(fresh().map_err(|_| StartError::Randomness)?).await?;
        Ok(Self(Arc::new(App {
            log,
            origins: config.origins_at(bound),
            clock,
            seal: Seal::new(key),
            receipt_key,
            refilling: Semaphore::new(1),
            foundings: Buckets::new(config.books_per_hour, 3600),
            sign_ins: Buckets::new(config.sign_ins_per_minute, 60),
            counts,
            stopping: watch::Sender::new(false),
            config,
        })))
    }

    /// Writes the files anew without what was just deleted, while the caller already has its answer.
    pub fn tidy_soon(&self) {
        let state = self.clone();
        tokio::spawn(async move {
            if let Err(error) = state.log.tidy().await {
                tracing::error!(%error, "could not write the files anew; it is tried again within the hour");
            }
        });
    }

    /// Takes one of the address's requests without a session, or refuses.
    pub fn admit(&self, buckets: &Buckets, address: Address) -> Result<(), Failure> {
        let wait = buckets.take(address.0, self.clock.now());
        wait.map_err(|seconds| Failure { retry_after: Some(seconds), ..Code::TooMany.into() })
    }
}

/// Random bytes from the system.
pub fn fresh<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Where a request comes from, for rate limits only: never logged, never stored.
#[derive(Clone, Copy)]
pub struct Address(pub IpAddr);

impl FromRequestParts<AppState> for Address {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let forwarded = || {
            let header = parts.headers.get_all("x-forwarded-for").into_iter().next_back()?.to_str().ok()?;
            header.rsplit(',').next()?.trim().parse().ok()
        };
        let peer = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let named = if state.config.trust_proxy { forwarded() } else { None };
        Ok(Self(named.or_else(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}
