//! Processes and what the kernel says of them: the server under measurement, and ourselves.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use samla_tests::memory;

/// Compiles the server as it would be delivered.
pub(crate) fn build_server() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let folder = env!("CARGO_MANIFEST_DIR");
    let arguments = ["build", "--release", "--quiet", "--package", "samla-server", "--bin", "samla-server"];
    let built = Command::new(cargo).args(arguments).current_dir(folder).status()?;
    if built.success() { Ok(()) } else { bail!("the server does not compile") }
}

fn server_program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("programs lie in target/PROFILE")?;
    Ok(target.join("release/samla-server"))
}

/// A server on a free port of this machine, stopped when dropped.
pub(crate) struct Server {
    child: Child,
    /// The origin that phones know it by.
    pub(crate) url: String,
}

impl Server {
    /// Starts it on this folder and waits until it listens.
    pub(crate) fn start(data: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = server_program()?;
        let child = Command::new(&program)
            .args(["--listen", &format!("127.0.0.1:{port}"), "--log", "warn", "--data"])
            .arg(data)
            .args(["--sign-ins-per-minute", "10000", "--daily-mib", "4096", "--daily-envelopes", "1000000"])
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let server = Self { child, url: format!("http://127.0.0.1:{port}") };
        let patience = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > patience {
                bail!("the server does not listen");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Seconds of CPU that it has used, in user and kernel mode.
    pub(crate) fn cpu(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in brackets may hold spaces; what follows it are numbers, user and system time the 12th and 13th.
        let (_, numbers) = stat.rsplit_once(')').context("the kernel's line")?;
        let ticks = numbers.split_ascii_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
        Ok(ticks / rustix::param::clock_ticks_per_second() as f64)
    }

    /// The most memory that it has held at once, in bytes.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        memory::peak(&self.child.id().to_string())
    }

    /// The memory that it holds, in bytes.
    pub(crate) fn memory(&self) -> Result<f64> {
        memory::held(&self.child.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The most memory that this process has held at once, in bytes.
pub(crate) fn own_peak_memory() -> Result<f64> {
    memory::peak("self")
}

/// Seconds of CPU that this process has used in all its threads: a large book is worked on by several.
pub(crate) fn own_cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
