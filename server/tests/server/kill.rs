//! The program killed in the middle of its work: what it acknowledged is there when it starts again.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use samla_wire::http::{
    Bootstrap, CBOR, Challenge, ChallengeRequest, EpochResponse, Session, SessionRequest, SyncRequest, SyncResponse,
};
use samla_wire::rules::{read_body, read_roster};
use samla_wire::{EntryId, Envelope, Head, Roster, to_cbor};

use crate::device::{Device, founding};
use crate::world::{hex, path};

struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(dir: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_samla-server"))
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(dir)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("a line that says where it listens").unwrap();
            if let Some((_, rest)) = line.split_once("address=") {
                break rest.split(' ').next().unwrap().parse().unwrap();
            }
        };
        // A full pipe would hold the program up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn ask(&self, line: &str, headers: &str, body: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(
            stream,
            "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        )?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let cut =
            answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
        Ok((status, answer.split_off(cut + 4)))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, path: &str, body: &impl serde::Serialize) -> T {
        let body = serde_json::to_vec(body).unwrap();
        let (status, answer) = self.ask(&format!("POST {path}"), "content-type: application/json\r\n", &body).unwrap();
        assert_eq!(status, 200);
        serde_json::from_slice(&answer).unwrap()
    }

    fn sign_in(&self, device: &Device) -> String {
        let (book, principal) = (device.book.to_string(), hex(&device.me.id));
        let request = ChallengeRequest { book: book.clone(), principal: principal.clone() };
        let Challenge { challenge } = self.json("/v1/sessions/challenge", &request);
        let bytes = data_encoding::HEXLOWER.decode(challenge.as_bytes()).unwrap();
        let origin = format!("http://127.0.0.1:{}", self.address.port());
        let signature = device.me.answer(&origin, &device.book, &bytes).to_string();
        self.json::<Session>("/v1/sessions", &SessionRequest { book, principal, origin, challenge, signature }).token
    }

    fn sync(&self, token: &str, device: &Device, from: Head, push: &[Envelope]) -> std::io::Result<SyncResponse> {
        let push = push.iter().map(|envelope| envelope.bytes().to_vec().into()).collect();
        let body = to_cbor(&SyncRequest { cursor: from.n, head_h: from.h, push });
        let headers = format!("content-type: {CBOR}\r\nauthorization: Bearer {token}\r\n");
        let (_, answer) = self.ask(&format!("POST {}", path(&device.book, "sync")), &headers, &body)?;
        minicbor::decode(&answer).map_err(|_| std::io::ErrorKind::UnexpectedEof.into())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let (mut founder, _, request) = founding(1);
    let genesis = founder.seen;
    let mut acknowledged: Vec<[u8; 32]> = Vec::new();
    // Sent and not answered: it may be there or not, and is sent again as the phone would.
    let mut unanswered: Option<Envelope> = None;
    for round in 0..5u64 {
        let mut program = Program::start(dir.path());
        program.ask("POST /v1/books", &format!("content-type: {CBOR}\r\n"), &to_cbor(&request)).unwrap();
        let token = program.sign_in(&founder);
        let (die, dies) = mpsc::channel::<()>();
        let mut child = std::mem::replace(&mut program.child, Command::new("true").spawn().unwrap());
        let killer = std::thread::spawn(move || {
            let _ = dies.recv_timeout(Duration::from_millis(40 + round * 37));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        for _ in 0..2000 {
            let envelope = unanswered.take().unwrap_or_else(|| founder.data(700));
            match program.sync(&token, &founder, genesis, std::slice::from_ref(&envelope)) {
                Ok(response) => {
                    assert!(!matches!(response.acks[0], samla_wire::http::Ack::Rejected(_)), "{:?}", response.acks);
                    acknowledged.push(envelope.id().0);
                }
                Err(_) => {
                    unanswered = Some(envelope);
                    break;
                }
            }
        }
        drop(die);
        killer.join().unwrap();
    }
    assert!(acknowledged.len() > 5, "too few pushes to prove anything");
    let program = Program::start(dir.path());
    let token = program.sign_in(&founder);
    let mut head = genesis;
    let mut there = Vec::new();
    loop {
        let page = program.sync(&token, &founder, head, &[]).unwrap();
        for id in &page.entries {
            let id: [u8; 32] = id.as_slice().try_into().expect("its own entries come as ids");
            head = head.next(&samla_wire::EntryId(id));
            there.push(id);
        }
        if !page.more {
            assert_eq!(head, page.head);
            break;
        }
    }
    let lost = acknowledged.iter().zip(&there).filter(|(a, b)| a != b).count();
    assert_eq!(lost, 0, "each acknowledged envelope is there once, in the order it was sent");
    assert!(there.len() - acknowledged.len() <= 1, "at most the unanswered one is there besides");
}

impl Program {
    fn get(&self, token: &str, device: &Device, rest: &str) -> std::io::Result<Vec<u8>> {
        let token = format!("authorization: Bearer {token}\r\n");
        let (status, answer) = self.ask(&format!("GET {}", path(&device.book, rest)), &token, b"")?;
        assert_eq!(status, 200, "{rest}: {}", String::from_utf8_lossy(&answer));
        Ok(answer)
    }

    /// Brings this lone member to where the log ends, after a look that what is there is one state, all of it.
    /// Also says how many sealed entries there are.
    fn catch_up(&self, token: &str, device: &mut Device) -> std::io::Result<(Roster, u64)> {
        let start = self.get(token, device, "bootstrap")?;
        let start: Bootstrap = minicbor::decode(&start).map_err(|_| std::io::ErrorKind::UnexpectedEof)?;
        let parse = |bytes: &[u8]| Envelope::parse(bytes.to_vec()).unwrap();
        let ops: Vec<Envelope> = start.roster.iter().map(|bytes| parse(bytes)).collect();
        let roster = read_roster(&ops).unwrap();
        assert_eq!(start.base, roster.base.iter().map(|part| part.id).collect::<Vec<_>>());
        let content = if roster.epoch == 0 { 4 } else { 100 + roster.epoch as u8 };
        assert_eq!(start.wrap.unwrap().sealed.as_slice(), [content; 80]);
        for part in &start.base {
            assert_eq!(parse(&self.get(token, device, &format!("base/{part}"))?).id(), *part);
        }
        let op = ops.last().unwrap();
        (device.epoch, device.dseq, device.dprev) = (roster.epoch, op.header().dseq, op.id());
        device.seen = roster.seal.next(&op.id());
        let page = self.sync(token, device, device.seen, &[])?;
        assert!(page.entries.len() <= 6, "of what was sealed before an epoch nothing is there");
        for id in &page.entries {
            device.dprev = EntryId(id.as_slice().try_into().expect("its own entries come as ids"));
            device.dseq += 1;
            device.seen = device.seen.next(&device.dprev);
        }
        assert_eq!(device.seen, page.head);
        Ok((roster, page.entries.len() as u64))
    }

    /// Writes something, and begins the next epoch.
    fn begin(&self, token: &str, device: &mut Device, mut roster: Roster, held: u64) -> std::io::Result<Roster> {
        let data = device.data(700);
        self.sync(token, device, device.seen, std::slice::from_ref(&data))?;
        device.seen = device.seen.next(&data.id());
        let next = device.next_epoch(&roster, device.seen, |_| {});
        let token = format!("authorization: Bearer {token}\r\n");
        for part in &next.parts {
            let put = format!("PUT {}", path(&device.book, &format!("base/{}", part.id())));
            self.ask(&put, &format!("content-type: application/octet-stream\r\n{token}"), part.bytes())?;
        }
        let request = device.begin(&roster, &next);
        let post = format!("POST {}", path(&device.book, "epoch"));
        let (status, answer) = self.ask(&post, &format!("content-type: {CBOR}\r\n{token}"), &to_cbor(&request))?;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&answer));
        let response: EpochResponse = minicbor::decode(&answer).map_err(|_| std::io::ErrorKind::UnexpectedEof)?;
        assert!(response.receipt.verify());
        assert_eq!(response.receipt.deletion.count, held + 1);
        let op = Envelope::parse(request.envelope.into()).unwrap();
        roster.apply(&op, &read_body(&op).unwrap()).unwrap();
        device.moved(device.seen.next(&op.id()));
        Ok(roster)
    }
}

/// Killed while epochs begin: each is there whole, with its base and wraps and without what it ended, or not at all.
#[test]
fn an_epoch_is_there_whole_or_not_at_all_after_a_kill_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let (mut founder, _, request) = founding(1);
    let mut answered = 0;
    for round in 0..6u64 {
        let mut program = Program::start(dir.path());
        program.ask("POST /v1/books", &format!("content-type: {CBOR}\r\n"), &to_cbor(&request)).unwrap();
        let token = program.sign_in(&founder);
        let mut child = std::mem::replace(&mut program.child, Command::new("true").spawn().unwrap());
        let (die, dies) = mpsc::channel::<()>();
        let killer = std::thread::spawn(move || {
            let _ = dies.recv_timeout(Duration::from_millis(150 + round * 61));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        for _ in 0..50 {
            let Ok((roster, held)) = program.catch_up(&token, &mut founder) else { break };
            assert!(roster.epoch >= answered, "what was acknowledged is there");
            let Ok(roster) = program.begin(&token, &mut founder, roster, held) else { break };
            answered = roster.epoch;
        }
        drop(die);
        killer.join().unwrap();
    }
    assert!(answered > 3, "too few epochs to prove anything");
    let program = Program::start(dir.path());
    let token = program.sign_in(&founder);
    assert!(program.catch_up(&token, &mut founder).unwrap().0.epoch >= answered);
}

#[test]
fn it_stops_in_order_when_it_is_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(dir.path());
        assert_eq!(program.ask("GET /healthz", "", b"").unwrap().0, 200);
        let pid = program.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert!(program.child.wait().unwrap().success(), "{signal}");
        assert!(!dir.path().join("samla.db-wal").exists());
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_said_in_one_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_samla-server"))
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(file.path())
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(1));
    let said = String::from_utf8(program.stderr).unwrap();
    assert!(said.lines().last().unwrap().starts_with("samla-server: the data folder"), "{said}");
}
