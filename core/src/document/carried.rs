//! What some changes did to the rows of a shard, to be carried over into another document.
//!
//! A new epoch's base holds what its founder had; a device that has more takes those changes out of its old document as
//! rows before and after them. The same is done by a device that has to come in anew under another name. What becomes of
//! each row there is decided by the replica.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use automerge::{ChangeHash, ChangeMetadata, ObjId, ReadDoc};
use serde::{Deserialize, Serialize};

use super::change::{Container, Decoded, Target};
use super::columns::Limits;
use super::shard::Shard;
use super::{DocumentError, read};
use crate::ids::RowId;
use crate::tables::{FieldPath, LIVE, RowState, Table, Value};

/// Changes that are in the old document and not in the new one.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// Their hashes.
    pub changes: HashSet<[u8; 32]>,
    /// Those of them that this device made.
    pub own: HashSet<[u8; 32]>,
    /// Changes that are not carried, though the new document need not have them, nor what they follow: whoever made them brings them.
    pub others: HashSet<[u8; 32]>,
}

/// A row that changes outside have touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// The table.
    pub table: Table,
    /// The row.
    pub id: RowId,
    /// The row without those changes; none if they made it.
    pub old: Option<RowState>,
    /// The row with them.
    pub mine: RowState,
    /// This device made at least one of them.
    pub own: bool,
}

impl Carried {
    /// Did this device's edits change nothing in the row, and only say that it stays?
    pub fn only_stays(&self) -> bool {
        self.own && self.mine.live && self.old.as_ref() == Some(&self.mine)
    }

    /// Did the edits change nothing in a row that was removed, and only bring it back?
    pub fn only_brings_back(&self) -> bool {
        let is_same = |old: &RowState| (&old.fields, &old.clashes) == (&self.mine.fields, &self.mine.clashes);
        self.mine.live && self.old.as_ref().is_some_and(|old| !old.live && is_same(old))
    }
}

pub(super) fn carried(shard: &Shard, outside: &Outside) -> Result<Vec<Carried>, DocumentError> {
    let doc = shard.doc();
    let metas = doc.get_changes_meta(&[]);
    let here: Vec<[u8; 32]> = metas.iter().map(|meta| meta.hash.0).filter(|h| outside.changes.contains(h)).collect();
    if here.is_empty() {
        return Ok(Vec::new());
    }
    // What is in the new document is there with all that it follows, so reading at it reads what was there.
    let is_there = |hash: &ChangeHash| !outside.changes.contains(&hash.0) && !outside.others.contains(&hash.0);
    let heads = heads_of(&metas, is_there);
    let seen = heads_of(&metas, |hash| !outside.changes.contains(&hash.0));

    let mut rows: BTreeMap<(Table, RowId), bool> = BTreeMap::new();
    for hash in here {
        let change = doc.get_change_by_hash(&ChangeHash(hash)).ok_or(DocumentError::Damaged)?;
        let Some(change) = Decoded::read(change.raw_bytes(), Limits::NONE)? else { continue };
        for row in shard.rows_of(&change) {
            *rows.entry(row).or_default() |= outside.own.contains(&hash);
        }
    }
    let mut carried = Vec::new();
    for ((table, id), own) in rows {
        let Some(object) = shard.object(Container::Table(table), &id)? else { continue };
        let mine = read::row(doc, table, id, &object)?;
        let old = read::row_at(doc, table, id, &object, &heads)?;
        let old = with_others(shard, outside, (table, id, &object), old, &seen)?;
        carried.push(Carried { table, id, old, mine, own });
    }
    with_what_was_kept(shard, carried, |_, _| Ok(true))
}

/// The ends of these changes' histories.
fn heads_of(metas: &[ChangeMetadata<'_>], is_one: impl Fn(&ChangeHash) -> bool) -> Vec<ChangeHash> {
    let mut followed: BTreeSet<ChangeHash> = BTreeSet::new();
    let mut heads: BTreeSet<ChangeHash> = BTreeSet::new();
    for meta in metas.iter().filter(|meta| is_one(&meta.hash)) {
        heads.insert(meta.hash);
        followed.extend(meta.deps.iter().copied());
    }
    heads.difference(&followed).copied().collect()
}

/// The old state of a row together with what others bring themselves: it is not for this device to carry. `seen` are the heads of all
/// but the changes outside. Reading there may read some of those as well, because others follow them: what they wrote is not taken.
fn with_others(
    shard: &Shard,
    outside: &Outside,
    (table, id, object): (Table, RowId, &ObjId),
    old: Option<RowState>,
    seen: &[ChangeHash],
) -> Result<Option<RowState>, DocumentError> {
    let doc = shard.doc();
    let is_outside = |op: &ObjId| doc.hash_for_opid(op).is_some_and(|hash| outside.changes.contains(&hash.0));
    if outside.others.is_empty() || is_outside(object) {
        return Ok(old);
    }
    let Some(mut row) = read::row_at(doc, table, id, object, seen)? else { return Ok(old) };
    let both = row.fields.iter().chain(old.iter().flat_map(|old| &old.fields));
    let names: BTreeSet<String> = both.map(|(name, _)| name.clone()).chain([LIVE.to_owned()]).collect();
    for name in names {
        let writers = doc.get_all_at(object, name.as_str(), seen)?;
        // Who has cleared a field cannot be told.
        if !writers.is_empty() && !writers.iter().any(|(_, op)| is_outside(op)) {
            continue;
        }
        row.fields.retain(|(field, _)| *field != name);
        row.clashes.retain(|clash| clash.field != name);
        if let Some(old) = &old {
            row.fields.extend(old.fields.iter().find(|(field, _)| *field == name).cloned());
            row.clashes.extend(old.clashes.iter().find(|clash| clash.field == name).cloned());
        }
        if name == LIVE {
            row.live = old.as_ref().is_none_or(|old| old.live);
        }
    }
    Ok(Some(row))
}

/// The same, and beside a row that they remove the answers that were kept aside about it, as far as whoever removed it has seen
/// them.
fn with_what_was_kept(
    shard: &Shard,
    mut carried: Vec<Carried>,
    seen: impl Fn(&(Table, RowId), &RowId) -> Result<bool, DocumentError>,
) -> Result<Vec<Carried>, DocumentError> {
    let removed: BTreeSet<(Table, RowId)> =
        carried.iter().filter(|row| !row.mine.live).map(|row| (row.table, row.id)).collect();
    if removed.is_empty() {
        return Ok(carried);
    }
    let there: BTreeSet<RowId> = carried.iter().filter(|row| row.table == Table::Conflicts).map(|row| row.id).collect();
    for kept in shard.rows_in(Table::Conflicts)? {
        let path = kept.fields.iter().find(|(name, _)| name == "path").map(|(_, value)| value.to_string());
        let Some(path) = path.and_then(|path| path.parse::<FieldPath>().ok()) else { continue };
        let about = (path.table, path.id);
        if kept.live && removed.contains(&about) && !there.contains(&kept.id) && seen(&about, &kept.id)? {
            carried.push(Carried {
                table: Table::Conflicts,
                id: kept.id,
                old: Some(kept.clone()),
                mine: kept,
                own: false,
            });
        }
    }
    Ok(carried)
}

/// The rows that own changes wrote, in the order of the changes: as they were when the first of them was written, and as
/// the changes say that they are. What others wrote meanwhile is in neither.
pub(super) fn own_writes(shard: &Shard, changes: &[&[u8]]) -> Result<Vec<Carried>, DocumentError> {
    let mut rows: BTreeMap<(Table, RowId), Carried> = BTreeMap::new();
    let mut removed: BTreeMap<(Table, RowId), Vec<ChangeHash>> = BTreeMap::new();
    for bytes in changes {
        let Some(change) = Decoded::read(bytes, Limits::NONE)? else { continue };
        let heads: Vec<ChangeHash> = change.deps.iter().map(|hash| ChangeHash(*hash)).collect();
        for op in &change.ops {
            let Some((table, id, field, value)) = shard.said(op) else { continue };
            let row = match rows.entry((table, id)) {
                Entry::Occupied(row) => row.into_mut(),
                Entry::Vacant(place) => {
                    let Target::Object(object) = &op.target else { continue };
                    let old = read::row_at(shard.doc(), table, id, &shard.object_id(object), &heads)?;
                    let mine = old.clone().unwrap_or_else(|| RowState::empty(table, id));
                    place.insert(Carried { table, id, old, mine, own: true })
                }
            };
            say(&mut row.mine, field, value);
            if !row.mine.live {
                removed.insert((table, id), heads.clone());
            }
        }
    }
    with_what_was_kept(shard, rows.into_values().collect(), |about, kept| {
        let (Some(heads), Some(object)) = (removed.get(about), shard.object(Container::Table(Table::Conflicts), kept)?)
        else {
            return Ok(false);
        };
        Ok(read::row_at(shard.doc(), Table::Conflicts, *kept, &object, heads)?.is_some_and(|kept| kept.live))
    })
}

/// Writes a field of a row, as an edit does that has seen what it said before.
fn say(row: &mut RowState, field: String, value: Option<Value>) {
    if field == LIVE {
        row.live = value != Some(Value::Int(0));
        return;
    }
    row.clashes.retain(|clash| clash.field != field);
    row.fields.retain(|(name, _)| *name != field);
    row.fields.extend(value.map(|value| (field, value)));
}
