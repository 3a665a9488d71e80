//! Updates that the tool lists as missing, and those that are missing here.

use super::{Definitions, system};
use crate::data::{Data, entries, name};
use crate::report::Report;
use crate::systeminfo::SystemInfo;
use crate::windows::{findings, machine};
use anyhow::{Context, Result};
use fettle_fleet::{Assessor, Catalog};
use fettle_model::os::windows::{canonical, is_system};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const HAS_IT: &str = "an installed update replaces it, over updates in between";
const NOT_TOLD: &str = "what runs on Windows cannot be told from what the system says of itself";
const OTHER_PRODUCT: &str = "the tool lists an update of another product, whose name starts alike or whose service pack differs";
const ONLY_COMPONENT: &str = "the tool leaves out what it does not know to be there";
const REPLACED: &str = "the tool leaves out what another update replaces that is for another product or version of a part";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(rename = "BulletinKB")]
    article: String,
    affected_product: String,
}

/// One question for each update that either lists.
pub(super) fn judge(data: &Data, hosts: &BTreeMap<String, SystemInfo>, definitions: &Definitions, report: &mut Report) -> Result<()> {
    let folder = data.folder("wesng").context("the folder is there")?.join("expected");
    if !folder.is_dir() {
        return Ok(());
    }
    let catalog = definitions.catalog();
    let assessor = Assessor::new(Arc::clone(&catalog));
    for path in entries(&folder)? {
        let Some((host, rest)) = name(&path).and_then(|name| name.split_once('.').filter(|(_, rest)| rest.contains(".csv")).or(split_late(name))) else {
            continue;
        };
        let Some(info) = hosts.get(host) else { continue };
        if !rest.starts_with(&definitions.day) {
            report.note(format!("{host}: there are no definitions of {rest}"));
            continue;
        }
        let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in csv::Reader::from_reader(data.bytes(&path)?.as_slice()).deserialize::<Row>() {
            let row = row?;
            listed.entry(format!("KB{}", row.article.trim_start_matches("KB"))).or_default().insert(canonical(&row.affected_product));
        }
        compare(host, info, &listed, &catalog, &assessor, report)?;
    }
    Ok(())
}

/// Names of hosts have points too: `8.1_u1_x64.20251226.csv.gz`.
fn split_late(name: &str) -> Option<(&str, &str)> {
    let (before, _) = name.split_once(".csv")?;
    let (host, _) = before.rsplit_once('.')?;
    Some((host, name.get(host.len() + 1..)?))
}

fn compare(
    host: &str,
    info: &SystemInfo,
    listed: &BTreeMap<String, BTreeSet<String>>,
    catalog: &Catalog,
    assessor: &Assessor,
    report: &mut Report,
) -> Result<()> {
    let Some(product) = info.product() else { return Ok(()) };
    let build = format!("{}.{}", info.version, info.build);
    let findings = findings(assessor, &machine(host, &product, &build, info.hotfixes.clone()))?;
    for (article, products) in listed {
        let no = catalog.by_id(&crate::windows::id(article)).map(|entry| entry.no);
        let what = || format!("{host}: the tool lists {article} for {}", products.iter().next().map_or("nothing", String::as_str));
        match no {
            Some(no) if findings.missing.contains(&no) => report.same(true, what),
            Some(no) if findings.installed.contains(&no) => report.explained(what, HAS_IT),
            _ if products.iter().all(|other| !is_system(other) && system(other).is_none()) => report.explained(what, NOT_TOLD),
            _ if products.iter().all(|other| system(other).unwrap_or(other) != product) => report.explained(what, OTHER_PRODUCT),
            _ => report.same(false, what),
        }
    }
    let entries = findings.missing.iter().filter_map(|no| catalog.get(*no));
    for entry in entries.filter(|entry| !entry.superseded) {
        let article = &entry.patch.title;
        if !listed.contains_key(article) {
            report.same(false, || format!("{host}: {article} is missing here, and the tool does not list it"));
        }
    }
    Ok(())
}
