//! Arguments and exit codes of installers.

use super::fields::{Fields, Switches};
use fettle_model::installer::InstallerKind;

/// What an exit code may mean, as the schema names it.
pub(super) const RESPONSES: &[&str] = &[
    "packageInUse",
    "packageInUseByApplication",
    "installInProgress",
    "fileInUse",
    "missingDependency",
    "diskFull",
    "insufficientMemory",
    "invalidParameter",
    "noNetwork",
    "contactSupport",
    "rebootRequiredToFinish",
    "rebootRequiredForInstall",
    "rebootInitiated",
    "cancelledByUser",
    "alreadyInstalled",
    "downgrade",
    "blockedByPolicy",
    "systemNotSupported",
    "custom",
];
/// Windows Installer: done, restart to finish (3010); done, restarting (1641). Bundles pass them on.
const REBOOT_CODES: [i64; 2] = [3010, 1641];
/// Longest arguments, as the schema says.
const MAX_SWITCHES: usize = 2048;

/// Checks arguments: nothing is fetched from elsewhere through them, and those for Windows Installer are options or
/// `NAME=value`.
pub(super) fn check(text: &str, is_package: bool) -> Result<(), &'static str> {
    if text.is_empty() || text.chars().count() > MAX_SWITCHES {
        return Err("has 1 to 2,048 characters");
    }
    if text.contains("://") || text.split([' ', '"', '=', '\t']).any(|word| word.starts_with("\\\\")) {
        return Err("names an address on the network");
    }
    if is_package && !words(text).is_some_and(|words| words.iter().all(|word| is_option(word))) {
        return Err("cannot be read as arguments of Windows Installer");
    }
    Ok(())
}

/// Words between spaces, quotes kept together; `None` when a quote is left open.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            letter if letter.is_whitespace() && !quoted => words.push(String::new()),
            letter => words.last_mut()?.push(letter),
        }
    }
    (!quoted).then(|| words.into_iter().filter(|word| !word.is_empty()).collect())
}

fn is_option(word: &str) -> bool {
    if let Some(option) = word.strip_prefix(['/', '-']) {
        return option.starts_with(|letter: char| letter.is_ascii_alphabetic());
    }
    // What follows an option, such as the file of a log, is a path, or a place for one.
    let is_path = word.starts_with(['<', '%']) || word.contains('\\') || word.contains('.');
    let is_property = word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
    });
    is_property || is_path
}

/// The arguments with which an installer asks nothing; `None` when nobody knows them.
pub(super) fn silent(installer: &Fields, kind: InstallerKind) -> Option<String> {
    let Switches { silent, custom, .. } = installer.installer_switches.clone().unwrap_or_default();
    let known = match kind {
        InstallerKind::Msi | InstallerKind::Wix | InstallerKind::Burn => Some("/quiet /norestart"),
        InstallerKind::Inno => Some("/VERYSILENT /SUPPRESSMSGBOXES /NORESTART"),
        InstallerKind::Nullsoft => Some("/S"),
        InstallerKind::Msix | InstallerKind::Appx => Some(""),
        InstallerKind::Exe
        | InstallerKind::Portable
        | InstallerKind::Font
        | InstallerKind::Pwa
        | InstallerKind::Zip
        | InstallerKind::Deb
        | InstallerKind::Rpm => None,
    };
    let quiet = silent.or_else(|| known.map(str::to_owned))?;
    let both = [Some(quiet), custom].into_iter().flatten().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Some(both.collect::<Vec<_>>().join(" "))
}

/// Exit codes that mean success, and those that mean success after a restart.
pub(super) fn codes(installer: &Fields, kind: InstallerKind) -> (Vec<i64>, Vec<i64>) {
    let success = installer.installer_success_codes.clone().unwrap_or_default();
    let is_windows_installer = matches!(kind, InstallerKind::Msi | InstallerKind::Wix | InstallerKind::Burn);
    let mut reboot: Vec<i64> = if is_windows_installer { REBOOT_CODES.to_vec() } else { Vec::new() };
    for expected in installer.expected_return_codes.iter().flatten() {
        let means_reboot = expected
            .return_response
            .as_deref()
            .is_some_and(|word| word.eq_ignore_ascii_case("rebootRequiredToFinish") || word.eq_ignore_ascii_case("rebootInitiated"));
        reboot.extend(expected.installer_return_code.filter(|_| means_reboot));
    }
    reboot.sort_unstable();
    reboot.dedup();
    (success, reboot)
}
