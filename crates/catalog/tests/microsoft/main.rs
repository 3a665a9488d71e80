//! Importing security documents: from a folder, from an API, and hostile ones.

mod documents;
mod folder;
mod hostile;
mod web;
