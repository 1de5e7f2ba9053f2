//! `cargo xtask run`: builds what is missing and starts the server with the phone web app.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;

use crate::program::{cargo, program, root, run};
use crate::web;

/// What `run` is asked to do.
#[derive(clap::Args)]
pub(crate) struct Run {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the server's database; by default target/samla-data
    #[arg(long)]
    data: Option<PathBuf>,
    /// Shrink the browser module as for a release (takes a minute or two more)
    #[arg(long)]
    small: bool,
}

impl Run {
    /// Builds the web app and the server, and becomes the server: Ctrl-C stops it.
    pub(crate) fn start(&self) -> Result<()> {
        web::module()?;
        if self.small {
            web::shrink()?;
        }
        let app = web::app()?;
        run(cargo().args(["build", "--release", "--package", "samla-server"]))?;

        let data = match &self.data {
            Some(folder) => std::path::absolute(folder)?,
            None => root().join("target/samla-data"),
        };
        std::fs::create_dir_all(&data)?;
        let mut server = program(root().join("target/release/samla-server"));
        server.arg("--listen").arg(self.listen.to_string()).arg("--data").arg(&data).arg("--web").arg(app);
        eprintln!("\nSamla is on {}; Ctrl-C stops it.", self.address());
        become_program(&mut server)
    }

    /// The address to open in a browser. A browser keeps data on this machine's own name without a certificate.
    fn address(&self) -> String {
        let port = self.listen.port();
        if self.listen.ip().is_loopback() || self.listen.ip().is_unspecified() {
            format!("http://localhost:{port}")
        } else {
            format!("http://{}", self.listen)
        }
    }
}

/// Puts the program in this one's place, so that Ctrl-C reaches it alone and it can end in its own time.
#[cfg(unix)]
fn become_program(command: &mut std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn become_program(command: &mut std::process::Command) -> Result<()> {
    run(command)
}
