//! The system's clock and randomness: the only place in the server that asks for either.

use fettle_model::clock::{Clock, Entropy};
use jiff::Timestamp;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the server's one source of time; everything else is given a Clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the server's one source of randomness; everything else is given an Entropy")]
    fn fill(&self, bytes: &mut [u8]) {
        // getrandom(2) fails only where there is no such call. A server without randomness would hand out
        // guessable secrets, so it stops at once and does not unwind into code that goes on without them.
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the operating system gave no random bytes");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_differ() {
        assert_ne!(SystemEntropy.ten(), SystemEntropy.ten());
    }
}
