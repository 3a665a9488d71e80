//! Values of every type, and the intervals that comparisons with them make.

use crate::support::{asset, checked, moment, test_of};
use fettle_model::version::DpkgVersion;
use fettle_query::{Between, Entity, Node, Test};
use rstest::rstest;
use std::ops::Bound::{self, Excluded, Included, Unbounded};

fn number(text: &str) -> Test {
    test_of(Entity::Asset, text)
}

#[rstest]
#[case("missingCount:3", Included(3.0), Included(3.0))]
#[case("missingCount=3", Included(3.0), Included(3.0))]
#[case("missingCount<3", Unbounded, Excluded(3.0))]
#[case("missingCount<=3", Unbounded, Included(3.0))]
#[case("missingCount>3", Excluded(3.0), Unbounded)]
#[case("missingCount>=3", Included(3.0), Unbounded)]
#[case("missingCount:[3 .. 5]", Included(3.0), Included(5.0))]
#[case("missingCount:(3 .. 5)", Excluded(3.0), Excluded(5.0))]
#[case("missingCount:[3 .. 5)", Included(3.0), Excluded(5.0))]
#[case("missingCount:(3 .. 5]", Excluded(3.0), Included(5.0))]
#[case("missingCount:[* .. 5]", Unbounded, Included(5.0))]
#[case("missingCount:[3 .. *]", Included(3.0), Unbounded)]
#[case("compliance<99.5", Unbounded, Excluded(99.5))]
#[case("memory<4GiB", Unbounded, Excluded(4_294_967_296.0))]
#[case("memory>=10MB", Included(10_000_000.0), Unbounded)]
#[case("memory>=10 mb", Included(10.0), Unbounded)]
#[case("memory>=1.5TiB", Included(1_649_267_441_664.0), Unbounded)]
#[case("memory:\"16 GiB\"", Included(17_179_869_184.0), Included(17_179_869_184.0))]
#[case("disk.free:[1kB .. 2KiB]", Included(1000.0), Included(2048.0))]
#[case("memory>1024", Excluded(1024.0), Unbounded)]
fn numbers_and_sizes(#[case] text: &str, #[case] low: Bound<f64>, #[case] high: Bound<f64>) {
    let expected = Test::Number(Between { low, high });
    match asset(text).root() {
        Node::Value { test, .. } => assert_eq!(test, &expected),
        // `10 mb` without quotes is a number and a free text, as `name:web 01` is.
        Node::And(parts) => assert!(matches!(&parts[0], Node::Value { test, .. } if test == &expected)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_open_range_asks_for_any_value() {
    assert_eq!(number("disk.free:[* .. *]"), Test::Present);
    assert_eq!(number("disk.free:*"), Test::Present);
    assert_eq!(number("disk.free is not null"), Test::Present);
    assert_eq!(number("disk.free is null"), Test::Null);
}

#[test]
fn a_list_is_any_of() {
    let exactly = |value: f64| Test::Number(Between { low: Included(value), high: Included(value) });
    assert_eq!(number("cpu.cores:[2, 4]"), Test::OneOf(vec![exactly(2.0), exactly(4.0)]));
}

fn at(text: &str) -> Bound<jiff::Timestamp> {
    Included(moment(text))
}

fn before(text: &str) -> Bound<jiff::Timestamp> {
    Excluded(moment(text))
}

#[rstest]
// A day is the asker's day, here one hour ahead of UTC in winter and two in summer.
#[case("lastScan:2026-11-10", at("2026-11-09T23:00:00Z"), before("2026-11-10T23:00:00Z"))]
#[case("lastScan>2026-11-10", at("2026-11-10T23:00:00Z"), Unbounded)]
#[case("lastScan>=2026-11-10", at("2026-11-09T23:00:00Z"), Unbounded)]
#[case("lastScan<2026-11-10", Unbounded, before("2026-11-09T23:00:00Z"))]
#[case("lastScan<=2026-11-10", Unbounded, before("2026-11-10T23:00:00Z"))]
#[case("lastScan:[2026-07-01 .. 2026-07-31]", at("2026-06-30T22:00:00Z"), before("2026-07-31T22:00:00Z"))]
#[case("lastScan:(2026-07-01 .. 2026-07-31)", at("2026-07-01T22:00:00Z"), before("2026-07-30T22:00:00Z"))]
// The day on which clocks go back has 25 hours.
#[case("lastScan:2026-10-25", at("2026-10-24T22:00:00Z"), before("2026-10-25T23:00:00Z"))]
#[case("lastScan:today", at("2026-11-10T23:00:00Z"), before("2026-11-11T23:00:00Z"))]
#[case("lastScan:TODAY-1d", at("2026-11-09T23:00:00Z"), before("2026-11-10T23:00:00Z"))]
#[case("lastScan>=today+8h", at("2026-11-11T07:00:00Z"), Unbounded)]
// Instants.
#[case("lastScan>=now", at("2026-11-11T09:30:00Z"), Unbounded)]
#[case("lastScan>=now-90s", at("2026-11-11T09:28:30Z"), Unbounded)]
#[case("lastScan>=now-90m", at("2026-11-11T08:00:00Z"), Unbounded)]
#[case("lastScan>=now-1M", at("2026-10-11T08:30:00Z"), Unbounded)]
#[case("lastScan>=now-3d", at("2026-11-08T09:30:00Z"), Unbounded)]
#[case("lastScan>=now-2w", at("2026-10-28T09:30:00Z"), Unbounded)]
#[case("lastScan>=now-1y", at("2025-11-11T09:30:00Z"), Unbounded)]
#[case("lastScan>=now+1d-2h", at("2026-11-12T07:30:00Z"), Unbounded)]
#[case("lastScan>=\"now - 3d\"", at("2026-11-08T09:30:00Z"), Unbounded)]
#[case("lastScan:(now-3d .. now]", Excluded(moment("2026-11-08T09:30:00Z")), at("2026-11-11T09:30:00Z"))]
// Date-times cover what they were written to.
#[case("lastScan:2026-11-10T08:00Z", at("2026-11-10T08:00:00Z"), before("2026-11-10T08:01:00Z"))]
#[case("lastScan:\"2026-11-10T08:00:07+02:00\"", at("2026-11-10T06:00:07Z"), before("2026-11-10T06:00:08Z"))]
#[case("lastScan:\"2026-11-10 08:00\"", at("2026-11-10T07:00:00Z"), before("2026-11-10T07:01:00Z"))]
#[case("lastScan>=\"2026-11-10T08:00[America/New_York]\"", at("2026-11-10T13:00:00Z"), Unbounded)]
#[case("lastScan:2026-11-10T08:00:07.5Z", at("2026-11-10T08:00:07.5Z"), at("2026-11-10T08:00:07.5Z"))]
fn moments(#[case] text: &str, #[case] low: Bound<jiff::Timestamp>, #[case] high: Bound<jiff::Timestamp>) {
    assert_eq!(test_of(Entity::Asset, text), Test::Moment(Between { low, high }));
}

#[test]
fn canonical_text_keeps_relative_moments_relative() {
    assert_eq!(asset("lastSeen<now-30d").canonical(), "lastCheckIn<now-30d");
}

#[rstest]
#[case("version:3.0*", &["3.0", "3.0~rc1", "3.0.1", "3.0.15-1~deb12u1", "3.0+b1"], &["3.1", "3.1~rc1", "2.9", "3.10", "3.01", "1:3.0"])]
#[case("version:3.0.*", &["3.0", "3.0.1"], &["3.1"])]
#[case("version:1.9*", &["1.9.3"], &["1.10", "1.8", "1.90"])]
#[case("version:1:9.18*", &["1:9.18.24-1"], &["9.18.24-1", "1:9.19"])]
#[case("version>3.0*", &["3.1~rc1", "3.1", "4"], &["3.0.15", "3.0"])]
#[case("version<3.0*", &["2.9"], &["3.0~rc1", "3.0"])]
#[case("version<3.0.15", &["3.0.14", "3.0.15~rc1", "3.0.9"], &["3.0.15", "3.0.15-0", "3.0.15-1"])]
#[case("version:1.0", &["1.0", "1.00", "1.0-0"], &["1.0-1", "1.0.0"])]
#[case("version:[10.0.19041 .. 10.0.22631*]", &["10.0.19045.5131", "10.0.22631.4460"], &["10.0.26100", "6.3"])]
fn versions(#[case] text: &str, #[case] inside: &[&str], #[case] outside: &[&str]) {
    let Test::Version(between) = test_of(Entity::Software, text) else { panic!("{text}") };
    let parsed = |version: &str| DpkgVersion::parse(version).expect("a version");
    for version in inside {
        assert!(between.contains(&parsed(version)), "{version} is not in {between:?}");
    }
    for version in outside {
        assert!(!between.contains(&parsed(version)), "{version} is in {between:?}");
    }
}

#[rstest]
#[case("online:yes", true)]
#[case("online:TRUE", true)]
#[case("online:no", false)]
#[case("online:\"False\"", false)]
fn flags(#[case] text: &str, #[case] expected: bool) {
    assert_eq!(test_of(Entity::Asset, text), Test::Flag(expected));
}

fn places(low: Bound<usize>, high: Bound<usize>) -> Test {
    Test::Choice(Between { low, high })
}

#[rstest]
#[case("vendorSeverity:critical", places(Included(4), Included(4)))]
#[case("vendorSeverity>=Important", places(Included(3), Unbounded))]
#[case("vendorSeverity<low", places(Unbounded, Excluded(1)))]
#[case("vendorSeverity:[low .. important)", places(Included(1), Excluded(3)))]
#[case("downloadMethod:AcquireFromVendor", places(Included(1), Included(1)))]
#[case("downloadMethod:\"acquire from vendor\"", places(Included(1), Included(1)))]
#[case("category:Non_Security", places(Included(1), Included(1)))]
fn choices(#[case] text: &str, #[case] expected: Test) {
    assert_eq!(test_of(Entity::Patch, text), expected);
}

#[rstest]
#[case("10.0.0.7", "10.0.0.7/32")]
#[case("10.0.0.7/24", "10.0.0.0/24")]
#[case("fe80::1", "fe80::1/128")]
#[case("2001:db8::/32", "2001:db8::/32")]
#[case("::ffff:10.0.0.7", "10.0.0.7/32")]
fn addresses(#[case] text: &str, #[case] network: &str) {
    let expected = Test::Address(network.parse().expect("a network"));
    assert_eq!(test_of(Entity::Asset, &format!("ip:{text}")), expected);
    assert_eq!(test_of(Entity::Asset, &format!("ip:\"{text}\"")), expected);
}

#[test]
fn both_together() {
    let both = asset("os.family:linux").and(asset("online:yes or name:web")).expect("both ask for assets");
    assert_eq!(both.canonical(), "(os.family:linux) and (online:yes or name:web)");
    assert_eq!(asset(both.canonical()).root(), both.root());
    assert_eq!(asset("").and(asset("online:yes")).expect("both ask for assets").canonical(), "online:yes");
    assert!(asset("").and(checked(Entity::Patch, "")).is_none());
}

#[rstest]
#[case("os.family:linux or online:yes")]
#[case("")]
fn the_others(#[case] text: &str) {
    let others = asset(text).negated();
    assert_eq!(asset(others.canonical()).root(), others.root());
}

#[test]
fn the_second_box() {
    let patches = checked(Entity::Patch, "severity:critical kev:yes");
    let assets = patches.clone().within(fettle_query::Relation::Missing).expect("missing leads to patches");
    assert_eq!(assets.entity(), Entity::Asset);
    assert_eq!(asset(assets.canonical()).root(), assets.root());
    assert!(patches.within(fettle_query::Relation::Software).is_none());
    let any = checked(Entity::Patch, "").within(fettle_query::Relation::Missing).expect("missing leads to patches");
    assert_eq!(asset(any.canonical()).root(), any.root());
}
