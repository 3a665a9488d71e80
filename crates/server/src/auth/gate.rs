//! The API's state, which opens only by way of a decision.

use super::caller::address;
use super::limits::Attempts;
use crate::App;
use crate::api::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;

/// The API's state. Handlers cannot look inside: they take [`super::Granted`] or [`Open`].
#[derive(Debug, Clone)]
pub struct Gate {
    app: Arc<App>,
    attempts: Arc<Attempts>,
}

impl Gate {
    /// The gate before a server.
    #[must_use]
    pub fn new(app: &Arc<App>) -> Self {
        Self { app: Arc::clone(app), attempts: Arc::new(Attempts::new(Arc::clone(&app.clock))) }
    }

    /// Only for the ways in, which are in this module.
    pub(super) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Only for the ways in, which are in this module.
    pub(super) fn attempts(&self) -> &Attempts {
        &self.attempts
    }
}

/// An operation for everybody, recognised or not. Each that takes it is listed in the refusal test.
#[derive(Debug, Clone)]
pub struct Open {
    gate: Gate,
    from: String,
}

impl Open {
    /// The server.
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.gate.app
    }

    /// Where the request came from.
    pub(crate) fn from(&self) -> &str {
        &self.from
    }

    /// Counts an attempt to prove something secret, and refuses it when there were too many.
    ///
    /// # Errors
    /// 429 with the time to wait.
    pub(crate) fn attempt(&self, name: &str) -> Result<(), Problem> {
        self.gate.attempts.count(&self.from, name)
    }
}

impl FromRequestParts<Gate> for Open {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Problem> {
        Ok(Self { gate: gate.clone(), from: address(parts) })
    }
}
