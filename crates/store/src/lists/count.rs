//! Counting results without reading them.

use super::results::{Jobs, RunHead, RunOrder, decided};
use crate::engine::{CHUNK, Values};
use crate::error::Attempt;
use crate::narrow::{self, choice, narrow_node};
use crate::row::Get;
use crate::{Result, Store};
use fettle_model::ids::RunId;
use fettle_query::registry::{Entity, Key, Kind, ResultField};
use fettle_query::{Checked, Node, Truth};
use std::collections::BTreeSet;

/// A query that is a conjunction of conditions on the run, on the asset's part in it that SQL decides, and on the
/// patch's status, of which each part keeps counts.
struct Countable<'a> {
    of_run: Vec<&'a Node>,
    of_part: Vec<&'a Node>,
    statuses: BTreeSet<&'static str>,
}

impl Store {
    /// How many results satisfy a query, when they need not be read for that; otherwise they have to be. Takes one
    /// statement for every 500 runs, which adds up one number per asset and run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_results(&self, query: &Checked, jobs: &Jobs) -> Result<Option<u64>> {
        let Some(countable) = Countable::of(query) else { return Ok(None) };
        let mut total = 0;
        let mut from = None;
        loop {
            let runs = self.run_heads(RunOrder::NewestFirst, from, i64::try_from(CHUNK).unwrap_or(1)).await?;
            let Some(last) = runs.last() else { return Ok(Some(total)) };
            from = Some((false, last.id));
            let wanted = runs.iter().filter(|run| jobs.have(run) && countable.has(run)).map(|run| run.id);
            total += self.count_in(&countable, &wanted.collect::<Vec<_>>()).await?;
        }
    }

    async fn count_in(&self, countable: &Countable<'_>, runs: &[RunId]) -> Result<u64> {
        if runs.is_empty() || countable.statuses.is_empty() {
            return Ok(0);
        }
        let counts: Vec<String> = countable.statuses.iter().map(|status| format!("p.n_{status}")).collect();
        let mut values = Values::default();
        let mut conditions = vec![format!("p.run_id IN ({})", values.texts(runs)), "p.left_out IS NULL".to_owned()];
        for node in &countable.of_part {
            conditions.push(narrow_node(node, Entity::Result, narrow::result).into_sql(&mut values));
        }
        let sql = format!(
            "SELECT CAST(COALESCE(SUM({}), 0) AS BIGINT) AS n FROM run_assets p WHERE {}",
            counts.join(" + "),
            conditions.join(" AND ")
        );
        values.bind(sql).fetch_one(self.read()).await.attempt("count results")?.unsigned("n")
    }
}

impl<'a> Countable<'a> {
    fn of(query: &'a Checked) -> Option<Self> {
        let mut countable = Self { of_run: Vec::new(), of_part: Vec::new(), statuses: statuses(query)? };
        for node in conjuncts(query.root()) {
            if status(node).is_some() {
                continue;
            } else if is_of_run(node) {
                countable.of_run.push(node);
            } else if narrow_node(node, Entity::Result, narrow::result).is_exact() {
                countable.of_part.push(node);
            } else {
                return None;
            }
        }
        Some(countable)
    }

    fn has(&self, run: &RunHead) -> bool {
        self.of_run.iter().all(|node| decided(node, run) == Truth::Yes)
    }
}

fn conjuncts(node: &Node) -> Vec<&Node> {
    match node {
        Node::And(parts) => parts.iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

fn statuses(query: &Checked) -> Option<BTreeSet<&'static str>> {
    let field = fettle_query::registry::fields(query.entity()).iter().find(|field| field.key == Key::Result(ResultField::Status))?;
    let Kind::Choice { members, .. } = field.kind else { return None };
    let tests = conjuncts(query.root()).into_iter().filter_map(status);
    let all: BTreeSet<&'static str> = members.iter().copied().collect();
    Some(tests.fold(all, |left, passing| &left & &passing))
}

/// The statuses that pass, when a condition is on nothing else.
fn status(node: &Node) -> Option<BTreeSet<&'static str>> {
    let (node, negated) = match node {
        Node::Not(inner) => (inner.as_ref(), true),
        node => (node, false),
    };
    let Node::Value { field, test } = node else { return None };
    let (Key::Result(ResultField::Status), Kind::Choice { members, .. }) = (field.key, field.kind) else { return None };
    let passing = choice(test, members.len(), negated)?;
    Some(passing.into_iter().filter_map(|place| members.get(place).copied()).collect())
}

/// Whether a condition depends on nothing but the run.
fn is_of_run(node: &Node) -> bool {
    match node {
        Node::Everything => true,
        Node::And(parts) | Node::Or(parts) => parts.iter().all(is_of_run),
        Node::Not(part) => is_of_run(part),
        Node::Value { field, .. } => matches!(field.key, Key::Result(ResultField::Job | ResultField::Run)),
        Node::Free(_) | Node::Related { .. } => false,
    }
}
