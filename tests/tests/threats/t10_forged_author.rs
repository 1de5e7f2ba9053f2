//! T10: a steward writes under a colleague's name. Everybody refuses it, and the colleague's next edit is taken.

use automerge::ActorId;
use automerge::transaction::Transactable;
use automerge::{ObjType, ROOT, ReadDoc};
use samla_core::Role;
use samla_core::document::actor_of;
use samla_tests::insider::altered;
use samla_wire::http::Ack;

use crate::club::Club;

#[test]
fn a_forged_author_is_refused_and_harms_nobody() {
    let mut club = Club::new(10);
    let mut mallory = club.insider(Role::Steward);
    let victim = club.eva.book.status().unwrap().device_id;
    let victim: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&victim[2 * at..2 * at + 2], 16).unwrap()).collect();
    let actor = ActorId::from(actor_of(&victim.try_into().unwrap(), 1).as_slice());
    let shards: Vec<u16> = (0..16).collect();
    for &shard in &shards {
        let contacts = mallory.doc(shard).get(ROOT, "contacts").unwrap().unwrap().1;
        let id = format!("{:032x}", 0x0190_0000_0000_7000_8000_0000_0000_0000_u128 + u128::from(shard));
        let own = mallory.change(shard, |tx| {
            let row = tx.put_object(&contacts, &id, ObjType::Map).unwrap();
            tx.put(&row, "given_name", "Forged").unwrap();
            tx.put(&row, "live", 1).unwrap();
        });
        // The victim's very next sequence number in this shard: what would lock it out for ever.
        let seq = mallory.doc(shard).get_changes(&[]).iter().filter(|change| *change.actor_id() == actor).count() + 1;
        let forged = altered(&own, |change| {
            change.actor_id = actor.clone();
            change.seq = seq as u64;
        });
        let envelope = mallory.seal_changes(&[(shard, forged.raw_bytes().to_vec())]);
        assert!(matches!(mallory.push(&club.server, &envelope), Ack::Accepted(_)));
    }
    club.goes_on(&["Anna", "Bertil"]);
    for phone in [&club.eva, &club.olle] {
        assert_eq!(phone.book.status().unwrap().rejected, shards.len() as u64);
    }
}
