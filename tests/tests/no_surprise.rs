//! Whatever is sent to the server, it answers with a code that is written down, and never with a fault of its own; and
//! whatever a server answers, a phone neither stops nor shows what nobody wrote.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where something is wrong, and tells what it saw"
)]

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use samla_core::tables::{ContactDraft, Draft, Table, Value};
use samla_core::{Request, Role};
use samla_tests::phone::{Files, Phone};
use samla_tests::scratch;
use samla_tests::server::{Answer, ORIGIN, Server};
use samla_wire::http::PROBLEM;
use samla_wire::problem::Code;

fn write(phone: &mut Phone, name: &str) {
    let draft = Draft::Contacts(ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.add(ctx, &draft)).expect("a contact");
}

fn names(phone: &Phone) -> Vec<String> {
    let rows = phone.book.register().rows(Table::Contacts);
    let name = |row: &samla_core::tables::Row| match row.get("given_name") {
        Some(Value::Text(name)) => Some(name),
        _ => None,
    };
    rows.iter().filter_map(name).collect()
}

/// Two phones that have every kind of request behind them, and all those requests.
fn life(server: &Server, seed: u64) -> (Phone, Phone, Vec<Request>) {
    let mut said = Vec::new();
    let mut sync = |phone: &mut Phone| {
        let round = phone.sync_with(|request| {
            said.push(request.clone());
            Some(server.answer(request))
        });
        round.expect("a round");
    };
    let mut eva = Phone::founds_in(scratch(), seed, "Eva");
    eva.with(|book, ctx| book.invite(ctx, Role::Steward, 7)).expect("an invitation");
    sync(&mut eva);
    let link = eva.book.invites().remove(0).link.expect("the server has it");
    let mut olle = Phone::joins_in(scratch(), seed + 1, "Olle", &link).expect("a link");
    sync(&mut olle);
    for name in ["Anna", "Bertil"] {
        write(&mut olle, name);
        sync(&mut olle);
        sync(&mut eva);
    }
    for (path, headers) in [("/v1/server", vec![]), ("/healthz", vec![]), ("/metrics", vec![])] {
        said.push(Request { method: "GET", url: format!("{ORIGIN}{path}"), headers, body: Vec::new() });
    }
    (eva, olle, said)
}

/// Is the answer one of those that are written down?
fn check(answer: &Answer, what: &str) {
    match answer.status {
        200..=299 | 0 => {}
        400..=499 => {
            let problem: serde_json::Value =
                serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{what}: no problem document"));
            let code = problem["code"].as_str().unwrap_or_else(|| panic!("{what}: no code in {problem}"));
            let known = Code::parse(code).unwrap_or_else(|| panic!("{what}: nobody knows {code}"));
            assert_eq!(known.status(), answer.status, "{what}: {code}");
            let kind = answer.headers.iter().find(|(name, _)| name == "content-type");
            assert_eq!(kind.map(|(_, value)| value.as_str()), Some(PROBLEM), "{what}");
        }
        other => panic!("{what}: status {other}: {}", String::from_utf8_lossy(&answer.body)),
    }
}

fn garbled(rng: &mut ChaCha20Rng, bytes: &mut Vec<u8>) {
    let length = bytes.len().max(1) as u64;
    let at = |rng: &mut ChaCha20Rng| (rng.next_u64() % length) as usize;
    match rng.next_u64() % 7 {
        0 => bytes.truncate(at(rng)),
        1 => bytes.extend((0..rng.next_u64() % 50).map(|at| at as u8)),
        2 => {
            // A number that says there is much to come.
            let place = at(rng);
            for (offset, byte) in [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff].into_iter().enumerate() {
                if let Some(to) = bytes.get_mut(place + offset) {
                    *to = byte;
                }
            }
        }
        3 => {
            let (from, to) = (at(rng), at(rng));
            let piece: Vec<u8> = bytes.get(from.min(to)..from.max(to)).unwrap_or_default().to_vec();
            bytes.extend(piece);
        }
        _ => {
            for _ in 0..1 + rng.next_u64() % 4 {
                let place = at(rng);
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << (rng.next_u64() % 8);
                }
            }
        }
    }
}

#[test]
fn every_refusal_has_a_code_and_nothing_breaks_the_server() {
    let server =
        Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000", "--books-per-hour", "4000000000"]);
    let (_, _, said) = life(&server, 1);
    let (_, _, others) = life(&server, 50);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..6_000 {
        let mut request = said[rng.next_u64() as usize % said.len()].clone();
        let other = &others[rng.next_u64() as usize % others.len()];
        let what = match rng.next_u64() % 12 {
            0 => "said again",
            1 => {
                request.headers.retain(|(name, _)| *name != "authorization");
                "without a session"
            }
            2 => {
                request.headers.retain(|(name, _)| *name != "authorization");
                request.headers.extend(other.headers.iter().filter(|(name, _)| *name == "authorization").cloned());
                "with another's session"
            }
            3 => {
                request.body.clone_from(&other.body);
                "with another's body"
            }
            4 => {
                request.url.clone_from(&other.url);
                "at another's path"
            }
            5 => {
                request.method = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"][rng.next_u64() as usize % 6];
                "by another method"
            }
            6 => {
                request.headers.retain(|(name, _)| *name != "content-type");
                request.headers.push(("content-type", "text/plain".into()));
                "of another type"
            }
            7 => {
                let mut url = request.url.into_bytes();
                let from = ORIGIN.len() + 1;
                let mut path = url.split_off(from.min(url.len()));
                garbled(&mut rng, &mut path);
                path.retain(u8::is_ascii_graphic);
                url.extend(path);
                request.url = String::from_utf8(url).expect("ASCII");
                "at a garbled path"
            }
            8 => {
                for (_, value) in request.headers.iter_mut().filter(|(name, _)| *name == "authorization") {
                    let mut bytes = std::mem::take(value).into_bytes();
                    garbled(&mut rng, &mut bytes);
                    bytes.retain(u8::is_ascii_graphic);
                    *value = String::from_utf8(bytes).expect("ASCII");
                }
                "with a garbled session"
            }
            _ => {
                garbled(&mut rng, &mut request.body);
                "with a garbled body"
            }
        };
        let path = request.url.strip_prefix(ORIGIN).expect("this server");
        // Streams of events do not end; they have their own test beside the server.
        if path.contains("/events") {
            continue;
        }
        let what = format!("{number}: {} {path} {what}", request.method);
        let answer = server.ask(request.method, path, &request.headers, &request.body);
        if request.method != "HEAD" {
            check(&answer, &what);
        }
        seen.insert(answer.status);
    }
    for status in [200, 400, 401, 403, 404, 405, 415] {
        assert!(seen.contains(&status), "{status} never came: {seen:?}");
    }
    // And the server still serves.
    let (eva, olle, _) = life(&server, 90);
    assert_eq!(names(&eva), names(&olle));
}

#[test]
fn whatever_is_answered_a_phone_shows_only_what_was_written() {
    let mut server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
    let (mut eva, mut olle, _) = life(&server, 1);
    let start: Files = olle.files();
    write(&mut eva, "Cecilia");
    eva.sync(&server).expect("a round");
    let truth = names(&eva);
    let honest_log = server.snapshot();
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let mut alarms = 0;
    let mut earlier: Vec<(u16, Vec<u8>)> = Vec::new();
    for number in 0..600 {
        server.roll_back(honest_log.path());
        olle.put_back(&start);
        write(&mut olle, "Own");
        let mut asked = 0;
        let result = olle.sync_with(|request| {
            asked += 1;
            assert!(asked < 100, "{number}: the phone asks for ever");
            let (mut status, mut body) = server.answer(request);
            earlier.push((status, body.clone()));
            match rng.next_u64() % 12 {
                0..4 => {}
                4 => {
                    status = [200, 201, 204, 301, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503, 507]
                        [rng.next_u64() as usize % 16]
                }
                5 => body = b"<!doctype html><title>Guest network</title>".to_vec(),
                6 => {
                    let code = Code::ALL[rng.next_u64() as usize % Code::ALL.len()];
                    status = code.status();
                    body =
                        format!(r#"{{"type":"about:blank","title":"x","status":{status},"code":"{}"}}"#, code.as_str())
                            .into_bytes();
                }
                7 => (status, body) = earlier[rng.next_u64() as usize % earlier.len()].clone(),
                _ => garbled(&mut rng, &mut body),
            }
            if rng.next_u64().is_multiple_of(20) { None } else { Some((status, body)) }
        });
        let _ = result;
        let shown = names(&olle);
        assert!(shown.contains(&"Own".to_owned()), "{number}: the own edit is gone");
        for name in shown.iter().filter(|name| *name != "Own") {
            assert!(truth.contains(name), "{number}: nobody wrote {name:?}");
        }
        for name in ["Anna", "Bertil"] {
            assert!(shown.contains(&name.to_owned()), "{number}: {name} is gone");
        }
        assert_eq!(olle.book.export_json().expect("an export").matches("\"Own\"").count(), 1, "{number}");
        // The honest server is back: all is well, or the phone says why it cannot be.
        let honest = (0..3).map(|_| olle.sync(&server)).next_back().expect("three rounds");
        let status = olle.book.status().expect("a status");
        let converged = honest.is_ok() && names(&olle).len() == truth.len() + 1 && status.unsent == 0;
        let explained = status.alarm.is_some() || status.removed || status.update_required;
        assert!(converged || explained, "{number}: {honest:?} {status:?}");
        alarms += usize::from(!converged);
    }
    println!("{alarms} ended with an alarm");
}

/// Kept, it would shut the phone out for as long as the session lasts: every request with it fails before it is sent.
#[test]
fn a_token_that_no_request_can_carry_is_not_kept() {
    let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
    let (_, mut olle, _) = life(&server, 1);
    let long = "a".repeat(5000);
    for token in ["", "a b", "a\r\nx: y", "a\u{7f}b", "a\0b", "\u{e5}", &long] {
        olle.restart();
        write(&mut olle, "Own");
        let told = olle.sync_with(|request| {
            let (status, mut body) = server.answer(request);
            if request.url.ends_with("/v1/sessions") {
                let mut session: samla_wire::http::Session = serde_json::from_slice(&body).unwrap();
                session.token = token.to_owned();
                body = serde_json::to_vec(&session).unwrap();
            }
            Some((status, body))
        });
        assert_eq!(told.unwrap_err().code(), "server_answer", "{token:?}");
        olle.sync(&server).expect("the next round signs in anew");
        assert_eq!(olle.book.status().unwrap().unsent, 0, "{token:?}");
    }
}
