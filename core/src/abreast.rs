//! The same work on several shards at once.
//!
//! Shards share nothing, so each becomes what it would have become alone, and the answers stand in the order of the work:
//! nothing depends on who was first. It is worth it for much work only; a tap touches one shard. Where there are no
//! threads, as in a browser, one shard is done after another. The threads go with the work: a pool would wait for it all
//! day on a phone.

use std::panic::resume_unwind;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

/// So many are worked on at once at most: while changes are applied to a shard it needs several times its memory.
pub(crate) const AT_ONCE: u16 = 4;

/// Does this with each, if it is `much` on as many cores as there are. A panic goes on to the caller.
pub(crate) fn each<T: Send, R: Send>(items: Vec<T>, much: bool, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let hands = if much { cores().min(items.len()) } else { 1 };
    if hands < 2 {
        return items.into_iter().map(work).collect();
    }
    let waiting = Mutex::new(items.into_iter().enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let hand = || {
        let mut done = Vec::new();
        while let Some((place, item)) = next() {
            done.push((place, work(item)));
        }
        done
    };
    let mut done = scope(|scope| {
        // Where a thread cannot be had, the others do its share.
        let others: Vec<_> = (1..hands).filter_map(|_| Builder::new().spawn_scoped(scope, hand).ok()).collect();
        let mut done = hand();
        for other in others {
            done.append(&mut other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// Small things that one core does before it takes the next ones.
const A_SHARE: usize = 100;

/// Small things that it is worth doing several of at once.
const MANY: usize = 500;

/// Does this with each of many small things, several at once if they are many.
pub(crate) fn each_small<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let much = items.len() >= MANY;
    let mut items = items.into_iter();
    let share = || Some(items.by_ref().take(A_SHARE).collect::<Vec<_>>()).filter(|share| !share.is_empty());
    let shares = std::iter::from_fn(share).collect();
    let done = each(shares, much, |share: Vec<T>| share.into_iter().map(&work).collect::<Vec<_>>());
    done.into_iter().flatten().collect()
}

fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| available_parallelism().map_or(1, |cores| cores.get().min(AT_ONCE.into())))
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn the_answers_stand_in_the_order_of_the_work() {
        for much in [false, true] {
            let answers = each((0..100).collect(), much, |number: u32| number * 2);
            assert_eq!(answers, (0..100).map(|number| number * 2).collect::<Vec<_>>());
            assert!(each(Vec::<u32>::new(), much, |number| number).is_empty());
        }
        for many in [0, 1, 150, 1234] {
            let answers = each_small((0..many).collect(), |number: u32| number * 2);
            assert_eq!(answers, (0..many).map(|number| number * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_is_the_callers() {
        for much in [false, true] {
            let stops = || each((0..100).collect(), much, |number: u32| assert_ne!(number, 50));
            assert!(catch_unwind(AssertUnwindSafe(stops)).is_err());
        }
    }
}
