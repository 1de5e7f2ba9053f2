//! Things to do: taking one, and noting that one is done.

use clap::Args;
use samla_core::Date;

#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// What: the handle or the id at the beginning of its line in `due`, such as `first_day:3f2a9c`.
    #[arg(value_name = "HANDLE|ID")]
    pub(crate) what: String,
    /// Who does it: a name in the team, or an id [default: you].
    #[arg(long = "for", value_name = "NAME|ID")]
    pub(crate) whom: Option<String>,
    /// By which day [default: the day on the list].
    #[arg(long, value_name = "DATE")]
    pub(crate) due: Option<Date>,
    /// Take it over from somebody else.
    #[arg(long)]
    pub(crate) take_over: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Done {
    /// What: the handle or the id at the beginning of its line in `due`, such as `first_day:3f2a9c`.
    #[arg(value_name = "HANDLE|ID")]
    pub(crate) what: String,
    /// Who has done it: a name in the team, or an id [default: whoever had taken it, else you].
    #[arg(long = "for", value_name = "NAME|ID")]
    pub(crate) whom: Option<String>,
    /// What came of it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) outcome: Option<String>,
}
