//! Books: making one, joining one, coming back into one, and carrying one in a file.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use samla_core::InviteId;

#[derive(Debug, Subcommand)]
pub(crate) enum BookCommand {
    /// Make a book and print its recovery sheet: the only time it is shown.
    New(NewBook),
    /// Make a book to practise with: it lies in this folder alone, nothing of it is ever sent, and it needs no recovery sheet.
    Practice(Practice),
    /// Confirm that the recovery sheet is on paper, by six of its characters.
    Confirm {
        /// The characters in the order they were asked for; capitals and spaces do not matter.
        #[arg(required = true)]
        chars: Vec<String>,
    },
    /// Confirm half a year later that the sheet is still there: `samla status` says when, and which characters.
    CheckSheet {
        /// The characters in the order they were asked for; capitals and spaces do not matter.
        #[arg(required = true)]
        chars: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// Write all that this device holds, sealed, for another device of the book.
    Export {
        /// The new file, such as `lunch.samla`.
        file: PathBuf,
        /// For somebody who joins by this invitation without a network, as `invites` prints it.
        #[arg(long, value_name = "ID")]
        invite: Option<InviteId>,
    },
    /// Take in a file that another device of the book has made.
    Import {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Recover {
    /// A file with the sheet's text; `-` reads it from standard input.
    pub(crate) sheet: PathBuf,
    /// The server that carries the book, as the sheet says.
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    /// Your name, for the colleagues.
    #[arg(long)]
    pub(crate) name: String,
    /// What to call this device.
    #[arg(long, default_value = "Command line")]
    pub(crate) label: String,
    /// Put every other device out.
    #[arg(long)]
    pub(crate) alone: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NewBook {
    /// What the members call the book.
    pub(crate) name: String,
    /// The server that carries it, such as https://samla.example.
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    /// Your name, for the colleagues [default: your user name here].
    #[arg(long, value_name = "NAME")]
    pub(crate) me: Option<String>,
    /// What to call this device.
    #[arg(long, default_value = "Command line")]
    pub(crate) label: String,
    /// The operator's token, where the server asks for one to found a book.
    #[arg(long, env = "SAMLA_OPERATOR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) operator_token: Option<String>,
    /// Write the recovery sheet to this new file, readable by you only, instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub(crate) sheet_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Practice {
    /// What to call the book [default: a name that says what it is for].
    pub(crate) name: Option<String>,
    /// Your name in it [default: your user name here].
    #[arg(long, value_name = "NAME")]
    pub(crate) me: Option<String>,
    /// What to call this device.
    #[arg(long, default_value = "Command line")]
    pub(crate) label: String,
}

#[derive(Debug, Args)]
pub(crate) struct Join {
    /// The invitation link; `-` reads it from standard input, so that it stays out of the list of processes.
    pub(crate) link: String,
    /// Your name, for the colleagues.
    #[arg(long)]
    pub(crate) name: String,
    /// What to call this device.
    #[arg(long, default_value = "Command line")]
    pub(crate) label: String,
    /// A file made for this invitation: with it the register can be read without a network.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}
