//! An epoch begins.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use samla_wire::http::{CBOR, EpochRequest, EpochResponse};
use samla_wire::{Code, Envelope, to_cbor};

use crate::auth::Caller;
use crate::body::Cbor;
use crate::error::Failure;
use crate::state::AppState;

/// `POST /v1/books/{book}/epoch`: by an organiser or a recovery sheet. What the op replaces is deleted when the answer
/// comes; the files are written anew right after it.
pub(super) async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    Cbor(request): Cbor<EpochRequest>,
) -> Result<Response, Failure> {
    caller.founders_key()?;
    let envelope = Envelope::parse(request.envelope.into()).map_err(Code::from)?;
    let begun = state.log.begin_epoch(caller.id, envelope, request.wraps, state.clock.now()).await?;
    let status = if begun.new {
        state.tidy_soon();
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let response = EpochResponse { n: begun.n, receipt: begun.receipt };
    Ok((status, [(header::CONTENT_TYPE, CBOR)], to_cbor(&response)).into_response())
}
