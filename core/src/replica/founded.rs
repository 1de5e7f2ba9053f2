//! What this device remembers of the epochs that it has founded: when, why, how much went, and the server's word on it. No
//! names, no ids of rows.

use minicbor::{Decode, Encode};
use samla_wire::http::Receipt;
use samla_wire::roster::Reason;

use super::Replica;
use super::arrival::Arrival;
use crate::context::Context;
use crate::error::BookError;
use crate::store::StoreError;

const NAME: &str = "founded";

/// An epoch that this device has founded.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Founded {
    #[n(0)]
    pub(crate) epoch: u32,
    #[n(1)]
    pub(crate) reason: Reason,
    /// When, in unix milliseconds by this device's clock.
    #[n(2)]
    pub(crate) at: i64,
    /// Rows that an erasure left out.
    #[n(3)]
    pub(crate) gone: u64,
    /// What the server says it deleted.
    #[n(4)]
    pub(crate) receipt: Option<Receipt>,
}

impl Replica {
    /// This device has founded an epoch.
    pub(crate) fn note_founded(
        &mut self,
        ctx: &mut Context<'_>,
        arrival: &Arrival,
        receipt: Option<Receipt>,
    ) -> Result<(), BookError> {
        let (epoch, reason) = (arrival.op.epoch, arrival.op.reason);
        let mut all = self.founded()?;
        all.retain(|founded| founded.epoch != epoch);
        all.push(Founded { epoch, reason, at: ctx.now.timestamp_millis(), gone: arrival.base.gone, receipt });
        Ok(self.store.atomically(|tx| tx.put_state(NAME, &samla_wire::to_cbor(&all), ctx.rng))?)
    }

    /// The epochs that this device has founded, in order.
    pub(crate) fn founded(&self) -> Result<Vec<Founded>, BookError> {
        let bytes = self.store.state(NAME)?;
        let read = bytes.map(|bytes| minicbor::decode(&bytes).map_err(|_| StoreError::Damaged(None))).transpose()?;
        Ok(read.unwrap_or_default())
    }
}
