//! The server as its clients meet it: over the router, and where it matters over a real port.

#![allow(unreachable_pub, reason = "one program; its modules share freely")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a failing test says enough")]

#[path = "../support/device.rs"]
mod device;
mod world;

mod auth;
mod base;
mod books;
mod door;
mod epochs;
mod events;
mod invites;
mod kill;
mod limits;
mod lines;
mod port;
mod random;
mod restore;
mod sheets;
mod sync;
mod web;
