//! What is said, in the language of whoever reads: the core's texts, which all faces share, and in `texts/` the few that
//! only a command line has. Where both say what to do next, the command line's own step is the better one here.
//!
//! JSON keeps the stable words, and so does a row that is written as it would be typed.

use chrono::Local;
use samla_core::Moment;
use samla_core::tables::{FieldSpec, Value};
use samla_core::texts::{Catalogue, Language, Worded, fill};

/// What is said of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// What happened, in a sentence.
    pub(crate) says: String,
    /// What to do next.
    pub(crate) next: String,
}

/// The words of one language.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    language: Language,
    own: Catalogue,
}

impl Words {
    /// The words of a language: the one named, else the system's, else English.
    pub(crate) fn new(named: Option<Language>) -> Self {
        let language = named.or_else(of_system).unwrap_or(Language::En);
        let own = Catalogue::parse(own(language)).expect("the file is part of the program, and a test reads it");
        Self { language, own }
    }

    /// The language, for what all faces say alike.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The text for a key, filled.
    pub(crate) fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.text(key).unwrap_or(key), values)
    }

    /// So many of something: see [`Language::count`].
    pub(crate) fn count(&self, unit: &str, n: impl TryInto<i64>) -> String {
        self.language.count(unit, n.try_into().unwrap_or(i64::MAX))
    }

    /// When something happened, by the clock of this machine. What the core keeps for itself tells no other.
    pub(crate) fn when(&self, at: &Moment) -> String {
        self.language.moment(&at.with_timezone(&Local).fixed_offset())
    }

    /// What happened and what to do next. `about` is the field that was refused and why, or the server's word, or the mark
    /// of a fault.
    pub(crate) fn of_error(&self, code: &str, about: &About<'_>) -> Told {
        let known = if self.text(&format!("error.{code}")).is_some() { code } else { "bug" };
        let (field, reason) = match about {
            About::Field { field, reason } => (*field, self.or_itself("FieldReason", reason)),
            About::Problem(problem) => ("", self.or_itself("problem", problem)),
            About::Nothing => ("", ""),
        };
        let values = [("field", field), ("reason", reason)];
        Told { says: self.say(&format!("error.{known}"), &values), next: self.say(&format!("next.{known}"), &values) }
    }

    /// What an answer of the core is called.
    pub(crate) fn called(&self, answer: impl Worded) -> &'static str {
        self.language.word(answer)
    }

    /// A word such as a role's, or the word itself where a newer version made it.
    pub(crate) fn or_itself<'a>(&'a self, family: &str, word: &'a str) -> &'a str {
        self.text(&format!("{family}.{word}")).unwrap_or(word)
    }

    /// A field's value: a choice by its name, yes and no, everything else as it is.
    pub(crate) fn value(&self, spec: Option<&FieldSpec>, value: &Value) -> String {
        let word = value.to_string();
        match (spec.and_then(|spec| spec.choice), value) {
            (Some(choice), _) => self.or_itself(choice, &word).to_owned(),
            (None, Value::Bool(_)) => self.or_itself("bool", &word).to_owned(),
            _ => word,
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.own.get(key).or_else(|| self.language.text(key))
    }
}

/// What an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About<'a> {
    /// A field was refused.
    Field {
        /// Its name.
        field: &'a str,
        /// The code of the reason.
        reason: &'a str,
    },
    /// The server's word, or the mark of a fault.
    Problem(&'a str),
    /// Nothing more than its code.
    Nothing,
}

fn own(language: Language) -> &'static str {
    match language {
        Language::Sv => include_str!("../texts/sv.json"),
        Language::Nb => include_str!("../texts/nb.json"),
        Language::Da => include_str!("../texts/da.json"),
        Language::Fi => include_str!("../texts/fi.json"),
        Language::En => include_str!("../texts/en.json"),
    }
}

/// The language that the system is set to, as POSIX looks it up.
fn of_system() -> Option<Language> {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    set.and_then(|value| Language::of_tag(&value))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use samla_core::BookError;
    use samla_core::lists::ListError;

    use super::*;
    use crate::failure::OWN_CODES;

    fn catalogues() -> impl Iterator<Item = Words> {
        Language::ALL.into_iter().map(|language| Words::new(Some(language)))
    }

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_error_has_words_in_every_language() {
        for words in catalogues() {
            for code in BookError::CODES.iter().chain(ListError::CODES).chain(OWN_CODES) {
                let told = words.of_error(code, &About::Field { field: "name", reason: "required" });
                assert!(told.says.ends_with('.') && told.next.ends_with('.'), "{code}: {told:?}");
                assert_eq!(*code == "bug", told.says == words.say("error.bug", &[]), "{code}");
            }
        }
    }

    #[test]
    fn all_languages_have_the_same_keys_and_places() {
        let english = Words::new(Some(Language::En));
        let of_english: BTreeMap<_, _> = english.own.iter().collect();
        for words in catalogues() {
            assert!(words.own.iter().map(|(key, _)| key).eq(of_english.keys().copied()), "{:?}", words.language);
            for (key, text) in words.own.iter() {
                assert_eq!(places(text), places(of_english[key]), "{:?}: {key}", words.language);
                assert!(key.starts_with("next.") || words.language.text(key).is_none(), "{key} is said in core/texts");
            }
        }
    }

    #[test]
    fn every_text_is_used_and_every_text_used_is_there() {
        let source = concat!(
            include_str!("commands/calls.rs"),
            include_str!("commands/epochs.rs"),
            include_str!("commands/imports.rs"),
            include_str!("commands/looks.rs"),
            include_str!("commands/members.rs"),
            include_str!("commands/overviews.rs"),
            include_str!("commands/people.rs"),
            include_str!("commands/privacy.rs"),
            include_str!("commands/reconcile.rs"),
            include_str!("commands/reports.rs"),
            include_str!("commands/rows.rs"),
            include_str!("commands/season.rs"),
            include_str!("commands/tasks.rs"),
            include_str!("commands/today.rs"),
            include_str!("commands/waits.rs"),
            include_str!("commands/ways_in.rs"),
            include_str!("say.rs"),
            include_str!("sync.rs"),
            include_str!("usage.rs"),
        );
        let english = Words::new(Some(Language::En));
        for (key, _) in english.own.iter().filter(|(key, _)| !key.starts_with("error.") && !key.starts_with("next.")) {
            assert!(source.contains(&format!("\"{key}\"")), "{key} is not used");
        }
        let families: BTreeSet<_> = english.own.iter().filter_map(|(key, _)| Some(key.split_once('.')?.0)).collect();
        let is_key = |said: &&str| {
            let word = |part: &str| part.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
            said.split_once('.').is_some_and(|(family, rest)| families.contains(family) && word(rest))
        };
        for key in source.split('"').filter(is_key) {
            assert!(english.text(key).is_some(), "{key} has no text");
        }
    }

    #[test]
    fn what_this_version_does_not_know_stands_as_it_is() {
        let words = Words::new(Some(Language::Da));
        assert_eq!(words.or_itself("Role", "auditor"), "auditor");
        let told = words.of_error("server_refused", &About::Problem("too_shiny"));
        assert_eq!(told.says, "Serveren sagde nej (too_shiny).");
        assert_eq!(words.of_error("of_a_later_version", &About::Nothing).says, words.say("error.bug", &[]));
    }
}
