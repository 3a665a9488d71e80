//! RPM repositories.

mod import;
mod made;
mod refusals;
