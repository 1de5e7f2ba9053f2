//! A door where an organiser admits or denies; and how a device is turned away.

use samla_wire::Code;

use crate::device::{Device, Door, wrap};
use crate::world::{TODAY, World, path};

/// A device that waits, and the founder's session.
async fn waits(world: &World, founder: &mut Device) -> (Device, String) {
    let door = Door::new(50);
    let token = world.sign_in(&founder.me, &founder.book).await;
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let mut request = founder.clone().open_to_confirm(&roster, &door, TODAY);
    request.wrap = Some(door.wrap.clone());
    assert_eq!(world.roster_op(Some(&token), &founder.book, &request).await.code(), Code::Malformed);
    request.wrap = None;
    founder.open_to_confirm(&roster, &door, TODAY);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &request).await.status, 201);
    // The link alone leads to the roster, and to no key.
    let as_invite = world.sign_in(&door.me, &founder.book).await;
    assert_eq!(world.bootstrap(&as_invite, &founder.book).await.wrap, None);
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let mut joiner = Device::new(3, founder.book, head);
    let request = joiner.join(&roster, &door);
    assert_eq!(world.roster_op(None, &founder.book, &request).await.status, 201);
    assert_eq!(world.try_sign_in(&door.me, &founder.book).await.code(), Code::InviteUsed);
    (joiner, token)
}

#[tokio::test]
async fn who_waits_sees_the_roster_until_it_is_let_in() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut joiner, token) = waits(&world, &mut founder).await;
    let waiting = world.sign_in(&joiner.me, &joiner.book).await;
    let start = world.bootstrap(&waiting, &joiner.book).await;
    assert_eq!((start.roster.len(), start.wrap, start.base), (3, None, vec![]));
    assert_eq!(world.sync_from(&waiting, joiner.book, founder.seen, &[]).await.code(), Code::Pending);
    for rest in ["events", &format!("base/{}", samla_wire::EntryId::ZERO)] {
        assert_eq!(world.get(&path(&joiner.book, rest), Some(&waiting)).await.code(), Code::Pending);
    }

    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let whole = founder.clone().admit(&roster, joiner.id());
    let with = |wrap| samla_wire::http::RosterRequest { wrap, ..whole.clone() };
    for (wrong, code) in [
        (None, Code::WrapsIncomplete),
        (Some(wrap(founder.id(), 11)), Code::WrapsIncomplete),
        (Some(wrap(joiner.id(), 12)), Code::HashMismatch),
    ] {
        assert_eq!(world.roster_op(Some(&token), &founder.book, &with(wrong)).await.code(), code);
    }
    assert_eq!(world.roster_op(Some(&waiting), &founder.book, &whole).await.code(), Code::Pending);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &whole).await.status, 201);
    // The same session goes on as a member's.
    let start = world.bootstrap(&waiting, &joiner.book).await;
    assert_eq!(start.wrap, Some(wrap(joiner.id(), 11)));
    joiner.seen = start.head;
    assert_eq!(world.push(&waiting, joiner.book, joiner.seen, &[joiner.clone().data(100)]).await.acks.len(), 1);
    joiner.data(100);

    // Its goodbye takes its wrap along.
    let (roster, head) = world.roster(&joiner.book).await;
    joiner.seen = head;
    let goodbye = joiner.leave(&roster);
    assert_eq!(world.roster_op(Some(&waiting), &joiner.book, &goodbye).await.status, 201);
    let wraps = "SELECT count(*) FROM wrap WHERE recipient = ?1";
    assert_eq!(world.database().query_row(wraps, [joiner.me.id], |row| row.get::<_, u64>(0)), Ok(0));
}

#[tokio::test]
async fn who_is_turned_away_is_told_so_and_comes_in_by_no_other_door() {
    let world = World::new().await;
    let (mut founder, _) = world.found(1).await;
    let (mut joiner, token) = waits(&world, &mut founder).await;
    let (roster, head) = world.roster(&founder.book).await;
    founder.seen = head;
    let deny = founder.deny(&roster, joiner.id());
    assert_eq!(world.roster_op(Some(&token), &founder.book, &deny).await.status, 201);
    let waiting = world.sign_in(&joiner.me, &joiner.book).await;
    assert_eq!(world.sync_from(&waiting, joiner.book, founder.seen, &[]).await.code(), Code::Removed);
    let start = world.bootstrap(&waiting, &joiner.book).await;
    assert_eq!((start.roster.len(), start.wrap), (4, None));
    let door = Door::new(51);
    assert_eq!(crate::invites::open(&world, &mut founder, &door, TODAY).await.status, 201);
    let (roster, head) = world.roster(&joiner.book).await;
    joiner.seen = head;
    let again = joiner.join(&roster, &door);
    assert_eq!(world.roster_op(None, &joiner.book, &again).await.code(), Code::RosterOp);
}
