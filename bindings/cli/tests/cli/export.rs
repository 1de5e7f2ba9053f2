//! The ways out.

use std::fs;

use crate::world::World;

#[test]
fn the_register_comes_out_in_three_formats() {
    let world = World::new();
    let id = world.ann.ok(&["add", "contacts", "given_name=Åsa", "note==1+1"]);
    let csv = world.ann.ok(&["export", "csv", "--table", "contacts"]);
    assert!(csv.starts_with("id,given_name,") && csv.contains(&id) && csv.contains("Åsa") && csv.contains("'=1+1"));

    let file = world.dir.path().join("register.json");
    let path = file.to_str().unwrap();
    world.ann.ok(&["export", "json", "-o", path]);
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert!(json.to_string().contains(&id), "{json}");
    assert_eq!(world.ann.code(&["export", "json", "-o", path]), "file_exists");
    assert_eq!(world.ann.code(&["export", "json", "-o", "/nonexistent/file"]), "output_failed");

    let document = world.ann.run(&["export", "automerge"]).stdout;
    // Each shard begins as every automerge document does.
    assert!(document.windows(4).any(|part| part == [0x85, 0x6f, 0x4a, 0x83]));
}
