//! Finds the tools a command needs and installs those that are missing.
//!
//! Each goes through the package manager one would use by hand: apt-get, rustup, cargo, npm, pip. What belongs to this
//! project alone lands under `target/tools`; apt-get needs root or sudo, and where there is neither the command
//! stops with the line to type.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use anyhow::{Context, Result, bail};

use crate::program::{cargo, find, program, read, root, run, works};

/// The oldest Node.js that the web app's tools run on, and the one fetched where there is only an older one.
const NODE_OLDEST: (u32, u32) = (20, 19);
const NODE: &str = "22";
const BINARYEN: &str = "132.0.0";
const KOTLIN: &str = "2.4.20";
const CARGO_DENY: &str = "0.20.2";

/// Where tools of this project alone are kept.
fn folder() -> PathBuf {
    root().join("target/tools")
}

/// Installs Debian packages, or stops with the line to type. `what` says what is missing.
pub(crate) fn apt(what: &str, packages: &[&str]) -> Result<()> {
    static UPDATED: Once = Once::new();
    let line = format!("apt-get update && apt-get install -y {}", packages.join(" "));
    if find("apt-get").is_none() {
        bail!("{what} is missing; install it and try again (on Debian or Ubuntu: {line})");
    }
    let root_user = read(program("id").arg("-u")).is_ok_and(|id| id == "0");
    let sudo =
        find("sudo").is_some() && (works(program("sudo").args(["-n", "true"])) || std::io::stdin().is_terminal());
    if !root_user && !sudo {
        bail!("{what} is missing; type this as root and try again: {line}");
    }
    let apt_get = || {
        let mut command = program(if root_user { "env" } else { "sudo" });
        if !root_user {
            command.arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        command
    };
    eprintln!("{what} is missing: {line}");
    let mut updated = Ok(());
    UPDATED.call_once(|| updated = run(apt_get().arg("update")));
    updated
        .and_then(|()| run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages)))
        .with_context(|| format!("{what} is missing and could not be installed; try by hand: {line}"))
}

/// A C compiler for WebAssembly, for SQLite in the browser.
pub(crate) fn clang() -> Result<()> {
    let compiles = || read(program("clang").arg("--print-targets")).is_ok_and(|targets| targets.contains("wasm32"));
    if !compiles() {
        apt("clang with its WebAssembly target", &["clang", "lld"])?;
    }
    if !compiles() {
        bail!("the clang found first on PATH has no WebAssembly target; put one that has it before it");
    }
    Ok(())
}

/// A C++ compiler, for libFuzzer.
pub(crate) fn cxx() -> Result<()> {
    if find("c++").is_none() {
        apt("A C++ compiler", &["g++"])?;
    }
    Ok(())
}

/// The browser of the browser tests.
pub(crate) fn chromium() -> Result<PathBuf> {
    found_or("chromium", || apt("Chromium", &["chromium"]))
}

/// A Java machine to run Kotlin on.
pub(crate) fn java() -> Result<PathBuf> {
    found_or("java", || apt("Java", &["default-jre-headless"]))
}

/// The library by which Java calls native code, as a jar.
pub(crate) fn jna() -> Result<PathBuf> {
    let jar = Path::new("/usr/share/java/jna.jar");
    if !jar.is_file() {
        apt("Java Native Access", &["libjna-java"])?;
    }
    Ok(jar.to_owned())
}

/// The folder of the jars of the Kotlin compiler.
pub(crate) fn kotlin() -> Result<PathBuf> {
    Ok(npm_package("kotlin-compiler", KOTLIN)?.join("lib"))
}

/// The optimiser of WebAssembly modules.
pub(crate) fn wasm_opt() -> Result<Command> {
    let package = npm_package("binaryen", BINARYEN)?;
    let mut command = node_program("node")?;
    command.arg(package.join("bin/wasm-opt"));
    Ok(command)
}

/// The checker of licences, sources and who may use which crate.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let own = folder().join("bin/cargo-deny");
    let fits = |path: &Path| read(program(path).arg("--version")).is_ok_and(|version| version.ends_with(CARGO_DENY));
    if let Some(found) = find("cargo-deny").filter(|path| fits(path)) {
        return Ok(found);
    }
    if !fits(&own) {
        // It runs for a second: to optimise it would take longer than all that it ever checks.
        eprintln!("cargo-deny is missing: cargo install cargo-deny (a few minutes, once)");
        run(cargo()
            .args(["install", "cargo-deny", "--locked", "--debug", "--version", CARGO_DENY, "--root"])
            .arg(folder()))?;
    }
    Ok(own)
}

/// The Python of a virtual environment of its own, with the packages of a requirements file.
pub(crate) fn python(name: &str, requirements: Option<&Path>) -> Result<PathBuf> {
    let home = folder().join("python").join(name);
    let python = home.join("bin/python");
    if find("python3").is_none() || !works(program("python3").args(["-c", "import venv, ensurepip"])) {
        apt("Python with venv", &["python3", "python3-venv"])?;
    }
    let wanted = match requirements {
        Some(file) => {
            std::fs::read_to_string(root().join(file)).with_context(|| format!("cannot read {}", file.display()))?
        }
        None => String::new(),
    };
    let installed = home.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    run(program("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    if let Some(file) = requirements {
        run(program(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(file))?;
    }
    std::fs::write(installed, wanted)?;
    Ok(python)
}

/// npm, with a Node.js that is new enough first on its path.
pub(crate) fn npm() -> Result<Command> {
    node_program("npm")
}

/// A program of Node.js, with a Node.js that is new enough first on its path.
pub(crate) fn node_program(name: &str) -> Result<Command> {
    if find("node").is_none() || find("npm").is_none() {
        apt("Node.js", &["nodejs", "npm"])?;
    }
    if node_fits(Path::new("node")) {
        return Ok(program(name));
    }
    let home = folder().join("node");
    let own = home.join("node_modules/node/bin");
    if !node_fits(&own.join("node")) {
        let (major, minor) = NODE_OLDEST;
        eprintln!("Node.js is older than {major}.{minor}: npm install node@{NODE}");
        npm_install(&mut program("npm"), &home, &format!("node@{NODE}"))?;
    }
    if !node_fits(&own.join("node")) {
        let (major, minor) = NODE_OLDEST;
        bail!("Node.js {major}.{minor} or newer is needed; install it (https://nodejs.org) and try again");
    }
    let mut path = own.clone().into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = if name == "node" { program(own.join(name)) } else { program(name) };
    command.env("PATH", path);
    Ok(command)
}

fn node_fits(node: &Path) -> bool {
    let Ok(version) = read(program(node).arg("--version")) else { return false };
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= NODE_OLDEST
}

/// Installs one npm package of one version and answers its folder.
fn npm_package(name: &str, version: &str) -> Result<PathBuf> {
    let home = folder().join(name);
    let package = home.join("node_modules").join(name);
    let is_there = std::fs::read_to_string(package.join("package.json"))
        .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")));
    if !is_there {
        eprintln!("{name} is missing: npm install {name}@{version}");
        npm_install(&mut npm()?, &home, &format!("{name}@{version}"))?;
    }
    Ok(package)
}

fn npm_install(npm: &mut Command, home: &Path, package: &str) -> Result<()> {
    std::fs::create_dir_all(home)?;
    run(npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(home).arg(package))
}

fn found_or(name: &str, install: impl FnOnce() -> Result<()>) -> Result<PathBuf> {
    if let Some(path) = find(name) {
        return Ok(path);
    }
    install()?;
    find(name).with_context(|| format!("{name} was installed but is not on PATH"))
}
