//! The phone web app: from the core in Rust to the folder that the server hands out.
//!
//! ```text
//! samla-web ─► cargo (wasm32) ─► stage ─► bindings/web/pkg ─┐
//! samla-core ─► types ─► bindings/web/app/generated ────────┤
//! bindings/web/app ─────────────────────────────────────────┴► check, vite ─► bindings/web/dist
//! ```
//!
//! Everything named here is rebuilt when what it is made from has changed, and is ignored by git.

mod compiler;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::Result;

use crate::program::{build, program, root, run};
use crate::tools;
use compiler::{Compiler, TARGET};

/// The package of the browser's module.
const MODULE: &str = "samla-web";
/// The package of the check of the frozen bytes.
const VECTORS: &str = "samla-tests-wasm";

fn home() -> PathBuf {
    root().join("bindings/web")
}

/// Compiles the core for the browser and stages it: `pkg/samla_web.js`, `samla_web_bg.wasm`, `samla_web.d.ts`.
pub(crate) fn module() -> Result<()> {
    run(&mut Compiler::find()?.cargo("build", &[MODULE]))?;
    stage(MODULE, &home().join("pkg"))
}

/// Checks the frozen bytes in WebAssembly: the check is compiled and staged as the browser's module is, and run by
/// Node.js.
pub(crate) fn vectors() -> Result<()> {
    let folder = root().join("target/wasm/vectors");
    run(&mut Compiler::find()?.cargo("build", &[MODULE, VECTORS]))?;
    stage(VECTORS, &folder)?;
    std::fs::write(folder.join("package.json"), r#"{"type": "module"}"#)?;
    run(tools::node_program("node")?.arg("tests/wasm/run.mjs").arg(&folder).arg("tests/vectors/v1"))
}

/// Stages a compiled package in a folder.
fn stage(package: &str, folder: &Path) -> Result<()> {
    let name = package.replace('-', "_");
    let compiled = root().join("target/wasm").join(TARGET).join("wasm").join(&name).with_extension("wasm");
    if !newer(&folder.join(format!("{name}_bg.wasm")), &compiled) {
        build(&["stage"])?;
        run(program(root().join("target/debug/stage")).arg(&compiled).arg(folder).arg(&name))?;
    }
    Ok(())
}

/// Shrinks the staged module as for a release.
pub(crate) fn shrink() -> Result<()> {
    let small = staged().with_extension("small");
    run(tools::wasm_opt()?.args(["-Os", "--strip-debug", "--strip-producers"]).arg(staged()).arg("-o").arg(&small))?;
    std::fs::rename(small, staged())?;
    Ok(())
}

/// Lints what only a browser sees.
pub(crate) fn lint() -> Result<()> {
    run(Compiler::find()?.cargo("clippy", &[MODULE, VECTORS]).args(["--", "-D", "warnings"]))
}

/// Bundles the app around the staged module and answers the folder to serve.
pub(crate) fn app() -> Result<PathBuf> {
    packages()?;
    types()?;
    run(npm()?.args(["run", "build"]))?;
    Ok(home().join("dist"))
}

/// Installs the app's packages as its lock file names them.
pub(crate) fn packages() -> Result<()> {
    let lock = home().join("package-lock.json");
    if !newer(&home().join("node_modules/.package-lock.json"), &lock) {
        run(npm()?.arg("ci"))?;
    }
    Ok(())
}

/// Writes the TypeScript types of what the core takes and answers, and the choices that forms offer.
pub(crate) fn types() -> Result<()> {
    build(&["types"])?;
    run(program(root().join("target/debug/types")).arg(home().join("app/generated")))
}

/// npm in the app's folder.
pub(crate) fn npm() -> Result<Command> {
    let mut npm = tools::npm()?;
    npm.current_dir(home());
    Ok(npm)
}

fn staged() -> PathBuf {
    home().join("pkg/samla_web_bg.wasm")
}

/// True if the first file is there and not older than the second.
fn newer(made: &Path, from: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    let (Some(made), from) = (time(made), time(from)) else { return false };
    made >= from.unwrap_or(SystemTime::UNIX_EPOCH)
}
