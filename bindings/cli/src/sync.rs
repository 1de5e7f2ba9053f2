//! One round of sync: the core's requests to the server, one after the other, until there is nothing to ask.

use samla_core::Progress;
use serde::Serialize;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::http::Http;
use crate::say::Say;
use crate::words::Words;

/// What a round brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Brought {
    /// Entries of others that are in the register now.
    pub(crate) received: u64,
    /// Own envelopes that are in the log now.
    pub(crate) sent: u64,
    /// Entries that stay out of the register, by a rule.
    pub(crate) rejected: u64,
}

impl Brought {
    pub(crate) fn anything(self) -> bool {
        self != Self::default()
    }

    pub(crate) fn line(&self, words: &Words) -> String {
        let (sent, received) = (self.sent.to_string(), self.received.to_string());
        let brought = words.say("sync.brought", &[("sent", &sent), ("received", &received)]);
        match self.rejected {
            0 => brought,
            n => format!("{brought}, {}", words.say("sync.rejected", &[("n", &n.to_string())])),
        }
    }
}

/// Shares with the others: sends what is only here and fetches what is new.
pub(crate) fn round(desk: &mut Desk, http: &Http, say: &mut Say) -> Result<Brought, Failure> {
    let brought = exchange(desk, http, say);
    say.progress_done();
    brought
}

fn exchange(desk: &mut Desk, http: &Http, say: &mut Say) -> Result<Brought, Failure> {
    let mut brought = Brought::default();
    desk.act(|book, _| {
        book.begin_sync();
        Ok(())
    })?;
    while let Some(request) = desk.act(|book, ctx| book.next_request(ctx))? {
        let (status, body) = match http.send(&request) {
            Ok(answer) => answer,
            Err(failure) => {
                desk.act(|book, _| {
                    book.on_offline();
                    Ok(())
                })?;
                return Err(failure);
            }
        };
        let progress = desk.act(|book, ctx| book.on_response(ctx, status, &body))?;
        brought.received += progress.received;
        brought.sent += progress.sent;
        brought.rejected += progress.rejected;
        show(progress, say);
    }
    Ok(brought)
}

fn show(progress: Progress, say: &mut Say) {
    if progress.of > 0 {
        let (at, of) = (progress.at.to_string(), progress.of.to_string());
        let text = say.words().say("sync.progress", &[("at", &at), ("of", &of)]);
        say.progress(&text);
    }
}
