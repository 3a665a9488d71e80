//! Rules of Windows: the system, its applications, and what its own update service says.

use super::{Ladder, Steps, Verdict, fits};
use crate::catalog::Entry;
use crate::software::PackageText;
use crate::software::windows::{Kind, codes, read};
use fettle_model::application::normal_name;
use fettle_model::rule::{ApplicationRule, Rule, WindowsRule};
use fettle_model::version::{Scheme, WindowsVersion};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// All rules of Windows, ready to be asked.
#[derive(Debug, Default)]
pub(super) struct WindowsRules {
    /// By name of the product in lower case.
    products: HashMap<Box<str>, Vec<Build>>,
    /// By article: patches that a system with it has.
    articles: HashMap<Box<str>, Vec<u32>>,
    /// By what tells an application; one ladder for each architecture.
    applications: HashMap<Tell, Vec<(Box<str>, Ladder)>>,
    /// By the update service's id.
    updates: HashMap<Box<str>, Vec<u32>>,
}

/// A patch for a product, and the build that has it.
#[derive(Debug)]
struct Build {
    patch: u32,
    fixed: Option<WindowsVersion>,
}

/// What tells an application, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Tell {
    ProductCode(Box<str>),
    UpgradeCode(Box<str>),
    /// As [`normal_name`] gives it.
    Name(Box<str>),
}

/// Rules on their way there.
#[derive(Debug, Default)]
pub(super) struct Collected {
    rules: WindowsRules,
    applications: BTreeMap<Tell, BTreeMap<Box<str>, Steps>>,
}

fn folded(text: &str) -> Box<str> {
    text.to_lowercase().into()
}

impl Collected {
    pub(super) fn add(&mut self, entry: &Entry, patch: u32) {
        match &entry.patch.rule {
            Rule::Application(rule) => self.add_application(rule, patch),
            Rule::Windows(rule) => self.add_system(rule, entry, patch),
            Rule::Reported { update } => self.rules.updates.entry(folded(update)).or_default().push(patch),
            Rule::Dpkg { .. } | Rule::Rpm { .. } => {}
        }
    }

    fn add_application(&mut self, rule: &ApplicationRule, patch: u32) {
        let Some(key) = Scheme::Application.sort_key(&rule.version) else { return };
        let products = rule.product_codes.iter().map(|code| Tell::ProductCode(folded(code)));
        let upgrades = rule.upgrade_codes.iter().map(|code| Tell::UpgradeCode(folded(code)));
        let names = rule.names.iter().map(|name| Tell::Name(normal_name(&name.name, &name.publisher).into()));
        let architecture = if rule.architecture.is_empty() { "all" } else { &rule.architecture };
        for tell in products.chain(upgrades).chain(names) {
            let steps = self.applications.entry(tell).or_default().entry(architecture.into()).or_default();
            // Two names of one application may be the same when they are compared.
            if steps.last().is_none_or(|(_, last)| *last != patch) {
                steps.push((key.clone(), patch));
            }
        }
    }

    fn add_system(&mut self, rule: &WindowsRule, entry: &Entry, patch: u32) {
        for product in &rule.products {
            // A build that cannot be read proves nothing; the article still does.
            let fixed = product.build.as_deref().and_then(|build| WindowsVersion::parse(build).ok());
            self.rules.products.entry(folded(&product.product)).or_default().push(Build { patch, fixed });
        }
        for article in rule.kb.iter().chain(&entry.replaced_by_articles) {
            self.rules.articles.entry(folded(article)).or_default().push(patch);
        }
    }

    pub(super) fn finish(self) -> WindowsRules {
        let mut rules = self.rules;
        let ladders = |ladders: BTreeMap<Box<str>, Steps>| ladders.into_iter().map(|(name, steps)| (name, Ladder::of(steps))).collect();
        rules.applications = self.applications.into_iter().map(|(tell, by)| (tell, ladders(by))).collect();
        rules
    }
}

impl WindowsRules {
    /// Whether there is no rule.
    pub(super) fn is_empty(&self) -> bool {
        self.products.is_empty() && self.applications.is_empty() && self.updates.is_empty()
    }

    /// Whether there are rules of applications: which patches an application is told by depends on all of them.
    pub(super) fn has_applications(&self) -> bool {
        !self.applications.is_empty()
    }

    /// Whether any rule could speak of this.
    pub(super) fn speak_of(&self, package: PackageText<'_>) -> bool {
        !self.is_empty()
            && match read(package) {
                Kind::System { product, .. } => self.products.contains_key(&*folded(product)),
                Kind::Update { id, .. } => self.updates.contains_key(&*folded(id)),
                Kind::Application { .. } => tells(package).any(|tell| self.applications.contains_key(&tell)),
            }
    }

    /// Judges the system, an application, or an update.
    pub(super) fn judge(&self, package: PackageText<'_>, verdict: &mut Verdict) {
        match read(package) {
            Kind::System { product, build, articles } => self.judge_system(product, build, articles, verdict),
            Kind::Update { id, installed } => {
                let patches = self.updates.get(&*folded(id)).into_iter().flatten();
                if installed { &mut verdict.reached } else { &mut verdict.below }.extend(patches);
            }
            Kind::Application { version, architecture } => {
                let Some(key) = Scheme::Application.sort_key(version) else { return };
                // What tells best is believed: of two packages of one name, the code says which is installed.
                let told = tells(package).find_map(|tell| {
                    let ladders = self.applications.get(&tell).into_iter().flatten();
                    let fit = ladders.filter(|(wanted, _)| architecture.is_empty() || fits(wanted, architecture, architecture));
                    let fit: Vec<&Ladder> = fit.map(|(_, ladder)| ladder).collect();
                    (!fit.is_empty()).then_some(fit)
                });
                for ladder in told.into_iter().flatten() {
                    let (reached, below) = ladder.split(&key);
                    verdict.below.extend_from_slice(below);
                    verdict.reached.extend_from_slice(reached);
                }
            }
        }
    }

    fn judge_system<'a>(&self, product: &str, build: &str, articles: impl Iterator<Item = &'a str>, verdict: &mut Verdict) {
        let Some(patches) = self.products.get(&*folded(product)) else { return };
        let build = WindowsVersion::parse(build).ok();
        let mut listed: Vec<u32> = articles.filter_map(|article| self.articles.get(&*folded(article))).flatten().copied().collect();
        listed.sort_unstable();
        for Build { patch, fixed } in patches {
            let is_built = fixed.zip(build).is_some_and(|(fixed, build)| fixed.is_same_release(build) && fixed <= build);
            let has_it = is_built || listed.binary_search(patch).is_ok();
            if has_it { &mut verdict.reached } else { &mut verdict.below }.push(*patch);
        }
    }
}

/// What could tell an installed application.
fn tells(package: PackageText<'_>) -> impl Iterator<Item = Tell> {
    let (product_code, upgrade_code) = codes(package);
    let product_code = Some(product_code).filter(|code| !code.is_empty()).map(|code| Tell::ProductCode(folded(code)));
    let upgrade_code = Some(upgrade_code).filter(|code| !code.is_empty()).map(|code| Tell::UpgradeCode(folded(code)));
    let name = Tell::Name(normal_name(package.name, package.source).into());
    product_code.into_iter().chain(upgrade_code).chain([name])
}
