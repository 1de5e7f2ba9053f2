//! What the kernel says of a process's memory. Only Linux tells it.

use anyhow::{Context, Result};

/// The most memory that a process has held at once, in bytes. The process is its number, or `self`.
pub fn peak(process: &str) -> Result<f64> {
    of(process, "VmHWM:")
}

/// The memory that a process holds, in bytes.
pub fn held(process: &str) -> Result<f64> {
    of(process, "VmRSS:")
}

fn of(process: &str, name: &str) -> Result<f64> {
    let path = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&path).context("memory is read from /proc, which only Linux has")?;
    let line =
        text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("{path} has no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
}
