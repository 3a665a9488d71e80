//! Uploads that were not taken, as problems.

use crate::api::problem::{Problem, sentence};
use crate::contents::UploadError;
use axum::http::StatusCode;

/// The problem that an upload ended in.
pub(super) fn problem(error: UploadError) -> Problem {
    let text = sentence(&error);
    match error {
        UploadError::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too-many-uploads",
            "Too many files are being uploaded.",
            format!("{text} Send yours when one of them is done."),
        ),
        UploadError::TooLarge { .. } => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "file-too-large",
            "The file is too large.",
            format!("{text} The server's administrator can allow more with upload_limit_mb in fettle.toml."),
        ),
        UploadError::OtherDigest { .. } => {
            let detail = format!("{text} It is not the file whose digest was stated, or it was damaged on its way: send it again.");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "digest-differs", "The file is another one.", detail)
        }
        UploadError::Cut => Problem::bad_request("body-cut-short", format!("{text} Send the request again.")),
        UploadError::Refused(_) | UploadError::Unreadable => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "file-refused",
            "The file cannot be made a patch.",
            format!("{text} Upload an MSI package, a program for Windows, a deb or an rpm."),
        ),
        UploadError::Full => Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "disk-full",
            "The server's disk is full.",
            "Make room in the server's data folder and send the file again.",
        ),
        UploadError::Disk(error) => Problem::internal(&error),
    }
}
