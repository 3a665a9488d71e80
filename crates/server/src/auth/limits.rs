//! How often somebody may try to prove something secret.

use crate::api::problem::Problem;
use fettle_model::clock::Clock;
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Attempts from one address for one name: enough for a person who mistypes, about 14,000 a day for a machine.
const PER_PAIR: (u32, u32) = (20, 10);
/// Attempts from one address for any names: an office behind one address.
const PER_ADDRESS: (u32, u32) = (60, 60);
/// Attempts for one name from anywhere: a botnet.
const PER_NAME: (u32, u32) = (100, 30);
/// Keys held before those that have recovered are thrown away.
const MANY: usize = 10_000;

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, Ours, NoOpMiddleware<Nanos>>;

/// The server's clock in the limiter's terms.
#[derive(Clone)]
struct Ours(Arc<dyn Clock>);

impl GovernorClock for Ours {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.0.now().as_nanosecond()).unwrap_or(0))
    }
}

/// Attempts per address and name, per address, and per name.
pub struct Attempts {
    clock: Ours,
    pairs: Limiter<(String, String)>,
    addresses: Limiter<String>,
    names: Limiter<String>,
}

impl std::fmt::Debug for Attempts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempts").finish_non_exhaustive()
    }
}

impl Attempts {
    /// No attempts yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let clock = Ours(clock);
        Self { pairs: limiter(PER_PAIR, &clock), addresses: limiter(PER_ADDRESS, &clock), names: limiter(PER_NAME, &clock), clock }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// 429 when there were too many, with the time to wait.
    pub fn count(&self, from: &str, name: &str) -> Result<(), Problem> {
        // The name is what an attacker chooses: only a bounded piece of it is kept.
        let name: String = name.chars().take(100).collect::<String>().to_lowercase();
        // The address goes first: what it refuses must not use up the attempts of a name.
        self.check(&self.addresses, &from.to_owned())?;
        self.check(&self.pairs, &(from.to_owned(), name.clone()))?;
        self.check(&self.names, &name)
    }

    fn check<K: Clone + Eq + std::hash::Hash>(&self, limiter: &Limiter<K>, key: &K) -> Result<(), Problem> {
        if limiter.len() > MANY {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            Problem::too_many(wait.as_secs() + 1)
        })
    }
}

fn limiter<K: Clone + Eq + std::hash::Hash>((burst, per_minute): (u32, u32), clock: &Ours) -> Limiter<K> {
    let positive = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::per_minute(positive(per_minute)).allow_burst(positive(burst));
    RateLimiter::new(quota, HashMapStateStore::default(), clock.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_model::clock::ManualClock;
    use jiff::Timestamp;

    #[test]
    fn one_address_cannot_guess_on_and_another_still_can() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_700_000_000).expect("in range")));
        let attempts = Attempts::new(clock.clone());
        let tried = (0..100).take_while(|_| attempts.count("192.0.2.1", "ada").is_ok()).count();
        assert_eq!(tried, 20);
        assert!(attempts.count("192.0.2.2", "ada").is_ok());
        let refused = attempts.count("192.0.2.1", "ADA").expect_err("the case of the name does not matter");
        assert_eq!((refused.status, refused.code.as_ref()), (429, "too-many-attempts"));
        clock.advance_millis(7_000);
        assert!(attempts.count("192.0.2.1", "ada").is_ok(), "time gives attempts back");
    }

    #[test]
    fn a_machine_trying_many_names_is_stopped() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_700_000_000).expect("in range")));
        let attempts = Attempts::new(clock);
        let tried = (0..500).take_while(|number| attempts.count("192.0.2.1", &format!("user{number}")).is_ok()).count();
        assert_eq!(tried, 60);
    }
}
