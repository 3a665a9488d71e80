//! Conditions that know whether they decide.

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
    When(String),
}

impl Narrowed {
    /// Holds for every record, and the query does.
    pub(super) const EVERYTHING: Self = Self { sql: Sql::Always, exact: true };
    /// Holds for no record.
    pub(super) const NOTHING: Self = Self { sql: Sql::Never, exact: true };
    /// Says nothing.
    pub(super) const ANYTHING: Self = Self { sql: Sql::Always, exact: false };

    /// Decides.
    pub(super) fn exactly(sql: String) -> Self {
        Self { sql: Sql::When(sql), exact: true }
    }

    /// Is necessary.
    pub(super) fn at_most(sql: String) -> Self {
        Self { sql: Sql::When(sql), exact: false }
    }

    /// The same, only necessary.
    pub(super) fn possible(self) -> Self {
        Self { exact: false, ..self }
    }

    /// Both decided and necessary parts must hold.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let exact = parts.iter().all(|part| part.exact);
        let mut conditions = Vec::new();
        for part in parts {
            match part.sql {
                Sql::Always => {}
                // What is necessary and never holds decides.
                Sql::Never => return Self::NOTHING,
                Sql::When(sql) => conditions.push(sql),
            }
        }
        Self { sql: joined(conditions, " AND ").map_or(Sql::Always, Sql::When), exact }
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
                Sql::When(sql) => conditions.push(sql),
            }
        }
        Self { sql: joined(conditions, " OR ").map_or(Sql::Never, Sql::When), exact }
    }

    /// Whether the rows that fulfil it are those whose records satisfy the query.
    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    /// The SQL.
    pub(crate) fn into_sql(self) -> String {
        match self.sql {
            Sql::Always => "1 = 1".to_owned(),
            Sql::Never => "1 = 0".to_owned(),
            Sql::When(sql) => sql,
        }
    }
}

fn joined(conditions: Vec<String>, by: &str) -> Option<String> {
    match conditions.len() {
        0 | 1 => conditions.into_iter().next(),
        _ => Some(format!("({})", conditions.join(by))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(name: &str) -> Narrowed {
        Narrowed::exactly(name.to_owned())
    }

    #[test]
    fn a_part_that_says_nothing_leaves_the_others_of_a_conjunction() {
        let both = Narrowed::all(vec![when("a"), Narrowed::ANYTHING, when("b")]);
        assert_eq!((both.is_exact(), both.into_sql().as_str()), (false, "(a AND b)"));
        assert_eq!(Narrowed::all(vec![when("a"), Narrowed::ANYTHING, Narrowed::NOTHING]), Narrowed::NOTHING);
        assert_eq!(Narrowed::all(Vec::new()), Narrowed::EVERYTHING);
        assert_eq!(Narrowed::all(vec![when("a")]), when("a"));
    }

    #[test]
    fn a_part_that_says_nothing_undoes_a_disjunction() {
        assert_eq!(Narrowed::any(vec![when("a"), Narrowed::ANYTHING]), Narrowed::ANYTHING);
        assert_eq!(Narrowed::any(vec![Narrowed::ANYTHING, Narrowed::EVERYTHING]), Narrowed::EVERYTHING);
        assert_eq!(Narrowed::any(vec![when("a"), Narrowed::NOTHING, when("b")]), when("(a OR b)"));
        assert_eq!(Narrowed::any(Vec::new()), Narrowed::NOTHING);
        assert!(!Narrowed::any(vec![when("a"), Narrowed::at_most("b".to_owned())]).is_exact());
    }
}
