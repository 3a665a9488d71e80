//! Sizes and names of files, and calls that belong in one place only.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// A file past this many lines wants splitting by subject.
const MOST_LINES: usize = 500;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "types", "shared"];

/// Generated files are nobody's to split.
const GENERATED: &[&str] = &["web/src/api/schema.d.ts", "web/src/routeTree.gen.ts"];

/// A call and the only folder it may be made from.
struct Kept {
    call: &'static str,
    within: &'static str,
    only: &'static str,
    because: &'static str,
}

const KEPT: &[Kept] = &[
    Kept {
        call: "process::Command",
        within: "crates/agent/src",
        only: "crates/agent/src/platform",
        because: "the agent calls the operating system in platform/ alone",
    },
    Kept { call: "sqlx::", within: "crates", only: "crates/store", because: "no SQL outside the store" },
];

/// Everything out of place below `root`.
pub(super) fn findings(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in sources(root)? {
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if GENERATED.contains(&name.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {name}"))?;
        findings.extend(judge(&name, &text));
    }
    Ok(findings)
}

fn judge(name: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES && !LONG_FILES.iter().any(|(file, _)| *file == name) {
        findings.push(format!("{name}: {lines} lines, more than {MOST_LINES}; split it by subject"));
    }
    let says_nothing = |part: &str| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or(part));
    if let Some(part) = name.split('/').find(|part| says_nothing(part)) {
        findings.push(format!("{name}: {part:?} says nothing about what is inside"));
    }
    for kept in KEPT {
        if name.starts_with(kept.within) && !name.starts_with(kept.only) && text.contains(kept.call) {
            findings.push(format!("{name}: {} outside {}: {}", kept.call, kept.only, kept.because));
        }
    }
    findings
}

fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = ["crates", "xtask", "rivals/src", "web/src", "web/e2e"].map(|folder| root.join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().and_then(|end| end.to_str()).is_some_and(|end| ["rs", "ts", "tsx", "mjs"].contains(&end)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_empty_names_and_misplaced_calls_are_found() {
        assert_eq!(judge("crates/a/src/x.rs", &"x\n".repeat(501)).len(), 1);
        assert_eq!(judge("crates/a/src/x.rs", &"x\n".repeat(500)), Vec::<String>::new());
        assert_eq!(judge("crates/a/src/helpers/x.rs", "").len(), 1);
        assert_eq!(judge("crates/a/src/utils.rs", "").len(), 1);
        assert_eq!(judge("crates/agent/src/loop.rs", "std::process::Command::new").len(), 1);
        assert_eq!(judge("crates/agent/src/platform/apt.rs", "std::process::Command::new"), Vec::<String>::new());
        assert_eq!(judge("crates/server/src/x.rs", "sqlx::query").len(), 1);
    }
}
