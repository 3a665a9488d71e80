//! `GET /api/v1/custom-patches`

use super::convert;
use super::custom_patch::CustomPatchBody;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::custom::CustomPatch;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum CustomPatchColumn {
        /// Title.
        Title = "title",
        /// When it was made.
        CreatedAt = "created_at",
        /// When it was last changed.
        ChangedAt = "changed_at",
        /// Size of the file.
        Size = "size",
    }
}

list_query! {
    /// Paging of custom patches.
    pub(super) struct CustomPatchQuery sorted by CustomPatchColumn, as "Column to sort by, with `-` before it for largest first: `title`, `created_at`, `changed_at`, `size`." {
    }
}

/// Custom patches. Text is looked for in titles, families, names of files and digests.
#[utoipa::path(
    get,
    path = "/custom-patches",
    tag = "custom-patches",
    operation_id = "list_custom_patches",
    params(CustomPatchQuery),
    responses((status = 200, description = "One page.", body = Page<CustomPatchBody>)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn list_custom_patches(
    granted: Granted<permission::ManageConfiguration>,
    Query(query): Query<CustomPatchQuery>,
) -> Result<Json<Page<CustomPatchBody>>, Problem> {
    let text = query.q.get().map(str::to_lowercase);
    let mut rows = granted.app().store.custom_patches().await?;
    rows.retain(|patch| text.as_ref().is_none_or(|text| texts(patch).iter().any(|of| of.to_lowercase().contains(text))));
    let sort = query.sort.unwrap_or(Sort { by: CustomPatchColumn::Title, descending: false });
    let place = |patch: &CustomPatch| {
        let key = match sort.by {
            CustomPatchColumn::Title => Key::text(&patch.details.title),
            CustomPatchColumn::CreatedAt => Key::time(Some(patch.created_at)),
            CustomPatchColumn::ChangedAt => Key::time(Some(patch.changed_at)),
            CustomPatchColumn::Size => Key::Number(i64::try_from(patch.file.size).unwrap_or(i64::MAX)),
        };
        (key, patch.id.to_string())
    };
    Ok(Json(cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, place)?.map(convert::body)))
}

fn texts(patch: &CustomPatch) -> [String; 4] {
    [patch.details.title.clone(), patch.details.app_family.clone(), patch.file.name.clone(), patch.file.sha256.to_string()]
}
