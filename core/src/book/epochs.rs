//! Founding the book anew: to forget somebody, to put devices out, after a loss, or for a new key; and what each device is told
//! when that happens.

use samla_wire::http::Receipt;
use samla_wire::roster::Reason;

use super::Book;
use crate::context::{Context, Moment};
use crate::error::BookError;
use crate::ids::{Id, RowId};
use crate::register::MentionView;
use crate::replica::arrival::Continuity;
pub use crate::replica::founded::ProbeAnswer;
use crate::replica::lost::LostEdits;
use crate::replica::want::{Want, erased_with};
use crate::seal::StorageKey;
use crate::tables::{Clash, Contact, Row, RowState, Table, Value};
use crate::texts::Worded;

/// What is wanted and not yet done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WantView {
    /// `rotate`, `remove`, `erase` or `restore`.
    pub reason: String,
    /// Devices that go, in hexadecimal.
    pub removed: Vec<String>,
    /// How many people are erased.
    pub erased: u32,
    /// How often somebody else came first.
    pub tries: u32,
    /// It is built and on its way to the server.
    pub on_its_way: bool,
}

/// What erasing a person would take away.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EraseView {
    /// The person.
    pub contact: Id<Contact>,
    /// What the person is called.
    pub name: String,
    /// Rows that go, by table.
    pub rows: Vec<ErasedRows>,
    /// Places in other rows where the person's name, number or address stands. They stay: change them first.
    pub mentions: Vec<MentionView>,
}

/// Rows of one table that go with a person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ErasedRows {
    /// The table.
    pub table: Table,
    /// How many.
    pub count: u32,
}

/// An epoch that this device has founded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FoundedView {
    /// Its number.
    pub epoch: u32,
    /// `rotate`, `remove`, `erase` or `restore`.
    pub reason: String,
    /// When.
    pub at: Option<Moment>,
    /// How many rows an erasure left out. No names.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub gone: u64,
    /// The server's signed word on what it deleted; none if it gave none that holds.
    pub receipt: Option<ReceiptView>,
    /// What the server answered when it was asked for what an erasure deleted; none for another reason, and for an erasure
    /// by an earlier version.
    pub probe: Option<ProbeView>,
}

/// What a server answered when the device that had erased somebody asked for what was there before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProbeView {
    /// The register as it was when the epoch before began; none where that was the first, in which nothing was there.
    pub base: Option<ProbeAnswer>,
    /// The entries of the epoch before.
    pub log: ProbeAnswer,
    /// When it last answered.
    pub at: Option<Moment>,
}

/// A server's signed word on what it deleted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReceiptView {
    /// Entries that it says it deleted.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub count: u64,
    /// One hash over all of them, in hexadecimal.
    pub root: String,
    /// When, by the server's clock.
    pub at: Option<Moment>,
    /// Days that its backups are kept, if the operator says so.
    pub backup_days: Option<u32>,
    /// The key that signed it, in hexadecimal.
    pub key: String,
    /// The signature, in hexadecimal.
    pub signature: String,
    /// The key is not the one that this device has first seen of the server: somebody should ask the operator why.
    pub other_key: bool,
}

/// How the newest epoch compares with what this device had before it, together with those before at which something was missed and
/// nobody has looked at it yet: the numbers add up.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ContinuityView {
    /// The epoch.
    pub epoch: u32,
    /// The first epoch that is in the numbers, which is the newest one where nothing was missed before or somebody has looked at it.
    pub since: u32,
    /// This device had read everything before each of them, so that the numbers are exact. If not, those of the missing, changed,
    /// added and unexplained are of those epochs alone before which it had.
    pub compared: bool,
    /// Entries before them that this device had not read. Where it could not compare and this is 0, it had read another log than the
    /// epoch was founded on.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub unread: u64,
    /// Rows that are gone, where what this device had not read may have removed them. `unexplained` does not count them.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub doubtful: u64,
    /// Rows that their founders say were erased.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub erased: u64,
    /// Rows that are not there any more.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub missing: u64,
    /// Rows that say something else.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub changed: u64,
    /// Rows that were not here.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub added: u64,
    /// Differences that the reason does not explain: somebody should ask.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub unexplained: u64,
    /// Until when this device keeps the missing, doubtful and changed rows as it had them; those of an earlier epoch go first.
    pub kept_until: Option<Moment>,
    /// Somebody has looked at it, as [`Book::forget_kept`] says: the next epoch adds nothing to these numbers.
    pub seen: bool,
}

/// Edits of this device that were not carried over into a new epoch, and what it wrote about people without knowing that they had
/// been forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LostEditsView {
    /// How many rows they were about.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub count: u64,
    /// What they said; nothing where a person was erased or forgotten.
    pub edits: Vec<LostEdit>,
}

/// One row's edits that were not carried over: what they were about is gone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LostEdit {
    /// What the row was called.
    pub title: String,
    /// The table.
    pub table: Table,
    /// What was written.
    pub fields: Vec<LostField>,
}

/// One field of an edit that was not carried over.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LostField {
    /// The field.
    pub field: String,
    /// What was written; none where it was emptied.
    pub value: Option<Value>,
    /// The value as it is read: the name of the row that a link points at.
    pub shown: String,
}

impl Book {
    /// Founds the book anew under a new key, with the next rounds of sync, and changes nothing else.
    pub fn rotate(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.must_be_organiser()?;
        self.replica.want(ctx, Want::new(Reason::Rotate))
    }

    /// What erasing a person would take away, and where else the person is named.
    pub fn erase_preview(&mut self, contact: Id<Contact>) -> Result<EraseView, BookError> {
        let person = self.person_of(contact)?;
        let all: Vec<RowState> = self.replica.flat_rows()?.into_values().collect();
        let gone = erased_with(&all, &person);
        let mut rows: Vec<ErasedRows> = Vec::new();
        for (table, _) in &gone {
            match rows.last_mut().filter(|last| last.table == *table) {
                Some(last) => last.count += 1,
                None => rows.push(ErasedRows { table: *table, count: 1 }),
            }
        }
        let stays = |table, id| !gone.contains(&(table, id)) && self.register().row(table, id).is_some();
        let mentions = self.register().mentions(contact).into_iter().filter(|found| stays(found.table, found.id));
        let (name, mentions) = (self.register().title(Table::Contacts, contact.row()), mentions.collect());
        Ok(EraseView { contact, name, rows, mentions })
    }

    /// Erases a person with every row that belongs to them, with the next rounds of sync: from the register, from its
    /// history, from the server and from every phone that syncs. It cannot be taken back once it is on its way.
    pub fn erase(&mut self, ctx: &mut Context<'_>, contact: Id<Contact>) -> Result<(), BookError> {
        self.must_be_organiser()?;
        let person = self.person_of(contact)?;
        self.replica.want(ctx, Want::erasing(&person))
    }

    /// All contacts that are this person.
    fn person_of(&self, contact: Id<Contact>) -> Result<Vec<RowId>, BookError> {
        let person: Vec<RowId> = self.register().same_person(contact).into_iter().map(RowId::from).collect();
        if person.is_empty() { Err(BookError::UnknownRow) } else { Ok(person) }
    }

    /// What is wanted and not yet done.
    pub fn wanted(&self) -> Option<WantView> {
        let want = self.replica.want.as_ref()?;
        Some(WantView {
            reason: want.reason.word().to_owned(),
            removed: want.removed.iter().map(ToString::to_string).collect(),
            erased: want.erased().len() as u32,
            tries: want.tries,
            on_its_way: want.built.is_some(),
        })
    }

    /// Takes back what is wanted, as long as nothing is on its way to the server.
    pub fn cancel_wanted(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        match &self.replica.want {
            Some(want) if want.built.is_some() => Err(BookError::NotAllowed),
            _ => self.replica.take_back_want(ctx),
        }
    }

    /// The epochs that this device has founded, the newest last, each with the server's receipt, and an erasure with what the
    /// server answered when it was asked for what it had deleted.
    pub fn founded(&self) -> Result<Vec<FoundedView>, BookError> {
        let founded = self.replica.founded()?.into_iter();
        let views = founded.map(|founded| FoundedView {
            epoch: founded.epoch,
            reason: founded.reason.word().to_owned(),
            at: moment_of(founded.at),
            gone: founded.gone,
            receipt: founded.receipt.as_ref().map(|receipt| ReceiptView {
                other_key: self.replica.is_of_another_key(receipt),
                ..receipt_view(receipt)
            }),
            probe: founded.probe.map(|probe| ProbeView {
                base: probe.base,
                log: probe.log,
                at: probe.at.and_then(moment_of),
            }),
        });
        Ok(views.collect())
    }

    /// How the newest epoch compares with what this device had before it, and what was missed before that and nobody has looked at;
    /// none until one begins after this device has come in.
    pub fn continuity(&self) -> Result<Option<ContinuityView>, BookError> {
        Ok(self.replica.continuity()?.as_ref().map(continuity_view))
    }

    /// The rows that the newest epoch left out or changed, and those before it that nobody has looked at, as this device had them:
    /// JSON, an array of rows.
    pub fn export_kept(&self) -> Result<String, BookError> {
        let found = self.replica.continuity()?;
        let all = found.iter().flat_map(|found| found.all());
        rows_json(all.flat_map(|one| one.kept.iter().cloned()).collect())
    }

    /// Somebody has looked at what epochs left out or changed: the rows are not needed any more.
    pub fn forget_kept(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        self.replica.forget_kept(ctx)
    }

    /// Edits of this device that were not carried over, until [`forget_lost_edits`](Self::forget_lost_edits).
    pub fn lost_edits(&self) -> Result<LostEditsView, BookError> {
        let LostEdits { count, edits } = self.replica.lost()?.unwrap_or_default();
        let view = |(title, edit): (String, crate::replica::rebase::Dropped)| {
            let table = edit.table;
            let field = |(field, value): (String, Option<Value>)| {
                let shown = value.as_ref().map(|value| self.register().shown(table, &field, value));
                LostField { field, value, shown: shown.unwrap_or_default() }
            };
            LostEdit { title, table, fields: edit.fields.into_iter().map(field).collect() }
        };
        Ok(LostEditsView { count, edits: edits.into_iter().map(view).collect() })
    }

    /// The user has seen what was not carried over.
    pub fn forget_lost_edits(&mut self) -> Result<(), BookError> {
        self.replica.forget_lost()
    }

    /// What was only on this device when it was put out of the book: JSON, an array of rows; empty after an erasure.
    pub fn export_leftover(&self) -> Result<String, BookError> {
        rows_json(self.replica.leftover()?)
    }

    /// What was only on this device is not needed any more.
    pub fn forget_leftover(&mut self) -> Result<(), BookError> {
        self.replica.forget_leftover()
    }

    /// Seals what lies on this device under another storage key, which opens it from now on. For after a new epoch has begun
    /// (see [`StatusView::renew_storage_key`](super::StatusView)): once the platform's keystore has forgotten the old key,
    /// whatever the storage still holds of the past cannot be opened.
    pub fn renew_storage_key(&mut self, ctx: &mut Context<'_>, key: StorageKey) -> Result<(), BookError> {
        self.replica.store.renew_key(key, ctx.rng)?;
        self.replica.change_local(ctx, |local| local.renew_key = false)?;
        let _ = self.replica.keep(ctx);
        Ok(())
    }

    /// Takes the server's log as it is, after it was put back from a backup and has gone another way since, and writes again
    /// what it lacks; then founds the book anew, so that the others do the same. For an organiser, when the server's log is
    /// not the one that this device knows.
    pub fn settle_with_server(&mut self, ctx: &mut Context<'_>) -> Result<(), BookError> {
        // Whoever has begun to settle may do so again: until the log has been read, nothing here says who is an organiser.
        if !self.replica.is_settling()? {
            self.must_be_organiser()?;
        }
        self.replica.take_servers_log(ctx)?;
        self.round.begin();
        Ok(())
    }
}

fn moment_of(millis: i64) -> Option<Moment> {
    chrono::DateTime::from_timestamp_millis(millis).map(|at| at.fixed_offset())
}

fn continuity_view(found: &Continuity) -> ContinuityView {
    // What founders say of themselves may be any number.
    let sum = |number: fn(&Continuity) -> u64| found.all().map(number).fold(0, u64::saturating_add);
    ContinuityView {
        epoch: found.epoch,
        since: found.all().map(|one| one.epoch).min().unwrap_or(found.epoch),
        compared: found.all().all(|one| one.compared),
        unread: sum(|one| one.unread),
        doubtful: sum(|one| one.doubtful),
        erased: sum(|one| one.gone),
        missing: sum(|one| one.missing),
        changed: sum(|one| one.changed),
        added: sum(|one| one.added),
        unexplained: sum(Continuity::unexplained),
        kept_until: found.all().filter_map(|one| one.until).min().and_then(moment_of),
        seen: found.seen,
    }
}

fn receipt_view(receipt: &Receipt) -> ReceiptView {
    let said = &receipt.deletion;
    let at = i64::try_from(said.at).ok().and_then(|at| chrono::DateTime::from_timestamp(at, 0));
    ReceiptView {
        count: said.count,
        root: said.root.to_string(),
        at: at.map(|at| at.fixed_offset()),
        backup_days: said.backup_days,
        key: receipt.key.to_string(),
        signature: receipt.signature.to_string(),
        other_key: false,
    }
}

/// A row as it is handed back.
#[derive(serde::Serialize)]
struct HandedBack {
    #[serde(flatten)]
    row: Row,
    /// The fields for which a choice waits, with every answer: those that the row does not show may be this device's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clashes: Vec<Clash>,
}

fn rows_json(rows: Vec<RowState>) -> Result<String, BookError> {
    let handed_back = |row: RowState| HandedBack { clashes: row.clashes.clone(), row: Row::hydrate(row) };
    let rows: Vec<HandedBack> = rows.into_iter().map(handed_back).collect();
    serde_json::to_string_pretty(&rows).map_err(|_| BookError::Bug("json"))
}
