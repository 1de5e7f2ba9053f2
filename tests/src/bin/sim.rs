//! `cargo xtask sim`: plays the field of a book that is founded anew with one number after another, and names those that fail.

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use samla_tests::anew::Anew;
use samla_tests::planted::{Plant, find};
use samla_tests::seeds::play_all;

/// Which numbers to play.
#[derive(Parser)]
#[command(name = "cargo xtask sim --")]
struct Arguments {
    /// How many
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Failures after which it stops
    #[arg(long, default_value_t = 10)]
    failures: usize,
    /// Plant one fault after another instead, and see that each is found in so many fields
    #[arg(long)]
    planted: bool,
}

/// Plants every fault and looks for it.
#[allow(clippy::print_stdout, reason = "a program for a terminal")]
fn find_planted(most: u64) -> ExitCode {
    let mut missed = Vec::new();
    for plant in Plant::possible() {
        match find(plant, most) {
            Some((seed, why)) => println!("{plant:?}: found in field {seed}: {why}"),
            None => missed.push(plant),
        }
    }
    if missed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("not found in {most} fields: {missed:?}");
    ExitCode::FAILURE
}

#[allow(clippy::print_stdout, reason = "a program for a terminal")]
fn main() -> ExitCode {
    let Arguments { seeds, from, failures, planted } = Arguments::parse();
    if planted {
        return find_planted(seeds);
    }
    let (began, told) = (Instant::now(), AtomicU64::new(0));
    let played = play_all(
        from..from.saturating_add(seeds),
        failures,
        |seed| {
            let played = Anew::play(seed, None);
            played.inspect_err(|why| eprintln!("\r{seed} does not hold: {}", why.lines().next().unwrap_or_default()))
        },
        |done| {
            let second = began.elapsed().as_secs();
            if told.swap(second, Ordering::Relaxed) != second {
                eprint!("\r{done} of {seeds} fields, {second} s ");
                let _ = std::io::stderr().flush();
            }
        },
    );
    eprintln!("\r{seeds} fields from {from} on, {:.0} s", began.elapsed().as_secs_f64());
    println!("{:?}", played.sum);
    for (seed, why) in &played.failed {
        println!("\nSAMLA_SEED={seed}: {why}");
    }
    if played.failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    let numbers: Vec<String> = played.failed.iter().map(|(seed, _)| seed.to_string()).collect();
    println!("\nthese do not hold: {}", numbers.join(", "));
    println!("play one again: SAMLA_SEED=… cargo test --package samla-tests --test anew");
    ExitCode::FAILURE
}
