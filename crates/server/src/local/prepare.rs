//! `fettle local prepare`: what a new installation needs before anybody can log in.

use super::{Installation, LOCAL_KEY, LocalError, audit, open, store};
use crate::auth::secret;
use crate::authority::Authority;
use crate::settings::Settings;
use fettle_catalog::sources;
use fettle_model::access::{Role, Scope};
use fettle_model::clock::{Clock, Entropy};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{FeedId, KeyId, TokenId, UserId};
use fettle_protocol::key::ActivationKey;
use fettle_store::{ActivationKeyRecord, FeedRecord, FeedState, Store, TokenRecord, UserRecord};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;
use uuid::Uuid;

/// Arguments of `fettle local prepare`.
#[derive(Debug, clap::Args)]
pub(super) struct PrepareArgs {
    #[command(flatten)]
    installation: Installation,
    /// Also write an API token with every right to secrets/local-token, for scripts on this machine
    #[arg(long)]
    token: bool,
}

/// The user that local scripts act as; it has no password and cannot log in.
const LOCAL_USER: UserId = UserId(Uuid::from_u128(2));
/// The file that holds the token of local scripts.
const LOCAL_TOKEN: &str = "local-token";
const LOCAL_USER_NAME: &str = "local-scripts";

/// Runs it. What is there already is left as it is.
pub(super) async fn run(args: &PrepareArgs, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<(), LocalError> {
    let settings = args.installation.settings()?;
    let store = open(&settings, clock, entropy).await?;
    let authority = Authority::open(&settings.secrets(), clock.now(), entropy)?;
    let outcome = prepare(args, &settings, &store, &authority, clock, entropy).await;
    store.close().await;
    outcome
}

async fn prepare(
    args: &PrepareArgs,
    settings: &Settings,
    store: &Store,
    authority: &Authority,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<(), LocalError> {
    feed(store, clock, entropy).await?;
    let key_file = settings.secrets().join(LOCAL_KEY);
    if !key_file.exists() {
        let key = activation_key(store, authority, clock, entropy).await?;
        authority.keep_secret(LOCAL_KEY, &key)?;
    }
    let token_file = settings.secrets().join(LOCAL_TOKEN);
    if args.token && !token_file.exists() {
        authority.keep_secret(LOCAL_TOKEN, &token(store, clock, entropy).await?)?;
    }
    Ok(())
}

/// Adds a feed from the machine's own package sources, unless there is any feed.
async fn feed(in_store: &Store, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<(), LocalError> {
    if !in_store.feeds().await.map_err(store("read the feeds"))?.is_empty() {
        return Ok(());
    }
    let machine = sources::from_machine(Path::new("/"))?;
    for skipped in &machine.skipped {
        eprintln!("left out {}: {}", skipped.entry, skipped.why);
    }
    for note in &machine.notes {
        eprintln!("note: {note}");
    }
    let Some(config) = machine.feed() else {
        return Err(LocalError::Told("this machine has no Debian or Ubuntu package sources; add a feed in the console instead".to_owned()));
    };
    for source in &machine.sources {
        eprintln!("using {} {}", source.uri.url(), source.suite);
    }
    let config = serde_json::to_value(config).map_err(LocalError::Config)?;
    let feed = FeedRecord {
        id: FeedId::make(clock.now(), entropy.ten()),
        name: machine.release.to_string(),
        config: config.clone(),
        enabled: true,
        created_at: clock.now(),
        state: FeedState::default(),
    };
    let entry = audit(clock, "feed.create", format!("feed {}", feed.id), config);
    in_store.create_feed(&feed, &entry).await.map_err(store("add the feed"))
}

/// Makes a key that enrols one machine.
async fn activation_key(in_store: &Store, authority: &Authority, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<String, LocalError> {
    let mut secret = [0; 20];
    entropy.fill(&mut secret);
    let key = ActivationKey { id: KeyId::make(clock.now(), entropy.ten()), secret, authority: authority.fingerprint() };
    let record = ActivationKeyRecord {
        id: key.id,
        title: "This server's own machine".to_owned(),
        secret_hash: Sha256Digest(Sha256::digest(secret).into()),
        created_by: LOCAL_USER,
        created_at: clock.now(),
        expires_at: None,
        use_limit: Some(1),
        uses: 0,
        tags: std::collections::BTreeSet::new(),
        disabled: false,
    };
    let entry =
        audit(clock, "activation_key.create", format!("activation key {}", key.id), json!({ "title": record.title, "use_limit": 1 }));
    in_store.create_activation_key(&record, &entry).await.map_err(store("make an activation key"))?;
    Ok(key.to_string())
}

/// Makes a token of a user that cannot log in.
async fn token(in_store: &Store, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<String, LocalError> {
    let user = UserRecord {
        id: LOCAL_USER,
        name: LOCAL_USER_NAME.to_owned(),
        role: Role::SuperUser,
        scope: Scope::Everything,
        password_hash: String::new(),
        disabled: false,
        created_at: clock.now(),
    };
    if in_store.user(LOCAL_USER).await.map_err(store("read the users"))?.is_none() {
        let entry = audit(clock, "user.create", format!("user {LOCAL_USER}"), json!({ "name": LOCAL_USER_NAME, "role": Role::SuperUser }));
        in_store.create_user(&user, &entry).await.map_err(store("add the user for local scripts"))?;
    }
    let text = secret::make_token(entropy);
    let record = TokenRecord {
        id: TokenId::make(clock.now(), entropy.ten()),
        user: LOCAL_USER,
        title: "Scripts on the server's own machine".to_owned(),
        token_hash: secret::hash(&text),
        role: Role::SuperUser,
        scope: Scope::Everything,
        created_at: clock.now(),
        expires_at: None,
        last_used_at: None,
    };
    let entry = audit(clock, "token.create", format!("token {}", record.id), json!({ "title": record.title }));
    in_store.create_token(&record, &entry).await.map_err(store("make a token"))?;
    Ok(text)
}
