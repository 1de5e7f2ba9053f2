//! Taking times, and writing numbers for people.

use std::time::Instant;

use crate::process::own_cpu;

/// How long something took, each time it was done, in seconds.
#[derive(Default)]
pub(crate) struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Times {
    /// Does something and takes its time.
    pub(crate) fn take<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (wall, cpu) = (Instant::now(), own_cpu());
        let done = work();
        self.wall.push(wall.elapsed().as_secs_f64());
        self.cpu.push(own_cpu() - cpu);
        done
    }

    /// Notes a time that was taken in pieces.
    pub(crate) fn note(&mut self, wall: f64, cpu: f64) {
        self.wall.push(wall);
        self.cpu.push(cpu);
    }

    pub(crate) fn wall(&self, of: Share) -> f64 {
        at(&self.wall, of)
    }

    pub(crate) fn cpu(&self, of: Share) -> f64 {
        at(&self.cpu, of)
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.wall.extend(other.wall);
        self.cpu.extend(other.cpu);
    }
}

/// Which of many times.
#[derive(Clone, Copy)]
pub(crate) enum Share {
    /// Half of them are shorter.
    Median,
    /// Ninety-nine of a hundred are shorter.
    P99,
}

fn at(times: &[f64], share: Share) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let index = match share {
        Share::Median => sorted.len() / 2,
        Share::P99 => sorted.len() * 99 / 100,
    };
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// A time that grew no more than so many times as much as the register is called linear: at few contacts much of it does
/// not depend on them, and one measurement differs from the next.
pub(crate) const LINEAR: f64 = 1.5;

/// `840 µs`, `12.3 ms`, `2.31 s`.
pub(crate) fn seconds(time: f64) -> String {
    match time {
        time if time < 1e-3 => format!("{:.0} µs", time * 1e6),
        time if time < 1.0 => format!("{:.2} ms", time * 1e3),
        time => format!("{time:.2} s"),
    }
}

/// `4.1 MB`: millions of bytes.
pub(crate) fn megabytes(bytes: f64) -> String {
    format!("{:.2} MB", bytes / 1e6)
}
