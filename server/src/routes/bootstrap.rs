//! What a joiner, a recovered device or a device that lost its answer begins with.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use samla_wire::http::CBOR;
use samla_wire::{InviteId, to_cbor};

use super::sessions::check_invite;
use crate::auth::{Caller, Standing};
use crate::error::Failure;
use crate::state::AppState;

/// `GET /v1/books/{book}/bootstrap`
///
/// The wrap is the caller's own; for a device that joined by an invitation it is the invitation's, while that is kept.
pub(super) async fn bootstrap(State(state): State<AppState>, caller: Caller) -> Result<impl IntoResponse, Failure> {
    let own = caller.principal.0;
    let wrap_of = match caller.standing {
        Standing::Invite => {
            check_invite(&state, &caller.book, InviteId(own)).await?;
            own
        }
        Standing::Recovery => own,
        Standing::Device => {
            let member = caller.book.log.roster.members.get(&caller.principal);
            member.and_then(|member| member.invite).map_or(own, |invite| invite.0)
        }
    };
    let bootstrap = state.log.bootstrap(&caller.book, wrap_of).await?;
    Ok(([(header::CONTENT_TYPE, CBOR)], to_cbor(&bootstrap)))
}
