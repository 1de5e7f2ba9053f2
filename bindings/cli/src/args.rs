//! What can be typed: every command and flag, and which answers are lists. [`commands`](crate::commands) does what was asked.

mod books;
mod lists;
mod privacy;
mod reports;
mod rows;
mod season;
mod tasks;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use samla_core::tables::{Table, TallyKind};
use samla_core::texts::Language;
use samla_core::{Date, DeviceId, Id, InviteId, Role, RowId, tables};

pub(crate) use books::{BookCommand, FileCommand, Join, NewBook, Practice, Recover};
pub(crate) use lists::{Changes, Import, ImportStep, Meaning, Reconcile, Terms};
pub(crate) use privacy::{About, Addresses, ConsentCommand, Told};
pub(crate) use reports::AskReport;
use rows::assignment;
pub(crate) use rows::{Assignment, Export, Format, SignUp};
pub(crate) use season::{Calendar, CallsCommand, Days, LogCall, OverviewCommand, SeasonCommand, VCards};
pub(crate) use tasks::{Claim, Done};

/// The register on a command line.
///
/// Everything is kept sealed in one folder on this machine and works without a network; `samla sync` shares it with the
/// other members through a server that cannot read it.
///
/// The key that seals the folder lies in its file `key`, readable by your user only. That protects a copy of the
/// register, not a copy of the whole folder. To protect both, set SAMLA_PASSPHRASE before `book new` or `join`: the key
/// is then made from it and kept nowhere.
#[derive(Debug, Parser)]
#[command(name = "samla", version, propagate_version = true)]
pub(crate) struct Samla {
    /// The folder of the register [default: a folder `samla` where this system keeps programs' data].
    #[arg(long, global = true, env = "SAMLA_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// The language of answers and errors: sv, nb, da, fi or en [default: the system's, from LANG].
    #[arg(long, global = true, env = "SAMLA_LANGUAGE", value_name = "TAG", value_parser = language)]
    pub(crate) language: Option<Language>,
    /// Write answers and errors as JSON, with the stable words in it.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Write a list as CSV for a spreadsheet to this new file; `-` writes it to standard output. Commands that list or look
    /// take it: `due`, `calls`, `season`, `overview`, `conflicts`, `search`, `report` … With `--json` errors alone are JSON.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a book, one to share or one to practise with, or confirm its recovery sheet.
    #[command(subcommand)]
    Book(BookCommand),
    /// Join a book by an invitation link.
    Join(Join),
    /// Open an invitation for one device and print its link.
    Invite {
        /// What the invitation makes of the joiner.
        #[arg(long, value_parser = role(&["reader", "steward"]), default_value = "steward")]
        role: Role,
        /// Days that it can be used, at most 14.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=14))]
        days: u32,
        /// Whoever uses it has to be let in by an organiser first: see `waiting` and `admit`.
        #[arg(long)]
        confirm: bool,
    },
    /// List the open invitations of this device.
    Invites,
    /// Close an invitation.
    Uninvite {
        /// The invitation, as `invites` prints it.
        #[arg(value_name = "ID")]
        invite: InviteId,
    },
    /// List the devices of the book: what each may do, when it was last heard from, and whether it has come along to the
    /// newest epoch.
    #[command(visible_alias = "team")]
    Members,
    /// List the devices that wait to be let in.
    Waiting,
    /// Let a device in that waits. Compare fingerprints first: `waiting` prints them.
    Admit {
        /// The device, as `waiting` prints it.
        device: DeviceId,
        #[arg(value_parser = role(&["reader", "steward"]), default_value = "steward")]
        role: Role,
    },
    /// Turn a device away that waits.
    Deny {
        /// The device, as `waiting` prints it.
        device: DeviceId,
    },
    /// Put devices out of the book: it begins anew under a key that they do not get.
    RemoveMember {
        /// The devices, as `members` prints them.
        #[arg(required = true)]
        devices: Vec<DeviceId>,
    },
    /// Give a device a lower role: the book begins anew.
    Lower {
        /// The device, as `members` prints it.
        device: DeviceId,
        #[arg(value_parser = role(&["reader", "steward"]))]
        role: Role,
    },
    /// Let the book begin anew under a new key, and change nothing else.
    RotateKey,
    /// Show what erasing a person takes away; with `--yes`, erase: here, on the server and on every phone that syncs.
    Erase {
        /// The person.
        contact: Id<tables::Contact>,
        /// Erase. It cannot be taken back.
        #[arg(long)]
        yes: bool,
    },
    /// List the epochs that this device founded, with the server's receipts, and the devices that have not come along.
    Erasures,
    /// Say how the newest epoch compares with what was here before, and those before it that nobody has looked at.
    Continuity {
        /// Write the rows that they left out, as they were here, to this new file as JSON.
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
        /// It has been seen: forget those rows.
        #[arg(long)]
        forget: bool,
    },
    /// List the edits of this device that a new epoch did not carry over.
    Lost {
        /// They have been seen.
        #[arg(long)]
        forget: bool,
    },
    /// Write what was only on this device when it was put out of the book, as JSON.
    Leftover {
        /// It is not needed any more.
        #[arg(long)]
        forget: bool,
    },
    /// Take back what waits for `sync` to begin the book anew: an erasure, a device to be put out, a lower role, a new key.
    /// What is on its way to the server stays.
    Cancel,
    /// Take the server's log as it is after it was put back from a backup, and let everybody do the same.
    Settle,
    /// Come back into a book by its recovery sheet.
    Recover(Recover),
    /// Come in anew by an invitation, under other keys; what was only here is written again.
    Rejoin(Join),
    /// Make a new recovery sheet and print it: the only time it is shown.
    RenewSheet {
        /// A file with the old sheet's text, which is then retired; `-` reads it from standard input.
        #[arg(long, value_name = "FILE")]
        old: Option<PathBuf>,
        /// Write the sheet to this new file, readable by you only, instead of printing it.
        #[arg(long, value_name = "FILE")]
        sheet_file: Option<PathBuf>,
    },
    /// Put a recovery sheet out of force. Never the only one.
    RetireSheet {
        /// A file with the sheet's text; `-` reads it from standard input.
        sheet: PathBuf,
    },
    /// Carry entries between two devices without a server.
    #[command(subcommand)]
    File(FileCommand),
    /// Compare with a colleague whether the server shows both the same: print this device's code, or hold the other's against
    /// what is here. Take it from the colleague's own screen or voice.
    Compare {
        /// The code that the other device shows; capitals, spaces and hyphens do not matter.
        code: Vec<String>,
    },
    /// Give a device a higher role. Compare fingerprints first: `members` prints them.
    Raise {
        /// The device, as `members` prints it.
        device: DeviceId,
        #[arg(value_parser = role(&["steward", "organiser"]))]
        role: Role,
    },
    /// Leave the book. The others keep what this device has written.
    Leave,
    /// Add a row and print its id. If a new contact may be somebody you already met, standard error says who.
    Add {
        #[arg(value_parser = table())]
        table: Table,
        /// Fields, such as `given_name=Anna`; `samla fields TABLE` lists them.
        #[arg(value_name = "FIELD=VALUE", value_parser = assignment)]
        fields: Vec<Assignment>,
    },
    /// Change a row. `field=` empties a field; what is not named stays.
    Set {
        #[arg(value_parser = table())]
        table: Table,
        id: RowId,
        #[arg(value_name = "FIELD=VALUE", value_parser = assignment, required = true)]
        fields: Vec<Assignment>,
    },
    /// Remove a row. `restore` brings it back.
    Remove {
        #[arg(value_parser = table())]
        table: Table,
        id: RowId,
    },
    /// Bring a removed row back.
    Restore {
        #[arg(value_parser = table())]
        table: Table,
        id: RowId,
    },
    /// List the rows of a table, or those whose fields have these values.
    List {
        #[arg(value_parser = table())]
        table: Table,
        /// Only rows with this value; `field=` finds the rows without one.
        #[arg(value_name = "FIELD=VALUE", value_parser = assignment)]
        filter: Vec<Assignment>,
    },
    /// Show a row; of a contact, the card with everything that happened.
    Show { id: RowId },
    /// Sign a person up: the contact and the membership in one step. If it may be somebody you already met, standard error
    /// says who.
    Signup(SignUp),
    /// Say otherwise who recruited at a sign-up.
    Recruiter {
        /// The sign-up: the membership that `signup` and `show` print.
        signed: Id<tables::MembershipEvent>,
        /// A name in the team, else among the contacts, or an id of either.
        #[arg(value_name = "NAME|ID", required_unless_present = "nobody")]
        who: Option<String>,
        /// Nobody did.
        #[arg(long, conflicts_with = "who")]
        nobody: bool,
    },
    /// Count at a visit and print what this device has counted.
    Tally {
        /// The visit.
        visit: Id<tables::Visit>,
        #[arg(value_parser = tally_kind())]
        kind: TallyKind,
        /// How many more, such as +1, or fewer, such as -1.
        #[arg(default_value = "+1", allow_hyphen_values = true, value_name = "+N|-N")]
        delta: i64,
        /// Which item, where several are handed out.
        #[arg(long)]
        item: Option<String>,
    },
    /// Share with the others: send what is only here and fetch what is new.
    Sync {
        /// Go on until stopped: send and fetch whenever there is something.
        #[arg(long)]
        watch: bool,
    },
    /// Say where this copy of the book stands, and what waits for you.
    Status,
    /// List the fields that several devices answered differently.
    Conflicts,
    /// Settle a field that several devices answered: this value counts everywhere.
    Resolve {
        #[arg(value_parser = table())]
        table: Table,
        id: RowId,
        field: String,
        /// The value; empty for none. For the field `live`: true keeps the row, false removes it.
        value: String,
    },
    /// List the pairs of contacts that may be one person.
    Duplicates,
    /// Two contacts are one person. Prints the link that says so.
    Same {
        /// One contact.
        a: Id<tables::Contact>,
        /// The other.
        b: Id<tables::Contact>,
    },
    /// Two contacts are not one person. Prints the link that says so.
    NotSame {
        /// One contact.
        a: Id<tables::Contact>,
        /// The other.
        b: Id<tables::Contact>,
    },
    /// List what was decided about who a person is; without a person, where people disagree.
    Links {
        /// The person.
        contact: Option<Id<tables::Contact>>,
    },
    /// Take a decision back that two contacts are, or are not, one person.
    UndoLink {
        /// The link, as `links` prints it.
        link: Id<tables::Link>,
    },
    /// Choose what is right for a whole person, where its contacts or several devices say different things.
    Choose {
        /// The person.
        contact: Id<tables::Contact>,
        /// The field.
        field: String,
        /// The value; empty for none.
        value: String,
    },
    /// Calls before free months end: the list, who calls, what came of it. Without more, the list.
    Calls {
        #[command(subcommand)]
        command: Option<CallsCommand>,
    },
    /// Look into something before the work begins: whom to talk with, what to pack, who does what.
    #[command(subcommand)]
    Overview(OverviewCommand),
    /// The season: visits, who comes, what repeats. Without more, the weeks.
    Season {
        #[command(subcommand)]
        command: Option<SeasonCommand>,
    },
    /// Write the schedule for the calendar on a phone: where and when, and nothing of what for. It goes from a month back to a
    /// year ahead, unless other days are named.
    Calendar(Calendar),
    /// Write people for the address book on a phone: only those who agreed to it. `taken-out` tells of it.
    #[command(name = "vcards")]
    VCards(VCards),
    /// Show what taking in a list would do; with `--yes`, take it in.
    Import(Import),
    /// List the lists that were taken in.
    Imports,
    /// Hold the office's list, and the employer's, against the register: what is to be decided, and the way to accept it.
    Reconcile(Reconcile),
    /// Hold two lists of one employer against each other: who came, who went, who moved.
    Changes(Changes),
    /// What people agreed to.
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Take out the e-mail addresses of those who agreed to be written to. They go into the field that hides them from each
    /// other, and `taken-out` tells of it.
    Addresses(Addresses),
    /// List who took addresses or cards out, when, for what purpose and of how many people.
    TakenOut,
    /// List who is still to be told what is kept about them, by the last day for it.
    Notices,
    /// Write down that a person was told what is kept about them.
    Told(Told),
    /// List who has been kept long enough; with `--forget`, forget all of them: what reports count stays.
    Expired {
        /// Forget them. It cannot be taken back.
        #[arg(long)]
        forget: bool,
    },
    /// Show where others name a person; with `--yes`, forget the person: what reports count stays.
    Forget {
        /// The person.
        contact: Id<tables::Contact>,
        /// Forget. It cannot be taken back.
        #[arg(long)]
        yes: bool,
    },
    /// Show everything that is kept about a person, or write it to hand over.
    About(About),
    /// List the devices that came in since this was last seen.
    News {
        /// They have been seen.
        #[arg(long)]
        seen: bool,
    },
    /// List the days on which one device removed an unusual share of the register, or bring back what it removed on one.
    Removals {
        /// The device, as it is listed: bring back all that it removed on the day.
        #[arg(long, value_name = "DEVICE", requires = "day")]
        bring_back: Option<DeviceId>,
        /// The day, as it is listed.
        #[arg(long, value_name = "YYYY-MM-DD", requires = "bring_back")]
        day: Option<String>,
    },
    /// Found a new book in another folder with all that this one shows: the way out of a book without organisers and
    /// without a sheet. Members have to be invited.
    FoundAnew {
        /// The folder of the new book: a new one.
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
        #[command(flatten)]
        new: NewBook,
    },
    /// Show what you have before you today: shifts, what you were asked and have not answered, what is due and is yours or
    /// nobody's, calls, and where nobody comes in the next two weeks.
    Today {
        /// Whose: a name in the team, or an id [default: yours].
        #[arg(long = "for", value_name = "NAME|ID")]
        whom: Option<String>,
    },
    /// List what is to be done: what was written down, and what follows by itself from a first day at work, from free months
    /// that end and from meetings. `claim` and `done` take the word at the beginning of each line.
    Due {
        /// Up to this day [default: today].
        date: Option<Date>,
    },
    /// Take something to do. What follows by itself is written down with it, so that it leaves the list of everybody else:
    /// `due` lists it, and `overview leaving`, `new-members` and `thanks`. Who has it already keeps it.
    Claim(Claim),
    /// Note that something is done, whether somebody had taken it or not.
    Done(Done),
    /// Show a week of visits.
    Week {
        /// A day of that week [default: today].
        date: Option<Date>,
    },
    /// Find contacts by name, phone number, e-mail address or workplace.
    Search {
        #[arg(required = true)]
        text: Vec<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show a report of a period; without a name, list the reports.
    ///
    /// What leaves the register is asked for with `--shared`; usually that is `samla report density --shared`. Every report
    /// that tells of people then leaves out groups of fewer than five, and names. The list of reports says which tell of
    /// none and stay as they are.
    Report(AskReport),
    /// Write the register out, in formats that outlive this program.
    Export(Export),
    /// List the fields of a table with what they hold and mean; without a table, the tables.
    Fields {
        #[arg(value_parser = table())]
        table: Option<Table>,
    },
}

impl Command {
    /// Whether it is about others or the server: a book to practise with has neither.
    pub(crate) const fn is_of_members(&self) -> bool {
        matches!(
            self,
            Self::Admit { .. }
                | Self::Compare { .. }
                | Self::Deny { .. }
                | Self::Erase { yes: true, .. }
                | Self::File(_)
                | Self::Invite { .. }
                | Self::Leave
                | Self::Lower { .. }
                | Self::Raise { .. }
                | Self::Rejoin(_)
                | Self::RemoveMember { .. }
                | Self::RenewSheet { .. }
                | Self::RetireSheet { .. }
                | Self::RotateKey
                | Self::Settle
                | Self::Sync { .. }
                | Self::Uninvite { .. }
        )
    }

    /// Whether what it answers is a list, or can be read as one.
    pub(crate) const fn is_list(&self) -> bool {
        match self {
            Self::Calls { command } => {
                matches!(command, None | Some(CallsCommand::List(_) | CallsCommand::Clashes { .. }))
            }
            Self::Season { command } => matches!(
                command,
                None | Some(
                    SeasonCommand::Weeks(_)
                        | SeasonCommand::Gaps(_)
                        | SeasonCommand::Turns { .. }
                        | SeasonCommand::Coverage { .. }
                        | SeasonCommand::Suggested(_)
                        | SeasonCommand::Series { plan: false, .. }
                )
            ),
            Self::Report(asked) => asked.report.is_some(),
            Self::Consent(command) => matches!(command, ConsentCommand::List { .. }),
            Self::Expired { forget } => !*forget,
            Self::News { seen } => !*seen,
            Self::Removals { bring_back, .. } => bring_back.is_none(),
            Self::Conflicts
            | Self::Due { .. }
            | Self::Duplicates
            | Self::Imports
            | Self::Links { .. }
            | Self::List { .. }
            | Self::Members
            | Self::Notices
            | Self::Overview(_)
            | Self::Search { .. }
            | Self::TakenOut
            | Self::Waiting
            | Self::Week { .. } => true,
            _ => false,
        }
    }
}

fn language(tag: &str) -> Result<Language, &'static str> {
    Language::of_tag(tag).ok_or("there are texts in sv, nb, da, fi and en")
}

fn table() -> impl TypedValueParser<Value = Table> {
    PossibleValuesParser::new(Table::ALL.map(Table::name)).try_map(|name| name.parse::<Table>())
}

fn role(names: &'static [&'static str]) -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(names).try_map(|name| Role::from_name(&name).ok_or("no such role"))
}

fn tally_kind() -> impl TypedValueParser<Value = TallyKind> {
    let find = |word: String| TallyKind::ALL.iter().copied().find(|kind| kind.text() == word).ok_or("no such counter");
    PossibleValuesParser::new(TallyKind::ALL.iter().map(|kind| kind.text())).try_map(find)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_and_flag_is_explained() {
        fn explained(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            let flags = command.get_arguments().filter(|arg| !arg.is_positional());
            flags.for_each(|flag| assert!(flag.get_help().is_some(), "{} {flag}", command.get_name()));
            command.get_subcommands().for_each(explained);
        }
        let command = Samla::command();
        command.clone().debug_assert();
        explained(&command);
    }

    #[test]
    fn a_counter_goes_up_and_down() {
        let id = "000102030405060708090a0b0c0d0e0f";
        for (typed, delta) in [(vec![], 1), (vec!["+2"], 2), (vec!["-1"], -1)] {
            let line = ["samla", "tally", id, "talked"].into_iter().chain(typed);
            let Command::Tally { delta: read, .. } = Samla::parse_from(line).command else { panic!("another command") };
            assert_eq!(read, delta);
        }
    }
}
