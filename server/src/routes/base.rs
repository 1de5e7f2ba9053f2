//! Base parts: an organiser or a recovery sheet stages the sealed document that a new epoch will start from, and everybody
//! who can open it fetches it.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use samla_wire::roster::InviteMode;
use samla_wire::{Code, Envelope, InviteId, Kind};

use super::sessions::check_invite;
use crate::auth::{Caller, Standing};
use crate::body::{Octets, PartPath};
use crate::error::Failure;
use crate::state::AppState;

/// `PUT /v1/books/{book}/base/{id}`: the envelope must hash to its name, and be the caller's own.
pub(super) async fn stage(
    State(state): State<AppState>,
    caller: Caller,
    PartPath(id): PartPath,
    Octets(bytes): Octets,
) -> Result<StatusCode, Failure> {
    let key = caller.founders_key()?;
    let part = Envelope::parse(bytes.into()).map_err(Code::from)?;
    let header = part.header();
    if part.id() != id {
        return Err(Code::HashMismatch.into());
    }
    if header.kind != Kind::Base {
        return Err(Code::WrongKind.into());
    }
    if header.book != caller.id {
        return Err(Code::WrongBook.into());
    }
    if header.device != caller.principal || !part.verify(key) {
        return Err(Code::Signature.into());
    }
    let new = state.log.stage(caller.id, part, state.clock.now()).await?;
    Ok(if new { StatusCode::CREATED } else { StatusCode::OK })
}

/// `GET /v1/books/{book}/base/{id}`: an invitation may fetch what its wrap opens, and one that is still to be confirmed has
/// none.
pub(super) async fn part(
    State(state): State<AppState>,
    caller: Caller,
    PartPath(id): PartPath,
) -> Result<impl IntoResponse, Failure> {
    if caller.standing == Standing::Invite {
        let id = InviteId(caller.principal.0);
        check_invite(&state, &caller.book, id).await?;
        let open = caller.book.log.roster.invites.get(&id);
        if open.is_some_and(|open| open.invite.mode == InviteMode::Confirm) {
            return Err(Code::NotAllowed.into());
        }
    }
    let bytes = state.log.part(&caller.book, id, state.clock.now()).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes))
}
