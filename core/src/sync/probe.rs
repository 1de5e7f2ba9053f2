//! Holding a server to its word: the key that it signs receipts with is kept when it is first seen, and after an erasure the
//! device that erased asks for what the receipt says is deleted.
//!
//! What came is kept beside the receipt and changes nothing else. It is an audit, not a proof: a server that keeps copies for itself
//! answers as one that has none.

use samla_wire::EntryId;
use samla_wire::http::{ServerView, SyncRequest, SyncResponse};
use samla_wire::problem::Code;

use super::{Awaiting, Progress, Request, Round, Token, books, get, post};
use crate::context::Context;
use crate::error::BookError;
use crate::replica::Replica;
use crate::replica::founded::{ProbeAnswer, Probed};

impl Round {
    /// The server says which key it signs with. One that does not say is known by its first receipt.
    pub(super) fn on_server(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<(), BookError> {
        let key = serde_json::from_slice::<ServerView>(body).ok().and_then(|server| server.receipt_key);
        match key.and_then(|key| key.parse().ok()) {
            Some(key) => replica.saw_server_key(ctx, key),
            None => Ok(()),
        }
    }

    /// The next request for something that must be gone. Only once the log has been read to its end: a server that was put back
    /// has its log again by then.
    pub(super) fn probe_request(
        &self,
        replica: &Replica,
        token: &Token,
    ) -> Result<Option<(Awaiting, Request)>, BookError> {
        if !self.synced || self.probes_later {
            return Ok(None);
        }
        let Some((epoch, probed)) = replica.to_probe()? else { return Ok(None) };
        let request = match probed {
            Probed::Part(id) => {
                let path = books(&replica.book(), &format!("base/{id}"));
                get(replica, path, "application/octet-stream", Some(token))
            }
            Probed::Log(from) => {
                let body = SyncRequest { cursor: from.n, head_h: from.h, push: Vec::new() };
                post(replica, books(&replica.book(), "sync"), samla_wire::to_cbor(&body), Some(token))
            }
        };
        Ok(Some((Awaiting::Probe(epoch, probed), request)))
    }

    /// Is there anything left to ask for in this round?
    pub(super) fn has_to_probe(&self, replica: &Replica) -> Result<bool, BookError> {
        Ok(!self.probes_later && replica.to_probe()?.is_some())
    }

    /// The server has given something.
    pub(super) fn on_probe(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        epoch: u32,
        probed: Probed,
        body: &[u8],
    ) -> Result<(), BookError> {
        let handed_out = match probed {
            Probed::Part(id) => EntryId::of_envelope(body) == id,
            Probed::Log(_) => minicbor::decode::<SyncResponse>(body).is_ok_and(|page| !page.entries.is_empty()),
        };
        let answer = if handed_out { ProbeAnswer::HandedOut } else { ProbeAnswer::Unclear };
        replica.note_probed(ctx, epoch, probed, answer)?;
        self.wanted = self.has_to_probe(replica)?;
        Ok(())
    }

    /// The server has given nothing, with this word.
    pub(super) fn on_probe_refused(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        epoch: u32,
        probed: Probed,
        code: Option<Code>,
    ) -> Result<Progress, BookError> {
        let answer = match (code, probed) {
            (Some(Code::Gone), Probed::Part(_)) | (Some(Code::StaleEpoch), Probed::Log(_)) => ProbeAnswer::Gone,
            // Whatever is wrong here has nothing to do with what was asked for.
            (Some(code), _) if matches!(code.status(), 401 | 403 | 408 | 429 | 500..) => {
                self.probe_later();
                return Ok(Progress::default());
            }
            _ => ProbeAnswer::Unclear,
        };
        replica.note_probed(ctx, epoch, probed, answer)?;
        self.wanted = self.has_to_probe(replica)?;
        Ok(Progress::default())
    }

    /// The next round asks again.
    pub(super) fn probe_later(&mut self) {
        self.probes_later = true;
        self.wanted = false;
    }
}
