//! The command line as people and scripts meet it: real processes, a real server.

mod export;
mod key;
mod mistakes;
mod story;
mod watch;
mod world;
