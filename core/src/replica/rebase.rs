//! Carrying edits over into another document: a new epoch's, or the one that a device meets when it comes in anew.
//!
//! Three sides meet at every row: as it was without the edits (*old*), with them (*mine*), and in the other document
//! (*base*). What follows from them is a pure function, so a crash in between costs nothing:
//!
//! | | becomes |
//! |---|---|
//! | base shows what mine does | nothing |
//! | mine shows what old did | base stays, also where mine had been something else in between; own edits say again that the row stays |
//! | base is as old | mine is written |
//! | all three differ | base stays, mine is kept beside it for somebody to choose |
//! | the row is new | it is made, unless what it belongs to is gone |
//! | the row was there and is gone from base | the edit is dropped, and its author is told |
//! | mine removes the row | it is removed if base is as old and has and keeps nothing unseen about it, else somebody chooses |
//!
//! So nobody who was erased comes back by an edit of a row that was there, and no colleague's newer value is overwritten. No list of
//! erased ids is needed for it; only the device that asked for an erasure keeps one ([`erased`](super::erased)), for rows that are
//! new to whoever carries them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use samla_wire::planted::{Fault, is_planted};
use serde::{Deserialize, Serialize};

use super::stays::{about, links};
use crate::context::{Context, Moment};
use crate::document::{Carried, Document, ShardChange, Step, Write};
use crate::error::BookError;
use crate::ids::{DeviceId, RowId};
use crate::register::prevail::is_stronger;
use crate::tables::{
    Answer, Clash, FieldPath, KeptAnswer, LIVE, Row, RowState, Scalar, Table, TableRow, Value, value_from_json,
    value_to_json,
};

/// An edit of this device that was not carried over, because what it was about is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dropped {
    pub(crate) table: Table,
    pub(crate) id: RowId,
    /// The fields that the edit wrote.
    pub(crate) fields: Vec<(String, Option<Value>)>,
}

impl Dropped {
    /// The edit as one that has not seen what its row says now.
    pub(super) fn as_carried(&self, me: DeviceId, now: Moment) -> Carried {
        let mut mine = RowState { live: true, ..RowState::empty(self.table, self.id) };
        for (field, value) in &self.fields {
            let answer = |value: Option<Value>| Answer { value, device: me, at: now };
            let shown = value_of(&mine, field);
            let before = mine.clashes.iter_mut().find(|clash| clash.field == *field);
            match (before, shown) {
                (Some(clash), _) => clash.answers.push(answer(value.clone())),
                (None, Some(shown)) => {
                    let answers = vec![answer(Some(shown)), answer(value.clone())];
                    mine.clashes.push(Clash { field: field.clone(), answers });
                }
                (None, None) => mine.fields.extend(value.clone().map(|value| (field.clone(), value))),
            }
        }
        Carried { table: self.table, id: self.id, old: None, mine, own: true }
    }
}

/// What becomes of carried rows.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What is to be written, each list as one change.
    pub(crate) writes: Vec<Vec<Write>>,
    /// What was dropped of this device's own.
    pub(crate) dropped: Vec<Dropped>,
}

impl Outcome {
    /// Writes it into the document that it was settled against; the changes are to be kept. On an error the document may hold
    /// some of it.
    pub(crate) fn write(&self, document: &mut Document, now: &Moment) -> Result<Vec<ShardChange>, BookError> {
        let writes: Vec<&[Write]> = self.writes.iter().map(Vec::as_slice).collect();
        Ok(document.write_each(&writes, now)?)
    }
}

/// How far the edits are carried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// A person was erased on the way: a row that was removed before stays so, whoever brought it back meanwhile.
    pub(crate) erased: bool,
    /// This device: nobody else's own row is written.
    pub(crate) me: DeviceId,
}

/// Settles every carried row against the other document, whose shards must be loaded.
pub(crate) fn rebase(
    ctx: &mut Context<'_>,
    base: &mut Document,
    carried: &[Carried],
    rules: Rules,
) -> Result<Outcome, BookError> {
    let kept = carried.iter().filter(|row| row.table == Table::Conflicts);
    let removed = carried.iter().filter(|row| !row.mine.live && row.table != Table::Conflicts);
    let removed: BTreeSet<(Table, RowId)> = removed.map(|row| (row.table, row.id)).collect();
    let about = about(base, &removed)?;
    let mut known: BTreeMap<(Table, RowId), Vec<&Carried>> = BTreeMap::new();
    carried.iter().for_each(|row| known.entry((row.table, row.id)).or_default().push(row));
    let there = There {
        document: base,
        about,
        known,
        kept: BTreeMap::new(),
        chosen: kept.clone().filter(|row| !row.mine.live).map(|row| row.id).collect(),
        seen: kept.map(|row| row.id).collect(),
    };
    let mut rebase = Rebase { there, rules, outcome: Outcome::default() };
    let gone = rebase.without_owner(carried)?;
    for row in carried {
        if row.table == Table::Devices && row.id != rules.me.row() {
            continue;
        }
        let base = rebase.there.row(row.table, row.id)?;
        match (was_there(row, rules), row.mine.live, base) {
            (false, true, None) if gone.contains(&(row.table, row.id)) => rebase.drop_edit(row),
            (false, true, None) => rebase.make(ctx, row)?,
            (false, true, Some(base)) => rebase.fields(ctx, row, &base)?,
            (false, false, _) | (true, false, None) => {}
            (true, true, None) => rebase.drop_edit(row),
            (true, false, Some(base)) => rebase.remove(ctx, row, &base)?,
            (true, true, Some(base)) => rebase.fields(ctx, row, &base)?,
        }
    }
    Ok(rebase.outcome)
}

/// Was the row there without the edits, as far as bringing it back goes?
fn was_there(row: &Carried, rules: Rules) -> bool {
    row.old.as_ref().is_some_and(|old| old.live || rules.erased)
}

struct Rebase<'a> {
    there: There<'a>,
    rules: Rules,
    outcome: Outcome,
}

/// The document to write to.
struct There<'a> {
    document: &'a mut Document,
    /// What it has about the rows that the carried edits remove.
    about: BTreeMap<(Table, RowId), Vec<RowState>>,
    /// The carried rows: what whoever made the edits has seen, as far as it has to do with them.
    known: BTreeMap<(Table, RowId), Vec<&'a Carried>>,
    /// The answers that it keeps aside, with what says whose the shown ones are, by shard once asked.
    kept: BTreeMap<u16, Vec<(FieldPath, KeptAnswer)>>,
    /// Those of them that the carried edits remove, because somebody has chosen: they tell nothing any more.
    chosen: BTreeSet<RowId>,
    /// Those of them that whoever made the carried edits has seen.
    seen: BTreeSet<RowId>,
}

impl There<'_> {
    fn row(&mut self, table: Table, id: RowId) -> Result<Option<RowState>, BookError> {
        Ok(self.document.row(table, &id)?.filter(|row| row.live))
    }

    fn kept_about(&mut self, path: &FieldPath) -> Result<Vec<KeptAnswer>, BookError> {
        let kept = near(self.document, &mut self.kept, &self.chosen, &path.id)?;
        Ok(kept.iter().filter(|(of, _)| of == path).map(|(_, answer)| answer.clone()).collect())
    }

    /// Is something there about this row that whoever removed it has not seen, or has not seen as it is?
    fn has_unseen_about(&self, row: &Carried) -> bool {
        let mut about = self.about.get(&(row.table, row.id)).into_iter().flatten();
        about.any(|about| {
            let known = self.known.get(&(about.table, about.id)).into_iter().flatten();
            let mut known = known.flat_map(|known| known.old.iter().chain([&known.mine]));
            !known.any(|known| is_as_known(known, about))
        })
    }

    /// Is an answer kept about this row that whoever carries it as `old` has not seen?
    fn keeps_unseen(&mut self, old: &RowState) -> Result<bool, BookError> {
        let kept = near(self.document, &mut self.kept, &self.chosen, &old.id)?;
        let mut about = kept.iter().filter(|(of, _)| (of.table, of.id) == (old.table, old.id) && of.field != LIVE);
        let is_told = |field: &str, kept: &KeptAnswer| answers(old, field).contains(&kept_value(kept));
        Ok(about.any(|(of, kept)| !kept.is_signature() && !self.seen.contains(&kept.id()) && !is_told(&of.field, kept)))
    }
}

/// All that is kept in the shard of this row, but for what somebody has chosen in its place; read once.
fn near<'a>(
    document: &mut Document,
    kept: &'a mut BTreeMap<u16, Vec<(FieldPath, KeptAnswer)>>,
    chosen: &BTreeSet<RowId>,
    id: &RowId,
) -> Result<&'a [(FieldPath, KeptAnswer)], BookError> {
    let shard = document.shard_of(id);
    let read = match kept.entry(shard) {
        Entry::Occupied(read) => return Ok(read.into_mut()),
        Entry::Vacant(unread) => unread,
    };
    let mut found = Vec::new();
    for state in document.rows(shard)?.into_iter().filter(|state| state.live && !chosen.contains(&state.id)) {
        if let Row::Conflicts(answer) = Row::hydrate(state)
            && let Some(path) = answer.path.as_deref().and_then(|path| path.parse().ok())
        {
            found.push((path, answer));
        }
    }
    Ok(read.insert(found))
}

impl Rebase<'_> {
    /// New rows whose owner is gone from the other document and is not made anew: a talk with somebody who was erased, a
    /// topic raised in that talk.
    fn without_owner(&mut self, carried: &[Carried]) -> Result<BTreeSet<(Table, RowId)>, BookError> {
        let rules = self.rules;
        let made = carried.iter().filter(|row| !was_there(row, rules) && row.mine.live);
        let mut made: BTreeMap<(Table, RowId), &Carried> = made.map(|row| ((row.table, row.id), row)).collect();
        let mut gone = BTreeSet::new();
        loop {
            let mut found = Vec::new();
            for (key, row) in &made {
                for owner in owners(&row.mine) {
                    if !made.contains_key(&owner) && self.there.row(owner.0, owner.1)?.is_none() {
                        found.push(*key);
                        break;
                    }
                }
            }
            if found.is_empty() {
                return Ok(gone);
            }
            for key in found {
                made.remove(&key);
                gone.insert(key);
            }
        }
    }

    fn drop_edit(&mut self, row: &Carried) {
        let fields = changed_fields(row);
        if row.own && !fields.is_empty() {
            self.outcome.dropped.push(Dropped { table: row.table, id: row.id, fields });
        }
    }

    fn make(&mut self, ctx: &mut Context<'_>, row: &Carried) -> Result<(), BookError> {
        // What was removed there comes back as it is there.
        if row.only_brings_back() && self.there.document.row(row.table, &row.id)?.is_some() {
            self.outcome.writes.push(vec![stays(row.table, row.id)]);
            return Ok(());
        }
        let fields = row.mine.fields.iter().map(|(field, value)| (field.clone(), Some(value.clone())));
        let mut writes = vec![put(row, fields.collect())];
        writes.extend(self.owner_stays(row)?);
        for clash in &row.mine.clashes {
            let shown = clash.answers.first().and_then(|answer| answer.value.clone());
            for answer in clash.answers.iter().skip(1) {
                if clash.field != LIVE {
                    writes.push(keep_aside(ctx, row, &clash.field, answer.value.clone(), &shown));
                }
            }
        }
        self.outcome.writes.push(writes);
        Ok(())
    }

    /// What is kept beside a row is an edit of the row: whoever removes the row without having seen it does not remove it. This says
    /// so of the row that a kept answer is about.
    fn owner_stays(&mut self, row: &Carried) -> Result<Option<Write>, BookError> {
        let Row::Conflicts(answer) = Row::hydrate(row.mine.clone()) else { return Ok(None) };
        let path: Option<FieldPath> = answer.path.as_deref().and_then(|path| path.parse().ok());
        let Some(path) = path.filter(|path| path.field != LIVE) else { return Ok(None) };
        Ok(self.there.row(path.table, path.id)?.map(|owner| stays(owner.table, owner.id)))
    }

    fn remove(&mut self, ctx: &mut Context<'_>, row: &Carried, base: &RowState) -> Result<(), BookError> {
        let unchanged = match &row.old {
            Some(old) => {
                let is_as_old = same_fields(old, base) && has_seen_all(old, base);
                is_as_old && !self.there.keeps_unseen(old)? && !self.there.has_unseen_about(row)
            }
            None => false,
        };
        let write = match unchanged {
            true => Write { table: row.table, id: row.id, step: Step::Remove },
            false => keep_aside(ctx, row, LIVE, Some(Value::Bool(false)), &Some(Value::Bool(true))),
        };
        self.outcome.writes.push(vec![write]);
        Ok(())
    }

    fn fields(&mut self, ctx: &mut Context<'_>, row: &Carried, base: &RowState) -> Result<(), BookError> {
        let names = [row.old.as_ref(), Some(&row.mine), Some(base)].into_iter().flatten();
        let names: BTreeSet<&str> =
            names.flat_map(|state| state.fields.iter().map(|(name, _)| name.as_str())).collect();
        let (mut puts, mut writes) = (Vec::new(), Vec::new());
        for field in names {
            self.field(ctx, row, base, field, &mut puts, &mut writes)?;
        }
        if writes.is_empty() && puts.is_empty() && !row.only_stays() {
            return Ok(());
        }
        writes.insert(0, if puts.is_empty() { stays(row.table, row.id) } else { put(row, puts) });
        self.outcome.writes.push(writes);
        Ok(())
    }

    fn field(
        &mut self,
        ctx: &mut Context<'_>,
        row: &Carried,
        base: &RowState,
        field: &str,
        puts: &mut Vec<(String, Option<Value>)>,
        writes: &mut Vec<Write>,
    ) -> Result<(), BookError> {
        let old = row.old.as_ref().map_or_else(|| vec![None], |old| answers(old, field));
        let mine = answers(&row.mine, field);
        let shown = mine.first().cloned().flatten();
        let there = value_of(base, field);
        let fresh: Vec<&Option<Value>> = mine.iter().filter(|value| !old.contains(value)).collect();
        let settled = fresh.is_empty() && mine.len() < old.len();
        if fresh.is_empty() && !settled {
            return Ok(());
        }
        let path = FieldPath { table: row.table, id: row.id, field: field.to_owned() };
        let kept = self.there.kept_about(&path)?;
        let aside: Vec<Option<Value>> = kept.iter().filter(|kept| !kept.is_signature()).map(kept_value).collect();
        let waiting = answers(base, field);
        let told = |value: &Option<Value>| waiting.contains(value) || aside.contains(value);
        let as_old = waiting.iter().chain(&aside).all(|value| old.contains(value));
        let as_old = as_old || is_planted(Fault::CarriedOnTop);
        if settled {
            if as_old {
                put_if_other(puts, field, &shown, &waiting);
                writes.extend(kept.iter().map(removal));
            } else if !told(&shown) {
                // What was chosen here, another has written over meanwhile: somebody chooses once more.
                writes.push(keep_aside(ctx, row, field, shown, &there));
            }
            return Ok(());
        }
        let untold: Vec<Option<Value>> = fresh.into_iter().filter(|value| !told(value)).cloned().collect();
        if untold.is_empty() {
            return Ok(());
        }
        if as_old && (untold.contains(&shown) || mine.len() == 1) {
            put_if_other(puts, field, &shown, &waiting);
            // Who wrote the one value had seen what was kept aside.
            if mine.len() == 1 {
                writes.extend(kept.iter().map(removal));
            }
            let beside = mine.iter().skip(1).filter(|value| !aside.contains(value));
            writes.extend(beside.map(|value| keep_aside(ctx, row, field, value.clone(), &shown)));
            return Ok(());
        }
        let mut holds = there;
        // To write a field ends the choice that waits there: its other answers are kept aside before.
        let mut others = waiting.into_iter().skip(1);
        for value in untold {
            if is_stronger(row.table, field, &value, &holds) {
                writes.push(keep_aside(ctx, row, field, holds.clone(), &value));
                writes.extend(others.by_ref().map(|other| keep_aside(ctx, row, field, other, &value)));
                puts.retain(|(name, _)| name != field);
                puts.push((field.to_owned(), value.clone()));
                holds = value;
            } else {
                writes.push(keep_aside(ctx, row, field, value, &holds));
            }
        }
        Ok(())
    }
}

/// The rows that this one cannot be without: the one it belongs to, and every contact that it is about.
pub(crate) fn owners(row: &RowState) -> Vec<(Table, RowId)> {
    let links = links(row.table, |field| value_of(row, field)).into_iter();
    let links = links.filter(|(target, _, is_parent)| *is_parent || *target == Table::Contacts);
    let mut owners: Vec<(Table, RowId)> = links.map(|(target, id, _)| (target, id)).collect();
    if row.table == Table::Conflicts
        && let Some(Value::Text(path)) = value_of(row, "path")
        && let Ok(path) = path.parse::<FieldPath>()
    {
        owners.push((path.table, path.id));
    }
    owners
}

/// All values of a field that wait for a choice, the one that is shown first; one value where nothing waits.
fn answers(row: &RowState, field: &str) -> Vec<Option<Value>> {
    match row.clashes.iter().find(|clash| clash.field == field) {
        Some(clash) => clash.answers.iter().map(|answer| answer.value.clone()).collect(),
        None => vec![value_of(row, field)],
    }
}

pub(crate) fn value_of(row: &RowState, field: &str) -> Option<Value> {
    row.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone())
}

/// Does no field of the base wait for a choice with an answer that was not there before?
fn has_seen_all(old: &RowState, base: &RowState) -> bool {
    let waiting = base.clashes.iter().filter(|clash| clash.field != LIVE);
    let mut waiting = waiting.flat_map(|clash| clash.answers.iter().map(move |answer| (&clash.field, &answer.value)));
    waiting.all(|(field, value)| answers(old, field).contains(value))
}

/// Does each field of the base show an answer that was there before, and none wait that was not?
fn is_as_known(known: &RowState, base: &RowState) -> bool {
    let mut names = known.fields.iter().chain(&base.fields).map(|(name, _)| name);
    names.all(|name| answers(known, name).contains(&value_of(base, name))) && has_seen_all(known, base)
}

fn same_fields(one: &RowState, other: &RowState) -> bool {
    one.fields.len() == other.fields.len()
        && one.fields.iter().all(|(name, value)| value_of(other, name).as_ref() == Some(value))
}

/// What the edits wrote, answers that wait beside others included.
fn changed_fields(row: &Carried) -> Vec<(String, Option<Value>)> {
    let states = [row.old.as_ref(), Some(&row.mine)].into_iter().flatten();
    let names: BTreeSet<&str> = states.flat_map(|state| state.fields.iter().map(|(name, _)| name.as_str())).collect();
    let old = |field: &str| row.old.as_ref().map_or_else(|| vec![None], |old| answers(old, field));
    let changed = names.into_iter().flat_map(|field| {
        let old = old(field);
        let mine = answers(&row.mine, field).into_iter().filter(move |value| !old.contains(value));
        mine.map(|value| (field.to_owned(), value))
    });
    changed.collect()
}

fn put(row: &Carried, fields: Vec<(String, Option<Value>)>) -> Write {
    Write { table: row.table, id: row.id, step: Step::Put(fields) }
}

fn put_if_other(puts: &mut Vec<(String, Option<Value>)>, field: &str, value: &Option<Value>, there: &[Option<Value>]) {
    if there != std::slice::from_ref(value) {
        puts.push((field.to_owned(), value.clone()));
    }
}

/// An edit of a row that changes nothing in it.
fn stays(table: Table, id: RowId) -> Write {
    Write { table, id, step: Step::Settle(None) }
}

fn removal(kept: &KeptAnswer) -> Write {
    Write { table: Table::Conflicts, id: kept.id(), step: Step::Remove }
}

fn kept_value(kept: &KeptAnswer) -> Option<Value> {
    kept.mine.as_deref().and_then(value_from_json)
}

/// Keeps an answer of this device's document beside what the field shows.
fn keep_aside(ctx: &mut Context<'_>, row: &Carried, field: &str, kept: Option<Value>, shown: &Option<Value>) -> Write {
    let clash = row.mine.clashes.iter().find(|clash| clash.field == field);
    let signed = clash.and_then(|clash| clash.answers.iter().find(|answer| answer.value == kept));
    let signed = signed.map(|answer| (answer.device, answer.at));
    let path = FieldPath { table: row.table, id: row.id, field: field.to_owned() };
    let fields = kept_fields(&path, &kept, shown, signed);
    let fields = fields.into_iter().map(|(name, value)| (name, Some(value))).collect();
    Write { table: Table::Conflicts, id: row.id.child_of(ctx), step: Step::Put(fields) }
}

/// The fields of a row that keeps an answer aside.
pub(crate) fn kept_fields(
    path: &FieldPath,
    kept: &Option<Value>,
    shown: &Option<Value>,
    signed: Option<(DeviceId, Moment)>,
) -> Vec<(String, Value)> {
    let mut fields = vec![("path".to_owned(), Value::Text(path.to_string()))];
    fields.extend(kept.as_ref().map(|value| ("mine".to_owned(), Value::Text(value_to_json(value)))));
    fields.extend(shown.as_ref().map(|value| ("base".to_owned(), Value::Text(value_to_json(value)))));
    if let Some((device, at)) = signed {
        fields.push(("device".to_owned(), device.to_value()));
        fields.push(("at".to_owned(), at.to_value()));
    }
    fields
}
