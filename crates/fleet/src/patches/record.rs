//! A patch as queries see it: the meaning that the columns keep.

use crate::catalog::{Catalog, Entry};
use fettle_model::os::Platform;
use fettle_model::patch::{Category, Download, PatchKind, Reboot, Rollback};
use fettle_query::registry::{Key, PatchField};
use fettle_query::{Record, Relation, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// One patch with numbers of assets, for queries over one record at a time.
#[derive(Debug, Clone, Copy)]
pub struct PatchRecord<'a> {
    /// Where patches that replace it or are replaced by it are looked up.
    pub catalog: &'a Catalog,
    /// The patch.
    pub entry: &'a Entry,
    /// Assets that miss it.
    pub missing: u64,
    /// Assets that have it.
    pub installed: u64,
}

impl Record for PatchRecord<'_> {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        match field {
            Key::Patch(field) => self.values_of(field),
            _ => Vec::new(),
        }
    }

    fn related(&self, _relation: Relation) -> Vec<&dyn Record> {
        Vec::new()
    }

    /// The catalog is certain of its records.
    fn is_known(&self) -> bool {
        true
    }
}

impl<'a> PatchRecord<'a> {
    /// All values of a field. Empty texts are no values.
    pub(crate) fn values_of(&self, field: PatchField) -> Vec<Value<'a>> {
        use PatchField as F;
        let patch = &self.entry.patch;
        match field {
            F::Id => text(patch.id.as_str()),
            F::Title => text(&patch.title),
            F::Kb => patch.scores.kb.as_deref().map(article).unwrap_or_default(),
            F::Bulletin => texts(&patch.bulletin),
            F::Cve => texts(&patch.cves),
            F::Category => choice(Category::ALL, &patch.category),
            F::IsSecurity => flag(patch.category == Category::Security),
            F::Type => choice(PatchKind::ALL, &patch.kind),
            F::Vendor => text(&patch.vendor),
            F::Product => texts(&patch.products),
            F::AppFamily => text(&patch.app_family),
            F::VendorSeverity => choice(fettle_model::patch::Severity::ALL, &patch.vendor_severity),
            F::Cvss => number(patch.scores.cvss_tenths.map(|tenths| f64::from(tenths) / 10.0)),
            F::Epss => number(patch.scores.epss_ppm.map(|millionths| f64::from(millionths) / 1_000_000.0)),
            F::Kev => flag(patch.scores.kev.is_some()),
            F::KevDue => moment(patch.scores.kev.and_then(|kev| kev.due).and_then(end_of)),
            F::Architecture => texts(&patch.architectures),
            F::Platform => choice(Platform::ALL, &patch.platform),
            F::PublishedDate => moment(patch.published_at),
            F::ModifiedDate => moment(patch.modified_at),
            F::IsSuperseded => flag(self.entry.superseded),
            F::Supersedes => self.ids(&self.entry.supersedes),
            F::SupersededBy => self.ids(&self.entry.superseded_by),
            F::RebootRequired => choice(Reboot::ALL, &patch.reboot),
            F::DownloadMethod => vec![Value::Choice(usize::from(matches!(patch.download, Download::AcquireFromVendor { .. })))],
            F::IsRollback => flag(!matches!(patch.rollback, Rollback::No)),
            F::Size => number(match patch.download {
                Download::PackageManager { size } => Some(size as f64),
                Download::Automatic { .. } | Download::AcquireFromVendor { .. } => None,
            }),
            F::Status => {
                let there = [self.missing > 0, self.installed > 0].into_iter().enumerate().filter(|&(_, there)| there);
                there.map(|(place, _)| Value::Choice(place)).collect()
            }
            F::MissingCount => number(Some(self.missing as f64)),
            F::InstalledCount => number(Some(self.installed as f64)),
            F::Source => text(&patch.source),
            F::Enabled => flag(patch.enabled),
        }
    }

    fn ids(&self, numbers: &[fettle_model::ids::PatchNo]) -> Vec<Value<'a>> {
        let catalog = self.catalog;
        numbers.iter().filter_map(|&no| catalog.get(no)).flat_map(|entry| text(entry.patch.id.as_str())).collect()
    }
}

fn text(text: &str) -> Vec<Value<'_>> {
    texts([text])
}

fn texts<'a, T: AsRef<str> + ?Sized + 'a>(texts: impl IntoIterator<Item = &'a T>) -> Vec<Value<'a>> {
    texts.into_iter().map(AsRef::as_ref).filter(|text| !text.is_empty()).map(|text| Value::Text(Cow::Borrowed(text))).collect()
}

/// An article answers to `KB5031356` and to `5031356`, as people write both.
fn article(kb: &str) -> Vec<Value<'_>> {
    let number = kb.get(..2).filter(|start| start.eq_ignore_ascii_case("kb")).and_then(|_| kb.get(2..));
    texts(std::iter::once(kb).chain(number))
}

fn choice<'a, T: PartialEq>(all: &[T], member: &T) -> Vec<Value<'a>> {
    // Places in the registry's lists, which are in the order of the enums.
    all.iter().position(|other| other == member).map(Value::Choice).into_iter().collect()
}

fn flag<'a>(flag: bool) -> Vec<Value<'a>> {
    vec![Value::Flag(flag)]
}

fn number<'a>(number: Option<f64>) -> Vec<Value<'a>> {
    number.map(Value::Number).into_iter().collect()
}

fn moment<'a>(at: Option<Timestamp>) -> Vec<Value<'a>> {
    at.map(Value::Moment).into_iter().collect()
}

/// The last moment of a day in UTC: a patch is overdue when its day has passed, not when it begins.
fn end_of(day: Date) -> Option<Timestamp> {
    day.at(23, 59, 59, 999_999_000).to_zoned(TimeZone::UTC).ok().map(|end| end.timestamp())
}
