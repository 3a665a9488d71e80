//! What was found, and what is required of it.

use crate::question::Question;
use crate::turns::Medians;
use anyhow::{Result, bail};
use fettle_sim::synthetic::questions::Asked;

/// No question may take longer than with compressed bitmaps.
const BITMAPS_WORST: f64 = 1.0;
/// Some must be so many times as fast, each ...
const SIX_WORST: f64 = 5.0;
/// ... and by their geometric mean.
const SIX_GEOMEAN: f64 = 10.0;
/// These: several conditions, numbers, and unions of many patches.
const SIX: [Question; 6] = [
    Question::Assets(Asked::Flagship),
    Question::Assets(Asked::Installed),
    Question::Assets(Asked::SeenAndCount),
    Question::Assets(Asked::Site),
    Question::Assets(Asked::Overdue),
    Question::Page,
];
/// The sets of all patches may take so much of what the bitmaps take when they are written.
const PLANES: f64 = 0.95;
/// The flagship may take so many times as long as reading what it needs.
const LIMIT: f64 = 2.0;
/// Against the search engine: geometric mean, and the worst question.
const SEARCH_GEOMEAN: f64 = 15.0;
const SEARCH_WORST: f64 = 0.5;

/// All results.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) search: Vec<(Question, Medians)>,
    pub(crate) bitmaps: Vec<(Question, Medians)>,
    pub(crate) planes_ratio: f64,
    pub(crate) limit_ratio: f64,
}

impl Found {
    fn six(&self) -> impl Iterator<Item = &(Question, Medians)> {
        self.bitmaps.iter().filter(|(question, _)| SIX.contains(question))
    }

    /// Pairs of names and numbers.
    pub(crate) fn line(&self) -> String {
        format!(
            "croaring_worst={:.2} croaring_geomean={:.2} croaring_six_worst={:.2} croaring_six_geomean={:.2} planes_ratio={:.3} \
             limit_ratio={:.2} tantivy_geomean={:.1} tantivy_worst={:.2}",
            worst(&self.bitmaps),
            geomean(&self.bitmaps),
            worst(self.six()),
            geomean(self.six()),
            self.planes_ratio,
            self.limit_ratio,
            geomean(&self.search),
            worst(&self.search),
        )
    }

    /// Fails with everything that is missed.
    pub(crate) fn judge(&self) -> Result<()> {
        let mut missed = Vec::new();
        let mut each = |all: &mut dyn Iterator<Item = &(Question, Medians)>, least: f64, what: &str| {
            for (question, medians) in all.filter(|(_, medians)| medians.times() < least) {
                missed.push(format!("{} is {:.2} times as fast as {what}, less than {least}", question.name(), medians.times()));
            }
        };
        each(&mut self.bitmaps.iter(), BITMAPS_WORST, "compressed bitmaps");
        each(&mut self.six(), SIX_WORST, "compressed bitmaps");
        each(&mut self.search.iter(), SEARCH_WORST, "the search engine");
        let mut mean = |mean: f64, least: f64, what: &str| {
            if mean < least {
                missed.push(format!("the geometric mean against {what} is {mean:.1}, less than {least}"));
            }
        };
        mean(geomean(self.six()), SIX_GEOMEAN, "compressed bitmaps, six questions,");
        mean(geomean(&self.search), SEARCH_GEOMEAN, "the search engine");
        if self.planes_ratio > PLANES {
            missed.push(format!("the sets of patches take {:.3} of the bitmaps' bytes, more than {PLANES}", self.planes_ratio));
        }
        if self.limit_ratio > LIMIT {
            missed.push(format!("the flagship takes {:.2} times as long as reading what it needs, more than {LIMIT}", self.limit_ratio));
        }
        if missed.is_empty() { Ok(()) } else { bail!("goals that were missed:\n  {}", missed.join("\n  ")) }
    }
}

fn geomean<'a>(all: impl IntoIterator<Item = &'a (Question, Medians)>) -> f64 {
    let (sum, count) = all.into_iter().fold((0.0, 0_u32), |(sum, count), (_, medians)| (sum + medians.times().ln(), count + 1));
    (sum / f64::from(count)).exp()
}

fn worst<'a>(all: impl IntoIterator<Item = &'a (Question, Medians)>) -> f64 {
    all.into_iter().map(|(_, medians)| medians.times()).fold(f64::INFINITY, f64::min)
}
