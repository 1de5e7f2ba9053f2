//! `cargo xtask test`: every suite, in the order in which a failure tells most.

use anyhow::Result;

use crate::program::{cargo, run, works};
use crate::steps::Steps;
use crate::web;

/// Runs every suite; the first failure ends it.
pub(crate) fn test() -> Result<()> {
    let mut steps = Steps::begin("cargo xtask test")?;
    steps.step("Rust", rust)?;
    steps.step("examples in the documentation", || run(cargo().args(["test", "--workspace", "--doc"])))?;
    steps.part("web", "browser module", web::module)?;
    steps.part("web", "web app", || {
        web::app()?;
        run(web::npm()?.arg("test"))
    })?;
    steps.end()
}

/// The Rust suites, by nextest where it is installed.
fn rust() -> Result<()> {
    if works(cargo().args(["nextest", "--version"])) {
        run(cargo().args(["nextest", "run", "--workspace"]))
    } else {
        run(cargo().args(["test", "--workspace", "--lib", "--bins", "--tests"]))
    }
}
