//! `cargo xtask bench`: measures speed and size and prints them as tables. A measurement, never a test.

use anyhow::Result;

use crate::program::{cargo, run};

/// What `bench` is asked to measure.
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// Handed on to the program as they are; `cargo xtask bench -- --help` tells which there are
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Bench {
    /// Compiles the benchmark as it would be delivered and runs it.
    pub(crate) fn start(&self) -> Result<()> {
        run(cargo()
            .args(["run", "--release", "--package", "samla-tests", "--bin", "bench", "--"])
            .args(&self.arguments))
    }
}
