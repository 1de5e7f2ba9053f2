//! What was promised to the people in the register.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use samla_core::{Date, Id, tables};

use super::{Assignment, assignment};

#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    /// List what a person has agreed to, purpose by purpose.
    List {
        /// The person.
        contact: Id<tables::Contact>,
    },
    /// Write down that a person agreed: anew, where an earlier consent was taken back.
    Give {
        /// The person.
        contact: Id<tables::Contact>,
        /// Fields, such as `purpose=newsletter`; `samla fields consents` lists them. It is given now, unless `given_at` says.
        #[arg(value_name = "FIELD=VALUE", value_parser = assignment)]
        fields: Vec<Assignment>,
    },
    /// A person takes a consent back. It holds against every consent that somebody writes without knowing of it.
    Withdraw {
        /// The person.
        contact: Id<tables::Contact>,
        /// For what [default: for everything].
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct About {
    /// The person.
    pub(crate) contact: Id<tables::Contact>,
    /// Write it as a page to hand over, in the reader's language, to this new file; `-` writes it to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write it as JSON for another program to this new file; `-` writes it to standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "html")]
    pub(crate) json_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Addresses {
    /// The purpose that people must have agreed to, in the words of their consents.
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: String,
    /// Only those of this workplace, with its sub-sites.
    #[arg(long, value_name = "ID")]
    pub(crate) workplace: Option<Id<tables::Workplace>>,
    /// Only say how many there are. Nothing is taken out, and nothing written down.
    #[arg(long)]
    pub(crate) count: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Told {
    /// The person.
    pub(crate) contact: Id<tables::Contact>,
    /// The day [default: today].
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
}
