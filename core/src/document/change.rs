//! One change of somebody else, taken apart for the rules.
//!
//! It stands on the road back, between an opened envelope and [`crate::validate`]. What [`columns`](super::columns) has
//! counted is read here operation by operation, in terms of tables, rows and fields; the document is not asked.

use automerge::legacy::{Key, ObjectId, OpType};
use automerge::{Change, ObjType, ScalarValue};
use sha2::{Digest, Sha256};

use super::DocumentError;
use super::columns::Limits;
use crate::tables::{Table, Value};

/// Names an operation: its counter and its author. An object is named by the operation that made it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpRef {
    /// The operation's counter.
    pub counter: u64,
    /// The author of the change it is in.
    pub actor: Vec<u8>,
}

/// A map of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Container {
    /// A table that this version reads.
    Table(Table),
    /// One that only a newer version does, by its place in [`super::base::TABLES`].
    Later(usize),
}

/// Where an operation writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// At the top, where only a base writes.
    Root,
    /// In a table, or in a row.
    Object(OpRef),
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Makes a map: a row.
    MakeMap,
    /// Writes a value of a kind that the document may hold; none is a kind of a newer version.
    Put(Option<Value>),
    /// Empties a field.
    Delete,
    /// Anything else that automerge knows and a register does not hold: lists, text, counters, marks, tables.
    Foreign,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedOp {
    /// Where it writes.
    pub target: Target,
    /// The key there; none for a place in a list.
    pub key: Option<String>,
    /// What it does.
    pub action: Action,
    /// Which operations it replaces.
    pub replaces: Vec<OpRef>,
}

impl DecodedOp {
    /// Does it write this key of this object?
    pub(super) fn writes(&self, object: &OpRef, key: &str) -> bool {
        self.target == Target::Object(object.clone()) && self.key.as_deref() == Some(key)
    }
}

/// A change taken apart, and itself.
#[derive(Clone)]
pub struct Decoded {
    /// Its hash.
    pub hash: [u8; 32],
    /// Its author.
    pub actor: Vec<u8>,
    /// Its place among its author's changes, from 1.
    pub seq: u64,
    /// The counter of its first operation.
    pub start_op: u64,
    /// How many operations it has.
    pub len: usize,
    /// The changes it depends on.
    pub deps: Vec<[u8; 32]>,
    /// The other authors whose operations it names.
    pub others: Vec<Vec<u8>>,
    /// Does it carry a message, or bytes that automerge does not read?
    pub has_extras: bool,
    /// When it was made, in unix milliseconds by its author's clock.
    pub millis: i64,
    /// Its operations.
    pub ops: Vec<DecodedOp>,
    pub(super) change: Change,
}

impl std::fmt::Debug for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoded").field("seq", &self.seq).field("len", &self.len).finish_non_exhaustive()
    }
}

/// The byte of a chunk that says what it is, and the value for a change that is not compressed.
pub(super) const CHUNK_TYPE: usize = 8;
const RAW_CHANGE: u8 = 1;

/// The hash of the change in a plain chunk, by its bytes alone: nothing of what the rules may refuse is taken apart. None where
/// it is no plain chunk.
pub(crate) fn hash_of_plain(chunk: &[u8]) -> Option<[u8; 32]> {
    let hashed = chunk.get(CHUNK_TYPE..).filter(|hashed| hashed.first() == Some(&RAW_CHANGE))?;
    Some(Sha256::digest(hashed).into())
}

impl Decoded {
    /// Reads one change chunk. Compressed chunks are refused before anything is inflated; more than the limits allow is
    /// refused before it is taken apart.
    pub fn read(bytes: &[u8], limits: Limits) -> Result<Option<Self>, DocumentError> {
        if bytes.get(CHUNK_TYPE) != Some(&RAW_CHANGE) || !limits.hold_for(bytes) {
            return Ok(None);
        }
        let read = std::panic::catch_unwind(|| Self::take_apart(bytes, limits != Limits::NONE));
        read.unwrap_or(Err(DocumentError::Panicked))
    }

    fn take_apart(bytes: &[u8], from_outside: bool) -> Result<Option<Self>, DocumentError> {
        let change = Change::try_from(bytes).map_err(DocumentError::Change)?;
        let expanded = change.decode();
        // The document keeps operations and writes them anew when it is loaded: a change that it would write otherwise has
        // another hash there, and what goes on from it would wait for ever.
        if from_outside && Change::from(expanded.clone()).raw_bytes() != bytes {
            return Ok(None);
        }
        Ok(Some(Self {
            hash: change.hash().0,
            actor: change.actor_id().to_bytes().to_vec(),
            seq: change.seq(),
            start_op: change.start_op().get(),
            len: change.len(),
            deps: change.deps().iter().map(|hash| hash.0).collect(),
            others: change.other_actor_ids().iter().map(|actor| actor.to_bytes().to_vec()).collect(),
            has_extras: change.message().is_some_and(|text| !text.is_empty()) || !change.extra_bytes().is_empty(),
            millis: change.timestamp(),
            ops: expanded.operations.into_iter().map(DecodedOp::from).collect(),
            change,
        }))
    }

    /// One of its operations by its name.
    pub fn op(&self, name: &OpRef) -> Option<&DecodedOp> {
        let index = name.counter.checked_sub(self.start_op).filter(|_| name.actor == self.actor)?;
        self.ops.get(usize::try_from(index).ok()?)
    }

    /// The name of its operation at this index.
    pub fn op_ref(&self, index: usize) -> OpRef {
        OpRef { counter: self.start_op.saturating_add(index as u64), actor: self.actor.clone() }
    }

    /// The counter of its last operation.
    pub fn max_op(&self) -> u64 {
        self.start_op.saturating_add(self.len as u64).saturating_sub(1)
    }
}

impl From<automerge::legacy::OpId> for OpRef {
    fn from(id: automerge::legacy::OpId) -> Self {
        Self { counter: id.counter(), actor: id.actor().to_bytes().to_vec() }
    }
}

impl From<automerge::legacy::Op> for DecodedOp {
    fn from(op: automerge::legacy::Op) -> Self {
        let key = match op.key {
            Key::Map(key) if !op.insert => Some(key.to_string()),
            Key::Map(_) | Key::Seq(_) => None,
        };
        let action = match op.action {
            OpType::Make(ObjType::Map) => Action::MakeMap,
            OpType::Put(ScalarValue::Str(text)) => Action::Put(Some(Value::Text(text.to_string()))),
            OpType::Put(ScalarValue::Int(number)) => Action::Put(Some(Value::Int(number))),
            OpType::Put(ScalarValue::Boolean(yes)) => Action::Put(Some(Value::Bool(yes))),
            OpType::Put(ScalarValue::F64(_)) => Action::Put(None),
            OpType::Delete => Action::Delete,
            OpType::Make(_) | OpType::Put(_) | OpType::Increment(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => {
                Action::Foreign
            }
        };
        let target = match op.obj {
            ObjectId::Root => Target::Root,
            ObjectId::Id(id) => Target::Object(id.into()),
        };
        Self { target, key, action, replaces: op.pred.iter().cloned().map(OpRef::from).collect() }
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{ActorId, AutoCommit, ROOT};

    use super::*;

    /// The column of what operations do.
    const ACTION: u8 = (4 << 4) | 2;

    /// An honest change of five operations, and the same with the one run of what they do written as two.
    fn in_two_encodings() -> [Vec<u8>; 2] {
        let mut document = AutoCommit::new().with_actor(ActorId::from([7; 20].as_slice()));
        for key in ["a", "b", "c", "d", "e"] {
            document.put(ROOT, key, 1).unwrap();
        }
        let honest = document.get_last_local_change().unwrap().raw_bytes().to_vec();
        // Every length in so small a change is one byte.
        let (head, mut content) = (CHUNK_TYPE + 2, honest[CHUNK_TYPE + 2..].to_vec());
        assert_eq!((usize::from(honest[head - 1]), content[0]), (content.len(), 0));
        let author = 2 + usize::from(content[1]);
        // Sequence, first counter, time, message, other authors.
        let mut at = author + 2;
        at += content[at..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        assert_eq!(content[at..at + 2], [0, 0]);
        at += 2;
        let columns = usize::from(content[at]);
        let mut data = at + 1 + 2 * columns;
        for column in 0..columns {
            let listed = at + 1 + 2 * column;
            let len = usize::from(content[listed + 1]);
            if content[listed] == ACTION {
                assert_eq!(content[data..data + len], [5, 1]);
                content[listed + 1] = 4;
                content.splice(data..data + len, [2, 1, 3, 1]);
                break;
            }
            data += len;
        }
        let hashed = [&[RAW_CHANGE, u8::try_from(content.len()).unwrap()], &content[..]].concat();
        let checksum = Sha256::digest(&hashed);
        [honest.clone(), [&honest[..4], &checksum[..4], &hashed].concat()]
    }

    #[test]
    fn a_change_that_the_document_would_write_otherwise_is_refused() {
        let limits = Limits { ops: 10, replaced: 10 };
        let [honest, other] = in_two_encodings();
        assert!(Decoded::read(&honest, limits).unwrap().is_some());
        assert_eq!(Change::try_from(&other[..]).unwrap().len(), 5, "automerge takes it");
        assert!(Decoded::read(&other, limits).unwrap().is_none());
    }
}
