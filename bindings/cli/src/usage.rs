//! What is told of a wrong command line, in the reader's language: what does not fit and what would. The line that shows how a
//! command is used is the same in every language.

use std::error::Error as _;
use std::process::ExitCode;
use std::str::FromStr;

use clap::error::{ContextKind, ErrorKind};
use samla_core::tables::FieldReason;
use samla_core::texts::Language;
use samla_core::{Date, DeviceId, RowId};

use crate::say::plain;
use crate::words::Words;

/// The exit status of a wrong command line.
const WRONG: u8 = 2;

/// Tells what is wrong with what was typed; or the help, where that was asked for.
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let words = Words::new(language());
    match lines(error, &words) {
        Some(lines) => tell(&lines, &words),
        None => {
            let english = error.render().to_string();
            tell(&[english.strip_prefix("error: ").unwrap_or(&english).trim_end().to_owned()], &words)
        }
    }
}

/// Tells that a command has no list to write as CSV.
pub(crate) fn no_list(words: &Words) -> ExitCode {
    tell(&[words.say("usage.no_list", &[]), words.say("usage.help", &[])], words)
}

fn tell(lines: &[String], words: &Words) -> ExitCode {
    eprintln!("{}: {}", words.say("usage.error", &[]), lines.join("\n"));
    ExitCode::from(WRONG)
}

/// The language that was typed or is set, also where the rest cannot be read.
fn language() -> Option<Language> {
    let mut typed = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let mut named = None;
    while let Some(word) = typed.next() {
        match word.strip_prefix("--language") {
            Some("") => named = typed.next(),
            Some(tag) => named = tag.strip_prefix('=').map(str::to_owned).or(named),
            None => {}
        }
    }
    named.or_else(|| std::env::var("SAMLA_LANGUAGE").ok()).and_then(|tag| Language::of_tag(&tag))
}

/// What does not fit, what would, and how the command is used; nothing where there are no words for it.
fn lines(error: &clap::Error, words: &Words) -> Option<Vec<String>> {
    let of = |kind| error.get(kind).map(|value| plain(&value.to_string())).filter(|text| !text.is_empty());
    let (arg, value) = (of(ContextKind::InvalidArg).unwrap_or_default(), of(ContextKind::InvalidValue));
    let (command, other) = (of(ContextKind::InvalidSubcommand), of(ContextKind::PriorArg));
    let says = match (error.kind(), &value, &command, &other) {
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(value), ..) => {
            words.say("usage.invalid_value", &[("value", value), ("arg", &arg)])
        }
        (ErrorKind::InvalidValue, ..) => words.say("usage.no_value", &[("arg", &arg)]),
        (ErrorKind::UnknownArgument, ..) => words.say("usage.unknown", &[("arg", &arg)]),
        (ErrorKind::InvalidSubcommand, _, Some(command), _) => words.say("usage.unknown", &[("arg", command)]),
        (ErrorKind::MissingRequiredArgument, ..) => words.say("usage.missing", &[("arg", &arg)]),
        (ErrorKind::ArgumentConflict, _, _, Some(other)) => {
            words.say("usage.not_both", &[("arg", &arg), ("other", other)])
        }
        _ => return None,
    };
    let choices = of(ContextKind::ValidValue).map(|choices| words.say("usage.choices", &[("choices", &choices)]));
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let suggested = suggested.into_iter().find_map(of).map(|word| words.say("usage.suggested", &[("word", &word)]));
    let usage = error.get(ContextKind::Usage).map(|usage| usage.to_string().trim_end().to_owned());
    let help = words.say("usage.help", &[]);
    Some([Some(says), reason(error, words), choices, suggested, usage, Some(help)].into_iter().flatten().collect())
}

/// Why a value does not fit.
fn reason(error: &clap::Error, words: &Words) -> Option<String> {
    let source = error.source()?;
    let reason = if source.is::<<Date as FromStr>::Err>() {
        FieldReason::NotADate
    } else if source.is::<<RowId as FromStr>::Err>() || source.is::<<DeviceId as FromStr>::Err>() {
        FieldReason::NotAnId
    } else if source.is::<std::num::ParseIntError>() {
        FieldReason::NotANumber
    } else {
        let said = plain(&source.to_string());
        return Some(match said.split_once(' ') {
            Some(("write", form)) => words.say("usage.write", &[("form", form)]),
            Some(("choices", choices)) => words.say("usage.choices", &[("choices", choices)]),
            _ => said,
        });
    };
    Some(words.say("usage.reason", &[("reason", words.called(reason))]))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Samla;

    #[test]
    fn what_does_not_fit_is_told_in_every_language() {
        let id = "000102030405060708090a0b0c0d0e0f";
        let wrong: [(&[&str], &str); 12] = [
            (&["fly"], "fly"),
            (&["today", "--loud"], "--loud"),
            (&["add", "cars"], "contacts"),
            (&["add", "contacts", "given_name"], "FIELD=VALUE"),
            (&["show"], "<ID>"),
            (&["show", "xyz"], "xyz"),
            (&["tally", id, "talk"], "talked"),
            (&["tally", id, "talked", "many"], "many"),
            (&["week", "someday"], "someday"),
            (&["invite", "--days", "15"], "15"),
            (&["import", "a.csv", "--column", "Tel=fon"], "phone"),
            (&["calls", "log", id, "--stays", "--leaves"], "--leaves"),
        ];
        for (typed, named) in wrong {
            let error = Samla::try_parse_from(std::iter::once("samla").chain(typed.iter().copied())).unwrap_err();
            let told = Language::ALL.map(|language| {
                let told = lines(&error, &Words::new(Some(language))).unwrap_or_default();
                assert!(told.iter().any(|line| line.contains(named)), "{typed:?}: {told:?}");
                assert!(told.iter().all(|line| !line.contains('{')), "{typed:?}: {told:?}");
                told.first().cloned().unwrap_or_default()
            });
            let all: std::collections::BTreeSet<_> = told.iter().collect();
            assert_eq!(all.len(), 5, "{typed:?}: {told:?}");
        }
    }
}
