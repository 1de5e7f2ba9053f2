//! A book with two honest members, and room for a third who is not.

use samla_core::tables::{ContactDraft, Draft, Row, Table, Value};
use samla_core::{Role, RowId};
use samla_tests::insider::Insider;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;
use samla_wire::BookId;

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
