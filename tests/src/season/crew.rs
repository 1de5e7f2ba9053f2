//! The stewards and their phones: who is at hand, what time it is for them, and when they are online.

use anyhow::{Context, Result};
use chrono::{Days, NaiveDate, TimeDelta, TimeZone, Utc};
use samla_core::register::{Register, Report, ReportQuery};
use samla_core::tables::{Device, DeviceDraft, Draft, Patch, Person, Setting, SettingDraft};
use samla_core::{Id, Moment, Role, RowId};

use super::dice::Dice;
use super::names::{FAMILY, GIVEN};
use super::post::Post;
use super::{Numbers, Plan};
use crate::phone::Phone;

/// Minutes by which the clock of one phone goes wrong.
const SLOW_CLOCK: i64 = -7;

/// One phone and whose it is.
struct Member {
    phone: Phone,
    person: Id<Person>,
    /// Minutes that its clock is ahead.
    skew: i64,
}

/// All phones, with the founder's first.
pub(super) struct Crew {
    members: Vec<Member>,
    post: Post,
    now: Moment,
}

impl Crew {
    /// The founder makes the book; the others join by a link each.
    pub(super) fn gather(plan: &Plan, numbers: &Numbers, post: Post, first: NaiveDate) -> Result<Self> {
        let now = at(first, 9, 0);
        let mut crew = Self { members: Vec::new(), post, now };
        for nth in 0..numbers.phones {
            crew.later(TimeDelta::minutes(5));
            let name = user_name(plan.seed, nth % numbers.users);
            let seed = plan.key().wrapping_add(nth as u64);
            let mut phone = match nth {
                0 => Phone::founds_in(crate::scratch(), seed, &name),
                _ => Phone::joins_in(crate::scratch(), seed, &name, &crew.open_doors(1)?.concat())?,
            };
            phone.now = crew.now;
            let answered = phone.sync_with(|request| crew.post.answer(request));
            if nth == 0 {
                let again =
                    "the founder cannot send the book; is this season in the folder already? Try another --seed";
                answered.context(again)?;
            } else {
                answered?;
            }
            let id: RowId = phone.book.status()?.device_id.parse().context("a device's id")?;
            let own = phone.book.register().get::<Device>(id.into()).and_then(|device| device.person);
            let person = own.context("a member is in the register")?;
            let label = DeviceDraft { label: Some(format!("{name}, telefon")), ..DeviceDraft::default() };
            phone.with(|book, ctx| book.set(ctx, &Patch { id, set: Draft::Devices(label), clear: Vec::new() }))?;
            let skew = if nth == 7 { SLOW_CLOCK } else { 0 };
            crew.members.push(Member { phone, person, skew });
        }
        let settings = crew.register().all::<Setting>().next().map(|row| row.id).context("settings")?;
        let name = SettingDraft { name: Some(numbers.book.into()), cadence_months: Some(3), ..SettingDraft::default() };
        let patch = Patch { id: settings.into(), set: Draft::Settings(name), clear: Vec::new() };
        crew.does(0, |phone| phone.with(|book, ctx| book.set(ctx, &patch)))?;
        Ok(crew)
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// The register on the founder's phone.
    pub(super) fn register(&self) -> &Register {
        self.register_of(0)
    }

    pub(super) fn register_of(&self, nth: usize) -> &Register {
        self.members.get(nth).expect("a member").phone.book.register()
    }

    /// Whose this phone is.
    pub(super) fn person(&self, nth: usize) -> Id<Person> {
        self.members.get(nth).expect("a member").person
    }

    /// What time it is.
    pub(super) fn now(&self) -> Moment {
        self.now
    }

    pub(super) fn later(&mut self, by: TimeDelta) {
        self.now += by;
        self.post.set_time(self.now);
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
        let now = self.now;
        let member = self.members.get_mut(nth).expect("a member");
        member.phone.now = now + TimeDelta::minutes(member.skew);
        act(&mut member.phone).map_err(Into::into)
    }

    /// Adds a row on a phone.
    pub(super) fn adds(&mut self, nth: usize, draft: impl Into<Draft>) -> Result<RowId> {
        let draft = draft.into();
        self.does(nth, |phone| phone.with(|book, ctx| book.add(ctx, &draft)))
    }

    /// Changes a row on a phone.
    pub(super) fn sets(&mut self, nth: usize, id: RowId, set: impl Into<Draft>) -> Result<()> {
        let patch = Patch { id, set: set.into(), clear: Vec::new() };
        self.does(nth, |phone| phone.with(|book, ctx| book.set(ctx, &patch)))
    }

    /// A phone has a network for a moment.
    pub(super) fn syncs(&mut self, nth: usize) -> Result<()> {
        let now = self.now;
        let Self { members, post, .. } = self;
        let member = members.get_mut(nth).expect("a member");
        member.phone.now = now + TimeDelta::minutes(member.skew);
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

    /// Whether all phones make the same of it: every report over the season, to the last cell, as it is and as it is shared.
    pub(super) fn report_alike(&self, first: NaiveDate, today: NaiveDate) -> bool {
        let own = over(first, today);
        let shared = ReportQuery { shared: true, ..own.clone() };
        let of = |member: &Member| {
            let register = member.phone.book.register();
            let report =
                |report: &Report| [&own, &shared].map(|query| format!("{:?}", register.report(*report, query)));
            Report::ALL.iter().map(report).collect::<Vec<_>>()
        };
        let all: Vec<_> = self.members.iter().map(of).collect();
        all.windows(2).all(|pair| pair.first() == pair.last())
    }

    /// The reports over the season that have no row.
    pub(super) fn silent(&self, first: NaiveDate, today: NaiveDate) -> Vec<Report> {
        let query = over(first, today);
        let all = Report::ALL.iter().copied();
        all.filter(|report| self.register().report(*report, &query).rows.is_empty()).collect()
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
