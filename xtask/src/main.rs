//! The commands of this project: `cargo xtask run`, `test`, `check`, `demo`, `bench`, `sim`, `fuzz`.
//!
//! Each command is a module of its own and reads as the steps it takes. Two things always hold: what is
//! missing on the machine is installed through an ordinary package manager, or the command stops with the exact
//! line to type ([`tools`]); and nothing is left out in silence ([`steps`]).

mod bench;
mod bindings;
mod check;
mod demo;
mod fuzz;
mod program;
mod run;
mod sim;
mod steps;
mod test;
mod tools;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The commands of this project.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build what is missing and start the server with the phone web app
    Run(run::Run),
    /// Run every suite; the first failure ends it
    Test,
    /// Format, lints, licences, import rules, documentation and types, without running anything
    Check,
    /// Fill a register with a realistic season
    Demo(demo::Demo),
    /// Measure speed and size, printed as tables
    Bench(bench::Bench),
    /// Play a book that is founded anew, with one number after another
    Sim(sim::Sim),
    /// Feed everything that reads from outside with what a machine thinks of
    Fuzz(fuzz::Fuzz),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(run) => run.start(),
        Command::Test => test::test(),
        Command::Check => check::check(),
        Command::Demo(demo) => demo.start(),
        Command::Bench(bench) => bench.start(),
        Command::Sim(sim) => sim.start(),
        Command::Fuzz(fuzz) => fuzz.start(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
