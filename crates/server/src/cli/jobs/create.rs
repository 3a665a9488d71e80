//! `fettle jobs create`: from options or from a file.

use crate::cli::answer::text;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output::Ui;
use crate::cli::{moment, names};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `fettle jobs create`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("kind").args(["install", "uninstall", "from"]).required(true))]
pub(super) struct CreateArgs {
    /// Install the patches
    #[arg(long)]
    install: bool,
    /// Take the patches back
    #[arg(long)]
    uninstall: bool,
    /// Read the job from this file (TOML or JSON, the API's fields; tags and assets may be named); options add to it
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Name; made from the patches when left out
    #[arg(long)]
    name: Option<String>,
    /// Longer text
    #[arg(long)]
    description: Option<String>,
    /// Patches, by id
    #[arg(long, value_name = "ID", num_args = 1..)]
    patch: Vec<String>,
    /// Assets, by name or id
    #[arg(long, value_name = "NAME", num_args = 1..)]
    asset: Vec<String>,
    /// Assets that carry one of these tags
    #[arg(long, value_name = "TAG", num_args = 1..)]
    tag: Vec<String>,
    /// Not these assets
    #[arg(long, value_name = "NAME", num_args = 1..)]
    exclude_asset: Vec<String>,
    /// Not assets with one of these tags
    #[arg(long, value_name = "TAG", num_args = 1..)]
    exclude_tag: Vec<String>,
    /// Run as soon as the job is enabled
    #[arg(long, conflicts_with = "at")]
    on_demand: bool,
    /// Run at this time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Minutes from the start within which an asset must begin
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=10_080))]
    window: Option<u32>,
    /// Do not go on with the next patch after a failed one
    #[arg(long)]
    stop_on_failure: bool,
    /// Enable it at once
    #[arg(long)]
    enable: bool,
    /// Enable it and follow the run to its end, as `jobs watch` does
    #[arg(long)]
    watch: bool,
}

/// Runs `fettle jobs create`.
pub(super) async fn run(client: &Client, args: CreateArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let file = args.from.as_deref().map(|file| read_fields(file, "job")).transpose()?.unwrap_or_default();
    let mut job = merged(file, &args)?;
    resolve(client, &mut job).await?;
    let made = client.post("/jobs", &Value::Object(job)).await?;
    let id = text(&made, "/id");
    if args.watch {
        ui.note(&format!("Created {} ({id}).", text(&made, "/name")));
        return super::watch::follow(client, &id, None, ui).await;
    }
    ui.done(&sentence(&made), &made)?;
    Ok(ExitCode::SUCCESS)
}

fn sentence(made: &Value) -> String {
    let (name, id) = (text(made, "/name"), text(made, "/id"));
    match text(made, "/status").as_str() {
        "enabled" => format!("Created {name} ({id}); it is enabled. Follow it with `fettle jobs watch {id}`."),
        "partially_configured" => format!("Created {name} ({id}). It cannot be enabled yet: `fettle jobs show {id}` says what is missing."),
        _ => format!("Created {name} ({id}). Look at it with `fettle jobs preview {id}`, start it with `fettle jobs enable {id}`."),
    }
}

/// The file's fields, with the options over them.
fn merged(mut job: Map<String, Value>, args: &CreateArgs) -> Result<Map<String, Value>, CliError> {
    if args.install || args.uninstall {
        job.insert("kind".to_owned(), json!(if args.install { "install" } else { "uninstall" }));
    }
    if let Some(description) = &args.description {
        job.insert("description".to_owned(), json!(description));
    }
    extend(&mut job, "patches", &args.patch)?;
    let mut assets = object(&mut job, "assets")?;
    extend(&mut assets, "include_assets", &args.asset)?;
    extend(&mut assets, "include_tags", &args.tag)?;
    extend(&mut assets, "exclude_assets", &args.exclude_asset)?;
    extend(&mut assets, "exclude_tags", &args.exclude_tag)?;
    job.insert("assets".to_owned(), Value::Object(assets));
    if let Some(at) = &args.at {
        let at = moment::parse(at, &jiff::tz::TimeZone::system())?;
        job.insert("schedule".to_owned(), json!({ "type": "once", "at": at }));
    } else if args.on_demand || (args.from.is_none() && (args.enable || args.watch)) {
        job.insert("schedule".to_owned(), json!({ "type": "on_demand" }));
    }
    let mut options = object(&mut job, "options")?;
    if let Some(window) = args.window {
        options.insert("window_minutes".to_owned(), json!(window));
    }
    if args.stop_on_failure {
        options.insert("continue_on_failure".to_owned(), json!(false));
    }
    if !options.is_empty() {
        job.insert("options".to_owned(), Value::Object(options));
    }
    if args.enable || args.watch {
        job.insert("enable".to_owned(), json!(true));
    }
    if let Some(name) = &args.name {
        job.insert("name".to_owned(), json!(name));
    }
    if !job.contains_key("name") {
        job.insert("name".to_owned(), json!(made_up_name(&job)));
    }
    Ok(job)
}

fn made_up_name(job: &Map<String, Value>) -> String {
    let verb = if job.get("kind").and_then(Value::as_str) == Some("uninstall") { "Take back" } else { "Install" };
    match job.get("patches").and_then(Value::as_array).map(Vec::as_slice) {
        Some([one]) => format!("{verb} {}", text(one, "")),
        Some([first, rest @ ..]) => format!("{verb} {} and {} more", text(first, ""), rest.len()),
        _ => format!("{verb} patches"),
    }
}

fn extend(fields: &mut Map<String, Value>, name: &str, given: &[String]) -> Result<(), CliError> {
    if given.is_empty() {
        return Ok(());
    }
    let list = fields.entry(name).or_insert_with(|| json!([]));
    let list = list.as_array_mut().ok_or_else(|| CliError::Usage(format!("{name} in the file must be a list")))?;
    list.extend(given.iter().map(|text| json!(text)));
    Ok(())
}

fn object(fields: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, CliError> {
    match fields.remove(name) {
        None => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(CliError::Usage(format!("{name} in the file must be a table"))),
    }
}

/// Names to ids, in the four lists of the asset selection.
async fn resolve(client: &Client, job: &mut Map<String, Value>) -> Result<(), CliError> {
    let Some(Value::Object(assets)) = job.get_mut("assets") else { return Ok(()) };
    for (field, is_tag) in [("include_assets", false), ("exclude_assets", false), ("include_tags", true), ("exclude_tags", true)] {
        let Some(Value::Array(list)) = assets.get_mut(field) else { continue };
        for entry in list {
            let given = entry.as_str().ok_or_else(|| CliError::Usage(format!("{field} must hold texts")))?;
            let id = if is_tag { names::tag(client, given).await? } else { names::asset(client, given).await? };
            *entry = json!(id);
        }
    }
    Ok(())
}

/// Reads a record's fields from a file: JSON by its ending, otherwise TOML.
pub(in crate::cli) fn read_fields(path: &Path, kind: &str) -> Result<Map<String, Value>, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::File { action: "read", path: path.to_owned(), source })?;
    let wrong = |why: &str| CliError::Usage(format!("{} is not a {kind}: {why}", path.display()));
    let value: Value = if path.extension().is_some_and(|extension| extension == "json") {
        serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?
    } else {
        toml::from_str(&text).map_err(|error| wrong(&error.to_string()))?
    };
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(wrong("it must hold fields such as name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: CreateArgs,
    }

    fn job(line: &[&str], file: &str) -> Value {
        let args = Line::try_parse_from([&["create"], line].concat()).expect("parses").args;
        let file: Value = toml::from_str(file).expect("toml");
        Value::Object(merged(file.as_object().expect("fields").clone(), &args).expect("merged"))
    }

    #[test]
    fn options_make_a_whole_job() {
        let line = [
            "--install",
            "--patch",
            "a",
            "b",
            "--asset",
            "web-1",
            "--tag",
            "canary",
            "--exclude-tag",
            "frozen",
            "--at",
            "2030-01-01T00:00:00Z",
            "--window",
            "60",
            "--stop-on-failure",
        ];
        insta::assert_snapshot!(serde_json::to_string_pretty(&job(&line, "")).expect("JSON"), @r#"
        {
          "assets": {
            "exclude_tags": [
              "frozen"
            ],
            "include_assets": [
              "web-1"
            ],
            "include_tags": [
              "canary"
            ]
          },
          "kind": "install",
          "name": "Install a and 1 more",
          "options": {
            "continue_on_failure": false,
            "window_minutes": 60
          },
          "patches": [
            "a",
            "b"
          ],
          "schedule": {
            "at": "2030-01-01T00:00:00Z",
            "type": "once"
          }
        }
        "#);
    }

    #[test]
    fn enabling_without_a_time_means_now() {
        assert_eq!(job(&["--install", "--patch", "a", "--enable"], "")["schedule"]["type"], "on_demand");
        assert!(job(&["--install", "--patch", "a"], "").get("schedule").is_none());
        assert!(job(&["--from", "x.toml", "--enable"], "kind = 'install'").get("schedule").is_none());
    }

    #[test]
    fn options_add_to_a_file() {
        let made = job(
            &["--from", "x.toml", "--patch", "b", "--name", "N"],
            "name = 'M'\nkind = 'uninstall'\npatches = ['a']\n[assets]\ninclude_tags = ['t']\n",
        );
        assert_eq!(made["patches"], json!(["a", "b"]));
        assert_eq!((&made["name"], &made["kind"]), (&json!("N"), &json!("uninstall")));
        assert_eq!(made["assets"], json!({ "include_tags": ["t"] }));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for line in [
            &["--install", "--uninstall"][..],
            &["--patch", "a"],
            &["--install", "--on-demand", "--at", "x"],
            &["--install", "--window", "0"],
        ] {
            assert!(Line::try_parse_from([&["create"], line].concat()).is_err(), "{line:?}");
        }
    }
}
