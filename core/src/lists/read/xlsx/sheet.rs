//! The cells of a sheet, as the text that the spreadsheet would show.

use csv::StringRecord;
use quick_xml::events::Event;
use quick_xml::{Reader, escape::resolve_xml_entity};

use super::super::{Cells, Taken, Tell, WIDTH_MAX};
use super::styles::Styles;
use super::{attribute, reader};
use crate::lists::ListError;

/// The strings that the cells of all sheets share.
pub(super) fn shared_strings(xml: &str) -> Result<Vec<String>, ListError> {
    let mut reader = reader(xml);
    let mut strings = Vec::new();
    loop {
        match reader.read_event().map_err(|_| ListError::DamagedWorkbook)? {
            Event::Start(element) if element.local_name().as_ref() == "si" => {
                strings.push(text_until(&mut reader, "si").ok_or(ListError::DamagedWorkbook)?);
            }
            Event::Eof => return Ok(strings),
            _ => {}
        }
    }
}

/// Reads the rows of a sheet.
pub(super) fn read(xml: &str, strings: &[String], styles: &Styles, tell: Tell<'_>) -> Result<Taken, ListError> {
    let mut reader = reader(xml);
    let (mut taken, mut row, mut line) = (Taken::default(), Vec::<String>::new(), 0u32);
    let (mut next, mut whole) = (0usize, false);
    loop {
        let damaged = ListError::DamagedSheet { line: line.max(1) };
        match reader.read_event().map_err(|_| damaged)? {
            Event::Start(element) => match element.local_name().as_ref() {
                "row" => {
                    let named = attribute(&element, "r").and_then(|line| line.parse().ok());
                    line = named.unwrap_or_else(|| line.saturating_add(1));
                    row.clear();
                    next = 0;
                }
                "c" => {
                    let at = attribute(&element, "r").map_or(Some(next), |place| column(&place));
                    next = at.unwrap_or(next) + 1;
                    let kind = attribute(&element, "t").unwrap_or_default();
                    let style = attribute(&element, "s").unwrap_or_default();
                    let text = text_until(&mut reader, "c").ok_or(damaged)?;
                    let text = shown(&kind, &style, text, strings, styles).ok_or(damaged)?;
                    // Colours and lines reach further than what is written.
                    if text.trim().is_empty() {
                        continue;
                    }
                    let at = at.filter(|at| *at < WIDTH_MAX).ok_or(ListError::TooManyCells { line })?;
                    row.resize(row.len().max(at + 1), String::new());
                    if let Some(cell) = row.get_mut(at) {
                        *cell = text;
                    }
                }
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "row" => {
                    let cells = StringRecord::from(std::mem::take(&mut row));
                    let done = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
                    taken.push(Cells { line, cells }, done, xml.len(), tell)?;
                }
                "sheetData" => whole = true,
                _ => {}
            },
            // Charts and other sheets without cells have no such element and no rows.
            Event::Eof if whole || taken.rows.is_empty() => return Ok(taken),
            Event::Eof => return Err(damaged),
            _ => {}
        }
    }
}

/// The values and texts within an element up to its end, without formulas, without how words are pronounced and without the
/// lines between the elements; nothing where the part ends before.
fn text_until(reader: &mut Reader<&[u8]>, end: &str) -> Option<String> {
    let (mut text, mut aside, mut within) = (String::new(), 0usize, false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) if aside > 0 || matches!(element.local_name().as_ref(), "f" | "rPh") => aside += 1,
            Event::Start(element) => within = matches!(element.local_name().as_ref(), "t" | "v"),
            Event::End(element) if element.local_name().as_ref() == end => return Some(spelled_out(text)),
            Event::End(_) => (aside, within) = (aside.saturating_sub(1), false),
            Event::Eof => return None,
            _ if aside > 0 || !within => {}
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::CData(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(part) => match part.resolve_char_ref().ok()? {
                Some(letter) => text.push(letter),
                None => text.push_str(resolve_xml_entity(&part)?),
            },
            _ => {}
        }
    }
}

/// A text with the letters that XML cannot write, and a workbook writes as `_x000D_`. Of those that nobody sees the spaces stay.
fn spelled_out(text: String) -> String {
    const MARK: &str = "_x";
    const CODE: usize = 5;
    if !text.contains(MARK) {
        return text;
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some((before, after)) = rest.split_once(MARK) {
        out.push_str(before);
        let code = after.get(..CODE).and_then(|code| code.strip_suffix('_'));
        // A sign before them would be read, too.
        let code = code.filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(letter) => {
                out.extend(Some(letter).filter(|letter| !letter.is_control() || letter.is_whitespace()));
                rest = after.get(CODE..).unwrap_or_default();
            }
            None => {
                out.push_str(MARK);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// What a cell shows. An error of a formula shows nothing.
fn shown(kind: &str, style: &str, text: String, strings: &[String], styles: &Styles) -> Option<String> {
    match kind {
        "s" if text.is_empty() => Some(text),
        "s" => text.trim().parse().ok().and_then(|place: usize| strings.get(place)).cloned(),
        "inlineStr" | "str" | "b" => Some(text),
        "d" => Some(text.get(..10).map(str::to_owned).unwrap_or(text)),
        "e" => Some(String::new()),
        _ => Some(number(text, styles.is_day(style), styles)),
    }
}

/// A number as it is read: a day where the cell is one, a long whole number without an exponent, and another without the last
/// digits of 1.1000000000000001. What is too small or too large stays as it is written: a few letters for hundreds of zeros.
fn number(text: String, is_day: bool, styles: &Styles) -> String {
    const WHOLE: f64 = 1e15;
    const LEAST: f64 = 1e-6;
    let Ok(number) = text.trim().parse::<f64>() else { return text };
    match styles.day(number).filter(|_| is_day) {
        Some(day) => day.to_string(),
        None if number.fract() == 0.0 && number.abs() < WHOLE => format!("{number:.0}"),
        None if (LEAST..WHOLE).contains(&number.abs()) => number.to_string(),
        None => text,
    }
}

/// The column of a place such as `AB12`, from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase());
    let number = letters.take(4).fold(0usize, |sum, letter| sum * 26 + usize::from(letter - b'A') + 1);
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_letters() {
        for (place, at) in [("A1", Some(0)), ("z9", Some(25)), ("AA10", Some(26)), ("XFD1", Some(16_383)), ("12", None)]
        {
            assert_eq!(column(place), at, "{place}");
        }
    }

    #[test]
    fn letters_are_spelled_out_in_four_digits() {
        let cases = [
            ("_x0041_", "A"),
            ("a_x00e5_b", "aåb"),
            ("_x+041_", "_x+041_"),
            ("_x-041_", "_x-041_"),
            ("_x041_", "_x041_"),
            ("_x00g1_", "_x00g1_"),
            ("_xD800_", "_xD800_"),
            ("a_x000D_\nb", "a\r\nb"),
        ];
        for (written, read) in cases {
            assert_eq!(spelled_out(written.to_owned()), read, "{written}");
        }
    }

    #[test]
    fn a_number_is_never_much_longer_than_it_is_written() {
        let cases = [
            ("1.1000000000000001", "1.1"),
            ("0", "0"),
            ("0.0", "0"),
            ("0.5", "0.5"),
            ("-2.5e-3", "-0.0025"),
            ("4.3334E4", "43334"),
            ("1e-300", "1e-300"),
            ("-5E-324", "-5E-324"),
            ("1e300", "1e300"),
        ];
        for (written, shown) in cases {
            assert_eq!(number(written.to_owned(), false, &Styles::default()), shown, "{written}");
        }
    }
}
