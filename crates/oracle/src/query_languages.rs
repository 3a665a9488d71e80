//! Queries of other languages: whether the product reads in them what those languages say.
//!
//! Lucene, tantivy and KQL print the tree of each query. luqum and Qualys give queries alone, which [`plain`] reads a
//! second time. Where the languages part, a rule says how, and is tried on each query: written our way the query must
//! give their tree, or the product must refuse it at the very place of what it does not have.

mod plain;
mod printed;
mod tree;

use crate::data::{Data, entries, find, name};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_query::syntax::Expr;
use fettle_query::{QueryError, parse, print};
use printed::Dialect;
use serde::Deserialize;
use serde_json::Value;
use tree::{Tree, ours};

const RESPELLED: &str = "written our way it is the same: `..` for TO, parentheses for braces, `:[…]` for in (…), and, or, not for signs";
const BESIDE: &str = "words side by side are joined by `and` here, by `or` in Lucene, and are one value in KQL";
const GROUP: &str = "parentheses behind a name hold a question about one related record here, and values of the name there";
const RANKED: &str = "what is optional beside what is required only ranks there, and is joined by `and` and `or` here";
const FORBIDDEN: &str = "`not` forbids for the whole query in Lucene, and belongs to its part here";
const ITSELF: &str = "a sign that the other language gives a meaning is a character of the word here";
const NO_SUCH_FORM: &str = "refused at the place of a form that is not in our language";
const KEYWORD: &str = "a word of our language is a value in quotes only";
const LETTERS: &str = "the analyzer of Lucene's test keeps letters alone, and joins by `or`";
const UNCLOSED: &str = "what is opened must be closed";
const MARKED: &str = "single quotes are characters here, and quotes there; they are refused at the beginning of a value";

/// Signs that have a meaning in one of these languages and none, or another one, in ours.
const SIGNS: [char; 18] = ['+', '-', '~', '^', '\\', '/', '{', '}', '[', ']', '|', '&', '!', '\'', '<', '>', '*', '?'];

#[derive(Deserialize)]
struct Row {
    query: String,
    /// KQL's tree, or tantivy's as text.
    #[serde(default)]
    ast: Value,
    /// Lucene's tree as text.
    #[serde(default)]
    canonical: Option<String>,
}

/// What a query is in its own language.
enum Theirs {
    Tree(Tree),
    /// It has a form that ours does not have.
    Foreign,
    /// It is no query.
    Fault,
}

/// Reads what another language makes of a query.
type Reader = fn(&Row) -> Result<Theirs>;

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::witness("query-languages");
    let folder = data.folder("query-languages").context("the folder is there")?;
    let kinds: [(&str, Reader); 6] = [
        ("qql-queries.json", |row| Ok(plain::read(&row.query).map_or(Theirs::Foreign, Theirs::Tree))),
        ("luqum-queries.json", |row| Ok(plain::read(&row.query).map_or(Theirs::Foreign, Theirs::Tree))),
        ("kql-ast.json", |row| printed::kql(&row.ast).map(Theirs::Tree)),
        ("tantivy-ast.json", |row| printed_by(row.ast.as_str(), Dialect::Tantivy)),
        ("lucene-classic-canonical.json", |row| printed_by(row.canonical.as_deref(), Dialect::Lucene)),
        ("lucene-classic-errors.json", |_| Ok(Theirs::Fault)),
    ];
    for file in entries(&folder)?.iter().filter_map(|path| name(path)).filter(|name| *name != "README.md") {
        if !kinds.iter().any(|(kind, _)| file == *kind || file.strip_suffix(".gz").or(file.strip_suffix(".xz")) == Some(kind)) {
            report.note(format!("{file}: nothing here reads it"));
        }
    }
    for (file, theirs) in kinds {
        let Some(path) = find(&folder, file) else {
            report.note(format!("there is no {file}"));
            continue;
        };
        let rows: Vec<Row> = serde_json::from_slice(&data.bytes(&path)?).with_context(|| format!("{file} is no list of queries"))?;
        for row in rows {
            let theirs = theirs(&row).with_context(|| format!("{file}: what is said of {:?}", row.query));
            match theirs {
                Ok(theirs) => compare(file, &row.query, &theirs, &mut report),
                Err(error) => report.same(false, || format!("{error:#}")),
            }
        }
    }
    Ok(report)
}

fn printed_by(text: Option<&str>, dialect: Dialect) -> Result<Theirs> {
    Ok(printed::clauses(text.context("no tree")?, dialect)?.map_or(Theirs::Foreign, Theirs::Tree))
}

fn compare(file: &str, query: &str, theirs: &Theirs, report: &mut Report) {
    let read = parse(query);
    let what = || match (&read, theirs) {
        (Ok(expr), Theirs::Tree(tree)) => format!("{file}: {query:?} is {tree:?}, here {}", print(expr)),
        (Ok(expr), _) => format!("{file}: {query:?} is here {}", print(expr)),
        (Err(error), _) => format!("{file}: {query:?} is refused here: {}, expected {}", error.message, error.expected),
    };
    // What is kept is the canonical text: it must say the same again.
    let is_kept = read.as_ref().map_or(true, |expr| parse(&print(expr)).is_ok_and(|again| ours(&again) == ours(expr)));
    let agrees = is_kept
        && match (theirs, &read) {
            (Theirs::Tree(tree), Ok(expr)) => *tree == ours(expr),
            (Theirs::Fault, Err(error)) => is_clear(error),
            _ => false,
        };
    if agrees || !is_kept {
        report.same(agrees, what);
    } else if let Some(rule) = rule(query, theirs, &read) {
        report.explained(what, rule);
    } else {
        report.same(false, what);
    }
}

/// A refusal says what is wrong and what would be right.
fn is_clear(error: &QueryError) -> bool {
    !error.message.is_empty() && !error.expected.is_empty()
}

/// Why both differ.
fn rule(query: &str, theirs: &Theirs, read: &Result<Expr, QueryError>) -> Option<&'static str> {
    if let Theirs::Tree(tree) = theirs {
        let respelled = respelled(query);
        if respelled != query && parse(&respelled).is_ok_and(|expr| ours(&expr) == *tree) {
            return Some(RESPELLED);
        }
        if let Some(rule) = parse(&respelled).ok().and_then(|expr| rule_of_trees(query, tree, &ours(&expr))) {
            return Some(rule);
        }
    }
    match (read, theirs) {
        (Ok(expr), Theirs::Tree(tree)) => (holds_sign(&ours(expr)) && letters(&ours(expr)) == letters(tree)).then_some(ITSELF),
        (Ok(expr), _) => holds_sign(&ours(expr)).then_some(ITSELF),
        (Err(error), _) if !is_clear(error) => None,
        (Err(error), Theirs::Tree(tree)) if is_keyword(query, error, tree) => Some(KEYWORD),
        (Err(_), _) if query.matches('(').count() > query.matches(')').count() => Some(UNCLOSED),
        // What languages share is never refused for a form that is not in ours.
        (Err(_), _) if plain::read(query).is_some() => None,
        (Err(error), _) if has_sign_at(query, error) => Some(if query.contains('\'') { MARKED } else { NO_SUCH_FORM }),
        (Err(_), _) => None,
    }
}

/// What is refused is `and`, `or` or `not`, and in quotes it is the value that the other language reads.
fn is_keyword(query: &str, error: &QueryError, theirs: &Tree) -> bool {
    let Some((field, word)) = query.split_once(':') else { return false };
    let is_there = query.get(error.place.start..error.place.end).is_some_and(|refused| refused == word || query.ends_with(refused));
    let as_phrase = |tree: Tree| match tree {
        Tree::Value(field, text, _) => Tree::Value(field, text, tree::Mark::Phrase),
        other => other,
    };
    is_there
        && ["and", "or", "not"].contains(&word.to_lowercase().as_str())
        && parse(&format!("{field}:\"{word}\"")).is_ok_and(|expr| ours(&expr) == theirs.clone().changed(&as_phrase))
}

/// Letters and digits of all values and fields in their order.
fn letters(tree: &Tree) -> String {
    let each = tree.leaves().into_iter().flat_map(|leaf| match leaf {
        Tree::Value(field, text, _) => format!("{field}{text}").chars().collect::<Vec<char>>(),
        other => format!("{other:?}").chars().collect(),
    });
    each.filter(|c| c.is_alphanumeric()).collect()
}

/// Both trees are of the same query; why they may differ.
fn rule_of_trees(query: &str, theirs: &Tree, here: &Tree) -> Option<&'static str> {
    let says_or = query.contains(" OR ") || query.contains(" or ") || query.contains("||");
    let grouped =
        |tree: Tree| if let Tree::Nested(field, inner) = tree { inner.changed(&|leaf| printed::of_field(leaf, &field)) } else { tree };
    let allowed = |tree: Tree| if let Tree::Any(parts) = tree { Tree::all(parts) } else { tree };
    let here_flat = here.clone().changed(&grouped);
    if *theirs == here_flat {
        Some(GROUP)
    } else if !says_or && theirs.clone().changed(&split).changed(&allowed) == here_flat.clone().changed(&allowed) {
        Some(BESIDE)
    } else if !says_or && theirs.clone().changed(&allowed) == here_flat.clone().changed(&only_letters).changed(&allowed) {
        Some(LETTERS)
    } else if says_or && theirs.clone().changed(&loosened) == here_flat.clone().changed(&loosened) {
        Some(FORBIDDEN)
    } else if has_ranked(theirs) && theirs.leaves() == here_flat.leaves() {
        Some(RANKED)
    } else {
        None
    }
}

/// A value of several words as what ours makes of them: the field belongs to the first.
fn split(tree: Tree) -> Tree {
    match tree {
        Tree::Value(field, text, mark) if mark == tree::Mark::Words && text.contains(char::is_whitespace) => {
            let words = text.split_whitespace().enumerate();
            Tree::all(words.map(|(at, word)| Tree::word(if at == 0 { &field } else { "" }, word)).collect())
        }
        other => other,
    }
}

fn only_letters(tree: Tree) -> Tree {
    match tree {
        Tree::Value(field, text, mark) => Tree::Value(field, text.chars().filter(|c| c.is_alphabetic()).collect(), mark),
        other => other,
    }
}

/// Alternatives of which some are denied, as Lucene takes them.
fn loosened(tree: Tree) -> Tree {
    match tree {
        Tree::Any(parts) if parts.iter().any(|part| matches!(part, Tree::Not(_))) => Tree::all(parts),
        other => other,
    }
}

fn has_ranked(tree: &Tree) -> bool {
    match tree {
        Tree::Ranked(_) => true,
        Tree::All(parts) | Tree::Any(parts) => parts.iter().any(has_ranked),
        Tree::Not(part) | Tree::Nested(_, part) => has_ranked(part),
        Tree::Value(..) | Tree::Range(..) => false,
    }
}

/// The query with what both languages have in our spelling; quoted texts stay.
fn respelled(query: &str) -> String {
    let mut text = String::new();
    for (at, part) in query.split('"').enumerate() {
        let quote = if at == 0 { "" } else { "\"" };
        let part = if at % 2 == 0 { respelled_outside(part) } else { part.to_owned() };
        text.push_str(quote);
        text.push_str(&part);
    }
    text
}

fn respelled_outside(part: &str) -> String {
    let mut text = part.replace(" TO ", " .. ").replace("&&", " and ").replace("||", " or ").replace('{', "(").replace('}', ")");
    text = text.replace(": >", ">").replace(": <", "<").replace(":>", ">").replace(":<", "<");
    // A list in parentheses after `in` ends at the first that closes.
    while let Some((before, list)) = text.split_once(" in (") {
        let Some((list, after)) = list.split_once(')') else { break };
        text = format!("{before}:[{list}]{after}");
    }
    let signed = text.split(' ').map(|word| match word.strip_prefix(['-', '!']) {
        Some(rest) if !rest.is_empty() => format!("not {rest}"),
        _ => word.strip_prefix('+').unwrap_or(word).to_owned(),
    });
    signed.collect::<Vec<String>>().join(" ").replace("(+", "(").replace("(-", "(not ").replace('\'', "\"")
}

/// The product refuses where the sign stands, or at the character before or behind it.
fn has_sign_at(query: &str, error: &QueryError) -> bool {
    let near = |(at, sign): (usize, char)| SIGNS.contains(&sign) && at + 1 >= error.place.start && at <= error.place.end.saturating_add(1);
    // A colon after a space belongs to no field.
    query.char_indices().any(near) || query.get(error.place.start..).is_some_and(|rest| rest.starts_with(": "))
}

/// A bare value holds one of the signs, or a quoted one a backslash.
fn holds_sign(tree: &Tree) -> bool {
    let holds = |leaf: &&Tree| match leaf {
        Tree::Value(_, text, tree::Mark::Words) => text.contains(['+', '-', '~', '^', '\\', '/', '!', '&', '|', '\'']),
        Tree::Value(_, text, _) => text.contains('\\'),
        _ => false,
    };
    tree.leaves().iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// How a query is judged: agreed, or the rule that explains it, or nothing.
    fn judged(query: &str, theirs: &Theirs) -> Result<(), Option<&'static str>> {
        let read = parse(query);
        match (theirs, &read) {
            (Theirs::Tree(tree), Ok(expr)) if *tree == ours(expr) => Ok(()),
            _ => Err(rule(query, theirs, &read)),
        }
    }

    fn kql(tree: &Value) -> Theirs {
        Theirs::Tree(printed::kql(tree).expect("a tree"))
    }

    fn lucene(text: &str) -> Theirs {
        printed_by(Some(text), Dialect::Lucene).expect("a tree")
    }

    fn tantivy(text: &str) -> Theirs {
        printed_by(Some(text), Dialect::Tantivy).expect("a tree")
    }

    #[test]
    fn the_same_tree_agrees_and_another_is_unexplained() {
        assert_eq!(
            judged("a and b or c", &kql(&json!({"or": [{"and": [{"is": [null, "a"]}, {"is": [null, "b"]}]}, {"is": [null, "c"]}]}))),
            Ok(())
        );
        assert_eq!(
            judged("a and b or c", &kql(&json!({"and": [{"is": [null, "a"]}, {"or": [{"is": [null, "b"]}, {"is": [null, "c"]}]}]}))),
            Err(None)
        );
        assert_eq!(judged("n > 1", &kql(&json!({"range": ["n", "gte", "1"]}))), Err(None));
        assert_eq!(judged("a AND NOT b", &lucene("+a -b")), Ok(()));
        assert_eq!(judged("a AND NOT b", &lucene("+a +b")), Err(None));
        assert_eq!(judged("(x OR y)", &tantivy("(?x ?y)")), Ok(()));
        assert_eq!(judged("(x OR y)", &tantivy("(+x +y)")), Err(None));
    }

    #[test]
    fn a_rule_holds_only_where_it_says_all_of_the_difference() {
        assert_eq!(judged("f:[1 TO 5}", &tantivy("\"f\":[\"1\" TO \"5\"}")), Err(Some(RESPELLED)));
        assert_eq!(judged("f:[1 TO 5}", &tantivy("\"f\":[\"1\" TO \"6\"}")), Err(None));
        assert_eq!(judged("a b", &lucene("a b")), Err(Some(BESIDE)));
        assert_eq!(judged("a b", &lucene("a c")), Err(None));
        assert_eq!(judged("f:(a or b)", &kql(&json!({"or": [{"is": ["f", "a"]}, {"is": ["f", "b"]}]}))), Err(Some(GROUP)));
        assert_eq!(judged("f:(a or b)", &kql(&json!({"or": [{"is": ["f", "a"]}, {"is": ["g", "b"]}]}))), Err(None));
        assert_eq!(judged("a^2", &lucene("a^2.0")), Err(Some(NO_SUCH_FORM)));
    }
}
