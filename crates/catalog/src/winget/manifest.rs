//! One version of one package, put together from its files.

use super::check;
use super::fields::{Entry, Fields};
use super::yaml::{File, ReadError, read};

/// What is wrong with a manifest, as the vendor's own tool sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, such as `Installers[0].InstallerUrl`.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// The manifest can be used all the same.
    pub is_warning: bool,
}

/// A version of a package.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub(crate) identifier: String,
    pub(crate) version: String,
    /// Name and publisher in the default language, then in others.
    pub(crate) names: Vec<(String, String)>,
    pub(crate) description: String,
    pub(crate) homepage: Option<String>,
    /// With the defaults of the root.
    pub(crate) installers: Vec<Fields>,
}

/// A manifest and everything that is wrong with it.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The manifest. It may be used when nothing of `faults` is more than a warning.
    pub manifest: Manifest,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Which part of a manifest a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All in one.
    Whole,
    /// All in one, as the vendor's tool keeps it: what concerns people only may be left out.
    Merged,
    Version,
    Installer,
    DefaultLocale,
    Locale,
}

/// The files of a manifest by their part.
#[derive(Default)]
struct Parts {
    whole: Option<File>,
    is_merged: bool,
    version: Option<File>,
    installer: Option<File>,
    default_locale: Option<File>,
    locales: Vec<File>,
}

/// Reads the files of one manifest: one with everything in it, or those of version, installers and languages.
///
/// # Errors
/// When one of them cannot be read at all.
pub fn read_manifest(files: &[&[u8]]) -> Result<Checked, ReadError> {
    Ok(assemble(files.iter().map(|bytes| read(bytes)).collect::<Result<Vec<File>, _>>()?))
}

impl Checked {
    /// Whether the manifest can be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.faults.iter().all(|fault| fault.is_warning)
    }
}

impl Manifest {
    /// The package and its version, for people.
    #[must_use]
    pub fn what(&self) -> String {
        format!("{} {}", self.identifier, self.version)
    }
}

/// Collects what is wrong.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

/// One manifest with a thousand wrong installers is told as such with these.
const MAX_FAULTS: usize = 50;

impl Faults {
    pub(super) fn error(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.push(field.into(), message.into(), false);
    }

    pub(super) fn warning(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.push(field.into(), message.into(), true);
    }

    fn push(&mut self, field: String, message: String, is_warning: bool) {
        // An error is never lost to warnings that came before it.
        if self.0.len() < MAX_FAULTS || (!is_warning && self.0.iter().all(|fault| fault.is_warning)) {
            self.0.push(Fault { field, message, is_warning });
        }
    }
}

/// Puts files together that name the same package and version.
pub(super) fn assemble(files: Vec<File>) -> Checked {
    let mut faults = Faults::default();
    for name in files.iter().flat_map(|file| &file.unknown) {
        faults.warning(name.clone(), "the schema knows no such field");
    }
    let parts = Parts::sort(files, &mut faults);
    let schema = [&parts.whole, &parts.installer].into_iter().flatten().next().map_or((1, 0), |file| file.schema);
    let is_merged = parts.is_merged;
    let (root, locale, others) = parts.into_roots(&mut faults);
    check::texts(&root, &locale, &others, schema, is_merged, &mut faults);
    let installers = installers(&root);
    check::installers(&root, &installers, schema, &mut faults);
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    let default = (text(&locale.package_name), text(&locale.publisher));
    let of = |other: &Fields| {
        let or = |own: String, default: &String| if own.is_empty() { default.clone() } else { own };
        (or(text(&other.package_name), &default.0), or(text(&other.publisher), &default.1))
    };
    let mut names = vec![default.clone()];
    names.extend(others.iter().map(of));
    names.dedup();
    let description = if locale.description.is_some() { &locale.description } else { &locale.short_description };
    let manifest = Manifest {
        identifier: text(&root.package_identifier),
        version: text(&root.package_version),
        names,
        description: text(description),
        homepage: locale.package_url.clone().or_else(|| locale.publisher_url.clone()),
        installers,
    };
    Checked { manifest, faults: faults.0 }
}

/// The installers with the defaults of the root. Codes of the root hold where the kind of installer has them.
fn installers(root: &Fields) -> Vec<Fields> {
    let merge = |own: &Fields| {
        let mut merged = own.with_defaults(root);
        let kind = check::kind(&merged);
        if !kind.is_some_and(check::has_family_name) {
            merged.package_family_name.clone_from(&own.package_family_name);
        }
        if !kind.is_some_and(check::has_product_code) {
            merged.product_code.clone_from(&own.product_code);
        }
        if !kind.is_some_and(check::has_entries) {
            merged.apps_and_features_entries.clone_from(&own.apps_and_features_entries);
        }
        merged
    };
    root.installers.iter().flatten().map(merge).collect()
}

impl Parts {
    fn sort(files: Vec<File>, faults: &mut Faults) -> Self {
        let mut parts = Self::default();
        for file in files {
            let Some(part) = part(&file) else {
                faults.error("ManifestType", "is none of singleton, version, installer, defaultLocale and locale");
                continue;
            };
            let place = match part {
                Part::Whole | Part::Merged => &mut parts.whole,
                Part::Version => &mut parts.version,
                Part::Installer => &mut parts.installer,
                Part::DefaultLocale => &mut parts.default_locale,
                Part::Locale => {
                    parts.locales.push(file);
                    continue;
                }
            };
            parts.is_merged |= part == Part::Merged;
            if place.replace(file).is_some() {
                faults.error("ManifestType", "two files are the same part of one manifest");
            }
        }
        parts
    }

    /// The root with the installers, the default language, and the other languages.
    fn into_roots(self, faults: &mut Faults) -> (Fields, Fields, Vec<Fields>) {
        let others: Vec<Fields> = self.locales.into_iter().map(|file| file.fields).collect();
        if let Some(whole) = self.whole {
            if self.version.is_some() || self.installer.is_some() || self.default_locale.is_some() || !others.is_empty() {
                faults.error("ManifestType", "a manifest in one file has further files");
            }
            let others = whole.fields.localization.clone().unwrap_or_default();
            return (whole.fields.clone(), whole.fields, others);
        }
        for (missing, part) in
            [(self.version.is_none(), "version"), (self.installer.is_none(), "installer"), (self.default_locale.is_none(), "defaultLocale")]
        {
            if missing {
                faults.error("ManifestType", format!("the file of the type {part} is missing"));
            }
        }
        let fields = |file: Option<File>| file.map(|file| file.fields).unwrap_or_default();
        let (version, root, locale) = (fields(self.version), fields(self.installer), fields(self.default_locale));
        for file in [&version, &locale].into_iter().chain(&others) {
            let same = file.package_identifier == root.package_identifier && file.package_version == root.package_version;
            if !same && file.manifest_type.is_some() {
                faults.error("PackageIdentifier", "the files name different packages or versions");
            }
        }
        if version.default_locale.as_deref().map(str::to_lowercase) != locale.package_locale.as_deref().map(str::to_lowercase) {
            faults.error("DefaultLocale", "is another language than that of the file with the default language");
        }
        (root, locale, others)
    }
}

fn part(file: &File) -> Option<Part> {
    if file.schema.0 == 0 {
        return Some(Part::Whole);
    }
    Some(match file.fields.manifest_type.as_deref()?.to_lowercase().as_str() {
        "singleton" => Part::Whole,
        "merged" => Part::Merged,
        "version" => Part::Version,
        "installer" => Part::Installer,
        "defaultlocale" => Part::DefaultLocale,
        "locale" => Part::Locale,
        _ => return None,
    })
}

/// The entries of an installer in the list of installed applications.
pub(super) fn entries(installer: &Fields) -> &[Entry] {
    installer.apps_and_features_entries.as_deref().unwrap_or_default()
}
