//! A member who turned against the others: real keys, real place in the log, and whatever bytes it likes in its envelopes.

use automerge::transaction::{CommitOptions, Transaction};
use automerge::{ActorId, Automerge, Change, ExpandedChange, ReadDoc};
use minicbor::Decode;
use minicbor::bytes::ByteVec;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use samla_core::Book;
use samla_core::Request;
use samla_core::document::actor_of;
use samla_core::document::base::{self, BaseRow};
use samla_core::seal::{
    Base, DeviceKeys, EpochKey, PrekeySecret, SealedTip, open_envelope, open_local, pack_base, pack_changes,
    seal_envelope, sign, unpack_changes, wrap_key,
};
use samla_core::tables::{LIVE, Table};
use samla_wire::http::{Ack, Bootstrap, Challenge, EpochRequest, Session, SyncRequest, SyncResponse, Wrap, wraps_hash};
use samla_wire::roster::{BasePart, Epoch, Reason, RosterBody, RosterOp, members_digest};
use samla_wire::rules::LogState;
use samla_wire::{BookId, DeviceId, EntryId, Envelope, Head, Header, Kind, LogHash, Past, WrapHash};

use crate::phone::Phone;
use crate::server::{ORIGIN, Server};

/// What a phone keeps of its own part, as far as an insider needs it.
#[derive(Decode)]
#[cbor(map)]
struct Secrets {
    #[n(1)]
    book: BookId,
    #[n(2)]
    keys: ByteVec,
    #[n(3)]
    epoch_key: Option<ByteVec>,
    #[n(17)]
    next_prekey: Option<ByteVec>,
}

/// Everything secret that lies on a phone, for somebody who has it and its storage key.
#[derive(Debug)]
pub struct Stolen {
    /// Its device's keys.
    pub keys: DeviceKeys,
    /// Every prekey that it could open something with.
    pub prekeys: Vec<PrekeySecret>,
    /// The key of its epoch.
    pub epoch_key: Option<EpochKey>,
}

/// The log as it was read: the hash at each place, and what stands there if it was accepted.
#[derive(Debug, Default)]
pub(crate) struct Read(pub(crate) Vec<(LogHash, Option<Placed>)>);

/// Whose entry, its number among theirs, and its id.
pub(crate) type Placed = (samla_wire::DeviceId, u64, EntryId);

impl Past for Read {
    type Error = std::convert::Infallible;

    fn hash_at(&self, n: u64) -> Result<Option<LogHash>, Self::Error> {
        let place = usize::try_from(n).ok().and_then(|n| n.checked_sub(1));
        Ok(place.and_then(|place| self.0.get(place)).map(|(h, _)| *h))
    }

    fn entry_at(&self, device: &samla_wire::DeviceId, dseq: u64) -> Result<Option<EntryId>, Self::Error> {
        let mut accepted = self.0.iter().filter_map(|(_, entry)| entry.as_ref());
        Ok(accepted.find(|entry| (&entry.0, entry.1) == (device, dseq)).map(|entry| entry.2))
    }
}

/// A member's keys in the wrong hands.
pub struct Insider {
    /// Its device's keys.
    pub keys: DeviceKeys,
    /// The key of the epoch.
    pub key: EpochKey,
    /// The book.
    pub book: BookId,
    /// The log as far as it was read.
    pub log: LogState,
    /// What its bases say beside rows and tips.
    pub beside: Base,
    docs: Vec<Automerge>,
    rng: ChaCha20Rng,
}

impl std::fmt::Debug for Insider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Insider")
    }
}

/// Every entry of a book as it lies in the server's database.
pub fn entries(server: &Server, book: &BookId) -> Vec<Vec<u8>> {
    let copy = server.snapshot();
    let database = database(copy.path());
    let sql = "SELECT envelope FROM entry JOIN book ON book.key = entry.book WHERE book.id = ?1 ORDER BY n";
    let mut query = database.prepare(sql).expect("the server's tables");
    let rows = query.query_map([book.0], |row| row.get(0)).expect("entries");
    rows.map(|row| row.expect("an envelope")).collect()
}

/// The database in a server's folder.
pub fn database(folder: &std::path::Path) -> rusqlite::Connection {
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let file = files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "db"));
    rusqlite::Connection::open(file.expect("a database")).expect("a database")
}

impl Insider {
    /// Takes the keys of a phone, which must not send anything any more.
    pub fn of(phone: &Phone, server: &Server) -> Self {
        let Secrets { book, keys, epoch_key, .. } = secrets(phone);
        let keys = DeviceKeys::from_bytes(&keys).expect("device keys");
        let key = epoch_key.expect("a member has the key").as_slice().try_into().expect("32 bytes");
        let actor = actor_of(&keys.device_id().0, 1);
        let doc = || base::first().expect("the base").with_actor(ActorId::from(actor.as_slice()));
        let all = entries(server, &book);
        let genesis = Envelope::parse(all[0].clone()).expect("a genesis");
        let log = LogState::found(&genesis).expect("a genesis");
        let mut insider = Self {
            keys,
            key: EpochKey::from_bytes(key),
            book,
            log,
            beside: Base::default(),
            docs: (0..base::SHARDS).map(|_| doc()).collect(),
            rng: ChaCha20Rng::seed_from_u64(1),
        };
        insider.read(&all);
        insider.open(&all);
        insider
    }

    /// Reads the log to its end, without opening anything.
    pub fn read(&mut self, all: &[Vec<u8>]) {
        let mut past = Read::default();
        let genesis = Envelope::parse(all[0].clone()).expect("a genesis");
        self.log = LogState::found(&genesis).expect("a genesis");
        past.0.push((self.log.head.h, Some((genesis.header().device, 1, genesis.id()))));
        for bytes in &all[1..] {
            let envelope = Envelope::parse(bytes.clone()).ok();
            let accepted = envelope.as_ref().filter(|envelope| {
                let Ok(verdict) = self.log.append(envelope, &past);
                matches!(verdict, Ok(samla_wire::Accepted::New))
            });
            let entry = accepted.map(|envelope| (envelope.header().device, envelope.header().dseq, envelope.id()));
            if entry.is_none() {
                self.log.skip(&EntryId::of_envelope(bytes));
            }
            past.0.push((self.log.head.h, entry));
        }
    }

    /// Opens what the others wrote.
    fn open(&mut self, all: &[Vec<u8>]) {
        for envelope in all.iter().map(|bytes| Envelope::parse(bytes.clone()).expect("an envelope")) {
            if envelope.header().kind != Kind::Data {
                continue;
            }
            let payload = open_envelope(&envelope, &self.key.data_key(&self.book, 0)).expect("it opens");
            for (shard, change) in unpack_changes(&payload).expect("changes") {
                let change = Change::try_from(change.as_slice()).expect("a change");
                self.docs[usize::from(shard)].apply_changes([change]).expect("it applies");
            }
        }
    }

    /// The document of a shard.
    pub fn doc(&self, shard: u16) -> &Automerge {
        &self.docs[usize::from(shard)]
    }

    /// A change that is made by hand and stays out of the insider's own document.
    pub fn change(&self, shard: u16, write: impl FnOnce(&mut Transaction<'_>)) -> Change {
        self.change_on(self.doc(shard).clone(), write)
    }

    /// The same on a document that the insider has changed before.
    pub fn change_on(&self, mut doc: Automerge, write: impl FnOnce(&mut Transaction<'_>)) -> Change {
        let mut tx = doc.transaction();
        write(&mut tx);
        let (hash, _) = tx.commit_with(CommitOptions::default().with_time(0));
        doc.get_change_by_hash(&hash.expect("something was written")).expect("the change")
    }

    /// The header of its next envelope.
    pub fn header(&self, kind: Kind) -> Header {
        let tip = self.log.tips.get(&self.keys.device_id());
        Header {
            kind,
            book: self.book,
            epoch: self.log.roster.epoch,
            device: self.keys.device_id(),
            dseq: tip.map_or(1, |tip| tip.dseq + 1),
            dprev: tip.map_or(EntryId::ZERO, |tip| tip.id),
            seen_n: self.log.head.n,
            seen_h: self.log.head.h,
            nonce: [0; 24],
        }
    }

    /// A data envelope with this payload, whatever it is.
    pub fn seal(&mut self, payload: &[u8]) -> Envelope {
        let header = self.header(Kind::Data);
        let key = self.key.data_key(&self.book, header.epoch);
        seal_envelope(header, payload, &key, self.keys.signing_key(), &mut self.rng).expect("it fits")
    }

    /// A data envelope with these changes.
    pub fn seal_changes(&mut self, changes: &[(u16, Vec<u8>)]) -> Envelope {
        self.seal(&pack_changes(changes))
    }

    /// A roster envelope with this op.
    pub fn seal_op(&self, op: RosterOp) -> Envelope {
        let body = RosterBody { rseq: self.log.roster.rseq + 1, rprev: self.log.roster.rhead, op };
        let body = samla_wire::to_cbor(&body);
        Envelope::sign(self.header(Kind::Roster), &body, self.keys.signing_key()).expect("an envelope")
    }

    /// An epoch with these rows and nothing else, made as an honest organiser makes one but for what `spoil` changes in its
    /// op.
    pub fn found_epoch(&mut self, rows: &[BaseRow], spoil: impl FnOnce(&mut Epoch)) -> Founding {
        let (roster, head, author) = (self.log.roster.clone(), self.log.head, self.keys.device_id());
        let (epoch, key) = (roster.epoch + 1, EpochKey::make(&mut self.rng));
        let actor = base::actor(&self.book, epoch);
        let tip = |(device, tip): (&DeviceId, &samla_wire::rules::Tip)| SealedTip {
            device: *device,
            dseq: tip.dseq,
            id: tip.id,
        };
        let mut content = Base { tips: self.log.tips.iter().map(tip).collect(), ..self.beside.clone() };
        let mut base_heads = Vec::new();
        for shard in 0..roster.shards {
            let of_shard = rows.iter().filter(|row| u16::from(row.id.as_bytes()[15]) & (roster.shards - 1) == shard);
            let (change, hash) = base::found(&actor, &of_shard.cloned().collect::<Vec<_>>()).expect("a base");
            content.changes.push(change.into());
            base_heads.push(EntryId(hash));
        }
        let header = Header {
            kind: Kind::Base,
            epoch,
            dseq: 0,
            dprev: EntryId::ZERO,
            seen_n: head.n,
            seen_h: head.h,
            ..self.header(Kind::Base)
        };
        let sealing = key.base_key(&self.book, epoch);
        let parts: Vec<Envelope> = pack_base(&content)
            .iter()
            .map(|payload| {
                let signing_key = self.keys.signing_key();
                seal_envelope(header, payload, &sealing, signing_key, &mut self.rng).expect("it fits")
            })
            .collect();
        let mut op = Epoch {
            epoch,
            seal_n: head.n,
            seal_h: head.h,
            suite: samla_wire::envelope::SUITE,
            rules: roster.rules,
            shards: roster.shards,
            key_commit: key.commit(epoch),
            base: parts.iter().map(|part| BasePart { id: part.id(), len: part.bytes().len() as u32 }).collect(),
            base_heads,
            wraps_hash: WrapHash::ZERO,
            removed: Vec::new(),
            lowered: Vec::new(),
            kept_invites: Vec::new(),
            reason: Reason::Rotate,
            members_digest: LogHash::ZERO,
            newcomer: None,
        };
        let honest = op.clone();
        spoil(&mut op);
        let next = roster.after_epoch(&author, &op).or_else(|_| roster.after_epoch(&author, &honest));
        let next = next.unwrap_or(roster);
        let mut wraps = Vec::new();
        for recipient in next.wrap_recipients() {
            let member = next.members.get(&recipient).map(|member| member.prekey);
            let sheet = next.recovery.get(&recipient).map(|sheet| sheet.x_pub);
            let invite = next.invites.get(&samla_wire::InviteId(recipient.0)).map(|open| open.invite.x_pub);
            let prekey = member.or(sheet).or(invite).expect("a recipient");
            wraps.push(wrap_key(&key, &self.book, epoch, recipient, &prekey, &mut self.rng).expect("a prekey"));
        }
        op.wraps_hash = wraps_hash(&wraps);
        op.members_digest = members_digest(&next);
        let envelope = self.seal_op(RosterOp::Epoch(op));
        let log = self.log.head.next(&envelope.id());
        Founding { envelope, wraps, parts, seal: head, head: log }
    }

    /// Asks the server for something as this member, in a session that was opened before.
    pub fn ask(&self, server: &Server, method: &str, path: &str, body: Vec<u8>, token: &str) -> (u16, Vec<u8>) {
        let cbor = if method == "PUT" { "application/octet-stream" } else { "application/cbor" };
        let headers = [("content-type", cbor.to_owned()), ("authorization", format!("Bearer {token}"))];
        let answer = server.ask(method, &format!("/v1/books/{}/{path}", self.book), &headers, &body);
        (answer.status, answer.body)
    }

    /// Stages and posts an epoch at an honest server.
    pub fn post_epoch(&self, server: &Server, founding: &Founding) -> (u16, Vec<u8>) {
        let token = self.sign_in(server, ORIGIN).expect("a member");
        for part in &founding.parts {
            let path = format!("base/{}", part.id());
            let (status, body) = self.ask(server, "PUT", &path, part.bytes().to_vec(), &token);
            if status >= 300 {
                return (status, body);
            }
        }
        let body = EpochRequest { envelope: founding.envelope.bytes().to_vec().into(), wraps: founding.wraps.clone() };
        self.ask(server, "POST", "epoch", samla_wire::to_cbor(&body), &token)
    }

    /// Signs in at this origin and returns the session's token, or what the server said instead.
    pub fn sign_in(&self, server: &Server, origin: &str) -> Result<String, (u16, Vec<u8>)> {
        let id: String = self.keys.device_id().0.iter().map(|byte| format!("{byte:02x}")).collect();
        let json = |path: &str, body: serde_json::Value| Request {
            method: "POST",
            url: format!("{ORIGIN}{path}"),
            headers: vec![("content-type", "application/json".into())],
            body: body.to_string().into_bytes(),
        };
        let asked = serde_json::json!({ "book": self.book.to_string(), "principal": id });
        let (_, body) = server.answer(&json("/v1/sessions/challenge", asked));
        let challenge: Challenge = serde_json::from_slice(&body).expect("a challenge");
        let bytes: Vec<u8> = (0..challenge.challenge.len() / 2)
            .map(|at| u8::from_str_radix(&challenge.challenge[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect();
        let signature = sign::sign_login(self.keys.signing_key(), origin, &self.book, &self.keys.device_id().0, &bytes);
        let answered = serde_json::json!({
            "book": self.book.to_string(),
            "principal": id,
            "origin": origin,
            "challenge": challenge.challenge,
            "signature": signature.to_string(),
        });
        let (status, body) = server.answer(&json("/v1/sessions", answered));
        let session: Session = serde_json::from_slice(&body).map_err(|_| (status, body))?;
        Ok(session.token)
    }

    /// Pushes an envelope. The server sees nothing wrong with it, or says what.
    pub fn push(&mut self, server: &Server, envelope: &Envelope) -> Ack {
        let token = self.sign_in(server, ORIGIN).expect("a member");
        let head = self.log.head;
        let push = vec![envelope.bytes().to_vec().into()];
        let request = Request {
            method: "POST",
            url: format!("{ORIGIN}/v1/books/{}/sync", self.book),
            headers: vec![("content-type", "application/cbor".into()), ("authorization", format!("Bearer {token}"))],
            body: samla_wire::to_cbor(&SyncRequest { cursor: head.n, head_h: head.h, push }),
        };
        let (status, body) = server.answer(&request);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let answer: SyncResponse = minicbor::decode(&body).expect("an answer");
        self.read(&entries(server, &self.book.clone()));
        answer.acks.into_iter().next().expect("an ack")
    }
}

/// An epoch that was made by hand.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Its op.
    pub envelope: Envelope,
    /// Its key for those who remain.
    pub wraps: Vec<Wrap>,
    /// The parts of its base.
    pub parts: Vec<Envelope>,
    /// Where the log stood before it.
    pub seal: Head,
    /// Where the log stands after it.
    pub head: Head,
}

impl Founding {
    /// Answers as a server that has taken this epoch, whether or not it may be taken. Whatever it does not lie about, the
    /// honest server answers; there is no network once the epoch is in.
    pub fn shown_to(&self, device: DeviceId, honest: &Server, request: &Request) -> Option<(u16, Vec<u8>)> {
        if request.url.ends_with("/sync") {
            let asked: SyncRequest = minicbor::decode(&request.body).expect("a request to sync");
            let problem = serde_json::json!({
                "type": "about:blank",
                "title": "",
                "status": 409,
                "code": "stale_epoch",
                "n": self.head.n,
                "h": self.head.h.to_string(),
            });
            return (asked.cursor <= self.seal.n).then(|| (409, problem.to_string().into_bytes()));
        }
        if let Some((_, id)) = request.url.split_once("/base/") {
            let part = self.parts.iter().find(|part| part.id().to_string() == id)?;
            return Some((200, part.bytes().to_vec()));
        }
        let (status, body) = honest.answer(request);
        if !request.url.ends_with("/bootstrap") {
            return Some((status, body));
        }
        let mut bootstrap: Bootstrap = minicbor::decode(&body).expect("a bootstrap");
        bootstrap.roster.push(self.envelope.bytes().to_vec().into());
        bootstrap.base = self.parts.iter().map(Envelope::id).collect();
        bootstrap.wrap = self.wraps.iter().find(|wrap| wrap.recipient == device).cloned();
        (bootstrap.head, bootstrap.from) = (self.head, self.head.n);
        Some((200, samla_wire::to_cbor(&bootstrap)))
    }
}

/// Every row that a phone shows, as a base holds it.
pub fn rows_of(book: &Book) -> Vec<BaseRow> {
    let rows = Table::ALL.into_iter().flat_map(|table| book.register().rows(table));
    let fields = |row: &samla_core::tables::Row| {
        row.values().filter(|(name, _)| *name != LIVE).map(|(name, value)| (name.to_owned(), value)).collect()
    };
    rows.map(|row| BaseRow { table: row.table(), id: row.id(), fields: fields(&row), numbers: Vec::new() }).collect()
}

/// Everything secret that a phone still has.
pub fn stolen(phone: &Phone) -> Stolen {
    let Secrets { keys, epoch_key, next_prekey, .. } = secrets(phone);
    let keys = DeviceKeys::from_bytes(&keys).expect("device keys");
    let next = next_prekey.map(|bytes| PrekeySecret::from_bytes(bytes.as_slice().try_into().expect("32 bytes")));
    let prekeys = [keys.prekey().clone()].into_iter().chain(next).collect();
    let epoch_key = epoch_key.map(|key| EpochKey::from_bytes(key.as_slice().try_into().expect("32 bytes")));
    Stolen { keys, prekeys, epoch_key }
}

/// All that a phone remembers beside its log, opened: each state's name and content.
pub fn opened_states(phone: &Phone) -> Vec<(String, Vec<u8>)> {
    let folder = crate::scratch();
    let connection = opened(phone, folder.path());
    let mut query = connection.prepare("SELECT name, sealed FROM state").expect("the phone's tables");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("states");
    rows.map(|row| {
        let (name, sealed): (String, Vec<u8>) = row.expect("a state");
        let content = open_local(&phone.home().storage_key, "state", name.as_bytes(), &sealed);
        (name, content.expect("the storage key fits").to_vec())
    })
    .collect()
}

fn opened(phone: &Phone, folder: &std::path::Path) -> rusqlite::Connection {
    let path = folder.join("book.db");
    let files = phone.files();
    std::fs::write(&path, &files.database).expect("a file");
    std::fs::write(path.with_extension("db-wal"), &files.log).expect("a file");
    rusqlite::Connection::open(&path).expect("a database")
}

fn secrets(phone: &Phone) -> Secrets {
    let states = opened_states(phone);
    let local = states.into_iter().find(|(name, _)| name == "local").expect("what a phone remembers").1;
    minicbor::decode(&local).expect("what a phone remembers")
}

/// A change with something else in it, encoded anew.
pub fn altered(change: &Change, alter: impl FnOnce(&mut ExpandedChange)) -> Change {
    let mut expanded = change.decode();
    alter(&mut expanded);
    expanded.hash = None;
    Change::from(expanded)
}

/// A server that shows one phone a log of its own making, hashes and all. Whatever it does not lie about, the honest
/// server answers.
#[derive(Debug)]
pub struct Liar<'a> {
    honest: &'a Server,
    book: BookId,
    /// The log that it shows.
    pub entries: Vec<Vec<u8>>,
}

impl<'a> Liar<'a> {
    /// A server that so far shows the honest log.
    pub fn new(honest: &'a Server, book: BookId) -> Self {
        Self::showing(honest, book, entries(honest, &book))
    }

    /// A server that shows this log.
    pub fn showing(honest: &'a Server, book: BookId, entries: Vec<Vec<u8>>) -> Self {
        Self { honest, book, entries }
    }

    /// Where its log ends.
    pub fn head(&self) -> Head {
        let ids = self.entries.iter().map(|bytes| EntryId::of_envelope(bytes));
        ids.fold(Head::start(&self.book), |head, id| head.next(&id))
    }

    /// Answers as an honest server would if its log were this one.
    pub fn answer(&mut self, request: &Request) -> (u16, Vec<u8>) {
        if !request.url.ends_with("/sync") {
            return self.honest.answer(request);
        }
        let asked: SyncRequest = minicbor::decode(&request.body).expect("a request to sync");
        let mut acks = Vec::new();
        for pushed in asked.push {
            let pushed: Vec<u8> = pushed.into();
            let there = self.entries.iter().position(|entry| *entry == pushed);
            acks.push(there.map_or_else(
                || {
                    self.entries.push(pushed.clone());
                    Ack::Accepted(self.entries.len() as u64)
                },
                |place| Ack::Duplicate(place as u64 + 1),
            ));
        }
        let from = usize::try_from(asked.cursor).expect("a cursor").min(self.entries.len());
        let entries = self.entries[from..].iter().map(|entry| entry.clone().into()).collect();
        let answer = SyncResponse { acks, entries, head: self.head(), more: false };
        (200, samla_wire::to_cbor(&answer))
    }
}
