//! A goal, what was measured of it, and whether that reaches it.

/// One figure beside its goal.
pub(super) struct Goal {
    what: &'static str,
    measured: f64,
    bound: &'static str,
    limit: f64,
    is_reached: bool,
}

impl Goal {
    /// A figure that should not be less.
    pub(super) fn at_least(what: &'static str, measured: f64, limit: f64) -> Self {
        Self { what, measured, bound: "at least", limit, is_reached: measured >= limit }
    }

    /// A figure that should not be more.
    pub(super) fn at_most(what: &'static str, measured: f64, limit: f64) -> Self {
        Self { what, measured, bound: "at most", limit, is_reached: measured <= limit }
    }
}

impl std::fmt::Display for Goal {
    /// As a line of a table.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, measured, bound, limit, is_reached } = self;
        let verdict = if *is_reached { "reached" } else { "missed" };
        write!(f, "{what:<56} {measured:>10.2}   goal: {bound} {limit}, {verdict}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_whether_it_is_reached() {
        let goals = [
            Goal::at_least("times", 4_000.0, 4_000.0),
            Goal::at_least("times", 3_999.0, 4_000.0),
            Goal::at_least("times", f64::NAN, 4_000.0),
            Goal::at_most("µs", 3.0, 3.0),
            Goal::at_most("µs", 3.1, 3.0),
        ];
        let verdicts = goals.map(|goal| goal.to_string().ends_with("reached"));
        assert_eq!(verdicts, [true, false, false, true, false]);
    }
}
