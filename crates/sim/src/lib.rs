//! A simulated fleet: the real agent on pretended machines.
//!
//! Everything follows from a seed. [`world`] says which software exists, which updates it had and when, and
//! which machines there are; [`repository`] writes the updates as a signed archive for the real catalog
//! import; [`platform`] lets the agent library run on such a machine; [`fleet`] runs many of them in one
//! process over real mutual TLS; [`demo`] furnishes a server with all of it through its API;
//! [`synthetic`] fills an index for measurements without any agent. To add software,
//! add it to the table in [`world::software`]; to add a way to fail, add it to [`platform::Trouble`].

pub mod chance;
pub mod demo;
pub mod fleet;
pub mod platform;
pub mod repository;
pub mod synthetic;
pub mod world;
