//! What the server says of itself.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use samla_wire::envelope::SUITE;
use samla_wire::http::ServerView;
use serde_json::{Value, json};

use crate::error::Failure;
use crate::state::AppState;

/// `GET /v1/server`
pub(super) async fn view(State(state): State<AppState>) -> Json<ServerView> {
    Json(ServerView {
        name: "samla-server".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        suites: vec![SUITE],
        operator_token: state.config.operator_token.is_some(),
        retention_days: state.config.retention_days,
        receipt_key: Some(state.receipt_key.to_string()),
    })
}

/// `GET /healthz`: can the database be read and written?
pub(super) async fn health(State(state): State<AppState>) -> Result<Json<Value>, Failure> {
    state.log.check().await?;
    Ok(Json(json!({ "ok": true })))
}

/// `GET /metrics`
pub(super) async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], state.counts.text())
}
