//! Results.

use super::{choice, moment, text};
use crate::PartOfRun;
use fettle_deploy::run::PatchRun;
use fettle_query::registry::{Entity, Key, ResultField};
use fettle_query::{Node, Record, Relation, Truth, Value};
use std::borrow::Cow;

/// What became of one patch on one asset in a run, to be asked.
#[derive(Clone, Copy)]
pub struct ResultRecord<'a> {
    part: &'a PartOfRun,
    patch: &'a PatchRun,
    asset: Option<&'a dyn Record>,
    of_catalog: Option<&'a dyn Record>,
    answers: Option<Answers<'a>>,
}

/// Answers to conditions on the result's asset or patch; see [`Record::answers`].
pub type Answers<'a> = &'a dyn Fn(Relation, &Node) -> Option<Truth>;

impl<'a> ResultRecord<'a> {
    /// A patch of a part of a run, with the asset as the fleet knows it and the patch as the catalog does.
    #[must_use]
    pub fn new(part: &'a PartOfRun, patch: &'a PatchRun, asset: Option<&'a dyn Record>, of_catalog: Option<&'a dyn Record>) -> Self {
        Self { part, patch, asset, of_catalog, answers: None }
    }

    /// The same, with answers that an engine has found beforehand.
    #[must_use]
    pub fn with_answers(self, answers: Answers<'a>) -> Self {
        Self { answers: Some(answers), ..self }
    }
}

impl Record for ResultRecord<'_> {
    fn values(&self, field: Key) -> Vec<Value<'_>> {
        let Key::Result(field) = field else { return Vec::new() };
        let failure = self.patch.failure.as_ref();
        match field {
            ResultField::Job => text(&self.part.run.job_name),
            ResultField::Run => vec![Value::Text(Cow::Owned(self.part.run.id.to_string()))],
            ResultField::Status => choice(Entity::Result, Key::Result(field), self.patch.status.as_str()),
            ResultField::Reason => failure.map(|failure| text(failure.reason.as_str())).unwrap_or_default(),
            ResultField::ExitCode => {
                failure.and_then(|failure| failure.exit_code).map(|code| Value::Number(code.into())).into_iter().collect()
            }
            ResultField::Started => moment(self.part.began_at),
            ResultField::Ended => moment(self.part.ended_at),
        }
    }

    fn related(&self, relation: Relation) -> Vec<&dyn Record> {
        match relation {
            Relation::Asset => self.asset.into_iter().collect(),
            Relation::Patch => self.of_catalog.into_iter().collect(),
            Relation::Missing | Relation::Installed | Relation::Software => Vec::new(),
        }
    }

    fn answers(&self, relation: Relation, inner: &Node) -> Option<Truth> {
        self.answers.and_then(|answers| answers(relation, inner))
    }

    fn is_known(&self) -> bool {
        true
    }
}
