//! The time of day, handed in so that tests need not wait.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of a day.
pub const DAY: u64 = 24 * 60 * 60;

/// Tells seconds since 1970-01-01 UTC.
///
/// The server needs it for conveniences only: when a session ends, when an invitation's last day has passed, when a
/// day's allowance starts again. No rule of the log reads a clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs()))
    }

    /// A clock that says what this function says, in seconds since 1970-01-01 UTC.
    pub fn new(tell: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Seconds since 1970-01-01 UTC.
    pub fn now(&self) -> u64 {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
