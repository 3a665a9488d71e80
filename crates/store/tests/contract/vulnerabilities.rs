//! What feeds say of vulnerabilities.

use crate::world::{World, contract, patch};
use fettle_model::patch::{KnownExploited, Patch, Scores};
use fettle_model::vulnerability::{Exploited, VulnerabilityFacts};
use fettle_store::{FactsReport, ImportNote, StoreError};
use jiff::civil::date;

fn note(world: &World) -> ImportNote {
    ImportNote { now: world.now(), warnings: vec!["a line was left out".to_owned()] }
}

fn probable(cve: &str, epss_ppm: u32) -> VulnerabilityFacts {
    VulnerabilityFacts { cve: cve.to_owned(), epss_ppm: Some(epss_ppm), ..VulnerabilityFacts::default() }
}

fn exploited(cve: &str, day: i8) -> VulnerabilityFacts {
    let kev = Exploited { added: Some(date(2024, 4, 1)), due: Some(date(2024, 5, day)), ransomware: true };
    VulnerabilityFacts { cve: cve.to_owned(), title: Some("A 'quoted' title".to_owned()), kev: Some(kev), ..VulnerabilityFacts::default() }
}

fn fixing(id: &str, cves: &[&str]) -> Patch {
    Patch { cves: cves.iter().map(|&cve| cve.to_owned()).collect(), ..patch(id, id) }
}

fn some(cves: &[&str]) -> Vec<String> {
    cves.iter().map(|&cve| cve.to_owned()).collect()
}

contract! {
    async fn facts_come_back_put_together(world: &World) {
        let (list, scores) = (world.feed("exploited").await, world.feed("probabilities").await);
        assert_eq!(world.store.facts_generation().await.expect("answers"), 0);
        let one = exploited("CVE-2024-0001", 9);
        let report = world.store.replace_facts(list, std::slice::from_ref(&one), &note(world)).await.expect("stored");
        assert_eq!(report, FactsReport { generation: 1, added: 1, total: 1, ..FactsReport::default() });
        let said = [probable("CVE-2024-0001", 970_000), probable("CVE-2024-0002", 43)];
        world.store.replace_facts(scores, &said, &note(world)).await.expect("stored");
        let found = world.store.facts(&some(&["CVE-2024-0002", "CVE-2024-0001", "CVE-2024-0003"])).await.expect("answers");
        assert_eq!(found, [VulnerabilityFacts { epss_ppm: Some(970_000), ..one.clone() }, said[1].clone()]);
        let state = world.store.feed(scores).await.expect("answers").expect("is there").state;
        assert_eq!((state.facts, state.patches, state.added, state.warnings.len(), state.requested), (2, 0, 2, 1, false));
        world.store.delete_feed(scores, &world.audit("feed.delete")).await.expect("removed");
        assert_eq!(world.store.facts(&some(&["CVE-2024-0001", "CVE-2024-0002"])).await.expect("answers"), [one]);
        assert_eq!(world.store.facts_generation().await.expect("answers"), 3);
        let gone = world.store.replace_facts(scores, &said, &note(world)).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "feed" })));
    }

    async fn only_differences_count(world: &World) {
        let feed = world.feed("probabilities").await;
        let first: Vec<_> = (0..12_345).map(|number| probable(&format!("CVE-2024-{number:05}"), number)).collect();
        let report = world.store.replace_facts(feed, &first, &note(world)).await.expect("stored");
        assert_eq!((report.added, report.total), (12_345, 12_345));
        let same = world.store.replace_facts(feed, &first, &note(world)).await.expect("stored");
        assert_eq!(same, FactsReport { generation: 1, total: 12_345, ..FactsReport::default() });
        let mut second = first[..12_000].to_vec();
        second[7].epss_ppm = Some(1_000_000);
        second.push(probable("CVE-1999-0001", 5));
        let report = world.store.replace_facts(feed, &second, &note(world)).await.expect("stored");
        assert_eq!(report, FactsReport { generation: 2, added: 1, changed: 1, removed: 345, total: 12_001 });
        let cves: Vec<String> = first.iter().map(|facts| facts.cve.clone()).collect();
        assert_eq!(world.store.facts(&cves).await.expect("answers"), second[..12_000]);
    }

    async fn patches_are_scored_by_the_worst_they_fix(world: &World) {
        let (feed, list) = (world.feed("patches").await, world.feed("exploited").await);
        let rated = Scores { cvss_tenths: Some(81), epss_ppm: Some(7), ..Scores::default() };
        let patches = [
            Patch { scores: rated.clone(), ..fixing("a", &["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"]) },
            fixing("b", &["CVE-2024-0003"]),
        ];
        world.store.apply_import(feed, &patches, &note(world)).await.expect("imported");
        let before = world.store.catalog().await.expect("answers");
        assert_eq!((before.facts, &before.patches[0].1), (0, &patches[0]));
        let said = [exploited("CVE-2024-0001", 9), VulnerabilityFacts { epss_ppm: Some(40), ..exploited("CVE-2024-0002", 3) }];
        world.store.replace_facts(list, &said, &note(world)).await.expect("stored");
        let after = world.store.catalog().await.expect("answers");
        assert_eq!((after.generation, after.facts), (before.generation, 1), "nobody is judged anew");
        let known = KnownExploited { due: Some(date(2024, 5, 3)) };
        assert_eq!(after.patches[0].1.scores, Scores { epss_ppm: Some(40), kev: Some(known), ..rated });
        assert_eq!(after.patches[1], before.patches[1]);
        let same = world.store.apply_import(feed, &patches, &note(world)).await.expect("imported");
        assert_eq!((same.generation, same.changed.len()), (before.generation, 0), "scores are no change of a patch");
    }

    async fn a_feed_that_becomes_another_kind_leaves_nothing_behind(world: &World) {
        let feed = world.feed("changing").await;
        world.store.apply_import(feed, &[patch("a", "A")], &note(world)).await.expect("imported");
        world.store.replace_facts(feed, &[probable("CVE-2024-0001", 1)], &note(world)).await.expect("stored");
        let catalog = world.store.catalog().await.expect("answers");
        assert_eq!((catalog.generation, catalog.facts, catalog.patches.len()), (2, 1, 0));
        world.store.apply_import(feed, &[patch("a", "A")], &note(world)).await.expect("imported");
        let catalog = world.store.catalog().await.expect("answers");
        assert_eq!((catalog.generation, catalog.facts, catalog.patches.len()), (3, 2, 1));
        assert_eq!(world.store.facts(&some(&["CVE-2024-0001"])).await.expect("answers"), []);
    }
}
