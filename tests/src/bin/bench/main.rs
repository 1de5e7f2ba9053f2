//! Measures speed and size and prints them as tables. A measurement, never a test: nothing here fails for being slow.
//!
//! Four tables. *Workload D* is a busy day: ten devices that share a register of 5,000 contacts each record 200 new ones
//! offline, and then sync until all hold everything, through a server that runs as a process of its own. *Sizes* is
//! what one device feels at 1,000, 10,000 and 50,000 contacts, beside what automerge alone costs for the same rows.
//! *Views* is how long each list and report takes at those sizes, and how it grows.
//! *A new epoch* is what founding a book anew costs everybody.
//! Every size and every stage of it is a process of its own, so that each has its own peak of memory.

#![expect(clippy::print_stdout, reason = "it prints tables")]

mod bare;
mod device;
mod epoch;
mod measure;
mod process;
mod season;
mod sizes;
mod views;
mod workload;

use anyhow::Result;
use clap::Parser;

/// Measures speed and size and prints them as tables.
#[derive(Parser)]
#[command(name = "cargo xtask bench --")]
struct Arguments {
    /// Only the size of 1,000 contacts, and not workload D
    #[arg(long)]
    quick: bool,
    /// Only workload D
    #[arg(long, conflicts_with = "quick")]
    workload: bool,
    /// Only the lists and reports
    #[arg(long, conflicts_with_all = ["quick", "workload"])]
    views: bool,
    /// Only a new epoch
    #[arg(long, conflicts_with_all = ["quick", "workload", "views"])]
    epoch: bool,
    #[command(flatten)]
    stage: sizes::StageArguments,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(stage) = arguments.stage.stage {
        return sizes::take(stage, &arguments.stage);
    }
    let cores = std::thread::available_parallelism()?;
    println!(
        "samla {} on {} {}, {cores} cores",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    if arguments.epoch {
        return epoch::run();
    }
    let sizes: &[usize] = if arguments.quick { &[1_000] } else { &[1_000, 10_000, 50_000] };
    if !arguments.workload {
        views::run(sizes)?;
    }
    if arguments.views {
        return Ok(());
    }
    if !arguments.workload {
        epoch::run()?;
    }
    process::build_server()?;
    if !arguments.quick {
        workload::run()?;
    }
    if !arguments.workload {
        sizes::run(sizes)?;
    }
    Ok(())
}
