//! CSV and its kin: which character parts the cells, what stands around them, and the rows themselves.

use std::iter::repeat_n;

use csv::{ReaderBuilder, StringRecord};

use super::{Cells, Taken, Tell, line_ends};
use crate::lists::ListError;

/// What parts cells, where nothing says otherwise the first.
const SEPARATORS: [u8; 4] = *b",;\t|";
/// So many lines are looked at to find the separator.
const LOOKED_AT: usize = 25;

/// The separator of a text: the one a first line such as `sep=;` names, else the one between a header's cells in apostrophes,
/// else the one that parts most lines into the same number of cells.
pub(super) fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default().trim();
    if let Some(named) = named_separator(first) {
        return named;
    }
    let by_apostrophes = SEPARATORS.into_iter().rev().max_by_key(|separator| cells_in_apostrophes(text, *separator));
    if let Some(separator) = by_apostrophes.filter(|separator| cells_in_apostrophes(text, *separator) > 1) {
        return separator;
    }
    let fitness = |separator: &u8| {
        let rows: Vec<_> = rows(text, *separator).take(LOOKED_AT).map_while(Result::ok).collect();
        let widths: Vec<_> = rows.iter().map(StringRecord::len).filter(|width| *width > 1).collect();
        let usual = widths.iter().copied().max_by_key(|width| (widths.iter().filter(|w| w == &width).count(), *width));
        let usual = usual.unwrap_or(0);
        (widths.iter().filter(|width| **width == usual).count(), usual)
    };
    // Of equals the first: `max_by_key` would take the last.
    SEPARATORS.into_iter().rev().max_by_key(fitness).unwrap_or(b',')
}

fn named_separator(line: &str) -> Option<u8> {
    let named = line.trim_matches('"').strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    match named {
        "" => Some(b'\t'),
        _ => named.bytes().next().filter(|byte| SEPARATORS.contains(byte)),
    }
}

fn rows(text: &str, separator: u8) -> impl Iterator<Item = Result<StringRecord, csv::Error>> {
    reader(separator).from_reader(text.as_bytes()).into_records()
}

fn reader(separator: u8) -> ReaderBuilder {
    let mut reader = ReaderBuilder::new();
    reader.delimiter(separator).has_headers(false).flexible(true);
    reader
}

/// How many cells the header has, where all that have something in them stand in apostrophes; 0 where one does not. The header
/// is the first line that the separator parts, or else the first. Of a single cell the first line has to show it, too.
fn cells_in_apostrophes(text: &str, separator: u8) -> usize {
    let separator = char::from(separator);
    let is_filled = |line: &&str| !line.trim_matches(separator).is_empty() && named_separator(line).is_none();
    let lines = || text.split(['\n', '\r']).map(str::trim).filter(is_filled).take(LOOKED_AT);
    let Some(first) = lines().next() else { return 0 };
    let mut rest = lines().find(|line| line.contains(separator)).unwrap_or(first);
    let mut cells = 0;
    loop {
        if let Some(inner) = rest.strip_prefix('\'') {
            let is_end = |after: &&str| after.is_empty() || after.starts_with(separator);
            let mut after = inner.match_indices('\'').filter_map(|(at, _)| inner.get(at + 1..));
            let Some(after) = after.find(is_end) else { return 0 };
            (rest, cells) = (after, cells + 1);
        }
        match rest.strip_prefix(separator) {
            Some(next) => rest = next,
            None if rest.is_empty() && (cells > 1 || first.matches('\'').count() == 2) => return cells,
            None => return 0,
        }
    }
}

/// A text whose cells stand in apostrophes, with quotation marks in their place and every line where it was. Within a cell an
/// apostrophe is one, doubled or alone; the last before a separator or the end of a line ends the cell. One that has no end
/// has none here.
fn in_quotation_marks(text: &str, separator: u8) -> String {
    let is_end = |letter: &char| *letter == char::from(separator) || matches!(letter, '\n' | '\r');
    let push = |out: &mut String, letter: char| out.extend(repeat_n(letter, if letter == '"' { 2 } else { 1 }));
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut letters = text.chars().peekable();
    while let Some(first) = letters.next() {
        if is_end(&first) {
            out.push(first);
            continue;
        }
        out.push('"');
        if first != '\'' {
            push(&mut out, first);
            while let Some(letter) = letters.next_if(|letter| !is_end(letter)) {
                push(&mut out, letter);
            }
            out.push('"');
            continue;
        }
        loop {
            let mut apostrophes = 0_usize;
            while letters.next_if_eq(&'\'').is_some() {
                apostrophes += 1;
            }
            if apostrophes > 0 && letters.peek().is_none_or(is_end) {
                out.extend(repeat_n('\'', apostrophes / 2));
                out.push('"');
                break;
            }
            out.extend(repeat_n('\'', apostrophes.div_ceil(2)));
            match letters.next() {
                Some(letter) => push(&mut out, letter),
                None => break,
            }
        }
    }
    out
}

/// Reads every row. A quotation mark that is opened and never closed means that the end is missing.
pub(super) fn read(text: &str, separator: u8, tell: Tell<'_>) -> Result<Taken, ListError> {
    let apostrophed = cells_in_apostrophes(text, separator) > 0;
    let requoted = apostrophed.then(|| in_quotation_marks(text, separator));
    let text = requoted.as_deref().unwrap_or(text);
    let mut taken = Taken::default();
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut reader = reader(separator).from_reader(text.as_bytes());
    let mut row = StringRecord::new();
    loop {
        let start = reader.position().byte();
        match reader.read_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => return Err(ListError::NotAList),
        }
        let start = row.position().map_or(start, csv::Position::byte);
        let line = lines.of(row_start(text, usize::try_from(start).unwrap_or(usize::MAX)));
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(text.len());
        if end == text.len() && is_open(text.get(lines.at..).unwrap_or_default(), separator) {
            return Err(ListError::CutOff { line });
        }
        if taken.rows.is_empty() && row.len() <= 2 && row.get(0).and_then(named_separator).is_some() {
            continue;
        }
        let kept = taken.rows.len();
        taken.push(Cells { line, cells: row.clone() }, end, text.len(), tell)?;
        taken.open_end = taken.rows.len() > kept && end == text.len() && !text.ends_with(['\n', '\r']);
    }
    taken.ends_within_a_row()?;
    Ok(taken)
}

/// Where a row begins that the reader found from here: it leaves out lines without anything.
fn row_start(text: &str, from: usize) -> usize {
    let ahead = text.as_bytes().get(from..).unwrap_or_default();
    from + ahead.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// Whether a last row ends inside quotation marks.
fn is_open(row: &str, separator: u8) -> bool {
    let (mut quoted, mut at_start) = (false, true);
    let mut letters = row.bytes().peekable();
    while let Some(letter) = letters.next() {
        match (quoted, letter) {
            (true, b'"') if letters.peek() == Some(&b'"') => drop(letters.next()),
            (true, b'"') => quoted = false,
            (false, b'"') if at_start => quoted = true,
            _ => {}
        }
        at_start = !quoted && (letter == separator || letter == b'\n' || letter == b'\r');
    }
    quoted
}

/// The line on which a byte stands. Counted here: within quotation marks the reader counts rows.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, byte: usize) -> u32 {
        let passed = self.text.as_bytes().get(self.at..byte).unwrap_or_default();
        self.line = self.line.saturating_add(u32::try_from(line_ends(passed)).unwrap_or(u32::MAX));
        self.at = self.at.max(byte);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, separator: u8) -> Result<Taken, ListError> {
        super::read(text, separator, &mut |_| {})
    }

    fn cells(text: &str) -> Vec<(u32, Vec<String>)> {
        let taken = read(text, separator(text)).unwrap();
        taken.rows.iter().map(|row| (row.line, row.cells.iter().map(str::to_owned).collect())).collect()
    }

    #[test]
    fn the_separator_is_the_one_that_parts_alike() {
        let cases = [
            ("a,b\n1,2\n", b','),
            ("namn;ort;kr\nAnna;Luleå, norra;1,5\nBo;Umeå;2,5\n", b';'),
            ("a\tb\nx, y; z\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("namn\nAnna\nBo\n", b','),
            ("\"a;b\",c\n\"1;2;3\",4\n", b','),
            ("sep=;\na,b;c\n", b';'),
            ("a;b\n\"x\ny\";2\n", b';'),
            ("'a';'b'\n'1,2';'3,4'\n", b';'),
            ("'a, b';'c, d'\n'1, 2';'3, 4'\n", b';'),
            ("'a;b','c'\n'1;2;3','4'\n", b','),
        ];
        for (text, separator) in cases {
            assert_eq!(super::separator(text), separator, "{text}");
        }
    }

    #[test]
    fn rows_know_the_line_they_began_on() {
        let read = cells("sep=;\r\nnamn;not\r\n\r\nAnna;\"en \"\"liten\"\"\r\nanteckning\"\r\nBo;x\r\n");
        let told: Vec<_> = read.iter().map(|(line, cells)| (*line, cells.join("|"))).collect();
        let expected = [(2, "namn|not"), (4, "Anna|en \"liten\"\r\nanteckning"), (6, "Bo|x")];
        assert_eq!(told, expected.map(|(line, cells)| (line, cells.to_owned())));
        let read = cells("namn;not\r\rAnna;\"en\rliten\"\rBo;x\r");
        assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 5]);
    }

    #[test]
    fn apostrophes_around_cells_are_told_from_those_within() {
        let cases = [
            ("'a';'b'", "\"a\";\"b\""),
            ("'';''\r\n;", "\"\";\"\"\r\n;"),
            ("'O'Brien';'x'", "\"O'Brien\";\"x\""),
            ("'O''Brien';'x'", "\"O'Brien\";\"x\""),
            ("'kallas 'Bosse'';'x'", "\"kallas 'Bosse'\";\"x\""),
            ("'kallas ''Bosse''';'x'", "\"kallas 'Bosse'\";\"x\""),
            ("''Bosse' Al';'x'", "\"'Bosse' Al\";\"x\""),
            ("'a;b';'c\nd'", "\"a;b\";\"c\nd\""),
            ("'a \"b\"';c \"d\"", "\"a \"\"b\"\"\";\"c \"\"d\"\"\""),
            ("1;'b'\n2;O'Brien", "\"1\";\"b\"\n\"2\";\"O'Brien\""),
            ("'a';'b", "\"a\";\"b"),
        ];
        for (text, quoted) in cases {
            assert_eq!(in_quotation_marks(text, b';'), quoted);
        }
        for (header, cells) in [
            ("'a';'b'\n", 2),
            ("sep=;\n'a';'b'\n", 2),
            ("Lista\n\n;;\n'a';'b';\n", 2),
            ("'a';;'b'\r'1';'2';'3'\r", 2),
            ("'a;b';'c''s';'d's'\n", 3),
            ("'a'\n", 1),
            ("'a'\n'b;c'\n", 1),
            ("'a'\nb;c\n", 0),
            ("'a';b\n", 0),
            ("a;'b'\n", 0),
            ("a\n'b'\n", 0),
            ("a;b\n'c';'d'\n", 0),
            ("'a;b\n", 0),
            ("'a' ; 'b'\n", 0),
            ("'\n", 0),
            ("", 0),
        ] {
            assert_eq!(cells_in_apostrophes(header, b';'), cells, "{header}");
        }
    }

    #[test]
    fn a_list_cut_in_the_middle_says_where() {
        let cut = |text: &str| read(text, b';').map(|taken| taken.rows.len());
        assert_eq!(cut("'a';'b'\n'Anna';'1'\n'Bo';'x"), Err(ListError::CutOff { line: 3 }));
        assert_eq!(cut("'a';'b'\n'Anna';'1'\n'Bo';'2'"), Ok(3));
        for end in ["\n", "\r\n", "\r"] {
            let text = "a;b;c\nAnna;1;2\nBo;\"x".replace('\n', end);
            assert_eq!(cut(&text), Err(ListError::CutOff { line: 3 }), "{end:?}");
        }
        assert_eq!(cut("a;b;c\nAnna;1;2\nBo"), Err(ListError::CutOff { line: 3 }));
        assert_eq!(cut("a;b;c\nAnna;1;2\nBo;1;\"2\""), Ok(3));
        assert_eq!(cut("a;b;c\nAnna;1;2\nBo;1;2"), Ok(3));
        assert_eq!(cut("a;b;c\nAnna;1;2\nTotal\n"), Ok(3));
    }
}
