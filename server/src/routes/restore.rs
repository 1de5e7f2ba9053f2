//! A phone brings back what the server has lost.

use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use minicbor::bytes::ByteVec;
use samla_wire::http::{Bundle, CBOR};
use samla_wire::{Code, Envelope, to_cbor};

use crate::auth::Caller;
use crate::body::Cbor;
use crate::error::Failure;
use crate::log::Refill;
use crate::state::AppState;

/// `POST /v1/books/{book}/restore`: by a device of the book. Envelopes that have no place in the log yet are not looked at:
/// a sync brings them.
pub(super) async fn restore(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<impl IntoResponse, Failure> {
    caller.must_be_device()?;
    let _turn = state.refilling.acquire().await.map_err(|_| Code::Unavailable)?;
    let Cbor(bundle) = <Cbor<Bundle> as FromRequest<_>>::from_request(request, &state).await?;
    let refill = Refill {
        roster: envelopes(bundle.roster)?,
        base: envelopes(bundle.base)?,
        entries: envelopes(bundle.entries)?,
        head: bundle.head,
    };
    let head = state.log.restore(caller.id, refill, state.clock.now()).await?;
    state.tidy_soon();
    Ok(([(header::CONTENT_TYPE, CBOR)], to_cbor(&head)))
}

fn envelopes(all: Vec<ByteVec>) -> Result<Vec<Envelope>, Failure> {
    all.into_iter().map(|bytes| Envelope::parse(bytes.into()).map_err(|error| Code::from(error).into())).collect()
}
