//! Days before and after a day, so many months later, and on which day it was by the clocks of the country.

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDateTime, TimeDelta, Utc, Weekday};

use super::Register;
use crate::context::Date;
use crate::ids::RowId;
use crate::tables::Country;

const HOUR: i32 = 3600;

/// The day so many days later, or earlier where `days` is negative; the same day where the calendar has none.
pub(super) fn later(day: Date, days: i64) -> Date {
    TimeDelta::try_days(days).and_then(|days| day.checked_add_signed(days)).unwrap_or(day)
}

/// So many calendar months later, on the last day where that month is shorter; nothing where the calendar ends before.
pub(super) fn months_later(day: Date, months: i64) -> Option<Date> {
    day.checked_add_months(Months::new(u32::try_from(months).ok()?))
}

impl Register {
    /// The day on which a row was written down, by the clocks of the country; nothing for an id that knows of no moment.
    pub(crate) fn made_on(&self, row: impl Into<RowId>) -> Option<Date> {
        let row: RowId = row.into();
        row.made_at().map(|at| day_in(self.country(), &at))
    }

    /// The same for a user whose day this is: where the user's clocks are behind those of the country, what is written late in the
    /// evening is of today and not of tomorrow.
    pub(super) fn made_by(&self, row: impl Into<RowId>, today: Date) -> Option<Date> {
        self.made_on(row).map(|day| if Some(day) == today.succ_opt() { today } else { day })
    }
}

/// The day that it is in a country at a moment: an id knows the moment, and not the offset of the clock that showed it.
fn day_in(country: Country, at: &DateTime<Utc>) -> Date {
    at.with_timezone(&offset_at(at.naive_utc(), country)).date_naive()
}

/// The offset that the clocks of a country have by law when they show this.
pub(super) fn legal_offset(local: NaiveDateTime, country: Country) -> FixedOffset {
    let summer = TimeDelta::seconds(i64::from(winter(country) + HOUR));
    offset_at(local.checked_sub_signed(summer).unwrap_or(local), country)
}

/// The same at a moment: summer time from the last Sunday of March to the last of October, 01:00 UTC.
fn offset_at(utc: NaiveDateTime, country: Country) -> FixedOffset {
    let change = |month| last_sunday(utc.year(), month).and_then(|day| day.and_hms_opt(1, 0, 0));
    let is_summer = change(3).zip(change(10)).is_some_and(|(begins, ends)| (begins..ends).contains(&utc));
    let seconds = if is_summer { winter(country) + HOUR } else { winter(country) };
    FixedOffset::east_opt(seconds).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// How many seconds the clocks of a country are before UTC in winter.
const fn winter(country: Country) -> i32 {
    match country {
        Country::Se | Country::No | Country::Dk => HOUR,
        Country::Fi => 2 * HOUR,
    }
}

fn last_sunday(year: i32, month: u32) -> Option<Date> {
    let last = Date::from_ymd_opt(year, month, 31)?;
    last.checked_sub_signed(TimeDelta::days(i64::from(last.weekday().days_since(Weekday::Sun))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_by_the_clocks_of_the_country() {
        let cases = [
            ("2026-08-31T21:59:59Z", Country::Se, "2026-08-31"),
            ("2026-08-31T22:00:00Z", Country::Dk, "2026-09-01"),
            ("2026-08-31T21:00:00Z", Country::Fi, "2026-09-01"),
            ("2026-11-30T22:30:00Z", Country::No, "2026-11-30"),
            ("2026-11-30T23:00:00Z", Country::No, "2026-12-01"),
            ("2026-11-30T22:00:00Z", Country::Fi, "2026-12-01"),
            ("2026-03-28T22:30:00Z", Country::Se, "2026-03-28"),
            ("2026-03-29T22:30:00Z", Country::Se, "2026-03-30"),
        ];
        for (at, country, day) in cases {
            assert_eq!(day_in(country, &at.parse().unwrap()).to_string(), day, "{at}");
        }
    }
}
