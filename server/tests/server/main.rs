//! The server as its clients meet it: over the router, and where it matters over a real port.

#![allow(unreachable_pub, reason = "one program; its modules share freely")]

#[path = "../support/device.rs"]
mod device;
mod world;

mod auth;
mod base;
mod books;
mod events;
mod invites;
mod limits;
mod port;
mod random;
mod sync;
mod web;
