//! T21: another server passes a challenge on, to sign in with the answer. The origin is in what is signed.

use samla_core::Role;
use samla_tests::server::ORIGIN;

use crate::club::Club;

#[test]
fn an_answer_for_another_origin_signs_nobody_in() {
    let mut club = Club::new(210);
    let member = club.insider(Role::Steward);
    assert!(member.sign_in(&club.server, ORIGIN).is_ok());
    for origin in ["https://evil.example", "http://localhost:8081", "https://localhost:8080", "", "http://localhost"] {
        let (status, body) = member.sign_in(&club.server, origin).unwrap_err();
        assert_eq!(status, 401, "{origin}");
        assert!(String::from_utf8_lossy(&body).contains("login_failed"), "{origin}");
    }
}

/// The relay names the honest origin beside a signature that was made for its own.
#[test]
fn naming_the_honest_origin_does_not_help() {
    let mut club = Club::new(211);
    let server = &club.server;
    club.olle.restart();
    let result = club.olle.sync_with(|request| {
        let mut request = request.clone();
        if request.url.ends_with("/sessions") {
            let mut body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            assert_eq!(body["origin"], ORIGIN);
            body["origin"] = "http://127.0.0.1:8080".into();
            request.body = body.to_string().into_bytes();
        }
        Some(server.answer(&request))
    });
    assert_eq!(result.unwrap_err().code(), "server_refused");
    club.olle.sync(server).unwrap();
}
