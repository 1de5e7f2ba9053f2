//! A season of recruiting as it may have been: stewards with phones plan visits, stand at tables without a network, meet
//! people twice, change the same field at once, and sync when they can.
//!
//! Everything goes the ordinary way, command by command on simulated phones and through a real server over a real folder,
//! so the register that comes out has the dirt of a used one. One phone is not online for two months, the clock of another
//! is a year behind, one is lost on the day on which somebody is erased, and the server is once put back from a backup. The
//! same [`Plan`] gives the same register. Names are made up; phone numbers are the Swedish ones kept for fiction, 070-174
//! 06 05 to 070-174 06 99.

mod alone;
mod calls;
mod crew;
mod days;
mod dice;
mod list;
mod matters;
mod names;
mod people;
mod post;
mod preparation;
mod told;
mod views;

use std::path::Path;

use anyhow::{Result, ensure};
use chrono::{Datelike, NaiveDate};
use samla_core::Id;
use samla_core::tables::{
    Consent, Contact, FollowUp, Link, MembershipEvent, MembershipKind, Move, Shift, Table, Talk, Tally, Visit,
    VisitKind, Workplace,
};

use crew::Crew;
pub use days::AGREED;
use days::Turn;
use dice::Dice;
use people::People;
use post::Post;
pub use told::{Many, Told, tell, write_down};

/// How much happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Size {
    /// A small club: three workplaces, five phones, six visits, 45 contacts.
    Club,
    /// A branch: 130 workplaces and units, 27 phones, 27 visits and 14 days of calls, 520 contacts.
    Branch,
    /// As much of a federation as one process holds: 1,300 workplaces and units, 60 phones, 120 visits and 40 days of calls,
    /// 6,000 contacts. Takes minutes.
    Federation,
}

/// What a season is made from.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How much happens.
    pub size: Size,
    /// Everything that chance decides follows from this.
    pub seed: u64,
    /// The day it is in the season: visits before it are done, those after it are planned.
    pub today: NaiveDate,
}

/// The numbers of a size.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    book: &'static str,
    workplaces: usize,
    units: usize,
    users: usize,
    phones: usize,
    visits: usize,
    call_days: usize,
    contacts: usize,
    /// Of those contacts, how many only the employer's list names.
    listed: usize,
    talks: usize,
    nameless_talks: usize,
    sign_ups: usize,
    paying: usize,
    /// At one table: who passed by, talks, and what was handed out.
    passed_by: i64,
    talked: i64,
    handed_out: i64,
    /// Phone numbers are of no country: those kept for fiction are too few.
    of_no_country: bool,
}

impl Numbers {
    /// Those of a federation with so many people who are met, and so many strangers beside them. Without days of calls.
    fn of_many(met: usize, strangers: usize) -> Self {
        let whole = Size::Federation.numbers();
        let part = |of: usize| (of * met).div_ceil(whole.contacts);
        Self {
            workplaces: part(whole.workplaces),
            units: part(whole.units),
            // Some repeat others in the season that phones play.
            visits: part(whole.visits) + days::REPEATED,
            call_days: 0,
            contacts: met + strangers,
            listed: strangers,
            talks: part(whole.talks),
            nameless_talks: part(whole.nameless_talks),
            sign_ups: part(whole.sign_ups),
            paying: part(whole.paying),
            of_no_country: true,
            ..whole
        }
    }

    /// How many people are erased: one of 300, and one at least; nobody without phones.
    fn erased(&self) -> usize {
        if self.of_no_country { 0 } else { (self.contacts / 300).max(1) }
    }
}

impl Plan {
    /// A number that no other plan has, so that no two seasons on one server are the same book.
    fn key(&self) -> u64 {
        let days = u64::from(self.today.num_days_from_ce().unsigned_abs());
        self.seed.wrapping_mul(1_000_000_007) ^ days << 20 ^ (self.size as u64) << 10
    }
}

impl Size {
    fn numbers(self) -> Numbers {
        match self {
            Self::Club => Numbers {
                book: "Demoklubben",
                workplaces: 1,
                units: 2,
                users: 4,
                phones: 5,
                visits: 6,
                call_days: 0,
                contacts: 45,
                listed: 3,
                talks: 110,
                nameless_talks: 60,
                sign_ups: 6,
                paying: 5,
                passed_by: 40,
                talked: 9,
                handed_out: 25,
                of_no_country: false,
            },
            Self::Branch => Numbers {
                book: "Demoavdelningen",
                workplaces: 42,
                units: 88,
                users: 22,
                phones: 27,
                visits: 27,
                call_days: 14,
                contacts: 520,
                listed: 20,
                talks: 900,
                nameless_talks: 950,
                sign_ups: 110,
                paying: 82,
                passed_by: 180,
                talked: 34,
                handed_out: 120,
                of_no_country: false,
            },
            Self::Federation => Numbers {
                book: "Demoförbundet",
                workplaces: 400,
                units: 900,
                users: 55,
                phones: 60,
                visits: 120,
                call_days: 40,
                contacts: 6_000,
                listed: 40,
                talks: 11_000,
                nameless_talks: 8_000,
                sign_ups: 900,
                paying: 640,
                passed_by: 220,
                talked: 40,
                handed_out: 150,
                of_no_country: false,
            },
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Season {
    /// What the register holds now, each kind of row with its count.
    pub rows: Vec<(&'static str, usize)>,
    /// The tables, reports and lists that have nothing to show.
    pub silent: Vec<&'static str>,
    /// What reports to be shared tell of fewer than five people.
    pub told_of_few: Vec<String>,
    /// Of the people whose free months end, those whom somebody called.
    pub called: i64,
    /// What the steward who lost a phone took over on the next one: people, promises and turns.
    pub handed_over: usize,
    /// Invitations that nobody has used, each for one more device.
    pub links: Vec<String>,
    /// What the book is called.
    pub book: &'static str,
}

/// Plays a season in a server's data folder. `told` hears how far it has come, from 0 to 100.
///
/// Fails if another server has the folder open, or if it holds this very season already.
pub fn play(plan: &Plan, data: &Path, told: &mut dyn FnMut(u32)) -> Result<Season> {
    let numbers = plan.size.numbers();
    let mut dice = Dice::new(plan.seed);
    let post = Post::open(data)?;
    let calendar = days::calendar(plan.today, &numbers, &mut dice);
    let mut crew = Crew::gather(plan, &numbers, post, calendar.first)?;
    let mut people = People::invent(&numbers, &mut dice);
    let set = preparation::prepare(&mut crew, &numbers, &calendar, &mut dice)?;
    preparation::repeat(&mut crew, &set, &calendar)?;
    crew.share_all()?;
    let held = calendar.held(plan.today);
    let visits = held.iter().filter(|day| day.kind != VisitKind::Calls).count();
    let (mut visit, mut handed_over, mut backup) = (0, 0, None);
    for (nth, day) in held.iter().enumerate() {
        if nth == held.len() / 4 {
            backup = Some(crew.backup()?);
        } else if let Some(backup) = backup.take() {
            crew.restores(&backup)?;
        }
        if nth == held.len() / 2 {
            list::take_in(&mut crew, &mut people, &set, &mut dice)?;
        }
        if nth == held.len() * 3 / 4 {
            handed_over = lose_some(&mut crew, &numbers, &mut people, plan, &mut dice)?;
        }
        let turn = Turn { day, of_days: (nth, held.len()), of_visits: (visit, visits) };
        days::hold(&mut crew, &numbers, &mut people, &set, turn, &mut dice)?;
        visit += usize::from(day.kind != VisitKind::Calls);
        told(u32::try_from(100 * (nth + 1) / (held.len() + 1)).unwrap_or(100));
    }
    days::look_back(&mut crew, &numbers, &people, plan.today)?;
    days::meet_at_once(&mut crew, &people, &mut dice)?;
    days::change_turns(&mut crew, &calendar, &set, plan.today)?;
    matters::look_back(&mut crew, &set.matters, plan.today)?;
    crew.share_all()?;
    ensure!(crew.agree()?, "the phones do not hold the same");
    let differences = crew.told_otherwise(calendar.first, plan.today);
    ensure!(differences.is_empty(), "the phones do not tell the same:\n{}", differences.join("\n"));
    let silent = crew.silent_views(calendar.first, plan.today);
    let told_of_few = crew.told_of_few(calendar.first, plan.today);
    let called = crew.called(calendar.first, plan.today);
    let links = crew.leave_doors_open(4)?;
    told(100);
    Ok(Season { rows: count(&crew), silent, told_of_few, called, handed_over, links, book: numbers.book })
}

/// Some people ask to be erased, and a phone is lost: while another is silent, and has written about whom nobody knows yet.
fn lose_some(crew: &mut Crew, numbers: &Numbers, people: &mut People, plan: &Plan, dice: &mut Dice) -> Result<usize> {
    let mut gone: Vec<Id<Contact>> = Vec::new();
    for _ in 0..numbers.erased() {
        let mut may_go = people.known();
        may_go.retain(|n| {
            let human = people.get(*n);
            human.rows.len() == 1 && !human.signed && !human.edited && *n < people.met()
        });
        may_go.retain(|n| crew.register().contact(people.contact(*n)).is_some());
        let n = dice.one(&may_go);
        gone.push(people.contact(n));
        people.erased(n);
    }
    let lost = numbers.phones / 2;
    crew.erases_and_loses(&gone, lost, plan.key().wrapping_add(crew.len() as u64))
}

fn count(crew: &Crew) -> Vec<(&'static str, usize)> {
    let register = crew.register();
    let events = |kind| register.all::<MembershipEvent>().filter(move |event| event.kind == Some(kind));
    let confirmed = events(MembershipKind::Paying).filter(|event| event.confirmed_on.is_some());
    let calls = register.all::<Visit>().filter(|visit| visit.kind == Some(VisitKind::Calls)).count();
    let fields = Table::ALL.iter().flat_map(|table| register.rows(*table));
    let conflicts = register.conflicts();
    vec![
        ("phones", crew.len()),
        ("workplaces and units", register.all::<Workplace>().count()),
        ("visits", register.all::<Visit>().count() - calls),
        ("days of calls", calls),
        ("shifts", register.all::<Shift>().count()),
        ("contacts", register.all::<Contact>().count()),
        ("talks with a name", register.all::<Talk>().filter(|talk| talk.contact.is_some()).count()),
        ("talks without a name", register.all::<Talk>().filter(|talk| talk.contact.is_none()).count()),
        ("counters at tables", register.all::<Tally>().count()),
        ("events of memberships", register.all::<MembershipEvent>().count()),
        ("sign-ups", events(MembershipKind::Signed).count()),
        ("of them, dues paid and confirmed", confirmed.count()),
        ("of them, left", events(MembershipKind::Left).count()),
        ("consents", register.all::<Consent>().count()),
        ("follow-ups", register.all::<FollowUp>().count()),
        ("moves of material", register.all::<Move>().count()),
        ("links between contacts", register.all::<Link>().count()),
        ("pairs that may be one person", register.duplicates(NaiveDate::MAX).len()),
        ("fields answered twice", conflicts.iter().filter(|conflict| !conflict.kept_edit).count()),
        ("removals that met an edit", conflicts.iter().filter(|conflict| conflict.kept_edit).count()),
        ("fields that are filled", fields.map(|row| row.values().count()).sum()),
    ]
}
