//! Repeated creations count once: the `Idempotency-Key` header.

use utoipa::IntoParams;

/// The header that makes a repeated creation count once.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyHeader {
    /// Any text of 1 to 200 characters. The same key with the same request within 24 hours answers as the
    /// first time; with another request it is refused.
    #[param(rename = "Idempotency-Key", value_type = Option<String>, min_length = 1, max_length = 200)]
    pub idempotency_key: Option<String>,
}
