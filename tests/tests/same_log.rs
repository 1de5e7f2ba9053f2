//! The same log gives the same document, on every phone: however its pages are cut, wherever a phone is killed, and
//! whatever a phone has written itself and not yet sent. Where a member is hostile too.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test says enough")]

use automerge::transaction::Transactable;
use automerge::{ActorId, Change, ObjId, ObjType, ROOT, ReadDoc};
use samla_core::document::actor_of;
use samla_core::tables::{ContactDraft, Draft, Patch, Table};
use samla_core::{Role, RowId};
use samla_tests::insider::{Insider, altered};
use samla_tests::phone::Phone;
use samla_tests::scratch;
use samla_tests::server::Server;
use samla_wire::http::Ack;

struct Club {
    server: Server,
    eva: Phone,
    olle: Phone,
    mallory: Insider,
}

fn club(seed: u64) -> Club {
    let server = Server::in_folder(scratch(), &["--sign-ins-per-minute", "4000000000"]);
    let mut eva = Phone::founds_in(scratch(), seed * 100, "Eva");
    let mut others = Vec::new();
    for (number, name) in ["Olle", "Mallory"].into_iter().enumerate() {
        let link = eva.invites(&server, Role::Steward);
        let mut phone = Phone::joins_in(scratch(), seed * 100 + 1 + number as u64, name, &link).unwrap();
        phone.sync(&server).unwrap();
        others.push(phone);
    }
    let (mallory, mut olle) = (others.pop().unwrap(), others.pop().unwrap());
    olle.sync(&server).unwrap();
    eva.sync(&server).unwrap();
    let mallory = Insider::of(&mallory, &server);
    Club { server, eva, olle, mallory }
}

impl Club {
    fn push(&mut self, changes: &[(u16, &Change)]) {
        let changes: Vec<_> = changes.iter().map(|(shard, change)| (*shard, change.raw_bytes().to_vec())).collect();
        let envelope = self.mallory.seal_changes(&changes);
        assert!(matches!(self.mallory.push(&self.server, &envelope), Ack::Accepted(_)));
    }

    /// Both exchange, edit, and exchange again; then they show the same, and so do they after a start.
    fn ends_alike(&mut self) {
        for _ in 0..3 {
            self.eva.sync(&self.server).unwrap();
            self.olle.sync(&self.server).unwrap();
        }
        for phone in [&mut self.eva, &mut self.olle] {
            for number in 0..32 {
                add(phone, &format!("Later {number}"));
            }
        }
        for _ in 0..2 {
            self.eva.sync(&self.server).unwrap();
            self.olle.sync(&self.server).unwrap();
        }
        for restarted in [false, true] {
            if restarted {
                self.eva.restart();
                self.olle.restart();
            }
            assert_eq!(self.eva.book.heads().unwrap(), self.olle.book.heads().unwrap());
            assert_eq!(self.eva.book.export_json().unwrap(), self.olle.book.export_json().unwrap());
        }
        let (eva, olle) = (self.eva.book.status().unwrap(), self.olle.book.status().unwrap());
        assert_eq!((eva.rejected, eva.held, eva.unsent), (olle.rejected, olle.held, olle.unsent));
        assert_eq!(eva.unsent, 0);
        assert_eq!((eva.alarm, olle.alarm), (None, None));
    }
}

fn add(phone: &mut Phone, name: &str) -> RowId {
    let draft = Draft::Contacts(ContactDraft { given_name: Some(name.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.add(ctx, &draft)).unwrap()
}

fn note(phone: &mut Phone, id: RowId, note: &str) {
    let set = Draft::Contacts(ContactDraft { note: Some(note.into()), ..ContactDraft::default() });
    phone.with(|book, ctx| book.set(ctx, &Patch { id, set, clear: Vec::new() })).unwrap();
}

fn contacts(doc: &automerge::Automerge) -> ObjId {
    doc.get(ROOT, "contacts").unwrap().unwrap().1
}

const SHARD: u16 = 3;

/// A row id in [`SHARD`].
fn id(number: u64) -> String {
    format!("{:032x}", u128::from(number) << 64 | 3)
}

/// Two changes of which the second needs the first, and another second one.
fn quarrel(mallory: &Insider) -> [Change; 3] {
    let contacts = contacts(mallory.doc(SHARD));
    let mut doc = mallory.doc(SHARD).clone();
    let first = mallory.change_on(doc.clone(), |tx| drop(tx.put_object(&contacts, id(1), ObjType::Map).unwrap()));
    doc.apply_changes([first.clone()]).unwrap();
    let second = |number| {
        let contacts = contacts.clone();
        mallory.change_on(doc.clone(), move |tx| drop(tx.put_object(&contacts, id(number), ObjType::Map).unwrap()))
    };
    [first.clone(), second(2), second(3)]
}

/// Of two that cannot both enter, the one enters that could first, wherever a page ends, and wherever a file's part of the log does.
#[test]
fn where_a_page_ends_makes_no_difference() {
    for order in [[1, 0, 2], [1, 2, 0], [2, 1, 0], [0, 2, 1]] {
        for (read_after, by_file) in (0..3).flat_map(|read_after| [(read_after, false), (read_after, true)]) {
            let mut club = club(1);
            let changes = quarrel(&club.mallory);
            for (number, which) in order.into_iter().enumerate() {
                club.push(&[(SHARD, &changes[which])]);
                if number == read_after && !by_file {
                    club.olle.sync(&club.server).unwrap();
                }
            }
            if by_file {
                club.eva.sync(&club.server).unwrap();
                let file = club.eva.with(|book, ctx| book.export_file(ctx)).unwrap();
                club.olle.with(|book, ctx| book.import_file(ctx, &file)).unwrap();
                club.olle.restart();
            }
            club.ends_alike();
        }
    }
}

/// A colleague's file brings a loose change of a number that another, which waits in the log, has as well. The log says which it is.
#[test]
fn a_loose_change_makes_no_difference() {
    let mut club = club(10);
    let link = club.eva.invites(&club.server, Role::Steward);
    let mut mona = Phone::joins_in(scratch(), 1_090, "Mona", &link).unwrap();
    mona.sync(&club.server).unwrap();
    let mut mona = Insider::of(&mona, &club.server);
    let contacts = contacts(club.mallory.doc(SHARD));
    let row = |number| {
        let contacts = contacts.clone();
        move |tx: &mut automerge::transaction::Transaction<'_>| {
            drop(tx.put_object(&contacts, id(number), ObjType::Map).unwrap());
        }
    };
    let monas = mona.change(SHARD, row(1));
    let mut doc = club.mallory.doc(SHARD).clone();
    doc.apply_changes([monas.clone()]).unwrap();
    let waits = club.mallory.change_on(doc, row(2));
    let loose = club.mallory.change(SHARD, row(3));
    assert_eq!((waits.seq(), waits.actor_id()), (loose.seq(), loose.actor_id()));
    club.push(&[(SHARD, &waits)]);
    club.olle.sync(&club.server).unwrap();
    assert_eq!(club.olle.book.status().unwrap().held, 1);
    let loose = club.mallory.seal_changes(&[(SHARD, loose.raw_bytes().to_vec())]);
    let file = club.olle.with(|book, ctx| book.export_file(ctx)).unwrap();
    let (before, bundle) = file.split_at(37);
    let mut bundle: samla_wire::http::Bundle = minicbor::decode(bundle).unwrap();
    bundle.loose.push(loose.bytes().to_vec().into());
    let file = [before, &samla_wire::to_cbor(&bundle)].concat();
    club.olle.with(|book, ctx| book.import_file(ctx, &file)).unwrap();
    let monas = mona.seal_changes(&[(SHARD, monas.raw_bytes().to_vec())]);
    assert!(matches!(mona.push(&club.server, &monas), Ack::Accepted(_)));
    assert!(matches!(club.mallory.push(&club.server, &loose), Ack::Accepted(_)));
    club.ends_alike();
    assert_eq!(club.olle.book.status().unwrap().quarantined, 0);
}

/// A phone that is killed while it takes a page in ends as one that is not.
#[test]
fn where_a_phone_is_killed_makes_no_difference() {
    for cut in 0..16 {
        let mut club = club(2);
        let changes = quarrel(&club.mallory);
        for which in [1, 0, 2] {
            club.push(&[(SHARD, &changes[which])]);
        }
        club.olle.book.begin_sync();
        while let Some(request) = club.olle.with(|book, ctx| book.next_request(ctx)).unwrap() {
            let (status, body) = club.server.answer(&request);
            if request.url.ends_with("/sync") {
                let _ = club.olle.killed_while(cut * 2_999, |book, ctx| book.on_response(ctx, status, &body));
                break;
            }
            club.olle.with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
        }
        club.ends_alike();
    }
}

/// A sequence number stays what it was, though the second change stood before the first.
#[test]
fn a_start_forgets_no_sequence() {
    let mut club = club(3);
    let [first, second, _] = quarrel(&club.mallory);
    club.push(&[(SHARD, &second)]);
    club.push(&[(SHARD, &first)]);
    club.olle.sync(&club.server).unwrap();
    club.olle.restart();
    let mut doc = club.mallory.doc(SHARD).clone();
    doc.apply_changes([first, second]).unwrap();
    let contacts = contacts(&doc);
    let third = club.mallory.change_on(doc, |tx| drop(tx.put_object(&contacts, id(4), ObjType::Map).unwrap()));
    club.push(&[(SHARD, &third)]);
    club.ends_alike();
    assert_eq!(club.olle.book.status().unwrap().rejected, 0);
}

/// An entry that waits for ever makes no start slow: a copy covers what came after it. One that waited and entered is
/// there after the next start.
#[test]
fn what_waits_is_left_behind_by_copies() {
    let mut club = club(8);
    let [first, second, _] = quarrel(&club.mallory);
    club.push(&[(SHARD, &second)]);
    for number in 0..4 {
        add(&mut club.eva, &format!("Anna {number}"));
    }
    club.eva.sync(&club.server).unwrap();
    club.olle.sync(&club.server).unwrap();
    club.olle.with(|book, ctx| book.tidy(ctx)).unwrap();
    club.olle.restart();
    assert_eq!(club.olle.book.status().unwrap().held, 1);
    assert_eq!(club.olle.book.edits_since_tidy(), 0);
    club.push(&[(SHARD, &first)]);
    club.olle.sync(&club.server).unwrap();
    assert_eq!(club.olle.book.status().unwrap().held, 0);
    club.olle.restart();
    assert_eq!(club.olle.book.edits_since_tidy(), 2);
    club.ends_alike();
}

/// What builds on a refused envelope, one after another, is counted as refused. It waits all the same: what it lacks may come once
/// more by itself.
#[test]
fn what_builds_on_a_refused_envelope_counts_with_it() {
    let mut club = club(9);
    let [first, second, _] = quarrel(&club.mallory);
    let mut doc = club.mallory.doc(SHARD).clone();
    doc.apply_changes([first.clone(), second.clone()]).unwrap();
    let contacts = contacts(&doc);
    let third = club.mallory.change_on(doc, |tx| drop(tx.put_object(&contacts, id(4), ObjType::Map).unwrap()));
    let broken = altered(&second, |change| change.message = Some("hello".into()));
    // Olle reads after each, Eva all at once.
    for changes in [vec![&first, &broken], vec![&second], vec![&third]] {
        let changes: Vec<_> = changes.into_iter().map(|change| (SHARD, change)).collect();
        club.push(&changes);
        club.olle.sync(&club.server).unwrap();
        club.olle.restart();
    }
    club.eva.sync(&club.server).unwrap();
    for phone in [&mut club.eva, &mut club.olle] {
        let status = phone.book.status().unwrap();
        assert_eq!((status.rejected, status.held), (3, 0));
    }
    club.push(&[(SHARD, &first)]);
    club.ends_alike();
    let status = club.olle.book.status().unwrap();
    assert_eq!((status.rejected, status.held), (1, 0));
}

/// What a phone has written and not yet sent is nothing that an entry of the log can build on.
#[test]
fn what_is_not_in_the_log_supports_nothing_there() {
    let mut club = club(4);
    let row = add(&mut club.olle, "Anna");
    let shard = u16::from(row.as_bytes()[15] & 15);
    club.olle.sync(&club.server).unwrap();
    let everything = samla_tests::insider::entries(&club.server, &club.eva.book.id());
    let payload = samla_wire::Envelope::parse(everything.last().unwrap().clone()).unwrap();
    let key = club.mallory.key.data_key(&club.mallory.book, 0);
    let payload = samla_core::seal::open_envelope(&payload, &key).unwrap();
    let mut doc = club.mallory.doc(shard).clone();
    for (_, change) in samla_core::seal::unpack_changes(&payload).unwrap() {
        doc.apply_changes([Change::try_from(change.as_slice()).unwrap()]).unwrap();
    }
    club.mallory.read(&everything);
    // Mallory guesses what Olle will write next, and names it.
    let object = doc.get(contacts(&doc), row.to_string()).unwrap().unwrap().1;
    let guess = doc.get_changes(&[]).iter().map(|change| change.max_op()).max().unwrap() + 1;
    let device = club.olle.book.status().unwrap().device_id;
    let device: samla_wire::DeviceId = device.parse().unwrap();
    let actor = ActorId::from(actor_of(&device.0, 1).as_slice());
    let before = club.mallory.change_on(doc.clone(), |tx| tx.put(&object, "title", "first").unwrap());
    doc.apply_changes([before.clone()]).unwrap();
    let honest = club.mallory.change_on(doc, |tx| tx.put(&object, "note", "mine").unwrap());
    let guessed = altered(&honest, |change| {
        for op in &mut change.operations {
            op.pred = vec![automerge::legacy::OpId::new(guess, &actor)].into();
        }
    });
    club.push(&[(shard, &before)]);
    club.push(&[(shard, &guessed)]);
    note(&mut club.olle, row, "Olle's");
    club.ends_alike();
}

/// A phone keeps a copy while an op of its own is on its way. The op is made again later, and what comes in meanwhile
/// takes its place in the store.
#[test]
fn a_copy_covers_only_what_is_in_it() {
    let mut club = club(5);
    // Eva opens a door while somebody else comes in.
    let link = club.eva.invites(&club.server, Role::Steward);
    add(&mut club.olle, "Anna");
    club.olle.sync(&club.server).unwrap();
    let mut mia = Phone::joins_in(scratch(), 599, "Mia", &link).unwrap();
    mia.sync(&club.server).unwrap();
    club.eva.with(|book, ctx| book.invite(ctx, Role::Steward, 7)).unwrap();
    club.eva.sync_with(|request| (!request.url.ends_with("/roster")).then(|| club.server.answer(request))).unwrap();
    club.eva.with(|book, ctx| book.tidy(ctx)).unwrap();
    club.eva.sync(&club.server).unwrap();
    club.eva.restart();
    assert_eq!(club.eva.book.register().rows(Table::Contacts).len(), 1);
    club.ends_alike();
}

/// A phone that cannot keep what it judged judges again, and an edit made meanwhile builds on nothing that is not kept.
#[test]
fn a_failing_disk_makes_no_difference() {
    for (standing, first) in [(1, true), (1, false), (7, true)] {
        let mut club = club(6);
        let (files, ()) = club.olle.files().with_database(|database| {
            // Fails until the next edit.
            let edits = "(SELECT max(seq) FROM sqlite_sequence WHERE name = 'outbox')";
            let so_far: i64 = database.query_row(&format!("SELECT {edits}"), [], |row| row.get(0)).unwrap();
            let sql = format!(
                "CREATE TRIGGER broken BEFORE UPDATE OF standing ON log
                 WHEN NEW.standing = {standing} AND {edits} = {so_far} BEGIN SELECT RAISE(ABORT, 'no'); END"
            );
            database.execute_batch(&sql).unwrap();
        });
        club.olle.put_back(&files);
        add(&mut club.eva, "Anna");
        club.eva.sync(&club.server).unwrap();
        let changes = quarrel(&club.mallory);
        for which in if first { [0, 1, 2] } else { [1, 0, 2] } {
            club.push(&[(SHARD, &changes[which])]);
        }
        assert!(club.olle.sync(&club.server).is_err());
        for number in 0..16 {
            add(&mut club.olle, &format!("Meanwhile {number}"));
        }
        club.ends_alike();
        assert_eq!(club.olle.book.status().unwrap().rejected, 1);
    }
}

/// A member who learns a row's name before it is in the log can put a row of that name in front of it. The honest entry is
/// refused by all; its author writes it again, and so all that stands behind it.
#[test]
fn what_was_refused_without_fault_is_written_again() {
    for killed in [None, Some(0), Some(3_001), Some(9_001), Some(20_011), Some(33_333), Some(u64::MAX / 2)] {
        let mut club = club(7);
        let old = add(&mut club.olle, "Old");
        club.olle.sync(&club.server).unwrap();
        club.eva.sync(&club.server).unwrap();
        let everything = samla_tests::insider::entries(&club.server, &club.eva.book.id());
        club.mallory.read(&everything);

        let row = add(&mut club.olle, "Anna");
        let shard = u16::from(row.as_bytes()[15] & 15);
        let contacts = contacts(club.mallory.doc(shard));
        let taken = club.mallory.change(shard, |tx| {
            let row = tx.put_object(&contacts, row.to_string(), ObjType::Map).unwrap();
            tx.put(&row, "note", "Mallory's").unwrap();
            tx.put(&row, "live", 1).unwrap();
        });
        club.push(&[(shard, &taken)]);

        // Sealed with it and behind it, and still waiting.
        let gone = add(&mut club.olle, "Gone");
        club.olle.with(|book, ctx| book.remove(ctx, Table::Contacts, gone)).unwrap();
        note(&mut club.olle, old, "first");
        club.olle.sync_with(|request| (!request.url.ends_with("/sync")).then(|| club.server.answer(request))).unwrap();
        note(&mut club.olle, row, "second");
        note(&mut club.olle, old, "second");
        club.olle.sync_with(|request| (!request.url.ends_with("/sync")).then(|| club.server.answer(request))).unwrap();
        note(&mut club.olle, row, "third");
        let elsewhere: Vec<RowId> = (0..16).map(|number| add(&mut club.olle, &format!("Waiting {number}"))).collect();

        if let Some(cut) = killed {
            club.olle.book.begin_sync();
            while let Some(request) = club.olle.with(|book, ctx| book.next_request(ctx)).unwrap() {
                let (status, body) = club.server.answer(&request);
                if request.url.ends_with("/sync") {
                    let _ = club.olle.killed_while(cut, |book, ctx| book.on_response(ctx, status, &body));
                    break;
                }
                club.olle.with(|book, ctx| book.on_response(ctx, status, &body)).unwrap();
            }
        }
        club.ends_alike();
        for phone in [&mut club.eva, &mut club.olle] {
            let text = |id: RowId, field: &str| {
                phone
                    .book
                    .register()
                    .row(Table::Contacts, id)
                    .and_then(|row| row.get(field))
                    .map(|value| value.to_string())
            };
            assert_eq!(text(row, "given_name").as_deref(), Some("Anna"));
            // Here both said something, and neither had seen the other's: somebody chooses.
            assert_eq!(text(row, "note").as_deref(), Some("Mallory's"));
            assert_eq!(text(old, "note").as_deref(), Some("second"));
            assert_eq!(text(old, "given_name").as_deref(), Some("Old"));
            for (number, id) in elsewhere.iter().enumerate() {
                assert_eq!(text(*id, "given_name"), Some(format!("Waiting {number}")));
            }
            assert!(phone.book.register().row(Table::Contacts, gone).is_none());
            phone.with(|book, ctx| book.restore(ctx, Table::Contacts, gone)).unwrap();
            let conflicts = phone.book.register().conflicts();
            assert_eq!(
                conflicts.iter().map(|view| (view.id, view.field.as_str())).collect::<Vec<_>>(),
                [(row, "note")]
            );
            let answers: Vec<&str> = conflicts[0].answers.iter().map(|answer| answer.shown.as_str()).collect();
            assert_eq!(answers, ["Mallory's", "third"]);
        }
        club.ends_alike();
    }
}

/// What stopped a phone twice may have been innocent, or its fault may be mended: a newer version tries it once more.
#[test]
fn a_newer_version_tries_again_what_stopped_an_older_one() {
    let mut club = club(9);
    let row = add(&mut club.eva, "Anna");
    club.eva.sync(&club.server).unwrap();
    club.olle.sync(&club.server).unwrap();
    for newer in [false, true] {
        let (files, ()) = club.olle.files().with_database(|database| {
            let last = "(SELECT max(n) FROM log)";
            database.execute(&format!("UPDATE log SET standing = 8 WHERE n = {last}"), []).unwrap();
            database.execute("DELETE FROM cache", []).unwrap();
            if newer {
                database.execute("DELETE FROM state WHERE name = 'version'", []).unwrap();
            }
        });
        club.olle.put_back(&files);
        assert_eq!(club.olle.book.status().unwrap().quarantined, u64::from(!newer));
        assert_eq!(club.olle.book.register().row(Table::Contacts, row).is_some(), newer);
    }
    club.ends_alike();
}
