//! `fettle tags`.

use super::answer::{number, text};
use super::client::Client;
use super::error::CliError;
use super::output::Ui;
use super::{Globals, columns, names};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Arguments of `fettle tags`; without a command it lists.
#[derive(Debug, Args)]
pub struct TagsArgs {
    #[command(subcommand)]
    command: Option<TagsCommand>,
}

#[derive(Debug, Subcommand)]
enum TagsCommand {
    /// List tags (what `fettle tags` alone does)
    List,
    /// Create a tag
    Create {
        /// Name
        name: String,
        /// The tag above: name, path or id
        #[arg(long, value_name = "TAG")]
        parent: Option<String>,
        /// Query over assets that decides who carries it, such as 'os.name:debian'
        #[arg(long, value_name = "QUERY")]
        query: Option<String>,
    },
    /// Let a query decide who carries a tag, or take that back
    Query {
        /// Name, path or id
        tag: String,
        /// Query over assets; without one the tag is assigned by hand again
        query: Option<String>,
    },
    /// Rename a tag
    Rename {
        /// Name, path or id
        tag: String,
        /// New name
        name: String,
    },
    /// Remove a tag; assets lose it
    Remove {
        /// Name, path or id
        tag: String,
    },
}

/// Runs `fettle tags`.
pub(super) async fn run(globals: &Globals, args: TagsArgs, ui: &mut Ui<'_>) -> Result<ExitCode, CliError> {
    let client = Client::connect(globals)?;
    match args.command.unwrap_or(TagsCommand::List) {
        TagsCommand::List => ui.list(columns::TAGS, &with_paths(client.all("/tags", &[], None).await?))?,
        TagsCommand::Create { name, parent, query } => {
            let parent = match parent {
                Some(given) => Some(names::tag(&client, &given).await?),
                None => None,
            };
            let mut tag = json!({ "name": name, "parent": parent });
            if let Some(query) = query {
                tag["query"] = json!(query);
            }
            let made = client.post("/tags", &tag).await?;
            ui.done(&format!("Created the tag {name} ({}).", text(&made, "/id")), &made)?;
        }
        TagsCommand::Rename { tag, name } => {
            let id = names::tag(&client, &tag).await?;
            let record = client.patch(&format!("/tags/{id}"), &json!({ "name": name })).await?;
            ui.done(&format!("{tag} is now called {name}."), &record)?;
        }
        TagsCommand::Query { tag, query } => {
            let id = names::tag(&client, &tag).await?;
            let record = client.patch(&format!("/tags/{id}"), &json!({ "query": query })).await?;
            let carriers = names::plural(usize::try_from(number(&record, "/assets")).unwrap_or(usize::MAX), "asset");
            let sentence = match query {
                Some(_) => format!("{tag} is now on the {carriers} that satisfy its query."),
                None => format!("{tag} is now assigned by hand; nobody carries it yet."),
            };
            ui.done(&sentence, &record)?;
        }
        TagsCommand::Remove { tag } => {
            let id = names::tag(&client, &tag).await?;
            client.delete(&format!("/tags/{id}")).await?;
            ui.done(&format!("The tag {tag} is removed."), &json!({ "id": id }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Tags in tree order, each with its path.
fn with_paths(tags: Vec<Value>) -> Vec<Value> {
    let paths: Vec<String> = tags.iter().map(|tag| names::tag_path(&tags, tag)).collect();
    let mut tags: Vec<Value> = tags;
    for (tag, path) in tags.iter_mut().zip(&paths) {
        tag["path"] = json!(path);
    }
    tags.sort_by_key(|tag| text(tag, "/path").to_lowercase());
    tags
}
