//! Plays the scenarios in `tests/scenarios/`, whose format its README describes.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests stop where the test cannot go on")]

use fettle_deploy::job::{AssetSelection, Definition, JobKind, Options, Schedule, TagMatch};
use fettle_deploy::plan::{Facts, Owner, PatchOnAsset, Plan, PlanAsset, PlanInput, PlanPatch, plan};
use fettle_deploy::run::PackageChange;
use fettle_model::access::{Role, Scope};
use fettle_model::asset::ScanStatus;
use fettle_model::ids::{AssetId, PatchId, TagId};
use fettle_model::patch::Reboot;
use fettle_model::rule::BinaryVersion;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::path::Path;
use uuid::Uuid;

/// Ids are made from names, so that a scenario speaks in names alone.
fn named(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, letter) in bytes.iter_mut().zip(name.bytes()) {
        *byte = letter;
    }
    Uuid::from_bytes(bytes)
}

fn name_of(id: Uuid) -> String {
    String::from_utf8_lossy(id.as_bytes()).trim_end_matches('\0').to_owned()
}

struct Scenario {
    definition: Definition,
    owner: Option<(Role, bool, Scope)>,
    patches: Vec<PlanPatch>,
    assets: Vec<PlanAsset>,
    facts: Told,
}

#[derive(Default)]
struct Told {
    everywhere: HashMap<PatchId, PatchOnAsset>,
    here: HashMap<(AssetId, PatchId), PatchOnAsset>,
}

impl Facts for Told {
    fn patch_on(&self, asset: AssetId, patch: &PatchId) -> PatchOnAsset {
        let here = self.here.get(&(asset, patch.clone()));
        here.or_else(|| self.everywhere.get(patch)).cloned().unwrap_or(PatchOnAsset::NotApplicable)
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn tags(text: &str) -> BTreeSet<TagId> {
    list(text).map(|name| TagId(named(name))).collect()
}

fn assets(text: &str) -> BTreeSet<AssetId> {
    list(text).map(|name| AssetId(named(name))).collect()
}

fn read(given: &str) -> Scenario {
    let definition = Definition {
        name: "scenario".to_owned(),
        description: String::new(),
        kind: JobKind::Install,
        patches: Vec::new(),
        assets: AssetSelection::default(),
        schedule: Some(Schedule::OnDemand),
        options: Options::default(),
    };
    let mut scenario = Scenario { definition, owner: None, patches: Vec::new(), assets: Vec::new(), facts: Told::default() };
    for line in given.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(fact) = line.strip_prefix("  ") {
            let (patch, found) = read_fact(fact);
            let asset = scenario.assets.last().expect("a fact belongs to the asset above it").id;
            scenario.facts.here.insert((asset, patch), found);
        } else {
            read_line(line, &mut scenario);
        }
    }
    scenario
}

fn read_line(line: &str, scenario: &mut Scenario) {
    let (head, rest) = line.split_once(':').unwrap_or((line, ""));
    let (head, rest) = (head.trim(), rest.trim());
    let selection = &mut scenario.definition.assets;
    match head {
        "job" => {
            let (kind, patches) = rest.split_once(' ').expect("kind and patches");
            scenario.definition.kind = kind.parse().expect("install or uninstall");
            scenario.definition.patches = list(patches).map(|id| PatchId(id.to_owned())).collect();
        }
        "assets with any of" => (selection.include_tags, selection.include_match) = (tags(rest), TagMatch::Any),
        "assets with all of" => (selection.include_tags, selection.include_match) = (tags(rest), TagMatch::All),
        "without any of" => (selection.exclude_tags, selection.exclude_match) = (tags(rest), TagMatch::Any),
        "without all of" => (selection.exclude_tags, selection.exclude_match) = (tags(rest), TagMatch::All),
        "also" => selection.include_assets = assets(rest),
        "never" => selection.exclude_assets = assets(rest),
        "owner" => scenario.owner = read_owner(rest),
        "everywhere" => {
            let (patch, found) = read_fact(rest);
            scenario.facts.everywhere.insert(patch, found);
        }
        _ => match head.split_once(' ') {
            Some(("patch", id)) => scenario.patches.push(read_patch(id, rest)),
            Some(("asset", head)) => scenario.assets.push(read_asset(head, rest)),
            _ => panic!("what is {line:?}?"),
        },
    }
}

fn read_owner(text: &str) -> Option<(Role, bool, Scope)> {
    let (role, seen) = text.split_once(" sees ")?;
    let (seen, disabled) = seen.strip_suffix(", disabled").map_or((seen, false), |seen| (seen, true));
    let scope = if seen == "everything" { Scope::Everything } else { Scope::Tags(tags(seen)) };
    Some((role.parse().expect("a role"), disabled, scope))
}

fn read_patch(id: &str, text: &str) -> PlanPatch {
    PlanPatch {
        id: PatchId(id.to_owned()),
        title: format!("title of {id}"),
        reboot: if text.contains("needs restart") { Reboot::Maybe } else { Reboot::Never },
        enabled: !text.contains("switched off"),
        deployable: !text.contains("from vendor"),
        superseded_by: text.strip_prefix("superseded by ").map(|id| PatchId(id.to_owned())),
    }
}

fn read_asset(head: &str, state: &str) -> PlanAsset {
    let (name, carried) = head.split_once(" [").expect("a name and tags in brackets");
    let scan_status = match state {
        "never scanned" => ScanStatus::NeverScanned,
        "unsupported" => ScanStatus::Unsupported,
        "stale" => ScanStatus::Stale,
        "scan failed" => ScanStatus::ScanFailed,
        _ => ScanStatus::Scanned,
    };
    PlanAsset {
        id: AssetId(named(name)),
        name: name.to_owned(),
        tags: tags(carried.trim_end_matches(']')),
        scan_status,
        assess_only: state == "assess only",
        revoked: state == "revoked",
        busy_with: state.strip_prefix("busy with ").map(str::to_owned),
    }
}

/// `P1 missing NAME=VERSION… held NAME…`, `P1 installed back … recorded … held …`, `P1 not applicable`.
fn read_fact(text: &str) -> (PatchId, PatchOnAsset) {
    let mut words = text.split_whitespace();
    let patch = PatchId(words.next().expect("a patch").to_owned());
    let what = words.next().expect("what it is");
    let mut parts: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut part = what;
    for word in words {
        match word {
            "back" | "recorded" | "held" => part = word,
            _ => parts.entry(part).or_default().push(word),
        }
    }
    let packages = |part: &str| parts.get(part).into_iter().flatten().map(|word| read_package(word)).collect::<Vec<_>>();
    let held = parts.get("held").into_iter().flatten().map(|name| (*name).to_owned()).collect();
    let found = match what {
        "not" => PatchOnAsset::NotApplicable,
        "missing" => PatchOnAsset::Missing { packages: packages("missing"), held },
        "installed" => {
            let change = |package: BinaryVersion| PackageChange {
                name: package.name,
                architecture: package.architecture,
                from: package.version,
                to: "new".to_owned(),
            };
            let recorded = packages("recorded").into_iter().map(change).collect();
            PatchOnAsset::Installed { recorded, rollback: packages("back"), held }
        }
        _ => panic!("what is {text:?}?"),
    };
    (patch, found)
}

fn read_package(word: &str) -> BinaryVersion {
    let (name, version) = word.split_once('=').expect("NAME=VERSION");
    let (name, architecture) = name.split_once(':').unwrap_or((name, "amd64"));
    BinaryVersion { name: name.to_owned(), architecture: architecture.to_owned(), version: version.to_owned() }
}

fn write(plan: &Plan) -> String {
    let mut text = String::new();
    for asset in &plan.assets {
        let mut margin = format!("{}:", asset.name);
        for patch in &asset.patches {
            let _ = write!(text, "{margin} {} {}", patch.patch, patch.status);
            margin = " ".repeat(margin.len());
            for package in &patch.packages {
                let _ = write!(text, " {}:{}={}", package.name, package.architecture, package.version);
            }
            if let Some(note) = patch.note {
                let _ = write!(text, " ({note})");
            }
            if !patch.held.is_empty() {
                let _ = write!(text, " held {}", patch.held.join(" "));
            }
            if patch.reboot != Reboot::Never {
                let _ = write!(text, " (restart {})", patch.reboot);
            }
            text.push('\n');
        }
    }
    for left in &plan.left_out {
        let _ = writeln!(text, "{} left out: {}", name_of(left.asset.0), left.reason);
    }
    text
}

fn play(scenario: &Scenario) -> String {
    let owner = scenario.owner.as_ref().map(|(role, disabled, scope)| Owner { role: *role, disabled: *disabled, scope });
    let input =
        PlanInput { definition: &scenario.definition, owner, assets: &scenario.assets, patches: &scenario.patches, facts: &scenario.facts };
    plan(&input).map_or_else(|cannot| format!("cannot run: {cannot}\n"), |plan| write(&plan))
}

#[test]
fn every_scenario_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut played = 0;
    let mut wrong = String::new();
    for file in std::fs::read_dir(folder).expect("the folder of scenarios") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a scenario");
        let (given, expected) = text.split_once("\n---\n").expect("a line --- between what is given and the plan");
        let got = play(&read(given));
        played += 1;
        if got != expected {
            let _ = write!(wrong, "== {}: expected\n{expected}== but got\n{got}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(played >= 9, "only {played} scenarios were found");
}

#[test]
fn a_plan_does_not_depend_on_being_made_before() {
    let text = include_str!("scenarios/specification-example.txt");
    let scenario = read(text.split_once("\n---\n").expect("two parts").0);
    assert_eq!(play(&scenario), play(&scenario));
}

#[test]
fn an_incomplete_job_cannot_run() {
    let text = include_str!("scenarios/specification-example.txt");
    let mut scenario = read(text.split_once("\n---\n").expect("two parts").0);
    scenario.definition.schedule = None;
    assert!(play(&scenario).starts_with("cannot run: the job is only partially configured"));
}
