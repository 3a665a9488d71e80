//! Importing security documents: from a folder, from an API, and hostile ones.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod documents;
mod folder;
mod hostile;
mod web;
