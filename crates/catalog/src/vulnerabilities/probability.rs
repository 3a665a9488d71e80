//! The Exploit Prediction Scoring System: for every published vulnerability the probability that it is exploited within
//! 30 days.
//!
//! Format: <https://www.first.org/epss/data_stats>: a comment with model and day, a line with the names of the columns,
//! then a line for each CVE. Columns are found by name, so that a list with more of them can be read too.

use super::{List, ListError, MAX_FACTS, text};
use fettle_model::vulnerability::{VulnerabilityFacts, is_cve};
use std::collections::BTreeMap;

/// A million: probabilities are kept in millionths, one digit more than they are published with.
const WHOLE: f64 = 1_000_000.0;

/// Reads all scores of a day. Lines that cannot be read are left out with a warning, unless there is nothing else.
///
/// # Errors
/// When it is no such list, is damaged or larger than any real one.
pub fn read_probabilities(bytes: &[u8]) -> Result<List, ListError> {
    let text = text::text(bytes)?;
    let about = text.lines().take_while(|line| line.starts_with('#')).next().unwrap_or_default();
    let version = super::bounded(about.trim_start_matches('#'), 128);
    let mut lines = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let names = lines.headers().map_err(|_| ListError::Columns)?;
    let column = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted)).ok_or(ListError::Columns);
    let (cve, epss) = (column("cve")?, column("epss")?);
    let mut scores: BTreeMap<String, u32> = BTreeMap::new();
    let mut odd = 0_usize;
    for (number, line) in lines.into_records().enumerate() {
        if number >= MAX_FACTS {
            return Err(ListError::TooMany(MAX_FACTS));
        }
        let read = line.ok().and_then(|line| Some((id(line.get(cve)?)?, millionths(line.get(epss)?)?)));
        let Some((cve, score)) = read else {
            odd += 1;
            continue;
        };
        scores.entry(cve).and_modify(|before| *before = score.max(*before)).or_insert(score);
    }
    if scores.is_empty() {
        return Err(ListError::Empty);
    }
    let warnings = if odd > 0 { vec![format!("{odd} lines without a CVE id or a probability were left out")] } else { Vec::new() };
    let facts = scores.into_iter().map(|(cve, score)| VulnerabilityFacts { cve, epss_ppm: Some(score), ..VulnerabilityFacts::default() });
    Ok(List { version, facts: facts.collect(), warnings })
}

fn id(text: &str) -> Option<String> {
    let id = text.to_ascii_uppercase();
    is_cve(&id).then_some(id)
}

/// A probability in millionths; `None` for what is none.
fn millionths(text: &str) -> Option<u32> {
    let probability: f64 = text.parse().ok()?;
    // Within these bounds the conversion is exact.
    (0.0..=1.0).contains(&probability).then_some((probability * WHOLE).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOME: &[u8] = include_bytes!("../../tests/vulnerabilities/probabilities.csv");

    #[test]
    fn all_scores_of_a_day_are_read() {
        let list = read_probabilities(SOME).expect("fine");
        assert_eq!(list.version, "model_version:v2023.03.01,score_date:2024-05-06T00:00:00+0000");
        let read: Vec<(&str, Option<u32>)> = list.facts.iter().map(|facts| (facts.cve.as_str(), facts.epss_ppm)).collect();
        assert_eq!(read, [("CVE-1999-0001", Some(12_300)), ("CVE-2023-1111", Some(973_540)), ("CVE-2023-2222", Some(43))]);
        assert_eq!(list.warnings, ["3 lines without a CVE id or a probability were left out"]);
    }

    #[test]
    fn a_list_with_other_columns_is_read_by_their_names() {
        let list = read_probabilities(b"CVE,CVSS3,EPSS,EPSS Percentile,Description\nCVE-2024-0001,,0.5,0.9,\"a, b\nc\"\n").expect("fine");
        assert_eq!((list.facts.len(), list.facts[0].epss_ppm), (1, Some(500_000)));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for foreign in ["", "# nothing", "<html></html>", "cve,score\nCVE-2024-0001,0.1\n"] {
            assert!(matches!(read_probabilities(foreign.as_bytes()), Err(ListError::Columns)), "{foreign}");
        }
        assert!(matches!(read_probabilities(b"cve,epss\n"), Err(ListError::Empty)));
        for number in ["nan", "inf", "-0.1", "1.1", ""] {
            let text = format!("cve,epss\nCVE-2024-0001,{number}\n");
            assert!(matches!(read_probabilities(text.as_bytes()), Err(ListError::Empty)), "{number}");
        }
    }

    proptest! {
        #[test]
        fn published_digits_are_kept(hundred_thousandths in 0..=100_000_u32) {
            let text = format!("{}.{:05}", hundred_thousandths / 100_000, hundred_thousandths % 100_000);
            prop_assert_eq!(millionths(&text), Some(hundred_thousandths * 10));
        }
    }
}
