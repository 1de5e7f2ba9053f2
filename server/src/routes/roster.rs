//! Who is in the book changes here, one op at a time.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use samla_wire::http::{CBOR, RosterRequest, RosterResponse};
use samla_wire::rules::read_body;
use samla_wire::{Code, Envelope, Kind, RosterOp, to_cbor};

use crate::auth::{Caller, Standing};
use crate::body::{BookPath, Cbor};
use crate::error::Failure;
use crate::state::{Address, AppState};

/// `POST /v1/books/{book}/roster`
///
/// A join needs no session: the invitation's signature in it says all. Every other op comes from a device or a
/// recovery sheet that has signed in.
pub(super) async fn add(State(state): State<AppState>, request: Request) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let BookPath(id) = BookPath::from_request_parts(&mut parts, &state).await?;
    let Ok(address) = Address::from_request_parts(&mut parts, &state).await;
    let caller = Caller::from_request_parts(&mut parts, &state).await;
    if caller.is_err() {
        state.admit(&state.sign_ins, address)?;
    }
    let request = Request::from_parts(parts, body);
    let Cbor(request) = <Cbor<RosterRequest> as axum::extract::FromRequest<_>>::from_request(request, &state).await?;
    let envelope = Envelope::parse(request.envelope.into()).map_err(Code::from)?;
    if !is_join(&envelope) && caller?.standing == Standing::Invite {
        return Err(Code::NotAllowed.into());
    }
    let placed = state.log.add_roster(id, envelope, request.wrap, state.clock.now()).await?;
    let status = if placed.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::CONTENT_TYPE, CBOR)], to_cbor(&RosterResponse { n: placed.n })).into_response())
}

fn is_join(envelope: &Envelope) -> bool {
    envelope.header().kind == Kind::Roster && read_body(envelope).is_ok_and(|body| matches!(body.op, RosterOp::Join(_)))
}
