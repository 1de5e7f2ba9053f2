//! The one writer: a thread that takes what waits, writes it in one transaction, and only then answers.
//!
//! Group commit makes durability cheap: however many phones push at one moment, the disk is synced once. Each job runs
//! under its own savepoint, so that one that fails takes nothing of the others with it. A book's state is copied
//! before a job changes it and reaches the [cache](super::book::Cache) after the commit: a transaction that fails
//! leaves the cached state as it was.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use samla_wire::{BookId, Code};
use tokio::sync::{mpsc, oneshot};

use super::book::{Book, Found};
use super::sweep::tidy;
use super::{Fault, LogError, Settings, Shared};

/// Jobs that may wait; each holds at most one request's body.
pub(super) const WAITING: usize = 32;

/// A transaction as one job sees it.
pub(super) struct Write<'t> {
    pub(super) conn: &'t Connection,
    pub(super) settings: &'t Settings,
    shared: &'t Shared,
    /// Changed by earlier jobs of this transaction.
    batch: &'t HashMap<BookId, Option<Arc<Book>>>,
    /// Changed by this job; none for a deleted book.
    changed: HashMap<BookId, Option<Arc<Book>>>,
}

impl Write<'_> {
    /// The book as this transaction sees it, its earlier jobs included.
    pub(super) fn book(&self, id: &BookId) -> Result<Arc<Book>, LogError> {
        if let Some(book) = self.changed.get(id).or_else(|| self.batch.get(id)) {
            return book.clone().ok_or(LogError::refused(Code::Gone));
        }
        if let Some(book) = self.shared.cache.get(id) {
            return Ok(book);
        }
        match Book::load(self.conn, id)? {
            Found::Missing => Err(LogError::refused(Code::BookMissing)),
            Found::Deleted => Err(LogError::refused(Code::Gone)),
            Found::Here(book) => Ok(book),
        }
    }

    /// Makes this the book's state, if the transaction is committed.
    pub(super) fn put(&mut self, id: BookId, book: Book) {
        self.changed.insert(id, Some(Arc::new(book)));
    }

    /// Makes the book unknown, if the transaction is committed.
    pub(super) fn drop_book(&mut self, id: BookId) {
        self.changed.insert(id, None);
    }
}

/// Something to do in a transaction, and somebody who waits for its outcome.
pub(super) trait Job: Send {
    /// Does it; false if what it wrote must be undone.
    fn work(&mut self, write: &mut Write<'_>) -> bool;
    /// Tells the outcome, or why the transaction failed.
    fn settle(self: Box<Self>, fault: Option<&Fault>);
}

struct Task<F, T> {
    work: Option<F>,
    outcome: Result<T, LogError>,
    waiting: oneshot::Sender<Result<T, LogError>>,
}

impl<F, T> Job for Task<F, T>
where
    F: FnOnce(&mut Write<'_>) -> Result<T, LogError> + Send,
    T: Send,
{
    fn work(&mut self, write: &mut Write<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        // A bug in one job must not end the thread that all others depend on.
        self.outcome = catch_unwind(AssertUnwindSafe(|| work(write))).unwrap_or(Err(LogError::Fault(Fault::Panicked)));
        self.outcome.is_ok()
    }

    fn settle(self: Box<Self>, fault: Option<&Fault>) {
        let outcome = match (self.outcome, fault) {
            (Ok(_), Some(fault)) => Err(LogError::Fault(fault.clone())),
            (outcome, _) => outcome,
        };
        // Nobody waits any longer if the connection was closed: what was committed stays.
        let _ = self.waiting.send(outcome);
    }
}

/// The way to the writer's thread. Dropping it writes what waits, and ends the thread.
pub(super) struct Writer {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What the thread is asked for.
enum Order {
    /// Something to write, with others.
    Do(Box<dyn Job>),
    /// Write the files anew, if they are not larger than this and something was deleted.
    Tidy(u64, oneshot::Sender<Result<bool, LogError>>),
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(mut conn: Connection, settings: Settings, shared: Arc<Shared>) -> std::io::Result<Self> {
        let (orders, mut waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
            while let Some(first) = waiting.blocking_recv() {
                let mut jobs = Vec::new();
                let mut next = Some(first);
                while let Some(order) = next {
                    match order {
                        Order::Do(job) => jobs.push(job),
                        Order::Tidy(largest, asked) => {
                            let _ = asked.send(tidy(&conn, largest).map_err(LogError::from));
                        }
                    }
                    next = if jobs.len() < WAITING { waiting.try_recv().ok() } else { None };
                }
                if !jobs.is_empty() {
                    commit(&mut conn, &settings, &shared, jobs);
                }
            }
        })?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Does this in the next transaction and waits until it is durable.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, LogError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Write<'_>) -> Result<T, LogError> + Send + 'static,
    {
        let (waiting, outcome) = oneshot::channel();
        let task = Task { work: Some(work), outcome: Err(LogError::Fault(Fault::Stopped)), waiting };
        self.order(Order::Do(Box::new(task))).await?;
        outcome.await.unwrap_or(Err(LogError::Fault(Fault::Stopped)))
    }

    /// See [`Log::tidy`](super::Log::tidy).
    pub(super) async fn tidy(&self, largest: u64) -> Result<bool, LogError> {
        let (asked, outcome) = oneshot::channel();
        self.order(Order::Tidy(largest, asked)).await?;
        outcome.await.unwrap_or(Err(LogError::Fault(Fault::Stopped)))
    }

    async fn order(&self, order: Order) -> Result<(), LogError> {
        let stopped = LogError::Fault(Fault::Stopped);
        match &self.orders {
            Some(orders) => orders.send(order).await.map_err(|_| stopped),
            None => Err(stopped),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.orders.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer ended by a panic");
        }
    }
}

fn commit(conn: &mut Connection, settings: &Settings, shared: &Shared, mut jobs: Vec<Box<dyn Job>>) {
    let outcome = write_all(conn, settings, shared, &mut jobs);
    match &outcome {
        Ok(changed) => {
            shared.counts.commits.add(1);
            changed.iter().for_each(|(id, book)| shared.publish(*id, book.clone()));
        }
        Err(fault) => tracing::error!(error = %fault, "a transaction failed"),
    }
    for job in jobs {
        job.settle(outcome.as_ref().err());
    }
}

fn write_all(
    conn: &mut Connection,
    settings: &Settings,
    shared: &Shared,
    jobs: &mut [Box<dyn Job>],
) -> Result<HashMap<BookId, Option<Arc<Book>>>, Fault> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut batch = HashMap::new();
    for job in jobs {
        transaction.execute_batch("SAVEPOINT job")?;
        let mut write = Write { conn: &transaction, settings, shared, batch: &batch, changed: HashMap::new() };
        let keep = job.work(&mut write);
        let changed = write.changed;
        if keep {
            batch.extend(changed);
        } else {
            // Fails if SQLite has rolled all back by itself, as it does when the disk is full: then nobody is
            // answered that their part is durable.
            transaction.execute_batch("ROLLBACK TO job")?;
        }
        transaction.execute_batch("RELEASE job")?;
    }
    transaction.commit()?;
    Ok(batch)
}
