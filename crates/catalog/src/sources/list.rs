//! Entries of apt's configuration.
