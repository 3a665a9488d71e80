//! Fields of manifests as their schemas 1.0 to 1.12 name them.
//!
//! The same field may stand at the root, as the default of all installers, and in each installer, so one shape serves
//! for both. Texts are taken as they are written: a version `1.10` is no number.

use serde::Deserialize;

/// Fields of the schemas that decide nothing here.
pub(super) const UNREAD: &[&str] = &[
    "Author",
    "Copyright",
    "Moniker",
    "ReleaseNotes",
    "InstallationNotes",
    "Tags",
    "Documentations",
    "Icons",
    "Platform",
    "InstallModes",
    "Protocols",
    "FileExtensions",
    "Dependencies",
    "Capabilities",
    "RestrictedCapabilities",
    "Markets",
    "InstallerAbortsTerminal",
    "InstallLocationRequired",
    "RequireExplicitUpgrade",
    "DisplayInstallWarnings",
    "UnsupportedOSArchitectures",
    "UnsupportedArguments",
    "InstallationMetadata",
    "DownloadCommandProhibited",
    "ArchiveBinariesDependOnPath",
    "Authentication",
];

/// A manifest, one of its installers, or one of its languages.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Fields {
    pub(crate) package_identifier: Option<String>,
    pub(crate) package_version: Option<String>,
    pub(crate) manifest_type: Option<String>,
    pub(crate) manifest_version: Option<String>,
    pub(crate) default_locale: Option<String>,
    pub(crate) channel: Option<String>,

    pub(crate) package_locale: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) package_name: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) short_description: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) publisher_url: Option<String>,
    pub(crate) publisher_support_url: Option<String>,
    pub(crate) privacy_url: Option<String>,
    pub(crate) package_url: Option<String>,
    pub(crate) license_url: Option<String>,
    pub(crate) copyright_url: Option<String>,
    pub(crate) release_notes_url: Option<String>,
    pub(crate) purchase_url: Option<String>,
    pub(crate) agreements: Option<Vec<Agreement>>,

    pub(crate) installer_locale: Option<String>,
    #[serde(rename = "MinimumOSVersion")]
    pub(crate) minimum_os_version: Option<String>,
    pub(crate) architecture: Option<String>,
    pub(crate) installer_type: Option<String>,
    pub(crate) nested_installer_type: Option<String>,
    pub(crate) nested_installer_files: Option<Vec<NestedFile>>,
    pub(crate) scope: Option<String>,
    pub(crate) installer_url: Option<String>,
    pub(crate) installer_sha256: Option<String>,
    pub(crate) signature_sha256: Option<String>,
    pub(crate) installer_switches: Option<Switches>,
    pub(crate) installer_success_codes: Option<Vec<i64>>,
    pub(crate) expected_return_codes: Option<Vec<ReturnCode>>,
    pub(crate) upgrade_behavior: Option<String>,
    pub(crate) commands: Option<Vec<String>>,
    pub(crate) package_family_name: Option<String>,
    pub(crate) product_code: Option<String>,
    pub(crate) release_date: Option<String>,
    pub(crate) apps_and_features_entries: Option<Vec<Entry>>,
    pub(crate) elevation_requirement: Option<String>,
    pub(crate) repair_behavior: Option<String>,

    pub(crate) installers: Option<Vec<Fields>>,
    pub(crate) localization: Option<Vec<Fields>>,
}

/// What a user has to agree to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Agreement {
    pub(crate) agreement_label: Option<String>,
    pub(crate) agreement: Option<String>,
    pub(crate) agreement_url: Option<String>,
}

/// A file in an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct NestedFile {
    pub(crate) relative_file_path: Option<String>,
    pub(crate) portable_command_alias: Option<String>,
}

/// Arguments of an installer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Switches {
    pub(crate) silent: Option<String>,
    pub(crate) silent_with_progress: Option<String>,
    pub(crate) interactive: Option<String>,
    pub(crate) install_location: Option<String>,
    pub(crate) log: Option<String>,
    pub(crate) upgrade: Option<String>,
    pub(crate) custom: Option<String>,
    pub(crate) repair: Option<String>,
}

/// What an exit code means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ReturnCode {
    pub(crate) installer_return_code: Option<i64>,
    pub(crate) return_response: Option<String>,
    pub(crate) return_response_url: Option<String>,
}

/// How an application shows in the list of installed ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Entry {
    pub(crate) display_name: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) display_version: Option<String>,
    pub(crate) product_code: Option<String>,
    pub(crate) upgrade_code: Option<String>,
    pub(crate) installer_type: Option<String>,
}

impl Switches {
    /// Each switch with its name.
    pub(crate) fn all(&self) -> [(&'static str, Option<&str>); 8] {
        [
            ("Silent", self.silent.as_deref()),
            ("SilentWithProgress", self.silent_with_progress.as_deref()),
            ("Interactive", self.interactive.as_deref()),
            ("InstallLocation", self.install_location.as_deref()),
            ("Log", self.log.as_deref()),
            ("Upgrade", self.upgrade.as_deref()),
            ("Custom", self.custom.as_deref()),
            ("Repair", self.repair.as_deref()),
        ]
    }

    /// These, and where one is not given, that of the root.
    fn or(self, root: &Self) -> Self {
        let or = |own: Option<String>, root: &Option<String>| own.or_else(|| root.clone());
        Self {
            silent: or(self.silent, &root.silent),
            silent_with_progress: or(self.silent_with_progress, &root.silent_with_progress),
            interactive: or(self.interactive, &root.interactive),
            install_location: or(self.install_location, &root.install_location),
            log: or(self.log, &root.log),
            upgrade: or(self.upgrade, &root.upgrade),
            custom: or(self.custom, &root.custom),
            repair: or(self.repair, &root.repair),
        }
    }
}

impl Fields {
    /// An installer with the defaults that stand at the root. Codes by which an application is known hold only for
    /// the kinds of installer that have them; the caller sees to that.
    pub(crate) fn with_defaults(&self, root: &Self) -> Self {
        let own = self.clone();
        let or = |own: Option<String>, root: &Option<String>| own.or_else(|| root.clone());
        let root_switches = root.installer_switches.clone().unwrap_or_default();
        Self {
            installer_locale: or(own.installer_locale, &root.installer_locale),
            minimum_os_version: or(own.minimum_os_version, &root.minimum_os_version),
            installer_type: or(own.installer_type, &root.installer_type),
            nested_installer_type: or(own.nested_installer_type, &root.nested_installer_type),
            nested_installer_files: own.nested_installer_files.or_else(|| root.nested_installer_files.clone()),
            scope: or(own.scope, &root.scope),
            installer_switches: Some(own.installer_switches.unwrap_or_default().or(&root_switches)),
            installer_success_codes: own.installer_success_codes.or_else(|| root.installer_success_codes.clone()),
            expected_return_codes: own.expected_return_codes.or_else(|| root.expected_return_codes.clone()),
            upgrade_behavior: or(own.upgrade_behavior, &root.upgrade_behavior),
            commands: own.commands.or_else(|| root.commands.clone()),
            package_family_name: or(own.package_family_name, &root.package_family_name),
            product_code: or(own.product_code, &root.product_code),
            release_date: or(own.release_date, &root.release_date),
            apps_and_features_entries: own.apps_and_features_entries.or_else(|| root.apps_and_features_entries.clone()),
            elevation_requirement: or(own.elevation_requirement, &root.elevation_requirement),
            repair_behavior: or(own.repair_behavior, &root.repair_behavior),
            ..own
        }
    }
}
