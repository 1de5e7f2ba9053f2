//! One round of a tap's way: what the phone has goes in, what it lacks comes out.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use samla_wire::http::{CBOR, SyncRequest};
use samla_wire::{Code, Envelope, limits};

use crate::auth::{Caller, Standing};
use crate::body::Cbor;
use crate::error::Failure;
use crate::state::AppState;

/// `POST /v1/books/{book}/sync`
///
/// The push is durable before the page is read, so the page holds it. A device that cannot push because a limit is
/// reached can still fetch, by pushing nothing; a recovery sheet does nothing else.
pub(super) async fn sync(
    State(state): State<AppState>,
    caller: Caller,
    Cbor(request): Cbor<SyncRequest>,
) -> Result<impl IntoResponse, Failure> {
    match caller.standing {
        Standing::Device => {}
        Standing::Recovery if request.push.is_empty() => {}
        _ => return Err(Code::NotAllowed.into()),
    }
    if request.push.len() > limits::PUSH {
        return Err(Code::TooLarge.into());
    }
    state.log.check_cursor(caller.id, &caller.book, request.cursor, request.head_h).await?;
    let acks = if request.push.is_empty() {
        Vec::new()
    } else {
        let items = request.push.into_iter().map(|bytes| Envelope::parse(bytes.into()).map_err(Code::from));
        state.log.push(caller.id, items.collect(), state.clock.now()).await?
    };
    if request.cursor > 0 {
        forget_wrap(&state, &caller).await?;
    }
    let body = state.log.sync_response(&caller.book, caller.principal, request.cursor, acks).await?;
    Ok(([(header::CONTENT_TYPE, CBOR)], body))
}

/// A device that knows a part of the log holds the key: the wrap that its invitation brought can go.
async fn forget_wrap(state: &AppState, caller: &Caller) -> Result<(), Failure> {
    let member = caller.book.log.roster.members.get(&caller.principal);
    let Some(invite) = member.and_then(|member| member.invite) else { return Ok(()) };
    if state.log.invitation(&caller.book, invite).await?.is_some_and(|invitation| invitation.wrap_kept) {
        state.log.forget_wrap(caller.id, invite).await?;
    }
    Ok(())
}
