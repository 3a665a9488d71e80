//! What everybody is asked, and how answers are compared.

use fettle_sim::synthetic::questions::Asked;

/// A question. Those about assets are answered by their number, and by the first fifty of them where an engine is asked
/// for more than a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Assets that satisfy a query.
    Assets(Asked),
    /// By system, tag and severity of what is missing, among the assets of [`Asked::OsTag`].
    Facets,
    /// The twenty patches that most of these assets miss; of all assets when there is no query.
    Top(Option<Asked>),
    /// The fifty of [`Asked::OsTag`] that miss most critical patches.
    Page,
    /// Systems, severities, assets that miss something exploited, and the twenty patches that most miss.
    Dashboard,
}

/// An answer that can be compared: names and numbers in order.
pub(crate) type Plain = Vec<(String, u64)>;

impl Question {
    /// All of them, in order.
    pub(crate) fn all() -> Vec<Self> {
        let rest =
            [Self::Facets, Self::Top(None), Self::Top(Some(Asked::OsTag)), Self::Top(Some(Asked::Site)), Self::Page, Self::Dashboard];
        Asked::ALL.into_iter().map(Self::Assets).chain(rest).collect()
    }

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Assets(asked) => asked.name(),
            Self::Facets => "f1_facets",
            Self::Top(None) => "t0_top20_all",
            Self::Top(Some(Asked::Site)) => "t2_top20_few",
            Self::Top(Some(_)) => "t1_top20_result",
            Self::Page => "p1_page_by_count",
            Self::Dashboard => "d_dashboard",
        }
    }
}

/// Something that answers questions.
pub(crate) trait Engine {
    /// Its answers as it gives them, which is what is measured.
    type Answer;

    /// Answers; `None` to what it is not asked.
    fn answer(&self, question: Question) -> Option<Self::Answer>;

    /// The answer in the form that is compared; not measured.
    fn plain(&self, answer: Self::Answer) -> Plain;
}

/// Numbers without names.
pub(crate) fn numbers(all: impl IntoIterator<Item = u64>) -> Plain {
    all.into_iter().map(|number| (String::new(), number)).collect()
}

/// Numbers by name that are not zero, by name.
pub(crate) fn by_name(all: impl IntoIterator<Item = (String, u64)>) -> Plain {
    let mut all: Plain = all.into_iter().filter(|(_, number)| *number > 0).collect();
    all.sort();
    all
}
