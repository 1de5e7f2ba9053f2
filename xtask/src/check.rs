//! `cargo xtask check`: what can be judged without running the product.

use anyhow::Result;

use crate::program::{cargo, program, run};
use crate::steps::Steps;
use crate::{tools, web};

/// Takes every step of the check; the first failure ends it.
pub(crate) fn check() -> Result<()> {
    let mut steps = Steps::begin("cargo xtask check")?;
    steps.step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("lints", || run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])))?;
    steps.part("web", "lints of the browser's module", web::lint)?;
    steps.step("import rules, licences and sources", || {
        eprintln!("(known vulnerabilities are not asked here: cargo deny check advisories)");
        let deny = tools::cargo_deny()?;
        run(program(deny).args(["check", "--allow", "unused-wrapper", "bans", "licenses", "sources"]))
    })?;
    steps.step("documentation", || {
        run(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    steps.part("web", "types of the web app", || {
        web::packages()?;
        web::module()?;
        web::types()?;
        run(web::npm()?.args(["run", "check"]))
    })?;
    steps.end()
}
