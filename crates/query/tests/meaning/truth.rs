//! The interpreter against truth tables written by hand.

use crate::support::{asset, checked, moment};
use Truth::{No, Unknown, Yes};
use fettle_model::version::DpkgVersion;
use fettle_query::registry::{AssetField, Key, PatchField, SoftwareField};
use fettle_query::{Entity, Record, Relation, Truth, Value, interpret};
use rstest::rstest;
use std::borrow::Cow;

/// A record that holds what it is told.
#[derive(Default)]
struct Told {
    values: Vec<(Key, Value<'static>)>,
    related: Vec<(Relation, Told)>,
    unknown: bool,
}

impl Told {
    fn with(mut self, key: Key, value: Value<'static>) -> Self {
        self.values.push((key, value));
        self
    }

    fn text(self, key: Key, text: &'static str) -> Self {
        self.with(key, Value::Text(Cow::Borrowed(text)))
    }

    fn to(mut self, relation: Relation, other: Told) -> Self {
        self.related.push((relation, other));
        self
    }
}

impl Record for Told {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        self.values.iter().filter(|(key, _)| *key == field).map(|(_, value)| value.clone()).collect()
    }

    fn related(&self, relation: Relation) -> Vec<&dyn Record> {
        self.related.iter().filter(|(way, _)| *way == relation).map(|(_, other)| other as &dyn Record).collect()
    }

    fn is_known(&self) -> bool {
        !self.unknown
    }
}

const fn of(field: AssetField) -> Key {
    Key::Asset(field)
}

fn patch(severity: usize, kev: bool) -> Told {
    Told::default()
        .with(Key::Patch(PatchField::VendorSeverity), Value::Choice(severity))
        .with(Key::Patch(PatchField::Kev), Value::Flag(kev))
        .text(Key::Patch(PatchField::Title), "openssl security update")
}

/// web-01: two tags, two addresses, no disk; misses a critical patch and a low one that is exploited.
fn web() -> Told {
    let package = |name, version| {
        Told::default()
            .text(Key::Software(SoftwareField::Name), name)
            .with(Key::Software(SoftwareField::Version), Value::Version(DpkgVersion::parse(version).expect("a version")))
    };
    Told::default()
        .text(of(AssetField::Name), "web-01.example.org")
        .text(of(AssetField::OsName), "Debian GNU/Linux 12")
        .text(of(AssetField::Tag), "Production")
        .text(of(AssetField::Tag), "Web servers")
        .with(of(AssetField::OsFamily), Value::Choice(0))
        .with(of(AssetField::Online), Value::Flag(true))
        .with(of(AssetField::LastScan), Value::Moment(moment("2026-11-10T12:00:00Z")))
        .with(of(AssetField::Address), Value::Address([10, 0, 0, 7].into()))
        .with(of(AssetField::Address), Value::Address([192, 168, 1, 7].into()))
        .with(of(AssetField::MissingCount), Value::Number(2.0))
        .with(of(AssetField::MissingCritical), Value::Number(1.0))
        .with(of(AssetField::Compliance), Value::Number(80.0))
        .to(Relation::Missing, patch(4, false))
        .to(Relation::Missing, patch(1, true))
        .to(Relation::Software, package("openssl", "3.0.14-1"))
        .to(Relation::Software, package("curl", "8.0"))
}

/// The same asset, whose last scan failed.
fn unknown() -> Told {
    Told { unknown: true, ..web() }
}

#[rstest]
#[case("", Yes)]
#[case("*", Yes)]
#[case("not *", No)]
#[case("name:web*", Yes)]
#[case("name:`web-01`", No)]
// A list of texts, fields of several values.
#[case("name:[db, web]", Yes)]
#[case("tags.name:production and tags.name:\"web servers\"", Yes)]
#[case("tags.name:\"production web\"", No)]
#[case("interfaces.address:192.168.0.0/16", Yes)]
#[case("interfaces.address:10.0.1.0/24", No)]
#[case("not interfaces.address:10.0.0.0/24", No)]
// Free text searches the main texts, one at a time.
#[case("debian", Yes)]
#[case("web debian", Yes)]
#[case("\"web debian\"", No)]
#[case("production", No)]
// Missing values pass nothing but `is null`.
#[case("disk.free<2GB", No)]
#[case("not disk.free<2GB", Yes)]
#[case("disk.free>=2GB", No)]
#[case("disk.free is null", Yes)]
#[case("disk.free is not null", No)]
#[case("disk.free:*", No)]
#[case("name is null", No)]
#[case("lastScan>2026-11-09 and lastScan<2026-11-11", Yes)]
#[case("lastScan>2026-11-10", No)]
// Independent conditions, and one patch that satisfies both.
#[case("missing.severity:critical and missing.kev:yes", Yes)]
#[case("missing:(severity:critical and kev:yes)", No)]
#[case("missing:(severity:critical or kev:yes)", Yes)]
#[case("missing:(not severity:critical)", Yes)]
#[case("not missing.severity:critical", No)]
#[case("missing.severity:moderate", No)]
#[case("missing:openssl", Yes)]
#[case("missing:*", Yes)]
#[case("missing is null", No)]
#[case("installed:*", No)]
#[case("software:(name:openssl and version<3.0.15)", Yes)]
#[case("software:(name:curl and version<3.0.15)", No)]
#[case("software.name:curl and software.version<3.0.15", Yes)]
fn facts_are_certain(#[case] query: &str, #[case] expected: Truth) {
    assert_eq!(interpret(&asset(query), &web()), expected);
}

#[rstest]
// Facts stay facts.
#[case("name:web*", Yes)]
#[case("disk.free<2GB", No)]
#[case("software:(name:openssl and version<3.0.15)", Yes)]
#[case("software.name:nginx", No)]
// What was found stays found; what was not is unknown.
#[case("missing.severity:critical", Yes)]
#[case("not missing.severity:critical", No)]
#[case("missing.severity:moderate", Unknown)]
#[case("not missing.severity:moderate", Unknown)]
#[case("missing:*", Yes)]
#[case("missing is null", No)]
#[case("installed:*", Unknown)]
#[case("installed is null", Unknown)]
// Counts are at least what was found.
#[case("missingCount>=2", Yes)]
#[case("missingCount>1", Yes)]
#[case("missingCount>2", Unknown)]
#[case("missingCount>=3", Unknown)]
#[case("missingCount<2", No)]
#[case("missingCount<=1", No)]
#[case("missingCount<=2", Unknown)]
#[case("missingCount<3", Unknown)]
#[case("missingCount:1", No)]
#[case("missingCount:2", Unknown)]
#[case("missingCount:5", Unknown)]
#[case("missingCount:[0, 1]", No)]
#[case("missingCount:[1, 7]", Unknown)]
#[case("missingCount:[1 .. 3]", Unknown)]
#[case("missingCount is null", No)]
#[case("missingCount is not null", Yes)]
#[case("not missingCount>2", Unknown)]
// Shares say nothing.
#[case("compliance<95", Unknown)]
#[case("compliance>=0", Unknown)]
#[case("compliance is null", No)]
#[case("compliance:*", Yes)]
// Kleene's tables.
#[case("name:web* and missingCount>2", Unknown)]
#[case("name:db* and missingCount>2", No)]
#[case("missingCount>2 and installed:*", Unknown)]
#[case("name:web* or missingCount>2", Yes)]
#[case("name:db* or missingCount>2", Unknown)]
#[case("missingCount>2 or not missingCount>2", Unknown)]
fn findings_are_known_only_as_far_as_they_were_found(#[case] query: &str, #[case] expected: Truth) {
    assert_eq!(interpret(&asset(query), &unknown()), expected);
}

#[test]
fn a_known_asset_without_findings_has_no_compliance() {
    let query = |text| interpret(&asset(text), &Told::default());
    assert_eq!(query("compliance is null"), Yes);
    assert_eq!(query("compliance<95"), No);
}

#[rstest]
#[case("asset.name:web", Yes)]
#[case("asset.missing.severity:critical", Yes)]
#[case("asset.missing.severity:moderate", Unknown)]
#[case("patch.title:openssl", Yes)]
#[case("patch is null", No)]
#[case("not asset:(missingCount>2)", Unknown)]
fn truth_passes_through_relations(#[case] query: &str, #[case] expected: Truth) {
    let result = Told::default().to(Relation::Asset, unknown()).to(Relation::Patch, patch(4, false));
    assert_eq!(interpret(&checked(Entity::Result, query), &result), expected);
}

#[rstest]
#[case(No, No, No, No)]
#[case(No, Unknown, No, Unknown)]
#[case(No, Yes, No, Yes)]
#[case(Unknown, Unknown, Unknown, Unknown)]
#[case(Unknown, Yes, Unknown, Yes)]
#[case(Yes, Yes, Yes, Yes)]
fn both_and_either(#[case] one: Truth, #[case] other: Truth, #[case] both: Truth, #[case] either: Truth) {
    assert_eq!((one.and(other), other.and(one)), (both, both));
    assert_eq!((one.or(other), other.or(one)), (either, either));
    assert_eq!((!(one.and(other))), (!one).or(!other));
}
