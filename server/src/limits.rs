//! Rate limits for requests that nobody has signed yet: one bucket of tokens for each address.
//!
//! The limits on what members add (a day's allowance, a book's quota) are kept by the [log](crate::log), in the
//! transaction that adds it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// Addresses remembered at most; beyond this, full buckets are forgotten first.
const ADDRESSES: usize = 10_000;

/// A bucket for each address, all of one size, each refilled evenly over one period.
#[derive(Debug)]
pub struct Buckets {
    size: f64,
    per_second: f64,
    levels: Mutex<HashMap<IpAddr, Level>>,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    tokens: f64,
    at: u64,
}

impl Buckets {
    /// `count` requests at once, and `count` more in every `seconds`.
    pub fn new(count: u32, seconds: u32) -> Self {
        let size = f64::from(count);
        Self { size, per_second: size / f64::from(seconds.max(1)), levels: Mutex::default() }
    }

    /// Takes one token, or says after how many seconds there will be one.
    pub fn take(&self, address: IpAddr, now: u64) -> Result<(), u64> {
        let mut levels = self.levels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if levels.len() >= ADDRESSES {
            levels.retain(|_, level| self.level_at(*level, now) < self.size);
            if levels.len() >= ADDRESSES {
                levels.clear();
            }
        }
        let level = levels.entry(network(address)).or_insert(Level { tokens: self.size, at: now });
        let tokens = self.level_at(*level, now);
        if tokens < 1.0 {
            let wait = ((1.0 - tokens) / self.per_second).ceil();
            // A bucket of size 0 never fills: its endless wait becomes an hour.
            return Err((wait as u64).clamp(1, 3600));
        }
        *level = Level { tokens: tokens - 1.0, at: now };
        Ok(())
    }

    fn level_at(&self, level: Level, now: u64) -> f64 {
        let passed = now.saturating_sub(level.at) as f64;
        passed.mul_add(self.per_second, level.tokens).min(self.size)
    }
}

/// One household has one IPv4 address, or one IPv6 network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => {
            let kept = ip.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(kept.into())
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let buckets = Buckets::new(2, 60);
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert_eq!([buckets.take(a, 0), buckets.take(a, 0), buckets.take(a, 0)], [Ok(()), Ok(()), Err(30)]);
        assert_eq!(buckets.take(b, 0), Ok(()));
        assert_eq!([buckets.take(a, 29), buckets.take(a, 30), buckets.take(a, 31)], [Err(1), Ok(()), Err(29)]);
    }

    #[test]
    fn one_ipv6_network_shares_a_bucket() {
        let buckets = Buckets::new(1, 60);
        assert_eq!(buckets.take("2001:db8::1".parse().unwrap(), 0), Ok(()));
        assert!(buckets.take("2001:db8::2".parse().unwrap(), 0).is_err());
        assert_eq!(buckets.take("2001:db8:0:1::1".parse().unwrap(), 0), Ok(()));
    }

    #[test]
    fn a_size_of_zero_lets_nobody_in() {
        assert!(Buckets::new(0, 60).take("192.0.2.1".parse().unwrap(), 0).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let buckets = Buckets::new(1, 60);
        for n in 0..3 * ADDRESSES as u32 {
            let _ = buckets.take(IpAddr::V4(n.into()), 0);
        }
        assert!(buckets.levels.lock().unwrap().len() <= ADDRESSES);
    }
}
