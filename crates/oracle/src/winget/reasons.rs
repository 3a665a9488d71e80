//! Why the vendor's tool refuses a manifest, which the manifest's file name tells, and whether ours does for the same reason.

/// Words of the vendor's file names, and what a refusal for that reason speaks of: a part of its field, and of its message.
/// The first that fits a name counts.
const REASONS: [(&str, &str, &str); 38] = [
    ("ApproximateVersion", "DisplayVersion", "about"),
    ("AppsAndFeaturesEntriesOn", "AppsAndFeaturesEntries", "have none"),
    ("ArchMissing", "Architecture", "required"),
    ("DifferentCase", "", "no such field"),
    ("DuplicateKey", "", "duplicate"),
    ("DuplicateReturnCode", "ExpectedReturnCodes", "twice"),
    ("InconsistentMsix", "Msix", "inconsistent"),
    ("InconsistentSigned", "Msix", "inconsistent"),
    ("InconsistentSha256", "InstallerSha256", "two digests"),
    ("NoSilent", "InstallerSwitches", "silent"),
    ("InstallerTypeInvalid", "InstallerType", "no kind"),
    ("InstallerTypeMissing", "InstallerType", "required"),
    ("InvalidAppsAndFeatures", "AppsAndFeaturesEntries", "at most one"),
    ("InvalidScope", "Scope", "none"),
    ("InvalidPortableCommandAlias", "PortableCommandAlias", "leads out"),
    ("InvalidRelativeFilePath", "RelativeFilePath", "leads out"),
    ("MissingRelativeFilePath", "RelativeFilePath", "required"),
    ("NoNestedInstallerType", "NestedInstallerType", "has to say"),
    ("PortableNotExe", "RelativeFilePath", ".exe"),
    ("InstallerUniqueness", "Installers", "two installers"),
    ("InstallersMissing", "Installers", "none"),
    ("InvalidManifestVersion", "", "version of the schema"),
    ("UnsupportedVersion", "", "version of the schema"),
    ("InvalidMsiSwitches", "Silent", "arguments"),
    ("LicenseMissing", "License", "required"),
    ("MsixInstaller-PackageVersion", "PackageVersion", "version"),
    ("NetworkAddressInSwitches", "Silent", "network"),
    ("NoSupportedPlatforms", "Platform", "platform"),
    ("PackageFamilyNameOn", "PackageFamilyName", "have none"),
    ("ProductCodeOn", "ProductCode", "have none"),
    ("PublisherMissing", "Publisher", "required"),
    ("NameMissing", "PackageName", "required"),
    ("Sha256Invalid", "InstallerSha256", "SHA-256"),
    ("Sha256Missing", "InstallerSha256", "required"),
    ("SwitchInvalid", "Switches", "no such field"),
    ("UnknownProperty", "", "no such field"),
    ("UrlMissing", "InstallerUrl", "required"),
    ("VersionMissing", "PackageVersion", "required"),
];

/// Whether one of the faults, each a field and a message, is what the name of a manifest tells. `None` when the name tells
/// nothing that is known here.
pub(super) fn is_for_its_reason(file: &str, faults: &[(String, String)]) -> Option<bool> {
    let (_, field, message) = REASONS.iter().find(|(words, ..)| file.contains(words))?;
    Some(faults.iter().any(|(in_field, in_message)| in_field.contains(field) && in_message.contains(message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_another_reason_is_told_apart() {
        let fault = |field: &str, message: &str| vec![(field.to_owned(), message.to_owned())];
        let file = "Manifest-Bad-UrlMissing.yaml";
        assert_eq!(is_for_its_reason(file, &fault("Installers[0].InstallerUrl", "is required")), Some(true));
        assert_eq!(is_for_its_reason(file, &fault("Installers[0].InstallerUrl", "is no address")), Some(false));
        assert_eq!(is_for_its_reason(file, &fault("License", "is required")), Some(false));
        assert_eq!(is_for_its_reason("Manifest-Bad-NewKind.yaml", &[]), None);
    }
}
