//! Which numbers of a block lie between two ends, as bits; for several generations of processors, as in [`super::bits`].

use super::bits::WORD;
use super::numbers::BLOCK;
use multiversion::multiversion;

/// A bit for each number of a block.
pub(crate) type Bits = [u64; BLOCK / WORD];

/// Comparing numbers of one type. Both ends belong to what lies between them.
macro_rules! among {
    ($($name:ident of $number:ty),*) => { $(
        /// The numbers between `low` and `high`.
        #[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq+popcnt+bmi1+bmi2", "x86_64+avx2+popcnt+bmi1+bmi2", "aarch64+neon"))]
        pub(crate) fn $name(numbers: &[$number; BLOCK], low: $number, high: $number) -> Bits {
            let mut words = [0; BLOCK / WORD];
            let (groups, _) = numbers.as_chunks::<WORD>();
            for (word, group) in words.iter_mut().zip(groups) {
                let mut flags = [0_u8; WORD];
                for (flag, &number) in flags.iter_mut().zip(group) {
                    *flag = u8::from(low <= number) & u8::from(number <= high);
                }
                *word = pack(&flags);
            }
            words
        }
    )* };
}

among!(u16s of u16, u32s of u32, u64s of u64, i64s of i64);

/// Sixty-four bytes of zero or one as bits.
#[inline(always)]
fn pack(flags: &[u8; WORD]) -> u64 {
    // Multiplying moves the lowest bit of each byte to a place of its own in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut word = 0;
    let (bytes, _) = flags.as_chunks::<8>();
    for (at, eight) in (0_u32..).zip(bytes) {
        word |= (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) << (8 * at);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn scanning_is_comparing_each(seed in proptest::collection::vec(any::<i64>(), BLOCK), low: i64, high: i64, short: (u16, u16)) {
            let numbers: [i64; BLOCK] = seed.try_into().expect("as many");
            let shorter: [u16; BLOCK] = numbers.map(|number| (number & 0xffff) as u16);
            let (words, short_words) = (i64s(&numbers, low, high), u16s(&shorter, short.0, short.1));
            for (at, (number, shorter)) in numbers.iter().zip(&shorter).enumerate() {
                prop_assert_eq!(words[at / WORD] >> (at % WORD) & 1 == 1, low <= *number && *number <= high);
                prop_assert_eq!(short_words[at / WORD] >> (at % WORD) & 1 == 1, short.0 <= *shorter && *shorter <= short.1);
            }
        }
    }
}
