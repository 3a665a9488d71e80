//! Generated files that are committed: the OpenAPI document, the console's types made from it, and the tables of
//! fields in the reference of the query language.

use crate::{machine, shell};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Options of `cargo xtask codegen`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail when a committed file differs from what the code says.
    #[arg(long)]
    pub(crate) check: bool,
}

const OPENAPI: &str = "openapi/fettle.json";
const TYPES: &str = "web/src/api/schema.d.ts";

/// Writes or checks the generated files.
pub(crate) fn run(options: &Options) -> Result<()> {
    shell::build_programs()?;
    let openapi = shell::output(&mut shell::command(&shell::binary("fettle").to_string_lossy(), &["openapi"]))?;
    put(options, &shell::root().join(OPENAPI), &openapi)?;
    let scratch = tempfile::tempdir()?;
    let types = scratch.path().join("schema.d.ts");
    let document = shell::root().join(OPENAPI);
    shell::run(machine::npm().args([
        "exec",
        "--",
        "openapi-typescript",
        &document.to_string_lossy(),
        "--output",
        &types.to_string_lossy(),
        // Fields that have a default may be left out of a request, so they are optional.
        "--default-non-nullable",
        "false",
    ]))?;
    put(options, &shell::root().join(TYPES), &std::fs::read_to_string(&types)?)?;
    // The tests compare the tables of fields at every run, so there is nothing to check here.
    if options.check { Ok(()) } else { shell::run(&mut tables_of_fields()) }
}

/// The test that compares the tables of fields with the registry also writes them. Of the whole workspace, as
/// everywhere, so that nothing is compiled twice.
fn tables_of_fields() -> std::process::Command {
    let mut command = shell::command("cargo", &["test", "--workspace", "--test", "meaning", "generated"]);
    command.env("UPDATE", "1");
    command
}

fn put(options: &Options, path: &Path, wanted: &str) -> Result<()> {
    let present = std::fs::read_to_string(path).unwrap_or_default();
    if present == wanted {
        return Ok(());
    }
    if options.check {
        bail!("{} is not what the code says; run `cargo xtask codegen` and commit the result", path.display());
    }
    std::fs::write(path, wanted).with_context(|| format!("could not write {}", path.display()))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
