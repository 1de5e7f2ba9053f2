//! Carries the core's requests to the server and its answers back.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use samla_core::Request;
use ureq::http;

use crate::failure::Failure;

/// How long a whole exchange may take. A page is at most a few MiB.
const EXCHANGE: Duration = Duration::from_secs(60);
/// A stream of events is opened anew after this time: a dead one cannot be told from a silent one.
const STREAM: Duration = Duration::from_secs(10 * 60);
/// No answer is longer.
const ANSWER_MAX: u64 = 64 * 1024 * 1024;

/// A client that keeps its connection between requests.
pub(crate) struct Http {
    agent: ureq::Agent,
}

impl Http {
    pub(crate) fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A server has one address; another one would be signed in to under a false name.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .user_agent(concat!("samla/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into() }
    }

    /// Makes a request and returns the status and the body of its answer.
    pub(crate) fn send(&self, request: &Request) -> Result<(u16, Vec<u8>), Failure> {
        let prepared = prepared(request, request.body.clone())?;
        let prepared = self.agent.configure_request(prepared).timeout_global(Some(EXCHANGE)).build();
        let mut answer = self.agent.run(prepared).map_err(|_| Failure::Offline)?;
        let body = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec().map_err(|_| Failure::Offline)?;
        Ok((answer.status().as_u16(), body))
    }

    /// Opens a stream of events and hands the text of each to `tell`, until the stream ends or `tell` says no.
    pub(crate) fn events(&self, request: &Request, mut tell: impl FnMut(&str) -> bool) -> Result<(), Failure> {
        let prepared = prepared(request, ())?;
        let prepared = self
            .agent
            .configure_request(prepared)
            .timeout_recv_response(Some(EXCHANGE))
            .timeout_recv_body(Some(STREAM))
            .build();
        let mut answer = self.agent.run(prepared).map_err(|_| Failure::Offline)?;
        if answer.status() != http::StatusCode::OK {
            return Err(Failure::Offline);
        }
        let mut lines = BufReader::new(answer.body_mut().as_reader());
        let mut line = String::new();
        loop {
            line.clear();
            match lines.read_line(&mut line) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(_) => return Err(Failure::Offline),
            }
            if let Some(text) = line.strip_prefix("data:")
                && !tell(text.trim())
            {
                return Ok(());
            }
        }
    }
}

fn prepared<B>(request: &Request, body: B) -> Result<http::Request<B>, Failure> {
    let mut builder = http::Request::builder().method(request.method).uri(&request.url);
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    // The core makes no request that cannot be written; an address that no library reads cannot be reached either.
    builder.body(body).map_err(|_| Failure::Offline)
}
