//! Who may reach whom. The server cannot open an envelope because nothing that could is compiled into it, and the
//! core can be carried anywhere because it knows no runtime, no network and no language boundary.
//!
//! The rules are read off the dependency graph that cargo resolves, so a detour through a third crate breaks them too.

use std::collections::{BTreeMap, VecDeque};
use std::process::Command;

use serde::Deserialize;

/// Reads: the first must not reach any of the others through what it is compiled from.
const RULES: [(&str, &[&str]); 6] = [
    ("samla-server", &["automerge", "samla-core", "chacha20poly1305", "hpke"]),
    ("samla-core", &["tokio", "axum", "hyper", "uniffi", "samla-server"]),
    ("samla-wire", &["rusqlite", "automerge", "tokio", "axum", "samla-core", "samla-server"]),
    ("samla", &["tokio", "axum", "samla-server", "wasm-bindgen-cli-support"]),
    ("samla-web", &["axum", "hyper", "uniffi", "samla-server"]),
    ("samla-cli", &["axum", "uniffi", "samla-server"]),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// Absent for an ordinary dependency, "dev" or "build" for the others.
    kind: Option<String>,
}

/// Package names and what each is compiled from.
struct Graph(BTreeMap<String, Vec<String>>);

impl Graph {
    fn of_this_workspace() -> Self {
        let text = cargo(&["metadata", "--format-version", "1", "--locked"]);
        let metadata: Metadata = serde_json::from_str(&text).expect("cargo writes this format");
        let names: BTreeMap<_, _> = metadata.packages.into_iter().map(|package| (package.id, package.name)).collect();
        let name = |id: &String| names.get(id).expect("each node is a package").clone();
        let mut graph = BTreeMap::<_, Vec<_>>::new();
        for node in &metadata.resolve.nodes {
            let ordinary =
                node.deps.iter().filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none()));
            // Two versions of a package share a name: their dependencies are taken together.
            graph.entry(name(&node.id)).or_default().extend(ordinary.map(|to| name(&to.pkg)));
        }
        Self(graph)
    }

    /// The shortest way from one package to another, both named; `None` if there is none.
    fn way(&self, from: &str, to: &str) -> Option<Vec<&str>> {
        let mut ways = VecDeque::from([vec![self.0.get_key_value(from)?.0.as_str()]]);
        let mut seen = vec![from];
        while let Some(way) = ways.pop_front() {
            let last = way.last().copied()?;
            if last == to {
                return Some(way);
            }
            for next in self.0.get(last).into_iter().flatten() {
                if !seen.contains(&next.as_str()) {
                    seen.push(next);
                    ways.push_back(way.iter().copied().chain([next.as_str()]).collect());
                }
            }
        }
        None
    }
}

/// What cargo writes to standard output, run in this workspace.
fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var_os("CARGO").expect("cargo runs the tests");
    let output =
        Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {told}");
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

#[test]
fn no_part_reaches_what_it_must_not_know() {
    let graph = Graph::of_this_workspace();
    for (from, forbidden) in RULES {
        assert!(graph.0.contains_key(from), "{from} is no package of the workspace: mend the rule");
        for to in forbidden {
            let way = graph.way(from, to).map(|way| way.join(" → "));
            assert_eq!(way, None, "{from} must not reach {to}");
        }
    }
}

#[test]
fn the_walk_finds_a_way_that_is_there() {
    let graph = Graph::of_this_workspace();
    assert_eq!(graph.way("samla-core", "samla-wire"), Some(vec!["samla-core", "samla-wire"]));
    let detour = graph.way("samla-cli", "automerge");
    assert_eq!(detour, Some(vec!["samla-cli", "samla-core", "automerge"]));
}

#[test]
fn nothing_uses_the_tests() {
    let graph = Graph::of_this_workspace();
    for (package, uses) in &graph.0 {
        assert!(!uses.iter().any(|used| used == "samla-tests"), "{package} uses the tests");
    }
}

/// The graph above holds every feature that any part switches on, and the browser's part switches on automerge's.
/// What the core is compiled from by itself, for a machine of its own, is asked of cargo separately.
#[test]
fn the_core_knows_no_browser() {
    let tree = cargo(&["tree", "--package", "samla-core", "--edges", "normal", "--prefix", "none", "--locked"]);
    let uses = |name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
    assert!(uses("automerge"), "the tree is not that of the core:\n{tree}");
    for browser in ["wasm-bindgen", "js-sys", "web-sys"] {
        assert!(!uses(browser), "samla-core must not reach {browser}");
    }
}
