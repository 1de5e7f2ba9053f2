//! The built web app, and the headers that keep it to itself.
//!
//! Files under `/assets/` carry a hash in their name and are kept for ever; all others are asked for again each time,
//! so that a new version is seen at once. A `.br` or `.gz` beside a file is sent to who takes it.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use samla_wire::Code;
use tower_http::services::{ServeDir, ServeFile};

use crate::error::Failure;
use crate::state::AppState;

/// The app may load and call what is of its own origin, and nothing else.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

const GUARDS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
    ),
];

/// The app in this folder, or one page that says what this server is.
pub(super) fn routes(web: Option<&Path>) -> Router<AppState> {
    let Some(dir) = web else {
        return Router::new().route("/", get(front)).fallback(missing);
    };
    // An invitation's link opens the app too; what is behind its # never reaches the server.
    let page = || ServeFile::new(dir.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(dir)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .fallback(get(missing).fallback(wrong_method));
    Router::new().route_service("/", page()).route_service("/j", page()).fallback_service(files).layer(from_fn(kept))
}

async fn front() -> Html<&'static str> {
    Html(include_str!("front.html"))
}

async fn missing() -> Failure {
    Code::NotFound.into()
}

async fn wrong_method() -> Failure {
    Code::MethodNotAllowed.into()
}

/// Says how long a file may be kept, and always sends it whole.
async fn kept(mut request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method().await.into_response();
    }
    for header in [header::RANGE, header::IF_UNMODIFIED_SINCE] {
        request.headers_mut().remove(header);
    }
    let hashed = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let lasts = match response.status() {
        StatusCode::OK | StatusCode::NOT_MODIFIED if hashed => "public, max-age=31536000, immutable",
        _ => "no-cache",
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(lasts));
    response
}

/// Puts the guarding headers on every answer.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().extend(GUARDS);
    response
}
