//! Two sites with a machine each, a catalog, and people of every kind.

use crate::client::Client;
use crate::harness::Harness;
use crate::harness::agent::TestAgent;
use crate::harness::samples::{bookworm, patch};
use fettle_model::access::{Role, Scope};
use fettle_model::clock::Entropy;
use fettle_model::ids::{PatchId, TagId, TokenId, UserId};
use fettle_model::patch::{Category, Download};
use fettle_server::{api, auth};
use fettle_store::{SessionRecord, TokenRecord};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Machines `alpha` at site `north` and `beta` at site `south`. Alpha misses curl and vim, beta misses vim and
/// has curl; nano applies to none.
pub(crate) struct World {
    pub(crate) harness: Harness,
    pub(crate) north: TagId,
    pub(crate) south: TagId,
    pub(crate) alpha: TestAgent,
    pub(crate) beta: TestAgent,
}

pub(crate) const CURL: &str = "debian:bookworm:curl@2";
pub(crate) const VIM: &str = "debian:bookworm:vim@2";
pub(crate) const NANO: &str = "debian:bookworm:nano@2";
/// Cannot be fetched by an agent.
pub(crate) const CODEC: &str = "debian:bookworm:codec@2";

impl World {
    pub(crate) async fn new() -> Self {
        let harness = Harness::start().await;
        let (north, south) = (harness.tag("north").await, harness.tag("south").await);
        let feed = harness.feed("main").await;
        let mut vim = patch("vim", "2", None);
        vim.category = Category::NonSecurity;
        vim.published_at = Some("2026-01-02T00:00:00Z".parse().unwrap());
        let mut curl = patch("curl", "2", Some("1"));
        curl.cves = vec!["CVE-2026-1000".to_owned()];
        curl.published_at = Some("2026-01-01T00:00:00Z".parse().unwrap());
        let mut codec = patch("codec", "2", None);
        codec.download = Download::AcquireFromVendor { link: "https://vendor.example/codec".to_owned() };
        harness.import(feed, &[curl, vim, patch("nano", "2", None), codec]).await;
        let alpha = machine(&harness, "alpha", north, &[("curl", "1"), ("vim", "1")]).await;
        let beta = machine(&harness, "beta", south, &[("curl", "2"), ("vim", "1")]).await;
        Self { harness, north, south, alpha, beta }
    }

    /// Somebody without credentials.
    pub(crate) fn nobody(&self) -> Client {
        nobody(&self.harness)
    }

    /// A super user.
    pub(crate) async fn root(&self) -> Client {
        self.somebody(Role::SuperUser, Scope::Everything).await.1
    }

    /// Somebody with a role who sees one site.
    pub(crate) async fn at(&self, role: Role, site: TagId) -> Client {
        self.somebody(role, Scope::Tags(BTreeSet::from([site]))).await.1
    }

    /// A new person and a client with a token of theirs.
    pub(crate) async fn somebody(&self, role: Role, scope: Scope) -> (UserId, Client) {
        let number = self.harness.app().store.users().await.unwrap().len();
        let user = self.harness.user(&format!("person-{number}"), role, scope.clone()).await;
        (user, self.client_of(user, role, scope).await)
    }

    /// A client with a token of a person.
    pub(crate) async fn client_of(&self, user: UserId, role: Role, scope: Scope) -> Client {
        client_of(&self.harness, user, role, scope).await
    }

    /// A client with a session of a person, which sends no CSRF token, and that token.
    pub(crate) async fn session_of(&self, user: UserId) -> (Client, String) {
        let harness = &self.harness;
        let secret = auth::secret::make(harness.entropy.as_ref());
        let csrf_token = auth::secret::make(harness.entropy.as_ref());
        let session = SessionRecord {
            token_hash: auth::secret::hash(&secret),
            user,
            csrf_token: csrf_token.clone(),
            from: "test".to_owned(),
            created_at: harness.now(),
            last_seen_at: harness.now(),
            expires_at: harness.now() + SignedDuration::from_hours(1),
        };
        harness.app().store.create_session(&session).await.unwrap();
        (self.nobody().with("cookie", &format!("fettle={secret}")), csrf_token)
    }

    pub(crate) fn site(tag: TagId) -> Scope {
        Scope::Tags(BTreeSet::from([tag]))
    }
}

/// Somebody without credentials at a server.
pub(crate) fn nobody(harness: &Harness) -> Client {
    Client::new(api::router(Arc::clone(harness.app())))
}

/// A client with a token of a person at a server.
pub(crate) async fn client_of(harness: &Harness, user: UserId, role: Role, scope: Scope) -> Client {
    let secret = auth::secret::make_token(harness.entropy.as_ref());
    let token = TokenRecord {
        id: TokenId::make(harness.now(), harness.entropy.ten()),
        user,
        title: "test".to_owned(),
        token_hash: auth::secret::hash(&secret),
        role,
        scope,
        created_at: harness.now(),
        expires_at: None,
        last_used_at: None,
    };
    harness.app().store.create_token(&token, &harness.audit("token.create")).await.unwrap();
    nobody(harness).token(&secret)
}

async fn machine(harness: &Harness, name: &str, site: TagId, packages: &[(&str, &str)]) -> TestAgent {
    let key = harness.key_with(|key| key.tags = BTreeSet::from([site])).await;
    let mut machine = harness.machine(name);
    machine.enroll(&key).await.unwrap();
    machine.scan_fully(&bookworm(name, packages)).await.unwrap();
    machine
}

/// An id of a patch for a path.
pub(crate) fn in_path(patch: &str) -> String {
    patch.replace(':', "%3A").replace('@', "%40")
}

/// Ids of patches as a job takes them.
pub(crate) fn ids(patches: &[&str]) -> Vec<PatchId> {
    patches.iter().map(|&id| PatchId(id.to_owned())).collect()
}
