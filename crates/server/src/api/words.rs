//! Closed sets of words as OpenAPI schemas, taken from the domain's own declaration of each set.
//!
//! The domain knows nothing of OpenAPI, so a field of such a type says
//! `#[schema(value_type = words::Role)]`; the document then lists exactly the words the code accepts.

use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

macro_rules! words {
    ($( $(#[$meta:meta])* $name:ident => $set:path ),+ $(,)?) => { $(
        $(#[$meta])*
        pub struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = <$set>::ALL.iter().map(|word| word.as_str());
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+ };
}

words! {
    /// What a person may be.
    Role => fettle_model::access::Role,
    /// Everything that can be asked for.
    Permission => fettle_model::access::Action,
    /// Family of operating systems.
    Platform => fettle_model::os::Platform,
    /// How an asset's last scan went.
    ScanStatus => fettle_model::asset::ScanStatus,
    /// What an asset is to a patch.
    FindingStatus => fettle_model::finding::FindingStatus,
    /// How far dpkg got with a package.
    PackageState => fettle_model::inventory::PackageState,
    /// What a patch changes.
    PatchKind => fettle_model::patch::PatchKind,
    /// Whether a patch fixes something that can be attacked.
    Category => fettle_model::patch::Category,
    /// How the vendor rates a patch.
    Severity => fettle_model::patch::Severity,
    /// Whether installing asks for a restart.
    Reboot => fettle_model::patch::Reboot,
    /// What a job does with its patches.
    JobKind => fettle_deploy::job::JobKind,
    /// Where a job is in its life.
    JobStatus => fettle_deploy::job::JobStatus,
    /// Where an asset is in a run.
    AssetRunStatus => fettle_deploy::run::AssetRunStatus,
    /// Where a patch on an asset is in a run.
    PatchRunStatus => fettle_deploy::run::PatchRunStatus,
    /// Kinds of records that can be asked for.
    Entity => fettle_query::Entity,
    /// Types of fields in queries.
    FieldKind => crate::api::query::fields::FieldKind,
    /// Kinds of suggestions while a query is written.
    SuggestionKind => crate::api::query::suggest::SuggestionKind,
    /// Which patches a list begins with.
    Applicability => crate::api::patches::query::Applicability,
    /// Which answers to a query a list holds.
    Truth => crate::api::assets::query::Told,
    /// What was decided about a patch on an asset.
    WhyStatus => crate::api::assets::why::WhyStatus,
    /// Why a patch on an asset failed.
    FailureReason => fettle_deploy::reason::FailureReason,
    /// Why agents must reach a host.
    Purpose => crate::api::download_locations::location::Purpose,
}
