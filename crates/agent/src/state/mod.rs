//! What survives a restart: identity, settings, journal. A folder only root may enter, or memory for simulated agents.

pub mod files;
pub mod identity;
pub mod journal;

use crate::settings::SettingsFile;
use files::FileError;
use identity::Identity;
use journal::{Journal, JournalError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file or the folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A file holds something else.
    #[error("{} is damaged; correct it, or enrol this machine again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// An agent's state.
#[derive(Debug)]
pub struct State {
    folder: Option<PathBuf>,
    identity: RwLock<Option<Arc<Identity>>>,
    journal: Journal,
}

const IDENTITY: &str = "identity.json";
const SETTINGS: &str = "agent.toml";
const JOURNAL: &str = "journal.redb";
const STATUS: &str = "status.json";

impl State {
    /// Opens the state in `folder`, which is made if need be. Only one process can have it open.
    ///
    /// # Errors
    /// When the folder or the files in it cannot be made, read, or are damaged; when another agent runs on it.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        files::private_folder(folder)?;
        let identity = read_identity(folder)?;
        let journal = Journal::open(&folder.join(JOURNAL))?;
        Ok(Self { folder: Some(folder.to_owned()), identity: RwLock::new(identity.map(Arc::new)), journal })
    }

    /// A state that is gone with the process.
    ///
    /// # Errors
    /// When the journal cannot be set up.
    pub fn in_memory() -> Result<Self, StateError> {
        Ok(Self { folder: None, identity: RwLock::new(None), journal: Journal::in_memory()? })
    }

    /// Who this agent is, once it is enrolled.
    #[must_use]
    pub fn identity(&self) -> Option<Arc<Identity>> {
        self.identity.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes an identity, durably. A different asset makes the journal worthless: it is emptied.
    ///
    /// # Errors
    /// When it cannot be written; the old identity then stays.
    pub fn set_identity(&self, identity: Identity) -> Result<(), StateError> {
        if self.identity().is_none_or(|old| old.asset != identity.asset) {
            self.journal.clear()?;
        }
        if let Some(folder) = &self.folder {
            let path = folder.join(IDENTITY);
            let text = serde_json::to_vec_pretty(&identity)
                .map_err(|error| StateError::Damaged { path: path.clone(), source: Box::new(error) })?;
            files::write_private(&path, &text)?;
        }
        *self.identity.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(identity));
        Ok(())
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Writes `agent.toml`; nothing when in memory.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_settings(&self, settings: &SettingsFile) -> Result<(), StateError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let path = folder.join(SETTINGS);
        let text = toml::to_string(settings).map_err(|error| StateError::Damaged { path: path.clone(), source: Box::new(error) })?;
        Ok(files::write_private(&path, text.as_bytes())?)
    }

    /// Writes the status file; nothing when in memory.
    pub(crate) fn set_status(&self, status: &crate::status::Status) -> Result<(), FileError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let text = serde_json::to_vec(status).unwrap_or_default();
        files::write_private(&folder.join(STATUS), &text)
    }
}

/// Who the agent of this folder is, without opening its journal; `None` when it is not enrolled.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn read_identity(folder: &Path) -> Result<Option<Identity>, StateError> {
    let path = folder.join(IDENTITY);
    let Some(bytes) = files::read(&path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| StateError::Damaged { path, source: Box::new(error) })
}

/// The settings file of this folder; `None` when there is none.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn read_settings(folder: &Path) -> Result<Option<SettingsFile>, StateError> {
    let path = folder.join(SETTINGS);
    let Some(bytes) = files::read(&path)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    toml::from_str(&text).map(Some).map_err(|error| StateError::Damaged { path, source: Box::new(error) })
}

/// The status file of this folder; `None` when no agent ran yet.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn read_status(folder: &Path) -> Result<Option<crate::status::Status>, StateError> {
    let path = folder.join(STATUS);
    let Some(bytes) = files::read(&path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| StateError::Damaged { path, source: Box::new(error) })
}
