//! Starting the runs of jobs whose time has come.

use super::WorkError;
use crate::App;

pub(super) async fn schedule(_app: &App) -> Result<String, WorkError> {
    Ok(String::new())
}
