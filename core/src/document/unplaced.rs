//! Changes that have no place in the log yet: own ones, and those that a colleague's file brought.
//!
//! They are in the document from the moment of the tap or of the file, but to the rules they are not there: an entry of the
//! log is judged by the log before it alone, so that every phone judges it alike.

use std::collections::{BTreeMap, HashSet, VecDeque};

use automerge::Change;

use super::change::OpRef;

/// The changes of a shard that have no place in the log, by their actor and in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Unplaced {
    actors: BTreeMap<Vec<u8>, VecDeque<Own>>,
    hashes: HashSet<[u8; 32]>,
}

#[derive(Debug)]
struct Own {
    hash: [u8; 32],
    seq: u64,
    start_op: u64,
}

impl Unplaced {
    /// A change was made. It may be heard of after a later one of its actor: whatever has just got its place stands behind what
    /// still waits for one.
    pub(super) fn add(&mut self, change: &Change) {
        let hash = change.hash().0;
        if self.hashes.insert(hash) {
            let own = Own { hash, seq: change.seq(), start_op: change.start_op().get() };
            let changes = self.actors.entry(change.actor_id().to_bytes().to_vec()).or_default();
            changes.insert(changes.partition_point(|before| before.seq < own.seq), own);
        }
    }

    /// A change has its place. They get it in their order.
    pub(super) fn remove(&mut self, hash: &[u8; 32]) {
        if self.hashes.remove(hash) {
            for changes in self.actors.values_mut() {
                if changes.front().is_some_and(|first| first.hash == *hash) {
                    changes.pop_front();
                    return;
                }
            }
            for changes in self.actors.values_mut() {
                changes.retain(|own| own.hash != *hash);
            }
        }
    }

    /// Is this one of them?
    pub(super) fn has(&self, hash: &[u8; 32]) -> bool {
        self.hashes.contains(hash)
    }

    /// Is this operation in one of them? An actor's counters rise: what comes after the first comes after all it has in
    /// the log.
    pub(super) fn made(&self, op: &OpRef) -> bool {
        self.first_of(&op.actor).is_some_and(|first| op.counter >= first.start_op)
    }

    /// The sequence number that an actor has reached in the log, where it has some of these.
    pub(super) fn reached(&self, actor: &[u8]) -> Option<u64> {
        self.first_of(actor).map(|first| first.seq.saturating_sub(1))
    }

    fn first_of(&self, actor: &[u8]) -> Option<&Own> {
        self.actors.get(actor)?.front()
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{AutoCommit, ROOT};

    use super::*;

    #[test]
    fn a_later_change_that_is_heard_of_first_stands_behind_the_earlier_one() {
        let mut doc = AutoCommit::new();
        for number in 0..2 {
            doc.put(ROOT, "field", number).unwrap();
            doc.commit();
        }
        let changes = doc.get_changes(&[]);
        let actor = doc.get_actor().to_bytes().to_vec();
        let mut unplaced = Unplaced::default();
        changes.iter().rev().for_each(|change| unplaced.add(change));
        assert_eq!(unplaced.reached(&actor), Some(0));
        unplaced.remove(&changes[0].hash().0);
        assert_eq!(unplaced.reached(&actor), Some(1));
    }
}
