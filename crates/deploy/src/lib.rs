//! Jobs: what they are, when they run, what a run does to each asset, and how an agent carries it out.
//!
//! Pure: no input or output, no clock, no randomness. The server and the agent feed in what happened and
//! carry out what comes back. To add an option to a job, add it to [`job::Options`], make [`job::Definition::check`]
//! refuse bad values, carry it into [`manifest`] if agents must know, and tell [`agent`] what to do with it.

pub mod agent;
pub mod job;
mod lifecycle;
pub mod manifest;
pub mod plan;
pub mod reason;
pub mod run;
