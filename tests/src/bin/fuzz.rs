//! `cargo xtask fuzz`: one of the [readers](samla_tests::fuzz), fed by libFuzzer.
//!
//! The variable `SAMLA_FUZZ` names the reader; without it the readers' names are printed, one a line. With `SAMLA_CORPUS`
//! its inputs are first written into that folder, which is to be libFuzzer's too.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use samla_tests::fuzz::{TARGETS, Target, target};

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("SAMLA_FUZZ").unwrap_or_default();
        target(&name).expect("SAMLA_FUZZ names a reader")
    })
}

fn write_corpus() {
    let Some(folder) = std::env::var_os("SAMLA_CORPUS") else { return };
    for (number, input) in chosen().inputs().into_iter().enumerate() {
        let file = Path::new(&folder).join(format!("well-made-{number:03}"));
        std::fs::write(file, input).expect("the folder of the corpus");
    }
}

/// What the core catches does not count: automerge panics on some bytes that the core asks it to read. Only a panic that
/// nobody catches ends the run, which libFuzzer's wrapper around the target sees to.
#[allow(clippy::print_stdout, reason = "it tells its names")]
fn begin() {
    if std::env::var_os("SAMLA_FUZZ").is_none() {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        std::process::exit(0);
    }
    std::panic::set_hook(Box::new(|why| eprintln!("{why}")));
    write_corpus();
}

fuzz_target!(init: begin(), |input: &[u8]| (chosen().feed)(input));
