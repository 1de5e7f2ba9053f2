//! Who asks: challenges to sign, and sessions.
//!
//! Neither is stored. Both are bytes that the server has sealed with its own random key, so that it knows them again,
//! also after a restart. What a principal signs holds the origin that it believes it talks to: a server that passes
//! another server's challenge on gets an answer that is worth nothing there.

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use samla_wire::http::{CHALLENGE_SECONDS, SESSION_SECONDS};
use samla_wire::ids::{SigningKey, labelled_message};
use samla_wire::{BookId, Code, DeviceId, Role, Roster};
use sha2::Sha256;
use std::sync::Arc;
use subtle::ConstantTimeEq;

use crate::body::BookPath;
use crate::error::Failure;
use crate::log::Book;
use crate::state::AppState;

const TAG: usize = 32;

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// A device of the book.
    Device = 1,
    /// A recovery sheet: reads, and sends epoch ops and ops on sheets.
    Recovery = 2,
    /// The holder of an invitation: may only fetch the bootstrap and the base, and send a join.
    Invite = 3,
    /// A device that waits to be let in: may only fetch the bootstrap, to see whether it is.
    Pending = 4,
    /// A device that left, was put out or was turned away: may only fetch the bootstrap, to see the op that says so.
    Former = 5,
}

impl Standing {
    fn from_byte(byte: u8) -> Option<Self> {
        let all = [Self::Device, Self::Recovery, Self::Invite, Self::Pending, Self::Former];
        all.into_iter().find(|standing| *standing as u8 == byte)
    }

    /// What the roster says of this principal now, and the key that it signs with; nothing of invitations.
    pub fn in_roster(roster: &Roster, principal: &DeviceId) -> Option<(Self, SigningKey)> {
        if let Some(member) = roster.members.get(principal) {
            return Some((if member.left { Self::Former } else { Self::Device }, member.ed_pub));
        }
        let sheet = roster.recovery.get(principal).map(|key| (Self::Recovery, key.ed_pub));
        let pending = || roster.pending.get(principal).map(|pending| (Self::Pending, pending.ed_pub));
        let former = || roster.former.get(principal).map(|former| (Self::Former, former.ed_pub));
        sheet.or_else(pending).or_else(former)
    }

    /// Refuses who may fetch the bootstrap and nothing else.
    pub fn must_be_inside(self) -> Result<(), Code> {
        match self {
            Self::Device | Self::Recovery | Self::Invite => Ok(()),
            Self::Pending => Err(Code::Pending),
            Self::Former => Err(Code::Removed),
        }
    }
}

/// Makes challenges and sessions, and knows them again.
pub struct Seal([u8; 32]);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// With the server's own key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    fn mac(&self, label: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(&labelled_message(label, parts));
        mac
    }

    /// A challenge for this principal, in hexadecimal. `fresh` is random.
    pub fn challenge(&self, book: &BookId, principal: &DeviceId, fresh: [u8; 16], now: u64) -> String {
        let ends = (now + CHALLENGE_SECONDS).to_be_bytes();
        let mut out = [&ends[..], &fresh].concat();
        let tag = self.mac("samla/server/challenge", &[&book.0, &principal.0, &out]).finalize().into_bytes();
        out.extend_from_slice(&tag);
        HEXLOWER.encode(&out)
    }

    /// The bytes of a challenge that was made here for this principal less than a minute ago.
    pub fn known_challenge(&self, text: &str, book: &BookId, principal: &DeviceId, now: u64) -> Option<Vec<u8>> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        let (said, tag) = bytes.split_last_chunk::<TAG>()?;
        self.mac("samla/server/challenge", &[&book.0, &principal.0, said]).verify_slice(tag).ok()?;
        let (ends, _) = said.split_first_chunk::<8>()?;
        (now < u64::from_be_bytes(*ends)).then_some(bytes)
    }

    /// A token that stands for this principal until the session ends.
    pub fn session(&self, book: &BookId, principal: &DeviceId, standing: Standing, now: u64) -> String {
        let ends = (now + SESSION_SECONDS).to_be_bytes();
        let mut out = [&book.0[..], &principal.0, &[standing as u8], &ends].concat();
        let tag = self.mac("samla/server/session", &[&out]).finalize().into_bytes();
        out.extend_from_slice(&tag);
        BASE64URL_NOPAD.encode(&out)
    }

    fn known_session(&self, text: &str, now: u64) -> Option<(BookId, DeviceId, Standing, u64)> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (said, tag) = bytes.split_last_chunk::<TAG>()?;
        self.mac("samla/server/session", &[said]).verify_slice(tag).ok()?;
        let (book, rest) = said.split_first_chunk::<32>()?;
        let (principal, rest) = rest.split_first_chunk::<16>()?;
        let ([standing], rest) = rest.split_first_chunk::<1>()?;
        let ends = u64::from_be_bytes(rest.try_into().ok()?);
        let standing = Standing::from_byte(*standing)?;
        (now < ends).then_some((BookId(*book), DeviceId(*principal), standing, ends))
    }
}

/// What comes after `Bearer` in the request's headers.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Does the request bring the operator's token, if one is needed?
pub fn has_operator_token(headers: &HeaderMap, needed: Option<&str>) -> bool {
    needed.is_none_or(|needed| bearer(headers).is_some_and(|token| token.as_bytes().ct_eq(needed.as_bytes()).into()))
}

/// A principal with a session for the book in the path, and the book as it stands.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The book's id.
    pub id: BookId,
    /// The book.
    pub book: Arc<Book>,
    /// Who asks. The id of an invitation, if that is what the standing says.
    pub principal: DeviceId,
    /// What it is.
    pub standing: Standing,
    /// When the session ends, in seconds since 1970-01-01 UTC.
    pub ends: u64,
}

impl Caller {
    /// Its role, if it is a device.
    pub fn role(&self) -> Option<Role> {
        self.book.log.roster.role(&self.principal)
    }

    /// Refuses who is not a device of the book.
    pub fn must_be_device(&self) -> Result<(), Failure> {
        if self.standing == Standing::Device { Ok(()) } else { Err(Code::NotAllowed.into()) }
    }

    /// The key that signs envelopes of this organiser or recovery sheet; refuses who is neither.
    pub fn founders_key(&self) -> Result<&SigningKey, Failure> {
        let founds = match self.standing {
            Standing::Device => self.role() == Some(Role::Organiser),
            Standing::Recovery => true,
            Standing::Invite | Standing::Pending | Standing::Former => false,
        };
        let key = self.book.log.roster.signing_key(&self.principal);
        key.filter(|_| founds).ok_or_else(|| Code::NotAllowed.into())
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let Visitor(caller) = Visitor::from_request_parts(parts, state).await?;
        caller.standing.must_be_inside()?;
        Ok(caller)
    }
}

/// A [`Caller`] that may also wait at the door, or be out again.
#[derive(Debug, Clone)]
pub struct Visitor(pub Caller);

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let BookPath(id) = BookPath::from_request_parts(parts, state).await?;
        let now = state.clock.now();
        let token = bearer(&parts.headers).ok_or(Code::Unauthorized)?;
        let (book, principal, signed_in, ends) = state.seal.known_session(token, now).ok_or(Code::Unauthorized)?;
        if book != id {
            return Err(Code::Unauthorized.into());
        }
        let book = state.log.book(&id, now).await?;
        // A device may have been let in or put out since it signed in.
        let standing = match signed_in {
            Standing::Invite => Standing::Invite,
            _ => Standing::in_roster(&book.log.roster, &principal).ok_or(Code::NotMember)?.0,
        };
        Ok(Self(Caller { id, book, principal, standing, ends }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: BookId = BookId([1; 32]);
    const WHO: DeviceId = DeviceId([2; 16]);

    #[test]
    fn a_challenge_is_known_for_a_minute_and_for_one_principal() {
        let seal = Seal::new([7; 32]);
        let text = seal.challenge(&BOOK, &WHO, [3; 16], 1000);
        assert!(seal.known_challenge(&text, &BOOK, &WHO, 1059).is_some());
        assert!(seal.known_challenge(&text, &BOOK, &WHO, 1060).is_none());
        assert!(seal.known_challenge(&text, &BOOK, &DeviceId([4; 16]), 1000).is_none());
        assert!(seal.known_challenge(&text, &BookId([4; 32]), &WHO, 1000).is_none());
        assert!(Seal::new([8; 32]).known_challenge(&text, &BOOK, &WHO, 1000).is_none());
    }

    #[test]
    fn a_session_lasts_an_hour_and_no_letter_of_it_can_change() {
        let seal = Seal::new([7; 32]);
        let text = seal.session(&BOOK, &WHO, Standing::Device, 1000);
        assert_eq!(seal.known_session(&text, 4599), Some((BOOK, WHO, Standing::Device, 4600)));
        assert_eq!(seal.known_session(&text, 4600), None);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.known_session(std::str::from_utf8(&changed).unwrap(), 1000), None, "letter {at}");
        }
        let challenge = seal.challenge(&BOOK, &WHO, [3; 16], 1000);
        let bytes = HEXLOWER.decode(challenge.as_bytes()).unwrap();
        assert_eq!(seal.known_session(&BASE64URL_NOPAD.encode(&bytes), 1000), None);
    }
}
