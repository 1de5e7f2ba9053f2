//! What reaches a phone whole: a file from another phone, and whatever answers in the server's place.

use std::sync::OnceLock;

use ed25519_dalek::SigningKey;
use minicbor::bytes::ByteVec;
use samla_core::tables::{ContactDraft, Draft, Table};
use samla_core::{Book, Home, Role, RowId, StorageKey};
use samla_wire::http::Bundle;
use samla_wire::{DeviceId, EntryId, Envelope, Head, to_cbor};

use super::take;
use crate::insider::stolen;
use crate::phone::{Files, Phone};
use crate::scratch;
use crate::server::{ORIGIN, Server};

/// What a server may answer with.
const STATUSES: [u16; 14] = [200, 201, 204, 400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503];
/// A phone that still asks after so many answers would never stop.
const REQUESTS: usize = 200;
/// What a file of a book begins with, before its bundle: magic, version, book.
const FILE_HEAD: usize = 37;
const SEED: u64 = 77;

/// A phone at one moment, and the round of sync that follows.
struct Moment {
    files: Files,
    storage_key: StorageKey,
    /// A row that it wrote itself; none before it is in.
    own: Option<RowId>,
    /// What it asks next, and what an honest server says.
    answers: Vec<(String, u16, Vec<u8>)>,
}

impl Moment {
    /// The phone as it is now, and a round of its sync from there.
    fn of(phone: &mut Phone, own: Option<RowId>, server: &Server) -> Self {
        let (files, storage_key) = (phone.files(), phone.home().storage_key.clone());
        let mut moment = Self { files, storage_key, own, answers: Vec::new() };
        let mut again = moment.phone();
        let mut answers = Vec::new();
        again
            .sync_with(|request| {
                let (status, body) = server.answer(request);
                answers.push((request.url.clone(), status, body.clone()));
                Some((status, body))
            })
            .expect("an honest round");
        moment.answers = answers;
        moment
    }

    fn phone(&self) -> Phone {
        Phone::opens(scratch(), SEED, &self.files, self.storage_key.clone()).expect("its own files")
    }

    /// Whatever was brought, the phone opens again as it is, and what its user wrote is there.
    fn still_works(&self, mut phone: Phone) {
        let status = phone.book.status().expect("a status");
        let own = self.own.filter(|_| !status.removed);
        let shows = |phone: &Phone| own.is_none_or(|id| phone.book.register().row(Table::Contacts, id).is_some());
        assert!(shows(&phone), "what the user wrote is there");
        let heads = phone.book.heads().expect("heads");
        phone.restart();
        assert_eq!(phone.book.heads().expect("heads"), heads, "it opens as it was");
        assert!(shows(&phone), "what the user wrote is there after a start");
    }
}

/// A club, and its phones at the moments at which something comes from outside.
struct World {
    moments: Vec<Moment>,
    /// The phone that takes files.
    takes: usize,
    files: Vec<Vec<u8>>,
    link: String,
    keys: Vec<(DeviceId, SigningKey)>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

fn note(phone: &mut Phone, text: &str) -> RowId {
    let draft = Draft::Contacts(ContactDraft { note: Some(text.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.add(ctx, &draft)).expect("a contact")
}

impl World {
    fn new() -> Self {
        let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
        let mut eva = Phone::founds_in(scratch(), 1, "Eva");
        let founding = Moment::of(&mut eva, None, &Server::in_folder(scratch(), &[]));
        let link = eva.invites(&server, Role::Steward);
        let mut olle = Phone::joins_in(scratch(), 2, "Olle", &link).expect("a link");
        let mut moments = vec![founding, Moment::of(&mut olle, None, &server)];
        // The recorded round was a copy's; Olle comes in by a link of his own.
        let link = eva.invites(&server, Role::Steward);
        olle = Phone::joins_in(scratch(), 3, "Olle", &link).expect("a link");
        olle.sync(&server).expect("a round");
        note(&mut eva, "met at the table");
        eva.sync(&server).expect("a round");
        let own = note(&mut olle, "met at the gate");
        let takes = moments.len();
        moments.push(Moment::of(&mut olle, Some(own), &server));
        let mut gun = Phone::joins_in(scratch(), 4, "Gun", &eva.invites(&server, Role::Steward)).expect("a link");
        gun.sync(&server).expect("a round");
        note(&mut gun, "not shared yet");
        let invite = eva.with(|book, ctx| book.invite(ctx, Role::Steward, 7)).expect("an invitation").id;
        eva.sync(&server).expect("a round");
        let open = eva.book.invites().into_iter().find(|open| open.id == invite);
        let link = open.and_then(|open| open.link).expect("the server has it");
        let id = samla_core::InviteId(invite.parse::<DeviceId>().expect("an id").0);
        let mut files = vec![
            gun.with(|book, ctx| book.export_file(ctx)).expect("a file"),
            eva.with(|book, ctx| book.export_file_for(ctx, id)).expect("a file"),
        ];
        // The book is founded anew, and Olle hears of it with an edit of his own on his phone.
        let members = [&eva, &olle, &gun].map(|phone| stolen(phone).keys);
        let keys = members.iter().map(|keys| (keys.device_id(), keys.signing_key().clone())).collect();
        eva.with(|book, ctx| book.rotate(ctx)).expect("an organiser");
        eva.sync(&server).expect("a round");
        moments.push(Moment::of(&mut olle, Some(own), &server));
        files.push(eva.with(|book, ctx| book.export_file(ctx)).expect("a file"));
        Self { moments, takes, files, link, keys }
    }

    /// The same bundle with every envelope signed anew by the member who it says wrote it.
    fn signed(&self, file: &[u8]) -> Option<Vec<u8>> {
        let (head, rest) = file.split_at_checked(FILE_HEAD)?;
        let mut bundle: Bundle = minicbor::decode(rest).ok()?;
        for bytes in bundle.roster.iter_mut().chain(&mut bundle.entries).chain(&mut bundle.loose) {
            if let Some(signed) = self.sign(bytes) {
                *bytes = signed;
            }
        }
        let last = bundle.roster.last().and_then(|bytes| Envelope::parse(bytes.to_vec()).ok())?;
        let mut end = Head { n: last.header().seen_n, h: last.header().seen_h }.next(&last.id());
        for bytes in &bundle.entries {
            end = end.next(&EntryId::of_envelope(bytes));
        }
        bundle.head = end;
        Some([head, &to_cbor(&bundle)].concat())
    }

    fn sign(&self, bytes: &[u8]) -> Option<ByteVec> {
        let envelope = Envelope::parse(bytes.to_vec()).ok()?;
        let header = *envelope.header();
        let (_, key) = self.keys.iter().find(|(device, _)| *device == header.device)?;
        Some(Envelope::sign(header, envelope.body(), key).ok()?.into_bytes().into())
    }
}

/// A file from somebody. The first byte says how it comes: to a member as it is, to a member and signed by other members
/// whatever it says, or to somebody with a link.
pub(super) fn feed_file(mut input: &[u8]) {
    let world = world();
    let [how] = take(&mut input);
    let moment = world.moments.get(world.takes).expect("a phone");
    match how {
        0 | 1 => {
            let signed = (how == 1).then(|| world.signed(input)).flatten();
            let file = signed.as_deref().unwrap_or(input);
            let mut phone = moment.phone();
            let _ = phone.with(|book, ctx| book.import_file(ctx, file));
            moment.still_works(phone);
        }
        _ => {
            let joins = |ctx: &mut samla_core::Context<'_>, home: &Home| {
                Book::join_with_file(ctx, home, &world.link, input, "Bo", "Phone")
            };
            if let Ok(mut phone) = Phone::opened_by(scratch(), SEED, joins) {
                let heads = phone.book.heads().expect("heads");
                phone.restart();
                assert_eq!(phone.book.heads().expect("heads"), heads, "it opens as it was");
            }
        }
    }
}

pub(super) fn files() -> Vec<Vec<u8>> {
    let all = world().files.iter();
    all.flat_map(|file| [0, 1, 2].map(|how| [&[how][..], file].concat())).collect()
}

/// An answer to one request of a round of sync: two bytes say which request of which moment, one the status, the rest is
/// the body. All other requests are answered as they were.
pub(super) fn feed_answer(mut input: &[u8]) {
    let world = world();
    let [which, at, status] = take(&mut input);
    let moment = world.moments.get(usize::from(which) % world.moments.len()).expect("a phone");
    let spoiled = usize::from(at) % moment.answers.len().max(1);
    let status = STATUSES.get(usize::from(status) % STATUSES.len()).copied().unwrap_or(200);
    let mut phone = moment.phone();
    let mut asked = 0;
    let _ = phone.sync_with(|request| {
        assert!(request.url.starts_with(ORIGIN), "only the book's own server is asked");
        asked += 1;
        assert!(asked < REQUESTS, "it asks for ever");
        if asked == spoiled + 1 {
            return Some((status, input.to_vec()));
        }
        let answers = moment.answers.iter().skip(asked - 1).chain(&moment.answers);
        answers.filter(|(url, ..)| *url == request.url).map(|(_, status, body)| (*status, body.clone())).next()
    });
    moment.still_works(phone);
}

pub(super) fn answers() -> Vec<Vec<u8>> {
    let mut corpus = Vec::new();
    for (which, moment) in world().moments.iter().enumerate() {
        for (at, (_, status, body)) in moment.answers.iter().enumerate() {
            let status = STATUSES.iter().position(|known| known == status).unwrap_or_default();
            corpus.push([&[which as u8, at as u8, status as u8][..], body].concat());
        }
    }
    let problem = br#"{"type":"about:blank","title":"","status":409,"code":"stale_epoch","n":9,"h":""}"#;
    corpus.push([&[2, 2, 7][..], problem].concat());
    corpus
}
