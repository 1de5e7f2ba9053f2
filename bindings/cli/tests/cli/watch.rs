//! `sync --watch` in one terminal, other commands in another.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{Samla, World};

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn names(samla: &Samla) -> usize {
    samla.json(&["list", "contacts"]).as_array().unwrap().len()
}

#[test]
fn what_either_writes_reaches_the_other() {
    let mut world = World::new();
    let bo = world.bo();
    let _ann_watches = world.ann.spawn(&["sync", "--watch"]);
    let _bo_watches = bo.spawn(&["sync", "--watch"]);
    let ann = &world.ann;
    ann.ok(&["add", "contacts", "given_name=One"]);
    wait_until("Ann's reaches Bo", || names(&bo) == 1);
    bo.ok(&["add", "contacts", "given_name=Two"]);
    wait_until("Bo's reaches Ann", || names(ann) == 2);

    world.server.stop();
    world.ann.ok(&["add", "contacts", "given_name=Three"]);
    std::thread::sleep(Duration::from_secs(1));
    world.server.again();
    wait_until("what was written without a server reaches Bo", || names(&bo) == 3);
    wait_until("nothing is left to send", || bo.json(&["status"])["unsent"] == json!(0));
}
