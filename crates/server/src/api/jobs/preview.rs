//! `GET /api/v1/jobs/{id}/preview`

use super::check::capitalised;
use super::job::{LeftOut, PreviewAsset, PreviewPatch};
use crate::api::assets::row::AssetRef;
use crate::api::extract::{Json, Path};
use crate::api::jobs::job::Preview;
use crate::api::patches;
use crate::api::problem::{FieldError, Problem};
use crate::api::runs;
use crate::auth::{Granted, permission};
use crate::planning::{self, PlanningError};
use fettle_deploy::plan;
use fettle_model::ids::JobId;

/// What the job would do if it ran now.
#[utoipa::path(
    get,
    path = "/jobs/{id}/preview",
    tag = "jobs",
    operation_id = "preview_job",
    params(("id" = Uuid, Path, description = "Id of the job.")),
    responses((status = 200, description = "The plan.", body = Preview)),
    extensions(("x-permission" = json!("job.view"))),
)]
pub(super) async fn preview_job(granted: Granted<permission::ViewJob>, Path(id): Path<JobId>) -> Result<Json<Preview>, Problem> {
    let job = granted.job(id).await?;
    let plan = match planning::plan(granted.app(), &job).await {
        Ok(plan) => plan,
        Err(PlanningError::CannotRun(reason)) => {
            let flaws = vec![FieldError::new("job", format!("{}.", capitalised(&reason.to_string())))];
            return Ok(Json(Preview { flaws, ..Preview::default() }));
        }
        Err(PlanningError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(Problem::internal(&error)),
    };
    let view = granted.view();
    let assets = plan.assets.iter().filter(|planned| view.asset(planned.asset).is_some()).map(asset).collect();
    let left_out = plan.left_out.iter().filter(|left| view.asset(left.asset).is_some()).map(left_out).collect();
    Ok(Json(Preview { assets, left_out, flaws: Vec::new() }))
}

fn asset(planned: &plan::PlannedAsset) -> PreviewAsset {
    let patch = |plan: &plan::PatchPlan| PreviewPatch {
        id: plan.patch.clone(),
        title: plan.title.clone(),
        status: plan.status,
        packages: plan.packages.iter().map(patches::convert::fixed).collect(),
        held: plan.held.clone(),
    };
    PreviewAsset { asset: AssetRef { id: planned.asset, name: planned.name.clone() }, patches: planned.patches.iter().map(patch).collect() }
}

fn left_out(left: &plan::LeftOut) -> LeftOut {
    let reason = runs::convert::reason(&left.reason);
    LeftOut { asset: AssetRef { id: left.asset, name: left.name.clone() }, reason: reason.reason, sentence: reason.sentence }
}
