//! Vendors' files, made up.

/// Products a month's document names; a real one has about as many of Windows.
const PRODUCTS: usize = 40;
/// Updates of a month: one for each group of products.
const UPDATES: usize = 10;

/// A month of security fixes in CVRF: so many vulnerabilities, fixed in all products.
pub(super) fn month(vulnerabilities: usize) -> String {
    let products: String = (0..PRODUCTS)
        .map(|product| {
            let (release, build) = (product % UPDATES, product / UPDATES);
            format!(
                "<prod:FullProductName ProductID=\"{}\">Windows Server 20{} Edition {build}</prod:FullProductName>",
                10_000 + product,
                12 + release
            )
        })
        .collect();
    let vulnerabilities: String = (0..vulnerabilities).map(vulnerability).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<cvrf:cvrfdoc xmlns:cvrf=\"http://www.icasi.org/CVRF/schema/cvrf/1.1\" \
         xmlns:vuln=\"http://www.icasi.org/CVRF/schema/vuln/1.1\" xmlns:prod=\"http://www.icasi.org/CVRF/schema/prod/1.1\">\
         <cvrf:DocumentTracking><cvrf:Identification><cvrf:ID>2024-Jan</cvrf:ID></cvrf:Identification>\
         <cvrf:InitialReleaseDate>2024-01-09T08:00:00</cvrf:InitialReleaseDate><cvrf:CurrentReleaseDate>2024-01-09T08:00:00</cvrf:CurrentReleaseDate>\
         </cvrf:DocumentTracking><prod:ProductTree>{products}</prod:ProductTree>{vulnerabilities}</cvrf:cvrfdoc>\n"
    )
}

fn vulnerability(number: usize) -> String {
    let id = |product: usize| format!("<vuln:ProductID>{}</vuln:ProductID>", 10_000 + product);
    let all: String = (0..PRODUCTS).map(id).collect();
    let scores: String = (0..PRODUCTS)
        .map(|product| {
            format!("<vuln:ScoreSet><vuln:BaseScore>{}.{}</vuln:BaseScore>{}</vuln:ScoreSet>", 4 + number % 6, number % 10, id(product))
        })
        .collect();
    // Each vulnerability is fixed by some of the month's updates only, so that fewer vulnerabilities are other patches.
    let fixes: String = (0..=number % UPDATES)
        .map(|update| {
            let products: String = (0..PRODUCTS).filter(|product| product % UPDATES == update).map(id).collect();
            let article = 5_034_000 + update;
            format!(
                "<vuln:Remediation Type=\"Vendor Fix\"><vuln:Description>{article}</vuln:Description>\
                 <vuln:URL>https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB{article}</vuln:URL>\
                 <vuln:Supercedence>{}</vuln:Supercedence>{products}<vuln:RestartRequired>Yes</vuln:RestartRequired>\
                 <vuln:SubType>Security Update</vuln:SubType><vuln:FixedBuild>10.0.{}.{}</vuln:FixedBuild></vuln:Remediation>",
                article - 1_000,
                14_393 + update,
                6_000 + update
            )
        })
        .collect();
    format!(
        "<vuln:Vulnerability Ordinal=\"{number}\"><vuln:Title>Fault {number}</vuln:Title><vuln:CVE>CVE-2024-{:05}</vuln:CVE>\
         <vuln:Threats><vuln:Threat Type=\"Severity\"><vuln:Description>Important</vuln:Description>{all}</vuln:Threat></vuln:Threats>\
         <vuln:CVSSScoreSets>{scores}</vuln:CVSSScoreSets><vuln:Remediations>{fixes}</vuln:Remediations></vuln:Vulnerability>",
        20_000 + number
    )
}

/// A manifest of one version of an application, in one file.
pub(super) fn manifest(package: usize, version: usize) -> String {
    format!(
        "PackageIdentifier: Maker{package}.Application\nPackageVersion: 1.{version}.0\nPackageLocale: en-US\nPublisher: Maker {package}\n\
         PackageName: Application {package}\nLicense: Proprietary\nShortDescription: Does what application {package} does.\nInstallers:\n\
         - Architecture: x64\n  InstallerType: wix\n  Scope: machine\n  InstallerUrl: https://downloads.example/{package}/{version}/x64.msi\n  \
         InstallerSha256: {:064X}\n  ProductCode: '{{{package:08X}-0000-4000-8000-{version:012X}}}'\n\
         - Architecture: x86\n  InstallerType: wix\n  Scope: machine\n  InstallerUrl: https://downloads.example/{package}/{version}/x86.msi\n  \
         InstallerSha256: {:064X}\n  ProductCode: '{{{package:08X}-0000-4000-9000-{version:012X}}}'\n\
         ManifestType: singleton\nManifestVersion: 1.6.0\n",
        2 * (10 * package + version),
        2 * (10 * package + version) + 1
    )
}
