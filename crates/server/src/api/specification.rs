//! What the OpenAPI document says about all operations together.

use crate::api::problem::{self, Problem};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, Info, License, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder, Tag,
};
use utoipa::{PartialSchema, ToSchema};

/// The document without operations.
pub(super) fn frame() -> OpenApi {
    let mut info = Info::new("Fettle", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let mut components = Components::new();
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("fettle", "Session cookie; `__Host-fettle` over HTTPS."));
    components.security_schemes.insert("session".to_owned(), RefOr::T(SecurityScheme::ApiKey(cookie)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("ft1_…").build();
    components.security_schemes.insert("token".to_owned(), RefOr::T(SecurityScheme::Http(bearer)));
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.extend(schemas);
    components.responses.insert("Problem".to_owned(), RefOr::T(problem_response()));
    OpenApiBuilder::new().info(info).components(Some(components)).tags(Some(TAGS.map(|(name, text)| tag(name, text)))).build()
}

const DESCRIPTION: &str = "Patch management: which patches every machine misses, and installing them. \
    Log in with a session cookie (writes then carry `X-CSRF-Token`) or send an API token as `Authorization: Bearer`. \
    Unknown fields and query parameters are refused; every refusal is `application/problem+json` with a stable `code`. \
    `x-permission` names the permission an operation needs; what is outside the caller's scope does not exist for them.";

const TAGS: [(&str, &str); 21] = [
    ("setup", "The first administrator."),
    ("session", "Logging in and out."),
    ("assets", "Machines with an enrolled agent."),
    ("patches", "The catalog, and where each patch is missing."),
    ("query", "Help with the query language."),
    ("searches", "Searches that a person keeps or made last."),
    ("jobs", "What to install or uninstall, on which assets, when."),
    ("runs", "Executions of jobs."),
    ("results", "What became of each patch on each asset in each run."),
    ("audit", "Who changed what."),
    ("tags", "Labels on assets, in a tree."),
    ("activation-keys", "What an installer carries to enrol."),
    ("users", "People who can log in."),
    ("tokens", "API tokens of the caller."),
    ("feeds", "Sources of catalog records."),
    ("catalog", "The catalog as a signed file, for servers without internet."),
    ("custom-patches", "Patches that administrators upload."),
    ("mirrors", "Other places that agents fetch installers from."),
    ("download-locations", "Hosts that agents must reach, for firewalls."),
    ("status", "The server itself."),
    ("vulnerabilities", "What patches fix, and how urgent others say it is."),
];

fn tag(name: &str, text: &str) -> Tag {
    let mut tag = Tag::new(name);
    tag.description = Some(text.to_owned());
    tag
}

fn problem_response() -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    ResponseBuilder::new().description("Refused or failed; `code` says why.").content(problem::CONTENT_TYPE, content).build()
}

/// Adds what holds for every operation: how it answers when it refuses, and who may call it.
pub(super) fn complete(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let problem = RefOr::Ref(Ref::from_response_name("Problem"));
        operation.responses.responses.insert("default".to_owned(), problem);
        if operation.security.is_none() {
            let none: [&str; 0] = [];
            operation.security = Some(vec![SecurityRequirement::new("session", none), SecurityRequirement::new("token", none)]);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().filter_map(Option::as_mut)
}
