//! Every path of the server: one file a resource. On the way of a tap it is the server's door: who asks is known, the body is
//! read within its limit, the [log](crate::log) is asked, and a line without names is written down.

mod base;
mod books;
mod bootstrap;
mod epoch;
mod events;
mod restore;
mod roster;
mod server;
mod sessions;
mod sync;
mod web;

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use samla_wire::{Code, limits};
use tower_http::catch_panic::CatchPanicLayer;

use crate::error::{Failure, only_problems, panicked};
use crate::state::AppState;

/// Longest body of a control request, a founding or a roster op, in bytes.
const SMALL: usize = 128 * 1024;
/// Longest base part with its envelope, in bytes.
const PART: usize = limits::BASE_PART + 128 * 1024;

/// All of the server as a function from request to response, so that tests need no port.
pub fn router(state: AppState) -> Router {
    let small = || DefaultBodyLimit::max(SMALL);
    let books = Router::new()
        .route("/v1/books", post(books::found).layer(small()))
        .route("/v1/books/{book}", delete(books::close).layer(small()))
        .route("/v1/books/{book}/bootstrap", get(bootstrap::bootstrap))
        .route("/v1/books/{book}/sync", post(sync::sync))
        .route("/v1/books/{book}/roster", post(roster::add).layer(small()))
        .route("/v1/books/{book}/epoch", post(epoch::begin))
        .route("/v1/books/{book}/restore", post(restore::restore).layer(DefaultBodyLimit::max(limits::RESTORE)))
        .route("/v1/books/{book}/base/{id}", put(base::stage).get(base::part).layer(DefaultBodyLimit::max(PART)))
        .route("/v1/books/{book}/events", get(events::events));
    let control = Router::new()
        .route("/v1/server", get(server::view))
        .route("/v1/sessions/challenge", post(sessions::challenge).layer(small()))
        .route("/v1/sessions", post(sessions::open).layer(small()))
        .route("/v1/recovery/{principal}", get(sessions::recovery))
        .route("/healthz", get(server::health))
        .route("/metrics", get(server::metrics));
    books
        .merge(control)
        .layer(from_fn(never_stored))
        .route("/v1/{*rest}", axum::routing::any(nothing_here))
        .merge(web::routes(state.config.web.as_deref()))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(limits::REQUEST))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(only_problems))
        .layer(from_fn(web::guard))
        .layer(from_fn_with_state(state.clone(), watch_over))
        .with_state(state)
}

async fn nothing_here() -> Failure {
    Code::NotFound.into()
}

async fn wrong_method() -> Failure {
    Code::MethodNotAllowed.into()
}

/// No cache on the way keeps an answer of the log.
async fn never_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Counts each request and writes its line to the log: method, route with its parameters unnamed, status, time. Never
/// an address, a body, or the id of a book or device.
async fn watch_over(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    let counts = &state.counts;
    match status.as_u16() {
        500.. => counts.failed.add(1),
        400.. => counts.refused.add(1),
        _ => counts.served.add(1),
    }
    tracing::info!(
        method = %known_method(&method),
        route = route.as_ref().map_or("-", MatchedPath::as_str),
        status = status.as_u16(),
        ms = began.elapsed().as_millis(),
        "request"
    );
    response
}

/// A method may be any word that a caller makes up: only the known ones are written down.
fn known_method(method: &axum::http::Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH") => known,
        _ => "other",
    }
}
