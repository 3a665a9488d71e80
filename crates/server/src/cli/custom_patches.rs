//! `fettle custom-patches`.

use super::answer::text;
use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::{Globals, columns, names};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Arguments of `fettle custom-patches`; without a command it lists.
#[derive(Debug, Args)]
pub struct CustomPatchesArgs {
    #[command(subcommand)]
    command: Option<CustomPatchesCommand>,
}

#[derive(Debug, Subcommand)]
enum CustomPatchesCommand {
    /// List custom patches (what `fettle custom-patches` alone does)
    List,
    /// Show one custom patch
    Show {
        /// Title or id
        patch: String,
    },
    /// Upload a file and make a patch of it
    Add(AddArgs),
    /// Change what is said of a patch
    Edit(EditArgs),
    /// Switch a patch on
    Enable {
        /// Title or id
        patch: String,
    },
    /// Switch a patch off: it is missing nowhere and cannot be deployed
    Disable {
        /// Title or id
        patch: String,
    },
    /// Remove a patch and its file
    Remove {
        /// Title or id
        patch: String,
    },
}

#[derive(Debug, Args)]
struct AddArgs {
    /// MSI package, program for Windows, deb or rpm
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Leave it switched off
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    details: Details,
}

#[derive(Debug, Args)]
struct EditArgs {
    /// Title or id
    patch: String,
    #[command(flatten)]
    details: Details,
}

/// What is said of a patch; what is left out is as the file has it, or as it was.
#[derive(Debug, Args)]
struct Details {
    /// One line for people
    #[arg(long)]
    title: Option<String>,
    /// Longer text
    #[arg(long)]
    description: Option<String>,
    /// Who publishes it
    #[arg(long)]
    vendor: Option<String>,
    /// Family of products
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
    /// Security or not
    #[arg(long, value_parser = ["security", "non-security"])]
    category: Option<String>,
    /// Rating
    #[arg(long, value_parser = ["none", "low", "moderate", "important", "critical"])]
    severity: Option<String>,
    /// Vulnerability that it fixes, such as CVE-2026-1234; may be repeated
    #[arg(long, value_name = "CVE")]
    cve: Option<Vec<String>>,
    /// Advisory id
    #[arg(long)]
    bulletin: Option<String>,
    /// Where to read about it
    #[arg(long, value_name = "URL")]
    advisory: Option<String>,
    /// Whether it asks for a restart
    #[arg(long, value_parser = ["never", "maybe", "required"])]
    reboot: Option<String>,
    /// Linux: release whose machines it is for, such as debian/bookworm
    #[arg(long)]
    release: Option<String>,
    /// Windows: arguments with which it asks nothing
    #[arg(long, value_name = "ARGUMENTS", allow_hyphen_values = true)]
    silent: Option<String>,
    /// Windows: exit code that means success, beside 0; may be repeated
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    success_code: Option<Vec<i64>>,
    /// Windows: exit code that means success once the machine was restarted; may be repeated
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    reboot_code: Option<Vec<i64>>,
    /// Windows: its name in the list of installed applications
    #[arg(long, value_name = "NAME")]
    product_name: Option<String>,
    /// Windows: its publisher there
    #[arg(long)]
    publisher: Option<String>,
    /// Windows: its key there, such as a product code; may be repeated
    #[arg(long, value_name = "CODE")]
    product_code: Option<Vec<String>>,
    /// Windows: code that all its versions share; may be repeated
    #[arg(long, value_name = "CODE")]
    upgrade_code: Option<Vec<String>>,
    /// Windows: the version that shows once it is installed
    #[arg(long, value_name = "VERSION")]
    product_version: Option<String>,
    /// Windows: its architecture, or '' for all
    #[arg(long, value_parser = ["", "x86", "x64", "arm", "arm64"])]
    architecture: Option<String>,
}

impl Details {
    /// As the API takes them.
    fn body(self) -> Map<String, Value> {
        let texts = [
            ("title", self.title),
            ("description", self.description),
            ("vendor", self.vendor),
            ("app_family", self.product),
            ("category", self.category),
            ("severity", self.severity),
            ("bulletin", self.bulletin),
            ("advisory_url", self.advisory),
            ("reboot", self.reboot),
            ("release", self.release),
            ("silent_arguments", self.silent),
            ("product_name", self.product_name),
            ("publisher", self.publisher),
            ("version", self.product_version),
            ("architecture", self.architecture),
        ];
        let lists = [("cves", self.cve), ("product_codes", self.product_code), ("upgrade_codes", self.upgrade_code)];
        let codes = [("success_codes", self.success_code), ("reboot_codes", self.reboot_code)];
        let texts = texts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
        let lists = lists.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
        let codes = codes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
        texts.chain(lists).chain(codes).collect()
    }
}

/// Runs `fettle custom-patches`.
pub(super) async fn run(globals: &Globals, args: CustomPatchesArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(CustomPatchesCommand::List) {
        CustomPatchesCommand::List => ui.list(columns::CUSTOM_PATCHES, &client.all("/custom-patches", &[], None).await?)?,
        CustomPatchesCommand::Show { patch } => {
            let patch = client.get(&format!("/custom-patches/{}", find(&client, &patch).await?), &[]).await?;
            ui.record(columns::CUSTOM_PATCH, &patch)?;
        }
        CustomPatchesCommand::Add(args) => add(&client, args, ui).await?,
        CustomPatchesCommand::Edit(EditArgs { patch, details }) => {
            let details = details.body();
            if details.is_empty() {
                return Err(CliError::Usage("say what to change, such as --title or --severity".to_owned()));
            }
            change(&client, &patch, &json!({ "details": details }), "changed", ui).await?;
        }
        CustomPatchesCommand::Enable { patch } => change(&client, &patch, &json!({ "enabled": true }), "enabled", ui).await?,
        CustomPatchesCommand::Disable { patch } => change(&client, &patch, &json!({ "enabled": false }), "disabled", ui).await?,
        CustomPatchesCommand::Remove { patch } => {
            let id = find(&client, &patch).await?;
            client.delete(&format!("/custom-patches/{id}")).await?;
            ui.done(&format!("{patch} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(client: &Client, args: AddArgs, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let failed = |source| CliError::File { action: "read", path: args.file.clone(), source };
    let mut file = tokio::fs::File::open(&args.file).await.map_err(failed)?;
    let (sha256, size) = digest(&mut file).await.map_err(failed)?;
    file.rewind().await.map_err(failed)?;
    let content = format!("/custom-patches/content/{sha256}");
    // What is there already, from an earlier try or another patch, need not go over the line again.
    match client.get(&content, &[]).await {
        Ok(_) => {}
        Err(CliError::Refused(problem)) if problem.code == "not-found" => {
            client.send_file(reqwest::Method::PUT, &content, file, size).await?;
        }
        Err(error) => return Err(error),
    }
    let name = args.file.file_name().unwrap_or(Path::new("file").as_os_str()).to_string_lossy();
    let body = json!({ "sha256": sha256, "file_name": name, "enabled": !args.disabled, "details": args.details.body() });
    let made = client.post("/custom-patches", &body).await?;
    ui.done(&format!("Added {} as {}.", text(&made, "/details/title"), text(&made, "/patch")), &made)
}

/// The digest of a file, in hexadecimal, and its size.
async fn digest(file: &mut tokio::fs::File) -> std::io::Result<(String, u64)> {
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut piece).await?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        size = size.saturating_add(bytes.len() as u64);
    }
    Ok((data_encoding::HEXLOWER.encode(&hash.finalize()), size))
}

async fn change(client: &Client, patch: &str, change: &Value, done: &str, ui: &mut Ui<'_>) -> Result<(), CliError> {
    let id = find(client, patch).await?;
    let record = client.patch(&format!("/custom-patches/{id}"), change).await?;
    ui.done(&format!("{patch} is {done}."), &record)
}

async fn find(client: &Client, given: &str) -> Result<String, CliError> {
    names::among(client, "custom patch", "/custom-patches", "/details/title", given).await
}
