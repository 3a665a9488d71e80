//! apt repositories.

mod http;
mod import;
mod refusals;
mod signed;
