//! `sync --watch`: a round whenever the server has news, or another command here has written something.
//!
//! Between rounds the book is closed, so that other commands can use the folder.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use samla_core::Request;
use serde::Deserialize;

use crate::commands::tell_brought;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::home::{Folder, Mark};
use crate::http::Http;
use crate::say::Say;
use crate::sync::round;

/// How often the folder is looked at for something new.
const LOOK: Duration = Duration::from_millis(500);
/// The first and the longest wait before the server is tried again.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// What the stream of events says.
enum News {
    /// The log has so many entries now.
    Log(u64),
    /// The stream ended.
    Ended,
}

#[derive(Deserialize)]
struct Event {
    n: u64,
}

/// Where a round left the book.
struct Rested {
    head_n: u64,
    events: Option<Request>,
    mark: Option<Mark>,
}

/// Goes on until the process is stopped, or until something needs a person.
pub(crate) fn watch(folder: &Folder, say: &mut Say) -> Result<(), Failure> {
    let http = Http::new();
    let mut news = None;
    let (mut wait, mut told) = (RETRY.0, String::new());
    loop {
        match once(folder, &http, say) {
            Ok(rested) => {
                (wait, told) = (RETRY.0, String::new());
                if news.is_none() {
                    news = rested.events.clone().map(listen);
                }
                let ended = rest(folder, &rested, news.as_ref());
                if ended {
                    news = None;
                    std::thread::sleep(RETRY.0);
                }
            }
            Err(failure) if passes(&failure) => {
                if told != failure.code() {
                    failure.code().clone_into(&mut told);
                    say.failure(&failure);
                }
                std::thread::sleep(wait);
                wait = (wait * 2).min(RETRY.1);
            }
            Err(failure) => return Err(failure),
        }
    }
}

fn once(folder: &Folder, http: &Http, say: &mut Say) -> Result<Rested, Failure> {
    let mut desk = Desk::open(folder)?;
    desk.must_be_shared()?;
    let brought = round(&mut desk, http, say)?;
    if brought.anything() {
        tell_brought(&mut desk, brought, false, say)?;
        say.finish()?;
    }
    let (head_n, events) = (desk.book().head_n(), desk.book().events_request());
    desk.close()?;
    Ok(Rested { head_n, events, mark: folder.mark() })
}

/// Returns when there is reason for another round; true if the stream of events has ended.
fn rest(folder: &Folder, rested: &Rested, news: Option<&Receiver<News>>) -> bool {
    let Some(news) = news else {
        std::thread::sleep(RETRY.1);
        return true;
    };
    loop {
        match news.recv_timeout(LOOK) {
            Ok(News::Log(n)) if n > rested.head_n => return false,
            Ok(News::Log(_)) => {}
            Ok(News::Ended) | Err(RecvTimeoutError::Disconnected) => return true,
            Err(RecvTimeoutError::Timeout) if folder.mark() != rested.mark => return false,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Listens to the stream of events, on a thread and a connection of its own.
fn listen(request: Request) -> Receiver<News> {
    let (tell, news) = channel();
    std::thread::spawn(move || hear(&request, &tell));
    news
}

fn hear(request: &Request, tell: &Sender<News>) {
    let on_event = |text: &str| match serde_json::from_str::<Event>(text) {
        Ok(event) => tell.send(News::Log(event.n)).is_ok(),
        Err(_) => false,
    };
    // However it ends, the next round finds out what is new.
    let _ = Http::new().events(request, on_event);
    let _ = tell.send(News::Ended);
}

/// Whether time may heal it.
fn passes(failure: &Failure) -> bool {
    matches!(failure.code(), "offline" | "server_away" | "server_refused" | "server_answer" | "storage_busy")
}
