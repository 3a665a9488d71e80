//! What a job may hold: patches the catalog knows and can deploy, assets and tags its writer sees, people who
//! may work on it.

use crate::api::problem::{FieldError, Problem};
use crate::api::tags::visible::Visible;
use crate::auth::permission::Permission;
use crate::auth::{Granted, caller, privilege};
use fettle_deploy::job::{AssetSelection, CannotChange, Definition, JobKind};
use fettle_fleet::Catalog;
use fettle_model::access::Actor;
use fettle_model::ids::{AssetId, PatchId, UserId};
use fettle_model::patch::{Download, Patch, Rollback};
use std::collections::BTreeSet;

/// Most co-authors of a job.
const MAX_CO_AUTHORS: usize = 50;

/// Refuses a definition that is not sound, or that reaches beyond what its writer sees. What `kept` held
/// already is not checked again: a patch may have been withdrawn since, and an asset be out of the editor's
/// sight.
pub(super) async fn definition<P: Permission>(granted: &Granted<P>, new: &Definition, kept: Option<&Definition>) -> Result<(), Problem> {
    let mut errors: Vec<FieldError> = new.check().into_iter().map(|flaw| FieldError::new(flaw.field, flaw.message)).collect();
    let view = granted.view();
    let same_kind = kept.is_some_and(|kept| kept.kind == new.kind);
    let known: BTreeSet<&PatchId> = kept.iter().filter(|_| same_kind).flat_map(|kept| &kept.patches).collect();
    for (at, id) in new.patches.iter().enumerate().filter(|(_, id)| !known.contains(id)) {
        if let Some(message) = patch_flaw(view.catalog(), id, new.kind) {
            errors.push(FieldError::new(format!("patches[{at}]"), message));
        }
    }
    let (assets, before) = (&new.assets, kept.map(|kept| kept.assets.clone()).unwrap_or_default());
    let visible = Visible::of(granted).await?;
    for (field, tags, before) in [
        ("assets.include_tags", &assets.include_tags, &before.include_tags),
        ("assets.exclude_tags", &assets.exclude_tags, &before.exclude_tags),
    ] {
        errors.extend(visible.unknown(field, &(tags - before)));
    }
    for (field, named, before) in [
        ("assets.include_assets", &assets.include_assets, &before.include_assets),
        ("assets.exclude_assets", &assets.exclude_assets, &before.exclude_assets),
    ] {
        let unknown = named.difference(before).filter(|&&asset| view.asset(asset).is_none());
        errors.extend(unknown.map(|asset| FieldError::new(field, format!("there is no asset {asset}"))));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// Why a patch cannot be part of a job, if so.
fn patch_flaw(catalog: &Catalog, id: &PatchId, kind: JobKind) -> Option<String> {
    let Some(entry) = catalog.by_id(id) else { return Some(format!("{id} is not in the catalog")) };
    let Patch { download, rollback, enabled, .. } = &entry.patch;
    match (kind, download, rollback) {
        (JobKind::Install, ..) if !enabled => Some(format!("{id} is switched off")),
        (JobKind::Install, Download::AcquireFromVendor { link }, _) => {
            Some(format!("{id} can only be acquired from its vendor ({link}) and installed by hand"))
        }
        (JobKind::Install, Download::Automatic { .. }, _) => {
            Some(format!("{id} is an application's installer, which agents of this version cannot run; install it by hand or otherwise"))
        }
        (JobKind::Uninstall, _, Rollback::No) => Some(format!("{id} cannot be taken back: no earlier version is known")),
        _ => None,
    }
}

/// Puts back what the editor does not see and so could not send.
pub(super) fn with_hidden<P: Permission>(
    granted: &Granted<P>,
    visible: &Visible,
    new: &AssetSelection,
    kept: &AssetSelection,
) -> AssetSelection {
    let view = granted.view();
    let hidden = |named: &BTreeSet<AssetId>| named.iter().copied().filter(|&asset| view.asset(asset).is_none()).collect();
    let hidden_tags = |tags: &BTreeSet<_>| tags.iter().copied().filter(|&tag| !visible.has(tag)).collect();
    AssetSelection {
        include_tags: &new.include_tags | &hidden_tags(&kept.include_tags),
        exclude_tags: &new.exclude_tags | &hidden_tags(&kept.exclude_tags),
        include_assets: &new.include_assets | &hidden(&kept.include_assets),
        exclude_assets: &new.exclude_assets | &hidden(&kept.exclude_assets),
        include_match: new.include_match,
        exclude_match: new.exclude_match,
    }
}

/// Refuses co-authors who do not exist, or who would gain by it.
pub(super) async fn co_authors<P: Permission>(granted: &Granted<P>, owner: Option<UserId>, authors: &[UserId]) -> Result<(), Problem> {
    if authors.len() > MAX_CO_AUTHORS {
        return Err(Problem::invalid_field("co_authors", format!("a job has at most {MAX_CO_AUTHORS} co-authors")));
    }
    let owner = match owner {
        Some(owner) => actor(granted, owner).await?,
        None => None,
    };
    let mut errors = Vec::new();
    for (at, &author) in authors.iter().enumerate() {
        let candidate = actor(granted, author).await?;
        let message = match (&candidate, &owner) {
            (None, _) => format!("there is no user {author}, or their account is disabled"),
            (Some(candidate), Some(owner)) if !privilege::may_co_author(candidate, owner) => {
                "a co-author needs the owner's role and scope, or larger ones".to_owned()
            }
            (Some(_), _) if authors[..at].contains(&author) => "is listed twice".to_owned(),
            (Some(_), _) => continue,
        };
        errors.push(FieldError::new(format!("co_authors[{at}]"), message));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// Refuses an owner who may not own jobs, or in whose name the giver would reach further than by themselves.
pub(super) async fn owner<P: Permission>(granted: &Granted<P>, owner: UserId) -> Result<(), Problem> {
    let Some(new) = actor(granted, owner).await? else {
        return Err(Problem::invalid_field("owner", format!("there is no user {owner}, or their account is disabled")));
    };
    if !new.role.may_own_jobs() {
        return Err(Problem::invalid_field("owner", format!("a {} may not own jobs", new.role)));
    }
    // The job runs in its owner's scope: giving it to somebody who sees more would reach there.
    if privilege::excess(granted.actor(), new.role, new.scope()).is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid_field("owner", "has a larger role or scope than you; ask them to take it over"))
    }
}

async fn actor<P: Permission>(granted: &Granted<P>, id: UserId) -> Result<Option<Actor>, Problem> {
    match granted.app().store.user(id).await?.filter(|user| !user.disabled) {
        Some(user) => Ok(Some(caller::actor(granted.app(), &user).await?)),
        None => Ok(None),
    }
}

/// A refused step in a job's life as a problem.
pub(super) fn refused(error: CannotChange) -> Problem {
    let text = format!("{}.", capitalised(&error.to_string()));
    match error {
        CannotChange::Flawed(flaws) => Problem::invalid(flaws.into_iter().map(|flaw| FieldError::new(flaw.field, flaw.message)).collect()),
        CannotChange::Incomplete => Problem::conflict("job-incomplete", text),
        CannotChange::NoOwner => Problem::conflict("job-without-owner", text),
        CannotChange::AlreadyEnabled => Problem::conflict("job-enabled", text),
        CannotChange::NotEnabled => Problem::conflict("job-not-enabled", text),
        CannotChange::RunsOnce => Problem::conflict("job-runs-once", text),
        CannotChange::Completed => Problem::conflict("job-completed", text),
    }
}

/// A text that begins like a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str())
}
