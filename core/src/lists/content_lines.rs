//! The lines that a calendar and a card of contacts are made of: a name, a colon, a value.
//!
//! RFC 5545 and RFC 6350 share their rules: a line ends in CR LF, holds at most 75 bytes and goes on after a space, and a
//! few signs in a text are written with a backslash. What somebody typed can therefore never begin a line of its own.

/// The longest line, in bytes, without its end.
const LINE_MAX: usize = 75;

/// Lines being written, each whole and folded.
#[derive(Debug, Default)]
pub(super) struct ContentLines(String);

impl ContentLines {
    /// A line whose value stands as it is: a word of the format, a date, a number.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        let mut room = LINE_MAX;
        let letters = name.chars().chain([':']).chain(value.chars()).filter(|letter| !letter.is_control());
        for letter in letters {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE_MAX - 1;
            }
            self.0.push(letter);
            room -= letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A line with a text that people wrote.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.plain(name, &escaped(text));
    }

    /// The lines as one text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// The text within a value: backslashes, commas, semicolons and ends of line are written so that they separate nothing.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\n' | '\r' => out.push_str("\\n"),
            '\\' | ',' | ';' => out.extend(['\\', letter]),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, text: &str) -> String {
        let mut lines = ContentLines::default();
        lines.text(name, text);
        lines.finish()
    }

    #[test]
    fn a_text_never_begins_a_line_or_a_value_of_its_own() {
        assert_eq!(line("NOTE", "a,b;c\\d\nEND:VCARD\r\ne\rf\u{7}"), "NOTE:a\\,b\\;c\\\\d\\nEND:VCARD\\ne\\nf\r\n");
    }

    #[test]
    fn long_lines_fold_between_letters_and_unfold_to_the_same() {
        for letter in ["a", "å", "漢", "😀"] {
            for length in [1, 34, 35, 36, 70, 71, 72, 200] {
                let text = letter.repeat(length);
                let folded = line("NOTE", &text);
                assert!(folded.split("\r\n").all(|line| line.len() <= LINE_MAX));
                assert_eq!(folded.replace("\r\n ", ""), format!("NOTE:{text}\r\n"));
            }
        }
        assert_eq!(line("A", &"b".repeat(73)).lines().count(), 1);
        assert_eq!(line("A", &"b".repeat(74)).lines().count(), 2);
    }
}
