//! Days as people write them: 2018-08-22, 22.8.2018, 22/8-18, 20180822, "22 augusti 2018", or a spreadsheet's 43334.

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::RowNote;
use crate::context::Date;

/// The day a cell means. Where day and month could be either, the day comes first, as everywhere in the north.
pub(crate) fn day(cell: &str) -> Result<Date, RowNote> {
    let cell = cell.trim().trim_end_matches('.');
    let lower = cell.to_lowercase();
    // An hour after the day says nothing here.
    let day = lower.split_once('t').map_or(lower.as_str(), |(day, time)| {
        if time.starts_with(|c: char| c.is_ascii_digit()) { day } else { &lower }
    });
    let day = day.split_once(' ').filter(|(_, time)| time.contains(':')).map_or(day, |(day, _)| day);
    if let Some(month) = month_named(day) {
        return named(day, month);
    }
    let parts: Vec<&str> = day.split(|letter: char| "-./ ,".contains(letter)).filter(|part| !part.is_empty()).collect();
    if !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(RowNote::NotADay);
    }
    match parts.as_slice() {
        [one] => alone(one),
        [year, month, day] if year.len() == 4 => ymd(year, month, day),
        [day, month, year] => {
            let year = full_year(year).ok_or(RowNote::NotADay)?;
            ymd(&year, month, day).or_else(|note| ymd(&year, day, month).map_err(|_| note))
        }
        [day, month] if day.len() <= 2 && month.len() <= 2 => {
            // Only a day that there is lacks nothing but its year.
            ymd("2024", month, day).map_or(Err(RowNote::NotADay), |_| Err(RowNote::DayWithoutYear))
        }
        _ => Err(RowNote::NotADay),
    }
}

/// Eight or six digits, or the number that a spreadsheet gives a day of these times.
fn alone(digits: &str) -> Result<Date, RowNote> {
    const SPREADSHEET: std::ops::RangeInclusive<i64> = 18_000..=73_000;
    let number: i64 = digits.parse().map_err(|_| RowNote::NotADay)?;
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    match digits.len() {
        8 => ymd(part(0, 4), part(4, 6), part(6, 8)),
        6 => ymd(&full_year(part(0, 2)).ok_or(RowNote::NotADay)?, part(2, 4), part(4, 6)),
        5 if SPREADSHEET.contains(&number) => {
            let first = NaiveDate::from_ymd_opt(1899, 12, 30).ok_or(RowNote::NotADay)?;
            TimeDelta::try_days(number).and_then(|days| first.checked_add_signed(days)).ok_or(RowNote::NotADay)
        }
        _ => Err(RowNote::NotADay),
    }
}

/// Two digits are of this century up to 50: nobody on a list was hired before 1951.
fn full_year(year: &str) -> Option<String> {
    match (year.len(), year.parse::<u32>()) {
        (4, Ok(_)) => Some(year.to_owned()),
        (2, Ok(short)) if short <= 50 => Some(format!("20{year}")),
        (2, Ok(_)) => Some(format!("19{year}")),
        _ => None,
    }
}

fn ymd(year: &str, month: &str, day: &str) -> Result<Date, RowNote> {
    let parse = |part: &str| part.parse::<u32>().map_err(|_| RowNote::NotADay);
    let year = i32::try_from(parse(year)?).map_err(|_| RowNote::NotADay)?;
    let date = NaiveDate::from_ymd_opt(year, parse(month)?, parse(day)?).ok_or(RowNote::NotADay)?;
    if (1900..=2199).contains(&date.year()) { Ok(date) } else { Err(RowNote::NotADay) }
}

/// How months begin in the five languages, by number.
const MONTHS: [(&[&str], &str); 12] = [
    (&["jan", "tammi"], "1"),
    (&["feb", "helmi"], "2"),
    (&["mar", "maalis"], "3"),
    (&["apr", "huhti"], "4"),
    (&["maj", "mai", "may", "touko"], "5"),
    (&["jun", "kesä"], "6"),
    (&["jul", "heinä"], "7"),
    (&["aug", "elo"], "8"),
    (&["sep", "syys"], "9"),
    (&["okt", "oct", "loka"], "10"),
    (&["nov", "marras"], "11"),
    (&["dec", "des", "joulu"], "12"),
];

fn month_named(day: &str) -> Option<&'static str> {
    let words = day.split(|letter: char| !letter.is_alphabetic()).filter(|word| word.chars().count() >= 3);
    // Before March and May, which begin like Finnish months.
    let months = || MONTHS.iter().rev();
    words
        .filter_map(|word| months().find(|(names, _)| names.iter().any(|name| word.starts_with(name))))
        .map(|(_, n)| *n)
        .next()
}

fn named(day: &str, month: &str) -> Result<Date, RowNote> {
    let numbers: Vec<_> = day.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    match numbers.as_slice() {
        [year, day] if year.len() == 4 => ymd(year, month, day),
        [day, year] => ymd(&full_year(year).ok_or(RowNote::NotADay)?, month, day),
        [_] => Err(RowNote::DayWithoutYear),
        _ => Err(RowNote::NotADay),
    }
}
