//! T20: two organisers found an epoch at the same time, and one of them is killed at each arrow: before a request, after the
//! server has done it and before the answer is there, after the answer. Nothing is lost, and what both wanted is done.

use samla_core::tables::Table;
use samla_tests::phone::{Files, Phone};
use samla_tests::server::Server;

use crate::club::{Club, add, alike, names_of, sync_all};

/// Where a phone is killed, relative to the request that it is at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kill {
    Before,
    Unanswered,
    After,
}

/// One round of sync that ends by a kill at the request with this number. False if there are not so many.
fn killed_at(phone: &mut Phone, server: &Server, number: usize, kill: Kill) -> bool {
    phone.book.begin_sync();
    for at in 0.. {
        let Some(request) = phone.with(|book, ctx| book.next_request(ctx)).unwrap() else { return false };
        if at == number && kill == Kill::Before {
            break;
        }
        let (status, body) = server.answer(&request);
        if at == number && kill == Kill::Unanswered {
            break;
        }
        let _ = phone.with(|book, ctx| book.on_response(ctx, status, &body));
        if at == number {
            break;
        }
    }
    phone.restart();
    true
}

struct World {
    server: Server,
    phones: Vec<Phone>,
    backup: tempfile::TempDir,
    files: Vec<Files>,
}

impl World {
    fn new(seed: u64) -> Self {
        let (server, mut phones) = Club::three(seed, true);
        let anna = contact(&phones[0], "Anna");
        phones[0].with(|book, ctx| book.rotate(ctx)).unwrap();
        phones[1].with(|book, ctx| book.erase(ctx, anna.into())).unwrap();
        // The one who is killed has an edit that was not sent; so has the third, who wants nothing.
        add(&mut phones[0], "Unsent");
        add(&mut phones[2], "Also unsent");
        let backup = server.snapshot();
        let files = phones.iter().map(Phone::files).collect();
        Self { server, phones, backup, files }
    }

    fn begin_again(&mut self) {
        self.server.roll_back(self.backup.path());
        for (phone, files) in self.phones.iter_mut().zip(&self.files) {
            phone.put_back(files);
        }
    }

    fn settles(&mut self, how: &str) {
        for _ in 0..3 {
            for phone in &mut self.phones {
                phone.sync(&self.server).unwrap_or_else(|error| panic!("{how}: {error}"));
            }
        }
        sync_all(&self.server, &mut self.phones);
        alike(&mut self.phones);
        assert_eq!(names_of(&self.phones[2]), ["Also unsent", "Bertil", "Unsent"], "{how}");
        for phone in &self.phones {
            assert!(phone.book.wanted().is_none(), "{how}: what was wanted is done");
            let status = phone.book.status().unwrap();
            assert_eq!((status.rejected, status.quarantined), (0, 0), "{how}");
            let lost = phone.book.lost_edits().unwrap();
            assert_eq!(lost.count, 0, "{how}");
        }
    }
}

fn contact(phone: &Phone, name: &str) -> samla_core::RowId {
    let named = |row: &&samla_core::tables::Row| match row.get("given_name") {
        Some(samla_core::tables::Value::Text(given)) => given == name,
        _ => false,
    };
    let rows = phone.book.register().rows(Table::Contacts);
    rows.iter().find(named).unwrap().id()
}

#[test]
fn a_kill_at_any_arrow_loses_nothing() {
    let mut world = World::new(200);
    for who in [0, 1] {
        for kill in [Kill::Before, Kill::Unanswered, Kill::After] {
            let mut number = 0;
            loop {
                world.begin_again();
                let how = format!("phone {who}, {kill:?} request {number}");
                let (server, phones) = (&world.server, &mut world.phones);
                if !killed_at(&mut phones[who], server, number, kill) {
                    break;
                }
                // The other organiser founds its own while the first is down, every second time.
                if number % 2 == 0 {
                    phones[1 - who].sync(server).unwrap();
                }
                world.settles(&how);
                number += 1;
            }
            assert!(number > 4, "{kill:?}: signing in, sending, staging and posting are {number} arrows");
        }
    }
}

/// The same with the last of what was written cut at any byte, as an empty battery leaves it.
#[test]
fn a_file_that_is_cut_at_any_byte_loses_nothing() {
    let mut world = World::new(201);
    for cut in 0..40u64 {
        world.begin_again();
        let (server, phones) = (&world.server, &mut world.phones);
        let (at, phone) = (cut % 8, &mut phones[0]);
        phone.book.begin_sync();
        for number in 0..=at {
            let Some(request) = phone.with(|book, ctx| book.next_request(ctx)).unwrap() else { break };
            let (status, body) = server.answer(&request);
            if number == at {
                let place = cut.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let _ = phone.killed_while(place, |book, ctx| book.on_response(ctx, status, &body));
            } else {
                let _ = phone.with(|book, ctx| book.on_response(ctx, status, &body));
            }
        }
        world.settles(&format!("cut {cut}"));
    }
}
