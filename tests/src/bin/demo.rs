//! Fills a server's folder with a realistic season and says how to get in.
//!
//! ```text
//! cargo xtask demo               # a small club
//! cargo xtask demo --size branch --seed 7
//! cargo xtask run                # then open one of the links that were printed
//! ```

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Result;
use chrono::{DateTime, NaiveDate, Utc};
use clap::Parser;
use samla_tests::season::{Plan, Size, play};

/// Fills a register with a realistic season, through the ordinary commands on simulated phones.
#[derive(Parser)]
#[command(name = "cargo xtask demo")]
struct Arguments {
    /// How much happens: a small club (45 contacts), a branch (520) or a federation (6,000, which takes minutes)
    #[arg(long, value_enum, default_value = "club")]
    size: Size,
    /// What chance decides: the same seed and day give the same register
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day it is in the season; today if it is not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// The server's data folder; by default the one that `cargo xtask run` uses
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let today = arguments.today.unwrap_or_else(|| DateTime::<Utc>::from(SystemTime::now()).date_naive());
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/samla-data");
    let data = std::path::absolute(arguments.data.clone().unwrap_or_else(|| PathBuf::from(own)))?;
    std::fs::create_dir_all(&data)?;
    let data = data.canonicalize()?;
    let mut terminal = std::io::stderr();
    let live = terminal.is_terminal();
    let season = play(&Plan { size: arguments.size, seed: arguments.seed, today }, &data, &mut |percent| {
        if live {
            let _ = write!(terminal, "\r{percent} % of the season\r");
        }
    })?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}, seed {}, as of {today}, in {}", season.book, arguments.seed, data.display())?;
    for (kind, count) in &season.rows {
        writeln!(out, "{count:>8}  {kind}")?;
    }
    writeln!(
        out,
        "\nStart the server with `cargo xtask run`, then open a link; each lets one device in, for 14 days:"
    )?;
    for link in &season.links {
        writeln!(out, "  {link}")?;
    }
    writeln!(out, "\nOn the command line: cargo run -p samla-cli -- join '<link>' --name <your name>")?;
    Ok(())
}
