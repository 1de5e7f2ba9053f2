//! `cargo xtask fuzz`: lets libFuzzer look for bytes that a reader of outside input does not survive.
//!
//! libFuzzer finds its way by which code an input reaches, so everything is compiled with counters. That needs no other
//! compiler than the stable one: the flags are LLVM's own.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::program::{cargo, program, read, root, run};
use crate::tools;

/// Counters at every branch, and what is compared, as libFuzzer reads them.
const COUNTERS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Memory that a reader may hold, in MiB. A base may inflate to 64, and its reader holds it twice, and once more as it is written
/// again.
fn memory_of(reader: &str) -> u32 {
    if reader == "base_inflate" { 512 } else { 256 }
}

/// What to feed, and for how long.
#[derive(clap::Args)]
pub(crate) struct Fuzz {
    /// Seconds for each reader
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// One reader instead of all, by its name in `tests/src/fuzz.rs`
    reader: Option<String>,
}

impl Fuzz {
    /// Feeds the readers one after another; fails at the first input that one does not survive, and keeps it where the tests feed
    /// it from then on.
    pub(crate) fn start(&self) -> Result<()> {
        tools::cxx()?;
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let host = read(program(rustc).arg("-vV"))?;
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not tell its host")?;
        // With a target named, build scripts and macros are compiled without the counters.
        run(cargo()
            .args(["build", "--release", "--package", "samla-tests", "--features", "fuzz", "--bin", "fuzz"])
            .args(["--target", host, "--target-dir", "target/fuzz"])
            .env("RUSTFLAGS", COUNTERS)
            .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
            .env("CARGO_PROFILE_RELEASE_STRIP", "none")
            .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
            .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"))?;
        let fuzz = root().join("target/fuzz").join(host).join("release/fuzz");
        let names = read(&mut program(&fuzz))?;
        let mut readers = names.lines().filter(|name| self.reader.as_deref().is_none_or(|one| one == *name)).peekable();
        if readers.peek().is_none() {
            bail!("there is no such reader; these are: {}", names.lines().collect::<Vec<_>>().join(", "));
        }
        readers.try_for_each(|reader| self.feed(reader, &fuzz))
    }

    fn feed(&self, reader: &str, fuzz: &Path) -> Result<()> {
        let corpus = root().join("target/fuzz/corpus").join(reader);
        let found = root().join("tests/found").join(reader);
        for folder in [&corpus, &found] {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        eprintln!("=== {reader}: {} s", self.seconds);
        let fed = run(program(fuzz)
            .arg(&corpus)
            .arg(format!("-max_total_time={}", self.seconds))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .arg(format!("-rss_limit_mb={}", memory_of(reader)))
            .args(["-timeout=30", "-max_len=65536", "-print_final_stats=1"])
            .env("SAMLA_FUZZ", reader)
            .env("SAMLA_CORPUS", &corpus));
        // A folder is kept only for what was found.
        let _ = std::fs::remove_dir(&found);
        if fed.is_err() {
            bail!(
                "{reader} did not survive an input, which is in {}; `cargo test --package samla-tests --test fuzz` feeds it again",
                found.display()
            );
        }
        Ok(())
    }
}
