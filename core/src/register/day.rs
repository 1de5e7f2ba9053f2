//! Days before and after a day, and so many months later.

use chrono::{Months, TimeDelta};

use crate::context::Date;

/// The day so many days later, or earlier where `days` is negative; the same day where the calendar has none.
pub(super) fn later(day: Date, days: i64) -> Date {
    TimeDelta::try_days(days).and_then(|days| day.checked_add_signed(days)).unwrap_or(day)
}

/// So many calendar months later, on the last day where that month is shorter; nothing where the calendar ends before.
pub(super) fn months_later(day: Date, months: i64) -> Option<Date> {
    day.checked_add_months(Months::new(u32::try_from(months).ok()?))
}
