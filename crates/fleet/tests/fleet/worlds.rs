//! Rules beside dpkg's: rpm packages, Windows, its applications, and what its update service says.

use crate::made::{inventory, numbered, package, patch};
use fettle_fleet::{Assessment, Assessor, Catalog, Outcome, Revision};
use fettle_model::ids::{PatchId, PatchNo};
use fettle_model::inventory::{Application, Inventory, ReportedUpdate};
use fettle_model::os::{Platform, ReleaseKey};
use fettle_model::patch::Patch;
use fettle_model::rule::{ApplicationName, ApplicationRule, BinaryVersion, ProductBuild, Rule, WindowsRule};
use rstest::rstest;
use std::sync::Arc;

const PRODUCT: &str = "Windows 10 Version 22H2 for x64-based Systems";

/// "missing", "installed" or "nothing" for each patch.
fn say(patches: Vec<Patch>, inventory: &Inventory) -> Vec<&'static str> {
    let numbered = numbered(patches);
    let numbers: Vec<PatchNo> = numbered.iter().map(|(no, _)| *no).collect();
    let assessor = Assessor::new(Arc::new(Catalog::build(1, numbered)));
    let (Assessment::Findings(findings), Some(list)) = assessor.assess_and_keep(inventory) else { panic!("cannot be assessed") };
    assert_eq!(assessor.reassess(&list).as_ref(), Some(&findings), "the list that is kept says something else");
    let said = |no| match (findings.missing.contains(no), findings.installed.contains(no)) {
        (true, _) => "missing",
        (_, true) => "installed",
        _ => "nothing",
    };
    numbers.iter().map(said).collect()
}

fn with(id: &str, rule: Rule) -> Patch {
    Patch { rule, ..patch(id, &[], &[]) }
}

fn rpm(id: &str, packages: &[&str]) -> Patch {
    let entry = |text: &&str| {
        let (name, version) = text.split_once('=').expect("NAME:ARCH=VERSION");
        let (name, architecture) = name.split_once(':').unwrap_or((name, "x86_64"));
        BinaryVersion { name: name.to_owned(), architecture: architecture.to_owned(), version: version.to_owned() }
    };
    with(id, Rule::Rpm { release: ReleaseKey::new("rocky", "9"), packages: packages.iter().map(entry).collect() })
}

fn rocky(packages: &[&str]) -> Inventory {
    let mut host = inventory(packages.iter().map(|text| package(text)).collect());
    host.packages
        .iter_mut()
        .filter(|package| package.architecture == "amd64")
        .for_each(|package| package.architecture = "x86_64".to_owned());
    host.packages.sort_by(|a, b| (&a.name, &a.architecture).cmp(&(&b.name, &b.architecture)));
    host.os.id = "rocky".to_owned();
    (host.os.version, host.os.codename, host.os.architecture) = ("9.4".to_owned(), String::new(), "x86_64".to_owned());
    host
}

#[rstest]
#[case::below(&["bash=0:5.1.8-6.el9"], "missing")]
#[case::the_version(&["bash=0:5.1.8-9.el9"], "installed")]
#[case::an_epoch_counts_first(&["bash=1:4-1"], "installed")]
#[case::a_tilde_is_before(&["bash=0:5.1.8~rc1-9.el9"], "missing")]
#[case::another_package(&["zsh=0:1-1"], "nothing")]
#[case::another_architecture(&["bash:i686=0:5.1.8-6.el9"], "nothing")]
#[case::it_was_noarch(&["bash:noarch=0:5.1.8-6.el9"], "missing")]
#[case::several_kernels_the_newest_counts(&["bash=0:5.1.8-6.el9", "bash=0:5.1.8-9.el9"], "installed")]
#[case::in_any_order(&["bash=0:5.1.8-9.el9", "bash=0:5.1.8-6.el9"], "installed")]
fn rpm_packages_compare_as_rpm_does(#[case] there: &[&str], #[case] said: &str) {
    assert_eq!(say(vec![rpm("P", &["bash=0:5.1.8-9.el9"])], &rocky(there)), [said]);
}

fn windows(build: &str, hotfixes: &[&str]) -> Inventory {
    let mut host = inventory(Vec::new());
    host.os.platform = Platform::Windows;
    host.os.id = "windows".to_owned();
    host.os.name = "Microsoft Windows 10 Pro".to_owned();
    (host.os.version, host.os.codename, host.os.architecture) = (build.to_owned(), PRODUCT.to_owned(), "x64".to_owned());
    host.windows.hotfixes = hotfixes.iter().map(|&hotfix| hotfix.to_owned()).collect();
    host
}

fn update(kb: &str, build: Option<&str>, supersedes: &[&str]) -> Patch {
    let product = |product: &str| ProductBuild { product: product.to_owned(), build: build.map(str::to_owned) };
    let rule = Rule::Windows(WindowsRule { products: vec![product(PRODUCT), product("Windows 11")], kb: Some(kb.to_owned()) });
    Patch { supersedes: supersedes.iter().map(|&id| PatchId(id.to_owned())).collect(), ..with(kb, rule) }
}

#[rstest]
#[case::nothing_of_it("10.0.19045.1", &[], ["missing", "missing", "missing"])]
#[case::a_higher_build_has_all_with_a_build("10.0.19045.300", &[], ["installed", "missing", "installed"])]
#[case::between("10.0.19045.150", &[], ["installed", "missing", "missing"])]
#[case::its_own_article("10.0.19045.1", &["KB2"], ["installed", "installed", "missing"])]
#[case::an_article_that_replaces_over_another("10.0.19045.1", &["kb3"], ["installed", "installed", "installed"])]
#[case::a_build_of_another_release_proves_nothing("10.0.22000.900", &[], ["missing", "missing", "missing"])]
fn a_system_has_what_its_build_or_its_updates_say(#[case] build: &str, #[case] hotfixes: &[&str], #[case] said: [&str; 3]) {
    let patches =
        vec![update("KB1", Some("10.0.19045.100"), &[]), update("KB2", None, &["KB1"]), update("KB3", Some("10.0.19045.200"), &["KB2"])];
    assert_eq!(say(patches, &windows(build, hotfixes)), said);
}

#[test]
fn another_product_has_nothing_to_do_with_it() {
    let mut host = windows("10.0.14393.1", &[]);
    host.os.codename = "Windows Server 2016".to_owned();
    assert_eq!(say(vec![update("KB1", Some("10.0.19045.100"), &[])], &host), ["nothing"]);
}

fn application(name: &str, version: &str, architecture: &str, code: &str) -> Application {
    Application {
        name: name.to_owned(),
        publisher: "Igor Pavlov".to_owned(),
        version: version.to_owned(),
        architecture: architecture.to_owned(),
        product_code: code.to_owned(),
        ..Application::default()
    }
}

#[rstest]
#[case::by_code(application("Something else", "24.09", "x64", "7-ZIP"), "missing")]
#[case::by_name(application("7-zip", "24.09", "x64", "{1}"), "missing")]
#[case::new_enough(application("7-Zip", "25.01.00.0", "x64", "7-Zip"), "installed")]
#[case::another_architecture(application("7-Zip", "24.09", "x86", "7-Zip"), "nothing")]
#[case::nobody_knows_which_architecture(application("7-Zip", "24.09", "", "7-Zip"), "missing")]
#[case::no_version(application("7-Zip", "", "x64", "7-Zip"), "nothing")]
#[case::something_else(application("8-Zip", "24.09", "x64", "8-Zip"), "nothing")]
fn applications_are_told_by_codes_and_names(#[case] there: Application, #[case] said: &str) {
    let names = vec![ApplicationName { name: "7-Zip".to_owned(), publisher: "Igor Pavlov".to_owned() }];
    let rule = ApplicationRule {
        product_codes: vec!["7-Zip".to_owned()],
        names,
        architecture: "x64".to_owned(),
        version: "25.01".to_owned(),
        ..ApplicationRule::default()
    };
    let mut host = windows("10.0.19045.1", &[]);
    host.windows.applications = vec![there];
    assert_eq!(say(vec![with("P", Rule::Application(rule))], &host), [said]);
}

#[test]
fn of_two_packages_of_one_name_the_code_says_which_is_installed() {
    let rule = |code: &str, version: &str| {
        let names = vec![ApplicationName { name: "7-Zip".to_owned(), publisher: "Igor Pavlov".to_owned() }];
        let (product_codes, version) = (vec![code.to_owned()], version.to_owned());
        Rule::Application(ApplicationRule { product_codes, names, version, ..ApplicationRule::default() })
    };
    let patches = || vec![with("CURRENT", rule("{current}", "30")), with("LONG-TERM", rule("{long-term}", "25"))];
    let mut host = windows("10.0.19045.1", &[]);
    host.windows.applications = vec![application("7-Zip", "25", "x64", "{long-term}")];
    assert_eq!(say(patches(), &host), ["nothing", "installed"]);
    host.windows.applications = vec![application("7-Zip", "25", "x64", "{unknown}")];
    assert_eq!(say(patches(), &host), ["missing", "installed"]);
}

/// An application that a patch already there tells by its code is not told by the name that a new patch has for it: what a
/// new catalog means is what assessing anew says.
#[test]
fn a_new_patch_of_an_application_is_judged_among_all() {
    let names = vec![ApplicationName { name: "7-Zip".to_owned(), publisher: "Igor Pavlov".to_owned() }];
    let version = "25.01".to_owned();
    let by_code = ApplicationRule { product_codes: vec!["7-Zip".to_owned()], version: version.clone(), ..ApplicationRule::default() };
    let by_name = ApplicationRule { names, version, ..ApplicationRule::default() };
    let patches = vec![with("code", Rule::Application(by_code)), with("name", Rule::Application(by_name))];
    let mut host = windows("10.0.19045.1", &[]);
    host.windows.applications = vec![application("7-Zip", "24.09", "x64", "7-Zip")];
    assert_eq!(say(patches.clone(), &host), ["missing", "nothing"]);
    let all = numbered(patches);
    let old = Arc::new(Catalog::build(1, all[..1].to_vec()));
    let new = Arc::new(Catalog::build(2, all));
    let before = Assessor::new(Arc::clone(&old));
    let list = before.assess_and_keep(&host).1.expect("there is room");
    let outcomes = Revision::between(&old, &new).outcomes(before.software());
    assert_eq!(outcomes.of(&list), Outcome::Anew);
}

#[test]
fn the_update_service_is_believed() {
    let reported = |id: &str| with(id, Rule::Reported { update: id.to_owned() });
    let mut host = windows("10.0.19045.1", &[]);
    let update = |id: &str, installed| ReportedUpdate { id: id.to_owned(), installed };
    host.windows.updates = vec![update("a", true), update("b", false)];
    assert_eq!(say(vec![reported("a"), reported("b"), reported("c")], &host), ["installed", "missing", "nothing"]);
}
