//! The other ways into a book: by the recovery sheet, anew under other keys, from a file without a network; and out of one
//! that nobody can administer any more.

use std::collections::BTreeSet;

use samla_wire::{BookId, DeviceId, limits};

use super::{Book, NewBook, RecoverySheet};
use crate::context::Context;
use crate::document::{Step, Write};
use crate::error::BookError;
use crate::register::conflicts::Waiting;
use crate::replica::Replica;
use crate::replica::bundle::{Brought, FileError, from_file, to_file};
use crate::replica::local::{Joining, Local, OwnOp, Phase, QueuedOp, Recovering};
use crate::replica::rebase::kept_fields;
use crate::seal::{DeviceKeys, InviteLink, RecoveryQuestion, RecoverySecret, server_origin};
use crate::store::Home;
use crate::sync::{Introduction, Round};
use crate::tables::{LIVE, Row, Setting, Table};

/// What a file brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FileView {
    /// Edits of others that are in the register now.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub received: u64,
    /// Envelopes that stayed out: of a device that has to sync first, or against the rules.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub left: u64,
}

/// Milliseconds after which six characters of the sheet are asked again.
const ASK_AGAIN: i64 = 182 * 24 * 60 * 60 * 1000;

impl Book {
    /// Begins to come back into a book by its recovery sheet. The rounds of sync that follow do the rest: this device
    /// becomes an organiser, and with `alone` everybody else is put out.
    pub fn recover(
        ctx: &mut Context<'_>,
        home: &Home,
        sheet: &str,
        server_url: &str,
        my_name: &str,
        device_label: &str,
        alone: bool,
    ) -> Result<Self, BookError> {
        let secret = RecoverySecret::from_sheet(sheet).map_err(BookError::Sheet)?;
        let server_url = server_origin(server_url).map_err(BookError::Link)?;
        let keys = DeviceKeys::make(ctx.rng);
        Introduction::new(ctx, keys.device_id(), my_name, device_label).check()?;
        let phase = Phase::Recovering(Recovering {
            secret: secret.as_bytes().to_vec().into(),
            name: my_name.to_owned(),
            label: device_label.to_owned(),
            alone,
            found: false,
        });
        let local = Local::new(server_url, BookId::ZERO, &keys, phase);
        let replica = Replica::create(ctx, home, local, keys, None, &[])?;
        Ok(Self { replica, round: Round::default() })
    }

    /// Comes in anew by an invitation, under other keys: after another device has written with this one's keys, after an
    /// invitation turned out to be used, or after being put out. What was only on this device is written again once it is in;
    /// after being put out nothing of it is left but [`export_leftover`](Self::export_leftover). Under the name of before the user
    /// is the same steward to the others, as long as their row among the people is there.
    pub fn rejoin(
        &mut self,
        ctx: &mut Context<'_>,
        link: &str,
        my_name: &str,
        device_label: &str,
    ) -> Result<(), BookError> {
        let parsed: InviteLink = link.parse().map_err(BookError::Link)?;
        if parsed.book != self.replica.book() {
            return Err(BookError::InviteMismatch);
        }
        let keys = DeviceKeys::make(ctx.rng);
        Introduction::new(ctx, keys.device_id(), my_name, device_label).check()?;
        let phase = Phase::Joining(Joining {
            link: parsed.to_string(),
            name: my_name.to_owned(),
            label: device_label.to_owned(),
            ready: None,
            waits: false,
        });
        self.replica.begin_anew(ctx, keys, phase)?;
        self.round = Round::default();
        Ok(())
    }

    /// All that this device holds as a file for another phone of the book, what has not been sent among it. It is sealed;
    /// it tells how many devices there are and how much they wrote.
    pub fn export_file(&mut self, ctx: &mut Context<'_>) -> Result<Vec<u8>, BookError> {
        self.replica.seal_waiting(ctx)?;
        Ok(to_file(&self.replica.book(), &self.replica.bundle(true)?))
    }

    /// The same for somebody who comes in by this invitation and has no network: with the link it lets them read at once.
    pub fn export_file_for(
        &mut self,
        ctx: &mut Context<'_>,
        invite: samla_wire::InviteId,
    ) -> Result<Vec<u8>, BookError> {
        let wrap = self.replica.wrap_for_invite(ctx, &invite)?;
        let bundle = samla_wire::http::Bundle { wrap: Some(wrap), ..self.replica.bundle(false)? };
        Ok(to_file(&self.replica.book(), &bundle))
    }

    /// Takes in a file that another phone of the book has made.
    pub fn import_file(&mut self, ctx: &mut Context<'_>, file: &[u8]) -> Result<FileView, BookError> {
        let (book, bundle) = from_file(file).map_err(BookError::File)?;
        if book != self.replica.book() {
            return Err(BookError::File(FileError::OtherBook));
        }
        if self.replica.local.phase != Phase::Member {
            return Err(BookError::Joining);
        }
        let brought = self.replica.take_bundle(ctx, &bundle);
        self.hear_of_forgotten(ctx);
        let Brought { received, left } = brought?;
        Ok(FileView { received, left })
    }

    /// Begins to join by an invitation link and a file made for it, without a network: the register can be read and written
    /// at once. The join itself is sent with the first round of sync, and may still be refused.
    pub fn join_with_file(
        ctx: &mut Context<'_>,
        home: &Home,
        link: &str,
        file: &[u8],
        my_name: &str,
        device_label: &str,
    ) -> Result<Self, BookError> {
        let parsed: InviteLink = link.parse().map_err(BookError::Link)?;
        let (of, bundle) = from_file(file).map_err(BookError::File)?;
        if of != parsed.book {
            return Err(BookError::File(FileError::OtherBook));
        }
        let mut book = Self::join(ctx, home, link, my_name, device_label)?;
        book.round.join_from_file(&mut book.replica, ctx, &bundle)?;
        Ok(book)
    }

    /// Makes a new recovery sheet. The old one is retired if its text is given, once the new one is in force; else it stays valid
    /// beside the new one. Must be confirmed like the first.
    ///
    /// Fails with [`BookError::SheetLimit`] where no more sheets can be in force: see [`retire_recovery`](Self::retire_recovery).
    pub fn renew_recovery(&mut self, ctx: &mut Context<'_>, old: Option<&str>) -> Result<RecoverySheet, BookError> {
        self.must_be_organiser()?;
        let old = old.map(|old| self.sheet_in_force(old)).transpose()?;
        let coming = self.replica.local.queue.iter().filter(|queued| matches!(queued.op, OwnOp::AddSheet(_))).count();
        if self.sheets_in_force()?.len() + coming >= limits::RECOVERY_KEYS {
            return Err(BookError::SheetLimit);
        }
        let new = RecoverySecret::make(ctx.rng);
        let (question, next) = (new.ask(ctx.rng), new.ask(ctx.rng));
        let add = QueuedOp::new(OwnOp::AddSheet(new.recovery_key()));
        let retire = old.map(|old| OwnOp::RetireSheet(old.as_bytes().to_vec().into(), Some(new.device_id())));
        self.replica.change_local(ctx, |local| {
            local.queue.push(add);
            local.queue.extend(retire.map(QueuedOp::new));
            local.recovery_question = Some(question.to_bytes().to_vec().into());
            local.next_question = Some(next.to_bytes().to_vec().into());
        })?;
        Ok(RecoverySheet { text: new.to_sheet(), ask: question.places() })
    }

    /// Puts a recovery sheet out of force, by its text, with the next round of sync. Never the only one.
    pub fn retire_recovery(&mut self, ctx: &mut Context<'_>, sheet: &str) -> Result<(), BookError> {
        self.must_be_organiser()?;
        let sheet = self.sheet_in_force(sheet)?;
        if self.sheets_in_force()?.len() <= 1 {
            return Err(BookError::SheetLast);
        }
        self.queue(ctx, OwnOp::RetireSheet(sheet.as_bytes().to_vec().into(), None))
    }

    /// The recovery sheets that are in force, but for those that this device is about to retire.
    fn sheets_in_force(&self) -> Result<BTreeSet<DeviceId>, BookError> {
        let log = self.replica.log.as_ref().ok_or(BookError::Joining)?;
        let mut sheets: BTreeSet<DeviceId> = log.roster.recovery.keys().copied().collect();
        for queued in &self.replica.local.queue {
            if let OwnOp::RetireSheet(secret, _) = &queued.op {
                let secret = secret.as_slice().try_into().map_err(|_| BookError::Bug("sheet"))?;
                sheets.remove(&RecoverySecret::from_bytes(secret).device_id());
            }
        }
        Ok(sheets)
    }

    fn sheet_in_force(&self, text: &str) -> Result<RecoverySecret, BookError> {
        let secret = RecoverySecret::from_sheet(text).map_err(BookError::Sheet)?;
        let known = self.sheets_in_force()?.contains(&secret.device_id());
        if known { Ok(secret) } else { Err(BookError::SheetUnknown) }
    }

    /// Which characters of the sheet to ask for again, half a year after they were last confirmed; counted from 1 after
    /// `samlar1`.
    pub fn sheet_question(&self, now: &crate::context::Moment) -> Option<Vec<u32>> {
        let local = &self.replica.local;
        let due = local.sheet_checked.is_some_and(|at| now.timestamp_millis().saturating_sub(at) >= ASK_AGAIN);
        let question = local.next_question.as_ref().filter(|_| due)?;
        let places = RecoveryQuestion::from_bytes(question)?.places();
        Some(places.iter().map(|place| *place as u32).collect())
    }

    /// Checks the characters that [`sheet_question`](Self::sheet_question) asks for.
    pub fn check_sheet(&mut self, ctx: &mut Context<'_>, typed: &str) -> Result<(), BookError> {
        let Some(question) = &self.replica.local.next_question else { return Ok(()) };
        let question = RecoveryQuestion::from_bytes(question).ok_or(BookError::Bug("recovery_question"))?;
        if !question.check(typed) {
            return Err(BookError::RecoveryWrong);
        }
        let now = ctx.now.timestamp_millis();
        self.replica.change_local(ctx, |local| local.sheet_checked = Some(now))
    }

    /// Founds a new book with all that another one shows, the answers that wait beside it for a choice, and its settings except the
    /// name: the way out of a book without organisers and without a sheet. Members and devices are not taken over; they have to be invited.
    pub fn found_anew(
        ctx: &mut Context<'_>,
        home: &Home,
        new: &NewBook,
        old: &Book,
    ) -> Result<(Self, RecoverySheet), BookError> {
        let (mut book, sheet) = Self::create(ctx, home, new)?;
        for table in Table::ALL {
            if matches!(table, Table::Devices | Table::Settings | Table::Conflicts) {
                continue;
            }
            for row in old.register().rows(table) {
                book.replica.write_with(ctx, &[write_of(&row)], |_, _| Ok(()))?;
            }
        }
        let settings = Row::from(Setting { id: book.register().settings().id, ..old.register().settings() });
        let mut settings = write_of(&settings);
        if let Step::Put(fields) = &mut settings.step {
            fields.retain(|(field, _)| field != "name");
            if !fields.is_empty() {
                book.replica.write(ctx, &[settings])?;
            }
        }
        for waiting in old.register().waiting() {
            book.keep_waiting(ctx, &old.register().settings(), waiting)?;
        }
        book.replica.keep(ctx)?;
        Ok((book, sheet))
    }

    /// Keeps an answer that waits in another book, whose settings are these, beside what was taken over from there.
    fn keep_waiting(&mut self, ctx: &mut Context<'_>, theirs: &Setting, waiting: Waiting) -> Result<(), BookError> {
        let Waiting { mut path, value, shown, signed, .. } = waiting;
        match path.table {
            Table::Devices => return Ok(()),
            Table::Settings if path.id != theirs.id.row() || path.field == "name" => return Ok(()),
            Table::Settings => path.id = self.register().settings().id.row(),
            _ => {}
        }
        if value == shown {
            return Ok(());
        }
        let fields = kept_fields(&path, &value, &shown, signed).into_iter();
        let step = Step::Put(fields.map(|(name, value)| (name, Some(value))).collect());
        let id = path.id.child_of(ctx);
        self.replica.write(ctx, &[Write { table: Table::Conflicts, id, step }])
    }
}

/// What makes a row again.
fn write_of(row: &Row) -> Write {
    let fields = row.values().filter(|(name, _)| *name != LIVE);
    let fields = fields.map(|(name, value)| (name.to_owned(), Some(value))).collect();
    Write { table: row.table(), id: row.id(), step: Step::Put(fields) }
}
