//! T22: the length of an envelope tells only which bucket its content falls into.

use samla_core::tables::{ContactDraft, Draft};
use samla_tests::insider::entries;
use samla_wire::envelope::HEADER_LEN;
use samla_wire::{Envelope, Kind};

use crate::club::{Club, add};

#[test]
fn every_sealed_envelope_has_the_length_of_a_bucket() {
    let mut club = Club::new(220);
    for edits in [1, 2, 5, 20, 100, 400] {
        for number in 0..edits {
            let note = "word ".repeat(number % 200);
            let draft = Draft::Contacts(ContactDraft {
                given_name: Some(format!("Number {number}")),
                note: Some(note),
                ..ContactDraft::default()
            });
            club.eva.with(|book, ctx| book.add(ctx, &draft)).unwrap();
        }
        club.eva.sync(&club.server).unwrap();
        add(&mut club.olle, "One");
        club.olle.sync(&club.server).unwrap();
    }
    let mut lengths = std::collections::BTreeSet::new();
    for envelope in entries(&club.server, &club.book()) {
        let envelope = Envelope::parse(envelope).unwrap();
        if envelope.header().kind != Kind::Roster {
            lengths.insert(envelope.bytes().len() - HEADER_LEN - 16 - 64);
        }
    }
    let is_bucket = |len: &usize| match *len {
        0..512 => false,
        512..=65_536 => len.is_power_of_two(),
        _ => len.is_multiple_of(65_536),
    };
    assert!(lengths.iter().all(is_bucket), "{lengths:?}");
    assert!(lengths.len() >= 4, "small and large ones: {lengths:?}");
}
