//! Founding and closing a book.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use samla_wire::envelope::verify_signature;
use samla_wire::http::{CBOR, CloseRequest, CreateBook, close_message};
use samla_wire::ids::Signature;
use samla_wire::{Code, Envelope, to_cbor};

use crate::auth::{Caller, has_operator_token};
use crate::body::{Cbor, FromJson};
use crate::error::Failure;
use crate::state::{Address, AppState};

/// `POST /v1/books`: with the operator's token if one is set, else open to all at a limited rate.
pub(super) async fn found(
    State(state): State<AppState>,
    address: Address,
    headers: HeaderMap,
    Cbor(request): Cbor<CreateBook>,
) -> Result<Response, Failure> {
    state.admit(&state.sign_ins, address)?;
    let token = state.config.operator_token.as_deref();
    if !has_operator_token(&headers, token) {
        return Err(Code::OperatorToken.into());
    }
    if token.is_none() {
        state.admit(&state.foundings, address)?;
    }
    let genesis = Envelope::parse(request.genesis.into()).map_err(Code::from)?;
    let founded = state.log.found(genesis, request.wraps, state.clock.now()).await?;
    let status = if founded.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::CONTENT_TYPE, CBOR)], to_cbor(&founded.head)).into_response())
}

/// `DELETE /v1/books/{book}`: by an organiser or a recovery sheet, who signs that it means this log at this head.
pub(super) async fn close(
    State(state): State<AppState>,
    caller: Caller,
    FromJson(request): FromJson<CloseRequest>,
) -> Result<StatusCode, Failure> {
    let key = caller.founders_key()?;
    let signature: Signature = request.signature.parse().map_err(|_| Code::Malformed)?;
    if !verify_signature(key, &close_message(&caller.id, &caller.book.log.head), &signature) {
        return Err(Failure { head: Some(caller.book.log.head), ..Code::Signature.into() });
    }
    state.log.close(caller.id, state.clock.now()).await?;
    Ok(StatusCode::ACCEPTED)
}
