//! The world that the tests play in: real phones, a real server, and a network that a test can spoil.

pub mod phone;
pub mod server;
pub mod vectors;
