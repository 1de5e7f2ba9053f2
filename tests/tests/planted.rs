//! The faults inside the protocol are found. They are planted for the whole process, so this is a program of its own, and it is
//! compiled only with the feature `planted`: `cargo xtask test` does so.

use samla_tests::planted::{Plant, find};

#[test]
fn every_fault_planted_inside_is_found() {
    for plant in Plant::INSIDE {
        let (seed, why) = find(plant, 60).unwrap_or_else(|| panic!("{plant:?} is not found in 60 fields"));
        println!("{plant:?} is found in field {seed}: {why}");
    }
}
