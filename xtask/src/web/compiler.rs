//! The Rust compiler for WebAssembly. Three ways lead to it, taken in this order:
//!
//! 1. the target is installed beside the compiler in use;
//! 2. `rustup target add` installs it;
//! 3. where rustup is not used or cannot download, Debian's compiler builds the standard library from its own
//!    source package.
//!
//! If none does, the command stops with the line to type.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::program::{cargo, find, program, read, root, run, works};
use crate::tools;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's own compiler, its cargo and its linter. The version of cargo and rustc must match, so PATH is not asked.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld";
const DEBIAN_PACKAGES: [&str; 6] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "clang", "lld"];

/// A compiler that is ready for use.
pub(crate) enum Compiler {
    /// The one in use, which has the target.
    InUse,
    /// Debian's, which compiles the standard library too (a few minutes, once).
    Debian,
}

impl Compiler {
    /// Takes the first way that is open, installing what it needs.
    pub(crate) fn find() -> Result<Self> {
        tools::clang()?;
        if target_installed() {
            return Ok(Self::InUse);
        }
        if find("rustup").is_some() {
            eprintln!("the WebAssembly target is missing: rustup target add {TARGET}");
            if run(program("rustup").args(["target", "add", TARGET])).is_ok() && target_installed() {
                return Ok(Self::InUse);
            }
            eprintln!("rustup could not install it; trying Debian's compiler");
        }
        if !debian_ready() {
            tools::apt("a Rust compiler for WebAssembly", &DEBIAN_PACKAGES)?;
        }
        if !debian_ready() {
            bail!(
                "no Rust compiler for WebAssembly: neither `rustup target add {TARGET}` nor Debian's packages \
                 gave one of version {} or newer",
                env!("CARGO_PKG_RUST_VERSION")
            );
        }
        Ok(Self::Debian)
    }

    /// `cargo VERB` for packages that run in a browser, in a target folder of its own: otherwise cargo would hold
    /// the lock of the one folder and build scripts would be compiled in turn for both.
    pub(crate) fn cargo(&self, verb: &str, packages: &[&str]) -> Command {
        let mut command = match (self, verb) {
            (Self::InUse, _) => cargo(),
            (Self::Debian, "clippy") => program(DEBIAN_CLIPPY),
            (Self::Debian, _) => program(DEBIAN_CARGO),
        };
        command
            .arg(verb)
            .args(packages.iter().flat_map(|package| ["--package", package]))
            .args(["--profile", "wasm", "--target", TARGET])
            .env("CARGO_TARGET_DIR", root().join("target/wasm"));
        if let Self::Debian = self {
            command
                .args(["-Z", "build-std=std,panic_abort"])
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUSTC", DEBIAN_RUSTC)
                .env("CARGO", DEBIAN_CARGO)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
        }
        command
    }
}

fn target_installed() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    read(program(rustc).args(["--print", "target-libdir", "--target", TARGET]))
        .is_ok_and(|folder| Path::new(&folder).is_dir())
}

fn debian_ready() -> bool {
    let new_enough = read(program(DEBIAN_RUSTC).arg("--version")).is_ok_and(|text| {
        let version = text.split_whitespace().nth(1).unwrap_or_default();
        numbers(version) >= numbers(env!("CARGO_PKG_RUST_VERSION"))
    });
    let source = read(program(DEBIAN_RUSTC).args(["--print", "sysroot"]))
        .is_ok_and(|folder| Path::new(&folder).join("lib/rustlib/src/rust/library/Cargo.lock").is_file());
    new_enough
        && source
        && [DEBIAN_LINKER, DEBIAN_CLIPPY].into_iter().all(|tool| Path::new(tool).is_file())
        && works(program(DEBIAN_CARGO).arg("--version"))
}

/// The first two numbers of a version: "1.96.0" is (1, 96).
fn numbers(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}
