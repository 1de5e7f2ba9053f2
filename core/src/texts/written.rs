//! What the program itself writes where a person may write anything, in the language of whoever reads it: how a membership
//! became known, where a contact came from, what is to be done. A person's own words stand as they are.

use super::Language;
use crate::tables::Table;

/// The first words of the causes that follow-ups name, and the keys of what they call for.
const CAUSES: [(&str, &str); 7] = [
    ("first_day", "AutomaticReason.first_day"),
    ("first_month", "AutomaticReason.first_month"),
    ("trial_ends", "AutomaticReason.trial_ends"),
    ("after_meeting", "AutomaticReason.after_meeting"),
    ("save_talk", "FollowUpKind.save_talk"),
    ("new_member", "FollowUpKind.welcome"),
    ("thank_recruiter", "field.prize"),
];

impl Language {
    /// What the program wrote into this field, in this language; nothing where it is not one of the program's texts, or those
    /// of any language for what is to be done.
    pub fn written(self, table: Table, field: &str, text: &str) -> Option<&'static str> {
        let key = match (table, field) {
            (Table::Memberships, "method") => method_key(text)?,
            (Table::Contacts, "source") => return self.text(&format!("ImportSource.{text}")),
            (Table::FollowUps, "what") => todo_key(text)?,
            (Table::FollowUps, "cause") => cause_key(text)?,
            _ => return None,
        };
        self.text(key)
    }
}

/// Whether a field holds a mark that only phones read: what called for a follow-up, which its `what` tells people.
pub fn is_mark(table: Table, field: &str, text: &str) -> bool {
    (table, field) == (Table::FollowUps, "cause") && cause_key(text).is_some()
}

fn method_key(text: &str) -> Option<&'static str> {
    match text {
        "form" => Some("written.form"),
        "office list" => Some("Origin.office_list"),
        "employer list" => Some("Origin.employer_list"),
        "own list" => Some("written.own_list"),
        _ => None,
    }
}

fn cause_key(text: &str) -> Option<&'static str> {
    let word = text.split(' ').next()?;
    CAUSES.iter().find(|(named, _)| *named == word).map(|(_, key)| *key)
}

/// A phone writes in its user's language what is to be done.
fn todo_key(text: &str) -> Option<&'static str> {
    let is_said = |key: &str| Language::ALL.iter().any(|language| language.text(key) == Some(text));
    CAUSES.iter().map(|(_, key)| *key).find(|key| is_said(key))
}
