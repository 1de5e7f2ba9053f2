//! When each member was last heard from: a server that keeps back what others wrote shows by their silence.
//!
//! A member's entries hold the author's own clock, so the newest of them tells, whenever it arrives. A clock that is ahead is
//! cut to the reader's own.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use samla_wire::DeviceId;

use crate::store::{Store, StoreError, Tx};

const NAME: &str = "heard";

/// The newest moment that each member named, in unix milliseconds by its own clock.
#[derive(Debug, Clone, Default, PartialEq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Heard {
    #[n(0)]
    members: BTreeMap<DeviceId, i64>,
}

impl Heard {
    pub(crate) fn read(store: &Store) -> Result<Self, StoreError> {
        let bytes = store.state(NAME)?;
        Ok(bytes.and_then(|bytes| minicbor::decode(&bytes).ok()).unwrap_or_default())
    }

    pub(crate) fn keep(&self, tx: &mut Tx<'_>, rng: &mut dyn CryptoRng) -> Result<(), StoreError> {
        tx.put_state(NAME, &samla_wire::to_cbor(self), rng)
    }

    /// A member wrote something at this moment.
    pub(crate) fn note(&mut self, device: DeviceId, millis: i64) {
        let newest = self.members.entry(device).or_insert(millis);
        *newest = millis.max(*newest);
    }

    /// When a member was last heard from, in unix milliseconds.
    pub(crate) fn last(&self, device: &DeviceId) -> Option<i64> {
        self.members.get(device).copied()
    }

    /// Nobody was heard from later than now.
    pub(crate) fn cap(&mut self, now: i64) {
        self.members.values_mut().for_each(|at| *at = now.min(*at));
    }

    /// Only these are members now.
    pub(crate) fn retain(&mut self, is_member: impl Fn(&DeviceId) -> bool) {
        self.members.retain(|device, _| is_member(device));
    }
}
