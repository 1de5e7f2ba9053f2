//! `cargo xtask sim`: plays the field of a book that is founded anew with many numbers, as fast as the machine can.

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
    /// Compiles the field as it would be delivered and plays; fails if one number fails, and names it.
    pub(crate) fn start(&self) -> Result<()> {
        if self.planted {
            return run(cargo()
                .args(["run", "--release", "--package", "samla-tests", "--features", "planted", "--bin", "sim", "--"])
                .args(["--planted", "--seeds", "1000"]));
        }
        let (seeds, from) = (self.seeds.to_string(), self.from.to_string());
        run(cargo()
            .args(["run", "--release", "--package", "samla-tests", "--bin", "sim", "--"])
            .args(["--seeds", &seeds, "--from", &from]))
    }
}
