//! Small documents, written by hand.

use fettle_catalog::{Feed, FeedConfig, FetchLimits, Fetcher, Fingerprint, Folders, Location, MicrosoftFeed, Quiet, SyncError, Synced};
use fettle_model::clock::ManualClock;
use fettle_model::patch::Patch;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Products of all documents here.
const PRODUCTS: [(&str, &str); 5] = [
    ("100", "Windows 10 Version 22H2 for x64-based Systems"),
    ("101", "Windows 10 Version 21H2 for x64-based Systems"),
    ("102", "Windows Server 2012 R2"),
    ("200-100", "Microsoft .NET Framework 4.8 on Windows 10 Version 22H2 for x64-based Systems"),
    ("300", "Microsoft SQL Server 2019 for x64-based Systems (GDR)"),
];

/// One fix of one vulnerability.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) cve: &'static str,
    /// Article, or another text.
    pub(crate) fix: &'static str,
    pub(crate) products: &'static [&'static str],
    pub(crate) kind: &'static str,
    pub(crate) build: &'static str,
    pub(crate) supersedes: &'static str,
}

impl Line {
    pub(crate) const fn new(cve: &'static str, fix: &'static str, products: &'static [&'static str], build: &'static str) -> Self {
        Self { cve, fix, products, kind: "Security Update", build, supersedes: "" }
    }
}

/// A month as XML.
pub(crate) fn xml(id: &str, revised: &str, lines: &[Line]) -> String {
    let products: String =
        PRODUCTS.iter().map(|(id, name)| format!("<prod:FullProductName ProductID=\"{id}\">{name}</prod:FullProductName>")).collect();
    let vulnerability = |line: &Line| {
        let ids: String = line.products.iter().map(|id| format!("<vuln:ProductID>{id}</vuln:ProductID>")).collect();
        format!(
            "<vuln:Vulnerability Ordinal=\"1\"><vuln:Title>Spoofing &amp; more</vuln:Title><vuln:CVE>{}</vuln:CVE>\
             <vuln:Threats><vuln:Threat Type=\"Severity\"><vuln:Description>Important</vuln:Description>{ids}</vuln:Threat>\
             <vuln:Threat Type=\"Exploit Status\"><vuln:Description>Publicly Disclosed:No;Exploited:Yes</vuln:Description></vuln:Threat></vuln:Threats>\
             <vuln:CVSSScoreSets><vuln:ScoreSet><vuln:BaseScore>7.8</vuln:BaseScore>{ids}</vuln:ScoreSet></vuln:CVSSScoreSets>\
             <vuln:Remediations><vuln:Remediation Type=\"Vendor Fix\"><vuln:Description>{}</vuln:Description>\
             <vuln:URL>https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB{}</vuln:URL><vuln:Supercedence>{}</vuln:Supercedence>{ids}\
             <vuln:RestartRequired>Yes</vuln:RestartRequired><vuln:SubType>{}</vuln:SubType><vuln:FixedBuild>{}</vuln:FixedBuild>\
             </vuln:Remediation></vuln:Remediations></vuln:Vulnerability>",
            line.cve, line.fix, line.fix, line.supersedes, line.kind, line.build
        )
    };
    let vulnerabilities: String = lines.iter().map(vulnerability).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><cvrf:cvrfdoc xmlns:cvrf=\"http://www.icasi.org/CVRF/schema/cvrf/1.1\" \
         xmlns:vuln=\"http://www.icasi.org/CVRF/schema/vuln/1.1\" xmlns:prod=\"http://www.icasi.org/CVRF/schema/prod/1.1\">\
         <cvrf:DocumentTracking><cvrf:Identification><cvrf:ID>{id}</cvrf:ID></cvrf:Identification>\
         <cvrf:InitialReleaseDate>2024-01-09T08:00:00</cvrf:InitialReleaseDate><cvrf:CurrentReleaseDate>{revised}</cvrf:CurrentReleaseDate>\
         </cvrf:DocumentTracking><prod:ProductTree><prod:Branch Type=\"Vendor\" Name=\"Microsoft\">\
         <prod:Branch Type=\"Product Family\" Name=\"Windows\">{products}</prod:Branch></prod:Branch></prod:ProductTree>\
         {vulnerabilities}</cvrf:cvrfdoc>"
    )
}

/// The same as the API answers it.
pub(crate) fn json(id: &str, revised: &str, lines: &[Line]) -> String {
    let products: Vec<_> = PRODUCTS.iter().map(|(id, name)| serde_json::json!({"ProductID": id, "Value": name})).collect();
    let vulnerability = |line: &Line| {
        serde_json::json!({
            "Title": {"Value": "Spoofing & more"}, "CVE": line.cve,
            "Threats": [
                {"Type": 3, "Description": {"Value": "Important"}, "ProductID": line.products},
                {"Type": 1, "Description": {"Value": "Publicly Disclosed:No;Exploited:Yes"}},
            ],
            "CVSSScoreSets": [{"BaseScore": 7.8, "ProductID": line.products}],
            "Remediations": [{
                "Type": 2, "Description": {"Value": line.fix}, "ProductID": line.products, "Supercedence": line.supersedes,
                "URL": format!("https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB{}", line.fix),
                "RestartRequired": {"Value": "Yes"}, "SubType": line.kind, "FixedBuild": line.build,
            }],
        })
    };
    serde_json::json!({
        "DocumentTracking": {
            "Identification": {"ID": {"Value": id}}, "InitialReleaseDate": "2024-01-09T08:00:00", "CurrentReleaseDate": revised,
        },
        "ProductTree": {
            "Branch": [{"Type": 0, "Name": "Microsoft", "Items": [{"Type": 1, "Name": "Windows", "Items": products}]}],
            "FullProductName": products,
        },
        "Vulnerability": lines.iter().map(vulnerability).collect::<Vec<_>>(),
    })
    .to_string()
}

/// A feed of a folder, and where it keeps things.
pub(crate) struct Bench {
    folder: TempDir,
    cache: TempDir,
    pub(crate) source: Location,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let source = Location::parse(folder.path().to_str().expect("a path")).expect("a location");
        Self { folder, cache: TempDir::new().expect("a folder"), source }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) async fn sync(&self, since: Option<&Fingerprint>) -> Result<Synced, SyncError> {
        let config = FeedConfig::Microsoft(MicrosoftFeed { source: self.source.clone(), since: None });
        let feed = Feed { name: "windows".to_owned(), config };
        // Two tests at once would each want to be the first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let limits = FetchLimits { attempts: 1, ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits).expect("a fetcher");
        let folders = Folders { cache: self.cache.path().to_owned(), keyrings: Vec::new() };
        let clock = ManualClock::new("2024-02-01T00:00:00Z".parse().expect("a moment"));
        fettle_catalog::sync(&feed, since, &folders, &fetcher, &clock, &Quiet).await
    }

    pub(crate) async fn patches(&self) -> (Vec<Patch>, Fingerprint, usize) {
        match self.sync(None).await {
            Ok(Synced::Changed { content, fingerprint, summary, .. }) => (content.into_patches(), fingerprint, summary.left_out),
            Ok(Synced::Unchanged { .. }) => unreachable!("nothing came"),
            Err(error) => unreachable!("{}", error.full_text()),
        }
    }

    pub(crate) async fn refusal(&self) -> String {
        self.sync(None).await.expect_err("it is refused").full_text()
    }
}
