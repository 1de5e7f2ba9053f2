//! Lists that come in: taking one in, holding lists against the register and against each other.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use samla_core::lists::{Column, PlaceName, RowChoice, Take, Verdict};
use samla_core::tables::ImportSource;
use samla_core::texts::Worded;
use samla_core::{Id, tables};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Import {
    #[command(subcommand)]
    pub(crate) step: Option<ImportStep>,
    /// The list: CSV or XLSX. Without --yes nothing is written.
    #[arg(required = true)]
    pub(crate) file: Option<PathBuf>,
    /// Whose list it is [default: own].
    #[arg(long, value_parser = source())]
    pub(crate) source: Option<ImportSource>,
    #[command(flatten)]
    pub(crate) terms: Terms,
    /// A field in which the list may replace what the register has; others are only filled. May be repeated.
    #[arg(long, value_name = "FIELD")]
    pub(crate) overwrite: Vec<String>,
    /// What becomes of the row on this line: skip, new, or the id of the contact it is about. May be repeated.
    #[arg(long, value_name = "LINE=skip|new|CONTACT", value_parser = choice)]
    pub(crate) take: Vec<RowChoice>,
    /// What to write down as the source of new contacts [default: the word for whose list it is].
    #[arg(long, value_name = "TEXT")]
    pub(crate) source_text: Option<String>,
    /// Which rows to show [default: unsure].
    #[arg(long, value_parser = verdict())]
    pub(crate) show: Option<Verdict>,
    /// Take it in.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportStep {
    /// Take an import of this device back: what it added goes, what it changed is as before, where nobody has touched it.
    Undo {
        /// The import, as `imports` prints it [default: the latest].
        #[arg(value_name = "ID")]
        import: Option<Id<tables::Import>>,
    },
    /// Go on with an import of this device that was cut off.
    Resume {
        /// The import, as `imports` prints it [default: the latest that is unfinished].
        #[arg(value_name = "ID")]
        import: Option<Id<tables::Import>>,
    },
}

// How a list is to be read; where there are several, each takes what it has.
#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// What a column means, by its header or its number from the left: `Tel=phone`, `3=ignored`. May be repeated.
    #[arg(long = "column", value_name = "COLUMN=MEANING", value_parser = meaning)]
    pub(crate) columns: Vec<Meaning>,
    /// The workplace of rows that name none, in the employer's list where there are several.
    #[arg(long, value_name = "ID")]
    pub(crate) workplace: Option<Id<tables::Workplace>>,
    /// The workplace that the list calls by another name than the register. May be repeated.
    #[arg(long = "place", value_name = "NAME=ID", value_parser = place)]
    pub(crate) places: Vec<PlaceName>,
}

/// What a column was said to mean.
#[derive(Debug, Clone)]
pub(crate) struct Meaning {
    pub(crate) column: String,
    pub(crate) meaning: Column,
}

#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// The office's list of members, CSV or XLSX; with --employer-only, the employer's list.
    #[arg(value_name = "OFFICE")]
    pub(crate) office: PathBuf,
    /// The employer's list of who works where, CSV or XLSX.
    #[arg(value_name = "EMPLOYER", conflicts_with = "employer_only")]
    pub(crate) employer: Option<PathBuf>,
    /// The list is the employer's, and there is none of the office.
    #[arg(long)]
    pub(crate) employer_only: bool,
    /// Who is missed on a list: only people at this workplace and the sites within it. May be repeated [default: the
    /// workplaces that the employer's list names, else everybody].
    #[arg(long = "at", value_name = "ID")]
    pub(crate) at: Vec<Id<tables::Workplace>>,
    #[command(flatten)]
    pub(crate) terms: Terms,
    /// Accept a decision and write what it says: its name, as this command prints it. May be repeated.
    #[arg(long, value_name = "DECISION")]
    pub(crate) accept: Vec<String>,
    /// Accept every decision of a kind, such as new_member, but for somebody new whose name sounds like a colleague's or is known
    /// at another workplace. May be repeated.
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(KINDS))]
    pub(crate) accept_all: Vec<String>,
    /// Let everything else be as it is, and write down that the lists are compared.
    #[arg(long)]
    pub(crate) sign_off: bool,
}

/// The kinds of decisions that can be accepted.
const KINDS: [&str; 9] = [
    "one_person",
    "new_member",
    "new_at_employer",
    "joined",
    "left",
    "not_at_office",
    "unknown_at_employer",
    "changed_workplace",
    "differs",
];

#[derive(Debug, Args)]
pub(crate) struct Changes {
    /// The employer's earlier list, CSV or XLSX.
    pub(crate) old: PathBuf,
    /// The employer's later list.
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) terms: Terms,
}

fn source() -> impl TypedValueParser<Value = ImportSource> {
    let find = |word: String| ImportSource::ALL.iter().copied().find(|one| one.text() == word).ok_or("no such list");
    PossibleValuesParser::new(ImportSource::ALL.iter().map(|one| one.text())).try_map(find)
}

fn verdict() -> impl TypedValueParser<Value = Verdict> {
    PossibleValuesParser::new(["new", "changed", "same", "unsure"]).map(|word| match word.as_str() {
        "new" => Verdict::New,
        "changed" => Verdict::Changed,
        "same" => Verdict::Same,
        _ => Verdict::Unsure,
    })
}

fn meaning(typed: &str) -> Result<Meaning, String> {
    let (column, word) = typed.rsplit_once('=').ok_or("write COLUMN=MEANING")?;
    let known = Column::ALL.into_iter().find(|known| known.word() == word.trim());
    let meaning = known.ok_or_else(|| format!("choices {}", Column::ALL.map(Column::word).join(", ")))?;
    Ok(Meaning { column: column.trim().to_owned(), meaning })
}

fn place(typed: &str) -> Result<PlaceName, &'static str> {
    let (name, id) = typed.rsplit_once('=').ok_or("write NAME=ID")?;
    let workplace = id.trim().parse().map_err(|_| "write NAME=ID")?;
    Ok(PlaceName { name: name.trim().to_owned(), workplace })
}

fn choice(typed: &str) -> Result<RowChoice, &'static str> {
    let (line, take) = typed.split_once('=').ok_or("write LINE=skip|new|CONTACT")?;
    let line = line.trim().parse().map_err(|_| "write LINE=skip|new|CONTACT")?;
    let take = match take.trim() {
        "skip" => Take::Skip,
        "new" => Take::New,
        id => Take::Same(id.parse().map_err(|_| "write LINE=skip|new|CONTACT")?),
    };
    Ok(RowChoice { line, take, fields: None })
}
