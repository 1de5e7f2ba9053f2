//! News: a stream that says where the log ends whenever it has moved, and nothing else.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderName;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use crate::auth::{Caller, Standing};
use crate::error::Failure;
use crate::state::AppState;

/// How often a silent stream shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(25);

/// `GET /v1/books/{book}/events`: `{"n":…}` at once and after commits that moved the log; a slow listener gets the
/// newest only. The stream ends when the session ends, when the device leaves or is put out, when the book is deleted, and when the
/// server stops.
pub(super) async fn events(State(state): State<AppState>, caller: Caller) -> Result<impl IntoResponse, Failure> {
    caller.must_be_device()?;
    let (listener, events) = mpsc::channel(1);
    let lasts = Duration::from_secs(caller.ends.saturating_sub(state.clock.now()));
    let mut stopping = state.stopping.subscribe();
    tokio::spawn(async move {
        state.counts.streams.add(1);
        tokio::select! {
            () = tell(&state, &caller, &listener) => {}
            () = tokio::time::sleep(lasts) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = listener.closed() => {}
        }
        state.counts.streams.add(-1);
    });
    let stream = ReceiverStream::new(events).map(Ok::<_, Infallible>);
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT))))
}

async fn tell(state: &AppState, caller: &Caller, listener: &mpsc::Sender<Event>) {
    let mut news = state.log.watch(&caller.id, &caller.book);
    news.mark_changed();
    while news.changed().await.is_ok() {
        let n = *news.borrow_and_update();
        let Ok(book) = state.log.book(&caller.id, state.clock.now()).await else { return };
        let standing = Standing::in_roster(&book.log.roster, &caller.principal);
        if standing.is_none_or(|(standing, _)| standing != Standing::Device) {
            return;
        }
        if listener.send(Event::default().data(format!("{{\"n\":{n}}}"))).await.is_err() {
            return;
        }
    }
}
