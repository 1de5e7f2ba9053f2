//! Taking in a list: in steps that can stop, go on after a crash, and be taken back.
//!
//! ```text
//! List::read ─► list_columns ─► dry_run ─► start_import ─► ImportRun::step … ─► ImportUndo::step …
//!  bytes        what they mean   reasons     the plan,       the rows, many in    as if it had not
//!                                            sealed          one change           been, where it can
//! ```
//! The plan is kept in the device's own file, never sent, and forgotten with the undo, thirty days after, or as soon as
//! somebody is erased: it holds what the list said of people. Whoever is forgotten, here or by a colleague, is taken out of it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Book;
use crate::context::{Context, Date, Moment};
use crate::document::{Document, Step, Write};
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::lists::dry_run::{MEMBER_SINCE, Said, folded};
use crate::lists::plan::{Left, Planned, PlannedEvent, filled, plan};
use crate::lists::{Column, ColumnView, DryRun, DryRunSteps, ImportChoices, List, ListTerms, PlaceName, columns};
use crate::register::Register;
use crate::replica::OF_IMPORTS;
use crate::store::{StoreError, Tx};
use crate::tables::{Contact, Draft, Import, ImportDraft, ImportSource, MembershipEvent, Table, Value, Workplace};

/// Writes in one change of a list, at most.
const WRITES_IN_CHANGE: usize = 64;
/// Bytes of text in one change of a list, at most, where it has more than one row.
const TEXT_IN_CHANGE: usize = 16 * 1024;

/// How far an import has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportProgress {
    /// Rows of the register that were looked at.
    pub done: usize,
    /// All that the import writes.
    pub total: usize,
    /// Contacts that were added in this run.
    pub added: usize,
    /// Contacts that were changed in this run.
    pub changed: usize,
    /// Contacts left alone because somebody has changed them since the dry run.
    pub passed_over: usize,
    /// Nothing is left to do.
    pub finished: bool,
}

/// An import on its way.
pub struct ImportRun {
    import: Id<Import>,
    writes: Vec<Planned>,
    progress: ImportProgress,
}

/// How far taking back an import has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct UndoProgress {
    /// Rows of the register that were looked at.
    pub done: usize,
    /// All that the import wrote.
    pub total: usize,
    /// Contacts that the import had added and that are removed.
    pub removed: usize,
    /// Fields that have their old values back.
    pub restored: usize,
    /// What was left as it is.
    pub left: Vec<LeftView>,
    /// Nothing is left to do.
    pub finished: bool,
}

/// Something that taking back an import leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LeftView {
    /// The contact.
    pub contact: Id<Contact>,
    /// Name.
    pub name: String,
    /// The field; none where the whole contact stays.
    pub field: Option<String>,
    /// Why.
    pub reason: LeftReason,
}

/// Why taking back an import leaves something as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LeftReason {
    /// Somebody has changed it since.
    ChangedSince,
    /// Somebody has written about the contact since: a talk, a follow-up.
    UsedSince,
}

/// An import being taken back.
pub struct ImportUndo {
    import: Id<Import>,
    /// Each with its place in the list, in the order of an [`ImportRun`].
    writes: Vec<(usize, Planned)>,
    /// The places of what stays.
    left_at: Vec<usize>,
    progress: UndoProgress,
}

/// A list that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportView {
    /// The import.
    pub id: Id<Import>,
    /// Whose list it was.
    pub source: Option<ImportSource>,
    /// How many rows it had.
    pub rows: Option<i64>,
    /// When it was taken in.
    pub at: Option<Moment>,
    /// Who took it in.
    pub by_name: Option<String>,
    /// When the comparison with the other lists was signed off.
    pub signed_off: Option<Moment>,
    /// It was taken back.
    pub undone: bool,
    /// It was begun on this device and is not at its end.
    pub unfinished: bool,
    /// This device can take it back.
    pub can_undo: bool,
}

/// Without their rows: they are about people.
macro_rules! silent_debug {
    ($($run:ident)+) => { $(
        impl std::fmt::Debug for $run {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($run)).field("import", &self.import).finish_non_exhaustive()
            }
        }
    )+ };
}
silent_debug!(ImportRun ImportUndo);

/// So long a device can take an import back.
const KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// So many layouts of lists are remembered.
const LAYOUTS: usize = 20;
/// So many names of workplaces are remembered.
const PLACES: usize = 500;
const RUNS: &str = "import runs";
const LAYOUTS_NAME: &str = "list layouts";
const PLACES_NAME: &str = "list places";

/// The hash of a list's headers, and what its columns were said to mean.
type Layout = ([u8; 32], Vec<Column>);

/// The imports that this device can go on with or take back.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Runs(BTreeMap<RowId, Run>);

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Run {
    at: i64,
    finished: bool,
}

fn plan_name(import: Id<Import>) -> String {
    format!("{OF_IMPORTS}{import}")
}

impl Book {
    /// What the columns of a list may mean. A layout that was taken in or compared on this device before is remembered.
    pub fn list_columns(&self, list: &List) -> Result<Vec<ColumnView>, BookError> {
        let layouts = self.layouts()?;
        let remembered = columns::layout(list).and_then(|layout| {
            let known = layouts.iter().find(|(known, _)| *known == layout);
            known.map(|(_, columns)| columns.as_slice())
        });
        Ok(columns::propose(list, self.register(), remembered))
    }

    /// What lists that were taken in or compared on this device call workplaces by another name than the register: to stand
    /// in a list's terms, before what is said of this list. A name that another workplace has by now is left out.
    pub fn list_places(&self) -> Result<Vec<PlaceName>, BookError> {
        let register = self.register();
        let is_named = |place: &PlaceName| match register.workplaces_named(&place.name).collect::<Vec<_>>().as_slice() {
            [one] => *one == place.workplace,
            _ => true,
        };
        let mut places = self.places()?;
        places.retain(|place| register.get(place.workplace).is_some() && is_named(place));
        Ok(places)
    }

    /// What taking in a list would do, in one go. Nothing is changed.
    pub fn dry_run(&self, list: &List, terms: &ListTerms, today: Date) -> Result<DryRun, BookError> {
        Ok(DryRun::of(self.register(), list, terms, today)?)
    }

    /// The same in steps, for a long list: [`DryRunSteps::step`] until all is done, then [`DryRunSteps::finish`]. What the
    /// register learns between two steps is not seen by the rows before.
    pub fn start_dry_run(&self, list: &List, terms: &ListTerms, today: Date) -> Result<DryRunSteps, BookError> {
        Ok(DryRunSteps::begin(self.register(), list, terms, today)?)
    }

    /// Begins to take in a list: writes down that it comes in and keeps the plan. [`ImportRun::step`] does the rest.
    pub fn start_import(
        &mut self,
        ctx: &mut Context<'_>,
        dry: &DryRun,
        choices: &ImportChoices,
    ) -> Result<ImportRun, BookError> {
        self.may_add(Table::Contacts)?;
        self.replica.may_write()?;
        let writes = plan(ctx, self.register(), dry, choices, self.replica.local.person())?;
        let draft = Draft::Imports(ImportDraft {
            source: Some(dry.source),
            file_sha256: Some(dry.sha256.clone()),
            rows: i64::try_from(dry.rows.len()).ok(),
            at: Some(ctx.now),
            by: self.replica.local.person(),
            ..ImportDraft::default()
        });
        let import = RowId::new(ctx);
        let (mut runs, remembered) = (self.runs()?, self.remembered([&dry.said])?);
        runs.0.insert(import, Run { at: ctx.now.timestamp_millis(), finished: false });
        let kept = kept(&writes);
        let document = &self.replica.document;
        if let Some(first) = writes.iter().min_by_key(|planned| document.order_of_writing(&planned.id)) {
            // What is written first is loaded along with the shard of the import's own row, so that no core waits.
            let (beside, own) = (document.beside(&first.id), document.shard_of(&import));
            let shards = writes.iter().map(|planned| document.shard_of(&planned.id));
            let shards = shards.filter(|shard| beside.contains(shard)).chain([own]).collect();
            self.replica.ensure_each(&shards)?;
        }
        self.replica.write_with(ctx, &[Write::of_draft(import, &draft)], |tx, rng| {
            tx.put_state(&plan_name(import.into()), &kept, rng)?;
            tx.put_state(RUNS, &kept_runs(&runs), rng)?;
            remembered.keep(tx, rng)
        })?;
        Ok(ImportRun::of(&self.replica.document, import.into(), writes))
    }

    /// Goes on with an import that was begun on this device and not finished.
    pub fn resume_import(&self, import: Id<Import>) -> Result<ImportRun, BookError> {
        Ok(ImportRun::of(&self.replica.document, import, self.planned(import)?))
    }

    /// Begins to take back an import of this device, finished or not. [`ImportUndo::step`] does the rest; if it is cut off, it
    /// is begun again.
    pub fn undo_import(&self, import: Id<Import>) -> Result<ImportUndo, BookError> {
        let mut writes: Vec<(usize, Planned)> = self.planned(import)?.into_iter().enumerate().collect();
        writes.sort_by_key(|(_, planned)| self.replica.document.order_of_writing(&planned.id));
        let progress = UndoProgress { total: writes.len(), ..UndoProgress::default() };
        Ok(ImportUndo { import, writes, left_at: Vec::new(), progress })
    }

    /// The lists that were taken in, the latest first.
    pub fn imports(&self) -> Result<Vec<ImportView>, BookError> {
        let runs = self.runs()?;
        let register = self.register();
        let view = |import: &Import| {
            let run = runs.0.get(&import.id.row());
            ImportView {
                id: import.id,
                source: import.source,
                rows: import.rows,
                at: import.at,
                by_name: import.by.and_then(|id| register.person_name(id)),
                signed_off: import.signed_off,
                undone: import.undone == Some(true),
                unfinished: run.is_some_and(|run| !run.finished),
                can_undo: run.is_some(),
            }
        };
        let mut all: Vec<_> = register.lists_in().map(view).collect();
        all.reverse();
        Ok(all)
    }

    /// Forgets what imports wrote once their time is over: they cannot be taken back any more.
    pub(super) fn forget_old_imports(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        let mut runs = self.runs()?;
        let old = runs.forget_old(ctx.now);
        if old.is_empty() {
            return Ok(());
        }
        self.replica.store.atomically(|tx| {
            tx.ask_for_purge()?;
            old.iter().try_for_each(|id| tx.drop_state(&plan_name((*id).into())))?;
            tx.put_state(RUNS, &kept_runs(&runs), ctx.rng)
        })?;
        Ok(self.replica.store.purge()?)
    }

    /// Forgets what imports wrote of these contacts, and of all that were forgotten: going on with one, or taking it back,
    /// leaves them alone.
    pub(super) fn forget_imported(&mut self, ctx: &mut Context<'_>, person: &[Id<Contact>]) -> Result<(), BookError> {
        let mut left = Vec::new();
        for id in self.runs()?.0.into_keys() {
            let mut planned = self.planned(id.into())?;
            let before = planned.len();
            let goes = |id: Id<Contact>| person.contains(&id) || self.register().was_forgotten(id);
            planned.retain(|planned| !goes(planned.id.into()));
            if planned.len() < before {
                left.push((plan_name(id.into()), kept(&planned)));
            }
        }
        if !left.is_empty() {
            self.replica.store.atomically(|tx| {
                tx.ask_for_purge()?;
                left.iter().try_for_each(|(name, plan)| tx.put_state(name, plan, ctx.rng))
            })?;
            self.replica.store.purge()?;
        }
        self.replica.shows_forgotten = false;
        Ok(())
    }

    /// The same once this phone has heard that somebody was forgotten, and keeps count of what was written about them
    /// meanwhile. What fails of it is done the next time.
    pub(super) fn hear_of_forgotten(&mut self, ctx: &mut Context<'_>) {
        if self.replica.shows_forgotten {
            let _ = self.forget_imported(ctx, &[]);
        }
        let _ = self.replica.keep_unheard(ctx);
    }

    fn planned(&self, import: Id<Import>) -> Result<Vec<Planned>, BookError> {
        let bytes = self.replica.store.state(&plan_name(import))?.ok_or(BookError::UnknownRow)?;
        postcard::from_bytes(&bytes).map_err(|_| BookError::Store(StoreError::Damaged(None)))
    }

    fn runs(&self) -> Result<Runs, BookError> {
        let bytes = self.replica.store.state(RUNS)?;
        let read = bytes.map(|bytes| postcard::from_bytes(&bytes)).transpose();
        Ok(read.map_err(|_| StoreError::Damaged(None))?.unwrap_or_default())
    }

    /// What was remembered by an older version and is no longer understood is forgotten.
    fn layouts(&self) -> Result<Vec<Layout>, BookError> {
        let bytes = self.replica.store.state(LAYOUTS_NAME)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    fn places(&self) -> Result<Vec<PlaceName>, BookError> {
        let bytes = self.replica.store.state(PLACES_NAME)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    /// What is remembered once this was said of lists, too.
    fn remembered<'a>(&self, said: impl IntoIterator<Item = &'a Said>) -> Result<Remembered, BookError> {
        let mut all = Remembered { layouts: self.layouts()?, places: self.places()? };
        said.into_iter().for_each(|said| all.learn(said));
        Ok(all)
    }

    /// Remembers what was said of lists.
    pub(super) fn remember<'a>(
        &mut self,
        ctx: &mut Context<'_>,
        said: impl IntoIterator<Item = &'a Said>,
    ) -> Result<(), BookError> {
        let all = self.remembered(said)?;
        Ok(self.replica.store.atomically(|tx| all.keep(tx, ctx.rng))?)
    }
}

/// What was said of lists, the latest first: on this device only.
struct Remembered {
    layouts: Vec<Layout>,
    places: Vec<PlaceName>,
}

impl Remembered {
    fn learn(&mut self, said: &Said) {
        if let Some(layout) = said.layout {
            self.layouts.retain(|(known, _)| *known != layout);
            self.layouts.insert(0, (layout, said.columns.clone()));
            self.layouts.truncate(LAYOUTS);
        }
        let known: BTreeMap<String, Id<Workplace>> =
            self.places.iter().map(|known| (folded(&known.name), known.workplace)).collect();
        // What was known already keeps its place, so that of too many those that were learnt first are forgotten.
        let new = said.places.iter().filter(|place| known.get(&folded(&place.name)) != Some(&place.workplace));
        let new: BTreeMap<String, &PlaceName> = new.map(|place| (folded(&place.name), place)).collect();
        self.places.retain(|known| !new.contains_key(&folded(&known.name)));
        self.places.splice(0..0, new.into_values().cloned());
        self.places.truncate(PLACES);
    }

    fn keep(&self, tx: &mut Tx<'_>, rng: &mut dyn rand_core::CryptoRng) -> Result<(), StoreError> {
        tx.put_state(LAYOUTS_NAME, &serde_json::to_vec(&self.layouts).unwrap_or_default(), rng)?;
        tx.put_state(PLACES_NAME, &serde_json::to_vec(&self.places).unwrap_or_default(), rng)
    }
}

impl Runs {
    fn forget_old(&mut self, now: Moment) -> Vec<RowId> {
        let until = (now - KEPT_FOR).timestamp_millis();
        let old: Vec<_> = self.0.iter().filter(|(_, run)| run.at < until).map(|(id, _)| *id).collect();
        self.0.retain(|_, run| run.at >= until);
        old
    }
}

fn kept(writes: &[Planned]) -> Vec<u8> {
    postcard::to_stdvec(writes).expect("a plan has no part that postcard lacks")
}

fn kept_runs(runs: &Runs) -> Vec<u8> {
    postcard::to_stdvec(runs).expect("ids, numbers and flags have no part that postcard lacks")
}

impl ImportRun {
    fn of(document: &Document, import: Id<Import>, mut writes: Vec<Planned>) -> Self {
        writes.sort_by_key(|planned| document.order_of_writing(&planned.id));
        let progress = ImportProgress { total: writes.len(), ..ImportProgress::default() };
        Self { import, writes, progress }
    }

    /// The import.
    pub fn import(&self) -> Id<Import> {
        self.import
    }

    /// How far it has come.
    pub fn progress(&self) -> ImportProgress {
        self.progress
    }

    /// Writes the next `rows` rows in few changes, durable when this returns: faster by a few thousand than by a few hundred.
    /// Between two steps anything else may be done with the book, and the run may be left: [`Book::resume_import`] goes on with
    /// it.
    pub fn step(&mut self, book: &mut Book, ctx: &mut Context<'_>, rows: usize) -> Result<ImportProgress, BookError> {
        book.replica.may_write()?;
        let next = self.writes.iter().skip(self.progress.done).take(rows.max(1));
        let mut progress = self.progress;
        let mut commands = Vec::new();
        for planned in next {
            progress.done += 1;
            match planned.left(book.register()) {
                Left::Nothing => continue,
                Left::ChangedSince => progress.passed_over += 1,
                Left::These(fields, event) => {
                    let count = if planned.made { &mut progress.added } else { &mut progress.changed };
                    *count += 1;
                    let put = |table, id, fields| Write { table, id, step: Step::Put(fields) };
                    let fields = (!fields.is_empty()).then(|| put(Table::Contacts, planned.id, fields));
                    let event = event.map(|event| put(Table::Memberships, event.id, written(event)));
                    commands.push(fields.into_iter().chain(event).collect());
                }
            }
        }
        progress.finished = progress.done >= progress.total;
        book.write_run(ctx, commands, |tx, rng, mut runs| {
            if let Some(run) = runs.0.get_mut(&self.import.row()).filter(|_| progress.finished) {
                run.finished = true;
                tx.put_state(RUNS, &kept_runs(&runs), rng)?;
            }
            Ok(())
        })?;
        self.progress = progress;
        Ok(progress)
    }
}

impl ImportUndo {
    /// How far it has come.
    pub fn progress(&self) -> &UndoProgress {
        &self.progress
    }

    /// Takes back the next `rows` rows: what was added goes, what was changed gets its old value back, and what somebody has
    /// changed or used since stays and is told.
    pub fn step(&mut self, book: &mut Book, ctx: &mut Context<'_>, rows: usize) -> Result<&UndoProgress, BookError> {
        book.replica.may_write()?;
        let next = self.writes.iter().skip(self.progress.done).take(rows.max(1));
        let (mut progress, mut left_at) = (self.progress.clone(), self.left_at.clone());
        let mut commands = Vec::new();
        for (place, planned) in next {
            progress.done += 1;
            let before = progress.left.len();
            commands.push(take_back(book.register(), planned, &mut progress));
            // What stays is told in the order of the list.
            let left = progress.left.split_off(before);
            let at = left_at.partition_point(|left| left < place);
            left_at.splice(at..at, left.iter().map(|_| *place));
            progress.left.splice(at..at, left);
        }
        commands.retain(|command| !command.is_empty());
        progress.finished = progress.done >= progress.total;
        if progress.finished && book.register().get(self.import).is_some() {
            let undone = Draft::Imports(ImportDraft { undone: Some(true), ..ImportDraft::default() });
            commands.push(vec![Write::of_draft(self.import.row(), &undone)]);
        }
        book.write_run(ctx, commands, |tx, rng, mut runs| {
            if progress.finished {
                runs.0.remove(&self.import.row());
                tx.put_state(RUNS, &kept_runs(&runs), rng)?;
                tx.drop_state(&plan_name(self.import))?;
            }
            Ok(())
        })?;
        (self.progress, self.left_at) = (progress, left_at);
        Ok(&self.progress)
    }
}

impl Book {
    fn write_run(
        &mut self,
        ctx: &mut Context<'_>,
        commands: Vec<Vec<Write>>,
        also: impl FnOnce(&mut Tx<'_>, &mut dyn rand_core::CryptoRng, Runs) -> Result<(), StoreError>,
    ) -> Result<(), BookError> {
        let runs = self.runs()?;
        let changes = in_few_changes(&self.replica.document, commands);
        let changes: Vec<&[Write]> = changes.iter().map(Vec::as_slice).collect();
        self.replica.write_each(ctx, &changes, |tx, rng| also(tx, rng, runs))
    }
}

/// The same writes with those of one shard together: each change costs automerge something beyond its rows. A change stays small
/// enough that its envelope holds it.
fn in_few_changes(document: &Document, commands: Vec<Vec<Write>>) -> Vec<Vec<Write>> {
    let mut open: BTreeMap<u16, (Vec<Write>, usize)> = BTreeMap::new();
    let mut full = Vec::new();
    for command in commands {
        let Some(first) = command.first() else { continue };
        let text = command.iter().map(text_in).sum::<usize>();
        let (change, before) = open.entry(document.shard_of(&first.id)).or_default();
        if change.len() + command.len() > WRITES_IN_CHANGE || *before + text > TEXT_IN_CHANGE {
            full.push(std::mem::take(change));
            *before = 0;
        }
        change.extend(command);
        *before += text;
    }
    full.extend(open.into_values().map(|(change, _)| change));
    full.retain(|change| !change.is_empty());
    full
}

fn text_in(write: &Write) -> usize {
    let Step::Put(fields) = &write.step else { return 0 };
    let text = |value: &Value| if let Value::Text(text) = value { text.len() } else { 0 };
    fields.iter().filter_map(|(_, value)| value.as_ref()).map(text).sum()
}

fn written(event: &PlannedEvent) -> Vec<(String, Option<Value>)> {
    event.fields.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect()
}

/// Whether a row says what was written and nothing else.
fn is_as_written(register: &Register, table: Table, id: RowId, written: &[(&str, &Value)]) -> bool {
    let value = |name: &str| written.iter().find(|(of, _)| *of == name).map(|(_, value)| *value);
    let row = register.row(table, id);
    row.is_some_and(|row| table.fields().iter().all(|spec| row.get(spec.name).as_ref() == value(spec.name)))
}

/// What takes a planned contact back, if anything does.
fn take_back(register: &Register, planned: &Planned, progress: &mut UndoProgress) -> Vec<Write> {
    let id = Id::<Contact>::from(planned.id);
    let Some(contact) = register.contact(id).filter(|contact| !contact.is_forgotten()) else { return Vec::new() };
    let mut leave = |field: Option<&str>, reason| {
        let name = register.contact_name(id);
        progress.left.push(LeftView { contact: id, name, field: field.map(str::to_owned), reason });
    };
    let event = planned.event.as_ref().filter(|event| register.get(Id::<MembershipEvent>::from(event.id)).is_some());
    let event_stands = event.is_none_or(|event| {
        let fields: Vec<_> = event.fields.iter().map(|(name, value)| (name.as_str(), value)).collect();
        is_as_written(register, Table::Memberships, event.id, &fields)
    });
    let event = event.map(|event| Write { table: Table::Memberships, id: event.id, step: Step::Remove });
    if planned.made {
        let fields: Vec<_> = planned.fields.iter().map(|field| (field.name.as_str(), &field.new)).collect();
        if !is_as_written(register, Table::Contacts, planned.id, &fields) || !event_stands {
            leave(None, LeftReason::ChangedSince);
            return Vec::new();
        }
        if register.is_pointed_at(id, event.as_ref().map(|event| event.id)) {
            leave(None, LeftReason::UsedSince);
            return Vec::new();
        }
        progress.removed += 1;
        let contact = Write { table: Table::Contacts, id: planned.id, step: Step::Remove };
        return event.into_iter().chain([contact]).collect();
    }
    let mut back: Vec<(String, Option<Value>)> = Vec::new();
    for field in &planned.fields {
        match filled(contact, &field.name) {
            now if now.as_ref() == Some(&field.new) => back.push((field.name.clone(), field.old.clone())),
            now if now == field.old => {}
            _ => leave(Some(&field.name), LeftReason::ChangedSince),
        }
    }
    if !event_stands {
        leave(Some(MEMBER_SINCE), LeftReason::ChangedSince);
    }
    let event = event.filter(|_| event_stands);
    progress.restored += back.len() + usize::from(event.is_some());
    let back = (!back.is_empty()).then_some(Write { table: Table::Contacts, id: planned.id, step: Step::Put(back) });
    back.into_iter().chain(event).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn writes_of_a_list_share_changes_that_stay_small() {
        let document = Document::new(4, [0; 20]);
        let command = |number: u8, text: usize| {
            let note = ("note".to_owned(), Some(Value::Text("n".repeat(text))));
            let write =
                |table| Write { table, id: RowId::from_bytes([number; 16]), step: Step::Put(vec![note.clone()]) };
            vec![write(Table::Contacts), write(Table::Memberships)]
        };
        let mut commands: Vec<Vec<Write>> = (0..=255).map(|number| command(number, 10)).collect();
        commands.extend([command(3, 20_000), command(3, 20_000), command(3, 1), Vec::new()]);
        let changes = in_few_changes(&document, commands.clone());
        assert_eq!(changes.len(), 4 * 2 + 3);
        for change in &changes {
            let shards: BTreeSet<u16> = change.iter().map(|write| document.shard_of(&write.id)).collect();
            assert_eq!(shards.len(), 1);
            assert!(change.len() <= WRITES_IN_CHANGE);
            assert!(change.len() == 2 || change.iter().map(text_in).sum::<usize>() <= TEXT_IN_CHANGE);
        }
        let in_order = |changes: Vec<Vec<Write>>, id: u8| -> Vec<Write> {
            changes.into_iter().flatten().filter(|write| write.id == RowId::from_bytes([id; 16])).collect()
        };
        for id in [0, 3, 255] {
            assert_eq!(in_order(changes.clone(), id), in_order(commands.clone(), id));
        }
    }
}
