//! `cargo xtask sim`: plays the field of a book that is founded anew with many numbers, as fast as the machine can.

use std::process::Command;

use anyhow::Result;

use crate::program::{cargo, run};

/// Which numbers to play.
#[derive(clap::Args)]
pub(crate) struct Sim {
    /// How many
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Plant one fault after another instead, and fail if one is not found within 1,000 fields
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    planted: bool,
}

impl Sim {
    /// Compiles the field for this machine alone and plays; fails if one number fails, and names it.
    pub(crate) fn start(&self) -> Result<()> {
        if self.planted {
            return run(play(&["--features", "planted"]).args(["--planted", "--seeds", "1000"]));
        }
        run(play(&[]).args(["--seeds", &self.seeds.to_string(), "--from", &self.from.to_string()]))
    }
}

/// The program of the fields. As one unit for the processor at hand it compiles in less time than as it would be delivered, and
/// plays twice as many fields a second; in a folder of its own, so that it makes nothing else compile again.
fn play(features: &[&str]) -> Command {
    let mut cargo = cargo();
    cargo
        .args(["run", "--release", "--package", "samla-tests", "--bin", "sim", "--target-dir", "target/sim"])
        .args(features)
        .arg("--")
        .env("RUSTFLAGS", "-Ctarget-cpu=native")
        .env("CFLAGS", "-O3 -march=native")
        .env("LIBSQLITE3_FLAGS", "-DSQLITE_DEFAULT_MEMSTATUS=0")
        .env("CARGO_PROFILE_RELEASE_LTO", "fat")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1");
    cargo
}
