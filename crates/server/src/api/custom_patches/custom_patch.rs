//! Custom patches as the API takes and shows them.

use crate::api::words;
use fettle_model::ids::{CustomPatchId, PatchId};
use fettle_model::patch::{Category, Reboot, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An uploaded file, and what would be said of it if nobody said anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentBody {
    /// The file.
    pub file: FileBody,
    /// What its own facts propose.
    pub proposed: CustomPatchDetails,
}

/// A file with what it says of itself; texts are empty where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileBody {
    /// `msi`, `exe`, `deb` or `rpm`, as its content says.
    pub kind: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 digest, hexadecimal, computed by the server.
    pub sha256: String,
    /// Name of the product or package.
    pub name: String,
    /// Version; of an rpm `epoch:version-release`.
    pub version: String,
    /// Who made it.
    pub publisher: String,
    /// Architecture; empty when it is for all or nothing can be told.
    pub architecture: String,
}

/// A patch that an administrator uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomPatchBody {
    /// Id.
    #[schema(value_type = Uuid)]
    pub id: CustomPatchId,
    /// Its name in the catalog: `custom:` and the id.
    #[schema(value_type = String)]
    pub patch: PatchId,
    /// Name of the file where it came from.
    pub file_name: String,
    /// The file.
    pub file: FileBody,
    /// What is said of it.
    pub details: CustomPatchDetails,
    /// Whether it can be missing and deployed.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// What is said of a patch. What does not fit its kind of file is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomPatchDetails {
    /// One line for people.
    pub title: String,
    /// Longer text; may be empty.
    pub description: String,
    /// Who publishes it.
    pub vendor: String,
    /// Family of products.
    pub app_family: String,
    /// Security or not.
    #[schema(value_type = words::Category)]
    pub category: Category,
    /// Rating.
    #[schema(value_type = words::Severity)]
    pub severity: Severity,
    /// CVE ids.
    pub cves: Vec<String>,
    /// Advisory id; empty when there is none.
    pub bulletin: String,
    /// Where to read about it; empty when there is nothing.
    pub advisory_url: String,
    /// Whether it asks for a restart.
    #[schema(value_type = words::Reboot)]
    pub reboot: Reboot,
    /// Windows: arguments with which it asks nothing.
    pub silent_arguments: String,
    /// Windows: exit codes that mean success, beside 0.
    pub success_codes: Vec<i64>,
    /// Windows: exit codes that mean success once the machine was restarted.
    pub reboot_codes: Vec<i64>,
    /// Windows: its name in the list of installed applications.
    pub product_name: String,
    /// Windows: its publisher there.
    pub publisher: String,
    /// Windows: its keys there, such as product codes.
    pub product_codes: Vec<String>,
    /// Windows: codes that all its versions share.
    pub upgrade_codes: Vec<String>,
    /// Windows: the version that shows once it is installed.
    pub version: String,
    /// Windows: `x86`, `x64`, `arm`, `arm64`; empty for all.
    pub architecture: String,
    /// Linux: the release whose machines it is for, such as `debian/bookworm`.
    pub release: String,
}

/// A new custom patch, of a file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCustomPatch {
    /// SHA-256 digest of the file, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
    /// Name of the file where it came from, without folders.
    #[schema(min_length = 1, max_length = 300)]
    pub file_name: String,
    /// Whether it can be missing and deployed.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What is said of it; what is left out is as the file proposes.
    #[serde(default)]
    pub details: DetailsChange,
}

fn yes() -> bool {
    true
}

/// Changes to a custom patch. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeCustomPatch {
    /// Whether it can be missing and deployed.
    pub enabled: Option<bool>,
    /// What is said of it.
    pub details: DetailsChange,
}

/// Some of what is said of a patch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DetailsChange {
    /// One line for people.
    pub title: Option<String>,
    /// Longer text; may be empty.
    pub description: Option<String>,
    /// Who publishes it.
    pub vendor: Option<String>,
    /// Family of products.
    pub app_family: Option<String>,
    /// Security or not.
    #[schema(value_type = Option<words::Category>)]
    pub category: Option<Category>,
    /// Rating.
    #[schema(value_type = Option<words::Severity>)]
    pub severity: Option<Severity>,
    /// CVE ids.
    pub cves: Option<Vec<String>>,
    /// Advisory id; empty for none.
    pub bulletin: Option<String>,
    /// Where to read about it; empty for nowhere.
    pub advisory_url: Option<String>,
    /// Whether it asks for a restart.
    #[schema(value_type = Option<words::Reboot>)]
    pub reboot: Option<Reboot>,
    /// Windows: arguments with which it asks nothing.
    pub silent_arguments: Option<String>,
    /// Windows: exit codes that mean success, beside 0.
    pub success_codes: Option<Vec<i64>>,
    /// Windows: exit codes that mean success once the machine was restarted.
    pub reboot_codes: Option<Vec<i64>>,
    /// Windows: its name in the list of installed applications.
    pub product_name: Option<String>,
    /// Windows: its publisher there.
    pub publisher: Option<String>,
    /// Windows: its keys there, such as product codes.
    pub product_codes: Option<Vec<String>>,
    /// Windows: codes that all its versions share.
    pub upgrade_codes: Option<Vec<String>>,
    /// Windows: the version that shows once it is installed.
    pub version: Option<String>,
    /// Windows: `x86`, `x64`, `arm`, `arm64`; empty for all.
    pub architecture: Option<String>,
    /// Linux: the release whose machines it is for, such as `debian/bookworm`.
    pub release: Option<String>,
}
