//! The season and its calls.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use samla_core::tables::ShiftState;
use samla_core::{Date, Id, tables};

// Days from one to another.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Days {
    /// First day.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Date>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CallsCommand {
    /// List whose free months end: from a month back to two months ahead, unless other days are named.
    List(Days),
    /// Take a call before free months end. Who has it already keeps it. `samla claim` takes everything else.
    Claim {
        /// The person to be called.
        contact: Id<tables::Contact>,
        /// Take it over from somebody else.
        #[arg(long)]
        take_over: bool,
    },
    /// Note a call that was made or tried.
    Log(LogCall),
    /// Show how much would go from one steward to another; with `--yes`, hand it over: open promises, people, and turns at
    /// visits to come, for which the other is asked.
    HandOver {
        /// Who leaves.
        from: Id<tables::Person>,
        /// Who takes it on.
        to: Id<tables::Person>,
        /// Hand it over.
        #[arg(long)]
        yes: bool,
    },
    /// List whom two have called for one cause without knowing of each other.
    Clashes {
        /// Since this day [default: a month ago].
        #[arg(long, value_name = "DATE")]
        since: Option<Date>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LogCall {
    /// The person who was called.
    pub(crate) contact: Id<tables::Contact>,
    /// The person answered: the call is a talk, too.
    #[arg(long)]
    pub(crate) reached: bool,
    /// What came of it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) outcome: Option<String>,
    /// When to call again; without it a call that reached the person is done.
    #[arg(long, value_name = "DATE")]
    pub(crate) again_on: Option<Date>,
    /// The person stays and pays dues.
    #[arg(long)]
    pub(crate) stays: bool,
    /// The person leaves.
    #[arg(long, conflicts_with = "stays")]
    pub(crate) leaves: bool,
    /// The day from which that holds [default: today for who leaves, the end of the free months for who stays].
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    /// Why, for those who leave.
    #[arg(long, value_name = "TEXT", requires = "leaves")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OverviewCommand {
    /// With whom to talk before they go: members who leave, and those who are in the unemployment fund alone.
    Leaving,
    /// New members, and what is done to welcome each: of the last year, unless other days are named.
    NewMembers(Days),
    /// Those who turned to the union by themselves, and when they were answered: contacts with `origin=themselves`.
    Inbound(Days),
    /// The same in numbers, by the way they came.
    InboundFigures(Days),
    /// New colleagues by workplace, and who has met them.
    NewHires {
        /// Those whose first day at work is this day or later [default: three months ago].
        #[arg(long, value_name = "DATE")]
        since: Option<Date>,
    },
    /// With whom nobody has spoken for long, the longest silence first.
    NotSpokenWith {
        /// For so many months [default: as the register is set, else 12].
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=120))]
        months: Option<i64>,
    },
    /// Recruiters who are to be thanked, for those who began to pay dues: of the last year, unless other days are named.
    Thanks(Days),
    /// The talks with a person in short, before the next one.
    Talks {
        /// The person.
        contact: Id<tables::Contact>,
    },
    /// Talks by the way they are held, and what came of them.
    Channels(Days),
    /// The best time and place of each workplace.
    Slots(Days),
    /// What the visits to come need: twelve weeks from today, unless other days are named.
    Needs(Days),
    /// What was noted of the season's visits and campaigns: of the last year, unless other days are named.
    Notes(Days),
    /// What material lies with whom.
    Allotments,
    /// The team: who is in which unit, with which task, and what each has taken on.
    Directory,
    /// How fresh the lists are that the register was fed from, and who took them in.
    Sources,
    /// Guides and training cards in their order.
    Guides {
        /// Only those in this language, such as sv.
        #[arg(long, value_name = "TAG")]
        in_language: Option<String>,
    },
    /// Reasons to join, one's own first.
    Reasons {
        /// Whose own.
        person: Option<Id<tables::Person>>,
    },
    /// One workplace: the line to its HR, its parts, its groups, when to come.
    Workplace {
        /// The workplace.
        workplace: Id<tables::Workplace>,
        #[command(flatten)]
        days: Days,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SeasonCommand {
    /// Show the weeks with their visits, who comes and what is missing: twelve weeks from today, unless other days are named.
    Weeks(Days),
    /// List the visits that nobody staffs.
    Gaps(Days),
    /// List the visits that a person was asked to staff.
    Turns {
        /// The person [default: you].
        person: Option<Id<tables::Person>>,
        #[command(flatten)]
        days: Days,
    },
    /// List the workplaces by how much a visit is called for.
    Coverage {
        /// Overdue is where nobody was for so many months.
        #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(i64).range(1..=120))]
        months: i64,
    },
    /// List the units that answer for a visit, by those who staff it.
    Units {
        /// The visit.
        visit: Id<tables::Visit>,
    },
    /// List the visits that the employers' calendars suggest.
    Suggested(Days),
    /// Show the days of a visit that repeats.
    Series {
        /// The first visit, or one of its later days.
        visit: Id<tables::Visit>,
        /// Make the visits that are still missing.
        #[arg(long)]
        plan: bool,
    },
    /// Let a visit repeat, and make the visits of those days; holidays are left out.
    Repeat {
        /// The visit.
        visit: Id<tables::Visit>,
        /// Every so many weeks.
        #[arg(long, value_name = "N", default_value_t = 1)]
        weeks: i64,
        /// The last day.
        #[arg(long, value_name = "DATE")]
        until: Date,
    },
    /// Ask somebody to staff a visit, or note the answer.
    Answer {
        /// The visit.
        visit: Id<tables::Visit>,
        /// The answer.
        #[arg(value_parser = shift_state())]
        state: ShiftState,
        /// Who [default: you].
        #[arg(long, value_name = "ID")]
        person: Option<Id<tables::Person>>,
        /// A note to it.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// You cannot come to a visit.
    CannotCome {
        /// The visit.
        visit: Id<tables::Visit>,
        /// A note to it.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Give one person's turn at a visit to another: you come at once, anybody else is asked.
    Swap {
        /// The visit.
        visit: Id<tables::Visit>,
        /// Who had the turn.
        from: Id<tables::Person>,
        /// Who takes it.
        to: Id<tables::Person>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Calendar {
    /// The new file, such as `visits.ics`; `-` writes to standard output.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) days: Days,
    /// Only what this person was asked to staff, struck out where they said no.
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<Id<tables::Person>>,
}

#[derive(Debug, Args)]
pub(crate) struct VCards {
    /// The new file, such as `people.vcf`; `-` writes to standard output.
    pub(crate) file: PathBuf,
    /// The purpose that people must have agreed to, in the words of their consents.
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: String,
}

fn shift_state() -> impl TypedValueParser<Value = ShiftState> {
    let find =
        |word: String| ShiftState::ALL.iter().copied().find(|state| state.text() == word).ok_or("no such answer");
    PossibleValuesParser::new(ShiftState::ALL.iter().map(|state| state.text())).try_map(find)
}
