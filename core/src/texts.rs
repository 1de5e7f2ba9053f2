//! What everything in the register is called, in Swedish, Norwegian, Danish, Finnish and English: the one place that
//! every face of the product takes it from.
//!
//! It stands at both ends of the way of one tap: before it, on the labels of a form, and after it, where a screen, a list
//! or a command shows a value or says what went wrong. In between everything is a stable word (`VisitKind.table` is `table`
//! in the document, in JSON and on the wire), and nothing in the core ever depends on a language.
//!
//! The texts lie in `core/texts`, a flat file for each language. The web app bundles the same files; whoever links this
//! crate asks here. A key is made from the name of what it speaks of:
//!
//! | key | speaks of |
//! |---|---|
//! | `table.visits` | a table |
//! | `field.note`, `field.reasons.text` | a field by its name; by its table too, where that gives it another meaning |
//! | `VisitKind.table`, `TimelineKind.talk` | a value of an enum: the name of its type and its stable word |
//! | `column.density`, `cell.total` | a report's table; a column without a text is called as the field of its name |
//! | `error.invite_used`, `next.invite_used` | what a [`BookError`](crate::BookError) means, and what to do next |
//! | `next.compared_ahead` | what to do after two devices were compared |
//! | `problem.quota` | why a server said no, to stand in brackets |
//! | `written.form` | what the program itself writes where a person may write anything |
//! | `page.title` | what the page about a person says |
//! | `unit.week`, `unit.days.one`, `form.date`, `month.8` | how counts, numbers and days are written |
//!
//! A `{place}` in a text is filled by [`fill`]. The words themselves are chosen in `core/docs/terms.md`. The tests of this module
//! walk every table, field, choice and code: a key that is missing in a language, or that nothing speaks of, fails there.

mod forms;
mod reports;
#[cfg(test)]
mod tests;
mod words;
mod written;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::lists::{Column, Label, ListForm};
use crate::tables::Table;
pub use words::{WORDS, Worded};
pub use written::is_mark;

/// A language that there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Swedish.
    Sv,
    /// Norwegian, bokmål.
    Nb,
    /// Danish.
    Da,
    /// Finnish.
    Fi,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 5] = [Self::Sv, Self::Nb, Self::Da, Self::Fi, Self::En];

    /// Its tag, such as `sv`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Sv => "sv",
            Self::Nb => "nb",
            Self::Da => "da",
            Self::Fi => "fi",
            Self::En => "en",
        }
    }

    /// The language that a tag or a system's name for it asks for: `sv-FI`, `nb_NO.UTF-8`, `no`. Nothing where there are no
    /// texts in it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
        let primary = if matches!(primary.as_str(), "no" | "nn") { "nb" } else { &primary };
        Self::ALL.into_iter().find(|language| language.tag() == primary)
    }

    /// The text for a key; nothing where there is no such key.
    pub fn text(self, key: &str) -> Option<&'static str> {
        self.catalogue().get(key)
    }

    /// What a value of an enum is called.
    pub fn word(self, value: impl Worded) -> &'static str {
        self.text(&format!("{}.{}", value.type_name(), value.word())).unwrap_or_else(|| value.word())
    }

    /// What a column of a list is called: as the field that it fills, where it fills one.
    pub fn column(self, meaning: Column) -> String {
        let word = meaning.word();
        let own = self.text(&format!("Column.{word}"));
        own.map_or_else(|| self.field(Table::Contacts, word), str::to_owned)
    }

    /// What a table is called.
    pub fn table(self, table: Table) -> &'static str {
        self.text(&format!("table.{table}")).unwrap_or_else(|| table.name())
    }

    /// What a field is called, or what a list has instead of one, such as the day a membership began; the name itself where
    /// the table has no such field.
    pub fn field(self, table: Table, field: &str) -> String {
        let special = self.text(&format!("field.{table}.{field}"));
        let own = special.or_else(|| self.text(&format!("field.{field}")));
        own.or_else(|| self.text(&format!("Column.{field}"))).unwrap_or(field).to_owned()
    }

    /// What something is called that a page about a person names; nothing where there is no text for it.
    pub fn label(self, of: Label<'_>) -> Option<String> {
        match of {
            Label::Table(table) => Some(self.table(table).to_owned()),
            Label::Field(table, field) => Some(self.field(table, field)),
            Label::Choice(table, field, word) => {
                let choice = table.field(field)?.choice?;
                self.text(&format!("{choice}.{word}")).map(str::to_owned)
            }
        }
    }

    /// What a file turned out to be: `CSV, UTF-8, ;` or `Workbook, Sheet 1`.
    pub fn list_form(self, form: &ListForm) -> String {
        let kind = self.word(form);
        match form {
            ListForm::Csv { encoding, separator } => {
                let tab = || self.text("cell.tab").unwrap_or("tab").to_owned();
                let between = if *separator == '\t' { tab() } else { separator.to_string() };
                format!("{kind}, {}, {between}", self.word(*encoding))
            }
            ListForm::Xlsx { sheet } => format!("{kind}, {sheet}"),
        }
    }

    fn catalogue(self) -> &'static Catalogue {
        match self {
            Self::Sv => &SV,
            Self::Nb => &NB,
            Self::Da => &DA,
            Self::Fi => &FI,
            Self::En => &EN,
        }
    }
}

/// The text for a key in the language that a tag asks for, in English where there are none in that language. Nothing
/// where there is no such key.
pub fn text(language: &str, key: &str) -> Option<&'static str> {
    Language::of_tag(language).unwrap_or(Language::En).text(key)
}

/// Writes values into the `{places}` of a text. A place that no value is for stays as it is.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let place = after.split_once('}');
        let value = place.and_then(|(name, _)| values.iter().find(|(of, _)| *of == name));
        match (place, value) {
            (Some((_, after)), Some((_, value))) => {
                filled.push_str(value);
                rest = after;
            }
            _ => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The texts of one language by their keys: a flat JSON object. A face that has texts of its own keeps them in this form
/// too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<String, String>);

impl Catalogue {
    /// Reads a catalogue.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }

    /// The text for a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Every key with its text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, text)| (key.as_str(), text.as_str()))
    }
}

/// A catalogue that is part of the program, read when it is first asked for.
macro_rules! catalogues {
    ($($NAME:ident = $file:literal;)+) => { $(
        static $NAME: LazyLock<Catalogue> = LazyLock::new(|| {
            Catalogue::parse(include_str!($file)).expect("the file is part of the program, and a test reads it")
        });
    )+ };
}

catalogues! {
    SV = "../texts/sv.json";
    NB = "../texts/nb.json";
    DA = "../texts/da.json";
    FI = "../texts/fi.json";
    EN = "../texts/en.json";
}
