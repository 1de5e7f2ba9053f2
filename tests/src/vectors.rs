//! Frozen bytes: what was sealed, signed or hashed once reads the same for ever, in every build and every language.
//!
//! A vector file is JSON: a topic, sometimes something that all its cases share, and cases of `in` and `out`. [`check`]
//! works out every `out` anew from its `in`. It takes the file's text and reads nothing itself, so that the same check
//! runs natively and in WASM; the independent program `tests/verifier/verify.py` reads the same files.

#[path = "vectors/epochs.rs"]
mod epochs;
#[path = "vectors/later_bases.rs"]
mod later_bases;
#[path = "vectors/log.rs"]
mod log;
#[path = "vectors/roster.rs"]
mod roster;

use samla_core::document::base as first_base;
use samla_core::seal::envelope::{open_envelope, seal_with_nonce};
use samla_core::seal::payload::{Attest, INFLATED, PayloadError, inflate, unpack_changes};
use samla_core::seal::{
    DeviceKeys, EpochKey, InviteLink, InviteSecret, LinkError, PrekeySecret, RecoverySecret, SealError, SealKey,
    SpokenError, StorageKey, open_local, sign, unwrap_key,
};
use samla_core::{FileError, bundle_of_file};
use samla_wire::envelope::{bucket, verify_signature};
use samla_wire::http::{Wrap, close_message, login_message};
use samla_wire::ids::{LogHash, Prekey, SigningKey, fingerprint, labelled_hash, labelled_message};
use samla_wire::roster::join_message;
use samla_wire::{
    BookId, DeviceId, EntryId, Envelope, Head, Header, InviteId, KeyCommit, Kind, WrapHash, from_canonical,
};
use serde_json::{Value, json};

/// The outcome for one file.
#[derive(Debug)]
pub struct Report {
    /// Cases that came out as the file says.
    pub passed: usize,
    /// The others, each with its name and what came out.
    pub failed: Vec<String>,
}

/// Works out every case of a vector file.
pub fn check(file: &str) -> Report {
    let mut report = Report { passed: 0, failed: Vec::new() };
    let file: Value = match serde_json::from_str(file) {
        Ok(file) => file,
        Err(error) => {
            report.failed.push(format!("not JSON: {error}"));
            return report;
        }
    };
    let topic = file.get("topic").and_then(Value::as_str).unwrap_or_default();
    let shared = file.get("shared").unwrap_or(&Value::Null);
    for case in file.get("cases").and_then(Value::as_array).into_iter().flatten() {
        let name = case.get("name").and_then(Value::as_str).unwrap_or("without a name");
        let (input, expected) = (case.get("in").unwrap_or(&Value::Null), case.get("out"));
        match answer(topic, shared, input) {
            Ok(found) if Some(&found) == expected => report.passed += 1,
            // "Newer" asks for an update: the version that knows the op may say anything but that.
            Ok(found) if topic == "log" && expected == Some(&newer()) && found != newer() => report.passed += 1,
            Ok(found) => report.failed.push(format!("{topic}: {name}: found {found}")),
            Err(error) => report.failed.push(format!("{topic}: {name}: {error}")),
        }
    }
    report
}

/// What a version says of an op that only a later one knows.
fn newer() -> Value {
    json!({ "error": "newer", "code": "newer" })
}

/// What one case's `in` gives. A refusal is an answer too: `{"error": word}`. Fails if the case cannot be read.
pub fn answer(topic: &str, shared: &Value, input: &Value) -> Result<Value, String> {
    let input = Input(input);
    match topic {
        "hashes" => hashes(&input),
        "ids" => ids(&input),
        "keys" => keys(&input),
        "buckets" => Ok(json!({ "size": bucket(usize::try_from(input.number("len")?).map_err(text)?) })),
        "chain" => chain(&input),
        "signatures" => signatures(&input),
        "envelopes" => envelopes(&input),
        "sealed" => sealed(&input),
        "payloads" => payloads(&input),
        "wraps" => wraps(&input),
        "links" => links(&input),
        "recovery" => recovery(&input),
        "local" => local(&input),
        "base" => base(&input),
        "roster_ops" | "roster_ops_with_sheets" => roster::describe(&input.bytes("body")?),
        "epochs" => epochs::answer(&input),
        "files" => files(&input),
        "later_bases" => later_bases::answer(&input),
        "log" | "log_with_epochs" => log::judge(&Input(shared), &input),
        other => Err(format!("unknown topic {other:?}")),
    }
}

/// The `in` of a case: bytes are hexadecimal text.
struct Input<'a>(&'a Value);

impl Input<'_> {
    fn get(&self, key: &str) -> Result<&Value, String> {
        self.0.get(key).ok_or_else(|| format!("without {key}"))
    }

    fn text(&self, key: &str) -> Result<&str, String> {
        self.get(key)?.as_str().ok_or_else(|| format!("{key} is not text"))
    }

    fn number(&self, key: &str) -> Result<u64, String> {
        self.get(key)?.as_u64().ok_or_else(|| format!("{key} is not a number"))
    }

    fn epoch(&self) -> Result<u32, String> {
        u32::try_from(self.number("epoch")?).map_err(text)
    }

    fn bytes(&self, key: &str) -> Result<Vec<u8>, String> {
        from_hex(self.get(key)?).map_err(|error| format!("{key} {error}"))
    }

    fn list(&self, key: &str) -> Result<Vec<Vec<u8>>, String> {
        let list = self.get(key)?.as_array().ok_or_else(|| format!("{key} is not a list"))?;
        list.iter().map(from_hex).collect()
    }

    fn array<const N: usize>(&self, key: &str) -> Result<[u8; N], String> {
        self.bytes(key)?.try_into().map_err(|_| format!("{key} is not of {N} bytes"))
    }

    fn signing_key(&self) -> Result<ed25519_dalek::SigningKey, String> {
        Ok(ed25519_dalek::SigningKey::from_bytes(&self.array("seed")?))
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn from_hex(value: &Value) -> Result<Vec<u8>, String> {
    let digits = value.as_str().ok_or("is not text")?.as_bytes();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect::<Option<_>>().ok_or("is not hexadecimal".into())
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refusal(word: &str) -> Value {
    json!({ "error": word })
}

fn hashes(input: &Input<'_>) -> Result<Value, String> {
    let (label, parts) = (input.text("label")?, input.list("parts")?);
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Ok(json!({ "message": hex(labelled_message(label, &parts)), "hash": hex(labelled_hash(label, &parts)) }))
}

fn ids(input: &Input<'_>) -> Result<Value, String> {
    let key = || input.array("bytes").map(SigningKey);
    Ok(match input.text("of")? {
        "genesis" => json!({ "id": BookId::of_genesis(&input.bytes("bytes")?).to_string() }),
        "device" => json!({ "id": DeviceId::of_key(&key()?).to_string(), "fingerprint": fingerprint(&key()?) }),
        "invite" => json!({ "id": InviteId::of_key(&key()?).to_string() }),
        "entry" => json!({ "id": EntryId::of_envelope(&input.bytes("bytes")?).to_string() }),
        "wrap" => json!({ "id": WrapHash::of_wrap(&input.bytes("bytes")?).to_string() }),
        other => return Err(format!("unknown id of {other}")),
    })
}

fn keys(input: &Input<'_>) -> Result<Value, String> {
    Ok(match input.text("of")? {
        "epoch" => {
            let (key, book) = (EpochKey::from_bytes(input.array("key")?), BookId(input.array("book")?));
            let epoch = input.epoch()?;
            json!({
                "data": hex(key.data_key(&book, epoch).as_bytes()),
                "base": hex(key.base_key(&book, epoch).as_bytes()),
                "commit": key.commit(epoch).to_string(),
            })
        }
        "device" => {
            let stored = [input.array::<32>("seed")?, input.array("prekey")?].concat();
            let keys = DeviceKeys::from_bytes(&stored).ok_or("not device keys")?;
            let (public, x_pub) = (keys.public_key(), keys.prekey().public());
            json!({ "ed_pub": public.to_string(), "x_pub": x_pub.to_string(), "id": keys.device_id().to_string() })
        }
        "invite" => {
            let s = InviteSecret::from_bytes(input.array("secret")?);
            let (public, x_pub) = (s.public_key(), s.prekey());
            json!({ "ed_pub": public.to_string(), "x_pub": x_pub.to_string(), "id": s.invite_id().to_string() })
        }
        "recovery" => {
            let r = RecoverySecret::from_bytes(input.array("secret")?);
            let (public, x_pub) = (r.public_key(), r.prekey());
            json!({ "ed_pub": public.to_string(), "x_pub": x_pub.to_string(), "id": r.device_id().to_string() })
        }
        other => return Err(format!("unknown keys of {other}")),
    })
}

fn chain(input: &Input<'_>) -> Result<Value, String> {
    let mut head = Head::start(&BookId(input.array("book")?));
    let mut hashes = vec![head.h.to_string()];
    for entry in input.list("entries")? {
        head = head.next(&EntryId::try_from(entry.as_slice()).map_err(text)?);
        hashes.push(head.h.to_string());
    }
    Ok(json!({ "n": head.n, "hashes": hashes }))
}

fn signatures(input: &Input<'_>) -> Result<Value, String> {
    let (key, book) = (input.signing_key()?, BookId(input.array("book")?));
    let (message, signature) = match input.text("of")? {
        "login" => {
            let (origin, principal) = (input.text("origin")?, input.array("principal")?);
            let challenge = input.bytes("challenge")?;
            let message = login_message(origin, &book, &principal, &challenge);
            (message, sign::sign_login(&key, origin, &book, &principal, &challenge))
        }
        "join" => {
            let rprev = EntryId(input.array("rprev")?);
            let (joiner, prekey) = (SigningKey(input.array("ed_pub")?), Prekey(input.array("prekey")?));
            let message = join_message(&book, &rprev, &joiner, &prekey);
            (message, sign::sign_join(&key, &book, &rprev, &joiner, &prekey))
        }
        "close" => {
            let head = Head { n: input.number("n")?, h: LogHash(input.array("h")?) };
            (close_message(&book, &head), sign::sign_close(&key, &book, &head))
        }
        other => return Err(format!("unknown signature of {other}")),
    };
    if !verify_signature(&sign::public_key(&key), &message, &signature) {
        return Err("its own signature does not fit".into());
    }
    Ok(json!({ "message": hex(message), "signature": signature.to_string() }))
}

fn kind(word: &str) -> Result<Kind, String> {
    Ok(match word {
        "data" => Kind::Data,
        "roster" => Kind::Roster,
        "base" => Kind::Base,
        "attest" => Kind::Attest,
        other => return Err(format!("unknown kind {other}")),
    })
}

/// Seals (or, for a roster, signs) with the nonce that the case hands in.
fn envelopes(input: &Input<'_>) -> Result<Value, String> {
    let header = Header {
        kind: kind(input.text("kind")?)?,
        book: BookId(input.array("book")?),
        epoch: input.epoch()?,
        device: DeviceId(input.array("device")?),
        dseq: input.number("dseq")?,
        dprev: EntryId(input.array("dprev")?),
        seen_n: input.number("seen_n")?,
        seen_h: LogHash(input.array("seen_h")?),
        nonce: input.array("nonce")?,
    };
    let (payload, signing_key) = (input.bytes("payload")?, input.signing_key()?);
    let envelope = if header.kind.is_sealed() {
        let key = SealKey::from_bytes(input.array("key")?);
        let envelope = seal_with_nonce(header, &payload, &key, &signing_key).map_err(text)?;
        if *open_envelope(&envelope, &key).map_err(text)? != payload {
            return Err("opens to something else".into());
        }
        envelope
    } else {
        Envelope::sign(header, &payload, &signing_key).map_err(text)?
    };
    let again = Envelope::parse(envelope.bytes().to_vec()).map_err(text)?;
    if again.header() != &header || !again.verify(&sign::public_key(&signing_key)) {
        return Err("does not read back".into());
    }
    Ok(json!({
        "header": hex(envelope.associated_data()),
        "envelope": hex(envelope.bytes()),
        "id": envelope.id().to_string(),
    }))
}

fn seal_word(error: SealError) -> Value {
    refusal(match error {
        SealError::Open => "open",
        SealError::Padding => "padding",
        SealError::Commitment => "commitment",
        SealError::InClear => "in_clear",
        SealError::Recipient => "recipient",
        SealError::TooLarge => "too_large",
    })
}

fn sealed(input: &Input<'_>) -> Result<Value, String> {
    let envelope = Envelope::parse(input.bytes("envelope")?).map_err(text)?;
    let opened = open_envelope(&envelope, &SealKey::from_bytes(input.array("key")?));
    Ok(opened.map_or_else(seal_word, |payload| json!({ "payload": hex(&*payload) })))
}

fn payloads(input: &Input<'_>) -> Result<Value, String> {
    let payload = input.bytes("payload")?;
    let word = |error| {
        refusal(match error {
            PayloadError::Deflate => "deflate",
            PayloadError::TooLarge => "too_large",
            PayloadError::Malformed => "malformed",
            PayloadError::TooMany => "too_many",
        })
    };
    Ok(match input.text("of")? {
        "data" => unpack_changes(&payload).map_or_else(word, |changes| {
            let changes: Vec<_> = changes.iter().map(|(shard, change)| json!([shard, hex(change)])).collect();
            json!({ "changes": changes })
        }),
        "attest" => from_canonical::<Attest>(&payload).map_or_else(
            |_| refusal("malformed"),
            |attest| json!({ "prekey": attest.prekey.map(|prekey| prekey.to_string()) }),
        ),
        "zlib" => inflate(&payload, INFLATED).map_or_else(word, |bytes| json!({ "len": bytes.len() })),
        other => return Err(format!("unknown payload of {other}")),
    })
}

fn wraps(input: &Input<'_>) -> Result<Value, String> {
    let wrap = Wrap { recipient: DeviceId(input.array("recipient")?), sealed: input.bytes("sealed")?.into() };
    let (book, commit) = (BookId(input.array("book")?), KeyCommit(input.array("commit")?));
    let secret = PrekeySecret::from_bytes(input.array("secret")?);
    let opened = unwrap_key(&wrap, &book, input.epoch()?, &commit, &secret);
    Ok(opened.map_or_else(seal_word, |key| json!({ "key": hex(key.as_bytes()), "hash": wrap.hash().to_string() })))
}

fn links(input: &Input<'_>) -> Result<Value, String> {
    Ok(match input.text("text")?.parse::<InviteLink>() {
        Ok(link) => json!({
            "text": link.to_string(),
            "server": link.server_url,
            "book": link.book.to_string(),
            "secret": hex(link.secret.as_bytes()),
            "n": link.pin.n,
            "h": link.pin.h.to_string(),
            "rseq": link.rseq,
            "rprev": link.rprev.to_string(),
        }),
        Err(error) => refusal(match error {
            LinkError::Address => "address",
            LinkError::Insecure => "insecure",
            LinkError::NotInvite => "not_invite",
            LinkError::Version => "version",
            LinkError::Malformed => "malformed",
        }),
    })
}

fn recovery(input: &Input<'_>) -> Result<Value, String> {
    Ok(match RecoverySecret::from_sheet(input.text("text")?) {
        Ok(secret) => json!({ "secret": hex(secret.as_bytes()), "text": secret.to_sheet().as_str() }),
        Err(error) => refusal(match error {
            SpokenError::Prefix => "prefix",
            SpokenError::Length => "length",
            SpokenError::Character => "character",
            SpokenError::Checksum => "checksum",
        }),
    })
}

fn local(input: &Input<'_>) -> Result<Value, String> {
    let (key, sealed) = (StorageKey::from_bytes(input.array("key")?), input.bytes("sealed")?);
    let opened = open_local(&key, input.text("purpose")?, &input.bytes("aad")?, &sealed);
    Ok(opened.map_or_else(seal_word, |bytes| json!({ "bytes": hex(&*bytes) })))
}

/// What a file of a book is of and holds.
fn files(input: &Input<'_>) -> Result<Value, String> {
    Ok(match bundle_of_file(&input.bytes("file")?) {
        Ok((book, bundle)) => json!({ "book": book.to_string(), "bundle": epochs::shown(&bundle) }),
        Err(FileError::Version) => refusal("version"),
        Err(_) => refusal("malformed"),
    })
}

/// The change that every shard of a new book begins with.
fn base(input: &Input<'_>) -> Result<Value, String> {
    let (rules, change) = (input.number("rules")?, input.bytes("change")?);
    let first = first_base::first().map_err(text)?.get_changes(&[]).into_iter().next().ok_or("without a change")?;
    let is_base = rules == u64::from(first_base::RULES) && first.raw_bytes() == change;
    Ok(json!({ "hash": first.hash().to_string(), "is_base": is_base }))
}
