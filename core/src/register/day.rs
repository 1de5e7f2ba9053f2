//! Days before and after a day.

use chrono::TimeDelta;

use crate::context::Date;

/// The day so many days later, or earlier where `days` is negative; the same day where the calendar has none.
pub(super) fn later(day: Date, days: i64) -> Date {
    TimeDelta::try_days(days).and_then(|days| day.checked_add_signed(days)).unwrap_or(day)
}
