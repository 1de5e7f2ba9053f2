//! T6: the server writes roster entries of its own. Everybody derives who is in from the genesis: nobody else is.

use samla_core::Role;
use samla_core::seal::{DeviceKeys, InviteSecret};
use samla_tests::insider::Liar;
use samla_wire::ids::{Prekey, Signature};
use samla_wire::roster::{Invite, InviteMode, Join, Leave, Raise, RosterBody, RosterOp, Uninvite};
use samla_wire::{DeviceId, EntryId, Envelope, Header, InviteId, Kind};

use crate::club::{Club, add, names_of};

#[test]
fn nobody_comes_in_but_by_a_member() {
    let mut club = Club::new(60);
    let insider = club.insider(Role::Reader);
    let book = club.book();
    let log = insider.log.clone();
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(6);
    let stranger = DeviceKeys::make(&mut rng);
    let secret = InviteSecret::make(&mut rng);
    let member = |name: &str| {
        let id = club.eva.book.members().into_iter().find(|member| member.person_name.as_deref() == Some(name));
        let bytes: Vec<u8> = (0..16)
            .map(|at| u8::from_str_radix(&id.as_ref().unwrap().device_id[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        DeviceId(bytes.try_into().unwrap())
    };
    let (eva, olle) = (member("Eva"), member("Olle"));
    let invite = || Invite {
        ed_pub: secret.public_key(),
        x_pub: secret.prekey(),
        role: Role::Steward,
        mode: InviteMode::Auto,
        expires_day: 30_000,
        wrap_hash: None,
    };
    let isig = |key: &InviteSecret| {
        key.sign_join(&book, &log.roster.rhead, &stranger.public_key(), &stranger.prekey().public())
    };
    let join = |invite: InviteId, isig: Signature| {
        RosterOp::Join(Join { invite, ed_pub: stranger.public_key(), prekey: stranger.prekey().public(), isig })
    };
    let open = log.roster.invites.keys().next().copied().unwrap_or(secret.invite_id());
    let ops = [
        ("a stranger's invitation", RosterOp::Invite(invite())),
        ("a join by no invitation", join(secret.invite_id(), isig(&secret))),
        ("a join by another's invitation", join(open, isig(&secret))),
        ("a raise", RosterOp::Raise(Raise { device: olle, role: Role::Organiser })),
        ("a withdrawal", RosterOp::Uninvite(Uninvite { invite: open })),
        ("a farewell", RosterOp::Leave(Leave {})),
    ];
    let mut injected = Vec::new();
    for (what, op) in &ops {
        // Signed by a stranger under its own name, under Eva's, and by a reader who may not.
        for device in [stranger.device_id(), eva] {
            let body = RosterBody { rseq: log.roster.rseq + 1, rprev: log.roster.rhead, op: op.clone() };
            let tip = log.tips.get(&device);
            let header = Header {
                kind: Kind::Roster,
                book,
                epoch: 0,
                device,
                dseq: tip.map_or(1, |tip| tip.dseq + 1),
                dprev: tip.map_or(EntryId::ZERO, |tip| tip.id),
                seen_n: log.head.n,
                seen_h: log.head.h,
                nonce: [0; 24],
            };
            let envelope = Envelope::sign(header, &samla_wire::to_cbor(&body), stranger.signing_key()).unwrap();
            injected.push((*what, envelope));
        }
        if !matches!(op, RosterOp::Leave(_)) {
            injected.push((what, insider.seal_op(op.clone())));
        }
    }
    let before = club.olle.files();
    for (what, envelope) in injected {
        club.olle.put_back(&before);
        let members = club.olle.book.members();
        let mut liar = Liar::new(&club.server, book);
        liar.entries.push(envelope.bytes().to_vec());
        let _ = club.olle.sync_with(|request| Some(liar.answer(request)));
        assert_eq!(club.olle.book.members(), members, "{what}");
        assert_eq!(club.olle.book.status().unwrap().rejected, 1, "{what}");
        // No key was made for anybody: what the phone sends next is sealed as before.
        add(&mut club.olle, "Cecilia");
        let _ = club.olle.sync_with(|request| Some(liar.answer(request)));
        let sent = Envelope::parse(liar.entries.last().unwrap().clone()).unwrap();
        assert_eq!((sent.header().kind, sent.header().epoch), (Kind::Data, 0), "{what}");
    }
    club.olle.put_back(&before);
    club.goes_on(&["Anna", "Bertil"]);
}

/// The server exchanges the key that an invitation brings.
#[test]
fn a_swapped_key_is_not_taken() {
    let mut club = Club::new(61);
    let link = club.eva.invites(&club.server, Role::Steward);
    let mut joiner = samla_tests::phone::Phone::joins_in(samla_tests::scratch(), 9, "Gun", &link).unwrap();
    let server = &club.server;
    let result = joiner.sync_with(|request| {
        let (status, body) = server.answer(request);
        if !request.url.ends_with("/bootstrap") {
            return Some((status, body));
        }
        let mut bootstrap: samla_wire::http::Bootstrap = minicbor::decode(&body).unwrap();
        let parsed: samla_core::seal::InviteLink = link.parse().unwrap();
        let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(6);
        let key = samla_core::seal::EpochKey::make(&mut rng);
        let recipient = DeviceId(parsed.secret.invite_id().0);
        let prekey: Prekey = parsed.secret.prekey();
        let wrap = samla_core::seal::wrap_key(&key, &parsed.book, 0, recipient, &prekey, &mut rng).unwrap();
        bootstrap.wrap = Some(wrap);
        Some((status, samla_wire::to_cbor(&bootstrap)))
    });
    assert!(result.is_err());
    assert!(joiner.book.status().unwrap().joining);
    joiner.sync(&club.server).unwrap();
    joiner.sync(&club.server).unwrap();
    assert_eq!(names_of(&joiner), names_of(&club.eva));
}

/// An epoch that gives the server's own key to the members, or its own device to the book: signed by a stranger under its own
/// name, under an organiser's, and by a member who may not.
#[test]
fn nobody_founds_an_epoch_but_an_organiser_or_a_sheet() {
    let mut club = Club::new(61);
    let mut insider = club.insider(Role::Steward);
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(61);
    let stranger = DeviceKeys::make(&mut rng);
    let rows = samla_tests::insider::rows_of(&club.eva.book);
    let by_member = insider.found_epoch(&rows, |_| {});
    let eva = crate::club::device_of(&club.eva);
    let forged = |device: DeviceId| {
        let tip = insider.log.tips.get(&device);
        let header = Header {
            device,
            dseq: tip.map_or(1, |tip| tip.dseq + 1),
            dprev: tip.map_or(EntryId::ZERO, |tip| tip.id),
            ..*by_member.envelope.header()
        };
        let envelope = Envelope::sign(header, by_member.envelope.body(), stranger.signing_key()).unwrap();
        let head = insider.log.head.next(&envelope.id());
        samla_tests::insider::Founding { envelope, head, ..by_member.clone() }
    };
    let (status, body) = insider.post_epoch(&club.server, &by_member);
    assert_eq!(status, 403, "{}", String::from_utf8_lossy(&body));
    let wrapped: Vec<_> = crate::club::wraps_on(club.server.snapshot().path());
    assert!(wrapped.iter().all(|wrap| wrap.recipient != stranger.device_id()));
    let files = club.olle.files();
    let olle = crate::club::device_of(&club.olle);
    for founding in [by_member.clone(), forged(stranger.device_id()), forged(eva)] {
        club.olle.put_back(&files);
        let server = &club.server;
        let result = club.olle.sync_with(|request| founding.shown_to(olle, server, request));
        assert!(result.is_err());
        assert_eq!(club.olle.book.status().unwrap().epoch, 0);
        assert_eq!(names_of(&club.olle), ["Anna", "Bertil"]);
    }
    club.goes_on(&["Anna", "Bertil"]);
}

/// A prekey in the log is its owner's word: a server cannot put its own in the place of it.
#[test]
fn a_prekey_is_believed_from_its_owner_alone() {
    let mut club = Club::new(62);
    let insider = club.insider(Role::Reader);
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(62);
    let stranger = DeviceKeys::make(&mut rng);
    let eva = crate::club::device_of(&club.eva);
    let tip = insider.log.tips[&eva];
    // The server has no key of the epoch, so it seals under one of its own.
    let attest = samla_core::seal::Attest { prekey: Some(stranger.prekey().public()), at: None };
    let header =
        Header { kind: Kind::Attest, device: eva, dseq: tip.dseq + 1, dprev: tip.id, ..insider.header(Kind::Attest) };
    let key = samla_core::seal::EpochKey::make(&mut rng).data_key(&club.book(), 0);
    let payload = samla_wire::to_cbor(&attest);
    let envelope = samla_core::seal::seal_envelope(header, &payload, &key, stranger.signing_key(), &mut rng).unwrap();
    let mut liar = Liar::new(&club.server, club.book());
    liar.entries.push(envelope.bytes().to_vec());
    let files = club.olle.files();
    club.olle.sync_with(|request| Some(liar.answer(request))).unwrap();
    assert_eq!(club.olle.book.status().unwrap().rejected, 1);
    club.olle.put_back(&files);
    club.eva.with(|book, ctx| book.rotate(ctx)).unwrap();
    club.sync();
    let commit = samla_tests::insider::stolen(&club.eva).epoch_key.unwrap().commit(1);
    for wrap in crate::club::wraps_on(club.server.snapshot().path()) {
        assert!(samla_core::seal::unwrap_key(&wrap, &club.book(), 1, &commit, stranger.prekey()).is_err());
    }
    club.goes_on(&["Anna", "Bertil"]);
}
