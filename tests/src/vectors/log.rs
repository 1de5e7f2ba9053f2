//! Rules R1–R7 over a small log: each case is one entry after some of the story's.

use std::collections::BTreeMap;
use std::convert::Infallible;

use samla_wire::ids::LogHash;
use samla_wire::problem::Code;
use samla_wire::roster::RosterError;
use samla_wire::{Accepted, DeviceId, EntryId, Envelope, EnvelopeError, LogState, Past, Rejection};
use serde_json::{Value, json};

use super::{Input, roster, text};

/// The log so far, as the rules look things up in it.
#[derive(Default)]
struct Story {
    hashes: Vec<LogHash>,
    entries: BTreeMap<(DeviceId, u64), EntryId>,
}

impl Past for Story {
    type Error = Infallible;

    fn hash_at(&self, n: u64) -> Result<Option<LogHash>, Infallible> {
        Ok(usize::try_from(n).ok().and_then(|n| self.hashes.get(n).copied()))
    }

    fn entry_at(&self, device: &DeviceId, dseq: u64) -> Result<Option<EntryId>, Infallible> {
        Ok(self.entries.get(&(*device, dseq)).copied())
    }
}

impl Story {
    fn take(&mut self, state: &LogState, envelope: &Envelope) {
        if self.hashes.is_empty() {
            self.hashes.push(samla_wire::Head::start(state.book()).h);
        }
        self.hashes.push(state.head.h);
        self.entries.insert((envelope.header().device, envelope.header().dseq), envelope.id());
    }
}

/// Judges the case's `entry` after the first `after` entries of the shared log.
pub(super) fn judge(shared: &Input<'_>, input: &Input<'_>) -> Result<Value, String> {
    let after = usize::try_from(input.number("after")?).map_err(text)?;
    let (mut story, mut state) = (Story::default(), None);
    for bytes in shared.list("log")?.into_iter().take(after) {
        let envelope = Envelope::parse(bytes).map_err(text)?;
        match next(&mut state, &story, &envelope) {
            Ok(Accepted::New) => {}
            other => return Err(format!("the story itself is not accepted: {other:?}")),
        }
        story.take(state.as_ref().ok_or("no state")?, &envelope);
    }
    let envelope = match Envelope::parse(entry(input)?) {
        Ok(envelope) => envelope,
        Err(error) => return Ok(refused(malformed(error), error.into())),
    };
    let verdict = next(&mut state, &story, &envelope);
    Ok(match (verdict, state) {
        (Ok(Accepted::New), Some(state)) => json!({
            "accepted": "new",
            "n": state.head.n,
            "h": state.head.h.to_string(),
            "roster": roster::view(&state.roster),
        }),
        (Ok(_), _) => json!({ "accepted": "duplicate" }),
        (Err(rejection), _) => refused(rejected(rejection), rejection.into()),
    })
}

/// The entry under judgement; a large one is written as its first bytes, a number of zeros and its last bytes.
fn entry(input: &Input<'_>) -> Result<Vec<u8>, String> {
    let mut entry = input.bytes("entry")?;
    if input.get("zeros").is_ok() {
        entry.resize(entry.len() + usize::try_from(input.number("zeros")?).map_err(text)?, 0);
        entry.extend(input.bytes("then")?);
    }
    Ok(entry)
}

fn next(state: &mut Option<LogState>, story: &Story, envelope: &Envelope) -> Result<Accepted, Rejection> {
    match state {
        None => {
            *state = Some(LogState::found(envelope)?);
            Ok(Accepted::New)
        }
        Some(state) => state.append(envelope, story).unwrap_or_else(|never| match never {}),
    }
}

fn refused(error: &str, code: Code) -> Value {
    json!({ "error": error, "code": code.as_str() })
}

fn malformed(error: EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::Length => "length",
        EnvelopeError::Magic => "magic",
        EnvelopeError::Kind => "unknown_kind",
        EnvelopeError::Suite => "suite",
        EnvelopeError::Reserved => "reserved",
        EnvelopeError::TooLarge => "too_large",
    }
}

fn rejected(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::Book => "book",
        Rejection::NotMember => "not_member",
        Rejection::Role => "role",
        Rejection::Epoch => "epoch",
        Rejection::Signature => "signature",
        Rejection::Gap => "gap",
        Rejection::DeviceFork => "device_fork",
        Rejection::Dprev => "dprev",
        Rejection::Fork => "fork",
        Rejection::Kind => "kind",
        Rejection::Roster(error) => match error {
            RosterError::Malformed => "malformed",
            RosterError::Newer => "newer",
            RosterError::Rprev => "rprev",
            RosterError::NotAllowed => "not_allowed",
            RosterError::Target => "target",
            RosterError::InviteUsed => "invite_used",
            RosterError::InviteUnknown => "invite_unknown",
            RosterError::InviteSignature => "invite_signature",
            RosterError::Limit => "limit",
            RosterError::Parameter => "parameter",
            RosterError::Orphaned => "orphaned",
            RosterError::Seal => "seal",
        },
    }
}
