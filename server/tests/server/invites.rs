//! Coming in: one door lets one device in, whatever the order of things.

use samla_wire::http::{Ack, Bootstrap, RosterResponse};
use samla_wire::{Code, Head};

use crate::device::{Device, Door};
use crate::world::{Answer, DAY, TODAY, World, path};

/// Opens a door as this organiser, who then knows the log up to there.
pub async fn open(world: &World, organiser: &mut Device, door: &Door, expires_day: u32) -> Answer {
    let token = world.sign_in(&organiser.me, &organiser.book).await;
    let (roster, head) = world.roster(&organiser.book).await;
    organiser.seen = head;
    let before = organiser.clone();
    let request = organiser.open(&roster, door, expires_day);
    let answer = world.roster_op(Some(&token), &organiser.book, &request).await;
    if answer.status != 201 {
        *organiser = before;
    }
    answer
}

/// A new device joins through this door.
pub async fn join(world: &World, number: u8, near: &Device, door: &Door) -> (Device, Answer) {
    let (roster, head) = world.roster(&near.book).await;
    let mut joiner = Device::new(number, near.book, head);
    let request = joiner.join(&roster, door);
    let answer = world.roster_op(None, &near.book, &request).await;
    (joiner, answer)
}

/// A steward with this number, and its session.
pub async fn let_in(world: &World, organiser: &mut Device, number: u8) -> (Device, String) {
    let door = Door::new(number + 100);
    assert_eq!(open(world, organiser, &door, TODAY + 7).await.status, 201);
    let (steward, answer) = join(world, number, organiser, &door).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let token = world.sign_in(&steward.me, &steward.book).await;
    (steward, token)
}

async fn bootstrap(world: &World, token: &str, device: &Device) -> Bootstrap {
    world.get(&path(&device.book, "bootstrap"), Some(token)).await.cbor()
}

#[tokio::test]
async fn a_link_leads_in_and_the_joiner_writes() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let door = Door::new(50);
    assert_eq!(open(&world, &mut founder, &door, TODAY).await.status, 201);

    let as_invite = world.sign_in(&door.me, &founder.book).await;
    let start = bootstrap(&world, &as_invite, &founder).await;
    assert_eq!((start.roster.len(), start.wrap.as_ref()), (2, Some(&door.wrap)));

    let (mut joiner, answer) = join(&world, 3, &founder, &door).await;
    assert_eq!((answer.status, answer.cbor::<RosterResponse>().n), (201, 3));
    let token = world.sign_in(&joiner.me, &joiner.book).await;
    let first = world.sync_from(&token, joiner.book, Head::start(&joiner.book), &[joiner.data(100)]).await;
    let first: samla_wire::http::SyncResponse = first.cbor();
    assert_eq!(first.acks, [Ack::Accepted(4)]);
    // Its own entries, the join and the data, come as their ids alone.
    let lengths: Vec<bool> = first.entries.iter().map(|entry| entry.len() == 32).collect();
    assert_eq!(lengths, [false, false, true, true]);
}

#[tokio::test]
async fn an_invitations_session_reads_the_bootstrap_and_no_more() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (door, other) = (Door::new(50), Door::new(51));
    open(&world, &mut founder, &door, TODAY).await;
    let token = world.sign_in(&door.me, &founder.book).await;
    let start = Head::start(&founder.book);
    assert_eq!(world.sync_from(&token, founder.book, start, &[]).await.code(), Code::NotAllowed);
    assert_eq!(world.get(&path(&founder.book, "events"), Some(&token)).await.code(), Code::NotAllowed);
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let op = founder.open(&roster, &other, TODAY);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &op).await.code(), Code::NotAllowed);
    assert_eq!(world.roster_op(None, &founder.book, &op).await.code(), Code::Unauthorized);
    // A session is not asked for, but does no harm.
    let (roster, head) = world.roster(&founder.book).await;
    let join = Device::new(3, founder.book, head).join(&roster, &door);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &join).await.status, 201);
}

/// Two phones hold the same link. Whichever way their steps fall between each other, one is in and one is told that
/// the invitation has been used.
#[tokio::test]
async fn one_door_lets_one_device_in_in_every_order() {
    // Each phone reads the bootstrap, joins, and if it must, reads and joins again: orders of three steps each.
    for order in 0u32..64 {
        let steps: Vec<usize> = (0..6).map(|bit| (order >> bit & 1) as usize).collect();
        if steps.iter().sum::<usize>() != 3 {
            continue;
        }
        let world = World::new().await;
        let (mut founder, _) = world.found(1).await;
        let door = Door::new(50);
        open(&world, &mut founder, &door, TODAY).await;
        let mut known = [None, None];
        let mut last = [None, None];
        let mut done = [0, 0];
        for who in steps {
            match done[who] {
                0 => known[who] = Some(world.roster(&founder.book).await),
                _ if last[who] == Some(Ok(())) => {}
                step => {
                    if step == 2 && last[who] == Some(Err(Code::Rprev)) {
                        known[who] = Some(world.roster(&founder.book).await);
                    }
                    let (roster, head) = known[who].clone().unwrap();
                    let request = Device::new(3 + who as u8, founder.book, head).join(&roster, &door);
                    let answer = world.roster_op(None, &founder.book, &request).await;
                    last[who] = Some(if answer.status == 201 { Ok(()) } else { Err(answer.code()) });
                }
            }
            done[who] += 1;
        }
        let inside = last.iter().filter(|last| **last == Some(Ok(()))).count();
        assert_eq!(inside, 1, "order {order:06b}: {last:?}");
        assert!(last.contains(&Some(Err(Code::InviteUsed))), "order {order:06b}: {last:?}");
        assert_eq!(world.roster(&founder.book).await.0.members.len(), 2);
    }
}

#[tokio::test]
async fn joins_sent_at_the_same_moment_let_one_in() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let door = Door::new(50);
    open(&world, &mut founder, &door, TODAY).await;
    let (roster, head) = world.roster(&founder.book).await;
    let requests: Vec<_> =
        (10..18).map(|number| Device::new(number, founder.book, head).join(&roster, &door)).collect();
    let mut statuses = Vec::new();
    let (a, b, c, d, e, f, g, h) = tokio::join!(
        world.roster_op(None, &founder.book, &requests[0]),
        world.roster_op(None, &founder.book, &requests[1]),
        world.roster_op(None, &founder.book, &requests[2]),
        world.roster_op(None, &founder.book, &requests[3]),
        world.roster_op(None, &founder.book, &requests[4]),
        world.roster_op(None, &founder.book, &requests[5]),
        world.roster_op(None, &founder.book, &requests[6]),
        world.roster_op(None, &founder.book, &requests[7]),
    );
    statuses.extend([a, b, c, d, e, f, g, h].map(|answer| answer.status));
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 410, 410, 410, 410, 410, 410, 410]);
}

#[tokio::test]
async fn a_join_whose_answer_was_lost_can_be_sent_again_and_the_wrap_is_still_there() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let door = Door::new(50);
    open(&world, &mut founder, &door, TODAY).await;
    let (roster, head) = world.roster(&founder.book).await;
    let mut joiner = Device::new(3, founder.book, head);
    let request = joiner.join(&roster, &door);
    assert_eq!(world.roster_op(None, &founder.book, &request).await.status, 201);
    world.pass(2 * DAY);
    let again = world.roster_op(None, &founder.book, &request).await;
    assert_eq!((again.status, again.cbor::<RosterResponse>().n), (200, 3));

    // As the invitation, and as the device that used it.
    let as_invite = world.sign_in(&door.me, &founder.book).await;
    assert_eq!(bootstrap(&world, &as_invite, &founder).await.wrap, Some(door.wrap.clone()));
    let token = world.sign_in(&joiner.me, &joiner.book).await;
    assert_eq!(bootstrap(&world, &token, &founder).await.wrap, Some(door.wrap.clone()));

    // The first page says nothing of what the joiner holds; the next request does.
    world.sync_from(&token, joiner.book, Head::start(&joiner.book), &[]).await;
    assert_eq!(bootstrap(&world, &token, &founder).await.wrap, Some(door.wrap.clone()));
    world.sync(&token, &joiner, &[]).await;
    assert_eq!(bootstrap(&world, &token, &founder).await.wrap, None);
    let late = world.get(&path(&founder.book, "bootstrap"), Some(&as_invite)).await;
    assert_eq!(late.code(), Code::InviteUsed);
    assert_eq!(world.try_sign_in(&door.me, &founder.book).await.code(), Code::InviteUsed);
    assert_eq!(join(&world, 4, &founder, &door).await.1.code(), Code::InviteUsed);
}

#[tokio::test]
async fn a_withdrawn_invitation_is_closed_and_its_wrap_is_gone() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let door = Door::new(50);
    open(&world, &mut founder, &door, TODAY).await;
    let as_invite = world.sign_in(&door.me, &founder.book).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, _) = world.roster(&founder.book).await;
    let shut = founder.shut(&roster, &door);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &shut).await.status, 201);
    assert_eq!(world.get(&path(&founder.book, "bootstrap"), Some(&as_invite)).await.code(), Code::InviteUsed);
    assert_eq!(world.try_sign_in(&door.me, &founder.book).await.code(), Code::InviteUsed);
    assert_eq!(join(&world, 3, &founder, &door).await.1.code(), Code::InviteUsed);
    let database = rusqlite::Connection::open(world.dir.path().join("samla.db")).unwrap();
    let wraps = database.query_row("SELECT count(*) FROM wrap WHERE recipient = ?1", [door.me.id], |row| row.get(0));
    assert_eq!(wraps, Ok(0));
    // An invitation that never was is somebody unknown.
    assert_eq!(world.try_sign_in(&Door::new(51).me, &founder.book).await.code(), Code::NotMember);
}

#[tokio::test]
async fn an_invitations_last_day_is_a_whole_day() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let door = Door::new(50);
    open(&world, &mut founder, &door, TODAY).await;
    world.pass(DAY - 1);
    let as_invite = world.sign_in(&door.me, &founder.book).await;
    world.pass(1);
    assert_eq!(world.try_sign_in(&door.me, &founder.book).await.code(), Code::InviteExpired);
    assert_eq!(world.get(&path(&founder.book, "bootstrap"), Some(&as_invite)).await.code(), Code::InviteExpired);
    assert_eq!(join(&world, 3, &founder, &door).await.1.code(), Code::InviteExpired);
    // The code stays when the sweep has deleted the wrap.
    world.state.log.sweep(world.state.clock.now()).await.unwrap();
    assert_eq!(world.try_sign_in(&door.me, &founder.book).await.code(), Code::InviteExpired);
}

#[tokio::test]
async fn an_invitation_brings_the_wrap_that_it_promises() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, _) = world.roster(&founder.book).await;
    let whole = founder.open(&roster, &Door::new(50), TODAY);
    let with = |wrap| samla_wire::http::RosterRequest { wrap, ..whole.clone() };
    let good = whole.wrap.clone().unwrap();
    let mut other_bytes = good.clone();
    other_bytes.sealed = vec![1; 80].into();
    let mut other_recipient = good.clone();
    other_recipient.recipient = founder.id();
    for (wrap, code) in [
        (None, Code::WrapsIncomplete),
        (Some(other_recipient), Code::WrapsIncomplete),
        (Some(other_bytes), Code::HashMismatch),
    ] {
        assert_eq!(world.roster_op(Some(&token), &founder.book, &with(wrap)).await.code(), code);
    }
    assert_eq!(world.roster_op(Some(&token), &founder.book, &whole).await.status, 201);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &whole).await.status, 200);
}

#[tokio::test]
async fn the_second_op_on_one_roster_is_told_that_it_has_moved() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, _) = world.roster(&founder.book).await;
    let first = founder.open(&roster, &Door::new(50), TODAY);
    let second = founder.open(&roster, &Door::new(51), TODAY);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &first).await.status, 201);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &second).await.code(), Code::Rprev);
}

#[tokio::test]
async fn a_steward_may_not_invite() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut steward, _) = let_in(&world, &mut founder, 3).await;
    assert_eq!(open(&world, &mut steward, &Door::new(50), TODAY).await.code(), Code::NotAllowed);
}

#[tokio::test]
async fn only_roster_ops_go_the_rosters_way() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let token = world.sign_in(&founder.me, &founder.book).await;
    let request = |envelope: Vec<u8>, wrap| samla_wire::http::RosterRequest { envelope: envelope.into(), wrap };
    let data = request(founder.clone().data(100).into_bytes(), None);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &data).await.code(), Code::WrongKind);
    let (roster, _) = world.roster(&founder.book).await;
    let leave = founder.leave(&roster);
    let extra = request(leave.envelope.to_vec(), Some(Door::new(50).wrap));
    assert_eq!(world.roster_op(Some(&token), &founder.book, &extra).await.code(), Code::Malformed);
    assert_eq!(
        world.roster_op(Some(&token), &founder.book, &request(vec![], None)).await.code(),
        Code::EnvelopeMalformed
    );
}
