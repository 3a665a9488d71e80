//! Conditions that know whether they decide.

use crate::engine::Values;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Narrowed {
    sql: Sql,
    /// Whether a row fulfils it exactly when its record satisfies the query. Otherwise it is only necessary.
    exact: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Sql {
    Always,
    Never,
    /// Never null: true or false for every row.
    When(Condition),
}

/// SQL whose arguments become placeholders only when it is used: what is dropped on the way must leave no argument
/// behind, because PostgreSQL refuses arguments that no placeholder speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Condition(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Sql(String),
    Int(i64),
    Text(String),
}

impl Condition {
    /// Fixed text.
    pub(super) fn sql(mut self, sql: impl Into<String>) -> Self {
        self.0.push(Piece::Sql(sql.into()));
        self
    }

    /// An integer as an argument.
    pub(super) fn int(mut self, value: i64) -> Self {
        self.0.push(Piece::Int(value));
        self
    }

    /// A text as an argument.
    pub(super) fn text(mut self, value: impl Into<String>) -> Self {
        self.0.push(Piece::Text(value.into()));
        self
    }

    /// Another condition.
    pub(super) fn and_then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Conditions in parentheses with a word between them.
    pub(super) fn joined(conditions: Vec<Self>, by: &str) -> Option<Self> {
        if conditions.len() < 2 {
            return conditions.into_iter().next();
        }
        let list = conditions.into_iter().enumerate().fold(Self::default().sql("("), |list, (number, condition)| {
            let list = if number == 0 { list } else { list.sql(by) };
            list.and_then(condition)
        });
        Some(list.sql(")"))
    }

    fn render(self, values: &mut Values) -> String {
        let piece = |piece| match piece {
            Piece::Sql(sql) => sql,
            Piece::Int(value) => values.int(value),
            Piece::Text(value) => values.text(value),
        };
        self.0.into_iter().map(piece).collect()
    }
}

impl Narrowed {
    /// Holds for every record, and the query does.
    pub(super) const EVERYTHING: Self = Self { sql: Sql::Always, exact: true };
    /// Holds for no record.
    pub(super) const NOTHING: Self = Self { sql: Sql::Never, exact: true };
    /// Says nothing.
    pub(super) const ANYTHING: Self = Self { sql: Sql::Always, exact: false };

    /// Decides.
    pub(super) fn exactly(condition: Condition) -> Self {
        Self { sql: Sql::When(condition), exact: true }
    }

    /// Is necessary.
    pub(super) fn at_most(condition: Condition) -> Self {
        Self { sql: Sql::When(condition), exact: false }
    }

    /// The same, only necessary.
    pub(super) fn possible(self) -> Self {
        Self { exact: false, ..self }
    }

    /// Does not hold; says nothing when it did not decide.
    pub(super) fn negated(self) -> Self {
        match self.sql {
            _ if !self.exact => Self::ANYTHING,
            Sql::Always => Self::NOTHING,
            Sql::Never => Self::EVERYTHING,
            Sql::When(condition) => Self::exactly(Condition::default().sql("NOT (").and_then(condition).sql(")")),
        }
    }

    /// All must hold.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let exact = parts.iter().all(|part| part.exact);
        let mut conditions = Vec::new();
        for part in parts {
            match part.sql {
                Sql::Always => {}
                // What is necessary and never holds decides.
                Sql::Never => return Self::NOTHING,
                Sql::When(condition) => conditions.push(condition),
            }
        }
        Self { sql: Condition::joined(conditions, " AND ").map_or(Sql::Always, Sql::When), exact }
    }

    /// One must hold.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        if parts.contains(&Self::EVERYTHING) {
            return Self::EVERYTHING;
        }
        let exact = parts.iter().all(|part| part.exact);
        let mut conditions = Vec::new();
        for part in parts {
            match part.sql {
                Sql::Always => return Self::ANYTHING,
                Sql::Never => {}
                Sql::When(condition) => conditions.push(condition),
            }
        }
        Self { sql: Condition::joined(conditions, " OR ").map_or(Sql::Never, Sql::When), exact }
    }

    /// Whether the rows that fulfil it are those whose records satisfy the query.
    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    /// The SQL, with its arguments added to `values`.
    pub(crate) fn into_sql(self, values: &mut Values) -> String {
        match self.sql {
            Sql::Always => "1 = 1".to_owned(),
            Sql::Never => "1 = 0".to_owned(),
            Sql::When(condition) => condition.render(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(name: &str) -> Narrowed {
        Narrowed::exactly(Condition::default().sql(name))
    }

    #[test]
    fn a_part_that_says_nothing_leaves_the_others_of_a_conjunction() {
        let both = Narrowed::all(vec![when("a"), Narrowed::ANYTHING, when("b")]);
        assert_eq!((both.is_exact(), both.into_sql(&mut Values::default()).as_str()), (false, "(a AND b)"));
        assert_eq!(Narrowed::all(vec![when("a"), Narrowed::ANYTHING, Narrowed::NOTHING]), Narrowed::NOTHING);
        assert_eq!(Narrowed::all(Vec::new()), Narrowed::EVERYTHING);
        assert_eq!(Narrowed::all(vec![when("a")]), when("a"));
    }

    #[test]
    fn a_part_that_says_nothing_undoes_a_disjunction() {
        assert_eq!(Narrowed::any(vec![when("a"), Narrowed::ANYTHING]), Narrowed::ANYTHING);
        assert_eq!(Narrowed::any(vec![Narrowed::ANYTHING, Narrowed::EVERYTHING]), Narrowed::EVERYTHING);
        let either = Narrowed::any(vec![when("a"), Narrowed::NOTHING, when("b")]);
        assert_eq!((either.is_exact(), either.into_sql(&mut Values::default()).as_str()), (true, "(a OR b)"));
        assert_eq!(Narrowed::any(Vec::new()), Narrowed::NOTHING);
        assert!(!Narrowed::any(vec![when("a"), Narrowed::at_most(Condition::default().sql("b"))]).is_exact());
    }

    #[test]
    fn only_what_decides_can_be_negated() {
        assert_eq!(when("a").negated().into_sql(&mut Values::default()), "NOT (a)");
        assert_eq!(Narrowed::EVERYTHING.negated(), Narrowed::NOTHING);
        assert_eq!(Narrowed::NOTHING.negated(), Narrowed::EVERYTHING);
        assert_eq!(when("a").possible().negated(), Narrowed::ANYTHING);
    }

    #[test]
    fn what_is_dropped_leaves_no_argument_behind() {
        let mut values = Values::default();
        let argued = |number| Narrowed::exactly(Condition::default().sql("a = ").int(number));
        let dropped = Narrowed::any(vec![argued(1), Narrowed::ANYTHING]);
        let both = Narrowed::all(vec![dropped, argued(2)]);
        assert_eq!(both.into_sql(&mut values), "a = $1");
    }
}
