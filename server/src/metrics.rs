//! What `/metrics` tells: counts since the start, in the text form that Prometheus reads. Never an id.

use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering};

/// One number that changes.
#[derive(Debug, Default)]
pub struct Count(AtomicI64);

impl Count {
    /// Adds to it; a negative number takes away.
    pub fn add(&self, change: i64) {
        self.0.fetch_add(change, Ordering::Relaxed);
    }

    /// What it stands at.
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counts {
    ($($(#[doc = $doc:literal])* $field:ident: $kind:literal $name:literal,)*) => {
        /// Everything that is counted.
        #[derive(Debug, Default)]
        pub struct Counts { $($(#[doc = $doc])* pub $field: Count,)* }

        impl Counts {
            /// All of it as text.
            pub fn text(&self) -> String {
                let mut out = String::new();
                $(
                    let help = concat!($($doc),*).trim();
                    let value = self.$field.get();
                    let _ = writeln!(out, "# HELP {0} {help}\n# TYPE {0} {1}\n{0} {value}", $name, $kind);
                )*
                out
            }
        }
    };
}

counts! {
    /// Requests that went well.
    served: "counter" "samla_requests_served_total",
    /// Requests refused with a status of 400 to 499.
    refused: "counter" "samla_requests_refused_total",
    /// Requests that failed with a status of 500 or more.
    failed: "counter" "samla_requests_failed_total",
    /// Books founded.
    founded: "counter" "samla_books_founded_total",
    /// Envelopes added to a log.
    accepted: "counter" "samla_envelopes_accepted_total",
    /// Envelopes that were there already.
    duplicates: "counter" "samla_envelopes_duplicate_total",
    /// Envelopes refused by a rule.
    rejected: "counter" "samla_envelopes_rejected_total",
    /// Epochs begun.
    epochs: "counter" "samla_epochs_total",
    /// Receipts for what was deleted given out.
    receipts: "counter" "samla_receipts_total",
    /// Books refilled by a device after the server had lost their end.
    restores: "counter" "samla_restores_total",
    /// Transactions written and synced.
    commits: "counter" "samla_commits_total",
    /// Streams of events open now.
    streams: "gauge" "samla_event_streams",
}
