//! A book with two honest members, and room for a third who is not.

use samla_core::tables::{ContactDraft, Draft, Patch, Row, Table, TalkDraft, Value};
use samla_core::{DeviceId, Role, RowId};
use samla_tests::insider::Insider;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;
use samla_wire::BookId;
use samla_wire::http::Wrap;

pub(crate) struct Club {
    pub(crate) server: Server,
    pub(crate) eva: Phone,
    pub(crate) olle: Phone,
}

impl Club {
    /// Eva has founded it, Olle has joined, each has written a contact, and both have everything.
    pub(crate) fn new(seed: u64) -> Self {
        let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
        let mut eva = Phone::founds_in(scratch(), seed * 100 + 1, "Eva");
        let link = eva.invites(&server, Role::Steward);
        let mut olle = Phone::joins_in(scratch(), seed * 100 + 2, "Olle", &link).unwrap();
        olle.sync(&server).unwrap();
        let mut club = Self { server, eva, olle };
        add(&mut club.eva, "Anna");
        add(&mut club.olle, "Bertil");
        club.sync();
        club
    }

    pub(crate) fn book(&self) -> BookId {
        self.eva.book.id()
    }

    /// Both exchange until both have everything.
    pub(crate) fn sync(&mut self) {
        for _ in 0..2 {
            self.eva.sync(&self.server).unwrap();
            self.olle.sync(&self.server).unwrap();
        }
    }

    /// A third member whose keys are in the wrong hands.
    pub(crate) fn insider(&mut self, role: Role) -> Insider {
        let link = self.eva.invites(&self.server, role);
        let mut phone = Phone::joins_in(scratch(), 66, "Mallory", &link).unwrap();
        phone.sync(&self.server).unwrap();
        phone.sync(&self.server).unwrap();
        self.sync();
        Insider::of(&phone, &self.server)
    }

    /// Three phones of the same book: Eva, an organiser; Olle, who is one if `both`; and another steward.
    pub(crate) fn three(seed: u64, both: bool) -> (Server, Vec<Phone>) {
        let Self { server, mut eva, olle } = Self::new(seed);
        let link = eva.invites(&server, Role::Steward);
        let gun = Phone::joins_in(scratch(), seed * 100 + 3, "Gun", &link).unwrap();
        let mut phones = vec![eva, olle, gun];
        sync_all(&server, &mut phones);
        if both {
            let second = device_of(&phones[1]);
            phones[0].with(|book, ctx| book.raise(ctx, second, Role::Organiser)).unwrap();
            sync_all(&server, &mut phones);
        }
        (server, phones)
    }

    /// The two show the same, an edit of each reaches the other, and nobody else's is there.
    pub(crate) fn goes_on(&mut self, names: &[&str]) {
        let mut expected: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        expected.push("Cecilia".into());
        expected.push("David".into());
        add(&mut self.eva, "Cecilia");
        add(&mut self.olle, "David");
        self.sync();
        expected.sort();
        assert_eq!(names_of(&self.eva), expected);
        assert_eq!(names_of(&self.olle), expected);
        assert_eq!(self.eva.book.heads().unwrap(), self.olle.book.heads().unwrap());
        assert_eq!(self.eva.book.export_json().unwrap(), self.olle.book.export_json().unwrap());
        for phone in [&mut self.eva, &mut self.olle] {
            assert_eq!(phone.book.status().unwrap().unsent, 0);
            let before = phone.book.export_json().unwrap();
            phone.restart();
            assert_eq!(phone.book.export_json().unwrap(), before);
        }
    }
}

pub(crate) fn add(phone: &mut Phone, name: &str) -> RowId {
    let draft = Draft::Contacts(ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.add(ctx, &draft)).unwrap()
}

/// The given names of all contacts, in order.
pub(crate) fn names_of(phone: &Phone) -> Vec<String> {
    let name = |row: &Row| match row.get("given_name") {
        Some(Value::Text(name)) => name,
        _ => String::new(),
    };
    let mut names: Vec<String> = phone.book.register().rows(Table::Contacts).iter().map(name).collect();
    names.sort();
    names
}

/// Writes a contact's note.
pub(crate) fn note(phone: &mut Phone, id: RowId, text: &str) {
    let set = Draft::Contacts(ContactDraft { note: Some(text.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.set(ctx, &Patch { id, set, clear: Vec::new() })).unwrap();
}

/// Writes down a talk with a contact.
pub(crate) fn talk(phone: &mut Phone, id: RowId, text: &str) -> RowId {
    let draft =
        TalkDraft { contact: Some(id.into()), at: Some(phone.now), note: Some(text.into()), ..TalkDraft::default() };
    phone.with(|book, ctx| book.add(ctx, &draft.into())).unwrap()
}

/// A phone's device.
pub(crate) fn device_of(phone: &Phone) -> DeviceId {
    phone.book.status().unwrap().device_id.parse().unwrap()
}

/// All exchange until all have everything.
pub(crate) fn sync_all(server: &Server, phones: &mut [Phone]) {
    for _ in 0..3 {
        for phone in phones.iter_mut() {
            phone.sync(server).unwrap();
        }
    }
}

/// All show the same, and nothing is left to be told.
pub(crate) fn alike(phones: &mut [Phone]) {
    let (first, rest) = phones.split_first_mut().unwrap();
    for phone in rest.iter_mut() {
        assert_eq!(phone.book.heads().unwrap(), first.book.heads().unwrap());
        assert_eq!(phone.book.export_json().unwrap(), first.book.export_json().unwrap());
        assert_eq!(phone.book.status().unwrap().epoch, first.book.status().unwrap().epoch);
    }
    for phone in std::iter::once(first).chain(rest) {
        let status = phone.book.status().unwrap();
        assert_eq!((status.unsent, status.held, status.alarm), (0, 0, None));
    }
}

/// The wraps that lie on a server, by recipient.
pub(crate) fn wraps_on(folder: &std::path::Path) -> Vec<Wrap> {
    let database = samla_tests::insider::database(folder);
    let mut query = database.prepare("SELECT recipient, sealed FROM wrap").unwrap();
    let rows = query.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?))).unwrap();
    rows.map(|row| row.map(|(recipient, sealed)| Wrap { recipient: DeviceId(recipient), sealed: sealed.into() }))
        .collect::<Result<_, _>>()
        .unwrap()
}
