//! The bindings for Kotlin, Swift and Python, generated from the built library and tried out.
//!
//! What is generated lies in a folder per language under `target/bindings`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::program::{cargo, program, root, run};
use crate::tools;

/// A language's generated bindings, and the programs that its tests run.
struct Built {
    /// The generated sources.
    folder: PathBuf,
    library: PathBuf,
    server: PathBuf,
}

/// Builds the library and the server, and generates the bindings for a language.
fn build(language: &str) -> Result<Built> {
    run(cargo().args(["build", "--workspace"]))?;
    let debug = root().join("target/debug");
    let library = debug.join(format!("{}samla{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX));
    let folder = root().join("target/bindings").join(language);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    run(program(debug.join("uniffi-bindgen"))
        .args(["generate", "--no-format", "--language", language, "--library"])
        .arg(&library)
        .arg("--out-dir")
        .arg(&folder))?;
    Ok(Built { folder, library, server: debug.join("samla-server") })
}

/// The Python package: the story, its errors, asyncio.
pub(crate) fn python() -> Result<()> {
    let built = build("python")?;
    let package = built.folder.join("samla");
    std::fs::create_dir(&package)?;
    std::fs::rename(built.folder.join("samla.py"), package.join("samla.py"))?;
    let name = built.library.file_name().context("the library has a name")?;
    std::fs::copy(&built.library, package.join(name))?;
    for source in std::fs::read_dir(root().join("bindings/python/src/samla"))? {
        let source = source?;
        if source.path().is_file() {
            std::fs::copy(source.path(), package.join(source.file_name()))?;
        }
    }
    let python = tools::python("bindings", None)?;
    run(program(python)
        .args(["-m", "unittest", "discover", "--start-directory", "bindings/python/tests"])
        .env("PYTHONPATH", &built.folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SAMLA_SERVER", &built.server))
}

/// The Kotlin package: compiled without a warning; the story, its errors, the stream of events.
pub(crate) fn kotlin() -> Result<()> {
    let java = tools::java()?;
    let (compiler, jna) = (tools::kotlin()?, tools::jna()?);
    let built = build("kotlin")?;
    let classes = built.folder.join("classes");
    let jars = [compiler.join("kotlin-stdlib.jar"), compiler.join("kotlinx-coroutines-core-jvm.jar"), jna];
    run(small(&java)
        .arg("-cp")
        .arg(compiler.join("kotlin-compiler.jar"))
        .arg("org.jetbrains.kotlin.cli.jvm.K2JVMCompiler")
        .args(["-no-stdlib", "-no-reflect", "-Werror", "-jvm-target", "11", "-cp"])
        .arg(std::env::join_paths(&jars)?)
        .arg("-d")
        .arg(&classes)
        .arg(built.folder.join("samla"))
        .args(["bindings/kotlin/src", "bindings/kotlin/tests"]))?;
    let library = built.library.parent().context("the library lies in a folder")?;
    run(small(&java)
        .arg(format!("-Djna.library.path={}", library.display()))
        .arg("-cp")
        .arg(std::env::join_paths(std::iter::once(&classes).chain(&jars))?)
        .args(["MainKt", "tests/stories/one_tap.json"])
        .env("SAMLA_SERVER", &built.server))
}

/// A Java that starts quickly and takes little room.
fn small(java: &Path) -> Command {
    let mut command = program(java);
    command.args(["-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
    command
}

/// The Swift package, as far as it can be checked without a Swift compiler.
pub(crate) fn swift() -> Result<()> {
    tools::clang()?;
    let folder = Path::new("bindings/swift");
    let python = tools::python("swift", Some(&folder.join("requirements.txt")))?;
    let built = build("swift")?;
    run(program(python).arg(folder.join("check.py")).arg(&built.folder).arg(&built.library))
}
