//! Names to ids: people type names, the API wants ids.

use super::answer::text;
use super::client::Client;
use super::error::CliError;
use crate::api::query::facet::named_term;
use fettle_query::syntax::Quoting;
use serde_json::Value;
use uuid::Uuid;

/// The id of the asset with this name or id.
pub(super) async fn asset(client: &Client, given: &str) -> Result<String, CliError> {
    if Uuid::parse_str(given).is_ok() {
        return Ok(given.to_owned());
    }
    let named = named_term("name", given, Quoting::Phrase);
    // A name without a single letter or digit has no words to look for.
    let query = if given.chars().any(char::is_alphanumeric) { named } else { String::new() };
    let found = client.all("/assets", &[("query", query)], None).await?;
    one("asset", "fettle assets", given, &found, |item| same(&text(item, "/name"), given) || is_short_name(&text(item, "/name"), given))
}

/// The id of the tag with this name, path (`Sites/Berlin`) or id.
pub(super) async fn tag(client: &Client, given: &str) -> Result<String, CliError> {
    let all = client.all("/tags", &[], None).await?;
    tag_among(&all, given)
}

/// As [`tag`], among tags already fetched.
pub(super) fn tag_among(all: &[Value], given: &str) -> Result<String, CliError> {
    if Uuid::parse_str(given).is_ok() {
        return Ok(given.to_owned());
    }
    one("tag", "fettle tags", given, all, |item| same(&text(item, "/name"), given) || same(&tag_path(all, item), given))
}

/// The id of the search with this name or id, among those kept.
pub(super) fn kept_search(kept: &[Value], given: &str) -> Option<String> {
    let found = kept.iter().find(|item| same(&text(item, "/name"), given.trim()) || text(item, "/id") == given);
    found.map(|item| text(item, "/id"))
}

/// A tag's name behind those of the tags above it.
pub(super) fn tag_path(all: &[Value], tag: &Value) -> String {
    let mut names = vec![text(tag, "/name")];
    let mut above = text(tag, "/parent");
    // The server allows sixteen levels; damaged data must not make this go on for ever.
    for _ in 0..32 {
        let Some(parent) = all.iter().find(|item| !above.is_empty() && text(item, "/id") == above) else { break };
        names.push(text(parent, "/name"));
        above = text(parent, "/parent");
    }
    names.reverse();
    names.join("/")
}

/// The id of the record of a list whose `field` is this text, or whose id is.
pub(super) async fn among(client: &Client, kind: &str, path: &str, field: &str, given: &str) -> Result<String, CliError> {
    if Uuid::parse_str(given).is_ok() {
        return Ok(given.to_owned());
    }
    let found = client.all(path, &[], None).await?;
    one(kind, &format!("fettle{}", path.replace("/activation-keys", "/keys").replace('/', " ")), given, &found, |item| {
        same(&text(item, field), given)
    })
}

fn one(kind: &str, list: &str, given: &str, found: &[Value], fits: impl Fn(&Value) -> bool) -> Result<String, CliError> {
    let fitting: Vec<&Value> = found.iter().filter(|item| fits(item)).collect();
    match fitting.as_slice() {
        [item] => Ok(text(item, "/id")),
        [] => Err(CliError::Failed(format!("there is no {kind} {given:?}: `{list}` shows those you can see"))),
        several => {
            let ids: Vec<String> = several.iter().take(10).map(|item| format!("\n  {}", text(item, "/id"))).collect();
            Err(CliError::Failed(format!("{} are called {given:?}: name one by its id{}", plural(several.len(), kind), ids.concat())))
        }
    }
}

fn same(name: &str, given: &str) -> bool {
    name.to_lowercase() == given.to_lowercase()
}

/// Machines know their domain, people type the name before it.
fn is_short_name(name: &str, given: &str) -> bool {
    name.split_once('.').is_some_and(|(short, _)| same(short, given))
}

/// A number and its word.
pub(super) fn plural(count: usize, word: &str) -> String {
    match (count, word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o']))) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) if word.ends_with("ch") => format!("{count} {word}es"),
        (_, None) => format!("{count} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tags() -> Vec<Value> {
        vec![
            json!({"id": "1", "name": "Sites", "parent": null}),
            json!({"id": "2", "name": "Berlin", "parent": "1"}),
            json!({"id": "3", "name": "Berlin", "parent": null}),
        ]
    }

    #[test]
    fn a_path_tells_tags_of_one_name_apart() {
        assert_eq!(tag_among(&tags(), "sites/berlin").expect("found"), "2");
        let error = tag_among(&tags(), "Berlin").expect_err("two of them").to_string();
        assert!(error.contains("2 tags") && error.contains("\n  3"), "{error}");
        assert!(tag_among(&tags(), "Paris").expect_err("none").to_string().contains("fettle tags"));
    }

    #[test]
    fn a_loop_among_tags_ends() {
        let all = vec![json!({"id": "1", "name": "a", "parent": "2"}), json!({"id": "2", "name": "b", "parent": "1"})];
        assert!(tag_path(&all, &all[0]).ends_with("b/a"));
    }

    #[test]
    fn words_follow_their_number() {
        assert_eq!(plural(1, "patch"), "1 patch");
        assert_eq!(plural(2, "patch"), "2 patches");
        assert_eq!(plural(2, "key"), "2 keys");
        assert_eq!(plural(0, "entry"), "0 entries");
    }
}
