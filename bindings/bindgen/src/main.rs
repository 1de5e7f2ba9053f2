//! Writes the bindings for Kotlin, Swift and Python from a built library.
//!
//! `uniffi-bindgen generate --library target/debug/libsamla.so --language kotlin --out-dir OUT`: the command line of
//! UniFFI's own tool, as far as maturin and this project use it.

use anyhow::Result;
use camino::Utf8PathBuf;
use clap::{Parser, ValueEnum};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

#[derive(Debug, Parser)]
#[command(name = "uniffi-bindgen", version, about)]
enum Cli {
    /// Write the bindings for a language.
    Generate {
        /// For which language.
        #[arg(long, short, required = true)]
        language: Vec<Language>,
        /// The folder to write to.
        #[arg(long, short)]
        out_dir: Utf8PathBuf,
        /// Leave the text as it is generated.
        #[arg(long)]
        no_format: bool,
        /// Taken because maturin names it: the crate's `uniffi.toml`, which is found without it.
        #[arg(long, short)]
        config: Option<Utf8PathBuf>,
        /// The source is a library; it always is.
        #[arg(long)]
        library: bool,
        /// The built library.
        source: Utf8PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    Kotlin,
    Swift,
    Python,
}

fn main() -> Result<()> {
    let Cli::Generate { language, out_dir, no_format, source, .. } = Cli::parse();
    let languages = language.into_iter().map(|language| match language {
        Language::Kotlin => TargetLanguage::Kotlin,
        Language::Swift => TargetLanguage::Swift,
        Language::Python => TargetLanguage::Python,
    });
    generate(GenerateOptions {
        languages: languages.collect(),
        out_dir,
        source,
        config_override: None,
        crate_filter: Some("samla".to_owned()),
        metadata_no_deps: true,
        format: !no_format,
    })
}
