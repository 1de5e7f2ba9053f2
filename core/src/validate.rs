//! Rule R9: which changes of others may enter the document.
//!
//! On the way of a tap this is the gate on the road back, right after an envelope is opened: every honest phone judges
//! the same log alike, so a change that one refuses no honest change ever depends on. The rules are pure: they ask the
//! document ([`Place`]) what is known and never touch it. Judging is bounded: so many changes in an envelope, so many
//! operations in a change, and nothing is inflated that was not ours to deflate.
//!
//! Why each rule is there: automerge takes a forged author, a counter near its end or a list where a text should be, and
//! fails much later and for everybody. `core/docs/wire.md` tells each case.

mod base;

use std::collections::BTreeMap;

pub use base::judge_base;
use samla_wire::planted::{Fault, is_planted};

use crate::document::{
    Action, Ahead, Container, Decoded, DecodedOp, Document, Limits, OpRef, Place, ShardChange, Target, Written,
};
use crate::ids::RowId;
use crate::tables::{Kind, LIVE, TEXT_MAX, Table, Value};

/// Operations in one envelope.
pub const MAX_OPS: usize = 50_000;
/// Operations in one change.
pub const MAX_OPS_IN_CHANGE: usize = 10_000;
/// Operations that those of one envelope replace.
pub const MAX_REPLACED: usize = 100_000;
/// What one change may hold.
const IN_CHANGE: Limits = Limits { ops: MAX_OPS_IN_CHANGE as u64, replaced: 40_000 };
/// The highest operation counter; automerge counts to 2³² and fails beyond.
pub const MAX_COUNTER: u64 = 1 << 31;
/// The longest name of a field, in bytes.
const FIELD_MAX: usize = 64;

/// Why the changes of an envelope do not enter the document. The whole envelope stays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The seal does not open, or the padding is not ours.
    #[error("the seal does not open")]
    Seal,
    /// The payload is not a list of changes, or inflates beyond the bound.
    #[error("not a list of changes")]
    Payload,
    /// More changes or operations than an envelope may carry.
    #[error("too many changes or operations")]
    Flood,
    /// Not a change, compressed, or not in its one encoding.
    #[error("not a plain change")]
    Chunk,
    /// Written under another device's name.
    #[error("written under another name")]
    Actor,
    /// Not the next change of its author.
    #[error("out of sequence")]
    Sequence,
    /// Its operations are not counted from where its predecessors end.
    #[error("miscounted")]
    Counter,
    /// Says that it replaces what was never written there, or names an author who never wrote.
    #[error("replaces what never was")]
    Replaced,
    /// Writes where or what a register does not hold.
    #[error("not of the register's shape")]
    Schema,
    /// It stopped the document on this device.
    #[error("stopped the document")]
    Crash,
}

/// What becomes of an envelope's changes.
#[derive(Debug)]
pub enum Verdict {
    /// They may enter, each shard's in the order of the envelope.
    Enter(BTreeMap<u16, Ahead>),
    /// Something that they depend on is not here yet: the first such change.
    Wait([u8; 32]),
    /// They stay out.
    Refuse(Refusal),
}

/// Judges the changes that `device` wrote. The shards they name must be loaded.
pub fn judge(document: &mut Document, device: &[u8; 16], changes: &[ShardChange]) -> Verdict {
    let mut entering: BTreeMap<u16, Ahead> = BTreeMap::new();
    let mut to_look_up: BTreeMap<u16, Vec<Written>> = BTreeMap::new();
    let (mut ops, mut replaced) = (0, 0);
    let mut lacks = None;
    for change in changes {
        let decoded = match Decoded::read(&change.bytes, IN_CHANGE) {
            Ok(Some(decoded)) => decoded,
            Ok(None) | Err(_) => return Verdict::Refuse(Refusal::Chunk),
        };
        ops += decoded.len;
        replaced += decoded.ops.iter().map(|op| op.replaces.len()).sum::<usize>();
        if ops > MAX_OPS || replaced > MAX_REPLACED {
            return Verdict::Refuse(Refusal::Flood);
        }
        let shards = document.shard_count();
        let Ok(place) = document.place(change.shard) else { return Verdict::Refuse(Refusal::Schema) };
        let ahead = entering.entry(change.shard).or_default();
        let to_look_up = to_look_up.entry(change.shard).or_default();
        match (Judge { place, ahead, to_look_up, shard: change.shard, shards, device }.change(decoded)) {
            Ok(None) => {}
            // A broken rule in a later change outweighs waiting.
            Ok(Some(change)) => lacks = lacks.or(Some(change)),
            Err(refusal) => return Verdict::Refuse(refusal),
        }
    }
    for (shard, asked) in to_look_up {
        if !document.place(shard).is_ok_and(|place| place.have_written(&asked)) {
            return Verdict::Refuse(Refusal::Replaced);
        }
    }
    match lacks {
        Some(change) => Verdict::Wait(change),
        None => Verdict::Enter(entering),
    }
}

/// Judges the changes of one envelope for one shard, each with those before it in mind.
struct Judge<'a, P> {
    place: &'a P,
    ahead: &'a mut Ahead,
    to_look_up: &'a mut Vec<Written>,
    shard: u16,
    shards: u16,
    device: &'a [u8; 16],
}

impl<P: Place> Judge<'_, P> {
    fn known(&self) -> (&P, &Ahead) {
        (self.place, self.ahead)
    }

    /// Returns a predecessor that is not known yet, if there is one.
    fn change(&mut self, change: Decoded) -> Result<Option<[u8; 32]>, Refusal> {
        let is_authors = change.actor.starts_with(self.device) || is_planted(Fault::AuthorNotBound);
        if change.actor.len() != 20 || !is_authors {
            return Err(Refusal::Actor);
        }
        if change.has_extras || change.ops.is_empty() {
            return Err(Refusal::Schema);
        }
        if change.max_op() > MAX_COUNTER || change.deps.is_empty() {
            return Err(Refusal::Counter);
        }
        let mut highest = 0;
        for dep in &change.deps {
            let Some(max_op) = self.known().max_op(dep) else { return Ok(Some(*dep)) };
            highest = max_op.max(highest);
        }
        if change.start_op != highest + 1 {
            return Err(Refusal::Counter);
        }
        if change.seq != self.known().last_seq(&change.actor) + 1 {
            return Err(Refusal::Sequence);
        }
        if change.others.iter().any(|other| self.known().last_seq(other) == 0) {
            return Err(Refusal::Replaced);
        }
        for (index, op) in change.ops.iter().enumerate() {
            self.op(&change, op, change.op_ref(index))?;
        }
        self.ahead.note_change(change);
        Ok(None)
    }

    fn op(&mut self, change: &Decoded, op: &DecodedOp, own: OpRef) -> Result<(), Refusal> {
        let (Target::Object(object), Some(key)) = (&op.target, &op.key) else { return Err(Refusal::Schema) };
        if let Some(container) = self.place.container(object) {
            return self.new_row(op, own, container, key);
        }
        let (container, id) = self.known().row_at(object).ok_or(Refusal::Schema)?;
        may_write(container, &id, self.device)?;
        for replaced in &op.replaces {
            let earlier = replaced.counter < own.counter;
            let of_this_field = match change.op(replaced) {
                Some(found) => found.target == op.target && found.key == op.key,
                None => self.known().has_written(replaced, object, key).unwrap_or_else(|| {
                    let written = Written { op: replaced.clone(), object: object.clone(), key: key.clone() };
                    self.to_look_up.push(written);
                    true
                }),
            };
            if !earlier || !of_this_field {
                return Err(Refusal::Replaced);
            }
        }
        match &op.action {
            Action::Put(value) if key == LIVE && is_generation(value.as_ref(), own.counter) => Ok(()),
            Action::Put(value) if key != LIVE && fits(container, key, value.as_ref()) => Ok(()),
            Action::Delete if key != LIVE && may_name(key) => Ok(()),
            Action::Put(_) | Action::Delete | Action::MakeMap | Action::Foreign => Err(Refusal::Schema),
        }
    }

    /// A row is made once: nobody replaces or removes the row itself, and its name tells its shard.
    fn new_row(&mut self, op: &DecodedOp, own: OpRef, container: Container, key: &str) -> Result<(), Refusal> {
        let id: RowId = key.parse().map_err(|_| Refusal::Schema)?;
        let [.., last] = *id.as_bytes();
        let well_made = op.action == Action::MakeMap
            && op.replaces.is_empty()
            && id.to_string() == *key
            && u16::from(last) & (self.shards - 1) == self.shard;
        if !well_made || self.known().has_row(container, &id) {
            return Err(Refusal::Schema);
        }
        may_write(container, &id, self.device)?;
        self.ahead.note_row(own, container, id);
        Ok(())
    }
}

/// A device's own row is written by that device alone, so that nobody signs with another's name.
fn may_write(container: Container, id: &RowId, device: &[u8; 16]) -> Result<(), Refusal> {
    if container == Container::Table(Table::Devices) && id.as_bytes() != device { Err(Refusal::Schema) } else { Ok(()) }
}

/// A generation counts the edits of a row, so it is never ahead of the operation that writes it. One that was could leave
/// no larger number for the next edit.
fn is_generation(value: Option<&Value>, counter: u64) -> bool {
    matches!(value, Some(Value::Int(generation)) if u64::try_from(*generation).is_ok_and(|count| count <= counter))
}

/// May a field be called so?
fn may_name(field: &str) -> bool {
    !field.is_empty() && field.len() <= FIELD_MAX
}

/// Known fields hold their kind of scalar; unknown ones, of a newer version, any scalar. Known are those of rule set 1.
fn fits(container: Container, field: &str, value: Option<&Value>) -> bool {
    let text_fits = |text: &str| text.len() <= TEXT_MAX;
    if !may_name(field) {
        return false;
    }
    let known = match container {
        Container::Table(table) => table.fields().iter().find(|spec| spec.name == field),
        Container::Later(_) => None,
    };
    match (known.map(|spec| spec.kind), value) {
        (None, Some(Value::Text(text))) => text_fits(text),
        (None, Some(Value::Int(_) | Value::Bool(_)) | None) => true,
        (Some(Kind::Int), Some(Value::Int(_))) | (Some(Kind::Bool), Some(Value::Bool(_))) => true,
        (Some(Kind::Text | Kind::Date | Kind::Moment | Kind::Link(_) | Kind::Choice(_)), Some(Value::Text(text))) => {
            text_fits(text)
        }
        (Some(_), _) => false,
    }
}

#[cfg(test)]
mod tests;
