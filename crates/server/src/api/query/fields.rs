//! `GET /api/v1/query/fields`

use crate::api::extract::{Json, Query};
use crate::api::problem::Problem;
use crate::api::query::facet::title;
use crate::api::words;
use crate::auth::{Granted, permission};
use fettle_query::registry::{Evidence, Kind, fields, relations};
use fettle_query::{Entity, Field, Relation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

fettle_model::text_enum! {
    /// Types of fields.
    pub enum FieldKind {
        /// Text; words match by prefix.
        Text = "text",
        /// A number.
        Number = "number",
        /// A number of bytes, such as `10MB` or `2GiB`.
        Size = "size",
        /// A moment, such as `2026-11-10`, `now-3d` or `today`.
        Moment = "moment",
        /// A version.
        Version = "version",
        /// Yes or no.
        Flag = "flag",
        /// One of a closed list.
        Choice = "choice",
        /// A network address or network.
        Address = "address",
    }
}

/// Which fields.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldsQuery {
    /// Whose.
    #[param(value_type = words::Entity)]
    entity: Entity,
}

/// What can be asked of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct FieldsBody {
    /// The entity.
    #[schema(value_type = words::Entity)]
    pub entity: Entity,
    /// Its fields, in the order people see them.
    pub fields: Vec<FieldBody>,
    /// Ways to other records; their fields are written behind the way's name and a dot.
    pub relations: Vec<RelationBody>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct FieldBody {
    /// Name as queries write it.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// Other names that are understood.
    pub aliases: Vec<String>,
    /// Type of its values.
    #[schema(value_type = words::FieldKind)]
    pub kind: FieldKind,
    /// All values of a closed list, in ascending order where it has one; else empty.
    pub members: Vec<String>,
    /// Whether `<` and `>` make sense.
    pub ordered: bool,
    /// Whether a record may have several values.
    pub many: bool,
    /// Whether a text without a field searches it.
    pub main: bool,
    /// Whether lists can be sorted by it.
    pub sortable: bool,
    /// Whether it makes a facet.
    pub facet: bool,
    /// Whether it is made of findings, so that it is unknown for assets whose last good scan is missing or old.
    pub from_findings: bool,
    /// One line for people.
    pub help: String,
    /// A term that uses it.
    pub example: String,
}

/// A way to other records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct RelationBody {
    /// Name as queries write it.
    pub name: String,
    /// What it leads to.
    #[schema(value_type = words::Entity)]
    pub to: Entity,
    /// One line for people.
    pub help: String,
}

/// The fields queries can ask for.
#[utoipa::path(
    get,
    path = "/query/fields",
    tag = "query",
    operation_id = "list_query_fields",
    params(FieldsQuery),
    responses((status = 200, description = "The fields.", body = FieldsBody)),
    extensions(("x-permission" = json!("fleet.view"))),
)]
pub(super) async fn list_query_fields(
    _granted: Granted<permission::ViewFleet>,
    Query(query): Query<FieldsQuery>,
) -> Result<Json<FieldsBody>, Problem> {
    let relation =
        |relation: Relation| RelationBody { name: relation.name().to_owned(), to: relation.to(), help: relation.help().to_owned() };
    Ok(Json(FieldsBody {
        entity: query.entity,
        fields: fields(query.entity).iter().map(body).collect(),
        relations: relations(query.entity).map(relation).collect(),
    }))
}

fn body(field: &Field) -> FieldBody {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    let (kind, members, ordered) = match field.kind {
        Kind::Text => (FieldKind::Text, Vec::new(), false),
        Kind::Number => (FieldKind::Number, Vec::new(), true),
        Kind::Size => (FieldKind::Size, Vec::new(), true),
        Kind::Moment => (FieldKind::Moment, Vec::new(), true),
        Kind::Version => (FieldKind::Version, Vec::new(), true),
        Kind::Flag => (FieldKind::Flag, Vec::new(), false),
        Kind::Choice { members, ordered } => (FieldKind::Choice, owned(members), ordered),
        Kind::Address => (FieldKind::Address, Vec::new(), false),
    };
    FieldBody {
        name: field.name.to_owned(),
        label: title(field),
        aliases: owned(field.aliases),
        kind,
        members,
        ordered,
        many: field.many,
        main: field.main,
        sortable: field.sortable,
        facet: field.facet,
        from_findings: field.evidence != Evidence::Fact,
        help: field.help.to_owned(),
        example: field.example.to_owned(),
    }
}
