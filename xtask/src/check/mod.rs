//! The architecture as tests: which crate may use which, how long a file may be, which names say nothing.

mod edges;
mod places;

use crate::shell;
use anyhow::{Result, bail};

/// Options of `cargo xtask check`.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Also hold licences, sources and duplicate versions of dependencies (`cargo deny`, installed when absent).
    #[arg(long)]
    dependencies: bool,
}

/// Runs every check and fails when one of them finds something.
pub(crate) fn run(options: &Options) -> Result<()> {
    let findings = all()?;
    for finding in &findings {
        println!("{finding}");
    }
    if options.dependencies {
        if !shell::has("cargo-deny") {
            shell::run(&mut shell::command("cargo", &["install", "--locked", "--quiet", "cargo-deny"]))?;
        }
        shell::run(&mut shell::command("cargo", &["deny", "check", "bans", "licenses", "sources"]))?;
    }
    println!("RESULT check findings={}", findings.len());
    if !findings.is_empty() {
        bail!("the architecture does not hold; see the findings above");
    }
    Ok(())
}

fn all() -> Result<Vec<String>> {
    let metadata = shell::output(&mut shell::command("cargo", &["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
    let mut findings = edges::findings(&metadata)?;
    findings.extend(places::findings(&shell::root())?);
    Ok(findings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_architecture_holds() {
        let findings = super::all().expect("the workspace can be read");
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}
