//! Other programs, always started from the root of the workspace.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// A program by its name or path, to be started from the root of the workspace.
///
/// It does not see the variables that cargo set for xtask itself: build scripts watch some of them, and would
/// compile their crates again each time the road changes from `cargo` to `cargo xtask` and back.
pub(crate) fn program(name: impl Into<OsString>) -> Command {
    let mut command = Command::new(name.into());
    command.current_dir(root());
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|own| name.starts_with(own)) {
            command.env_remove(&variable);
        }
    }
    command
}

/// The cargo that started this command.
pub(crate) fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds programs of the workspace. They are always built over all of it: cargo chooses features by what is built together, and
/// would else compile the same crates once more for every choice.
pub(crate) fn build(programs: &[&str]) -> Result<()> {
    run(cargo().args(["build", "--workspace"]).args(programs.iter().flat_map(|name| ["--bin", name])))
}

/// Runs a program to its end. Its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start: {}", line(command)))?;
    if !status.success() {
        bail!("failed ({status}): {}", line(command));
    }
    Ok(())
}

/// Runs a program and answers what it wrote to standard output, without the white space around it.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::null()).output().with_context(|| format!("cannot start: {}", line(command)))?;
    if !output.status.success() {
        bail!("failed ({}): {}", output.status, line(command));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// True if the program can be started and ends well. Nothing of it is printed.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Where a program is, looked for along `PATH`.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A command as one would type it, for messages.
fn line(command: &Command) -> String {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
