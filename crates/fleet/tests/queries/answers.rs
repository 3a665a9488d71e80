//! One question, asked of both, and everything that is made from its answer.

use crate::chance::Chance;
use crate::questions::ask;
use crate::slow::{Counts, SlowAsset};
use crate::world::{World, now};
use fettle_fleet::{Direction, ScopedView, Selection, Sorted};
use fettle_model::access::{Actor, Scope};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{AssetId, PatchNo};
use fettle_model::patch::Severity;
use fettle_query::registry::{AssetField, Field, Key, fields};
use fettle_query::{Checked, Context, Entity, Record, Truth, Value, check, interpret, text};
use jiff::tz::TimeZone;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Questions thrown before it is clear that something is wrong with all of them.
const TRIES: usize = 50;

/// Asks one random question and compares all answers. 1 when at least one asset is in the answer, else 0.
pub(crate) fn compare(world: &World, chance: &mut Chance, seed: u64) -> u64 {
    let actor = world.actor(chance);
    let visible: Vec<_> = world.assets.values().filter(|(card, _)| sees(&actor, &card.tags)).collect();
    let mut counts = Counts::new();
    for (_, findings) in &visible {
        findings.missing.iter().for_each(|&no| counts.entry(no).or_default().0 += 1);
        findings.installed.iter().for_each(|&no| counts.entry(no).or_default().1 += 1);
    }
    let assets: Vec<SlowAsset<'_>> = visible.iter().map(|(card, findings)| SlowAsset::new(world, card, findings, &counts)).collect();
    let samples: Vec<&dyn Record> = assets.iter().map(|asset| asset as &dyn Record).collect();
    let (question, query) = asked(Entity::Asset, &samples, chance);
    let said = |asset: &&SlowAsset<'_>, truth: Truth| interpret(&query, *asset) == truth;
    let expected: Vec<&SlowAsset<'_>> = assets.iter().filter(|asset| said(asset, Truth::Yes)).collect();
    let unknown: Vec<&SlowAsset<'_>> = assets.iter().filter(|asset| said(asset, Truth::Unknown)).collect();

    let view = world.fleet.view().in_scope(&actor).at(now());
    let selection = view.select(&query).expect("asks for assets");
    let about = format!("seed {seed}: {question}");
    let ids: BTreeSet<AssetId> = selection.ids().collect();
    assert_eq!(ids, expected.iter().map(|asset| asset.card.id).collect(), "{about}");
    assert_eq!((selection.count(), selection.unknown()), (size(expected.len()), size(unknown.len())), "{about}");
    pages(&selection, &expected, chance, &about);
    facets(&selection, &expected, chance, &about);
    patches(&selection, &expected, world, &about);
    groups(&selection, &expected, chance, &about);
    listed_patches(world, &view, &selection, &expected, chance, seed);
    undecided(&view, &query, &unknown, chance, &about);
    u64::from(!expected.is_empty())
}

/// The assets that the number of unknown ones counts, and what is made from them.
fn undecided(view: &ScopedView, query: &Checked, expected: &[&SlowAsset<'_>], chance: &mut Chance, about: &str) {
    let about = format!("unknown of {about}");
    let open = view.select_unknown(query).expect("asks for assets");
    let ids: BTreeSet<AssetId> = open.ids().collect();
    assert_eq!(ids, expected.iter().map(|asset| asset.card.id).collect(), "{about}");
    assert_eq!((open.count(), open.unknown()), (size(expected.len()), 0), "{about}");
    pages(&open, expected, chance, &about);
    facets(&open, expected, chance, &about);
}

/// A random question and its meaning. The language refuses some that are well formed and senseless, such as
/// an equality with the instant `now-1d`; those are thrown again.
fn asked(entity: Entity, samples: &[&dyn Record], chance: &mut Chance) -> (String, Checked) {
    let context = Context { now: now(), zone: TimeZone::UTC };
    let mut errors = Vec::new();
    for _ in 0..TRIES {
        let question = ask(entity, samples, chance);
        match check(entity, &question, &context) {
            Ok(query) => return (question, query),
            Err(refused) => errors.push(format!("{question}: {}", refused.first().map_or(String::new(), ToString::to_string))),
        }
    }
    unreachable!("the language refused {TRIES} questions in a row:\n{}", errors.join("\n"))
}

fn sees(actor: &Actor, tags: &BTreeSet<fettle_model::ids::TagId>) -> bool {
    match actor.scope() {
        Scope::Everything => true,
        Scope::Tags(given) => !given.is_disjoint(tags),
    }
}

/// All pages by a random column: the same order as a plain sort, nothing twice, nothing left out.
fn pages(selection: &Selection, expected: &[&SlowAsset<'_>], chance: &mut Chance, about: &str) {
    let sortable: Vec<&Field> = fields(Entity::Asset).iter().filter(|field| field.sortable).collect();
    let field = *chance.pick(&sortable);
    let descending = chance.percent(50);
    let direction = if descending { Direction::Descending } else { Direction::Ascending };
    let mut order = expected.to_vec();
    order.sort_by(|a, b| by_value(*a, *b, field.key).then_with(|| a.card.id.cmp(&b.card.id)));
    if descending {
        order.reverse();
    }
    let wanted: Vec<AssetId> = order.iter().map(|asset| asset.card.id).collect();
    let sort = Sorted { by: asset_field(field), direction };
    let (mut got, mut after) = (Vec::new(), None);
    loop {
        let page = selection.page(sort, after.as_ref(), 7).expect("sortable");
        assert_eq!(page.total, size(expected.len()), "{about}");
        got.extend(page.items.iter().map(|row| row.card.id));
        // The cursor goes through its text, as it does over the API.
        after = page.next.map(|cursor| cursor.to_string().parse().expect("its own text"));
        if after.is_none() || got.len() > wanted.len() {
            break;
        }
    }
    assert_eq!(got, wanted, "{about}, by {} {direction}", field.name);
    let rows: Vec<AssetId> = selection.rows(sort).expect("sortable").map(|row| row.card.id).collect();
    assert_eq!(rows, wanted, "{about}, exported by {} {direction}", field.name);
}

fn asset_field(field: &Field) -> AssetField {
    let Key::Asset(key) = field.key else { unreachable!("fields of assets") };
    key
}

/// No value first; texts as they are folded.
fn by_value(a: &dyn Record, b: &dyn Record, key: Key) -> Ordering {
    match (a.values(key).into_iter().next(), b.values(key).into_iter().next()) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Less,
        (_, None) => Ordering::Greater,
        (Some(Value::Text(a)), Some(Value::Text(b))) => text::fold(&a).cmp(&text::fold(&b)),
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.total_cmp(&b),
        (Some(Value::Moment(a)), Some(Value::Moment(b))) => a.cmp(&b),
        (Some(Value::Version(a)), Some(Value::Version(b))) => a.cmp(&b),
        (Some(Value::Flag(a)), Some(Value::Flag(b))) => a.cmp(&b),
        (Some(Value::Choice(a)), Some(Value::Choice(b))) => a.cmp(&b),
        (Some(a), Some(b)) => unreachable!("{a:?} and {b:?} are of one field"),
    }
}

/// A facet says how many have each value; asking for the value gives as many.
fn facets(selection: &Selection, expected: &[&SlowAsset<'_>], chance: &mut Chance, about: &str) {
    let with: Vec<&Field> = fields(Entity::Asset).iter().filter(|field| field.facet).collect();
    let field = *chance.pick(&with);
    let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
    for asset in expected {
        let texts: BTreeSet<String> = asset.values(field.key).iter().map(|value| shown(value, field)).collect();
        texts.into_iter().for_each(|text| *wanted.entry(text).or_default() += 1);
    }
    let got = selection.facet(asset_field(field));
    let counts: Vec<(u64, &String)> = got.iter().map(|(text, count)| (u64::MAX - count, text)).collect();
    assert!(counts.is_sorted(), "{about}: the facet {} is out of order: {got:?}", field.name);
    assert_eq!(got.into_iter().collect::<BTreeMap<_, _>>(), wanted, "{about}, facet {}", field.name);

    for status in [FindingStatus::Missing, FindingStatus::Installed] {
        let rated = |severity: Severity| size(expected.iter().filter(|asset| asset.has_latest(status, severity)).count());
        let wanted: Vec<u64> = Severity::ALL.iter().map(|&severity| rated(severity)).collect();
        assert_eq!(selection.severity_facet(status).to_vec(), wanted, "{about}, severities {status}");
    }
}

fn shown(value: &Value<'_>, field: &Field) -> String {
    match (value, field.kind) {
        (Value::Choice(at), fettle_query::registry::Kind::Choice { members, .. }) => members[*at].to_owned(),
        (Value::Text(text), _) => text.to_string(),
        (Value::Flag(flag), _) => (if *flag { "yes" } else { "no" }).to_owned(),
        (Value::Version(version), _) => version.to_string(),
        other => unreachable!("no facet has values such as {other:?}"),
    }
}

/// Assets per patch, and the patches most of them miss.
fn patches(selection: &Selection, expected: &[&SlowAsset<'_>], world: &World, about: &str) {
    let mut missing: BTreeMap<PatchNo, u64> = BTreeMap::new();
    let mut installed: BTreeMap<PatchNo, u64> = BTreeMap::new();
    for asset in expected {
        asset.findings.missing.iter().for_each(|&no| *missing.entry(no).or_default() += 1);
        asset.findings.installed.iter().for_each(|&no| *installed.entry(no).or_default() += 1);
    }
    let (fast_missing, fast_installed) = (selection.counts(FindingStatus::Missing), selection.counts(FindingStatus::Installed));
    for no in (1..=world.patches).map(PatchNo) {
        let of = |counts: &BTreeMap<PatchNo, u64>| counts.get(&no).copied().unwrap_or(0);
        assert_eq!((fast_missing.of(no), fast_installed.of(no)), (of(&missing), of(&installed)), "{about}, patch {no:?}");
    }
    let mut top: Vec<(PatchNo, u64)> = missing.into_iter().collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    top.truncate(5);
    assert_eq!(selection.top_missing(5, None), top, "{about}, top 5");
}

fn groups(selection: &Selection, expected: &[&SlowAsset<'_>], chance: &mut Chance, about: &str) {
    let with: Vec<&Field> = fields(Entity::Asset).iter().filter(|field| field.facet && !field.many).collect();
    let (first, second) = (*chance.pick(&with), *chance.pick(&with));
    let key = |asset: &SlowAsset<'_>, field: &Field| asset.values(field.key).first().map_or(String::new(), |value| shown(value, field));
    let mut wanted: BTreeMap<Vec<String>, (u64, u64)> = BTreeMap::new();
    for asset in expected {
        let group = wanted.entry(vec![key(asset, first), key(asset, second)]).or_default();
        group.0 += 1;
        group.1 += size(asset.findings.missing.len());
    }
    let got = selection.group(&[asset_field(first), asset_field(second)]);
    let got: BTreeMap<Vec<String>, (u64, u64)> = got.into_iter().map(|(key, group)| (key, (group.assets, group.missing))).collect();
    assert_eq!(got, wanted, "{about}, by {} and {}", first.name, second.name);
}

/// A question about patches, counted over the selected assets.
fn listed_patches(world: &World, view: &ScopedView, selection: &Selection, expected: &[&SlowAsset<'_>], chance: &mut Chance, seed: u64) {
    use crate::slow::SlowPatch;
    use fettle_fleet::Applicable;
    let mut counts = Counts::new();
    for asset in expected {
        asset.findings.missing.iter().for_each(|&no| counts.entry(no).or_default().0 += 1);
        asset.findings.installed.iter().for_each(|&no| counts.entry(no).or_default().1 += 1);
    }
    let all: Vec<(PatchNo, SlowPatch<'_>)> =
        (1..=world.patches).filter_map(|no| Some((PatchNo(no), SlowPatch::new(world, PatchNo(no), &counts)?))).collect();
    let samples: Vec<&dyn Record> = all.iter().map(|(_, patch)| patch as &dyn Record).collect();
    let (question, query) = asked(Entity::Patch, &samples, chance);
    let which = if chance.percent(50) { Applicable::All } else { Applicable::InView };
    let wanted: BTreeSet<PatchNo> = all
        .iter()
        .filter(|(no, patch)| which == Applicable::All || (counts.contains_key(no) && patch.is_enabled()))
        .filter(|(_, patch)| interpret(&query, patch) == Truth::Yes)
        .map(|(no, _)| *no)
        .collect();
    let listed = view.select_patches(&query, selection, which).expect("asks for patches");
    let about = format!("seed {seed}, patches ({which:?}): {question}");
    assert_eq!(listed.set().iter().collect::<BTreeSet<_>>(), wanted, "{about}");
    assert_eq!(listed.count(), size(wanted.len()), "{about}");
}

fn size(len: usize) -> u64 {
    u64::try_from(len).expect("fits")
}
