//! Trees as the other languages' own tests print them.

use super::tree::{Bound, Mark, Tree};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Deepest tree that is read; those that tests print have a handful of levels.
const MAX_DEPTH: usize = 64;

/// KQL's tree: `{"and": [{"is": [field or null, value]}, {"range": [field, "gt", value]}]}`.
pub(crate) fn kql(tree: &Value) -> Result<Tree> {
    let (kind, parts) = tree.as_object().and_then(|object| object.iter().next()).context("no tree")?;
    let each = || parts.as_array().context("no parts")?.iter().map(kql).collect::<Result<Vec<Tree>>>();
    let text = |at: usize| parts[at].as_str().unwrap_or_default().to_owned();
    Ok(match kind.as_str() {
        "and" => Tree::all(each()?),
        "or" => Tree::any(each()?),
        "not" => Tree::Not(Box::new(kql(parts)?)),
        "is" => Tree::word(&text(0), &text(1)),
        "nested" => Tree::Nested(text(0), Box::new(kql(&parts[1])?)),
        "range" => {
            let (value, range) = (text(2), |low: Bound, high: Bound| Tree::Range(text(0), low, high));
            match text(1).as_str() {
                "gt" => range(Some((value, false)), None),
                "gte" => range(Some((value, true)), None),
                "lt" => range(None, Some((value, false))),
                "lte" => range(None, Some((value, true))),
                other => bail!("{other} is no comparison that is known"),
            }
        }
        other => bail!("{other} is no part of a tree that is known"),
    })
}

/// Languages that print `+` before what must be, `-` before what must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Nothing stands before what is optional, and that is what words side by side are.
    Lucene,
    /// `?` stands before what is optional, `*` where the query does not say; fields and texts of ranges are quoted.
    Tantivy,
}

/// Reads what Lucene or tantivy print. `None` is a form that the product's language does not have: a distance, a
/// weight, the beginning of a phrase.
pub(crate) fn clauses(text: &str, dialect: Dialect) -> Result<Option<Tree>> {
    let mut reader = Reader { rest: text, dialect, has_foreign: false };
    let tree = reader.clauses(0)?;
    ensure!(reader.rest.is_empty(), "{:?} is left over of {text:?}", reader.rest);
    Ok((!reader.has_foreign).then_some(tree))
}

struct Reader<'a> {
    rest: &'a str,
    dialect: Dialect,
    has_foreign: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn clauses(&mut self, depth: usize) -> Result<Tree> {
        let mut parts: Vec<(char, Tree)> = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(')') {
                break;
            }
            let flags: &[char] = if self.dialect == Dialect::Lucene { &['+', '-'] } else { &['+', '-', '?', '*'] };
            let flag = self.rest.chars().next().filter(|flag| flags.contains(flag));
            if flag.is_some() {
                self.rest = self.rest.get(1..).unwrap_or_default();
            }
            let part = self.atom(depth)?;
            let unsaid = if self.dialect == Dialect::Lucene { '?' } else { '*' };
            parts.push((flag.unwrap_or(unsaid), part));
        }
        let has = |flag: char| parts.iter().any(|(other, _)| *other == flag);
        let join = match (has('?'), has('+') || has('*') || has('-')) {
            (true, false) => Tree::any,
            (false, _) => Tree::all,
            // An optional part alone beside others is required like them when it is all that can give a hit.
            (true, true) if parts.len() == 1 + parts.iter().filter(|(flag, _)| *flag != '?').count() && !has('+') => Tree::all,
            (true, true) => Tree::Ranked,
        };
        Ok(join(parts.into_iter().map(|(flag, part)| if flag == '-' { Tree::Not(Box::new(part)) } else { part }).collect()))
    }

    fn atom(&mut self, depth: usize) -> Result<Tree> {
        ensure!(depth < MAX_DEPTH, "more than {MAX_DEPTH} levels");
        let tree = if self.take("(") {
            let inner = self.clauses(depth + 1)?;
            ensure!(self.take(")"), "an open parenthesis before {:?}", self.rest);
            inner
        } else if self.rest.starts_with(['[', '{']) {
            self.range()?
        } else if self.take("$exists(") {
            let field = self.quoted()?;
            ensure!(self.take(")"), "an open parenthesis before {:?}", self.rest);
            Tree::word(&field, "*")
        } else if self.rest.trim_start().starts_with("IN [") {
            self.rest = self.rest.trim_start().get(4..).unwrap_or_default();
            let mut values = Vec::new();
            while !self.take("]") {
                self.rest = self.rest.trim_start();
                values.push(Tree::word("", &self.quoted()?));
            }
            Tree::any(values)
        } else if self.rest.starts_with(['"', '\'']) {
            let text = self.quoted()?;
            if self.dialect == Dialect::Tantivy && self.take(":") {
                let of = move |tree: Tree| of_field(tree, &text);
                return Ok(self.atom(depth + 1)?.changed(&of));
            }
            Tree::Value(String::new(), text, Mark::Phrase)
        } else {
            let word = self.until(|c| c == ' ' || c == ')');
            ensure!(!word.is_empty(), "nothing before {:?}", self.rest);
            // In Lucene these two say how near and how heavy; the other prints them after a closed quote or parenthesis.
            self.has_foreign |= self.dialect == Dialect::Lucene && word.contains(['~', '^']);
            Tree::word("", word)
        };
        if self.rest.starts_with(['~', '^', '*']) {
            self.has_foreign = true;
            self.until(|c| c == ' ' || c == ')');
        }
        Ok(tree)
    }

    /// To the closing quote of the same kind. Quotes within are printed as they are, so the last that ends a part counts.
    fn quoted(&mut self) -> Result<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')).context("no quote")?;
        let inner = self.rest.get(1..).unwrap_or_default();
        let ends = |(at, _): &(usize, &str)| {
            inner.get(at + 1..).is_some_and(|after| after.is_empty() || after.starts_with([' ', ')', ':', ']', '}', '~', '^', '*']))
        };
        let (at, _) = inner.match_indices(quote).find(ends).with_context(|| format!("an open quote before {inner:?}"))?;
        self.rest = inner.get(at + 1..).unwrap_or_default();
        Ok(inner.get(..at).unwrap_or_default().to_owned())
    }

    fn range(&mut self) -> Result<Tree> {
        let opened = self.take("[");
        if !opened {
            self.take("{");
        }
        let (inner, rest) = self.rest.split_at(self.rest.find([']', '}']).context("a range without an end")?);
        let closed = rest.starts_with(']');
        self.rest = rest.get(1..).unwrap_or_default();
        let (low, high) = inner.split_once(" TO ").context("a range without TO")?;
        let end = |text: &str, included: bool| (text.trim_matches('"') != "*").then(|| (text.trim_matches('"').to_owned(), included));
        Ok(Tree::Range(String::new(), end(low, opened), end(high, closed)))
    }
}

/// A value or range without a field is about this one.
pub(crate) fn of_field(tree: Tree, field: &str) -> Tree {
    match tree {
        Tree::Value(none, text, mark) if none.is_empty() => Tree::Value(field.to_owned(), text, mark),
        Tree::Range(none, low, high) if none.is_empty() => Tree::Range(field.to_owned(), low, high),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_printed_is_refused() {
        for text in ["(a", "a)", "[a]", "\"a", "[a TO b"] {
            assert!(clauses(text, Dialect::Tantivy).is_err(), "{text}");
        }
        for deep in ["(".repeat(100_000), "\"a\":".repeat(100_000)] {
            assert!(clauses(&deep, Dialect::Tantivy).is_err());
        }
    }

    #[test]
    fn weights_and_distances_are_foreign() {
        for text in ["a^2.0", "\"a b\"~2", "term~1"] {
            assert_eq!(clauses(text, Dialect::Lucene).expect("read"), None, "{text}");
        }
    }
}
