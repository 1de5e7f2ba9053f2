//! What the core is handed: the device's clock and the browser's randomness.

use chrono::{DateTime, FixedOffset, Utc};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use samla_core::{Context, Date, Moment};

/// Minutes in seconds.
const MINUTE: f64 = 60.0;

/// What the device's clock shows now, in its own zone.
pub(crate) fn now() -> Moment {
    let at = js_sys::Date::new_0();
    // JavaScript counts the zone from the clock to UTC, in minutes; the other way than everybody else.
    let east = -at.get_timezone_offset() * MINUTE;
    let zone = FixedOffset::east_opt(east as i32).unwrap_or(FixedOffset::east_opt(0).expect("zero is an offset"));
    DateTime::<Utc>::from_timestamp_millis(at.get_time() as i64).unwrap_or_default().with_timezone(&zone)
}

/// Today, here.
pub(crate) fn today() -> Date {
    now().date_naive()
}

/// Runs a command at this moment.
pub(crate) fn with_context<T>(run: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let mut rng = UnwrapErr(SysRng);
    run(&mut Context { now: now(), rng: &mut rng })
}
