//! Measurements. Every figure comes with a reference measured in the same run, because machines differ.

mod assess;
mod footprint;
mod http;
mod import;
mod query;
mod rivals;

use anyhow::Result;

/// Which one.
#[derive(clap::Subcommand)]
pub(crate) enum Which {
    /// Deciding what machines miss, beside apt-get and debsecan at the same host.
    Assess(assess::Options),
    /// Sizes and start: binaries, server start, memory at rest, bytes of uploads, on demand a clean build.
    Footprint(footprint::Options),
    /// Waiting times through HTTP and TLS at full size, while scans arrive.
    Http(http::Options),
    /// Bringing feeds up to date: time and memory, unchanged feeds, power cuts in the middle.
    Import(import::Options),
    /// The fleet index: named questions, updates, snapshot, memory, and PostgreSQL with the same fleet in two schemas.
    Query(query::Options),
    /// The fleet index beside CRoaring's bitmaps and the search engine Tantivy.
    Rivals(rivals::Options),
}

/// Runs it.
pub(crate) fn run(which: &Which) -> Result<()> {
    match which {
        Which::Assess(options) => assess::run(options),
        Which::Footprint(options) => footprint::run(options),
        Which::Http(options) => http::run(options),
        Which::Import(options) => import::run(options),
        Which::Query(options) => query::run(options),
        Which::Rivals(options) => rivals::run(options),
    }
}
