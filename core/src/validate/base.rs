//! Which base a new epoch may begin with: one change a shard, by the epoch's own author, with tables and rows and nothing
//! else.
//!
//! A base comes from an organiser or a recovery sheet, and the op in the roster vouches for its bytes. It is checked all the
//! same: an epoch must not be a way past the rules for everybody else's changes.

use std::collections::{HashMap, HashSet};

use super::{Refusal, fits, is_generation};
use crate::document::{Action, Container, Decoded, Limits, OpRef, Target, base};
use crate::ids::RowId;
use crate::tables::{LIVE, Value};

/// What one shard of a base may hold. Fifty thousand people with all that happened to them stay far below; nothing is
/// replaced.
const IN_BASE: Limits = Limits { ops: 4_000_000, replaced: 40_000 };

/// Judges the one change of a shard of a base and returns its hash.
pub fn judge_base(bytes: &[u8], actor: &[u8; 16], shard: u16, shards: u16) -> Result<[u8; 32], Refusal> {
    let change = Decoded::read(bytes, IN_BASE).ok().flatten().ok_or(Refusal::Chunk)?;
    if change.actor != actor || !change.others.is_empty() {
        return Err(Refusal::Actor);
    }
    if change.seq != 1 || !change.deps.is_empty() {
        return Err(Refusal::Sequence);
    }
    if change.start_op != 1 {
        return Err(Refusal::Counter);
    }
    if change.has_extras {
        return Err(Refusal::Schema);
    }
    let mut judge = Judge { shard, shards, containers: HashMap::new(), rows: HashMap::new(), names: HashSet::new() };
    let mut ops = change.ops.iter().enumerate();
    for (name, (index, op)) in base::TABLES.into_iter().zip(ops.by_ref()) {
        let makes_table = op.target == Target::Root
            && op.key.as_deref() == Some(name)
            && op.action == Action::MakeMap
            && op.replaces.is_empty();
        if !makes_table {
            return Err(Refusal::Schema);
        }
        let container = name.parse().map_or(Container::Later(index), Container::Table);
        judge.containers.insert(change.op_ref(index), container);
    }
    if judge.containers.len() != base::TABLES.len() {
        return Err(Refusal::Schema);
    }
    for (index, op) in ops {
        let (Target::Object(object), Some(key)) = (&op.target, &op.key) else { return Err(Refusal::Schema) };
        if !op.replaces.is_empty() {
            return Err(Refusal::Replaced);
        }
        judge.op(object, key, &op.action, change.op_ref(index))?;
    }
    // Every row is there to be seen.
    if judge.rows.values().all(|row| row.live) { Ok(change.hash) } else { Err(Refusal::Schema) }
}

/// What the operations so far have made.
struct Judge {
    shard: u16,
    shards: u16,
    containers: HashMap<OpRef, Container>,
    rows: HashMap<OpRef, MadeRow>,
    names: HashSet<(Container, RowId)>,
}

struct MadeRow {
    container: Container,
    written: HashSet<String>,
    live: bool,
}

impl Judge {
    fn op(&mut self, object: &OpRef, key: &str, action: &Action, own: OpRef) -> Result<(), Refusal> {
        if let Some(container) = self.containers.get(object).copied() {
            return self.new_row(container, key, action, own);
        }
        let row = self.rows.get_mut(object).ok_or(Refusal::Schema)?;
        let Action::Put(value) = action else { return Err(Refusal::Schema) };
        let good = match key {
            LIVE => is_generation(value.as_ref(), own.counter) && *value != Some(Value::Int(0)),
            key => fits(row.container, key, value.as_ref()),
        };
        row.live |= key == LIVE;
        if good && row.written.insert(key.to_owned()) { Ok(()) } else { Err(Refusal::Schema) }
    }

    fn new_row(&mut self, container: Container, key: &str, action: &Action, own: OpRef) -> Result<(), Refusal> {
        let id: RowId = key.parse().map_err(|_| Refusal::Schema)?;
        let well_made = *action == Action::MakeMap
            && id.to_string() == *key
            && u16::from(id.last_byte()) & (self.shards - 1) == self.shard
            && self.names.insert((container, id));
        if !well_made {
            return Err(Refusal::Schema);
        }
        self.rows.insert(own, MadeRow { container, written: HashSet::new(), live: false });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::base::{BaseRow, found};
    use crate::tables::{Table, Value};

    const ACTOR: [u8; 16] = [7; 16];

    fn row(last: u8, note: &str) -> BaseRow {
        let mut id = [1; 16];
        id[15] = last;
        let fields = vec![("note".to_owned(), Value::Text(note.into())), ("later".to_owned(), Value::Int(3))];
        BaseRow { table: Table::Contacts, id: RowId::from_bytes(id), fields, numbers: vec![("real".to_owned(), 0.5)] }
    }

    #[test]
    fn a_base_of_ours_is_taken_and_hashes_as_it_says() {
        let (bytes, hash) = found(&ACTOR, &[row(3, "a"), row(19, "b")]).unwrap();
        assert_eq!(judge_base(&bytes, &ACTOR, 3, 16), Ok(hash));
        let (bytes, hash) = found(&ACTOR, &[]).unwrap();
        assert_eq!(judge_base(&bytes, &ACTOR, 0, 16), Ok(hash));
    }

    #[test]
    fn another_author_shard_or_shape_is_not() {
        let (bytes, _) = found(&ACTOR, &[row(3, "a")]).unwrap();
        assert_eq!(judge_base(&bytes, &[8; 16], 3, 16), Err(Refusal::Actor));
        assert_eq!(judge_base(&bytes, &ACTOR, 4, 16), Err(Refusal::Schema));
        assert_eq!(judge_base(&bytes[1..], &ACTOR, 3, 16), Err(Refusal::Chunk));
        let wrong = BaseRow { fields: vec![("note".to_owned(), Value::Int(1))], ..row(3, "a") };
        let (bytes, _) = found(&ACTOR, &[wrong]).unwrap();
        assert_eq!(judge_base(&bytes, &ACTOR, 3, 16), Err(Refusal::Schema));
        let wrong = BaseRow { numbers: vec![("note".to_owned(), 0.5)], fields: Vec::new(), ..row(3, "a") };
        let (bytes, _) = found(&ACTOR, &[wrong]).unwrap();
        assert_eq!(judge_base(&bytes, &ACTOR, 3, 16), Err(Refusal::Schema));
        let long = BaseRow { fields: vec![("n".repeat(65), Value::Int(1))], ..row(3, "a") };
        let (bytes, _) = found(&ACTOR, &[long]).unwrap();
        assert_eq!(judge_base(&bytes, &ACTOR, 3, 16), Err(Refusal::Schema));
    }
}
