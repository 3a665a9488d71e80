//! A furnished demonstration: everything a server needs to have something to show, made through its API.
//!
//! Every step looks first whether it was done before, so that the next start goes on from there.

mod api;
mod jobs;
mod people;

pub use api::Api;

use crate::fleet::{Fleet, Progress};
use crate::platform::Tempo;
use crate::repository::Archive;
use crate::world::World;
use crate::world::machine::{Blueprint, ENVIRONMENTS, SITES};
use anyhow::{Context, Result};
use fettle_agent::settings::Pace;
use fettle_model::clock::{Clock, Entropy};
use fettle_protocol::key::ActivationKey;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;

/// A demonstration to be.
pub struct Demo {
    /// The server's API.
    pub api: Api,
    /// The server's agent address.
    pub agents: Url,
    /// Folder for archive, identities and passwords.
    pub out: PathBuf,
    /// The world to show.
    pub world: Arc<World>,
    /// Number of machines.
    pub count: u32,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// Tag ids by path.
type Tags = BTreeMap<String, String>;

/// Longest wait for feeds and first scans before going on without.
const PATIENCE: Duration = Duration::from_secs(600);

impl Demo {
    /// Makes what is missing, then runs the fleet until it is stopped.
    ///
    /// # Errors
    /// When the server refuses, or a file cannot be written.
    pub async fn run(self, progress: Arc<dyn Fn(Progress) + Send + Sync>, stop: CancellationToken) -> Result<()> {
        std::fs::create_dir_all(&self.out).with_context(|| format!("could not make {}", self.out.display()))?;
        let tags = self.tags().await?;
        people::make(&self.api, &tags, &self.out, self.entropy.as_ref()).await?;
        self.feeds().await?;
        let keys = self.keys(&tags).await?;
        eprintln!("Starting {} agents.", self.count);
        let key = move |machine: &Blueprint| keys.get(&key_title(machine.site.name, machine.environment)).cloned();
        let fallback = key(&self.world.machine(0)).context("there is no activation key")?;
        let fleet = Fleet {
            world: Arc::clone(&self.world),
            server: self.agents.clone(),
            count: self.count,
            state: Some(self.out.join("fleet")),
            tempo: Tempo::Watchable,
            pace: Pace::default(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        };
        let starting = Box::pin(fleet.start(move |machine| key(machine).unwrap_or_else(|| fallback.clone()), progress));
        let Some(running) = stop.run_until_cancelled(starting).await else { return Ok(()) };
        let running = running?;
        let assets = running.assets().clone();
        let furnish = async {
            self.pilots(&tags, &assets).await?;
            self.scanned().await?;
            jobs::make(&self.api, &tags, &self.out, self.clock.as_ref()).await?;
            eprintln!("The demonstration is complete. Names and passwords of its users are in {}.", self.out.join(people::FILE).display());
            stop.cancelled().await;
            anyhow::Ok(())
        };
        // The fleet ends in order even when furnishing failed, so that what its machines have become is kept.
        let ended = stop.child_token();
        let (furnished, ran) = tokio::join!(
            Box::pin(async {
                let furnished = stop.run_until_cancelled(furnish).await.unwrap_or(Ok(()));
                ended.cancel();
                furnished
            }),
            Box::pin(running.until(ended.cancelled())),
        );
        furnished.and(ran)
    }

    async fn tags(&self) -> Result<Tags> {
        let mut tree: Vec<(Option<&str>, &str)> = vec![(None, "Sites"), (None, "Environments"), (None, "Pilot")];
        tree.extend(SITES.iter().map(|(_, site)| (Some("Sites"), site.name)));
        tree.extend(ENVIRONMENTS.iter().map(|(_, name)| (Some("Environments"), *name)));
        let known = self.api.all("/tags").await?;
        let mut tags = Tags::new();
        for (above, name) in tree {
            let parent = above.and_then(|above| tags.get(above)).cloned();
            let path = above.map_or_else(|| name.to_owned(), |above| format!("{above}/{name}"));
            let found = known.iter().find(|tag| tag["name"] == name && tag["parent"].as_str() == parent.as_deref());
            let id = match found {
                Some(tag) => api::text(tag, "id")?,
                None => api::text(&self.api.post("/tags", &json!({ "name": name, "parent": parent })).await?, "id")?,
            };
            tags.insert(path, id);
        }
        Ok(tags)
    }

    async fn feeds(&self) -> Result<()> {
        let archive = Archive::open_or_make(&self.out.join("repository"), &self.world, self.clock.now())?;
        let known = self.api.all("/feeds").await?;
        let mut ids = Vec::new();
        for feed in &archive.feeds {
            let config = json!({
                "kind": "debian", "release": feed.release, "sources": feed.sources,
                "architectures": ["amd64"], "advisories": [&feed.advisories],
            });
            let id = match known.iter().find(|other| other["name"] == feed.name.as_str()) {
                Some(other) => {
                    let id = api::text(other, "id")?;
                    if other["config"] != config {
                        self.api.patch(&format!("/feeds/{id}"), &json!({ "config": config })).await?;
                    }
                    id
                }
                None => api::text(&self.api.post("/feeds", &json!({ "name": feed.name, "config": config })).await?, "id")?,
            };
            ids.push(id);
        }
        eprintln!("Importing the catalog from {} feeds.", ids.len());
        for id in &ids {
            self.api.ask(&format!("/feeds/{id}/sync")).await?;
        }
        for id in &ids {
            self.api
                .wait(PATIENCE, &format!("/feeds/{id}"), |feed| {
                    let state = &feed["state"];
                    state["progress"].is_null() && (!state["last_success"].is_null() || !state["error"].is_null())
                })
                .await?;
        }
        for feed in self.api.all("/feeds").await? {
            if let Some(error) = feed["state"]["error"].as_str() {
                eprintln!("The feed {} failed: {error}", feed["name"]);
            }
        }
        Ok(())
    }

    /// One activation key for each site and environment, kept because a server shows a key only once.
    async fn keys(&self, tags: &Tags) -> Result<BTreeMap<String, ActivationKey>> {
        let path = self.out.join("keys.json");
        let mut kept: BTreeMap<String, String> = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged: remove it", path.display()))?,
            Err(_) => BTreeMap::new(),
        };
        let known = self.api.all("/activation-keys").await?;
        // Keys of another server, or of one that was made anew, are of no use.
        kept.retain(|title, _| known.iter().any(|key| key["title"] == title.as_str()));
        for (_, site) in SITES {
            for (_, environment) in ENVIRONMENTS {
                let title = key_title(site.name, environment);
                if kept.contains_key(&title) {
                    continue;
                }
                let given: Vec<&String> = [format!("Sites/{}", site.name), format!("Environments/{environment}")]
                    .iter()
                    .filter_map(|path| tags.get(path))
                    .collect();
                let made = self.api.post("/activation-keys", &json!({ "title": title, "tags": given })).await?;
                kept.insert(title, api::text(&made, "secret")?);
            }
        }
        private_file(&path, &serde_json::to_vec_pretty(&kept)?)?;
        kept.into_iter().map(|(title, key)| Ok((title, key.parse::<ActivationKey>()?))).collect()
    }

    /// Gives the tag `Pilot` to some twenty-five machines, and to some of those that will fail.
    async fn pilots(&self, tags: &Tags, assets: &BTreeMap<u32, fettle_model::ids::AssetId>) -> Result<()> {
        let Some(pilot) = tags.get("Pilot") else { return Ok(()) };
        let every = (self.count / 25).max(1);
        let chosen =
            |number: u32| number.is_multiple_of(every) || (number.is_multiple_of(6) && self.world.machine(number).trouble.is_some());
        for (_, asset) in assets.iter().filter(|(number, _)| chosen(**number)) {
            let record = self.api.get(&format!("/assets/{asset}")).await?;
            let mut carried: Vec<String> =
                record["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["id"].as_str().map(str::to_owned)).collect();
            if !carried.contains(pilot) {
                carried.push(pilot.clone());
                self.api.put(&format!("/assets/{asset}/tags"), &json!({ "tags": carried })).await?;
            }
        }
        Ok(())
    }

    /// Waits until nearly all machines are scanned, so that jobs find something to do.
    async fn scanned(&self) -> Result<()> {
        let few = u64::from(self.count) / 20;
        let never = "/assets?query=scanStatus:never_scanned&limit=1";
        self.api.wait(PATIENCE, never, |page| page["total"].as_u64().unwrap_or(0) <= few).await?;
        Ok(())
    }
}

fn key_title(site: &str, environment: &str) -> String {
    format!("{site}, {environment}")
}

/// Writes a file that only its owner reads, whole or not at all.
fn private_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("could not write {}", path.display()))
}
