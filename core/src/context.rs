//! What the outside hands in with every command: the time and the randomness.
//!
//! Nothing in this crate asks the system for either, so a whole season can be replayed in a test to the last byte. This
//! is the very first step on the way of one tap: the app knows the hour, the core believes it.

/// A point in time together with the offset of the clock that showed it, so that "11:30 in the canteen" stays 11:30.
///
/// In the document it is RFC 3339 text with milliseconds ([`moment_text`]).
pub type Moment = chrono::DateTime<chrono::FixedOffset>;

/// A calendar day; ISO 8601 (`2026-11-23`) in the document.
pub type Date = chrono::NaiveDate;

/// The time and the randomness of one command.
pub struct Context<'a> {
    /// What the device's clock shows now.
    pub now: Moment,
    /// A generator fit for keys; in tests a seeded one.
    pub rng: &'a mut dyn rand_core::CryptoRng,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("now", &self.now).finish_non_exhaustive()
    }
}

/// The one text form of a moment in the document: `2026-11-23T11:30:00.000+01:00`.
pub fn moment_text(moment: &Moment) -> String {
    moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
}
