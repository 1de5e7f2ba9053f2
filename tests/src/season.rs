//! A season of recruiting, as it may have been.

pub mod names;
