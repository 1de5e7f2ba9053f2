//! What an operator decides: flags, each of them also an environment variable `SAMLA_…`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Parser;
use samla_wire::limits;

const MIB: u64 = 1024 * 1024;

/// Orders sealed envelopes and never opens one.
///
/// Phones and office computers that share a register send their sealed envelopes here, and fetch each other's. All
/// state is one SQLite file in the data folder.
#[derive(Debug, Clone, Parser)]
#[command(name = "samla-server", version)]
pub struct Config {
    /// Address and port to listen on. Anything but a loopback address belongs behind a reverse proxy that speaks TLS.
    #[arg(long, env = "SAMLA_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Folder that holds the database; made if it is missing.
    #[arg(long, env = "SAMLA_DATA", value_name = "DIR", default_value = "samla-data")]
    pub data: PathBuf,

    /// Folder of the built web app to serve. Without it, / says in a few words what this server is.
    #[arg(long, env = "SAMLA_WEB", value_name = "DIST")]
    pub web: Option<PathBuf>,

    /// Origin that clients reach this server by, such as `https://samla.example`; may be given several times. A login
    /// signed for another origin is refused. Default: `http://localhost`, `http://127.0.0.1` and the address listened on,
    /// with the port.
    #[arg(long = "origin", env = "SAMLA_ORIGIN", value_name = "URL", value_delimiter = ',', value_parser = parse_origin)]
    pub origins: Vec<String>,

    /// Token that founding a book needs. Without it anybody who reaches the server may found books, at a limited rate.
    /// Other users of the machine can see a flag: prefer the environment variable.
    #[arg(long, env = "SAMLA_OPERATOR_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub operator_token: Option<String>,

    /// Take the client's address for rate limits from the last entry of X-Forwarded-For. Only behind a proxy that sets
    /// it: otherwise clients can choose their address.
    #[arg(long, env = "SAMLA_TRUST_PROXY")]
    pub trust_proxy: bool,

    /// Days that you keep backups of the data folder, told to clients that ask. Says nothing if it is not given.
    #[arg(long, env = "SAMLA_RETENTION_DAYS", value_name = "DAYS")]
    pub retention_days: Option<u32>,

    /// Space that one book may take, in MiB.
    #[arg(long, env = "SAMLA_BOOK_QUOTA_MIB", value_name = "MIB", default_value_t = limits::BOOK_QUOTA / MIB)]
    pub book_quota_mib: u64,

    /// Envelopes that one device may add in a day.
    #[arg(long, env = "SAMLA_DAILY_ENVELOPES", value_name = "COUNT", default_value_t = limits::DEVICE_DAILY_ENVELOPES)]
    pub daily_envelopes: u64,

    /// MiB that one device may add in a day.
    #[arg(long, env = "SAMLA_DAILY_MIB", value_name = "MIB", default_value_t = limits::DEVICE_DAILY_BYTES / MIB)]
    pub daily_mib: u64,

    /// Books that one address may found in an hour, while founding needs no operator's token.
    #[arg(long, env = "SAMLA_BOOKS_PER_HOUR", value_name = "COUNT", default_value_t = 30)]
    pub books_per_hour: u32,

    /// Requests without a session (signing in, joining) that one address may make in a minute.
    #[arg(long, env = "SAMLA_SIGN_INS_PER_MINUTE", value_name = "COUNT", default_value_t = 240)]
    pub sign_ins_per_minute: u32,

    /// What to log, such as info, warn or samla_server=debug. Lines never hold bodies, names, addresses or ids of
    /// books and devices.
    #[arg(long, env = "SAMLA_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

impl Config {
    /// The defaults (or what the environment says), with the database in this folder.
    pub fn for_data(dir: impl Into<PathBuf>) -> Self {
        let mut config = Self::parse_from(["samla-server"]);
        config.data = dir.into();
        config
    }

    /// The origins that a login may be signed for, when this address was bound.
    pub fn origins_at(&self, bound: SocketAddr) -> Vec<String> {
        if !self.origins.is_empty() {
            return self.origins.clone();
        }
        let port = bound.port();
        let mut origins = vec![format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}")];
        let own = match bound.ip() {
            IpAddr::V4(ip) => format!("http://{ip}:{port}"),
            IpAddr::V6(ip) => format!("http://[{ip}]:{port}"),
        };
        if !bound.ip().is_unspecified() && !origins.contains(&own) {
            origins.push(own);
        }
        origins
    }

    /// Space that one book may take, in bytes.
    pub fn book_quota(&self) -> u64 {
        self.book_quota_mib.saturating_mul(MIB)
    }

    /// Bytes that one device may add in a day.
    pub fn daily_bytes(&self) -> u64 {
        self.daily_mib.saturating_mul(MIB)
    }
}

/// An origin as browsers write it: scheme, host and a port that is not the scheme's own, without a slash at the end.
fn parse_origin(text: &str) -> Result<String, &'static str> {
    const SHAPE: &str = "an origin is http:// or https:// and a host, perhaps with a port, without a path";
    let text = text.trim_end_matches('/').to_ascii_lowercase();
    let (scheme, host) = text.split_once("://").ok_or(SHAPE)?;
    let own_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return Err(SHAPE),
    };
    if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
        return Err(SHAPE);
    }
    let host = host.strip_suffix(own_port).unwrap_or(host);
    Ok(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_write_it() {
        assert_eq!(parse_origin("https://Samla.Example:443/").as_deref(), Ok("https://samla.example"));
        assert_eq!(parse_origin("http://127.0.0.1:8080").as_deref(), Ok("http://127.0.0.1:8080"));
        for text in ["samla.example", "ftp://a", "https://a/b", "https://", "https://a@b"] {
            assert!(parse_origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_follow_the_address_unless_given() {
        let mut config = Config::for_data("x");
        let bound = "192.0.2.1:9000".parse().unwrap();
        let expected = ["http://localhost:9000", "http://127.0.0.1:9000", "http://192.0.2.1:9000"];
        assert_eq!(config.origins_at(bound), expected);
        config.origins = vec!["https://samla.example".into()];
        assert_eq!(config.origins_at(bound), ["https://samla.example"]);
    }

    #[test]
    fn every_flag_is_explained() {
        use clap::CommandFactory;
        let command = Config::command();
        command.clone().debug_assert();
        assert!(command.get_arguments().all(|arg| arg.get_help().is_some_and(|help| !help.to_string().is_empty())));
    }
}
