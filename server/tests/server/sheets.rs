//! Recovery sheets: more of them, fewer of them, and which book one belongs to.

use samla_wire::http::RecoveryView;
use samla_wire::{Code, to_cbor};

use crate::device::{Device, Principal, founding, key, wrap};
use crate::world::{Answer, World, hex};

async fn look_up(world: &World, sheet: &Principal) -> Answer {
    world.get(&format!("/v1/recovery/{}", hex(&sheet.id)), None).await
}

#[tokio::test]
async fn a_sheet_leads_to_its_book_from_the_day_it_is_added_until_it_retires() {
    let world = World::new().await;
    let (mut founder, sheet) = world.found(1).await;
    let book = |answer: Answer| answer.json::<RecoveryView>().book;
    assert_eq!(book(look_up(&world, &sheet).await), founder.book.to_string());
    assert_eq!(look_up(&world, &founder.me).await.code(), Code::NotFound);
    assert_eq!(world.get("/v1/recovery/xyz", None).await.code(), Code::NotFound);

    let token = world.sign_in(&founder.me, &founder.book).await;
    let second = Principal::device(key(40));
    let (roster, _) = world.roster(&founder.book).await;
    let add = founder.add_sheet(&roster, &second.key);
    assert_eq!(world.roster_op(Some(&token), &founder.book, &add).await.status, 201);
    assert_eq!(book(look_up(&world, &second).await), founder.book.to_string());
    let as_second = world.sign_in(&second, &founder.book).await;
    let start = world.bootstrap(&as_second, &founder.book).await;
    assert_eq!(start.wrap, Some(wrap(samla_wire::DeviceId(second.id), 12)));

    // Only the sheet itself retires, and its wrap goes.
    let (roster, head) = world.roster(&founder.book).await;
    let mut second = Device { me: second, ..Device::new(0, founder.book, head) };
    let retire = second.retire(&roster);
    assert_eq!(world.roster_op(Some(&as_second), &founder.book, &retire).await.status, 201);
    assert_eq!(look_up(&world, &second.me).await.code(), Code::NotFound);
    assert_eq!(world.try_sign_in(&second.me, &founder.book).await.code(), Code::NotMember);
    let late = world.get(&crate::world::path(&founder.book, "bootstrap"), Some(&as_second)).await;
    assert_eq!(late.code(), Code::NotMember);
    let wraps = "SELECT count(*) FROM wrap WHERE recipient = ?1";
    assert_eq!(world.database().query_row(wraps, [second.me.id], |row| row.get::<_, u64>(0)), Ok(0));
}

/// Whoever knows a sheet's public half could found a book that names it too: the sheet still leads to its own.
#[tokio::test]
async fn a_book_founded_with_somebodys_sheet_leads_nobody_astray() {
    let world = World::new().await;
    let (founder, sheet) = world.found(1).await;
    let (_, same, request) = founding(2);
    assert_eq!(same.id, sheet.id);
    assert_eq!(world.post_cbor("/v1/books", None, to_cbor(&request)).await.status, 201);
    assert_eq!(look_up(&world, &sheet).await.json::<RecoveryView>().book, founder.book.to_string());
}

#[tokio::test]
async fn looking_up_is_limited_as_signing_in_is() {
    let world = World::with(|config| config.sign_ins_per_minute = 3).await;
    let nobody = Principal::device(key(9));
    for _ in 0..3 {
        assert_eq!(look_up(&world, &nobody).await.code(), Code::NotFound);
    }
    assert_eq!(look_up(&world, &nobody).await.code(), Code::TooMany);
}
