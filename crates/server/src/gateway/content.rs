//! `GET` content: the file with a digest that the agent's own work needs, and no other.
//!
//! What administrators uploaded is answered from the disk, with ranges, so that an agent goes on where it was cut off.
//! Everything else is elsewhere: the agent is sent to the vendor, or to the mirror that stands in for it. Nothing that is
//! sent has to be trusted, since the agent knows the digest.

use super::intake::store_failed;
use super::peer::Agent;
use super::refusal::Refusal;
use crate::App;
use crate::locations::Locations;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::HEXLOWER;
use fettle_deploy::job::JobKind;
use fettle_model::custom::is_content;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{AssetId, PatchId};
use fettle_model::installer::Installer;
use fettle_model::patch::Download;
use http_body_util::BodyExt;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use tower_http::services::ServeFile;

/// Files that are being sent at once. Each is an open file and a buffer; agents that find no place come back.
const DOWNLOADS: usize = 256;
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(DOWNLOADS)));

pub(super) async fn content(
    State(app): State<Arc<App>>,
    agent: Agent,
    Path(sha256): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let bytes = HEXLOWER.decode(sha256.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let wanted = Sha256Digest(bytes.ok_or(Refusal::NotFound)?);
    let installer = ordered(&app, agent.asset, wanted).await?.ok_or(Refusal::NotFound)?;
    let place = Locations::now(&app).await.map_err(store_failed("read the mirrors"))?.of(&installer);
    if place.replaced.is_some() || !is_content(&installer) {
        return Ok(Redirect::temporary(&place.url).into_response());
    }
    let seat = Arc::clone(&PLACES).try_acquire_owned().map_err(|_| Refusal::Unavailable)?;
    let path = app.contents.path(wanted);
    // Whether it is there is known from here on: a file that is gone needs its administrator, and the agent comes back.
    tokio::fs::metadata(&path).await.map_err(|error| Refusal::failed("find an uploaded file that a patch needs", &error))?;
    let answer = ServeFile::new(&path).try_call(request).await.map_err(|error| Refusal::failed("read an uploaded file", &error))?;
    let (parts, body) = answer.into_parts();
    // The place is free again when the last piece is sent, or the agent is gone.
    let body = Body::new(body.map_frame(move |frame| {
        let _seat = &seat;
        frame
    }));
    Ok(Response::from_parts(parts, body))
}

/// The installer with a digest, when something that the asset has to install has it.
async fn ordered(app: &App, asset: AssetId, wanted: Sha256Digest) -> Result<Option<Installer>, Refusal> {
    let list = app.store.work_for(asset).await.map_err(store_failed("read an asset's work"))?.ok_or(Refusal::CertificateUnknown)?;
    let mut patches: BTreeSet<PatchId> = BTreeSet::new();
    for signed in &list.manifests {
        let manifest = app.authority.read(signed).map_err(|error| Refusal::failed("read an asset's work", &error))?;
        if manifest.kind == JobKind::Install {
            patches.extend(manifest.patches.into_iter().map(|planned| planned.patch));
        }
    }
    let patches: Vec<PatchId> = patches.into_iter().collect();
    let stored = app.store.patches_by_id(&patches).await.map_err(store_failed("read the patches of an asset's work"))?;
    let installers = stored.into_iter().flat_map(|stored| match stored.patch.download {
        Download::Automatic { installers } => installers,
        Download::PackageManager { .. } | Download::AcquireFromVendor { .. } => Vec::new(),
    });
    Ok(installers.into_iter().find(|installer| installer.sha256 == wanted))
}
