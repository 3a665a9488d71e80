//! What queries mean: names, values, texts, truth.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests stop where the test cannot go on")]

mod completion;
mod errors;
mod explained;
mod generated;
mod laws;
mod names;
mod related;
mod support;
mod texts;
mod truth;
mod values;
