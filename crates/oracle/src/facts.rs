//! Lists of what is said of vulnerabilities, read here in a second way: the same vulnerabilities with the same values.

use crate::data::{Data, entries, name};
use crate::report::Report;
use anyhow::{Context, Result};
use fettle_catalog::vulnerabilities::{List, ListError, read_exploited, read_probabilities};
use fettle_model::vulnerability::VulnerabilityFacts;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Values of each vulnerability, as texts to be compared.
pub(crate) type Values = BTreeMap<String, String>;

/// The list of known exploited vulnerabilities.
pub(crate) fn exploited(data: &Data) -> Result<Report> {
    judge(data, "kev", "known_exploited", &Reading { product: read_exploited, told: told_exploited, here: exploited_here })
}

/// Probabilities of exploitation.
pub(crate) fn probabilities(data: &Data) -> Result<Report> {
    judge(data, "epss", "epss", &Reading { product: read_probabilities, told: told_probability, here: probabilities_here })
}

/// Two ways to read one kind of list.
struct Reading {
    product: fn(&[u8]) -> std::result::Result<List, ListError>,
    /// What the product read, in the words of the second way.
    told: fn(&VulnerabilityFacts) -> String,
    here: fn(&[u8]) -> Result<Values>,
}

fn judge(data: &Data, kind: &'static str, beginning: &str, reading: &Reading) -> Result<Report> {
    let mut report = Report::new(kind);
    for path in entries(&data.folder(kind).context("the folder is there")?)? {
        let Some(file) = name(&path).filter(|name| name.starts_with(beginning)) else { continue };
        let bytes = data.bytes(&path)?;
        let list = (reading.product)(&bytes).with_context(|| format!("{file} was refused"))?;
        let ours: Values = list.facts.iter().map(|facts| (facts.cve.clone(), (reading.told)(facts))).collect();
        let theirs = (reading.here)(&bytes).with_context(|| format!("cannot read {file}"))?;
        same_values(file, &ours, &theirs, &mut report);
    }
    Ok(report)
}

pub(crate) fn told_exploited(facts: &VulnerabilityFacts) -> String {
    let kev = facts.kev.unwrap_or_default();
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    format!("{} until {}, {}, {}", day(kev.added), day(kev.due), kev.ransomware, facts.title.as_deref().unwrap_or_default())
}

fn exploited_here(bytes: &[u8]) -> Result<Values> {
    let list: Value = serde_json::from_slice(bytes)?;
    let entries = list["vulnerabilities"].as_array().context("it has no vulnerabilities")?;
    Ok(entries.iter().map(exploited_entry).collect())
}

/// The id and values of an entry of the list.
pub(crate) fn exploited_entry(entry: &Value) -> (String, String) {
    let text = |field: &str| entry[field].as_str().unwrap_or_default().trim().to_owned();
    let is_known = text("knownRansomwareCampaignUse") == "Known";
    (text("cveID"), format!("{} until {}, {is_known}, {}", text("dateAdded"), text("dueDate"), text("vulnerabilityName")))
}

/// Two readings of one list: the same vulnerabilities with the same values.
pub(crate) fn same_values(file: &str, ours: &Values, theirs: &Values, report: &mut Report) {
    for cve in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        let (our, their) = (ours.get(cve), theirs.get(cve));
        report.same(our == their, || format!("{file} says of {cve} {their:?}, here {our:?}"));
    }
}

pub(crate) fn told_probability(facts: &VulnerabilityFacts) -> String {
    format!("{:07}", facts.epss_ppm.unwrap_or_default())
}

/// Without numbers in binary: the digits of a probability are put in their places as text.
pub(crate) fn probabilities_here(bytes: &[u8]) -> Result<Values> {
    let mut lines = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
    let names = lines.byte_headers()?.clone();
    let column = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted.as_bytes()));
    let (cve, epss) = column("cve").zip(column("epss")).context("it has no columns for ids and probabilities")?;
    let mut values = Values::new();
    for line in lines.byte_records() {
        let line = line?;
        let text = |at: usize| String::from_utf8_lossy(line.get(at).unwrap_or_default()).trim().to_owned();
        let probability = text(epss);
        let (whole, digits) = probability.split_once('.').unwrap_or((&probability, ""));
        if !probability.is_empty() {
            // Of two lines about one vulnerability the higher counts.
            let told = format!("{whole}{digits:0<6}");
            let kept = values.entry(text(cve)).or_default();
            *kept = told.max(std::mem::take(kept));
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_reading_give_the_same_digits() {
        let list = b"CVE,CVSS3,EPSS,Description\nCVE-2024-0001,,0.00014,\"a, \xff\"\nCVE-2024-0002,9,1,b\nCVE-2024-0003,9,0.97,b\n";
        let ours = read_probabilities(list).expect("read");
        let told: Values = ours.facts.iter().map(|facts| (facts.cve.clone(), told_probability(facts))).collect();
        assert_eq!(told, probabilities_here(list).expect("read"));
    }
}
