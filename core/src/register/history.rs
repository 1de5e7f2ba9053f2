//! What has been said to a person so far, before one talks with them again.

use serde::Serialize;

use super::Register;
use crate::context::Date;
use crate::ids::Id;
use crate::tables::{Contact, Talk, TalkAnswer};

/// The talks with one person, in short: it takes more than one, and whoever said "not now" may be invited again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TalkHistory {
    /// How many talks there were.
    pub talks: i64,
    /// How many times the person was invited to join.
    pub invitations: i64,
    /// The last answer that was noted.
    pub last_answer: Option<TalkAnswer>,
    /// The day of the last talk.
    pub last_on: Option<Date>,
}

impl Register {
    /// The talks with the person that this contact is, or is part of.
    pub fn talk_history(&self, contact: Id<Contact>) -> TalkHistory {
        let person = self.one_person(contact);
        let mut talks: Vec<_> = self.of_person::<Talk>(&person).filter(|talk| talk.at.is_some()).collect();
        talks.sort_by_key(|talk| (talk.at, talk.id));
        let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        TalkHistory {
            talks: whole(talks.len()),
            invitations: whole(talks.iter().filter(|talk| talk.invited == Some(true)).count()),
            last_answer: talks.iter().rev().find_map(|talk| talk.answer),
            last_on: talks.last().and_then(|talk| talk.at).map(|at| at.date_naive()),
        }
    }
}
