//! `cargo xtask demo`: fills a register with a realistic season.

use anyhow::Result;

use crate::program::{cargo, run};

/// What `demo` is asked to do.
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Handed on to the program as they are, such as `--size branch --seed 7`; `cargo xtask demo -- --help` tells which there are
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Demo {
    /// Compiles the program of the season and runs it.
    pub(crate) fn start(&self) -> Result<()> {
        run(cargo().args(["run", "--release", "--package", "samla-tests", "--bin", "demo", "--"]).args(&self.arguments))
    }
}
