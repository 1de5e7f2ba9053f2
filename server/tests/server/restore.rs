//! A server put back from a backup, and the phones that refill it.

use samla_wire::http::{Ack, Bundle};
use samla_wire::{BookId, Code, EntryId, Head, to_cbor};

use crate::device::{Device, Door};
use crate::invites::{let_in, open};
use crate::world::{Answer, TODAY, World, path};

/// The book as a phone holds it that has seen all of this server.
fn bundle(world: &World, book: &BookId) -> Bundle {
    let database = world.database();
    let rows = |sql: &str| -> Vec<Vec<u8>> {
        let mut rows = database.prepare(sql).unwrap();
        let rows = rows.query_map([book.as_bytes()], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let of = "JOIN book ON book.key = book WHERE book.id = ?1";
    let bytes = |rows: Vec<Vec<u8>>| rows.into_iter().map(Into::into).collect();
    let head = format!("SELECT h FROM entry {of} AND n IS NOT NULL ORDER BY n DESC LIMIT 1");
    let n = database.query_row(&format!("SELECT max(n) FROM entry {of}"), [book.as_bytes()], |row| row.get(0)).unwrap();
    Bundle {
        roster: bytes(rows(&format!(
            "SELECT envelope FROM entry {of} AND rseq <= (SELECT rseq FROM entry WHERE book = book.key AND n = max(op_n, 1))
             ORDER BY rseq"
        ))),
        base: bytes(rows(&format!("SELECT envelope FROM part {of} ORDER BY place"))),
        entries: bytes(rows(&format!("SELECT envelope FROM entry {of} AND n > max(op_n, 1) ORDER BY n"))),
        head: Head { n, h: samla_wire::LogHash(rows(&head)[0].as_slice().try_into().unwrap()) },
        loose: vec![],
        wrap: None,
    }
}

async fn refill(world: &World, token: &str, book: &BookId, bundle: &Bundle) -> Answer {
    world.post_cbor(&path(book, "restore"), Some(token), to_cbor(bundle)).await
}

#[tokio::test]
async fn entries_lost_within_an_epoch_come_back_to_the_same_log() {
    let world = World::new().await;
    let (mut founder, sheet) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    world.push(&token, founder.book, founder.seen, &[founder.data(200)]).await;
    let backup = world.backup();
    let (mut steward, steward_token) = let_in(&world, &mut founder, 3).await;
    world.push(&steward_token, steward.book, steward.seen, &[steward.data(300), steward.attest()]).await;
    let door = Door::new(50);
    open(&world, &mut founder, &door, TODAY).await;
    let whole = bundle(&world, &founder.book);

    let back = World::put_back(&backup).await;
    let token = back.sign_in(&founder.me, &founder.book).await;
    // A device that joined since is not known here, and the sheet does not refill.
    assert_eq!(back.try_sign_in(&steward.me, &founder.book).await.code(), Code::NotMember);
    let as_sheet = back.sign_in(&sheet, &founder.book).await;
    assert_eq!(refill(&back, &as_sheet, &founder.book, &whole).await.code(), Code::NotAllowed);
    let mut holed = whole.clone();
    holed.entries.remove(2);
    let mut forged = whole.clone();
    *forged.entries[3].last_mut().unwrap() ^= 1;
    let mut elsewhere = whole.clone();
    elsewhere.head.h.0[0] ^= 1;
    let (before, head) = back.roster(&founder.book).await;
    for bad in [&holed, &forged, &elsewhere] {
        let answer = refill(&back, &token, &founder.book, bad).await;
        assert_eq!(answer.code(), Code::ChainMismatch);
        let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(document["n"], head.n);
    }
    assert_eq!(back.roster(&founder.book).await, (before, head));

    let answer = refill(&back, &token, &founder.book, &whole).await;
    assert_eq!((answer.status, answer.cbor::<Head>()), (200, whole.head));
    assert_eq!(bundle(&back, &founder.book), whole);
    assert_eq!(back.roster(&founder.book).await, world.roster(&founder.book).await);
    // All go on as before; the invitation's wrap is lost, and it leads to the roster alone.
    let steward_token = back.sign_in(&steward.me, &founder.book).await;
    assert_eq!(
        back.push(&steward_token, steward.book, steward.seen, &[steward.clone().data(10 + 16)]).await.acks.len(),
        1
    );
    let as_invite = back.sign_in(&door.me, &founder.book).await;
    assert_eq!(back.bootstrap(&as_invite, &founder.book).await.wrap, None);
    let text = String::from_utf8(back.get("/metrics", None).await.body.to_vec()).unwrap();
    assert!(text.contains("samla_restores_total 1\n"), "{text}");

    // A phone that knows less than the server says nothing new, and one that knows as much does no harm.
    assert_eq!(refill(&back, &token, &founder.book, &whole).await.code(), Code::ChainMismatch);
    let now = bundle(&back, &founder.book);
    assert_eq!(refill(&back, &token, &founder.book, &now).await.cbor::<Head>(), now.head);
}

#[tokio::test]
async fn what_the_server_took_after_it_was_put_back_is_never_dropped() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, _) = let_in(&world, &mut founder, 3).await;
    let backup = world.backup();
    let token = world.sign_in(&founder.me, &founder.book).await;
    world.push(&token, founder.book, founder.seen, &[founder.data(200)]).await;
    let same = bundle(&world, &founder.book);
    world.begin(&mut founder, |_| {}).await;
    let later = bundle(&world, &founder.book);

    let back = World::put_back(&backup).await;
    let token = back.sign_in(&founder.me, &founder.book).await;
    let steward_token = back.sign_in(&steward.me, &founder.book).await;
    let acks = back.push(&steward_token, steward.book, steward.seen, &[steward.data(300)]).await.acks;
    assert!(matches!(acks[..], [Ack::Accepted(_)]));
    let held = bundle(&back, &founder.book);
    for other in [same, later] {
        assert_eq!(refill(&back, &token, &founder.book, &other).await.code(), Code::ChainMismatch);
    }
    assert_eq!(bundle(&back, &founder.book), held);
}

#[tokio::test]
async fn a_later_epoch_replaces_the_one_before_and_lost_authors_go_on_where_they_were() {
    let world = World::new().await;
    let (mut founder, sheet) = world.found(1).await;
    let (mut steward, steward_token) = let_in(&world, &mut founder, 3).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (mut other, other_token) = let_in(&world, &mut founder, 4).await;
    let backup = world.backup();

    // In the lost time: entries, an epoch, entries, another epoch with a sheet and a door more, entries.
    world.push(&steward_token, steward.book, steward.seen, &[steward.data(100), steward.data(100)]).await;
    world.push(&other_token, other.book, other.seen, &[other.data(100)]).await;
    world.begin(&mut founder, |_| {}).await;
    steward.moved(founder.seen);
    other.moved(founder.seen);
    world.push(&steward_token, steward.book, steward.seen, &[steward.data(100)]).await;
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let second = crate::device::key(40);
    let add = founder.add_sheet(&roster, &second);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &add).await.status, 201);
    world.begin(&mut founder, |_| {}).await;
    steward.moved(founder.seen);
    other.moved(founder.seen);
    world.push(&token, founder.book, founder.seen, &[founder.data(120)]).await;
    world.push(&other_token, other.book, other.seen, &[other.attest()]).await;
    let whole = bundle(&world, &founder.book);
    let exact = world.state.log.book(&founder.book, 0).await.unwrap().log.clone();

    let back = World::put_back(&backup).await;
    let token = back.sign_in(&founder.me, &founder.book).await;
    let mut wrong_base = whole.clone();
    wrong_base.base.swap(0, 1);
    assert_eq!(refill(&back, &token, &founder.book, &wrong_base).await.code(), Code::HashMismatch);
    let mut no_base = whole.clone();
    no_base.base.clear();
    assert_eq!(refill(&back, &token, &founder.book, &no_base).await.code(), Code::HashMismatch);
    let mut no_op = whole.clone();
    no_op.roster.pop();
    assert_eq!(refill(&back, &token, &founder.book, &no_op).await.code(), Code::ChainMismatch);
    assert_eq!(refill(&back, &token, &founder.book, &whole).await.cbor::<Head>(), whole.head);
    assert_eq!(bundle(&back, &founder.book), whole);

    let restored = back.state.log.book(&founder.book, 0).await.unwrap().log.clone();
    assert_eq!((&restored.roster, restored.head), (&exact.roster, exact.head));
    // The op's author and who has written since are known to the end; the steward and the sheets are not.
    let open_ended: Vec<_> = restored.open_ended.iter().copied().collect();
    let mut expected = vec![steward.id(), samla_wire::DeviceId(sheet.id), Device::new(40, founder.book, head).id()];
    expected.sort();
    assert_eq!(open_ended, expected);
    let start = back.bootstrap(&token, &founder.book).await;
    assert_eq!((start.wrap, start.base.len(), start.from), (None, 2, exact.roster.epoch_n));
    let part = path(&founder.book, &format!("base/{}", start.base[0]));
    assert_eq!(back.get(&part, Some(&token)).await.body, whole.base[0].as_slice());
    let second = crate::device::Principal::device(second);
    let found = back.get(&format!("/v1/recovery/{}", crate::world::hex(&second.id)), None).await;
    assert_eq!(found.status, 200);

    // The steward's next envelope is taken whatever its number; from there on its chain is exact again.
    let steward_token = back.sign_in(&steward.me, &founder.book).await;
    let next = [steward.data(100), steward.data(100)];
    let fork = Device { dprev: EntryId([1; 32]), ..steward.clone() }.data(50);
    let gap = Device { dseq: steward.dseq + 5, ..steward.clone() }.data(50);
    let n = whole.head.n;
    let rejected = |code: &str| Ack::Rejected(code.into());
    let acks = back
        .push(&steward_token, founder.book, founder.seen, &[next[0].clone(), next[1].clone(), fork, gap])
        .await
        .acks;
    assert_eq!(acks, [Ack::Accepted(n + 1), Ack::Accepted(n + 2), rejected("dprev"), rejected("gap")]);

    // The next epoch brings wraps for all.
    world.state.log.tidy().await.unwrap();
    back.begin(&mut founder, |_| {}).await;
    let start = back.bootstrap(&steward_token, &founder.book).await;
    assert_eq!(start.wrap, Some(crate::device::wrap(steward.id(), 103)));
}

#[tokio::test]
async fn a_roster_of_another_book_or_without_its_genesis_is_no_bundle() {
    let world = World::new().await;
    let (founder, _) = world.found(1).await;
    let (other, _) = world.found(2).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let foreign = bundle(&world, &other.book);
    assert_eq!(refill(&world, &token, &founder.book, &foreign).await.code(), Code::ChainMismatch);
    let mut empty = bundle(&world, &founder.book);
    empty.roster.clear();
    assert_eq!(refill(&world, &token, &founder.book, &empty).await.code(), Code::ChainMismatch);
    empty.roster.push(vec![1, 2, 3].into());
    assert_eq!(refill(&world, &token, &founder.book, &empty).await.code(), Code::EnvelopeMalformed);
}

/// A book comes to rules that nobody knows by this way as little as by an epoch op.
#[tokio::test]
async fn a_bundle_with_rules_that_the_server_does_not_know_is_refused() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let of_rules = |rules| {
        let next = founder.next_epoch(&roster, head, |op| op.rules = rules);
        let op = founder.clone().begin(&roster, &next).envelope;
        let mut later = bundle(&world, &founder.book);
        later.head = head.next(&EntryId::of_envelope(&op));
        later.roster.push(op);
        later.base = next.parts.iter().map(|part| part.bytes().to_vec().into()).collect();
        later
    };
    let (unknown, known) = (of_rules(2), of_rules(1));
    assert_eq!(refill(&world, &token, &founder.book, &unknown).await.code(), Code::RulesUnknown);
    assert_eq!(world.roster(&founder.book).await, (roster, head));
    assert_eq!(refill(&world, &token, &founder.book, &known).await.cbor::<Head>(), known.head);
}
