//! Making patches of documents: one for each article, over all months.

use super::article::articles;
use super::document::{Document, Fix, Product, Vulnerability};
use super::rule::{self, Stated};
use fettle_model::ids::PatchId;
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Download, Patch, PatchKind, Reboot, Rollback, Scores, Severity};
use fettle_model::rule::{Rule, WindowsRule};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Most patches that one names as replaced. Real updates name up to three.
const MAX_SUPERSEDED: usize = 64;
/// Most CVEs that a description names one by one.
const MAX_NAMED: usize = 20;

/// Everything that documents say of updates. Add documents from the oldest to the newest.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// By id: names drift, and the newest is shown.
    products: BTreeMap<String, Product>,
    drafts: BTreeMap<String, Draft>,
    /// Fixes that are no update with an article.
    pub(super) left_out: usize,
    /// Vulnerabilities read.
    pub(super) vulnerabilities: usize,
}

/// A patch in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// How often each kind is stated.
    kinds: BTreeMap<String, usize>,
    /// By id of the product.
    pub(super) products: BTreeMap<String, Stated>,
    pub(super) cves: BTreeSet<String>,
    exploited: BTreeSet<String>,
    disclosed: BTreeSet<String>,
    severity: Option<Severity>,
    cvss_tenths: Option<u8>,
    restarts: BTreeSet<String>,
    supersedes: BTreeSet<String>,
    links: BTreeSet<String>,
    published: Option<Timestamp>,
    revised: Option<Timestamp>,
    /// Documents that speak of it.
    pub(super) documents: BTreeSet<String>,
}

impl Shelf {
    /// Adds what a document says.
    pub(super) fn add(&mut self, document: Document) {
        for (id, product) in document.products {
            let known = self.products.entry(id).or_default();
            let family = if product.family.is_empty() { std::mem::take(&mut known.family) } else { product.family };
            *known = Product { name: product.name, family };
        }
        self.vulnerabilities += document.vulnerabilities.len();
        for vulnerability in &document.vulnerabilities {
            for fix in &vulnerability.fixes {
                match &fix.article {
                    Some(article) => {
                        let draft = self.drafts.entry(article.clone()).or_default();
                        draft.add(fix, vulnerability);
                        draft.published = earliest(draft.published, document.published);
                        draft.documents.insert(document.id.clone());
                    }
                    None => self.left_out += 1,
                }
            }
        }
    }

    /// The patches, ordered by id.
    pub(super) fn patches(mut self, feed: &str) -> Vec<Patch> {
        for (rollup, part) in rule::contained(&self.drafts, &self.products) {
            if let Some(draft) = self.drafts.get_mut(&rollup) {
                draft.supersedes.insert(part);
            }
        }
        let Self { products, drafts, .. } = self;
        let mut patches: Vec<Patch> = drafts.into_iter().map(|(article, draft)| draft.finish(feed, article, &products)).collect();
        patches.sort_unstable_by(|left, right| left.id.cmp(&right.id));
        patches
    }
}

fn earliest(left: Option<Timestamp>, right: Option<Timestamp>) -> Option<Timestamp> {
    left.into_iter().chain(right).min()
}

/// Id of the patch that an article is.
fn id(article: &str) -> PatchId {
    PatchId(format!("microsoft:{article}"))
}

impl Draft {
    fn add(&mut self, fix: &Fix, vulnerability: &Vulnerability) {
        *self.kinds.entry(fix.kind.clone()).or_default() += 1;
        if !vulnerability.cve.is_empty() {
            self.cves.insert(vulnerability.cve.clone());
            for (is_so, cves) in [(vulnerability.exploited, &mut self.exploited), (vulnerability.disclosed, &mut self.disclosed)] {
                if is_so {
                    cves.insert(vulnerability.cve.clone());
                }
            }
        }
        for product in &fix.products {
            self.products.entry(product.clone()).or_default().add(&fix.build);
            self.severity = self.severity.max(vulnerability.severities.get(product).copied());
            self.cvss_tenths = self.cvss_tenths.max(vulnerability.scores.get(product).copied());
        }
        self.restarts.insert(fix.restart.to_ascii_lowercase());
        self.supersedes.extend(articles(&fix.supersedes));
        if self.links.len() < MAX_SUPERSEDED {
            self.links.insert(fix.link.clone());
        }
        self.revised = self.revised.max(vulnerability.revised);
    }

    /// What it is most often called.
    pub(super) fn kind(&self) -> &str {
        let most = self.kinds.iter().filter(|(kind, _)| !kind.is_empty()).max_by_key(|(_, times)| **times);
        most.map_or("Security Update", |(kind, _)| kind)
    }

    fn finish(self, feed: &str, article: String, products: &BTreeMap<String, Product>) -> Patch {
        let names = self.names(products);
        let systems = rule::systems(&self, products);
        let family = self.products.keys().filter_map(|id| products.get(id)).map(|product| product.family.as_str());
        let family = family.filter(|family| !family.is_empty()).min().unwrap_or("Windows").to_owned();
        let supersedes = self.supersedes.iter().filter(|other| **other != article).take(MAX_SUPERSEDED).map(|other| id(other)).collect();
        Patch {
            id: id(&article),
            vendor: "Microsoft".to_owned(),
            title: self.title(&article, &names),
            description: self.description(),
            platform: Platform::Windows,
            kind: if systems.is_empty() { PatchKind::Application } else { PatchKind::Os },
            app_family: family,
            products: names,
            architectures: Vec::new(),
            bulletin: Some(article.clone()),
            advisory_url: Some(format!("https://support.microsoft.com/help/{}", article.trim_start_matches("KB"))),
            category: Category::Security,
            vendor_severity: self.severity.unwrap_or(Severity::None),
            published_at: self.published,
            modified_at: self.revised.max(self.published),
            supersedes,
            reboot: self.reboot(),
            download: Download::AcquireFromVendor { link: self.link(&article) },
            rollback: Rollback::No,
            rule: Rule::Windows(WindowsRule { products: systems, kb: Some(article.clone()) }),
            source: feed.to_owned(),
            enabled: true,
            baseline: false,
            scores: Scores { cvss_tenths: self.cvss_tenths, kb: Some(article), ..Scores::default() },
            cves: self.cves.into_iter().collect(),
        }
    }

    fn names(&self, products: &BTreeMap<String, Product>) -> Vec<String> {
        let names = self.products.keys().map(|id| products.get(id).map_or(id.as_str(), |product| product.name.as_str()));
        names.map(fettle_model::os::windows::canonical).collect::<BTreeSet<String>>().into_iter().collect()
    }

    fn title(&self, article: &str, names: &[String]) -> String {
        let kind = self.kind();
        match names {
            [] => format!("{article}: {kind}"),
            [only] => format!("{article}: {kind} for {only}"),
            [first, rest @ ..] => format!("{article}: {kind} for {first} and {} more", rest.len()),
        }
    }

    /// What is known of attacks.
    fn description(&self) -> String {
        let told = |what: &str, cves: &BTreeSet<String>| {
            let named: Vec<&str> = cves.iter().take(MAX_NAMED).map(String::as_str).collect();
            (!named.is_empty()).then(|| format!("{what}: {}.", named.join(", ")))
        };
        let exploited = told("Exploited before a fix was published, says the vendor", &self.exploited);
        let disclosed = told("Known to the public before a fix was published, says the vendor", &self.disclosed);
        exploited.into_iter().chain(disclosed).collect::<Vec<String>>().join(" ")
    }

    fn reboot(&self) -> Reboot {
        let says = |what: &str| self.restarts.contains(what);
        match () {
            () if says("yes") => Reboot::Required,
            () if says("maybe") || !says("no") => Reboot::Maybe,
            () => Reboot::Never,
        }
    }

    /// The vendor's catalog where a document names it, then whatever else it names; never another scheme than `https`.
    fn link(&self, article: &str) -> String {
        let is_good = |link: &&String| Url::parse(link).is_ok_and(|url| url.scheme() == "https" && url.username().is_empty());
        let good: Vec<&String> = self.links.iter().filter(is_good).collect();
        let catalog = good
            .iter()
            .find(|link| link.contains("://catalog.update.microsoft.com/") || link.contains("://www.catalog.update.microsoft.com/"));
        match catalog.or(good.first()) {
            Some(link) => link.chars().take(2000).collect(),
            None => format!("https://www.catalog.update.microsoft.com/Search.aspx?q={article}"),
        }
    }
}
