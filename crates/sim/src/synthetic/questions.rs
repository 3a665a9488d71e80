//! What measurements ask of a synthetic fleet. The index and everything it is compared with are asked the same.

use super::Synthetic;
use fettle_model::ids::PatchNo;
use std::collections::HashMap;

/// The tag of many questions; close to one asset in five carries it.
pub const TAG: &str = "t5";
/// A second tag.
pub const OTHER_TAG: &str = "t6";
/// The tag of a site: one asset in two hundred carries it.
pub const SITE: &str = "site-17";
/// The fewest missing patches of [`Asked::SeenAndCount`].
pub const MANY_MISSING: u32 = 200;
/// Heard from within so many days ([`Asked::SeenAndCount`]).
pub const SEEN_DAYS: i64 = 7;
/// Not heard from for so many days ([`Asked::Site`]).
pub const UNSEEN_DAYS: i64 = 30;
/// How old the patch of [`Asked::SamePatch`] is at least, in days.
pub const OLD_DAYS: i64 = 30;
/// How old the patch of [`Asked::Overdue`] is at least, in days.
pub const OVERDUE_DAYS: i64 = 60;

/// One of the questions that are answered by a number of assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// Runs Windows.
    Os,
    /// Runs Windows and carries [`TAG`].
    OsTag,
    /// Misses a critical patch.
    MissingCritical,
    /// Misses a patch for something known to be exploited.
    MissingExploited,
    /// Misses patch A.
    MissingPatch,
    /// [`Asked::OsTag`], misses a critical patch and an exploited one, and does not miss A.
    Flagship,
    /// Misses one patch that is critical, exploited and older than [`OLD_DAYS`].
    SamePatch,
    /// Misses a patch for one CVE.
    Cve,
    /// Heard from within [`SEEN_DAYS`] and misses [`MANY_MISSING`] patches or more.
    SeenAndCount,
    /// Runs one system and misses no critical patch.
    OsNotCritical,
    /// Has patch C installed and not D, and carries [`TAG`] or [`OTHER_TAG`].
    Installed,
    /// Misses one patch that is important or worse and older than [`OVERDUE_DAYS`].
    Overdue,
    /// Carries [`SITE`], misses an exploited patch, not heard from for [`UNSEEN_DAYS`].
    Site,
}

impl Asked {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::Os,
        Self::OsTag,
        Self::MissingCritical,
        Self::MissingExploited,
        Self::MissingPatch,
        Self::Flagship,
        Self::SamePatch,
        Self::Cve,
        Self::SeenAndCount,
        Self::OsNotCritical,
        Self::Installed,
        Self::Overdue,
        Self::Site,
    ];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Os => "q01_os",
            Self::OsTag => "q02_os_tag",
            Self::MissingCritical => "q03_missing_critical",
            Self::MissingExploited => "q04_missing_kev",
            Self::MissingPatch => "q05_missing_kb",
            Self::Flagship => "q06_flagship",
            Self::SamePatch => "q07_same_patch",
            Self::Cve => "q08_cve",
            Self::SeenAndCount => "q09_seen_and_count",
            Self::OsNotCritical => "q10_os_not_critical",
            Self::Installed => "q11_installed",
            Self::Overdue => "q12_overdue",
            Self::Site => "q13_site",
        }
    }

    /// The question in the query language.
    #[must_use]
    pub fn query(self, about: &Subjects) -> String {
        let (a, c, d) = (&about.a.kb, &about.c.kb, &about.d.kb);
        match self {
            Self::Os => "os.family:windows".to_owned(),
            Self::OsTag => format!("os.family:windows and tags.name:`{TAG}`"),
            Self::MissingCritical => "missing.severity:critical".to_owned(),
            Self::MissingExploited => "missing.kev:yes".to_owned(),
            Self::MissingPatch => format!("missing.kb:`{a}`"),
            Self::Flagship => format!(
                "os.family:windows and tags.name:`{TAG}` and missing.severity:critical and missing.kev:yes and not missing.kb:`{a}`"
            ),
            Self::SamePatch => format!("missing:(severity:critical and kev:yes and publishedDate<now-{OLD_DAYS}d)"),
            Self::Cve => format!("missing.cve:`{}`", about.cve),
            Self::SeenAndCount => format!("lastCheckIn>now-{SEEN_DAYS}d and missingCount>={MANY_MISSING}"),
            Self::OsNotCritical => format!("os.name:`{}` and not missing.severity:critical", about.os),
            Self::Installed => {
                format!("installed.kb:`{c}` and not installed.kb:`{d}` and tags.name:[`{TAG}`, `{OTHER_TAG}`]")
            }
            Self::Overdue => format!("missing:(severity>=important and publishedDate<now-{OVERDUE_DAYS}d)"),
            Self::Site => format!("tags.name:`{SITE}` and missing.kev:yes and lastCheckIn<now-{UNSEEN_DAYS}d"),
        }
    }
}

/// A patch that is asked for.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its number.
    pub no: PatchNo,
    /// Its knowledge base article, by which queries know it.
    pub kb: String,
}

/// Patches and names that the questions are about.
#[derive(Debug, Clone)]
pub struct Subjects {
    /// A patch that machines miss.
    pub a: Subject,
    /// A patch that machines have.
    pub c: Subject,
    /// Another one.
    pub d: Subject,
    /// The CVE that most patches fix.
    pub cve: String,
    /// Name of a system with few machines.
    pub os: String,
}

impl Synthetic {
    /// What the questions are about; `None` in a fleet without patches or systems.
    #[must_use]
    pub fn subjects(&self) -> Option<Subjects> {
        let spread = &self.systems.first()?.by_spread;
        let subject = |nth: usize| {
            let no = *spread.get(nth).or(spread.first())?;
            Some(Subject { no, kb: self.catalog.get(no)?.patch.scores.kb.clone()? })
        };
        let mut cves: HashMap<&str, usize> = HashMap::new();
        for entry in self.catalog.entries() {
            entry.patch.cves.iter().for_each(|cve| *cves.entry(cve).or_default() += 1);
        }
        let cve = cves.into_iter().max_by_key(|&(cve, count)| (count, cve))?.0;
        let os = self.systems.get(12).or(self.systems.first())?;
        Some(Subjects { a: subject(40)?, c: subject(10)?, d: subject(60)?, cve: cve.to_owned(), os: os.name.clone() })
    }
}
