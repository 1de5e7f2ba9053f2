//! The steps of a long command: each is announced, timed, and told of at the end.
//!
//! The first step that fails ends the command. A part may be left out only by name, in `SAMLA_SKIP`
//! (`SAMLA_SKIP=browser,kotlin cargo xtask test`), and that is printed where it would have run and at the end.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What `SAMLA_SKIP` may name.
const PARTS: [&str; 6] = ["web", "browser", "python", "kotlin", "swift", "verifier"];

/// The steps a command has taken so far.
pub(crate) struct Steps {
    command: &'static str,
    done: Vec<(&'static str, Duration)>,
    skip: Vec<&'static str>,
}

impl Steps {
    /// Begins a command. Fails if `SAMLA_SKIP` names an unknown part.
    pub(crate) fn begin(command: &'static str) -> Result<Self> {
        let named = std::env::var("SAMLA_SKIP").unwrap_or_default();
        let skip = named
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| {
                let known = PARTS.into_iter().find(|part| *part == name);
                known.with_context(|| format!("SAMLA_SKIP names {name:?}; it may name {}", PARTS.join(", ")))
            })
            .collect::<Result<_>>()?;
        Ok(Self { command, done: Vec::new(), skip })
    }

    /// Takes one step.
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        eprintln!("\n=== {name}");
        let began = Instant::now();
        let end = work();
        let took = began.elapsed();
        if let Err(error) = end {
            self.tell(Some((name, took)));
            return Err(error);
        }
        eprintln!("--- {name}: {}", seconds(took));
        self.done.push((name, took));
        Ok(())
    }

    /// Takes one step of a part, unless the part is to be skipped.
    pub(crate) fn part(
        &mut self,
        part: &'static str,
        name: &'static str,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        debug_assert!(PARTS.contains(&part));
        if self.skip.contains(&part) {
            eprintln!("\n=== {name}: SKIPPED, SAMLA_SKIP names {part}");
            return Ok(());
        }
        self.step(name, work)
    }

    /// Ends the command and tells what it did. Fails if nothing ran at all.
    pub(crate) fn end(self) -> Result<()> {
        if self.done.is_empty() {
            bail!("no step ran");
        }
        self.tell(None);
        Ok(())
    }

    fn tell(&self, failed: Option<(&str, Duration)>) {
        eprintln!("\n=== {}", self.command);
        for (name, took) in &self.done {
            eprintln!("{:>9}  passed   {name}", seconds(*took));
        }
        if let Some((name, took)) = failed {
            eprintln!("{:>9}  FAILED   {name}; what comes after it did not run", seconds(took));
        }
        for part in &self.skip {
            eprintln!("{:>9}  SKIPPED  {part} (SAMLA_SKIP)", "");
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
