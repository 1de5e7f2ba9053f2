//! What is told, and how: answers on standard output, errors and progress on standard error; as text for people, as JSON
//! for scripts, or as CSV for spreadsheets.
//!
//! A row is written as one would type it: its id, then `field=value …`. Text that others wrote never reaches the terminal
//! with control characters in it.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::{Path, PathBuf};

use samla_core::tables::{Row, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::failure::Failure;
use crate::home::write_new;
use crate::sheet::csv;
use crate::words::Words;

/// What answers are written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For scripts.
    Json,
    /// For spreadsheets, to this new file or, for `-`, to standard output.
    Csv(PathBuf),
}

impl Form {
    /// As was typed.
    pub(crate) fn of(json: bool, csv: Option<PathBuf>) -> Self {
        csv.map_or(if json { Self::Json } else { Self::Text }, Self::Csv)
    }
}

/// Where answers go.
pub(crate) struct Say {
    form: Form,
    /// Errors are told as JSON.
    json: bool,
    words: Words,
    out: BufWriter<Stdout>,
    progress: bool,
}

impl Say {
    /// Answers in this form, errors as JSON or not, and text in these words.
    pub(crate) fn new(form: Form, json: bool, words: Words) -> Self {
        Self { form, json, words, out: BufWriter::new(io::stdout()), progress: false }
    }

    /// The words of the reader's language.
    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// The file that the answer is written to as CSV.
    pub(crate) fn csv_file(&self) -> Option<&Path> {
        match &self.form {
            Form::Csv(file) => Some(file),
            Form::Text | Form::Json => None,
        }
    }

    /// Tells an answer: the view as JSON or as CSV, or the lines that `text` makes of it. Where there are none, people are told on
    /// standard error, so that a script reads an empty answer.
    pub(crate) fn tell<V: Serialize>(
        &mut self,
        view: &V,
        text: impl FnOnce(&V, &Words) -> Vec<String>,
    ) -> Result<(), Failure> {
        if self.form == Form::Text {
            let lines = text(view, &self.words);
            if lines.is_empty() {
                let nothing = self.words.say("say.nothing", &[]);
                return self.aside(&[nothing]);
            }
            return lines.iter().try_for_each(|line| writeln!(self.out, "{line}")).map_err(Failure::Output);
        }
        self.view(view)
    }

    /// Tells an answer that only programs and spreadsheets read.
    pub(crate) fn view<V: Serialize>(&mut self, view: &V) -> Result<(), Failure> {
        if self.form == Form::Text {
            return Ok(());
        }
        let wrong = |error: serde_json::Error| Failure::Output(error.into());
        let json = serde_json::to_string(view).map_err(wrong)?;
        match self.csv_file().map(Path::to_owned) {
            Some(file) => {
                let form = self.words.language().csv_form();
                self.write_to(&file, csv(&json, form).map_err(wrong)?.as_bytes())
            }
            None => writeln!(self.out, "{json}").map_err(Failure::Output),
        }
    }

    /// Tells something that only people read.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        if self.form != Form::Text {
            return Ok(());
        }
        writeln!(self.out, "{text}").map_err(Failure::Output)
    }

    /// Tells people something beside the answer: on standard error, after what was told so far.
    pub(crate) fn aside(&mut self, lines: &[String]) -> Result<(), Failure> {
        if self.form == Form::Text {
            self.finish()?;
            lines.iter().for_each(|line| eprintln!("{line}"));
        }
        Ok(())
    }

    /// Bytes, as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.write_all(bytes).map_err(Failure::Output)
    }

    /// Writes to this new file, readable by the user only, or for `-` to standard output.
    pub(crate) fn write_to(&mut self, file: &Path, bytes: &[u8]) -> Result<(), Failure> {
        if file == Path::new("-") { self.bytes(bytes) } else { write_new(file, bytes) }
    }

    /// Everything told so far is out.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(Failure::Output)
    }

    /// Whether a person can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        self.form == Form::Text && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Shows how far long work has come, on a terminal.
    pub(crate) fn progress(&mut self, text: &str) {
        if io::stderr().is_terminal() {
            eprint!("\r\x1b[K{text}");
            self.progress = true;
        }
    }

    /// The long work is over.
    pub(crate) fn progress_done(&mut self) {
        if std::mem::take(&mut self.progress) {
            eprint!("\r\x1b[K");
        }
    }

    /// Tells what went wrong, and what to do next.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.progress_done();
        // What was done before it failed is told first.
        let _ = self.finish();
        let (code, told) = (failure.code(), self.words.of_error(failure.code(), &failure.about()));
        let field = failure.field();
        if self.json {
            let error = json!({
                "code": code,
                "field": field.map(|refused| &refused.field),
                "reason": field.map(|refused| refused.reason.code()),
                "detail": failure.detail(),
                "line": failure.line(),
                "says": told.says,
                "next": told.next,
            });
            let is_something = |(_, value): &(String, Json)| !value.is_null() && value != "";
            let error: Map<String, Json> = match error {
                Json::Object(error) => error.into_iter().filter(is_something).collect(),
                _ => Map::new(),
            };
            eprintln!("{}", json!({ "error": error }));
            return;
        }
        let line = failure.line().map(|line| self.words.say("import.line", &[("line", &line.to_string())]));
        let line = line.map(|line| format!(" ({line})")).unwrap_or_default();
        let error = self.words.say("usage.error", &[]);
        eprintln!("{error}: {}{line} [{}]", plain(&told.says), self.marked(failure));
        eprintln!("{}", told.next);
    }

    /// The code of a failure, with the mark of a fault in brackets.
    fn marked(&self, failure: &Failure) -> String {
        match failure.detail().filter(|_| failure.code() == "bug") {
            Some(mark) => format!("bug ({})", plain(mark)),
            None => failure.code().to_owned(),
        }
    }
}

/// A row as JSON: its id and the fields that have a value.
pub(crate) fn row_json(row: &Row) -> Json {
    let id = std::iter::once(("id".to_owned(), json!(row.id())));
    Json::Object(id.chain(row.values().map(|(name, value)| (name.to_owned(), json!(value)))).collect())
}

/// A row as one would type it.
pub(crate) fn row_line(row: &Row) -> String {
    let fields = row.values().map(|(name, value)| format!(" {name}={}", typed(&value)));
    std::iter::once(row.id().to_string()).chain(fields).collect()
}

fn typed(value: &Value) -> String {
    let text = plain(&value.to_string());
    let bare = |letter: char| letter.is_alphanumeric() || "+-_.,:/@".contains(letter);
    if !text.is_empty() && text.chars().all(bare) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Text without anything that a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        // Control characters, and those that turn the direction of writing.
        if letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            plain.extend(letter.escape_default());
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use samla_core::RowId;
    use samla_core::tables::{Contact, TableRow};

    use super::*;

    #[test]
    fn a_row_is_written_as_it_would_be_typed() {
        let mut contact = Contact::new(RowId::from_bytes([1; 16]));
        contact.given_name = Some("Åsa-Li".into());
        contact.note = Some("it's\n\u{1b}[31mred".into());
        contact.assessment = Some(4);
        let line = row_line(&Row::from(contact));
        assert_eq!(
            line,
            format!("{} given_name=Åsa-Li assessment=4 note='it'\\''s\\n\\u{{1b}}[31mred'", "01".repeat(16))
        );
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(plain("Anna\u{202e}gnp.exe\r\u{9b}2J"), r"Anna\u{202e}gnp.exe\r\u{9b}2J");
        assert_eq!(plain("smörgås 😀"), "smörgås 😀");
    }
}
