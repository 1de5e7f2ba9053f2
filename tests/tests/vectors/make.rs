//! Makes vector files: inputs are chosen here, outputs are what the code of the day gives. Once written they are frozen,
//! and the independent verifier has its own opinion of them.

#[path = "make_epochs.rs"]
mod epochs;
#[path = "make_later_bases.rs"]
mod later_bases;
#[path = "make_log.rs"]
mod log;
#[path = "make_log_with_epochs.rs"]
mod log_with_epochs;
#[path = "make_roster.rs"]
mod roster;

use samla_core::seal::envelope::seal_with_nonce;
use samla_core::seal::payload::{Attest, INFLATED};
use samla_core::seal::{
    DeviceKeys, EpochKey, InviteLink, InviteSecret, PrekeySecret, RecoverySecret, StorageKey, deflate, pack_changes,
    seal_local, wrap_key,
};
use samla_tests::vectors::{answer, hex};
use samla_wire::ids::{LogHash, Prekey, labelled_hash};
use samla_wire::{BookId, DeviceId, EntryId, Head, Header, Kind, to_cbor};
use serde_json::{Value, json};

/// Every topic with its file's content.
pub(crate) fn topics() -> Vec<(&'static str, Value)> {
    let plain = |topic, about, inputs| (topic, file(topic, about, Value::Null, inputs));
    vec![
        plain("hashes", "Labelled hashes: SHA-256(label, 00, parts).", hashes()),
        plain("ids", "Identifiers and what they are the hash of.", ids()),
        plain("keys", "Keys derived from the few secrets there are.", keys()),
        plain("buckets", "The length a payload is padded to; len counts its four length bytes.", buckets()),
        plain("chain", "The log chain: h_0 to h_n.", chain()),
        plain("signatures", "Messages that keys sign, and the signatures.", signatures()),
        plain("envelopes", "Envelopes of each kind, sealed with the nonce handed in.", envelopes()),
        plain("sealed", "Opening, and rule R8: what does not open or is padded otherwise.", sealed()),
        plain("payloads", "What is inside data and attest envelopes.", payloads()),
        plain("wraps", "An epoch key sealed to one recipient by HPKE; the opening direction.", wraps()),
        plain("links", "Invitation links, as people paste them.", links()),
        plain("recovery", "The text of a recovery sheet.", recovery()),
        plain("local", "What lies sealed on a device; the opening direction.", local()),
        plain("base", "The change that every shard of a new book begins with.", base()),
        plain("roster_ops", "The body of every roster op, and bodies that are none.", roster::ops()),
        plain("roster_ops_with_sheets", "Roster ops with the fields that a recovery sheet needs.", epochs::ops()),
        plain("epochs", "What an epoch brings beside its op.", epochs::parts()),
        plain("files", "A book as a file: what it begins with, and the bundle.", epochs::files()),
        plain("later_bases", "What a later epoch begins with: who by, and which changes.", later_bases::cases()),
        {
            let (log, inputs) = log::story();
            ("log", file("log", "Rules R1 to R7: an entry after the first few of the shared log.", log, inputs))
        },
        {
            let (log, inputs) = log_with_epochs::story();
            let about = "Rules R1 to R7 where devices are let in by hand, sheets come and go, and epochs begin.";
            ("log_with_epochs", file("log_with_epochs", about, log, inputs))
        },
    ]
}

/// A case to be: its name and its `in`.
type Inputs = Vec<(String, Value)>;

fn file(topic: &str, about: &str, shared: Value, inputs: Inputs) -> Value {
    let cases: Vec<Value> = inputs
        .into_iter()
        .map(|(name, input)| {
            let out = answer(topic, &shared, &input).unwrap_or_else(|error| panic!("{topic}: {name}: {error}"));
            json!({ "name": name, "in": input, "out": out })
        })
        .collect();
    let mut file = json!({ "topic": topic, "about": about, "cases": cases });
    if !shared.is_null() {
        file["shared"] = shared;
    }
    file
}

fn case(name: impl ToString, input: Value) -> (String, Value) {
    (name.to_string(), input)
}

/// 32 bytes that belong to a name, and to nothing but these vectors.
fn bytes(name: &str) -> [u8; 32] {
    labelled_hash("samla test vector", &[name.as_bytes()])
}

fn id(name: &str) -> [u8; 16] {
    bytes(name)[..16].try_into().unwrap()
}

fn device(name: &str) -> DeviceKeys {
    let stored = [bytes(&format!("{name} signing")), bytes(&format!("{name} prekey"))].concat();
    DeviceKeys::from_bytes(&stored).unwrap()
}

fn rng(name: &str) -> rand_chacha::ChaCha20Rng {
    rand_core::SeedableRng::from_seed(bytes(name))
}

fn hashes() -> Inputs {
    vec![
        case("nothing at all", json!({ "label": "", "parts": [] })),
        case("a label alone", json!({ "label": "samla/1/entry", "parts": [] })),
        case("one part", json!({ "label": "samla/1/entry", "parts": [hex("abc")] })),
        case("parts are joined", json!({ "label": "samla/1/entry", "parts": [hex("a"), hex("bc")] })),
        case("the label is set apart", json!({ "label": "samla/1/entr", "parts": [hex("yabc")] })),
        case(
            "longer than a block",
            json!({ "label": "samla/1/log", "parts": [hex([7; 200]), hex(9u64.to_be_bytes())] }),
        ),
    ]
}

fn ids() -> Inputs {
    let key = hex(device("anna").public_key().0);
    vec![
        case("a book", json!({ "of": "genesis", "bytes": hex("any genesis body") })),
        case("a device and its fingerprint", json!({ "of": "device", "bytes": key })),
        case("another device", json!({ "of": "device", "bytes": hex([0; 32]) })),
        case("an invitation", json!({ "of": "invite", "bytes": key })),
        case("an entry", json!({ "of": "entry", "bytes": hex([1; 300]) })),
        case("a wrap", json!({ "of": "wrap", "bytes": hex([2; 80]) })),
    ]
}

fn keys() -> Inputs {
    let epoch = |book: &str, epoch: u32| json!({ "of": "epoch", "key": hex(bytes("epoch key")), "book": hex(bytes(book)), "epoch": epoch });
    vec![
        case("the first epoch", epoch("book", 0)),
        case("a later epoch", epoch("book", 258)),
        case("the last epoch", epoch("book", u32::MAX)),
        case("another book", epoch("other book", 0)),
        case("a device", json!({ "of": "device", "seed": hex(bytes("seed")), "prekey": hex(bytes("prekey")) })),
        // RFC 8032, 7.1, test 1; RFC 9180, A.2.1.
        case(
            "a device of the standards",
            json!({
                "of": "device",
                "seed": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "prekey": "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
            }),
        ),
        case("an invitation", json!({ "of": "invite", "secret": hex(bytes("secret")) })),
        case("a recovery sheet of the same bytes", json!({ "of": "recovery", "secret": hex(bytes("secret")) })),
        case("an invitation of zeros", json!({ "of": "invite", "secret": hex([0; 32]) })),
    ]
}

fn buckets() -> Inputs {
    [0, 4, 511, 512, 513, 1024, 1025, 40_000, 65_535, 65_536, 65_537, 131_072, 131_073, 196_608, 4_194_308]
        .map(|len: u32| case(len, json!({ "len": len })))
        .into()
}

fn chain() -> Inputs {
    let entries = |len: usize| (0..len).map(|n| hex(bytes(&format!("entry {n}")))).collect::<Vec<_>>();
    vec![
        case("before the first entry", json!({ "book": hex(bytes("book")), "entries": [] })),
        case("one entry", json!({ "book": hex(bytes("book")), "entries": entries(1) })),
        case("300 entries", json!({ "book": hex(bytes("book")), "entries": entries(300) })),
    ]
}

fn signatures() -> Inputs {
    let (seed, book) = (hex(bytes("seed")), hex(bytes("book")));
    let login = |origin: &str, challenge: &[u8]| {
        json!({
            "of": "login", "seed": seed, "book": book, "origin": origin,
            "principal": hex(id("principal")), "challenge": hex(challenge),
        })
    };
    vec![
        case("an answer to a challenge", login("https://samla.example", &bytes("challenge"))),
        case("to another server", login("http://localhost:8080", &bytes("challenge"))),
        case("to an empty challenge", login("https://samla.example", &[])),
        case(
            "an invitation lets a device in",
            json!({
                "of": "join", "seed": seed, "book": book, "rprev": hex(bytes("rprev")),
                "ed_pub": hex(device("bo").public_key().0), "prekey": hex(device("bo").prekey().public().0),
            }),
        ),
        case(
            "an organiser closes a book",
            json!({
                "of": "close", "seed": seed, "book": book, "n": 1234, "h": hex(bytes("h")),
            }),
        ),
    ]
}

fn header(kind: Kind) -> Header {
    Header {
        kind,
        book: BookId(bytes("book")),
        epoch: 2,
        device: device("anna").device_id(),
        dseq: 5,
        dprev: EntryId(bytes("dprev")),
        seen_n: 70_000,
        seen_h: LogHash(bytes("seen_h")),
        nonce: if kind.is_sealed() { bytes("nonce")[..24].try_into().unwrap() } else { [0; 24] },
    }
}

fn envelopes() -> Inputs {
    let envelope = |name: &str, kind: &str, payload: &[u8]| {
        let wire = match kind {
            "data" => Kind::Data,
            "roster" => Kind::Roster,
            "base" => Kind::Base,
            _ => Kind::Attest,
        };
        let header = Header { dseq: if wire == Kind::Base { 0 } else { 5 }, ..header(wire) };
        case(
            name,
            json!({
                "kind": kind, "book": header.book.to_string(), "epoch": header.epoch,
                "device": header.device.to_string(), "dseq": header.dseq, "dprev": header.dprev.to_string(),
                "seen_n": header.seen_n, "seen_h": header.seen_h.to_string(), "nonce": hex(header.nonce),
                "payload": hex(payload), "key": hex(bytes("data key")),
                "seed": hex(device("anna").signing_key().to_bytes()),
            }),
        )
    };
    vec![
        envelope("one edit", "data", &pack_changes(&[(3, "an automerge change")])),
        envelope("an empty payload", "data", &[]),
        envelope("the longest payload of the smallest bucket", "data", &[7; 508]),
        envelope("the shortest payload of the next", "data", &[7; 509]),
        envelope("a roster op in clear", "roster", &[0xa0]),
        envelope("a part of a base", "base", &deflate(b"\x80")),
        envelope("a sign of life", "attest", &to_cbor(&Attest { prekey: None, at: None })),
        envelope(
            "a new prekey",
            "attest",
            &to_cbor(&Attest { prekey: Some(device("anna").prekey().public()), at: None }),
        ),
    ]
}

fn sealed() -> Inputs {
    use chacha20poly1305::aead::{Aead, Payload};
    let key = EpochKey::from_bytes(bytes("epoch key")).data_key(&BookId(bytes("book")), 2);
    let anna = device("anna");
    let honest = seal_with_nonce(header(Kind::Data), b"hello", &key, anna.signing_key()).unwrap();
    let input = |envelope: &[u8]| json!({ "envelope": hex(envelope), "key": hex(key.as_bytes()) });
    // A signed envelope whose sealed plaintext is just this.
    let holding = |plaintext: &[u8]| {
        let header = header(Kind::Data);
        let aad = header.to_bytes(plaintext.len() as u32 + 16);
        let cipher: chacha20poly1305::XChaCha20Poly1305 = chacha20poly1305::KeyInit::new(key.as_bytes().into());
        let body = cipher.encrypt(&header.nonce.into(), Payload { msg: plaintext, aad: &aad }).unwrap();
        input(samla_wire::Envelope::sign(header, &body, anna.signing_key()).unwrap().bytes())
    };
    let padded = |len: u32, size: usize| {
        let mut plaintext = [&len.to_be_bytes()[..], b"hello"].concat();
        plaintext.resize(size, 0);
        plaintext
    };
    let with = |plaintext: Vec<u8>, at: usize| {
        let mut plaintext = plaintext;
        plaintext[at] = 1;
        plaintext
    };
    let flipped = |at: usize| {
        let mut bytes = honest.bytes().to_vec();
        bytes[at] ^= 1;
        input(&bytes)
    };
    let clear = samla_wire::Envelope::sign(header(Kind::Roster), &[0xa0], anna.signing_key()).unwrap();
    vec![
        case("opens", input(honest.bytes())),
        case("with another key", json!({ "envelope": hex(honest.bytes()), "key": hex(bytes("another key")) })),
        case("another book", flipped(20)),
        case("another epoch", flipped(43)),
        case("another author", flipped(50)),
        case("another place in the author's chain", flipped(67)),
        case("another predecessor", flipped(70)),
        case("another head", flipped(107)),
        case("another nonce", flipped(144)),
        case("a changed body", flipped(168)),
        case("a changed tag", flipped(168 + 527)),
        case("in clear", input(clear.bytes())),
        case("padded as agreed", holding(&padded(5, 512))),
        case("a byte in the padding", holding(&with(padded(5, 512), 9))),
        case("a byte at the end of the padding", holding(&with(padded(5, 512), 511))),
        case("a byte short", holding(&padded(5, 511))),
        case("a bucket too wide", holding(&padded(5, 1024))),
        case("not padded", holding(&padded(5, 9))),
        case("a length beyond the end", holding(&padded(509, 512))),
        case("the greatest length", holding(&padded(u32::MAX, 512))),
        case("a length that leaves text over", holding(&padded(4, 512))),
        case("no room for a length", holding(&[0; 3])),
        case("nothing", holding(&[])),
    ]
}

fn payloads() -> Inputs {
    let of = |of: &str, payload: &[u8]| json!({ "of": of, "payload": hex(payload) });
    let data = |cbor: &[u8]| of("data", &deflate(cbor));
    let two = pack_changes(&[(3, &b"first"[..]), (15, b"second")]);
    let many: Vec<(u16, &[u8])> = vec![(0, b""); 257];
    vec![
        case("two changes", of("data", &two)),
        case("no change", data(&[0x80])),
        case("256 changes", of("data", &pack_changes(&many[1..]))),
        case("257 changes", of("data", &pack_changes(&many))),
        case("not deflated", of("data", &[0x80])),
        case("empty", of("data", &[])),
        case("cut short", of("data", &two[..two.len() - 1])),
        case("a byte after the end", of("data", &[&two[..], &[0]].concat())),
        case("a wrong checksum", of("data", &[&two[..two.len() - 1], &[two[two.len() - 1] ^ 1]].concat())),
        case("a bomb", of("data", &deflate(&vec![0; INFLATED + 1]))),
        case("just within the limit", of("zlib", &deflate(&vec![0; INFLATED]))),
        case("just beyond the limit", of("zlib", &deflate(&vec![0; INFLATED + 1]))),
        case("not a list", data(&[0xa0])),
        case("a list of no stated length", data(&[0x9f, 0x82, 5, 0x41, 0xff, 0xff])),
        case("not a pair", data(&[0x81, 0x83, 5, 0x41, 0xff, 0])),
        case("a number in a longer form", data(&[0x81, 0x82, 0x18, 5, 0x41, 0xff])),
        case("a shard beyond 65535", data(&[0x81, 0x82, 0x1a, 0, 1, 0, 0, 0x41, 0xff])),
        case("a change that is text", data(&[0x81, 0x82, 5, 0x61, 0x41])),
        case("a byte after the list", data(&[0x81, 0x82, 5, 0x41, 0xff, 0])),
        case("fewer than stated", data(&[0x82, 0x82, 5, 0x41, 0xff])),
        case("a sign of life", of("attest", &[0xa0])),
        case("a new prekey", of("attest", &to_cbor(&Attest { prekey: Some(Prekey(bytes("prekey"))), at: None }))),
        case("a prekey too short", of("attest", &[0xa1, 0, 0x41, 0xff])),
        case("an unknown key", of("attest", &[0xa1, 1, 0x41, 0xff])),
    ]
}

fn wraps() -> Inputs {
    let (key, secret) = (EpochKey::from_bytes(bytes("epoch key")), PrekeySecret::from_bytes(bytes("prekey")));
    let (book, to) = (BookId(bytes("book")), DeviceId(id("recipient")));
    let commit = key.commit(7);
    let wrap = wrap_key(&key, &book, 7, to, &secret.public(), &mut rng("wrap")).unwrap();
    // HPKE of another key under the same associated data, as a hostile organiser could make it.
    let hostile = {
        use hpke::{Deserializable as _, Kem, Serializable as _};
        type X = hpke::kem::X25519HkdfSha256;
        let aad = [&book.0[..], &7u32.to_be_bytes(), &to.0, &commit.0].concat();
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal_with_rng::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, X>(
                &hpke::OpModeS::Base,
                &<X as Kem>::PublicKey::from_bytes(&secret.public().0).unwrap(),
                b"samla/1/wrap",
                &bytes("another epoch key"),
                &aad,
                &mut rng("hostile wrap"),
            )
            .unwrap();
        [encapsulated.to_bytes().as_slice(), &ciphertext].concat()
    };
    let honest = json!({
        "sealed": hex(&*wrap.sealed), "recipient": to.to_string(), "book": book.to_string(), "epoch": 7,
        "commit": commit.to_string(), "secret": hex(secret.as_bytes()),
    });
    let but = |key: &str, value: Value| {
        let mut input = honest.clone();
        input[key] = value;
        input
    };
    let changed = |at: usize| {
        let mut sealed = wrap.sealed.to_vec();
        sealed[at] ^= 1;
        json!(hex(sealed))
    };
    vec![
        case("the recipient opens it", honest.clone()),
        case("another secret", but("secret", json!(hex(bytes("another prekey"))))),
        case("another recipient", but("recipient", json!(hex(id("another recipient"))))),
        case("another book", but("book", json!(hex(bytes("other book"))))),
        case("another epoch", but("epoch", json!(8))),
        case("another commitment", but("commit", json!(hex(bytes("commit"))))),
        case("a changed encapsulated key", but("sealed", changed(0))),
        case("a changed ciphertext", but("sealed", changed(40))),
        case("a changed tag", but("sealed", changed(79))),
        case("cut short", but("sealed", json!(hex(&wrap.sealed[..79])))),
        case("only the encapsulated key", but("sealed", json!(hex(&wrap.sealed[..32])))),
        case("empty", but("sealed", json!(""))),
        case("an encapsulated key of zeros", but("sealed", json!(hex([&[0; 32], &wrap.sealed[32..]].concat())))),
        case("another key than the roster commits to", but("sealed", json!(hex(hostile)))),
    ]
}

fn links() -> Inputs {
    let link = InviteLink {
        server_url: "https://samla.example".into(),
        book: BookId(bytes("book")),
        secret: InviteSecret::from_bytes(bytes("secret")),
        pin: Head { n: 1234, h: LogHash(bytes("h")) },
        rseq: 56,
        rprev: EntryId(bytes("rprev")),
    };
    let text = link.to_string();
    let local = InviteLink { server_url: "http://localhost:8080".into(), ..link }.to_string();
    let read = |text: &str| json!({ "text": text });
    vec![
        case("a link", read(&text)),
        case("on this machine", read(&local)),
        case("on a port", read(&text.replace("example", "example:8443"))),
        case("white space and a line break", read(&format!("  {}\r\n {}\n", &text[..80], &text[80..]))),
        case("capitals in the host", read(&text.replace("https://samla", "HTTPS://Samla"))),
        case("without encryption", read(&text.replace("https", "http"))),
        case("without encryption in the next room", read(&local.replace("localhost", "192.168.1.5"))),
        case("another scheme", read(&text.replace("https", "ftp"))),
        case("no scheme", read(&text.replace("https://", ""))),
        case("a name and a password", read(&text.replace("samla", "a:b@samla"))),
        case("a path", read(&text.replace("example", "example/a"))),
        case("an empty host", read(&text.replace("samla.example", ""))),
        case("empty", read("")),
        case("a page of the server", read("https://samla.example")),
        case("nothing after the hash", read("https://samla.example/j#")),
        case("no version", read(&text.replace("#1.", "#."))),
        case("a later version", read(&text.replace("#1.", "#2."))),
        case("a version that is no number", read(&text.replace("#1.", "#x."))),
        case("four characters short", read(&text[..text.len() - 4])),
        case("one character short", read(&text[..text.len() - 1])),
        case("four characters more", read(&format!("{text}AAAA"))),
        case("padding", read(&format!("{text}="))),
        case("a character of the other alphabet", read(&format!("{}+", &text[..text.len() - 1]))),
    ]
}

fn recovery() -> Inputs {
    let sheet = RecoverySecret::from_bytes(bytes("sheet")).to_sheet();
    let text = sheet.as_str();
    let read = |text: &str| json!({ "text": text });
    let end = text.len() - 1;
    let last = if text.ends_with('q') { 'p' } else { 'q' };
    let older = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse_unchecked("samlar"), &bytes("sheet")).unwrap();
    let other = bech32::encode::<bech32::Bech32m>(bech32::Hrp::parse_unchecked("samla"), &bytes("sheet")).unwrap();
    let longer = bech32::encode::<bech32::Bech32m>(bech32::Hrp::parse_unchecked("samlar"), &[7; 33]).unwrap();
    vec![
        case("a sheet", read(text)),
        case("a sheet of zeros", read(RecoverySecret::from_bytes([0; 32]).to_sheet().as_str())),
        case("in capitals and groups", read(&sheet.groups().join(" ").to_uppercase())),
        case("with hyphens and line breaks", read(&sheet.groups().join("-\n"))),
        case("in mixed letters", read(&format!("{}{}", &text[..30], text[30..].to_uppercase()))),
        case("empty", read("")),
        case("another prefix", read(&other)),
        case("a character short", read(&text[..end])),
        case("a character more", read(&format!("{text}q"))),
        case("33 bytes", read(&longer)),
        case("a character that no sheet has", read(&format!("{}b", &text[..end]))),
        case("a wrong character", read(&format!("{}{last}", &text[..end]))),
        case("two characters exchanged", read(&exchanged(text))),
        case("the older checksum", read(&older)),
    ]
}

/// The first two different neighbours after the prefix, exchanged.
fn exchanged(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = (7..letters.len() - 1).find(|at| letters[*at] != letters[at + 1]).unwrap();
    letters.swap(at, at + 1);
    letters.into_iter().collect()
}

fn local() -> Inputs {
    let key = StorageKey::from_bytes(bytes("storage key"));
    let sealed = seal_local(&key, "outbox", b"row 7", b"a change that waits", &mut rng("local"));
    let empty = seal_local(&key, "keys", b"", b"", &mut rng("local, empty"));
    let input = |key: &[u8], purpose: &str, aad: &str, sealed: &[u8]| json!({ "key": hex(key), "purpose": purpose, "aad": hex(aad), "sealed": hex(sealed) });
    let mut changed = sealed.clone();
    changed[24] ^= 1;
    vec![
        case("opens", input(key.as_bytes(), "outbox", "row 7", &sealed)),
        case("opens to nothing", input(key.as_bytes(), "keys", "", &empty)),
        case("another key", input(&bytes("another storage key"), "outbox", "row 7", &sealed)),
        case("another purpose", input(key.as_bytes(), "keys", "row 7", &sealed)),
        case("another place", input(key.as_bytes(), "outbox", "row 8", &sealed)),
        case("a changed byte", input(key.as_bytes(), "outbox", "row 7", &changed)),
        case("cut short", input(key.as_bytes(), "outbox", "row 7", &sealed[..23])),
        case("empty", input(key.as_bytes(), "outbox", "row 7", &[])),
    ]
}

fn base() -> Inputs {
    use samla_core::document::base;
    let first = base::first().unwrap().get_changes(&[]).remove(0);
    vec![case("rule set 1", json!({ "rules": base::RULES, "change": hex(first.raw_bytes()) }))]
}
