//! A decision in plain sentences.

use super::{Decision, Judged, JudgedBy, NotApplicable, ScanEvidence, Why};
use fettle_model::asset::ScanStatus;
use fettle_model::finding::FindingStatus;

/// Most packages told one by one; the data has all of them.
const MOST_PACKAGES: usize = 20;

/// The conclusion, then what led to it.
pub(super) fn tell(why: &Why, asset: &str) -> Vec<String> {
    let mut told = vec![conclusion(why, asset)];
    // Those below decide; the others only show that they were looked at.
    let (below, others): (Vec<&Judged>, Vec<&Judged>) = why.judged.iter().partition(|judged| judged.below == Some(true));
    told.extend(below.iter().chain(&others).take(MOST_PACKAGES).map(|judged| compared(judged)));
    if why.judged.len() > MOST_PACKAGES {
        told.push(format!("{} more packages were compared.", why.judged.len() - MOST_PACKAGES));
    }
    told.extend(below.iter().filter(|judged| judged.held).map(|judged| held(judged)));
    told.extend(superseded(why));
    told.extend(switched_off(why));
    told.extend(baseline(why));
    told.push(scan(&why.evidence, asset));
    told.extend(doubt(why, asset));
    told.extend(lists(why));
    told
}

fn conclusion(why: &Why, asset: &str) -> String {
    let patch = &why.patch;
    match &why.decision {
        Decision::Missing => {
            let below = why.judged.iter().filter(|judged| judged.below == Some(true)).count();
            format!("{asset} misses {patch}: {} below the version that has the fix.", of_all(below, why.judged.len()))
        }
        Decision::Installed => format!("{asset} has {patch}: no package it speaks of is below the version that has the fix."),
        Decision::NotApplicable { because } => format!("{patch} makes no finding on {asset}: {}.", not_applicable(because)),
    }
}

/// "one package it speaks of is", "2 of 5 packages it speaks of are".
fn of_all(some: usize, all: usize) -> String {
    match (some, all) {
        (1, 1) => "the one package it speaks of is".to_owned(),
        (1, all) => format!("1 of the {all} packages it speaks of is"),
        (some, all) if some == all => format!("all {all} packages it speaks of are"),
        (some, all) => format!("{some} of the {all} packages it speaks of are"),
    }
}

fn not_applicable(because: &NotApplicable) -> String {
    match because {
        NotApplicable::Unsupported { why } => why.clone(),
        NotApplicable::Disabled => "the patch is switched off".to_owned(),
        NotApplicable::OtherRelease { wanted, found } => format!("it is made for {wanted}, and the asset runs {found}"),
        NotApplicable::NothingPresent => "no package it speaks of is installed".to_owned(),
        NotApplicable::UnreadableVersions => "the installed packages it speaks of have versions that cannot be compared".to_owned(),
        NotApplicable::Baseline => "it is what the release was published with, and it is there".to_owned(),
    }
}

fn compared(judged: &Judged) -> String {
    let Judged { name, architecture, installed, fixed, .. } = judged;
    let what = match &judged.by {
        JudgedBy::Binary { .. } => format!("{name} ({architecture}) {installed}"),
        JudgedBy::Source { source } => format!("{name} ({architecture}), built from {source} {installed},"),
        JudgedBy::Application if architecture.is_empty() => format!("{name} {installed}"),
        JudgedBy::Application => format!("{name} ({architecture}) {installed}"),
        JudgedBy::System => return system(judged),
        JudgedBy::UpdateService => return update(judged),
    };
    match judged.below {
        Some(true) => format!("{what} is below {fixed}."),
        Some(false) => format!("{what} is not below {fixed}."),
        None => format!("{what} cannot be compared with {fixed}, because it is not a version."),
    }
}

fn system(judged: &Judged) -> String {
    let Judged { name, installed, fixed, .. } = judged;
    match judged.below {
        Some(true) => format!("{name}, build {installed}, does not have {fixed}, nor an update that replaces it."),
        _ => format!("{name}, build {installed}, has {fixed}, or an update that replaces it."),
    }
}

fn update(judged: &Judged) -> String {
    match judged.below {
        Some(true) => format!("The machine's update service offers {}.", judged.name),
        _ => format!("The machine's update service lists {} as installed.", judged.name),
    }
}

fn held(judged: &Judged) -> String {
    format!("{} ({}) is held on the machine, so jobs leave it as it is until the hold is taken away.", judged.name, judged.architecture)
}

fn superseded(why: &Why) -> Option<String> {
    let first = why.superseded_by.first()?;
    let latest: Vec<&str> =
        why.superseded_by.iter().filter(|successor| successor.latest && successor.enabled).map(|s| s.id.as_str()).collect();
    if !why.superseded {
        return Some(format!("{} would replace it, and is switched off.", first.id));
    }
    let newest = match latest.as_slice() {
        [only] if *only == first.id.as_str() && why.superseded_by.len() == 1 => String::new(),
        [] => String::new(),
        [only] => format!("; the latest of {} that do is {only}", why.superseded_by.len()),
        [one, ..] => format!("; {} patches do in all, the latest among them is {one}", why.superseded_by.len()),
    };
    Some(format!("{} replaces it{newest}.", first.id))
}

/// Said only when something else was the reason given.
fn switched_off(why: &Why) -> Option<String> {
    let said = why.decision == Decision::NotApplicable { because: NotApplicable::Disabled };
    (why.disabled && !said).then(|| "The patch is switched off.".to_owned())
}

fn baseline(why: &Why) -> Option<String> {
    (why.baseline && why.decision == Decision::Missing)
        .then(|| "It is what the release was published with: it can be missing, but having it counts for nothing.".to_owned())
}

fn scan(evidence: &ScanEvidence, asset: &str) -> String {
    let error = evidence.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
    let Some(at) = evidence.last_scan else { return format!("{asset} has not been scanned successfully{error}.") };
    match evidence.status {
        ScanStatus::Scanned => format!("The scan of {at} shows this."),
        ScanStatus::Scanning => format!("The scan of {at} shows this; a new one was asked for."),
        ScanStatus::NeverScanned => format!("The inventory of {at} shows this."),
        ScanStatus::ScanFailed => format!("The last scan failed{error}; the one of {at} shows this."),
        ScanStatus::Unsupported => format!("The scan of {at} could not be assessed{error}."),
        ScanStatus::Stale => format!("The scan of {at} shows this, and no newer one has come for three intervals."),
    }
}

/// Old evidence proves what is missing, not that nothing is.
fn doubt(why: &Why, asset: &str) -> Option<String> {
    if why.evidence.fresh {
        return None;
    }
    Some(match why.decision {
        Decision::Missing => format!("Whether {asset} still misses it is not sure before its next scan."),
        Decision::Installed | Decision::NotApplicable { .. } => {
            format!("Because the evidence is not fresh, lists treat {asset} as unknown, not as compliant.")
        }
    })
}

fn lists(why: &Why) -> Option<String> {
    if why.listed == why.decision.finding() {
        return None;
    }
    let shown = match why.listed {
        Some(FindingStatus::Missing) => "missing",
        Some(FindingStatus::Installed) => "installed",
        None => "not applicable",
    };
    Some(format!("Lists show it as {shown} until the asset has been assessed by the current catalog."))
}
