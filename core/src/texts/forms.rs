//! How numbers, counts, days and weeks are written in each language, for faces whose platform does not know. What a
//! program reads again (JSON, CSV in stable words, the document) keeps ISO 8601 and the decimal point.

use chrono::{Datelike, Timelike};

use super::{Language, fill};
use crate::context::{Date, Moment};

/// What the keys `form.…`, `weekday.…` and `month.…` hold, and what is counted: the tests hold the catalogues to it.
#[cfg(test)]
pub(super) const UNITS: [&str; 11] =
    ["days", "weeks", "months", "people", "members", "visits", "talks", "signed", "rows", "entries", "devices"];

impl Language {
    /// So many of something, such as `3 visits`: `unit` is the key's part, here `visits`. All five languages tell one from
    /// every other number and no more.
    pub fn count(self, unit: &str, n: i64) -> String {
        let form = if n == 1 { "one" } else { "other" };
        self.form(&format!("unit.{unit}.{form}"), &[("n", &self.number(n))])
    }

    /// A whole number with its thousands apart: `14 000`, `14.000`, `14,000`.
    pub fn number(self, n: i64) -> String {
        let digits = n.unsigned_abs().to_string();
        let between = self.text("form.thousands").unwrap_or_default();
        let mut text = if n < 0 { "−".to_owned() } else { String::new() };
        for (nth, digit) in digits.chars().enumerate() {
            if nth > 0 && (digits.len() - nth).is_multiple_of(3) && digits.len() > 4 {
                text.push_str(between);
            }
            text.push(digit);
        }
        text
    }

    /// A share in per mille as per cent with one decimal: 425 is `42,5 %` or `42.5%`.
    pub fn percent(self, per_mille: i64) -> String {
        let (whole, rest) = (per_mille / 10, (per_mille % 10).abs());
        let decimal = self.text("form.decimal").unwrap_or(".");
        let sign = if per_mille < 0 && whole == 0 { "−" } else { "" };
        let n = if rest == 0 { self.number(whole) } else { format!("{sign}{}{decimal}{rest}", self.number(whole)) };
        self.form("unit.percent", &[("n", &n)])
    }

    /// An ISO week: `v. 34`, `uke 34`, `uge 34`, `vko 34`, `week 34`.
    pub fn week(self, week: u32) -> String {
        self.form("unit.week", &[("n", &week.to_string())])
    }

    /// A day of the year that everybody thinks of: `mån 24 aug.`
    pub fn day(self, date: Date) -> String {
        self.dated("form.day", date)
    }

    /// A day with its year: `24 aug. 2026`.
    pub fn date(self, date: Date) -> String {
        self.dated("form.date", date)
    }

    /// The hour and minute that a moment's own clock shows.
    pub fn time(self, moment: &Moment) -> String {
        let two = |n: u32| format!("{n:02}");
        self.form("form.time", &[("hour", &two(moment.hour())), ("minute", &two(moment.minute()))])
    }

    /// A moment as its own clock shows it: the day with its year, and the time.
    pub fn moment(self, moment: &Moment) -> String {
        format!("{} {}", self.date(moment.date_naive()), self.time(moment))
    }

    /// Where somebody stands whose trial ended on a day, and nobody knows more.
    pub fn trial_ended(self, on: Date) -> String {
        self.form("form.trial_ended", &[("day", &self.date(on))])
    }

    /// By when something that is done was to be done.
    pub fn was_due(self, on: Date) -> String {
        self.form("form.was_due", &[("day", &self.date(on))])
    }

    fn dated(self, key: &str, date: Date) -> String {
        let named = |family: &str, n: u32| self.text(&format!("{family}.{n}")).unwrap_or_default();
        let values = [
            ("weekday", named("weekday", date.weekday().number_from_monday())),
            ("day", &date.day().to_string()),
            ("month", named("month", date.month())),
            ("year", &date.year().to_string()),
        ];
        self.form(key, &values)
    }

    fn form(self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.text(key).unwrap_or(key), values)
    }
}
