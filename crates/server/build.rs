//! Has the server built anew when the console it carries was.
//!
//! The files are embedded by `console.rs`. Without this a server that was compiled before the console was
//! built for the first time would go on without it.

use std::path::Path;

fn main() {
    let built = Path::new("../../web/dist");
    // Watching a path that is not there would run this every time; its parent changes when it appears.
    let watched = if built.exists() { built } else { Path::new("../../web") };
    println!("cargo::rerun-if-changed=build.rs");
    if watched.exists() {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
}
