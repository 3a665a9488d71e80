//! Real `systeminfo` texts, and what Windows Exploit Suggester made of them with its table of definitions.

mod missing;

use crate::data::{Data, entries, name};
use crate::made::{catalog, update, update_id};
use crate::report::Report;
use crate::systeminfo::SystemInfo;
use anyhow::{Context, Result};
use fettle_fleet::Catalog;
use fettle_model::os::windows::{canonical, system_of_component};
use fettle_model::rule::ProductBuild;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Cursor;
use std::sync::Arc;

const NO_SERVICE_PACK: &str = "the tool leaves the service pack out of the name of some products";

/// The tool's table: vulnerability, update, product, and what the update replaces.
pub(crate) struct Definitions {
    /// `20251226`.
    pub(crate) day: String,
    rows: HashMap<String, BTreeMap<(String, String), BTreeSet<String>>>,
    /// Products of each update, letter by letter.
    spelled: HashMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(rename = "CVE")]
    cve: String,
    #[serde(rename = "BulletinKB")]
    article: String,
    affected_product: String,
    #[serde(default)]
    supersedes: String,
}

/// Articles in a list of the table; numbers of bulletins and names of service packs are passed over.
fn articles(list: &str) -> impl Iterator<Item = String> + '_ {
    let is_number = |text: &&str| (6..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    list.split([';', ',']).map(str::trim).filter(is_number).map(|number| format!("KB{number}"))
}

impl Definitions {
    /// The newest table there is.
    pub(crate) fn newest(data: &Data) -> Result<Option<Self>> {
        let Some(folder) = data.folder("wesng") else { return Ok(None) };
        let found = entries(&folder)?.into_iter().filter(|path| name(path).is_some_and(|name| name.starts_with("definitions-")));
        let Some(path) = found.max() else { return Ok(None) };
        let day: String = name(&path).unwrap_or_default().chars().filter(char::is_ascii_digit).take(8).collect();
        let mut archive = zip::ZipArchive::new(Cursor::new(data.bytes(&path)?)).context("the definitions are no zip archive")?;
        let mut rows: HashMap<String, BTreeMap<(String, String), BTreeSet<String>>> = HashMap::new();
        let mut spelled: HashMap<String, BTreeSet<String>> = HashMap::new();
        for at in 0..archive.len() {
            let file = archive.by_index(at)?;
            if !file.name()?.ends_with(".csv") {
                continue;
            }
            // The tool writes Latin-1: what is not ASCII stands in titles only.
            let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(file);
            let head = reader.byte_headers()?.clone();
            let mut record = csv::ByteRecord::new();
            while reader.read_byte_record(&mut record)? {
                let text: csv::StringRecord = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
                let names: csv::StringRecord = head.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
                let row: Row = text.deserialize(Some(&names))?;
                let Some(article) = articles(&row.article).next() else { continue };
                spelled.entry(article.clone()).or_default().insert(row.affected_product.clone());
                let edges = rows.entry(row.cve).or_default().entry((article, canonical(&row.affected_product))).or_default();
                edges.extend(articles(&row.supersedes));
            }
        }
        Ok(Some(Self { day, rows, spelled }))
    }

    /// What it says of a vulnerability.
    pub(crate) fn of<'a>(&'a self, cve: &'a str) -> impl Iterator<Item = ((&'a str, &'a str, &'a str), &'a BTreeSet<String>)> {
        let rows = self.rows.get_key_value(cve).into_iter();
        rows.flat_map(|(cve, rows)| {
            rows.iter().map(move |((article, product), edges)| ((cve.as_str(), article.as_str(), product.as_str()), edges))
        })
    }

    /// Vulnerabilities that an update fixes in a system and its parts.
    fn cves<'a>(&'a self, article: &'a str, product: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |(other, of): &(String, String)| other == article && system(of).unwrap_or(of) == product;
        self.rows.iter().filter(move |(_, rows)| rows.keys().any(is_it)).map(|(cve, _)| cve.as_str())
    }

    /// Whether it has an update under this name of a product, letter by letter.
    fn spells(&self, article: &str, product: &str) -> bool {
        self.spelled.get(article).is_some_and(|products| products.iter().any(|other| other.ends_with(product)))
    }

    /// A catalog of all its updates, as a feed would make it of documents that state no builds.
    fn catalog(&self) -> Arc<Catalog> {
        let mut updates: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
        for ((article, product), edges) in self.rows.values().flatten() {
            let (products, replaced) = updates.entry(article).or_default();
            products.insert(system(product).unwrap_or(product));
            replaced.extend(edges.iter().filter(|edge| *edge != article).map(String::as_str));
        }
        let patch = |(article, (products, replaced)): (&str, (BTreeSet<&str>, BTreeSet<&str>))| {
            let products = products.into_iter().map(|product| ProductBuild { product: product.to_owned(), build: None }).collect();
            update(article, products, replaced.into_iter().map(update_id).collect())
        };
        catalog(updates.into_iter().map(patch).collect())
    }
}

/// The system that a component is part of.
fn system(product: &str) -> Option<&str> {
    let parts = ["Microsoft .NET Framework", "Internet Explorer", "Microsoft Internet Explorer", "Microsoft Edge", "Adobe Flash Player"];
    parts.iter().any(|part| product.starts_with(part)).then(|| system_of_component(product))?
}

#[derive(Deserialize)]
struct Parsed {
    name: String,
    build: String,
    architecture: String,
    hotfixes: Vec<String>,
}

pub(crate) fn judge(data: &Data) -> Result<Report> {
    let mut report = Report::witness("wesng");
    let folder = data.folder("wesng").context("the folder is there")?;
    let parsed: BTreeMap<String, Parsed> = match crate::data::find(&folder.join("expected"), "parsed.json") {
        Some(path) => serde_json::from_slice(&data.bytes(&path)?)?,
        None => BTreeMap::new(),
    };
    let mut hosts = BTreeMap::new();
    let texts = folder.join("systeminfo");
    for path in if texts.is_dir() { entries(&texts)? } else { Vec::new() } {
        let host = name(&path).and_then(|name| name.split(".txt").next()).unwrap_or_default().to_owned();
        let info = SystemInfo::read(&data.bytes(&path)?);
        if let Some(expected) = parsed.get(&host) {
            compare_parsed(&host, &info, expected, &mut report);
        }
        hosts.insert(host, info);
    }
    if let Some(definitions) = Definitions::newest(data)? {
        missing::judge(data, &hosts, &parsed, &definitions, &mut report)?;
    }
    Ok(report)
}

/// Product, build, architecture and each article.
fn compare_parsed(host: &str, info: &SystemInfo, expected: &Parsed, report: &mut Report) {
    let product = info.product().unwrap_or_default();
    let what = || format!("{host}: {:?}, here {product:?}", expected.name);
    if canonical(&expected.name) == product {
        report.same(true, what);
    } else if product.strip_prefix(&canonical(&expected.name)).is_some_and(|rest| rest == format!(" {}", info.service_pack)) {
        report.explained(what, NO_SERVICE_PACK);
    } else {
        report.same(false, what);
    }
    report.same(info.build == expected.build, || format!("{host}: build {:?}, here {:?}", expected.build, info.build));
    let architecture = info.architecture.to_lowercase();
    let fits = architecture.starts_with(&expected.architecture.to_lowercase())
        || (expected.architecture == "32-bit" && architecture.starts_with("x86"));
    report.same(fits, || format!("{host}: {:?}, here {:?}", expected.architecture, info.architecture));
    let (here, there): (BTreeSet<&String>, BTreeSet<&String>) = (info.hotfixes.iter().collect(), expected.hotfixes.iter().collect());
    for article in here.union(&there) {
        report.same(here.contains(article) && there.contains(article), || format!("{host}: {article} is listed by one only"));
    }
}
