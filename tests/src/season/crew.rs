//! The stewards and their phones: who is at hand, what time it is for them, and when they are online. Or the stewards
//! [`Alone`] with one register.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use chrono::{Days, NaiveDate, TimeDelta, TimeZone, Utc};
use samla_core::register::{Cell, Register, Report, ReportQuery};
use samla_core::tables::{
    Contact, ContactDraft, Device, DeviceDraft, Draft, ExportKind, ImportDraft, ListDirection, Patch, Person, Setting,
    SettingDraft, Table, TallyKind, Visit,
};
use samla_core::{DeviceId, Id, Moment, Role, RowId, SignUp};
use tempfile::TempDir;

use super::alone::Alone;
use super::dice::Dice;
use super::names::{FAMILY, GIVEN};
use super::post::Post;
use super::{Numbers, Plan, views};
use crate::phone::Phone;

/// Columns of reports, and rows of the comparison, that count people or what was done with them.
const PEOPLE: [&str; 34] = [
    "active",
    "answered",
    "answers",
    "attempts",
    "began_to_pay",
    "called",
    "caught",
    "confirmed",
    "ending",
    "expired",
    "hired",
    "invited",
    "landed",
    "leaves",
    "left",
    "members",
    "nameless",
    "new_hires",
    "paying",
    "pending",
    "persons",
    "potential",
    "prizes",
    "raised",
    "signed",
    "stays",
    "students",
    "talked",
    "talks",
    "trial",
    "undecided",
    "used",
    "without_paying",
    "actual",
];
/// Minutes by which the clock of one phone goes wrong, and of another.
const SLOW_CLOCK: i64 = -7;
const YEAR_BEHIND: i64 = -365 * 24 * 60;
/// Days for which one phone is not online.
const SILENT_DAYS: u64 = 60;

/// One phone and whose it is.
struct Member {
    phone: Phone,
    name: String,
    device: RowId,
    person: Id<Person>,
    /// Minutes that its clock is ahead.
    skew: i64,
}

/// All phones, with the founder's first.
pub(super) struct Crew {
    members: Vec<Member>,
    post: Option<Post>,
    /// In place of phones and server.
    alone: Option<Alone>,
    now: Moment,
    /// When the last phone is not online.
    silence: Range<Moment>,
}

impl Crew {
    /// The founder makes the book; the others join by a link each.
    pub(super) fn gather(plan: &Plan, numbers: &Numbers, post: Post, first: NaiveDate) -> Result<Self> {
        let now = at(first, 9, 0);
        let silent = first + Days::new(1);
        let silence = at(silent, 0, 0)..at(silent + Days::new(SILENT_DAYS), 0, 0);
        let mut crew = Self { members: Vec::new(), post: Some(post), alone: None, now, silence };
        for nth in 0..numbers.phones {
            let name = user_name(plan.seed, nth % numbers.users);
            let member = crew.comes_in(plan.key().wrapping_add(nth as u64), name)?;
            crew.members.push(member);
        }
        for (nth, skew) in [(numbers.phones / 4, SLOW_CLOCK), (numbers.phones - 2, YEAR_BEHIND)] {
            crew.members.get_mut(nth).context("a member")?.skew = skew;
        }
        let settings = crew.register().all::<Setting>().next().map(|row| row.id).context("settings")?;
        let name = SettingDraft { name: Some(numbers.book.into()), cadence_months: Some(3), ..SettingDraft::default() };
        let patch = Patch { id: settings.into(), set: Draft::Settings(name), clear: Vec::new() };
        crew.does(0, |phone| phone.with(|book, ctx| book.set(ctx, &patch)))?;
        Ok(crew)
    }

    /// As many stewards with one register, which all of them see.
    pub(super) fn alone(numbers: &Numbers, seed: u64, first: NaiveDate) -> Self {
        let now = at(first, 9, 0);
        let names = (0..numbers.phones).map(|nth| user_name(seed, nth % numbers.users));
        let alone = Some(Alone::of(names, seed, now));
        Self { members: Vec::new(), post: None, alone, now, silence: now..now }
    }

    /// The register of those who write in one.
    pub(super) fn into_register(self) -> Option<Register> {
        self.alone.map(|alone| alone.register)
    }

    pub(super) const fn is_alone(&self) -> bool {
        self.alone.is_some()
    }

    /// One more phone: the first founds the book, the others join by a link each.
    fn comes_in(&mut self, seed: u64, name: String) -> Result<Member> {
        self.later(TimeDelta::minutes(5));
        let founds = self.members.is_empty();
        let mut phone = match founds {
            true => Phone::founds_in(crate::scratch(), seed, &name),
            false => Phone::joins_in(crate::scratch(), seed, &name, &self.open_doors(1)?.concat())?,
        };
        phone.now = self.now;
        let answered = phone.sync_with(|request| self.post.as_ref()?.answer(request));
        if founds {
            let again = "the founder cannot send the book; is this season in the folder already? Try another --seed";
            answered.context(again)?;
        } else {
            answered?;
        }
        let device: RowId = phone.book.status()?.device_id.parse().context("a device's id")?;
        let own = phone.book.register().get::<Device>(device.into()).and_then(|device| device.person);
        let person = own.context("a member is in the register")?;
        let label = DeviceDraft { label: Some(format!("{name}, telefon")), ..DeviceDraft::default() };
        let patch = Patch { id: device, set: Draft::Devices(label), clear: Vec::new() };
        phone.with(|book, ctx| book.set(ctx, &patch))?;
        Ok(Member { phone, name, device, person, skew: 0 })
    }

    pub(super) fn len(&self) -> usize {
        self.alone.as_ref().map_or(self.members.len(), |alone| alone.stewards.len())
    }

    /// The phone that is not online for long.
    pub(super) fn silent(&self) -> usize {
        self.len() - 1
    }

    /// The office erases these people, and puts out the phone of a steward who lost it: the book is founded anew. The
    /// steward joins with another phone and takes over what was theirs. Returns of how many rows that is.
    pub(super) fn erases_and_loses(&mut self, gone: &[Id<Contact>], lost: usize, seed: u64) -> Result<usize> {
        self.syncs(lost)?;
        self.syncs(0)?;
        for contact in gone {
            self.does(0, |phone| phone.with(|book, ctx| book.erase(ctx, *contact)))?;
        }
        let member = self.members.get(lost).context("a member")?;
        let (device, name, before) = (DeviceId(*member.device.as_bytes()), member.name.clone(), member.person);
        self.does(0, |phone| phone.with(|book, ctx| book.remove_members(ctx, &[device])))?;
        self.syncs(0)?;
        ensure!(gone.iter().all(|id| self.register().contact(*id).is_none()), "somebody was not erased");
        let member = self.comes_in(seed, name)?;
        let now = member.person;
        *self.members.get_mut(lost).context("a member")? = member;
        self.syncs(0)?;
        let handed = self.does(0, |phone| phone.with(|book, ctx| book.hand_over(ctx, before, now)))?;
        self.syncs(0)?;
        self.syncs(lost)?;
        Ok(handed.contacts + handed.follow_ups + handed.shifts)
    }

    /// The register on the founder's phone.
    pub(super) fn register(&self) -> &Register {
        self.register_of(0)
    }

    pub(super) fn register_of(&self, nth: usize) -> &Register {
        match &self.alone {
            Some(alone) => &alone.register,
            None => self.members.get(nth).expect("a member").phone.book.register(),
        }
    }

    /// Whose this phone is.
    pub(super) fn person(&self, nth: usize) -> Id<Person> {
        match &self.alone {
            Some(alone) => *alone.stewards.get(nth).expect("a steward"),
            None => self.members.get(nth).expect("a member").person,
        }
    }

    /// What time it is.
    pub(super) fn now(&self) -> Moment {
        self.now
    }

    /// A backup of the server.
    pub(super) fn backup(&self) -> Result<TempDir> {
        self.post.as_ref().context("a server")?.backup()
    }

    /// The server loses what it has, and a backup is put in its place. The office's phone, which has heard of everything,
    /// fills it again.
    pub(super) fn restores(&mut self, backup: &TempDir) -> Result<()> {
        self.syncs(0)?;
        self.post.as_mut().context("a server")?.put_back(backup)?;
        (0..3).try_for_each(|_| self.syncs(0))
    }

    /// What time it is by this phone.
    pub(super) fn clock(&self, nth: usize) -> Moment {
        self.now + TimeDelta::minutes(self.members.get(nth).map_or(0, |member| member.skew))
    }

    pub(super) fn later(&mut self, by: TimeDelta) {
        self.now += by;
        if let Some(post) = &self.post {
            post.set_time(self.now);
        }
    }

    /// It becomes this late, unless it is later already.
    pub(super) fn wait_until(&mut self, time: Moment) {
        self.later((time - self.now).max(TimeDelta::zero()));
    }

    /// Does something on a phone, at its time and without a network.
    pub(super) fn does<T, E: Into<anyhow::Error>>(
        &mut self,
        nth: usize,
        act: impl FnOnce(&mut Phone) -> Result<T, E>,
    ) -> Result<T> {
        let now = self.clock(nth);
        let member = self.members.get_mut(nth).expect("a member");
        member.phone.now = now;
        act(&mut member.phone).map_err(Into::into)
    }

    /// Adds a row on a phone.
    pub(super) fn adds(&mut self, nth: usize, draft: impl Into<Draft>) -> Result<RowId> {
        let (draft, now) = (draft.into(), self.now);
        match &mut self.alone {
            Some(alone) => Ok(alone.adds(&draft, now)),
            None => self.does(nth, |phone| phone.with(|book, ctx| book.add(ctx, &draft))),
        }
    }

    /// Changes a row on a phone.
    pub(super) fn sets(&mut self, nth: usize, id: RowId, set: impl Into<Draft>) -> Result<()> {
        let patch = Patch { id, set: set.into(), clear: Vec::new() };
        match &mut self.alone {
            Some(alone) => alone.sets(id, &patch.set),
            None => self.does(nth, |phone| phone.with(|book, ctx| book.set(ctx, &patch))),
        }
    }

    /// Somebody who is written down signs up.
    pub(super) fn signs_up(&mut self, nth: usize, sign_up: &SignUp) -> Result<()> {
        let now = self.now;
        if let Some(alone) = &mut self.alone {
            alone.signs_up(nth, sign_up, now);
            return Ok(());
        }
        self.does(nth, |phone| phone.with(|book, ctx| book.sign_up(ctx, sign_up)))?;
        Ok(())
    }

    /// A steward counts so many at a visit.
    pub(super) fn counts(
        &mut self,
        nth: usize,
        visit: Id<Visit>,
        (kind, item): (TallyKind, Option<&str>),
        times: i64,
    ) -> Result<()> {
        let now = self.now;
        match &mut self.alone {
            Some(alone) => alone.counts((nth, visit), kind, item, times, now),
            None => self.does(nth, |phone| phone.with(|book, ctx| book.tally(ctx, visit, kind, item, times))).map(drop),
        }
    }

    /// Two phones name other departments of one contact before either has heard of the other.
    pub(super) fn answer_twice(
        &mut self,
        staff: &[usize],
        contact: Id<Contact>,
        departments: [&'static str; 2],
    ) -> Result<()> {
        let now = self.now;
        if let Some(alone) = &mut self.alone {
            return alone.answers_twice(contact, departments, now);
        }
        for (steward, department) in staff.iter().zip(departments) {
            let set = ContactDraft { department: Some(department.into()), ..ContactDraft::default() };
            self.sets(*steward, contact.into(), set)?;
        }
        Ok(())
    }

    /// The office takes along whom it may call.
    pub(super) fn takes_vcards(&mut self, purpose: &str) -> Result<()> {
        if !self.is_alone() {
            return self.does(0, |phone| phone.with(|book, ctx| book.take_vcards(ctx, purpose))).map(drop);
        }
        let rows = i64::try_from(self.register().vcards_to_take(purpose))?;
        let taken = ImportDraft {
            direction: Some(ListDirection::Out),
            kind: Some(ExportKind::Vcards),
            purpose: Some(purpose.to_owned()),
            rows: Some(rows),
            at: Some(self.now),
            by: Some(self.person(0)),
            ..ImportDraft::default()
        };
        self.adds(0, taken).map(drop)
    }

    /// A phone has a network for a moment; the silent one has none while it is silent.
    pub(super) fn syncs(&mut self, nth: usize) -> Result<()> {
        if nth == self.silent() && self.silence.contains(&self.now) {
            return Ok(());
        }
        let now = self.clock(nth);
        let Self { members, post: Some(post), .. } = self else { return Ok(()) };
        let member = members.get_mut(nth).expect("a member");
        member.phone.now = now;
        member.phone.sync_with(|request| post.answer(request))?;
        Ok(())
    }

    /// The weekend: nearly all phones are online at some time.
    pub(super) fn weekend(&mut self, dice: &mut Dice) -> Result<()> {
        for nth in 0..self.members.len() {
            if nth == 0 || !dice.in_thousand(50) {
                self.syncs(nth)?;
            }
        }
        Ok(())
    }

    /// Every phone sends what it has, and then fetches what the others sent.
    pub(super) fn share_all(&mut self) -> Result<()> {
        for _ in 0..2 {
            (0..self.members.len()).try_for_each(|nth| self.syncs(nth))?;
        }
        Ok(())
    }

    /// Whether all phones hold the same, with nothing left to send.
    pub(super) fn agree(&mut self) -> Result<bool> {
        let mut heads = Vec::with_capacity(self.members.len());
        for member in &mut self.members {
            if member.phone.book.status()?.unsent > 0 {
                return Ok(false);
            }
            heads.push(member.phone.book.heads()?);
        }
        Ok(heads.windows(2).all(|pair| pair.first() == pair.last()))
    }

    /// Where a phone makes something else of it than the founder's: in any report to the last cell, as it is and as it is
    /// shared, or in any list.
    pub(super) fn told_otherwise(&self, first: NaiveDate, today: NaiveDate) -> Vec<String> {
        let registers = self.members.iter().map(|member| member.phone.book.register());
        views::differences(registers, &over(first, today))
    }

    /// The tables, reports and lists that have nothing to show over the season.
    pub(super) fn silent_views(&self, first: NaiveDate, today: NaiveDate) -> Vec<&'static str> {
        let (register, query) = (self.register(), over(first, today));
        let lists = views::lists(register, &query).into_iter().map(|(name, rows)| (name, rows.len()));
        let tables = Table::ALL.iter().map(|table| (table.name(), register.rows(*table).len()));
        let reports = Report::ALL.iter().map(|report| (report.word(), register.report(*report, &query).rows.len()));
        let all = tables.chain(reports).chain(lists);
        all.filter(|(_, rows)| *rows == 0).map(|(name, _)| name).collect()
    }

    /// What the reports tell of fewer than five people where they are to be shared: each report with the column.
    pub(super) fn told_of_few(&self, first: NaiveDate, today: NaiveDate) -> Vec<String> {
        let (register, query) = (self.register(), ReportQuery { shared: true, ..over(first, today) });
        let mut told = Vec::new();
        for report in Report::ALL {
            let table = register.report(*report, &query);
            for row in table.rows.iter().map(|row| &row.cells).chain(&table.totals) {
                let of_people =
                    row.first().is_some_and(|cell| matches!(cell, Cell::Word(word) if PEOPLE.contains(word)));
                let mut left_out = false;
                for (cell, column) in row.iter().zip(&table.columns) {
                    let counts_people = of_people || PEOPLE.contains(&column.id);
                    let few = if left_out { 0..5 } else { 1..5 };
                    if counts_people && matches!(cell, Cell::Count(n) if few.contains(n)) {
                        told.push(format!("{} {}", report.word(), column.id));
                    }
                    left_out |= *cell == Cell::Suppressed;
                }
            }
        }
        told
    }

    /// Of the people whose free months end in the season or soon after, those whom somebody called.
    pub(super) fn called(&self, first: NaiveDate, today: NaiveDate) -> i64 {
        self.register().call_figures(&over(first, today)).iter().map(|figures| figures.called).sum()
    }

    /// Invitations that are left for those who want to look.
    pub(super) fn leave_doors_open(&mut self, count: usize) -> Result<Vec<String>> {
        self.open_doors(count)
    }

    fn open_doors(&mut self, count: usize) -> Result<Vec<String>> {
        for _ in 0..count {
            self.does(0, |phone| phone.with(|book, ctx| book.invite(ctx, Role::Steward, 14)))?;
        }
        self.syncs(0)?;
        let open = self.members.first().map(|member| member.phone.book.invites()).unwrap_or_default();
        open.into_iter().map(|invite| invite.link.context("the server has the invitation")).collect()
    }
}

/// The season, and as far ahead as the free months of those who signed up.
fn over(first: NaiveDate, today: NaiveDate) -> ReportQuery {
    ReportQuery::of(first, today + Days::new(100), today)
}

/// The hour of a day, in Swedish summer time.
pub(super) fn at(day: NaiveDate, hour: u32, minute: u32) -> Moment {
    let zone = chrono::FixedOffset::east_opt(2 * 3600).expect("an offset");
    let time = day.and_hms_opt(hour, minute, 0).expect("an hour of a day") - TimeDelta::hours(2);
    Utc.from_utc_datetime(&time).with_timezone(&zone)
}

fn user_name(seed: u64, user: usize) -> String {
    let turn = usize::try_from(seed % 17).unwrap_or(0);
    let (given, family) = (GIVEN.get((user * 5 + turn) % GIVEN.len()), FAMILY.get((user * 7 + turn) % FAMILY.len()));
    format!("{} {}", given.copied().unwrap_or_default(), family.copied().unwrap_or_default())
}
