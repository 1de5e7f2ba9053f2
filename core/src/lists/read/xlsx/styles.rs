//! Which cells of a sheet are days: a workbook writes a day as a number, and only the cell's format tells.

use chrono::{NaiveDate, TimeDelta};

use super::{attribute, reader};
use crate::lists::ListError;
use quick_xml::events::Event;

/// The formats of a workbook, as far as days go.
#[derive(Default)]
pub(super) struct Styles {
    /// For each style of cells, whether it shows a day.
    days: Vec<bool>,
    from_1904: bool,
}

/// Days of a workbook are counted so that 60 is the 29th of February 1900, which never was: from 61 on this is right.
const DAY_0: NaiveDate = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");
const DAY_0_OF_1904: NaiveDate = NaiveDate::from_ymd_opt(1904, 1, 1).expect("a day");

impl Styles {
    pub(super) fn read(xml: &str, from_1904: bool) -> Result<Self, ListError> {
        let mut reader = reader(xml);
        let (mut own, mut days, mut within) = (Vec::new(), Vec::new(), false);
        loop {
            match reader.read_event().map_err(|_| ListError::DamagedWorkbook)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "numFmt" => {
                        let id = attribute(&element, "numFmtId");
                        let code = attribute(&element, "formatCode").unwrap_or_default();
                        own.extend(id.map(|id| (id, shows_a_day(&code))));
                    }
                    "cellXfs" => within = true,
                    "xf" if within => {
                        let id = attribute(&element, "numFmtId").unwrap_or_default();
                        let own = own.iter().find(|(known, _)| *known == id).map(|(_, is_day)| *is_day);
                        days.push(own.unwrap_or_else(|| is_built_in_day(&id)));
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "cellXfs" => within = false,
                Event::Eof => return Ok(Self { days, from_1904 }),
                _ => {}
            }
        }
    }

    /// Whether a style of cells shows a day.
    pub(super) fn is_day(&self, style: &str) -> bool {
        style.parse().ok().and_then(|style: usize| self.days.get(style)).copied().unwrap_or(false)
    }

    /// The day that a number means.
    pub(super) fn day(&self, number: f64) -> Option<NaiveDate> {
        const DAYS: std::ops::RangeInclusive<f64> = 1.0..=150_000.0;
        let from = if self.from_1904 { DAY_0_OF_1904 } else { DAY_0 };
        let days = DAYS.contains(&number).then_some(number.floor() as i64)?;
        from.checked_add_signed(TimeDelta::try_days(days)?)
    }
}

fn is_built_in_day(id: &str) -> bool {
    matches!(id.parse(), Ok(14..=17 | 22 | 27..=31 | 34 | 36 | 50..=54 | 57..=58))
}

/// Whether a format names a year, a month or a day outside quotation marks and brackets. An `m` beside hours or seconds
/// is a minute.
fn shows_a_day(code: &str) -> bool {
    let (mut plain, mut until) = (String::new(), None);
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match (until, letter) {
            (Some(end), _) if letter == end => until = None,
            (Some(_), _) => {}
            (None, '"') => until = Some('"'),
            (None, '[') => until = Some(']'),
            (None, '\\' | '_' | '*') => drop(letters.next()),
            (None, _) => plain.extend(letter.to_lowercase()),
        }
    }
    plain.contains(['y', 'd']) && !plain.contains("general") || plain.contains("mmm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_tells_whether_a_number_is_a_day() {
        for day in ["yyyy-mm-dd", "DD/MM/YYYY", "[$-41D]d mmmm yyyy;@", "d.m.", "mmm\\ yy", "yyyy\"-\"mm"] {
            assert!(shows_a_day(day), "{day}");
        }
        for other in ["General", "0.00", "#,##0\" dkr\"", "hh:mm:ss", "[Red]0", "@", "[h]:mm", "0\\d"] {
            assert!(!shows_a_day(other), "{other}");
        }
    }

    #[test]
    fn days_are_counted_as_the_workbook_counts_them() {
        let day = |number, from_1904| Styles { days: Vec::new(), from_1904 }.day(number).map(|day| day.to_string());
        assert_eq!(day(43_334.75, false).as_deref(), Some("2018-08-22"));
        assert_eq!(day(41_872.0, true).as_deref(), Some("2018-08-22"));
        for none in [0.0, -1.0, 1e9, f64::NAN, f64::INFINITY] {
            assert_eq!(day(none, false), None);
        }
    }
}
