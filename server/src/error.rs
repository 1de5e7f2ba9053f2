//! How the server says no: always a problem document with a code of `samla-wire`, and never the cause.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use samla_wire::http::PROBLEM;
use samla_wire::{Code, Head, Problem};
use serde::Serialize;

use crate::log::LogError;

/// A request that did not go well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub code: Code,
    /// Where the log ends, as the members `n` and `h` of the document, when that helps the caller.
    pub head: Option<Head>,
    /// Seconds to wait before asking again.
    pub retry_after: Option<u64>,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, head: None, retry_after: None }
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Refused { code, head } => Self { code, head, retry_after: None },
            LogError::Fault(fault) => {
                tracing::error!(fault = %fault, cause = cause(&fault), "the log failed");
                if fault.passes() {
                    Self { retry_after: Some(5), ..Code::Unavailable.into() }
                } else {
                    Code::Internal.into()
                }
            }
        }
    }
}

/// The innermost cause, in SQLite's words, which never hold values.
fn cause(fault: &dyn std::error::Error) -> String {
    fault.source().map(ToString::to_string).unwrap_or_default()
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    problem: Problem,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    h: Option<String>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let document = Document {
            problem: self.code.into(),
            n: self.head.map(|head| head.n),
            h: self.head.map(|head| head.h.to_string()),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM)], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Gives every refusal the form of a problem document, also those that the framework made.
pub async fn only_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM);
    if status.as_u16() < 400 || is_problem {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::MediaType,
        other if other.is_client_error() => Code::Malformed,
        _ => Code::Internal,
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut response = Failure::from(code).into_response();
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// The answer after a panic. The message is not logged here: the panic hook has printed where it was.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response<Body> {
    Failure::from(Code::Internal).into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::to_bytes;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn bug() -> &'static str {
        panic!("a bug, made for this test")
    }

    #[tokio::test]
    async fn panics_and_the_frameworks_own_refusals_become_problem_documents() {
        let router = Router::new()
            .route("/bug", get(bug))
            .route("/teapot", get(|| async { StatusCode::IM_A_TEAPOT }))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(only_problems));
        for (path, code) in [("/bug", Code::Internal), ("/teapot", Code::Malformed), ("/none", Code::NotFound)] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status().as_u16(), code.status());
            assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM);
            let body = to_bytes(response.into_body(), 1000).await.unwrap();
            let problem: Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem, Problem::from(code));
        }
    }

    #[test]
    fn a_fault_that_passes_asks_to_come_back_and_a_bug_does_not() {
        let passing = Failure::from(LogError::Fault(crate::log::Fault::Stopped));
        assert_eq!((passing.code, passing.retry_after), (Code::Unavailable, Some(5)));
        let bug = Failure::from(LogError::Fault(crate::log::Fault::Damaged));
        assert_eq!((bug.code, bug.retry_after), (Code::Internal, None));
    }
}
