#![doc = include_str!("../README.md")]

mod abreast;
pub mod book;
pub mod context;
pub mod document;
pub mod error;
pub mod ids;
pub mod lists;
pub mod register;
mod replica;
pub mod seal;
pub mod store;
pub mod sync;
pub mod tables;
pub mod texts;
pub mod validate;

pub use book::{
    Book, CallLog, CallLogged, Claimed, HandedOver, InviteView, MemberView, NewBook, RecoverySheet, Repeated, SignUp,
    SignedUp, StatusView,
};
pub use context::{Context, Date, Moment};
pub use error::BookError;
pub use ids::{Id, RowId};
pub use replica::bundle::{FileError, from_file as bundle_of_file};
pub use samla_wire::roster::InviteMode;
pub use samla_wire::{DeviceId, InviteId, Role};
pub use seal::StorageKey;
pub use store::{Home, Place};
pub use sync::{Progress, Request};
