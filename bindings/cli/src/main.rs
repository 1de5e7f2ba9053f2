//! `samla`, the register on a command line: for the office, for scripts, and for a look inside.
//!
//! It is a thin layer over the core's `Book`, like every other way in: [`args`] says what can be typed, [`home`] finds
//! the folder and its key, [`desk`] opens the book for one command at a time, [`commands`] do what was asked, [`http`],
//! [`sync`] and [`watch`] carry its requests, and [`say`], [`sheet`], [`usage`] and [`words`] tell what came of it. What was written is
//! durable when the command returns.

mod args;
mod commands;
mod desk;
mod failure;
mod home;
mod http;
mod say;
mod sheet;
mod sync;
mod usage;
mod watch;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let samla = match args::Samla::try_parse() {
        Ok(samla) => samla,
        Err(error) => return usage::refuse(&error),
    };
    let words = words::Words::new(samla.language);
    if samla.csv.is_some() && !samla.command.is_list() {
        return usage::no_list(&words);
    }
    let form = say::Form::of(samla.json, samla.csv.clone());
    let mut say = say::Say::new(form, samla.json, words);
    match commands::run(samla, &mut say).and_then(|()| say.finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            say.failure(&failure);
            ExitCode::FAILURE
        }
    }
}
