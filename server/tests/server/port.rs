//! Over a real port: the program's own loop, its farewell, and that metrics and logs name nobody.

use std::time::Duration;

use samla_server::{Clock, Config, run};
use samla_wire::to_cbor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::device::founding;

/// One request over its own connection; the whole answer as text.
async fn ask(address: std::net::SocketAddr, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop_and_keeps_what_it_took() {
    let dir = tempfile::tempdir().unwrap();
    let body = to_cbor(&founding(1).2);
    for status in ["201 Created", "200 OK"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(run(listener, Config::for_data(dir.path()), Clock::system(), async {
            let _ = stopped.await;
        }));
        assert!(ask(address, "GET /healthz HTTP/1.1", b"").await.starts_with("HTTP/1.1 200 OK"));
        let answer = ask(address, "POST /v1/books HTTP/1.1\r\ncontent-type: application/cbor", &body).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        let metrics = ask(address, "GET /metrics HTTP/1.1", b"").await;
        assert!(metrics.contains("samla_books_founded_total"));
        assert!(!metrics.contains(&founding(1).0.book.to_string()));
        // An idle connection does not hold the farewell up.
        let _idle = TcpStream::connect(address).await.unwrap();
        stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
        assert!(!dir.path().join("samla.db-wal").exists(), "the log is folded into the database");
    }
}

#[tokio::test]
async fn a_second_server_on_one_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let listen = || async { TcpListener::bind("127.0.0.1:0").await.unwrap() };
    let (stop, stopped) = oneshot::channel::<()>();
    let listener = listen().await;
    let address = listener.local_addr().unwrap();
    let first = tokio::spawn(run(listener, Config::for_data(dir.path()), Clock::system(), async {
        let _ = stopped.await;
    }));
    ask(address, "GET /healthz HTTP/1.1", b"").await;
    let second = run(listen().await, Config::for_data(dir.path()), Clock::system(), async {}).await;
    assert!(second.unwrap_err().to_string().contains("another server"));
    stop.send(()).unwrap();
    first.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_folder_without_an_app_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::for_data(dir.path());
    config.web = Some(dir.path().join("dist"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = run(listener, config, Clock::system(), async {}).await.unwrap_err();
    assert!(error.to_string().contains("index.html"));
}
