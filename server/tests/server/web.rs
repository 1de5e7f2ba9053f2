//! The web app's files and the headers around them.

use axum::body::Body;
use axum::http::Request;
use samla_wire::Code;

use crate::world::{Answer, World};

async fn with_app() -> (World, tempfile::TempDir) {
    let app = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(app.path().join(name), text).unwrap();
    std::fs::create_dir(app.path().join("assets")).unwrap();
    write("index.html", b"<!doctype html>");
    write("sw.js", b"1");
    write("manifest.webmanifest", b"{}");
    write("icon.svg", b"<svg/>");
    write("assets/app-4f3a2b1c.js", b"console.log(1)");
    write("assets/app-4f3a2b1c.js.br", b"brotli");
    write("assets/app-4f3a2b1c.js.gz", b"gzip");
    write("assets/core-4f3a2b1c.wasm", b"\0asm");
    write("assets/app-4f3a2b1c.css", b"a{}");
    let dir = app.path().to_owned();
    (World::with(move |config| config.web = Some(dir)).await, app)
}

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn each_file_has_its_type_and_its_time() {
    let (world, _app) = with_app().await;
    let immutable = "public, max-age=31536000, immutable";
    for (path, kind, lasts) in [
        ("/", "text/html", "no-cache"),
        ("/j", "text/html", "no-cache"),
        ("/index.html", "text/html", "no-cache"),
        ("/sw.js", "text/javascript", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
        ("/assets/app-4f3a2b1c.js", "text/javascript", immutable),
        ("/assets/app-4f3a2b1c.css", "text/css", immutable),
        ("/assets/core-4f3a2b1c.wasm", "application/wasm", immutable),
    ] {
        let answer = ask(&world, "GET", path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("cache-control"), Some(lasts), "{path}");
        assert_eq!(ask(&world, "HEAD", path, &[]).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_guarding_headers_are_on_every_answer() {
    let (world, _app) = with_app().await;
    for path in ["/", "/assets/app-4f3a2b1c.js", "/nothing", "/v1/server", "/v1/nothing"] {
        let answer = ask(&world, "GET", path, &[]).await;
        let policy = answer.header("content-security-policy").unwrap();
        for rule in [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|part| part == rule), "{rule} in {policy}");
        }
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
        assert!(answer.header("permissions-policy").unwrap().contains("camera=(self)"));
    }
    assert_eq!(ask(&world, "GET", "/v1/server", &[]).await.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_compressed_file_beside_goes_to_who_takes_it() {
    let (world, _app) = with_app().await;
    let path = "/assets/app-4f3a2b1c.js";
    for (takes, encoding, body) in
        [("br, gzip", Some("br"), "brotli"), ("gzip", Some("gzip"), "gzip"), ("identity", None, "console.log(1)")]
    {
        let answer = ask(&world, "GET", path, &[("accept-encoding", takes)]).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert_eq!(answer.body, body);
        assert_eq!(answer.header("content-type"), Some("text/javascript"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let (world, _app) = with_app().await;
    for path in ["/nothing", "/assets", "/assets/", "/j/more", "/../Cargo.toml", "/%2e%2e/samla.db", "/a%00b"] {
        assert_eq!(ask(&world, "GET", path, &[]).await.code(), Code::NotFound, "{path}");
    }
    for path in ["/", "/j", "/sw.js", "/nothing"] {
        assert_eq!(ask(&world, "POST", path, &[]).await.code(), Code::MethodNotAllowed, "{path}");
    }
    let conditional =
        [("range", "bytes=99999-"), ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"), ("if-range", "x")];
    assert_eq!(ask(&world, "GET", "/sw.js", &conditional).await.status, 200);
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let (world, _app) = with_app().await;
    let first = ask(&world, "GET", "/sw.js", &[]).await;
    let since = first.header("last-modified").unwrap();
    let again = ask(&world, "GET", "/sw.js", &[("if-modified-since", since)]).await;
    assert_eq!((again.status, again.header("cache-control")), (304, Some("no-cache")));
}

#[tokio::test]
async fn without_an_app_one_page_says_what_this_is() {
    let world = World::new().await;
    let answer = ask(&world, "GET", "/", &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(String::from_utf8_lossy(&answer.body).contains("never opens one"));
    assert_eq!(ask(&world, "GET", "/j", &[]).await.code(), Code::NotFound);
    assert_eq!(ask(&world, "DELETE", "/", &[]).await.code(), Code::MethodNotAllowed);
    assert_eq!(ask(&world, "GET", "/v1/nothing", &[]).await.code(), Code::NotFound);
    assert_eq!(ask(&world, "GET", "/v1/books", &[]).await.code(), Code::MethodNotAllowed);
}
