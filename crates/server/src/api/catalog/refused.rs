//! Exports and imports that came to nothing, as problems.

use crate::api::problem::{Problem, sentence};
use crate::bundles::BundlesError;
use axum::http::StatusCode;
use fettle_catalog::bundle::BundleError;

/// The problem that an export or import ended in.
pub(super) fn problem(error: BundlesError) -> Problem {
    let text = sentence(&error);
    match error {
        BundlesError::Busy => {
            let detail = format!("{text} Try again when that is done.");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "bundle-under-way", "Another bundle is under way.", detail)
        }
        BundlesError::TooLarge => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", "The file is too large.", text),
        BundlesError::Cut => Problem::bad_request("body-cut-short", format!("{text} Send the request again.")),
        BundlesError::NobodyTrusted => Problem::conflict("nobody-trusted", text),
        BundlesError::NoSuchExport { .. } | BundlesError::Forgotten { .. } => Problem::invalid_field("since", error.to_string()),
        BundlesError::Bundle(error) => refused(&error, text),
        BundlesError::Store(error) => error.into(),
        BundlesError::Full => Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "disk-full",
            "The server's disk is full.",
            "Make room in the server's data folder and try again.",
        ),
        error @ (BundlesError::Feed { .. } | BundlesError::Key(_) | BundlesError::Disk(_) | BundlesError::Stopped) => {
            Problem::internal(&error)
        }
    }
}

fn refused(error: &BundleError, text: String) -> Problem {
    // What a newer export or another bundle would cure is the state of things; the rest is the file itself.
    match error {
        BundleError::Expired { .. }
        | BundleError::Future { .. }
        | BundleError::Older { .. }
        | BundleError::Twin { .. }
        | BundleError::NoBase { .. }
        | BundleError::OtherBase { .. } => Problem::conflict("bundle-does-not-fit", text),
        BundleError::Write(_) | BundleError::Stopped => Problem::internal(error),
        _ => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bundle-refused", "The bundle is refused.", text),
    }
}
