//! Whatever phones do, they show what a list of writes and a few sets say they must.
//!
//! The model knows nothing of seals, logs, shards or automerge. A write covers the writes that its author saw; a text is
//! shown until one that covers it is known; a removal hides a contact from all whose newer texts it does not meet; and an
//! epoch leaves out for ever whatever is hidden when it begins. [`proptest`] makes up sequences of acts, plays them on phones
//! with a server, compares after each, and cuts a sequence that fails down to a shortest one. It prints that sequence, and
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` play more or the same again.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where something is wrong"
)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use samla_core::tables::{ContactDraft, Draft, Patch, Table, Value};
use samla_core::{DeviceId, Role, RowId};
use samla_tests::ledger::shown;
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;
use tempfile::TempDir;

/// Phones of one sequence, at most; the first two are organisers.
const PHONES: usize = 6;
/// Contacts of one sequence, at most.
const CONTACTS: usize = 5;

/// What somebody does. Phones and contacts are counted in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    /// Writes down a contact.
    Meet { phone: usize },
    /// Writes a text about one; where several wait for a choice, in the place of all.
    Note { phone: usize, contact: usize },
    /// Removes one.
    Remove { phone: usize, contact: usize },
    /// A round of sync, with all that is wanted.
    Sync { phone: usize },
    /// A file from one phone to another.
    File { from: usize, to: usize },
    /// Somebody comes in by an invitation.
    Join { by: usize },
    /// An organiser wants somebody put out.
    PutOut { by: usize, phone: usize },
    /// An organiser wants a person erased.
    Erase { by: usize, contact: usize },
    /// An organiser wants a new key.
    Rotate { by: usize },
    /// A phone is killed and started.
    Crash { phone: usize },
    /// A phone is copied, both write, and the one that syncs second comes in anew.
    Clone { phone: usize, contact: usize },
    /// The server's folder is copied.
    Backup,
    /// The server is put back to the copy, and this phone is the first to come by.
    PutBack { phone: usize },
}

#[derive(Debug, Clone)]
struct Written {
    contact: usize,
    /// A text; a removal has none.
    text: Option<String>,
    /// What its author knew of the contact.
    covers: BTreeSet<usize>,
}

/// What one phone knows, by the numbers of the writes.
#[derive(Debug, Clone, Default)]
struct Seat {
    knows: BTreeSet<usize>,
    epoch: u32,
    /// How long the log was when it last synced.
    log: usize,
    out: bool,
    /// The contacts and phones that it wants gone, and whether it wants a new key.
    erases: BTreeSet<usize>,
    puts_out: BTreeSet<usize>,
    rotates: bool,
}

/// The book as it must be.
#[derive(Debug, Clone, Default)]
struct Model {
    writes: Vec<Written>,
    contacts: usize,
    seats: Vec<Seat>,
    /// What the log holds.
    shared: BTreeSet<usize>,
    /// Counts whatever came into the log.
    log: usize,
    epoch: u32,
    /// Contacts that an epoch began without.
    gone: BTreeSet<usize>,
    /// The phones that are out, as the roster has it.
    put_out: BTreeSet<usize>,
    /// The epoch, the length of the log, and how many phones the server's copy has.
    backup: Option<(u32, usize, usize)>,
}

impl Model {
    fn club(others: usize) -> Self {
        Self { seats: vec![Seat::default(); 2 + others], ..Self::default() }
    }

    fn about(&self, known: &BTreeSet<usize>, contact: usize) -> BTreeSet<usize> {
        known.iter().copied().filter(|write| self.writes[*write].contact == contact).collect()
    }

    /// Is this contact there, for whoever knows these writes?
    fn is_there(&self, known: &BTreeSet<usize>, contact: usize) -> bool {
        let about = self.about(known, contact);
        let covered = |write: &usize| about.iter().any(|later| self.writes[*later].covers.contains(write));
        let newest = about.iter().filter(|write| !covered(write));
        newest.into_iter().any(|write| self.writes[*write].text.is_some())
    }

    /// The texts that nobody has written over; or, with `removed`, that nobody has removed either.
    fn texts(&self, known: &BTreeSet<usize>, contact: usize, removed: bool) -> BTreeSet<&str> {
        let about = self.about(known, contact);
        let covers = |later: &usize, write| {
            let later = &self.writes[*later];
            (removed || later.text.is_some()) && later.covers.contains(write)
        };
        let standing = about.iter().filter(|write| !about.iter().any(|later| covers(later, write)));
        standing.filter_map(|write| self.writes[*write].text.as_deref()).collect()
    }

    fn write(&mut self, phone: usize, contact: usize, text: bool) {
        let covers = self.about(&self.seats[phone].knows, contact);
        let number = self.writes.len();
        self.writes.push(Written { contact, text: text.then(|| text_of(number)), covers });
        self.seats[phone].knows.insert(number);
    }

    /// All that this phone knows comes into the log, and it knows the log.
    fn share(&mut self, phone: usize) {
        let gone = self.gone.clone();
        let writes = &self.writes;
        let seat = &mut self.seats[phone];
        if seat.epoch < self.epoch {
            seat.knows.retain(|write| !gone.contains(&writes[*write].contact));
            seat.erases.retain(|contact| !gone.contains(contact));
            seat.puts_out.retain(|other| !self.put_out.contains(other));
            seat.rotates = false;
            seat.epoch = self.epoch;
        }
        self.log += seat.knows.difference(&self.shared).count();
        self.shared.extend(seat.knows.iter().copied());
        seat.knows = self.shared.clone();
        seat.log = self.log;
    }

    fn sync(&mut self, phone: usize) {
        if self.put_out.contains(&phone) {
            self.seats[phone].out = true;
            return;
        }
        self.share(phone);
        let seat = &mut self.seats[phone];
        let wants = seat.rotates || !seat.erases.is_empty() || !seat.puts_out.is_empty();
        let (erases, puts_out) = (std::mem::take(&mut seat.erases), std::mem::take(&mut seat.puts_out));
        seat.rotates = false;
        if wants {
            self.gone.extend(erases);
            self.put_out.extend(puts_out);
            let hidden = (0..self.contacts).filter(|contact| {
                let about = self.about(&self.shared, *contact);
                !about.is_empty() && !self.is_there(&self.shared, *contact)
            });
            self.gone.extend(hidden.collect::<Vec<_>>());
            self.shared.retain(|write| !self.gone.contains(&self.writes[*write].contact));
            (self.epoch, self.log) = (self.epoch + 1, self.log + 1);
            let seat = &mut self.seats[phone];
            (seat.knows, seat.epoch, seat.log) = (self.shared.clone(), self.epoch, self.log);
        }
    }

    fn in_book(&self) -> impl Iterator<Item = usize> {
        (0..self.seats.len()).filter(|phone| !self.seats[*phone].out)
    }

    fn may(&self, act: &Act) -> bool {
        let here = |phone: usize| self.seats.get(phone).is_some_and(|seat| !seat.out);
        let shows = |phone: usize, contact: usize| here(phone) && self.is_there(&self.seats[phone].knows, contact);
        match *act {
            Act::Meet { phone } => here(phone) && self.contacts < CONTACTS,
            Act::Note { phone, contact } | Act::Remove { phone, contact } => shows(phone, contact),
            Act::Sync { phone } | Act::Crash { phone } => here(phone),
            Act::File { from, to } => {
                from != to && here(from) && here(to) && self.seats[from].epoch == self.seats[to].epoch
            }
            Act::Join { by } => here(by) && !self.put_out.contains(&by) && self.seats.len() < PHONES,
            Act::PutOut { by, phone } => {
                // Nobody can be put out whom the organiser has not heard of.
                here(by)
                    && here(phone)
                    && by != phone
                    && phone > 0
                    && self.seats[by].log == self.log
                    && !self.put_out.contains(&phone)
            }
            Act::Erase { by, contact } => shows(by, contact),
            Act::Rotate { by } => here(by),
            Act::Clone { phone, contact } => {
                let seat = self.seats.get(phone);
                let same = seat.is_some_and(|seat| (seat.epoch, seat.log) == (self.epoch, self.log));
                phone > 1 && same && shows(phone, contact) && !self.put_out.contains(&phone)
            }
            Act::Backup => true,
            Act::PutBack { phone } => {
                let seat = self.seats.get(phone);
                let same = seat.is_some_and(|seat| (seat.epoch, seat.log) == (self.epoch, self.log));
                here(phone)
                    && same
                    && self.backup.is_some_and(|(epoch, _, phones)| epoch == self.epoch && phone < phones)
            }
        }
    }
}

fn text_of(write: usize) -> String {
    format!("text {write}")
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        (0..3usize).prop_map(Self::club).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Act> {
        let (phone, contact, by) = (0..state.seats.len(), 0..state.contacts.max(1), 0..2usize);
        let (to, about) = (phone.clone(), contact.clone());
        prop_oneof![
            3 => phone.clone().prop_map(|phone| Act::Meet { phone }),
            8 => (phone.clone(), contact.clone()).prop_map(|(phone, contact)| Act::Note { phone, contact }),
            2 => (phone.clone(), contact.clone()).prop_map(|(phone, contact)| Act::Remove { phone, contact }),
            9 => phone.clone().prop_map(|phone| Act::Sync { phone }),
            3 => (phone.clone(), to).prop_map(|(from, to)| Act::File { from, to }),
            1 => by.clone().prop_map(|by| Act::Join { by }),
            1 => (by.clone(), phone.clone()).prop_map(|(by, phone)| Act::PutOut { by, phone }),
            2 => (by.clone(), about.clone()).prop_map(|(by, contact)| Act::Erase { by, contact }),
            1 => by.prop_map(|by| Act::Rotate { by }),
            2 => phone.clone().prop_map(|phone| Act::Crash { phone }),
            1 => (phone.clone(), about).prop_map(|(phone, contact)| Act::Clone { phone, contact }),
            1 => Just(Act::Backup),
            2 => phone.prop_map(|phone| Act::PutBack { phone }),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, act: &Act) -> bool {
        state.may(act)
    }

    fn apply(mut state: Self, act: &Act) -> Self {
        match *act {
            Act::Meet { phone } => {
                state.contacts += 1;
                state.write(phone, state.contacts - 1, true);
            }
            Act::Note { phone, contact } => state.write(phone, contact, true),
            Act::Remove { phone, contact } => state.write(phone, contact, false),
            Act::Sync { phone } => state.sync(phone),
            Act::File { from, to } => {
                let brought = state.seats[from].knows.clone();
                state.seats[to].knows.extend(brought);
            }
            Act::Join { by } => {
                state.sync(by);
                state.seats.push(Seat { epoch: state.epoch, ..Seat::default() });
                state.log += 1;
                state.share(state.seats.len() - 1);
            }
            Act::PutOut { by, phone } => drop(state.seats[by].puts_out.insert(phone)),
            Act::Erase { by, contact } => drop(state.seats[by].erases.insert(contact)),
            Act::Rotate { by } => state.seats[by].rotates = true,
            Act::Crash { .. } => {}
            Act::Clone { phone, contact } => {
                let before = state.seats[phone].clone();
                state.write(phone, contact, true);
                state.share(phone);
                state.seats[phone].knows = before.knows;
                state.write(phone, contact, true);
                state.sync(0);
                state.log += 1;
                state.share(phone);
            }
            Act::Backup => state.backup = Some((state.epoch, state.log, state.seats.len())),
            Act::PutBack { phone } => {
                // An organiser who brings back what was lost founds an epoch, so that everybody gets a key again.
                let lost = state.backup.take().is_some_and(|(_, log, _)| log < state.log);
                state.seats[phone].rotates |= lost && state.epoch > 0 && phone < 2;
                state.sync(phone);
            }
        }
        state
    }
}

/// The book as it is: phones, a server, and which row each contact of the model is.
struct Club {
    server: Server,
    phones: Vec<Phone>,
    rows: BTreeMap<usize, RowId>,
    writes: usize,
    backup: Option<TempDir>,
}

impl Club {
    fn draft(&mut self) -> Draft {
        self.writes += 1;
        Draft::Contacts(ContactDraft { note: Some(text_of(self.writes - 1)), ..ContactDraft::default() })
    }

    fn note(&mut self, phone: usize, contact: usize) {
        let id = self.rows[&contact];
        let set = self.draft();
        let phone = &mut self.phones[phone];
        let waits = phone.book.register().conflicts().iter().any(|clash| (clash.id, &*clash.field) == (id, "note"));
        let done = if waits {
            let text = Value::Text(text_of(self.writes - 1));
            phone.with(|book, ctx| book.resolve(ctx, Table::Contacts, id, "note", Some(text)))
        } else {
            phone.with(|book, ctx| book.set(ctx, &Patch { id, set, clear: Vec::new() }))
        };
        done.unwrap();
    }

    fn device(&self, phone: usize) -> DeviceId {
        self.phones[phone].book.status().unwrap().device_id.parse().unwrap()
    }

    fn joins(&mut self, by: usize) {
        let link = self.phones[by].invites(&self.server, Role::Steward);
        let number = self.phones.len();
        let mut phone = Phone::joins_in(scratch(), 100 + number as u64, &format!("Steward {number}"), &link).unwrap();
        phone.sync(&self.server).unwrap();
        self.phones.push(phone);
    }

    fn sync(&mut self, phone: usize) {
        if let Err(error) = self.phones[phone].sync(&self.server) {
            assert_eq!(error.code(), "removed", "phone {phone}");
        }
    }

    fn is_copied(&mut self, phone: usize, contact: usize) {
        let copy = self.phones[phone].copied(900);
        let own = std::mem::replace(&mut self.phones[phone], copy);
        self.note(phone, contact);
        self.phones[phone].sync(&self.server).unwrap();
        self.phones[phone] = own;
        self.note(phone, contact);
        assert_eq!(self.phones[phone].sync(&self.server).unwrap_err().code(), "device_fork");
        // What an organiser wants comes first: an erasure takes open invitations with it.
        self.sync(0);
        let link = self.phones[0].invites(&self.server, Role::Steward);
        let anew = |book: &mut samla_core::Book, ctx: &mut samla_core::Context<'_>| {
            book.rejoin(ctx, &link, "Steward", "Phone")
        };
        self.phones[phone].with(anew).unwrap();
        self.phones[phone].sync(&self.server).unwrap();
    }

    /// A phone shows what nobody has written over, and nothing that nobody wrote. In the first epoch it shows nothing else;
    /// later a text that was written over may wait beside the newer one for somebody to choose, and one that was removed may
    /// stay so though the contact is back by another edit.
    fn compare(&self, model: &Model, phone: usize) {
        let (book, seat) = (&self.phones[phone].book, &model.seats[phone]);
        for (contact, id) in &self.rows {
            let there = book.register().row(Table::Contacts, *id).is_some();
            assert_eq!(there, model.is_there(&seat.knows, *contact), "phone {phone}, contact {contact}");
            if !there {
                continue;
            }
            let shows = shown(book, Table::Contacts, *id, "note");
            let shows: BTreeSet<&str> = shows.iter().map(String::as_str).collect();
            let must = model.texts(&seat.knows, *contact, model.epoch > 0);
            assert!(must.is_subset(&shows), "phone {phone}, contact {contact}: {shows:?} and not {must:?}");
            let about = model.writes.iter().filter(|write| write.contact == *contact);
            let written: BTreeSet<&str> = about.filter_map(|write| write.text.as_deref()).collect();
            let may = if model.epoch == 0 { &must } else { &written };
            assert!(shows.is_subset(may), "phone {phone}, contact {contact}: {shows:?} and not {may:?}");
        }
    }
}

impl StateMachineTest for Club {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
        let phones = vec![Phone::founds_in(scratch(), 100, "Eva")];
        let mut club = Self { server, phones, rows: BTreeMap::new(), writes: 0, backup: None };
        for _ in 1..model.seats.len() {
            club.joins(0);
        }
        let second = club.device(1);
        club.phones[0].with(|book, ctx| book.raise(ctx, second, Role::Organiser)).unwrap();
        for _ in 0..2 {
            (0..club.phones.len()).for_each(|phone| club.sync(phone));
        }
        club
    }

    fn apply(mut club: Self, model: &Model, act: Act) -> Self {
        let server = &club.server;
        let mut compared = Vec::new();
        match act {
            Act::Meet { phone } => {
                let draft = club.draft();
                let id = club.phones[phone].with(|book, ctx| book.add(ctx, &draft)).unwrap();
                club.rows.insert(club.rows.len(), id);
                compared.push(phone);
            }
            Act::Note { phone, contact } => {
                club.note(phone, contact);
                compared.push(phone);
            }
            Act::Remove { phone, contact } => {
                let id = club.rows[&contact];
                club.writes += 1;
                club.phones[phone].with(|book, ctx| book.remove(ctx, Table::Contacts, id)).unwrap();
                compared.push(phone);
            }
            Act::Sync { phone } => {
                club.sync(phone);
                compared.push(phone);
            }
            Act::File { from, to } => {
                let file = club.phones[from].with(|book, ctx| book.export_file(ctx)).unwrap();
                club.phones[to].with(|book, ctx| book.import_file(ctx, &file)).unwrap();
                compared.push(to);
            }
            Act::Join { by } => {
                club.sync(by);
                club.joins(by);
                compared.extend([by, club.phones.len() - 1]);
            }
            Act::PutOut { by, phone } => {
                let device = club.device(phone);
                club.phones[by].with(|book, ctx| book.remove_members(ctx, &[device])).unwrap();
            }
            Act::Erase { by, contact } => {
                let id = club.rows[&contact];
                club.phones[by].with(|book, ctx| book.erase(ctx, id.into())).unwrap();
            }
            Act::Rotate { by } => club.phones[by].with(|book, ctx| book.rotate(ctx)).unwrap(),
            Act::Crash { phone } => {
                club.phones[phone].restart();
                compared.push(phone);
            }
            Act::Clone { phone, contact } => {
                club.is_copied(phone, contact);
                compared.push(phone);
            }
            Act::Backup => club.backup = Some(server.snapshot()),
            Act::PutBack { phone } => {
                let copy = club.backup.take().unwrap();
                club.server.roll_back(copy.path());
                club.sync(phone);
                compared.push(phone);
            }
        }
        for phone in compared.into_iter().filter(|phone| !model.seats[*phone].out) {
            club.compare(model, phone);
        }
        club
    }

    /// At the end everybody syncs, and they show the same.
    fn teardown(mut club: Self, mut model: Model) {
        for _ in 0..3 {
            for phone in model.in_book().collect::<Vec<_>>() {
                club.sync(phone);
                model.sync(phone);
                if !model.seats[phone].out {
                    club.compare(&model, phone);
                }
            }
        }
        let here: Vec<usize> = model.in_book().collect();
        let exports = here.iter().map(|phone| club.phones[*phone].book.export_json().unwrap());
        assert_eq!(exports.collect::<BTreeSet<_>>().len(), 1, "phones show different registers");
        for phone in here {
            let status = club.phones[phone].book.status().unwrap();
            assert_eq!((status.alarm, status.unsent, status.held), (None, 0, 0), "phone {phone}");
        }
    }
}

/// The same sequences in every run, unless a number is given.
fn config() -> Config {
    let given = Config::default();
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { given.cases } else { 100 };
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 4_000, ..given }
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn phones_show_what_the_model_says(sequential 10..60 => Club);
}
