//! Where agents fetch installers: from their vendors, from mirrors, or from this server.

use crate::App;
use fettle_model::custom::is_content;
use fettle_model::installer::Installer;
use fettle_model::mirror::Mirrors;
use fettle_protocol::path;
use fettle_store::StoreError;

/// Where an installer is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub url: String,
    /// The address that a mirror replaced; `None` when none did.
    pub replaced: Option<String>,
}

/// Where installers are fetched now. Read from the store for each answer, because another process may have changed it.
#[derive(Debug, Clone)]
pub struct Locations {
    mirrors: Mirrors,
    /// Where agents reach this server.
    server: String,
}

impl Locations {
    /// As of now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn now(app: &App) -> Result<Self, StoreError> {
        Ok(Self { mirrors: app.store.mirrors_in_force().await?, server: app.settings.agent_url() })
    }

    /// Where an installer is fetched.
    #[must_use]
    pub fn of(&self, installer: &Installer) -> Place {
        let own = match is_content(installer) {
            true => format!("{}{}", self.server, path::CONTENT.replace("{sha256}", &installer.sha256.to_string())),
            false => installer.url.clone(),
        };
        match self.mirrors.replacement(installer) {
            Some(url) => Place { url, replaced: Some(own) },
            None => Place { url: own, replaced: None },
        }
    }
}
