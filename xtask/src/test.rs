//! `cargo xtask test`: every suite, in the order in which a failure tells most.

use std::path::Path;

use anyhow::Result;

use crate::program::{build, cargo, program, root, run, works};
use crate::steps::Steps;
use crate::{bindings, tools, web};

/// Runs every suite; the first failure ends it.
pub(crate) fn test() -> Result<()> {
    let mut steps = Steps::begin("cargo xtask test")?;
    steps.step("Rust", rust)?;
    steps.step("faults planted inside the protocol", planted)?;
    steps.step("examples in the documentation", || run(cargo().args(["test", "--workspace", "--doc"])))?;
    steps.part("verifier", "frozen vectors, by an independent program", verifier)?;
    steps.part("python", "Python", bindings::python)?;
    steps.part("kotlin", "Kotlin", bindings::kotlin)?;
    steps.part("swift", "Swift, as far as it can be checked without its compiler", bindings::swift)?;
    steps.part("web", "browser module", web::module)?;
    steps.part("web", "frozen vectors, in WebAssembly", web::vectors)?;
    steps.part("web", "web app", || {
        web::app()?;
        run(web::npm()?.arg("test"))
    })?;
    steps.part("browser", "browsers", browser)?;
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

/// What is compiled with faults in it.
fn planted() -> Result<()> {
    run(cargo().args(["test", "--workspace", "--features", "samla-tests/planted", "--test", "planted"]))
}

/// The frozen bytes, worked out anew by a Python program that shares no code with the project.
fn verifier() -> Result<()> {
    let folder = Path::new("tests/verifier");
    let python = tools::python("verifier", Some(&folder.join("requirements.txt")))?;
    run(program(python).arg(folder.join("verify.py")))
}

/// Two people in two browsers, over the server and the app as they were just built.
fn browser() -> Result<()> {
    web::module()?;
    let app = web::app()?;
    let chromium = tools::chromium()?;
    build(&["samla-server"])?;
    run(web::npm()?
        .args(["run", "test:browser"])
        .env("SAMLA_CHROMIUM", chromium)
        .env("SAMLA_WEB_DIST", app)
        .env("SAMLA_SERVER", root().join("target/debug/samla-server")))
}
