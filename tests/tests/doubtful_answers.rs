//! A server's bare word: what it says without proof ends a round at most. It never locks a phone, loses an edit, or makes
//! it believe that something was done.

use samla_core::tables::{ContactDraft, Draft};
use samla_core::{BookError, Request, Role};
use samla_tests::network::{changed_answer, changed_page};
use samla_tests::phone::Phone;
use samla_tests::server::Server;
use samla_wire::roster::{Leave, RosterBody, RosterOp};
use samla_wire::{EntryId, Envelope, Header, Kind};

fn add_contact(phone: &mut Phone) -> Result<(), BookError> {
    let contact = ContactDraft { given_name: Some("Anna".into()), ..ContactDraft::default() };
    phone.with(|book, ctx| book.add(ctx, &Draft::Contacts(contact))).map(drop)
}

fn problem(status: u16, code: &str) -> (u16, Vec<u8>) {
    (status, format!(r#"{{"type":"about:blank","title":"No","status":{status},"code":"{code}"}}"#).into_bytes())
}

/// A founder and a steward who are both in, with everything shared.
fn two_members(server: &Server) -> (Phone, Phone) {
    let mut eva = Phone::founds(1, "Eva");
    let link = eva.invites(server, Role::Steward);
    let mut olle = Phone::joins(2, "Olle", &link);
    olle.sync(server).expect("a round");
    eva.sync(server).expect("a round");
    (eva, olle)
}

/// A hotel's sign-in page answers everything with 200.
#[test]
fn a_page_that_is_no_answer_does_nothing() {
    let server = Server::new();
    let portal = |ending: &'static str| {
        let server = &server;
        move |request: &Request| {
            let page = (200, b"<html>Welcome to the hotel</html>".to_vec());
            Some(if request.url.ends_with(ending) { page } else { server.answer(request) })
        }
    };
    let mut eva = Phone::founds(1, "Eva");
    assert!(matches!(eva.sync_with(portal("/books")), Err(BookError::ServerAnswer)));
    eva.sync(&server).unwrap();

    let invite = eva.with(|book, ctx| book.invite(ctx, Role::Steward, 7)).unwrap();
    assert!(matches!(eva.sync_with(portal("/roster")), Err(BookError::ServerAnswer)));
    eva.sync(&server).unwrap();
    let link = eva.book.invites().into_iter().find(|open| open.id == invite.id).unwrap().link.unwrap();

    let mut olle = Phone::joins(2, "Olle", &link);
    assert!(matches!(olle.sync_with(portal("/roster")), Err(BookError::ServerAnswer)));
    assert!(olle.book.status().unwrap().joining);
    olle.sync(&server).unwrap();
    assert_eq!(olle.book.status().unwrap().role.as_deref(), Some("steward"));
}

#[test]
fn a_refusal_without_proof_locks_nobody_out() {
    let server = Server::new();
    let (_, mut olle) = two_members(&server);
    let codes = [(403, "removed"), (403, "not_member"), (409, "stale_epoch"), (422, "newer"), (409, "chain_mismatch")];
    for (status, code) in codes {
        for ending in ["/sync", "/sessions", "/challenge"] {
            olle.restart();
            add_contact(&mut olle).unwrap();
            let lie = |request: &Request| {
                let lies = request.url.ends_with(ending);
                Some(if lies { problem(status, code) } else { server.answer(request) })
            };
            olle.sync_with(lie).unwrap_err();
            add_contact(&mut olle).unwrap_or_else(|error| panic!("after {code} at {ending}: {error:?}"));
            olle.sync(&server).unwrap();
            let after = olle.book.status().unwrap();
            assert_eq!((after.unsent, after.alarm, after.update_required), (0, None, false), "{code} at {ending}");
        }
    }
}

/// An op that only a newer version knows stops this one for good only if a member signed it.
#[test]
fn an_unsigned_op_of_a_newer_version_locks_nobody_out() {
    let server = Server::new();
    let (eva, mut olle) = two_members(&server);
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let header = Header {
        kind: Kind::Roster,
        book: eva.book.id(),
        epoch: 0,
        device: eva.book.status().unwrap().device_id.parse().unwrap(),
        dseq: 9,
        dprev: EntryId([1; 32]),
        seen_n: 1,
        seen_h: samla_wire::LogHash([1; 32]),
        nonce: [0; 24],
    };
    let body = RosterBody { rseq: 9, rprev: EntryId([1; 32]), op: RosterOp::Leave(Leave {}) };
    let mut body = samla_wire::to_cbor(&body);
    let at = body.len() - 3;
    body[at] = 23;
    let forged = Envelope::sign(header, &body, &key).unwrap();
    let lie = |request: &Request| {
        Some(changed_page(server.answer(request), |entries| entries.push(forged.bytes().to_vec().into())))
    };
    assert!(matches!(olle.sync_with(lie), Err(BookError::UpdateRequired)));
    add_contact(&mut olle).unwrap();
    olle.sync(&server).unwrap();
    assert!(!olle.book.status().unwrap().update_required);
}

/// A book that is full, or a day's allowance that is used up, does not keep anybody from reading.
#[test]
fn who_may_not_push_still_reads() {
    let server = Server::new();
    let (mut eva, mut olle) = two_members(&server);
    for (status, code) in [(507, "quota"), (429, "daily_limit")] {
        add_contact(&mut eva).unwrap();
        eva.sync(&server).unwrap();
        add_contact(&mut olle).unwrap();
        let full = |request: &Request| {
            let refuses = samla_tests::network::pushed(request) > 0 || request.url.ends_with("/roster");
            Some(if refuses { problem(status, code) } else { server.answer(request) })
        };
        let error = olle.sync_with(full).unwrap_err();
        assert_eq!(error.problem(), Some(code));
        assert_eq!(olle.book.head_n(), eva.book.head_n(), "{code}");
        assert_eq!(olle.book.status().unwrap().unsent, 1);
        olle.sync(&server).unwrap();
        assert_eq!(olle.book.status().unwrap().unsent, 0);
        eva.sync(&server).unwrap();
    }
    let invite = eva.with(|book, ctx| book.invite(ctx, Role::Steward, 7)).unwrap();
    add_contact(&mut olle).unwrap();
    olle.sync(&server).unwrap();
    let full = |request: &Request| {
        Some(if request.url.ends_with("/roster") { problem(507, "quota") } else { server.answer(request) })
    };
    assert_eq!(eva.sync_with(full).unwrap_err().problem(), Some("quota"));
    assert_eq!(olle.book.head_n(), eva.book.head_n());
    eva.sync(&server).unwrap();
    assert!(eva.book.invites().into_iter().any(|open| open.id == invite.id && open.link.is_some()));
}

/// What a server calls its refusal ends up in logs and on screens.
#[test]
fn a_word_that_is_no_word_is_not_repeated() {
    let server = Server::new();
    let (_, mut olle) = two_members(&server);
    for code in ["<b>Call 070-174 06 05</b>", &"a".repeat(5000), "", "Not_A_Code"] {
        let error = olle.sync_with(|_| Some(problem(422, code))).unwrap_err();
        assert_eq!(error.problem(), Some("unknown"), "{code}");
    }
    assert_eq!(olle.sync_with(|_| Some(problem(422, "of_tomorrow"))).unwrap_err().problem(), Some("of_tomorrow"));
}

/// The edits before a farewell reach the others.
#[test]
fn who_leaves_leaves_nothing_unsaid() {
    let server = Server::new();
    let (mut eva, mut olle) = two_members(&server);
    add_contact(&mut olle).unwrap();
    olle.with(|book, ctx| book.leave(ctx)).unwrap();
    add_contact(&mut olle).unwrap();
    olle.sync(&server).unwrap_err();
    assert!(olle.book.status().unwrap().removed);
    assert_eq!(olle.book.status().unwrap().unsent, 0);
    eva.sync(&server).unwrap();
    assert_eq!(eva.book.register().all::<samla_core::tables::Contact>().count(), 2);
    // And it stays so.
    olle.restart();
    assert!(olle.book.status().unwrap().removed);
    assert!(matches!(add_contact(&mut olle), Err(BookError::Removed)));
}

/// A phone that was put back from a backup finds entries of its own that it does not know.
#[test]
fn a_phone_from_a_backup_finds_out_what_it_is() {
    let server = Server::new();
    let (_, mut olle) = two_members(&server);
    let backup = olle.files();
    add_contact(&mut olle).unwrap();
    olle.sync(&server).unwrap();
    olle.put_back(&backup);
    assert!(matches!(olle.sync(&server), Err(BookError::DeviceFork)));
    assert_eq!(olle.book.status().unwrap().alarm.as_deref(), Some("device_fork"));
    add_contact(&mut olle).unwrap();
    olle.sync(&server).unwrap();
    assert_eq!(olle.book.status().unwrap().unsent, 1, "it sends nothing any more");
}

/// A server that says more than it can mean: no round goes on for ever.
#[test]
fn no_answer_keeps_a_phone_awake() {
    let server = Server::new();
    let (mut eva, _) = two_members(&server);
    type Lie = fn(&mut samla_wire::http::SyncResponse);
    let lies: [Lie; 4] = [
        |answer| answer.more = true,
        |answer| answer.head.n += 1,
        |answer| answer.entries.clear(),
        |answer| answer.acks.clear(),
    ];
    for lie in lies {
        add_contact(&mut eva).unwrap();
        let mut asked = 0;
        let _ = eva.sync_with(|request| {
            asked += 1;
            assert!(asked < 100);
            Some(changed_answer(server.answer(request), lie))
        });
        eva.sync(&server).unwrap();
        assert_eq!(eva.book.status().unwrap().unsent, 0);
        assert_eq!(eva.book.status().unwrap().alarm, None);
    }
}
