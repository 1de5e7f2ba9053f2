//! The stories that every language replays, in Rust.

#[test]
fn one_tap() {
    samla_tests::story::play(include_str!("../stories/one_tap.json"));
}
