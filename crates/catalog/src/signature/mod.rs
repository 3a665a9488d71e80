//! Checking signatures with gpgv, the program apt relies on too.
//!
//! Only the lines that gpgv writes for programs are read (`--status-fd`, described in GnuPG's `doc/DETAILS`).

mod error;
mod keyring;

pub use error::SignatureError;

use crate::feed::Keyring;
use crate::verified::Verified;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;

/// Longest time gpgv may take; it needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);
const SIGNED_MESSAGE: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const SIGNATURE_END: &str = "-----END PGP SIGNATURE-----";

/// What came from the mirror.
#[derive(Debug, Clone)]
pub(crate) enum Envelope {
    /// Text and signature in one file (`InRelease`).
    Inline(Vec<u8>),
    /// Text and signature in two files (`Release`, `Release.gpg`).
    Detached {
        /// The text.
        text: Vec<u8>,
        /// Its signature.
        signature: Vec<u8>,
    },
}

/// A text and who signed it.
#[derive(Debug)]
pub(crate) struct Signed {
    /// Exactly the bytes that were signed.
    pub(crate) text: Vec<u8>,
    /// Fingerprints of the keys whose signatures are good, in capitals.
    pub(crate) keys: Vec<String>,
}

/// Checks that a key of the keyring signed the text.
pub(crate) async fn verify(envelope: Envelope, trusted: &Keyring) -> Result<Verified<Signed>, SignatureError> {
    let scratch = TempDir::new().map_err(|source| SignatureError::KeyringUnreadable { path: "a scratch folder".into(), source })?;
    let folder = scratch.path();
    let kept = |source| SignatureError::KeyringUnreadable { path: folder.display().to_string(), source };
    let keys = keyring::prepare(trusted, folder)?;
    let (text_file, signature_file, output) = (folder.join("text"), folder.join("signature"), folder.join("output"));
    let mut command = gpgv(folder, keys.path());
    match &envelope {
        Envelope::Inline(bytes) => {
            is_one_signed_message(bytes)?;
            keep(&text_file, bytes).map_err(kept)?;
            command.arg("--output").arg(&output).arg(&text_file);
        }
        Envelope::Detached { text, signature } => {
            keep(&text_file, text).map_err(kept)?;
            keep(&signature_file, signature).map_err(kept)?;
            command.arg(&signature_file).arg(&text_file);
        }
    }
    let child = command.output();
    let too_slow = |_| SignatureError::TooSlow(PATIENCE.as_secs());
    let done = tokio::time::timeout(PATIENCE, child).await.map_err(too_slow)?.map_err(SignatureError::NoGpgv)?;
    let keys = judge(&String::from_utf8_lossy(&done.stdout), &done.status.to_string())?;
    let text = match envelope {
        Envelope::Inline(_) => std::fs::read(&output).map_err(kept)?,
        Envelope::Detached { text, .. } => text,
    };
    Ok(Verified::checked(Signed { text, keys }))
}

fn gpgv(folder: &Path, keyring: &Path) -> Command {
    let mut command = Command::new("gpgv");
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    command.env_clear().env("PATH", path).env("LC_ALL", "C");
    command.stdin(Stdio::null()).kill_on_drop(true);
    command.arg("--homedir").arg(folder).args(["--status-fd", "1", "--keyring"]).arg(keyring);
    command
}

fn keep(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.flush()
}

/// Text around or between signed messages would be shown by gpgv's output or not, depending on its version: a
/// file is accepted only if it is one signed message from its first line to its last, as apt wants it too.
fn is_one_signed_message(bytes: &[u8]) -> Result<(), SignatureError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SignatureError::Unsigned)?;
    let count = |marker: &str| text.lines().filter(|line| line.trim_end() == marker).count();
    let starts = text.lines().next().is_some_and(|line| line.trim_end() == SIGNED_MESSAGE);
    let ends = text.lines().rfind(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_end() == SIGNATURE_END);
    let single = [SIGNED_MESSAGE, SIGNATURE, SIGNATURE_END].iter().all(|marker| count(marker) == 1);
    if starts && ends && single { Ok(()) } else { Err(SignatureError::Unsigned) }
}

/// What gpgv said of the signatures.
#[derive(Default)]
struct Judgement {
    good: Vec<String>,
    bad: Option<String>,
    unknown: Vec<String>,
    dead: Option<(String, &'static str)>,
    weak: Option<&'static str>,
}

/// Reads gpgv's status lines. A repository may be signed by several keys of which the feed trusts one; one good
/// signature is enough, but a bad one is never accepted.
fn judge(status: &str, ended: &str) -> Result<Vec<String>, SignatureError> {
    let judgement = read_status(status);
    if let Some(key) = judgement.bad {
        return Err(SignatureError::Bad { key });
    }
    if !judgement.good.is_empty() {
        return Ok(judgement.good);
    }
    if let Some((key, why)) = judgement.dead {
        return Err(SignatureError::DeadKey { key, why });
    }
    if let Some(hash) = judgement.weak {
        return Err(SignatureError::WeakHash(hash));
    }
    if !judgement.unknown.is_empty() {
        return Err(SignatureError::UnknownKey { keys: judgement.unknown.join(", ") });
    }
    let nothing_there = status.lines().any(|line| line.starts_with("[GNUPG:] NODATA"));
    Err(if nothing_there { SignatureError::Unsigned } else { SignatureError::Refused(ended.to_owned()) })
}

fn read_status(status: &str) -> Judgement {
    let mut judgement = Judgement::default();
    let mut good_so_far = false;
    for line in status.lines().filter_map(|line| line.strip_prefix("[GNUPG:] ")) {
        let mut words = line.split(' ');
        let keyword = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        let key = words.first().copied().unwrap_or_default().to_owned();
        match keyword {
            "NEWSIG" => good_so_far = false,
            "GOODSIG" => good_so_far = true,
            "BADSIG" => judgement.bad = Some(key),
            "EXPKEYSIG" => judgement.dead = Some((key, "expired")),
            "REVKEYSIG" => judgement.dead = Some((key, "been revoked")),
            "EXPSIG" => judgement.dead = Some((key, "made a signature that expired")),
            // Reason 9 is a missing key; other reasons end in the general refusal.
            "ERRSIG" if words.get(5) == Some(&"9") => judgement.unknown.push(key),
            // Fields: fingerprint, date, time, expiry, version, reserved, key algorithm, hash algorithm.
            "VALIDSIG" if good_so_far => match words.get(7).copied().and_then(forgeable) {
                Some(hash) => judgement.weak = Some(hash),
                None => judgement.good.push(key),
            },
            _ => {}
        }
    }
    judgement
}

/// The name of a hash algorithm (RFC 9580 §9.5) that no longer protects a signature.
fn forgeable(algorithm: &str) -> Option<&'static str> {
    match algorithm {
        "1" => Some("MD5"),
        "2" => Some("SHA-1"),
        "3" => Some("RIPEMD-160"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: &str) -> String {
        judge(status, "exit status: 2").expect_err("refused").to_string()
    }

    const GOOD: &str = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG AAAA a\n[GNUPG:] VALIDSIG FFFF 2026-01-01 1 0 4 0 1 8 00 FFFF\n";
    const UNKNOWN: &str = "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG BBBB 1 8 01 1 9 EEEE\n[GNUPG:] NO_PUBKEY BBBB\n";

    #[test]
    fn one_good_signature_beside_an_unknown_one_is_enough() {
        assert_eq!(judge(&format!("{UNKNOWN}{GOOD}"), "").expect("good"), ["FFFF"]);
        assert_eq!(judge(&format!("{GOOD}{UNKNOWN}"), "").expect("good"), ["FFFF"]);
    }

    #[test]
    fn everything_else_is_refused() {
        insta::assert_snapshot!(refused(&format!("{GOOD}[GNUPG:] NEWSIG\n[GNUPG:] BADSIG CCCC c\n")), @"it was changed after it was signed (bad signature by key CCCC); do not use this mirror");
        insta::assert_snapshot!(refused(UNKNOWN), @"it is signed by key BBBB, which is not in the feed's keyring; check that repository and keyring belong together");
        insta::assert_snapshot!(refused("[GNUPG:] NEWSIG\n[GNUPG:] EXPKEYSIG AAAA a\n[GNUPG:] VALIDSIG FFFF x 1 0 4 0 1 8 00 FFFF\n"), @"it is signed by key AAAA, which has expired; update the keyring");
        insta::assert_snapshot!(refused("[GNUPG:] NEWSIG\n[GNUPG:] REVKEYSIG AAAA a\n[GNUPG:] VALIDSIG FFFF x 1 0 4 0 1 8 00 FFFF\n"), @"it is signed by key AAAA, which has been revoked; update the keyring");
        insta::assert_snapshot!(refused(&GOOD.replace(" 8 00", " 2 00")), @"it is signed with SHA-1, which can be forged; ask the repository's maker for a signature with SHA-256 or better");
        insta::assert_snapshot!(refused("[GNUPG:] NODATA 4\n"), @"it carries no signature; it is damaged or not what it should be");
        insta::assert_snapshot!(refused("VALIDSIG without the mark\n"), @"gpgv accepted no signature; it ended with exit status: 2");
    }

    #[test]
    fn nothing_may_stand_around_the_signed_message() {
        let message = format!("{SIGNED_MESSAGE}\nHash: SHA256\n\ntext\n{SIGNATURE}\n\nabc\n{SIGNATURE_END}\n");
        assert!(is_one_signed_message(message.as_bytes()).is_ok());
        for odd in
            [format!("before\n{message}"), format!("{message}after\n"), format!("{message}{message}"), "text".to_owned(), String::new()]
        {
            assert!(is_one_signed_message(odd.as_bytes()).is_err(), "{odd}");
        }
    }
}
