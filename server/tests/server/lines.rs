//! What the server writes down of a story: routes and statuses, and nothing of who or what.

use std::io::Write;
use std::sync::{Arc, Mutex};

use samla_wire::Code;

use crate::invites::let_in;
use crate::world::{World, hex, path};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_line_names_the_route_and_nobody() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (steward, token) = let_in(&world, &mut founder, 3).await;
    world.sync(&token, &steward, &[founder.data(300)]).await;
    world.get(&path(&founder.book, "base/00"), Some(&token)).await;
    let strange = axum::http::Request::builder().method("ANNA").uri("/anna?anna").body(axum::body::Body::empty());
    assert_eq!(world.send(strange.unwrap()).await.code(), Code::NotFound);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("method=POST route=\"/v1/books/{book}/sync\" status=200 ms="), "{text}");
    assert!(text.contains("method=other route=\"-\" status=404"), "{text}");
    for secret in [
        founder.book.to_string(),
        hex(&founder.me.id),
        hex(&steward.me.id),
        token,
        "ANNA".into(),
        "anna".into(),
        "0.0.0.0".into(),
    ] {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
}
