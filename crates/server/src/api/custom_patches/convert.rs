//! Between what is kept of custom patches and what the API takes and shows.

use super::custom_patch::{ContentBody, CustomPatchBody, CustomPatchDetails, DetailsChange, FileBody};
use crate::api::problem::{FieldError, Problem};
use crate::contents::Content;
use fettle_model::custom::{CustomPatch, Details, FileFacts};
use fettle_model::digest::Sha256Digest;

/// One custom patch.
pub(super) fn body(patch: CustomPatch) -> CustomPatchBody {
    CustomPatchBody {
        id: patch.id,
        patch: patch.patch_id(),
        file: file(&patch.file.facts, patch.file.size, patch.file.sha256),
        file_name: patch.file.name,
        details: details(patch.details),
        enabled: patch.enabled,
        created_at: patch.created_at,
        changed_at: patch.changed_at,
    }
}

/// A file without a patch.
pub(super) fn content(content: &Content) -> ContentBody {
    ContentBody { file: file(&content.facts, content.size, content.sha256), proposed: details(Details::proposed(&content.facts)) }
}

fn file(facts: &FileFacts, size: u64, sha256: Sha256Digest) -> FileBody {
    FileBody {
        kind: facts.kind.to_string(),
        size,
        sha256: sha256.to_string(),
        name: facts.name.clone(),
        version: facts.version.clone(),
        publisher: facts.publisher.clone(),
        architecture: facts.architecture.clone(),
    }
}

fn details(details: Details) -> CustomPatchDetails {
    CustomPatchDetails {
        title: details.title,
        description: details.description,
        vendor: details.vendor,
        app_family: details.app_family,
        category: details.category,
        severity: details.severity,
        cves: details.cves,
        bulletin: details.bulletin.unwrap_or_default(),
        advisory_url: details.advisory_url.unwrap_or_default(),
        reboot: details.reboot,
        silent_arguments: details.silent_arguments,
        success_codes: details.success_codes,
        reboot_codes: details.reboot_codes,
        product_name: details.product_name,
        publisher: details.publisher,
        product_codes: details.product_codes,
        upgrade_codes: details.upgrade_codes,
        version: details.version,
        architecture: details.architecture,
        release: details.release,
    }
}

/// What is said after a change.
pub(super) fn changed(details: Details, change: &DetailsChange) -> Details {
    let text = |new: &Option<String>, old: String| new.as_ref().map_or(old, |new| new.trim().to_owned());
    let maybe = |new: &Option<String>, old: Option<String>| match new.as_deref().map(str::trim) {
        None => old,
        Some("") => None,
        Some(new) => Some(new.to_owned()),
    };
    let texts =
        |new: &Option<Vec<String>>, old: Vec<String>| new.as_ref().map_or(old, |new| new.iter().map(|one| one.trim().to_owned()).collect());
    Details {
        title: text(&change.title, details.title),
        description: text(&change.description, details.description),
        vendor: text(&change.vendor, details.vendor),
        app_family: text(&change.app_family, details.app_family),
        category: change.category.unwrap_or(details.category),
        severity: change.severity.unwrap_or(details.severity),
        cves: texts(&change.cves, details.cves),
        bulletin: maybe(&change.bulletin, details.bulletin),
        advisory_url: maybe(&change.advisory_url, details.advisory_url),
        reboot: change.reboot.unwrap_or(details.reboot),
        silent_arguments: text(&change.silent_arguments, details.silent_arguments),
        success_codes: change.success_codes.clone().unwrap_or(details.success_codes),
        reboot_codes: change.reboot_codes.clone().unwrap_or(details.reboot_codes),
        product_name: text(&change.product_name, details.product_name),
        publisher: text(&change.publisher, details.publisher),
        product_codes: texts(&change.product_codes, details.product_codes),
        upgrade_codes: texts(&change.upgrade_codes, details.upgrade_codes),
        version: text(&change.version, details.version),
        architecture: text(&change.architecture, details.architecture),
        release: text(&change.release, details.release),
    }
}

/// Refuses a patch with something wrong.
pub(super) fn check(patch: &CustomPatch) -> Result<(), Problem> {
    let flaws = patch.check();
    if flaws.is_empty() {
        return Ok(());
    }
    let named = |field: String| if field == "file_name" { field } else { format!("details.{field}") };
    Err(Problem::invalid(flaws.into_iter().map(|flaw| FieldError::new(named(flaw.field), flaw.message)).collect()))
}
