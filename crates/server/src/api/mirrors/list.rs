//! `GET /api/v1/mirrors`

use super::mirror::MirrorBody;
use crate::api::cursor::{self, Key};
use crate::api::extract::{Json, Query};
use crate::api::list_query::list_query;
use crate::api::page::{Page, Sort};
use crate::api::problem::Problem;
use crate::auth::{Granted, permission};
use fettle_model::mirror::MirrorRule;
use fettle_store::MirrorRecord;

fettle_model::text_enum! {
    /// What the list can be sorted by.
    pub enum MirrorColumn {
        /// Name.
        Name = "name",
        /// Where it leads.
        To = "to",
        /// When it was added.
        CreatedAt = "created_at",
    }
}

list_query! {
    /// Paging of mirrors.
    pub(super) struct MirrorQuery sorted by MirrorColumn, as "Column to sort by, with `-` before it for largest first: `name`, `to`, `created_at`." {
    }
}

/// Mirrors. Text is looked for in names and addresses.
#[utoipa::path(
    get,
    path = "/mirrors",
    tag = "mirrors",
    operation_id = "list_mirrors",
    params(MirrorQuery),
    responses((status = 200, description = "One page.", body = Page<MirrorBody>)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn list_mirrors(
    granted: Granted<permission::ManageConfiguration>,
    Query(query): Query<MirrorQuery>,
) -> Result<Json<Page<MirrorBody>>, Problem> {
    let text = query.q.get().map(str::to_lowercase);
    let mut rows = granted.app().store.mirrors().await?;
    rows.retain(|mirror| text.as_ref().is_none_or(|text| texts(mirror).iter().any(|of| of.to_lowercase().contains(text))));
    let sort = query.sort.unwrap_or(Sort { by: MirrorColumn::Name, descending: false });
    let place = |mirror: &MirrorRecord| {
        let key = match sort.by {
            MirrorColumn::Name => Key::text(&mirror.name),
            MirrorColumn::To => Key::text(mirror.rule.to()),
            MirrorColumn::CreatedAt => Key::time(Some(mirror.created_at)),
        };
        (key, mirror.id.to_string())
    };
    Ok(Json(cursor::cut(rows, sort, query.cursor.as_deref(), query.limit, place)?.map(MirrorBody::from)))
}

fn texts(mirror: &MirrorRecord) -> [String; 3] {
    let from = match &mirror.rule {
        MirrorRule::Prefix { from, .. } => from.clone(),
        MirrorRule::Installer { sha256, .. } => sha256.to_string(),
    };
    [mirror.name.clone(), from, mirror.rule.to().to_owned()]
}
