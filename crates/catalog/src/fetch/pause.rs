//! How long to wait before the next attempt.

use super::resume::{seconds, text};
use fettle_model::clock::Entropy;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// Longest pause that a server can ask for. One that wants more is not asked again within this sync: the next one is some
/// minutes away anyway.
const MOST: Duration = Duration::from_secs(60);

/// What a server asks for with `Retry-After` (RFC 9110 §10.2.3). A date counts from the server's own `Date`, so that no clock
/// of ours is compared with theirs.
pub(super) fn asked(headers: &HeaderMap) -> Option<Duration> {
    let after = text(headers, &RETRY_AFTER)?;
    if let Ok(count) = after.trim().parse() {
        return Some(Duration::from_secs(count));
    }
    let (until, now) = (seconds(&after)?, seconds(&text(headers, &DATE)?)?);
    Some(Duration::from_secs(u64::try_from(until.saturating_sub(now)).unwrap_or(0)))
}

/// The pause to make; `None` when the server asks for one that is too long. Our own is made up to a half longer or shorter
/// by chance, so that servers that failed together do not come back together.
pub(super) fn next(own: Duration, asked: Option<Duration>, chance: Option<&dyn Entropy>) -> Option<Duration> {
    let mut byte = [128; 1];
    if let Some(chance) = chance {
        chance.fill(&mut byte);
    }
    // 128 of 256 leaves it as it is.
    let own = own.saturating_mul(u32::from(byte[0]) + 128) / 256;
    match asked {
        Some(asked) if asked > MOST => None,
        Some(asked) => Some(own.max(asked)),
        None => Some(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::HeaderName;

    struct Byte(u8);

    impl Entropy for Byte {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[rstest::rstest]
    #[case("7", Some(7))]
    #[case("Sun, 06 Nov 1994 08:50:00 GMT", Some(23))]
    #[case("Sun, 06 Nov 1994 08:00:00 GMT", Some(0))]
    #[case("-7", None)]
    #[case("soon", None)]
    fn servers_ask_in_seconds_or_for_a_time(#[case] value: &'static str, #[case] expected: Option<u64>) {
        let lines = [("retry-after", value), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")];
        let headers = lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect();
        assert_eq!(asked(&headers), expected.map(Duration::from_secs));
    }

    #[test]
    fn what_a_server_asks_for_is_bounded() {
        let second = Duration::from_secs(1);
        assert_eq!(next(second, None, None), Some(second));
        assert_eq!(next(second, Some(MOST), None), Some(MOST));
        assert_eq!(next(second, Some(Duration::ZERO), None), Some(second));
        assert_eq!(next(second, Some(MOST + second), None), None);
    }

    proptest! {
        #[test]
        fn chance_moves_a_pause_by_half_at_most(millis in 0..100_000_u64, byte: u8) {
            let own = Duration::from_millis(millis);
            let pause = next(own, None, Some(&Byte(byte))).expect("a pause");
            prop_assert!(pause >= own / 2 && pause <= own * 3 / 2);
        }
    }
}
