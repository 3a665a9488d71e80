//! `fettle why`.

use super::client::{Client, segment};
use super::error::CliError;
use super::output::{Format, Ui};
use super::{Globals, columns, names};
use crate::cli::answer::items;
use clap::Args;
use std::process::ExitCode;

/// Arguments of `fettle why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Name or id of the asset
    asset: String,
    /// Id of the patch, such as debian:bookworm:DSA-5678-1
    patch: String,
}

/// Runs `fettle why`.
pub(super) async fn run(globals: &Globals, args: WhyArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    let id = names::asset(&client, &args.asset).await?;
    let why = client.get(&format!("/assets/{id}/patches/{}/why", segment(&args.patch)), &[]).await?;
    if ui.format != Format::Table {
        ui.record(columns::WHY, &why)?;
        return Ok(ExitCode::SUCCESS);
    }
    for sentence in items(&why, "/sentences") {
        ui.line(&super::output::printable(sentence.as_str().unwrap_or_default()))?;
    }
    if !items(&why, "/judged").is_empty() {
        ui.line("")?;
        ui.list(columns::JUDGED, items(&why, "/judged"))?;
    }
    Ok(ExitCode::SUCCESS)
}
