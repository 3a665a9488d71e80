//! Values to suggest: those that occur among what the caller sees, the most frequent first.

use super::asked::context;
use super::facet::{facet, named_term, term};
use super::order::EntityField;
use super::stored_values;
use super::suggest::{Suggestion, SuggestionKind};
use crate::api::problem::Problem;
use crate::api::tags::visible::Visible;
use crate::auth::Granted;
use crate::auth::permission::Permission;
use fettle_fleet::{Applicable, AssetRow, Entry, ScopedView, Sorted};
use fettle_query::registry::{AssetField, Key, PatchField};
use fettle_query::syntax::Quoting;
use fettle_query::{Checked, Entity, Field, check, text};
use std::collections::BTreeSet;

/// Values suggested at a time: what a menu shows.
const MOST: usize = 20;

/// Values of `field` that go on from what is typed.
pub(super) async fn values<P: Permission>(granted: &Granted<P>, field: &'static Field, typed: &str) -> Result<Vec<Suggestion>, Problem> {
    let typed = typed.trim_start_matches(['"', '`']);
    let found = match field.entity() {
        Entity::Asset if field.facet => few(granted, field, typed).await?,
        Entity::Patch if field.facet => few(granted, field, typed).await?,
        Entity::Asset => many_assets(granted, field, typed),
        Entity::Patch => many_patches(granted, field, typed),
        Entity::Job | Entity::Result | Entity::Audit => stored(granted, field, typed).await?,
        Entity::Software => software(granted, field, typed),
    };
    let suggestion = |(value, count): (String, Option<u64>)| {
        let term = term(field, &value);
        let insert = term.split_once(':').map_or_else(String::new, |(_, value)| value.to_owned());
        Suggestion { insert, label: value, detail: String::new(), kind: SuggestionKind::Value, count }
    };
    Ok(found.into_iter().take(MOST).map(suggestion).collect())
}

/// Values that are in the store. Their counts are of the records that were looked at, which are not all of them, so that
/// they only order.
async fn stored<P: Permission>(granted: &Granted<P>, field: &'static Field, typed: &str) -> Result<Vec<(String, Option<u64>)>, Problem> {
    let found = match field.key {
        Key::Job(field) => stored_values::of_jobs(granted, field, typed).await?,
        Key::Result(field) => stored_values::of_results(granted, field, typed).await?,
        Key::Audit(field) => stored_values::of_audit(granted, field, typed).await?,
        Key::Asset(_) | Key::Patch(_) | Key::Software(_) => Vec::new(),
    };
    Ok(found.into_iter().map(|(value, _)| (value, None)).collect())
}

/// Names and versions of packages on assets that the caller sees.
fn software<P: Permission>(granted: &Granted<P>, field: &'static Field, typed: &str) -> Vec<(String, Option<u64>)> {
    let Key::Software(by) = field.key else { return Vec::new() };
    let typed = text::fold(typed);
    let mut values = granted.view().everything().software_values(by, |value| goes_on(&text::fold(value), &typed), MOST);
    // A text from a machine may be no version although its field wants one: no term finds it.
    values.retain(|(value, _)| check(Entity::Software, &term(field, value), &context(granted.now())).is_ok());
    values.into_iter().map(|(value, _)| (value, None)).collect()
}

/// Values of a field that has few: all of them are known with their counts.
async fn few<P: Permission>(granted: &Granted<P>, field: &'static Field, typed: &str) -> Result<Vec<(String, Option<u64>)>, Problem> {
    let view = granted.view();
    let everything = view.everything();
    let mut counted = match (AssetField::of(field.key), PatchField::of(field.key)) {
        (Some(by), _) => everything.facet(by),
        (_, Some(by)) => {
            let all = Checked::everything(Entity::Patch);
            view.select_patches(&all, &everything, Applicable::InView).map(|patches| patches.facet(by)).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    if AssetField::of(field.key) == Some(AssetField::Tag) {
        let visible = Visible::of(granted).await?;
        counted.retain(|(name, _)| visible.has_name(name));
    }
    let typed = text::fold(typed);
    counted.retain(|(value, _)| goes_on(&text::fold(value), &typed));
    // Here counts are taken as they come: they only help to choose.
    let facet = facet(field, counted, &context(granted.now()), |_| 1);
    Ok(facet.values.into_iter().map(|value| (value.value, Some(value.count))).collect())
}

/// Whether a value, or one of its words, begins with what is typed; both folded.
pub(super) fn goes_on(value: &str, typed: &str) -> bool {
    value
        .match_indices(typed)
        .any(|(at, _)| value.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_alphanumeric()))
}

/// Values of a field that nearly every asset has its own of: from the first assets that match.
fn many_assets<P: Permission>(granted: &Granted<P>, field: &'static Field, typed: &str) -> Vec<(String, Option<u64>)> {
    let view = granted.view();
    let value = |row: AssetRow| match AssetField::of(field.key)? {
        AssetField::Name => Some(row.card.name.clone()),
        AssetField::LastLoggedOnUser => row.card.logged_on_user.clone(),
        AssetField::Serial => Some(row.card.hardware.serial.clone()),
        AssetField::OsBuild => Some(row.card.os_build.clone()),
        _ => None,
    };
    let Some(query) = begun(granted, field, typed) else { return Vec::new() };
    let selected = view.select(&query).ok();
    let page = selected.and_then(|assets| assets.page(Sorted::ascending(AssetField::Name), None, MOST).ok());
    distinct(page.into_iter().flat_map(|page| page.items).filter_map(value))
}

/// Values of a field that nearly every patch has its own of: from the newest patches that match.
fn many_patches<P: Permission>(granted: &Granted<P>, field: &'static Field, typed: &str) -> Vec<(String, Option<u64>)> {
    let view: ScopedView = granted.view();
    let folded = text::fold(typed);
    let value = |entry: &Entry| match PatchField::of(field.key)? {
        PatchField::Id => Some(entry.patch.id.0.clone()),
        PatchField::Title => Some(entry.patch.title.clone()),
        PatchField::Kb => entry.patch.scores.kb.clone(),
        PatchField::Bulletin => entry.patch.bulletin.clone(),
        PatchField::Cve => entry.patch.cves.iter().find(|cve| goes_on(&text::fold(cve), &folded)).cloned(),
        _ => None,
    };
    let Some(query) = begun(granted, field, typed) else { return Vec::new() };
    let selected = view.select_patches(&query, &view.everything(), Applicable::InView).ok();
    let page = selected.and_then(|patches| patches.page(Sorted::descending(PatchField::PublishedDate), None, MOST).ok());
    distinct(page.into_iter().flat_map(|page| page.items).filter_map(|row| value(&row.entry)))
}

/// The query for values that go on from what is typed.
fn begun<P: Permission>(granted: &Granted<P>, field: &'static Field, typed: &str) -> Option<Checked> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Some(Checked::everything(field.entity()));
    }
    check(field.entity(), &named_term(field.name, typed, Quoting::Phrase), &context(granted.now())).ok()
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<(String, Option<u64>)> {
    let values: BTreeSet<String> = values.filter(|value| !value.is_empty()).collect();
    values.into_iter().map(|value| (value, None)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("debian gnu/linux 12", "linux", true)]
    #[case("debian gnu/linux 12", "gnu/l", true)]
    #[case("debian gnu/linux 12", "", true)]
    #[case("debian gnu/linux 12", "ebian", false)]
    #[case("north", "south", false)]
    fn a_word_that_begins_so_is_enough(#[case] value: &str, #[case] typed: &str, #[case] fits: bool) {
        assert_eq!(goes_on(value, typed), fits);
    }
}
