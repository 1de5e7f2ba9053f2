//! A few connections that only read: they never wait for the writer, nor it for them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::schema::open_reader;
use super::{Fault, LogError};

/// Reads at one time.
const READERS: usize = 2;

/// The connections, and a place in the queue for them.
pub(super) struct Readers {
    path: PathBuf,
    turns: Arc<Semaphore>,
    free: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, turns: Arc::new(Semaphore::new(READERS)), free: Arc::default() }
    }

    /// Reads in a snapshot of the database, away from the threads that serve requests.
    pub(super) async fn read<T, F>(&self, read: F) -> Result<T, LogError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| LogError::Fault(Fault::Stopped))?;
        let (free, path) = (self.free.clone(), self.path.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let kept = free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut conn = kept.map_or_else(|| open_reader(&path), Ok).map_err(Fault::from)?;
            let outcome = {
                let snapshot = conn.transaction().map_err(Fault::from)?;
                read(&snapshot)
            };
            free.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            drop(turn);
            outcome
        });
        // A read that panicked takes its connection with it; the next opens another.
        reading.await.unwrap_or(Err(LogError::Fault(Fault::Panicked)))
    }
}
