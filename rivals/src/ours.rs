//! The index of Fettle.

use crate::question::{Engine, Plain, Question, by_name, numbers};
use anyhow::{Context as _, Result};
use fettle_fleet::{Fleet, ScopedView, Selection, Sorted};
use fettle_model::access::{Actor, Role, Scope};
use fettle_model::finding::FindingStatus;
use fettle_model::ids::{PatchNo, UserId};
use fettle_query::registry::AssetField;
use fettle_query::{Checked, Context, Entity, check};
use fettle_sim::synthetic::Synthetic;
use fettle_sim::synthetic::questions::{Asked, Subjects};
use jiff::tz::TimeZone;

/// The fleet as somebody sees who sees everything, and the questions, checked beforehand.
pub(crate) struct Ours {
    view: ScopedView,
    queries: Vec<(Asked, Checked)>,
}

/// An answer as the index gives it.
pub(crate) enum Answer {
    Assets(u64),
    Facets(Vec<(String, u64)>, Vec<(String, u64)>, [u64; 5]),
    Top(Vec<(PatchNo, u64)>),
    Page(Vec<u32>),
    Dashboard(Vec<(String, u64)>, [u64; 5], u64, Vec<(PatchNo, u64)>),
}

impl Ours {
    /// Looks at a fleet.
    pub(crate) fn new(made: &Synthetic, fleet: &Fleet, about: &Subjects) -> Result<Self> {
        let context = Context { now: made.now(), zone: TimeZone::UTC };
        let query = |asked: Asked| {
            let text = asked.query(about);
            Ok((asked, check(Entity::Asset, &text, &context).ok().with_context(|| format!("not a query: {text}"))?))
        };
        let actor = Actor::new(UserId(uuid::Uuid::from_u128(1)), Role::PatchReader, Scope::Everything);
        let queries = Asked::ALL.into_iter().map(query).collect::<Result<_>>()?;
        Ok(Self { view: fleet.view().in_scope(&actor).at(made.now()), queries })
    }

    fn select(&self, asked: Asked) -> Selection {
        let query = self.queries.iter().find(|(other, _)| *other == asked).map(|(_, query)| query).expect("all are there");
        self.view.select(query).expect("asks for assets")
    }
}

impl Engine for Ours {
    type Answer = Answer;

    fn answer(&self, question: Question) -> Option<Answer> {
        Some(match question {
            Question::Assets(asked) => {
                let selection = self.select(asked);
                std::hint::black_box(selection.ids().take(50).count());
                Answer::Assets(selection.count())
            }
            Question::Facets => {
                let selection = self.select(Asked::OsTag);
                let severities = selection.severity_facet(FindingStatus::Missing);
                Answer::Facets(selection.facet(AssetField::OsName), selection.facet(AssetField::Tag), severities)
            }
            Question::Top(within) => {
                Answer::Top(within.map_or_else(|| self.view.everything(), |asked| self.select(asked)).top_missing(20, None))
            }
            Question::Page => {
                let page = self.select(Asked::OsTag).page(Sorted::descending(AssetField::MissingCritical), None, 50);
                let critical = |counts: [u32; 5]| counts[4];
                Answer::Page(page.expect("sortable").items.iter().map(|row| critical(row.counts.missing_by_severity)).collect())
            }
            Question::Dashboard => {
                let (everything, exposed) = (self.view.everything(), self.select(Asked::MissingExploited).count());
                std::hint::black_box(everything.totals());
                let severities = everything.severity_facet(FindingStatus::Missing);
                Answer::Dashboard(everything.facet(AssetField::OsName), severities, exposed, everything.top_missing(20, None))
            }
        })
    }

    fn plain(&self, answer: Answer) -> Plain {
        match answer {
            Answer::Assets(count) => numbers([count]),
            Answer::Facets(systems, tags, severities) => [by_name(systems), by_name(tags), numbers(severities)].concat(),
            Answer::Top(top) => numbers(top.into_iter().map(|(_, count)| count)),
            Answer::Page(counts) => numbers(counts.into_iter().map(u64::from)),
            Answer::Dashboard(systems, severities, exposed, top) => {
                [by_name(systems), numbers(severities), numbers([exposed]), numbers(top.into_iter().map(|(_, count)| count))].concat()
            }
        }
    }
}
