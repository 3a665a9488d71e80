//! Manifests from before schema 1.0: other names, lists as text with commas, one file for all.

use super::fields::{Fields, Switches};
use serde::Deserialize;

/// Fields of the schema that decide nothing here.
pub(super) const UNREAD: &[&str] = &["Author", "AppMoniker", "Tags", "Protocols", "FileExtensions", "Language"];

/// A manifest of schema 0.1, one of its installers, or one of its languages.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Preview {
    id: Option<String>,
    name: Option<String>,
    version: Option<String>,
    manifest_version: Option<String>,
    publisher: Option<String>,
    channel: Option<String>,
    license: Option<String>,
    license_url: Option<String>,
    homepage: Option<String>,
    description: Option<String>,
    #[serde(rename = "MinOSVersion")]
    min_os_version: Option<String>,
    commands: Option<String>,
    installer_type: Option<String>,
    package_family_name: Option<String>,
    product_code: Option<String>,
    update_behavior: Option<String>,
    switches: Option<PreviewSwitches>,
    arch: Option<String>,
    url: Option<String>,
    sha256: Option<String>,
    signature_sha256: Option<String>,
    language: Option<String>,
    scope: Option<String>,
    installers: Option<Vec<Self>>,
    localization: Option<Vec<Self>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PreviewSwitches {
    custom: Option<String>,
    silent: Option<String>,
    silent_with_progress: Option<String>,
    interactive: Option<String>,
    log: Option<String>,
    install_location: Option<String>,
    update: Option<String>,
}

impl Preview {
    /// The same under today's names.
    pub(super) fn into_fields(self) -> Fields {
        let list = |these: Option<Vec<Self>>| these.map(|these| these.into_iter().map(Self::into_fields).collect());
        let commands = self.commands.map(|text| text.split(',').map(|word| word.trim().to_owned()).collect());
        Fields {
            package_identifier: self.id,
            package_name: self.name,
            package_version: self.version,
            manifest_version: self.manifest_version,
            publisher: self.publisher,
            channel: self.channel,
            license: self.license,
            license_url: self.license_url,
            package_url: self.homepage,
            description: self.description,
            minimum_os_version: self.min_os_version,
            commands,
            installer_type: self.installer_type,
            package_family_name: self.package_family_name,
            product_code: self.product_code,
            upgrade_behavior: self.update_behavior,
            installer_switches: self.switches.map(PreviewSwitches::into_switches),
            architecture: self.arch,
            installer_url: self.url,
            installer_sha256: self.sha256,
            signature_sha256: self.signature_sha256,
            installer_locale: self.language,
            scope: self.scope,
            installers: list(self.installers),
            localization: list(self.localization),
            ..Fields::default()
        }
    }
}

impl PreviewSwitches {
    fn into_switches(self) -> Switches {
        let Self { custom, silent, silent_with_progress, interactive, log, install_location, update } = self;
        Switches { silent, silent_with_progress, interactive, install_location, log, upgrade: update, custom, repair: None }
    }
}
