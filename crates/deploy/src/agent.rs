//! The agent machine.
