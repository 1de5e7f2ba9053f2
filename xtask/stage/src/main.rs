//! `stage MODULE.wasm FOLDER NAME`: writes `NAME.js`, `NAME_bg.wasm` and `NAME.d.ts` into FOLDER.
//!
//! wasm-bindgen demands that the module and the tool that stages it are of one version, so the tool is a
//! library pinned beside the module's own dependency in the workspace manifest: nothing has to be installed.
//! It is a program of its own because it is slow to compile and most commands never need it.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder, name] = arguments.as_slice() else {
        eprintln!("usage: stage MODULE.wasm FOLDER NAME");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let staged = bindgen
        .input_path(module)
        .out_name(name)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(false)
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder));
    match staged {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot stage {module}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
