//! Reading what a request brings: its type, its size and its form are checked before anything else is.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use samla_wire::Code;
use samla_wire::http::CBOR;
use serde::de::DeserializeOwned;

use crate::error::Failure;

/// Seconds in which a body must arrive.
const ARRIVAL: Duration = Duration::from_secs(60);
/// Media type of a lone envelope.
const OCTETS: &str = "application/octet-stream";

/// A CBOR body.
#[derive(Debug)]
pub(crate) struct Cbor<T>(pub(crate) T);

/// A JSON body.
#[derive(Debug)]
pub(crate) struct FromJson<T>(pub(crate) T);

/// A body of plain bytes.
#[derive(Debug)]
pub(crate) struct Octets(pub(crate) Bytes);

impl<S: Send + Sync, T: for<'b> minicbor::Decode<'b, ()>> FromRequest<S> for Cbor<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = read(request, state, CBOR).await?;
        minicbor::decode(&bytes).map(Self).map_err(|_| Code::Malformed.into())
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FromJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = read(request, state, "application/json").await?;
        Json::from_bytes(&bytes).map(|Json(value)| Self(value)).map_err(|_| Code::Malformed.into())
    }
}

impl<S: Send + Sync> FromRequest<S> for Octets {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        read(request, state, OCTETS).await.map(Self)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S, media_type: &str) -> Result<Bytes, Failure> {
    if !is_type(request.headers(), media_type) {
        return Err(Code::MediaType.into());
    }
    match tokio::time::timeout(ARRIVAL, Bytes::from_request(request, state)).await {
        Err(_) => Err(Code::Timeout.into()),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Code::TooLarge.into()),
        Ok(Err(_)) => Err(Code::Malformed.into()),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

fn is_type(headers: &HeaderMap, media_type: &str) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split_once(';').map_or(given, |(essence, _)| essence);
    essence.trim().eq_ignore_ascii_case(media_type)
}

/// The value of a path's parameter; a value that cannot be one is nowhere to be found.
async fn path_value<S, T>(parts: &mut Parts, state: &S, name: &str) -> Result<T, Failure>
where
    S: Send + Sync,
    T: std::str::FromStr,
{
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Code::NotFound)?;
    let value = params.iter().find_map(|(key, value)| (key == name).then_some(value));
    value.and_then(|value| value.parse().ok()).ok_or_else(|| Code::NotFound.into())
}

/// The book that the path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BookPath(pub(crate) samla_wire::BookId);

impl<S: Send + Sync> FromRequestParts<S> for BookPath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        path_value(parts, state, "book").await.map(Self)
    }
}

/// The recovery sheet that the path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SheetPath(pub(crate) samla_wire::DeviceId);

impl<S: Send + Sync> FromRequestParts<S> for SheetPath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        path_value(parts, state, "principal").await.map(Self)
    }
}

/// The base part that the path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartPath(pub(crate) samla_wire::EntryId);

impl<S: Send + Sync> FromRequestParts<S> for PartPath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        path_value(parts, state, "id").await.map(Self)
    }
}
