//! The data folder: permissions, room, database.

use super::{Finding, chain};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Below this the next feed or backup may not fit.
const LOW_SPACE: u64 = 1024 * 1024 * 1024;
/// Below this SQLite may fail in the middle of an upload.
const NO_SPACE: u64 = 100 * 1024 * 1024;

/// Checks folder, secrets and room.
pub(super) fn check(data: &Path) -> Vec<Finding> {
    if !data.is_dir() {
        let found = format!("{} is not a folder", data.display());
        return vec![Finding::fail("data folder", found, "give the folder that `fettle serve --data` uses; it is made at the first start")];
    }
    let mut findings = vec![writable(data), room(data)];
    findings.extend(secrets(&data.join("secrets")));
    findings
}

fn writable(data: &Path) -> Finding {
    match tempfile::NamedTempFile::new_in(data) {
        Ok(_) => Finding::ok("data folder", data.display().to_string()),
        Err(error) => {
            let found = format!("cannot write to {}: {error}", data.display());
            Finding::fail("data folder", found, "run as the user the server runs as, and check who owns the folder")
        }
    }
}

fn room(data: &Path) -> Finding {
    let what_to_do = "free space on the file system of the data folder, or move the folder to a larger one";
    match rustix::fs::statvfs(data) {
        Err(error) => Finding::warn("disk space", format!("could not be read: {error}"), "check the file system of the data folder"),
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let found = format!("{} free", crate::cli::columns::bytes(free));
            match free {
                0..NO_SPACE => Finding::fail("disk space", found, what_to_do),
                NO_SPACE..LOW_SPACE => Finding::warn("disk space", found, what_to_do),
                _ => Finding::ok("disk space", found),
            }
        }
    }
}

fn secrets(folder: &Path) -> Vec<Finding> {
    if !folder.is_dir() {
        return vec![Finding::warn("secrets", "there are none yet", "start the server once: it makes them")];
    }
    let owner = std::fs::metadata(folder.join("..")).map(|metadata| metadata.uid()).ok();
    let mut open = Vec::new();
    let entries = std::fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    for path in std::iter::once(folder.to_owned()).chain(entries.unwrap_or_default()) {
        let Ok(metadata) = std::fs::symlink_metadata(&path) else { continue };
        // The authority's certificate is public; everything else in there is not.
        let public = path.extension().is_some_and(|extension| extension == "pem");
        if !public && (metadata.permissions().mode() & 0o077 != 0 || Some(metadata.uid()) != owner) {
            open.push(path.display().to_string());
        }
    }
    if open.is_empty() {
        return vec![Finding::ok("secrets", "readable by their owner only")];
    }
    let what_to_do = "chown them to the server's user; chmod 700 the folder and 600 the files; if others may have read them, make new ones";
    vec![Finding::fail("secrets", format!("not private: {}", open.join(", ")), what_to_do)]
}

/// Checks that the database opens and which schema it has, without changing it.
pub(super) async fn database(url: &str) -> Finding {
    // A PostgreSQL address may hold a password: only its kind is shown.
    let kind = url.split(':').next().unwrap_or_default().to_owned();
    match fettle_store::Store::inspect(url).await {
        Ok(None) => Finding::warn("database", format!("{kind}: empty"), "start the server once: it makes the tables"),
        Ok(Some(schema)) if schema.found == schema.wanted => Finding::ok("database", format!("{kind}: opens, schema {}", schema.found)),
        Ok(Some(schema)) if schema.found < schema.wanted => {
            let found = format!("{kind}: schema {}, this version uses {}", schema.found, schema.wanted);
            Finding::warn("database", found, "make a backup, then start the server of this version: it brings the schema up to date")
        }
        Ok(Some(schema)) => {
            let found = format!("{kind}: schema {} is newer than this version's {}", schema.found, schema.wanted);
            Finding::fail("database", found, "run the newer version of Fettle that last used it; a downgrade is refused")
        }
        Err(error) => {
            let what_to_do = "check that the file exists and belongs to the server's user, or that PostgreSQL runs and lets this user in";
            Finding::fail("database", format!("{kind}: {}", chain(&error)), what_to_do)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn verdicts(data: &Path) -> Vec<(String, Verdict)> {
        check(data).into_iter().map(|finding| (finding.subject, finding.verdict)).collect()
    }

    #[test]
    fn secrets_that_others_can_read_fail() {
        let data = tempfile::tempdir().expect("scratch folder");
        let secrets = data.path().join("secrets");
        let key = secrets.join("authority.key");
        assert!(verdicts(data.path()).contains(&("secrets".to_owned(), Verdict::Warn)), "none yet");
        std::fs::create_dir(&secrets).expect("made");
        std::fs::write(&key, "x").expect("written");
        let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
        set(&secrets, 0o700);
        set(&key, 0o600);
        assert!(verdicts(data.path()).contains(&("secrets".to_owned(), Verdict::Ok)));
        set(&key, 0o640);
        assert!(verdicts(data.path()).contains(&("secrets".to_owned(), Verdict::Fail)));
        set(&key, 0o600);
        set(&secrets, 0o755);
        assert!(verdicts(data.path()).contains(&("secrets".to_owned(), Verdict::Fail)));
    }

    #[test]
    fn a_missing_folder_says_so_once() {
        assert_eq!(verdicts(Path::new("/nonexistent/fettle")), [("data folder".to_owned(), Verdict::Fail)]);
    }
}
