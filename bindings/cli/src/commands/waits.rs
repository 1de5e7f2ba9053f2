//! What waits for somebody at this desk, whatever was asked: each in a line, with the command that shows it.

use samla_core::StatusView;
use serde::Serialize;

use super::members::places;
use crate::desk::{Desk, now};
use crate::failure::Failure;
use crate::say::Say;
use crate::sync::Brought;
use crate::words::Words;

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Wait {
    /// The stable word for it.
    what: &'static str,
    /// How many there are, where they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    /// The places of the sheet's characters, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<Vec<u32>>,
    /// The command that shows it, or that it waits for.
    command: &'static str,
    /// In the reader's words.
    pub(super) says: String,
}

impl Wait {
    /// What this key says, with these values in it.
    fn new(key: &'static str, command: &'static str, values: &[(&str, &str)], words: &Words) -> Self {
        let what = key.split_once('.').map_or(key, |(_, word)| word);
        Self { what, n: None, ask: None, command, says: words.say(key, values) }
    }

    /// So many, if there are any.
    fn counted(key: &'static str, command: &'static str, n: u64, words: &Words) -> Option<Self> {
        let wait =
            || Self { n: Some(n), ..Self::new(key, command, &[("n", &words.language().number(n as i64))], words) };
        (n > 0).then(wait)
    }
}

/// All that waits, but for what the status says by itself. Whether one device removed much is looked for where it is
/// `thorough`: that reads through all that there is.
pub(super) fn waits(desk: &mut Desk, status: &StatusView, thorough: bool, words: &Words) -> Result<Vec<Wait>, Failure> {
    let removals = if thorough { desk.act(|book, _| book.mass_removals())?.len() } else { 0 };
    let (book, register) = (desk.book(), desk.register());
    let wanted = book.wanted().map(|wanted| {
        let key = if wanted.on_its_way { "waits.on_its_way" } else { "waits.wanted" };
        let command = if wanted.on_its_way { "samla sync" } else { "samla cancel" };
        Wait::new(key, command, &[("reason", words.or_itself("EpochReason", &wanted.reason))], words)
    });
    let silent = book.organisers_silent(&now()).then(|| Wait::new("waits.silent", "samla members", &[], words));
    let sheet = book.sheet_question(&now()).map(|asked| {
        let places = places(&asked, words);
        let wait = Wait::new("waits.sheet", "samla book check-sheet", &[("places", &places)], words);
        Wait { ask: Some(asked), ..wait }
    });
    let organiser = status.role.as_deref() == Some(samla_core::Role::Organiser.name());
    let pending = if organiser { book.pending().len() } else { 0 };
    let found = book.continuity()?.filter(|found| !found.seen);
    let leftover = book.export_leftover()? != "[]";
    let counted = [
        ("waits.pending", "samla waiting", pending as u64),
        ("waits.news", "samla news", book.news().len() as u64),
        ("waits.unexplained", "samla continuity", found.map_or(0, |found| found.unexplained)),
        ("waits.removals", "samla removals", removals as u64),
        ("waits.lost", "samla lost", book.lost_edits()?.count),
        ("waits.conflicts", "samla conflicts", register.conflicts().len() as u64),
        ("waits.links", "samla links", register.disputed_links().len() as u64),
    ];
    let counted = counted.into_iter().map(|(key, command, n)| Wait::counted(key, command, n, words));
    let leftover = leftover.then(|| Wait::new("waits.leftover", "samla leftover", &[], words));
    Ok([wanted, silent, sheet].into_iter().chain(counted).chain([leftover]).flatten().collect())
}

/// What a round of sync has to say.
#[derive(Serialize)]
struct Round {
    #[serde(flatten)]
    brought: Brought,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits: Vec<Wait>,
}

/// Tells what a round brought, and in one line which commands show what waits.
pub(crate) fn tell_brought(desk: &mut Desk, brought: Brought, thorough: bool, say: &mut Say) -> Result<(), Failure> {
    let words = say.words().clone();
    let status = desk.book().status()?;
    let mut waits = waits(desk, &status, thorough, &words)?;
    if let Some(alarm) = &status.alarm {
        let says = words.of_error(alarm, &crate::words::About::Nothing).says;
        waits.insert(0, Wait { what: "alarm", n: None, ask: None, command: "samla status", says });
    }
    say.tell(&Round { brought, waits }, |round, words| {
        let commands: Vec<_> = round.waits.iter().map(|wait| wait.command).collect();
        let waiting = || words.say("waits.sync", &[("commands", &commands.join(", "))]);
        let waiting = (!commands.is_empty()).then(waiting);
        std::iter::once(round.brought.line(words)).chain(waiting).collect()
    })
}
