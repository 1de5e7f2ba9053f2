//! What the log promises, as tests over a real file: order, idempotence, paging, and that what was acknowledged is
//! there after any end.

use std::sync::Arc;

use samla_wire::http::{Ack, SyncResponse};
use samla_wire::{BookId, Code, DeviceId, Envelope, Head, LogHash, LogState, Past, limits};

use super::page::PAGE;
use super::{Book, Founded, Log, LogError, Settings};
use crate::clock::DAY;
use crate::metrics::Counts;

#[path = "../../tests/support/device.rs"]
mod device;
use device::{Device, Door, founding};

const NOW: u64 = 20_000 * DAY;
const WIDE: Settings =
    Settings { book_quota: u64::MAX / 4, daily_envelopes: 1 << 40, daily_bytes: 1 << 40, backup_days: None };

struct Place {
    dir: tempfile::TempDir,
    log: Log,
}

impl Place {
    fn new(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(dir.path(), settings, Arc::default()).unwrap();
        Self { dir, log }
    }

    /// Closes the file and opens it again: what was in memory is gone.
    fn reopened(self) -> Self {
        let Self { dir, log } = self;
        drop(log);
        let log = Log::open(dir.path(), WIDE, Arc::<Counts>::default()).unwrap();
        Self { dir, log }
    }

    async fn found(&self, number: u8) -> Device {
        let (founder, _, request) = founding(number);
        let genesis = Envelope::parse(request.genesis.into()).unwrap();
        let Founded { head, new } = self.log.found(genesis, request.wraps, NOW).await.unwrap();
        assert!(new);
        assert_eq!(head, founder.seen);
        founder
    }

    async fn book(&self, device: &Device) -> Arc<Book> {
        self.log.book(&device.book, NOW).await.unwrap()
    }

    async fn push(&self, book: BookId, items: &[Envelope]) -> Vec<Ack> {
        self.log.push(book, items.iter().cloned().map(Ok).collect(), NOW).await.unwrap()
    }

    async fn page(&self, device: &Device, caller: DeviceId, cursor: u64) -> SyncResponse {
        let book = self.book(device).await;
        let bytes = self.log.sync_response(&book, caller, cursor, Vec::new()).await.unwrap();
        let response: SyncResponse = minicbor::decode(&bytes).unwrap();
        assert_eq!(samla_wire::to_cbor(&response), bytes, "the page is in canonical form");
        response
    }
}

/// Somebody who wrote nothing: sees every envelope whole.
const STRANGER: DeviceId = DeviceId([0; 16]);

fn code(error: LogError) -> Code {
    match error {
        LogError::Refused { code, .. } => code,
        LogError::Fault(fault) => panic!("{fault}"),
    }
}

#[tokio::test]
async fn entries_come_back_in_order_and_to_the_byte() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let sent: Vec<Envelope> = (0..5).map(|n| founder.data(500 + n)).collect();
    let acks = place.push(founder.book, &sent).await;
    assert_eq!(acks, (2..7).map(Ack::Accepted).collect::<Vec<_>>());

    let page = place.page(&founder, STRANGER, 1).await;
    assert_eq!(
        page.entries.iter().map(|e| e.as_slice()).collect::<Vec<_>>(),
        sent.iter().map(Envelope::bytes).collect::<Vec<_>>()
    );
    assert_eq!(page.head, sent.iter().fold(founder.seen, |head, e| head.next(&e.id())));
    assert!(!page.more);

    let own = place.page(&founder, founder.id(), 1).await;
    assert_eq!(
        own.entries.iter().map(|e| e.as_slice()).collect::<Vec<_>>(),
        sent.iter().map(|e| e.id().0.to_vec()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn the_same_bytes_again_change_nothing() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let sent = [founder.data(500), founder.data(500)];
    place.push(founder.book, &sent).await;
    let before = place.book(&founder).await.log.clone();
    assert_eq!(place.push(founder.book, &sent).await, [Ack::Duplicate(2), Ack::Duplicate(3)]);
    assert_eq!(place.book(&founder).await.log, before);

    let (_, _, request) = founding(1);
    let genesis = Envelope::parse(request.genesis.into()).unwrap();
    let again = place.log.found(genesis, request.wraps, NOW).await.unwrap();
    assert!(!again.new);
    assert_eq!(again.head, founder.seen);
}

#[tokio::test]
async fn each_item_of_a_push_is_judged_in_its_turn() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let good = founder.data(500);
    let mut fork = founder.clone();
    let next = founder.data(500);
    let other_next = fork.data(600);
    let mut foreign = Device::new(77, founder.book, founder.seen);
    let stranger = foreign.data(500);
    founder.data(500);
    let far = founder.data(500);
    let items = vec![
        Ok(good),
        Err(Code::EnvelopeMalformed),
        Ok(next),
        Ok(other_next),
        Ok(stranger),
        Ok(far),
        Ok(founder.base(500)),
    ];
    let acks = place.log.push(founder.book, items, NOW).await.unwrap();
    let rejected = |code: Code| Ack::Rejected(code.as_str().into());
    assert_eq!(
        acks,
        [
            Ack::Accepted(2),
            rejected(Code::EnvelopeMalformed),
            Ack::Accepted(3),
            rejected(Code::DeviceFork),
            rejected(Code::NotMember),
            rejected(Code::Gap),
            rejected(Code::WrongKind),
        ]
    );
}

#[tokio::test]
async fn a_roster_op_has_no_place_in_a_push() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let roster = place.book(&founder).await.log.roster.clone();
    let request = founder.open(&roster, &Door::new(50), 20_001);
    let op = Envelope::parse(request.envelope.into()).unwrap();
    assert_eq!(place.push(founder.book, &[op]).await, [Ack::Rejected("wrong_kind".into())]);
}

#[tokio::test]
async fn an_author_must_have_seen_this_log() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    founder.seen = Head { n: 1, h: LogHash([3; 32]) };
    let split = founder.clone().data(500);
    founder.seen.n = 2;
    let ahead = founder.data(500);
    for envelope in [split, ahead] {
        assert_eq!(place.push(founder.book, &[envelope]).await, [Ack::Rejected("fork".into())]);
    }
}

#[tokio::test]
async fn pages_hold_at_most_so_many_entries_and_bytes() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let many: Vec<Envelope> = (0..limits::PAGE_ENTRIES + 3).map(|_| founder.data(16)).collect();
    for part in many.chunks(limits::PUSH) {
        place.push(founder.book, part).await;
    }
    let page = place.page(&founder, STRANGER, 0).await;
    assert_eq!((page.entries.len(), page.more), (limits::PAGE_ENTRIES, true));
    let rest = place.page(&founder, STRANGER, limits::PAGE_ENTRIES as u64).await;
    assert_eq!((rest.entries.len(), rest.more), (4, false));

    let large: Vec<Envelope> = (0..20).map(|_| founder.data(250 * 1024)).collect();
    let cursor = rest.head.n;
    for part in large.chunks(7) {
        place.push(founder.book, part).await;
    }
    let page = place.page(&founder, STRANGER, cursor).await;
    let bytes: usize = page.entries.iter().map(|e| e.len()).sum();
    assert!(page.more && bytes <= PAGE && bytes + 251 * 1024 > PAGE);
    let mut at = cursor;
    let mut got = 0;
    loop {
        let page = place.page(&founder, STRANGER, at).await;
        at += page.entries.len() as u64;
        got += page.entries.len();
        if !page.more {
            break;
        }
    }
    assert_eq!(got, large.len());
}

#[tokio::test]
async fn a_cursor_past_the_end_or_of_another_log_is_told_apart() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let known = founder.seen;
    place.push(founder.book, &[founder.clone().data(500)]).await;
    founder.data(500);
    let book = place.book(&founder).await;
    let check = |n, h| place.log.check_cursor(founder.book, &book, n, h);
    check(known.n, known.h).await.unwrap();
    check(0, Head::start(&founder.book).h).await.unwrap();
    for (n, h) in [(1, LogHash([0; 32])), (3, known.h), (u64::MAX, known.h)] {
        let error = check(n, h).await.unwrap_err();
        assert!(
            matches!(error, LogError::Refused { code: Code::ChainMismatch, head: Some(head) } if head == book.log.head)
        );
    }
}

#[tokio::test]
async fn the_state_in_memory_is_the_state_of_the_rows() {
    let mut place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let door = Door::new(50);
    let roster = place.book(&founder).await.log.roster.clone();
    let request = founder.open(&roster, &door, 20_001);
    let open = Envelope::parse(request.envelope.into()).unwrap();
    place.log.add_roster(founder.book, open, request.wrap, NOW).await.unwrap();
    let book = place.book(&founder).await;
    let mut joiner = Device::new(3, founder.book, book.log.head);
    let request = joiner.join(&book.log.roster, &door);
    let join = Envelope::parse(request.envelope.into()).unwrap();
    assert_eq!(place.log.add_roster(founder.book, join, None, NOW).await.unwrap().n, 3);
    place.push(founder.book, &[founder.data(500), joiner.data(700), founder.attest(), joiner.data(90)]).await;
    let before: LogState = place.book(&founder).await.log.clone();
    assert_eq!(before.head.n, 7);
    place = place.reopened();
    assert_eq!(place.book(&founder).await.log, before);
    assert_eq!(place.push(founder.book, &[joiner.data(100)]).await, [Ack::Accepted(8)]);
}

/// Begins the next epoch as this organiser, who goes on in it.
async fn begin(place: &Place, organiser: &mut Device) -> samla_wire::http::Receipt {
    place.log.receipt_key([9; 32]).await.unwrap();
    let book = place.book(organiser).await;
    let next = organiser.next_epoch(&book.log.roster, book.log.head, |_| {});
    for part in &next.parts {
        assert!(place.log.stage(organiser.book, part.clone(), NOW).await.unwrap());
    }
    organiser.seen = book.log.head;
    let request = organiser.begin(&book.log.roster, &next);
    let op = Envelope::parse(request.envelope.into()).unwrap();
    let begun = place.log.begin_epoch(organiser.book, op, request.wraps, NOW).await.unwrap();
    organiser.moved(place.book(organiser).await.log.head);
    assert!(begun.new && begun.n == organiser.seen.n);
    begun.receipt
}

#[tokio::test]
async fn after_an_epoch_too_the_state_in_memory_is_that_of_the_rows() {
    let mut place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    place.push(founder.book, &[founder.data(500), founder.data(600)]).await;
    let receipt = begin(&place, &mut founder).await;
    assert_eq!((receipt.deletion.count, receipt.deletion.seal_n), (2, 3));
    let before = place.book(&founder).await.log.clone();
    place = place.reopened();
    assert_eq!(place.book(&founder).await.log, before);
    assert_eq!(place.push(founder.book, &[founder.data(100)]).await, [Ack::Accepted(5)]);
    let again = begin(&place, &mut founder).await;
    assert_eq!((again.deletion.count, again.key), (1, receipt.key));

    // What it holds is counted anew: two ops, a genesis, and the base.
    let counted = place.log.writer.run(|write| {
        let bytes = "SELECT bytes, (SELECT sum(length(envelope)) FROM entry) + (SELECT sum(length(envelope)) FROM part)
                     FROM book";
        Ok(write.conn.query_row(bytes, [], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?)))?)
    });
    let (counted, there) = counted.await.unwrap();
    assert_eq!(counted, there);
}

#[tokio::test]
async fn a_page_that_was_asked_for_before_an_epoch_is_not_one_with_holes() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    place.push(founder.book, &[founder.data(500)]).await;
    let old = place.book(&founder).await;
    begin(&place, &mut founder).await;
    // The request was let in while the book was in the epoch before.
    let page = place.log.sync_response(&old, STRANGER, 1, Vec::new()).await.unwrap_err();
    assert_eq!(code(page), Code::StaleEpoch);
    let cursor = place.log.check_cursor(founder.book, &old, 1, old.log.head.h).await.unwrap_err();
    assert_eq!(code(cursor), Code::StaleEpoch);
    let start = place.log.bootstrap(&old, vec![founder.id()]).await.unwrap();
    assert_eq!((start.from, start.base.len(), start.roster.len()), (3, 2, 2));
}

#[tokio::test]
async fn a_refilled_book_is_folded_from_its_rows_with_what_is_not_known() {
    let source = Place::new(WIDE);
    let mut founder = source.found(1).await;
    let mut place = Place::new(WIDE);
    place.found(1).await;
    place.log.receipt_key([9; 32]).await.unwrap();
    source.push(founder.book, &[founder.data(500)]).await;
    begin(&source, &mut founder).await;
    begin(&source, &mut founder).await;
    source.push(founder.book, &[founder.data(500)]).await;
    let page = source.page(&founder, STRANGER, founder.seen.n - 1).await;
    let start = source.log.bootstrap(&*source.book(&founder).await, vec![founder.id()]).await.unwrap();
    let parse = |bytes: &[u8]| Envelope::parse(bytes.to_vec()).unwrap();
    let mut base = Vec::new();
    for id in &start.base {
        base.push(parse(&source.log.part(&*source.book(&founder).await, *id, NOW).await.unwrap()));
    }
    let refill = super::Refill {
        roster: start.roster.iter().map(|bytes| parse(bytes)).collect(),
        base,
        entries: page.entries[1..].iter().map(|bytes| parse(bytes)).collect(),
        head: start.head,
    };
    assert_eq!(place.log.restore(founder.book, refill.clone(), NOW).await.unwrap(), start.head);
    let restored = place.book(&founder).await.log.clone();
    // Of the sheet alone it is not known what it wrote.
    assert_eq!((restored.open_ended.len(), restored.head), (1, start.head));
    place = place.reopened();
    assert_eq!(place.book(&founder).await.log, restored);
    assert_eq!(place.log.restore(founder.book, refill, NOW).await.unwrap(), start.head);
    // The op is there already, and its receipt says what was deleted here.
    let op = parse(&start.roster[2]);
    let begun = place.log.begin_epoch(founder.book, op, vec![], NOW).await.unwrap();
    assert_eq!((begun.new, begun.receipt.deletion.count, begun.receipt.deletion.epoch), (false, 0, 2));
    let older = parse(&start.roster[1]);
    assert_eq!(code(place.log.begin_epoch(founder.book, older, vec![], NOW).await.unwrap_err()), Code::StaleEpoch);
}

#[tokio::test]
async fn many_at_once_share_commits_and_none_is_lost() {
    let place = Arc::new(Place::new(WIDE));
    let mut devices = Vec::new();
    for number in 1..=20 {
        devices.push(place.found(number).await);
    }
    let before = place.log.shared.counts.commits.get();
    let pushes = devices.iter().cloned().map(|mut device| {
        let place = place.clone();
        tokio::spawn(async move {
            for n in 0..10 {
                assert_eq!(place.push(device.book, &[device.data(600)]).await, [Ack::Accepted(n + 2)]);
            }
        })
    });
    for push in pushes.collect::<Vec<_>>() {
        push.await.unwrap();
    }
    assert!(place.log.shared.counts.commits.get() - before < 200, "pushes that wait together are synced together");
    for device in &devices {
        assert_eq!(place.page(device, STRANGER, 0).await.entries.len(), 11);
    }
}

#[tokio::test]
async fn a_limit_takes_the_whole_push_back() {
    let place = Place::new(Settings { daily_envelopes: 4, ..WIDE });
    let mut founder = place.found(1).await;
    assert_eq!(place.push(founder.book, &[founder.data(100), founder.data(100)]).await.len(), 2);
    let before = place.book(&founder).await.log.clone();
    let two: Vec<_> = [founder.data(100), founder.data(100)].map(Ok).to_vec();
    let refused = place.log.push(founder.book, two.clone(), NOW).await.unwrap_err();
    assert_eq!(code(refused), Code::DailyLimit);
    assert_eq!(place.book(&founder).await.log, before);
    assert_eq!(place.page(&founder, STRANGER, 0).await.head, before.head);
    let next_day = place.log.push(founder.book, two, NOW + DAY).await.unwrap();
    assert_eq!(next_day, [Ack::Accepted(4), Ack::Accepted(5)]);

    let place = Place::new(Settings { book_quota: 3000, ..WIDE });
    let mut founder = place.found(1).await;
    let big = vec![Ok(founder.data(4000))];
    assert_eq!(code(place.log.push(founder.book, big, NOW).await.unwrap_err()), Code::Quota);
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    place.push(founder.book, &[founder.data(500)]).await;
    let limit = |pages: u64| {
        place
            .log
            .writer
            .run(move |write| Ok(write.conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?))
    };
    limit(1).await.unwrap();
    let before = place.book(&founder).await.log.clone();
    let large = founder.data(200 * 1024);
    let refused = place.log.push(founder.book, vec![Ok(large.clone())], NOW).await.unwrap_err();
    assert!(matches!(refused, LogError::Fault(fault) if fault.passes()));
    assert_eq!(place.book(&founder).await.log, before);
    limit(1 << 30).await.unwrap();
    assert_eq!(place.push(founder.book, &[large]).await, [Ack::Accepted(3)]);
}

#[tokio::test]
async fn a_panic_in_one_job_takes_nothing_of_the_others() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let panics = place.log.writer.run(|write| -> Result<(), LogError> {
        write.conn.execute("DELETE FROM entry", []).unwrap();
        panic!("a bug, made for this test")
    });
    let push = place.push(founder.book, std::slice::from_ref(&founder.clone().data(500))).await;
    assert!(matches!(panics.await, Err(LogError::Fault(super::Fault::Panicked))));
    assert_eq!(push, [Ack::Accepted(2)]);
    founder.data(500);
    assert_eq!(place.page(&founder, STRANGER, 0).await.entries.len(), 2);
}

#[tokio::test]
async fn the_rules_see_the_rows_of_the_same_push() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let first = founder.data(500);
    founder.seen = founder.seen.next(&first.id());
    let second = founder.data(500);
    assert_eq!(place.push(founder.book, &[first.clone(), second]).await, [Ack::Accepted(2), Ack::Accepted(3)]);
    let key = place.book(&founder).await.key;
    let id = founder.book;
    place
        .log
        .readers
        .read(move |conn| {
            let rows = super::book::Rows { conn, key, id: &id };
            assert_eq!(rows.entry_at(&first.header().device, 2)?, Some(first.id()));
            assert_eq!(rows.entry_at(&first.header().device, u64::MAX)?, None);
            assert_eq!(rows.hash_at(0)?, Some(Head::start(&id).h));
            assert_eq!(rows.hash_at(u64::MAX)?, None);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn books_beyond_the_cache_are_folded_from_their_rows() {
    let place = Place::new(WIDE);
    let mut devices = Vec::new();
    for number in 1..=100 {
        devices.push(place.found(number).await);
    }
    for device in &mut devices {
        assert_eq!(place.push(device.book, &[device.data(100)]).await, [Ack::Accepted(2)]);
    }
}

#[tokio::test]
async fn a_closed_book_takes_nothing_and_goes_after_seven_days() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let stays = place.found(2).await;
    place.log.close(founder.book, NOW).await.unwrap();
    let refused = place.log.push(founder.book, vec![Ok(founder.data(100))], NOW).await.unwrap_err();
    assert_eq!(code(refused), Code::Gone);
    assert_eq!(place.page(&founder, STRANGER, 0).await.entries.len(), 1);

    // Closing again does not put the end off.
    place.log.close(founder.book, NOW + 3 * DAY).await.unwrap();
    assert!(place.log.book(&founder.book, NOW + 7 * DAY - 1).await.is_ok());
    assert_eq!(code(place.log.book(&founder.book, NOW + 7 * DAY).await.unwrap_err()), Code::Gone);
    assert_eq!(place.log.sweep(NOW + 7 * DAY - 1).await.unwrap(), 0);
    assert_eq!(place.log.sweep(NOW + 7 * DAY).await.unwrap(), 1);
    assert_eq!(code(place.log.book(&founder.book, NOW).await.unwrap_err()), Code::Gone);
    let (_, _, request) = founding(1);
    let genesis = Envelope::parse(request.genesis.clone().into()).unwrap();
    assert_eq!(code(place.log.found(genesis, request.wraps, NOW).await.unwrap_err()), Code::Gone);

    assert!(place.log.book(&stays.book, NOW).await.is_ok());
    let Place { dir, log } = place;
    drop(log);
    let kept = std::fs::read(dir.path().join("samla.db")).unwrap();
    let found = |bytes: &[u8]| kept.windows(bytes.len()).any(|window| window == bytes);
    assert!(!found(&request.genesis), "a deleted book's envelopes are overwritten in the file");
    let (_, _, other) = founding(2);
    assert!(found(&other.genesis));
}

#[tokio::test]
async fn news_come_after_the_commit() {
    let place = Place::new(WIDE);
    let mut founder = place.found(1).await;
    let mut news = place.log.watch(&founder.book, &*place.book(&founder).await);
    assert_eq!(*news.borrow_and_update(), 1);
    place.push(founder.book, &[founder.data(100), founder.data(100)]).await;
    assert_eq!(*news.borrow_and_update(), 3);
    place.push(founder.book, &[founder.clone().data(100)]).await;
    drop(news);
    assert_eq!(place.log.shared.heads.lock().unwrap().len(), 1);
    founder.data(100);
    place.push(founder.book, &[founder.data(100)]).await;
    assert_eq!(place.log.shared.heads.lock().unwrap().len(), 0, "a book that nobody watches is forgotten");
}
