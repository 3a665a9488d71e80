//! Products of Windows as the vendor's security documents spell them, and which one a machine is.
//!
//! Builds and names are facts from the vendor's pages of release information.

use crate::version::WindowsVersion;

/// A release of Windows since version 10.0: one build each, told from others by the third number of its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Release {
    build: u32,
    /// Name without architecture.
    name: &'static str,
    /// Releases with the same number here are one branch: they get the same updates, whose revisions are the same.
    branch: u32,
}

const fn release(build: u32, branch: u32, name: &'static str) -> Release {
    Release { build, name, branch }
}

const CLIENTS: [Release; 20] = [
    release(10_240, 10_240, "Windows 10"),
    release(10_586, 10_586, "Windows 10 Version 1511"),
    release(14_393, 14_393, "Windows 10 Version 1607"),
    release(15_063, 15_063, "Windows 10 Version 1703"),
    release(16_299, 16_299, "Windows 10 Version 1709"),
    release(17_134, 17_134, "Windows 10 Version 1803"),
    release(17_763, 17_763, "Windows 10 Version 1809"),
    release(18_362, 18_362, "Windows 10 Version 1903"),
    release(18_363, 18_362, "Windows 10 Version 1909"),
    release(19_041, 19_041, "Windows 10 Version 2004"),
    release(19_042, 19_041, "Windows 10 Version 20H2"),
    release(19_043, 19_041, "Windows 10 Version 21H1"),
    release(19_044, 19_041, "Windows 10 Version 21H2"),
    release(19_045, 19_041, "Windows 10 Version 22H2"),
    release(22_000, 22_000, "Windows 11 Version 21H2"),
    release(22_621, 22_621, "Windows 11 Version 22H2"),
    release(22_631, 22_621, "Windows 11 Version 23H2"),
    release(26_100, 26_100, "Windows 11 Version 24H2"),
    release(26_200, 26_100, "Windows 11 Version 25H2"),
    release(28_000, 28_000, "Windows 11 Version 26H1"),
];

/// Names with a version exist as Server Core only.
const SERVERS: [Release; 12] = [
    release(14_393, 14_393, "Windows Server 2016"),
    release(16_299, 16_299, "Windows Server, Version 1709"),
    release(17_134, 17_134, "Windows Server, Version 1803"),
    release(17_763, 17_763, "Windows Server, Version 1809"),
    release(17_763, 17_763, "Windows Server 2019"),
    release(18_362, 18_362, "Windows Server, Version 1903"),
    release(18_363, 18_362, "Windows Server, Version 1909"),
    release(19_041, 19_041, "Windows Server, Version 2004"),
    release(19_042, 19_041, "Windows Server, Version 20H2"),
    release(20_348, 20_348, "Windows Server 2022"),
    release(25_398, 25_398, "Windows Server 2022, 23H2 Edition"),
    release(26_100, 26_100, "Windows Server 2025"),
];

/// How Server Core is told from a server with a desktop.
const CORE: &str = " (Server Core installation)";

/// What a machine says of its Windows. Texts are as the registry, WMI or `systeminfo` have them; empty where unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Observed<'a> {
    /// `Microsoft Windows 10 Pro`. May lie: Windows 11 calls itself 10 in the registry.
    pub product_name: &'a str,
    /// Version of the kernel without build: `10.0`, `6.1`.
    pub version: &'a str,
    /// `19045`.
    pub build: &'a str,
    /// `Service Pack 1`.
    pub service_pack: &'a str,
    /// `x64-based PC`, `AMD64`, `ARM64`, `X86-based PC`.
    pub architecture: &'a str,
    /// `Client`, `Server` or `Server Core`.
    pub installation_type: &'a str,
}

/// The product as the vendor's security documents spell it: `Windows 10 Version 22H2 for x64-based Systems`,
/// `Windows Server 2022, 23H2 Edition (Server Core installation)`. A build between two releases, as testers have it,
/// counts as the older one. `None` when it is no Windows that is known.
#[must_use]
pub fn product(observed: &Observed<'_>) -> Option<String> {
    let name = plain(observed.product_name);
    let is_server = name.contains("server") || observed.installation_type.to_ascii_lowercase().starts_with("server");
    match (observed.version, is_server) {
        ("10.0", true) => server(observed, &name),
        ("10.0", false) => {
            let known = newest(&CLIENTS, observed.build.parse().ok()?)?;
            Some(format!("{} for {}-based Systems", known.name, architecture(observed.architecture)?).replace("32-bit-based", "32-bit"))
        }
        _ => older(observed, is_server),
    }
}

fn server(observed: &Observed<'_>, name: &str) -> Option<String> {
    let build = observed.build.parse().ok()?;
    let core = if observed.installation_type.eq_ignore_ascii_case("server core") { CORE } else { "" };
    // One build has two names: the one with a year says it.
    let known = newest(&SERVERS, build)?;
    let known = if known.build == 17_763 && !name.is_empty() && !name.contains("2019") && !core.is_empty() {
        SERVERS.iter().find(|other| other.build == known.build).unwrap_or(known)
    } else {
        known
    };
    let core = if known.name.contains(", ") { CORE } else { core };
    Some(format!("{}{core}", known.name))
}

/// The last of the releases with the highest build that is not above.
fn newest(releases: &'static [Release], build: u32) -> Option<&'static Release> {
    releases.iter().rfind(|release| release.build <= build)
}

/// Releases before 10.0, which name architecture and service pack each in their own way.
fn older(observed: &Observed<'_>, is_server: bool) -> Option<String> {
    let architecture = architecture(observed.architecture).unwrap_or("32-bit");
    let systems = if architecture == "32-bit" { "32-bit Systems".to_owned() } else { format!("{architecture}-based Systems") };
    let pack = observed.service_pack.trim();
    let pack = if pack.is_empty() { String::new() } else { format!(" {pack}") };
    let core = if is_server && observed.installation_type.eq_ignore_ascii_case("server core") { CORE } else { "" };
    Some(match (observed.version, is_server) {
        ("5.1", false) => format!("Microsoft Windows XP{pack}"),
        ("5.2", false) => format!("Microsoft Windows XP Professional x64 Edition{pack}"),
        ("5.2", true) if architecture == "x64" => format!("Microsoft Windows Server 2003 x64 Edition{pack}"),
        ("5.2", true) => format!("Microsoft Windows Server 2003{pack}"),
        ("6.0", false) if architecture == "x64" => format!("Windows Vista x64 Edition{pack}"),
        ("6.0", false) => format!("Windows Vista{pack}"),
        ("6.0", true) => format!("Windows Server 2008 for {systems}{pack}{core}"),
        ("6.1", false) => format!("Windows 7 for {systems}{pack}"),
        ("6.1", true) => format!("Windows Server 2008 R2 for {systems}{pack}{core}"),
        ("6.2", false) => format!("Windows 8 for {systems}"),
        ("6.2", true) => format!("Windows Server 2012{core}"),
        ("6.3", false) if plain(observed.product_name).contains(" rt") => "Windows RT 8.1".to_owned(),
        ("6.3", false) => format!("Windows 8.1 for {systems}"),
        ("6.3", true) => format!("Windows Server 2012 R2{core}"),
        _ => return None,
    })
}

/// `x64`, `ARM64`, `Itanium` or `32-bit`.
fn architecture(text: &str) -> Option<&'static str> {
    let text = text.trim().to_ascii_lowercase();
    let is = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    Some(match () {
        () if is(&["x64", "amd64", "x86_64"]) => "x64",
        () if is(&["arm64", "aarch64"]) => "ARM64",
        () if is(&["itanium", "ia64"]) => "Itanium",
        () if is(&["x86", "32-bit", "i386", "i686"]) => "32-bit",
        () => return None,
    })
}

/// Lower case, without trade marks.
fn plain(name: &str) -> String {
    name.replace("(R)", "").replace(['®', '™'], "").replace('\u{a0}', " ").to_lowercase()
}

/// A product's name as it is compared: the newest of the spellings that the vendor used for it. Documents write
/// `Windows 11 for x64-based Systems` until there was a second release of it, two spaces where one would do, and
/// `version` and `installation` in either case.
#[must_use]
pub fn canonical(name: &str) -> String {
    let mut name = name.split_whitespace().collect::<Vec<&str>>().join(" ");
    if let Some(rest) = name.strip_prefix("Windows 11 for ") {
        name = format!("Windows 11 Version 21H2 for {rest}");
    }
    for (odd, even) in
        [(" version ", " Version "), ("(Server Core Installation)", "(Server Core installation)"), ("-bit systems", "-bit Systems")]
    {
        name = name.replace(odd, even);
    }
    name.replace("-based systems", "-based Systems")
}

/// Whether a name, as [`canonical`] gives it, is a release of Windows itself and not something that runs on it or is
/// made for it, such as `Windows Admin Center`.
#[must_use]
pub fn is_system(canonical: &str) -> bool {
    let name = canonical.strip_prefix("Microsoft ").unwrap_or(canonical);
    if name == "Windows RT" || name == "Windows RT 8.1" {
        return true;
    }
    let Some(rest) = name.strip_prefix("Windows ") else { return false };
    if let Some(server) = rest.strip_prefix("Server") {
        let server = server.strip_suffix(CORE).unwrap_or(server);
        // `2008 R2 for x64-based Systems Service Pack 1`, `2022, 23H2 Edition`, `, Version 20H2`; no `2022 Azure Edition Core Hotpatch`.
        let starts_well = server.starts_with(", Version ") || server.strip_prefix(" 20").is_some();
        return starts_well && !server.contains("Hotpatch");
    }
    let is_numbered = ["10 ", "11 ", "7 ", "8 ", "8.1 ", "XP", "Vista"].iter().any(|start| rest.starts_with(start));
    let is_for_systems = rest.contains(" for ") && rest.contains(" Systems");
    is_numbered && (is_for_systems || rest.starts_with("XP") || rest.starts_with("Vista"))
}

/// The system that a component such as `Microsoft .NET Framework 4.8 on Windows Server 2019` is for, where the name,
/// as [`canonical`] gives it, says one.
#[must_use]
pub fn system_of_component(canonical: &str) -> Option<&str> {
    let (_, system) = canonical.split_once(" on ")?;
    is_system(system).then_some(system)
}

/// A build that a document states for a product, made to be one of that product. Documents state builds of another
/// release of the same branch now and then (19043 for 21H2): its revision is right and its release is not.
/// `None` when the build is none of this product's.
#[must_use]
pub fn build_of(canonical: &str, stated: WindowsVersion) -> Option<WindowsVersion> {
    let known = CLIENTS.iter().chain(&SERVERS).filter(|release| {
        // Longest first: `Windows 10` starts all its later releases too.
        canonical.strip_prefix(release.name).is_some_and(|rest| rest.is_empty() || rest.starts_with(" for ") || rest.starts_with(" ("))
    });
    let [major, minor] = [stated.major(), stated.minor()];
    match known.max_by_key(|release| release.name.len()) {
        Some(known) if (major, minor) == (10, 0) => {
            let is_branch = CLIENTS.iter().chain(&SERVERS).any(|other| other.build == stated.build() && other.branch == known.branch);
            is_branch.then(|| WindowsVersion::new(10, 0, known.build, stated.revision()))
        }
        Some(_) => None,
        None => (kernel(canonical) == Some((major, minor))).then_some(stated),
    }
}

/// Version of the kernel of releases before 10.0.
fn kernel(canonical: &str) -> Option<(u32, u32)> {
    const KERNELS: [(&str, (u32, u32)); 9] = [
        ("Windows Server 2008 R2", (6, 1)),
        ("Windows Server 2008", (6, 0)),
        ("Windows Server 2012 R2", (6, 3)),
        ("Windows Server 2012", (6, 2)),
        ("Windows 7 ", (6, 1)),
        ("Windows 8.1", (6, 3)),
        ("Windows RT 8.1", (6, 3)),
        ("Windows 8 ", (6, 2)),
        ("Windows Vista", (6, 0)),
    ];
    KERNELS.iter().find(|(start, _)| canonical.starts_with(start)).map(|(_, kernel)| *kernel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn observed<'a>(name: &'a str, version: &'a str, build: &'a str, architecture: &'a str, kind: &'a str) -> Observed<'a> {
        Observed { product_name: name, version, build, architecture, installation_type: kind, service_pack: "" }
    }

    #[rstest]
    #[case("Windows 10 Pro", "19045", "AMD64", "Client", "Windows 10 Version 22H2 for x64-based Systems")]
    #[case("Windows 10 Pro", "22631", "ARM64", "Client", "Windows 11 Version 23H2 for ARM64-based Systems")]
    #[case("Windows 10 Home", "19044", "X86-based PC", "", "Windows 10 Version 21H2 for 32-bit Systems")]
    #[case("Windows 10 Pro", "10585", "x64-based", "", "Windows 10 for x64-based Systems")]
    #[case("Windows Server 2019 Standard", "17763", "x64", "Server Core", "Windows Server 2019 (Server Core installation)")]
    #[case("Windows Server Standard", "17763", "x64", "Server Core", "Windows Server, Version 1809 (Server Core installation)")]
    #[case("Windows Server 2019 Standard", "17763", "x64", "Server", "Windows Server 2019")]
    #[case("Windows Server", "25398", "x64", "Server Core", "Windows Server 2022, 23H2 Edition (Server Core installation)")]
    fn a_machine_is_one_product(#[case] name: &str, #[case] build: &str, #[case] arch: &str, #[case] kind: &str, #[case] product: &str) {
        assert_eq!(super::product(&observed(name, "10.0", build, arch, kind)).as_deref(), Some(product));
        assert!(is_system(product), "{product}");
        assert_eq!(canonical(product), product);
    }

    #[rstest]
    #[case("Microsoft Windows 7 Enterprise", "6.1", "Service Pack 1", "x64-based PC", "Windows 7 for x64-based Systems Service Pack 1")]
    #[case("Windows Server 2012 R2 Standard", "6.3", "", "x64-based PC", "Windows Server 2012 R2")]
    #[case("Microsoft Windows XP Professional", "5.1", "Service Pack 3", "X86-based PC", "Microsoft Windows XP Service Pack 3")]
    #[case("Microsoft® Windows Vista™ Enterprise", "6.0", "Service Pack 2", "x64-based PC", "Windows Vista x64 Edition Service Pack 2")]
    fn older_releases_spell_it_in_their_own_way(
        #[case] name: &str,
        #[case] version: &str,
        #[case] pack: &str,
        #[case] arch: &str,
        #[case] product: &str,
    ) {
        let told = Observed { service_pack: pack, ..observed(name, version, "", arch, "") };
        assert_eq!(super::product(&told).as_deref(), Some(product));
        assert!(is_system(product), "{product}");
    }

    #[test]
    fn what_is_no_windows_is_none() {
        assert_eq!(product(&observed("Windows 98", "4.10", "2222", "x86", "")), None);
        assert_eq!(product(&observed("Windows 10", "10.0", "nine", "x64", "")), None);
        assert_eq!(product(&observed("Windows 10", "10.0", "19045", "vax", "")), None);
    }

    #[rstest]
    #[case("Windows Admin Center")]
    #[case("Windows Malicious Software Removal Tool 64-bit")]
    #[case("Windows 10")]
    #[case("Windows Terminal for Windows 11")]
    #[case("Windows Server 2022 Azure Edition Core Hotpatch")]
    #[case("Microsoft .NET Framework 4.8 on Windows Server 2019")]
    fn what_runs_on_windows_is_not_the_system(#[case] name: &str) {
        assert!(!is_system(name));
    }

    #[test]
    fn components_name_their_system() {
        assert_eq!(system_of_component("Microsoft .NET Framework 4.8 on Windows Server 2019"), Some("Windows Server 2019"));
        assert_eq!(system_of_component("Microsoft ODBC Driver 18 for SQL Server on Windows"), None);
        assert_eq!(canonical("Windows 11 for x64-based Systems"), canonical("Windows 11 version 21H2 for x64-based Systems"));
        assert_eq!(canonical("Windows Server 2016  (Server Core installation)"), "Windows Server 2016 (Server Core installation)");
    }

    #[rstest]
    #[case("Windows 10 Version 21H2 for x64-based Systems", "10.0.19043.1586", Some("10.0.19044.1586"))]
    #[case("Windows 10 Version 22H2 for x64-based Systems", "10.0.19045.2", Some("10.0.19045.2"))]
    #[case("Windows 10 Version 22H2 for x64-based Systems", "10.0.22621.2", None)]
    #[case("Windows 10 for x64-based Systems", "10.0.10240.5", Some("10.0.10240.5"))]
    #[case("Windows Server 2022, 23H2 Edition (Server Core installation)", "10.0.25398.5", Some("10.0.25398.5"))]
    #[case("Windows Server 2022 (Server Core installation)", "10.0.20348.5", Some("10.0.20348.5"))]
    #[case("Windows Server 2012 R2", "6.3.9600.21765", Some("6.3.9600.21765"))]
    #[case("Windows Server 2012 R2", "1.1", None)]
    #[case("Windows 10 Version 1809 for HoloLens", "4.8.4690.2", None)]
    fn builds_belong_to_their_product(#[case] product: &str, #[case] stated: &str, #[case] build: Option<&str>) {
        let stated = WindowsVersion::parse(stated).expect("a version");
        assert_eq!(build_of(product, stated).map(|build| build.to_string()).as_deref(), build);
    }
}
