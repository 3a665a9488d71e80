//! The agent: it observes its machine, tells the server, and carries out signed manifests.
//!
//! The parts, from the outside in: [`enroll`] gets an identity, [`agent`] runs (check-in, scan, work and reports,
//! each in its own loop), [`link`] speaks to the server, [`state`] keeps what must survive, and [`platform`] is
//! the only door to the operating system. How a manifest is carried out is decided by
//! [`fettle_deploy::agent`]; this crate only does what that machine says.
//!
//! A simulated fleet uses this crate as a library: [`state::State::in_memory`], [`enroll::enroll`], then
//! [`agent::Agent::new`] with a [`platform::Platform`] of its own, and [`agent::Agent::run`].

pub mod agent;
pub mod cli;
pub mod enroll;
mod execute;
pub mod link;
pub mod platform;
mod scan;
pub mod settings;
pub mod state;
pub mod status;
pub mod system;

/// The agent's version, as it is told to the server.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// An error with its causes, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
