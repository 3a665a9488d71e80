//! Windows in the table of packages: the system with its updates, applications, and updates that are offered.
//!
//! Updates are part of the system's entry, since one decides what another means: what a system with all its updates
//! has is decided once, and holds for every machine that is like it.

use super::PackageText;
use fettle_model::inventory::{Application, Inventory};
use fettle_model::os::Platform;

/// Stand in the place of an architecture. No application has them.
const SYSTEM: &str = "system";
const OFFERED: &str = "offered";
const TAKEN: &str = "taken";
/// Between the two codes of an application, and between articles. Control characters are refused when inventories come in.
const BETWEEN: char = '\n';

/// What an entry of the table is on Windows.
pub(crate) enum Kind<'a, A> {
    /// The system.
    System { product: &'a str, build: &'a str, articles: A },
    /// An application.
    Application { version: &'a str, architecture: &'a str },
    /// An update that the machine's update service knows.
    Update { id: &'a str, installed: bool },
}

/// Texts that entries are made of and that no inventory has as such.
pub(crate) struct Texts {
    articles: String,
    codes: Vec<String>,
}

impl Texts {
    /// The texts for an inventory.
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let mut articles: Vec<&str> = inventory.windows.hotfixes.iter().map(String::as_str).collect();
        articles.sort_unstable();
        articles.dedup();
        let joined = articles.into_iter().flat_map(|article| [article, "\n"]).collect();
        let codes = |application: &Application| format!("{}{BETWEEN}{}", application.product_code, application.upgrade_code);
        Self { articles: joined, codes: inventory.windows.applications.iter().map(codes).collect() }
    }

    /// The entries of an inventory; none for other systems than Windows.
    pub(crate) fn entries<'a>(&'a self, inventory: &'a Inventory) -> impl Iterator<Item = PackageText<'a>> {
        let os = &inventory.os;
        let system = (os.platform == Platform::Windows).then(|| PackageText {
            name: &os.name,
            architecture: SYSTEM,
            version: &os.version,
            source: &os.codename,
            source_version: &self.articles,
        });
        let applications = inventory.windows.applications.iter().zip(&self.codes).map(|(application, codes)| PackageText {
            name: &application.name,
            architecture: &application.architecture,
            version: &application.version,
            source: &application.publisher,
            source_version: codes,
        });
        let updates = inventory.windows.updates.iter().map(|update| PackageText {
            name: &update.id,
            architecture: if update.installed { TAKEN } else { OFFERED },
            version: "",
            source: "",
            source_version: "",
        });
        system.into_iter().chain(applications).chain(updates)
    }
}

/// What an entry is.
pub(crate) fn read(entry: PackageText<'_>) -> Kind<'_, impl Iterator<Item = &str>> {
    match entry.architecture {
        SYSTEM => Kind::System {
            product: entry.source,
            build: entry.version,
            articles: entry.source_version.split(BETWEEN).filter(|article| !article.is_empty()),
        },
        OFFERED | TAKEN => Kind::Update { id: entry.name, installed: entry.architecture == TAKEN },
        architecture => Kind::Application { version: entry.version, architecture },
    }
}

/// Product code and upgrade code of an application.
pub(crate) fn codes(entry: PackageText<'_>) -> (&str, &str) {
    entry.source_version.split_once(BETWEEN).unwrap_or((entry.source_version, ""))
}
