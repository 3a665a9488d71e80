//! Tantivy: each asset a document, each finding a term, in memory and in one segment. It is asked for numbers only.

use crate::bitmaps::with_above;
use crate::question::{Engine, Plain, Question, by_name, numbers};
use anyhow::{Context, Result, ensure};
use fettle_fleet::AssetCard;
use fettle_model::asset::ScanStatus;
use fettle_model::finding::Findings;
use fettle_model::os::Platform;
use fettle_model::patch::{Patch, Severity};
use fettle_sim::synthetic::Synthetic;
use fettle_sim::synthetic::questions::{
    Asked, MANY_MISSING, OLD_DAYS, OTHER_TAG, OVERDUE_DAYS, SEEN_DAYS, SITE, Subjects, TAG, UNSEEN_DAYS,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::ops::Bound;
use tantivy::aggregation::AggregationCollector;
use tantivy::collector::{Count, TopDocs};
use tantivy::indexer::NoMergePolicy;
use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, Schema};
use tantivy::{Index, Order, Searcher, TantivyDocument, Term};

/// Memory of each writer before it writes a segment.
const WRITER_BYTES: usize = 1 << 30;
/// Terms up to this many are joined one by one; more are one set of terms.
const FEW_TERMS: usize = 16;

/// Fields of a document. All are numbers, which are its shortest terms.
#[derive(Clone, Copy)]
struct Fields {
    windows: Field,
    os: Field,
    tag: Field,
    known: Field,
    seen: Field,
    missing: Field,
    installed: Field,
    severity: Field,
    /// Severities of patches that nothing supersedes.
    latest: Field,
    exploited: Field,
    missing_count: Field,
    critical_count: Field,
}

/// The index, and the questions as its queries, made beforehand.
pub(crate) struct Search {
    searcher: Searcher,
    queries: Vec<(Asked, Box<dyn Query>)>,
    systems: Vec<String>,
    tags: Vec<(u64, String)>,
}

/// An answer as it comes.
pub(crate) enum Answer {
    Assets(u64),
    Grouped(Value),
    Page(Vec<u64>),
    Dashboard(u64, Value),
}

impl Search {
    /// Makes the index.
    pub(crate) fn new(made: &Synthetic, about: &Subjects) -> Result<Self> {
        let (schema, fields) = schema();
        let index = Index::create_in_ram(schema);
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(workers, workers * WRITER_BYTES)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for number in 0..made.len() {
            let (card, findings) = made.asset(number);
            writer.add_document(document(made, fields, &card, &findings)?)?;
        }
        writer.commit()?;
        let segments = index.searchable_segment_ids()?;
        if segments.len() > 1 {
            writer.merge(&segments).wait()?;
        }
        writer.wait_merging_threads()?;
        let searcher = index.reader()?.searcher();
        ensure!(searcher.segment_readers().len() == 1 && searcher.num_docs() == u64::from(made.len()), "one segment with all assets");
        let queries = Asked::ALL.into_iter().map(|asked| Ok((asked, fields.query(asked, made, about)?))).collect::<Result<_>>()?;
        let tags = made.tags().iter().map(|tag| Ok((u64::try_from(tag.id.0.as_u128())?, tag.name.clone()))).collect::<Result<_>>()?;
        Ok(Self { searcher, queries, systems: made.systems().iter().map(|system| system.name.clone()).collect(), tags })
    }

    fn query(&self, asked: Asked) -> &dyn Query {
        self.queries.iter().find(|(other, _)| *other == asked).map(|(_, query)| &**query).expect("all are there")
    }

    fn grouped(&self, query: &dyn Query, by: &[(&str, u32)]) -> Value {
        let by = by.iter().map(|&(field, size)| (field.to_owned(), json!({"terms": {"field": field, "size": size}})));
        let request = serde_json::from_value(Value::Object(by.collect())).expect("a request");
        let collector = AggregationCollector::from_aggs(request, Default::default());
        let answer = self.searcher.search(query, &collector).expect("can be grouped");
        serde_json::to_value(answer).expect("numbers")
    }

    /// Names and numbers of the groups of one field.
    fn groups(answer: &Value, field: &str) -> Vec<(u64, u64)> {
        let buckets = answer[field]["buckets"].as_array().into_iter().flatten();
        let number = |value: &Value| value.as_u64().or_else(|| value.as_f64().map(|number| number as u64)).unwrap_or(u64::MAX);
        buckets.map(|bucket| (number(&bucket["key"]), number(&bucket["doc_count"]))).collect()
    }

    fn severities(answer: &Value) -> Plain {
        let groups = Self::groups(answer, "latest");
        numbers((0..5).map(|severity| groups.iter().find(|(own, _)| *own == severity).map_or(0, |(_, count)| *count)))
    }

    fn systems(&self, answer: &Value) -> Plain {
        let name = |no: u64| usize::try_from(no).ok().and_then(|no| self.systems.get(no)).cloned().unwrap_or_default();
        by_name(Self::groups(answer, "os").into_iter().map(|(no, count)| (name(no), count)))
    }

    fn top(answer: &Value) -> Plain {
        numbers(Self::groups(answer, "missing").into_iter().map(|(_, count)| count))
    }
}

impl Engine for Search {
    type Answer = Answer;

    fn answer(&self, question: Question) -> Option<Answer> {
        let count = |asked: Asked| self.searcher.search(self.query(asked), &Count).expect("can be counted") as u64;
        Some(match question {
            Question::Assets(asked) => Answer::Assets(count(asked)),
            Question::Facets => Answer::Grouped(self.grouped(self.query(Asked::OsTag), &[("os", 100), ("tag", 300), ("latest", 5)])),
            Question::Top(within) => Answer::Grouped(self.grouped(within.map_or(&AllQuery, |asked| self.query(asked)), &[("missing", 20)])),
            Question::Page => {
                let best = TopDocs::with_limit(50).order_by_fast_field::<u64>("critical_count", Order::Desc);
                let best = self.searcher.search(self.query(Asked::OsTag), &best).expect("can be sorted");
                Answer::Page(best.into_iter().map(|(count, _)| count.unwrap_or(0)).collect())
            }
            Question::Dashboard => {
                let groups = self.grouped(&AllQuery, &[("os", 100), ("latest", 5), ("missing", 20)]);
                Answer::Dashboard(count(Asked::MissingExploited), groups)
            }
        })
    }

    fn plain(&self, answer: Answer) -> Plain {
        match answer {
            Answer::Assets(count) => numbers([count]),
            Answer::Grouped(groups) if groups["os"].is_null() => Self::top(&groups),
            Answer::Grouped(groups) => {
                let name = |no: u64| self.tags.iter().find(|(own, _)| *own == no).map(|(_, name)| name.clone()).unwrap_or_default();
                let tags = by_name(Self::groups(&groups, "tag").into_iter().map(|(no, count)| (name(no), count)));
                [self.systems(&groups), tags, Self::severities(&groups)].concat()
            }
            Answer::Page(counts) => numbers(counts),
            Answer::Dashboard(exposed, groups) => {
                [self.systems(&groups), Self::severities(&groups), numbers([exposed]), Self::top(&groups)].concat()
            }
        }
    }
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let fields = Fields {
        windows: schema.add_u64_field("windows", INDEXED),
        os: schema.add_u64_field("os", INDEXED | FAST),
        tag: schema.add_u64_field("tag", INDEXED | FAST),
        known: schema.add_u64_field("known", INDEXED),
        seen: schema.add_u64_field("seen", FAST),
        missing: schema.add_u64_field("missing", INDEXED | FAST),
        installed: schema.add_u64_field("installed", INDEXED),
        severity: schema.add_u64_field("severity", INDEXED),
        latest: schema.add_u64_field("latest", FAST),
        exploited: schema.add_u64_field("exploited", INDEXED),
        missing_count: schema.add_u64_field("missing_count", FAST),
        critical_count: schema.add_u64_field("critical_count", FAST),
    };
    (schema.build(), fields)
}

fn document(made: &Synthetic, fields: Fields, card: &AssetCard, findings: &Findings) -> Result<TantivyDocument> {
    let mut document = TantivyDocument::default();
    let mut add = |field: Field, value: u64| document.add_u64(field, value);
    let system = made.systems().iter().position(|system| system.name == card.os_name).context("a system")?;
    add(fields.windows, u64::from(card.platform == Some(Platform::Windows)));
    add(fields.os, system as u64);
    add(fields.known, u64::from(card.scan_status == ScanStatus::Scanned));
    add(fields.seen, card.last_check_in.map_or(Ok(0), |at| u64::try_from(at.as_second()))?);
    add(fields.missing_count, findings.missing.len() as u64);
    for tag in with_above(made, &card.tags) {
        add(fields.tag, u64::try_from(tag.0.as_u128())?);
    }
    let (mut severities, mut latest, mut exploited) = ([0_u64; 5], [0_u64; 5], false);
    for no in &findings.missing {
        let entry = made.catalog().get(*no).context("a patch of the catalog")?;
        let patch = &entry.patch;
        severities[patch.vendor_severity as usize] += 1;
        latest[patch.vendor_severity as usize] += u64::from(!entry.superseded);
        exploited |= patch.scores.kev.is_some();
        add(fields.missing, u64::from(no.0));
    }
    add(fields.exploited, u64::from(exploited));
    add(fields.critical_count, severities[Severity::Critical as usize]);
    for (field, counts) in [(fields.severity, severities), (fields.latest, latest)] {
        (0..).zip(counts).filter(|(_, count)| *count > 0).for_each(|(severity, _)| add(field, severity));
    }
    findings.installed.iter().for_each(|no| add(fields.installed, u64::from(no.0)));
    Ok(document)
}

/// Parts of a conjunction.
type Parts = Vec<(Occur, Box<dyn Query>)>;

impl Fields {
    fn query(self, asked: Asked, made: &Synthetic, about: &Subjects) -> Result<Box<dyn Query>> {
        let tag = |name: &str| -> Result<u64> {
            let tag = made.tags().iter().find(|tag| tag.name == name).with_context(|| format!("no tag {name}"))?;
            Ok(u64::try_from(tag.id.0.as_u128())?)
        };
        let ago = |days: i64| made.now() - SignedDuration::from_hours(24 * days);
        let second = |days: i64| u64::try_from(ago(days).as_second());
        let critical = has(self.severity, Severity::Critical as u64);
        let (exploited, known) = (has(self.exploited, 1), has(self.known, 1));
        let [a, c, d] = [&about.a, &about.c, &about.d].map(|subject| u64::from(subject.no.0));
        let any = |is_wanted: &dyn Fn(&Patch) -> bool| {
            let those = made.catalog().entries().filter(|entry| is_wanted(&entry.patch));
            union(those.map(|entry| Term::from_field_u64(self.missing, u64::from(entry.no.0))).collect())
        };
        let windows = has(self.windows, 1);
        Ok(match asked {
            Asked::Os => windows,
            Asked::OsTag => all(vec![(Occur::Must, windows), (Occur::Must, has(self.tag, tag(TAG)?))]),
            Asked::MissingCritical => critical,
            Asked::MissingExploited => exploited,
            Asked::MissingPatch => has(self.missing, a),
            Asked::Flagship => {
                let must = [windows, has(self.tag, tag(TAG)?), critical, exploited, known].map(|part| (Occur::Must, part));
                all(must.into_iter().chain([(Occur::MustNot, has(self.missing, a))]).collect())
            }
            Asked::SamePatch => any(&|patch| {
                let is_old = patch.published_at.is_some_and(|at| at < ago(OLD_DAYS));
                patch.vendor_severity == Severity::Critical && patch.scores.kev.is_some() && is_old
            }),
            Asked::Cve => any(&|patch| patch.cves.contains(&about.cve)),
            Asked::SeenAndCount => {
                let seen = range(Bound::Excluded(Term::from_field_u64(self.seen, second(SEEN_DAYS)?)), Bound::Unbounded);
                let many = range(Bound::Included(Term::from_field_u64(self.missing_count, u64::from(MANY_MISSING))), Bound::Unbounded);
                all(vec![(Occur::Must, seen), (Occur::Must, many)])
            }
            Asked::OsNotCritical => {
                let os = made.systems().iter().position(|system| system.name == about.os).context("a system")?;
                all(vec![(Occur::Must, has(self.os, os as u64)), (Occur::Must, known), (Occur::MustNot, critical)])
            }
            Asked::Installed => {
                let tags = [tag(TAG)?, tag(OTHER_TAG)?].map(|tag| Term::from_field_u64(self.tag, tag));
                let must = [has(self.installed, c), known, union(tags.to_vec())].map(|part| (Occur::Must, part));
                all(must.into_iter().chain([(Occur::MustNot, has(self.installed, d))]).collect())
            }
            Asked::Overdue => {
                any(&|patch| patch.vendor_severity >= Severity::Important && patch.published_at.is_some_and(|at| at < ago(OVERDUE_DAYS)))
            }
            Asked::Site => {
                let unseen = range(Bound::Unbounded, Bound::Excluded(Term::from_field_u64(self.seen, second(UNSEEN_DAYS)?)));
                all([has(self.tag, tag(SITE)?), exploited, unseen].map(|part| (Occur::Must, part)).into())
            }
        })
    }
}

fn has(field: Field, value: u64) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_u64(field, value), IndexRecordOption::Basic))
}

fn all(parts: Parts) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(parts))
}

fn range(from: Bound<Term>, to: Bound<Term>) -> Box<dyn Query> {
    Box::new(RangeQuery::new(from, to))
}

/// Few terms are joined, many are looked up as a set, which fills bits: whichever is faster.
fn union(terms: Vec<Term>) -> Box<dyn Query> {
    match terms.len() {
        0 => Box::new(EmptyQuery),
        few if few <= FEW_TERMS => {
            let term = |term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
            Box::new(BooleanQuery::union(terms.into_iter().map(term).collect()))
        }
        _ => Box::new(TermSetQuery::new(terms)),
    }
}
