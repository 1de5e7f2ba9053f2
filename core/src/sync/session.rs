//! Signing in: a challenge, its answer, and a session of an hour, as this device, an invitation or a recovery sheet.

use samla_wire::BookId;
use samla_wire::http::{Challenge, ChallengeRequest, Session, SessionRequest};
use samla_wire::ids::Signature;

use super::{Awaiting, Request, Round, Token};
use crate::context::Context;
use crate::error::BookError;
use crate::replica::Replica;
use crate::seal::{InviteSecret, RecoverySecret, sign};

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// This device's.
    Device,
    /// The invitation's.
    Invite,
    /// The recovery sheet's.
    Sheet,
}

/// Who signs in.
pub(super) enum Principal<'a> {
    /// This device.
    Device,
    /// The invitation that this device comes in by.
    Invite(&'a InviteSecret),
    /// The recovery sheet that this device comes in by.
    Sheet(&'a RecoverySecret),
}

impl Principal<'_> {
    fn who(&self) -> Who {
        match self {
            Self::Device => Who::Device,
            Self::Invite(_) => Who::Invite,
            Self::Sheet(_) => Who::Sheet,
        }
    }

    fn id(&self, replica: &Replica) -> [u8; 16] {
        match self {
            Self::Device => replica.device().0,
            Self::Invite(secret) => secret.invite_id().0,
            Self::Sheet(secret) => secret.device_id().0,
        }
    }

    fn sign(&self, replica: &Replica, book: &BookId, challenge: &[u8]) -> Signature {
        let (origin, id) = (&replica.local.server_url, self.id(replica));
        match self {
            Self::Device => sign::sign_login(replica.keys.signing_key(), origin, book, &id, challenge),
            Self::Invite(secret) => sign::sign_login(&secret.signing_key(), origin, book, &id, challenge),
            Self::Sheet(secret) => sign::sign_login(&secret.signing_key(), origin, book, &id, challenge),
        }
    }
}

/// Seconds before its end that a session is no longer used.
const MARGIN: i64 = 60;

/// Bytes of a token at most.
const TOKEN: usize = 4096;

impl Round {
    /// The session of this principal, or the request that gets one step closer to it.
    pub(super) fn signed_in(
        &mut self,
        replica: &Replica,
        ctx: &Context<'_>,
        principal: &Principal<'_>,
    ) -> Result<Result<Token, (Awaiting, Request)>, BookError> {
        if let Some(token) = &self.token
            && token.who == principal.who()
            && token.until > ctx.now
        {
            return Ok(Ok(token.clone()));
        }
        self.token = None;
        self.signing_in = Some(principal.who());
        let (book, id) = (replica.book(), hex(&principal.id(replica)));
        Ok(Err(match self.challenge.take() {
            None => {
                let body = ChallengeRequest { book: book.to_string(), principal: id };
                (Awaiting::Challenge, json(replica, "/v1/sessions/challenge", &body)?)
            }
            Some(challenge) => {
                let signature = principal.sign(replica, &book, &challenge);
                let body = SessionRequest {
                    book: book.to_string(),
                    principal: id,
                    origin: replica.local.server_url.clone(),
                    challenge: hex(&challenge),
                    signature: signature.to_string(),
                };
                (Awaiting::Session, json(replica, "/v1/sessions", &body)?)
            }
        }))
    }

    pub(super) fn on_challenge(&mut self, body: &[u8]) -> Result<(), BookError> {
        let answer: Challenge = serde_json::from_slice(body).map_err(|_| BookError::ServerAnswer)?;
        self.challenge = Some(unhex(&answer.challenge).ok_or(BookError::ServerAnswer)?);
        Ok(())
    }

    pub(super) fn on_session(
        &mut self,
        replica: &mut Replica,
        ctx: &mut Context<'_>,
        body: &[u8],
    ) -> Result<(), BookError> {
        let answer: Session = serde_json::from_slice(body).map_err(|_| BookError::ServerAnswer)?;
        if !can_be_carried(&answer.token) {
            return Err(BookError::ServerAnswer);
        }
        let seconds = i64::try_from(answer.seconds).unwrap_or(i64::MAX).saturating_sub(MARGIN).clamp(0, 86_400);
        let who = self.signing_in.take().ok_or(BookError::Bug("session"))?;
        self.token = Some(Token { value: answer.token, until: ctx.now + chrono::TimeDelta::seconds(seconds), who });
        let ahead = ctx.now.timestamp().saturating_sub(answer.now);
        let noted = replica.local.clock_ahead.unwrap_or(0);
        // Written down only when it says something new; the clocks of two machines never agree to the second.
        if ahead.abs_diff(noted) > 60 {
            replica.change_local(ctx, |local| local.clock_ahead = Some(ahead))?;
        }
        Ok(())
    }
}

/// Can a token stand in a request's header? With one that cannot, nothing would reach the server until the session is over.
fn can_be_carried(token: &str) -> bool {
    (1..=TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn json(replica: &Replica, path: &str, body: &impl serde::Serialize) -> Result<Request, BookError> {
    let body = serde_json::to_vec(body).map_err(|_| BookError::Bug("json"))?;
    let headers = vec![("content-type", "application/json".to_owned()), ("accept", "application/json".to_owned())];
    Ok(Request { method: "POST", url: format!("{}{path}", replica.local.server_url), headers, body })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) || text.len() > 1024 {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok()))
        .collect()
}
