//! What a screen shows and what a form hands in: the core's own types, named once more for the generator.
//!
//! The compiler holds each to the core's: a field too many or too few does not compile.

mod book;
mod calls;
mod epochs;
mod lists;
mod overviews;
mod people;
mod privacy;
mod reports;
mod season;
mod team;
