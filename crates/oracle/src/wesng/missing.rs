//! Updates that the tool lists as missing, and those that are missing here.

use super::{Definitions, Parsed, articles, system};
use crate::data::{Data, entries, name};
use crate::made::{findings, update_id, windows};
use crate::report::Report;
use crate::systeminfo::SystemInfo;
use anyhow::{Context, Result};
use fettle_fleet::{Assessor, Catalog};
use fettle_model::os::windows::{canonical, is_system};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const HAS_IT: &str = "an installed update replaces it, over updates in between";
const NOT_TOLD: &str = "what runs on Windows cannot be told from what the system says of itself";
const OTHER_UPDATE: &str = "the tool lists the same vulnerabilities under another update, or under none";
const SPELLED: &str = "the tool compares names letter by letter, and its table spells the product of this update otherwise";
const OTHER_PRODUCT: &str = "the tool lists an update of another product, whose name starts alike or whose service pack differs";
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(rename = "CVE")]
    cve: String,
    #[serde(rename = "BulletinKB")]
    article: String,
    affected_product: String,
}

/// One question for each update that either lists.
pub(super) fn judge(
    data: &Data,
    hosts: &BTreeMap<String, SystemInfo>,
    parsed: &BTreeMap<String, Parsed>,
    definitions: &Definitions,
    report: &mut Report,
) -> Result<()> {
    let folder = data.folder("wesng").context("the folder is there")?.join("expected");
    if !folder.is_dir() {
        return Ok(());
    }
    let catalog = definitions.catalog();
    let assessor = Assessor::new(Arc::clone(&catalog));
    for path in entries(&folder)? {
        let Some((host, rest)) = name(&path).and_then(split) else { continue };
        let Some(info) = hosts.get(host) else { continue };
        if !rest.starts_with(&definitions.day) {
            report.note(format!("{host}: there are no definitions of {rest}"));
            continue;
        }
        let rows = csv::Reader::from_reader(data.bytes(&path)?.as_slice()).deserialize().collect::<Result<Vec<Row>, _>>()?;
        let Some(product) = info.product() else { continue };
        let tools_name = parsed.get(host).map_or(product.clone(), |parsed| parsed.name.clone());
        let host = Host { name: host, product, info, tools_name };
        let work = Work { catalog: &catalog, assessor: &assessor, definitions };
        compare(&host, &rows, &work, report)?;
    }
    Ok(())
}

/// A machine, and what the tool calls its product.
struct Host<'a> {
    name: &'a str,
    product: String,
    info: &'a SystemInfo,
    tools_name: String,
}

/// What decides here.
struct Work<'a> {
    catalog: &'a Catalog,
    assessor: &'a Assessor,
    definitions: &'a Definitions,
}

/// Host, and day of the definitions, of `8.1_u1_x64.20251226.csv.gz`: names of hosts have points too.
fn split(name: &str) -> Option<(&str, &str)> {
    name.split_once(".csv")?.0.rsplit_once('.')
}

fn compare(host: &Host<'_>, rows: &[Row], work: &Work<'_>, report: &mut Report) -> Result<()> {
    let build = format!("{}.{}", host.info.version, host.info.build);
    let mut machine = windows(host.name, &host.product, &build);
    machine.windows.hotfixes.clone_from(&host.info.hotfixes);
    let findings = findings(work.assessor, &machine)?;
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        // Rows without an article, and service packs, name no update.
        if let Some(article) = articles(&row.article).next() {
            listed.entry(article).or_default().insert(canonical(&row.affected_product));
        }
    }
    for (article, products) in &listed {
        let no = work.catalog.by_id(&update_id(article)).map(|entry| entry.no);
        let what = || format!("{}: the tool lists {article} for {}", host.name, products.iter().next().map_or("nothing", String::as_str));
        match no {
            Some(no) if findings.missing.contains(&no) => report.same(true, what),
            Some(no) if findings.installed.contains(&no) => report.explained(what, HAS_IT),
            _ if products.iter().all(|other| !is_system(other) && system(other).is_none()) => report.explained(what, NOT_TOLD),
            _ if products.iter().all(|other| system(other).unwrap_or(other) != host.product) => report.explained(what, OTHER_PRODUCT),
            _ => report.same(false, what),
        }
    }
    let told: BTreeSet<&str> = rows.iter().map(|row| row.cve.as_str()).collect();
    let entries = findings.missing.iter().filter_map(|no| work.catalog.get(*no)).filter(|entry| !entry.superseded);
    for article in entries.map(|entry| &entry.patch.title).filter(|article| !listed.contains_key(*article)) {
        let what = || format!("{}: {article} is missing here, and the tool does not list it", host.name);
        if canonical(&host.tools_name) != host.product {
            report.explained(what, super::NO_SERVICE_PACK);
        } else if work.definitions.cves(article, &host.product).all(|cve| told.contains(cve)) {
            report.explained(what, OTHER_UPDATE);
        } else if !work.definitions.spells(article, &host.tools_name) {
            report.explained(what, SPELLED);
        } else {
            report.same(false, what);
        }
    }
    Ok(())
}
