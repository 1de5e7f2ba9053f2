//! An epoch begins: what comes, what goes, and what is refused.

use samla_wire::http::{Ack, EpochRequest, EpochResponse, ServerView, SyncResponse, deletion_root, wraps_hash};
use samla_wire::roster::{BasePart, Reason};
use samla_wire::{Code, EntryId, Envelope, Head, Kind};

use crate::device::{Device, Door, wrap};
use crate::invites::{join, let_in, open};
use crate::world::{DAY, TODAY, World, path};

#[tokio::test]
async fn an_epoch_takes_the_place_of_all_that_was_sealed_before() {
    let world = World::with(|config| config.retention_days = Some(30)).await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, steward_token) = let_in(&world, &mut founder, 3).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let sent = [founder.data(300), founder.data(400), steward.data(350), steward.attest()];
    world.sync(&token, &founder, &sent).await;
    let (_, seal) = world.roster(&founder.book).await;
    let mut news = world.state.log.watch(&founder.book, &world.state.log.book(&founder.book, 0).await.unwrap());
    news.borrow_and_update();

    let begun = world.begin(&mut founder, |_| {}).await;
    assert_eq!(begun.n, seal.n + 1);
    assert_eq!(*news.borrow_and_update(), begun.n);
    let server: ServerView = world.get("/v1/server", None).await.json();
    let deletion = &begun.receipt.deletion;
    assert!(begun.receipt.verify());
    assert_eq!(server.receipt_key.unwrap(), begun.receipt.key.to_string());
    assert_eq!((deletion.book, deletion.epoch, deletion.seal_n), (founder.book, 1, seal.n));
    assert_eq!((deletion.count, deletion.backup_days), (4, Some(30)));
    assert_eq!(deletion.root, deletion_root(&sent.each_ref().map(Envelope::id)));
    assert_eq!(deletion.at, world.state.clock.now());

    // What comes after the seal begins with the op; what came before is gone, and a fork there is still seen.
    let page: SyncResponse = world.sync_from(&steward_token, founder.book, seal, &[]).await.cbor();
    assert_eq!((page.entries.len(), page.head), (1, founder.seen));
    assert_eq!(Envelope::parse(page.entries[0].to_vec()).unwrap().id(), founder.dprev);
    let fork = Head { h: samla_wire::LogHash([1; 32]), ..seal };
    assert_eq!(world.sync_from(&token, founder.book, fork, &[]).await.code(), Code::ChainMismatch);
    for n in 0..seal.n {
        let before = Head { n, ..seal };
        assert_eq!(world.sync_from(&steward_token, founder.book, before, &[]).await.code(), Code::StaleEpoch);
    }
    // An envelope of the epoch before comes too late; the authors' chains go on where they were.
    let late = steward.clone().data(100);
    assert_eq!(
        world.push(&steward_token, founder.book, founder.seen, &[late]).await.acks,
        [Ack::Rejected("stale_epoch".into())]
    );
    steward.moved(founder.seen);
    let mut behind = Device { dseq: 1, ..steward.clone() };
    let acks = world
        .push(&token, founder.book, founder.seen, &[behind.data(90), steward.data(80), founder.data(70)])
        .await
        .acks;
    assert_eq!(acks, [Ack::Rejected("device_fork".into()), Ack::Accepted(begun.n + 1), Ack::Accepted(begun.n + 2)]);

    let start = world.bootstrap(&steward_token, &founder.book).await;
    assert_eq!((start.from, start.head.n, start.base.len()), (begun.n, begun.n + 2, 2));
    assert_eq!(start.wrap, Some(wrap(steward.id(), 101)));
    assert_eq!(start.roster.len(), 4, "the roster stays for ever");
    let text = String::from_utf8(world.get("/metrics", None).await.body.to_vec()).unwrap();
    assert!(text.contains("samla_epochs_total 1\n") && text.contains("samla_receipts_total 1\n"), "{text}");
}

#[tokio::test]
async fn the_same_bytes_again_get_the_same_receipt() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, head) = world.roster(&founder.book).await;
    let next = founder.next_epoch(&roster, head, |_| {});
    let request = founder.begin(&roster, &next);
    let first = world.send_epoch(&token, &founder.book, &next.parts, &request).await;
    assert_eq!(first.status, 201);
    founder.moved(world.roster(&founder.book).await.1);
    world.push(&token, founder.book, founder.seen, &[founder.data(100)]).await;
    world.begin(&mut founder, |_| {}).await;
    world.pass(60);
    let again = world.send_epoch(&token, &founder.book, &[], &request).await;
    assert_eq!((again.status, again.body), (200, first.body));
}

/// The organiser's phone can tell from the code what to do next: pull and try again, stage again, or stop.
#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, steward_token) = let_in(&world, &mut founder, 3).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    world.push(&token, founder.book, founder.seen, &[founder.data(100)]).await;
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let good = founder.next_epoch(&roster, head, |_| {});
    for part in &good.parts {
        world.stage(&token, &founder.book, part).await;
    }
    let ask = async |token: &str, request: &EpochRequest| {
        world.post_cbor(&path(&roster.book, "epoch"), Some(token), samla_wire::to_cbor(request)).await
    };
    let whole = founder.clone().begin(&roster, &good);
    let with = |wraps| EpochRequest { wraps, ..whole.clone() };

    let mut doubled = good.wraps.clone();
    doubled.push(good.wraps[0].clone());
    let mut stranger = good.wraps.clone();
    stranger.push(wrap(samla_wire::DeviceId([9; 16]), 1));
    let mut large = good.wraps.clone();
    large[0].sealed = vec![1; 4096].into();
    let mut other = good.wraps.clone();
    other[0].sealed = vec![1; 80].into();
    for (wraps, code) in [
        (good.wraps[1..].to_vec(), Code::WrapsIncomplete),
        (doubled, Code::WrapsIncomplete),
        (stranger, Code::WrapsIncomplete),
        (large, Code::TooLarge),
        (other, Code::HashMismatch),
    ] {
        assert_eq!(ask(&token, &with(wraps)).await.code(), code);
    }

    type Change = fn(&mut samla_wire::roster::Epoch);
    let changes: [(Change, Code); 11] = [
        (|op| op.base[0].len += 1, Code::BaseMissing),
        (|op| op.base.push(BasePart { id: EntryId([7; 32]), len: 9 }), Code::BaseMissing),
        (|op| op.seal_h.0[0] ^= 1, Code::Head),
        (|op| op.epoch = 2, Code::RosterOp),
        (|op| op.suite = 2, Code::RulesUnknown),
        (|op| op.rules = 0, Code::RulesUnknown),
        (|op| op.rules = 2, Code::RulesUnknown),
        (|op| op.shards = 8, Code::RulesUnknown),
        (
            |op| {
                op.shards = 32;
                op.base_heads.resize(32, EntryId([8; 32]));
            },
            Code::RulesUnknown,
        ),
        (|op| op.removed = vec![samla_wire::DeviceId([9; 16])], Code::RosterOp),
        (|op| op.base.clear(), Code::RosterOp),
    ];
    for (change, code) in changes {
        // The digest and wraps are made for the op as it would be otherwise.
        let mut next = founder.next_epoch(&roster, head, change);
        if next.op.wraps_hash != wraps_hash(&good.wraps) {
            next.wraps = good.wraps.clone();
        }
        let request = founder.clone().begin(&roster, &next);
        assert_eq!(ask(&token, &request).await.code(), code, "{:?}", next.op);
    }
    let mut digest = good.clone();
    digest.op.members_digest.0[0] ^= 1;
    assert_eq!(ask(&token, &founder.clone().begin(&roster, &digest)).await.code(), Code::RosterOp);

    // Who may not; what is no epoch op; one that takes the way of other ops.
    assert_eq!(ask(&steward_token, &whole).await.code(), Code::NotAllowed);
    let by_steward = steward.begin(&roster, &good);
    assert_eq!(ask(&token, &by_steward).await.code(), Code::NotAllowed);
    let data = EpochRequest { envelope: founder.clone().data(50).into_bytes().into(), wraps: vec![] };
    assert_eq!(ask(&token, &data).await.code(), Code::WrongKind);
    let leave = EpochRequest { envelope: founder.clone().leave(&roster).envelope, wraps: vec![] };
    assert_eq!(ask(&token, &leave).await.code(), Code::WrongKind);
    let astray = samla_wire::http::RosterRequest { envelope: whole.envelope.clone(), wrap: None };
    assert_eq!(world.roster_op(Some(&token), &founder.book, &astray).await.code(), Code::WrongKind);

    assert_eq!(world.roster(&founder.book).await, (roster.clone(), head));
    assert_eq!(ask(&token, &whole).await.status, 201);
}

#[tokio::test]
async fn of_two_organisers_one_is_first() {
    let world = World::new().await;
    let (mut founder, sheet) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let sheet_token = world.sign_in(&sheet, &founder.book).await;
    let (roster, head) = world.roster(&founder.book).await;
    let mut sheet = Device { me: sheet, ..Device::new(0, founder.book, head) };
    let (a, b) = (founder.next_epoch(&roster, head, |_| {}), sheet.next_epoch(&roster, head, |_| {}));
    let (request_a, request_b) = (founder.begin(&roster, &a), sheet.begin(&roster, &b));
    for part in &b.parts {
        assert_eq!(world.stage(&sheet_token, &founder.book, part).await.status, 201);
    }
    assert_eq!(world.send_epoch(&token, &founder.book, &a.parts, &request_a).await.status, 201);
    let second = world.send_epoch(&sheet_token, &founder.book, &[], &request_b).await;
    assert_eq!(second.code(), Code::StaleEpoch);
    // What the second had staged is gone; it begins anew.
    let staged: u64 = world.database().query_row("SELECT count(*) FROM staged", [], |row| row.get(0)).unwrap();
    assert_eq!(staged, 0);
    let mut sheet = Device { epoch: 1, dseq: 0, dprev: EntryId::ZERO, ..sheet };
    let begun = world.begin(&mut sheet, |_| {}).await;
    assert_eq!((begun.receipt.deletion.epoch, begun.receipt.deletion.count), (2, 0));
}

#[tokio::test]
async fn an_entry_that_comes_first_sends_the_op_back() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, steward_token) = let_in(&world, &mut founder, 3).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let next = founder.next_epoch(&roster, head, |_| {});
    world.sync(&steward_token, &steward.clone(), &[steward.data(100)]).await;
    let late = founder.clone().begin(&roster, &next);
    let answer = world.send_epoch(&token, &founder.book, &next.parts, &late).await;
    assert_eq!(answer.code(), Code::Head);
    let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(document["n"], head.n + 1);
    assert_eq!(world.begin(&mut founder, |_| {}).await.n, head.n + 2);
}

#[tokio::test]
async fn the_base_is_for_all_who_can_open_it_while_it_is_the_base() {
    let world = World::new().await;
    let (mut founder, sheet) = world.found(1).await;
    let (auto, confirm) = (Door::new(50), Door::new(51));
    open(&world, &mut founder, &auto, TODAY).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let request = founder.open_to_confirm(&roster, &confirm, TODAY);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &request).await.status, 201);
    let kept = vec![samla_wire::InviteId(auto.me.id), samla_wire::InviteId(confirm.me.id)];
    world.begin(&mut founder, |op| op.kept_invites.clone_from(&kept)).await;

    let start = world.bootstrap(&token, &founder.book).await;
    let book = founder.book;
    let part = |id: &EntryId| path(&book, &format!("base/{id}"));
    for who in [&founder.me, &sheet, &auto.me] {
        let token = world.sign_in(who, &founder.book).await;
        for id in &start.base {
            let bytes = world.get(&part(id), Some(&token)).await.body;
            let envelope = Envelope::parse(bytes.to_vec()).unwrap();
            assert_eq!((envelope.id(), envelope.header().kind), (*id, Kind::Base));
        }
    }
    let as_confirm = world.sign_in(&confirm.me, &founder.book).await;
    assert_eq!(world.get(&part(&start.base[0]), Some(&as_confirm)).await.code(), Code::NotAllowed);

    // The kept invitation has its new wrap, and leads in.
    let as_auto = world.sign_in(&auto.me, &founder.book).await;
    let seen = world.bootstrap(&as_auto, &founder.book).await;
    assert_eq!(seen.wrap, Some(wrap(samla_wire::DeviceId(auto.me.id), 101)));
    let (mut joiner, answer) = join_in(&world, 3, &founder, &auto, 1).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let joined = world.sign_in(&joiner.me, &joiner.book).await;
    assert_eq!(world.bootstrap(&joined, &founder.book).await.wrap, seen.wrap);
    assert_eq!(world.push(&joined, joiner.book, joiner.seen, &[joiner.clone().data(99)]).await.acks.len(), 1);
    joiner.data(99);

    // The next epoch keeps no door, and the base before is gone.
    let (_, head) = world.roster(&founder.book).await;
    founder.seen = head;
    world.begin(&mut founder, |_| {}).await;
    assert_eq!(world.get(&part(&start.base[0]), Some(&token)).await.code(), Code::Gone);
    assert_eq!(world.get(&part(&EntryId([9; 32])), Some(&token)).await.code(), Code::NotFound);
    assert_eq!(world.try_sign_in(&confirm.me, &founder.book).await.code(), Code::InviteUsed);
    assert_eq!(world.bootstrap(&joined, &founder.book).await.wrap, Some(wrap(joiner.id(), 102)));
}

async fn join_in(world: &World, number: u8, near: &Device, door: &Door, epoch: u32) -> (Device, crate::world::Answer) {
    let (roster, head) = world.roster(&near.book).await;
    let mut joiner = Device { epoch, ..Device::new(number, near.book, head) };
    let request = joiner.join(&roster, door);
    let answer = world.roster_op(None, &near.book, &request).await;
    (joiner, answer)
}

#[tokio::test]
async fn who_is_put_out_sees_the_op_that_says_so_and_nothing_else() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, token) = let_in(&world, &mut founder, 3).await;
    let out = steward.id();
    let (_, head) = world.roster(&founder.book).await;
    world.begin(&mut founder, |op| (op.removed, op.reason) = (vec![out], Reason::Remove)).await;
    for token in [token, world.sign_in(&steward.me, &founder.book).await] {
        assert_eq!(world.sync_from(&token, founder.book, head, &[]).await.code(), Code::Removed);
        assert_eq!(world.get(&path(&founder.book, "events"), Some(&token)).await.code(), Code::Removed);
        let part = path(&founder.book, &format!("base/{}", EntryId::ZERO));
        assert_eq!(world.get(&part, Some(&token)).await.code(), Code::Removed);
        let start = world.bootstrap(&token, &founder.book).await;
        assert_eq!((start.roster.len(), start.base, start.wrap), (4, vec![], None));
        let last = Envelope::parse(start.roster[3].to_vec()).unwrap();
        assert_eq!(last.id(), founder.dprev);
    }
    let wraps = "SELECT count(*) FROM wrap";
    assert_eq!(world.database().query_row(wraps, [], |row| row.get::<_, u64>(0)), Ok(2), "the founder's, the sheet's");
    // Nobody brings what it writes, and it comes in by no door.
    let founders = world.sign_in(&founder.me, &founder.book).await;
    steward.moved(founder.seen);
    let acks = world.push(&founders, founder.book, founder.seen, &[steward.clone().data(100)]).await.acks;
    assert_eq!(acks, [Ack::Rejected("not_member".into())]);
    let door = Door::new(60);
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let request = founder.open(&roster, &door, TODAY);
    assert_eq!(world.roster_op(Some(&founders), &founder.book, &request).await.status, 201);
    let (roster, head) = world.roster(&founder.book).await;
    steward.seen = head;
    let again = steward.join(&roster, &door);
    assert_eq!(world.roster_op(None, &founder.book, &again).await.code(), Code::RosterOp);
    assert_eq!(join(&world, 4, &founder, &door).await.1.code(), Code::StaleEpoch);
}

#[tokio::test]
async fn a_sheet_brings_a_new_device_in_and_puts_all_others_out() {
    let world = World::new().await;
    let (mut founder, sheet) = world.found(1).await;
    let (steward, _) = let_in(&world, &mut founder, 3).await;
    let (_, head) = world.roster(&founder.book).await;
    let mut sheet = Device { me: sheet, ..Device::new(0, founder.book, head) };
    let newcomer = Device { epoch: 1, ..Device::new(20, founder.book, head) };
    let out = vec![founder.id(), steward.id()];
    world
        .begin(&mut sheet, |op| {
            op.reason = Reason::Restore;
            op.removed = out;
            op.newcomer = Some(samla_wire::roster::Newcomer {
                ed_pub: crate::device::public(&newcomer.me.key),
                prekey: samla_wire::ids::Prekey([3; 32]),
            });
        })
        .await;
    let token = world.sign_in(&newcomer.me, &newcomer.book).await;
    assert_eq!(world.bootstrap(&token, &newcomer.book).await.wrap, Some(wrap(newcomer.id(), 101)));
    let mut newcomer = Device { seen: sheet.seen, ..newcomer };
    assert_eq!(world.push(&token, newcomer.book, newcomer.seen, &[newcomer.clone().data(100)]).await.acks.len(), 1);
    newcomer.data(100);
    let old = world.sign_in(&founder.me, &founder.book).await;
    assert_eq!(world.sync_from(&old, founder.book, head, &[]).await.code(), Code::Removed);
}

/// Not a byte of what was deleted is in any file of the server, nor in a copy made later; of another book all is.
#[tokio::test]
async fn nothing_of_what_was_deleted_is_left_in_the_files() {
    let world = World::new().await;
    let (mut forgets, _) = world.found(1).await;
    let (mut keeps, _) = world.found(2).await;
    let (token, keeper) =
        (world.sign_in(&forgets.me, &forgets.book).await, world.sign_in(&keeps.me, &keeps.book).await);
    let canary = |device: &mut Device, word: &str, n: usize| {
        let body = word.repeat(if n.is_multiple_of(50) { 900 } else { 4 + n % 5 });
        device.sign(device.header(Kind::Data), body.as_bytes())
    };
    for n in 0..300 {
        let one = canary(&mut forgets, "canary-of-one ", n);
        world.push(&token, forgets.book, forgets.seen, &[one]).await;
        if n % 4 == 0 {
            world.push(&keeper, keeps.book, keeps.seen, &[canary(&mut keeps, "canary-of-two ", n)]).await;
        }
    }
    // What the epoch before held goes too: its base and wraps.
    world.begin(&mut forgets, |_| {}).await;
    let (base, sealed) = (vec![1u8; 900], vec![101u8; 80]);
    let holds = |dir: &std::path::Path, what: &[u8]| {
        let files = std::fs::read_dir(dir).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(what.len()).any(|window| window == what))
    };
    assert!(holds(world.dir.path(), &base) && holds(world.dir.path(), &sealed), "the test would see them");
    world.begin(&mut forgets, |_| {}).await;
    assert!(world.state.log.tidy().await.unwrap());
    let copy = world.backup();
    for dir in [world.dir.path(), copy.path()] {
        assert!(!holds(dir, b"canary-of-one"));
        assert!(!holds(dir, &base) && !holds(dir, &sealed));
        assert!(holds(dir, b"canary-of-two"));
    }

    // Deleting the one book's rows moved the other's between pages: those copies must not stay behind either.
    world.begin(&mut keeps, |_| {}).await;
    assert!(world.state.log.tidy().await.unwrap());
    let copy = world.backup();
    for dir in [world.dir.path(), copy.path()] {
        assert!(!holds(dir, b"canary-of-two"));
    }
}

#[tokio::test]
async fn a_staged_part_must_be_of_the_day_when_the_epoch_begins() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, head) = world.roster(&founder.book).await;
    let next = founder.next_epoch(&roster, head, |_| {});
    for part in &next.parts {
        world.stage(&token, &founder.book, part).await;
    }
    world.pass(DAY);
    let request = founder.begin(&roster, &next);
    let token = world.sign_in(&founder.me, &founder.book).await;
    assert_eq!(world.send_epoch(&token, &founder.book, &[], &request).await.code(), Code::BaseMissing);
    let answer = world.send_epoch(&token, &founder.book, &next.parts, &request).await;
    assert_eq!((answer.status, answer.cbor::<EpochResponse>().n), (201, 2));
}
