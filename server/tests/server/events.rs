//! The stream of news.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use tokio_stream::StreamExt;
use tower::ServiceExt;

use crate::device::Device;
use crate::invites::let_in;
use crate::world::{World, path};

struct News(BodyDataStream);

impl News {
    async fn listen(world: &World, token: &str, device: &Device) -> Self {
        let request = Request::get(path(&device.book, "events")).header("authorization", format!("Bearer {token}"));
        let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self(response.into_body().into_data_stream())
    }

    /// The next piece of text; none when the stream has ended.
    async fn next(&mut self) -> Option<String> {
        let piece = tokio::time::timeout(Duration::from_secs(100), self.0.next()).await.expect("news or an end");
        piece.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
    }
}

fn says(n: u64) -> Option<String> {
    Some(format!("data: {{\"n\":{n}}}\n\n"))
}

#[tokio::test]
async fn news_say_where_the_log_ends_and_nothing_else() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let mut news = News::listen(&world, &token, &founder).await;
    assert_eq!(news.next().await, says(1));
    assert_eq!(world.state.counts.streams.get(), 1);
    world.sync(&token, &founder, &[founder.clone().data(100)]).await;
    assert_eq!(news.next().await, says(2));
    founder.data(100);
    let two = [founder.data(100), founder.data(100)];
    world.sync(&token, &founder, &two).await;
    assert_eq!(news.next().await, says(4));
}

#[tokio::test]
async fn another_books_news_are_not_heard() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let (mut other, _) = world.found(2).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let other_token = world.sign_in(&other.me, &other.book).await;
    let mut news = News::listen(&world, &token, &founder).await;
    assert_eq!(news.next().await, says(1));
    world.sync(&other_token, &other, &[other.clone().data(100)]).await;
    other.data(100);
    world.sync(&token, &founder, &[founder.clone().data(100)]).await;
    assert_eq!(news.next().await, says(2));
}

#[tokio::test]
async fn the_stream_ends_when_the_server_stops() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let mut news = News::listen(&world, &token, &founder).await;
    assert_eq!(news.next().await, says(1));
    world.state.stopping.send_replace(true);
    assert_eq!(news.next().await, None);
}

#[tokio::test]
async fn the_stream_ends_when_the_device_leaves() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, token) = let_in(&world, &mut founder, 3).await;
    let mut news = News::listen(&world, &token, &steward).await;
    assert_eq!(news.next().await, says(3));
    let (roster, head) = world.roster(&steward.book).await;
    steward.seen = head;
    let goodbye = steward.leave(&roster);
    assert_eq!(world.roster_op(Some(&token), &steward.book, &goodbye).await.status, 201);
    assert_eq!(news.next().await, None);
}

#[tokio::test]
async fn the_stream_beats_every_25_seconds_and_ends_with_the_session() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    world.pass(3600 - 60);
    tokio::time::pause();
    let mut news = News::listen(&world, &token, &founder).await;
    assert_eq!(news.next().await, says(1));
    let began = tokio::time::Instant::now();
    let mut beats = 0;
    while let Some(piece) = news.next().await {
        assert_eq!(piece, ":\n\n");
        beats += 1;
    }
    assert_eq!((beats, began.elapsed().as_secs()), (2, 60));
}

#[tokio::test]
async fn who_stops_listening_is_forgotten() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let mut news = News::listen(&world, &token, &founder).await;
    assert_eq!(news.next().await, says(1));
    drop(news);
    while world.state.counts.streams.get() > 0 {
        tokio::task::yield_now().await;
    }
}
